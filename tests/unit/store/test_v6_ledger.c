/* Covers: the ledger of price_action_v6: each trade in the table of its timeframe with what its
 * alert and the trend store said, both orders of a decision in one row, partial closes, bookings,
 * the signals log, market_trends by spec 2.4, daily statistics, other plugins' events, watermark;
 * the reader that merges both plugins' databases. Numbers: EURUSD, pip 0.0001. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "store/ledger_reader.h"
#include "store/trade_ledger.h"
#include "unit/store/scratch.h"

#define PATH scratch_path("zepix_price_action_v6.db")
#define DAY0 INT64_C(1795219200000) /* 2026-11-21T00:00:00Z */

static struct trade_ledger *ledger;

static void begin(void)
{
    scratch_make();
    cr_assert_eq(trade_ledger_open(&v6_ledger, PATH, &ledger), 0);
}

static void end(void)
{
    (void)trade_ledger_close(ledger);
    scratch_remove();
}

TestSuite(v6_ledger, .init = begin, .fini = end);

static int64_t e8(const char *s)
{
    int64_t v = 0;
    cr_assert(dec_parse(s, strlen(s), &v));
    return v;
}

static struct signal alert(enum signal_kind kind, enum timeframe tf)
{
    struct signal s = SIGNAL_INIT;
    s.format = SIGNAL_FORMAT_V6;
    s.kind = kind;
    s.side = SIDE_BUY;
    s.tf = tf;
    s.price_e8 = e8("1.1");
    s.adx_e8 = e8("26.3");
    s.score = 85;
    (void)str_copy(s.level, sizeof(s.level), "HIGH");
    (void)str_copy(s.symbol, sizeof(s.symbol), "EURUSD");
    (void)str_copy(s.tf_text, sizeof(s.tf_text), timeframe_name(tf));
    return s;
}

static struct decision entry(const char *route, int orders)
{
    struct decision d;
    decision_init(&d, "price_action_v6");
    (void)str_copy(d.route, sizeof(d.route), route);
    d.action = DECISION_EXECUTE;
    decision_reason(&d, REASON_ACCEPTED);
    decision_number(&d, "spread_pips", e8("1.2"));
    for (int i = 0; i < orders; i++)
        d.orders[d.order_count++].entry_e8 = e8("1.1");
    return d;
}

static void put_signal(uint64_t seq, const struct signal *s, const struct decision *d)
{
    const struct trade_ledger_signal in = {
        .seq = seq, .time_ms = DAY0 + (int64_t)seq * 1000, .signal = s, .decision = d};
    cr_assert_eq(trade_ledger_begin(ledger), 0);
    cr_assert_eq(trade_ledger_signal(ledger, &in), 0);
    cr_assert_eq(trade_ledger_commit(ledger, seq), 0);
}

static void put_notice(uint64_t seq, const struct signal *s)
{
    struct decision d;
    decision_init(&d, "price_action_v6");
    d.action = DECISION_NOTIFY;
    decision_reason(&d, REASON_NOTIFICATION_ONLY);
    put_signal(seq, s, &d);
}

static void put(const struct event *e)
{
    cr_assert_eq(trade_ledger_begin(ledger), 0);
    cr_assert_eq(trade_ledger_apply(ledger, e), 0);
    cr_assert_eq(trade_ledger_commit(ledger, e->seq), 0);
}

static struct event opened(uint64_t seq, uint64_t cid, enum order_role role, const char *route)
{
    struct event e = EVENT_INIT;
    e.type = EVENT_TRADE_OPENED;
    e.seq = seq;
    e.time_ms = DAY0 + (int64_t)seq * 1000;
    e.cid = e.position_cid = cid;
    e.cause_seq = 1;
    e.side = SIDE_BUY;
    e.role = role;
    e.lots_e8 = e8("0.1");
    e.entry_e8 = e8("1.10003");
    e.sl_e8 = e8("1.098");
    e.tp_e8 = e8("1.104");
    (void)str_copy(e.symbol, sizeof(e.symbol), "EURUSD");
    (void)str_copy(e.plugin, sizeof(e.plugin), "price_action_v6");
    (void)str_copy(e.route, sizeof(e.route), route);
    (void)str_copy(e.chain_id, sizeof(e.chain_id), "EURUSD_00000001");
    return e;
}

static struct event closed(uint64_t seq, uint64_t cid, const char *route, const char *lots,
                           const char *left)
{
    struct event e = opened(seq, cid, ORDER_ROLE_A, route);
    e.type = EVENT_TRADE_CLOSED;
    e.lots_e8 = e8(lots);
    e.number_e8 = e8(left);
    e.exit_e8 = e8("1.10203");
    e.profit_e8 = e8("20");
    e.reason = REASON_EXIT_SIGNAL;
    return e;
}

/* The one value of a query, as text; "" when NULL or nothing. */
static const char *value(const char *sql)
{
    static char text[64];
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    cr_assert_eq(sqlite3_open_v2(PATH, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK, "%s: %s", sql,
                 sqlite3_errmsg(db));
    text[0] = '\0';
    if (sqlite3_step(st) == SQLITE_ROW && sqlite3_column_type(st, 0) != SQLITE_NULL)
        (void)str_copy(text, sizeof(text), (const char *)sqlite3_column_text(st, 0));
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(db);
    return text;
}

static void expect(const char *sql, const char *want)
{
    const char *got = value(sql);
    cr_expect_str_eq(got, want, "%s: %s, not %s", sql, got, want);
}

Test(v6_ledger, a_trade_stands_in_the_table_of_its_timeframe)
{
    static const char *const routes[] = {"1m", "5m", "15m", "1h"};
    for (uint64_t i = 0; i < 4; i++) {
        struct event e = opened(i + 1, 11 + i, i == 0 ? ORDER_ROLE_B : ORDER_ROLE_A, routes[i]);
        e.cause_seq = i + 1;
        put(&e);
        char sql[128];
        (void)snprintf(sql, sizeof(sql),
                       "SELECT count(*) FROM price_action_%s_trades WHERE order_%c_ticket = %d",
                       routes[i], i == 0 ? 'b' : 'a', (int)(11 + i));
        expect(sql, "1");
    }
    expect("SELECT lot_size FROM price_action_1m_trades", "0.1");
    expect("SELECT sl_price FROM price_action_1m_trades", "1.098");
    expect("SELECT tp_price FROM price_action_15m_trades", "1.104");
    expect("SELECT status FROM price_action_1h_trades", "OPEN");
    expect("SELECT chain_id FROM price_action_1h_trades", "EURUSD_00000001");
    expect("SELECT plugin_1m_trades + 10*plugin_5m_trades + 100*plugin_15m_trades"
           " + 1000*plugin_1h_trades FROM v6_daily_stats",
           "1111");
}

Test(v6_ledger, a_trade_says_what_its_alert_and_the_trends_said)
{
    struct signal s = alert(SIGNAL_V6_TREND_PULSE, TF_1H);
    s.bull_count = 4;
    s.bear_count = 2;
    (void)str_copy(s.state, sizeof(s.state), "MIXED_BULLISH");
    put_notice(1, &s);
    s = alert(SIGNAL_V6_BULLISH_ENTRY, TF_15M);
    struct decision d = entry("15m", 1);
    decision_number(&d, "higher_bull", e8("4"));
    decision_number(&d, "higher_bear", e8("2"));
    put_signal(2, &s, &d);
    s = alert(SIGNAL_V6_STATE_CHANGE, TF_1H);
    (void)str_copy(s.state, sizeof(s.state), "SIDEWAYS");
    put_notice(3, &s); /* later: no business of the trade */
    struct event e = opened(4, 11, ORDER_ROLE_A, "15m");
    e.cause_seq = 2;
    put(&e);
    expect("SELECT adx FROM price_action_15m_trades", "26.3");
    expect("SELECT adx_strength FROM price_action_15m_trades", "STRONG");
    expect("SELECT confidence_score FROM price_action_15m_trades", "85");
    expect("SELECT confidence_level FROM price_action_15m_trades", "HIGH");
    expect("SELECT spread_pips FROM price_action_15m_trades", "1.2");
    expect("SELECT market_state FROM price_action_15m_trades", "MIXED_BULLISH");
    expect("SELECT pulse_bull_count FROM price_action_15m_trades", "4");
    expect("SELECT pulse_alignment_ok FROM price_action_15m_trades", "1");
    expect("SELECT trend_15m_aligned FROM price_action_15m_trades", "");
    expect("SELECT slippage_pips FROM price_action_15m_trades", "0.3");
    expect("SELECT execution_speed_ms FROM price_action_15m_trades", "2000");
    expect("SELECT trade_id FROM v6_signals_log WHERE seq = 2", "1");
    expect("SELECT trade_placed FROM v6_signals_log WHERE seq = 2", "1");
}

Test(v6_ledger, a_1h_trade_knows_the_4h_and_day_trends)
{
    struct signal s = alert(SIGNAL_V6_TREND_PULSE, TF_4H);
    s.bull_count = 1;
    s.bear_count = 5;
    put_notice(1, &s);
    s.tf = TF_1D;
    s.bull_count = 3;
    s.bear_count = 3;
    put_notice(2, &s);
    s = alert(SIGNAL_V6_BEARISH_ENTRY, TF_1H);
    struct decision d = entry("1h", 1);
    decision_number(&d, "higher_bull", e8("1"));
    decision_number(&d, "higher_bear", e8("5"));
    put_signal(3, &s, &d);
    struct event e = opened(4, 11, ORDER_ROLE_A, "1h");
    e.cause_seq = 3;
    e.side = SIDE_SELL;
    put(&e);
    expect("SELECT trend_4h FROM price_action_1h_trades", "BEARISH");
    expect("SELECT trend_1d FROM price_action_1h_trades", "NEUTRAL");
    expect("SELECT higher_tf_aligned FROM price_action_1h_trades", "1");
    expect("SELECT slippage_pips FROM price_action_1h_trades", "-0.3");
}

Test(v6_ledger, both_orders_of_a_5m_entry_share_a_row)
{
    struct event a = opened(2, 11, ORDER_ROLE_A, "5m"), b = opened(3, 12, ORDER_ROLE_B, "5m");
    put(&a);
    put(&b);
    expect("SELECT count(*) FROM price_action_5m_trades", "1");
    expect("SELECT order_b_lot_size FROM price_action_5m_trades", "0.1");
    struct event c = closed(4, 12, "5m", "0.1", "0");
    put(&c);
    expect("SELECT status FROM price_action_5m_trades", "PARTIAL");
    expect("SELECT order_b_status FROM price_action_5m_trades", "CLOSED");
    c = closed(5, 11, "5m", "0.1", "0");
    c.profit_e8 = e8("-5");
    put(&c);
    expect("SELECT status FROM price_action_5m_trades", "CLOSED");
    expect("SELECT total_profit_dollars FROM price_action_5m_trades", "15.0");
    expect("SELECT profit_pips FROM price_action_5m_trades", "40.0");
    expect("SELECT close_reason FROM price_action_5m_trades", "EXIT_SIGNAL");
    expect("SELECT win_rate FROM v6_daily_stats", "50.0");
    expect("SELECT total_profit_dollars FROM v6_daily_stats", "15.0");
}

Test(v6_ledger, a_partial_close_is_booked)
{
    struct event e = opened(2, 11, ORDER_ROLE_A, "1h");
    put(&e);
    struct event c = closed(3, 11, "1h", "0.05", "0.05");
    put(&c);
    expect("SELECT status FROM price_action_1h_trades", "PARTIAL");
    expect("SELECT order_a_closed_volume FROM price_action_1h_trades", "0.05");
    expect("SELECT closed_percentage FROM v6_profit_bookings", "50.0");
    expect("SELECT plugin_id FROM v6_profit_bookings", "price_action_1h");
    expect("SELECT profit_pips FROM v6_profit_bookings", "20.0");
    expect("SELECT count(*) FROM v6_daily_stats WHERE wins + losses > 0", "0");
}

Test(v6_ledger, a_closing_never_seen_opening_makes_its_row)
{
    struct event c = closed(3, 11, "1m", "0.1", "0");
    put(&c);
    expect("SELECT status FROM price_action_1m_trades", "CLOSED");
}

Test(v6_ledger, market_trends_follow_the_alerts)
{
    struct signal s = alert(SIGNAL_V6_TREND_PULSE, TF_15M);
    s.bull_count = 2;
    s.bear_count = 4;
    (void)str_copy(s.state, sizeof(s.state), "MIXED_BEARISH");
    (void)str_copy(s.text, sizeof(s.text), "15:BULL->BEAR");
    put_notice(1, &s);
    expect("SELECT bull_count || '/' || bear_count || ' ' || market_state || ' ' || changes"
           " FROM market_trends WHERE symbol = 'EURUSD' AND timeframe = '15m'",
           "2/4 MIXED_BEARISH 15:BULL->BEAR");
    struct signal c = alert(SIGNAL_V6_STATE_CHANGE, TF_15M);
    c.bull_count = 6;
    c.bear_count = 0;
    (void)str_copy(c.state, sizeof(c.state), "TRENDING_BULLISH");
    put_notice(2, &c);
    expect("SELECT bull_count || ' ' || market_state FROM market_trends", "2 TRENDING_BULLISH");
    struct signal m = alert(SIGNAL_V6_MOMENTUM_CHANGE, TF_15M);
    (void)str_copy(m.text, sizeof(m.text), "DECREASING");
    put_notice(3, &m);
    expect("SELECT bull_count || ' ' || momentum FROM market_trends", "2 DECREASING");
    expect("SELECT last_updated FROM market_trends", "2026-11-21T00:00:02.000Z");
    expect("SELECT trend_pulse_updates FROM v6_daily_stats", "1");
    expect("SELECT count(*) FROM v6_signals_log", "3");
}

Test(v6_ledger, the_signals_log_keeps_refusals_with_their_reason)
{
    struct signal s = alert(SIGNAL_V6_BULLISH_ENTRY, TF_1M);
    struct decision d;
    decision_init(&d, "price_action_v6");
    (void)str_copy(d.route, sizeof(d.route), "1m");
    decision_skip(&d, REASON_ADX_TOO_LOW, e8("26.3"), e8("30"));
    put_signal(1, &s, &d);
    expect("SELECT skip_reason FROM v6_signals_log", "ADX_TOO_LOW");
    expect("SELECT plugin_target FROM v6_signals_log", "1m");
    expect("SELECT trade_placed FROM v6_signals_log", "0");
    expect("SELECT json_extract(signal_json, '$.price') FROM v6_signals_log", "1.1");
    expect("SELECT json_extract(signal_json, '$.adx') FROM v6_signals_log", "26.3");
}

Test(v6_ledger, other_plugins_and_other_alerts_leave_no_trace)
{
    struct event e = opened(1, 11, ORDER_ROLE_A, "LOGIC1");
    (void)str_copy(e.plugin, sizeof(e.plugin), "combined_v3");
    put(&e);
    struct signal s = alert(SIGNAL_V3_TREND_PULSE, TF_15M);
    s.format = SIGNAL_FORMAT_V3;
    put_notice(2, &s);
    expect("SELECT (SELECT count(*) FROM price_action_15m_trades)"
           " + (SELECT count(*) FROM v6_signals_log)",
           "0");
    cr_expect_eq(trade_ledger_applied_seq(ledger), 2);
}

Test(v6_ledger, rows_seen_before_are_passed_over)
{
    struct signal s = alert(SIGNAL_V6_BREAKOUT, TF_15M);
    put_notice(1, &s);
    (void)trade_ledger_close(ledger);
    cr_assert_eq(trade_ledger_open(&v6_ledger, PATH, &ledger), 0);
    cr_assert_eq(trade_ledger_applied_seq(ledger), 1);
    put_notice(1, &s);
    expect("SELECT count(*) FROM v6_signals_log", "1");
}

/* ---- both plugins' trades ---- */

struct seen {
    char routes[64];
    int count;
};

static int on_trade(const struct ledger_trade *t, void *ctx)
{
    struct seen *s = ctx;
    size_t used = strlen(s->routes);
    (void)snprintf(s->routes + used, sizeof(s->routes) - used, "%s%s ", t->route,
                   order_role_name(t->role));
    s->count++;
    return 0;
}

Test(v6_ledger, the_reader_merges_the_trades_of_both_plugins_by_time)
{
    struct trade_ledger *v3 = NULL;
    struct ledger_reader *reader = NULL;
    cr_assert_eq(trade_ledger_open(&v3_ledger, scratch_path("zepix_combined_v3.db"), &v3), 0);
    cr_assert_eq(trade_ledger_begin(v3), 0);
    for (uint64_t i = 0; i < 2; i++) {
        struct event e = closed(10 + 4 * i, 100 + i, "LOGIC1", "0.1", "0");
        (void)str_copy(e.plugin, sizeof(e.plugin), "combined_v3");
        cr_assert_eq(trade_ledger_apply(v3, &e), 0);
    }
    cr_assert_eq(trade_ledger_commit(v3, 14), 0);
    (void)trade_ledger_close(v3);
    struct event b = opened(5, 12, ORDER_ROLE_B, "1m");
    put(&b);
    struct event c = closed(12, 12, "1m", "0.1", "0");
    put(&c);
    c = closed(20, 13, "15m", "0.1", "0");
    put(&c);
    struct seen s = {0};
    cr_assert_eq(ledger_reader_open(scratch_path("zepix_combined_v3.db"), &reader), 0);
    cr_assert_eq(ledger_read_closed(reader, DAY0, DAY0 + 86400000, on_trade, &s), 0);
    cr_expect_str_eq(s.routes, "LOGIC1A 1mB LOGIC1A 15mA ");
    s = (struct seen){0};
    cr_assert_eq(ledger_read_closed(reader, DAY0 + 12000, DAY0 + 20000, on_trade, &s), 0);
    cr_expect_str_eq(s.routes, "1mB LOGIC1A ", "again, from the first, half open");
    (void)ledger_reader_close(reader);
}

Test(v6_ledger, the_reader_pages_through_many_trades_of_both)
{
    struct trade_ledger *v3 = NULL;
    struct ledger_reader *reader = NULL;
    cr_assert_eq(trade_ledger_open(&v3_ledger, scratch_path("zepix_combined_v3.db"), &v3), 0);
    cr_assert_eq(trade_ledger_begin(v3), 0);
    cr_assert_eq(trade_ledger_begin(ledger), 0);
    for (uint64_t i = 1; i <= 300; i++) {
        struct event e = closed(i, 1000 + i, i % 3 == 0 ? "5m" : "LOGIC2", "0.1", "0");
        e.cause_seq = i;
        (void)str_copy(e.plugin, sizeof(e.plugin), i % 3 == 0 ? "price_action_v6" : "combined_v3");
        cr_assert_eq(trade_ledger_apply(i % 3 == 0 ? ledger : v3, &e), 0);
    }
    cr_assert_eq(trade_ledger_commit(v3, 300), 0);
    cr_assert_eq(trade_ledger_commit(ledger, 300), 0);
    (void)trade_ledger_close(v3);
    struct seen s = {0};
    cr_assert_eq(ledger_reader_open(scratch_path("zepix_combined_v3.db"), &reader), 0);
    cr_assert_eq(ledger_read_closed(reader, 0, INT64_MAX, on_trade, &s), 0);
    cr_expect_eq(s.count, 300);
    (void)ledger_reader_close(reader);
}

Test(v6_ledger, a_row_that_names_no_plugin_of_it_is_passed_over)
{
    struct trade_ledger *v3 = NULL;
    struct buf packed TR_CLEANUP(buf_deinit);
    struct event e = opened(1, 61, ORDER_ROLE_A, "1m");
    buf_init(&packed, 1u << 16);
    event_pack(&packed, &e);
    cr_assert_eq(trade_ledger_open(&v3_ledger, scratch_path("zepix_combined_v3.db"), &v3), 0);
    cr_expect(trade_ledger_wants_outputs(ledger, packed.data, packed.len), "its own trade");
    cr_expect(trade_ledger_wants_outputs(v3, packed.data, packed.len), "the ledger of the others");
    (void)str_copy(e.plugin, sizeof(e.plugin), "combined_v3");
    buf_reset(&packed);
    event_pack(&packed, &e);
    cr_expect_not(trade_ledger_wants_outputs(ledger, packed.data, packed.len));
    cr_expect_not(trade_ledger_wants_outputs(ledger, packed.data, 0));
    cr_expect(trade_ledger_wants_signal(ledger, SIGNAL_FORMAT_V6));
    cr_expect_not(trade_ledger_wants_signal(ledger, SIGNAL_FORMAT_V3));
    cr_expect_not(trade_ledger_wants_signal(v3, SIGNAL_FORMAT_V6));
    (void)trade_ledger_close(v3);
}
