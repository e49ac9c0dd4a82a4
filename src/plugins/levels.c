#include "plugins/levels.h"

#define FAR_PERCENT 5

int64_t levels_round_e8(const struct symbol_info *info, int64_t v_e8)
{
    return dec_to_step(v_e8, symbol_tick_e8(info), DEC_HALF_AWAY);
}

int64_t levels_round_stop_e8(const struct symbol_info *info, int64_t v_e8, enum side side)
{
    TR_ASSERT(side_sign(side) != 0);
    return dec_to_step(v_e8, symbol_tick_e8(info), side == SIDE_BUY ? DEC_DOWN : DEC_UP);
}

bool levels_target_e8(const struct symbol_info *info, int64_t tp_e8, int64_t entry_e8,
                      enum side side, int64_t *ret_e8)
{
    if (tp_e8 == DEC_NONE)
        return false;
    int64_t v_e8 = levels_round_e8(info, tp_e8);
    if ((v_e8 - entry_e8) * side_sign(side) <= 0 || v_e8 <= 0)
        return false;
    *ret_e8 = v_e8;
    return true;
}

static bool is_far(int64_t alert_e8, int64_t market_e8)
{
    return dec_abs(alert_e8 - market_e8) > dec_muldiv(market_e8, FAR_PERCENT, 100, DEC_DOWN);
}

/* Where a price of the alert's chart lies on the market's. */
static int64_t move_e8(int64_t v_e8, int64_t shift_e8)
{
    return v_e8 == DEC_NONE ? DEC_NONE : v_e8 + shift_e8;
}

/* Where the alert's own numbers contradict each other or the market. */
static bool stop_is_wrong(const struct signal *s, const struct levels *l)
{
    int sign = side_sign(s->side);
    int64_t from_e8 = s->price_e8 != DEC_NONE ? s->price_e8 : l->entry_e8;
    if (s->sl_e8 == DEC_NONE)
        return false;
    if ((from_e8 - s->sl_e8) * sign <= 0)
        return true;
    /* The market has been through the stop: the idea is over. */
    return !l->rebased && (l->entry_e8 - s->sl_e8) * sign <= 0;
}

enum reason levels_take(const struct signal *s, const struct quote *q, struct levels *ret)
{
    int64_t market_e8 = s->side == SIDE_BUY ? q->ask_e8 : q->bid_e8;
    int64_t shift_e8 = 0;
    TR_ASSERT(side_sign(s->side) != 0);
    *ret = (struct levels){.entry_e8 = market_e8 > 0 ? market_e8 : s->price_e8,
                           .sl_e8 = DEC_NONE,
                           .tp_e8 = {DEC_NONE, DEC_NONE, DEC_NONE},
                           .alert_distance_e8 = DEC_NONE};
    if (ret->entry_e8 == DEC_NONE || ret->entry_e8 <= 0)
        return REASON_PRICE_MISSING;
    ret->rebased = s->price_e8 != DEC_NONE && is_far(s->price_e8, ret->entry_e8);
    if (stop_is_wrong(s, ret))
        return REASON_STOP_WRONG_SIDE;
    if (ret->rebased)
        shift_e8 = ret->entry_e8 - s->price_e8;
    if (s->price_e8 != DEC_NONE && s->sl_e8 != DEC_NONE)
        ret->alert_distance_e8 = dec_abs(s->price_e8 - s->sl_e8);
    ret->sl_e8 = move_e8(s->sl_e8, shift_e8);
    ret->tp_e8[0] = move_e8(s->tp1_e8, shift_e8);
    ret->tp_e8[1] = move_e8(s->tp2_e8, shift_e8);
    ret->tp_e8[2] = move_e8(s->tp3_e8, shift_e8);
    return REASON_ACCEPTED;
}
