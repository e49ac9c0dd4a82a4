#!/usr/bin/env python3
"""A backup of a big data folder while alerts arrive at a steady rate: what their latency is with it and without.

    tests/bench/backup.py BUILD_DIR [--megabytes 1000] [--rate 1000] [--folder DIR]

BUILD_DIR holds a Release build with the target `benches`. The folder is filled by real alerts first. Without and with are
measured in turn, each as long as a backup takes. --folder: where the databases are written; a RAM disk would flatter.
"""
import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))


def size_of(folder):
    return sum(os.path.getsize(os.path.join(root, n)) for root, _, names in os.walk(folder) for n in names)


def figures(text):
    return {k: float(v) for k, v in re.findall(r"(\w+)=([\d.]+)", text)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--folder", default="/var/tmp")
    args = parser.parse_args()
    build = os.path.abspath(args.build)
    os.environ["TRIDENT"] = os.path.join(build, "trident")
    import trident_harness as h
    folder = tempfile.mkdtemp(prefix="trident-backup-bench-", dir=args.folder)
    bench = lambda name, *a: [os.path.join(build, "tests/bench", name), *map(str, a)]  # noqa: E731
    sandbox = h.Sandbox(folder)
    daemon = h.Daemon(folder, sandbox.url, overrides={"backup": {"interval_min": 0}},
                      trader={"broker": {"tick_interval_ms": 1000}})
    try:
        daemon.conf["log"]["level"] = "info"  # what the ready line needs
        daemon.start(wait_bots=False)
        path = f"/webhook/{h.WEBHOOK_SECRET}"
        data = os.path.join(folder, "data")
        while size_of(data) < args.megabytes * 1000000:
            subprocess.run(bench("bench_webhook", "load", daemon.port, path, 5), stdout=subprocess.DEVNULL, check=False)
        time.sleep(5)  # ledgers and outbox catch up
        print(f"data folder: {size_of(data) / 1e6:.0f} MB, journal: {os.path.getsize(daemon.journal_path) / 1e6:.0f} MB",
              flush=True)

        def paced(work):
            p = subprocess.Popen(bench("bench_pace", daemon.port, path, 600, args.rate), stdout=subprocess.PIPE, text=True)
            time.sleep(1)
            began = time.monotonic()
            work()
            took = time.monotonic() - began
            p.send_signal(signal.SIGTERM)
            return figures(p.communicate(timeout=30)[0]), took

        def backup():
            r = subprocess.run([os.environ["TRIDENT"], "backup", "--to", os.path.join(folder, "b"), "--config", daemon.path],
                               capture_output=True, text=True, check=False)
            print(r.stdout.strip() or r.stderr.strip(), flush=True)
            assert r.returncode == 0

        paced(lambda: time.sleep(3))  # warm
        with_it, took = paced(backup)
        without, _ = paced(lambda: time.sleep(took))
        for name, f in (("without", without), ("with", with_it)):
            print(f"{name:8} alerts={f['count']:.0f} per_s={f['per_s']:.0f} p50_ms={f['p50_ms']} p99_ms={f['p99_ms']} "
                  f"max_ms={f['max_ms']} failed={f['failed']:.0f}", flush=True)
        print(f"backup took {took:.1f} s; p99 with / without = {with_it['p99_ms'] / without['p99_ms']:.2f} (at most 3)")
    finally:
        if daemon.process is not None:
            daemon.process.kill()
            daemon.process.wait()
        sandbox.stop(kill=True)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
