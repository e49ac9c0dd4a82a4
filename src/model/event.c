#include "model/event.h"

#include <string.h>

#define EVENT_VERSION 1

static const struct event_info infos[EVENT_TYPE_COUNT] = {{"", PRIORITY_UNSET, ROUTE_UNSET, false},
#define X(type, wire, prio, tgt, spoken) {wire, PRIORITY_##prio, ROUTE_##tgt, spoken},
                                                          EVENT_TABLE(X)
#undef X
};

static const char *const priority_names[PRIORITY_COUNT] = {"",       "info", "low",
                                                           "medium", "high", "critical"};

const struct event_info *event_info(enum event_type t)
{
    TR_ASSERT((int)t >= 0 && t < EVENT_TYPE_COUNT);
    return &infos[t];
}

bool event_parse_name(const char *name, enum event_type *ret)
{
    TR_ASSERT(name && ret);
    for (int i = 1; i < EVENT_TYPE_COUNT; i++) {
        if (strcmp(infos[i].name, name) == 0) {
            *ret = (enum event_type)i;
            return true;
        }
    }
    return false;
}

const char *priority_name(enum priority p)
{
    TR_ASSERT((int)p >= 0 && p < PRIORITY_COUNT);
    return priority_names[p];
}

void event_pack(struct buf *b, const struct event *e)
{
    TR_ASSERT(b && e);
    TR_ASSERT(e->type > EVENT_UNSET && e->type < EVENT_TYPE_COUNT);
    pack_i64(b, EVENT_VERSION);
    pack_i64(b, e->type);
    pack_i64(b, e->time_ms);
    pack_u64(b, e->seq);
    pack_i64(b, e->reason);
    pack_i64(b, e->side);
    pack_i64(b, e->role);
    pack_u64(b, e->cid);
    pack_u64(b, e->position_cid);
    pack_u64(b, e->cause_seq);
    pack_i64(b, e->signal_kind);
    pack_i64(b, e->tf);
    pack_i64(b, e->score);
    pack_str(b, e->symbol);
    pack_str(b, e->plugin);
    pack_str(b, e->route);
    pack_str(b, e->chain_id);
    pack_i64(b, e->lots_e8);
    pack_i64(b, e->entry_e8);
    pack_i64(b, e->exit_e8);
    pack_i64(b, e->sl_e8);
    pack_i64(b, e->tp_e8);
    pack_i64(b, e->profit_e8);
    pack_i64(b, e->commission_e8);
    pack_i64(b, e->swap_e8);
    pack_i64(b, e->balance_e8);
    pack_i64(b, e->number_e8);
    pack_i64(b, e->limit_e8);
    pack_i64(b, e->chat_id);
    pack_i64(b, e->bot);
    pack_bool(b, e->mtf_bypass);
    pack_str(b, e->text);
}

void event_unpack(struct unpack *u, struct event *ret)
{
    TR_ASSERT(u && ret);
    *ret = (struct event)EVENT_INIT;
    (void)unpack_int(u, EVENT_VERSION, EVENT_VERSION);
    ret->type = (enum event_type)unpack_int(u, EVENT_UNSET + 1, EVENT_TYPE_COUNT - 1);
    ret->time_ms = unpack_i64(u);
    ret->seq = unpack_u64(u);
    ret->reason = (enum reason)unpack_int(u, REASON_UNSET, REASON_COUNT - 1);
    ret->side = (enum side)unpack_int(u, SIDE_UNSET, SIDE_COUNT - 1);
    ret->role = (enum order_role)unpack_int(u, ORDER_ROLE_UNSET, ORDER_ROLE_COUNT - 1);
    ret->cid = unpack_u64(u);
    ret->position_cid = unpack_u64(u);
    ret->cause_seq = unpack_u64(u);
    ret->signal_kind = (enum signal_kind)unpack_int(u, SIGNAL_UNSET, SIGNAL_KIND_COUNT - 1);
    ret->tf = (enum timeframe)unpack_int(u, TF_UNSET, TF_COUNT - 1);
    ret->score = unpack_int(u, -1, 100);
    unpack_str(u, ret->symbol, sizeof(ret->symbol));
    unpack_str(u, ret->plugin, sizeof(ret->plugin));
    unpack_str(u, ret->route, sizeof(ret->route));
    unpack_str(u, ret->chain_id, sizeof(ret->chain_id));
    ret->lots_e8 = unpack_i64(u);
    ret->entry_e8 = unpack_i64(u);
    ret->exit_e8 = unpack_i64(u);
    ret->sl_e8 = unpack_i64(u);
    ret->tp_e8 = unpack_i64(u);
    ret->profit_e8 = unpack_i64(u);
    ret->commission_e8 = unpack_i64(u);
    ret->swap_e8 = unpack_i64(u);
    ret->balance_e8 = unpack_i64(u);
    ret->number_e8 = unpack_i64(u);
    ret->limit_e8 = unpack_i64(u);
    ret->chat_id = unpack_i64(u);
    ret->bot = (enum bot_id)unpack_int(u, BOT_UNSET, BOT_COUNT - 1);
    ret->mtf_bypass = unpack_bool(u);
    unpack_str(u, ret->text, sizeof(ret->text));
}
