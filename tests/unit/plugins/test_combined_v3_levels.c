/* Covers: plugins/combined_v3/levels.c: entry at the market, stops and targets of A and B, G51,
 * G06/G07 prices, both sides of the minimum distance, wrong side, carrying over to a market that is
 * far away, fallback stop, missing price and quote. */
#include "v3_case.h"

static struct v3_case c;

static void expect_levels(int i, const char *entry, const char *sl, const char *tp)
{
    cr_assert_lt(i, c.d.order_count);
    expect_e8(c.d.orders[i].entry_e8, entry);
    expect_e8(c.d.orders[i].sl_e8, sl);
    expect_e8(c.d.orders[i].tp_e8, tp);
}

static void rule_is(int i, const char *sl, const char *tp)
{
    cr_assert_str_eq(c.d.orders[i].sl_rule, sl);
    cr_assert_str_eq(c.d.orders[i].tp_rule, tp);
    cr_assert_str_eq(c.d.orders[i].lots_rule, "RK-2");
}

Test(combined_v3_levels, a_buy_enters_at_the_ask_with_the_alerts_levels)
{
    case_init(&c);
    expect_execute(&c);
    expect_levels(0, "2650.25", "2644.1", "2668.1");
    /* B: 0.02 lots, 10 / (1 x 0.02) = 500 pips = 5.00 */
    expect_levels(1, "2650.25", "2645.25", "2659.1");
    rule_is(0, "P-7", "P-7");
    rule_is(1, "RK-7", "P-7");
}

Test(combined_v3_levels, G07_a_sell_enters_at_the_bid)
{
    case_init(&c);
    case_sell(&c);
    case_prices(&c, "2650", "2656", "2641", "2632");
    expect_execute(&c);
    expect_levels(0, "2650", "2656", "2632");
    expect_levels(1, "2650", "2655", "2641");
}

Test(combined_v3_levels, G06_five_digits_are_kept)
{
    case_init(&c);
    case_symbol(&c, "EURUSD", "1.10000", "1.10000");
    case_prices(&c, "1.10000", "1.09820", "1.10270", "1.10540");
    expect_execute(&c);
    expect_levels(0, "1.1", "1.0982", "1.1054");
    expect_levels(1, "1.1", "1.095", "1.1027"); /* 10 / (10 x 0.02) = 50 pips */
}

Test(combined_v3_levels, G51_ten_dollars_as_distance)
{
    static const struct {
        const char *symbol, *lots, *distance_4;
        int digits;
    } rows[] = {{"EURUSD", "0.05", "0.0020", 4},
                {"XAUUSD", "0.05", "2.00", 2},
                {"USDJPY", "0.05", "0.2198", 4},
                {"GBPJPY", "0.10", "0.1111", 4}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        char text[DEC_TEXT_CAP];
        int64_t d_e8 =
            symbol_risk_distance_e8(symbol_find(rows[i].symbol), 10 * DEC_ONE, e8(rows[i].lots));
        cr_assert_str_eq(dec_format_fixed(d_e8, rows[i].digits, text), rows[i].distance_4);
    }
}

Test(combined_v3_levels, without_targets_A_takes_rr_and_B_one_to_one)
{
    case_init(&c);
    case_prices(&c, "2650.25", "2644.25", NULL, NULL);
    expect_execute(&c);
    expect_levels(0, "2650.25", "2644.25", "2659.25");
    expect_levels(1, "2650.25", "2645.25", "2655.25");
    rule_is(0, "P-7", "rr");
    rule_is(1, "RK-7", "1:1");
}

Test(combined_v3_levels, targets_on_the_losing_side_do_not_count)
{
    case_init(&c);
    case_prices(&c, "2650.25", "2644.25", "2650.25", "2640");
    expect_execute(&c);
    expect_levels(0, "2650.25", "2644.25", "2659.25");
    expect_levels(1, "2650.25", "2645.25", "2655.25");
    case_prices(&c, "2650.25", "2644.25", "2650.254", "2650.26"); /* rounds onto the entry */
    expect_execute(&c);
    expect_levels(0, "2650.25", "2644.25", "2650.26");
    expect_levels(1, "2650.25", "2645.25", "2655.25");
}

Test(combined_v3_levels, a_missing_stop_falls_back_to_fifty_pips)
{
    case_init(&c);
    case_symbol(&c, "EURUSD", "1.10000", "1.10010");
    case_prices(&c, "1.1", NULL, NULL, NULL);
    expect_execute(&c);
    expect_levels(0, "1.1001", "1.0951", "1.1076");
    rule_is(0, "fallback", "rr");
    case_symbol(&c, "USDJPY", "149.500", "149.510");
    case_prices(&c, NULL, NULL, NULL, NULL);
    c.signal.side = SIDE_SELL;
    c.signal.score = 2;
    expect_execute(&c);
    expect_levels(0, "149.5", "150", "148.75");
}

Test(combined_v3_levels, a_missing_stop_may_follow_symbol_and_logic)
{
    static const struct {
        enum timeframe tf;
        const char *sl;
    } rows[] = {{TF_5M, "1.0986"}, {TF_15M, "1.09785"}, {TF_1H, "1.0971"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        case_init(&c);
        c.conf.fallback_sl_by_symbol = true;
        case_symbol(&c, "EURUSD", "1.10000", "1.10010");
        case_prices(&c, "1.1", NULL, NULL, NULL);
        c.signal.tf = rows[i].tf;
        expect_execute(&c);
        expect_e8(c.d.orders[0].sl_e8, rows[i].sl);
    }
    case_symbol(&c, "USDCAD", "1.35500", "1.35500"); /* not in the table: fallback_sl_pips */
    case_prices(&c, NULL, NULL, NULL, NULL);
    expect_execute(&c);
    expect_e8(c.d.orders[0].sl_e8, "1.35");
}

Test(combined_v3_levels, stops_are_rounded_away_from_the_market)
{
    case_init(&c);
    case_prices(&c, "2650.10", "2644.109", NULL, NULL);
    expect_execute(&c);
    expect_e8(c.d.orders[0].sl_e8, "2644.1");
    case_sell(&c);
    case_prices(&c, "2650.10", "2656.101", NULL, NULL);
    expect_execute(&c);
    expect_e8(c.d.orders[0].sl_e8, "2656.11");
}

/* min_sl_dist of gold is 0.1 */
Test(combined_v3_levels, a_stop_at_the_minimum_passes_and_a_tick_less_does_not)
{
    case_init(&c);
    case_prices(&c, "2650.25", "2650.15", NULL, NULL);
    expect_execute(&c);
    expect_e8(c.d.orders[0].sl_e8, "2650.15");
    case_prices(&c, "2650.25", "2650.16", NULL, NULL);
    expect_skip(&c, REASON_STOP_TOO_CLOSE);
    expect_e8(c.d.number_e8, "0.09");
    expect_e8(c.d.limit_e8, "0.1");
    cr_assert_str_eq(c.d.field, "sl_price");
    case_sell(&c);
    case_prices(&c, "2650", "2650.1", NULL, NULL);
    expect_execute(&c);
    case_prices(&c, "2650", "2650.09", NULL, NULL);
    expect_skip(&c, REASON_STOP_TOO_CLOSE);
}

Test(combined_v3_levels, the_minimum_concerns_A_and_B_keeps_its_own)
{
    case_init(&c);
    case_prices(&c, "2650.25", "2650.20", NULL, NULL);
    c.conf.logic_routing[2] = V3_ROUTING_B_ONLY;
    expect_execute(&c);
    cr_assert_eq(c.d.order_count, 1);
    c.conf.order_b_risk_e8 = 1; /* next to nothing: the minimum distance holds */
    expect_execute(&c);
    expect_levels(0, "2650.25", "2650.15", "2650.35");
}

Test(combined_v3_levels, a_stop_on_the_wrong_side_of_the_alerts_price_is_refused)
{
    case_init(&c);
    case_prices(&c, "2650.10", "2650.10", NULL, NULL);
    expect_skip(&c, REASON_STOP_WRONG_SIDE);
    case_prices(&c, "2650.10", "2656.10", NULL, NULL);
    expect_skip(&c, REASON_STOP_WRONG_SIDE);
    cr_assert_str_eq(c.d.field, "sl_price");
    expect_e8(c.d.number_e8, "2656.1");
    case_sell(&c);
    case_prices(&c, "2650.10", "2644.10", NULL, NULL);
    expect_skip(&c, REASON_STOP_WRONG_SIDE);
    case_prices(&c, "2650.10", "2650.11", NULL, NULL);
    expect_execute(&c); /* right by the alert, 0.11 from the bid */
}

Test(combined_v3_levels, without_the_alerts_price_the_market_is_the_measure)
{
    case_init(&c);
    case_prices(&c, NULL, "2650.25", NULL, NULL);
    expect_skip(&c, REASON_STOP_WRONG_SIDE);
    case_prices(&c, NULL, "2650.15", NULL, NULL);
    expect_execute(&c);
    expect_e8(number_of(&c.d, "rebased"), "none");
}

Test(combined_v3_levels, a_market_that_has_been_through_the_stop_is_refused)
{
    case_init(&c);
    case_symbol(&c, "XAUUSD", "2640.00", "2640.25"); /* alert 2650.10, stop 2644.10 */
    expect_skip(&c, REASON_STOP_WRONG_SIDE);
    case_symbol(&c, "XAUUSD", "2643.90", "2644.10"); /* exactly on the stop */
    expect_skip(&c, REASON_STOP_WRONG_SIDE);
    case_symbol(&c, "XAUUSD", "2644.00", "2644.11");
    case_prices(&c, "2650.10", "2643.10", NULL, NULL);
    expect_execute(&c); /* still above it */
    expect_e8(number_of(&c.d, "rebased"), "none");
}

Test(combined_v3_levels, five_percent_is_the_limit_of_near)
{
    case_init(&c);
    case_symbol(&c, "XAUUSD", "2000", "2000");
    case_prices(&c, "1900", "1890", NULL, NULL); /* 100 = 5 % of the market */
    expect_execute(&c);
    expect_e8(number_of(&c.d, "rebased"), "none");
    expect_levels(0, "2000", "1890", "2165");
    case_prices(&c, "1899.99", "1889.99", "1909.99", "1919.99");
    expect_execute(&c);
    expect_e8(number_of(&c.d, "rebased"), "1");
    expect_levels(0, "2000", "1990", "2020");
    expect_e8(c.d.orders[1].tp_e8, "2010");
}

Test(combined_v3_levels, without_a_quote_the_alerts_price_is_the_entry)
{
    case_init(&c);
    case_symbol(&c, "XAUUSD", NULL, NULL);
    expect_execute(&c);
    expect_levels(0, "2650.1", "2644.1", "2668.1");
    case_prices(&c, NULL, "2644.10", NULL, NULL);
    expect_skip(&c, REASON_PRICE_MISSING);
    cr_assert_str_eq(c.d.field, "price");
    cr_assert_eq(c.d.number_e8, DEC_NONE);
}

Test(combined_v3_levels, levels_below_zero_are_refused)
{
    case_init(&c);
    case_sell(&c);
    case_symbol(&c, "EURUSD", "1.1", "1.1");
    case_prices(&c, "1.1", "3", NULL, NULL); /* target 1.1 - 1.5 x 1.9 */
    expect_skip(&c, REASON_STOP_TOO_FAR);
    cr_assert_str_eq(c.d.field, "sl_price");
    case_symbol(&c, "EURUSD", "1.2", "1.2");
    case_prices(&c, "1.2", "2", NULL, NULL); /* target exactly 0 */
    expect_skip(&c, REASON_STOP_TOO_FAR);
    case_prices(&c, "1.2", "1.99999", NULL, NULL);
    expect_execute(&c);
    expect_e8(c.d.orders[0].tp_e8, "0.00002");
    case_init(&c);
    case_symbol(&c, "EURUSD", "1.1", "1.1");
    case_prices(&c, "1.1", "1.09", NULL, NULL);
    c.conf.order_b_risk_e8 = 100000 * DEC_ONE; /* B's stop would be far below zero */
    expect_skip(&c, REASON_STOP_TOO_FAR);
    c.conf.logic_routing[2] = V3_ROUTING_A_ONLY; /* B is not placed: its levels do not matter */
    expect_execute(&c);
}
