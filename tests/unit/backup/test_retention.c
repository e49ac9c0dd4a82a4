/* Covers: newest, N newest, days, the newest always stays, folders that are no backups are left
 * alone, what a killed backup left is swept. */
#include <criterion/criterion.h>

#include "backup/folder.h"
#include "backup/retention.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "unit/store/scratch.h"

static void clean(void)
{
    cr_assert_eq(folder_remove(scratch_dir), 0);
}

TestSuite(retention, .init = scratch_make, .fini = clean);

#define DAY_MS INT64_C(86400000)

static int64_t now_ms(void)
{
    int64_t ms = 0;
    cr_assert(clock_parse_rfc3339("2026-11-21T08:15:00Z", &ms));
    return ms;
}

static void make(int days_ago)
{
    char stamp[FOLDER_STAMP_CAP];
    folder_stamp(now_ms() - days_ago * DAY_MS, stamp);
    TR_CLEANUP(mem_freep) char *path = xasprintf("%s/%s", scratch_dir, stamp);
    TR_CLEANUP(mem_freep) char *manifest = xasprintf("%s/MANIFEST.json", path);
    cr_assert_eq(file_mkdirs(path, 0700), 0);
    cr_assert_eq(file_write_atomic(manifest, "{}", 2, 0600), 0);
}

static bool is_there(int days_ago)
{
    char stamp[FOLDER_STAMP_CAP];
    folder_stamp(now_ms() - days_ago * DAY_MS, stamp);
    return file_exists(scratch_path(stamp));
}

Test(retention, stamps_sort_and_come_back)
{
    char stamp[FOLDER_STAMP_CAP];
    folder_stamp(now_ms(), stamp);
    cr_assert_str_eq(stamp, "20261121T081500Z");
    cr_assert_eq(retention_newest_ms(scratch_dir), 0);
    make(3);
    make(1);
    make(2);
    cr_assert_eq(retention_newest_ms(scratch_dir), now_ms() - DAY_MS);
}

Test(retention, keeps_the_newest_n)
{
    for (int i = 0; i < 6; i++)
        make(i);
    cr_assert_eq(retention_apply(scratch_dir, &(struct retention){.keep = 4}, now_ms()), 2);
    cr_assert(is_there(0) && is_there(3));
    cr_assert_not(is_there(4) || is_there(5));
    cr_assert_eq(retention_apply(scratch_dir, &(struct retention){.keep = 4}, now_ms()), 0);
}

Test(retention, removes_by_age_but_never_the_newest)
{
    make(40);
    make(30);
    make(31);
    const struct retention month = {.keep_days = 30};
    cr_assert_eq(retention_apply(scratch_dir, &month, now_ms()), 2);
    cr_assert(is_there(30));
    cr_assert_eq(retention_apply(scratch_dir, &month, now_ms() + 100 * DAY_MS), 0);
    cr_assert(is_there(30));
}

Test(retention, without_limits_keeps_all)
{
    make(0);
    make(4000);
    cr_assert_eq(retention_apply(scratch_dir, &(struct retention){0}, now_ms()), 0);
}

Test(retention, touches_nothing_else)
{
    static const char *const others[] = {"20261121", "photos", "20261121T0815000",
                                         "20261120T081500Z"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(others); i++)
        cr_assert_eq(file_mkdirs(scratch_path(others[i]), 0700), 0); /* without a manifest */
    make(2);
    make(3);
    cr_assert_eq(retention_apply(scratch_dir, &(struct retention){.keep = 1}, now_ms()), 1);
    retention_sweep(scratch_dir);
    for (size_t i = 0; i < TR_ARRAY_SIZE(others); i++)
        cr_assert(file_exists(scratch_path(others[i])), "%s", others[i]);
}

Test(retention, sweeps_what_a_killed_backup_left)
{
    TR_CLEANUP(mem_freep) char *inner = xasprintf("%s/.x.part/traders/main", scratch_dir);
    cr_assert_eq(file_mkdirs(inner, 0700), 0);
    retention_sweep(scratch_dir);
    cr_assert_not(file_exists(scratch_path(".x.part")));
}
