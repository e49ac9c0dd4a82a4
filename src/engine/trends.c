#include "engine/trends.h"

#include <stdio.h>

#include "core/alloc.h"
#include "engine/apply.h"

/* P-4: five values come 1d, 4h, 1h, 15m, 5m; six 1m, 5m, 15m, 1h, 4h, 1d. 1m and 5m never gate. */
static void put_pillars(struct trends *t, const struct signal *s, int64_t now_ms)
{
    static const enum timeframe down[] = {TF_1D, TF_4H, TF_1H, TF_15M};
    static const enum timeframe up[] = {TF_15M, TF_1H, TF_4H, TF_1D};
    TR_ASSERT(s->mtf_count == 5 || s->mtf_count == 6);
    for (int i = 0; i < 4; i++) {
        int8_t v = s->mtf_count == 5 ? s->mtf[i] : s->mtf[i + 2];
        enum side side = v > 0 ? SIDE_BUY : v < 0 ? SIDE_SELL : SIDE_UNSET;
        (void)trends_put_auto(t, s->symbol, s->mtf_count == 5 ? down[i] : up[i], side, now_ms);
    }
}

void trends_on_signal(struct trends *t, const struct signal *s, int64_t now_ms)
{
    /* A false of the writers means an unknown symbol or nothing new; both leave the store as is. */
    switch ((int)s->kind) {
    case SIGNAL_V6_TREND_PULSE:
        (void)trends_put_pulse(t, s, now_ms);
        break;
    case SIGNAL_V6_STATE_CHANGE:
        (void)trends_put_state(t, s, now_ms);
        break;
    case SIGNAL_V6_MOMENTUM_CHANGE:
        (void)trends_put_momentum(t, s, now_ms);
        break;
    case SIGNAL_LEGACY_BIAS:
    case SIGNAL_LEGACY_TREND:
        (void)trends_put_auto(t, s->symbol, s->tf, s->side, now_ms);
        break;
    default:
        if (s->format == SIGNAL_FORMAT_V3 && s->mtf_count > 0)
            put_pillars(t, s, now_ms);
    }
}

const struct trends *tx_trends(const struct engine_tx *tx)
{
    return &tx->s->trends;
}

/* The others are told; the chat it came from has the reply. */
static void tell(struct engine_tx *tx, const struct command *c, const char *symbol,
                 enum timeframe tf, const char *what)
{
    struct event e = apply_event(tx, EVENT_TREND_MANUAL_SET);
    e.chat_id = c->chat_id;
    e.tf = tf;
    (void)str_copy(e.symbol, sizeof(e.symbol), symbol); /* a known one */
    (void)snprintf(e.text, sizeof(e.text), "%s (%s)", what, c->user_name);
    outputs_add_event(tx->out, &e);
}

static bool is_known(const char *symbol, enum timeframe tf)
{
    return symbol_find(symbol) != NULL && tf > TF_UNSET && tf < TF_OTHER;
}

enum reason tx_trend_set(struct engine_tx *tx, const struct command *c, const char *symbol,
                         enum timeframe tf, enum side side)
{
    struct trends_trend trend = {.side = side, .updated_ms = tx->now_ms};
    (void)str_copy(trend.by, sizeof(trend.by), c->user_name); /* same cap */
    if (!is_known(symbol, tf))
        return REASON_ARGUMENT_INVALID;
    if (!trends_put_manual(&tx->s->trends, symbol, tf, &trend))
        return REASON_ALREADY_DONE;
    tell(tx, c, symbol, tf, trends_side_name(side));
    return REASON_ACCEPTED;
}

enum reason tx_trend_auto(struct engine_tx *tx, const struct command *c, const char *symbol,
                          enum timeframe tf)
{
    if (!is_known(symbol, tf))
        return REASON_ARGUMENT_INVALID;
    if (!trends_release(&tx->s->trends, symbol, tf))
        return REASON_ALREADY_DONE;
    tell(tx, c, symbol, tf, "AUTO");
    return REASON_ACCEPTED;
}
