/* Covers: whether a file's tables are older than a program's; a change that is tried leaves the
 * file as it was, whether it would succeed or not; several migrations are made together or not at
 * all. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "store/db.h"
#include "store/schema.h"

static const char *const good[] = {"CREATE TABLE a(x); INSERT INTO a VALUES(1);",
                                   "CREATE TABLE b(x);", "ALTER TABLE a ADD COLUMN y;"};
static const char *const bad[] = {"CREATE TABLE a(x); INSERT INTO a VALUES(1);",
                                  "CREATE TABLE b(x);", "INSERT INTO nowhere VALUES(1);"};

static char dir[] = "/tmp/trident-schema-XXXXXX";
static char path[64];

static void setup(void)
{
    struct db *d = NULL;
    cr_assert_not_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/x.db", dir);
    cr_assert_eq(db_open(path, DB_FULL, good, 1, &d), 0);
    (void)db_close(d);
}

static void teardown(void)
{
    (void)unlink(path);
    (void)rmdir(dir);
}

TestSuite(schema, .init = setup, .fini = teardown);

static int ask(const char *sql)
{
    struct db *d = NULL;
    cr_assert_eq(db_open_readonly(path, &d), 0);
    sqlite3_stmt *st = db_prepare(d, sql);
    int v = st != NULL && sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int(st, 0) : -1;
    (void)db_close(d);
    return v;
}

static void assert_as_it_was(void)
{
    cr_assert_eq(ask("PRAGMA user_version"), 1);
    cr_assert_eq(ask("SELECT count(*) FROM sqlite_schema"), 1);
    cr_assert_eq(ask("SELECT x FROM a"), 1);
}

Test(schema, is_due_when_the_file_is_older)
{
    cr_assert_not(schema_is_due(path, &(struct schema){good, 1}));
    cr_assert(schema_is_due(path, &(struct schema){good, 2}));
    cr_assert(schema_is_due(path, &(struct schema){good, 3}));
    struct db *d = NULL;
    cr_assert_eq(db_open(path, DB_FULL, good, 3, &d), 0);
    (void)db_close(d);
    cr_assert_not(schema_is_due(path, &(struct schema){good, 2})); /* newer: refused elsewhere */
    cr_assert_not(schema_is_due("/nowhere/x.db", &(struct schema){good, 3}));
}

Test(schema, what_is_tried_is_taken_back)
{
    cr_assert_eq(schema_rehearse(path, &(struct schema){good, 3}), 0);
    assert_as_it_was();
    cr_assert_lt(schema_rehearse(path, &(struct schema){bad, 3}), 0);
    assert_as_it_was();
    cr_assert_eq(schema_rehearse(path, &(struct schema){good, 1}), 0);
    cr_assert_eq(schema_rehearse("/nowhere/x.db", &(struct schema){bad, 3}), 0);
}

Test(schema, is_changed_altogether_or_not_at_all)
{
    struct db *d = NULL;
    cr_assert_lt(db_open(path, DB_FULL, bad, 3, &d), 0);
    assert_as_it_was();
    cr_assert_eq(db_open(path, DB_FULL, good, 3, &d), 0);
    (void)db_close(d);
    cr_assert_eq(ask("PRAGMA user_version"), 3);
    cr_assert_eq(ask("SELECT count(*) FROM sqlite_schema"), 2);
}
