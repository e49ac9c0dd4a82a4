/* store/db.h: SQLite as spec reliability 2.7 prescribes; the only folder that includes sqlite3.h
 * besides notify's and analytics' calls through these wrappers. One read-write connection a file,
 * one owner thread; readers open read-only. Errors are negative (-EIO, -ENOSPC, -EBADMSG corrupt,
 * -EBUSY, -ENOTRECOVERABLE an fsync failed). */
#ifndef TRIDENT_STORE_DB_H
#define TRIDENT_STORE_DB_H

#include <sqlite3.h>
#include "core/core.h"

#define DB_APPLICATION_ID 0x54524944 /* "TRID" */

enum db_durability { DB_DURABILITY_UNSET = 0, DB_FULL, DB_NORMAL };

struct db;

/* Once, before the first database: no locked statistics of memory, no page cache ahead of need
 * (sqlite3_config: SQLITE_CONFIG_MEMSTATUS, SQLITE_CONFIG_PAGECACHE). */
void db_limit_memory(void);
/* migrations[i] takes user_version i to i+1, all that are missing in one transaction; newer files
 * are refused. */
TR_MUST_USE int db_open(const char *path, enum db_durability durability,
                        const char *const *migrations, int migration_count, struct db **ret);
TR_MUST_USE int db_open_readonly(const char *path, struct db **ret);
struct db *db_close(struct db *d); /* accepts NULL, returns NULL; finalises its statements */
sqlite3 *db_handle(struct db *d);
/* Prepared once and kept for the life of d; the same sql text gives the same statement, reset. NULL
 * on error. */
sqlite3_stmt *db_prepare(struct db *d, const char *sql);
TR_MUST_USE int db_exec(struct db *d, const char *sql);
TR_MUST_USE int db_step_done(struct db *d, sqlite3_stmt *st); /* runs to SQLITE_DONE, resets */
TR_MUST_USE int db_begin(struct db *d);
TR_MUST_USE int db_commit(struct db *d);
void db_rollback(struct db *d);
int db_error(struct db *d, int sqlite_rc); /* maps and logs at debug level */
int db_checkpoint(struct db *d, bool truncate);
int db_wal_pages(const struct db *d);         /* pages in the WAL after our last commit */
TR_MUST_USE int db_quick_check(struct db *d); /* 0 ok, -EBADMSG */
/* Of a database nobody has open: takes its WAL in and leaves the one file. */
TR_MUST_USE int db_to_single_file(const char *path);
/* A whole, checked copy without WAL; replaces path only when complete. Blocks for all of it. */
TR_MUST_USE int db_backup_to(struct db *d, const char *path);

#endif
