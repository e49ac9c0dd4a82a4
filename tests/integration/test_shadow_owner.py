"""Who owns the orders, at the paper broker's own log and in a replay; the old bot's database as a source of its
decisions."""
import os
import sqlite3
import time

from trident_harness import Case, main, merge, until, v3_entry

BOTH = {"shadow": {"gate_signals": 1, "gate_hours": 0},
        "plugins": {"legacy_v2": {"enabled": True}, "price_action_v6": {"enabled": True, "shadow_mode": False}}}


class Owner(Case):
    """The old logic inside: who trades, seen at the paper broker's own log."""

    def orders(self, w):
        """Bytes of the venue's log: it grows with what the venue carried out."""
        return os.stat(os.path.join(os.path.dirname(w.daemon.journal_path), "paper.log")).st_size

    def move(self, w, line, question):
        m = w.sandbox.ask("controller", line, question)
        w.sandbox.press("controller", m, "Yes")

    def begin(self):
        w = self.world(start=False)
        w.daemon.conf["traders"][0] = merge(w.daemon.conf["traders"][0], BOTH)
        w.daemon.start()
        self.move(w, "/shadow_mode shadow v3 LOGIC1", "combined_v3 LOGIC1")
        w.sandbox.wait("controller", 0, "combined_v3 LOGIC1 → shadow")
        self.assertEqual(w.daemon.alert(v3_entry(score=1)).json["decision"]["plugin"], "legacy_v2")
        self.move(w, "/cutover v3 LOGIC1", "plugin_shadow")
        w.sandbox.wait("controller", 0, "combined_v3 LOGIC1 → plugin_shadow")
        return w

    def enters_at_the_broker(self, w, plugin, **alert):
        before = self.orders(w)
        a = w.daemon.alert(v3_entry(**alert))
        self.assertEqual((a.json["status"], a.json["decision"]["plugin"]), ("accepted", plugin), a.text)
        until(lambda: self.orders(w) > before, "the order at the broker", step=0.001)

    def test_a_rollback_is_at_the_broker_in_less_than_a_second(self):
        w = self.begin()
        begin = time.monotonic()
        # The old logic takes a sell's score as it stands: it would not have traded. That is the trigger.
        self.enters_at_the_broker(w, "combined_v3", side="sell", score=8, sl_price=2656.0)
        self.enters_at_the_broker(w, "legacy_v2", sl_price=2644.0)
        took_s = time.monotonic() - begin
        self.assertLess(took_s, 1.0, "trigger to an order of the old logic at the broker")
        w.sandbox.wait("controller", 0, "ROLLBACK combined_v3 LOGIC1")
        self.assertEqual(w.daemon.admin("POST", "/admin/enable_legacy_v3").json["status"], "accepted",
                         "the other routes go back too")

    def test_played_again_every_byte_is_the_same(self):
        w = self.begin()
        for i in range(40):
            w.daemon.alert(v3_entry(price=2650.0 + i, side=("buy", "sell")[i % 2], tf=("5", "15", "60")[i % 3],
                                    score=i % 10, sl_price=2650.0 + i - (6, -6)[i % 2]))
            if i == 10:
                w.daemon.admin("POST", "/admin/enable_legacy_v3")
            if i == 20:
                self.move(w, "/phase next", "From none to silent")
                w.sandbox.wait("controller", 0, "Phase silent")
            if i == 30:
                w.daemon.restart(kill=True)
                self.move(w, "/phase off", "End the transition")
                w.sandbox.wait("controller", 0, "Phase none")
        w.daemon.stop()
        r = w.daemon.tool("audit", "replay")
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        self.assertIn("every output is the same", r.stdout)


INPUT_LEGACY = 7
TRADES = """CREATE TABLE trades (id INTEGER PRIMARY KEY AUTOINCREMENT, trade_id TEXT, symbol TEXT, entry_price REAL,
 sl_price REAL, tp_price REAL, lot_size REAL, direction TEXT, status TEXT, order_type TEXT, is_re_entry INTEGER DEFAULT 0,
 profit_level INTEGER DEFAULT 0, final_sl_pips REAL, open_time TEXT)"""


class Database(Case):
    """The old bot's database as the second source of its decisions."""

    def setUp(self):
        super().setUp()
        w = self.w = self.world(start=False)
        self.path = os.path.join(w.folder, "trading_bot.db")
        w.daemon.conf["traders"][0]["shadow"] = {"legacy_source": "outside", "mode": "shadow", "legacy_db": self.path,
                                                 "legacy_db_poll_ms": 100, "lot_tolerance": "100"}

    def create(self):
        old = sqlite3.connect(self.path, isolation_level=None)
        old.execute("PRAGMA journal_mode=WAL")
        old.execute(TRADES)
        old.execute("CREATE TABLE reversal_exit_events (id INTEGER PRIMARY KEY, trade_id TEXT, symbol TEXT,"
                    " exit_price REAL, exit_signal TEXT, pnl REAL, timestamp TEXT)")
        return old

    def trade(self, old, symbol="XAUUSD", direction="buy", order_type="TP_TRAIL", again=0):
        old.execute("INSERT INTO trades (symbol, entry_price, sl_price, tp_price, lot_size, direction, status, order_type,"
                    " is_re_entry, open_time) VALUES (?, 2650.0, 2644.0, 2659.0, 0.02, ?, 'open', ?, ?, 'now')",
                    (symbol, direction, order_type, again))

    def looks(self):
        """Rows of the journal that come from there."""
        return [kind for _, kind, _ in self.w.daemon.rows()].count(INPUT_LEGACY)

    def scope(self):
        page = self.w.daemon.admin("GET", "/api/v1/shadow").json
        return next((s for s in page["scopes"] if s["route"] == "LOGIC1"), {"compared": 0, "matches": 0})

    def compared(self, n):
        until(lambda: self.scope()["compared"] == n, f"{n} compared")
        return self.scope()

    def test_each_new_row_is_a_decision_once_and_history_is_none(self):
        old = self.create()
        self.trade(old, symbol="EURUSD")
        self.w.daemon.start()
        self.w.daemon.alert(v3_entry())
        until(lambda: self.looks() == 2, "history of both tables passed over")
        old.execute("BEGIN")
        self.trade(old)
        self.trade(old, order_type="PROFIT_TRAIL")
        old.execute("COMMIT")
        s = self.compared(1)
        self.assertEqual((s["matches"], s["legacy_executes"]), (1, 1), "two orders are one decision")
        self.assertEqual(self.looks(), 3)
        self.w.daemon.restart(kill=True)
        self.w.daemon.alert(v3_entry(price=2651.0))
        self.trade(old, again=1)
        self.trade(old)
        self.assertEqual(self.compared(2)["legacy_executes"], 2, "a re-entry answers no alert")
        self.assertEqual(self.looks(), 5, "a restart repeats nothing")
        self.w.daemon.alert(v3_entry(signal="Momentum_Breakout", side="sell", price=2652.0, score=1))
        old.execute("INSERT INTO reversal_exit_events (symbol, exit_signal) VALUES ('XAUUSD', 'reversal_bear')")
        self.assertEqual(self.compared(3)["legacy_executes"], 3)
        self.assertEqual(old.execute("SELECT count(*) FROM trades").fetchone(), (5,), "only read")
        old.close()

    def test_absent_locked_and_replaced_files_are_no_harm(self):
        self.w.daemon.start()
        self.assertEqual(self.w.daemon.alert(v3_entry()).json["reason"], "LEGACY_OWNS")
        old = self.create()
        until(lambda: self.looks() >= 2, "both tables seen")
        old.execute("PRAGMA locking_mode=EXCLUSIVE")
        old.execute("BEGIN EXCLUSIVE")
        self.trade(old)
        self.assertEqual(self.w.daemon.alert(v3_entry(price=2651.0)).json["reason"], "LEGACY_OWNS")
        old.execute("COMMIT")
        old.execute("PRAGMA locking_mode=NORMAL")
        old.execute("SELECT 1 FROM trades").fetchall()
        self.assertEqual(self.compared(1)["matches"], 1)
        old.close()
        for end in ("", "-wal", "-shm"):
            if os.path.exists(self.path + end):
                os.remove(self.path + end)
        before = self.looks()
        old = self.create()
        until(lambda: self.looks() > before, "another file is begun at its end")
        self.w.daemon.alert(v3_entry(price=2652.0))
        self.trade(old)
        self.compared(2)
        old.close()


if __name__ == "__main__":
    main()
