/* Covers: engine/chains, chains_reentry, chains_place, chains_pack: SL hunt recovery (G66, G69,
 * G70), TP continuation (G74), exit continuation (G82), reverse shield (G80), safety limits (G81),
 * gates (RT-3: a re-entry passes the trend's) and what is told of them, orders that fail, positions
 * that are gone, stopping by hand, the snapshot. */
#include "unit/engine/chains_sim.h"

/* Order A alone, 0.06 lots of gold bought at 2000, stop 1990, target 2020; no shield. */
static struct sim *gold_new(void)
{
    struct sim *m = sim_new("XAUUSD", "2000", "0");
    m->plan.lots_a_e8 = LOT(6);
    sim_chain_conf(m)->shield = false;
    m->h->opt.rules.chains[CHAIN_COMBINED_V3].shield = false;
    sim_enter(m, SIDE_BUY, "1990", "2020");
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_ACTIVE);
    return m;
}

Test(chains, a_trade_begins_a_chain_at_level_one)
{
    struct sim *m = gold_new();
    const struct chain *c = sim_chain(m);
    cr_assert_eq(c->base.level, 1);
    cr_assert_eq(c->base_pips_e8, sim_dec("1000"));
    cr_assert_eq(c->entries, 1);
    cr_assert_str_eq(c->base.id, m->h->s->positions[0].chain_id);
    cr_assert_str_eq(sim_last(m, EVENT_CHAIN_STATE)->text, "ACTIVE - ACTIVE 15");
    sim_free(m);
}

Test(chains, g66_g70_a_stop_is_hunted_back_at_seventy_percent_with_half_the_stop)
{
    struct sim *m = gold_new();
    sim_quote(m, "1989");
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_HUNTING);
    cr_assert_eq(sim_last(m, EVENT_SL_HUNT_ACTIVATED)->entry_e8, sim_dec("1997"));
    cr_assert_eq(m->h->s->position_count, 0);
    sim_quote(m, "1996.99");
    cr_assert_eq(m->h->s->position_count, 0);
    sim_quote(m, "1997");
    const struct chain *c = sim_chain(m);
    cr_assert_eq(c->base.state, CHAIN_RECOVERING);
    cr_assert_eq(m->h->s->position_count, 1);
    const struct position *p = &m->h->s->positions[0];
    cr_assert_eq(p->sl_e8, sim_dec("1992"), "500 pips");
    cr_assert_eq(p->tp_e8, sim_dec("2004.5"), "1.5 times as far");
    cr_assert_eq(p->lots_e8, LOT(6));
    cr_assert_eq(p->role, ORDER_ROLE_A);
    cr_assert_str_eq(p->chain_id, c->base.id);
    cr_assert_eq(m->h->s->chains.days[CHAIN_COMBINED_V3].attempts, 1);
    cr_assert_eq(sim_count(m, EVENT_SL_HUNT_RECOVERY), 1);
    sim_free(m);
}

Test(chains, a_won_recovery_resumes_one_level_up)
{
    struct sim *m = gold_new();
    sim_quote(m, "1989");
    sim_quote(m, "1997");
    sim_quote(m, "2004.5");
    cr_assert_eq(sim_count(m, EVENT_RECOVERY_SUCCESS), 1);
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_CONTINUING);
    cr_assert_eq(sim_chain(m)->base.level, 2);
    cr_assert_eq(sim_chain(m)->base.loss_e8, sim_dec("60"), "0.06 lots x 10.00");
    cr_assert_eq(sim_chain(m)->base.profit_e8, sim_dec("45"));
    sim_free(m);
}

Test(chains, a_lost_recovery_stops_the_chain_and_counts)
{
    struct sim *m = gold_new();
    sim_quote(m, "1989");
    sim_quote(m, "1997");
    sim_quote(m, "1991");
    cr_assert_eq(sim_last(m, EVENT_RECOVERY_FAILED)->reason, REASON_RECOVERY_LOST);
    cr_assert_eq(m->h->s->chains.reentry_count, 0);
    cr_assert_eq(m->h->s->chains.days[CHAIN_COMBINED_V3].losses, 1);
    cr_assert_eq(m->h->s->prices.count, 0, "nothing is waited for any more");
    sim_free(m);
}

Test(chains, g69_the_window_of_gold_is_fifteen_minutes)
{
    struct sim *m = gold_new();
    sim_quote(m, "1989");
    sim_wait(m, 15 * 60000);
    sim_quote(m, "1997");
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_RECOVERING, "its last moment counts");
    sim_free(m);

    m = gold_new();
    sim_quote(m, "1989");
    sim_wait(m, 15 * 60000 + 1);
    cr_assert_eq(sim_count(m, EVENT_RECOVERY_TIMEOUT), 1);
    cr_assert_eq(m->h->s->chains.reentry_count, 0);
    sim_quote(m, "1997");
    cr_assert_eq(m->h->s->position_count, 0);
    sim_free(m);
}

Test(chains, g74_targets_go_on_with_smaller_stops_up_to_level_five)
{
    static const char *const pips[] = {"975", "633.75", "411.94", "267.76"};
    struct sim *m = sim_new("XAUUSD", "2000", "0");
    m->plan.lots_a_e8 = LOT(6);
    sim_enter(m, SIDE_BUY, "1985", "2022.5");
    for (int i = 0; i < 4; i++) {
        const struct position p = m->h->s->positions[0];
        m->bid_e8 = p.tp_e8 + sim_dec("0.02");
        sim_quote(m, NULL);
        cr_assert_eq(sim_chain(m)->base.state, CHAIN_CONTINUING, "cooling down");
        cr_assert_eq(m->h->s->position_count, 0);
        sim_wait(m, 4999);
        sim_quote(m, NULL);
        cr_assert_eq(m->h->s->position_count, 0);
        sim_wait(m, 1);
        sim_quote(m, NULL);
        cr_assert_eq(sim_chain(m)->base.level, i + 2);
        int64_t distance_e8 = m->h->s->positions[0].entry_e8 - m->h->s->positions[0].sl_e8;
        int64_t pips_e8 = distance_e8 * 100;
        cr_assert_leq(pips_e8 - sim_dec(pips[i]), DEC_ONE, "on ticks, never nearer");
        cr_assert_geq(pips_e8, sim_dec(pips[i]));
    }
    m->bid_e8 = m->h->s->positions[0].tp_e8;
    sim_quote(m, NULL);
    cr_assert_eq(m->h->s->chains.reentry_count, 0);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STATE)->reason, REASON_CHAIN_MAX_LEVEL);
    cr_assert_eq(sim_count(m, EVENT_TP_CONTINUATION), 4);
    sim_free(m);
}

Test(chains, a_target_that_is_not_left_behind_ends_the_chain)
{
    struct sim *m = gold_new();
    sim_quote(m, "2020");
    cr_assert_eq(sim_last(m, EVENT_TP_REENTRY_STARTED)->entry_e8, sim_dec("2020.02"));
    sim_wait(m, 5000);
    sim_quote(m, "2020.01");
    cr_assert_eq(m->h->s->position_count, 0);
    sim_wait(m, 30 * 60000);
    cr_assert_eq(m->h->s->chains.reentry_count, 0);
    cr_assert(str_starts(sim_last(m, EVENT_CHAIN_STATE)->text, "COMPLETED"));
    sim_free(m);
}

Test(chains, a_trend_against_it_is_told_once_and_looked_at_again)
{
    struct sim *m = gold_new();
    sim_quote(m, "1989");
    cr_assert(trends_put_auto(&m->h->s->trends, "XAUUSD", TF_1H, SIDE_SELL, m->h->now_ms));
    sim_quote(m, "1997");
    cr_assert_eq(sim_last(m, EVENT_CHAIN_BLOCKED)->reason, REASON_TREND_NOT_ALIGNED);
    sim_wait(m, 4999);
    cr_assert_not(sim_poll(m));
    sim_wait(m, 1);
    cr_assert(sim_poll(m));
    cr_assert_eq(sim_count(m, EVENT_CHAIN_BLOCKED), 1);
    cr_assert_eq(m->h->s->position_count, 0);
    cr_assert(trends_put_auto(&m->h->s->trends, "XAUUSD", TF_1H, SIDE_BUY, m->h->now_ms));
    sim_wait(m, 5000);
    sim_quote(m, NULL);
    cr_assert_eq(m->h->s->position_count, 1);
    sim_free(m);
}

Test(chains, a_pause_holds_a_recovery_and_a_panic_ends_it)
{
    struct sim *m = gold_new();
    sim_quote(m, "1989");
    m->h->s->paused = true;
    sim_quote(m, "1997");
    cr_assert_eq(sim_last(m, EVENT_CHAIN_BLOCKED)->reason, REASON_PAUSED);
    cr_assert_eq(m->h->s->position_count, 0);
    m->h->s->paused = false;
    m->h->s->panicked = true;
    sim_wait(m, 5000);
    sim_quote(m, NULL);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->reason, REASON_PANIC);
    cr_assert_eq(m->h->s->chains.reentry_count, 0);
    sim_free(m);
}

Test(chains, the_plugins_own_limits_hold_for_chains)
{
    struct sim *m = gold_new();
    sim_chain_conf(m)->max_daily = 1;
    sim_quote(m, "1989");
    sim_quote(m, "1997");
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->reason, REASON_MAX_DAILY_TRADES);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->number_e8, DEC_ONE);
    sim_free(m);

    m = gold_new();
    sim_enter(m, SIDE_BUY, "1900", "2100"); /* another trade stays open */
    sim_chain_conf(m)->max_open = 1;
    sim_quote(m, "1989");
    sim_quote(m, "1997");
    cr_assert_eq(sim_last(m, EVENT_CHAIN_BLOCKED)->reason, REASON_MAX_OPEN_TRADES);
    sim_chain_conf(m)->max_open = 2;
    sim_wait(m, 5000);
    sim_quote(m, NULL);
    cr_assert_eq(m->h->s->position_count, 2);
    sim_free(m);
}

Test(chains, the_caps_of_the_trader_hold_for_chains)
{
    struct sim *m = gold_new();
    m->h->s->rules.daily_loss_cap_e8 = sim_dec("60");
    sim_quote(m, "1989");
    sim_quote(m, "1997");
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->reason, REASON_DAILY_LOSS_CAP);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->limit_e8, sim_dec("60"));
    cr_assert_eq(m->h->s->position_count, 0);
    sim_free(m);
}

Test(chains, g81_safety_limits_block_for_six_hours)
{
    struct sim *m = gold_new();
    struct chain_day *day = &m->h->s->chains.days[CHAIN_COMBINED_V3];
    day->attempts = 10;
    sim_quote(m, "1989");
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->reason, REASON_RECOVERY_ATTEMPTS);
    cr_assert_eq(day->blocked_until_ms, m->h->now_ms + 6 * 3600000);
    day->attempts = 0;
    m->bid_e8 = sim_dec("2000");
    sim_enter(m, SIDE_BUY, "1990", "2020");
    sim_wait(m, 6 * 3600000 - 1);
    sim_quote(m, "1989");
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->reason, REASON_RECOVERY_WAIT);
    m->bid_e8 = sim_dec("2000");
    sim_enter(m, SIDE_BUY, "1990", "2020");
    sim_wait(m, 1);
    sim_quote(m, "1989");
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_HUNTING);
    sim_free(m);
}

Test(chains, three_recoveries_at_once_are_enough)
{
    struct sim *m = gold_new();
    for (int i = 0; i < 3; i++)
        sim_enter(m, SIDE_BUY, "1990", "2020");
    sim_quote(m, "1989");
    cr_assert_eq(sim_count(m, EVENT_SL_HUNT_ACTIVATED), 3);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->reason, REASON_RECOVERY_CONCURRENT);
    cr_assert_eq(m->h->s->chains.reentry_count, 3);
    sim_free(m);
}

Test(chains, counts_of_the_day_roll_over)
{
    struct sim *m = gold_new();
    m->h->s->chains.days[CHAIN_COMBINED_V3].attempts = 7;
    m->h->now_ms += 24 * 3600000;
    sim_timer(m, TIMER_DUE);
    cr_assert_eq(m->h->s->chains.days[CHAIN_COMBINED_V3].attempts, 0);
    sim_free(m);
}

Test(chains, won_profit_between_the_marks_is_kept)
{
    struct sim *m = gold_new();
    m->h->s->chains.reentry[0].base.profit_e8 = sim_dec("85"); /* 25 after this loss of 60 */
    sim_quote(m, "1989");
    const struct event *e = sim_last(m, EVENT_CHAIN_STOPPED);
    cr_assert_eq(e->reason, REASON_PROFIT_PROTECTION);
    cr_assert_eq(e->number_e8, sim_dec("25"));
    cr_assert_eq(e->limit_e8, sim_dec("180"), "6 x 500 pips x 0.06");
    sim_free(m);
}

static void run_close_one(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)c;
    (void)ret;
    tx_receipt(tx, tx_close(tx, tx_position_at(tx, 0)->cid, REASON_MANUAL_CLOSE), "");
}
static const struct command_ops ops_close_one = {"one", ROLE_TRADER, true, 0, run_close_one};
static const struct command_ops *const one_command[] = {&ops_close_one};

static void close_by_hand(struct sim *m)
{
    struct input in = {.kind = INPUT_COMMAND};
    m->h->opt.commands = one_command;
    m->h->opt.command_count = 1;
    (void)str_copy(in.command.name, sizeof(in.command.name), "one");
    in.command.origin = ORIGIN_BOT;
    in.command.bot = BOT_CONTROLLER;
    in.command.role = ROLE_TRADER;
    in.command.lang = LANG_EN;
    in.command.chat_id = 7;
    in.command.update_id = 1;
    sim_apply(m, &in);
    sim_settle(m);
}

Test(chains, g82_an_exit_by_hand_goes_on_where_the_route_allows)
{
    struct sim *m = gold_new();
    close_by_hand(m);
    cr_assert_eq(m->h->s->chains.reentry_count, 0, "LOGIC1 does not");
    sim_free(m);

    m = sim_new("XAUUSD", "2000", "0");
    m->plan = (struct sim_plan){.lots_a_e8 = LOT(6), .route = "LOGIC3"};
    sim_enter(m, SIDE_BUY, "1990", "2020");
    close_by_hand(m);
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_LEAVING);
    sim_quote(m, "2000.01");
    cr_assert_eq(m->h->s->position_count, 0);
    sim_quote(m, "2000.02");
    const struct position *p = &m->h->s->positions[0];
    cr_assert_eq(sim_chain(m)->base.level, 2);
    cr_assert_eq(p->sl_e8, sim_dec("1990.02"), "the same distances");
    cr_assert_eq(p->tp_e8, sim_dec("2020.02"));
    cr_assert_eq(sim_count(m, EVENT_EXIT_CONTINUATION), 1);
    close_by_hand(m);
    sim_wait(m, 60001);
    cr_assert_eq(m->h->s->chains.reentry_count, 0);
    sim_free(m);
}

Test(chains, an_exit_signal_ends_the_chain_at_once)
{
    struct sim *m = gold_new();
    sim_signal(m, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
    sim_settle(m);
    cr_assert_eq(m->h->s->chains.reentry_count, 0);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STATE)->reason, REASON_EXIT_SIGNAL);
    sim_free(m);
}

Test(chains, g89_a_reversal_closes_the_trade_and_stops_its_chains_at_level_one)
{
    struct sim *m = sim_new("XAUUSD", "2000", "0");
    m->plan.lots_a_e8 = m->plan.lots_b_e8 = LOT(6);
    m->plan.close_reason = REASON_REVERSAL_BEARISH;
    sim_enter(m, SIDE_BUY, "1990", "2900");
    cr_assert_eq(sim_chain(m)->base.level, 1);
    cr_assert_eq(sim_profit(m)->base.state, CHAIN_ACTIVE);
    sim_signal(m, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
    sim_settle(m);
    cr_expect_eq(m->h->s->position_count, 0);
    cr_expect_eq(sim_last(m, EVENT_TRADE_CLOSED)->reason, REASON_REVERSAL_BEARISH);
    cr_expect_eq(m->h->s->chains.reentry_count, 0, "no chain goes on");
    cr_expect_eq(m->h->s->chains.profit_count, 0);
    const struct event *e = sim_last(m, EVENT_CHAIN_STATE);
    cr_expect_eq(e->reason, REASON_REVERSAL_BEARISH);
    cr_expect(str_starts(e->text, "STOPPED "), "%s", e->text);
    sim_free(m);
}

Test(chains, a_refused_recovery_order_fails_the_recovery)
{
    struct sim *m = gold_new();
    sim_quote(m, "1989");
    m->refuses = true;
    sim_quote(m, "1997");
    cr_assert_eq(sim_last(m, EVENT_RECOVERY_FAILED)->reason, REASON_NO_MONEY);
    cr_assert_eq(m->h->s->chains.reentry_count, 0);
    sim_free(m);
}

Test(chains, switched_off_nothing_follows)
{
    struct sim *m = gold_new();
    sim_chain_conf(m)->autonomous = false;
    sim_quote(m, "1989");
    cr_assert_eq(m->h->s->chains.reentry_count, 0);
    cr_assert_eq(m->h->s->prices.count, 0);
    sim_free(m);
}

Test(chains, a_stop_drawn_into_the_profit_is_no_loss_to_hunt)
{
    struct sim *m = gold_new();
    m->h->s->positions[0].sl_e8 = sim_dec("2005");
    sim_quote(m, "2004");
    cr_assert_eq(m->h->s->chains.reentry_count, 0);
    cr_assert_eq(sim_count(m, EVENT_SL_HUNT_ACTIVATED), 0);
    cr_assert(str_starts(sim_last(m, EVENT_CHAIN_STATE)->text, "COMPLETED"));
    sim_free(m);
}

/* ---- the shield ---- */

static struct sim *shield_new(void)
{
    struct sim *m = sim_new("XAUUSD", "2000", "0");
    m->plan.lots_a_e8 = LOT(6);
    sim_enter(m, SIDE_BUY, "1990", "2020");
    sim_quote(m, "1990");
    return m;
}

Test(chains, g80_a_stop_opens_a_shield_until_seventy_percent)
{
    struct sim *m = shield_new();
    cr_assert_eq(m->h->s->position_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct position *p = &m->h->s->positions[i];
        cr_assert_eq(p->side, SIDE_SELL);
        cr_assert_eq(p->lots_e8, LOT(3));
        cr_assert_eq(p->entry_e8, sim_dec("1990"));
        cr_assert_eq(p->sl_e8, sim_dec("2000"));
        cr_assert_eq(p->tp_e8, sim_dec(i == 0 ? "1980" : "1975"));
    }
    cr_assert_eq(m->h->s->chains.reentry_count, 1, "a shield begins no chain");
    cr_assert_eq(m->h->s->chains.profit_count, 0);
    sim_quote(m, "1996.99");
    cr_assert_eq(m->h->s->position_count, 2);
    sim_quote(m, "1997");
    cr_assert_eq(sim_last(m, EVENT_TRADE_CLOSED)->reason, REASON_SHIELD_KILL);
    cr_assert_eq(m->h->s->position_count, 1, "the recovery");
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_RECOVERING);
    sim_free(m);
}

Test(chains, a_chain_that_has_ended_waits_for_its_shield)
{
    struct sim *m = shield_new();
    sim_wait(m, 15 * 60000 + 1);
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_STOPPED);
    sim_quote(m, "1979");
    cr_assert_eq(sim_chain(m)->shield.cids[0], 0);
    cr_assert_eq(m->h->s->position_count, 1);
    sim_quote(m, "1975");
    cr_assert_eq(m->h->s->chains.reentry_count, 0);
    cr_assert_eq(m->h->s->prices.count, 0);
    sim_free(m);
}

Test(chains, a_shield_leaves_the_reserve_of_the_day_alone)
{
    struct sim *m = sim_new("XAUUSD", "2000", "0");
    m->plan.lots_a_e8 = LOT(6);
    sim_enter(m, SIDE_BUY, "1990", "2020");
    m->h->s->rules.daily_loss_cap_e8 = sim_dec("150"); /* 60 lost, 50 kept: 40 for two orders */
    sim_quote(m, "1990");
    cr_assert_eq(m->h->s->position_count, 2);
    cr_assert_eq(m->h->s->positions[0].lots_e8, LOT(2));
    sim_free(m);
}

/* ---- failure and hand ---- */

Test(chains, a_position_that_is_gone_makes_the_chain_stale_after_three_checks)
{
    struct sim *m = gold_new();
    sim_all_gone(m);
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_MISSING);
    sim_wait(m, 60000);
    cr_assert_eq(sim_chain(m)->base.missing_checks, 2);
    sim_wait(m, 60000);
    cr_assert_eq(m->h->s->chains.reentry_count, 0);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STATE)->reason, REASON_CHAIN_STALE);
    sim_free(m);
}

Test(chains, a_position_that_is_back_goes_on)
{
    struct sim *m = gold_new();
    uint64_t cid = m->h->s->positions[0].cid;
    sim_all_gone(m);
    sim_broker(m, &(struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_BEGIN});
    struct broker_event back = {.kind = BROKER_EVENT_SNAPSHOT_POSITION,
                                .position_cid = cid,
                                .side = SIDE_BUY,
                                .lots_e8 = LOT(6),
                                .price_e8 = sim_dec("2000"),
                                .sl_e8 = sim_dec("1990"),
                                .tp_e8 = sim_dec("2020")};
    (void)str_copy(back.symbol, sizeof(back.symbol), "XAUUSD");
    sim_broker(m, &back);
    sim_broker(m, &(struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_END});
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_ACTIVE);
    sim_quote(m, "1989");
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_HUNTING);
    sim_free(m);
}

Test(chains, a_chain_is_stopped_by_its_id)
{
    struct sim *m = shield_new();
    struct engine_tx tx = {.s = m->h->s,
                           .opt = &m->h->opt,
                           .out = &m->h->out,
                           .quotes = &m->h->quotes,
                           .now_ms = m->h->now_ms,
                           .seq = m->h->s->seq};
    struct tx_chain shown;
    int count = 0;
    cr_assert_eq(tx_chain_count(&tx), 1);
    tx_chain_at(&tx, 0, &shown);
    cr_assert_eq(shown.state, CHAIN_HUNTING);
    cr_assert_eq(shown.watch_e8, sim_dec("1997"));
    cr_assert_eq(shown.max_level, 5);
    cr_assert_eq(tx_chain_stop(&tx, "XAUUSD_ffffffff", false, &count), REASON_CHAIN_NOT_FOUND);
    cr_assert_eq(tx_chain_stop(&tx, shown.id, true, &count), REASON_CHAIN_NOT_FOUND);
    cr_assert_eq(tx_chain_stop(&tx, shown.id, false, &count), REASON_ACCEPTED);
    cr_assert_eq(count, 1);
    cr_assert_neq(m->h->s->positions[0].closing_cid, 0, "its shield is closed");
    cr_assert_eq(tx_chain_stop(&tx, "all", false, &count), REASON_CHAIN_NOT_FOUND);
    sim_free(m);
}

Test(chains, the_snapshot_keeps_every_step)
{
    struct sim *m = shield_new();
    sim_restart(m);
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_HUNTING);
    sim_quote(m, "1997");
    sim_restart(m);
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_RECOVERING);
    sim_quote(m, "2004.5");
    sim_restart(m);
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_CONTINUING);
    sim_wait(m, 5000);
    sim_quote(m, "2004.52");
    cr_assert_eq(sim_chain(m)->base.level, 3);
    sim_free(m);
}

/* ---- spec 4.1, recovery_priority ---- */

Test(chains, the_last_attempt_of_the_day_goes_to_the_chain_with_more_profit)
{
    struct sim *m = gold_new();
    struct chains *all = &m->h->s->chains;
    sim_enter(m, SIDE_BUY, "1990", "2020");
    cr_assert_eq(all->reentry_count, 2);
    uint64_t newer = all->reentry[1].base.origin_cid;
    all->reentry[1].base.profit_e8 =
        120 * DEC_ONE; /* more than protection asks for, as in RE-12 (b) */
    all->reentry[0].base.profit_e8 = 5 * DEC_ONE;
    m->h->s->rules.chains[CHAIN_COMBINED_V3].protection = REENTRY_PROTECTION_OFF;
    m->h->opt.rules.chains[CHAIN_COMBINED_V3].protection = REENTRY_PROTECTION_OFF;
    sim_quote(m, "1989");
    cr_assert_eq(sim_count(m, EVENT_SL_HUNT_ACTIVATED), 2);
    all->days[CHAIN_COMBINED_V3].attempts = 9;
    sim_quote(m, "1998");
    cr_assert_eq(all->reentry_count, 1, "the other one is over: ten attempts are enough");
    cr_assert_eq(all->reentry[0].base.origin_cid, newer);
    cr_assert_eq(all->reentry[0].base.state, CHAIN_RECOVERING);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_STOPPED)->reason, REASON_RECOVERY_ATTEMPTS);
    sim_free(m);
}

/* ---- RE-14 ---- */

Test(chains, under_the_manager_a_recovery_waits_for_a_strong_market)
{
    struct sim *m = gold_new();
    struct exit_rules *r = &m->h->s->rules.exits[0];
    (void)str_copy(r->plugin, sizeof(r->plugin), sim_chain(m)->base.plugin);
    r->manager = true;
    sim_quote(m, "1989");
    sim_quote(m, "1998");
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_HUNTING);
    cr_assert_eq(sim_last(m, EVENT_CHAIN_BLOCKED)->reason, REASON_TREND_NOT_ALIGNED);
    struct signal s = SIGNAL_INIT;
    s.format = SIGNAL_FORMAT_V6;
    s.kind = SIGNAL_V6_BULLISH_ENTRY;
    s.score = 70;
    s.adx_e8 = 25 * DEC_ONE;
    (void)str_copy(s.symbol, sizeof(s.symbol), "XAUUSD");
    manager_on_signal(m->h->s, &s);
    sim_wait(m, 5001);
    sim_quote(m, NULL);
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_RECOVERING);
    sim_free(m);
}

/* ---- the tables behind the diagrams of chains.h ---- */

#define TO(state) (1U << CHAIN_##state)

Test(chains, the_table_of_states_is_the_diagram)
{
    static const unsigned allowed[CHAIN_STATE_COUNT] = {
        [CHAIN_UNSET] = TO(ACTIVE),
        [CHAIN_ACTIVE] = TO(HUNTING) | TO(CONTINUING) | TO(LEAVING) | TO(ADVANCING) | TO(MISSING) |
                         TO(COMPLETED) | TO(STOPPED) | TO(STALE),
        [CHAIN_HUNTING] = TO(RECOVERING) | TO(STOPPED),
        [CHAIN_RECOVERING] =
            TO(CONTINUING) | TO(LEAVING) | TO(MISSING) | TO(COMPLETED) | TO(STOPPED) | TO(STALE),
        [CHAIN_CONTINUING] = TO(ACTIVE) | TO(COMPLETED) | TO(STOPPED),
        [CHAIN_LEAVING] = TO(ACTIVE) | TO(STOPPED),
        [CHAIN_ADVANCING] = TO(ACTIVE) | TO(STOPPED),
        [CHAIN_MISSING] = TO(ACTIVE) | TO(RECOVERING) | TO(STOPPED) | TO(STALE),
    };
    for (int from = 0; from < CHAIN_STATE_COUNT; from++)
        for (int to = 0; to < CHAIN_STATE_COUNT; to++)
            cr_expect_eq(chain_state_may_follow((enum chain_state)from, (enum chain_state)to),
                         (allowed[from] >> to & 1) != 0, "%s -> %s",
                         chain_state_name((enum chain_state)from),
                         chain_state_name((enum chain_state)to));
}

#undef TO
#define TO(state) (1U << PROFIT_ORDER_##state)

Test(chains, the_table_of_a_profit_chains_orders_is_the_diagram)
{
    static const unsigned allowed[PROFIT_ORDER_STATE_COUNT] = {
        [PROFIT_ORDER_UNSET] = TO(PENDING),
        [PROFIT_ORDER_PENDING] = TO(OPEN) | TO(FAILED) | TO(MISSING) | TO(LOST),
        [PROFIT_ORDER_OPEN] = TO(BOOKED) | TO(LOST) | TO(HUNTING) | TO(MISSING),
        [PROFIT_ORDER_HUNTING] = TO(PENDING) | TO(LOST),
        [PROFIT_ORDER_MISSING] = TO(OPEN) | TO(FAILED),
    };
    for (int from = 0; from < PROFIT_ORDER_STATE_COUNT; from++)
        for (int to = 0; to < PROFIT_ORDER_STATE_COUNT; to++)
            cr_expect_eq(
                profit_order_may_follow((enum profit_order_state)from, (enum profit_order_state)to),
                (allowed[from] >> to & 1) != 0, "%d -> %d", from, to);
}
