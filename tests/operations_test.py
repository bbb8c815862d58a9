"""What an operator does with a home: check, status, backup, restore, drain; over the real godwit-home."""

import concurrent.futures
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from people import Home, until
from world import World, main

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lab"))
from certificates import Authority  # noqa: E402


def read(path):
    """A text file."""
    with open(path, encoding="utf-8") as file:
        return file.read()


def tree(folder):
    """Every file below `folder`, as relative paths."""
    return sorted(os.path.relpath(os.path.join(where, name), folder) for where, _, names in os.walk(folder) for name in names)


class Backups(World):
    """Copies of a home that runs, and homes out of copies."""

    def test_what_waits_is_delivered_by_the_restored_home(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.start()
        anna.moved(anna.ask("send_text", chat=chat, text="before the backup")["message"]["id"], ("sent", "delivered"))
        copy = self.backup(home)
        self.assertFalse(os.path.exists(os.path.join(home.folder, "store.snapshot")), "nothing of the snapshot stays")
        home.kill()
        shutil.rmtree(home.folder)
        again = self.restored(home, copy)
        again.start()
        boris.start()
        boris.received("before the backup")

    def test_a_backup_under_load_is_whole_and_sealed_by_its_sums(self):
        home = self.home()
        anna, _, chat = self.pair(home)
        anna.start()
        sent, going = [], threading.Event()
        going.set()

        def talk():
            while going.is_set():
                anna.ask("send_text", chat=chat, text=f"message {len(sent)}")
                sent.append(None)

        speaker = threading.Thread(target=talk)
        speaker.start()
        try:
            until(lambda: len(sent) > 5, "somebody talks")
            copies = [self.backup(home, f"copy{i}") for i in range(3)]
        finally:
            going.clear()
            speaker.join()
        for copy in copies:
            checked = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=copy, check=False)
            self.assertEqual(checked.returncode, 0)
            listed = sorted(line[66:] for line in read(os.path.join(copy, "SHA256SUMS")).splitlines())
            self.assertEqual(sorted(listed + ["SHA256SUMS"]), tree(copy), "every file is listed")
        home.stop()
        for i, copy in enumerate(copies):
            again = self.restored(home, copy, f"again{i}")
            code, out, _ = again.call("audit", "--line")
            self.assertEqual(code, 0)
            self.assertNotIn("DAMAGED", out)
            self.assertNotIn("UNKNOWN", out)
            self.assertIn("2 mailboxes", out)

    def test_what_transports_keep_is_in_it_and_what_is_no_plain_file_is_not(self):
        home = self.home()
        state = os.path.join(home.folder, "transports", "obfs4")
        os.makedirs(state)
        with open(os.path.join(state, "obfs4_state.json"), "w", encoding="utf-8") as file:
            file.write('{"node-id": "1"}')
        os.symlink("/etc/passwd", os.path.join(state, "elsewhere"))
        copy = self.backup(home)
        self.assertEqual(tree(os.path.join(copy, "transports")), ["obfs4/obfs4_state.json"])
        home.kill()
        shutil.rmtree(home.folder)
        again = self.restored(home, copy)
        self.assertEqual(read(os.path.join(again.folder, "transports", "obfs4", "obfs4_state.json")), '{"node-id": "1"}')

    def test_certificate_and_key_may_be_one_file(self):
        home = self.home()
        home.kill()
        one = os.path.join(home.folder, "one.pem")
        with open(one, "w", encoding="utf-8") as file:
            file.write(read(os.path.join(home.folder, "certificate.pem")) + read(os.path.join(home.folder, "certificate.key")))
        home.configure(certificate='"one.pem"', certificate_key='"one.pem"')
        self.assertIn("one.pem", tree(self.backup(home)))

    def test_nobody_else_may_read_a_backup(self):
        home = self.home()
        copy = self.backup(home)
        self.assertEqual(os.stat(copy).st_mode & 0o777, 0o700)
        for name in tree(copy):
            self.assertEqual(os.stat(os.path.join(copy, name)).st_mode & 0o077, 0, name)

    def test_a_damaged_or_unfinished_backup_is_refused_and_leaves_nothing(self):
        home = self.home()
        copy = self.backup(home)
        sums = os.path.join(copy, "SHA256SUMS")
        text = read(sums)
        sst = next(name for name in tree(copy) if name.startswith("store/MANIFEST"))
        target = os.path.join(self.folder, "target")
        other = Home(target, home.port)

        def refused(code):
            returned, out, err = other.call("restore", copy)
            self.assertEqual(returned, code, f"{out}{err}")
            self.assertFalse(os.path.exists(target))
            self.assertFalse(os.path.exists(target + ".unfinished"))

        for broken, code in ((text[:-5], 6), (text.replace("  store/", "  ../store/"), 6), ("", 6), (text.replace("config.toml", "x"), 6)):
            with open(sums, "w", encoding="utf-8") as file:
                file.write(broken)
            refused(code)
        os.unlink(sums)
        refused(1)
        with open(sums, "w", encoding="utf-8") as file:
            file.write(text)
        with open(os.path.join(copy, sst), "r+b") as file:
            file.seek(3)
            byte = file.read(1)
            file.seek(3)
            file.write(bytes([byte[0] ^ 1]))
        refused(6)
        os.unlink(os.path.join(copy, sst))
        refused(1)

    def test_nothing_is_written_over_what_is_there(self):
        home = self.home()
        copy = self.backup(home)
        self.assertEqual(home.call("backup", copy)[0], 1)
        before = tree(copy)
        home.stop()
        self.assertEqual(home.call("restore", copy)[0], 1)
        self.assertEqual(tree(copy), before)
        home.start()

    def test_a_backup_that_cannot_be_written_whole_leaves_nothing(self):
        home = self.home()
        path = os.path.join(self.folder, "copy")
        # No file of more than 8 KiB can be written: the question to the home can, the configuration's copy cannot.
        program = os.path.join(os.environ["GODWIT_BIN"], "godwit-home")
        done = subprocess.run(["bash", "-c", 'trap "" XFSZ; ulimit -f 8; exec "$@"', "-", program, "backup", "--folder",
                               home.folder, path], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("config.toml: it cannot be copied", done.stderr)
        self.assertFalse(os.path.exists(path))
        self.assertFalse(os.path.exists(path + ".unfinished"))

    def test_the_restored_home_gives_tickets_under_a_new_key(self):
        home = self.home()
        home.stop()
        home.configure(ticket_key='"ticket.key"')
        with open(os.path.join(home.folder, "ticket.key"), "w", encoding="utf-8") as file:
            file.write("A" * 43 + "\n")
        os.chmod(file.name, 0o600)
        copy = self.backup(home)
        self.assertNotIn("ticket.key", tree(copy))
        again = self.restored(home, copy)
        self.assertNotEqual(read(os.path.join(again.folder, "ticket.key")), "A" * 43 + "\n")


class Package(World):
    """The Debian package, unpacked and run from there."""

    def test_it_holds_what_it_says_and_its_program_runs(self):
        build = os.path.dirname(os.environ["GODWIT_BIN"])
        source = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        made = subprocess.run([os.path.join(source, "tools", "deb"), build, self.folder], capture_output=True, text=True, check=False)
        self.assertEqual(made.returncode, 0, made.stderr)
        package = made.stdout.strip().splitlines()[-1]
        root = os.path.join(self.folder, "root")
        subprocess.run(["dpkg-deb", "-x", package, root], check=True)
        for name in ("lib/systemd/system/godwit-home.service", "usr/share/doc/godwit-home/operations.md"):
            self.assertTrue(os.path.exists(os.path.join(root, name)), name)
        self.assertIn("ExecStart=/usr/bin/godwit-home run", read(os.path.join(root, "lib/systemd/system/godwit-home.service")))
        fields = subprocess.run(["dpkg-deb", "-f", package, "Depends"], capture_output=True, text=True, check=True).stdout
        for library in ("librocksdb", "libssl", "libc6", "adduser"):
            self.assertIn(library, fields)
        home = Home(os.path.join(self.folder, "home"))
        home.program = os.path.join(root, "usr/bin/godwit-home")  # absolute: os.path.join takes it as it is
        self.started.append(home)
        home.init()
        home.start()
        until(lambda: home.call("status")[0] == 0, "it has noted that it runs", 30)  # a moment after it listens
        code, out, err = home.call("check")
        self.assertEqual(code, 0, f"{out}{err}")


class Certificates(World):
    """A certificate that ends while the home runs."""

    def put(self, authority, home, days):
        """Puts one there that is good for `days`; -1: it has ended."""
        for source, name in zip(authority.issue(home.address, days=days), ("certificate.pem", "certificate.key")):
            shutil.copy(source, os.path.join(home.folder, name))
            os.chmod(os.path.join(home.folder, name), 0o600)
        if home.process is not None:
            home.process.send_signal(signal.SIGHUP)

    def test_those_who_are_connected_stay_others_wait_and_are_told_why_and_a_new_one_is_taken(self):
        authority = Authority(os.path.join(self.folder, "authority"))
        os.environ["SSL_CERT_FILE"] = authority.certificate
        self.addCleanup(os.environ.pop, "SSL_CERT_FILE", None)
        home = self.home(pin_certificate="false")
        home.stop()
        self.put(authority, home, 20)
        home.start()
        anna, boris, chat = self.pair(home)
        anna.start()
        anna.moved(anna.ask("send_text", chat=chat, text="before")["message"]["id"], ("sent", "delivered"))
        self.put(authority, home, -1)
        until(lambda: "the certificate has ended" in home.log_text(), "it is told")
        anna.moved(anna.ask("send_text", chat=chat, text="by the old connection")["message"]["id"], ("sent", "delivered"))
        boris.start()
        boris.ask("send_text", chat=chat, text="kept")
        boris.wait(lambda method, params: method == "connection_changed" and (params["why"] or {}).get("name") == "ssl_invalid_certificate",
                   "he is told why he is not connected", 60)
        self.put(authority, home, 20)
        boris.received("by the old connection", timeout=120)
        anna.received("kept", timeout=120)

    def test_links_that_name_a_certificate_lead_to_it_after_its_end(self):
        authority = Authority(os.path.join(self.folder, "authority"))
        home = self.home()
        self.put(authority, home, -1)
        until(lambda: "the certificate has ended" in home.log_text(), "it is told")
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.must("send", "Anna", "through it")
        anna.received("through it")
        self.assertTrue(chat)


class Checks(World):
    """What check, status and drain say."""

    def certificate(self, home, days):
        """Puts a certificate there that is good for `days` more."""
        begin = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + (days - 90) * 86400))
        end = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400))
        folder = os.path.join(home.folder, "ca")
        os.makedirs(folder, exist_ok=True)
        config = os.path.join(folder, "ca.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"[ca]\ndefault_ca = x\n[x]\ndatabase = {folder}/index\nnew_certs_dir = {folder}\nserial = {folder}/serial\n"
                       "default_md = sha256\npolicy = p\n[p]\ncommonName = supplied\n")
        open(os.path.join(folder, "index"), "w", encoding="utf-8").close()
        key, request = os.path.join(home.folder, "certificate.key"), os.path.join(folder, "request")
        subprocess.run(["openssl", "req", "-new", "-key", key, "-subj", "/CN=home.example", "-out", request], check=True,
                       capture_output=True)
        subprocess.run(["openssl", "ca", "-batch", "-config", config, "-selfsign", "-keyfile", key, "-in", request, "-create_serial",
                        "-notext", "-startdate", begin, "-enddate", end, "-out", os.path.join(home.folder, "certificate.pem")],
                       check=True, capture_output=True)

    def test_a_home_in_order_passes(self):
        home = self.home()
        code, out, err = home.call("check")
        self.assertEqual(code, 0, f"{out}{err}")
        self.assertNotIn("WRONG", out)
        home.stop()
        code, out, err = home.call("check")
        self.assertEqual(code, 0, f"{out}{err}")
        self.assertIn(f"port {home.port} at {home.address}: free", out)

    def test_each_fault_is_named_with_what_to_do(self):
        home = self.home()
        home.stop()

        def wrong(about, advice):
            code, out, err = home.call("check")
            self.assertEqual(code, 1, f"{out}{err}")
            lines = [line for line in out.splitlines() if line.startswith("WRONG")]
            self.assertEqual(len(lines), 1, out)
            self.assertIn(about, lines[0])
            self.assertIn(advice, lines[0])

        key = os.path.join(home.folder, "identity.key")
        os.chmod(key, 0o644)
        wrong("identity.key", "chmod 600")
        os.chmod(key, 0o600)
        os.rename(key, key + ".away")
        wrong("identity.key", "missing")
        os.rename(key + ".away", key)
        os.chmod(home.folder, 0o755)
        wrong("folder", "chmod 700")
        os.chmod(home.folder, 0o700)
        blocker = Home(os.path.join(self.folder, "blocker"), home.port)
        self.started.append(blocker)
        blocker.init()
        blocker.start()
        wrong("port", "another program listens")
        blocker.stop()
        self.certificate(home, -1)
        wrong("certificate", "has ended")

    def test_a_key_that_others_may_read_is_not_used(self):
        home = self.home()
        home.stop()
        for name in ("identity.key", "admission.key", "bulletin.key"):
            path = os.path.join(home.folder, name)
            for mode in (0o644, 0o640, 0o604):
                os.chmod(path, mode)
                code, out, err = home.call("run")
                self.assertEqual(code, 3, f"{out}{err}")
                self.assertIn(f"{name}: others may read this key, so it is not used: chmod 600 {path}", err)
            os.chmod(path, 0o600)
        home.start()

    def test_a_certificate_that_ends_soon_is_told_while_running(self):
        home = self.home()
        self.assertNotIn("certificate", home.log_text())
        self.certificate(home, 10)
        home.process.send_signal(1)
        until(lambda: "the certificate ends in 9 days" in home.log_text(), "it is told")
        code, out, _ = home.call("check")
        self.assertEqual(code, 0)
        self.assertIn("note  certificate: the certificate ends in 9 days", out)
        self.certificate(home, -1)
        home.process.send_signal(1)
        until(lambda: "the certificate has ended" in home.log_text(), "it is told")

    def test_the_complete_list_of_what_status_tells(self):
        home = self.home()
        anna, _, chat = self.pair(home)
        anna.start()
        until(lambda: "\nsessions: 0" not in home.call("status")[1], "she is connected")
        code, out, err = home.call("status")
        self.assertEqual(code, 0, f"{out}{err}")
        names = [line.split(":")[0] for line in out.splitlines()]
        self.assertEqual(names, [
            "home", "version", "uptime_seconds", "draining", "connections", "sessions", "fronts", "front_sessions", "call_connections", "output_waiting_bytes",
            "disk_free_bytes", "accepted", "refused_connections", "handshakes_tls", "handshakes_full", "handshakes_resumed",
            "requests", "refused_requests", "delivered", "duplicates", "pushes", "web_pushes", "damaged_records", "calls"])
        self.assertNotIn(home.address, out)
        values = dict(line.split(": ", 1) for line in out.splitlines())
        before = int(values["delivered"])
        self.assertGreaterEqual(int(values["sessions"]), 1)
        self.assertEqual(values["draining"], "no")
        anna.ask("send_text", chat=chat, text="one more")

        def more():
            told = dict(line.split(": ", 1) for line in home.call("status")[1].splitlines())
            return int(told["delivered"]) > before

        until(more, "it is counted")

    def test_what_a_command_that_died_left_goes_and_is_not_done_later(self):
        home = self.home()
        asked = subprocess.Popen(["sleep", "600"])
        asked.kill()
        asked.wait()
        left = [os.path.join(home.folder, f"{name}.{asked.pid}.{kind}")
                for name, kind in (("backup", "question"), ("audit", "question"), ("audit", "bytes"), ("status", "answer"))]
        for path in left:
            with open(path, "w", encoding="utf-8") as file:
                file.write("left")
        os.makedirs(os.path.join(home.folder, "store.snapshot", "x"))
        self.assertEqual(home.call("status")[0], 0)
        self.assertFalse(os.path.exists(left[0]), "thrown away when questions are looked for")
        self.assertFalse(os.path.exists(left[1]))
        until(lambda: not any(os.path.exists(path) for path in left), "within a minute", 90)
        until(lambda: not os.path.exists(os.path.join(home.folder, "store.snapshot")), "so does the snapshot", 90)

    def test_many_commands_at_once_get_each_their_own_answer(self):
        home = self.home()
        asked = (("audit",), ("status",), ("audit", "00" * 16), ("check",), ("audit", "--mailboxes")) * 2
        with concurrent.futures.ThreadPoolExecutor(len(asked)) as pool:
            told = list(pool.map(lambda words: home.call(*words), asked))
        out = [each[1] for each in told]
        for words, (code, _, err) in zip(asked, told):
            nobody = words == ("audit", "00" * 16)
            self.assertEqual(code if words != ("check",) else 0, 1 if nobody else 0, err)
            self.assertEqual("there is no such mailbox here" in err, nobody)
        for i in (0, 5):
            self.assertIn("bytes", out[i])
            self.assertIn("uptime_seconds", out[i + 1])
            self.assertIn("store", out[i + 3])
            self.assertNotIn("uptime_seconds", out[i + 2] + out[i + 4])
        self.assertEqual([name for name in os.listdir(home.folder) if re.search(r"\.(question|answer|bytes)$", name)], [])

    def test_drain_ends_the_home_and_says_so(self):
        home = self.home()
        code, out, err = home.call("drain")
        self.assertEqual(code, 0, f"{out}{err}")
        self.assertEqual(home.process.wait(timeout=10), 0)
        home.process = None
        self.assertEqual(home.call("drain")[0], 1)

    def test_signals_that_come_while_it_ends_harm_nothing(self):
        home = self.home()
        process, home.process = home.process, None
        process.terminate()
        while process.poll() is None:
            process.send_signal(signal.SIGHUP)
            time.sleep(0.001)
        # Its very last moments, when everything is closed, have nobody left who takes signals.
        self.assertIn(process.returncode, (0, -signal.SIGHUP))


if __name__ == "__main__":
    main()
