/* plugins/combined_v3/levels.c: stops and targets of the orders A and B (spec strategies 3.1 (c)).
 */
#include "plugins/combined_v3/rules.h"

#include "core/alloc.h"
#include "plugins/levels.h"

int64_t v3_fallback_pips_e8(const struct combined_v3_conf *c, const struct symbol_info *info,
                            int logic)
{
    static const struct {
        const char *symbol;
        int pips;
    } base[] = {{"EURUSD", 15}, {"GBPUSD", 18}, {"USDJPY", 15}, {"XAUUSD", 30}};
    static const int64_t mult_e8[4] = {0, DEC_ONE, 3 * DEC_ONE / 2, 2 * DEC_ONE};
    TR_ASSERT(logic >= 1 && logic <= 3);
    for (size_t i = 0; c->fallback_sl_by_symbol && i < TR_ARRAY_SIZE(base); i++)
        if (str_eq(info->name, base[i].symbol))
            return base[i].pips * mult_e8[logic];
    return c->fallback_sl_pips_e8;
}

/* Order A: the alert's stop, else the fallback; TP2, else the fallback or rr times
 * the distance. */
static void levels_a(const struct combined_v3_conf *c, const struct symbol_info *info,
                     enum side side, const struct levels *from, struct v3_levels *l)
{
    int64_t sl_e8 = from->sl_e8;
    int sign = side_sign(side);
    if (sl_e8 == DEC_NONE) {
        l->fallback_sl = true;
        sl_e8 = l->entry_e8 - sign * l->fallback_distance_e8;
    }
    l->a_sl_e8 = levels_round_stop_e8(info, sl_e8, side);
    l->a_distance_e8 = dec_abs(l->entry_e8 - l->a_sl_e8);
    l->tp2_given = levels_target_e8(info, from->tp_e8[1], l->entry_e8, side, &l->a_tp_e8);
    int64_t reach_e8 = c->fallback_tp_pips_e8 > 0
                           ? dec_mul(c->fallback_tp_pips_e8, info->pip_size_e8, DEC_HALF_AWAY)
                           : dec_mul(l->a_distance_e8, c->rr_ratio_e8, DEC_HALF_AWAY);
    if (!l->tp2_given)
        l->a_tp_e8 = levels_round_e8(info, l->entry_e8 + sign * reach_e8);
}

/* Order B: the stop at the distance that loses a fixed sum; TP1, else as far as the stop. */
static void levels_b(const struct symbol_info *info, enum side side, const struct levels *from,
                     struct v3_levels *l)
{
    int sign = side_sign(side);
    if (l->b_distance_e8 < info->min_sl_dist_e8)
        l->b_distance_e8 = info->min_sl_dist_e8;
    l->b_sl_e8 = levels_round_e8(info, l->entry_e8 - sign * l->b_distance_e8);
    l->tp1_given = levels_target_e8(info, from->tp_e8[0], l->entry_e8, side, &l->b_tp_e8);
    if (!l->tp1_given)
        l->b_tp_e8 = levels_round_e8(info, l->entry_e8 + sign * l->b_distance_e8);
}

enum reason v3_levels(const struct combined_v3_conf *c, const struct symbol_info *info,
                      const struct signal *s, const struct quote *q, const struct v3_lots *lots,
                      struct v3_levels *ret)
{
    struct levels from;
    struct v3_levels *l = ret;
    enum reason r = levels_take(s, q, &from);
    *l = (struct v3_levels){.entry_e8 = from.entry_e8, .rebased = from.rebased};
    if (r != REASON_ACCEPTED)
        return r;
    l->fallback_distance_e8 =
        dec_mul(v3_fallback_pips_e8(c, info, lots->logic), info->pip_size_e8, DEC_HALF_AWAY);
    levels_a(c, info, s->side, &from, l);
    if (lots->b_e8 > 0) /* RK-7 */
        l->b_distance_e8 = symbol_risk_distance_e8(info, c->order_b_risk_e8, lots->b_e8);
    levels_b(info, s->side, &from, l);
    if (lots->a_e8 > 0 && l->a_distance_e8 < info->min_sl_dist_e8)
        return REASON_STOP_TOO_CLOSE;
    bool a_ok = lots->a_e8 == 0 || (l->a_sl_e8 > 0 && l->a_tp_e8 > 0);
    bool b_ok = lots->b_e8 == 0 || (l->b_sl_e8 > 0 && l->b_tp_e8 > 0);
    return a_ok && b_ok ? REASON_ACCEPTED : REASON_STOP_TOO_FAR;
}
