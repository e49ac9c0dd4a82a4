#!/usr/bin/env python3
"""The whole size of integration.http_abuse, with figures: p99 of good clients while 10,000 idle and 1,000 slow connections
are held, against without. Wants a release build and a machine that is otherwise quiet.

usage: tests/proof/http_crowd.py [--program build/release/trident] [--idle 10000] [--slow 1000] [--seconds 20]
                                 [--rounds 3] [--room N]

--room: connections the daemon has room for; default: enough for all. With less, whoever is longest idle makes room, and
the crowd comes back at 500 a second. Exit code 1: p99 more than twice as long, or a good client failed.
"""
import argparse
import os
import resource
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
LIMIT = 2.0


def rss_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS:")) / 1024


def describe(name, good, p99):
    print(f"{name:<26} {len(good.times):>7} requests, p50 {percentile(good.times, 0.5) * 1e3:7.3f} ms, "
          f"p99 {p99 * 1e3:7.3f} ms, worst {max(good.times) * 1e3:8.3f} ms, {len(good.failures)} failed", flush=True)
    for failure in sorted(set(good.failures))[:5]:
        print("    ", failure, good.failures.count(failure))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default="build/release/trident")
    for name, value in (("idle", 10000), ("slow", 1000), ("rounds", 3), ("room", 0)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--seconds", type=float, default=20)
    a = parser.parse_args()
    crowd_size = a.idle + a.slow
    room = a.room or crowd_size + 500
    os.environ["TRIDENT"] = a.program
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard < crowd_size + 1000:
        print(f"only {hard} descriptors are allowed (ulimit -Hn)")
        return 77
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    import trident_harness as harness  # reads $TRIDENT
    w = harness.World(overrides={"http": {"max_connections": room}, "log": {"level": "info"}})
    try:
        path, body = f"/webhook/{harness.WEBHOOK_SECRET}", harness.v3_entry()
        pairs = []
        Good(w.daemon.port, path, body).measure(2)
        for n in range(a.rounds):
            alone = Good(w.daemon.port, path, body).measure(a.seconds)
            crowd = Crowd(w.daemon.port, a.idle, a.slow, per_s=500 if a.room else 4000)
            crowd.start(need_all=not a.room)
            before = crowd.reopened
            crowded = Good(w.daemon.port, path, body).measure(a.seconds)
            held, again, rss = crowd.held(), crowd.reopened - before, rss_mib(w.daemon.process.pid)
            crowd.stop()
            p99 = [percentile(g.times, 0.99) for g in (alone, crowded)]
            pairs.append((p99[1] / p99[0], len(alone.failures) + len(crowded.failures)))
            describe(f"round {n + 1}, alone", alone, p99[0])
            describe(f"round {n + 1}, in the crowd", crowded, p99[1])
            print(f"    crowd {held}, {again} cut and opened again, daemon {rss:.1f} MiB; p99 x {pairs[-1][0]:.2f}",
                  flush=True)
        ratio, failed = sorted(r for r, _ in pairs)[len(pairs) // 2], sum(f for _, f in pairs)
        print(f"p99 of good clients with {a.idle} idle and {a.slow} slow connections (room for {room}): "
              f"x {ratio:.2f} (median), at most {LIMIT}; {failed} failed")
        return 0 if ratio <= LIMIT and failed == 0 else 1
    finally:
        w.abandon()


if __name__ == "__main__":
    from http_abuse import Crowd, Good, percentile  # tests/support/http_abuse.py
    sys.exit(main())
