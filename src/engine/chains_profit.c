/* engine/chains_profit.c: the profit chain's machine (diagram in chains.h). Every open order has a
 * price level at which its profit is the minimum; reached, the true profit is worked out at the
 * quote and the order is closed, or the level is moved on. A level of the chain is judged whenever
 * one of its orders ends; the next level's orders need quotes, so they are placed with the next
 * one. A chain that has stopped leaves its open orders to their stops and targets, unless an exit
 * ended it (PC-8): then they are closed with it. */
#include "engine/chains_impl.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"

#define MS_PER_MINUTE     INT64_C(60000)
#define LEVEL_CORRECTIONS 3

bool profit_order_may_follow(enum profit_order_state from, enum profit_order_state to)
{
    switch (from) {
    case PROFIT_ORDER_UNSET:
        return to == PROFIT_ORDER_PENDING;
    case PROFIT_ORDER_PENDING:
        return to == PROFIT_ORDER_OPEN || to == PROFIT_ORDER_FAILED || to == PROFIT_ORDER_MISSING ||
               to == PROFIT_ORDER_LOST;
    case PROFIT_ORDER_OPEN:
        return to == PROFIT_ORDER_BOOKED || to == PROFIT_ORDER_LOST || to == PROFIT_ORDER_HUNTING ||
               to == PROFIT_ORDER_MISSING;
    case PROFIT_ORDER_HUNTING:
        return to == PROFIT_ORDER_PENDING || to == PROFIT_ORDER_LOST;
    case PROFIT_ORDER_MISSING:
        return to == PROFIT_ORDER_OPEN || to == PROFIT_ORDER_FAILED;
    case PROFIT_ORDER_BOOKED:
    case PROFIT_ORDER_LOST:
    case PROFIT_ORDER_FAILED:
    case PROFIT_ORDER_STATE_COUNT:
        break;
    }
    return false;
}

/* The one writer of an order's state. */
void profit_set_state(struct profit_order *o, enum profit_order_state to)
{
    TR_ASSERT(profit_order_may_follow(o->state, to));
    o->state = to;
    o->retry_ms = 0;
    if (to != PROFIT_ORDER_HUNTING)
        o->until_ms = 0;
}

static const struct symbol_info *info_of(const struct profit_chain *c)
{
    const struct symbol_info *info = symbol_find(c->base.symbol);
    TR_ASSERT(info != NULL); /* chains_on_open() saw it */
    return info;
}

static uint32_t tag_of(const struct profit_chain *c, const struct profit_order *o)
{
    TR_ASSERT(o >= c->orders && o < c->orders + PROFIT_CHAIN_ORDERS_MAX);
    return CHAIN_TAG_ORDER + (uint32_t)(o - c->orders);
}

/* ---- telling ---- */

/* For the ledger (store/chain_ledger.h says what stands where); status words as in spec 5. */
void chains_profit_state_event(struct engine_tx *tx, const struct profit_chain *c)
{
    struct event e = chains_event(tx, &c->base, EVENT_CHAIN_STATE);
    e.reason = c->base.stop_reason;
    e.lots_e8 = c->lots_e8;
    e.profit_e8 = c->base.profit_e8;
    e.commission_e8 = c->base.loss_e8;
    e.swap_e8 = c->base.opened_ms;
    e.number_e8 = c->base.level * DEC_ONE;
    e.limit_e8 = (PROFIT_CHAIN_LEVELS - 1) * DEC_ONE;
    e.score = c->orders_total < 100 ? c->orders_total : 100;
    (void)snprintf(e.text, sizeof(e.text), "%s PROFIT %d/%d %s", chain_state_name(c->base.state),
                   c->booked_total, c->orders_total, c->parent_id);
    outputs_add_event(tx->out, &e);
}

static struct event people_event(struct engine_tx *tx, const struct profit_chain *c,
                                 enum event_type type)
{
    struct event e = chains_event(tx, &c->base, type);
    e.lots_e8 = c->lots_e8;
    e.profit_e8 = c->base.profit_e8 - c->base.loss_e8;
    e.number_e8 = c->base.level * DEC_ONE;
    return e;
}

/* ---- ending ---- */

static void finish(struct engine_tx *tx, struct profit_chain *c, enum chain_state to,
                   const struct chains_answer *a)
{
    TR_ASSERT(chain_state_is_terminal(to));
    chain_set_state(tx, &c->base, to);
    c->base.stop_reason = a->reason;
    struct event e =
        people_event(tx, c, to == CHAIN_COMPLETED ? EVENT_CHAIN_COMPLETED : EVENT_CHAIN_STOPPED);
    e.reason = a->reason;
    if (a->limit_e8 != DEC_NONE) {
        e.number_e8 = a->number_e8;
        e.limit_e8 = a->limit_e8;
    }
    outputs_add_event(tx->out, &e);
    chains_profit_state_event(tx, c);
}

static void finish_for(struct engine_tx *tx, struct profit_chain *c, enum chain_state to,
                       enum reason why)
{
    finish(tx, c, to,
           &(struct chains_answer){.reason = why, .number_e8 = DEC_NONE, .limit_e8 = DEC_NONE});
}

static void close_rest(struct engine_tx *tx, struct profit_chain *c, enum reason why)
{
    for (int i = 0; i < c->order_count; i++) {
        enum profit_order_state state = c->orders[i].state;
        uint64_t cid = c->orders[i].cid;
        if (state != PROFIT_ORDER_OPEN && state != PROFIT_ORDER_PENDING)
            continue;
        struct position *p = state_position(tx->s, cid);
        struct order *o = state_order(tx->s, cid);
        if (o != NULL && o->purpose == ORDER_OPEN)
            o->reason = why; /* what still fills is closed at once */
        if (p != NULL)
            (void)orders_close_position(tx, p, why);
    }
}

void chains_profit_stop(struct engine_tx *tx, struct profit_chain *c, enum reason why)
{
    close_rest(tx, c, why);
    finish_for(tx, c, CHAIN_STOPPED, why);
}

/* ---- judging a level ---- */

static void advance_when_possible(struct engine_tx *tx, struct profit_chain *c)
{
    const struct chain_conf *conf = chains_conf(tx->s, c->base.plugin);
    if (conf == NULL) {
        finish_for(tx, c, CHAIN_STOPPED, REASON_RE_ENTRY_OFF);
        return;
    }
    chain_set_state(tx, &c->base, CHAIN_ADVANCING);
    c->base.until_ms = tx->now_ms + conf->profit_hunt_window_min * MS_PER_MINUTE;
    chains_watch_next(tx, &c->base, CHAIN_TAG_ADVANCE);
    chains_profit_state_event(tx, c);
}

static struct profit_chain_level level_of(const struct profit_chain *c,
                                          const struct chain_conf *conf)
{
    struct profit_chain_level l = {.strict = conf->profit_strict,
                                   .partial_threshold_e8 = conf->profit_partial_e8};
    for (int i = 0; i < c->order_count; i++) {
        l.total += c->orders[i].state != PROFIT_ORDER_FAILED;
        l.booked += c->orders[i].state == PROFIT_ORDER_BOOKED;
        l.lost += c->orders[i].state == PROFIT_ORDER_LOST;
    }
    return l;
}

/* PC-3 to PC-5, after one of the orders has ended. */
static void judge(struct engine_tx *tx, struct profit_chain *c, enum reason if_nothing_left)
{
    const struct chain_conf *conf = chains_conf(tx->s, c->base.plugin);
    if (c->base.state != CHAIN_ACTIVE)
        return;
    if (conf == NULL) {
        finish_for(tx, c, CHAIN_STOPPED, REASON_RE_ENTRY_OFF);
        return;
    }
    const struct profit_chain_level l = level_of(c, conf);
    if (l.total == 0) {
        finish_for(tx, c, CHAIN_STOPPED, if_nothing_left);
        return;
    }
    enum profit_chain_step step = profit_chain_progress(&l);
    if (step == PROFIT_CHAIN_STOP) {
        finish_for(tx, c, CHAIN_STOPPED, REASON_CHAIN_LOSS);
        return;
    }
    if (step == PROFIT_CHAIN_ADVANCE)
        step = profit_chain_after_level(c->base.level, chain_conf_enabled_levels(conf));
    else
        return;
    if (step == PROFIT_CHAIN_COMPLETE)
        finish_for(tx, c, CHAIN_COMPLETED, REASON_PROFIT_BOOKED);
    else if (step == PROFIT_CHAIN_STOP)
        finish_for(tx, c, CHAIN_STOPPED, REASON_LEVEL_DISABLED);
    else if (!conf->profit_enabled || !conf->autonomous)
        finish_for(tx, c, CHAIN_STOPPED, REASON_RE_ENTRY_OFF);
    else
        advance_when_possible(tx, c);
}

/* ---- booking, PC-2 ---- */

static int64_t profit_at_e8(const struct profit_chain *c, const struct profit_order *o,
                            int64_t price_e8, int64_t lots_e8, int64_t usd_per_quote_e8)
{
    return symbol_profit_e8(info_of(c), side_sign(c->base.side), o->entry_e8, price_e8, lots_e8,
                            usd_per_quote_e8);
}

static int64_t level_at_e8(const struct profit_chain *c, const struct profit_order *o,
                           int64_t distance_e8)
{
    int sign = side_sign(c->base.side);
    return dec_to_step(o->entry_e8 + sign * distance_e8, symbol_tick_e8(info_of(c)),
                       sign > 0 ? DEC_UP : DEC_DOWN);
}

/* Where lots_e8 of the order are worth min_profit: by the table's pip value (PC-2), then by what a
 * pip is really worth there. usd_per_quote_e8: of crosses, 0 = by the table. */
static int64_t booking_level_e8(const struct profit_chain *c, const struct profit_order *o,
                                int64_t lots_e8, int64_t min_profit_e8, int64_t usd_per_quote_e8)
{
    int64_t distance_e8 = symbol_risk_distance_e8(info_of(c), min_profit_e8, lots_e8);
    int64_t level_e8 = level_at_e8(c, o, distance_e8);
    for (int i = 0; i < LEVEL_CORRECTIONS && level_e8 > 0; i++) {
        int64_t profit_e8 = profit_at_e8(c, o, level_e8, lots_e8, usd_per_quote_e8);
        if (profit_e8 >= min_profit_e8 || profit_e8 <= 0)
            break;
        distance_e8 = dec_muldiv(distance_e8, min_profit_e8, profit_e8, DEC_UP);
        level_e8 = level_at_e8(c, o, distance_e8);
    }
    return level_e8;
}

/* beyond_e8: a price that was not enough, the level is farther; DEC_NONE = none. */
static void watch_booking(struct engine_tx *tx, struct profit_chain *c, struct profit_order *o,
                          int64_t beyond_e8)
{
    const struct chain_conf *conf = chains_conf(tx->s, c->base.plugin);
    const struct position *p = state_position(tx->s, o->cid);
    if (conf == NULL || p == NULL)
        return;
    int64_t usd_e8 = input_usd_per_quote_e8(tx->quotes, info_of(c));
    int64_t level_e8 = booking_level_e8(c, o, p->lots_e8, conf->min_profit_e8, usd_e8);
    if (beyond_e8 != DEC_NONE && reentry_is_reached(c->base.side, beyond_e8, level_e8))
        level_e8 = beyond_e8 + side_sign(c->base.side) * symbol_tick_e8(info_of(c));
    if (level_e8 > 0)
        chains_watch(tx, &c->base, c->base.side, level_e8, tag_of(c, o));
}

static void book_if_due(struct engine_tx *tx, struct profit_chain *c, struct profit_order *o)
{
    const struct chain_conf *conf = chains_conf(tx->s, c->base.plugin);
    struct position *p = state_position(tx->s, o->cid);
    int64_t price_e8;
    if (conf == NULL || p == NULL || p->closing_cid != 0 ||
        !chains_price(tx, c->base.symbol, c->base.side, &price_e8))
        return;
    int64_t usd_e8 = input_usd_per_quote_e8(tx->quotes, info_of(c));
    int64_t profit_e8 = profit_at_e8(c, o, price_e8, p->lots_e8, usd_e8);
    if (profit_chain_is_due(profit_e8, conf->min_profit_e8))
        (void)orders_close_position(tx, p, REASON_PROFIT_BOOKED);
    else
        watch_booking(tx, c, o, price_e8); /* a pip is worth less than it was */
}

/* ---- orders ---- */

static void set_open(struct engine_tx *tx, struct profit_chain *c, struct profit_order *o,
                     const struct position *p)
{
    o->entry_e8 = p->entry_e8;
    o->sl_e8 = p->sl_e8;
    if (o->state != PROFIT_ORDER_OPEN)
        profit_set_state(o, PROFIT_ORDER_OPEN);
    watch_booking(tx, c, o, DEC_NONE);
}

void chains_profit_begin(struct engine_tx *tx, const struct position *p)
{
    struct chains *all = &tx->s->chains;
    struct profit_chain fresh = {.base = {.origin_cid = p->cid,
                                          .cause_seq = p->parent_seq,
                                          .side = p->side,
                                          .role = p->role,
                                          .opened_ms = tx->now_ms},
                                 .lots_e8 = p->lots_e8,
                                 .order_count = 1,
                                 .orders_total = 1};
    profit_chain_id(fresh.base.id, p->symbol, p->parent_seq);
    (void)str_copy(fresh.parent_id, sizeof(fresh.parent_id), p->chain_id);
    (void)str_copy(fresh.base.plugin, sizeof(fresh.base.plugin), p->plugin);
    (void)str_copy(fresh.base.route, sizeof(fresh.base.route), p->route);
    (void)str_copy(fresh.base.symbol, sizeof(fresh.base.symbol), p->symbol);
    if (all->profit_count == CHAINS_PROFIT_MAX) {
        chains_tell_blocked(tx, &fresh.base,
                            &(struct chains_answer){.reason = REASON_CHAINS_FULL,
                                                    .number_e8 = DEC_NONE,
                                                    .limit_e8 = DEC_NONE});
        return;
    }
    struct profit_chain *c = &all->profit[all->profit_count++];
    *c = fresh;
    chain_set_state(tx, &c->base, CHAIN_ACTIVE);
    c->orders[0].cid = p->cid;
    profit_set_state(&c->orders[0], PROFIT_ORDER_PENDING);
    set_open(tx, c, &c->orders[0], p);
    chains_profit_state_event(tx, c);
}

void chains_profit_on_open(struct engine_tx *tx, struct profit_chain *c, struct profit_order *o,
                           const struct position *p)
{
    if (c->base.level == 0 && !o->is_retry)
        c->lots_e8 = p->lots_e8; /* it has grown: later levels are as big */
    set_open(tx, c, o, p);
}

/* RE-16: may this lost order be tried again? ACCEPTED begins the hunt. */
static enum reason hunt_gate(struct engine_tx *tx, const struct chain_conf *conf,
                             const struct profit_chain *c, const struct profit_order *o)
{
    bool is_stop_behind =
        o->sl_e8 != DEC_NONE && (o->entry_e8 - o->sl_e8) * side_sign(c->base.side) > 0;
    if (!conf->profit_hunt || !conf->enabled || !conf->autonomous || o->is_retry || !is_stop_behind)
        return REASON_RE_ENTRY_OFF;
    return chains_limits(tx, c->base.plugin, chains_concurrent(tx->s, c->base.plugin)).reason;
}

static void order_lost(struct engine_tx *tx, struct profit_chain *c, struct profit_order *o)
{
    const struct chain_conf *conf = chains_conf(tx->s, c->base.plugin);
    if (o->is_retry) {
        struct event e = people_event(tx, c, EVENT_RECOVERY_FAILED);
        e.reason = REASON_RECOVERY_LOST;
        outputs_add_event(tx->out, &e);
        chains_day(tx->s, c->base.plugin)->losses++;
    }
    if (conf == NULL || hunt_gate(tx, conf, c, o) != REASON_ACCEPTED) {
        profit_set_state(o, PROFIT_ORDER_LOST);
        return;
    }
    const struct reentry_trade t = {c->base.side, o->entry_e8, o->sl_e8};
    profit_set_state(o, PROFIT_ORDER_HUNTING);
    o->watch_e8 = reentry_hunt_level_e8(REENTRY_HUNT_WINDOW_MONITOR, info_of(c), &t,
                                        conf->min_recovery_pips_e8);
    o->until_ms = tx->now_ms + conf->profit_hunt_window_min * MS_PER_MINUTE;
    chains_watch(tx, &c->base, c->base.side, o->watch_e8, tag_of(c, o));
    struct event e = people_event(tx, c, EVENT_SL_HUNT_ACTIVATED);
    e.entry_e8 = o->watch_e8;
    e.number_e8 = conf->profit_hunt_window_min * DEC_ONE;
    outputs_add_event(tx->out, &e);
}

/* That it was closed with a profit people have heard already. */
static void order_booked(struct engine_tx *tx, struct profit_chain *c, struct profit_order *o,
                         const struct chains_close *x)
{
    profit_set_state(o, PROFIT_ORDER_BOOKED);
    c->booked_total++;
    if (!o->is_retry)
        return;
    struct event e = people_event(tx, c, EVENT_RECOVERY_SUCCESS);
    e.cid = o->cid;
    e.exit_e8 = x->exit_e8;
    e.profit_e8 = x->net_e8;
    outputs_add_event(tx->out, &e);
}

void chains_profit_on_close(struct engine_tx *tx, struct profit_chain *c, struct profit_order *o,
                            const struct chains_close *x)
{
    if (x->net_e8 > 0)
        c->base.profit_e8 += x->net_e8;
    else
        c->base.loss_e8 -= x->net_e8;
    c->base.updated_ms = tx->now_ms;
    if (!x->whole) {
        if (o->state == PROFIT_ORDER_OPEN)
            watch_booking(tx, c, o, DEC_NONE); /* of what is left */
        return;
    }
    if (o->state != PROFIT_ORDER_OPEN) /* it was missed, or closed while it was filling */
        profit_set_state(o, PROFIT_ORDER_OPEN);
    o->sl_e8 = x->p->sl_e8;
    if (profit_chain_ends_with(x->why)) {
        profit_set_state(o, x->net_e8 > 0 ? PROFIT_ORDER_BOOKED : PROFIT_ORDER_LOST);
        if (x->why != REASON_MANUAL_CLOSE) /* who closes one by hand means that one */
            close_rest(tx, c, x->why);
        finish_for(tx, c, CHAIN_STOPPED, x->why);
        return;
    }
    if (x->why == REASON_PROFIT_BOOKED || x->why == REASON_TP_HIT || x->net_e8 > 0)
        order_booked(tx, c, o, x);
    else
        order_lost(tx, c, o);
    chains_profit_state_event(tx, c);
    judge(tx, c, x->why);
}

void chains_profit_on_failed(struct engine_tx *tx, struct profit_chain *c, struct profit_order *o,
                             const struct order *failed)
{
    if (failed->purpose == ORDER_CLOSE) {
        if (o->state == PROFIT_ORDER_OPEN && failed->reason != REASON_UNSET)
            watch_booking(tx, c, o, DEC_NONE);
        return;
    }
    if (o->state != PROFIT_ORDER_PENDING)
        return; /* a part was filled: that is the order */
    profit_set_state(o, o->is_retry ? PROFIT_ORDER_LOST : PROFIT_ORDER_FAILED);
    judge(tx, c, failed->reason);
}

/* ---- the next level, PC-3 ---- */

static struct chains_answer place_one(struct engine_tx *tx, const struct chain_conf *conf,
                                      const struct profit_chain *c, int64_t sl_pips_e8)
{
    const struct chains_want w = {
        .base = &c->base,
        .also_id = c->parent_id,
        .role = ORDER_ROLE_B,
        .side = c->base.side,
        .lots_e8 = c->lots_e8,
        .sl_pips_e8 = sl_pips_e8,
        .rr_e8 = conf->profit_rr_e8,
        .sl_e8 = DEC_NONE,
        .tp_e8 = DEC_NONE,
        .is_same_trade = true,
    };
    return chains_place(tx, &w);
}

static int64_t money_pips_e8(const struct profit_chain *c, int64_t money_e8)
{
    return profit_chain_target_pips_e8(info_of(c), money_e8, c->lots_e8); /* RK-7 */
}

static void advance(struct engine_tx *tx, struct profit_chain *c)
{
    const struct chain_conf *conf = chains_conf(tx->s, c->base.plugin);
    struct chains_answer a = {.reason = REASON_RE_ENTRY_OFF, .limit_e8 = DEC_NONE};
    int placed = 0, next = c->base.level + 1;
    int wanted =
        conf == NULL
            ? 0
            : profit_chain_orders((enum profit_chain_multipliers)conf->profit_multipliers, next);
    struct profit_order fresh[PROFIT_CHAIN_ORDERS_MAX] = {0};
    for (int i = 0; i < wanted; i++) {
        a = place_one(tx, conf, c, money_pips_e8(c, chain_conf_sl_money_e8(conf, c->base.route)));
        if (a.reason != REASON_ACCEPTED)
            break;
        fresh[placed].cid = a.cid;
        fresh[placed].entry_e8 = a.entry_e8;
        fresh[placed].sl_e8 = a.sl_e8;
        profit_set_state(&fresh[placed++], PROFIT_ORDER_PENDING);
    }
    if (placed == 0 && chains_is_for_now(a.reason)) {
        chains_tell_blocked(tx, &c->base, &a);
        c->base.retry_ms = tx->now_ms + CHAINS_RETRY_MS;
        return;
    }
    if (placed == 0) {
        finish(tx, c, CHAIN_STOPPED, &a);
        return;
    }
    memcpy(c->orders, fresh, sizeof(fresh));
    c->order_count = placed;
    c->orders_total += placed;
    c->base.level = next;
    chain_set_state(tx, &c->base, CHAIN_ACTIVE);
    struct event e = people_event(tx, c, EVENT_CHAIN_ADVANCED);
    outputs_add_event(tx->out, &e);
    chains_profit_state_event(tx, c);
}

/* ---- RE-16 ---- */

static void order_lost_for_good(struct engine_tx *tx, struct profit_chain *c,
                                struct profit_order *o, enum event_type type, enum reason why)
{
    struct event e = people_event(tx, c, type);
    e.reason = why;
    outputs_add_event(tx->out, &e);
    profit_set_state(o, PROFIT_ORDER_LOST);
    judge(tx, c, why);
}

static void recover(struct engine_tx *tx, struct profit_chain *c, struct profit_order *o)
{
    const struct chain_conf *conf = chains_conf(tx->s, c->base.plugin);
    struct chains_answer a = {.reason = REASON_ACCEPTED};
    if (conf == NULL)
        a.reason = REASON_RE_ENTRY_OFF;
    else if (!chains_trend_agrees(tx->s, &c->base, c->base.side))
        a.reason = REASON_TREND_NOT_ALIGNED;
    else
        a = chains_limits(tx, c->base.plugin, chains_concurrent(tx->s, c->base.plugin) - 1);
    if (a.reason == REASON_ACCEPTED)
        a = place_one(tx, conf, c,
                      reentry_profit_hunt_pips_e8(c->base.symbol, conf->profit_hunt_sl2 != 0));
    if (chains_is_for_now(a.reason)) {
        chains_tell_blocked(tx, &c->base, &a);
        o->retry_ms = tx->now_ms + CHAINS_RETRY_MS;
        return;
    }
    if (a.reason != REASON_ACCEPTED) {
        order_lost_for_good(tx, c, o, EVENT_RECOVERY_FAILED, a.reason);
        return;
    }
    chains_day(tx->s, c->base.plugin)->attempts++;
    profit_set_state(o, PROFIT_ORDER_PENDING);
    o->is_retry = true;
    o->cid = a.cid;
    o->entry_e8 = a.entry_e8;
    o->sl_e8 = a.sl_e8;
    c->orders_total++;
    struct event e = people_event(tx, c, EVENT_SL_HUNT_RECOVERY);
    e.cid = a.cid;
    e.entry_e8 = a.entry_e8;
    e.sl_e8 = a.sl_e8;
    e.tp_e8 = a.tp_e8;
    outputs_add_event(tx->out, &e);
    chains_profit_state_event(tx, c);
}

static void hunt_reached(struct engine_tx *tx, struct profit_chain *c, struct profit_order *o)
{
    int64_t price_e8;
    if (o->retry_ms != 0 || !chains_price(tx, c->base.symbol, c->base.side, &price_e8) ||
        !reentry_is_reached(c->base.side, price_e8, o->watch_e8))
        return;
    if (tx->now_ms > o->until_ms)
        order_lost_for_good(tx, c, o, EVENT_RECOVERY_TIMEOUT, REASON_RECOVERY_TIMEOUT);
    else
        recover(tx, c, o);
}

/* ---- callbacks of price and time ---- */

void chains_profit_on_price(struct engine_tx *tx, struct profit_chain *c, uint32_t tag)
{
    if (tag == CHAIN_TAG_ADVANCE) {
        if (c->base.state == CHAIN_ADVANCING && c->base.retry_ms == 0)
            advance(tx, c);
        return;
    }
    TR_ASSERT(tag >= CHAIN_TAG_ORDER);
    int i = (int)(tag - CHAIN_TAG_ORDER);
    if (i >= c->order_count || chain_state_is_terminal(c->base.state))
        return; /* of an earlier level */
    if (c->orders[i].state == PROFIT_ORDER_OPEN)
        book_if_due(tx, c, &c->orders[i]);
    else if (c->orders[i].state == PROFIT_ORDER_HUNTING)
        hunt_reached(tx, c, &c->orders[i]);
}

static void order_timer(struct engine_tx *tx, struct profit_chain *c, struct profit_order *o)
{
    if (o->state != PROFIT_ORDER_HUNTING)
        return;
    if (tx->now_ms > o->until_ms) {
        order_lost_for_good(tx, c, o, EVENT_RECOVERY_TIMEOUT, REASON_RECOVERY_TIMEOUT);
    } else if (o->retry_ms != 0 && tx->now_ms >= o->retry_ms) {
        o->retry_ms = 0;
        chains_watch(tx, &c->base, c->base.side, o->watch_e8, tag_of(c, o));
    }
}

void chains_profit_timer(struct engine_tx *tx, struct profit_chain *c)
{
    struct chain_base *b = &c->base;
    if (b->state == CHAIN_ADVANCING && tx->now_ms > b->until_ms) {
        finish_for(tx, c, CHAIN_STOPPED, b->told != REASON_UNSET ? b->told : REASON_NO_QUOTE);
    } else if (b->retry_ms != 0 && tx->now_ms >= b->retry_ms) {
        b->retry_ms = 0;
        chains_watch_next(tx, b, CHAIN_TAG_ADVANCE);
    }
    for (int i = 0; i < c->order_count && !chain_state_is_terminal(b->state); i++)
        order_timer(tx, c, &c->orders[i]);
    if (b->check_ms != 0 && tx->now_ms >= b->check_ms && !chain_state_is_terminal(b->state))
        chains_profit_check(tx, c);
}

int64_t chains_profit_due_ms(const struct profit_chain *c)
{
    int64_t due_ms = 0;
    for (int i = 0; i < c->order_count; i++) {
        const struct profit_order *o = &c->orders[i];
        int64_t at_ms = o->retry_ms != 0 ? o->retry_ms : o->until_ms == 0 ? 0 : o->until_ms + 1;
        if (at_ms != 0 && (due_ms == 0 || at_ms < due_ms))
            due_ms = at_ms;
    }
    return due_ms;
}

/* ---- what the broker no longer has ---- */

static bool exists(struct engine_state *s, uint64_t cid)
{
    return state_position(s, cid) != NULL || state_order(s, cid) != NULL;
}

/* Notes what is missing and what is back; true: something is missing. */
static bool note_missing(struct engine_tx *tx, struct profit_chain *c)
{
    bool any = false;
    for (int i = 0; i < c->order_count; i++) {
        struct profit_order *o = &c->orders[i];
        bool is_live = o->state == PROFIT_ORDER_OPEN || o->state == PROFIT_ORDER_PENDING;
        const struct position *p = state_position(tx->s, o->cid);
        if (is_live && !exists(tx->s, o->cid))
            profit_set_state(o, PROFIT_ORDER_MISSING);
        else if (o->state == PROFIT_ORDER_MISSING && p != NULL)
            set_open(tx, c, o, p);
        any = any || o->state == PROFIT_ORDER_MISSING;
    }
    return any;
}

/* Spec 5: orders missing in three checks are dropped; a chain with no other is STALE. */
void chains_profit_check(struct engine_tx *tx, struct profit_chain *c)
{
    struct chain_base *b = &c->base;
    b->check_ms = 0;
    if (!note_missing(tx, c)) {
        b->missing_checks = 0;
        return;
    }
    if (++b->missing_checks < CHAINS_CHECKS) {
        b->check_ms = tx->now_ms + CHAINS_CHECK_MS;
        return;
    }
    b->missing_checks = 0;
    bool has_other = false;
    for (int i = 0; i < c->order_count; i++) {
        if (c->orders[i].state == PROFIT_ORDER_MISSING)
            profit_set_state(&c->orders[i], PROFIT_ORDER_FAILED);
        else
            has_other = has_other || c->orders[i].state != PROFIT_ORDER_FAILED;
    }
    if (has_other)
        judge(tx, c, REASON_CHAIN_STALE);
    else
        finish_for(tx, c, CHAIN_STALE, REASON_CHAIN_STALE);
}
