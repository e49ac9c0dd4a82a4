/* Covers: bots/args: every type with both sides of its boundaries, optional fields that are passed
 * over, missing and superfluous words, near misses, usage lines, the one answer about a fault. */
#include "unit/bots/stage.h"

#include "bots/args.h"
#include "bots/table.h"

static struct args v;

static enum args_result read_one(struct arg_spec spec, const char *line)
{
    const struct arg_spec specs[] = {spec, {.type = ARG_UNSET}};
    if (specs[0].name == NULL)
        spec.name = "field";
    return args_parse(specs, line, &v);
}

Test(args, numbers_are_taken_up_to_their_ends_and_not_beyond)
{
    struct arg_spec lots = {
        .name = "lots", .type = ARG_DECIMAL, .min = DEC_ONE / 100, .max = 10 * DEC_ONE};
    cr_assert_eq(read_one(lots, "0.01"), ARGS_OK);
    cr_assert_eq(v.v[0].number, DEC_ONE / 100);
    cr_assert_eq(read_one(lots, "10"), ARGS_OK);
    cr_assert_eq(read_one(lots, "0.009"), ARGS_E_BAD);
    cr_assert_eq(read_one(lots, "10.00000001"), ARGS_E_BAD);
    cr_assert_eq(read_one(lots, "1e3"), ARGS_E_BAD);
    struct arg_spec n = {.name = "n", .type = ARG_INT, .min = 1, .max = 5};
    cr_assert_eq(read_one(n, "1"), ARGS_OK);
    cr_assert_eq(read_one(n, "5"), ARGS_OK);
    cr_assert_eq(read_one(n, "0"), ARGS_E_BAD);
    cr_assert_eq(read_one(n, "6"), ARGS_E_BAD);
    cr_assert_eq(read_one(n, "2.5"), ARGS_E_BAD);
    cr_assert_str_eq(v.read, "2.5");
}

Test(args, percent_duration_receipt_and_date)
{
    struct arg_spec p = {.name = "p", .type = ARG_PERCENT, .min = DEC_ONE, .max = 100 * DEC_ONE};
    cr_assert_eq(read_one(p, "25%"), ARGS_OK);
    cr_assert_eq(v.v[0].number, 25 * DEC_ONE);
    cr_assert_eq(read_one(p, "100"), ARGS_OK);
    cr_assert_eq(read_one(p, "0.99%"), ARGS_E_BAD);
    cr_assert_eq(read_one(p, "%"), ARGS_E_BAD);
    struct arg_spec d = {.name = "d", .type = ARG_DURATION, .min = 1000, .max = 86400000};
    cr_assert_eq(read_one(d, "30"), ARGS_OK);
    cr_assert_eq(v.v[0].number, 30000);
    cr_assert_eq(read_one(d, "6h"), ARGS_OK);
    cr_assert_eq(v.v[0].number, INT64_C(21600000));
    cr_assert_eq(read_one(d, "1d"), ARGS_OK);
    cr_assert_eq(read_one(d, "2d"), ARGS_E_BAD);
    cr_assert_eq(read_one(d, "0"), ARGS_E_BAD);
    cr_assert_eq(read_one(d, "5x"), ARGS_E_BAD);
    struct arg_spec r = {.name = "r", .type = ARG_RECEIPT};
    cr_assert_eq(read_one(r, "#88a"), ARGS_OK);
    cr_assert_eq(v.v[0].number, 88);
    cr_assert_eq(read_one(r, "0"), ARGS_E_BAD);
    cr_assert_eq(read_one(r, "88ab"), ARGS_E_BAD);
    struct arg_spec day = {.name = "day", .type = ARG_DATE};
    cr_assert_eq(read_one(day, "2026-11-21"), ARGS_OK);
    cr_assert_eq(v.v[0].number, 20261121);
    cr_assert_eq(read_one(day, "2026-13-01"), ARGS_E_BAD);
    cr_assert_eq(read_one(day, "21-11-2026"), ARGS_E_BAD);
}

Test(args, words_are_read_in_any_case_and_slips_are_recognised)
{
    struct arg_spec c = {.name = "state", .type = ARG_CHOICE, .choices = "status|toggle|off"};
    cr_assert_eq(read_one(c, "OFF"), ARGS_OK);
    cr_assert_eq(v.v[0].choice, 2);
    cr_assert_str_eq(v.v[0].word, "off");
    cr_assert_eq(read_one(c, "togle"), ARGS_E_BAD);
    cr_assert_str_eq(v.near, "toggle");
    struct arg_spec s = {.name = "symbol", .type = ARG_SYMBOL};
    cr_assert_eq(read_one(s, "xau/usd"), ARGS_OK);
    cr_assert_str_eq(v.v[0].word, "XAUUSD");
    cr_assert_eq(read_one(s, "XAUUSF"), ARGS_E_BAD);
    cr_assert_str_eq(v.near, "XAUUSD");
    struct arg_spec p = {.name = "plugin", .type = ARG_PLUGIN};
    cr_assert_eq(read_one(p, "V3"), ARGS_OK);
    cr_assert_str_eq(v.v[0].word, "combined_v3");
    cr_assert_eq(read_one(p, "v9"), ARGS_E_BAD);
}

Test(args, an_optional_field_is_passed_over_when_the_word_is_the_next_one)
{
    const struct arg_spec specs[] = {
        {.name = "plugin", .type = ARG_PLUGIN, .is_optional = true},
        {.name = "lots", .type = ARG_DECIMAL, .min = 1, .max = 10 * DEC_ONE},
        {.type = ARG_UNSET}};
    cr_assert_eq(args_parse(specs, "0.05", &v), ARGS_OK);
    cr_assert_not(v.v[0].is_given);
    cr_assert(v.v[1].is_given);
    cr_assert_eq(args_parse(specs, "v3 0.05", &v), ARGS_OK);
    cr_assert(v.v[0].is_given);
    cr_assert_eq(args_parse(specs, "v3", &v), ARGS_E_MISSING);
    cr_assert_eq(v.bad, 1);
    cr_assert_eq(args_parse(specs, "v3 abc", &v), ARGS_E_BAD);
    cr_assert_eq(v.bad, 1);
    cr_assert_eq(args_parse(specs, "v3 0.05 again", &v), ARGS_E_TOO_MANY);
    cr_assert_str_eq(v.read, "again");
}

Test(args, text_takes_the_rest_and_none_takes_nothing)
{
    const struct arg_spec specs[] = {{.name = "note", .type = ARG_TEXT, .is_optional = true},
                                     {.type = ARG_UNSET}};
    cr_assert_eq(args_parse(specs, "a b  c", &v), ARGS_OK);
    cr_assert_str_eq(v.v[0].text, "a b  c");
    cr_assert_eq(args_parse(NULL, "", &v), ARGS_OK);
    cr_assert_eq(args_parse(NULL, "x", &v), ARGS_E_TOO_MANY);
}

Test(args, usage_shows_what_may_be_left_out)
{
    struct buf out;
    buf_init(&out, 256);
    table_usage(table_get("buy"), &out);
    cr_assert_str_eq(out.data, "<symbol> <lots> [sl_pips] [tp_pips]");
    buf_deinit(&out);
}

Test(args, a_fault_gets_one_answer_with_field_value_and_what_is_accepted)
{
    struct stage *st = stage_new();
    stage_say(st, "partial", "88a 250");
    cr_assert_eq(st->receipt.reason, REASON_ARGUMENT_INVALID);
    cr_assert_str_eq(st->receipt.text, "percent");
    cr_assert_not_null(strstr(st->reply.html, "<b>percent</b>: read <code>250</code>"));
    cr_assert_not_null(strstr(st->reply.html, "from 1 to 100"));
    cr_assert_not_null(strstr(st->reply.html, "/partial &lt;position&gt; &lt;percent&gt;"));
    stage_say(st, "set_trend", "XAUUSD 15m BULISH");
    cr_assert_not_null(strstr(st->reply.html, "Did you mean <code>BULLISH</code>?"));
    stage_say(st, "buy", "");
    cr_assert_not_null(strstr(st->reply.html, "<b>symbol</b> is missing"));
    stage_free(st);
}
