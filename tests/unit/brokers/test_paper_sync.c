/* Covers: the venue without a thread tells what the desk tells, event by event, when quotes that
 * reach nothing are only noted: stops, targets, stop-outs, several symbols and a converter; such
 * quotes are common; swap is charged on the day it is due; ranges hold nothing that triggers. */
#include "venue.h"

#include "brokers/paper_range.h"
#include "brokers/paper_sync.h"
#include "core/rng.h"

#define EVENTS_MAX 20000
#define STEPS      60000
#define SYMBOLS    4

struct heard {
    struct broker_event *events;
    size_t count, stops, targets, stop_outs;
};

static void hear(const struct broker_event *e, void *ctx)
{
    struct heard *h = ctx;
    cr_assert(h->count < EVENTS_MAX);
    h->events[h->count++] = *e;
    h->stops += e->kind == BROKER_EVENT_FILL && e->reason == REASON_SL_HIT;
    h->targets += e->kind == BROKER_EVENT_FILL && e->reason == REASON_TP_HIT;
    h->stop_outs += e->kind == BROKER_EVENT_FILL && e->reason == REASON_STOP_OUT;
}

static struct heard heard_new(void)
{
    return (struct heard){.events = xcalloc(EVENTS_MAX, sizeof(struct broker_event))};
}

struct pair { /* the same venue twice: every tick looked at, and only those that matter */
    struct clock *clock;
    struct paper_desk *exact;
    struct paper_sync *sync;
    struct heard heard_exact, heard_sync;
    struct quote quotes[SYMBOLS];
    size_t symbols[SYMBOLS];
    size_t noted, ticks;
};

static void pair_open(struct pair *p, const struct paper_conf *conf)
{
    static const char *const names[SYMBOLS] = {"XAUUSD", "GBPJPY", "USDJPY", "EURUSD"};
    memset(p, 0, sizeof(*p));
    p->clock = clock_manual_new(0, VENUE_START_MS);
    p->heard_exact = heard_new();
    p->heard_sync = heard_new();
    cr_assert_eq(paper_desk_new(conf, p->clock, &p->exact), 0);
    cr_assert_eq(paper_sync_new(conf, p->clock, &p->sync), 0);
    paper_desk_start(p->exact, hear, &p->heard_exact);
    struct broker *b = paper_sync_broker(p->sync);
    cr_assert_eq(b->ops->start(b, hear, &p->heard_sync), 0);
    for (size_t i = 0; i < SYMBOLS; i++) {
        p->symbols[i] = (size_t)paper_symbol_index(names[i]);
        p->quotes[i].bid_e8 = symbol_at(p->symbols[i])->sim_price_e8;
    }
}

static void pair_close(struct pair *p)
{
    struct broker *b = paper_sync_broker(p->sync);
    b->ops->free(b);
    paper_desk_free(p->exact);
    clock_free(p->clock);
    mem_free(p->heard_exact.events);
    mem_free(p->heard_sync.events);
}

static void pair_tick(struct pair *p, struct rng *rng, int64_t step_ms)
{
    size_t k = (size_t)rng_between(rng, 0, SYMBOLS - 1);
    struct quote *q = &p->quotes[k];
    const struct symbol_info *info = symbol_at(p->symbols[k]);
    int64_t most = info->sim_price_e8 / 4000;
    q->bid_e8 += rng_between(rng, -most, most);
    q->ask_e8 = q->bid_e8 + info->typical_spread_e8;
    clock_manual_advance_us(p->clock, step_ms * 1000);
    q->time_ms = clock_wall_ms(p->clock);
    paper_desk_tick(p->exact, p->symbols[k], q);
    p->ticks++;
    if (paper_sync_note(p->sync, p->symbols[k], q))
        p->noted++;
    else
        paper_sync_tick(p->sync, p->symbols[k], q);
}

static void pair_place(struct pair *p, struct rng *rng, uint64_t cid)
{
    size_t k = (size_t)rng_between(rng, 0, SYMBOLS - 1);
    const struct quote *q = &p->quotes[k];
    bool is_buy = rng_between(rng, 0, 1) == 1;
    int sign = is_buy ? 1 : -1;
    struct broker_request r = {.kind = BROKER_PLACE, .cid = cid};
    (void)str_copy(r.symbol, sizeof(r.symbol), symbol_at(p->symbols[k])->name);
    r.side = is_buy ? SIDE_BUY : SIDE_SELL;
    r.lots_e8 = rng_between(rng, 1, 90) * (DEC_ONE / 100);
    int64_t price_e8 = is_buy ? q->ask_e8 : q->bid_e8;
    bool with_stops = rng_between(rng, 0, 1) == 1;
    r.sl_e8 = with_stops ? price_e8 - sign * price_e8 / 100 : DEC_NONE;
    r.tp_e8 = with_stops ? price_e8 + sign * price_e8 / 80 : DEC_NONE;
    struct broker *b = paper_sync_broker(p->sync);
    paper_desk_request(p->exact, &r);
    cr_assert_eq(b->ops->submit(b, &r), BROKER_ACCEPTED);
}

static void same_so_far(const struct pair *p, size_t step)
{
    cr_assert_eq(p->heard_exact.count, p->heard_sync.count, "at tick %zu", step);
    struct buf a, b;
    buf_init(&a, 4096);
    buf_init(&b, 4096);
    for (size_t i = 0; i < p->heard_exact.count; i++) {
        const struct broker_event *x = &p->heard_exact.events[i], *y = &p->heard_sync.events[i];
        buf_reset(&a);
        buf_reset(&b);
        broker_event_pack(&a, x);
        broker_event_pack(&b, y);
        cr_assert(a.len == b.len && memcmp(a.data, b.data, a.len) == 0,
                  "event %zu at tick %zu: %s %s, equity %lld and %lld", i, step,
                  broker_event_name(x->kind), x->symbol, (long long)x->equity_e8,
                  (long long)y->equity_e8);
    }
    buf_deinit(&a);
    buf_deinit(&b);
}

static struct paper_conf plain(void)
{
    struct paper_conf c;
    paper_conf_defaults(&c);
    c.feed = PAPER_FEED_MANUAL;
    return c;
}

Test(paper_sync, tells_what_the_desk_tells_when_most_quotes_are_only_noted)
{
    struct paper_conf conf = plain();
    size_t stop_outs = 0, stops = 0, targets = 0, noted = 0, ticks = 0;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct pair p;
        struct rng rng;
        uint64_t cid = 1;
        rng_seed(&rng, seed);
        conf.balance_e8 = (int64_t)seed * 800 * DEC_ONE;
        conf.swap_long_points_e8 = -DEC_ONE; /* charged at 22:00 */
        pair_open(&p, &conf);
        for (size_t i = 0; i < STEPS; i++) {
            pair_tick(&p, &rng, 2000);
            if (i > 20 && i % 300 == 0)
                pair_place(&p, &rng, cid++);
            if (p.heard_exact.count != p.heard_sync.count)
                same_so_far(&p, i);
        }
        same_so_far(&p, STEPS);
        struct paper_account a = paper_book_account(paper_desk_book(p.exact));
        cr_assert_eq(a.balance_e8, paper_sync_balance_e8(p.sync));
        cr_assert_eq(paper_book_equity_e8(paper_desk_book(p.exact)), paper_sync_equity_e8(p.sync));
        stops += p.heard_sync.stops;
        targets += p.heard_sync.targets;
        stop_outs += p.heard_sync.stop_outs;
        noted += p.noted;
        ticks += p.ticks;
        pair_close(&p);
    }
    cr_assert(stops > 10 && targets > 10 && stop_outs > 3, "%zu %zu %zu", stops, targets,
              stop_outs);
    cr_assert(noted * 2 > ticks, "%zu of %zu only noted", noted, ticks);
}

Test(paper_sync, has_the_newest_quote_though_the_book_has_not_seen_it)
{
    struct paper_conf conf = plain();
    struct pair p;
    struct rng rng;
    rng_seed(&rng, 7);
    pair_open(&p, &conf);
    for (int i = 0; i < 100; i++)
        pair_tick(&p, &rng, 100);
    struct broker *b = paper_sync_broker(p.sync);
    for (size_t i = 0; i < SYMBOLS; i++) {
        struct quote q;
        cr_assert(b->ops->quote(b, symbol_at(p.symbols[i])->name, &q));
        cr_assert_eq(q.bid_e8, p.quotes[i].bid_e8);
    }
    struct quote none;
    cr_assert(!b->ops->quote(b, "NOSUCH", &none));
    cr_assert(!b->ops->quote(b, "GBPUSD", &none), "no tick yet");
    cr_assert(p.noted > 50);
    pair_close(&p);
}

Test(paper_sync, a_stop_is_outside_the_range_and_one_step_before_it_inside)
{
    struct paper_conf conf = plain();
    struct pair p;
    struct paper_range ranges[PAPER_SYMBOLS_MAX];
    size_t gold = (size_t)paper_symbol_index("XAUUSD");
    pair_open(&p, &conf);
    struct quote q = {e8("2650"), e8("2650.2"), VENUE_START_MS};
    paper_desk_tick(p.exact, gold, &q);
    struct broker_request r = {.kind = BROKER_PLACE,
                               .cid = 1,
                               .symbol = "XAUUSD",
                               .side = SIDE_BUY,
                               .lots_e8 = e8("0.01"),
                               .sl_e8 = e8("2645"),
                               .tp_e8 = e8("2660")};
    paper_desk_request(p.exact, &r);
    paper_range_find(paper_desk_book(p.exact), ranges);
    struct quote at = {e8("2645"), e8("2645.2"), 0}, before = {e8("2645.01"), e8("2645.21"), 0};
    struct quote at_target = {e8("2660"), e8("2660.2"), 0};
    struct quote below_target = {e8("2659.99"), e8("2660.19"), 0};
    cr_assert(!paper_range_holds(&ranges[gold], &at));
    cr_assert(paper_range_holds(&ranges[gold], &before));
    cr_assert(!paper_range_holds(&ranges[gold], &at_target));
    cr_assert(paper_range_holds(&ranges[gold], &below_target));
    pair_close(&p);
}
