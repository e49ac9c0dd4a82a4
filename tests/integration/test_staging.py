"""The staging gate: 1,200 alerts of all kinds through webhook, engine and paper broker in one run: every answer is 200, nothing is
lost, the log has no error and no warning about trading, and what the ledgers say is what the broker's account says."""
import http.client
import json
import os
import random
import re
import sqlite3
from decimal import Decimal

from trident_harness import WEBHOOK_SECRET, Case, main, until, v3_entry, v3_exit

ALERTS = 1200
SEED = 20261121
PRICES = {"XAUUSD": (2650.0, 20.0), "EURUSD": (1.0850, 0.0060), "GBPUSD": (1.2650, 0.0060), "USDJPY": (149.50, 0.60),
          "USDCAD": (1.3550, 0.0060), "AUDUSD": (0.6600, 0.0060), "NZDUSD": (0.6100, 0.0060), "EURJPY": (162.20, 0.60),
          "GBPJPY": (189.10, 0.60), "AUDJPY": (98.70, 0.60)}
SIGNALS = ["Momentum_Breakout", "Institutional_Launchpad", "Mitigation_Test_Entry", "Golden_Pocket_Flip", "Liquidity_Trap_Reversal",
           "Sideways_Breakout"]


def v6_entry(symbol, tf, side, price, distance):
    sign = 1 if side == "BUY" else -1
    levels = "|".join(f"{price + sign * k * distance:.5f}" for k in (-1, 1, 2, 3))
    word = "BULLISH" if sign > 0 else "BEARISH"
    counts = "5/1" if sign > 0 else "1/5"
    return f"{word}_ENTRY|{symbol}|{tf}|{price:.5f}|{side}|HIGH|90|35.0|STRONG|{levels}|{counts}|TL_OK|"


def alert(r):
    """Entries of both generations in every route and direction, exits, pulses, trends of the old bot."""
    symbol = r.choice(list(PRICES))
    price, distance = PRICES[symbol]
    side = r.choice(("buy", "sell"))
    kind = r.choices(("v3", "v3_exit", "v6", "pulse", "trend", "v6_exit"), (8, 3, 2, 1, 1, 1))[0]
    if kind == "v3":
        return v3_entry(symbol, side, r.choice(SIGNALS), r.choice(("1", "5", "15", "30", "60", "240")), 9, price,
                        distance=distance)
    if kind == "v3_exit":
        return v3_exit(symbol, "Bullish_Exit" if side == "buy" else "Bearish_Exit", price=price)
    if kind == "v6":
        return v6_entry(symbol, r.choice(("1", "5", "15", "60")), side.upper(), price, distance)
    if kind == "pulse":
        return f"TREND_PULSE|{symbol}|{r.choice(('5', '15', '60', '240'))}|3|3|15:SIDE→BULL|NEUTRAL"
    if kind == "trend":
        return {"type": "trend", "symbol": symbol, "signal": r.choice(("bull", "bear")), "tf": r.choice(("1h", "15m")),
                "price": price, "strategy": "ZepixPremium"}
    return f"EXIT_{'BULLISH' if side == 'buy' else 'BEARISH'}|{symbol}|5|{price}|15"


class Staging(Case):
    def test_more_than_a_thousand_alerts_without_an_error(self):
        many = {"max_open_trades": 100, "max_daily_trades": 10000, "daily_loss_cap": 0}
        w = self.world(trader={
            "risk": {"daily_loss_cap": 0, "lifetime_loss_cap": 0, "symbol_exposure": 0, "smart_lot": False},
            "plugins": {"combined_v3": {**many, "symbols": []}, "legacy_v2": {"enabled": True},
                        "price_action_v6": {"enabled": True, "shadow_mode": False}}})
        answers = self.post_all(w)
        self.assertEqual(set(answers), {200})
        self.assertEqual(len(answers), ALERTS)
        e = w.daemon.engine()
        self.assertEqual(e["signals_accepted"] + e["signals_refused"], ALERTS, e)
        self.assertGreater(e["signals_accepted"], ALERTS // 6, "P-10 refuses what repeats within five minutes")
        w.daemon.admin("POST", "/emergency_stop")
        until(lambda: w.daemon.engine()["open_positions"] == 0 and w.daemon.engine()["open_orders"] == 0, "flat")
        self.account_and_ledgers_agree(w)
        trouble = [line for line in w.daemon.log().splitlines() if re.search(r" (ERROR|FATAL) ", line)]
        self.assertEqual(trouble, [])

    def post_all(self, w):
        """One connection after the other keeps alive, as a proxy before the daemon does."""
        c = http.client.HTTPConnection("127.0.0.1", w.daemon.port, timeout=20)
        statuses = []
        r = random.Random(SEED)
        for i in range(ALERTS):
            body = alert(r)
            body = json.dumps(body) if isinstance(body, dict) else body
            c.request("POST", f"/webhook/{WEBHOOK_SECRET}", body.encode(), {"Idempotency-Key": f"staging-{i}"})
            answer = c.getresponse()
            text = answer.read()
            if answer.status != 200:
                raise AssertionError(f"seed {SEED}, alert {i}: {answer.status} {text!r} for {body}")
            statuses.append(answer.status)
        c.close()
        return statuses

    def account_and_ledgers_agree(self, w):
        folder = os.path.join(w.folder, "data", "traders", "main")
        queries = {"zepix_combined_v3.db": ["SELECT total_profit_dollars_e8, commission_e8, swap_e8, status FROM combined_v3_trades"],
                   "zepix_price_action_v6.db": [f"SELECT profit_dollars_e8, commission_e8, swap_e8, status FROM price_action_{tf}_trades"
                                                for tf in ("1m", "5m", "15m", "1h")],
                   "zepix_legacy_v2.db": ["SELECT profit_dollars_e8, commission_e8, swap_e8, status FROM trades"]}
        balance = Decimal(w.daemon.engine()["balance"])

        def total():
            sum_e8, rows, closed = 0, 0, 0
            for name, sqls in queries.items():
                db = sqlite3.connect(f"file:{os.path.join(folder, name)}?mode=ro", uri=True)
                for sql in sqls:
                    for profit, commission, swap, status in db.execute(sql):
                        sum_e8 += profit + commission + swap
                        rows += 1
                        closed += status == "CLOSED"
                db.close()
            return rows > 50 and rows == closed and abs(Decimal(sum_e8) / 10**8 - (balance - 10000)) < Decimal("0.00000001")
        until(total, "the ledgers add up to the account's change")


if __name__ == "__main__":
    main()
