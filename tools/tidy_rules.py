"""The table of docs/rules.md against source and tests, each with the others: called by tools/tidy.

A row is `| MLS-042 | rule | section | where | test |`. `where` names `file` `function` pairs (files as in an #include),
and the number stands in each of these functions: in the text of a REQUIRE, or in a comment. If no line checks the rule,
it starts with "by construction: " and says how. `test` names `Suite.name`s, and the number stands in each of them or in
the comment above; or it starts with "no test: " and says why.
"""

import os
import re

TABLE = "docs/rules.md"
NUMBER = re.compile(r"\bMLS-\d{3}\b")
ROW = re.compile(r"\|\s*(MLS-\d+)\s*\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|\s*$")
PLACE = re.compile(r"`([\w./-]+\.(?:h|cc))` `([^`]+)`")
TEST = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)")
TEST_NAME = re.compile(r"`(\w+\.\w+)`")


def read_table(root):
    """Yields (line, match of ROW or None) for what starts like a row."""
    with open(os.path.join(root, TABLE), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if re.match(r"\|\s*MLS-", line):
                yield number, ROW.match(line)


def numbers_in(sources, scan):
    """{number: {(path without src/, function or None): line}} of code, and {number: {Suite.name or path:line: place}} of
    tests. A comment above a function or test belongs to it."""
    code, tests = {}, {}
    for source in sources:
        if not NUMBER.search(source.text):
            continue
        _, functions = scan(source.code)
        for match in NUMBER.finditer(source.text):
            line = source.text.count("\n", 0, match.start()) + 1
            inside = [f for f in functions if f.start <= match.start() < f.end]
            function = min(inside, key=lambda f: f.end - f.start) if inside else None
            if source.test:
                head = TEST.search(source.code, function.start, function.end) if function else None
                name = f"{head.group(1)}.{head.group(2)}" if head else None
                tests.setdefault(match.group(), {})[name] = source.path, line
            else:
                short = source.path[4:] if source.path.startswith("src/") else source.path
                code.setdefault(match.group(), {})[short, function.name if function else None] = source.path, line
    return code, tests


def check_row(line, row, code, tests):
    """One row against its number in the code and in the tests: {(file, function): place}, {Suite.name: place}."""
    number, _, _, where, test = (cell.strip() for cell in row.groups())
    places, names = set(PLACE.findall(where)), set(TEST_NAME.findall(test))
    if not places and not re.match(r"by construction: \S", where):
        yield TABLE, line, "rules", f"{number}: nothing checks it: `file` `function`, or by construction: how"
    for file, function in sorted(places - set(code)):
        yield TABLE, line, "rules", f"{number} does not stand in {function} of {file}"
    for (file, function), (path, at) in sorted(code.items(), key=str):
        if (file, function) not in places:
            yield path, at, "rules", f"{number} stands in {function or 'no function'} here; the table has it elsewhere"
    if not names and not re.match(r"no test: \S", test):
        yield TABLE, line, "rules", f"{number}: no test breaks it, and no word why"
    for name in sorted(names - set(tests)):
        yield TABLE, line, "rules", f"{number} does not stand at the test {name}"
    for name, (path, at) in sorted(tests.items(), key=str):
        if name not in names:
            yield path, at, "rules", f"{number} stands at {name or 'no test'}; the table does not name that"


def check_rules(root, sources, scan):
    """All findings as (path, line, rule, message). `sources`, `scan`: those of tools/tidy."""
    if not os.path.exists(os.path.join(root, TABLE)):
        return
    code, tests = numbers_in([s for s in sources if s.path.startswith("src/")], scan)
    seen = set()
    for line, row in read_table(root):
        if row is None:
            yield TABLE, line, "rules", "a row is: | id | rule | section | where | test |"
            continue
        number = row.group(1)
        if number in seen:
            yield TABLE, line, "rules", f"{number} stands twice"
        seen.add(number)
        yield from check_row(line, row, code.pop(number, {}), tests.pop(number, {}))
    for number in sorted({f"MLS-{n:03d}" for n in range(1, len(seen) + 1)} - seen):
        yield TABLE, 1, "rules", f"{number} is free: the numbers have no gaps"
    for left in (code, tests):
        for number, places in sorted(left.items()):
            for path, line in places.values():
                yield path, line, "rules", f"{number} is not in {TABLE}"
