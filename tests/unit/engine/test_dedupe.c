/* Covers: engine/dedupe: first number wins, oldest leaves, snapshot form, 200,000 random steps
 * against a plain model. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/rng.h"
#include "engine/dedupe.h"

Test(dedupe, remembers_the_first_number)
{
    struct dedupe *d = dedupe_new(4);
    cr_assert_eq(dedupe_find(d, "tg:1:5"), 0);
    dedupe_add(d, "tg:1:5", 9);
    cr_assert_eq(dedupe_find(d, "tg:1:5"), 9);
    cr_assert_eq(dedupe_find(d, "tg:1:6"), 0);
    dedupe_free(d);
}

Test(dedupe, keeps_a_mark_of_what_was_said_and_the_snapshot_has_it)
{
    struct dedupe *d = dedupe_new(4);
    struct buf b;
    struct unpack u;
    buf_init(&b, 4096);
    dedupe_add_mark(d, "wh:a", 77, 3);
    dedupe_add(d, "wh:b", 4);
    cr_assert_eq(dedupe_mark(d, "wh:a"), 77);
    cr_assert_eq(dedupe_mark(d, "wh:b"), 0);
    cr_assert_eq(dedupe_mark(d, "wh:c"), 0);
    dedupe_pack(d, &b);
    unpack_init(&u, b.data, b.len);
    dedupe_clear(d);
    cr_assert_eq(dedupe_unpack(d, &u), 0);
    cr_assert_eq(dedupe_mark(d, "wh:a"), 77);
    cr_assert_eq(dedupe_find(d, "wh:a"), 3);
    buf_deinit(&b);
    dedupe_free(d);
}

Test(dedupe, forgets_only_the_oldest)
{
    struct dedupe *d = dedupe_new(3);
    const char *keys[] = {"a", "b", "c", "d"};
    for (uint64_t i = 0; i < 4; i++)
        dedupe_add(d, keys[i], i + 1);
    cr_assert_eq(dedupe_count(d), 3);
    cr_assert_eq(dedupe_find(d, "a"), 0);
    for (uint64_t i = 1; i < 4; i++)
        cr_assert_eq(dedupe_find(d, keys[i]), i + 1);
    dedupe_free(d);
}

Test(dedupe, agrees_with_a_plain_model_over_random_steps)
{
    enum { CAP = 64, KEYS = 200 };
    struct dedupe *d = dedupe_new(CAP);
    uint64_t order[CAP] = {0}, seq_of[KEYS] = {0};
    size_t count = 0, next = 0;
    struct rng rng;
    rng_seed(&rng, 7);
    for (uint64_t step = 1; step <= 200000; step++) {
        uint64_t k = rng_below(&rng, KEYS);
        char key[24];
        (void)snprintf(key, sizeof(key), "key:%" PRIu64, k);
        cr_assert_eq(dedupe_find(d, key), seq_of[k]);
        if (seq_of[k] != 0)
            continue;
        if (count == CAP)
            seq_of[order[next]] = 0;
        else
            count++;
        order[next] = k;
        next = (next + 1) % CAP;
        seq_of[k] = step;
        dedupe_add(d, key, step);
    }
    dedupe_free(d);
}

Test(dedupe, snapshot_keeps_order_and_refuses_damage)
{
    struct dedupe *d = dedupe_new(8);
    for (uint64_t i = 1; i <= 12; i++) {
        char key[24];
        (void)snprintf(key, sizeof(key), "k%" PRIu64, i);
        dedupe_add(d, key, i);
    }
    struct buf a, b;
    buf_init(&a, 4096);
    buf_init(&b, 4096);
    dedupe_pack(d, &a);
    struct dedupe *copy = dedupe_new(8);
    struct unpack u;
    unpack_init(&u, a.data, a.len);
    cr_assert_eq(dedupe_unpack(copy, &u), 0);
    dedupe_pack(copy, &b);
    cr_assert_eq(memcmp(a.data, b.data, a.len), 0);
    unpack_init(&u, a.data, a.len - 1);
    cr_assert_lt(dedupe_unpack(copy, &u), 0);
    buf_deinit(&a);
    buf_deinit(&b);
    dedupe_free(copy);
    dedupe_free(d);
}
