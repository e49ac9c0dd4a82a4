"""docs/THREATS.md is true about its tests: each row of its table names at least one, and each one named is an entry of
CTest.

usage: threats.py SOURCE_DIR BUILD_DIR ...
"""
import os
import re
import subprocess
import sys

COLUMNS = 4


def tests_of(build):
    out = subprocess.run(["ctest", "--test-dir", build, "-N"], capture_output=True, text=True, timeout=120, check=True)
    return set(re.findall(r"^\s*Test\s+#\d+: (\S+)", out.stdout, re.M))


def rows_of(path):
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            if line.startswith("|") and not re.match(r"^\|\s*(entry point|-+)", line):
                yield n, [c.strip() for c in line.strip().strip("|").split("|")]


def faults_of(path, tests):
    rows = list(rows_of(path))
    if len(rows) < 30:
        yield f"only {len(rows)} rows"
    for n, cells in rows:
        if len(cells) != COLUMNS:
            yield f"line {n}: {len(cells)} columns, not {COLUMNS}"
            continue
        names = [w for w in re.split(r"[,\s]+", cells[-1]) if w]
        if not names:
            yield f"line {n}: no test"
        for name in names:
            if name.strip("`") not in tests:
                yield f"line {n}: there is no test {name}"
        if not cells[1] or not cells[2]:
            yield f"line {n}: an attack without a defence, or the other way round"


def main():
    path = os.path.join(sys.argv[1], "docs/THREATS.md")
    tests = tests_of(sys.argv[2])
    assert len(tests) > 100, f"only {len(tests)} tests"
    faults = list(faults_of(path, tests))
    print("\n".join(faults) or "every row of docs/THREATS.md has its tests")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
