/* Covers: engine/reserve: taken once, given up once, taken again, no room is told apart. */
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "core/alloc.h"
#include "engine/reserve.h"

static char dir[64];

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static void setup(void)
{
    (void)str_copy(dir, sizeof(dir), "/tmp/trident-reserve-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
}

static void teardown(void)
{
    (void)nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

TestSuite(reserve, .init = setup, .fini = teardown);

static int64_t blocks_bytes(void)
{
    TR_CLEANUP(mem_freep) char *path = xasprintf("%s/reserve", dir);
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_blocks * 512 : -1;
}

Test(reserve, holds_real_blocks_until_it_is_given_up)
{
    cr_assert_eq(reserve_take(dir), 0);
    cr_assert_geq(blocks_bytes(), RESERVE_BYTES);
    cr_assert_eq(reserve_take(dir), 0, "taking twice is taking once");
    cr_assert(reserve_give_up(dir));
    cr_assert_eq(blocks_bytes(), -1);
    cr_assert_not(reserve_give_up(dir), "what is not held frees nothing");
    cr_assert_eq(reserve_take(dir), 0);
    cr_assert_geq(blocks_bytes(), RESERVE_BYTES);
}

Test(reserve, says_when_there_is_no_room_and_leaves_nothing_behind)
{
    struct rlimit small = {RESERVE_BYTES / 2, RESERVE_BYTES / 2};
    (void)signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    cr_assert_eq(reserve_take(dir), -ENOSPC);
    cr_assert_eq(blocks_bytes(), -1);
    cr_assert_not(reserve_give_up(dir));
    cr_assert_eq(rmdir(dir), 0, "no part of it lies around");
}

Test(reserve, other_failures_are_not_taken_for_a_full_disk)
{
    cr_assert_eq(reserve_take("/nonexistent/trident"), -ENOENT);
}
