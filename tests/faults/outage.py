#!/usr/bin/env python3
"""Telegram away while notifications pile up: first it hangs (accepts and never answers), then its port is closed. When
it is back everything arrives, in order per chat, alarms before the rest, and none is missing.

    outage.py path/to/trident path/to/source        TRIDENT_LONG=1: 5,000 instead of 500 notifications
"""
import re
import time

import lab

COUNT = 5000 if lab.LONG else 500
NUMBER = re.compile(r"<i>#(\d+)")


def signal_numbers(rows):
    """Journal numbers that the notification bot must tell, in order, for what only signals cause."""
    refused = {lab.EVENTS["SIGNAL_REFUSED"]}
    return [out["cause"] or r.seq for r in rows for kind, out in r.outputs if kind == "event" and out["type"] in refused]


with lab.Lab("outage") as place:
    daemon = place.daemon().start()
    assert daemon.alert(lab.entry(0))[0] == 200
    lab.wait_for("first notifications", lambda: len(place.sandbox.delivered()) >= 2)
    place.sandbox.post("fault", kind="hang", method="*", count=-1)
    bad = dict(lab.entry(1), consensus_score=1)
    client = lab.Client(daemon.port)
    for i in range(COUNT // 2):
        assert daemon.alert(dict(bad, symbol="EURUSD"), f"h{i}", client)[0] == 200
    time.sleep(1)
    place.sandbox.stop()
    for i in range(COUNT - COUNT // 2):
        assert daemon.alert(dict(bad, symbol="GBPUSD"), f"c{i}", client)[0] == 200
    status, body = client.call("POST", "/emergency_stop", None, {"Authorization": "Bearer " + lab.ADMIN})
    assert status == 200, body
    time.sleep(1)
    seen = len(place.sandbox.requests())
    place.sandbox.start()
    began = time.monotonic()
    numbers = signal_numbers(lab.read_journal(daemon.journal))
    assert len(numbers) >= COUNT, len(numbers)

    def told():
        return [int(n) for bot, text in place.sandbox.delivered() if bot == "notification" and "⚪" in text
                for n in NUMBER.findall(text)]

    lab.wait_for("everything delivered", lambda: not set(numbers) - set(told()), 120, 0.5)
    took = time.monotonic() - began
    unique = list(dict.fromkeys(told()))
    assert unique == numbers, "out of order"

    def after(bot):
        return [p.get("text", "") for b, m, p, s, _ in place.sandbox.requests()[seen:]
                if b == bot and m == "sendMessage" and s == 200]

    for bot in ("controller", "notification", "analytics"):
        lab.wait_for(f"alarm by {bot}", lambda b=bot: any("EMERGENCY STOP" in t for t in after(b)), 60)
        place_of_alarm = next(i for i, t in enumerate(after(bot)) if "EMERGENCY STOP" in t)
        assert place_of_alarm <= 1, f"{bot}: {place_of_alarm} others before the alarm"  # one may have been under way
    assert daemon.stop()[0] == 0
    print(f"notifications={len(numbers)} delivered in order after {took:.1f} s, resent={len(told()) - len(unique)}, "
          f"alarms first")
