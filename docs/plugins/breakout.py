#!/usr/bin/python3 -I
"""An example of a strategy as a program of its own (docs/PLUGINS.md): buys a V3 breakout with a stop of so many pips and a
target of twice that, unless a trade of ours in that symbol is open already; closes on an exit alert.

    trident plugin-check docs/plugins/breakout.py
    "plugins": {"outside_1": {"enabled": true, "path": "/usr/local/lib/trident/breakout.py", "args": ["25"]}}

One line of JSON comes in, one goes out. Only the standard library. What goes to standard error is written to the log.
"""
import json
import sys
from decimal import Decimal

PIPS = Decimal(sys.argv[1] if len(sys.argv) > 1 else "25")
LOTS = Decimal("0.05")


def tick(price, step):
    """Prices must lie on the symbol's step."""
    return str((price / step).to_integral_value() * step)


def decide(ask):
    alert, quote, symbol = ask["signal"], ask["quote"], ask["symbol"]
    if "Exit" in alert["kind"]:
        ours = [p["id"] for p in ask["positions"]]
        return {"action": "close", "closes": ours} if ours else {"action": "skip", "reason": "NOTHING_TO_CLOSE"}
    if alert["kind"] != "Momentum_Breakout" or quote is None:
        return {"action": "skip", "reason": "NOT_A_BREAKOUT"}
    if ask["positions"]:
        return {"action": "skip", "reason": "ONE_IS_OPEN"}
    sign = 1 if alert["side"] == "BUY" else -1
    entry = Decimal(quote["ask"] if sign == 1 else quote["bid"])
    distance = max(PIPS * Decimal(symbol["pip"]), Decimal(symbol["stop_min"]))
    step = Decimal(symbol["tick"])
    return {"action": "execute", "route": "BREAKOUT", "numbers": {"stop_pips": str(PIPS)},
            "orders": [{"role": "A", "side": alert["side"], "lots": str(LOTS),
                        "sl": tick(entry - sign * distance, step), "tp": tick(entry + sign * 2 * distance, step)}]}


def main():
    hello = json.loads(sys.stdin.readline())
    print(json.dumps({"type": "hello", "protocol": 1, "name": "breakout", "version": "1.0"}), flush=True)
    print(f"{hello['plugin']}: stops of {PIPS} pips", file=sys.stderr, flush=True)
    for line in sys.stdin:
        ask = json.loads(line)
        print(json.dumps({"type": "decision", "id": ask["id"], **decide(ask)}), flush=True)


main()
