"""What follows a trade in the real program: a stop is hunted back over a kill -9, the recovery wins and goes
on; the ledger tells the same story, and the journal replays to the same bytes."""
import os
import sqlite3

from trident_harness import Case, main, until, v3_entry

START, STEP = 1.57600, 0.0005
FLAT, MOVING = 80, 40


def write_bars(path, offset, direction):
    """A quiet hour, then a steady walk."""
    rows = ["timestamp,open,high,low,close"]
    price = START + offset
    for i in range(FLAT + MOVING):
        close = price + (direction * STEP if i >= FLAT else 0)
        high, low = max(price, close), min(price, close)
        rows.append(f"2012-02-01 {i // 60:02}:{i % 60:02}:00+00:00,{price:.5f},{high:.5f},{low:.5f},{close:.5f}")
        price = close
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(rows) + "\n")


class Chains(Case):
    def start_on_bars(self, w, direction):
        paths = {}
        for name, offset in (("bid", 0), ("ask", 0.0001)):
            paths[name] = os.path.join(w.folder, f"{name}.csv")
            write_bars(paths[name], offset, direction)
        w.daemon.conf["traders"][0]["broker"] = {
            "kind": "paper", "feed": "csv", "csv_bid": paths["bid"], "csv_ask": paths["ask"], "csv_symbol": "GBPUSD",
            "speed": 1500}
        w.daemon.start()

    def ledger(self, w, sql):
        path = os.path.join(w.folder, "data", "traders", "main", "zepix_combined_v3.db")
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def test_a_stop_is_hunted_back_over_a_kill(self):
        w = self.world(start=False)
        self.start_on_bars(w, -1)
        a = w.daemon.alert(v3_entry(symbol="GBPUSD", price=START, distance=0.0050))
        self.assertEqual((a.status, a.json["status"]), (200, "accepted"), a.text)
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")
        w.sandbox.wait("notification", 0, "SL HUNT GBPUSD")
        w.daemon.kill9()
        self.start_on_bars(w, +1)  # the market has come back meanwhile
        w.sandbox.wait("notification", 0, "RECOVERY GBPUSD")
        w.sandbox.wait("notification", 0, "RECOVERED GBPUSD")
        until(lambda: [r for r in self.ledger(w, "SELECT current_level FROM v3_reentry_chains") if r[0] >= 1],
              "the chain is one level up in the ledger")
        (kind, entries, loss), = self.ledger(
            w, "SELECT reentry_type, total_entries, total_loss_dollars FROM v3_reentry_chains")
        self.assertIn(kind, ("SL_HUNT", "TP_CONTINUATION"))
        self.assertGreaterEqual(entries, 2)
        self.assertGreater(loss, 0)
        w.daemon.stop()
        r = w.daemon.tool("audit", "replay")
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)


if __name__ == "__main__":
    main()
