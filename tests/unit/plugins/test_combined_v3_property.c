/* Covers: combined_v3 over 100,000 random alerts, markets and configurations (fixed seed): volumes
 * on the step and within their bounds, stops and targets on their sides, never an order or a close
 * with a SKIP, the packed decision reads back. */
#include "core/rng.h"
#include "v3_case.h"

#define ROUNDS 100000

static struct v3_case c;
static struct rng rng;

static int64_t near(int64_t v_e8, int64_t spread_percent_x100)
{
    int64_t range = dec_muldiv(v_e8, spread_percent_x100, 10000, DEC_DOWN);
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
    s->format = SIGNAL_FORMAT_V3;
    s->kind = (enum signal_kind)rng_between(&rng, SIGNAL_V3_INSTITUTIONAL_LAUNCHPAD,
                                            SIGNAL_V3_SIDEWAYS_BREAKOUT);
    s->side = (enum side)rng_between(&rng, chance(3) ? SIDE_UNSET : SIDE_BUY, SIDE_SELL);
    s->tf = (enum timeframe)rng_between(&rng, TF_UNSET, TF_OTHER);
    s->score = (int)rng_between(&rng, -1, 9);
    (void)str_copy(s->symbol, sizeof(s->symbol), info->name);
    int64_t base_e8 = chance(90) ? info->sim_price_e8 : rng_between(&rng, 1, 10000000 * DEC_ONE);
    int64_t spread = chance(80) ? 100 : 9000;
    s->price_e8 = maybe(near(base_e8, 300), 80);
    s->sl_e8 = maybe(near(base_e8, spread), 80);
    s->tp1_e8 = maybe(near(base_e8, spread), 80);
    s->tp2_e8 = maybe(near(base_e8, spread), 80);
    s->mtf_count = chance(50) ? 0 : chance(50) ? 5 : 6;
    for (int i = 0; i < s->mtf_count; i++)
        s->mtf[i] = (int8_t)rng_between(&rng, -1, 1);
}

static void random_world(const struct symbol_info *info)
{
    struct plugin_snapshot *snap = &c.snap;
    snap->quote.bid_e8 = chance(85) ? near(info->sim_price_e8, 200) : 0;
    snap->quote.ask_e8 = snap->quote.bid_e8 > 0 ? snap->quote.bid_e8 + info->typical_spread_e8 : 0;
    snap->daily_trades = (int)rng_below(&rng, 12);
    snap->plugin_daily_loss_e8 = rng_between(&rng, 0, 600 * DEC_ONE);
    snap->position_count = 0;
    for (uint64_t n = rng_below(&rng, 7); n > 0; n--)
        case_position(&c, n, chance(50) ? SIDE_BUY : SIDE_SELL, chance(50) ? "a" : "b");
    combined_v3_conf_defaults(&c.conf);
    c.conf.base_lot_e8 = rng_between(&rng, DEC_ONE / 100, chance(90) ? DEC_ONE : 100 * DEC_ONE);
    c.conf.max_lot_e8 = rng_between(&rng, DEC_ONE / 100, 100 * DEC_ONE);
    c.conf.order_b_risk_e8 =
        rng_between(&rng, DEC_ONE, chance(90) ? 100 * DEC_ONE : 100000 * DEC_ONE);
    c.conf.rr_ratio_e8 = rng_between(&rng, DEC_ONE / 10, 20 * DEC_ONE);
    c.conf.mtf_gate = chance(50);
    c.conf.score_filter_raw = chance(30);
    c.conf.exit_semantics_legacy = chance(30);
    c.conf.max_daily_trades = 12;
    for (int i = 1; i <= 3; i++)
        c.conf.logic_routing[i] = (int)rng_between(&rng, V3_ROUTING_DUAL, V3_ROUTING_B_ONLY);
}

static void check_order(const struct decision_order *o, const struct symbol_info *info)
{
    int sign = side_sign(o->side);
    cr_assert_eq(o->side, c.signal.side);
    cr_assert_eq(o->lots_e8 % info->volume_step_e8, 0);
    cr_assert_geq(o->lots_e8, info->volume_min_e8);
    cr_assert_leq(o->lots_e8, c.conf.max_lot_e8);
    cr_assert_gt((o->entry_e8 - o->sl_e8) * sign, 0);
    cr_assert_gt((o->tp_e8 - o->entry_e8) * sign, 0);
    cr_assert_gt(o->sl_e8, 0);
    cr_assert_gt(o->tp_e8, 0);
    /* half a tick is what rounding may take from B */
    cr_assert_geq(dec_abs(o->entry_e8 - o->sl_e8) + info->min_sl_dist_e8 / 10,
                  info->min_sl_dist_e8);
}

static void check_decision(const struct symbol_info *info)
{
    const struct decision *d = case_decide(&c);
    for (int i = 0; i < d->order_count; i++)
        check_order(&d->orders[i], info);
    cr_assert_eq(d->action == DECISION_EXECUTE, d->order_count > 0);
    cr_assert(d->action != DECISION_CLOSE || d->close_count > 0);
    cr_assert_eq(d->close_count > 0, d->close_reason != REASON_UNSET);
    cr_assert(d->order_count < 2 || d->orders[0].role == ORDER_ROLE_A, "A goes first");
}

Test(combined_v3_property, a_hundred_thousand_random_alerts_get_sound_decisions)
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
    cr_assert_gt(closed, ROUNDS / 100, "%d", closed);
}
