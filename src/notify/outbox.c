/* Messages of notify.db and its schema. Every statement is prepared once by store/db; the helpers
 * below bind by position. Message ids are given here and only grow while the process lives, because
 * queues remember the last id they loaded. Deleting happens when a result is known; nothing here
 * decides anything. */
#include "notify/outbox_impl.h"

#include <errno.h>
#include <string.h>

#include "core/alloc.h"

static const char *const migrations[] = {
    "CREATE TABLE outbox(id INTEGER PRIMARY KEY, bot INTEGER NOT NULL, lane INTEGER NOT NULL,"
    " chat_id INTEGER NOT NULL, thread_id INTEGER NOT NULL, reply_to INTEGER NOT NULL,"
    " edit_id INTEGER NOT NULL, callback_id TEXT, callback_text TEXT, html TEXT, keyboard TEXT,"
    " photo TEXT, created_ms INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,"
    " maybe INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX outbox_queue ON outbox(bot, chat_id, lane, id);"
    "CREATE TABLE watermark(trader TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE suspended(bot INTEGER NOT NULL, chat_id INTEGER NOT NULL,"
    " PRIMARY KEY(bot, chat_id)) WITHOUT ROWID;"
    "CREATE TABLE migrated(old_chat_id INTEGER PRIMARY KEY, new_chat_id INTEGER NOT NULL);"
    "CREATE TABLE target(chat_id INTEGER PRIMARY KEY, subscribed INTEGER NOT NULL);"
    "CREATE TABLE preference(chat_id INTEGER NOT NULL, event TEXT NOT NULL,"
    " PRIMARY KEY(chat_id, event)) WITHOUT ROWID;"
    "CREATE TABLE throttle(type INTEGER NOT NULL, reason INTEGER NOT NULL, symbol TEXT NOT NULL,"
    " count INTEGER NOT NULL, since_ms INTEGER NOT NULL,"
    " PRIMARY KEY(type, reason, symbol)) WITHOUT ROWID;"
    "CREATE TABLE run(one INTEGER PRIMARY KEY CHECK(one = 1), clean INTEGER NOT NULL);"
    "INSERT INTO run VALUES(1, 1);",
    "ALTER TABLE target ADD COLUMN lang INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE target ADD COLUMN role INTEGER;"
    "ALTER TABLE target ADD COLUMN member_lang INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE outbox ADD COLUMN silent INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE choice(id INTEGER PRIMARY KEY, chat_id INTEGER NOT NULL, statement TEXT NOT "
    "NULL);"
    "CREATE INDEX choice_chat ON choice(chat_id);"
    "INSERT INTO choice(chat_id, statement)"
    " SELECT chat_id, 'mute ' || event FROM preference ORDER BY chat_id, event;"
    "DROP TABLE preference;"
    "CREATE TABLE collected(kind INTEGER NOT NULL, bot INTEGER NOT NULL, chat_id INTEGER NOT NULL,"
    " event TEXT NOT NULL, symbol TEXT NOT NULL, count INTEGER NOT NULL, lots_e8 INTEGER NOT NULL,"
    " profit_e8 INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,"
    " since_ms INTEGER NOT NULL, card TEXT, card_count INTEGER NOT NULL,"
    " PRIMARY KEY(kind, bot, chat_id, event, symbol)) WITHOUT ROWID;"
    "CREATE TABLE unsent(id INTEGER PRIMARY KEY, chat_id INTEGER NOT NULL, time_ms INTEGER NOT "
    "NULL,"
    " seq INTEGER NOT NULL, cause_seq INTEGER NOT NULL, event TEXT NOT NULL, symbol TEXT NOT NULL,"
    " verdict INTEGER NOT NULL, rule TEXT NOT NULL);"
    "CREATE INDEX unsent_chat ON unsent(chat_id, id);",
    "ALTER TABLE collected RENAME TO collected_before;"
    "CREATE TABLE collected(kind INTEGER NOT NULL, bot INTEGER NOT NULL, chat_id INTEGER NOT NULL,"
    " topic TEXT NOT NULL, event TEXT NOT NULL, symbol TEXT NOT NULL, count INTEGER NOT NULL,"
    " lots_e8 INTEGER NOT NULL, profit_e8 INTEGER NOT NULL, first_seq INTEGER NOT NULL,"
    " last_seq INTEGER NOT NULL, since_ms INTEGER NOT NULL, card TEXT, card_count INTEGER NOT NULL,"
    " PRIMARY KEY(kind, bot, chat_id, topic, event, symbol)) WITHOUT ROWID;"
    "INSERT INTO collected SELECT kind, bot, chat_id, '', event, symbol, count, lots_e8, profit_e8,"
    " first_seq, last_seq, since_ms, card, card_count FROM collected_before;"
    "DROP TABLE collected_before;",
    ("ALTER TABLE outbox ADD COLUMN ref INTEGER NOT NULL DEFAULT 0;"
     "ALTER TABLE outbox ADD COLUMN trader TEXT;"),
};

/* Pages of WAL after which it is moved into the file: with time to spare, and while busy. */
#define WAL_PAGES_IDLE 200
#define WAL_PAGES_BUSY 2000

struct outbox_row *outbox_row_free(struct outbox_row *r)
{
    if (r == NULL)
        return NULL;
    mem_free(r->callback_id);
    mem_free(r->callback_text);
    mem_free(r->html);
    mem_free(r->keyboard);
    mem_free(r->photo);
    mem_free(r->topic);
    mem_free(r->trader);
    return mem_free(r);
}

/* ---- statements ---- */

sqlite3_stmt *outbox_bind(struct outbox *o, const char *sql, const int64_t *values, int count)
{
    sqlite3_stmt *st = db_prepare(o->db, sql);
    for (int i = 0; st != NULL && i < count; i++)
        if (sqlite3_bind_int64(st, i + 1, values[i]) != SQLITE_OK)
            return NULL;
    return st;
}

bool outbox_bind_text(sqlite3_stmt *st, int at, const char *s)
{
    int rc =
        s == NULL ? sqlite3_bind_null(st, at) : sqlite3_bind_text(st, at, s, -1, SQLITE_STATIC);
    return rc == SQLITE_OK;
}

int outbox_run(struct outbox *o, sqlite3_stmt *st)
{
    TR_ASSERT(o->is_writing);
    if (st == NULL)
        return err_raise(-EIO);
    return err_trace(db_step_done(o->db, st));
}

int outbox_next(struct outbox *o, sqlite3_stmt *st)
{
    if (st == NULL)
        return err_raise(-EIO);
    int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW)
        return 1;
    (void)sqlite3_reset(st); /* rc already tells */
    return rc == SQLITE_DONE ? 0 : err_trace(db_error(o->db, rc));
}

int64_t outbox_query_i64(struct outbox *o, const char *sql)
{
    sqlite3_stmt *st = db_prepare(o->db, sql);
    if (outbox_next(o, st) <= 0)
        return 0;
    int64_t v = sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st); /* one row was enough */
    return v;
}

const char *outbox_column(sqlite3_stmt *st, int i)
{
    return (const char *)sqlite3_column_text(st, i);
}

/* ---- life ---- */

struct schema outbox_tables(void)
{
    return (struct schema){migrations, (int)TR_ARRAY_SIZE(migrations)};
}

int outbox_open(const char *path, struct outbox **ret)
{
    struct outbox *o = xalloc(sizeof(*o));
    const struct projection_spec spec = {
        .path = path, .migrations = migrations, .migration_count = (int)TR_ARRAY_SIZE(migrations)};
    int r = projection_open(&spec, &o->db, &o->set_aside);
    if (r < 0) {
        mem_free(o);
        return err_trace(r);
    }
    o->last_id = outbox_query_i64(o, "SELECT max(id) FROM outbox");
    *ret = o;
    return 0;
}

struct outbox *outbox_close(struct outbox *o)
{
    if (o == NULL)
        return NULL;
    if (o->is_writing)
        outbox_rollback(o);
    db_close(o->db);
    mem_free(o->set_aside);
    return mem_free(o);
}

const char *outbox_set_aside(const struct outbox *o)
{
    return o->set_aside;
}

int outbox_begin(struct outbox *o)
{
    TR_ASSERT(!o->is_writing);
    int r = db_begin(o->db);
    o->is_writing = r == 0;
    return err_trace(r);
}

int outbox_commit(struct outbox *o)
{
    TR_ASSERT(o->is_writing);
    int r = db_commit(o->db);
    if (r == 0)
        o->is_writing = false;
    return err_trace(r);
}

void outbox_rollback(struct outbox *o)
{
    TR_ASSERT(o->is_writing);
    db_rollback(o->db);
    o->is_writing = false;
}

bool outbox_is_writing(const struct outbox *o)
{
    return o->is_writing;
}

void outbox_checkpoint(struct outbox *o, bool idle)
{
    TR_ASSERT(!o->is_writing);
    if (db_wal_pages(o->db) > (idle ? WAL_PAGES_IDLE : WAL_PAGES_BUSY))
        (void)db_checkpoint(o->db, false); /* not all of it: the next one goes on */
}

/* ---- messages ---- */

int outbox_insert(struct outbox *o, struct outbox_row *r)
{
    TR_ASSERT(r->id == 0 && r->bot >= BOT_UNSET && r->lane > NOTIFY_LANE_UNSET);
    const int64_t values[] = {o->last_id + 1, r->bot,         r->lane,    r->chat_id,
                              r->thread_id,   r->reply_to,    r->edit_id, r->created_ms,
                              r->silent,      (int64_t)r->ref};
    sqlite3_stmt *st =
        outbox_bind(o,
                    "INSERT INTO outbox(id, bot, lane, chat_id, thread_id, reply_to,"
                    " edit_id, created_ms, silent, ref, callback_id, callback_text, html,"
                    " keyboard, photo, trader) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                    values, (int)TR_ARRAY_SIZE(values));
    const char *const texts[] = {r->callback_id, r->callback_text, r->html,
                                 r->keyboard,    r->photo,         r->trader};
    for (size_t i = 0; i < TR_ARRAY_SIZE(texts); i++)
        if (st == NULL || !outbox_bind_text(st, (int)(TR_ARRAY_SIZE(values) + i + 1), texts[i]))
            return err_raise(-EIO);
    int e = outbox_run(o, st);
    if (e < 0)
        return err_trace(e);
    r->id = ++o->last_id;
    return 0;
}

int outbox_delete(struct outbox *o, int64_t id, int64_t *ret_count)
{
    TR_ASSERT(id > 0);
    int r = OUTBOX_RUN_INTS(o, "DELETE FROM outbox WHERE id=?", id);
    if (r < 0)
        return err_trace(r);
    *ret_count = sqlite3_changes64(db_handle(o->db));
    return 0;
}

int outbox_delete_chat(struct outbox *o, enum bot_id bot, int64_t chat_id, int64_t *ret_count)
{
    int r = OUTBOX_RUN_INTS(o, "DELETE FROM outbox WHERE bot=? AND chat_id=?", bot, chat_id);
    if (r < 0)
        return err_trace(r);
    *ret_count = sqlite3_changes64(db_handle(o->db));
    return 0;
}

int outbox_note_try(struct outbox *o, int64_t id, int attempts, bool maybe)
{
    return err_trace(OUTBOX_RUN_INTS(o, "UPDATE outbox SET attempts=?, maybe=? WHERE id=?",
                                     attempts, maybe, id));
}

int outbox_mark_heads(struct outbox *o)
{
    return err_trace(outbox_run(o, db_prepare(o->db, "UPDATE outbox SET maybe=1 WHERE id IN"
                                                     " (SELECT min(id) FROM outbox"
                                                     "  GROUP BY bot, chat_id, lane)")));
}

static char *column_dup(sqlite3_stmt *st, int i)
{
    return xstrdup(outbox_column(st, i));
}

static struct outbox_row *read_row(sqlite3_stmt *st, const struct outbox_row *queue)
{
    struct outbox_row *r = xalloc(sizeof(*r));
    *r = (struct outbox_row){
        .id = sqlite3_column_int64(st, 0),
        .bot = queue->bot,
        .lane = queue->lane,
        .chat_id = queue->chat_id,
        .thread_id = sqlite3_column_int64(st, 1),
        .reply_to = sqlite3_column_int64(st, 2),
        .edit_id = sqlite3_column_int64(st, 3),
        .callback_id = column_dup(st, 4),
        .callback_text = column_dup(st, 5),
        .created_ms = sqlite3_column_int64(st, 9),
        .attempts = sqlite3_column_int(st, 10),
        .maybe = sqlite3_column_int(st, 11) != 0,
        .silent = sqlite3_column_int(st, 12) != 0,
        .ref = (uint64_t)sqlite3_column_int64(st, 13),
        .trader = column_dup(st, 14),
    };
    bool superseded = sqlite3_column_int(st, 15) != 0;
    if (!superseded) {
        r->html = column_dup(st, 6);
        r->keyboard = column_dup(st, 7);
        r->photo = column_dup(st, 8);
    }
    return r;
}

int outbox_load(struct outbox *o, const struct outbox_row *after, int limit,
                struct outbox_row **ret)
{
    const int64_t values[] = {after->bot, after->chat_id, after->lane, after->id, limit};
    sqlite3_stmt *st = outbox_bind(
        o,
        "SELECT id, thread_id, reply_to, edit_id, callback_id, callback_text, html, keyboard,"
        " photo, created_ms, attempts, maybe, silent, ref, trader,"
        " edit_id<>0 AND EXISTS(SELECT 1 FROM outbox n"
        "  WHERE n.bot=o.bot AND n.chat_id=o.chat_id AND n.lane=o.lane AND n.id>o.id"
        "  AND n.edit_id=o.edit_id)"
        " FROM outbox o WHERE bot=? AND chat_id=? AND lane=? AND id>? ORDER BY id LIMIT ?",
        values, (int)TR_ARRAY_SIZE(values));
    struct outbox_row *head = NULL;
    struct outbox_row **tail = &head;
    int r;
    while ((r = outbox_next(o, st)) > 0) {
        *tail = read_row(st, after);
        tail = &(*tail)->next;
    }
    *ret = head;
    return r;
}

static int visit_counts(struct outbox *o, sqlite3_stmt *st, outbox_count_fn visit, void *ctx)
{
    int r;
    while ((r = outbox_next(o, st)) > 0)
        visit(ctx, (enum bot_id)sqlite3_column_int(st, 0), sqlite3_column_int64(st, 1),
              (enum notify_lane)sqlite3_column_int(st, 2), sqlite3_column_int64(st, 3));
    return r;
}

int outbox_count_all(struct outbox *o, outbox_count_fn visit, void *ctx)
{
    return visit_counts(o,
                        db_prepare(o->db, "SELECT bot, chat_id, lane, count(*) FROM outbox"
                                          " GROUP BY bot, chat_id, lane"),
                        visit, ctx);
}

int outbox_count_chat(struct outbox *o, enum bot_id bot, int64_t chat_id, outbox_count_fn visit,
                      void *ctx)
{
    const int64_t values[] = {bot, chat_id};
    return visit_counts(o,
                        outbox_bind(o,
                                    "SELECT bot, chat_id, lane, count(*) FROM outbox"
                                    " WHERE bot=? AND chat_id=? GROUP BY lane",
                                    values, 2),
                        visit, ctx);
}

int64_t outbox_total(struct outbox *o)
{
    return outbox_query_i64(o, "SELECT count(*) FROM outbox");
}

int64_t outbox_oldest_ms(struct outbox *o)
{
    return outbox_query_i64(o, "SELECT created_ms FROM outbox ORDER BY id LIMIT 1");
}
