/* Covers: append, commit, rollback and reopening; the documented hash; verification against a flip
 * in every column, missing, swapped and cut-off rows; snapshots (two kept, damaged one skipped);
 * readers (mask, limit, stop, own pace); checkpoints; crash in the middle of a transaction; a full
 * disk; the claim: who opened last writes, the one before never again, copies share an identity. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/alloc.h"
#include "store/journal.h"
#include "unit/store/scratch.h"

TestSuite(journal, .init = scratch_make, .fini = scratch_remove);

#define PATH scratch_path("journal.db")

static struct journal *open_journal(void)
{
    struct journal *j = NULL;
    cr_assert_eq(journal_open(PATH, &j), 0);
    return j;
}

static struct journal_row row_of(uint64_t seq)
{
    static char key[32], input[64], output[64];
    int in = snprintf(input, sizeof(input), "input %d", (int)seq);
    int out = snprintf(output, sizeof(output), "output %d", (int)seq);
    (void)snprintf(key, sizeof(key), "tg:1:%d", (int)seq);
    return (struct journal_row){
        .seq = seq,
        .time_ms = 1000 + (int64_t)seq,
        .kind = 1 + (int)(seq % 5),
        .flags = (int)(seq % 4),
        .key = key,
        .input = input,
        .input_len = (size_t)in,
        .output = output,
        .output_len = (size_t)out,
    };
}

static void append(struct journal *j, int n)
{
    cr_assert_eq(journal_begin(j), 0);
    for (int i = 0; i < n; i++) {
        struct journal_row row = row_of(journal_last_seq(j) + 1);
        cr_assert_eq(journal_append(j, &row), 0);
    }
    cr_assert_eq(journal_commit(j), 0);
}

static void raw(const char *sql)
{
    sqlite3 *h = NULL;
    char *error = NULL;
    cr_assert_eq(sqlite3_open(PATH, &h), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(h, sql, NULL, NULL, &error), SQLITE_OK, "%s: %s", sql, error);
    cr_assert_eq(sqlite3_close(h), SQLITE_OK);
}

static int verify(uint64_t *ret_bad_seq)
{
    struct journal_reader *r = NULL;
    uint64_t rows = 0;
    uint8_t hash[HASH_SHA256_BYTES];
    cr_assert_eq(journal_reader_open(PATH, &r), 0);
    int result = journal_verify(r, &rows, ret_bad_seq, hash);
    journal_reader_close(r);
    return result;
}

struct seen {
    uint64_t seqs[256];
    int count;
    int stop_after;
};

static int see(const struct journal_row *row, void *ctx)
{
    struct seen *s = ctx;
    struct journal_row want = row_of(row->seq);
    cr_assert_eq(row->time_ms, want.time_ms);
    cr_assert_eq(row->kind, want.kind);
    cr_assert_eq(row->flags, want.flags);
    cr_assert_str_eq(row->key, want.key);
    cr_assert_eq(row->input_len, want.input_len);
    cr_assert_eq(memcmp(row->input, want.input, want.input_len), 0);
    cr_assert_eq(row->output_len, want.output_len);
    cr_assert_eq(memcmp(row->output, want.output, want.output_len), 0);
    if (s->stop_after > 0 && s->count == s->stop_after)
        return 77;
    s->seqs[s->count++] = row->seq;
    return 0;
}

Test(journal, starts_empty_and_numbers_from_one)
{
    struct journal *j = open_journal();
    cr_assert_eq(journal_last_seq(j), 0);
    append(j, 1);
    cr_assert_eq(journal_last_seq(j), 1);
    cr_assert_eq(journal_commit_count(j), 1);
    cr_assert_null(journal_close(j));
    cr_assert_null(journal_close(NULL));
}

Test(journal, keeps_rows_over_reopening_and_continues_the_chain)
{
    struct journal *j = open_journal();
    append(j, 3);
    append(j, 100);
    journal_close(j);
    j = open_journal();
    cr_assert_eq(journal_last_seq(j), 103);
    append(j, 2);
    uint64_t bad = 9;
    cr_assert_eq(verify(&bad), JOURNAL_OK); /* while the writer is open */
    cr_assert_eq(bad, 0);
    journal_close(j);
    cr_assert_eq(verify(&bad), JOURNAL_OK); /* after a clean close, without WAL files */
}

static int take_hash(const struct journal_row *row, void *ctx)
{
    memcpy(ctx, row->hash, HASH_SHA256_BYTES);
    return 0;
}

Test(journal, hashes_as_the_header_says)
{
    struct journal *j = open_journal();
    cr_assert_eq(journal_begin(j), 0);
    struct journal_row row = {.seq = 1,
                              .time_ms = 2,
                              .kind = 3,
                              .flags = 1,
                              .key = "k",
                              .input = "in",
                              .input_len = 2,
                              .output = NULL,
                              .output_len = 0};
    cr_assert_eq(journal_append(j, &row), 0);
    cr_assert_eq(journal_commit(j), 0);
    unsigned char text[32 + 8 * 7 + 3] = {0};
    unsigned char *p = text + 32;
    *p = 1, p += 8; /* seq */
    *p = 2, p += 8; /* time */
    *p = 3, p += 8; /* kind */
    *p = 1, p += 8; /* flags */
    *p = 1, p += 8, *p++ = 'k';
    *p = 2, p += 8, *p++ = 'i', *p++ = 'n';
    *p = 0, p += 8;
    cr_assert_eq((size_t)(p - text), sizeof(text));
    uint8_t want[HASH_SHA256_BYTES], got[HASH_SHA256_BYTES];
    hash_sha256(text, sizeof(text), want);
    struct journal_reader *r = NULL;
    cr_assert_eq(journal_reader_open(PATH, &r), 0);
    cr_assert_eq(journal_read_one(r, 1, take_hash, got), 0);
    cr_assert_eq(memcmp(want, got, sizeof(want)), 0);
    uint64_t rows = 0, bad = 0;
    cr_assert_eq(journal_verify(r, &rows, &bad, got), JOURNAL_OK);
    cr_assert_eq(rows, 1);
    cr_assert_eq(memcmp(want, got, sizeof(want)), 0);
    journal_reader_close(r);
    journal_close(j);
}

Test(journal, rollback_restores_number_and_chain)
{
    struct journal *j = open_journal();
    append(j, 2);
    cr_assert_eq(journal_begin(j), 0);
    struct journal_row row = row_of(3);
    cr_assert_eq(journal_append(j, &row), 0);
    cr_assert_eq(journal_last_seq(j), 3);
    journal_rollback(j);
    journal_rollback(j); /* again: harmless */
    cr_assert_eq(journal_last_seq(j), 2);
    append(j, 2);
    uint64_t bad = 0;
    cr_assert_eq(verify(&bad), JOURNAL_OK);
    journal_close(j);
}

Test(journal, names_the_row_of_a_change_in_any_column)
{
    static const char *const changes[] = {
        "UPDATE journal SET time_ms = time_ms + 1 WHERE seq = 70",
        "UPDATE journal SET kind = kind + 1 WHERE seq = 70",
        "UPDATE journal SET kind = kind + 4294967296 WHERE seq = 70", /* same low bits */
        "UPDATE journal SET flags = 1 - (flags & 1) WHERE seq = 70",
        "UPDATE journal SET key = key || 'x' WHERE seq = 70",
        "UPDATE journal SET key = key || char(0) WHERE seq = 70",
        "UPDATE journal SET key = substr(key, 2), input = CAST('t' || input AS BLOB) WHERE seq=70",
        "UPDATE journal SET input = CAST('jnput 70' AS BLOB) WHERE seq = 70",
        "UPDATE journal SET input = x'' WHERE seq = 70",
        "UPDATE journal SET output = CAST(output || ' ' AS BLOB) WHERE seq = 70",
        "UPDATE journal SET hash = zeroblob(32) WHERE seq = 70",
        "DELETE FROM journal WHERE seq = 70",
        "UPDATE journal SET seq = 700 WHERE seq = 70",
    };
    struct journal *j = open_journal();
    append(j, 200);
    journal_close(j);
    raw("CREATE TABLE saved AS SELECT * FROM journal");
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        raw(changes[i]);
        uint64_t bad = 0;
        cr_assert_eq(verify(&bad), JOURNAL_E_MISMATCH, "%s", changes[i]);
        cr_assert_eq(bad, 70, "%s gave %d", changes[i], (int)bad);
        raw("DELETE FROM journal; INSERT INTO journal SELECT * FROM saved");
        cr_assert_eq(verify(&bad), JOURNAL_OK);
    }
}

Test(journal, finds_any_flipped_byte_of_every_row)
{
    struct journal *j = open_journal();
    append(j, 6);
    journal_close(j);
    static const char *const columns[] = {"key", "input", "output", "hash"};
    for (int seq = 1; seq <= 6; seq++) {
        for (int c = 0; c < 4; c++) {
            char sql[400];
            /* Replaces byte 2 of the column; done twice it restores nothing, so keep a copy. */
            raw("CREATE TABLE saved AS SELECT * FROM journal");
            (void)snprintf(
                sql, sizeof(sql),
                c == 0
                    ? "UPDATE journal SET %s = substr(%s,1,1) || '~' || substr(%s,3) WHERE seq=%d"
                    : "UPDATE journal SET %s = CAST(substr(%s,1,1) || x'FE' || substr(%s,3) AS "
                      "BLOB)"
                      " WHERE seq=%d",
                columns[c], columns[c], columns[c], seq);
            raw(sql);
            uint64_t bad = 0;
            cr_assert_eq(verify(&bad), JOURNAL_E_MISMATCH, "%s", sql);
            cr_assert_eq(bad, (uint64_t)seq, "%s", sql);
            raw("DELETE FROM journal; INSERT INTO journal SELECT * FROM saved; DROP TABLE saved");
        }
    }
    uint64_t bad = 0;
    cr_assert_eq(verify(&bad), JOURNAL_OK);
}

Test(journal, finds_swapped_rows)
{
    struct journal *j = open_journal();
    append(j, 10);
    journal_close(j);
    raw("UPDATE journal SET seq = 1004 WHERE seq = 4;"
        "UPDATE journal SET seq = 4 WHERE seq = 5;"
        "UPDATE journal SET seq = 5 WHERE seq = 1004");
    uint64_t bad = 0;
    cr_assert_eq(verify(&bad), JOURNAL_E_MISMATCH);
    cr_assert_eq(bad, 4);
}

Test(journal, a_snapshot_betrays_rows_cut_off_the_end)
{
    struct journal *j = open_journal();
    append(j, 10);
    cr_assert_eq(journal_begin(j), 0);
    cr_assert_eq(journal_snapshot(j, 10, "s", 1), 0);
    cr_assert_eq(journal_commit(j), 0);
    journal_close(j);
    raw("DELETE FROM journal WHERE seq > 8");
    uint64_t bad = 0;
    cr_assert_eq(verify(&bad), JOURNAL_E_MISMATCH);
    cr_assert_eq(bad, 9);
}

Test(journal, refuses_to_open_with_a_broken_tail)
{
    struct journal *j = open_journal();
    append(j, 100);
    journal_close(j);
    raw("UPDATE journal SET time_ms = 5 WHERE seq = 99");
    cr_assert_eq(journal_open(PATH, &j), -EBADMSG);
    raw("DELETE FROM journal WHERE seq = 99");
    cr_assert_eq(journal_open(PATH, &j), -EBADMSG);
}

static int load_snapshot(struct journal *j, uint64_t *ret_seq, char text[16])
{
    void *state = NULL;
    size_t len = 0;
    int r = journal_load_snapshot(j, ret_seq, &state, &len);
    if (r == JOURNAL_OK) {
        memcpy(text, state, len);
        text[len] = '\0';
    }
    mem_free(state);
    return r;
}

Test(journal, keeps_the_newest_two_snapshots_and_skips_a_damaged_one)
{
    struct journal *j = open_journal();
    uint64_t seq = 0;
    char text[16];
    cr_assert_eq(load_snapshot(j, &seq, text), JOURNAL_E_NONE);
    for (int i = 1; i <= 4; i++) {
        append(j, 5);
        cr_assert_eq(journal_begin(j), 0);
        char state[16];
        int n = snprintf(state, sizeof(state), "state%d", i);
        cr_assert_eq(journal_snapshot(j, journal_last_seq(j), state, (size_t)n), 0);
        cr_assert_eq(journal_commit(j), 0);
    }
    cr_assert_eq(load_snapshot(j, &seq, text), JOURNAL_OK);
    cr_assert_eq(seq, 20);
    cr_assert_str_eq(text, "state4");
    journal_close(j);
    raw("UPDATE snapshot SET state = CAST('stateX' AS BLOB) WHERE seq = 20");
    j = open_journal();
    cr_assert_eq(load_snapshot(j, &seq, text), JOURNAL_OK);
    cr_assert_eq(seq, 15);
    cr_assert_str_eq(text, "state3");
    journal_close(j);
    raw("DELETE FROM snapshot WHERE seq = 15");
    j = open_journal();
    cr_assert_eq(load_snapshot(j, &seq, text), JOURNAL_E_NONE); /* two were kept, both are gone */
    journal_close(j);
}

Test(journal, snapshot_of_a_rolled_back_batch_is_gone)
{
    struct journal *j = open_journal();
    append(j, 1);
    cr_assert_eq(journal_begin(j), 0);
    struct journal_row row = row_of(2);
    cr_assert_eq(journal_append(j, &row), 0);
    cr_assert_eq(journal_snapshot(j, 2, "s", 1), 0);
    journal_rollback(j);
    uint64_t seq = 0;
    char text[16];
    cr_assert_eq(load_snapshot(j, &seq, text), JOURNAL_E_NONE);
    journal_close(j);
}

Test(journal, reads_in_order_by_mask_and_limit)
{
    struct journal *j = open_journal();
    append(j, 200);
    struct journal_reader *r = NULL;
    cr_assert_eq(journal_reader_open(PATH, &r), 0);
    struct seen s = {0};
    uint64_t last = 0;
    cr_assert_eq(journal_read(r, 0, 1000, 0, see, &s, &last), 0);
    cr_assert_eq(s.count, 200);
    cr_assert_eq(last, 200);
    for (int i = 0; i < 200; i++)
        cr_assert_eq(s.seqs[i], (uint64_t)i + 1);
    s = (struct seen){0};
    cr_assert_eq(journal_read(r, 150, 10, 0, see, &s, &last), 0);
    cr_assert_eq(s.count, 10);
    cr_assert_eq(s.seqs[0], 151);
    cr_assert_eq(last, 160);
    s = (struct seen){0};
    cr_assert_eq(journal_read(r, 0, 200, JOURNAL_FLAG_LEDGER, see, &s, &last), 0);
    cr_assert_eq(s.count, 100); /* flags are seq % 4: 2 and 3 */
    cr_assert_eq(s.seqs[0], 2);
    cr_assert_eq(s.seqs[1], 3);
    cr_assert_eq(last, 200);
    s = (struct seen){0};
    cr_assert_eq(journal_read(r, 200, 10, 0, see, &s, &last), 0);
    cr_assert_eq(s.count, 0);
    cr_assert_eq(last, 200);
    append(j, 1);
    cr_assert_eq(journal_read(r, last, 10, 0, see, &s, &last), 0); /* new rows show up */
    cr_assert_eq(last, 201);
    journal_reader_close(r);
    journal_close(j);
}

Test(journal, a_visitor_can_stop_and_nothing_is_skipped)
{
    struct journal *j = open_journal();
    append(j, 100);
    struct journal_reader *r = NULL;
    cr_assert_eq(journal_reader_open(PATH, &r), 0);
    struct seen s = {.stop_after = 70};
    uint64_t last = 0;
    cr_assert_eq(journal_read(r, 0, 100, 0, see, &s, &last), 77);
    cr_assert_eq(last, 70);
    s = (struct seen){0};
    cr_assert_eq(journal_read(r, last, 100, 0, see, &s, &last), 0);
    cr_assert_eq(s.seqs[0], 71);
    cr_assert_eq(journal_read_one(r, 100, see, &s), 0);
    cr_assert_eq(journal_read_one(r, 101, see, &s), JOURNAL_E_NONE);
    cr_assert_eq(journal_read_one(r, 0, see, &s), JOURNAL_E_NONE);
    journal_reader_close(r);
    journal_close(j);
}

static int count_big(const struct journal_row *row, void *ctx)
{
    const char *p = row->input;
    cr_assert_eq(row->input_len, 300000);
    cr_assert_eq(p[0], p[row->input_len - 1]);
    cr_assert_eq((int)p[0], (int)('a' + row->seq % 26));
    ++*(int *)ctx;
    return 0;
}

Test(journal, reads_rows_bigger_than_a_chunk)
{
    struct journal *j = open_journal();
    static char big[300000];
    cr_assert_eq(journal_begin(j), 0);
    for (uint64_t seq = 1; seq <= 5; seq++) {
        memset(big, 'a' + (int)(seq % 26), sizeof(big));
        struct journal_row row = {
            .seq = seq, .kind = 1, .key = "", .input = big, .input_len = sizeof(big)};
        cr_assert_eq(journal_append(j, &row), 0);
    }
    cr_assert_eq(journal_commit(j), 0);
    struct journal_reader *r = NULL;
    cr_assert_eq(journal_reader_open(PATH, &r), 0);
    int n = 0;
    uint64_t last = 0;
    cr_assert_eq(journal_read(r, 0, 100, 0, count_big, &n, &last), 0);
    cr_assert_eq(n, 5);
    journal_reader_close(r);
    journal_close(j);
}

static off_t wal_size(void)
{
    struct stat st;
    return stat(scratch_path("journal.db-wal"), &st) == 0 ? st.st_size : -1;
}

struct slow {
    struct journal *j;
    int visits;
};

static int checkpoint_meanwhile(const struct journal_row *row, void *ctx)
{
    struct slow *s = ctx;
    (void)row;
    s->visits++;
    append(s->j, 100); /* the writer goes on while we dawdle */
    journal_checkpoint(s->j, false);
    return 0;
}

Test(journal, a_slow_visitor_does_not_make_the_wal_grow)
{
    struct journal *j = open_journal();
    append(j, 60);
    struct journal_reader *r = NULL;
    cr_assert_eq(journal_reader_open(PATH, &r), 0);
    struct slow s = {.j = j};
    uint64_t last = 0;
    while (last < 240)
        cr_assert_eq(journal_read(r, last, 60, 0, checkpoint_meanwhile, &s, &last), 0);
    cr_assert_gt(journal_last_seq(j), 20000);
    cr_assert_lt(wal_size(), 8 * 1024 * 1024);
    journal_reader_close(r);
    journal_close(j);
}

Test(journal, cuts_a_big_wal_when_idle)
{
    struct journal *j = open_journal();
    static char big[1000000];
    for (int i = 0; i < 70; i++) {
        cr_assert_eq(journal_begin(j), 0);
        struct journal_row row = {.seq = journal_last_seq(j) + 1,
                                  .kind = 1,
                                  .key = "",
                                  .input = big,
                                  .input_len = sizeof(big)};
        cr_assert_eq(journal_append(j, &row), 0);
        cr_assert_eq(journal_commit(j), 0);
    }
    cr_assert_gt(wal_size(), 64 * 1024 * 1024);
    journal_checkpoint(j, false);
    cr_assert_gt(wal_size(), 64 * 1024 * 1024); /* copied, file kept */
    journal_checkpoint(j, true);
    cr_assert_eq(wal_size(), 0);
    journal_close(j);
}

Test(journal, crash_in_a_transaction_loses_that_transaction_only)
{
    for (int round = 0; round < 5; round++) {
        pid_t child = fork();
        if (child == 0) {
            struct journal *j = NULL;
            if (journal_open(PATH, &j) != 0)
                _exit(1);
            append(j, 3);
            if (journal_begin(j) != 0)
                _exit(2);
            for (int i = 0; i < 500; i++) {
                struct journal_row row = row_of(journal_last_seq(j) + 1);
                if (journal_append(j, &row) != 0)
                    _exit(3);
            }
            _exit(0); /* no commit, no close */
        }
        int status = -1;
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert_eq(status, 0);
        struct journal *j = open_journal();
        cr_assert_eq(journal_last_seq(j), (uint64_t)(round + 1) * 3);
        journal_close(j);
    }
    uint64_t bad = 0;
    cr_assert_eq(verify(&bad), JOURNAL_OK);
}

Test(journal, killed_while_committing_keeps_whole_batches)
{
    for (int round = 0; round < 6; round++) {
        int pipe_fd[2];
        cr_assert_eq(pipe(pipe_fd), 0);
        pid_t child = fork();
        if (child == 0) {
            struct journal *j = NULL;
            if (journal_open(PATH, &j) != 0)
                _exit(1);
            for (;;) {
                append(j, 7);
                uint64_t acked = journal_last_seq(j);
                if (write(pipe_fd[1], &acked, sizeof(acked)) != (ssize_t)sizeof(acked))
                    _exit(2);
            }
        }
        uint64_t acked = 0;
        for (int i = 0; i < 3 + round; i++)
            cr_assert_eq(read(pipe_fd[0], &acked, sizeof(acked)), (ssize_t)sizeof(acked));
        cr_assert_eq(kill(child, SIGKILL), 0);
        int status = -1;
        cr_assert_eq(waitpid(child, &status, 0), child);
        struct journal *j = open_journal();
        cr_assert_geq(journal_last_seq(j), acked); /* acknowledged is kept */
        cr_assert_eq(journal_last_seq(j) % 7, 0);  /* batches are whole */
        journal_close(j);
        close(pipe_fd[0]);
        close(pipe_fd[1]);
    }
    uint64_t bad = 0;
    cr_assert_eq(verify(&bad), JOURNAL_OK);
}

Test(journal, full_disk_fails_the_batch_and_the_next_one_works)
{
    struct journal *j = open_journal();
    append(j, 10);
    (void)signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {.rlim_cur = 200000, .rlim_max = RLIM_INFINITY}, before;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit.rlim_max = before.rlim_max;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_assert_eq(journal_begin(j), 0);
    static char big[500000];
    struct journal_row row = {
        .seq = 11, .kind = 1, .key = "", .input = big, .input_len = sizeof(big)};
    int r = journal_append(j, &row);
    if (r == 0)
        r = journal_commit(j);
    cr_assert_lt(r, 0);
    journal_rollback(j);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    cr_assert_eq(journal_last_seq(j), 10);
    cr_assert_eq(journal_commit_count(j), 1);
    append(j, 5);
    cr_assert_eq(journal_last_seq(j), 15);
    journal_close(j);
    uint64_t bad = 0;
    cr_assert_eq(verify(&bad), JOURNAL_OK);
}

Test(journal, who_opened_last_writes_and_the_one_before_never_again)
{
    struct journal *first = open_journal();
    append(first, 2);
    cr_assert_eq(journal_epoch(first), 1);
    cr_assert_eq(journal_check_claim(first), 0);
    struct journal *second = open_journal();
    cr_assert_eq(journal_epoch(second), 2);
    cr_assert_eq(journal_last_seq(second), 2);
    cr_assert_eq(journal_check_claim(first), JOURNAL_FENCED);
    cr_assert_eq(journal_begin(first), JOURNAL_FENCED);
    append(second, 3);
    cr_assert_eq(journal_begin(first), JOURNAL_FENCED);
    cr_assert_eq(journal_last_seq(first), 2);
    cr_assert_eq(journal_check_claim(second), 0);
    cr_assert_null(journal_close(second));
    /* Closing the second one does not give the claim back. */
    cr_assert_eq(journal_begin(first), JOURNAL_FENCED);
    cr_assert_null(journal_close(first));
    struct journal *third = open_journal();
    cr_assert_eq(journal_epoch(third), 3);
    cr_assert_eq(journal_last_seq(third), 5);
    cr_assert_null(journal_close(third));
}

static void read_identity(const char *path, uint8_t ret[JOURNAL_IDENTITY_BYTES])
{
    struct journal_reader *r = NULL;
    cr_assert_eq(journal_reader_open(path, &r), 0);
    cr_assert_eq(journal_reader_identity(r, ret), 0);
    cr_assert_null(journal_reader_close(r));
}

Test(journal, a_copy_has_the_same_identity_and_another_journal_has_another)
{
    uint8_t mine[JOURNAL_IDENTITY_BYTES], copy[JOURNAL_IDENTITY_BYTES],
        other[JOURNAL_IDENTITY_BYTES];
    char sql[1024];
    struct journal *j = open_journal();
    append(j, 1);
    cr_assert_null(journal_close(j));
    (void)snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", scratch_path("copy.db"));
    raw(sql);
    cr_assert_eq(journal_open(scratch_path("other.db"), &j), 0);
    cr_assert_null(journal_close(j));
    read_identity(PATH, mine);
    read_identity(scratch_path("copy.db"), copy);
    read_identity(scratch_path("other.db"), other);
    cr_assert_arr_eq(mine, copy, sizeof(mine));
    cr_assert_neq(memcmp(mine, other, sizeof(mine)), 0);
}
