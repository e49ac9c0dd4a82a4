"""How the release program is built: every file with every hardening flag, and the linked program as readelf sees it. In
a release build that is the program itself; in others a small program of the same flags is built beside it, in a folder
of its own that is thrown away.

usage: hardening.py SOURCE_DIR BUILD_DIR PROGRAM
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

WANTED = ["-O2", "-fPI[CE]", "-fstack-protector-strong", "-fstack-clash-protection", "-fcf-protection=full",
          "-D_FORTIFY_SOURCE=[23]", "-fno-strict-overflow", "-fno-delete-null-pointer-checks", "-Wformat=2", "-Werror"]


def run(*command, **options):
    r = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False, **options)
    if r.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {r.stdout[-3000:]}{r.stderr[-3000:]}")
    return r.stdout


def cache_of(build):
    with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as f:
        return dict(re.findall(r"^(\w+):\w+=(.*)$", f.read(), re.M))


def flags_missing(build):
    """(file, flag) of every file of src that is compiled without one of WANTED."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        commands = [c for c in json.load(f) if "/src/" in c["file"]]
    assert len(commands) > 200, f"only {len(commands)} files"
    for c in commands:
        words = c["command"].split()
        for flag in WANTED:
            if not any(re.fullmatch(flag, w) for w in words):
                yield c["file"], flag


def weaknesses(program):
    header, segments = run("readelf", "-hW", program), run("readelf", "-lW", program)
    dynamic, symbols = run("readelf", "-dW", program), run("readelf", "--dyn-syms", "-W", program)
    if not re.search(r"Type:\s+DYN", header):
        yield "not position independent"
    if "GNU_RELRO" not in segments:
        yield "no RELRO"
    if not re.search(r"BIND_NOW|FLAGS_1.*\bNOW\b", dynamic):
        yield "bound lazily: RELRO is not full"
    if not re.search(r"FLAGS_1.*\bPIE\b", dynamic):
        yield "not marked as PIE"
    if re.search(r"RPATH|RUNPATH|TEXTREL", dynamic):
        yield "a search path or text relocations: " + dynamic
    stack = re.search(r"GNU_STACK.*?\s(RWE|RW|R)\s", segments)
    if not stack or stack.group(1) != "RW":
        yield "an executable stack"
    if re.search(r"LOAD.*\sRWE\s", segments):
        yield "a segment to write and run"
    if "__stack_chk_fail" not in symbols:
        yield "no stack protector"
    if not re.search(r"__\w+_chk@", symbols.replace("__stack_chk_fail", "")):
        yield "nothing fortified"
    # The C library's start files are built without it, so the note of the whole program cannot be there.
    if run("objdump", "-d", "--no-show-raw-insn", program).count("endbr64") < 50:
        yield "no marks of -fcf-protection"


def main():
    source, build, program = sys.argv[1:4]
    if not all(shutil.which(t) for t in ("readelf", "objdump", "cmake", "ninja")):
        print("readelf, objdump, cmake or ninja is missing")
        return 77
    cache = cache_of(build)
    folder = None
    try:
        if cache["CMAKE_BUILD_TYPE"] != "Release" or cache.get("TRIDENT_SANITIZE"):
            folder = build = tempfile.mkdtemp(prefix="trident-hardening-")
            run("cmake", "-S", source, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DTRIDENT_TESTS=ON",
                "-DCMAKE_C_COMPILER=" + cache["CMAKE_C_COMPILER"],
                "-DCMAKE_C_COMPILER_LAUNCHER=" + cache.get("CMAKE_C_COMPILER_LAUNCHER", shutil.which("ccache") or ""))
            run("ninja", "-C", folder, "-j2", "confine_probe")
            program = next(os.path.join(where, "confine_probe") for where, _, names in os.walk(folder)
                           if "confine_probe" in names)
        found = [f"{path}: without {flag}" for path, flag in flags_missing(build)] + \
                [f"{program}: {what}" for what in weaknesses(program)]
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(found[:40]) or f"{os.path.basename(program)} and every file of src are hardened")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
