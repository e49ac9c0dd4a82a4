/* bots/batch.c: a batch is a counter under a mutex. `done` of each input (engine thread) counts
 * down; the bot thread waits for zero. If it gives up waiting (an engine that hangs, the end of the
 * process) it leaves the counter behind and the last `done` frees it, so no callback ever touches
 * freed memory. */
#include "bots/batch.h"

#include "core/alloc.h"

#define FULL_PAUSE_MS 5

/* lock: docs/LOCKING.md "bots batch", a leaf. */
struct batch {
    struct mutex mutex;
    struct cond cond;
    size_t pending TR_GUARDED_BY(mutex);
    bool has_failed TR_GUARDED_BY(mutex);
    bool is_abandoned TR_GUARDED_BY(mutex);
};

static struct batch *batch_new(void)
{
    struct batch *b = xalloc(sizeof *b);
    mutex_init(&b->mutex);
    cond_init(&b->cond);
    return b;
}

static void batch_free(struct batch *b)
{
    cond_deinit(&b->cond);
    mutex_deinit(&b->mutex);
    mem_free(b);
}

static void on_done(struct input *in, const struct outcome *o, void *ctx)
{
    (void)in; /* the engine frees it */
    struct batch *b = ctx;
    mutex_lock(&b->mutex);
    TR_ASSERT(b->pending > 0);
    if (o->status == OUTCOME_NOT_STORED)
        b->has_failed = true;
    bool is_last = --b->pending == 0;
    bool is_abandoned = b->is_abandoned;
    if (is_last)
        cond_signal(&b->cond);
    mutex_unlock(&b->mutex);
    if (is_last && is_abandoned)
        batch_free(b);
}

static void add_pending(struct batch *b, size_t n)
{
    mutex_lock(&b->mutex);
    b->pending += n;
    mutex_unlock(&b->mutex);
}

static void take_pending(struct batch *b, size_t n)
{
    mutex_lock(&b->mutex);
    TR_ASSERT(b->pending >= n);
    b->pending -= n;
    mutex_unlock(&b->mutex);
}

/* How many from the start of items go to the same engine. */
static size_t run_length(const struct intake_item *items, size_t n)
{
    size_t i = 1;
    while (i < n && items[i].trader == items[0].trader)
        i++;
    return i;
}

/* Returns how many were taken; fewer than n: the queue has no room. */
static size_t post_some(const struct bots_options *opt, struct batch *b, struct intake_item *items,
                        size_t n)
{
    struct input *inputs[BATCH_MAX];
    size_t posted = 0;
    while (posted < n) {
        struct intake_item *run = items + posted;
        size_t len = run_length(run, n - posted);
        for (size_t i = 0; i < len; i++) {
            inputs[i] = run[i].input;
            inputs[i]->done = on_done;
            inputs[i]->done_ctx = b;
        }
        /* Counted before they can come back. */
        add_pending(b, len);
        size_t taken = engine_post_many(opt->traders[run[0].trader].engine, inputs, len);
        TR_ASSERT(taken <= len);
        take_pending(b, len - taken);
        for (size_t i = 0; i < taken; i++)
            run[i].input = NULL;
        posted += taken;
        if (taken < len)
            break;
    }
    return posted;
}

/* Zero pending, or the deadline. Frees b, or leaves it to the last on_done. */
static bool wait_and_free(struct batch *b, int64_t until_us)
{
    mutex_lock(&b->mutex);
    while (b->pending > 0 && cond_wait_until_us(&b->cond, &b->mutex, until_us)) {
    }
    bool is_complete = b->pending == 0;
    bool is_good = is_complete && !b->has_failed;
    b->is_abandoned = !is_complete;
    mutex_unlock(&b->mutex);
    if (is_complete)
        batch_free(b);
    return is_good;
}

enum batch_result batch_post(const struct bots_options *opt, struct intake_item *items, size_t n,
                             const struct batch_waiting *waiting)
{
    TR_ASSERT(opt && items && waiting);
    TR_ASSERT(waiting->pause && waiting->should_stop);
    TR_ASSERT(n <= BATCH_MAX);
    if (n == 0)
        return BATCH_DONE;
    struct batch *b = batch_new();
    int64_t until_us = clock_mono_us(opt->clock) + waiting->deadline_ms * INT64_C(1000);
    size_t posted = post_some(opt, b, items, n);
    while (posted < n && !waiting->should_stop(waiting->ctx) &&
           clock_mono_us(opt->clock) < until_us) {
        waiting->pause(waiting->ctx, FULL_PAUSE_MS);
        posted += post_some(opt, b, items + posted, n - posted);
    }
    for (size_t i = posted; i < n; i++)
        items[i].input = input_free(items[i].input);
    bool is_good = wait_and_free(b, until_us);
    if (posted < n)
        return BATCH_E_STOPPED;
    return is_good ? BATCH_DONE : BATCH_E_NOT_STORED;
}
