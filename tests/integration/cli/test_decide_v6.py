#!/usr/bin/env python3
"""trident decide with V6 alerts and the real binary: the golden cases G08, G09, G13, G17, G28, G30, G32-G36, boundaries on both
sides, what pulse, spread_pips, open and plugins in the state file change, profiles, exits, and every alert of the indicator.

    test_decide_v6.py path/to/trident
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

TRIDENT = os.path.abspath(sys.argv[1])


def entry(tf="5", side="BUY", score=70, adx="25.0", price="1.10000", sl="1.09800", tps=("1.10200", "1.10400", "1.10600"),
          align="5/1", tail="TL_OK|"):
    kind = "BULLISH" if side == "BUY" else "BEARISH"
    strength = "NA" if adx == "NA" else "STRONG"
    return "|".join([f"{kind}_ENTRY", "EURUSD", tf, price, side, "HIGH", str(score), adx, strength, sl, *tps, align, tail])


def sell(**changes):
    return entry(**{"side": "SELL", "sl": "1.10200", "tps": ("1.09800", "1.09600", "1.09400"), "align": "1/5", **changes})


def run(alert, state=None, *options):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "state.json")
        if state is not None:
            with open(path, "w", encoding="utf-8") as f:
                json.dump(state, f)
            options = ("--state", path, *options)
        return subprocess.run([TRIDENT, "decide", *options], input=alert, capture_output=True, text=True, timeout=30, cwd=d)


def decide(alert, state=None, *options):
    r = run(alert, state, *options)
    assert r.returncode == 0, (r.returncode, r.stdout, r.stderr)
    return json.loads(r.stdout)


def conf(**v6):
    return {"plugins": {"price_action_v6": v6}}


def pulse(tf, bull, bear, state="X"):
    return {"pulse": {"EURUSD": {tf: {"bull": bull, "bear": bear, "state": state}}}}


class Golden(unittest.TestCase):
    def refusal(self, d, reason, number, limit):
        self.assertEqual((d["action"], d["reasons"], d["number"], d["limit"]), ("skip", [reason], number, limit))

    def test_G08_a_whole_entry(self):
        d = decide("BEARISH_ENTRY|EURUSD|15|1.10000|SELL|HIGH|85|26.3|STRONG|1.10240|1.09760|1.09520|1.09280|1/5|TL_OK|")
        self.assertEqual((d["action"], d["plugin"], d["route"]), ("execute", "price_action_v6", "15m"))
        [a] = d["orders"]
        self.assertEqual((a["role"], a["side"], a["sl"], a["tp"]), ("A", "SELL", "1.1024", "1.0952"))
        self.assertEqual(d["numbers"]["sl_pips"], "24")

    def test_G09_no_adx_on_any_timeframe(self):
        for tf in ("1", "5", "15", "60"):
            self.assertEqual(decide(entry(tf, adx="NA", score=100))["reasons"], ["ADX_MISSING"])

    def test_G13_score_75(self):
        self.refusal(decide(entry("1", adx="30", score=75)), "CONFIDENCE_TOO_LOW", "75", "80")
        for tf in ("5", "15", "60"):
            self.assertEqual(decide(entry(tf, score=75))["action"], "execute")

    def test_G28_1m(self):
        d = decide(entry("1", adx="30.0", score=80), {"spread_pips": {"EURUSD": "2.0"}})
        self.assertEqual([(o["role"], o["tp"], o["entry"]) for o in d["orders"]], [("B", "1.102", "1.1")])
        self.refusal(decide(entry("1", adx="30.0", score=80), {"spread_pips": {"EURUSD": 2.1}}), "SPREAD_TOO_WIDE", "2.1", "2")
        self.refusal(decide(entry("1", adx="29.9", score=80)), "ADX_TOO_LOW", "29.9", "30")
        self.refusal(decide(entry("1", adx="30.0", score=79)), "CONFIDENCE_TOO_LOW", "79", "80")
        wide = {"prices": {"EURUSD": {"bid": "1.09900", "ask": "1.10000"}}}
        self.refusal(decide(entry("1", adx="30", score=80), wide), "SPREAD_TOO_WIDE", "10", "2")
        d = decide(entry("1", adx="30", score=80), {**wide, "spread_pips": {"EURUSD": "1"}})
        self.assertEqual((d["action"], d["orders"][0]["entry"]), ("execute", "1.1"))

    def test_G30_5m(self):
        d = decide(entry(), pulse("15m", 4, 2))
        self.assertEqual([(o["role"], o["tp"], o["sl"]) for o in d["orders"]],
                         [("A", "1.104", "1.098"), ("B", "1.102", "1.098")])
        self.refusal(decide(entry(), pulse("15m", 3, 3)), "PULSE_NOT_ALIGNED", "3", "3")
        self.refusal(decide(entry(), pulse("15", 2, 4)), "PULSE_NOT_ALIGNED", "2", "4")
        self.assertEqual(decide(sell(), pulse("15m", 2, 4))["action"], "execute")
        self.assertEqual(decide(entry(), pulse("1h", 0, 6))["action"], "execute")

    def test_G32_15m(self):
        self.assertEqual(decide(entry("15", adx="20", score=65))["action"], "execute")
        self.refusal(decide(entry("15", adx="20", score=65), conf(profile="json")), "ADX_TOO_LOW", "20", "22")
        for state in ("SIDEWAYS", "CHOPPY"):
            self.assertEqual(decide(entry("15", adx="20", score=65), pulse("15m", 3, 3, state))["reasons"], ["MARKET_STATE"])

    def test_G33_1h_without_tp3(self):
        d = decide(sell(tf="60", adx="15", score=60, tps=("1.09800", "1.09600", "NA")), pulse("4h", 1, 5))
        self.assertEqual([(o["role"], o["tp"]) for o in d["orders"]], [("A", "1.096")])

    def lots(self, alert, v6=None):
        d = decide(alert, {"balance": "10000", **(conf(**v6) if v6 else {})})
        return d["numbers"]["lot_raw"], d["orders"][0]["lots"]

    def test_G34_G35_G36_lots(self):
        self.assertEqual(self.lots(entry("1", adx="30", score=80)), ("0.5", "0.1"))
        fifteen = entry("15", sl="1.09500", tps=("1.105", "1.11", "1.115"))
        self.assertEqual(self.lots(fifteen), ("0.3", "0.2"))
        self.assertEqual(self.lots(fifteen, {"profile": "json"}), ("0.3", "0.25"))
        hour = entry("60", sl="1.09000", tps=("1.11", "1.12", "1.13"))
        self.assertEqual(self.lots(hour), ("0.2", "0.15"))
        self.assertEqual(self.lots(hour, {"profile": "json"}), ("0.2", "0.3"))
        self.assertEqual(self.lots(hour, {"profile": "plan"}), ("0.2", "0.12"))

    def test_a_repeat_within_a_minute(self):
        seen = {"now": "2026-01-05T10:00:59Z", "seen": [{"alert": entry(), "at": "2026-01-05T10:00:00Z"}]}
        self.refusal(decide(entry(), seen), "DUPLICATE_ALERT", "59", "60")
        self.assertEqual(decide(entry(), {**seen, "now": "2026-01-05T10:01:00Z"})["action"], "execute")
        self.assertEqual(decide(entry(price="1.10001"), seen)["action"], "execute")

    def test_limits_of_a_timeframe(self):
        full = {"open": [{"symbol": "EURUSD", "side": "BUY", "route": "5m"}] * 4}
        self.refusal(decide(entry(), full), "MAX_OPEN_TRADES", "4", "4")
        self.assertEqual(decide(entry("15"), full)["action"], "execute")
        full["open"].pop()
        self.assertEqual(decide(entry(), full)["action"], "execute")


class Fields(unittest.TestCase):
    def test_switches_of_the_indicator_that_are_off(self):
        short = "BULLISH_ENTRY|EURUSD|5|1.10000|BUY|HIGH|70|25.0|STRONG|1.09800|1.10200|1.10400|1.10600|"
        self.assertEqual(decide(short)["action"], "execute")
        self.assertEqual(decide(short + "5/1|")["action"], "execute")
        self.assertEqual(decide(short + "TL_BROKEN|")["action"], "execute")
        d = decide("BULLISH_ENTRY|EURUSD|5|1.10000|BUY|HIGH|70|25.0|STRONG|5/1|TL_OK|")
        self.assertEqual((d["reasons"], d["field"]), (["FIELD_MISSING"], "sl"))

    def test_unreadable_alerts_name_the_field(self):
        for alert, field in ((entry(adx="high"), "adx"), (entry(score=101), "confidence_score"),
                             (entry(side="BUY").replace("|BUY|", "|SELL|"), "direction"), ("NO_SUCH|EURUSD|5|1", "type")):
            r = run(alert)
            self.assertEqual((r.returncode, json.loads(r.stdout)["field"]), (2, field))

    def test_enforce_filters_and_single_numbers(self):
        off = conf(enforce_filters=False)
        self.assertEqual(decide(entry("15", adx="NA", score=1), {**off, **pulse("1h", 0, 6)})["action"], "execute")
        own = conf(**{"5m_strategy": {"adx_min": "27.5", "order_type": "order_a_only"}})
        self.assertEqual(decide(entry(), own)["limit"], "27.5")
        self.assertEqual(len(decide(entry(adx="27.5"), own)["orders"]), 1)
        self.assertEqual(decide(entry(), conf(**{"5m_strategy": {"enabled": False}}))["reasons"], ["TIMEFRAME_DISABLED"])
        r = run(entry(), conf(**{"5m_strategy": {"order_type": "both"}}))
        self.assertEqual(r.returncode, 2)
        self.assertIn("5m_strategy.order_type", r.stdout)

    def test_who_is_asked(self):
        self.assertEqual(decide(entry(), conf(enabled=False))["reasons"], ["PLUGIN_DISABLED"])
        self.assertEqual(decide(entry(), conf(shadow_mode=True))["reasons"], ["SHADOW_ONLY"])
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "trident.json")
            with open(path, "w", encoding="utf-8") as f:
                json.dump({"traders": [{"id": "main"}], "http": {"allow_open": True}, "users": [{"user_id": 7}],
                           "telegram": {"controller": {"token": "123456:" + "A" * 35}}}, f)
            os.chmod(path, 0o600)
            self.assertEqual(decide(entry(), None, "--config", path)["reasons"], ["PLUGIN_DISABLED"])
            named = decide(entry(), None, "--config", path, "--plugin", "price_action_v6")
            self.assertEqual(named["action"], "execute")


class Others(unittest.TestCase):
    OPEN = {"open": [{"symbol": "EURUSD", "side": "BUY"}, {"symbol": "EURUSD", "side": "SELL"}]}

    def test_exits(self):
        leave = "EXIT_BULLISH|EURUSD|5|1.10300|15"
        d = decide(leave, self.OPEN)
        self.assertEqual((d["action"], d["closes"], d["close_reason"]), ("close", ["1"], "V6_EXIT"))
        self.assertEqual(decide(leave, {**self.OPEN, **conf(exit_semantics="legacy")})["closes"], ["2"])
        self.assertEqual(decide("EXIT_BEARISH|EURUSD|5|1.1|15", self.OPEN)["closes"], ["2"])
        self.assertEqual(decide(leave)["reasons"], ["NOTHING_TO_CLOSE"])
        d = decide(leave, {**self.OPEN, **conf(profile="plan")})
        self.assertEqual(d["close_percent"], 80)
        turn = "STATE_CHANGE|EURUSD|5|TRENDING_BEARISH|NEUTRAL|1/5"
        self.assertEqual(decide(turn, self.OPEN)["action"], "notify")
        self.assertEqual(decide(turn, {**self.OPEN, **conf(state_exit="on")})["closes"], ["1"])

    def test_every_other_alert_informs(self):
        for alert in ("BREAKOUT|EURUSD|15|1.10450|3|1200|1260", "BREAKDOWN|EURUSD|15|1.10450|3|1200|1260",
                      "TREND_PULSE|EURUSD|15|2|4|15:BULL→BEAR,60:SIDE->BEAR|MIXED_BEARISH",
                      "SIDEWAYS_BREAKOUT|USDJPY|60|BULLISH|23.0|MODERATE|SIDEWAYS|INCREASING",
                      "SCREENER_FULL_BULLISH|EURUSD|15|9|MACD,STOCH,VORTEX,MOMENTUM,RSI,PSAR,DMI,MFI,FISHER",
                      "SCREENER_FULL_BEARISH|EURUSD|15|9|MACD,STOCH,VORTEX,MOMENTUM,RSI,PSAR,DMI,MFI,FISHER",
                      "TRENDLINE_BULLISH_BREAK|XAUUSD|15|2655.2|0.014|42",
                      "TRENDLINE_BEARISH_BREAK|XAUUSD|15|2655.2|0.014|42",
                      "MOMENTUM_CHANGE|GBPUSD|5|26.1|STRONG|22.0|MODERATE|INCREASING",
                      "STATE_CHANGE|EURUSD|15|TRENDING_BEARISH|NEUTRAL|1/5",
                      "Bullish reversal on EURUSD 15", "Bearish reversal on XAUUSD 5"):
            d = decide(alert)
            self.assertEqual((d["action"], d["plugin"], d["reasons"]), ("notify", "price_action_v6", ["NOTIFICATION_ONLY"]), alert)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
