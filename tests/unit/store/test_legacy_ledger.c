/* Covers: the ledger of legacy_v2 (spec strategies 7.4): one row an order with what its alert said,
 * growth, partial closes, a closing without opening, the signals log, daily statistics, chains,
 * events of other plugins, the watermark; combined_v3's database without legacy_v2 and programs,
 * also after an upgrade; those of programs, one each; the reader that merges all databases.
 * Numbers: EURUSD, pip 0.0001. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "store/ledger_reader.h"
#include "store/trade_ledger.h"
#include "store/v3_ledger_schema.h"
#include "unit/store/scratch.h"

#define PATH scratch_path("zepix_legacy_v2.db")
#define DAY0 INT64_C(1795219200000) /* 2026-11-21T00:00:00Z */

static struct trade_ledger *ledger;

static void begin(void)
{
    scratch_make();
    cr_assert_eq(trade_ledger_open(&legacy_ledger, PATH, &ledger), 0);
}

static void end(void)
{
    (void)trade_ledger_close(ledger);
    scratch_remove();
}

TestSuite(legacy_ledger, .init = begin, .fini = end);

static int64_t e8(const char *s)
{
    int64_t v = 0;
    cr_assert(dec_parse(s, strlen(s), &v));
    return v;
}

static struct event event(uint64_t seq, enum event_type type, uint64_t ticket, enum order_role role)
{
    struct event e = EVENT_INIT;
    e.type = type;
    e.seq = seq;
    e.time_ms = DAY0 + (int64_t)seq * 1000;
    e.cause_seq = 5;
    e.position_cid = ticket;
    e.side = SIDE_BUY;
    e.role = role;
    e.lots_e8 = e8("0.05");
    e.entry_e8 = e8("1.1");
    e.sl_e8 = e8("1.09");
    e.tp_e8 = e8("1.115");
    (void)str_copy(e.symbol, sizeof(e.symbol), "EURUSD");
    (void)str_copy(e.plugin, sizeof(e.plugin), "legacy_v2");
    (void)str_copy(e.route, sizeof(e.route), "LOGIC1");
    (void)str_copy(e.chain_id, sizeof(e.chain_id), "EURUSD_00000005");
    return e;
}

static struct event closing(uint64_t seq, uint64_t ticket, const char *lots, const char *profit)
{
    struct event e = event(seq, EVENT_TRADE_CLOSED, ticket, ORDER_ROLE_A);
    e.lots_e8 = e8(lots);
    e.exit_e8 = e8("1.105");
    e.profit_e8 = e8(profit);
    e.commission_e8 = 0;
    e.swap_e8 = 0;
    e.number_e8 = e8("0.05") - e.lots_e8;
    e.reason = REASON_TP_HIT;
    return e;
}

static struct event decided(uint64_t seq, const char *action, enum reason why)
{
    struct event e = event(seq, EVENT_DECISION, 0, ORDER_ROLE_UNSET);
    e.signal_kind = SIGNAL_LEGACY_ENTRY;
    e.tf = TF_5M;
    e.reason = why;
    (void)str_copy(e.text, sizeof(e.text), action);
    return e;
}

static void put(struct trade_ledger *l, const struct event *e)
{
    cr_assert_eq(trade_ledger_begin(l), 0);
    cr_assert_eq(trade_ledger_apply(l, e), 0);
    cr_assert_eq(trade_ledger_commit(l, e->seq), 0);
}

static const char *one(const char *path, const char *sql)
{
    static char text[256];
    sqlite3 *db;
    sqlite3_stmt *st;
    cr_assert_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    text[0] = '\0';
    size_t used = 0;
    while (sqlite3_step(st) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(st) && used < sizeof(text); i++) {
            const char *v = (const char *)sqlite3_column_text(st, i);
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used > 0 ? "|" : "",
                                     v == NULL ? "-" : v);
        }
    sqlite3_finalize(st);
    sqlite3_close(db);
    return text;
}

static void expect(const char *sql, const char *want)
{
    cr_expect_str_eq(one(PATH, sql), want, "%s: %s", sql, one(PATH, sql));
}

Test(legacy_ledger, each_order_has_a_row_with_what_its_alert_said)
{
    struct event d = decided(5, "execute", REASON_ACCEPTED);
    put(ledger, &d);
    struct event a = event(6, EVENT_TRADE_OPENED, 61, ORDER_ROLE_A);
    struct event b = event(7, EVENT_TRADE_OPENED, 62, ORDER_ROLE_B);
    put(ledger, &a);
    put(ledger, &b);
    expect("SELECT mt5_ticket, order_type, direction, lot_size, entry_price, sl_price, tp_price,"
           " status, signal_type, logic_type, chain_id, created_at FROM trades WHERE id = 1",
           "61|ORDER_A|BUY|0.05|1.1|1.09|1.115|OPEN|entry|LOGIC1|EURUSD_00000005|"
           "2026-11-21T00:00:06.000Z");
    expect("SELECT mt5_ticket, order_type, status FROM trades WHERE id = 2", "62|ORDER_B|OPEN");
    expect("SELECT action, trade_placed, trade_id, skip_reason FROM signals_log", "execute|1|1|-");
    expect("SELECT orders_opened, orders_closed FROM daily_stats", "2|0");
    a.seq = 8;
    a.lots_e8 = e8("0.08"); /* a later fill */
    put(ledger, &a);
    expect("SELECT lot_size FROM trades WHERE mt5_ticket = 61", "0.08");
    expect("SELECT count(*) FROM trades", "2");
}

Test(legacy_ledger, parts_are_booked_and_the_last_one_closes)
{
    struct event a = event(6, EVENT_TRADE_OPENED, 61, ORDER_ROLE_A);
    put(ledger, &a);
    struct event c = closing(7, 61, "0.02", "10");
    put(ledger, &c);
    expect("SELECT status, closed_volume, profit_dollars, exit_time FROM trades",
           "PARTIAL|0.02|10.0|-");
    c = closing(8, 61, "0.03", "-4.5");
    c.number_e8 = 0;
    put(ledger, &c);
    expect("SELECT status, closed_volume, profit_dollars, profit_pips, close_reason, updated_at"
           " FROM trades",
           "CLOSED|0.05|5.5|50.0|TP_HIT|2026-11-21T00:00:08.000Z");
    expect("SELECT orders_opened, orders_closed, wins, losses, total_profit_dollars, win_rate"
           " FROM daily_stats",
           "1|1|1|0|5.5|100.0");
}

Test(legacy_ledger, a_closing_without_an_opening_makes_the_row)
{
    struct event c = closing(9, 77, "0.05", "-5");
    c.number_e8 = 0;
    put(ledger, &c);
    expect("SELECT mt5_ticket, status, profit_dollars FROM trades", "77|CLOSED|-5.0");
    expect("SELECT wins, losses FROM daily_stats", "0|1");
}

Test(legacy_ledger, refusals_stand_in_the_signals_log_with_their_reason)
{
    struct event d = decided(5, "skip", REASON_TREND_NOT_ALIGNED);
    put(ledger, &d);
    expect("SELECT seq, signal_type, timeframe, action, trade_placed, skip_reason FROM signals_log",
           "5|entry|5m|skip|0|TREND_NOT_ALIGNED");
}

Test(legacy_ledger, other_plugins_and_malformed_events_leave_no_trace)
{
    struct event a = event(6, EVENT_TRADE_OPENED, 61, ORDER_ROLE_A);
    (void)str_copy(a.plugin, sizeof(a.plugin), "combined_v3");
    put(ledger, &a);
    struct event bad = event(7, EVENT_TRADE_OPENED, 0, ORDER_ROLE_A);
    put(ledger, &bad);
    struct event d = decided(8, "skip", REASON_NO_PLUGIN);
    d.plugin[0] = '\0';
    put(ledger, &d);
    expect("SELECT (SELECT count(*) FROM trades), (SELECT count(*) FROM signals_log)", "0|0");
    cr_assert_eq(trade_ledger_applied_seq(ledger), 8);
}

Test(legacy_ledger, chains_are_kept_with_the_trade_they_began_with)
{
    struct event a = event(6, EVENT_TRADE_OPENED, 61, ORDER_ROLE_A);
    put(ledger, &a);
    struct event c = event(7, EVENT_CHAIN_STATE, 61, ORDER_ROLE_A);
    c.number_e8 = DEC_ONE;
    c.limit_e8 = 5 * DEC_ONE;
    c.profit_e8 = e8("15");
    c.commission_e8 = 0;
    c.swap_e8 = DAY0;
    c.score = 2;
    (void)str_copy(c.text, sizeof(c.text), "ACTIVE TP_CONTINUATION ACTIVE 45");
    put(ledger, &c);
    expect("SELECT chain_id, original_trade_id, status, current_level, total_entries,"
           " recovery_window_minutes, total_profit_dollars FROM legacy_reentry_chains",
           "EURUSD_00000005|1|ACTIVE|1|2|45|15.0");
    c.seq = 8;
    c.number_e8 = 2 * DEC_ONE;
    (void)str_copy(c.text, sizeof(c.text), "ACTIVE PROFIT 1/3 EURUSD_00000005");
    (void)str_copy(c.chain_id, sizeof(c.chain_id), "PROFIT_EURUSD_0000003E");
    put(ledger, &c);
    expect("SELECT parent_chain_id, current_level, orders_booked, orders_total FROM"
           " legacy_profit_chains",
           "EURUSD_00000005|2|1|3");
}

Test(legacy_ledger, rows_at_or_below_the_watermark_are_ignored)
{
    struct event a = event(6, EVENT_TRADE_OPENED, 61, ORDER_ROLE_A);
    put(ledger, &a);
    cr_assert_eq(trade_ledger_begin(ledger), 0);
    struct event again = event(6, EVENT_TRADE_OPENED, 62, ORDER_ROLE_B);
    cr_assert_eq(trade_ledger_apply(ledger, &again), 0);
    trade_ledger_rollback(ledger);
    expect("SELECT count(*) FROM trades", "1");
}

/* ---- beside combined_v3 ---- */

static int note_ticket(const struct ledger_trade *t, void *ctx)
{
    char *text = ctx;
    size_t used = strlen(text);
    (void)snprintf(text + used, 64 - used, "%d%s ", (int)t->cid, order_role_name(t->role));
    return 0;
}

Test(legacy_ledger, the_reader_finds_its_trades_once_and_in_time_order)
{
    struct trade_ledger *v3 = NULL;
    struct ledger_reader *reader = NULL;
    char seen[64] = "";
    cr_assert_eq(trade_ledger_open(&v3_ledger, scratch_path("zepix_combined_v3.db"), &v3), 0);
    for (uint64_t i = 0; i < 4; i++) { /* every plugin's database is offered every event */
        struct event c = closing(10 + i, 100 + i, "0.05", "1");
        c.number_e8 = 0;
        c.cause_seq = i;
        c.role = i == 2 ? ORDER_ROLE_B : ORDER_ROLE_A;
        (void)str_copy(c.plugin, sizeof(c.plugin), i % 2 == 0 ? "legacy_v2" : "combined_v3");
        put(v3, &c);
        put(ledger, &c);
    }
    (void)trade_ledger_close(v3);
    cr_assert_eq(ledger_reader_open(scratch_path("zepix_combined_v3.db"), &reader), 0);
    cr_assert_eq(ledger_read_closed(reader, DAY0, DAY0 + 86400000, note_ticket, seen), 0);
    cr_expect_str_eq(seen, "100A 101A 102B 103A ");
    (void)ledger_reader_close(reader);
}

Test(legacy_ledger, each_program_has_a_database_of_its_own)
{
    static const char *const ids[] = {"outside_1", "outside_2", "outside_3", "combined_v3"};
    struct trade_ledger *all[1 + OUTSIDE_LEDGERS];
    struct ledger_reader *reader = NULL;
    char seen[64] = "", name[64];
    cr_assert_eq(trade_ledger_open(&v3_ledger, scratch_path("zepix_combined_v3.db"), &all[0]), 0);
    for (int i = 0; i < OUTSIDE_LEDGERS; i++) {
        (void)snprintf(name, sizeof(name), "zepix_%s.db", ids[i]);
        cr_assert_eq(trade_ledger_open(&outside_ledgers[i], scratch_path(name), &all[1 + i]), 0);
        cr_expect_str_eq(trade_ledger_plugin(all[1 + i]), ids[i]);
    }
    for (uint64_t i = 0; i < 4; i++) {
        struct event c = closing(10 + i, 100 + i, "0.05", "1");
        struct event d = decided(10 + i, "execute", REASON_ACCEPTED);
        c.number_e8 = 0;
        c.cause_seq = i;
        (void)str_copy(c.plugin, sizeof(c.plugin), ids[i]);
        (void)str_copy(d.plugin, sizeof(d.plugin), ids[i]);
        for (size_t k = 0; k < TR_ARRAY_SIZE(all); k++) {
            cr_assert_eq(trade_ledger_begin(all[k]), 0);
            cr_assert_eq(trade_ledger_apply(all[k], &d), 0);
            cr_assert_eq(trade_ledger_apply(all[k], &c), 0);
            cr_assert_eq(trade_ledger_commit(all[k], c.seq), 0);
        }
    }
    for (size_t k = 0; k < TR_ARRAY_SIZE(all); k++)
        (void)trade_ledger_close(all[k]);
    for (int i = 0; i < OUTSIDE_LEDGERS; i++) {
        char want[64];
        (void)snprintf(name, sizeof(name), "zepix_%s.db", ids[i]);
        (void)snprintf(want, sizeof(want), "%s|%d|1", ids[i], 100 + i);
        cr_expect_str_eq(one(scratch_path(name), "SELECT (SELECT plugin_id FROM plugin_info),"
                                                 " (SELECT group_concat(mt5_ticket) FROM trades),"
                                                 " (SELECT count(*) FROM signals_log)"),
                         want);
    }
    cr_expect_str_eq(one(scratch_path("zepix_combined_v3.db"),
                         "SELECT (SELECT count(*) FROM combined_v3_trades),"
                         " (SELECT count(*) FROM v3_signals_log)"),
                     "1|1");
    cr_assert_eq(ledger_reader_open(scratch_path("zepix_combined_v3.db"), &reader), 0);
    cr_assert_eq(ledger_read_closed(reader, DAY0, DAY0 + 86400000, note_ticket, seen), 0);
    cr_expect_str_eq(seen, "100A 101A 102A 103A ");
    (void)ledger_reader_close(reader);
}

/* A file of before: it is emptied and filled anew, so that nothing is counted twice. */
Test(legacy_ledger, an_older_combined_v3_database_starts_over)
{
    struct trade_ledger_ops before = v3_ledger;
    struct trade_ledger *v3 = NULL;
    before.migration_count = 3;
    cr_assert_eq(trade_ledger_open(&before, scratch_path("zepix_combined_v3.db"), &v3), 0);
    struct event a = event(6, EVENT_TRADE_OPENED, 61, ORDER_ROLE_A);
    (void)str_copy(a.plugin, sizeof(a.plugin), "combined_v3");
    put(v3, &a);
    (void)trade_ledger_close(v3);
    cr_assert_eq(trade_ledger_open(&v3_ledger, scratch_path("zepix_combined_v3.db"), &v3), 0);
    cr_assert_eq(trade_ledger_applied_seq(v3), 0);
    (void)trade_ledger_close(v3);
    cr_expect_str_eq(one(scratch_path("zepix_combined_v3.db"),
                         "SELECT (SELECT count(*) FROM combined_v3_trades),"
                         " (SELECT count(*) FROM v3_daily_stats)"),
                     "0|0");
}
