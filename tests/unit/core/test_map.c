/* Covers: put, replace, get, remove with shifting back, the maximum, iteration; compared with a
 * plain table over a long random run. */
#include <criterion/criterion.h>

#include "core/hash.h"
#include "core/map.h"
#include "core/rng.h"

Test(map, finds_replaces_and_removes)
{
    struct map *m = map_new(10);
    int a, b;
    cr_assert_null(map_get(m, 0));
    cr_assert(map_put(m, 0, &a));
    cr_assert(map_put(m, UINT64_MAX, &b));
    cr_assert_eq(map_get(m, 0), &a);
    cr_assert(map_put(m, 0, &b));
    cr_assert_eq(map_get(m, 0), &b);
    cr_assert_eq(map_count(m), 2);
    cr_assert_eq(map_remove(m, 0), &b);
    cr_assert_null(map_remove(m, 0));
    cr_assert_eq(map_count(m), 1);
    cr_assert_null(map_free(m));
    cr_assert_null(map_free(NULL));
}

Test(map, refuses_one_more_than_its_maximum)
{
    struct map *m = map_new(100);
    int v;
    for (uint64_t k = 0; k < 100; k++)
        cr_assert(map_put(m, k, &v));
    cr_assert_not(map_put(m, 1000, &v));
    cr_assert(map_put(m, 50, &v)); /* replacing needs no room */
    cr_assert_eq(map_remove(m, 7), &v);
    cr_assert(map_put(m, 1000, &v));
    map_free(m);
}

#define KEYS 500

Test(map, agrees_with_a_plain_table)
{
    cr_assert_eq(hash_global_init(), 0);
    static char values[8];
    void *plain[KEYS] = {NULL};
    struct map *m = map_new(KEYS);
    struct rng r;
    rng_seed(&r, 7);
    size_t count = 0;
    for (int i = 0; i < 100000; i++) {
        uint64_t key = rng_below(&r, KEYS);
        if (rng_below(&r, 2) == 0) {
            void *v = &values[rng_below(&r, sizeof(values))];
            cr_assert(map_put(m, key, v));
            count += plain[key] == NULL;
            plain[key] = v;
        } else {
            cr_assert_eq(map_remove(m, key), plain[key]);
            count -= plain[key] != NULL;
            plain[key] = NULL;
        }
        uint64_t other = rng_below(&r, KEYS);
        cr_assert_eq(map_get(m, other), plain[other]);
        cr_assert_eq(map_count(m), count);
    }
    size_t pos = 0, seen = 0;
    uint64_t key = 0;
    for (void *v; (v = map_next(m, &pos, &key)) != NULL; seen++) {
        cr_assert_lt(key, KEYS);
        cr_assert_eq(v, plain[key]);
        plain[key] = NULL; /* each once */
    }
    cr_assert_eq(seen, count);
    map_free(m);
}
