"""Every limit that a home's configuration knows against the table of docs/home-limits.md: called by tools/tidy.

A limit is a key whose value is one of `limits`, or whose name ends in `_max`. A row is `| key | test |`, with the test as `file` `test`; the
test is there, and its file speaks of the limit by its name or by that of its member. A new key without a row, or a row without a key, is a
finding.
"""

import os
import re

TABLE = "docs/home-limits.md"
KEYS = ("src/home/config.cc", "src/home/config_operation_keys.h")
VISIT = re.compile(r'visit\(\s*"(\w+)",(?:(?:\s*"(?:\\.|[^"\\])*")+,)?\s*([\w.]+)\)')
TEST = re.compile(r"`([\w./-]+\.(?:py|cc))` `(\w+)`")


def limits_known(root):
    """The limits of the configuration: the name of its member by that of its key."""
    out = {}
    for path in KEYS:
        if not os.path.exists(os.path.join(root, path)):
            continue
        with open(os.path.join(root, path), encoding="utf-8") as file:
            for key, value in VISIT.findall(file.read()):
                if value.startswith("limits.") or key.endswith("_max"):
                    out[key] = value.split(".")[-1]
    return out


def check_test(root, key, member, named):
    """What is wrong with the test of one limit, in words."""
    if not named:
        return f"{key}: a row names its test: `file` `test`"
    path, test = named.groups()
    if not os.path.exists(os.path.join(root, path)):
        return None  # tools/tidy says so of every path in a document
    with open(os.path.join(root, path), encoding="utf-8") as file:
        text = file.read()
    if not re.search(rf"(?:def |\w, ){test}\b", text):
        return f"{key}: {path} has no test {test}"
    if not re.search(rf"\b(?:{key}|{member})\b", text):
        return f"{key}: {path} does not speak of it"
    return None


def check_limits(root):
    """All findings as (path, line, rule, message)."""
    known = limits_known(root)
    rows = {}
    if os.path.exists(os.path.join(root, TABLE)):
        with open(os.path.join(root, TABLE), encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                key = re.match(r"\| (\w+) \|", line)
                if key and key[1] != "key":
                    rows[key[1]] = (number, TEST.search(line))
    for key in sorted(known.keys() - rows.keys()):
        yield TABLE, 1, "limits", f"{key} is a limit of the configuration without a row, and so without a named test"
    for key, (number, named) in sorted(rows.items()):
        message = check_test(root, key, known[key], named) if key in known else f"{key} is no limit of the configuration"
        if message:
            yield TABLE, number, "limits", message
