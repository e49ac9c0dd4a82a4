"""Who may send alerts: secret in every place, allow list, trusted proxies, limits of the request itself."""
import socket

from trident_harness import ADMIN_TOKEN, WEBHOOK_SECRET, Case, main, v3_entry

PULSE = {"type": "squeeze_v3", "signal_type": "Volatility_Squeeze", "symbol": "XAUUSD", "tf": "5", "price": 2650.0,
         "consensus_score": 4, "market_trend": 0, "message": "bands narrow"}


class Secret(Case):
    def test_the_secret_is_taken_from_path_header_query_and_body(self):
        d = self.world().daemon
        for path, headers, body in (
                (f"/webhook/{WEBHOOK_SECRET}", {}, PULSE),
                (f"/webhook/{WEBHOOK_SECRET}/main", {}, PULSE),
                (f"/webhook/v3/{WEBHOOK_SECRET}", {}, PULSE),
                ("/webhook", {"X-Webhook-Secret": WEBHOOK_SECRET}, PULSE),
                (f"/webhook?secret={WEBHOOK_SECRET}", {}, PULSE),
                ("/webhook", {}, dict(PULSE, secret=WEBHOOK_SECRET)),
                ("/webhook/main", {}, dict(PULSE, secret=WEBHOOK_SECRET))):
            a = d.http("POST", path, body, headers)
            self.assertEqual((a.status, a.json["status"]), (200, "notified"), (path, a.text))

    def test_without_or_with_a_wrong_one_nothing_happens(self):
        d = self.world().daemon
        wrong = "x" * len(WEBHOOK_SECRET)
        for path, headers, body in (
                ("/webhook", {}, PULSE),
                ("/webhook/" + wrong, {}, PULSE),
                ("/webhook/" + WEBHOOK_SECRET[:-1], {}, PULSE),
                ("/webhook/" + WEBHOOK_SECRET + "x", {}, PULSE),
                ("/webhook", {"X-Webhook-Secret": wrong}, PULSE),
                ("/webhook", {"X-Webhook-Secret": ADMIN_TOKEN}, PULSE),
                ("/webhook?secret=" + wrong, {}, PULSE),
                ("/webhook?secret=", {}, PULSE),
                ("/webhook", {}, dict(PULSE, secret=wrong)),
                ("/webhook", {}, dict(PULSE, secret=17)),
                ("/webhook", {}, {"a": {"secret": WEBHOOK_SECRET}})):
            a = d.http("POST", path, body, headers)
            self.assertEqual((a.status, a.json["reason"]), (401, "NOT_AUTHORISED"), (path, a.text))
        self.assertEqual(d.engine()["signals"], 0)

    def test_a_trader_that_does_not_exist(self):
        d = self.world().daemon
        a = d.http("POST", f"/webhook/{WEBHOOK_SECRET}/nobody", PULSE)
        self.assertEqual((a.status, a.json["reason"]), (404, "TRADER_UNKNOWN"))

    def test_the_secret_in_the_body_reaches_neither_journal_nor_log(self):
        w = self.world()
        w.daemon.http("POST", "/webhook", dict(v3_entry(), secret=WEBHOOK_SECRET))
        self.assertEqual(w.daemon.http("POST", "/webhook", {"type": "x", "secret": WEBHOOK_SECRET}).status, 400)
        w.sandbox.ask("controller", "/why 3")
        # close() looks through every file


class Address(Case):
    def test_allow_list(self):
        d = self.world(overrides={"http": {"allow": ["52.89.214.238", "10.0.0.0/8"]}}).daemon
        a = d.alert(PULSE)
        self.assertEqual((a.status, a.json["reason"]), (403, "ADDRESS_NOT_ALLOWED"))
        # nobody is believed who is no configured proxy
        a = d.alert(PULSE, headers={"X-Forwarded-For": "10.1.2.3"})
        self.assertEqual(a.status, 403)

    def test_a_trusted_proxy_names_the_client(self):
        d = self.world(overrides={"http": {"allow": ["10.0.0.0/8"], "trusted_proxies": ["127.0.0.1"]}}).daemon
        for forwarded, status in (("10.1.2.3", 200), ("1.2.3.4, 10.1.2.3", 200), ("10.1.2.3, 8.8.8.8", 403),
                                  ("8.8.8.8", 403), ("", 403), ("nonsense", 403), ("10.1.2.3, 127.0.0.1", 200)):
            a = d.alert(PULSE, headers={"X-Forwarded-For": forwarded})
            self.assertEqual(a.status, status, forwarded)
        self.assertEqual(d.alert(PULSE).status, 403)

    def test_open_only_when_configured(self):
        d = self.world(overrides={"http": {"webhook_secret": "", "allow_open": True}}).daemon
        self.assertEqual(d.http("POST", "/webhook", PULSE).status, 200)


class Limits(Case):
    def test_wrong_method_and_unknown_address(self):
        d = self.world().daemon
        a = d.http("GET", f"/webhook/{WEBHOOK_SECRET}")
        self.assertEqual((a.status, a.headers["Allow"]), (405, "POST"))
        self.assertEqual(d.http("POST", "/health").status, 405)
        self.assertEqual(d.http("GET", "/nothing").status, 404)

    def test_body_too_large(self):
        d = self.world().daemon
        big = dict(PULSE, message="x" * 20000)
        self.assertEqual(d.alert(big).status, 413)
        # announced only: refused before the body is sent
        with socket.create_connection(("127.0.0.1", d.port), 10) as s:
            s.sendall(f"POST /webhook/{WEBHOOK_SECRET} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n".encode())
            self.assertIn(b" 413 ", s.recv(200))
        self.assertEqual(d.alert(PULSE).status, 200)

    def test_broken_requests_are_refused_and_the_next_is_served(self):
        d = self.world().daemon
        for raw in (b"GARBAGE\r\n\r\n", b"POST /webhook HTTP/1.1\r\n\r\n",
                    b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
                    b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
                    b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", b"\x00\x01\x02\x03\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", d.port), 10) as s:
                s.sendall(raw)
                s.shutdown(socket.SHUT_WR)
                answer = s.recv(4096)
                self.assertNotIn(b" 200 ", answer[:20], raw)
                self.assertNotIn(b" 500 ", answer[:20], raw)
        self.assertEqual(d.alert(PULSE).status, 200)

    def test_any_content_type_and_a_kept_connection(self):
        import http.client
        import json
        d = self.world().daemon
        c = http.client.HTTPConnection("127.0.0.1", d.port, timeout=10)
        for kind in ("application/json", "text/plain; charset=utf-8", "application/x-www-form-urlencoded", "x/y"):
            c.request("POST", f"/webhook/{WEBHOOK_SECRET}", json.dumps(PULSE), {"Content-Type": kind})
            r = c.getresponse()
            self.assertEqual(r.status, 200, kind)
            r.read()
        c.close()


if __name__ == "__main__":
    main()
