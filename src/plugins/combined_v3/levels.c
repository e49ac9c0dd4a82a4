/* plugins/combined_v3/levels.c: entry, stops and targets. The alert's prices belong to the chart it
 * was made on; when that chart's price is far from the market, or its stop would lie on the wrong
 * side of the market, the distances are kept and moved to the market price. */
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

static int64_t price_round(const struct symbol_info *info, int64_t v_e8)
{
    int64_t tick_e8 = DEC_ONE;
    for (int i = 0; i < info->digits; i++)
        tick_e8 /= 10;
    return dec_to_step(v_e8, tick_e8, DEC_HALF_AWAY);
}

static bool is_far(int64_t alert_e8, int64_t market_e8)
{
    return dec_abs(alert_e8 - market_e8) > dec_muldiv(market_e8, FAR_PERCENT, 100, DEC_DOWN);
}

/* A target counts only on the profit side. */
static bool target_ok(int64_t tp_e8, int64_t entry_e8, int sign)
{
    return tp_e8 != DEC_NONE && (tp_e8 - entry_e8) * sign > 0;
}

enum reason v3_levels(const struct combined_v3_conf *c, const struct symbol_info *info,
                      const struct signal *s, const struct quote *q, const struct v3_lots *lots,
                      struct v3_levels *ret)
{
    struct v3_levels l = {0};
    int sign = side_sign(s->side);
    int64_t market_e8 = market_price_e8(s, q);
    TR_ASSERT(sign != 0);
    l.entry_e8 = market_e8 > 0 ? market_e8 : s->price_e8;
    if (l.entry_e8 == DEC_NONE || l.entry_e8 <= 0)
        return REASON_NO_QUOTE;
    if (s->price_e8 != DEC_NONE && s->sl_e8 != DEC_NONE && (s->price_e8 - s->sl_e8) * sign <= 0)
        return REASON_STOP_WRONG_SIDE;
    bool wrong_side = s->sl_e8 != DEC_NONE && (l.entry_e8 - s->sl_e8) * sign <= 0;
    if (s->price_e8 == DEC_NONE && wrong_side)
        return REASON_STOP_WRONG_SIDE;
    l.rebased = s->price_e8 != DEC_NONE && (wrong_side || is_far(s->price_e8, l.entry_e8));
    int64_t shift_e8 = l.rebased ? l.entry_e8 - s->price_e8 : 0;
    int64_t sl_e8 = move_e8(s->sl_e8, shift_e8);
    int64_t tp1_e8 = move_e8(s->tp1_e8, shift_e8), tp2_e8 = move_e8(s->tp2_e8, shift_e8);
    if (sl_e8 == DEC_NONE) {
        l.fallback_sl = true;
        sl_e8 =
            l.entry_e8 - sign * dec_mul(c->fallback_sl_pips_e8, info->pip_size_e8, DEC_HALF_AWAY);
    }
    l.a_distance_e8 = dec_abs(l.entry_e8 - sl_e8);
    if (lots->a_e8 > 0 && l.a_distance_e8 < info->min_sl_dist_e8)
        return REASON_STOP_TOO_CLOSE;
    l.a_sl_e8 = price_round(info, sl_e8);
    l.tp2_given = target_ok(tp2_e8, l.entry_e8, sign);
    l.a_tp_e8 = l.tp2_given
                    ? price_round(info, tp2_e8)
                    : price_round(info, l.entry_e8 + sign * dec_mul(l.a_distance_e8, c->rr_ratio_e8,
                                                                    DEC_HALF_AWAY));
    if (lots->b_e8 > 0)
        l.b_distance_e8 = symbol_risk_distance_e8(info, c->order_b_risk_e8, lots->b_e8); /* RK-7 */
    if (l.b_distance_e8 < info->min_sl_dist_e8)
        l.b_distance_e8 = info->min_sl_dist_e8;
    l.b_sl_e8 = price_round(info, l.entry_e8 - sign * l.b_distance_e8);
    l.tp1_given = target_ok(tp1_e8, l.entry_e8, sign);
    l.b_tp_e8 = price_round(info, l.tp1_given ? tp1_e8 : l.entry_e8 + sign * l.b_distance_e8);
    if (l.b_sl_e8 <= 0 || l.a_sl_e8 <= 0)
        return REASON_STOP_WRONG_SIDE;
    *ret = l;
    return REASON_ACCEPTED;
}
