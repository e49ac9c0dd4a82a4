/* The ledger of price_action_v6, a projection of the journal: a trade stands in the table of its
 * timeframe, both orders of a decision in one row. An alert writes its line in the signals log,
 * with what the trend store said before it, and then the trend store (market_trends, the same rules
 * as model/trends.c); a trade takes what its alert said from that line. Everything else follows
 * v3_ledger.c: legs are changed in memory and written back whole, the sums of a row follow in SQL.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/jsonw.h"
#include "model/trends.h"
#include "store/chain_ledger.h"
#include "store/leg.h"
#include "store/v6_ledger_schema.h"

#define SIGNAL_JSON_MAX_BYTES 1024
#define NOT_FOUND             1
#define TABLE_COUNT           4
#define PLUGIN                "price_action_v6"

#define T1M  "price_action_1m_trades"
#define T5M  "price_action_5m_trades"
#define T15M "price_action_15m_trades"
#define T1H  "price_action_1h_trades"

static const char *const routes[TABLE_COUNT] = {"1m", "5m", "15m", "1h"};

/* An unknown timeframe is the 15m strategy's (RT-11). */
static int table_of(const char *route)
{
    for (int i = 0; i < TABLE_COUNT; i++)
        if (str_eq(route, routes[i]))
            return i;
    return 2;
}

/* A leg and where it is. */
struct place {
    struct leg leg;
    int table;
};

/* What a day's line grows by. */
struct day_change {
    int table; /* a trade began in it; -1 = none */
    bool pulse, win, loss;
    int64_t profit_e8;
};

static int done(struct trade_ledger *l, sqlite3_stmt *st)
{
    return err_trace(db_step_done(trade_ledger_db(l), st));
}

/* ---- legs ---- */

#define FIND(table, n, leg, is_b)                                                                  \
    "SELECT id, " is_b ", 'A', direction, symbol, " LEG_COLUMNS(leg) ", " n " FROM " table         \
                                                                     " WHERE " leg "_ticket = ?1"
#define FIND_IN(table, n)                                                                          \
    FIND(table, n, "order_a", "0") " UNION ALL " FIND(table, n, "order_b", "1")

/* 0, NOT_FOUND or negative. */
static int find_leg(struct trade_ledger *l, uint64_t ticket, struct place *ret)
{
    sqlite3_stmt *st = trade_ledger_prepare(
        l, FIND_IN(T1M, "0") " UNION ALL " FIND_IN(T5M, "1") " UNION ALL " FIND_IN(
               T15M, "2") " UNION ALL " FIND_IN(T1H, "3"));
    if (st == NULL)
        return err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, (int64_t)ticket); /* integers always bind */
    int rc = sqlite3_step(st);
    int r = rc == SQLITE_DONE ? NOT_FOUND : db_error(trade_ledger_db(l), rc);
    if (r == 0) {
        *ret = (struct place){.leg.ticket = ticket};
        leg_load(st, &ret->leg);
        ret->table = sqlite3_column_int(st, 18);
        TR_ASSERT(ret->table >= 0 && ret->table < TABLE_COUNT);
    }
    (void)sqlite3_reset(st); /* repeats the error of step */
    return r;
}

#define STORE(table, leg)                                                                          \
    "UPDATE " table " SET (" leg "_ticket, " leg "_status, " LEG_COLUMNS(                          \
        leg) ") ="                                                                                 \
             " (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) WHERE id = ?1"
#define STORE_IN(table) STORE(table, "order_a"), STORE(table, "order_b")

static int store_leg(struct trade_ledger *l, const struct place *p)
{
    static const char *const sql[] = {STORE_IN(T1M), STORE_IN(T5M), STORE_IN(T15M), STORE_IN(T1H)};
    TR_ASSERT(p->leg.trade_id > 0);
    sqlite3_stmt *st = trade_ledger_prepare(l, sql[2 * p->table + p->leg.is_b]);
    if (st == NULL)
        return err_raise(-EIO);
    leg_bind(st, &p->leg);
    return done(l, st);
}

/* Status, times and sums of the row from its legs; a missing leg counts like the other one. */
#define SUM_UP(table)                                                                              \
    "UPDATE " table " AS t SET"                                                                    \
    " entry_price_e8 = coalesce(t.order_a_entry_price_e8, t.order_b_entry_price_e8),"              \
    " entry_time_ms = min(s.a_entry_ms, s.b_entry_ms),"                                            \
    " status = CASE WHEN s.a = s.b THEN s.a ELSE 'PARTIAL' END,"                                   \
    " exit_time_ms = CASE WHEN s.a = 'CLOSED' AND s.b = 'CLOSED'"                                  \
    "  THEN max(s.a_exit_ms, s.b_exit_ms) END,"                                                    \
    " close_reason = CASE WHEN s.b_exit_ms > s.a_exit_ms"                                          \
    "  THEN coalesce(t.order_b_close_reason, t.order_a_close_reason)"                              \
    "  ELSE coalesce(t.order_a_close_reason, t.order_b_close_reason) END,"                         \
    " profit_pips_e8 = s.pips, profit_dollars_e8 = s.profit,"                                      \
    " commission_e8 = s.commission, swap_e8 = s.swap"                                              \
    " FROM (SELECT id, coalesce(order_a_status, order_b_status) AS a,"                             \
    "  coalesce(order_b_status, order_a_status) AS b,"                                             \
    "  coalesce(order_a_entry_time_ms, order_b_entry_time_ms) AS a_entry_ms,"                      \
    "  coalesce(order_b_entry_time_ms, order_a_entry_time_ms) AS b_entry_ms,"                      \
    "  coalesce(order_a_exit_time_ms, order_b_exit_time_ms) AS a_exit_ms,"                         \
    "  coalesce(order_b_exit_time_ms, order_a_exit_time_ms) AS b_exit_ms,"                         \
    "  CASE WHEN order_a_profit_pips_e8 IS NULL THEN order_b_profit_pips_e8"                       \
    "   ELSE order_a_profit_pips_e8 + coalesce(order_b_profit_pips_e8, 0) END AS pips,"            \
    "  coalesce(order_a_profit_dollars_e8, 0) + coalesce(order_b_profit_dollars_e8, 0)"            \
    "   AS profit,"                                                                                \
    "  coalesce(order_a_commission_e8, 0) + coalesce(order_b_commission_e8, 0)"                    \
    "   AS commission,"                                                                            \
    "  coalesce(order_a_swap_e8, 0) + coalesce(order_b_swap_e8, 0) AS swap"                        \
    "  FROM " table " WHERE id = ?1) AS s WHERE t.id = s.id"

static int save(struct trade_ledger *l, const struct place *p)
{
    static const char *const sql[] = {SUM_UP(T1M), SUM_UP(T5M), SUM_UP(T15M), SUM_UP(T1H)};
    int r = store_leg(l, p);
    sqlite3_stmt *st = r == 0 ? trade_ledger_prepare(l, sql[p->table]) : NULL;
    if (st == NULL)
        return r < 0 ? r : err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, p->leg.trade_id); /* integers always bind */
    return done(l, st);
}

/* ---- daily statistics ---- */

static int note_day(struct trade_ledger *l, int64_t time_ms, const struct day_change *c)
{
    sqlite3_stmt *st = trade_ledger_prepare(
        l, "INSERT INTO v6_daily_stats(date, plugin_1m_trades, plugin_5m_trades,"
           " plugin_15m_trades, plugin_1h_trades, trend_pulse_updates, wins, losses,"
           " total_profit_dollars_e8) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
           " ON CONFLICT(date) DO UPDATE SET"
           " plugin_1m_trades = plugin_1m_trades + excluded.plugin_1m_trades,"
           " plugin_5m_trades = plugin_5m_trades + excluded.plugin_5m_trades,"
           " plugin_15m_trades = plugin_15m_trades + excluded.plugin_15m_trades,"
           " plugin_1h_trades = plugin_1h_trades + excluded.plugin_1h_trades,"
           " trend_pulse_updates = trend_pulse_updates + excluded.trend_pulse_updates,"
           " wins = wins + excluded.wins, losses = losses + excluded.losses,"
           " total_profit_dollars_e8 = total_profit_dollars_e8 + excluded.total_profit_dollars_e8");
    if (st == NULL)
        return err_raise(-EIO);
    char date[CLOCK_TEXT_CAP];
    clock_format_rfc3339(time_ms, date);
    date[10] = '\0';
    const int64_t values[] = {c->table == 0, c->table == 1, c->table == 2, c->table == 3,
                              c->pulse,      c->win,        c->loss,       c->profit_e8};
    (void)leg_bind_text(st, 1, date); /* numbers and static texts always bind */
    for (size_t i = 0; i < TR_ARRAY_SIZE(values); i++)
        (void)sqlite3_bind_int64(st, 2 + (int)i, values[i]);
    return done(l, st);
}

/* ---- opening ---- */

#define SIBLING(table, leg)                                                                        \
    "SELECT id FROM " table " WHERE cause_seq = ? AND symbol = ? AND direction = ? AND " leg       \
    "_ticket IS NULL"
#define SIBLING_IN(table) SIBLING(table, "order_a"), SIBLING(table, "order_b")

/* The row where the other leg of the same decision already is: 0, NOT_FOUND or negative. */
static int find_sibling(struct trade_ledger *l, const struct event *e, struct place *p)
{
    static const char *const sql[] = {SIBLING_IN(T1M), SIBLING_IN(T5M), SIBLING_IN(T15M),
                                      SIBLING_IN(T1H)};
    sqlite3_stmt *st = trade_ledger_prepare(l, sql[2 * p->table + p->leg.is_b]);
    if (st == NULL)
        return err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, (int64_t)e->cause_seq); /* numbers and texts always bind */
    (void)leg_bind_text(st, 2, e->symbol);
    (void)leg_bind_text(st, 3, side_name(e->side));
    int rc = sqlite3_step(st);
    int r = rc == SQLITE_DONE ? NOT_FOUND : db_error(trade_ledger_db(l), rc);
    if (r == 0)
        p->leg.trade_id = sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st); /* repeats the error of step */
    return r;
}

/* Pips the fill is worse than what was wanted, and milliseconds since the alert; both DEC_NONE for
 * a trade no alert caused. */
static int read_execution(struct trade_ledger *l, const struct event *e, int64_t *ret_pips_e8,
                          int64_t *ret_ms)
{
    sqlite3_stmt *st = trade_ledger_prepare(
        l, "SELECT wanted_price_e8, received_time_ms FROM v6_signals_log WHERE seq = ?"
           " AND trade_placed = 1 AND wanted_price_e8 IS NOT NULL");
    const struct symbol_info *info = symbol_find(e->symbol);
    *ret_pips_e8 = DEC_NONE;
    *ret_ms = DEC_NONE;
    if (st == NULL)
        return err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, (int64_t)e->cause_seq); /* integers always bind */
    int rc = sqlite3_step(st);
    int r = rc == SQLITE_DONE ? 0 : db_error(trade_ledger_db(l), rc);
    if (rc == SQLITE_ROW && info != NULL && e->entry_e8 != DEC_NONE) {
        int64_t ms = e->time_ms - sqlite3_column_int64(st, 1);
        *ret_pips_e8 =
            symbol_pips_e8(info, sqlite3_column_int64(st, 0), e->entry_e8) * side_sign(e->side);
        *ret_ms = ms > 0 ? ms : 0;
    }
    (void)sqlite3_reset(st); /* repeats the error of step */
    return err_trace(r);
}

/* aligned: nothing stored passes (RT-12). Each timeframe has its own name for it. */
#define INSERT(table)                                                                              \
    "INSERT INTO " table "(cause_seq, symbol, direction, route, chain_id, slippage_pips_e8,"       \
    " execution_speed_ms, adx_e8, adx_strength, confidence_score, confidence_level,"               \
    " spread_pips_e8, market_state, pulse_bull_count, pulse_bear_count, momentum_increasing,"      \
    " trend_4h, trend_1d, pulse_alignment_ok, trend_15m_aligned, higher_tf_aligned)"               \
    " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, s.adx_e8,"                                                \
    " CASE WHEN s.adx_e8 >= 2500000000 THEN 'STRONG' WHEN s.adx_e8 >= 2000000000 THEN 'MODERATE'"  \
    " WHEN s.adx_e8 IS NOT NULL THEN 'WEAK' END, s.confidence_score, s.confidence_level,"          \
    " s.spread_pips_e8, s.market_state, s.higher_bull_count, s.higher_bear_count,"                 \
    " s.momentum_increasing, s.trend_4h, s.trend_1d,"                                              \
    " CASE WHEN ?4 = '15m' THEN s.aligned END, CASE WHEN ?4 = '5m' THEN s.aligned END,"            \
    " CASE WHEN ?4 = '1h' THEN s.aligned END FROM (SELECT 1) LEFT JOIN"                            \
    " (SELECT *, CASE WHEN higher_bull_count IS NULL THEN 1 WHEN ?3 = 'BUY' THEN"                  \
    "  higher_bull_count > higher_bear_count ELSE higher_bear_count > higher_bull_count END"       \
    "  AS aligned FROM v6_signals_log WHERE seq = ?1 AND trade_placed = 1) s"

static int insert_trade(struct trade_ledger *l, const struct event *e, struct place *p)
{
    static const char *const sql[] = {INSERT(T1M), INSERT(T5M), INSERT(T15M), INSERT(T1H)};
    int64_t slippage_e8, speed_ms;
    int r = read_execution(l, e, &slippage_e8, &speed_ms);
    sqlite3_stmt *st = r == 0 ? trade_ledger_prepare(l, sql[p->table]) : NULL;
    if (st == NULL)
        return r < 0 ? r : err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, (int64_t)e->cause_seq); /* numbers and texts always bind */
    (void)leg_bind_text(st, 2, e->symbol);
    (void)leg_bind_text(st, 3, side_name(e->side));
    (void)sqlite3_bind_text(st, 4, e->route, -1, SQLITE_STATIC);
    (void)leg_bind_text(st, 5, e->chain_id);
    (void)leg_bind_dec(st, 6, slippage_e8);
    (void)leg_bind_dec(st, 7, speed_ms);
    r = done(l, st);
    if (r < 0)
        return r;
    p->leg.trade_id = sqlite3_last_insert_rowid(db_handle(trade_ledger_db(l)));
    st = trade_ledger_prepare(
        l, "UPDATE v6_signals_log SET trade_id = ? WHERE seq = ? AND trade_placed = 1");
    if (st == NULL)
        return err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, p->leg.trade_id);
    (void)sqlite3_bind_int64(st, 2, (int64_t)e->cause_seq);
    return done(l, st);
}

static int open_leg(struct trade_ledger *l, const struct event *e)
{
    struct place p = {.leg = leg_opened(e), .table = table_of(e->route)};
    struct day_change day = {.table = -1};
    int r = find_sibling(l, e, &p);
    if (r == NOT_FOUND) {
        day.table = p.table;
        r = insert_trade(l, e, &p);
    }
    if (r == 0)
        r = save(l, &p);
    if (r == 0 && day.table >= 0)
        r = note_day(l, e->time_ms, &day);
    return err_trace(r);
}

static int apply_opened(struct trade_ledger *l, const struct event *e)
{
    struct place p;
    int r = find_leg(l, e->position_cid, &p);
    if (r == NOT_FOUND)
        return open_leg(l, e);
    if (r < 0)
        return err_trace(r);
    leg_grow(&p.leg, e);
    return err_trace(save(l, &p));
}

/* ---- closing ---- */

static int insert_booking(struct trade_ledger *l, const struct place *p, const struct event *e)
{
    static const char *const higher[TABLE_COUNT] = {"5m", "15m", "1h", "4h"};
    char plugin_id[PLUGIN_ID_CAP];
    sqlite3_stmt *st = trade_ledger_prepare(
        l, "INSERT INTO v6_profit_bookings(plugin_id, trade_id, chain_id, order_type,"
           " booking_time_ms, closed_percentage_e8, closed_volume_e8, profit_pips_e8,"
           " profit_dollars_e8, reason, higher_tf_bull_count, higher_tf_bear_count, trend_aligned)"
           " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, t.bull_count, t.bear_count,"
           " CASE WHEN ?13 = 'BUY' THEN t.bull_count > t.bear_count"
           " ELSE t.bear_count > t.bull_count END FROM (SELECT 1) LEFT JOIN market_trends t"
           " ON t.symbol = ?11 AND t.timeframe = ?12");
    if (st == NULL)
        return err_raise(-EIO);
    TR_ASSERT(p->leg.lots_e8 > 0);
    (void)snprintf(plugin_id, sizeof(plugin_id), "price_action_%s", routes[p->table]);
    (void)leg_bind_text(st, 1, plugin_id); /* numbers and texts always bind */
    (void)sqlite3_bind_int64(st, 2, p->leg.trade_id);
    (void)leg_bind_text(st, 3, e->chain_id);
    (void)leg_bind_text(st, 4, p->leg.is_b ? "ORDER_B" : "ORDER_A");
    (void)sqlite3_bind_int64(st, 5, e->time_ms);
    (void)sqlite3_bind_int64(st, 6,
                             dec_muldiv(e->lots_e8, 100 * DEC_ONE, p->leg.lots_e8, DEC_HALF_AWAY));
    (void)sqlite3_bind_int64(st, 7, e->lots_e8);
    (void)leg_bind_dec(st, 8, leg_pips_e8(&p->leg, e->exit_e8));
    (void)sqlite3_bind_int64(st, 9, e->profit_e8);
    (void)leg_bind_text(st, 10, reason_code(e->reason));
    (void)leg_bind_text(st, 11, e->symbol);
    (void)leg_bind_text(st, 12, higher[p->table]);
    (void)leg_bind_text(st, 13, side_name(p->leg.side));
    return done(l, st);
}

/* The leg of a closing; one that was never seen opening is recorded first. */
static int leg_to_close(struct trade_ledger *l, const struct event *e, struct place *ret)
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
    struct place p;
    int r = leg_to_close(l, e, &p);
    if (r < 0)
        return err_trace(r);
    bool was_partial = p.leg.closed_e8 > 0;
    leg_close(&p.leg, e);
    bool is_done = leg_is_done(&p.leg);
    struct day_change day = {
        .table = -1,
        .win = is_done && p.leg.profit_e8 > 0,
        .loss = is_done && p.leg.profit_e8 <= 0,
        .profit_e8 = e->profit_e8,
    };
    r = save(l, &p);
    if (r == 0 && (was_partial || !is_done || e->reason == REASON_PROFIT_BOOKED))
        r = insert_booking(l, &p, e);
    if (r == 0)
        r = note_day(l, e->time_ms, &day);
    return err_trace(r);
}

static int apply(struct trade_ledger *l, const struct event *e)
{
    if (!str_eq(e->plugin, PLUGIN))
        return 0;
    if (e->type == EVENT_TRADE_OPENED)
        return leg_event_is_sane(e) ? apply_opened(l, e) : 0;
    if (e->type == EVENT_TRADE_CLOSED)
        return leg_event_is_sane(e) ? apply_closed(l, e) : 0;
    return e->type == EVENT_CHAIN_STATE ? chain_ledger_apply(l, CHAIN_LEDGER_V6, e) : 0;
}

/* ---- alerts ---- */

static int64_t number_of(const struct decision *d, const char *name)
{
    for (int i = 0; i < d->number_count; i++)
        if (str_eq(d->numbers[i].name, name))
            return d->numbers[i].value_e8;
    return DEC_NONE;
}

static int64_t whole_of(const struct decision *d, const char *name)
{
    int64_t v_e8 = number_of(d, name);
    return v_e8 == DEC_NONE ? DEC_NONE : v_e8 / DEC_ONE;
}

static void number(struct jsonw *w, const char *key, int64_t v_e8)
{
    char text[DEC_TEXT_CAP];
    if (v_e8 != DEC_NONE)
        jsonw_str(w, key, dec_format(v_e8, text));
}

static void write_json(const struct signal *s, struct buf *out)
{
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "type", signal_kind_name(s->kind));
    jsonw_str(&w, "symbol", s->symbol);
    jsonw_str(&w, "direction", side_name(s->side));
    jsonw_str(&w, "tf", s->tf_text);
    number(&w, "price", s->price_e8);
    number(&w, "sl", s->sl_e8);
    number(&w, "tp1", s->tp1_e8);
    number(&w, "tp2", s->tp2_e8);
    number(&w, "tp3", s->tp3_e8);
    number(&w, "adx", s->adx_e8);
    if (s->score >= 0)
        jsonw_i64(&w, "score", s->score);
    if (s->bull_count >= 0 && s->bear_count >= 0) {
        jsonw_i64(&w, "bull", s->bull_count);
        jsonw_i64(&w, "bear", s->bear_count);
    }
    if (s->state[0] != '\0')
        jsonw_str(&w, "state", s->state);
    if (s->trendline[0] != '\0')
        jsonw_str(&w, "trendline", s->trendline);
    if (s->text[0] != '\0')
        jsonw_str(&w, "text", s->text);
    jsonw_object_end(&w);
}

#define TREND(tf)                                                                                  \
    "(SELECT CASE WHEN bull_count > bear_count THEN 'BULLISH' WHEN bull_count < bear_count THEN"   \
    " 'BEARISH' WHEN bull_count = bear_count THEN 'NEUTRAL' END FROM market_trends"                \
    " WHERE symbol = ?5 AND timeframe = '" tf "')"

static int log_signal(struct trade_ledger *l, const struct trade_ledger_signal *in)
{
    const struct signal *s = in->signal;
    const struct decision *d = in->decision;
    const char *reason = d->reason_count > 0 ? reason_code(d->reasons[0]) : "";
    sqlite3_stmt *st = trade_ledger_prepare(
        l, "INSERT INTO v6_signals_log(seq, received_time_ms, signal_type, plugin_target, symbol,"
           " direction, timeframe, adx_e8, confidence_score, confidence_level, spread_pips_e8,"
           " wanted_price_e8, signal_json, action, reason, processed, trade_placed, skip_reason,"
           " higher_bull_count, higher_bear_count, market_state, trend_4h, trend_1d,"
           " momentum_increasing)"
           " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 1, ?16, ?17,"
           " ?18, ?19,"
           " (SELECT market_state FROM market_trends WHERE symbol = ?5 AND market_state <> ''"
           "  AND timeframe IN ('15m', '1h', '5m') ORDER BY CASE timeframe WHEN '15m' THEN 1"
           "  WHEN '1h' THEN 2 ELSE 3 END LIMIT 1), " TREND("4h") ", " TREND(
               "1d") ","
                     " (SELECT momentum = 'INCREASING' FROM market_trends WHERE symbol = ?5"
                     "  AND timeframe = ?4))");
    if (st == NULL)
        return err_raise(-EIO);
    TR_CLEANUP(buf_deinit) struct buf json;
    buf_init(&json, SIGNAL_JSON_MAX_BYTES);
    write_json(s, &json);
    (void)sqlite3_bind_int64(st, 1, (int64_t)in->seq); /* numbers and texts always bind */
    (void)sqlite3_bind_int64(st, 2, in->time_ms);
    (void)leg_bind_text(st, 3, signal_kind_name(s->kind));
    (void)leg_bind_text(st, 4, d->route);
    (void)leg_bind_text(st, 5, s->symbol);
    (void)leg_bind_text(st, 6, side_name(s->side));
    (void)leg_bind_text(st, 7, timeframe_name(s->tf));
    (void)leg_bind_dec(st, 8, s->adx_e8);
    (void)leg_bind_dec(st, 9, s->score >= 0 ? s->score : DEC_NONE);
    (void)leg_bind_text(st, 10, s->level);
    (void)leg_bind_dec(st, 11, number_of(d, "spread_pips"));
    (void)leg_bind_dec(st, 12, d->order_count > 0 ? d->orders[0].entry_e8 : DEC_NONE);
    (void)leg_bind_text(st, 13, buf_failed(&json) ? "" : json.data);
    (void)leg_bind_text(st, 14, decision_action_name(d->action));
    (void)leg_bind_text(st, 15, reason);
    (void)sqlite3_bind_int(st, 16, d->action == DECISION_EXECUTE ? 1 : 0);
    (void)leg_bind_text(st, 17, d->action == DECISION_SKIP ? reason : "");
    (void)leg_bind_dec(st, 18, whole_of(d, "higher_bull"));
    (void)leg_bind_dec(st, 19, whole_of(d, "higher_bear"));
    return done(l, st);
}

/* ---- market_trends: spec 2.4 ---- */

static sqlite3_stmt *prepare_row(struct trade_ledger *l, const char *sql,
                                 const struct trade_ledger_signal *in)
{
    sqlite3_stmt *st = trade_ledger_prepare(l, sql);
    if (st == NULL)
        return NULL;
    (void)leg_bind_text(st, 1, in->signal->symbol); /* texts and numbers always bind */
    (void)leg_bind_text(st, 2, timeframe_name(in->signal->tf));
    (void)sqlite3_bind_int64(st, 3, in->time_ms);
    return st;
}

static int put_pulse(struct trade_ledger *l, const struct trade_ledger_signal *in)
{
    const struct signal *s = in->signal;
    bool counted = s->bull_count >= 0 && s->bear_count >= 0;
    sqlite3_stmt *st = prepare_row(
        l,
        "INSERT INTO market_trends(symbol, timeframe, last_updated_ms, bull_count, bear_count,"
        " market_state, changes) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        " ON CONFLICT(symbol, timeframe) DO UPDATE SET last_updated_ms = excluded.last_updated_ms,"
        " bull_count = excluded.bull_count, bear_count = excluded.bear_count,"
        " market_state = excluded.market_state, changes = excluded.changes",
        in);
    if (st == NULL)
        return err_raise(-EIO);
    (void)leg_bind_dec(st, 4, counted ? s->bull_count : DEC_NONE);
    (void)leg_bind_dec(st, 5, counted ? s->bear_count : DEC_NONE);
    (void)leg_bind_text(st, 6, s->state);
    (void)leg_bind_text(st, 7, s->text);
    int r = done(l, st);
    return r < 0 ? r : note_day(l, in->time_ms, &(struct day_change){.table = -1, .pulse = true});
}

static int put_state(struct trade_ledger *l, const struct trade_ledger_signal *in)
{
    sqlite3_stmt *st = prepare_row(
        l,
        "INSERT INTO market_trends(symbol, timeframe, last_updated_ms, market_state)"
        " VALUES(?1, ?2, ?3, ?4) ON CONFLICT(symbol, timeframe) DO UPDATE SET"
        " last_updated_ms = excluded.last_updated_ms, market_state = excluded.market_state",
        in);
    if (st == NULL)
        return err_raise(-EIO);
    (void)leg_bind_text(st, 4, in->signal->state);
    return done(l, st);
}

static int put_momentum(struct trade_ledger *l, const struct trade_ledger_signal *in)
{
    const struct signal *s = in->signal;
    sqlite3_stmt *st = prepare_row(
        l,
        "INSERT INTO market_trends(symbol, timeframe, last_updated_ms, momentum, momentum_adx_e8)"
        " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(symbol, timeframe) DO UPDATE SET"
        " momentum = excluded.momentum, momentum_adx_e8 = excluded.momentum_adx_e8",
        in);
    if (st == NULL)
        return err_raise(-EIO);
    (void)leg_bind_text(st, 4, trends_momentum_name(trends_momentum_of(s)));
    (void)leg_bind_dec(st, 5, s->adx_e8);
    return done(l, st);
}

static int on_signal(struct trade_ledger *l, const struct trade_ledger_signal *in)
{
    const struct signal *s = in->signal;
    bool has_row = s->symbol[0] != '\0' && s->tf > TF_UNSET && s->tf < TF_OTHER;
    TR_ASSERT(s->format == SIGNAL_FORMAT_V6);
    int r = log_signal(l, in);
    if (r == 0 && has_row && s->kind == SIGNAL_V6_TREND_PULSE)
        r = put_pulse(l, in);
    if (r == 0 && has_row && s->kind == SIGNAL_V6_STATE_CHANGE && s->state[0] != '\0')
        r = put_state(l, in);
    if (r == 0 && has_row && s->kind == SIGNAL_V6_MOMENTUM_CHANGE)
        r = put_momentum(l, in);
    return err_trace(r);
}

const struct trade_ledger_ops v6_ledger = {.migrations = v6_ledger_migrations,
                                           .migration_count = V6_LEDGER_MIGRATION_COUNT,
                                           .plugin = PLUGIN,
                                           .format = SIGNAL_FORMAT_V6,
                                           .signal = on_signal,
                                           .apply = apply,
                                           .signals_log = "v6_signals_log"};
