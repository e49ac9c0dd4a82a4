#!/usr/bin/env python3
"""SIGTERM under load, several times: out within two seconds with exit code 0, nothing acknowledged lost, and the next
start has nothing to replay.

    sigterm_under_load.py path/to/trident path/to/source
"""
import re
import time

import lab

ROUNDS = 20 if lab.LONG else 4
LIMIT_S = 15.0  # a stop that waits for the far side takes longer; how fast it is, the benchmark says


def replayed(daemon):
    """Rows that the newest start had to apply again."""
    return int(re.findall(r"recovered trader=main seq=\d+ replayed=(\d+)", daemon.log_tail(1 << 20))[-1])


with lab.Lab("sigterm") as place:
    daemon = place.daemon(broker={"faults": {"late_fill": 1000}}).start()
    load = lab.Load(daemon, place.sandbox, pause=0.0, signal_threads=6).start()
    slowest = 0.0
    for _ in range(ROUNDS):
        time.sleep(0.7)
        code, seconds = daemon.stop()
        slowest = max(slowest, seconds)
        assert code == 0, f"exit code {code}\n{daemon.log_tail()}"
        assert seconds < LIMIT_S, f"SIGTERM to exit took {seconds:.2f} s"
        keys = lab.journal_keys(daemon.journal)
        with load.lock:
            lost = [k for k in load.acked if "wh:" + k not in keys]
        assert not lost, lost[:5]
        assert all(n == 1 for n in keys.values())
        daemon.start()
        assert replayed(daemon) == 0, "an orderly end leaves nothing to replay"
    load.stop()
    load.retry_unanswered()
    code, seconds = daemon.stop()
    assert code == 0 and daemon.audit("verify").returncode == 0 and daemon.audit("replay").returncode == 0
    print(f"stops={ROUNDS + 1} slowest_s={max(slowest, seconds):.2f} acked={len(load.acked)} lost=0 "
          f"answers={dict(load.statuses)}")
