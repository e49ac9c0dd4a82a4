/* places.db: one table of ids; a statement for each question. */
#include "notify/places.h"

#include <errno.h>

#include "core/alloc.h"
#include "core/log.h"
#include "store/projection.h"

#define CHECKPOINT_PAGES 1000

static const char *const migrations[] = {
    "CREATE TABLE place(kind INTEGER NOT NULL, bot INTEGER NOT NULL, chat_id INTEGER NOT NULL,"
    " key TEXT NOT NULL, id INTEGER NOT NULL, extra TEXT NOT NULL,"
    " UNIQUE(kind, bot, chat_id, key));",
};

struct places {
    struct db *db;
    size_t entries; /* written since the old ones were last forgotten */
    bool is_failing;
};

struct schema places_tables(void)
{
    return (struct schema){migrations, (int)TR_ARRAY_SIZE(migrations)};
}

int places_open(const char *path, struct places **ret)
{
    TR_ASSERT(path && ret);
    struct places *p = xalloc(sizeof *p);
    TR_CLEANUP(mem_freep) char *aside = NULL; /* damaged: an empty one will do */
    const struct projection_spec spec = {
        .path = path, .migrations = migrations, .migration_count = (int)TR_ARRAY_SIZE(migrations)};
    int r = projection_open(&spec, &p->db, &aside);
    if (r < 0) {
        mem_free(p);
        return err_trace(r);
    }
    if (aside)
        log_warn("notify", "places_made_anew damaged_file=%s", aside);
    *ret = p;
    return 0;
}

struct places *places_close(struct places *p)
{
    if (!p)
        return NULL;
    db_close(p->db);
    return mem_free(p);
}

static void failed(struct places *p, int r)
{
    if (!p->is_failing)
        log_warn("notify", "places_failing error=%d", -r);
    p->is_failing = true;
}

/* The statement with kind, bot, chat and key as ?1 to ?4; NULL on error. */
static sqlite3_stmt *bind(struct places *p, const char *sql, const struct place_at *at)
{
    TR_ASSERT(at->kind > PLACE_NONE && at->kind < PLACE_KIND_COUNT);
    sqlite3_stmt *st = db_prepare(p->db, sql);
    bool ok = st && sqlite3_bind_int(st, 1, (int)at->kind) == SQLITE_OK &&
              sqlite3_bind_int(st, 2, (int)at->bot) == SQLITE_OK &&
              sqlite3_bind_int64(st, 3, at->chat_id) == SQLITE_OK &&
              sqlite3_bind_text(st, 4, at->key, -1, SQLITE_STATIC) == SQLITE_OK;
    return ok ? st : NULL;
}

static void run(struct places *p, sqlite3_stmt *st)
{
    int r = st ? db_step_done(p->db, st) : -EIO;
    if (r < 0)
        failed(p, r);
    else
        p->is_failing = false;
    /* Nobody else does it: the WAL would grow for ever, and be read whole after a kill. */
    if (r == 0 && db_wal_pages(p->db) > CHECKPOINT_PAGES)
        (void)db_checkpoint(p->db, false); /* not all of it: the next one goes on */
}

bool places_has(struct places *p, const struct place_at *at, char ret_extra[PLACES_EXTRA_CAP])
{
    sqlite3_stmt *st =
        bind(p, "SELECT extra FROM place WHERE kind=?1 AND bot=?2 AND chat_id=?3 AND key=?4", at);
    if (!st)
        return false;
    bool found = sqlite3_step(st) == SQLITE_ROW;
    if (found && ret_extra)
        (void)str_copy(ret_extra, PLACES_EXTRA_CAP, (const char *)sqlite3_column_text(st, 0));
    (void)sqlite3_reset(st); /* one row was enough */
    return found;
}

int64_t places_get(struct places *p, const struct place_at *at, char ret_extra[PLACES_EXTRA_CAP])
{
    sqlite3_stmt *st = bind(
        p, "SELECT id, extra FROM place WHERE kind=?1 AND bot=?2 AND chat_id=?3 AND key=?4", at);
    int64_t id = 0;
    if (!st)
        return 0;
    if (sqlite3_step(st) == SQLITE_ROW) {
        id = sqlite3_column_int64(st, 0);
        if (ret_extra)
            (void)str_copy(ret_extra, PLACES_EXTRA_CAP, (const char *)sqlite3_column_text(st, 1));
    }
    (void)sqlite3_reset(st); /* one row was enough */
    return id;
}

/* Keeps the newest entries: they are the ones whose exits are still to come. */
static void forget_old(struct places *p)
{
    if (++p->entries < PLACES_ENTRIES_MAX / 10)
        return;
    p->entries = 0;
    sqlite3_stmt *st =
        db_prepare(p->db, "DELETE FROM place WHERE kind=?1 AND rowid <= (SELECT rowid FROM place"
                          " WHERE kind=?1 ORDER BY rowid DESC LIMIT 1 OFFSET ?2)");
    if (st && sqlite3_bind_int(st, 1, PLACE_ENTRY) == SQLITE_OK &&
        sqlite3_bind_int(st, 2, PLACES_ENTRIES_MAX) == SQLITE_OK)
        run(p, st);
}

void places_set(struct places *p, const struct place_at *at, int64_t id, const char *extra)
{
    sqlite3_stmt *st = bind(
        p, "INSERT OR REPLACE INTO place(kind, bot, chat_id, key, id, extra) VALUES(?,?,?,?,?,?)",
        at);
    if (!st || sqlite3_bind_int64(st, 5, id) != SQLITE_OK ||
        sqlite3_bind_text(st, 6, extra, -1, SQLITE_STATIC) != SQLITE_OK)
        st = NULL;
    run(p, st);
    if (at->kind == PLACE_ENTRY)
        forget_old(p);
}

void places_remove(struct places *p, const struct place_at *at)
{
    run(p, bind(p, "DELETE FROM place WHERE kind=?1 AND bot=?2 AND chat_id=?3 AND key=?4", at));
}

void places_remove_topic(struct places *p, int64_t chat_id, int64_t thread_id)
{
    sqlite3_stmt *st =
        db_prepare(p->db, "DELETE FROM place WHERE kind=?1 AND chat_id=?2 AND id=?3");
    if (!st || sqlite3_bind_int(st, 1, PLACE_TOPIC) != SQLITE_OK ||
        sqlite3_bind_int64(st, 2, chat_id) != SQLITE_OK ||
        sqlite3_bind_int64(st, 3, thread_id) != SQLITE_OK)
        st = NULL;
    run(p, st);
}

void places_migrate(struct places *p, int64_t from, int64_t to)
{
    static const char *const steps[] = {
        "DELETE FROM place WHERE chat_id=?1 AND kind IN (2, 3)",
        "UPDATE OR REPLACE place SET chat_id=?2, id=0 WHERE chat_id=?1"};
    _Static_assert(PLACE_ENTRY == 2 && PLACE_TOPIC == 3, "as in the statement");
    for (size_t i = 0; i < TR_ARRAY_SIZE(steps); i++) {
        sqlite3_stmt *st = db_prepare(p->db, steps[i]);
        bool ok = st && sqlite3_bind_int64(st, 1, from) == SQLITE_OK;
        if (ok && i == 1)
            ok = sqlite3_bind_int64(st, 2, to) == SQLITE_OK;
        run(p, ok ? st : NULL);
    }
}

void places_visit(struct places *p, enum place_kind kind, places_visit_fn visit, void *ctx)
{
    sqlite3_stmt *st =
        db_prepare(p->db, "SELECT bot, chat_id, key, id, extra FROM place WHERE kind=?");
    if (!st || sqlite3_bind_int(st, 1, (int)kind) != SQLITE_OK)
        return;
    while (sqlite3_step(st) == SQLITE_ROW) {
        struct place_at at = {.kind = kind,
                              .bot = (enum bot_id)sqlite3_column_int(st, 0),
                              .chat_id = sqlite3_column_int64(st, 1),
                              .key = (const char *)sqlite3_column_text(st, 2)};
        visit(ctx, &at, sqlite3_column_int64(st, 3), (const char *)sqlite3_column_text(st, 4));
    }
    (void)sqlite3_reset(st); /* the last step has told its error */
}
