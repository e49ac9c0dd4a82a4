/* The update queue: confirmation, negative offsets, offsets beyond the tail, retention, bounds, id
 * restart. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "core/alloc.h"
#include "sandbox/backlog.h"

static struct sandbox_backlog q;
static const struct sandbox_update *got[100];

static void push(int n)
{
    for (int i = 0; i < n; i++)
        cr_assert(sandbox_backlog_push(&q, q.next_id, 5000,
                                       xasprintf("{\"update_id\":%lld}", (long long)q.next_id)));
}

static size_t get(int64_t offset, size_t limit)
{
    return sandbox_backlog_get(&q, offset, limit, 1000, got, 100);
}

static void open_queue(void)
{
    sandbox_backlog_init(&q, 100);
}

static void close_queue(void)
{
    sandbox_backlog_deinit(&q);
}

TestSuite(backlog, .init = open_queue, .fini = close_queue);

Test(backlog, delivers_again_until_a_higher_offset_confirms)
{
    push(3);
    cr_assert_eq(get(0, 100), 3);
    cr_assert_eq(get(0, 100), 3);
    cr_assert_eq(get(101, 100), 2);
    cr_assert_eq(got[0]->id, 101);
    cr_assert_eq(get(103, 100), 0);
    cr_assert_eq(q.count, 0);
    cr_assert_eq(q.confirmed, 3);
}

Test(backlog, limit_bounds_the_batch_and_keeps_order)
{
    push(10);
    cr_assert_eq(get(0, 4), 4);
    cr_assert_eq(got[0]->id, 100);
    cr_assert_eq(got[3]->id, 103);
}

Test(backlog, negative_offset_keeps_the_newest_and_forgets_the_rest)
{
    push(10);
    cr_assert_eq(get(-3, 100), 3);
    cr_assert_eq(got[0]->id, 107);
    cr_assert_eq(get(0, 100), 3, "the older ones are gone");
    cr_assert_eq(get(INT64_MIN, 100), 3);
}

Test(backlog, offset_far_beyond_the_tail_starts_at_the_head_again)
{
    push(3); /* next id 103 */
    cr_assert_eq(get(114, 100), 3);
    cr_assert_eq(get(900000000, 100), 3);
    cr_assert_eq(q.count, 3);
}

Test(backlog, offset_up_to_ten_beyond_the_tail_swallows_future_updates)
{
    push(3);
    cr_assert_eq(get(113, 100), 0);
    cr_assert_eq(q.count, 0);
    push(5); /* 103..107, all below 113 */
    cr_assert_eq(get(113, 100), 0);
    cr_assert_eq(q.count, 0);
}

Test(backlog, expired_updates_leave_gaps)
{
    push(1);
    cr_assert(sandbox_backlog_push(&q, q.next_id, 900, xstrdup("{}")));
    push(1);
    cr_assert_eq(get(0, 100), 2);
    cr_assert_eq(got[0]->id, 100);
    cr_assert_eq(got[1]->id, 102);
    cr_assert_eq(get(101, 100), 1);
    cr_assert_eq(q.expired, 1);
}

Test(backlog, full_queue_drops_the_new_update)
{
    push(SANDBOX_BACKLOG_MAX_COUNT);
    cr_assert_not(sandbox_backlog_push(&q, q.next_id, 5000, xstrdup("{}")));
    cr_assert_eq(q.count, SANDBOX_BACKLOG_MAX_COUNT);
    cr_assert_eq(q.dropped, 1);
    cr_assert_eq(get(0, 1), 1);
    cr_assert_eq(got[0]->id, 100, "the oldest is still there");
}

Test(backlog, answer_stops_growing_at_four_mebibytes)
{
    for (int i = 0; i < 12; i++) {
        char *big = xalloc(512 * 1024 + 1);
        memset(big, 'x', 512 * 1024);
        cr_assert(sandbox_backlog_push(&q, q.next_id, 5000, big));
    }
    cr_assert_eq(get(0, 100), 8);
}

Test(backlog, ids_go_on_after_a_restart_at_a_lower_number)
{
    push(2);
    sandbox_backlog_clear(&q);
    q.next_id = 12;
    push(2);
    cr_assert_eq(get(102, 100), 2, "an old offset far above is nonsense: from the head");
    cr_assert_eq(got[0]->id, 12);
    cr_assert_eq(get(14, 100), 0);
}

Test(backlog, ring_survives_growth_and_wrap)
{
    for (int round = 0; round < 50; round++) {
        push(37);
        cr_assert_eq(get(0, 100), 37);
        cr_assert_eq(get(q.next_id, 100), 0);
    }
    cr_assert_eq(q.bytes, 0);
    cr_assert_eq(q.confirmed, 50 * 37);
}
