"""Strategies that are programs of their own, live: both examples of docs/plugins trade through webhook, engine and broker, and
replaying the journal needs no program; one that hangs delays nobody else, and a stop does not wait for it; it reads no
secret and dies with the daemon, also with kill -9."""
import contextlib
import os
import sqlite3
import threading
import time

from outside_programs import BREAKOUT, FOLLOW, ROGUE, OutsideCase, alert, processes_of, program, trader
from trident_harness import main, until, v3_entry, v3_exit

V6 = "BULLISH_ENTRY|EURUSD|5|{{close}}|BUY|HIGH|90|31.0|STRONG|1.075|1.095|1.105|1.115|5/1|TL_OK|"


class Outside(OutsideCase):
    def test_both_examples_trade_and_the_journal_replays_without_them(self):
        w = self.world(trader=trader(outside_1=program(BREAKOUT, "2000", symbols=["XAUUSD"]),
                                     outside_2=program(FOLLOW, symbols=["EURUSD"])))
        w.sandbox.wait("controller", 0, "outside_1 is loaded")
        a = w.daemon.alert(alert(1))
        self.assertEqual((a.status, a.json["status"]), (200, "accepted"), a.text)
        d = a.json["decision"]
        self.assertEqual((d["plugin"], d["route"], d["orders"][0]["lots"]), ("outside_1", "BREAKOUT", "0.05"))
        self.assertEqual(d["numbers"]["stop_pips"], "2000")
        until(lambda: w.daemon.engine()["open_positions"] == 1, "the position is open")
        self.assertEqual(self.reason(w, 2), "PLUGIN_SKIPPED")
        self.assertIn("ONE_IS_OPEN", w.daemon.show(w.daemon.rows()[-1][0]))
        a = w.daemon.alert(v3_exit())
        self.assertEqual((a.json["status"], a.json["reason"]), ("closed", "EXIT_SIGNAL"), a.text)
        until(lambda: w.daemon.engine()["open_positions"] == 0, "the position is closed")
        folder = os.path.dirname(w.daemon.journal_path)

        def trades(name, table):
            with contextlib.closing(sqlite3.connect(os.path.join(folder, name), timeout=10)) as db:
                return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        until(lambda: trades("zepix_outside_1.db", "trades WHERE status = 'CLOSED'") == 1, "its database has the trade")
        self.assertEqual(trades("zepix_combined_v3.db", "combined_v3_trades"), 0, "nobody else's has")
        self.assertFalse(os.path.exists(os.path.join(folder, "zepix_outside_3.db")), "no program, no database")
        self.assertIn("1", w.sandbox.ask("analytics", "/stats", "XAUUSD")["text"])
        a = w.daemon.alert(v3_entry("EURUSD", price=1.085, distance=0.01))
        self.assertEqual(a.json["decision"]["plugin"], "outside_2", a.text)
        self.assertEqual(a.json["decision"]["orders"][0]["lots"], "0.01")
        a = w.daemon.alert(v3_entry("GBPUSD", price=1.27, distance=0.01))
        self.assertEqual(a.json["decision"]["plugin"], "combined_v3", "symbols of nobody's own")
        self.assertEqual(sorted(w.daemon.health()["plugins_active"]), ["combined_v3", "outside_1", "outside_2"])
        w.sandbox.ask("controller", "/config plugins.outside_1.max_lot 0.04", "0.04")
        a = w.daemon.alert(alert(3)).json
        self.assertEqual((a["reason"], a["decision"]["field"]), ("PLUGIN_ANSWER", "orders[0].lots"), a)
        a = w.sandbox.ask("controller", "/config plugins.outside_1.path /bin/sh", "❌")["text"]
        self.assertIn("path", a, "which program runs is not for a chat to say")
        w.daemon.stop()
        self.assertEqual(processes_of(BREAKOUT) + processes_of(FOLLOW), [])
        w.daemon.conf["traders"][0]["plugins"]["outside_1"]["path"] = "/nonexistent"
        w.daemon.write()
        r = w.daemon.tool("audit", "replay")
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        r = w.daemon.tool("verify")
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        self.assertIn("zepix_outside_1.db", r.stdout)
        self.assertIn("sums of 1 closed orders", r.stdout)
        w.daemon.conf["traders"][0]["plugins"]["outside_1"]["path"] = BREAKOUT
        w.daemon.start()

    def test_a_reload_exchanges_the_program_or_says_why_not(self):
        w = self.world(trader=trader(outside_1=program(FOLLOW, symbols=["XAUUSD"])))
        self.runs(w)
        d, s = w.daemon, w.sandbox
        conf = d.conf["traders"][0]["plugins"]["outside_1"]
        self.assertEqual(d.alert(alert(1)).json["decision"]["orders"][0]["lots"], "0.01")
        old = processes_of(FOLLOW)
        conf["path"], conf["args"] = ROGUE, ["dies_at_hello"]
        d.write()
        text = s.ask("controller", "/reload outside_1", "not exchanged")["text"]
        self.assertIn("PLUGIN_DIED: ended with status 3", text)
        a = d.admin("POST", "/admin/reload_plugin/outside_1")
        self.assertEqual((a.status, a.json["receipts"][0]["reason"]), (409, "PLUGIN_DIED"), a.text)
        self.assertEqual(a.json["receipts"][0]["detail"], "ended with status 3")
        self.assertEqual(processes_of(FOLLOW), old, "it goes on")
        conf["path"], conf["args"], conf["max_lot"] = BREAKOUT, ["2000"], "0.3"
        d.write()
        text = s.ask("controller", "/reload outside_1", "taken over")["text"]
        self.assertIn("outside_1.max_lot: 1 → 0.3", text)
        self.assertNotIn("needs a new process", text)
        self.assertEqual(processes_of(FOLLOW), [])
        self.assertEqual(d.engine()["open_positions"], 1, "what the old one opened stays")
        a = d.alert(v3_entry("EURUSD", price=1.085, distance=0.01))
        self.assertEqual(a.json["decision"]["plugin"], "combined_v3", "nobody else is touched")
        conf["symbols"] = ["XAUUSD", "GBPUSD"]
        d.write()
        a = d.admin("POST", "/admin/reload_plugin/outside_1?trader=main")
        self.assertEqual((a.status, a.json["reason"]), (200, "ACCEPTED"), a.text)
        self.assertIn("plugins.outside_1.symbols", a.json["detail"])
        self.assertIn("breakout", a.json["detail"])
        a = d.alert(v3_entry("GBPUSD", price=1.27, distance=0.01))
        self.assertEqual(a.json["decision"]["route"], "BREAKOUT", a.text)
        d.stop()
        self.assertIn("every output is the same", d.tool("audit", "replay").stdout)
        d.start()

    def test_a_hang_delays_nobody_else(self):
        w = self.world(trader=trader(outside_1=program(ROGUE, "hang", symbols=["XAUUSD"], deadline_ms=2000),
                                     outside_2=program(FOLLOW, symbols=["EURUSD"]),
                                     price_action_v6={"enabled": True, "shadow_mode": False}))
        self.runs(w)
        slow = {}

        def ask():
            began = time.monotonic()
            slow["answer"] = w.daemon.alert(alert(1))
            slow["took"] = time.monotonic() - began
        t = threading.Thread(target=ask)
        t.start()
        until(lambda: w.daemon.status(), "the daemon answers")
        for n in range(5):
            a = w.daemon.alert(v3_entry("EURUSD", price=1.085 + n / 10000, distance=0.01))
            self.assertEqual(a.json["decision"]["plugin"], "outside_2", a.text)
            self.assertEqual(w.daemon.alert(v3_entry("GBPUSD", price=1.27 + n / 1000, distance=0.01)).status, 200)
        self.assertEqual(w.daemon.alert(V6).json["decision"]["plugin"], "price_action_v6")
        self.assertTrue(t.is_alive(), "all of that while one waits")
        t.join()
        self.assertEqual(slow["answer"].json["reason"], "PLUGIN_TIMEOUT", slow["answer"].text)
        self.assertGreaterEqual(slow["took"], 1.9)
        w.sandbox.wait("notification", 0, "did not answer in time")
        t = threading.Thread(target=ask)
        t.start()
        until(lambda: w.daemon.log().count('text="asked"') == 2, "one waits again")
        w.daemon.stop()
        t.join()
        self.assertEqual(slow["answer"].status, 503, "a stop does not leave it without a word")
        self.assertLess(slow["took"], 1.9, "nor waits for the program")
        w.daemon.start()

    def test_it_dies_with_the_daemon_and_reads_no_secret(self):
        w = self.world(start=False)
        secret = w.daemon.path
        w.daemon.conf["traders"][0]["plugins"] = {"outside_1": program(ROGUE, "trespass", "../.." + secret)}
        w.daemon.start()
        w.daemon.alert(alert(1))
        said = w.daemon.show(w.daemon.find_rows("PLUGIN_SKIPPED")[0])
        self.assertIn("NOTHING_WORKED", said)
        self.assertEqual(len(processes_of(ROGUE)), 1)
        w.daemon.kill9()
        until(lambda: not processes_of(ROGUE), "the kernel has killed it")
        w.daemon.start()


if __name__ == "__main__":
    main()
