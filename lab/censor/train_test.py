#!/usr/bin/env python3
"""train.py on made-up flows of which it is known how well they can be told apart."""

import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

TRAIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "train.py")


def flow(dice, first, calls):
    values = {"size_1": first, "noise": dice.random(), "calls": calls}
    return json.dumps({"label": "", "stages": {"6": values, "20": dict(values)}})


class Train(unittest.TestCase):
    def train(self, ours, others, *more):
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("ours", "others", "model")]
            for path, lines in zip(paths, (ours, others)):
                with open(path, "w") as file:
                    file.write("\n".join(lines))
            done = subprocess.run([sys.executable, TRAIN, "--ours", paths[0], "--others", paths[1], "--out", paths[2],
                                   "--rounds", "20", *more], capture_output=True, text=True)
            if done.returncode != 0:
                return done, None
            with open(paths[2]) as file:
                return done, json.load(file)

    def test_flows_that_differ_are_detected_without_false_alarms(self):
        dice = random.Random(1)
        ours = [flow(dice, 500 + dice.randrange(20), 5) for _ in range(300)]
        others = [flow(dice, 600 + dice.randrange(900), dice.randrange(3)) for _ in range(1200)]
        done, model = self.train(ours, others)
        self.assertEqual([stage["packets"] for stage in model["stages"]], [6, 20])
        for stage in model["stages"]:
            self.assertEqual(stage["detection"], 1.0)
            self.assertEqual(stage["false_alarms"], 0.0)
            self.assertLessEqual({stump["feature"] for stump in stage["stumps"][:1]}, {"size_1", "calls"})
        self.assertIn("detection 1.0000", done.stdout)

    def test_flows_that_do_not_differ_are_not_detected(self):
        dice = random.Random(2)
        ours, others = ([flow(dice, dice.randrange(1000), dice.randrange(3)) for _ in range(400)] for _ in range(2))
        _, model = self.train(ours, others, "--fpr", "0.02")
        for stage in model["stages"]:
            self.assertLess(stage["detection"], 0.08)
            self.assertLessEqual(stage["false_alarms"], 0.01)

    def test_lines_that_are_no_features_are_named(self):
        done, _ = self.train(['{"label": ""}'], ['{"stages": {}}'])
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("ours:1", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
