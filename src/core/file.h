/* core/file.h: whole small files, locks, directories. Blocking; any thread. Errors are -errno.
 * What root makes in somebody else's directory is given to the owner of that directory, or a
 * service could not open what an administrator restored, backed up or changed for it. */
#ifndef TRIDENT_CORE_FILE_H
#define TRIDENT_CORE_FILE_H

#include "core/buf.h"

/* Reads the whole file into ret (initialised by the caller; its max is the limit, -EFBIG). */
TR_MUST_USE int file_read(const char *path, struct buf *ret);
/* Atomic: temp file in the same directory, fsync, rename, fsync of the directory. mode: 0600. */
TR_MUST_USE int file_write_atomic(const char *path, const void *data, size_t len, int mode);
/* Renames and syncs the directory; the file itself was synced by its writer. */
TR_MUST_USE int file_rename_durable(const char *from, const char *to);
/* Makes the names in a directory durable. */
TR_MUST_USE int file_sync_dir(const char *dir);
TR_MUST_USE int file_mkdirs(const char *path, int mode);
bool file_exists(const char *path);
/* For those who create files by themselves: fd is what was just made at path, and nobody else's. */
TR_MUST_USE int file_give(int fd, const char *path);
/* Exclusive flock on path (created 0600). 0 and *ret_fd on success, -EWOULDBLOCK when held. */
TR_MUST_USE int file_lock(const char *path, int *ret_fd);
int file_close(int fd); /* returns -1 */
int64_t process_rss_bytes(void);

#endif
