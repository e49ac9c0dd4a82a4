#!/usr/bin/env python3
"""kill -9 of the daemon at random moments, under signals and commands, with a venue that loses, delays, repeats and
splits its answers and a Bot API that drops connections. What was acknowledged must be there afterwards, once, and what
the journal says people were told must have arrived.

    kill_daemon.py path/to/trident path/to/source        TRIDENT_LONG=1: 200 kills instead of 12
"""
import collections
import os
import random
import re
import sys
import time

import lab

KILLS = 200 if lab.LONG else 12
VENUE_FAULTS = {"lost_answer": 400, "reject": 200, "late_fill": 500, "duplicate_fill": 500, "partial": 500,
                "swallow": 300}
QUIET_EVENTS = {lab.EVENTS[n] for n in ("TRADE_OPENED", "TRADE_CLOSED", "DECISION", "SUBSCRIPTION", "COMMAND_MIRROR",
                                      "CHAIN_STATE", "MODIFY_INTENT", "SL_MODIFIED", "BREAKEVEN", "V6_BREAKEVEN")
                if n in lab.EVENTS}
ECHOED_EVENTS = {lab.EVENTS[n] for n in ("PAUSED", "RESUMED")}
NUMBER = re.compile(r"<i>#(\d+)")
MARK = "(possibly repeated)"


class Figures:
    lost = twice = duplicates = 0


def check_keys(daemon, load, figures):
    keys = lab.journal_keys(daemon.journal)
    with load.lock:
        acked = list(load.acked)
    lost = [k for k in acked if "wh:" + k not in keys]
    twice = [k for k, n in keys.items() if n != 1]
    figures.lost += len(lost)
    figures.twice += len(twice)
    assert not lost, f"acknowledged and lost: {lost[:5]}"
    assert not twice, f"applied twice: {twice[:5]}"
    return keys


def check_orders(rows, watch, figures):
    """Every cid the venue executed was decided by the engine, never beyond its size, and of the attempts of one
    decision at most one took effect."""
    intents = {o["cid"]: o for r in rows for kind, o in r.outputs if kind == "intent"}
    filled = collections.Counter()
    for f in watch.fills.values():
        if f["cid"] != 0:
            filled[f["cid"]] += f["lots"]
    executed = collections.Counter()
    # A level of a profit chain has several orders of one role: as many as were decided at first.
    decided = collections.Counter((o["parent"], o["role"]) for o in intents.values()
                                  if o["purpose"] == 1 and o["attempt"] == 0)
    for cid, lots in filled.items():
        assert cid in intents, f"the venue executed an order nobody decided: {cid}"
        assert lots <= intents[cid]["lots"], f"cid {cid}: {lots} executed of {intents[cid]['lots']}"
        if intents[cid]["purpose"] == 1:
            executed[(intents[cid]["parent"], intents[cid]["role"])] += 1
    figures.duplicates = sum(max(0, n - decided[k]) for k, n in executed.items())
    assert figures.duplicates == 0, [k for k, n in executed.items() if n > decided[k]][:5]
    return len(filled)


def same_positions(daemon, watch):
    watch.look()
    venue = {cid: p["lots"] for cid, p in watch.positions.items()}
    return venue == lab.engine_positions(lab.read_journal(daemon.journal))


def undelivered(rows, delivered):
    """Replies and event cards of the journal that never arrived."""
    texts = collections.Counter(text.replace("\n<i>" + MARK + "</i>", "").replace("<i>" + MARK + "</i>\n", "")
                                for _, text in delivered)
    numbers = {int(n) for text in texts for n in NUMBER.findall(text)}
    wanted = collections.Counter()
    missing = []
    for row in rows:
        for kind, out in row.outputs:
            if kind == "reply" and out["html"]:
                wanted[out["html"]] += 1
            elif kind == "event" and out["type"] not in QUIET_EVENTS:
                echoed = out["type"] in ECHOED_EVENTS and out["chat"] == lab.USER
                if not echoed and (out["cause"] or row.seq) not in numbers:
                    missing.append(("event", row.seq, out["type"], out["symbol"]))
    for html, n in wanted.items():
        if texts[html] < n:
            missing.append(("reply", n, texts[html], html))
    return missing


def disturb(sandbox, rng):
    kind, method = rng.choice([("execute_then_drop", "sendMessage"), ("drop_before", "sendMessage"),
                               ("drop_before", "getUpdates"), ("execute_then_drop", "getUpdates"),
                               ("status", "sendMessage")])
    sandbox.post("fault", kind=kind, method=method, count=rng.randint(1, 3))


def strike(daemon, rng):
    """One kill; now and then during the start or the orderly end."""
    how = rng.random()
    if how < 0.15:
        time.sleep(rng.uniform(0.0, 0.15))  # still starting
        daemon.kill()
        return
    daemon.wait_ready()
    time.sleep(rng.uniform(0.02, 0.7))
    if how < 0.25:
        daemon.process.terminate()
        time.sleep(rng.uniform(0.0, 0.1))
    daemon.kill()


def run(seed):
    rng = random.Random(seed)
    figures = Figures()
    with lab.Lab("kill") as place:
        daemon = place.daemon(broker={"faults": VENUE_FAULTS}).start()
        watch = lab.VenueWatch(daemon.venue)
        load = lab.Load(daemon, place.sandbox, pause=0.01).start()
        for _ in range(KILLS):
            strike(daemon, rng)
            watch.look()
            check_keys(daemon, load, figures)
            if rng.random() < 0.5:
                disturb(place.sandbox, rng)
            daemon.start(wait=False)
        daemon.wait_ready()
        time.sleep(1)
        load.stop()
        load.retry_unanswered()
        place.sandbox.say("/resume")
        lab.wait_for("venue and engine agree", lambda: same_positions(daemon, watch), 60, 0.5)
        lab.wait_for("messages delivered",
                     lambda: not undelivered(lab.read_journal(daemon.journal), place.sandbox.delivered()), 60, 1.0)
        code, seconds = daemon.stop()
        assert code == 0, code
        watch.look()
        keys = check_keys(daemon, load, figures)
        commands = [k for k in keys if k.startswith("tg:")]
        assert len(commands) == load.said + 1, f"{load.said + 1} commands said, {len(commands)} in the journal"
        rows = lab.read_journal(daemon.journal)
        executed = check_orders(rows, watch, figures)
        missing = undelivered(rows, place.sandbox.delivered())
        assert not missing, missing[:5]
        for what in ("verify", "replay"):
            audit = daemon.audit(what)
            print(f"audit {what}: {audit.stdout.strip()}{audit.stderr.strip()}")
            assert audit.returncode == 0, audit
        resent = sum(MARK in text for _, text in place.sandbox.delivered())
        print(f"kills={KILLS} acked={len(load.acked)} commands={len(commands)} orders={executed} "
              f"lost={figures.lost} twice={figures.twice} duplicate_orders={figures.duplicates} "
              f"messages={len(place.sandbox.delivered())} resent={resent} stop_s={seconds:.2f} "
              f"answers={dict(load.statuses)} seed={seed}")


if __name__ == "__main__":
    run(int(os.environ.get("TRIDENT_SEED", time.time_ns() % 1000000)))
