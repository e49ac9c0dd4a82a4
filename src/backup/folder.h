/* backup/folder.h: the files of a data folder that are its state, and small moves of files. Any
 * thread; blocks for the file system. */
#ifndef TRIDENT_BACKUP_FOLDER_H
#define TRIDENT_BACKUP_FOLDER_H

#include "backup/manifest.h"

#define FOLDER_BACKUPS         "backups"         /* where backups lie unless told otherwise */
#define FOLDER_RESTORE_PENDING "restore.pending" /* a restore began and has not ended */

/* Adds every state file below data_dir in order of their names: databases, keys, the log of the
 * paper venue. Not: what is made anew (charts, tables, speech), locks, room kept for exits, WALs
 * (part of their database), files set aside, backups. -E2BIG: more than a manifest holds. */
TR_MUST_USE int folder_list(const char *data_dir, struct manifest *m);
/* Copies the bytes, synced, mode 0600, making the folders above `to`. */
TR_MUST_USE int folder_copy_file(const char *from, const char *to);
/* Removes a folder of ours with everything in it; what it does not have is fine. */
int folder_remove(const char *path);
TR_MUST_USE int folder_make_parent(const char *path);
TR_MUST_USE int folder_free_bytes(const char *path, int64_t *ret_bytes);
/* "<name>" inside of the folder; the caller frees. */
TR_MUST_USE char *folder_path(const char *folder, const char *name);
/* 20261121T081500Z: sorts by time. */
#define FOLDER_STAMP_CAP 20
void folder_stamp(int64_t wall_ms, char out[FOLDER_STAMP_CAP]);

#endif
