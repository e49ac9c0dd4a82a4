# labels: smoke
"""From an alert over HTTP to orders, positions and messages: entries, exits, refusals, repeats."""
import json

from trident_harness import OWNER, WEBHOOK_SECRET, Case, main, until, v3_entry, v3_exit


class Trading(Case):
    def trades(self, w, n):
        until(lambda: w.daemon.engine()["open_positions"] == n and w.daemon.engine()["open_orders"] == 0,
              f"{n} open positions")

    def assert_refused(self, answer, reason):
        self.assertEqual((answer.status, answer.json["status"], answer.json["reason"]), (200, "refused", reason))

    def test_an_entry_opens_two_orders_and_an_exit_closes_them(self):
        w = self.world()
        s = w.sandbox
        a = w.daemon.alert(v3_entry())
        self.assertEqual((a.status, a.json["status"], a.json["reason"]), (200, "accepted", "ACCEPTED"), a.text)
        self.assertEqual(len(a.json["decision"]["orders"]), 2)
        self.trades(w, 2)
        for leg in ("LOGIC1 A", "LOGIC1 B"):
            s.wait("notification", 0, leg)
        text = s.ask("controller", "/positions", "Open: 2")["text"]
        self.assertEqual(text.count("XAUUSD BUY"), 2)
        self.assertIn("2690.00", text)
        why = s.ask("controller", f"/why {a.json['receipt']}")["text"]
        for part in ("Momentum_Breakout", "LOGIC1", "lot_total", "combined_v3"):
            self.assertIn(part, why)
        out = w.daemon.alert(v3_exit())
        self.assertEqual((out.status, out.json["status"], out.json["reason"]), (200, "closed", "V3_EXIT"))
        self.trades(w, 0)
        s.wait("notification", 0, "EXIT XAUUSD")
        # The ledger follows the journal within moments.
        until(lambda: "Trades 2" in s.ask("analytics", "/daily", "Day")["text"], "two closed trades in the report")
        self.assertIn("XAUUSD", s.ask("analytics", "/stats")["text"])
        photo = s.ask("analytics", "/performance", "Last 30 days")
        self.assertEqual(photo["media"], "photo")
        self.assertGreater(photo["file"]["size_bytes"], 1000)

    def test_a_sell_and_its_own_exit(self):
        w = self.world()
        self.assertEqual(w.daemon.alert(v3_entry(side="sell")).json["status"], "accepted")
        self.trades(w, 2)
        self.assert_refused(w.daemon.alert(v3_exit()), "NOTHING_TO_CLOSE")
        self.assertEqual(w.daemon.alert(v3_exit(signal="Bearish_Exit")).json["status"], "closed")
        self.trades(w, 0)

    def test_while_paused_entries_are_refused_with_a_message_and_exits_work(self):
        w = self.world()
        w.daemon.alert(v3_entry())
        self.trades(w, 2)
        w.sandbox.ask("controller", "/pause", "Paused")
        self.assert_refused(w.daemon.alert(v3_entry(tf="15")), "PAUSED")
        w.sandbox.wait("notification", 0, "Trading is paused")
        self.assertEqual(w.daemon.alert(v3_exit()).json["status"], "closed")
        self.trades(w, 0)

    def test_the_same_alert_within_the_window_is_not_traded_again(self):
        w = self.world()
        w.daemon.alert(v3_entry())
        self.assert_refused(w.daemon.alert(v3_entry()), "DUPLICATE_ALERT")
        w.sandbox.wait("notification", 0, "same alert was traded a moment ago")
        self.trades(w, 2)

    def test_an_idempotency_key_counts_once_even_over_a_kill(self):
        w = self.world()
        key = {"Idempotency-Key": "alert-4711"}
        a = w.daemon.alert(v3_entry(), headers=key)
        b = w.daemon.alert(v3_entry(), headers=key)
        self.assertEqual((a.json["status"], b.json["status"]), ("accepted", "duplicate"))
        self.assertEqual(a.json["receipt"], b.json["receipt"])
        w.daemon.restart(kill=True)
        c = w.daemon.alert(v3_entry(), headers=key)
        self.assertEqual((c.status, c.json["status"], c.json["receipt"]), (200, "duplicate", a.json["receipt"]))
        self.trades(w, 2)

    def test_information_is_told_and_not_traded(self):
        w = self.world()
        pulse = {"type": "trend_pulse_v3", "signal_type": "Trend_Pulse", "symbol": "GBPUSD", "tf": "15", "price": 1.265,
                 "current_trends": "1,1,-1,1,1,1", "previous_trends": "1,1,1,1,1,1", "changed_timeframes": "15,",
                 "change_details": "15:-1;", "trend_labels": "1m,5m,15m,1H,4H,1D", "market_trend": 1,
                 "consensus_score": 6, "message": "Trend change detected on: 15,"}
        a = w.daemon.alert(pulse)
        self.assertEqual((a.status, a.json["status"], a.json["reason"]), (200, "notified", "NOTIFICATION_ONLY"))
        w.sandbox.wait("notification", 0, "GBPUSD Trend_Pulse")
        self.assertEqual(w.daemon.engine()["orders_sent"], 0)

    def test_other_formats_are_answered_with_why_nobody_trades_them(self):
        w = self.world()
        for body in ("BULLISH_ENTRY|XAUUSD|5|2650.00|BUY|HIGH|90|27.4|STRONG|2642.00|2658.00|2666.00|2674.00|5/1|TL_OK|",
                     "TREND_PULSE|EURUSD|15|2|4|15:BULL→BEAR,60:SIDE->BEAR|MIXED_BEARISH",
                     '{"type": "entry", "symbol": "XAUUSD", "signal": "buy", "tf": "5m", "price": 4209.580}',
                     '{"type":"reversal","symbol":"gold","signal":"reversal_bear","tf":"15m"}'):
            a = w.daemon.alert(body, headers={"Content-Type": "text/plain; charset=utf-8"})
            self.assert_refused(a, "PLUGIN_DISABLED")

    def test_unreadable_bodies_are_refused_by_field_and_value_and_told(self):
        w = self.world()
        body = v3_entry()
        body["direction"] = "upwards"
        a = w.daemon.alert(body)
        self.assertEqual((a.status, a.json["status"], a.json["field"], a.json["value"]),
                         (400, "refused", "direction", "upwards"), a.text)
        self.assertIn("buy", a.json["accepted"])
        self.assertGreater(a.json["receipt"], 0)
        w.sandbox.wait("notification", 0, "direction: upwards")
        for text in ("", "hello", "{", "[]", '{"type":"entry_v3"}', "\xff\xfe", '{"type":"entry_v3","type":"exit_v3"}'):
            a = w.daemon.alert(text.encode("latin-1"))
            self.assertEqual(a.status, 400, text)
            self.assertTrue(a.json["field"] and a.json["reason"], text)
        a = w.daemon.alert(json.dumps(v3_entry(symbol="{{ticker}}")))
        self.assertEqual((a.status, a.json["reason"]), (400, "SYMBOL_MISSING"), a.text)

    def test_the_symbol_of_the_address_fills_a_placeholder(self):
        w = self.world()
        body = json.dumps(v3_entry(symbol="{{ticker}}")).replace("2650.0,", "{{close}},", 1)
        self.assertIn("{{close}}", body)
        a = w.daemon.alert(body, symbol="XAUUSD")
        self.assertEqual((a.status, a.json["status"]), (200, "accepted"), a.text)
        self.trades(w, 2)

    def test_everything_is_still_there_after_a_kill(self):
        w = self.world()
        w.daemon.alert(v3_entry())
        self.trades(w, 2)
        before = w.sandbox.ask("controller", "/positions", "Open: 2")["text"].split("\n")[1]
        for kill in (True, False):
            w.daemon.restart(kill=kill)
            self.trades(w, 2)
            after = w.sandbox.ask("controller", "/positions", "Open: 2")["text"].split("\n")[1]
            self.assertEqual(after, before)
        self.assertEqual(w.daemon.alert(v3_exit()).json["status"], "closed")
        self.trades(w, 0)
        self.assertEqual(w.daemon.engine()["orders_unknown"], 0)

    def test_notifications_reach_everybody_who_wants_them_once(self):
        w = self.world()
        w.sandbox.ask("notification", "/mute v3_entry", "v3_entry: off", user=1003)
        w.daemon.alert(v3_entry())
        for user in (OWNER, 1002):
            w.sandbox.wait("notification", 0, "LOGIC1 B", user=user)
        w.daemon.alert(v3_exit())
        w.sandbox.wait("notification", 0, "EXIT XAUUSD", user=1003)
        self.assertEqual(w.sandbox.said("notification", user=1003, contains="BUY"), [])
        for user in (OWNER, 1002):
            self.assertEqual(len(w.sandbox.said("notification", user=user, contains="BUY XAUUSD")), 2)

    def test_the_old_name_of_the_webhook_works_with_the_secret_in_the_body(self):
        w = self.world()
        a = w.daemon.http("POST", "/webhook/v3", dict(v3_entry(), secret=WEBHOOK_SECRET))
        self.assertEqual((a.status, a.json["status"]), (200, "accepted"))


if __name__ == "__main__":
    main()
