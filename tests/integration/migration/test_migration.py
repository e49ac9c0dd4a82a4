"""An upgrade to a program whose tables are newer. When a database cannot be brought to them the old process goes on and no
database has changed, also those that could have been; nothing is lost, meanwhile and after. When all can, it takes over."""
import glob
import os
import re
import sqlite3
import subprocess
import threading

from trident_harness import TRIDENT, Case, Successor, main, until, v3_entry

NEXT = os.environ["TRIDENT_NEXT_PROGRAM"]
GOOD = "CREATE TABLE later(x);"
BAD = "CREATE TABLE half(x);INSERT INTO nowhere VALUES(1);"


class Migration(Case):
    def schemas(self, w):
        found = {}
        for path in glob.glob(os.path.join(w.folder, "data/**/*.db"), recursive=True):
            db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
            found[os.path.basename(path)] = (db.execute("PRAGMA user_version").fetchone()[0], sorted(
                r[0] for r in db.execute("SELECT name FROM sqlite_schema")))
            db.close()
        return found

    def old_world(self, **later):
        w = self.world(start=False)
        w.daemon.environment = {**os.environ, "TRIDENT_NEXT": "|".join(f"{k}={v}" for k, v in later.items())}
        w.daemon.start()
        until(w.is_quiet, "the greeting")
        return w

    def upgrade(self, w):
        """While alerts come in; every one of them has to be answered with 200 and be in the journal afterwards."""
        stop, answers = threading.Event(), []

        def post():
            while not stop.is_set():
                price = 2650.0 + len(answers)
                answers.append(w.daemon.alert(v3_entry(tf="5", price=price),
                                              headers={"Idempotency-Key": f"m{len(answers)}"}).status)
        load = threading.Thread(target=post)
        load.start()
        until(lambda: len(answers) > 5, "alerts")
        r = subprocess.run([TRIDENT, "upgrade", NEXT, "--config", w.daemon.path], capture_output=True, text=True,
                           timeout=60)
        before = len(answers)
        until(lambda: len(answers) > before + 5, "alerts afterwards")
        stop.set()
        load.join()
        self.assertEqual(set(answers), {200})
        keys = [row[2] for row in w.daemon.rows() if row[2].startswith("wh:m")]
        self.assertEqual(sorted(keys), sorted(f"wh:m{i}" for i in range(len(answers))))
        return r

    def assert_the_old_one_goes_on(self, w, r, database):
        self.assertEqual(r.returncode, 1, r.stdout + r.stderr)
        self.assertRegex(r.stderr, rf"the tables of \S+/{database} cannot be brought to this version")
        self.assertIn("the old process goes on; nothing was lost", r.stderr)
        self.assertIsNone(w.daemon.process.poll())
        self.assertIn(database, w.sandbox.wait("controller", 0, "NOT UPGRADED")["text"])
        w.sandbox.ask("controller", "/status", "Active")
        self.assertEqual(w.daemon.tool("verify").returncode, 0)

    def test_a_database_that_cannot_be_changed_leaves_all_as_they_were(self):
        for database in ("notify.db", "journal.db", "zepix_combined_v3.db"):
            later = dict.fromkeys(("notify.db", "journal.db", "zepix_combined_v3.db"), GOOD)
            w = self.old_world(**{**later, database: BAD})
            before = self.schemas(w)
            self.assert_the_old_one_goes_on(w, self.upgrade(w), database)
            self.assertEqual(self.schemas(w), before)

    def test_tables_that_can_be_changed_are(self):
        w = self.old_world(**dict.fromkeys(("notify.db", "journal.db"), GOOD))
        before, old = self.schemas(w), w.daemon.process
        r = self.upgrade(w)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        old.wait(20)
        w.daemon.process = Successor(int(re.search(r"runs as process (\d+)", r.stdout)[1]))
        after = self.schemas(w)
        for name in ("notify.db", "journal.db"):
            self.assertEqual(after[name][0], before[name][0] + 1)
            self.assertIn("later", after[name][1])
        w.sandbox.ask("controller", "/status", "Active")


if __name__ == "__main__":
    main()
