/* Covers: model/rules/pips: RK-7 and the formulas of RK-8 with the golden cases G51 to G53, RK-17
 * with G65. */
#include <criterion/criterion.h>

#include "model/rules/pips.h"

static int64_t dec(const char *text)
{
    int64_t v_e8 = 0;
    cr_assert(dec_parse(text, strlen(text), &v_e8), "%s", text);
    return v_e8;
}

static struct pips_stop ten_dollars(enum pips_formula f, const char *symbol, const char *lots)
{
    const struct symbol_info *info = symbol_find(symbol);
    return pips_fixed_money(f, info, 10 * DEC_ONE, dec(lots), info->sim_price_e8);
}

static void expect_near(int64_t got_e8, const char *want, const char *unit)
{
    cr_assert_eq(dec_to_step(got_e8, dec(unit), DEC_HALF_AWAY), dec(want), "%s", want);
}

Test(pips, g51_ten_dollars_by_the_real_pip_value)
{
    static const struct {
        const char *symbol, *lots, *pips, *distance;
    } cases[] = {{"EURUSD", "0.05", "20", "0.0020"},
                 {"XAUUSD", "0.05", "200", "2"},
                 {"USDJPY", "0.05", "21.98", "0.2198"},
                 {"GBPJPY", "0.1", "11.11", "0.1111"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        struct pips_stop s = ten_dollars(PIPS_EXACT, cases[i].symbol, cases[i].lots);
        expect_near(s.pips_e8, cases[i].pips, "0.01");
        expect_near(s.distance_e8, cases[i].distance, "0.0001");
        expect_near(s.loss_e8, "10", "0.0001");
    }
}

Test(pips, g52_formula_c_loses_another_sum_on_most_symbols)
{
    struct pips_stop s = ten_dollars(PIPS_FORMULA_C, "EURUSD", "0.05");
    cr_assert_eq(s.distance_e8, dec("0.02"));
    cr_assert_eq(s.loss_e8, dec("100"));
    s = ten_dollars(PIPS_FORMULA_C, "XAUUSD", "0.05");
    cr_assert_eq(s.distance_e8, dec("2"));
    cr_assert_eq(s.loss_e8, dec("10"));
    s = ten_dollars(PIPS_FORMULA_C, "USDJPY", "0.05");
    cr_assert_eq(s.distance_e8, dec("2"));
    cr_assert_eq(s.loss_e8, dec("91"));
}

Test(pips, g53_formula_e_is_right_for_eurusd_and_a_tenth_for_gold)
{
    struct pips_stop s = ten_dollars(PIPS_FORMULA_E, "EURUSD", "0.05");
    cr_assert_eq(s.distance_e8, dec("0.002"));
    cr_assert_eq(s.loss_e8, dec("10"));
    s = ten_dollars(PIPS_FORMULA_E, "XAUUSD", "0.05");
    cr_assert_eq(s.distance_e8, dec("0.2"));
    cr_assert_eq(s.loss_e8, dec("1"));
}

Test(pips, rk8_d_takes_whole_tenths)
{
    cr_assert_eq(ten_dollars(PIPS_FORMULA_D, "EURUSD", "0.05").pips_e8, dec("20"));
    cr_assert_eq(ten_dollars(PIPS_FORMULA_D, "USDJPY", "0.05").pips_e8, dec("22.2"));
    cr_assert_eq(ten_dollars(PIPS_FORMULA_D, "EURUSD", "0.03").pips_e8, dec("33.3"));
}

Test(pips, rk8_c_takes_the_large_point_above_a_hundred_only)
{
    const struct symbol_info *info = symbol_find("EURUSD");
    struct pips_stop s = pips_fixed_money(PIPS_FORMULA_C, info, dec("10"), dec("0.05"), dec("100"));
    cr_assert_eq(s.distance_e8, dec("0.02"));
    s = pips_fixed_money(PIPS_FORMULA_C, info, dec("10"), dec("0.05"), dec("100.00000001"));
    cr_assert_eq(s.distance_e8, dec("2"));
}

static void expect_profit(const char *symbol, const char *entry, const char *exit, const char *pips,
                          const char *reversal)
{
    const struct symbol_info *info = symbol_find(symbol);
    int64_t lots_e8 = dec("0.05");
    cr_assert_eq(pips_profit_e8(info, 1, dec(entry), dec(exit), lots_e8), dec(pips));
    cr_assert_eq(pips_profit_e8(info, -1, dec(entry), dec(exit), lots_e8), -dec(pips));
    cr_assert_eq(pips_reversal_profit_e8(info, 1, dec(entry), dec(exit), lots_e8), dec(reversal));
}

Test(pips, g65_profit_by_pips_and_as_the_reversal_handler_had_it)
{
    expect_profit("EURUSD", "1.1000", "1.1050", "25", "25");
    expect_profit("XAUUSD", "2650", "2655", "25", "25");
    expect_profit("USDJPY", "149.50", "150.00", "22.75", "2500");
}
