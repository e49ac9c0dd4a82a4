/* Covers: model/rules/sl_tables: tables SL-1 and SL-2, RK-5 and RK-6 with the golden cases G44 to
 * G46, G49 and G50, both sides, reductions and tolerance at their ends. */
#include <criterion/criterion.h>

#include "model/rules/sl_tables.h"

static int64_t dec(const char *text)
{
    int64_t v_e8 = 0;
    cr_assert(dec_parse(text, strlen(text), &v_e8), "%s", text);
    return v_e8;
}

static struct sl_tables_case of(const char *symbol, const char *entry, const char *tf_multiplier)
{
    return (struct sl_tables_case){
        .info = symbol_find(symbol),
        .side = SIDE_BUY,
        .entry_e8 = dec(entry),
        .table_pips_e8 = sl_tables_pips_e8(SL_TABLES_SL1, symbol, TIERS_10000),
        .tf_multiplier_e8 = dec(tf_multiplier),
        .chain_factor_e8 = DEC_ONE,
        .rr_e8 = dec("1.5"),
    };
}

static void expect(const struct sl_tables_case *c, const char *pips, const char *sl, const char *tp)
{
    struct sl_tables_stop s = sl_tables_stop(c);
    cr_assert_eq(s.pips_e8, dec(pips));
    cr_assert_eq(s.sl_e8, dec(sl));
    cr_assert_eq(s.tp_e8, dec(tp));
    cr_assert_eq(s.distance_e8, dec_abs(c->entry_e8 - s.sl_e8));
}

Test(sl_tables, g44_eurusd_on_the_middle_logic)
{
    struct sl_tables_case c = of("EURUSD", "1.10000", "1.5");
    expect(&c, "225", "1.07750", "1.13375");
    c.side = SIDE_SELL;
    expect(&c, "225", "1.12250", "1.06625");
}

Test(sl_tables, g45_g46_gold_on_the_first_and_third_logic)
{
    struct sl_tables_case c = of("XAUUSD", "2650", "1");
    expect(&c, "1500", "2635", "2672.50");
    c = of("XAUUSD", "2650", "2.5");
    expect(&c, "3750", "2612.50", "2706.25");
}

Test(sl_tables, g49_a_reduction_of_twenty_percent)
{
    struct sl_tables_case c = of("EURUSD", "1.10000", "1");
    c.reduction_percent = 20;
    expect(&c, "120", "1.08800", "1.11800");
}

Test(sl_tables, a_later_trade_of_a_chain_has_its_factor)
{
    struct sl_tables_case c = of("EURUSD", "1.10000", "1");
    c.chain_factor_e8 = dec("0.7");
    expect(&c, "105", "1.08950", "1.11575");
}

Test(sl_tables, g50_without_a_row_the_cap_decides)
{
    cr_assert_eq(sl_tables_pips_e8(SL_TABLES_SL1, "EURCHF", TIERS_10000), 0);
    cr_assert_eq(sl_tables_cap_pips_e8(dec("150"), dec("10"), dec("0.05")), dec("300"));
}

Test(sl_tables, rk6_a_tenth_off_the_cap_is_near_enough)
{
    cr_assert(sl_tables_is_near_cap(dec("165"), dec("150")));
    cr_assert(sl_tables_is_near_cap(dec("135"), dec("150")));
    cr_assert_not(sl_tables_is_near_cap(dec("165.00000001"), dec("150")));
    cr_assert_not(sl_tables_is_near_cap(dec("134.99999999"), dec("150")));
}

Test(sl_tables, both_tables_have_all_ten_symbols)
{
    for (size_t i = 0; i < symbol_count(); i++)
        for (int t = TIERS_5000; t < TIERS_COUNT; t++) {
            const char *name = symbol_at(i)->name;
            if (!symbol_at(i)->is_listed)
                continue; /* RK-6 */
            int64_t wide_e8 = sl_tables_pips_e8(SL_TABLES_SL1, name, (enum tiers_tier)t);
            int64_t tight_e8 = sl_tables_pips_e8(SL_TABLES_SL2, name, (enum tiers_tier)t);
            cr_assert_gt(tight_e8, 0);
            cr_assert_gt(wide_e8, tight_e8, "%s", name);
        }
}

Test(sl_tables, rows_stand_under_their_tiers)
{
    static const struct {
        enum sl_tables_system system;
        const char *symbol;
        int pips[TIERS_COUNT];
    } rows[] = {
        {SL_TABLES_SL1, "EURUSD", {0, 150, 150, 50, 40, 40}},
        {SL_TABLES_SL1, "NZDUSD", {0, 150, 150, 50, 40, 50}},
        {SL_TABLES_SL1, "USDJPY", {0, 166, 166, 55, 44, 55}},
        {SL_TABLES_SL1, "GBPJPY", {0, 111, 111, 41, 44, 44}},
        {SL_TABLES_SL1, "XAUUSD", {0, 1000, 1500, 500, 500, 600}},
        {SL_TABLES_SL2, "USDCAD", {0, 120, 120, 40, 35, 40}},
        {SL_TABLES_SL2, "USDJPY", {0, 130, 130, 45, 38, 45}},
        {SL_TABLES_SL2, "AUDJPY", {0, 80, 80, 30, 35, 35}},
        {SL_TABLES_SL2, "XAUUSD", {0, 500, 800, 300, 300, 200}},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++)
        for (int t = TIERS_5000; t < TIERS_COUNT; t++)
            cr_assert_eq(sl_tables_pips_e8(rows[i].system, rows[i].symbol, (enum tiers_tier)t),
                         rows[i].pips[t] * DEC_ONE, "%s %d", rows[i].symbol, t);
}

Test(sl_tables, reductions_are_none_or_five_to_fifty)
{
    cr_assert(sl_tables_reduction_is_valid(0));
    cr_assert(sl_tables_reduction_is_valid(5));
    cr_assert(sl_tables_reduction_is_valid(50));
    cr_assert_not(sl_tables_reduction_is_valid(4));
    cr_assert_not(sl_tables_reduction_is_valid(51));
    cr_assert_not(sl_tables_reduction_is_valid(-5));
}
