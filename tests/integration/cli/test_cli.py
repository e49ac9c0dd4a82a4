#!/usr/bin/env python3
"""The command line as a person or a script meets it: help and exit codes, init against the sandbox (from a pipe and on
a terminal with the echo off), check, config, health, replay-alerts. The real binary, no stand-ins.

    test_cli.py path/to/trident path/to/source
"""
import json
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

TRIDENT = os.path.abspath(sys.argv[1])
SOURCE = os.path.abspath(sys.argv[2])
CONTROLLER = "7000000001:" + "A" * 35
NOTIFICATION = "7000000002:" + "B" * 35
UNKNOWN = "7000000009:" + "Z" * 35


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def run(*args, stdin="", cwd=None):
    return subprocess.run([TRIDENT, *args], input=stdin, capture_output=True, text=True, timeout=60, cwd=cwd)


class Sandbox:
    def __enter__(self):
        self.process = subprocess.Popen(
            [TRIDENT, "sandbox", "--port", "0", "--bots",
             f"controller={CONTROLLER}@one_bot,notification={NOTIFICATION}@two_bot"],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.url = re.search(r"http://[0-9.:]+", line).group(0)
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        assert self.process.wait(10) == 0
        self.process.stdout.close()


class Usage(unittest.TestCase):
    def test_without_arguments_it_explains_itself(self):
        r = run()
        self.assertEqual(r.returncode, 2)
        self.assertIn("usage: trident", r.stdout)

    def test_every_listed_subcommand_has_help(self):
        r = run("--help")
        self.assertEqual(r.returncode, 0)
        names = re.findall(r"^  ([a-z-]+) +\S", r.stdout, re.M)
        self.assertGreaterEqual(len(names), 10)
        for name in names:
            for args in ((name, "--help"), ("help", name)):
                h = run(*args)
                self.assertEqual(h.returncode, 0, args)
                self.assertIn(f"usage: trident {name}", h.stdout)
        for args in (("help",), ("-h",), ("help", "--help"), ("help", "-h"), ("help", "help"), ("--help", "help")):
            h = run(*args)
            self.assertEqual((h.returncode, h.stdout, h.stderr), (0, r.stdout, ""), args)

    def test_a_slip_gets_a_suggestion(self):
        r = run("chekc")
        self.assertEqual(r.returncode, 2)
        self.assertIn('did you mean "check"', r.stderr)

    def test_wrong_options_are_wrong_usage(self):
        for args in (["check", "--nope"], ["check", "extra"], ["check", "--config"], ["config"],
                     ["audit", "show", "x"], ["replay-alerts"], ["version", "--x=1"]):
            self.assertEqual(run(*args).returncode, 2, args)

    def test_version(self):
        self.assertRegex(run("version").stdout, r"^trident \d+\.\d+\.\d+\n$")
        self.assertEqual(run("--version").stdout, run("version").stdout)


class Init(unittest.TestCase):
    def test_pipe(self):
        with Sandbox() as s, tempfile.TemporaryDirectory() as d:
            answers = f"{CONTROLLER}\n{NOTIFICATION}\n\n4711\n8123\n"
            r = run("init", "--base-url", s.url, stdin=answers, cwd=d)
            self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
            self.assertIn("@one_bot", r.stdout)
            self.assertNotIn(CONTROLLER, r.stdout + r.stderr)
            path = os.path.join(d, "trident.json")
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            conf = load(path)
            self.assertEqual(conf["telegram"]["controller"]["token"], CONTROLLER)
            self.assertEqual(conf["users"][0], {"user_id": 4711, "role": "admin", "name": ""})
            self.assertEqual(conf["http"]["port"], 8123)
            self.assertNotIn(conf["http"]["webhook_secret"], r.stdout + r.stderr)
            self.assertGreaterEqual(len(conf["http"]["webhook_secret"]), 32)
            self.assertEqual(run("check", cwd=d).returncode, 0)
            again = run("init", "--base-url", s.url, stdin=answers, cwd=d)
            self.assertEqual(again.returncode, 1)
            self.assertIn("--force", again.stderr)
            self.assertEqual(run("init", "--force", "--base-url", s.url, stdin=answers, cwd=d).returncode, 0)
            self.assertNotEqual(load(path)["http"], conf["http"])

    def test_it_finds_who_wrote_and_leaves_the_message_for_the_daemon(self):
        with Sandbox() as s, tempfile.TemporaryDirectory() as d:
            def post(what, **body):
                request = urllib.request.Request(s.url + "/sandbox/" + what, json.dumps(body).encode(),
                                                 {"Content-Type": "application/json"})
                return json.load(urllib.request.urlopen(request, timeout=10))
            self.assertTrue(post("user", id=5151, name="Asha")["ok"])
            self.assertTrue(post("send", bot="controller", user=5151, text="hello")["ok"])
            r = run("init", "--base-url", s.url, stdin=f"{CONTROLLER}\n\n\n\ny\n\n", cwd=d)
            self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
            self.assertIn("Asha (5151)", r.stdout)
            user = load(os.path.join(d, "trident.json"))["users"][0]
            self.assertEqual((user["user_id"], user["name"]), (5151, "Asha"))
            updates = urllib.request.urlopen(f"{s.url}/bot{CONTROLLER}/getUpdates", timeout=10)
            self.assertEqual(json.load(updates)["result"][-1]["message"]["text"], "hello")

    def test_a_token_telegram_does_not_know_writes_nothing(self):
        with Sandbox() as s, tempfile.TemporaryDirectory() as d:
            for answers in (UNKNOWN + "\n", "no token\n", "", f"{CONTROLLER}\n{CONTROLLER}\n"):
                r = run("init", "--base-url", s.url, stdin=answers, cwd=d)
                self.assertEqual(r.returncode, 1, answers)
                self.assertEqual(os.listdir(d), [])
                self.assertNotIn("Z" * 35, r.stdout + r.stderr)

    def test_terminal_shows_no_secret(self):
        with Sandbox() as s, tempfile.TemporaryDirectory() as d:
            try:
                pid, fd = pty.fork()
            except OSError as error:
                self.skipTest(f"this system gives no terminal: {error}")
            if pid == 0:
                os.chdir(d)
                os.execv(TRIDENT, [TRIDENT, "init", "--base-url", s.url])
            shown = b""
            steps = [(b"controller bot", "garbage"), (b"not a token", None), (b"controller bot", CONTROLLER),
                     (b"notification bot", ""), (b"analytics bot", ""), (b"numeric user id", "me"),
                     (b"not a name", None), (b"numeric user id", "4711"), (b"[8001]", ""),
                     (b"Wrote", None)]
            at = 0
            for wanted, answer in steps:
                end = time.monotonic() + 20
                while shown.find(wanted, at) < 0:
                    self.assertLess(time.monotonic(), end, f"no {wanted!r} in {shown!r}")
                    if select.select([fd], [], [], 0.2)[0]:
                        try:
                            shown += os.read(fd, 4096)
                        except OSError:
                            break
                at = shown.find(wanted, at) + len(wanted)
                if answer is not None:
                    os.write(fd, (answer + "\n").encode())
            _, status = os.waitpid(pid, 0)
            os.close(fd)
            self.assertEqual(os.waitstatus_to_exitcode(status), 0, shown)
            self.assertNotIn(b"garbage", shown)
            self.assertNotIn(CONTROLLER.encode(), shown)
            self.assertTrue(os.path.exists(os.path.join(d, "trident.json")))


class Configuration(unittest.TestCase):
    def test_check_names_every_problem(self):
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "c.json")
            with open(path, "w", encoding="utf-8") as f:
                f.write('{"http": {"port": 70000, "webhook_secret": "hush-hush"}, "userz": [], "log": {"level": 3}}')
            r = run("check", "--config", path)
            self.assertEqual(r.returncode, 1)
            for part in ("http.port", "70000", "0 to 65535", "http.webhook_secret", "[redacted]", "userz", '"users"',
                         "log.level", "telegram.controller.token", "chmod 600"):
                self.assertIn(part, r.stderr)
            self.assertNotIn("hush-hush", r.stderr)

    def test_a_missing_file_says_what_to_do(self):
        r = run("check", "--config", "/nonexistent.json")
        self.assertEqual(r.returncode, 1)
        self.assertIn("trident init", r.stderr)

    def test_schema_and_sample_are_those_committed(self):
        for word in ("schema", "sample"):
            out = run("config", word).stdout
            json.loads(out)
            with open(os.path.join(SOURCE, "config", f"trident.{word}.json"), encoding="utf-8") as f:
                self.assertEqual(out, f.read())


class ReplayAlerts(unittest.TestCase):
    ROWS = ('Alert ID,Ticker,Name,Description,Time\r\n'
            '1,"OANDA:GBPJPY, 5m",new,"{""type"":""entry"",""signal"":""buy"",""tf"":""5m"",""price"":1.5}",2026-01-05T11:00:00Z\r\n'
            '2,"OANDA:XAUUSD, 5m",old,"no alert,\nbut two lines",2026-01-05T10:00:00Z\r\n')

    def test_dry_run_sends_nothing_and_counts(self):
        with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as f:
            f.write(self.ROWS)
            f.flush()
            r = run("replay-alerts", f.name, "--dry-run")
            self.assertEqual(r.returncode, 0, r.stderr)
            self.assertIn("2 rows: 1 understood, 1 refused. Nothing was sent.", r.stdout)

    def test_no_daemon_is_a_failure(self):
        with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as f:
            f.write(self.ROWS)
            f.flush()
            r = run("replay-alerts", f.name, "--url", "http://127.0.0.1:1")
            self.assertEqual(r.returncode, 1)
            self.assertIn("2 without an answer", r.stdout)

    def test_broken_files_are_named(self):
        for text, part in (('Description\n"never closed', "line 2"), ("", "empty"), ("a,b\n1,2\n", "Description")):
            with tempfile.NamedTemporaryFile("w", suffix=".csv") as f:
                f.write(text)
                f.flush()
                r = run("replay-alerts", f.name, "--dry-run")
                self.assertEqual(r.returncode, 1)
                self.assertIn(part, r.stderr)

    def test_recorded_logs_are_understood_row_by_row(self):
        folder = os.path.join(SOURCE, "..", "shared", "data", "alerts")
        if not os.path.isdir(folder):
            self.skipTest("the folder of recorded alerts is not here")
        for name in sorted(os.listdir(folder)):
            r = run("replay-alerts", os.path.join(folder, name), "--dry-run")
            self.assertEqual(r.returncode, 0, name + r.stderr)
            self.assertRegex(r.stdout, r"\d+ rows: \d+ understood, \d+ refused")


class Others(unittest.TestCase):
    def test_health_without_a_daemon_fails(self):
        self.assertEqual(run("health", "--url", "http://127.0.0.1:1").returncode, 1)

    def test_audit_without_a_journal_fails(self):
        self.assertEqual(run("audit", "verify", "--journal", "/nonexistent.db").returncode, 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
