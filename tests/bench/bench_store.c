/* The journal against the disk's own speed, in the same run: append + fdatasync of 4 KiB (raw),
 * journal commits of 1, 64 and 512 rows of 300 bytes, verification and reading. Usage: bench_store
 * [folder], default the current one: a RAM disk would flatter. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "core/alloc.h"
#include "store/journal.h"

#define RAW_BYTES 4096
#define RAW_SYNCS 1000
#define ROWS_1    2000
#define ROWS_MANY 100000

struct store_bench {
    char *path;
    int rows_per_commit;
    double commit_p50_ms, commit_p99_ms;
};

static void remove_files(const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(suffixes); i++) {
        TR_CLEANUP(mem_freep) char *name = xasprintf("%s%s", path, suffixes[i]);
        (void)unlink(name);
    }
}

/* Commits a second of the bare disk. */
static double run_raw(void *ctx)
{
    const struct store_bench *b = ctx;
    static char block[RAW_BYTES];
    int fd = open(b->path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    TR_ASSERT(fd >= 0);
    double start = bench_now_s();
    for (int i = 0; i < RAW_SYNCS; i++) {
        TR_ASSERT(write(fd, block, sizeof(block)) == (ssize_t)sizeof(block));
        TR_ASSERT(fdatasync(fd) == 0);
    }
    double seconds = bench_now_s() - start;
    (void)close(fd);
    (void)unlink(b->path);
    return RAW_SYNCS / seconds;
}

static void append_batch(struct journal *j, int rows)
{
    static char input[120], output[180];
    int r = journal_begin(j);
    for (int i = 0; r == 0 && i < rows; i++) {
        uint64_t seq = journal_last_seq(j) + 1;
        memcpy(input, &seq, sizeof(seq));
        struct journal_row row = {
            .seq = seq,
            .time_ms = 1,
            .kind = 1,
            .flags = JOURNAL_FLAG_MESSAGES,
            .key = "sig:0123456789abcdef",
            .input = input,
            .input_len = sizeof(input),
            .output = output,
            .output_len = sizeof(output),
        };
        r = journal_append(j, &row);
    }
    if (r == 0)
        r = journal_commit(j);
    TR_ASSERT(r == 0);
    journal_checkpoint(j, false);
}

/* Rows a second; also the commit times. Leaves the file for the readers. */
static double run_append(void *ctx)
{
    struct store_bench *b = ctx;
    remove_files(b->path);
    struct journal *j = NULL;
    TR_ASSERT(journal_open(b->path, &j) == 0);
    int rows = b->rows_per_commit == 1 ? ROWS_1 : ROWS_MANY;
    int commits = rows / b->rows_per_commit;
    double *times = xcalloc((size_t)commits, sizeof(times[0]));
    double start = bench_now_s();
    for (int i = 0; i < commits; i++) {
        double before = bench_now_s();
        append_batch(j, b->rows_per_commit);
        times[i] = (bench_now_s() - before) * 1000;
    }
    double seconds = bench_now_s() - start;
    b->commit_p50_ms = bench_quantile(times, (size_t)commits, 0.5);
    b->commit_p99_ms = bench_quantile(times, (size_t)commits, 0.99);
    (void)mem_free(times);
    (void)journal_close(j);
    return commits * b->rows_per_commit / seconds;
}

static double run_verify(void *ctx)
{
    const struct store_bench *b = ctx;
    struct journal_reader *r = NULL;
    uint64_t rows = 0, bad = 0;
    uint8_t hash[HASH_SHA256_BYTES];
    TR_ASSERT(journal_reader_open(b->path, &r) == 0);
    double start = bench_now_s();
    TR_ASSERT(journal_verify(r, &rows, &bad, hash) == JOURNAL_OK);
    double seconds = bench_now_s() - start;
    (void)journal_reader_close(r);
    return (double)rows / seconds;
}

static int touch(const struct journal_row *row, void *ctx)
{
    *(size_t *)ctx += row->output_len;
    return 0;
}

static double run_read(void *ctx)
{
    const struct store_bench *b = ctx;
    struct journal_reader *r = NULL;
    uint64_t last = 0;
    size_t bytes = 0;
    TR_ASSERT(journal_reader_open(b->path, &r) == 0);
    double start = bench_now_s();
    TR_ASSERT(journal_read(r, 0, SIZE_MAX, JOURNAL_FLAG_MESSAGES, touch, &bytes, &last) == 0);
    double seconds = bench_now_s() - start;
    (void)journal_reader_close(r);
    return (double)last / seconds;
}

int main(int argc, char **argv)
{
    static const int batches[] = {1, 64, 512};
    struct store_bench b = {.path = xasprintf("%s/bench_store.tmp", argc > 1 ? argv[1] : ".")};
    (void)printf("raw append+fdatasync 4KiB per_s=%.0f\n", bench_median(run_raw, &b));
    for (size_t i = 0; i < TR_ARRAY_SIZE(batches); i++) {
        b.rows_per_commit = batches[i];
        double rows_per_s = bench_median(run_append, &b);
        (void)printf(
            "journal rows_per_commit=%d rows_per_s=%.0f commit_p50_ms=%.3f commit_p99_ms=%.3f\n",
            batches[i], rows_per_s, b.commit_p50_ms, b.commit_p99_ms);
    }
    (void)printf("journal verify rows_per_s=%.0f\n", bench_median(run_verify, &b));
    (void)printf("journal read rows_per_s=%.0f\n", bench_median(run_read, &b));
    remove_files(b.path);
    (void)mem_free(b.path);
    return 0;
}
