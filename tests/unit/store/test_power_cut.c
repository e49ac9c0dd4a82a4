/* Covers: the power goes at any write, sync, cut or removal while a journal is made, written,
 * snapshotted and checkpointed, while a plugin database is written, while a schema is upgraded:
 * what was acknowledged is there, a batch is there as a whole or not at all, the chain holds, no
 * file is damaged, a plugin database is never ahead of what was committed to it. The same model
 * finds what other settings lose (NORMAL, OFF, a rollback journal under FULL): it can fail.
 * TRIDENT_POWER_CUTS=n: that many cuts of each instead of a hundred. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "core/log.h"
#include "store/db.h"
#include "store/journal.h"
#include "store/trade_ledger.h"
#include "support/power_vfs.h"
#include "unit/store/scratch.h"

static void begin(void)
{
    scratch_make();
    cr_assert_eq(log_open(LOG_ERROR, "/dev/null"), 0); /* every cut is an error somebody logs */
    power_vfs_install();
}

TestSuite(power_cut, .init = begin, .fini = scratch_remove);

#define CUTS_DEFAULT 120

static int cuts(void)
{
    const char *text = getenv("TRIDENT_POWER_CUTS");
    return text != NULL ? (int)strtol(text, NULL, 10) : CUTS_DEFAULT;
}

/* Cuts spread over a workload of `operations`, then more of them with other luck. */
static int64_t cut_of(int i, int64_t operations)
{
    return 1 + (int64_t)i % operations;
}

/* ---- the journal ---- */

struct written {
    uint64_t acked;      /* last row whose commit said yes */
    uint64_t batch_from; /* the batch under way: its rows, or none */
    uint64_t batch_to;
};

static int write_batch(struct journal *j, struct written *w, int rows)
{
    char text[3000];
    int r = journal_begin(j);
    w->batch_from = journal_last_seq(j) + 1;
    w->batch_to = w->batch_from + (uint64_t)rows - 1;
    memset(text, 'x', sizeof(text));
    for (int i = 0; r == 0 && i < rows; i++) {
        struct journal_row row = {.seq = journal_last_seq(j) + 1,
                                  .kind = 1,
                                  .key = "key",
                                  .input = text,
                                  .input_len = 1 + (size_t)power_random(sizeof(text)),
                                  .output = text,
                                  .output_len = 10};
        r = journal_append(j, &row);
    }
    if (r == 0 && power_random(8) == 0)
        r = journal_snapshot(j, journal_last_seq(j), text, sizeof(text));
    if (r == 0)
        r = journal_commit(j);
    if (r == 0)
        w->acked = journal_last_seq(j);
    else
        journal_rollback(j);
    return r;
}

static void write_journal(struct written *w)
{
    struct journal *j = NULL;
    int r = journal_open(scratch_path("journal.db"), &j);
    for (int i = 0; r == 0 && i < 30; i++) {
        r = write_batch(j, w, 1 + (int)power_random(5));
        if (r == 0 && i % 10 == 9) {
            (void)journal_close(j);
            j = NULL;
            r = journal_open(scratch_path("journal.db"), &j);
        }
    }
    (void)journal_close(j);
}

static void check_journal(const struct written *w, int i)
{
    struct journal *j = NULL;
    struct journal_reader *reader = NULL;
    uint64_t rows = 0, bad = 0;
    uint8_t hash[HASH_SHA256_BYTES];
    cr_assert_eq(journal_open(scratch_path("journal.db"), &j), 0, "cut %d: does not open", i);
    uint64_t last = journal_last_seq(j);
    cr_assert_geq(last, w->acked, "cut %d: acknowledged row %d is lost, the last is %d", i,
                  (int)w->acked, (int)last);
    cr_assert(last == w->acked || (w->batch_from == w->acked + 1 && last == w->batch_to),
              "cut %d: %d rows are part of a batch", i, (int)last);
    cr_assert_eq(journal_reader_open(scratch_path("journal.db"), &reader), 0);
    cr_assert_eq(journal_verify(reader, &rows, &bad, hash), JOURNAL_OK, "cut %d: chain", i);
    cr_assert_eq(rows, last);
    (void)journal_reader_close(reader);
    struct written after = {0};
    cr_assert_eq(write_batch(j, &after, 3), 0, "cut %d: cannot go on", i);
    (void)journal_close(j);
}

Test(power_cut, loses_no_acknowledged_row_of_the_journal)
{
    struct written w = {0};
    power_vfs_begin(1, 0);
    write_journal(&w);
    int64_t operations = power_disk.operations;
    cr_assert_gt(w.acked, 30);
    for (int i = 0; i < cuts(); i++) {
        w = (struct written){0};
        power_vfs_begin((uint64_t)i / 7 + 1, cut_of(i, operations));
        write_journal(&w);
        power_vfs_restore();
        check_journal(&w, i);
    }
}

/* ---- a plugin database ---- */

static int open_ledger(struct trade_ledger **ret)
{
    return trade_ledger_open(&v3_ledger, scratch_path("v3.db"), ret);
}

static uint64_t write_ledger(void)
{
    struct trade_ledger *l = NULL;
    uint64_t tried = 0;
    int r = open_ledger(&l);
    for (uint64_t seq = 1; r == 0 && seq <= 40; seq++) {
        struct event e = EVENT_INIT;
        e.type = EVENT_TRADE_OPENED;
        e.seq = seq;
        e.cid = e.position_cid = seq;
        e.cause_seq = seq;
        e.side = SIDE_BUY;
        e.role = ORDER_ROLE_A;
        e.lots_e8 = e.entry_e8 = 100000000;
        e.time_ms = 1000;
        (void)snprintf(e.symbol, sizeof(e.symbol), "XAUUSD");
        (void)snprintf(e.plugin, sizeof(e.plugin), "combined_v3");
        (void)snprintf(e.route, sizeof(e.route), "LOGIC1");
        r = trade_ledger_begin(l);
        if (r == 0)
            r = trade_ledger_apply(l, &e);
        tried = seq;
        if (r == 0)
            r = trade_ledger_commit(l, seq);
    }
    (void)trade_ledger_close(l);
    return tried;
}

static int64_t number(const char *file, const char *sql)
{
    struct db *d = NULL;
    int64_t v = -1;
    cr_assert_eq(db_open_readonly(scratch_path(file), &d), 0);
    sqlite3_stmt *st = db_prepare(d, sql);
    cr_assert_not_null(st);
    if (sqlite3_step(st) == SQLITE_ROW)
        v = sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st);
    (void)db_close(d);
    return v;
}

Test(power_cut, leaves_a_plugin_database_whole_and_at_its_watermark)
{
    power_vfs_begin(1, 0);
    cr_assert_eq(write_ledger(), 40);
    int64_t operations = power_disk.operations;
    for (int i = 0; i < cuts(); i++) {
        struct trade_ledger *l = NULL;
        power_vfs_begin((uint64_t)i / 5 + 1, cut_of(i, operations));
        uint64_t tried = write_ledger();
        power_vfs_restore();
        cr_assert_eq(open_ledger(&l), 0, "cut %d", i);
        cr_assert_null(trade_ledger_set_aside(l), "cut %d: damaged", i);
        uint64_t applied = trade_ledger_applied_seq(l);
        (void)trade_ledger_close(l);
        cr_assert_leq(applied, tried, "cut %d", i);
        cr_assert_eq((uint64_t)number("v3.db", "SELECT count(*) FROM combined_v3_trades"), applied,
                     "cut %d: rows and watermark come apart", i);
    }
}

/* ---- an upgrade of the schema ---- */

static const char *const steps[] = {"CREATE TABLE a(i INTEGER)",
                                    "ALTER TABLE a ADD COLUMN j INTEGER NOT NULL DEFAULT 7;"
                                    "CREATE TABLE b AS SELECT i FROM a;"
                                    "INSERT INTO b VALUES(-1)"};

static void make_old(void)
{
    struct db *d = NULL;
    cr_assert_eq(db_open(scratch_path("u.db"), DB_FULL, steps, 1, &d), 0);
    for (int i = 0; i < 50; i++)
        cr_assert_eq(db_exec(d, "INSERT INTO a VALUES(zeroblob(500))"), 0);
    (void)db_close(d);
}

static void upgrade(void)
{
    struct db *d = NULL;
    if (db_open(scratch_path("u.db"), DB_FULL, steps, 2, &d) == 0)
        (void)db_close(d);
}

Test(power_cut, leaves_an_upgrade_done_or_undone)
{
    power_vfs_begin(1, 0);
    make_old();
    int64_t before = power_disk.operations;
    upgrade();
    int64_t operations = power_disk.operations - before;
    cr_assert_gt(operations, 5);
    for (int i = 0; i < cuts(); i++) {
        power_vfs_begin((uint64_t)i + 1, 0);
        make_old();
        power_disk.cut_at = power_disk.operations + cut_of(i, operations);
        upgrade();
        power_vfs_restore();
        upgrade();
        cr_assert_eq(number("u.db", "PRAGMA user_version"), 2, "cut %d", i);
        cr_assert_eq(number("u.db", "SELECT count(*) FROM b"), 51, "cut %d: done twice or in part",
                     i);
    }
}

/* ---- the model can fail ---- */

static int losses(const char *first, const char *then)
{
    int lost = 0;
    for (int i = 0; i < 200; i++) {
        sqlite3 *h = NULL;
        int acked = 0, there = 0; /* without its table: none */
        sqlite3_stmt *st = NULL;
        power_vfs_begin((uint64_t)i + 1, 5 + i % 60);
        if (sqlite3_open(scratch_path("w.db"), &h) == SQLITE_OK &&
            sqlite3_exec(h, first, NULL, NULL, NULL) == SQLITE_OK &&
            sqlite3_exec(h, then, NULL, NULL, NULL) == SQLITE_OK)
            while (acked < 20 &&
                   sqlite3_exec(h, "INSERT INTO t VALUES(1)", NULL, NULL, NULL) == SQLITE_OK)
                acked++;
        (void)sqlite3_close(h);
        power_vfs_restore();
        if (sqlite3_open(scratch_path("w.db"), &h) == SQLITE_OK &&
            sqlite3_prepare_v2(h, "SELECT count(*) FROM t", -1, &st, NULL) == SQLITE_OK &&
            sqlite3_step(st) == SQLITE_ROW)
            there = sqlite3_column_int(st, 0);
        (void)sqlite3_finalize(st);
        (void)sqlite3_close(h);
        lost += there < acked;
    }
    return lost;
}

Test(power_cut, of_this_model_finds_what_other_settings_lose)
{
    const char *make = "CREATE TABLE t(i INTEGER)";
    cr_assert_eq(losses("PRAGMA synchronous=EXTRA; PRAGMA journal_mode=WAL", make), 0);
    cr_assert_gt(losses("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL", make), 0);
    cr_assert_gt(losses("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF", make), 0);
    /* A rollback journal whose end was not promised comes back and takes the last commit along. */
    cr_assert_eq(losses("PRAGMA synchronous=EXTRA", make), 0);
    cr_assert_gt(losses("PRAGMA synchronous=FULL", make), 0);
}
