/* tests/unit/engine/desk.h: what a person or a chain does to an open position, as one command of
 * the harness: modify, close a part, read the sessions. */
#ifndef TRIDENT_TESTS_ENGINE_DESK_H
#define TRIDENT_TESTS_ENGINE_DESK_H

#include "harness.h"

#include "engine/exits.h"

enum desk_act { DESK_MODIFY, DESK_PART, DESK_PERCENT, DESK_CLOSE, DESK_SESSIONS };

struct desk_order {
    enum desk_act act;
    uint64_t position_cid;
    int64_t sl_e8, tp_e8, lots_e8;
    enum reason result;
    struct tx_sessions sessions;
};
static struct desk_order desk_order; /* what "act" does; one process a test */

static inline void run_act(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct desk_order *o = &desk_order;
    (void)c;
    (void)ret;
    o->result = REASON_ACCEPTED;
    if (o->act == DESK_MODIFY)
        o->result = tx_modify(tx, o->position_cid, o->sl_e8, o->tp_e8, REASON_MANUAL_CHANGE);
    else if (o->act == DESK_PART)
        o->result = tx_close_partial(tx, o->position_cid, o->lots_e8, REASON_MANUAL_CLOSE);
    else if (o->act == DESK_PERCENT)
        o->result = tx_close_percent(tx, o->position_cid, o->lots_e8, REASON_MANUAL_CLOSE);
    else if (o->act == DESK_CLOSE)
        o->result = tx_close(tx, o->position_cid, REASON_EXIT_SIGNAL);
    else
        tx_sessions(tx, &o->sessions);
    tx_receipt(tx, o->result, "");
}

static const struct command_ops ops_act = {
    .name = "act", .role = ROLE_TRADER, .urgent = true, .max_age_ms = 0, .run = run_act};
static const struct command_ops *const desk_commands[] = {&ops_act, &ops_panic};

static inline struct harness *desk_new(void)
{
    struct harness *h = harness_new();
    h->opt.commands = desk_commands;
    h->opt.command_count = TR_ARRAY_SIZE(desk_commands);
    return h;
}

static inline enum reason desk_act(struct harness *h, struct desk_order o)
{
    desk_order = o;
    harness_command(h, "act", "", false);
    return desk_order.result;
}

static inline enum reason desk_modify(struct harness *h, uint64_t cid, int64_t sl_e8, int64_t tp_e8)
{
    return desk_act(h,
                    (struct desk_order){
                        .act = DESK_MODIFY, .position_cid = cid, .sl_e8 = sl_e8, .tp_e8 = tp_e8});
}

static inline void desk_stops(struct harness *h, uint64_t cid, uint64_t position_cid, int64_t sl_e8,
                              int64_t tp_e8)
{
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_MODIFIED,
                                            .cid = cid,
                                            .position_cid = position_cid,
                                            .sl_e8 = sl_e8,
                                            .tp_e8 = tp_e8});
}

static inline void desk_reject(struct harness *h, uint64_t cid, enum broker_class klass,
                               enum reason why)
{
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_REJECT,
                                            .cid = cid,
                                            .klass = klass,
                                            .reason = why,
                                            .terminal = true});
}

static inline void desk_wait(struct harness *h, int64_t ms)
{
    h->now_ms += ms;
    if (apply_next_due_ms(h->s) <= h->now_ms)
        harness_timer(h, TIMER_DUE);
    else
        h->send_count = h->event_count = 0;
}

static inline void desk_quote(struct harness *h, const char *symbol, int64_t bid_e8, int64_t ask_e8)
{
    h->quotes.count = 1;
    (void)str_copy(h->quotes.items[0].symbol, SYMBOL_CAP, symbol);
    h->quotes.items[0].quote = (struct quote){bid_e8, ask_e8, h->now_ms};
}

/* The quote as the live engine takes it: an input only when a watched level is reached. */
static inline bool desk_tick(struct harness *h, const char *symbol, int64_t bid_e8, int64_t ask_e8)
{
    desk_quote(h, symbol, bid_e8, ask_e8);
    h->send_count = h->event_count = 0;
    size_t i = 0;
    while (strcmp(symbol_at(i)->name, symbol) != 0)
        i++;
    if (!prices_is_hit(&h->s->prices, i, bid_e8, ask_e8))
        return false;
    struct input in = {.kind = INPUT_PRICE};
    in.price = h->quotes;
    harness_apply(h, &in);
    return true;
}

static inline struct position *desk_position(struct harness *h, uint64_t cid)
{
    struct position *p = state_position(h->s, cid);
    cr_assert_not_null(p);
    return p;
}

static inline size_t desk_sent(const struct harness *h, enum broker_request_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < h->send_count; i++)
        n += h->sends[i].kind == kind;
    return n;
}

static inline void desk_part_fill(struct harness *h, uint64_t cid, uint64_t position_cid,
                                  uint64_t exec_id, int64_t lots_e8)
{
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_FILL,
                                            .cid = cid,
                                            .position_cid = position_cid,
                                            .exec_id = exec_id,
                                            .purpose = ORDER_CLOSE,
                                            .lots_e8 = lots_e8,
                                            .price_e8 = PRICE(265500),
                                            .profit_e8 = DEC_ONE,
                                            .symbol = "XAUUSD"});
}

#endif
