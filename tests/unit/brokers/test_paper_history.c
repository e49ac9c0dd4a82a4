/* Covers: deals come back in their order while there is room; one more than the room drops the
 * oldest and says from where on the history is whole, over and over; a cut never goes back; an
 * empty one holds no memory. */
#include <criterion/criterion.h>

#include "brokers/paper_history.h"

static void add(struct paper_history *h, uint64_t exec_id)
{
    const struct paper_fill f = {.exec_id = exec_id, .lots_e8 = (int64_t)exec_id};
    paper_history_add(h, &f);
}

Test(paper_history, deals_come_back_in_their_order)
{
    struct paper_history h = {0};
    cr_assert_null(h.ring);
    for (uint64_t id = 10; id < 10 + 2 * 64 + 1; id++) /* grows twice */
        add(&h, id);
    cr_assert_eq(h.count, 129);
    for (size_t i = 0; i < h.count; i++) {
        cr_assert_eq(paper_history_at(&h, i)->exec_id, 10 + i);
        cr_assert_eq(paper_history_at(&h, i)->lots_e8, (int64_t)(10 + i));
    }
    cr_assert_eq(h.after, 0, "nothing is missing");
    cr_assert_lt(h.capacity, PAPER_HISTORY_MAX, "as much as is needed");
    paper_history_deinit(&h);
    cr_assert_null(h.ring);
}

Test(paper_history, one_too_many_drops_the_oldest_and_says_so)
{
    struct paper_history h = {0};
    for (uint64_t id = 1; id <= PAPER_HISTORY_MAX; id++)
        add(&h, id);
    cr_assert_eq(h.count, PAPER_HISTORY_MAX);
    cr_assert_eq(h.after, 0);
    add(&h, PAPER_HISTORY_MAX + 5); /* ids may leave gaps */
    cr_assert_eq(h.count, PAPER_HISTORY_MAX);
    cr_assert_eq(h.after, 1);
    cr_assert_eq(paper_history_at(&h, 0)->exec_id, 2);
    for (uint64_t id = 1; id <= 2 * PAPER_HISTORY_MAX; id++)
        add(&h, PAPER_HISTORY_MAX + 5 + id);
    cr_assert_eq(h.count, PAPER_HISTORY_MAX);
    cr_assert_eq(h.after, paper_history_at(&h, 0)->exec_id - 1);
    cr_assert_eq(paper_history_at(&h, h.count - 1)->exec_id, 3 * PAPER_HISTORY_MAX + 5);
    paper_history_deinit(&h);
}

Test(paper_history, a_cut_never_goes_back)
{
    struct paper_history h = {0};
    paper_history_cut(&h, 7);
    paper_history_cut(&h, 3);
    cr_assert_eq(h.after, 7);
    add(&h, 8);
    cr_assert_eq(h.after, 7);
    paper_history_deinit(&h);
}
