/* Covers: stop changes: written ahead, done only when the venue says so, idempotent; a newer wish
 * while one is under way; no answer, restart, questions and proofs of loss; refusals for now and
 * for good; snapshots (lost, changed elsewhere, answers an open question); a position that closes
 * meanwhile; what the state machine allows; the state's snapshot. Partial closes: whole steps, the
 * smallest rest, what follows them, refusals. Closes that come before their opening; positions the
 * venue does not know. */
#include "desk.h"

#define SL0 PRICE(264000)
#define TP0 PRICE(267000)

Test(modify, a_change_is_written_ahead_and_done_when_the_venue_says_so)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    cr_assert_eq(desk_position(h, cids[0])->sl_first_e8, SL0);
    cr_assert_eq(desk_modify(h, cids[0], PRICE(264500), TP0), REASON_ACCEPTED);
    const struct event *intent = harness_event(h, EVENT_MODIFY_INTENT);
    cr_assert_not_null(intent);
    cr_assert_eq(intent->sl_e8, PRICE(264500));
    cr_assert_eq(h->send_count, 1);
    cr_assert_eq(h->sends[0].kind, BROKER_MODIFY);
    cr_assert_eq(h->sends[0].position_cid, cids[0]);
    cr_assert_eq(h->sends[0].cid, intent->cid);
    cr_assert_eq(h->sends[0].sl_e8, PRICE(264500));
    cr_assert_eq(h->sends[0].tp_e8, TP0);
    cr_assert_eq(h->sends[0].expires_ms, h->now_ms + 5000);
    cr_assert_eq(desk_position(h, cids[0])->sl_e8, SL0, "not before the answer");
    cr_assert_eq(modify_sl_e8(h->s, desk_position(h, cids[0])), PRICE(264500));
    uint64_t cid = h->sends[0].cid;
    desk_stops(h, cid, cids[0], PRICE(264500), TP0);
    const struct event *done = harness_event(h, EVENT_SL_MODIFIED);
    cr_assert_not_null(done);
    cr_assert_eq(done->reason, REASON_MANUAL_CHANGE);
    cr_assert_eq(done->number_e8, SL0, "the stop before");
    cr_assert_eq(desk_position(h, cids[0])->sl_e8, PRICE(264500));
    cr_assert_null(modify_find(h->s, cids[0]));
    desk_stops(h, cid, cids[0], PRICE(264500), TP0);
    cr_assert_null(harness_event(h, EVENT_SL_MODIFIED), "told twice, done once");
    harness_free(h);
}

Test(modify, what_cannot_be_wanted_is_refused_with_its_reason)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    cr_assert_eq(desk_modify(h, 77, SL0, TP0), REASON_POSITION_NOT_FOUND);
    cr_assert_eq(desk_modify(h, cids[0], SL0, TP0), REASON_ALREADY_DONE);
    cr_assert_eq(desk_modify(h, cids[0], 0, TP0), REASON_ARGUMENT_INVALID);
    cr_assert_eq(desk_modify(h, cids[0], SL0, -1), REASON_ARGUMENT_INVALID);
    desk_quote(h, "XAUUSD", PRICE(265000), PRICE(265020));
    cr_assert_eq(desk_modify(h, cids[0], PRICE(265000), TP0), REASON_STOP_WRONG_SIDE);
    cr_assert_eq(desk_modify(h, cids[0], SL0, PRICE(265000)), REASON_STOP_WRONG_SIDE);
    cr_assert_eq(h->send_count, 0);
    cr_assert_eq(desk_modify(h, cids[0], PRICE(264999), PRICE(265001)), REASON_ACCEPTED);
    cr_assert_eq(desk_modify(h, cids[0], PRICE(264999), PRICE(265001)), REASON_ALREADY_DONE);
    cr_assert_eq(desk_modify(h, cids[1], DEC_NONE, DEC_NONE), REASON_ACCEPTED, "none is a wish");
    harness_free(h);
}

Test(modify, a_newer_wish_follows_the_one_under_way)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)desk_modify(h, cids[0], PRICE(264100), TP0);
    uint64_t first = h->sends[0].cid;
    cr_assert_eq(desk_modify(h, cids[0], PRICE(264200), TP0), REASON_ACCEPTED);
    cr_assert_eq(h->send_count, 0);
    desk_stops(h, first, cids[0], PRICE(264100), TP0);
    cr_assert_eq(desk_position(h, cids[0])->sl_e8, PRICE(264100));
    cr_assert_eq(desk_sent(h, BROKER_MODIFY), 1);
    uint64_t second = h->sends[0].cid;
    cr_assert_neq(second, first);
    cr_assert_eq(h->sends[0].sl_e8, PRICE(264200));
    desk_stops(h, first, cids[0], PRICE(264100), TP0);
    cr_assert_eq(h->send_count, 0, "an old answer again");
    desk_stops(h, second, cids[0], PRICE(264200), TP0);
    cr_assert_eq(desk_position(h, cids[0])->sl_e8, PRICE(264200));
    cr_assert_null(modify_find(h->s, cids[0]));
    harness_free(h);
}

Test(modify, without_an_answer_the_broker_is_asked_and_nothing_sent_again)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)desk_modify(h, cids[0], PRICE(264100), TP0);
    uint64_t cid = h->sends[0].cid;
    desk_wait(h, 4999);
    cr_assert_eq(modify_find(h->s, cids[0])->state, MODIFY_SENDING);
    desk_wait(h, 1);
    cr_assert_eq(modify_find(h->s, cids[0])->state, MODIFY_UNKNOWN);
    cr_assert_eq(h->send_count, 1);
    cr_assert_eq(h->sends[0].kind, BROKER_QUERY_STOPS);
    cr_assert_eq(h->sends[0].cid, cid);
    desk_wait(h, 2000);
    cr_assert_eq(desk_sent(h, BROKER_QUERY_STOPS), 1, "again after two seconds");
    desk_stops(h, cid, cids[0], PRICE(264100), TP0);
    cr_assert_not_null(harness_event(h, EVENT_SL_MODIFIED));
    cr_assert_null(modify_find(h->s, cids[0]));
    harness_free(h);
}

Test(modify, it_is_lost_only_when_its_request_has_expired)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)desk_modify(h, cids[0], PRICE(264100), TP0);
    uint64_t cid = h->sends[0].cid;
    desk_wait(h, 5000);
    desk_stops(h, cid, cids[0], SL0, TP0);
    cr_assert_eq(h->send_count, 0, "it may still arrive");
    desk_wait(h, 2000);
    desk_stops(h, cid, cids[0], SL0, TP0);
    cr_assert_eq(desk_sent(h, BROKER_MODIFY), 1);
    cr_assert_neq(h->sends[0].cid, cid);
    cr_assert_eq(modify_find(h->s, cids[0])->attempt, 2);
    harness_free(h);
}

Test(modify, a_missing_answer_is_told_after_a_minute_once)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    int told = 0;
    harness_enter(h, cids);
    (void)desk_modify(h, cids[0], PRICE(264100), TP0);
    for (int i = 0; i < 100; i++) {
        desk_wait(h, 2000);
        const struct event *e = harness_event(h, EVENT_MODIFY_FAILED);
        told += e != NULL && e->reason == REASON_ORDER_UNKNOWN;
        cr_assert(e == NULL || i * 2000 >= 60000);
    }
    cr_assert_eq(told, 1);
    harness_free(h);
}

Test(modify, a_restart_asks_for_what_was_under_way)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)desk_modify(h, cids[0], PRICE(264100), TP0);
    harness_timer(h, TIMER_START);
    cr_assert_eq(modify_find(h->s, cids[0])->state, MODIFY_UNKNOWN);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_UP});
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_BEGIN});
    for (int i = 0; i < 2; i++)
        harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_POSITION,
                                                .position_cid = cids[i],
                                                .side = SIDE_BUY,
                                                .symbol = "XAUUSD",
                                                .lots_e8 = LOT(2),
                                                .price_e8 = PRICE(265010),
                                                .sl_e8 = i == 0 ? PRICE(264100) : SL0,
                                                .tp_e8 = TP0});
    cr_assert_null(modify_find(h->s, cids[0]), "the snapshot has answered");
    cr_assert_eq(desk_position(h, cids[0])->sl_e8, PRICE(264100));
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_END});
    cr_assert_eq(desk_sent(h, BROKER_MODIFY), 0);
    harness_free(h);
}

Test(modify, while_the_link_is_down_it_waits_and_goes_with_the_next_snapshot)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_DOWN});
    cr_assert_eq(desk_modify(h, cids[0], PRICE(264100), TP0), REASON_ACCEPTED);
    cr_assert_eq(h->send_count, 0);
    cr_assert_eq(modify_find(h->s, cids[0])->state, MODIFY_LOGGED);
    cr_assert_eq(desk_modify(h, cids[0], PRICE(264300), TP0), REASON_ACCEPTED, "replaced");
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_UP});
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_BEGIN});
    for (int i = 0; i < 2; i++)
        harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_POSITION,
                                                .position_cid = cids[i],
                                                .side = SIDE_BUY,
                                                .symbol = "XAUUSD",
                                                .lots_e8 = LOT(2),
                                                .price_e8 = PRICE(265010),
                                                .sl_e8 = SL0,
                                                .tp_e8 = TP0});
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_END});
    cr_assert_eq(desk_sent(h, BROKER_MODIFY), 1);
    cr_assert_eq(h->sends[0].sl_e8, PRICE(264300));
    harness_free(h);
}

Test(modify, refused_for_now_comes_again_after_a_growing_pause)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)desk_modify(h, cids[0], PRICE(264100), TP0);
    int64_t pause_ms = 1000;
    for (int i = 0; i < 9; i++) {
        desk_reject(h, h->sends[0].cid, BROKER_RETRY_LATER, REASON_NO_QUOTE);
        cr_assert_eq(h->send_count, 0);
        desk_wait(h, pause_ms - 1);
        cr_assert_eq(h->send_count, 0, "too early by a millisecond, try %d", i);
        desk_wait(h, 1);
        cr_assert_eq(desk_sent(h, BROKER_MODIFY), 1);
        pause_ms = pause_ms * 2 < 60000 ? pause_ms * 2 : 60000;
    }
    harness_free(h);
}

Test(modify, refused_for_good_is_told_and_rests_a_minute)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)desk_modify(h, cids[0], PRICE(264100), TP0);
    desk_reject(h, h->sends[0].cid, BROKER_REJECT, REASON_STOP_TOO_CLOSE);
    const struct event *e = harness_event(h, EVENT_MODIFY_FAILED);
    cr_assert_not_null(e);
    cr_assert_eq(e->reason, REASON_STOP_TOO_CLOSE);
    cr_assert_eq(modify_find(h->s, cids[0])->state, MODIFY_REFUSED);
    cr_assert_eq(modify_sl_e8(h->s, desk_position(h, cids[0])), SL0);
    desk_wait(h, 59999);
    cr_assert_not_null(modify_find(h->s, cids[0]));
    desk_wait(h, 1);
    cr_assert_null(modify_find(h->s, cids[0]));
    cr_assert_eq(h->send_count, 0);
    (void)desk_modify(h, cids[1], PRICE(264100), TP0);
    desk_reject(h, h->sends[0].cid, BROKER_REJECT, REASON_STOP_TOO_CLOSE);
    cr_assert_eq(desk_modify(h, cids[1], PRICE(264050), TP0), REASON_ACCEPTED);
    cr_assert_eq(desk_sent(h, BROKER_MODIFY), 1, "a person does not wait for rules");
    harness_free(h);
}

Test(modify, expired_on_its_way_is_sent_anew)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)desk_modify(h, cids[0], PRICE(264100), TP0);
    desk_wait(h, 5000);
    desk_reject(h, modify_find(h->s, cids[0])->cid, BROKER_REJECT, REASON_ORDER_EXPIRED);
    cr_assert_eq(desk_sent(h, BROKER_MODIFY), 1);
    cr_assert_null(harness_event(h, EVENT_MODIFY_FAILED));
    harness_free(h);
}

Test(modify, no_such_answer_is_unknown_at_once)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)desk_modify(h, cids[0], PRICE(264100), TP0);
    desk_reject(h, h->sends[0].cid, BROKER_UNKNOWN, REASON_UNSET);
    cr_assert_eq(modify_find(h->s, cids[0])->state, MODIFY_UNKNOWN);
    cr_assert_eq(desk_sent(h, BROKER_QUERY_STOPS), 1);
    harness_free(h);
}

Test(modify, a_venue_that_rounds_has_done_it)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)desk_modify(h, cids[0], PRICE(264100) + 7, TP0);
    desk_stops(h, h->sends[0].cid, cids[0], PRICE(264100), TP0);
    cr_assert_eq(h->send_count, 0);
    cr_assert_null(modify_find(h->s, cids[0]));
    const struct event *e = harness_event(h, EVENT_SL_MODIFIED);
    cr_assert_not_null(e);
    cr_assert_eq(e->sl_e8, PRICE(264100), "what it is");
    cr_assert_eq(e->number_e8, SL0);
    harness_free(h);
}

static void snapshot_stops(struct harness *h, uint64_t cid, int64_t sl_e8, int64_t tp_e8)
{
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_POSITION,
                                            .position_cid = cid,
                                            .side = SIDE_BUY,
                                            .symbol = "XAUUSD",
                                            .lots_e8 = LOT(2),
                                            .price_e8 = PRICE(265010),
                                            .sl_e8 = sl_e8,
                                            .tp_e8 = tp_e8});
}

Test(modify, a_stop_lost_at_the_broker_is_set_again_one_moved_there_is_taken)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    snapshot_stops(h, cids[0], SL0, TP0);
    cr_assert_eq(h->event_count, 0);
    snapshot_stops(h, cids[0], 0, 0);
    cr_assert_eq(h->event_count, 0, "a venue that does not tell changes nothing");
    snapshot_stops(h, cids[0], DEC_NONE, TP0);
    cr_assert_eq(desk_sent(h, BROKER_MODIFY), 1);
    cr_assert_eq(h->sends[0].sl_e8, SL0);
    cr_assert_eq(harness_event(h, EVENT_SL_MODIFIED)->reason, REASON_STOP_LOST);
    desk_stops(h, h->sends[0].cid, cids[0], SL0, TP0);
    cr_assert_eq(desk_position(h, cids[0])->sl_e8, SL0);
    snapshot_stops(h, cids[1], PRICE(264400), PRICE(266000));
    cr_assert_eq(desk_sent(h, BROKER_MODIFY), 0);
    cr_assert_eq(harness_event(h, EVENT_SL_MODIFIED)->reason, REASON_CHANGED_AT_BROKER);
    cr_assert_eq(desk_position(h, cids[1])->sl_e8, PRICE(264400));
    cr_assert_eq(desk_position(h, cids[1])->tp_e8, PRICE(266000));
    harness_free(h);
}

Test(modify, a_snapshot_before_the_request_arrived_resolves_nothing)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)desk_modify(h, cids[0], PRICE(264100), TP0);
    uint64_t cid = h->sends[0].cid;
    snapshot_stops(h, cids[0], SL0, TP0);
    cr_assert_eq(modify_find(h->s, cids[0])->state, MODIFY_SENDING);
    desk_stops(h, cid, cids[0], PRICE(264100), TP0);
    cr_assert_null(modify_find(h->s, cids[0]));
    harness_free(h);
}

Test(modify, a_position_that_closes_takes_its_change_along)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)desk_modify(h, cids[0], PRICE(264100), TP0);
    uint64_t cid = h->sends[0].cid;
    harness_close_fill(h, 0, cids[0], 9900001, -DEC_ONE);
    cr_assert_eq(h->s->modifies.count, 0);
    desk_reject(h, cid, BROKER_REJECT, REASON_POSITION_NOT_FOUND);
    cr_assert_null(harness_event(h, EVENT_MODIFY_FAILED));
    (void)desk_modify(h, cids[1], PRICE(264100), TP0);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_QUERY_NONE,
                                            .cid = h->sends[0].cid,
                                            .position_cid = cids[1]});
    cr_assert_null(modify_find(h->s, cids[1]), "not open there: its fill is on its way");
    harness_free(h);
}

Test(modify, the_state_machine_allows_what_its_diagram_shows)
{
    static const bool may[MODIFY_STATE_COUNT][MODIFY_STATE_COUNT] = {
        [MODIFY_UNSET][MODIFY_LOGGED] = true,    [MODIFY_LOGGED][MODIFY_LOGGED] = true,
        [MODIFY_LOGGED][MODIFY_SENDING] = true,  [MODIFY_SENDING][MODIFY_LOGGED] = true,
        [MODIFY_SENDING][MODIFY_UNKNOWN] = true, [MODIFY_SENDING][MODIFY_REFUSED] = true,
        [MODIFY_UNKNOWN][MODIFY_LOGGED] = true,  [MODIFY_UNKNOWN][MODIFY_REFUSED] = true,
        [MODIFY_REFUSED][MODIFY_LOGGED] = true,
    };
    for (int from = 0; from < MODIFY_STATE_COUNT; from++)
        for (int to = 0; to < MODIFY_STATE_COUNT; to++)
            cr_expect_eq(modify_state_may_follow((enum modify_state)from, (enum modify_state)to),
                         may[from][to], "%d -> %d", from, to);
}

Test(modify, the_snapshot_keeps_changes_and_levels)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    struct buf a TR_CLEANUP(buf_deinit) = {0};
    struct buf b TR_CLEANUP(buf_deinit) = {0};
    buf_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    harness_enter(h, cids);
    (void)desk_modify(h, cids[0], PRICE(264100), TP0);
    (void)desk_act(
        h, (struct desk_order){.act = DESK_PART, .position_cid = cids[1], .lots_e8 = LOT(1)});
    struct price_watch w = {.when = PRICE_ASK_DOWN,
                            .owner = PRICE_OWNER_CHAIN,
                            .owner_id = 5,
                            .tag = 9,
                            .level_e8 = PRICE(264000)};
    cr_assert(prices_watch(&h->s->prices, "XAUUSD", &w));
    state_pack(h->s, &a);
    struct engine_state *back = state_new();
    cr_assert_eq(state_unpack(back, a.data, a.len), 0);
    cr_assert_eq(back->modifies.count, 1);
    cr_assert_eq(back->modifies.items[0].state, MODIFY_SENDING);
    cr_assert(state_position(back, cids[1])->is_closing_part);
    cr_assert_eq(back->prices.watched, h->s->prices.watched);
    state_pack(back, &b);
    cr_assert_eq(a.len, b.len);
    cr_assert_eq(memcmp(a.data, b.data, a.len), 0);
    state_free(back);
    harness_free(h);
}

/* ---- partial closes ---- */

static enum reason part(struct harness *h, uint64_t cid, int64_t lots_e8)
{
    return desk_act(h,
                    (struct desk_order){.act = DESK_PART, .position_cid = cid, .lots_e8 = lots_e8});
}

static enum reason percent(struct harness *h, uint64_t cid, int percent)
{
    return desk_act(h, (struct desk_order){
                           .act = DESK_PERCENT, .position_cid = cid, .lots_e8 = percent * DEC_ONE});
}

Test(partial_close, half_stays_open_and_is_told_as_such)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    cr_assert_eq(percent(h, cids[0], 50), REASON_ACCEPTED);
    cr_assert_eq(h->sends[0].kind, BROKER_CLOSE);
    cr_assert_eq(h->sends[0].lots_e8, LOT(1));
    uint64_t cid = h->sends[0].cid;
    cr_assert_eq(percent(h, cids[0], 50), REASON_ALREADY_DONE);
    desk_part_fill(h, cid, cids[0], 9900001, LOT(1));
    const struct event *e = harness_event(h, EVENT_PARTIAL_CLOSE);
    cr_assert_not_null(e);
    cr_assert_eq(e->number_e8, LOT(1), "still open");
    cr_assert_eq(e->reason, REASON_MANUAL_CLOSE);
    cr_assert_null(harness_event(h, EVENT_MANUAL_EXIT));
    cr_assert_not_null(harness_event(h, EVENT_TRADE_CLOSED));
    cr_assert_eq(h->send_count, 0, "the rest stays");
    cr_assert_eq(desk_position(h, cids[0])->lots_e8, LOT(1));
    cr_assert_eq(desk_position(h, cids[0])->closing_cid, 0);
    cr_assert_eq(h->s->account.total_trades, 0, "the trade has not ended");
    harness_free(h);
}

Test(partial_close, volumes_are_whole_steps_and_leave_the_smallest_one_or_nothing)
{
    static const struct {
        int64_t lots_e8, sent_e8; /* 0: refused */
    } cases[] = {
        {LOT(1), LOT(1)}, {LOT(1) - 1, 0},  {LOT(2) - 1, LOT(1)},
        {LOT(2), LOT(2)}, {LOT(9), LOT(2)}, {LOT(1) + 1, LOT(1)},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        struct harness *h = desk_new();
        uint64_t cids[2];
        harness_enter(h, cids);
        enum reason r = part(h, cids[0], cases[i].lots_e8);
        cr_expect_eq(r, cases[i].sent_e8 > 0 ? REASON_ACCEPTED : REASON_LOT_BELOW_MIN, "%zu", i);
        cr_expect_eq(h->send_count, cases[i].sent_e8 > 0 ? 1 : 0);
        if (cases[i].sent_e8 > 0)
            cr_expect_eq(h->sends[0].lots_e8, cases[i].sent_e8, "%zu", i);
        harness_free(h);
    }
}

Test(partial_close, percents_are_checked)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    cr_assert_eq(percent(h, cids[0], 0), REASON_ARGUMENT_INVALID);
    cr_assert_eq(percent(h, cids[0], 101), REASON_ARGUMENT_INVALID);
    cr_assert_eq(percent(h, 5, 50), REASON_POSITION_NOT_FOUND);
    cr_assert_eq(percent(h, cids[0], 49), REASON_LOT_BELOW_MIN);
    cr_assert_eq(percent(h, cids[0], 100), REASON_ACCEPTED);
    cr_assert_eq(h->sends[0].lots_e8, LOT(2));
    cr_assert_eq(part(h, cids[1], 0), REASON_ARGUMENT_INVALID);
    harness_free(h);
}

Test(partial_close, a_full_close_wanted_meanwhile_follows)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)part(h, cids[0], LOT(1));
    uint64_t cid = h->sends[0].cid;
    harness_signal(h, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 1, "the other position only");
    desk_part_fill(h, cid, cids[0], 9900001, LOT(1));
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 1);
    cr_assert_eq(h->sends[0].lots_e8, LOT(1));
    cr_assert_eq(h->sends[0].position_cid, cids[0]);
    cr_assert_eq(state_order(h->s, h->sends[0].cid)->reason, REASON_EXIT_SIGNAL);
    harness_free(h);
}

Test(partial_close, refused_for_now_the_same_part_comes_again_or_all_when_wanted)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)part(h, cids[0], LOT(1));
    desk_reject(h, h->sends[0].cid, BROKER_RETRY_LATER, REASON_NO_QUOTE);
    desk_wait(h, 1000);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 1);
    cr_assert_eq(h->sends[0].lots_e8, LOT(1));
    cr_assert(desk_position(h, cids[0])->is_closing_part);
    uint64_t cid = h->sends[0].cid;
    (void)desk_act(h, (struct desk_order){.act = DESK_CLOSE, .position_cid = cids[0]});
    desk_reject(h, cid, BROKER_RETRY_LATER, REASON_NO_QUOTE);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 1);
    cr_assert_eq(h->sends[0].lots_e8, LOT(2), "all of it");
    cr_assert_not(desk_position(h, cids[0])->is_closing_part);
    harness_free(h);
}

Test(partial_close, refused_for_good_the_wanted_rest_is_closed_all_the_same)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)part(h, cids[0], LOT(1));
    uint64_t cid = h->sends[0].cid;
    (void)desk_act(h, (struct desk_order){.act = DESK_CLOSE, .position_cid = cids[0]});
    desk_reject(h, cid, BROKER_REJECT, REASON_BROKER_REJECTED);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 1);
    cr_assert_eq(h->sends[0].lots_e8, LOT(2));
    harness_free(h);
}

Test(partial_close, one_that_never_arrived_is_wanted_again)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)part(h, cids[0], LOT(1));
    uint64_t cid = h->sends[0].cid;
    desk_wait(h, 5000);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_QUERY_NONE, .cid = cid});
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 1);
    cr_assert_eq(h->sends[0].lots_e8, LOT(1));
    cr_assert_neq(h->sends[0].cid, cid);
    harness_free(h);
}

Test(partial_close, panic_does_not_wait_for_it_to_be_repeated)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)part(h, cids[0], LOT(1));
    uint64_t cid = h->sends[0].cid;
    harness_command(h, "panic", "", false);
    desk_part_fill(h, cid, cids[0], 9900001, LOT(1));
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 1);
    cr_assert_eq(h->sends[0].lots_e8, LOT(1));
    harness_free(h);
}

Test(partial_close, a_fill_nobody_explains_is_told_by_its_result)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    for (int i = 0; i < 2; i++) { /* EX-11 */
        harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_FILL,
                                                .position_cid = cids[i],
                                                .exec_id = 9900001 + (uint64_t)i,
                                                .purpose = ORDER_CLOSE,
                                                .lots_e8 = LOT(2),
                                                .price_e8 = PRICE(265500),
                                                .profit_e8 = i == 0 ? DEC_ONE : -DEC_ONE,
                                                .symbol = "XAUUSD"});
        const struct event *e = harness_event(h, i == 0 ? EVENT_TP_HIT : EVENT_SL_HIT);
        cr_assert_not_null(e);
        cr_assert_eq(e->reason, i == 0 ? REASON_TP_HIT : REASON_SL_HIT);
    }
    harness_free(h);
}

/* ---- positions the venue closed meanwhile ---- */

static void stop_hit(struct harness *h, uint64_t position_cid, uint64_t exec_id, int64_t lots_e8)
{
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_FILL,
                                            .position_cid = position_cid,
                                            .exec_id = exec_id,
                                            .purpose = ORDER_CLOSE,
                                            .reason = REASON_SL_HIT,
                                            .lots_e8 = lots_e8,
                                            .price_e8 = PRICE(264000),
                                            .profit_e8 = -DEC_ONE,
                                            .symbol = "XAUUSD"});
}

Test(early_close, a_stop_hit_before_the_opening_is_known_is_booked_with_it)
{
    struct harness *h = desk_new();
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    uint64_t cid = h->sends[0].cid;
    stop_hit(h, cid, 990001, LOT(2));
    cr_assert_eq(h->event_count, 0, "kept");
    cr_assert_eq(h->s->early.count, 1);
    harness_fill(h, cid, 990002, LOT(2));
    cr_assert_not_null(harness_event(h, EVENT_ENTRY));
    const struct event *e = harness_event(h, EVENT_SL_HIT);
    cr_assert_not_null(e);
    cr_assert_eq(e->profit_e8, -DEC_ONE);
    cr_assert_null(state_position(h->s, cid));
    cr_assert_eq(h->s->early.count, 0);
    cr_assert_eq(h->s->account.daily_loss_e8, DEC_ONE);
    harness_free(h);
}

Test(early_close, it_waits_until_the_whole_opening_is_there)
{
    struct harness *h = desk_new();
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    uint64_t cid = h->sends[0].cid;
    stop_hit(h, cid, 990001, LOT(2));
    harness_fill(h, cid, 990002, LOT(1));
    cr_assert_null(harness_event(h, EVENT_SL_HIT));
    cr_assert_not_null(state_position(h->s, cid));
    harness_fill(h, cid, 990003, LOT(1));
    cr_assert_not_null(harness_event(h, EVENT_SL_HIT));
    cr_assert_null(state_position(h->s, cid));
    harness_free(h);
}

Test(early_close, it_waits_for_the_rest_of_an_opening_that_it_overtook)
{
    struct harness *h = desk_new();
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    uint64_t cid = h->sends[0].cid;
    harness_fill(h, cid, 990001, LOT(1));
    stop_hit(h, cid, 990003, LOT(2));
    cr_assert_null(harness_event(h, EVENT_POSITION_MISMATCH));
    cr_assert_eq(state_position(h->s, cid)->lots_e8, LOT(1));
    harness_fill(h, cid, 990002, LOT(1));
    cr_assert_eq(harness_event(h, EVENT_TRADE_CLOSED)->lots_e8, LOT(2));
    cr_assert_null(harness_event(h, EVENT_POSITION_MISMATCH));
    cr_assert_null(state_position(h->s, cid));
    harness_free(h);
}

Test(early_close, one_of_an_order_we_never_had_is_a_mismatch_as_before)
{
    struct harness *h = desk_new();
    stop_hit(h, 12345, 990001, LOT(2));
    cr_assert_not_null(harness_event(h, EVENT_POSITION_MISMATCH));
    cr_assert_eq(h->s->early.count, 0);
    harness_free(h);
}

Test(early_close, a_position_the_venue_does_not_know_makes_it_say_what_it_has)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    (void)desk_modify(h, cids[0], PRICE(264100), TP0);
    uint64_t cid = h->sends[0].cid;
    (void)desk_act(h, (struct desk_order){.act = DESK_CLOSE, .position_cid = cids[1]});
    uint64_t close_cid = h->sends[0].cid;
    desk_reject(h, cid, BROKER_REJECT, REASON_POSITION_NOT_FOUND);
    cr_assert_null(harness_event(h, EVENT_MODIFY_FAILED));
    cr_assert_eq(desk_sent(h, BROKER_SNAPSHOT), 1);
    desk_reject(h, close_cid, BROKER_REJECT, REASON_POSITION_NOT_FOUND);
    cr_assert_eq(desk_sent(h, BROKER_SNAPSHOT), 0, "asked a moment ago");
    harness_all_gone(h);
    cr_assert_eq(h->s->position_count, 0);
    cr_assert_not_null(harness_event(h, EVENT_POSITION_MISMATCH));
    harness_free(h);
}
