#!/usr/bin/env python3
"""A file of 2 GiB, the largest that there may be, between real programs over real sockets on this machine: how long it takes, and the
most memory that each person's program has. Ends with 1 if it does not arrive as it was, or if one of them needs 64 MiB.

    bench/large_file.py [--mib 2048]
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

import file_test  # noqa: E402
from file_test import MIB  # noqa: E402

MEMORY_MIB_MAX = 64


def write_marked_file(path, mib):
    """Makes a file of which each MiB is another one, and most of it takes no room on the disk."""
    with open(path, "wb") as out:
        for number in range(mib):
            out.seek(number * MIB)
            out.write(b"MiB %8d" % number)
        out.truncate(mib * MIB)


class LargeFile(file_test.Files):
    """Borrows people, their homes and how memory is measured from the tests."""

    mib = 0

    def transfer(self, word, person, *command):
        """Runs and measures one direction; gives the most memory in MiB."""
        begin = time.monotonic()
        peak = self.peak_mib(*person.globals(), *command)
        seconds = time.monotonic() - begin
        print(f"  {word:<6}{self.mib:>6} MiB{seconds:>9.1f} s{self.mib / seconds:>9.1f} MiB/s{peak:>9.1f} MiB of memory", flush=True)
        return peak

    def runTest(self):
        anna, boris, chat = self.pair(self.home())
        large, got = os.path.join(self.folder, "large"), os.path.join(self.folder, "got")
        write_marked_file(large, self.mib)
        sending = self.transfer("send", anna, "send", chat, "--file", large, "--wait", "3600")
        boris.must("listen", "--count", "1", "--timeout", "20")
        fetching = self.transfer("get", boris, "get", boris.history(chat)[-1]["id"], "--to", got)
        self.assertEqual(file_test.digest_of(got), file_test.digest_of(large))
        self.assertLess(max(sending, fetching), MEMORY_MIB_MAX)


def main():
    """Measures, in the folder for temporary files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=2048, help="size of the file (default: %(default)s)")
    LargeFile.mib = parser.parse_args().mib
    disk = os.statvfs(tempfile.gettempdir())
    if disk.f_bavail * disk.f_frsize < 3 * LargeFile.mib * MIB:
        print(f"large file: SKIPPED: {tempfile.gettempdir()} has no room for it")
        return 0
    print("a file between two people, through the home of both")
    result = unittest.TextTestRunner(verbosity=0).run(LargeFile())
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
