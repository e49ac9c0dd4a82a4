/* Covers: engine/chains_profit: orders booked at 7 $ (G84), levels 1-2-4-8-16 (G85), shipped levels
 * (G86), strict and partial progress and the one recovery of a lost order (PC-5, RE-16), exits
 * (PC-8), gates between levels, orders refused or gone, conversion of what a pip is worth. */
#include "unit/engine/chains_sim.h"

/* Orders A and B of 0.05 lots of gold bought at 2000; the stops are far away. */
static struct sim *dual_new(void)
{
    struct sim *m = sim_new("XAUUSD", "2000", "0");
    m->plan.lots_a_e8 = LOT(5);
    m->plan.lots_b_e8 = LOT(5);
    sim_enter(m, SIDE_BUY, "1990", "2900");
    cr_assert_eq(m->h->s->chains.reentry_count, 1, "of order A");
    cr_assert_eq(sim_profit(m)->base.state, CHAIN_ACTIVE);
    return m;
}

/* 7 $ of 0.05 lots: 1.40. The orders of the level are booked, the next one opens. */
static void book_level(struct sim *m)
{
    m->bid_e8 += sim_dec("1.4");
    sim_quote(m, NULL);
}

Test(chains_profit, order_b_begins_a_chain_of_its_own)
{
    struct sim *m = dual_new();
    const struct profit_chain *c = sim_profit(m);
    cr_assert(str_starts(c->base.id, "PROFIT_XAUUSD_"));
    cr_assert_str_eq(c->parent_id, m->h->s->chains.reentry[0].base.id);
    cr_assert_eq(c->base.level, 0);
    cr_assert_eq(c->order_count, 1);
    sim_free(m);
}

Test(chains_profit, g84_an_order_is_booked_at_seven_dollars)
{
    struct sim *m = dual_new();
    sim_quote(m, "2001.39");
    cr_assert_eq(sim_count(m, EVENT_PROFIT_BOOKING), 0);
    sim_quote(m, "2001.4");
    cr_assert_eq(sim_last(m, EVENT_PROFIT_BOOKING)->profit_e8, sim_dec("7"));
    cr_assert_eq(sim_profit(m)->base.level, 1);
    cr_assert_eq(sim_profit(m)->order_count, 2);
    for (int i = 0; i < 2; i++) {
        const struct position *p = state_position(m->h->s, sim_profit(m)->orders[i].cid);
        cr_assert_eq(p->role, ORDER_ROLE_B);
        cr_assert_eq(p->lots_e8, LOT(5));
        cr_assert_eq(p->sl_e8, sim_dec("1999.4"), "10 $");
        cr_assert_eq(p->tp_e8, sim_dec("2004.4"), "1.5 times as far");
        cr_assert_str_eq(p->chain_id, sim_profit(m)->base.id);
    }
    sim_free(m);
}

Test(chains_profit, g85_all_levels_complete_with_31_orders_and_217_dollars)
{
    struct sim *m = dual_new();
    sim_chain_conf(m)->profit_level[3] = true;
    sim_chain_conf(m)->profit_level[4] = true;
    for (int level = 0; level < PROFIT_CHAIN_LEVELS; level++) {
        cr_assert_eq(sim_profit(m)->base.level, level);
        cr_assert_eq(sim_profit(m)->order_count, 1 << level);
        book_level(m);
    }
    cr_assert_eq(m->h->s->chains.profit_count, 0);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_COMPLETED)->profit_e8, sim_dec("217"));
    cr_assert_eq(m->opened, 31 + 1, "and order A");
    cr_assert_eq(sim_count(m, EVENT_PROFIT_BOOKING), 31);
    cr_assert_eq(sim_count(m, EVENT_CHAIN_ADVANCED), 4);
    cr_assert_eq(m->h->s->account.daily_profit_e8, sim_dec("217"));
    cr_assert_eq(m->h->s->position_count, 1);
    sim_free(m);
}

Test(chains_profit, g86_shipped_levels_stop_after_level_two)
{
    struct sim *m = dual_new();
    for (int level = 0; level < 3; level++)
        book_level(m);
    cr_assert_eq(m->h->s->chains.profit_count, 0);
    const struct event *e = sim_last(m, EVENT_CHAIN_STOPPED);
    cr_assert_eq(e->reason, REASON_LEVEL_DISABLED);
    cr_assert_eq(e->profit_e8, sim_dec("49"));
    cr_assert_eq(sim_count(m, EVENT_PROFIT_BOOKING), 7);
    sim_free(m);
}

Test(chains_profit, a_target_before_seven_dollars_counts_as_booked)
{
    struct sim *m = dual_new();
    uint64_t cid = sim_profit(m)->orders[0].cid;
    state_position(m->h->s, cid)->tp_e8 = sim_dec("2001");
    sim_quote(m, "2001");
    cr_assert_eq(sim_last(m, EVENT_TP_HIT)->profit_e8, sim_dec("5"));
    cr_assert_eq(sim_profit(m)->booked_total, 1);
    cr_assert_eq(sim_profit(m)->base.level, 1);
    sim_free(m);
}

/* ---- losses ---- */

/* At level 1, two orders with a stop 2.00 below. */
static struct sim *level_one_new(void)
{
    struct sim *m = dual_new();
    book_level(m);
    cr_assert_eq(sim_profit(m)->base.level, 1);
    return m;
}

Test(chains_profit, re16_a_lost_order_is_tried_once_more)
{
    struct sim *m = level_one_new();
    sim_quote(m, "1999.4");
    cr_assert_eq(sim_count(m, EVENT_SL_HUNT_ACTIVATED), 2);
    cr_assert_eq(sim_last(m, EVENT_SL_HUNT_ACTIVATED)->entry_e8, sim_dec("1999.42"));
    cr_assert_eq(sim_profit(m)->orders[0].state, PROFIT_ORDER_HUNTING);
    sim_quote(m, "1999.41");
    cr_assert_eq(m->h->s->position_count, 1);
    sim_quote(m, "1999.42");
    cr_assert_eq(m->h->s->position_count, 3);
    const struct position *p = state_position(m->h->s, sim_profit(m)->orders[0].cid);
    cr_assert_eq(p->entry_e8 - p->sl_e8, sim_dec("0.25"), "25 pips of sl-1");
    cr_assert_eq(p->tp_e8 - p->entry_e8, sim_dec("0.38"), "1.5 times, on ticks");
    sim_quote(m, "1999.8"); /* its target */
    cr_assert_eq(sim_count(m, EVENT_RECOVERY_SUCCESS), 2);
    cr_assert_eq(sim_profit(m)->base.level, 2);
    sim_free(m);
}

Test(chains_profit, pc5_strict_mode_stops_when_the_second_try_is_lost)
{
    struct sim *m = level_one_new();
    sim_quote(m, "1999.4");
    sim_quote(m, "1999.42");
    sim_quote(m, "1999.17");
    cr_assert_eq(m->h->s->chains.profit_count, 0);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->reason, REASON_CHAIN_LOSS);
    cr_assert_eq(sim_count(m, EVENT_RECOVERY_FAILED), 1, "the other one is nobody's any more");
    cr_assert_eq(m->h->s->position_count, 1);
    sim_free(m);
}

Test(chains_profit, a_recovery_that_does_not_come_loses_the_order)
{
    struct sim *m = level_one_new();
    sim_quote(m, "1999.4");
    sim_wait(m, 30 * 60000);
    cr_assert_eq(m->h->s->chains.profit_count, 1);
    sim_wait(m, 1);
    cr_assert_eq(m->h->s->chains.profit_count, 0);
    cr_assert_eq(sim_last(m, EVENT_RECOVERY_TIMEOUT)->reason, REASON_RECOVERY_TIMEOUT);
    sim_free(m);
}

Test(chains_profit, pc5_partial_mode_goes_on_with_three_of_four)
{
    struct sim *m = level_one_new();
    sim_chain_conf(m)->profit_strict = false;
    sim_chain_conf(m)->profit_hunt = false;
    book_level(m);
    cr_assert_eq(sim_profit(m)->order_count, 4);
    state_position(m->h->s, sim_profit(m)->orders[3].cid)->sl_e8 = m->bid_e8;
    sim_quote(m, NULL); /* one is stopped at its entry */
    cr_assert_eq(sim_profit(m)->orders[3].state, PROFIT_ORDER_LOST);
    book_level(m);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->reason, REASON_LEVEL_DISABLED,
                 "three of four: left, and level 3 is off");
    sim_free(m);

    m = level_one_new();
    sim_chain_conf(m)->profit_strict = false;
    sim_chain_conf(m)->profit_hunt = false;
    state_position(m->h->s, sim_profit(m)->orders[0].cid)->sl_e8 = m->bid_e8;
    sim_quote(m, NULL);
    book_level(m);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->reason, REASON_CHAIN_LOSS, "one of two");
    sim_free(m);
}

/* ---- exits and gates ---- */

Test(chains_profit, pc8_an_exit_closes_what_is_left)
{
    struct sim *m = level_one_new();
    sim_signal(m, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
    sim_settle(m);
    cr_assert_eq(m->h->s->chains.profit_count, 0);
    cr_assert_eq(m->h->s->position_count, 0);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->reason, REASON_EXIT_SIGNAL);
    sim_free(m);
}

Test(chains_profit, a_pause_waits_with_the_next_level)
{
    struct sim *m = dual_new();
    m->h->s->paused = true;
    book_level(m);
    cr_assert_eq(sim_profit(m)->base.state, CHAIN_ADVANCING);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_BLOCKED)->reason, REASON_PAUSED);
    m->h->s->paused = false;
    sim_wait(m, 5000);
    sim_quote(m, NULL);
    cr_assert_eq(sim_profit(m)->base.level, 1);
    sim_free(m);

    m = dual_new();
    m->h->s->paused = true;
    book_level(m);
    sim_wait(m, 30 * 60000 + 1);
    cr_assert_eq(m->h->s->chains.profit_count, 0);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->reason, REASON_PAUSED);
    sim_free(m);
}

Test(chains_profit, the_caps_stop_the_next_level)
{
    struct sim *m = dual_new();
    m->h->s->rules.daily_loss_cap_e8 = sim_dec("100");
    m->h->s->account.daily_loss_e8 = sim_dec("100");
    book_level(m);
    cr_assert_eq(m->h->s->chains.profit_count, 0);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->reason, REASON_DAILY_LOSS_CAP);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->limit_e8, sim_dec("100"));
    sim_free(m);
}

Test(chains_profit, a_level_whose_orders_are_all_refused_stops_the_chain)
{
    struct sim *m = dual_new();
    m->bid_e8 += sim_dec("1.4");
    sim_settle(m);
    cr_assert(sim_poll(m));
    sim_settle(m); /* booked; the next level waits for a quote */
    m->refuses = true;
    cr_assert(sim_poll(m));
    sim_settle(m);
    cr_assert_eq(m->h->s->chains.profit_count, 0);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->reason, REASON_NO_MONEY);
    sim_free(m);
}

Test(chains_profit, orders_gone_at_the_broker_make_it_stale)
{
    struct sim *m = level_one_new();
    sim_all_gone(m);
    cr_assert_eq(sim_profit(m)->orders[0].state, PROFIT_ORDER_MISSING);
    sim_wait(m, 2 * 60000);
    cr_assert_eq(m->h->s->chains.profit_count, 0);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->reason, REASON_CHAIN_STALE);
    sim_free(m);
}

static void list_without(struct sim *m, uint64_t gone)
{
    sim_broker(m, &(struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_BEGIN});
    for (size_t i = 0; i < m->h->s->position_count; i++) {
        const struct position *p = &m->h->s->positions[i];
        if (p->cid != gone)
            sim_broker(m, &(struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_POSITION,
                                                 .position_cid = p->cid,
                                                 .side = p->side,
                                                 .price_e8 = p->entry_e8,
                                                 .lots_e8 = p->lots_e8});
    }
    sim_broker(m, &(struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_END});
}

Test(chains_profit, one_order_gone_is_dropped_and_the_rest_goes_on)
{
    struct sim *m = level_one_new();
    uint64_t gone = sim_profit(m)->orders[0].cid;
    list_without(m, gone);
    list_without(m, gone);
    sim_wait(m, 2 * 60000);
    cr_assert_eq(sim_profit(m)->orders[0].state, PROFIT_ORDER_FAILED);
    book_level(m);
    cr_assert_eq(sim_profit(m)->base.level, 2);
    sim_free(m);
}

Test(chains_profit, a_lone_order_b_is_what_the_configuration_says)
{
    struct sim *m = sim_new("XAUUSD", "2000", "0");
    m->plan.lots_b_e8 = LOT(5);
    sim_enter(m, SIDE_BUY, "1990", "2900");
    cr_assert_eq(m->h->s->chains.profit_count, 1);
    cr_assert_eq(m->h->s->chains.reentry_count, 0);
    sim_chain_conf(m)->profit_lone_b = false;
    sim_enter(m, SIDE_BUY, "1990", "2900");
    cr_assert_eq(m->h->s->chains.profit_count, 1);
    cr_assert_eq(m->h->s->chains.reentry_count, 1);
    sim_free(m);
}

Test(chains_profit, seven_dollars_are_seven_dollars_in_yen_pairs_too)
{
    /* The table's 9.1 $ a pip would book at 15.38 pips: that is 5.14 $. */
    struct sim *m = sim_new("USDJPY", "149.50", "0");
    m->plan.lots_a_e8 = LOT(5);
    m->plan.lots_b_e8 = LOT(5);
    sim_enter(m, SIDE_BUY, "148", "159");
    sim_quote(m, "149.66");
    cr_assert_eq(sim_count(m, EVENT_PROFIT_BOOKING), 0);
    sim_quote(m, "149.71");
    cr_assert_geq(sim_last(m, EVENT_PROFIT_BOOKING)->profit_e8, sim_dec("7"));
    sim_free(m);
}

Test(chains_profit, what_is_left_of_a_partly_closed_order_is_booked_at_its_own_level)
{
    struct sim *m = dual_new();
    uint64_t cid = sim_profit(m)->orders[0].cid;
    sim_broker(m, &(struct broker_event){.kind = BROKER_EVENT_FILL,
                                         .position_cid = cid,
                                         .exec_id = 9999,
                                         .purpose = ORDER_CLOSE,
                                         .reason = REASON_MANUAL_CLOSE,
                                         .lots_e8 = LOT(3),
                                         .price_e8 = sim_dec("2000")});
    size_t rows = m->row_count;
    sim_quote(m, "2001.4"); /* 2.80 $ of 0.02 lots */
    sim_quote(m, "2001.41");
    sim_quote(m, "2003.49");
    cr_assert_eq(sim_count(m, EVENT_PROFIT_BOOKING), 0);
    cr_assert_leq(m->row_count - rows, 1, "no row for each quote");
    sim_quote(m, "2003.5");
    cr_assert_eq(sim_last(m, EVENT_PROFIT_BOOKING)->profit_e8, sim_dec("7"));
    sim_free(m);
}

Test(chains_profit, the_snapshot_keeps_every_step)
{
    struct sim *m = dual_new();
    for (int level = 0; level < 2; level++) {
        sim_restart(m);
        book_level(m);
    }
    sim_restart(m);
    cr_assert_eq(sim_profit(m)->base.level, 2);
    sim_quote(m, "1995"); /* four orders are hunted, two at most by the limits */
    sim_restart(m);
    cr_assert_eq(m->h->s->chains.profit_count, 0, "a fourth loss stops it: three at once");
    sim_free(m);
}
