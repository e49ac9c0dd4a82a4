"""A trader with a broker that rejects everything, a full queue, a plugin that fails, a panic: nothing of it is in the journal,
the books or the notifications of the one beside it; errors in a row stop a trader and let it go on (spec platform A2)."""
import os
import sqlite3
import threading

from outside_programs import ROGUE, program
from traders import TradersCase
from trident_harness import main, until, v3_entry, v3_exit


class Isolation(TradersCase):
    def test_a_broker_that_rejects_everything_stops_one(self):
        w = self.two(broker={"tick_interval_ms": 100, "balance": 5000, "faults": {"reject": 10000}}, error_wait_ms=3600000)
        before = self.main_trades(w)
        self.assertEqual(self.health(w, "second")["state"], "running")
        for tf in ("5", "15", "60"):  # two orders each
            until(lambda: self.trader(w, "second")["open_orders"] == 0, "the last ones are refused")
            self.assertEqual(self.alert(w, "second", v3_entry(tf=tf)).json["status"], "accepted")
        until(lambda: self.health(w, "second")["state"] == "error", "errors in a row")
        h = self.health(w, "second")
        self.assertEqual((h["healthy"], h["errors_in_a_row"], h["last_error"]), (False, 5, "BROKER_REJECTED"))
        a = self.alert(w, "second", v3_entry("EURUSD", price=1.085, distance=0.006)).json
        self.assertEqual((a["status"], a["reason"]), ("refused", "TRADER_ERROR"))
        self.assertIn("second: errors_in_a_row", w.daemon.http("GET", "/health").json["reasons"])
        w.sandbox.wait("controller", 0, "5 errors in a row")
        self.unharmed(w, before)

    def test_after_a_while_it_goes_on_by_itself(self):
        w = self.two(broker={"tick_interval_ms": 100, "balance": 5000, "faults": {"reject": 10000}}, error_wait_ms=100)
        for tf in ("5", "15", "60"):
            until(lambda: self.trader(w, "second")["open_orders"] == 0, "the last ones are refused")
            self.assertEqual(self.alert(w, "second", v3_entry(tf=tf)).json["status"], "accepted")
        w.sandbox.wait("controller", 0, "Trader second goes on")
        until(lambda: self.health(w, "second")["state"] == "running", "its list was compared")
        self.assertLess(self.health(w, "second")["errors_in_a_row"], 5)
        m = w.sandbox.ask("controller", "/status", "main")
        self.assertIn("running", m["text"])
        w.sandbox.ask("controller", "/health", "main: running")

    def test_a_full_queue_of_one_refuses_its_own_alerts(self):
        w = self.two(queue_capacity=64)
        before = self.main_trades(w)
        path = os.path.join(w.folder, "data", "traders", "second", "journal.db")
        blocker, said = sqlite3.connect(path, isolation_level=None), []
        try:
            blocker.execute("BEGIN IMMEDIATE")
            threads = [threading.Thread(target=lambda: said.append(self.alert(w, "second", v3_exit()).json["reason"]))
                       for _ in range(200)]
            for t in threads:
                t.start()
            until(lambda: "QUEUE_FULL" in said, "its queue is full")
            self.unharmed(w, before)
        finally:
            blocker.execute("ROLLBACK")
            blocker.close()
        for t in threads:
            t.join()
        until(lambda: self.alert(w, "second", v3_entry()).json["status"] == "accepted", "there is room again")

    def test_a_plugin_that_fails_five_times_is_off_for_one(self):
        rogue = program(ROGUE, "off_step", symbols=["XAUUSD"])
        w = self.two(plugins={"outside_1": rogue})
        before = self.main_trades(w)
        for _ in range(5):
            self.assertEqual(self.alert(w, "second", v3_entry()).json["reason"], "PLUGIN_ANSWER")
        until(lambda: not next(p for p in self.trader(w, "second")["plugins"] if p["id"] == "outside_1")["active"],
              "its plugin is off")
        self.unharmed(w, before)
        self.assertTrue(all(p["active"] for p in self.trader(w, "main")["plugins"] if p["id"] == "combined_v3"))

    def test_a_panic_is_of_one_and_the_emergency_stop_of_all(self):
        w = self.two()
        before = self.main_trades(w)
        self.assertEqual(self.alert(w, "second", v3_entry()).json["status"], "accepted")
        self.opened(w, "second", 2)
        self.assertEqual(w.daemon.command("panic", trader="second").status, 200)
        self.opened(w, "second", 0)
        self.assertEqual(self.health(w, "second")["state"], "paused")
        self.unharmed(w, before)
        m = w.sandbox.ask("controller", "/panic", "Trader main alone")
        self.assertIn("/emergency_stop", m["text"])
        self.assertEqual(w.daemon.command("panic", "release", trader="second").status, 200)
        stop = w.daemon.admin("POST", "/emergency_stop")
        self.assertEqual([r["trader"] for r in stop.json["receipts"]], ["main", "second"])
        until(lambda: self.trader(w, "second")["panic"] and self.trader(w, "main")["panic"], "both stand still")


if __name__ == "__main__":
    main()
