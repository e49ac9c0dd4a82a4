/* Covers: signals/prepass.c and text_clean() by themselves: placeholders outside and inside
 * strings, fields counted; what test_parse does not: repeated names behind escapes, deep nesting,
 * NUL bytes anywhere, invalid UTF-8 in texts; and that any bytes at all get a signal or a named
 * refusal (20,000 random and 20,000 damaged bodies). */
#include "parse_case.h"

#include "core/rng.h"
#include "signals/fields.h"

#define ENTRY                                                                                      \
    "{\"type\":\"entry_v3\",\"signal_type\":\"Momentum_Breakout\",\"symbol\":\"XAUUSD\","          \
    "\"direction\":\"buy\",\"tf\":\"15\",\"price\":2650.10,\"consensus_score\":7}"

#define TAIL ",'symbol':'XAUUSD','signal':'bull','tf':'1d'}"

static void expect_prepass(const char *in, const char *want, int keys)
{
    struct buf out;
    int got = -1;
    buf_init(&out, 4096);
    prepass(in, strlen(in), &out, &got);
    cr_assert_str_eq(out.data, want, "%s became %s", in, out.data);
    cr_assert_eq(got, keys, "%s has %d fields, not %d", in, keys, got);
    buf_deinit(&out);
}

Test(prepass, bare_placeholders_become_null)
{
    expect_prepass("{\"a\":{{close}}}", "{\"a\":null}", 1);
    expect_prepass("{\"a\":{{ close }},\"b\":{{plot(\\0)}}}", "{\"a\":null,\"b\":null}", 2);
    expect_prepass("{\"a\":\"{{close}}\"}", "{\"a\":\"{{close}}\"}", 1);
    expect_prepass("{\"a\":\"x\\\"{{b}}\"}", "{\"a\":\"x\\\"{{b}}\"}", 1);
    expect_prepass("{\"a\":\"x\\\\\",\"b\":{{c}}}", "{\"a\":\"x\\\\\",\"b\":null}", 2);
    expect_prepass("{\"a\":{{open", "{\"a\":{{open", 1);
    expect_prepass("{{}}", "null", 0);
    expect_prepass("", "", 0);
}

Test(prepass, only_fields_of_the_outer_object_are_counted)
{
    expect_prepass("{\"a\":{\"b\":1,\"c\":[{\"d\":2}]},\"e\":\"x:y\"}",
                   "{\"a\":{\"b\":1,\"c\":[{\"d\":2}]},\"e\":\"x:y\"}", 2);
}

Test(prepass, a_field_repeated_by_its_escaped_name_is_refused)
{
    refused("{'type':'bias','t\\u0079pe':'bias'" TAIL, REASON_FIELD_INVALID, "body");
    (void)parsed("{'type':'bias','TYPE':'exit'" TAIL, NULL);
}

Test(prepass, nesting_is_bounded_however_deep_it_goes)
{
    char deep[4000];
    (void)parsed("{'type':'bias','x':[[[[[1]]]]]" TAIL, NULL);
    memset(deep, '[', sizeof(deep));
    deep[0] = '{';
    deep[sizeof(deep) - 1] = '\0';
    refused(deep, REASON_FIELD_INVALID, "body");
    for (size_t i = 0; i + 5 < sizeof(deep); i += 5)
        memcpy(deep + i, "{'a':", 5);
    refused(deep, REASON_FIELD_INVALID, "body");
}

Test(prepass, nul_bytes_are_refused_wherever_they_are)
{
    char body[sizeof(ENTRY)];
    struct signal s;
    struct signal_fault f;
    for (size_t i = 0; i + 1 < sizeof(ENTRY); i += 7) {
        memcpy(body, ENTRY, sizeof(ENTRY));
        body[i] = '\0';
        cr_assert_eq(signal_parse(body, sizeof(ENTRY) - 1, NULL, PARSE_NOW_MS, &s, &f),
                     SIGNAL_E_REFUSED);
        cr_expect_eq(f.reason, REASON_FIELD_INVALID);
        cr_expect_str_eq(f.field, "body");
    }
    refused("{'type':'bias\\u0000x'" TAIL, REASON_FIELD_MISSING, "type");
    refused("{'ty\\u0000pe':'bias'" TAIL, REASON_FIELD_MISSING, "type");
}

Test(prepass, texts_are_cleaned_of_what_is_no_utf8)
{
    struct signal s = parsed("BREAKOUT|EURUSD|15|1.1|\xff\xe2\x86\x92\xc3(\x01\xed\xa0\x80", NULL);
    cr_expect_str_eq(s.text, "?→?(????");
    cr_expect_str_eq(refused("\xff\xfe|x", REASON_SIGNAL_UNKNOWN, "type").value, "??");
}

Test(prepass, long_texts_are_cut_between_characters)
{
    char text[32];
    text_clean(text, 5, "ab→c");
    cr_assert_str_eq(text, "ab");
    text_clean(text, 6, "ab→c");
    cr_assert_str_eq(text, "ab→");
    text_clean(text, 1, "x");
    cr_assert_str_eq(text, "");
    text_clean(text, sizeof(text), "a\n\t\x7f");
    cr_assert_str_eq(text, "a???");
}

/* ---- totality ---- */

static void any(const char *body, size_t len, const char *hint)
{
    struct signal s;
    struct signal_fault f;
    char *exact = malloc(len + (len == 0)); /* a read beyond it is seen */
    memcpy(exact, body, len);
    if (signal_parse(exact, len, hint, PARSE_NOW_MS, &s, &f) == SIGNAL_PARSED) {
        cr_assert_not_null(symbol_find(s.symbol));
        cr_assert(s.price_e8 == DEC_NONE || s.price_e8 > 0);
        cr_assert(s.sl_e8 == DEC_NONE || s.sl_e8 > 0);
    } else {
        cr_assert_gt(strlen(f.field), 0);
        cr_assert_gt(strlen(f.accepted), 0);
        cr_assert(f.reason > REASON_UNSET && f.reason < REASON_COUNT);
    }
    free(exact);
}

Test(prepass, random_bytes_always_get_an_answer)
{
    struct rng rng;
    char body[300];
    rng_seed(&rng, 1);
    for (int i = 0; i < 20000; i++) {
        size_t len = rng_below(&rng, sizeof(body));
        for (size_t k = 0; k < len; k++)
            body[k] = (char)rng_below(&rng, i % 2 == 0 ? 256 : 128);
        if (len > 0 && i % 3 == 0)
            body[0] = i % 2 == 0 ? '{' : '|';
        any(body, len, i % 5 == 0 ? "XAUUSD" : NULL);
    }
}

Test(prepass, damaged_alerts_always_get_an_answer)
{
    static const char *const seeds[] = {
        ENTRY,
        ("BULLISH_ENTRY|XAUUSD|5|2650.00|BUY|HIGH|90|27.4|STRONG|2642.00|2658.00|2666.00|2674.00|"
         "5/1|TL_OK|"),
        "{\"type\":\"entry\",\"symbol\":\"XAUUSD\",\"signal\":\"buy\",\"tf\":\"5m\"}",
        "TREND_PULSE|EURUSD|15|2|4|15:BULL→BEAR,60:SIDE→BEAR|MIXED_BEARISH",
        "Bullish reversal on XAUUSD 15",
    };
    struct rng rng;
    rng_seed(&rng, 2);
    for (size_t s = 0; s < TR_ARRAY_SIZE(seeds); s++) {
        size_t len = strlen(seeds[s]);
        for (size_t cut = 0; cut <= len; cut++)
            any(seeds[s], cut, NULL);
        for (int i = 0; i < 4000; i++) {
            char body[512];
            memcpy(body, seeds[s], len + 1);
            for (uint64_t n = 1 + rng_below(&rng, 4); n > 0; n--)
                body[rng_below(&rng, len)] = (char)rng_below(&rng, 256);
            any(body, len, "EURUSD");
        }
    }
}
