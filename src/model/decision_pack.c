/* model/decision_pack.c: the journal encoding of decisions. */
#include "model/decision.h"

#include <string.h>

#define DECISION_VERSION 2 /* 1: without close_percent */

static void pack_order(struct buf *b, const struct decision_order *o)
{
    pack_i64(b, (int64_t)o->role);
    pack_i64(b, (int64_t)o->side);
    pack_str(b, o->symbol);
    pack_i64(b, o->lots_e8);
    pack_i64(b, o->entry_e8);
    pack_i64(b, o->sl_e8);
    pack_i64(b, o->tp_e8);
    pack_str(b, o->lots_rule);
    pack_str(b, o->sl_rule);
    pack_str(b, o->tp_rule);
}

static void unpack_order(struct unpack *u, struct decision_order *o)
{
    o->role = (enum order_role)unpack_int(u, 0, ORDER_ROLE_COUNT - 1);
    o->side = (enum side)unpack_int(u, 0, SIDE_COUNT - 1);
    unpack_str(u, o->symbol, sizeof(o->symbol));
    o->lots_e8 = unpack_i64(u);
    o->entry_e8 = unpack_i64(u);
    o->sl_e8 = unpack_i64(u);
    o->tp_e8 = unpack_i64(u);
    unpack_str(u, o->lots_rule, sizeof(o->lots_rule));
    unpack_str(u, o->sl_rule, sizeof(o->sl_rule));
    unpack_str(u, o->tp_rule, sizeof(o->tp_rule));
}

void decision_pack(struct buf *b, const struct decision *d)
{
    pack_u64(b, DECISION_VERSION);
    pack_i64(b, (int64_t)d->action);
    pack_str(b, d->plugin);
    pack_str(b, d->route);
    pack_i64(b, d->reason_count);
    for (int i = 0; i < d->reason_count; i++)
        pack_i64(b, (int64_t)d->reasons[i]);
    pack_i64(b, d->order_count);
    for (int i = 0; i < d->order_count; i++)
        pack_order(b, &d->orders[i]);
    pack_i64(b, (int64_t)d->close_reason);
    pack_i64(b, d->close_count);
    for (int i = 0; i < d->close_count; i++)
        pack_u64(b, d->closes[i]);
    pack_i64(b, d->number_count);
    for (int i = 0; i < d->number_count; i++) {
        pack_str(b, d->numbers[i].name);
        pack_i64(b, d->numbers[i].value_e8);
    }
    pack_str(b, d->field);
    pack_i64(b, d->number_e8);
    pack_i64(b, d->limit_e8);
    pack_i64(b, d->close_percent);
}

void decision_unpack(struct unpack *u, struct decision *ret)
{
    memset(ret, 0, sizeof(*ret));
    uint64_t version = unpack_u64(u);
    if (version < 1 || version > DECISION_VERSION)
        u->failed = true;
    ret->action = (enum decision_action)unpack_int(u, 0, DECISION_ACTION_COUNT - 1);
    unpack_str(u, ret->plugin, sizeof(ret->plugin));
    unpack_str(u, ret->route, sizeof(ret->route));
    ret->reason_count = unpack_int(u, 0, DECISION_REASONS_MAX);
    for (int i = 0; i < ret->reason_count; i++)
        ret->reasons[i] = (enum reason)unpack_int(u, 0, REASON_COUNT - 1);
    ret->order_count = unpack_int(u, 0, DECISION_ORDERS_MAX);
    for (int i = 0; i < ret->order_count; i++)
        unpack_order(u, &ret->orders[i]);
    ret->close_reason = (enum reason)unpack_int(u, 0, REASON_COUNT - 1);
    ret->close_count = unpack_int(u, 0, DECISION_CLOSES_MAX);
    for (int i = 0; i < ret->close_count; i++)
        ret->closes[i] = unpack_u64(u);
    ret->number_count = unpack_int(u, 0, DECISION_NUMBERS_MAX);
    for (int i = 0; i < ret->number_count; i++) {
        unpack_str(u, ret->numbers[i].name, sizeof(ret->numbers[i].name));
        ret->numbers[i].value_e8 = unpack_i64(u);
    }
    unpack_str(u, ret->field, sizeof(ret->field));
    ret->number_e8 = unpack_i64(u);
    ret->limit_e8 = unpack_i64(u);
    if (version >= 2)
        ret->close_percent = unpack_int(u, 0, 100);
}
