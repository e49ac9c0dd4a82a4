/* store/trade_ledger.c: see trade_ledger.h. What every plugin database has: the watermark, and one
 * transaction a batch of journal rows. */
#include "store/trade_ledger.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/log.h"
#include "store/projection.h"

#define CHECKPOINT_PAGES 1000 /* spec reliability 2.7 */
#define FORGET_SQL_CAP   200

struct trade_ledger {
    const struct trade_ledger_ops *ops;
    struct db *db;
    char *set_aside;
    uint64_t applied_seq;
    bool in_transaction;
};

sqlite3_stmt *trade_ledger_prepare(struct trade_ledger *l, const char *sql)
{
    sqlite3_stmt *st = db_prepare(l->db, sql);
    if (st != NULL)
        (void)sqlite3_clear_bindings(st); /* always OK */
    return st;
}

const char *trade_ledger_plugin(const struct trade_ledger *l)
{
    return l->ops->plugin;
}

struct db *trade_ledger_db(struct trade_ledger *l)
{
    return l->db;
}

static int read_watermark(struct db *d, uint64_t *ret_seq)
{
    sqlite3_stmt *st = db_prepare(d, "SELECT applied_seq FROM watermark");
    int rc = st != NULL ? sqlite3_step(st) : SQLITE_CORRUPT;
    int r = rc == SQLITE_ROW ? 0 : rc == SQLITE_DONE ? -EBADMSG : db_error(d, rc);
    if (r == 0)
        *ret_seq = (uint64_t)sqlite3_column_int64(st, 0);
    if (st != NULL)
        (void)sqlite3_reset(st); /* repeats the error of step */
    return r < 0 ? err_raise(r) : 0;
}

int trade_ledger_peek_seq(const char *path, uint64_t *ret_seq)
{
    struct db *d = NULL;
    int r = db_open_readonly(path, &d);
    if (r == 0)
        r = read_watermark(d, ret_seq);
    (void)db_close(d);
    return err_trace(r);
}

int trade_ledger_open(const struct trade_ledger_ops *ops, const char *path,
                      struct trade_ledger **ret)
{
    struct db *d = NULL;
    TR_CLEANUP(mem_freep) char *aside = NULL;
    const struct projection_spec spec = {
        .path = path, .migrations = ops->migrations, .migration_count = ops->migration_count};
    int r = projection_open(&spec, &d, &aside);
    if (r < 0)
        return err_trace(r);
    uint64_t applied_seq = 0;
    r = read_watermark(d, &applied_seq);
    if (r < 0) {
        (void)db_close(d);
        return err_trace(r);
    }
    struct trade_ledger *l = xalloc(sizeof(*l));
    l->ops = ops;
    l->db = d;
    l->set_aside = TR_STEAL(aside);
    l->applied_seq = applied_seq;
    *ret = l;
    return 0;
}

struct trade_ledger *trade_ledger_close(struct trade_ledger *l)
{
    if (l == NULL)
        return NULL;
    trade_ledger_rollback(l);
    (void)db_close(l->db);
    mem_free(l->set_aside);
    return mem_free(l);
}

const char *trade_ledger_set_aside(const struct trade_ledger *l)
{
    return l->set_aside;
}

uint64_t trade_ledger_applied_seq(const struct trade_ledger *l)
{
    return l->applied_seq;
}

bool trade_ledger_wants_signal(const struct trade_ledger *l, enum signal_format format)
{
    return l->ops->signal != NULL && l->ops->format == format;
}

bool trade_ledger_wants_outputs(const struct trade_ledger *l, const void *output, size_t len)
{
    const char *name = l->ops->plugin;
    TR_ASSERT(output != NULL || len == 0);
    return name == NULL || (len > 0 && memmem(output, len, name, strlen(name)) != NULL);
}

int trade_ledger_begin(struct trade_ledger *l)
{
    TR_ASSERT(!l->in_transaction);
    int r = db_begin(l->db);
    l->in_transaction = r == 0;
    return err_trace(r);
}

int trade_ledger_signal(struct trade_ledger *l, const struct trade_ledger_signal *s)
{
    TR_ASSERT(l->in_transaction);
    TR_ASSERT(s->seq > 0);
    if (!trade_ledger_wants_signal(l, s->signal->format) || s->seq <= l->applied_seq)
        return 0;
    return l->ops->signal(l, s);
}

int trade_ledger_apply(struct trade_ledger *l, const struct event *e)
{
    TR_ASSERT(l->in_transaction);
    TR_ASSERT(e->seq > 0);
    return e->seq <= l->applied_seq ? 0 : l->ops->apply(l, e);
}

int trade_ledger_commit(struct trade_ledger *l, uint64_t applied_seq)
{
    TR_ASSERT(l->in_transaction);
    TR_ASSERT(applied_seq >= l->applied_seq);
    sqlite3_stmt *st = trade_ledger_prepare(l, "UPDATE watermark SET applied_seq = ?");
    if (st == NULL)
        return err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, (int64_t)applied_seq); /* integers always bind */
    int r = db_step_done(l->db, st);
    if (r == 0)
        r = db_commit(l->db);
    if (r < 0)
        return err_trace(r);
    l->in_transaction = false;
    l->applied_seq = applied_seq;
    if (db_wal_pages(l->db) > CHECKPOINT_PAGES) {
        int busy = db_checkpoint(l->db, false);
        if (busy < 0 && busy != -EBUSY)
            log_debug("store", "ledger_checkpoint_failed code=%d", -busy);
    }
    return 0;
}

int trade_ledger_forget(struct trade_ledger *l, int64_t before_ms, int max_rows, int *ret_gone)
{
    char sql[FORGET_SQL_CAP];
    TR_ASSERT(!l->in_transaction && max_rows > 0);
    int n = snprintf(sql, sizeof(sql),
                     "DELETE FROM %s WHERE id IN (SELECT id FROM %s ORDER BY id LIMIT ?2)"
                     " AND received_time_ms < ?1",
                     l->ops->signals_log, l->ops->signals_log);
    TR_ASSERT(n > 0 && n < FORGET_SQL_CAP);
    sqlite3_stmt *st = trade_ledger_prepare(l, sql);
    if (st == NULL)
        return err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, before_ms); /* integers always bind */
    (void)sqlite3_bind_int(st, 2, max_rows);
    int r = db_step_done(l->db, st); /* alone: it is its own transaction */
    if (r == 0)
        *ret_gone = sqlite3_changes(db_handle(l->db));
    return err_trace(r);
}

void trade_ledger_rollback(struct trade_ledger *l)
{
    if (!l->in_transaction)
        return;
    db_rollback(l->db);
    l->in_transaction = false;
}
