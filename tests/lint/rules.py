#!/usr/bin/env python3
"""Every rule and every worked case of the trading specification is named where it is built and where it is tested:

    rules.py [ROOT]     prints what is not, exits 1 then; 77 when ../shared/spec is not there
    rules.py selftest   the reading of tags itself

A tag (RK-12) counts in src and in tests when it stands there as a word, or inside a range ("RE-1 to RE-16"). A worked case (G54)
counts when a test names it; those of spec/platform.md stand in tests as D-G25. PLATFORM tells which of the latter concern
trading rules and position sizes; the others belong to other parts and are checked there.
"""
import os
import re
import sys

FAMILIES = "P|RT|RK|RE|PC|EX|SY|SH"
TAG = re.compile(rf"\b({FAMILIES})-(\d+)\b")
RANGE = re.compile(rf"\b({FAMILIES})-(\d+)(?: to |\.\.| - )(?:({FAMILIES})-)?(\d+)\b")

# Described for completeness: nothing of it is ours to build, with the reason.
NOT_BUILT = {
    "P-27": "what the old parser left out; P-20 [REC] reads all layouts",
    "P-30": "names of a Python dictionary that never came over the wire",
    "RT-7": "declared weights that nothing ever read",
}
PLATFORM = {"G01", "G02", "G03", "G04", "G04b", "G06", "G24", "G25", "G26b"}


def tags_of(text):
    found = {f"{family}-{int(n)}" for family, n in TAG.findall(text)}
    for family, first, again, last in RANGE.findall(text):
        if again in ("", family):
            found.update(f"{family}-{n}" for n in range(int(first), int(last) + 1))
    return found


def goldens_of(text):
    found = set(re.findall(r"G\d+[a-z]?(?![\w])", re.sub(r"_", " ", text)))
    for first, last in re.findall(r"G(\d+) (?:to|-) G(\d+)", text):
        found.update(f"G{n:02}" for n in range(int(first), int(last) + 1))
    return found


def texts(root, folder):
    for here, folders, names in os.walk(os.path.join(root, folder)):
        folders[:] = [f for f in folders if f not in ("lint", "__pycache__")]
        for name in names:
            if name.endswith((".c", ".h", ".py", ".json")):
                with open(os.path.join(here, name), encoding="utf-8", errors="replace") as f:
                    yield f.read()


def check(root):
    spec = os.path.join(root, "..", "shared", "spec")
    if not os.path.exists(os.path.join(spec, "strategies.md")):
        print(f"skipped: no {os.path.normpath(spec)} beside the project")
        return 77
    with open(os.path.join(spec, "strategies.md"), encoding="utf-8") as f:
        strategies = f.read()
    with open(os.path.join(spec, "platform.md"), encoding="utf-8") as f:
        platform = f.read()
    rows = re.findall(r"^\| (G\d+\w?) ", strategies[strategies.index("## 11."):], re.M)
    wanted_platform = [g for g in re.findall(r"^\| (G\d+\w?) ", platform[platform.index("# D."):], re.M) if g in PLATFORM]
    built, tested, cases = set(), set(), set()
    for text in texts(root, "src"):
        built |= tags_of(text)
    for text in texts(root, "tests"):
        tested |= tags_of(text)
        cases |= goldens_of(text)
        cases |= {"D-" + g for g in re.findall(r"D-(G\d+\w?)", text)}
    faults = []
    for tag in sorted(tags_of(strategies) - set(NOT_BUILT)):
        for where, found in (("src", built), ("tests", tested)):
            if tag not in found:
                faults.append(f"{tag}: not named in {where}")
    faults += [f"{g} of strategies 11: no test names it" for g in rows if g not in cases]
    faults += [f"{g} of platform D: no test names it as D-{g}" for g in wanted_platform if "D-" + g not in cases]
    print("\n".join(faults) or f"{len(tags_of(strategies))} rules, {len(rows) + len(wanted_platform)} worked cases: all named")
    return 1 if faults else 0


def selftest():
    assert tags_of("RK-9 and RE-1 to RE-3, SY-1..SY-4, XP-3, P-200x") == {
        "RK-9", "RE-1", "RE-2", "RE-3", "SY-1", "SY-2", "SY-3", "SY-4"}, tags_of("P-200x")
    assert goldens_of("test_G21_a, G43 to G46 and G04b") >= {"G21", "G43", "G44", "G45", "G46", "G04b"}
    assert "G4" not in goldens_of("G43")
    return 0


if __name__ == "__main__":
    word = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    sys.exit(selftest() if word == "selftest" else check(os.path.abspath(word)))
