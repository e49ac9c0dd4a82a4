"""The time of two bots: sides, the report, retirement; state commands given anywhere are seen everywhere once, by id,
in order, within a second; /restart and /shutdown; hints that are said once for good."""
import os
import time

from old_process import OldProcess
from trident_harness import (ADMIN_TOKEN, BOTS, MIRROR_TOKEN, OWNER, TOKENS, TRADER, VIEWER, Case, button, main,
                             until, v3_entry)

ALL = ("controller", "notification", "analytics", "legacy")
ADOPTED = {"legacy": {"mode": "adopted", "token": TOKENS["legacy"]}}
RESTART_CODE = 75


class Mirror(Case):
    def external(self, **more):
        self.old = OldProcess()
        self.addCleanup(lambda: self.old.close())
        return self.world(bots=ALL, overrides={"legacy": dict({
            "mode": "external", "token": TOKENS["legacy"], "mirror_url": self.old.url + "/telegram/{command}",
            "mirror_token": MIRROR_TOKEN}, **more)})

    def timed(self, name, give):
        """Gives a command and waits for it at the old process; how long that took, in seconds."""
        before = len(self.old.calls)
        began = time.monotonic()
        give()
        until(lambda: len(self.old.calls) > before, f"{name} is mirrored")
        took = self.old.calls[before]["at"] - began
        self.assertLess(took, 1.0, name)
        return took

    def test_whatever_the_way_in_it_is_seen_everywhere_once_and_at_once(self):
        w = self.external()
        d, s = w.daemon, w.sandbox
        d.alert(v3_entry())
        until(lambda: d.engine()["open_positions"] == 2, "two positions")
        question = s.ask("controller", "/closeall", "Close 2 open positions?")
        cli = lambda *args: self.assertEqual(d.tool("command", *args).returncode, 0)
        took = [
            self.timed("bot", lambda: s.ask("controller", "/pause", "Paused")),
            self.timed("http", lambda: d.admin("POST", "/resume")),
            self.timed("cli", lambda: cli("pause")),
            self.timed("api", lambda: d.command("resume")),
            self.timed("setting", lambda: d.command("config", "v3.base_lot 0.02")),
            self.timed("legacy name", lambda: d.command("logic1_off")),
            self.timed("toggle", lambda: d.command("logic1", "toggle")),
            self.timed("close", lambda: s.press("controller", question, "Yes")),
            self.timed("panic", lambda: d.admin("POST", "/emergency_stop")),
        ]
        # The people who did not give it hear of it too, and so does HTTP.
        s.wait("controller", 0, "PAUSED", user=TRADER)
        s.wait("controller", 0, "RESUMED", user=TRADER)
        self.assertTrue(d.engine()["panic"])
        until(lambda: d.status()["notify"]["outbox_rows"] == 0, "everything is delivered")
        self.assertEqual(self.old.seen(), ["pause", "resume", "pause", "resume",
                                           "config plugins.combined_v3.base_lot 0.02", "logic1_off", "logic1_on",
                                           "closeall", "panic"])
        self.assertEqual(len(self.old.calls), len({c["key"] for c in self.old.calls}), "nothing came twice")
        for c in self.old.calls:
            self.assertEqual((c["path"], c["authorisation"]), (f"/telegram/{c['command']}", f"Bearer {MIRROR_TOKEN}"))
        for name in ("panic", "status"):  # change nothing: nothing to mirror
            d.command(name)
        time.sleep(0.2)
        self.assertEqual(len(self.old.calls), 9)
        print(f"mirror latency over {len(took)} ways in: median {sorted(took)[len(took) // 2] * 1000:.0f} ms, "
              f"most {max(took) * 1000:.0f} ms")

    def test_killed_in_the_middle_with_a_slow_old_side_that_loses_its_answers(self):
        w = self.external()
        d = w.daemon
        self.old.delay_s = 0.03
        self.old.lose_answers = True
        expected = []
        for i in range(24):
            name = ("pause", "resume")[i % 2]
            self.assertEqual(d.command(name).json["status"], "accepted")
            expected.append(name)
            if i in (7, 15):
                d.restart(kill=True)
            if i == 11:
                self.old.lose_answers = False
        until(lambda: d.status()["notify"]["outbox_rows"] == 0, "everything is delivered")
        self.assertEqual(self.old.seen(), expected)
        keys = [c["key"] for c in self.old.calls]
        self.assertGreater(len(keys), len(set(keys)), "answers were lost: some came again, under their own key")
        self.assertEqual(keys, sorted(keys, key=keys.index), "a repeat never comes after its successor")

    def test_an_old_side_that_was_down_gets_everything_in_order_within_a_second_of_its_return(self):
        w = self.external()
        d = w.daemon
        port = self.old.port
        self.old.close()
        names = [("pause", "resume")[i % 2] for i in range(10)]
        for name in names:
            d.command(name)
        d.restart(kill=True)
        time.sleep(1.5)  # the pauses between tries have grown as far as they go
        back = time.monotonic()
        self.old = OldProcess(port)
        until(lambda: len(self.old.calls) >= len(names), "all arrive")
        self.assertEqual(self.old.seen(), names)
        self.assertLess(self.old.calls[0]["at"] - back, 2.5)

    def test_what_comes_from_the_old_side_is_not_sent_back_and_counts_once(self):
        w = self.external()
        d, s = w.daemon, w.sandbox

        def pass_on(name, key):
            return d.http("POST", "/api/v1/command",
                          {"command": name, "origin": "legacy", "user_id": OWNER, "user_name": "Asha"},
                          {"Authorization": f"Bearer {ADMIN_TOKEN}", "Idempotency-Key": key})

        first = pass_on("pause", "old-1").json
        self.assertEqual(first["status"], "accepted")
        again = pass_on("pause", "old-1")
        self.assertEqual((again.status, again.json["status"], again.json["receipt"]),
                         (200, "duplicate", first["receipt"]))
        other = pass_on("resume", "old-1")
        self.assertEqual((other.status, other.json["reason"]), (422, "IDEMPOTENCY_KEY_REUSED"))
        self.assertTrue(d.engine()["paused"])
        s.wait("controller", 0, "PAUSED")
        # An old process that passes on everything it hears: its echo ends here.
        self.old.on_call = lambda c: pass_on(c["command"], "echo-" + c["key"])
        s.ask("controller", "/resume", "Resumed")
        until(lambda: self.old.calls, "mirrored")
        s.ask("controller", "/pause", "Paused")
        until(lambda: d.status()["notify"]["outbox_rows"] == 0 and len(self.old.calls) == 2, "both are delivered")
        self.assertEqual(self.old.seen(), ["resume", "pause"])
        self.assertIn("old 3", s.ask("controller", "/transition", "has not chosen")["text"])
        for fault in ({"origin": "moon"}, {"user_id": "x"}, {"user_name": ""}):
            a = d.command("pause", **fault)
            self.assertEqual((a.status, a.json["field"]), (400, next(iter(fault))), a.text)


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


class Ending(Case):
    def end(self, w, name, question):
        """Presses Yes; the exit code, once the process has ended by itself."""
        m = w.sandbox.ask("controller", f"/{name}", question)
        w.sandbox.press("controller", m, "Yes")
        code = w.daemon.process.wait(20)
        w.daemon.process = None
        return m, code

    def test_restart_ends_with_its_own_code_after_the_answer_and_happens_once(self):
        w = self.world()
        s = w.sandbox
        refused = s.ask("controller", "/restart", user=TRADER)["text"]
        self.assertNotIn("Restart Trident?", refused)
        question, code = self.end(w, "restart", "Restart Trident?")
        self.assertIn("no systemd", question["text"])
        self.assertEqual(code, RESTART_CODE)
        self.assertEqual(len(s.said("controller", contains="Restarting. The next message")), 1)
        w.daemon.start()
        s.ask("controller", "/status", "Active")  # it stays up: nothing is replayed as a wish
        self.assertIsNone(w.daemon.process.poll())
        s.press("controller", question, "Yes", force=True, data=button(question, "Yes"))  # the same one again
        s.wait("controller", 0, "This button was used already")
        s.ask("controller", "/status", "Active")
        self.assertIsNone(w.daemon.process.poll())
        with open(os.path.join(os.path.dirname(__file__), "../../packaging/systemd/trident.service"),
                  encoding="utf-8") as f:
            unit = f.read()
        self.assertIn(f"RestartForceExitStatus={RESTART_CODE}\n", unit)
        self.assertIn("Restart=on-failure\n", unit)

    def test_shutdown_ends_well_over_telegram_and_over_http_with_an_unreachable_telegram(self):
        # The leak check of test builds looks at the process in ways the filter of a service forbids.
        w = self.world(start=False, overrides={"security": {"seccomp": "off"}})
        w.daemon.environment = dict(os.environ, NOTIFY_SOCKET=os.path.join(w.folder, "nobody"))
        w.daemon.start()
        d, s = w.daemon, w.sandbox
        self.assertIn("systemd starts it again", s.ask("controller", "/restart", "Restart Trident?")["text"])
        question, code = self.end(w, "shutdown", "Shut Trident down?")
        self.assertIn("stays down", question["text"])
        self.assertEqual(code, 0)
        self.assertEqual(len(s.said("controller", contains="This was the last answer")), 1)
        self.assertIn("stopped after_ms=", d.log())
        d.start()
        asked = d.command("shutdown").json
        s.stop()
        done = d.command("shutdown", confirm=asked["receipt"]).json
        self.assertEqual(done["status"], "accepted")
        began = time.monotonic()
        self.assertEqual(d.process.wait(20), 0)
        self.assertLess(time.monotonic() - began, 12)
        d.process = None
        s.start()
        d.start()
        s.ask("controller", "/status", "Active")


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
