/* Covers: memory ends at the n-th allocation of SQLite, once or from then on, while a journal is
 * opened, written, read, copied, checked and closed: an error or nothing, never an abort; what was
 * acknowledged is there afterwards, the chain holds, and with memory everything works again. */
#include <criterion/criterion.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "core/log.h"
#include "store/db_check.h"
#include "store/journal.h"
#include "store/journal_copy.h"
#include "store/trade_ledger.h"
#include "unit/store/scratch.h"

static sqlite3_mem_methods real_memory;
static long allocations, fail_at; /* 0: none fails */
static bool is_sticky;

static bool is_out(void)
{
    allocations++;
    return fail_at > 0 && (allocations == fail_at || (is_sticky && allocations > fail_at));
}

static void *limited_malloc(int n)
{
    return is_out() ? NULL : real_memory.xMalloc(n);
}

static void *limited_realloc(void *p, int n)
{
    return is_out() ? NULL : real_memory.xRealloc(p, n);
}

static void begin(void)
{
    scratch_make();
    cr_assert_eq(log_open(LOG_ERROR, "/dev/null"), 0);
    cr_assert_eq(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory), SQLITE_OK);
    sqlite3_mem_methods limited = real_memory;
    limited.xMalloc = limited_malloc;
    limited.xRealloc = limited_realloc;
    cr_assert_eq(sqlite3_config(SQLITE_CONFIG_MALLOC, &limited), SQLITE_OK);
    cr_assert_eq(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0), SQLITE_OK); /* every one counts */
}

TestSuite(out_of_memory, .init = begin, .fini = scratch_remove);

static void memory_ends_at(long n, bool sticky)
{
    allocations = 0;
    fail_at = n;
    is_sticky = sticky;
}

static void append(struct journal *j, int rows, int *ret)
{
    *ret = journal_begin(j);
    for (int i = 0; *ret == 0 && i < rows; i++) {
        struct journal_row row = {.seq = journal_last_seq(j) + 1, .kind = 1, .key = "k"};
        row.input = "input";
        row.input_len = 5;
        *ret = journal_append(j, &row);
    }
    if (*ret == 0)
        *ret = journal_snapshot(j, journal_last_seq(j), "state", 5);
    if (*ret == 0)
        *ret = journal_commit(j);
    if (*ret != 0)
        journal_rollback(j);
}

/* The last row that was acknowledged. */
static uint64_t write_journal(const char *path)
{
    struct journal *j = NULL;
    uint64_t acked = 0;
    int r = journal_open(path, &j);
    for (int i = 0; r == 0 && i < 6; i++) {
        int outcome = 0;
        append(j, 2, &outcome);
        if (outcome == 0)
            acked = journal_last_seq(j);
        journal_checkpoint(j, true);
    }
    (void)journal_close(j);
    return acked;
}

static int on_row(const struct journal_row *row, void *ctx)
{
    *(uint64_t *)ctx = row->seq;
    return 0;
}

static void check(const char *path, uint64_t acked, long n)
{
    struct journal *j = NULL;
    struct journal_reader *r = NULL;
    uint64_t rows = 0, bad = 0;
    uint8_t hash[HASH_SHA256_BYTES];
    int outcome = 0;
    memory_ends_at(0, false);
    cr_assert_eq(journal_open(path, &j), 0, "allocation %ld", n);
    cr_assert_geq(journal_last_seq(j), acked, "allocation %ld: an acknowledged row is lost", n);
    append(j, 1, &outcome);
    cr_assert_eq(outcome, 0);
    (void)journal_close(j);
    cr_assert_eq(journal_reader_open(path, &r), 0);
    cr_assert_eq(journal_verify(r, &rows, &bad, hash), JOURNAL_OK, "allocation %ld", n);
    (void)journal_reader_close(r);
}

static void remove_database(const char *path)
{
    char name[420];
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(ends); i++) {
        (void)snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        (void)unlink(name);
    }
}

static void walk(bool sticky, long step)
{
    long total = 0;
    memory_ends_at(0, false);
    cr_assert_eq(write_journal(scratch_path("all.db")), 12);
    total = allocations;
    cr_assert_gt(total, 200);
    for (long n = 1; n <= total; n += step) {
        char path[384];
        (void)snprintf(path, sizeof(path), "%s", scratch_path("j.db"));
        memory_ends_at(n, sticky);
        uint64_t acked = write_journal(path);
        check(path, acked, n);
        remove_database(path);
    }
}

#define STEP 7 /* TRIDENT_EVERY_ALLOCATION=1: each of them */

static long step(void)
{
    return getenv("TRIDENT_EVERY_ALLOCATION") != NULL ? 1 : STEP;
}

Test(out_of_memory, once_loses_no_acknowledged_row)
{
    walk(false, step());
}

Test(out_of_memory, for_good_loses_no_acknowledged_row)
{
    walk(true, step());
}

static void read_all(const char *path)
{
    struct journal_reader *r = NULL;
    struct journal_copy_result cut;
    struct db_check_result found;
    uint64_t last = 0, seen = 0, rows = 0, bad = 0;
    uint8_t hash[HASH_SHA256_BYTES];
    if (journal_reader_open(path, &r) == 0) {
        int result = journal_read(r, 0, SIZE_MAX, 0, on_row, &seen, &last);
        cr_assert(result <= 0);
        result = journal_verify(r, &rows, &bad, hash);
        cr_assert_neq(result, JOURNAL_E_MISMATCH, "want of memory is not a broken chain");
        (void)journal_reader_close(r);
    }
    (void)unlink(scratch_path("copy.db"));
    int result = journal_copy(path, scratch_path("copy.db"), NULL, NULL, &cut);
    cr_assert(result < 0 || cut.seq == 12);
    result = db_check(path, true, NULL, NULL, &found);
    cr_assert(result < 0 || found.is_sound, "want of memory is no damage: %s", found.text);
}

Test(out_of_memory, is_an_error_for_readers_and_no_damage)
{
    char path[384];
    (void)snprintf(path, sizeof(path), "%s", scratch_path("r.db"));
    memory_ends_at(0, false);
    cr_assert_eq(write_journal(path), 12);
    memory_ends_at(0, false);
    read_all(path);
    long total = allocations;
    for (long n = 1; n <= total; n += step()) {
        memory_ends_at(n, n % 2 == 0);
        read_all(path);
    }
}

Test(out_of_memory, leaves_a_plugin_database_whole)
{
    char path[384];
    (void)snprintf(path, sizeof(path), "%s", scratch_path("v3.db"));
    for (long n = 1; n < 3000; n += 5 * step()) {
        struct trade_ledger *l = NULL;
        memory_ends_at(n, n % 2 == 0);
        int r = trade_ledger_open(&v3_ledger, path, &l);
        if (r == 0)
            r = trade_ledger_begin(l);
        if (r == 0)
            r = trade_ledger_commit(l, (uint64_t)n);
        uint64_t acked = r == 0 ? (uint64_t)n : 0;
        (void)trade_ledger_close(l);
        memory_ends_at(0, false);
        cr_assert_eq(trade_ledger_open(&v3_ledger, path, &l), 0);
        cr_assert_null(trade_ledger_set_aside(l), "allocation %ld: want of memory is no damage", n);
        cr_assert_geq(trade_ledger_applied_seq(l), acked);
        (void)trade_ledger_close(l);
        remove_database(path);
    }
}
