"""Answers that are not what HTTP or the Bot API promise (docs/TELEGRAM_FAULTS.md): framing, lengths, HTML, nothing at
all, redirects, connections that close after the work. tests/support/wire.py makes them."""
import re
import socket

from trident_harness import main, until
from wire import Wired

HTML = b"<html><head><title>502</title></head><body>CAPTIVE-PORTAL-BODY</body></html>"


class Answers(Wired):
    def test_strange_framing_loses_and_repeats_nothing(self):
        w, wire = self.wired()
        deep = b'{"ok":true,"result":' + b"[" * 100000 + b"]" * 100000 + b"}"
        cases = [
            ("before", {"data": b"HTTP/1.1 100 Continue\r\n\r\n"}),
            ("before", {"data": b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" * 2}),
            ("no_length", {}),
            ("length", {"by": 500}),
            ("length", {"by": -7}),
            ("raw", {"data": b"\x16\x03\x01garbage\x00\xff"}),
            ("raw", {"data": b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999999\r\n\r\n"}),
            ("body", {"data": HTML, "status": 504, "type": "text/html"}),
            ("body", {"data": HTML, "type": "text/html"}),
            ("body", {"data": b""}),
            ("body", {"data": b"", "status": 400}),
            ("body", {"data": b"", "status": 413}),
            ("body", {"data": deep}),
            ("body", {"data": b'{"ok":"true","result":[]}'}),
            ("body", {"data": b'{"ok":true,"result":{"update_id":1}}'}),
            ("body", {"data": b'{"ok":true,"result":null}'}),
            ("body", {"data": b"[]"}),
            ("body", {"data": b"null"}),
        ]
        for n, (kind, more) in enumerate(cases):
            # Three bots, one case each, so that the back-offs of one second pass at the same time.
            bot = ("controller", "notification", "analytics")[n % 3]
            wire.rule(kind, bot, "getUpdates", **more)
            if n % 3 == 2 or n == len(cases) - 1:
                until(lambda: not wire.rules, f"{kind} strikes")
                for b in ("controller", "notification", "analytics"):
                    w.sandbox.ask(b, "/help", "/")
        self.assertEqual(len(wire.struck), len(cases))
        self.commands_once(w, len(cases) // 3 * 3)
        self.assertNotIn("CAPTIVE-PORTAL", w.daemon.log())

    def test_a_send_that_got_no_proper_answer_is_unknown_and_marked(self):
        w, wire = self.wired()
        for kind, more in (("body", {"data": HTML, "type": "text/html"}), ("body", {"data": b""}),
                           ("length", {"by": 500})):
            wire.rule(kind, "controller", "sendMessage", **more)
            m = w.sandbox.ask("controller", "/balance", "(possibly repeated)", timeout=15)
            self.assertIn("Account", m["text"])
        self.assertNotIn("CAPTIVE-PORTAL", w.daemon.log())

    def test_a_refusal_without_words_ends_that_message_only(self):
        w, wire = self.wired()
        for status in (400, 413):
            wire.rule("body", "controller", "sendMessage", data=b"", status=status)
            w.sandbox.say("controller", "/balance")
            w.sandbox.ask("controller", "/status", "Active")
        self.assertEqual(len(re.findall(r"message_dropped outbox_id", w.daemon.log())), 2)
        self.assertEqual(w.sandbox.said("controller", contains="Account"), [])

    def test_a_batch_cut_in_the_middle_is_asked_for_again_whole(self):
        w, _ = self.wired()
        w.sandbox.fault("truncate", "controller", method="getUpdates", bytes=9000)
        w.sandbox.fault("truncate", "controller", method="getUpdates", bytes=9000, variant="length")
        w.sandbox.say("controller", "/balance", count=100)
        until(lambda: len(w.sandbox.said("controller", contains="Account")) == 100, "all answered")
        self.commands_once(w, 100)

    def test_a_kept_connection_that_closes_after_the_work_repeats_nothing_unmarked(self):
        w, wire = self.wired()
        for kind in ("execute_then_close", "execute_then_reset"):
            w.sandbox.ask("controller", "/balance", "Account")  # a connection to reuse
            wire.rule(kind, "controller", "sendMessage", reused=True)
            struck = len(wire.struck)
            while len(wire.struck) == struck:
                seq = w.sandbox.say("controller", "/balance")
                w.sandbox.wait("controller", seq, "Account")
            w.sandbox.wait("controller", seq, "(possibly repeated)")
            until(w.is_quiet, "nothing more to say")
            texts = [m["text"] for m in w.sandbox.said("controller", seq)]
            self.assertEqual(["(possibly repeated)" in t for t in texts], [False, True], texts)

    def test_a_redirect_is_not_followed(self):
        trap = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(trap.close)
        trap.settimeout(0.2)
        w, wire = self.wired()
        for status in (301, 302, 307, 308):
            data = (f"HTTP/1.1 {status} Found\r\nLocation: http://127.0.0.1:{trap.getsockname()[1]}/bot\r\n"
                    "Content-Length: 0\r\n\r\n").encode()
            wire.rule("raw", "controller", "getUpdates", data=data)
            wire.rule("raw", "notification", "sendMessage", data=data)
        w.sandbox.ask("notification", "/help", "/", timeout=30)
        w.sandbox.ask("controller", "/status", "Active", timeout=30)
        self.assertGreater(len(wire.struck), 3)
        with self.assertRaises(socket.timeout):
            trap.accept()


if __name__ == "__main__":
    main()
