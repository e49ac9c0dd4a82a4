/* Covers: model/rules/pine: P-4 to P-8, P-21 to P-26, P-28, P-29 with the golden cases G01 to G07,
 * G10, G11, G13 to G15 and G17. */
#include <criterion/criterion.h>

#include "model/rules/pine.h"

static int64_t dec(const char *text)
{
    int64_t v_e8 = 0;
    cr_assert(dec_parse(text, strlen(text), &v_e8), "%s", text);
    return v_e8;
}

Test(pine, g01_five_values_from_the_day_down)
{
    struct pine_mtf m = pine_mtf((const int8_t[]){1, 1, 1, -1, 1}, 5);
    cr_assert_eq(m.d1, 1);
    cr_assert_eq(m.h4, 1);
    cr_assert_eq(m.h1, 1);
    cr_assert_eq(m.m15, -1);
    cr_assert_eq(m.m5, 1);
    cr_assert_not(m.has_1m);
    cr_assert_eq(pine_mtf_aligned(&m, 1), 3);
    cr_assert_eq(pine_mtf_aligned(&m, -1), 1);
}

Test(pine, g02_six_values_from_the_minute_up)
{
    struct pine_mtf m = pine_mtf((const int8_t[]){1, -1, 1, 1, 1, 1}, 6);
    cr_assert(m.has_1m);
    cr_assert_eq(m.m1, 1);
    cr_assert_eq(m.m5, -1);
    cr_assert_eq(pine_mtf_aligned(&m, 1), 4);
}

Test(pine, g03_a_zero_is_on_nobodys_side)
{
    struct pine_mtf m = pine_mtf((const int8_t[]){-1, -1, 1, 0, 0}, 5);
    cr_assert_eq(pine_mtf_aligned(&m, -1), 2);
    cr_assert_eq(pine_mtf_aligned(&m, 1), 1);
}

Test(pine, g04_position_multiplier_by_score)
{
    static const char *const want[] = {"0.2", "0.2", "0.2", "0.4", "0.4",
                                       "0.6", "0.6", "0.8", "0.8", "1"};
    for (int s = 0; s < 10; s++)
        cr_assert_eq(pine_position_multiplier_e8(s), dec(want[s]));
}

Test(pine, g05_consensus_rounds_half_up)
{
    cr_assert_eq(pine_consensus(7), 5);
    cr_assert_eq(pine_consensus(8), 6);
    cr_assert_eq(pine_consensus(6), 5);
    cr_assert_eq(pine_consensus(12), 9);
    cr_assert_eq(pine_consensus(0), 0);
}

Test(pine, g06_g07_levels_of_both_sides)
{
    struct pine_levels l = pine_levels_v3(SIDE_BUY, dec("1.1"), dec("0.0012"), DEC_NONE);
    cr_assert_eq(l.distance_e8, dec("0.0018"));
    cr_assert_eq(l.sl_e8, dec("1.0982"));
    cr_assert_eq(l.tp1_e8, dec("1.1027"));
    cr_assert_eq(l.tp2_e8, dec("1.1054"));
    l = pine_levels_v3(SIDE_SELL, dec("2650"), dec("4"), DEC_NONE);
    cr_assert_eq(l.sl_e8, dec("2656"));
    cr_assert_eq(l.tp1_e8, dec("2641"));
    cr_assert_eq(l.tp2_e8, dec("2632"));
}

Test(pine, p7_an_order_block_only_moves_the_stop_away)
{
    struct pine_levels l = pine_levels_v3(SIDE_BUY, dec("2650"), dec("4"), dec("2646"));
    cr_assert_eq(l.sl_e8, dec("2643")); /* 2646 - 3 is farther than 2644 */
    cr_assert_eq(l.tp1_e8, dec("2660.5"));
    l = pine_levels_v3(SIDE_BUY, dec("2650"), dec("4"), dec("2648"));
    cr_assert_eq(l.sl_e8, dec("2644"));
    l = pine_levels_v3(SIDE_SELL, dec("2650"), dec("4"), dec("2654"));
    cr_assert_eq(l.sl_e8, dec("2657"));
}

Test(pine, p8_entries_need_strength_and_three_timeframes)
{
    cr_assert(pine_entry_fires(SIDE_BUY, 5, 3));
    cr_assert_not(pine_entry_fires(SIDE_BUY, 4, 3));
    cr_assert_not(pine_entry_fires(SIDE_BUY, 5, 2));
    cr_assert(pine_entry_fires(SIDE_SELL, 4, 3));
    cr_assert_not(pine_entry_fires(SIDE_SELL, 5, 3));
}

Test(pine, g10_levels_of_v6)
{
    struct pine_levels l = pine_levels_v6(SIDE_BUY, dec("2650"), dec("4"));
    cr_assert_eq(l.sl_e8, dec("2642"));
    cr_assert_eq(l.tp1_e8, dec("2658"));
    cr_assert_eq(l.tp2_e8, dec("2666"));
    cr_assert_eq(l.tp3_e8, dec("2674"));
    l = pine_levels_v6(SIDE_SELL, dec("2650"), dec("4"));
    cr_assert_eq(l.sl_e8, dec("2658"));
    cr_assert_eq(l.tp3_e8, dec("2626"));
}

Test(pine, g11_g13_confidence)
{
    struct pine_confidence c = {
        .trendline_ok = true, .volume_ok = true, .adx_e8 = dec("27"), .aligned = 5};
    cr_assert_eq(pine_confidence(&c), 100);
    c = (struct pine_confidence){.volume_ok = true, .adx_e8 = dec("25"), .aligned = 4};
    cr_assert_eq(pine_confidence(&c), 75);
    cr_assert_str_eq(pine_confidence_level(PINE_INDICATOR, 75), "MODERATE");
    c.aligned = 3;
    c.adx_e8 = dec("24.9");
    cr_assert_eq(pine_confidence(&c), 40);
    c.adx_e8 = DEC_NONE;
    cr_assert_eq(pine_confidence(&c), 30);
}

Test(pine, p23_p28_levels_of_confidence_differ_between_fifty_and_sixty)
{
    cr_assert_str_eq(pine_confidence_level(PINE_INDICATOR, 80), "HIGH");
    cr_assert_str_eq(pine_confidence_level(PINE_INDICATOR, 79), "MODERATE");
    cr_assert_str_eq(pine_confidence_level(PINE_INDICATOR, 50), "MODERATE");
    cr_assert_str_eq(pine_confidence_level(PINE_INDICATOR, 49), "LOW");
    cr_assert_str_eq(pine_confidence_level(PINE_BOT, 60), "MODERATE");
    cr_assert_str_eq(pine_confidence_level(PINE_BOT, 59), "LOW");
}

Test(pine, g14_adx_strength_of_indicator_and_bot)
{
    static const struct {
        const char *adx, *indicator, *bot;
    } cases[] = {{"17.0", "WEAK", "WEAK"},       {"12.0", "WEAK", "NONE"},
                 {"25.0", "STRONG", "STRONG"},   {"19.9", "WEAK", "WEAK"},
                 {"20", "MODERATE", "MODERATE"}, {"24.9", "MODERATE", "MODERATE"},
                 {"15", "WEAK", "WEAK"},         {"14.9", "WEAK", "NONE"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        int64_t adx_e8 = dec(cases[i].adx);
        cr_assert_str_eq(pine_adx_strength(PINE_INDICATOR, adx_e8), cases[i].indicator);
        cr_assert_str_eq(pine_adx_strength(PINE_BOT, adx_e8), cases[i].bot);
    }
}

Test(pine, g15_market_state_of_indicator_and_bot)
{
    static const struct {
        int bull, bear;
        const char *indicator, *bot;
    } cases[] = {{5, 1, "TRENDING_BULLISH", "TRENDING_BULLISH"},
                 {4, 2, "MIXED_BULLISH", "WEAK_BULLISH"},
                 {3, 3, "NEUTRAL", "SIDEWAYS"},
                 {2, 4, "MIXED_BEARISH", "WEAK_BEARISH"},
                 {1, 5, "TRENDING_BEARISH", "TRENDING_BEARISH"},
                 {3, 2, "NEUTRAL", "SIDEWAYS"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        cr_assert_str_eq(pine_market_state(PINE_INDICATOR, cases[i].bull, cases[i].bear),
                         cases[i].indicator);
        cr_assert_str_eq(pine_market_state(PINE_BOT, cases[i].bull, cases[i].bear), cases[i].bot);
    }
}

Test(pine, p25_momentum_fires_by_three_points_or_a_new_class)
{
    cr_assert(pine_momentum_fires(dec("33"), dec("30")));
    cr_assert_not(pine_momentum_fires(dec("32.9"), dec("30")));
    cr_assert(pine_momentum_fires(dec("25"), dec("24.9")));
    cr_assert(pine_momentum_fires(dec("27"), dec("30")));
}

Test(pine, g17_changes_with_either_arrow)
{
    struct pine_change c[PINE_CHANGES_MAX];
    cr_assert_eq(pine_changes("15:BULL\xe2\x86\x92"
                              "BEAR,60:SIDE->BEAR",
                              c),
                 2);
    cr_assert_eq(c[0].tf, TF_15M);
    cr_assert_eq(c[0].from, PINE_BULL);
    cr_assert_eq(c[0].to, PINE_BEAR);
    cr_assert_eq(c[1].tf, TF_1H);
    cr_assert_str_eq(pine_trend_name(c[1].from), "SIDE");
    cr_assert_eq(pine_changes("", c), 0);
    cr_assert_eq(pine_changes("15:BULL->BEAR,", c), 1);
}

Test(pine, p26_what_is_no_list_of_changes)
{
    struct pine_change c[PINE_CHANGES_MAX];
    static const char *const bad[] = {
        "15",          "15:BULL",       "15:BULL=>BEAR", "15:UP->BEAR", "7x:BULL->BEAR",
        ":BULL->BEAR", "15:BULL->BEARx"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++)
        cr_assert_eq(pine_changes(bad[i], c), -1, "%s", bad[i]);
    cr_assert_eq(pine_changes("1:BULL->BEAR,1:BULL->BEAR,1:BULL->BEAR,1:BULL->BEAR,"
                              "1:BULL->BEAR,1:BULL->BEAR,1:BULL->BEAR",
                              c),
                 -1);
}
