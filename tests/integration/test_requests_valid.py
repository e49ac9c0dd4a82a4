"""Every request our bots send is valid under the published Bot API types (tests/support/bot_api_check.py), and every text
parses under Telegram's own parser where its library is installed (tests/support/tdlib_check.py). Here: the checkers
themselves, the newcomer's demo, and a tour through every command and every button, in both languages. Every other
integration test is checked the same way when it is taken down (World.close)."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import bot_api_check
import tdlib_check
from trident_harness import OWNER, STRANGER, TRADER, TRIDENT, Case, main, until, v3_entry, v3_exit

WEB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "web")
FORUM = -1000100200300
LAST = {"shutdown", "restart", "panic", "closeall", "close"}  # they end the tour, or what it shows
PRESSES_MAX = 250


def row(method="sendMessage", **params):
    return {"bot": "b", "method": method, "params": params}


def keyboard(**b):
    return {"inline_keyboard": [[dict({"text": "x", "callback_data": "y"}, **b)]]}


class Checker(unittest.TestCase):
    def test_good_requests_pass(self):
        for r in (row(chat_id=1, text="x"), row(chat_id="-5", text="a &lt; <b>b</b>", parse_mode="HTML"),
                  row(chat_id=1, text="x", reply_markup=keyboard(style="danger")),
                  row(chat_id=1, text="<b>" + "x" * 4096 + "</b>", parse_mode="HTML"), row("getMe"),
                  row("sendPhoto", chat_id="1", photo={"file_name": "c.png", "size_bytes": 9}, disable_notification="true",
                      reply_markup='{"inline_keyboard":[[{"text":"x","callback_data":"y"}]]}'),
                  row("getUpdates", allowed_updates=["message", "callback_query"], timeout=50)):
            self.assertEqual(bot_api_check.problems(r), [], r)

    def test_bad_requests_are_found(self):
        for why, r in (("no such method", row("sendMessages", chat_id=1, text="x")),
                       ("unknown field 'txt'", row(chat_id=1, text="x", txt="y")),
                       ("text is missing", row(chat_id=1)),
                       ("chat_id: None", row(chat_id=None, text="x")),
                       ("parse_mode: 'html'", row(chat_id=1, text="x", parse_mode="html")),
                       ("4097 characters", row(chat_id=1, text="x" * 4097)),
                       ("4098 characters", row(chat_id=1, text="\U0001f600" * 2049, parse_mode="HTML")),
                       ("1025 characters", row("sendPhoto", chat_id=1, photo="id", caption="x" * 1025)),
                       ("1 characters after", row(chat_id=1, text=" <b></b>", parse_mode="HTML")),
                       ("is not closed", row(chat_id=1, text="<b>x", parse_mode="HTML")),
                       ("no tag of Telegram", row(chat_id=1, text="<p>x</p>", parse_mode="HTML")),
                       ("bare &", row(chat_id=1, text="a & b", parse_mode="HTML")),
                       ("65 bytes", row(chat_id=1, text="x", reply_markup=keyboard(callback_data="é" * 32 + "x"))),
                       ("one action", row(chat_id=1, text="x", reply_markup=keyboard(url="https://a.b"))),
                       ("a label", row(chat_id=1, text="x", reply_markup=keyboard(text=""))),
                       ("unknown field 'colour'", row(chat_id=1, text="x", reply_markup=keyboard(colour="red"))),
                       ("style", row(chat_id=1, text="x", reply_markup=keyboard(style="red"))),
                       ("disable_notification: 'si'", row(chat_id=1, text="x", disable_notification="si")),
                       ("photo", row("sendPhoto", chat_id=1, photo={"file_name": "x", "size_bytes": 0})),
                       ("allowed_updates", row("getUpdates", allowed_updates=["messages"])),
                       ("33 characters", row("setMyCommands", commands=[{"command": "x" * 33, "description": "d"}]))):
            found = bot_api_check.problems(r)
            self.assertTrue(any(why in p for p in found), (why, found))


@unittest.skipUnless(tdlib_check.is_there(), tdlib_check.MISSING)
class TelegramsParser(unittest.TestCase):
    def test_it_refuses_what_telegram_refuses(self):
        for why, html in (("Unsupported start tag", "<p>x</p>"), ("Can't find end tag", "<b>x"),
                          ("Unexpected end tag", "x</b>"), ("Unmatched end tag", "<b><i>x</b></i>")):
            found = tdlib_check.problems(row(chat_id=1, text=html, parse_mode="HTML"))
            self.assertTrue(any(why in p for p in found), (html, found))

    def test_it_reads_what_we_count(self):
        html = "<b>🟢 BUY</b> &lt;x&gt; &amp; <code>88a</code>\n<blockquote>नमस्ते</blockquote>"
        self.assertEqual(tdlib_check.problems(row(chat_id=1, text=html, parse_mode="HTML")), [])
        self.assertEqual(tdlib_check.parse(html), ("🟢 BUY <x> & 88a\nनमस्ते", 3))


class Demo(unittest.TestCase):
    def test_the_newcomers_session(self):
        with tempfile.TemporaryDirectory() as folder:
            r = subprocess.run([TRIDENT, "demo", "--once", "--dir", folder, "--web", WEB], capture_output=True,
                               text=True, timeout=90)
            self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
            methods = bot_api_check.check_record(os.path.join(folder, "requests.jsonl"))
            self.assertGreater(methods["sendMessage"], 10)
            if tdlib_check.is_there():
                self.assertGreater(tdlib_check.check_record(os.path.join(folder, "requests.jsonl")), 10)


class Tour(Case):
    def commands(self):
        """Every name and alias of the command table: (bot, name)."""
        listed = subprocess.run([TRIDENT, "commands", "--markdown"], capture_output=True, text=True, timeout=20).stdout
        out = []
        for name, bots, aliases in re.findall(r"^\| /(\w+) \| ([a-z, ]+) \| .* \| ([^|]*)\|$", listed, re.M):
            out += [(bots.split(",")[0], n) for n in [name, *re.findall(r"/(\w+)", aliases)]]
        self.assertGreater(len(out), 100, listed[:400])
        return out

    def settle(self, w):
        until(lambda: all(w.sandbox.is_drained(b) for b in ("controller", "notification", "analytics")), "all taken in")
        until(w.is_quiet, "all said")

    def press_everything(self, w, bot, start):
        """Each button that can be reached is pressed once where it is shown; danger only as far as its question."""
        s, seen, queue = w.sandbox, set(), []

        def note(message):
            for r in message.get("markup", {}).get("inline_keyboard", []):
                for b in r:
                    key = b.get("callback_data", "").split(".")[0]
                    if key and key not in seen and not key.partition("!")[1]:  # "!" is a yes, in every language
                        seen.add(key)
                        queue.append((message, b["callback_data"]))
        note(s.ask(bot, start, ""))
        presses = 0
        while queue and presses < PRESSES_MAX:
            message, data = queue.pop(0)
            after = s.seq()
            s.press(bot, message, "", force=True, data=data)
            presses += 1
            for m in s.said(bot, after):
                note(m)
        return presses

    def test_a_tour_through_every_command_and_button(self):
        w = self.world(groups=[(FORUM, "Desk")], overrides={
            "notify_chats": [{"chat_id": FORUM}], "telegram": {"limits_off": True},
            "users": [{"user_id": OWNER, "role": "admin", "name": "Asha <&>"},
                      {"user_id": TRADER, "role": "admin", "name": "Ravi", "chat_id": FORUM}]})
        s = w.sandbox
        s.ask("notification", "/topics@trident_notify_bot strategy", "", user=TRADER, chat=str(FORUM))
        s.ask("notification", "/voice on", "")
        self.assertEqual(w.daemon.alert(v3_entry()).json["status"], "accepted")
        s.ask("controller", "/live positions", "")
        s.ask("controller", "/live header", "")
        s.say("controller", "/start", user=STRANGER)
        for body in ({"type": "trend_pulse", "symbol": "XAUUSD"}, "no json", v3_entry(score=1), v3_entry(symbol="NOPE")):
            w.daemon.alert(body)
        todo = [(bot, name) for bot, name in self.commands() if name not in LAST]
        for lang in ("english", "hinglish"):
            s.ask("controller", f"/language {lang}", "")
            for bot, name in todo:
                s.say(bot, f"/{name}")
            for text in ("/close 99 <&>", "/buy XAUUSD 0.01", "/why 1", "/receipt 1", "/export 7", "/chart", "hello <b>&",
                         "/nosuch <i>", "/mute nonsense&", "/invite trader <Zoë & Co>", "/risk abc", "/digest 25:00"):
                s.say("controller", text)
            for text in ("/performance", "/export 7", "/daily 3"):
                s.say("analytics", text)
            self.settle(w)
            # What such words switched off is switched on again.
            w.daemon.alert(v3_exit())
            self.settle(w)
        presses = self.press_everything(w, "controller", "/menu") + self.press_everything(w, "analytics", "/menu")
        self.assertGreater(presses, 60)
        for name in ("close", "closeall", "panic"):
            s.say("controller", f"/{name}")
        self.settle(w)
        methods = bot_api_check.check_record(s.record)
        wanted = {"getMe", "getUpdates", "getMyCommands", "setMyCommands", "sendMessage", "editMessageText", "sendPhoto",
                  "sendDocument", "answerCallbackQuery", "pinChatMessage", "createForumTopic"}
        if shutil.which("espeak-ng") and shutil.which("opusenc"):
            s.ask("notification", "/voice test", "")
            until(lambda: s.requests("sendVoice"), "a voice message")
            wanted.add("sendVoice")
            methods = bot_api_check.check_record(s.record)
        self.assertLessEqual(wanted, set(methods))
        if tdlib_check.is_there():
            self.assertGreater(tdlib_check.check_record(s.record), 500)
        refused = [(r["method"], r["params"]) for r in s.requests() if r["status"] == 400]
        self.assertEqual([r for r in refused if r[0] not in ("editMessageText", "answerCallbackQuery")], [])


if __name__ == "__main__":
    main()
