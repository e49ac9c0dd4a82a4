/* Covers: price_action_v6 over 100,000 random alerts, markets, trends and configurations (fixed
 * seed): volumes on the step and within their bounds, the money at the stop within the percent, one
 * stop for both orders, stops and targets on their sides, closes only of its own on one side, never
 * an order or a close with a SKIP, a reason with every refusal. */
#include "core/rng.h"
#include "v6_case.h"

#define ROUNDS 100000

static struct v6_case c;
static struct rng rng;

static int64_t near(int64_t v_e8, int64_t percent_x100)
{
    int64_t range = dec_muldiv(v_e8, percent_x100, 10000, DEC_DOWN);
    return v_e8 + rng_between(&rng, -range, range);
}

static bool chance(int percent)
{
    return rng_below(&rng, 100) < (uint64_t)percent;
}

static int64_t maybe(int64_t v_e8, int present_percent)
{
    return chance(present_percent) ? v_e8 : DEC_NONE;
}

static void random_signal(const struct symbol_info *info)
{
    struct signal *s = &c.signal;
    *s = (struct signal)SIGNAL_INIT;
    s->format = SIGNAL_FORMAT_V6;
    s->kind = chance(70) ? SIGNAL_V6_BULLISH_ENTRY
                         : (enum signal_kind)rng_between(&rng, SIGNAL_V6_BULLISH_ENTRY,
                                                         SIGNAL_V6_REVERSAL_SENTENCE);
    s->side = (enum side)rng_between(&rng, chance(3) ? SIDE_UNSET : SIDE_BUY, SIDE_SELL);
    s->tf = (enum timeframe)rng_between(&rng, TF_UNSET, TF_OTHER);
    s->score = (int)rng_between(&rng, chance(5) ? -1 : 55, 100);
    s->adx_e8 = maybe(rng_between(&rng, 10 * DEC_ONE, 60 * DEC_ONE), 95);
    (void)str_copy(s->symbol, sizeof(s->symbol), info->name);
    int64_t reach = chance(80) ? 100 : 9000;
    s->price_e8 = maybe(near(info->sim_price_e8, 50), 80);
    s->sl_e8 = maybe(near(info->sim_price_e8, reach), 90);
    s->tp1_e8 = maybe(near(info->sim_price_e8, reach), 80);
    s->tp2_e8 = maybe(near(info->sim_price_e8, reach), 80);
    s->tp3_e8 = maybe(near(info->sim_price_e8, reach), 80);
    s->bull_count = (int)rng_between(&rng, -1, 6);
    s->bear_count = (int)rng_between(&rng, -1, 6);
    (void)str_copy(s->state, sizeof(s->state), chance(50) ? "TRENDING_BEARISH" : "NEUTRAL");
}

static void random_conf(void)
{
    price_action_v6_conf_defaults(&c.conf);
    c.conf.profile = (int)rng_between(&rng, V6_CODE, V6_PLAN);
    c.conf.enforce_filters = chance(60);
    c.conf.exit_semantics_legacy = chance(30);
    c.conf.alignment = (int)rng_between(&rng, V6_ALIGN_HIGHER_TF, V6_ALIGN_PAYLOAD);
    c.conf.state_exit = (int)rng_between(&rng, V6_SWITCH_UNSET, V6_OFF);
    c.conf.rr_ratio_e8 = rng_between(&rng, DEC_ONE / 10, 20 * DEC_ONE);
    for (int i = V6_1M; i < V6_ROUTE_COUNT; i++) {
        struct v6_strategy_conf *s = &c.conf.strategies[i];
        s->order_type = (int)rng_between(&rng, V6_ORDER_TYPE_UNSET, V6_ORDER_B_ONLY);
        s->target = (int)rng_between(&rng, 0, 3);
        s->exit_percent = (int)rng_between(&rng, 0, 100);
        s->max_lot_e8 = chance(50) ? 0 : rng_between(&rng, 1, 100 * DEC_ONE);
        s->risk_percent_e8 = chance(50) ? 0 : rng_between(&rng, 1, 10 * DEC_ONE);
        s->lot_multiplier_e8 = chance(50) ? 0 : rng_between(&rng, 1, 10 * DEC_ONE);
    }
}

static void random_world(const struct symbol_info *info)
{
    struct plugin_snapshot *snap = &c.snap;
    memset(&c.trends, 0, sizeof(c.trends));
    snap->quote.bid_e8 = chance(85) ? near(info->sim_price_e8, 50) : 0;
    snap->quote.ask_e8 = snap->quote.bid_e8 > 0 ? snap->quote.bid_e8 + info->typical_spread_e8 : 0;
    snap->balance_e8 = chance(95) ? rng_between(&rng, 0, 1000000 * DEC_ONE) : 0;
    for (int tf = TF_1M; chance(50) && tf < TF_OTHER; tf++)
        case_pulse(&c, (enum timeframe)tf, (int)rng_between(&rng, 0, 6),
                   (int)rng_between(&rng, 0, 6), chance(20) ? "SIDEWAYS" : "X");
    snap->position_count = 0;
    for (uint64_t n = rng_below(&rng, 4); n > 0; n--)
        case_position(&c, chance(50) ? SIDE_BUY : SIDE_SELL, chance(50) ? "5m" : "15m",
                      chance(50) ? "a" : "b");
    random_conf();
}

/* What is lost at the stop: at most the percent of the balance times the factor; two decimals of
 * lots and the smallest lot may add to it. */
static void check_risk(const struct symbol_info *info)
{
    const struct decision *d = &c.d;
    int64_t lots_e8 = 0, pips_e8 = number_of(d, "sl_pips");
    for (int i = 0; i < d->order_count; i++)
        lots_e8 += d->orders[i].lots_e8;
    cr_assert_leq(lots_e8, number_of(d, "max_lot"));
    if (number_of(d, "risk_money") == 0)
        return; /* the fallback lot */
    cr_assert_leq(symbol_pips_e8(info, 0, number_of(d, "sl_distance")), pips_e8);
    int64_t per_lot_e8 = dec_mul(pips_e8, info->pip_value_e8, DEC_UP);
    int64_t lost_e8 = dec_mul(lots_e8, per_lot_e8, DEC_DOWN);
    int64_t allowed_e8 = number_of(d, "risk_money") + dec_mul(DEC_ONE / 100, per_lot_e8, DEC_UP);
    int64_t factor_e8 = number_of(d, "lot_multiplier");
    cr_assert_leq(lost_e8, dec_mul(allowed_e8, factor_e8, DEC_UP) + 1);
}

static void check_order(const struct decision_order *o, const struct symbol_info *info)
{
    int sign = side_sign(o->side);
    cr_assert_eq(o->side, c.signal.side);
    cr_assert_eq(o->lots_e8 % info->volume_step_e8, 0);
    cr_assert_geq(o->lots_e8, info->volume_min_e8);
    cr_assert_eq(o->sl_e8, c.d.orders[0].sl_e8);
    cr_assert_gt(o->sl_e8, 0);
    cr_assert_gt(o->tp_e8, 0);
    cr_assert_gt((o->tp_e8 - o->entry_e8) * sign, 0);
    cr_assert_geq((o->entry_e8 - o->sl_e8) * sign, info->min_sl_dist_e8);
}

static void check_decision(const struct symbol_info *info)
{
    const struct decision *d = case_decide(&c);
    for (int i = 0; i < d->order_count; i++)
        check_order(&d->orders[i], info);
    if (d->action == DECISION_EXECUTE)
        check_risk(info);
    cr_assert_eq(d->action == DECISION_EXECUTE, d->order_count > 0);
    cr_assert_eq(d->action == DECISION_CLOSE, d->close_count > 0);
    cr_assert_eq(d->close_count > 0, d->close_reason != REASON_UNSET);
    cr_assert(d->close_percent >= 0 && d->close_percent <= 100);
    cr_assert(d->order_count < 2 || d->orders[0].role == ORDER_ROLE_A, "A goes first");
    for (int i = 0; i < d->close_count; i++)
        cr_assert_str_eq(c.positions[d->closes[i] - 1].route, d->route);
}

Test(price_action_v6_property, a_hundred_thousand_random_alerts_get_sound_decisions)
{
    int executed = 0, closed = 0, dual = 0;
    case_init(&c);
    rng_seed(&rng, 20261121);
    for (int i = 0; i < ROUNDS; i++) {
        const struct symbol_info *info = symbol_at(rng_below(&rng, symbol_count()));
        random_signal(info);
        random_world(info);
        check_decision(info);
        executed += c.d.action == DECISION_EXECUTE;
        closed += c.d.action == DECISION_CLOSE;
        dual += c.d.order_count == 2;
    }
    cr_assert_gt(executed, ROUNDS / 100, "the generator reaches entries: %d", executed);
    cr_assert_gt(dual, ROUNDS / 500, "%d", dual);
    cr_assert_gt(closed, ROUNDS / 200, "%d", closed);
}
