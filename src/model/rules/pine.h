/* model/rules/pine.h: what the two indicators compute before they send an alert, and what the old
 * bot's parser makes of it: P-4 to P-8 (V3), P-21 to P-26 (V6), P-28 and P-29. For checking an
 * alert by hand. Pure, any thread; prices in 1e-8, scores whole. */
#ifndef TRIDENT_MODEL_RULES_PINE_H
#define TRIDENT_MODEL_RULES_PINE_H

#include "model/signal.h"

/* ---- V3 ---- */

struct pine_mtf {
    bool has_1m;
    int8_t m1, m5, m15, h1, h4, d1;
};
/* P-4: five values come 1d, 4h, 1h, 15m, 5m; six 1m, 5m, 15m, 1h, 4h, 1d. */
struct pine_mtf pine_mtf(const int8_t *values, int count);
/* RT-4: how many of the pillars 15m, 1h, 4h, 1d equal the direction (+1, -1). */
int pine_mtf_aligned(const struct pine_mtf *m, int sign);

#define PINE_BULL_SCORE_MAX 12
int pine_consensus(int bull_score);             /* P-5: x 9 / 12, half up */
int64_t pine_position_multiplier_e8(int score); /* P-6 */

struct pine_levels {
    int64_t distance_e8;                   /* D */
    int64_t sl_e8, tp1_e8, tp2_e8, tp3_e8; /* V3 has no tp3: DEC_NONE */
};
/* P-7; ob_edge_e8: the order block's far edge, DEC_NONE without one. */
struct pine_levels pine_levels_v3(enum side side, int64_t close_e8, int64_t atr_e8,
                                  int64_t ob_edge_e8);
/* P-8: would the indicator send an entry? */
bool pine_entry_fires(enum side side, int score, int mtf_aligned);

/* ---- V6 ---- */

enum pine_variant {
    PINE_VARIANT_UNSET = 0,
    PINE_INDICATOR, /* P-21, P-22, P-23 */
    PINE_BOT,       /* P-28, P-29: the old bot computes them again, otherwise */
    PINE_VARIANT_COUNT
};
/* P-21, P-29: "TRENDING_BULLISH" ... */
const char *pine_market_state(enum pine_variant v, int bull, int bear);
/* P-22, P-28: "STRONG", "MODERATE", "WEAK"; the bot's below 15 "NONE". */
const char *pine_adx_strength(enum pine_variant v, int64_t adx_e8);
struct pine_confidence {
    bool trendline_ok, volume_ok;
    int64_t adx_e8; /* DEC_NONE: none */
    int aligned;
};
int pine_confidence(const struct pine_confidence *c); /* P-23: 20..100 */
/* P-23, P-28: "HIGH", "MODERATE", "LOW". */
const char *pine_confidence_level(enum pine_variant v, int score);
struct pine_levels pine_levels_v6(enum side side, int64_t close_e8, int64_t atr_e8); /* P-24 */
/* P-25: does MOMENTUM_CHANGE fire? */
bool pine_momentum_fires(int64_t adx_e8, int64_t prev_adx_e8);

enum pine_trend { PINE_TREND_UNSET = 0, PINE_BULL, PINE_BEAR, PINE_SIDE, PINE_TREND_COUNT };
struct pine_change {
    enum timeframe tf;
    enum pine_trend from, to;
};
#define PINE_CHANGES_MAX 6
/* P-26: "15:BULL>BEAR" with either arrow, separated by commas; how many, -1: not such a list. */
int pine_changes(const char *text, struct pine_change out[PINE_CHANGES_MAX]);
const char *pine_trend_name(enum pine_trend t);

#endif
