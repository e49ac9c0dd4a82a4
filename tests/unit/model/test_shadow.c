/* Covers: model/rules/shadow: SH-3, SH-4, SH-5, SH-8 with the golden cases G99, G101 and G102. */
#include <criterion/criterion.h>

#include "core/alloc.h"
#include "model/rules/shadow.h"

static const struct shadow_tolerance exact = {0};
static const struct shadow_tolerance recommended = {
    .lots_e8 = DEC_ONE / 200, .pips_e8 = DEC_ONE, .levels = true};

static struct shadow_decision gold(void)
{
    struct shadow_decision d = {.action = SHADOW_EXECUTE,
                                .has_params = true,
                                .side = SIDE_BUY,
                                .lots_e8 = DEC_ONE / 20,
                                .sl_pips_e8 = 600 * DEC_ONE,
                                .tp_pips_e8 = 900 * DEC_ONE};
    (void)str_copy(d.symbol, sizeof(d.symbol), "XAUUSD");
    return d;
}

static void expect(const struct shadow_decision *b, const struct shadow_tolerance *t,
                   const char *verdict)
{
    struct shadow_decision a = gold();
    cr_assert_str_eq(shadow_verdict_name(shadow_compare(&a, b, t)), verdict);
}

Test(shadow, g99_another_stop_is_still_a_match)
{
    struct shadow_decision b = gold();
    b.sl_pips_e8 += 100 * DEC_ONE;
    expect(&b, &exact, "match");
    expect(&b, &recommended, "sl_pips_mismatch");
}

Test(shadow, g102_two_skips_match)
{
    struct shadow_decision a = {.action = SHADOW_SKIP}, b = {.action = SHADOW_SKIP};
    cr_assert_eq(shadow_compare(&a, &b, &exact), SHADOW_MATCH);
    b.action = SHADOW_REJECT;
    cr_assert_eq(shadow_compare(&a, &b, &exact), SHADOW_ACTION_MISMATCH);
}

Test(shadow, sh3_lots_are_compared_exactly)
{
    struct shadow_decision b = gold();
    b.lots_e8++;
    expect(&b, &exact, "lot_size_mismatch");
    b.lots_e8 = gold().lots_e8 + DEC_ONE / 200;
    expect(&b, &recommended, "match");
    b.lots_e8++;
    expect(&b, &recommended, "lot_size_mismatch");
}

Test(shadow, sh8_levels_within_a_pip)
{
    struct shadow_decision b = gold();
    b.tp_pips_e8 -= DEC_ONE;
    expect(&b, &recommended, "match");
    b.tp_pips_e8--;
    expect(&b, &recommended, "tp_pips_mismatch");
    b.tp_pips_e8 = DEC_NONE;
    expect(&b, &recommended, "tp_pips_mismatch");
}

Test(shadow, sh4_names_the_first_difference)
{
    struct shadow_decision b = gold();
    b.side = SIDE_SELL;
    b.lots_e8++;
    expect(&b, &exact, "direction_mismatch");
    (void)str_copy(b.symbol, sizeof(b.symbol), "EURUSD");
    expect(&b, &exact, "symbol_mismatch");
    b.action = SHADOW_SKIP;
    expect(&b, &exact, "action_mismatch");
}

Test(shadow, sh4_without_a_difference_it_is_unknown)
{
    struct shadow_decision a = gold(), b = gold();
    cr_assert_eq(shadow_difference(&a, &b), SHADOW_UNKNOWN);
    b.tp_pips_e8++;
    cr_assert_eq(shadow_difference(&a, &b), SHADOW_TP_MISMATCH);
}

Test(shadow, sh3_without_parameters_the_action_is_all)
{
    struct shadow_decision b = gold();
    b.has_params = false;
    b.lots_e8 = 0;
    expect(&b, &exact, "match");
}

Test(shadow, g101_match_rate)
{
    cr_assert_eq(shadow_match_rate_e8(196, 200), 98 * DEC_ONE);
    cr_assert_eq(shadow_match_rate_e8(0, 0), 0);
    cr_assert_eq(shadow_match_rate_e8(1, 3), 3333333333);
}

Test(shadow, actions_by_name)
{
    for (int a = SHADOW_EXECUTE; a < SHADOW_ACTION_COUNT; a++)
        cr_assert_eq(shadow_action_parse(shadow_action_name((enum shadow_action)a)),
                     (enum shadow_action)a);
    cr_assert_eq(shadow_action_parse("close"), SHADOW_ACTION_UNSET);
}
