"""After an outage: what came too late is not carried out, what makes safe is; a backlog is worked off once, whatever
kills the program on the way."""
import collections
import re
import time

from trident_harness import Case, main, until, v3_entry

COMMAND = 2  # kind of a journal row


class Stale(Case):
    def test_old_commands_get_one_summary_and_nothing_is_done(self):
        w = self.world(start=False)
        s = w.sandbox
        old = int(time.time()) - 3600
        for text, count in (("/resume", 3), ("/closeall", 2), ("/close XAUUSD", 1), ("/status", 4), ("/xyzzy", 1)):
            s.say("controller", text, date=old, count=count)
        w.daemon.start()
        m = s.wait("controller", 0, "came too late")
        self.assertIn("11 commands", m["text"])
        for part in ("/resume ×3", "/closeall ×2", "/status ×4"):
            self.assertIn(part, m["text"])
        until(lambda: s.is_drained("controller"), "the backlog is confirmed")
        self.assertIn("Active", s.ask("controller", "/status", "Active")["text"])
        answers = [m for m in s.said("controller") if "Trident is running" not in m["text"]]
        self.assertEqual(len(answers), 2, [m["text"] for m in answers])

    def test_panic_and_pause_act_whatever_their_age(self):
        for text, field in (("/panic", "panic"), ("/pause", "paused")):
            w = self.world(start=False)
            w.sandbox.say("controller", text, date=int(time.time()) - 7200)
            w.daemon.start()
            until(lambda: w.daemon.engine()[field], f"{text} acts")

    def test_a_command_of_a_moment_ago_is_fresh(self):
        w = self.world(start=False)
        w.sandbox.say("controller", "/pause", date=int(time.time()) - 20)
        w.sandbox.say("controller", "/resume", date=int(time.time()) - 15)
        w.daemon.start()
        w.sandbox.wait("controller", 0, "Resumed")
        self.assertFalse(w.daemon.engine()["paused"])

    def test_a_stale_backlog_of_hundreds_is_one_message(self):
        w = self.world(start=False)
        w.sandbox.say("controller", "/resume", date=int(time.time()) - 3600, count=450)
        w.daemon.start()
        m = w.sandbox.wait("controller", 0, "came too late")
        self.assertIn("450 commands", m["text"])
        until(lambda: w.sandbox.is_drained("controller"), "the backlog is confirmed")
        self.assertEqual(len(w.sandbox.said("controller", contains="came too late")), 1)


class Backlog(Case):
    def command_updates(self, w):
        """How often the journal carried out each update of the controller."""
        return collections.Counter(key for _, kind, key in w.daemon.rows() if kind == COMMAND and key.startswith("tg:"))

    def test_five_hundred_updates_survive_kills_and_none_is_done_twice(self):
        w = self.world(start=False, overrides={"telegram": {"limits_off": True}})
        s = w.sandbox
        s.say("controller", "/balance", count=500)
        done = 0
        for wanted in (60, 200, 350):
            w.daemon.start(wait_bots=False)
            until(lambda: len(self.command_updates(w)) >= min(wanted, done + 1), "some are done", step=0.001)
            w.daemon.kill9()
            done = len(self.command_updates(w))
        w.daemon.start()
        until(lambda: s.is_drained("controller"), "all are confirmed")
        counts = self.command_updates(w)
        self.assertEqual(len(counts), 500)
        self.assertEqual(set(counts.values()), {1})
        seqs = {seq for seq, kind, key in w.daemon.rows() if key in counts}

        def answered():
            return collections.Counter(
                int(re.search(r"#(\d+)", r["params"]["text"]).group(1)) for r in s.requests("sendMessage", "controller")
                if "Account" in r["params"].get("text", "") and r["status"] == 200)
        until(lambda: set(answered()) >= seqs, "every command is answered")
        self.assertEqual(set(answered()), seqs)

    def test_updates_told_again_are_not_done_again(self):
        w = self.world()
        w.sandbox.fault("duplicate_updates", "controller", count=3)
        for _ in range(3):
            w.sandbox.ask("controller", "/balance", "Account")
        until(lambda: w.sandbox.is_drained("controller"), "confirmed")
        self.assertEqual(set(self.command_updates(w).values()), {1})
        self.assertEqual(len(w.sandbox.said("controller", contains="Account")), 3)

    def test_update_ids_that_begin_anew_are_followed(self):
        w = self.world()
        w.sandbox.ask("controller", "/balance", "Account")
        w.sandbox.fault("id_restart", "controller", start=12)
        w.sandbox.ask("controller", "/balance", "Account")
        w.sandbox.ask("controller", "/balance", "Account")
        until(lambda: w.sandbox.is_drained("controller"), "confirmed")

    def test_sigterm_under_load_loses_nothing(self):
        w = self.world(overrides={"telegram": {"limits_off": True}})
        w.sandbox.say("controller", "/balance", count=300)
        w.daemon.alert(v3_entry())
        began = time.monotonic()
        w.daemon.stop()
        self.assertLess(time.monotonic() - began, 10)
        w.daemon.start()
        until(lambda: w.sandbox.is_drained("controller"), "all are confirmed")
        counts = self.command_updates(w)
        self.assertEqual((len(counts), set(counts.values())), (300, {1}))
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")


if __name__ == "__main__":
    main()
