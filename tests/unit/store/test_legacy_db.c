/* Covers: store/legacy_db: rows after an id, the newest id, numbers as they were meant, columns and
 * tables that are not there, a file that is absent, no database, or locked, tables that are forged;
 * nothing is written. */
#include <criterion/criterion.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "model/decimal.h"
#include "store/legacy_db.h"

static char path[64];

static void new_path(void)
{
    (void)snprintf(path, sizeof(path), "/tmp/legacy_db_%d.db", (int)getpid());
    (void)unlink(path);
}

static void run_sql(const char *sql)
{
    sqlite3 *db = NULL;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

static void remove_path(void)
{
    (void)unlink(path);
}

TestSuite(legacy_db, .init = new_path, .fini = remove_path);

Test(legacy_db, rows_come_in_order_with_the_numbers_that_were_meant)
{
    run_sql(
        "CREATE TABLE trades(id INTEGER PRIMARY KEY, symbol TEXT, direction TEXT, lot_size REAL,"
        " entry_price REAL, sl_price REAL, tp_price REAL, order_type TEXT, is_re_entry INTEGER,"
        " profit_level INTEGER, final_sl_pips REAL);"
        "INSERT INTO trades VALUES(7,'eurusd','buy',0.07,1.1,1.095,1.11,'TP_TRAIL',0,0,50.5),"
        "(9,'XAUUSD','SELL',0.1,2650,2656,NULL,'PROFIT_TRAIL',0,1,NULL),"
        "(12,'XAUUSD','sideways',0.1,2650,2656,NULL,'TP_TRAIL',1,0,NULL)");
    struct legacy_db *d = NULL;
    struct legacy_rows rows;
    int64_t newest;
    cr_assert_eq(legacy_db_open(path, &d), 0);
    cr_assert_eq(legacy_db_newest(d, LEGACY_TRADES, &newest), 0);
    cr_expect_eq(newest, 12);
    cr_assert_eq(legacy_db_read(d, LEGACY_TRADES, 6, &rows), 0);
    cr_assert_eq(rows.count, 3);
    const struct legacy_row *r = &rows.items[0];
    cr_expect_eq(r->id, 7);
    cr_expect_str_eq(r->symbol, "EURUSD");
    cr_expect_eq(r->side, SIDE_BUY);
    cr_expect_eq(r->lots_e8, 7 * DEC_ONE / 100, "not 0.07000000000000001");
    cr_expect_eq(r->sl_pips_e8, 505 * DEC_ONE / 10);
    cr_expect_not(r->is_follow_up);
    cr_expect_eq(rows.items[1].tp_e8, DEC_NONE);
    cr_expect(rows.items[1].is_follow_up, "a level of a profit chain");
    cr_expect(rows.items[2].is_follow_up, "a re-entry");
    cr_expect_eq(rows.items[2].side, SIDE_UNSET);
    cr_assert_eq(legacy_db_read(d, LEGACY_TRADES, 9, &rows), 0);
    cr_expect_eq(rows.count, 1);
    cr_expect_eq(rows.items[0].id, 12);
    legacy_db_close(d);
}

Test(legacy_db, what_is_not_there_is_not_given)
{
    run_sql("CREATE TABLE trades(id INTEGER PRIMARY KEY, symbol TEXT);"
            "INSERT INTO trades VALUES(1,'EURUSD')");
    struct legacy_db *d = NULL;
    struct legacy_rows rows;
    int64_t newest = -1;
    cr_assert_eq(legacy_db_open(path, &d), 0);
    cr_assert_eq(legacy_db_read(d, LEGACY_TRADES, 0, &rows), 0);
    cr_assert_eq(rows.count, 1);
    cr_expect_eq(rows.items[0].lots_e8, DEC_NONE);
    cr_expect_eq(rows.items[0].side, SIDE_UNSET);
    cr_assert_eq(legacy_db_newest(d, LEGACY_EXITS, &newest), 0);
    cr_expect_eq(newest, 0, "there is no such table");
    cr_assert_eq(legacy_db_read(d, LEGACY_EXITS, 0, &rows), 0);
    cr_expect_eq(rows.count, 0);
    legacy_db_close(d);
}

Test(legacy_db, at_most_64_rows_come_at_once)
{
    run_sql("CREATE TABLE trades(id INTEGER PRIMARY KEY, symbol TEXT);"
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<100)"
            " INSERT INTO trades SELECT i, 'EURUSD' FROM n");
    struct legacy_db *d = NULL;
    struct legacy_rows rows;
    cr_assert_eq(legacy_db_open(path, &d), 0);
    cr_assert_eq(legacy_db_read(d, LEGACY_TRADES, 0, &rows), 0);
    cr_expect_eq(rows.count, LEGACY_ROWS_MAX);
    cr_expect_eq(rows.items[LEGACY_ROWS_MAX - 1].id, 64);
    legacy_db_close(d);
}

Test(legacy_db, absent_foreign_and_locked_files_say_so)
{
    struct legacy_db *d = NULL;
    cr_expect_eq(legacy_db_open(path, &d), -ENOENT);
    cr_expect_not(file_exists(path), "it is not made");
    FILE *f = fopen(path, "w");
    cr_assert_not_null(f);
    cr_assert_gt(fprintf(f, "%0512d", 1), 0);
    cr_assert_eq(fclose(f), 0);
    cr_expect_eq(legacy_db_open(path, &d), -EBADMSG);
    cr_assert_eq(unlink(path), 0);
    run_sql("CREATE TABLE trades(id INTEGER PRIMARY KEY)");
    sqlite3 *owner = NULL;
    cr_assert_eq(sqlite3_open(path, &owner), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(owner, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    cr_expect_eq(legacy_db_open(path, &d), -EBUSY);
    cr_assert_eq(sqlite3_exec(owner, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_close(owner), SQLITE_OK);
    cr_assert_eq(legacy_db_open(path, &d), 0);
    cr_expect_null(legacy_db_close(d));
    cr_expect_null(legacy_db_close(NULL));
}

Test(legacy_db, a_table_that_never_ends_is_given_up, .timeout = 20)
{
    struct legacy_db *d = NULL;
    struct legacy_rows rows;
    int64_t newest = 0;
    run_sql("CREATE VIEW trades AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id+1 FROM n)"
            " SELECT id FROM n");
    cr_assert_eq(legacy_db_open(path, &d), 0);
    cr_assert_eq(legacy_db_newest(d, LEGACY_TRADES, &newest), -ETIMEDOUT);
    cr_assert_eq(legacy_db_read(d, LEGACY_TRADES, INT64_MAX - 1, &rows), -ETIMEDOUT);
    cr_expect_null(legacy_db_close(d));
}
