/* signals/parse_legacy.c: legacy V2 JSON "ZepixPremium" (spec strategies 1.4). */
#include "signals/fields.h"

#include "core/alloc.h"

struct legacy_type {
    const char *type;
    enum signal_kind kind;
    const char *buy, *sell; /* the two values of "signal" */
    unsigned timeframes;    /* 1u << enum timeframe */
    const char *tf_text;
};

#define TF(x) (1u << TF_##x)

static const struct legacy_type types[] = {
    {"bias", SIGNAL_LEGACY_BIAS, "bull", "bear", TF(1D) | TF(1H) | TF(15M) | TF(5M),
     "1d 1h 15m 5m"},
    {"trend", SIGNAL_LEGACY_TREND, "bull", "bear", TF(1D) | TF(1H) | TF(15M) | TF(5M),
     "1d 1h 15m 5m"},
    {"entry", SIGNAL_LEGACY_ENTRY, "buy", "sell", TF(5M) | TF(15M) | TF(1H), "5m 15m 1h"},
    {"exit", SIGNAL_LEGACY_EXIT, "bull", "bear", TF(5M) | TF(15M) | TF(1H), "5m 15m 1h"},
    {"reversal", SIGNAL_LEGACY_REVERSAL, "reversal_bull", "reversal_bear", TF(5M) | TF(15M),
     "5m 15m"},
};

static const struct legacy_type *find_type(const char *type)
{
    for (size_t i = 0; i < TR_ARRAY_SIZE(types); i++)
        if (str_ieq(types[i].type, type))
            return &types[i];
    return NULL;
}

enum signal_result parse_legacy(json_object *o, const char *type, const char *hint,
                                struct signal *ret, struct signal_fault *f)
{
    const struct legacy_type *t = find_type(type);
    const char *signal = field_text(o, "signal");
    ret->format = SIGNAL_FORMAT_LEGACY;
    if (t == NULL)
        return fault_set(
            f, REASON_SIGNAL_UNKNOWN, "type", type,
            "entry_v3 exit_v3 squeeze_v3 trend_pulse_v3 bias trend entry exit reversal");
    ret->kind = t->kind;
    if (signal == NULL || (!str_ieq(signal, t->buy) && !str_ieq(signal, t->sell))) {
        struct buf b TR_CLEANUP(buf_deinit);
        buf_init(&b, 64);
        buf_printf(&b, "%s or %s", t->buy, t->sell);
        return fault_set(f, signal == NULL ? REASON_FIELD_MISSING : REASON_FIELD_INVALID, "signal",
                         signal, b.data);
    }
    ret->side = str_ieq(signal, t->buy) ? SIDE_BUY : SIDE_SELL;
    if (symbol_read(field_text(o, "symbol"), hint, ret, f) ||
        timeframe_read(field_text(o, "tf"), "tf", ret, f) ||
        field_price(o, "price", &ret->price_e8, f))
        return SIGNAL_E_REFUSED;
    if ((t->timeframes & (1u << ret->tf)) == 0)
        return fault_set(f, REASON_FIELD_INVALID, "tf", ret->tf_text, t->tf_text);
    field_copy(o, "strategy", ret->text, sizeof(ret->text));
    return SIGNAL_PARSED;
}
