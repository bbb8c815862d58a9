"""Files between real programs: large ones, with everybody killed on the way, and within a bound of memory."""

import hashlib
import os
import random
import signal
import subprocess
import time

from people import binaries, until
from world import World, main

MIB = 1024 * 1024



def write_file(path, size, seed=1):
    """Makes a file that does not compress; gives its SHA-256."""
    dice = random.Random(seed)
    whole = hashlib.sha256()
    with open(path, "wb") as out:
        while size > 0:
            piece = dice.randbytes(min(size, MIB))
            whole.update(piece)
            out.write(piece)
            size -= len(piece)
    return whole.hexdigest()


def digest_of(path):
    """SHA-256 of a file."""
    whole = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(MIB):
            whole.update(piece)
    return whole.hexdigest()


class Files(World):
    def sent_file(self, person, chat):
        return [each for each in person.history(chat) if each["file"]]

    def test_a_file_is_sent_fetched_and_never_replaces_another(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        path = os.path.join(self.folder, "photo.jpg")
        digest = write_file(path, 300_000)
        line = anna.must("send", chat, "--file", path)
        self.assertIn("sent", line)
        listed = boris.must("listen", "--count", "1", "--timeout", "20")
        self.assertIn("[file photo.jpg, 300.0 kB", listed)
        where = os.path.join(self.folder, "in")
        os.mkdir(where)
        names = [boris.must("get", line.split()[0][:12], "--to", where).strip() for _ in range(2)]
        self.assertEqual([os.path.basename(each) for each in names], ["photo.jpg", "photo (1).jpg"])
        self.assertEqual([digest_of(each) for each in names], [digest, digest])
        self.assertEqual(sorted(os.listdir(where)), ["photo (1).jpg", "photo.jpg"], "no part is left")
        self.assert_fails(boris.godwit("get", line.split()[0], "--to", path), 1, "cli_file_exists")
        self.assertEqual(digest_of(path), digest)
        self.assert_fails(anna.godwit("send", chat, "--file", "/nowhere/at/all"), 1, "cli_file_no_access")
        self.assert_fails(boris.godwit("get", "123456789abc"), 1, "engine_no_such_file")

    def test_20_mib_arrive_with_everybody_killed_on_the_way(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        path = os.path.join(self.folder, "video.mp4")
        digest = write_file(path, 20 * MIB)
        narrow = self.narrow(10 * MIB)
        anna.environment = narrow
        anna.start()
        sent = anna.ask("send_file", chat=chat, source=path)["message"]
        self.assertTrue(sent["file"]["sending"])

        def progress(person, done):
            seen = [each["params"]["done"] for _, each in list(person.notices) if each["method"] == "file_progress"]
            return any(each >= done for each in seen)

        until(lambda: progress(anna, 4 * MIB), "some of it is sent")
        anna.kill()
        anna.environment = {}
        anna.start()
        until(lambda: progress(anna, 8 * MIB), "more of it is sent")
        home.kill()
        home.start()
        anna.moved(sent["id"], ("sent", "delivered", "read"), timeout=60)
        where = os.path.join(self.folder, "in") + "/"
        os.mkdir(where)
        boris.environment = narrow
        boris.start()
        until(lambda: boris.ask("read_history", chat=chat)["messages"], "Boris has the message")
        fetching = boris.process
        line = '{"jsonrpc":"2.0","id":900,"method":"get_file","params":{"chat":"%s","message":"%s","destination":"%s"}}\n'
        fetching.stdin.write((line % (chat, sent["id"], where)).encode())
        fetching.stdin.flush()
        until(lambda: progress(boris, 5 * MIB), "some of it is fetched")
        boris.kill()
        self.assertEqual([each for each in os.listdir(where) if not each.startswith(".")], [], "no name before it is whole")
        boris.environment = {}
        boris.start()
        home.kill()
        home.start()
        saved = boris.ask("get_file", timeout=60, chat=chat, message=sent["id"], destination=where)
        self.assertEqual(saved["path"], where + "video.mp4")
        self.assertEqual(digest_of(saved["path"]), digest)
        self.assertEqual(os.listdir(where), ["video.mp4"])

    def peak_mib(self, *command):
        """Runs a command of godwit and gives the most memory that it had."""
        process = subprocess.Popen([os.path.join(binaries(), "godwit"), *command], stdout=subprocess.PIPE)
        peak = 0
        try:
            while process.poll() is None:
                try:
                    with open(f"/proc/{process.pid}/status") as status:
                        rows = [row for row in status if row.startswith("VmHWM")]
                        peak = max(peak, *(int(row.split()[1]) / 1024 for row in rows))
                except (OSError, ValueError, TypeError):
                    pass
                time.sleep(0.02)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate()
        self.assertEqual(process.returncode, 0)
        return peak

    def test_a_file_of_128_mib_passes_through_little_memory(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        small, large = os.path.join(self.folder, "small"), os.path.join(self.folder, "large")
        for path, size in ((small, 1000), (large, 128 * MIB)):
            with open(path, "wb") as out:
                out.truncate(size)
        base = self.peak_mib(*anna.globals(), "send", chat, "--file", small)
        peak = self.peak_mib(*anna.globals(), "send", chat, "--file", large)
        boris.must("listen", "--count", "2", "--timeout", "20")
        last = [each for each in boris.history(chat) if each["file"]][-1]
        got = self.peak_mib(*boris.globals(), "get", last["id"], "--to", os.path.join(self.folder, "got"))
        print(f"memory: {base:.0f} MiB for 1 kB, {peak:.0f} MiB sending 128 MiB, {got:.0f} MiB fetching it")
        self.assertLess(peak, base + 64)
        self.assertLess(got, base + 64)
        self.assertEqual(os.path.getsize(os.path.join(self.folder, "got")), 128 * MIB)


if __name__ == "__main__":
    main()
