/* brokers/paper_record.c: encoding of the venue's log records. Symbols are written by name: the
 * model's table may change its order between two versions. */
#include "brokers/paper_log.h"

#include <errno.h>

#define RECORD_CHANGE 1
#define RECORD_MARKET 2

static void pack_symbol(struct buf *b, size_t symbol)
{
    pack_str(b, symbol_at(symbol)->name);
}

static uint8_t unpack_symbol(struct unpack *u)
{
    char name[SYMBOL_CAP];
    unpack_str(u, name, sizeof(name));
    int i = paper_symbol_index(name);
    if (i < 0) {
        u->failed = true;
    }
    return (uint8_t)(i < 0 ? 0 : i);
}

static void pack_order(struct buf *b, const struct paper_order *o)
{
    pack_u64(b, o->cid);
    pack_u64(b, o->position_cid);
    pack_u64(b, o->exec_id);
    pack_i64(b, o->lots_e8);
    pack_i64(b, o->filled_e8);
    pack_i64(b, o->avg_price_e8);
    pack_i64(b, o->sl_e8);
    pack_i64(b, o->tp_e8);
    pack_i64(b, o->profit_e8);
    pack_i64(b, o->commission_e8);
    pack_i64(b, o->swap_e8);
    pack_i64(b, o->expires_ms);
    pack_i64(b, o->updated_ms);
    pack_i64(b, o->code);
    pack_symbol(b, o->symbol);
    pack_i64(b, o->state);
    pack_i64(b, o->purpose);
    pack_i64(b, o->side);
    pack_i64(b, o->klass);
    pack_i64(b, o->reason);
}

static void unpack_order(struct unpack *u, struct paper_order *ret)
{
    ret->cid = unpack_u64(u);
    ret->position_cid = unpack_u64(u);
    ret->exec_id = unpack_u64(u);
    ret->lots_e8 = unpack_i64(u);
    ret->filled_e8 = unpack_i64(u);
    ret->avg_price_e8 = unpack_i64(u);
    ret->sl_e8 = unpack_i64(u);
    ret->tp_e8 = unpack_i64(u);
    ret->profit_e8 = unpack_i64(u);
    ret->commission_e8 = unpack_i64(u);
    ret->swap_e8 = unpack_i64(u);
    ret->expires_ms = unpack_i64(u);
    ret->updated_ms = unpack_i64(u);
    ret->code = unpack_int(u, 0, INT32_MAX);
    ret->symbol = unpack_symbol(u);
    ret->state =
        (enum paper_order_state)unpack_int(u, PAPER_ORDER_WORKING, PAPER_ORDER_STATE_COUNT - 1);
    ret->purpose = (enum order_purpose)unpack_int(u, ORDER_OPEN, ORDER_PURPOSE_COUNT - 1);
    ret->side = (enum side)unpack_int(u, SIDE_UNSET, SIDE_COUNT - 1);
    ret->klass = (enum broker_class)unpack_int(u, BROKER_OK, BROKER_CLASS_COUNT - 1);
    ret->reason = (enum reason)unpack_int(u, REASON_UNSET, REASON_COUNT - 1);
}

static void pack_position(struct buf *b, const struct paper_position *p)
{
    pack_u64(b, p->cid);
    pack_i64(b, p->lots_e8);
    pack_i64(b, p->entry_e8);
    pack_i64(b, p->sl_e8);
    pack_i64(b, p->tp_e8);
    pack_i64(b, p->margin_e8);
    pack_i64(b, p->swap_e8);
    pack_i64(b, p->opened_ms);
    pack_i64(b, p->swap_day);
    pack_symbol(b, p->symbol);
    pack_i64(b, p->side);
}

static void unpack_position(struct unpack *u, struct paper_position *ret)
{
    ret->cid = unpack_u64(u);
    ret->lots_e8 = unpack_i64(u);
    ret->entry_e8 = unpack_i64(u);
    ret->sl_e8 = unpack_i64(u);
    ret->tp_e8 = unpack_i64(u);
    ret->margin_e8 = unpack_i64(u);
    ret->swap_e8 = unpack_i64(u);
    ret->opened_ms = unpack_i64(u);
    ret->swap_day = unpack_int(u, 0, INT32_MAX);
    ret->symbol = unpack_symbol(u);
    ret->side = (enum side)unpack_int(u, SIDE_BUY, SIDE_SELL);
}

static void pack_fill(struct buf *b, const struct paper_fill *f)
{
    pack_u64(b, f->exec_id);
    pack_u64(b, f->cid);
    pack_u64(b, f->position_cid);
    pack_i64(b, f->lots_e8);
    pack_i64(b, f->price_e8);
    pack_i64(b, f->profit_e8);
    pack_i64(b, f->commission_e8);
    pack_i64(b, f->swap_e8);
    pack_i64(b, f->time_ms);
    pack_symbol(b, f->symbol);
    pack_i64(b, f->purpose);
    pack_i64(b, f->side);
    pack_i64(b, f->reason);
}

static void unpack_fill(struct unpack *u, struct paper_fill *ret)
{
    ret->exec_id = unpack_u64(u);
    ret->cid = unpack_u64(u);
    ret->position_cid = unpack_u64(u);
    ret->lots_e8 = unpack_i64(u);
    ret->price_e8 = unpack_i64(u);
    ret->profit_e8 = unpack_i64(u);
    ret->commission_e8 = unpack_i64(u);
    ret->swap_e8 = unpack_i64(u);
    ret->time_ms = unpack_i64(u);
    ret->symbol = unpack_symbol(u);
    ret->purpose = (enum order_purpose)unpack_int(u, ORDER_OPEN, ORDER_PURPOSE_COUNT - 1);
    ret->side = (enum side)unpack_int(u, SIDE_BUY, SIDE_SELL);
    ret->reason = (enum reason)unpack_int(u, REASON_UNSET, REASON_COUNT - 1);
}

void paper_record_pack_change(struct buf *out, const struct paper_change *c)
{
    TR_ASSERT(out && c);
    pack_u64(out, RECORD_CHANGE);
    pack_i64(out, c->account.balance_e8);
    pack_u64(out, c->account.next_exec_id);
    pack_bool(out, c->has_order);
    pack_bool(out, c->has_position);
    pack_bool(out, c->has_fill);
    if (c->has_order) {
        pack_order(out, &c->order);
    }
    if (c->has_position) {
        pack_position(out, &c->position);
    }
    if (c->has_fill) {
        pack_fill(out, &c->fill);
    }
}

static void unpack_change(struct unpack *u, struct paper_change *ret)
{
    ret->account.balance_e8 = unpack_i64(u);
    ret->account.next_exec_id = unpack_u64(u);
    ret->has_order = unpack_bool(u);
    ret->has_position = unpack_bool(u);
    ret->has_fill = unpack_bool(u);
    if (ret->has_order) {
        unpack_order(u, &ret->order);
    }
    if (ret->has_position) {
        unpack_position(u, &ret->position);
    }
    if (ret->has_fill) {
        unpack_fill(u, &ret->fill);
    }
}

void paper_record_pack_market(struct buf *out, const struct paper_market *m)
{
    TR_ASSERT(out && m);
    pack_u64(out, RECORD_MARKET);
    pack_i64(out, m->csv_time_ms);
    size_t n = 0;
    for (size_t i = 0; i < symbol_count(); i++) {
        n += m->quotes[i].bid_e8 > 0;
    }
    pack_u64(out, n);
    for (size_t i = 0; i < symbol_count(); i++) {
        const struct quote *q = &m->quotes[i];
        if (q->bid_e8 > 0) {
            pack_symbol(out, i);
            pack_i64(out, q->bid_e8);
            pack_i64(out, q->ask_e8);
            pack_i64(out, q->time_ms);
        }
    }
}

static void unpack_market(struct unpack *u, struct paper_market *ret)
{
    ret->csv_time_ms = unpack_i64(u);
    uint64_t n = unpack_u64(u);
    for (uint64_t i = 0; i < n && unpack_ok(u); i++) {
        struct quote *q = &ret->quotes[unpack_symbol(u)];
        q->bid_e8 = unpack_i64(u);
        q->ask_e8 = unpack_i64(u);
        q->time_ms = unpack_i64(u);
    }
}

int paper_record_unpack(const void *p, size_t len, struct paper_record *ret)
{
    TR_ASSERT(p && ret);
    struct unpack u;
    unpack_init(&u, p, len);
    *ret = (struct paper_record){0};
    uint64_t kind = unpack_u64(&u);
    if (kind == RECORD_CHANGE) {
        unpack_change(&u, &ret->change);
    } else if (kind == RECORD_MARKET) {
        ret->is_market = true;
        unpack_market(&u, &ret->market);
    } else {
        return err_raise(-EBADMSG);
    }
    return unpack_done(&u) ? 0 : err_raise(-EBADMSG);
}
