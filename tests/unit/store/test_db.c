/* Covers: creation (mode, WAL, identity, page size), migrations and their refusal, foreign files,
 * statement cache, transactions and errors, read-only connections, checkpoints, backup, damaged
 * files. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "store/db.h"
#include "unit/store/scratch.h"

TestSuite(db, .init = scratch_make, .fini = scratch_remove);

static const char *const v1[] = {"CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT NOT NULL) STRICT"};
static const char *const v2[] = {"CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT NOT NULL) STRICT",
                                 "ALTER TABLE t ADD COLUMN y INTEGER; UPDATE t SET y = 7"};

static int int_of(struct db *d, const char *sql)
{
    sqlite3_stmt *st = db_prepare(d, sql);
    cr_assert_not_null(st);
    cr_assert_eq(sqlite3_step(st), SQLITE_ROW);
    int v = sqlite3_column_int(st, 0);
    sqlite3_reset(st);
    return v;
}

Test(db, creates_a_private_wal_file_with_our_mark)
{
    struct db *d = NULL;
    cr_assert_eq(db_open(scratch_path("a.db"), DB_FULL, v1, 1, &d), 0);
    struct stat st;
    cr_assert_eq(stat(scratch_path("a.db"), &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0600);
    cr_assert_eq(stat(scratch_path("a.db-wal"), &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0600);
    cr_assert_eq(int_of(d, "PRAGMA application_id"), DB_APPLICATION_ID);
    cr_assert_eq(int_of(d, "PRAGMA user_version"), 1);
    cr_assert_eq(int_of(d, "PRAGMA page_size"), 4096);
    cr_assert_eq(int_of(d, "PRAGMA synchronous"), 2);
    cr_assert_eq(int_of(d, "PRAGMA wal_autocheckpoint"), 0);
    sqlite3_stmt *mode = db_prepare(d, "PRAGMA journal_mode");
    cr_assert_eq(sqlite3_step(mode), SQLITE_ROW);
    cr_assert_str_eq((const char *)sqlite3_column_text(mode, 0), "wal");
    cr_assert_null(db_close(d));
    cr_assert_null(db_close(NULL));
}

Test(db, migrates_once_and_keeps_the_rows)
{
    struct db *d = NULL;
    cr_assert_eq(db_open(scratch_path("a.db"), DB_NORMAL, v1, 1, &d), 0);
    cr_assert_eq(db_exec(d, "INSERT INTO t(x) VALUES('kept')"), 0);
    db_close(d);
    cr_assert_eq(db_open(scratch_path("a.db"), DB_NORMAL, v2, 2, &d), 0);
    cr_assert_eq(int_of(d, "SELECT y FROM t WHERE x = 'kept'"), 7);
    cr_assert_eq(int_of(d, "PRAGMA synchronous"), 1);
    db_close(d);
    cr_assert_eq(db_open(scratch_path("a.db"), DB_NORMAL, v2, 2, &d), 0);
    db_close(d);
    cr_assert_eq(db_open(scratch_path("a.db"), DB_NORMAL, v1, 1, &d), -ENOTSUP); /* newer than us */
}

Test(db, failed_migration_leaves_the_old_version)
{
    static const char *const bad[] = {
        "CREATE TABLE t(id INTEGER PRIMARY KEY) STRICT",
        "CREATE TABLE u(id INTEGER) STRICT; SELECT nonsense FROM nowhere"};
    struct db *d = NULL;
    cr_assert_lt(db_open(scratch_path("a.db"), DB_FULL, bad, 2, &d), 0);
    cr_assert_eq(db_open(scratch_path("a.db"), DB_FULL, bad, 1, &d), 0);
    cr_assert_eq(int_of(d, "SELECT count(*) FROM sqlite_schema WHERE name = 'u'"), 0);
    db_close(d);
}

Test(db, refuses_foreign_and_damaged_files)
{
    sqlite3 *raw = NULL;
    cr_assert_eq(sqlite3_open(scratch_path("foreign.db"), &raw), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(raw, "CREATE TABLE x(a)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(raw);
    struct db *d = NULL;
    cr_assert_eq(db_open(scratch_path("foreign.db"), DB_FULL, v1, 1, &d), -EINVAL);
    cr_assert_eq(db_open_readonly(scratch_path("foreign.db"), &d), -EINVAL);
    cr_assert_eq(file_write_atomic(scratch_path("junk.db"),
                                   "this is no database at all, sorry......", 39, 0600),
                 0);
    cr_assert_eq(db_open(scratch_path("junk.db"), DB_FULL, v1, 1, &d), -EBADMSG);
    cr_assert_eq(db_open_readonly(scratch_path("none.db"), &d), -ENOENT);
    cr_assert_eq(db_open(scratch_path("no/folder.db"), DB_FULL, v1, 1, &d), -ENOENT);
}

Test(db, prepares_the_same_text_once)
{
    struct db *d = NULL;
    cr_assert_eq(db_open(scratch_path("a.db"), DB_FULL, v1, 1, &d), 0);
    char again[] = "INSERT INTO t(x) VALUES(?)";
    sqlite3_stmt *st = db_prepare(d, "INSERT INTO t(x) VALUES(?)");
    cr_assert_eq(db_prepare(d, again), st);
    cr_assert_null(db_prepare(d, "INSERT INTO nowhere VALUES(1)"));
    sqlite3_bind_text(st, 1, "v", -1, SQLITE_STATIC);
    cr_assert_eq(db_step_done(d, st), 0);
    sqlite3_bind_null(st, 1);
    cr_assert_eq(db_step_done(d, st), -EEXIST); /* NOT NULL */
    sqlite3_bind_text(st, 1, "w", -1, SQLITE_STATIC);
    cr_assert_eq(db_step_done(d, st), 0);
    cr_assert_eq(int_of(d, "SELECT count(*) FROM t"), 2);
    db_close(d);
}

Test(db, rolls_back_and_maps_a_full_database)
{
    struct db *d = NULL;
    cr_assert_eq(db_open(scratch_path("a.db"), DB_FULL, v1, 1, &d), 0);
    db_rollback(d); /* nothing open: nothing happens */
    cr_assert_eq(db_begin(d), 0);
    cr_assert_eq(db_exec(d, "INSERT INTO t(x) VALUES('a')"), 0);
    db_rollback(d);
    cr_assert_eq(int_of(d, "SELECT count(*) FROM t"), 0);
    cr_assert_eq(db_exec(d, "PRAGMA max_page_count=4"), 0);
    cr_assert_eq(db_begin(d), 0);
    cr_assert_eq(db_exec(d, "INSERT INTO t(x) VALUES(hex(zeroblob(20000)))"), -ENOSPC);
    db_rollback(d);
    cr_assert_eq(db_begin(d), 0);
    cr_assert_eq(db_exec(d, "INSERT INTO t(x) VALUES('fits')"), 0);
    cr_assert_eq(db_commit(d), 0);
    db_close(d);
}

Test(db, second_writer_is_told_busy)
{
    struct db *a = NULL, *b = NULL;
    cr_assert_eq(db_open(scratch_path("a.db"), DB_FULL, v1, 1, &a), 0);
    cr_assert_eq(db_open(scratch_path("a.db"), DB_FULL, v1, 1, &b), 0);
    cr_assert_eq(db_begin(a), 0);
    cr_assert_eq(db_begin(b), -EBUSY);
    db_rollback(a);
    db_close(a);
    db_close(b);
}

Test(db, reader_cannot_write_and_sees_commits)
{
    struct db *d = NULL, *r = NULL;
    cr_assert_eq(db_open(scratch_path("a.db"), DB_FULL, v1, 1, &d), 0);
    cr_assert_eq(db_open_readonly(scratch_path("a.db"), &r), 0);
    cr_assert_eq(db_exec(d, "INSERT INTO t(x) VALUES('a')"), 0);
    cr_assert_eq(int_of(r, "SELECT count(*) FROM t"), 1);
    cr_assert_eq(db_exec(r, "INSERT INTO t(x) VALUES('b')"), -EROFS);
    db_close(d);
    cr_assert_eq(int_of(r, "SELECT count(*) FROM t"), 1); /* also after the writer left */
    db_close(r);
}

Test(db, checkpoint_waits_for_readers_and_then_empties_the_wal)
{
    struct db *d = NULL, *r = NULL;
    cr_assert_eq(db_open(scratch_path("a.db"), DB_FULL, v1, 1, &d), 0);
    cr_assert_eq(db_open_readonly(scratch_path("a.db"), &r), 0);
    sqlite3_stmt *pin = db_prepare(r, "SELECT count(*) FROM t");
    cr_assert_eq(sqlite3_step(pin), SQLITE_ROW); /* not reset: an open read transaction */
    cr_assert_eq(db_exec(d, "INSERT INTO t(x) VALUES(hex(zeroblob(50000)))"), 0);
    cr_assert_gt(db_wal_pages(d), 20);
    cr_assert_eq(db_checkpoint(d, false), -EBUSY);
    sqlite3_reset(pin);
    cr_assert_eq(db_checkpoint(d, true), 0);
    struct stat st;
    cr_assert_eq(stat(scratch_path("a.db-wal"), &st), 0);
    cr_assert_eq(st.st_size, 0);
    cr_assert_eq(db_wal_pages(d), 0);
    db_close(r);
    db_close(d);
}

Test(db, backup_is_whole_single_and_private)
{
    struct db *d = NULL, *copy = NULL;
    cr_assert_eq(db_open(scratch_path("a.db"), DB_FULL, v1, 1, &d), 0);
    cr_assert_eq(db_exec(d, "INSERT INTO t(x) VALUES('saved')"), 0);
    cr_assert_eq(db_backup_to(d, scratch_path("b.db")), 0);
    cr_assert_eq(db_backup_to(d, scratch_path("b.db")), 0); /* replaces */
    cr_assert_not(file_exists(scratch_path("b.db.part")));
    cr_assert_not(file_exists(scratch_path("b.db-wal")));
    struct stat st;
    cr_assert_eq(stat(scratch_path("b.db"), &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0600);
    cr_assert_eq(db_open(scratch_path("b.db"), DB_FULL, v1, 1, &copy), 0);
    cr_assert_eq(int_of(copy, "SELECT count(*) FROM t WHERE x = 'saved'"), 1);
    cr_assert_eq(db_quick_check(copy), 0);
    db_close(copy);
    cr_assert_lt(db_backup_to(d, scratch_path("no/where.db")), 0);
    db_close(d);
}

Test(db, quick_check_finds_a_damaged_page)
{
    struct db *d = NULL;
    cr_assert_eq(db_open(scratch_path("a.db"), DB_FULL, v1, 1, &d), 0);
    for (int i = 0; i < 300; i++)
        cr_assert_eq(db_exec(d, "INSERT INTO t(x) VALUES(hex(randomblob(40)))"), 0);
    cr_assert_eq(db_quick_check(d), 0);
    db_close(d);
    FILE *f = fopen(scratch_path("a.db"), "r+b");
    cr_assert_eq(fseek(f, 4096 * 3, SEEK_SET), 0);
    for (int i = 0; i < 64; i++)
        fputc(0x5a, f);
    fclose(f);
    cr_assert_eq(db_open_readonly(scratch_path("a.db"), &d), 0);
    cr_assert_eq(db_quick_check(d), -EBADMSG);
    db_close(d);
}

Test(db, closing_moves_the_wal_into_the_file_although_a_reader_is_left)
{
    struct db *d = NULL;
    struct db *reader = NULL;
    struct stat st;
    cr_assert_eq(db_open(scratch_path("a.db"), DB_FULL, v1, 1, &d), 0);
    cr_assert_eq(db_exec(d, "INSERT INTO t(x) VALUES('kept')"), 0);
    cr_assert_eq(db_open_readonly(scratch_path("a.db"), &reader), 0);
    cr_assert_eq(int_of(reader, "SELECT count(*) FROM t"), 1);
    db_close(d);
    cr_assert_eq(stat(scratch_path("a.db-wal"), &st), 0);
    cr_assert_eq(st.st_size, 0, "the file alone is the whole database");
    cr_assert_eq(int_of(reader, "SELECT count(*) FROM t"), 1);
    db_close(reader);
}
