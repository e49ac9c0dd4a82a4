/* Throughput of core/queue: 1 and 4 producers pushing one item at a time or batches of 16, one
 * taker taking up to 512. Target: 5,000,000 items/s with 4 producers. */
#include "bench/bench.h"
#include "core/queue.h"
#include "core/thread.h"

#define PRODUCERS_MAX 4
#define TOTAL_ITEMS   (8u * 1000u * 1000u)
#define CAPACITY      65536
#define TAKE_MAX      512

struct setup {
    int producers;
    size_t batch;
    struct queue *q;
};

static void produce(struct thread *self, void *arg)
{
    (void)self;
    const struct setup *s = arg;
    struct queue_item items[64];
    for (size_t i = 0; i < s->batch; i++)
        items[i] = (struct queue_item){.ptr = items};
    size_t left = TOTAL_ITEMS / (size_t)s->producers;
    while (left > 0) {
        if (s->batch == 1)
            left -= queue_push(s->q, QUEUE_LANE_NORMAL, items, 0) == QUEUE_OK;
        else
            left -=
                queue_push_many(s->q, QUEUE_LANE_NORMAL, items, s->batch < left ? s->batch : left);
    }
}

static double run(void *ctx)
{
    struct setup *s = ctx;
    struct thread *threads[PRODUCERS_MAX];
    s->q = queue_new(CAPACITY, NULL, NULL);
    double start = bench_now_s();
    for (int i = 0; i < s->producers; i++)
        threads[i] = thread_start("producer", produce, NULL, s);
    size_t total = TOTAL_ITEMS / (size_t)s->producers * (size_t)s->producers;
    for (size_t taken = 0; taken < total;) {
        struct queue_item items[TAKE_MAX];
        taken += queue_take_many(s->q, items, TAKE_MAX, INT64_MAX);
    }
    double seconds = bench_now_s() - start;
    for (int i = 0; i < s->producers; i++)
        (void)thread_join(threads[i]);
    (void)queue_free(s->q);
    return (double)total / seconds;
}

int main(void)
{
    static const struct {
        int producers;
        size_t batch;
    } cases[] = {{1, 1}, {4, 1}, {4, 16}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        struct setup s = {.producers = cases[i].producers, .batch = cases[i].batch};
        (void)printf("queue producers=%d push_batch=%zu items_per_s=%.0f\n", s.producers, s.batch,
                     bench_median(run, &s));
    }
    return 0;
}
