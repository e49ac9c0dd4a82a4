/* State of notify.db beside the messages: watermarks, how the last process ended, chats that cannot
 * be reached or got another id, who hears what, counters of throttled causes. Loaded whole at start
 * and after a rollback through one visitor; written in the transaction that is open. */
#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "notify/outbox_impl.h"

int outbox_get_watermark(struct outbox *o, const char *trader, uint64_t *ret_seq, bool *ret_found)
{
    sqlite3_stmt *st = db_prepare(o->db, "SELECT seq FROM watermark WHERE trader=?");
    if (st == NULL || !outbox_bind_text(st, 1, trader))
        return err_raise(-EIO);
    int r = outbox_next(o, st);
    if (r < 0)
        return err_trace(r);
    *ret_found = r == 1;
    *ret_seq = r == 1 ? (uint64_t)sqlite3_column_int64(st, 0) : 0;
    (void)sqlite3_reset(st); /* one row was enough */
    return 0;
}

int outbox_set_watermark(struct outbox *o, const char *trader, uint64_t seq)
{
    sqlite3_stmt *st = db_prepare(o->db, "INSERT INTO watermark(seq, trader) VALUES(?,?)"
                                         " ON CONFLICT(trader) DO UPDATE SET seq=excluded.seq");
    if (st == NULL || sqlite3_bind_int64(st, 1, (int64_t)seq) != SQLITE_OK ||
        !outbox_bind_text(st, 2, trader))
        return err_raise(-EIO);
    return err_trace(outbox_run(o, st));
}

bool outbox_was_clean(struct outbox *o)
{
    return outbox_query_i64(o, "SELECT clean FROM run") != 0;
}

int outbox_set_clean(struct outbox *o, bool clean)
{
    return err_trace(OUTBOX_RUN_INTS(o, "UPDATE run SET clean=?", clean));
}

int outbox_set_suspended(struct outbox *o, enum bot_id bot, int64_t chat_id, bool suspended)
{
    const char *sql = suspended ? "INSERT OR IGNORE INTO suspended(bot, chat_id) VALUES(?,?)"
                                : "DELETE FROM suspended WHERE bot=? AND chat_id=?";
    return err_trace(OUTBOX_RUN_INTS(o, sql, bot, chat_id));
}

int outbox_migrate(struct outbox *o, int64_t old_chat_id, int64_t new_chat_id)
{
    static const char *const steps[] = {
        "UPDATE outbox SET chat_id=?2, reply_to=0, edit_id=0 WHERE chat_id=?1",
        "UPDATE OR IGNORE target SET chat_id=?2 WHERE chat_id=?1",
        "UPDATE choice SET chat_id=?2 WHERE chat_id=?1",
        "UPDATE OR IGNORE collected SET chat_id=?2 WHERE chat_id=?1",
        "UPDATE unsent SET chat_id=?2 WHERE chat_id=?1",
        "UPDATE migrated SET new_chat_id=?2 WHERE new_chat_id=?1",
        "INSERT OR REPLACE INTO migrated(old_chat_id, new_chat_id) VALUES(?1,?2)",
        "DELETE FROM migrated WHERE old_chat_id=?2 AND ?1<>?2", /* never a circle */
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(steps); i++) {
        int r = OUTBOX_RUN_INTS(o, steps[i], old_chat_id, new_chat_id);
        if (r < 0)
            return err_trace(r);
    }
    return 0;
}

int outbox_set_target(struct outbox *o, const struct outbox_target *t)
{
    sqlite3_stmt *st =
        outbox_bind(o,
                    "INSERT OR REPLACE INTO target(chat_id, subscribed, lang, member_lang, role)"
                    " VALUES(?,?,?,?,?)",
                    (const int64_t[]){t->chat_id, t->subscribed, t->lang, t->member_lang}, 4);
    if (st == NULL)
        return err_raise(-EIO);
    int rc = t->is_member ? sqlite3_bind_int(st, 5, (int)t->role) : sqlite3_bind_null(st, 5);
    return rc == SQLITE_OK ? err_trace(outbox_run(o, st)) : err_raise(-EIO);
}

int outbox_forget_target(struct outbox *o, int64_t chat_id)
{
    static const char *const steps[] = {"DELETE FROM target WHERE chat_id=?",
                                        "DELETE FROM choice WHERE chat_id=?",
                                        "DELETE FROM collected WHERE chat_id=?"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(steps); i++) {
        int r = OUTBOX_RUN_INTS(o, steps[i], chat_id);
        if (r < 0)
            return err_trace(r);
    }
    return 0;
}

int outbox_set_choices(struct outbox *o, int64_t chat_id, const char *lines)
{
    int r = OUTBOX_RUN_INTS(o, "DELETE FROM choice WHERE chat_id=?", chat_id);
    while (r == 0 && *lines != '\0') {
        size_t len = strcspn(lines, "\n");
        sqlite3_stmt *st =
            outbox_bind(o, "INSERT INTO choice(chat_id, statement) VALUES(?,?)", &chat_id, 1);
        if (st == NULL || sqlite3_bind_text(st, 2, lines, (int)len, SQLITE_STATIC) != SQLITE_OK)
            return err_raise(-EIO);
        r = outbox_run(o, st);
        lines += len + (lines[len] == '\n');
    }
    return err_trace(r);
}

int outbox_save_throttle(struct outbox *o, const struct outbox_throttle *t)
{
    const int64_t values[] = {t->type, t->reason, t->count, t->since_ms};
    sqlite3_stmt *st = outbox_bind(o,
                                   "INSERT OR REPLACE INTO throttle(type, reason, count, since_ms,"
                                   " symbol) VALUES(?,?,?,?,?)",
                                   values, 4);
    if (st == NULL || !outbox_bind_text(st, 5, t->symbol))
        return err_raise(-EIO);
    return err_trace(outbox_run(o, st));
}

int outbox_drop_throttle(struct outbox *o, const struct outbox_throttle *t)
{
    const int64_t values[] = {t->type, t->reason};
    sqlite3_stmt *st =
        outbox_bind(o, "DELETE FROM throttle WHERE type=? AND reason=? AND symbol=?", values, 2);
    if (st == NULL || !outbox_bind_text(st, 3, t->symbol))
        return err_raise(-EIO);
    return err_trace(outbox_run(o, st));
}

static int visit_chats(struct outbox *o, const struct outbox_visitor *v)
{
    sqlite3_stmt *st = db_prepare(o->db, "SELECT bot, chat_id FROM suspended");
    int r;
    while ((r = outbox_next(o, st)) > 0)
        if (v->suspended != NULL)
            v->suspended(v->ctx, (enum bot_id)sqlite3_column_int(st, 0),
                         sqlite3_column_int64(st, 1));
    if (r < 0)
        return err_trace(r);
    st = db_prepare(o->db, "SELECT old_chat_id, new_chat_id FROM migrated");
    while ((r = outbox_next(o, st)) > 0)
        if (v->migrated != NULL)
            v->migrated(v->ctx, sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1));
    return err_trace(r);
}

static enum lang column_lang(sqlite3_stmt *st, int i)
{
    int lang = sqlite3_column_int(st, i);
    return lang > LANG_UNSET && lang < LANG_COUNT ? (enum lang)lang : LANG_UNSET;
}

static struct outbox_target read_target(sqlite3_stmt *st)
{
    struct outbox_target t = {
        .chat_id = sqlite3_column_int64(st, 0),
        .subscribed = sqlite3_column_int(st, 1) != 0,
        .lang = column_lang(st, 2),
        .member_lang = column_lang(st, 3),
        .is_member = sqlite3_column_type(st, 4) != SQLITE_NULL,
    };
    int role = sqlite3_column_int(st, 4);
    t.role = role > ROLE_NONE && role < ROLE_COUNT ? (enum role)role : ROLE_NONE;
    if (t.member_lang == LANG_UNSET)
        t.member_lang = LANG_EN;
    return t;
}

static int visit_choices(struct outbox *o, const struct outbox_visitor *v)
{
    sqlite3_stmt *st =
        db_prepare(o->db, "SELECT chat_id, subscribed, lang, member_lang, role FROM target");
    int r;
    while ((r = outbox_next(o, st)) > 0) {
        struct outbox_target t = read_target(st);
        if (v->target != NULL)
            v->target(v->ctx, &t);
    }
    if (r < 0)
        return err_trace(r);
    st = db_prepare(o->db, "SELECT chat_id, statement FROM choice ORDER BY id");
    while ((r = outbox_next(o, st)) > 0)
        if (v->choice != NULL)
            v->choice(v->ctx, sqlite3_column_int64(st, 0), outbox_column(st, 1));
    return err_trace(r);
}

static int visit_boxes(struct outbox *o, const struct outbox_visitor *v)
{
    if (v->box == NULL)
        return 0;
    sqlite3_stmt *st = db_prepare(o->db, "SELECT kind, bot, chat_id, min(since_ms) FROM collected"
                                         " GROUP BY kind, bot, chat_id");
    int r;
    while ((r = outbox_next(o, st)) > 0) {
        const struct outbox_box box = {
            .kind = (enum collect_kind)sqlite3_column_int(st, 0),
            .bot = (enum bot_id)sqlite3_column_int(st, 1),
            .chat_id = sqlite3_column_int64(st, 2),
            .since_ms = sqlite3_column_int64(st, 3),
        };
        v->box(v->ctx, &box);
    }
    return err_trace(r);
}

static int visit_throttles(struct outbox *o, const struct outbox_visitor *v)
{
    sqlite3_stmt *st =
        db_prepare(o->db, "SELECT type, reason, symbol, count, since_ms FROM throttle");
    int r;
    while ((r = outbox_next(o, st)) > 0) {
        struct outbox_throttle t = {
            .type = sqlite3_column_int(st, 0),
            .reason = sqlite3_column_int(st, 1),
            .count = sqlite3_column_int64(st, 3),
            .since_ms = sqlite3_column_int64(st, 4),
        };
        (void)str_copy(t.symbol, sizeof(t.symbol), outbox_column(st, 2));
        if (v->throttle != NULL)
            v->throttle(v->ctx, &t);
    }
    return err_trace(r);
}

int outbox_visit_state(struct outbox *o, const struct outbox_visitor *v)
{
    int r = visit_chats(o, v);
    if (r == 0)
        r = visit_choices(o, v);
    if (r == 0)
        r = visit_boxes(o, v);
    if (r == 0)
        r = visit_throttles(o, v);
    return r;
}
