"""trident import: the old bot's closed trades as history. What would come of it is told first; a row that does not fit is
named; made again it is the same; what is there is never lost; reports show it, limits and positions do not.
"""
import datetime
import fcntl
import glob
import os
import shutil
import sqlite3
import tempfile

from trident_harness import Case, main, until, v3_entry

SCHEMA = """
CREATE TABLE trades(id INTEGER PRIMARY KEY, trade_id TEXT, symbol TEXT, entry_price REAL, exit_price REAL, sl_price REAL,
 tp_price REAL, lot_size REAL, direction TEXT, strategy TEXT, pnl REAL, commission REAL, swap REAL, comment TEXT, status TEXT,
 open_time TEXT, close_time TEXT, chain_id TEXT, chain_level INTEGER, is_re_entry INTEGER, order_type TEXT,
 profit_chain_id TEXT, profit_level INTEGER, session_id TEXT, logic_type TEXT, lot_multiplier REAL);
CREATE TABLE reentry_chains(chain_id TEXT PRIMARY KEY, symbol TEXT, direction TEXT, original_entry REAL,
 original_sl_distance REAL, max_level_reached INTEGER, total_profit REAL, status TEXT, created_at TEXT, completed_at TEXT);
CREATE TABLE profit_booking_chains(chain_id TEXT PRIMARY KEY, symbol TEXT, direction TEXT, base_lot REAL,
 current_level INTEGER, total_profit REAL, status TEXT, created_at TEXT, updated_at TEXT);
CREATE TABLE trading_sessions(session_id TEXT PRIMARY KEY, symbol TEXT);
"""
TRADE = {"symbol": "XAUUSD", "entry_price": 2650.0, "exit_price": 2655.0, "lot_size": 0.05, "direction": "buy",
         "strategy": "combinedlogic-1", "pnl": 25.0, "status": "closed", "order_type": "TP_TRAIL"}


def when(days_ago):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days_ago)).isoformat()


def insert(db, table, **row):
    db.execute(f"INSERT INTO {table}({','.join(row)}) VALUES({','.join('?' * len(row))})", list(row.values()))


def old_bot(path):
    """Four trades that fit (sum of pnl 25 + 0.1 + 0.2 - 4.2 = 21.1), three that do not, a chain of each kind."""
    db = sqlite3.connect(path)
    db.executescript(SCHEMA)
    t = {**TRADE, "open_time": when(4), "close_time": when(3)}
    insert(db, "trades", id=1, trade_id="88120", **t)
    insert(db, "trades", id=2, trade_id="88121", **{**t, "symbol": "EURUSD", "pnl": 0.1, "commission": -0.02})
    insert(db, "trades", id=3, trade_id="88122", **{**t, "strategy": "LOGIC3", "pnl": 0.1 + 0.2 - 0.1, "lot_multiplier": 0.625})
    insert(db, "trades", id=4, trade_id="88123", **{**t, "order_type": "PROFIT_TRAIL", "status": "open", "pnl": -4.2,
                                                   "close_time": None})
    insert(db, "trades", id=5, trade_id="88124", **{**t, "direction": "long"})
    insert(db, "trades", id=6, trade_id="88120", **t)
    insert(db, "trades", id=7, trade_id="88125", **{**t, "strategy": "price_action_5m"})
    insert(db, "reentry_chains", chain_id="XAUUSD_0011aabb", symbol="XAUUSD", direction="BUY", original_entry=2650.0,
           original_sl_distance=5.0, max_level_reached=3, total_profit=12.5, status="completed", created_at=when(4))
    insert(db, "profit_booking_chains", chain_id="P1", symbol="XAUUSD", direction="BUY", base_lot=0.05, current_level=5,
           status="ACTIVE")
    db.execute("INSERT INTO trading_sessions VALUES('SES_1', 'XAUUSD')")
    db.commit()
    db.close()


def rows(path):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return [db.execute(f"SELECT * FROM {t} ORDER BY 1").fetchall() for t in ("trades", "v3_reentry_chains", "v3_profit_chains")]
    finally:
        db.close()


class Import(Case):
    def begin(self, **options):
        self.w = self.world(**options)
        self.w.daemon.write()
        self.old = os.path.join(self.w.folder, "old.db")
        self.history = os.path.join(self.w.daemon.conf["data_dir"], "traders", "main", "zepix_history.db")
        old_bot(self.old)
        with open(self.old, "rb") as f:
            self.bytes = f.read()

    def run_import(self, *args, code=0):
        r = self.w.daemon.tool("import", *args)
        self.assertEqual(r.returncode, code, r.stdout + r.stderr)
        return r.stdout + r.stderr

    def test_dry_run_import_repeat_and_rollback(self):
        self.begin(start=False)
        said = self.run_import(self.old, "--dry-run")
        for line in ("trades                 7 rows, 4 to import, 3 skipped", "reentry_chains         1 rows, 1 to import, 0 skipped",
                     "profit_booking_chains  1 rows, 0 to import, 1 skipped", "trading_sessions       1 rows, none imported",
                     "trends                 is not there", "sum of pnl 21.10",
                     'trades id 5: direction is "long"; accepted: buy or sell',
                     'trades id 6: trade_id is "88120"; accepted: each ticket once',
                     'trades id 7: strategy is "price_action_5m"',
                     'profit_booking_chains row 1: current_level is "5"', "nothing was changed"):
            self.assertIn(line, said)
        self.assertFalse(os.path.exists(os.path.dirname(self.history)), "a dry run makes nothing")

        self.assertIn("imported: 4 trades, sum of pnl 21.10, checked", self.run_import(self.old))
        first = rows(self.history)
        self.assertEqual([len(t) for t in first], [4, 1, 0])
        self.assertEqual(os.stat(self.history).st_mode & 0o777, 0o600)
        db = sqlite3.connect(self.history)
        g103 = db.execute("SELECT direction, order_type, status, profit_dollars, migrated_from FROM trades"
                          " WHERE mt5_ticket = 88123").fetchone()
        self.assertEqual(g103, ("BUY", "ORDER_B", "OPEN", -4.2, "v4"))
        self.assertEqual(db.execute("SELECT current_level FROM v3_reentry_chains").fetchone(), (3,))
        self.assertEqual(db.execute("SELECT sum(profit_dollars_e8) FROM trades").fetchone(), (2110000000,))
        db.close()

        said = self.run_import(self.old)
        self.assertIn(".backup", said)
        self.assertEqual(rows(self.history), first, "again: the same")
        backups = glob.glob(self.history + ".[0-9]*_[0-9]*.backup")
        self.assertEqual(len(backups), 1)
        self.assertEqual(rows(backups[0]), first)

        db = sqlite3.connect(self.old)
        db.execute("DELETE FROM trades WHERE id = 1")  # both with this ticket
        db.execute("DELETE FROM trades WHERE id = 6")
        db.commit()
        db.close()
        self.assertIn("has 1 trades that are not in this database", self.run_import(self.old, code=1))
        self.assertEqual(rows(self.history), first, "what is there stays")

        self.run_import("--rollback")
        self.assertFalse(os.path.exists(self.history))
        (aside,) = glob.glob(self.history + ".[0-9]*_[0-9]*.rolledback")
        self.assertEqual(rows(aside), first, "put aside, not removed")
        self.assertIn("nothing to roll back", self.run_import("--rollback", code=1))
        self.assertIn("imported: 3 trades", self.run_import(self.old))

    def test_what_is_no_old_database_is_refused(self):
        self.begin(start=False)
        other = os.path.join(self.w.folder, "other.db")
        self.assertIn("No such file", self.run_import(other, code=1))
        db = sqlite3.connect(other)
        db.execute("CREATE TABLE notes(x)")
        db.commit()
        self.assertIn('no table "trades"', self.run_import(other, code=1))
        db.execute("CREATE TABLE trades(id INTEGER, trade_id TEXT)")
        db.execute("INSERT INTO trades VALUES(1, 'x')")
        db.commit()
        db.close()
        said = self.run_import(other, code=1)
        self.assertIn("trades id 1: strategy is missing", said)
        self.assertIn("nothing to import", said)
        with open(other, "wb") as f:
            f.write(b"no database" * 1000)
        self.assertIn("no database, or damaged", self.run_import(other, code=1))
        self.run_import(code=2)
        self.run_import(self.old, "--rollback", code=2)
        self.run_import(self.old, "--utc-offset", "900", code=2)
        self.assertIn("no trader", self.run_import(self.old, "--trader", "nobody", code=1))
        self.assertFalse(os.path.exists(self.history))

    def test_a_database_that_does_not_hold_still_is_not_taken(self):
        self.begin(start=False)
        columns = "'XAUUSD' symbol, 0.05 lot_size, 'buy' direction, 'LOGIC1' strategy"
        for name, view, says in (
                ("other sums", f"SELECT 7 trade_id, random() % 1000000 pnl, {columns}", "nothing was put in place"),
                ("endless", "WITH RECURSIVE r(n) AS (VALUES(1) UNION ALL SELECT 1 FROM r LIMIT 1000001)"
                            " SELECT n trade_id FROM r", "more than a million rows")):
            path = os.path.join(self.w.folder, f"{name}.db")
            db = sqlite3.connect(path)
            db.execute(f"CREATE VIEW trades AS {view}")
            db.commit()
            db.close()
            self.assertIn(says, self.run_import(path, code=1), name)
        db = sqlite3.connect(self.old)
        db.executescript("ALTER TABLE reentry_chains RENAME TO r; CREATE VIEW reentry_chains AS"
                         " SELECT * FROM r UNION ALL SELECT * FROM r")
        db.close()
        self.assertIn("a chain_id is there twice", self.run_import(self.old, code=1))
        self.assertEqual(os.listdir(os.path.dirname(self.history)), ["zepix_history.lock"], "nothing is left")
        with open(os.path.join(os.path.dirname(self.history), "zepix_history.lock"), encoding="utf-8") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            self.assertIn("another import is at work", self.run_import(self.old, code=1))

    def test_reports_show_it_and_limits_do_not(self):
        self.begin()
        w = self.w
        w.daemon.alert(v3_entry())
        until(lambda: w.daemon.engine()["open_positions"] == 2, "positions")
        before = w.daemon.engine()
        self.run_import(self.old)
        with open(self.old, "rb") as f:
            self.assertEqual(f.read(), self.bytes, "the old database is as it was")
        text = w.sandbox.ask("analytics", "/history", "XAUUSD")["text"]
        self.assertEqual(text.count("XAUUSD"), 2, text)
        self.assertIn("EURUSD", text)
        self.assertIn("88120", text)
        self.assertIn("· LOGIC3", text, "why it was closed is not known")
        self.assertNotIn("88123", text, "it is not closed")
        self.assertIn("25.28", w.sandbox.ask("analytics", "/stats", "closed trades")["text"])  # 25 + 0.1 + 0.2 - 0.02
        after = w.daemon.engine()
        for key in ("open_positions", "balance", "daily_loss", "lifetime_loss"):
            self.assertEqual(after.get(key), before.get(key), key)

        r = w.daemon.tool("verify")
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        self.assertIn("zepix_history.db: sound", r.stdout)
        self.run_import(self.old)  # leaves a safety copy, which is no part of a backup
        kept = tempfile.mkdtemp(prefix="trident-backups-")
        self.addCleanup(shutil.rmtree, kept, True)
        r = w.daemon.tool("backup", "--to", kept)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        path = r.stdout.split(":")[0]
        names = os.listdir(os.path.join(path, "traders", "main"))
        self.assertIn("zepix_history.db", names)
        self.assertFalse([n for n in names if n.endswith(".backup")])

        self.run_import("--rollback")
        self.assertNotIn("88120", w.sandbox.ask("analytics", "/history", "")["text"])
        first = rows(os.path.join(path, "traders", "main", "zepix_history.db"))
        w.daemon.stop()
        r = w.daemon.tool("restore", path)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        self.assertEqual(rows(self.history), first, "a backup brings it back")


if __name__ == "__main__":
    main()
