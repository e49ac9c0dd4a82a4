# labels: smoke
"""Every command of the three bots is answered with a receipt number; typing errors get a suggestion; commands for
another bot are ignored; the BotFather lists are sent only when they differ."""
from trident_harness import BOTS, Case, main, receipt, until

CONTROLLER = {
    "/start": "Trident", "/help": "/positions", "/status": "Active", "/pause": "Paused", "/resume": "Resumed",
    "/positions": "No open positions", "/orders": "No orders", "/close": "nothing open", "/closeall": "nothing open",
    "/pnl": "Profit", "/balance": "10000.00", "/risk": "Loss today", "/mode": "Mode", "/trader": "main",
    "/why 1": "#1", "/health": "Journal", "/version": "Trident", "/language": "Which language",
    "/panic": "PANIC"}
NOTIFICATION = {
    "/start": "notifications", "/help": "/subscribe", "/subscribe": "gets notifications", "/mute": "What this chat hears",
    "/mute v3_entry": "v3_entry: off", "/unmute v3_entry": "v3_entry: on", "/test": "on its way",
    "/unsubscribe": "no more notifications", "/lang": "Which language"}
ANALYTICS = {
    "/start": "analytics", "/help": "/daily", "/daily": "Day", "/stats": "All closed trades",
    "/performance": "Last", "/pnl": "Profit", "/bhasha": "Which language"}
ALIASES = {"/stop": "Paused", "/equity": "Account", "/state": "Paused", "/profit": "Profit"}


class Commands(Case):
    def check_all(self, sandbox, bot, expected):
        seen = set()
        for text, answer in expected.items():
            m = sandbox.ask(bot, text, answer)
            number = receipt(m)
            self.assertNotIn(number, seen, text)
            seen.add(number)

    def test_every_command_is_answered_with_its_own_receipt(self):
        s = self.world().sandbox
        self.check_all(s, "notification", NOTIFICATION)
        self.check_all(s, "analytics", ANALYTICS)
        self.check_all(s, "controller", CONTROLLER)

    def test_every_command_in_the_menu_is_known(self):
        s = self.world().sandbox
        for bot in ("controller", "notification", "analytics"):
            listed = s.get("commands", bot=bot)["bots"][0]["commands"]
            self.assertGreaterEqual(len(listed), 5)
            for entry in listed:
                m = s.ask(bot, "/" + entry["command"])
                self.assertNotIn("There is no /", m["text"])
                receipt(m)

    def test_aliases(self):
        self.check_all(self.world().sandbox, "controller", ALIASES)

    def test_pause_twice_is_harmless(self):
        w = self.world()
        self.assertIn("Paused.", w.sandbox.ask("controller", "/pause")["text"])
        self.assertIn("Already paused", w.sandbox.ask("controller", "/pause")["text"])
        self.assertTrue(w.daemon.engine()["paused"])
        self.assertIn("Resumed.", w.sandbox.ask("controller", "/resume")["text"])
        self.assertIn("already allowed", w.sandbox.ask("controller", "/resume")["text"])
        self.assertFalse(w.daemon.engine()["paused"])

    def test_typing_errors_get_a_suggestion_and_do_nothing(self):
        w = self.world()
        for typed, meant in (("/positins", "/positions"), ("/stauts", "/status"), ("/paus", "/pause")):
            m = w.sandbox.ask("controller", typed)
            self.assertIn(f"Did you mean {meant}?", m["text"])
            receipt(m)
        self.assertIn("/help lists", w.sandbox.ask("controller", "/xyzzy")["text"])
        self.assertIn("commands", w.sandbox.ask("controller", "good morning")["text"])
        self.assertFalse(w.daemon.engine()["paused"])

    def test_case_spaces_and_own_name_do_not_matter(self):
        s = self.world().sandbox
        self.assertIn("Active", s.ask("controller", "/STATUS")["text"])
        self.assertIn("Active", s.ask("controller", "/status@" + BOTS["controller"].upper())["text"])
        self.assertIn("#1", s.ask("controller", "/why   1 ")["text"])

    def test_a_command_for_another_bot_is_ignored(self):
        w = self.world()
        seq = w.sandbox.say("controller", "/pause@some_other_bot")
        m = w.sandbox.ask("controller", "/status")
        self.assertIn("Active", m["text"])
        self.assertEqual(len(w.sandbox.said("controller", seq)), 1)

    def test_another_bots_command_is_answered_with_the_way_there(self):
        s = self.world().sandbox
        m = s.ask("notification", "/positions")
        self.assertIn("@" + BOTS["controller"], m["text"])
        receipt(m)

    def test_pause_and_panic_work_on_every_bot(self):
        w = self.world()
        self.assertIn("Paused", w.sandbox.ask("analytics", "/pause")["text"])
        self.assertIn("PANIC", w.sandbox.ask("notification", "/panic", "PANIC")["text"])
        self.assertTrue(w.daemon.engine()["panic"])

    def test_menus_are_sent_only_when_they_differ(self):
        w = self.world()
        until(lambda: len(w.sandbox.requests("setMyCommands")) >= 3, "three menus")
        first = w.sandbox.requests("setMyCommands")
        self.assertEqual(sorted(r["bot"] for r in first), ["analytics", "controller", "notification"])
        asked = len(w.sandbox.requests("getMyCommands"))
        w.daemon.restart()
        until(lambda: len(w.sandbox.requests("getMyCommands")) >= asked + 3, "three looks at the menus")
        w.sandbox.ask("controller", "/status")
        self.assertEqual(len(w.sandbox.requests("setMyCommands")), len(first))


if __name__ == "__main__":
    main()
