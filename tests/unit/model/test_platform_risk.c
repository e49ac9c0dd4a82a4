/* Covers: model/rules/platform_risk: the sizes of spec platform A8 and B5 with its golden cases
 * G01, G02, G04b, G24, G25 and G26b, the drawdown curve on both sides of its corners, the windows.
 */
#include <criterion/criterion.h>

#include "model/rules/platform_risk.h"

static int64_t dec(const char *text)
{
    int64_t v_e8 = 0;
    cr_assert(dec_parse(text, strlen(text), &v_e8), "%s", text);
    return v_e8;
}

static void expect_cents(int64_t got_e8, const char *want)
{
    cr_assert_eq(dec_to_step(got_e8, DEC_ONE / 100, DEC_HALF_AWAY), dec(want), "%s", want);
}

static struct platform_risk_size hundred_thousand(void)
{
    return (struct platform_risk_size){.equity_e8 = dec("100000"),
                                       .risk_e8 = dec("0.01"),
                                       .stop_e8 = dec("0.05"),
                                       .volatility_factor_e8 = DEC_ONE,
                                       .drawdown_factor_e8 = DEC_ONE,
                                       .correlation_factor_e8 = DEC_ONE};
}

Test(platform_risk, g01_small_sizes_by_profile)
{
    struct platform_risk_small s = {.balance_e8 = dec("500"),
                                    .risk_e8 = dec("0.02"),
                                    .profile = PLATFORM_RISK_STANDARD,
                                    .side = SIDE_BUY,
                                    .profit_probability_e8 = DEC_NONE,
                                    .loss_probability_e8 = DEC_NONE};
    cr_assert_eq(platform_risk_small_size_e8(&s), dec("10"));
    s.profile = PLATFORM_RISK_VERY_CONSERVATIVE;
    s.is_meme = true;
    cr_assert_eq(platform_risk_small_size_e8(&s), dec("4"));
}

Test(platform_risk, g02_sizes_end_at_the_profiles_largest)
{
    struct platform_risk_small s = {.balance_e8 = dec("5000"),
                                    .risk_e8 = dec("0.02"),
                                    .profile = PLATFORM_RISK_STANDARD,
                                    .side = SIDE_BUY,
                                    .profit_probability_e8 = dec("0.7"),
                                    .loss_probability_e8 = DEC_NONE};
    cr_assert_eq(platform_risk_small_size_e8(&s), dec("50"));
    s.profile = PLATFORM_RISK_CONSERVATIVE;
    cr_assert_eq(platform_risk_small_size_e8(&s), dec("35"));
    s.balance_e8 = dec("500");
    cr_assert_eq(platform_risk_small_size_e8(&s), dec("8.4"));
    s.side = SIDE_SELL; /* buys only */
    cr_assert_eq(platform_risk_small_size_e8(&s), dec("7"));
    s.side = SIDE_BUY;
    s.profit_probability_e8 = dec("0.65");
    s.loss_probability_e8 = dec("0.36");
    cr_assert_eq(platform_risk_small_size_e8(&s), dec("5.6"));
}

Test(platform_risk, g04b_quantity_by_risk)
{
    cr_assert_eq(platform_risk_quantity_e8(dec("500"), dec("0.02"), dec("50000"), dec("49000")),
                 dec("0.01"));
    cr_assert_eq(platform_risk_quantity_e8(dec("500"), dec("0.02"), dec("50000"), dec("50000")),
                 dec("0.0001"));
}

Test(platform_risk, g24_value_and_its_cap)
{
    struct platform_risk_size s = hundred_thousand();
    cr_assert_eq(platform_risk_value_e8(&s), dec("20000"));
    s.max_order_e8 = dec("10000");
    cr_assert_eq(platform_risk_value_e8(&s), dec("10000"));
}

Test(platform_risk, g25_volatility)
{
    static const struct {
        const char *volatility, *size;
    } cases[] = {{"0.5", "1000"}, {"0.55", "762.83"}, {"0.65", "589.21"}, {"0.8", "419.05"},
                 {"1", "250"},    {"1.2", "250"},     {"0", "1000"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++)
        expect_cents(dec_mul(dec("1000"),
                             platform_risk_volatility_factor_e8(dec(cases[i].volatility)),
                             DEC_HALF_AWAY),
                     cases[i].size);
}

Test(platform_risk, g26b_factors_multiply)
{
    struct platform_risk_size s = hundred_thousand();
    s.volatility_factor_e8 = platform_risk_volatility_factor_e8(dec("0.8"));
    s.drawdown_factor_e8 = platform_risk_drawdown_source_e8(dec("0.10"));
    expect_cents(platform_risk_value_e8(&s), "4190.52");
    s.correlation_factor_e8 = platform_risk_correlation_factor_e8(dec("0.8"));
    cr_assert_eq(s.correlation_factor_e8, dec("0.7"));
    expect_cents(platform_risk_value_e8(&s), "2933.37");
}

Test(platform_risk, the_drawdown_curve_falls_and_ends_at_zero)
{
    cr_assert_eq(platform_risk_drawdown_factor_e8(dec("0.04999999")), DEC_ONE);
    cr_assert_eq(platform_risk_drawdown_factor_e8(dec("0.05")), DEC_ONE);
    cr_assert_eq(platform_risk_drawdown_factor_e8(dec("0.10")), dec("0.625"));
    cr_assert_eq(platform_risk_drawdown_factor_e8(dec("0.15")), dec("0.25"));
    cr_assert_eq(platform_risk_drawdown_factor_e8(dec("0.24999999")), dec("0.25"));
    cr_assert_eq(platform_risk_drawdown_factor_e8(dec("0.25")), 0);
    int64_t before_e8 = DEC_ONE;
    for (int64_t dd_e8 = 0; dd_e8 <= dec("0.3"); dd_e8 += dec("0.001")) {
        int64_t now_e8 = platform_risk_drawdown_factor_e8(dd_e8);
        cr_assert_leq(now_e8, before_e8);
        before_e8 = now_e8;
    }
}

Test(platform_risk, correlation_counts_over_a_half_in_either_direction)
{
    cr_assert_eq(platform_risk_correlation_factor_e8(dec("0.5")), DEC_ONE);
    cr_assert_eq(platform_risk_correlation_factor_e8(dec("-0.8")), dec("0.7"));
    cr_assert_eq(platform_risk_correlation_factor_e8(dec("1")), dec("0.5"));
}

Test(platform_risk, windows_of_each_profile_include_their_ends)
{
    enum platform_risk_profile std = PLATFORM_RISK_STANDARD;
    cr_assert(platform_risk_window_allows(std, SIDE_BUY, dec("0.5"), dec("0.25")));
    cr_assert(platform_risk_window_allows(std, SIDE_BUY, dec("0.8"), dec("0.6")));
    cr_assert_not(platform_risk_window_allows(std, SIDE_BUY, dec("0.49"), dec("0.3")));
    cr_assert_not(platform_risk_window_allows(std, SIDE_BUY, dec("0.81"), dec("0.3")));
    cr_assert_not(platform_risk_window_allows(std, SIDE_SELL, dec("0.6"), dec("0.5")));
    cr_assert(platform_risk_window_allows(std, SIDE_SELL, dec("0.53"), dec("0.49")));
    cr_assert_not(platform_risk_window_allows(PLATFORM_RISK_VERY_CONSERVATIVE, SIDE_SELL,
                                              dec("0.6"), dec("0.46")));
}
