/* model/order.c: the order state machine of order.h and the packed forms of orders and positions.
 *
 * The table below is the only place that knows which state may follow which; order_set_state() is
 * the only writer. What an order may look like in each state is order_is_consistent(): asserted
 * when an order is changed or written, checked (not asserted) when one is read back from bytes. */
#include "model/order.h"

#include <string.h>

#define ORDER_VERSION    1
#define POSITION_VERSION 2
#define CID_MAX          ((uint64_t)INT64_MAX)

#define TO(s)   (1u << ORDER_##s)
#define ANSWERS (TO(ACKED) | TO(PARTIAL) | TO(FILLED) | TO(CANCELLED) | TO(EXPIRED) | TO(REJECTED))

/* from -> set of states that may follow. An answer may skip ACKED: venues report a market fill
 * without a separate acknowledgement. ACKED and PARTIAL become UNKNOWN when a reconciliation misses
 * them. */
static const unsigned may_follow[ORDER_STATE_COUNT] = {
    [ORDER_UNSET] = TO(INTENT),
    [ORDER_INTENT] = TO(LOGGED) | TO(DROPPED),
    [ORDER_LOGGED] = TO(SENDING) | TO(DROPPED),
    [ORDER_SENDING] = ANSWERS | TO(UNKNOWN),
    [ORDER_ACKED] = (ANSWERS & ~TO(ACKED)) | TO(UNKNOWN),
    [ORDER_PARTIAL] = TO(PARTIAL) | TO(FILLED) | TO(CANCELLED) | TO(EXPIRED) | TO(UNKNOWN),
    [ORDER_UNKNOWN] = ANSWERS | TO(NOT_FOUND),
    /* a late fill */
    [ORDER_FILLED] = TO(FILLED),
    [ORDER_CANCELLED] = TO(FILLED),
    [ORDER_EXPIRED] = TO(FILLED),
    [ORDER_REJECTED] = TO(FILLED),
    [ORDER_NOT_FOUND] = TO(FILLED),
    [ORDER_DROPPED] = TO(FILLED),
};

static const char *const state_names[ORDER_STATE_COUNT] = {
    "",          "INTENT",  "LOGGED",   "SENDING", "ACKED",     "PARTIAL", "FILLED",
    "CANCELLED", "EXPIRED", "REJECTED", "UNKNOWN", "NOT_FOUND", "DROPPED",
};

static const char *const role_names[ORDER_ROLE_COUNT] = {"", "A", "B", "M"};

const char *order_state_name(enum order_state s)
{
    TR_ASSERT((int)s >= 0 && s < ORDER_STATE_COUNT);
    return state_names[s];
}

const char *order_role_name(enum order_role r)
{
    TR_ASSERT((int)r >= 0 && r < ORDER_ROLE_COUNT);
    return role_names[r];
}

bool order_state_is_terminal(enum order_state s)
{
    switch (s) {
    case ORDER_FILLED:
    case ORDER_CANCELLED:
    case ORDER_EXPIRED:
    case ORDER_REJECTED:
    case ORDER_NOT_FOUND:
    case ORDER_DROPPED:
        return true;
    case ORDER_UNSET:
    case ORDER_INTENT:
    case ORDER_LOGGED:
    case ORDER_SENDING:
    case ORDER_ACKED:
    case ORDER_PARTIAL:
    case ORDER_UNKNOWN:
    case ORDER_STATE_COUNT:
        break;
    }
    return false;
}

bool order_state_may_follow(enum order_state from, enum order_state to)
{
    if ((int)from < 0 || from >= ORDER_STATE_COUNT || (int)to <= 0 || to >= ORDER_STATE_COUNT) {
        return false;
    }
    return (may_follow[from] & (1u << to)) != 0;
}

/* What is filled must fit the state. */
static bool fills_fit_state(const struct order *o)
{
    switch (o->state) {
    case ORDER_INTENT:
    case ORDER_LOGGED:
    case ORDER_SENDING:
    case ORDER_ACKED:
    case ORDER_REJECTED:
    case ORDER_NOT_FOUND:
    case ORDER_DROPPED:
        return o->filled_e8 == 0;
    case ORDER_PARTIAL:
        return o->filled_e8 > 0 && o->filled_e8 < o->lots_e8;
    case ORDER_FILLED:
        return o->filled_e8 > 0;
    case ORDER_CANCELLED:
    case ORDER_EXPIRED:
    case ORDER_UNKNOWN:
        return o->filled_e8 >= 0;
    case ORDER_UNSET:
    case ORDER_STATE_COUNT:
        break;
    }
    return false;
}

static bool order_is_consistent(const struct order *o)
{
    bool identity =
        o->cid > 0 && o->cid <= CID_MAX && o->position_cid > 0 && o->position_cid <= CID_MAX;
    bool kind = o->purpose == ORDER_OPEN ? o->position_cid == o->cid : o->purpose == ORDER_CLOSE;
    bool prices = o->filled_e8 == 0 || o->avg_price_e8 > 0;
    return identity && kind && prices && o->lots_e8 > 0 && o->attempt >= 0 && fills_fit_state(o) &&
           (o->side == SIDE_BUY || o->side == SIDE_SELL);
}

void order_assert_state(const struct order *o)
{
    TR_ASSERT(o);
    TR_ASSERT(o->state > ORDER_UNSET && o->state < ORDER_STATE_COUNT);
    TR_ASSERT(o->cid > 0 && o->cid <= CID_MAX);
    TR_ASSERT(o->lots_e8 > 0);
    TR_ASSERT(o->filled_e8 >= 0);
    TR_ASSERT(fills_fit_state(o));
    TR_ASSERT(order_is_consistent(o));
}

void order_set_state(struct order *o, enum order_state to, int64_t now_ms)
{
    TR_ASSERT(o);
    TR_ASSERT(order_state_may_follow(o->state, to));
    o->state = to;
    o->updated_ms = now_ms;
    order_assert_state(o);
}

void order_pack(struct buf *b, const struct order *o)
{
    TR_ASSERT(b);
    order_assert_state(o);
    pack_i64(b, ORDER_VERSION);
    pack_u64(b, o->cid);
    pack_u64(b, o->parent_seq);
    pack_u64(b, o->position_cid);
    pack_i64(b, o->purpose);
    pack_i64(b, o->role);
    pack_i64(b, o->state);
    pack_i64(b, o->side);
    pack_i64(b, o->reason);
    pack_str(b, o->symbol);
    pack_str(b, o->plugin);
    pack_str(b, o->route);
    pack_str(b, o->chain_id);
    pack_i64(b, o->lots_e8);
    pack_i64(b, o->filled_e8);
    pack_i64(b, o->avg_price_e8);
    pack_i64(b, o->want_price_e8);
    pack_i64(b, o->sl_e8);
    pack_i64(b, o->tp_e8);
    pack_i64(b, o->attempt);
    pack_i64(b, o->created_ms);
    pack_i64(b, o->deadline_ms);
    pack_i64(b, o->updated_ms);
}

void order_unpack(struct unpack *u, struct order *ret)
{
    TR_ASSERT(u && ret);
    memset(ret, 0, sizeof(*ret));
    (void)unpack_int(u, ORDER_VERSION, ORDER_VERSION);
    ret->cid = unpack_u64(u);
    ret->parent_seq = unpack_u64(u);
    ret->position_cid = unpack_u64(u);
    ret->purpose = (enum order_purpose)unpack_int(u, ORDER_OPEN, ORDER_PURPOSE_COUNT - 1);
    ret->role = (enum order_role)unpack_int(u, ORDER_ROLE_UNSET, ORDER_ROLE_COUNT - 1);
    ret->state = (enum order_state)unpack_int(u, ORDER_INTENT, ORDER_STATE_COUNT - 1);
    ret->side = (enum side)unpack_int(u, SIDE_BUY, SIDE_COUNT - 1);
    ret->reason = (enum reason)unpack_int(u, REASON_UNSET, REASON_COUNT - 1);
    unpack_str(u, ret->symbol, sizeof(ret->symbol));
    unpack_str(u, ret->plugin, sizeof(ret->plugin));
    unpack_str(u, ret->route, sizeof(ret->route));
    unpack_str(u, ret->chain_id, sizeof(ret->chain_id));
    ret->lots_e8 = unpack_i64(u);
    ret->filled_e8 = unpack_i64(u);
    ret->avg_price_e8 = unpack_i64(u);
    ret->want_price_e8 = unpack_i64(u);
    ret->sl_e8 = unpack_i64(u);
    ret->tp_e8 = unpack_i64(u);
    ret->attempt = unpack_int(u, 0, INT32_MAX);
    ret->created_ms = unpack_i64(u);
    ret->deadline_ms = unpack_i64(u);
    ret->updated_ms = unpack_i64(u);
    if (unpack_ok(u) && !order_is_consistent(ret)) {
        u->failed = true;
    }
}

void position_pack(struct buf *b, const struct position *p)
{
    TR_ASSERT(b && p);
    TR_ASSERT(p->cid > 0 && p->cid <= CID_MAX);
    TR_ASSERT(p->side == SIDE_BUY || p->side == SIDE_SELL);
    pack_i64(b, POSITION_VERSION);
    pack_u64(b, p->cid);
    pack_u64(b, p->parent_seq);
    pack_i64(b, p->side);
    pack_i64(b, p->role);
    pack_str(b, p->symbol);
    pack_str(b, p->plugin);
    pack_str(b, p->route);
    pack_str(b, p->chain_id);
    pack_i64(b, p->lots_e8);
    pack_i64(b, p->entry_e8);
    pack_i64(b, p->sl_e8);
    pack_i64(b, p->tp_e8);
    pack_i64(b, p->commission_e8);
    pack_i64(b, p->swap_e8);
    pack_i64(b, p->realised_e8);
    pack_i64(b, p->opened_ms);
    pack_u64(b, p->closing_cid);
    pack_bool(b, p->is_closing_part);
    pack_i64(b, p->close_rest);
    pack_i64(b, p->sl_first_e8);
}

void position_unpack(struct unpack *u, struct position *ret)
{
    TR_ASSERT(u && ret);
    memset(ret, 0, sizeof(*ret));
    (void)unpack_int(u, POSITION_VERSION, POSITION_VERSION);
    ret->cid = unpack_u64(u);
    ret->parent_seq = unpack_u64(u);
    ret->side = (enum side)unpack_int(u, SIDE_BUY, SIDE_COUNT - 1);
    ret->role = (enum order_role)unpack_int(u, ORDER_ROLE_UNSET, ORDER_ROLE_COUNT - 1);
    unpack_str(u, ret->symbol, sizeof(ret->symbol));
    unpack_str(u, ret->plugin, sizeof(ret->plugin));
    unpack_str(u, ret->route, sizeof(ret->route));
    unpack_str(u, ret->chain_id, sizeof(ret->chain_id));
    ret->lots_e8 = unpack_i64(u);
    ret->entry_e8 = unpack_i64(u);
    ret->sl_e8 = unpack_i64(u);
    ret->tp_e8 = unpack_i64(u);
    ret->commission_e8 = unpack_i64(u);
    ret->swap_e8 = unpack_i64(u);
    ret->realised_e8 = unpack_i64(u);
    ret->opened_ms = unpack_i64(u);
    ret->closing_cid = unpack_u64(u);
    ret->is_closing_part = unpack_bool(u);
    ret->close_rest = (enum reason)unpack_int(u, REASON_UNSET, REASON_COUNT - 1);
    ret->sl_first_e8 = unpack_i64(u);
    if (unpack_ok(u) && (ret->cid == 0 || ret->cid > CID_MAX || ret->lots_e8 < 0)) {
        u->failed = true;
    }
}
