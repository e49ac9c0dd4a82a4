/* Covers: engine/trader: the table of states, start, link, pause, panic and stop as states; errors
 * in a row on both sides of the limit, what counts as one and what ends the row, entries refused
 * meanwhile with both numbers, exits that go on, the wait and the new look at the broker's list,
 * the count switched off, the snapshot. */
#include "harness.h"

#include "engine/gate.h"

static const char *state(const struct harness *h)
{
    return trader_state_name(h->s->trader.state);
}

static struct harness *start(int limit)
{
    struct harness *h = harness_new();
    h->opt.rules.error_limit = limit;
    h->opt.rules.error_wait_ms = 5000;
    harness_timer(h, TIMER_START);
    cr_assert_str_eq(state(h), "initializing");
    harness_link(h);
    cr_assert_str_eq(state(h), "running");
    return h;
}

static bool has_event(const struct harness *h, enum event_type type)
{
    for (size_t i = 0; i < h->event_count; i++)
        if (h->events[i].type == type)
            return true;
    return false;
}

/* One order is sent and fails. */
static void fail_order(struct harness *h, enum reason why)
{
    struct engine_tx tx = {.s = h->s,
                           .opt = &h->opt,
                           .out = &h->out,
                           .now_ms = h->now_ms,
                           .seq = h->s->seq + 1,
                           .quotes = &h->quotes};
    trader_on_error(&tx, why);
    trader_settle(&tx);
}

Test(trader, only_arrows_of_the_table_are_walked)
{
    static const enum trader_state path[] = {TRADER_CREATED, TRADER_INITIALIZING, TRADER_READY,
                                             TRADER_RUNNING, TRADER_PAUSED,       TRADER_RUNNING,
                                             TRADER_ERROR,   TRADER_INITIALIZING};
    for (size_t i = 1; i < TR_ARRAY_SIZE(path); i++)
        cr_assert(trader_may_follow(path[i - 1], path[i]), "%zu", i);
    cr_assert(!trader_may_follow(TRADER_CREATED, TRADER_RUNNING));
    cr_assert(!trader_may_follow(TRADER_INITIALIZING, TRADER_RUNNING), "start needs ready");
    cr_assert(!trader_may_follow(TRADER_READY, TRADER_PAUSED), "pause only from running");
    cr_assert(!trader_may_follow(TRADER_ERROR, TRADER_RUNNING), "recovery looks first");
    cr_assert(!trader_may_follow(TRADER_STOPPED, TRADER_RUNNING));
    cr_assert(!trader_may_follow(TRADER_RUNNING, TRADER_STOPPED));
    for (int s = TRADER_CREATED; s < TRADER_STOPPING; s++)
        cr_assert(trader_may_follow((enum trader_state)s, TRADER_STOPPING), "%d", s);
}

Test(trader, pause_and_panic_are_paused_and_a_lost_link_is_an_error)
{
    struct harness *h = start(5);
    harness_command(h, "pause", "", false);
    cr_assert_str_eq(state(h), "paused");
    harness_command(h, "resume", "", false);
    cr_assert_str_eq(state(h), "running");
    harness_command(h, "panic", "", false);
    cr_assert_str_eq(state(h), "paused");
    harness_command(h, "panic", "release", false); /* still paused: two steps */
    cr_assert_str_eq(state(h), "paused");
    harness_command(h, "resume", "", false);
    cr_assert_str_eq(state(h), "running");
    harness_timer(h, TIMER_STOP);
    cr_assert_str_eq(state(h), "stopped");
    cr_assert(has_event(h, EVENT_BOT_STOPPED));
    harness_timer(h, TIMER_START);
    cr_assert_str_eq(state(h), "initializing");
    cr_assert(has_event(h, EVENT_BOT_STARTED));
    harness_timer(h, TIMER_LEAVE); /* another process goes on at once: nobody is told */
    cr_assert_str_eq(state(h), "stopped");
    cr_assert_not(has_event(h, EVENT_BOT_STOPPED));
    harness_timer(h, TIMER_TAKE_OVER);
    cr_assert_str_eq(state(h), "initializing");
    cr_assert_not(has_event(h, EVENT_BOT_STARTED));
    harness_free(h);
}

Test(trader, five_errors_in_a_row_stop_entries_and_five_seconds_later_they_go_on)
{
    int64_t number_e8, limit_e8;
    struct harness *h = start(5);
    for (int i = 0; i < 4; i++)
        fail_order(h, REASON_BROKER_REJECTED);
    cr_assert_str_eq(state(h), "running");
    cr_assert_eq(gate_entry(h->s, "XAUUSD", &number_e8, &limit_e8), REASON_ACCEPTED);
    fail_order(h, REASON_ORDER_UNKNOWN);
    cr_assert_str_eq(state(h), "error");
    cr_assert_eq(gate_entry(h->s, "XAUUSD", &number_e8, &limit_e8), REASON_TRADER_ERROR);
    cr_assert_eq(number_e8, 5 * DEC_ONE);
    cr_assert_eq(limit_e8, 5 * DEC_ONE);
    cr_assert_eq(trader_next_due_ms(h->s), h->now_ms + 5000);
    fail_order(h, REASON_BROKER_REJECTED); /* an exit meanwhile */
    cr_assert_eq(h->s->trader.errors, 5);
    cr_assert_eq(h->s->trader.errors_all, 6);
    h->now_ms += 4999;
    harness_timer(h, TIMER_DUE);
    cr_assert_str_eq(state(h), "error");
    h->now_ms = h->s->trader.recover_ms;
    harness_timer(h, TIMER_DUE);
    cr_assert(has_event(h, EVENT_TRADER_RECOVERED));
    cr_assert_str_eq(state(h), "initializing", "the broker's list is waited for");
    cr_assert_eq(h->sends[h->send_count - 1].kind, BROKER_SNAPSHOT);
    cr_assert_eq(h->s->trader.errors, 0);
    harness_free(h);
}

Test(trader, a_fill_ends_the_row_and_refusals_of_an_order_are_no_errors)
{
    struct harness *h = start(5);
    static const enum reason refusals[] = {REASON_MARKET_CLOSED,      REASON_NO_MONEY,
                                           REASON_STOP_TOO_CLOSE,     REASON_LOT_BELOW_MIN,
                                           REASON_POSITION_NOT_FOUND, REASON_NO_QUOTE};
    for (size_t i = 0; i < TR_ARRAY_SIZE(refusals); i++)
        fail_order(h, refusals[i]);
    cr_assert_eq(h->s->trader.errors_all, 0);
    for (int i = 0; i < 4; i++)
        fail_order(h, REASON_BROKER_REJECTED);
    struct engine_tx tx = {.s = h->s};
    trader_on_fill(&tx);
    for (int i = 0; i < 4; i++)
        fail_order(h, REASON_BROKER_REJECTED);
    cr_assert_str_eq(state(h), "running");
    cr_assert_eq(h->s->trader.errors, 4);
    cr_assert_eq(h->s->trader.errors_all, 8);
    harness_free(h);
}

Test(trader, a_limit_of_none_only_counts)
{
    struct harness *h = start(0);
    for (int i = 0; i < 20; i++)
        fail_order(h, REASON_BROKER_REJECTED);
    cr_assert_str_eq(state(h), "running");
    cr_assert_eq(h->s->trader.errors, 20);
    cr_assert_eq(trader_next_due_ms(h->s), INT64_MAX);
    harness_free(h);
}

Test(trader, a_journal_that_fails_is_shown_as_an_error)
{
    struct trader t = {.state = TRADER_RUNNING};
    cr_assert_eq(trader_shown(&t, false), TRADER_RUNNING);
    cr_assert_eq(trader_shown(&t, true), TRADER_ERROR);
}

Test(trader, a_snapshot_keeps_it)
{
    struct trader was = {TRADER_ERROR, T0_MS, 5, 17, T0_MS + 5000, REASON_BROKER_REJECTED}, is;
    struct buf b;
    struct unpack u;
    buf_init(&b, 256);
    trader_pack(&was, &b);
    unpack_init(&u, b.data, b.len);
    trader_unpack(&is, &u);
    cr_assert(unpack_done(&u));
    cr_assert_eq(is.state, was.state);
    cr_assert_eq(is.since_ms, was.since_ms);
    cr_assert_eq(is.errors, 5);
    cr_assert_eq(is.errors_all, 17);
    cr_assert_eq(is.recover_ms, was.recover_ms);
    cr_assert_eq(is.last_why, was.last_why);
    buf_deinit(&b);
}
