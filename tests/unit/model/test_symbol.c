/* Covers: the table of spec strategies 3.2, clean-up of names, profit and margin vectors of spec
 * brokers 4, pips, RK-7 distances (G51), the pip-value fall-back (G65, RK-17), saturation. */
#include <criterion/criterion.h>
#include <string.h>

#include "model/symbol.h"

static int64_t d(const char *s)
{
    int64_t v = 0;
    cr_assert(dec_parse(s, strlen(s), &v), "%s", s);
    return v;
}

static const struct symbol_info *sym(const char *name)
{
    const struct symbol_info *s = symbol_find(name);
    cr_assert_not_null(s, "%s", name);
    return s;
}

Test(symbol, table_has_the_ten_symbols_of_the_spec)
{
    static const struct {
        const char *name;
        enum volatility volatility;
        int digits;
        const char *pip, *pip_value, *min_sl, *contract, *price;
    } rows[] = {
        {"XAUUSD", VOLATILITY_HIGH, 2, "0.01", "1", "0.1", "100", "2650"},
        {"EURUSD", VOLATILITY_LOW, 5, "0.0001", "10", "0.0005", "100000", "1.0850"},
        {"GBPUSD", VOLATILITY_MEDIUM, 5, "0.0001", "10", "0.0005", "100000", "1.2650"},
        {"USDJPY", VOLATILITY_MEDIUM, 3, "0.01", "9.1", "0.05", "100000", "149.50"},
        {"USDCAD", VOLATILITY_MEDIUM, 5, "0.0001", "8", "0.0005", "100000", "1.3550"},
        {"AUDUSD", VOLATILITY_MEDIUM, 5, "0.0001", "10", "0.0005", "100000", "0.6600"},
        {"NZDUSD", VOLATILITY_MEDIUM, 5, "0.0001", "10", "0.0005", "100000", "0.6100"},
        {"EURJPY", VOLATILITY_HIGH, 3, "0.01", "9.5", "0.05", "100000", "162.20"},
        {"GBPJPY", VOLATILITY_HIGH, 3, "0.01", "9", "0.05", "100000", "189.10"},
        {"AUDJPY", VOLATILITY_HIGH, 3, "0.01", "9.2", "0.05", "100000", "98.70"},
    };
    size_t listed = 0;
    for (size_t i = 0; i < symbol_count(); i++)
        listed += symbol_at(i)->is_listed;
    cr_assert_eq(listed, TR_ARRAY_SIZE(rows), "P-9");
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        const struct symbol_info *s = sym(rows[i].name);
        cr_expect(s->is_listed, "%s", s->name);
        cr_expect_eq(s->volatility, rows[i].volatility, "%s", s->name);
        cr_expect_eq(s->digits, rows[i].digits, "%s", s->name);
        cr_expect_eq(s->pip_size_e8, d(rows[i].pip), "%s", s->name);
        cr_expect_eq(s->pip_value_e8, d(rows[i].pip_value), "%s", s->name);
        cr_expect_eq(s->min_sl_dist_e8, d(rows[i].min_sl), "%s", s->name);
        cr_expect_eq(s->contract_size_e8, d(rows[i].contract), "%s", s->name);
        cr_expect_eq(s->sim_price_e8, d(rows[i].price), "%s", s->name);
        cr_expect_eq(strncmp(s->name, s->base, 3), 0);
        cr_expect_eq(strcmp(s->name + 3, s->quote), 0);
        cr_expect_eq(s->volume_min_e8, d("0.01"));
        cr_expect_eq(s->volume_step_e8, d("0.01"));
        cr_expect_eq(s->volume_max_e8, d("100"));
        cr_expect(s->typical_spread_e8 > 0 && s->typical_spread_e8 < s->sim_price_e8 / 1000);
    }
    cr_expect_null(symbol_find("xauusd"), "exact, upper case");
    cr_expect_null(symbol_find(""));
}

/* 50 pips on 0.05 lots: 25 pounds; with the pound at 1.25 31.25 $, without a rate 31.625 $ by the
 * table. */
Test(symbol, eurgbp_of_the_sessions_table_is_known_and_not_listed)
{
    const struct symbol_info *s = sym("EURGBP");
    cr_assert_not(s->is_listed);
    cr_assert_eq(symbol_profit_e8(s, 1, d("0.8500"), d("0.8550"), d("0.05"), d("1.25")),
                 d("31.25"));
    cr_assert_eq(symbol_profit_e8(s, -1, d("0.8500"), d("0.8550"), d("0.05"), 0), -d("31.625"));
}

Test(symbol, names_from_outside_are_cleaned)
{
    static const char *const rows[][2] = {
        {"XAUUSD", "XAUUSD"},     {"OANDA:XAUUSD", "XAUUSD"}, {"gold", "XAUUSD"},
        {"FX:GOLD.m", "XAUUSD"},  {"eur/usd", "EURUSD"},      {" GBP USD ", "GBPUSD"},
        {"EURUSD.pro", "EURUSD"}, {"USDJPY_i", "USDJPY"},     {"a:b:AUDJPY.x_y", "AUDJPY"},
        {"BTCUSDT", "BTCUSDT"},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        char out[SYMBOL_CAP];
        cr_assert(symbol_normalise(rows[i][0], out), "%s", rows[i][0]);
        cr_expect_str_eq(out, rows[i][1], "%s", rows[i][0]);
    }
}

Test(symbol, names_that_are_none_are_refused)
{
    static const char *const rows[] = {
        "",        " ",           "OANDA:", "{{ticker}}",       "OANDA:{{ticker}}", ".m",
        "EUR-USD", "EURUSD;DROP", "€URUSD", "ABCDEFGHIJKLMNOP", "EUR\nUSD",
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        char out[SYMBOL_CAP] = "x";
        cr_expect_not(symbol_normalise(rows[i], out), "%s", rows[i]);
        cr_expect_str_eq(out, "");
    }
    char out[SYMBOL_CAP];
    cr_expect_not(symbol_normalise(NULL, out));
    cr_expect(symbol_normalise("ABCDEFGHIJKLMNO", out), "fifteen characters fit");
}

Test(symbol, profit_of_quote_usd)
{
    cr_expect_eq(symbol_profit_e8(sym("EURUSD"), 1, d("1.08515"), d("1.08603"), d("0.10"), 0),
                 d("8.80"));
    cr_expect_eq(symbol_profit_e8(sym("XAUUSD"), -1, d("2650.37"), d("2645.12"), d("0.05"), 0),
                 d("26.25"));
    cr_expect_eq(symbol_profit_e8(sym("EURUSD"), 1, d("1.1000"), d("1.1050"), d("0.05"), 0),
                 d("25"), "G65");
    cr_expect_eq(symbol_profit_e8(sym("XAUUSD"), 1, d("2650"), d("2655"), d("0.05"), 0), d("25"),
                 "G65");
    cr_expect_eq(symbol_profit_e8(sym("XAUUSD"), 1, d("2650.62"), d("2630.5398"), d("0.30"), 0),
                 d("-602.406"), "the fall of the stop-out vector");
}

Test(symbol, profit_of_base_usd_is_divided_by_the_exit_price)
{
    int64_t p = symbol_profit_e8(sym("USDJPY"), 1, d("155.123"), d("155.623"), d("0.20"), 0);
    cr_expect_eq(p, d("64.25785392"), "10000 JPY / 155.623");
    char out[DEC_TEXT_CAP];
    cr_expect_str_eq(dec_format_fixed(p, 2, out), "64.26");
    cr_expect_eq(symbol_profit_e8(sym("USDJPY"), -1, d("155.123"), d("155.623"), d("0.20"), 0), -p);
}

Test(symbol, profit_of_crosses_converts_or_uses_the_pip_value)
{
    const struct symbol_info *s = sym("GBPJPY");
    cr_expect_eq(symbol_profit_e8(s, 1, d("189.00"), d("190.00"), d("0.10"), d("0.0065")), d("65"),
                 "10000 JPY at 0.0065");
    cr_expect_eq(symbol_profit_e8(s, 1, d("189.00"), d("190.00"), d("0.10"), 0), d("90"),
                 "RK-17: 100 pips x 9 x 0.10");
}

Test(symbol, margin_vectors)
{
    cr_expect_eq(symbol_margin_e8(sym("EURUSD"), d("1.08515"), d("0.10"), 100), d("108.515"));
    cr_expect_eq(symbol_margin_e8(sym("XAUUSD"), d("2650.37"), d("0.05"), 100), d("132.5185"));
    cr_expect_eq(symbol_margin_e8(sym("USDJPY"), d("155.123"), d("0.20"), 100), d("200"));
    cr_expect_eq(symbol_margin_e8(sym("XAUUSD"), d("2650.62"), d("0.30"), 100), d("795.186"));
    cr_expect_eq(symbol_margin_e8(sym("EURJPY"), d("162.20"), d("1"), 100), d("1085"),
                 "a cross: 100000 EUR at the table's EURUSD");
}

Test(symbol, pips_are_signed)
{
    cr_expect_eq(symbol_pips_e8(sym("EURUSD"), d("1.1000"), d("1.0995")), d("-5"));
    cr_expect_eq(symbol_pips_e8(sym("XAUUSD"), d("2650"), d("2652.5")), d("250"));
    cr_expect_eq(symbol_pips_e8(sym("USDJPY"), d("149.50"), d("150.00")), d("50"));
}

static int64_t money_of_pips(const char *name, const char *from, const char *to, const char *lots)
{
    int64_t pips_e8 = symbol_pips_e8(sym(name), d(from), d(to));
    return dec_mul(dec_mul(pips_e8, sym(name)->pip_value_e8, DEC_HALF_AWAY), d(lots),
                   DEC_HALF_AWAY);
}

Test(symbol, g65_profit_by_pips)
{
    cr_expect_eq(money_of_pips("EURUSD", "1.1000", "1.1050", "0.05"), d("25"));
    cr_expect_eq(money_of_pips("XAUUSD", "2650", "2655", "0.05"), d("25"));
    cr_expect_eq(money_of_pips("USDJPY", "149.50", "150.00", "0.05"), d("22.75"));
}

Test(symbol, g84_seven_dollars_as_pips)
{
    char out[DEC_TEXT_CAP];
    static const struct {
        const char *name, *pips;
    } rows[] = {{"EURUSD", "14.00"}, {"XAUUSD", "140.00"}, {"USDJPY", "15.38"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        const struct symbol_info *s = sym(rows[i].name);
        int64_t distance_e8 = symbol_risk_distance_e8(s, d("7"), d("0.05"));
        cr_expect_str_eq(dec_format_fixed(symbol_pips_e8(s, 0, distance_e8), 2, out), rows[i].pips,
                         "%s: %s", rows[i].name, out);
    }
}

Test(symbol, one_percent_of_ten_thousand_with_a_stop_25_away_in_gold)
{
    const struct symbol_info *s = sym("XAUUSD"); /* brokers 4: 100 / (25 x 100) = 0.04 lots */
    int64_t loss_of_one_lot_e8 = dec_mul(d("25"), s->contract_size_e8, DEC_HALF_AWAY);
    cr_expect_eq(
        dec_to_step(dec_div(d("100"), loss_of_one_lot_e8, DEC_DOWN), s->volume_step_e8, DEC_DOWN),
        d("0.04"));
    cr_expect_eq(symbol_risk_distance_e8(s, d("100"), d("0.04")), d("25"));
}

Test(symbol, g51_fixed_money_distances)
{
    char out[DEC_TEXT_CAP];
    cr_expect_eq(symbol_risk_distance_e8(sym("EURUSD"), d("10"), d("0.05")), d("0.0020"));
    cr_expect_eq(symbol_risk_distance_e8(sym("XAUUSD"), d("10"), d("0.05")), d("2.00"));
    cr_expect_str_eq(
        dec_format_fixed(symbol_risk_distance_e8(sym("USDJPY"), d("10"), d("0.05")), 4, out),
        "0.2198");
    cr_expect_str_eq(
        dec_format_fixed(symbol_risk_distance_e8(sym("GBPJPY"), d("10"), d("0.10")), 4, out),
        "0.1111");
}

Test(symbol, absurd_amounts_saturate)
{
    const struct symbol_info *s = sym("EURUSD");
    cr_expect_eq(symbol_profit_e8(s, 1, 1, INT64_MAX, INT64_MAX, 0), INT64_MAX);
    cr_expect_eq(symbol_profit_e8(s, -1, 1, INT64_MAX, INT64_MAX, 0), -INT64_MAX);
    cr_expect_eq(symbol_margin_e8(s, INT64_MAX, INT64_MAX, 1), INT64_MAX);
    cr_expect_gt(symbol_risk_distance_e8(s, INT64_MAX, 1), 0);
}
