/* engine/fills.c: broker events: link, answers, fills, look-ups, reconciliation (spec
 * brokers 3.2-3.4).
 *
 * Fills are deduped before they get here (input key "ex:<exec_id>"), so each one is booked once. A
 * fill for an order that was already terminal is accepted and alarmed. With each link the broker is
 * asked for its list and for the deals since the last one (reconcile.c); entries wait for its end.
 */
#include "engine/apply.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "engine/exits.h"

#define AMOUNT_MAX_E8                                                                              \
    (INT64_C(100000000) * DEC_ONE) /* of one fill; sums stay far from the edge                     \
                                    */

struct event fills_position_event(const struct engine_tx *tx, enum event_type type,
                                  const struct position *p)
{
    struct event e = apply_event(tx, type);
    e.cid = p->cid;
    e.position_cid = p->cid;
    e.cause_seq = p->parent_seq;
    e.side = p->side;
    e.role = p->role;
    e.lots_e8 = p->lots_e8;
    e.entry_e8 = p->entry_e8;
    e.sl_e8 = p->sl_e8;
    e.tp_e8 = p->tp_e8;
    (void)str_copy(e.symbol, sizeof(e.symbol), p->symbol);
    (void)str_copy(e.plugin, sizeof(e.plugin), p->plugin);
    (void)str_copy(e.route, sizeof(e.route), p->route);
    (void)str_copy(e.chain_id, sizeof(e.chain_id), p->chain_id);
    return e;
}

void fills_mismatch(struct engine_tx *tx, const struct broker_event *in, const char *text)
{
    struct event e = apply_event(tx, EVENT_POSITION_MISMATCH);
    e.cid = in->cid;
    e.position_cid = in->position_cid;
    e.lots_e8 = in->lots_e8;
    if (in->purpose == ORDER_CLOSE)
        e.exit_e8 = in->price_e8;
    else
        e.entry_e8 = in->price_e8;
    (void)str_copy(e.symbol, sizeof(e.symbol), in->symbol);
    (void)str_copy(e.text, sizeof(e.text), text);
    outputs_add_event(tx->out, &e);
}

/* The broker knows the order. One that was never sent in this life was in another: the journal may
 * have come back from a backup. */
static void order_acked(struct engine_tx *tx, struct order *o)
{
    if (o->state == ORDER_LOGGED)
        order_set_state(o, ORDER_SENDING, tx->now_ms);
    if (o->state == ORDER_SENDING || o->state == ORDER_UNKNOWN)
        order_set_state(o, ORDER_ACKED, tx->now_ms);
}

/* Volume-weighted average of what there was and what came. */
static int64_t weighted_price(int64_t have_e8, int64_t have_price_e8, int64_t more_e8,
                              int64_t price_e8)
{
    __int128 value = (__int128)have_e8 * have_price_e8 + (__int128)more_e8 * price_e8;
    __int128 total = (__int128)have_e8 + more_e8;
    return (int64_t)((value + total / 2) / total);
}

/* Books a fill on its order; finishes the order when nothing is left. */
static void order_filled(struct engine_tx *tx, struct order *o, int64_t lots_e8, int64_t price_e8)
{
    order_acked(tx, o);
    o->avg_price_e8 = weighted_price(o->filled_e8, o->avg_price_e8, lots_e8, price_e8);
    o->filled_e8 += lots_e8;
    if (order_state_is_terminal(o->state)) { /* a late one */
        order_set_state(o, ORDER_FILLED, tx->now_ms);
        return;
    }
    bool whole = o->filled_e8 >= o->lots_e8;
    order_set_state(o, whole ? ORDER_FILLED : ORDER_PARTIAL, tx->now_ms);
    if (!whole)
        return;
    tx->s->counters.orders_filled++;
    trader_on_fill(tx);
    const struct order filled = *o;
    state_order_finish(tx->s, o->cid);
    if (filled.purpose == ORDER_OPEN)
        shadow_on_order(tx, filled.plugin, filled.route, true);
}

/* Nothing more will come: what is filled stays, the order ends. */
static void order_ended(struct engine_tx *tx, struct order *o, enum order_state to,
                        const struct broker_event *e)
{
    order_acked(tx, o);
    if (e->reason == REASON_POSITION_NOT_FOUND && state_position(tx->s, o->position_cid) != NULL)
        reconcile_ask_again(tx);
    orders_failed(tx, o, o->state == ORDER_PARTIAL ? ORDER_CANCELLED : to,
                  e->reason != REASON_UNSET ? e->reason : REASON_BROKER_REJECTED);
}

static void account_book(struct engine_tx *tx, int64_t net_e8, bool trade_ended)
{
    struct engine_state *s = tx->s;
    struct state_account *a = &s->account;
    if (net_e8 > 0) { /* RK-10 */
        a->daily_profit_e8 += net_e8;
    } else {
        a->daily_loss_e8 -= net_e8;
        a->lifetime_loss_e8 -= net_e8;
    }
    if (trade_ended) {
        a->daily_trades++;
        a->total_trades++;
        a->daily_wins += net_e8 > 0;
        a->total_wins += net_e8 > 0;
    }
    struct caps_limits caps = risk_caps(s);
    if (caps.daily_e8 > 0 && a->daily_loss_e8 >= caps.daily_e8 && !s->daily_cap_told) {
        s->daily_cap_told = true;
        struct event e = apply_event(tx, EVENT_DAILY_LOSS_LIMIT);
        e.reason = REASON_DAILY_LOSS_CAP;
        e.number_e8 = a->daily_loss_e8;
        e.limit_e8 = caps.daily_e8;
        outputs_add_event(tx->out, &e);
    }
    if (caps.lifetime_e8 > 0 && a->lifetime_loss_e8 >= caps.lifetime_e8 && !s->lifetime_cap_told) {
        s->lifetime_cap_told = true;
        struct event e = apply_event(tx, EVENT_LIFETIME_LOSS_LIMIT);
        e.reason = REASON_LIFETIME_LOSS_CAP;
        e.number_e8 = a->lifetime_loss_e8;
        e.limit_e8 = caps.lifetime_e8;
        outputs_add_event(tx->out, &e);
    }
}

/* ---- opening ---- */

static struct position *position_grow(struct engine_tx *tx, const struct order *o,
                                      const struct broker_event *e, int64_t lots_e8)
{
    struct position *p = state_position(tx->s, o->cid);
    if (p != NULL) {
        p->entry_e8 = weighted_price(p->lots_e8, p->entry_e8, lots_e8, e->price_e8);
        p->lots_e8 += lots_e8;
        p->commission_e8 += e->commission_e8;
        return p;
    }
    struct position fresh = {
        .cid = o->cid,
        .parent_seq = o->parent_seq,
        .side = o->side,
        .role = o->role,
        .lots_e8 = lots_e8,
        .entry_e8 = e->price_e8,
        .sl_e8 = o->sl_e8,
        .tp_e8 = o->tp_e8,
        .commission_e8 = e->commission_e8,
        .opened_ms = tx->now_ms,
        .sl_first_e8 = o->sl_e8,
    };
    (void)str_copy(fresh.symbol, sizeof(fresh.symbol), o->symbol);
    (void)str_copy(fresh.plugin, sizeof(fresh.plugin), o->plugin);
    (void)str_copy(fresh.route, sizeof(fresh.route), o->route);
    (void)str_copy(fresh.chain_id, sizeof(fresh.chain_id), o->chain_id);
    return state_position_add(tx->s, &fresh);
}

static void close_fill(struct engine_tx *tx, struct order *o, const struct broker_event *in);

/* Books the closes that came before this opening. True: nothing is open any more. */
static bool closed_early(struct engine_tx *tx, uint64_t cid)
{
    struct broker_event e;
    const struct position *p = state_position(tx->s, cid);
    while (p != NULL && early_take(tx->s, p, &e)) {
        close_fill(tx, NULL, &e);
        p = state_position(tx->s, cid);
    }
    return p == NULL;
}

static void open_fill(struct engine_tx *tx, struct order *o, const struct broker_event *e,
                      int64_t lots_e8)
{
    struct engine_state *s = tx->s;
    bool was_done = order_state_is_terminal(o->state);
    int64_t want_e8 = o->want_price_e8;
    enum reason close_for = s->panicked ? REASON_PANIC_CLOSE : was_done ? REASON_UNSET : o->reason;
    if (close_for == REASON_UNSET && session_clock_is_closing(&s->rules, tx->now_ms))
        close_for = REASON_SESSION; /* EX-10: it was on its way when the dead zone began */
    struct position *p = position_grow(tx, o, e, lots_e8);
    if (p == NULL)
        fills_mismatch(tx, e, "no room for one more position: close it at the broker");
    order_filled(tx, o, lots_e8, e->price_e8); /* o may have moved to the finished ones */
    s->account.balance_e8 -= e->commission_e8;
    if (p == NULL)
        return;
    struct event opened = fills_position_event(tx, EVENT_TRADE_OPENED, p);
    opened.commission_e8 = p->commission_e8;
    opened.balance_e8 = s->account.balance_e8;
    outputs_add_event(tx->out, &opened);
    opened.type = was_done ? EVENT_ORDER_LATE_FILL : EVENT_ENTRY;
    opened.lots_e8 = lots_e8;
    opened.number_e8 = want_e8; /* for slippage */
    outputs_add_event(tx->out, &opened);
    exits_arm(s, p);
    chains_on_open(tx, p, was_done);
    if (closed_early(tx, p->cid))
        return;
    if (close_for != REASON_UNSET)
        (void)orders_close_position(tx, p, close_for);
}

/* ---- closing ---- */

static enum event_type close_event_type(enum reason why)
{
    if (why == REASON_SL_HIT || why == REASON_STOP_OUT)
        return EVENT_SL_HIT;
    if (why == REASON_TP_HIT)
        return EVENT_TP_HIT;
    if (why == REASON_PROFIT_BOOKED)
        return EVENT_PROFIT_BOOKING;
    if (why == REASON_MANUAL_CLOSE || why == REASON_PANIC_CLOSE)
        return EVENT_MANUAL_EXIT;
    return EVENT_EXIT;
}

static void tell_closed(struct engine_tx *tx, const struct position *p,
                        const struct broker_event *e, enum reason why, int64_t open_commission_e8)
{
    struct event closed = fills_position_event(tx, EVENT_TRADE_CLOSED, p);
    closed.cid = e->cid;
    closed.lots_e8 = e->lots_e8;
    closed.exit_e8 = e->price_e8;
    closed.reason = why;
    closed.profit_e8 = e->profit_e8;
    closed.commission_e8 = e->commission_e8 + open_commission_e8;
    closed.swap_e8 = e->swap_e8;
    closed.balance_e8 = tx->s->account.balance_e8;
    closed.number_e8 = (p->lots_e8 - e->lots_e8); /* still open afterwards */
    outputs_add_event(tx->out, &closed);
    bool is_part = p->is_closing_part && e->lots_e8 < p->lots_e8;
    closed.type = is_part ? EVENT_PARTIAL_CLOSE : close_event_type(why);
    outputs_add_event(tx->out, &closed);
}

static void close_fill(struct engine_tx *tx, struct order *o, const struct broker_event *in)
{
    struct engine_state *s = tx->s;
    struct broker_event e = *in;
    struct position *p = state_position(s, e.position_cid);
    enum reason why = o != NULL ? o->reason : e.reason;
    if (why == REASON_UNSET) /* EX-11: closed there, nobody says why */
        why = e.profit_e8 > 0 ? REASON_TP_HIT : REASON_SL_HIT;
    bool is_early = p == NULL || e.lots_e8 > p->lots_e8;
    if (is_early && o == NULL && early_keep(s, &e))
        return; /* its opening, or the rest of it, is not here yet */
    if (p == NULL) {
        fills_mismatch(tx, &e, "close of a position that is not open");
        if (o != NULL)
            order_filled(tx, o, e.lots_e8, e.price_e8);
        return;
    }
    if (e.lots_e8 > p->lots_e8) {
        fills_mismatch(tx, &e, "closed more than was open");
        e.lots_e8 = p->lots_e8;
    }
    bool whole = e.lots_e8 == p->lots_e8;
    int64_t open_commission_e8 = dec_muldiv(p->commission_e8, e.lots_e8, p->lots_e8, DEC_HALF_AWAY);
    s->account.balance_e8 += e.profit_e8 + e.swap_e8 - e.commission_e8;
    tell_closed(tx, p, &e, why, open_commission_e8);
    int64_t net_e8 = e.profit_e8 + e.swap_e8 - e.commission_e8 - open_commission_e8;
    account_book(tx, net_e8, whole);
    risk_on_balance(tx);
    routes_closed(&s->routes, p, net_e8);
    p->lots_e8 -= e.lots_e8;
    p->commission_e8 -= open_commission_e8;
    p->realised_e8 += e.profit_e8;
    bool order_done = false, was_part = p->is_closing_part;
    if (o != NULL) {
        order_done = !order_state_is_terminal(o->state) && o->filled_e8 + e.lots_e8 >= o->lots_e8;
        if (order_done && p->closing_cid == o->cid) {
            p->closing_cid = 0;
            p->is_closing_part = false;
        }
        order_filled(tx, o, e.lots_e8, e.price_e8);
    }
    chains_on_close(
        tx, &(struct chains_close){
                .p = p, .why = why, .exit_e8 = e.price_e8, .net_e8 = net_e8, .whole = whole});
    if (whole && why == REASON_TP_HIT)
        exits_on_target(tx, p);
    if (whole)
        state_position_remove(s, e.position_cid);
    else if (order_done && !was_part) /* it was to close all: the position grew meanwhile */
        (void)orders_close_position(tx, p, why);
    else if (order_done && !orders_close_rest(tx, p))
        exits_arm(s, p);
    panic_on_close(tx);
}

/* ---- answers ---- */

static void on_fill(struct engine_tx *tx, const struct broker_event *e)
{
    struct order *o = state_order(tx->s, e->cid);
    if (o == NULL && e->cid != 0)
        o = state_done_order(tx->s, e->cid);
    if (o != NULL && o->purpose != e->purpose) {
        fills_mismatch(tx, e, "fill does not fit its order");
        return;
    }
    if (e->purpose == ORDER_CLOSE)
        close_fill(tx, o, e);
    else if (o != NULL)
        open_fill(tx, o, e, e->lots_e8);
    else
        fills_mismatch(tx, e, "fill of an order that is not ours");
}

static void on_reject(struct engine_tx *tx, const struct broker_event *e)
{
    struct order *o = state_order(tx->s, e->cid);
    if (o == NULL) {
        (void)modify_on_reject(tx, e); /* or of an order that has ended */
        return;
    }
    if (e->klass == BROKER_UNKNOWN) {
        if (o->state == ORDER_SENDING)
            orders_unknown(tx, o);
        return;
    }
    struct order refused = *o;
    int64_t lots_e8 = orders_lots_to_close(tx->s, o);
    order_ended(tx, o, ORDER_REJECTED, e);
    bool is_gone = refused.purpose == ORDER_CLOSE && e->reason == REASON_POSITION_NOT_FOUND;
    if (is_gone && reconcile_on_refused(tx, &refused))
        return;
    bool is_for_now = e->klass == BROKER_RETRY_PRICE || e->klass == BROKER_RETRY_LATER;
    struct position *p = state_position(tx->s, refused.position_cid);
    if (is_for_now && refused.purpose == ORDER_CLOSE && p != NULL)
        (void)orders_close_again(tx, p, &refused, lots_e8); /* what is wanted closed gets closed */
}

/* Books what the look-up shows beyond what we have. */
static void book_missing(struct engine_tx *tx, struct order *o, const struct broker_event *e)
{
    struct engine_state *s = tx->s;
    char key[INPUT_KEY_CAP]; /* the fill's own event may still come: it must not be booked again */
    (void)snprintf(key, sizeof(key), "ex:%" PRIu64, e->exec_id);
    if (e->exec_id != 0 && dedupe_find(s->fill_keys, key) == 0)
        dedupe_add(s->fill_keys, key, tx->seq);
    struct broker_event fill = *e;
    fill.lots_e8 = e->lots_e8 - o->filled_e8;
    fill.purpose = o->purpose;
    fill.position_cid = o->position_cid;
    if (o->purpose == ORDER_CLOSE)
        close_fill(tx, o, &fill);
    else
        open_fill(tx, o, &fill, fill.lots_e8);
}

static void on_query_found(struct engine_tx *tx, const struct broker_event *e)
{
    struct order *o = state_order(tx->s, e->cid);
    if (o == NULL)
        return;
    order_acked(tx, o);
    if (e->lots_e8 > o->filled_e8)
        book_missing(tx, o, e);
    o = state_order(tx->s, e->cid); /* unless that was the rest of it */
    if (o != NULL && e->terminal)
        order_ended(tx, o, ORDER_CANCELLED, e);
}

static void on_query_none(struct engine_tx *tx, const struct broker_event *e)
{
    struct order *o = state_order(tx->s, e->cid);
    if (modify_on_query_none(tx, e))
        return;
    if (o == NULL || o->state == ORDER_LOGGED || o->state == ORDER_SENDING)
        return; /* asked about an earlier try */
    if (o->state == ORDER_PARTIAL) {
        order_ended(tx, o, ORDER_CANCELLED, e);
        return;
    }
    if (o->state == ORDER_ACKED)
        order_set_state(o, ORDER_UNKNOWN, tx->now_ms);
    orders_not_found(tx, o);
}

static void on_cancelled(struct engine_tx *tx, const struct broker_event *e)
{
    struct order *o = state_order(tx->s, e->cid);
    if (o != NULL)
        order_ended(tx, o, ORDER_CANCELLED, e);
}

/* ---- link and snapshot ---- */

static void on_link(struct engine_tx *tx, bool up, const char *text)
{
    struct engine_state *s = tx->s;
    if (s->broker_up == up)
        return;
    s->broker_up = up;
    s->synced = false;
    if (!up || s->link_loss_told) { /* the first link of a process is no news */
        struct event e = apply_event(tx, up ? EVENT_BROKER_UP : EVENT_BROKER_DOWN);
        (void)str_copy(e.text, sizeof(e.text), text);
        outputs_add_event(tx->out, &e);
        s->link_loss_told = !up;
    }
    if (!up)
        shadow_on_broker_down(tx);
    if (up)
        reconcile_ask(s);
}

static void on_snapshot_end(struct engine_tx *tx, const struct broker_event *e)
{
    reconcile_on_clock(tx, e);
    reconcile_end(tx, e);
    tx->s->synced = true;
    chains_check(tx);
    orders_flush_logged(tx);
    modify_flush(tx);
    panic_on_snapshot(tx);
}

static bool is_amount(int64_t v_e8)
{
    return v_e8 >= -AMOUNT_MAX_E8 && v_e8 <= AMOUNT_MAX_E8;
}

static bool is_stop(int64_t v_e8)
{
    return v_e8 == DEC_NONE || (v_e8 > 0 && v_e8 <= AMOUNT_MAX_E8);
}

/* What the broker says comes from outside: figures nobody can mean are refused before they reach
 * sums and divisions. */
static bool is_sane(const struct broker_event *e)
{
    bool amounts = is_amount(e->lots_e8) && is_amount(e->price_e8) && is_amount(e->profit_e8) &&
                   is_amount(e->commission_e8) && is_amount(e->swap_e8);
    bool traded = e->lots_e8 > 0 && e->price_e8 > 0;
    switch (e->kind) {
    case BROKER_EVENT_FILL:
        return amounts && traded && (e->purpose == ORDER_OPEN || e->purpose == ORDER_CLOSE);
    case BROKER_EVENT_QUERY_FOUND:
        return amounts && (e->lots_e8 == 0 || traded);
    case BROKER_EVENT_SNAPSHOT_POSITION:
        return amounts && traded && side_sign(e->side) != 0 && e->position_cid > 0 &&
               e->position_cid <= INT64_MAX && (e->sl_e8 == 0 || is_stop(e->sl_e8)) &&
               (e->tp_e8 == 0 || is_stop(e->tp_e8));
    case BROKER_EVENT_LINK_UP:
    case BROKER_EVENT_LINK_DOWN:
    case BROKER_EVENT_ACK:
    case BROKER_EVENT_REJECT:
    case BROKER_EVENT_CANCELLED:
    case BROKER_EVENT_QUERY_NONE:
    case BROKER_EVENT_SNAPSHOT_BEGIN:
    case BROKER_EVENT_SNAPSHOT_END:
    case BROKER_EVENT_ACCOUNT:
    case BROKER_EVENT_UNSET:
    case BROKER_EVENT_COUNT:
        break;
    case BROKER_EVENT_MODIFIED:
        return is_stop(e->sl_e8) && is_stop(e->tp_e8);
    }
    return true;
}

void apply_broker(struct engine_tx *tx, const struct broker_event *e)
{
    struct order *o;
    if (!is_sane(e)) {
        fills_mismatch(tx, e, "the broker reports figures that cannot be: not booked");
        return;
    }
    switch (e->kind) {
    case BROKER_EVENT_LINK_UP:
        on_link(tx, true, e->text);
        break;
    case BROKER_EVENT_LINK_DOWN:
        on_link(tx, false, e->text);
        break;
    case BROKER_EVENT_ACK:
        o = state_order(tx->s, e->cid);
        if (o != NULL)
            order_acked(tx, o);
        break;
    case BROKER_EVENT_REJECT:
        reconcile_on_clock(tx, e);
        on_reject(tx, e);
        break;
    case BROKER_EVENT_FILL:
        reconcile_on_deal(tx, e);
        on_fill(tx, e);
        break;
    case BROKER_EVENT_CANCELLED:
        on_cancelled(tx, e);
        break;
    case BROKER_EVENT_QUERY_FOUND:
        on_query_found(tx, e);
        break;
    case BROKER_EVENT_QUERY_NONE:
        on_query_none(tx, e);
        break;
    case BROKER_EVENT_SNAPSHOT_BEGIN:
        reconcile_begin(tx->s, e);
        break;
    case BROKER_EVENT_SNAPSHOT_POSITION:
        reconcile_on_position(tx, e);
        break;
    case BROKER_EVENT_SNAPSHOT_END:
        on_snapshot_end(tx, e);
        break;
    case BROKER_EVENT_MODIFIED:
        modify_on_stops(tx, e);
        break;
    case BROKER_EVENT_ACCOUNT:
        reconcile_on_clock(tx, e);
        break;
    case BROKER_EVENT_UNSET:
    case BROKER_EVENT_COUNT:
        break;
    }
}
