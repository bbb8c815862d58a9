#!/usr/bin/env python3
"""What relaying calls costs a home: time until an address is relayed, and, for a growing number of voices through TLS on its port, the
packets that are lost and the processor that coturn and the home take. Synthetic streams by coturn's own turnutils_uclient, all of it on
this machine over loopback: GODWIT_BIN=build/release/bin bench/call_relay.py [STREAMS ...]"""

import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests"))

from people import Home, Person, until  # noqa: E402
from turn import Relayed  # noqa: E402

SIZE, EACH_MS, SECONDS = 120, 20, 10  # a voice of 32 kbit/s with SFrame, SRTP and RTP: bytes, and how often
STREAMS = (20, 100, 200)
SETTINGS = {"calls": "true", "calls_addresses": '["127.0.0.1"]', "calls_loopback": "true", "calls_user_max": 2000, "calls_max": 2000}


def processor_seconds(pid):
    """What a process has taken so far, with all its threads."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children_seconds():
    """What all processes that this one has started, and that are over, have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def set_up(home, relay):
    """Milliseconds from the first packet to the relayed address: TCP, TLS, and two round trips of TURN."""
    begin = time.monotonic()
    relayed = Relayed(home.port, relay["username"], relay["credential"])
    relayed.allocate()
    took = time.monotonic() - begin
    relayed.close()
    return took * 1000


def stream(home, relay, pids, count):
    """`count` voices for some seconds, each to another one; gives packets sent, packets that came, and
    processor seconds of each pid, and of the client, for a second of them, with what setting up took."""
    before = [processor_seconds(pid) for pid in pids]
    client = children_seconds()
    done = subprocess.run(
        ["turnutils_uclient", "-t", "-S", "-y", "-c", "-m", str(count), "-n", str(SECONDS * 1000 // EACH_MS), "-z", str(EACH_MS), "-l",
         str(SIZE), "-u", relay["username"], "-w", relay["credential"], "-p", str(home.port), "127.0.0.1"],
        check=False, capture_output=True, encoding="utf-8", timeout=120)
    totals = re.findall(r"tot_send_msgs=(\d+), tot_recv_msgs=(\d+)", done.stdout)
    if not totals:
        raise RuntimeError(f"turnutils_uclient: {done.stdout[-400:]}{done.stderr[-400:]}")
    sent, came = map(int, totals[-1])
    return sent, came, [(processor_seconds(pid) - was) / SECONDS for pid, was in zip(pids, before)], (children_seconds() - client) / SECONDS


def main():
    """Prints the table."""
    missing = [name for name in ("turnserver", "turnutils_uclient") if not shutil.which(name)]
    if missing:
        print(f"SKIPPED: not installed: {', '.join(missing)} (Debian: coturn)")
        return
    counts = [int(word) for word in sys.argv[1:]] or STREAMS
    with tempfile.TemporaryDirectory(prefix="godwit-bench-") as folder:
        home, anna = Home(os.path.join(folder, "home"), 0), None
        try:
            home.init()
            home.configure(**SETTINGS)
            home.start()
            anna = Person("Anna", os.path.join(folder, "anna"))
            anna.new(home.link())
            anna.start()
            relay = until(lambda: (anna.try_ask("read_call_relays").get("result") or {"relays": []})["relays"], "there is a relay")[0]
            coturn = int(home.call("calls", "status")[1].split("process ")[1].split(",")[0])
            times = [set_up(home, relay) for _ in range(20)]
            print(f"relayed address after: median {statistics.median(times):.0f} ms, slowest of 20 {max(times):.0f} ms")
            print("streams  sent  came  lost %  coturn CPU %  home CPU %  both per stream %  client CPU % (near 100 it is the limit, not the home)")
            for count in counts:
                sent, came, (relaying, serving), client = stream(home, relay, (coturn, home.process.pid), count)
                print(f"{count:7} {sent:5} {came:5} {100 * (1 - came / sent):7.2f} {100 * relaying:13.1f} {100 * serving:11.1f} "
                      f"{100 * (relaying + serving) / count:18.2f} {100 * client:13.1f}", flush=True)
        finally:
            for each in (anna, home):
                if each:
                    each.end()


if __name__ == "__main__":
    main()
