"""The paper broker trades on recorded bid and ask bars, plain or compressed: targets and stops are hit where the
recording says."""
import gzip
import os

from trident_harness import Case, main, until, v3_entry

FLAT_BARS, MOVING_BARS, STEP = 80, 80, 0.0005
START = 1.57600


def write_bars(path, offset, direction):
    """A quiet hour, then a steady walk."""
    rows = ["timestamp,open,high,low,close"]
    price = START + offset
    for i in range(FLAT_BARS + MOVING_BARS):
        close = price + (direction * STEP if i >= FLAT_BARS else 0)
        high, low = max(price, close), min(price, close)
        rows.append(f"2012-02-01 {i // 60:02}:{i % 60:02}:00+00:00,{price:.5f},{high:.5f},{low:.5f},{close:.5f}")
        price = close
    data = ("\n".join(rows) + "\n").encode()
    with (gzip.open(path, "wb") if path.endswith(".gz") else open(path, "wb")) as f:
        f.write(data)


class CsvFeed(Case):
    def trade(self, direction, ending):
        w = self.world(start=False)
        paths = {}
        for name, offset in (("bid", 0), ("ask", 0.0001)):
            paths[name] = os.path.join(w.folder, f"{name}.csv{ending}")
            write_bars(paths[name], offset, direction)
        w.daemon.conf["traders"][0]["broker"] = {
            "kind": "paper", "feed": "csv", "csv_bid": paths["bid"], "csv_ask": paths["ask"], "csv_symbol": "GBPUSD",
            "speed": 1500}
        w.daemon.start()
        a = w.daemon.alert(v3_entry(symbol="GBPUSD", price=START, distance=0.0050))
        self.assertEqual((a.status, a.json["status"]), (200, "accepted"), a.text)
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")
        text = w.sandbox.wait("notification", 0, "BUY GBPUSD")["text"]
        self.assertIn("1.57610", text)  # bought at the recorded ask
        until(lambda: w.daemon.engine()["open_positions"] == 0, "both legs are closed by the recording")
        return w

    def test_targets_of_a_compressed_recording(self):
        w = self.trade(+1, ".gz")
        until(lambda: len(w.sandbox.said("notification", contains="TARGET GBPUSD")) in (2, 4, 6, 8), "targets in pairs")
        self.assertGreater(float(w.daemon.engine()["balance"]), 10000)

    def test_stops_of_a_plain_recording(self):
        w = self.trade(-1, "")
        self.assertTrue(until(lambda: w.sandbox.said("notification", contains="STOP GBPUSD"), "stops"))
        e = w.daemon.engine()
        self.assertLess(float(e["balance"]), 10000)
        self.assertGreater(float(e["daily_loss"]), 0)

    def test_a_missing_recording_is_said_at_the_start(self):
        w = self.world(start=False)
        w.daemon.conf["traders"][0]["broker"] = {"feed": "csv", "csv_bid": "/nowhere/bid.csv",
                                                 "csv_ask": "/nowhere/ask.csv"}
        w.daemon.write()
        r = w.daemon.tool("run")
        self.assertNotEqual(r.returncode, 0)
        self.assertIn("/nowhere/bid.csv", r.stdout + r.stderr)


if __name__ == "__main__":
    main()
