"""What a phone can ask for: what if, drills, tiers, the reader's time zone, the trader by button, history as a file."""
import json
import re

from trident_harness import TRADER, VIEWER, Case, button, main, until, v3_entry, v3_exit

COLUMNS = 34


def widest(text):
    lines = [line for line in text.split("\n") if not re.match(r"#\d+$", line)]
    return max(len(line.encode("utf-16-le")) // 2 for line in lines)


class Phone(Case):
    def test_what_if_is_the_decision_of_trident_decide(self):
        w = self.world()
        alert = v3_entry()
        pretty = json.dumps(alert, indent=2)
        self.assertGreater(len(pretty), 300)
        said = w.sandbox.ask("controller", "/whatif " + pretty, "What if")["text"]
        self.assertIn("It would trade", said)
        self.assertLessEqual(widest(said), COLUMNS, said)
        told = w.daemon.admin("POST", "/api/v1/decide", {"alert": alert}).json
        self.assertEqual(told["action"], "execute", told)
        for order in told["orders"]:
            self.assertIn(f"{order['role']} BUY {float(order['lots']):.2f}", said)
        self.assertEqual(w.daemon.engine()["open_positions"], 0, "nothing is traded")

    def test_what_if_under_a_state_of_its_own_and_refusals(self):
        w = self.world()
        alert = v3_entry()
        question = {"alert": alert, "state": {"paused": True}}
        said = w.sandbox.ask("controller", "/whatif " + json.dumps(question), "What if")["text"]
        self.assertIn("It would not trade", said)
        self.assertIn("Supposed as you wrote it", said)
        said = w.sandbox.ask("controller", "/whatif " + json.dumps({"alert": alert, "state": {"balance": "x"}}),
                             "cannot be read")["text"]
        self.assertIn("balance: read x", said.replace("\n", " "))
        said = w.sandbox.ask("controller", "/whatif BULLISH_ENTRY|", "cannot be read")["text"]
        self.assertIn("accepted", said)
        said = w.sandbox.ask("controller", "/whatif", "/whatif BULLISH_ENTRY")["text"]
        w.sandbox.ask("controller", re.search(r"/whatif BULL\S+", said).group(0), "What if")
        w.sandbox.ask("controller", "/pause", "Paused")
        said = w.sandbox.ask("controller", "/whatif " + json.dumps(alert), "What if")["text"]
        self.assertIn("It would not trade", said, "as things stand now")

    def test_what_if_knows_what_the_next_alert_would_meet(self):
        w = self.world(trader={"plugins": {"price_action_v6": {"enabled": True, "shadow_mode": False}}})

        def what_if(alert):
            said = w.sandbox.ask("controller", "/whatif " + (alert if isinstance(alert, str) else json.dumps(alert)), "What if")
            return said["text"].replace("\n", " ")
        entry = "BULLISH_ENTRY|EURUSD|5|{{close}}|BUY|HIGH|90|31.0|STRONG|1.075|1.095|1.105|1.115|5/1|TL_OK|"
        self.assertIn("It would trade", what_if(entry))
        self.assertEqual(w.daemon.alert("TREND_PULSE|EURUSD|15|2|4|15:BULL→BEAR|MIXED_BEARISH").json["status"], "notified")
        said = what_if(entry)
        self.assertIn("It would not trade", said, "5m asks 15m (RT-12)")
        live = w.daemon.alert(entry).json
        self.assertEqual((live["status"], live["reason"]), ("refused", "PULSE_NOT_ALIGNED"), live)
        alert = v3_entry()
        self.assertIn("It would trade", what_if(alert))
        self.assertEqual(w.daemon.alert(alert).json["status"], "accepted")
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two orders")
        again = v3_entry(price=2650.5)
        self.assertIn("It would not trade", what_if(again), "the alert before it (P-10)")
        self.assertEqual(w.daemon.alert(again).json["reason"], "DUPLICATE_ALERT")
        self.assertIn("It would close", what_if(v3_exit()))
        self.assertEqual(w.daemon.engine()["open_positions"], 2, "nothing was closed")
        w.daemon.stop()
        self.assertIn("every output is the same", w.daemon.tool("audit", "replay").stdout)

    def test_a_drill_is_for_admins_and_leaves_everything_as_it_is(self):
        w = self.world()
        w.daemon.alert(v3_entry())
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two orders")
        before = w.daemon.engine()
        m = w.sandbox.ask("controller", "/drill", "Which fault?")
        seq = w.sandbox.seq()
        w.sandbox.press("controller", m, "timeout")
        said = w.sandbox.wait("controller", seq, "Passed")["text"]
        for part in ("Filled, but the answer was lost.", "Outcome known after", "asked 2×", "Fills 2"):
            self.assertIn(part, said)
        self.assertLessEqual(widest(said), COLUMNS, said)
        said = w.sandbox.ask("controller", "/drill all", "disconnect")["text"]
        self.assertEqual((said.count("✅"), said.count("❌")), (9, 0), said)
        self.assertIn("Did you mean panic", w.sandbox.ask("controller", "/drill panik", "accepted")["text"])
        w.sandbox.ask("controller", "/drill gap", "role", user=TRADER)
        after = w.daemon.engine()
        self.assertEqual(before["open_positions"], after["open_positions"])
        self.assertEqual(before["balance"], after["balance"])

    def test_tiers_and_stop_tables_of_the_old_bot(self):
        w = self.world()
        m = w.sandbox.ask("controller", "/risktier 2", "raises what can be lost")
        w.sandbox.press("controller", m, "Yes")
        until(lambda: "10000" in w.sandbox.ask("controller", "/risktier", "risk_tier")["text"], "the tier")
        w.sandbox.ask("controller", "/slsystem sl-2", "sl-1 → sl-2")
        w.sandbox.ask("controller", "/sl1_on", "sl-2 → sl-1")
        w.sandbox.ask("controller", "/complete_sl_system_off", "true → false")
        w.sandbox.ask("controller", "/set_symbol_sl XAUUSD 20", "sl_reduction.xauusd: 0 → 20")
        w.sandbox.ask("controller", "/reset_symbol_sl XAUUSD", "20 → 0")
        w.sandbox.ask("controller", "/sl1_off", "One of the two tables")
        self.assertIn("Did you mean sl-2", w.sandbox.ask("controller", "/slsystem sl2", "accepted")["text"])

    def test_a_mode_by_name_is_a_button_that_asks_back(self):
        w = self.world()
        said = w.sandbox.ask("controller", "/mode plugin_only", "already")["text"]
        self.assertIn("plugin_only", said)
        m = w.sandbox.ask("controller", "/mode legacy_only", "asks back")
        button(m, "Move there")
        w.sandbox.ask("controller", "/mode legacy_only", "role", user=TRADER)
        self.assertIn("Did you mean", w.sandbox.ask("controller", "/mode plugin_onli", "accepted")["text"])

    def test_times_are_shown_in_the_readers_zone_and_stay_so(self):
        w = self.world()
        w.daemon.alert(v3_entry())
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two orders")
        w.sandbox.press("controller", w.sandbox.ask("controller", "/closeall", "close"), "Yes")
        until(lambda: w.daemon.engine()["open_positions"] == 0, "flat")
        until(lambda: "+05:30" in w.sandbox.ask("controller", "/history")["text"], "the trader's zone")
        w.sandbox.ask("controller", "/timezone jst", "+09:00")
        until(lambda: "+09:00" in w.sandbox.ask("controller", "/history")["text"], "the reader's zone")
        self.assertIn("Did you mean CEST", w.sandbox.ask("controller", "/timezone cset", "Accepted")["text"])
        w.daemon.restart(kill=True)
        self.assertIn("+09:00 already", w.sandbox.ask("controller", "/tz +9", "already")["text"])
        self.assertIn("+09:00", w.sandbox.ask("controller", "/history", "XAUUSD")["text"])
        m = w.sandbox.ask("controller", "/history", "XAUUSD")
        w.sandbox.press("controller", m, "CSV")
        sent = until(lambda: [r for r in w.sandbox.requests("sendDocument", "controller") if r["status"] == 200],
                     "the document")
        self.assertTrue(sent)

    def test_the_trader_is_chosen_by_a_button_and_kept_over_a_restart(self):
        second = {"id": "second", "broker": {"tick_interval_ms": 100}}
        w = self.world(overrides={"traders": [{"id": "main", "broker": {"tick_interval_ms": 100}}, second]})
        m = w.sandbox.ask("controller", "/trader", "second")
        seq = w.sandbox.seq()
        w.sandbox.press("controller", m, "second")
        w.sandbox.wait("controller", seq, "second ✅")
        self.assertIn("second", w.sandbox.ask("controller", "/status")["text"])
        w.sandbox.ask("controller", "/pause", "Paused")
        w.daemon.restart(kill=True)
        self.assertIn("second", w.sandbox.ask("controller", "/status")["text"])
        traders = w.daemon.status()["traders"]
        self.assertEqual([t["paused"] for t in traders], [False, True])
        self.assertIn("main", w.sandbox.ask("controller", "/status", user=VIEWER)["text"], "each chat by itself")


if __name__ == "__main__":
    main()
