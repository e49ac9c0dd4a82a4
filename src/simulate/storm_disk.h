/* simulate/storm_disk.h: a journal in memory with the contract of store/journal.h as far as a
 * crash can see it: what was committed is there afterwards, what was not is gone. Rows before the
 * newest snapshot are let go. One owner thread. */
#ifndef TRIDENT_SIMULATE_STORM_DISK_H
#define TRIDENT_SIMULATE_STORM_DISK_H

#include "engine/state.h"
#include "store/journal.h"

struct storm_disk;
struct storm_disk *storm_disk_new(void);
struct storm_disk *storm_disk_free(struct storm_disk *d); /* accepts NULL, returns NULL */
/* Into the open transaction; the bytes are copied. */
void storm_disk_append(struct storm_disk *d, const struct journal_row *row);
void storm_disk_commit(struct storm_disk *d);
void storm_disk_rollback(struct storm_disk *d);           /* also what a crash does */
uint64_t storm_disk_last_seq(const struct storm_disk *d); /* committed */
size_t storm_disk_rows(const struct storm_disk *d);       /* committed since the newest snapshot */
/* Of the newest committed row. */
void storm_disk_snapshot(struct storm_disk *d, const void *state, size_t len);
void storm_disk_hash(const struct storm_disk *d, uint8_t ret[HASH_SHA256_BYTES]);
/* Committed rows since the newest snapshot, then those of the open transaction. */
void storm_disk_row(const struct storm_disk *d, size_t i, struct journal_row *ret);
/* Snapshot and rows (but the last `without`) into a new state. False: a row is not understood. */
TR_MUST_USE bool storm_disk_recover(const struct storm_disk *d, const struct engine_options *opt,
                                    size_t without, struct engine_state **ret_state);

#endif
