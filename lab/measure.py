"""One cell of the report: one system under one mode."""

import statistics
import time
from typing import NamedTuple

TEXT_SIZE = 200
LARGE_SIZE = 100_000  # as much as one text of Godwit holds; Prosody takes up to 256 KiB
SHORT_SECONDS = 60


class Plan(NamedTuple):
    """How long and how often."""

    runs: int = 3
    short_seconds: float = SHORT_SECONDS  # a message within this is "delivered_60s"
    long_seconds: float = 600             # the first run that fails waits for so long: "delivered_600s"
    recover_seconds: float = 120          # how long a running conversation may take to go on
    large: bool = True                    # a larger text as well


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

    def run(self):
        """The row."""
        self._calm()
        self.lab.censor.modes(*self.mode.specs)
        before = self.lab.censor.counters()["modes"]
        recover_start, _ = self.system.deliver(TEXT_SIZE, self.plan.recover_seconds)
        self._let_it_learn()
        for _ in range(self.plan.runs):
            self._fresh_start()
        large = self._large()
        counts = acted(before, self.lab.censor.counters()["modes"])
        self.lab.censor.modes()
        recover_end, _ = self.system.deliver(TEXT_SIZE, self.plan.recover_seconds)
        return self._row(recover_start, recover_end, large, counts)

    def _calm(self):
        """No mode, and a conversation that goes."""
        self.lab.censor.modes()
        for _ in range(2):
            if self.system.deliver(TEXT_SIZE, 30)[0] is not None:
                return
            self.system.close()
            self.system.open()
        raise RuntimeError("nothing arrives even without blocking")

    def _let_it_learn(self):
        """Sessions for a mode that needs some before it acts."""
        for _ in range(self.mode.sessions):
            self.system.close()
            self.system.open()
            self.system.deliver(TEXT_SIZE, 5)
        time.sleep(self.mode.settle_seconds)

    def _fresh_start(self):
        """One run: the program starts while the mode is on, and sends."""
        self.system.close()
        self.system.open()
        patient = not self.waited_long  # the first one that fails shows whether more patience helps
        ms, used = self.system.deliver(TEXT_SIZE, self.plan.long_seconds if patient else self.plan.short_seconds)
        in_time = ms is not None and ms <= self.plan.short_seconds * 1000
        self.first.append(ms if in_time else None)
        if ms is not None:
            self.used.append(used)
        if not in_time and patient:
            self.waited_long = 1
            self.delivered_long = int(ms is not None)

    def _large(self):
        """A larger text out and one in, in the running conversation, as fields of the row."""
        tried = self.plan.large and self.first[-1] is not None and self.system.is_messenger
        if not tried:
            return {"large_tried": False, "large_out_ms": None, "large_in_ms": None}
        size = min(LARGE_SIZE, self.system.text_max)
        out, back = (self.system.deliver(size, self.plan.short_seconds, inward)[0] for inward in (False, True))
        return {"large_tried": True, "large_out_ms": rounded(out), "large_in_ms": rounded(back)}

    def _row(self, recover_start, recover_end, large, counts):
        delivered = [each for each in self.first if each is not None]
        judged_long = len(delivered) + self.waited_long
        burned = sum(1 for server, (proxy, _) in self.lab.prober.verdicts.items() if proxy and self._is_ours(server))
        return {
            "mode": self.mode.name, "system": self.system.name, "runs": len(self.first),
            "delivered_60s": len(delivered) / len(self.first),
            "delivered_600s": (len(delivered) + self.delivered_long) / judged_long,
            "runs_600s": judged_long,
            "first_ms_p50": rounded(quantile(delivered, 0.5)), "first_ms_p95": rounded(quantile(delivered, 0.95)),
            "bytes": rounded(statistics.median(self.used)) if self.used else None,
            **large, "relays_burned": burned,
            "recover_start_ms": rounded(recover_start), "recover_end_ms": rounded(recover_end),
            "fired": bool(counts), "counters": counts,
        }

    def _is_ours(self, server):
        return server.rpartition(":")[0] in self.system.addresses(self.system.own_hosts)
