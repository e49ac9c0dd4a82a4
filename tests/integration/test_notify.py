"""Messages arrive: under Telegram's limits, over refusals, migrations, blocks and kills."""
import re
import time

from trident_harness import OWNER, TRADER, Case, main, until, v3_entry, v3_exit

GROUP = -100200300
SUPERGROUP = -1000100200300


class Limits(Case):
    def test_a_429_is_obeyed_and_nothing_is_lost(self):
        w = self.world()
        s = w.sandbox
        s.fault("flood", "notification", method="sendMessage", retry_after=2, chat_id=OWNER)
        s.ask("notification", "/test", "on its way", user=TRADER)
        for _ in range(5):
            s.say("notification", "/test")
        s.ask("notification", "/help", "/subscribe", user=TRADER)  # the other chat does not wait
        until(lambda: len(s.said("notification", contains="Test notification")) == 5, "all five")
        sends = [r for r in s.requests("sendMessage", "notification") if r["params"]["chat_id"] in (OWNER, str(OWNER))]
        self.assertEqual(sends[0]["status"], 429)
        self.assertGreaterEqual(sends[1]["mono_ms"] - sends[0]["mono_ms"], 2000)
        self.assertEqual([r["status"] for r in sends[1:]], [200] * (len(sends) - 1))
        self.assertEqual(len(s.said("notification", contains="on its way")), 5)
        self.assertGreaterEqual(w.daemon.status()["notify"]["flood_waits"], 1)

    def test_strange_429s(self):
        w = self.world()
        for variant in ("missing", "string", "header"):
            w.sandbox.fault("flood", "controller", method="sendMessage", retry_after=1, variant=variant)
            w.sandbox.ask("controller", "/balance", "Account", timeout=30)

    def test_the_products_own_pace_meets_telegrams_limits(self):
        telegram = {"per_chat_per_s": 1, "per_chat_burst": 3, "per_bot_per_s": 25, "per_group_per_min": 20}
        w = self.world(overrides={"telegram": telegram}, sandbox_args=["--limits"])
        w.sandbox.say("controller", "/balance", count=7)
        until(lambda: len(w.sandbox.said("controller", contains="Account")) == 7, "seven answers")
        self.assertNotIn(429, [r["status"] for r in w.sandbox.requests("sendMessage")])


class Chats(Case):
    def two_admins(self, **more):
        return self.world(overrides=dict({"users": [{"user_id": OWNER, "role": "admin", "name": "Asha"},
                                                    {"user_id": TRADER, "role": "admin", "name": "Ravi"}]}, **more))

    def test_a_block_suspends_the_chat_and_unblocking_lifts_it(self):
        w = self.two_admins()
        s = w.sandbox
        s.post("block", bot="notification", user=OWNER, kind="blocked")
        w.daemon.alert(v3_entry())
        s.wait("notification", 0, "LOGIC1 B", user=TRADER)
        s.wait("controller", 0, f"Chat {OWNER} cannot be reached", user=TRADER)
        until(lambda: w.daemon.status()["notify"]["suspended_chats"] == 1, "suspended")
        tries = len(s.requests("sendMessage", "notification"))
        w.daemon.alert(v3_exit())
        s.wait("notification", 0, "EXIT XAUUSD", user=TRADER)
        sent = [r for r in s.requests("sendMessage", "notification")[tries:] if int(r["params"]["chat_id"]) == OWNER]
        self.assertEqual(sent, [])
        s.ask("controller", "/status", "Active")  # the other bots still speak there
        w.daemon.restart(kill=True)
        self.assertEqual(w.daemon.status()["notify"]["suspended_chats"], 1)
        s.post("unblock", bot="notification", user=OWNER)
        until(lambda: w.daemon.status()["notify"]["suspended_chats"] == 0, "lifted")
        s.ask("notification", "/test", "on its way")
        s.wait("notification", 0, "Test notification")

    def test_a_group_that_becomes_a_supergroup_is_followed(self):
        w = self.world(groups=[(GROUP, "Desk")], overrides={"notify_chats": [{"chat_id": GROUP}]})
        s = w.sandbox
        w.daemon.alert(v3_entry())
        s.wait(str(GROUP), 0, "LOGIC1 B")
        s.post("migrate", chat=str(GROUP), user=OWNER, to=SUPERGROUP)
        w.daemon.alert(v3_exit())
        s.wait(str(SUPERGROUP), 0, "EXIT XAUUSD")
        w.daemon.restart(kill=True)
        w.daemon.alert(v3_entry(tf="15"))
        s.wait(str(SUPERGROUP), 0, "BUY XAUUSD")

    def test_a_migration_told_only_by_the_refusal(self):
        w = self.world(groups=[(GROUP, "Desk"), (SUPERGROUP, "Desk")],
                       overrides={"notify_chats": [{"chat_id": GROUP}]})
        s = w.sandbox
        s.fault("migrate", "notification", chat_id=GROUP, to_chat_id=SUPERGROUP, count=-1)
        w.daemon.alert(v3_entry())
        for leg in ("LOGIC1 A", "LOGIC1 B"):
            s.wait(str(SUPERGROUP), 0, leg)
        self.assertEqual(s.said(str(GROUP)), [])

    def test_what_an_edit_can_no_longer_reach_is_sent_anew(self):
        w = self.world()
        s = w.sandbox
        m = s.ask("controller", "/balance", "Account")
        s.press("controller", m, "Refresh")
        s.fault("not_found_edit", "controller")
        after = s.seq()
        s.press("controller", m, "Refresh")
        anew = s.wait("controller", after, "Account")
        self.assertNotEqual(anew["id"], m["id"])

    def test_server_faults_are_waited_out(self):
        w = self.world()
        s = w.sandbox
        for kind, more in (("status", {"status": 502}), ("drop_before", {}), ("status", {"status": 500, "body": "json"})):
            s.fault(kind, "controller", method="sendMessage", **more)
            s.ask("controller", "/balance", "Account", timeout=30)

    def test_refused_markup_is_sent_as_plain_text(self):
        w = self.world()
        s = w.sandbox
        s.fault("status", "controller", method="sendMessage", status=400, body="markup")
        m = s.ask("controller", "/balance", "Account")
        self.assertNotIn("<b>", m["text"])
        sends = [r["params"] for r in s.requests("sendMessage", "controller") if "Account" in r["params"]["text"]]
        self.assertEqual([p.get("parse_mode") for p in sends], ["HTML", None])

    def test_an_answer_that_was_lost_is_marked_when_repeated(self):
        w = self.world()
        s = w.sandbox
        s.fault("execute_then_drop", "controller", method="sendMessage")
        seq = s.say("controller", "/balance")
        s.wait("controller", seq, "(possibly repeated)", timeout=30)
        self.assertEqual(len(s.said("controller", seq, contains="Account")), 2)


class Kill(Case):
    def numbers(self, w, bot):
        """Receipt numbers of the messages in the chat, in their order."""
        return [int(re.search(r"#(\d+)\s*$", m["text"]).group(1)) for m in w.sandbox.said(bot, contains="Account")]

    def test_a_kill_with_a_full_outbox_loses_nothing_and_keeps_the_order(self):
        w = self.world(overrides={"telegram": {"per_chat_per_s": 60, "per_chat_burst": 3}})
        w.sandbox.say("controller", "/balance", count=200)
        for wanted in (30, 90):
            until(lambda: len(self.numbers(w, "controller")) >= wanted, f"{wanted} sent")
            w.daemon.restart(kill=True)
        until(lambda: len(set(self.numbers(w, "controller"))) == 200, "all 200", timeout=40)
        until(lambda: w.daemon.status()["notify"]["outbox_rows"] == 0, "the outbox is empty")
        seen = self.numbers(w, "controller")
        # What was on its way at a kill may come again, right after itself; never earlier, never later.
        first = [n for i, n in enumerate(seen) if n not in seen[:i]]
        self.assertEqual(first, sorted(first))
        self.assertLessEqual(len(seen) - 200, 4)

    def test_five_hundred_notifications_over_many_kills(self):
        """0 lost, 0 reordered; a repeat only of what was on its way at a kill, and marked."""
        kills = 8
        w = self.world(overrides={"telegram": {"per_chat_per_s": 100, "per_chat_burst": 3}})
        w.sandbox.say("notification", "/test", count=500)

        chat = {}  # the server forgets all but the last 1,000 messages of a chat

        def told():
            chat.update((m["id"], m["text"]) for m in w.sandbox.said("notification", contains="Test notification"))
            return [(int(re.search(r"#(\d+)\s*$", chat[i]).group(1)), chat[i]) for i in sorted(chat)]

        for kill in range(kills):
            until(lambda: len(told()) >= 30 + 50 * kill, "some sent", timeout=40)
            w.daemon.restart(kill=True)
        until(lambda: len({n for n, _ in told()}) == 500, "all 500", timeout=120)
        until(lambda: w.daemon.status()["notify"]["outbox_rows"] == 0, "the outbox is empty")
        seen = told()
        numbers = [n for n, _ in seen]
        first = [n for i, n in enumerate(numbers) if n not in numbers[:i]]
        self.assertEqual(first, sorted(first))
        self.assertLessEqual(len(seen) - 500, 2 * kills)
        for i, (n, text) in enumerate(seen):
            if n in numbers[:i]:
                self.assertIn("(possibly repeated)", text)

    def test_a_graceful_stop_repeats_nothing(self):
        w = self.world(overrides={"telegram": {"per_chat_per_s": 60, "per_chat_burst": 3}})
        w.sandbox.say("controller", "/balance", count=60)
        until(lambda: len(self.numbers(w, "controller")) >= 10, "some sent")
        w.daemon.restart()
        until(lambda: len(set(self.numbers(w, "controller"))) == 60, "all 60", timeout=40)
        time.sleep(0.2)
        seen = self.numbers(w, "controller")
        self.assertEqual(seen, sorted(set(seen)))


if __name__ == "__main__":
    main()
