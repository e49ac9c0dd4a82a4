#!/usr/bin/env python3
"""A broadcast by the real daemon over real sockets, against a server that accepts 30 messages in any second and refuses
the next with 429: the rate it reaches and how often it was refused. The outbox is filled for 10,000 chats before the
start; measured for SECONDS. (All 10,000 in virtual time: tests/unit/notify/test_figures.c.)

    broadcast.py path/to/trident [SECONDS]
"""
import collections
import http.server
import json
import os
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
os.environ["TRIDENT"] = sys.argv[1]
import trident_harness as harness  # noqa: E402

SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 60
CHATS, RATE = 10000, 30


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lock, window = threading.Lock(), collections.deque()
    accepted, refused, chats = [], [], set()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        method = self.path.rsplit("/", 1)[1]
        if method == "getUpdates":
            time.sleep(min(json.loads(body or b"{}").get("timeout", 1), 2))
            return self.answer({"ok": True, "result": []})
        is_news = json.loads(body or b"{}").get("text") == "<b>news</b>" if method == "sendMessage" else False
        if not is_news:  # limits are per token; only this bot's are measured
            return self.answer({"ok": True, "result": {"id": 7, "username": "bot", "message_id": 1}
                                if method in ("getMe", "sendMessage") else []})
        with Server.lock:
            now = time.monotonic()
            while Server.window and now - Server.window[0] >= 1.0:
                Server.window.popleft()
            if len(Server.window) >= RATE:
                Server.refused.append(now)
                return self.answer({"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 1",
                                    "parameters": {"retry_after": 1}}, 429)
            Server.window.append(now)
            Server.accepted.append(now)
            Server.chats.add(json.loads(body)["chat_id"])
        return self.answer({"ok": True, "result": {"message_id": len(Server.accepted)}})

    do_GET = do_POST

    def answer(self, what, status=200):
        text = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        pass


class Broadcast(harness.Case):
    def _close(self, w):
        w.abandon()  # ten thousand messages wait on purpose

    def test_rate(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        w = self.world(overrides={"telegram": {"per_bot_per_s": RATE, "per_chat_per_s": 1, "per_chat_burst": 3}})
        w.daemon.stop()
        w.daemon.conf["telegram"]["base_url"] = f"http://127.0.0.1:{server.server_address[1]}"
        w.daemon.write()
        db = sqlite3.connect(os.path.join(w.daemon.folder, "data", "notify.db"))
        db.executemany("INSERT INTO outbox(id, bot, lane, chat_id, thread_id, reply_to, edit_id, html, created_ms)"
                       " VALUES(?, 2, 3, ?, 0, 0, 0, '<b>news</b>', 0)",
                       [(1000 + i, 500000 + i) for i in range(CHATS)])
        db.commit()
        db.close()
        Server.accepted.clear()
        Server.refused.clear()
        w.daemon.start(wait_bots=False)
        harness.until(lambda: len(Server.accepted) > RATE, "it sends")
        begin, before = Server.accepted[-1], len(Server.accepted)
        time.sleep(SECONDS)
        count, span = len(Server.accepted) - before, Server.accepted[-1] - begin
        share = 100.0 * count / span / RATE
        server.server_close()
        print(f"broadcast: {count} messages in {span:.1f} s, {count / span:.2f}/s, {share:.2f} % of {RATE}/s, "
              f"{len(Server.refused)} x 429"
              + "".join(f", at {t - Server.accepted[0]:.2f} s" for t in Server.refused))
        self.assertEqual(Server.refused, [])
        self.assertGreaterEqual(share, 98.0)


if __name__ == "__main__":
    sys.argv = sys.argv[:1]
    harness.main()
