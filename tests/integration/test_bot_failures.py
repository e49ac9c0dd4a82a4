"""One bot fails: the others and trading go on, people hear of it through another bot, it comes back by itself."""
from trident_harness import TOKENS, Case, main, until, v3_entry


class Failures(Case):
    def wake_poll(self, w, bot):
        """Ends the parked long poll, so that the next one meets the fault."""
        w.sandbox.say(bot, "/help")

    def assert_others_work(self, w, failing):
        for bot, text in (("controller", "/status"), ("notification", "/mute"), ("analytics", "/daily")):
            if bot != failing:
                w.sandbox.ask(bot, text, "#")
        self.assertEqual(w.daemon.alert(v3_entry()).json["status"], "accepted")
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")

    def test_a_revoked_token_is_announced_by_another_bot(self):
        for failing, other in (("analytics", "controller"), ("controller", "notification")):
            w = self.world()
            w.sandbox.fault("unauthorised", failing, count=-1)
            self.wake_poll(w, failing)
            text = w.sandbox.wait(other, 0, f"The {failing} bot is down")["text"]
            self.assertNotIn(TOKENS[failing], text)
            h = w.daemon.health()
            self.assertEqual(h["status"], "degraded")
            self.assertNotIn(failing, h["telegram_bots"])
            self.assertTrue(any(failing in r and "Unauthorized" in r for r in h["reasons"]), h["reasons"])
            self.assert_others_work(w, failing)
            w.sandbox.clear_faults()
            w.daemon.restart()
            w.sandbox.ask(failing, "/help", "What this bot can do")

    def test_a_second_poller_is_backed_off_from_and_it_recovers(self):
        w = self.world()
        w.sandbox.fault("conflict_poll", "controller", count=1)
        self.wake_poll(w, "controller")
        until(lambda: "controller" not in w.daemon.health()["telegram_bots"], "the conflict is seen")
        self.assert_others_work(w, "controller")
        until(lambda: "controller" in w.daemon.health()["telegram_bots"], "it polls again")
        w.sandbox.ask("controller", "/status", "Active")

    def test_a_dead_connection_is_announced_and_the_return_too(self):
        w = self.world()
        w.sandbox.fault("drop_before", "analytics", method="getUpdates", count=-1)
        self.wake_poll(w, "analytics")
        until(lambda: "analytics" not in w.daemon.health()["telegram_bots"], "the drop is seen")
        self.assert_others_work(w, "analytics")
        w.sandbox.wait("controller", 0, "The analytics bot is down", timeout=40)
        w.sandbox.clear_faults()
        w.sandbox.wait("controller", 0, "The analytics bot is back", timeout=40)
        self.assertIn("Day", w.sandbox.ask("analytics", "/daily")["text"])

    def test_while_a_bot_is_down_another_serves_its_commands(self):
        w = self.world()
        w.sandbox.fault("unauthorised", "analytics", count=-1)
        self.wake_poll(w, "analytics")
        w.sandbox.wait("controller", 0, "The analytics bot is down")
        self.assertIn("Day", w.sandbox.ask("controller", "/daily")["text"])

    def test_the_whole_api_away_and_back(self):
        w = self.world()
        s = w.sandbox
        s.stop()
        self.assertEqual(w.daemon.alert(v3_entry()).json["status"], "accepted")
        until(lambda: w.daemon.engine()["open_positions"] == 2, "trading goes on")
        self.assertEqual(w.daemon.command("pause").json["status"], "accepted")
        s.start()
        s.wait("notification", 0, "BUY XAUUSD", timeout=40)
        s.wait("controller", 0, "PAUSED", timeout=40)
        until(lambda: len(w.daemon.health()["telegram_bots"]) == 3, "all bots are back", timeout=40)
        s.ask("controller", "/status", "Paused")

    def test_bad_answers_do_no_harm(self):
        w = self.world()
        for kind, more in (("truncate", {}), ("status", {"status": 502}), ("status", {"status": 500, "body": "empty"}),
                           ("execute_then_drop", {}), ("chunked", {}), ("close_every", {}), ("gzip", {}),
                           ("empty_poll", {"count": 5}), ("out_of_order", {})):
            w.sandbox.fault(kind, "controller", method="getUpdates", **more)
            w.sandbox.ask("controller", "/balance", "Account", timeout=30)
        keys = [key for _, _, key in w.daemon.rows() if key.startswith("tg:")]
        self.assertEqual(len(keys), len(set(keys)))
        self.assertEqual(len(keys), 9)

    def test_a_token_of_another_bot_is_refused(self):
        w = self.world(start=False)
        w.sandbox.fault("wrong_me", "analytics", count=-1)
        w.daemon.start(wait_bots=False)
        w.sandbox.wait("controller", 0, "The analytics bot is down")
        until(lambda: any("another bot" in r for r in w.daemon.health()["reasons"]), "health says why")
        w.sandbox.ask("controller", "/status", "Active")


if __name__ == "__main__":
    main()
