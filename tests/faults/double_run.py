#!/usr/bin/env python3
"""Exactly one process trades. A second `trident run` on the same data directory refuses in words and touches nothing; so
does one on a copy of it. When the first one dies both are free at once. When the locks themselves are lost (deleted, or
another machine's) the claim in the journal decides: the first one, frozen and resumed, ends with code 71 and has neither
committed nor sent anything since.

    double_run.py path/to/trident path/to/source
"""
import json
import os
import shutil
import signal
import subprocess

import lab

EXIT_FENCED = 71


def other_config(daemon, name, data_dir=None):
    with open(daemon.config, encoding="utf-8") as f:
        other = json.load(f)
    other["http"]["port"] = lab.free_port()
    if data_dir:
        other["data_dir"] = data_dir
    path = daemon.config + name
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
        json.dump(other, f)
    return path


def refused(config, why, prefix=()):
    r = subprocess.run([*prefix, lab.TRIDENT, "run", "--config", config], capture_output=True, text=True, timeout=20)
    assert r.returncode == 1, r
    assert why in r.stderr, r.stderr


def own_network(config):
    """Where claims by name do not reach, as in another container; None when this machine does not allow it."""
    prefix = ["unshare", "--net", "--map-root-user"] if os.geteuid() else ["unshare", "--net"]
    r = subprocess.run([*prefix, "true"], capture_output=True, check=False)
    return None if r.returncode else [*prefix, lab.TRIDENT, "run", "--config", config]


def frozen_loser(place, first):
    command = own_network(other_config(first, ".third"))
    if command is None:
        print("not tried: a frozen loser (no network of its own for the second process)")
        return
    before = len(lab.read_journal(first.journal))
    first.process.send_signal(signal.SIGSTOP)
    os.unlink(os.path.join(first.data, "trident.lock"))
    log = os.path.join(place.folder, "third.log")
    with open(log, "w", encoding="utf-8") as f:
        third = subprocess.Popen(command, stdout=f, stderr=f)
    try:
        def is_ready():
            with open(log, encoding="utf-8") as f:
                return " ready " in f.read()
        lab.wait_for("the second process on the same journal", is_ready, 30)
        first.process.send_signal(signal.SIGCONT)
        answer = first.alert(lab.entry(2), "c")  # what it would write next
        assert answer is None or answer[0] != 200, answer
        assert first.process.wait(20) == EXIT_FENCED, first.process.returncode
        assert "journal_taken_over" in first.log_tail(), first.log_tail()
        rows = lab.read_journal(first.journal)
        starts = [r.seq for r in rows if r.seq > before and r.kind == "timer"]
        assert starts and starts[0] == before + 1, (before, starts[:3])  # nothing of the loser came in between
    finally:
        third.terminate()
        third.wait(20)
    audit = first.audit("verify")
    assert audit.returncode == 0, audit
    print("a frozen process that lost its claim ended with 71 and committed nothing")


with lab.Lab("double") as place:
    first = place.daemon().start()
    assert first.alert(lab.entry(0), "a")[0] == 200
    before = first.health()["journal_seq"]
    refused(other_config(first, ".second"), "another trident runs on this data_dir")
    copy = os.path.join(place.folder, "copy")
    first.stop()
    shutil.copytree(first.data, copy, ignore=shutil.ignore_patterns("*.sock"))
    first.start()
    copied = other_config(first, ".copy", copy)
    refused(copied, "runs a copy of this trader")
    assert first.process.poll() is None and first.health()["journal_seq"] >= before
    status, body = first.alert(lab.entry(1), "b")
    assert status == 200, body
    first.kill()
    second = subprocess.Popen([lab.TRIDENT, "run", "--config", copied], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)  # now it may, and the first one may not
    port = json.load(open(copied, encoding="utf-8"))["http"]["port"]
    lab.wait_for("the copy", lambda: lab.Client(port, 2.0).call("GET", "/health"), 20)
    refused(first.config, "runs a copy of this trader")
    second.kill()
    second.wait(10)
    first.start()
    assert json.loads(first.alert(lab.entry(1), "b")[1])["status"] == "duplicate"
    frozen_loser(place, first)
    print("the second one refused, the copy as well, the first one went on, all was free after kill -9")
