# labels: smoke
"""The scripted session of `trident demo --once`: a newcomer's first minute."""
import os
import subprocess
import tempfile
import unittest

from trident_harness import TROUBLE, TRIDENT, main

WEB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "web")


class Demo(unittest.TestCase):
    def test_every_expected_message_arrives(self):
        with tempfile.TemporaryDirectory() as folder:
            r = subprocess.run([TRIDENT, "demo", "--once", "--dir", folder, "--web", WEB], capture_output=True,
                               text=True, timeout=90)
            self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
            self.assertIn("Every expected message arrived.", r.stdout)
            for name in ("daemon.log", "sandbox.log", "trident.log"):
                path = os.path.join(folder, name)
                if os.path.exists(path):
                    with open(path, encoding="utf-8") as f:
                        self.assertIsNone(TROUBLE.search(f.read()), name)


if __name__ == "__main__":
    main()
