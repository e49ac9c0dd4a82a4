"""The shadow machine over Telegram and HTTP: modes, closed gates, a cut-over, and the way back by itself when the
old bot and the plugin do not agree."""
from trident_harness import Case, main, v3_entry

SCOPE = "v3 LOGIC1"


class Shadow(Case):
    def move(self, w, line, question):
        m = w.sandbox.ask("controller", line, question)
        w.sandbox.press("controller", m, "Yes")

    def says(self, w, action, **more):
        a = w.daemon.admin("POST", "/legacy/decision", {"action": action, "symbol": "XAUUSD", **more})
        self.assertEqual((a.status, a.json["status"]), (200, "accepted"), a.text)

    def test_from_shadow_over_the_cut_over_and_back(self):
        w = self.world(start=False)
        w.daemon.conf["traders"][0]["shadow"] = {"legacy_source": "outside", "gate_signals": 1, "gate_hours": 0}
        w.daemon.start()
        self.move(w, f"/shadow_mode shadow {SCOPE}", "combined_v3 LOGIC1")
        w.sandbox.wait("controller", 0, "combined_v3 LOGIC1 → shadow")
        self.assertIn("alerts compared: 0 of 1", w.sandbox.ask("controller", f"/cutover {SCOPE}", "gates")["text"])
        a = w.daemon.alert(v3_entry(score=2))
        self.assertEqual(a.json["reason"], "LEGACY_OWNS", a.text)
        self.says(w, "skip")
        self.assertIn("1 of 1 agree", w.sandbox.ask("controller", "/shadow", "usual mode")["text"])
        self.move(w, f"/cutover {SCOPE}", "plugin_shadow")
        w.sandbox.wait("controller", 0, "combined_v3 LOGIC1 → plugin_shadow")
        a = w.daemon.alert(v3_entry(score=2, price=2651.0))
        self.assertNotEqual(a.json["reason"], "LEGACY_OWNS", a.text)
        self.says(w, "execute", direction="BUY", lot_size="0.1", reason="its own words")
        w.sandbox.wait("controller", 0, "ROLLBACK combined_v3 LOGIC1")
        self.assertIn("action_mismatch", w.sandbox.ask("controller", "/shadow_discrepancies", "new: skip")["text"])
        a = w.daemon.alert(v3_entry(price=2652.0))
        self.assertEqual(a.json["reason"], "LEGACY_OWNS", a.text)
        self.assertEqual(w.daemon.engine()["orders_sent"], 0)

    def test_what_the_old_bot_says_is_checked(self):
        w = self.world()
        for body, field in (({"symbol": "XAUUSD"}, "action"), ({"action": "skip"}, "symbol"),
                            ({"action": "execute", "symbol": "XAUUSD", "direction": "up"}, "direction"),
                            ({"action": "execute", "symbol": "XAUUSD", "lot_size": "x"}, "lot_size"), ([], "body")):
            a = w.daemon.admin("POST", "/legacy/decision", body)
            self.assertEqual((a.status, a.json["field"]), (400, field), a.text)
        self.assertEqual(w.daemon.http("POST", "/legacy/decision", {"action": "skip"}).status, 401)


if __name__ == "__main__":
    main()
