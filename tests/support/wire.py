"""A TCP relay between the product and the sandbox for what an HTTP server cannot do to its own answers: connections
that go silent, close after the work was done, drip, lie about lengths, redirect, or never finish a TLS handshake.
Requests without a rule are passed on, one answer each, over kept-alive connections as the real server has them."""
import http.client
import itertools
import re
import socket
import struct
import threading
import time

from trident_harness import BOTS, TOKENS, Case, until

IDS = {name: int(TOKENS[name].split(":")[0]) for name in BOTS}
REQUEST = re.compile(rb"POST /bot(\d+):[^/]+/(\w+) HTTP/1\.1\r\n")
LENGTH = re.compile(rb"^content-length: *(\d+)", re.I | re.M)


class Request:
    def __init__(self, bot_id, method, path, head, body, connection, nth):
        self.bot_id, self.method, self.path, self.head, self.body = bot_id, method, path, head, body
        self.connection, self.nth, self.at = connection, nth, time.monotonic()


class Wire:
    """rule(kind, bot=..., method=..., count=...): the next matching requests get it. See the _do_ methods for kinds."""

    def __init__(self, upstream_port, bots):
        self.upstream_port, self.bot_ids = upstream_port, bots
        self.rules, self.seen, self.struck, self.lock = [], [], [], threading.Lock()
        self.ids, self.sockets, self.closing = itertools.count(1), set(), threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.closing.set()
        self.listener.close()
        with self.lock:
            for s in self.sockets:
                s.close()

    def rule(self, kind, bot=None, method=None, count=1, reused=False, **more):
        with self.lock:
            self.rules.append({"kind": kind, "bot_id": self.bot_ids.get(bot), "method": method, "count": count,
                               "reused": reused, **more})

    def clear(self):
        with self.lock:
            self.rules = []

    def requests(self, bot=None, method=None):
        with self.lock:
            return [r for r in self.seen if bot in (None, self._name(r.bot_id)) and method in (None, r.method)]

    def _name(self, bot_id):
        return next((n for n, i in self.bot_ids.items() if i == bot_id), None)

    # -- connections --

    def _accept(self):
        while not self.closing.is_set():
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.sockets.add(s)
            threading.Thread(target=self._serve, args=(s, next(self.ids)), daemon=True).start()

    def _serve(self, s, connection):
        held = b""
        try:
            for nth in itertools.count():
                while b"\r\n\r\n" not in held:
                    held = self._more(s, held)
                head, _, held = held.partition(b"\r\n\r\n")
                found = LENGTH.search(head)
                need = int(found.group(1)) if found else 0
                while len(held) < need:
                    held = self._more(s, held)
                body, held = held[:need], held[need:]
                line = REQUEST.match(head + b"\r\n")
                path = head.split(b" ", 2)[1].decode()
                r = Request(int(line.group(1)), line.group(2).decode(), path, head, body, connection, nth)
                with self.lock:
                    self.seen.append(r)
                rule = self._take(r)
                if not (self._strike(s, r, rule) if rule else self._pass_on(s, r)):
                    return
        except (OSError, http.client.HTTPException):
            pass  # either side has gone: so does this connection
        finally:
            with self.lock:
                self.sockets.discard(s)
            s.close()

    def _more(self, s, held):
        data = s.recv(65536)
        if not data:
            raise ConnectionError
        return held + data

    def _take(self, r):
        with self.lock:
            for rule in self.rules:
                if rule["bot_id"] not in (None, r.bot_id) or rule["method"] not in (None, r.method) or \
                        (rule["reused"] and r.nth == 0):
                    continue
                self.struck.append(r)
                rule["count"] -= 1
                if rule["count"] == 0:
                    self.rules.remove(rule)
                return rule
        return None

    def _ask_upstream(self, r):
        c = http.client.HTTPConnection("127.0.0.1", self.upstream_port, timeout=90)
        try:
            kind = re.search(rb"^content-type: *([^\r\n]+)", r.head, re.I | re.M)
            c.request("POST", r.path, r.body, {"Content-Type": kind.group(1).decode()} if kind else {})
            a = c.getresponse()
            return a.status, a.getheader("Content-Type") or "application/json", a.read()
        finally:
            c.close()

    @staticmethod
    def _answer(status, kind, body, length=None):
        n = len(body) if length is None else length
        return f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {n}\r\n\r\n".encode() + body

    def _pass_on(self, s, r):
        s.sendall(self._answer(*self._ask_upstream(r)))
        return True

    # -- what may happen to a request; True: the connection goes on --

    def _strike(self, s, r, rule):
        return getattr(self, "_do_" + rule["kind"])(s, r, rule)

    def _do_silence(self, s, r, rule):
        """Half open: nothing comes any more, and the peer's end is not noticed."""
        self.closing.wait(120)
        return False

    def _do_execute_then_close(self, s, r, rule):
        self._ask_upstream(r)
        return False

    def _do_execute_then_reset(self, s, r, rule):
        self._ask_upstream(r)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    def _do_raw(self, s, r, rule):
        """Verbatim bytes instead of an answer, then the end of the connection."""
        s.sendall(rule["data"])
        return False

    def _do_body(self, s, r, rule):
        s.sendall(self._answer(rule.get("status", 200), rule.get("type", "application/json"), rule["data"]))
        return True

    def _do_before(self, s, r, rule):
        """1xx answers before the real one."""
        s.sendall(rule["data"])
        return self._pass_on(s, r)

    def _do_length(self, s, r, rule):
        """Content-Length is wrong by so many bytes."""
        status, kind, body = self._ask_upstream(r)
        s.sendall(self._answer(status, kind, body, len(body) + rule["by"]))
        return False

    def _do_no_length(self, s, r, rule):
        status, kind, body = self._ask_upstream(r)
        s.sendall(f"HTTP/1.0 {status} X\r\nContent-Type: {kind}\r\n\r\n".encode() + body)
        return False

    def _do_drip(self, s, r, rule):
        """One byte every so often, from the first byte of the head or of the body on; never done."""
        if rule["of"] == "body":
            s.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n")
        text = b"HTTP/1.1 200 OK\r\nX-Filler: " if rule["of"] == "head" else b'{"ok":true,"result":"'
        for i in itertools.count():
            s.sendall(text[i:i + 1] or b"a")
            if self.closing.wait(rule["every_s"]):
                return False
        return False


class Wired(Case):
    """A World whose product talks to Telegram through a Wire."""

    def wired(self, start=True, **options):
        wires = []
        self.addCleanup(lambda: [x.close() for x in wires])
        telegram = dict({"poll_timeout_s": 1}, **options.pop("telegram", {}))
        w = self.world(start=False, overrides={"telegram": telegram}, **options)
        wires.append(Wire(w.sandbox.port, IDS))
        w.daemon.conf["telegram"]["base_url"] = wires[0].url
        if start:
            w.daemon.start()
            until(w.is_quiet, "the greeting is delivered")
        return w, wires[0]

    def commands_once(self, w, expected):
        keys = [key for _, _, key in w.daemon.rows() if key.startswith("tg:")]
        self.assertEqual((len(keys), len(set(keys))), (expected, expected))

    def stops_at_once(self, w):
        began = time.monotonic()
        w.daemon.stop()
        # The far side would hold it for 30 s and more; how fast a stop is, the benchmark says.
        self.assertLess(time.monotonic() - began, 10.0)
