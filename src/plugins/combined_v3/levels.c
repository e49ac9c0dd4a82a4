/* plugins/combined_v3/levels.c: entry, stops and targets. The alert's prices belong to the chart it
 * was made on; when that chart's price is far from the market (another venue, another price scale),
 * the distances are kept and moved to the market price. */
#include "plugins/combined_v3/rules.h"

#define FAR_PERCENT 5

static int64_t market_price_e8(const struct signal *s, const struct quote *q)
{
    return s->side == SIDE_BUY ? q->ask_e8 : q->bid_e8;
}

/* Where a price of the alert's chart lies on the market's. */
static int64_t move_e8(int64_t v_e8, int64_t shift_e8)
{
    return v_e8 == DEC_NONE ? DEC_NONE : v_e8 + shift_e8;
}

static int64_t tick_e8(const struct symbol_info *info)
{
    int64_t tick = DEC_ONE;
    TR_ASSERT(info->digits >= 0 && info->digits <= 8);
    for (int i = 0; i < info->digits; i++)
        tick /= 10;
    return tick;
}

static int64_t price_round(const struct symbol_info *info, int64_t v_e8)
{
    return dec_to_step(v_e8, tick_e8(info), DEC_HALF_AWAY);
}

/* An alert's stop goes away from the market (spec brokers 3.6): a long's down, a short's up. */
static int64_t stop_round(const struct symbol_info *info, int64_t v_e8, int sign)
{
    return dec_to_step(v_e8, tick_e8(info), sign > 0 ? DEC_DOWN : DEC_UP);
}

static bool is_far(int64_t alert_e8, int64_t market_e8)
{
    return dec_abs(alert_e8 - market_e8) > dec_muldiv(market_e8, FAR_PERCENT, 100, DEC_DOWN);
}

/* The alert's target on the symbol's ticks; it counts only on the profit side. */
static bool target_given(const struct symbol_info *info, int64_t tp_e8, int64_t entry_e8, int sign,
                         int64_t *ret_e8)
{
    if (tp_e8 == DEC_NONE)
        return false;
    int64_t v_e8 = price_round(info, tp_e8);
    if ((v_e8 - entry_e8) * sign <= 0 || v_e8 <= 0)
        return false;
    *ret_e8 = v_e8;
    return true;
}

/* Where the alert's own numbers contradict each other or the market. */
static bool stop_is_wrong(const struct v3_levels *l, const struct signal *s, int sign)
{
    if (s->sl_e8 == DEC_NONE)
        return false;
    int64_t from_e8 = s->price_e8 != DEC_NONE ? s->price_e8 : l->entry_e8;
    return (from_e8 - s->sl_e8) * sign <= 0;
}

/* Order A: the alert's stop, else the fallback; TP2, else rr times the distance. */
static void levels_a(const struct combined_v3_conf *c, const struct symbol_info *info,
                     int64_t sl_e8, int64_t tp2_e8, struct v3_levels *l, int sign)
{
    if (sl_e8 == DEC_NONE) {
        l->fallback_sl = true;
        sl_e8 =
            l->entry_e8 - sign * dec_mul(c->fallback_sl_pips_e8, info->pip_size_e8, DEC_HALF_AWAY);
    }
    l->a_sl_e8 = stop_round(info, sl_e8, sign);
    l->a_distance_e8 = dec_abs(l->entry_e8 - l->a_sl_e8);
    l->tp2_given = target_given(info, tp2_e8, l->entry_e8, sign, &l->a_tp_e8);
    if (!l->tp2_given)
        l->a_tp_e8 = price_round(
            info, l->entry_e8 + sign * dec_mul(l->a_distance_e8, c->rr_ratio_e8, DEC_HALF_AWAY));
}

/* Order B: the stop that loses a fixed sum (RK-7); TP1, else as far as the stop. */
static void levels_b(const struct combined_v3_conf *c, const struct symbol_info *info,
                     int64_t lots_e8, int64_t tp1_e8, struct v3_levels *l, int sign)
{
    if (lots_e8 > 0)
        l->b_distance_e8 = symbol_risk_distance_e8(info, c->order_b_risk_e8, lots_e8);
    if (l->b_distance_e8 < info->min_sl_dist_e8)
        l->b_distance_e8 = info->min_sl_dist_e8;
    l->b_sl_e8 = price_round(info, l->entry_e8 - sign * l->b_distance_e8);
    l->tp1_given = target_given(info, tp1_e8, l->entry_e8, sign, &l->b_tp_e8);
    if (!l->tp1_given)
        l->b_tp_e8 = price_round(info, l->entry_e8 + sign * l->b_distance_e8);
}

enum reason v3_levels(const struct combined_v3_conf *c, const struct symbol_info *info,
                      const struct signal *s, const struct quote *q, const struct v3_lots *lots,
                      struct v3_levels *ret)
{
    struct v3_levels *l = ret;
    int sign = side_sign(s->side);
    int64_t market_e8 = market_price_e8(s, q);
    TR_ASSERT(sign != 0);
    *l = (struct v3_levels){.entry_e8 = market_e8 > 0 ? market_e8 : s->price_e8};
    if (l->entry_e8 == DEC_NONE || l->entry_e8 <= 0)
        return REASON_PRICE_MISSING;
    if (stop_is_wrong(l, s, sign))
        return REASON_STOP_WRONG_SIDE;
    l->rebased = s->price_e8 != DEC_NONE && is_far(s->price_e8, l->entry_e8);
    bool passed = s->sl_e8 != DEC_NONE && (l->entry_e8 - s->sl_e8) * sign <= 0;
    if (passed && !l->rebased) /* the market has been through the stop: the idea is over */
        return REASON_STOP_WRONG_SIDE;
    int64_t shift_e8 = l->rebased ? l->entry_e8 - s->price_e8 : 0;
    levels_a(c, info, move_e8(s->sl_e8, shift_e8), move_e8(s->tp2_e8, shift_e8), l, sign);
    levels_b(c, info, lots->b_e8, move_e8(s->tp1_e8, shift_e8), l, sign);
    if (lots->a_e8 > 0 && l->a_distance_e8 < info->min_sl_dist_e8)
        return REASON_STOP_TOO_CLOSE;
    bool a_ok = lots->a_e8 == 0 || (l->a_sl_e8 > 0 && l->a_tp_e8 > 0);
    bool b_ok = lots->b_e8 == 0 || (l->b_sl_e8 > 0 && l->b_tp_e8 > 0);
    return a_ok && b_ok ? REASON_ACCEPTED : REASON_STOP_TOO_FAR;
}
