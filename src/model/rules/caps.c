#include "model/rules/caps.h"

#define AVAILABLE_MIN DEC_ONE /* RK-12: less than a dollar is nothing to trade with */

enum reason caps_check(const struct caps_limits *l, const struct caps_book *b,
                       int64_t *ret_number_e8, int64_t *ret_limit_e8)
{
    TR_ASSERT(b->daily_loss_e8 >= 0 && b->lifetime_loss_e8 >= 0);
    *ret_number_e8 = DEC_NONE;
    *ret_limit_e8 = DEC_NONE;
    if (l->lifetime_e8 > 0 && b->lifetime_loss_e8 >= l->lifetime_e8) {
        *ret_number_e8 = b->lifetime_loss_e8;
        *ret_limit_e8 = l->lifetime_e8;
        return REASON_LIFETIME_LOSS_CAP;
    }
    if (l->daily_e8 > 0 && b->daily_loss_e8 >= l->daily_e8) {
        *ret_number_e8 = b->daily_loss_e8;
        *ret_limit_e8 = l->daily_e8;
        return REASON_DAILY_LOSS_CAP;
    }
    return REASON_ACCEPTED;
}

void caps_book_close(struct caps_book *b, int64_t pnl_e8)
{
    if (pnl_e8 > 0) {
        b->daily_profit_e8 += pnl_e8;
    } else {
        b->daily_loss_e8 -= pnl_e8;
        b->lifetime_loss_e8 -= pnl_e8;
    }
    b->daily_trades++;
    b->total_trades++;
    b->daily_wins += pnl_e8 > 0;
    b->total_wins += pnl_e8 > 0;
    TR_ASSERT(b->daily_wins <= b->daily_trades);
}

void caps_book_new_day(struct caps_book *b)
{
    b->daily_profit_e8 = 0;
    b->daily_loss_e8 = 0;
    b->daily_trades = 0;
    b->daily_wins = 0;
}

static enum reason refused(struct caps_dual *d, enum reason why, int64_t number_e8,
                           int64_t limit_e8)
{
    d->lots_e8 = 0;
    d->reduced = false;
    d->number_e8 = number_e8;
    d->limit_e8 = limit_e8;
    return why;
}

/* Less than planned: what the rest of the day's cap pays for. */
static enum reason reduce(const struct caps_dual_case *c, struct caps_dual *d)
{
    if (d->available_e8 < AVAILABLE_MIN)
        return refused(d, REASON_DAILY_LOSS_CAP, c->daily_loss_e8 + d->expected_e8,
                       c->limits.daily_e8);
    int64_t per_lot_e8 = dec_mul(c->sl_pips_e8, c->pip_value_e8, DEC_UP) * c->orders;
    int64_t smart_e8 =
        dec_to_step(dec_div(d->available_e8, per_lot_e8, DEC_DOWN), c->step_e8, DEC_DOWN);
    if (smart_e8 < c->min_e8)
        return refused(d, REASON_DAILY_LOSS_CAP, c->daily_loss_e8 + d->expected_e8,
                       c->limits.daily_e8);
    d->reduced = smart_e8 < c->lots_e8;
    d->lots_e8 = d->reduced ? smart_e8 : c->lots_e8;
    return REASON_ACCEPTED;
}

enum reason caps_dual(const struct caps_dual_case *c, struct caps_dual *ret)
{
    TR_ASSERT(c->sl_pips_e8 > 0 && c->pip_value_e8 > 0 && c->lots_e8 > 0);
    TR_ASSERT(c->orders > 0 && c->step_e8 > 0);
    int64_t per_pip_e8 = dec_mul(c->pip_value_e8, c->lots_e8, DEC_HALF_AWAY);
    *ret = (struct caps_dual){.lots_e8 = c->lots_e8,
                              .available_e8 = DEC_NONE,
                              .number_e8 = DEC_NONE,
                              .limit_e8 = DEC_NONE};
    ret->expected_e8 = dec_mul(c->sl_pips_e8, per_pip_e8, DEC_HALF_AWAY) * c->orders;
    int64_t lifetime_e8 = c->lifetime_loss_e8 + ret->expected_e8;
    if (c->limits.lifetime_e8 > 0 && lifetime_e8 > c->limits.lifetime_e8)
        return refused(ret, REASON_LIFETIME_LOSS_CAP, lifetime_e8, c->limits.lifetime_e8);
    if (c->limits.daily_e8 == 0)
        return REASON_ACCEPTED;
    ret->available_e8 = c->limits.daily_e8 - c->daily_loss_e8;
    if (c->daily_loss_e8 + ret->expected_e8 <= c->limits.daily_e8)
        return REASON_ACCEPTED;
    return reduce(c, ret);
}
