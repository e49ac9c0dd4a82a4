/* Covers: names and meaning of the four modes; SH-1 what of a decision is compared; SH-9. */
#include "model/shadow_mode.h"

#include <criterion/criterion.h>

#include "core/alloc.h"

Test(shadow_mode, one_of_the_two_trades_in_every_mode)
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

/* SH-9 [REC]: 72 hours. */
Test(shadow_mode, a_cut_over_waits_for_three_days)
{
    struct shadow_rules r;
    shadow_rules_defaults(&r);
    cr_assert_eq(r.gate_ms, INT64_C(72) * 3600 * 1000);
    cr_assert_eq(r.gate_mismatches_max, 0);
}

Test(shadow_mode, a_decision_shows_its_lots_together_and_the_first_order_in_pips)
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
        (void)str_copy(d.orders[i].symbol, sizeof(d.orders[i].symbol), "XAUUSD");
    }
    shadow_view_of(&d, &v);
    cr_assert_eq(v.what.action, SHADOW_EXECUTE);
    cr_assert_eq(v.what.lots_e8, DEC_ONE / 25);
    cr_assert_eq(v.what.side, SIDE_SELL);
    cr_assert_eq(v.what.sl_pips_e8, 200 * DEC_ONE, "2.00 at a pip of 0.01");
    cr_assert_eq(v.what.tp_pips_e8, DEC_NONE);
    d.action = DECISION_NOTIFY;
    d.order_count = 0;
    shadow_view_of(&d, &v);
    cr_assert_eq(v.what.action, SHADOW_SKIP, "nothing is traded");
    cr_assert(!v.what.has_params);
    d.action = DECISION_CLOSE;
    shadow_view_of(&d, &v);
    cr_assert_eq(v.what.action, SHADOW_EXECUTE);
    cr_assert(!v.what.has_params);
}
