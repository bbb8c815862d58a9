#!/usr/bin/env python3
"""MLS beside an implementation that is not ours: the same lines to tests/mls_peer and to ts-mls, timed from outside.

    bench/mls_peers.py [--sizes 2,10,100] [--suite 3]

Both are driven through JSON lines, so that each time holds the same parsing and base64. Without Node, npm or the driver's
folder ($GODWIT_SHARED/interop/ts-mls-peer) it says SKIPPED and why.
"""

import argparse
import base64
import json
import subprocess
import sys
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests"))

import mls_peer_test  # noqa: E402

MESSAGES = 100
TEXT = base64.b64encode(b"x" * 1024).decode()


class Peer:
    """A program that answers lines of JSON."""

    def __init__(self, command, folder=None):
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, op, client, **rest):
        """The answer's members and the seconds that it took."""
        line = json.dumps({"id": 1, "op": op, "client": client, **rest}).encode() + b"\n"
        begin = time.perf_counter()
        self.process.stdin.write(line)
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        seconds = time.perf_counter() - begin
        if not answer.get("ok"):
            raise RuntimeError(f"{op}: {answer.get('error')}")
        return answer, seconds

    def close(self):
        """Ends the program."""
        self.process.stdin.close()
        self.process.wait(timeout=10)


def measure(peer, suite, size):
    """Milliseconds by what was done, in a group of this size, and messages a second."""
    founder, joiner = f"founder {size}", f"joiner {size} 1"
    peer.ask("init", founder, suite=suite, identity=founder)
    packages = []
    for number in range(1, size):
        name = f"joiner {size} {number}"
        peer.ask("init", name, suite=suite, identity=name)
        packages.append(peer.ask("keyPackage", name)[0]["keyPackage"])
    _, created = peer.ask("create", founder, groupId=base64.b64encode(f"group of {size:>8}".encode()).decode())
    added, adding = peer.ask("commit", founder, add=packages)
    _, joining = peer.ask("join", joiner, welcome=added["welcome"])
    first, committing = peer.ask("commit", founder)
    _, processing = peer.ask("process", joiner, message=first["commit"])
    messages, encrypting, decrypting = [], 0.0, 0.0
    for _ in range(MESSAGES):
        sealed, seconds = peer.ask("encrypt", founder, data=TEXT)
        messages.append(sealed["message"])
        encrypting += seconds
    for message in messages:
        decrypting += peer.ask("process", joiner, message=message)[1]
    return {"create + add, ms": (created + adding) * 1000, "join, ms": joining * 1000,
            "first commit, ms": committing * 1000, "process it, ms": processing * 1000,
            "encrypt 1 KiB, /s": MESSAGES / encrypting, "decrypt 1 KiB, /s": MESSAGES / decrypting}


def main():
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="2,10,100", help="members (default: %(default)s)")
    parser.add_argument("--suite", type=int, default=3, help="3 or 84 (default: %(default)s)")
    options = parser.parse_args()
    try:
        packages = mls_peer_test.installed()
    except unittest.SkipTest as reason:
        print(f"mls peers: {reason}")
        return 0
    driver = packages / "bench"
    driver.mkdir(exist_ok=True)
    (driver / "peer.mjs").write_bytes((mls_peer_test.DRIVER / "peer.mjs").read_bytes())
    print(f"MLS beside ts-mls, suite {options.suite}, through the same lines (ours / ts-mls, times as long or as fast)")
    for size in [int(part) for part in options.sizes.split(",")]:
        peers = [Peer([str(mls_peer_test.BIN / "mls-peer")]), Peer(["node", "peer.mjs"], driver)]
        ours, theirs = [measure(peer, options.suite, size) for peer in peers]
        for peer in peers:
            peer.close()
        for what, value in ours.items():
            times = value / theirs[what] if what.endswith("/s") else theirs[what] / value
            print(f"  {size:>5} members  {what:<18} {value:>10,.1f} / {theirs[what]:>10,.1f}   {times:>6.1f} times faster")
    return 0


if __name__ == "__main__":
    sys.exit(main())
