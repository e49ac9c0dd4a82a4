/* SQLite as spec reliability 2.5-2.7 measured it. A new file is created under synchronous=EXTRA (so
 * that the switch to WAL survives power loss everywhere) and stays there until its first migration
 * is in; then FULL or NORMAL. The writer never checkpoints by itself: its owner calls
 * db_checkpoint() after commits, and nobody else ever does (readers are READONLY and leave the WAL
 * alone), because SQLite before 3.51.3 can corrupt a WAL that two connections reset at once.
 * Prepared statements are kept for the life of the connection, found by their text.
 * It knows no tables: schema and statements belong to the callers. */
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/log.h"

#define BUSY_TIMEOUT_MS  250                /* start-up races only; spec 2.7 */
#define LENGTH_MAX_BYTES (16 * 1024 * 1024) /* one row; engine snapshots are single rows */
#define SQL_MAX_BYTES    (64 * 1024)
#define STATEMENTS_MAX   64
#define FILE_MODE        0600

struct db {
    sqlite3 *handle;
    sqlite3_stmt *statements[STATEMENTS_MAX];
    const char *sql[STATEMENTS_MAX]; /* as SQLite keeps it in the statement */
    int statement_count;
    int wal_pages;
    bool is_readonly;
    bool is_open;         /* wholly: closing a file that was refused leaves it as it is */
    bool is_rollback_due; /* it failed for want of memory: before the next transaction */
};

static bool is_no_space(int system_errno)
{
    return system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG;
}

static int code_of(struct db *d, int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EBADMSG;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_TOOBIG:
        return -EFBIG;
    case SQLITE_CONSTRAINT:
        return -EEXIST;
    case SQLITE_READONLY:
        return -EROFS;
    case SQLITE_CANTOPEN: {
        int system = sqlite3_system_errno(d->handle);
        return system > 0 ? -system : -ENOENT;
    }
    case SQLITE_IOERR:
        if (rc == SQLITE_IOERR_NOMEM)
            return -ENOMEM;
        if (rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC)
            return -ENOTRECOVERABLE;
        if (rc == SQLITE_IOERR_CORRUPTFS || rc == SQLITE_IOERR_DATA)
            return -EBADMSG;
        return is_no_space(sqlite3_system_errno(d->handle)) ? -ENOSPC : -EIO;
    default:
        return -EIO;
    }
}

int db_error(struct db *d, int sqlite_rc)
{
    int r = code_of(d, sqlite_rc);
    if (r < 0)
        log_debug("store", "sqlite_error rc=%d code=%d text=\"%s\"", sqlite_rc, -r,
                  sqlite3_errmsg(d->handle));
    return r;
}

static int on_wal(void *ctx, sqlite3 *handle, const char *name, int pages)
{
    (void)handle;
    (void)name;
    struct db *d = ctx;
    d->wal_pages = pages;
    return SQLITE_OK;
}

/* SQLite would create it readable for everybody; the WAL inherits the mode. Only for a file that is
 * not there yet: closing a descriptor of an open database would drop its locks (howtocorrupt 2.2).
 */
static int create_private(const char *path)
{
    if (file_exists(path))
        return 0;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return errno == EEXIST ? 0 : err_raise(-errno);
    int r = file_give(fd, path);
    (void)file_close(fd);
    return err_trace(r);
}

void db_limit_memory(void)
{
    /* Refused once SQLite runs: then it keeps its defaults, which are correct as well. */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
}

static void set_limits(sqlite3 *h)
{
    (void)sqlite3_limit(h, SQLITE_LIMIT_LENGTH, LENGTH_MAX_BYTES);
    (void)sqlite3_limit(h, SQLITE_LIMIT_SQL_LENGTH, SQL_MAX_BYTES);
    (void)sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 0);
}

static int open_handle(const char *path, int flags, struct db **ret)
{
    struct db *d = xalloc(sizeof(*d));
    d->is_readonly = (flags & SQLITE_OPEN_READONLY) != 0;
    int rc = sqlite3_open_v2(path, &d->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_extended_result_codes(d->handle, 1);
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(d->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(d->handle, BUSY_TIMEOUT_MS);
    if (rc != SQLITE_OK) {
        int r = d->handle != NULL ? db_error(d, rc) : -ENOMEM;
        (void)db_close(d);
        return err_raise(r);
    }
    set_limits(d->handle);
    /* The page cache stays small: resident memory is a promise, the kernel caches the file anyway.
     */
    int r = db_exec(d, "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0;"
                       "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
                       "PRAGMA cache_size=-512; PRAGMA wal_autocheckpoint=0");
    if (r < 0) {
        (void)db_close(d);
        return err_trace(r);
    }
    *ret = d;
    return 0;
}

static int read_int(struct db *d, const char *sql, int *ret)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(d->handle, sql, -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    int r = db_error(d, rc);
    if (r == 0)
        *ret = sqlite3_column_int(st, 0);
    (void)sqlite3_finalize(st); /* repeats the error of step */
    return r;
}

/* All that is missing or nothing: a program that gives up leaves what the older one can read. */
static int migrate(struct db *d, const char *const *migrations, int version, int to_version)
{
    char pragma[48];
    (void)snprintf(pragma, sizeof(pragma), "PRAGMA user_version=%d", to_version);
    int r = db_begin(d);
    for (; r == 0 && version < to_version; version++)
        r = db_exec(d, migrations[version]);
    if (r == 0)
        r = db_exec(d, pragma);
    if (r == 0)
        r = db_commit(d);
    if (r < 0)
        db_rollback(d);
    return err_trace(r);
}

/* Ours, empty, or refused: somebody else's database is never touched. */
static int check_identity(struct db *d, int migration_count, int *ret_version)
{
    int application = 0, version = 0, objects = 0;
    int r = read_int(d, "PRAGMA application_id", &application);
    if (r == 0)
        r = read_int(d, "PRAGMA user_version", &version);
    if (r == 0)
        r = read_int(d, "SELECT count(*) FROM sqlite_schema", &objects);
    if (r < 0)
        return err_trace(r);
    bool is_fresh = application == 0 && version == 0 && objects == 0;
    if (application != DB_APPLICATION_ID && !is_fresh)
        return err_raise(-EINVAL);
    if (version < 0 || version > migration_count)
        return err_raise(-ENOTSUP);
    *ret_version = version;
    return 0;
}

static int prepare_file(struct db *d, enum db_durability durability, const char *const *migrations,
                        int migration_count)
{
    int version = 0;
    int r = check_identity(d, migration_count, &version);
    if (r < 0)
        return r;
    if (version == 0) {
        char pragma[64];
        (void)snprintf(pragma, sizeof(pragma), "PRAGMA page_size=4096; PRAGMA application_id=%d",
                       DB_APPLICATION_ID);
        r = db_exec(d, "PRAGMA synchronous=EXTRA");
        if (r == 0)
            r = db_exec(d, pragma);
    }
    if (r == 0)
        r = db_exec(d, "PRAGMA journal_mode=WAL");
    if (r == 0 && version < migration_count)
        r = migrate(d, migrations, version, migration_count);
    if (r == 0)
        r = db_exec(d, durability == DB_FULL ? "PRAGMA synchronous=FULL"
                                             : "PRAGMA synchronous=NORMAL");
    return err_trace(r);
}

int db_open(const char *path, enum db_durability durability, const char *const *migrations,
            int migration_count, struct db **ret)
{
    TR_ASSERT(path != NULL);
    TR_ASSERT(durability == DB_FULL || durability == DB_NORMAL);
    TR_ASSERT(migrations != NULL || migration_count == 0);
    int r = create_private(path);
    if (r < 0)
        return r;
    struct db *d = NULL;
    r = open_handle(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &d);
    if (r < 0)
        return r;
    (void)sqlite3_wal_hook(d->handle, on_wal, d); /* after the pragma, which owns the same hook */
    r = prepare_file(d, durability, migrations, migration_count);
    if (r < 0) {
        int rc = sqlite3_db_config(d->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
        TR_ASSERT(rc == SQLITE_OK);
        (void)db_close(d);
        return r;
    }
    d->is_open = true;
    *ret = d;
    return 0;
}

int db_open_readonly(const char *path, struct db **ret)
{
    TR_ASSERT(path != NULL);
    struct db *d = NULL;
    int r = open_handle(path, SQLITE_OPEN_READONLY, &d);
    if (r < 0)
        return r;
    int rc = sqlite3_db_config(d->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    TR_ASSERT(rc == SQLITE_OK);
    int application = 0;
    r = read_int(d, "PRAGMA application_id", &application);
    if (r == 0 && application != DB_APPLICATION_ID)
        r = err_raise(-EINVAL);
    if (r < 0) {
        (void)db_close(d);
        return r;
    }
    *ret = d;
    return 0;
}

/* SQLite would do this only when no reader is left, and keep failures to itself. */
static void last_checkpoint(struct db *d)
{
    int r = db_checkpoint(d, true);
    if (r < 0 && r != -EBUSY)
        log_warn("store", "last_checkpoint_failed code=%d", -r); /* the WAL keeps it all */
}

struct db *db_close(struct db *d)
{
    if (d == NULL)
        return NULL;
    for (int i = 0; i < d->statement_count; i++)
        (void)sqlite3_finalize(d->statements[i]); /* repeats old errors */
    if (d->is_open && !d->is_readonly && sqlite3_get_autocommit(d->handle) != 0)
        last_checkpoint(d);
    int rc = sqlite3_close(d->handle);
    TR_ASSERT(rc == SQLITE_OK); /* BUSY: somebody prepared behind our back */
    return mem_free(d);
}

sqlite3 *db_handle(struct db *d)
{
    return d->handle;
}

sqlite3_stmt *db_prepare(struct db *d, const char *sql)
{
    TR_ASSERT(sql != NULL);
    for (int i = 0; i < d->statement_count; i++) {
        if (strcmp(d->sql[i], sql) == 0) {
            (void)sqlite3_reset(d->statements[i]); /* repeats old errors */
            return d->statements[i];
        }
    }
    TR_ASSERT(d->statement_count < STATEMENTS_MAX);
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v3(d->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL);
    if (rc != SQLITE_OK) {
        (void)db_error(d, rc); /* for its log line; NULL is the answer */
        return NULL;
    }
    d->statements[d->statement_count] = st;
    d->sql[d->statement_count] = sqlite3_sql(st);
    d->statement_count++;
    return st;
}

int db_exec(struct db *d, const char *sql)
{
    return err_trace(db_error(d, sqlite3_exec(d->handle, sql, NULL, NULL, NULL)));
}

int db_step_done(struct db *d, sqlite3_stmt *st)
{
    TR_ASSERT(st != NULL);
    int rc;
    do {
        rc = sqlite3_step(st);
    } while (rc == SQLITE_ROW);
    int r = db_error(d, rc);
    (void)sqlite3_reset(st); /* repeats the error of step */
    return err_trace(r);
}

static int run_cached(struct db *d, const char *sql)
{
    sqlite3_stmt *st = db_prepare(d, sql);
    return st != NULL ? db_step_done(d, st) : db_error(d, sqlite3_extended_errcode(d->handle));
}

int db_begin(struct db *d)
{
    TR_ASSERT(!d->is_readonly);
    if (d->is_rollback_due)
        db_rollback(d);
    if (d->is_rollback_due)
        return err_raise(-ENOMEM);
    TR_ASSERT(sqlite3_get_autocommit(d->handle) != 0);
    return err_trace(run_cached(d, "BEGIN IMMEDIATE"));
}

int db_commit(struct db *d)
{
    return err_trace(run_cached(d, "COMMIT"));
}

void db_rollback(struct db *d)
{
    /* A full disk or an I/O error has often rolled back already. */
    int r = sqlite3_get_autocommit(d->handle) == 0 ? run_cached(d, "ROLLBACK") : 0;
    d->is_rollback_due = sqlite3_get_autocommit(d->handle) == 0;
    TR_ASSERT(!d->is_rollback_due || r == -ENOMEM);
}

int db_checkpoint(struct db *d, bool truncate)
{
    TR_ASSERT(!d->is_readonly);
    int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    int in_wal = 0, copied = 0;
    int r = db_error(d, sqlite3_wal_checkpoint_v2(d->handle, NULL, mode, &in_wal, &copied));
    if (r == 0 && copied < in_wal)
        return -EBUSY; /* a reader is in the way; the next one catches up */
    if (r == 0)
        d->wal_pages = 0; /* the next commit starts the WAL anew */
    return err_trace(r);
}

int db_wal_pages(const struct db *d)
{
    TR_ASSERT(d->wal_pages >= 0);
    return d->wal_pages;
}

static int quick_check(sqlite3 *h)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(h, "PRAGMA quick_check(1)", -1, &st, NULL) != SQLITE_OK)
        return err_raise(-EBADMSG);
    const char *text = NULL;
    if (sqlite3_step(st) == SQLITE_ROW)
        text = (const char *)sqlite3_column_text(st, 0);
    bool ok = str_eq(text, "ok");
    (void)sqlite3_finalize(st); /* repeats the error of step */
    return ok ? 0 : err_raise(-EBADMSG);
}

int db_quick_check(struct db *d)
{
    return quick_check(d->handle);
}

/* All pages in one step: in small steps every foreign commit would restart the copy (spec 2.4). */
static int copy_pages(struct db *d, sqlite3 *target)
{
    sqlite3_backup *b = sqlite3_backup_init(target, "main", d->handle, "main");
    if (b == NULL)
        return err_raise(-EIO);
    int rc = sqlite3_backup_step(b, -1);
    (void)sqlite3_backup_finish(b); /* repeats the error of step */
    if (rc != SQLITE_DONE)
        return rc == SQLITE_OK ? err_raise(-EIO) : db_error(d, rc);
    if (sqlite3_exec(target, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL) != SQLITE_OK)
        return err_raise(-EIO);
    return quick_check(target);
}

int db_to_single_file(const char *path)
{
    struct db *d = NULL;
    TR_ASSERT(path != NULL);
    int r = open_handle(path, SQLITE_OPEN_READWRITE, &d);
    if (r == 0)
        r = db_exec(d, "PRAGMA journal_mode=DELETE");
    (void)db_close(d);
    return err_trace(r);
}

int db_backup_to(struct db *d, const char *path)
{
    TR_ASSERT(path != NULL);
    TR_CLEANUP(mem_freep) char *temp = xasprintf("%s.part", path);
    (void)unlink(temp); /* what a crash may have left */
    int r = create_private(temp);
    if (r < 0)
        return r;
    sqlite3 *target = NULL;
    int rc = sqlite3_open_v2(temp, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    r = rc == SQLITE_OK ? copy_pages(d, target) : err_raise(-EIO);
    if (sqlite3_close(target) != SQLITE_OK && r == 0)
        r = err_raise(-EIO);
    if (r == 0)
        r = file_rename_durable(temp, path);
    if (r < 0)
        (void)unlink(temp); /* the first error is the one to report */
    return err_trace(r);
}
