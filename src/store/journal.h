/* store/journal.h: the hash-chained journal of one trader: inputs, their outputs, and snapshots of
 * the state.
 *
 * journal(seq INTEGER PRIMARY KEY, time_ms, kind, key, input BLOB, output BLOB, flags, hash BLOB):
 * hash = SHA-256(previous hash || seq || time_ms || kind || flags || len key || key
 *                || len input || input || len output || output)
 * with integers as 8-byte little endian; the first previous hash is 32 zero bytes.
 *
 * snapshot(seq, state BLOB, hash): engine state after row seq, sealed with the hash of that row;
 * the newest two are kept.
 *
 * claim(identity, epoch): whose turn it is to write. Opening takes the next epoch; each transaction
 * looks whether it is still the newest. Who was frozen or cut off while another opened the same
 * file can therefore commit nothing any more, and what is not committed is never sent. identity is
 * made with the file and is the same in every copy of it.
 *
 * One writing connection (WAL, FULL; created under EXTRA, spec reliability 2.5-2.7), owned by the
 * engine thread, which also checkpoints. Readers open their own read-only connection. */
#ifndef TRIDENT_STORE_JOURNAL_H
#define TRIDENT_STORE_JOURNAL_H

#include <errno.h>

#include "core/hash.h"
#include "store/schema.h"

struct journal;
struct journal_reader;

enum journal_result { JOURNAL_OK = 0, JOURNAL_END = 1, JOURNAL_E_MISMATCH = 2, JOURNAL_E_NONE = 3 };

/* An fsync failed: what is on disk is not known, and a second one may say yes without having
 * written. Begin and commit give this for ever after; only a restart helps. */
#define JOURNAL_LOST (-ENOTRECOVERABLE)
/* Somebody else has opened this journal for writing since: begin gives this for ever after. */
#define JOURNAL_FENCED (-ESTALE)

#define JOURNAL_IDENTITY_BYTES 16

#define JOURNAL_FLAG_MESSAGES 1 /* has replies or events for notify */
#define JOURNAL_FLAG_LEDGER   2 /* has TRADE_ or DECISION events */

struct journal_row {
    uint64_t seq;
    int64_t time_ms;
    int kind; /* enum input_kind */
    int flags;
    const char *key; /* "" = none */
    const void *input;
    size_t input_len;
    const void *output;
    size_t output_len;
    uint8_t hash[HASH_SHA256_BYTES]; /* reading only */
};

TR_MUST_USE int journal_open(const char *path, struct journal **ret);
struct journal *journal_close(struct journal *j); /* accepts NULL, returns NULL */
int journal_schema(void);                         /* user_version of a journal of this program */
struct schema journal_tables(void);
uint64_t journal_last_seq(const struct journal *j);
uint64_t journal_epoch(const struct journal *j); /* of this opening, from 1 */
/* Outside a transaction, before what was committed leaves: 0 while this is the newest opening, else
 * JOURNAL_FENCED; other negatives when the file cannot be read. */
TR_MUST_USE int journal_check_claim(struct journal *j);
/* One transaction: begin, append..., commit (one fsync) or rollback. Negative: nothing was stored;
 * after a failed begin/append/commit call journal_rollback(), which also restores last_seq and the
 * hash. */
TR_MUST_USE int journal_begin(struct journal *j);
TR_MUST_USE int journal_append(struct journal *j, const struct journal_row *row); /* seq last+1 */
TR_MUST_USE int journal_snapshot(struct journal *j, uint64_t seq, const void *state, size_t len);
TR_MUST_USE int journal_commit(struct journal *j);
void journal_rollback(struct journal *j);
/* After commits that left a big WAL; never fails loudly, logs. Engine thread, when idle or > 1,000
 * pages. */
void journal_checkpoint(struct journal *j, bool idle);
uint64_t journal_commit_count(const struct journal *j);
/* Newest snapshot whose seal holds: its seq and a heap copy of the state (caller frees);
 * JOURNAL_E_NONE without one. */
TR_MUST_USE int journal_load_snapshot(struct journal *j, uint64_t *ret_seq, void **ret_state,
                                      size_t *ret_len);

/* Reading, from any thread by its own reader. Rows after `after_seq` in order, at most `limit`;
 * pointers valid during the visit. Short read transactions: the WAL is not pinned. visit returns 0
 * to go on; any other value ends the read and is its result. At the end: JOURNAL_OK with
 * *ret_last_seq == after_seq. */
typedef int (*journal_visit_fn)(const struct journal_row *row, void *ctx);
TR_MUST_USE int journal_reader_open(const char *path, struct journal_reader **ret);
struct journal_reader *journal_reader_close(struct journal_reader *r);
TR_MUST_USE int journal_reader_last_seq(struct journal_reader *r,
                                        uint64_t *ret_seq); /* 0 = empty */
/* user_version: of which version of the program the tables are; journal_schema() is this one's. */
TR_MUST_USE int journal_reader_schema(struct journal_reader *r, int *ret_schema);
TR_MUST_USE int journal_reader_load_snapshot(struct journal_reader *r, uint64_t *ret_seq,
                                             void **ret_state, size_t *ret_len);
TR_MUST_USE int journal_reader_identity(struct journal_reader *r,
                                        uint8_t ret_identity[JOURNAL_IDENTITY_BYTES]);
/* *ret_last_seq: always set, highest seq done with (rows without a flag of flags_mask are passed
 * over but counted; mask 0 = all rows). */
TR_MUST_USE int journal_read(struct journal_reader *r, uint64_t after_seq, size_t limit,
                             int flags_mask, journal_visit_fn visit, void *ctx,
                             uint64_t *ret_last_seq);
TR_MUST_USE int journal_read_one(struct journal_reader *r, uint64_t seq, journal_visit_fn visit,
                                 void *ctx); /* JOURNAL_E_NONE when absent */
/* journal_verify() calls tick now and then, for a sign of life; NULL: never. */
void journal_reader_on_tick(struct journal_reader *r, void (*tick)(void *ctx), void *ctx);
/* Recomputes the chain from row 1: JOURNAL_OK, or JOURNAL_E_MISMATCH with the first row that is
 * altered or missing. ret_rows: good rows before it; ret_last_hash: of the last good one. Rows cut
 * off the end show only when a snapshot knew them, or against a last hash kept elsewhere. */
TR_MUST_USE int journal_verify(struct journal_reader *r, uint64_t *ret_rows, uint64_t *ret_bad_seq,
                               uint8_t ret_last_hash[HASH_SHA256_BYTES]);

#endif
