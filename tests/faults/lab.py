"""What the fault tests share: the sandbox and the daemon as processes, a configuration for them, people and alerts, and
readers of what the daemon left behind: the journal, the log of the paper venue, the record of the sandbox. The readers
know the encoding of src/core/pack.h and open everything read-only; nothing here repairs or repeats anything.
"""
import collections
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

SECRET = "faults-secret-0123456789"
ADMIN = "faults-admin-0123456789"
USER = 1001
BOTS = {"controller": "7000000001:" + "A" * 35, "notification": "7000000002:" + "B" * 35,
        "analytics": "7000000003:" + "C" * 35}
LONG = os.environ.get("TRIDENT_LONG") == "1"
SKIPPED = 77


def skip(why):
    print("skipped: " + why)
    sys.exit(SKIPPED)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, condition, seconds=10.0, step=0.02):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(step)
    raise AssertionError(f"{what}: not within {seconds} s")


# ---- HTTP ----

class Client:
    """One keep-alive connection. call() gives (status, body) or None when no answer came."""

    def __init__(self, port, timeout=5.0):
        self.port, self.timeout, self.c = port, timeout, None

    def call(self, method, path, body=None, headers=None):
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        for attempt in range(2):
            fresh = self.c is None
            try:
                if fresh:
                    self.c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
                self.c.request(method, path, body, headers or {})
                r = self.c.getresponse()
                return r.status, r.read().decode()
            except (OSError, http.client.HTTPException):
                self.close()
                if fresh:
                    return None
        return None

    def close(self):
        if self.c is not None:
            self.c.close()
        self.c = None


# ---- processes ----

class Sandbox:
    def __init__(self, trident, folder, port=0):
        self.trident, self.folder, self.record, self.port = trident, folder, os.path.join(folder, "record.jsonl"), port
        self.process = None
        self.first_update_id = 1000
        self.start()

    def start(self):
        bots = ",".join(f"{name}={token}@{name}_bot" for name, token in BOTS.items())
        args = [self.trident, "sandbox", "--port", str(self.port), "--bots", bots, "--users", f"{USER}=Asha",
                "--record", self.record, "--state", os.path.join(self.folder, "sandbox.state"),
                "--first-update-id", str(self.first_update_id)]
        self.process = subprocess.Popen(args, stdout=subprocess.PIPE, text=True)
        self.url = re.search(r"http://[0-9.:]+", self.process.stdout.readline()).group(0)
        self.port = int(self.url.rsplit(":", 1)[1])

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process.stdout.close()
            self.process = None

    def post(self, action, **body):
        answer = Client(self.port).call("POST", "/sandbox/" + action, body, {"Content-Type": "application/json"})
        assert answer is not None and answer[0] == 200, (action, body, answer)
        return json.loads(answer[1])

    def say(self, text, bot="controller"):
        return self.post("send", bot=bot, user=USER, text=text)

    def requests(self):
        """(bot, method, params, status, fault) of everything the bots asked, in order."""
        out = []
        with open(self.record, encoding="utf-8") as f:
            for line in f:
                if not line.endswith("\n"):
                    break
                r = json.loads(line)
                out.append((r["bot"], r["method"], r["params"] or {}, r["status"], r.get("fault")))
        return out

    def delivered(self):
        """(bot, text) of every message that arrived, in order, with repeats."""
        out = []
        for bot, method, params, status, _ in self.requests():
            text = params.get("text") or params.get("caption")
            if status == 200 and method in ("sendMessage", "editMessageText", "sendPhoto") and text:
                out.append((bot, text))
        return out


class Daemon:
    def __init__(self, trident, folder, sandbox, broker=None, telegram=None, data_dir=None, legacy=None, exits=None):
        self.trident, self.folder = trident, folder
        self.data = data_dir or os.path.join(folder, "data")
        self.config = os.path.join(folder, "trident.json")
        self.log = os.path.join(folder, "daemon.log")
        self.port = free_port()
        self.process = None
        self.journal = os.path.join(self.data, "traders/main/journal.db")
        self.venue = os.path.join(self.data, "traders/main/paper.log")
        config = {
            "data_dir": self.data,
            "http": {"listen": "127.0.0.1", "port": self.port, "webhook_secret": SECRET, "admin_token": ADMIN},
            "telegram": dict({"base_url": sandbox.url, "poll_timeout_s": 2, "limits_off": True,
                              "throttle_window_ms": 0},
                             **{n: {"token": t} for n, t in BOTS.items()}, **(telegram or {})),
            "users": [{"user_id": USER, "role": "admin", "name": "Asha"}],
            "traders": [{
                "id": "main", "order_deadline_ms": 1000,
                "broker": dict({"kind": "paper", "feed": "sim", "tick_interval_ms": 50, "balance": 1000000,
                                "leverage": 2000}, **(broker or {})),
                "risk": {"daily_loss_cap": 0, "lifetime_loss_cap": 0, "symbol_exposure": 0},
                "plugins": {"combined_v3": {"max_open_trades": 100, "max_daily_trades": 10000, "daily_loss_cap": 0,
                                            "duplicate_window_ms": 0, "base_lot": 0.05, "exits": exits or {}}},
            }],
        }
        with open(os.open(self.config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
            json.dump(config, f)

    def start(self, wait=True, preexec=None):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([self.trident, "run", "--config", self.config], stdout=log, stderr=log,
                                            preexec_fn=preexec)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=20.0):
        def ready():
            assert self.process.poll() is None, f"exit {self.process.returncode}\n{self.log_tail()}"
            return Client(self.port, 2.0).call("GET", "/health")
        wait_for("health", ready, seconds)

    def log_tail(self, size=4000):
        with open(self.log, "rb") as f:
            f.seek(max(0, os.path.getsize(self.log) - size))
            return f.read().decode(errors="replace")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        return self.process.wait(10)

    def stop(self, seconds=10.0):
        """SIGTERM; (exit code, seconds it took)."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(seconds)
        return code, time.monotonic() - began

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def health(self):
        answer = Client(self.port).call("GET", "/health")
        return json.loads(answer[1]) if answer is not None else None

    def metrics(self):
        answer = Client(self.port).call("GET", "/metrics", headers={"Authorization": "Bearer " + ADMIN})
        return answer[1] if answer is not None else ""

    def alert(self, body, key=None, client=None):
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return (client or Client(self.port)).call("POST", "/webhook/" + SECRET, body, headers)

    def command(self, name, args="", **more):
        body = dict({"command": name, "args": args}, **more)
        return Client(self.port).call("POST", "/api/v1/command", body,
                                      {"Authorization": "Bearer " + ADMIN, "Content-Type": "application/json"})

    def audit(self, what):
        return subprocess.run([self.trident, "audit", what, "--config", self.config], capture_output=True, text=True,
                              timeout=120)


# ---- alerts ----

SYMBOLS = {"EURUSD": (1.0850, 0.0050), "GBPUSD": (1.2700, 0.0050), "XAUUSD": (2650.0, 20.0), "USDJPY": (150.0, 1.0)}
ENTRIES = ("Institutional_Launchpad", "Momentum_Breakout", "Golden_Pocket_Flip", "Mitigation_Test")


def entry(i):
    symbol = list(SYMBOLS)[i % len(SYMBOLS)]
    price, step = SYMBOLS[symbol]
    up = (i // len(SYMBOLS)) % 2 == 0
    sign = 1 if up else -1
    return {"type": "entry_v3", "signal_type": ENTRIES[i % len(ENTRIES)], "symbol": symbol,
            "direction": "buy" if up else "sell", "tf": ("5", "15", "60")[i % 3], "price": price, "consensus_score": 8 if up else 1,
            "sl_price": round(price - sign * 20 * step, 5), "tp1_price": round(price + sign * 20 * step, 5),
            "tp2_price": round(price + sign * 40 * step, 5), "mtf_trends": ",".join([str(sign)] * 5),
            "market_trend": sign, "volume_delta_ratio": 2.4, "price_in_ob": True, "position_multiplier": 0.8}


def exit_alert(i):
    symbol = list(SYMBOLS)[i % len(SYMBOLS)]
    return {"type": "exit_v3", "signal_type": "Bullish_Exit" if i % 2 else "Bearish_Exit", "symbol": symbol,
            "direction": "sell" if i % 2 else "buy", "tf": "15", "price": SYMBOLS[symbol][0],
            "consensus_score": 1 if i % 2 else 8}


# ---- what the daemon left behind ----

class Unpack:
    def __init__(self, data):
        self.d, self.p = data, 0

    def u64(self):
        v = shift = 0
        while True:
            b = self.d[self.p]
            self.p += 1
            v |= (b & 0x7F) << shift
            shift += 7
            if b < 0x80:
                return v

    def i64(self):
        z = self.u64()
        return (z >> 1) ^ -(z & 1)

    def text(self):
        n = self.u64()
        s = self.d[self.p:self.p + n]
        assert len(s) == n
        self.p += n
        return s.decode(errors="replace")

    def fields(self, names_and_kinds):
        return {name: getattr(self, kind)() for name, kind in names_and_kinds}

    def ends(self):
        return self.p >= len(self.d)


def layout(text):
    """"a b:text c:u64" -> [("a", "i64"), ...]; i64 unless said."""
    return [tuple(w.split(":")) if ":" in w else (w, "i64") for w in text.split()]


RECEIPT = layout("version seq:u64 reason text:text")
REPLY = layout("version bot chat thread reply_to edit callback:text callback_text:text")
EVENT = layout("version type time seq:u64 reason side role cid:u64 position:u64 cause:u64 signal tf score symbol:text "
               "plugin:text route:text chain:text lots entry exit sl tp profit commission swap balance number limit "
               "chat bot bypass:u64 text:text")
ORDER = layout("version cid:u64 parent:u64 position:u64 purpose role state side reason symbol:text plugin:text "
               "route:text chain:text lots filled avg want sl tp attempt created deadline updated")
BROKER = layout("kind cid:u64 position:u64 exec:u64 purpose class reason side code symbol:text lots price sl tp profit "
                "commission swap balance equity margin terminal:u64 time text:text")
VENUE_ORDER = layout("cid:u64 position:u64 exec:u64 lots filled avg sl tp profit commission swap expires updated code "
                     "symbol:text state purpose side class reason")
VENUE_POSITION = layout("cid:u64 lots entry sl tp margin swap opened swap_day symbol:text side")
VENUE_FILL = layout("exec:u64 cid:u64 position:u64 lots price profit commission swap time symbol:text purpose side reason")
KINDS = {1: "signal", 2: "command", 3: "broker", 4: "timer", 5: "notice", 6: "price"}
BROKER_KINDS = {5: "fill", 8: "query_none"}


def outputs(blob):
    u = Unpack(blob)
    while not u.ends():
        kind = u.i64()
        if kind == 1:
            yield "receipt", u.fields(RECEIPT)
        elif kind == 2:
            r = u.fields(REPLY)
            r["html"] = u.text() if u.u64() else None
            r["keyboard"] = u.text() if u.u64() else None
            r["photo"] = u.text()
            yield "reply", r
        elif kind == 3:
            yield "event", u.fields(EVENT)
        elif kind == 4:
            yield "intent", u.fields(ORDER)
        elif kind == 5:
            yield "decision", {"json": u.text()}
        else:
            raise AssertionError(f"output kind {kind}")


Row = collections.namedtuple("Row", "seq kind key input outputs flags")


def read_journal(path):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return [Row(seq, KINDS[kind], key, bytes(inp), list(outputs(bytes(out))), flags) for seq, kind, key, inp, out, flags
                in db.execute("SELECT seq, kind, key, input, output, flags FROM journal ORDER BY seq")]
    finally:
        db.close()


def journal_keys(path):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return dict(db.execute("SELECT key, count(*) FROM journal WHERE key <> '' GROUP BY key"))
    finally:
        db.close()


def read_venue(path):
    """(orders by cid, positions by cid, fills in order) of the venue's log."""
    with open(path, "rb") as f:
        data = f.read()
    assert data[:8] == b"TRVENUE1"[:len(data)]  # a kill may have come before all of it was written
    orders, positions, fills, at = {}, {}, [], 8
    while at + 8 <= len(data):
        size, crc = struct.unpack_from("<II", data, at)
        body = data[at + 8:at + 8 + size]
        if len(body) < size:
            break
        assert zlib.crc32(body) == crc
        at += 8 + size
        u = Unpack(body)
        if u.u64() != 1:
            continue
        u.i64(), u.u64()
        has_order, has_position, has_fill = u.u64(), u.u64(), u.u64()
        if has_order:
            o = u.fields(VENUE_ORDER)
            orders[o["cid"]] = o
        if has_position:
            p = u.fields(VENUE_POSITION)
            positions[p["cid"]] = p
            if p["lots"] == 0:
                del positions[p["cid"]]
        if has_fill:
            fills.append(u.fields(VENUE_FILL))
    return orders, positions, fills


class VenueWatch:
    """Every fill the venue ever logged: its log is compacted at each start, so it is read after each kill."""

    def __init__(self, path):
        self.path, self.fills, self.orders = path, {}, {}

    def look(self):
        if not os.path.exists(self.path):
            return
        orders, self.positions, fills = read_venue(self.path)
        self.orders.update(orders)
        for f in fills:
            old = self.fills.setdefault(f["exec"], f)
            assert old == f, f"the venue gave exec {f['exec']} twice: {old} {f}"


def engine_positions(rows):
    """cid -> open lots, from the ledger events of the journal (TRADE_OPENED, TRADE_CLOSED)."""
    lots = collections.Counter()
    for row in rows:
        for kind, e in row.outputs:
            if kind == "event" and e["type"] == TRADE_OPENED:
                lots[e["position"] or e["cid"]] = e["lots"]  # what is open now, grown fill by fill
            elif kind == "event" and e["type"] == TRADE_CLOSED:
                lots[e["position"] or e["cid"]] -= e["lots"]
    return {cid: v for cid, v in lots.items() if v != 0}


def engine_stops(rows):
    """cid -> (stop, target) of what is open, from the events of the journal."""
    stops, open_now = {}, engine_positions(rows)
    for row in rows:
        for kind, e in row.outputs:
            if kind == "event" and e["type"] in (TRADE_OPENED, EVENTS["SL_MODIFIED"], EVENTS["BREAKEVEN"]):
                if e["type"] != TRADE_OPENED or e["position"] not in stops:
                    stops[e["position"]] = (e["sl"], e["tp"])
    return {cid: stops[cid] for cid in open_now}


def _event_numbers(source):
    with open(os.path.join(source, "src/model/event.h"), encoding="utf-8") as f:
        return {name: i + 1 for i, name in enumerate(re.findall(r"^    X\((\w+),", f.read(), re.M))}


def _reason_numbers(source):
    with open(os.path.join(source, "src/model/reason.h"), encoding="utf-8") as f:
        table = f.read().split("#define REASON_TABLE(X)", 1)[1].split("clang-format on", 1)[0]
        return {name: i + 1 for i, name in enumerate(re.findall(r"X\((\w+)\)", table))}


TRIDENT = os.path.abspath(sys.argv[1])
SOURCE = os.path.abspath(sys.argv[2])
EVENTS = _event_numbers(SOURCE)
REASONS = _reason_numbers(SOURCE)
TRADE_OPENED, TRADE_CLOSED = EVENTS["TRADE_OPENED"], EVENTS["TRADE_CLOSED"]


class Lab:
    """A folder with a sandbox; removed at the end unless something failed."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix=f"trident-{self.name}-")
        self.sandbox = Sandbox(TRIDENT, self.folder)
        self.daemons = []
        return self

    def daemon(self, **options):
        d = Daemon(TRIDENT, self.folder, self.sandbox, **options)
        self.daemons.append(d)
        return d

    def __exit__(self, kind, value, trace):
        for d in self.daemons:
            d.end()
        self.sandbox.stop()
        if kind is None:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print(f"kept for inspection: {self.folder}", file=sys.stderr)
            for d in self.daemons:
                if os.path.exists(d.log):
                    print(d.log_tail(), file=sys.stderr)


# ---- load ----

class Load:
    """Signals and commands until stop(). acked: every key whose 200 arrived; a key without an answer is tried again
    until it gets one, with the same body, as an honest sender does."""

    def __init__(self, daemon, sandbox, signal_threads=3, pause=0.002):
        self.daemon, self.sandbox, self.pause = daemon, sandbox, pause
        self.acked, self.statuses, self.lock = {}, collections.Counter(), threading.Lock()
        self.unanswered = {}
        self.said = 0
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._signals, args=(i,), daemon=True) for i in range(signal_threads)]
        self.threads.append(threading.Thread(target=self._commands, daemon=True))
        self.threads_commands = ["/status", "/positions", "/pause", "/resume", "/pnl", "/orders", "/risk", "/resume",
                                 "/balance", "/close 1", "/resume", "/health"]

    def start(self):
        for t in self.threads:
            t.start()
        return self

    def stop(self):
        self.stopping.set()
        for t in self.threads:
            t.join(30)
            assert not t.is_alive()

    def _send(self, client, key, body):
        answer = self.daemon.alert(body, key, client)
        with self.lock:
            self.statuses[answer[0] if answer else "none"] += 1
            if answer and answer[0] == 200:
                self.acked[key] = answer[1]
                self.unanswered.pop(key, None)
                return True
            self.unanswered[key] = body
        return False

    def _signals(self, thread):
        client, i = Client(self.daemon.port, 4.0), 0
        while not self.stopping.is_set():
            i += 1
            key = f"t{thread}-{i}"
            body = exit_alert(i // 3) if i % 3 == 0 else entry(i * 5 + thread)
            while not self._send(client, key, body) and not self.stopping.is_set():
                time.sleep(0.01)
            time.sleep(self.pause)

    def _commands(self):
        while not self.stopping.is_set():
            self.sandbox.say(self.threads_commands[self.said % len(self.threads_commands)])
            self.said += 1
            time.sleep(0.02)

    def retry_unanswered(self):
        client = Client(self.daemon.port, 4.0)
        for _ in range(50):
            for key, body in list(self.unanswered.items()):
                self._send(client, key, body)
            if not self.unanswered:
                return
            time.sleep(0.1)
        raise AssertionError(f"still without an answer: {list(self.unanswered)[:3]}")
