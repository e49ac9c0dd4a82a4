/* Covers: age by two clocks (jumps forward, back, 1970), class limits, the summary table: counting,
 * bounds, list text, removal. */
#include "unit/bots/stage.h"

#include "bots/staleness.h"

Test(staleness, age_is_wall_time_since_the_date_less_tolerance)
{
    cr_assert_eq(staleness_age_ms(T0_MS, T0_MS - 70000, -1), 60000);
    cr_assert_eq(staleness_age_ms(T0_MS, T0_MS - 9000, -1), 0);
}

Test(staleness, a_date_in_the_future_is_fresh)
{
    cr_assert_eq(staleness_age_ms(T0_MS, T0_MS + 3600000, -1), 0);
    cr_assert_eq(staleness_age_ms(0, T0_MS, -1), 0, "a wall clock in 1970 rejects nothing");
}

Test(staleness, a_clock_an_hour_ahead_does_not_make_fresh_commands_stale)
{
    int64_t jumped = T0_MS + 3600000;
    cr_assert_eq(staleness_age_ms(jumped, T0_MS, 800), 800);
    cr_assert_eq(staleness_age_ms(jumped, T0_MS, -1), 3590000);
}

Test(staleness, limits_are_inclusive_and_zero_means_any)
{
    cr_assert_not(staleness_is_stale(60000, 60000));
    cr_assert(staleness_is_stale(60001, 60000));
    cr_assert_not(staleness_is_stale(INT64_MAX, 0));
}

Test(staleness, summary_counts_by_name_and_keeps_the_newest)
{
    struct stale_table *t = xalloc(sizeof *t);
    struct command c = {.chat_id = 5};
    struct buf out;
    buf_init(&out, 1000);
    for (int i = 0; i < 40; i++) {
        c.update_id = i;
        (void)str_copy(c.name, sizeof c.name, i % 4 == 3 ? "close" : "status");
        cr_assert(stale_table_add(t, &c, i));
    }
    cr_assert_eq(t->count, 1);
    cr_assert_eq(t->chats[0].total, 40);
    cr_assert_eq(t->chats[0].last.update_id, 39);
    stale_chat_list(&t->chats[0], &out);
    cr_assert_str_eq(out.data, "/status ×30, /close ×10");
    buf_deinit(&out);
    mem_free(t);
}

Test(staleness, tables_are_bounded)
{
    struct stale_table *t = xalloc(sizeof *t);
    struct command c = {0};
    struct buf out;
    buf_init(&out, 4000);
    for (int i = 0; i < STALENESS_CHATS_MAX; i++) {
        c.chat_id = i + 1;
        cr_assert(stale_table_add(t, &c, 1));
    }
    c.chat_id = 9999;
    cr_assert_not(stale_table_add(t, &c, 1));
    c.chat_id = 1;
    for (int i = 0; i < 20; i++) {
        (void)snprintf(c.name, sizeof c.name, "name%d", i);
        cr_assert(stale_table_add(t, &c, 1));
    }
    stale_chat_list(&t->chats[0], &out);
    cr_assert_not_null(strstr(out.data, "… "));
    stale_table_remove(t, 0);
    cr_assert_eq(t->count, STALENESS_CHATS_MAX - 1);
    cr_assert_eq(t->chats[0].chat_id, STALENESS_CHATS_MAX);
    buf_deinit(&out);
    mem_free(t);
}
