"""Every row of the recorded TradingView logs, as recorded, through `trident replay-alerts` into a running daemon: 200
each, with a decision or a reason. Skipped where the recordings are missing."""
import glob
import os
import re
import unittest

from trident_harness import Case, main

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.environ.get("TRIDENT_DATA", os.path.join(HERE, "..", "..", "..", "shared", "data"))
FILES = sorted(glob.glob(os.path.join(FOLDER, "alerts", "*.csv")))


class Recorded(Case):
    def setUp(self):
        if not FILES:
            self.skipTest(f"no recorded alerts in {FOLDER}: set TRIDENT_DATA")

    def test_every_row_gets_200_and_a_reason(self):
        w = self.world()
        rows = 0
        for path in FILES:
            r = w.daemon.tool("replay-alerts", path, "--url", w.daemon.url)
            self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
            found = re.search(r"(\d+) rows: (\d+) answered 200, 0 refused, 0 server errors, 0 without an answer",
                              r.stdout)
            self.assertIsNotNone(found, r.stdout)
            self.assertEqual(found.group(1), found.group(2))
            rows += int(found.group(1))
        self.assertGreater(rows, 150)
        e = w.daemon.engine()
        self.assertEqual(e["signals"], rows)
        self.assertEqual(e["signals_accepted"] + e["signals_refused"], rows)
        metrics = w.daemon.http("GET", "/metrics").text
        found = re.search(r'trident_http_requests_total\{[^}]*route="webhook",status="200"[^}]*\} (\d+)', metrics)
        self.assertIsNotNone(found, metrics)
        self.assertEqual(int(found.group(1)), rows)

    def test_dry_run_understands_all_of_them(self):
        w = self.world(start=False)
        w.daemon.write()
        for path in FILES:
            r = w.daemon.tool("replay-alerts", path, "--dry-run")
            self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
            self.assertIn(" 0 refused", r.stdout)


if __name__ == "__main__":
    main()
