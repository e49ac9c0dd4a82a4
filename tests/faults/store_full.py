#!/usr/bin/env python3
"""The disk fills up while the daemon runs. Entries get 503 and people hear of it; exits and commands go on with the
room kept for them; when even that is gone the process lives and says so; when there is room again it goes on by itself.
Needs root for a small tmpfs. A second part limits the size of files instead (RLIMIT_FSIZE), without root.

    store_full.py path/to/trident path/to/source
"""
import json
import os
import resource
import subprocess
import threading
import time

import lab

CANNOT = "the journal cannot be written"
AGAIN = "works again"


class Filler:
    """Takes every free byte of the file system, now and (with a thread) as it comes free."""

    def __init__(self, folder):
        self.path, self.f, self.thread, self.stopping = os.path.join(folder, "filler"), None, None, False

    def fill(self):
        self.f = self.f or open(self.path, "ab", buffering=0)
        for size in (65536, 4096, 1):
            try:
                while True:
                    self.f.write(b"x" * size)
            except OSError:
                pass

    def keep_filling(self):
        def run():
            while not self.stopping:
                self.fill()
                time.sleep(0.001)
        self.fill()
        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()

    def free(self):
        self.stopping = True
        if self.thread is not None:
            self.thread.join()
        if self.f is not None:
            self.f.close()
            os.unlink(self.path)
        self.__init__(os.path.dirname(self.path))


def heard(place, text):
    return sum(text in t for _, t in place.sandbox.delivered())


class Sender:
    def __init__(self, daemon):
        self.daemon, self.acked, self.n = daemon, set(), 0

    def post(self, body):
        self.n += 1
        answer = self.daemon.alert(body, f"k{self.n}")
        assert answer is not None, "no answer"
        if answer[0] == 200:
            self.acked.add(f"wh:k{self.n}")
        return answer

    def entries_until(self, status, limit=20000):
        client = lab.Client(self.daemon.port)
        for _ in range(limit):
            self.n += 1
            answer = self.daemon.alert(lab.entry(self.n), f"k{self.n}", client)
            assert answer is not None and answer[0] in (200, 503), answer
            if answer[0] == 200:
                self.acked.add(f"wh:k{self.n}")
            if answer[0] == status:
                return answer
        raise AssertionError(f"no {status} in {limit} entries")


def emergency_stop(daemon):
    return lab.Client(daemon.port).call("POST", "/emergency_stop", None, {"Authorization": "Bearer " + lab.ADMIN})


def check_end(daemon, sender):
    code, seconds = daemon.stop()
    assert code == 0 and seconds < 4, (code, seconds)
    keys = lab.journal_keys(daemon.journal)
    assert not sender.acked - set(keys), list(sender.acked - set(keys))[:5]
    assert all(n == 1 for n in keys.values())
    for what in ("verify", "replay"):
        assert daemon.audit(what).returncode == 0, daemon.audit(what)


def no_room_for_entries(place, daemon, sender, filler):
    for i in range(4):
        assert sender.post(lab.entry(i))[0] == 200
    lab.wait_for("positions", lambda: daemon.health()["open_trades"] >= 4)
    filler.fill()
    status, body = sender.entries_until(503)
    assert json.loads(body)["reason"] == "NOT_STORED", body
    lab.wait_for("alarm in Telegram", lambda: heard(place, CANNOT))
    assert daemon.health()["status"] != "ok"
    before = daemon.health()["open_trades"]
    assert sender.post(lab.exit_alert(0))[0] == 200
    assert sender.post(lab.exit_alert(1))[0] == 200
    lab.wait_for("an exit closes positions", lambda: daemon.health()["open_trades"] < before)
    place.sandbox.say("/positions")
    assert sender.post(lab.entry(0))[0] == 503
    status, body = emergency_stop(daemon)
    assert status == 200, body
    lab.wait_for("panic closes everything", lambda: daemon.health()["open_trades"] == 0, 20)
    assert not heard(place, AGAIN)
    filler.free()
    lab.wait_for("told that it works again", lambda: heard(place, AGAIN))
    assert sender.post(lab.entry(0))[0] == 200


def no_room_at_all(place, daemon, sender, filler):
    told = heard(place, CANNOT), heard(place, AGAIN)
    filler.keep_filling()
    sender.entries_until(503)
    end = time.monotonic() + 20
    while emergency_stop(daemon)[0] == 200:
        assert time.monotonic() < end, "the room kept for exits does not end"
    lab.wait_for("alarm in Telegram", lambda: heard(place, CANNOT) > told[0])
    for i in range(20):
        assert sender.post(lab.exit_alert(i))[0] == 503
    place.sandbox.say("/pause")
    time.sleep(1)
    assert daemon.process.poll() is None
    filler.free()
    lab.wait_for("told that it works again", lambda: heard(place, AGAIN) > told[1])
    lab.wait_for("the command that waited is answered", lambda: heard(place, "Paused."))
    assert sender.post(lab.exit_alert(0))[0] == 200


def full_disk():
    with lab.Lab("full") as place:
        data = os.path.join(place.folder, "data")
        os.mkdir(data)
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", data], capture_output=True, text=True)
        if mount.returncode != 0:
            print("full disk skipped: no tmpfs can be mounted here: " + mount.stderr.strip())
            return
        try:
            filler = Filler(data)
            daemon = place.daemon(data_dir=data).start()
            sender = Sender(daemon)
            no_room_for_entries(place, daemon, sender, filler)
            no_room_at_all(place, daemon, sender, filler)
            check_end(daemon, sender)
            print(f"full disk: acked={len(sender.acked)} lost=0")
        finally:
            filler.free()
            for d in place.daemons:
                d.end()
            subprocess.run(["umount", data], check=True)


def file_limit():
    """Every file of the daemon ends at 5 MiB: writes fail with EFBIG and the signal SIGXFSZ."""
    limit = 5 << 20
    with lab.Lab("limit") as place:
        daemon = place.daemon()
        daemon.start(preexec=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)))
        sender = Sender(daemon)
        sender.entries_until(503)
        lab.wait_for("alarm in Telegram", lambda: heard(place, CANNOT))
        # Where a batch of entries did not fit, a single row may: that is told by each bot, and taken back at the next
        # refusal. Until not even that fits, and then for two seconds, the refusal is the last word.
        told, quiet_since = heard(place, CANNOT), time.monotonic()
        end = quiet_since + 30
        while time.monotonic() < quiet_since + 2:
            sender.entries_until(503)
            time.sleep(0.1)
            if heard(place, CANNOT) != told:
                told, quiet_since = heard(place, CANNOT), time.monotonic()
            assert time.monotonic() < end, f"told {told} times and still not quiet"
        assert daemon.process.poll() is None
        again = heard(place, AGAIN)
        assert told == again + 3, f"told {told} times, taken back {again} times"
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        lab.wait_for("told that it works again", lambda: heard(place, AGAIN) == again + 3)
        assert sender.post(lab.exit_alert(0))[0] == 200
        check_end(daemon, sender)
        print(f"file limit: acked={len(sender.acked)} lost=0")


if __name__ == "__main__":
    full_disk()
    file_limit()
