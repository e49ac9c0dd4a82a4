/* Covers: the life of an emergency stop: waiting entries are cancelled, positions closed, late
 * fills closed, flat only when the broker's own list says so, asked again while it does not answer,
 * a position found there is closed too; a lost link; restart by snapshot; release in two steps. */
#include "unit/engine/harness.h"

static void broker_list(struct harness *h, uint64_t position_cid)
{
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_BEGIN});
    if (position_cid != 0)
        harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_POSITION,
                                                .position_cid = position_cid,
                                                .side = SIDE_BUY,
                                                .symbol = "XAUUSD",
                                                .lots_e8 = LOT(2),
                                                .price_e8 = PRICE(265000)});
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_END});
}

static bool asked_for_list(const struct harness *h)
{
    for (size_t i = 0; i < h->send_count; i++)
        if (h->sends[i].kind == BROKER_SNAPSHOT)
            return true;
    return false;
}

Test(panic, is_flat_only_when_the_broker_says_so)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    harness_command(h, "panic", "", false);
    cr_assert_eq(h->send_count, 2, "both are closed at once");
    uint64_t close_a = h->sends[0].cid, close_b = h->sends[1].cid;
    harness_close_fill(h, close_a, cids[0], 901, DEC_ONE);
    cr_assert_not(asked_for_list(h), "one is still open");
    harness_close_fill(h, close_b, cids[1], 902, DEC_ONE);
    cr_assert(asked_for_list(h), "nothing left here: the broker is asked");
    cr_assert_not(h->s->panic_is_flat);
    cr_assert_null(harness_event(h, EVENT_PANIC_FLAT));
    h->now_ms += 4999;
    cr_assert_eq(apply_next_due_ms(h->s), h->now_ms + 1);
    h->now_ms += 1;
    harness_timer(h, TIMER_DUE);
    cr_assert(asked_for_list(h), "no answer: asked again");
    broker_list(h, 0);
    cr_assert_not_null(harness_event(h, EVENT_PANIC_FLAT));
    cr_assert(h->s->panic_is_flat);
    cr_assert_eq(apply_next_due_ms(h->s), INT64_MAX);
    broker_list(h, 0);
    cr_assert_null(harness_event(h, EVENT_PANIC_FLAT), "told once");
    harness_free(h);
}

Test(panic, without_a_position_the_broker_is_asked_all_the_same)
{
    struct harness *h = harness_new();
    harness_command(h, "panic", "", false);
    cr_assert(asked_for_list(h));
    broker_list(h, 4711);
    cr_assert_eq(h->s->position_count, 1, "unknown here, open there");
    cr_assert_not(h->s->panic_is_flat);
    cr_assert_eq(h->send_count, 1);
    cr_assert_eq(h->sends[0].kind, BROKER_CLOSE);
    cr_assert_eq(h->sends[0].position_cid, 4711);
    harness_close_fill(h, h->sends[0].cid, 4711, 903, 0);
    cr_assert(asked_for_list(h));
    broker_list(h, 0);
    cr_assert(h->s->panic_is_flat);
    harness_free(h);
}

Test(panic, an_entry_on_its_way_is_waited_for_and_its_fill_closed)
{
    struct harness *h = harness_new();
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->send_count, 2);
    uint64_t a = h->sends[0].cid, b = h->sends[1].cid;
    harness_command(h, "panic", "", false);
    cr_assert_not(asked_for_list(h), "their outcome comes first");
    broker_list(h, 0);
    cr_assert_not(h->s->panic_is_flat,
                  "an empty list proves nothing while orders are on their way");
    harness_fill(h, a, 910, LOT(2));
    cr_assert_eq(h->send_count, 1);
    cr_assert_eq(h->sends[0].kind, BROKER_CLOSE, "closed by its own fill");
    uint64_t close_a = h->sends[0].cid;
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_REJECT,
                                            .cid = b,
                                            .klass = BROKER_REJECT,
                                            .reason = REASON_NO_MONEY});
    harness_close_fill(h, close_a, a, 911, 0);
    cr_assert(asked_for_list(h));
    broker_list(h, 0);
    cr_assert(h->s->panic_is_flat);
    harness_free(h);
}

Test(panic, entries_that_wait_for_the_link_are_cancelled_and_a_new_link_brings_the_list)
{
    struct harness *h = harness_new();
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_DOWN});
    struct order o = {.cid = 77,
                      .position_cid = 77,
                      .purpose = ORDER_OPEN,
                      .role = ORDER_ROLE_A,
                      .side = SIDE_BUY,
                      .symbol = "XAUUSD",
                      .lots_e8 = LOT(2),
                      .want_price_e8 = DEC_NONE,
                      .sl_e8 = DEC_NONE,
                      .tp_e8 = DEC_NONE,
                      .parent_seq = 1,
                      .state = ORDER_INTENT};
    order_set_state(&o, ORDER_LOGGED, h->now_ms);
    cr_assert_not_null(state_order_add(h->s, &o));
    harness_command(h, "panic", "", false);
    cr_assert_eq(harness_event(h, EVENT_ORDER_FAILED)->reason, REASON_PANIC);
    cr_assert_eq(h->s->order_count, 0);
    cr_assert_eq(apply_next_due_ms(h->s), INT64_MAX, "the link is waited for");
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_UP});
    cr_assert(asked_for_list(h));
    broker_list(h, 0);
    cr_assert(h->s->panic_is_flat);
    harness_free(h);
}

Test(panic, survives_a_restart_and_is_left_in_two_steps)
{
    struct harness *h = harness_new();
    harness_command(h, "panic", "", false);
    broker_list(h, 0);
    struct buf b = {0};
    buf_init(&b, 8 << 20);
    state_pack(h->s, &b);
    struct engine_state *after = state_new();
    cr_assert_eq(state_unpack(after, b.data, b.len), 0);
    buf_deinit(&b);
    state_free(h->s);
    h->s = after;
    harness_timer(h, TIMER_START);
    cr_assert(h->s->panicked);
    cr_assert(h->s->panic_is_flat);
    harness_link(h);
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->receipt.reason, REASON_PANIC);
    harness_command(h, "resume", "", false);
    cr_assert_eq(h->receipt.reason, REASON_PANIC);
    harness_command(h, "panic", "release", false);
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->receipt.reason, REASON_PAUSED, "the first step");
    harness_command(h, "resume", "", false);
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->receipt.reason, REASON_ACCEPTED, "the second");
    harness_free(h);
}
