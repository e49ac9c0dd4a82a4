/* Covers: model/rules/reentry: the re-entry rules RE-1 to RE-16 with the golden cases G66 to G83 of
 * the specification and both sides of each boundary. */
#include <criterion/criterion.h>

#include "model/rules/reentry.h"

static int64_t dec(const char *text)
{
    int64_t v_e8 = 0;
    cr_assert(dec_parse(text, strlen(text), &v_e8), "%s", text);
    return v_e8;
}

static struct reentry_trade trade(enum side side, const char *entry, const char *sl)
{
    return (struct reentry_trade){.side = side, .entry_e8 = dec(entry), .sl_e8 = dec(sl)};
}

static int64_t level(enum reentry_hunt variant, const char *symbol, struct reentry_trade t,
                     const char *param)
{
    return reentry_hunt_level_e8(variant, symbol_find(symbol), &t, dec(param));
}

Test(reentry, g66_a_buy_recovers_at_seventy_percent)
{
    struct reentry_trade t = trade(SIDE_BUY, "2000", "1990");
    int64_t at_e8 = level(REENTRY_HUNT_SEVENTY_PERCENT, "XAUUSD", t, "0.7");
    cr_assert_eq(at_e8, dec("1997"));
    cr_assert(reentry_is_reached(SIDE_BUY, dec("1997"), at_e8));
    cr_assert(reentry_is_reached(SIDE_BUY, dec("1997.01"), at_e8));
    cr_assert_not(reentry_is_reached(SIDE_BUY, dec("1996.99"), at_e8));
}

Test(reentry, g67_a_sell_recovers_downwards)
{
    struct reentry_trade t = trade(SIDE_SELL, "1.1000", "1.1050");
    int64_t at_e8 = level(REENTRY_HUNT_SEVENTY_PERCENT, "EURUSD", t, "0.7");
    cr_assert_eq(at_e8, dec("1.1015"));
    cr_assert(reentry_is_reached(SIDE_SELL, dec("1.1015"), at_e8));
    cr_assert_not(reentry_is_reached(SIDE_SELL, dec("1.10151"), at_e8));
}

Test(reentry, g68_the_offset_variants_wait_just_beyond_the_stop)
{
    struct reentry_trade sell = trade(SIDE_SELL, "1.1000", "1.1050");
    struct reentry_trade buy = trade(SIDE_BUY, "1.1000", "1.0775");
    cr_assert_eq(level(REENTRY_HUNT_PRICE_MONITOR, "EURUSD", sell, "1"), dec("1.1049"));
    cr_assert_eq(level(REENTRY_HUNT_WINDOW_MONITOR, "EURUSD", sell, "2"), dec("1.1048"));
    cr_assert_eq(level(REENTRY_HUNT_PRICE_MONITOR, "EURUSD", buy, "1"), dec("1.0776"));
    cr_assert_eq(level(REENTRY_HUNT_WINDOW_MONITOR, "EURUSD", buy, "2"), dec("1.0777"));
}

Test(reentry, a_level_between_ticks_is_never_short)
{
    struct reentry_trade buy = trade(SIDE_BUY, "2000", "1999.97");
    struct reentry_trade sell = trade(SIDE_SELL, "2000", "2000.03");
    cr_assert_eq(level(REENTRY_HUNT_SEVENTY_PERCENT, "XAUUSD", buy, "0.7"), dec("2000"));
    cr_assert_eq(level(REENTRY_HUNT_SEVENTY_PERCENT, "XAUUSD", sell, "0.7"), dec("2000"));
}

Test(reentry, g69_the_window_closes_after_its_last_moment)
{
    int min = reentry_window_min(REENTRY_WINDOWS_CONFIG, "XAUUSD", 30);
    cr_assert_eq(min, 15);
    cr_assert(reentry_window_is_open(0, 14 * 60000 + 59000, min));
    cr_assert(reentry_window_is_open(0, 15 * 60000, min));
    cr_assert_not(reentry_window_is_open(0, 15 * 60000 + 1, min));
    cr_assert_not(reentry_window_is_open(0, 15 * 60000 + 1000, min));
}

Test(reentry, windows_come_from_the_table_that_is_asked)
{
    cr_assert_eq(reentry_window_min(REENTRY_WINDOWS_CONFIG, "GBPJPY", 30), 10);
    cr_assert_eq(reentry_window_min(REENTRY_WINDOWS_CONFIG, "USDCAD", 45), 45);
    cr_assert_eq(reentry_window_min(REENTRY_WINDOWS_MONITOR, "GBPUSD", 99), 22);
    cr_assert_eq(reentry_window_min(REENTRY_WINDOWS_MONITOR, "USDTRY", 99), 30);
    cr_assert_eq(reentry_window_min(REENTRY_WINDOWS_SERVICE, "USDJPY", 99), 25);
    cr_assert_eq(reentry_window_min(REENTRY_WINDOWS_ROUTE, "XAUUSD", 120), 120);
}

Test(reentry, g70_the_recovery_stop_is_half)
{
    cr_assert_eq(reentry_tight_sl_pips_e8(dec("150"), dec("0.5")), dec("75"));
}

Test(reentry, g71_legacy_stops_shrink_by_thirty_percent)
{
    static const char *const expected[] = {"105", "73.5", "51.45", "36.015"};
    for (int i = 0; i < 4; i++)
        cr_assert_eq(reentry_compound_pips_e8(dec("150"), i + 1, dec("0.3")), dec(expected[i]));
    cr_assert_eq(reentry_compound_pips_e8(dec("150"), 0, dec("0.3")), dec("150"));
}

Test(reentry, re6_keeps_whole_pips)
{
    cr_assert_eq(reentry_autonomous_pips_e8(dec("150")), dec("105"));
    cr_assert_eq(reentry_autonomous_pips_e8(dec("105")), dec("73"));
}

Test(reentry, g73_adaptive_stops_of_eurusd)
{
    static const char *const expected[] = {"150", "112.5", "84.38", "63.28", "47.46", "30", "30"};
    int percent = reentry_reduction_percent(REENTRY_REDUCTION_ADAPTIVE, "EURUSD");
    cr_assert_eq(percent, 25);
    for (int i = 0; i < 7; i++)
        cr_assert_eq(reentry_optimizer_pips_e8(dec("150"), percent, i + 1), dec(expected[i]));
}

Test(reentry, g74_adaptive_stops_of_gold)
{
    static const char *const expected[] = {"975", "633.75", "411.94", "267.76"};
    int percent = reentry_reduction_percent(REENTRY_REDUCTION_ADAPTIVE, "XAUUSD");
    cr_assert_eq(percent, 35);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(reentry_optimizer_pips_e8(dec("1500"), percent, i + 2), dec(expected[i]));
}

Test(reentry, the_optimizer_never_goes_under_ten_pips)
{
    cr_assert_eq(reentry_optimizer_pips_e8(dec("20"), 50, 2), dec("10"));
    cr_assert_eq(reentry_optimizer_pips_e8(dec("20.02"), 50, 2), dec("10.01"));
    cr_assert_eq(reentry_optimizer_pips_e8(dec("19.98"), 50, 2), dec("10"));
    cr_assert_eq(reentry_optimizer_pips_e8(dec("40"), 25, 6), dec("10"));
}

Test(reentry, modes_have_their_percents)
{
    cr_assert_eq(reentry_reduction_percent(REENTRY_REDUCTION_AGGRESSIVE, "EURUSD"), 40);
    cr_assert_eq(reentry_reduction_percent(REENTRY_REDUCTION_BALANCED, "EURUSD"), 30);
    cr_assert_eq(reentry_reduction_percent(REENTRY_REDUCTION_CONSERVATIVE, "EURUSD"), 20);
    cr_assert_eq(reentry_reduction_percent(REENTRY_REDUCTION_ADAPTIVE, "USDSEK"), 30);
}

Test(reentry, g77_linear_factors_stop_at_half)
{
    cr_assert_eq(reentry_linear_sl_factor_e8(6), dec("0.5"));
    cr_assert_eq(reentry_linear_lot_factor_e8(6), dec("0.5"));
    cr_assert_eq(reentry_linear_sl_factor_e8(4), dec("0.6"));
    cr_assert_eq(reentry_linear_lot_factor_e8(4), dec("0.6"));
    cr_assert_eq(reentry_linear_sl_factor_e8(5), dec("0.5"));
    cr_assert_eq(reentry_linear_lot_factor_e8(0), DEC_ONE);
}

static void candles(struct reentry_candle c[20], int64_t step_e8)
{
    for (int i = 0; i < 20; i++) {
        int64_t close_e8 = 1000 * DEC_ONE + i * step_e8;
        c[i] = (struct reentry_candle){close_e8 + DEC_ONE, close_e8 - DEC_ONE, close_e8};
    }
}

Test(reentry, re9_scores_candles_both_ways)
{
    struct reentry_candle c[20];
    candles(c, DEC_ONE);
    cr_assert_eq(reentry_trend_score(c, 20), 3);
    cr_assert_eq(reentry_trend_side(3), SIDE_BUY);
    candles(c, -DEC_ONE);
    cr_assert_eq(reentry_trend_score(c, 20), -3);
    cr_assert_eq(reentry_trend_side(-2), SIDE_SELL);
    candles(c, 0); /* a high not under the four before, a low not over them */
    cr_assert_eq(reentry_trend_score(c, 20), 0);
    cr_assert_eq(reentry_trend_side(1), SIDE_UNSET);
    cr_assert_eq(reentry_trend_side(-1), SIDE_UNSET);
    cr_assert_eq(reentry_trend_side(2), SIDE_BUY);
}

Test(reentry, g82_an_exit_goes_on_two_pips_further)
{
    const struct symbol_info *eurusd = symbol_find("EURUSD");
    struct reentry_exit_plan p =
        reentry_exit_plan(REENTRY_EXIT_AUTONOMOUS, eurusd, SIDE_BUY, dec("1.1"));
    cr_assert_eq(p.level_e8, dec("1.1002"));
    cr_assert_eq(p.window_s, 60);
    cr_assert_not(reentry_is_reached(p.side, dec("1.1001"), p.level_e8));
    cr_assert(reentry_is_reached(p.side, dec("1.1002"), p.level_e8));
    cr_assert(reentry_is_reached(p.side, dec("1.1003"), p.level_e8));
}

Test(reentry, re11_waits_for_the_other_direction)
{
    const struct symbol_info *eurusd = symbol_find("EURUSD");
    struct reentry_exit_plan p =
        reentry_exit_plan(REENTRY_EXIT_ENGINE, eurusd, SIDE_BUY, dec("1.1"));
    cr_assert_eq(p.side, SIDE_SELL);
    cr_assert_eq(p.level_e8, dec("1.098"));
    cr_assert_eq(p.window_s, 30);
}

static bool allows(enum reentry_protection how, const char *profit, const char *loss,
                   int64_t *ret_limit_e8)
{
    struct reentry_protection_case c = {.semantics = how,
                                        .mode = REENTRY_PROTECT_BALANCED,
                                        .profit_e8 = dec(profit),
                                        .loss_e8 = dec(loss),
                                        .session_stop_e8 = dec("100")};
    return reentry_protection_allows(&c, ret_limit_e8);
}

Test(reentry, g78_five_times_the_loss_is_kept)
{
    int64_t limit_e8;
    int64_t loss_e8 = reentry_assumed_loss_e8(symbol_find("EURUSD"), dec("150"));
    cr_assert_eq(loss_e8, dec("15"));
    cr_assert_not(allows(REENTRY_PROTECTION_AUTONOMOUS, "400", "15", &limit_e8));
    cr_assert_eq(limit_e8, dec("75"));
    cr_assert(allows(REENTRY_PROTECTION_AUTONOMOUS, "60", "15", &limit_e8));
    cr_assert(allows(REENTRY_PROTECTION_AUTONOMOUS, "75", "15", &limit_e8));
    cr_assert_not(allows(REENTRY_PROTECTION_AUTONOMOUS, "75.01", "15", &limit_e8));
}

Test(reentry, re12_manager_blocks_between_threshold_and_k_times_the_loss)
{
    int64_t limit_e8;
    cr_assert(allows(REENTRY_PROTECTION_MANAGER, "19.99", "15", &limit_e8));
    cr_assert_not(allows(REENTRY_PROTECTION_MANAGER, "20", "15", &limit_e8));
    cr_assert_eq(limit_e8, dec("90"));
    cr_assert_not(allows(REENTRY_PROTECTION_MANAGER, "90", "15", &limit_e8));
    cr_assert(allows(REENTRY_PROTECTION_MANAGER, "90.01", "15", &limit_e8));
    cr_assert(allows(REENTRY_PROTECTION_MANAGER, "-40", "15", &limit_e8));
}

Test(reentry, re12_modes_have_their_factors)
{
    static const struct {
        enum reentry_protect_mode mode;
        const char *threshold, *times_ten;
    } cases[] = {
        {REENTRY_PROTECT_AGGRESSIVE, "15", "35"},
        {REENTRY_PROTECT_BALANCED, "20", "60"},
        {REENTRY_PROTECT_CONSERVATIVE, "30", "90"},
        {REENTRY_PROTECT_VERY_CONSERVATIVE, "50", "150"},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        int64_t limit_e8;
        struct reentry_protection_case c = {.semantics = REENTRY_PROTECTION_MANAGER,
                                            .mode = cases[i].mode,
                                            .profit_e8 = dec(cases[i].threshold) - 1,
                                            .loss_e8 = dec("10")};
        cr_assert(reentry_protection_allows(&c, &limit_e8));
        c.profit_e8++;
        cr_assert_not(reentry_protection_allows(&c, &limit_e8));
        cr_assert_eq(limit_e8, dec(cases[i].times_ten));
        c.profit_e8 = limit_e8 + 1;
        cr_assert(reentry_protection_allows(&c, &limit_e8));
    }
}

Test(reentry, re12_session_stops_at_its_profit)
{
    int64_t limit_e8;
    cr_assert(allows(REENTRY_PROTECTION_SESSION, "99.99", "0", &limit_e8));
    cr_assert_not(allows(REENTRY_PROTECTION_SESSION, "100", "0", &limit_e8));
    cr_assert(allows(REENTRY_PROTECTION_OFF, "1000", "0", &limit_e8));
    cr_assert_eq(limit_e8, DEC_NONE);
}

Test(reentry, re12_locks_ten_pips_at_forty)
{
    const struct symbol_info *eurusd = symbol_find("EURUSD");
    cr_assert_eq(reentry_lock_sl_e8(eurusd, SIDE_BUY, dec("1.1"), dec("1.10399")), DEC_NONE);
    cr_assert_eq(reentry_lock_sl_e8(eurusd, SIDE_BUY, dec("1.1"), dec("1.104")), dec("1.101"));
    cr_assert_eq(reentry_lock_sl_e8(eurusd, SIDE_SELL, dec("1.1"), dec("1.096")), dec("1.099"));
}

Test(reentry, g80_the_shield_mirrors_the_lost_trade)
{
    struct reentry_trade t = trade(SIDE_BUY, "2000", "1990");
    struct reentry_shield_plan p =
        reentry_shield_plan(symbol_find("XAUUSD"), &t, dec("0.06"), DEC_NONE);
    cr_assert_eq(p.side, SIDE_SELL);
    cr_assert_eq(p.lots_e8, dec("0.03"));
    cr_assert_eq(p.sl_e8, dec("2000"));
    cr_assert_eq(p.tp_a_e8, dec("1980"));
    cr_assert_eq(p.kill_e8, dec("1997"));
}

Test(reentry, re13_shrinks_until_both_orders_fit_the_room)
{
    /* 1000 pips x 1 $ x 2 orders: 2000 $ a lot */
    struct reentry_trade t = trade(SIDE_BUY, "2000", "1990");
    const struct symbol_info *gold = symbol_find("XAUUSD");
    cr_assert_eq(reentry_shield_plan(gold, &t, dec("0.06"), dec("60")).lots_e8, dec("0.03"));
    cr_assert_eq(reentry_shield_plan(gold, &t, dec("0.06"), dec("59.99")).lots_e8, dec("0.02"));
    cr_assert_eq(reentry_shield_plan(gold, &t, dec("0.06"), dec("20")).lots_e8, dec("0.01"));
    cr_assert_eq(reentry_shield_plan(gold, &t, dec("0.06"), dec("19.99")).lots_e8, 0);
    cr_assert_eq(reentry_shield_plan(gold, &t, dec("0.06"), dec("-5")).lots_e8, 0);
}

Test(reentry, g83_an_exit_signal_holds_halves_or_closes)
{
    cr_assert_eq(reentry_exit_signal_action(dec("55"), true), REENTRY_EXIT_ACTION_HOLD);
    cr_assert_eq(reentry_exit_signal_action(dec("30"), true), REENTRY_EXIT_ACTION_HALF);
    cr_assert_eq(reentry_exit_signal_action(dec("9.9"), true), REENTRY_EXIT_ACTION_ALL);
    cr_assert_eq(reentry_exit_signal_action(dec("50"), true), REENTRY_EXIT_ACTION_HALF);
    cr_assert_eq(reentry_exit_signal_action(dec("55"), false), REENTRY_EXIT_ACTION_HALF);
    cr_assert_eq(reentry_exit_signal_action(dec("10"), false), REENTRY_EXIT_ACTION_HALF);
}

Test(reentry, re14_targets_close_their_share)
{
    cr_assert(reentry_is_strong(dec("25"), 70, true));
    cr_assert_not(reentry_is_strong(dec("24.9"), 70, true));
    cr_assert_not(reentry_is_strong(dec("25"), 69, true));
    cr_assert_not(reentry_is_strong(dec("25"), 70, false));
    cr_assert_eq(reentry_target_close_percent(1, true), 0);
    cr_assert_eq(reentry_target_close_percent(1, false), 50);
    cr_assert_eq(reentry_target_close_percent(2, true), 40);
    cr_assert_eq(reentry_target_close_percent(3, false), 100);
}

Test(reentry, g81_each_limit_blocks_by_itself)
{
    const struct reentry_limits l = {10, 5, 3};
    const struct {
        struct reentry_counts counts;
        enum reason expected;
    } cases[] = {
        {{9, 4, 2, 0}, REASON_ACCEPTED},
        {{10, 0, 0, 0}, REASON_RECOVERY_ATTEMPTS},
        {{0, 5, 0, 0}, REASON_RECOVERY_LOSSES},
        {{0, 0, 3, 0}, REASON_RECOVERY_CONCURRENT},
        {{0, 0, 0, 6 * 3600000}, REASON_RECOVERY_WAIT},
    };
    int64_t number_e8, limit_e8;
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++)
        cr_assert_eq(reentry_limits_check(&l, &cases[i].counts, 1, &number_e8, &limit_e8),
                     cases[i].expected);
    cr_assert_eq(number_e8, dec("360"), "minutes to wait");
    cr_assert_eq(reentry_limits_check(&l, &cases[4].counts, 6 * 3600000, &number_e8, &limit_e8),
                 REASON_ACCEPTED);
    (void)reentry_limits_check(&l, &cases[1].counts, 1, &number_e8, &limit_e8);
    cr_assert_eq(number_e8, dec("10"));
    cr_assert_eq(limit_e8, dec("10"));
}

Test(reentry, re16_has_its_stop_by_system_and_symbol)
{
    cr_assert_eq(reentry_profit_hunt_pips_e8("XAUUSD", false), dec("25"));
    cr_assert_eq(reentry_profit_hunt_pips_e8("EURUSD", false), dec("15"));
    cr_assert_eq(reentry_profit_hunt_pips_e8("XAUUSD", true), dec("15"));
    cr_assert_eq(reentry_profit_hunt_pips_e8("EURUSD", true), dec("10"));
}

/* ---- spec 4.1, recovery_priority ---- */

Test(reentry, the_highest_profit_goes_first_then_the_longest_running_then_the_newest)
{
    const struct reentry_claim rich = {2, 9, 1}, old = {1, 5, 2}, young = {1, 6, 3},
                               twin = {1, 6, 4};
    cr_assert(reentry_goes_first(&rich, &old));
    cr_assert_not(reentry_goes_first(&old, &rich));
    cr_assert(reentry_goes_first(&old, &young));
    cr_assert_not(reentry_goes_first(&young, &old));
    cr_assert(reentry_goes_first(&twin, &young));
    cr_assert_not(reentry_goes_first(&young, &twin));
    cr_assert_not(reentry_goes_first(&young, &young));
}
