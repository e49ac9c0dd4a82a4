/* Covers: store/projection: a sound file keeps its rows; garbage, a cut file and a broken page are
 * set aside with their WAL and replaced; a file of somebody else or of a newer version is refused.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "store/projection.h"
#include "unit/store/scratch.h"

TestSuite(projection, .init = scratch_make, .fini = scratch_remove);

static const char *const v1[] = {"CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT NOT NULL) STRICT"};

static struct projection_spec spec_of(const char *name)
{
    return (struct projection_spec){
        .path = scratch_path(name), .migrations = v1, .migration_count = 1};
}

static int rows(struct db *d)
{
    sqlite3_stmt *st = db_prepare(d, "SELECT count(*) FROM t");
    cr_assert_eq(sqlite3_step(st), SQLITE_ROW);
    int n = sqlite3_column_int(st, 0);
    sqlite3_reset(st);
    return n;
}

static void make_file(const char *name)
{
    struct projection_spec spec = spec_of(name);
    struct db *d = NULL;
    char *aside = NULL;
    cr_assert_eq(projection_open(&spec, &d, &aside), 0);
    cr_assert_null(aside);
    cr_assert_eq(db_exec(d, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE"
                            " i < 2000) INSERT INTO t(x) SELECT hex(randomblob(50)) FROM n"),
                 0);
    db_close(d);
}

static void overwrite(const char *path, long at, size_t len)
{
    FILE *f = fopen(path, "r+b");
    cr_assert_not_null(f);
    cr_assert_eq(fseek(f, at, SEEK_SET), 0);
    for (size_t i = 0; i < len; i++)
        cr_assert_neq(fputc(0xa5, f), EOF);
    cr_assert_eq(fclose(f), 0);
}

static void expect_replaced(const char *name)
{
    struct projection_spec spec = spec_of(name);
    struct db *d = NULL;
    char *aside = NULL;
    cr_assert_eq(projection_open(&spec, &d, &aside), 0);
    cr_assert_not_null(aside, "the damaged file must be named");
    cr_assert(str_starts(aside, spec.path));
    cr_assert_not_null(strstr(aside, "_CORRUPTED_20"));
    cr_assert(file_exists(aside), "it is kept");
    cr_assert_eq(rows(d), 0, "an empty one takes its place");
    cr_assert_eq(db_exec(d, "INSERT INTO t(x) VALUES('new')"), 0);
    db_close(d);
    mem_free(aside);
    cr_assert_eq(projection_open(&spec, &d, &aside), 0);
    cr_assert_null(aside, "the new one is sound");
    cr_assert_eq(rows(d), 1);
    db_close(d);
}

Test(projection, a_sound_file_keeps_its_rows)
{
    make_file("a.db");
    struct projection_spec spec = spec_of("a.db");
    struct db *d = NULL;
    char *aside = NULL;
    cr_assert_eq(projection_open(&spec, &d, &aside), 0);
    cr_assert_null(aside);
    cr_assert_eq(rows(d), 2000);
    db_close(d);
}

Test(projection, garbage_instead_of_a_database_is_set_aside)
{
    make_file("a.db");
    overwrite(scratch_path("a.db"), 0, 8192);
    expect_replaced("a.db");
}

Test(projection, a_cut_file_is_set_aside)
{
    make_file("a.db");
    cr_assert_eq(truncate(scratch_path("a.db"), 3 * 4096 + 100), 0);
    expect_replaced("a.db");
}

Test(projection, a_broken_page_in_the_middle_is_set_aside)
{
    make_file("a.db");
    overwrite(scratch_path("a.db"), 10 * 4096, 4096);
    expect_replaced("a.db");
}

Test(projection, somebody_elses_and_newer_files_are_refused_and_left_alone)
{
    struct db *d = NULL;
    char *aside = NULL;
    struct projection_spec spec = spec_of("a.db");
    make_file("a.db");
    cr_assert_eq(projection_open(&spec, &d, &aside), 0);
    cr_assert_eq(db_exec(d, "PRAGMA user_version=9"), 0);
    db_close(d);
    cr_assert_eq(projection_open(&spec, &d, &aside), -ENOTSUP);
    cr_assert_null(aside);
    sqlite3 *foreign = NULL;
    spec = spec_of("b.db");
    cr_assert_eq(sqlite3_open(spec.path, &foreign), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(foreign, "CREATE TABLE theirs(x)", NULL, NULL, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_close(foreign), SQLITE_OK);
    cr_assert_eq(projection_open(&spec, &d, &aside), -EINVAL);
    cr_assert_null(aside);
    cr_assert(file_exists(spec.path));
}
