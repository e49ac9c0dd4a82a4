/* Covers: growth, cap, jitter bounds and reset of the back-off; exact refill, burst, ready time,
 * clock steps and long pauses of the token bucket. All on given times, no clock. */
#include <criterion/criterion.h>

#include "net/backoff.h"

Test(backoff, doubles_up_to_the_cap_within_the_jitter_band)
{
    struct backoff b;
    backoff_init(&b, 100, 1000, 7);
    int full[] = {100, 200, 400, 800, 1000, 1000, 1000};
    for (size_t i = 0; i < TR_ARRAY_SIZE(full); i++) {
        int ms = backoff_next_ms(&b);
        cr_assert_geq(ms, full[i] / 2);
        cr_assert_leq(ms, full[i]);
    }
    backoff_reset(&b);
    cr_assert_leq(backoff_next_ms(&b), 100);
}

Test(backoff, survives_a_million_failures_without_overflow)
{
    struct backoff b;
    backoff_init(&b, 1, INT32_MAX, 1);
    for (int i = 0; i < 1000000; i++)
        cr_assert_gt(backoff_next_ms(&b), 0);
}

Test(backoff, jitter_differs_by_seed_and_repeats_with_it)
{
    struct backoff a, b, c;
    backoff_init(&a, 1000, 60000, 1);
    backoff_init(&b, 1000, 60000, 1);
    backoff_init(&c, 1000, 60000, 2);
    bool differs = false;
    for (int i = 0; i < 8; i++) {
        int ms = backoff_next_ms(&a);
        cr_assert_eq(ms, backoff_next_ms(&b));
        differs = differs || ms != backoff_next_ms(&c);
    }
    cr_assert(differs);
}

Test(backoff, bucket_gives_its_burst_and_then_the_exact_rate)
{
    struct bucket b;
    bucket_init(&b, 20, 60000000, 3, 1000); /* 20 a minute: one each 3 s */
    for (int i = 0; i < 3; i++)
        cr_assert(bucket_take(&b, 1000));
    cr_assert_not(bucket_take(&b, 1000));
    cr_assert_eq(bucket_ready_at_us(&b, 1000), 1000 + 3000000);
    cr_assert_not(bucket_take(&b, 1000 + 2999999));
    cr_assert(bucket_take(&b, 1000 + 3000000));
    cr_assert_not(bucket_take(&b, 1000 + 3000000));
}

Test(backoff, bucket_never_gains_by_rounding)
{
    struct bucket b;
    bucket_init(&b, 7, 1000000, 1, 0); /* 142,857.14 us each */
    int64_t taken = 0;
    for (int64_t t = 0; t <= 100000000; t += 333)
        taken += bucket_take(&b, t);
    cr_assert_leq(taken, 701);
    cr_assert_geq(taken, 697);
}

Test(backoff, bucket_ready_time_is_when_a_take_succeeds_and_not_before)
{
    struct bucket b;
    bucket_init(&b, 7, 1000000, 1, 0);
    cr_assert(bucket_take(&b, 0));
    int64_t at = bucket_ready_at_us(&b, 10);
    struct bucket early = b;
    cr_assert_not(bucket_take(&early, at - 1));
    cr_assert(bucket_take(&b, at));
}

Test(backoff, bucket_is_full_after_years_and_ignores_a_clock_stepping_back)
{
    struct bucket b;
    bucket_init(&b, 25, 1000000, 25, 0);
    for (int i = 0; i < 25; i++)
        cr_assert(bucket_take(&b, 5000000));
    cr_assert_not(bucket_take(&b, 4000000));
    cr_assert_eq(bucket_ready_at_us(&b, 4000000), 5000000 + 40000);
    int64_t later = INT64_MAX - 5;
    for (int i = 0; i < 25; i++)
        cr_assert(bucket_take(&b, later));
    cr_assert_not(bucket_take(&b, later));
}
