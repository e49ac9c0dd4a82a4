"""What the Bot API itself does to a client (docs/TELEGRAM_FAULTS.md): refusals, floods, strange batches, callbacks,
edits, migrations, blocks and backlogs. Several faults a program start."""
import time

from trident_harness import OWNER, STRANGER, TRADER, Case, button, main, until, v3_entry

GROUP, SUPERGROUP = -100200300, -1000100200300
RSS_MAX_KIB = 1500 * 1024  # sanitizers included; the plain program stays far below


def rss_kib(w):
    with open(f"/proc/{w.daemon.process.pid}/status", encoding="utf-8") as f:
        return int(next(line for line in f if line.startswith("VmRSS")).split()[1])


def cpu_s(w):
    with open(f"/proc/{w.daemon.process.pid}/stat", encoding="utf-8") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


class Floods(Case):
    def gaps(self, w, method, bot, since):
        times = [r["mono_ms"] for r in w.sandbox.requests(method, bot)[since:]]
        return [b - a for a, b in zip(times, times[1:])]

    def test_a_poll_obeys_and_a_late_toast_is_dropped(self):
        w = self.world()
        s = w.sandbox
        before = len(s.requests("getUpdates", "controller"))
        s.fault("flood", "controller", method="getUpdates", retry_after=2)
        s.say("controller", "/help")  # ends the parked poll
        s.ask("notification", "/help", "/")  # the other bots go on
        s.wait("controller", 0, "What this bot")
        s.ask("controller", "/status", "Active")
        self.assertTrue(any(g >= 2000 for g in self.gaps(w, "getUpdates", "controller", before)))
        m = s.ask("controller", "/balance", "Account")
        answered = len(s.requests("answerCallbackQuery", "controller"))
        s.fault("flood", "controller", method="answerCallbackQuery", retry_after=1)
        s.post("press", user=OWNER, bot="controller", message_id=m["id"], data=button(m, "Refresh"))
        until(lambda: len(s.requests("answerCallbackQuery", "controller")) > answered, "the toast is tried")
        s.ask("controller", "/status", "Active")
        self.assertEqual(len(s.requests("answerCallbackQuery", "controller")), answered + 1)

    def test_a_day_long_wait_is_kept_and_hurts_one_chat_only(self):
        w = self.world()
        s = w.sandbox
        s.fault("flood", "controller", method="sendMessage", retry_after=0, chat_id=TRADER)
        s.ask("controller", "/balance", "Account", user=TRADER)
        s.fault("flood", "controller", method="sendMessage", retry_after=86400, chat_id=OWNER)
        s.say("controller", "/balance")
        until(lambda: w.daemon.status()["notify"]["flood_waits"] >= 2, "the flood is met")
        for _ in range(5):
            s.ask("controller", "/status", "Active", user=TRADER)
            s.say("controller", "/status")
        sends = [r for r in s.requests("sendMessage", "controller") if int(r["params"]["chat_id"]) == OWNER]
        self.assertEqual(len([r for r in sends if r["status"] == 429]), 1)
        self.assertEqual(s.said("controller", contains="Account"), [])


class Refusals(Case):
    def test_conflicts_of_both_kinds_for_long_and_then_over(self):
        w = self.world()
        s = w.sandbox
        before = {b: len(s.requests("getUpdates", b)) for b in ("controller", "analytics")}
        s.fault("conflict_poll", "controller", count=-1)
        s.fault("conflict_webhook", "analytics", count=-1)
        began = time.monotonic()
        for bot in before:
            s.say(bot, "/help")
        until(lambda: w.daemon.health()["telegram_bots"] == ["notification"], "both conflicts are seen")
        until(lambda: time.monotonic() - began > 5, "the second tries")
        for bot, n in before.items():
            self.assertLessEqual(len(s.requests("getUpdates", bot)) - n, 4, bot)
        self.assertEqual(s.requests("deleteWebhook"), [])
        s.clear_faults()
        for bot, text in (("controller", "/status"), ("analytics", "/daily")):
            s.ask(bot, text, "#", timeout=30)
        for bot in before:
            self.assertEqual(w.daemon.log().count(f"bot={bot} state=conflict"), 1)

    def test_not_found_for_every_method_keeps_what_is_to_be_said(self):
        w = self.world()
        s = w.sandbox
        s.fault("status", "notification", method="*", status=404, body="json", count=-1)
        s.say("notification", "/help")
        s.wait("controller", 0, "The notification bot is down")
        polls = len(s.requests("getUpdates", "notification"))
        self.assertEqual(w.daemon.alert(v3_entry()).json["status"], "accepted")
        s.ask("controller", "/positions", "Open: 2")
        self.assertLessEqual(len(s.requests("getUpdates", "notification")), polls + 1)
        s.clear_faults()
        w.daemon.restart(kill=True)
        s.wait("notification", 0, "BUY XAUUSD")

    def test_empty_answers_at_once_are_not_asked_for_in_a_rush(self):
        w = self.world()
        s = w.sandbox
        s.fault("empty_poll", "controller", count=-1)
        s.say("notification", "/help")
        s.say("controller", "/help")
        began, before = time.monotonic(), len(s.requests("getUpdates", "controller"))
        until(lambda: time.monotonic() - began > 2, "two seconds")
        self.assertLessEqual(len(s.requests("getUpdates", "controller")) - before, 8)
        s.clear_faults()
        s.ask("controller", "/status", "Active")

    def test_every_answer_closed_or_chunked_and_packed_ones_that_were_not_asked_for(self):
        w = self.world()
        for kind in ("close_every", "chunked"):
            w.sandbox.fault(kind, "*", count=-1)
            for bot, text in (("controller", "/balance"), ("notification", "/test"), ("analytics", "/daily")):
                w.sandbox.ask(bot, text, "")
            w.daemon.alert(v3_entry(tf={"close_every": "5", "chunked": "15"}[kind]))
            w.sandbox.clear_faults()
        until(w.is_quiet, "all said")
        self.assertEqual(w.sandbox.said("controller", contains="possibly repeated"), [])
        for method in ("getUpdates", "sendMessage"):  # the client asks for no encoding: no success, tried again
            w.sandbox.fault("gzip", "controller", method=method)
            w.sandbox.ask("controller", "/balance", "(possibly repeated)" if method == "sendMessage" else "Account")


class Batches(Case):
    def test_ids_out_of_order_with_gaps_and_twice_in_one_answer(self):
        w = self.world(start=False, sandbox_args=["--first-update-id", "900000000"])
        s = w.sandbox

        def update(i, text):
            return {"update_id": i, "message": {"message_id": i % 1000, "date": int(time.time()), "text": text,
                                                "chat": {"id": OWNER, "type": "private", "first_name": "A"},
                                                "from": {"id": OWNER, "is_bot": False, "first_name": "A"}}}
        s.updates("controller", update(900000105, "/status"), update(900000103, "/balance"), update(900000110, "/resume"),
                  update(900000103, "/balance"), update(900000108, "/balance"))
        w.daemon.start()
        s.wait("controller", 0, "#")
        until(lambda: s.is_drained("controller"), "confirmed")
        self.assertEqual([k.split(":")[-1] for _, _, k in w.daemon.rows() if k.startswith("tg:")],
                         ["900000103", "900000105", "900000108", "900000110"])
        # the numbers begin anew far below; also over a restart
        for start in (12000000, 7):
            s.fault("id_restart", "controller", start=start)
            for _ in range(2):
                s.ask("controller", "/balance", "Account")
            w.daemon.restart(kill=True)
            s.ask("controller", "/balance", "Account")
            until(lambda: s.is_drained("controller"), "confirmed")

    def test_giants_take_bounded_memory_and_time(self):
        w = self.world()
        s = w.sandbox
        before_cpu = cpu_s(w)
        s.fault("giant_update", "controller", count=4, variant="deep")
        s.fault("giant_update", "controller", count=8)  # 512 KiB each: an answer of 4 MiB
        rows = [[{"text": "x" * 60, "callback_data": "y" * 64}] * 10] * 10
        message = {"message_id": 1, "date": int(time.time()), "text": "Ж" * 4096, "reply_markup": {"inline_keyboard": rows},
                   "chat": {"id": OWNER, "type": "private", "first_name": "A"},
                   "from": {"id": OWNER, "is_bot": False, "first_name": "A"}}
        for _ in range(5):
            s.updates("controller", *[{"message": message}] * 20)
        s.ask("controller", "/status", "Active", timeout=40)
        self.assertLess(cpu_s(w) - before_cpu, 15)
        self.assertLess(rss_kib(w), RSS_MAX_KIB)

    def test_hostile_texts_are_answered_and_nothing_blocks_the_queue(self):
        w = self.world()
        s = w.sandbox
        texts = ["/close " + "9" * 4000, "/close \u202egnp.exe", "/close 😀😀", "/why \ud83d\ude00", "/balance\u0000x",
                 "/status" + "\u0301" * 500, "/" + "a" * 4000, "/close <b>&lt;", "/\u202ebalance", "/close " + "😀" * 2000,
                 "/buy XAUUSD 1e999", "/why -9223372036854775809", "/close %s%n%n", "//panic", "/ panic"]
        for text in texts:
            s.ask("controller", text, "")
        self.assertFalse(w.daemon.engine()["panic"])
        for kind in ("bad_utf8", "wrong_types", "unknown_update"):
            s.fault(kind, "controller", count=60)
        s.ask("controller", "/status", "Active")
        until(lambda: s.is_drained("controller"), "all confirmed")
        with open(w.daemon.log_path, "rb") as f:
            log = f.read()
        log.decode("utf-8")
        self.assertFalse([c for c in range(32) if c != 10 and bytes([c]) in log], "control characters in the log")
        self.assertNotIn("\u202e".encode(), log)


class Presses(Case):
    def callback(self, n, data, **more):
        return {"callback_query": dict({"id": f"55{n}", "from": {"id": OWNER, "is_bot": False, "first_name": "A"},
                                        "chat_instance": "1", "data": data}, **more)}

    def test_presses_on_nothing_are_answered_and_do_nothing(self):
        w = self.world()
        s = w.sandbox
        w.daemon.alert(v3_entry())
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")
        m = s.ask("controller", "/closeall", "Close 2 open positions")
        yes = button(m, "Yes")
        private = {"id": OWNER, "type": "private", "first_name": "A"}
        own = {"message_id": m["id"], "date": int(time.time()), "chat": private, "text": m["text"]}
        edits = len(s.requests("editMessageText", "controller"))
        presses = [self.callback(1, yes, message={"message_id": m["id"], "date": 0, "chat": private}),
                   self.callback(2, yes), self.callback(3, "z" * 5000, message=own), self.callback(4, "", message=own),
                   self.callback(5, yes + "x", message=own), self.callback(6, "\u0000\u202e", message=own),
                   self.callback(7, yes, message=dict(own, chat={"id": GROUP, "type": "group", "title": "G"})),
                   self.callback(8, yes, inline_message_id="AAA")]
        presses[-1]["callback_query"]["from"]["id"] = STRANGER
        s.updates("controller", *presses)
        s.ask("controller", "/status", "Active")

        def answered():
            return {r["params"]["callback_query_id"] for r in s.requests("answerCallbackQuery", "controller")}
        # 2 and 8 have no message, so no chat: our bots send no inline messages, and nobody is answered there.
        until(lambda: {"551", "553", "554", "555", "556", "557"} <= answered(), "each with a message is answered")
        self.assertEqual(answered() & {"552", "558"}, set())
        self.assertEqual(w.daemon.engine()["open_positions"], 2)
        self.assertLessEqual(len(s.requests("editMessageText", "controller")), edits + 1)
        # twice within a moment: once
        m = s.ask("controller", "/closeall", "Close 2 open positions")
        own = dict(own, message_id=m["id"])
        s.updates("controller", self.callback(91, button(m, "Yes"), message=own),
                  self.callback(92, button(m, "Yes"), message=own))
        until(lambda: w.daemon.engine()["open_positions"] == 0, "closed")
        until(lambda: {"5591", "5592"} <= answered(), "both are answered")
        e = w.daemon.engine()
        self.assertEqual((e["orders_sent"], e["orders_filled"]), (4, 4))

    def test_a_live_card_meets_refused_edits_without_a_storm(self):
        w = self.world()
        s = w.sandbox
        s.ask("controller", "/live positions", "follows")
        until(lambda: s.said("controller", contains="No open positions"), "the card")
        for variant in ("unmodified", "cannot", ""):
            s.fault("not_found_edit", "controller", variant=variant, count=3)
        began = time.monotonic()
        sends = len(s.requests("sendMessage", "controller"))
        edits = len(s.requests("editMessageText", "controller"))
        w.daemon.alert(v3_entry())
        until(lambda: s.said("controller", contains="Open: 2"), "the card follows")
        until(lambda: time.monotonic() - began > 3, "three seconds")
        self.assertLessEqual(len(s.requests("sendMessage", "controller")) - sends, 8)
        self.assertLessEqual(len(s.requests("editMessageText", "controller")) - edits, 12)

    def test_an_edit_whose_answer_is_lost_is_repeated_freely(self):
        w = self.world()
        s = w.sandbox
        m = s.ask("controller", "/balance", "Account")
        s.fault("execute_then_drop", "controller", method="editMessageText")
        edits = len(s.requests("editMessageText", "controller"))
        s.press("controller", m, "Refresh")
        until(lambda: len(s.requests("editMessageText", "controller")) >= edits + 2, "edited again")
        until(w.is_quiet, "nothing more to say")
        self.assertEqual([x for x in s.messages("controller") if "possibly repeated" in x["text"]], [])
        self.assertEqual(len(s.said("controller", contains="Account")), 1)


class Chats(Case):
    def test_twenty_queued_messages_follow_a_migrating_group(self):
        w = self.world(groups=[(GROUP, "Desk"), (SUPERGROUP, "Desk")], overrides={
            "users": [{"user_id": OWNER, "role": "admin", "name": "Asha"},
                      {"user_id": TRADER, "role": "admin", "name": "Ravi", "chat_id": GROUP}]})
        s = w.sandbox
        s.fault("flood", "controller", method="sendMessage", retry_after=1, chat_id=GROUP)
        s.fault("migrate", "controller", chat_id=GROUP, to_chat_id=SUPERGROUP, count=-1)
        s.say("controller", "/balance@trident_control_bot", user=TRADER, chat=str(GROUP), count=20)

        def told():
            return [m["text"].rsplit("#", 1)[1].strip() for m in s.said(str(SUPERGROUP), contains="Account")]
        until(lambda: len(told()) >= 20, "all twenty")
        until(w.is_quiet, "nothing more to say")
        numbers = [int(n) for n in told()]
        self.assertEqual((len(numbers), numbers), (20, sorted(set(numbers))))
        self.assertEqual(s.said(str(GROUP), contains="Account"), [])
        refused = [r for r in s.requests("sendMessage", "controller")
                   if int(r["params"]["chat_id"]) == GROUP and r["status"] == 400]
        self.assertEqual(len(refused), 1)

    def test_chats_that_are_gone_are_suspended_each_for_itself(self):
        w = self.world(overrides={"users": [{"user_id": OWNER, "role": "admin", "name": "Asha"},
                                            {"user_id": TRADER, "role": "admin", "name": "Ravi"}]})
        s = w.sandbox
        for n, variant in enumerate(("deactivated", "kicked", "deleted", ""), 1):
            s.fault("blocked", "notification", chat_id=TRADER, variant=variant)
            before = len(s.requests("sendMessage", "notification"))
            w.daemon.alert(v3_entry(tf=("5", "15", "60", "5")[n - 1]) if n < 4 else v3_entry(symbol="EURUSD", price=1.1,
                                                                                          distance=0.01))
            until(lambda: w.daemon.status()["notify"]["suspended_chats"] == 1, f"{variant} suspends")
            s.wait("notification", 0, "XAUUSD", user=OWNER)
            sent = [r for r in s.requests("sendMessage", "notification")[before:] if int(r["params"]["chat_id"]) == TRADER]
            self.assertEqual(len(sent), 1, "no retry")
            s.ask("notification", "/help", "/", user=TRADER)  # a word from the person lifts it
            self.assertEqual(w.daemon.status()["notify"]["suspended_chats"], 0)


class Backlog(Case):
    def test_ten_thousand_updates_of_a_day(self):
        """Stale commands of many kinds, edited copies, strangers; killed in the middle: one summary a chat, nothing
        twice, memory bounded."""
        w = self.world(start=False, overrides={"telegram": {"limits_off": True}})
        s = w.sandbox
        old = int(time.time()) - 23 * 3600
        for text, user, count in (("/resume", OWNER, 4000), ("/closeall", OWNER, 1000), ("/close XAUUSD", TRADER, 1000),
                                  ("/status", OWNER, 2000), ("hello", TRADER, 1000), ("/panic", STRANGER, 1000)):
            s.say("controller", text, user=user, date=old, count=count)
        first = s.post("send", bot="controller", user=OWNER, text="/resume", date=old)
        s.post("edit", bot="controller", user=OWNER, message_id=first["message_id"], text="/panic")
        w.daemon.start(wait_bots=False)
        until(lambda: s.stats("controller")["pending"] < 8000, "some are confirmed", step=0.005)
        w.daemon.kill9()
        w.daemon.start()
        until(lambda: s.is_drained("controller"), "all are confirmed", timeout=60)
        until(w.is_quiet, "all is said")
        self.assertLess(rss_kib(w), RSS_MAX_KIB)
        self.assertFalse(w.daemon.engine()["panic"])
        self.assertLessEqual(len(s.said("controller", contains="came too late")), 2)  # one for each start
        self.assertLessEqual(len(s.said("controller", contains="came too late", user=TRADER)), 2)
        self.assertLessEqual(len(s.said("controller", user=STRANGER)), 2)
        keys = [k for _, _, k in w.daemon.rows()]
        self.assertEqual(len([k for k in keys if k]), len({k for k in keys if k}))


if __name__ == "__main__":
    main()
