"""The calls of `make test`: a call through the home lives through mode `calls` and can be begun under it; plain WebRTC does neither. What
decides is what arrives, never how soon: each wait ends when it has come."""

from call_flow import HEARD
from call_people import GodwitCalls, PlainCalls
from calling import CallCell
from lab import Lab
from measure import acted
from modes import chosen

PATIENCE_SECONDS = 60
PICTURES = 30        # of so many in each direction a call is said to go on
SOUNDS = 20          # readings in which something was heard
DROPPED = 60         # packets of a call that the box must have dropped before nothing having come means something
STANDS_READINGS = 30  # so many readings of both pages without a picture: it is over


class Judge:
    """One call at a time under the two modes."""

    def __init__(self, lab, say):
        self.lab, self.say = lab, say
        self.wrong = 0

    def that(self, holds, text):
        """Notes and prints a claim."""
        self.say(f"{'holds' if holds else 'WRONG'}: {text}")
        self.wrong += not holds

    def dropped(self, before):
        """How many packets the modes in force have dropped since."""
        counts = acted(before, self.lab.censor.counters()["modes"]).values()
        return sum(count for of_mode in counts for what, count in of_mode.items() if what.endswith(("dropped", "degraded")))

    def counters(self):
        """What the modes have counted so far."""
        return self.lab.censor.counters()["modes"]


def goes_on(cell):
    """True once enough has come in both directions, from now on."""
    ends = [len(flow.steps) for flow in cell.flows]

    def enough():
        new = [flow.steps[end:] for flow, end in zip(cell.flows, ends)]
        return all(sum(step.shown for step in steps) >= PICTURES and sum(step.energy > HEARD for step in steps) >= SOUNDS for steps in new)

    return cell.wait(enough, PATIENCE_SECONDS)


def stands(cell):
    """True once no picture has come for many readings in either direction."""
    return cell.wait(lambda: all(len(flow.steps) >= STANDS_READINGS and not any(step.shown for step in flow.steps[-STANDS_READINGS:])
                                 for flow in cell.flows), PATIENCE_SECONDS)


def judge_godwit(judge, system, control, mode):
    """Set-up without a mode, through its beginning, and under it."""
    cell = CallCell(judge.lab, system, mode)
    system.open()
    judge.that(cell.begin()[1] is not None, "control: the two see and hear each other through the home")
    judge.that("relay tcp turn:127.0.0.1:" in cell.flows[0].way, f"their media go to the home as messages do ({cell.flows[0].way})")
    judge.lab.censor.modes(*mode.specs)
    judge.that(goes_on(cell), "calls: a call that runs when the mode begins goes on")
    system.hang_up()
    judge.that(cell.begin()[1] is not None, "calls: a call is begun under the mode")
    judge.lab.censor.modes(*control.specs)
    system.close()


def judge_plain(judge, system, control, mode):
    """The same for the baseline, which must die of it: else the mode would prove nothing."""
    cell = CallCell(judge.lab, system, mode)
    system.open()
    judge.that(cell.begin()[1] is not None, "control: plain WebRTC connects")
    judge.lab.censor.modes(*mode.specs)
    judge.that(stands(cell), "calls: its picture stops when the mode begins")
    system.hang_up()
    before = judge.counters()
    cell.begin(timeout=0)
    hidden = cell.wait(lambda: judge.dropped(before) >= DROPPED or any(flow.arrived() for flow in cell.flows), PATIENCE_SECONDS)
    judge.that(hidden and not any(flow.arrived() for flow in cell.flows), f"calls: it does not connect; {judge.dropped(before)} packets of it were dropped")
    judge.lab.censor.modes(*control.specs)
    system.close()


def run(seed, say):
    """0 if all of it holds."""
    control, mode = chosen(("control", "calls"))
    with Lab(seed) as lab:
        judge = Judge(lab, say)
        for kind, judging in ((GodwitCalls, judge_godwit), (PlainCalls, judge_plain)):
            system = kind(lab)
            try:
                system.start_servers()
                judging(judge, system, control, mode)
            finally:
                system.end()
    return 1 if judge.wrong else 0
