"""Runs modes against systems, several labs at a time, and collects the rows."""

import concurrent.futures
import threading
import time
import traceback

from lab import Lab
from measure import Cell


def groups(systems, modes, jobs):
    """(system, modes) for one lab each: enough of them for `jobs` labs, the modes dealt out in turn."""
    parts = min(len(modes), max(1, round(jobs / len(systems))))
    return [(system, modes[part::parts]) for part in range(parts) for system in systems]


def failed(mode, system, error):
    """The row of a cell that could not be measured: it says so, and is no result."""
    return {"mode": mode.name, "system": system.name, "runs": 0, "delivered_60s": None, "delivered_600s": None,
            "first_ms_p50": None, "first_ms_p95": None, "bytes": None, "again_ms": None, "relays_burned": None, "recover_start_ms": None,
            "recover_end_ms": None, "fired": False, "error": error}


class Runner:
    """One run of the lab."""

    def __init__(self, systems, modes, plan, seed, jobs, say, keep):
        self.systems, self.modes, self.plan, self.seed, self.jobs, self.say = systems, modes, plan, seed, jobs, say
        self.keep = keep  # called with the rows so far, so that a long run that is ended leaves what it has
        self.rows = []
        self.lock = threading.Lock()
        self.total = len(systems) * len(modes)

    def run(self):
        """All rows, in the order of modes and systems."""
        work = groups(self.systems, self.modes, self.jobs)
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            list(pool.map(lambda each: self._lab(*each), work))
        return self._sorted()

    def _sorted(self):
        order = {(mode.name, system.name): index for index, (mode, system) in
                 enumerate((mode, system) for mode in self.modes for system in self.systems)}
        return sorted(self.rows, key=lambda row: order[row["mode"], row["system"]])

    def _lab(self, system_class, modes):
        """One lab, one system, some modes."""
        left = list(modes)
        try:
            with Lab(self.seed) as lab:
                system = system_class(lab)
                try:
                    system.start_servers()
                    system.open()
                    while left:
                        self._cell(lab, system, left.pop(0))
                finally:
                    system.close()
                    system.end()
        except Exception as error:  # one lab that fails leaves the others their results
            for mode in left:
                self._note(failed(mode, system_class, self._reason(error)), 0)

    def _cell(self, lab, system, mode):
        started = time.monotonic()
        lab.prober.verdicts.clear()
        try:
            row = Cell(lab, system, mode, self.plan).run()
        except Exception as error:  # as above
            row = failed(mode, system, self._reason(error))
        self._note(row, time.monotonic() - started)

    def _reason(self, error):
        self.say(traceback.format_exc(), detail=True)
        return f"{type(error).__name__}: {error}"[:500]

    def _note(self, row, seconds):
        with self.lock:
            self.rows.append(row)
            done = len(self.rows)
            self.keep(self._sorted())
        if "error" in row:
            result = f"not measured: {row['error'].splitlines()[0][:100]}"
        else:
            share = f"{round(row['delivered_60s'] * row['runs'])}/{row['runs']} delivered"
            median = f", {row['first_ms_p50'] / 1000:.1f} s" if row["first_ms_p50"] is not None else ""
            result = share + median + ("" if row["fired"] or row["mode"] == "control" else ", the mode did nothing")
        self.say(f"[{done:3}/{self.total}] {row['mode']:14} {row['system']:12} {result}  ({seconds:.0f} s)")
