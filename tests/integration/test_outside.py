"""Strategies that are programs of their own, live: both examples of docs/plugins trade through webhook, engine and broker;
one that crashes, hangs, floods, talks nonsense or decides nonsense costs its own alerts and nothing else: the built-in
strategies and other programs go on meanwhile, five failures switch it off with a notice, /enable forgives it, and replaying
the journal needs no program. It dies with the daemon, also with kill -9."""
import os
import subprocess
import threading
import time
import unittest

from trident_harness import TRIDENT, Case, main, until, v3_entry, v3_exit

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("TRIDENT_PLUGINS", os.path.join(os.path.dirname(TRIDENT), "tests"))
ROGUE, FOLLOW = os.path.join(BUILD, "rogue_plugin"), os.path.join(BUILD, "follow_plugin")
BREAKOUT = os.path.join(ROOT, "docs", "plugins", "breakout.py")
V6 = "BULLISH_ENTRY|EURUSD|5|{{close}}|BUY|HIGH|90|31.0|STRONG|1.075|1.095|1.105|1.115|5/1|TL_OK|"


def program(path, *args, **more):
    return {"enabled": True, "shadow_mode": False, "path": path, "args": list(args), **more}


def trader(**places):
    return {"plugins": places}


def alert(n, score=8, **more):
    """Different each time: the same alert again would be a duplicate."""
    return v3_entry(score=score, price=2650.0 + n / 100, **more)


def processes_of(path):
    found = []
    for pid in os.listdir("/proc"):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                words = f.read().split(b"\0")
        except OSError:
            continue
        if path.encode() in words:
            found.append(int(pid))
    return found


@unittest.skipUnless(os.path.exists(ROGUE), "the programs of tests/CMakeLists.txt are not built")
class Outside(Case):
    def reason(self, w, n, **more):
        return w.daemon.alert(alert(n, **more)).json["reason"]

    def runs(self, w, times=1):
        until(lambda: w.daemon.log().count("outside_1: runs ") >= times, f"the program runs for time {times}")

    def test_both_examples_trade_and_the_journal_replays_without_them(self):
        w = self.world(trader=trader(outside_1=program(BREAKOUT, "2000", symbols=["XAUUSD"]),
                                     outside_2=program(FOLLOW, symbols=["EURUSD"])))
        w.sandbox.wait("controller", 0, "outside_1 is loaded")
        a = w.daemon.alert(alert(1))
        self.assertEqual((a.status, a.json["status"]), (200, "accepted"), a.text)
        d = a.json["decision"]
        self.assertEqual((d["plugin"], d["route"], d["orders"][0]["lots"]), ("outside_1", "BREAKOUT", "0.05"))
        self.assertEqual(d["numbers"]["stop_pips"], "2000")
        until(lambda: w.daemon.engine()["open_positions"] == 1, "the position is open")
        self.assertEqual(self.reason(w, 2), "PLUGIN_SKIPPED")
        self.assertIn("ONE_IS_OPEN", w.daemon.show(w.daemon.rows()[-1][0]))
        a = w.daemon.alert(v3_exit())
        self.assertEqual((a.json["status"], a.json["reason"]), ("closed", "EXIT_SIGNAL"), a.text)
        until(lambda: w.daemon.engine()["open_positions"] == 0, "the position is closed")
        a = w.daemon.alert(v3_entry("EURUSD", price=1.085, distance=0.01))
        self.assertEqual(a.json["decision"]["plugin"], "outside_2", a.text)
        self.assertEqual(a.json["decision"]["orders"][0]["lots"], "0.01")
        a = w.daemon.alert(v3_entry("GBPUSD", price=1.27, distance=0.01))
        self.assertEqual(a.json["decision"]["plugin"], "combined_v3", "symbols of nobody's own")
        self.assertEqual(sorted(w.daemon.health()["plugins_active"]), ["combined_v3", "outside_1", "outside_2"])
        a = w.sandbox.ask("controller", "/config set plugins.outside_1.path /bin/sh")["text"]
        self.assertNotIn("✅", a, "which program runs is not for a chat to say")
        w.daemon.stop()
        self.assertEqual(processes_of(BREAKOUT) + processes_of(FOLLOW), [])
        w.daemon.conf["traders"][0]["plugins"]["outside_1"]["path"] = "/nonexistent"
        w.daemon.write()
        r = w.daemon.tool("audit", "replay")
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        w.daemon.conf["traders"][0]["plugins"]["outside_1"]["path"] = BREAKOUT
        w.daemon.start()

    def test_a_hang_delays_nobody_else(self):
        w = self.world(trader=trader(outside_1=program(ROGUE, "hang", symbols=["XAUUSD"], deadline_ms=3000),
                                     outside_2=program(FOLLOW, symbols=["EURUSD"]),
                                     price_action_v6={"enabled": True, "shadow_mode": False}))
        self.runs(w)
        slow = {}

        def ask():
            began = time.monotonic()
            slow["answer"] = w.daemon.alert(alert(1))
            slow["took"] = time.monotonic() - began
        t = threading.Thread(target=ask)
        t.start()
        until(lambda: w.daemon.status(), "the daemon answers")
        for n in range(5):
            a = w.daemon.alert(v3_entry("EURUSD", price=1.085 + n / 10000, distance=0.01))
            self.assertEqual(a.json["decision"]["plugin"], "outside_2", a.text)
            self.assertEqual(w.daemon.alert(v3_entry("GBPUSD", price=1.27 + n / 1000, distance=0.01)).status, 200)
        self.assertEqual(w.daemon.alert(V6).json["decision"]["plugin"], "price_action_v6")
        self.assertTrue(t.is_alive(), "all of that while one waits")
        t.join()
        self.assertEqual(slow["answer"].json["reason"], "PLUGIN_TIMEOUT", slow["answer"].text)
        self.assertGreaterEqual(slow["took"], 2.5)
        w.sandbox.wait("notification", 0, "did not answer in time")
        t = threading.Thread(target=ask)
        t.start()
        until(lambda: w.daemon.log().count('text="asked"') == 2, "one waits again")
        w.daemon.stop()
        t.join()
        self.assertEqual(slow["answer"].status, 503, "a stop does not leave it without a word")
        self.assertLess(slow["took"], 2.9, "nor waits for the program")
        w.daemon.start()

    def test_five_crashes_switch_it_off_with_a_notice_and_enable_forgives(self):
        w = self.world(trader=trader(outside_1=program(ROGUE, "fragile")))
        self.assertEqual(self.reason(w, 0), "PLUGIN_SKIPPED")
        for n in range(1, 6):
            self.assertEqual(self.reason(w, n, score=9), "PLUGIN_DIED")
        w.sandbox.wait("controller", 0, "outside_1 is off")
        self.assertEqual(self.reason(w, 7), "PLUGIN_DISABLED", "no other strategy takes its place")
        until(lambda: not processes_of(ROGUE), "its program is ended")
        w.sandbox.ask("controller", "/plugins", "outside_1")
        w.sandbox.ask("controller", "/enable outside_1", "outside_1")
        until(lambda: self.reason(w, 100 + time.monotonic_ns() % 100000) == "PLUGIN_SKIPPED", "it answers again")
        w.sandbox.ask("controller", "/disable outside_1", "outside_1")
        until(lambda: not processes_of(ROGUE), "its program is ended again")
        a = w.daemon.alert(alert(9))
        self.assertEqual(a.json["decision"]["plugin"], "combined_v3", "a person gave the alerts back")
        m = w.sandbox.ask("controller", "/enable outside_3", "outside_3")
        self.assertIn("No program is configured", m["text"])

    def test_each_kind_of_nonsense_has_its_reason(self):
        w = self.world(trader=trader(outside_1=program(ROGUE, "off_step", symbols=["XAUUSD"]),
                                     outside_2=program(ROGUE, "unknown_symbol", symbols=["EURUSD"]),
                                     outside_3=program(ROGUE, "garbage", symbols=["GBPUSD"])))
        a = w.daemon.alert(alert(1)).json
        self.assertEqual((a["reason"], a["decision"]["field"]), ("PLUGIN_ANSWER", "orders[0].lots"), a)
        a = w.daemon.alert(v3_entry("EURUSD", price=1.085, distance=0.01)).json
        self.assertEqual((a["reason"], a["decision"]["field"]), ("PLUGIN_ANSWER", "orders[0].symbol"), a)
        self.assertEqual(w.daemon.alert(v3_entry("GBPUSD", price=1.27, distance=0.01)).json["reason"],
                         "PLUGIN_PROTOCOL")
        self.assertEqual(w.daemon.engine()["orders_sent"], 0)
        w.sandbox.wait("notification", 0, "cannot be carried out")

    def test_floods_and_bad_beginnings_end_at_their_own_door(self):
        w = self.world(trader=trader(outside_1=program(ROGUE, "flood", symbols=["XAUUSD"]),
                                     outside_2=program(ROGUE, "long_line", symbols=["EURUSD"]),
                                     outside_3=program(ROGUE, "version", symbols=["GBPUSD"], deadline_ms=500)))
        w.sandbox.wait("notification", 0, "speaks another version")
        self.assertEqual(w.daemon.alert(v3_entry("EURUSD", price=1.085, distance=0.01)).json["reason"],
                         "PLUGIN_PROTOCOL")
        self.assertEqual(self.reason(w, 1), "PLUGIN_PROTOCOL")
        self.assertEqual(w.daemon.alert(v3_entry("GBPUSD", price=1.27, distance=0.01)).json["reason"],
                         "PLUGIN_VERSION")
        self.assertEqual(w.daemon.alert(v3_entry("USDJPY", price=150.0, distance=1)).json["decision"]["plugin"],
                         "combined_v3")

    def test_it_dies_with_the_daemon_and_reads_no_secret(self):
        w = self.world(start=False)
        secret = w.daemon.path
        w.daemon.conf["traders"][0]["plugins"] = {"outside_1": program(ROGUE, "trespass", "../.." + secret)}
        w.daemon.start()
        w.daemon.alert(alert(1))
        said = w.daemon.show(w.daemon.find_rows("PLUGIN_SKIPPED")[0])
        self.assertIn("NOTHING_WORKED", said)
        self.assertEqual(len(processes_of(ROGUE)), 1)
        w.daemon.kill9()
        until(lambda: not processes_of(ROGUE), "the kernel has killed it")
        w.daemon.start()

    def test_plugin_check_tells_an_author_what_is_wrong(self):
        for args, code, text in (((BREAKOUT,), 0, "ok "), ((FOLLOW,), 0, "decision {"),
                                 ((ROGUE, "off_step"), 1, "0.013, against 0.01"),
                                 ((ROGUE, "version"), 1, "PLUGIN_VERSION"), ((ROGUE, "crash"), 1, "signal 11"),
                                 ((ROGUE, "hang", "--deadline-ms", "200"), 1, "PLUGIN_TIMEOUT"),
                                 (("/nonexistent",), 1, "No such file"), ((), 2, "which program")):
            r = subprocess.run([TRIDENT, "plugin-check", *args], capture_output=True, text=True, timeout=30)
            self.assertEqual(r.returncode, code, r.stdout + r.stderr)
            self.assertIn(text, r.stdout + r.stderr)


if __name__ == "__main__":
    main()
