/* brokers/paper_desk.c: requests and ticks in, events out.
 *
 *   request -> known cid? -> fault drawn -> latency -> rules -> log -> book -> events
 *
 * Every change of the book goes through commit(): written to the log first, applied after
 * (paper_vault.c), told last (paper_tell.c). So an event that anybody heard is on file, and what is
 * on file is found again by QUERY or SNAPSHOT even when the process died before anybody heard. If
 * the log cannot take a change, nothing happened: new requests are refused as "later", due fills
 * and stops are tried again with the next tick. Pending work (latency, late and second fills) is a
 * list ordered by due time, equal times in order of arrival. Faults are drawn once a PLACE, CLOSE
 * or MODIFY request from the seeded generator: the same conf, requests and ticks give the same
 * events. It does not make quotes (feed_*.c), own a thread (paper.c) or know the rules
 * (paper_deal.c). */
#include "brokers/paper_desk.h"

#include "brokers/paper_tell.h"
#include "brokers/paper_vault.h"
#include "core/alloc.h"
#include "core/map.h"
#include "core/rng.h"

#define FAULT_SCALE        10000
#define RETRY_US           INT64_C(200000) /* no quote yet, or the log refused */
#define LATE_MIN_US        INT64_C(1000000)
#define LATE_MAX_US        INT64_C(4000000)
#define SECOND_PART_MIN_US INT64_C(100000)
#define SECOND_PART_MAX_US INT64_C(1000000)

enum fault {
    FAULT_NONE = 0,
    FAULT_LOST_ANSWER,
    FAULT_REJECT,
    FAULT_LATE_FILL,
    FAULT_DUPLICATE_FILL,
    FAULT_PARTIAL,
    FAULT_SWALLOW,
    FAULT_LATE_REJECT,
};

struct pending {
    int64_t due_us;
    bool is_fill; /* of request.cid, else the request reaches the book */
    struct broker_request request;
    enum fault fault;
    struct pending *prev, *next;
};

struct paper_desk {
    struct paper_conf conf;
    struct clock *clock;
    struct paper_vault *vault;
    struct paper_book *book;  /* the vault's */
    struct paper_teller tell; /* its sink is NULL before start */
    struct paper_market market;
    struct rng rng;
    struct pending *first, *last;
    struct map *coming; /* by cid: requests that have not reached the book */
    size_t pending_count;
    uint64_t fault_count;
    int server_day;
};

static int64_t now_ms(const struct paper_desk *d)
{
    return clock_wall_ms(d->clock);
}

static bool commit(struct paper_desk *d, const struct paper_change *c)
{
    return paper_vault_commit(d->vault, c);
}

/* ---- pending work ---- */

static void schedule(struct paper_desk *d, const struct pending *what)
{
    TR_ASSERT(d->pending_count < 2 * PAPER_PENDING_MAX);
    struct pending *n = xalloc(sizeof(*n));
    *n = *what;
    struct pending *after = d->last;
    while (after && after->due_us > n->due_us) {
        after = after->prev;
    }
    n->prev = after;
    n->next = after ? after->next : d->first;
    if (n->next) {
        n->next->prev = n;
    } else {
        d->last = n;
    }
    if (after) {
        after->next = n;
    } else {
        d->first = n;
    }
    d->pending_count++;
    if (!n->is_fill) {
        bool stored = map_put(d->coming, n->request.cid, n);
        TR_ASSERT(stored);
    }
}

static void unlink_first(struct paper_desk *d)
{
    struct pending *p = d->first;
    if (!p->is_fill) {
        struct pending *removed = map_remove(d->coming, p->request.cid);
        TR_ASSERT(removed == p);
    }
    d->first = p->next;
    if (d->first) {
        d->first->prev = NULL;
    } else {
        d->last = NULL;
    }
    d->pending_count--;
    mem_free(p);
}

static void schedule_fill(struct paper_desk *d, const struct broker_request *r, int64_t delay_us,
                          enum fault fault)
{
    struct pending p = {.due_us = clock_mono_us(d->clock) + delay_us,
                        .is_fill = true,
                        .request = *r,
                        .fault = fault};
    schedule(d, &p);
}

static bool is_on_its_way(const struct paper_desk *d, uint64_t cid)
{
    return map_get(d->coming, cid) != NULL;
}

/* ---- fills ---- */

static void tell_fill(struct paper_desk *d, const struct paper_change *c, int64_t balance_before_e8,
                      enum fault fault)
{
    if (fault != FAULT_LOST_ANSWER) {
        paper_tell_fill(&d->tell, &c->fill);
        if (fault == FAULT_DUPLICATE_FILL) {
            paper_tell_fill(&d->tell, &c->fill);
        }
    }
    if (c->account.balance_e8 != balance_before_e8) {
        paper_tell(&d->tell, BROKER_EVENT_ACCOUNT);
    }
}

/* Commits and tells one fill of a working order (which may be new in this change). */
static bool fill_order(struct paper_desk *d, const struct paper_order *o, int64_t lots_e8,
                       enum fault fault)
{
    struct paper_change c;
    int64_t before_e8 = paper_book_account(d->book).balance_e8;
    bool is_new = paper_book_order(d->book, o->cid) == NULL;
    struct paper_order accepted = *o; /* o may live in the book and move on */
    if (o->purpose == ORDER_OPEN) {
        paper_deal_fill_open(d->book, o, lots_e8, now_ms(d), &c);
    } else {
        const struct paper_position *p = paper_book_position(d->book, o->position_cid);
        TR_ASSERT(p);
        struct paper_closing closing = {
            .trigger = {.position = p, .price_e8 = paper_deal_close_price_e8(d->book, p)},
            .order = o,
            .lots_e8 = lots_e8};
        paper_deal_fill_close(d->book, &closing, now_ms(d), &c);
    }
    if (!commit(d, &c)) {
        return false;
    }
    if (is_new && fault != FAULT_LOST_ANSWER) {
        paper_tell_order(&d->tell, BROKER_EVENT_ACK, &accepted);
    }
    tell_fill(d, &c, before_e8, fault);
    return true;
}

static void close_triggered(struct paper_desk *d, size_t symbol)
{
    struct paper_closing c = {0};
    while (paper_book_next_trigger(d->book, symbol, &c.trigger) ||
           paper_book_stop_out(d->book, &c.trigger)) {
        c.lots_e8 = c.trigger.position->lots_e8;
        int64_t before_e8 = paper_book_account(d->book).balance_e8;
        struct paper_change change;
        paper_deal_fill_close(d->book, &c, now_ms(d), &change);
        if (!commit(d, &change)) {
            return; /* tried again with the next tick */
        }
        tell_fill(d, &change, before_e8, FAULT_NONE);
    }
}

static void cancel_rest(struct paper_desk *d, const struct paper_order *o, enum reason why)
{
    struct paper_change c = {.has_order = true, .account = paper_book_account(d->book)};
    c.order = *o;
    c.order.state = PAPER_ORDER_CANCELLED;
    c.order.reason = why;
    c.order.updated_ms = now_ms(d);
    if (commit(d, &c)) {
        paper_tell_order(&d->tell, BROKER_EVENT_CANCELLED, &c.order);
    } else {
        struct broker_request r = {.cid = o->cid};
        schedule_fill(d, &r, RETRY_US, FAULT_NONE);
    }
}

/* Accepted, and refused before any of it was filled. */
static void refuse_late(struct paper_desk *d, const struct paper_order *o)
{
    struct paper_change c = {.has_order = true, .account = paper_book_account(d->book)};
    c.order = *o;
    c.order.state = PAPER_ORDER_REJECTED;
    c.order.klass = BROKER_REJECT;
    c.order.reason = REASON_BROKER_REJECTED;
    c.order.code = PAPER_CODE_REJECT;
    c.order.updated_ms = now_ms(d);
    if (commit(d, &c)) {
        paper_tell_order(&d->tell, BROKER_EVENT_REJECT, &c.order);
    } else {
        struct broker_request r = {.cid = o->cid};
        schedule_fill(d, &r, RETRY_US, FAULT_LATE_REJECT);
    }
}

/* What is left of a working order is due. */
static void fill_rest(struct paper_desk *d, const struct broker_request *r, enum fault fault)
{
    const struct paper_order *o = paper_book_order(d->book, r->cid);
    if (!o || o->state != PAPER_ORDER_WORKING) {
        return;
    }
    if (fault == FAULT_LATE_REJECT) {
        TR_ASSERT(o->filled_e8 == 0);
        refuse_late(d, o);
        return;
    }
    if (o->expires_ms != 0 && now_ms(d) > o->expires_ms) {
        cancel_rest(d, o, REASON_ORDER_EXPIRED);
        return;
    }
    const struct paper_position *p = paper_book_position(d->book, o->position_cid);
    if (!p && (o->purpose == ORDER_CLOSE || o->filled_e8 > 0)) {
        cancel_rest(d, o, REASON_POSITION_NOT_FOUND); /* closed meanwhile: must not open again */
        return;
    }
    int64_t lots_e8 = o->lots_e8 - o->filled_e8;
    if (o->purpose == ORDER_CLOSE && p->lots_e8 < lots_e8) {
        lots_e8 = p->lots_e8; /* the rest is cancelled when it is due */
    }
    size_t symbol = o->symbol;
    bool has_quote = paper_deal_open_price_e8(d->book, symbol, o->side) > 0;
    if (!has_quote || !fill_order(d, o, lots_e8, fault)) {
        schedule_fill(d, r, RETRY_US, fault);
        return;
    }
    o = paper_book_order(d->book, r->cid);
    if (o && o->state == PAPER_ORDER_WORKING) {
        schedule_fill(d, r, 0, fault);
    }
    close_triggered(d, symbol);
}

/* ---- orders ---- */

static enum fault draw_fault(struct paper_desk *d)
{
    const struct {
        int per_10000;
        enum fault fault;
    } table[] = {
        {d->conf.fault_lost_answer, FAULT_LOST_ANSWER},
        {d->conf.fault_reject, FAULT_REJECT},
        {d->conf.fault_late_fill, FAULT_LATE_FILL},
        {d->conf.fault_duplicate_fill, FAULT_DUPLICATE_FILL},
        {d->conf.fault_partial, FAULT_PARTIAL},
        {d->conf.fault_swallow, FAULT_SWALLOW},
        {d->conf.fault_late_reject, FAULT_LATE_REJECT},
    };
    int64_t roll = rng_between(&d->rng, 0, FAULT_SCALE - 1);
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
        if (roll < table[i].per_10000) {
            d->fault_count++;
            return table[i].fault;
        }
        roll -= table[i].per_10000;
    }
    return FAULT_NONE;
}

/* "Later" is not remembered: the same cid may be tried again. */
static void refuse(struct paper_desk *d, const struct broker_request *r,
                   const struct paper_reject *why, enum fault fault)
{
    bool has_symbol = paper_symbol_index(r->symbol) >= 0 ||
                      (r->kind == BROKER_CLOSE && paper_book_position(d->book, r->position_cid));
    if (why->klass == BROKER_REJECT && r->cid != 0 && has_symbol) {
        struct paper_change c = {.has_order = true, .account = paper_book_account(d->book)};
        c.order = paper_deal_order(d->book, r, now_ms(d));
        c.order.state = PAPER_ORDER_REJECTED;
        c.order.klass = why->klass;
        c.order.reason = why->reason;
        c.order.code = why->code;
        (void)commit(d, &c); /* refused either way: nothing happened, nothing to remember */
    }
    if (fault != FAULT_LOST_ANSWER) {
        paper_tell_reject(&d->tell, r, why);
    }
}

static void refuse_with(struct paper_desk *d, const struct broker_request *r, enum paper_code code,
                        enum reason reason, const char *text)
{
    struct paper_reject why;
    paper_deal_reject(&why, code, reason, text);
    refuse(d, r, &why, FAULT_NONE);
}

/* Half of it in whole steps; 0 when it cannot be divided. */
static int64_t first_part_e8(const struct paper_order *o)
{
    const struct symbol_info *info = symbol_at(o->symbol);
    int64_t half_e8 = dec_to_step(o->lots_e8 / 2, info->volume_step_e8, DEC_DOWN);
    return half_e8 >= info->volume_min_e8 ? half_e8 : 0;
}

/* The request reaches the book: rules, then the fill or the first step to it. */
static void execute(struct paper_desk *d, const struct broker_request *r, enum fault fault)
{
    if (r->expires_ms != 0 && now_ms(d) > r->expires_ms) {
        refuse_with(d, r, PAPER_CODE_INVALID_EXPIRATION, REASON_ORDER_EXPIRED, "expired");
        return;
    }
    struct paper_reject why;
    bool allowed = r->kind == BROKER_PLACE ? paper_deal_check_open(d->book, r, &why)
                                           : paper_deal_check_close(d->book, r, &why);
    if (!allowed) {
        refuse(d, r, &why, fault);
        return;
    }
    struct paper_order o = paper_deal_order(d->book, r, now_ms(d));
    int64_t now_lots_e8 = o.lots_e8;
    if (fault == FAULT_LATE_FILL || fault == FAULT_LATE_REJECT) {
        now_lots_e8 = 0;
    } else if (fault == FAULT_PARTIAL && first_part_e8(&o) > 0) {
        now_lots_e8 = first_part_e8(&o);
    }
    bool done;
    if (now_lots_e8 == 0) {
        struct paper_change c = {
            .has_order = true, .account = paper_book_account(d->book), .order = o};
        done = commit(d, &c);
        if (done) {
            paper_tell_order(&d->tell, BROKER_EVENT_ACK, &o);
        }
    } else {
        done = fill_order(d, &o, now_lots_e8, fault);
    }
    if (!done) {
        refuse_with(d, r, PAPER_CODE_ERROR, REASON_NOT_STORED, "the venue cannot store it");
        return;
    }
    if (now_lots_e8 == 0) {
        enum fault later = fault == FAULT_LATE_REJECT ? fault : FAULT_NONE;
        schedule_fill(d, r, rng_between(&d->rng, LATE_MIN_US, LATE_MAX_US), later);
    } else if (now_lots_e8 < o.lots_e8) {
        schedule_fill(d, r, rng_between(&d->rng, SECOND_PART_MIN_US, SECOND_PART_MAX_US),
                      FAULT_NONE);
    }
    close_triggered(d, o.symbol);
}

/* What the venue remembers of a cid; an old order may be forgotten while its position is open. */
static bool recall(const struct paper_desk *d, uint64_t cid, struct paper_order *ret)
{
    const struct paper_order *o = paper_book_order(d->book, cid);
    if (o) {
        *ret = *o;
        return true;
    }
    const struct paper_position *p = paper_book_position(d->book, cid);
    if (p) {
        *ret = (struct paper_order){.cid = cid,
                                    .position_cid = cid,
                                    .lots_e8 = p->lots_e8,
                                    .filled_e8 = p->lots_e8,
                                    .avg_price_e8 = p->entry_e8,
                                    .sl_e8 = p->sl_e8,
                                    .tp_e8 = p->tp_e8,
                                    .symbol = p->symbol,
                                    .state = PAPER_ORDER_FILLED,
                                    .purpose = ORDER_OPEN,
                                    .side = p->side,
                                    .klass = BROKER_OK};
    }
    return p != NULL;
}

/* Base plus an exponential tail: halves with every further half of the base. */
static int64_t draw_latency_us(struct paper_desk *d)
{
    int64_t base_us = (int64_t)d->conf.latency_base_ms * 1000;
    if (base_us <= 0) {
        return 0;
    }
    int64_t half_us = base_us / 2;
    int tail = __builtin_ctzll(rng_u64(&d->rng) | UINT64_C(1) << 20);
    return base_us + half_us * tail + rng_between(&d->rng, 0, half_us);
}

/* Its fills under their own ids first, so that the asker can book each of them exactly once. */
static void answer_known(struct paper_desk *d, const struct paper_order *o)
{
    const struct paper_history *h = paper_book_history(d->book);
    for (size_t i = 0; i < h->count; i++) {
        const struct paper_fill *f = paper_history_at(h, i);
        if (f->cid == o->cid) {
            paper_tell_fill(&d->tell, f);
        }
    }
    paper_tell_order(&d->tell, BROKER_EVENT_QUERY_FOUND, o);
}

static void deal(struct paper_desk *d, const struct broker_request *r)
{
    struct paper_order known;
    if (recall(d, r->cid, &known)) {
        if (known.state == PAPER_ORDER_REJECTED) {
            paper_tell_order(&d->tell, BROKER_EVENT_REJECT, &known);
        } else {
            answer_known(d, &known);
        }
        return;
    }
    if (is_on_its_way(d, r->cid)) {
        return; /* the first one will be answered */
    }
    if (d->pending_count >= PAPER_PENDING_MAX) {
        refuse_with(d, r, PAPER_CODE_TOO_MANY_REQUESTS, REASON_QUEUE_FULL, "too many requests");
        return;
    }
    enum fault fault = draw_fault(d);
    if (fault == FAULT_SWALLOW) {
        return;
    }
    if (fault == FAULT_REJECT) {
        refuse_with(d, r, PAPER_CODE_REJECT, REASON_BROKER_REJECTED, "refused by the dealer");
        return;
    }
    int64_t latency_us = draw_latency_us(d);
    if (latency_us == 0) {
        execute(d, r, fault);
        return;
    }
    struct pending p = {
        .due_us = clock_mono_us(d->clock) + latency_us, .request = *r, .fault = fault};
    schedule(d, &p);
}

/* ---- stops and questions ---- */

static void refuse_stops(struct paper_desk *d, const struct broker_request *r,
                         const struct paper_reject *why, enum fault fault)
{
    if (fault != FAULT_LOST_ANSWER) {
        paper_tell_reject(&d->tell, r, why);
    }
}

/* False: ret says why the stops stay as they are. */
static bool change_stops(struct paper_desk *d, const struct broker_request *r,
                         struct paper_reject *ret)
{
    if (r->expires_ms != 0 && now_ms(d) > r->expires_ms) {
        paper_deal_reject(ret, PAPER_CODE_INVALID_EXPIRATION, REASON_ORDER_EXPIRED, "expired");
        return false;
    }
    const struct paper_position *p = paper_book_position(d->book, r->position_cid);
    if (!p) {
        paper_deal_reject(ret, PAPER_CODE_POSITION_CLOSED, REASON_POSITION_NOT_FOUND,
                          "no such open position");
        return false;
    }
    struct broker_request checked = *r;
    checked.side = p->side;
    if (!paper_deal_check_stops(d->book, p->symbol, &checked, ret)) {
        return false;
    }
    struct paper_change c = {.has_position = true, .account = paper_book_account(d->book)};
    c.position = *p;
    c.position.sl_e8 = r->sl_e8;
    c.position.tp_e8 = r->tp_e8;
    if (!commit(d, &c)) {
        paper_deal_reject(ret, PAPER_CODE_ERROR, REASON_NOT_STORED, "the venue cannot store it");
        return false;
    }
    return true;
}

/* The request reaches the book. */
static void execute_modify(struct paper_desk *d, const struct broker_request *r, enum fault fault)
{
    struct paper_reject why;
    if (fault == FAULT_LATE_REJECT) {
        paper_deal_reject(&why, PAPER_CODE_REJECT, REASON_BROKER_REJECTED, "refused by the dealer");
        refuse_stops(d, r, &why, fault);
        return;
    }
    if (!change_stops(d, r, &why)) {
        refuse_stops(d, r, &why, fault);
        return;
    }
    if (fault == FAULT_LOST_ANSWER) {
        return;
    }
    const struct paper_position *p = paper_book_position(d->book, r->position_cid);
    TR_ASSERT(p);
    paper_tell_stops(&d->tell, r->cid, p);
    if (fault == FAULT_DUPLICATE_FILL) {
        paper_tell_stops(&d->tell, r->cid, p);
    }
}

static void modify(struct paper_desk *d, const struct broker_request *r)
{
    if (is_on_its_way(d, r->cid)) {
        return; /* the first one will be answered */
    }
    struct paper_reject why;
    if (d->pending_count >= PAPER_PENDING_MAX) {
        paper_deal_reject(&why, PAPER_CODE_TOO_MANY_REQUESTS, REASON_QUEUE_FULL,
                          "too many requests");
        refuse_stops(d, r, &why, FAULT_NONE);
        return;
    }
    enum fault fault = draw_fault(d);
    if (fault == FAULT_SWALLOW) {
        return;
    }
    if (fault == FAULT_REJECT) {
        paper_deal_reject(&why, PAPER_CODE_REJECT, REASON_BROKER_REJECTED, "refused by the dealer");
        refuse_stops(d, r, &why, FAULT_NONE);
        return;
    }
    int64_t latency_us = draw_latency_us(d);
    if (fault == FAULT_LATE_FILL || fault == FAULT_LATE_REJECT) {
        latency_us += rng_between(&d->rng, LATE_MIN_US, LATE_MAX_US);
    }
    if (latency_us == 0) {
        execute_modify(d, r, fault);
        return;
    }
    struct pending p = {
        .due_us = clock_mono_us(d->clock) + latency_us, .request = *r, .fault = fault};
    schedule(d, &p);
}

static void query_stops(struct paper_desk *d, const struct broker_request *r)
{
    const struct paper_position *p = paper_book_position(d->book, r->position_cid);
    if (p) {
        paper_tell_stops(&d->tell, r->cid, p);
    } else {
        paper_tell_absent(&d->tell, r->cid, false);
    }
}

static void query(struct paper_desk *d, const struct broker_request *r)
{
    struct paper_order known;
    if (recall(d, r->cid, &known)) {
        answer_known(d, &known);
        return;
    }
    paper_tell_absent(&d->tell, r->cid, is_on_its_way(d, r->cid));
}

static void snapshot(struct paper_desk *d, const struct broker_request *r)
{
    const struct paper_history *h = paper_book_history(d->book);
    for (size_t i = 0; i < h->count; i++) {
        const struct paper_fill *f = paper_history_at(h, i);
        if (f->exec_id > r->after_exec_id || (r->since_ms != 0 && f->time_ms >= r->since_ms)) {
            paper_tell_fill(&d->tell, f);
        }
    }
    paper_tell_list(&d->tell, r->after_exec_id > h->after ? r->after_exec_id : h->after);
}

void paper_desk_request(struct paper_desk *d, const struct broker_request *r)
{
    switch (r->kind) {
    case BROKER_PLACE:
    case BROKER_CLOSE:
        deal(d, r);
        return;
    case BROKER_MODIFY:
        modify(d, r);
        return;
    case BROKER_QUERY:
        query(d, r);
        return;
    case BROKER_QUERY_STOPS:
        query_stops(d, r);
        return;
    case BROKER_SNAPSHOT:
        snapshot(d, r);
        return;
    case BROKER_REQUEST_UNSET:
    case BROKER_REQUEST_COUNT:
        TR_ASSERT(r->kind > BROKER_REQUEST_UNSET && r->kind < BROKER_REQUEST_COUNT);
    }
}

/* ---- time and market ---- */

void paper_desk_run_due(struct paper_desk *d)
{
    int64_t now_us = clock_mono_us(d->clock);
    while (d->first && d->first->due_us <= now_us) {
        struct pending p = *d->first;
        unlink_first(d);
        if (p.is_fill) {
            fill_rest(d, &p.request, p.fault);
        } else if (p.request.kind == BROKER_MODIFY) {
            execute_modify(d, &p.request, p.fault);
        } else {
            execute(d, &p.request, p.fault);
        }
    }
}

int64_t paper_desk_next_due_us(const struct paper_desk *d)
{
    return d->first ? d->first->due_us : INT64_MAX;
}

static void roll_over(struct paper_desk *d)
{
    int day = paper_deal_server_day(now_ms(d));
    bool has_swap = d->conf.swap_long_points_e8 != 0 || d->conf.swap_short_points_e8 != 0;
    struct paper_change c;
    while (has_swap && d->server_day != day && paper_deal_rollover(d->book, now_ms(d), &c)) {
        if (!commit(d, &c)) {
            return;
        }
    }
    d->server_day = day;
}

void paper_desk_set_quote(struct paper_desk *d, size_t symbol, const struct quote *q)
{
    TR_ASSERT(symbol < symbol_count());
    paper_book_set_quote(d->book, symbol, q);
    d->market.quotes[symbol] = *q;
}

void paper_desk_tick(struct paper_desk *d, size_t symbol, const struct quote *q)
{
    paper_desk_set_quote(d, symbol, q);
    if (!d->tell.sink) {
        return;
    }
    roll_over(d);
    paper_desk_run_due(d);
    close_triggered(d, symbol);
}

/* ---- life ---- */

int paper_desk_new(const struct paper_conf *conf, struct clock *clock, struct paper_desk **ret_desk)
{
    TR_ASSERT(conf && clock && ret_desk);
    struct paper_desk *d = xalloc(sizeof(*d));
    d->conf = *conf;
    d->clock = clock;
    rng_seed(&d->rng, conf->seed);
    d->coming = map_new(2 * PAPER_PENDING_MAX);
    int r = paper_vault_open(conf, now_ms(d), &d->vault);
    if (r < 0) {
        paper_desk_free(d);
        return err_trace(r);
    }
    d->book = paper_vault_book(d->vault);
    d->market = *paper_vault_market(d->vault);
    d->tell = (struct paper_teller){.book = d->book, .clock = clock};
    *ret_desk = d;
    return 0;
}

struct paper_desk *paper_desk_free(struct paper_desk *d)
{
    if (!d) {
        return NULL;
    }
    while (d->first) {
        unlink_first(d);
    }
    map_free(d->coming);
    paper_vault_close(d->vault);
    return mem_free(d);
}

void paper_desk_start(struct paper_desk *d, broker_sink_fn sink, void *ctx)
{
    TR_ASSERT(!d->tell.sink && sink);
    d->tell.sink = sink;
    d->tell.ctx = ctx;
    paper_tell(&d->tell, BROKER_EVENT_LINK_UP);
    paper_tell(&d->tell, BROKER_EVENT_ACCOUNT);
    const struct paper_order *o = NULL;
    while ((o = paper_book_next_working(d->book, o))) {
        struct broker_request r = {.cid = o->cid};
        schedule_fill(d, &r, 0, FAULT_NONE);
    }
}

const struct paper_book *paper_desk_book(const struct paper_desk *d)
{
    return d->book;
}

uint64_t paper_desk_fault_count(const struct paper_desk *d)
{
    return d->fault_count;
}

const struct paper_market *paper_desk_market(const struct paper_desk *d)
{
    return &d->market;
}

void paper_desk_save_market(struct paper_desk *d, int64_t csv_time_ms)
{
    d->market.csv_time_ms = csv_time_ms;
    paper_vault_save_market(d->vault, &d->market);
}
