#!/usr/bin/env python3
"""Makes the model of mode `learned` out of flow features that godwit-censor wrote with --features.

    train.py --ours FILE... --others FILE... --out model.json [--rounds 60] [--folds 5] [--fpr 0.001] [--seed 1]

`ours` are the flows to be recognised, `others` ordinary browsing: one JSON line per flow. For each stage (how many data packets a
flow has had when it is judged) it boosts one-level decision trees on the logistic loss, prints the detection rate at
the wanted rate of false alarms by cross validation, and writes a model trained on everything, with thresholds that share
the rate among the stages. Nothing but Python's own library is needed.

A rate of 0.001 wants some thousands of other flows: with fewer, the threshold lies above the highest score any of them had,
which the output says.
"""

import argparse
import bisect
import json
import math
import random
import sys

BINS = 24          # cuts tried for each feature
LEARNING = 0.3     # share of each tree's step that is taken
SMOOTHING = 1.0    # keeps the steps of rare leaves small
STEP_MAX = 4.0


def load(paths, label):
    """Flows as (label, {stage: {feature: value}})."""
    flows = []
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    stages = json.loads(line)["stages"]
                    flows.append((label, {int(stage): values for stage, values in stages.items()}))
                except (ValueError, KeyError, TypeError, AttributeError) as error:
                    sys.exit(f"train.py: {path}:{number}: not a flow's features: {error}")
    return flows


def cuts_of(column):
    """Up to BINS values between which the column's values lie evenly."""
    values = sorted(set(column))
    if len(values) <= BINS:
        return [(a + b) / 2 for a, b in zip(values, values[1:])]
    ordered = sorted(column)
    chosen = {ordered[len(ordered) * i // BINS] for i in range(1, BINS)}
    return sorted(chosen)


class Boosted:
    """A sum of stumps on the log-odds."""

    def __init__(self, rows, labels, rounds):
        features = range(len(rows[0]))
        cuts = [cuts_of([row[f] for row in rows]) for f in features]
        # Where each value lies among its feature's cuts: value > cuts[k] for all k < bin.
        bins = [[bisect.bisect_left(cuts[f], row[f]) for row in rows] for f in features]
        positive = sum(labels)
        self.bias = math.log((positive + 0.5) / (len(labels) - positive + 0.5))
        self.stumps = []
        scores = [self.bias] * len(rows)
        for _ in range(rounds):
            odds = [1 / (1 + math.exp(-max(-30.0, min(30.0, score)))) for score in scores]
            best = self.best_stump(bins, cuts, [y - p for y, p in zip(labels, odds)], [p * (1 - p) for p in odds])
            if best is None:
                break
            feature, cut, below, above = best
            self.stumps.append((feature, cuts[feature][cut], below, above))
            column = bins[feature]
            for i, bin_ in enumerate(column):
                scores[i] += above if bin_ > cut else below

    @staticmethod
    def best_stump(bins, cuts, gradients, weights):
        gradient_sum, weight_sum = sum(gradients), sum(weights)
        best, best_gain = None, 1e-9
        for feature, column in enumerate(bins):
            if not cuts[feature]:
                continue
            gradient_in = [0.0] * (len(cuts[feature]) + 1)
            weight_in = [0.0] * (len(cuts[feature]) + 1)
            for bin_, gradient, weight in zip(column, gradients, weights):
                gradient_in[bin_] += gradient
                weight_in[bin_] += weight
            gradient = weight = 0.0
            for cut in range(len(cuts[feature])):
                gradient += gradient_in[cut]
                weight += weight_in[cut]
                other, other_weight = gradient_sum - gradient, weight_sum - weight
                gain = gradient ** 2 / (weight + SMOOTHING) + other ** 2 / (other_weight + SMOOTHING)
                gain -= gradient_sum ** 2 / (weight_sum + SMOOTHING)
                if gain > best_gain:
                    steps = [max(-STEP_MAX, min(STEP_MAX, LEARNING * g / (w + SMOOTHING)))
                             for g, w in ((gradient, weight), (other, other_weight))]
                    best, best_gain = (feature, cut, *steps), gain
        return best

    def score(self, row):
        return self.bias + sum(above if row[f] > at else below for f, at, below, above in self.stumps)


def threshold_for(scores, rate):
    """The least threshold that no more than `rate` of the scores exceed."""
    ordered = sorted(scores, reverse=True)
    allowed = int(rate * len(ordered))
    # A little above the first score that must not exceed it, so that training and use do not differ by rounding.
    return ordered[allowed] + 1e-6 if allowed < len(ordered) else -math.inf


def stage_rows(flows, stage, names):
    chosen = [(label, stages[stage]) for label, stages in flows if stage in stages]
    return [[values[name] for name in names] for _, values in chosen], [label for label, _ in chosen]


def cross_validate(rows, labels, rounds, folds, shuffle):
    """A score for each row by a model that has not seen it."""
    order = list(range(len(rows)))
    shuffle.shuffle(order)
    scores = [0.0] * len(rows)
    for fold in range(folds):
        held = set(order[fold::folds])
        kept = [i for i in order if i not in held]
        model = Boosted([rows[i] for i in kept], [labels[i] for i in kept], rounds)
        for i in held:
            scores[i] = model.score(rows[i])
    return scores


def train_stage(flows, stage, options, rate):
    names = list(next(stages[stage] for _, stages in flows if stage in stages))
    rows, labels = stage_rows(flows, stage, names)
    positive, negative = sum(labels), len(labels) - sum(labels)
    if min(positive, negative) < options.folds:
        print(f"after {stage} packets: too few flows ({positive} ours, {negative} others)")
        return None
    scores = cross_validate(rows, labels, options.rounds, options.folds, random.Random(options.seed))
    ours = [score for score, label in zip(scores, labels) if label]
    others = [score for score, label in zip(scores, labels) if not label]
    threshold = threshold_for(others, rate)
    detected = sum(score > threshold for score in ours) / len(ours)
    wrong = sum(score > threshold for score in others) / len(others)
    note = "" if rate * len(others) >= 1 else "  (too few others for this rate: threshold above all of them)"
    print(f"after {stage} packets: {positive} ours, {negative} others; detection {detected:.4f} at false alarms "
          f"{wrong:.5f}{note}")
    model = Boosted(rows, labels, options.rounds)
    for feature, at, below, above in model.stumps[:5]:
        print(f"    {names[feature]} {'>' if above > below else '<='} {at:g}")
    return {"packets": stage, "bias": model.bias, "threshold": threshold, "detection": detected, "false_alarms": wrong,
            "stumps": [{"feature": names[feature], "at": at, "above": above, "below": below}
                       for feature, at, below, above in model.stumps]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--ours", nargs="+", required=True, help="feature files of the flows to be recognised")
    parser.add_argument("--others", nargs="+", required=True, help="feature files of ordinary browsing")
    parser.add_argument("--out", required=True, help="the model file to write")
    parser.add_argument("--rounds", type=int, default=60, help="trees per stage")
    parser.add_argument("--folds", type=int, default=5, help="of the cross validation")
    parser.add_argument("--fpr", type=float, default=0.001, help="false alarms allowed, over all stages")
    parser.add_argument("--seed", type=int, default=1, help="of the division into folds")
    options = parser.parse_args()
    flows = load(options.ours, 1) + load(options.others, 0)
    stages = sorted({stage for _, found in flows for stage in found})
    if not stages:
        sys.exit("train.py: no flow has features")
    models = [train_stage(flows, stage, options, options.fpr / len(stages)) for stage in stages]
    models = [model for model in models if model]
    if not models:
        sys.exit("train.py: no stage has enough flows of both kinds")
    with open(options.out, "w", encoding="utf-8") as out:
        json.dump({"fpr": options.fpr, "rounds": options.rounds, "stages": models}, out, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main()
