#!/usr/bin/env python3
"""Runs every benchmark and prints one table: what, measured median, yardstick, target. Never fails because of a figure.

    tests/bench/run.py BUILD_DIR [--quick] [--folder DIR] [part ...]

BUILD_DIR holds a Release build with the target `benches` (the `release` preset). --folder: where the databases are
written; a RAM disk would flatter. Parts: queue store engine webhook shadow order bots memory life simulate; default
all. Yardstick and product run in turn, each in its own process; every figure is the median of its runs. --quick: one short run each.
"""
import argparse
import json
import os
import platform
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

USERS_MAX = 64  # what a configuration may have
DEMO_USERS = 3
FIRST_USER = 1001
QUIET_FEED = {"broker": {"tick_interval_ms": 1000}}
# Limits wide enough that trades go on for as long as the load does.
BUSY = {"risk": {"daily_loss_cap": "0", "lifetime_loss_cap": "0"}, "broker": {"balance": "1000000"}, "plugins": {"combined_v3": {
    "max_daily_trades": 10000, "max_open_trades": 20, "duplicate_window_ms": 1000, "repeat_window_ms": 1000, "daily_loss_cap": "0"}}}
ONE_BY_ONE = {"risk": {"daily_loss_cap": "0", "lifetime_loss_cap": "0"}, "broker": {"balance": "1000000"}, "plugins": {
    "combined_v3": {"max_daily_trades": 10000, "duplicate_window_ms": 0, "repeat_window_ms": 0, "daily_loss_cap": "0"}}}
ROWS = []


def row(what, value, yardstick="", target=""):
    ROWS.append((what, value, yardstick, target))
    print(f"{what:<58} {value:<34} {yardstick:<40} {target}", flush=True)


def figures(text, word):
    """name=value pairs of the lines that begin with the word."""
    return [{k: v for k, v in re.findall(r"(\w+)=(\S+)", line)} for line in text.splitlines() if line.startswith(word)]


def median(values):
    return statistics.median(values)


class Bench:
    def __init__(self, args):
        self.build = os.path.abspath(args.build)
        self.folder = args.folder
        self.runs = 1 if args.quick else 5
        self.seconds = 1 if args.quick else 3
        self.quick = args.quick

    def tool(self, name, *args):
        command = [os.path.join(self.build, "tests", "bench", name), *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=self.folder).stdout

    def load(self, port, path, seconds=None, connections=64):
        return figures(self.tool("bench_webhook", "load", port, path, seconds or self.seconds, connections), "load")[0]

    def flood(self, product, count, text):
        out = self.tool("bench_bots", "flood", product.sandbox.port, len(product.users), count, text)
        return float(figures(out, "flood")[0]["per_s"])

    def ask(self, product):
        return figures(self.tool("bench_bots", "ask", product.sandbox.port, 100 if self.quick else 500), "ask")[0]


class Product:
    """Sandbox and daemon in a fresh folder; configured like the demo, but without rate limits."""

    def __init__(self, bench, harness, users=1, trader=None):
        self.h = harness
        self.folder = tempfile.mkdtemp(prefix="trident-bench-", dir=bench.folder)
        self.users = [FIRST_USER + i for i in range(users)]
        self.sandbox = harness.Sandbox.__new__(harness.Sandbox)
        s = self.sandbox
        s.folder, s.args, s.port, s.process = self.folder, [], 0, None
        bots = ",".join(f"{b}={harness.TOKENS[b]}@{harness.BOTS[b]}" for b in ("controller", "notification", "analytics"))
        s.process = subprocess.Popen([harness.TRIDENT, "sandbox", "--bots", bots, "--users",
                                      ",".join(f"{u}=U{u}" for u in self.users)],
                                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        s.port = int(re.search(r":(\d+)/", s.process.stdout.readline()).group(1))
        conf = {"log": {"level": "info"}, "users": [{"user_id": u, "role": "admin"} for u in self.users],
                "telegram": {"limits_off": True}}
        self.daemon = harness.Daemon(self.folder, s.url, overrides=conf, trader=harness.merge(QUIET_FEED, trader or {}))

    def __enter__(self):
        self.daemon.start()
        return self

    def __exit__(self, *exc):
        for p in (self.daemon.process, self.sandbox.process):
            if p is not None:
                p.kill()
                p.wait()
        self.sandbox.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def path(self):
        return f"/webhook/{self.h.WEBHOOK_SECRET}"

    def rss_mib(self):
        with open(f"/proc/{self.daemon.process.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) / 1024

    def cpu_us(self):
        with open(f"/proc/{self.daemon.process.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1e6 / os.sysconf("SC_CLK_TCK")


class Awake:
    """Keeps every core from sleeping by a loop that gives way to everything else (nice 19). Six threads hand one
    question on; on a virtual machine each of them pays for waking a sleeping core, whoever wrote the bot."""

    def __enter__(self):
        self.loops = [subprocess.Popen(["nice", "-n", "19", sys.executable, "-c", "while True: pass"])
                      for _ in range(os.cpu_count())]
        time.sleep(0.5)

    def __exit__(self, *exc):
        for p in self.loops:
            p.kill()
            p.wait()


def part_queue(b, _):
    for f in figures(b.tool("bench_queue"), "queue"):
        target = "5,000,000/s" if f["producers"] == "4" else ""
        row(f"queue, {f['producers']} producers, pushes of {f['push_batch']}", f"{int(f['items_per_s']):,}/s", "", target)


def part_store(b, _):
    out = b.tool("bench_store", b.folder)
    raw = figures(out, "raw")[0]["per_s"]
    for f in figures(out, "journal rows_per"):
        row(f"journal, {f['rows_per_commit']} rows a commit",
            f"{int(f['rows_per_s']):,} rows/s, p50 {f['commit_p50_ms']} ms", f"append + fdatasync 4 KiB: {raw}/s")


def part_engine(b, _):
    f = figures(b.tool("bench_engine", b.folder), "engine")[0]
    row("engine alone, combined_v3: signals decided and committed", f"{int(f['per_s']):,}/s",
        f"{f['per_commit']} a commit")


def part_webhook(b, h):
    product, plain, cost = [], [], []
    with Product(b, h, trader=BUSY) as p:
        server = subprocess.Popen([os.path.join(b.build, "tests", "bench", "bench_webhook"), "serve"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        port = int(server.stdout.readline().split("=")[1])
        b.load(p.daemon.port, p.path, 0.5)
        for _ in range(b.runs):
            before = p.cpu_us()
            product.append(b.load(p.daemon.port, p.path))
            cost.append((p.cpu_us() - before) / int(product[-1]["count"]))
            plain.append(b.load(port, p.path))
        server.stdin.close()
        server.wait()
        server.stdout.close()
        syncs = count_fsyncs(b, p)
    rate, yard = (median(float(r["per_s"]) for r in rows) for rows in (product, plain))
    p99 = median(float(r["p99_ms"]) for r in product)
    row("webhook -> 200, durable, 64 connections", f"{rate:,.0f}/s", f"without engine and journal: {yard:,.0f}/s",
        "25,000/s")
    row("  p50, p99", f"{median(float(r['p50_ms']) for r in product):.2f} ms, {p99:.2f} ms", "", "p99 10 ms")
    row("  ratio to the same server without journal", f"{rate / yard:.2f}", "", "0.5")
    last = product[-1]
    row("  processor time a signal, all threads", f"{median(cost):.1f} us",
        f"accepted {last['accepted']}, refused {last['refused']}, failed {last['failed']}")
    if syncs is not None:
        commits, checkpoints, batches = syncs
        row("  fsyncs under load: commits; checkpoints", f"{commits}; {checkpoints} of 3 each",
            f"batches committed: {batches}", "at most 1 a batch")


ALL_OFF = {"plugins": {"combined_v3": {"enabled": False}}}
ALL_ON = {"shadow": {"mode": "shadow"}, "plugins": {"legacy_v2": {"enabled": True},
                                                     "price_action_v6": {"enabled": True, "shadow_mode": False}}}
# Alerts as on a day on which the sides agree: both decide, hardly any is traded. Without it the plugin, which meets no
# limit, opens a virtual trade for every second alert and each is a mismatch that is told.
AGREEING = {"plugins": {"combined_v3": {"max_open_trades": 1, "max_daily_trades": 1}}}


def part_shadow(b, h):
    """Both plugins with the comparison on, against plugins off; the way back, seen at the venue's own log."""
    confs = {"off": ALL_OFF, "on": h.merge(ALL_ON, AGREEING), "storm": ALL_ON}
    one, many, cost = ({name: [] for name in confs} for _ in range(3))
    products = {name: Product(b, h, trader=h.merge(BUSY, conf)) for name, conf in confs.items()}
    for p in products.values():
        p.__enter__()
        b.load(p.daemon.port, p.path, 0.5)
    for _ in range(b.runs):
        for name, p in products.items():
            one[name].append(b.load(p.daemon.port, p.path, connections=1))
            before = p.cpu_us()
            many[name].append(b.load(p.daemon.port, p.path))
            cost[name].append((p.cpu_us() - before) / int(many[name][-1]["count"]))
    totals = {name: p.daemon.admin("GET", "/api/v1/shadow").json["totals"] for name, p in products.items()}
    for p in products.values():
        p.__exit__()
    for name, target in (("on", "1.10 x"), ("storm", "")):
        share = 100 * totals[name]["mismatches"] / max(1, totals[name]["compared"])
        row("both plugins and comparison" if name == "on" else "  the same, the sides at odds", f"{totals[name]['compared']:,} compared",
            f"{share:.1f} % mismatches, {totals[name]['virtual_trades']:,} virtual trades")
        for what, rows, key in (("one at a time, p50", one, "p50_ms"), ("64 connections, p50", many, "p50_ms"),
                                ("64 connections, p99", many, "p99_ms")):
            off, on = ([float(r[key]) for r in rows[n]] for n in ("off", name))
            ratio = median(z / a for a, z in zip(off, on))  # of neighbours: the machine's mood is theirs alike
            row(f"  webhook -> 200, durable, {what}", f"{median(on):.3f} ms = {ratio:.2f} x", f"plugins off: {median(off):.3f} ms",
                target)
        off, on = (median(cost[n]) for n in ("off", name))
        row("  processor time a signal, all threads", f"{on:.1f} us = {on / off:.2f} x", f"plugins off: {off:.1f} us")
    took = [rollback_ms(b, h) for _ in range(b.runs)]
    row("rollback: trigger to the old logic's order at the broker", f"{median(took):.1f} ms", f"longest {max(took):.1f} ms", "1 s")


def rollback_ms(b, h):
    gates = {"shadow": {"mode": "plugin_only", "gate_signals": 1, "gate_hours": 0}}
    with Product(b, h, trader=h.merge(h.merge(ONE_BY_ONE, ALL_ON), gates)) as p:
        log = os.path.join(os.path.dirname(p.daemon.journal_path), "paper.log")
        p.daemon.alert(h.v3_entry())
        h.until(lambda: os.stat(log).st_size > 0, "the plugin's order")
        before, begin = os.stat(log).st_size, time.monotonic()
        p.daemon.admin("POST", "/admin/enable_legacy_v3")
        a = p.daemon.alert(h.v3_entry(symbol="EURUSD", price=1.085, sl_price=1.07, tp1_price=1.12, tp2_price=1.13))
        assert (a.json["status"], a.json["decision"]["plugin"]) == ("accepted", "legacy_v2"), a.text
        while os.stat(log).st_size == before:
            time.sleep(0.0002)
        return (time.monotonic() - begin) * 1000


def count_fsyncs(b, p):
    """What the engine's thread syncs under load: commits, checkpoints, syncs that belong to checkpoints, batches.
    A checkpoint of SQLite syncs the log, copies, syncs the database; the next commit syncs the fresh log's header before
    its frames. Everything else on the log is one commit each."""
    if shutil.which("strace") is None:
        return None
    task = f"/proc/{p.daemon.process.pid}/task"
    names = {t: open(f"{task}/{t}/comm", encoding="ascii").read() for t in os.listdir(task)}
    thread = next(t for t, name in names.items() if name.startswith("engine"))
    out = os.path.join(p.folder, "strace.txt")
    tracer = subprocess.Popen(["strace", "-y", "-e", "trace=fsync,fdatasync", "-o", out, "-p", thread],
                              stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    before = p.daemon.engine()["batches"]
    b.load(p.daemon.port, p.path, 1)
    batches = p.daemon.engine()["batches"] - before
    tracer.send_signal(signal.SIGINT)
    tracer.wait()
    with open(out, encoding="utf-8") as f:
        calls = re.findall(r"sync\(\d+<([^>]*)>", f.read())
    checkpoints = sum(not c.endswith("-wal") for c in calls)
    return len(calls) - 3 * checkpoints, checkpoints, batches


def part_order(b, h):
    with Product(b, h, trader=ONE_BY_ONE) as p:
        out = b.tool("bench_webhook", "order", p.daemon.port, p.path, p.daemon.journal_path, 50 if b.quick else 300)
    f = figures(out, "order")[0]
    commit = float(f["commit_p50_ms"])
    for name, what in (("answered", "one at a time: webhook -> 200, order with the broker, p50"),
                       ("accepted", "  webhook -> broker's acceptance in the journal, p50")):
        ms = float(f[name + "_p50_ms"])
        row(what, f"{ms:.3f} ms = {ms / commit:.1f} commits",
            f"one commit: raw {f['raw_p50_ms']} ms, SQLite {commit} ms", "3 commits")


def part_bots(b, h):
    count = 3000 if b.quick else 20000
    rates = {"/version": [], "/status": []}
    with Product(b, h, users=USERS_MAX) as p:
        b.flood(p, 1000, "/version")
        for _ in range(b.runs):
            for text, values in rates.items():
                values.append(b.flood(p, count, text))
        paced = b.ask(p)
        with Awake():
            paced_awake = b.ask(p)
        p.daemon.process.kill()
        echo = subprocess.Popen([os.path.join(b.build, "tests", "bench", "bench_bots"), "echo", str(p.sandbox.port),
                                 h.TOKENS["controller"]])
        time.sleep(0.5)
        bare = b.ask(p)
        with Awake():
            bare_awake = b.ask(p)
        echo.kill()
        echo.wait()
    for text, values in rates.items():
        row(f"bot: {text} answered with durable receipts, limits off", f"{median(values):,.0f} updates/s",
            "the Bot API server shares the cores", "9,000/s")
    for how, ask, floor in (("", paced, bare), (", cores kept awake", paced_awake, bare_awake)):
        ms, commit = float(ask["p50_ms"]), float(ask["commit_p50_ms"])
        row(f"  one at a time{how}: question to answer, p50", f"{ms:.2f} ms = {ms - commit:.2f} ms + one commit",
            f"commit {commit:.2f} ms; bare libcurl bot, nothing stored: {float(floor['p50_ms']):.2f} ms", "0.5 ms beyond")


def part_memory(b, h):
    with Product(b, h, users=DEMO_USERS, trader=BUSY) as p:
        time.sleep(2)
        row("resident memory, three bots, idle", f"{p.rss_mib():.1f} MiB", "", "16 MiB")
        signals, commands = (20000, 2000) if b.quick else (1000000, 100000)
        marks = []
        done = 0
        for goal in (signals, 2 * signals):  # the first million fills every bounded ring
            while done < goal:
                done += int(b.load(p.daemon.port, p.path, max(0.5, min(10, (goal - done) / 30000)))["count"])
            b.flood(p, commands, "/status")
            time.sleep(3)
            marks.append(p.rss_mib())
        row(f"  after {signals:,} signals and {commands:,} commands", f"{marks[0]:.1f} MiB")
        row("  after as many again", f"{marks[1]:.1f} MiB", f"growth {marks[1] - marks[0]:+.2f} MiB", "0")


def part_life(b, h):
    starts, stops = [], []
    for _ in range(b.runs):
        with Product(b, h) as p:
            p.daemon.stop()
            begin = time.monotonic()
            p.daemon.write()
            p.daemon.starts += 1
            with open(p.daemon.log_path, "wb") as log:
                p.daemon.process = subprocess.Popen([h.TRIDENT, "run", "--config", p.daemon.path], stdout=log, stderr=log)
            p.daemon.port = int(h.until(p.daemon._is_ready, "ready", step=0.001).group(1))
            h.until(lambda: p.daemon.health()["status"] in ("ok", "degraded"), "healthy", step=0.001)
            starts.append(time.monotonic() - begin)
            path = [os.path.join(b.build, "tests", "bench", "bench_webhook"), "load", str(p.daemon.port), p.path, "10"]
            client = subprocess.Popen(path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(1)
            begin = time.monotonic()
            p.daemon.stop()
            stops.append(time.monotonic() - begin)
            client.kill()
            client.wait()
    row("start: exec to /health", f"{median(starts) * 1000:.0f} ms", "", "200 ms")
    row("stop: SIGTERM to exit under load", f"{median(stops):.2f} s", f"longest {max(stops):.2f} s", "2 s")


def tape(path, count):
    """Ticks of three symbols in turn, each on its own slow walk: chains stay open, some levels are reached."""
    rng = random.Random(5)
    price = {"XAUUSD": 265000, "GBPUSD": 158000, "EURUSD": 110000}
    digits = {"XAUUSD": 2, "GBPUSD": 5, "EURUSD": 5}
    names = list(price)
    with open(path, "w", encoding="ascii") as f:
        f.write("time,symbol,bid,ask\n")
        for i in range(count):
            name = names[i % 3]
            price[name] += rng.choice((-1, 0, 1))
            bid, unit = price[name], 10 ** digits[name]
            ms = 36_000_000 + i * 40
            day, rest = divmod(ms, 86_400_000)
            f.write(f"2026-01-{5 + day:02d}T{rest // 3600000:02d}:{rest // 60000 % 60:02d}:{rest // 1000 % 60:02d}.{rest % 1000:03d}Z,"
                    f"{name},{bid // unit}.{bid % unit:0{digits[name]}d},{(bid + 10) // unit}.{(bid + 10) % unit:0{digits[name]}d}\n")


def part_simulate(b, h):
    decided = figures(b.tool("bench_simulate"), "decide")[0]
    row("decisions on one core, V3 and V6 in turn, journal off", f"{int(decided['per_s']):,}/s",
        f"{int(decided['executed']) * 100 // int(decided['of'])} % entries", "1,000,000/s")
    count = 100_000 if b.quick else 1_000_000
    folder = tempfile.mkdtemp(prefix="trident-bench-", dir=b.folder)
    alerts, prices, conf = (os.path.join(folder, n) for n in ("alerts.txt", "prices.csv", "trident.json"))
    tape(prices, count)
    with open(alerts, "w", encoding="ascii") as f:
        for i in range(40):
            symbol, at = (("XAUUSD", 2650.0), ("GBPUSD", 1.58), ("EURUSD", 1.1))[i % 3]
            f.write(f"2026-01-05T10:{i // 2 + 1:02d}:{i % 2 * 30:02d}Z " + json.dumps({
                "type": "entry_v3", "signal_type": "Momentum_Breakout", "symbol": symbol, "direction": "buy", "tf": "5",
                "price": round(at * (1 + i / 1e5), 5), "consensus_score": 9, "sl_price": at * 0.98, "tp1_price": at * 1.02,
                "tp2_price": at * 1.03}) + "\n")
    trader = h.merge(BUSY, {"plugins": {"combined_v3": {"max_open_trades": 100}}})
    with open(os.open(conf, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="ascii") as f:
        json.dump({"data_dir": folder, "traders": [{"id": "main", **trader}], "http": {"webhook_secret": h.WEBHOOK_SECRET},
                   "telegram": {"controller": {"token": h.TOKENS["controller"]}}}, f)
    seconds = []
    for _ in range(b.runs):
        begin = time.monotonic()
        out = subprocess.run([h.TRIDENT, "simulate", "--json", "--config", conf, "--alerts", alerts, "--prices", prices],
                             capture_output=True, check=True).stdout
        seconds.append(time.monotonic() - begin)
    result = json.loads(out)
    shutil.rmtree(folder)
    row("simulate: ticks through the whole program, files read", f"{int(result['ticks'] / median(seconds)):,}/s",
        f"{result['ledger']['open_chains']} chains open, {result['rows']} rows", "2,000,000/s with 50 chains")


PARTS = {"queue": part_queue, "store": part_store, "engine": part_engine, "webhook": part_webhook, "shadow": part_shadow, "order": part_order,
         "bots": part_bots, "memory": part_memory, "life": part_life, "simulate": part_simulate}


def machine():
    model = ""
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as f:
        found = re.search(r"model name\s*:\s*(.*)", f.read())
        model = found.group(1) if found else platform.machine()
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release()}, load {os.getloadavg()[0]:.1f}"


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("build")
    a.add_argument("parts", nargs="*", metavar="part", help=" ".join(PARTS))
    a.add_argument("--quick", action="store_true")
    a.add_argument("--folder", default=".")
    args = a.parse_intermixed_args()
    args.folder = os.path.abspath(args.folder)
    os.environ["TRIDENT"] = os.path.join(os.path.abspath(args.build), "trident")
    import trident_harness
    bench = Bench(args)
    print(f"machine: {machine()}")
    for name in args.parts or PARTS:
        PARTS[name](bench, trident_harness)


if __name__ == "__main__":
    main()
