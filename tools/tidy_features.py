"""The table of docs/features.md against the tests: called by tools/tidy.

A row is `| row | state | what there is | test |`. What is done or partly done names `file` `test` pairs, or a `file` alone
whose tests are named otherwise; each test is there. What is missing names none.
"""

import os
import re

TABLE = "docs/features.md"
STATES = ("done", "partly", "missing")
TEST = re.compile(r"`([\w./-]+\.(?:py|cc))`(?: `(\w+)`)?")
PAGE_TEST = re.compile(r"`([\w./-]+\.test\.(?:mjs|ts))`(?: `([^`]+)`)?")


def check_row(root, cells):
    """What is wrong with one row, in words."""
    name, state, _, tests = cells
    named = TEST.findall(tests)
    sentences = PAGE_TEST.findall(tests)
    if state not in STATES:
        yield f"{name}: the state is {', '.join(STATES)}"
    if (state == "missing") == bool(named or sentences):
        yield f"{name}: {state}, with {len(named) + len(sentences)} tests"
    for path, test in sentences:
        if os.path.exists(os.path.join(root, path)):
            with open(os.path.join(root, path), encoding="utf-8") as file:
                text = file.read()
                if test and not re.search(rf"\b(?:test|it)\((['\"]){re.escape(test)}\1", text):
                    yield f"{name}: {path} has no test '{test}'"
    for path, test in named:
        if not os.path.exists(os.path.join(root, path)):
            continue  # tools/tidy says so of every path in a document
        with open(os.path.join(root, path), encoding="utf-8") as file:
            if test and not re.search(rf"(?:def |\w, ){test}\b", file.read()):
                yield f"{name}: {path} has no test {test}"


def check_features(root):
    """All findings as (path, line, rule, message)."""
    if not os.path.exists(os.path.join(root, TABLE)):
        return
    with open(os.path.join(root, TABLE), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.startswith("| ") or line.startswith(("| row ", "| **")):
                continue
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if len(cells) != 4:
                yield TABLE, number, "features", "a row is: | row | state | what there is | test |"
                continue
            for message in check_row(root, cells):
                yield TABLE, number, "features", message
