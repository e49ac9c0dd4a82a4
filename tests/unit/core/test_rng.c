/* Covers: the published splitmix64 sequence, same seed same numbers, bounds, the full range. */
#include <criterion/criterion.h>

#include "core/rng.h"

Test(rng, follows_the_published_sequence)
{
    struct rng r;
    rng_seed(&r, 1234567);
    cr_assert_eq(rng_u64(&r), UINT64_C(6457827717110365317));
    cr_assert_eq(rng_u64(&r), UINT64_C(3203168211198807973));
    cr_assert_eq(rng_u64(&r), UINT64_C(9817491932198370423));
}

Test(rng, stays_below_and_reaches_every_value)
{
    struct rng r;
    rng_seed(&r, 1);
    int seen[7] = {0};
    for (int i = 0; i < 7000; i++)
        seen[rng_below(&r, 7)]++;
    for (int i = 0; i < 7; i++)
        cr_assert(seen[i] > 800 && seen[i] < 1200);
    cr_assert_eq(rng_below(&r, 1), 0);
}

Test(rng, between_is_inclusive_over_any_range)
{
    struct rng r;
    rng_seed(&r, 2);
    bool low = false, high = false;
    for (int i = 0; i < 200; i++) {
        int64_t v = rng_between(&r, -1, 1);
        cr_assert(v >= -1 && v <= 1);
        low |= v == -1;
        high |= v == 1;
    }
    cr_assert(low && high);
    cr_assert_eq(rng_between(&r, INT64_MIN, INT64_MIN), INT64_MIN);
    (void)rng_between(&r, INT64_MIN, INT64_MAX);
}
