/* Covers: model/rules/migration: the table of spec strategies 7.5 row by row, both sides of each:
 * ticket, times, money, logic and filter, status, direction, order type, what goes to signal_data,
 * re-entry chains, profit chains; the worked case G103. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/alloc.h"
#include "model/decimal.h"
#include "model/rules/migration.h"

#define CELLS_MAX 24

struct cells {
    const char *name[CELLS_MAX], *value[CELLS_MAX];
};

static struct cells cells;
static struct migration_fault fault;

static const char *cell(const void *ctx, const char *column)
{
    const struct cells *c = ctx;
    for (size_t i = 0; i < CELLS_MAX && c->name[i] != NULL; i++)
        if (str_eq(c->name[i], column))
            return c->value[i];
    return NULL;
}

static void set(const char *name, const char *value)
{
    size_t i = 0;
    while (i < CELLS_MAX && cells.name[i] != NULL && !str_eq(cells.name[i], name))
        i++;
    cr_assert_lt(i, CELLS_MAX);
    cells.name[i] = name;
    cells.value[i] = value;
}

static const struct migration_row row = {.cell = cell, .ctx = &cells, .utc_offset_min = 330};

static int64_t e8(const char *s)
{
    int64_t v = 0;
    cr_assert(dec_parse(s, strlen(s), &v));
    return v;
}

static void a_trade(void)
{
    cells = (struct cells){0};
    fault = (struct migration_fault){0};
    set("trade_id", "88123");
    set("symbol", "XAUUSD");
    set("direction", "buy");
    set("lot_size", "0.05");
    set("strategy", "combinedlogic-2");
    set("order_type", "PROFIT_TRAIL");
    set("status", "open");
    set("pnl", "-4.2");
}

static struct migration_trade good(void)
{
    struct migration_trade t;
    cr_assert(migration_trade(&row, &t, &fault), "%s", fault.field);
    return t;
}

static void refused_for(const char *field)
{
    struct migration_trade t;
    cr_assert_not(migration_trade(&row, &t, &fault));
    cr_assert_str_eq(fault.field, field);
    cr_assert(fault.wanted[0] != '\0');
}

/* The value stands in the field: it is refused, and named so. */
static void refuses(const char *field, const char *value)
{
    a_trade();
    set(field, value);
    refused_for(field);
}

TestSuite(migration, .init = a_trade);

Test(migration, g103_a_legacy_row)
{
    struct migration_trade t = good();
    cr_expect_eq(t.ticket, 88123);
    cr_expect_eq(t.side, SIDE_BUY);
    cr_expect_eq(t.role, ORDER_ROLE_B, "ORDER_B");
    cr_expect_str_eq(t.status, "OPEN");
    cr_expect_eq(t.profit_e8, e8("-4.2"));
    cr_expect_str_eq(t.logic, "LOGIC2");
    cr_expect_eq(t.exit_ms, DEC_NONE);
    cr_expect_eq(t.exit_e8, DEC_NONE);
}

Test(migration, the_ticket_is_a_whole_number)
{
    set("trade_id", "88123.0");
    cr_expect_eq(good().ticket, 88123, "of a REAL column");
    set("trade_id", "2251799813685247");
    cr_expect_eq(good().ticket, MIGRATION_TICKET_MAX);
    refuses("trade_id", "2251799813685248"); /* could be a cid of ours */
    refuses("trade_id", "0");
    refuses("trade_id", "-5");
    refuses("trade_id", "88123.5");
    refuses("trade_id", "SIM_88123");
    refuses("trade_id", NULL);
}

Test(migration, direction_is_buy_or_sell_in_any_case)
{
    set("direction", "SELL");
    cr_expect_eq(good().side, SIDE_SELL);
    set("direction", "Sell");
    cr_expect_eq(good().side, SIDE_SELL);
    refuses("direction", "long");
    refuses("direction", "");
    refuses("direction", NULL);
}

Test(migration, symbol_and_lots_are_needed)
{
    set("symbol", "OANDA:gbpusd.m");
    cr_expect_str_eq(good().symbol, "GBPUSD");
    refuses("symbol", NULL);
    refuses("symbol", "{{ticker}}");
    refuses("lot_size", NULL);
    refuses("lot_size", "0");
    refuses("lot_size", "-0.01");
    refuses("lot_size", "0.01 lots");
}

Test(migration, order_type_is_that_of_one_of_two_orders)
{
    set("order_type", "TP_TRAIL");
    cr_expect_eq(good().role, ORDER_ROLE_A);
    set("order_type", NULL);
    cr_expect_eq(good().role, ORDER_ROLE_UNSET, "of before there were two");
    refuses("order_type", "ORDER_C");
}

Test(migration, status_that_is_unknown_is_closed)
{
    static const struct {
        const char *old, *now;
    } cases[] = {{"open", "OPEN"},     {"PARTIAL", "PARTIAL"},       {"partial", "PARTIAL"},
                 {"closed", "CLOSED"}, {"cancelled_by_x", "CLOSED"}, {NULL, "CLOSED"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        set("status", cases[i].old);
        cr_expect_str_eq(good().status, cases[i].now);
    }
}

Test(migration, the_filter_of_combined_v3)
{
    static const char *const names[][2] = {
        {"LOGIC1", "LOGIC1"}, {"combinedlogic-1", "LOGIC1"}, {"logic3", "LOGIC3"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++) {
        set("strategy", names[i][0]);
        cr_expect_str_eq(good().logic, names[i][1]);
    }
    set("strategy", NULL);
    set("logic_type", "combinedlogic-3");
    cr_expect_str_eq(good().logic, "LOGIC3");
    set("strategy", "price_action_5m"); /* the strategy decides */
    refused_for("strategy");
    refuses("strategy", "LOGIC4");
    refuses("strategy", "combinedlogic-0");
    refuses("strategy", "");
}

Test(migration, money_of_binary_floating_point_is_rounded_to_the_eighth_decimal)
{
    set("pnl", "-4.19999999999982");
    cr_expect_eq(good().profit_e8, e8("-4.2"));
    set("pnl", "1e-05");
    cr_expect_eq(good().profit_e8, 1000);
    set("pnl", NULL);
    cr_expect_eq(good().profit_e8, DEC_NONE);
    set("commission", "-0.35");
    cr_expect_eq(good().commission_e8, e8("0.35"), "a cost, whatever its sign was");
    set("commission", "0.35");
    cr_expect_eq(good().commission_e8, e8("0.35"));
    set("swap", "-0.1");
    cr_expect_eq(good().swap_e8, e8("-0.1"), "what was gained or lost");
    refuses("pnl", "Inf");
    refuses("pnl", "four");
    refuses("commission", "x");
    refuses("entry_price", "2650,5");
    refuses("tp_price", "none");
}

Test(migration, times_without_a_zone_are_the_traders)
{
    set("open_time", "1970-01-01T05:30:01.500000"); /* isoformat() */
    set("close_time", "1970-01-01 05:31:00");
    struct migration_trade t = good();
    cr_expect_eq(t.entry_ms, 1500);
    cr_expect_eq(t.exit_ms, 60000);
    set("open_time", "1970-01-01T00:00:01Z");
    set("close_time", "1970-01-01T02:00:00+02:00");
    t = good();
    cr_expect_eq(t.entry_ms, 1000);
    cr_expect_eq(t.exit_ms, 0);
    refuses("open_time", "yesterday");
    refuses("close_time", "1970-13-01 00:00:00");
}

Test(migration, what_is_told_of_a_fault_is_printable)
{
    set("trade_id", "\x1b[2Jboo\n");
    refused_for("trade_id");
    cr_expect_str_eq(fault.value, "?[2Jboo?");
}

Test(migration, what_has_no_column_is_in_signal_data)
{
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, 4096);
    set("chain_id", "XAUUSD_1a2b3c4d");
    set("chain_level", "2");
    set("is_re_entry", "1");
    set("lot_multiplier", "0.6249999999999999999");
    set("final_sl_pips", "50.5");
    set("session_id", "SES_20250102_101500_a1b2c3");
    set("comment", "said \"go\"");
    migration_signal_data(&row, &out);
    cr_expect_str_eq(out.data,
                     "{\"strategy\":\"combinedlogic-2\",\"chain_id\":\"XAUUSD_1a2b3c4d\","
                     "\"chain_level\":2,\"is_re_entry\":1,\"order_type\":\"PROFIT_TRAIL\","
                     "\"session_id\":\"SES_20250102_101500_a1b2c3\",\"final_sl_pips\":50.5,"
                     "\"lot_multiplier\":0.625,\"comment\":\"said \\\"go\\\"\"}");
    cr_expect_str_eq(good().chain_id, "XAUUSD_1a2b3c4d");
}

static void a_chain(void)
{
    cells = (struct cells){0};
    set("chain_id", "EURUSD_0011aabb");
    set("symbol", "EURUSD");
    set("direction", "sell");
    set("status", "completed");
    set("created_at", "1970-01-01T00:00:01Z");
}

Test(migration, a_reentry_chain_keeps_its_highest_level, .init = a_chain)
{
    struct migration_chain c;
    set("original_entry", "1.1");
    set("original_sl_distance", "0.005");
    set("max_level_reached", "3");
    set("total_profit", "12.5");
    set("completed_at", "1970-01-01T00:00:09Z");
    cr_assert(migration_reentry_chain(&row, &c, &fault), "%s", fault.field);
    cr_expect_str_eq(c.id, "EURUSD_0011aabb");
    cr_expect_eq(c.side, SIDE_SELL);
    cr_expect_str_eq(c.status, "COMPLETED");
    cr_expect_eq(c.level, 3);
    cr_expect_eq(c.size_e8, e8("1.1"));
    cr_expect_eq(c.distance_e8, e8("0.005"));
    cr_expect_eq(c.profit_e8, e8("12.5"));
    cr_expect_eq(c.created_ms, 1000);
    cr_expect_eq(c.ended_ms, 9000);
    set("status", "recovering");
    cr_assert(migration_reentry_chain(&row, &c, &fault));
    cr_expect_str_eq(c.status, "RECOVERY_MODE");
    set("status", "lost");
    cr_assert_not(migration_reentry_chain(&row, &c, &fault));
    cr_expect_str_eq(fault.field, "status");
    set("status", "active");
    set("max_level_reached", "-1");
    cr_assert_not(migration_reentry_chain(&row, &c, &fault));
    cr_expect_str_eq(fault.field, "max_level_reached");
}

Test(migration, a_chain_has_an_id_that_fits, .init = a_chain)
{
    struct migration_chain c;
    char id[MIGRATION_ID_CAP + 1];
    memset(id, 'x', MIGRATION_ID_CAP);
    id[MIGRATION_ID_CAP] = '\0';
    set("chain_id", id + 1);
    cr_expect(migration_reentry_chain(&row, &c, &fault));
    cr_expect_eq(strlen(c.id), MIGRATION_ID_CAP - 1);
    set("chain_id", id);
    cr_expect_not(migration_reentry_chain(&row, &c, &fault));
    cr_expect_str_eq(fault.field, "chain_id");
    set("chain_id", NULL);
    cr_expect_not(migration_reentry_chain(&row, &c, &fault));
}

Test(migration, a_profit_chain_has_levels_0_to_4, .init = a_chain)
{
    struct migration_chain c;
    set("base_lot", "0.05");
    set("total_profit", "-3");
    set("status", "STALE");
    set("current_level", "4");
    set("updated_at", "1970-01-01T00:00:02Z");
    cr_assert(migration_profit_chain(&row, &c, &fault), "%s", fault.field);
    cr_expect_eq(c.level, 4);
    cr_expect_eq(c.size_e8, e8("0.05"));
    cr_expect_eq(c.profit_e8, e8("-3"));
    cr_expect_eq(c.ended_ms, 2000);
    set("current_level", "5");
    cr_expect_not(migration_profit_chain(&row, &c, &fault));
    cr_expect_str_eq(fault.field, "current_level");
    set("current_level", "0");
    set("base_lot", NULL);
    cr_expect_not(migration_profit_chain(&row, &c, &fault));
    cr_expect_str_eq(fault.field, "base_lot");
}
