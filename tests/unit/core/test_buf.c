/* Covers: growth, room ahead, the maximum, sticky failure, formatted appends across growth, take
 * and reset. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"

Test(buf, is_empty_text_from_the_start)
{
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 10);
    cr_assert_str_eq(b.data, "");
    cr_assert_eq(b.len, 0);
    buf_puts(&b, NULL);
    cr_assert_not(buf_failed(&b));
}

Test(buf, takes_exactly_its_maximum)
{
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 5);
    buf_puts(&b, "12345");
    cr_assert_not(buf_failed(&b));
    buf_putc(&b, '6');
    cr_assert(buf_failed(&b));
    cr_assert_str_eq(b.data, "12345");
}

Test(buf, refuses_everything_after_a_failure_until_reset)
{
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 4);
    buf_puts(&b, "12");
    buf_puts(&b, "345");
    buf_puts(&b, "3");
    cr_assert(buf_failed(&b));
    cr_assert_str_eq(b.data, "12");
    buf_reset(&b);
    buf_puts(&b, "abcd");
    cr_assert_not(buf_failed(&b));
    cr_assert_str_eq(b.data, "abcd");
}

Test(buf, printf_grows_and_leaves_no_half_text)
{
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 300);
    for (int i = 0; i < 50; i++)
        buf_printf(&b, "%d;", i);
    cr_assert_eq(b.len, 10 * 2 + 40 * 3);
    cr_assert_eq(strlen(b.data), b.len);
    size_t len = b.len;
    buf_printf(&b, "%0200d", 1);
    cr_assert(buf_failed(&b));
    cr_assert_eq(strlen(b.data), len);
}

Test(buf, take_hands_over_and_leaves_an_empty_buffer)
{
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 100);
    TR_CLEANUP(mem_freep) char *nothing = buf_take(&b);
    cr_assert_str_eq(nothing, "");
    buf_append(&b, "a\0b", 3);
    TR_CLEANUP(mem_freep) char *three = buf_take(&b);
    cr_assert_eq(memcmp(three, "a\0b", 4), 0);
    cr_assert_eq(b.len, 0);
    buf_puts(&b, "again");
    cr_assert_str_eq(b.data, "again");
}

Test(buf, deinit_accepts_a_zeroed_buffer)
{
    struct buf b = {0};
    buf_deinit(&b);
    buf_deinit(NULL);
}

Test(buf, reserve_gives_room_in_one_step_and_never_passes_the_maximum)
{
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 200);
    buf_reserve(&b, 150);
    cr_assert_str_eq(b.data, "");
    size_t cap = b.cap;
    cr_assert_geq(cap, 151);
    for (int i = 0; i < 150; i++)
        buf_putc(&b, 'x');
    cr_assert_eq(b.cap, cap);
    buf_reserve(&b, 100000);
    cr_assert_eq(b.len, 150);
    cr_assert_eq(b.cap, 201);
    cr_assert_not(buf_failed(&b));
}
