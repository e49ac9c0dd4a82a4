"""Abuse of the HTTP port from one process: idle connections, slow heads, slow bodies, floods of headers, lengths that lie,
pipelines; and good clients measured meanwhile. Used by integration.http_abuse (small) and tests/proof/http_crowd.py (full).
"""
import json
import selectors
import socket
import threading
import time


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Crowd:
    """Connections that are held: `idle` ones say nothing or keep alive after one request, `slow` ones drip a byte of a
    head or of a body now and then. What the server closes is opened again, so that the pressure stays."""

    def __init__(self, port, idle, slow, drip_s=1.0, keep_alive=True, per_s=500):
        self.port, self.wanted = port, {"idle": idle, "slow": slow}
        self.drip_s, self.keep_alive, self.per_s = drip_s, keep_alive, per_s
        self.allowance, self.filled = 0.0, time.monotonic()
        self.stopping = threading.Event()
        self.selector = selectors.DefaultSelector()
        self.open = {"idle": set(), "slow": set()}
        self.reopened = 0
        self.thread = threading.Thread(target=self._run, daemon=True)

    def start(self, timeout=120, need_all=True):
        """need_all: returns when all of them are held; else when as many have been tried."""
        self.thread.start()
        end = time.monotonic() + timeout
        while sum(map(len, self.open.values())) + (0 if need_all else self.reopened) < sum(self.wanted.values()):
            if time.monotonic() > end:
                raise AssertionError(f"only {self.held()} connections are open")
            time.sleep(0.05)
        return self

    def held(self):
        return {kind: len(s) for kind, s in self.open.items()}

    def stop(self):
        self.stopping.set()
        self.thread.join(60)
        for sockets in self.open.values():
            for s in sockets:
                s.close()
        self.selector.close()

    def _connect(self, kind):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(("127.0.0.1", self.port))
        self.open[kind].add(s)
        self.selector.register(s, selectors.EVENT_WRITE, (kind, 0))

    def _first_words(self, kind, s):
        """A third of the slow ones is slow with a body, the rest with a head; idle ones have been served once."""
        if kind == "slow" and s.fileno() % 3 == 0:
            return b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 16000\r\n\r\n{"
        if kind == "slow":
            return b"GET /health HTTP/1.1\r\nHost: x\r\nX: "
        return b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" if self.keep_alive else b""

    def _on_event(self, s, events, data):
        kind, _ = data
        try:
            if events & selectors.EVENT_WRITE:
                words = self._first_words(kind, s)
                if words:
                    s.send(words)
                self.selector.modify(s, selectors.EVENT_READ, (kind, 1))
            elif not s.recv(65536):
                raise ConnectionResetError
        except BlockingIOError:
            pass
        except OSError:
            self.selector.unregister(s)
            self.open[kind].discard(s)
            s.close()
            self.reopened += 1

    def _fill(self):
        """At most per_s new ones a second: holding is what is tried here, not flooding."""
        now = time.monotonic()
        self.allowance = min(100.0, self.allowance + (now - self.filled) * self.per_s)
        self.filled = now
        for kind, count in self.wanted.items():
            for _ in range(min(int(self.allowance), count - len(self.open[kind]))):
                self._connect(kind)
                self.allowance -= 1

    def _drip(self):
        for s in list(self.open["slow"]):
            try:
                s.send(b"a")
            except OSError:
                pass  # not connected yet, or gone: seen by the selector

    def _run(self):
        next_drip = time.monotonic()
        while not self.stopping.is_set():
            self._fill()
            for key, events in self.selector.select(0.02):
                self._on_event(key.fileobj, events, key.data)
            if time.monotonic() >= next_drip:
                self._drip()
                next_drip = time.monotonic() + self.drip_s


class Good:
    """Good clients: each sends a request, waits for its answer, rests; half of them on a new connection every time."""

    def __init__(self, port, path, body, clients=4, rest_s=0.01):
        self.port, self.path, self.rest_s = port, path, rest_s
        self.body = json.dumps(body).encode()
        self.times, self.failures = [], []
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(i % 2 == 0,), daemon=True) for i in range(clients)]

    def _request(self, s):
        head = f"POST {self.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(self.body)}\r\n\r\n".encode()
        s.sendall(head + self.body)
        answer = b""
        while b"\r\n\r\n" not in answer:
            data = s.recv(65536)
            if not data:
                raise ConnectionError("closed")
            answer += data
        headers, rest = answer.split(b"\r\n\r\n", 1)
        length = int(headers.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(rest) < length:
            data = s.recv(65536)
            if not data:
                raise ConnectionError("cut")
            rest += data
        if b" 200 " not in headers.split(b"\r\n")[0]:
            raise ConnectionError(headers.split(b"\r\n")[0].decode())

    def _run(self, keeps):
        s = None
        while not self.stopping.is_set():
            begun = time.perf_counter()
            try:
                if s is None:
                    s = socket.create_connection(("127.0.0.1", self.port), timeout=10)
                    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._request(s)
                with self.lock:
                    self.times.append(time.perf_counter() - begun)
            except OSError as e:
                with self.lock:
                    self.failures.append(repr(e))
                s = None
            if s is not None and not keeps:
                s.close()
                s = None
            self.stopping.wait(self.rest_s)
        if s is not None:
            s.close()

    def measure(self, seconds):
        for t in self.threads:
            t.start()
        time.sleep(seconds)
        self.stopping.set()
        for t in self.threads:
            t.join(30)
        return self


def raw(port, data, timeout=5, end=None):
    """Everything the server answers until it closes (or `end` was seen)."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as s:
        try:
            s.sendall(data)
        except OSError:
            pass  # refused before everything was sent: the answer is what counts
        out = b""
        try:
            while end is None or end not in out:
                part = s.recv(65536)
                if not part:
                    break
                out += part
        except OSError:
            pass
        return out
