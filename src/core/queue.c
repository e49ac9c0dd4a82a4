/* Bounded queue of pointers. Each lane is a ring of items under the one lock; takers copy out whole
 * batches, so that a loaded engine pays one lock a batch. A push signals the condition only while a
 * taker sleeps on it, after the lock is given back: under load nobody calls the kernel. A ring that
 * runs empty starts again at its first slot, which keeps a mostly empty queue inside a few cache
 * lines. It does not look at deadlines: it carries them to the taker, who answers expired items. */
#include "core/queue.h"

#include "core/alloc.h"
#include "core/mutex.h"

#define URGENT_SHARE   8
#define URGENT_MIN_CAP 16

struct ring {
    struct queue_item *items;
    size_t capacity; /* (c) */
    size_t head;
    size_t count;
};

struct queue {
    struct mutex lock;
    struct cond filled;
    struct ring lanes[QUEUE_LANE_COUNT] TR_GUARDED_BY(lock);
    int sleepers TR_GUARDED_BY(lock);
    bool is_woken TR_GUARDED_BY(lock);
    bool is_closed TR_GUARDED_BY(lock);
    struct queue_stats stats TR_GUARDED_BY(lock); /* depth is filled in when asked for */
    queue_drop_fn drop;                           /* (c) may be NULL */
    void *ctx;                                    /* (c) */
};

static void ring_init(struct ring *r, size_t capacity)
{
    r->items = xcalloc(capacity, sizeof(r->items[0]));
    r->capacity = capacity;
}

static void ring_push(struct ring *r, struct queue_item item)
{
    TR_ASSERT(r->count < r->capacity);
    size_t tail = r->head + r->count;
    if (tail >= r->capacity)
        tail -= r->capacity;
    r->items[tail] = item;
    r->count++;
}

static size_t ring_take(struct ring *r, struct queue_item *ret_items, size_t max)
{
    size_t n = r->count < max ? r->count : max;
    for (size_t i = 0; i < n; i++) {
        ret_items[i] = r->items[r->head];
        if (++r->head == r->capacity)
            r->head = 0;
    }
    r->count -= n;
    if (r->count == 0)
        r->head = 0;
    return n;
}

struct queue *queue_new(size_t capacity, queue_drop_fn drop, void *ctx)
{
    TR_ASSERT(capacity > 0);
    struct queue *q = xalloc(sizeof(*q));
    mutex_init(&q->lock);
    cond_init(&q->filled);
    size_t urgent = capacity / URGENT_SHARE;
    mutex_lock(&q->lock);
    ring_init(&q->lanes[QUEUE_LANE_NORMAL], capacity);
    ring_init(&q->lanes[QUEUE_LANE_URGENT], urgent > URGENT_MIN_CAP ? urgent : URGENT_MIN_CAP);
    mutex_unlock(&q->lock);
    q->drop = drop;
    q->ctx = ctx;
    return q;
}

/* The last owner: nobody else may hold q any more, so there is nothing to lock against. */
struct queue *queue_free(struct queue *q) TR_NO_TSA
{
    if (q == NULL)
        return NULL;
    TR_ASSERT(q->sleepers == 0);
    for (int lane = QUEUE_LANE_COUNT - 1; lane >= 0; lane--) {
        struct queue_item item;
        while (ring_take(&q->lanes[lane], &item, 1) == 1) {
            if (q->drop != NULL)
                q->drop(item.ptr, q->ctx);
        }
        (void)mem_free(q->lanes[lane].items);
    }
    cond_deinit(&q->filled);
    mutex_deinit(&q->lock);
    return mem_free(q);
}

static void note_depth_locked(struct queue *q) TR_REQUIRES(q->lock)
{
    size_t depth = q->lanes[QUEUE_LANE_NORMAL].count + q->lanes[QUEUE_LANE_URGENT].count;
    if (depth > q->stats.peak_depth)
        q->stats.peak_depth = depth;
}

enum queue_result queue_push(struct queue *q, enum queue_lane lane, void *ptr,
                             int64_t deadline_mono_us)
{
    TR_ASSERT(ptr != NULL);
    TR_ASSERT(lane == QUEUE_LANE_NORMAL || lane == QUEUE_LANE_URGENT);
    enum queue_result result = QUEUE_OK;
    bool wake = false;
    mutex_lock(&q->lock);
    struct ring *r = &q->lanes[lane];
    if (q->is_closed) {
        result = QUEUE_E_CLOSED;
        q->stats.refused_closed++;
    } else if (r->count == r->capacity) {
        result = QUEUE_E_FULL;
        q->stats.refused_full++;
    } else {
        ring_push(r, (struct queue_item){.ptr = ptr, .deadline_mono_us = deadline_mono_us});
        q->stats.pushed++;
        note_depth_locked(q);
        wake = q->sleepers > 0;
    }
    mutex_unlock(&q->lock);
    if (wake)
        cond_signal(&q->filled);
    return result;
}

size_t queue_push_many(struct queue *q, enum queue_lane lane, const struct queue_item *items,
                       size_t n)
{
    TR_ASSERT(items != NULL || n == 0);
    TR_ASSERT(lane == QUEUE_LANE_NORMAL || lane == QUEUE_LANE_URGENT);
    size_t done = 0;
    mutex_lock(&q->lock);
    struct ring *r = &q->lanes[lane];
    if (q->is_closed) {
        q->stats.refused_closed += n;
    } else {
        while (done < n && r->count < r->capacity) {
            TR_ASSERT(items[done].ptr != NULL);
            ring_push(r, items[done++]);
        }
        q->stats.pushed += done;
        q->stats.refused_full += n - done;
        note_depth_locked(q);
    }
    bool wake = done > 0 && q->sleepers > 0;
    mutex_unlock(&q->lock);
    if (wake)
        cond_signal(&q->filled);
    return done;
}

static void wait_locked(struct queue *q, int64_t until_mono_us) TR_REQUIRES(q->lock)
{
    bool in_time = true;
    while (in_time && !q->is_closed && !q->is_woken && q->lanes[QUEUE_LANE_URGENT].count == 0 &&
           q->lanes[QUEUE_LANE_NORMAL].count == 0) {
        q->sleepers++;
        if (until_mono_us == INT64_MAX)
            cond_wait(&q->filled, &q->lock);
        else
            in_time = cond_wait_until_us(&q->filled, &q->lock, until_mono_us);
        q->sleepers--;
    }
}

size_t queue_take_many(struct queue *q, struct queue_item *ret_items, size_t max,
                       int64_t until_mono_us)
{
    TR_ASSERT(ret_items != NULL);
    TR_ASSERT(max > 0);
    TR_ASSERT(until_mono_us >= 0);
    mutex_lock(&q->lock);
    if (until_mono_us > 0)
        wait_locked(q, until_mono_us);
    q->is_woken = false;
    size_t n = ring_take(&q->lanes[QUEUE_LANE_URGENT], ret_items, max);
    n += ring_take(&q->lanes[QUEUE_LANE_NORMAL], ret_items + n, max - n);
    /* What is left may belong to another sleeper whose signal this taker has overtaken. */
    bool pass_on = q->sleepers > 0 && q->lanes[QUEUE_LANE_NORMAL].count > 0;
    mutex_unlock(&q->lock);
    if (pass_on)
        cond_signal(&q->filled);
    return n;
}

void queue_wake(struct queue *q)
{
    mutex_lock(&q->lock);
    q->is_woken = true;
    mutex_unlock(&q->lock);
    cond_signal(&q->filled);
}

void queue_close(struct queue *q)
{
    mutex_lock(&q->lock);
    q->is_closed = true;
    mutex_unlock(&q->lock);
    cond_broadcast(&q->filled);
}

bool queue_is_closed(struct queue *q)
{
    mutex_lock(&q->lock);
    bool closed = q->is_closed;
    mutex_unlock(&q->lock);
    return closed;
}

void queue_get_stats(struct queue *q, struct queue_stats *ret_stats)
{
    TR_ASSERT(ret_stats != NULL);
    mutex_lock(&q->lock);
    *ret_stats = q->stats;
    for (int lane = 0; lane < QUEUE_LANE_COUNT; lane++)
        ret_stats->depth[lane] = q->lanes[lane].count;
    mutex_unlock(&q->lock);
}
