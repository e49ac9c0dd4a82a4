/* brokers/broker.c: encoding and names of broker events. */
#include "brokers/broker.h"

#include "core/alloc.h"

static const char *const event_names[BROKER_EVENT_COUNT] = {
    [BROKER_EVENT_UNSET] = "",
    [BROKER_EVENT_LINK_UP] = "link_up",
    [BROKER_EVENT_LINK_DOWN] = "link_down",
    [BROKER_EVENT_ACK] = "ack",
    [BROKER_EVENT_REJECT] = "reject",
    [BROKER_EVENT_FILL] = "fill",
    [BROKER_EVENT_CANCELLED] = "cancelled",
    [BROKER_EVENT_QUERY_FOUND] = "query_found",
    [BROKER_EVENT_QUERY_NONE] = "query_none",
    [BROKER_EVENT_SNAPSHOT_BEGIN] = "snapshot_begin",
    [BROKER_EVENT_SNAPSHOT_POSITION] = "snapshot_position",
    [BROKER_EVENT_SNAPSHOT_END] = "snapshot_end",
    [BROKER_EVENT_ACCOUNT] = "account",
    [BROKER_EVENT_MODIFIED] = "modified",
};

const char *broker_event_name(enum broker_event_kind k)
{
    TR_ASSERT(k >= BROKER_EVENT_UNSET && k < BROKER_EVENT_COUNT);
    return event_names[k];
}

void broker_event_pack(struct buf *b, const struct broker_event *e)
{
    TR_ASSERT(e->kind > BROKER_EVENT_UNSET && e->kind < BROKER_EVENT_COUNT);
    pack_i64(b, e->kind);
    pack_u64(b, e->cid);
    pack_u64(b, e->position_cid);
    pack_u64(b, e->exec_id);
    pack_i64(b, e->purpose);
    pack_i64(b, e->klass);
    pack_i64(b, e->reason);
    pack_i64(b, e->side);
    pack_i64(b, e->code);
    pack_str(b, e->symbol);
    pack_i64(b, e->lots_e8);
    pack_i64(b, e->price_e8);
    pack_i64(b, e->sl_e8);
    pack_i64(b, e->tp_e8);
    pack_i64(b, e->profit_e8);
    pack_i64(b, e->commission_e8);
    pack_i64(b, e->swap_e8);
    pack_i64(b, e->balance_e8);
    pack_i64(b, e->equity_e8);
    pack_i64(b, e->margin_e8);
    pack_bool(b, e->terminal);
    pack_i64(b, e->time_ms);
    pack_str(b, e->text);
}

void broker_event_unpack(struct unpack *u, struct broker_event *ret)
{
    TR_ASSERT(u && ret);
    *ret = (struct broker_event){0};
    ret->kind = (enum broker_event_kind)unpack_int(u, BROKER_EVENT_LINK_UP, BROKER_EVENT_COUNT - 1);
    ret->cid = unpack_u64(u);
    ret->position_cid = unpack_u64(u);
    ret->exec_id = unpack_u64(u);
    ret->purpose = (enum order_purpose)unpack_int(u, 0, ORDER_PURPOSE_COUNT - 1);
    ret->klass = (enum broker_class)unpack_int(u, 0, BROKER_CLASS_COUNT - 1);
    ret->reason = (enum reason)unpack_int(u, 0, REASON_COUNT - 1);
    ret->side = (enum side)unpack_int(u, 0, SIDE_COUNT - 1);
    ret->code = unpack_int(u, INT32_MIN, INT32_MAX);
    unpack_str(u, ret->symbol, sizeof(ret->symbol));
    ret->lots_e8 = unpack_i64(u);
    ret->price_e8 = unpack_i64(u);
    ret->sl_e8 = unpack_i64(u);
    ret->tp_e8 = unpack_i64(u);
    ret->profit_e8 = unpack_i64(u);
    ret->commission_e8 = unpack_i64(u);
    ret->swap_e8 = unpack_i64(u);
    ret->balance_e8 = unpack_i64(u);
    ret->equity_e8 = unpack_i64(u);
    ret->margin_e8 = unpack_i64(u);
    ret->terminal = unpack_bool(u);
    ret->time_ms = unpack_i64(u);
    unpack_str(u, ret->text, sizeof(ret->text));
}
