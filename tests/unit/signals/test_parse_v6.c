/* Covers: V6 pipe text (spec strategies 1.3): every token with the spec's example, P-20 field loss
 * of entries (G08, G09), P-26 arrows (G17), the two plain sentences, refusals by field. */
#include "parse_case.h"

#include "core/alloc.h"

#define BUY_ENTRY                                                                                  \
    "BULLISH_ENTRY|XAUUSD|5|2650.00|BUY|HIGH|90|27.4|STRONG|2642.00|2658.00|2666.00|2674.00|5/1|"  \
    "TL_OK|"

Test(parse_v6, g08_an_entry_with_all_fields)
{
    struct signal s =
        parsed("BEARISH_ENTRY|EURUSD|15|1.10000|SELL|HIGH|85|26.3|STRONG|1.10240|1.09760|"
               "1.09520|1.09280|1/5|TL_OK|",
               NULL);
    cr_expect_eq(s.format, SIGNAL_FORMAT_V6);
    cr_expect_eq(s.kind, SIGNAL_V6_BEARISH_ENTRY);
    cr_expect_eq(s.side, SIDE_SELL);
    cr_expect_eq(s.tf, TF_15M);
    cr_expect_eq(s.price_e8, e8("1.1"));
    cr_expect_eq(s.score, 85);
    cr_expect_str_eq(s.level, "HIGH");
    cr_expect_eq(s.adx_e8, e8("26.3"));
    cr_expect_eq(s.sl_e8, e8("1.1024"));
    cr_expect_eq(s.tp1_e8, e8("1.0976"));
    cr_expect_eq(s.tp2_e8, e8("1.0952"));
    cr_expect_eq(s.tp3_e8, e8("1.0928"));
    cr_expect_eq(s.bull_count, 1);
    cr_expect_eq(s.bear_count, 5);
    cr_expect_str_eq(s.trendline, "TL_OK");
}

Test(parse_v6, g09_a_switched_off_adx_is_missing)
{
    struct signal s =
        parsed("BEARISH_ENTRY|EURUSD|15|1.10000|SELL|HIGH|85|NA|NA|1.10240|1.09760|1.09520|"
               "1.09280|1/5|TL_OK|",
               NULL);
    cr_expect_eq(s.adx_e8, DEC_NONE);
    cr_expect_eq(s.sl_e8, e8("1.1024"));
}

Test(parse_v6, p20_fields_may_vanish_from_the_end)
{
    static const struct {
        const char *tail;
        bool prices, counts, line;
    } rows[] = {
        {"|2642|2658|2666|2674|5/1|TL_OK|", true, true, true},
        {"|2642|2658|2666|2674|5/1|", true, true, false},
        {"|2642|2658|2666|2674|TL_OK|", true, false, true},
        {"|2642|2658|2666|2674|", true, false, false},
        {"|2642|2658|2666|2674", true, false, false},
        {"|5/1|TL_BREAK|", false, true, true},
        {"|5/1|", false, true, false},
        {"|TL_BROKEN|", false, false, true},
        {"|", false, false, false},
        {"", false, false, false},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        TR_CLEANUP(mem_freep)
        char *text =
            xasprintf("BULLISH_ENTRY|XAUUSD|5|2650.00|BUY|HIGH|90|27.4|STRONG%s", rows[i].tail);
        struct signal s = parsed(text, NULL);
        cr_expect_eq(s.score, 90, "%s", text);
        cr_expect_eq(s.adx_e8, e8("27.4"), "%s", text);
        cr_expect_eq(s.sl_e8, rows[i].prices ? e8("2642") : DEC_NONE, "%s", text);
        cr_expect_eq(s.tp3_e8, rows[i].prices ? e8("2674") : DEC_NONE, "%s", text);
        cr_expect_eq(s.bull_count, rows[i].counts ? 5 : -1, "%s", text);
        cr_expect_eq(s.trendline[0] != '\0', rows[i].line, "%s", text);
    }
    cr_expect_str_eq(
        parsed("BULLISH_ENTRY|XAUUSD|5|2650|BUY|HIGH|90|27.4|STRONG|TL_BROKEN|", NULL).trendline,
        "TL_BREAK", "both words are known");
}

Test(parse_v6, entries_that_cannot_be_read)
{
    refused("BULLISH_ENTRY|XAUUSD|5|2650|SELL|HIGH|90|27.4|STRONG|", REASON_FIELD_INVALID,
            "direction");
    refused("BULLISH_ENTRY|XAUUSD|5|2650||HIGH|90|27.4|STRONG|", REASON_DIRECTION_MISSING,
            "direction");
    refused("BULLISH_ENTRY|XAUUSD|5|2650|BUY|HIGH|101|27.4|STRONG|", REASON_FIELD_INVALID,
            "confidence_score");
    refused("BULLISH_ENTRY|XAUUSD|5|2650|BUY|HIGH||27.4|STRONG|", REASON_FIELD_MISSING,
            "confidence_score");
    refused("BULLISH_ENTRY|XAUUSD|5|2650|BUY|HIGH|90|much|STRONG|", REASON_FIELD_INVALID, "adx");
    refused("BULLISH_ENTRY|XAUUSD|5|2650|BUY|HIGH|90|27.4|STRONG|2642|2658|", REASON_FIELD_INVALID,
            "sl");
    refused("BULLISH_ENTRY|XAUUSD|5|2650|BUY|HIGH|90|27.4|STRONG|2642|x|2666|2674|",
            REASON_FIELD_INVALID, "tp1");
    refused("BULLISH_ENTRY|XAUUSD|5|2650|BUY|HIGH|90|27.4|STRONG|2642|2658|2666|2674|7/1|TL_OK|",
            REASON_FIELD_INVALID, "alignment");
    refused("BULLISH_ENTRY|XAUUSD|5|0|BUY|HIGH|90|27.4|STRONG|", REASON_FIELD_INVALID, "price");
}

Test(parse_v6, the_examples_of_the_spec)
{
    struct signal s = parsed("MOMENTUM_CHANGE|GBPUSD|5|26.1|STRONG|22.0|MODERATE|INCREASING", NULL);
    cr_expect_eq(s.kind, SIGNAL_V6_MOMENTUM_CHANGE);
    cr_expect_eq(s.adx_e8, e8("26.1"));
    cr_expect_eq(s.prev_adx_e8, e8("22"));
    s = parsed("STATE_CHANGE|EURUSD|15|TRENDING_BEARISH|NEUTRAL|1/5", NULL);
    cr_expect_eq(s.kind, SIGNAL_V6_STATE_CHANGE);
    cr_expect_str_eq(s.state, "TRENDING_BEARISH");
    cr_expect_str_eq(s.prev_state, "NEUTRAL");
    cr_expect_eq(s.bull_count, 1);
    cr_expect_eq(s.bear_count, 5);
    s = parsed("SIDEWAYS_BREAKOUT|USDJPY|60|BULLISH|23.0|MODERATE|SIDEWAYS|INCREASING", NULL);
    cr_expect_eq(s.kind, SIGNAL_V6_SIDEWAYS_BREAKOUT);
    cr_expect_eq(s.side, SIDE_BUY);
    cr_expect_eq(s.adx_e8, e8("23"));
    s = parsed(
        "SCREENER_FULL_BEARISH|EURUSD|15|9|MACD,STOCH,VORTEX,MOMENTUM,RSI,PSAR,DMI,MFI,FISHER",
        NULL);
    cr_expect_eq(s.kind, SIGNAL_V6_SCREENER_FULL_BEARISH);
    s = parsed("TRENDLINE_BULLISH_BREAK|XAUUSD|15|2655.2|0.014|42", NULL);
    cr_expect_eq(s.kind, SIGNAL_V6_TRENDLINE_BULLISH_BREAK);
    cr_expect_eq(s.price_e8, e8("2655.2"));
    s = parsed("EXIT_BULLISH|XAUUSD|5|2661.3|15", NULL);
    cr_expect_eq(s.kind, SIGNAL_V6_EXIT_BULLISH);
    cr_expect_eq(s.price_e8, e8("2661.3"));
    s = parsed("BREAKOUT|EURUSD|15|1.10450|3|1200|1260", NULL);
    cr_expect_eq(s.kind, SIGNAL_V6_BREAKOUT);
    cr_expect_eq(s.price_e8, e8("1.1045"));
}

Test(parse_v6, all_tokens_are_known_with_side_timeframe_and_price)
{
    static const struct {
        const char *body;
        enum signal_kind kind;
        enum side side;
        enum timeframe tf;
        const char *price;
    } rows[] = {
        {BUY_ENTRY, SIGNAL_V6_BULLISH_ENTRY, SIDE_BUY, TF_5M, "2650"},
        {"BEARISH_ENTRY|EURUSD|15|1.1|SELL|HIGH|85|NA|NA|", SIGNAL_V6_BEARISH_ENTRY, SIDE_SELL,
         TF_15M, "1.1"},
        {"BREAKOUT|EURUSD|15|1.10450|3|1200|1260", SIGNAL_V6_BREAKOUT, SIDE_UNSET, TF_15M,
         "1.1045"},
        {"BREAKDOWN|EURUSD|15|1.10450|3|1200|1260", SIGNAL_V6_BREAKDOWN, SIDE_UNSET, TF_15M,
         "1.1045"},
        {"EXIT_BULLISH|XAUUSD|5|2661.3|15", SIGNAL_V6_EXIT_BULLISH, SIDE_UNSET, TF_5M, "2661.3"},
        {"EXIT_BEARISH|XAUUSD|5|2661.3|15", SIGNAL_V6_EXIT_BEARISH, SIDE_UNSET, TF_5M, "2661.3"},
        {"TREND_PULSE|EURUSD|15|2|4|15:BULL→BEAR|MIXED_BEARISH", SIGNAL_V6_TREND_PULSE, SIDE_UNSET,
         TF_15M, NULL},
        {"SIDEWAYS_BREAKOUT|USDJPY|60|BULLISH|23.0|MODERATE|SIDEWAYS|INCREASING",
         SIGNAL_V6_SIDEWAYS_BREAKOUT, SIDE_BUY, TF_1H, NULL},
        {"SIDEWAYS_BREAKOUT|USDJPY|60|BEARISH|23.0|MODERATE|SIDEWAYS|INCREASING",
         SIGNAL_V6_SIDEWAYS_BREAKOUT, SIDE_SELL, TF_1H, NULL},
        {"SIDEWAYS_BREAKOUT|USDJPY|60|NEUTRAL|23.0|MODERATE|SIDEWAYS|INCREASING",
         SIGNAL_V6_SIDEWAYS_BREAKOUT, SIDE_UNSET, TF_1H, NULL},
        {"SCREENER_FULL_BULLISH|EURUSD|15|9|MACD,STOCH", SIGNAL_V6_SCREENER_FULL_BULLISH, SIDE_BUY,
         TF_15M, NULL},
        {"SCREENER_FULL_BEARISH|EURUSD|15|9|MACD,STOCH,VORTEX,MOMENTUM,RSI,PSAR,DMI,MFI,FISHER",
         SIGNAL_V6_SCREENER_FULL_BEARISH, SIDE_SELL, TF_15M, NULL},
        {"TRENDLINE_BULLISH_BREAK|XAUUSD|15|2655.2|0.014|42", SIGNAL_V6_TRENDLINE_BULLISH_BREAK,
         SIDE_UNSET, TF_15M, "2655.2"},
        {"TRENDLINE_BEARISH_BREAK|XAUUSD|15|2655.2|-0.014|42", SIGNAL_V6_TRENDLINE_BEARISH_BREAK,
         SIDE_UNSET, TF_15M, "2655.2"},
        {"MOMENTUM_CHANGE|GBPUSD|5|26.1|STRONG|22.0|MODERATE|INCREASING", SIGNAL_V6_MOMENTUM_CHANGE,
         SIDE_UNSET, TF_5M, NULL},
        {"STATE_CHANGE|EURUSD|15|TRENDING_BEARISH|NEUTRAL|1/5", SIGNAL_V6_STATE_CHANGE, SIDE_UNSET,
         TF_15M, NULL},
        {"Bullish reversal on XAUUSD 15", SIGNAL_V6_REVERSAL_SENTENCE, SIDE_BUY, TF_15M, NULL},
        {"BEARISH Reversal detected (OANDA:EURUSD, 60)", SIGNAL_V6_REVERSAL_SENTENCE, SIDE_SELL,
         TF_1H, NULL},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        struct signal s = parsed(rows[i].body, NULL);
        cr_expect_eq(s.format, SIGNAL_FORMAT_V6);
        cr_expect_eq(s.kind, rows[i].kind, "%s", rows[i].body);
        cr_expect_eq(s.side, rows[i].side, "%s", rows[i].body);
        cr_expect_eq(s.tf, rows[i].tf, "%s", rows[i].body);
        cr_expect_eq(s.price_e8, rows[i].price != NULL ? e8(rows[i].price) : DEC_NONE, "%s",
                     rows[i].body);
    }
    refused("BULLISH|XAUUSD|5|1", REASON_SIGNAL_UNKNOWN, "type");
    refused("bullish_entry|XAUUSD|5|1", REASON_SIGNAL_UNKNOWN, "type");
    refused("REVERSAL_SENTENCE|XAUUSD|5|1", REASON_SIGNAL_UNKNOWN, "type");
}

Test(parse_v6, numbers_out_of_range_name_their_field)
{
    static const struct {
        const char *body, *field;
    } rows[] = {
        {"EXIT_BULLISH|XAUUSD|5|0|15", "price"},
        {"EXIT_BEARISH|XAUUSD|5|-2661|15", "price"},
        {"BREAKOUT|EURUSD|15|high|3|1200|1260", "price"},
        {"TREND_PULSE|EURUSD|15|6|-1|x|NEUTRAL", "bear_count"},
        {"STATE_CHANGE|EURUSD|15|A|B|7/0", "alignment"},
        {"STATE_CHANGE|EURUSD|15|A|B|five", "alignment"},
        {"SCREENER_FULL_BULLISH|EURUSD|15|10|x", "count"},
        {"MOMENTUM_CHANGE|GBPUSD|5|x|STRONG|22.0", "adx"},
        {"MOMENTUM_CHANGE|GBPUSD|5|22|STRONG|x", "prev_adx"},
        {"BULLISH_ENTRY|XAUUSD|5|2650|BUY|HIGH|90|NA|NA|-1|2658|2666|2674|", "sl"},
        {"BULLISH_ENTRY|XAUUSD|5|2650|BUY|HIGH|90|NA|NA|2642|0|2666|2674|", "tp1"},
        {"BULLISH_ENTRY|XAUUSD|5|2650|BUY|HIGH|90|NA|NA|2642|2658|1e30|2674|", "tp2"},
        {"BULLISH_ENTRY|XAUUSD|5|2650|BUY|HIGH|90|NA|NA|2642|2658|2666|10000001|", "tp3"},
        {"BULLISH_ENTRY|XAUUSD|5|2650|BUY|HIGH|90|NA|NA|2642|2658|2666|2674|5/|TL_OK|",
         "alignment"},
        {"BULLISH_ENTRY|XAUUSD|5|2650|BUY|HIGH|90|NA|NA|2642|2643|2658|2666|2674|5/1|TL_OK|", "sl"},
        {"BULLISH_ENTRY|XAUUSD|5|2650|BUY|HIGH|-1|NA|NA|", "confidence_score"},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++)
        refused(rows[i].body, REASON_FIELD_INVALID, rows[i].field);
}

Test(parse_v6, g17_both_arrows)
{
    struct signal s =
        parsed("TREND_PULSE|EURUSD|15|2|4|15:BULL→BEAR,60:SIDE->BEAR|MIXED_BEARISH", NULL);
    cr_expect_eq(s.bull_count, 2);
    cr_expect_eq(s.bear_count, 4);
    cr_expect_str_eq(s.text, "15:BULL→BEAR,60:SIDE->BEAR");
    cr_expect_str_eq(s.state, "MIXED_BEARISH");
    refused("TREND_PULSE|EURUSD|15|7|4||NEUTRAL", REASON_FIELD_INVALID, "bull_count");
}

Test(parse_v6, symbol_and_timeframe)
{
    cr_expect_str_eq(parsed("EXIT_BULLISH|{{ticker}}|5|1|1", "EURUSD").symbol, "EURUSD");
    cr_expect_eq(parsed("EXIT_BULLISH|EURUSD|3|1|1", NULL).tf, TF_OTHER);
    cr_expect_str_eq(parsed("EXIT_BULLISH|EURUSD|3|1|1", NULL).tf_text, "3");
    refused("EXIT_BULLISH||5|1|1", REASON_SYMBOL_MISSING, "symbol");
    refused("EXIT_BULLISH|EURUSD", REASON_FIELD_MISSING, "tf");
    refused("|EURUSD|5", REASON_SIGNAL_UNKNOWN, "type");
}

Test(parse_v6, the_two_sentences)
{
    struct signal s = parsed("Bullish reversal on XAUUSD, 15", NULL);
    cr_expect_eq(s.kind, SIGNAL_V6_REVERSAL_SENTENCE);
    cr_expect_eq(s.side, SIDE_BUY);
    cr_expect_str_eq(s.symbol, "XAUUSD");
    cr_expect_eq(s.tf, TF_15M);
    s = parsed("Potential bearish Reversal detected", "EURUSD");
    cr_expect_eq(s.side, SIDE_SELL);
    cr_expect_str_eq(s.symbol, "EURUSD");
    refused("bullish or bearish reversal on XAUUSD", REASON_SIGNAL_UNKNOWN, "body");
}

Test(parse_v6, too_many_or_too_long_fields_are_refused)
{
    struct signal_fault f = {0};
    struct signal s = SIGNAL_INIT;
    char text[1024] = "BREAKOUT|EURUSD|15|1.1";
    for (int i = 0; i < 30; i++)
        memcpy(text + strlen(text), "|1", 3);
    cr_expect_eq(parse_text_of(text, NULL, &s, &f), SIGNAL_E_REFUSED);
    cr_expect_str_not_empty(f.field);
    (void)str_copy(text, sizeof(text), "BREAKOUT|EURUSD|15|");
    memset(text + strlen(text), '1', 200);
    cr_expect_eq(parse_text_of(text, NULL, &s, &f), SIGNAL_E_REFUSED);
}
