/* Covers: a copy has every row, snapshot and other table of the journal and the same chain; it ends
 * at one row while the writer goes on; the WAL is not pinned meanwhile; giving up; a file that is
 * there already, no journal, a damaged one, a path that has to be escaped. */
#include <criterion/criterion.h>
#include <errno.h>
#include <sqlite3.h>
#include <string.h>

#include "store/db.h"
#include "store/journal.h"
#include "store/journal_copy.h"
#include "unit/store/scratch.h"

TestSuite(journal_copy, .init = scratch_make, .fini = scratch_remove);

#define PATH scratch_path("journal.db")
#define COPY scratch_path("copy.db")

static struct journal *open_journal(const char *path)
{
    struct journal *j = NULL;
    cr_assert_eq(journal_open(path, &j), 0);
    return j;
}

static void append(struct journal *j, int n)
{
    cr_assert_eq(journal_begin(j), 0);
    for (int i = 0; i < n; i++) {
        struct journal_row row = {.seq = journal_last_seq(j) + 1,
                                  .time_ms = i,
                                  .kind = 1,
                                  .key = "",
                                  .input = "in",
                                  .input_len = 2,
                                  .output = "out",
                                  .output_len = 3};
        cr_assert_eq(journal_append(j, &row), 0);
    }
    cr_assert_eq(journal_commit(j), 0);
}

static uint64_t verify(const char *path, uint8_t hash[HASH_SHA256_BYTES])
{
    struct journal_reader *r = NULL;
    uint64_t rows = 0, bad = 0;
    cr_assert_eq(journal_reader_open(path, &r), 0);
    cr_assert_eq(journal_verify(r, &rows, &bad, hash), JOURNAL_OK);
    (void)journal_reader_close(r);
    return rows;
}

Test(journal_copy, has_every_row_and_the_same_chain)
{
    struct journal *j = open_journal(PATH);
    struct journal_copy_result cut;
    uint8_t hash[HASH_SHA256_BYTES], copied[HASH_SHA256_BYTES];
    append(j, 2500);
    cr_assert_eq(journal_copy(PATH, COPY, NULL, NULL, &cut), 0);
    cr_assert_eq(cut.seq, 2500);
    cr_assert_eq(cut.schema, journal_schema());
    cr_assert_eq(verify(PATH, hash), 2500);
    cr_assert_eq(verify(COPY, copied), 2500);
    cr_assert_arr_eq(hash, copied, sizeof(hash));
    cr_assert_arr_eq(hash, cut.hash, sizeof(hash));
    (void)journal_close(j);
}

Test(journal_copy, can_be_gone_on_with_from_its_snapshot)
{
    struct journal *j = open_journal(PATH);
    struct journal_copy_result cut;
    uint64_t seq = 0;
    void *state = NULL;
    size_t len = 0;
    append(j, 10);
    cr_assert_eq(journal_begin(j), 0);
    cr_assert_eq(journal_snapshot(j, 10, "state", 5), 0);
    cr_assert_eq(journal_commit(j), 0);
    append(j, 1);
    cr_assert_eq(journal_copy(PATH, COPY, NULL, NULL, &cut), 0);
    (void)journal_close(j);
    j = open_journal(COPY);
    cr_assert_eq(journal_load_snapshot(j, &seq, &state, &len), JOURNAL_OK);
    cr_assert_eq(seq, 10);
    cr_assert_eq(len, 5);
    append(j, 1);
    cr_assert_eq(journal_last_seq(j), 12);
    (void)journal_close(j);
    free(state);
}

struct writer {
    struct journal *j;
    int portions;
};

static int write_on(void *ctx, int64_t took_us)
{
    struct writer *w = ctx;
    cr_assert_geq(took_us, 0);
    w->portions++;
    append(w->j, 500);
    journal_checkpoint(w->j, false);
    return 0;
}

Test(journal_copy, ends_at_the_row_it_began_at_while_the_writer_goes_on)
{
    struct writer w = {.j = open_journal(PATH)};
    struct journal_copy_result cut;
    uint8_t hash[HASH_SHA256_BYTES];
    append(w.j, 3001);
    cr_assert_eq(journal_copy(PATH, COPY, write_on, &w, &cut), 0);
    cr_assert_eq(cut.seq, 3001);
    cr_assert_eq(w.portions, 4);
    cr_assert_eq(verify(COPY, hash), 3001);
    cr_assert_eq(verify(PATH, hash), 5001);
    (void)journal_close(w.j);
}

static int check_wal(void *ctx, int64_t took_us)
{
    struct db *d = ctx;
    (void)took_us;
    cr_assert_eq(db_exec(d, "INSERT INTO snapshot(seq, state, hash)"
                            " VALUES((SELECT count(*) FROM snapshot), x'00', zeroblob(32))"),
                 0);
    cr_assert_eq(db_checkpoint(d, true), 0, "a reader pins the WAL between two portions");
    return 0;
}

Test(journal_copy, leaves_the_wal_free_between_portions)
{
    struct journal *j = open_journal(PATH);
    struct journal_copy_result cut;
    struct db *d = NULL;
    static const char *const none[3] = {"", "", ""};
    append(j, 2001);
    (void)journal_close(j);
    cr_assert_eq(db_open(PATH, DB_FULL, none, journal_schema(), &d), 0);
    cr_assert_eq(journal_copy(PATH, COPY, check_wal, d, &cut), 0);
    cr_assert_eq(cut.seq, 2001);
    (void)db_close(d);
}

static int give_up(void *ctx, int64_t took_us)
{
    (void)ctx;
    (void)took_us;
    return -ECANCELED;
}

Test(journal_copy, gives_up_when_it_is_told_to)
{
    struct journal *j = open_journal(PATH);
    struct journal_copy_result cut;
    append(j, 1);
    cr_assert_eq(journal_copy(PATH, COPY, give_up, NULL, &cut), -ECANCELED);
    (void)journal_close(j);
}

Test(journal_copy, of_an_empty_journal_is_one)
{
    struct journal_copy_result cut;
    (void)journal_close(open_journal(PATH));
    cr_assert_eq(journal_copy(PATH, COPY, NULL, NULL, &cut), 0);
    cr_assert_eq(cut.seq, 0);
    (void)journal_close(open_journal(COPY));
}

Test(journal_copy, refuses_what_is_no_journal_and_a_file_that_is_there)
{
    struct journal_copy_result cut;
    struct db *d = NULL;
    static const char *const other[] = {"CREATE TABLE other(a)"};
    cr_assert_eq(db_open(scratch_path("other.db"), DB_FULL, other, 1, &d), 0);
    (void)db_close(d);
    cr_assert_lt(journal_copy(scratch_path("other.db"), COPY, NULL, NULL, &cut), 0);
    cr_assert_eq(journal_copy(scratch_path("other.db"), COPY, NULL, NULL, &cut), -EEXIST);
    cr_assert_lt(journal_copy(scratch_path("none.db"), scratch_path("c2.db"), NULL, NULL, &cut), 0);
}

Test(journal_copy, says_that_the_journal_is_damaged)
{
    struct journal *j = open_journal(PATH);
    struct journal_copy_result cut;
    char page[4096];
    append(j, 3000);
    (void)journal_close(j);
    memset(page, 0xa5, sizeof(page));
    FILE *f = fopen(PATH, "r+b");
    cr_assert_not_null(f);
    cr_assert_eq(fseek(f, 20 * 4096, SEEK_SET), 0);
    cr_assert_eq(fwrite(page, 1, sizeof(page), f), sizeof(page));
    cr_assert_eq(fclose(f), 0);
    cr_assert_eq(journal_copy(PATH, COPY, NULL, NULL, &cut), -EBADMSG);
}

Test(journal_copy, takes_any_path)
{
    char odd[384], copy[384];
    struct journal_copy_result cut;
    (void)snprintf(odd, sizeof(odd), "%s", scratch_path("a b#c?d%41.db"));
    (void)snprintf(copy, sizeof(copy), "%s", scratch_path("x#y?z.db"));
    struct journal *j = open_journal(odd);
    append(j, 3);
    (void)journal_close(j);
    cr_assert_eq(journal_copy(odd, copy, NULL, NULL, &cut), 0);
    cr_assert_eq(cut.seq, 3);
}
