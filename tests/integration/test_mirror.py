"""State commands given anywhere (bots, HTTP, command line) are seen by the old bot's process once, by id, in order, within
a second, whatever is killed, slow or down; what comes from there is not sent back."""
import time

from old_process import OldProcess
from trident_harness import ADMIN_TOKEN, MIRROR_TOKEN, OWNER, TOKENS, TRADER, Case, main, until, v3_entry

ALL = ("controller", "notification", "analytics", "legacy")


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


if __name__ == "__main__":
    main()
