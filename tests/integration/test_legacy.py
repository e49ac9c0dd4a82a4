"""The bot being replaced: its process hears of state commands (external), or we answer in its name (adopted)."""
import time

from old_process import OldProcess
from trident_harness import BOTS, MIRROR_TOKEN, TOKENS, Case, main, until, v3_entry

ALL = ("controller", "notification", "analytics", "legacy")


class External(Case):
    def names(self):
        return [c["command"] for c in self.old.calls]

    def external(self, **more):
        self.old = OldProcess()
        self.addCleanup(self.old.close)
        return self.world(bots=ALL, overrides={"legacy": dict({
            "mode": "external", "token": TOKENS["legacy"], "mirror_url": self.old.url + "/telegram/{command}",
            "mirror_token": MIRROR_TOKEN}, **more)})

    def test_state_commands_are_mirrored_exactly_once(self):
        w = self.external()
        s = w.sandbox
        s.ask("controller", "/pause", "Paused")
        s.ask("controller", "/pause", "Already paused")  # changed nothing: not mirrored
        s.ask("controller", "/status", "Paused")
        s.ask("controller", "/resume", "Resumed")
        w.daemon.alert(v3_entry())
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")
        m = s.ask("controller", "/closeall", "Close 2 open positions?")
        until(lambda: len(self.old.calls) == 2, "two mirrored")
        s.press("controller", m, "Yes")
        until(lambda: w.daemon.engine()["open_positions"] == 0, "closed")
        s.ask("notification", "/panic", "PANIC")
        until(lambda: len(self.old.calls) >= 4, "four mirrored")
        # A kill between the old process's answer and its note in the outbox would repeat the call.
        until(lambda: w.daemon.status()["notify"]["outbox_rows"] == 0, "the outbox is empty")
        w.daemon.restart(kill=True)
        s.ask("controller", "/status", "PANIC")
        time.sleep(0.3)
        self.assertEqual(self.names(), ["pause", "resume", "closeall", "panic"])
        for c in self.old.calls:
            self.assertEqual((c["path"], c["authorisation"], c["args"]),
                             (f"/telegram/{c['command']}", f"Bearer {MIRROR_TOKEN}", ""))

    def test_a_refusal_is_tried_again_and_survives_a_kill(self):
        w = self.external()
        self.old.refuse = 2
        w.sandbox.ask("controller", "/pause", "Paused")
        until(lambda: self.old.refuse == 0, "two tries")
        self.assertEqual(self.names(), [])
        w.daemon.restart(kill=True)
        until(lambda: self.names() == ["pause"], "mirrored after the restart")
        w.sandbox.ask("controller", "/resume", "Resumed")
        until(lambda: self.names() == ["pause", "resume"], "in order")

    def test_notifications_come_under_the_old_name_too_and_its_token_is_not_polled(self):
        w = self.external()
        w.daemon.alert(v3_entry())
        for bot in ("notification", "legacy"):
            w.sandbox.wait(bot, 0, "LOGIC1 B")
        self.assertEqual(len(w.sandbox.said("legacy", contains="BUY XAUUSD")), 2)
        self.assertEqual(w.sandbox.stats("legacy")["polls"], 0)
        self.assertEqual(len(w.sandbox.requests("getMe", "legacy")), 0)

    def test_copies_can_be_switched_off(self):
        w = self.external(copy_notifications=False)
        w.daemon.alert(v3_entry())
        w.sandbox.wait("notification", 0, "LOGIC1 B")
        w.sandbox.ask("controller", "/status", "Active")
        self.assertEqual(w.sandbox.stats("legacy")["calls"], 0)

    def test_an_old_process_that_is_gone_disturbs_nobody(self):
        w = self.external()
        self.old.close()
        w.sandbox.ask("controller", "/pause", "Paused")
        w.sandbox.ask("controller", "/resume", "Resumed")
        self.assertEqual(w.daemon.alert(v3_entry()).json["status"], "accepted")
        w.sandbox.wait("notification", 0, "LOGIC1 B")
        w.sandbox.wait("legacy", 0, "LOGIC1 B")


class Adopted(Case):
    def test_every_command_works_there_and_names_the_new_bot(self):
        w = self.world(bots=ALL, overrides={"legacy": {"mode": "adopted", "token": TOKENS["legacy"]}})
        s = w.sandbox
        first = s.ask("legacy", "/status", "Active")["text"]
        self.assertIn("This now lives at @" + BOTS["controller"], first)
        self.assertNotIn("now lives", s.ask("legacy", "/status", "Active")["text"])
        self.assertIn("@" + BOTS["analytics"], s.ask("legacy", "/daily", "Day")["text"])
        self.assertIn("@" + BOTS["notification"], s.ask("legacy", "/mute", "What this chat hears")["text"])
        s.ask("legacy", "/start", "keeps working")
        s.ask("legacy", "/pause", "Paused")
        self.assertTrue(w.daemon.engine()["paused"])
        s.ask("legacy", "/resume", "Resumed")
        w.daemon.alert(v3_entry())
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")
        m = s.ask("legacy", "/closeall", "Close 2 open positions?")
        s.press("legacy", m, "Yes")
        until(lambda: w.daemon.engine()["open_positions"] == 0, "closed")
        s.wait("legacy", 0, "BUY XAUUSD")  # who chose no side hears on both
        self.assertIn("legacy", w.daemon.health()["telegram_bots"])

    def test_its_failure_is_announced_by_a_new_bot(self):
        w = self.world(bots=ALL, overrides={"legacy": {"mode": "adopted", "token": TOKENS["legacy"]}})
        w.sandbox.fault("unauthorised", "legacy", count=-1)
        w.sandbox.say("legacy", "/help")
        w.sandbox.wait("controller", 0, "The legacy bot is down")
        w.sandbox.ask("controller", "/status", "Active")


class Off(Case):
    def test_nothing_is_said_or_asked_under_the_old_name(self):
        w = self.world(bots=ALL, overrides={"legacy": {"mode": "off", "token": TOKENS["legacy"]}})
        w.daemon.alert(v3_entry())
        w.sandbox.ask("controller", "/pause", "Paused")
        w.sandbox.wait("notification", 0, "LOGIC1 B")
        self.assertEqual(w.sandbox.stats("legacy")["calls"], 0)


if __name__ == "__main__":
    main()
