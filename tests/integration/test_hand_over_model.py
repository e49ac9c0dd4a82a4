"""docs/model/hand_over.pml with spin: all states are visited without an error, and each way to make the engine's turn wrong
is found. Skipped where spin or a compiler is missing."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "model", "hand_over.pml")
COMPILER = shutil.which("gcc") or shutil.which("clang")


def check(sabotage):
    """What the verifier says; it has looked at every state, or stopped at the first error."""
    with tempfile.TemporaryDirectory() as folder:
        def run(*command):
            r = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100)
            if r.returncode != 0:
                raise AssertionError(f"{command}: {r.stdout}{r.stderr}")
            return r.stdout
        run("spin", f"-DSABOTAGE={sabotage}", "-a", os.path.abspath(MODEL))
        run(COMPILER, "-O0", "-w", "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c")
        return run("./pan", "-m100000")


class HandOver(unittest.TestCase):
    def test_no_state_breaks_a_promise(self):
        said = check(0)
        self.assertIn("errors: 0", said)
        self.assertNotIn("max search depth too small", said)
        self.assertGreater(int(re.search(r"(\d+) states, stored", said)[1]), 10_000)

    def test_each_wrong_turn_is_found(self):
        promises = {1: "stored[k]", 2: "told[i]", 3: "my_epoch==epoch", 4: "rows[i]<=1", 5: "sent[k]==0"}
        for sabotage, promise in promises.items():
            said = check(sabotage)
            self.assertIn("assertion violated", said, sabotage)
            self.assertIn(promise, said.split("assertion violated")[1].split("\n")[0], sabotage)


if __name__ == "__main__":
    if shutil.which("spin") is None or COMPILER is None:
        print("skipped: no spin or no compiler")
        sys.exit(77)
    unittest.main()
