/* Covers: backups come at intervals and are told with what they hold; the first failure of a run is
 * told, the next ones are not, and success after it is; a backup that is there makes the first one
 * wait; stopping gives up one that is under way. */
#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdio.h>

#include "backup/folder.h"
#include "backup/schedule.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/mutex.h"
#include "store/journal.h"
#include "unit/store/scratch.h"

static void clean(void)
{
    cr_assert_eq(folder_remove(scratch_dir), 0);
}

TestSuite(schedule, .init = scratch_make, .fini = clean);

static struct mutex lock;
static struct cond told;
static int made, failed;
static struct backup_result last;

static void on_tell(void *ctx, const struct backup_result *r, bool is_failed)
{
    cr_assert_eq(ctx, &lock);
    mutex_lock(&lock);
    made += !is_failed;
    failed += is_failed;
    last = *r;
    cond_signal(&told);
    mutex_unlock(&lock);
}

static void make_data(int rows)
{
    struct journal *j = NULL;
    TR_CLEANUP(mem_freep) char *dir = xasprintf("%s/data/traders/main", scratch_dir);
    TR_CLEANUP(mem_freep) char *path = xasprintf("%s/journal.db", dir);
    cr_assert_eq(file_mkdirs(dir, 0700), 0);
    cr_assert_eq(journal_open(path, &j), 0);
    cr_assert_eq(journal_begin(j), 0);
    for (int i = 1; i <= rows; i++) {
        struct journal_row row = {.seq = (uint64_t)i, .kind = 1, .key = ""};
        cr_assert_eq(journal_append(j, &row), 0);
    }
    cr_assert_eq(journal_commit(j), 0);
    (void)journal_close(j);
}

static struct schedule *start(const char *data_dir, const char *to, int64_t interval_ms)
{
    mutex_init(&lock);
    cond_init(&told);
    const struct schedule_options o = {.backup = {.data_dir = data_dir, .to = to},
                                       .interval_ms = interval_ms,
                                       .tell = on_tell,
                                       .ctx = &lock};
    return schedule_start(&o);
}

static void wait_for(const int *count, int n)
{
    int64_t until_us = clock_mono_us(clock_real()) + 20000000;
    mutex_lock(&lock);
    while (*count < n)
        cr_assert(cond_wait_until_us(&told, &lock, until_us), "only %d of %d", *count, n);
    mutex_unlock(&lock);
}

Test(schedule, makes_backups_and_tells_what_they_hold)
{
    make_data(5);
    struct schedule *s = start(scratch_path("data"), scratch_path("backups"), 100);
    wait_for(&made, 1);
    (void)schedule_stop(s);
    cr_assert_eq(last.seq, 5);
    cr_assert_eq(last.files, 1);
    cr_assert_gt(last.bytes, 4096);
    cr_assert(file_exists(last.path));
    cr_assert_gt(retention_newest_ms(scratch_path("backups")), 0);
    cr_assert_eq(failed, 0);
}

Test(schedule, tells_the_first_failure_and_that_it_works_again)
{
    make_data(1);
    cr_assert_eq(file_write_atomic(scratch_path("backups"), "x", 1, 0600), 0);
    struct schedule *s = start(scratch_path("data"), scratch_path("backups"), 30);
    wait_for(&failed, 1);
    cr_assert_str_not_empty(last.text);
    cr_assert_eq(unlink(scratch_path("backups")), 0);
    wait_for(&made, 1);
    (void)schedule_stop(s);
    cr_assert_eq(failed, 1);
}

Test(schedule, counts_a_backup_that_is_there)
{
    char stamp[FOLDER_STAMP_CAP];
    make_data(1);
    folder_stamp(clock_wall_ms(clock_real()), stamp);
    TR_CLEANUP(mem_freep) char *dir = xasprintf("%s/backups/%s", scratch_dir, stamp);
    TR_CLEANUP(mem_freep) char *manifest = xasprintf("%s/MANIFEST.json", dir);
    cr_assert_eq(file_mkdirs(dir, 0700), 0);
    cr_assert_eq(file_write_atomic(manifest, "{}", 2, 0600), 0);
    struct schedule *s = start(scratch_path("data"), scratch_path("backups"), 3000);
    int64_t began_us = clock_mono_us(clock_real());
    wait_for(&made, 1);
    cr_assert_geq(clock_mono_us(clock_real()) - began_us, 1000000); /* not after a twentieth */
    (void)schedule_stop(s);
}

Test(schedule, gives_up_when_it_is_stopped)
{
    make_data(200000);
    struct schedule *s = start(scratch_path("data"), scratch_path("backups"), 1);
    int64_t until_us = clock_mono_us(clock_real()) + 5000000;
    TR_CLEANUP(mem_freep) char *begun = xasprintf("%s/backups/.lock", scratch_dir);
    while (!file_exists(begun) && clock_mono_us(clock_real()) < until_us)
        continue;
    (void)schedule_stop(s);
    cr_assert_eq(made + failed, 0);
    retention_sweep(scratch_path("backups"));
    cr_assert_eq(retention_newest_ms(scratch_path("backups")), 0);
}
