"""`lab/run --learn N`: can our flows be told from ordinary ones by sizes, directions and times? Mode 18 made, and measured.

In labs of their own the client talks directly, through a bridge, and in small exchanges behind a curtain, N starts each (or as many
exchanges), while a crowd (crowd.py) visits sites. The censor describes every flow that crosses. Half of the flows of each kind
trains the model (train.py), the other half tests it: what is printed is of flows that the model has not seen.
"""

import json
import math
import os
import random
import subprocess
import sys
import threading
import time

from crowd import WITH_CROWD, Crowd
from godwit_system import Godwit, GodwitBridge
from lab import Lab
from modes import SUSPECT

HERE = os.path.dirname(os.path.abspath(__file__))
RATE = 0.001
CARRIERS = (("direct", Godwit, ()), ("bridge", GodwitBridge, ()), ("small", GodwitBridge, (f"curtain:dst={SUSPECT}",)))
CROWD_PER_START = 12  # visits beside each start of the client


def use(system, count, dice, is_small):
    """Starts of the program and conversations of some texts; where exchanges are small, one long conversation."""
    for _ in range(1 if is_small else count):
        system.close()
        system.forget()
        system.open()
        for _ in range(count if is_small else dice.randrange(1, 5)):
            system.deliver(int(min(1500, 20 + dice.lognormvariate(4, 1))), 30, inward=dice.random() < 0.4)
            time.sleep(dice.expovariate(0.7))


def collect(name, system_class, modes, count, folder, seed):
    """One lab; leaves NAME.ours and NAME.others in the folder."""
    raw, dice = os.path.join(folder, f"{name}.raw"), random.Random(seed)
    with Lab(seed, features=raw, hosts=WITH_CROWD) as lab:
        crowd = Crowd(lab, seed)
        crowd.start()
        system = system_class(lab)
        try:
            system.start_servers()
            system.open()
            threads = crowd.run(count * CROWD_PER_START, browsers=count // 10)
            if modes:
                lab.censor.modes(*modes)
                for _ in range(6):  # until it knows that it is behind a curtain
                    system.deliver(1500, 30)
            use(system, count, dice, bool(modes))
            for thread in threads:
                thread.join()
        finally:
            system.close()
            system.end()
        ours = set(system.addresses(system.own_hosts))
    with open(raw, encoding="utf-8") as lines, open(raw[:-3] + "ours", "w", encoding="utf-8") as own, \
            open(raw[:-3] + "others", "w", encoding="utf-8") as others:
        for line in lines:
            flow = json.loads(line)
            client, server = (flow[end].rpartition(":")[0] for end in ("client", "server"))
            if client == "203.0.113.10" and server in ours:
                own.write(line)
            elif client.startswith("203.0.113.1") and client != "203.0.113.10" and flow["protocol"] == "tcp":
                others.write(line)


def read(path):
    """The flows of a file."""
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def as_first(flow):
    """The flow as if its client had not called this server before: a person starts the program now and then, not forty times in five
    minutes as the lab does. Small exchanges keep what they have: there many calls are how it works."""
    never = {"calls": 0, "since_last_call": math.log10(1 + 300_000), "calls_even": 0, "call_bytes": 0}
    return {**flow, "stages": {stage: {**values, **never} for stage, values in flow["stages"].items()}}


def halves(flows, dice):
    """Two random halves."""
    flows = list(flows)
    dice.shuffle(flows)
    return flows[::2], flows[1::2]


def write(path, flows):
    """A file of flows."""
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(each) + "\n" for each in flows)


def interval(hits, count):
    """The 95 % interval of a share (Wilson)."""
    if not count:
        return 0.0, 1.0
    z, share = 1.96, hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def score(stage, values):
    """What the model gives for one description, as lab/censor/model.cc does."""
    return stage["bias"] + sum(each["above"] if values[each["feature"]] > each["at"] else each["below"] for each in stage["stumps"])


def caught(model, flow):
    """True if a stage of the model finds the flow."""
    return any(score(stage, flow["stages"][str(stage["packets"])]) > stage["threshold"]
               for stage in model["stages"] if str(stage["packets"]) in flow["stages"])


def weights(model, say):
    """How much each feature has to say: the sum of its steps, largest first."""
    for stage in model["stages"]:
        sums = {}
        for each in stage["stumps"]:
            sums[each["feature"]] = sums.get(each["feature"], 0) + abs(each["above"] - each["below"])
        best = sorted(sums.items(), key=lambda each: -each[1])[:10]
        say(f"  after {stage['packets']} packets: " + ", ".join(f"{name} {weight:.1f}" for name, weight in best))


def tell(model, tests, say):
    """The table: by kind, how many of the flows that were held out are found."""
    for name, flows in tests.items():
        hits = sum(caught(model, flow) for flow in flows)
        low, high = interval(hits, len(flows))
        share = hits / len(flows) if flows else 0
        say(f"  {name:8} {hits:5} of {len(flows):5} found: {share:8.3%}  (95 % interval {low:.3%} to {high:.3%})")


def train_and_tell(folder, say=print):
    """From the files of a folder to the model and the table."""
    dice = random.Random(7)
    measured = [carrier for carrier in CARRIERS if os.path.exists(os.path.join(folder, f"{carrier[0]}.ours"))]
    say("".join(f"{name}: no flows, its lab has failed\n" for name, _, _ in CARRIERS if name not in [each[0] for each in measured]), end="")
    sets = {name: halves([flow if modes else as_first(flow) for flow in read(os.path.join(folder, f"{name}.ours"))], dice)
            for name, _, modes in measured}
    others = halves([flow for name, _, _ in measured for flow in read(os.path.join(folder, f"{name}.others"))], dice)
    write(os.path.join(folder, "train.ours"), [flow for train, _ in sets.values() for flow in train])
    write(os.path.join(folder, "train.others"), others[0])
    out = os.path.join(folder, "model.json")
    done = subprocess.run([sys.executable, "-B", os.path.join(HERE, "censor", "train.py"), "--ours", os.path.join(folder, "train.ours"),
                           "--others", os.path.join(folder, "train.others"), "--out", out, "--fpr", str(RATE)],
                          check=True, capture_output=True, encoding="utf-8")
    say("training half, by cross validation:\n" + "".join(f"  {line}\n" for line in done.stdout.splitlines()))
    with open(out, encoding="utf-8") as file:
        model = json.load(file)
    say("what the model goes by:")
    weights(model, say)
    say("the half that it has not seen:")
    tell(model, {**{name: test for name, (_, test) in sets.items()}, "browsing": others[1]}, say)


def run(count, folder):
    """Collects, trains, tells; 0."""
    os.makedirs(folder, exist_ok=True)
    threads = [threading.Thread(target=collect, args=(*carrier, count, folder, 11 + index)) for index, carrier in enumerate(CARRIERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    train_and_tell(folder)
    return 0
