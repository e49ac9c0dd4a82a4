#include "notify/unsent.h"

#include <errno.h>

#include "core/alloc.h"
#include "notify/outbox_impl.h"

#define TRIM_EVERY 256

int unsent_add(struct outbox *o, const struct unsent *u)
{
    const int64_t values[] = {u->chat_id, u->time_ms, (int64_t)u->seq, (int64_t)u->cause_seq,
                              u->verdict};
    sqlite3_stmt *st =
        outbox_bind(o,
                    "INSERT INTO unsent(chat_id, time_ms, seq, cause_seq, verdict, event, symbol,"
                    " rule) VALUES(?,?,?,?,?,?,?,?)",
                    values, (int)TR_ARRAY_SIZE(values));
    if (st == NULL || !outbox_bind_text(st, 6, event_info(u->type)->name) ||
        !outbox_bind_text(st, 7, u->symbol) || !outbox_bind_text(st, 8, u->rule))
        return err_raise(-EIO);
    int r = outbox_run(o, st);
    int64_t id = sqlite3_last_insert_rowid(db_handle(o->db));
    if (r == 0 && id % TRIM_EVERY == 0)
        r = OUTBOX_RUN_INTS(o, "DELETE FROM unsent WHERE id<=?", id - UNSENT_MAX);
    return err_trace(r);
}

static void read_one(sqlite3_stmt *st, unsent_fn visit, void *ctx)
{
    struct unsent u = {
        .chat_id = sqlite3_column_int64(st, 0),
        .time_ms = sqlite3_column_int64(st, 1),
        .seq = (uint64_t)sqlite3_column_int64(st, 2),
        .cause_seq = (uint64_t)sqlite3_column_int64(st, 3),
    };
    int verdict = sqlite3_column_int(st, 4);
    bool is_known = event_parse_name(outbox_column(st, 5), &u.type) && verdict > VERDICT_UNSET &&
                    verdict < VERDICT_COUNT;
    u.verdict = is_known ? (enum verdict)verdict : VERDICT_UNSET;
    if (is_known && str_copy(u.symbol, sizeof(u.symbol), outbox_column(st, 6)) &&
        str_copy(u.rule, sizeof(u.rule), outbox_column(st, 7)))
        visit(ctx, &u);
}

int unsent_read(const char *db_path, int64_t chat_id, uint64_t number, int limit, unsent_fn visit,
                void *ctx)
{
    struct outbox o = {0};
    int r = db_open_readonly(db_path, &o.db);
    if (r < 0)
        return err_trace(r);
    const int64_t values[] = {chat_id, (int64_t)number, limit};
    sqlite3_stmt *st = outbox_bind(
        &o,
        "SELECT chat_id, time_ms, seq, cause_seq, verdict, event, symbol, rule FROM unsent"
        " WHERE chat_id IN (0, ?1) AND (?2=0 OR seq=?2 OR cause_seq=?2)"
        " AND (chat_id<>0 OR ?2<>0) ORDER BY id DESC LIMIT ?3",
        values, (int)TR_ARRAY_SIZE(values));
    while ((r = outbox_next(&o, st)) > 0)
        read_one(st, visit, ctx);
    db_close(o.db);
    return err_trace(r);
}

int unsent_read_rules(const char *db_path, int64_t chat_id, struct rules *ret)
{
    struct outbox o = {0};
    int r = db_open_readonly(db_path, &o.db);
    if (r < 0)
        return err_trace(r);
    rules_init(ret);
    sqlite3_stmt *st =
        outbox_bind(&o, "SELECT statement FROM choice WHERE chat_id=? ORDER BY id", &chat_id, 1);
    while ((r = outbox_next(&o, st)) > 0)
        (void)rules_apply(ret, outbox_column(st, 0), 0); /* of another version: left out */
    db_close(o.db);
    return err_trace(r);
}
