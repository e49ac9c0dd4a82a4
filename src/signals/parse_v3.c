/* signals/parse_v3.c: V3 "combined_v3" JSON (spec strategies 1.1; rules P-2, P-3, P-4, P-15). */
#include "signals/fields.h"

#include <string.h>
#include "core/alloc.h"

struct v3_name {
    const char *wire;
    enum signal_kind kind;
};

/* P-15: names that older indicators and documents use; screener and plain exit are told apart
 * later. */
static const struct v3_name aliases[] = {
    {"Liquidity_Trap", SIGNAL_V3_LIQUIDITY_TRAP_REVERSAL},
    {"Momentum_Ignition", SIGNAL_V3_MOMENTUM_BREAKOUT},
    {"Mitigation_Test", SIGNAL_V3_MITIGATION_TEST_ENTRY},
    {"Mitigation_Block", SIGNAL_V3_MITIGATION_TEST_ENTRY},
    {"Golden_Pocket", SIGNAL_V3_GOLDEN_POCKET_FLIP},
    {"Exit_Bullish", SIGNAL_V3_BULLISH_EXIT},
    {"Exit_Bearish", SIGNAL_V3_BEARISH_EXIT},
};

static enum signal_kind kind_of(const char *name, enum side side)
{
    for (int k = SIGNAL_V3_INSTITUTIONAL_LAUNCHPAD; k <= SIGNAL_V3_SIDEWAYS_BREAKOUT; k++)
        if (str_ieq(name, signal_kind_name((enum signal_kind)k)))
            return (enum signal_kind)k;
    for (size_t i = 0; i < TR_ARRAY_SIZE(aliases); i++)
        if (str_ieq(name, aliases[i].wire))
            return aliases[i].kind;
    if (str_ieq(name, "Screener") && side != SIDE_UNSET)
        return side == SIDE_BUY ? SIGNAL_V3_SCREENER_FULL_BULLISH : SIGNAL_V3_SCREENER_FULL_BEARISH;
    return SIGNAL_UNSET;
}

static const char *type_of(enum signal_kind k)
{
    if (signal_is_entry(k))
        return "entry_v3";
    if (signal_is_exit(k))
        return "exit_v3";
    return k == SIGNAL_V3_VOLATILITY_SQUEEZE ? "squeeze_v3" : "trend_pulse_v3";
}

static enum signal_result read_side(json_object *o, struct signal *ret, struct signal_fault *f)
{
    const char *s = field_text(o, "direction");
    if (s == NULL)
        return SIGNAL_PARSED;
    if (str_ieq(s, "buy") || str_ieq(s, "sell"))
        ret->side = str_ieq(s, "buy") ? SIDE_BUY : SIDE_SELL;
    else if (!str_ieq(s, "none"))
        return fault_set(f, REASON_FIELD_INVALID, "direction", s, "buy or sell");
    return SIGNAL_PARSED;
}

static enum signal_result read_kind(json_object *o, const char *type, struct signal *ret,
                                    struct signal_fault *f)
{
    const char *name = field_text(o, "signal_type");
    if (name == NULL)
        return fault_set(f, REASON_FIELD_MISSING, "signal_type", NULL,
                         "a V3 signal, e.g. Momentum_Breakout");
    ret->kind = kind_of(name, ret->side);
    if (ret->kind == SIGNAL_UNSET)
        return fault_set(f, REASON_SIGNAL_UNKNOWN, "signal_type", name,
                         "one of the twelve V3 signals, e.g. Momentum_Breakout");
    if (!str_ieq(type, type_of(ret->kind)))
        return fault_set(f, REASON_FIELD_INVALID, "type", type, type_of(ret->kind));
    bool trades = signal_is_entry(ret->kind) || signal_is_exit(ret->kind);
    if (trades && ret->side == SIDE_UNSET)
        return fault_set(f, REASON_DIRECTION_MISSING, "direction", NULL, "buy or sell");
    if ((ret->kind == SIGNAL_V3_SCREENER_FULL_BULLISH && ret->side == SIDE_SELL) ||
        (ret->kind == SIGNAL_V3_SCREENER_FULL_BEARISH && ret->side == SIDE_BUY))
        return fault_set(f, REASON_FIELD_INVALID, "direction", side_name(ret->side),
                         "buy for Screener_Full_Bullish, sell for Screener_Full_Bearish");
    if (!trades)
        ret->side = SIDE_UNSET;
    return SIGNAL_PARSED;
}

/* P-3, P-4: five or six values, each -1, 0 or 1. */
static enum signal_result read_mtf(json_object *o, const char *field, struct signal *ret,
                                   struct signal_fault *f)
{
    const char *s = field_text(o, field);
    int n = 0;
    if (s == NULL)
        return SIGNAL_PARSED;
    for (const char *p = s;; p++) {
        bool minus = *p == '-';
        const char *digit = p + (minus ? 1 : 0);
        if (n == SIGNAL_MTF_MAX || (*digit != '0' && *digit != '1'))
            break;
        ret->mtf[n++] = (int8_t)(*digit == '0' ? 0 : minus ? -1 : 1);
        p = digit + 1;
        while (*p == ' ')
            p++;
        if (*p == '\0' && n >= SIGNAL_MTF_MAX - 1) {
            ret->mtf_count = n;
            return SIGNAL_PARSED;
        }
        if (*p != ',')
            break;
        while (p[1] == ' ')
            p++;
    }
    return fault_set(f, REASON_FIELD_INVALID, field, s, "5 or 6 values of -1, 0, 1 with commas");
}

static enum signal_result read_numbers(json_object *o, struct signal *s, struct signal_fault *f)
{
    if (field_price(o, "price", &s->price_e8, f) || field_price(o, "sl_price", &s->sl_e8, f) ||
        field_price(o, "tp1_price", &s->tp1_e8, f) || field_price(o, "tp2_price", &s->tp2_e8, f) ||
        field_decimal(o, "adx_value", &s->adx_e8, f) ||
        field_decimal(o, "volume_delta_ratio", &s->volume_delta_e8, f) ||
        field_decimal(o, "fib_level", &s->fib_level_e8, f) ||
        field_decimal(o, "position_multiplier", &s->position_multiplier_e8, f) ||
        field_int(o, "consensus_score", 0, 9, &s->score, f) ||
        field_int(o, "market_trend", -1, 1, &s->market_trend, f) ||
        field_bool(o, "price_in_ob", &s->price_in_ob, f) ||
        field_bool(o, "full_alignment", &s->full_alignment, f))
        return SIGNAL_E_REFUSED;
    int64_t m_e8 = s->position_multiplier_e8;
    if (m_e8 != DEC_NONE && (m_e8 < DEC_ONE / 10 || m_e8 > 2 * DEC_ONE))
        return fault_set(f, REASON_FIELD_INVALID, "position_multiplier",
                         field_text(o, "position_multiplier"), "0.1 to 2.0");
    return SIGNAL_PARSED;
}

enum signal_result parse_v3(json_object *o, const char *type, const char *hint, struct signal *ret,
                            struct signal_fault *f)
{
    ret->format = SIGNAL_FORMAT_V3;
    if (read_side(o, ret, f) || read_kind(o, type, ret, f) ||
        symbol_read(field_text(o, "symbol"), hint, ret, f) ||
        timeframe_read(field_text(o, "tf"), "tf", ret, f) || read_numbers(o, ret, f))
        return SIGNAL_E_REFUSED;
    bool is_pulse = ret->kind == SIGNAL_V3_TREND_PULSE;
    if (read_mtf(o, is_pulse ? "current_trends" : "mtf_trends", ret, f))
        return SIGNAL_E_REFUSED;
    if (signal_is_entry(ret->kind) && ret->score < 0)
        return fault_set(f, REASON_FIELD_MISSING, "consensus_score", NULL,
                         "a whole number from 0 to 9");
    field_copy(o, "confidence", ret->level, sizeof(ret->level));
    field_copy(o, is_pulse ? "change_details" : "message", ret->text, sizeof(ret->text));
    if (signal_is_exit(ret->kind))
        field_copy(o, "reason", ret->text, sizeof(ret->text));
    return SIGNAL_PARSED;
}
