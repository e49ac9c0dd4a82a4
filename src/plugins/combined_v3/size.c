#include "plugins/combined_v3/rules.h"

int64_t v3_consensus_factor_e8(int strength)
{
    /* RK-1: 0.2 .3 .4 .5 .6 .7 .8 .85 .9 1.0 */
    static const int hundredths[] = {20, 30, 40, 50, 60, 70, 80, 85, 90, 100};
    int s = strength < 0 ? 0 : strength > 9 ? 9 : strength;
    return hundredths[s] * (DEC_ONE / 100);
}

static int64_t to_volume(const struct combined_v3_conf *c, const struct symbol_info *info,
                         int64_t lots_e8)
{
    int64_t v_e8 = lots_e8 < c->max_lot_e8 ? lots_e8 : c->max_lot_e8;
    if (v_e8 > info->volume_max_e8)
        v_e8 = info->volume_max_e8;
    v_e8 = dec_to_step(v_e8, info->volume_step_e8, DEC_DOWN);
    return v_e8 < info->volume_min_e8 ? 0 : v_e8;
}

struct v3_lots v3_lots(const struct combined_v3_conf *c, const struct symbol_info *info,
                       int strength, int logic, bool want_a, bool want_b)
{
    TR_ASSERT(logic >= 1 && logic <= 3);
    TR_ASSERT(want_a || want_b);
    struct v3_lots l = {.logic = logic};
    int64_t base_e8 = dec_mul(c->base_lot_e8, v3_consensus_factor_e8(strength), DEC_DOWN);
    l.total_e8 = dec_mul(base_e8, c->logic_lot_mult_e8[logic], DEC_DOWN);
    if (want_a && want_b) {
        l.a_e8 = to_volume(c, info, l.total_e8 / 2);
        l.b_e8 = l.a_e8;
        if (l.a_e8 == 0 && l.total_e8 >= info->volume_min_e8)
            l.a_e8 = to_volume(c, info, info->volume_min_e8); /* G42 [REC] */
        return l;
    }
    l.a_e8 = want_a ? to_volume(c, info, l.total_e8) : 0;
    l.b_e8 = want_b ? to_volume(c, info, l.total_e8) : 0;
    return l;
}
