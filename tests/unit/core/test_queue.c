/* Covers: order inside a lane, urgent first, FULL, CLOSED, deadlines passed through, batches, wake,
 * time-outs, the drop callback, statistics, four producers under load (nothing lost, nothing
 * doubled, order kept). */
#include <criterion/criterion.h>
#include <stdatomic.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/queue.h"
#include "core/thread.h"

static void *ptr(uintptr_t n)
{
    return (void *)n;
}

static void push(struct queue *q, enum queue_lane lane, uintptr_t n)
{
    cr_assert_eq(queue_push(q, lane, ptr(n), 0), QUEUE_OK);
}

Test(queue, keeps_order_in_a_lane_and_serves_urgent_first)
{
    struct queue *q = queue_new(4, NULL, NULL);
    push(q, QUEUE_LANE_NORMAL, 1);
    push(q, QUEUE_LANE_NORMAL, 2);
    push(q, QUEUE_LANE_URGENT, 3);
    push(q, QUEUE_LANE_URGENT, 4);
    struct queue_item items[8];
    cr_assert_eq(queue_take_many(q, items, 3, 0), 3);
    cr_assert_eq(items[0].ptr, ptr(3));
    cr_assert_eq(items[1].ptr, ptr(4));
    cr_assert_eq(items[2].ptr, ptr(1));
    cr_assert_eq(queue_take_many(q, items, 8, 0), 1);
    cr_assert_eq(items[0].ptr, ptr(2));
    cr_assert_eq(queue_take_many(q, items, 8, 0), 0);
    queue_free(q);
}

Test(queue, wraps_round_without_losing_order)
{
    struct queue *q = queue_new(3, NULL, NULL);
    struct queue_item items[2];
    uintptr_t in = 1, out = 1;
    push(q, QUEUE_LANE_NORMAL, in++);
    for (int i = 0; i < 50; i++) {
        push(q, QUEUE_LANE_NORMAL, in++);
        push(q, QUEUE_LANE_NORMAL, in++);
        cr_assert_eq(queue_take_many(q, items, 2, 0), 2);
        cr_assert_eq(items[0].ptr, ptr(out++));
        cr_assert_eq(items[1].ptr, ptr(out++));
    }
    queue_free(q);
}

Test(queue, is_full_in_one_lane_while_urgent_has_room)
{
    struct queue *q = queue_new(2, NULL, NULL);
    push(q, QUEUE_LANE_NORMAL, 1);
    push(q, QUEUE_LANE_NORMAL, 2);
    cr_assert_eq(queue_push(q, QUEUE_LANE_NORMAL, ptr(3), 0), QUEUE_E_FULL);
    for (uintptr_t i = 0; i < 16; i++)
        push(q, QUEUE_LANE_URGENT, 10 + i);
    cr_assert_eq(queue_push(q, QUEUE_LANE_URGENT, ptr(99), 0), QUEUE_E_FULL);
    struct queue_stats s;
    queue_get_stats(q, &s);
    cr_assert_eq(s.depth[QUEUE_LANE_NORMAL], 2);
    cr_assert_eq(s.depth[QUEUE_LANE_URGENT], 16);
    cr_assert_eq(s.peak_depth, 18);
    cr_assert_eq(s.pushed, 18);
    cr_assert_eq(s.refused_full, 2);
    queue_free(q);
}

Test(queue, drains_after_close_and_refuses_pushes)
{
    struct queue *q = queue_new(4, NULL, NULL);
    push(q, QUEUE_LANE_NORMAL, 1);
    cr_assert_not(queue_is_closed(q));
    queue_close(q);
    cr_assert(queue_is_closed(q));
    cr_assert_eq(queue_push(q, QUEUE_LANE_URGENT, ptr(2), 0), QUEUE_E_CLOSED);
    struct queue_item items[4] = {{.ptr = ptr(5)}};
    cr_assert_eq(queue_push_many(q, QUEUE_LANE_NORMAL, items, 1), 0);
    cr_assert_eq(queue_take_many(q, items, 4, INT64_MAX), 1);
    cr_assert_eq(queue_take_many(q, items, 4, INT64_MAX), 0); /* returns although nobody wakes it */
    struct queue_stats s;
    queue_get_stats(q, &s);
    cr_assert_eq(s.refused_closed, 2);
    queue_free(q);
}

Test(queue, passes_deadlines_through_even_when_expired)
{
    struct queue *q = queue_new(4, NULL, NULL);
    cr_assert_eq(queue_push(q, QUEUE_LANE_NORMAL, ptr(1), 17), QUEUE_OK);
    struct queue_item item;
    cr_assert_eq(queue_take_many(q, &item, 1, 0), 1);
    cr_assert_eq(item.deadline_mono_us, 17);
    queue_free(q);
}

Test(queue, push_many_takes_what_fits)
{
    struct queue *q = queue_new(3, NULL, NULL);
    struct queue_item in[5];
    for (uintptr_t i = 0; i < 5; i++)
        in[i] = (struct queue_item){.ptr = ptr(i + 1), .deadline_mono_us = (int64_t)i};
    cr_assert_eq(queue_push_many(q, QUEUE_LANE_NORMAL, in, 5), 3);
    struct queue_item out[5];
    cr_assert_eq(queue_take_many(q, out, 5, 0), 3);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(out[i].ptr, in[i].ptr);
        cr_assert_eq(out[i].deadline_mono_us, in[i].deadline_mono_us);
    }
    queue_free(q);
}

static void count_drop(void *p, void *ctx)
{
    (void)p;
    ++*(int *)ctx;
}

Test(queue, drops_what_is_left_when_freed)
{
    int drops = 0;
    struct queue *q = queue_new(4, count_drop, &drops);
    push(q, QUEUE_LANE_NORMAL, 1);
    push(q, QUEUE_LANE_URGENT, 2);
    cr_assert_null(queue_free(q));
    cr_assert_eq(drops, 2);
    cr_assert_null(queue_free(NULL));
}

Test(queue, returns_empty_when_the_time_is_over)
{
    struct queue *q = queue_new(4, NULL, NULL);
    struct queue_item item;
    int64_t until = clock_mono_us(clock_real()) + 20000;
    cr_assert_eq(queue_take_many(q, &item, 1, until), 0);
    cr_assert_geq(clock_mono_us(clock_real()), until);
    cr_assert_eq(queue_take_many(q, &item, 1, 1), 0); /* long past */
    queue_free(q);
}

Test(queue, wake_is_remembered_for_the_next_take_only)
{
    struct queue *q = queue_new(4, NULL, NULL);
    struct queue_item item;
    queue_wake(q);
    cr_assert_eq(queue_take_many(q, &item, 1, INT64_MAX), 0);
    int64_t until = clock_mono_us(clock_real()) + 10000;
    cr_assert_eq(queue_take_many(q, &item, 1, until), 0);
    cr_assert_geq(clock_mono_us(clock_real()), until);
    queue_free(q);
}

struct sleeper {
    struct queue *q;
    _Atomic bool is_in;
    size_t taken;
};

static void sleep_in_take(struct thread *self, void *arg)
{
    (void)self;
    struct sleeper *s = arg;
    struct queue_item items[4];
    atomic_store(&s->is_in, true);
    s->taken = queue_take_many(s->q, items, 4, INT64_MAX);
}

static void wake_queue(void *arg)
{
    queue_wake(((struct sleeper *)arg)->q);
}

Test(queue, wakes_a_sleeping_taker_by_push_by_wake_and_by_close)
{
    for (int way = 0; way < 3; way++) {
        struct sleeper s = {.q = queue_new(4, NULL, NULL)};
        struct thread *t = thread_start("sleeper", sleep_in_take, way == 1 ? wake_queue : NULL, &s);
        while (!atomic_load(&s.is_in))
            continue;
        if (way == 0)
            push(s.q, QUEUE_LANE_NORMAL, 1);
        if (way == 2)
            queue_close(s.q);
        thread_join(t); /* way 1: its wake callback */
        cr_assert_eq(s.taken, way == 0 ? 1 : 0, "way %d", way);
        queue_free(s.q);
    }
}

#define PRODUCERS    4
#define PER_PRODUCER 50000

struct producer {
    struct queue *q;
    uintptr_t id;
    uint64_t full;
};

static void produce(struct thread *self, void *arg)
{
    (void)self;
    struct producer *p = arg;
    for (uintptr_t i = 0; i < PER_PRODUCER;) {
        if (queue_push(p->q, QUEUE_LANE_NORMAL, ptr((i + 1) * PRODUCERS + p->id), 0) == QUEUE_OK)
            i++;
        else
            p->full++;
    }
}

Test(queue, loses_and_doubles_nothing_with_four_producers)
{
    struct queue *q = queue_new(1024, NULL, NULL);
    struct producer producers[PRODUCERS];
    struct thread *threads[PRODUCERS];
    for (uintptr_t i = 0; i < PRODUCERS; i++) {
        producers[i] = (struct producer){.q = q, .id = i};
        threads[i] = thread_start("producer", produce, NULL, &producers[i]);
    }
    uintptr_t next[PRODUCERS] = {1, 1, 1, 1};
    size_t total = 0;
    while (total < (size_t)PRODUCERS * PER_PRODUCER) {
        struct queue_item items[256];
        size_t n = queue_take_many(q, items, 256, INT64_MAX);
        for (size_t i = 0; i < n; i++) {
            uintptr_t v = (uintptr_t)items[i].ptr;
            cr_assert_eq(v / PRODUCERS, next[v % PRODUCERS]); /* in order, once */
            next[v % PRODUCERS]++;
        }
        total += n;
    }
    uint64_t full = 0;
    for (int i = 0; i < PRODUCERS; i++) {
        thread_join(threads[i]);
        full += producers[i].full;
    }
    struct queue_stats s;
    queue_get_stats(q, &s);
    cr_assert_eq(s.pushed, (uint64_t)PRODUCERS * PER_PRODUCER);
    cr_assert_eq(s.refused_full, full);
    cr_assert_leq(s.peak_depth, 1024);
    queue_free(q);
}
