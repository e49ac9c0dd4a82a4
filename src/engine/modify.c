/* engine/modify.c: the manager of stop changes: the state machine of modify.h.
 *
 * A change is written ahead: the row that wants it holds the event MODIFY_INTENT and, when the link
 * is ready, the state SENDING; the request leaves after the commit. Answers say which stops the
 * position has, not only "done": whatever arrives late or twice is compared with what is wanted,
 * and only a difference makes a new request (new cid). Without an answer the broker is asked; a
 * change counts as lost only after its request has expired there. The position's own sl_e8 and
 * tp_e8 are what the venue last said. */
#include "engine/modify.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "engine/apply.h"
#include "engine/exits.h"

#define ASK_INTERVAL_MS  2000
#define EXPIRY_MARGIN_MS 2000 /* a venue's clock may be behind: spec brokers 3.3 */
#define UNKNOWN_ALARM_MS 60000
#define AGAIN_MS         1000 /* doubled with each refusal for now */
#define AGAIN_MAX_MS     60000
#define REFUSED_QUIET_MS 60000

_Static_assert(MODIFIES_MAX >= STATE_POSITIONS_MAX, "one a position");

/* ---- state ---- */

#define TO(s) (1u << MODIFY_##s)
static const unsigned may_follow[MODIFY_STATE_COUNT] = {
    [MODIFY_UNSET] = TO(LOGGED),
    [MODIFY_LOGGED] = TO(LOGGED) | TO(SENDING),
    [MODIFY_SENDING] = TO(LOGGED) | TO(UNKNOWN) | TO(REFUSED),
    [MODIFY_UNKNOWN] = TO(LOGGED) | TO(REFUSED),
    [MODIFY_REFUSED] = TO(LOGGED),
};

bool modify_state_may_follow(enum modify_state from, enum modify_state to)
{
    if ((int)from < 0 || from >= MODIFY_STATE_COUNT || (int)to <= 0 || to >= MODIFY_STATE_COUNT)
        return false;
    return (may_follow[from] & (1u << to)) != 0;
}

static bool is_consistent(const struct modify *m)
{
    bool known = m->state > MODIFY_UNSET && m->state < MODIFY_STATE_COUNT;
    bool ids = m->position_cid != 0;
    bool sent = m->state == MODIFY_LOGGED || (m->attempt > 0 && m->cid != 0);
    bool stops = (m->sl_e8 == DEC_NONE || m->sl_e8 > 0) && (m->tp_e8 == DEC_NONE || m->tp_e8 > 0);
    return known && ids && sent && stops && m->attempt >= 0;
}

static void assert_state(const struct modify *m)
{
    TR_ASSERT(m->state > MODIFY_UNSET && m->state < MODIFY_STATE_COUNT);
    TR_ASSERT(m->position_cid != 0);
    TR_ASSERT(is_consistent(m));
}

static void set_state(struct modify *m, enum modify_state to, int64_t now_ms)
{
    TR_ASSERT(modify_state_may_follow(m->state, to));
    m->state = to;
    m->updated_ms = now_ms;
    assert_state(m);
}

static struct modify *find(struct engine_state *s, uint64_t position_cid)
{
    TR_ASSERT(s->modifies.count <= MODIFIES_MAX);
    for (size_t i = 0; i < s->modifies.count; i++)
        if (s->modifies.items[i].position_cid == position_cid)
            return &s->modifies.items[i];
    return NULL;
}

static struct modify *find_cid(struct engine_state *s, uint64_t cid)
{
    if (cid == 0)
        return NULL;
    for (size_t i = 0; i < s->modifies.count; i++)
        if (s->modifies.items[i].cid == cid)
            return &s->modifies.items[i];
    return NULL;
}

const struct modify *modify_find(const struct engine_state *s, uint64_t position_cid)
{
    for (size_t i = 0; i < s->modifies.count; i++)
        if (s->modifies.items[i].position_cid == position_cid)
            return &s->modifies.items[i];
    return NULL;
}

int64_t modify_sl_e8(const struct engine_state *s, const struct position *p)
{
    const struct modify *m = modify_find(s, p->cid);
    return m != NULL && m->state != MODIFY_REFUSED ? m->sl_e8 : p->sl_e8;
}

int64_t modify_tp_e8(const struct engine_state *s, const struct position *p)
{
    const struct modify *m = modify_find(s, p->cid);
    return m != NULL && m->state != MODIFY_REFUSED ? m->tp_e8 : p->tp_e8;
}

static void remove_at(struct modifies *list, size_t i)
{
    TR_ASSERT(i < list->count);
    list->count--;
    memmove(&list->items[i], &list->items[i + 1], (list->count - i) * sizeof(list->items[0]));
}

void modify_position_gone(struct engine_state *s, uint64_t position_cid)
{
    struct modify *m = find(s, position_cid);
    if (m != NULL)
        remove_at(&s->modifies, (size_t)(m - s->modifies.items));
}

/* ---- telling ---- */

static struct event stop_event(const struct engine_tx *tx, enum event_type type,
                               const struct position *p, const struct modify *m)
{
    struct event e = apply_event(tx, type);
    e.cid = m->cid;
    e.position_cid = p->cid;
    e.cause_seq = m->parent_seq;
    e.reason = m->reason;
    e.side = p->side;
    e.role = p->role;
    e.lots_e8 = p->lots_e8;
    e.entry_e8 = p->entry_e8;
    e.sl_e8 = m->sl_e8;
    e.tp_e8 = m->tp_e8;
    (void)str_copy(e.symbol, sizeof(e.symbol), p->symbol); /* same caps */
    (void)str_copy(e.plugin, sizeof(e.plugin), p->plugin);
    (void)str_copy(e.route, sizeof(e.route), p->route);
    (void)str_copy(e.chain_id, sizeof(e.chain_id), p->chain_id);
    return e;
}

static void tell_done(struct engine_tx *tx, const struct position *p, const struct modify *m,
                      int64_t old_sl_e8)
{
    bool is_even = m->reason == REASON_BREAK_EVEN;
    struct event e = stop_event(tx, is_even ? EVENT_BREAKEVEN : EVENT_SL_MODIFIED, p, m);
    e.number_e8 = old_sl_e8;
    outputs_add_event(tx->out, &e);
}

static void tell_failed(struct engine_tx *tx, const struct modify *m, enum reason why)
{
    const struct position *p = state_position(tx->s, m->position_cid);
    if (p == NULL)
        return;
    struct event e = stop_event(tx, EVENT_MODIFY_FAILED, p, m);
    e.reason = why;
    outputs_add_event(tx->out, &e);
}

/* ---- sending ---- */

static bool link_ready(const struct engine_state *s)
{
    return s->broker_up && s->synced;
}

/* Each request has a cid of its own: an answer to an earlier one is not taken for this one's. One
 * input sends a bounded number of them, the rest follow with the next timer. */
static bool is_sendable(const struct engine_tx *tx, const struct modify *m)
{
    return m->state == MODIFY_LOGGED && link_ready(tx->s) && tx->now_ms >= m->deadline_ms &&
           tx->legs < ORDERS_LEGS_MAX - ORDERS_LEGS_KEPT;
}

static void send(struct engine_tx *tx, struct modify *m)
{
    const struct position *p = state_position(tx->s, m->position_cid);
    TR_ASSERT(p != NULL);
    m->cid = orders_next_cid(tx);
    m->attempt++;
    m->sent_sl_e8 = m->sl_e8;
    m->sent_tp_e8 = m->tp_e8;
    m->deadline_ms = tx->now_ms + tx->s->rules.order_deadline_ms;
    set_state(m, MODIFY_SENDING, tx->now_ms);
    struct event intent = stop_event(tx, EVENT_MODIFY_INTENT, p, m);
    outputs_add_event(tx->out, &intent);
    struct broker_request r = {
        .kind = BROKER_MODIFY,
        .cid = m->cid,
        .position_cid = m->position_cid,
        .side = p->side,
        .lots_e8 = p->lots_e8,
        .sl_e8 = m->sl_e8,
        .tp_e8 = m->tp_e8,
        .expires_ms = reconcile_there_ms(tx->s, m->deadline_ms),
    };
    (void)str_copy(r.symbol, sizeof(r.symbol), p->symbol); /* same cap */
    (void)state_send(tx->s, &r);                           /* full: asked for at its deadline */
}

static bool same_stops(const struct modify *m, int64_t sl_e8, int64_t tp_e8)
{
    return m->sl_e8 == sl_e8 && m->tp_e8 == tp_e8;
}

/* Rules only tighten, also when the stop has turned out better meanwhile than it was known to be.
 * True: nothing is left to do, the change is gone. */
static bool is_overtaken(struct engine_tx *tx, struct modify *m)
{
    const struct position *p = state_position(tx->s, m->position_cid);
    bool is_rule = m->reason == REASON_TRAILING_STOP || m->reason == REASON_BREAK_EVEN ||
                   m->reason == REASON_PROFIT_LOCK;
    TR_ASSERT(p != NULL);
    if (!is_rule || !exit_rules_is_tighter(p->side, p->sl_e8, m->sl_e8))
        return false;
    m->sl_e8 = p->sl_e8;
    if (!same_stops(m, p->sl_e8, p->tp_e8))
        return false; /* the target is still to be moved */
    modify_position_gone(tx->s, p->cid);
    exits_arm(tx->s, p);
    return true;
}

/* m may be gone afterwards. */
static void send_if_due(struct engine_tx *tx, struct modify *m)
{
    if (is_sendable(tx, m) && !is_overtaken(tx, m))
        send(tx, m);
}

/* Back to LOGGED, and on when it may go at once; m may be gone afterwards. */
static void again(struct engine_tx *tx, struct modify *m, int64_t not_before_ms)
{
    set_state(m, MODIFY_LOGGED, tx->now_ms);
    m->deadline_ms = not_before_ms;
    send_if_due(tx, m);
}

/* With a quote at hand a stop that would trigger at once is refused here, in the words of the
 * venue. */
static bool is_wrong_side(const struct engine_tx *tx, const struct position *p, int64_t sl_e8,
                          int64_t tp_e8)
{
    struct quote q;
    if (!input_quotes_find(tx->quotes, p->symbol, &q))
        return false;
    int sign = side_sign(p->side);
    int64_t price_e8 = sign > 0 ? q.bid_e8 : q.ask_e8;
    bool sl_bad = sl_e8 != DEC_NONE && (price_e8 - sl_e8) * sign <= 0;
    bool tp_bad = tp_e8 != DEC_NONE && (price_e8 - tp_e8) * sign >= 0;
    return sl_bad || tp_bad;
}

enum reason modify_position(struct engine_tx *tx, uint64_t position_cid, int64_t sl_e8,
                            int64_t tp_e8, enum reason why)
{
    struct engine_state *s = tx->s;
    TR_ASSERT(why > REASON_UNSET && why < REASON_COUNT);
    const struct position *p = state_position(s, position_cid);
    if (p == NULL)
        return REASON_POSITION_NOT_FOUND;
    if ((sl_e8 != DEC_NONE && sl_e8 <= 0) || (tp_e8 != DEC_NONE && tp_e8 <= 0))
        return REASON_ARGUMENT_INVALID;
    if (modify_sl_e8(s, p) == sl_e8 && modify_tp_e8(s, p) == tp_e8)
        return REASON_ALREADY_DONE;
    if (is_wrong_side(tx, p, sl_e8, tp_e8))
        return REASON_STOP_WRONG_SIDE;
    struct modify *m = find(s, position_cid);
    if (m == NULL) {
        if (s->modifies.count == MODIFIES_MAX)
            return REASON_ENTRIES_HALTED;
        m = &s->modifies.items[s->modifies.count++];
        *m = (struct modify){.position_cid = position_cid, .created_ms = tx->now_ms};
    }
    m->parent_seq = tx->seq;
    m->reason = why;
    m->sl_e8 = sl_e8;
    m->tp_e8 = tp_e8;
    if (m->state == MODIFY_SENDING || m->state == MODIFY_UNKNOWN)
        return REASON_ACCEPTED; /* follows when it is known what became of the one under way */
    again(tx, m, m->state == MODIFY_LOGGED ? m->deadline_ms : 0);
    return REASON_ACCEPTED;
}

/* ---- answers ---- */

/* The venue has what was wanted. */
static void finish(struct engine_tx *tx, struct position *p, const struct modify *m,
                   int64_t old_sl_e8)
{
    tell_done(tx, p, m, old_sl_e8);
    modify_position_gone(tx->s, p->cid);
    exits_arm(tx->s, p);
}

/* The position has other stops than those wanted. Questions are asked only while UNKNOWN, so in
 * SENDING an answer is the request's own: it was carried out, and something newer is wanted (or the
 * venue has rounded, which is as good). A snapshot may have been taken before it arrived. */
static void compare(struct engine_tx *tx, struct position *p, struct modify *m, bool is_answer,
                    int64_t old_sl_e8)
{
    if (m->state != MODIFY_SENDING && m->state != MODIFY_UNKNOWN)
        return;
    bool is_newest_sent = same_stops(m, m->sent_sl_e8, m->sent_tp_e8);
    bool was_applied = m->sent_sl_e8 == p->sl_e8 && m->sent_tp_e8 == p->tp_e8;
    bool is_lost = m->state == MODIFY_UNKNOWN && tx->now_ms >= m->deadline_ms + EXPIRY_MARGIN_MS;
    if (is_answer && m->state == MODIFY_SENDING && is_newest_sent) {
        m->sl_e8 = p->sl_e8;
        m->tp_e8 = p->tp_e8;
        finish(tx, p, m, old_sl_e8);
    } else if ((is_answer && m->state == MODIFY_SENDING) || was_applied || is_lost) {
        again(tx, m, 0);
    }
}

void modify_on_stops(struct engine_tx *tx, const struct broker_event *e)
{
    struct position *p = state_position(tx->s, e->position_cid);
    struct modify *m = find_cid(tx->s, e->cid);
    if (p == NULL || m == NULL || m->position_cid != e->position_cid)
        return; /* of a request that something newer has followed */
    int64_t old_sl_e8 = p->sl_e8;
    p->sl_e8 = e->sl_e8;
    p->tp_e8 = e->tp_e8;
    if (same_stops(m, p->sl_e8, p->tp_e8))
        finish(tx, p, m, old_sl_e8);
    else
        compare(tx, p, m, true, old_sl_e8);
}

/* At the broker somebody else moved it, or it was lost there: what protects comes back. */
static void foreign_change(struct engine_tx *tx, struct position *p, const struct broker_event *e)
{
    int64_t sl_e8 = p->sl_e8, tp_e8 = p->tp_e8;
    struct modify seen = {.cid = p->cid,
                          .position_cid = p->cid,
                          .parent_seq = p->parent_seq,
                          .reason = REASON_CHANGED_AT_BROKER,
                          .sl_e8 = e->sl_e8,
                          .tp_e8 = e->tp_e8};
    p->sl_e8 = e->sl_e8;
    p->tp_e8 = e->tp_e8;
    if (sl_e8 != DEC_NONE && e->sl_e8 == DEC_NONE) {
        (void)modify_position(tx, p->cid, sl_e8, tp_e8, REASON_STOP_LOST); /* no room: told below */
        seen.reason = REASON_STOP_LOST;
    }
    tell_done(tx, p, &seen, sl_e8);
    exits_arm(tx->s, p);
}

void modify_on_snapshot(struct engine_tx *tx, const struct broker_event *e)
{
    struct position *p = state_position(tx->s, e->position_cid);
    bool is_told = e->sl_e8 != 0 && e->tp_e8 != 0;
    if (p == NULL || !is_told || (p->sl_e8 == e->sl_e8 && p->tp_e8 == e->tp_e8))
        return;
    struct modify *m = find(tx->s, p->cid);
    if (m == NULL || m->state == MODIFY_LOGGED || m->state == MODIFY_REFUSED) {
        foreign_change(tx, p, e);
        return;
    }
    int64_t old_sl_e8 = p->sl_e8;
    p->sl_e8 = e->sl_e8;
    p->tp_e8 = e->tp_e8;
    if (same_stops(m, p->sl_e8, p->tp_e8))
        finish(tx, p, m, old_sl_e8);
    else
        compare(tx, p, m, false, old_sl_e8);
}

static int64_t pause_ms(const struct modify *m)
{
    int64_t ms = AGAIN_MS;
    for (int i = 1; i < m->attempt && ms < AGAIN_MAX_MS; i++)
        ms *= 2;
    return ms < AGAIN_MAX_MS ? ms : AGAIN_MAX_MS;
}

static void become_unknown(struct engine_tx *tx, struct modify *m);

bool modify_on_reject(struct engine_tx *tx, const struct broker_event *e)
{
    struct modify *m = find_cid(tx->s, e->cid);
    if (m == NULL)
        return false;
    if (m->state != MODIFY_SENDING && m->state != MODIFY_UNKNOWN)
        return true;
    if (e->klass == BROKER_UNKNOWN) {
        if (m->state == MODIFY_SENDING)
            become_unknown(tx, m);
        return true;
    }
    bool is_for_now = e->klass == BROKER_RETRY_PRICE || e->klass == BROKER_RETRY_LATER;
    bool is_outdated = !same_stops(m, m->sent_sl_e8, m->sent_tp_e8);
    if (is_for_now || is_outdated || e->reason == REASON_ORDER_EXPIRED) {
        again(tx, m, is_for_now ? tx->now_ms + pause_ms(m) : 0);
        return true;
    }
    if (e->reason == REASON_POSITION_NOT_FOUND)
        reconcile_ask_again(tx); /* closed there: people hear of that, not of the stop */
    else
        tell_failed(tx, m, e->reason != REASON_UNSET ? e->reason : REASON_BROKER_REJECTED);
    m->deadline_ms = tx->now_ms + REFUSED_QUIET_MS;
    set_state(m, MODIFY_REFUSED, tx->now_ms);
    return true;
}

bool modify_on_query_none(struct engine_tx *tx, const struct broker_event *e)
{
    const struct modify *m = find_cid(tx->s, e->cid);
    if (m == NULL)
        return false;
    /* Not open there: its closing fill or the snapshot will say so here too. */
    modify_position_gone(tx->s, m->position_cid);
    reconcile_ask_again(tx);
    return true;
}

/* ---- time ---- */

static void ask(struct engine_tx *tx, struct modify *m)
{
    m->updated_ms = tx->now_ms;
    if (!tx->s->broker_up)
        return;
    struct broker_request r = {
        .kind = BROKER_QUERY_STOPS, .cid = m->cid, .position_cid = m->position_cid};
    const struct position *p = state_position(tx->s, m->position_cid);
    TR_ASSERT(p != NULL);
    (void)str_copy(r.symbol, sizeof(r.symbol), p->symbol); /* same cap */
    (void)state_send(tx->s, &r);                           /* full: asked again */
}

static void become_unknown(struct engine_tx *tx, struct modify *m)
{
    set_state(m, MODIFY_UNKNOWN, tx->now_ms);
    ask(tx, m);
}

void modify_process_restarted(struct engine_tx *tx)
{
    for (size_t i = 0; i < tx->s->modifies.count; i++)
        if (tx->s->modifies.items[i].state == MODIFY_SENDING)
            become_unknown(tx, &tx->s->modifies.items[i]);
}

void modify_flush(struct engine_tx *tx)
{
    for (size_t i = tx->s->modifies.count; i-- > 0;)
        send_if_due(tx, &tx->s->modifies.items[i]);
}

static void unknown_timer(struct engine_tx *tx, struct modify *m)
{
    if (!m->is_alarmed && tx->now_ms - m->deadline_ms >= UNKNOWN_ALARM_MS) {
        m->is_alarmed = true;
        tell_failed(tx, m, REASON_ORDER_UNKNOWN);
    }
    if (tx->now_ms - m->updated_ms >= ASK_INTERVAL_MS)
        ask(tx, m);
}

/* The quiet after a refusal is over: rules may try again. */
static void forget_refused(struct engine_tx *tx, size_t i)
{
    struct position *p = state_position(tx->s, tx->s->modifies.items[i].position_cid);
    TR_ASSERT(p != NULL);
    remove_at(&tx->s->modifies, i);
    exits_arm(tx->s, p);
}

void modify_timers(struct engine_tx *tx)
{
    struct modifies *list = &tx->s->modifies;
    for (size_t i = list->count; i-- > 0;) {
        struct modify *m = &list->items[i];
        bool is_due = tx->now_ms >= m->deadline_ms;
        if (m->state == MODIFY_SENDING && is_due)
            become_unknown(tx, m);
        else if (m->state == MODIFY_UNKNOWN)
            unknown_timer(tx, m);
        else if (m->state == MODIFY_REFUSED && is_due)
            forget_refused(tx, i);
        else
            send_if_due(tx, m);
    }
}

static int64_t due_ms(const struct engine_state *s, const struct modify *m)
{
    switch (m->state) {
    case MODIFY_SENDING:
    case MODIFY_REFUSED:
        return m->deadline_ms;
    case MODIFY_UNKNOWN:
        return m->updated_ms + ASK_INTERVAL_MS;
    case MODIFY_LOGGED:
        return link_ready(s) ? m->deadline_ms : INT64_MAX;
    case MODIFY_UNSET:
    case MODIFY_STATE_COUNT:
        break;
    }
    return INT64_MAX;
}

int64_t modify_next_due_ms(const struct engine_state *s)
{
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; i < s->modifies.count; i++) {
        int64_t at_ms = due_ms(s, &s->modifies.items[i]);
        if (at_ms < next_ms)
            next_ms = at_ms;
    }
    return next_ms;
}

/* ---- the snapshot ---- */

void modifies_pack(const struct modifies *m, struct buf *out)
{
    pack_u64(out, m->count);
    for (size_t i = 0; i < m->count; i++) {
        const struct modify *v = &m->items[i];
        assert_state(v);
        pack_u64(out, v->cid);
        pack_u64(out, v->position_cid);
        pack_u64(out, v->parent_seq);
        pack_i64(out, v->state);
        pack_i64(out, v->reason);
        pack_i64(out, v->sl_e8);
        pack_i64(out, v->tp_e8);
        pack_i64(out, v->sent_sl_e8);
        pack_i64(out, v->sent_tp_e8);
        pack_i64(out, v->attempt);
        pack_bool(out, v->is_alarmed);
        pack_i64(out, v->created_ms);
        pack_i64(out, v->updated_ms);
        pack_i64(out, v->deadline_ms);
    }
}

void modifies_unpack(struct modifies *m, struct unpack *u)
{
    uint64_t count = unpack_u64(u);
    u->failed = u->failed || count > MODIFIES_MAX;
    m->count = u->failed ? 0 : (size_t)count;
    for (size_t i = 0; i < m->count; i++) {
        struct modify *v = &m->items[i];
        v->cid = unpack_u64(u);
        v->position_cid = unpack_u64(u);
        v->parent_seq = unpack_u64(u);
        v->state = (enum modify_state)unpack_int(u, MODIFY_LOGGED, MODIFY_STATE_COUNT - 1);
        v->reason = (enum reason)unpack_int(u, REASON_UNSET + 1, REASON_COUNT - 1);
        v->sl_e8 = unpack_i64(u);
        v->tp_e8 = unpack_i64(u);
        v->sent_sl_e8 = unpack_i64(u);
        v->sent_tp_e8 = unpack_i64(u);
        v->attempt = unpack_int(u, 0, INT32_MAX);
        v->is_alarmed = unpack_bool(u);
        v->created_ms = unpack_i64(u);
        v->updated_ms = unpack_i64(u);
        v->deadline_ms = unpack_i64(u);
        u->failed = u->failed || !is_consistent(v);
    }
}
