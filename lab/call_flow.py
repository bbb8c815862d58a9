"""What of a call arrives: computed from what the browsers count (call_watch.js)."""

from typing import NamedTuple

STILL_MS = 500   # a picture that stands for longer is a freeze
HEARD = 1e-3     # energy of a stretch in which a beep was heard: it has some 0.05, silence 0.00001
COUNTS = ("taken", "shown", "energy", "samples", "made_up")


class Step(NamedTuple):
    """What was gained since the reading before."""

    at: int        # ms since 1970
    taken: int     # pictures that this side's camera gave
    shown: int     # pictures of the other side that were decoded
    energy: float  # of the sound that came out
    samples: int   # of it
    made_up: int   # of these: made up for what was lost, and not for silence


class Flow:
    """What one page gets and gives by the connections that it makes from now on."""

    def __init__(self, page):
        self.page = page
        self.steps = []
        self.last = None
        self.way = ""
        self.first = page.run("lab.begin()")

    def read(self):
        """Takes what the page has counted since."""
        for sample in self.page.run("lab.samples.splice(0)"):
            if sample["connection"] >= self.first or sample["connection"] < 0:
                self.take(sample)

    def take(self, sample):
        """One reading; a connection that is begun anew counts from nothing."""
        before = self.last if self.last and self.last["connection"] == sample["connection"] else dict.fromkeys(COUNTS, 0)
        self.steps.append(Step(sample["at"], *(max(0, sample[each] - before[each]) for each in COUNTS)))
        self.last = sample
        self.way = sample["way"] or self.way

    def between(self, start, end):
        """The steps of that time."""
        return [step for step in self.steps if start < step.at <= end]

    def arrived(self):
        """When the first picture and sound were both there; None: not yet."""
        seen = next((step.at for step in self.steps if step.shown), None)
        heard = next((step.at for step in self.steps if step.energy > HEARD), None)
        return None if seen is None or heard is None else max(seen, heard)


def pictures(receiver, sender, start, end):
    """The share of the pictures of the sender's camera that the receiver has decoded."""
    taken = sum(step.taken for step in sender.between(start, end))
    return min(1.0, sum(step.shown for step in receiver.between(start, end)) / taken) if taken else 0.0


def sounding(receiver, start, end):
    """The share of seconds in which the other's beeps were heard and at least half of the sound was not made up."""
    heard = seconds = 0
    while start + 1000 * (seconds + 1) <= end:
        steps = receiver.between(start + 1000 * seconds, start + 1000 * (seconds + 1))
        seconds += 1
        samples = sum(step.samples for step in steps)
        heard += sum(step.energy for step in steps) > HEARD and sum(step.made_up for step in steps) * 2 < samples
    return heard / seconds if seconds else 0.0


def gaps(steps, start, end, has):
    """How long each stretch without what `has` finds was, in ms, from `start` to `end`."""
    moments = [start, *(step.at for step in steps if start < step.at <= end and has(step)), end]
    return [after - before for before, after in zip(moments, moments[1:])]


def longest(flows, start, end, has):
    """The longest time without what `has` finds, in either direction."""
    return max(gap for flow in flows for gap in gaps(flow.steps, start, end, has))


def stood(flows, start, end):
    """The longest time without a reading: then a browser, and not the line, stood."""
    return longest(flows, start, end, lambda step: True)


def freezes(flow, start, end):
    """How often the picture stood for longer than half a second."""
    return sum(gap > STILL_MS for gap in gaps(flow.steps, start, end, lambda step: step.shown))


def of_window(user, friend, start, end):
    """All of a stretch of time, as fields of a row; out is from the user to the friend."""
    return {
        "seconds": round((end - start) / 1000),
        "pictures_out": round(pictures(friend, user, start, end), 3), "pictures_in": round(pictures(user, friend, start, end), 3),
        "sound_out": round(sounding(friend, start, end), 3), "sound_in": round(sounding(user, start, end), 3),
        "freezes_out": freezes(friend, start, end), "freezes_in": freezes(user, start, end),
        "sound_gap_ms": round(longest((user, friend), start, end, lambda step: step.energy > HEARD)),
        "stood_ms": round(stood((user, friend), start, end)),
        "picture_gap_ms": round(longest((user, friend), start, end, lambda step: step.shown)),
    }
