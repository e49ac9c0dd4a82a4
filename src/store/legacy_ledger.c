/* The ledger of legacy_v2, and of each strategy that is a program of its own: a projection of the
 * journal: throwing the file away and replaying gives the same rows. Its database is the generic
 * one of spec strategies 7.4 and ours; the database of the old bot itself is never written. One row
 * an order: TRADE_OPENED makes or grows it, TRADE_CLOSED books a part or all of it (one whose
 * opening was never seen is made from its closing), DECISION writes the signals log, CHAIN_STATE
 * the chains. It decides nothing: numbers come from the events, only averages and pips are computed
 * here, in leg.c. Profits are before commission and swap, which have columns of their own. */
#include <errno.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "store/chain_ledger.h"
#include "store/leg.h"
#include "store/legacy_ledger_schema.h"
#include "store/trade_ledger.h"

#define PLUGIN                "legacy_v2"
#define SIGNAL_JSON_MAX_BYTES 1024
#define NOT_FOUND             1

#define COLUMNS                                                                                    \
    "lot_size_e8, entry_price_e8, sl_price_e8, tp_price_e8, closed_volume_e8, exit_price_e8,"      \
    " profit_dollars_e8, profit_pips_e8, commission_e8, swap_e8, entry_time_ms, exit_time_ms,"     \
    " close_reason"

/* 0, NOT_FOUND or negative. */
static int find_leg(struct trade_ledger *l, uint64_t ticket, struct leg *ret)
{
    sqlite3_stmt *st = trade_ledger_prepare(
        l, "SELECT id, order_type = 'ORDER_B', 'A', direction, symbol, " COLUMNS
           " FROM trades WHERE mt5_ticket = ?1");
    if (st == NULL)
        return err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, (int64_t)ticket); /* integers always bind */
    int rc = sqlite3_step(st);
    int r = rc == SQLITE_DONE ? NOT_FOUND : db_error(trade_ledger_db(l), rc);
    if (r == 0) {
        *ret = (struct leg){.ticket = ticket};
        leg_load(st, ret);
    }
    (void)sqlite3_reset(st); /* repeats the error of step */
    return r;
}

static int save_leg(struct trade_ledger *l, const struct leg *g, int64_t time_ms)
{
    TR_ASSERT(g->trade_id > 0);
    sqlite3_stmt *st = trade_ledger_prepare(
        l, "UPDATE trades SET (mt5_ticket, status, " COLUMNS ", updated_at_ms) ="
           " (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
           " WHERE id = ?1");
    if (st == NULL)
        return err_raise(-EIO);
    leg_bind(st, g);
    (void)sqlite3_bind_int64(st, 17, time_ms); /* integers always bind */
    return err_trace(db_step_done(trade_ledger_db(l), st));
}

struct day_change {
    bool opened, closed, win;
    int64_t profit_e8;
};

static int note_day(struct trade_ledger *l, int64_t time_ms, const struct day_change *c)
{
    sqlite3_stmt *st = trade_ledger_prepare(
        l, "INSERT INTO daily_stats(date, orders_opened, orders_closed, wins, losses,"
           " total_profit_dollars_e8) VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(date) DO UPDATE"
           " SET orders_opened = orders_opened + excluded.orders_opened,"
           " orders_closed = orders_closed + excluded.orders_closed,"
           " wins = wins + excluded.wins, losses = losses + excluded.losses,"
           " total_profit_dollars_e8 = total_profit_dollars_e8 + excluded.total_profit_dollars_e8");
    if (st == NULL)
        return err_raise(-EIO);
    char date[CLOCK_TEXT_CAP];
    clock_format_rfc3339(time_ms, date);
    date[10] = '\0';
    (void)leg_bind_text(st, 1, date); /* numbers and texts always bind */
    (void)sqlite3_bind_int(st, 2, c->opened);
    (void)sqlite3_bind_int(st, 3, c->closed);
    (void)sqlite3_bind_int(st, 4, c->closed && c->win);
    (void)sqlite3_bind_int(st, 5, c->closed && !c->win);
    (void)sqlite3_bind_int64(st, 6, c->profit_e8);
    return err_trace(db_step_done(trade_ledger_db(l), st));
}

/* ---- opening ---- */

static int link_signal(struct trade_ledger *l, uint64_t cause_seq, int64_t trade_id)
{
    sqlite3_stmt *st = trade_ledger_prepare(
        l, "UPDATE signals_log SET trade_id = ?1 WHERE seq = ?2 AND trade_placed = 1"
           " AND trade_id IS NULL");
    if (st == NULL)
        return err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, trade_id); /* integers always bind */
    (void)sqlite3_bind_int64(st, 2, (int64_t)cause_seq);
    return err_trace(db_step_done(trade_ledger_db(l), st));
}

/* What the signal said comes from its line in the signals log, written when it was decided. */
static int open_leg(struct trade_ledger *l, const struct event *e)
{
    struct leg g = leg_opened(e);
    sqlite3_stmt *st = trade_ledger_prepare(
        l, "INSERT INTO trades(mt5_ticket, cause_seq, chain_id, symbol, direction, logic_type,"
           " order_type, created_at_ms, signal_type, signal_data)"
           " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, s.signal_type, s.signal_json"
           " FROM (SELECT 1) LEFT JOIN (SELECT * FROM signals_log WHERE seq = ?2"
           " AND trade_placed = 1 LIMIT 1) s");
    if (st == NULL)
        return err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, (int64_t)e->position_cid); /* numbers and texts always bind */
    (void)sqlite3_bind_int64(st, 2, (int64_t)e->cause_seq);
    (void)leg_bind_text(st, 3, e->chain_id);
    (void)leg_bind_text(st, 4, e->symbol);
    (void)leg_bind_text(st, 5, side_name(e->side));
    (void)leg_bind_text(st, 6, e->route);
    (void)leg_bind_text(st, 7, g.is_b ? "ORDER_B" : "ORDER_A");
    (void)sqlite3_bind_int64(st, 8, e->time_ms);
    int r = db_step_done(trade_ledger_db(l), st);
    if (r < 0)
        return err_trace(r);
    g.trade_id = sqlite3_last_insert_rowid(db_handle(trade_ledger_db(l)));
    r = save_leg(l, &g, e->time_ms);
    if (r == 0)
        r = link_signal(l, e->cause_seq, g.trade_id);
    return r < 0 ? r : note_day(l, e->time_ms, &(struct day_change){.opened = true});
}

/* The event has the position as it is now: further fills, and whatever was closed meanwhile. */
static int apply_opened(struct trade_ledger *l, const struct event *e)
{
    struct leg g;
    int r = find_leg(l, e->position_cid, &g);
    if (r == NOT_FOUND)
        return open_leg(l, e);
    if (r < 0)
        return err_trace(r);
    leg_grow(&g, e);
    return save_leg(l, &g, e->time_ms);
}

/* ---- closing ---- */

static int apply_closed(struct trade_ledger *l, const struct event *e)
{
    struct leg g;
    int r = find_leg(l, e->position_cid, &g);
    if (r == NOT_FOUND) {
        r = open_leg(l, e);
        if (r == 0)
            r = find_leg(l, e->position_cid, &g);
        TR_ASSERT(r != NOT_FOUND);
    }
    if (r < 0)
        return err_trace(r);
    leg_close(&g, e);
    r = save_leg(l, &g, e->time_ms);
    if (r < 0)
        return r;
    return note_day(l, e->time_ms,
                    &(struct day_change){.closed = leg_is_done(&g),
                                         .win = g.profit_e8 > 0,
                                         .profit_e8 = e->profit_e8});
}

/* ---- decisions ---- */

static int apply_decision(struct trade_ledger *l, const struct event *e)
{
    sqlite3_stmt *st = trade_ledger_prepare(
        l, "INSERT INTO signals_log(seq, received_time_ms, signal_type, symbol, direction,"
           " timeframe, signal_json, action, reason, route, processed, trade_placed, skip_reason)"
           " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, ?11, ?12)");
    if (st == NULL)
        return err_raise(-EIO);
    TR_CLEANUP(buf_deinit) struct buf json;
    buf_init(&json, SIGNAL_JSON_MAX_BYTES);
    leg_signal_json(e, &json);
    (void)sqlite3_bind_int64(st, 1, (int64_t)e->seq); /* numbers and texts always bind */
    (void)sqlite3_bind_int64(st, 2, e->time_ms);
    (void)leg_bind_text(st, 3, signal_kind_name(e->signal_kind));
    (void)leg_bind_text(st, 4, e->symbol);
    (void)leg_bind_text(st, 5, side_name(e->side));
    (void)leg_bind_text(st, 6, timeframe_name(e->tf));
    (void)leg_bind_text(st, 7, buf_failed(&json) ? "" : json.data);
    (void)sqlite3_bind_text(st, 8, e->text, -1, SQLITE_STATIC);
    (void)leg_bind_text(st, 9, reason_code(e->reason));
    (void)leg_bind_text(st, 10, e->route);
    (void)sqlite3_bind_int(st, 11, str_eq(e->text, "execute") ? 1 : 0);
    (void)leg_bind_text(st, 12, str_eq(e->text, "skip") ? reason_code(e->reason) : "");
    return err_trace(db_step_done(trade_ledger_db(l), st));
}

static int apply(struct trade_ledger *l, const struct event *e)
{
    if (!str_eq(e->plugin, trade_ledger_plugin(l)))
        return 0;
    if (e->type == EVENT_TRADE_OPENED)
        return leg_event_is_sane(e) ? apply_opened(l, e) : 0;
    if (e->type == EVENT_TRADE_CLOSED)
        return leg_event_is_sane(e) ? apply_closed(l, e) : 0;
    if (e->type == EVENT_CHAIN_STATE && str_eq(e->plugin, PLUGIN))
        return chain_ledger_apply(l, CHAIN_LEDGER_LEGACY, e);
    return e->type == EVENT_DECISION ? apply_decision(l, e) : 0;
}

const struct trade_ledger_ops legacy_ledger = {.migrations = legacy_ledger_migrations,
                                               .migration_count = LEGACY_LEDGER_MIGRATION_COUNT,
                                               .plugin = PLUGIN,
                                               .apply = apply,
                                               .signals_log = "signals_log"};

#define PROGRAM(i, id)                                                                             \
    {                                                                                              \
        .migrations = outside_ledger_migrations[i],                                                \
        .migration_count = LEGACY_LEDGER_MIGRATION_COUNT, .plugin = id, .apply = apply,            \
        .signals_log = "signals_log",                                                              \
    }
const struct trade_ledger_ops outside_ledgers[OUTSIDE_LEDGERS] = {
    PROGRAM(0, "outside_1"), PROGRAM(1, "outside_2"), PROGRAM(2, "outside_3")};
