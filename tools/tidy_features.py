"""The table of docs/features.md, and those of what comes that should not, against the tests: called by tools/tidy.

A row is `| row | state | what there is | test |`. What is done or partly done names `file` `test` pairs, or a `file` alone
whose tests are named otherwise; each test is there. What is missing names none.

A row of a table `| what comes | ... | shown by |` names a `file` and then `tests` of it, or a program.
"""

import os
import re

TABLE = "docs/features.md"
BAD_INPUT = ("docs/operations.md", "docs/protocol/calls.md")
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
    for path, test in sentences + named:
        if test and not has_test(root, path, test):
            yield f"{name}: {path} has no test '{test}'"


def has_test(root, path, test):
    """False if the file is there and the test is not in it; that the file is not there tools/tidy says of every document."""
    if not os.path.exists(os.path.join(root, path)):
        return True
    with open(os.path.join(root, path), encoding="utf-8") as file:
        text = file.read()
    if path.endswith((".mjs", ".ts")):
        return re.search(rf"\b(?:test|it)\((['\"]){re.escape(test)}\1", text) is not None
    return re.search(rf"(?:def |\w, ){re.escape(test)}\b", text) is not None


def check_bad_input(root):
    """All findings as (path, line, rule, message), of the tables of what comes that should not."""
    for table in BAD_INPUT:
        if not os.path.exists(os.path.join(root, table)):
            continue
        inside = False
        with open(os.path.join(root, table), encoding="utf-8") as file:
            lines = file.read().split("\n")
        for number, line in enumerate(lines, 1):
            inside = line.startswith("| what comes |") or (inside and line.startswith("|"))
            if not inside or line.startswith(("| what comes |", "|---")):
                continue
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            spans = re.findall(r"`([^`]+)`", cells[-1])
            if len(cells) != 3 or not spans:
                yield table, number, "features", "a row is: | what comes | what comes of it | `file` `test` |"
            path = None
            for span in spans:
                if re.fullmatch(r"[\w./-]+\.(?:py|cc|mjs|ts)", span):
                    path = span
                elif path is not None and not has_test(root, path, span):
                    yield table, number, "features", f"{path} has no test '{span}'"


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
