"""Dangerous commands ask back; the question survives a kill, its answer counts once."""
from trident_harness import Case, button, main, until, v3_entry


class Danger(Case):
    def opened(self, **options):
        w = self.world(**options)
        a = w.daemon.alert(v3_entry())
        self.assertEqual((a.status, a.json["status"]), (200, "accepted"), a.text)
        self.positions(w, 2)
        return w

    def positions(self, w, n):
        until(lambda: w.daemon.engine()["open_positions"] == n and w.daemon.engine()["open_orders"] == 0,
              f"{n} open positions")

    def test_closeall_asks_and_yes_closes_exactly_what_is_open(self):
        for text in ("/closeall", "/close all"):
            w = self.opened()
            m = w.sandbox.ask("controller", text, "Close 2 open positions?")
            self.assertEqual(w.daemon.engine()["open_positions"], 2)
            w.sandbox.press("controller", m, "Yes, close all")
            done = w.sandbox.wait("controller", m["seq"], "Close orders on their way: 2")
            self.assertNotIn("Yes", str(done.get("markup", "")))
            self.positions(w, 0)
            w.sandbox.wait("notification", 0, "CLOSED XAUUSD")
            self.assertIn("No open positions", w.sandbox.ask("controller", "/positions")["text"])
            self.assertEqual(w.daemon.engine()["orders_sent"], 4)

    def test_closeall_with_an_argument_closes_nothing(self):
        w = self.opened()
        self.assertIn("argument cannot be used", w.sandbox.ask("controller", "/closeall XAUUSD")["text"])
        self.assertEqual(w.daemon.engine()["open_positions"], 2)

    def test_one_position_by_its_short_name(self):
        w = self.opened()
        text = w.sandbox.ask("controller", "/positions", "Open: 2")["text"]
        ref = next(word for word in text.split() if word[0].isdigit() and word[-1] in "ab")
        self.assertIn("Closing XAUUSD", w.sandbox.ask("controller", f"/close {ref}")["text"])
        self.positions(w, 1)
        self.assertIn("no such open position", w.sandbox.ask("controller", f"/close {ref}")["text"])
        m = w.sandbox.ask("controller", "/close xauusd", "Close this position?")
        w.sandbox.press("controller", m, "Yes")
        self.positions(w, 0)

    def test_close_by_button(self):
        w = self.opened()
        m = w.sandbox.ask("controller", "/close", "Which position?")
        w.sandbox.press("controller", m, "XAUUSD")
        self.positions(w, 1)
        self.assertEqual(w.daemon.engine()["orders_sent"], 3)

    def test_a_question_survives_kill_and_restart(self):
        w = self.opened()
        m = w.sandbox.ask("controller", "/closeall", "Close 2 open positions?")
        w.daemon.restart(kill=True)
        self.positions(w, 2)
        self.assertEqual(w.sandbox.press("controller", m, "Yes"), "Closing")
        self.positions(w, 0)
        # and the used one stays used over the next
        w.daemon.restart(kill=True)
        a = w.daemon.alert(v3_entry(tf="15"))
        self.assertEqual(a.json["status"], "accepted", a.text)
        self.positions(w, 2)
        self.assertIn("used already", w.sandbox.press("controller", m, "", force=True, data=button(m, "Yes")))
        self.assertEqual(w.daemon.engine()["open_positions"], 2)

    def test_panic_acts_at_once_and_needs_two_steps_to_leave(self):
        w = self.opened()
        s = w.sandbox
        s.ask("controller", "/panic", "PANIC STOP")
        self.positions(w, 0)
        for bot in ("controller", "notification", "analytics"):
            s.wait(bot, 0, "EMERGENCY STOP")
        a = w.daemon.alert(v3_entry(tf="15"))
        self.assertEqual((a.status, a.json["status"], a.json["reason"]), (200, "refused", "PANIC"))
        s.ask("controller", "/resume", "Release it first")
        w.daemon.restart(kill=True)
        self.assertTrue(w.daemon.engine()["panic"])
        m = s.ask("controller", "/panic release", "Release the panic stop?")
        s.press("controller", m, "Yes, release")
        s.wait("controller", m["seq"], "Panic released")
        e = w.daemon.engine()
        self.assertEqual((e["panic"], e["paused"]), (False, True))
        self.assertEqual(w.daemon.alert(v3_entry(tf="15")).json["reason"], "PAUSED")
        s.ask("controller", "/resume", "Resumed")
        self.assertEqual(w.daemon.alert(v3_entry(tf="15")).json["status"], "accepted")


if __name__ == "__main__":
    main()
