"""Strategies that are programs of their own and misbehave: a crash is started again, five failures switch off with a notice and
/enable forgives them, nonsense of each kind has its reason, floods and bad beginnings cost nobody else anything, and
`trident plugin-check` tells an author what is wrong."""
import subprocess

from outside_programs import BREAKOUT, FOLLOW, ROGUE, OutsideCase, alert, processes_of, program, trader
from trident_harness import TRIDENT, main, until, v3_entry


class OutsideFaults(OutsideCase):
    def test_a_crash_is_started_again_and_five_failures_switch_off_with_a_notice(self):
        w = self.world(trader=trader(outside_1=program(ROGUE, "fragile", symbols=["XAUUSD"]),
                                     outside_2=program(ROGUE, "off_step", symbols=["EURUSD"])))

        def second(n):
            return w.daemon.alert(v3_entry("EURUSD", price=1.085 + n / 10000, distance=0.01)).json
        self.assertEqual(self.reason(w, 0), "PLUGIN_SKIPPED")
        self.assertEqual(self.reason(w, 1, score=9), "PLUGIN_DIED")
        self.assertEqual(self.reason(w, 2), "PLUGIN_SKIPPED", "a fresh one answers")
        w.sandbox.wait("controller", 0, "outside_1 loaded anew")
        for n in range(5):
            self.assertEqual(second(n)["reason"], "PLUGIN_ANSWER")
        w.sandbox.wait("controller", 0, "outside_2 is off")
        self.assertEqual(second(6)["reason"], "PLUGIN_DISABLED", "no other strategy takes its place")
        until(lambda: len(processes_of(ROGUE)) == 1, "its program is ended")
        self.assertEqual(self.reason(w, 3), "PLUGIN_SKIPPED", "the other one goes on")
        w.sandbox.ask("controller", "/enable outside_2", "outside_2")
        self.assertEqual(second(7)["reason"], "PLUGIN_ANSWER", "asked again")
        w.sandbox.ask("controller", "/disable outside_2", "outside_2")
        self.assertEqual(second(8)["decision"]["plugin"], "combined_v3", "a person gave the alerts back")
        m = w.sandbox.ask("controller", "/enable outside_3", "outside_3")
        self.assertIn("No program is configured", m["text"])

    def test_each_kind_of_nonsense_has_its_reason(self):
        w = self.world(trader=trader(outside_1=program(ROGUE, "off_step", symbols=["XAUUSD"]),
                                     outside_2=program(ROGUE, "unknown_symbol", symbols=["EURUSD"]),
                                     outside_3=program(ROGUE, "garbage", symbols=["GBPUSD"])))
        a = w.daemon.alert(alert(1)).json
        self.assertEqual((a["reason"], a["decision"]["field"]), ("PLUGIN_ANSWER", "orders[0].lots"), a)
        a = w.daemon.alert(v3_entry("EURUSD", price=1.085, distance=0.01)).json
        self.assertEqual((a["reason"], a["decision"]["field"]), ("PLUGIN_ANSWER", "orders[0].symbol"), a)
        self.assertEqual(w.daemon.alert(v3_entry("GBPUSD", price=1.27, distance=0.01)).json["reason"],
                         "PLUGIN_PROTOCOL")
        self.assertEqual(w.daemon.engine()["orders_sent"], 0)
        w.sandbox.wait("notification", 0, "cannot be carried out")

    def test_floods_and_bad_beginnings_end_at_their_own_door(self):
        w = self.world(trader=trader(outside_1=program(ROGUE, "flood", symbols=["XAUUSD"]),
                                     outside_2=program(ROGUE, "long_line", symbols=["EURUSD"]),
                                     outside_3=program(ROGUE, "version", symbols=["GBPUSD"], deadline_ms=500)))
        w.sandbox.wait("notification", 0, "speaks another version")
        self.assertEqual(w.daemon.alert(v3_entry("EURUSD", price=1.085, distance=0.01)).json["reason"],
                         "PLUGIN_PROTOCOL")
        self.assertEqual(self.reason(w, 1), "PLUGIN_PROTOCOL")
        self.assertEqual(w.daemon.alert(v3_entry("GBPUSD", price=1.27, distance=0.01)).json["reason"],
                         "PLUGIN_VERSION")
        self.assertEqual(w.daemon.alert(v3_entry("USDJPY", price=150.0, distance=1)).json["decision"]["plugin"],
                         "combined_v3")

    def test_plugin_check_tells_an_author_what_is_wrong(self):
        for args, code, text in (((BREAKOUT,), 0, "ok "), ((FOLLOW,), 0, "decision {"),
                                 ((ROGUE, "off_step"), 1, "0.013, against 0.01"),
                                 ((ROGUE, "version"), 1, "PLUGIN_VERSION"), ((ROGUE, "crash"), 1, "signal 11"),
                                 ((ROGUE, "hang", "--deadline-ms", "200"), 1, "PLUGIN_TIMEOUT"),
                                 (("/nonexistent",), 1, "No such file"), ((), 2, "which program")):
            r = subprocess.run([TRIDENT, "plugin-check", *args], capture_output=True, text=True, timeout=30)
            self.assertEqual(r.returncode, code, r.stdout + r.stderr)
            self.assertIn(text, r.stdout + r.stderr)


if __name__ == "__main__":
    main()
