/* Covers: plugins/combined_v3 decide.c and route.c: the golden cases G01-G03, G19-G25, G38, G40,
 * G42 and G88 of spec strategies 11, both sides of every threshold (P-12), routing of A and B,
 * reverse first, exits, information. */
#include "v3_case.h"

static struct v3_case c;

/* ---- P-4, RT-4 ---- */

Test(combined_v3, G01_five_values_are_read_from_the_day_down)
{
    case_init(&c);
    case_mtf(&c, 5, (int[]){1, 1, 1, -1, 1});
    cr_assert_eq(v3_mtf_aligned(&c.signal), 3);
    expect_execute(&c);
    case_sell(&c);
    cr_assert_eq(v3_mtf_aligned(&c.signal), 1);
    expect_skip(&c, REASON_MTF_NOT_ALIGNED);
    expect_e8(c.d.number_e8, "1");
    expect_e8(c.d.limit_e8, "3");
}

Test(combined_v3, G02_six_values_are_read_from_the_minute_up)
{
    case_init(&c);
    case_mtf(&c, 6, (int[]){1, -1, 1, 1, 1, 1});
    cr_assert_eq(v3_mtf_aligned(&c.signal), 4);
    expect_execute(&c);
    case_mtf(&c, 6, (int[]){1, 1, -1, -1, 1, 1}); /* the two low ones never count */
    cr_assert_eq(v3_mtf_aligned(&c.signal), 2);
    expect_skip(&c, REASON_MTF_NOT_ALIGNED);
}

Test(combined_v3, G03_two_of_four_bearish_is_refused)
{
    case_init(&c);
    case_sell(&c);
    case_mtf(&c, 5, (int[]){-1, -1, 1, 0, 0});
    cr_assert_eq(v3_mtf_aligned(&c.signal), 2);
    expect_skip(&c, REASON_MTF_NOT_ALIGNED);
}

Test(combined_v3, alerts_without_timeframe_values_pass_the_gate)
{
    case_init(&c);
    cr_assert_eq(v3_mtf_aligned(&c.signal), -1);
    expect_execute(&c);
}

Test(combined_v3, timeframe_gate_has_its_switch_and_its_limit)
{
    case_init(&c);
    case_mtf(&c, 5, (int[]){-1, -1, -1, -1, -1});
    expect_skip(&c, REASON_MTF_NOT_ALIGNED);
    c.conf.mtf_gate = false;
    expect_execute(&c);
    c.conf.mtf_gate = true;
    case_mtf(&c, 5, (int[]){1, 1, 0, 0, 0});
    expect_skip(&c, REASON_MTF_NOT_ALIGNED);
    c.conf.mtf_min_aligned = 2;
    expect_execute(&c);
}

/* ---- P-10 ---- */

static void seen_before(int64_t age_ms)
{
    c.snap.seen_count = 1;
    c.seen[0] = (struct plugin_seen){.kind = c.signal.kind,
                                     .side = c.signal.side,
                                     .tf = c.signal.tf,
                                     .accepted_ms = NOW_MS - age_ms};
    (void)str_copy(c.seen[0].symbol, sizeof(c.seen[0].symbol), c.signal.symbol);
}

Test(combined_v3, G19_the_same_alert_within_five_minutes_is_a_repeat)
{
    case_init(&c);
    seen_before(60000);
    expect_skip(&c, REASON_DUPLICATE_ALERT);
    expect_e8(c.d.number_e8, "60");
    expect_e8(c.d.limit_e8, "300");
    seen_before(299000);
    expect_skip(&c, REASON_DUPLICATE_ALERT);
    seen_before(299999);
    expect_skip(&c, REASON_DUPLICATE_ALERT);
    seen_before(300000);
    expect_execute(&c);
    seen_before(301000);
    expect_execute(&c);
}

Test(combined_v3, te003_the_same_price_within_a_minute_is_a_repeat_whatever_its_name)
{
    case_init(&c);
    seen_before(59999);
    c.seen[0].kind = SIGNAL_V3_SIDEWAYS_BREAKOUT;
    c.seen[0].price_e8 = c.signal.price_e8;
    expect_skip(&c, REASON_DUPLICATE_ALERT);
    expect_e8(c.d.number_e8, "59.999");
    expect_e8(c.d.limit_e8, "60");
    c.seen[0].accepted_ms = NOW_MS - 60000;
    expect_execute(&c);
    c.seen[0].accepted_ms = NOW_MS - 1000;
    c.seen[0].price_e8++;
    expect_execute(&c);
    c.seen[0].price_e8--;
    c.seen[0].side = SIDE_SELL;
    expect_execute(&c);
    c.seen[0].side = SIDE_BUY;
    c.seen[0].tf = TF_5M; /* another logic's */
    expect_execute(&c);
    c.seen[0].tf = c.signal.tf;
    c.seen[0].kind = SIGNAL_V6_BULLISH_ENTRY; /* another plugin's */
    expect_execute(&c);
    c.seen[0].kind = SIGNAL_V3_SIDEWAYS_BREAKOUT;
    c.signal.price_e8 = c.seen[0].price_e8 = DEC_NONE; /* two without a price are not the same */
    expect_execute(&c);
    c.signal.price_e8 = c.seen[0].price_e8 = e8("2650.10");
    c.conf.repeat_window_ms = 0;
    expect_execute(&c);
}

Test(combined_v3, only_the_very_same_alert_is_a_repeat)
{
    case_init(&c);
    seen_before(1000);
    c.seen[0].kind = SIGNAL_V3_SIDEWAYS_BREAKOUT;
    expect_execute(&c);
    seen_before(1000);
    c.seen[0].tf = TF_5M;
    expect_execute(&c);
    seen_before(1000);
    c.seen[0].side = SIDE_SELL;
    expect_execute(&c);
    seen_before(1000);
    (void)str_copy(c.seen[0].symbol, sizeof(c.seen[0].symbol), "EURUSD");
    expect_execute(&c);
    seen_before(1000);
    c.conf.duplicate_window_ms = 0;
    expect_execute(&c);
}

/* ---- RT-1 ---- */

static void expect_route(enum signal_kind kind, enum timeframe tf, int logic, enum reason why)
{
    enum reason got = REASON_UNSET;
    cr_assert_eq(v3_route(kind, tf, &got), logic, "%s %s", signal_kind_name(kind),
                 timeframe_name(tf));
    cr_assert_eq(got, why);
}

Test(combined_v3, G20_screeners_always_go_to_logic3)
{
    for (int tf = TF_UNSET; tf < TF_COUNT; tf++) {
        expect_route(SIGNAL_V3_SCREENER_FULL_BULLISH, (enum timeframe)tf, 3,
                     REASON_SIGNAL_OVERRIDE);
        expect_route(SIGNAL_V3_SCREENER_FULL_BEARISH, (enum timeframe)tf, 3,
                     REASON_SIGNAL_OVERRIDE);
    }
    case_init(&c);
    c.signal.kind = SIGNAL_V3_SCREENER_FULL_BULLISH;
    c.signal.tf = TF_5M;
    c.signal.score = 9;
    expect_execute(&c);
    cr_assert_str_eq(c.d.route, "LOGIC3");
    cr_assert_eq(c.d.reasons[1], REASON_SIGNAL_OVERRIDE);
    expect_e8(number_of(&c.d, "logic_mult"), "0.625");
}

Test(combined_v3, G21_golden_pocket_is_overridden_on_the_hour_and_above)
{
    expect_route(SIGNAL_V3_GOLDEN_POCKET_FLIP, TF_15M, 2, REASON_TIMEFRAME_ROUTING);
    expect_route(SIGNAL_V3_GOLDEN_POCKET_FLIP, TF_1H, 3, REASON_SIGNAL_OVERRIDE);
    expect_route(SIGNAL_V3_GOLDEN_POCKET_FLIP, TF_4H, 3, REASON_SIGNAL_OVERRIDE);
    expect_route(SIGNAL_V3_GOLDEN_POCKET_FLIP, TF_5M, 1, REASON_TIMEFRAME_ROUTING);
}

Test(combined_v3, G22_timeframes_choose_the_logic)
{
    static const struct {
        enum timeframe tf;
        int logic;
    } rows[] = {{TF_1M, 2}, {TF_5M, 1}, {TF_15M, 2}, {TF_30M, 2},
                {TF_1H, 3}, {TF_4H, 3}, {TF_1D, 2},  {TF_OTHER, 2}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++)
        expect_route(SIGNAL_V3_MOMENTUM_BREAKOUT, rows[i].tf, rows[i].logic,
                     REASON_TIMEFRAME_ROUTING);
}

/* ---- RT-5, strength ---- */

Test(combined_v3, G23_launchpad_buys_need_seven_and_the_others_five)
{
    case_init(&c);
    c.signal.kind = SIGNAL_V3_INSTITUTIONAL_LAUNCHPAD;
    c.signal.score = 6;
    expect_skip(&c, REASON_SCORE_TOO_LOW);
    expect_e8(c.d.number_e8, "6");
    expect_e8(c.d.limit_e8, "7");
    c.signal.score = 7;
    expect_execute(&c);
    c.signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    c.signal.score = 5;
    expect_execute(&c);
    c.signal.score = 4;
    expect_skip(&c, REASON_SCORE_TOO_LOW);
    case_sell(&c); /* score 2: strength 7 */
    expect_execute(&c);
    expect_e8(number_of(&c.d, "strength"), "7");
    c.signal.score = 4;
    expect_execute(&c);
    c.signal.score = 0; /* the strongest sell there is */
    expect_execute(&c);
    expect_e8(number_of(&c.d, "strength"), "9");
    c.signal.score = 5; /* strength 4 */
    expect_skip(&c, REASON_SCORE_TOO_LOW);
}

Test(combined_v3, G23_raw_mode_repeats_the_old_filter)
{
    case_init(&c);
    c.conf.score_filter_raw = true;
    case_sell(&c);
    expect_skip(&c, REASON_SCORE_TOO_LOW);
    c.signal.score = 5;
    expect_execute(&c);
}

Test(combined_v3, launchpad_sells_need_five_only)
{
    case_init(&c);
    case_sell(&c);
    c.signal.kind = SIGNAL_V3_INSTITUTIONAL_LAUNCHPAD;
    c.signal.score = 4; /* strength 5 */
    expect_execute(&c);
}

/* ---- RT-6, EX-8 ---- */

Test(combined_v3, G24_an_aggressive_entry_closes_the_other_side_first)
{
    case_init(&c);
    c.signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    c.signal.side = SIDE_BUY;
    c.signal.score = 6;
    case_position(&c, 11, SIDE_SELL, "XAUUSD_1");
    expect_execute(&c);
    cr_assert_eq(c.d.close_count, 0, "one below");
    c.signal.score = 7;
    expect_execute(&c);
    cr_assert_eq(c.d.close_count, 1);
    cr_assert_eq(c.d.closes[0], 11u);
    cr_assert_eq(c.d.orders[0].side, SIDE_BUY);
}

Test(combined_v3, an_aggressive_entry_closes_every_position_of_the_other_side)
{
    case_init(&c);
    case_position(&c, 11, SIDE_SELL, "XAUUSD_1");
    case_position(&c, 12, SIDE_SELL, "XAUUSD_1");
    case_position(&c, 13, SIDE_BUY, "XAUUSD_2");
    expect_execute(&c);
    cr_assert_eq(c.d.close_count, 2);
    cr_assert_eq(c.d.closes[0], 11u);
    cr_assert_eq(c.d.closes[1], 12u);
    cr_assert_eq(c.d.close_reason, REASON_OPPOSITE_SIGNAL);
    cr_assert_eq(c.d.orders[0].side, SIDE_BUY);
}

Test(combined_v3, G25_an_ordinary_entry_leaves_the_other_side_alone)
{
    case_init(&c);
    c.signal.kind = SIGNAL_V3_MITIGATION_TEST_ENTRY;
    c.signal.score = 6;
    case_position(&c, 11, SIDE_SELL, "XAUUSD_1");
    expect_execute(&c);
    cr_assert_eq(c.d.close_count, 0);
    cr_assert_eq(c.d.close_reason, REASON_UNSET);
}

Test(combined_v3, four_kinds_are_aggressive_at_any_strength)
{
    for (int k = SIGNAL_V3_INSTITUTIONAL_LAUNCHPAD; k <= SIGNAL_V3_SIDEWAYS_BREAKOUT; k++) {
        bool always = k == SIGNAL_V3_LIQUIDITY_TRAP_REVERSAL || k == SIGNAL_V3_GOLDEN_POCKET_FLIP ||
                      k == SIGNAL_V3_SCREENER_FULL_BULLISH || k == SIGNAL_V3_SCREENER_FULL_BEARISH;
        cr_assert_eq(v3_is_aggressive((enum signal_kind)k, 6), always);
        cr_assert(v3_is_aggressive((enum signal_kind)k, 7));
    }
}

Test(combined_v3, reverse_first_touches_only_its_own_symbol_and_plugin)
{
    case_init(&c);
    case_position(&c, 11, SIDE_SELL, "a");
    case_position(&c, 12, SIDE_SELL, "b");
    (void)str_copy(c.positions[0].symbol, sizeof(c.positions[0].symbol), "EURUSD");
    (void)str_copy(c.positions[1].plugin, sizeof(c.positions[1].plugin), "price_action_v6");
    expect_execute(&c);
    cr_assert_eq(c.d.close_count, 0);
}

Test(combined_v3, reverse_first_has_its_switch)
{
    case_init(&c);
    c.conf.aggressive_reversal = false;
    case_position(&c, 11, SIDE_SELL, "XAUUSD_1");
    expect_execute(&c);
    cr_assert_eq(c.d.close_count, 0);
}

Test(combined_v3, a_refused_entry_closes_nothing)
{
    case_init(&c);
    case_position(&c, 11, SIDE_SELL, "XAUUSD_1");
    c.snap.daily_trades = 10;
    expect_skip(&c, REASON_MAX_DAILY_TRADES);
    cr_assert_eq(c.d.close_reason, REASON_UNSET);
    c.snap.daily_trades = 0;
    case_prices(&c, "2650.10", "2651", NULL, NULL);
    expect_skip(&c, REASON_STOP_WRONG_SIDE);
    cr_assert_eq(c.d.close_reason, REASON_UNSET);
}

Test(combined_v3, what_is_reversed_frees_its_place)
{
    case_init(&c);
    c.conf.max_open_trades = 1;
    case_position(&c, 11, SIDE_SELL, "XAUUSD_1");
    expect_execute(&c);
    expect_e8(number_of(&c.d, "open_trades"), "0");
}

/* ---- limits ---- */

Test(combined_v3, open_chains_are_limited_and_a_dual_entry_counts_once)
{
    case_init(&c);
    c.conf.max_open_trades = 2;
    case_position(&c, 11, SIDE_BUY, "XAUUSD_1");
    case_position(&c, 12, SIDE_BUY, "XAUUSD_1");
    expect_execute(&c);
    case_position(&c, 13, SIDE_BUY, "XAUUSD_2");
    expect_skip(&c, REASON_MAX_OPEN_TRADES);
    expect_e8(c.d.number_e8, "2");
    expect_e8(c.d.limit_e8, "2");
    (void)str_copy(c.positions[2].plugin, sizeof(c.positions[2].plugin), "price_action_v6");
    expect_execute(&c); /* another plugin's positions are not ours to count */
}

Test(combined_v3, entries_of_a_day_are_limited)
{
    case_init(&c);
    c.snap.daily_trades = 9;
    expect_execute(&c);
    c.snap.daily_trades = 10;
    expect_skip(&c, REASON_MAX_DAILY_TRADES);
    expect_e8(c.d.limit_e8, "10");
}

Test(combined_v3, the_loss_of_a_day_is_limited)
{
    case_init(&c);
    c.snap.plugin_daily_loss_e8 = e8("499.99999999");
    expect_execute(&c);
    c.snap.plugin_daily_loss_e8 = e8("500");
    expect_skip(&c, REASON_DAILY_LOSS_CAP);
    expect_e8(c.d.number_e8, "500");
    c.conf.daily_loss_cap_e8 = 0; /* no limit of its own */
    expect_execute(&c);
}

Test(combined_v3, symbols_can_be_restricted)
{
    case_init(&c);
    c.conf.symbol_count = 1;
    (void)str_copy(c.conf.symbols[0], SYMBOL_CAP, "EURUSD");
    expect_skip(&c, REASON_SYMBOL_NOT_ALLOWED);
    (void)str_copy(c.conf.symbols[0], SYMBOL_CAP, "XAUUSD");
    expect_execute(&c);
    (void)str_copy(c.signal.symbol, sizeof(c.signal.symbol), "BTCUSD");
    expect_skip(&c, REASON_SYMBOL_UNKNOWN);
}

/* P-9 */
Test(combined_v3, a_symbol_beyond_the_ten_has_to_be_listed)
{
    case_init(&c);
    case_symbol(&c, "EURGBP", "0.85000", "0.85012");
    case_prices(&c, "0.85010", "0.84500", "0.85800", "0.86500");
    expect_skip(&c, REASON_SYMBOL_NOT_ALLOWED);
    c.conf.symbol_count = 1;
    (void)str_copy(c.conf.symbols[0], SYMBOL_CAP, "EURGBP");
    expect_execute(&c);
}

Test(combined_v3, every_logic_has_its_switch)
{
    static const enum timeframe tf[] = {TF_UNSET, TF_5M, TF_15M, TF_1H};
    for (int logic = 1; logic <= 3; logic++) {
        case_init(&c);
        c.signal.tf = tf[logic];
        c.conf.logic_enabled[logic] = false;
        expect_skip(&c, REASON_LOGIC_DISABLED);
        c.conf.logic_enabled[logic] = true;
        expect_execute(&c);
        cr_assert_str_eq(c.d.route, v3_route_name(logic));
    }
}

Test(combined_v3, a_signal_without_side_or_score_names_the_field)
{
    case_init(&c);
    c.signal.side = SIDE_UNSET;
    expect_skip(&c, REASON_DIRECTION_MISSING);
    cr_assert_str_eq(c.d.field, "direction");
    case_init(&c);
    c.signal.score = -1;
    expect_skip(&c, REASON_FIELD_MISSING);
    cr_assert_str_eq(c.d.field, "consensus_score");
    c.signal.score = 10;
    expect_skip(&c, REASON_FIELD_MISSING);
}

/* ---- routing of A and B ---- */

Test(combined_v3, orders_go_where_the_logic_sends_them)
{
    static const enum timeframe tf[] = {TF_UNSET, TF_5M, TF_15M, TF_1H};
    for (int logic = 1; logic <= 3; logic++) {
        case_init(&c);
        c.signal.tf = tf[logic];
        expect_execute(&c);
        cr_assert_eq(c.d.order_count, 2);
        cr_assert_eq(c.d.orders[0].role, ORDER_ROLE_A);
        cr_assert_eq(c.d.orders[1].role, ORDER_ROLE_B);
        int64_t half_e8 = c.d.orders[0].lots_e8;
        cr_assert_eq(c.d.orders[1].lots_e8, half_e8);

        c.conf.logic_routing[logic] = V3_ROUTING_A_ONLY;
        expect_execute(&c);
        cr_assert_eq(c.d.order_count, 1);
        cr_assert_eq(c.d.orders[0].role, ORDER_ROLE_A);
        cr_assert_geq(c.d.orders[0].lots_e8, 2 * half_e8, "A alone takes the whole lot");

        c.conf.logic_routing[logic] = V3_ROUTING_B_ONLY;
        expect_execute(&c);
        cr_assert_eq(c.d.order_count, 1);
        cr_assert_eq(c.d.orders[0].role, ORDER_ROLE_B);
        cr_assert_geq(c.d.orders[0].lots_e8, 2 * half_e8);
    }
}

/* ---- RK-1, RK-2 ---- */

Test(combined_v3, consensus_map_is_the_one_of_RK_1)
{
    static const char *const factors[] = {"0.2", "0.3", "0.4",  "0.5", "0.6",
                                          "0.7", "0.8", "0.85", "0.9", "1"};
    for (int s = 0; s <= 9; s++)
        expect_e8(v3_consensus_factor_e8(s), factors[s]);
    expect_e8(v3_consensus_factor_e8(-1), "0.2");
    expect_e8(v3_consensus_factor_e8(10), "1");
}

static struct v3_lots lots_for(int strength, int logic)
{
    case_init(&c);
    return v3_lots(&c.conf, symbol_find("XAUUSD"), strength, logic, true, true);
}

Test(combined_v3, G38_score_seven_logic1)
{
    struct v3_lots l = lots_for(7, 1);
    expect_e8(l.total_e8, "0.053125");
    expect_e8(l.a_e8, "0.02");
    expect_e8(l.b_e8, "0.02");
}

Test(combined_v3, G40_score_nine_logic1)
{
    struct v3_lots l = lots_for(9, 1);
    expect_e8(l.total_e8, "0.0625");
    expect_e8(l.a_e8, "0.03");
    expect_e8(l.b_e8, "0.03");
}

Test(combined_v3, G42_a_half_below_the_minimum_leaves_A_alone)
{
    struct v3_lots l = lots_for(4, 3); /* factor 0.6 */
    expect_e8(l.total_e8, "0.01875");
    expect_e8(l.a_e8, "0.01");
    expect_e8(l.b_e8, "0");
    c.signal.tf = TF_1H;
    c.signal.score = 5;
    c.conf.base_lot_e8 = e8("0.04"); /* x 0.7 x 0.625 = 0.0175 */
    expect_execute(&c);
    cr_assert_eq(c.d.order_count, 1);
    cr_assert_eq(c.d.orders[0].role, ORDER_ROLE_A);
    expect_e8(c.d.orders[0].lots_e8, "0.01");
}

Test(combined_v3, a_total_below_the_minimum_is_refused_with_both_numbers)
{
    case_init(&c);
    c.signal.score = 5; /* factor 0.7, LOGIC2 x 1 */
    c.conf.base_lot_e8 = e8("0.01428571");
    expect_skip(&c, REASON_LOT_BELOW_MIN);
    expect_e8(c.d.limit_e8, "0.01");
    c.conf.base_lot_e8 = e8("0.01428572");
    expect_execute(&c);
    expect_e8(c.d.orders[0].lots_e8, "0.01");
}

Test(combined_v3, lots_never_pass_their_maximum)
{
    case_init(&c);
    c.conf.base_lot_e8 = 100 * DEC_ONE;
    expect_execute(&c);
    expect_e8(c.d.orders[0].lots_e8, "1");
    expect_e8(c.d.orders[1].lots_e8, "1");
    c.conf.max_lot_e8 = e8("0.015"); /* not on the step */
    expect_execute(&c);
    expect_e8(c.d.orders[0].lots_e8, "0.01");
    c.conf.max_lot_e8 = 1000 * DEC_ONE;
    c.conf.base_lot_e8 = 1000 * DEC_ONE;
    expect_execute(&c);
    expect_e8(c.d.orders[0].lots_e8, "100"); /* the symbol's own */
}

/* ---- EX-6, P-14 ---- */

Test(combined_v3, G88_a_bullish_exit_leaves_longs_or_as_the_old_bot_did)
{
    static const struct {
        enum signal_kind kind;
        bool legacy;
        uint64_t closes;
    } rows[] = {
        {SIGNAL_V3_BULLISH_EXIT, false, 21},
        {SIGNAL_V3_BULLISH_EXIT, true, 22},
        {SIGNAL_V3_BEARISH_EXIT, false, 22},
        {SIGNAL_V3_BEARISH_EXIT, true, 21},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        case_init(&c);
        case_position(&c, 21, SIDE_BUY, "a");
        case_position(&c, 22, SIDE_SELL, "b");
        c.signal.kind = rows[i].kind;
        c.signal.score = -1;
        c.conf.exit_semantics_legacy = rows[i].legacy;
        const struct decision *d = case_decide(&c);
        cr_assert_eq(d->action, DECISION_CLOSE);
        cr_assert_eq(d->close_count, 1);
        cr_assert_eq(d->closes[0], rows[i].closes);
        cr_assert_eq(d->close_reason, REASON_V3_EXIT);
        cr_assert_eq(d->order_count, 0);
    }
}

Test(combined_v3, G88_an_open_buy_is_kept_by_the_old_meaning)
{
    case_init(&c);
    case_position(&c, 21, SIDE_BUY, "a");
    c.signal.kind = SIGNAL_V3_BULLISH_EXIT;
    c.conf.exit_semantics_legacy = true;
    expect_skip(&c, REASON_NOTHING_TO_CLOSE);
}

Test(combined_v3, exits_pass_every_entry_limit)
{
    case_init(&c);
    case_position(&c, 21, SIDE_BUY, "a");
    c.signal.kind = SIGNAL_V3_BULLISH_EXIT;
    c.snap.plugin_daily_loss_e8 = 1000 * DEC_ONE;
    c.snap.daily_trades = 100;
    c.conf.max_open_trades = 1;
    c.conf.symbol_count = 1;
    (void)str_copy(c.conf.symbols[0], SYMBOL_CAP, "EURUSD");
    seen_before(1);
    cr_assert_eq(case_decide(&c)->action, DECISION_CLOSE);
}

Test(combined_v3, an_exit_closes_all_that_the_highest_limit_can_have_opened)
{
    static struct position many[200]; /* max_open_trades 100, A and B */
    case_init(&c);
    case_position(&c, 1, SIDE_BUY, "a");
    for (size_t i = 0; i < TR_ARRAY_SIZE(many); i++) {
        many[i] = c.positions[0];
        many[i].cid = i + 1;
    }
    c.snap.positions = many;
    c.snap.position_count = TR_ARRAY_SIZE(many);
    c.signal.kind = SIGNAL_V3_BULLISH_EXIT;
    cr_assert_eq(case_decide(&c)->close_count, 200);
    cr_assert_eq(c.d.closes[199], 200u);
}

Test(combined_v3, squeeze_and_pulse_only_inform)
{
    static const enum signal_kind kinds[] = {SIGNAL_V3_VOLATILITY_SQUEEZE, SIGNAL_V3_TREND_PULSE};
    for (size_t i = 0; i < TR_ARRAY_SIZE(kinds); i++) {
        case_init(&c);
        c.signal.kind = kinds[i];
        c.signal.side = SIDE_UNSET;
        const struct decision *d = case_decide(&c);
        cr_assert_eq(d->action, DECISION_NOTIFY);
        cr_assert_eq(d->reasons[0], REASON_NOTIFICATION_ONLY);
        cr_assert_eq(d->order_count + d->close_count, 0);
    }
}

Test(combined_v3, accepts_v3_alerts_and_says_whether_it_is_switched_on)
{
    case_init(&c);
    cr_assert(combined_v3_plugin.accepts(&c.conf, &c.signal));
    c.signal.format = SIGNAL_FORMAT_V6;
    cr_assert_not(combined_v3_plugin.accepts(&c.conf, &c.signal));
    c.signal.format = SIGNAL_FORMAT_LEGACY;
    cr_assert_not(combined_v3_plugin.accepts(&c.conf, &c.signal));
    c.signal.format = SIGNAL_FORMAT_V3;
    cr_assert(combined_v3_plugin.is_enabled(&c.conf));
    c.conf.enabled = false;
    cr_assert_not(combined_v3_plugin.is_enabled(&c.conf));
    cr_assert(combined_v3_plugin.accepts(&c.conf, &c.signal), "still its alert to refuse");
}

Test(combined_v3, the_same_question_gets_the_same_answer)
{
    struct buf first, second;
    buf_init(&first, 65536);
    buf_init(&second, 65536);
    case_init(&c);
    case_position(&c, 11, SIDE_SELL, "XAUUSD_1");
    decision_pack(&first, case_decide(&c));
    decision_pack(&second, case_decide(&c));
    cr_assert_eq(first.len, second.len);
    cr_assert_eq(memcmp(first.data, second.data, first.len), 0);
    buf_deinit(&first);
    buf_deinit(&second);
}
