/* store/journal_copy.h: a copy of a journal that somebody writes meanwhile. Rows are only ever
 * added, so the copy is made in portions, each in a short read of its own: the WAL is never pinned
 * and the writer goes on checkpointing, however big the journal is. Any thread, by own connections;
 * blocks for the whole copy. */
#ifndef TRIDENT_STORE_JOURNAL_COPY_H
#define TRIDENT_STORE_JOURNAL_COPY_H

#include "core/hash.h"

/* Between portions; took_us: how long the newest one was. Not 0 ends the copy with that value. */
typedef int (*journal_copy_pause_fn)(void *ctx, int64_t took_us);

struct journal_copy_result {
    uint64_t seq; /* of the last row: the cut */
    uint8_t hash[HASH_SHA256_BYTES];
    int schema; /* user_version */
};

/* Writes the new file `to`: schema, snapshots and every row up to the newest one of the moment when
 * the copy began; each portion is synced as it is written. What is in `to` after a failure is for
 * the caller to remove. -EEXIST when there is a file already. pause may be NULL. */
TR_MUST_USE int journal_copy(const char *from, const char *to, journal_copy_pause_fn pause,
                             void *ctx, struct journal_copy_result *ret);

#endif
