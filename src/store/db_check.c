/* store/db_check.c: see db_check.h. */
#include "store/db_check.h"

#include <errno.h>
#include <stdio.h>

#include "core/alloc.h"
#include "store/db.h"

#define TICK_OPCODES 10000

struct ticker {
    db_check_tick_fn tick;
    void *ctx;
};

static int on_progress(void *ctx)
{
    const struct ticker *t = ctx;
    t->tick(t->ctx);
    return 0;
}

static void unsound(struct db_check_result *ret, const char *text)
{
    ret->is_sound = false;
    (void)str_copy(ret->text, sizeof(ret->text), text); /* cut is fine */
}

/* The answer is one row "ok", or rows of complaints. */
static int check_pages(struct db *d, bool full, struct db_check_result *ret)
{
    sqlite3_stmt *st = db_prepare(d, full ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)");
    if (st == NULL)
        return db_error(d, sqlite3_extended_errcode(db_handle(d)));
    int rc = sqlite3_step(st);
    const char *text = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : NULL;
    if (text != NULL && !str_eq(text, "ok"))
        unsound(ret, text);
    int r = text != NULL ? 0 : db_error(d, rc);
    (void)sqlite3_reset(st); /* repeats the error of step */
    return r;
}

static int check_references(struct db *d, struct db_check_result *ret)
{
    sqlite3_stmt *st = db_prepare(d, "PRAGMA foreign_key_check");
    if (st == NULL)
        return db_error(d, sqlite3_extended_errcode(db_handle(d)));
    int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        char text[DB_CHECK_TEXT_CAP];
        (void)snprintf(text, sizeof(text), "row %lld of %s refers to a row that %s does not have",
                       (long long)sqlite3_column_int64(st, 1),
                       (const char *)sqlite3_column_text(st, 0),
                       (const char *)sqlite3_column_text(st, 2));
        unsound(ret, text);
    }
    int r = db_error(d, rc);
    (void)sqlite3_reset(st); /* repeats the error of step */
    return r;
}

static int read_number(struct db *d, const char *sql, int64_t *ret)
{
    sqlite3_stmt *st = db_prepare(d, sql);
    if (st == NULL)
        return db_error(d, sqlite3_extended_errcode(db_handle(d)));
    int r = db_error(d, sqlite3_step(st));
    if (r == 0)
        *ret = sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st); /* repeats the error of step */
    return r;
}

static int check_all(struct db *d, bool full, struct db_check_result *ret)
{
    int64_t schema = 0, pages = 0, page_bytes = 0;
    int r = read_number(d, "PRAGMA user_version", &schema);
    if (r == 0)
        r = read_number(d, "PRAGMA page_count", &pages);
    if (r == 0)
        r = read_number(d, "PRAGMA page_size", &page_bytes);
    ret->schema = (int)schema;
    ret->size_bytes = pages * page_bytes;
    if (r == 0)
        r = check_pages(d, full, ret);
    if (r == 0 && ret->is_sound)
        r = check_references(d, ret);
    return r;
}

int db_check(const char *path, bool full, db_check_tick_fn tick, void *ctx,
             struct db_check_result *ret)
{
    struct db *d = NULL;
    struct ticker ticker = {tick, ctx};
    TR_ASSERT(path != NULL);
    TR_ASSERT(ret != NULL);
    *ret = (struct db_check_result){.is_sound = true};
    int r = db_open_readonly(path, &d);
    if (r == 0 && tick != NULL)
        sqlite3_progress_handler(db_handle(d), TICK_OPCODES, on_progress, &ticker);
    if (r == 0)
        r = check_all(d, full, ret);
    if (r == -EBADMSG) {
        unsound(ret, "not a sound database file");
        r = 0;
    }
    (void)db_close(d);
    return err_trace(r);
}
