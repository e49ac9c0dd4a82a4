#!/usr/bin/env python3
"""trident eval with the real binary: every golden case of tests/data/golden_cases.json that has a rule, the list of rules,
what is said about fields and rules that are not understood. In the table "~21.98" means: 21.98 after rounding to as many
decimals.

    test_eval.py path/to/trident
"""
import json
import os
import subprocess
import sys
import unittest
from decimal import ROUND_HALF_UP, Decimal

TRIDENT = os.path.abspath(sys.argv[1])
CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data", "golden_cases.json")


def run(text, *args):
    return subprocess.run([TRIDENT, "eval", *args], input=text, capture_output=True, text=True, timeout=30)


def result(rule, fields):
    r = run(json.dumps({"input": fields}), rule)
    assert r.returncode == 0, (rule, fields, r.returncode, r.stdout, r.stderr)
    answer = json.loads(r.stdout)
    assert answer["rule"] == rule, answer
    return answer["result"]


def refused(text, *args):
    r = run(text if isinstance(text, str) else json.dumps(text), *args)
    assert r.returncode == 2, (args, r.returncode, r.stdout, r.stderr)
    assert r.stderr.startswith("trident: "), r.stderr
    return json.loads(r.stdout)


def matches(got, want):
    if isinstance(want, str) and want.startswith("~"):
        unit = Decimal(want[1:])
        return isinstance(got, str) and Decimal(got).quantize(unit, ROUND_HALF_UP) == unit
    return got == want and type(got) is type(want)


class GoldenCases(unittest.TestCase):
    def test_every_case_of_the_table(self):
        with open(CASES, encoding="utf-8") as f:
            cases = json.load(f)
        self.assertGreater(len(cases), 150)
        for case in cases:
            with self.subTest(id=case["id"], rule=case["rule"], input=case["input"]):
                got = result(case["rule"], case["input"])
                for name, want in case["expected"].items():
                    self.assertTrue(matches(got.get(name), want), f"{name}: {got.get(name)!r}, expected {want!r}")


class List(unittest.TestCase):
    def rules(self):
        r = run("", "--list", "--json")
        self.assertEqual(r.returncode, 0, r.stderr)
        return json.loads(r.stdout)["rules"]

    def test_every_rule_tells_what_it_takes_and_gives(self):
        rules = self.rules()
        self.assertEqual(len({r["rule"] for r in rules}), len(rules))
        for r in rules:
            self.assertTrue(r["summary"] and r["gives"], r)
            for field in r["takes"]:
                self.assertTrue(field["unit"] and field["accepted"], (r["rule"], field))

    def test_the_rules_of_the_specification_are_there(self):
        tags = {r["rule"] for r in self.rules()}
        wanted = [f"RK-{n}" for n in range(1, 18)] + [f"PC-{n}" for n in range(1, 9)]
        wanted += [f"RE-{n}" for n in (1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)]
        wanted += [f"P-{n}" for n in (4, 5, 6, 7, 8, 20, 21, 22, 23, 24, 25, 26, 28, 29)]
        wanted += [f"RT-{n}" for n in (1, 2, 4, 5, 6, 8, 10, 11, 12, 13, 14, 15)] + ["SY-1", "SH-3", "SH-4", "SH-5"]
        self.assertEqual([w for w in wanted if w not in tags], [])

    def test_results_are_those_the_list_promises(self):
        gives = {r["rule"]: {g["name"] for g in r["gives"]} for r in self.rules()}
        with open(CASES, encoding="utf-8") as f:
            for case in json.load(f):
                self.assertLessEqual(set(case["expected"]), gives[case["rule"]], case)

    def test_one_rule_alone_and_into_a_pipe_as_json(self):
        r = run("", "--list", "RK-12")
        self.assertEqual([x["rule"] for x in json.loads(r.stdout)["rules"]], ["RK-12"])


class Problems(unittest.TestCase):
    def test_a_missing_field_is_named(self):
        e = refused({"input": {"symbol": "EURUSD"}}, "RK-12")
        self.assertEqual((e["error"], e["field"], e["value"]), ("FIELD_INVALID", "sl_pips", "(missing)"))
        self.assertIn("a decimal number", e["accepted"])

    def test_all_problems_are_told_at_once(self):
        e = refused({"input": {"symbol": "EURABC", "lots": "much", "sl_pips": "1e99", "colour": "red"}}, "RK-12")
        self.assertEqual({p["field"] for p in e["problems"]}, {"symbol", "lots", "sl_pips", "colour"})

    def test_numbers_are_read_from_their_text(self):
        self.assertEqual(result("RK-10", {"pnl": ["-0.1", "-0.2"]})["daily_loss"], "0.3")
        self.assertEqual(result("RK-10", {"pnl": [-0.1, -0.2]})["daily_loss"], "0.3")

    def test_ranges_include_their_ends(self):
        self.assertEqual(result("RK-1", {"score": 0})["factor"], "0.2")
        self.assertEqual(result("RK-1", {"score": 9})["factor"], "1")
        for score in (-1, 10, "7.5", True, None, [7]):
            self.assertEqual(refused({"input": {"score": score}}, "RK-1")["field"], "score")

    def test_fields_that_contradict_each_other(self):
        trade = {"symbol": "XAUUSD", "side": "BUY", "entry": 1990, "sl": 2000}
        self.assertEqual(refused({"input": trade}, "RE-2")["field"], "sl")
        self.assertEqual(refused({"input": {"mtf_trends": "1,1,1,1"}}, "P-4")["field"], "mtf_trends")
        self.assertEqual(refused({"input": {"matches": 3, "processed": 2}}, "SH-5")["field"], "matches")
        fields = {"symbol": "EURUSD", "side": "BUY", "entry": "1.1", "reduction_percent": 4}
        self.assertEqual(refused({"input": fields}, "RK-5")["field"], "reduction_percent")

    def test_what_is_no_input_object(self):
        for text in ("", "{", "[]", "{}", '{"input": 3}', '{"input": {}} x', "\0"):
            self.assertEqual(refused(text, "RK-1")["field"], "input", text)

    def test_an_unknown_rule_is_answered_with_near_ones(self):
        e = refused("", "RK-99")
        self.assertEqual((e["error"], e["field"], e["value"]), ("RULE_UNKNOWN", "rule", "RK-99"))
        self.assertIn("RK-12", e["accepted"])
        self.assertIn("PC-3", refused("", "pc9")["accepted"])
        self.assertIn("--list", refused("", "nonsense")["accepted"])

    def test_tables_know_symbols_that_are_not_traded(self):
        self.assertEqual(result("RE-7", {"symbol": "BTCUSD", "base_pips": 100, "next_level": 2})["percent"], 40)
        self.assertEqual(result("RE-7", {"symbol": "NOKSEK", "base_pips": 100, "next_level": 2})["percent"], 30)
        self.assertEqual(result("RE-2-WINDOW", {"symbol": "EURCHF", "table": "monitor"})["window"], 40)
        for name in ("", "{{ticker}}", "EUR USD!", "X" * 16):
            e = refused({"input": {"symbol": name, "base_pips": 100, "next_level": 2}}, "RE-7")
            self.assertEqual((e["field"], e["accepted"]), ("symbol", "a symbol's name, e.g. XAUUSD or BTCUSD"))

    def test_tags_in_any_case(self):
        self.assertEqual(json.loads(run('{"input": {"score": 5}}', "rk-1").stdout)["rule"], "RK-1")

    def test_the_smallest_and_largest_numbers_are_computed(self):
        for rule, fields in (("RK-7", {"symbol": "USDJPY", "lots": "0.001", "money": "1000000000"}),
                             ("RK-12", {"symbol": "EURUSD", "sl_pips": "1000000", "lots": "1000"}),
                             ("RK-17", {"symbol": "GBPJPY", "side": "SELL", "entry": "0.00001", "exit": "10000000",
                                        "lots": "1000"}),
                             ("LOT-RISK", {"balance": 0, "risk": "0", "sl_pips": "0.01", "symbol": "XAUUSD"}),
                             ("B5-SIZE", {"equity": "1000000000", "stop": "0.0001", "volatility": "10"})):
            self.assertTrue(result(rule, fields))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]] + sys.argv[2:])
