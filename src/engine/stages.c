/* engine/stages.c: see stages.h. */
#include "engine/stages.h"

#include <stdatomic.h>

#include "core/alloc.h"
#include "engine/engine.h"

#define FLYING_MAX 256 /* orders under way; of more the oldest are not measured */

struct counters { /* (a) relaxed, any thread */
    atomic_uint_fast64_t buckets[STAGES_BUCKETS];
    atomic_int_fast64_t sum_us;
};

struct stages {
    struct counters counters[STAGE_COUNT];
    struct {
        uint64_t cid; /* 0 = free */
        int64_t since_us;
        bool is_sent;
    } flying[FLYING_MAX]; /* engine thread: a ring */
    size_t next;          /* engine thread */
};

static const int64_t bounds_us[STAGES_BOUNDS] = {
    10,    20,    50,     100,    200,    500,     1000,    2000,    5000,     10000,
    20000, 50000, 100000, 200000, 500000, 1000000, 2000000, 5000000, 10000000, 20000000};

const char *stage_name(enum stage s)
{
    static const char *const names[STAGE_COUNT] = {"unset",  "receive", "queue",       "decide",
                                                   "commit", "send",    "acknowledge", "alert"};
    TR_ASSERT(s < STAGE_COUNT);
    return names[s];
}

int64_t stages_bound_us(size_t i)
{
    TR_ASSERT(i < STAGES_BOUNDS);
    return bounds_us[i];
}

struct stages *stages_new(void)
{
    return xalloc(sizeof(struct stages));
}

struct stages *stages_free(struct stages *s)
{
    return mem_free(s);
}

static size_t bucket_of(int64_t us)
{
    size_t i = 0;
    while (i < STAGES_BOUNDS && us > bounds_us[i])
        i++;
    return i;
}

void stages_note(struct stages *s, enum stage stage, int64_t us)
{
    TR_ASSERT(stage > STAGE_UNSET && stage < STAGE_COUNT);
    struct counters *c = &s->counters[stage];
    int64_t took_us = us > 0 ? us : 0;
    atomic_fetch_add_explicit(&c->buckets[bucket_of(took_us)], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&c->sum_us, took_us, memory_order_relaxed);
}

void stages_read(struct stages *s, enum stage stage, struct stage_figures *ret)
{
    TR_ASSERT(stage > STAGE_UNSET && stage < STAGE_COUNT);
    struct counters *c = &s->counters[stage];
    *ret = (struct stage_figures){.sum_us = atomic_load_explicit(&c->sum_us, memory_order_relaxed)};
    for (size_t i = 0; i < STAGES_BUCKETS; i++) {
        ret->buckets[i] = atomic_load_explicit(&c->buckets[i], memory_order_relaxed);
        ret->count += ret->buckets[i];
    }
}

/* An alert that comes back from a program of its own (engine/ahead.h) was received before. */
void stages_on_post(struct stages *s, struct input *in, int64_t now_us)
{
    in->posted_mono_us = now_us;
    if (in->received_mono_us > 0 && in->answer == NULL)
        stages_note(s, STAGE_RECEIVE, now_us - in->received_mono_us);
}

static void on_acknowledged(struct stages *s, uint64_t cid, int64_t now_us)
{
    for (size_t i = 0; i < FLYING_MAX; i++) {
        if (s->flying[i].cid != cid || !s->flying[i].is_sent)
            continue;
        stages_note(s, STAGE_ACKNOWLEDGE, now_us - s->flying[i].since_us);
        s->flying[i].cid = 0;
        return;
    }
}

void stages_on_taken(struct stages *s, const struct input *in, int64_t began_us)
{
    if (in->posted_mono_us > 0)
        stages_note(s, STAGE_QUEUE, began_us - in->posted_mono_us);
    if (in->kind == INPUT_BROKER && in->broker.cid != 0)
        on_acknowledged(s, in->broker.cid, in->posted_mono_us);
}

void stages_on_answered(struct stages *s, const struct input *in, int64_t now_us)
{
    int64_t began_us = in->received_mono_us > 0 ? in->received_mono_us : in->posted_mono_us;
    if (in->kind == INPUT_SIGNAL && began_us > 0)
        stages_note(s, STAGE_ALERT, now_us - began_us);
}

void stages_on_intent(struct stages *s, uint64_t cid, int64_t now_us)
{
    TR_ASSERT(s->next < FLYING_MAX);
    s->flying[s->next].cid = cid;
    s->flying[s->next].since_us = now_us;
    s->flying[s->next].is_sent = false;
    s->next = (s->next + 1) % FLYING_MAX;
}

void stages_on_sent(struct stages *s, uint64_t cid, int64_t now_us)
{
    for (size_t i = 0; i < FLYING_MAX; i++) {
        if (cid == 0 || s->flying[i].cid != cid || s->flying[i].is_sent)
            continue;
        stages_note(s, STAGE_SEND, now_us - s->flying[i].since_us);
        s->flying[i].since_us = now_us;
        s->flying[i].is_sent = true;
        return;
    }
}

void stages_since(const struct stage_figures *now, const struct stage_figures *before,
                  struct stage_figures *ret)
{
    struct stage_figures d = {.count = now->count - before->count,
                              .sum_us = now->sum_us - before->sum_us};
    for (size_t i = 0; i < STAGES_BUCKETS; i++) {
        TR_ASSERT(now->buckets[i] >= before->buckets[i]);
        d.buckets[i] = now->buckets[i] - before->buckets[i];
    }
    *ret = d;
}

int64_t stages_quantile_us(const struct stage_figures *f, int per_mille)
{
    TR_ASSERT(per_mille >= 0 && per_mille <= 1000);
    uint64_t rank = (f->count * (uint64_t)per_mille + 999) / 1000; /* the rank-th of count */
    uint64_t seen = 0;
    if (f->count == 0)
        return 0;
    for (size_t i = 0; i < STAGES_BOUNDS; i++) {
        uint64_t here = f->buckets[i];
        if (here > 0 && seen + here >= rank) {
            int64_t low_us = i == 0 ? 0 : bounds_us[i - 1];
            int64_t into = rank > seen ? (int64_t)(rank - seen) : 0;
            return low_us + (bounds_us[i] - low_us) * into / (int64_t)here;
        }
        seen += here;
    }
    return bounds_us[STAGES_BOUNDS - 1];
}
