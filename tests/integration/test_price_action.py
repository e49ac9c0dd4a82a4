"""price_action_v6 live: alerts as the indicator sends them, orders by timeframe, the trend store over a kill, exits, its
own database beside that of combined_v3, reports over both, the switch that is off by default and shadow mode."""
import contextlib
import os
import sqlite3

from trident_harness import Case, main, until, v3_entry

V6 = {"plugins": {"price_action_v6": {"enabled": True, "shadow_mode": False}}}
PULSE = "TREND_PULSE|XAUUSD|15|{}|{}|15:BULL→BEAR|{}"


def entry(tf="5", symbol="XAUUSD"):
    """A buy at the market, its stops around the simulated price."""
    middle, step = (2650, 20) if symbol == "XAUUSD" else (1.085, 0.01)
    prices = "|".join(f"{middle + n * step:.5f}" for n in (-1, 1, 2, 3))
    return f"BULLISH_ENTRY|{symbol}|{tf}|{{{{close}}}}|BUY|HIGH|90|31.0|STRONG|{prices}|5/1|TL_OK|"


class PriceAction(Case):
    def trades(self, w, n):
        until(lambda: w.daemon.engine()["open_positions"] == n and w.daemon.engine()["open_orders"] == 0,
              f"{n} open positions")

    def rows(self, w, name, sql):
        """Whole numbers and texts of one query over a plugin's database."""
        path = os.path.join(os.path.dirname(w.daemon.journal_path), name)
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            return db.execute(sql).fetchall()

    def v6_rows(self, w, sql):
        return self.rows(w, "zepix_price_action_v6.db", sql)

    def test_four_timeframes_each_in_its_table(self):
        w = self.world(trader=V6)
        for tf, orders in (("1", ["B"]), ("5", ["A", "B"]), ("15", ["A"]), ("60", ["A"])):
            a = w.daemon.alert(entry(tf, "EURUSD"))
            self.assertEqual((a.status, a.json["status"]), (200, "accepted"), a.text)
            self.assertEqual([o["role"] for o in a.json["decision"]["orders"]], orders)
            self.assertEqual(a.json["decision"]["plugin"], "price_action_v6")
        self.trades(w, 5)
        for tf in ("1m", "5m", "15m", "1h"):
            until(lambda: self.v6_rows(w, f"SELECT status, confidence_score, adx_strength FROM price_action_{tf}_trades")
                  == [("OPEN", 90, "STRONG")], f"the {tf} trade in its table")
        self.assertEqual(self.rows(w, "zepix_combined_v3.db", "SELECT count(*) FROM combined_v3_trades"), [(0,)])
        w.sandbox.wait("notification", 0, "1h A")

    def test_the_trend_store_decides_and_outlives_a_kill(self):
        w = self.world(trader=V6)
        self.assertEqual(w.daemon.alert(PULSE.format(2, 4, "MIXED_BEARISH")).json["status"], "notified")
        a = w.daemon.alert(entry("5"))
        self.assertEqual((a.json["status"], a.json["reason"]), ("refused", "PULSE_NOT_ALIGNED"), a.text)
        w.daemon.restart(kill=True)
        a = w.daemon.alert(entry("5"))
        self.assertEqual(a.json["reason"], "PULSE_NOT_ALIGNED", a.text)
        w.daemon.alert(PULSE.format(4, 2, "MIXED_BULLISH"))
        self.assertEqual(w.daemon.alert(entry("5")).json["status"], "accepted")
        self.trades(w, 2)
        until(lambda: self.v6_rows(w, "SELECT bull_count, bear_count, market_state FROM market_trends")
              == [(4, 2, "MIXED_BULLISH")], "market_trends")
        until(lambda: self.v6_rows(w, "SELECT trend_15m_aligned, pulse_bull_count FROM price_action_5m_trades")
              == [(1, 4)], "what the trade was decided on")
        self.assertEqual(self.v6_rows(w, "SELECT skip_reason FROM v6_signals_log WHERE skip_reason IS NOT NULL"),
                         [("PULSE_NOT_ALIGNED",)] * 2)

    def test_an_exit_closes_its_own_and_reports_count_both_plugins(self):
        w = self.world(trader=V6)
        w.daemon.alert(entry("15"))
        w.daemon.alert(v3_entry())
        self.trades(w, 3)
        out = w.daemon.alert("EXIT_BULLISH|XAUUSD|15|2655.0|15")
        self.assertEqual((out.json["status"], out.json["reason"]), ("closed", "V6_EXIT"), out.text)
        self.trades(w, 2)
        a = w.daemon.alert("EXIT_BULLISH|XAUUSD|15|2655.0|15")
        self.assertEqual(a.json["reason"], "NOTHING_TO_CLOSE", "those of combined_v3 are not its own")
        m = w.sandbox.ask("controller", "/closeall", "Close 2 open positions?")
        w.sandbox.press("controller", m, "Yes")
        self.trades(w, 0)
        until(lambda: "Trades 3" in w.sandbox.ask("analytics", "/daily", "Day")["text"], "three closed trades")
        self.assertEqual(self.v6_rows(w, "SELECT status, close_reason FROM price_action_15m_trades"),
                         [("CLOSED", "V6_EXIT")])

    def test_the_plan_closes_a_part(self):
        plan = {"plugins": {"price_action_v6": {"enabled": True, "shadow_mode": False, "profile": "plan"}}}
        w = self.world(trader=plan)
        a = w.daemon.alert(entry("60"))
        lots = a.json["decision"]["orders"][0]["lots"]
        self.trades(w, 1)
        self.assertEqual(w.daemon.alert("EXIT_BULLISH|XAUUSD|60|2655.0|15").json["status"], "closed")
        until(lambda: self.v6_rows(w, "SELECT status FROM price_action_1h_trades") == [("PARTIAL",)], f"half of {lots}")
        self.trades(w, 1)

    def test_old_alerts_leave_the_signals_logs_and_trades_stay(self):
        w = self.world(trader=V6)
        w.daemon.alert(entry())
        w.daemon.alert(v3_entry())
        folder = os.path.dirname(w.daemon.journal_path)
        logs = {"zepix_price_action_v6.db": "v6_signals_log", "zepix_combined_v3.db": "v3_signals_log"}

        def sql(name, text):
            with contextlib.closing(sqlite3.connect(os.path.join(folder, name), timeout=10)) as db, db:
                return db.execute(text).fetchall()
        for name, table in logs.items():
            until(lambda: sql(name, f"SELECT count(*) FROM {table}") == [(1,)], "the alert is written")
        until(lambda: w.daemon.engine()["open_positions"] == 4, "all are open")
        until(lambda: sql("zepix_combined_v3.db", "SELECT count(*) FROM combined_v3_trades") == [(1,)], "the trade is written")
        w.daemon.stop()
        for name, table in logs.items():
            sql(name, f"UPDATE {table} SET received_time_ms = received_time_ms - 366 * 86400000")
        w.daemon.start()
        for name, table in logs.items():
            until(lambda: sql(name, f"SELECT count(*) FROM {table}") == [(0,)], "it is gone")
        self.assertEqual(sql("zepix_combined_v3.db", "SELECT count(*) FROM combined_v3_trades"), [(1,)])
        w.daemon.stop()
        self.assertEqual(w.daemon.tool("verify").returncode, 0)
        w.daemon.start()

    def test_off_by_default_and_in_shadow_until_told_otherwise(self):
        w = self.world()
        self.assertEqual(w.daemon.alert(entry()).json["reason"], "PLUGIN_DISABLED")
        self.assertEqual(w.daemon.health()["plugins_active"], ["combined_v3"])
        v = self.world(trader={"plugins": {"price_action_v6": {"enabled": True}}})
        a = v.daemon.alert(entry())
        self.assertEqual((a.json["status"], a.json["reason"]), ("refused", "SHADOW_ONLY"), a.text)
        self.assertEqual(v.daemon.health()["plugins_active"], ["combined_v3", "price_action_v6"])
        self.assertEqual(v.daemon.engine()["orders_sent"], 0)


if __name__ == "__main__":
    main()
