/* model/signal.c: names of everything in an alert, and its packed form for the journal. Reading the
 * wire formats themselves is the business of signals/. */
#include "model/signal.h"

#include "core/alloc.h"

#include <string.h>

#define SIGNAL_VERSION 1

static const char *const kind_names[SIGNAL_KIND_COUNT] = {"",
#define X(name, wire) wire,
                                                          SIGNAL_KIND_TABLE(X)
#undef X
};

static const char *const side_names[SIDE_COUNT] = {"", "BUY", "SELL"};
static const char *const timeframe_names[TF_COUNT] = {"",   "1m", "5m", "15m",  "30m",
                                                      "1h", "4h", "1d", "other"};
static const char *const format_names[SIGNAL_FORMAT_COUNT] = {"", "v3", "v6", "legacy"};

const char *signal_kind_name(enum signal_kind k)
{
    TR_ASSERT((int)k >= 0 && k < SIGNAL_KIND_COUNT);
    return kind_names[k];
}

const char *signal_format_name(enum signal_format f)
{
    TR_ASSERT((int)f >= 0 && f < SIGNAL_FORMAT_COUNT);
    return format_names[f];
}

enum kind_class { CLASS_OTHER, CLASS_ENTRY, CLASS_EXIT };

static enum kind_class class_of(enum signal_kind k)
{
    switch (k) {
    case SIGNAL_V3_INSTITUTIONAL_LAUNCHPAD:
    case SIGNAL_V3_LIQUIDITY_TRAP_REVERSAL:
    case SIGNAL_V3_MOMENTUM_BREAKOUT:
    case SIGNAL_V3_MITIGATION_TEST_ENTRY:
    case SIGNAL_V3_GOLDEN_POCKET_FLIP:
    case SIGNAL_V3_SCREENER_FULL_BULLISH:
    case SIGNAL_V3_SCREENER_FULL_BEARISH:
    case SIGNAL_V3_SIDEWAYS_BREAKOUT:
    case SIGNAL_V6_BULLISH_ENTRY:
    case SIGNAL_V6_BEARISH_ENTRY:
    case SIGNAL_LEGACY_ENTRY:
        return CLASS_ENTRY;
    case SIGNAL_V3_BULLISH_EXIT:
    case SIGNAL_V3_BEARISH_EXIT:
    case SIGNAL_V6_EXIT_BULLISH:
    case SIGNAL_V6_EXIT_BEARISH:
    case SIGNAL_LEGACY_EXIT:
    case SIGNAL_LEGACY_REVERSAL:
        return CLASS_EXIT;
    case SIGNAL_UNSET:
    case SIGNAL_V3_VOLATILITY_SQUEEZE:
    case SIGNAL_V3_TREND_PULSE:
    case SIGNAL_V6_BREAKOUT:
    case SIGNAL_V6_BREAKDOWN:
    case SIGNAL_V6_TREND_PULSE:
    case SIGNAL_V6_SIDEWAYS_BREAKOUT:
    case SIGNAL_V6_SCREENER_FULL_BULLISH:
    case SIGNAL_V6_SCREENER_FULL_BEARISH:
    case SIGNAL_V6_TRENDLINE_BULLISH_BREAK:
    case SIGNAL_V6_TRENDLINE_BEARISH_BREAK:
    case SIGNAL_V6_MOMENTUM_CHANGE:
    case SIGNAL_V6_STATE_CHANGE:
    case SIGNAL_V6_REVERSAL_SENTENCE:
    case SIGNAL_LEGACY_BIAS:
    case SIGNAL_LEGACY_TREND:
    case SIGNAL_KIND_COUNT:
        break;
    }
    return CLASS_OTHER;
}

bool signal_is_entry(enum signal_kind k)
{
    return class_of(k) == CLASS_ENTRY;
}

bool signal_is_exit(enum signal_kind k)
{
    return class_of(k) == CLASS_EXIT;
}

const char *side_name(enum side s)
{
    TR_ASSERT((int)s >= 0 && s < SIDE_COUNT);
    return side_names[s];
}

int side_sign(enum side s)
{
    TR_ASSERT((int)s >= 0 && s < SIDE_COUNT);
    return s == SIDE_BUY ? 1 : (s == SIDE_SELL ? -1 : 0);
}

enum side side_opposite(enum side s)
{
    TR_ASSERT((int)s >= 0 && s < SIDE_COUNT);
    return s == SIDE_BUY ? SIDE_SELL : (s == SIDE_SELL ? SIDE_BUY : SIDE_UNSET);
}

const char *timeframe_name(enum timeframe tf)
{
    TR_ASSERT((int)tf >= 0 && tf < TF_COUNT);
    return timeframe_names[tf];
}

enum timeframe timeframe_parse(const char *s)
{
    static const struct {
        const char *text;
        enum timeframe tf;
    } spellings[] = {
        {"1", TF_1M},    {"1m", TF_1M},  {"5", TF_5M},    {"5m", TF_5M}, {"15", TF_15M},
        {"15m", TF_15M}, {"30", TF_30M}, {"30m", TF_30M}, {"60", TF_1H}, {"60m", TF_1H},
        {"1h", TF_1H},   {"240", TF_4H}, {"240m", TF_4H}, {"4h", TF_4H}, {"1440", TF_1D},
        {"d", TF_1D},    {"1d", TF_1D},
    };
    TR_ASSERT(s);
    for (size_t i = 0; i < TR_ARRAY_SIZE(spellings); i++) {
        if (str_ieq(spellings[i].text, s)) {
            return spellings[i].tf;
        }
    }
    return s[0] ? TF_OTHER : TF_UNSET;
}

void signal_pack(struct buf *b, const struct signal *s)
{
    TR_ASSERT(b && s);
    TR_ASSERT(s->mtf_count >= 0 && s->mtf_count <= SIGNAL_MTF_MAX);
    pack_i64(b, SIGNAL_VERSION);
    pack_i64(b, s->format);
    pack_i64(b, s->kind);
    pack_i64(b, s->side);
    pack_i64(b, s->tf);
    pack_str(b, s->tf_text);
    pack_str(b, s->symbol);
    pack_i64(b, s->price_e8);
    pack_i64(b, s->sl_e8);
    pack_i64(b, s->tp1_e8);
    pack_i64(b, s->tp2_e8);
    pack_i64(b, s->tp3_e8);
    pack_i64(b, s->score);
    pack_i64(b, s->adx_e8);
    pack_i64(b, s->prev_adx_e8);
    pack_i64(b, s->position_multiplier_e8);
    pack_i64(b, s->volume_delta_e8);
    pack_i64(b, s->fib_level_e8);
    pack_i64(b, s->market_trend);
    pack_i64(b, s->mtf_count);
    for (int i = 0; i < s->mtf_count; i++) {
        pack_i64(b, s->mtf[i]);
    }
    pack_i64(b, s->bull_count);
    pack_i64(b, s->bear_count);
    pack_bool(b, s->price_in_ob);
    pack_bool(b, s->full_alignment);
    pack_str(b, s->level);
    pack_str(b, s->state);
    pack_str(b, s->prev_state);
    pack_str(b, s->trendline);
    pack_str(b, s->text);
    pack_i64(b, s->received_ms);
    pack_u64(b, s->body_hash);
}

enum signal_format signal_unpack_format(struct unpack *u)
{
    (void)unpack_int(u, SIGNAL_VERSION, SIGNAL_VERSION);
    return (enum signal_format)unpack_int(u, SIGNAL_FORMAT_UNSET, SIGNAL_FORMAT_COUNT - 1);
}

void signal_unpack(struct unpack *u, struct signal *ret)
{
    TR_ASSERT(u && ret);
    *ret = (struct signal)SIGNAL_INIT;
    ret->format = signal_unpack_format(u);
    ret->kind = (enum signal_kind)unpack_int(u, SIGNAL_UNSET, SIGNAL_KIND_COUNT - 1);
    ret->side = (enum side)unpack_int(u, SIDE_UNSET, SIDE_COUNT - 1);
    ret->tf = (enum timeframe)unpack_int(u, TF_UNSET, TF_COUNT - 1);
    unpack_str(u, ret->tf_text, sizeof(ret->tf_text));
    unpack_str(u, ret->symbol, sizeof(ret->symbol));
    ret->price_e8 = unpack_i64(u);
    ret->sl_e8 = unpack_i64(u);
    ret->tp1_e8 = unpack_i64(u);
    ret->tp2_e8 = unpack_i64(u);
    ret->tp3_e8 = unpack_i64(u);
    ret->score = unpack_int(u, -1, 100);
    ret->adx_e8 = unpack_i64(u);
    ret->prev_adx_e8 = unpack_i64(u);
    ret->position_multiplier_e8 = unpack_i64(u);
    ret->volume_delta_e8 = unpack_i64(u);
    ret->fib_level_e8 = unpack_i64(u);
    ret->market_trend = unpack_int(u, -1, 2);
    ret->mtf_count = unpack_int(u, 0, SIGNAL_MTF_MAX);
    for (int i = 0; i < ret->mtf_count; i++) {
        ret->mtf[i] = (int8_t)unpack_int(u, -1, 1);
    }
    ret->bull_count = unpack_int(u, -1, INT16_MAX);
    ret->bear_count = unpack_int(u, -1, INT16_MAX);
    ret->price_in_ob = unpack_bool(u);
    ret->full_alignment = unpack_bool(u);
    unpack_str(u, ret->level, sizeof(ret->level));
    unpack_str(u, ret->state, sizeof(ret->state));
    unpack_str(u, ret->prev_state, sizeof(ret->prev_state));
    unpack_str(u, ret->trendline, sizeof(ret->trendline));
    unpack_str(u, ret->text, sizeof(ret->text));
    ret->received_ms = unpack_i64(u);
    ret->body_hash = unpack_u64(u);
}
