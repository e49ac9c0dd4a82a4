/* model/rules/platform_risk.c: sizes of the platform profile. Everything is a product of factors,
 * each rounded so that the smaller risk is taken; where the source contradicts itself the header
 * says which rule this is. */
#include "model/rules/platform_risk.h"

#define PERCENT      (DEC_ONE / 100)
#define VOL_BASELINE (DEC_ONE / 2)
#define VOL_SCALE    (3 * DEC_ONE / 4)
#define FACTOR_MIN   (DEC_ONE / 4)
#define DD_START     (5 * PERCENT)
#define DD_MAX       (15 * PERCENT)
#define DD_CRITICAL  (25 * PERCENT)
#define CORR_FREE    (DEC_ONE / 2)
#define NOTIONAL_MIN (5 * DEC_ONE)

/* The square root by Newton's method, rounded up: whoever divides risk by it risks less. */
static int64_t root(__int128 v)
{
    TR_ASSERT(v >= 0);
    if (v < 2)
        return (int64_t)v;
    __int128 x = v;
    __int128 y = (x + 1) / 2;
    while (y < x) {
        x = y;
        y = (x + v / x) / 2;
    }
    return (int64_t)(x * x < v ? x + 1 : x);
}

int64_t platform_risk_volatility_factor_e8(int64_t volatility_e8)
{
    TR_ASSERT(volatility_e8 >= 0);
    if (volatility_e8 <= VOL_BASELINE)
        return DEC_ONE;
    int64_t over_e8 = dec_div(volatility_e8, VOL_BASELINE, DEC_HALF_AWAY) - DEC_ONE;
    int64_t root_e8 = root((__int128)over_e8 * DEC_ONE);
    int64_t factor_e8 = DEC_ONE - dec_mul(VOL_SCALE, root_e8, DEC_UP);
    return factor_e8 < FACTOR_MIN ? FACTOR_MIN : factor_e8;
}

int64_t platform_risk_drawdown_factor_e8(int64_t drawdown_e8)
{
    if (drawdown_e8 < DD_START)
        return DEC_ONE;
    if (drawdown_e8 >= DD_CRITICAL)
        return 0;
    if (drawdown_e8 >= DD_MAX)
        return FACTOR_MIN;
    return DEC_ONE -
           dec_muldiv(DEC_ONE - FACTOR_MIN, drawdown_e8 - DD_START, DD_MAX - DD_START, DEC_UP);
}

int64_t platform_risk_drawdown_source_e8(int64_t drawdown_e8)
{
    if (drawdown_e8 < DD_START)
        return DEC_ONE;
    if (drawdown_e8 >= DD_CRITICAL)
        return 10 * PERCENT;
    if (drawdown_e8 >= DD_MAX)
        return FACTOR_MIN;
    return DEC_ONE - dec_muldiv(DEC_ONE, drawdown_e8 - DD_START, DD_MAX - DD_START, DEC_HALF_AWAY);
}

int64_t platform_risk_correlation_factor_e8(int64_t correlation_e8)
{
    int64_t c_e8 = dec_abs(correlation_e8);
    TR_ASSERT(c_e8 <= DEC_ONE);
    return c_e8 > CORR_FREE ? DEC_ONE - (c_e8 - CORR_FREE) : DEC_ONE;
}

int64_t platform_risk_value_e8(const struct platform_risk_size *s)
{
    TR_ASSERT(s->equity_e8 >= 0 && s->stop_e8 > 0);
    int64_t value_e8 = dec_div(dec_mul(s->equity_e8, s->risk_e8, DEC_DOWN), s->stop_e8, DEC_DOWN);
    value_e8 = dec_mul(value_e8, s->volatility_factor_e8, DEC_DOWN);
    value_e8 = dec_mul(value_e8, s->drawdown_factor_e8, DEC_DOWN);
    value_e8 = dec_mul(value_e8, s->correlation_factor_e8, DEC_DOWN);
    return s->max_order_e8 > 0 && value_e8 > s->max_order_e8 ? s->max_order_e8 : value_e8;
}

struct profile {
    int factor, largest;            /* hundredths, USD */
    int buy_profit[2], buy_loss[2]; /* windows in hundredths */
    int sell_profit[2], sell_loss[2];
};
static const struct profile profiles[PLATFORM_RISK_PROFILE_COUNT] = {
    [PLATFORM_RISK_STANDARD] = {100, 50, {50, 80}, {25, 60}, {53, 80}, {25, 49}},
    [PLATFORM_RISK_CONSERVATIVE] = {70, 35, {52, 80}, {25, 58}, {55, 80}, {25, 47}},
    [PLATFORM_RISK_VERY_CONSERVATIVE] = {50, 25, {54, 80}, {25, 55}, {55, 80}, {25, 45}},
};

static const struct profile *profile_of(enum platform_risk_profile p)
{
    TR_ASSERT(p > PLATFORM_RISK_UNSET && p < PLATFORM_RISK_PROFILE_COUNT);
    return &profiles[p];
}

/* Buy side only: 1.2 when profit is likely, 0.8 when loss is. */
static int64_t ml_factor_e8(const struct platform_risk_small *s)
{
    if (s->side != SIDE_BUY)
        return DEC_ONE;
    if (s->profit_probability_e8 != DEC_NONE && s->profit_probability_e8 > 65 * PERCENT)
        return 120 * PERCENT;
    bool loses = s->loss_probability_e8 != DEC_NONE && s->loss_probability_e8 > 35 * PERCENT;
    return loses ? 80 * PERCENT : DEC_ONE;
}

int64_t platform_risk_small_size_e8(const struct platform_risk_small *s)
{
    const struct profile *p = profile_of(s->profile);
    int64_t size_e8 = dec_mul(s->balance_e8, s->risk_e8, DEC_DOWN);
    size_e8 = dec_mul(size_e8, p->factor * PERCENT, DEC_DOWN);
    size_e8 = dec_mul(size_e8, s->is_meme ? 80 * PERCENT : DEC_ONE, DEC_DOWN);
    size_e8 = dec_mul(size_e8, ml_factor_e8(s), DEC_DOWN);
    return size_e8 < p->largest * DEC_ONE ? size_e8 : p->largest * DEC_ONE;
}

static bool is_within(int64_t v_e8, const int window[2])
{
    return v_e8 >= window[0] * PERCENT && v_e8 <= window[1] * PERCENT;
}

bool platform_risk_window_allows(enum platform_risk_profile profile, enum side side,
                                 int64_t profit_probability_e8, int64_t loss_probability_e8)
{
    const struct profile *p = profile_of(profile);
    TR_ASSERT(side == SIDE_BUY || side == SIDE_SELL);
    bool buys = side == SIDE_BUY;
    return is_within(profit_probability_e8, buys ? p->buy_profit : p->sell_profit) &&
           is_within(loss_probability_e8, buys ? p->buy_loss : p->sell_loss);
}

static int64_t clamp(int64_t v_e8, int64_t least_e8, int64_t most_e8)
{
    return v_e8 < least_e8 ? least_e8 : v_e8 > most_e8 ? most_e8 : v_e8;
}

struct platform_risk_plan platform_risk_enhanced(const struct platform_risk_enhanced *s)
{
    TR_ASSERT(s->entry_e8 > 0);
    const struct profile *p = profile_of(s->profile);
    struct platform_risk_plan plan = {.sl_part_e8 = 2 * PERCENT, .tp_part_e8 = 4 * PERCENT};
    int64_t signal_e8 = dec_mul(s->confidence_e8, s->strength_e8, DEC_HALF_AWAY);
    signal_e8 = clamp(dec_mul(signal_e8, s->success_e8, DEC_HALF_AWAY), 30 * PERCENT, 2 * DEC_ONE);
    plan.factor_e8 = dec_mul(p->factor * PERCENT, signal_e8, DEC_DOWN);
    if (s->is_meme)
        plan.factor_e8 = dec_mul(plan.factor_e8, 80 * PERCENT, DEC_DOWN);
    plan.risk_money_e8 =
        dec_mul(dec_mul(s->balance_e8, s->risk_e8, DEC_DOWN), plan.factor_e8, DEC_DOWN);
    int64_t stop_e8 = dec_mul(s->entry_e8, plan.sl_part_e8, DEC_UP);
    int64_t least_e8 = dec_div(NOTIONAL_MIN, s->entry_e8, DEC_HALF_AWAY);
    plan.quantity_e8 = dec_div(plan.risk_money_e8, stop_e8, DEC_DOWN);
    if (plan.quantity_e8 < least_e8)
        plan.quantity_e8 = least_e8;
    int percent = s->confidence_e8 > 80 * PERCENT   ? 120
                  : s->confidence_e8 > 60 * PERCENT ? 100
                                                    : 80;
    int64_t leverage_e8 = 5 * percent * PERCENT;
    if (s->is_meme) {
        leverage_e8 = dec_mul(leverage_e8, 80 * PERCENT, DEC_DOWN);
        plan.sl_part_e8 = dec_mul(plan.sl_part_e8, 120 * PERCENT, DEC_DOWN);
        plan.tp_part_e8 = dec_mul(plan.tp_part_e8, 110 * PERCENT, DEC_DOWN);
    }
    plan.leverage = (int)(leverage_e8 / DEC_ONE); /* at most 6: the cap of 20 is never met */
    return plan;
}

struct platform_risk_plan platform_risk_adaptive(int64_t confidence_e8, int64_t volatility_e8,
                                                 bool is_meme)
{
    int64_t width_e8 =
        clamp(dec_div(volatility_e8, 2 * PERCENT, DEC_HALF_AWAY), 50 * PERCENT, 2 * DEC_ONE);
    bool is_sure = confidence_e8 > 80 * PERCENT, is_unsure = confidence_e8 < 60 * PERCENT;
    int64_t sl_e8 = 2 * PERCENT, tp_e8 = 4 * PERCENT;
    sl_e8 = dec_mul(sl_e8, (is_sure ? 80 : is_unsure ? 120 : 100) * PERCENT, DEC_HALF_AWAY);
    tp_e8 = dec_mul(tp_e8, (is_sure ? 120 : is_unsure ? 80 : 100) * PERCENT, DEC_HALF_AWAY);
    sl_e8 = dec_mul(sl_e8, is_meme ? 120 * PERCENT : DEC_ONE, DEC_HALF_AWAY);
    tp_e8 = dec_mul(tp_e8, is_meme ? 110 * PERCENT : DEC_ONE, DEC_HALF_AWAY);
    return (struct platform_risk_plan){.sl_part_e8 = dec_mul(sl_e8, width_e8, DEC_HALF_AWAY),
                                       .tp_part_e8 = dec_mul(tp_e8, width_e8, DEC_HALF_AWAY)};
}

int64_t platform_risk_quantity_e8(int64_t balance_e8, int64_t risk_e8, int64_t entry_e8,
                                  int64_t sl_e8)
{
    TR_ASSERT(entry_e8 > 0);
    int64_t least_e8 = dec_div(NOTIONAL_MIN, entry_e8, DEC_HALF_AWAY);
    int64_t distance_e8 = dec_abs(entry_e8 - sl_e8);
    if (distance_e8 == 0)
        return least_e8;
    int64_t quantity_e8 = dec_div(dec_mul(balance_e8, risk_e8, DEC_DOWN), distance_e8, DEC_DOWN);
    return quantity_e8 > least_e8 ? quantity_e8 : least_e8;
}
