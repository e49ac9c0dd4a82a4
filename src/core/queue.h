/* core/queue.h: bounded, lock-guarded multi-producer queue of pointers with a priority lane.
 *
 * Ownership of an item changes to the queue on QUEUE_OK only. The urgent lane is drained before the
 * normal one and has its own small reserve, so it has room while the normal lane is FULL. Each item
 * carries a monotonic deadline (0 = none); taking reports expired items, the taker answers them.
 * queue_close(): later pushes get QUEUE_E_CLOSED, takers drain what is left and then get 0 with
 * queue_is_closed(). queue_free() calls the drop callback for everything left.
 * Push: any thread, never blocks longer than the lock. Take: any thread, blocks as it was told. */
#ifndef TRIDENT_CORE_QUEUE_H
#define TRIDENT_CORE_QUEUE_H

#include "core/clock.h"
#include "core/core.h"

struct queue;

enum queue_result { QUEUE_OK = 0, QUEUE_E_FULL = 1, QUEUE_E_CLOSED = 2 };
enum queue_lane { QUEUE_LANE_NORMAL = 0, QUEUE_LANE_URGENT = 1, QUEUE_LANE_COUNT };

struct queue_item {
    void *ptr;
    int64_t deadline_mono_us; /* 0 = none */
};

struct queue_stats {
    size_t depth[QUEUE_LANE_COUNT];
    size_t peak_depth;
    uint64_t pushed;
    uint64_t refused_full;
    uint64_t refused_closed;
};

typedef void (*queue_drop_fn)(void *ptr, void *ctx);

/* capacity: normal lane; the urgent lane gets capacity/8, at least 16. */
struct queue *queue_new(size_t capacity, queue_drop_fn drop, void *ctx);
struct queue *queue_free(struct queue *q); /* accepts NULL, returns NULL */
TR_MUST_USE enum queue_result queue_push(struct queue *q, enum queue_lane lane, void *ptr,
                                         int64_t deadline_mono_us);
/* Pushes up to n items into one lane under one lock; returns how many went in (0 when closed). */
TR_MUST_USE size_t queue_push_many(struct queue *q, enum queue_lane lane,
                                   const struct queue_item *items, size_t n);
/* Takes up to max items, urgent first, in push order inside a lane. Waits until one is there, the
 * queue is closed or woken, or the absolute monotonic time passes (0 = do not wait, INT64_MAX = for
 * ever). */
TR_MUST_USE size_t queue_take_many(struct queue *q, struct queue_item *ret_items, size_t max,
                                   int64_t until_mono_us);
void queue_wake(struct queue *q); /* a waiting or the next take returns at once, possibly with 0 */
void queue_close(struct queue *q);
bool queue_is_closed(struct queue *q);
void queue_get_stats(struct queue *q, struct queue_stats *ret_stats);

#endif
