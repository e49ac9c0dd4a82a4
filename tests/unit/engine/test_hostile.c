/* Covers: what the engine must survive and book right when broker events come late, twice, in
 * parts, out of order or with impossible figures, when its tables are full, and when many things
 * happen in one input. Nothing from outside may reach an assertion. */
#include "unit/engine/harness.h"

static struct broker_event fill_of(const struct harness *h, uint64_t cid, int64_t lots_e8)
{
    return (struct broker_event){.kind = BROKER_EVENT_FILL,
                                 .cid = cid,
                                 .position_cid = cid,
                                 .exec_id = 900000 + h->s->seq,
                                 .purpose = ORDER_OPEN,
                                 .side = SIDE_BUY,
                                 .lots_e8 = lots_e8,
                                 .price_e8 = PRICE(265010),
                                 .symbol = "XAUUSD"};
}

static uint64_t enter_one(struct harness *h)
{
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->send_count, 2);
    return h->sends[0].cid;
}

static void answer(struct harness *h, enum broker_event_kind kind, uint64_t cid)
{
    harness_broker(h, (struct broker_event){.kind = kind, .cid = cid, .klass = BROKER_REJECT});
}

/* Positions as if they had been opened, without the events of opening them. */
static void fill_positions(struct harness *h, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct position p = {.cid = 1000 + i,
                             .side = SIDE_BUY,
                             .role = ORDER_ROLE_A,
                             .lots_e8 = LOT(2),
                             .entry_e8 = PRICE(265000),
                             .sl_e8 = DEC_NONE,
                             .tp_e8 = DEC_NONE,
                             .symbol = "XAUUSD"};
        cr_assert_not_null(state_position_add(h->s, &p));
    }
}

/* Like harness_apply(), for inputs with more outputs than the harness keeps. */
static size_t apply_big(struct harness *h, struct input *in)
{
    struct engine_tx tx = {.s = h->s,
                           .opt = &h->opt,
                           .out = &h->out,
                           .quotes = &h->quotes,
                           .now_ms = h->now_ms,
                           .seq = h->s->seq + 1};
    outputs_reset(&h->out);
    apply_input(&tx, in, NULL);
    cr_assert_not(buf_failed(&h->out.blob), "the row can be journaled");
    size_t sends = h->s->send_count;
    h->s->send_count = 0;
    return sends;
}

Test(hostile, cancelled_rest_keeps_the_position_and_is_told)
{
    struct harness *h = harness_new();
    uint64_t cid = enter_one(h);
    harness_fill(h, cid, 1, LOT(1));
    answer(h, BROKER_EVENT_CANCELLED, cid);
    cr_assert_eq(state_position(h->s, cid)->lots_e8, LOT(1));
    cr_assert_not_null(harness_event(h, EVENT_ORDER_FAILED));
    cr_assert_null(state_order(h->s, cid));
    harness_free(h);
}

Test(hostile, late_part_of_a_cancelled_order_is_booked_and_alarmed)
{
    struct harness *h = harness_new();
    uint64_t cid = enter_one(h);
    harness_fill(h, cid, 1, LOT(1) / 2);
    answer(h, BROKER_EVENT_CANCELLED, cid);
    harness_fill(h, cid, 2, LOT(1) / 2); /* still not the whole order */
    cr_assert_eq(state_position(h->s, cid)->lots_e8, LOT(1));
    cr_assert_not_null(harness_event(h, EVENT_ORDER_LATE_FILL));
    harness_free(h);
}

Test(hostile, refusal_after_the_acknowledgement_ends_the_order)
{
    struct harness *h = harness_new();
    uint64_t cid = enter_one(h);
    answer(h, BROKER_EVENT_ACK, cid);
    answer(h, BROKER_EVENT_REJECT, cid);
    cr_assert_null(state_order(h->s, cid));
    cr_assert_not_null(harness_event(h, EVENT_ORDER_FAILED));
    harness_free(h);
}

Test(hostile, refusal_after_a_part_keeps_the_part)
{
    struct harness *h = harness_new();
    uint64_t cid = enter_one(h);
    harness_fill(h, cid, 1, LOT(1));
    answer(h, BROKER_EVENT_REJECT, cid);
    cr_assert_null(state_order(h->s, cid));
    cr_assert_eq(state_done_order(h->s, cid)->state, ORDER_CANCELLED);
    cr_assert_eq(state_position(h->s, cid)->lots_e8, LOT(1));
    harness_free(h);
}

Test(hostile, answers_to_an_order_that_was_never_sent_are_taken)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_DOWN});
    harness_signal(h, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
    uint64_t first = h->s->orders[0].cid, second = h->s->orders[1].cid;
    cr_assert_eq(h->s->orders[0].state, ORDER_LOGGED);
    harness_close_fill(h, first, cids[0], 71, DEC_ONE);
    answer(h, BROKER_EVENT_CANCELLED, second);
    cr_assert_eq(h->s->position_count, 1);
    cr_assert_eq(h->s->order_count, 0);
    harness_free(h);
}

Test(hostile, accepted_order_that_stays_quiet_is_asked_for)
{
    struct harness *h = harness_new();
    uint64_t cid = enter_one(h);
    uint64_t other = h->sends[1].cid;
    answer(h, BROKER_EVENT_ACK, cid);
    answer(h, BROKER_EVENT_REJECT, other);
    cr_assert_eq(apply_next_due_ms(h->s), T0_MS + 10000);
    h->now_ms += 10000;
    harness_timer(h, TIMER_DUE);
    cr_assert_eq(h->send_count, 1);
    cr_assert_eq(h->sends[0].kind, BROKER_QUERY);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_QUERY_FOUND,
                                            .cid = cid,
                                            .exec_id = 5,
                                            .lots_e8 = LOT(2),
                                            .price_e8 = PRICE(265000),
                                            .terminal = true});
    cr_assert_eq(state_position(h->s, cid)->lots_e8, LOT(2));
    cr_assert_eq(h->s->order_count, 0);
    harness_free(h);
}

Test(hostile, look_up_of_a_finished_part_ends_the_order)
{
    struct harness *h = harness_new();
    uint64_t cid = enter_one(h);
    h->now_ms += 5000;
    harness_timer(h, TIMER_DUE);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_QUERY_FOUND,
                                            .cid = cid,
                                            .exec_id = 5,
                                            .lots_e8 = LOT(1),
                                            .price_e8 = PRICE(265000),
                                            .terminal = true});
    cr_assert_eq(state_position(h->s, cid)->lots_e8, LOT(1));
    cr_assert_null(state_order(h->s, cid), "nothing more will come");
    harness_free(h);
}

Test(hostile, accepted_close_that_vanished_is_made_again)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    harness_signal(h, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
    uint64_t close = h->sends[0].cid;
    answer(h, BROKER_EVENT_ACK, close);
    answer(h, BROKER_EVENT_QUERY_NONE, close);
    cr_assert_eq(h->send_count, 1);
    cr_assert_eq(h->sends[0].kind, BROKER_CLOSE);
    cr_assert_neq(h->sends[0].cid, close);
    harness_free(h);
}

Test(hostile, close_refused_for_now_is_made_again_with_growing_pauses)
{
    struct harness *h = harness_new();
    uint64_t cid = enter_one(h);
    harness_fill(h, cid, 1, LOT(2));
    answer(h, BROKER_EVENT_REJECT, h->s->orders[0].cid);
    harness_signal(h, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
    uint64_t close = h->sends[0].cid;
    for (int64_t pause_ms = 1000; pause_ms <= 4000; pause_ms *= 2) {
        harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_REJECT,
                                                .cid = close,
                                                .klass = BROKER_RETRY_LATER});
        cr_assert_not_null(harness_event(h, EVENT_ORDER_FAILED));
        cr_assert_eq(h->send_count, 0);
        cr_assert_eq(apply_next_due_ms(h->s), h->now_ms + pause_ms);
        h->now_ms += pause_ms;
        harness_timer(h, TIMER_DUE);
        cr_assert_eq(h->send_count, 1);
        cr_assert_eq(h->sends[0].kind, BROKER_CLOSE);
        cr_assert_neq(h->sends[0].cid, close);
        close = h->sends[0].cid;
    }
    answer(h, BROKER_EVENT_REJECT, close); /* for good */
    cr_assert_eq(apply_next_due_ms(h->s), INT64_MAX);
    cr_assert_eq(state_position(h->s, cid)->closing_cid, 0);
    harness_free(h);
}

Test(hostile, what_fills_while_the_close_is_under_way_is_closed_too)
{
    struct harness *h = harness_new();
    uint64_t cid = enter_one(h);
    harness_fill(h, cid, 1, LOT(1));
    harness_signal(h, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
    uint64_t close = h->sends[0].cid;
    harness_fill(h, cid, 2, LOT(1));
    struct broker_event e = fill_of(h, close, LOT(1));
    e.position_cid = cid;
    e.purpose = ORDER_CLOSE;
    harness_broker(h, e);
    cr_assert_eq(state_position(h->s, cid)->lots_e8, LOT(1));
    cr_assert_eq(h->send_count, 1, "the rest is not forgotten");
    cr_assert_eq(h->sends[0].kind, BROKER_CLOSE);
    cr_assert_eq(h->sends[0].lots_e8, LOT(1));
    harness_free(h);
}

Test(hostile, close_larger_than_what_a_stop_left_over)
{
    struct harness *h = harness_new();
    uint64_t cid = enter_one(h);
    harness_fill(h, cid, 1, LOT(2));
    harness_signal(h, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
    uint64_t close = h->sends[0].cid;
    struct broker_event stop = fill_of(h, 0, LOT(1));
    stop.position_cid = cid;
    stop.purpose = ORDER_CLOSE;
    stop.reason = REASON_SL_HIT;
    harness_broker(h, stop);
    cr_assert_eq(state_position(h->s, cid)->lots_e8, LOT(1));
    struct broker_event rest = fill_of(h, close, LOT(2));
    rest.position_cid = cid;
    rest.purpose = ORDER_CLOSE;
    harness_broker(h, rest);
    cr_assert_null(state_position(h->s, cid));
    cr_assert_not_null(harness_event(h, EVENT_POSITION_MISMATCH));
    harness_free(h);
}

Test(hostile, entry_that_missed_the_link_is_dropped_when_it_is_back)
{
    struct harness *h = harness_new();
    uint64_t cid = enter_one(h);
    h->now_ms += 5000;
    harness_timer(h, TIMER_DUE);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_DOWN});
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_UP});
    answer(h, BROKER_EVENT_QUERY_NONE, cid); /* fresh still: a new intent waits for the link */
    cr_assert_eq(h->send_count, 0);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_DOWN});
    h->now_ms += 3600000;
    harness_link(h);
    for (size_t i = 0; i < h->send_count; i++)
        cr_assert_neq(h->sends[i].kind, BROKER_PLACE, "an hour later it is not wanted any more");
    cr_assert_not_null(harness_event(h, EVENT_ORDER_FAILED));
    harness_free(h);
}

Test(hostile, impossible_figures_are_told_and_not_booked)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    int64_t balance_e8 = h->s->account.balance_e8;
    struct broker_event bad[] = {
        fill_of(h, cids[0], -LOT(1)), fill_of(h, cids[0], 0),      fill_of(h, cids[0], INT64_MAX),
        fill_of(h, cids[0], LOT(1)),  fill_of(h, cids[0], LOT(1)), fill_of(h, cids[0], LOT(1)),
        fill_of(h, cids[0], LOT(1)),  fill_of(h, cids[0], 0),
    };
    bad[3].price_e8 = 0;
    bad[4].profit_e8 = INT64_MIN;
    bad[5].commission_e8 = INT64_MAX;
    bad[6].purpose = ORDER_PURPOSE_UNSET;
    bad[7].kind = BROKER_EVENT_SNAPSHOT_POSITION;
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++) {
        bad[i].exec_id = 0;
        harness_broker(h, bad[i]);
        cr_assert_not_null(harness_event(h, EVENT_POSITION_MISMATCH), "%zu", i);
    }
    cr_assert_eq(h->s->account.balance_e8, balance_e8);
    cr_assert_eq(state_position(h->s, cids[0])->lots_e8, LOT(2));
    harness_free(h);
}

Test(hostile, adopted_positions_fit_the_snapshot)
{
    struct harness *h = harness_new();
    struct broker_event e = fill_of(h, 4711, LOT(1));
    e.kind = BROKER_EVENT_SNAPSHOT_POSITION;
    e.side = SIDE_UNSET;
    harness_broker(h, e);
    e.side = SIDE_BUY;
    e.position_cid = UINT64_MAX;
    harness_broker(h, e);
    cr_assert_eq(h->s->position_count, 0);
    e.position_cid = 4711;
    harness_broker(h, e);
    cr_assert_eq(h->s->position_count, 1);
    struct buf b TR_CLEANUP(buf_deinit);
    buf_init(&b, 8 << 20);
    state_pack(h->s, &b);
    cr_assert_not(buf_failed(&b));
    harness_free(h);
}

Test(hostile, fill_of_the_other_purpose_is_told_and_not_booked)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    harness_signal(h, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
    harness_broker(h, fill_of(h, h->sends[0].cid, LOT(2)));
    cr_assert_not_null(harness_event(h, EVENT_POSITION_MISMATCH));
    cr_assert_eq(h->s->position_count, 2);
    harness_free(h);
}

Test(hostile, fill_without_room_for_its_position_is_told)
{
    struct harness *h = harness_new();
    uint64_t cid = enter_one(h);
    fill_positions(h, STATE_POSITIONS_MAX);
    harness_fill(h, cid, 1, LOT(2));
    cr_assert_not_null(harness_event(h, EVENT_POSITION_MISMATCH));
    cr_assert_eq(h->s->position_count, STATE_POSITIONS_MAX);
    harness_free(h);
}

Test(hostile, panic_closes_a_full_table_at_once)
{
    struct harness *h = harness_new();
    fill_positions(h, STATE_POSITIONS_MAX);
    struct input in = {.kind = INPUT_COMMAND};
    (void)str_copy(in.command.name, sizeof(in.command.name), "panic");
    in.command.origin = ORIGIN_HTTP;
    in.command.role = ROLE_ADMIN;
    cr_assert_eq(apply_big(h, &in), STATE_POSITIONS_MAX);
    for (size_t i = 0; i < STATE_POSITIONS_MAX; i++)
        cr_assert_neq(h->s->positions[i].closing_cid, 0);
    harness_free(h);
}

Test(hostile, a_venue_without_any_of_our_positions_is_written_down_whole)
{
    struct harness *h = harness_new();
    fill_positions(h, STATE_POSITIONS_MAX);
    struct input in = {.kind = INPUT_BROKER};
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(h->s->position_count, STATE_POSITIONS_MAX);
        in.broker.kind = BROKER_EVENT_SNAPSHOT_BEGIN;
        (void)apply_big(h, &in);
        in.broker.kind = BROKER_EVENT_SNAPSHOT_END;
        (void)apply_big(h, &in);
    }
    cr_assert_eq(h->s->position_count, 0);
    harness_free(h);
}

Test(hostile, restart_with_a_full_order_table)
{
    struct harness *h = harness_new();
    for (size_t i = 0; i < STATE_ORDERS_MAX; i++) {
        struct order o = {.cid = 5000 + i,
                          .position_cid = 5000 + i,
                          .purpose = ORDER_OPEN,
                          .state = ORDER_SENDING,
                          .side = SIDE_BUY,
                          .lots_e8 = LOT(1),
                          .symbol = "XAUUSD",
                          .plugin = "combined_v3_long_name",
                          .chain_id = "XAUUSD_0123456789abcdef"};
        cr_assert_not_null(state_order_add(h->s, &o));
    }
    struct input in = {.kind = INPUT_TIMER};
    in.timer.kind = TIMER_START;
    in.timer.rules = h->opt.rules;
    (void)apply_big(h, &in);
    cr_assert_eq(h->s->orders[STATE_ORDERS_MAX - 1].state, ORDER_UNKNOWN);
    harness_free(h);
}

Test(hostile, more_requests_than_one_batch_holds_are_asked_for_later)
{
    struct harness *h = harness_new();
    struct broker_request r = {.kind = BROKER_QUERY, .cid = 1};
    for (size_t i = 0; i < STATE_SENDS_MAX; i++)
        cr_assert(state_send(h->s, &r));
    cr_assert_not(state_send(h->s, &r));
    h->s->send_count = 0;
    harness_free(h);
}

Test(hostile, a_flood_of_commands_does_not_let_a_fill_be_booked_twice)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    struct broker_event fill = fill_of(h, cids[0], LOT(2));
    struct input in = {.kind = INPUT_BROKER};
    in.broker = fill;
    (void)snprintf(in.key, sizeof(in.key), "ex:%" PRIu64, fill.exec_id);
    harness_apply(h, &in);
    for (uint64_t i = 0; i < 10000; i++) {
        char key[INPUT_KEY_CAP];
        struct input command = {.kind = INPUT_COMMAND};
        command.command.bot = BOT_CONTROLLER;
        (void)snprintf(key, sizeof(key), "tg:1:%" PRIu64, i);
        dedupe_add(state_keys(h->s, &command), key, 1);
    }
    cr_assert_neq(dedupe_find(state_keys(h->s, &in), in.key), 0);
    harness_free(h);
}
