#include "model/rules/lots.h"

#define HUNDREDTH  (DEC_ONE / 100)
#define THOUSANDTH (DEC_ONE / 1000)
#define LOT_LAST   (DEC_ONE / 20) /* 3.4: when no table knows */

int64_t lots_consensus_factor_e8(int score)
{
    static const int hundredths[] = {20, 30, 40, 50, 60, 70, 80, 85, 90, 100};
    int s = score < 0 ? 0 : score > 9 ? 9 : score;
    return hundredths[s] * HUNDREDTH;
}

static int64_t to_step(const struct lots_case *c, int64_t lots_e8)
{
    int64_t v_e8 = dec_to_step(lots_e8, c->step_e8, DEC_DOWN);
    return v_e8 < c->min_e8 ? 0 : v_e8;
}

static struct lots_pair legacy_pair(const struct lots_case *c)
{
    struct lots_pair p;
    p.total_e8 = dec_mul(c->base_e8, c->logic_mult_e8, DEC_HALF_EVEN);
    p.exact_e8 = dec_to_step(p.total_e8, THOUSANDTH, DEC_HALF_EVEN);
    if (p.exact_e8 < HUNDREDTH)
        p.exact_e8 = HUNDREDTH;
    p.a_e8 = p.b_e8 = p.exact_e8;
    return p;
}

struct lots_pair lots_pair(const struct lots_case *c)
{
    TR_ASSERT(c->variant > LOTS_VARIANT_UNSET && c->variant < LOTS_VARIANT_COUNT);
    TR_ASSERT(c->base_e8 > 0 && c->logic_mult_e8 > 0);
    if (c->variant == LOTS_LEGACY)
        return legacy_pair(c);
    TR_ASSERT(c->step_e8 > 0 && c->min_e8 > 0);
    struct lots_pair p;
    p.total_e8 = dec_mul(dec_mul(c->base_e8, c->factor_e8, DEC_DOWN), c->logic_mult_e8, DEC_DOWN);
    p.exact_e8 = p.total_e8 / 2;
    p.a_e8 = p.b_e8 = to_step(c, p.exact_e8);
    if (p.a_e8 == 0 && p.total_e8 >= c->min_e8)
        p.a_e8 = c->min_e8; /* G42 [REC] */
    return p;
}

void lots_tables_defaults(struct lots_tables *t)
{
    *t = (struct lots_tables){
        .fixed_e8 = {0, HUNDREDTH, DEC_ONE / 20, DEC_ONE / 10, DEC_ONE / 5, DEC_ONE / 2},
        .manual_e8 = {[TIERS_5000] = 4 * HUNDREDTH},
    };
}

int64_t lots_of_balance_e8(const struct lots_tables *t, int64_t balance_e8)
{
    enum tiers_tier tier = t->forced != TIERS_UNSET ? t->forced : tiers_reached(balance_e8);
    TR_ASSERT((int)tier >= 0 && tier < TIERS_COUNT);
    if (tier == TIERS_UNSET)
        return LOT_LAST;
    if (t->manual_e8[tier] > 0)
        return t->manual_e8[tier];
    return t->fixed_e8[tier] > 0 ? t->fixed_e8[tier] : LOT_LAST;
}

int64_t lots_by_risk_e8(int64_t balance_e8, int64_t risk_e8, int64_t sl_pips_e8,
                        int64_t pip_value_e8)
{
    TR_ASSERT(sl_pips_e8 > 0 && pip_value_e8 > 0);
    int64_t money_e8 = dec_mul(balance_e8, risk_e8, DEC_DOWN);
    int64_t per_lot_e8 = dec_mul(sl_pips_e8, pip_value_e8, DEC_UP);
    int64_t lots_e8 =
        dec_to_step(dec_div(money_e8, per_lot_e8, DEC_DOWN), HUNDREDTH, DEC_HALF_EVEN);
    return lots_e8 < HUNDREDTH ? HUNDREDTH : lots_e8;
}

int lots_estimate_pips(enum lots_estimate e, enum volatility v)
{
    static const int pips[LOTS_ESTIMATE_COUNT][VOLATILITY_COUNT] = {
        [LOTS_ESTIMATE_DUAL] = {0, 30, 50, 70},
        [LOTS_ESTIMATE_PROFIT] = {0, 50, 75, 100},
    };
    TR_ASSERT(e > LOTS_ESTIMATE_UNSET && e < LOTS_ESTIMATE_COUNT);
    TR_ASSERT(v > VOLATILITY_UNSET && v < VOLATILITY_COUNT);
    return pips[e][v];
}

int64_t lots_smart_by_budget_e8(int64_t remaining_e8, int64_t pips_e8, int64_t pip_value_e8)
{
    TR_ASSERT(pips_e8 > 0 && pip_value_e8 > 0);
    if (remaining_e8 <= 0)
        return 0;
    int64_t money_e8 = dec_muldiv(remaining_e8, 95, 200, DEC_DOWN);
    int64_t lots_e8 = dec_div(money_e8, dec_mul(pips_e8, pip_value_e8, DEC_UP), DEC_DOWN);
    return dec_to_step(lots_e8, HUNDREDTH, DEC_HALF_EVEN);
}

int64_t lots_smart_factor_e8(int64_t cap_e8, int64_t pnl_e8)
{
    TR_ASSERT(cap_e8 > 0);
    int64_t left_e8 = cap_e8 - dec_abs(pnl_e8);
    if (left_e8 < cap_e8 / 4 + (cap_e8 % 4 != 0)) /* left / cap < 0.25 */
        return DEC_ONE / 2;
    return left_e8 < cap_e8 / 2 + cap_e8 % 2 ? 3 * DEC_ONE / 4 : DEC_ONE;
}
