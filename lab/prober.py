#!/usr/bin/env python3
"""The active prober of mode 13: asks a suspect what a client would never ask, and compares it with a plain nginx.

    prober.py --target ADDR:PORT --reference ADDR:PORT [--count N] [--first-payload FILE] [--patience S]

Five forms: a TLS hello without a name and then GET /, GET / in the clear, 50 random bytes, a byte-exact replay of the
first payload of an earlier client, and one with a byte changed. Alone it prints, form by form, what differs between the two
and how often somebody who saw one answer could say from which of them it came (50 % is chance); it must then be started
where both can be reached (`lab/run --probe` does). The lab itself uses Prober, from the probe host.
"""

import argparse
import base64
import collections
import concurrent.futures
import math
import os
import random
import socket
import ssl
import statistics
import threading
import time
from typing import NamedTuple

FORMS = ("no-name", "get", "random", "replay", "changed")
PATIENCE = 5.0      # seconds without a byte after which a connection counts as left open
READ_MAX = 1 << 20
PARALLEL = 64
SIGNIFICANCE = 0.05
TIMES = ("first_ms", "close_ms")
VERDICT_COUNT = 3   # probes of each form before a verdict


class Reply(NamedTuple):
    """What one probe saw."""

    shape: str        # of the bytes: what kind of records or which status and headers
    close: str        # closed, reset, open, refused
    size: int         # bytes that came
    first_ms: float   # until the first byte; -1: none
    close_ms: float   # until the end; -1: left open


def shape_of(data):
    """What the bytes are, without what is random in them."""
    if not data:
        return "nothing"
    if data.startswith(b"HTTP/"):
        head = data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        names = [line.partition(":")[0] for line in head[1:]]
        server = [line.partition(":")[2].strip() for line in head[1:] if line.lower().startswith("server:")]
        return f"{head[0]} [{' '.join(names)}] {' '.join(server)}".strip()
    records, at = [], 0
    while at + 5 <= len(data) and data[at] in (20, 21, 22, 23) and data[at + 1] == 3:
        size = int.from_bytes(data[at + 3:at + 5], "big")
        if data[at] == 21 and size == 2:
            records.append(f"alert {data[at + 6]}" if at + 6 < len(data) else "alert")
        elif data[at] == 22:
            records.append(f"handshake {data[at + 5]}" if at + 5 < len(data) else "handshake")
        else:
            records.append({20: "ccs", 23: "data", 21: "sealed alert"}[data[at]])
        at += 5 + size
    # How many records the encrypted part is cut into depends on the certificate, which is each site's own.
    kept = [each for index, each in enumerate(records) if index == 0 or each != records[index - 1]]
    return " ".join(kept) if records else f"other {len(data)} bytes"


class Exchange:
    """Sends bytes on one connection and notes what comes back."""

    def __init__(self, connection, patience):
        self.connection, self.patience = connection, patience
        self.started = time.monotonic()
        self.data, self.first_ms = b"", -1.0

    def run(self, payload):
        """One reply."""
        self.connection.settimeout(self.patience)
        try:
            self.connection.sendall(payload)
            while len(self.data) < READ_MAX:
                part = self.connection.recv(65536)
                if not part:
                    return self._reply("closed", self._now())
                if self.first_ms < 0:
                    self.first_ms = self._now()
                self.data += part
            return self._reply("open", -1.0)
        except socket.timeout:
            return self._reply("open", -1.0)
        except OSError:
            return self._reply("reset", self._now())

    def _now(self):
        return (time.monotonic() - self.started) * 1000

    def _reply(self, close, when):
        return Reply(shape_of(self.data), close, len(self.data), self.first_ms, when)


def no_name(raw, patience):
    """A TLS handshake without a name, and GET / in it."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    started = time.monotonic()
    raw.settimeout(patience)
    try:
        with context.wrap_socket(raw) as connection:
            shook = (time.monotonic() - started) * 1000
            reply = Exchange(connection, patience).run(b"GET / HTTP/1.1\r\nHost: example\r\nConnection: close\r\n\r\n")
            shape = f"{connection.version()} {connection.cipher()[0]}, {reply.shape}"
            return reply._replace(shape=shape, first_ms=shook)
    except ssl.SSLError as error:
        return Reply(f"tls: {error.reason}", "closed", 0, -1.0, (time.monotonic() - started) * 1000)
    except socket.timeout:
        return Reply("nothing", "open", 0, -1.0, -1.0)
    except OSError:
        return Reply("nothing", "reset", 0, -1.0, (time.monotonic() - started) * 1000)


def payload_of(form, first_payload, dice):
    """What a form sends; None for the one that does a handshake, and for replays when there is nothing to replay."""
    if form == "get":
        return b"GET / HTTP/1.1\r\nHost: example\r\n\r\n"
    if form == "random":
        return dice.randbytes(50)
    if form == "replay":
        return first_payload
    if form == "changed" and first_payload:
        at = dice.randrange(len(first_payload))
        return first_payload[:at] + bytes([first_payload[at] ^ (1 + dice.randrange(255))]) + first_payload[at + 1:]
    return None


def probe(connect, form, first_payload, dice, patience=PATIENCE):
    """One probe; `connect` gives a connected socket. None if the form needs a first payload and there is none."""
    payload = payload_of(form, first_payload, dice)
    if payload is None and form != "no-name":
        return None
    try:
        raw = connect()
    except OSError:
        return Reply("nothing", "refused", 0, -1.0, -1.0)
    with raw:
        return no_name(raw, patience) if form == "no-name" else Exchange(raw, patience).run(payload)


def connector(address, port):
    """What `probe` wants, from wherever the caller is."""
    return lambda: socket.create_connection((address, port), timeout=10)


def gather(connect, form, first_payload, count, patience, seed):
    """`count` probes of one form, many at a time. Both sides get the same payloads: they come from the seed."""
    dice = [random.Random(seed * 1_000_003 + index) for index in range(count)]
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        replies = list(pool.map(lambda each: probe(connect, form, first_payload, each, patience), dice))
    return [each for each in replies if each is not None]


class Guess(NamedTuple):
    """How well somebody names the right one of two from one reply by one feature, having learnt on the first half."""

    feature: str
    right: int
    of: int

    @property
    def rate(self):
        """Of the guesses, those that were right."""
        return self.right / self.of if self.of else 0.5

    @property
    def chance(self):
        """How likely tossing a coin is to be right so often: a one-sided binomial test, by its normal approximation with the
        correction for continuity."""
        if not self.of:
            return 1.0
        return 0.5 * math.erfc((self.right - 0.5 - self.of / 2) / math.sqrt(self.of / 4) / math.sqrt(2))


def guesses(ours, theirs):
    """A Guess for each feature of a reply."""
    half = min(len(ours), len(theirs)) // 2
    if half == 0:
        return [Guess(feature, 0, 0) for feature in Reply._fields]
    found = []
    for feature in Reply._fields:
        learnt = ([getattr(each, feature) for each in side[:half]] for side in (ours, theirs))
        judge = judge_words(*learnt) if isinstance(getattr(ours[0], feature), str) else judge_numbers(*learnt)
        right = sum(judge(getattr(each, feature)) for each in ours[half:])
        right += sum(not judge(getattr(each, feature)) for each in theirs[half:])
        found.append(Guess(feature, right, len(ours) + len(theirs) - 2 * half))
    return found


def guess_rate(ours, theirs):
    """The rate and the name of the best feature; (0.5, "nothing") if none beats a coin."""
    best = max(guesses(ours, theirs), key=lambda each: each.rate)
    return (best.rate, best.feature) if best.rate > 0.5 else (0.5, "nothing")


def judge_words(ours, theirs):
    """True for a value that was seen more often on our side."""
    here, there = collections.Counter(ours), collections.Counter(theirs)
    return lambda value: here[value] > there[value]


def judge_numbers(ours, theirs):
    """True on our side of the best threshold."""
    values = sorted((value, own) for own, side in ((True, ours), (False, theirs)) for value in side)
    best, cut, below = 0, None, True
    own_left = other_left = 0
    for index, (value, own) in enumerate(values):
        own_left, other_left = own_left + own, other_left + (not own)
        if index + 1 < len(values) and values[index + 1][0] == value:
            continue
        right = own_left + len(theirs) - other_left  # "below is ours"
        for score, side in ((right, True), (len(values) - right, False)):
            if score > best:
                best, cut, below = score, value, side
    return lambda value: (value <= cut) == below


class Prober:
    """Answers the censor's suspicions from the probe host of a lab."""

    def __init__(self, topology, censor, reference, seed=1):
        self.topology, self.censor, self.reference = topology, censor, reference
        self.dice = random.Random(seed)
        self.verdicts = {}  # "ADDR:PORT" -> (proxy, what differed)
        self.lock = threading.Lock()
        censor.on_suspect = lambda event: threading.Thread(target=self.answer, args=(event,), daemon=True).start()

    def _connect(self, place):
        address, _, port = place.rpartition(":")
        return lambda: self.topology.within("probe", connector(address.strip("[]"), int(port)))

    def answer(self, event):
        """Probes a suspect and tells the censor."""
        server = event["server"]
        proxy, why = self.judge(server, base64.b64decode(event["first_payload"]))
        with self.lock:
            self.verdicts[server] = (proxy, why)
        try:
            self.censor.verdict(server, proxy)
        except (OSError, ValueError):
            pass  # the lab is being taken away

    def judge(self, server, first_payload):
        """Whether it is a proxy, and why: any form that it answers otherwise than a plain nginx."""
        for form in FORMS:
            seed = self.dice.randrange(1 << 30)
            there = gather(self._connect(self.reference), form, first_payload, VERDICT_COUNT, PATIENCE, seed)
            here = gather(self._connect(server), form, first_payload, VERDICT_COUNT, PATIENCE, seed)
            for ours, plain in zip(here, there):
                if (ours.shape, ours.close) != (plain.shape, plain.close):
                    return True, f"{form}: {ours.shape} ({ours.close}), a plain nginx: {plain.shape} ({plain.close})"
        return False, "answers as a plain nginx does"


def middle(values):
    """A median for people; "-" where there is none."""
    real = [each for each in values if each >= 0]
    return f"{statistics.median(real):.1f} ms" if real else "-"


def describe(replies):
    """The replies of one side in one line per kind."""
    kinds = collections.Counter((each.shape, each.close) for each in replies)
    lines = [f"{count:5} x {shape} ({close})" for (shape, close), count in kinds.most_common(4)]
    lines.append(f"        first byte {middle([each.first_ms for each in replies])}, "
                 f"end {middle([each.close_ms for each in replies])}")
    return lines


def gather_both(connects, form, first_payload, count, patience):
    """The replies of two servers to the same payloads. Which is asked before which is chance, probe by probe: else what this machine
    does meanwhile would tell them apart."""
    order = [(side, index) for index in range(count) for side in range(2)]
    random.Random(count).shuffle(order)

    def one(task):
        side, index = task
        return side, probe(connects[side], form, first_payload, random.Random(index), patience)

    both = ([], [])
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        for side, reply in pool.map(one, order):
            if reply is not None:
                both[side].append(reply)
    return both


def compare(connect, connect_reference, first_payload, count, patience, say=print):
    """Prints the table; True if the two can be told apart by what they say: a guess so good that a coin would have it in a share of
    less than SIGNIFICANCE of experiments like this one, all forms and features counted (Bonferroni). What is said by time has to be
    read beside the same of two servers that are equal: a busy machine is not fair to both, and replies of one moment are alike."""
    found = []
    for form in FORMS:
        ours, theirs = gather_both((connect, connect_reference), form, first_payload, count, patience)
        if not ours or not theirs:
            say(f"{form}: no first payload to replay")
            continue
        found += guesses(ours, theirs)
        best = max(found[-len(Reply._fields):], key=lambda each: each.rate)
        say(f"{form}: right in {best.rate:.1%} of {best.of} guesses, best by {best.feature} (a coin: p = {best.chance:.2g})")
        for who, side in (("target", ours), ("reference", theirs)):
            for line in describe(side):
                say(f"  {who:9} {line}")
    said, timed = ([each for each in found if (each.feature in TIMES) == is_time] for is_time in (False, True))
    for what, those in (("by what is said", said), ("by time", timed)):
        best = min(those, key=lambda each: each.chance)
        p = min(1.0, best.chance * len(those))
        say(f"{what}: {'told apart' if p < SIGNIFICANCE else 'not told apart'}; the best of {len(those)} guessers ({best.feature}) is right "
            f"in {best.rate:.1%} of {best.of}; a coin does as well with p = {p:.2g} among so many")
    return min(each.chance for each in said) * len(said) < SIGNIFICANCE


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--target", required=True)
    parser.add_argument("--reference", required=True)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--patience", type=float, default=PATIENCE)
    parser.add_argument("--first-payload")
    options = parser.parse_args()
    first_payload = None
    if options.first_payload:
        with open(os.fspath(options.first_payload), "rb") as file:
            first_payload = file.read()
    places = [(each.rpartition(":")[0].strip("[]"), int(each.rpartition(":")[2]))
              for each in (options.target, options.reference)]
    compare(connector(*places[0]), connector(*places[1]), first_payload, options.count, options.patience)


if __name__ == "__main__":
    main()
