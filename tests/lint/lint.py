#!/usr/bin/env python3
"""The house rules a compiler does not check. One rule a run, so that each is a test of its own:

    lint.py RULE [ROOT]     prints file:line: rule: what, exits 1 when something was found
    lint.py all [ROOT]      all rules, counted by room
    lint.py selftest        plants one breach of every rule in a scratch tree and expects it to be found

Rules: includes (the room table of src/CMakeLists.txt), thirdparty, banned, float, marks, width, length,
functions, header, format, paths. Standard library only.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

WIDTH_MAX = 100
FILE_MAX = 800
FUNCTION_MAX = 70
NESTING_MAX = 4
PARAMETERS_MAX = 5
HEADER_COMMENT_FROM = 150

# Beyond PARAMETERS_MAX a function takes an options struct. A few (PARAMETERS_SHARE of all) may have one more;
# these have more still, each for a reason.
PARAMETERS_SHARE = 0.02
PARAMETERS_LISTED = {
    "journal_read": "a visitor with its range",
    "on_request": "the signature libmicrohttpd calls",
}

# Where a library's headers may be included; a folder, or one file.
THIRD_PARTY = {
    "sodium.h": ["core/hash.c"],
    "nettle/": ["core/hash.c"],
    "curl/": ["net/"],
    "microhttpd.h": ["net/"],
    "sqlite3.h": ["store/"],
    "json-c/": ["backup/", "conf/", "signals/", "telegram/", "sandbox/", "http/", "cli/", "outside/"],
    "seccomp.h": ["outside/filter.c", "cli/confine.c"],
    "zlib.h": ["brokers/", "simulate/"],
    "png.h": ["analytics/"],
}

# Of these rooms only the contract may be seen, although the build order lets more through.
NARROW = {
    ("engine", "brokers"): {"broker.h"},
    ("engine", "plugins"): {"plugin.h"},
    ("conf", "brokers"): {"broker.h"},
    ("conf", "plugins"): {"plugin.h"},
    ("telegram", "notify"): {"notify.h"},
    ("telegram", "store"): set(),
    ("bots", "brokers"): set(),
    ("http", "brokers"): set(),
}

FLOAT_FREE = ("model", "engine", "store", "plugins", "brokers")

BANNED = {
    r"str(?:n?cpy|n?cat|tok)": "str_copy or struct buf",
    r"v?sprintf": "snprintf or struct buf",
    r"ato(?:i|l|ll|f)": "str_to_i64 or dec_parse",
    r"(?:gm|local|c|asc)time": "core/clock.h",
    r"s?rand(?:om)?": "core/rng.h or hash_random",
    r"system|popen": "nothing: no shells",
    r"u?sleep|nanosleep": "a condition with a deadline",
    r"gets": "file_read",
}
OUTSIDE_CORE = {
    r"malloc|calloc|realloc|free|strdup|strndup|v?asprintf": "core/alloc.h",
    r"printf|puts|perror": "core/log.h, or cli_print in cli/",
    r"time|clock_gettime|gettimeofday": "core/clock.h",
    r"pthread_\w+": "core/thread.h and core/mutex.h",
}

MARKS = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
TEXT_SUFFIXES = (".c", ".h", ".py", ".sh", ".md", ".cmake", ".txt", ".js", ".css", ".html", ".json")


def files_below(root, folders, suffixes):
    for folder in folders:
        for where, names, files in os.walk(os.path.join(root, folder)):
            names.sort()
            for name in sorted(files):
                if name.endswith(suffixes):
                    yield os.path.relpath(os.path.join(where, name), root)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as f:
        return f.read()


def bare_code(text):
    """Comments and the insides of strings become spaces; lines stay where they are."""
    def blank(m):
        s = m.group(0)
        if s[0] in "\"'":
            return s[0] + " " * (len(s) - 2) + s[-1]
        return re.sub(r"[^\n]", " ", s)
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, blank, text, flags=re.S)


def c_files(root, folders=("src",)):
    for path in files_below(root, folders, (".c", ".h")):
        yield path, read(root, path)


def room_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else ""


def room_table(root):
    """room -> rooms below it, read from the one place that states it."""
    direct = {}
    for m in re.finditer(r"trident_room\((\w+)([^)]*)\)", read(root, "src/CMakeLists.txt")):
        deps = re.search(r"DEPS((?:\s+[a-z_0-9]+)+)", m.group(2))
        direct[m.group(1)] = deps.group(1).split() if deps else []
    closed = {}

    def close(room):
        if room not in closed:
            closed[room] = set()
            for dep in direct.get(room, []):
                closed[room] |= {dep} | close(dep)
        return closed[room]
    for room in direct:
        close(room)
    closed["cli"] = set(direct)
    return closed


def rule_includes(root):
    table = room_table(root)
    for path, text in c_files(root):
        room = room_of(path)
        for n, line in enumerate(text.split("\n"), 1):
            m = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not m or room not in table:
                continue
            target, _, rest = m.group(1).partition("/")
            if not rest:
                yield path, n, f'"{m.group(1)}" has no room: write "room/file.h"'
            elif target != room and target not in table[room]:
                yield path, n, f"{room} must not include {target}/"
            elif rest not in NARROW.get((room, target), {rest}):
                yield path, n, f"of {target}/ only its contract may be included by {room}, not {rest}"


def rule_thirdparty(root):
    for path, text in c_files(root):
        for n, line in enumerate(text.split("\n"), 1):
            m = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            for header, homes in THIRD_PARTY.items():
                if m and m.group(1).startswith(header):
                    if not any(path.startswith("src/" + home) for home in homes):
                        yield path, n, f"<{m.group(1)}> belongs to {', '.join(homes)}"


def calls(code, names):
    for m in re.finditer(r"(?<![\w.>])(" + names + r")\s*\(", code):
        yield code.count("\n", 0, m.start()) + 1, m.group(1)


def rule_banned(root):
    for path, text in c_files(root):
        code = bare_code(text)
        rules = dict(BANNED)
        if room_of(path) != "core":
            rules.update(OUTSIDE_CORE)
        for names, instead in rules.items():
            for n, name in calls(code, names):
                yield path, n, f"{name}(): use {instead}"


def rule_float(root):
    for path, text in c_files(root):
        if room_of(path) not in FLOAT_FREE:
            continue
        for n, line in enumerate(bare_code(text).split("\n"), 1):
            if re.search(r"\b(?:double|float)\b", line):
                yield path, n, "money is int64 in 1e-8, never floating point"


def rule_marks(root):
    folders = ("src", "tests", "scripts", "docs", "docker", "packaging", "cmake", "web", "config")
    for path in files_below(root, folders, TEXT_SUFFIXES):
        for n, line in enumerate(read(root, path).split("\n"), 1):
            if MARKS.search(line):
                yield path, n, "finish it or open an issue"


def rule_width(root):
    for path, text in c_files(root, ("src", "tests")):
        for n, line in enumerate(text.split("\n"), 1):
            if len(line) > WIDTH_MAX:
                yield path, n, f"{len(line)} columns, at most {WIDTH_MAX}"
            if "\t" in line or line != line.rstrip():
                yield path, n, "a tab or blanks at the end"


def rule_length(root):
    for path, text in c_files(root, ("src", "tests")):
        lines = text.count("\n")
        if lines > FILE_MAX:
            yield path, lines, f"{lines} lines, at most {FILE_MAX}"


def functions_of(code):
    """(first line, lines, deepest nesting, parameters): a body's braces stand alone in column 0."""
    lines = code.split("\n")
    i = 0
    while i < len(lines):
        if lines[i] != "{":
            i += 1
            continue
        end = next((j for j in range(i, len(lines)) if lines[j].startswith("}")), len(lines) - 1)
        depth = deepest = 0
        for line in lines[i:end]:
            for ch in line:
                depth += (ch == "{") - (ch == "}")
                deepest = max(deepest, depth)
        start = i - 1
        while start > 0 and lines[start - 1].strip() and not lines[start - 1].startswith(("}", "#")) \
                and not lines[start - 1].rstrip().endswith(";"):
            start -= 1
        head = " ".join(lines[start:i])
        inner = head[head.find("(") + 1:head.rfind(")")]
        flat = re.sub(r"\([^()]*\)", "", inner)
        count = 0 if flat.strip() in ("", "void") else flat.count(",") + 1
        name = re.search(r"(\w+)\s*\($", head[:head.find("(") + 1])
        yield i, end - i + 1, deepest - 1, 0 if name and name.group(1) in PARAMETERS_LISTED else count
        i = end + 1


def rule_functions(root):
    all_of_them, one_more = 0, []
    for path, text in c_files(root):
        for line, length, nesting, parameters in functions_of(bare_code(text)):
            all_of_them += 1
            if length > FUNCTION_MAX:
                yield path, line, f"a function of {length} lines, at most {FUNCTION_MAX}"
            if nesting > NESTING_MAX:
                yield path, line, f"nesting {nesting}, at most {NESTING_MAX}"
            if parameters > PARAMETERS_MAX + 1:
                yield path, line, f"{parameters} parameters, at most {PARAMETERS_MAX}"
            elif parameters > PARAMETERS_MAX:
                one_more.append((path, line, f"{parameters} parameters, at most {PARAMETERS_MAX}"))
    if len(one_more) > PARAMETERS_SHARE * all_of_them:
        yield from one_more


def rule_header(root):
    for path, text in c_files(root):
        needs = path.endswith(".h") or text.count("\n") > HEADER_COMMENT_FROM
        if needs and not text.startswith("/*"):
            yield path, 1, "begins with a comment that says what this file is for"


def rule_format(root):
    tool = shutil.which("clang-format-14") or shutil.which("clang-format")
    if tool is None:
        print("clang-format is not installed (scripts/bootstrap --test installs it)")
        sys.exit(77)
    paths = list(files_below(root, ("src", "tests"), (".c", ".h")))
    if not paths:
        return
    run = subprocess.run([tool, "--dry-run"] + paths, cwd=root, capture_output=True, text=True)
    seen = set()
    for m in re.finditer(r"^(\S+?):(\d+):\d+: \w+: code should be", run.stderr, flags=re.M):
        if m.group(1) not in seen:
            seen.add(m.group(1))
            yield m.group(1), int(m.group(2)), "scripts/format --fix puts it right"
    if run.returncode != 0 and not seen:
        yield ".clang-format", 1, run.stderr.strip().split("\n")[0]


def rule_paths(root):
    """What the documents name is there: links, files, test entries, and the locks of docs/LOCKING.md."""
    documents = [p for p in sorted(os.listdir(root)) if p.endswith(".md")]
    documents += files_below(root, ("docs",), (".md",))
    rooms = "|".join(sorted(os.listdir(os.path.join(root, "src"))))
    for path in documents:
        here = os.path.dirname(path)
        for n, line in enumerate(read(root, path).split("\n"), 1):
            named = [os.path.join(here, m) for m in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", line)]
            named += re.findall(r"(?<![\w/.])(?:\./)?((?:src|tests|docs|scripts|config|docker|packaging|cmake|web)/"
                                r"\w[\w./*-]*\w)", line)
            named += ["src/" + m for m in re.findall(rf"(?<![\w/])((?:{rooms})/\w+\.[ch])\b", line)]
            for room, suite in re.findall(r"\bunit\.(\w+)(?:\.(\w+))?", line):
                named.append(f"tests/unit/{room}" + (f"/test_{suite}.c" if suite else ""))
            for name in named:
                if not glob.glob(os.path.join(root, name)):
                    yield path, n, f"there is no {os.path.normpath(name)}"
            lock = re.match(rf"\| ((?:{rooms})/\w+\.[ch]) `(\w+)`", line)
            if lock and os.path.exists(os.path.join(root, "src", lock[1])) and \
                    not re.search(rf"struct mutex {lock[2]}\b", read(root, "src/" + lock[1])):
                yield path, n, f"src/{lock[1]} has no struct mutex {lock[2]}"


RULES = {name[5:]: f for name, f in list(globals().items()) if name.startswith("rule_")}

BREACHES = {
    "includes": ("src/core/a.h", '/* a */\n#include "model/b.h"\n'),
    "thirdparty": ("src/model/a.h", "/* a */\n#include <curl/curl.h>\n"),
    "banned": ("src/model/a.h", "/* a */\nvoid f(void)\n{\n    strcpy(a, b);\n}\n"),
    "float": ("src/model/a.h", "/* a */\nextern double money;\n"),
    "marks": ("src/core/a.h", "/* TO" + "DO */\n"),
    "width": ("src/core/a.h", "/* " + "w" * 120 + " */\n"),
    "length": ("src/core/a.c", "int x;\n" * 801),
    "functions": ("src/core/a.c", "int f(int a, int b, int c, int d, int e, int g)\n{\n}\n"),
    "header": ("src/core/a.h", "int x;\n"),
    "format": ("src/core/a.h", "/* a */\nint   x ;\n"),
    "paths": ("docs/a.md", "see `src/core/nowhere.c`\n"),
}


def selftest(root):
    failed = 0
    for rule, (path, text) in BREACHES.items():
        with tempfile.TemporaryDirectory() as scratch:
            for folder in ("src", os.path.dirname(path)):
                os.makedirs(os.path.join(scratch, folder), exist_ok=True)
            for name in ("src/CMakeLists.txt", ".clang-format"):
                shutil.copy(os.path.join(root, name), os.path.join(scratch, name))
            before = list(RULES[rule](scratch))
            with open(os.path.join(scratch, path), "w", encoding="utf-8") as f:
                f.write(text)
            after = list(RULES[rule](scratch))
        ok = not before and len(after) >= 1
        failed += not ok
        print(f"{'found' if ok else 'MISSED'}: {rule}")
    return failed


def main(argv):
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if len(argv) < 2 or argv[1] not in (*RULES, "all", "selftest"):
        print(__doc__, file=sys.stderr)
        return 2
    root = os.path.abspath(argv[2]) if len(argv) > 2 else here
    if argv[1] == "selftest":
        return 1 if selftest(root) else 0
    rooms = {}
    for rule in (RULES if argv[1] == "all" else [argv[1]]):
        for path, line, what in RULES[rule](root):
            print(f"{path}:{line}: {rule}: {what}")
            room = "/".join(path.split("/")[:2])
            rooms[room] = rooms.get(room, 0) + 1
    if argv[1] == "all" and rooms:
        print("\n" + "\n".join(f"{n:5} {room}" for room, n in sorted(rooms.items())))
    return 1 if rooms else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
