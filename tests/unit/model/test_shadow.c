/* Covers: names and meaning of the four modes; SH-1 what of a decision is compared; SH-3 match
 * (G99, G102), SH-4 the first difference, SH-8 tolerances on both sides of their edge; SH-5 rate
 * (G101). */
#include "model/shadow.h"

#include <criterion/criterion.h>
#include <string.h>

#define LOTS_0_05 (DEC_ONE / 20)

static const struct shadow_tolerance exact = {0};
static const struct shadow_tolerance usual = {.lots_e8 = DEC_ONE / 200, .price_pips_e8 = DEC_ONE};

static struct shadow_view buy(void)
{
    struct shadow_view v = {.action = DECISION_EXECUTE,
                            .has_params = true,
                            .side = SIDE_BUY,
                            .lots_e8 = LOTS_0_05,
                            .sl_pips_e8 = 200 * DEC_ONE,
                            .tp_pips_e8 = 300 * DEC_ONE};
    memcpy(v.symbol, "XAUUSD", 7);
    return v;
}

static struct shadow_view skip(void)
{
    return (struct shadow_view){
        .action = DECISION_SKIP, .sl_pips_e8 = DEC_NONE, .tp_pips_e8 = DEC_NONE};
}

Test(shadow, one_of_the_two_trades_in_every_mode)
{
    for (int i = SHADOW_LEGACY_ONLY; i < SHADOW_MODE_COUNT; i++) {
        enum shadow_mode m = (enum shadow_mode)i;
        cr_assert_neq(shadow_mode_legacy_trades(m), shadow_mode_plugin_trades(m));
        cr_assert(!shadow_mode_legacy_trades(m) || shadow_mode_legacy_decides(m));
        cr_assert(!shadow_mode_plugin_trades(m) || shadow_mode_plugin_decides(m));
        cr_assert_eq(shadow_mode_parse(shadow_mode_name(m)), m);
    }
    cr_assert(!shadow_mode_plugin_decides(SHADOW_LEGACY_ONLY));
    cr_assert(shadow_mode_plugin_decides(SHADOW_SHADOW));
    cr_assert(!shadow_mode_plugin_trades(SHADOW_SHADOW));
    cr_assert(shadow_mode_legacy_decides(SHADOW_PLUGIN_SHADOW));
    cr_assert(!shadow_mode_legacy_decides(SHADOW_PLUGIN_ONLY));
    cr_assert_eq(shadow_mode_parse("plugin"), SHADOW_MODE_UNSET);
}

Test(shadow, g99_a_different_stop_is_still_a_match)
{
    struct shadow_view legacy = buy(), plugin = buy();
    plugin.sl_pips_e8 = 150 * DEC_ONE;
    cr_assert_eq(shadow_compare(&legacy, &plugin, &exact), SHADOW_MATCH);
    struct shadow_tolerance levels = {.compare_levels = true, .price_pips_e8 = 50 * DEC_ONE};
    cr_assert_eq(shadow_compare(&legacy, &plugin, &levels), SHADOW_MATCH);
    levels.price_pips_e8--;
    cr_assert_eq(shadow_compare(&legacy, &plugin, &levels), SHADOW_SL_PIPS_MISMATCH);
    plugin.sl_pips_e8 = legacy.sl_pips_e8;
    plugin.tp_pips_e8 = DEC_NONE;
    cr_assert_eq(shadow_compare(&legacy, &plugin, &levels), SHADOW_TP_PIPS_MISMATCH);
}

Test(shadow, g102_two_skips_match_whatever_their_reasons)
{
    struct shadow_view legacy = skip(), plugin = skip();
    legacy.reason = REASON_SCORE_TOO_LOW;
    cr_assert_eq(shadow_compare(&legacy, &plugin, &exact), SHADOW_MATCH);
}

Test(shadow, the_first_difference_names_the_mismatch)
{
    struct shadow_view legacy = buy(), plugin = skip();
    cr_assert_eq(shadow_compare(&legacy, &plugin, &usual), SHADOW_ACTION_MISMATCH);
    plugin = buy();
    plugin.side = SIDE_SELL;
    plugin.lots_e8 = DEC_ONE;
    cr_assert_eq(shadow_compare(&legacy, &plugin, &usual), SHADOW_DIRECTION_MISMATCH);
    memcpy(plugin.symbol, "EURUSD", 7);
    cr_assert_eq(shadow_compare(&legacy, &plugin, &usual), SHADOW_SYMBOL_MISMATCH);
    cr_assert_str_eq(shadow_diff_name(SHADOW_LOT_SIZE_MISMATCH), "lot_size_mismatch");
}

Test(shadow, lots_may_differ_by_the_tolerance_and_no_more)
{
    struct shadow_view legacy = buy(), plugin = buy();
    plugin.lots_e8 = LOTS_0_05 + DEC_ONE / 200;
    cr_assert_eq(shadow_compare(&legacy, &plugin, &usual), SHADOW_MATCH);
    cr_assert_eq(shadow_compare(&legacy, &plugin, &exact), SHADOW_LOT_SIZE_MISMATCH);
    plugin.lots_e8++;
    cr_assert_eq(shadow_compare(&legacy, &plugin, &usual), SHADOW_LOT_SIZE_MISMATCH);
    plugin.lots_e8 = LOTS_0_05 - DEC_ONE / 200 - 1;
    cr_assert_eq(shadow_compare(&legacy, &plugin, &usual), SHADOW_LOT_SIZE_MISMATCH);
}

Test(shadow, a_decision_shows_its_lots_together_and_the_first_order_in_pips)
{
    struct decision d;
    struct shadow_view v;
    decision_init(&d, "combined_v3");
    d.action = DECISION_EXECUTE;
    decision_reason(&d, REASON_ACCEPTED);
    d.order_count = 2;
    for (int i = 0; i < 2; i++) {
        d.orders[i] = (struct decision_order){.role = ORDER_ROLE_A,
                                              .side = SIDE_SELL,
                                              .lots_e8 = DEC_ONE / 50,
                                              .entry_e8 = 2650 * DEC_ONE,
                                              .sl_e8 = (2652 + i) * DEC_ONE,
                                              .tp_e8 = DEC_NONE};
        memcpy(d.orders[i].symbol, "XAUUSD", 7);
    }
    shadow_view_of(&d, &v);
    cr_assert_eq(v.lots_e8, DEC_ONE / 25);
    cr_assert_eq(v.side, SIDE_SELL);
    cr_assert_eq(v.sl_pips_e8, 200 * DEC_ONE, "2.00 at a pip of 0.01");
    cr_assert_eq(v.tp_pips_e8, DEC_NONE);
    d.action = DECISION_NOTIFY;
    d.order_count = 0;
    shadow_view_of(&d, &v);
    cr_assert_eq(v.action, DECISION_SKIP, "nothing is traded");
    cr_assert(!v.has_params);
}

Test(shadow, g101_rate)
{
    cr_assert_eq(shadow_match_rate_e8(196, 200), 98 * DEC_ONE);
    cr_assert_eq(shadow_match_rate_e8(0, 0), 0);
    cr_assert_eq(shadow_match_rate_e8(2, 3), INT64_C(6666666667));
}
