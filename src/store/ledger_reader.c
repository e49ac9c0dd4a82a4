/* store/ledger_reader.c: reads the databases of the plugins side by side, each in the order of its
 * closings, and merges them. A database of another version or without its tables is an error, a
 * missing one of another plugin than combined_v3 is not. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "store/db.h"
#include "store/history.h"
#include "store/ledger_reader.h"
#include "store/trade_ledger.h"

#define CHUNK_TRADES 64
#define SOURCES_MAX  (4 + OUTSIDE_LEDGERS)

/* One database. Rows are copied a chunk at a time and visited after the read has ended, so that a
 * slow visitor does not keep the ledger's WAL from being checkpointed. */
struct source {
    struct db *db;
    const char *sql;
    int64_t after_ms; /* of the newest trade that was read */
    uint64_t after_ticket;
    struct ledger_trade chunk[CHUNK_TRADES];
    size_t count, next;
    bool ended; /* the chunk is the last */
};

struct ledger_reader {
    struct source sources[SOURCES_MAX];
    size_t count;
};

#define LEGS(table, leg, role, route)                                                              \
    "SELECT id, " leg "_ticket AS ticket, symbol, " route ", direction, " role ", " leg            \
    "_lot_size_e8, " leg "_entry_price_e8, " leg "_exit_price_e8, " leg "_profit_dollars_e8, " leg \
    "_commission_e8, " leg "_swap_e8, " leg "_entry_time_ms, " leg                                 \
    "_exit_time_ms AS closed_ms, " leg "_close_reason FROM " table " WHERE " leg                   \
    "_status = 'CLOSED' AND (" leg "_exit_time_ms, " leg "_ticket) > (?1, ?2) AND " leg            \
    "_exit_time_ms < ?3"
#define V6_LEGS(table)                                                                             \
    LEGS(table, "order_a", "'A'", "route") " UNION ALL " LEGS(table, "order_b", "'B'", "route")
#define ORDERED " ORDER BY closed_ms, ticket LIMIT ?4"

/* clang-format off */
static const char v3_sql[] =
    LEGS("combined_v3_trades", "order_a", "order_a_role", "route") " UNION ALL "
    LEGS("combined_v3_trades", "order_b", "'B'", "route") ORDERED;
static const char v6_sql[] =
    V6_LEGS("price_action_1m_trades") " UNION ALL " V6_LEGS("price_action_5m_trades") " UNION ALL "
    V6_LEGS("price_action_15m_trades") " UNION ALL " V6_LEGS("price_action_1h_trades") ORDERED;
static const char generic_sql[] =
    "SELECT id, mt5_ticket AS ticket, symbol, coalesce(logic_type, ''), direction,"
    " CASE order_type WHEN 'ORDER_B' THEN 'B' ELSE 'A' END, lot_size_e8, entry_price_e8,"
    " exit_price_e8, profit_dollars_e8, commission_e8, swap_e8, entry_time_ms,"
    " exit_time_ms AS closed_ms, close_reason FROM trades WHERE status = 'CLOSED'"
    " AND (exit_time_ms, mt5_ticket) > (?1, ?2) AND exit_time_ms < ?3" ORDERED;
/* clang-format on */

/* Those that lie beside the database of combined_v3. */
static const struct {
    const char *name, *sql;
} others[] = {{"zepix_price_action_v6.db", v6_sql}, {"zepix_legacy_v2.db", generic_sql},
              {"zepix_outside_1.db", generic_sql},  {"zepix_outside_2.db", generic_sql},
              {"zepix_outside_3.db", generic_sql},  {HISTORY_DB, generic_sql}};
#define HISTORIES 1 /* at the end */
_Static_assert(TR_ARRAY_SIZE(others) + 1 <= SOURCES_MAX, "room");

static int add_source(struct ledger_reader *r, const char *path, const char *sql)
{
    struct source *s = &r->sources[r->count];
    TR_ASSERT(r->count < SOURCES_MAX);
    int result = db_open_readonly(path, &s->db);
    if (result < 0)
        return err_trace(result);
    s->sql = sql;
    r->count++;
    return 0;
}

static int open_first(const char *path, size_t count, struct ledger_reader **ret)
{
    char beside[PATH_MAX];
    struct ledger_reader *r = xalloc(sizeof(*r));
    const char *slash = strrchr(path, '/');
    int result = add_source(r, path, v3_sql);
    for (size_t i = 0; result == 0 && i < count; i++) {
        int n = snprintf(beside, sizeof(beside), "%.*s%s",
                         slash != NULL ? (int)(slash - path + 1) : 0, path, others[i].name);
        if (n > 0 && (size_t)n < sizeof(beside) && access(beside, R_OK) == 0)
            result = add_source(r, beside, others[i].sql);
    }
    if (result < 0) {
        (void)ledger_reader_close(r);
        return err_trace(result);
    }
    *ret = r;
    return 0;
}

int ledger_reader_open(const char *path, struct ledger_reader **ret)
{
    return open_first(path, TR_ARRAY_SIZE(others), ret);
}

int ledger_reader_open_own(const char *path, struct ledger_reader **ret)
{
    return open_first(path, TR_ARRAY_SIZE(others) - HISTORIES, ret);
}

struct ledger_reader *ledger_reader_close(struct ledger_reader *r)
{
    if (r == NULL)
        return NULL;
    for (size_t i = 0; i < r->count; i++)
        (void)db_close(r->sources[i].db);
    return mem_free(r);
}

static enum order_role role_of(const char *name)
{
    for (int i = ORDER_ROLE_A; i < ORDER_ROLE_COUNT; i++) {
        if (str_eq(name, order_role_name((enum order_role)i)))
            return (enum order_role)i;
    }
    return ORDER_ROLE_UNSET;
}

static void load(sqlite3_stmt *st, struct ledger_trade *t)
{
    *t = (struct ledger_trade){
        .id = sqlite3_column_int64(st, 0),
        .cid = (uint64_t)sqlite3_column_int64(st, 1),
        .side = str_eq((const char *)sqlite3_column_text(st, 4), "BUY") ? SIDE_BUY : SIDE_SELL,
        .role = role_of((const char *)sqlite3_column_text(st, 5)),
        .lots_e8 = sqlite3_column_int64(st, 6),
        .entry_e8 = sqlite3_column_int64(st, 7),
        .exit_e8 = sqlite3_column_int64(st, 8),
        .profit_e8 = sqlite3_column_int64(st, 9),
        .commission_e8 = sqlite3_column_int64(st, 10),
        .swap_e8 = sqlite3_column_int64(st, 11),
        .opened_ms = sqlite3_column_int64(st, 12),
        .closed_ms = sqlite3_column_int64(st, 13),
    };
    (void)str_copy(t->symbol, sizeof(t->symbol), (const char *)sqlite3_column_text(st, 2));
    (void)str_copy(t->route, sizeof(t->route), (const char *)sqlite3_column_text(st, 3));
    const char *reason = (const char *)sqlite3_column_text(st, 14);
    if (reason == NULL || !reason_parse(reason, &t->close_reason))
        t->close_reason = REASON_UNSET;
}

/* The next legs of this database; the statement is reset when it returns. */
static int fetch(struct source *s, int64_t to_ms)
{
    sqlite3_stmt *st = db_prepare(s->db, s->sql);
    if (st == NULL)
        return err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, s->after_ms); /* integers always bind */
    (void)sqlite3_bind_int64(st, 2, (int64_t)s->after_ticket);
    (void)sqlite3_bind_int64(st, 3, to_ms);
    (void)sqlite3_bind_int(st, 4, CHUNK_TRADES);
    s->count = 0;
    s->next = 0;
    int rc = SQLITE_ROW;
    while (s->count < CHUNK_TRADES && (rc = sqlite3_step(st)) == SQLITE_ROW)
        load(st, &s->chunk[s->count++]);
    int result = db_error(s->db, rc);
    (void)sqlite3_reset(st); /* repeats the error of step */
    s->ended = s->count < CHUNK_TRADES;
    if (s->count > 0) {
        s->after_ms = s->chunk[s->count - 1].closed_ms;
        s->after_ticket = s->chunk[s->count - 1].cid;
    }
    return err_trace(result);
}

/* The oldest trade not yet visited; *ret NULL: there is none. */
static int next_trade(struct ledger_reader *r, int64_t to_ms, const struct ledger_trade **ret)
{
    struct source *oldest = NULL;
    for (size_t i = 0; i < r->count; i++) {
        struct source *s = &r->sources[i];
        int result = s->next == s->count && !s->ended ? fetch(s, to_ms) : 0;
        if (result < 0)
            return err_trace(result);
        if (s->next < s->count &&
            (oldest == NULL || s->chunk[s->next].closed_ms < oldest->chunk[oldest->next].closed_ms))
            oldest = s;
    }
    *ret = oldest != NULL ? &oldest->chunk[oldest->next++] : NULL;
    return 0;
}

int ledger_read_closed(struct ledger_reader *r, int64_t from_ms, int64_t to_ms,
                       ledger_visit_fn visit, void *ctx)
{
    const struct ledger_trade *t = NULL;
    int64_t before_ms = from_ms;
    TR_ASSERT(visit != NULL);
    /* Tickets start at 1: (from, 0) lets in everything closed at `from`. */
    for (size_t i = 0; i < r->count; i++) {
        struct source *s = &r->sources[i];
        s->after_ms = from_ms;
        s->after_ticket = 0;
        s->count = 0;
        s->next = 0;
        s->ended = false;
    }
    int result;
    while ((result = next_trade(r, to_ms, &t)) == 0 && t != NULL) {
        TR_ASSERT(t->closed_ms >= before_ms);
        before_ms = t->closed_ms;
        result = visit(t, ctx);
        if (result != 0)
            return result;
    }
    return result;
}
