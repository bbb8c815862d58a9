"""One cell of the report: one system under one mode."""

import statistics
import time
from typing import NamedTuple

import people

TEXT_SIZE = 200
PICTURE_SIZE = 300_000
LARGE_SIZE = 100_000  # in place of the picture where there are only texts: as much as one of Godwit's holds; Prosody takes 256 KiB
SHORT_SECONDS = 60
MIDDLE_TEXTS = 6


class Plan(NamedTuple):
    """How long and how often."""

    runs: int = 3
    short_seconds: float = SHORT_SECONDS  # a message within this is "delivered_60s"
    long_seconds: float = 600             # the first run that fails waits for so long: "delivered_600s"
    recover_seconds: float = 120          # how long a running conversation may take to go on
    end_seconds: float = 120              # and when the mode has ended; a host that was silent is tried once a minute
    large: bool = True                    # a picture as well, or a large text


def quantile(values, share):
    """A quantile by linear interpolation; None of nothing."""
    if not values:
        return None
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


def acted(before, after):
    """How often the modes in force have done something, by what they count."""
    result = {}
    for name, counts in after.items():
        old = before.get(name, {})
        gained = {what: count - old.get(what, 0) for what, count in counts.items() if count > old.get(what, 0)}
        if gained:
            result[name] = gained
    return result


def total(counts, more):
    """Two results of acted() together."""
    result = {name: dict(of_mode) for name, of_mode in counts.items()}
    for name, of_mode in more.items():
        for what, count in of_mode.items():
            result.setdefault(name, {})
            result[name][what] = result[name].get(what, 0) + count
    return result


def rounded(value):
    """Milliseconds without decimals; None stays None."""
    return None if value is None else round(value)


class Cell:
    """Measures one system under one mode, in a lab where it stands already."""

    def __init__(self, lab, system, mode, plan):
        self.lab, self.system, self.mode, self.plan = lab, system, mode, plan
        self.first = []  # milliseconds of each run, None: not delivered
        self.used = []   # bytes of each delivered run
        self.waited_long = 0
        self.delivered_long = 0
        self.counts = {}  # what the mode has done during the fresh starts

    def run(self):
        """The row."""
        self._calm()
        self.lab.censor.modes(*self.mode.specs)
        before = self._counters()
        recover_start = self._in_the_middle()
        self._let_it_learn()
        middle = acted(before, self._counters())
        for _ in range(self.plan.runs):
            self._fresh_start()
        again = self._remembering_start()
        large = self._large()
        self.lab.censor.modes()
        recover_end, _ = self.system.deliver(TEXT_SIZE, self.plan.end_seconds)
        return self._row(recover_start, recover_end, again, large, middle)

    def _counters(self):
        return self.lab.censor.counters()["modes"]

    def _calm(self):
        """No mode, and a conversation that goes."""
        self.lab.censor.modes()
        for _ in range(3):
            try:
                if self.system.deliver(TEXT_SIZE, 30)[0] is not None:
                    return
            except (AttributeError, OSError, people.Failure):
                pass  # the cell before was broken off with the program closed
            self.system.close()
            self.system.open()
        raise RuntimeError("nothing arrives even without blocking")

    def _in_the_middle(self):
        """A conversation runs, the mode has just been switched on: the longest that a text takes now; None: one that does not
        arrive. Boxes that let some packets pass first are why one text says little."""
        longest = 0
        for _ in range(MIDDLE_TEXTS):
            ms, _ = self.system.deliver(TEXT_SIZE, self.plan.recover_seconds)
            if ms is None:
                return None
            longest = max(longest, ms)
        return longest

    def _let_it_learn(self):
        """Sessions for a mode that needs some before it acts."""
        for _ in range(self.mode.sessions):
            self.system.close()
            self.system.open()
            self.system.deliver(TEXT_SIZE, 5)
        time.sleep(self.mode.settle_seconds)

    def _fresh_start(self):
        """One run: somebody who has not met this network yet starts the program while the mode is on, and sends."""
        self.system.close()
        self.system.forget()
        if not self.mode.sessions:
            self.lab.censor.modes(*self.mode.specs)  # what the box did to the run before is over; what it has learnt, never
        before = self._counters()
        patient = not self.waited_long  # the first one that fails shows whether more patience helps
        started = time.monotonic()
        self.system.open()
        ms, used = self.system.deliver(TEXT_SIZE, self.plan.long_seconds if patient else self.plan.short_seconds, started=started)
        self.counts = total(self.counts, acted(before, self._counters()))
        in_time = ms is not None and ms <= self.plan.short_seconds * 1000
        self.first.append(ms if in_time else None)
        if ms is not None:
            self.used.append(used)
        if not in_time and patient:
            self.waited_long = 1
            self.delivered_long = int(ms is not None)

    def _remembering_start(self):
        """The same by one who knows the network from the run before; None: not delivered, or nothing to remember."""
        if self.first[-1] is None:
            return None
        self.system.close()
        started = time.monotonic()
        self.system.open()
        return self.system.deliver(TEXT_SIZE, self.plan.short_seconds, started=started)[0]

    def _large(self):
        """A picture out and one in, or a large text each, in the running conversation, as fields of the row."""
        out = back = None
        picture = self.system.takes_pictures
        tried = self.plan.large and self.first[-1] is not None and self.system.is_messenger
        if tried:
            size = PICTURE_SIZE if picture else min(LARGE_SIZE, self.system.text_max)
            deliver = self.system.deliver_picture if picture else self.system.deliver
            out, back = (deliver(size, self.plan.short_seconds, inward)[0] for inward in (False, True))
        row = {"large_tried": tried, "large_out_ms": None, "large_in_ms": None, "picture_out_ms": None, "picture_in_ms": None}
        kind = "picture" if picture else "large"
        return {**row, f"{kind}_out_ms": rounded(out), f"{kind}_in_ms": rounded(back)}

    def _row(self, recover_start, recover_end, again, large, middle):
        delivered = [each for each in self.first if each is not None]
        judged_long = len(delivered) + self.waited_long
        burned = sum(1 for server, (proxy, _) in self.lab.prober.verdicts.items() if proxy and self._is_ours(server))
        return {
            "mode": self.mode.name, "system": self.system.name, "runs": len(self.first),
            "delivered_60s": len(delivered) / len(self.first),
            "delivered_600s": (len(delivered) + self.delivered_long) / judged_long,
            "runs_600s": judged_long,
            "first_ms": [rounded(each) for each in self.first],
            "first_ms_p50": rounded(quantile(delivered, 0.5)), "first_ms_p95": rounded(quantile(delivered, 0.95)),
            "bytes": rounded(statistics.median(self.used)) if self.used else None,
            "again_ms": rounded(again), **large, "relays_burned": burned,
            "recover_start_ms": rounded(recover_start), "recover_end_ms": rounded(recover_end),
            "fired": bool(self.counts), "counters": total(middle, self.counts),
        }

    def _is_ours(self, server):
        return server.rpartition(":")[0] in self.system.addresses(self.system.own_hosts)
