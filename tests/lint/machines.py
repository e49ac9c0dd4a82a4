#!/usr/bin/env python3
"""Every state machine has its diagram, its table, one setter and one assert (STYLE rule 18):

    machines.py [ROOT]     prints what is missing, exits 1 then

A machine is a `bool x_may_follow(enum x_state from, enum x_state to)` in a header: that header draws it, one line in src writes
its state (`->state = to`), in a function that asserts the table first, and a unit test calls the table.
"""
import glob
import os
import re
import sys

TABLE = re.compile(r"bool (\w+_may_follow)\(enum (\w+) from, enum \2 to\);")
SETTER = re.compile(r"^(?:static )?\w[\w \*]*\n?\w+\([^{;]*\)\n\{\n(?:.*\n)*?\}\n", re.M)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def main(root):
    sources = {p: read(p) for p in glob.glob(os.path.join(root, "src", "**", "*.c"), recursive=True)}
    tests = "".join(read(p) for p in glob.glob(os.path.join(root, "tests", "unit", "**", "*.c"), recursive=True))
    faults, machines = [], 0
    for path in sorted(glob.glob(os.path.join(root, "src", "**", "*.h"), recursive=True)):
        text = read(path)
        for table, states in TABLE.findall(text):
            machines += 1
            name = os.path.relpath(path, root)
            if "->" not in text.split("#ifndef")[0]:
                faults.append(f"{name}: no diagram of {states} in its first comment")
            setters = [f for source in sources.values() for f in SETTER.findall(source)
                       if re.search(r"TR_ASSERT\(" + table + r"\(", f)]
            writers = [f for f in setters if len(re.findall(r"(?:->|\.)state = ", f)) == 1]
            if len(setters) != 1 or len(writers) != 1:
                faults.append(f"{name}: {states} is written in {len(writers)} functions that assert {table}, one is wanted")
            if table + "(" not in tests:
                faults.append(f"{name}: no unit test asks {table}")
    if machines < 4:
        faults.append(f"only {machines} machines found")
    print("\n".join(faults) or f"{machines} state machines: diagram, table, one setter, one assert, a test")
    return 1 if faults else 0


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "..")))
