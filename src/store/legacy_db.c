/* store/legacy_db.c: opened read-only for each look, so that the old bot may be stopped, upgraded
 * or restored meanwhile. Values are read as text: the old bot keeps money in binary floating point,
 * whose shortest text is the decimal that was meant. Columns are found by name: its versions differ
 * in which they have. */
#include "store/legacy_db.h"

#include <errno.h>
#include <string.h>

#include <sqlite3.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "model/decimal.h"

#define BUSY_MS          100
#define LENGTH_MAX_BYTES (1024 * 1024)

#define HISTORY_MAX_US INT64_C(60000000)

#define STEPS 10000 /* of SQLite's machine between two looks at the clock */

struct legacy_db {
    sqlite3 *sqlite;
    int64_t until_us; /* of the look: a table may be a view that never ends */
};

static int on_progress(void *ctx)
{
    const struct legacy_db *d = ctx;
    return clock_mono_us(clock_real()) >= d->until_us;
}

static int error_of(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EBADMSG;
    case SQLITE_CANTOPEN:
        return -ENOENT;
    case SQLITE_INTERRUPT:
        return -ETIMEDOUT;
    }
    return -EIO;
}

static int open_for(const char *path, int64_t max_us, struct legacy_db **ret)
{
    struct legacy_db *d = xalloc(sizeof(*d));
    d->until_us = clock_mono_us(clock_real()) + max_us;
    int rc = sqlite3_open_v2(path, &d->sqlite, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) /* what somebody else has written is data, not functions */
        rc = sqlite3_db_config(d->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    if (rc == SQLITE_OK)
        (void)sqlite3_limit(d->sqlite, SQLITE_LIMIT_LENGTH, LENGTH_MAX_BYTES);
    if (rc == SQLITE_OK)
        sqlite3_progress_handler(d->sqlite, STEPS, on_progress, d);
    if (rc == SQLITE_OK) /* its WAL is the old bot's to empty */
        rc = sqlite3_db_config(d->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(d->sqlite, BUSY_MS);
    if (rc == SQLITE_OK) /* also what makes it look into the file */
        rc = sqlite3_exec(d->sqlite, "PRAGMA query_only=1; SELECT 1 FROM sqlite_master", NULL, NULL,
                          NULL);
    if (rc == SQLITE_OK) {
        *ret = d;
        return 0;
    }
    legacy_db_close(d);
    return error_of(rc); /* of somebody else's file: no trace */
}

int legacy_db_open(const char *path, struct legacy_db **ret)
{
    return open_for(path, LEGACY_LOOK_MAX_US, ret);
}

int legacy_db_open_history(const char *path, struct legacy_db **ret)
{
    return open_for(path, HISTORY_MAX_US, ret);
}

struct legacy_db *legacy_db_close(struct legacy_db *d)
{
    if (d == NULL)
        return NULL;
    int rc = sqlite3_close(d->sqlite);
    TR_ASSERT(rc == SQLITE_OK); /* no statement outlives its function */
    return mem_free(d);
}

/* NULL: there is no such table (*ret_error 0), or it cannot be read. */
static sqlite3_stmt *prepare(struct legacy_db *d, const char *sql, int *ret_error)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(d->sqlite, sql, -1, &st, NULL);
    *ret_error = rc == SQLITE_OK || rc == SQLITE_ERROR ? 0 : error_of(rc);
    return rc == SQLITE_OK ? st : NULL;
}

int legacy_db_newest(struct legacy_db *d, enum legacy_table table, int64_t *ret_id)
{
    static const char *const sql[LEGACY_TABLE_COUNT] = {
        [LEGACY_TRADES] = "SELECT max(id) FROM trades",
        [LEGACY_EXITS] = "SELECT max(id) FROM reversal_exit_events"};
    int error;
    TR_ASSERT(table < LEGACY_TABLE_COUNT);
    sqlite3_stmt *st = prepare(d, sql[table], &error);
    *ret_id = 0;
    if (st == NULL)
        return error;
    int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW)
        *ret_id = sqlite3_column_int64(st, 0);
    (void)sqlite3_finalize(st); /* repeats the step's error */
    return rc == SQLITE_ROW ? 0 : error_of(rc);
}

/* ---- one row ---- */

static const char *text_of(sqlite3_stmt *st, const char *column)
{
    for (int i = 0; i < sqlite3_column_count(st); i++)
        if (strcmp(sqlite3_column_name(st, i), column) == 0) {
            const char *s = (const char *)sqlite3_column_text(st, i);
            return s != NULL ? s : "";
        }
    return "";
}

static int64_t decimal_of(sqlite3_stmt *st, const char *column)
{
    const char *s = text_of(st, column);
    int64_t value_e8;
    return dec_parse(s, strlen(s), &value_e8) && value_e8 > 0 ? value_e8 : DEC_NONE;
}

static int64_t whole_of(sqlite3_stmt *st, const char *column)
{
    int64_t n = 0;
    return str_to_i64(text_of(st, column), &n) ? n : 0;
}

static void read_row(sqlite3_stmt *st, struct legacy_row *ret)
{
    const char *side = text_of(st, "direction");
    *ret = (struct legacy_row){.id = whole_of(st, "id")};
    if (!symbol_normalise(text_of(st, "symbol"), ret->symbol))
        ret->symbol[0] = '\0';
    if (str_ieq(side, "BUY") || str_ieq(side, "LONG"))
        ret->side = SIDE_BUY;
    else if (str_ieq(side, "SELL") || str_ieq(side, "SHORT"))
        ret->side = SIDE_SELL;
    ret->lots_e8 = decimal_of(st, "lot_size");
    ret->entry_e8 = decimal_of(st, "entry_price");
    ret->sl_e8 = decimal_of(st, "sl_price");
    ret->tp_e8 = decimal_of(st, "tp_price");
    ret->sl_pips_e8 = decimal_of(st, "final_sl_pips");
    (void)str_copy(ret->order_type, sizeof(ret->order_type),
                   text_of(st, "order_type")); /* a word */
    ret->is_follow_up = whole_of(st, "is_re_entry") != 0 || whole_of(st, "profit_level") > 0;
}

int legacy_db_read(struct legacy_db *d, enum legacy_table table, int64_t after_id,
                   struct legacy_rows *ret)
{
    static const char *const sql[LEGACY_TABLE_COUNT] = {
        [LEGACY_TRADES] = "SELECT * FROM trades WHERE id > ? ORDER BY id LIMIT 64",
        [LEGACY_EXITS] = "SELECT * FROM reversal_exit_events WHERE id > ? ORDER BY id LIMIT 64"};
    int error;
    TR_ASSERT(table < LEGACY_TABLE_COUNT);
    sqlite3_stmt *st = prepare(d, sql[table], &error);
    ret->count = 0;
    if (st == NULL)
        return error;
    int rc = sqlite3_bind_int64(st, 1, after_id);
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW && ret->count < LEGACY_ROWS_MAX)
            read_row(st, &ret->items[ret->count++]);
    }
    (void)sqlite3_finalize(st); /* repeats the step's error */
    return rc == SQLITE_DONE ? 0 : error_of(rc);
}

/* ---- all of it ---- */

struct legacy_cells {
    sqlite3_stmt *st;
};

static const struct {
    const char *name, *sql;
} histories[LEGACY_HISTORY_COUNT] = {
    [LEGACY_HISTORY_TRADES] = {"trades", "SELECT * FROM trades"},
    [LEGACY_HISTORY_REENTRY_CHAINS] = {"reentry_chains", "SELECT * FROM reentry_chains"},
    [LEGACY_HISTORY_PROFIT_CHAINS] = {"profit_booking_chains",
                                      "SELECT * FROM profit_booking_chains"},
    [LEGACY_HISTORY_SESSIONS] = {"trading_sessions", "SELECT * FROM trading_sessions"},
    [LEGACY_HISTORY_TRENDS] = {"trends", "SELECT * FROM trends"},
};

const char *legacy_history_name(enum legacy_history table)
{
    TR_ASSERT(table < LEGACY_HISTORY_COUNT);
    return histories[table].name;
}

const char *legacy_cell(const struct legacy_cells *c, const char *column)
{
    const char *s = text_of(c->st, column);
    return s[0] != '\0' ? s : NULL;
}

int legacy_db_visit(struct legacy_db *d, enum legacy_history table, legacy_visit_fn visit,
                    void *ctx)
{
    int result, rc, rows = 0;
    TR_ASSERT(table < LEGACY_HISTORY_COUNT);
    TR_ASSERT(visit != NULL);
    const struct legacy_cells cells = {prepare(d, histories[table].sql, &result)};
    if (cells.st == NULL)
        return result < 0 ? result : LEGACY_ABSENT;
    while ((rc = sqlite3_step(cells.st)) == SQLITE_ROW && result == 0)
        result = rows++ < LEGACY_HISTORY_ROWS_MAX ? visit(&cells, ctx) : -E2BIG;
    (void)sqlite3_finalize(cells.st); /* repeats the step's error */
    if (result != 0)
        return result;
    return rc == SQLITE_DONE ? 0 : error_of(rc);
}
