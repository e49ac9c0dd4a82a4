#!/usr/bin/env python3
"""An hour as a busy day has it: alerts over the webhook and commands from Telegram at a steady rate, while memory, file
descriptors and threads of the daemon are looked at every minute. Nothing may grow.

usage: tests/proof/soak.py [--build build/release] [--minutes 60] [--alerts 500] [--commands 50] [--folder DIR]

The first sixth is for caches to fill; growth is what the last sixth has beyond what was there between the two. BUILD holds a Release build with the target `benches`. Exit code 1: something grew, a request failed, or a command
had no answer.
"""
import argparse
import os
import re
import subprocess
import sys
import threading
import time
import types

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../support"))
sys.path.insert(0, os.path.join(HERE, "../bench"))
MEMORY_SLACK_KIB = 256  # a page of SQLite's cache or of a thread's stack touched for the first time
COMMANDS = ("/status", "/positions", "/pnl", "/version", "/orders", "/balance", "/health", "/risk", "/trader", "/mode")
PORTION_S = 600  # of the alerts: what bench_pace keeps the times of


def look(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        text = f.read()
    rss = int(re.search(r"VmRSS:\s+(\d+)", text).group(1))
    return rss, len(os.listdir(f"/proc/{pid}/fd")), int(re.search(r"Threads:\s+(\d+)", text).group(1))


class Asking(threading.Thread):
    """Commands of ten people at a steady rate, each due at its time."""

    def __init__(self, sandbox, users, per_s, until):
        super().__init__()
        self.sandbox, self.users, self.per_s, self.until = sandbox, users, per_s, until
        self.count = 0
        self.errors = []

    def run(self):
        start = time.monotonic()
        while time.monotonic() < self.until:
            time.sleep(max(0.0, start + self.count / self.per_s - time.monotonic()))
            try:
                self.sandbox.say("controller", COMMANDS[self.count % len(COMMANDS)],
                                 user=self.users[self.count % len(self.users)])
                self.count += 1
            except OSError as error:
                self.errors.append(str(error))
                time.sleep(0.1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--alerts", type=int, default=500)
    parser.add_argument("--commands", type=int, default=50)
    parser.add_argument("--folder")
    a = parser.parse_args()
    os.environ["TRIDENT"] = os.path.join(a.build, "trident")
    import run
    import trident_harness as harness  # reads $TRIDENT
    pace = os.path.join(a.build, "tests", "bench", "bench_pace")
    seconds = a.minutes * 60
    samples, latencies, failed = [], [], 0
    with run.Product(types.SimpleNamespace(folder=a.folder), harness, users=10, trader=run.BUSY) as p:
        pid = p.daemon.process.pid
        end = time.monotonic() + seconds
        asking = Asking(p.sandbox, p.users, a.commands, end)
        asking.start()
        alerts = None
        started = time.monotonic()
        while time.monotonic() < end:
            if alerts is None or alerts.poll() is not None:
                if alerts is not None:
                    latencies.append(alerts.stdout.read().strip())
                left = max(1, int(min(PORTION_S, end - time.monotonic())))
                alerts = subprocess.Popen([pace, str(p.daemon.port), p.path, str(left), str(a.alerts)],
                                          stdout=subprocess.PIPE, text=True)
            time.sleep(min(seconds / 60, max(0.0, end - time.monotonic())))
            samples.append(look(pid))
            print(f"{(time.monotonic() - started) / 60:5.1f} min: {samples[-1][0] / 1024:.2f} MiB, {samples[-1][1]} descriptors, "
                  f"{samples[-1][2]} threads, {asking.count} commands", flush=True)
        asking.join()
        alerts.wait()
        latencies.append(alerts.stdout.read().strip())
        harness.until(lambda: p.sandbox.is_drained("controller"), "every command fetched", timeout=60)
        harness.until(lambda: p.sandbox.stats("controller")["sent"] >= asking.count, "every command answered", timeout=60)
        health = p.daemon.health()
        log = p.daemon.log()
        p.daemon.stop()
    for line in latencies:
        print(line)
        failed += int(re.search(r"failed=(\d+)", line).group(1))
    warm = len(samples) // 6
    names = ("resident KiB", "descriptors", "threads")
    grown = []
    for i, name in enumerate(names):
        values = [s[i] for s in samples[warm:]]
        pick = max if i == 0 else min  # two portions of alerts overlap for a moment; what leaks never falls again
        before, last = pick(values[:-warm or None]), pick(values[-(warm or 1):])
        growth = last - before
        print(f"{name}: {pick.__name__} {before} before the last sixth, {last} in it: growth {growth}")
        if growth > (MEMORY_SLACK_KIB if i == 0 else 0):
            grown.append(name)
    errors = [line for line in log.split("\n") if '"level":"error"' in line or " ERROR " in line]
    print(f"{asking.count} commands, {len(asking.errors)} not posted; alerts failed {failed}; errors in the log {len(errors)}; "
          f"status {health['status']}")
    return 1 if grown or failed or asking.errors or errors else 0


if __name__ == "__main__":
    sys.exit(main())
