#!/usr/bin/env python3
"""trident eval with the real binary: every golden case of tests/data/golden_cases.json that has a rule, both sides of every
threshold of every rule (boundary_cases.json), the list of rules, what is said about fields and rules that are not understood. In the table "~21.98" means: 21.98 after rounding to as many
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
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data")

# Rules without a yes or no: a figure each, so that both sides of a threshold are two figures.
FIGURES_ONLY = {"P-20"}  # the parser's view of a line


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


def cases_of(name):
    with open(os.path.join(DATA, name), encoding="utf-8") as f:
        return json.load(f)


CASES = {name: cases_of(name) for name in ("golden_cases.json", "boundary_cases.json")}


class Cases(unittest.TestCase):
    def check(self, name, least):
        by_rule = {}
        for case in CASES[name]:
            by_rule.setdefault(case["rule"], []).append(case)
        self.assertGreater(sum(map(len, by_rule.values())), least)
        for rule, cases in by_rule.items():
            r = run("".join(json.dumps({"input": c["input"]}) + "\n" for c in cases), rule, "--lines")
            answers = [json.loads(line) for line in r.stdout.splitlines()]
            self.assertEqual((r.returncode, len(answers)), (0, len(cases)), (rule, r.stdout, r.stderr))
            for case, got in zip(cases, answers):
                with self.subTest(id=case["id"], rule=rule, input=case["input"]):
                    for field, want in case["expected"].items():
                        value = got["result"].get(field)
                        self.assertTrue(matches(value, want), f"{field}: {value!r}, expected {want!r}")

    def test_every_golden_case(self):
        self.check("golden_cases.json", 150)

    def test_both_sides_of_every_threshold(self):
        self.check("boundary_cases.json", 400)

    def test_every_rule_has_cases_and_every_yes_a_no(self):
        seen = {}
        for case in CASES["golden_cases.json"] + CASES["boundary_cases.json"]:
            seen.setdefault(case["rule"], []).append(case["expected"])
        for rule in json.loads(run("", "--list", "--json").stdout)["rules"]:
            wanted = seen.get(rule["rule"], [])
            self.assertGreaterEqual(len(wanted), 1 if rule["rule"] in FIGURES_ONLY else 2, rule["rule"])
            for given in rule["gives"]:
                values = {e[given["name"]] for e in wanted if given["name"] in e}
                if any(v is True or v is False for v in values):
                    self.assertEqual(values, {True, False}, (rule["rule"], given["name"]))


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
        for name in CASES:
            for case in CASES[name]:
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

    def test_lines_are_answered_one_by_one(self):
        r = run('{"input": {"score": 9}}\n{"input": {"score": 10}}\n\n{"input": {"score": 0}}', "RK-1", "--lines")
        lines = [json.loads(line) for line in r.stdout.splitlines()]
        self.assertEqual(r.returncode, 2)
        self.assertEqual([x.get("field", x.get("result", {}).get("factor")) for x in lines], ["1", "score", "input", "0.2"])
        self.assertEqual(run("", "RK-1", "--lines").returncode, 0)

    def test_too_much_input_is_named(self):
        self.assertEqual(refused('{"input": {"score": ' + " " * 70000 + "5}}", "RK-1")["value"], "(too long)")

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
