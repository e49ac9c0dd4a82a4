/* model/rules/pine.c: the indicators' own arithmetic. The V3 indicator scores nine sub-indicators
 * to 0..12 and scales that to 0..9; the V6 one counts six timeframes. The old bot derives some of
 * it a second time with other thresholds, which PINE_BOT reproduces. */
#include "model/rules/pine.h"

#include <string.h>

#include "core/alloc.h"

#define ATR_TIMES_V3   (3 * DEC_ONE / 2)
#define ATR_TIMES_V6   (2 * DEC_ONE)
#define HALF           (DEC_ONE / 2)
#define ADX_STRONG     (25 * DEC_ONE)
#define ADX_MODERATE   (20 * DEC_ONE)
#define ADX_WEAK       (15 * DEC_ONE)
#define ADX_JUMP       (3 * DEC_ONE)
#define SCORE_MAX      9
#define SCORE_MIN      5 /* P-8 */
#define MTF_MIN        3
#define TRENDING_COUNT 5
#define MIXED_COUNT    4

struct pine_mtf pine_mtf(const int8_t *values, int count)
{
    TR_ASSERT(count == 5 || count == 6);
    const int8_t *v = values;
    if (count == 5)
        return (struct pine_mtf){.d1 = v[0], .h4 = v[1], .h1 = v[2], .m15 = v[3], .m5 = v[4]};
    return (struct pine_mtf){
        .has_1m = true, .m1 = v[0], .m5 = v[1], .m15 = v[2], .h1 = v[3], .h4 = v[4], .d1 = v[5]};
}

int pine_mtf_aligned(const struct pine_mtf *m, int sign)
{
    TR_ASSERT(sign == 1 || sign == -1);
    return (m->m15 == sign) + (m->h1 == sign) + (m->h4 == sign) + (m->d1 == sign);
}

int pine_consensus(int bull_score)
{
    TR_ASSERT(bull_score >= 0 && bull_score <= PINE_BULL_SCORE_MAX);
    return (bull_score * SCORE_MAX * 2 + PINE_BULL_SCORE_MAX) / (2 * PINE_BULL_SCORE_MAX);
}

int64_t pine_position_multiplier_e8(int score)
{
    TR_ASSERT(score >= 0 && score <= SCORE_MAX);
    int tenths = score >= 9 ? 10 : score >= 7 ? 8 : score >= 5 ? 6 : score >= 3 ? 4 : 2;
    return tenths * (DEC_ONE / 10);
}

struct pine_levels pine_levels_v3(enum side side, int64_t close_e8, int64_t atr_e8,
                                  int64_t ob_edge_e8)
{
    TR_ASSERT(side == SIDE_BUY || side == SIDE_SELL);
    TR_ASSERT(close_e8 > 0 && atr_e8 > 0);
    int sign = side_sign(side);
    struct pine_levels l = {.distance_e8 = dec_mul(atr_e8, ATR_TIMES_V3, DEC_HALF_AWAY),
                            .tp3_e8 = DEC_NONE};
    l.sl_e8 = close_e8 - sign * l.distance_e8;
    if (ob_edge_e8 != DEC_NONE) {
        int64_t behind_e8 = ob_edge_e8 - sign * dec_mul(l.distance_e8, HALF, DEC_HALF_AWAY);
        if ((l.sl_e8 - behind_e8) * sign > 0) /* the farther one */
            l.sl_e8 = behind_e8;
    }
    int64_t r_e8 = dec_abs(close_e8 - l.sl_e8);
    l.tp1_e8 = close_e8 + sign * dec_muldiv(r_e8, 3, 2, DEC_HALF_AWAY);
    l.tp2_e8 = close_e8 + sign * 3 * r_e8;
    return l;
}

bool pine_entry_fires(enum side side, int score, int mtf_aligned)
{
    TR_ASSERT(side == SIDE_BUY || side == SIDE_SELL);
    TR_ASSERT(score >= 0 && score <= SCORE_MAX);
    int strength = side == SIDE_BUY ? score : SCORE_MAX - score;
    return strength >= SCORE_MIN && mtf_aligned >= MTF_MIN;
}

static const char *indicator_state(int bull, int bear)
{
    if (bull >= TRENDING_COUNT)
        return "TRENDING_BULLISH";
    if (bear >= TRENDING_COUNT)
        return "TRENDING_BEARISH";
    if (bull >= MIXED_COUNT)
        return "MIXED_BULLISH";
    return bear >= MIXED_COUNT ? "MIXED_BEARISH" : "NEUTRAL";
}

static const char *bot_state(int bull, int bear)
{
    int lead = bull - bear;
    if (lead > 2)
        return "TRENDING_BULLISH";
    if (lead < -2)
        return "TRENDING_BEARISH";
    if (lead >= -1 && lead <= 1)
        return "SIDEWAYS";
    return lead > 0 ? "WEAK_BULLISH" : "WEAK_BEARISH";
}

const char *pine_market_state(enum pine_variant v, int bull, int bear)
{
    TR_ASSERT(v > PINE_VARIANT_UNSET && v < PINE_VARIANT_COUNT);
    TR_ASSERT(bull >= 0 && bear >= 0);
    return v == PINE_INDICATOR ? indicator_state(bull, bear) : bot_state(bull, bear);
}

const char *pine_adx_strength(enum pine_variant v, int64_t adx_e8)
{
    TR_ASSERT(v > PINE_VARIANT_UNSET && v < PINE_VARIANT_COUNT);
    if (adx_e8 >= ADX_STRONG)
        return "STRONG";
    if (adx_e8 >= ADX_MODERATE)
        return "MODERATE";
    return v == PINE_BOT && adx_e8 < ADX_WEAK ? "NONE" : "WEAK";
}

int pine_confidence(const struct pine_confidence *c)
{
    int score = 20;
    score += c->trendline_ok ? 25 : 0;
    if (c->adx_e8 != DEC_NONE)
        score += c->adx_e8 >= ADX_STRONG ? 20 : c->adx_e8 >= ADX_MODERATE ? 10 : 0;
    score += c->aligned >= MIXED_COUNT ? 25 : 0;
    score += c->volume_ok ? 10 : 0;
    TR_ASSERT(score >= 20 && score <= 100);
    return score;
}

const char *pine_confidence_level(enum pine_variant v, int score)
{
    TR_ASSERT(v > PINE_VARIANT_UNSET && v < PINE_VARIANT_COUNT);
    if (score >= 80)
        return "HIGH";
    return score >= (v == PINE_INDICATOR ? 50 : 60) ? "MODERATE" : "LOW";
}

struct pine_levels pine_levels_v6(enum side side, int64_t close_e8, int64_t atr_e8)
{
    TR_ASSERT(side == SIDE_BUY || side == SIDE_SELL);
    TR_ASSERT(close_e8 > 0 && atr_e8 > 0);
    int sign = side_sign(side);
    struct pine_levels l = {.distance_e8 = dec_mul(atr_e8, ATR_TIMES_V6, DEC_HALF_AWAY)};
    l.sl_e8 = close_e8 - sign * l.distance_e8;
    l.tp1_e8 = close_e8 + sign * l.distance_e8;
    l.tp2_e8 = close_e8 + sign * 2 * l.distance_e8;
    l.tp3_e8 = close_e8 + sign * 3 * l.distance_e8;
    return l;
}

bool pine_momentum_fires(int64_t adx_e8, int64_t prev_adx_e8)
{
    return dec_abs(adx_e8 - prev_adx_e8) >= ADX_JUMP ||
           strcmp(pine_adx_strength(PINE_INDICATOR, adx_e8),
                  pine_adx_strength(PINE_INDICATOR, prev_adx_e8)) != 0;
}

/* ---- P-26 ---- */

static const char *const trend_names[PINE_TREND_COUNT] = {"", "BULL", "BEAR", "SIDE"};

const char *pine_trend_name(enum pine_trend t)
{
    TR_ASSERT((int)t >= 0 && t < PINE_TREND_COUNT);
    return trend_names[t];
}

static enum pine_trend take_trend(const char **p)
{
    for (int t = PINE_BULL; t < PINE_TREND_COUNT; t++)
        if (str_starts(*p, trend_names[t])) {
            *p += strlen(trend_names[t]);
            return (enum pine_trend)t;
        }
    return PINE_TREND_UNSET;
}

static bool take_word(const char **p, const char *word)
{
    if (!str_starts(*p, word))
        return false;
    *p += strlen(word);
    return true;
}

static bool take_change(const char **p, struct pine_change *ret)
{
    char tf[8];
    size_t len = strcspn(*p, ":");
    if (len == 0 || len >= sizeof(tf) || (*p)[len] != ':')
        return false;
    memcpy(tf, *p, len);
    tf[len] = '\0';
    *p += len + 1;
    ret->tf = timeframe_parse(tf);
    ret->from = take_trend(p);
    if (!take_word(p, "\xe2\x86\x92") && !take_word(p, "->"))
        return false;
    ret->to = take_trend(p);
    return ret->tf != TF_OTHER && ret->tf != TF_UNSET && ret->from != PINE_TREND_UNSET &&
           ret->to != PINE_TREND_UNSET;
}

int pine_changes(const char *text, struct pine_change out[PINE_CHANGES_MAX])
{
    int n = 0;
    const char *p = text;
    if (*p == '\0')
        return 0;
    do {
        if (n == PINE_CHANGES_MAX || !take_change(&p, &out[n]))
            return -1;
        n++;
    } while (take_word(&p, ",") && *p != '\0');
    return *p == '\0' ? n : -1;
}
