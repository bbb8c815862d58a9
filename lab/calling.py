"""Calls under the modes, `lab/run --calls`: set-up, what arrives, and what becomes of a call that runs when a mode begins. Beside Godwit's a
plain WebRTC call, in labs that are equal but for that, since two homes of one name do not fit into one."""

import json
import os
import time

import modes
from call_flow import Flow, of_window
from lab import Lab
from measure import acted, total

SETTLE_SECONDS = 5    # before a mode begins in the middle of a call: the browsers' estimates rise first
RUNNING_SECONDS = 30  # a call is watched for so long after that: browsers give a way up after 15 to 30 s without STUN
FRESH_SECONDS = 10    # and one that was begun under the mode
SETUP_SECONDS = 45
STOOD_MS = 3000       # a browser that does nothing for longer, on a machine that is too busy, measures the machine
ATTEMPTS = 3          # at a cell, for that reason
LIVES_MS = 5000       # a running call lives if it is never silent for longer

CALL_MODES = tuple(mode for mode in modes.MODES if mode.name in (
    "control", "throttle-sni", "throttle-flow", "sni-rst", "sni-rst-gfw", "sni-drop", "sni-drop-hello", "calls", "tls-fp",
    "siberian", "curtain", "proto-allow")) + (
    modes.Mode("calls-a", "6a", ("calls:parts=stun",), "STUN is dropped, whatever the UDP port"),
    modes.Mode("calls-b", "6b", ("calls:parts=flows+ports",), "5 of 100 packets pass of UDP flows with STUN in them, and of calls' ports"),
    modes.Mode("calls-c", "6c", ("calls:parts=dtls,dtls_ja4=dd",), "flows with a DTLS hello, of whatever version, go silent 6 packets later"),
    modes.Mode("no-udp", "", ("calls:parts=ports,call_ports=1-52+54-65535,c=0",), "UDP is dropped, but for DNS"),
)


def chosen(names):
    """The modes of those names in the table's order, all of them if there is none; a ValueError names one that calls are not measured under."""
    known = [mode.name for mode in CALL_MODES]
    for name in names:
        if name not in known:
            raise ValueError(f"calls are not measured under {name}; there are {', '.join(known)}")
    return [mode for mode in CALL_MODES if mode.name in names or not names]


class Stood(Exception):
    """The machine had no time for the browsers."""


class CallCell:
    """Measures one system under one mode, in a lab where it stands already."""

    def __init__(self, lab, system, mode):
        self.lab, self.system, self.mode = lab, system, mode
        self.flows = ()   # of the user's page and the friend's
        self.before = {}  # what the modes had counted when this one began
        self.counts = {}  # what it has done

    def run(self):
        """The row."""
        self.lab.censor.modes()
        self.system.open()
        try:
            running = self._running()
            self.system.close()
            self.system.forget()
            self._begin_mode()
            self.system.open()
            fresh = self._fresh()
            self._hang_up()
        except Stood:
            self._hang_up()
            raise
        finally:
            self.lab.censor.modes()
            self.system.close()
        return {"mode": self.mode.name, "system": self.system.name, **fresh, "running": running, "fired": bool(self.counts), "counters": self.counts}

    def begin(self, timeout=SETUP_SECONDS):
        """A call; gives (ms until it rang there, ms from the answer until both were seen and heard): None for what did not happen in time."""
        self.flows = tuple(Flow(page) for page in self.system.ends())
        pressed = time.time() * 1000
        answered = self.system.call(timeout)
        if answered is None:
            return None, None
        there = self.wait(lambda: all(flow.arrived() for flow in self.flows), timeout)
        return round(answered - pressed), round(max(flow.arrived() for flow in self.flows) - answered) if there else None

    def wait(self, condition, timeout):
        """Reads both pages until `condition` holds; False if it does not in time."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for flow in self.flows:
                flow.read()
            if condition():
                return True
            time.sleep(0.2)
        return False

    def watch(self, seconds):
        """Reads both pages for so long; gives what arrived meanwhile."""
        start = time.time() * 1000
        self.wait(lambda: False, seconds)
        row = of_window(*self.flows, start, start + seconds * 1000)
        if row["stood_ms"] > STOOD_MS:
            raise Stood(f"a browser stood for {row['stood_ms']} ms")
        return row

    def _running(self):
        """A call runs; then the mode is switched on. Ends with the mode off and the call over."""
        _, setup = self.begin()
        if setup is None:
            raise RuntimeError(f"no call even without blocking: {[flow.last for flow in self.flows]}")
        self.watch(SETTLE_SECONDS)
        if not self.wait(lambda: all(self.system.way in flow.way for flow in self.flows), SETUP_SECONDS):
            raise RuntimeError(f"no call by {self.system.way} even without blocking: {[flow.way for flow in self.flows]}")
        way = self.flows[0].way
        self._begin_mode()
        row = self.watch(RUNNING_SECONDS)
        self._hang_up()
        return {**row, "way": way, "way_then": self.flows[0].way, "lives": row["sound_gap_ms"] <= LIVES_MS}

    def _fresh(self):
        ring, setup = self.begin()
        row = {"ring_ms": ring, "setup_ms": setup, "way": self.flows[0].way}
        return row if setup is None else {**row, **self.watch(FRESH_SECONDS)}

    def _begin_mode(self):
        self.lab.censor.modes(*self.mode.specs)
        self.before = self.lab.censor.counters()["modes"]

    def _hang_up(self):
        """Ends the mode, too: it is not about that."""
        self.counts = total(self.counts, acted(self.before, self.lab.censor.counters()["modes"]))
        self.lab.censor.modes()
        self.system.hang_up()


def share(value):
    """A share for people."""
    return f"{100 * value:.0f}"


def seconds(ms):
    """Milliseconds for people."""
    return f"{ms / 1000:.1f}"


def line(row):
    """A row of the table, for people."""
    cells = [row["mode"] + ("" if row.get("fired") or row["mode"] == "control" else " (did nothing)"), row["system"]]
    if "error" in row:
        return [*cells, f"not measured: {row['error']}", *[""] * 6]
    if row["setup_ms"] is None:
        fresh = ["does not ring" if row["ring_ms"] is None else "none", "", "", ""]
    else:
        fresh = [seconds(row["setup_ms"]), f"{share(row['sound_out'])} / {share(row['sound_in'])}", f"{share(row['pictures_out'])} / {share(row['pictures_in'])}",
                 f"{row['freezes_out']} / {row['freezes_in']}"]
    running = row["running"]
    return [*cells, *fresh, f"{'lives' if running['lives'] else 'dies'}: {seconds(running['sound_gap_ms'])}, {seconds(running['picture_gap_ms'])}",
            f"{share(running['sound_out'])} / {share(running['sound_in'])}", f"{share(running['pictures_out'])} / {share(running['pictures_in'])}"]


HEAD = ("mode", "call", "set-up, s", "sound, %", "pictures, %", "freezes", "running one: longest silence, standing picture, s", "its sound, %", "pictures, %")


def table(rows):
    """All rows as Markdown."""
    lines = [HEAD, ["---"] * len(HEAD), *map(line, rows)]
    return "\n".join("| " + " | ".join(each) + " |" for each in lines)


def measured(lab, system, mode):
    """The row of a cell; one that could not be measured says so, and leaves the others their results."""
    for _ in range(ATTEMPTS):
        try:
            return CallCell(lab, system, mode).run()
        except Exception as error:
            row = {"mode": mode.name, "system": system.name, "error": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
            if not isinstance(error, Stood):
                break
    return row


def in_order(rows, wanted, systems):
    """The rows as the table has them: by mode, then by system."""
    places = {(mode.name, system.name): place for place, (mode, system) in enumerate((mode, system) for mode in wanted for system in systems)}
    return sorted(rows, key=lambda row: places[row["mode"], row["system"]])


def run(wanted, systems, folder, seed, say):
    """Measures and prints; gives the exit code. Writes calls.json into `folder`."""
    os.makedirs(folder, exist_ok=True)
    rows = []
    for kind in systems:
        with Lab(seed) as lab:
            system = kind(lab)
            try:
                system.start_servers()
                for mode in wanted:
                    rows.append(measured(lab, system, mode))
                    say("  ".join(line(rows[-1])))
                    with open(os.path.join(folder, "calls.json"), "w", encoding="utf-8") as file:
                        json.dump(in_order(rows, wanted, systems), file, indent=1)
                        file.write("\n")
            finally:
                system.end()
    say("\n" + table(in_order(rows, wanted, systems)))
    return 1 if any("error" in row for row in rows) else 0
