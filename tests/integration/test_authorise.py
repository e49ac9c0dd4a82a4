"""Who may do what: strangers, viewers, messages that are not what they seem, buttons that are not theirs."""
import time

from trident_harness import OWNER, STRANGER, TRADER, VIEWER, Case, button, main, receipt, until, v3_entry

GROUP = -100200300


def message(text, **more):
    """An update as Telegram sends it; more replaces fields of the message."""
    now = int(time.time())
    m = {"message_id": 900, "date": now, "text": text, "chat": {"id": OWNER, "type": "private", "first_name": "Asha"},
         "from": {"id": OWNER, "is_bot": False, "first_name": "Asha"}}
    m.update(more)
    return m


class Authorise(Case):
    def assert_untouched(self, w):
        e = w.daemon.engine()
        self.assertFalse(e["paused"])
        self.assertFalse(e["panic"])

    def drain(self, w, bot="controller"):
        until(lambda: w.sandbox.is_drained(bot), f"{bot} has taken everything in")

    def test_a_stranger_gets_one_polite_refusal_and_changes_nothing(self):
        w = self.world()
        s = w.sandbox
        m = s.ask("controller", "/pause", "belongs to somebody else", user=STRANGER)
        self.assertIn(str(STRANGER), m["text"])
        for text in ("/pause", "/panic", "hello?", "/closeall", "/start"):
            s.say("controller", text, user=STRANGER)
        self.drain(w)
        s.ask("controller", "/status")
        self.assertEqual(len(s.said("controller", user=STRANGER)), 1)
        self.assert_untouched(w)
        self.assertFalse([m for m in s.said("controller") if "PAUSED" in m["text"]])

    def test_a_viewer_sees_but_does_not_act(self):
        w = self.world()
        s = w.sandbox
        self.assertIn("Active", s.ask("controller", "/status", user=VIEWER)["text"])
        for text in ("/pause", "/resume", "/close", "/closeall", "/panic"):
            m = s.ask("controller", text, user=VIEWER)
            self.assertIn("viewer", m["text"], text)
            receipt(m)
        self.assert_untouched(w)
        s.ask("controller", "/pause", "Paused", user=TRADER)
        self.assertTrue(w.daemon.engine()["paused"])

    def test_forwarded_and_edited_commands_are_not_carried_out(self):
        w = self.world()
        s = w.sandbox
        seq = s.post("forward", bot="controller", user=OWNER, text="/pause", **{"from": STRANGER})["seq"]
        self.assertIn("you type yourself", s.wait("controller", seq)["text"])
        sent = s.post("send", bot="controller", user=OWNER, text="/status")
        s.wait("controller", sent["seq"], "Active")
        seq = s.post("edit", bot="controller", user=OWNER, message_id=sent["message_id"], text="/panic")["seq"]
        self.assertIn("Edited", s.wait("controller", seq)["text"])
        self.assert_untouched(w)

    def test_senders_that_are_no_person_have_no_effect(self):
        w = self.world()
        s = w.sandbox
        channel = {"id": -1001234567890, "type": "channel", "title": "C"}
        bot = {"id": OWNER, "is_bot": True, "first_name": "B", "username": "evil_bot"}
        updates = [
            {"message": message("/panic", via_bot=bot)},
            {"message": message("/panic", sender_chat=channel)},
            {"message": message("/panic", **{"from": bot})},
            {"message": message("/panic", **{"from": {"id": 1087968824, "is_bot": True, "first_name": "Group"}})},
            {"message": message("/panic", chat={"id": OWNER + 1, "type": "private", "first_name": "X"})},
            {"message": message("/panic", chat={"id": GROUP, "type": "group", "title": "Elsewhere"})},
            {"message": {k: v for k, v in message("/panic").items() if k != "from"}},
            {"channel_post": message("/panic", chat=channel)},
            {"edited_channel_post": message("/panic", chat=channel)},
            {"business_message": message("/panic")},
            {"message": message("/panic", forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "A"})},
            {"message": message("/panic", forward_from={"id": STRANGER, "is_bot": False, "first_name": "M"})},
        ]
        s.updates("controller", *updates)
        s.ask("controller", "/status", "Active")
        self.drain(w)
        self.assert_untouched(w)

    def test_strange_updates_do_not_stop_the_bot(self):
        w = self.world()
        for kind in ("unknown_update", "wrong_types", "bad_utf8", "giant_update"):
            w.sandbox.fault(kind, "controller", count=12 if kind != "giant_update" else 2)
            self.assertIn("Active", w.sandbox.ask("controller", "/status", "Active")["text"])
        self.assert_untouched(w)
        self.assertEqual(w.daemon.engine()["commands"], 4 + len(w.sandbox.said("controller", contains="I understand")))

    def test_a_user_acts_only_in_his_own_group(self):
        w = self.world(groups=[(GROUP, "Team"), (GROUP - 1, "Others")], overrides={"users": [
            {"user_id": OWNER, "role": "admin", "name": "Asha"},
            {"user_id": TRADER, "role": "trader", "name": "Ravi", "chat_id": GROUP}]})
        s = w.sandbox
        s.ask("controller", "/pause@trident_control_bot", "Paused", user=TRADER, chat=str(GROUP))
        self.assertTrue(w.daemon.engine()["paused"])
        s.ask("controller", "/resume@trident_control_bot", "Resumed", user=TRADER, chat=str(GROUP))
        s.say("controller", "/pause@trident_control_bot", user=TRADER, chat=str(GROUP - 1))
        s.say("controller", "/pause@trident_control_bot", user=OWNER, chat=str(GROUP))
        self.drain(w)
        s.ask("controller", "/status", "Active")
        self.assert_untouched(w)


class Buttons(Case):
    def opened(self):
        w = self.world()
        a = w.daemon.alert(v3_entry())
        self.assertEqual((a.status, a.json["status"]), (200, "accepted"), a.text)
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")
        return w

    def test_only_the_right_person_presses_and_only_once(self):
        w = self.opened()
        s = w.sandbox
        m = s.ask("controller", "/closeall", "Close 2 open positions")
        data = button(m, "Yes")
        # foreign: another person's copy, in another chat, forged, cut, garbage
        self.assertIsNotNone(s.press("controller", {"id": m["id"]}, "", user=TRADER, force=True, data=data))
        self.assertIsNotNone(s.press("controller", {"id": m["id"]}, "", user=STRANGER, force=True, data=data))
        self.assertIsNotNone(s.press("controller", {"id": m["id"]}, "", user=VIEWER, force=True, data=data))
        for bad in (data[:-1] + ("A" if data[-1] != "A" else "B"), data[:-4], "a1:closeall!1.zzzzzz.AAAAAAAAAAAAAAAA",
                    "m:closeall", "m:panic", "x", "a1:", "closeall", "a1:closeall!" + "9" * 40):
            s.press("controller", m, "", force=True, data=bad)
        until(lambda: s.is_drained("controller"), "all presses are taken in")
        self.assertEqual(w.daemon.engine()["open_positions"], 2)
        self.assertFalse(w.daemon.engine()["panic"])
        # the right one twice
        first = s.press("controller", m, "Yes")
        second = s.press("controller", m, "", force=True, data=data)
        self.assertEqual(first, "Closing")
        self.assertIn("used already", second)
        until(lambda: w.daemon.engine()["open_positions"] == 0, "both are closed")
        e = w.daemon.engine()
        self.assertEqual((e["orders_sent"], e["orders_filled"]), (4, 4))

    def test_no_withdraws(self):
        w = self.opened()
        m = w.sandbox.ask("controller", "/close all", "Close 2 open positions")
        data = button(m, "Yes")
        self.assertEqual(w.sandbox.press("controller", m, "No, leave it"), "Nothing was changed.")
        w.sandbox.wait("controller", m["seq"], "Left as it is")
        self.assertIn("used already", w.sandbox.press("controller", m, "", force=True, data=data))
        self.assertEqual(w.daemon.engine()["open_positions"], 2)


if __name__ == "__main__":
    main()
