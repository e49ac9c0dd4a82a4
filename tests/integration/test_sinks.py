#!/usr/bin/env python3
"""Covers: the outgoing webhook (signed, in order, tried again with the same delivery number after a
refusal and after a kill of the daemon, given up on 422) and e-mail (an alarm at once, with its
password, by SMTP to a local server)."""
import base64
import hashlib
import hmac
import http.server
import json
import socketserver
import sys
import threading

from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import trident_harness as harness  # noqa: E402

SECRET = "a-secret-of-many-letters"


class Hook(http.server.BaseHTTPRequestHandler):
    posts, answers = [], []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Hook.posts.append((self.headers, body))
        self.send_response(Hook.answers.pop(0) if Hook.answers else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


class Smtp(socketserver.StreamRequestHandler):
    mails, logins = [], []

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.say("220 test")
        data = None
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.strip() else b""
            if data is not None:
                if line == b".\r\n":
                    Smtp.mails.append(b"".join(data))
                    data = None
                    self.say("250 taken")
                else:
                    data.append(line)
            elif word == b"EHLO":
                self.say("250-test\r\n250 AUTH PLAIN")
            elif word == b"AUTH":
                self.say("334 ")
                Smtp.logins.append(base64.b64decode(self.rfile.readline()))
                self.say("235 welcome")
            elif word == b"DATA":
                data = []
                self.say("354 go on")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


def serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


class Webhook(harness.Case):
    def hooked(self):
        Hook.posts, Hook.answers = [], []
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{serve(server)}/hook"
        return self.world(overrides={"sinks": {"webhook": {"url": url, "secret": SECRET}}})

    def types(self):
        return [json.loads(body)["type"] for _, body in Hook.posts]

    def test_events_arrive_signed_and_in_order(self):
        w = self.hooked()
        w.daemon.alert(harness.v3_entry())
        harness.until(lambda: "v3_entry" in self.types(), "the entry")
        w.daemon.alert(harness.v3_exit())
        harness.until(lambda: "v3_exit" in self.types(), "the exit")
        for headers, body in Hook.posts:
            text = headers["X-Trident-Timestamp"].encode() + b"." + body
            want = hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()
            self.assertEqual(headers["X-Trident-Signature"], "sha256=" + want)
            self.assertEqual(headers["Content-Type"], "application/json")
        entry = json.loads(Hook.posts[self.types().index("v3_entry")][1])
        self.assertEqual((entry["symbol"], entry["trader"], entry["priority"]), ("XAUUSD", "main", "high"))
        numbers = [json.loads(body)["seq"] for _, body in Hook.posts]
        self.assertLess(self.types().index("v3_entry"), self.types().index("v3_exit"))
        self.assertTrue(all(numbers))

    def test_a_refusal_is_tried_again_with_the_same_number_and_survives_a_kill(self):
        w = self.hooked()
        Hook.answers[:] = [500] * 100
        w.daemon.alert(harness.v3_entry())
        harness.until(lambda: len(Hook.posts) >= 2, "two tries")
        w.daemon.restart(kill=True)
        del Hook.answers[:]
        harness.until(lambda: "v3_entry" in self.types()[-4:], "it comes all the same", timeout=40)
        ids = {}
        for headers, body in Hook.posts:
            ids.setdefault(headers["X-Trident-Delivery"], set()).add(body)
        self.assertTrue(all(len(bodies) == 1 for bodies in ids.values()), "a number means one message")
        self.assertIn("BUY XAUUSD", w.sandbox.wait("notification", 0, "LOGIC1")["text"])  # Telegram did not wait

    def test_what_can_never_be_taken_is_dropped(self):
        w = self.hooked()
        Hook.answers[:] = [422]
        w.daemon.alert(harness.v3_entry())
        harness.until(lambda: len(Hook.posts) >= 2, "the next one comes")
        self.assertEqual(len({h["X-Trident-Delivery"] for h, _ in Hook.posts}), len(Hook.posts))


class Email(harness.Case):
    def test_an_alarm_is_mailed_at_once(self):
        Smtp.mails, Smtp.logins = [], []
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp)
        server.daemon_threads = True
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"smtp://127.0.0.1:{serve(server)}"
        w = self.world(overrides={"sinks": {"email": {"url": url, "user": "asha", "password": "mail-password",
                                                      "from": "trident@example.org",
                                                      "to": "asha@example.org, ravi@example.org"}}})
        w.daemon.alert(harness.v3_entry())
        self.assertEqual(w.daemon.admin("POST", "/emergency_stop").status, 200)
        harness.until(lambda: any(b"EMERGENCY STOP" in m for m in Smtp.mails), "the alarm")
        mail = next(m for m in Smtp.mails if b"EMERGENCY STOP" in m)
        self.assertIn(b"Subject: Trident: ALARM", mail)
        self.assertIn(b"To: asha@example.org, ravi@example.org", mail)
        self.assertRegex(mail, rb"Date: \w{3}, \d\d \w{3} 20\d\d ")
        self.assertFalse(any(b"BUY XAUUSD" in m for m in Smtp.mails), "an entry waits for the digest")
        self.assertEqual(Smtp.logins[0], b"\0asha\0mail-password")
        self.assertNotIn("mail-password", w.daemon.log())


if __name__ == "__main__":
    harness.main()
