/* backup/backup.h: copies of everything a data folder knows, made while the daemon works.
 *
 * A backup is a folder named by its time with the files of the data folder in their places, the
 * configuration, and a manifest. Its cut: a journal ends at one row; the plugin databases beside it
 * are written from the copied journal up to that very row; notify.db is of before that row and goes
 * on from its watermark; the paper venue's log is of after it, as a venue always is. Rows are
 * copied in portions (store/journal_copy.h), so the writers are not held up. A folder gets its name
 * only when all of it is synced and checked. Any thread, one backup of a folder at a time. */
#ifndef TRIDENT_BACKUP_BACKUP_H
#define TRIDENT_BACKUP_BACKUP_H

#include "backup/check.h"
#include "backup/retention.h"
#include "store/trade_ledger.h"

#define BACKUP_TEXT_CAP    400
#define BACKUP_PATH_CAP    512
#define BACKUP_CONFIG_NAME "configuration.json"

struct backup_ledger { /* a plugin database that can be written from the journal beside it */
    const char *name;
    const struct trade_ledger_ops *ops;
};

struct backup_options {
    const char *data_dir;
    const char *to;          /* the folder that holds the backups; made if need be */
    const char *config_path; /* copied along; NULL = none */
    struct backup_ledger ledgers[CHECK_LEDGERS_MAX];
    size_t ledger_count;
    struct retention retention;
    /* Between pieces of work; took_us: how long the newest took. Not 0 gives up. May be NULL. */
    int (*pause)(void *ctx, int64_t took_us);
    void (*on_file)(void *ctx, const char *path); /* about to be copied; may be NULL */
    void *ctx;
};

struct backup_result {
    char path[BACKUP_PATH_CAP]; /* the new folder */
    int64_t bytes, took_ms;
    size_t files, removed;      /* removed: older backups */
    uint64_t seq;               /* of the first journal */
    char text[BACKUP_TEXT_CAP]; /* after a failure: what failed, for people */
};

/* 0, or negative with ret->text set and nothing left behind. -EBUSY: another one is being made. */
TR_MUST_USE int backup_make(const struct backup_options *o, struct backup_result *ret);

#endif
