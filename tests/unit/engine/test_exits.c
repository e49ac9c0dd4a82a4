/* Covers: rules of open positions in the engine: trailing, profit lock and break-even as prices
 * come in, one input a reached level and none between; break-even after the chain's first target
 * (only its own); a refused change rests; rules that change at run time; the longest time open;
 * EX-3; EX-5 with G90 on both sides; partial closes go on being watched. */
#include "desk.h"

#define BUY_ENTRY PRICE(265010) /* what harness_fill says */

static struct exit_rules *rules_of(struct harness *h)
{
    struct exit_rules *r = &h->opt.rules.exits[0];
    exit_rules_defaults(r);
    (void)str_copy(r->plugin, sizeof(r->plugin), "fake");
    return r;
}

/* The rules in force, as after a restart or a setting. */
static void in_force(struct harness *h)
{
    harness_timer(h, TIMER_RULES);
}

static bool tick(struct harness *h, int64_t bid_e8)
{
    return desk_tick(h, "XAUUSD", bid_e8, bid_e8 + PRICE(20));
}

/* Answers every change that was sent. */
static int confirm(struct harness *h)
{
    struct broker_request sends[8];
    size_t n = h->send_count;
    int confirmed = 0;
    cr_assert_leq(n, TR_ARRAY_SIZE(sends));
    memcpy(sends, h->sends, n * sizeof(sends[0]));
    for (size_t i = 0; i < n; i++)
        if (sends[i].kind == BROKER_MODIFY) {
            desk_stops(h, sends[i].cid, sends[i].position_cid, sends[i].sl_e8, sends[i].tp_e8);
            confirmed++;
        }
    return confirmed;
}

Test(exits, without_rules_no_price_is_watched)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    cr_assert_eq(h->s->prices.watched, 0);
    cr_assert_eq(exits_next_due_ms(h->s), INT64_MAX);
    harness_free(h);
}

Test(exits, the_stop_climbs_with_the_price_and_never_comes_back)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    rules_of(h)->trailing = EXIT_TRAILING_PERCENT; /* first stop 10.10 away: 5.05, steps of 2.525 */
    in_force(h);
    harness_enter(h, cids);
    cr_assert_eq(h->s->prices.count, 2, "one a position");
    cr_assert_not(tick(h, PRICE(265514)), "a cent before it");
    uint64_t seq = h->s->seq;
    cr_assert(tick(h, PRICE(265515)));
    cr_assert_eq(h->s->seq, seq + 1, "one input for both positions");
    cr_assert_eq(desk_sent(h, BROKER_MODIFY), 2);
    cr_assert_eq(h->sends[0].sl_e8, BUY_ENTRY);
    cr_assert_eq(h->sends[0].tp_e8, PRICE(267000), "the target stays");
    cr_assert_eq(confirm(h), 2);
    cr_assert_eq(harness_event(h, EVENT_SL_MODIFIED)->reason, REASON_TRAILING_STOP);
    cr_assert_not(tick(h, PRICE(265300)), "back again: nothing");
    cr_assert_not(tick(h, PRICE(265515)), "there again: nothing");
    cr_assert_not(tick(h, PRICE(265767)));
    cr_assert(tick(h, PRICE(265768)));
    cr_assert_eq(h->sends[0].sl_e8, PRICE(265262), "2.525 above, rounded away from the market");
    cr_assert(tick(h, PRICE(266600)), "a jump while the change is under way");
    cr_assert_eq(desk_sent(h, BROKER_MODIFY), 0);
    const struct modify *m = modify_find(h->s, cids[0]);
    cr_assert_eq(m->sl_e8, PRICE(266020), "four steps");
    cr_assert_eq(m->sent_sl_e8, PRICE(265262));
    harness_free(h);
}

Test(exits, the_lock_holds_ten_pips_from_forty_on)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    rules_of(h)->has_lock = true;
    in_force(h);
    harness_enter(h, cids);
    cr_assert_not(tick(h, BUY_ENTRY + PRICE(39)));
    cr_assert(tick(h, BUY_ENTRY + PRICE(40)));
    cr_assert_eq(h->sends[0].sl_e8, BUY_ENTRY + PRICE(10));
    (void)confirm(h);
    cr_assert_eq(harness_event(h, EVENT_SL_MODIFIED)->reason, REASON_PROFIT_LOCK);
    cr_assert_eq(h->s->prices.watched, 0, "nothing more to wait for");
    harness_free(h);
}

Test(exits, break_even_is_told_as_such)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    rules_of(h)->even_pips_e8 = 100 * DEC_ONE;
    in_force(h);
    harness_enter(h, cids);
    cr_assert(tick(h, BUY_ENTRY + PRICE(100)));
    (void)confirm(h);
    cr_assert_eq(harness_event(h, EVENT_BREAKEVEN)->sl_e8, BUY_ENTRY);
    harness_free(h);
}

Test(exits, the_first_target_of_a_chain_brings_its_other_order_to_the_entry)
{
    struct harness *h = desk_new();
    uint64_t a[2], b[2];
    rules_of(h)->even_after_tp1 = true;
    in_force(h);
    harness_enter(h, a);
    harness_enter(h, b);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_FILL,
                                            .position_cid = a[1],
                                            .exec_id = 9900001,
                                            .purpose = ORDER_CLOSE,
                                            .reason = REASON_TP_HIT,
                                            .lots_e8 = LOT(2),
                                            .price_e8 = PRICE(267000),
                                            .profit_e8 = DEC_ONE,
                                            .symbol = "XAUUSD"});
    cr_assert_eq(desk_sent(h, BROKER_MODIFY), 1);
    cr_assert_eq(h->sends[0].position_cid, a[0], "not the other trade's");
    cr_assert_eq(h->sends[0].sl_e8, BUY_ENTRY);
    harness_close_fill(h, 0, b[1], 9900002, -DEC_ONE);
    cr_assert_eq(desk_sent(h, BROKER_MODIFY), 0, "a stop is no target");
    harness_free(h);
}

Test(exits, a_refused_change_rests_for_a_minute)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    rules_of(h)->has_lock = true;
    in_force(h);
    harness_enter(h, cids);
    (void)tick(h, BUY_ENTRY + PRICE(40));
    uint64_t sent[2] = {h->sends[0].cid, h->sends[1].cid};
    desk_reject(h, sent[0], BROKER_REJECT, REASON_STOP_TOO_CLOSE);
    desk_reject(h, sent[1], BROKER_REJECT, REASON_STOP_TOO_CLOSE);
    cr_assert_eq(h->s->prices.watched, 0);
    cr_assert_not(tick(h, BUY_ENTRY + PRICE(45)));
    h->quotes.count = 0;
    desk_wait(h, 60000);
    cr_assert_eq(h->send_count, 0);
    cr_assert(tick(h, BUY_ENTRY + PRICE(45)), "tried again while it is still so");
    cr_assert_eq(desk_sent(h, BROKER_MODIFY), 2);
    harness_free(h);
}

Test(exits, rules_switched_on_at_run_time_count_for_open_positions)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    cr_assert_not(tick(h, BUY_ENTRY + PRICE(300)));
    rules_of(h)->has_lock = true;
    in_force(h);
    cr_assert(tick(h, BUY_ENTRY + PRICE(300)));
    cr_assert_eq(desk_sent(h, BROKER_MODIFY), 2);
    rules_of(h)->has_lock = false;
    in_force(h);
    cr_assert_eq(h->s->prices.watched, 0);
    harness_free(h);
}

Test(exits, a_position_being_closed_is_left_alone_a_part_of_one_is_not)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    rules_of(h)->has_lock = true;
    in_force(h);
    harness_enter(h, cids);
    (void)desk_act(h, (struct desk_order){.act = DESK_CLOSE, .position_cid = cids[0]});
    cr_assert_eq(h->s->prices.count, 1);
    (void)desk_act(
        h, (struct desk_order){.act = DESK_PART, .position_cid = cids[1], .lots_e8 = LOT(1)});
    cr_assert_eq(h->s->prices.count, 1);
    cr_assert(tick(h, BUY_ENTRY + PRICE(40)));
    cr_assert_eq(desk_sent(h, BROKER_MODIFY), 1);
    cr_assert_eq(h->sends[0].position_cid, cids[1]);
    harness_free(h);
}

Test(exits, a_trade_ends_after_the_longest_time_open)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    rules_of(h)->max_hold_min = 240;
    in_force(h);
    harness_enter(h, cids);
    int64_t opened_ms = h->now_ms;
    cr_assert_eq(exits_next_due_ms(h->s), opened_ms + 240 * 60000);
    desk_wait(h, 240 * 60000 - 1);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 0);
    desk_wait(h, 1);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 2);
    cr_assert_eq(state_order(h->s, h->sends[0].cid)->reason, REASON_TIME_EXIT);
    uint64_t sent[2] = {h->sends[0].cid, h->sends[1].cid};
    desk_reject(h, sent[0], BROKER_REJECT, REASON_MARKET_CLOSED);
    desk_reject(h, sent[1], BROKER_REJECT, REASON_MARKET_CLOSED);
    cr_assert_eq(exits_next_due_ms(h->s), h->now_ms + 5000, "no faster than the loop of 5 s");
    desk_wait(h, 4999);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 0);
    desk_wait(h, 1);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 2);
    harness_free(h);
}

static void trend_alert(struct harness *h, enum timeframe tf, enum side side)
{
    struct input in = {.kind = INPUT_SIGNAL};
    in.signal = (struct signal)SIGNAL_INIT;
    in.signal.format = SIGNAL_FORMAT_LEGACY;
    in.signal.kind = SIGNAL_LEGACY_TREND;
    in.signal.side = side;
    in.signal.tf = tf;
    (void)str_copy(in.signal.symbol, sizeof(in.signal.symbol), "XAUUSD");
    harness_apply(h, &in);
}

Test(exits, G90_flipped_trends_close_from_five_minutes_on)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    rules_of(h)->trend_flip = true;
    in_force(h);
    harness_enter(h, cids); /* buys */
    int64_t opened_ms = h->now_ms;
    trend_alert(h, TF_1H, SIDE_SELL);
    cr_assert_eq(exits_next_due_ms(h->s), INT64_MAX, "one of two");
    trend_alert(h, TF_15M, SIDE_SELL);
    cr_assert_eq(exits_next_due_ms(h->s), opened_ms + 5 * 60000);
    desk_wait(h, 4 * 60000 + 59000);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 0, "4 min 59 s: kept");
    desk_wait(h, 1000);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 2);
    cr_assert_eq(state_order(h->s, h->sends[0].cid)->reason, REASON_TREND_REVERSAL);
    harness_free(h);
}

Test(exits, trends_that_turn_back_in_time_close_nothing)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    rules_of(h)->trend_flip = true;
    in_force(h);
    harness_enter(h, cids);
    trend_alert(h, TF_1H, SIDE_SELL);
    trend_alert(h, TF_15M, SIDE_SELL);
    trend_alert(h, TF_15M, SIDE_BUY);
    desk_wait(h, 3600000);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 0);
    trend_alert(h, TF_15M, SIDE_SELL);
    desk_wait(h, 0);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 2, "old enough: at once");
    harness_free(h);
}

Test(exits, EX_3_a_trend_alert_closes_what_stands_against_it)
{
    struct harness *h = desk_new();
    uint64_t cids[2];
    rules_of(h)->trend_alert = true;
    in_force(h);
    harness_enter(h, cids);
    trend_alert(h, TF_1H, SIDE_BUY);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 0);
    trend_alert(h, TF_1H, SIDE_SELL);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 2);
    cr_assert_eq(state_order(h->s, h->sends[0].cid)->reason, REASON_TREND_REVERSAL_BEARISH);
    harness_free(h);
}
