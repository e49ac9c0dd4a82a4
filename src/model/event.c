/* model/event.c: the table of events, their other names, the types that trades of a strategy are
 * told as, and packing. */
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

bool event_is_message(enum event_type t)
{
    TR_ASSERT(t > EVENT_UNSET && t < EVENT_TYPE_COUNT);
    return t != EVENT_COMMAND_MIRROR && t != EVENT_SUBSCRIPTION && t != EVENT_TRADE_OPENED &&
           t != EVENT_TRADE_CLOSED && t != EVENT_DECISION && t != EVENT_CHAIN_STATE &&
           t != EVENT_MODIFY_INTENT;
}

static const struct {
    const char *name;
    enum event_type type;
} aliases[] = {
    {"entry", EVENT_ENTRY},
    {"trade_opened", EVENT_ENTRY},
    {"order_a_opened", EVENT_ENTRY},
    {"order_b_opened", EVENT_ENTRY},
    {"exit", EVENT_EXIT},
    {"trade_closed", EVENT_EXIT},
    {"tp_hit", EVENT_TP_HIT},
    {"sl_hit", EVENT_SL_HIT},
    {"signal_refused", EVENT_SIGNAL_REFUSED},
    {"pyramid_level_up", EVENT_CHAIN_ADVANCED},
    {"system_started", EVENT_BOT_STARTED},
    {"system_stopped", EVENT_BOT_STOPPED},
    {"config_reloaded", EVENT_CONFIG_RELOAD},
    {"error_alert", EVENT_ERROR},
    {"mt5_disconnected", EVENT_BROKER_DOWN},
};

const char *event_alias(size_t index, enum event_type *ret)
{
    TR_ASSERT(ret);
    if (index >= TR_ARRAY_SIZE(aliases))
        return NULL;
    *ret = aliases[index].type;
    return aliases[index].name;
}

bool event_find_message(const char *name, enum event_type *ret)
{
    TR_ASSERT(name && ret);
    for (size_t i = 0; i < TR_ARRAY_SIZE(aliases); i++)
        if (strcmp(aliases[i].name, name) == 0) {
            *ret = aliases[i].type;
            return true;
        }
    enum event_type t = EVENT_UNSET;
    if (!event_parse_name(name, &t) || !event_is_message(t))
        return false;
    *ret = t;
    return true;
}

#define V6_PLUGIN "price_action_v6"

static enum event_type v6_entry(enum timeframe tf)
{
    switch (tf) {
    case TF_1M:
        return EVENT_V6_ENTRY_1M;
    case TF_5M:
        return EVENT_V6_ENTRY_5M;
    case TF_15M:
        return EVENT_V6_ENTRY_15M;
    case TF_30M:
        return EVENT_V6_ENTRY_30M;
    case TF_1H:
        return EVENT_V6_ENTRY_1H;
    case TF_4H:
        return EVENT_V6_ENTRY_4H;
    case TF_UNSET:
    case TF_1D:
    case TF_OTHER:
    case TF_COUNT:
        break;
    }
    return EVENT_ENTRY;
}

enum event_type event_shown(const struct event *e)
{
    TR_ASSERT(e);
    if (strcmp(e->plugin, V6_PLUGIN) != 0)
        return e->type;
    if (e->type == EVENT_ENTRY)
        return v6_entry(e->tf);
    if (e->type == EVENT_EXIT)
        return EVENT_V6_EXIT;
    if (e->type == EVENT_TP_HIT)
        return EVENT_V6_TP_HIT;
    return e->type == EVENT_SL_HIT ? EVENT_V6_SL_HIT : e->type;
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
