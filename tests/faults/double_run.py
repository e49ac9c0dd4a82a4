#!/usr/bin/env python3
"""A second `trident run` on the same data directory refuses in words and touches nothing; when the first one dies, the
lock is free at once.

    double_run.py path/to/trident path/to/source
"""
import json
import subprocess

import lab

with lab.Lab("double") as place:
    first = place.daemon().start()
    assert first.alert(lab.entry(0), "a")[0] == 200
    with open(first.config, encoding="utf-8") as f:
        other = json.load(f)
    other["http"]["port"] = lab.free_port()
    path = first.config + ".second"
    with open(path, "w", encoding="utf-8") as f:
        json.dump(other, f)
    subprocess.run(["chmod", "600", path], check=True)
    before = first.health()["journal_seq"]
    second = subprocess.run([lab.TRIDENT, "run", "--config", path], capture_output=True, text=True, timeout=20)
    assert second.returncode == 1, second
    assert "another trident runs on this data_dir" in second.stderr, second.stderr
    assert first.process.poll() is None and first.health()["journal_seq"] >= before
    status, body = first.alert(lab.entry(1), "b")
    assert status == 200, body
    first.kill()
    first.start()
    assert json.loads(first.alert(lab.entry(1), "b")[1])["status"] == "duplicate"
    assert first.stop()[0] == 0
    print("the second one refused, the first one went on, the lock was free after kill -9")
