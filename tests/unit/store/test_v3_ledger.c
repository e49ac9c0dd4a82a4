/* Covers: dual legs in one row, partial and full closes with averages and sums, bookings, growing
 * fills, manual and never-seen positions, the signals log and its link, daily statistics, columns
 * of the specification by name, closed enumerations, watermark and repeated rows, rollback,
 * malformed events, the reader's order, range, paging and stop. Numbers: XAUUSD, pip 0.01. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <string.h>

#include "core/alloc.h"
#include "store/ledger_reader.h"
#include "store/trade_ledger.h"
#include "unit/store/scratch.h"

#define PATH scratch_path("zepix_combined_v3.db")

#define DAY0 INT64_C(1795219200000) /* 2026-11-21T00:00:00Z */

static struct trade_ledger *ledger;

static void begin(void)
{
    scratch_make();
    cr_assert_eq(trade_ledger_open(&v3_ledger, PATH, &ledger), 0);
}

static void end(void)
{
    (void)trade_ledger_close(ledger);
    scratch_remove();
}

TestSuite(v3_ledger, .init = begin, .fini = end);

static int64_t e8(const char *s)
{
    int64_t v = 0;
    cr_assert(dec_parse(s, strlen(s), &v));
    return v;
}

static struct event opened(uint64_t seq, uint64_t cid, enum order_role role, const char *lots)
{
    struct event e = EVENT_INIT;
    e.type = EVENT_TRADE_OPENED;
    e.seq = seq;
    e.time_ms = DAY0 + (int64_t)seq * 1000;
    e.cid = e.position_cid = cid;
    e.cause_seq = 1;
    e.side = SIDE_BUY;
    e.role = role;
    e.lots_e8 = e8(lots);
    e.entry_e8 = e8("2650.50");
    e.sl_e8 = e8("2640");
    e.tp_e8 = e8("2670");
    (void)str_copy(e.symbol, sizeof(e.symbol), "XAUUSD");
    (void)str_copy(e.plugin, sizeof(e.plugin), "combined_v3");
    (void)str_copy(e.route, sizeof(e.route), "LOGIC2");
    return e;
}

static struct event closed(uint64_t seq, uint64_t cid, const char *lots, const char *exit,
                           const char *profit)
{
    struct event e = opened(seq, cid, ORDER_ROLE_A, lots);
    e.type = EVENT_TRADE_CLOSED;
    e.cid = cid + 1000;
    e.exit_e8 = e8(exit);
    e.profit_e8 = e8(profit);
    e.commission_e8 = e8("0.07");
    e.swap_e8 = e8("-0.01");
    e.reason = REASON_TP_HIT;
    return e;
}

static struct event decided(uint64_t seq, const char *action, enum reason reason)
{
    struct event e = EVENT_INIT;
    e.type = EVENT_DECISION;
    e.seq = seq;
    e.time_ms = DAY0;
    e.reason = reason;
    e.side = SIDE_BUY;
    e.signal_kind = SIGNAL_V3_INSTITUTIONAL_LAUNCHPAD;
    e.tf = TF_15M;
    e.score = 8;
    e.entry_e8 = e8("2650.5");
    (void)str_copy(e.symbol, sizeof(e.symbol), "XAUUSD");
    (void)str_copy(e.plugin, sizeof(e.plugin), "combined_v3");
    (void)str_copy(e.route, sizeof(e.route), "LOGIC2");
    (void)str_copy(e.text, sizeof(e.text), action);
    return e;
}

static void apply(struct event e)
{
    cr_assert_eq(trade_ledger_begin(ledger), 0);
    cr_assert_eq(trade_ledger_apply(ledger, &e), 0);
    cr_assert_eq(trade_ledger_commit(ledger, e.seq), 0);
}

/* First column of the first row as text, "NULL" or "none"; good until the eighth later call. */
static const char *query(const char *sql)
{
    static char texts[8][512];
    static int next;
    char *text = texts[next++ % 8];
    sqlite3 *h = NULL;
    sqlite3_stmt *st = NULL;
    cr_assert_eq(sqlite3_open_v2(PATH, &h, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(h, sql, -1, &st, NULL), SQLITE_OK, "%s: %s", sql,
                 sqlite3_errmsg(h));
    const char *value = "none";
    if (sqlite3_step(st) == SQLITE_ROW) {
        value = (const char *)sqlite3_column_text(st, 0);
        value = value != NULL ? value : "NULL";
    }
    (void)str_copy(text, 512, value);
    sqlite3_finalize(st);
    sqlite3_close(h);
    return text;
}

#define EXPECT(sql, want) cr_assert_str_eq(query(sql), want, "%s gave %s", sql, query(sql))

Test(v3_ledger, puts_both_legs_of_a_decision_in_one_row)
{
    apply(opened(2, 11, ORDER_ROLE_A, "0.05"));
    apply(opened(3, 12, ORDER_ROLE_B, "0.02"));
    EXPECT("SELECT count(*) FROM combined_v3_trades", "1");
    EXPECT("SELECT order_a_ticket || ' ' || order_b_ticket || ' ' || direction || ' ' || status || "
           "' ' || logic_route"
           " FROM combined_v3_trades",
           "11 12 BUY OPEN LOGIC2");
    EXPECT("SELECT entry_price || ' ' || entry_time || ' ' || order_a_lot_size || ' ' || "
           "order_b_lot_size || ' ' ||"
           " order_a_sl_price || ' ' || order_b_tp_price FROM combined_v3_trades",
           "2650.5 2026-11-21T00:00:02.000Z 0.05 0.02 2640.0 2670.0");
    EXPECT("SELECT exit_time FROM combined_v3_trades", "NULL");
    EXPECT("SELECT total_dual_entries || ' ' || logic2_trades || ' ' || logic1_trades FROM "
           "v3_daily_stats",
           "1 1 0");
}

Test(v3_ledger, takes_leg_b_first_and_keeps_other_decisions_apart)
{
    apply(opened(2, 12, ORDER_ROLE_B, "0.02"));
    apply(opened(3, 11, ORDER_ROLE_A, "0.05"));
    struct event other = opened(4, 21, ORDER_ROLE_A, "0.05");
    other.cause_seq = 9;
    apply(other);
    other = opened(5, 31, ORDER_ROLE_A, "0.05");
    (void)str_copy(other.symbol, sizeof(other.symbol), "EURUSD");
    apply(other);
    EXPECT("SELECT count(*) FROM combined_v3_trades", "3");
    EXPECT("SELECT order_a_ticket || ' ' || order_b_ticket FROM combined_v3_trades WHERE id = 1",
           "11 12");
}

Test(v3_ledger, closes_leg_by_leg_and_sums_the_row)
{
    apply(opened(2, 11, ORDER_ROLE_A, "0.05"));
    apply(opened(3, 12, ORDER_ROLE_B, "0.02"));
    apply(closed(10, 11, "0.05", "2660.50", "50"));
    EXPECT(
        "SELECT status || ' ' || order_a_status || ' ' || order_b_status FROM combined_v3_trades",
        "PARTIAL CLOSED OPEN");
    EXPECT("SELECT exit_time FROM combined_v3_trades", "NULL");
    struct event e = closed(20, 12, "0.02", "2640.50", "-20.50");
    e.reason = REASON_SL_HIT;
    apply(e);
    EXPECT("SELECT status || ' ' || exit_time || ' ' || total_profit_dollars || ' ' || "
           "total_profit_pips || ' ' ||"
           " commission || ' ' || swap || ' ' || close_reason FROM combined_v3_trades",
           "CLOSED 2026-11-21T00:00:20.000Z 29.5 0.0 0.14 -0.02 SL_HIT");
    EXPECT("SELECT order_a_profit_pips || ' ' || order_b_profit_pips || ' ' || order_a_exit_price"
           " FROM combined_v3_trades",
           "1000.0 -1000.0 2660.5");
    EXPECT("SELECT count(*) FROM v3_profit_bookings", "0");
    EXPECT("SELECT total_order_a_closed || ' ' || total_order_b_closed || ' ' || wins || ' ' || "
           "losses || ' ' ||"
           " total_profit_dollars || ' ' || win_rate || ' ' || round(profit_factor, 4) FROM "
           "v3_daily_stats",
           "1 1 1 1 29.5 50.0 2.439");
}

Test(v3_ledger, books_partial_closes_at_the_weighted_exit)
{
    apply(opened(2, 11, ORDER_ROLE_A, "0.04"));
    struct event e = closed(3, 11, "0.01", "2660.50", "10");
    e.number_e8 = e8("0.03");
    apply(e);
    EXPECT("SELECT status || ' ' || order_a_status || ' ' || order_a_closed_volume FROM "
           "combined_v3_trades",
           "PARTIAL PARTIAL 0.01");
    EXPECT("SELECT order_type || ' ' || closed_percentage || ' ' || closed_volume || ' ' || "
           "profit_dollars || ' ' ||"
           " profit_pips || ' ' || reason FROM v3_profit_bookings",
           "ORDER_A 25.0 0.01 10.0 1000.0 TP_HIT");
    apply(closed(4, 11, "0.03", "2656.50", "18")); /* no number: the rest by arithmetic */
    EXPECT("SELECT status || ' ' || order_a_exit_price || ' ' || order_a_profit_dollars || ' ' ||"
           " order_a_profit_pips || ' ' || order_a_lot_size FROM combined_v3_trades",
           "CLOSED 2657.5 28.0 700.0 0.04");
    EXPECT("SELECT count(*) FROM v3_profit_bookings", "2");
    EXPECT("SELECT wins || ' ' || losses || ' ' || total_order_a_closed FROM v3_daily_stats",
           "1 0 1");
}

Test(v3_ledger, counts_a_partial_profit_on_its_own_day)
{
    apply(opened(2, 11, ORDER_ROLE_A, "0.02"));
    struct event e = closed(3, 11, "0.01", "2660.50", "10");
    e.number_e8 = e8("0.01");
    apply(e);
    e = closed(4, 11, "0.01", "2640.50", "-10");
    e.time_ms = DAY0 + 86400000;
    apply(e);
    EXPECT("SELECT group_concat(date || '=' || total_profit_dollars || '/' || losses, ' ') FROM "
           "v3_daily_stats",
           "2026-11-21=10.0/0 2026-11-22=-10.0/1");
}

Test(v3_ledger, grows_a_leg_with_further_fills)
{
    apply(opened(2, 11, ORDER_ROLE_A, "0.02"));
    struct event e = opened(3, 11, ORDER_ROLE_A, "0.05");
    e.entry_e8 = e8("2651");
    apply(e);
    EXPECT("SELECT count(*) || ' ' || order_a_lot_size || ' ' || order_a_entry_price || ' ' || "
           "entry_price"
           " FROM combined_v3_trades",
           "1 0.05 2651.0 2651.0");
    e = closed(4, 11, "0.02", "2661", "20");
    e.number_e8 = e8("0.03");
    apply(e);
    apply(opened(5, 11, ORDER_ROLE_A, "0.04")); /* late fill: 0.03 were left, now 0.04 */
    EXPECT("SELECT order_a_lot_size || ' ' || order_a_status FROM combined_v3_trades",
           "0.06 PARTIAL");
    EXPECT("SELECT logic2_trades FROM v3_daily_stats", "1");
}

Test(v3_ledger, ends_a_leg_when_the_broker_says_nothing_is_left)
{
    apply(opened(2, 11, ORDER_ROLE_A, "0.05"));
    struct event e = closed(3, 11, "0.03", "2660.50", "30"); /* volume was corrected meanwhile */
    e.number_e8 = 0;
    apply(e);
    EXPECT("SELECT status || ' ' || order_a_lot_size FROM combined_v3_trades", "CLOSED 0.03");
}

Test(v3_ledger, records_manual_and_never_seen_positions)
{
    struct event e = opened(2, 50, ORDER_ROLE_MANUAL, "0.10");
    e.route[0] = '\0';
    e.plugin[0] = '\0';
    apply(e);
    e.position_cid = e.cid = 51; /* same cause and symbol: still its own row */
    e.seq = 3;
    apply(e);
    apply(closed(4, 50, "0.10", "2660.5", "100"));
    e = closed(5, 77, "0.01", "2655.5", "5");
    e.role = ORDER_ROLE_UNSET;
    apply(e);
    EXPECT("SELECT group_concat(order_a_ticket || order_a_role || status, ' ') FROM "
           "combined_v3_trades",
           "50MCLOSED 51MOPEN 77MCLOSED");
    EXPECT("SELECT logic_route FROM combined_v3_trades WHERE order_a_ticket = 50", "NULL");
    EXPECT("SELECT total_order_a_closed || ' ' || wins || ' ' || total_profit_dollars FROM "
           "v3_daily_stats",
           "0 2 105.0");
}

Test(v3_ledger, logs_decisions_and_links_them_to_their_trade)
{
    apply(decided(1, "execute", REASON_SIGNAL_OVERRIDE));
    struct event e = opened(2, 11, ORDER_ROLE_A, "0.05");
    e.mtf_bypass = true;
    apply(e);
    e = decided(3, "skip", REASON_SCORE_TOO_LOW);
    e.score = -1;
    e.side = SIDE_UNSET;
    apply(e);
    EXPECT("SELECT signal_type || ' ' || signal_timeframe || ' ' || consensus_score || ' ' || "
           "routing_reason || ' ' ||"
           " is_entry_v3_signal || ' ' || trend_bypass_used FROM combined_v3_trades",
           "Institutional_Launchpad 15m 8 signal_override 1 1");
    EXPECT("SELECT trade_placed || ' ' || trade_id || ' ' || received_time || ' ' || "
           "coalesce(skip_reason, '-')"
           " FROM v3_signals_log WHERE seq = 1",
           "1 1 2026-11-21T00:00:00.000Z -");
    EXPECT("SELECT signal_json FROM v3_signals_log WHERE seq = 1",
           "{\"type\":\"Institutional_Launchpad\",\"symbol\":\"XAUUSD\",\"direction\":\"BUY\","
           "\"tf\":\"15m\","
           "\"score\":8,\"price\":\"2650.5\"}");
    EXPECT("SELECT trade_placed || ' ' || processed || ' ' || skip_reason || ' ' || "
           "coalesce(direction, '-') || ' ' ||"
           " coalesce(consensus_score, '-') FROM v3_signals_log WHERE seq = 3",
           "0 1 SCORE_TOO_LOW - -");
}

Test(v3_ledger, ignores_rows_it_has_applied_before)
{
    struct event e = opened(2, 11, ORDER_ROLE_A, "0.05");
    apply(e);
    struct event c = closed(3, 11, "0.05", "2660.50", "50");
    apply(c);
    cr_assert_eq(trade_ledger_applied_seq(ledger), 3);
    (void)trade_ledger_close(ledger);
    cr_assert_eq(trade_ledger_open(&v3_ledger, PATH, &ledger), 0);
    cr_assert_eq(trade_ledger_applied_seq(ledger), 3);
    cr_assert_eq(trade_ledger_begin(ledger), 0);
    cr_assert_eq(trade_ledger_apply(ledger, &e), 0);
    cr_assert_eq(trade_ledger_apply(ledger, &c), 0);
    cr_assert_eq(trade_ledger_commit(ledger, 4), 0);
    EXPECT("SELECT count(*) || ' ' || total_profit_dollars FROM combined_v3_trades", "1 50.0");
    EXPECT("SELECT total_profit_dollars FROM v3_daily_stats", "50.0");
    cr_assert_eq(trade_ledger_applied_seq(ledger), 4);
}

Test(v3_ledger, rollback_keeps_rows_and_watermark_together)
{
    struct event e = opened(2, 11, ORDER_ROLE_A, "0.05");
    cr_assert_eq(trade_ledger_begin(ledger), 0);
    cr_assert_eq(trade_ledger_apply(ledger, &e), 0);
    trade_ledger_rollback(ledger);
    trade_ledger_rollback(ledger);
    cr_assert_eq(trade_ledger_applied_seq(ledger), 0);
    EXPECT("SELECT count(*) FROM combined_v3_trades", "0");
    apply(e);
    EXPECT("SELECT count(*) FROM combined_v3_trades", "1");
}

Test(v3_ledger, passes_over_events_that_are_no_trade)
{
    struct event bad = opened(2, 11, ORDER_ROLE_A, "0.05");
    bad.side = SIDE_UNSET;
    apply(bad);
    bad = opened(3, 0, ORDER_ROLE_A, "0.05");
    apply(bad);
    bad = closed(4, 11, "0.05", "2660", "1");
    bad.lots_e8 = 0;
    apply(bad);
    bad = opened(5, 12, ORDER_ROLE_A, "0.05");
    bad.type = EVENT_ENTRY; /* for people, not for the ledger */
    apply(bad);
    EXPECT("SELECT count(*) FROM combined_v3_trades", "0");
    cr_assert_eq(trade_ledger_applied_seq(ledger), 5);
}

Test(v3_ledger, schema_refuses_values_outside_its_enumerations)
{
    (void)trade_ledger_close(ledger);
    sqlite3 *h = NULL;
    cr_assert_eq(sqlite3_open(PATH, &h), SQLITE_OK);
    static const char *const bad[] = {
        "INSERT INTO combined_v3_trades(cause_seq, plugin_id, symbol, direction, route) "
        "VALUES(1,'p','X','UP','r')",
        "INSERT INTO combined_v3_trades(cause_seq, plugin_id, symbol, direction, route, status)"
        " VALUES(1,'p','X','BUY','r','open')",
        "INSERT INTO combined_v3_trades(cause_seq, plugin_id, symbol, direction, route, "
        "consensus_score)"
        " VALUES(1,'p','X','BUY','r',10)",
        "INSERT INTO combined_v3_trades(cause_seq, plugin_id, symbol, direction, route, mtf_1h)"
        " VALUES(1,'p','X','BUY','r',2)",
        "INSERT INTO combined_v3_trades(cause_seq, plugin_id, symbol, direction, route, "
        "logic_route)"
        " VALUES(1,'p','X','BUY','r','LOGIC4')",
        "INSERT INTO v3_profit_bookings(trade_id, order_type) VALUES(1,'ORDER_C')",
        "INSERT INTO v3_reentry_chains(chain_id, plugin_id, symbol, direction, status)"
        " VALUES('c','p','X','BUY','PAUSED')",
        "INSERT INTO v3_reentry_chains(chain_id, plugin_id, symbol, direction, reentry_type)"
        " VALUES('c','p','X','BUY','OTHER')",
        "INSERT INTO v3_daily_stats(date, wins) VALUES('2026-11-21', -1)",
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++)
        cr_assert_eq(sqlite3_exec(h, bad[i], NULL, NULL, NULL), SQLITE_CONSTRAINT, "%s", bad[i]);
    cr_assert_eq(
        sqlite3_exec(h,
                     "INSERT INTO v3_reentry_chains(chain_id, plugin_id, symbol, direction)"
                     " VALUES('c','p','X','BUY')",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(h);
    EXPECT("SELECT status || ' ' || current_level || ' ' || max_level || ' ' || recovery_threshold "
           "|| ' ' ||"
           " recovery_window_minutes || ' ' || total_entries FROM v3_reentry_chains",
           "ACTIVE 0 5 0.7 30 1");
    cr_assert_eq(trade_ledger_open(&v3_ledger, PATH, &ledger), 0);
}

/* ---- reading ---- */

struct list {
    struct ledger_trade trades[300];
    int count;
    int stop_at;
};

static int collect(const struct ledger_trade *t, void *ctx)
{
    struct list *l = ctx;
    if (l->stop_at > 0 && l->count == l->stop_at)
        return 9;
    l->trades[l->count++] = *t;
    return 0;
}

Test(v3_ledger, reader_gives_closed_legs_with_all_their_numbers)
{
    apply(opened(2, 11, ORDER_ROLE_A, "0.05"));
    apply(opened(3, 12, ORDER_ROLE_B, "0.02"));
    apply(closed(10, 12, "0.02", "2660.50", "20"));
    struct ledger_reader *r = NULL;
    cr_assert_eq(ledger_reader_open(PATH, &r), 0);
    static struct list l;
    cr_assert_eq(ledger_read_closed(r, 0, INT64_MAX, collect, &l), 0);
    cr_assert_eq(l.count, 1);
    const struct ledger_trade *t = &l.trades[0];
    cr_assert_eq(t->cid, 12);
    cr_assert_str_eq(t->symbol, "XAUUSD");
    cr_assert_str_eq(t->route, "LOGIC2");
    cr_assert_eq(t->side, SIDE_BUY);
    cr_assert_eq(t->role, ORDER_ROLE_B);
    cr_assert_eq(t->lots_e8, e8("0.02"));
    cr_assert_eq(t->entry_e8, e8("2650.5"));
    cr_assert_eq(t->exit_e8, e8("2660.5"));
    cr_assert_eq(t->profit_e8, e8("20"));
    cr_assert_eq(t->commission_e8, e8("0.07"));
    cr_assert_eq(t->swap_e8, e8("-0.01"));
    cr_assert_eq(t->opened_ms, DAY0 + 3000);
    cr_assert_eq(t->closed_ms, DAY0 + 10000);
    cr_assert_eq(t->close_reason, REASON_TP_HIT);
    cr_assert_null(ledger_reader_close(r));
    cr_assert_null(ledger_reader_close(NULL));
}

Test(v3_ledger, reader_keeps_order_range_and_pages)
{
    cr_assert_eq(trade_ledger_begin(ledger), 0);
    for (uint64_t i = 1; i <= 100; i++) {
        for (int b = 0; b < 2; b++) {
            struct event e =
                opened(i, 2 * i + (uint64_t)b, b ? ORDER_ROLE_B : ORDER_ROLE_A, "0.01");
            e.cause_seq = i;
            cr_assert_eq(trade_ledger_apply(ledger, &e), 0);
            e = closed(i, 2 * i + (uint64_t)b, "0.01", "2651.50", "1");
            e.time_ms = DAY0 + (int64_t)(i / 40); /* many at the same millisecond */
            cr_assert_eq(trade_ledger_apply(ledger, &e), 0);
        }
    }
    cr_assert_eq(trade_ledger_commit(ledger, 100), 0);
    struct ledger_reader *r = NULL;
    cr_assert_eq(ledger_reader_open(PATH, &r), 0);
    static struct list l;
    cr_assert_eq(ledger_read_closed(r, DAY0, DAY0 + 10, collect, &l), 0);
    cr_assert_eq(l.count, 200);
    for (int i = 1; i < l.count; i++)
        cr_assert(l.trades[i].closed_ms > l.trades[i - 1].closed_ms ||
                  (l.trades[i].closed_ms == l.trades[i - 1].closed_ms &&
                   l.trades[i].cid > l.trades[i - 1].cid));
    l.count = 0;
    cr_assert_eq(ledger_read_closed(r, DAY0 + 1, DAY0 + 2, collect, &l),
                 0); /* from included, to not */
    cr_assert_eq(l.count, 80);
    l.count = 0;
    l.stop_at = 70;
    cr_assert_eq(ledger_read_closed(r, 0, INT64_MAX, collect, &l), 9);
    cr_assert_eq(l.count, 70);
    (void)ledger_reader_close(r);
}

Test(v3_ledger, old_alerts_leave_the_signals_log_in_steps_and_trades_stay)
{
    int gone = -1;
    struct event e;
    for (uint64_t seq = 1; seq <= 5; seq++) { /* a second apart */
        e = decided(seq, "execute", REASON_SIGNAL_OVERRIDE);
        e.time_ms = DAY0 + (int64_t)(seq - 1) * 1000;
        apply(e);
    }
    e = opened(6, 11, ORDER_ROLE_A, "0.05");
    apply(e);
    EXPECT("SELECT coalesce(trade_id, '-') FROM v3_signals_log WHERE seq = 1", "1");
    cr_assert_eq(trade_ledger_forget(ledger, DAY0, 2, &gone), 0);
    cr_expect_eq(gone, 0, "the oldest is not older");
    const int64_t before_ms = DAY0 + 3000; /* alert 4 came at this millisecond */
    static const int steps[] = {2, 1, 0};
    for (size_t i = 0; i < TR_ARRAY_SIZE(steps); i++) {
        cr_assert_eq(trade_ledger_forget(ledger, before_ms, 2, &gone), 0);
        cr_expect_eq(gone, steps[i], "step %zu: %d", i, gone);
    }
    EXPECT("SELECT group_concat(seq, ' ') FROM v3_signals_log", "4 5");
    EXPECT("SELECT symbol || ' ' || consensus_score FROM combined_v3_trades", "XAUUSD 8");
    EXPECT("SELECT count(*) FROM v3_daily_stats", "1");
    e = decided(7, "skip", REASON_SCORE_TOO_LOW);
    e.time_ms = before_ms + 9000;
    apply(e);
    EXPECT("SELECT group_concat(seq, ' ') FROM v3_signals_log", "4 5 7");
}
