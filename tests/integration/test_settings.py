"""Settings changed from a chat: they count at once, survive a kill, ask before they raise a limit, and replay."""
from trident_harness import Case, main, until, v3_entry


class Settings(Case):
    def test_a_switch_counts_for_the_next_alert_and_survives_a_kill(self):
        w = self.world()
        self.assertIn("logic1.enabled: true → false", w.sandbox.ask("controller", "/logic1 off")["text"])
        a = w.daemon.alert(v3_entry(tf="5"))
        self.assertEqual((a.json["status"], a.json["reason"]), ("refused", "LOGIC_DISABLED"), a.text)
        w.daemon.restart(kill=True)
        self.assertIn("already", w.sandbox.ask("controller", "/logic1_off", "already")["text"])
        shown = w.sandbox.ask("controller", "/config v3.logic1.enabled")["text"]
        self.assertIn("file: true", shown)
        until(lambda: w.daemon.engine()["broker_up"], "the broker")
        self.assertEqual(w.daemon.alert(v3_entry(tf="5", price=2651.0)).json["reason"], "LOGIC_DISABLED")
        w.sandbox.ask("controller", "/logic1 reset", "false → true")
        a = w.daemon.alert(v3_entry(tf="5", price=2652.0))
        self.assertEqual(a.json["status"], "accepted", a.text)
        w.daemon.stop()
        out = w.daemon.tool("audit", "replay")
        self.assertIn("every output is the same", out.stdout, out.stdout + out.stderr)

    def test_raising_a_limit_asks_and_lowering_does_not(self):
        w = self.world()
        w.sandbox.ask("controller", "/dailylimit 150", "→ 150")
        m = w.sandbox.ask("controller", "/set_daily_cap 400", "raises what can be lost")
        self.assertIn("/set_daily_cap is /dailylimit now", m["text"])
        self.assertNotIn("400", w.sandbox.ask("controller", "/risk")["text"])
        w.sandbox.press("controller", m, "Yes, change it")
        until(lambda: "400.00" in w.sandbox.ask("controller", "/risk")["text"], "the limit")
        self.assertIn("150 → 400", w.sandbox.ask("controller", "/config history", "Changes")["text"])

    def test_a_market_order_by_hand_is_shown_and_sent(self):
        w = self.world()
        m = w.sandbox.ask("controller", "/buy XAUUSD 0.02 30", "at the market")
        self.assertIn("are lost", m["text"])
        w.sandbox.press("controller", m, "Yes, buy")
        until(lambda: w.daemon.engine()["open_positions"] == 1, "the position")
        words = w.sandbox.ask("controller", "/positions", "Open: 1")["text"].split()
        ref = next(word for word in words if word[0].isdigit() and word[-1] == "a")
        w.sandbox.ask("controller", f"/partial {ref} 50", "Closing 50 %")
        until(lambda: "0.01" in w.sandbox.ask("controller", "/positions")["text"], "half of it")
        m = w.sandbox.ask("controller", "/close age<1h manual", "Close this position?")
        w.sandbox.press("controller", m, "Yes")
        until(lambda: w.daemon.engine()["open_positions"] == 0, "flat")
        until(lambda: "XAUUSD" in w.sandbox.ask("controller", "/history")["text"], "the ledger")


if __name__ == "__main__":
    main()
