"""The systemd units: what `systemd-analyze security` thinks of them, that systemd understands every line, and that they
contain what our own filter and the program need.

usage: unit_file.py SOURCE_DIR ...
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

EXPOSURE_MAX = 1.5
DEMANDED = ["NoNewPrivileges=yes", "MemoryDenyWriteExecute=yes", "CapabilityBoundingSet=", "ProtectSystem=strict",
            "LimitCORE=0", "SystemCallFilter=@system-service", "SystemCallFilter=~memfd_create",
            "SystemCallFilter=seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self", "SystemCallErrorNumber=EPERM", "Type=notify"]


def exposure(unit):
    r = subprocess.run(["systemd-analyze", "security", "--offline=true", unit], capture_output=True, text=True,
                       timeout=60, env={**os.environ, "LC_ALL": "C"}, check=False)
    found = re.search(r"Overall exposure level.*?: ([\d.]+)", r.stdout)
    if not found:
        raise SystemExit(r.stdout + r.stderr)
    return float(found.group(1)), [line for line in r.stdout.split("\n") if "✗" in line or line.startswith("[FAIL]")]


def misunderstood(unit):
    """What `systemd-analyze verify` complains about, but for programs that are not installed here."""
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, os.path.basename(unit))
        with open(unit, encoding="utf-8") as f, open(copy, "w", encoding="utf-8") as out:
            out.write(re.sub(r"/usr/local/bin/trident(?= (run|check|upgrade))", "/bin/true", f.read()))
        r = subprocess.run(["systemd-analyze", "verify", "--man=no", "--generators=no", copy], capture_output=True,
                           text=True, timeout=60, check=False)
    return [line for line in r.stderr.split("\n") if os.path.basename(unit) in line]


def main():
    units = sorted(glob.glob(os.path.join(sys.argv[1], "packaging/systemd/*.service")))
    assert units, "there are no units"
    failed = False
    for unit in units:
        with open(unit, encoding="utf-8") as f:
            lines = f.read().split("\n")
        lacking = [d for d in DEMANDED if d not in lines]
        if lacking:
            failed = True
            print(f"{unit}: without {', '.join(lacking)}")
        if not shutil.which("systemd-analyze"):
            continue
        score, faults = exposure(unit)
        print(f"{os.path.basename(unit)}: exposure {score}, at most {EXPOSURE_MAX}")
        complaints = misunderstood(unit)
        if score > EXPOSURE_MAX or complaints:
            failed = True
            print("\n".join(faults + complaints))
    if failed:
        return 1
    return 0 if shutil.which("systemd-analyze") else 77


if __name__ == "__main__":
    sys.exit(main())
