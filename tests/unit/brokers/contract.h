/* tests/unit/brokers/contract.h: what every broker adapter must do (brokers/broker.h), written
 * against the function table only. An adapter's test fills in struct contract (how to make one, how
 * to move the market under it) and runs each contract_*() as a test of its own. */
#ifndef TRIDENT_TESTS_BROKERS_CONTRACT_H
#define TRIDENT_TESTS_BROKERS_CONTRACT_H

#include <criterion/criterion.h>
#include <string.h>

#include "brokers/broker.h"
#include "core/alloc.h"
#include "core/mutex.h"

#define CONTRACT_EVENTS_MAX 256
#define CONTRACT_WAIT_US    INT64_C(3000000)

struct contract {
    struct broker *(*make)(struct contract *c); /* a fresh session to the same venue */
    void (*quote)(struct contract *c, const char *symbol, const char *bid, const char *ask);
    void *ctx;
    /* the rest is contract.h's own */
    struct broker *broker;
    struct mutex lock;
    struct cond arrived;
    struct broker_event events[CONTRACT_EVENTS_MAX];
    size_t count;
    size_t taken; /* events before it have been looked at */
};

static inline int64_t contract_e8(const char *text)
{
    int64_t v = 0;
    bool ok = dec_parse(text, strlen(text), &v);
    cr_assert(ok, "not a number: %s", text);
    return v;
}

static inline void contract_sink(const struct broker_event *e, void *ctx)
{
    struct contract *c = ctx;
    mutex_lock(&c->lock);
    if (c->count < CONTRACT_EVENTS_MAX) {
        c->events[c->count++] = *e;
    }
    cond_broadcast(&c->arrived);
    mutex_unlock(&c->lock);
}

/* The next event of a kind for a cid (or position, when cid is 0 in it); earlier ones are passed
 * over. */
static inline struct broker_event contract_wait(struct contract *c, enum broker_event_kind kind,
                                                uint64_t id)
{
    int64_t until_us = clock_mono_us(clock_real()) + CONTRACT_WAIT_US;
    struct broker_event found = {0};
    bool in_time = true;
    mutex_lock(&c->lock);
    while (found.kind == BROKER_EVENT_UNSET && in_time) {
        while (c->taken < c->count && found.kind == BROKER_EVENT_UNSET) {
            const struct broker_event *e = &c->events[c->taken++];
            uint64_t of = e->cid != 0 ? e->cid : e->position_cid;
            if (e->kind == kind && of == id) {
                found = *e;
            }
        }
        if (found.kind == BROKER_EVENT_UNSET) {
            in_time = cond_wait_until_us(&c->arrived, &c->lock, until_us);
        }
    }
    mutex_unlock(&c->lock);
    cr_assert_eq(found.kind, kind, "no %s for %llu", broker_event_name(kind),
                 (unsigned long long)id);
    return found;
}

static inline void contract_open(struct contract *c)
{
    mutex_init(&c->lock);
    cond_init(&c->arrived);
    c->broker = c->make(c);
    int r = c->broker->ops->start(c->broker, contract_sink, c);
    cr_assert_eq(r, 0);
    (void)contract_wait(c, BROKER_EVENT_LINK_UP, 0);
    (void)contract_wait(c, BROKER_EVENT_ACCOUNT, 0);
    cr_assert(c->broker->ops->is_up(c->broker));
    c->quote(c, "EURUSD", "1.1", "1.1");
}

static inline void contract_stop(struct contract *c)
{
    c->broker->ops->stop(c->broker);
    cr_assert_not(c->broker->ops->is_up(c->broker));
    c->broker = c->broker->ops->free(c->broker);
    cr_assert_null(c->broker);
    cond_deinit(&c->arrived);
    mutex_deinit(&c->lock);
    c->count = c->taken = 0;
}

static inline void contract_submit(struct contract *c, const struct broker_request *r)
{
    int result = c->broker->ops->submit(c->broker, r);
    cr_assert_eq(result, BROKER_ACCEPTED);
}

static inline struct broker_request contract_place(uint64_t cid, enum side side, const char *lots)
{
    struct broker_request r = {.kind = BROKER_PLACE,
                               .cid = cid,
                               .side = side,
                               .symbol = "EURUSD",
                               .lots_e8 = contract_e8(lots),
                               .sl_e8 = DEC_NONE,
                               .tp_e8 = DEC_NONE};
    return r;
}

static inline struct broker_request contract_close(uint64_t cid, uint64_t position, enum side side,
                                                   const char *lots)
{
    struct broker_request r = contract_place(cid, side, lots);
    r.kind = BROKER_CLOSE;
    r.position_cid = position;
    return r;
}

static inline struct broker_event contract_query(struct contract *c, uint64_t cid,
                                                 enum broker_event_kind expected)
{
    struct broker_request r = {.kind = BROKER_QUERY, .cid = cid};
    contract_submit(c, &r);
    return contract_wait(c, expected, cid);
}

static inline struct broker_event contract_opened(struct contract *c, uint64_t cid, enum side side,
                                                  const char *lots)
{
    struct broker_request r = contract_place(cid, side, lots);
    contract_submit(c, &r);
    return contract_wait(c, BROKER_EVENT_FILL, cid);
}

/* ---- the contract ---- */

static inline void contract_places_and_fills(struct contract *c)
{
    contract_open(c);
    c->quote(c, "EURUSD", "1.1", "1.1002");
    struct broker_request r = contract_place(1, SIDE_BUY, "0.1");
    contract_submit(c, &r);
    struct broker_event ack = contract_wait(c, BROKER_EVENT_ACK, 1);
    cr_assert_eq(ack.lots_e8, r.lots_e8);
    struct broker_event fill = contract_wait(c, BROKER_EVENT_FILL, 1);
    cr_assert_eq(fill.position_cid, 1);
    cr_assert_eq(fill.purpose, ORDER_OPEN);
    cr_assert_eq(fill.side, SIDE_BUY);
    cr_assert_eq(fill.klass, BROKER_OK);
    cr_assert_eq(fill.lots_e8, r.lots_e8);
    cr_assert_eq(fill.price_e8, contract_e8("1.1002"), "a buy pays the ask");
    cr_assert_neq(fill.exec_id, 0);
    cr_assert_str_eq(fill.symbol, "EURUSD");
    cr_assert_gt(fill.time_ms, 0);
    fill = contract_opened(c, 2, SIDE_SELL, "0.1");
    cr_assert_eq(fill.price_e8, contract_e8("1.1"), "a sell gets the bid");
    contract_stop(c);
}

static inline void contract_never_executes_a_cid_twice(struct contract *c)
{
    contract_open(c);
    (void)contract_opened(c, 1, SIDE_BUY, "0.1");
    struct broker_request r = contract_place(1, SIDE_BUY, "0.1");
    contract_submit(c, &r);
    struct broker_event e = contract_wait(c, BROKER_EVENT_QUERY_FOUND, 1);
    cr_assert(e.terminal);
    cr_assert_eq(e.lots_e8, r.lots_e8);
    r.kind = BROKER_SNAPSHOT;
    contract_submit(c, &r);
    e = contract_wait(c, BROKER_EVENT_SNAPSHOT_POSITION, 1);
    cr_assert_eq(e.lots_e8, contract_e8("0.1"));
    contract_stop(c);
}

static inline void contract_answers_queries(struct contract *c)
{
    contract_open(c);
    struct broker_event e = contract_query(c, 99, BROKER_EVENT_QUERY_NONE);
    (void)contract_opened(c, 1, SIDE_BUY, "0.1");
    e = contract_query(c, 1, BROKER_EVENT_QUERY_FOUND);
    cr_assert(e.terminal);
    cr_assert_eq(e.klass, BROKER_OK);
    cr_assert_eq(e.lots_e8, contract_e8("0.1"));
    cr_assert_eq(e.price_e8, contract_e8("1.1"));
    cr_assert_eq(e.purpose, ORDER_OPEN);
    contract_stop(c);
}

static inline void contract_closes_whole_and_in_parts(struct contract *c)
{
    contract_open(c);
    (void)contract_opened(c, 1, SIDE_BUY, "0.1");
    c->quote(c, "EURUSD", "1.101", "1.101");
    struct broker_request r = contract_close(2, 1, SIDE_SELL, "0.04");
    contract_submit(c, &r);
    struct broker_event fill = contract_wait(c, BROKER_EVENT_FILL, 2);
    cr_assert_eq(fill.purpose, ORDER_CLOSE);
    cr_assert_eq(fill.position_cid, 1);
    cr_assert_eq(fill.side, SIDE_SELL);
    cr_assert_eq(fill.profit_e8, contract_e8("4"));
    cr_assert_eq(fill.balance_e8, contract_e8("10004"));
    r = contract_close(3, 1, SIDE_SELL, "0.06");
    contract_submit(c, &r);
    fill = contract_wait(c, BROKER_EVENT_FILL, 3);
    cr_assert_eq(fill.profit_e8, contract_e8("6"));
    struct broker_event account = contract_wait(c, BROKER_EVENT_ACCOUNT, 0);
    cr_assert_eq(account.balance_e8, contract_e8("10010"));
    cr_assert_eq(account.margin_e8, 0);
    r = contract_close(4, 1, SIDE_SELL, "0.01");
    contract_submit(c, &r);
    struct broker_event e = contract_wait(c, BROKER_EVENT_REJECT, 4);
    cr_assert_eq(e.reason, REASON_POSITION_NOT_FOUND);
    contract_stop(c);
}

static inline void contract_keeps_stops_and_targets(struct contract *c)
{
    contract_open(c);
    struct broker_request r = contract_place(1, SIDE_BUY, "0.1");
    r.sl_e8 = contract_e8("1.09");
    r.tp_e8 = contract_e8("1.12");
    contract_submit(c, &r);
    (void)contract_wait(c, BROKER_EVENT_FILL, 1);
    r.cid = 2;
    contract_submit(c, &r);
    (void)contract_wait(c, BROKER_EVENT_FILL, 2);
    struct broker_request move = {.kind = BROKER_MODIFY,
                                  .cid = 3,
                                  .position_cid = 2,
                                  .sl_e8 = contract_e8("1.05"),
                                  .tp_e8 = contract_e8("1.12")};
    contract_submit(c, &move);
    struct broker_event set = contract_wait(c, BROKER_EVENT_MODIFIED, 3);
    cr_assert_eq(set.position_cid, 2);
    cr_assert_eq(set.sl_e8, contract_e8("1.05"));
    struct broker_request ask = {.kind = BROKER_QUERY_STOPS, .cid = 4, .position_cid = 2};
    contract_submit(c, &ask);
    set = contract_wait(c, BROKER_EVENT_MODIFIED, 4);
    cr_assert_eq(set.sl_e8, contract_e8("1.05"));
    cr_assert_eq(set.tp_e8, contract_e8("1.12"));
    ask = (struct broker_request){.kind = BROKER_QUERY_STOPS, .cid = 5, .position_cid = 99};
    contract_submit(c, &ask);
    (void)contract_wait(c, BROKER_EVENT_QUERY_NONE, 5);
    c->quote(c, "EURUSD", "1.089", "1.089");
    struct broker_event fill = contract_wait(c, BROKER_EVENT_FILL, 1);
    cr_assert_eq(fill.cid, 0);
    cr_assert_eq(fill.reason, REASON_SL_HIT);
    cr_assert_eq(fill.price_e8, contract_e8("1.089"), "the gap is ours");
    c->quote(c, "EURUSD", "1.121", "1.121");
    fill = contract_wait(c, BROKER_EVENT_FILL, 2);
    cr_assert_eq(fill.cid, 0);
    cr_assert_eq(fill.reason, REASON_TP_HIT);
    cr_assert_eq(fill.price_e8, contract_e8("1.12"));
    contract_stop(c);
}

static inline void contract_classifies_refusals(struct contract *c)
{
    contract_open(c);
    struct broker_request r = contract_place(1, SIDE_BUY, "50");
    contract_submit(c, &r);
    struct broker_event e = contract_wait(c, BROKER_EVENT_REJECT, 1);
    cr_assert_eq(e.klass, BROKER_REJECT);
    cr_assert_eq(e.reason, REASON_NO_MONEY);
    cr_assert_eq(e.code, 10019);
    r = contract_place(2, SIDE_BUY, "0.1");
    (void)str_copy(r.symbol, sizeof(r.symbol), "NZDUSD");
    contract_submit(c, &r);
    e = contract_wait(c, BROKER_EVENT_REJECT, 2);
    cr_assert_eq(e.klass, BROKER_RETRY_LATER, "no quote yet");
    r = contract_place(3, SIDE_BUY, "0.1");
    r.sl_e8 = contract_e8("1.2");
    contract_submit(c, &r);
    e = contract_wait(c, BROKER_EVENT_REJECT, 3);
    cr_assert_eq(e.code, 10016);
    cr_assert_eq(e.reason, REASON_STOP_WRONG_SIDE);
    r = contract_place(4, SIDE_BUY, "0.1");
    r.expires_ms = 1;
    contract_submit(c, &r);
    e = contract_wait(c, BROKER_EVENT_REJECT, 4);
    cr_assert_eq(e.reason, REASON_ORDER_EXPIRED);
    contract_stop(c);
}

static inline void contract_shows_all_positions_in_a_snapshot(struct contract *c)
{
    contract_open(c);
    (void)contract_opened(c, 1, SIDE_BUY, "0.1");
    (void)contract_opened(c, 2, SIDE_SELL, "0.2");
    struct broker_request r = {.kind = BROKER_SNAPSHOT};
    contract_submit(c, &r);
    (void)contract_wait(c, BROKER_EVENT_SNAPSHOT_BEGIN, 0);
    struct broker_event p = contract_wait(c, BROKER_EVENT_SNAPSHOT_POSITION, 1);
    cr_assert_eq(p.side, SIDE_BUY);
    cr_assert_eq(p.sl_e8, DEC_NONE);
    cr_assert_eq(p.price_e8, contract_e8("1.1"));
    p = contract_wait(c, BROKER_EVENT_SNAPSHOT_POSITION, 2);
    cr_assert_eq(p.side, SIDE_SELL);
    cr_assert_eq(p.lots_e8, contract_e8("0.2"));
    (void)contract_wait(c, BROKER_EVENT_SNAPSHOT_END, 0);
    contract_stop(c);
}

static inline void contract_remembers_across_sessions(struct contract *c)
{
    contract_open(c);
    struct broker_event fill = contract_opened(c, 1, SIDE_BUY, "0.1");
    contract_stop(c);
    contract_open(c);
    struct broker_event e = contract_query(c, 1, BROKER_EVENT_QUERY_FOUND);
    cr_assert_eq(e.lots_e8, contract_e8("0.1"));
    struct broker_request r = {.kind = BROKER_SNAPSHOT};
    contract_submit(c, &r);
    e = contract_wait(c, BROKER_EVENT_FILL, 1);
    cr_assert_eq(e.exec_id, fill.exec_id, "the overlap tells it again under its own id");
    (void)contract_wait(c, BROKER_EVENT_SNAPSHOT_POSITION, 1);
    e = contract_opened(c, 2, SIDE_BUY, "0.1");
    cr_assert_gt(e.exec_id, fill.exec_id);
    contract_stop(c);
}

static inline void contract_tells_deals_from_a_known_one_on(struct contract *c)
{
    contract_open(c);
    uint64_t known = contract_opened(c, 1, SIDE_BUY, "0.1").exec_id;
    struct broker_request r = contract_close(2, 1, SIDE_SELL, "0.1");
    contract_submit(c, &r);
    uint64_t missed = contract_wait(c, BROKER_EVENT_FILL, 2).exec_id;
    cr_assert_gt(missed, known, "ids grow");
    contract_stop(c);
    contract_open(c);
    r = (struct broker_request){.kind = BROKER_SNAPSHOT, .after_exec_id = known};
    contract_submit(c, &r);
    struct broker_event e = contract_wait(c, BROKER_EVENT_FILL, 2);
    cr_assert_eq(e.exec_id, missed, "before the list");
    e = contract_wait(c, BROKER_EVENT_SNAPSHOT_BEGIN, 0);
    cr_assert_eq(e.exec_id, known, "nothing in between is missing");
    e = contract_wait(c, BROKER_EVENT_SNAPSHOT_END, 0);
    cr_assert_geq(e.exec_id, missed);
    cr_assert_gt(e.time_ms, 0);
    size_t before = c->taken;
    r.after_exec_id = e.exec_id;
    contract_submit(c, &r);
    e = contract_wait(c, BROKER_EVENT_SNAPSHOT_BEGIN, 0);
    cr_assert_eq(e.exec_id, r.after_exec_id);
    for (size_t i = before; i < c->taken; i++)
        cr_assert_neq(c->events[i].kind, BROKER_EVENT_FILL, "they are known");
    contract_stop(c);
}

static inline void contract_refuses_after_stop(struct contract *c)
{
    contract_open(c);
    c->broker->ops->stop(c->broker);
    struct broker_request r = contract_place(1, SIDE_BUY, "0.1");
    int result = c->broker->ops->submit(c->broker, &r);
    cr_assert_eq(result, BROKER_E_BUSY);
    c->broker->ops->stop(c->broker);
    c->broker = c->broker->ops->free(c->broker);
    cond_deinit(&c->arrived);
    mutex_deinit(&c->lock);
}

static inline void contract_gives_quotes(struct contract *c)
{
    contract_open(c);
    c->quote(c, "EURUSD", "1.2", "1.2002");
    struct quote q = {0};
    cr_assert(c->broker->ops->quote(c->broker, "EURUSD", &q));
    cr_assert_eq(q.bid_e8, contract_e8("1.2"));
    cr_assert_eq(q.ask_e8, contract_e8("1.2002"));
    cr_assert_not(c->broker->ops->quote(c->broker, "NZDUSD", &q));
    cr_assert_not(c->broker->ops->quote(c->broker, "NOSUCH", &q));
    contract_stop(c);
}

#endif
