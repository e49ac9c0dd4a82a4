/* Covers: buckets from both sides of a bound, beyond the last one, less than nothing; quantiles of
 * nothing, of one, inside a bucket, beyond the bounds; the difference of two looks; an input's way
 * through all stages; orders: asked for twice, answered twice, more of them than are remembered. */
#include <criterion/criterion.h>

#include "core/alloc.h"
#include "engine/engine.h"
#include "engine/stages.h"

static struct stages *s;
static struct stage_figures f;

static void setup(void)
{
    s = stages_new();
}

static void teardown(void)
{
    s = stages_free(s);
}

TestSuite(stages, .init = setup, .fini = teardown);

static uint64_t count(enum stage stage)
{
    stages_read(s, stage, &f);
    return f.count;
}

Test(stages, a_bound_belongs_to_its_bucket)
{
    for (size_t i = 0; i < STAGES_BOUNDS; i++) {
        stages_note(s, STAGE_COMMIT, stages_bound_us(i));
        stages_read(s, STAGE_COMMIT, &f);
        cr_assert_eq(f.buckets[i], i == 0 ? 1 : 2, "%zu", i);
        stages_note(s, STAGE_COMMIT, stages_bound_us(i) + 1);
    }
    stages_note(s, STAGE_COMMIT, INT64_MAX / 4);
    stages_note(s, STAGE_COMMIT, -5);
    stages_read(s, STAGE_COMMIT, &f);
    cr_assert_eq(f.buckets[STAGES_BOUNDS], 2);
    cr_assert_eq(f.buckets[0], 2);
    cr_assert_eq(f.count, 2 * STAGES_BOUNDS + 2);
    for (int i = STAGE_UNSET + 1; i < STAGE_COUNT; i++)
        cr_assert(i == STAGE_COMMIT || count((enum stage)i) == 0);
}

Test(stages, quantiles_are_whole_numbers_inside_their_bucket)
{
    stages_read(s, STAGE_QUEUE, &f);
    cr_assert_eq(stages_quantile_us(&f, 990), 0);
    for (int i = 0; i < 100; i++)
        stages_note(s, STAGE_QUEUE, i < 90 ? 150 : 900); /* (100, 200] and (500, 1000] */
    stages_read(s, STAGE_QUEUE, &f);
    cr_assert_eq(f.sum_us, 90 * 150 + 10 * 900);
    cr_assert_eq(stages_quantile_us(&f, 450), 150); /* 45 of the 90 in it */
    cr_assert_eq(stages_quantile_us(&f, 900), 200);
    cr_assert_eq(stages_quantile_us(&f, 950), 750);
    cr_assert_eq(stages_quantile_us(&f, 1000), 1000);
    stages_note(s, STAGE_SEND, INT64_C(99000000));
    stages_read(s, STAGE_SEND, &f);
    cr_assert_eq(stages_quantile_us(&f, 500), stages_bound_us(STAGES_BOUNDS - 1));
}

Test(stages, the_difference_of_two_looks_is_what_came_between)
{
    struct stage_figures before, now, since;
    stages_note(s, STAGE_ALERT, 10);
    stages_read(s, STAGE_ALERT, &before);
    stages_note(s, STAGE_ALERT, 3000);
    stages_read(s, STAGE_ALERT, &now);
    stages_since(&now, &before, &since);
    cr_assert_eq(since.count, 1);
    cr_assert_eq(since.sum_us, 3000);
    cr_assert_eq(stages_quantile_us(&since, 500), 5000);
}

Test(stages, an_alert_is_noted_on_its_way)
{
    struct input *in = input_new(INPUT_SIGNAL);
    in->received_mono_us = 1000;
    stages_on_post(s, in, 1300);
    cr_assert_eq(in->posted_mono_us, 1300);
    stages_on_taken(s, in, 1340);
    stages_on_answered(s, in, 2000);
    cr_assert_eq(count(STAGE_RECEIVE), 1);
    cr_assert_eq(f.sum_us, 300);
    cr_assert_eq(count(STAGE_QUEUE), 1);
    cr_assert_eq(f.sum_us, 40);
    cr_assert_eq(count(STAGE_ALERT), 1);
    cr_assert_eq(f.sum_us, 1000);
    /* Back from a program that was asked: it was received once. */
    in->answer = xalloc(sizeof(*in->answer));
    stages_on_post(s, in, 9000);
    cr_assert_eq(count(STAGE_RECEIVE), 1);
    in = input_free(in);
    in = input_new(INPUT_COMMAND);
    stages_on_post(s, in, 100);
    stages_on_answered(s, in, 200);
    cr_assert_eq(count(STAGE_RECEIVE), 1);
    cr_assert_eq(count(STAGE_ALERT), 1);
    in = input_free(in);
}

static void broker_says(uint64_t cid, int64_t at_us)
{
    struct input *in = input_new(INPUT_BROKER);
    in->broker.cid = cid;
    in->posted_mono_us = at_us;
    stages_on_taken(s, in, at_us + 5);
    input_free(in);
}

Test(stages, an_order_is_sent_once_and_acknowledged_once)
{
    stages_on_intent(s, 7, 100);
    broker_says(7, 120); /* before it was sent: about something else */
    cr_assert_eq(count(STAGE_ACKNOWLEDGE), 0);
    stages_on_sent(s, 7, 150);
    stages_on_sent(s, 7, 160);
    cr_assert_eq(count(STAGE_SEND), 1);
    cr_assert_eq(f.sum_us, 50);
    broker_says(8, 200);
    broker_says(7, 450);
    broker_says(7, 900); /* the fill after the acknowledgement */
    cr_assert_eq(count(STAGE_ACKNOWLEDGE), 1);
    cr_assert_eq(f.sum_us, 300);
}

Test(stages, more_orders_than_are_remembered_forget_the_oldest)
{
    for (uint64_t cid = 1; cid <= 300; cid++) {
        stages_on_intent(s, cid, 0);
        stages_on_sent(s, cid, 1);
    }
    broker_says(1, 10);
    cr_assert_eq(count(STAGE_ACKNOWLEDGE), 0);
    broker_says(300, 10);
    broker_says(45, 10);
    cr_assert_eq(count(STAGE_ACKNOWLEDGE), 2);
}
