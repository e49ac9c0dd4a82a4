/* Covers: exact parsing (signs, fractions, exponents, limits, garbage), rounding modes at and
 * beside the half, formatting minimal and fixed, products and quotients in one rounding,
 * saturation, steps. */
#include <criterion/criterion.h>
#include <string.h>

#include "model/decimal.h"

static bool parse(const char *s, int64_t *ret)
{
    return dec_parse(s, strlen(s), ret);
}

static int64_t value(const char *s)
{
    int64_t v = 0;
    cr_assert(parse(s, &v), "%s", s);
    return v;
}

Test(decimal, parses_exactly)
{
    static const struct {
        const char *text;
        int64_t e8;
    } rows[] = {
        {"0", 0},
        {"-0", 0},
        {"-0.00", 0},
        {"1", DEC_ONE},
        {"+1", DEC_ONE},
        {"-2.5", -250000000},
        {"4209.580", 420958000000},
        {"0.00000001", 1},
        {"-0.00000001", -1},
        {"1e-7", 10},
        {"1E2", 10000000000},
        {"1.5e+1", 1500000000},
        {"0.000000010000000000000000000000000000000000000", 1},
        {"100e-10", 1},
        {"0e999999999999", 0},
        {"000000000000000000000000000000000000000001", DEC_ONE},
        {"92233720368.54775807", INT64_MAX},
        {"-92233720368.54775807", -INT64_MAX},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++)
        cr_expect_eq(value(rows[i].text), rows[i].e8, "%s", rows[i].text);
}

Test(decimal, refuses_garbage_overflow_and_inexact_text)
{
    static const char *const rows[] = {
        "",
        " ",
        "+",
        "-",
        ".",
        "e5",
        "1e",
        "1e+",
        "1 ",
        " 1",
        "1,5",
        "1.2.3",
        "--1",
        "0x1",
        "NaN",
        "inf",
        "1_0",
        "1f",
        "١",
        "{{close}}",
        "1e99",
        "1e11",
        "92233720368.54775808",
        "-92233720368.54775808",
        "0.000000001",
        "1.123456789",
        "1e-9",
        "0.0000000100000000000000000000000000000000001",
    };
    int64_t v = 42;
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++)
        cr_expect_not(parse(rows[i], &v), "%s", rows[i]);
    cr_expect_eq(v, 42, "a refusal leaves the result alone");
    char many[1001];
    memset(many, '0', sizeof(many) - 1);
    many[1000] = '\0';
    cr_expect_not(parse(many, &v), "a number of a thousand digits is garbage");
}

Test(decimal, reads_only_the_given_length)
{
    int64_t v = 0;
    cr_assert(dec_parse("12.5garbage", 4, &v));
    cr_assert_eq(v, 1250000000);
    cr_assert_not(dec_parse("12", 0, &v));
}

Test(decimal, parse_round_decides_at_and_beside_the_half)
{
    static const struct {
        const char *text;
        enum dec_round mode;
        int64_t e8;
    } rows[] = {
        {"0.000000015", DEC_DOWN, 1},
        {"0.000000015", DEC_UP, 2},
        {"0.000000015", DEC_HALF_AWAY, 2},
        {"0.000000015", DEC_HALF_EVEN, 2},
        {"0.000000025", DEC_HALF_EVEN, 2},
        {"0.000000025", DEC_HALF_AWAY, 3},
        {"0.0000000251", DEC_HALF_EVEN, 3},
        {"0.0000000249", DEC_HALF_AWAY, 2},
        {"-0.000000015", DEC_DOWN, -1},
        {"-0.000000015", DEC_UP, -2},
        {"-0.000000025", DEC_HALF_AWAY, -3},
        {"-0.000000025", DEC_HALF_EVEN, -2},
        {"1e-30", DEC_HALF_AWAY, 0},
        {"1e-30", DEC_UP, 1},
        {"1e-9999", DEC_DOWN, 0},
        {"-1e-30", DEC_UP, -1},
        {"0.0000000250000000000000000000000000000000000001", DEC_HALF_EVEN, 3},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        int64_t v = 0;
        cr_assert(dec_parse_round(rows[i].text, strlen(rows[i].text), rows[i].mode, &v));
        cr_expect_eq(v, rows[i].e8, "%s mode %d gives %lld", rows[i].text, (int)rows[i].mode,
                     (long long)v);
    }
}

Test(decimal, formats_minimal_text)
{
    char out[DEC_TEXT_CAP];
    cr_expect_str_eq(dec_format(0, out), "0");
    cr_expect_str_eq(dec_format(-1, out), "-0.00000001");
    cr_expect_str_eq(dec_format(DEC_ONE, out), "1");
    cr_expect_str_eq(dec_format(10 * DEC_ONE, out), "10");
    cr_expect_str_eq(dec_format(420958000000, out), "4209.58");
    cr_expect_str_eq(dec_format(-250000000, out), "-2.5");
    cr_expect_str_eq(dec_format(INT64_MAX, out), "92233720368.54775807");
    cr_expect_str_eq(dec_format(INT64_MIN, out), "-92233720368.54775808");
}

Test(decimal, formats_a_fixed_number_of_decimals)
{
    char out[DEC_TEXT_CAP];
    cr_expect_str_eq(dec_format_fixed(10851500000, 2, out), "108.52", "108.515 of the spec");
    cr_expect_str_eq(dec_format_fixed(-400000, 2, out), "0.00", "never -0.00");
    cr_expect_str_eq(dec_format_fixed(-500000, 2, out), "-0.01");
    cr_expect_str_eq(dec_format_fixed(108500000, 5, out), "1.08500");
    cr_expect_str_eq(dec_format_fixed(149500000, 0, out), "1");
    cr_expect_str_eq(dec_format_fixed(150000000, 0, out), "2");
    cr_expect_str_eq(dec_format_fixed(999999999, 1, out), "10.0");
    cr_expect_str_eq(dec_format_fixed(INT64_MIN, 8, out), "-92233720368.54775808");
}

Test(decimal, text_survives_a_round_trip)
{
    int64_t v = 1;
    for (int i = 0; i < 2000; i++) {
        char out[DEC_TEXT_CAP];
        int64_t back = 0;
        v = (int64_t)((uint64_t)v * 6364136223846793005u + 1442695040888963407u);
        if (v == INT64_MIN)
            continue;
        cr_assert(parse(dec_format(v, out), &back));
        cr_assert_eq(back, v, "%s", out);
    }
}

Test(decimal, multiplies_and_divides_with_one_rounding)
{
    cr_expect_eq(dec_mul(5000000, 85000000, DEC_DOWN), 4250000, "0.05 x 0.85");
    cr_expect_eq(dec_mul(1, 50000000, DEC_HALF_EVEN), 0);
    cr_expect_eq(dec_mul(1, 50000000, DEC_HALF_AWAY), 1);
    cr_expect_eq(dec_mul(-1, 50000000, DEC_HALF_AWAY), -1);
    cr_expect_eq(dec_mul(3, 50000000, DEC_HALF_EVEN), 2);
    cr_expect_eq(dec_div(DEC_ONE, 3 * DEC_ONE, DEC_DOWN), 33333333);
    cr_expect_eq(dec_div(DEC_ONE, 3 * DEC_ONE, DEC_UP), 33333334);
    cr_expect_eq(dec_div(DEC_ONE, -3 * DEC_ONE, DEC_UP), -33333334);
    cr_expect_eq(dec_muldiv(7, 3, 2, DEC_HALF_EVEN), 10);
    cr_expect_eq(dec_muldiv(7, 3, 2, DEC_HALF_AWAY), 11);
    cr_expect_eq(dec_muldiv(-7, 3, -2, DEC_HALF_AWAY), 11);
    cr_expect_eq(dec_muldiv(INT64_MAX, INT64_MAX, INT64_MAX, DEC_DOWN), INT64_MAX);
}

Test(decimal, saturates_and_never_yields_none)
{
    cr_expect_eq(dec_mul(INT64_MAX, INT64_MAX, DEC_DOWN), INT64_MAX);
    cr_expect_eq(dec_mul(INT64_MAX, -INT64_MAX, DEC_DOWN), -INT64_MAX);
    cr_expect_eq(dec_div(INT64_MAX, 1, DEC_DOWN), INT64_MAX);
    cr_expect_eq(dec_muldiv(INT64_MIN, 1, 1, DEC_DOWN), -INT64_MAX);
    cr_expect_eq(dec_abs(INT64_MIN), INT64_MAX);
    cr_expect_eq(dec_abs(-5), 5);
    cr_expect_eq(dec_to_step(INT64_MAX, DEC_ONE, DEC_UP), INT64_MAX);
}

Test(decimal, rounds_to_a_step)
{
    int64_t step = DEC_ONE / 100;
    cr_expect_eq(dec_to_step(2656250, step, DEC_DOWN), 2000000, "G38: 0.0265625 -> 0.02");
    cr_expect_eq(dec_to_step(3125000, step, DEC_DOWN), 3000000, "G40: 0.03125 -> 0.03");
    cr_expect_eq(dec_to_step(3000000, step, DEC_DOWN), 3000000);
    cr_expect_eq(dec_to_step(-2656250, step, DEC_DOWN), -2000000);
    cr_expect_eq(dec_to_step(2500000, step, DEC_HALF_EVEN), 2000000);
    cr_expect_eq(dec_to_step(2500000, step, DEC_HALF_AWAY), 3000000);
    cr_expect_eq(dec_to_step(2500001, step, DEC_UP), 3000000);
}
