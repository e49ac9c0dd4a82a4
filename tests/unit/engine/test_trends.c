/* Covers: engine/trends, routes and what signals.c does for price_action_v6: alerts write the store
 * after they are decided, whoever decides; V3's mtf values move the pillars (P-4); people hold and
 * release a trend and the others hear of it; entries and results of a day by route; shadow mode; a
 * decision that closes parts; all of it in the snapshot. */
#include "engine/trends.h"

#include "unit/engine/harness.h"

#define V6_ID "price_action_v6"

static void run_trend(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)ret;
    enum reason r = str_eq(c->args, "auto")
                        ? tx_trend_auto(tx, c, "EURUSD", TF_1H)
                        : tx_trend_set(tx, c, str_eq(c->args, "bad") ? "NOSUCH" : "EURUSD", TF_1H,
                                       str_eq(c->args, "bull") ? SIDE_BUY : SIDE_SELL);
    tx_receipt(tx, r, "");
}

static const struct command_ops ops_trend = {
    .name = "trend", .role = ROLE_TRADER, .urgent = false, .max_age_ms = 0, .run = run_trend};
static const struct command_ops *const commands[] = {&ops_trend};

static struct price_action_v6_conf v6;

static struct harness *start(void)
{
    struct harness *h = harness_new();
    price_action_v6_conf_defaults(&v6);
    v6.enabled = true;
    v6.shadow_mode = false;
    h->opt.plugins[1] = &price_action_v6_plugin;
    h->opt.plugin_confs[1] = &v6;
    h->opt.plugin_count = 2;
    h->opt.commands = commands;
    h->opt.command_count = 1;
    return h;
}

static struct input alert(enum signal_kind kind, enum signal_format format, enum timeframe tf)
{
    struct input in = {.kind = INPUT_SIGNAL};
    in.signal = (struct signal)SIGNAL_INIT;
    in.signal.format = format;
    in.signal.kind = kind;
    in.signal.tf = tf;
    (void)str_copy(in.signal.symbol, sizeof(in.signal.symbol), "EURUSD");
    return in;
}

static void pulse(struct harness *h, enum timeframe tf, int bull, int bear, const char *state)
{
    struct input in = alert(SIGNAL_V6_TREND_PULSE, SIGNAL_FORMAT_V6, tf);
    in.signal.bull_count = bull;
    in.signal.bear_count = bear;
    (void)str_copy(in.signal.state, sizeof(in.signal.state), state);
    harness_apply(h, &in);
}

static void entry(struct harness *h, enum timeframe tf)
{
    struct input in = alert(SIGNAL_V6_BULLISH_ENTRY, SIGNAL_FORMAT_V6, tf);
    in.signal.side = SIDE_BUY;
    in.signal.score = 90;
    in.signal.adx_e8 = 30 * DEC_ONE;
    in.signal.price_e8 = 110000000;
    in.signal.sl_e8 = 109000000;
    in.signal.tp1_e8 = 111000000;
    in.signal.tp2_e8 = 112000000;
    harness_apply(h, &in);
}

/* Everything the snapshot says, the same after a round trip. */
static void expect_packed(const struct harness *h)
{
    struct buf a TR_CLEANUP(buf_deinit), b TR_CLEANUP(buf_deinit);
    buf_init(&a, 16 << 20);
    buf_init(&b, 16 << 20);
    state_pack(h->s, &a);
    struct engine_state *s = state_new();
    cr_assert_eq(state_unpack(s, a.data, a.len), 0);
    state_pack(s, &b);
    cr_assert_eq(a.len, b.len);
    cr_assert_arr_eq(a.data, b.data, a.len);
    state_free(s);
}

Test(trends, an_alert_is_decided_on_what_was_known_before_it_and_then_written)
{
    struct harness *h = start();
    entry(h, TF_5M);
    cr_expect_eq(h->decision.action, DECISION_EXECUTE, "nothing known: pass");
    pulse(h, TF_15M, 2, 4, "MIXED_BEARISH");
    cr_expect_eq(h->decision.action, DECISION_NOTIFY);
    cr_expect_eq(trends_pulse(&h->s->trends, "EURUSD", TF_15M)->bear, 4);
    h->now_ms += 120000;
    entry(h, TF_5M);
    cr_expect_eq(h->decision.action, DECISION_SKIP);
    cr_expect_eq(h->receipt.reason, REASON_PULSE_NOT_ALIGNED);
    pulse(h, TF_15M, 4, 2, "MIXED_BULLISH");
    entry(h, TF_5M);
    cr_expect_eq(h->decision.action, DECISION_EXECUTE);
    expect_packed(h);
    harness_free(h);
}

Test(trends, a_plugin_that_is_off_does_not_make_the_store_forgetful)
{
    struct harness *h = start();
    v6.enabled = false;
    pulse(h, TF_1H, 5, 1, "TRENDING_BULLISH");
    cr_expect_eq(h->receipt.reason, REASON_PLUGIN_DISABLED);
    cr_expect_str_eq(trends_market_state(&h->s->trends, "EURUSD"), "TRENDING_BULLISH");
    harness_free(h);
}

Test(trends, v3_values_move_the_four_pillars_and_no_other)
{
    struct harness *h = start();
    static const int8_t five[] = {1, -1, 0, 1, -1}; /* 1d 4h 1h 15m 5m */
    struct input in = alert(SIGNAL_V3_MOMENTUM_BREAKOUT, SIGNAL_FORMAT_V3, TF_5M);
    in.signal.side = SIDE_BUY;
    in.signal.score = 7;
    in.signal.mtf_count = 5;
    memcpy(in.signal.mtf, five, sizeof(five));
    harness_apply(h, &in);
    const struct trends *t = &h->s->trends;
    cr_expect_eq(trends_side(t, "EURUSD", TF_1D), SIDE_BUY);
    cr_expect_eq(trends_side(t, "EURUSD", TF_4H), SIDE_SELL);
    cr_expect_not_null(trends_trend(t, "EURUSD", TF_1H));
    cr_expect_eq(trends_side(t, "EURUSD", TF_1H), SIDE_UNSET);
    cr_expect_eq(trends_side(t, "EURUSD", TF_15M), SIDE_BUY);
    cr_expect_null(trends_trend(t, "EURUSD", TF_5M));
    static const int8_t six[] = {1, 1, -1, 1, 1, -1}; /* 1m 5m 15m 1h 4h 1d */
    in.signal.kind = SIGNAL_V3_TREND_PULSE;
    in.signal.mtf_count = 6;
    memcpy(in.signal.mtf, six, sizeof(six));
    harness_apply(h, &in);
    cr_expect_eq(trends_side(t, "EURUSD", TF_15M), SIDE_SELL);
    cr_expect_eq(trends_side(t, "EURUSD", TF_1H), SIDE_BUY);
    cr_expect_eq(trends_side(t, "EURUSD", TF_4H), SIDE_BUY);
    cr_expect_eq(trends_side(t, "EURUSD", TF_1D), SIDE_SELL);
    harness_free(h);
}

Test(trends, bias_and_trend_alerts_set_a_trend_until_a_person_holds_it)
{
    struct harness *h = start();
    struct input bias = alert(SIGNAL_LEGACY_BIAS, SIGNAL_FORMAT_LEGACY, TF_1H);
    bias.signal.side = SIDE_BUY;
    harness_apply(h, &bias);
    cr_expect_eq(trends_side(&h->s->trends, "EURUSD", TF_1H), SIDE_BUY);
    harness_command(h, "trend", "bear", false);
    cr_expect_eq(h->receipt.reason, REASON_ACCEPTED);
    const struct event *e = harness_event(h, EVENT_TREND_MANUAL_SET);
    cr_assert_not_null(e);
    cr_expect_str_eq(e->text, "BEARISH (asha)");
    cr_expect_str_eq(e->symbol, "EURUSD");
    cr_expect_eq(e->tf, TF_1H);
    struct input trend = alert(SIGNAL_LEGACY_TREND, SIGNAL_FORMAT_LEGACY, TF_1H);
    trend.signal.side = SIDE_BUY;
    harness_apply(h, &trend);
    cr_expect_eq(trends_side(&h->s->trends, "EURUSD", TF_1H), SIDE_SELL, "held");
    cr_expect_str_eq(trends_trend(&h->s->trends, "EURUSD", TF_1H)->by, "asha");
    harness_command(h, "trend", "bear", false);
    cr_expect_eq(h->receipt.reason, REASON_ALREADY_DONE);
    harness_command(h, "trend", "bad", false);
    cr_expect_eq(h->receipt.reason, REASON_ARGUMENT_INVALID);
    expect_packed(h);
    harness_command(h, "trend", "auto", false);
    cr_expect_eq(h->receipt.reason, REASON_ACCEPTED);
    harness_command(h, "trend", "auto", false);
    cr_expect_eq(h->receipt.reason, REASON_ALREADY_DONE);
    harness_apply(h, &trend);
    cr_expect_eq(trends_side(&h->s->trends, "EURUSD", TF_1H), SIDE_BUY);
    harness_free(h);
}

/* ---- routes ---- */

static const struct plugin_route *route_of(const struct harness *h, const char *route)
{
    for (size_t i = 0; i < h->s->routes.count; i++)
        if (str_eq(h->s->routes.items[i].route, route) &&
            str_eq(h->s->routes.items[i].plugin, V6_ID))
            return &h->s->routes.items[i];
    return NULL;
}

static void fill(struct harness *h, const struct broker_request *r, uint64_t exec_id)
{
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_FILL,
                                            .cid = r->cid,
                                            .position_cid = r->cid,
                                            .exec_id = exec_id,
                                            .purpose = ORDER_OPEN,
                                            .lots_e8 = r->lots_e8,
                                            .price_e8 = 110000000,
                                            .symbol = "EURUSD"});
}

static void close_fill(struct harness *h, uint64_t cid, int64_t lots_e8, int64_t profit_e8)
{
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_FILL,
                                            .cid = cid,
                                            .position_cid = h->s->positions[0].cid,
                                            .exec_id = 900 + h->s->seq,
                                            .purpose = ORDER_CLOSE,
                                            .reason = cid == 0 ? REASON_SL_HIT : REASON_UNSET,
                                            .lots_e8 = lots_e8,
                                            .price_e8 = 109000000,
                                            .profit_e8 = profit_e8,
                                            .symbol = "EURUSD"});
}

Test(trends, a_day_is_counted_by_route_and_ends_at_the_rollover)
{
    struct harness *h = start();
    entry(h, TF_15M);
    cr_assert_eq(h->send_count, 1);
    cr_expect_str_eq(h->s->orders[0].route, "15m");
    struct broker_request r = h->sends[0];
    fill(h, &r, 1);
    cr_assert_eq(h->s->position_count, 1);
    close_fill(h, 0, r.lots_e8, -150 * DEC_ONE);
    const struct plugin_route *day = route_of(h, "15m");
    cr_assert_not_null(day);
    cr_expect_eq(day->daily_entries, 1);
    cr_expect_eq(day->daily_loss_e8, 150 * DEC_ONE);
    cr_expect_eq(day->daily_profit_e8, 0);
    expect_packed(h);
    h->opt.rules.daily_loss_cap_e8 = 0;
    harness_timer(h, TIMER_RULES);
    v6.strategies[V6_15M].daily_loss_cap_e8 = 150 * DEC_ONE;
    entry(h, TF_15M);
    cr_expect_eq(h->receipt.reason, REASON_DUPLICATE_ALERT);
    h->now_ms += 60000;
    entry(h, TF_15M);
    cr_expect_eq(h->receipt.reason, REASON_DAILY_LOSS_CAP);
    entry(h, TF_1H);
    cr_expect_eq(h->receipt.reason, REASON_ACCEPTED, "another strategy has its own day");
    r = h->sends[0];
    fill(h, &r, 2);
    h->now_ms += INT64_C(86400000);
    harness_timer(h, TIMER_DUE); /* the engine's own when a day begins */
    entry(h, TF_15M);
    cr_expect_eq(h->receipt.reason, REASON_ACCEPTED, "%s", reason_code(h->receipt.reason));
    cr_expect_eq(route_of(h, "15m")->daily_entries, 1);
    cr_expect_null(route_of(h, "1h"), "nothing yet on the new day");
    harness_free(h);
}

/* ---- shadow mode, partial exits ---- */

Test(trends, rt17_in_shadow_mode_nothing_is_traded_and_the_figures_stay)
{
    struct harness *h = start();
    v6.shadow_mode = true;
    entry(h, TF_15M);
    cr_expect_eq(h->receipt.reason, REASON_SHADOW_ONLY);
    cr_expect_eq(h->send_count, 0);
    cr_expect_eq(h->decision.action, DECISION_SKIP);
    cr_expect_gt(h->decision.number_count, 5);
    cr_expect_null(route_of(h, "15m"));
    cr_expect_eq(h->s->shadow.open_count, 1, "a virtual trade");
    pulse(h, TF_15M, 4, 2, "X");
    cr_expect_eq(h->receipt.reason, REASON_NOTIFICATION_ONLY, "what informs still does");
    harness_free(h);
}

static void exit_alert(struct harness *h, enum timeframe tf)
{
    struct input in = alert(SIGNAL_V6_EXIT_BULLISH, SIGNAL_FORMAT_V6, tf);
    harness_apply(h, &in);
}

Test(trends, an_exit_of_the_plan_closes_a_part_and_the_rest_stays)
{
    struct harness *h = start();
    v6.profile = V6_PLAN;
    entry(h, TF_1H); /* 200 / 1000 x 0.6 = 0.12 */
    cr_assert_eq(h->send_count, 1);
    struct broker_request r = h->sends[0];
    cr_assert_eq(r.lots_e8, LOT(12));
    fill(h, &r, 1);
    exit_alert(h, TF_1H);
    cr_assert_eq(h->send_count, 1);
    cr_expect_eq(h->sends[0].kind, BROKER_CLOSE);
    cr_expect_eq(h->sends[0].lots_e8, LOT(6), "half of it");
    close_fill(h, h->sends[0].cid, LOT(6), 5 * DEC_ONE);
    cr_assert_eq(h->s->position_count, 1);
    cr_expect_eq(h->s->positions[0].lots_e8, LOT(6));
    harness_free(h);
}

Test(trends, a_part_too_small_to_trade_closes_all)
{
    struct harness *h = start();
    v6.profile = V6_PLAN;
    v6.strategies[V6_1H].max_lot_e8 = LOT(1);
    entry(h, TF_1H);
    struct broker_request r = h->sends[0];
    cr_assert_eq(r.lots_e8, LOT(1));
    fill(h, &r, 1);
    exit_alert(h, TF_1H);
    cr_assert_eq(h->send_count, 1);
    cr_expect_eq(h->sends[0].lots_e8, LOT(1));
    harness_free(h);
}
