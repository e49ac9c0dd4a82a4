#!/usr/bin/env python3
"""`trident upgrade` of the real daemon under steady signals, bot commands and a live stream: nobody is refused or reset,
nothing acknowledged is lost, nothing happens twice, every event reaches the stream once. Then new programs that cannot
take over, and kill -9 of either process at random moments of a hand-over.

    upgrade.py path/to/trident path/to/source [--upgrades N] [--rate PER_SECOND] [--kills N] [--hang]

Full size: --upgrades 100 --rate 1000 --kills 60 --hang. The longest wait of a client is checked against --gap-ms when
given (50 is the aim on a machine that does nothing else).
"""
import argparse
import collections
import ctypes
import http.client
import json
import multiprocessing
import os
import queue
import random
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("trident")
parser.add_argument("source")
parser.add_argument("--upgrades", type=int, default=3)
parser.add_argument("--rate", type=int, default=200)
parser.add_argument("--kills", type=int, default=4)
parser.add_argument("--hang", action="store_true", help="also a program that hangs: 10 s")
parser.add_argument("--gap-ms", type=int, default=0)
parser.add_argument("--seed", type=int, default=time.time_ns() % 1000000)
OPTIONS = parser.parse_args()
sys.argv = [sys.argv[0], OPTIONS.trident, OPTIONS.source]

import kill_daemon  # noqa: E402  (reads the two paths from argv)
import lab  # noqa: E402

PR_SET_CHILD_SUBREAPER = 36
WORKERS = 4
DONE = re.compile(r"upgraded: version (\S+) runs as process (\d+); clients waited (\d+) ms at most")


# ---- one client process: signals at a steady rate, on one kept connection or a new one each ----

def read_answer(s):
    data = b""
    while b"\r\n\r\n" not in data:
        part = s.recv(65536)
        if not part:
            raise ConnectionError("closed in the middle" if data else "closed without an answer")
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(re.search(rb"(?i)content-length: *(\d+)", head).group(1))
    while len(body) < length:
        part = s.recv(65536)
        if not part:
            raise ConnectionError("closed in the middle")
        body += part
    return int(head.split(b" ", 2)[1]), b"connection: close" in head.lower()


def client(number, port, rate, keep, stop, results):
    acked, failures, statuses, longest, s, i = [], [], {}, 0.0, None, 0
    due = time.monotonic()
    while not stop.is_set():
        i += 1
        key = f"c{number}-{i}"
        body = json.dumps(lab.exit_alert(i // 3) if i % 3 == 0 else lab.entry(i * 5 + number)).encode()
        head = (f"POST /webhook/{lab.SECRET} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                f"Idempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n").encode()
        began = time.monotonic()
        try:
            if s is None:
                s = socket.create_connection(("127.0.0.1", port), timeout=10)
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if i % 7 == 0:  # head and body in two pieces, as many libraries send them
                s.sendall(head)
                s.sendall(body)
            else:
                s.sendall(head + body)
            status, ends = read_answer(s)
            statuses[status] = statuses.get(status, 0) + 1
            if status == 200:
                acked.append(key)
            else:
                failures.append(f"{key}: {status}")
            if ends or not keep:
                s.close()
                s = None
        except OSError as e:
            failures.append(f"{key}: {e!r}")
            s = None
        longest = max(longest, time.monotonic() - began)
        due += 1.0 / rate
        pause = due - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        else:
            due = time.monotonic()
    results.put((number, acked, failures, statuses, longest))


class Clients:
    def __init__(self, port, rate):
        context = multiprocessing.get_context("fork")
        self.stop_event, self.results = context.Event(), context.Queue()
        self.processes = [context.Process(target=client, args=(n, port, rate / WORKERS, n % 2 == 0, self.stop_event,
                                                               self.results), daemon=True) for n in range(WORKERS)]
        for p in self.processes:
            p.start()

    def stop(self):
        self.stop_event.set()
        acked, failures, statuses, longest = [], [], {}, 0.0
        for _ in self.processes:
            try:
                _, a, f, s, worst = self.results.get(timeout=30)
            except queue.Empty:
                raise AssertionError("a client process hangs") from None
            acked += a
            failures += f
            longest = max(longest, worst)
            for k, v in s.items():
                statuses[k] = statuses.get(k, 0) + v
        for p in self.processes:
            p.join(10)
        return acked, failures, statuses, longest


class Stream(threading.Thread):
    """A browser on /events: comes back where it was when the stream ends."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.last, self.ends = port, "", 0
        self.rows, self.stopping = [], threading.Event()
        self.start()

    def run(self):
        while not self.stopping.is_set():
            try:
                self.follow()
            except (OSError, http.client.HTTPException):
                pass
            self.ends += 1
            time.sleep(0.05)

    def follow(self):
        headers = {"Authorization": "Bearer " + lab.ADMIN}
        if self.last:
            headers["Last-Event-ID"] = self.last
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            c.request("GET", "/events", headers=headers)
            pending = []
            for raw in c.getresponse():
                line = raw.decode().strip()
                if line.startswith("data: "):
                    pending.append(json.loads(line[6:])["seq"])
                elif line.startswith("id: "):
                    self.last = line[4:]
                    self.rows += pending  # a browser has them when their id is there
                    pending = []
        finally:
            c.close()


# ---- the daemon, whichever process it is now ----

class Line:
    def __init__(self, daemon):
        self.daemon, self.pid = daemon, daemon.process.pid

    def upgrade(self, *arguments):
        return subprocess.run([lab.TRIDENT, "upgrade", *arguments, "--config", self.daemon.config], capture_output=True,
                              text=True, timeout=90)

    def succeed(self, *arguments):
        r = self.upgrade(*arguments)
        found = DONE.search(r.stdout)
        assert r.returncode == 0 and found, (r, self.daemon.log_tail())
        wait_end(self.pid, 20)
        self.pid = int(found.group(2))
        return int(found.group(3))

    def refuse(self, why, *arguments):
        r = self.upgrade(*arguments)
        assert r.returncode == 1 and why in r.stderr, (why, r)
        assert "the old process goes on" in r.stderr, r
        assert is_running(self.pid)

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        assert wait_end(self.pid, 20) == 0


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_end(pid, seconds):
    """Orphans are ours (subreaper): their exit code."""
    code = []

    def ended():
        try:
            got, status = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            return True
        if got == pid:
            code.append(os.waitstatus_to_exitcode(status))
        return got == pid
    lab.wait_for(f"the end of {pid}", ended, seconds, 0.005)
    return code[0] if code else None


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return [int(p) for p in f.read().split()]
    except OSError:
        return []


# ---- what must be true afterwards ----

def check_stream(stream, rows):
    told = {r.seq: sum(kind == "event" for kind, _ in r.outputs) for r in rows}
    seen = collections.Counter(stream.rows)
    assert stream.rows == sorted(stream.rows), "rows out of order"
    first, last = min(seen), max(seen)
    wrong = [(seq, n, seen[seq]) for seq, n in told.items() if first <= seq <= last and n != seen[seq]]
    assert not wrong, f"rows the stream showed not at all, or twice: {wrong[:5]}"
    return len(seen)


def check_end(place, daemon, acked, said, stream):
    place.sandbox.say("/resume")
    watch = lab.VenueWatch(daemon.venue)
    lab.wait_for("venue and engine agree", lambda: kill_daemon.same_positions(daemon, watch), 60, 0.2)
    lab.wait_for("all commands are in the journal",
                 lambda: sum(k.startswith("tg:") for k in lab.journal_keys(daemon.journal)) == said + 1, 30, 0.1)
    keys = lab.journal_keys(daemon.journal)
    lost = [k for k in acked if "wh:" + k not in keys]
    twice = [k for k, n in keys.items() if n != 1]
    assert not lost, f"acknowledged and lost: {lost[:5]}"
    assert not twice, f"applied twice: {twice[:5]}"
    watch.look()  # first: trading goes on, and what the venue has done was decided before
    rows = lab.read_journal(daemon.journal)
    shown = check_stream(stream, rows)
    executed = kill_daemon.check_orders(rows, watch, kill_daemon.Figures())
    return executed, shown


# ---- the parts ----

def under_load(line, place):
    daemon = line.daemon
    stream = Stream(daemon.port)
    clients = Clients(daemon.port, OPTIONS.rate)
    said, pauses, stopping = [0], [], threading.Event()

    def talk():
        while not stopping.wait(0.1):
            place.sandbox.say(("/status", "/positions", "/pause", "/resume")[said[0] % 4])
            said[0] += 1
    talker = threading.Thread(target=talk, daemon=True)
    talker.start()
    time.sleep(0.3)
    for _ in range(OPTIONS.upgrades):
        pauses.append(line.succeed())
        time.sleep(0.2)
    stopping.set()
    talker.join(10)
    acked, failures, statuses, longest = clients.stop()
    assert not failures, f"{len(failures)} requests failed: {failures[:5]}\n{daemon.log_tail()}"
    executed, shown = check_end(place, daemon, acked, said[0], stream)
    stream.stopping.set()
    pauses.sort()
    print(f"upgrades={OPTIONS.upgrades} rate={OPTIONS.rate}/s requests={len(acked)} statuses={statuses} failed=0 lost=0 "
          f"twice=0 commands={said[0]} orders={executed} stream_rows={shown} stream_returns={stream.ends} "
          f"longest_wait_ms={longest * 1000:.1f} pause_ms median={pauses[len(pauses) // 2]} max={pauses[-1]}")
    if OPTIONS.gap_ms:
        assert longest * 1000 <= OPTIONS.gap_ms, f"a client waited {longest * 1000:.1f} ms"


def altered(place, name, change):
    """A copy of the program with some bytes changed."""
    path = os.path.join(place.folder, name)
    shutil.copy(lab.TRIDENT, path)
    with open(path, "r+b") as f:
        change(f, bytearray(f.read(64)))
    return path


def set_machine(f, head):
    f.seek(18)
    f.write(struct.pack("<H", 183 if head[18] != 183 else 62))  # AArch64, or x86-64 there


def at_entry(code):
    def change(f, head):
        entry, table = struct.unpack_from("<QQ", head, 24)
        size, count = struct.unpack_from("<HH", head, 54)
        for i in range(count):
            f.seek(table + i * size)
            kind, _, offset, address, _, length = struct.unpack_from("<IIQQQQ", f.read(size))
            if kind == 1 and address <= entry < address + length:
                f.seek(offset + entry - address)
                f.write(code)
                return
        raise AssertionError("no segment holds the entry")
    return change


def set_schema(daemon, version):
    db = sqlite3.connect(daemon.journal, timeout=10)
    before = db.execute("PRAGMA user_version").fetchone()[0]
    db.execute(f"PRAGMA user_version={version}")
    db.commit()
    db.close()
    return before


def refusals(place, line):
    daemon = line.daemon
    text = os.path.join(place.folder, "text")
    with open(text, "w", encoding="ascii") as f:
        f.write("#!/bin/sh\nexit 0\n")
    os.chmod(text, 0o700)
    line.refuse("it cannot be read (No such file or directory)", os.path.join(place.folder, "nothing"))
    line.refuse("it is not a program", text)
    line.refuse("it is not a trident", shutil.which("true"))
    line.refuse("another architecture", altered(place, "other", set_machine))
    line.refuse("died of signal", altered(place, "crashing", at_entry(b"\x0f\x0b" * 4)))
    with open(daemon.config, encoding="utf-8") as f:
        good = f.read()
    elsewhere = os.path.join(place.folder, "elsewhere")
    os.makedirs(elsewhere)
    for why, changes in (("the configuration is refused", {"log": {"level": "loud"}}),
                         ("another address or port", {"http": {"port": lab.free_port()}}),
                         ("another data_dir", {"data_dir": elsewhere})):
        config = json.loads(good)
        for name, value in changes.items():
            config[name] = dict(config.get(name, {}), **value) if isinstance(value, dict) else value
        with open(daemon.config, "w", encoding="utf-8") as f:
            json.dump(config, f)
        os.kill(line.pid, signal.SIGHUP)  # `trident upgrade` would read the same file
        lab.wait_for(why, lambda w=why: w in daemon.log_tail(), 20)
    with open(daemon.config, "w", encoding="utf-8") as f:
        f.write(good)
    schema = set_schema(daemon, 99)
    line.refuse("written by a newer version")
    set_schema(daemon, schema)
    if OPTIONS.hang:
        line.refuse("said nothing for 10 s", altered(place, "hanging", at_entry(b"\xeb\xfe")))
    assert is_running(line.pid)
    assert daemon.alert(lab.entry(3), "after-refusals")[0] == 200
    line.succeed()
    os.kill(line.pid, signal.SIGHUP)  # the same without asking
    old, line.pid = line.pid, lab.wait_for("the new process", lambda: (children(line.pid) or [None])[0], 10, 0.001)
    wait_end(old, 20)
    lab.wait_for("health", daemon.health, 10)
    print("refusals: every program and configuration that cannot take over was told apart; the old one went on")


def kills(place, line):
    """kill -9 of the new or the old one at random moments. With the new one dead the old one goes on by itself; with
    the old one dead a supervisor starts it again unless the new one has taken over."""
    daemon, rng = line.daemon, random.Random(OPTIONS.seed)
    ends = {"new": 0, "old": 0, "late": 0}
    load = lab.Load(daemon, place.sandbox, signal_threads=2, pause=0.01).start()
    for i in range(OPTIONS.kills):
        asker = subprocess.Popen([lab.TRIDENT, "upgrade", "--config", daemon.config], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True)
        new = lab.wait_for("the new process", lambda: (children(line.pid) or [None])[0], 20, 0.0005)
        time.sleep(rng.uniform(0, 0.15))
        which = "new" if i % 2 == 0 else "old"
        os.kill(new if which == "new" else line.pid, signal.SIGKILL)
        out, err = asker.communicate(timeout=60)
        done = DONE.search(out)
        if which == "new" and asker.returncode == 1:
            assert "the old process goes on" in err, err
            assert is_running(line.pid)
            ends["new"] += 1
        elif which == "old" and not done:
            wait_end(line.pid, 20)
            lab.wait_for("health or the end", lambda: not is_running(new) or daemon.health(), 20)
            if not is_running(new):
                daemon.start()
                new = daemon.process.pid
            line.pid = new
            ends["old"] += 1
        else:  # it was over already
            wait_end(line.pid, 20)
            line.pid = int(done.group(2))
            if which == "new":
                lab.wait_for("the end", lambda: not is_running(line.pid), 10)
                daemon.start()
                line.pid = daemon.process.pid
            ends["late"] += 1
        lab.wait_for("health", daemon.health, 20)
    load.stop()
    load.retry_unanswered()
    check_keys = lab.journal_keys(daemon.journal)
    lost = [k for k in load.acked if "wh:" + k not in check_keys]
    assert not lost, lost[:5]
    assert all(n == 1 for n in check_keys.values())
    place.sandbox.say("/resume")
    watch = lab.VenueWatch(daemon.venue)
    lab.wait_for("venue and engine agree", lambda: kill_daemon.same_positions(daemon, watch), 60, 0.2)
    watch.look()
    kill_daemon.check_orders(lab.read_journal(daemon.journal), watch, kill_daemon.Figures())
    print(f"kills={OPTIONS.kills} during hand-overs: {ends} acked={len(load.acked)} lost=0 twice=0 seed={OPTIONS.seed}")


def main():
    assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    with lab.Lab("upgrade") as place:
        line = Line(place.daemon().start())
        try:
            under_load(line, place)
            refusals(place, line)
            kills(place, line)
            line.stop()
            for what in ("verify", "replay"):
                audit = line.daemon.audit(what)
                assert audit.returncode == 0, audit
        finally:
            if is_running(line.pid):
                os.kill(line.pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
