#!/usr/bin/env python3
"""kill -9 at every write point: a preloaded library (shim/fault_shim.c) counts what the process asks the system to write,
sync, send, cut and rename, and kills it at the n-th, before it or in the middle of it, n = 1, 2, 3 ... until a scenario
passes untouched. After each kill the daemon starts again on what is left and must come to: every acknowledged input is in
the journal, once; what was not answered, sent again, is there once; no order executed twice; venue and engine agree; every
database whole, chained, in agreement with the fills.

    crash_points.py path/to/trident path/to/source path/to/fault_shim.so [--points N] [--minutes M] [--seed S] [--kinds K]

Without --points one point of each scenario (seconds); with it, systematic and random ones in turn until N points or M
minutes are done. --kinds eio,enospc,short,eintr,sync: the n-th operation fails instead; the same must hold.
"""
import argparse
import collections
import mmap
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import time

import lab
import kill_daemon

SHIM = os.path.abspath(sys.argv[3])
HEADERS = {"Authorization": "Bearer " + lab.ADMIN, "Content-Type": "application/json"}


class Counter:
    """What the shim has counted, in memory shared with it."""

    def __init__(self, path):
        with open(path, "wb") as f:
            f.write(bytes(8))
        self.path, self.file = path, open(path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), 8)

    def reset(self):
        self.map[:8] = bytes(8)

    def value(self):
        return struct.unpack("<Q", self.map[:8])[0]


class Session:
    """One daemon that may die at any moment, and what it acknowledged."""

    def __init__(self, daemon):
        self.daemon, self.acked, self.sent = daemon, set(), {}
        self.client = lab.Client(daemon.port, 5.0)

    def is_dead(self):
        return self.daemon.process.poll() is not None

    def until(self, condition, seconds=15.0):
        end = time.monotonic() + seconds
        while not self.is_dead():
            if condition():
                return True
            assert time.monotonic() < end, "neither dead nor done\n" + self.daemon.log_tail()
            time.sleep(0.005)
        return False

    def ready(self):
        return self.until(lambda: self.client.call("GET", "/health"))

    def send(self, key, body):
        self.sent[key] = body
        if self.is_dead():
            return
        answer = self.daemon.alert(body, key, self.client)
        if answer is not None and answer[0] == 200:
            self.acked.add(key)

    def settled(self):
        answer = self.client.call("GET", "/status", headers=HEADERS)
        return answer is not None and '"open_orders":0' in answer[1].replace(" ", "")


def entries(s, prefix, n=3):
    for i in range(n):
        s.send(f"{prefix}{i}", lab.entry(i * 5))


def scenario_start(s):
    s.ready()


def scenario_signals(s):
    if s.ready():
        entries(s, "s")
        s.until(s.settled)


def scenario_close(s):
    if s.ready():
        for i in range(4):
            s.send(f"c{i}", lab.exit_alert(i))
        s.until(s.settled)


def scenario_panic(s):
    if not s.ready():
        return
    answer = s.client.call("POST", "/emergency_stop", {}, HEADERS)
    s.panicked = answer is not None and answer[0] == 200
    s.until(s.settled)


def scenario_command(s):
    if s.ready():
        for name in ("pause", "resume"):
            s.daemon.command(name)


def scenario_stop(s):
    if s.ready():
        s.send("last", lab.entry(0))
        s.daemon.process.terminate()
        s.daemon.process.wait(15)


SCENARIOS = {  # name: (what the data folder is before, what is done)
    "start": ("empty", scenario_start), "recover": ("grown", scenario_start), "upgrade": ("old", scenario_start),
    "signals": ("grown", scenario_signals), "close": ("grown", scenario_close), "panic": ("grown", scenario_panic),
    "command": ("grown", scenario_command), "stop": ("grown", scenario_stop)}
TOOLS = ("backup", "restore")
RANDOM_MAX = 600  # about as far as the longest scenario goes


class Proof:
    def __init__(self, place):
        self.place, self.counter = place, Counter(os.path.join(place.folder, "count"))
        self.daemon = place.daemon()
        self.points, self.ends, self.struck = collections.Counter(), {}, 0
        self.templates = {}
        self.make_templates()

    # ---- what a scenario begins with ----

    def save(self, name):
        to = os.path.join(self.place.folder, "template-" + name)
        shutil.copytree(self.daemon.data, to, ignore=shutil.ignore_patterns("reserve", "*.lock", "*.sock"))
        self.templates[name] = to

    def make_templates(self):
        os.makedirs(self.daemon.data, exist_ok=True)
        self.save("empty")
        self.daemon.start()
        for i in range(4):
            assert self.daemon.alert(lab.entry(i * 5), f"grown{i}")[0] == 200
        lab.wait_for("positions", lambda: self.daemon.health()["open_trades"] >= 4)
        assert self.daemon.stop(20)[0] == 0
        self.save("grown")
        made = subprocess.run([lab.TRIDENT, "backup", "--config", self.daemon.config], capture_output=True, text=True,
                              timeout=60)
        assert made.returncode == 0, made.stderr
        self.save("backed")
        db = sqlite3.connect(self.daemon.journal)  # of before claims: the first schema
        db.execute("PRAGMA journal_mode=DELETE")
        if db.execute("PRAGMA user_version").fetchone()[0] > 1:
            db.executescript("DROP TABLE claim; PRAGMA user_version=1;")
        db.close()
        self.save("old")

    def lay(self, name):
        shutil.rmtree(self.daemon.data)
        shutil.copytree(self.templates[name], self.daemon.data)

    def environment(self, kind, at):
        self.counter.reset()
        return dict(os.environ, LD_PRELOAD=SHIM, FAULT_SHIM_KIND=kind, FAULT_SHIM_AT=str(at),
                    FAULT_SHIM_COUNT=self.counter.path, ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0")

    def launch(self, kind, at):
        with open(self.daemon.log, "wb") as log:
            self.daemon.process = subprocess.Popen([lab.TRIDENT, "run", "--config", self.daemon.config], stdout=log,
                                                   stderr=log, env=self.environment(kind, at))

    # ---- afterwards ----

    def check(self, session, watch):
        watch.look()
        self.daemon.start()
        client = lab.Client(self.daemon.port, 5.0)
        for key, body in session.sent.items():
            if key not in session.acked:
                lab.wait_for("an answer to " + key, lambda k=key, b=body: self.answered(client, k, b), 20)
        lab.wait_for("venue and engine agree", lambda: kill_daemon.same_positions(self.daemon, watch), 30, 0.01)
        if getattr(session, "panicked", False):
            lab.wait_for("flat after the panic", lambda: self.daemon.health()["open_trades"] == 0, 30, 0.01)
        keys = lab.journal_keys(self.daemon.journal)
        lost = [k for k in session.acked if "wh:" + k not in keys]
        assert not lost, f"acknowledged and lost: {lost}"
        missing = [k for k in session.sent if "wh:" + k not in keys]
        assert not missing, f"answered and not there: {missing}"
        twice = [k for k, n in keys.items() if n != 1]
        assert not twice, f"applied twice: {twice}"
        figures = kill_daemon.Figures()
        kill_daemon.check_orders(lab.read_journal(self.daemon.journal), watch, figures)
        self.daemon.kill()
        self.verify()

    @staticmethod
    def answered(client, key, body):
        answer = client.call("POST", "/webhook/" + lab.SECRET, body,
                             {"Content-Type": "application/json", "Idempotency-Key": key})
        return answer is not None and answer[0] == 200

    def verify(self):
        r = subprocess.run([lab.TRIDENT, "verify", "--config", self.daemon.config], capture_output=True, text=True,
                           timeout=60)
        assert r.returncode == 0, r.stdout + r.stderr

    # ---- one point ----

    def point(self, name, kind, at):
        """False when the scenario passed untouched."""
        if name in TOOLS:
            return self.tool_point(name, kind, at)
        before, act = SCENARIOS[name]
        self.lay(before)
        watch = lab.VenueWatch(self.daemon.venue)
        watch.look()
        self.launch(kind, at)
        session = Session(self.daemon)
        act(session)
        is_hit = self.counter.value() >= at
        if self.daemon.process.poll() is None:
            self.daemon.kill()
        self.check(session, watch)
        return is_hit

    def tool_point(self, name, kind, at):
        self.lay("backed")
        backups = os.path.join(self.daemon.data, "backups")
        newest = os.path.join(backups, sorted(d for d in os.listdir(backups) if d.startswith("2"))[-1])
        args = [lab.TRIDENT, name, "--config", self.daemon.config] + ([newest] if name == "restore" else
                                                                      ["--to", os.path.join(self.place.folder, "to")])
        shutil.rmtree(os.path.join(self.place.folder, "to"), ignore_errors=True)
        if name == "restore":
            with open(os.path.join(self.daemon.data, "seal.key"), "ab") as f:
                f.write(b"x")  # something to replace, besides a journal that went on
            os.unlink(self.daemon.venue)
            shutil.copyfile(os.path.join(self.templates["old"], "traders/main/journal.db"), self.daemon.journal)
        first = subprocess.run(args, capture_output=True, text=True, timeout=60, env=self.environment(kind, at))
        again = subprocess.run(args, capture_output=True, text=True, timeout=60)
        assert first.returncode in (0, 1, -9), first.stderr
        if first.returncode == 1:
            assert first.stderr.startswith("trident: "), first.stderr
        if name == "backup":
            assert again.returncode == 0 or "File exists" in again.stderr, again.stderr
            for d in os.listdir(os.path.join(self.place.folder, "to")):
                if not d.startswith("."):  # whatever has its name is whole
                    check = subprocess.run([lab.TRIDENT, "restore", os.path.join(self.place.folder, "to", d), "--check"],
                                           capture_output=True, text=True, timeout=60)
                    assert check.returncode == 0, check.stderr
        else:
            assert again.returncode == 0, again.stderr
            check = subprocess.run(["cmp", os.path.join(newest, "traders/main/journal.db"), self.daemon.journal],
                                   capture_output=True, text=True, timeout=60)
            assert check.returncode == 0, check.stdout
        self.verify()
        return self.counter.value() >= at

    def tell(self, name):
        self.points[name] += 1
        if sum(self.points.values()) % 250 == 0:
            print(f"{sum(self.points.values())} points, {time.monotonic() - self.began:.0f} s", flush=True)

    def one(self, name, kind, at):
        try:
            is_hit = self.point(name, kind, at)
            self.struck += is_hit
            return is_hit
        except BaseException:
            print(f"scenario={name} kind={kind} at={at}", file=sys.stderr)
            raise

    def run(self, points, minutes, seed, kinds, start):
        rng = random.Random(seed)
        self.began, names = time.monotonic(), list(SCENARIOS) + list(TOOLS)
        is_over = lambda: sum(self.points.values()) >= points or time.monotonic() - self.began > minutes * 60  # noqa: E731
        at, left = start - 1, {(n, k) for n in names for k in kinds}
        while not is_over():
            at += 1
            for name, kind in sorted(left):  # one after the other, and one somewhere
                for n in (at, rng.randint(1, RANDOM_MAX)):
                    if is_over():
                        return
                    is_hit = self.one(name, kind, n)
                    if n == at and not is_hit:
                        self.ends[name, kind] = at - 1
                        left.discard((name, kind))
                    self.tell(name)
            if not left:
                left, at = {(n, k) for n in names for k in kinds}, RANDOM_MAX  # only somewhere, from now on

    def sample(self, seed):
        rng = random.Random(seed)
        self.began = time.monotonic()
        for name in list(SCENARIOS) + list(TOOLS):
            self.one(name, rng.choice(("kill", "torn")), rng.randint(1, 60))
            self.points[name] += 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("paths", nargs=3)
    parser.add_argument("--points", type=int, default=0)
    parser.add_argument("--start", type=int, default=1, help="first systematic point")
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument("--kinds", default="kill,torn")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("TRIDENT_SEED", time.time_ns() % 1000000)))
    options = parser.parse_args()
    if not os.path.exists(SHIM):
        lab.skip("no shim")
    with lab.Lab("crash") as place:
        proof = Proof(place)
        if options.points:
            proof.run(options.points, options.minutes, options.seed, options.kinds.split(","), options.start)
        else:
            proof.sample(options.seed)
        print(f"points={sum(proof.points.values())} struck={proof.struck} lost=0 twice=0 duplicate_orders=0 corrupt=0 "
              f"seconds={time.monotonic() - proof.began:.0f} by={dict(proof.points)} "
              f"untouched_after={ {f'{n}/{k}': v for (n, k), v in proof.ends.items()} } seed={options.seed}")


if __name__ == "__main__":
    main()
