/* tests/unit/brokers/venue.h: a paper desk without a thread, on a manual clock, with everything it
 * tells kept in an array. */
#ifndef TRIDENT_TESTS_BROKERS_VENUE_H
#define TRIDENT_TESTS_BROKERS_VENUE_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "brokers/paper_deal.h"
#include "brokers/paper_desk.h"
#include "core/alloc.h"

#define VENUE_EVENTS_MAX 512
#define VENUE_START_MS   INT64_C(1353456000000) /* Wednesday 2012-11-21 00:00 UTC */

static inline int64_t e8(const char *text)
{
    int64_t v = 0;
    bool ok = dec_parse(text, strlen(text), &v);
    cr_assert(ok, "not a number: %s", text);
    return v;
}

struct venue {
    struct paper_conf conf;
    struct clock *clock;
    struct paper_desk *desk;
    struct broker_event events[VENUE_EVENTS_MAX];
    size_t count;
};

static inline void venue_sink(const struct broker_event *e, void *ctx)
{
    struct venue *v = ctx;
    cr_assert(v->count < VENUE_EVENTS_MAX);
    v->events[v->count++] = *e;
}

static inline void venue_open(struct venue *v)
{
    int r = paper_desk_new(&v->conf, v->clock, &v->desk);
    cr_assert_eq(r, 0);
    v->count = 0;
    paper_desk_start(v->desk, venue_sink, v);
}

static inline struct venue *venue_new(void)
{
    struct venue *v = xalloc(sizeof(*v));
    paper_conf_defaults(&v->conf);
    v->conf.feed = PAPER_FEED_MANUAL;
    v->clock = clock_manual_new(1000000, VENUE_START_MS);
    return v;
}

static inline void venue_free(struct venue *v)
{
    paper_desk_free(v->desk);
    clock_free(v->clock);
    mem_free(v);
}

static inline const struct paper_book *venue_book(const struct venue *v)
{
    return paper_desk_book(v->desk);
}

static inline void venue_tick(struct venue *v, const char *symbol, const char *bid, const char *ask)
{
    struct quote q = {e8(bid), e8(ask), clock_wall_ms(v->clock)};
    paper_desk_tick(v->desk, (size_t)paper_symbol_index(symbol), &q);
}

static inline struct broker_request venue_place(uint64_t cid, const char *symbol, enum side side,
                                                const char *lots)
{
    struct broker_request r = {.kind = BROKER_PLACE,
                               .cid = cid,
                               .side = side,
                               .lots_e8 = e8(lots),
                               .sl_e8 = DEC_NONE,
                               .tp_e8 = DEC_NONE};
    (void)str_copy(r.symbol, sizeof(r.symbol), symbol);
    return r;
}

static inline struct broker_request venue_close(uint64_t cid, uint64_t position_cid, enum side side,
                                                const char *lots)
{
    struct broker_request r = {.kind = BROKER_CLOSE,
                               .cid = cid,
                               .position_cid = position_cid,
                               .side = side,
                               .lots_e8 = e8(lots),
                               .sl_e8 = DEC_NONE,
                               .tp_e8 = DEC_NONE};
    return r;
}

static inline void venue_send(struct venue *v, struct broker_request r)
{
    v->count = 0;
    paper_desk_request(v->desk, &r);
}

static inline void venue_advance_ms(struct venue *v, int64_t ms)
{
    clock_manual_advance_us(v->clock, ms * 1000);
    paper_desk_run_due(v->desk);
}

/* The n-th event of a kind since the last send (0 = first); fails the test when there is none. */
static inline const struct broker_event *venue_event(const struct venue *v,
                                                     enum broker_event_kind kind, size_t n)
{
    for (size_t i = 0; i < v->count; i++) {
        if (v->events[i].kind == kind && n-- == 0) {
            return &v->events[i];
        }
    }
    cr_assert(false, "no event %s", broker_event_name(kind));
    return NULL;
}

static inline size_t venue_count(const struct venue *v, enum broker_event_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < v->count; i++) {
        n += v->events[i].kind == kind;
    }
    return n;
}

/* A fresh path in a fresh directory. */
static inline void venue_path(char *out, size_t cap)
{
    char dir[] = "/tmp/trident-venue-XXXXXX";
    cr_assert_not_null(mkdtemp(dir));
    snprintf(out, cap, "%s/venue.log", dir);
}

static inline void venue_remove_path(const char *path)
{
    char name[300];
    unlink(path);
    snprintf(name, sizeof(name), "%s.damaged", path);
    unlink(name);
    snprintf(name, sizeof(name), "%s", path);
    *strrchr(name, '/') = '\0';
    rmdir(name);
}

#endif
