#!/usr/bin/env python3
"""A new device of an account whose chat has files, a GiB of them together: real programs over real sockets on this machine. The
time counts from the person's yes until the chat is there, and until a tenth, a half and all of the files are fetched by the new device.
Beside it what the other person in the chat needs to fetch the same files, who has no device to link.

    bench/linking_files.py [--mib 1024] [--files 64]
"""

import argparse
import os
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests"))

import devices_test  # noqa: E402
from file_test import MIB, digest_of, write_file  # noqa: E402
from people import require, until  # noqa: E402

PATIENCE = 3600.0


class LinkingFiles(devices_test.Devices):
    """Borrows people, their homes and how a device is linked from the tests."""

    mib, files = 0, 0

    def say(self, text):
        """One line, also where nobody waits for the end of a pipe."""
        print(f"  {text}", flush=True)

    def send_all(self, anna, chat):
        """Anna sends the files; gives their digests by name."""
        digests = {}
        for number in range(self.files):
            path = os.path.join(self.folder, f"{number:04}.bin")
            digests[os.path.basename(path)] = write_file(path, self.mib * MIB // self.files, seed=number + 1)
            anna.ask("send_file", chat=chat, source=path)
            until(lambda: self.sent(anna, chat) > number, f"{path} is sent", PATIENCE)
            os.unlink(path)
            if (number + 1) % max(1, self.files // 8) == 0:
                self.say(f"{number + 1} of {self.files} files are sent")
        return digests

    def sent(self, person, chat):
        """How many files of the chat its author's home has."""
        messages = self.messages(person, chat)
        return len([each for each in messages if each["file"] and each["delivery"] in ("sent", "delivered", "read")])

    def messages(self, person, chat):
        """All messages of a chat."""
        return person.ask("read_history", chat=chat, count=200)["messages"]

    def fetch_all(self, person, chat, digests, begin):
        """Fetches all files, as they stand in the history; gives the seconds since `begin` at a tenth, a half and all of the bytes."""
        where = os.path.join(self.folder, person.name.lower() + "-got")
        os.mkdir(where)
        seconds = {}
        for count, message in enumerate([each for each in self.messages(person, chat) if each["file"]], 1):
            got = person.ask("get_file", timeout=PATIENCE, chat=chat, message=message["id"], destination=where + "/")["path"]
            for percent in (10, 50, 100):
                if count * 100 >= percent * self.files:
                    seconds.setdefault(percent, time.monotonic() - begin)
            require(digest_of(got) == digests[os.path.basename(got)], f"{got} is as it was")
            os.unlink(got)
        return seconds

    def runTest(self):
        """Measures."""
        anna, boris, chat = self.pair(self.home())
        anna.start()
        boris.start()
        digests = self.send_all(anna, chat)
        until(lambda: len(self.messages(boris, chat)) == self.files, "Boris has heard of all", PATIENCE)
        baseline = self.fetch_all(boris, chat, digests, time.monotonic())[100]
        self.say(f"the other person fetched them in {baseline:.1f} s")
        laptop, _ = self.link(anna, "Laptop")
        begin = time.monotonic()
        self.assertEqual(self.finish()[0], 0)
        laptop.start()
        until(lambda: laptop.ask("list_chats")["chats"] and len(self.messages(laptop, chat)) == self.files,
              "the chat and its history", PATIENCE)
        self.say(f"the chat is on the new device after {time.monotonic() - begin:.1f} s")
        for percent, seconds in self.fetch_all(laptop, chat, digests, begin).items():
            self.say(f"{percent:3} % of {self.mib} MiB after {seconds:.1f} s ({seconds / baseline:.2f} x the other person's all)")


def main():
    """Measures in the folder for temporary files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=1024, help="of all files together (1024)")
    parser.add_argument("--files", type=int, default=64, help="how many, at most 200 (64)")
    chosen = parser.parse_args()
    disk = os.statvfs(tempfile.gettempdir())
    if disk.f_bavail * disk.f_frsize < 3 * chosen.mib * MIB:
        print(f"linking files: SKIPPED: {tempfile.gettempdir()} has no room for it")
        return 0
    LinkingFiles.mib, LinkingFiles.files = chosen.mib, max(1, min(chosen.files, 200))
    print(f"linking a device: {chosen.mib} MiB in {LinkingFiles.files} files, in {tempfile.gettempdir()}", flush=True)
    done = unittest.TextTestRunner(verbosity=0).run(unittest.TestSuite([LinkingFiles()]))
    return 0 if done.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
