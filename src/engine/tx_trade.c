/* engine/tx_trade.c: what people do to the account by hand: a market order of their own, and a
 * loss counter set back. */
#include "engine/apply.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "engine/gate.h"

static bool is_volume(const struct symbol_info *s, int64_t lots_e8)
{
    return lots_e8 >= s->volume_min_e8 && lots_e8 <= s->volume_max_e8 &&
           lots_e8 % s->volume_step_e8 == 0;
}

/* Both stops on their side of the price, the stop not nearer than the venue takes it. */
static enum reason check_stops(const struct symbol_info *s, const struct tx_entry *e,
                               int64_t price_e8)
{
    int sign = side_sign(e->side);
    if (e->sl_e8 != DEC_NONE && sign * (price_e8 - e->sl_e8) <= 0)
        return REASON_STOP_WRONG_SIDE;
    if (e->tp_e8 != DEC_NONE && sign * (e->tp_e8 - price_e8) <= 0)
        return REASON_STOP_WRONG_SIDE;
    if (e->sl_e8 != DEC_NONE && sign * (price_e8 - e->sl_e8) < s->min_sl_dist_e8)
        return REASON_STOP_TOO_CLOSE;
    return REASON_ACCEPTED;
}

enum reason tx_enter_check(const struct engine_tx *tx, const struct tx_entry *e)
{
    struct quote q;
    int64_t number_e8, limit_e8;
    const struct symbol_info *s = symbol_find(e->symbol);
    if (s == NULL)
        return REASON_SYMBOL_UNKNOWN;
    if (!is_volume(s, e->lots_e8))
        return REASON_LOT_BELOW_MIN;
    if (!tx_quote(tx, e->symbol, &q))
        return REASON_NO_QUOTE;
    enum reason r = check_stops(s, e, e->side == SIDE_BUY ? q.ask_e8 : q.bid_e8);
    if (r == REASON_ACCEPTED)
        r = gate_entry(tx->s, e->symbol, &number_e8, &limit_e8);
    if (r != REASON_ACCEPTED)
        return r;
    struct risk_want want = {.symbol = e->symbol,
                             .side = e->side,
                             .lots_e8 = e->lots_e8,
                             .entry_e8 = e->side == SIDE_BUY ? q.ask_e8 : q.bid_e8,
                             .sl_e8 = e->sl_e8};
    struct risk_answer answer;
    risk_check(tx->s, tx->quotes, tx->now_ms, &want, &answer);
    return answer.reason;
}

enum reason tx_enter(struct engine_tx *tx, const struct tx_entry *e, uint64_t *ret_cid)
{
    struct quote q;
    enum reason r = tx_enter_check(tx, e);
    if (r != REASON_ACCEPTED)
        return r;
    bool quoted = tx_quote(tx, e->symbol, &q);
    TR_ASSERT(quoted);
    struct order o = {
        .cid = orders_next_cid(tx),
        .purpose = ORDER_OPEN,
        .role = ORDER_ROLE_MANUAL,
        .side = e->side,
        .lots_e8 = e->lots_e8,
        .want_price_e8 = e->side == SIDE_BUY ? q.ask_e8 : q.bid_e8,
        .sl_e8 = e->sl_e8,
        .tp_e8 = e->tp_e8,
    };
    o.position_cid = o.cid;
    TR_ASSERT(str_copy(o.symbol, sizeof o.symbol, e->symbol));
    (void)str_copy(o.plugin, sizeof o.plugin, "manual");
    (void)str_copy(o.route, sizeof o.route, "MANUAL");
    (void)snprintf(o.chain_id, sizeof o.chain_id, "%.15s_%08x", e->symbol, (unsigned)tx->seq);
    bool placed = orders_submit(tx, &o);
    TR_ASSERT(placed); /* the gate left room */
    *ret_cid = o.cid;
    return REASON_ACCEPTED;
}

enum reason tx_clear_loss(struct engine_tx *tx, bool lifetime_too)
{
    struct state_account *a = &tx->s->account;
    if (a->daily_loss_e8 == 0 && (!lifetime_too || a->lifetime_loss_e8 == 0))
        return REASON_ALREADY_DONE;
    a->daily_loss_e8 = 0;
    tx->s->daily_cap_told = false;
    if (lifetime_too) {
        a->lifetime_loss_e8 = 0;
        tx->s->lifetime_cap_told = false;
    }
    return REASON_ACCEPTED;
}
