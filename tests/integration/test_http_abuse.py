# labels: security
"""The real program under abuse of its port: hundreds of idle and slow connections, lengths that are too big or lie,
floods of headers, pipelines. Every refusal says why, in JSON; good clients are served all the while, none is refused;
nothing is left behind. tests/proof/http_crowd.py is the same with 10,000 idle and 1,000 slow connections and figures."""
import json
import os
import re
import time

import http_abuse
from trident_harness import WEBHOOK_SECRET, Case, main, until, v3_entry

IDLE, SLOW = 500, 50
SECONDS = 1.5


def reason(answer):
    found = re.search(rb"\r\n\r\n(\{.*\})", answer, re.S)
    return json.loads(found.group(1))["reason"] if found else None


def status(answer):
    found = re.match(rb"HTTP/1\.1 (\d+)", answer)
    return int(found.group(1)) if found else 0


class Refusals(Case):
    def test_each_is_json_with_a_reason(self):
        d = self.world().daemon
        post = b"POST /webhook HTTP/1.1\r\nHost: x\r\n"
        flood = b"".join(b"X-%d: y\r\n" % i for i in range(150))
        table = [
            (post + b"Content-Length: 99999999\r\n\r\n", 413, "BODY_TOO_LARGE"),
            (post + b"Content-Length: 9999999999999999999999\r\n\r\n", 413, "BODY_TOO_LARGE"),
            (post + b"Transfer-Encoding: chunked\r\n\r\n" + b"2000\r\n" + b"x" * 0x2000 + b"\r\n3000\r\n" + b"x" * 0x3000
             + b"\r\n0\r\n\r\n", 413, "BODY_TOO_LARGE"),
            (post + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello", 400, "HEADER_TWICE"),
            (post + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello", 400, "LENGTH_AMBIGUOUS"),
            (post + b"Transfer-Encoding: gzip\r\n\r\nhello", 400, "LENGTH_AMBIGUOUS"),
            (b"GET / HTTP/1.1\r\n\r\n", 400, "HOST_MISSING"),
            (b"GET / HTTP/1.1\r\nHost: x\r\n" + flood + b"\r\n", 431, "HEAD_TOO_LARGE"),
            (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 16600 + b"\r\n\r\n", 431, "HEAD_TOO_LARGE"),
            (b"GET /" + b"a" * 16380, 414, "HEAD_TOO_LARGE"),
            (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 405, "METHOD_UNKNOWN"),
            (b"GET / HTTP/3.7\r\nHost: x\r\n\r\n", 505, "VERSION_UNKNOWN"),
            (b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "TARGET_MALFORMED"),
            (b"GET / HTTP/1.1\r\nHost: x\r\nA: \x01\r\n\r\n", 400, "HEADER_MALFORMED"),
        ]
        for request, wanted, why in table:
            a = http_abuse.raw(d.port, request)
            self.assertEqual((status(a), reason(a)), (wanted, why), request[:80] + b" -> " + a[:300])
        self.assertEqual(d.health()["status"], "ok")

    def test_a_pipeline_is_answered_in_order_and_a_bad_one_ends_it(self):
        d = self.world().daemon
        good = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
        a = http_abuse.raw(d.port, good * 50 + b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertEqual(re.findall(rb"HTTP/1\.1 (\d+)", a), [b"200"] * 50 + [b"404"])
        a = http_abuse.raw(d.port, good * 3 + b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n" + good * 3)
        self.assertEqual(re.findall(rb"HTTP/1\.1 (\d+)", a), [b"200"] * 3 + [b"400"])
        # A body hidden behind a length that lies is no second request: its bytes belong to the first.
        smuggled = b"POST /emergency_stop HTTP/1.1\r\nHost: x\r\n\r\n"
        a = http_abuse.raw(d.port, b"POST /webhook HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
                           + str(len(smuggled)).encode() + b"\r\n\r\n" + smuggled)
        self.assertEqual(re.findall(rb"HTTP/1\.1 (\d+)", a), [b"401"])
        self.assertFalse(d.engine()["panic"])

    def test_a_length_that_promises_more_waits_but_not_for_ever_and_alone(self):
        d = self.world().daemon
        begun = time.monotonic()
        a = http_abuse.raw(d.port, b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ", timeout=20)
        self.assertLess(time.monotonic() - begun, 15)
        self.assertEqual(a, b"", "a head that never ends is cut off without an answer")
        self.assertEqual(d.health()["status"], "ok")


class Crowded(Case):
    def descriptors(self, d):
        return len(os.listdir(f"/proc/{d.process.pid}/fd"))

    def test_good_clients_are_served_while_idle_and_slow_ones_hold_on(self):
        """Twice: with room for all of them, and with room for a quarter, where the newcomer always gets in."""
        for room in (2000, 150):
            w = self.world(overrides={"http": {"max_connections": room}})
            d = w.daemon
            before = self.descriptors(d)
            crowd = http_abuse.Crowd(d.port, IDLE, SLOW, per_s=2000 if room > IDLE else 300)
            crowd.start(need_all=room > IDLE)
            good = http_abuse.Good(d.port, f"/webhook/{WEBHOOK_SECRET}", v3_entry()).measure(SECONDS)
            self.assertEqual(good.failures, [], f"room for {room}")
            self.assertGreater(len(good.times), 50)
            self.assertLess(http_abuse.percentile(good.times, 0.99), 2.0)
            if room < IDLE:
                self.assertGreater(crowd.reopened, IDLE - room)
                self.assertLess(self.descriptors(d), before + 2 * room)
            self.assertEqual(d.tool("command", "pause").returncode, 0, "the socket has room of its own")
            crowd.stop()
            until(lambda: self.descriptors(d) <= before + 8, "the connections are gone")


if __name__ == "__main__":
    main()
