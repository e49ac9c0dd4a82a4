/* model/signal.h: one inbound trading alert, whatever wire format it came in (spec strategies 1).
 * Plain value; made by signals/, journaled, given to plugins. */
#ifndef TRIDENT_MODEL_SIGNAL_H
#define TRIDENT_MODEL_SIGNAL_H

#include "core/pack.h"
#include "model/symbol.h"

enum signal_format {
    SIGNAL_FORMAT_UNSET = 0,
    SIGNAL_FORMAT_V3,
    SIGNAL_FORMAT_V6,
    SIGNAL_FORMAT_LEGACY,
    SIGNAL_FORMAT_COUNT
};

enum side { SIDE_UNSET = 0, SIDE_BUY, SIDE_SELL, SIDE_COUNT };

#define SIGNAL_KIND_TABLE(X)                                                                       \
    /* V3 (P-1) */                                                                                 \
    X(V3_INSTITUTIONAL_LAUNCHPAD, "Institutional_Launchpad")                                       \
    X(V3_LIQUIDITY_TRAP_REVERSAL, "Liquidity_Trap_Reversal")                                       \
    X(V3_MOMENTUM_BREAKOUT, "Momentum_Breakout")                                                   \
    X(V3_MITIGATION_TEST_ENTRY, "Mitigation_Test_Entry")                                           \
    X(V3_BULLISH_EXIT, "Bullish_Exit")                                                             \
    X(V3_BEARISH_EXIT, "Bearish_Exit")                                                             \
    X(V3_GOLDEN_POCKET_FLIP, "Golden_Pocket_Flip")                                                 \
    X(V3_VOLATILITY_SQUEEZE, "Volatility_Squeeze")                                                 \
    X(V3_SCREENER_FULL_BULLISH, "Screener_Full_Bullish")                                           \
    X(V3_SCREENER_FULL_BEARISH, "Screener_Full_Bearish")                                           \
    X(V3_TREND_PULSE, "Trend_Pulse")                                                               \
    X(V3_SIDEWAYS_BREAKOUT, "Sideways_Breakout")                                                   \
    /* V6 (1.3) */                                                                                 \
    X(V6_BULLISH_ENTRY, "BULLISH_ENTRY")                                                           \
    X(V6_BEARISH_ENTRY, "BEARISH_ENTRY")                                                           \
    X(V6_BREAKOUT, "BREAKOUT")                                                                     \
    X(V6_BREAKDOWN, "BREAKDOWN")                                                                   \
    X(V6_EXIT_BULLISH, "EXIT_BULLISH")                                                             \
    X(V6_EXIT_BEARISH, "EXIT_BEARISH")                                                             \
    X(V6_TREND_PULSE, "TREND_PULSE")                                                               \
    X(V6_SIDEWAYS_BREAKOUT, "SIDEWAYS_BREAKOUT")                                                   \
    X(V6_SCREENER_FULL_BULLISH, "SCREENER_FULL_BULLISH")                                           \
    X(V6_SCREENER_FULL_BEARISH, "SCREENER_FULL_BEARISH")                                           \
    X(V6_TRENDLINE_BULLISH_BREAK, "TRENDLINE_BULLISH_BREAK")                                       \
    X(V6_TRENDLINE_BEARISH_BREAK, "TRENDLINE_BEARISH_BREAK")                                       \
    X(V6_MOMENTUM_CHANGE, "MOMENTUM_CHANGE")                                                       \
    X(V6_STATE_CHANGE, "STATE_CHANGE")                                                             \
    X(V6_REVERSAL_SENTENCE, "REVERSAL_SENTENCE") /* alerts 7 and 8: plain text */                  \
    /* legacy (1.4); the side carries bull/bear */                                                 \
    X(LEGACY_BIAS, "bias")                                                                         \
    X(LEGACY_TREND, "trend")                                                                       \
    X(LEGACY_ENTRY, "entry")                                                                       \
    X(LEGACY_EXIT, "exit")                                                                         \
    X(LEGACY_REVERSAL, "reversal")

enum signal_kind {
    SIGNAL_UNSET = 0,
#define X(name, wire) SIGNAL_##name,
    SIGNAL_KIND_TABLE(X)
#undef X
        SIGNAL_KIND_COUNT
};

enum timeframe {
    TF_UNSET = 0,
    TF_1M,
    TF_5M,
    TF_15M,
    TF_30M,
    TF_1H,
    TF_4H,
    TF_1D,
    TF_OTHER,
    TF_COUNT
};

#define SIGNAL_TEXT_CAP 96
#define SIGNAL_MTF_MAX  6

struct signal {
    enum signal_format format;
    enum signal_kind kind;
    enum side side; /* normalised; UNSET when the alert has none. Exits: as on the wire */
    enum timeframe tf;
    char tf_text[8];                       /* as received, for TF_OTHER */
    char symbol[SYMBOL_CAP];               /* normalised, "" when missing */
    int64_t price_e8;                      /* DEC_NONE when missing or a literal placeholder */
    int64_t sl_e8, tp1_e8, tp2_e8, tp3_e8; /* DEC_NONE when missing */
    int score;      /* V3 consensus 0..9, V6 confidence 0..100; -1 = missing */
    int64_t adx_e8; /* DEC_NONE when missing or NA */
    int64_t prev_adx_e8;
    int64_t position_multiplier_e8; /* DEC_NONE when missing */
    int64_t volume_delta_e8;        /* DEC_NONE when missing */
    int64_t fib_level_e8;           /* DEC_NONE when missing */
    int market_trend;               /* -1 0 1; 2 = missing */
    int8_t mtf[SIGNAL_MTF_MAX];     /* in wire order */
    int mtf_count;                  /* 0 = missing, 5 (reverse order) or 6 (forward), P-4 */
    int bull_count, bear_count;     /* V6 n/m; -1 = missing */
    bool price_in_ob, full_alignment;
    char level[16]; /* V6 HIGH/MODERATE/LOW, strength, state ... as received */
    char state[24]; /* V6 market state, "" */
    char prev_state[24];
    char trendline[12];         /* TL_OK / TL_BREAK / "" (P: TL_BROKEN is folded to TL_BREAK) */
    char text[SIGNAL_TEXT_CAP]; /* reason, message, changes: cut to fit */
    int64_t received_ms;        /* wall clock at intake */
    uint64_t body_hash;         /* first 8 bytes of SHA-256 of the body: correlation in logs */
};

#define SIGNAL_INIT                                                                                \
    {                                                                                              \
        .price_e8 = DEC_NONE, .sl_e8 = DEC_NONE, .tp1_e8 = DEC_NONE, .tp2_e8 = DEC_NONE,           \
        .tp3_e8 = DEC_NONE, .score = -1, .adx_e8 = DEC_NONE, .prev_adx_e8 = DEC_NONE,              \
        .position_multiplier_e8 = DEC_NONE, .volume_delta_e8 = DEC_NONE, .fib_level_e8 = DEC_NONE, \
        .market_trend = 2, .bull_count = -1, .bear_count = -1                                      \
    }

const char *signal_kind_name(enum signal_kind k);
bool signal_is_entry(enum signal_kind k);
bool signal_is_exit(enum signal_kind k);
const char *side_name(enum side s); /* "BUY" "SELL" "" */
int side_sign(enum side s);         /* +1 -1 0 */
enum side side_opposite(enum side s);
const char *timeframe_name(enum timeframe tf); /* "5m" "1h" "1d" */
enum timeframe
timeframe_parse(const char *s); /* "5" "5m" "60" "1h" "240" "D" "1D"; TF_OTHER else */
const char *signal_format_name(enum signal_format f);

void signal_pack(struct buf *b, const struct signal *s);
void signal_unpack(struct unpack *u, struct signal *ret);
/* What signal_unpack() reads first, alone. */
enum signal_format signal_unpack_format(struct unpack *u);

#endif
