"""The real binary over real sockets: `trident sandbox` plays Telegram, `trident run` is the product, both in a folder of
their own. A test is a Case; world() gives it a World (sandbox + daemon), which is taken down after the test. Every
teardown looks through all logs for sanitizer reports and failed assertions, and through all files for the planted
secrets. Python's standard library only; the program is named by $TRIDENT.
"""
import glob
import http.client
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

import bot_api_check
import tdlib_check

TRIDENT = os.path.abspath(os.environ.get("TRIDENT", "build/trident"))
PATIENCE_S = 20.0

OWNER, TRADER, VIEWER, STRANGER = 1001, 1002, 1003, 6666
BOTS = {"controller": "trident_control_bot", "notification": "trident_notify_bot",
        "analytics": "trident_stats_bot", "legacy": "old_zepix_bot"}
TOKENS = {name: f"{7000000001 + i}:CANARY-{name}-" + "x" * 24 for i, name in enumerate(BOTS)}
WEBHOOK_SECRET = "CANARY-webhook-secret-0123456789"
ADMIN_TOKEN = "CANARY-admin-token-0123456789abc"
MIRROR_TOKEN = "CANARY-mirror-token-0123456789ab"
SECRETS = [t.split(":")[1] for t in TOKENS.values()] + [WEBHOOK_SECRET, ADMIN_TOKEN, MIRROR_TOKEN]

TROUBLE = re.compile(r"assertion failed|AddressSanitizer|ThreadSanitizer|LeakSanitizer|runtime error:|"
                     r"UndefinedBehaviorSanitizer")
RECEIPT = re.compile(r"#(\d+)\s*$")


def merge(base, extra):
    out = dict(base)
    for k, v in extra.items():
        out[k] = merge(out[k], v) if isinstance(v, dict) and isinstance(out.get(k), dict) else v
    return out


def until(check, what, timeout=PATIENCE_S, step=0.02):
    """Waits for check() to be true and returns its value."""
    end = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout:g} s: {what}")
        time.sleep(step)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)


def call(port, method, path, body=None, headers=None, timeout=15):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        c.request(method, path, body, headers or {})
        r = c.getresponse()
        return Answer(r.status, r.headers, r.read())
    finally:
        c.close()


class Sandbox:
    """`trident sandbox` and what people do in it."""

    def __init__(self, folder, bots=("controller", "notification", "analytics"), groups=(), args=()):
        self.folder, self.args, self.port, self.process = folder, list(args), 0, None
        self.bots = ",".join(f"{b}={TOKENS[b]}@{BOTS[b]}" for b in bots)
        self.users = f"{OWNER}=Asha,{TRADER}=Ravi,{VIEWER}=Vera,{STRANGER}=Mallory"
        self.groups = ",".join(f"{i}={title}" for i, title in groups)
        self.record = os.path.join(folder, "requests.jsonl")
        self.start()

    def start(self):
        """Also after stop(): on the same port, with the same chats."""
        command = [TRIDENT, "sandbox", "--port", str(self.port), "--bots", self.bots, "--users", self.users,
                   "--record", self.record, "--state", os.path.join(self.folder, "sandbox.json"), *self.args]
        if self.groups:
            command += ["--groups", self.groups]
        with open(os.path.join(self.folder, "sandbox.err"), "ab") as err:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=err, text=True)
        line = self.process.stdout.readline()
        found = re.search(r":(\d+)/", line)
        if not found:
            raise AssertionError("the sandbox did not start")
        self.port = int(found.group(1))

    def stop(self, kill=False):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        code = self.process.wait(15)
        self.process.stdout.close()
        self.process = None
        if not kill and code != 0:
            raise AssertionError(f"the sandbox ended with {code}")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def post(self, what, **fields):
        a = call(self.port, "POST", f"/sandbox/{what}", fields, {"Content-Type": "application/json"})
        if a.status != 200:
            raise AssertionError(f"sandbox {what}: {a.status} {a.text}")
        return a.json

    def get(self, what, timeout=15, **fields):
        a = call(self.port, "GET", f"/sandbox/{what}?" + urllib.parse.urlencode(fields), timeout=timeout)
        return a.json

    def say(self, bot, text, user=OWNER, **more):
        """Writes to a bot in private, or into the group more["chat"]; the seq of what was written."""
        if "chat" not in more:
            more["bot"] = bot
        return self.post("send", user=user, text=text, **more)["seq"]

    def place(self, where, user):
        return {"chat": where} if isinstance(where, int) or ":" in where or where.startswith("-") \
            else {"bot": where, "user": user}

    def wait(self, where, after=0, contains="", user=OWNER, timeout=PATIENCE_S):
        """The first message or edit of a bot after `after` that holds the text."""
        a = self.get("wait", timeout + 5, after=after, contains=contains, timeout_ms=int(timeout * 1000),
                     **self.place(where, user))
        if not a.get("ok"):
            raise AssertionError(f"{where} did not say {contains!r} within {timeout:g} s; it said: "
                                 + repr([m["text"] for m in self.said(where, after, user)]))
        return a["message"]

    def ask(self, bot, text, contains="", user=OWNER, timeout=PATIENCE_S, **more):
        """Writes and waits for the answer."""
        seq = self.say(bot, text, user, **more)
        return self.wait(more.get("chat", bot), seq, contains, user, timeout)

    def messages(self, where, user=OWNER):
        return self.get("chat", **self.place(where, user))["messages"]

    def said(self, where, after=0, user=OWNER, contains=""):
        """What bots said there, oldest first."""
        return [m for m in self.messages(where, user)
                if m["from_bot"] and m["seq"] > after and contains in m["text"]]

    def seq(self):
        return self.get("config")["seq"]

    def press(self, bot, message, label, user=OWNER, force=False, data=None):
        """Presses the button whose label holds the text; the answer shown to the person."""
        data = data or button(message, label)
        where = {"chat": message["chat"]} if "chat" in message else {"bot": bot}
        p = self.post("press", user=user, message_id=message["id"], data=data, force=force, **where)
        a = self.get("wait", callback=p["callback_id"], timeout_ms=8000)
        return a["text"] if a.get("ok") else None

    def fault(self, kind, bot="*", **more):
        self.post("fault", kind=kind, bot=bot, **more)

    def clear_faults(self):
        call(self.port, "DELETE", "/sandbox/fault")

    def updates(self, bot, *updates):
        return self.post("updates", bot=bot, updates=list(updates))

    def stats(self, bot):
        return next(b for b in self.get("stats")["bots"] if b["bot"] == bot)

    def is_drained(self, bot):
        """Everything sent to the bot is confirmed (its next poll asked beyond it)."""
        s = self.stats(bot)
        return s["pending"] == 0 and s["polling"]

    def requests(self, method=None, bot=None):
        with open(self.record, encoding="utf-8") as f:
            rows = [json.loads(line) for line in f if line.endswith("\n")]
        return [r for r in rows if method in (None, r["method"]) and bot in (None, r["bot"])]


def button(message, label):
    for row in message.get("markup", {}).get("inline_keyboard", []):
        for b in row:
            if label in b["text"]:
                return b["callback_data"]
    raise AssertionError(f"no button {label!r} under {message['text']!r}: {message.get('markup')}")


def receipt(message):
    found = RECEIPT.search(message["text"])
    if not found:
        raise AssertionError(f"no receipt number in {message['text']!r}")
    return int(found.group(1))


class Daemon:
    """`trident run` with a configuration of its own."""

    def __init__(self, folder, sandbox_url, bots=("controller", "notification", "analytics"), overrides=None,
                 trader=None):
        self.folder, self.process, self.port, self.starts = folder, None, 0, 0
        self.launcher, self.environment = [], None  # a program that starts it, and its environment
        self.bots = [b for b in bots if b != "legacy"]
        conf = {
            "data_dir": os.path.join(folder, "data"),
            "log": {"level": "debug"},
            "http": {"port": 0, "webhook_secret": WEBHOOK_SECRET, "admin_token": ADMIN_TOKEN},
            "telegram": {"base_url": sandbox_url, "per_chat_per_s": 100, "per_chat_burst": 100,
                         "per_bot_per_s": 1000, "per_group_per_min": 1000, "burst_per_min": 0},
            "users": [{"user_id": OWNER, "role": "admin", "name": "Asha"},
                      {"user_id": TRADER, "role": "trader", "name": "Ravi"},
                      {"user_id": VIEWER, "role": "viewer", "name": "Vera"}],
            "traders": [merge({"id": "main", "broker": {"tick_interval_ms": 100}}, trader or {})],
        }
        for b in self.bots:
            conf["telegram"][b] = {"token": TOKENS[b]}
        if os.environ.get("TRIDENT_CONFINE"):  # any test under the filter of system calls: ASAN_OPTIONS=detect_leaks=0
            conf["security"] = {"seccomp": "on"}
        self.conf = merge(conf, overrides or {})
        self.path = os.path.join(folder, "trident.json")

    def write(self):
        with open(self.path, "w", encoding="utf-8") as f:
            os.fchmod(f.fileno(), 0o600)
            json.dump(self.conf, f)

    @property
    def log_path(self):
        return os.path.join(self.folder, f"daemon.{self.starts}.log")

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def start(self, wait_bots=True):
        self.write()
        self.starts += 1
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([*self.launcher, TRIDENT, "run", "--config", self.path], stdout=log,
                                            stderr=log, env=self.environment)
        found = until(self._is_ready, "the daemon is ready")
        self.port = int(found.group(1))
        if wait_bots:
            until(lambda: not [r for r in self.health()["reasons"] if "bot " in r or "synchron" in r or "broker" in r],
                  "the bots are connected")

    def _is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError("the daemon ended at once:\n" + self.log())
        return re.search(r"ready .*port=(\d+)", self.log())

    def kill9(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        code = self.process.wait(30)
        self.process = None
        if code != 0:
            raise AssertionError(f"the daemon ended with {code}:\n" + self.log()[-3000:])

    def restart(self, kill=False):
        if kill:
            self.kill9()
        else:
            self.stop()
        self.start()

    # -- HTTP --

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def http(self, method, path, body=None, headers=None, timeout=15):
        return call(self.port, method, path, body, headers, timeout)

    def health(self):
        return self.http("GET", "/health").json

    def status(self):
        return self.http("GET", "/status").json

    def engine(self):
        return self.status()["traders"][0]

    def alert(self, body, symbol=None, headers=None):
        query = "?" + urllib.parse.urlencode({"symbol": symbol}) if symbol else ""
        return self.http("POST", f"/webhook/{WEBHOOK_SECRET}{query}", body, headers)

    def admin(self, method, path, body=None):
        return self.http(method, path, body, {"Authorization": f"Bearer {ADMIN_TOKEN}"})

    def command(self, name, args="", **more):
        return self.admin("POST", "/api/v1/command", {"command": name, "args": args, **more})

    # -- the journal --

    @property
    def journal_path(self):
        return os.path.join(self.folder, "data", "traders", self.conf["traders"][0]["id"], "journal.db")

    def rows(self):
        """(seq, kind, key) of every journal row."""
        db = sqlite3.connect(f"file:{self.journal_path}?mode=ro", uri=True)
        try:
            return db.execute("SELECT seq, kind, key FROM journal ORDER BY seq").fetchall()
        finally:
            db.close()

    def show(self, seq):
        return self.tool("audit", "show", str(seq)).stdout

    def tool(self, *args):
        return subprocess.run([TRIDENT, *args, "--config", self.path], capture_output=True, text=True, timeout=60)

    def find_rows(self, text):
        """Numbers of the journal rows whose story holds the text."""
        return [seq for seq, _, _ in self.rows() if text in self.show(seq)]


class Successor:
    """The process an upgrade left, with what the harness asks of a Popen; it is no child of ours."""

    stdout = None

    def __init__(self, pid):
        self.pid = pid

    def poll(self):
        try:
            with open(f"/proc/{self.pid}/stat", encoding="ascii") as f:
                return None if f.read().rsplit(")", 1)[1].split()[0] != "Z" else 0
        except OSError:
            return 0

    def terminate(self):
        os.kill(self.pid, signal.SIGTERM)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout=30):
        until(lambda: self.poll() is not None, "the end of the process", timeout)
        return 0


class World:
    def __init__(self, bots=("controller", "notification", "analytics"), overrides=None, trader=None, groups=(),
                 sandbox_args=(), start=True):
        self.folder = tempfile.mkdtemp(prefix="trident-it-")
        self.daemon = self.sandbox = None
        try:
            self.sandbox = Sandbox(self.folder, bots, groups, sandbox_args)
            self.daemon = Daemon(self.folder, self.sandbox.url, bots, overrides, trader)
            if start:
                self.daemon.start()
                until(self.is_quiet, "the greeting is delivered")
        except BaseException:
            self.abandon()
            raise

    def is_quiet(self):
        """Something was said and nothing waits to be said."""
        n = self.daemon.status()["notify"]
        return n["sent"] > 0 and n["outbox_rows"] == 0

    def abandon(self):
        for p in (self.daemon, self.sandbox):
            if p is not None and p.process is not None:
                p.process.kill()
                p.process.wait()
                if p.process.stdout:
                    p.process.stdout.close()
        if not os.environ.get("TRIDENT_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def close(self):
        """Takes everything down; raises when a program, a log or a file tells of something wrong."""
        try:
            self.daemon.stop()
            self.sandbox.stop()
            self.check_logs()
            self.check_secrets()
            bot_api_check.check_record(self.sandbox.record)
            if tdlib_check.is_there():
                tdlib_check.check_record(self.sandbox.record)
            if os.path.exists(self.daemon.journal_path):
                r = self.daemon.tool("audit", "verify")
                if r.returncode != 0:
                    raise AssertionError("audit verify: " + r.stdout + r.stderr)
        finally:
            self.abandon()

    def check_logs(self):
        for path in glob.glob(os.path.join(self.folder, "*.log")) + glob.glob(os.path.join(self.folder, "*.err")):
            with open(path, encoding="utf-8", errors="replace") as f:
                text = f.read()
            found = TROUBLE.search(text)
            if found:
                raise AssertionError(f"{os.path.basename(path)}: {text[max(0, found.start() - 200):][:4000]}")

    def check_secrets(self):
        needles = [s.encode() for s in SECRETS]
        for root, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(root, name)
                if path == self.daemon.path or not os.path.isfile(path):  # the control socket is no file
                    continue
                with open(path, "rb") as f:
                    data = f.read()
                for needle in needles:
                    if needle in data:
                        at = data.index(needle)
                        raise AssertionError(f"a secret is in {name}: {data[max(0, at - 120):at + 20]!r}")


class Case(unittest.TestCase):
    maxDiff = None

    def world(self, **options):
        w = World(**options)
        self._worlds = getattr(self, "_worlds", []) + [w]
        self.addCleanup(self._close, w)
        return w

    def _close(self, w):
        # After a failure the first message counts: only tidy up.
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            w.abandon()
        else:
            w.close()


# -- alerts --

def v3_entry(symbol="XAUUSD", side="buy", signal="Momentum_Breakout", tf="5", score=8, price=2650.0, **more):
    """An entry whose stops fit the simulated price of XAUUSD; other symbols name their own."""
    sign = 1 if side == "buy" else -1
    distance = more.pop("distance", 20.0)
    body = {"type": "entry_v3", "signal_type": signal, "symbol": symbol, "direction": side, "tf": tf, "price": price,
            "consensus_score": score if side == "buy" else 9 - score,
            "sl_price": round(price - sign * distance, 5), "tp1_price": round(price + sign * distance, 5),
            "tp2_price": round(price + sign * 2 * distance, 5), "mtf_trends": ",".join([str(sign)] * 5),
            "market_trend": sign, "volume_delta_ratio": 2.4, "price_in_ob": False, "position_multiplier": 0.8}
    body.update(more)
    return body


def v3_exit(symbol="XAUUSD", signal="Bullish_Exit", **more):
    return {"type": "exit_v3", "signal_type": signal, "symbol": symbol, "direction": "sell", "tf": "5",
            "price": 2650.0, "consensus_score": 3, "market_trend": 1,
            "reason": "TP_hit_or_reversal_or_momentum_loss", **more}


def main():
    """Exit code 77 when nothing but skipped tests remains, so that CTest says skipped as well."""
    result = unittest.main(verbosity=2, exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.skipped and len(result.skipped) == result.testsRun else 0)
