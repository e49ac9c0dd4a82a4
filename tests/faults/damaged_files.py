#!/usr/bin/env python3
"""Files damaged while the daemon is down. notify.db and the trade ledger are projections: set aside, made anew from the
journal, people told, trading goes on. The journal and the venue's log are truth: a damaged or cut one refuses the start
with its name and what to do, and is left as it is. A torn end of the venue's log is an interrupted write: cut, and the
positions that were in it are put right at the next reconciliation.

    damaged_files.py path/to/trident path/to/source
"""
import glob
import os
import shutil
import sqlite3

import lab


def garbage(path):
    with open(path, "r+b") as f:
        f.write(os.urandom(8192))


def cut(path):
    with open(path, "r+b") as f:
        f.truncate(os.path.getsize(path) // 2 + 100)


def middle(path):
    with open(path, "r+b") as f:
        f.seek(os.path.getsize(path) // 4096 // 2 * 4096)
        f.write(b"\xa5" * 4096)


def heard(place, text):
    return sum(text in t for _, t in place.sandbox.delivered())


def ledger_rows(path):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return db.execute("SELECT order_a_ticket, order_a_status, order_a_profit_dollars FROM combined_v3_trades"
                          " ORDER BY id").fetchall()
    finally:
        db.close()


def projections(place, daemon):
    ledger = os.path.join(daemon.data, "traders/main/zepix_combined_v3.db")
    notify = os.path.join(daemon.data, "notify.db")
    before = ledger_rows(ledger)
    assert len(before) >= 3, before
    for damage in (garbage, cut, middle):
        for path, text in ((ledger, "trade ledger was damaged"), (notify, "message store was damaged")):
            told = heard(place, text)
            damage(path)
            daemon.start()
            lab.wait_for(f"{damage.__name__} {path} told", lambda t=text, n=told: heard(place, t) > n)
            assert daemon.alert(lab.entry(0))[0] == 200
            assert glob.glob(path + "_CORRUPTED_*"), "the damaged file is kept"
            assert daemon.stop()[0] == 0
            if path == ledger:
                now = ledger_rows(ledger)
                assert now[:len(before)] == before, (before, now)
                before = now
            for old in glob.glob(path + "_CORRUPTED_*"):
                os.unlink(old)


def whole(path):
    with open(path, "rb") as f:
        return f.read()


def refused(daemon, path, *words, content=whole):
    """The start fails with exit code 1, says the file, and leaves what is in it alone."""
    before = content(path)
    daemon.start(wait=False)
    assert daemon.process.wait(20) == 1, daemon.log_tail()
    log = daemon.log_tail(1500)
    for word in (path,) + words:
        assert word in log, (word, log)
    assert content(path) == before, "a refused file was changed"


def journal(place, daemon):
    kept = daemon.journal + ".kept"
    shutil.copyfile(daemon.journal, kept)
    for damage in (garbage, cut):
        damage(daemon.journal)
        told = heard(place, "does not trade: the journal")
        refused(daemon, daemon.journal, "damaged", "trident verify", "trident restore")
        assert heard(place, "does not trade: the journal") > told, "people hear of it before it ends"
        shutil.copyfile(kept, daemon.journal)
    daemon.start()
    assert daemon.alert(lab.entry(1), "later")[0] == 200
    assert daemon.stop()[0] == 0
    newer = daemon.journal + ".newer"
    shutil.move(daemon.journal, newer)
    shutil.copyfile(kept, daemon.journal)  # an older copy: rows that people were told about are missing
    refused(daemon, daemon.journal, "ends_at_row", "older copy", content=lab.read_journal)  # a claim on it is taken first
    shutil.move(newer, daemon.journal)


def venue_log(place, daemon):
    daemon.start()
    n = len(lab.read_journal(daemon.journal))
    for i in range(4):
        assert daemon.alert(lab.entry(i))[0] == 200
    lab.wait_for("fills", lambda: daemon.health()["open_trades"] >= 4)
    daemon.kill()
    with open(daemon.venue, "r+b") as f:
        f.truncate(os.path.getsize(daemon.venue) - 30)  # a torn last record
    daemon.start()
    lab.wait_for("venue and engine agree", lambda: same_positions(daemon), 20)
    assert daemon.stop()[0] == 0
    assert len(lab.read_journal(daemon.journal)) > n
    kept = daemon.venue + ".kept"
    shutil.copyfile(daemon.venue, kept)
    garbage(daemon.venue)
    refused(daemon, daemon.venue, "damaged")
    shutil.copyfile(kept, daemon.venue)


def same_positions(daemon):
    watch = lab.VenueWatch(daemon.venue)
    watch.look()
    return {c: p["lots"] for c, p in watch.positions.items()} == lab.engine_positions(lab.read_journal(daemon.journal))


with lab.Lab("damaged") as place:
    daemon = place.daemon().start()
    for i in range(40):
        assert daemon.alert(lab.exit_alert(i // 3) if i % 3 == 2 else lab.entry(i), f"k{i}")[0] == 200
    assert daemon.stop()[0] == 0
    projections(place, daemon)
    journal(place, daemon)
    venue_log(place, daemon)
    daemon.start()
    assert daemon.stop()[0] == 0
    for what in ("verify", "replay"):
        assert daemon.audit(what).returncode == 0, daemon.audit(what)
    print("projections: set aside and made anew; journal and venue: refused by name; a torn end: put right")
