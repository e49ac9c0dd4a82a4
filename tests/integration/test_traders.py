"""Two traders in one daemon (spec platform A2): each with its own configuration, plugins, broker, limits, journal and databases;
what goes wrong in one leaves the other's trades, journal and figures as they were, byte by byte."""
import os
import sqlite3

from traders import TradersCase
from trident_harness import main, until, v3_entry, v3_exit


class Traders(TradersCase):
    def test_each_trades_with_its_own_settings_account_and_databases(self):
        w = self.two(plugins={"combined_v3": {"symbols": ["EURUSD"]}}, risk={"daily_loss_cap": 50})
        euro = v3_entry("EURUSD", price=1.0850, distance=0.0060)
        self.assertEqual(self.alert(w, "main", v3_entry()).json["status"], "accepted")
        self.assertEqual(self.alert(w, "second", v3_entry()).json["reason"], "SYMBOL_NOT_ALLOWED")
        self.assertEqual(self.alert(w, "second", euro).json["status"], "accepted")
        self.assertEqual(self.alert(w, "nobody", euro).status, 404)
        self.opened(w, "main", 2)
        self.opened(w, "second", 2)
        self.assertEqual((self.trader(w, "main")["balance"], self.trader(w, "second")["balance"]), ("10000", "5000"))
        until(lambda: (self.trades(w, "main"), self.trades(w, "second")) == (1, 1), "a trade in each database")
        # An exit of one trader does not touch the other's position in the same symbol.
        self.assertEqual(self.alert(w, "main", euro).json["status"], "accepted")
        self.opened(w, "main", 4)
        self.assertEqual(self.alert(w, "second", v3_exit("EURUSD", price=1.0850)).json["status"], "closed")
        self.opened(w, "second", 0)
        self.opened(w, "main", 4)
        r = w.daemon.tool("audit", "verify")
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)

    def test_a_pause_and_a_plugin_switched_off_are_of_one(self):
        w = self.two()
        for name in ("main", "second"):
            self.assertEqual(self.alert(w, name, v3_entry()).json["status"], "accepted")
            self.opened(w, name, 2)
        before = self.journal(w, "main"), self.books(w, "main")
        self.assertEqual(w.daemon.command("pause", trader="second").status, 200)
        until(lambda: self.trader(w, "second")["paused"], "the second trader is paused")
        self.assertEqual(self.alert(w, "second", v3_entry(tf="15")).json["reason"], "PAUSED")
        off = w.daemon.admin("POST", "/admin/disable_plugin/combined_v3?trader=second")
        self.assertEqual(off.status, 200, off.text)
        self.assertEqual(self.alert(w, "second", v3_entry(tf="60")).json["reason"], "PLUGIN_DISABLED")
        self.assertEqual((self.journal(w, "main"), self.books(w, "main")), before)
        self.assertEqual(self.alert(w, "main", v3_entry(tf="15")).json["status"], "accepted")
        self.opened(w, "main", 4)

    def test_a_journal_that_cannot_be_written_halts_one_alone(self):
        w = self.two()
        self.assertEqual(self.alert(w, "main", v3_entry()).json["status"], "accepted")
        self.opened(w, "main", 2)
        before = self.journal(w, "main")
        path = os.path.join(w.folder, "data", "traders", "second", "journal.db")
        blocker = sqlite3.connect(path, isolation_level=None)
        try:
            blocker.execute("BEGIN IMMEDIATE")
            self.assertEqual(self.alert(w, "second", v3_entry()).status, 503)
            until(lambda: self.trader(w, "second")["entries_halted"], "the second trader is halted")
            self.assertEqual(self.journal(w, "main"), before)
            self.assertFalse(self.trader(w, "main")["entries_halted"])
            for i, tf in enumerate(("15", "60")):  # while the other one waits for its disk
                self.assertEqual(self.alert(w, "main", v3_entry(tf=tf)).json["status"], "accepted")
                self.opened(w, "main", 4 + 2 * i)
        finally:
            blocker.execute("ROLLBACK")
            blocker.close()
        until(lambda: not self.trader(w, "second")["entries_halted"], "its journal works again")
        self.assertNotIn("journal_failed trader=main", w.daemon.log())
        self.assertIn("journal_failed trader=second", w.daemon.log())
        self.assertEqual(self.alert(w, "second", v3_entry()).json["status"], "accepted")
        self.opened(w, "second", 2)

    def test_after_a_kill_both_go_on_where_they_were(self):
        w = self.two()
        for name in ("main", "second"):
            self.assertEqual(self.alert(w, name, v3_entry()).json["status"], "accepted")
            self.opened(w, name, 2)
        books = {name: self.books(w, name) for name in ("main", "second")}
        w.daemon.restart(kill=True)
        for name in ("main", "second"):
            until(lambda name=name: not self.trader(w, name)["entries_halted"], f"{name} is ready")
            self.opened(w, name, 2)
            self.assertEqual(self.books(w, name), books[name])
        self.assertEqual(self.alert(w, "second", v3_exit()).json["status"], "closed")
        self.opened(w, "second", 0)
        self.opened(w, "main", 2)


if __name__ == "__main__":
    main()
