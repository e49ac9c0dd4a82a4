/* Covers: the twelve signal types of P-1; V3 JSON (spec strategies 1.1): all twelve signals in both
 * directions, field by field, P-3 ranges on both sides, P-4 timeframe values, P-15 aliases, numbers
 * as text, placeholders, missing fields. */
#include "parse_case.h"

#include "core/alloc.h"

#define HEAD "{'type':'entry_v3','signal_type':'Momentum_Breakout','symbol':'XAUUSD','tf':'15'"

static struct signal with(const char *fields)
{
    TR_CLEANUP(mem_freep)
    char *text = xasprintf(HEAD ",'direction':'buy','consensus_score':7%s%s}",
                           fields[0] != '\0' ? "," : "", fields);
    return parsed(text, NULL);
}

static struct signal_fault without(const char *fields, enum reason r, const char *field)
{
    TR_CLEANUP(mem_freep) char *text = xasprintf(HEAD ",%s}", fields);
    return refused(text, r, field);
}

Test(parse_v3, the_example_of_the_spec)
{
    struct signal s = parsed(
        "{'type':'entry_v3','signal_type':'Momentum_Breakout','symbol':'XAUUSD','direction':'buy',"
        "'tf':'15','price':2650.10,'consensus_score':7,'sl_price':2644.10,'tp1_price':2659.10,"
        "'tp2_price':2668.10,'mtf_trends':'1,1,1,1,-1','market_trend':1,'volume_delta_ratio':2.4,"
        "'price_in_ob':false,'position_multiplier':0.8}",
        NULL);
    cr_expect_eq(s.kind, SIGNAL_V3_MOMENTUM_BREAKOUT);
    cr_expect_eq(s.side, SIDE_BUY);
    cr_expect_eq(s.tf, TF_15M);
    cr_expect_str_eq(s.symbol, "XAUUSD");
    cr_expect_eq(s.price_e8, e8("2650.1"));
    cr_expect_eq(s.sl_e8, e8("2644.1"));
    cr_expect_eq(s.tp1_e8, e8("2659.1"));
    cr_expect_eq(s.tp2_e8, e8("2668.1"));
    cr_expect_eq(s.tp3_e8, DEC_NONE);
    cr_expect_eq(s.score, 7);
    cr_expect_eq(s.mtf_count, 5);
    cr_expect_eq(s.mtf[3], 1);
    cr_expect_eq(s.mtf[4], -1);
    cr_expect_eq(s.market_trend, 1);
    cr_expect_eq(s.volume_delta_e8, e8("2.4"));
    cr_expect_eq(s.position_multiplier_e8, e8("0.8"));
    cr_expect_not(s.price_in_ob);
    cr_expect_not(s.full_alignment);
}

Test(parse_v3, all_entries_in_both_directions)
{
    static const enum signal_kind kinds[] = {
        SIGNAL_V3_INSTITUTIONAL_LAUNCHPAD, SIGNAL_V3_LIQUIDITY_TRAP_REVERSAL,
        SIGNAL_V3_MOMENTUM_BREAKOUT,       SIGNAL_V3_MITIGATION_TEST_ENTRY,
        SIGNAL_V3_GOLDEN_POCKET_FLIP,      SIGNAL_V3_SCREENER_FULL_BULLISH,
        SIGNAL_V3_SCREENER_FULL_BEARISH,   SIGNAL_V3_SIDEWAYS_BREAKOUT,
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(kinds); i++)
        for (int k = 0; k < 4; k++) {
            static const char *const words[] = {"buy", "sell", "BUY", "Sell"};
            bool screener = kinds[i] == SIGNAL_V3_SCREENER_FULL_BULLISH ||
                            kinds[i] == SIGNAL_V3_SCREENER_FULL_BEARISH;
            if (screener && (kinds[i] == SIGNAL_V3_SCREENER_FULL_BULLISH) != (k % 2 == 0))
                continue; /* its name says the side: see below */
            TR_CLEANUP(mem_freep)
            char *text = xasprintf(
                "{'type':'entry_v3','signal_type':'%s','symbol':'EURUSD','direction':'%s',"
                "'tf':'60','consensus_score':5,'fib_level':0.618,'adx_value':26.1,"
                "'confidence':'HIGH','full_alignment':true}",
                signal_kind_name(kinds[i]), words[k]);
            struct signal s = parsed(text, NULL);
            cr_expect_eq(s.kind, kinds[i]);
            cr_expect_eq(s.side, k % 2 == 0 ? SIDE_BUY : SIDE_SELL);
            cr_expect_eq(s.fib_level_e8, e8("0.618"));
            cr_expect_eq(s.adx_e8, e8("26.1"));
            cr_expect_str_eq(s.level, "HIGH");
            cr_expect(s.full_alignment);
        }
}

Test(parse_v3, a_screener_against_its_name_is_refused)
{
    refused("{'type':'entry_v3','signal_type':'Screener_Full_Bullish','symbol':'EURUSD',"
            "'direction':'sell','tf':'60','consensus_score':9}",
            REASON_FIELD_INVALID, "direction");
    refused("{'type':'entry_v3','signal_type':'Screener_Full_Bearish','symbol':'EURUSD',"
            "'direction':'buy','tf':'60','consensus_score':0}",
            REASON_FIELD_INVALID, "direction");
}

Test(parse_v3, exits_keep_their_direction_and_reason)
{
    struct signal s = parsed(
        "{'type':'exit_v3','signal_type':'Bullish_Exit','symbol':'EURUSD','direction':'sell',"
        "'tf':'60','price':1.10420,'consensus_score':3,'market_trend':1,"
        "'reason':'TP_hit_or_reversal_or_momentum_loss'}",
        NULL);
    cr_expect_eq(s.kind, SIGNAL_V3_BULLISH_EXIT);
    cr_expect_eq(s.side, SIDE_SELL);
    cr_expect_str_eq(s.text, "TP_hit_or_reversal_or_momentum_loss");
    refused("{'type':'exit_v3','signal_type':'Bearish_Exit','symbol':'EURUSD','tf':'60'}",
            REASON_DIRECTION_MISSING, "direction");
}

Test(parse_v3, squeeze_and_pulse_need_no_direction)
{
    struct signal s = parsed(
        "{'type':'squeeze_v3','signal_type':'Volatility_Squeeze','symbol':'{{ticker}}','tf':'5',"
        "'price':{{close}},'consensus_score':4,'market_trend':0,'message':'bands narrow'}",
        "XAUUSD");
    cr_expect_eq(s.kind, SIGNAL_V3_VOLATILITY_SQUEEZE);
    cr_expect_eq(s.side, SIDE_UNSET);
    cr_expect_str_eq(s.text, "bands narrow");
    s = parsed(
        "{'type':'trend_pulse_v3','signal_type':'Trend_Pulse','symbol':'GBPUSD','tf':'15',"
        "'price':1.265,'current_trends':'1,1,-1,1,0,1','previous_trends':'1,1,1,1,1,1',"
        "'changed_timeframes':'15,','change_details':'15:-1;','trend_labels':'1m,5m,15m,1H,4H,1D',"
        "'market_trend':-1,'consensus_score':6,'message':'x'}",
        NULL);
    cr_expect_eq(s.kind, SIGNAL_V3_TREND_PULSE);
    cr_expect_eq(s.mtf_count, 6);
    cr_expect_eq(s.mtf[2], -1);
    cr_expect_eq(s.market_trend, -1);
    cr_expect_str_eq(s.text, "15:-1;");
}

Test(parse_v3, p15_aliases)
{
    static const struct {
        const char *name, *type, *side;
        enum signal_kind kind;
    } rows[] = {
        {"Liquidity_Trap", "entry_v3", "buy", SIGNAL_V3_LIQUIDITY_TRAP_REVERSAL},
        {"Momentum_Ignition", "entry_v3", "buy", SIGNAL_V3_MOMENTUM_BREAKOUT},
        {"Mitigation_Test", "entry_v3", "buy", SIGNAL_V3_MITIGATION_TEST_ENTRY},
        {"Mitigation_Block", "entry_v3", "sell", SIGNAL_V3_MITIGATION_TEST_ENTRY},
        {"Golden_Pocket", "entry_v3", "sell", SIGNAL_V3_GOLDEN_POCKET_FLIP},
        {"Screener", "entry_v3", "buy", SIGNAL_V3_SCREENER_FULL_BULLISH},
        {"Screener", "entry_v3", "sell", SIGNAL_V3_SCREENER_FULL_BEARISH},
        {"Exit_Bullish", "exit_v3", "sell", SIGNAL_V3_BULLISH_EXIT},
        {"Exit_Bearish", "exit_v3", "buy", SIGNAL_V3_BEARISH_EXIT},
        {"momentum_breakout", "entry_v3", "buy", SIGNAL_V3_MOMENTUM_BREAKOUT},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        TR_CLEANUP(mem_freep)
        char *text =
            xasprintf("{'type':'%s','signal_type':'%s','symbol':'XAUUSD','direction':'%s','tf':'5',"
                      "'consensus_score':5}",
                      rows[i].type, rows[i].name, rows[i].side);
        cr_expect_eq(parsed(text, NULL).kind, rows[i].kind, "%s", rows[i].name);
    }
}

Test(parse_v3, type_and_signal_agree)
{
    refused(
        "{'type':'exit_v3','signal_type':'Momentum_Breakout','symbol':'XAUUSD','direction':'buy',"
        "'tf':'5','consensus_score':5}",
        REASON_FIELD_INVALID, "type");
    refused("{'type':'entry_v3','symbol':'XAUUSD','direction':'buy','tf':'5','consensus_score':5}",
            REASON_FIELD_MISSING, "signal_type");
    struct signal_fault f = refused(
        "{'type':'entry_v3','signal_type':'Moon','symbol':'XAUUSD','direction':'buy','tf':'5'}",
        REASON_SIGNAL_UNKNOWN, "signal_type");
    cr_expect_str_eq(f.value, "Moon");
}

Test(parse_v3, p3_ranges_on_both_sides)
{
    cr_expect_eq(with("'position_multiplier':0.1").position_multiplier_e8, e8("0.1"));
    cr_expect_eq(with("'position_multiplier':2.0").position_multiplier_e8, e8("2"));
    cr_expect_eq(with("'market_trend':-1").market_trend, -1);
    without("'direction':'buy','consensus_score':7,'position_multiplier':0.09",
            REASON_FIELD_INVALID, "position_multiplier");
    without("'direction':'buy','consensus_score':7,'position_multiplier':2.01",
            REASON_FIELD_INVALID, "position_multiplier");
    without("'direction':'buy','consensus_score':-1", REASON_FIELD_INVALID, "consensus_score");
    without("'direction':'buy','consensus_score':10", REASON_FIELD_INVALID, "consensus_score");
    without("'direction':'buy','consensus_score':6.5", REASON_FIELD_INVALID, "consensus_score");
    without("'direction':'buy','consensus_score':7,'market_trend':2", REASON_FIELD_INVALID,
            "market_trend");
    without("'direction':'up','consensus_score':7", REASON_FIELD_INVALID, "direction");
    without("'direction':'','consensus_score':7", REASON_DIRECTION_MISSING, "direction");
    without("'direction':'buy'", REASON_FIELD_MISSING, "consensus_score");
    refused(
        "{'type':'entry_v3','signal_type':'Momentum_Breakout','symbol':'XAUUSD','direction':'buy',"
        "'consensus_score':7}",
        REASON_FIELD_MISSING, "tf");
}

Test(parse_v3, scores_at_their_ends)
{
    cr_expect_eq(parsed(HEAD ",'direction':'sell','consensus_score':0}", NULL).score, 0);
    cr_expect_eq(parsed(HEAD ",'direction':'buy','consensus_score':9}", NULL).score, 9);
    cr_expect_eq(parsed(HEAD ",'direction':'buy','consensus_score':'9'}", NULL).score, 9);
    cr_expect_eq(parsed(HEAD ",'direction':'buy','consensus_score':9.0}", NULL).score, 9);
}

Test(parse_v3, p4_timeframe_values)
{
    cr_expect_eq(with("").mtf_count, 0);
    cr_expect_eq(with("'mtf_trends':'0,0,0,0,0'").mtf_count, 5);
    cr_expect_eq(with("'mtf_trends':'1, -1, 1, 1, 1, -1'").mtf_count, 6, "spaces are tolerated");
    static const char *const wrong[] = {"1,1,1,1",   "1,1,1,1,1,1,1", "1,1,1,1,2", "1,1,1,1,-2",
                                        "1,1,1,1,",  "1,1,,1,1",      "a,b,c,d,e", "1 1 1 1 1",
                                        "-,1,1,1,1", "11,1,1,1,1"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(wrong); i++) {
        TR_CLEANUP(mem_freep)
        char *fields =
            xasprintf("'direction':'buy','consensus_score':7,'mtf_trends':'%s'", wrong[i]);
        cr_expect_str_eq(without(fields, REASON_FIELD_INVALID, "mtf_trends").value, wrong[i]);
    }
}

Test(parse_v3, prices_are_read_from_their_text)
{
    cr_expect_eq(with("'price':1.10420").price_e8, e8("1.1042"));
    cr_expect_eq(with("'price':'1.10420'").price_e8, e8("1.1042"));
    cr_expect_eq(with("'price':1e-7").price_e8, 10);
    cr_expect_eq(with("'price':2650.123456789").price_e8, 265012345679, "rounded at the ninth");
    cr_expect_eq(with("'price':null").price_e8, DEC_NONE);
    cr_expect_eq(with("'price':NaN").price_e8, DEC_NONE, "Pine has no value here");
    cr_expect_eq(with("'price':2650").price_e8, e8("2650"));
    cr_expect_eq(with("'price':10000000").price_e8, e8("10000000"), "the highest there is");
    static const char *const wrong[] = {
        "0", "-1", "'abc'", "true", "1e30", "18446744073709551616", "10000000.00000001"};
    static const char *const names[] = {"price", "sl_price", "tp1_price", "tp2_price"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(wrong); i++)
        for (size_t k = 0; k < TR_ARRAY_SIZE(names); k++) {
            TR_CLEANUP(mem_freep)
            char *fields =
                xasprintf("'direction':'buy','consensus_score':7,'%s':%s", names[k], wrong[i]);
            without(fields, REASON_FIELD_INVALID, names[k]);
        }
}

Test(parse_v3, unknown_fields_are_ignored)
{
    struct signal s =
        with("'order_block_strength':77,'nested':{'a':[1,2,{'b':null}]},'volume_profile':'x'");
    cr_expect_eq(s.score, 7);
}

Test(parse_v3, long_words_are_cut_to_fit)
{
    struct signal s =
        with("'message':'0123456789012345678901234567890123456789012345678901234567890123456789"
             "0123456789012345678901234567890123456789','confidence':'MUCH_TOO_LONG_A_WORD'");
    cr_expect_eq(strlen(s.text), SIGNAL_TEXT_CAP - 1);
    cr_expect_str_eq(s.level, "MUCH_TOO_LONG_A");
    cr_expect_eq(with("'price_in_ob':true").price_in_ob, true);
    without("'direction':'buy','consensus_score':7,'price_in_ob':'maybe'", REASON_FIELD_INVALID,
            "price_in_ob");
}
