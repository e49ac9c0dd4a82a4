/* backup/manifest.h: what a backup is made of: its files with size and SHA-256, the journals with
 * the row and the chain hash they end at. Kept as MANIFEST.json beside the files; a folder without
 * a whole one is no backup. Any thread, one at a time per manifest. */
#ifndef TRIDENT_BACKUP_MANIFEST_H
#define TRIDENT_BACKUP_MANIFEST_H

#include "core/buf.h"
#include "core/hash.h"

#define MANIFEST_NAME      "MANIFEST.json"
#define MANIFEST_FORMAT    1
#define MANIFEST_FILES_MAX 512
#define MANIFEST_PATH_CAP  160

enum manifest_kind {
    MANIFEST_KIND_UNSET = 0,
    MANIFEST_JOURNAL,
    MANIFEST_DATABASE,
    MANIFEST_PLAIN, /* keys, the log of the paper venue, the configuration */
    MANIFEST_KIND_COUNT
};

struct manifest_file {
    enum manifest_kind kind;
    char path[MANIFEST_PATH_CAP]; /* inside of the data folder, "traders/main/journal.db" */
    int64_t size_bytes;
    uint8_t sha256[HASH_SHA256_BYTES];
    int schema;                       /* databases: user_version */
    uint64_t seq;                     /* journal: last row; ledger: row up to which it is written */
    uint8_t chain[HASH_SHA256_BYTES]; /* journal: hash of that row */
};

struct manifest {
    char version[16]; /* of the program that made it */
    int64_t made_ms;
    int64_t took_ms;
    struct manifest_file *files; /* heap */
    size_t count;
};

enum manifest_result { MANIFEST_OK = 0, MANIFEST_E_INVALID = 1 };

void manifest_init(struct manifest *m);
void manifest_deinit(struct manifest *m); /* TR_CLEANUP(manifest_deinit); may be zeroed */
/* NULL when there are MANIFEST_FILES_MAX already, or path is too long. */
struct manifest_file *manifest_add(struct manifest *m, enum manifest_kind kind, const char *path);
const struct manifest_file *manifest_find(const struct manifest *m, const char *path);
int64_t manifest_bytes(const struct manifest *m);                             /* of all files */
TR_MUST_USE int manifest_write(const struct manifest *m, const char *folder); /* atomic */
/* m: initialised. MANIFEST_E_INVALID: it is there and cannot be trusted. -ENOENT: none. */
TR_MUST_USE int manifest_read(const char *folder, struct manifest *m);
/* Size and SHA-256 of a file; reads all of it. */
TR_MUST_USE int manifest_hash_file(const char *path, int64_t *ret_size_bytes,
                                   uint8_t ret_sha256[HASH_SHA256_BYTES]);

#endif
