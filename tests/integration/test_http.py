# labels: smoke
"""What machines read and do over HTTP: health, status, metrics, emergency stop, commands, live events."""
import http.client
import re
import urllib.parse

from trident_harness import ADMIN_TOKEN, WEBHOOK_SECRET, Case, main, until, v3_entry, v3_exit


class Events:
    """One live stream: events with their data, and the newest id."""

    def __init__(self, daemon, last_id=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=10)
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        if last_id:
            headers["Last-Event-ID"] = last_id
        self.connection.request("GET", "/events", headers=headers)
        self.answer = self.connection.getresponse()
        self.last_id, self.events = last_id, []

    def read_until(self, count):
        name, data = None, None
        while len(self.events) < count or self.pending:
            line = self.answer.readline().decode().rstrip("\n")
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                data = line[6:]
            elif line.startswith("id: "):
                self.last_id = line[4:]
            elif line == "" and data is not None:
                self.events.append((name, data))
                name, data = None, None
        return self

    @property
    def pending(self):
        """Events are there whose id has not come yet."""
        return bool(self.events) and self._seq(self.events[-1]) > self._position()

    @staticmethod
    def _seq(event):
        return int(re.search(r'"seq":(\d+)', event[1]).group(1))

    def _position(self):
        found = re.search(r"main:(\d+)", self.last_id or "")
        return int(found.group(1)) if found else 0

    def close(self):
        self.answer.close()
        self.connection.close()


def parse_metrics(text):
    """Prometheus text format 0.0.4, read strictly."""
    kinds, helps, samples = {}, set(), {}
    for line in text.split("\n"):
        if line.startswith("# HELP "):
            name = line.split(" ", 3)[2]
            assert name not in helps, name
            helps.add(name)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert kind in ("counter", "gauge", "histogram", "summary", "untyped"), line
            kinds[name] = kind
        elif line:
            found = re.fullmatch(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? '
                                 r'([-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|Inf|NaN))', line)
            assert found, f"no sample: {line!r}"
            key = found.group(1) + (found.group(2) or "")
            assert key not in samples, f"twice: {key}"
            samples[key] = float(found.group(3))
            base = found.group(1)
            family = re.sub(r"_(bucket|sum|count)$", "", base)
            if kinds.get(family) == "histogram":
                base = family
            assert base in kinds and base in helps, f"no TYPE and HELP before {base}"
            assert kinds[base] != "counter" or base.endswith("_total"), base
    return kinds, samples


class Pages(Case):
    def test_health_has_the_promised_fields(self):
        w = self.world()
        a = w.daemon.http("GET", "/health")
        self.assertEqual((a.status, a.headers["Content-Type"]), (200, "application/json"))
        h = a.json
        self.assertEqual(h["status"], "ok")
        self.assertIsInstance(h["uptime"], int)
        self.assertEqual(h["open_trades"], 0)
        self.assertEqual(h["plugins_active"], ["combined_v3"])
        self.assertEqual(h["telegram_bots"], ["controller", "notification", "analytics"])
        w.daemon.alert(v3_entry())
        until(lambda: w.daemon.health()["open_trades"] == 2, "two open trades")
        w.sandbox.ask("controller", "/pause", "Paused")
        h = w.daemon.health()
        self.assertEqual((h["status"], h["reasons"]), ("degraded", ["main: paused"]))
        self.assertEqual(w.daemon.http("HEAD", "/health").body, b"")

    def test_metrics_are_prometheus_text(self):
        w = self.world()
        w.daemon.alert(v3_entry())
        w.daemon.alert("nonsense")
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")
        a = w.daemon.http("GET", "/metrics")
        self.assertEqual(a.status, 200)
        self.assertTrue(a.headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        self.assertTrue(a.text.endswith("\n"))
        kinds, samples = parse_metrics(a.text)
        self.assertGreater(len(kinds), 30)
        self.assertEqual(samples['trident_open_positions{trader="main"}'], 2)
        self.assertEqual(samples['trident_signals_accepted_total{trader="main"}'], 1)
        self.assertEqual(samples['trident_http_requests_total{route="webhook",status="400"}'], 1)
        self.assertTrue(any("bot_up" in k and v == 1 for k, v in samples.items()), samples.keys())
        self.assertGreater(next(v for k, v in samples.items() if "resident" in k or "rss" in k), 1e6)

    def test_pages_for_people_and_unknown_addresses(self):
        d = self.world().daemon
        self.assertIn("Trident", d.http("GET", "/").text)
        self.assertEqual(d.http("GET", "/favicon.ico").status, 404)
        self.assertEqual(d.status()["traders"][0]["id"], "main")


class Control(Case):
    def test_emergency_stop_wants_the_token(self):
        w = self.world()
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {ADMIN_TOKEN}"},
                        {"X-Webhook-Secret": WEBHOOK_SECRET}, {"Authorization": f"Bearer {WEBHOOK_SECRET}"}):
            self.assertEqual(w.daemon.http("POST", "/emergency_stop", headers=headers).status, 401)
        self.assertEqual(w.daemon.http("POST", f"/emergency_stop?token={ADMIN_TOKEN}").status, 401)
        self.assertEqual(w.daemon.admin("GET", "/emergency_stop").status, 405)
        self.assertFalse(w.daemon.engine()["panic"])

    def test_emergency_stop_closes_and_holds_until_released_in_two_steps(self):
        w = self.world()
        w.daemon.alert(v3_entry())
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")
        a = w.daemon.admin("POST", "/emergency_stop")
        self.assertEqual((a.status, a.json["status"]), (200, "stopped"), a.text)
        self.assertEqual(a.json["receipts"][0]["status"], "accepted")
        until(lambda: w.daemon.engine()["open_positions"] == 0, "closed")
        for bot in ("controller", "notification", "analytics"):
            w.sandbox.wait(bot, 0, "EMERGENCY STOP")
        again = w.daemon.admin("POST", "/emergency_stop")
        self.assertEqual((again.status, again.json["receipts"][0]["reason"]), (200, "ALREADY_DONE"))
        for kill in (True, False):
            w.daemon.restart(kill=kill)
            self.assertEqual(w.daemon.alert(v3_entry(tf="15")).json["reason"], "PANIC")
        self.assertEqual(w.daemon.health()["reasons"], ["main: panic"])
        m = w.sandbox.ask("controller", "/panic release", "Release the panic stop?")
        self.assertTrue(w.daemon.engine()["panic"])
        w.sandbox.press("controller", m, "Yes, release")
        until(lambda: not w.daemon.engine()["panic"], "released")
        self.assertEqual(w.daemon.alert(v3_entry(tf="15")).json["reason"], "PAUSED")
        w.sandbox.ask("controller", "/resume", "Resumed")
        self.assertEqual(w.daemon.alert(v3_entry(tf="15")).json["status"], "accepted")

    def test_without_admin_token_nothing_over_the_port_is_control(self):
        w = self.world(overrides={"http": {"admin_token": ""}})
        self.assertEqual(w.daemon.http("POST", "/emergency_stop").status, 401)
        a = w.daemon.http("POST", "/emergency_stop", headers={"X-Webhook-Secret": WEBHOOK_SECRET})
        self.assertEqual((a.status, a.json["reason"]), (401, "NOT_AUTHORISED"))
        self.assertFalse(w.daemon.engine()["panic"])

    def test_commands(self):
        w = self.world()
        a = w.daemon.command("pause")
        self.assertEqual((a.status, a.json["status"], a.json["trader"]), (200, "accepted", "main"))
        self.assertGreater(a.json["receipt"], 0)
        self.assertTrue(w.daemon.engine()["paused"])
        w.sandbox.wait("controller", 0, "PAUSED")
        self.assertEqual(w.daemon.admin("POST", "/resume").json["status"], "accepted")
        self.assertFalse(w.daemon.engine()["paused"])
        self.assertEqual(w.daemon.admin("POST", "/pause").json["status"], "accepted")
        self.assertEqual(w.daemon.command("pause").json["reason"], "ALREADY_DONE")
        self.assertEqual(w.daemon.command("/resume").json["status"], "accepted")
        self.assertEqual(w.daemon.command("xyzzy").json["reason"], "COMMAND_UNKNOWN")
        for body in ('', '[]', '{}', '{"command":7}', '{"command":"a b"}', '{"command":"pause","args":7}',
                     '{"command":"pause","confirm":"x"}', "{" * 50):
            a = w.daemon.admin("POST", "/api/v1/command", body)
            self.assertEqual(a.status, 400, body)
            self.assertTrue(a.json["field"], body)
        self.assertEqual(w.daemon.command("pause", trader="nobody").status, 404)
        self.assertEqual(w.daemon.http("POST", "/api/v1/command", {"command": "pause"}).status, 401)
        self.assertFalse(w.daemon.engine()["paused"])

    def test_closeall_asks_back_here_too(self):
        w = self.world()
        w.daemon.alert(v3_entry())
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")
        a = w.daemon.command("closeall")
        self.assertEqual(a.status, 200)
        self.assertEqual(w.daemon.engine()["open_positions"], 2)
        self.assertEqual(w.daemon.command("closeall", confirm=99999).json["status"], "refused")
        b = w.daemon.command("closeall", confirm=a.json["receipt"])
        self.assertEqual(b.json["status"], "accepted", b.text)
        until(lambda: w.daemon.engine()["open_positions"] == 0, "closed")
        self.assertEqual(w.daemon.command("closeall", confirm=a.json["receipt"]).json["reason"], "CONFIRM_USED")


class Live(Case):
    def test_wants_the_token(self):
        d = self.world().daemon
        self.assertEqual(d.http("GET", "/events").status, 401)
        self.assertEqual(d.http("GET", "/events?token=wrong").status, 401)
        c = http.client.HTTPConnection("127.0.0.1", d.port, timeout=5)
        c.request("GET", "/events?" + urllib.parse.urlencode({"token": ADMIN_TOKEN}))
        r = c.getresponse()
        self.assertEqual((r.status, r.headers["Content-Type"]), (200, "text/event-stream"))
        r.close()
        c.close()

    def test_resume_leaves_no_gap_and_repeats_nothing(self):
        w = self.world()
        whole = Events(w.daemon)
        part = Events(w.daemon)
        w.daemon.alert(v3_entry())
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")
        part.read_until(3)
        part.close()
        w.daemon.alert(v3_exit())
        until(lambda: w.daemon.engine()["open_positions"] == 0, "closed")
        w.daemon.command("pause")
        again = Events(w.daemon, part.last_id)
        w.daemon.command("resume")

        def names(e):
            return [name for name, _ in e.events]
        while "resumed" not in names(whole):
            whole.read_until(len(whole.events) + 1)
        while "resumed" not in names(again):
            again.read_until(len(again.events) + 1)
        self.assertEqual(part.events + again.events, whole.events)
        self.assertEqual(names(whole).count("v3_entry"), 2)
        self.assertEqual(names(whole).count("v3_exit") + names(whole).count("manual_exit"), 2)
        for e in (whole, again):
            e.close()

    def test_resume_works_over_a_kill(self):
        w = self.world()
        e = Events(w.daemon)
        w.daemon.alert(v3_entry())
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")
        e.read_until(1)
        e.close()
        w.daemon.command("pause")
        w.daemon.restart(kill=True)
        again = Events(w.daemon, e.last_id)
        again.events = list(e.events)
        while "paused" not in [name for name, _ in again.events]:
            again.read_until(len(again.events) + 1)
        self.assertEqual(len(set(again.events)), len(again.events))
        self.assertEqual([n for n, _ in again.events].count("v3_entry"), 2)
        again.close()


if __name__ == "__main__":
    main()
