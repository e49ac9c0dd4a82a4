#!/usr/bin/env python3
"""trident simulate with the real binary: the same bytes twice, a thousand alerts in one run without a word in the log,
the ledger as the sum of fills, the journal it keeps verified and played again, and every kind of bad input by its field.

    test_simulate.py path/to/trident
"""
import datetime
import glob
import gzip
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal

TRIDENT = os.path.abspath(sys.argv[1])
START = datetime.datetime(2026, 1, 5, 8, 0, 0)
TICKS = "time,symbol,bid,ask\n"
BUSY = {"risk": {"daily_loss_cap": "0", "lifetime_loss_cap": "0"}, "broker": {"balance": "100000", "commission_per_lot": "3.5"},
        "plugins": {"combined_v3": {"max_daily_trades": 10000, "max_open_trades": 20, "duplicate_window_ms": 1000,
                                    "daily_loss_cap": "0"}, "price_action_v6": {"enabled": True}}}


def stamp(seconds):
    return (START + datetime.timedelta(seconds=seconds)).isoformat(timespec="milliseconds") + "Z"


def entry(seconds, **changes):
    alert = {"type": "entry_v3", "signal_type": "Momentum_Breakout", "symbol": "XAUUSD", "direction": "buy", "tf": "5",
             "price": 2650.0, "consensus_score": 7, "sl_price": 2644.0, "tp1_price": 2655.0, "tp2_price": 2662.0}
    alert.update(changes)
    return f"{stamp(seconds)} {json.dumps(alert)}\n"


def prices(count, every_s=1.0, seed=7):
    """A walk that comes back to where it began, so that stops and targets are both reached."""
    rng = random.Random(seed)
    price = Decimal("2650.00")
    rows = [TICKS]
    for i in range(count):
        price += Decimal(rng.randint(-60, 60) + (3 if price < 2650 else -3)) / 100
        rows.append(f"{stamp(i * every_s)},XAUUSD,{price},{price + Decimal('0.20')}\n")
    return "".join(rows)


def many_alerts(count, every_s):
    rng = random.Random(3)
    rows = []
    for i in range(count):
        buy = rng.random() < 0.5
        kind = rng.choice(["Momentum_Breakout", "Liquidity_Trap_Reversal", "Golden_Pocket_Flip"])
        rows.append(entry(5 + i * every_s, signal_type=kind, direction="buy" if buy else "sell",
                          tf=rng.choice(["5", "15", "60"]), consensus_score=rng.randint(3, 9),
                          sl_price=2640.0 if buy else 2660.0, tp1_price=2655.0 if buy else 2645.0,
                          tp2_price=2662.0 if buy else 2638.0))
    return "".join(rows)


class Simulate(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="trident-simulate-")
        self.addCleanup(shutil.rmtree, self.dir)

    def path(self, name, text=None):
        path = os.path.join(self.dir, name)
        if text is not None:
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        return path

    def config(self, data_dir="data"):
        trader = {"id": "main", **BUSY}
        path = self.path(f"{data_dir}.json", json.dumps({
            "data_dir": self.path(data_dir), "traders": [trader], "http": {"webhook_secret": "0123456789abcdef"},
            "telegram": {"controller": {"token": "1234567:" + "A" * 35}}}))
        os.chmod(path, 0o600)
        return path

    def run_raw(self, *args):
        return subprocess.run([TRIDENT, *args], capture_output=True, text=True, timeout=60, cwd=self.dir)

    def simulate(self, alerts, tape, *args):
        r = self.run_raw("simulate", "--alerts", alerts, "--prices", tape, *args)
        self.assertEqual((r.returncode, r.stderr), (0, ""), r.stdout[-500:])
        return r.stdout

    def refused(self, *args):
        r = self.run_raw("simulate", *args)
        self.assertEqual((r.returncode, r.stdout), (2, ""), r.stderr)
        return r.stderr

    def add_up(self, result):
        """The ledger is the sum of fills, in whole and by group, and what the broker says."""
        ledger = result["ledger"]
        net = sum((Decimal(t["net"]) for t in result["trades"]), Decimal(0))
        for t in result["trades"]:
            self.assertEqual(Decimal(t["net"]),
                             Decimal(t["profit"]) + Decimal(t["swap"]) - Decimal(t["commission"]))
        self.assertEqual(Decimal(ledger["profit"]), net)
        self.assertEqual(ledger["fills"], sum(t["fills"] for t in result["trades"]))
        self.assertEqual(Decimal(ledger["balance"]), Decimal(ledger["broker_balance"]))
        for name in ("trades", "wins", "losses"):
            self.assertEqual(ledger[name], sum(g[name] for g in ledger["groups"]))
        self.assertEqual(Decimal(ledger["profit"]), sum(Decimal(g["profit"]) for g in ledger["groups"]))
        self.assertEqual(ledger["open_positions"], sum(t["closed_at"] is None for t in result["trades"]))
        return net

    def test_one_alert_is_opened_and_closed_at_its_target(self):
        tape = TICKS + "".join(f"{stamp(i)},XAUUSD,{p},{Decimal(p) + Decimal('0.2')}\n"
                               for i, p in enumerate(["2650", "2650", "2655", "2662", "2662"]))
        result = json.loads(self.simulate(self.path("a.txt", entry(0.5)), self.path("p.csv", tape), "--json"))
        self.assertEqual((result["alerts"], result["accepted"], result["ticks"]), (1, 1, 5))
        self.assertEqual([t["role"] for t in result["trades"][:2]], ["A", "B"])
        for t in result["trades"][:2]:
            self.assertEqual((t["entry"], t["reason"], t["plugin"]), ("2650.2", "TP_HIT", "combined_v3"))
            self.assertGreater(Decimal(t["net"]), 0)
        self.assertEqual(result["trades"][0]["opened_at"], stamp(0.5))
        self.assertIn("PROFIT", [c["kind"] for c in result["chains"]])
        self.add_up(result)

    def test_a_stop_that_the_tape_never_reaches_is_not_hit(self):
        for low, closed in (("2644.01", False), ("2643.99", True)):
            tape = TICKS + "".join(f"{stamp(i)},XAUUSD,{p},{Decimal(p) + Decimal('0.2')}\n"
                                   for i, p in enumerate(["2650", low, "2650"]))
            result = json.loads(self.simulate(self.path("a.txt", entry(0.5)), self.path("p.csv", tape), "--json"))
            self.assertEqual(result["trades"][0]["closed_at"] is not None, closed, low)

    def test_thousand_alerts_in_one_run_without_an_error_and_the_same_bytes_twice(self):
        alerts = self.path("a.txt", many_alerts(1200, 10))
        tape = self.path("p.csv", prices(13000))
        conf = self.config()
        first = self.simulate(alerts, tape, "--json", "--config", conf, "--out", self.path("one"))
        second = self.simulate(alerts, tape, "--json", "--config", conf, "--out", self.path("two"))
        self.assertEqual(first, second)
        self.assertEqual(self.simulate(alerts, tape, "--json", "--config", conf), first, "with and without a journal")
        result = json.loads(first)
        self.assertEqual(result["alerts"], 1200)
        self.assertEqual(result["accepted"] + result["refused"], 1200)
        self.assertGreater(result["accepted"], 100)
        self.assertGreater(result["ledger"]["fills"], 400)
        self.assertEqual(result["ledger"]["unknown_orders"], 0)
        self.assertGreater(len(result["chains"]), 50)
        self.add_up(result)
        journals = [glob.glob(self.path(f"{d}/traders/*/journal.db"))[0] for d in ("one", "two")]
        rows = []
        for path in journals:
            with sqlite3.connect(path) as db:
                rows.append(db.execute("SELECT seq, time_ms, kind, key, input, output, flags, hash FROM journal").fetchall())
        self.assertEqual(rows[0], rows[1])
        self.assertEqual(len(rows[0]), result["rows"])
        os.remove(conf)
        conf = self.config("one")
        r = self.run_raw("audit", "verify", "--config", conf)
        self.assertEqual(r.returncode, 0, r.stderr)
        r = self.run_raw("audit", "replay", "--config", conf)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        self.assertIn(f"{result['rows']} rows played again", r.stdout)
        with sqlite3.connect(os.path.join(os.path.dirname(journals[0]), "zepix_combined_v3.db")) as db:
            net = 0
            for leg in ("order_a", "order_b"):
                net += db.execute(f"SELECT coalesce(sum({leg}_profit_dollars_e8 + {leg}_swap_e8 - {leg}_commission_e8), 0)"
                                  " FROM combined_v3_trades").fetchone()[0]
            chains = db.execute("SELECT count(*) FROM v3_reentry_chains").fetchone()[0]
        self.assertEqual(chains, sum(c["kind"] != "PROFIT" for c in result["chains"]))
        r = self.run_raw("simulate", "--alerts", alerts, "--prices", tape, "--out", self.path("one"))
        self.assertEqual(r.returncode, 2)
        self.assertIn("journal.db", r.stderr)

    def test_the_balance_moves_by_what_was_won_and_paid(self):
        alerts = self.path("a.txt", many_alerts(300, 10))
        result = json.loads(self.simulate(alerts, self.path("p.csv", prices(4000)), "--json", "--config", self.config()))
        net = self.add_up(result)
        open_commission = sum(Decimal(t["lots"]) * Decimal("3.5") for t in result["trades"] if Decimal(t["closed_lots"]) == 0)
        ledger = result["ledger"]
        self.assertEqual(Decimal(ledger["balance"]), Decimal(ledger["start_balance"]) + net - open_commission)

    def test_the_alert_log_of_tradingview_and_bars_of_two_gz_files(self):
        body = json.loads(entry(0).split(" ", 1)[1])
        body.update(symbol="GBPUSD", price=1.58, sl_price=1.57, tp1_price=1.585, tp2_price=1.59)
        quoted = json.dumps(body).replace('"', '""')
        alerts = self.path("log.csv", f'Alert ID,Ticker,Name,Description,Time\n1,"OANDA:GBPUSD, 5m",x,"{quoted}",{stamp(90)}\n')
        for name, offset in (("bid.csv.gz", 0), ("ask.csv.gz", 0.0001)):
            with gzip.open(self.path(name), "wt") as f:
                f.write("timestamp,open,high,low,close\n")
                for i in range(10):
                    p = 1.58 + 0.001 * i + offset
                    f.write(f"{START + datetime.timedelta(minutes=i)}+00:00,{p:.5f},{p + 0.001:.5f},{p - 0.0005:.5f},{p + 0.001:.5f}\n")
        args = ("--ask", self.path("ask.csv.gz"), "--symbol", "GBPUSD")
        result = json.loads(self.simulate(alerts, self.path("bid.csv.gz"), "--json", *args))
        self.assertEqual((result["ticks"], result["accepted"]), (40, 1))
        self.assertEqual({t["symbol"] for t in result["trades"]}, {"GBPUSD"})
        text = self.simulate(alerts, self.path("bid.csv.gz"), *args)
        for word in ("Trades (", "Chains (", "Ledger", "LOGIC", "win rate", "balance 10000.00"):
            self.assertIn(word, text)

    def test_unreadable_alerts_are_counted_and_the_rest_goes_on(self):
        alerts = self.path("a.txt", f"{stamp(0)} hello\n" + entry(1) + f"{stamp(2)} {{\"type\":\n")
        result = json.loads(self.simulate(alerts, self.path("p.csv", prices(10)), "--json"))
        self.assertEqual([result[n] for n in ("alerts", "accepted", "refused", "unreadable")], [3, 1, 2, 2])

    def test_bad_input_is_named_by_file_line_and_field(self):
        good_alerts, good_prices = self.path("a.txt", entry(1)), self.path("p.csv", prices(5))
        bad = (
            (TICKS + f"{stamp(0)},XAUUSD,2650,2651\n{stamp(1)},XAUUSD,x,2651\n", "line 3: bid is \"x\""),
            (TICKS + f"{stamp(0)},NOPE,2650,2651\n", "line 2: symbol is \"NOPE\""),
            (TICKS + f"{stamp(0)},XAUUSD,2651,2650\n", "line 2: ask is \"2650\""),
            (TICKS + f"{stamp(1)},XAUUSD,1,2\n{stamp(0)},XAUUSD,1,2\n", "line 3: time is"),
            ("a,b\n1,2\n", "line 1: header is \"a\""),
            ("timestamp,open,high,low,close\n", "--symbol is \"\""),
        )
        for text, words in bad:
            said = self.refused("--alerts", good_alerts, "--prices", self.path("bad.csv", text))
            self.assertIn("bad.csv", said)
            self.assertIn(words, said)
            self.assertIn("accepted: ", said)
        for text, words in (("tomorrow {}\n", "Description"), (f"{stamp(0)} {{}}\n2026-13-01T00:00:00Z {{}}\n", "row 2: Time"),
                            ("Ticker,Description,Time\nx,y,z\n", "row 1: Time is \"z\""), ("", "empty")):
            self.assertIn(words, self.refused("--alerts", self.path("bad.txt", text), "--prices", good_prices))
        self.assertIn("No such file", self.refused("--alerts", good_alerts, "--prices", self.path("none.csv")))
        self.assertIn("--alerts and --prices", self.refused("--alerts", good_alerts))

    def test_the_list_and_the_help_name_it(self):
        self.assertIn("simulate", self.run_raw("--help").stdout)
        self.assertIn("--prices FILE", self.run_raw("simulate", "--help").stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
