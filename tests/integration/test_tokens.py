"""Fewer than three tokens: the bots there are do all the work."""
from trident_harness import TOKENS, Case, main, until, v3_entry, v3_exit

EVERYTHING = {"/start": "Trident", "/status": "Active", "/positions": "No open positions", "/subscribe": "gets notif",
              "/mute": "What this chat hears", "/test": "on its way", "/daily": "Day", "/stats": "All closed trades",
              "/performance": "Last", "/help": "/daily"}


class Tokens(Case):
    def check(self, w, bot, expected=EVERYTHING):
        for text, answer in expected.items():
            w.sandbox.ask(bot, text, answer)
        after = w.sandbox.seq()
        self.assertEqual(w.daemon.alert(v3_entry()).json["status"], "accepted")
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")
        return after

    def test_one_token_does_everything(self):
        for bot in ("controller", "notification", "analytics"):
            w = self.world(bots=(bot,))
            after = self.check(w, bot)
            w.sandbox.wait(bot, after, "LOGIC1 B")
            self.assertEqual(w.daemon.alert(v3_exit()).json["status"], "closed")
            w.sandbox.wait(bot, after, "EXIT XAUUSD")
            # alarms for every bot arrive once
            w.sandbox.ask(bot, "/panic", "PANIC STOP")
            w.sandbox.wait(bot, after, "EMERGENCY STOP")
            w.sandbox.ask(bot, "/help")
            self.assertEqual(len(w.sandbox.said(bot, after, contains="EMERGENCY STOP")), 1)
            listed = w.sandbox.get("commands", bot=bot)["bots"][0]["commands"]
            self.assertGreater(len(listed), 20)

    def test_two_tokens(self):
        w = self.world(bots=("controller", "notification"))
        analytics = {k: v for k, v in EVERYTHING.items() if k in ("/status", "/daily", "/stats", "/performance")}
        self.check(w, "controller", analytics)
        w.sandbox.ask("notification", "/subscribe", "gets notifications")
        w.sandbox.wait("notification", 0, "LOGIC1 B")
        self.assertEqual(w.sandbox.said("controller", contains="LOGIC1 B"), [])

    def test_the_same_token_twice_is_one_bot(self):
        w = self.world(bots=("controller", "notification"), start=False)
        w.daemon.conf["telegram"]["analytics"] = {"token": TOKENS["controller"]}
        w.daemon.start()
        self.check(w, "controller", {"/status": "Active", "/daily": "Day", "/performance": "Last"})
        w.sandbox.ask("controller", "/panic", "PANIC STOP")
        w.sandbox.wait("controller", 0, "EMERGENCY STOP")
        w.sandbox.ask("controller", "/help")
        self.assertEqual(len(w.sandbox.said("controller", contains="EMERGENCY STOP")), 1)
        self.assertEqual(w.sandbox.stats("controller")["conflicts"], 0)

    def test_the_same_token_three_times(self):
        w = self.world(bots=("controller",), start=False)
        for bot in ("notification", "analytics"):
            w.daemon.conf["telegram"][bot] = {"token": TOKENS["controller"]}
        w.daemon.start()
        after = self.check(w, "controller")
        w.sandbox.wait("controller", after, "LOGIC1 B")
        self.assertEqual(len(w.sandbox.said("controller", after, contains="LOGIC1 B")), 1)
        self.assertEqual(w.sandbox.stats("controller")["conflicts"], 0)


if __name__ == "__main__":
    main()
