/* Covers: which format a body is taken for, the pre-pass of bare placeholders (G18), JSON hygiene
 * (repeats, depth, UTF-8, size, rest after the object), where the symbol comes from, legacy alerts
 * (1.4). */
#include "parse_case.h"

#include "core/alloc.h"

#define ENTRY_TAIL                                                                                 \
    ",'direction':'buy','tf':'15','consensus_score':7,'type':'entry_v3','signal_type':'Momentum_"  \
    "Breakout'}"

Test(parse, tells_the_formats_apart)
{
    cr_expect_eq(parsed("{'symbol':'XAUUSD'" ENTRY_TAIL, NULL).format, SIGNAL_FORMAT_V3);
    cr_expect_eq(parsed(" \r\n\t{'symbol':'XAUUSD'" ENTRY_TAIL "\n", NULL).format,
                 SIGNAL_FORMAT_V3);
    cr_expect_eq(parsed("EXIT_BULLISH|XAUUSD|5|2661.3|15", NULL).format, SIGNAL_FORMAT_V6);
    cr_expect_eq(parsed("{'type':'bias','symbol':'XAUUSD','signal':'bull','tf':'1d'}", NULL).format,
                 SIGNAL_FORMAT_LEGACY);
}

Test(parse, g18_placeholders_are_missing_values)
{
    struct signal s = parsed("{'symbol':'{{ticker}}','price':{{close}}" ENTRY_TAIL, "OANDA:XAUUSD");
    cr_expect_str_eq(s.symbol, "XAUUSD");
    cr_expect_eq(s.price_e8, DEC_NONE);
    s = parsed("{'symbol':'XAUUSD','price':'{{close}}'" ENTRY_TAIL, NULL);
    cr_expect_eq(s.price_e8, DEC_NONE, "a quoted one too");
    s = parsed("{'symbol':'XAUUSD','price': {{close}} ,'x':{{plot('RSI')}}" ENTRY_TAIL, NULL);
    cr_expect_eq(s.price_e8, DEC_NONE);
    refused("{'symbol':'XAUUSD','price':{{close" ENTRY_TAIL, REASON_FIELD_INVALID, "body");
    refused("{'symbol':'{{ticker}}'" ENTRY_TAIL, REASON_SYMBOL_MISSING, "symbol");
}

Test(parse, braces_inside_strings_stay)
{
    struct signal s =
        parsed("{'type':'squeeze_v3','signal_type':'Volatility_Squeeze','symbol':'XAUUSD','tf':'5',"
               "'message':'say \\'{{x}}\\' {{y}}'}",
               NULL);
    cr_expect_str_eq(s.text, "say \"{{x}}\" {{y}}");
}

Test(parse, the_symbol_comes_from_the_body_or_the_hint)
{
    cr_expect_str_eq(parsed("{'symbol':'OANDA:eur/usd'" ENTRY_TAIL, "XAUUSD").symbol, "EURUSD");
    cr_expect_str_eq(parsed("{'symbol':''" ENTRY_TAIL, "FX:gold").symbol, "XAUUSD");
    cr_expect_str_eq(parsed("{'symbol':null" ENTRY_TAIL, "GBPUSD.pro").symbol, "GBPUSD");
    struct signal_fault f =
        refused("{'symbol':'BTCUSD'" ENTRY_TAIL, REASON_SYMBOL_UNKNOWN, "symbol");
    cr_expect_str_eq(f.value, "BTCUSD");
    cr_expect_not_null(strstr(f.accepted, "XAUUSD EURUSD GBPUSD USDJPY"));
    cr_expect_not_null(strstr(f.accepted, "AUDJPY"), "all ten fit: %s", f.accepted);
    refused("{'symbol':'€'" ENTRY_TAIL, REASON_SYMBOL_MISSING, "symbol");
}

Test(parse, broken_json_is_refused_as_body)
{
    static const char *const rows[] = {
        "{",
        "{'a':1",
        "{'a'}",
        "{{close}}",
        "{'type':'entry_v3',}",
        "{'type':'entry_v3'} x",
        "{'type':'entry_v3'}{'type':'entry_v3'}",
        "{'type':'entry_v3','type':'exit_v3'}",
        "{'type':'entry_v3','a':1,'a':1}",
        "{'type':'a','x':[[[[[[[[[1]]]]]]]]]}",
        "{'type':'\xff'}",
        "{'type':'\xc0\xaf'}",
        "{'type':'\xed\xa0\x80'}",
        "{type:'entry_v3'}",
        "{'type':01}",
        "{'a':/* */1}",
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++)
        refused(rows[i], REASON_FIELD_INVALID, "body");
}

Test(parse, an_array_or_a_word_is_not_an_alert)
{
    refused("", REASON_FIELD_MISSING, "body");
    refused(" \n ", REASON_FIELD_MISSING, "body");
    refused("[1]", REASON_SIGNAL_UNKNOWN, "body");
    refused("hello", REASON_SIGNAL_UNKNOWN, "body");
    refused("{}", REASON_FIELD_MISSING, "type");
    refused("{'type':{}}", REASON_FIELD_MISSING, "type");
    refused("{'type':'entry_v4'}", REASON_SIGNAL_UNKNOWN, "type");
}

Test(parse, size_and_number_of_fields_are_bounded)
{
    struct signal s = SIGNAL_INIT;
    struct signal_fault f = {0};
    char *body = xalloc(SIGNAL_BODY_MAX_BYTES + 2);
    memset(body, ' ', SIGNAL_BODY_MAX_BYTES + 1);
    const char *alert =
        "{\"type\":\"bias\",\"symbol\":\"XAUUSD\",\"signal\":\"bull\",\"tf\":\"1d\"}";
    memcpy(body, alert, strlen(alert));
    cr_assert_eq(hash_global_init(), 0);
    cr_expect_eq(signal_parse(body, SIGNAL_BODY_MAX_BYTES, NULL, PARSE_NOW_MS, &s, &f),
                 SIGNAL_PARSED);
    cr_expect_eq(signal_parse(body, SIGNAL_BODY_MAX_BYTES + 1, NULL, PARSE_NOW_MS, &s, &f),
                 SIGNAL_E_REFUSED);
    cr_expect_str_eq(f.field, "body");
    (void)mem_free(body);
    struct buf b TR_CLEANUP(buf_deinit);
    buf_init(&b, 4096);
    buf_puts(&b, "{'type':'bias','symbol':'XAUUSD','signal':'bull','tf':'1d'");
    for (int i = 0; i < 60; i++)
        buf_printf(&b, ",'k%d':1", i);
    TR_CLEANUP(mem_freep) char *enough = xasprintf("%s}", b.data);
    TR_CLEANUP(mem_freep) char *more = xasprintf("%s,'k60':1}", b.data);
    parsed(enough, NULL);
    refused(more, REASON_FIELD_INVALID, "body");
}

Test(parse, a_nul_byte_is_refused)
{
    struct signal s = SIGNAL_INIT;
    struct signal_fault f = {0};
    cr_assert_eq(hash_global_init(), 0);
    cr_expect_eq(signal_parse("EXIT_BULLISH|XAU\0USD|5", 22, NULL, PARSE_NOW_MS, &s, &f),
                 SIGNAL_E_REFUSED);
    cr_expect_str_eq(f.field, "body");
}

Test(parse, what_is_shown_of_a_value_is_clean)
{
    struct signal_fault f =
        refused("{'type':'a\\u0007b\\n\\u001f<\\u00fc'}", REASON_SIGNAL_UNKNOWN, "type");
    for (const char *p = f.value; *p != '\0'; p++)
        cr_expect((unsigned char)*p >= 0x20, "%s", f.value);
}

Test(parse, time_and_hash_are_kept)
{
    struct signal a = parsed("EXIT_BULLISH|XAUUSD|5|2661.3|15", NULL);
    struct signal b = parsed("EXIT_BULLISH|XAUUSD|5|2661.4|15", NULL);
    cr_expect_eq(a.received_ms, PARSE_NOW_MS);
    cr_expect_neq(a.body_hash, b.body_hash);
    cr_expect_eq(a.body_hash, parsed("EXIT_BULLISH|XAUUSD|5|2661.3|15", NULL).body_hash);
}

/* ---- legacy, 1.4 ---- */

Test(parse, all_legacy_alerts)
{
    static const struct {
        const char *type, *buy, *sell, *timeframes[5];
        enum signal_kind kind;
    } rows[] = {
        {"bias", "bull", "bear", {"1d", "1h", "15m", "5m"}, SIGNAL_LEGACY_BIAS},
        {"trend", "bull", "bear", {"1h", "15m", "5m", "1d"}, SIGNAL_LEGACY_TREND},
        {"entry", "buy", "sell", {"5m", "15m", "1h"}, SIGNAL_LEGACY_ENTRY},
        {"exit", "bull", "bear", {"5m", "15m", "1h"}, SIGNAL_LEGACY_EXIT},
        {"reversal", "reversal_bull", "reversal_bear", {"5m", "15m"}, SIGNAL_LEGACY_REVERSAL},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++)
        for (int k = 0; rows[i].timeframes[k] != NULL; k++)
            for (int side = 0; side < 2; side++) {
                TR_CLEANUP(mem_freep)
                char *text = xasprintf("{'type': '%s', 'symbol': 'XAUUSD', 'signal': '%s', 'tf': "
                                       "'%s', 'price': 4209.580, "
                                       "'strategy': 'ZepixPremium'}",
                                       rows[i].type, side == 0 ? rows[i].buy : rows[i].sell,
                                       rows[i].timeframes[k]);
                struct signal s = parsed(text, NULL);
                cr_expect_eq(s.kind, rows[i].kind);
                cr_expect_eq(s.side, side == 0 ? SIDE_BUY : SIDE_SELL);
                cr_expect_eq(s.tf, timeframe_parse(rows[i].timeframes[k]));
                cr_expect_eq(s.price_e8, e8("4209.58"));
            }
}

Test(parse, legacy_refusals_name_the_field)
{
    refused("{'type':'entry','symbol':'XAUUSD','signal':'bull','tf':'5m'}", REASON_FIELD_INVALID,
            "signal");
    refused("{'type':'entry','symbol':'XAUUSD','tf':'5m'}", REASON_FIELD_MISSING, "signal");
    refused("{'type':'entry','symbol':'XAUUSD','signal':'buy'}", REASON_FIELD_MISSING, "tf");
    refused("{'type':'entry','symbol':'XAUUSD','signal':'buy','tf':'1d'}", REASON_FIELD_INVALID,
            "tf");
    refused("{'type':'reversal','symbol':'XAUUSD','signal':'reversal_bull','tf':'1h'}",
            REASON_FIELD_INVALID, "tf");
    refused("{'type':'entry','symbol':'XAUUSD','signal':'buy','tf':'5m','price':0}",
            REASON_FIELD_INVALID, "price");
    refused("{'type':'entry','signal':'buy','tf':'5m'}", REASON_SYMBOL_MISSING, "symbol");
}
