/* backup/restore.h: puts a backup back in the place of a data folder.
 *
 * Everything is verified first: the manifest, each file's size and SHA-256, pages, references and
 * chains; then copied beside the data folder's files; only then is anything replaced. What was
 * there is renamed to "<name>_REPLACED_<time>", never deleted, also databases that the backup does
 * not have. A mark in the folder says that a restore is under way: until it has ended no daemon
 * starts, and doing the same restore again finishes it. Refuses while a daemon runs. Blocks. */
#ifndef TRIDENT_BACKUP_RESTORE_H
#define TRIDENT_BACKUP_RESTORE_H

#include "backup/check.h"

#define RESTORE_TEXT_CAP 400

struct restore_options {
    const char *from;     /* the backup */
    const char *data_dir; /* made if need be */
    /* NULL or: the schema version that this program reads and writes of the database with this
     * name; 0 = it does not know it. */
    int (*newest_schema)(const char *name);
    void (*on_step)(void *ctx, const char *what, const char *path); /* may be NULL */
    void *ctx;
};

struct restore_result {
    size_t files, replaced;
    int64_t bytes;
    char text[RESTORE_TEXT_CAP]; /* after a refusal or failure: why, for people */
};

/* The whole of a backup, without touching anything else: 0, or negative with ret->text. */
TR_MUST_USE int restore_verify(const char *from, const struct restore_options *o,
                               struct manifest *m, struct restore_result *ret);
/* 0, or negative with ret->text; -EBUSY: a daemon runs. */
TR_MUST_USE int restore_run(const struct restore_options *o, struct restore_result *ret);

#endif
