"""What the tests of strategies that are programs of their own share: where the programs are, how they are configured, and
alerts for them."""
import os
import unittest

from trident_harness import TRIDENT, Case, until, v3_entry

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("TRIDENT_PLUGINS", os.path.join(os.path.dirname(TRIDENT), "tests"))
ROGUE, FOLLOW = os.path.join(BUILD, "rogue_plugin"), os.path.join(BUILD, "follow_plugin")
BREAKOUT = os.path.join(ROOT, "docs", "plugins", "breakout.py")


def program(path, *args, **more):
    return {"enabled": True, "shadow_mode": False, "path": path, "args": list(args), **more}


def trader(**places):
    return {"plugins": places}


def alert(n, score=8, **more):
    """Different each time: the same alert again would be a duplicate."""
    return v3_entry(score=score, price=2650.0 + n / 100, **more)


def processes_of(path):
    found = []
    for pid in os.listdir("/proc"):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                words = f.read().split(b"\0")
        except OSError:
            continue
        if path.encode() in words:
            found.append(int(pid))
    return found


@unittest.skipUnless(os.path.exists(ROGUE), "the programs of tests/CMakeLists.txt are not built")
class OutsideCase(Case):
    def reason(self, w, n, **more):
        return w.daemon.alert(alert(n, **more)).json["reason"]

    def runs(self, w, times=1):
        until(lambda: w.daemon.log().count("outside_1: runs ") >= times, f"the program runs for time {times}")
