/* Covers: RT-15: golden cases G34, G35, G36 in every profile, rounding to the volume step, the
 * smallest and largest lot, halves of dual orders, the fallback without a balance, what the plan
 * takes off; which distance the lots are counted by. */
#include "v6_case.h"

static struct v6_case c;

static void start(void)
{
    case_init(&c);
}

TestSuite(price_action_v6_lots, .init = start);

static void expect_lots(const char *raw, const char *total, const char *order)
{
    expect_execute(&c);
    expect_e8(number_of(&c.d, "lot_raw"), raw);
    expect_e8(number_of(&c.d, "lot_total"), total);
    expect_e8(c.d.orders[0].lots_e8, order);
}

Test(price_action_v6_lots, g34_1m)
{
    case_tf(&c, TF_1M, "30", 80);
    expect_lots("0.5", "0.1", "0.1");
    expect_e8(number_of(&c.d, "risk_money"), "100");
    expect_e8(number_of(&c.d, "sl_pips"), "20");
    expect_e8(number_of(&c.d, "pip_value"), "10");
    c.conf.strategies[V6_1M].max_lot_e8 = e8("1");
    expect_lots("0.5", "0.25", "0.25");
}

Test(price_action_v6_lots, g35_15m)
{
    case_tf(&c, TF_15M, "22", 65);
    case_prices(&c, "1.10000", "1.09500", "1.10500", "1.11000", "1.11500");
    expect_lots("0.3", "0.2", "0.2");
    c.conf.strategies[V6_15M].max_lot_e8 = e8("1");
    expect_lots("0.3", "0.36", "0.36");
    c.conf.profile = V6_JSON;
    expect_lots("0.3", "0.375", "0.37");
    c.conf.strategies[V6_15M].max_lot_e8 = 0;
    expect_lots("0.3", "0.25", "0.25");
}

Test(price_action_v6_lots, g36_1h)
{
    case_tf(&c, TF_1H, "15", 60);
    case_prices(&c, "1.10000", "1.09000", "1.11000", "1.12000", "1.13000");
    expect_lots("0.2", "0.15", "0.15");
    c.conf.profile = V6_JSON;
    expect_lots("0.2", "0.3", "0.3");
    c.conf.profile = V6_PLAN;
    expect_lots("0.2", "0.12", "0.12");
}

Test(price_action_v6_lots, dual_orders_take_a_half_each_floored)
{
    c.snap.balance_e8 = e8("2000"); /* 30 / 200 = 0.15 */
    expect_lots("0.15", "0.15", "0.07");
    cr_assert_eq(c.d.order_count, 2);
    expect_e8(c.d.orders[1].lots_e8, "0.07");
    c.snap.balance_e8 = e8("100"); /* 0.0075 -> 0.01: a half is too small */
    expect_lots("0.01", "0.01", "0.01");
    cr_assert_eq(c.d.order_count, 1);
    cr_expect_eq(c.d.orders[0].role, ORDER_ROLE_A);
}

Test(price_action_v6_lots, below_the_brokers_minimum_there_is_no_order)
{
    case_tf(&c, TF_1M, "30", 80);
    c.snap.balance_e8 = e8("100"); /* 0.01 x 0.5 */
    expect_refused(&c, REASON_LOT_BELOW_MIN, "0.005", "0.01");
    c.conf.strategies[V6_1M].lot_multiplier_e8 = e8("1");
    expect_lots("0.01", "0.01", "0.01");
}

Test(price_action_v6_lots, ten_lots_are_the_most_before_the_multiplier)
{
    c.snap.balance_e8 = e8("100000000");
    c.conf.strategies[V6_5M].max_lot_e8 = e8("100");
    c.conf.strategies[V6_5M].lot_multiplier_e8 = e8("2");
    expect_lots("10", "20", "10");
}

Test(price_action_v6_lots, risk_and_multiplier_come_from_the_file_when_it_has_them)
{
    c.conf.strategies[V6_5M].max_lot_e8 = e8("5");
    expect_lots("0.75", "0.75", "0.37");
    c.conf.strategies[V6_5M].risk_percent_e8 = e8("0.5");
    expect_lots("0.25", "0.25", "0.12");
    c.conf.strategies[V6_5M].lot_multiplier_e8 = e8("0.4");
    expect_lots("0.25", "0.1", "0.05");
}

Test(price_action_v6_lots, without_a_balance_the_fallback_is_taken)
{
    static const struct {
        enum timeframe tf;
        const char *total;
    } rows[] = {{TF_1M, "0.01"}, {TF_5M, "0.02"}, {TF_15M, "0.02"}, {TF_1H, "0.01"}};
    c.snap.balance_e8 = 0;
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        case_tf(&c, rows[i].tf, "30", 80);
        expect_execute(&c);
        expect_e8(number_of(&c.d, "lot_total"), rows[i].total);
        cr_expect_str_eq(c.d.orders[0].lots_rule, "fallback");
    }
}

Test(price_action_v6_lots, lots_are_counted_by_the_larger_distance)
{
    c.conf.strategies[V6_5M].max_lot_e8 = e8("5");
    case_quote(&c, "1.10098", "1.10100"); /* 30 pips to the stop now */
    expect_lots("0.5", "0.5", "0.25");
    case_quote(&c, "1.09898", "1.09900"); /* 10 pips; the alert's 20 count */
    expect_lots("0.75", "0.75", "0.37");
}

Test(price_action_v6_lots, gold_has_its_own_pip_value)
{
    (void)str_copy(c.signal.symbol, sizeof(c.signal.symbol), "XAUUSD");
    case_prices(&c, "2650.00", "2642.00", "2658.00", "2666.00", "2674.00"); /* G10: 800 pips */
    case_quote(&c, "2650.00", "2650.00");
    expect_lots("0.19", "0.19", "0.09"); /* 150 / (800 x 1) */
}

Test(price_action_v6_lots, the_plan_halves_for_a_weak_15m_adx)
{
    c.conf.profile = V6_PLAN;
    c.conf.strategies[V6_15M].max_lot_e8 = e8("5");
    case_tf(&c, TF_15M, "20", 65);
    expect_lots("0.75", "0.75", "0.75");
    case_tf(&c, TF_15M, "19.9", 65);
    expect_lots("0.75", "0.375", "0.37");
}

Test(price_action_v6_lots, the_plan_halves_while_5m_momentum_falls)
{
    c.conf.profile = V6_PLAN;
    c.conf.strategies[V6_5M].max_lot_e8 = e8("5");
    case_momentum(&c, TF_5M, "INCREASING");
    expect_lots("0.75", "0.75", "0.37");
    case_momentum(&c, TF_5M, "DECREASING");
    expect_lots("0.75", "0.375", "0.18");
}

Test(price_action_v6_lots, the_plan_warns_of_an_exhausted_1h_adx)
{
    case_tf(&c, TF_1H, "50.1", 60);
    expect_execute(&c);
    expect_e8(number_of(&c.d, "adx_exhausted"), "none");
    c.conf.profile = V6_PLAN;
    expect_execute(&c);
    expect_e8(number_of(&c.d, "adx_exhausted"), "1");
    case_tf(&c, TF_1H, "50", 60);
    expect_execute(&c);
    expect_e8(number_of(&c.d, "adx_exhausted"), "none");
}
