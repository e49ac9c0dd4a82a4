/* The ledger of combined_v3, a projection of the journal: throwing the file away and replaying
 * gives the same rows. TRADE_OPENED makes or grows a leg, TRADE_CLOSED books a part or all of it,
 * DECISION writes the signals log. The legs A and B of one decision share a row: they have the same
 * cause_seq, symbol and direction. A position that no strategy opened (role M or unknown) has a row
 * of its own, in the columns of A with order_a_role 'M'; one whose opening was never seen is made
 * from its closing. A leg is loaded, changed in memory and written back whole; the sums of its row
 * follow in SQL. It decides nothing: numbers come from the events, only averages, pips and sums are
 * computed here. Profits are before commission and swap, which have columns of their own. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/log.h"
#include "store/chain_ledger.h"
#include "store/leg.h"
#include "store/trade_ledger.h"
#include "store/v3_ledger_schema.h"

#define SIGNAL_JSON_MAX_BYTES 1024
#define NOT_FOUND             1

/* What a day's line grows by. */
struct day_change {
    bool dual, a_closed, b_closed, win, loss;
    int logic; /* 1..3, 0 = none */
    int64_t profit_e8;
};

/* ---- legs ---- */

/* 0, NOT_FOUND or negative. */
static int find_leg(struct trade_ledger *l, uint64_t ticket, struct leg *ret)
{
    sqlite3_stmt *st = trade_ledger_prepare(
        l, "SELECT id, 0, order_a_role, direction, symbol, " LEG_COLUMNS(
               "order_a") " FROM combined_v3_trades WHERE order_a_ticket = ?1 UNION ALL"
                          " SELECT id, 1, order_a_role, direction, symbol, " LEG_COLUMNS(
                              "order_b") " FROM combined_v3_trades WHERE order_b_ticket = ?1");
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

#define STORE_LEG(leg)                                                                             \
    "UPDATE combined_v3_trades SET (" leg "_ticket, " leg "_status, " LEG_COLUMNS(                 \
        leg) ") ="                                                                                 \
             " (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) WHERE id = ?1"

static int store_leg(struct trade_ledger *l, const struct leg *g)
{
    TR_ASSERT(g->trade_id > 0);
    sqlite3_stmt *st =
        trade_ledger_prepare(l, g->is_b ? STORE_LEG("order_b") : STORE_LEG("order_a"));
    if (st == NULL)
        return err_raise(-EIO);
    leg_bind(st, g);
    return err_trace(db_step_done(trade_ledger_db(l), st));
}

/* Status, times and sums of the row from its legs; a missing leg counts like the other one. */
static int sum_up(struct trade_ledger *l, int64_t trade_id)
{
    sqlite3_stmt *st = trade_ledger_prepare(
        l, "UPDATE combined_v3_trades AS t SET"
           " entry_price_e8 = coalesce(t.order_a_entry_price_e8, t.order_b_entry_price_e8),"
           " entry_time_ms = min(s.a_entry_ms, s.b_entry_ms),"
           " status = CASE WHEN s.a = s.b THEN s.a ELSE 'PARTIAL' END,"
           " exit_time_ms = CASE WHEN s.a = 'CLOSED' AND s.b = 'CLOSED'"
           "  THEN max(s.a_exit_ms, s.b_exit_ms) END,"
           " close_reason = CASE WHEN s.b_exit_ms > s.a_exit_ms"
           "  THEN coalesce(t.order_b_close_reason, t.order_a_close_reason)"
           "  ELSE coalesce(t.order_a_close_reason, t.order_b_close_reason) END,"
           " total_profit_pips_e8 = s.pips, total_profit_dollars_e8 = s.profit,"
           " commission_e8 = s.commission, swap_e8 = s.swap"
           " FROM (SELECT id, coalesce(order_a_status, order_b_status) AS a,"
           "  coalesce(order_b_status, order_a_status) AS b,"
           "  coalesce(order_a_entry_time_ms, order_b_entry_time_ms) AS a_entry_ms,"
           "  coalesce(order_b_entry_time_ms, order_a_entry_time_ms) AS b_entry_ms,"
           "  coalesce(order_a_exit_time_ms, order_b_exit_time_ms) AS a_exit_ms,"
           "  coalesce(order_b_exit_time_ms, order_a_exit_time_ms) AS b_exit_ms,"
           "  CASE WHEN order_a_profit_pips_e8 IS NULL THEN order_b_profit_pips_e8"
           "   ELSE order_a_profit_pips_e8 + coalesce(order_b_profit_pips_e8, 0) END AS pips,"
           "  coalesce(order_a_profit_dollars_e8, 0) + coalesce(order_b_profit_dollars_e8, 0)"
           "   AS profit,"
           "  coalesce(order_a_commission_e8, 0) + coalesce(order_b_commission_e8, 0)"
           "   AS commission,"
           "  coalesce(order_a_swap_e8, 0) + coalesce(order_b_swap_e8, 0) AS swap"
           "  FROM combined_v3_trades WHERE id = ?1) AS s WHERE t.id = s.id");
    if (st == NULL)
        return err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, trade_id); /* integers always bind */
    return err_trace(db_step_done(trade_ledger_db(l), st));
}

static int save_leg(struct trade_ledger *l, const struct leg *g)
{
    int r = store_leg(l, g);
    return r < 0 ? r : sum_up(l, g->trade_id);
}

/* ---- daily statistics ---- */

static int note_day(struct trade_ledger *l, int64_t time_ms, const struct day_change *c)
{
    sqlite3_stmt *st = trade_ledger_prepare(
        l, "INSERT INTO v3_daily_stats(date, total_dual_entries, total_order_a_closed,"
           " total_order_b_closed, logic1_trades, logic2_trades, logic3_trades, wins, losses,"
           " gross_profit_e8, gross_loss_e8, total_profit_dollars_e8)"
           " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
           " ON CONFLICT(date) DO UPDATE SET"
           " total_dual_entries = total_dual_entries + excluded.total_dual_entries,"
           " total_order_a_closed = total_order_a_closed + excluded.total_order_a_closed,"
           " total_order_b_closed = total_order_b_closed + excluded.total_order_b_closed,"
           " logic1_trades = logic1_trades + excluded.logic1_trades,"
           " logic2_trades = logic2_trades + excluded.logic2_trades,"
           " logic3_trades = logic3_trades + excluded.logic3_trades,"
           " wins = wins + excluded.wins, losses = losses + excluded.losses,"
           " gross_profit_e8 = gross_profit_e8 + excluded.gross_profit_e8,"
           " gross_loss_e8 = gross_loss_e8 + excluded.gross_loss_e8,"
           " total_profit_dollars_e8 = total_profit_dollars_e8 + excluded.total_profit_dollars_e8");
    if (st == NULL)
        return err_raise(-EIO);
    char date[CLOCK_TEXT_CAP];
    clock_format_rfc3339(time_ms, date);
    date[10] = '\0';
    const int64_t values[] = {c->dual,
                              c->a_closed,
                              c->b_closed,
                              c->logic == 1,
                              c->logic == 2,
                              c->logic == 3,
                              c->win,
                              c->loss,
                              c->profit_e8 > 0 ? c->profit_e8 : 0,
                              c->profit_e8 < 0 ? -c->profit_e8 : 0,
                              c->profit_e8};
    (void)leg_bind_text(st, 1, date); /* numbers and static texts always bind */
    for (size_t i = 0; i < TR_ARRAY_SIZE(values); i++)
        (void)sqlite3_bind_int64(st, 2 + (int)i, values[i]);
    return err_trace(db_step_done(trade_ledger_db(l), st));
}

/* ---- opening ---- */

static int logic_of(const char *route)
{
    bool is_logic = str_starts(route, "LOGIC") && route[5] >= '1' && route[5] <= '3';
    return is_logic && route[6] == '\0' ? route[5] - '0' : 0;
}

static bool is_manual(const struct event *e)
{
    return e->role != ORDER_ROLE_A && e->role != ORDER_ROLE_B;
}

/* The row where the other leg of the same decision already is: 0, NOT_FOUND or negative. */
static int find_sibling(struct trade_ledger *l, const struct event *e, int64_t *ret_trade_id)
{
    if (is_manual(e))
        return NOT_FOUND;
    sqlite3_stmt *st = trade_ledger_prepare(
        l, e->role == ORDER_ROLE_B
               ? "SELECT id FROM combined_v3_trades WHERE cause_seq = ? AND symbol = ?"
                 " AND direction = ? AND coalesce(chain_id, '') = ?"
                 " AND order_a_role = 'A' AND order_b_ticket IS NULL"
               : "SELECT id FROM combined_v3_trades WHERE cause_seq = ? AND symbol = ?"
                 " AND direction = ? AND coalesce(chain_id, '') = ?"
                 " AND order_a_role = 'A' AND order_a_ticket IS NULL");
    if (st == NULL)
        return err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, (int64_t)e->cause_seq); /* numbers and texts always bind */
    (void)leg_bind_text(st, 2, e->symbol);
    (void)leg_bind_text(st, 3, side_name(e->side));
    (void)sqlite3_bind_text(st, 4, e->chain_id, -1, SQLITE_STATIC);
    int rc = sqlite3_step(st);
    int r = rc == SQLITE_DONE ? NOT_FOUND : db_error(trade_ledger_db(l), rc);
    if (r == 0)
        *ret_trade_id = sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st); /* repeats the error of step */
    return r;
}

static int link_signal(struct trade_ledger *l, uint64_t cause_seq, int64_t trade_id)
{
    sqlite3_stmt *st = trade_ledger_prepare(
        l, "UPDATE v3_signals_log SET trade_id = ? WHERE seq = ? AND trade_placed = 1");
    if (st == NULL)
        return err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, trade_id); /* integers always bind */
    (void)sqlite3_bind_int64(st, 2, (int64_t)cause_seq);
    return err_trace(db_step_done(trade_ledger_db(l), st));
}

/* What the signal said comes from its line in the signals log, written when it was decided. */
static int insert_trade(struct trade_ledger *l, const struct event *e, int64_t *ret_trade_id)
{
    sqlite3_stmt *st = trade_ledger_prepare(
        l,
        "INSERT INTO combined_v3_trades(cause_seq, plugin_id, symbol, direction, route,"
        " logic_route, order_a_role, trend_bypass_used, chain_id, mt5_parent_ticket, signal_type,"
        " signal_timeframe, consensus_score, routing_reason, is_entry_v3_signal)"
        " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, s.signal_type, s.timeframe,"
        " CASE WHEN s.consensus_score <= 9 THEN s.consensus_score END,"
        " CASE WHEN s.reason IN ('SIGNAL_OVERRIDE', 'TIMEFRAME_ROUTING') THEN lower(s.reason) END,"
        " coalesce(s.is_entry_v3_signal, 0) FROM (SELECT 1) LEFT JOIN"
        " (SELECT * FROM v3_signals_log WHERE seq = ?1 AND trade_placed = 1 LIMIT 1) s");
    if (st == NULL)
        return err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, (int64_t)e->cause_seq); /* numbers and texts always bind */
    (void)sqlite3_bind_text(st, 2, e->plugin, -1, SQLITE_STATIC);
    (void)leg_bind_text(st, 3, e->symbol);
    (void)leg_bind_text(st, 4, side_name(e->side));
    (void)sqlite3_bind_text(st, 5, e->route, -1, SQLITE_STATIC);
    (void)leg_bind_text(st, 6, logic_of(e->route) > 0 ? e->route : "");
    (void)leg_bind_text(st, 7, is_manual(e) ? "M" : "A");
    (void)sqlite3_bind_int(st, 8, e->mtf_bypass ? 1 : 0);
    (void)leg_bind_text(st, 9, e->chain_id);
    (void)sqlite3_bind_int64(st, 10, (int64_t)e->position_cid);
    int r = db_step_done(trade_ledger_db(l), st);
    if (r < 0)
        return err_trace(r);
    *ret_trade_id = sqlite3_last_insert_rowid(db_handle(trade_ledger_db(l)));
    return link_signal(l, e->cause_seq, *ret_trade_id);
}

static int open_leg(struct trade_ledger *l, const struct event *e)
{
    struct leg g = leg_opened(e);
    struct day_change day = {0};
    int r = find_sibling(l, e, &g.trade_id);
    if (r == 0) {
        day.dual = true;
    } else if (r == NOT_FOUND) {
        day.logic = logic_of(e->route);
        r = insert_trade(l, e, &g.trade_id);
    }
    if (r == 0)
        r = save_leg(l, &g);
    if (r == 0 && (day.dual || day.logic > 0))
        r = note_day(l, e->time_ms, &day);
    return err_trace(r);
}

/* The event has the position as it is now: further fills, and whatever was closed meanwhile is
 * gone. */
static int apply_opened(struct trade_ledger *l, const struct event *e)
{
    struct leg g;
    int r = find_leg(l, e->position_cid, &g);
    if (r == NOT_FOUND)
        return open_leg(l, e);
    if (r < 0)
        return err_trace(r);
    leg_grow(&g, e);
    return err_trace(save_leg(l, &g));
}

/* ---- closing ---- */

static int insert_booking(struct trade_ledger *l, const struct leg *g, const struct event *e)
{
    sqlite3_stmt *st = trade_ledger_prepare(
        l, "INSERT INTO v3_profit_bookings(trade_id, order_type, booking_time_ms,"
           " closed_percentage_e8, closed_volume_e8, profit_pips_e8, profit_dollars_e8,"
           " reason) VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
    if (st == NULL)
        return err_raise(-EIO);
    TR_ASSERT(g->lots_e8 > 0);
    (void)sqlite3_bind_int64(st, 1, g->trade_id); /* numbers and texts always bind */
    (void)leg_bind_text(st, 2, g->is_b ? "ORDER_B" : "ORDER_A");
    (void)sqlite3_bind_int64(st, 3, e->time_ms);
    (void)sqlite3_bind_int64(st, 4,
                             dec_muldiv(e->lots_e8, 100 * DEC_ONE, g->lots_e8, DEC_HALF_AWAY));
    (void)sqlite3_bind_int64(st, 5, e->lots_e8);
    (void)leg_bind_dec(st, 6, leg_pips_e8(g, e->exit_e8));
    (void)sqlite3_bind_int64(st, 7, e->profit_e8);
    (void)leg_bind_text(st, 8, reason_code(e->reason));
    return err_trace(db_step_done(trade_ledger_db(l), st));
}

/* The leg of a closing; one that was never seen opening is recorded first. */
static int leg_to_close(struct trade_ledger *l, const struct event *e, struct leg *ret)
{
    int r = find_leg(l, e->position_cid, ret);
    if (r != NOT_FOUND)
        return r;
    struct event opened = *e;
    opened.type = EVENT_TRADE_OPENED;
    r = open_leg(l, &opened);
    if (r < 0)
        return r;
    r = find_leg(l, e->position_cid, ret);
    TR_ASSERT(r != NOT_FOUND);
    return r;
}

static int apply_closed(struct trade_ledger *l, const struct event *e)
{
    struct leg g;
    int r = leg_to_close(l, e, &g);
    if (r < 0)
        return err_trace(r);
    bool was_partial = g.closed_e8 > 0;
    leg_close(&g, e);
    bool is_done = leg_is_done(&g);
    struct day_change day = {
        .a_closed = is_done && !g.is_b && !g.is_manual,
        .b_closed = is_done && g.is_b,
        .win = is_done && g.profit_e8 > 0,
        .loss = is_done && g.profit_e8 <= 0,
        .profit_e8 = e->profit_e8,
    };
    r = save_leg(l, &g);
    if (r == 0 && (was_partial || !is_done || e->reason == REASON_PROFIT_BOOKED))
        r = insert_booking(l, &g, e);
    if (r == 0)
        r = note_day(l, e->time_ms, &day);
    return err_trace(r);
}

/* ---- decisions ---- */

static bool is_v3_entry(enum signal_kind k)
{
    return k >= SIGNAL_V3_INSTITUTIONAL_LAUNCHPAD && k <= SIGNAL_V3_SIDEWAYS_BREAKOUT &&
           signal_is_entry(k);
}

static int apply_decision(struct trade_ledger *l, const struct event *e)
{
    sqlite3_stmt *st = trade_ledger_prepare(
        l, "INSERT INTO v3_signals_log(seq, plugin_id, received_time_ms, signal_type,"
           " symbol, direction, timeframe, consensus_score, signal_json, action, reason,"
           " route, is_entry_v3_signal, processed, trade_placed, skip_reason)"
           " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)");
    if (st == NULL)
        return err_raise(-EIO);
    TR_CLEANUP(buf_deinit) struct buf json;
    buf_init(&json, SIGNAL_JSON_MAX_BYTES);
    leg_signal_json(e, &json);
    (void)sqlite3_bind_int64(st, 1, (int64_t)e->seq); /* numbers and texts always bind */
    (void)sqlite3_bind_text(st, 2, e->plugin, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(st, 3, e->time_ms);
    (void)leg_bind_text(st, 4, signal_kind_name(e->signal_kind));
    (void)leg_bind_text(st, 5, e->symbol);
    (void)leg_bind_text(st, 6, side_name(e->side));
    (void)leg_bind_text(st, 7, timeframe_name(e->tf));
    if (e->score >= 0 && e->score <= 100)
        (void)sqlite3_bind_int(st, 8, e->score);
    (void)leg_bind_text(st, 9, buf_failed(&json) ? "" : json.data);
    (void)sqlite3_bind_text(st, 10, e->text, -1, SQLITE_STATIC);
    (void)leg_bind_text(st, 11, reason_code(e->reason));
    (void)leg_bind_text(st, 12, e->route);
    (void)sqlite3_bind_int(st, 13, is_v3_entry(e->signal_kind) ? 1 : 0);
    (void)sqlite3_bind_int(st, 14, str_eq(e->text, "execute") ? 1 : 0);
    (void)leg_bind_text(st, 15, str_eq(e->text, "skip") ? reason_code(e->reason) : "");
    return err_trace(db_step_done(trade_ledger_db(l), st));
}

/* The other plugins keep their own. */
static bool is_ours(const struct event *e)
{
    bool is_v6_alert =
        e->signal_kind >= SIGNAL_V6_BULLISH_ENTRY && e->signal_kind <= SIGNAL_V6_REVERSAL_SENTENCE;
    return !str_eq(e->plugin, "price_action_v6") && !str_eq(e->plugin, "legacy_v2") &&
           !str_starts(e->plugin, "outside_") && !(e->type == EVENT_DECISION && is_v6_alert);
}

static int apply(struct trade_ledger *l, const struct event *e)
{
    if (!is_ours(e))
        return 0;
    if (e->type == EVENT_TRADE_OPENED)
        return leg_event_is_sane(e) ? apply_opened(l, e) : 0;
    if (e->type == EVENT_TRADE_CLOSED)
        return leg_event_is_sane(e) ? apply_closed(l, e) : 0;
    if (e->type == EVENT_CHAIN_STATE)
        return chain_ledger_apply(l, CHAIN_LEDGER_V3, e);
    return e->type == EVENT_DECISION ? apply_decision(l, e) : 0;
}

const struct trade_ledger_ops v3_ledger = {.migrations = v3_ledger_migrations,
                                           .migration_count = V3_LEDGER_MIGRATION_COUNT,
                                           .apply = apply,
                                           .signals_log = "v3_signals_log"};
