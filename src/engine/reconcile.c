/* engine/reconcile.c: see reconcile.h.
 *
 * The deals come before the list and go through fills.c like any other; those we have heard of are
 * known by their keys and do not get here. So when the list ends, a position of ours that it does
 * not have is either one whose deal the broker does not know, or one beyond what its history holds:
 * the list says from which deal on it was told everything, the journal which deal the last list
 * ended with, and only if the first is not later than the second can silence be a proof.
 *
 * A request must not take effect after its time, which the broker takes by its own clock: ours goes
 * wrong by seconds on some machines, so times are sent by the clock its answers show. */
#include "engine/reconcile.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "engine/apply.h"

#define AGAIN_MS 5000
/* Deals that come late, or are dated by another clock, spec brokers 3.4. */
#define OVERLAP_MS INT64_C(600000)
/* A list by then: what may have to be told again stays far below what one answer holds. */
#define HEARD_MAX (BROKER_DEALS_MAX / 4)

#define CLOCK_NOISE_MS 500 /* clocks that differ by less are alike */
#define CLOCK_MAX_MS   INT64_C(86400000)

_Static_assert(RECONCILE_POSITIONS_MAX == STATE_POSITIONS_MAX, "a look each");

void reconcile_pack(const struct engine_state *s, struct buf *out)
{
    const struct reconcile *r = &s->reconcile;
    pack_u64(out, r->known_exec_id);
    pack_i64(out, r->known_ms);
    pack_u64(out, r->seen_exec_id);
    pack_u64(out, r->heard);
    pack_bool(out, r->is_whole);
    pack_bool(out, r->has_doubt);
    pack_i64(out, r->asked_ms);
    pack_i64(out, r->ahead_ms);
    for (size_t i = 0; i < s->position_count; i++) {
        pack_bool(out, r->looks[i].is_there);
        pack_bool(out, r->looks[i].is_in_doubt);
        pack_bool(out, r->looks[i].is_asked_again);
    }
}

void reconcile_unpack(struct engine_state *s, struct unpack *u)
{
    struct reconcile *r = &s->reconcile;
    r->known_exec_id = unpack_u64(u);
    r->known_ms = unpack_i64(u);
    r->seen_exec_id = unpack_u64(u);
    r->heard = unpack_u64(u);
    r->is_whole = unpack_bool(u);
    r->has_doubt = unpack_bool(u);
    r->asked_ms = unpack_i64(u);
    r->ahead_ms = unpack_i64(u);
    for (size_t i = 0; i < s->position_count; i++) {
        r->looks[i].is_there = unpack_bool(u);
        r->looks[i].is_in_doubt = unpack_bool(u);
        r->looks[i].is_asked_again = unpack_bool(u);
    }
}

static struct reconcile_look *look_at(struct engine_state *s, const struct position *p)
{
    TR_ASSERT(p >= s->positions && p < s->positions + s->position_count);
    return &s->reconcile.looks[p - s->positions];
}

bool reconcile_is_in_doubt(const struct engine_state *s, const struct position *p)
{
    TR_ASSERT(p >= s->positions && p < s->positions + s->position_count);
    return s->reconcile.looks[p - s->positions].is_in_doubt;
}

bool reconcile_holds(const struct engine_state *s, const char *symbol)
{
    for (size_t i = 0; i < s->position_count; i++) {
        const struct reconcile_look *l = &s->reconcile.looks[i];
        if ((l->is_in_doubt || l->is_asked_again) && strcmp(s->positions[i].symbol, symbol) == 0)
            return true;
    }
    return false;
}

/* ---- asking ---- */

void reconcile_ask(struct engine_state *s)
{
    const struct reconcile *r = &s->reconcile;
    struct broker_request ask = {.kind = BROKER_SNAPSHOT, .after_exec_id = r->known_exec_id};
    if (r->known_exec_id == 0)
        ask.after_exec_id = BROKER_NO_DEALS; /* a journal that begins here: they are not ours */
    else if (r->known_ms > OVERLAP_MS)
        ask.since_ms = r->known_ms - OVERLAP_MS;
    (void)state_send(s, &ask); /* full: the next doubt or link asks */
}

void reconcile_ask_again(struct engine_tx *tx)
{
    struct engine_state *s = tx->s;
    if (!s->broker_up || !s->synced || tx->now_ms - s->reconcile.asked_ms < AGAIN_MS)
        return;
    s->reconcile.asked_ms = tx->now_ms;
    reconcile_ask(s);
}

void reconcile_on_deal(struct engine_tx *tx, const struct broker_event *e)
{
    struct reconcile *r = &tx->s->reconcile;
    TR_ASSERT(e->kind == BROKER_EVENT_FILL);
    if (e->exec_id > r->seen_exec_id)
        r->seen_exec_id = e->exec_id;
    if (++r->heard >= HEARD_MAX)
        reconcile_ask_again(tx);
}

/* ---- clocks ---- */

/* An event that waits on its way makes the broker's clock look slower than it is: a request then
 * expires there too early, is refused for it, and the refusal shows the clock again. Never too
 * late.
 */
void reconcile_on_clock(struct engine_tx *tx, const struct broker_event *e)
{
    int64_t ahead_ms = e->time_ms - tx->now_ms;
    bool is_sane = e->time_ms > 0 && ahead_ms > -CLOCK_MAX_MS && ahead_ms < CLOCK_MAX_MS;
    if (!is_sane)
        return;
    bool is_alike = ahead_ms > -CLOCK_NOISE_MS && ahead_ms < CLOCK_NOISE_MS;
    tx->s->reconcile.ahead_ms = is_alike ? 0 : ahead_ms;
}

int64_t reconcile_there_ms(const struct engine_state *s, int64_t here_ms)
{
    return here_ms + s->reconcile.ahead_ms;
}

/* ---- the list ---- */

void reconcile_begin(struct engine_state *s, const struct broker_event *e)
{
    struct reconcile *r = &s->reconcile;
    r->is_whole = e->exec_id <= r->known_exec_id;
    r->has_doubt = false;
    for (size_t i = 0; i < s->position_count; i++)
        r->looks[i].is_there = false;
}

static void adopt(struct engine_tx *tx, const struct broker_event *e)
{
    struct engine_state *s = tx->s;
    if (state_order(s, e->position_cid) != NULL)
        return; /* its own fill or look-up will book it */
    struct position p = {
        .cid = e->position_cid,
        .parent_seq = tx->seq,
        .side = e->side,
        .role = ORDER_ROLE_MANUAL,
        .lots_e8 = e->lots_e8,
        .entry_e8 = e->price_e8,
        .sl_e8 = e->sl_e8 != 0 ? e->sl_e8 : DEC_NONE,
        .tp_e8 = e->tp_e8 != 0 ? e->tp_e8 : DEC_NONE,
        .opened_ms = tx->now_ms,
    };
    p.sl_first_e8 = p.sl_e8;
    (void)str_copy(p.symbol, sizeof(p.symbol), e->symbol);
    if (state_position_add(s, &p) == NULL) {
        fills_mismatch(tx, e, "open at the broker, unknown here, and no room: close it there");
        return;
    }
    struct event bad = fills_position_event(tx, EVENT_POSITION_MISMATCH, &p);
    (void)str_copy(bad.text, sizeof(bad.text), "open at the broker, unknown here: adopted");
    outputs_add_event(tx->out, &bad);
    bad.type = EVENT_TRADE_OPENED;
    outputs_add_event(tx->out, &bad);
}

/* Told to people with what the broker has of it and what we had. */
static void announce(struct engine_tx *tx, const struct position *p, int64_t there_e8,
                     const char *text)
{
    char there[DEC_TEXT_CAP], here[DEC_TEXT_CAP];
    struct event bad = fills_position_event(tx, EVENT_POSITION_MISMATCH, p);
    bad.reason = there_e8 == 0 ? REASON_POSITION_NOT_FOUND : REASON_UNSET;
    bad.number_e8 = there_e8;
    bad.limit_e8 = p->lots_e8;
    (void)snprintf(bad.text, sizeof(bad.text), "%s at the broker, %s here: %s",
                   dec_format(there_e8, there), dec_format(p->lots_e8, here), text);
    outputs_add_event(tx->out, &bad);
}

/* True: this list is not the first that disagrees. */
static bool is_confirmed(struct engine_state *s, const struct position *p)
{
    struct reconcile_look *l = look_at(s, p);
    if (l->is_asked_again)
        return true;
    l->is_asked_again = true;
    s->reconcile.has_doubt = true;
    return false;
}

void reconcile_on_position(struct engine_tx *tx, const struct broker_event *e)
{
    struct engine_state *s = tx->s;
    struct position *p = state_position(s, e->position_cid);
    if (p == NULL) {
        adopt(tx, e);
        return;
    }
    struct reconcile_look *l = look_at(s, p);
    l->is_there = true;
    l->is_in_doubt = false;
    modify_on_snapshot(tx, e);
    if (p->lots_e8 != e->lots_e8) {
        if (!is_confirmed(s, p))
            return;
        announce(tx, p, e->lots_e8,
                 s->reconcile.is_whole
                     ? "no deal says why; the broker's volume is taken"
                     : "its history does not go back to it; the broker's volume is taken");
        p->lots_e8 = e->lots_e8;
    }
    l->is_asked_again = false;
}

static void write_off(struct engine_tx *tx, struct position *p, const char *text)
{
    announce(tx, p, 0, text);
    struct event gone = fills_position_event(tx, EVENT_TRADE_CLOSED, p);
    gone.reason = REASON_POSITION_NOT_FOUND;
    gone.exit_e8 = p->entry_e8;
    gone.number_e8 = 0; /* nothing of it is open */
    outputs_add_event(tx->out, &gone);
    state_position_remove(tx->s, p->cid);
}

static void judge_missing(struct engine_tx *tx, struct position *p)
{
    struct engine_state *s = tx->s;
    struct reconcile_look *l = look_at(s, p);
    if (l->is_in_doubt || !is_confirmed(s, p))
        return;
    l->is_asked_again = false;
    if (s->reconcile.is_whole) {
        write_off(tx, p, "no deal says how it was closed; written off at entry");
        return;
    }
    l->is_in_doubt = true;
    announce(tx, p, 0,
             "its history does not go back to it. Find its result there, then close it here");
}

void reconcile_end(struct engine_tx *tx, const struct broker_event *e)
{
    struct engine_state *s = tx->s;
    struct reconcile *r = &s->reconcile;
    for (size_t i = s->position_count; i-- > 0;)
        if (!r->looks[i].is_there)
            judge_missing(tx, &s->positions[i]);
    r->heard = 0;
    if (r->has_doubt) { /* the same deals again: what is known stays where it was */
        reconcile_ask(s);
        return;
    }
    r->known_exec_id = e->exec_id > r->seen_exec_id ? e->exec_id : r->seen_exec_id;
    r->known_ms = e->time_ms;
}

bool reconcile_on_refused(struct engine_tx *tx, const struct order *closing)
{
    struct position *p = state_position(tx->s, closing->position_cid);
    bool is_persons =
        closing->reason == REASON_MANUAL_CLOSE || closing->reason == REASON_PANIC_CLOSE;
    if (p == NULL || !is_persons || !look_at(tx->s, p)->is_in_doubt)
        return false;
    write_off(tx, p, "closed here by hand; written off at entry");
    return true;
}
