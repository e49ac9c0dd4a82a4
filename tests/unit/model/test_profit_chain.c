/* Covers: model/rules/profit_chain: the rules PC-1 to PC-8 with the golden cases G84 to G86 and
 * both sides of each boundary. The chain itself: tests/unit/engine/test_chains_profit.c. */
#include <criterion/criterion.h>

#include "model/rules/profit_chain.h"

static int64_t dec(const char *text)
{
    int64_t v_e8 = 0;
    cr_assert(dec_parse(text, strlen(text), &v_e8), "%s", text);
    return v_e8;
}

Test(profit_chain, pc1_names_a_chain_by_symbol_and_number)
{
    char id[CHAIN_ID_CAP];
    profit_chain_id(id, "XAUUSD", 42);
    cr_assert_str_eq(id, "PROFIT_XAUUSD_0000002a");
}

Test(profit_chain, g84_seven_dollars_in_pips)
{
    static const struct {
        const char *symbol, *expected;
    } cases[] = {{"EURUSD", "14"}, {"XAUUSD", "140"}, {"USDJPY", "15.38"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        int64_t pips_e8 =
            profit_chain_target_pips_e8(symbol_find(cases[i].symbol), dec("7"), dec("0.05"));
        cr_assert_eq(dec_to_step(pips_e8, DEC_ONE / 100, DEC_HALF_AWAY), dec(cases[i].expected));
    }
    cr_assert(profit_chain_is_due(dec("7"), dec("7")));
    cr_assert_not(profit_chain_is_due(dec("6.99999999"), dec("7")));
}

Test(profit_chain, g85_all_levels_book_217_dollars_with_31_orders)
{
    int orders = 0;
    int64_t profit_e8 = 0;
    for (int level = 0; level < PROFIT_CHAIN_LEVELS; level++) {
        orders += profit_chain_orders(PROFIT_CHAIN_STANDARD, level);
        profit_e8 += profit_chain_level_profit_e8(PROFIT_CHAIN_STANDARD, level, dec("7"));
        cr_assert_eq(profit_chain_after_level(level, 0x1f),
                     level < 4 ? PROFIT_CHAIN_ADVANCE : PROFIT_CHAIN_COMPLETE);
    }
    cr_assert_eq(orders, 31);
    cr_assert_eq(profit_e8, dec("217"));
}

Test(profit_chain, g86_shipped_levels_stop_after_level_two)
{
    cr_assert_eq(profit_chain_after_level(0, 0x07), PROFIT_CHAIN_ADVANCE);
    cr_assert_eq(profit_chain_after_level(1, 0x07), PROFIT_CHAIN_ADVANCE);
    cr_assert_eq(profit_chain_after_level(2, 0x07), PROFIT_CHAIN_STOP);
    cr_assert_eq(profit_chain_after_level(4, 0x00), PROFIT_CHAIN_COMPLETE);
}

Test(profit_chain, pc5_strict_mode_stops_at_the_first_loss)
{
    struct profit_chain_level l = {.total = 4, .strict = true};
    cr_assert_eq(profit_chain_progress(&l), PROFIT_CHAIN_WAIT);
    l.booked = 3;
    cr_assert_eq(profit_chain_progress(&l), PROFIT_CHAIN_WAIT);
    l.booked = 4;
    cr_assert_eq(profit_chain_progress(&l), PROFIT_CHAIN_ADVANCE);
    l.booked = 0;
    l.lost = 1;
    cr_assert_eq(profit_chain_progress(&l), PROFIT_CHAIN_STOP);
}

Test(profit_chain, pc5_partial_mode_needs_three_quarters)
{
    struct profit_chain_level l = {
        .total = 4, .booked = 3, .lost = 1, .partial_threshold_e8 = dec("0.75")};
    cr_assert_eq(profit_chain_progress(&l), PROFIT_CHAIN_ADVANCE);
    l.booked = 2;
    l.lost = 2;
    cr_assert_eq(profit_chain_progress(&l), PROFIT_CHAIN_STOP);
    l.lost = 1;
    cr_assert_eq(profit_chain_progress(&l), PROFIT_CHAIN_WAIT);
}

Test(profit_chain, pc6_stop_money_by_mode)
{
    static const char *const by_logic[] = {"40", "20", "40", "50", "40"};
    for (int logic = 0; logic <= 4; logic++) {
        cr_assert_eq(profit_chain_sl_money_e8(PROFIT_CHAIN_SL_FIXED, logic), dec("10"));
        cr_assert_eq(profit_chain_sl_money_e8(PROFIT_CHAIN_SL_BY_LOGIC, logic),
                     dec(by_logic[logic]));
    }
}

Test(profit_chain, pc7_presets)
{
    static const int orders[PROFIT_CHAIN_MULTIPLIERS_COUNT][PROFIT_CHAIN_LEVELS] = {
        {0}, {1, 2, 4, 8, 16}, {1, 1, 2, 3, 4}, {1, 3, 6, 12, 24}, {1, 2, 3, 4, 5}, {1, 1, 2, 3, 5},
    };
    for (int p = 1; p < PROFIT_CHAIN_MULTIPLIERS_COUNT; p++)
        for (int level = 0; level < PROFIT_CHAIN_LEVELS; level++)
            cr_assert_eq(profit_chain_orders((enum profit_chain_multipliers)p, level),
                         orders[p][level]);
    cr_assert_eq(profit_chain_multiplier_e8(PROFIT_CHAIN_CONSERVATIVE, 1), dec("1.5"));
    cr_assert_eq(profit_chain_target_e8(PROFIT_CHAIN_TARGETS_CONSERVATIVE, 0), dec("20"));
    cr_assert_eq(profit_chain_target_e8(PROFIT_CHAIN_TARGETS_CONSERVATIVE, 4), dec("320"));
    cr_assert_eq(profit_chain_target_e8(PROFIT_CHAIN_TARGETS_MODERATE, 4), dec("160"));
    cr_assert_eq(profit_chain_target_e8(PROFIT_CHAIN_TARGETS_AGGRESSIVE, 4), dec("80"));
    cr_assert_eq(profit_chain_target_e8(PROFIT_CHAIN_TARGETS_CUSTOM_1, 4), dec("240"));
    cr_assert_eq(profit_chain_target_e8(PROFIT_CHAIN_TARGETS_CUSTOM_2, 4), dec("400"));
}

Test(profit_chain, pc8_only_bookings_and_stops_keep_a_chain)
{
    cr_assert_not(profit_chain_ends_with(REASON_PROFIT_BOOKED));
    cr_assert_not(profit_chain_ends_with(REASON_TP_HIT));
    cr_assert_not(profit_chain_ends_with(REASON_SL_HIT));
    cr_assert(profit_chain_ends_with(REASON_EXIT_SIGNAL));
    cr_assert(profit_chain_ends_with(REASON_OPPOSITE_SIGNAL));
    cr_assert(profit_chain_ends_with(REASON_MANUAL_CLOSE));
    cr_assert(profit_chain_ends_with(REASON_PANIC_CLOSE));
}
