/* plugins/price_action_v6/size.c: lots and prices of an entry. */
#include "plugins/price_action_v6/rules.h"

#include "model/rules/lots.h"

#define RAW_MAX_E8 (10 * DEC_ONE) /* RT-15 */

static int64_t to_volume_e8(const struct symbol_info *info, int64_t lots_e8)
{
    int64_t v_e8 = lots_e8 < info->volume_max_e8 ? lots_e8 : info->volume_max_e8;
    v_e8 = dec_to_step(v_e8, info->volume_step_e8, DEC_DOWN);
    return v_e8 < info->volume_min_e8 ? 0 : v_e8;
}

/* What the plan takes off for weak trends; the lot multiplier else. */
static int64_t factor_e8(const struct v6_question *q)
{
    const struct v6_strategy *t = q->strategy;
    int64_t f_e8 = t->lot_multiplier_e8;
    if (t->weak_adx_e8 > 0 && q->s->adx_e8 != DEC_NONE && q->s->adx_e8 < t->weak_adx_e8)
        f_e8 /= 2;
    if (t->falling_factor_e8 > 0 && v6_momentum(q) == TRENDS_MOMENTUM_DECREASING)
        f_e8 = dec_mul(f_e8, t->falling_factor_e8, DEC_DOWN);
    return f_e8;
}

struct v6_lots v6_lots(const struct v6_question *q, int64_t sl_pips_e8)
{
    const struct v6_strategy *t = q->strategy;
    struct v6_lots l = {.factor_e8 = factor_e8(q)};
    TR_ASSERT(sl_pips_e8 > 0);
    if (q->snap->balance_e8 > 0) {
        l.risk_e8 = dec_muldiv(q->snap->balance_e8, t->risk_percent_e8, 100 * DEC_ONE, DEC_DOWN);
        l.raw_e8 = lots_by_risk_e8(q->snap->balance_e8, t->risk_percent_e8 / 100, sl_pips_e8,
                                   q->info->pip_value_e8);
        if (l.raw_e8 > RAW_MAX_E8)
            l.raw_e8 = RAW_MAX_E8;
        l.total_e8 = dec_mul(l.raw_e8, l.factor_e8, DEC_DOWN);
    } else {
        l.is_fallback = true;
        l.total_e8 = t->fallback_lot_e8;
    }
    if (l.total_e8 > t->max_lot_e8)
        l.total_e8 = t->max_lot_e8;
    if (t->order_type == V6_ORDER_B_ONLY) {
        l.b_e8 = to_volume_e8(q->info, l.total_e8);
    } else if (t->order_type == V6_ORDER_A_ONLY) {
        l.a_e8 = to_volume_e8(q->info, l.total_e8);
    } else {
        l.a_e8 = to_volume_e8(q->info, l.total_e8 / 2);
        l.b_e8 = l.a_e8;
        if (l.a_e8 == 0)
            l.a_e8 = to_volume_e8(q->info, l.total_e8);
    }
    return l;
}

/* ---- prices ---- */

/* rr times the stop's distance, or the strategy's own pips. */
static int64_t own_target_e8(const struct v6_question *q, const struct v6_levels *l)
{
    int64_t away_e8 = l->fixed_sl && q->strategy->tp_pips_e8 > 0
                          ? dec_mul(q->strategy->tp_pips_e8, q->info->pip_size_e8, DEC_HALF_AWAY)
                          : dec_mul(l->distance_e8, q->c->rr_ratio_e8, DEC_HALF_AWAY);
    return levels_round_e8(q->info, l->entry_e8 + side_sign(q->s->side) * away_e8);
}

static void targets(const struct v6_question *q, const struct levels *from, struct v6_levels *l)
{
    l->a_tp_e8 = own_target_e8(q, l);
    l->b_tp_e8 = l->a_tp_e8;
    for (int i = q->strategy->target; i >= 1 && l->a_target == 0; i--)
        if (levels_target_e8(q->info, from->tp_e8[i - 1], l->entry_e8, q->s->side, &l->a_tp_e8))
            l->a_target = i;
    l->b_target = levels_target_e8(q->info, from->tp_e8[0], l->entry_e8, q->s->side, &l->b_tp_e8);
}

enum reason v6_levels(const struct v6_question *q, struct v6_levels *ret)
{
    struct levels from;
    int64_t own_sl_e8 = q->strategy->sl_pips_e8;
    enum side side = q->s->side;
    enum reason r = levels_take(q->s, &q->snap->quote, &from);
    *ret = (struct v6_levels){.entry_e8 = from.entry_e8, .rebased = from.rebased};
    if (r != REASON_ACCEPTED)
        return r;
    if (from.sl_e8 == DEC_NONE && own_sl_e8 == 0)
        return REASON_FIELD_MISSING;
    ret->fixed_sl = from.sl_e8 == DEC_NONE;
    if (ret->fixed_sl)
        from.sl_e8 = from.entry_e8 -
                     side_sign(side) * dec_mul(own_sl_e8, q->info->pip_size_e8, DEC_HALF_AWAY);
    ret->sl_e8 = levels_round_stop_e8(q->info, from.sl_e8, side);
    ret->distance_e8 = dec_abs(ret->entry_e8 - ret->sl_e8);
    int64_t risk_e8 =
        from.alert_distance_e8 > ret->distance_e8 ? from.alert_distance_e8 : ret->distance_e8;
    ret->risk_pips_e8 = symbol_pips_e8(q->info, 0, risk_e8);
    targets(q, &from, ret);
    if (ret->distance_e8 < q->info->min_sl_dist_e8)
        return REASON_STOP_TOO_CLOSE;
    bool possible = ret->sl_e8 > 0 && ret->a_tp_e8 > 0 && ret->b_tp_e8 > 0;
    return possible ? REASON_ACCEPTED : REASON_STOP_TOO_FAR;
}
