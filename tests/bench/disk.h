/* bench/disk.h: the yardstick of everything durable: what one commit costs at this moment. Taken
 * turn by turn with the product, at its pace: disks have moods, and a rested thread is slower. */
#ifndef TRIDENT_TESTS_BENCH_DISK_H
#define TRIDENT_TESTS_BENCH_DISK_H

#include <fcntl.h>
#include <unistd.h>

#include "bench/bench.h"
#include "core/alloc.h"
#include "store/journal.h"

struct disk {
    char *raw_path, *journal_path;
    int fd;
    struct journal *journal;
};

static inline void disk_open(struct disk *d, const char *folder)
{
    d->raw_path = xasprintf("%s/bench_raw.tmp", folder);
    d->journal_path = xasprintf("%s/bench_journal.tmp", folder);
    d->fd = open(d->raw_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    TR_ASSERT(d->fd >= 0);
    TR_ASSERT(journal_open(d->journal_path, &d->journal) == 0);
}

static inline void disk_close(struct disk *d)
{
    (void)close(d->fd);
    d->journal = journal_close(d->journal);
    (void)unlink(d->raw_path);
    (void)unlink(d->journal_path);
    (void)mem_free(d->raw_path);
    (void)mem_free(d->journal_path);
}

/* Append and fdatasync of 4 KiB. */
static inline double disk_raw_ms(struct disk *d)
{
    static const char block[4096];
    double start_s = bench_now_s();
    TR_ASSERT(write(d->fd, block, sizeof(block)) == (ssize_t)sizeof(block));
    TR_ASSERT(fdatasync(d->fd) == 0);
    return (bench_now_s() - start_s) * 1000;
}

/* A SQLite commit of one row. */
static inline double disk_commit_ms(struct disk *d)
{
    static const char bytes[200];
    struct journal_row row = {.seq = journal_last_seq(d->journal) + 1,
                              .kind = 1,
                              .key = "",
                              .input = bytes,
                              .input_len = sizeof(bytes),
                              .output = bytes,
                              .output_len = sizeof(bytes)};
    double start_s = bench_now_s();
    TR_ASSERT(journal_begin(d->journal) == 0 && journal_append(d->journal, &row) == 0);
    TR_ASSERT(journal_commit(d->journal) == 0);
    double ms = (bench_now_s() - start_s) * 1000;
    journal_checkpoint(d->journal, false);
    return ms;
}

#endif
