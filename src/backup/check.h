/* backup/check.h: is a file of a data folder or of a backup what it should be? Reads only, by own
 * read-only connections, also beside a running daemon. Any thread; blocks. */
#ifndef TRIDENT_BACKUP_CHECK_H
#define TRIDENT_BACKUP_CHECK_H

#include "backup/manifest.h"
#include "store/db_check.h"

enum check_depth { CHECK_UNSET = 0, CHECK_QUICK, CHECK_FULL };

struct check_finding {
    bool is_sound;
    int schema;   /* databases */
    uint64_t seq; /* journal: rows whose chain holds */
    uint8_t chain[HASH_SHA256_BYTES];
    char text[DB_CHECK_TEXT_CAP]; /* not sound: what was found, for people */
};

struct check_options {
    enum check_depth depth;
    db_check_tick_fn tick; /* a sign of life; may be NULL */
    void *ctx;
};

/* kind MANIFEST_JOURNAL: pages, references, and the whole hash chain; MANIFEST_DATABASE: pages and
 * references; MANIFEST_PLAIN: that it can be read. 0 also when it is not sound. */
TR_MUST_USE int check_file(const char *path, enum manifest_kind kind, const struct check_options *o,
                           struct check_finding *ret);

/* The plugin databases of a trader against the journal they were written from: for each closed
 * order lots, profit, commission and swap of the ledger must be those of the journal's closings,
 * those the sums of the fills the broker reported, and no closed order may be missing. Up to the
 * row all of them are written up to, and beside a daemon that goes on writing. */
#define CHECK_LEDGERS_MAX 8
struct check_sums_paths {
    const char *journal;
    const char *ledgers[CHECK_LEDGERS_MAX]; /* [0]: that of combined_v3 */
    size_t ledger_count;
};
struct check_sums_result {
    bool is_sound;
    size_t trades; /* closed orders compared */
    char text[DB_CHECK_TEXT_CAP];
};
TR_MUST_USE int check_sums(const struct check_sums_paths *paths, struct check_sums_result *ret);

#endif
