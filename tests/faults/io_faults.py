#!/usr/bin/env python3
"""Files that fail under a running daemon: a preloaded library (shim/fault_shim.c) lets writes, syncs and openings fail
while a switch is on. Entries halt and people are told; nothing acknowledged is lost; what does not need the file goes on;
when the cause is gone, everything works again by itself, or after the restart that systemd makes.

    io_faults.py path/to/trident path/to/source path/to/fault_shim.so
"""
import json
import os
import subprocess
import sys

import lab
import kill_daemon

SHIM = os.path.abspath(sys.argv[3])
CANNOT, AGAIN = "the journal cannot be written", "works again"


class Faulty:
    """A daemon under the shim; on() and off() turn its faults."""

    def __init__(self, place, kind, path=None, every=1):
        self.place, self.daemon, self.acked, self.n = place, place.daemon(), set(), 0
        self.switch = os.path.join(place.folder, "switch")
        self.env = dict(os.environ, LD_PRELOAD=SHIM, FAULT_SHIM_KIND=kind, FAULT_SHIM_AT="1", FAULT_SHIM_LAST="end",
                        FAULT_SHIM_EVERY=str(every), FAULT_SHIM_SWITCH=self.switch,
                        ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0")
        if path is not None:
            self.env["FAULT_SHIM_PATH"] = path
        with open(self.daemon.log, "ab") as log:
            self.daemon.process = subprocess.Popen([lab.TRIDENT, "run", "--config", self.daemon.config], stdout=log,
                                                   stderr=log, env=self.env)
        self.daemon.wait_ready()
        self.client = lab.Client(self.daemon.port)
        for _ in range(4):
            assert self.post(lab.entry(self.n * 5)) == 200
        lab.wait_for("positions", lambda: self.daemon.health()["open_trades"] >= 4 and '"open_orders":0' in status(self))

    def on(self):
        with open(self.switch, "w", encoding="utf-8"):
            pass

    def off(self):
        os.unlink(self.switch)

    def post(self, body, key=None):
        self.n += 1
        key = key or f"k{self.n}"
        answer = self.daemon.alert(body, key, self.client)
        if answer is not None and answer[0] == 200:
            self.acked.add("wh:" + key)
        return answer[0] if answer is not None else None

    def heard(self, text):
        return sum(text in t for _, t in self.place.sandbox.delivered())

    def end(self):
        """Stops; everything acknowledged is there, once, and whole."""
        code, _ = self.daemon.stop(20)
        assert code == 0, self.daemon.log_tail()
        self.check()

    def check(self):
        keys = lab.journal_keys(self.daemon.journal)
        assert not self.acked - set(keys), sorted(self.acked - set(keys))[:5]
        assert all(n == 1 for n in keys.values())
        for args in (["verify"], ["audit", "replay"]):
            r = subprocess.run([lab.TRIDENT, *args, "--config", self.daemon.config], capture_output=True, text=True,
                               timeout=120)
            assert r.returncode == 0, r.stdout + r.stderr


def journal_refuses(place, kind):
    """Every write to the journal fails: 503, told, alive; then it works again by itself."""
    f = Faulty(place, kind, "journal.db")
    f.on()
    lab.wait_for("an entry is refused", lambda: f.post(lab.entry(f.n)) == 503)
    lab.wait_for("alarm in Telegram", lambda: f.heard(CANNOT))
    health = f.daemon.health()
    assert health["status"] != "ok", health
    assert f.daemon.process.poll() is None
    f.off()
    lab.wait_for("told that it works again", lambda: f.heard(AGAIN), 20)
    assert f.post(lab.entry(f.n)) == 200
    status, body = lab.Client(f.daemon.port).call("POST", "/emergency_stop", None,
                                                  {"Authorization": "Bearer " + lab.ADMIN})
    assert status == 200, body
    lab.wait_for("panic closes everything", lambda: f.daemon.health()["open_trades"] == 0, 20)
    f.end()


def sync_fails(place):
    """What a failed sync left is not known: the process ends with 70, the next start decides."""
    f = Faulty(place, "sync", "journal.db")
    f.on()
    f.post(lab.entry(f.n))
    assert f.daemon.process.wait(20) == 70, f.daemon.log_tail()
    f.off()
    f.daemon.start()
    lab.wait_for("an entry goes in", lambda: f.post(lab.entry(f.n)) == 200)
    f.end()


def transparent(place, kind, every):
    """Short and interrupted writes are gone on with; nobody notices."""
    f = Faulty(place, kind, "journal.db", every)
    f.on()
    for _ in range(20):
        assert f.post(lab.entry(f.n)) == 200
    assert f.post(lab.exit_alert(0)) == 200
    f.off()
    assert not f.heard(CANNOT)
    f.end()


def projections_fail(place):
    """The plugin database and the outbox cannot be written: trading goes on, and they catch up."""
    for path in ("zepix_combined_v3.db", "notify.db"):
        f = Faulty(place, "eio", path)
        f.on()
        for _ in range(5):
            assert f.post(lab.entry(f.n)) == 200
        assert f.post(lab.exit_alert(0)) == 200
        place.sandbox.say("/status")
        lab.wait_for("what was decided is done", lambda f=f: '"open_orders":0' in status(f))
        f.off()
        f.end()
        f.daemon.end()
        for name in os.listdir(place.folder):
            if name == "data":
                os.rename(os.path.join(place.folder, "data"), os.path.join(place.folder, "data-" + path))


def venue_log_fails(place):
    """The venue cannot keep what it does, so it does nothing: nothing opens, and no order is sent twice while its fate is
    unknown; afterwards each is resolved by asking."""
    f = Faulty(place, "eio", "paper.log")
    before = f.daemon.health()["open_trades"]
    f.on()
    for _ in range(3):
        assert f.post(lab.entry(f.n)) == 200
    lab.wait_for("orders are under way", lambda: '"open_orders":0' not in status(f))
    assert f.daemon.health()["open_trades"] == before
    f.off()
    lab.wait_for("each order is resolved", lambda: '"open_orders":0' in status(f), 60)
    lab.wait_for("orders work again", lambda: f.post(lab.entry(f.n * 5)) == 200
                 and f.daemon.health()["open_trades"] > before, 30)
    watch = lab.VenueWatch(f.daemon.venue)
    watch.look()
    kill_daemon.check_orders(lab.read_journal(f.daemon.journal), watch, kill_daemon.Figures())
    f.end()


def status(f):
    answer = lab.Client(f.daemon.port).call("GET", "/status", headers={"Authorization": "Bearer " + lab.ADMIN})
    return json.dumps(json.loads(answer[1]), separators=(",", ":")) if answer else ""


def no_descriptors(place):
    """Nothing can be opened: who is connected is served, the journal goes on; then everything works again."""
    f = Faulty(place, "emfile")
    assert f.post(lab.entry(f.n)) == 200
    f.on()
    for _ in range(5):
        assert f.post(lab.entry(f.n)) == 200  # by a connection that is there
    assert f.post(lab.exit_alert(0)) == 200
    assert f.daemon.process.poll() is None
    f.off()
    f.client.close()
    lab.wait_for("new connections", lambda: f.post(lab.entry(f.n)) == 200, 20)
    place.sandbox.say("/health")
    lab.wait_for("bots answer", lambda: f.daemon.health()["status"] == "ok", 40)
    f.end()


CASES = [("eio", lambda p: journal_refuses(p, "eio")), ("enospc", lambda p: journal_refuses(p, "enospc")),
         ("sync", sync_fails), ("short", lambda p: transparent(p, "short", 2)),
         ("eintr", lambda p: transparent(p, "eintr", 2)), ("projections", projections_fail),
         ("venue", venue_log_fails), ("emfile", no_descriptors)]

if __name__ == "__main__":
    if not os.path.exists(SHIM):
        lab.skip("no shim")
    wanted = sys.argv[4:]
    for name, case in CASES:
        if wanted and name not in wanted:
            continue
        with lab.Lab("io-" + name) as place:
            case(place)
        print(f"{name}: nothing acknowledged is lost", flush=True)
