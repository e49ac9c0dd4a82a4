/* Covers: model/rules/lots: RK-1 to RK-4, RK-13, RK-14, RK-16 and the look-up of 3.4 with the
 * golden cases G38, G40 to G43, G61 and G64. */
#include <criterion/criterion.h>

#include "model/rules/lots.h"

static int64_t dec(const char *text)
{
    int64_t v_e8 = 0;
    cr_assert(dec_parse(text, strlen(text), &v_e8), "%s", text);
    return v_e8;
}

static struct lots_pair pair(enum lots_variant v, int64_t factor_e8, const char *logic_mult)
{
    struct lots_case c = {.variant = v,
                          .base_e8 = dec("0.05"),
                          .factor_e8 = factor_e8,
                          .logic_mult_e8 = dec(logic_mult),
                          .step_e8 = dec("0.01"),
                          .min_e8 = dec("0.01")};
    return lots_pair(&c);
}

Test(lots, rk1_the_consensus_map)
{
    static const char *const factors[] = {"0.2", "0.3", "0.4",  "0.5", "0.6",
                                          "0.7", "0.8", "0.85", "0.9", "1"};
    for (int s = 0; s < 10; s++)
        cr_assert_eq(lots_consensus_factor_e8(s), dec(factors[s]));
    cr_assert_eq(lots_consensus_factor_e8(-1), dec("0.2"));
    cr_assert_eq(lots_consensus_factor_e8(10), dec("1"));
}

Test(lots, g38_plugin_lots_of_score_seven)
{
    struct lots_pair p = pair(LOTS_PLUGIN_V3, lots_consensus_factor_e8(7), "1.25");
    cr_assert_eq(p.total_e8, dec("0.053125"));
    cr_assert_eq(p.exact_e8, dec("0.0265625"));
    cr_assert_eq(p.a_e8, dec("0.02"));
    cr_assert_eq(p.b_e8, dec("0.02"));
}

Test(lots, g40_plugin_lots_of_score_nine)
{
    struct lots_pair p = pair(LOTS_PLUGIN_V3, lots_consensus_factor_e8(9), "1.25");
    cr_assert_eq(p.exact_e8, dec("0.03125"));
    cr_assert_eq(p.a_e8, dec("0.03"));
    cr_assert_eq(p.b_e8, dec("0.03"));
}

Test(lots, g41_engine_lots_by_the_alerts_multiplier)
{
    struct lots_pair p = pair(LOTS_ENGINE_V3, dec("0.8"), "1.25");
    cr_assert_eq(p.total_e8, dec("0.05"));
    cr_assert_eq(p.exact_e8, dec("0.025"));
    cr_assert_eq(p.a_e8, dec("0.02"));
}

Test(lots, g42_halves_too_small_leave_order_a_alone)
{
    struct lots_pair p = pair(LOTS_ENGINE_V3, dec("0.6"), "0.625");
    cr_assert_eq(p.total_e8, dec("0.01875"));
    cr_assert_eq(p.exact_e8, dec("0.009375"));
    cr_assert_eq(p.a_e8, dec("0.01"));
    cr_assert_eq(p.b_e8, 0);
    p = pair(LOTS_ENGINE_V3, dec("0.2"), "0.625"); /* 0.00625: under the least even together */
    cr_assert_eq(p.a_e8, 0);
    cr_assert_eq(p.b_e8, 0);
}

Test(lots, g43_legacy_lots_are_full_and_rounded_half_to_even)
{
    cr_assert_eq(pair(LOTS_LEGACY, DEC_ONE, "1.25").a_e8, dec("0.062"));
    cr_assert_eq(pair(LOTS_LEGACY, DEC_ONE, "1").a_e8, dec("0.05"));
    cr_assert_eq(pair(LOTS_LEGACY, DEC_ONE, "0.625").a_e8, dec("0.031"));
    cr_assert_eq(pair(LOTS_LEGACY, DEC_ONE, "0.625").b_e8, dec("0.031"));
}

Test(lots, rk4_never_less_than_a_hundredth)
{
    struct lots_case c = {
        .variant = LOTS_LEGACY, .base_e8 = dec("0.01"), .logic_mult_e8 = dec("0.625")};
    cr_assert_eq(lots_pair(&c).a_e8, dec("0.01"));
}

Test(lots, g64_the_order_of_the_lot_tables)
{
    struct lots_tables t;
    lots_tables_defaults(&t);
    cr_assert_eq(lots_of_balance_e8(&t, dec("6000")), dec("0.04"));
    cr_assert_eq(lots_of_balance_e8(&t, dec("3000")), dec("0.05"));
    cr_assert_eq(lots_of_balance_e8(&t, dec("4999.99999999")), dec("0.05"));
    cr_assert_eq(lots_of_balance_e8(&t, dec("5000")), dec("0.04"));
    cr_assert_eq(lots_of_balance_e8(&t, dec("99999.99")), dec("0.2"));
    cr_assert_eq(lots_of_balance_e8(&t, dec("100000")), dec("0.5"));
    t.forced = TIERS_10000;
    cr_assert_eq(lots_of_balance_e8(&t, dec("40000")), dec("0.05"));
    t.fixed_e8[TIERS_10000] = 0;
    cr_assert_eq(lots_of_balance_e8(&t, dec("40000")), dec("0.05"));
    t.manual_e8[TIERS_10000] = dec("0.5");
    cr_assert_eq(lots_of_balance_e8(&t, dec("40000")), dec("0.5"));
}

Test(lots, lots_by_risk_have_two_decimals_and_a_least)
{
    cr_assert_eq(lots_by_risk_e8(dec("10000"), dec("0.01"), dec("20"), dec("10")), dec("0.5"));
    cr_assert_eq(lots_by_risk_e8(dec("10000"), dec("0.015"), dec("50"), dec("10")), dec("0.3"));
    cr_assert_eq(lots_by_risk_e8(dec("100"), dec("0.01"), dec("50"), dec("10")), dec("0.01"));
}

Test(lots, g61_smart_lot_by_budget)
{
    cr_assert_eq(lots_estimate_pips(LOTS_ESTIMATE_DUAL, VOLATILITY_MEDIUM), 50);
    cr_assert_eq(lots_smart_by_budget_e8(dec("80"), dec("50"), dec("10")), dec("0.08"));
    cr_assert_eq(lots_smart_by_budget_e8(0, dec("50"), dec("10")), 0);
    cr_assert_eq(lots_smart_by_budget_e8(-1, dec("50"), dec("10")), 0);
}

Test(lots, rk14_steps_at_a_half_and_a_quarter)
{
    int64_t cap_e8 = dec("200");
    cr_assert_eq(lots_smart_factor_e8(cap_e8, 0), dec("1"));
    cr_assert_eq(lots_smart_factor_e8(cap_e8, dec("-100")), dec("1"));
    cr_assert_eq(lots_smart_factor_e8(cap_e8, dec("-100.00000001")), dec("0.75"));
    cr_assert_eq(lots_smart_factor_e8(cap_e8, dec("-150")), dec("0.75"));
    cr_assert_eq(lots_smart_factor_e8(cap_e8, dec("-150.00000001")), dec("0.5"));
    cr_assert_eq(lots_smart_factor_e8(cap_e8, dec("150.00000001")), dec("0.5")); /* the quirk */
    cr_assert_eq(lots_smart_factor_e8(3, 2), dec("0.75"));
}

Test(lots, rk16_estimates_by_volatility)
{
    static const int dual[] = {0, 30, 50, 70}, profit[] = {0, 50, 75, 100};
    for (int v = VOLATILITY_LOW; v < VOLATILITY_COUNT; v++) {
        cr_assert_eq(lots_estimate_pips(LOTS_ESTIMATE_DUAL, (enum volatility)v), dual[v]);
        cr_assert_eq(lots_estimate_pips(LOTS_ESTIMATE_PROFIT, (enum volatility)v), profit[v]);
    }
}
