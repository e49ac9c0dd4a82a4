/* engine/orders.c: the order manager (spec brokers 3.2, 3.3).
 *
 * An order is born LOGGED together with its intent in the journal row of the input that caused it.
 * While the link is up and reconciled it becomes SENDING in the same row, so the commit that makes
 * the intent durable also says that an attempt may have been made; the request leaves after the
 * commit. No answer by the deadline, or a restart while SENDING, makes it UNKNOWN: the broker is
 * asked, nothing is sent again. Only a proof that the order can never take effect (NOT_FOUND)
 * permits a new intent, and for an entry only while its signal is still fresh. */
#include "engine/apply.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "engine/exits.h"
#include "engine/gate.h"

#define QUERY_INTERVAL_MS  2000
#define QUIET_MAX_MS       10000 /* accepted, but no fill and no end: the broker is asked */
#define UNKNOWN_ALARM_MS   60000
#define ENTRY_ATTEMPTS_MAX 2
#define CLOSE_AGAIN_MS     1000 /* doubled with each refusal */
#define CLOSE_AGAIN_MAX_MS 60000

/* One input closes every position at most and may open a few. */
_Static_assert(ORDERS_LEGS_KEPT >= STATE_POSITIONS_MAX + DECISION_ORDERS_MAX + DECISION_CLOSES_MAX,
               "legs");

/* Digits only, below 2^63: see model/order.h. */
uint64_t orders_next_cid(struct engine_tx *tx)
{
    TR_ASSERT(tx->legs < ORDERS_LEGS_MAX);
    TR_ASSERT(tx->seq < (UINT64_C(1) << CID_SEQ_BITS));
    uint8_t digest[HASH_SHA256_BYTES];
    hash_sha256(tx->opt->trader_id, strlen(tx->opt->trader_id), digest);
    uint64_t tag = (((uint64_t)digest[0] << 4) | (digest[1] & 0x0f)) | 1;
    return (tag << (CID_SEQ_BITS + CID_LEG_BITS)) | (tx->seq << CID_LEG_BITS) | tx->legs++;
}

static bool link_ready(const struct engine_state *s)
{
    return s->broker_up && s->synced;
}

static void send_order(struct engine_tx *tx, struct order *o)
{
    order_set_state(o, ORDER_SENDING, tx->now_ms);
    o->attempt++;
    o->deadline_ms = tx->now_ms + tx->s->rules.order_deadline_ms;
    struct broker_request r = {
        .kind = o->purpose == ORDER_OPEN ? BROKER_PLACE : BROKER_CLOSE,
        .cid = o->cid,
        .position_cid = o->position_cid,
        .side = o->side,
        .lots_e8 = o->lots_e8,
        .sl_e8 = o->sl_e8,
        .tp_e8 = o->tp_e8,
        .expires_ms = reconcile_there_ms(tx->s, o->deadline_ms),
    };
    (void)str_copy(r.symbol, sizeof(r.symbol), o->symbol);
    (void)state_send(tx->s, &r); /* full: asked for at its deadline */
    tx->s->counters.orders_sent++;
}

bool orders_submit(struct engine_tx *tx, struct order *o)
{
    TR_ASSERT(o->cid != 0);
    TR_ASSERT(o->lots_e8 > 0);
    o->state = ORDER_INTENT;
    o->created_ms = tx->now_ms;
    o->updated_ms = tx->now_ms;
    if (o->parent_seq == 0)
        o->parent_seq = tx->seq;
    order_set_state(o, ORDER_LOGGED, tx->now_ms);
    struct order *kept = state_order_add(tx->s, o);
    if (kept == NULL)
        return false;
    outputs_add_intent(tx->out, kept);
    if (link_ready(tx->s) && tx->now_ms >= kept->deadline_ms)
        send_order(tx, kept);
    return true;
}

struct close_want {
    int64_t lots_e8; /* all of the position, or less */
    enum reason why;
    int attempt;           /* times it was refused before */
    int64_t not_before_ms; /* LOGGED until then */
};

static bool close_at(struct engine_tx *tx, struct position *p, const struct close_want *want)
{
    TR_ASSERT(want->lots_e8 > 0 && want->lots_e8 <= p->lots_e8);
    bool is_persons = want->why == REASON_MANUAL_CLOSE || want->why == REASON_PANIC_CLOSE;
    if (p->closing_cid != 0 || (reconcile_is_in_doubt(tx->s, p) && !is_persons))
        return false;
    panic_order_sent(tx);
    struct order o = {
        .cid = orders_next_cid(tx),
        .position_cid = p->cid,
        .parent_seq = tx->seq,
        .purpose = ORDER_CLOSE,
        .role = p->role,
        .side = side_opposite(p->side),
        .reason = want->why,
        .lots_e8 = want->lots_e8,
        .want_price_e8 = DEC_NONE,
        .sl_e8 = DEC_NONE,
        .tp_e8 = DEC_NONE,
        .attempt = want->attempt,
        .deadline_ms = want->not_before_ms,
    };
    (void)str_copy(o.symbol, sizeof(o.symbol), p->symbol);
    (void)str_copy(o.plugin, sizeof(o.plugin), p->plugin);
    (void)str_copy(o.route, sizeof(o.route), p->route);
    (void)str_copy(o.chain_id, sizeof(o.chain_id), p->chain_id);
    if (!orders_submit(tx, &o))
        return false;
    p->closing_cid = o.cid;
    p->is_closing_part = want->lots_e8 < p->lots_e8;
    exits_arm(tx->s, p);
    return true;
}

bool orders_close_position(struct engine_tx *tx, struct position *p, enum reason why)
{
    bool is_part_under_way = p->closing_cid != 0 && p->is_closing_part;
    if (!is_part_under_way)
        return close_at(tx, p, &(struct close_want){.lots_e8 = p->lots_e8, .why = why});
    bool is_news = p->close_rest == REASON_UNSET;
    p->close_rest = why;
    return is_news;
}

bool orders_close_part(struct engine_tx *tx, struct position *p, int64_t lots_e8, enum reason why)
{
    return close_at(tx, p, &(struct close_want){.lots_e8 = lots_e8, .why = why});
}

int64_t orders_lots_to_close(struct engine_state *s, const struct order *o)
{
    const struct position *p = state_position(s, o->position_cid);
    if (o->purpose != ORDER_CLOSE || p == NULL)
        return 0;
    int64_t left_e8 = o->lots_e8 - o->filled_e8;
    bool is_part = p->closing_cid == o->cid && p->is_closing_part;
    return is_part && left_e8 < p->lots_e8 ? left_e8 : p->lots_e8;
}

bool orders_close_again(struct engine_tx *tx, struct position *p, const struct order *refused,
                        int64_t lots_e8)
{
    int64_t pause_ms = CLOSE_AGAIN_MS;
    for (int i = 1; i < refused->attempt && pause_ms < CLOSE_AGAIN_MAX_MS; i++)
        pause_ms *= 2;
    if (pause_ms > CLOSE_AGAIN_MAX_MS)
        pause_ms = CLOSE_AGAIN_MAX_MS;
    struct close_want want = {.lots_e8 = lots_e8,
                              .why = refused->reason,
                              .attempt = refused->attempt,
                              .not_before_ms = tx->now_ms + pause_ms};
    return close_at(tx, p, &want);
}

bool orders_close_rest(struct engine_tx *tx, struct position *p)
{
    enum reason why = p->close_rest;
    if (why == REASON_UNSET || p->closing_cid != 0)
        return false;
    p->close_rest = REASON_UNSET;
    return close_at(tx, p, &(struct close_want){.lots_e8 = p->lots_e8, .why = why});
}

/* Why an entry that waited for the link is not sent any more; ACCEPTED when it may go. */
static enum reason late_entry_gate(const struct engine_tx *tx, const struct order *o)
{
    const struct engine_state *s = tx->s;
    if (s->panicked)
        return REASON_PANIC;
    if (s->paused)
        return REASON_PAUSED;
    if (o->reason != REASON_UNSET)
        return o->reason; /* its exit came first */
    if (!shadow_may_send(s, o))
        return REASON_NOT_OWNER;
    bool fresh = tx->now_ms - o->created_ms <= s->rules.signal_max_age_ms;
    return fresh ? gate_caps(s) : REASON_ORDER_EXPIRED;
}

void orders_flush_logged(struct engine_tx *tx)
{
    struct engine_state *s = tx->s;
    size_t i = 0;
    while (i < s->order_count && link_ready(s)) {
        struct order *o = &s->orders[i];
        enum reason why = REASON_ACCEPTED;
        if (o->state == ORDER_LOGGED && o->purpose == ORDER_OPEN)
            why = late_entry_gate(tx, o);
        if (why != REASON_ACCEPTED) {
            orders_failed(tx, o, ORDER_DROPPED, why); /* the next one moves up */
            continue;
        }
        if (o->state == ORDER_LOGGED && tx->now_ms >= o->deadline_ms)
            send_order(tx, o);
        i++;
    }
}

static void ask_broker(struct engine_tx *tx, struct order *o)
{
    o->updated_ms = tx->now_ms;
    if (!tx->s->broker_up)
        return;
    struct broker_request r = {
        .kind = BROKER_QUERY, .cid = o->cid, .position_cid = o->position_cid};
    (void)str_copy(r.symbol, sizeof(r.symbol), o->symbol);
    (void)state_send(tx->s, &r); /* full: asked again */
}

static struct event order_event(const struct engine_tx *tx, enum event_type type,
                                const struct order *o)
{
    struct event e = apply_event(tx, type);
    e.cid = o->cid;
    e.position_cid = o->position_cid;
    e.cause_seq = o->parent_seq;
    e.side = o->side;
    e.role = o->role;
    e.lots_e8 = o->lots_e8;
    e.sl_e8 = o->sl_e8;
    e.tp_e8 = o->tp_e8;
    (void)str_copy(e.symbol, sizeof(e.symbol), o->symbol);
    (void)str_copy(e.plugin, sizeof(e.plugin), o->plugin);
    (void)str_copy(e.route, sizeof(e.route), o->route);
    (void)str_copy(e.chain_id, sizeof(e.chain_id), o->chain_id);
    return e;
}

void orders_unknown(struct engine_tx *tx, struct order *o)
{
    order_set_state(o, ORDER_UNKNOWN, tx->now_ms);
    o->deadline_ms = tx->now_ms + UNKNOWN_ALARM_MS;
    tx->s->counters.orders_unknown++;
    struct event e = order_event(tx, EVENT_ORDER_UNKNOWN, o);
    e.reason = REASON_ORDER_UNKNOWN;
    outputs_add_event(tx->out, &e);
    ask_broker(tx, o);
}

/* The position may be closed again once its close order has failed. */
static void release_position(struct engine_tx *tx, const struct order *o)
{
    if (o->purpose != ORDER_CLOSE)
        return;
    struct position *p = state_position(tx->s, o->position_cid);
    if (p != NULL && p->closing_cid == o->cid) {
        p->closing_cid = 0;
        p->is_closing_part = false;
        exits_arm(tx->s, p);
    }
    panic_order_sent(tx);
}

void orders_failed(struct engine_tx *tx, struct order *o, enum order_state to, enum reason why)
{
    bool is_error = to != ORDER_DROPPED && o->state != ORDER_UNKNOWN; /* that one is counted */
    order_set_state(o, to, tx->now_ms);
    o->reason = why;
    if (is_error)
        trader_on_error(tx, why);
    tx->s->counters.orders_rejected++;
    struct event e = order_event(tx, EVENT_ORDER_FAILED, o);
    e.reason = why;
    outputs_add_event(tx->out, &e);
    release_position(tx, o);
    const struct order failed = *o;
    state_order_finish(tx->s, o->cid);
    struct position *p = state_position(tx->s, failed.position_cid);
    if (failed.purpose == ORDER_CLOSE && p != NULL)
        (void)orders_close_rest(tx, p); /* wanted while a part was being closed */
    chains_on_order_failed(tx, &failed);
    if (failed.purpose == ORDER_OPEN && to != ORDER_DROPPED && failed.filled_e8 == 0)
        shadow_on_order(tx, failed.plugin, failed.route, false);
}

static bool may_enter(const struct engine_state *s, const struct order *o)
{
    return !s->paused && !s->panicked && shadow_may_send(s, o) && gate_caps(s) == REASON_ACCEPTED;
}

void orders_not_found(struct engine_tx *tx, struct order *o)
{
    struct order again = *o;
    struct engine_state *s = tx->s;
    int64_t lots_e8 = orders_lots_to_close(s, o);
    bool fresh = tx->now_ms - o->created_ms <= s->rules.signal_max_age_ms;
    bool retry_entry = o->purpose == ORDER_OPEN && o->reason == REASON_UNSET && fresh &&
                       o->attempt < ENTRY_ATTEMPTS_MAX && may_enter(s, o);
    uint64_t new_cid = retry_entry ? orders_next_cid(tx) : 0;
    if (retry_entry)
        chains_on_order_renamed(tx, again.cid, new_cid);
    orders_failed(tx, o, ORDER_NOT_FOUND, REASON_ORDER_NOT_FOUND);
    if (again.purpose == ORDER_CLOSE) {
        struct position *p = state_position(s, again.position_cid);
        if (p != NULL)
            (void)orders_close_part(tx, p, lots_e8, again.reason);
        return;
    }
    if (!retry_entry)
        return;
    int64_t born_ms = again.created_ms;
    again.cid = new_cid;
    again.position_cid = again.cid;
    again.deadline_ms = 0;
    /* This failure may have been the one that moves the route back, or halts entries. */
    if (!may_enter(s, &again) || !orders_submit(tx, &again)) {
        again.reason = REASON_ENTRIES_HALTED;
        chains_on_order_failed(tx, &again);
        return;
    }
    struct order *kept = state_order(s, again.cid);
    kept->created_ms = born_ms; /* the signal's age keeps counting */
}

void orders_process_restarted(struct engine_tx *tx)
{
    struct engine_state *s = tx->s;
    for (size_t i = 0; i < s->order_count; i++)
        if (s->orders[i].state == ORDER_SENDING)
            orders_unknown(tx, &s->orders[i]);
}

/* Accepted orders are answered soon: one that stays quiet has lost its answer. */
static bool is_quiet_state(const struct order *o)
{
    return o->state == ORDER_ACKED || o->state == ORDER_PARTIAL;
}

static void unknown_timer(struct engine_tx *tx, struct order *o)
{
    if (tx->now_ms >= o->deadline_ms) {
        struct event e = order_event(tx, EVENT_ORDER_UNKNOWN, o);
        e.reason = REASON_ORDER_UNKNOWN;
        e.number_e8 = (tx->now_ms - o->created_ms) / 1000 * DEC_ONE;
        outputs_add_event(tx->out, &e);
        o->deadline_ms = tx->now_ms + UNKNOWN_ALARM_MS;
    }
    if (tx->now_ms - o->updated_ms >= QUERY_INTERVAL_MS)
        ask_broker(tx, o);
}

void orders_timers(struct engine_tx *tx)
{
    struct engine_state *s = tx->s;
    for (size_t i = 0; i < s->order_count; i++) {
        struct order *o = &s->orders[i];
        if (o->state == ORDER_SENDING && tx->now_ms >= o->deadline_ms) {
            orders_unknown(tx, o);
            trader_on_error(tx, REASON_ORDER_UNKNOWN);
        } else if (o->state == ORDER_UNKNOWN)
            unknown_timer(tx, o);
        else if (is_quiet_state(o) && tx->now_ms - o->updated_ms >= QUIET_MAX_MS)
            ask_broker(tx, o);
        else if (o->state == ORDER_LOGGED && link_ready(s) && tx->now_ms >= o->deadline_ms)
            send_order(tx, o);
    }
    if (s->panicked && s->panic_retry_ms != 0 && tx->now_ms >= s->panic_retry_ms)
        panic_step(tx);
}

int64_t orders_next_due_ms(const struct engine_state *s)
{
    int64_t due_ms = INT64_MAX;
    for (size_t i = 0; i < s->order_count; i++) {
        const struct order *o = &s->orders[i];
        int64_t at_ms = INT64_MAX;
        if (o->state == ORDER_SENDING)
            at_ms = o->deadline_ms;
        else if (o->state == ORDER_UNKNOWN)
            at_ms = o->updated_ms + QUERY_INTERVAL_MS;
        else if (is_quiet_state(o))
            at_ms = o->updated_ms + QUIET_MAX_MS;
        else if (o->state == ORDER_LOGGED && link_ready(s))
            at_ms = o->deadline_ms;
        if (at_ms < due_ms)
            due_ms = at_ms;
    }
    if (s->panicked && s->panic_retry_ms != 0 && s->panic_retry_ms < due_ms)
        due_ms = s->panic_retry_ms;
    return due_ms;
}
