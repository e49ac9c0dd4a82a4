/* store/journal_copy.c: see journal_copy.h. Why not the backup API or VACUUM INTO: both hold one
 * read transaction over the whole file. On a journal of a gigabyte under a thousand signals a
 * second the WAL would grow by hundreds of megabytes, and the engine's thread would have to move
 * them in one piece afterwards. Here all but the rows is copied in one short read that also says
 * where the cut is; rows up to it never change. The copy needs no rollback: it is a file of its own
 * until it is whole. */
#include "store/journal_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/file.h"
#include "store/db.h"

#define PORTION_ROWS    1000
#define SQL_CAP         1024
#define BUSY_TIMEOUT_MS 5000 /* another process that recovers the WAL */

struct copy {
    sqlite3 *h; /* main: the new file; src: the journal */
    uint64_t seq;
};

static int code(const struct copy *c, int rc)
{
    int low = rc & 0xff;
    if (low == SQLITE_OK || low == SQLITE_ROW || low == SQLITE_DONE)
        return 0;
    if (low == SQLITE_FULL)
        return err_raise(-ENOSPC);
    if (low == SQLITE_CORRUPT || low == SQLITE_NOTADB || low == SQLITE_ERROR)
        return err_raise(-EBADMSG); /* ERROR: a table or column that a journal has is missing */
    if (low == SQLITE_NOMEM)
        return err_raise(-ENOMEM);
    int system = sqlite3_system_errno(c->h);
    return err_raise(system > 0 ? -system : -EIO);
}

static int run(const struct copy *c, const char *sql)
{
    return code(c, sqlite3_exec(c->h, sql, NULL, NULL, NULL));
}

static int read_number(const struct copy *c, const char *sql, int64_t *ret)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(c->h, sql, -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    int r = code(c, rc);
    if (r == 0)
        *ret = sqlite3_column_int64(st, 0); /* NULL reads as 0 */
    (void)sqlite3_finalize(st);             /* repeats the error of step */
    return r;
}

/* "file:<path>?mode=ro" as SQLite reads it. */
static char *uri_of(const char *path)
{
    struct buf b;
    buf_init(&b, 8192);
    buf_puts(&b, "file:");
    for (const char *p = path; *p != '\0'; p++) {
        if (*p == '%' || *p == '?' || *p == '#')
            buf_printf(&b, "%%%02x", (unsigned)(unsigned char)*p);
        else
            buf_putc(&b, *p);
    }
    buf_puts(&b, "?mode=ro");
    if (buf_failed(&b)) {
        buf_deinit(&b);
        return NULL;
    }
    return buf_take(&b);
}

static int attach(struct copy *c, const char *from)
{
    TR_CLEANUP(mem_freep) char *uri = uri_of(from);
    sqlite3_stmt *st = NULL;
    if (uri == NULL)
        return err_raise(-ENAMETOOLONG);
    int rc = sqlite3_prepare_v2(c->h, "ATTACH ? AS src", -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(st, 1, uri, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    (void)sqlite3_finalize(st); /* repeats the error of step */
    return code(c, rc);
}

static int open_both(struct copy *c, const char *from, const char *to)
{
    char pragmas[256];
    int fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_raise(-errno);
    int r = file_give(fd, to);
    (void)file_close(fd);
    if (r < 0)
        return err_trace(r);
    int rc = sqlite3_open_v2(to, &c->h,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(c->h, BUSY_TIMEOUT_MS);
    if (rc != SQLITE_OK)
        return c->h != NULL ? code(c, rc) : err_raise(-ENOMEM);
    (void)snprintf(pragmas, sizeof(pragmas),
                   "PRAGMA page_size=4096; PRAGMA application_id=%d; PRAGMA journal_mode=OFF;"
                   "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-512;"
                   "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON",
                   DB_APPLICATION_ID);
    r = run(c, pragmas);
    return r < 0 ? r : attach(c, from);
}

/* Every object as it is there: a journal of another version stays one. */
static int make_schema(const struct copy *c)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(c->h,
                                "SELECT sql FROM src.sqlite_schema WHERE sql IS NOT NULL AND name"
                                " NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY rowid",
                                -1, &st, NULL);
    int r = code(c, rc);
    while (r == 0 && (rc = sqlite3_step(st)) == SQLITE_ROW)
        r = run(c, (const char *)sqlite3_column_text(st, 0));
    if (r == 0)
        r = code(c, rc);
    (void)sqlite3_finalize(st); /* repeats the error of step */
    return r;
}

static int copy_small_tables(const struct copy *c)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(c->h,
                                "SELECT name FROM src.sqlite_schema WHERE type = 'table' AND name"
                                " NOT LIKE 'sqlite~_%' ESCAPE '~' AND name <> 'journal'",
                                -1, &st, NULL);
    int r = code(c, rc);
    while (r == 0 && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        char sql[SQL_CAP];
        const char *name = (const char *)sqlite3_column_text(st, 0);
        (void)sqlite3_snprintf(sizeof(sql), sql, "INSERT INTO main.\"%w\" SELECT * FROM src.\"%w\"",
                               name, name);
        r = run(c, sql);
    }
    if (r == 0)
        r = code(c, rc);
    (void)sqlite3_finalize(st); /* repeats the error of step */
    return r;
}

/* One read of the journal: what is not rows, and where the rows end. */
static int copy_frame(struct copy *c, struct journal_copy_result *ret)
{
    char sql[64];
    int64_t last = 0, schema = 0, application = 0;
    int r = read_number(c, "PRAGMA src.application_id", &application);
    if (r == 0 && application != DB_APPLICATION_ID)
        r = err_raise(-EINVAL);
    if (r == 0)
        r = run(c, "BEGIN");
    if (r == 0)
        r = make_schema(c);
    if (r == 0)
        r = copy_small_tables(c);
    if (r == 0)
        r = read_number(c, "SELECT max(seq) FROM src.journal", &last);
    if (r == 0)
        r = read_number(c, "PRAGMA src.user_version", &schema);
    if (r < 0)
        return r;
    (void)snprintf(sql, sizeof(sql), "PRAGMA main.user_version=%d", (int)schema);
    r = run(c, sql);
    if (r == 0)
        r = run(c, "COMMIT");
    c->seq = (uint64_t)last;
    ret->seq = c->seq;
    ret->schema = (int)schema;
    return r;
}

static int copy_portion(const struct copy *c, sqlite3_stmt *st, uint64_t after)
{
    uint64_t to = c->seq - after > PORTION_ROWS ? after + PORTION_ROWS : c->seq;
    (void)sqlite3_bind_int64(st, 1, (int64_t)after); /* integers always bind */
    (void)sqlite3_bind_int64(st, 2, (int64_t)to);
    int rc = sqlite3_step(st);
    (void)sqlite3_reset(st); /* repeats the error of step */
    return code(c, rc);
}

static int copy_rows(const struct copy *c, journal_copy_pause_fn pause, void *ctx)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(c->h,
                                "INSERT INTO main.journal SELECT * FROM src.journal"
                                " WHERE seq > ?1 AND seq <= ?2 ORDER BY seq",
                                -1, &st, NULL);
    int r = code(c, rc);
    for (uint64_t at = 0; r == 0 && at < c->seq; at += PORTION_ROWS) {
        int64_t began_us = clock_mono_us(clock_real());
        r = copy_portion(c, st, at);
        if (r == 0 && pause != NULL)
            r = pause(ctx, clock_mono_us(clock_real()) - began_us);
    }
    (void)sqlite3_finalize(st); /* repeats the error of step */
    return r;
}

static int read_hash(const struct copy *c, uint8_t ret[HASH_SHA256_BYTES])
{
    sqlite3_stmt *st = NULL;
    memset(ret, 0, HASH_SHA256_BYTES);
    if (c->seq == 0)
        return 0;
    int rc = sqlite3_prepare_v2(c->h, "SELECT hash FROM main.journal ORDER BY seq DESC LIMIT 1", -1,
                                &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    int r = code(c, rc);
    if (r == 0 && (rc != SQLITE_ROW || sqlite3_column_bytes(st, 0) != HASH_SHA256_BYTES))
        r = err_raise(-EBADMSG);
    if (r == 0)
        memcpy(ret, sqlite3_column_blob(st, 0), HASH_SHA256_BYTES);
    (void)sqlite3_finalize(st); /* repeats the error of step */
    return r;
}

int journal_copy(const char *from, const char *to, journal_copy_pause_fn pause, void *ctx,
                 struct journal_copy_result *ret)
{
    struct copy c = {0};
    struct journal_copy_result result = {0};
    TR_ASSERT(from != NULL && to != NULL);
    TR_ASSERT(ret != NULL);
    int r = open_both(&c, from, to);
    if (r == 0)
        r = copy_frame(&c, &result);
    if (r == 0)
        r = copy_rows(&c, pause, ctx);
    if (r == 0)
        r = read_hash(&c, result.hash);
    int rc = sqlite3_close(c.h);
    TR_ASSERT(rc == SQLITE_OK); /* BUSY: a statement was left */
    if (r == 0)
        *ret = result;
    return r < 0 ? err_trace(r) : r;
}
