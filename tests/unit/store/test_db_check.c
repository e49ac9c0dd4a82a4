/* Covers: a sound file, a damaged page (quick and full), a reference without its row, a file that
 * is no database of ours, none at all; schema version and size are told; the sign of life. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "core/file.h"
#include "store/db.h"
#include "store/db_check.h"
#include "unit/store/scratch.h"

TestSuite(db_check, .init = scratch_make, .fini = scratch_remove);

#define PATH scratch_path("a.db")

static const char *const tables[] = {"CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT)",
                                     "CREATE TABLE b(id INTEGER PRIMARY KEY,"
                                     " a INTEGER NOT NULL REFERENCES a(id))"};

static void make(int rows, const char *more)
{
    struct db *d = NULL;
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                   " INSERT INTO a SELECT i, hex(zeroblob(40)) FROM n",
                   rows);
    cr_assert_eq(db_open(PATH, DB_FULL, tables, 2, &d), 0);
    cr_assert_eq(db_exec(d, sql), 0);
    cr_assert_eq(db_exec(d, more), 0);
    (void)db_close(d);
}

static void damage_page(long page)
{
    char junk[4096];
    memset(junk, 0xa5, sizeof(junk));
    FILE *f = fopen(PATH, "r+b");
    cr_assert_not_null(f);
    cr_assert_eq(fseek(f, page * 4096, SEEK_SET), 0);
    cr_assert_eq(fwrite(junk, 1, sizeof(junk), f), sizeof(junk));
    cr_assert_eq(fclose(f), 0);
}

Test(db_check, finds_nothing_in_a_sound_file)
{
    struct db_check_result c;
    make(1000, "INSERT INTO b VALUES(1, 1000)");
    for (int full = 0; full < 2; full++) {
        cr_assert_eq(db_check(PATH, full != 0, NULL, NULL, &c), 0);
        cr_assert(c.is_sound);
        cr_assert_eq(c.schema, 2);
        cr_assert_gt(c.size_bytes, 80000);
        cr_assert_str_empty(c.text);
    }
}

Test(db_check, finds_a_damaged_page)
{
    struct db_check_result c;
    make(3000, "SELECT 1");
    damage_page(20);
    for (int full = 0; full < 2; full++) {
        cr_assert_eq(db_check(PATH, full != 0, NULL, NULL, &c), 0);
        cr_assert_not(c.is_sound);
        cr_assert_str_not_empty(c.text);
    }
    damage_page(0);
    cr_assert_eq(db_check(PATH, true, NULL, NULL, &c), 0);
    cr_assert_not(c.is_sound);
}

Test(db_check, finds_a_reference_without_its_row)
{
    struct db_check_result c;
    make(10, "PRAGMA foreign_keys=OFF; INSERT INTO b VALUES(7, 11)");
    cr_assert_eq(db_check(PATH, true, NULL, NULL, &c), 0);
    cr_assert_not(c.is_sound);
    cr_assert_str_eq(c.text, "row 7 of b refers to a row that a does not have");
}

Test(db_check, says_when_there_is_nothing_to_check)
{
    struct db_check_result c;
    cr_assert_lt(db_check(scratch_path("none.db"), true, NULL, NULL, &c), 0);
    cr_assert_not(file_exists(scratch_path("none.db")));
}

static void on_tick(void *ctx)
{
    ++*(int *)ctx;
}

Test(db_check, shows_that_it_lives)
{
    struct db_check_result c;
    int ticks = 0;
    make(100000, "CREATE INDEX a_t ON a(t)");
    cr_assert_eq(db_check(PATH, true, on_tick, &ticks, &c), 0);
    cr_assert(c.is_sound);
    cr_assert_gt(ticks, 0);
}
