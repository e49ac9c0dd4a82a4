"""Backup, restore and verify with the real binary. The drill: a copy made while alerts come in is restored elsewhere and
answers the same questions with the same bytes. And: a daemon keeps a restore out, damage is refused, an interrupted
restore keeps the daemon out until it was done again, a scheduled backup is told, also its failure.
"""
import glob
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import threading

from trident_harness import TRIDENT, Case, main, until, v3_entry, v3_exit


def dump(path):
    """Every row of every table, in order, as text; not what only says how far a projection is."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        out = []
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name").fetchall():
            if name not in ("watermark", "claim"):
                out += [name] + [repr(row) for row in db.execute(f'SELECT * FROM "{name}" ORDER BY 1')]
        return out
    finally:
        db.close()


def journal_rows(path, up_to):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return hashlib.sha256(repr(db.execute("SELECT * FROM journal WHERE seq <= ? ORDER BY seq", (up_to,)).fetchall())
                              .encode()).hexdigest()
    finally:
        db.close()


class Backup(Case):
    def setUp(self):
        self.outside = tempfile.mkdtemp(prefix="trident-backups-")
        self.addCleanup(shutil.rmtree, self.outside, True)

    def run_backup(self, w):
        r = w.daemon.tool("backup", "--to", self.outside)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        path = r.stdout.split(":")[0]
        with open(os.path.join(path, "MANIFEST.json"), encoding="utf-8") as f:
            return path, {x["path"]: x for x in json.load(f)["files"]}

    def trade(self, w, n=6):
        for i in range(n):
            a = w.daemon.alert(v3_entry(price=2650.0 + i, side="buy" if i % 2 else "sell"))
            self.assertEqual(a.status, 200, a.text)
        until(lambda: w.daemon.engine()["open_positions"] > 0, "positions")
        w.daemon.alert(v3_exit())
        w.daemon.command("close", "all")
        until(lambda: w.daemon.engine()["open_orders"] == 0, "orders done")

    def second(self, w, path):
        """A daemon of its own on the restored copy."""
        other = os.path.join(self.outside, "elsewhere")
        os.makedirs(other)
        conf = dict(w.daemon.conf, data_dir=os.path.join(other, "data"))
        file = os.path.join(other, "trident.json")
        with open(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as f:
            json.dump(conf, f)
        r = subprocess.run([TRIDENT, "restore", path, "--config", file], capture_output=True, text=True, timeout=60)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        return file, os.path.join(other, "data")

    def test_the_restored_copy_answers_the_same_with_the_same_bytes(self):
        w = self.world()
        self.trade(w)
        stop, sent = threading.Event(), []

        def load():
            while not stop.is_set():
                sent.append(w.daemon.alert(v3_entry(price=2700.0 + len(sent))).status)
        threads = [threading.Thread(target=load) for _ in range(2)]
        for t in threads:
            t.start()
        path, files = self.run_backup(w)
        stop.set()
        for t in threads:
            t.join()
        self.assertEqual(set(sent), {200})
        journal = files["traders/main/journal.db"]
        self.assertEqual(files["traders/main/zepix_combined_v3.db"]["seq"], journal["seq"], "one cut")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o700)
        found = {os.path.relpath(os.path.join(root, n), path) for root, _, names in os.walk(path) for n in names}
        self.assertEqual(found, set(files) | {"MANIFEST.json"}, "nothing but what is in the manifest")
        live = os.path.join(w.folder, "data")
        file, data = self.second(w, path)

        def tool(*args, config=file):
            r = subprocess.run([TRIDENT, *args, "--config", config], capture_output=True, text=True, timeout=60)
            self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
            return r.stdout
        self.assertEqual(journal_rows(data + "/traders/main/journal.db", journal["seq"]),
                         journal_rows(live + "/traders/main/journal.db", journal["seq"]))
        self.assertIn(journal["chain"], tool("verify"))
        self.assertIn("closed orders are those of the fills", tool("verify"))
        self.assertIn(f"{journal['seq']} rows played again, every output is the same", tool("audit", "replay"))
        for seq in (1, journal["seq"] // 2, journal["seq"]):
            self.assertEqual(tool("audit", "show", str(seq)), tool("audit", "show", str(seq), config=w.daemon.path))
        # Projected anew from row 1 of the restored journal, the plugin database is the one of the backup.
        name = "traders/main/zepix_combined_v3.db"
        os.unlink(os.path.join(data, name))
        w.daemon.stop()
        w.daemon.conf["data_dir"] = data
        w.daemon.start()
        closed = [row for row in dump(os.path.join(path, name)) if "'CLOSED'" in row]
        self.assertTrue(closed)
        until(lambda: os.path.exists(os.path.join(data, name))
              and set(closed) <= set(dump(os.path.join(data, name))), "the rows of the backup")
        w.daemon.stop()
        w.daemon.conf["data_dir"] = live

    def test_the_same_answers_after_a_restore_in_place(self):
        w = self.world(bots=("controller",))
        self.trade(w)
        ask = lambda: [w.daemon.command(c).json["text"] for c in ("history", "daily", "orders")]  # noqa: E731
        until(lambda: w.daemon.engine()["open_positions"] == 0, "flat")
        seq = w.daemon.rows()[-1][0]
        answers = [a.replace(str(seq), "N") for a in ask()]
        path, files = self.run_backup(w)
        refused = w.daemon.tool("restore", path)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("a daemon runs on it", refused.stderr)
        self.assertEqual(w.daemon.alert(v3_entry(price=2660.0)).status, 200)
        w.daemon.stop()
        r = w.daemon.tool("restore", path)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        self.assertTrue(glob.glob(w.daemon.journal_path + "_REPLACED_*"))
        self.assertEqual(w.daemon.rows()[-1][0], files["traders/main/journal.db"]["seq"])
        w.daemon.start()
        now = ask()
        for a, b in zip(answers, now):
            self.assertEqual([line for line in a.split("\n") if "#" not in line and ":" in line],
                             [line for line in b.split("\n") if "#" not in line and ":" in line])

    def test_what_root_leaves_belongs_to_the_user_of_the_service(self):
        if os.geteuid() != 0:
            self.skipTest("only root can")
        w = self.world(bots=("controller",))
        self.trade(w, 2)
        w.daemon.stop()
        data = os.path.join(w.folder, "data")

        def below(*tops):
            return [os.path.join(root, n) for top in tops for root, dirs, files in os.walk(top) for n in dirs + files]
        os.unlink(os.path.join(data, "trident.lock"))
        for path in (data, self.outside, *below(data)):
            os.lchown(path, 4711, 4711)
        self.addCleanup(lambda: [os.lchown(p, 0, 0) for p in (data, *below(data))])
        path, _ = self.run_backup(w)
        for args in (("restore", path), ("token", "new", "desk"), ("verify",), ("audit", "verify"), ("audit", "replay")):
            r = w.daemon.tool(*args)
            self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        found = below(data, self.outside)
        for name in ("tokens", "tokens.lock", "trident.lock", "traders/main/journal.db"):
            self.assertIn(os.path.join(data, name), found)
        self.assertEqual([p for p in found if (os.lstat(p).st_uid, os.lstat(p).st_gid) != (4711, 4711)], [])

    def test_damage_is_refused_and_an_interrupted_restore_is_finished(self):
        w = self.world(bots=("controller",))
        self.trade(w, 2)
        path, files = self.run_backup(w)
        w.daemon.stop()
        victim = os.path.join(path, "traders/main/journal.db")
        with open(victim, "r+b") as f:
            f.seek(files["traders/main/journal.db"]["size_bytes"] // 2)
            byte = f.read(1)
            f.seek(-1, 1)
            f.write(bytes([byte[0] ^ 1]))
        for args in (("restore", path), ("restore", path, "--check")):
            r = w.daemon.tool(*args) if len(args) == 2 else subprocess.run([TRIDENT, *args], capture_output=True, text=True)
            self.assertEqual((r.returncode, "not those of the manifest" in r.stderr), (1, True), r.stderr)
        self.assertFalse(glob.glob(w.daemon.journal_path + "_REPLACED_*"))
        with open(victim, "r+b") as f:
            f.seek(files["traders/main/journal.db"]["size_bytes"] // 2)
            f.write(byte)
        mark = os.path.join(w.folder, "data", "restore.pending")
        with open(mark, "w", encoding="utf-8") as f:
            f.write(path)
        r = w.daemon.tool("run")
        self.assertEqual((r.returncode, "restore was interrupted" in r.stderr), (1, True), r.stderr)
        self.assertEqual(w.daemon.tool("restore", path).returncode, 0)
        self.assertFalse(os.path.exists(mark))
        self.assertEqual(w.daemon.tool("verify").returncode, 0)
        ledger = os.path.join(w.folder, "data/traders/main/zepix_combined_v3.db")
        db = sqlite3.connect(ledger)
        changed = db.execute("UPDATE combined_v3_trades SET order_a_profit_dollars_e8 = order_a_profit_dollars_e8 + 1"
                             " WHERE order_a_status = 'CLOSED'").rowcount
        db.commit()
        db.close()
        self.assertGreater(changed, 0)
        r = w.daemon.tool("verify")
        self.assertEqual(r.returncode, 1)
        self.assertIn("the ledger is WRONG", r.stdout)

    def test_a_scheduled_backup_is_told_and_so_is_its_failure(self):
        target = os.path.join(self.outside, "b")
        w = self.world(overrides={"backup": {"dir": target, "interval_min": 1, "keep": 2}})
        w.sandbox.wait("controller", contains="Backup made", timeout=30)
        self.assertTrue(glob.glob(target + "/2*/MANIFEST.json"))
        w.daemon.stop()
        shutil.rmtree(target)
        with open(target, "w", encoding="utf-8") as f:
            f.write("in the way")
        w.daemon.start()
        w.sandbox.wait("controller", contains="NO BACKUP", timeout=30)


if __name__ == "__main__":
    main()
