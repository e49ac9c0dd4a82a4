/* engine/chains_pack.c: chains in the snapshot. */
#include "engine/chains_impl.h"

static void pack_base(struct buf *b, const struct chain_base *c)
{
    pack_u64(b, c->origin_cid);
    pack_u64(b, c->cause_seq);
    pack_str(b, c->id);
    pack_str(b, c->plugin);
    pack_str(b, c->route);
    pack_str(b, c->symbol);
    pack_i64(b, c->side);
    pack_i64(b, c->role);
    pack_i64(b, c->state);
    pack_i64(b, c->before_missing);
    pack_i64(b, c->stop_reason);
    pack_i64(b, c->told);
    pack_i64(b, c->level);
    pack_i64(b, c->missing_checks);
    pack_i64(b, c->check_ms);
    pack_i64(b, c->retry_ms);
    pack_i64(b, c->until_ms);
    pack_i64(b, c->profit_e8);
    pack_i64(b, c->loss_e8);
    pack_i64(b, c->opened_ms);
    pack_i64(b, c->updated_ms);
}

static void unpack_base(struct unpack *u, struct chain_base *c)
{
    c->origin_cid = unpack_u64(u);
    c->cause_seq = unpack_u64(u);
    unpack_str(u, c->id, sizeof(c->id));
    unpack_str(u, c->plugin, sizeof(c->plugin));
    unpack_str(u, c->route, sizeof(c->route));
    unpack_str(u, c->symbol, sizeof(c->symbol));
    c->side = (enum side)unpack_int(u, SIDE_BUY, SIDE_COUNT - 1);
    c->role = (enum order_role)unpack_int(u, 0, ORDER_ROLE_COUNT - 1);
    c->state = (enum chain_state)unpack_int(u, CHAIN_ACTIVE, CHAIN_STATE_COUNT - 1);
    c->before_missing = (enum chain_state)unpack_int(u, 0, CHAIN_STATE_COUNT - 1);
    c->stop_reason = (enum reason)unpack_int(u, 0, REASON_COUNT - 1);
    c->told = (enum reason)unpack_int(u, 0, REASON_COUNT - 1);
    c->level = unpack_int(u, 0, INT32_MAX);
    c->missing_checks = unpack_int(u, 0, CHAINS_CHECKS);
    c->check_ms = unpack_i64(u);
    c->retry_ms = unpack_i64(u);
    c->until_ms = unpack_i64(u);
    c->profit_e8 = unpack_i64(u);
    c->loss_e8 = unpack_i64(u);
    c->opened_ms = unpack_i64(u);
    c->updated_ms = unpack_i64(u);
}

static void pack_chain(struct buf *b, const struct chain *c)
{
    pack_base(b, &c->base);
    pack_i64(b, c->kind);
    pack_i64(b, c->entries);
    pack_u64(b, c->cid);
    pack_i64(b, c->original_entry_e8);
    pack_i64(b, c->base_pips_e8);
    pack_i64(b, c->entry_e8);
    pack_i64(b, c->sl_e8);
    pack_i64(b, c->tp_e8);
    pack_i64(b, c->lots_e8);
    pack_i64(b, c->watch_e8);
    pack_i64(b, c->watch_side);
    pack_u64(b, c->shield.cids[0]);
    pack_u64(b, c->shield.cids[1]);
    pack_bool(b, c->shield.is_wanted);
    pack_i64(b, c->shield.lots_e8);
    pack_i64(b, c->shield.lost.side);
    pack_i64(b, c->shield.lost.entry_e8);
    pack_i64(b, c->shield.lost.sl_e8);
}

static void unpack_chain(struct unpack *u, struct chain *c)
{
    unpack_base(u, &c->base);
    c->kind = (enum chain_kind)unpack_int(u, 0, CHAIN_KIND_COUNT - 1);
    c->entries = unpack_int(u, 0, INT32_MAX);
    c->cid = unpack_u64(u);
    c->original_entry_e8 = unpack_i64(u);
    c->base_pips_e8 = unpack_i64(u);
    c->entry_e8 = unpack_i64(u);
    c->sl_e8 = unpack_i64(u);
    c->tp_e8 = unpack_i64(u);
    c->lots_e8 = unpack_i64(u);
    c->watch_e8 = unpack_i64(u);
    c->watch_side = (enum side)unpack_int(u, 0, SIDE_COUNT - 1);
    c->shield.cids[0] = unpack_u64(u);
    c->shield.cids[1] = unpack_u64(u);
    c->shield.is_wanted = unpack_bool(u);
    c->shield.lots_e8 = unpack_i64(u);
    c->shield.lost.side = (enum side)unpack_int(u, 0, SIDE_COUNT - 1);
    c->shield.lost.entry_e8 = unpack_i64(u);
    c->shield.lost.sl_e8 = unpack_i64(u);
}

static void pack_profit(struct buf *b, const struct profit_chain *c)
{
    pack_base(b, &c->base);
    pack_str(b, c->parent_id);
    pack_i64(b, c->lots_e8);
    pack_i64(b, c->orders_total);
    pack_i64(b, c->booked_total);
    pack_i64(b, c->order_count);
    for (int i = 0; i < c->order_count; i++) {
        const struct profit_order *o = &c->orders[i];
        pack_u64(b, o->cid);
        pack_i64(b, o->state);
        pack_bool(b, o->is_retry);
        pack_i64(b, o->entry_e8);
        pack_i64(b, o->sl_e8);
        pack_i64(b, o->watch_e8);
        pack_i64(b, o->retry_ms);
        pack_i64(b, o->until_ms);
    }
}

static void unpack_profit(struct unpack *u, struct profit_chain *c)
{
    *c = (struct profit_chain){0};
    unpack_base(u, &c->base);
    unpack_str(u, c->parent_id, sizeof(c->parent_id));
    c->lots_e8 = unpack_i64(u);
    c->orders_total = unpack_int(u, 0, INT32_MAX);
    c->booked_total = unpack_int(u, 0, INT32_MAX);
    c->order_count = unpack_int(u, 0, PROFIT_CHAIN_ORDERS_MAX);
    for (int i = 0; i < c->order_count; i++) {
        struct profit_order *o = &c->orders[i];
        o->cid = unpack_u64(u);
        o->state = (enum profit_order_state)unpack_int(u, PROFIT_ORDER_PENDING,
                                                       PROFIT_ORDER_STATE_COUNT - 1);
        o->is_retry = unpack_bool(u);
        o->entry_e8 = unpack_i64(u);
        o->sl_e8 = unpack_i64(u);
        o->watch_e8 = unpack_i64(u);
        o->retry_ms = unpack_i64(u);
        o->until_ms = unpack_i64(u);
    }
}

void chains_pack(const struct chains *c, struct buf *out)
{
    pack_i64(out, (int64_t)c->reentry_count);
    for (size_t i = 0; i < c->reentry_count; i++)
        pack_chain(out, &c->reentry[i]);
    pack_i64(out, (int64_t)c->profit_count);
    for (size_t i = 0; i < c->profit_count; i++)
        pack_profit(out, &c->profit[i]);
    for (int i = 0; i < CHAIN_PLUGINS; i++) {
        pack_i64(out, c->days[i].attempts);
        pack_i64(out, c->days[i].losses);
        pack_i64(out, c->days[i].blocked_until_ms);
    }
}

void chains_unpack(struct chains *c, struct unpack *u)
{
    c->reentry_count = (size_t)unpack_int(u, 0, CHAINS_REENTRY_MAX);
    for (size_t i = 0; i < c->reentry_count; i++)
        unpack_chain(u, &c->reentry[i]);
    c->profit_count = (size_t)unpack_int(u, 0, CHAINS_PROFIT_MAX);
    for (size_t i = 0; i < c->profit_count; i++)
        unpack_profit(u, &c->profit[i]);
    for (int i = 0; i < CHAIN_PLUGINS; i++) {
        c->days[i].attempts = unpack_int(u, 0, INT32_MAX);
        c->days[i].losses = unpack_int(u, 0, INT32_MAX);
        c->days[i].blocked_until_ms = unpack_i64(u);
    }
}
