"""What the tests of several traders in one daemon share: two of them, and what each has."""
import hashlib
import os
import sqlite3

from trident_harness import WEBHOOK_SECRET, Case, until, v3_entry


class TradersCase(Case):
    def two(self, **second):
        w = self.world(start=False)
        d = w.daemon
        d.conf["traders"].append({"id": "second", "broker": {"tick_interval_ms": 100, "balance": 5000}, **second})
        d.start()
        until(lambda: all(not t["entries_halted"] for t in d.status()["traders"]), "both traders are ready")
        return w

    def alert(self, w, trader, body):
        return w.daemon.http("POST", f"/webhook/{WEBHOOK_SECRET}/{trader}", body)

    def trader(self, w, name):
        return next(t for t in w.daemon.status()["traders"] if t["id"] == name)

    def opened(self, w, name, n):
        until(lambda: self.trader(w, name)["open_positions"] == n and self.trader(w, name)["open_orders"] == 0,
              f"{name} has {n} positions")

    def journal(self, w, name):
        """Every byte of its rows but those of the clock: no row may come because of the other trader."""
        db = sqlite3.connect(f"file:{os.path.join(w.folder, 'data', 'traders', name, 'journal.db')}?mode=ro", uri=True)
        try:
            rows = db.execute("SELECT seq, kind, key, input, output FROM journal ORDER BY seq").fetchall()
        finally:
            db.close()
        return len(rows), hashlib.sha256(repr(rows).encode()).hexdigest()

    def books(self, w, name):
        t = self.trader(w, name)
        return {k: t[k] for k in ("open_positions", "balance", "daily_loss", "paused", "panic", "signals_accepted",
                                  "signals_refused")}

    def trades(self, w, name):
        path = os.path.join(w.folder, "data", "traders", name, "zepix_combined_v3.db")
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return db.execute("SELECT count(*) FROM combined_v3_trades").fetchone()[0]
        finally:
            db.close()

    def health(self, w, name):
        return next(t for t in w.daemon.http("GET", "/health").json["traders"] if t["id"] == name)

    def main_trades(self, w):
        self.assertEqual(self.alert(w, "main", v3_entry()).json["status"], "accepted")
        self.opened(w, "main", 2)
        return self.journal(w, "main"), self.books(w, "main")

    def unharmed(self, w, before):
        """Notifications are read from the journal: what is not there is told to nobody."""
        self.assertEqual((self.journal(w, "main"), self.books(w, "main")), before)
        self.assertEqual((self.health(w, "main")["state"], self.health(w, "main")["errors"]), ("running", 0))
        self.assertEqual(self.alert(w, "main", v3_entry(tf="60")).json["status"], "accepted")
        self.opened(w, "main", 4)
