"""The daemon watches itself: stages of the way of an alert, health with reasons, Prometheus, the dashboard and its alert
rules, the outgoing heartbeat; a bot that does not answer is told once and told again when it is well."""
import http.server
import json
import os
import re
import resource
import shutil
import subprocess
import tempfile
import threading
import time

from trident_harness import TRADER, Case, main, until, v3_entry

PACKAGING = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../packaging")
PROMTOOL = shutil.which("promtool") or shutil.which(os.path.join(PACKAGING, "../build/promtool/usr/bin/promtool"))


class Switch(http.server.ThreadingHTTPServer):
    """A dead-man's switch that counts what it hears."""

    def __init__(self):
        beats = self.beats = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                beats.append((time.monotonic(), self.path))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def samples(text):
    """name{labels} -> value."""
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
            for line in text.splitlines() if line and not line.startswith("#")}


def names_in(text):
    return set(re.findall(r"\btrident_[a-z0-9_]+", text))


class Watch(Case):
    def metrics(self, w):
        a = w.daemon.http("GET", "/metrics")
        self.assertEqual(a.status, 200)
        return a.text

    def test_every_stage_is_measured_and_shown(self):
        w = self.world()
        for i in range(3):
            a = w.daemon.alert(v3_entry(tf="5", price=2650.0 + i))
            self.assertEqual(a.status, 200, a.text)
        until(lambda: w.daemon.engine()["orders_filled"] > 0, "a fill")
        text = w.sandbox.ask("controller", "/latency", "alert")["text"]
        for stage in ("receive", "queue", "decide", "commit", "send", "acknowledge", "alert"):
            self.assertRegex(text, stage + r" p50 [\d,]+ · p95 [\d,]+ · p99 [\d,]+ µs \([\d,]+\)")
        found = samples(self.metrics(w))

        def of(kind, stage, le=""):
            return found[f'trident_stage_seconds_{kind}{{trader="main",stage="{stage}"{le}}}']

        self.assertEqual(of("count", "alert"), 3)
        self.assertGreaterEqual(of("count", "queue"), 3)
        self.assertGreaterEqual(of("count", "receive"), 4)  # the command too
        self.assertGreater(of("count", "acknowledge"), 0)
        self.assertGreaterEqual(of("sum", "alert"), of("sum", "commit") / of("count", "commit"))
        for stage in ("queue", "alert", "acknowledge"):
            last = 0
            for le in ("0.000010", "0.001000", "1.000000", "20.000000", "+Inf"):
                here = of("bucket", stage, f',le="{le}"')
                self.assertGreaterEqual(here, last)
                last = here
            self.assertEqual(last, of("count", stage))

    def test_prometheus_takes_the_metrics_and_every_name_in_rules_and_dashboard_is_there(self):
        w = self.world(overrides={"watch": {"interval_s": 1}})
        w.daemon.alert(v3_entry(tf="5"))
        until(lambda: "trident_health_level{" in self.metrics(w), "the first look")
        text = self.metrics(w)
        for name in sorted({re.sub(r"_(bucket|sum|count)$", "", n) for n in names_in(text)} & set(
                re.findall(r"^# TYPE (\S+)", text, re.M))):
            self.assertRegex(text, rf"(?m)^# HELP {name} \S", name)
        for kind, name in ((m.group(2), m.group(1)) for m in re.finditer(r"^# TYPE (\S+) (\S+)", text, re.M)):
            self.assertEqual(kind == "counter", name.endswith("_total"), name)
        there = {line.split("{")[0].split(" ")[0] for line in text.splitlines() if not line.startswith("#")}
        for path in ("prometheus/alerts.yml", "grafana/trident.json"):
            with open(os.path.join(PACKAGING, path), encoding="utf-8") as f:
                wanted = names_in(f.read())
            self.assertGreater(len(wanted), 10)
            self.assertEqual(wanted - there, set(), path)
        if PROMTOOL:
            r = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
            self.assertEqual((r.returncode, r.stdout + r.stderr), (0, ""))

    def test_the_age_of_the_newest_backup_is_measured_and_shown(self):
        outside = tempfile.mkdtemp(prefix="trident-backups-")  # a backup holds secrets: not where they are looked for
        self.addCleanup(shutil.rmtree, outside)
        w = self.world(overrides={"watch": {"interval_s": 1}, "backup": {"interval_min": 60, "dir": outside}})
        until(lambda: samples(self.metrics(w))["trident_backup_interval_seconds"] == 3600, "the first look")
        self.assertEqual(samples(self.metrics(w))["trident_backup_age_seconds"], float("inf"))
        self.assertIn("No backup yet", w.sandbox.ask("controller", "/health")["text"])
        self.assertEqual(w.daemon.tool("backup").returncode, 0)  # by hand counts as well
        until(lambda: samples(self.metrics(w))["trident_backup_age_seconds"] < 60, "the backup is seen")
        self.assertRegex(w.sandbox.ask("controller", "/health")["text"], r"Backup \d+ s ago, one every 1 h")
        age = until(lambda: next((v for v in w.daemon.health()["vitals"] if v["name"] == "backup_age"), None), "health")
        self.assertEqual((age["level"], age["unit"]), ("ok", "intervals"))

    def test_a_token_that_ends_is_announced_to_admins_once_a_stage(self):
        w = self.world(start=False, overrides={"watch": {"interval_s": 1}})
        day, now = 86_400_000, int(time.time() * 1000)
        lives = {"week": (90 * day, 6.5 * day), "day": (90 * day, day / 2), "over": (90 * day, -60_000),
                 "far": (90 * day, 30 * day), "past": (90 * day, -20 * day), "short": (3 * day, 2.9 * day)}
        w.daemon.write()
        for name in (*lives, "gone", "ever"):
            self.assertEqual(w.daemon.tool("token", "new", name, "--days", "0").returncode, 0)
        path = os.path.join(w.folder, "data", "tokens")

        def rewrite(change):
            with open(path, encoding="utf-8") as f:
                head, *lines = f.read().splitlines()
            rows = [change(line.split("\t")) for line in lines]
            with open(path, "w", encoding="utf-8") as f:
                f.write("\n".join([head, *("\t".join(r) for r in rows)]) + "\n")

        def age(row):
            if row[6] in lives:
                life, left = lives[row[6]]
                row[2:4] = [str(int(now + left - life)), str(int(now + left))]
            elif row[6] == "gone":
                row[3:5] = [str(now + day // 2), str(now)]
            return row
        rewrite(age)
        seq = w.sandbox.seq()
        w.daemon.start()

        def told():
            texts = [m["text"] for m in w.sandbox.said("controller", seq, contains="oken")]
            return sorted((t.split("\n")[1].split(" ")[0], "HAS ENDED" in t) for t in texts if "trident token" in t)
        first = [("day", False), ("over", True), ("week", False)]
        until(lambda: told() == first, "three tokens")
        ids = w.daemon.tool("token", "list").stdout
        for m in w.sandbox.said("controller", seq, contains="trident token"):
            self.assertRegex(m["text"], r"\n\w+ [0-9a-z]{8} \(read\) \d{4}-\d\d-\d\dT\d\d:\d\d UTC\n")
            self.assertIn(m["text"].split("\n")[1].split(" ")[1], ids)
        w.daemon.stop()
        w.daemon.start()
        beats = samples(self.metrics(w))["trident_uptime_seconds"]
        until(lambda: samples(self.metrics(w))["trident_uptime_seconds"] > beats + 2.5, "two more looks")
        self.assertEqual(told(), first)
        rewrite(lambda row: row[:3] + [str(now - 1000)] + row[4:] if row[6] == "day" else row)
        until(lambda: told() == sorted([*first, ("day", True)]), "its end")
        self.assertEqual(w.sandbox.said("controller", seq, user=TRADER, contains="trident token"), [])

    def test_the_alert_rules_pass_their_own_tests(self):
        if not PROMTOOL:
            self.skipTest("there is no promtool: scripts/bootstrap --promtool")
        folder = os.path.join(PACKAGING, "prometheus")
        for what in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]):
            r = subprocess.run([PROMTOOL, *what], cwd=folder, capture_output=True, text=True, timeout=60)
            self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        with open(os.path.join(folder, "alerts.yml"), encoding="utf-8") as f:
            rules = re.findall(r"- alert: (\w+)", f.read())
        with open(os.path.join(folder, "alerts_test.yml"), encoding="utf-8") as f:
            tested = re.findall(r"- name: (\w+)", f.read())
        self.assertEqual(sorted(rules), sorted(tested))

    def test_the_heartbeat_goes_out_while_all_is_well_and_stops_with_the_journal(self):
        switch = Switch()
        self.addCleanup(switch.server_close)
        self.addCleanup(switch.shutdown)
        url = f"http://127.0.0.1:{switch.server_address[1]}/ping/CANARY-heartbeat-0123456789"
        w = self.world(overrides={"watch": {"heartbeat_url": url, "heartbeat_s": 1}})
        until(lambda: len(switch.beats) >= 2, "two beats")
        self.assertTrue(all(path == "/ping/CANARY-heartbeat-0123456789" for _, path in switch.beats))
        until(lambda: samples(self.metrics(w))['trident_heartbeats_total{result="taken"}'] >= 2, "counted")
        pid, most = w.daemon.process.pid, resource.RLIM_INFINITY
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, most))  # no file grows any more
        self.assertEqual(w.daemon.alert(v3_entry(tf="5")).status, 503)
        until(lambda: "main: journal_fault" in w.daemon.health()["reasons"], "the fault")
        time.sleep(1)  # one may be under way
        before = len(switch.beats)
        time.sleep(2.5)  # nothing is to come: there is nothing to wait for
        self.assertEqual(len(switch.beats), before)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
        until(lambda: len(switch.beats) > before, "beats again")
        self.assertNotIn("CANARY-heartbeat", w.daemon.log())

    def test_a_bot_without_an_answer_is_told_once_and_told_again_when_it_is_well(self):
        w = self.world(overrides={"watch": {"interval_s": 1}})
        until(lambda: w.daemon.health()["vitals"], "the first look")
        seq = w.sandbox.seq()
        w.sandbox.fault("drop_before", "analytics", method="getMe", count=-1)
        m = w.sandbox.wait("controller", seq, "NOT WELL")
        self.assertIn("analytics: bot_misses 3, alarm over 2", m["text"])
        self.assertIn("analytics: bot_misses", " ".join(w.daemon.health()["reasons"]))
        shown = w.sandbox.ask("controller", "/health")["text"]
        self.assertIn("analytics: bot_misses", shown)
        until(lambda: samples(self.metrics(w))['trident_health_level{name="bot_misses",subject="analytics"}'] == 2,
              "the metric")
        w.sandbox.clear_faults()
        w.sandbox.wait("controller", m["seq"], "Well again: analytics", timeout=40)
        self.assertEqual(len(w.sandbox.said("controller", seq, contains="NOT WELL")), 1)


if __name__ == "__main__":
    main()
