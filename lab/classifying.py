"""`lab/classify`: what ndpiReader (Debian's libndpi-bin) calls each carrier of ours that looks like TLS, and how often the detector of mode
12a (TLS inside TLS, by the sizes of its first bursts) takes one for a tunnel, beside what it does to browsing."""

import csv
import os
import random
import struct
import subprocess
import time
from collections import Counter

from crowd import CROWD, WITH_CROWD, Crowd
from godwit_system import Godwit, GodwitBridge
from hello import parse
from lab import Lab
from learning import interval
from modes import SUSPECT

USER = "203.0.113.10"
PROGRAM = "ndpiReader"
CARRIERS = (("wss, standalone home", Godwit, ()), ("bridge behind nginx", GodwitBridge, ()),
            ("small exchanges", GodwitBridge, (f"curtain:dst={SUSPECT}",)))
# Flows of everybody, judged by the test alone: nothing at random, and no flow dropped, since its first bursts decide.
DETECTOR = "inner-tls:parts=tls,background=0,inside={}"


def packets(path):
    """(source, source port, destination, destination port, TCP flags, payload) of each TCP packet over IPv4 in a capture of raw IP."""
    with open(path, "rb") as file:
        file.read(24)
        while head := file.read(16):
            size = struct.unpack("<IIII", head)[2]
            packet = file.read(size)
            if len(packet) < 40 or packet[0] >> 4 != 4 or packet[9] != 6:
                continue
            at = (packet[0] & 15) * 4
            source, destination = (".".join(map(str, packet[start:start + 4])) for start in (12, 16))
            ports = struct.unpack("!HH", packet[at:at + 4])
            data = at + (packet[at + 12] >> 4) * 4
            yield source, ports[0], destination, ports[1], packet[at + 13], packet[data:]


def flows(path):
    """{(client, port, server, port): the client's first bytes} of the TCP connections that were opened."""
    found = {}
    for source, source_port, destination, destination_port, flags, payload in packets(path):
        key = (source, source_port, destination, destination_port)
        if flags & 0x12 == 0x02:
            found.setdefault(key, b"")
        elif payload and key in found and len(found[key]) < 4096:
            found[key] += payload
    return found


def verdicts(path):
    """What ndpiReader calls each TCP flow: {(client, port, server, port): protocol}."""
    table = path + ".csv"
    subprocess.run([PROGRAM, "-q", "-i", path, "-C", table], check=True, capture_output=True)
    with open(table, encoding="utf-8", newline="") as file:
        return {(row["src_ip"], int(row["src_port"]), row["dst_ip"], int(row["dst_port"])): row["ndpi_proto"]
                for row in csv.DictReader(file) if row["protocol"] == "6"}


def measure(system_class, modes, starts, visits, folder):
    """One lab: starts of the client beside a crowd. Gives (capture, our addresses, {who: hits of the detector})."""
    capture, dice = os.path.join(folder, f"{system_class.name}{len(modes)}.pcap"), random.Random(5)
    with Lab(pcap=capture, hosts=WITH_CROWD) as lab:
        crowd = Crowd(lab)
        crowd.start()
        system = system_class(lab)
        try:
            system.start_servers()
            lab.censor.modes(*modes, DETECTOR.format(USER), DETECTOR.format("+".join(CROWD.addresses)))
            threads = crowd.run(visits, parallel=4)
            for _ in range(starts):
                system.close()
                if not modes:
                    system.forget()
                system.open()
                for _ in range(2):
                    system.deliver(dice.randrange(20, 1200), 20)
                    time.sleep(dice.random())
            for thread in threads:
                thread.join()
            counts = lab.censor.counters()["modes"]
        finally:
            system.close()
            system.end()
        ours = set(system.addresses(system.own_hosts))
    hits = {who: counts.get(label, {}).get("inner_tls", 0) for who, label in (("ours", "inner-tls"), ("crowd", "inner-tls#2"))}
    return capture, ours, hits


def report(name, capture, ours, hits, say):
    """The lines of one carrier; gives (True if every flow is TLS or HTTP, crowd's hits, crowd's flows)."""
    opened, named = flows(capture), verdicts(capture)
    mine = {key: first for key, first in opened.items() if key[0] == USER and key[2] in ours and first}
    crowd = sum(1 for key in opened if key[0] in CROWD.addresses)
    kinds = Counter(named.get(key, "not seen") for key in mine)
    low, high = interval(hits["ours"], len(mine))
    say(f"{name}: {len(mine)} flows; nDPI: {', '.join(f'{kind} {count}' for kind, count in kinds.most_common())}")
    say(f"  mode 12a: {hits['ours']} of {len(mine)} ({hits['ours'] / max(1, len(mine)):.2%}, 95 % interval {low:.2%} to {high:.2%})")
    looks = Counter(hello.ja4 if (hello := parse(first)) else "no hello" for first in mine.values())
    say("  JA4: " + ", ".join(f"{ja4} {count}" for ja4, count in looks.most_common(4)))
    return all(kind.split(".")[0] in ("TLS", "HTTP", "HTTPS") for kind in kinds), hits["crowd"], crowd


def run(starts, visits, folder, say=print):
    """All carriers; 0 if nDPI calls each flow TLS or HTTP."""
    os.makedirs(folder, exist_ok=True)
    plain, crowd_hits, crowd_flows = True, 0, 0
    for name, system_class, modes in CARRIERS:
        fine, hits, count = report(name, *measure(system_class, modes, starts, visits, folder), say)
        plain, crowd_hits, crowd_flows = plain and fine, crowd_hits + hits, crowd_flows + count
    low, high = interval(crowd_hits, crowd_flows)
    say(f"browsing of the crowd: mode 12a: {crowd_hits} of {crowd_flows} ({crowd_hits / max(1, crowd_flows):.2%}, 95 % interval "
        f"{low:.2%} to {high:.2%})")
    return 0 if plain else 1
