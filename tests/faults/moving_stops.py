#!/usr/bin/env python3
"""kill -9 of the daemon while trailing stops follow the market, with a venue that loses, refuses, delays and repeats its
answers to stop changes. Afterwards engine and venue agree on every stop, no rule has ever loosened one, every change
was written ahead, and the journal replays to the same bytes.

    moving_stops.py path/to/trident path/to/source        TRIDENT_LONG=1: 60 kills instead of 5
"""
import math
import os
import random
import time

import lab

KILLS = 60 if lab.LONG else 5
ENTRIES = 24
MOVES_WANTED = 40
VENUE_FAULTS = {"lost_answer": 800, "reject": 300, "late_fill": 800, "duplicate_fill": 800, "swallow": 500}
BARS = 4000
WAVE = 60          # bars of one swing
SWING = 0.0030     # EURUSD goes so far up and down
EXITS = {"trailing": "points", "trailing_points": 30, "trailing_step_points": 10}
MOVED = {lab.EVENTS["SL_MODIFIED"], lab.EVENTS["BREAKEVEN"]}
BY_RULE = {lab.REASONS[n] for n in ("TRAILING_STOP", "BREAK_EVEN", "PROFIT_LOCK")}
BUY = 1


def write_tape(folder):
    """Bid and ask bars of a market that swings: stops climb, and are hit on the way back."""
    paths = {}
    for name, spread in (("bid", 0.0), ("ask", 0.00002)):
        paths[name] = os.path.join(folder, name + ".csv")
        with open(paths[name], "w", encoding="utf-8") as f:
            f.write("timestamp,open,high,low,close\n")
            for i in range(BARS):
                a, b = (1.0850 + SWING * math.sin(2 * math.pi * (i + k) / WAVE) + spread for k in (0, 1))
                day, minute = 1 + i // 1440, i % 1440
                f.write(f"2026-01-{day:02} {minute // 60:02}:{minute % 60:02}:00,{a:.5f},{max(a, b):.5f},"
                        f"{min(a, b):.5f},{b:.5f}\n")
    return {"feed": "csv", "csv_symbol": "EURUSD", "csv_bid": paths["bid"], "csv_ask": paths["ask"], "speed": 600}


def rule_moves(rows):
    return [(row.seq, e) for row in rows for kind, e in row.outputs
            if kind == "event" and e["type"] in MOVED and e["reason"] in BY_RULE]


def check_tightened(rows):
    moves = rule_moves(rows)
    for seq, e in moves:
        sign = 1 if e["side"] == BUY else -1
        assert (e["sl"] - e["number"]) * sign > 0, f"row {seq}: {e['number']} -> {e['sl']} loosens"
    return len(moves)


def check_written_ahead(rows):
    """Before a stop was said to be there, its row had said that it would be sent."""
    intended = set()
    for row in rows:
        for kind, e in row.outputs:
            if kind == "event" and e["type"] == lab.EVENTS["MODIFY_INTENT"]:
                intended.add((e["position"], e["sl"], e["tp"]))
            if kind == "event" and e["type"] in MOVED and e["reason"] in BY_RULE:
                assert (e["position"], e["sl"], e["tp"]) in intended, f"row {row.seq}"


def same_stops(daemon, watch):
    watch.look()
    rows = lab.read_journal(daemon.journal)
    venue = {cid: (p["sl"], p["tp"]) for cid, p in watch.positions.items()}
    return venue == lab.engine_stops(rows)


def enter(daemon, rng, n):
    """Buys of the swinging symbol, each at its own price: the same alert twice is one."""
    for _ in range(n):
        body = dict(lab.entry(0), price=round(1.0850 + rng.randint(-900, 900) / 100000, 5))
        lab.wait_for("an entry is taken", lambda b=body: daemon.alert(b, f"e{rng.random()}")[0] == 200, 20)


def run(seed):
    rng = random.Random(seed)
    with lab.Lab("stops") as place:
        daemon = place.daemon(broker=dict(write_tape(place.folder), faults=VENUE_FAULTS), exits=EXITS).start()
        watch = lab.VenueWatch(daemon.venue)
        for _ in range(KILLS):
            enter(daemon, rng, ENTRIES // KILLS + 1)
            seen = len(rule_moves(lab.read_journal(daemon.journal)))
            lab.wait_for("stops move",
                         lambda: len(rule_moves(lab.read_journal(daemon.journal))) > seen + MOVES_WANTED // KILLS, 60, 0.1)
            time.sleep(rng.uniform(0.0, 0.3))
            daemon.kill()
            watch.look()
            daemon.start()
        lab.wait_for("venue and engine agree on stops", lambda: same_stops(daemon, watch), 60, 0.3)
        code, seconds = daemon.stop()
        assert code == 0, code
        rows = lab.read_journal(daemon.journal)
        moves = check_tightened(rows)
        check_written_ahead(rows)
        assert moves >= MOVES_WANTED, moves
        for what in ("verify", "replay"):
            audit = daemon.audit(what)
            print(f"audit {what}: {audit.stdout.strip()}{audit.stderr.strip()}")
            assert audit.returncode == 0, audit
        prices = sum(row.kind == "price" for row in rows)
        print(f"kills={KILLS} moves={moves} price_rows={prices} rows={len(rows)} open={len(watch.positions)} "
              f"stop_s={seconds:.2f} seed={seed}")


if __name__ == "__main__":
    run(int(os.environ.get("TRIDENT_SEED", time.time_ns() % 1000000)))
