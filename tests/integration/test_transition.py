"""The time of two bots: sides, the report, retirement; hints that are said once for good; a key for one content."""
from trident_harness import BOTS, OWNER, TOKENS, TRADER, VIEWER, Case, main, until, v3_entry

ALL = ("controller", "notification", "analytics", "legacy")
ADOPTED = {"legacy": {"mode": "adopted", "token": TOKENS["legacy"]}}


class Sides(Case):
    def test_each_chooses_and_notifications_follow_over_a_kill(self):
        w = self.world(bots=ALL, overrides=ADOPTED)
        d, s = w.daemon, w.sandbox
        self.assertIn("/start_old or /start_new", s.ask("legacy", "/start", "keeps working")["text"])
        s.ask("notification", "/start_new", "You moved to the new bots")
        s.ask("legacy", "/start_old", "You stay with the old bot", user=TRADER)
        s.ask("controller", "/start_old", "stay with the old bot already", user=TRADER)
        d.restart(kill=True)
        mark = s.seq()
        d.alert(v3_entry())
        s.wait("notification", mark, "LOGIC1 B")
        s.wait("legacy", mark, "LOGIC1 B", user=TRADER)
        s.wait("legacy", mark, "LOGIC1 B", user=VIEWER)
        s.wait("notification", mark, "LOGIC1 B", user=VIEWER)
        until(w.is_quiet, "everything is said")
        self.assertEqual(s.said("legacy", mark, OWNER, "BUY XAUUSD"), [])
        self.assertEqual(s.said("notification", mark, TRADER, "BUY XAUUSD"), [])
        for bot in ("controller", "legacy"):  # commands work on both sides, whatever was chosen
            s.ask(bot, "/status", "Active", user=TRADER)
            s.ask(bot, "/status", "Active")
        s.ask("legacy", "/start_new", "You moved", user=TRADER)
        mark = s.seq()
        s.ask("controller", "/pause", "Paused")
        s.wait("controller", mark, "PAUSED", user=TRADER)
        self.assertEqual(s.said("legacy", mark, TRADER, "PAUSED"), [])

    def test_the_old_bot_retires_when_all_have_moved_and_an_admin_says_so(self):
        w = self.world(bots=ALL, overrides=ADOPTED)
        d, s = w.daemon, w.sandbox
        s.ask("legacy", "/status", "Active", user=VIEWER)
        self.assertNotIn("Old bot and new bots", s.ask("controller", "/transition", user=TRADER)["text"])
        s.ask("controller", "/start_new", "You moved")
        no = s.ask("controller", "/transition retire", "Not everybody has moved")["text"]
        self.assertTrue("Ravi" in no and "Vera" in no and "Asha" not in no, no)
        s.ask("analytics", "/start_new", "You moved", user=TRADER)
        s.ask("legacy", "/start_new", "You moved", user=VIEWER)
        report = s.ask("controller", "/transition", "3 of 3")
        self.assertRegex(report["text"], r"Vera moved\nold 2 \(")
        s.press("controller", report, "Retire")
        question = s.wait("controller", 0, "Retire the old bot?")
        s.press("controller", question, "Yes")
        s.wait("controller", 0, "The old bot is retired")
        s.wait("controller", 0, "THE OLD BOT IS RETIRED", user=TRADER)
        d.restart(kill=True)
        self.assertIn("@" + BOTS["controller"], s.ask("legacy", "/status", "is answered by", user=VIEWER)["text"])
        s.ask("legacy", "/pause", "Paused", user=TRADER)
        s.ask("controller", "/start_old", "The old bot is retired", user=VIEWER)
        mark = s.seq()
        s.ask("controller", "/resume", "Resumed")
        until(w.is_quiet, "everything is said")
        self.assertEqual(s.said("legacy", mark, VIEWER), [])
        s.ask("controller", "/transition back", "The old bot is back")
        s.ask("legacy", "/status", "Active", user=VIEWER)

    def test_a_legacy_name_is_explained_once_for_good(self):
        w = self.world(bots=ALL, overrides=ADOPTED)
        s = w.sandbox
        self.assertIn("now; both work", s.ask("controller", "/v3_toggle")["text"])
        self.assertIn("This now lives at", s.ask("legacy", "/status", "Active")["text"])
        w.daemon.restart(kill=True)
        self.assertNotIn("both work", s.ask("controller", "/v3_toggle")["text"])
        self.assertNotIn("now lives", s.ask("legacy", "/status", "Active")["text"])
        self.assertIn("both work", s.ask("controller", "/v3_toggle", user=TRADER)["text"])


class Keys(Case):
    def test_a_key_used_for_another_alert_is_refused_and_told(self):
        w = self.world()
        d = w.daemon
        first = d.alert(v3_entry(), headers={"Idempotency-Key": "tv-1"})
        self.assertEqual(first.status, 200)
        again = d.alert(v3_entry(), headers={"Idempotency-Key": "tv-1"})
        self.assertEqual((again.status, again.json["status"]), (200, "duplicate"))
        d.restart(kill=True)
        other = d.alert(v3_entry(price=2655.0), headers={"Idempotency-Key": "tv-1"})
        self.assertEqual((other.status, other.json["reason"], other.json["receipt"]),
                         (422, "IDEMPOTENCY_KEY_REUSED", first.json["receipt"]), other.text)
        w.sandbox.wait("notification", 0, "Idempotency-Key")


if __name__ == "__main__":
    main()
