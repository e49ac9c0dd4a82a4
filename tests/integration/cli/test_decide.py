#!/usr/bin/env python3
"""trident decide with the real binary: the golden cases of routing, score, reversal, lots and fixed-risk stops (G20-G25,
G38, G40-G42, G51), what each key of the state file changes, every fault at once, and the words of --explain.

    test_decide.py path/to/trident
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal

TRIDENT = os.path.abspath(sys.argv[1])
NOW = "2026-01-05T10:00:00Z"


def entry(**changes):
    alert = {"type": "entry_v3", "signal_type": "Momentum_Breakout", "symbol": "XAUUSD", "direction": "buy",
             "tf": "5", "price": 2650.0, "consensus_score": 7, "sl_price": 2644.0}
    alert.update(changes)
    return {k: v for k, v in alert.items() if v is not None}


def sell(**changes):
    return entry(direction="sell", sl_price=2656.0, **changes)


def run(alert, state=None, *options):
    text = alert if isinstance(alert, str) else json.dumps(alert)
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "state.json")
        if state is not None:
            with open(path, "w", encoding="utf-8") as f:
                f.write(state if isinstance(state, str) else json.dumps(state))
            options = ("--state", path, *options)
        return subprocess.run([TRIDENT, "decide", *options], input=text, capture_output=True, text=True, timeout=30,
                              cwd=d)


def decide(alert, state=None, *options):
    r = run(alert, state, *options)
    assert r.returncode == 0, (r.returncode, r.stdout, r.stderr)
    assert r.stderr == "", r.stderr
    return json.loads(r.stdout)


def refused(alert, state=None, *options):
    r = run(alert, state, *options)
    assert r.returncode == 2, (r.returncode, r.stdout, r.stderr)
    assert r.stderr.startswith("trident: "), r.stderr
    return json.loads(r.stdout)


class Shape(unittest.TestCase):
    def test_one_object_with_the_members_promised_and_decimals_as_strings(self):
        d = decide(entry(tp1_price=2655, tp2_price=2662))
        for name in ("action", "plugin", "route", "reasons", "orders", "closes", "numbers"):
            self.assertIn(name, d)
        self.assertEqual((d["action"], d["plugin"]), ("execute", "combined_v3"))
        a, b = d["orders"]
        self.assertEqual(a, {"role": "A", "side": "BUY", "symbol": "XAUUSD", "lots": "0.02", "entry": "2650",
                             "sl": "2644", "tp": "2662", "rule": {"lots": "RK-2", "sl": "P-7", "tp": "P-7"}})
        self.assertEqual((b["role"], b["sl"], b["tp"]), ("B", "2645", "2655"))
        self.assertTrue(all(isinstance(v, str) for v in d["numbers"].values()))

    def test_the_same_question_gets_the_same_bytes(self):
        self.assertEqual(run(entry(), {"now": NOW}).stdout, run(entry(), {"now": NOW}).stdout)

    def test_exits_and_notices_are_decisions_too(self):
        leave = {"type": "exit_v3", "signal_type": "Bullish_Exit", "symbol": "XAUUSD", "direction": "sell", "tf": "5",
                 "price": 2650.0}
        self.assertEqual(decide(leave)["reasons"], ["NOTHING_TO_CLOSE"])
        d = decide(leave, {"open": [{"symbol": "XAUUSD", "side": "SELL"}, {"symbol": "XAUUSD", "side": "BUY"}]})
        self.assertEqual((d["action"], d["closes"]), ("close", ["2"]))
        pulse = {"type": "squeeze_v3", "signal_type": "Volatility_Squeeze", "symbol": "XAUUSD", "tf": "5", "price": 1}
        self.assertEqual(decide(pulse)["action"], "notify")

    def test_an_alert_for_no_plugin_is_skipped(self):
        entry = '{"type":"entry","signal":"buy","symbol":"XAUUSD","tf":"5m","price":2650}'
        d = decide(entry)
        self.assertEqual((d["plugin"], d["reasons"]), ("legacy_v2", ["TREND_NOT_ALIGNED"]))
        d = decide(entry, {"plugins": {"legacy_v2": {"enabled": False}}})
        self.assertEqual((d["action"], d["reasons"]), ("skip", ["PLUGIN_DISABLED"]))
        d = decide(entry, None, "--plugin", "combined_v3")
        self.assertEqual((d["action"], d["reasons"]), ("skip", ["NO_PLUGIN"]))

    def test_the_old_bot_decides_when_it_is_asked(self):
        entry = '{"type":"entry","signal":"buy","symbol":"EURUSD","tf":"15m","price":"1.10000"}'
        state = {"trends": {"EURUSD": {"1h": "BULLISH", "15m": "BULLISH"}}, "open": [{"symbol": "EURUSD", "side": "SELL"}]}
        d = decide(entry, state, "--plugin", "legacy_v2")
        self.assertEqual((d["action"], d["route"], d["closes"], d["close_reason"]),
                         ("execute", "LOGIC2", ["1"], "OPPOSITE_SIGNAL_BUY"))
        self.assertEqual([(o["lots"], o["sl"], o["tp"]) for o in d["orders"]],  # G44, G53
                         [("0.05", "1.0775", "1.13375"), ("0.05", "1.098", "1.103")])
        state["trends"]["EURUSD"]["15m"] = "BEARISH"
        self.assertEqual(decide(entry, state, "--plugin", "legacy_v2")["reasons"], ["TREND_NOT_ALIGNED"])
        state["plugins"] = {"combined_v3": {"enabled": False}, "legacy_v2": {"v3_alerts": True}}
        leave = {"type": "exit_v3", "signal_type": "Bullish_Exit", "symbol": "EURUSD", "direction": "sell", "tf": "5",
                 "price": 1.1}
        d = decide(leave, state)  # inverted, as the old engine had it
        self.assertEqual((d["plugin"], d["action"], d["closes"]), ("legacy_v2", "close", ["1"]))


class Variants(unittest.TestCase):
    """The 18 messages of the indicator (spec 1.1), each with its own fields, by the plugin's first word about it."""

    def body(self, signal, side, **more):
        sign = 1 if side == "buy" else -1
        return entry(signal_type=signal, direction=side, tf="15", consensus_score=8 if side == "buy" else 1,
                     sl_price=2650 - sign * 6, tp1_price=2650 + sign * 9, tp2_price=2650 + sign * 18,
                     mtf_trends=",".join([str(sign)] * 5), market_trend=sign, volume_delta_ratio=2, price_in_ob=True,
                     position_multiplier=0.8, **more)

    def test_six_two_sided_entries_and_the_screeners(self):
        routes = {}
        for signal, more in (("Institutional_Launchpad", {}), ("Liquidity_Trap_Reversal", {}), ("Momentum_Breakout", {}),
                             ("Mitigation_Test_Entry", {}), ("Golden_Pocket_Flip", {"fib_level": 0.7}),
                             ("Sideways_Breakout", {"adx_value": 26.1, "confidence": "HIGH"})):
            for side in ("buy", "sell"):
                d = decide(self.body(signal, side, **more))
                self.assertEqual((d["action"], [o["side"] for o in d["orders"]]), ("execute", [side.upper()] * 2), signal)
                routes[signal] = d["route"]
        self.assertEqual(set(routes.values()), {"LOGIC2"})
        for signal, side, score in (("Screener_Full_Bullish", "buy", 9), ("Screener_Full_Bearish", "sell", 0)):
            d = decide({**self.body(signal, side, full_alignment=True), "consensus_score": score})
            self.assertEqual((d["action"], d["route"], d["numbers"]["strength"]), ("execute", "LOGIC3", "9"))

    def test_two_exits_and_two_notices(self):
        held = {"open": [{"symbol": "XAUUSD", "side": "BUY"}, {"symbol": "XAUUSD", "side": "SELL"}]}
        for signal, direction, closed in (("Bullish_Exit", "sell", ["1"]), ("Bearish_Exit", "buy", ["2"])):
            d = decide({"type": "exit_v3", "signal_type": signal, "symbol": "XAUUSD", "direction": direction, "tf": "60",
                        "price": 2650, "consensus_score": 3, "market_trend": 1,
                        "reason": "TP_hit_or_reversal_or_momentum_loss"}, held)
            self.assertEqual((d["action"], d["closes"]), ("close", closed))
        for body in ({"type": "squeeze_v3", "signal_type": "Volatility_Squeeze", "message": "squeeze"},
                     {"type": "trend_pulse_v3", "signal_type": "Trend_Pulse", "current_trends": "1,1,-1,1,1,1",
                      "previous_trends": "1,1,1,1,1,1", "changed_timeframes": "15,", "change_details": "15:-1;",
                      "trend_labels": "1m,5m,15m,1H,4H,1D", "message": "changed"}):
            d = decide({**body, "symbol": "XAUUSD", "tf": "15", "price": 2650, "consensus_score": 5, "market_trend": 1})
            self.assertEqual((d["action"], d["reasons"]), ("notify", ["NOTIFICATION_ONLY"]))

    def test_te003_another_name_for_the_same_entry(self):
        seen = {"now": "2026-01-05T10:00:59Z", "seen": [{"alert": entry(), "at": "2026-01-05T10:00:00Z"}]}
        again = entry(signal_type="Institutional_Launchpad")
        d = decide(again, seen)
        self.assertEqual((d["reasons"], d["number"], d["limit"]), (["DUPLICATE_ALERT"], "59", "60"))
        self.assertEqual(decide(again, {**seen, "now": "2026-01-05T10:01:00Z"})["action"], "execute")
        self.assertEqual(decide(entry(signal_type="Institutional_Launchpad", tf="15"), seen)["action"], "execute")


class Golden(unittest.TestCase):
    def route(self, **changes):
        d = decide(entry(**changes))
        return d["route"], d["reasons"][-1]

    def test_G20_the_screener_goes_to_logic3(self):
        d = decide(entry(signal_type="Screener_Full_Bullish", consensus_score=9))
        self.assertEqual((d["route"], d["reasons"][-1]), ("LOGIC3", "SIGNAL_OVERRIDE"))
        self.assertEqual(d["numbers"]["logic_mult"], "0.625")

    def test_G21_a_golden_pocket_flip_on_the_hour_goes_to_logic3(self):
        self.assertEqual(self.route(signal_type="Golden_Pocket_Flip", tf="15"), ("LOGIC2", "TIMEFRAME_ROUTING"))
        self.assertEqual(self.route(signal_type="Golden_Pocket_Flip", tf="60"), ("LOGIC3", "SIGNAL_OVERRIDE"))

    def test_G22_timeframes(self):
        self.assertEqual([self.route(tf=tf)[0] for tf in ("240", "30", "1", "5")],
                         ["LOGIC3", "LOGIC2", "LOGIC2", "LOGIC1"])

    def test_G23_scores(self):
        launchpad = decide(entry(signal_type="Institutional_Launchpad", consensus_score=6))
        self.assertEqual((launchpad["action"], launchpad["reasons"]), ("skip", ["SCORE_TOO_LOW"]))
        self.assertEqual((launchpad["number"], launchpad["limit"]), ("6", "7"))
        self.assertEqual(decide(entry(consensus_score=5))["action"], "execute")
        self.assertEqual(decide(entry(consensus_score=4))["action"], "skip")
        d = decide(sell(consensus_score=2))
        self.assertEqual((d["action"], d["numbers"]["strength"]), ("execute", "7"))
        raw = {"plugins": {"combined_v3": {"score_filter_mode": "raw"}}}
        self.assertEqual(decide(sell(consensus_score=2), raw)["reasons"], ["SCORE_TOO_LOW"])

    def test_G24_an_aggressive_alert_reverses(self):
        d = decide(entry(), {"open": [{"symbol": "XAUUSD", "side": "SELL"}]})
        self.assertEqual((d["action"], d["closes"], d["close_reason"]), ("execute", ["1"], "OPPOSITE_SIGNAL"))

    def test_G25_another_does_not(self):
        d = decide(entry(signal_type="Mitigation_Test_Entry", consensus_score=6),
                   {"open": [{"symbol": "XAUUSD", "side": "SELL"}]})
        self.assertEqual((d["action"], d["closes"]), ("execute", []))

    def lots(self, score, tf, **state):
        d = decide(entry(consensus_score=score, tf=tf, position_multiplier=0.8), state)
        return d["numbers"]["lot_total"], [o["lots"] for o in d["orders"]]

    def test_G38_G40_G41_lots_go_down_to_the_step(self):
        self.assertEqual(self.lots(7, "5", base_lot="0.05"), ("0.053125", ["0.02", "0.02"]))
        self.assertEqual(self.lots(9, "5", base_lot=0.05), ("0.0625", ["0.03", "0.03"]))

    def test_G42_a_half_below_the_minimum_leaves_A_alone(self):
        self.assertEqual(self.lots(5, "60", base_lot="0.04"), ("0.0175", ["0.01"]))

    def test_G51_order_B_loses_ten_dollars(self):
        for symbol, lots, price, stop, distance in (
                ("EURUSD", "0.05", 1.1, 1.09, "0.0020"), ("XAUUSD", "0.05", 2650, 2640, "2.0000"),
                ("USDJPY", "0.05", 150, 149, "0.2198"), ("GBPJPY", "0.1", 190, 189, "0.1111")):
            d = decide(entry(symbol=symbol, tf="15", consensus_score=9, price=price, sl_price=stop),
                       {"base_lot": str(2 * Decimal(lots))})
            b = d["orders"][1]
            self.assertEqual((b["role"], b["lots"], b["rule"]["sl"]), ("B", lots, "RK-7"))
            self.assertEqual(str(Decimal(d["numbers"]["sl_distance_b"]).quantize(Decimal("0.0001"))), distance)


class State(unittest.TestCase):
    def test_prices_are_the_market(self):
        d = decide(entry(), {"prices": {"XAUUSD": {"bid": "2650.5", "ask": 2650.75}}})
        self.assertEqual(d["orders"][0]["entry"], "2650.75")
        d = decide(sell(consensus_score=2), {"prices": {"OANDA:XAUUSD": {"bid": "2650.5", "ask": "2650.75"}}})
        self.assertEqual(d["orders"][0]["entry"], "2650.5")

    def configured(self, risk, alert, state):
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "trident.json")
            with open(path, "w", encoding="utf-8") as f:
                json.dump({"data_dir": d, "http": {"allow_open": True}, "users": [{"user_id": 1}], "telegram": {
                    "controller": {"token": "1000:" + "A" * 35}}, "traders": [{"risk": risk}]}, f)
            os.chmod(path, 0o600)
            return decide(alert, state, "--config", path)

    def test_loss_caps_stop_at_the_cap_itself(self):
        for key, below, at, reason in (("daily_loss", "199.99", "200", "DAILY_LOSS_CAP"),
                                       ("lifetime_loss", "999.99", "1000", "LIFETIME_LOSS_CAP")):
            self.assertEqual(self.configured({"smart_lot": False}, entry(), {key: below})["action"], "execute")
            d = decide(entry(), {key: at})
            self.assertEqual((d["action"], d["reasons"], d["number"], d["limit"]), ("skip", [reason], at, at))

    def test_g60_and_g57_are_two_questions(self):
        """RK-9 asks about any entry, RK-12 about a dual one: one order may go where two may not."""
        one = {"combined_v3": {"logic1": {"order_routing": "order_a_only"}}}
        for loss, single, dual in (("185", "execute", "execute"), ("199.5", "execute", "skip"),
                                   ("199.99", "execute", "skip"), ("200", "skip", "skip")):
            self.assertEqual(decide(entry(), {"daily_loss": loss, "plugins": one})["action"], single, loss)
            d = decide(entry(), {"daily_loss": loss})
            self.assertEqual(d["action"], dual, loss)
            if loss == "185":  # 24 would be at risk, 15 are left: floor(100 x 15 / (600 x 2)) / 100
                self.assertEqual([o["lots"] for o in d["orders"]], ["0.01", "0.01"])

    def test_the_mode_says_whose_word_counts(self):
        self.assertEqual(decide(entry())["action"], "execute")
        watched = decide(entry(), {"mode": "shadow", "plugins": {"legacy_v2": {"enabled": False}}})
        self.assertEqual((watched["action"], watched["reasons"], watched["plugin"], watched["orders"]),
                         ("skip", ["SHADOW_ONLY"], "combined_v3", []))
        self.assertIn("lot_a", watched["numbers"])
        self.assertEqual(decide(entry(), {"mode": {"combined_v3": {"LOGIC1": "shadow"}},
                                          "plugins": {"legacy_v2": {"enabled": False}}})["reasons"], ["SHADOW_ONLY"])
        self.assertEqual(decide(entry(tf="15"), {"mode": {"combined_v3": {"LOGIC1": "shadow"}}})["action"], "execute")
        old = decide(entry(), {"mode": "legacy_only", "plugins": {"legacy_v2": {"enabled": True, "v3_alerts": True}}})
        self.assertEqual((old["action"], old["plugin"]), ("execute", "legacy_v2"))
        for plugin in ("combined_v3", "legacy_v2"):
            own = decide(entry(), {"mode": "plugin_only" if plugin == "combined_v3" else "legacy_only",
                                   "plugins": {"combined_v3": {"shadow_mode": plugin == "combined_v3"},
                                               "legacy_v2": {"enabled": True, "v3_alerts": True,
                                                             "shadow_mode": plugin == "legacy_v2"}}})
            self.assertEqual((own["action"], own["reasons"], own["plugin"], own["orders"], own["closes"]),
                             ("skip", ["SHADOW_ONLY"], plugin, [], []))
        self.assertEqual(decide(entry(), {"phase": "silent"})["reasons"], ["PHASE_NO_ENTRIES"])
        self.assertEqual(decide(entry(), {"mode": "shadow"}, "--plugin", "combined_v3")["reasons"], ["SHADOW_ONLY"])
        r = run(entry(), {"mode": {"combined_v3": "on"}})
        self.assertEqual((r.returncode, json.loads(r.stdout)["field"]), (2, "mode.combined_v3"))

    def test_caps_follow_the_tier_of_the_balance_unless_they_are_given(self):
        for balance, daily in (("5000", "100"), ("9999.99", "100"), ("10000", "200"), ("25000", "500"), ("50000", "1000"),
                               ("100000", "2000")):
            own = {"combined_v3": {"daily_loss_cap": 0}}
            d = decide(entry(), {"balance": balance, "daily_loss": daily, "plugins": own})
            self.assertEqual((d["reasons"], d["limit"]), (["DAILY_LOSS_CAP"], daily), balance)
            self.assertEqual(decide(entry(), {"balance": balance, "daily_loss": "50"})["action"], "execute")
        d = self.configured({"tier": "50000"}, entry(), {"daily_loss": "1000", "plugins": own})
        self.assertEqual(d["limit"], "1000")
        d = self.configured({"daily_loss_cap": 0}, entry(), {"daily_loss": "499"})
        self.assertEqual(d["action"], "execute")

    def test_RK12_what_is_left_of_the_day_decides_the_lots(self):
        alert = entry(symbol="EURUSD", tf="15", consensus_score=9, price="1.1", sl_price="1.085")
        state = {"base_lot": "0.1", "daily_loss": "50"}
        d = decide(alert, state)  # G54
        self.assertEqual(([o["lots"] for o in d["orders"]], d["numbers"]["expected_loss"]), (["0.05", "0.05"], "150"))
        self.assertNotIn("LOTS_REDUCED", d["reasons"])
        d = decide(alert, dict(state, daily_loss="60"))  # G55
        self.assertEqual([o["lots"] for o in d["orders"]], ["0.04", "0.04"])
        self.assertEqual([o["rule"]["lots"] for o in d["orders"]], ["RK-12", "RK-12"])
        self.assertEqual((d["numbers"]["available_loss"], d["numbers"]["lot_full"], d["numbers"]["lot_smart"]),
                         ("140", "0.05", "0.04"))
        self.assertIn("LOTS_REDUCED", d["reasons"])
        self.assertEqual(d["orders"][1]["sl"], "1.0975")  # order B still loses ten dollars
        for loss in ("185", "199.5"):  # G57
            d = decide(alert, dict(state, daily_loss=loss))
            self.assertEqual((d["action"], d["reasons"], d["limit"]), ("skip", ["DAILY_LOSS_CAP"], "200"))
        d = decide(alert, {"base_lot": "0.1", "lifetime_loss": "900"})  # G59
        self.assertEqual((d["reasons"], d["number"], d["limit"]), (["LIFETIME_LOSS_CAP"], "1050", "1000"))

    def test_margin_in_one_symbol(self):
        held = {"symbol": "XAUUSD", "side": "BUY", "lots": "1.09", "entry": "2650"}  # 2888.5 of 10,000 at 1:100
        d = decide(entry(), {"open": [held]})
        self.assertEqual((d["action"], d["numbers"]["symbol_exposure"]), ("execute", "0.29945"))
        d = decide(entry(), {"open": [dict(held, lots="1.1")]})
        self.assertEqual((d["reasons"], d["number"], d["limit"]), (["SYMBOL_EXPOSURE"], "0.3021", "0.3"))
        d = decide(entry(), {"open": [dict(held, symbol="EURUSD", entry="1.1", lots="10")]})
        self.assertEqual(d["action"], "execute")

    def test_counts_over_all_plugins(self):
        held = [{"symbol": "XAUUSD", "side": "BUY", "plugin": p} for p in ("a", "b")]
        self.assertEqual(self.configured({"max_open_trades": 3}, entry(), {"open": held})["action"], "execute")
        d = self.configured({"max_open_trades": 2}, entry(), {"open": held})
        self.assertEqual((d["reasons"], d["number"], d["limit"]), (["MAX_OPEN_TRADES"], "2", "2"))

    def test_the_platform_profile_refuses_by_its_own_numbers(self):
        def ask(platform, state=None, **alert):
            fields = dict(symbol="EURUSD", tf="15", consensus_score=9, price="1.1", sl_price="1.0978")
            return self.configured({"profile": "platform", "platform": platform}, entry(**dict(fields, **alert)),
                                   dict({"base_lot": "0.02", "balance": "100000"}, **(state or {})))
        d = ask({})
        self.assertEqual((d["action"], d["numbers"]["order_value"], d["numbers"]["order_risk"]), ("execute", "2200", "20"))  # by the farther stop, B's
        held = [{"symbol": "EURUSD", "side": "BUY", "lots": "0.1", "entry": "1.1", "sl": "1.09"}]
        for limits, state, reason, number, limit in (
                ({"min_order": 2200.01}, {}, "ORDER_TOO_SMALL", "2200", "2200.01"),
                ({"max_order": 2199.99}, {}, "ORDER_TOO_LARGE", "2200", "2199.99"),
                ({"risk_per_trade": "0.00019"}, {}, "RISK_TOO_HIGH", "0.0002", "0.00019"),
                ({"total_risk": "0.0011"}, {"open": held}, "TOTAL_RISK", "0.0012", "0.0011"),
                ({"symbol_exposure": 13199}, {"open": held}, "SYMBOL_EXPOSURE", "13200", "13199"),
                ({"concentration": "0.131"}, {"open": held}, "CONCENTRATION_LIMIT", "0.132", "0.131"),
                ({"portfolio_exposure": 13199}, {"open": held}, "PORTFOLIO_EXPOSURE", "13200", "13199"),
                ({"leverage": "0.13"}, {"open": held}, "LEVERAGE_LIMIT", "0.132", "0.13"),
                ({"max_positions": 1}, {"open": held}, "MAX_OPEN_TRADES", "1", "1")):
            d = ask(limits, state)
            self.assertEqual((d["reasons"], d["number"], d["limit"]), ([reason], number, limit))
            name = next(iter(limits))
            self.assertEqual(ask({name: 0}, state)["action"], "execute", name)
        d = ask({"reject_ratio": "0.01"})
        self.assertEqual((d["reasons"], d["limit"]), (["ABOVE_RECOMMENDED"], "0.01"))
        d = ask({"warn_ratio": "0.01"})
        self.assertEqual((d["action"], d["reasons"][-1]), ("execute", "ABOVE_RECOMMENDED"))

    def test_paused(self):
        self.assertEqual(decide(entry(), {"paused": True})["reasons"], ["PAUSED"])
        self.assertEqual(decide(entry(), {"paused": False})["action"], "execute")

    def test_open_trades_count_by_chain(self):
        def state(n, **more):
            return {"open": [dict(symbol="XAUUSD", side="BUY", lots="0.02", entry="2600", sl=None, tp="2700",
                                  opened_at=NOW, level=0, **more) for _ in range(n)]}
        self.assertEqual(decide(entry(), state(4))["numbers"]["open_trades"], "4")
        self.assertEqual(decide(entry(), state(5))["reasons"], ["MAX_OPEN_TRADES"])
        self.assertEqual(decide(entry(), state(5, chain="XAUUSD_1"))["numbers"]["open_trades"], "1")
        self.assertEqual(decide(entry(), state(5, plugin="another"))["numbers"]["open_trades"], "0")

    def test_alerts_seen_before_are_duplicates_inside_the_window(self):
        for alert in (entry(), json.dumps(entry())):
            for at, action in (("2026-01-05T09:55:00.001Z", "skip"), ("2026-01-05T09:55:00Z", "execute")):
                d = decide(entry(), {"now": NOW, "seen": [{"alert": alert, "at": at}]})
                self.assertEqual(d["action"], action, at)
        beside = dict(entry(), at="2026-01-05T09:59:00Z")
        self.assertEqual(decide(entry(), {"now": NOW, "seen": [beside]})["reasons"], ["DUPLICATE_ALERT"])
        self.assertEqual(decide(entry(tf="15"), {"now": NOW, "seen": [beside]})["action"], "execute")

    def test_plugin_settings_are_laid_over(self):
        def v3(**settings):
            return {"plugins": {"combined_v3": settings}}
        self.assertEqual(decide(entry(), v3(logic1={"enabled": False}))["reasons"], ["LOGIC_DISABLED"])
        self.assertEqual(decide(entry(), v3(symbols=["EURUSD"]))["reasons"], ["SYMBOL_NOT_ALLOWED"])
        self.assertEqual(len(decide(entry(), v3(logic1={"order_routing": "order_a_only"}))["orders"]), 1)
        self.assertEqual(decide(entry(), v3(enabled=False))["reasons"], ["PLUGIN_DISABLED"])
        self.assertEqual(decide(entry(), v3(min_score=8))["limit"], "8")

    def test_what_other_plugins_need_is_taken(self):
        d = decide(entry(), {"now": NOW, "balance": "25000.50", "spread_pips": {"XAUUSD": "2.5"},
                             "pulse": {"XAUUSD": {"15": {"bull": 4, "bear": 2, "state": "TRENDING_BULLISH"}}},
                             "trends": {"XAUUSD": {"1h": "BULLISH", "D": "NEUTRAL"}}})
        self.assertEqual(d["action"], "execute")


class Configuration(unittest.TestCase):
    def test_its_first_trader_decides(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
            json.dump({"telegram": {"controller": {"token": "7000000001:" + "A" * 35}},
                       "http": {"webhook_secret": "0123456789abcdef"},
                       "users": [{"user_id": 1, "role": "admin"}],
                       "traders": [{"symbol_default": "EURUSD", "risk": {"daily_loss_cap": 50},
                                    "plugins": {"combined_v3": {"min_score": 9, "symbols": ["XAUUSD"]}}}]}, f)
            f.flush()
            o = ("--config", f.name)
            self.assertEqual(decide(entry(), None, *o)["limit"], "9")
            self.assertEqual(decide(entry(symbol=None), None, *o)["reasons"], ["SYMBOL_NOT_ALLOWED"])
            state = {"daily_loss": 50, "plugins": {"combined_v3": {"min_score": 5}}}
            self.assertEqual(decide(entry(), state, *o)["reasons"], ["DAILY_LOSS_CAP"])
            euro = {"plugins": {"combined_v3": {"symbols": ["EURUSD"], "min_score": 5}}}
            self.assertEqual(decide(entry(), euro, *o)["reasons"], ["SYMBOL_NOT_ALLOWED"])

    def test_a_missing_file_is_a_failure(self):
        self.assertEqual(run(entry(), None, "--config", "/nonexistent.json").returncode, 1)
        self.assertEqual(run(entry(), None, "--state", "/nonexistent.json").returncode, 1)


class Faults(unittest.TestCase):
    def test_an_alert_that_cannot_be_read_names_its_field(self):
        self.assertEqual(refused(entry(direction="up")), {"error": "FIELD_INVALID", "field": "direction",
                                                          "value": "up", "accepted": "buy or sell"})
        self.assertEqual(refused(entry(consensus_score=None))["error"], "FIELD_MISSING")
        self.assertEqual(refused(entry(symbol=None))["error"], "SYMBOL_MISSING")
        for text in ("", "hello", "{", "\0", "x" * 20000, "x" * 200000):
            self.assertEqual(refused(text)["field"], "body")

    def test_the_symbol_may_be_told(self):
        self.assertEqual(decide(entry(symbol=None), None, "--symbol", "XAUUSD")["action"], "execute")

    def test_only_plugins_there_are(self):
        self.assertEqual(decide(entry(), None, "--plugin", "combined_v3")["action"], "execute")
        e = refused(entry(), None, "--plugin", "no_such")
        self.assertEqual((e["field"], e["value"]), ("plugin", "no_such"))

    def test_every_fault_of_the_state_at_once(self):
        e = refused(entry(), {
            "nw": 1, "now": "today", "balance": "x", "base_lot": "0.001", "daily_loss": -1, "paused": 1,
            "prices": {"NOPE": {}, "XAUUSD": {"bid": 2}, "EURUSD": {"bid": 2, "ask": 1}},
            "open": [{"side": "UP", "lots": 0, "colour": 1}, 7], "trends": {"XAUUSD": {"7x": "UP", "1h": "UP"}},
            "pulse": {"XAUUSD": {"1h": {"bull": -1, "state": 3}}}, "spread_pips": {"XAUUSD": "wide"},
            "seen": [{"alert": "hello"}, {"at": NOW, "alert": 5}],
            "plugins": {"combined_v3": {"min_scor": 1, "min_score": 12}, "v9": {}}})
        self.assertEqual(e["error"], "FIELD_INVALID")
        self.assertEqual({p["field"] for p in e["problems"]}, {
            "nw", "now", "balance", "base_lot", "daily_loss", "paused", "prices.NOPE", "prices.XAUUSD.ask",
            "prices.EURUSD", "open[0].symbol", "open[0].side", "open[0].lots", "open[0].colour", "open[1]",
            "trends.XAUUSD.7x", "trends.XAUUSD.1h", "pulse.XAUUSD.1h.bull", "pulse.XAUUSD.1h.state",
            "spread_pips.XAUUSD", "seen[0].at", "seen[0].body", "seen[1]", "plugins.combined_v3.min_scor",
            "plugins.combined_v3.min_score", "plugins.v9"})
        for p in e["problems"]:
            self.assertTrue(p["value"] and p["accepted"], p)
        self.assertEqual({k: e[k] for k in ("field", "value", "accepted")}, e["problems"][0])

    def test_a_state_that_is_no_object(self):
        for text in ("", "{", "[]", "null", "7", "{} x", '{"open": {}}', '{"seen": "x"}', '{"prices": []}'):
            self.assertEqual(refused(entry(), text)["error"], "FIELD_INVALID", text)
        many = {"open": [{"symbol": "XAUUSD", "side": "BUY"}] * 257}
        self.assertEqual(refused(entry(), many)["value"], "(too many)")


class Explain(unittest.TestCase):
    def words(self, alert, state=None):
        r = run(alert, state, "--explain")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertNotIn("<", r.stdout)
        return r.stdout

    def test_it_says_the_decision_in_words(self):
        text = self.words(entry())
        for part in ("Decision: execute by combined_v3, route LOGIC1", "Order A: BUY 0.02", "lot_total = 0.053125"):
            self.assertIn(part, text)
        text = self.words(entry(consensus_score=4))
        for part in ("SCORE_TOO_LOW: ", "It was 4, the limit is 5."):
            self.assertIn(part, text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
