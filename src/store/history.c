/* store/history.c: see history.h. */
#include "store/history.h"

#include <errno.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "store/db.h"

/* SQL made of string macros: the formatter would break the literals apart. */
/* clang-format off */

#define DECIMAL(name) \
    name "_e8 INTEGER, " \
    name " REAL GENERATED ALWAYS AS (" name "_e8 / 1e8) VIRTUAL, "
#define TIME(name) \
    name "_ms INTEGER, " \
    name " TEXT GENERATED ALWAYS AS" \
    " (strftime('%Y-%m-%dT%H:%M:%fZ', " name "_ms / 1000.0, 'unixepoch')) VIRTUAL, "
#define SYMBOL    "symbol TEXT NOT NULL CHECK(length(symbol) BETWEEN 1 AND 15), "
#define DIRECTION "direction TEXT NOT NULL CHECK(direction IN ('BUY', 'SELL')), "
#define TAG       "migrated_from TEXT NOT NULL DEFAULT 'v4') STRICT;"

static const char *const migrations[] = {
    "CREATE TABLE trades("
    "id INTEGER PRIMARY KEY, "
    "mt5_ticket INTEGER NOT NULL UNIQUE CHECK(mt5_ticket > 0), "
    "chain_id TEXT, "
    SYMBOL
    DIRECTION
    "lot_size_e8 INTEGER NOT NULL CHECK(lot_size_e8 > 0), "
    "lot_size REAL GENERATED ALWAYS AS (lot_size_e8 / 1e8) VIRTUAL, "
    DECIMAL("entry_price")
    DECIMAL("sl_price")
    DECIMAL("tp_price")
    TIME("entry_time")
    TIME("exit_time")
    DECIMAL("exit_price")
    DECIMAL("profit_dollars")
    DECIMAL("commission")
    DECIMAL("swap")
    "status TEXT NOT NULL CHECK(status IN ('OPEN', 'PARTIAL', 'CLOSED')), "
    "close_reason TEXT, "
    "signal_data TEXT NOT NULL, "
    "logic_type TEXT NOT NULL CHECK(logic_type IN ('LOGIC1', 'LOGIC2', 'LOGIC3')), "
    "order_type TEXT CHECK(order_type IN ('ORDER_A', 'ORDER_B')), "
    TAG
    "CREATE INDEX trades_exit ON trades(exit_time_ms, mt5_ticket) WHERE status = 'CLOSED';"

    "CREATE TABLE v3_reentry_chains("
    "id INTEGER PRIMARY KEY, "
    "chain_id TEXT NOT NULL UNIQUE, "
    "plugin_id TEXT NOT NULL DEFAULT 'combined_v3', "
    SYMBOL
    DIRECTION
    DECIMAL("original_entry_price")
    DECIMAL("original_sl_distance")
    "status TEXT NOT NULL"
    " CHECK(status IN ('ACTIVE', 'RECOVERY_MODE', 'STOPPED', 'COMPLETED')), "
    "current_level INTEGER NOT NULL CHECK(current_level >= 0), "
    DECIMAL("total_profit_dollars")
    TIME("created_at")
    TIME("completed_at")
    TAG

    "CREATE TABLE v3_profit_chains("
    "chain_id TEXT PRIMARY KEY, "
    "plugin_id TEXT NOT NULL DEFAULT 'combined_v3', "
    SYMBOL
    DIRECTION
    DECIMAL("base_lot")
    "status TEXT NOT NULL"
    " CHECK(status IN ('ACTIVE', 'ADVANCING', 'COMPLETED', 'STOPPED', 'STALE')), "
    "current_level INTEGER NOT NULL CHECK(current_level BETWEEN 0 AND 4), "
    DECIMAL("total_profit")
    TIME("created_at")
    TIME("updated_at")
    TAG

    "CREATE TABLE migration_log("
    "id INTEGER PRIMARY KEY, "
    TIME("made_at")
    "source TEXT NOT NULL, "
    TAG};

static const char add_trade_sql[] =
    "INSERT INTO trades(mt5_ticket, symbol, direction, lot_size_e8, entry_price_e8, sl_price_e8,"
    " tp_price_e8, entry_time_ms, exit_time_ms, exit_price_e8, profit_dollars_e8, commission_e8,"
    " swap_e8, status, signal_data, logic_type, order_type, chain_id)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
static const char add_reentry_sql[] =
    "INSERT INTO v3_reentry_chains(chain_id, symbol, direction, status, current_level,"
    " original_entry_price_e8, original_sl_distance_e8, total_profit_dollars_e8, created_at_ms,"
    " completed_at_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
static const char add_profit_sql[] =
    "INSERT INTO v3_profit_chains(chain_id, symbol, direction, status, current_level, base_lot_e8,"
    " total_profit_e8, created_at_ms, updated_at_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?8, ?9, ?10)";
static const char log_sql[] = "INSERT INTO migration_log(made_at_ms, source) VALUES(?1, ?2)";
static const char look_sql[] =
    "SELECT (SELECT count(*) FROM trades), (SELECT count(*) FROM v3_reentry_chains),"
    " (SELECT count(*) FROM v3_profit_chains),"
    " (SELECT coalesce(sum(profit_dollars_e8), 0) FROM trades),"
    " (SELECT count(*) - count(DISTINCT mt5_ticket) FROM trades),"
    " (SELECT count(*) FROM trades WHERE symbol IS NULL OR direction IS NULL"
    " OR lot_size_e8 IS NULL)";
/* clang-format on */

const struct schema history_schema = {migrations, TR_ARRAY_SIZE(migrations)};

struct history {
    struct db *db;
    char *path;
};

/* Of a crash: a log that is left would be taken for the new file's. */
static int remove_left(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(endings); i++) {
        TR_CLEANUP(mem_freep) char *name = xasprintf("%s%s", path, endings[i]);
        if (unlink(name) < 0 && errno != ENOENT)
            return err_raise(-errno);
    }
    return 0;
}

int history_create(const char *path, struct history **ret)
{
    int r = remove_left(path);
    if (r < 0)
        return r;
    struct history *h = xalloc(sizeof(*h));
    h->path = xstrdup(path);
    r = db_open(path, DB_FULL, migrations, TR_ARRAY_SIZE(migrations), &h->db);
    if (r == 0)
        r = db_begin(h->db);
    if (r < 0) {
        (void)history_abandon(h);
        return err_trace(r);
    }
    *ret = h;
    return 0;
}

struct history *history_abandon(struct history *h)
{
    if (h == NULL)
        return NULL;
    if (h->db != NULL)
        db_rollback(h->db);
    (void)db_close(h->db);
    mem_free(h->path);
    return mem_free(h);
}

static void bind_text(sqlite3_stmt *st, int at, const char *s)
{
    int rc = s != NULL && s[0] != '\0' ? sqlite3_bind_text(st, at, s, -1, SQLITE_TRANSIENT)
                                       : sqlite3_bind_null(st, at);
    TR_ASSERT(rc == SQLITE_OK);
}

static void bind_value(sqlite3_stmt *st, int at, int64_t value)
{
    int rc = value != DEC_NONE ? sqlite3_bind_int64(st, at, value) : sqlite3_bind_null(st, at);
    TR_ASSERT(rc == SQLITE_OK);
}

int history_add_trade(struct history *h, const struct migration_trade *t, const char *signal_data)
{
    static const char *const roles[ORDER_ROLE_COUNT] = {
        [ORDER_ROLE_A] = "ORDER_A", [ORDER_ROLE_B] = "ORDER_B"};
    const int64_t values[] = {t->lots_e8, t->entry_e8, t->sl_e8,     t->tp_e8,         t->entry_ms,
                              t->exit_ms, t->exit_e8,  t->profit_e8, t->commission_e8, t->swap_e8};
    TR_ASSERT(t->ticket > 0 && t->lots_e8 > 0);
    TR_ASSERT(t->side == SIDE_BUY || t->side == SIDE_SELL);
    sqlite3_stmt *st = db_prepare(h->db, add_trade_sql);
    if (st == NULL)
        return err_raise(-EIO);
    bind_value(st, 1, t->ticket);
    bind_text(st, 2, t->symbol);
    bind_text(st, 3, side_name(t->side));
    for (size_t i = 0; i < TR_ARRAY_SIZE(values); i++)
        bind_value(st, 4 + (int)i, values[i]);
    bind_text(st, 14, t->status);
    bind_text(st, 15, signal_data);
    bind_text(st, 16, t->logic);
    bind_text(st, 17, roles[t->role]);
    bind_text(st, 18, t->chain_id);
    return err_trace(db_step_done(h->db, st));
}

static int add_chain(struct history *h, const char *sql, const struct migration_chain *c)
{
    TR_ASSERT(c->id[0] != '\0' && c->symbol[0] != '\0');
    sqlite3_stmt *st = db_prepare(h->db, sql);
    if (st == NULL)
        return err_raise(-EIO);
    bind_text(st, 1, c->id);
    bind_text(st, 2, c->symbol);
    bind_text(st, 3, side_name(c->side));
    bind_text(st, 4, c->status);
    bind_value(st, 5, c->level);
    bind_value(st, 6, c->size_e8);
    if (sql == add_reentry_sql)
        bind_value(st, 7, c->distance_e8);
    bind_value(st, 8, c->profit_e8);
    bind_value(st, 9, c->created_ms);
    bind_value(st, 10, c->ended_ms);
    return err_trace(db_step_done(h->db, st));
}

int history_add_reentry_chain(struct history *h, const struct migration_chain *c)
{
    return add_chain(h, add_reentry_sql, c);
}

int history_add_profit_chain(struct history *h, const struct migration_chain *c)
{
    return add_chain(h, add_profit_sql, c);
}

int history_finish(struct history *h, const char *source, int64_t now_ms)
{
    TR_CLEANUP(mem_freep) char *path = xstrdup(h->path);
    sqlite3_stmt *st = db_prepare(h->db, log_sql);
    int r = st != NULL ? 0 : err_raise(-EIO);
    if (r == 0) {
        bind_value(st, 1, now_ms);
        bind_text(st, 2, source);
        r = db_step_done(h->db, st);
    }
    if (r == 0)
        r = db_commit(h->db);
    (void)history_abandon(h); /* what is committed stays */
    return r < 0 ? err_trace(r) : err_trace(db_to_single_file(path));
}

/* ---- looking ---- */

int history_look(const char *path, struct history_figures *ret)
{
    struct db *d = NULL;
    int r = db_open_readonly(path, &d);
    if (r == 0)
        r = db_quick_check(d);
    sqlite3_stmt *st = r == 0 ? db_prepare(d, look_sql) : NULL;
    int rc = st != NULL ? sqlite3_step(st) : SQLITE_ERROR;
    if (r == 0 && rc != SQLITE_ROW)
        r = err_raise(-EBADMSG);
    if (r == 0)
        *ret = (struct history_figures){.trades = sqlite3_column_int64(st, 0),
                                        .reentry_chains = sqlite3_column_int64(st, 1),
                                        .profit_chains = sqlite3_column_int64(st, 2),
                                        .profit_e8 = sqlite3_column_int64(st, 3),
                                        .duplicates = sqlite3_column_int64(st, 4),
                                        .incomplete = sqlite3_column_int64(st, 5)};
    (void)db_close(d);
    return err_trace(r);
}

int history_count_others(const char *path, const struct map *tickets, int64_t *ret_count)
{
    struct db *d = NULL;
    int64_t count = 0;
    int rc = SQLITE_ERROR, r = db_open_readonly(path, &d);
    sqlite3_stmt *st = r == 0 ? db_prepare(d, "SELECT mt5_ticket FROM trades") : NULL;
    while (st != NULL && (rc = sqlite3_step(st)) == SQLITE_ROW)
        count += map_get(tickets, (uint64_t)sqlite3_column_int64(st, 0)) == NULL ? 1 : 0;
    if (r == 0 && rc != SQLITE_DONE)
        r = err_raise(-EBADMSG);
    (void)db_close(d);
    *ret_count = count;
    return err_trace(r);
}

int history_copy(const char *path, const char *to)
{
    struct db *d = NULL;
    int r = db_open_readonly(path, &d);
    if (r == 0)
        r = db_backup_to(d, to);
    (void)db_close(d);
    return err_trace(r);
}
