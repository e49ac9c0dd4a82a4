/* brokers/paper_log.h: the paper venue's memory on disk: an append-only file of records. write(2)
 * without fsync: what was appended survives the death of the process, not that of the machine.
 * Owner thread only; blocks for the file only. File: 8 bytes of magic, then per record length and
 * CRC-32 (4 bytes little endian each) and the body. */
#ifndef TRIDENT_BROKERS_PAPER_LOG_H
#define TRIDENT_BROKERS_PAPER_LOG_H

#include "brokers/paper_book.h"

#define PAPER_RECORD_MAX_BYTES 4096

/* ---- records ---- */
struct paper_market { /* where the feeds stand, so that a restart goes on from there */
    struct quote quotes[PAPER_SYMBOLS_MAX];
    int64_t csv_time_ms; /* recorded time of the last bar played; 0 = none */
};
struct paper_record {
    bool is_market;
    struct paper_change change;
    struct paper_market market;
};
void paper_record_pack_change(struct buf *out, const struct paper_change *c);
void paper_record_pack_market(struct buf *out, const struct paper_market *m);
TR_MUST_USE int paper_record_unpack(const void *p, size_t len,
                                    struct paper_record *ret); /* -EBADMSG */

/* ---- the file ---- */
struct paper_log;
typedef int (*paper_log_visit_fn)(const void *body, size_t len, void *ctx);
/* Reads what is there (visit returns 0 or a failure that ends it) up to the first torn or damaged
 * record; the rest is cut off. ret_cut_bytes: how much. Damage that is more than a torn last
 * record: the file is kept as
 * "<path>.damaged", and appending fails until a rewrite. */
TR_MUST_USE int paper_log_open(const char *path, paper_log_visit_fn visit, void *ctx,
                               struct paper_log **ret_log, int64_t *ret_cut_bytes);
struct paper_log *paper_log_close(struct paper_log *l); /* accepts NULL, returns NULL */
/* All or nothing: a failed write leaves the file as it was. */
TR_MUST_USE int paper_log_append(struct paper_log *l, const struct buf *body);
int64_t paper_log_size_bytes(const struct paper_log *l);
/* Replaces the content: begin, append..., then commit (temp file, fsync, rename) or abort. */
TR_MUST_USE int paper_log_rewrite_begin(struct paper_log *l);
TR_MUST_USE int paper_log_rewrite_commit(struct paper_log *l);
void paper_log_rewrite_abort(struct paper_log *l);

#endif
