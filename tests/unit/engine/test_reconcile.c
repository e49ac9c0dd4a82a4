/* Covers: what is asked for with a link (nothing at first, then from the last list on, by id and by
 * time, from the same place again while a list was not ended); a position closed in an outage is
 * booked by its deal, at its money, however long it lasted; one that is gone without a deal is
 * asked for again, then written off and announced, if the history goes back to the last list, both
 * sides of that boundary; else it is in doubt: told once, kept over snapshots of the state, no
 * entries in its symbol, no rule closes it, a person does, and it may come back; other lots are
 * asked for again, then taken; a list is asked for before too many deals have passed; requests
 * expire by the broker's clock as its answers show it, both sides of what counts as alike, never by
 * an absurd one.
 */
#include "unit/engine/harness.h"

#define KNOWN (UINT64_C(1) << 40) /* the newest deal of the first list */

static const struct broker_request *asked(const struct harness *h)
{
    for (size_t i = 0; i < h->send_count; i++)
        if (h->sends[i].kind == BROKER_SNAPSHOT)
            return &h->sends[i];
    return NULL;
}

static void begin(struct harness *h, uint64_t told_after)
{
    harness_broker(
        h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_BEGIN, .exec_id = told_after});
}

static void end(struct harness *h, uint64_t newest)
{
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_END,
                                            .exec_id = newest,
                                            .time_ms = h->now_ms});
}

/* Two positions, known to the broker up to deal KNOWN; then the link is lost and back. */
static struct harness *outage_new(uint64_t cids[2])
{
    struct harness *h = harness_new();
    harness_enter(h, cids);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_DOWN});
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_UP});
    begin(h, 0);
    harness_has(h, cids[0], LOT(2));
    harness_has(h, cids[1], LOT(2));
    end(h, KNOWN);
    cr_assert_eq(h->s->position_count, 2);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_DOWN});
    h->now_ms += 3600000;
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_UP});
    return h;
}

static size_t told(const struct harness *h, enum event_type type)
{
    size_t n = 0;
    for (size_t i = 0; i < h->event_count; i++)
        n += h->events[i].type == type;
    return n;
}

Test(reconcile, deals_are_asked_for_from_the_last_list_on)
{
    struct harness *h = harness_new();
    h->s->reconcile.known_exec_id = h->s->reconcile.seen_exec_id = 0; /* a new journal */
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_DOWN});
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_UP});
    cr_assert_eq(asked(h)->after_exec_id, BROKER_NO_DEALS, "what was before is not ours");
    cr_assert_eq(asked(h)->since_ms, 0);
    begin(h, BROKER_NO_DEALS);
    end(h, KNOWN);
    int64_t list_ms = h->now_ms;
    uint64_t cids[2];
    harness_enter(h, cids);       /* two deals */
    for (int i = 0; i < 2; i++) { /* the first answer does not come to its end */
        harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_DOWN});
        h->now_ms += 3600000;
        harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_UP});
        cr_assert_eq(asked(h)->after_exec_id, KNOWN);
        cr_assert_eq(asked(h)->since_ms, list_ms - 600000);
        begin(h, KNOWN);
    }
    harness_has(h, cids[0], LOT(2));
    harness_has(h, cids[1], LOT(2));
    end(h, KNOWN + 20);
    cr_assert_eq(h->s->reconcile.known_exec_id, KNOWN + 20);
    cr_assert_eq(h->s->reconcile.known_ms, h->now_ms);
    cr_assert_null(asked(h));
    harness_free(h);
}

Test(reconcile, a_position_closed_in_an_outage_is_booked_at_its_money)
{
    uint64_t cids[2];
    struct harness *h = outage_new(cids);
    int64_t balance_e8 = h->s->account.balance_e8;
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_FILL,
                                            .position_cid = cids[0],
                                            .exec_id = KNOWN + 1,
                                            .purpose = ORDER_CLOSE,
                                            .klass = BROKER_OK,
                                            .reason = REASON_SL_HIT,
                                            .side = SIDE_SELL,
                                            .symbol = "XAUUSD",
                                            .lots_e8 = LOT(2),
                                            .price_e8 = PRICE(264000),
                                            .profit_e8 = -20 * DEC_ONE});
    cr_assert_eq(harness_event(h, EVENT_TRADE_CLOSED)->profit_e8, -20 * DEC_ONE);
    begin(h, KNOWN);
    harness_has(h, cids[1], LOT(2));
    end(h, KNOWN + 1);
    cr_assert_null(harness_event(h, EVENT_POSITION_MISMATCH));
    cr_assert_null(asked(h), "all is said");
    cr_assert_eq(h->s->account.balance_e8, balance_e8 - 20 * DEC_ONE);
    cr_assert_eq(h->s->position_count, 1);
    harness_free(h);
}

Test(reconcile, gone_without_a_deal_is_asked_for_again_then_written_off_and_announced)
{
    uint64_t cids[2];
    struct harness *h = outage_new(cids);
    begin(h, KNOWN); /* the boundary: the history goes back just as far as is needed */
    harness_has(h, cids[1], LOT(2));
    end(h, KNOWN + 5);
    cr_assert_not_null(state_position(h->s, cids[0]));
    cr_assert_null(harness_event(h, EVENT_POSITION_MISMATCH));
    cr_assert_eq(asked(h)->after_exec_id, KNOWN, "for the same deals once more");
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->receipt.reason, REASON_SYMBOL_UNKNOWN_ORDER, "meanwhile nothing new in it");
    begin(h, KNOWN);
    harness_has(h, cids[1], LOT(2));
    end(h, KNOWN + 5);
    const struct event *bad = harness_event(h, EVENT_POSITION_MISMATCH);
    cr_assert_not_null(bad);
    cr_assert_eq(bad->position_cid, cids[0]);
    cr_assert_eq(bad->number_e8, 0);
    cr_assert_eq(bad->limit_e8, LOT(2));
    cr_assert_not_null(strstr(bad->text, "0 at the broker, 0.02 here"), "%s", bad->text);
    const struct event *gone = harness_event(h, EVENT_TRADE_CLOSED);
    cr_assert_eq(gone->reason, REASON_POSITION_NOT_FOUND);
    cr_assert_eq(gone->exit_e8, gone->entry_e8);
    cr_assert_null(state_position(h->s, cids[0]));
    cr_assert_null(asked(h));
    cr_assert_eq(h->s->reconcile.known_exec_id, KNOWN + 5);
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->receipt.reason, REASON_ACCEPTED);
    harness_free(h);
}

/* As above, but the history begins one deal too late. */
static struct harness *doubt_new(uint64_t cids[2])
{
    struct harness *h = outage_new(cids);
    for (int i = 0; i < 2; i++) {
        cr_assert_null(harness_event(h, EVENT_POSITION_MISMATCH));
        begin(h, KNOWN + 1);
        harness_has(h, cids[1], LOT(2));
        end(h, KNOWN + 5);
    }
    cr_assert_eq(told(h, EVENT_POSITION_MISMATCH), 1);
    cr_assert_null(harness_event(h, EVENT_TRADE_CLOSED), "no money is made up");
    cr_assert_not_null(state_position(h->s, cids[0]));
    return h;
}

Test(reconcile, a_history_that_begins_too_late_proves_nothing)
{
    uint64_t cids[2];
    struct harness *h = doubt_new(cids);
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->receipt.reason, REASON_SYMBOL_UNKNOWN_ORDER);
    struct buf b TR_CLEANUP(buf_deinit);
    buf_init(&b, 8 << 20);
    state_pack(h->s, &b);
    struct engine_state *again = state_new();
    cr_assert_eq(state_unpack(again, b.data, b.len), 0);
    state_free(h->s);
    h->s = again;                 /* a restart */
    for (int i = 0; i < 3; i++) { /* later lists prove no more, though they begin in time */
        begin(h, KNOWN + 5);
        harness_has(h, cids[1], LOT(2));
        end(h, KNOWN + 5);
        cr_assert_null(harness_event(h, EVENT_POSITION_MISMATCH), "told once");
        cr_assert_null(asked(h));
    }
    cr_assert(reconcile_is_in_doubt(h->s, state_position(h->s, cids[0])));
    harness_signal(h, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
    cr_assert_eq(h->send_count, 1, "no rule closes what may not be there");
    cr_assert_eq(h->sends[0].position_cid, cids[1]);
    harness_free(h);
}

Test(reconcile, what_is_in_doubt_is_written_off_when_a_person_closes_it)
{
    uint64_t cids[2];
    struct harness *h = doubt_new(cids);
    harness_command(h, "panic", "", false);
    cr_assert_eq(h->send_count, 2);
    uint64_t close = h->sends[0].position_cid == cids[0] ? h->sends[0].cid : h->sends[1].cid;
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_REJECT,
                                            .cid = close,
                                            .position_cid = cids[0],
                                            .klass = BROKER_REJECT,
                                            .reason = REASON_POSITION_NOT_FOUND});
    cr_assert_not_null(harness_event(h, EVENT_POSITION_MISMATCH));
    cr_assert_not_null(harness_event(h, EVENT_TRADE_CLOSED));
    cr_assert_null(state_position(h->s, cids[0]));
    cr_assert_not_null(state_position(h->s, cids[1]));
    harness_free(h);
}

Test(reconcile, what_is_in_doubt_may_be_there_again)
{
    uint64_t cids[2];
    struct harness *h = doubt_new(cids);
    begin(h, KNOWN + 5);
    harness_has(h, cids[0], LOT(2));
    harness_has(h, cids[1], LOT(2));
    end(h, KNOWN + 5);
    cr_assert_not(reconcile_is_in_doubt(h->s, state_position(h->s, cids[0])));
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->receipt.reason, REASON_ACCEPTED);
    harness_free(h);
}

Test(reconcile, other_lots_are_asked_for_again_then_taken)
{
    uint64_t cids[2];
    struct harness *h = outage_new(cids);
    begin(h, KNOWN);
    harness_has(h, cids[0], LOT(1));
    cr_assert_eq(state_position(h->s, cids[0])->lots_e8, LOT(2));
    harness_has(h, cids[1], LOT(2));
    end(h, KNOWN);
    cr_assert_not_null(asked(h));
    begin(h, KNOWN);
    harness_has(h, cids[0], LOT(1));
    const struct event *bad = harness_event(h, EVENT_POSITION_MISMATCH);
    cr_assert_eq(bad->number_e8, LOT(1));
    cr_assert_eq(bad->limit_e8, LOT(2));
    cr_assert_eq(state_position(h->s, cids[0])->lots_e8, LOT(1));
    harness_has(h, cids[1], LOT(2));
    end(h, KNOWN);
    cr_assert_null(asked(h));
    cr_assert_eq(h->s->position_count, 2);
    harness_free(h);
}

Test(reconcile, a_list_is_due_before_too_many_deals_have_passed)
{
    uint64_t cids[2];
    struct harness *h = outage_new(cids);
    begin(h, KNOWN);
    harness_has(h, cids[0], LOT(2));
    harness_has(h, cids[1], LOT(2));
    end(h, KNOWN);
    struct broker_event deal = {.kind = BROKER_EVENT_FILL,
                                .position_cid = 77, /* whosever */
                                .purpose = ORDER_CLOSE,
                                .lots_e8 = LOT(1),
                                .price_e8 = PRICE(264000)};
    for (unsigned i = 1; i < BROKER_DEALS_MAX / 4; i++) {
        deal.exec_id = KNOWN + i;
        harness_broker(h, deal);
        cr_assert_null(asked(h), "%u", i);
    }
    deal.exec_id++;
    harness_broker(h, deal);
    cr_assert_eq(asked(h)->after_exec_id, KNOWN);
    deal.exec_id++;
    harness_broker(h, deal);
    cr_assert_null(asked(h), "a moment ago");
    harness_free(h);
}

/* A close is refused because it had expired by a clock that is that far ahead of ours; the next
 * one's expiry, from now. */
static int64_t expiry_after(int64_t ahead_ms)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    harness_command(h, "panic", "", false);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_REJECT,
                                            .cid = h->sends[0].cid,
                                            .klass = BROKER_REJECT,
                                            .reason = REASON_ORDER_EXPIRED,
                                            .time_ms = h->now_ms + ahead_ms});
    h->now_ms += 2000;
    harness_timer(h, TIMER_DUE);
    cr_assert_eq(h->send_count, 1);
    cr_assert_eq(h->sends[0].kind, BROKER_CLOSE);
    int64_t expiry_ms = h->sends[0].expires_ms - h->now_ms;
    harness_free(h);
    return expiry_ms;
}

Test(reconcile, requests_expire_by_the_brokers_clock)
{
    cr_assert_eq(expiry_after(0), 5000);
    cr_assert_eq(expiry_after(6000), 11000);
    cr_assert_eq(expiry_after(-6000), -1000, "its clock is behind: not a moment longer there");
    cr_assert_eq(expiry_after(499), 5000);
    cr_assert_eq(expiry_after(500), 5500);
    cr_assert_eq(expiry_after(-500), 4500);
    cr_assert_eq(expiry_after(86399999), 86404999);
    cr_assert_eq(expiry_after(86400000), 5000, "nobody's clock");
    cr_assert_eq(expiry_after(-T0_MS), 5000, "not told");
}

Test(reconcile, a_list_and_the_account_show_the_clock_too)
{
    struct harness *h = harness_new();
    harness_broker(
        h, (struct broker_event){.kind = BROKER_EVENT_ACCOUNT, .time_ms = h->now_ms + 7000});
    uint64_t cids[2];
    harness_enter(h, cids);
    cr_assert_eq(reconcile_there_ms(h->s, h->now_ms), h->now_ms + 7000);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_BEGIN});
    harness_has(h, cids[0], LOT(2));
    harness_has(h, cids[1], LOT(2));
    end(h, KNOWN); /* by our own time */
    cr_assert_eq(reconcile_there_ms(h->s, h->now_ms), h->now_ms);
    harness_free(h);
}
