/* Covers: who decides and who trades in each mode, gates on both sides of their figures, the way
 * back by mismatch, failures, latency, orders, a lost link and command, what is open after a change
 * of owner, SH-2 who is compared, virtual trades (SH-6) by stop, target and exit, the old bot
 * outside, the snapshot, the journaled decision of the side that compares, and 10,000 alerts with
 * 200 planted differences of every type.
 */
#include "shadow_desk.h"

Test(shadow, each_mode_has_one_who_trades_and_says_who_is_compared)
{
    static const struct {
        enum shadow_mode mode;
        const char *trades;
        uint64_t compared;
        size_t virtuals;
    } table[] = {{SHADOW_LEGACY_ONLY, "legacy_v2", 0, 0},
                 {SHADOW_SHADOW, "legacy_v2", 1, 1},
                 {SHADOW_PLUGIN_SHADOW, "combined_v3", 1, 1},
                 {SHADOW_PLUGIN_ONLY, "combined_v3", 0, 0}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
        struct harness *h = start(SHADOW_SOURCE_INSIDE);
        h->opt.rules.shadow.first_mode = table[i].mode;
        harness_timer(h, TIMER_RULES);
        alert(h);
        cr_expect_str_eq(h->decision.plugin, table[i].trades);
        cr_expect_eq(h->send_count, 1, "exactly one order");
        cr_expect_eq(h->s->shadow.open_count, table[i].virtuals);
        uint64_t compared = 0;
        for (size_t k = 0; k < h->s->shadow.scope_count; k++)
            compared += h->s->shadow.scopes[k].stats.compared;
        cr_expect_eq(compared, table[i].compared);
        harness_free(h);
    }
}

Test(shadow, a_route_moves_alone)
{
    struct harness *h = start(SHADOW_SOURCE_INSIDE);
    cr_assert_eq(move(h, SHADOW_SHADOW), REASON_ACCEPTED);
    cr_assert_eq(move(h, SHADOW_SHADOW), REASON_ALREADY_DONE);
    alert(h);
    cr_expect_str_eq(h->decision.plugin, "legacy_v2");
    alert_late(h, TF_5M, 0);
    cr_expect_str_eq(h->decision.plugin, "combined_v3", "LOGIC1 stays where it was");
    harness_free(h);
}

Test(shadow, without_a_legacy_handler_nobody_goes_back_to_it)
{
    struct harness *h = start(SHADOW_SOURCE_INSIDE);
    h->opt.plugin_count = 1;
    cr_expect_eq(move(h, SHADOW_LEGACY_ONLY), REASON_LEGACY_NOT_INSTALLED);
    cr_expect_eq(move(h, SHADOW_SHADOW), REASON_LEGACY_NOT_INSTALLED);
    cr_expect_eq(mode_of(h), SHADOW_PLUGIN_ONLY);
    harness_free(h);
}

Test(shadow, gates_open_at_their_figures_and_are_told_once)
{
    struct harness *h = start(SHADOW_SOURCE_INSIDE);
    cr_assert_eq(move(h, SHADOW_SHADOW), REASON_ACCEPTED);
    alert(h);
    h->now_ms += 3600000;
    cr_expect_eq(move(h, SHADOW_PLUGIN_SHADOW), REASON_GATE_CLOSED, "one alert of two");
    h->now_ms -= 1;
    struct harness *early = start(SHADOW_SOURCE_INSIDE);
    says[0].action = says[1].action = DECISION_SKIP;
    cr_assert_eq(move(early, SHADOW_SHADOW), REASON_ACCEPTED);
    alert(early);
    alert(early);
    early->now_ms += 3599999;
    cr_expect_eq(move(early, SHADOW_PLUGIN_SHADOW), REASON_GATE_CLOSED, "a millisecond early");
    cr_expect_not_null(move_closed);
    early->now_ms += 1;
    cr_expect_leq(apply_next_due_ms(early->s), early->now_ms);
    harness_timer(early, TIMER_DUE);
    cr_expect_not_null(harness_event(early, EVENT_CUTOVER_READY));
    harness_timer(early, TIMER_DUE);
    cr_expect_null(harness_event(early, EVENT_CUTOVER_READY));
    says[1] = buy();
    alert(early);
    cr_expect_eq(move(early, SHADOW_PLUGIN_SHADOW), REASON_GATE_CLOSED, "a mismatch closes it: %s",
                 reason_code(moved));
    harness_command(early, "reset", "", false);
    cr_expect_eq(move(early, SHADOW_PLUGIN_SHADOW), REASON_GATE_CLOSED, "all begins anew");
    harness_free(early);
    harness_free(h);
}

Test(shadow, a_mismatch_after_the_cut_over_goes_back_in_the_same_input)
{
    struct harness *h = cut_over();
    says[1] = buy();
    alert(h);
    cr_expect_not_null(harness_event(h, EVENT_SHADOW_MISMATCH));
    const struct event *back = harness_event(h, EVENT_ROLLBACK);
    cr_assert_not_null(back);
    cr_expect_eq(back->reason, REASON_SHADOW_MISMATCH);
    cr_expect_eq(mode_of(h), SHADOW_LEGACY_ONLY);
    says[0] = buy();
    alert(h);
    cr_expect_str_eq(h->decision.plugin, "legacy_v2", "the very next alert");
    cr_expect_eq(h->send_count, 1);
    harness_free(h);
}

Test(shadow, where_nobody_is_to_take_over_a_trigger_pauses_and_moves_nothing)
{
    struct harness *h = cut_over();
    h->opt.rules.shadow.holds_instead = true;
    harness_timer(h, TIMER_RULES);
    says[1] = buy();
    alert(h);
    cr_expect_not_null(harness_event(h, EVENT_SHADOW_MISMATCH));
    cr_expect_null(harness_event(h, EVENT_ROLLBACK));
    cr_assert_not_null(harness_event(h, EVENT_PAUSED));
    cr_expect_eq(harness_event(h, EVENT_PAUSED)->reason, REASON_SHADOW_MISMATCH);
    cr_expect_eq(mode_of(h), SHADOW_PLUGIN_SHADOW);
    cr_expect(h->s->paused);
    alert(h); /* paused already: told once */
    cr_expect_null(harness_event(h, EVENT_PAUSED));
    harness_free(h);
}

Test(shadow, failures_above_the_percentage_go_back)
{
    struct harness *h = cut_over(); /* two alerts are counted already */
    h->opt.rules.shadow.on_mismatch = false;
    harness_timer(h, TIMER_RULES);
    for (int i = 0; i < 17; i++)
        alert(h);
    says[1].fails = true;
    alert(h); /* 1 of 20: 5 % */
    cr_expect_eq(mode_of(h), SHADOW_PLUGIN_SHADOW, "at the figure nothing happens");
    alert(h); /* 2 of 21 */
    cr_expect_eq(mode_of(h), SHADOW_LEGACY_ONLY);
    const struct event *back = harness_event(h, EVENT_ROLLBACK);
    cr_assert_not_null(back);
    cr_expect_eq(back->reason, REASON_ERROR_RATE);
    cr_expect_eq(back->limit_e8, 5 * DEC_ONE);
    harness_free(h);
}

Test(shadow, failures_without_a_cut_over_pause)
{
    struct harness *h = start(SHADOW_SOURCE_INSIDE);
    says[0].action = says[1].action = DECISION_SKIP;
    for (int i = 0; i < 19; i++)
        alert(h);
    says[0].fails = true;
    alert(h);
    cr_expect_not(h->s->paused);
    alert(h);
    cr_expect(h->s->paused);
    cr_expect_str_eq(h->s->paused_by, "auto");
    cr_expect_eq(harness_event(h, EVENT_PAUSED)->reason, REASON_ERROR_RATE);
    harness_free(h);
}

Test(shadow, a_slow_alert_goes_back)
{
    struct harness *h = cut_over();
    alert_late(h, TF_1H, 1000);
    cr_expect_eq(mode_of(h), SHADOW_PLUGIN_SHADOW);
    alert_late(h, TF_1H, 1001);
    cr_expect_eq(mode_of(h), SHADOW_LEGACY_ONLY);
    cr_expect_eq(harness_event(h, EVENT_ROLLBACK)->reason, REASON_LATENCY);
    harness_free(h);
}

Test(shadow, refused_orders_and_a_lost_link_go_back)
{
    struct harness *h = cut_over();
    h->opt.rules.shadow.samples_min = 1;
    harness_timer(h, TIMER_RULES);
    (void)enter(h);
    cr_expect_eq(mode_of(h), SHADOW_PLUGIN_SHADOW);
    alert(h);
    cr_assert_eq(h->send_count, 1);
    desk_reject(h, h->sends[0].cid, BROKER_CLASS_UNSET, REASON_NO_MONEY);
    cr_expect_eq(mode_of(h), SHADOW_LEGACY_ONLY);
    cr_expect_eq(harness_event(h, EVENT_ROLLBACK)->reason, REASON_ORDER_SUCCESS);
    harness_free(h);
    h = cut_over();
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_DOWN});
    cr_expect_eq(mode_of(h), SHADOW_LEGACY_ONLY);
    cr_expect_eq(harness_event(h, EVENT_ROLLBACK)->reason, REASON_BROKER_DOWN);
    harness_free(h);
}

Test(shadow, a_lost_order_whose_failure_moves_its_route_back_is_not_tried_again)
{
    struct harness *h = cut_over();
    h->opt.rules.shadow.samples_min = 1;
    harness_timer(h, TIMER_RULES);
    (void)enter(h);
    alert(h);
    cr_assert_eq(h->send_count, 1);
    uint64_t cid = h->sends[0].cid;
    h->now_ms += h->opt.rules.order_deadline_ms;
    harness_timer(h, TIMER_DUE);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_QUERY_NONE, .cid = cid});
    cr_expect_eq(mode_of(h), SHADOW_LEGACY_ONLY);
    cr_expect_eq(harness_event(h, EVENT_ROLLBACK)->reason, REASON_ORDER_SUCCESS);
    cr_expect_eq(h->send_count, 0, "another one owns the route now");
    cr_expect_eq(h->s->order_count, 0);
    harness_free(h);
}

Test(shadow, what_the_former_owner_has_open_is_closed_by_its_own_exit)
{
    struct harness *h = start(SHADOW_SOURCE_INSIDE);
    uint64_t cid = enter(h); /* the plugin's */
    cr_assert_eq(move(h, SHADOW_LEGACY_ONLY), REASON_ACCEPTED);
    says[0].action = DECISION_CLOSE;
    says[1].action = DECISION_SKIP;
    alert(h);
    cr_expect_eq(h->decision.action, DECISION_CLOSE);
    cr_assert_eq(h->send_count, 1);
    cr_expect_eq(h->sends[0].kind, BROKER_CLOSE);
    cr_expect_eq(h->sends[0].position_cid, cid);
    cr_expect_eq(h->s->shadow.record_count, 0, "nobody is compared in this mode");
    harness_free(h);
}

Test(shadow, an_order_of_the_former_owner_does_not_leave_late)
{
    struct harness *h = start(SHADOW_SOURCE_INSIDE);
    h->s->broker_up = true;
    alert(h);
    cr_assert_eq(h->send_count, 1);
    struct order o = h->s->orders[0];
    cr_expect(shadow_may_send(h->s, &o));
    cr_assert_eq(move(h, SHADOW_LEGACY_ONLY), REASON_ACCEPTED);
    cr_expect_not(shadow_may_send(h->s, &o));
    cr_expect_not(shadow_may_trade(h->s, "combined_v3", "LOGIC3"));
    cr_expect(shadow_may_trade(h->s, "combined_v3", "LOGIC1"));
    cr_expect(shadow_may_trade(h->s, "", ""), "a person always may");
    harness_free(h);
}

static void virtual_ends(struct harness *h, int64_t bid_e8, enum reason why, int64_t profit_e8)
{
    const struct shadow *sh = &h->s->shadow;
    size_t before = sh->closed_count;
    cr_assert(desk_tick(h, "EURUSD", bid_e8, bid_e8 + EUR(1)));
    cr_assert_eq(sh->open_count, 0);
    cr_assert_eq(sh->closed_count, before + 1);
    cr_expect_eq(sh->closed[before].reason, why);
    cr_expect_eq(sh->closed[before].profit_e8, profit_e8, "%" PRId64, sh->closed[before].profit_e8);
}

Test(shadow, a_virtual_trade_ends_by_stop_target_or_exit_with_its_profit)
{
    struct harness *h = start(SHADOW_SOURCE_INSIDE);
    says[1].action = DECISION_SKIP;
    cr_assert_eq(move(h, SHADOW_SHADOW), REASON_ACCEPTED);
    alert(h);
    cr_assert_eq(h->s->shadow.open_count, 1);
    cr_expect_not(desk_tick(h, "EURUSD", EUR(10451), EUR(10452)));
    virtual_ends(h, EUR(10450), REASON_SL_HIT, -50 * DEC_ONE); /* 50 pips, 0.10 lots */
    desk_quote(h, "EURUSD", EUR(10499), EUR(10500));
    alert(h);
    virtual_ends(h, EUR(10600), REASON_TP_HIT, 100 * DEC_ONE);
    desk_quote(h, "EURUSD", EUR(10499), EUR(10500));
    alert(h);
    says[0].action = DECISION_CLOSE;
    desk_quote(h, "EURUSD", EUR(10520), EUR(10521));
    alert(h);
    cr_expect_eq(h->s->shadow.open_count, 0);
    cr_expect_eq(h->s->shadow.closed[2].reason, REASON_EXIT_SIGNAL);
    cr_expect_eq(h->s->shadow.closed[2].profit_e8, 20 * DEC_ONE);
    cr_expect_eq(h->s->position_count, 0, "nothing of it was real");
    harness_free(h);
}

static void old_bot_says(struct harness *h, enum shadow_action action)
{
    struct input in = {.kind = INPUT_LEGACY};
    in.legacy.body_hash = 4711;
    in.legacy.view.what = (struct shadow_decision){.action = action,
                                                   .has_params = action == SHADOW_EXECUTE,
                                                   .symbol = "EURUSD",
                                                   .side = SIDE_BUY,
                                                   .lots_e8 = LOT(10),
                                                   .sl_pips_e8 = DEC_NONE,
                                                   .tp_pips_e8 = DEC_NONE};
    harness_apply(h, &in);
}

Test(shadow, the_old_bot_outside_is_paired_whoever_speaks_first)
{
    struct harness *h = start(SHADOW_SOURCE_OUTSIDE);
    h->opt.plugin_count = 1;
    cr_assert_eq(move(h, SHADOW_SHADOW), REASON_ACCEPTED);
    alert(h);
    cr_expect_eq(h->send_count, 0, "the old bot trades by itself");
    cr_expect_eq(h->receipt.reason, REASON_LEGACY_OWNS);
    old_bot_says(h, SHADOW_EXECUTE);
    const struct shadow_scope *scope = shadow_scope_find(&h->s->shadow, "combined_v3", "LOGIC3");
    cr_expect_eq(scope->stats.matches, 1);
    old_bot_says(h, SHADOW_SKIP);
    alert(h);
    cr_expect_eq(scope->stats.mismatches, 1);
    alert(h);
    h->now_ms += 120001;
    harness_timer(h, TIMER_DUE);
    cr_expect_eq(scope->stats.compared, 2, "silence is no word");
    cr_expect_eq(h->s->shadow.pending_count, 0);
    harness_free(h);
}

Test(shadow, the_snapshot_keeps_all_of_it)
{
    struct harness *h = cut_over();
    (void)enter(h);
    says[1].lots_e8 = LOT(20);
    alert(h);
    struct buf a, b;
    struct engine_state *back = state_new();
    buf_init(&a, 16 << 20);
    buf_init(&b, 16 << 20);
    state_pack(h->s, &a);
    cr_assert_eq(state_unpack(back, a.data, a.len), 0);
    state_pack(back, &b);
    cr_expect(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
    cr_expect_gt(back->shadow.record_count, 0);
    cr_expect_gt(back->shadow.open_count, 0);
    state_free(back);
    buf_deinit(&a);
    buf_deinit(&b);
    harness_free(h);
}

/* Every type of SH-4 in turn; the figure of the issue. */
static enum shadow_verdict plant(int n)
{
    struct say *s = &says[n % 2];
    switch (n / 2 % 6) {
    case 0:
        s->action = DECISION_SKIP;
        return SHADOW_ACTION_MISMATCH;
    case 1:
        s->symbol = "GBPUSD";
        return SHADOW_SYMBOL_MISMATCH;
    case 2:
        s->side = SIDE_SELL;
        return SHADOW_DIRECTION_MISMATCH;
    case 3:
        s->lots_e8 += DEC_ONE / 100;
        return SHADOW_LOT_MISMATCH;
    case 4:
        s->sl_e8 -= EUR(2);
        return SHADOW_SL_MISMATCH;
    default:
        s->tp_e8 += EUR(2);
        return SHADOW_TP_MISMATCH;
    }
}

Test(shadow, of_10000_alerts_200_planted_differences_are_all_found_and_no_other)
{
    struct harness *h = start(SHADOW_SOURCE_INSIDE);
    uint64_t planted[SHADOW_VERDICT_COUNT] = {0};
    int n = 0;
    h->opt.rules.shadow.tolerance.levels = true;
    harness_timer(h, TIMER_RULES);
    cr_assert_eq(move(h, SHADOW_SHADOW), REASON_ACCEPTED);
    harness_command(h, "pause", "", false); /* no order: only what they say counts */
    harness_command(h, "resume", "", false);
    for (int i = 0; i < 10000; i++) {
        says[0] = says[1] = buy();
        says[0].lots_e8 = says[1].lots_e8 = LOT(1 + i % 50);
        if (i % 3 == 1)
            says[0].action = says[1].action = DECISION_SKIP;
        if (i % 50 == 0) {
            says[0].action = says[1].action = DECISION_EXECUTE;
            planted[plant(n++)]++;
        }
        alert(h);
        h->s->order_count = h->s->position_count = 0; /* the venue is not what is tested */
    }
    const struct shadow_stats *st =
        &shadow_scope_find(&h->s->shadow, "combined_v3", "LOGIC3")->stats;
    cr_assert_eq(n, 200);
    cr_expect_eq(st->compared, 10000);
    cr_expect_eq(st->mismatches, 200, "%" PRIu64, st->mismatches);
    cr_expect_eq(st->matches, 9800);
    for (int v = SHADOW_ACTION_MISMATCH; v < SHADOW_VERDICT_COUNT; v++)
        cr_expect_eq(st->by_diff[v], planted[v], "%s", shadow_verdict_name((enum shadow_verdict)v));
    harness_free(h);
}

/* ---- the day the watching side would have had ---- */

static void see_day(const struct plugin_snapshot *snap, struct decision *ret)
{
    decision_number(ret, "daily_trades", snap->daily_trades * DEC_ONE);
    decision_number(ret, "daily_loss", snap->daily_loss_e8);
    decision_number(ret, "own_loss", snap->plugin_daily_loss_e8);
    for (size_t i = 0; i < snap->route_count; i++)
        if (str_eq(snap->routes[i].route, "LOGIC3") &&
            str_eq(snap->routes[i].plugin, "combined_v3"))
            decision_number(ret, "route_trades", snap->routes[i].daily_entries * DEC_ONE);
}

static int counting_decides(const void *conf, const struct plugin_snapshot *snap,
                            const struct signal *s, struct decision *ret)
{
    (void)conf;
    int r = say_it(&says[0], snap, s, ret);
    see_day(snap, ret);
    return r;
}

static int64_t seen(const struct decision *d, const char *name)
{
    for (int i = 0; i < d->number_count; i++)
        if (str_eq(d->numbers[i].name, name))
            return d->numbers[i].value_e8;
    return DEC_NONE;
}

/* What the watching side would say, without carrying it out. */
static struct decision *watcher_says(struct harness *h)
{
    struct signal sig = SIGNAL_INIT;
    struct decision trading, *other = NULL;
    sig.format = SIGNAL_FORMAT_V3;
    sig.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    sig.side = SIDE_BUY;
    sig.tf = TF_1H;
    (void)str_copy(sig.symbol, sizeof(sig.symbol), "EURUSD");
    const struct signals_question q = {
        .s = h->s, .opt = &h->opt, .quotes = &h->quotes, .sig = &sig, .now_ms = h->now_ms};
    signals_decide_both(&q, &trading, &other);
    cr_assert_not_null(other);
    return other;
}

Test(shadow, virtual_trades_count_towards_the_day_of_the_side_that_watches)
{
    static const struct plugin_ops counting = {.id = "combined_v3",
                                               .db_name = "a.db",
                                               .accepts = both_accept,
                                               .route = fake_route,
                                               .decide = counting_decides};
    struct harness *h = start(SHADOW_SOURCE_INSIDE);
    h->opt.plugins[0] = &counting;
    h->opt.rules.daily_loss_cap_e8 = 60 * DEC_ONE;
    harness_timer(h, TIMER_RULES);
    says[1].action = DECISION_SKIP;
    cr_assert_eq(move(h, SHADOW_SHADOW), REASON_ACCEPTED);
    alert(h);
    struct decision *d = watcher_says(h);
    cr_expect_eq(seen(d, "daily_trades"), DEC_ONE);
    cr_expect_eq(seen(d, "route_trades"), DEC_ONE);
    cr_expect_eq(seen(d, "own_loss"), 0);
    mem_free(d);
    virtual_ends(h, EUR(10450), REASON_SL_HIT, -50 * DEC_ONE);
    desk_quote(h, "EURUSD", EUR(10499), EUR(10500));
    d = watcher_says(h);
    cr_expect_eq(seen(d, "own_loss"), 50 * DEC_ONE);
    cr_expect_eq(seen(d, "daily_loss"), 50 * DEC_ONE, "what it would have lost");
    cr_expect_eq(d->action, DECISION_EXECUTE, "50 of 60");
    mem_free(d);
    alert(h);
    virtual_ends(h, EUR(10450), REASON_SL_HIT, -50 * DEC_ONE);
    desk_quote(h, "EURUSD", EUR(10499), EUR(10500));
    d = watcher_says(h);
    cr_expect_eq(d->action, DECISION_SKIP);
    cr_expect_eq(d->reasons[0], REASON_DAILY_LOSS_CAP, "its own cap");
    cr_expect_eq(d->number_e8, 100 * DEC_ONE);
    mem_free(d);
    cr_expect_eq(h->s->account.daily_loss_e8, 0, "nothing of it was real");
    says[1] = buy();
    alert(h);
    cr_expect_str_eq(h->decision.plugin, "legacy_v2");
    cr_expect_eq(h->decision.action, DECISION_EXECUTE, "who trades is not held back by it");
    h->now_ms += 24 * INT64_C(3600000);
    harness_timer(h, TIMER_DUE);
    d = watcher_says(h);
    cr_expect_eq(seen(d, "daily_trades"), 0, "a new day");
    cr_expect_eq(seen(d, "daily_loss"), 0);
    mem_free(d);
    harness_free(h);
}
