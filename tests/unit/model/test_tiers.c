/* Covers: model/rules/tiers: RK-15 in both variants with golden case G63, the caps of each tier and
 * the money of one trade. */
#include <criterion/criterion.h>

#include "model/rules/tiers.h"

#define USD(n) ((int64_t)(n)*DEC_ONE)

static void expect(enum tiers_variant v, int64_t balance_e8, const char *tier)
{
    cr_assert_str_eq(tiers_name(tiers_of_balance(v, balance_e8)), tier);
}

Test(tiers, g63_by_floor_and_half_way)
{
    expect(TIERS_FLOOR, USD(8000), "5000");
    expect(TIERS_FLOOR, USD(12500), "10000");
    expect(TIERS_FLOOR, USD(17500), "10000");
    expect(TIERS_HALFWAY, USD(8000), "10000");
    expect(TIERS_HALFWAY, USD(12500), "10000");
    expect(TIERS_HALFWAY, USD(17500), "25000");
}

Test(tiers, rk15_floor_changes_at_the_amount_itself)
{
    static const int amounts[] = {10000, 25000, 50000, 100000};
    static const char *const below[] = {"5000", "10000", "25000", "50000"};
    static const char *const at[] = {"10000", "25000", "50000", "100000"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(amounts); i++) {
        expect(TIERS_FLOOR, USD(amounts[i]) - 1, below[i]);
        expect(TIERS_FLOOR, USD(amounts[i]), at[i]);
    }
    expect(TIERS_FLOOR, 0, "5000");
    expect(TIERS_FLOOR, USD(5000) - 1, "5000");
}

Test(tiers, rk15_halfway_changes_at_its_thresholds)
{
    static const int halves[] = {7500, 17500, 37500, 75000};
    static const char *const below[] = {"5000", "10000", "25000", "50000"};
    static const char *const at[] = {"10000", "25000", "50000", "100000"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(halves); i++) {
        expect(TIERS_HALFWAY, USD(halves[i]) - 1, below[i]);
        expect(TIERS_HALFWAY, USD(halves[i]), at[i]);
    }
}

Test(tiers, a_balance_below_the_smallest_reaches_none)
{
    cr_assert_eq(tiers_reached(USD(5000) - 1), TIERS_UNSET);
    cr_assert_eq(tiers_reached(USD(5000)), TIERS_5000);
}

Test(tiers, names_go_both_ways)
{
    for (int t = TIERS_5000; t < TIERS_COUNT; t++) {
        enum tiers_tier tier = (enum tiers_tier)t;
        cr_assert_eq(tiers_parse(tiers_name(tier)), tier);
        cr_assert_eq(tiers_reached(tiers_amount_e8(tier)), tier);
    }
    cr_assert_eq(tiers_parse(""), TIERS_UNSET);
    cr_assert_eq(tiers_parse("7500"), TIERS_UNSET);
}

Test(tiers, caps_of_each_tier_as_configured_and_as_the_code_fell_back)
{
    static const int daily[] = {0, 100, 200, 500, 1000, 2000};
    static const int lifetime[] = {0, 500, 1000, 2500, 5000, 10000};
    for (int t = TIERS_5000; t < TIERS_COUNT; t++) {
        struct tiers_caps c = tiers_caps((enum tiers_tier)t);
        cr_assert_eq(c.daily_e8, USD(daily[t]));
        cr_assert_eq(c.lifetime_e8, USD(lifetime[t]));
        c = tiers_code_caps((enum tiers_tier)t);
        cr_assert_eq(c.daily_e8, USD(2 * daily[t]));
        cr_assert_eq(c.lifetime_e8, USD(lifetime[t]));
    }
}

Test(tiers, one_trade_risks_less_where_prices_move_more_until_the_large_tiers)
{
    cr_assert_eq(tiers_trade_risk_e8(TIERS_10000, VOLATILITY_LOW), USD(150));
    cr_assert_eq(tiers_trade_risk_e8(TIERS_10000, VOLATILITY_HIGH), USD(100));
    cr_assert_eq(tiers_trade_risk_e8(TIERS_25000, VOLATILITY_HIGH), USD(375));
    cr_assert_eq(tiers_trade_risk_e8(TIERS_50000, VOLATILITY_HIGH), USD(1000));
    cr_assert_eq(tiers_trade_risk_e8(TIERS_100000, VOLATILITY_MEDIUM), USD(2500));
    cr_assert_eq(tiers_trade_risk_e8(TIERS_100000, VOLATILITY_HIGH), USD(3000));
}
