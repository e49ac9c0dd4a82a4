/* Covers: round trips at the edges, one encoding a value, limits of strings, totality on random
 * bytes and on every truncation. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/alloc.h"
#include "core/pack.h"
#include "core/rng.h"

Test(pack, round_trips_edges)
{
    static const int64_t values[] = {0, 1, -1, 63, 64, -64, -65, INT32_MAX, INT64_MAX, INT64_MIN};
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 1000);
    for (size_t i = 0; i < TR_ARRAY_SIZE(values); i++)
        pack_i64(&b, values[i]);
    pack_u64(&b, UINT64_MAX);
    pack_bool(&b, true);
    pack_str(&b, "XAUUSD");
    pack_str(&b, NULL);
    pack_bytes(&b, "a\0b", 3);
    struct unpack u;
    unpack_init(&u, b.data, b.len);
    for (size_t i = 0; i < TR_ARRAY_SIZE(values); i++)
        cr_assert_eq(unpack_i64(&u), values[i]);
    cr_assert_eq(unpack_u64(&u), UINT64_MAX);
    cr_assert(unpack_bool(&u));
    char s[7];
    unpack_str(&u, s, sizeof(s));
    cr_assert_str_eq(s, "XAUUSD");
    TR_CLEANUP(mem_freep) char *empty = unpack_str_dup(&u, 10);
    cr_assert_str_eq(empty, "");
    size_t n = 0;
    const void *bytes = unpack_bytes(&u, &n);
    cr_assert_eq(n, 3);
    cr_assert_eq(memcmp(bytes, "a\0b", 3), 0);
    cr_assert(unpack_done(&u));
}

Test(pack, small_numbers_take_one_byte)
{
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 10);
    pack_i64(&b, -64);
    cr_assert_eq(b.len, 1);
    pack_i64(&b, 64);
    cr_assert_eq(b.len, 3);
}

static bool reads_as_u64(const char *bytes, size_t len)
{
    struct unpack u;
    unpack_init(&u, bytes, len);
    (void)unpack_u64(&u);
    return unpack_done(&u);
}

Test(pack, refuses_other_encodings_of_a_number)
{
    cr_assert(reads_as_u64("\x00", 1));
    cr_assert_not(reads_as_u64("\x80\x00", 2));
    cr_assert(reads_as_u64("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10));
    cr_assert_not(reads_as_u64("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10));
    cr_assert_not(reads_as_u64("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11));
    cr_assert_not(reads_as_u64("", 0));
}

Test(pack, fails_for_good_at_the_first_bad_item)
{
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 100);
    pack_str(&b, "toolong");
    pack_i64(&b, 5);
    struct unpack u;
    unpack_init(&u, b.data, b.len);
    char s[4] = "xyz";
    unpack_str(&u, s, sizeof(s));
    cr_assert_str_eq(s, "");
    cr_assert_eq(unpack_i64(&u), 0);
    cr_assert_not(unpack_ok(&u));
    cr_assert_not(unpack_done(&u));
}

Test(pack, checks_ranges_booleans_and_nuls_in_text)
{
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 100);
    pack_i64(&b, 4);
    struct unpack u;
    unpack_init(&u, b.data, b.len);
    cr_assert_eq(unpack_int(&u, 0, 3), 0);
    cr_assert_not(unpack_ok(&u));
    unpack_init(&u, "\x02", 1);
    cr_assert_not(unpack_bool(&u));
    cr_assert_not(unpack_ok(&u));
    char s[8];
    unpack_init(&u,
                "\x03"
                "a\0b",
                4);
    unpack_str(&u, s, sizeof(s));
    cr_assert_not(unpack_ok(&u));
}

static void read_anything(const char *p, size_t len, struct rng *r)
{
    struct unpack u;
    unpack_init(&u, p, len);
    for (int i = 0; i < 20; i++) {
        char s[9];
        size_t n = 0;
        switch (rng_below(r, 5)) {
        case 0:
            (void)unpack_i64(&u);
            break;
        case 1:
            unpack_str(&u, s, sizeof(s));
            cr_assert_lt(strlen(s), sizeof(s));
            break;
        case 2: {
            const char *bytes = unpack_bytes(&u, &n);
            cr_assert(n == 0 || (bytes >= p && bytes + n <= p + len));
            break;
        }
        case 3: {
            int v = unpack_int(&u, -3, 3);
            cr_assert(v >= -3 && v <= 3);
            break;
        }
        default: {
            TR_CLEANUP(mem_freep) char *dup = unpack_str_dup(&u, 12);
            cr_assert_leq(strlen(dup), 12);
            break;
        }
        }
    }
}

Test(pack, survives_random_bytes)
{
    struct rng r;
    rng_seed(&r, 20261121);
    for (int round = 0; round < 20000; round++) {
        char bytes[40];
        size_t len = rng_below(&r, sizeof(bytes) + 1);
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)rng_below(&r, round % 2 == 0 ? 256 : 12);
        char *exact = xalloc(len); /* its own block: the sanitizer sees a byte too far */
        memcpy(exact, bytes, len);
        read_anything(exact, len, &r);
        (void)mem_free(exact);
    }
}
