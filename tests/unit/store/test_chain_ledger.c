/* Covers: store/chain_ledger over the ledger of combined_v3: a chain's states over each other in
 * one row, its trade, its end; profit chains; bookings of whole orders; orders of another chain in
 * the same row of the journal. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <string.h>

#include "core/alloc.h"
#include "store/chain_ledger.h"
#include "unit/store/scratch.h"

#define PATH scratch_path("zepix_combined_v3.db")

static struct trade_ledger *ledger;
static uint64_t seq;

static void begin(void)
{
    scratch_make();
    seq = 0;
    cr_assert_eq(trade_ledger_open(&v3_ledger, PATH, &ledger), 0);
}

static void end(void)
{
    (void)trade_ledger_close(ledger);
    scratch_remove();
}

TestSuite(chain_ledger, .init = begin, .fini = end);

static void apply(struct event e)
{
    e.seq = ++seq;
    cr_assert_eq(trade_ledger_begin(ledger), 0);
    cr_assert_eq(trade_ledger_apply(ledger, &e), 0);
    cr_assert_eq(trade_ledger_commit(ledger, seq), 0);
}

static const char *query(const char *sql)
{
    static char text[256];
    sqlite3_stmt *st = db_prepare(trade_ledger_db(ledger), sql);
    cr_assert_not_null(st, "%s", sql);
    text[0] = '\0';
    if (sqlite3_step(st) == SQLITE_ROW && sqlite3_column_text(st, 0) != NULL)
        (void)str_copy(text, sizeof(text), (const char *)sqlite3_column_text(st, 0));
    (void)sqlite3_reset(st);
    return text;
}

static struct event base(enum event_type type, const char *chain_id)
{
    struct event e = EVENT_INIT;
    e.type = type;
    e.time_ms = 1000000 + (int64_t)seq * 1000;
    e.cause_seq = 1;
    e.side = SIDE_BUY;
    e.role = ORDER_ROLE_A;
    e.position_cid = 71;
    e.cid = 71;
    e.lots_e8 = DEC_ONE / 20;
    e.entry_e8 = 2000 * DEC_ONE;
    e.sl_e8 = 1990 * DEC_ONE;
    e.tp_e8 = 2020 * DEC_ONE;
    (void)str_copy(e.symbol, sizeof(e.symbol), "XAUUSD");
    (void)str_copy(e.plugin, sizeof(e.plugin), "combined_v3");
    (void)str_copy(e.route, sizeof(e.route), "LOGIC1");
    (void)str_copy(e.chain_id, sizeof(e.chain_id), chain_id);
    return e;
}

static struct event state(const char *chain_id, const char *text)
{
    struct event e = base(EVENT_CHAIN_STATE, chain_id);
    (void)str_copy(e.text, sizeof(e.text), text);
    e.score = 1;
    e.exit_e8 = 7 * (DEC_ONE / 10);
    e.number_e8 = 0;
    e.limit_e8 = 5 * DEC_ONE;
    e.swap_e8 = 999000;
    return e;
}

Test(chain_ledger, a_chain_is_one_row_that_follows_it)
{
    apply(base(EVENT_TRADE_OPENED, "XAUUSD_00000001"));
    apply(state("XAUUSD_00000001", "ACTIVE - ACTIVE 15"));
    cr_assert_str_eq(query("SELECT status || ' ' || current_level || '/' || max_level || ' ' ||"
                           " original_trade_id || ' ' || coalesce(reentry_type, 'none')"
                           " FROM v3_reentry_chains"),
                     "ACTIVE 0/5 1 none");
    struct event e = state("XAUUSD_00000001", "RECOVERY_MODE SL_HUNT HUNTING 15");
    e.commission_e8 = 60 * DEC_ONE;
    apply(e);
    cr_assert_str_eq(query("SELECT status || ' ' || reentry_type || ' ' ||"
                           " recovery_window_minutes || ' ' || recovery_threshold || ' ' ||"
                           " total_loss_dollars FROM v3_reentry_chains"),
                     "RECOVERY_MODE SL_HUNT 15 0.7 60.0");
    cr_assert_str_eq(query("SELECT coalesce(completed_at, 'open') FROM v3_reentry_chains"), "open");
    e = state("XAUUSD_00000001", "STOPPED SL_HUNT STOPPED 15");
    e.reason = REASON_RECOVERY_LOST;
    e.score = 2;
    apply(e);
    cr_assert_str_eq(query("SELECT status || ' ' || stop_reason || ' ' || total_entries || ' ' ||"
                           " completed_at_ms FROM v3_reentry_chains"),
                     "STOPPED RECOVERY_LOST 2 1003000");
    cr_assert_str_eq(query("SELECT count(*) FROM v3_reentry_chains"), "1");
    cr_assert_str_eq(query("SELECT created_at FROM v3_reentry_chains"), "1970-01-01T00:16:39.000Z");
}

Test(chain_ledger, a_profit_chain_has_its_own_table)
{
    struct event e = state("PROFIT_XAUUSD_00000001", "ACTIVE PROFIT 0/1 XAUUSD_00000001");
    e.limit_e8 = 4 * DEC_ONE;
    apply(e);
    (void)str_copy(e.text, sizeof(e.text), "STOPPED PROFIT 7/9 XAUUSD_00000001");
    e.number_e8 = 2 * DEC_ONE;
    e.profit_e8 = 49 * DEC_ONE;
    e.reason = REASON_LEVEL_DISABLED;
    apply(e);
    cr_assert_str_eq(
        query("SELECT status || ' ' || current_level || ' ' || orders_booked || '/' ||"
              " orders_total || ' ' || total_profit || ' ' || parent_chain_id || ' ' ||"
              " stop_reason FROM v3_profit_chains"),
        "STOPPED 2 7/9 49.0 XAUUSD_00000001 LEVEL_DISABLED");
    cr_assert_str_eq(query("SELECT count(*) FROM v3_reentry_chains"), "0");
}

Test(chain_ledger, a_booked_order_is_a_booking)
{
    struct event e = base(EVENT_TRADE_OPENED, "PROFIT_XAUUSD_00000001");
    e.role = ORDER_ROLE_B;
    apply(e);
    e.type = EVENT_TRADE_CLOSED;
    e.exit_e8 = e.entry_e8 + 14 * (DEC_ONE / 10);
    e.profit_e8 = 7 * DEC_ONE;
    e.reason = REASON_PROFIT_BOOKED;
    e.number_e8 = 0;
    apply(e);
    cr_assert_str_eq(query("SELECT order_type || ' ' || closed_percentage || ' ' || profit_dollars"
                           " || ' ' || reason FROM v3_profit_bookings"),
                     "ORDER_B 100.0 7.0 PROFIT_BOOKED");
}

Test(chain_ledger, orders_of_two_chains_of_one_row_do_not_share_a_trade)
{
    apply(base(EVENT_TRADE_OPENED, "XAUUSD_00000001"));
    struct event b = base(EVENT_TRADE_OPENED, "PROFIT_XAUUSD_00000002");
    b.role = ORDER_ROLE_B;
    b.position_cid = 72;
    apply(b);
    cr_assert_str_eq(query("SELECT count(*) FROM combined_v3_trades"), "2");
    b = base(EVENT_TRADE_OPENED, "XAUUSD_00000001");
    b.role = ORDER_ROLE_B;
    b.position_cid = 73;
    apply(b);
    cr_assert_str_eq(query("SELECT count(*) FROM combined_v3_trades"), "2");
}

Test(chain_ledger, chains_of_other_plugins_are_not_ours)
{
    struct event e = state("XAUUSD_00000009", "ACTIVE - ACTIVE 15");
    (void)str_copy(e.plugin, sizeof(e.plugin), "price_action_v6");
    apply(e);
    cr_assert_str_eq(query("SELECT count(*) FROM v3_reentry_chains"), "0");
}
