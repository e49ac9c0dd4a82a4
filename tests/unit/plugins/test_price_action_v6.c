/* Covers: entries of price_action_v6: golden cases G09, G13, G28, G30, G32, G33; every threshold of
 * the four strategies on both sides (RT-11, RT-12); json and plan thresholds; RT-13, RT-14; market
 * state and momentum; P-31; routing of other timeframes; missing fields; repeats (TE-003); limits;
 * what enforce_filters leaves out. */
#include "v6_case.h"

static struct v6_case c;

static void start(void)
{
    case_init(&c);
}

TestSuite(price_action_v6, .init = start);

/* ---- RT-11 ---- */

Test(price_action_v6, g09_a_missing_adx_is_refused_on_every_timeframe)
{
    static const enum timeframe tfs[] = {TF_1M, TF_5M, TF_15M, TF_1H};
    for (int profile = V6_CODE; profile < V6_PROFILE_COUNT; profile++)
        for (size_t i = 0; i < TR_ARRAY_SIZE(tfs); i++) {
            c.conf.profile = profile;
            case_tf(&c, tfs[i], NULL, 100);
            expect_skip(&c, REASON_ADX_MISSING);
            cr_expect_str_eq(c.d.field, "adx");
        }
}

struct threshold {
    enum timeframe tf;
    const char *adx, *adx_below;
    int score;
    const char *route;
};
static const struct threshold thresholds[] = {
    {TF_1M, "30", "29.9", 80, "1m"},
    {TF_5M, "25", "24.9", 70, "5m"},
    {TF_15M, "20", "19.9", 65, "15m"},
    {TF_1H, "15", "14.9", 60, "1h"},
};

Test(price_action_v6, each_strategy_takes_its_own_least_adx_and_score)
{
    for (size_t i = 0; i < TR_ARRAY_SIZE(thresholds); i++) {
        const struct threshold *t = &thresholds[i];
        char score[8], limit[8];
        case_tf(&c, t->tf, t->adx, t->score);
        expect_execute(&c);
        cr_expect_str_eq(c.d.route, t->route);
        case_tf(&c, t->tf, t->adx_below, t->score);
        expect_refused(&c, REASON_ADX_TOO_LOW, t->adx_below, t->adx);
        case_tf(&c, t->tf, t->adx, t->score - 1);
        (void)snprintf(score, sizeof(score), "%d", t->score - 1);
        (void)snprintf(limit, sizeof(limit), "%d", t->score);
        expect_refused(&c, REASON_CONFIDENCE_TOO_LOW, score, limit);
    }
}

Test(price_action_v6, g13_score_75_passes_all_but_the_1m_strategy)
{
    case_tf(&c, TF_1M, "30", 75);
    expect_refused(&c, REASON_CONFIDENCE_TOO_LOW, "75", "80");
    for (size_t i = 1; i < TR_ARRAY_SIZE(thresholds); i++) {
        case_tf(&c, thresholds[i].tf, thresholds[i].adx, 75);
        expect_execute(&c);
    }
}

Test(price_action_v6, g28_1m_places_order_b_alone_at_tp1)
{
    case_tf(&c, TF_1M, "30.0", 80);
    case_quote(&c, "1.09980", "1.10000"); /* 2.0 pips */
    expect_execute(&c);
    cr_assert_eq(c.d.order_count, 1);
    cr_expect_eq(c.d.orders[0].role, ORDER_ROLE_B);
    expect_e8(c.d.orders[0].entry_e8, "1.1");
    expect_e8(c.d.orders[0].sl_e8, "1.098");
    expect_e8(c.d.orders[0].tp_e8, "1.102");
    expect_e8(number_of(&c.d, "spread_pips"), "2");
    case_quote(&c, "1.09979", "1.10000");
    expect_refused(&c, REASON_SPREAD_TOO_WIDE, "2.1", "2");
}

Test(price_action_v6, only_the_1m_strategy_minds_the_spread)
{
    case_quote(&c, "1.09900", "1.10000");
    for (size_t i = 1; i < TR_ARRAY_SIZE(thresholds); i++) {
        case_tf(&c, thresholds[i].tf, thresholds[i].adx, thresholds[i].score);
        expect_execute(&c);
    }
    c.conf.strategies[V6_5M].spread_max_pips_e8 = e8("3");
    case_tf(&c, TF_5M, "25", 70);
    expect_refused(&c, REASON_SPREAD_TOO_WIDE, "10", "3");
    c.conf.strategies[V6_1M].spread_max_pips_e8 = 0;
    case_tf(&c, TF_1M, "30", 80);
    expect_execute(&c);
}

Test(price_action_v6, a_spread_nobody_knows_is_not_checked)
{
    case_tf(&c, TF_1M, "30", 80);
    case_quote(&c, NULL, NULL);
    expect_execute(&c);
    expect_e8(c.d.orders[0].entry_e8, "1.1");
    expect_e8(number_of(&c.d, "spread_pips"), "none");
}

/* ---- RT-10 orders ---- */

Test(price_action_v6, g30_5m_places_a_at_tp2_and_b_at_tp1)
{
    case_tf(&c, TF_5M, "25", 70);
    case_pulse(&c, TF_15M, 4, 2, "MIXED_BULLISH");
    expect_execute(&c);
    cr_assert_eq(c.d.order_count, 2);
    cr_expect_eq(c.d.orders[0].role, ORDER_ROLE_A);
    cr_expect_eq(c.d.orders[1].role, ORDER_ROLE_B);
    expect_e8(c.d.orders[0].tp_e8, "1.104");
    expect_e8(c.d.orders[1].tp_e8, "1.102");
    expect_e8(c.d.orders[0].sl_e8, "1.098");
    expect_e8(c.d.orders[1].sl_e8, "1.098");
    expect_e8(number_of(&c.d, "higher_bull"), "4");
    expect_e8(number_of(&c.d, "higher_bear"), "2");
    cr_expect_str_eq(c.d.orders[0].lots_rule, "RT-15");
    cr_expect_str_eq(c.d.orders[0].sl_rule, "RT-10");
    cr_expect_str_eq(c.d.orders[0].tp_rule, "RT-10");
}

Test(price_action_v6, g32_15m_wants_adx_20_or_by_json_22_and_no_sideways_market)
{
    case_tf(&c, TF_15M, "20", 65);
    case_pulse(&c, TF_1H, 4, 2, "MIXED_BULLISH");
    expect_execute(&c);
    cr_expect_eq(c.d.order_count, 1);
    cr_expect_eq(c.d.orders[0].role, ORDER_ROLE_A);
    expect_e8(c.d.orders[0].tp_e8, "1.104");
    c.conf.profile = V6_JSON;
    expect_refused(&c, REASON_ADX_TOO_LOW, "20", "22");
    case_tf(&c, TF_15M, "22", 65);
    expect_execute(&c);
    case_pulse(&c, TF_15M, 3, 3, "SIDEWAYS");
    expect_skip(&c, REASON_MARKET_STATE);
    case_pulse(&c, TF_15M, 3, 3, "CHOPPY");
    expect_skip(&c, REASON_MARKET_STATE);
    case_pulse(&c, TF_15M, 3, 3, "NEUTRAL");
    expect_execute(&c);
}

Test(price_action_v6, g33_1h_takes_tp3_or_without_it_tp2)
{
    case_sell(&c);
    case_tf(&c, TF_1H, "15", 60);
    case_pulse(&c, TF_4H, 1, 5, "TRENDING_BEARISH");
    expect_execute(&c);
    cr_assert_eq(c.d.order_count, 1);
    cr_expect_eq(c.d.orders[0].role, ORDER_ROLE_A);
    expect_e8(c.d.orders[0].tp_e8, "1.094");
    c.signal.tp3_e8 = DEC_NONE;
    expect_execute(&c);
    expect_e8(c.d.orders[0].tp_e8, "1.096");
    c.signal.tp2_e8 = DEC_NONE;
    expect_execute(&c);
    expect_e8(c.d.orders[0].tp_e8, "1.098");
    c.signal.tp1_e8 = DEC_NONE;
    expect_execute(&c);
    expect_e8(c.d.orders[0].tp_e8, "1.097");
    cr_expect_str_eq(c.d.orders[0].tp_rule, "rr", "1.5 R of 20 pips");
}

Test(price_action_v6, json_takes_tp2_on_1h)
{
    c.conf.profile = V6_JSON;
    case_tf(&c, TF_1H, "1", 60);
    expect_execute(&c);
    expect_e8(c.d.orders[0].tp_e8, "1.104");
}

Test(price_action_v6, orders_and_target_may_be_overridden)
{
    c.conf.strategies[V6_5M].order_type = V6_ORDER_A_ONLY;
    c.conf.strategies[V6_5M].target = 3;
    expect_execute(&c);
    cr_assert_eq(c.d.order_count, 1);
    cr_expect_eq(c.d.orders[0].role, ORDER_ROLE_A);
    expect_e8(c.d.orders[0].tp_e8, "1.106");
    c.conf.strategies[V6_5M].order_type = V6_ORDER_B_ONLY;
    expect_execute(&c);
    cr_assert_eq(c.d.order_count, 1);
    cr_expect_eq(c.d.orders[0].role, ORDER_ROLE_B);
    expect_e8(c.d.orders[0].tp_e8, "1.102");
}

/* ---- RT-12 to RT-14 ---- */

Test(price_action_v6, the_next_higher_pulse_must_have_more_on_the_trades_side)
{
    static const struct {
        enum timeframe tf, higher;
        const char *adx;
        int score;
    } rows[] = {{TF_5M, TF_15M, "25", 70}, {TF_15M, TF_1H, "20", 65}, {TF_1H, TF_4H, "15", 60}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        case_init(&c);
        case_tf(&c, rows[i].tf, rows[i].adx, rows[i].score);
        expect_execute(&c); /* no stored row: pass */
        case_pulse(&c, rows[i].higher, 4, 3, "X");
        expect_execute(&c);
        case_pulse(&c, rows[i].higher, 3, 3, "X");
        expect_refused(&c, REASON_PULSE_NOT_ALIGNED, "3", "3");
        case_pulse(&c, rows[i].higher, 3, 4, "X");
        expect_refused(&c, REASON_PULSE_NOT_ALIGNED, "3", "4");
        case_sell(&c);
        case_tf(&c, rows[i].tf, rows[i].adx, rows[i].score);
        expect_execute(&c);
    }
}

Test(price_action_v6, a_state_without_counts_is_no_row)
{
    case_pulse(&c, TF_15M, -1, -1, "TRENDING_BEARISH");
    expect_execute(&c);
}

Test(price_action_v6, the_1m_strategy_asks_no_higher_pulse)
{
    case_tf(&c, TF_1M, "30", 80);
    case_pulse(&c, TF_5M, 0, 6, "TRENDING_BEARISH");
    expect_execute(&c);
    c.conf.strategies[V6_1M].higher_tf = V6_ON;
    expect_refused(&c, REASON_PULSE_NOT_ALIGNED, "0", "6");
    c.conf.strategies[V6_5M].higher_tf = V6_OFF;
    case_tf(&c, TF_5M, "25", 70);
    case_pulse(&c, TF_15M, 0, 6, "X");
    expect_execute(&c);
}

Test(price_action_v6, json_1h_wants_the_day_too)
{
    case_tf(&c, TF_1H, "15", 60);
    case_pulse(&c, TF_4H, 5, 1, "X");
    case_pulse(&c, TF_1D, 2, 4, "X");
    expect_execute(&c);
    c.conf.profile = V6_JSON;
    expect_refused(&c, REASON_PULSE_NOT_ALIGNED, "2", "4");
    case_pulse(&c, TF_1D, 4, 2, "X");
    expect_execute(&c);
}

Test(price_action_v6, json_1m_wants_three_of_six_on_its_own_side)
{
    c.conf.profile = V6_JSON;
    case_tf(&c, TF_1M, "20", 80);
    expect_execute(&c); /* nobody has told */
    c.signal.bull_count = 2;
    c.signal.bear_count = 4;
    expect_refused(&c, REASON_PULSE_NOT_ALIGNED, "2", "3");
    case_pulse(&c, TF_1M, 3, 3, "X");
    expect_execute(&c); /* what is stored comes before what the alert says */
    case_tf(&c, TF_1M, "19.9", 80);
    expect_refused(&c, REASON_ADX_TOO_LOW, "19.9", "20");
}

Test(price_action_v6, json_5m_is_refused_while_momentum_falls)
{
    case_momentum(&c, TF_5M, "DECREASING");
    expect_execute(&c);
    c.conf.profile = V6_JSON;
    expect_refused(&c, REASON_MOMENTUM_FALLING, "26", "none");
    c.conf.strategies[V6_5M].momentum = V6_OFF;
    expect_execute(&c);
    c.conf.strategies[V6_5M].momentum = V6_SWITCH_UNSET;
    case_momentum(&c, TF_5M, "INCREASING");
    expect_execute(&c);
}

Test(price_action_v6, rt13_sums_5m_15m_and_1h)
{
    c.conf.alignment = V6_ALIGN_PULSE_SUM;
    expect_execute(&c); /* nothing stored */
    case_pulse(&c, TF_5M, 2, 4, "X");
    case_pulse(&c, TF_15M, 2, 4, "X");
    case_pulse(&c, TF_1H, 5, 0, "X");
    case_pulse(&c, TF_4H, 0, 6, "X"); /* not asked */
    expect_execute(&c);               /* 9 to 8 */
    case_pulse(&c, TF_1H, 4, 0, "X");
    expect_refused(&c, REASON_PULSE_NOT_ALIGNED, "8", "8");
    case_sell(&c);
    expect_refused(&c, REASON_PULSE_NOT_ALIGNED, "8", "8");
    case_pulse(&c, TF_1H, 4, 1, "X");
    expect_execute(&c);
}

Test(price_action_v6, rt14_takes_the_alerts_own_counts)
{
    static const struct {
        enum timeframe tf;
        const char *adx;
        int score, least;
    } rows[] = {{TF_5M, "25", 70, 3}, {TF_15M, "20", 65, 3}, {TF_1H, "15", 60, 4}};
    c.conf.alignment = V6_ALIGN_PAYLOAD;
    case_pulse(&c, TF_15M, 0, 6, "X"); /* not asked */
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        char own[8], limit[8];
        case_tf(&c, rows[i].tf, rows[i].adx, rows[i].score);
        c.signal.bull_count = rows[i].least;
        c.signal.bear_count = 6 - rows[i].least;
        expect_execute(&c);
        c.signal.bull_count--;
        (void)snprintf(own, sizeof(own), "%d", rows[i].least - 1);
        (void)snprintf(limit, sizeof(limit), "%d", rows[i].least);
        expect_refused(&c, REASON_PULSE_NOT_ALIGNED, own, limit);
        c.signal.bull_count = 0;
        c.signal.bear_count = 0;
        expect_execute(&c); /* 0/0 passes */
        c.signal.bull_count = -1;
        c.signal.bear_count = -1;
        expect_execute(&c); /* the switch is off */
    }
}

/* ---- routing, fields, switches ---- */

Test(price_action_v6, four_hours_go_to_1h_and_unknown_timeframes_to_15m)
{
    static const struct {
        enum timeframe tf;
        const char *route;
    } rows[] = {{TF_1M, "1m"}, {TF_5M, "5m"},   {TF_15M, "15m"}, {TF_1H, "1h"},
                {TF_4H, "1h"}, {TF_30M, "15m"}, {TF_1D, "15m"},  {TF_OTHER, "15m"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        case_tf(&c, rows[i].tf, "40", 90);
        expect_execute(&c);
        cr_expect_str_eq(c.d.route, rows[i].route);
    }
}

Test(price_action_v6, one_timeframe_may_be_switched_off)
{
    c.conf.strategies[V6_5M].enabled = false;
    expect_skip(&c, REASON_TIMEFRAME_DISABLED);
    case_tf(&c, TF_15M, "25", 70);
    expect_execute(&c);
}

/* P-9 */
Test(price_action_v6, a_symbol_beyond_the_ten_has_to_be_listed)
{
    (void)str_copy(c.signal.symbol, sizeof(c.signal.symbol), "EURGBP");
    expect_skip(&c, REASON_SYMBOL_NOT_ALLOWED);
}

Test(price_action_v6, only_listed_symbols_are_traded)
{
    (void)str_copy(c.conf.symbols[0], SYMBOL_CAP, "XAUUSD");
    c.conf.symbol_count = 1;
    expect_skip(&c, REASON_SYMBOL_NOT_ALLOWED);
    (void)str_copy(c.conf.symbols[1], SYMBOL_CAP, "EURUSD");
    c.conf.symbol_count = 2;
    expect_execute(&c);
    (void)str_copy(c.signal.symbol, sizeof(c.signal.symbol), "NOSUCH");
    expect_skip(&c, REASON_SYMBOL_UNKNOWN);
}

Test(price_action_v6, p31_an_entry_without_stop_or_score_is_refused)
{
    c.signal.sl_e8 = DEC_NONE;
    expect_skip(&c, REASON_FIELD_MISSING);
    cr_expect_str_eq(c.d.field, "sl");
    start();
    c.signal.score = -1;
    expect_skip(&c, REASON_FIELD_MISSING);
    cr_expect_str_eq(c.d.field, "confidence_score");
    start();
    c.signal.side = SIDE_UNSET;
    expect_skip(&c, REASON_DIRECTION_MISSING);
}

Test(price_action_v6, without_any_price_there_is_no_entry)
{
    c.signal.price_e8 = DEC_NONE;
    case_quote(&c, NULL, NULL);
    expect_skip(&c, REASON_PRICE_MISSING);
    case_quote(&c, "1.09990", "1.10010");
    expect_execute(&c);
    expect_e8(c.d.orders[0].entry_e8, "1.1001");
}

Test(price_action_v6, json_1m_trades_an_alert_without_risk_block_by_pips)
{
    case_tf(&c, TF_1M, "20", 80);
    case_prices(&c, "1.10000", NULL, NULL, NULL, NULL);
    expect_skip(&c, REASON_FIELD_MISSING);
    c.conf.profile = V6_JSON;
    expect_execute(&c);
    expect_e8(c.d.orders[0].sl_e8, "1.0985");
    expect_e8(c.d.orders[0].tp_e8, "1.101");
    cr_expect_str_eq(c.d.orders[0].sl_rule, "pips");
    cr_expect_str_eq(c.d.orders[0].tp_rule, "pips");
}

Test(price_action_v6, contradictory_prices_are_refused)
{
    c.signal.sl_e8 = e8("1.10000");
    expect_skip(&c, REASON_STOP_WRONG_SIDE);
    c.signal.sl_e8 = e8("1.10100");
    expect_skip(&c, REASON_STOP_WRONG_SIDE);
    c.signal.sl_e8 = e8("1.09950");
    expect_execute(&c); /* 5 pips: the least */
    c.signal.sl_e8 = e8("1.09951");
    expect_refused(&c, REASON_STOP_TOO_CLOSE, "0.00049", "0.0005");
    start();
    case_quote(&c, "1.09790", "1.09795"); /* the market has been through the stop */
    expect_skip(&c, REASON_STOP_WRONG_SIDE);
}

Test(price_action_v6, prices_of_another_scale_keep_their_distances)
{
    case_quote(&c, "1.20000", "1.20000");
    expect_execute(&c);
    expect_e8(c.d.orders[0].sl_e8, "1.198");
    expect_e8(c.d.orders[0].tp_e8, "1.204");
    expect_e8(number_of(&c.d, "rebased"), "1");
}

Test(price_action_v6, enforce_filters_false_trusts_the_indicator)
{
    case_tf(&c, TF_1M, NULL, 1);
    case_quote(&c, "1.09900", "1.10000");
    case_pulse(&c, TF_15M, 0, 6, "SIDEWAYS");
    c.conf.enforce_filters = false;
    expect_execute(&c);
    case_tf(&c, TF_15M, NULL, 1);
    expect_execute(&c);
    c.signal.sl_e8 = DEC_NONE; /* what an order needs is still needed */
    expect_skip(&c, REASON_FIELD_MISSING);
}

Test(price_action_v6, plan_wants_adx_above_20_on_1m)
{
    c.conf.profile = V6_PLAN;
    case_tf(&c, TF_1M, "20", 80);
    expect_refused(&c, REASON_ADX_TOO_LOW, "20", "20");
    case_tf(&c, TF_1M, "20.1", 80);
    expect_execute(&c);
    c.conf.strategies[V6_1M].adx_min_e8 = e8("20");
    case_tf(&c, TF_1M, "20", 80);
    expect_execute(&c); /* a number from the file: equal passes */
}

Test(price_action_v6, a_number_from_the_file_comes_before_the_profile)
{
    c.conf.strategies[V6_5M].adx_min_e8 = e8("27.5");
    expect_refused(&c, REASON_ADX_TOO_LOW, "25", "27.5");
    c.conf.strategies[V6_5M].adx_min_e8 = 0;
    case_tf(&c, TF_5M, "0.1", 70);
    expect_execute(&c);
    c.conf.strategies[V6_5M].confidence_min = 71;
    expect_refused(&c, REASON_CONFIDENCE_TOO_LOW, "70", "71");
    c.conf.strategies[V6_5M].confidence_min = 0;
    case_tf(&c, TF_5M, "0.1", 0);
    expect_execute(&c);
}

/* ---- repeats and limits ---- */

Test(price_action_v6, te003_the_same_entry_within_a_minute_is_a_repeat)
{
    c.seen[0] = (struct plugin_seen){.kind = c.signal.kind,
                                     .side = c.signal.side,
                                     .tf = c.signal.tf,
                                     .price_e8 = c.signal.price_e8,
                                     .accepted_ms = NOW_MS - 59999};
    (void)str_copy(c.seen[0].symbol, sizeof(c.seen[0].symbol), "EURUSD");
    c.snap.seen_count = 1;
    expect_refused(&c, REASON_DUPLICATE_ALERT, "59.999", "60");
    c.seen[0].accepted_ms = NOW_MS - 60000;
    expect_execute(&c);
    c.seen[0].accepted_ms = NOW_MS - 1;
    c.seen[0].price_e8++;
    expect_execute(&c); /* another price */
    c.seen[0].price_e8--;
    c.seen[0].tf = TF_15M;
    expect_execute(&c); /* another strategy */
    c.seen[0].tf = TF_5M;
    (void)str_copy(c.seen[0].symbol, sizeof(c.seen[0].symbol), "GBPUSD");
    expect_execute(&c);
}

Test(price_action_v6, each_strategy_has_its_own_limit_of_open_entries)
{
    static const struct {
        enum timeframe tf;
        const char *route, *limit, *adx;
        int max;
    } rows[] = {{TF_1M, "1m", "3", "30", 3},
                {TF_5M, "5m", "4", "25", 4},
                {TF_15M, "15m", "3", "20", 3},
                {TF_1H, "1h", "2", "15", 2}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        case_init(&c);
        case_tf(&c, rows[i].tf, rows[i].adx, 80);
        for (int k = 0; k < rows[i].max; k++) {
            expect_execute(&c);
            char chain[16];
            (void)snprintf(chain, sizeof(chain), "chain_%d", k);
            case_position(&c, SIDE_BUY, rows[i].route, chain);
            case_position(&c, SIDE_BUY, rows[i].route, chain); /* A and B count once */
        }
        expect_refused(&c, REASON_MAX_OPEN_TRADES, rows[i].limit, rows[i].limit);
        case_tf(&c, rows[i].tf == TF_5M ? TF_15M : TF_5M, "40", 80);
        expect_execute(&c); /* the others are free */
    }
}

Test(price_action_v6, positions_of_another_plugin_do_not_count)
{
    c.conf.strategies[V6_5M].max_open_trades = 1;
    case_position(&c, SIDE_BUY, "5m", "chain_1");
    expect_refused(&c, REASON_MAX_OPEN_TRADES, "1", "1");
    (void)str_copy(c.positions[0].plugin, sizeof(c.positions[0].plugin), "combined_v3");
    expect_execute(&c);
}

Test(price_action_v6, each_strategy_has_its_own_limits_of_a_day)
{
    static const struct {
        enum timeframe tf;
        const char *route, *adx, *loss, *loss_below;
        int max;
    } rows[] = {{TF_1M, "1m", "30", "200", "199.99", 20},
                {TF_5M, "5m", "25", "300", "299.99", 12},
                {TF_15M, "15m", "20", "400", "399.99", 8},
                {TF_1H, "1h", "15", "500", "499.99", 5}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        case_init(&c);
        case_tf(&c, rows[i].tf, rows[i].adx, 80);
        c.snap.route_count = 1;
        (void)str_copy(c.routes[0].plugin, PLUGIN_ID_CAP, "price_action_v6");
        (void)str_copy(c.routes[0].route, ROUTE_CAP, rows[i].route);
        c.routes[0].daily_entries = rows[i].max - 1;
        expect_execute(&c);
        c.routes[0].daily_entries = rows[i].max;
        expect_skip(&c, REASON_MAX_DAILY_TRADES);
        cr_expect_eq(c.d.number_e8, rows[i].max * DEC_ONE);
        cr_expect_eq(c.d.limit_e8, rows[i].max * DEC_ONE);
        c.routes[0].daily_entries = 0;
        c.routes[0].daily_loss_e8 = e8(rows[i].loss_below);
        expect_execute(&c);
        c.routes[0].daily_loss_e8 = e8(rows[i].loss);
        expect_refused(&c, REASON_DAILY_LOSS_CAP, rows[i].loss, rows[i].loss);
        (void)str_copy(c.routes[0].route, ROUTE_CAP, "LOGIC1");
        expect_execute(&c);
    }
}
