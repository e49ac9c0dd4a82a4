#!/usr/bin/env python3
"""How long a restart takes with a big journal: the daemon is filled by real alerts over its webhook until the journal has
that many rows, then restarted in order and after kill -9, several times each. Measured from the start of the process to
the first answered alert, and what the daemon itself says.

    restart.py BUILD_DIR [--rows 1000000] [--times 5] [--folder DIR]

BUILD_DIR holds a Release build with the targets trident and bench_webhook.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("build")
parser.add_argument("--rows", type=int, default=1000000)
parser.add_argument("--times", type=int, default=5)
parser.add_argument("--folder", help="where the databases are written")
OPTIONS = parser.parse_args()
if OPTIONS.folder:
    os.environ["TMPDIR"] = OPTIONS.folder
BUILD = os.path.abspath(OPTIONS.build)
SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(SOURCE, "tests", "faults"))
sys.argv = [sys.argv[0], os.path.join(BUILD, "trident"), SOURCE]
import lab  # noqa: E402  (reads the two paths from argv)


def rows(daemon):
    return daemon.health()["journal_seq"]


def load(daemon, seconds):
    tool = os.path.join(BUILD, "tests", "bench", "bench_webhook")
    subprocess.run([tool, "load", str(daemon.port), "/webhook/" + lab.SECRET, str(seconds), "64"], check=True,
                   capture_output=True)


def fill(daemon):
    began = time.monotonic()
    while rows(daemon) < OPTIONS.rows:
        load(daemon, 5)
        print(f"  {rows(daemon)} rows after {time.monotonic() - began:.0f} s", flush=True)


def start(daemon, number):
    began = time.monotonic()
    daemon.start(wait=False)
    client = lab.Client(daemon.port, 5.0)
    while (answer := daemon.alert(lab.entry(number), f"restart-{number}", client)) is None:
        assert daemon.process.poll() is None, daemon.log_tail()
        time.sleep(0.001)
    took_ms = (time.monotonic() - began) * 1000
    assert answer[0] == 200, answer
    said = int(re.findall(r" ready .*start_ms=(\d+)", daemon.log_tail(20000))[-1])
    return took_ms, said


def told(name, figures):
    first, own = zip(*figures)
    print(f"restart {name}: to the first answered alert median={statistics.median(first):.0f} ms max={max(first):.0f} ms; "
          f"start_ms median={statistics.median(own)} max={max(own)}")


def main():
    with lab.Lab("restart") as place:
        daemon = place.daemon(broker={"tick_interval_ms": 1000}).start()
        fill(daemon)
        clean, killed, loaded, number = [], [], [], 0
        for _ in range(OPTIONS.times):
            daemon.stop(60)
            number += 1
            clean.append(start(daemon, number))
        for _ in range(OPTIONS.times):
            daemon.kill()
            number += 1
            killed.append(start(daemon, number))
        for _ in range(OPTIONS.times):  # some way into the rows between two snapshots
            load(daemon, 2)
            daemon.kill()
            number += 1
            loaded.append(start(daemon, number))
        size = os.path.getsize(daemon.journal)
        print(f"journal: {rows(daemon)} rows, {size >> 20} MiB")
        told("in order", clean)
        told("after kill -9", killed)
        told("after kill -9 under load", loaded)
        print("rows replayed: " + " ".join(re.findall(r"recovered .*replayed=(\d+)", daemon.log_tail(1 << 20))))


if __name__ == "__main__":
    main()
