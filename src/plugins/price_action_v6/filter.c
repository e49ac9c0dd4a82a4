/* plugins/price_action_v6/filter.c: what must hold before an entry is thought about: the alert's
 * own figures (RT-11), then what the trend store knows of the symbol (RT-12 to RT-14). */
#include "plugins/price_action_v6/rules.h"

#include <string.h>

#include "core/alloc.h"

static const struct v6_answer passed = {
    .reason = REASON_ACCEPTED, .number_e8 = DEC_NONE, .limit_e8 = DEC_NONE};

static struct v6_answer refused(enum reason r, int64_t number_e8, int64_t limit_e8)
{
    return (struct v6_answer){.reason = r, .number_e8 = number_e8, .limit_e8 = limit_e8};
}

enum v6_route v6_route_of(enum timeframe tf)
{
    switch (tf) {
    case TF_1M:
        return V6_1M;
    case TF_5M:
        return V6_5M;
    case TF_1H:
    case TF_4H:
        return V6_1H;
    case TF_15M:
    case TF_30M:
    case TF_1D:
    case TF_UNSET:
    case TF_OTHER:
    case TF_COUNT:
        break;
    }
    return V6_15M;
}

enum timeframe v6_own_tf(enum v6_route route)
{
    static const enum timeframe own[V6_ROUTE_COUNT] = {TF_UNSET, TF_1M, TF_5M, TF_15M, TF_1H};
    TR_ASSERT(route > V6_ROUTE_UNSET && route < V6_ROUTE_COUNT);
    return own[route];
}

enum timeframe v6_higher_tf(enum v6_route route)
{
    static const enum timeframe higher[V6_ROUTE_COUNT] = {TF_UNSET, TF_5M, TF_15M, TF_1H, TF_4H};
    TR_ASSERT(route > V6_ROUTE_UNSET && route < V6_ROUTE_COUNT);
    return higher[route];
}

int64_t v6_spread_pips_e8(const struct v6_question *q)
{
    const struct quote *quote = &q->snap->quote;
    if (quote->bid_e8 <= 0 || quote->ask_e8 <= 0)
        return DEC_NONE;
    return symbol_pips_e8(q->info, quote->bid_e8, quote->ask_e8);
}

struct v6_answer v6_filter_signal(const struct v6_question *q)
{
    const struct v6_strategy *t = q->strategy;
    int64_t adx_e8 = q->s->adx_e8, spread_e8 = v6_spread_pips_e8(q);
    if (adx_e8 == DEC_NONE) {
        struct v6_answer a = refused(REASON_ADX_MISSING, DEC_NONE, t->adx_min_e8);
        a.field = "adx";
        return a;
    }
    if (adx_e8 < t->adx_min_e8 || (t->adx_above && adx_e8 == t->adx_min_e8))
        return refused(REASON_ADX_TOO_LOW, adx_e8, t->adx_min_e8);
    if (q->s->score < t->confidence_min)
        return refused(REASON_CONFIDENCE_TOO_LOW, q->s->score * DEC_ONE,
                       t->confidence_min * DEC_ONE);
    if (t->spread_max_pips_e8 > 0 && spread_e8 != DEC_NONE && spread_e8 > t->spread_max_pips_e8)
        return refused(REASON_SPREAD_TOO_WIDE, spread_e8, t->spread_max_pips_e8);
    return passed;
}

/* ---- trends ---- */

/* The counts of one timeframe, from the trade's point of view. */
struct counts {
    int own, other;
};

static bool stored(const struct v6_question *q, enum timeframe tf, struct counts *ret)
{
    const struct trends *t = q->snap->trends;
    const struct trends_pulse *p = t != NULL ? trends_pulse(t, q->s->symbol, tf) : NULL;
    bool is_buy = q->s->side == SIDE_BUY;
    if (p == NULL || !p->has_counts)
        return false;
    *ret = (struct counts){is_buy ? p->bull : p->bear, is_buy ? p->bear : p->bull};
    return true;
}

static struct v6_answer more_own(const struct counts *c)
{
    return c->own > c->other
               ? passed
               : refused(REASON_PULSE_NOT_ALIGNED, c->own * DEC_ONE, c->other * DEC_ONE);
}

/* RT-12, and what json adds for 1h: strictly more counts on the trade's side. */
static struct v6_answer by_higher_tf(const struct v6_question *q)
{
    struct counts c;
    struct v6_answer a = passed;
    if (stored(q, v6_higher_tf(q->route), &c))
        a = more_own(&c);
    if (a.reason == REASON_ACCEPTED && q->strategy->higher_1d && stored(q, TF_1D, &c))
        a = more_own(&c);
    return a;
}

/* RT-13: at least one more over 5m, 15m and 1h together. */
static struct v6_answer by_pulse_sum(const struct v6_question *q)
{
    static const enum timeframe tfs[] = {TF_5M, TF_15M, TF_1H};
    struct counts sum = {0, 0}, c;
    bool any = false;
    for (size_t i = 0; i < TR_ARRAY_SIZE(tfs); i++) {
        if (!stored(q, tfs[i], &c))
            continue;
        any = true;
        sum.own += c.own;
        sum.other += c.other;
    }
    return any ? more_own(&sum) : passed;
}

/* RT-14: 5m and 15m want 3, 1h 4 of the alert's own counts; 0/0 and none at all pass. */
static struct v6_answer by_payload(const struct v6_question *q)
{
    static const int least[V6_ROUTE_COUNT] = {0, 0, 3, 3, 4};
    int bull = q->s->bull_count, bear = q->s->bear_count;
    int own = q->s->side == SIDE_BUY ? bull : bear;
    if (bull < 0 || bear < 0 || (bull == 0 && bear == 0) || own >= least[q->route])
        return passed;
    return refused(REASON_PULSE_NOT_ALIGNED, own * DEC_ONE, least[q->route] * DEC_ONE);
}

static struct v6_answer by_alignment(const struct v6_question *q)
{
    switch ((enum v6_alignment)q->c->alignment) {
    case V6_ALIGN_PULSE_SUM:
        return by_pulse_sum(q);
    case V6_ALIGN_PAYLOAD:
        return by_payload(q);
    case V6_ALIGN_HIGHER_TF:
    case V6_ALIGNMENT_UNSET:
    case V6_ALIGNMENT_COUNT:
        break;
    }
    return by_higher_tf(q);
}

/* json, 1m: so many of the own timeframe's six; the alert's own n/m while nothing is stored. */
static struct v6_answer by_own_pulse(const struct v6_question *q)
{
    struct counts c;
    int least = q->strategy->own_pulse_min;
    if (!stored(q, v6_own_tf(q->route), &c))
        c.own = q->s->side == SIDE_BUY ? q->s->bull_count : q->s->bear_count;
    if (c.own < 0 || c.own >= least)
        return passed;
    return refused(REASON_PULSE_NOT_ALIGNED, c.own * DEC_ONE, least * DEC_ONE);
}

enum trends_momentum v6_momentum(const struct v6_question *q)
{
    const struct trends *t = q->snap->trends;
    const struct trends_pulse *p =
        t != NULL ? trends_pulse(t, q->s->symbol, v6_own_tf(q->route)) : NULL;
    return p != NULL ? p->momentum : TRENDS_MOMENTUM_UNSET;
}

bool v6_is_sideways(const char *state)
{
    return str_ieq(state, "SIDEWAYS") || str_ieq(state, "CHOPPY");
}

enum side v6_state_side(const char *state)
{
    if (str_ieq(state, "TRENDING_BULLISH") || str_ieq(state, "BULLISH"))
        return SIDE_BUY;
    return str_ieq(state, "TRENDING_BEARISH") || str_ieq(state, "BEARISH") ? SIDE_SELL : SIDE_UNSET;
}

struct v6_answer v6_filter_trend(const struct v6_question *q)
{
    const struct v6_strategy *t = q->strategy;
    struct v6_answer a = passed;
    if (t->higher_tf)
        a = by_alignment(q);
    if (a.reason == REASON_ACCEPTED && t->own_pulse_min > 0)
        a = by_own_pulse(q);
    if (a.reason != REASON_ACCEPTED)
        return a;
    if (t->market_state && q->snap->trends != NULL &&
        v6_is_sideways(trends_market_state(q->snap->trends, q->s->symbol)))
        return refused(REASON_MARKET_STATE, DEC_NONE, DEC_NONE);
    const struct trends_pulse *p = NULL;
    if (t->momentum && v6_momentum(q) == TRENDS_MOMENTUM_DECREASING)
        p = trends_pulse(q->snap->trends, q->s->symbol, v6_own_tf(q->route));
    return p == NULL ? passed : refused(REASON_MOMENTUM_FALLING, p->momentum_adx_e8, DEC_NONE);
}
