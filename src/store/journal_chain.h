/* store/journal_chain.h: inside of the journal, shared by its writer and its readers: the hash that
 * chains the rows, the one that seals a snapshot, and the walk that checks them. Any thread, by its
 * own connection. */
#ifndef TRIDENT_STORE_JOURNAL_CHAIN_H
#define TRIDENT_STORE_JOURNAL_CHAIN_H

#include "store/db.h"
#include "store/journal.h"

/* The columns that journal_chain_load() expects, in its order. */
#define JOURNAL_CHAIN_COLUMNS "seq, time_ms, kind, flags, key, input, output, hash"

/* key_len is given apart: a tampered key may hold NULs. */
void journal_chain_row(const uint8_t prev[HASH_SHA256_BYTES], const struct journal_row *row,
                       size_t key_len, uint8_t out[HASH_SHA256_BYTES]);
/* SHA-256(hash of row seq || seq || len state || state). */
void journal_chain_snapshot(const uint8_t row_hash[HASH_SHA256_BYTES], uint64_t seq,
                            const void *state, size_t len, uint8_t out[HASH_SHA256_BYTES]);
/* The current row of st; pointers live until its next step. False: not what a journal writes. */
bool journal_chain_load(sqlite3_stmt *st, struct journal_row *ret_row, size_t *ret_key_len);

/* From the last good row (seq 0 and zero hash: from the start) onwards. */
struct journal_chain_walk {
    uint64_t seq;
    uint8_t hash[HASH_SHA256_BYTES];
    uint64_t bad_seq; /* after JOURNAL_E_MISMATCH: the first row that is missing or altered */
};
/* Checks up to max_rows in one short read: JOURNAL_OK, JOURNAL_END when none is left,
 * JOURNAL_E_MISMATCH. */
TR_MUST_USE int journal_chain_check(struct db *d, struct journal_chain_walk *w, int max_rows);
/* Hash stored with row seq (0: zeros); JOURNAL_E_NONE when there is no such row. */
TR_MUST_USE int journal_chain_hash_of(struct db *d, uint64_t seq, uint8_t ret[HASH_SHA256_BYTES]);
/* journal_load_snapshot(). */
TR_MUST_USE int journal_chain_newest_snapshot(struct db *d, uint64_t *ret_seq, void **ret_state,
                                              size_t *ret_len);

#endif
