#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "store/db.h"
#include "store/v3_ledger.h"

#define CHUNK_TRADES 64

/* Rows are copied a chunk at a time and visited after the read has ended, so that a slow visitor
 * does not keep the ledger's WAL from being checkpointed. */
struct ledger_reader {
    struct db *db;
    struct ledger_trade chunk[CHUNK_TRADES];
};

int ledger_reader_open(const char *path, struct ledger_reader **ret)
{
    struct db *d = NULL;
    int r = db_open_readonly(path, &d);
    if (r < 0)
        return err_trace(r);
    struct ledger_reader *reader = xalloc(sizeof(*reader));
    reader->db = d;
    *ret = reader;
    return 0;
}

struct ledger_reader *ledger_reader_close(struct ledger_reader *r)
{
    if (r == NULL)
        return NULL;
    (void)db_close(r->db);
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

#define LEGS(leg, role)                                                                            \
    "SELECT id, " leg "_ticket AS ticket, symbol, route, direction, " role ", " leg                \
    "_lot_size_e8, " leg "_entry_price_e8, " leg "_exit_price_e8, " leg "_profit_dollars_e8, " leg \
    "_commission_e8, " leg "_swap_e8, " leg "_entry_time_ms, " leg                                 \
    "_exit_time_ms AS closed_ms, " leg "_close_reason FROM combined_v3_trades WHERE " leg          \
    "_status = 'CLOSED' AND (" leg "_exit_time_ms, " leg "_ticket) > (?1, ?2) AND " leg            \
    "_exit_time_ms < ?3"

/* The next legs after (time, ticket); the statement is reset when it returns. */
static int fetch(struct ledger_reader *r, int64_t after_ms, uint64_t after_ticket, int64_t to_ms,
                 size_t *ret_count)
{
    sqlite3_stmt *st =
        db_prepare(r->db, LEGS("order_a", "order_a_role") " UNION ALL " LEGS(
                              "order_b", "'B'") " ORDER BY closed_ms, ticket LIMIT ?4");
    if (st == NULL)
        return err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, after_ms); /* integers always bind */
    (void)sqlite3_bind_int64(st, 2, (int64_t)after_ticket);
    (void)sqlite3_bind_int64(st, 3, to_ms);
    (void)sqlite3_bind_int(st, 4, CHUNK_TRADES);
    size_t n = 0;
    int rc = SQLITE_ROW;
    while (n < CHUNK_TRADES && (rc = sqlite3_step(st)) == SQLITE_ROW)
        load(st, &r->chunk[n++]);
    int result = db_error(r->db, rc);
    (void)sqlite3_reset(st); /* repeats the error of step */
    *ret_count = n;
    return err_trace(result);
}

int ledger_read_closed(struct ledger_reader *r, int64_t from_ms, int64_t to_ms,
                       ledger_visit_fn visit, void *ctx)
{
    TR_ASSERT(visit != NULL);
    /* Tickets start at 1: (from, 0) lets in everything closed at `from`. */
    int64_t after_ms = from_ms;
    uint64_t after_ticket = 0;
    size_t n = CHUNK_TRADES;
    while (n == CHUNK_TRADES) {
        int result = fetch(r, after_ms, after_ticket, to_ms, &n);
        if (result < 0)
            return result;
        for (size_t i = 0; i < n; i++) {
            TR_ASSERT(r->chunk[i].closed_ms >= after_ms);
            after_ms = r->chunk[i].closed_ms;
            after_ticket = r->chunk[i].cid;
            result = visit(&r->chunk[i], ctx);
            if (result != 0)
                return result;
        }
    }
    return 0;
}
