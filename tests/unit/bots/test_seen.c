/* Covers: counting per key, the bound, silence when full. */
#include <criterion/criterion.h>

#include "bots/seen.h"

static struct seen table;

Test(seen, counts_each_key_by_itself)
{
    cr_assert_eq(seen_note(&table, 5, 0), 0);
    cr_assert_eq(seen_note(&table, 5, 0), 1);
    cr_assert_eq(seen_note(&table, 5, 1), 0);
    cr_assert_eq(seen_note(&table, 5, 0), 2);
}

Test(seen, is_bounded_and_silent_when_full)
{
    for (int64_t i = 0; i < SEEN_MAX; i++)
        cr_assert_eq(seen_note(&table, i * 1000003, 0), 0);
    cr_assert_eq(seen_note(&table, -1, 0), UINT32_MAX);
    cr_assert_eq(seen_note(&table, 0, 0), 1, "what is in stays in");
    cr_assert_eq(table.count, SEEN_MAX);
}
