/* Covers: store/history: trades and chains written once and read back by the documented names, a
 * ticket twice, what is looked at before it is put in place, one file without a WAL, what a crash
 * left, trades that are not in a map; the ledger reader: the old bot's closed trades before ours,
 * open ones and those without a time not, and never for the check against the journal. And
 * store/legacy_db: every row of a table, tables that are not there. */
#include <criterion/criterion.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "store/history.h"
#include "store/ledger_reader.h"
#include "store/legacy_db.h"
#include "store/trade_ledger.h"
#include "unit/store/scratch.h"

#define PATH scratch_path(HISTORY_DB)
#define DAY0 INT64_C(1795219200000) /* 2026-11-21T00:00:00Z */

TestSuite(history, .init = scratch_make, .fini = scratch_remove);

static int64_t e8(const char *s)
{
    int64_t v = 0;
    cr_assert(dec_parse(s, strlen(s), &v));
    return v;
}

static struct migration_trade trade(int64_t ticket, const char *profit)
{
    struct migration_trade t = {.ticket = ticket,
                                .side = SIDE_BUY,
                                .role = ORDER_ROLE_B,
                                .status = "CLOSED",
                                .logic = "LOGIC2",
                                .lots_e8 = e8("0.05"),
                                .entry_e8 = e8("1.1"),
                                .exit_e8 = e8("1.101"),
                                .sl_e8 = DEC_NONE,
                                .tp_e8 = DEC_NONE,
                                .profit_e8 = e8(profit),
                                .commission_e8 = e8("0.35"),
                                .swap_e8 = DEC_NONE,
                                .entry_ms = DAY0,
                                .exit_ms = DAY0 + ticket};
    (void)str_copy(t.symbol, sizeof(t.symbol), "EURUSD");
    return t;
}

static struct migration_chain chain(void)
{
    struct migration_chain c = {.side = SIDE_SELL,
                                .status = "COMPLETED",
                                .level = 3,
                                .size_e8 = e8("0.05"),
                                .distance_e8 = e8("0.005"),
                                .profit_e8 = e8("12.5"),
                                .created_ms = DAY0,
                                .ended_ms = DEC_NONE};
    (void)str_copy(c.id, sizeof(c.id), "EURUSD_0011aabb");
    (void)str_copy(c.symbol, sizeof(c.symbol), "EURUSD");
    return c;
}

/* Three trades (one open, one without a time), a chain of each kind. */
static void make(void)
{
    struct history *h = NULL;
    struct migration_trade open = trade(7, "-4.2"), timeless = trade(8, "1");
    const struct migration_trade closed = trade(88123, "10.5");
    const struct migration_chain c = chain();
    open.status = "OPEN";
    open.exit_ms = DEC_NONE;
    timeless.exit_ms = DEC_NONE;
    cr_assert_eq(history_create(PATH, &h), 0);
    cr_assert_eq(history_add_trade(h, &closed, "{\"strategy\":\"LOGIC2\"}"), 0);
    cr_assert_eq(history_add_trade(h, &open, "{}"), 0);
    cr_assert_eq(history_add_trade(h, &timeless, "{}"), 0);
    cr_assert_eq(history_add_reentry_chain(h, &c), 0);
    cr_assert_eq(history_add_profit_chain(h, &c), 0);
    cr_assert_eq(history_finish(h, "old.db", DAY0), 0);
}

/* Values of the first row, joined by "|". */
static const char *row_of(const char *path, const char *sql)
{
    static char line[512];
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    size_t n = 0;
    cr_assert_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    cr_assert_eq(sqlite3_step(st), SQLITE_ROW);
    for (int i = 0; i < sqlite3_column_count(st); i++) {
        const char *s = (const char *)sqlite3_column_text(st, i);
        n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s", i > 0 ? "|" : "",
                              s != NULL ? s : "NULL");
    }
    cr_assert_eq(sqlite3_finalize(st), SQLITE_OK);
    cr_assert_eq(sqlite3_close(db), SQLITE_OK);
    return line;
}

Test(history, rows_have_the_documented_names_and_the_tag)
{
    make();
    cr_expect_str_eq(row_of(PATH, "SELECT mt5_ticket, symbol, direction, lot_size, entry_price,"
                                  " exit_price, sl_price, profit_dollars, commission, swap, status,"
                                  " logic_type, order_type, signal_data, migrated_from FROM trades"
                                  " WHERE mt5_ticket = 88123"),
                     "88123|EURUSD|BUY|0.05|1.1|1.101|NULL|10.5|0.35|NULL|CLOSED|LOGIC2|ORDER_B|"
                     "{\"strategy\":\"LOGIC2\"}|v4");
    cr_expect_str_eq(row_of(PATH, "SELECT chain_id, direction, current_level, original_entry_price,"
                                  " original_sl_distance, total_profit_dollars, status, created_at,"
                                  " completed_at, migrated_from FROM v3_reentry_chains"),
                     "EURUSD_0011aabb|SELL|3|0.05|0.005|12.5|COMPLETED|2026-11-21T00:00:00.000Z|"
                     "NULL|v4");
    cr_expect_str_eq(row_of(PATH, "SELECT base_lot, current_level, total_profit, status"
                                  " FROM v3_profit_chains"),
                     "0.05|3|12.5|COMPLETED");
    cr_expect_str_eq(row_of(PATH, "SELECT source, made_at FROM migration_log"),
                     "old.db|2026-11-21T00:00:00.000Z");
}

Test(history, it_is_one_file_and_what_it_holds_is_told)
{
    struct history_figures f = {0};
    make();
    cr_assert_eq(history_look(PATH, &f), 0);
    cr_expect_eq(f.trades, 3);
    cr_expect_eq(f.reentry_chains, 1);
    cr_expect_eq(f.profit_chains, 1);
    cr_expect_eq(f.profit_e8, e8("7.3"));
    cr_expect_eq(f.duplicates, 0);
    cr_expect_eq(f.incomplete, 0);
    cr_expect_not(file_exists(scratch_path(HISTORY_DB "-wal")));
    cr_expect_str_eq(row_of(PATH, "PRAGMA journal_mode"), "delete");
}

Test(history, a_ticket_comes_once)
{
    struct history *h = NULL;
    const struct migration_trade t = trade(5, "1");
    cr_assert_eq(history_create(PATH, &h), 0);
    cr_expect_eq(history_add_trade(h, &t, "{}"), 0);
    cr_expect_eq(history_add_trade(h, &t, "{}"), -EEXIST);
    cr_expect_null(history_abandon(h));
    cr_expect_null(history_abandon(NULL));
}

Test(history, what_a_crash_left_is_not_taken_in)
{
    struct history_figures f = {0};
    cr_assert_eq(file_write_atomic(PATH, "half", 4, 0600), 0);
    cr_assert_eq(file_write_atomic(scratch_path(HISTORY_DB "-wal"), "half", 4, 0600), 0);
    make();
    cr_expect_eq(history_look(PATH, &f), 0);
    cr_expect_eq(f.trades, 3);
}

Test(history, trades_that_are_not_known_are_counted)
{
    struct map *tickets = map_new(8);
    int64_t others = -1;
    make();
    cr_assert(map_put(tickets, 7, tickets) && map_put(tickets, 8, tickets));
    cr_assert_eq(history_count_others(PATH, tickets, &others), 0);
    cr_expect_eq(others, 1);
    cr_assert(map_put(tickets, 88123, tickets));
    cr_assert_eq(history_count_others(PATH, tickets, &others), 0);
    cr_expect_eq(others, 0);
    (void)map_free(tickets);
}

Test(history, a_copy_holds_the_same)
{
    struct history_figures f = {0};
    make();
    cr_assert_eq(history_copy(PATH, scratch_path("copy.backup")), 0);
    cr_expect_eq(history_look(scratch_path("copy.backup"), &f), 0);
    cr_expect_eq(f.profit_e8, e8("7.3"));
    cr_expect_eq(history_copy(scratch_path("none.db"), scratch_path("c")), -ENOENT);
}

static int count_trade(const struct ledger_trade *t, void *ctx)
{
    int *count = ctx;
    ++*count;
    cr_expect_eq(t->cid, 88123);
    cr_expect_eq(t->closed_ms, DAY0 + 88123);
    cr_expect_eq(t->role, ORDER_ROLE_B);
    cr_expect_eq(t->profit_e8, e8("10.5"));
    cr_expect_eq(t->commission_e8, e8("0.35"));
    cr_expect_str_eq(t->route, "LOGIC2");
    cr_expect_eq(t->close_reason, REASON_UNSET);
    return 0;
}

static int closed_by(int (*open)(const char *path, struct ledger_reader **ret))
{
    struct ledger_reader *r = NULL;
    int count = 0;
    cr_assert_eq(open(scratch_path("zepix_combined_v3.db"), &r), 0);
    cr_assert_eq(ledger_read_closed(r, 0, INT64_MAX, count_trade, &count), 0);
    (void)ledger_reader_close(r);
    return count;
}

Test(history, reports_read_it_and_the_check_against_the_journal_does_not)
{
    struct trade_ledger *l = NULL;
    cr_assert_eq(trade_ledger_open(&v3_ledger, scratch_path("zepix_combined_v3.db"), &l), 0);
    (void)trade_ledger_close(l);
    cr_expect_eq(closed_by(ledger_reader_open), 0);
    make();
    cr_expect_eq(closed_by(ledger_reader_open), 1);
    cr_expect_eq(closed_by(ledger_reader_open_own), 0);
}

static int count_cell(const struct legacy_cells *cells, void *ctx)
{
    int *sum = ctx;
    const char *id = legacy_cell(cells, "id");
    cr_assert_not_null(id);
    cr_expect_null(legacy_cell(cells, "pnl"));
    cr_expect_null(legacy_cell(cells, "comment"));
    *sum += id[0] - '0';
    return *sum > 5 ? 42 : 0;
}

Test(history, every_row_of_the_old_bots_tables)
{
    sqlite3 *db = NULL;
    struct legacy_db *d = NULL;
    int sum = 0;
    cr_assert_eq(sqlite3_open(scratch_path("old.db"), &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db,
                              "CREATE TABLE trades(id INTEGER, pnl REAL);"
                              "INSERT INTO trades VALUES(1, NULL), (4, NULL);"
                              "CREATE VIEW reentry_chains AS WITH RECURSIVE r(id) AS"
                              " (VALUES(1) UNION ALL SELECT 1 FROM r) SELECT id FROM r",
                              NULL, NULL, NULL),
                 SQLITE_OK);
    cr_assert_eq(sqlite3_close(db), SQLITE_OK);
    cr_assert_eq(legacy_db_open_history(scratch_path("old.db"), &d), 0);
    cr_expect_eq(legacy_db_visit(d, LEGACY_HISTORY_TRADES, count_cell, &sum), LEGACY_OK);
    cr_expect_eq(sum, 5);
    cr_expect_eq(legacy_db_visit(d, LEGACY_HISTORY_TRENDS, count_cell, &sum), LEGACY_ABSENT);
    cr_expect_eq(legacy_db_visit(d, LEGACY_HISTORY_REENTRY_CHAINS, count_cell, &sum), 42,
                 "a table that never ends is left by its visitor");
    cr_expect_str_eq(legacy_history_name(LEGACY_HISTORY_PROFIT_CHAINS), "profit_booking_chains");
    (void)legacy_db_close(d);
    cr_expect_eq(legacy_db_open_history(scratch_path("none.db"), &d), -ENOENT);
}
