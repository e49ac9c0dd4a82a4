/* brokers/paper_tell.c: events of the paper venue. Every event carries the account as it is after
 * the change. */
#include "brokers/paper_tell.h"

#include "core/alloc.h"

static struct broker_event event_new(const struct paper_teller *t, enum broker_event_kind kind)
{
    struct broker_event e = {.kind = kind, .sl_e8 = DEC_NONE, .tp_e8 = DEC_NONE};
    e.time_ms = clock_wall_ms(t->clock);
    e.balance_e8 = paper_book_account(t->book).balance_e8;
    e.equity_e8 = paper_book_equity_e8(t->book);
    e.margin_e8 = paper_book_margin_e8(t->book);
    return e;
}

static void emit(const struct paper_teller *t, const struct broker_event *e)
{
    TR_ASSERT(e->kind != BROKER_EVENT_UNSET);
    if (t->sink) {
        t->sink(e, t->ctx);
    }
}

static void set_symbol(struct broker_event *e, size_t symbol)
{
    (void)str_copy(e->symbol, sizeof(e->symbol), symbol_at(symbol)->name); /* same size */
}

void paper_tell(const struct paper_teller *t, enum broker_event_kind kind)
{
    struct broker_event e = event_new(t, kind);
    emit(t, &e);
}

void paper_tell_fill(const struct paper_teller *t, const struct paper_fill *f)
{
    struct broker_event e = event_new(t, BROKER_EVENT_FILL);
    e.cid = f->cid;
    e.position_cid = f->position_cid;
    e.exec_id = f->exec_id;
    e.purpose = f->purpose;
    e.klass = BROKER_OK;
    e.reason = f->reason;
    e.side = f->side;
    e.code = PAPER_CODE_DONE;
    set_symbol(&e, f->symbol);
    e.lots_e8 = f->lots_e8;
    e.price_e8 = f->price_e8;
    e.profit_e8 = f->profit_e8;
    e.commission_e8 = f->commission_e8;
    e.swap_e8 = f->swap_e8;
    e.time_ms = f->time_ms;
    const struct paper_position *p = paper_book_position(t->book, f->position_cid);
    if (p) {
        e.sl_e8 = p->sl_e8;
        e.tp_e8 = p->tp_e8;
    }
    emit(t, &e);
}

void paper_tell_order(const struct paper_teller *t, enum broker_event_kind kind,
                      const struct paper_order *o)
{
    struct broker_event e = event_new(t, kind);
    e.cid = o->cid;
    e.position_cid = o->position_cid;
    e.exec_id = o->exec_id;
    e.purpose = o->purpose;
    e.klass = o->klass;
    e.reason = o->reason;
    e.side = o->side;
    e.code = o->code;
    set_symbol(&e, o->symbol);
    e.lots_e8 = kind == BROKER_EVENT_ACK ? o->lots_e8 : o->filled_e8;
    if (kind == BROKER_EVENT_CANCELLED) {
        e.lots_e8 = o->lots_e8 - o->filled_e8;
    }
    e.price_e8 = o->avg_price_e8;
    e.sl_e8 = o->sl_e8;
    e.tp_e8 = o->tp_e8;
    e.profit_e8 = o->profit_e8;
    e.commission_e8 = o->commission_e8;
    e.swap_e8 = o->swap_e8;
    e.terminal = o->state != PAPER_ORDER_WORKING;
    emit(t, &e);
}

void paper_tell_reject(const struct paper_teller *t, const struct broker_request *r,
                       const struct paper_reject *why)
{
    struct broker_event e = event_new(t, BROKER_EVENT_REJECT);
    e.cid = r->cid;
    e.position_cid = r->kind == BROKER_PLACE ? r->cid : r->position_cid;
    if (r->kind != BROKER_MODIFY) {
        e.purpose = r->kind == BROKER_PLACE ? ORDER_OPEN : ORDER_CLOSE;
    }
    e.klass = why->klass;
    e.reason = why->reason;
    e.code = why->code;
    e.side = r->side;
    e.lots_e8 = r->lots_e8;
    e.terminal = true;
    (void)str_copy(e.symbol, sizeof(e.symbol), r->symbol); /* same size */
    (void)str_copy(e.text, sizeof(e.text), why->text);
    emit(t, &e);
}

void paper_tell_stops(const struct paper_teller *t, uint64_t cid, const struct paper_position *p)
{
    struct broker_event e = event_new(t, BROKER_EVENT_MODIFIED);
    e.cid = cid;
    e.position_cid = p->cid;
    e.klass = BROKER_OK;
    e.code = PAPER_CODE_DONE;
    e.side = p->side;
    set_symbol(&e, p->symbol);
    e.lots_e8 = p->lots_e8;
    e.sl_e8 = p->sl_e8;
    e.tp_e8 = p->tp_e8;
    emit(t, &e);
}

static void tell_position(const struct paper_teller *t, const struct paper_position *p)
{
    struct broker_event e = event_new(t, BROKER_EVENT_SNAPSHOT_POSITION);
    e.cid = e.position_cid = p->cid;
    e.purpose = ORDER_OPEN;
    e.klass = BROKER_OK;
    e.side = p->side;
    set_symbol(&e, p->symbol);
    e.lots_e8 = p->lots_e8;
    e.price_e8 = p->entry_e8;
    e.sl_e8 = p->sl_e8;
    e.tp_e8 = p->tp_e8;
    e.profit_e8 = p->floating_e8;
    e.swap_e8 = p->swap_e8;
    e.time_ms = p->opened_ms;
    emit(t, &e);
}

void paper_tell_list(const struct paper_teller *t, uint64_t told_after_exec_id)
{
    struct broker_event e = event_new(t, BROKER_EVENT_SNAPSHOT_BEGIN);
    e.exec_id = told_after_exec_id;
    emit(t, &e);
    const struct paper_position *p = NULL;
    while ((p = paper_book_next_position(t->book, p))) {
        tell_position(t, p);
    }
    e = event_new(t, BROKER_EVENT_SNAPSHOT_END);
    e.exec_id = paper_book_account(t->book).next_exec_id - 1;
    emit(t, &e);
}

void paper_tell_absent(const struct paper_teller *t, uint64_t cid, bool is_coming)
{
    struct broker_event e =
        event_new(t, is_coming ? BROKER_EVENT_QUERY_FOUND : BROKER_EVENT_QUERY_NONE);
    e.cid = cid;
    e.klass = BROKER_OK;
    e.terminal = !is_coming;
    emit(t, &e);
}
