#!/usr/bin/env python3
"""What relaying calls costs a home: time until an address is relayed, and, for a growing number of voices and of pictures through TLS on its
port, the packets that are lost and the processor that coturn and the home take; then how many voices at once this machine relays with less than one
packet in a hundred lost. Synthetic streams by coturn's own turnutils_uclient, all of it on this machine over loopback, the client too:
GODWIT_BIN=build/release/bin bench/call_relay.py [VOICES ...]   (numbers: those alone)"""

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

SECONDS = 10
GROUP = 50  # streams of one client: it is one thread, and sets all of its own up at once
VOICE = (120, 20)  # of 32 kbit/s, with SFrame, SRTP and RTP: bytes, and every so many milliseconds
PICTURE = (1100, 17)  # of 500 kbit/s: what a page sends of 640x360
VOICES, PICTURES = (20, 100, 200), (10, 30)
LOST_MAX, STEP, LIMIT_MAX = 0.01, 50, 1000
SETTINGS = {"calls": "true", "calls_addresses": '["127.0.0.1"]', "calls_loopback": "true", "calls_user_max": 2000, "calls_max": 2000}


def processor_seconds(pid):
    """What a process has taken so far, with all its threads."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def set_up(home, relay):
    """Milliseconds from the first packet to the relayed address: TCP, TLS, and two round trips of TURN."""
    begin = time.monotonic()
    relayed = Relayed(home.port, relay["username"], relay["credential"])
    relayed.allocate()
    took = time.monotonic() - begin
    relayed.close()
    return took * 1000


def children_seconds():
    """What all processes that this one has started, and that are over, have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def stream(home, relay, pids, kind, count):
    """`count` of them for some seconds, each to another one; gives packets sent, packets that came, and processor seconds of each pid,
    and of the clients together, for a second of them, with what setting up took."""
    size, each_ms = kind
    groups = [min(GROUP, count - first) for first in range(0, count, GROUP)]
    lasts = SECONDS + len(groups)
    before, children = [processor_seconds(pid) for pid in pids], children_seconds()
    clients = []
    for group in groups:
        clients.append(subprocess.Popen(
            ["turnutils_uclient", "-t", "-S", "-y", "-c", "-m", str(group), "-n", str(lasts * 1000 // each_ms), "-z", str(each_ms), "-l",
             str(size), "-u", relay["username"], "-w", relay["credential"], "-p", str(home.port), "127.0.0.1"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"))
        time.sleep(1)  # all at once would be a crowd, and is refused as one
    sent = came = 0
    for each in clients:
        said = each.communicate(timeout=120)[0]
        totals = re.findall(r"tot_send_msgs=(\d+), tot_recv_msgs=(\d+)", said)
        if not totals:
            raise RuntimeError(f"turnutils_uclient: {said[-400:]}")
        sent, came = sent + int(totals[-1][0]), came + int(totals[-1][1])
    return sent, came, [(processor_seconds(pid) - was) / lasts for pid, was in zip(pids, before)], (children_seconds() - children) / lasts


def row(home, relay, pids, what, count):
    """Prints a row of the table; gives the part that was lost and what the client took."""
    kind = VOICE if what == "voices" else PICTURE
    sent, came, (relaying, serving), client = stream(home, relay, pids, kind, count)
    print(f"{what:>8} {count:6} {sent:6} {came:6} {100 * (1 - came / sent):7.2f} {100 * relaying:13.1f} {100 * serving:11.1f} "
          f"{100 * (relaying + serving) / count:18.2f} {100 * client:14.1f}", flush=True)
    return 1 - came / sent, client, relaying + serving


def find_limit(home, relay, pids, good, used):
    """More and more voices, from `good` on, until too many packets are lost, twice: a machine that does something else for a moment loses some too."""
    for count in range(good + STEP, LIMIT_MAX + 1, STEP):
        lost, client, took = row(home, relay, pids, "voices", count)
        if lost > LOST_MAX:
            lost, client, took = row(home, relay, pids, "voices", count)
        if lost > LOST_MAX:
            full = client + took > 0.85 * os.cpu_count()
            print(f"limit: {good} voices at once ({good // 2} calls with both ends here) with less than {100 * LOST_MAX:.0f} % lost; at {count} "
                  f"{'the processors are full, with the clients' if full else 'something else than the processor has had enough'}. "
                  f"coturn and the home took {100 * used / max(good, 1):.2f} % of a core for each")
            return
        good, used = count, took
    print(f"limit: not reached with {good} voices")


def main():
    """Prints the table."""
    missing = [name for name in ("turnserver", "turnutils_uclient") if not shutil.which(name)]
    if missing:
        print(f"SKIPPED: not installed: {', '.join(missing)} (Debian: coturn)")
        return
    counts = [int(word) for word in sys.argv[1:]]
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
            print("    what  count   sent   came  lost %  coturn CPU %  home CPU %  both per stream %  clients CPU %")
            pids = (coturn, home.process.pid)
            good, used = 0, 0
            for count in counts or VOICES:
                lost, _, took = row(home, relay, pids, "voices", count)
                good, used = (count, took) if lost <= LOST_MAX else (good, used)
            if not counts:
                for count in PICTURES:
                    row(home, relay, pids, "pictures", count)
                find_limit(home, relay, pids, good, used)
        finally:
            for each in (anna, home):
                if each:
                    each.end()


if __name__ == "__main__":
    main()
