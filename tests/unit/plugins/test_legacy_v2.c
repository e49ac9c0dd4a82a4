/* Covers: plugins/legacy_v2: RT-8 and EX-1 to EX-6 with the golden cases G26, G27, G43 to G46, G49,
 * G55, G60, G88 and G89, V3 alerts as the old engine decided them (G41, G42), P-13, and every quirk
 * on and off. */
#include <criterion/criterion.h>

#include "core/alloc.h"
#include "plugins/legacy_v2/decide.h"
#include "plugins/legacy_v2/rules.h"

#define NOW_MS INT64_C(1767607200000)

static struct legacy_v2_conf conf;
static struct plugin_snapshot snap;
static struct position positions[4];
static struct plugin_seen seen[1];
static struct trends trends;
static struct signal signal;
static struct decision d;

static int64_t dec(const char *text)
{
    int64_t v_e8 = 0;
    cr_assert(dec_parse(text, strlen(text), &v_e8), "%s", text);
    return v_e8;
}

static void set_trend(enum timeframe tf, enum side side)
{
    cr_assert(trends_put_auto(&trends, signal.symbol, tf, side, 1));
}

static void init(const char *symbol, const char *price, enum signal_kind kind)
{
    legacy_v2_conf_defaults(&conf);
    memset(&trends, 0, sizeof(trends));
    memset(positions, 0, sizeof(positions));
    signal = (struct signal)SIGNAL_INIT;
    signal.format = kind >= SIGNAL_LEGACY_BIAS ? SIGNAL_FORMAT_LEGACY : SIGNAL_FORMAT_V3;
    signal.kind = kind;
    signal.side = SIDE_BUY;
    signal.tf = TF_5M;
    signal.price_e8 = dec(price);
    (void)str_copy(signal.symbol, sizeof(signal.symbol), symbol);
    snap = (struct plugin_snapshot){.now_ms = NOW_MS,
                                    .balance_e8 = dec("10000"),
                                    .positions = positions,
                                    .seen = seen,
                                    .trends = &trends};
    if (kind != SIGNAL_LEGACY_ENTRY)
        return;
    set_trend(TF_1H, SIDE_BUY);
    set_trend(TF_15M, SIDE_BUY);
    set_trend(TF_1D, SIDE_BUY);
}

static void init_v3(int score)
{
    init("EURUSD", "1.1", SIGNAL_V3_MITIGATION_TEST_ENTRY);
    signal.score = score;
    signal.position_multiplier_e8 = dec("0.8");
    signal.sl_e8 = dec("1.09");
    signal.tp1_e8 = dec("1.11");
    signal.tp2_e8 = dec("1.12");
}

static void add_position(enum side side)
{
    struct position *p = &positions[snap.position_count++];
    p->cid = snap.position_count;
    p->side = side;
    p->lots_e8 = dec("0.05");
    p->entry_e8 = signal.price_e8;
    (void)str_copy(p->symbol, sizeof(p->symbol), signal.symbol);
    (void)str_copy(p->plugin, sizeof(p->plugin), "legacy_v2");
}

static void decide(void)
{
    decision_init(&d, "legacy_v2");
    cr_assert(legacy_v2_plugin.accepts(&conf, &signal));
    cr_assert_eq(legacy_v2_plugin.decide(&conf, &snap, &signal, &d), 0);
}

static void expect_skip(enum reason r)
{
    decide();
    cr_assert_eq(d.action, DECISION_SKIP);
    cr_assert_str_eq(reason_code(d.reasons[0]), reason_code(r));
    cr_assert_eq(d.order_count, 0);
}

static void expect_execute(void)
{
    decide();
    cr_assert_eq(d.action, DECISION_EXECUTE, "%s", reason_code(d.reasons[0]));
    cr_assert_eq(d.reasons[0], REASON_ACCEPTED);
}

static void expect_order(int i, const char *lots, const char *sl, const char *tp)
{
    cr_assert_lt(i, d.order_count);
    cr_assert_eq(d.orders[i].lots_e8, dec(lots));
    cr_assert_eq(d.orders[i].sl_e8, dec(sl));
    cr_assert_eq(d.orders[i].tp_e8, dec(tp));
}

/* ---- RT-8 ---- */

Test(legacy_v2, G26_first_logic_wants_1h_and_15m)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_ENTRY);
    expect_execute();
    cr_assert_str_eq(d.route, "LOGIC1");
    signal.side = SIDE_SELL;
    expect_skip(REASON_TREND_NOT_ALIGNED);
    cr_assert_eq(d.number_e8, DEC_ONE);
    cr_assert_eq(d.limit_e8, -DEC_ONE);
}

Test(legacy_v2, G27_third_logic_wants_1d_and_1h)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_ENTRY);
    signal.tf = TF_1H;
    expect_execute();
    cr_assert_str_eq(d.route, "LOGIC3");
    set_trend(TF_1H, SIDE_SELL);
    expect_skip(REASON_TREND_NOT_ALIGNED);
    cr_assert_eq(d.number_e8, 0);
    signal.side = SIDE_SELL;
    expect_skip(REASON_TREND_NOT_ALIGNED);
}

Test(legacy_v2, without_a_trend_nothing_is_aligned)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_ENTRY);
    memset(&trends, 0, sizeof(trends));
    expect_skip(REASON_TREND_NOT_ALIGNED);
    snap.trends = NULL;
    expect_skip(REASON_TREND_NOT_ALIGNED);
}

Test(legacy_v2, gates_come_in_their_order)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_ENTRY);
    signal.side = SIDE_SELL; /* would be refused by the trends */
    snap.daily_loss_e8 = dec("200");
    conf.logic_enabled[1] = false;
    signal.tf = TF_4H;
    expect_skip(REASON_TIMEFRAME_DISABLED);
    signal.tf = TF_5M;
    expect_skip(REASON_LOGIC_DISABLED);
    conf.logic_enabled[1] = true;
    expect_skip(REASON_DAILY_LOSS_CAP);
    snap.daily_loss_e8 = 0;
    expect_skip(REASON_TREND_NOT_ALIGNED);
}

Test(legacy_v2, G60_caps_of_the_tier)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_ENTRY);
    conf.smart_lot = false;
    snap.daily_loss_e8 = dec("199.99");
    expect_execute();
    snap.daily_loss_e8 = dec("200");
    expect_skip(REASON_DAILY_LOSS_CAP);
    cr_assert_eq(d.limit_e8, dec("200"));
    conf.lots.forced = TIERS_UNSET;
    snap.balance_e8 = dec("25000");
    expect_execute();
    snap.daily_loss_e8 = dec("500");
    expect_skip(REASON_DAILY_LOSS_CAP);
    conf.caps = false;
    expect_execute();
    conf.caps = true;
    snap.daily_loss_e8 = 0;
    snap.lifetime_loss_e8 = dec("2500");
    expect_skip(REASON_LIFETIME_LOSS_CAP);
}

Test(legacy_v2, a_repeat_within_five_minutes_is_refused)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_ENTRY);
    snap.seen_count = 1;
    seen[0] = (struct plugin_seen){
        .kind = signal.kind, .side = SIDE_BUY, .tf = TF_5M, .accepted_ms = NOW_MS - 299000};
    (void)str_copy(seen[0].symbol, sizeof(seen[0].symbol), "EURUSD");
    expect_skip(REASON_DUPLICATE_ALERT);
    seen[0].accepted_ms = NOW_MS - 300000;
    expect_execute();
}

/* ---- lots and stops, variant (a) ---- */

Test(legacy_v2, G43_full_lots_of_each_logic_on_the_brokers_step)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_ENTRY);
    expect_execute();
    cr_assert_eq(d.order_count, 2);
    cr_assert_eq(d.orders[0].lots_e8, dec("0.06"));
    cr_assert_eq(d.orders[1].lots_e8, dec("0.06"));
    conf.quirks.raw_lots = true;
    expect_execute();
    cr_assert_eq(d.orders[0].lots_e8, dec("0.062"));
    signal.tf = TF_1H;
    expect_execute();
    cr_assert_eq(d.orders[1].lots_e8, dec("0.031"));
}

Test(legacy_v2, G44_eurusd_middle_logic)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_ENTRY);
    signal.tf = TF_15M;
    expect_execute();
    expect_order(0, "0.05", "1.0775", "1.13375");
    expect_order(1, "0.05", "1.098", "1.103"); /* ten dollars, rr */
    cr_assert_str_eq(d.orders[0].lots_rule, "RK-4");
    cr_assert_str_eq(d.orders[0].sl_rule, "RK-5");
    cr_assert_str_eq(d.orders[1].sl_rule, "RK-8");
}

Test(legacy_v2, G45_G46_gold)
{
    init("XAUUSD", "2650", SIGNAL_LEGACY_ENTRY);
    conf.smart_lot = false;
    expect_execute();
    expect_order(0, "0.06", "2635", "2672.5");
    signal.tf = TF_1H;
    expect_execute();
    expect_order(0, "0.03", "2612.5", "2706.25");
}

Test(legacy_v2, G49_reduction_of_the_symbol)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_ENTRY);
    conf.sl_reduction_percent[1] = 20;
    expect_execute();
    cr_assert_eq(d.orders[0].sl_e8, dec("1.088"));
    cr_assert_str_eq(symbol_at(1)->name, "EURUSD");
}

Test(legacy_v2, G50_without_the_table_the_risk_of_one_trade_decides)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_ENTRY);
    signal.tf = TF_15M;
    conf.sl_system_on = false;
    conf.smart_lot = false;
    expect_execute();
    cr_assert_eq(d.orders[0].sl_e8, dec("1.055")); /* 300 pips x 1.5 */
}

Test(legacy_v2, the_tight_table_and_the_market_price)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_ENTRY);
    conf.sl_system = SL_TABLES_SL2;
    snap.quote = (struct quote){.bid_e8 = dec("1.1009"), .ask_e8 = dec("1.1010")};
    expect_execute();
    expect_order(0, "0.06", "1.091", "1.116");
    signal.side = SIDE_SELL;
    set_trend(TF_1H, SIDE_SELL);
    set_trend(TF_15M, SIDE_SELL);
    expect_execute();
    expect_order(0, "0.06", "1.1109", "1.0859");
}

Test(legacy_v2, quirk_of_order_b)
{
    init("XAUUSD", "2650", SIGNAL_LEGACY_ENTRY);
    signal.tf = TF_15M;
    expect_execute();
    cr_assert_eq(d.orders[1].sl_e8, dec("2649.8")); /* G53: a dollar */
    conf.quirks.order_b_formula = PIPS_EXACT;
    expect_execute();
    cr_assert_eq(d.orders[1].sl_e8, dec("2648")); /* G51: ten */
    cr_assert_str_eq(d.orders[1].sl_rule, "RK-7");
    conf.dual_orders = false;
    expect_execute();
    cr_assert_eq(d.order_count, 1);
}

Test(legacy_v2, order_b_is_no_nearer_than_the_broker_takes)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_ENTRY);
    conf.lots.forced = TIERS_100000;
    signal.tf = TF_15M;
    expect_execute();
    cr_assert_eq(d.orders[1].sl_e8, dec("1.0995")); /* two pips would be ten dollars */
}

Test(legacy_v2, G55_what_is_left_of_the_day_buys_fewer_lots)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_ENTRY);
    signal.tf = TF_15M;
    snap.daily_loss_e8 = dec("60");
    expect_execute();
    cr_assert_eq(d.orders[0].lots_e8, dec("0.04"));
    cr_assert_eq(d.orders[1].lots_e8, dec("0.04"));
    cr_assert_str_eq(d.orders[0].lots_rule, "RK-12");
    cr_assert_eq(d.reasons[1], REASON_LOTS_REDUCED);
    snap.daily_loss_e8 = dec("50");
    expect_execute();
    cr_assert_eq(d.orders[0].lots_e8, dec("0.05"));
    cr_assert_eq(d.reason_count, 1);
    snap.daily_loss_e8 = dec("185");
    expect_skip(REASON_DAILY_LOSS_CAP);
    snap.daily_loss_e8 = 0;
    snap.lifetime_loss_e8 = dec("900");
    expect_skip(REASON_LIFETIME_LOSS_CAP);
    cr_assert_eq(d.number_e8, dec("1050"));
    conf.smart_lot = false;
    expect_execute();
}

/* ---- EX ---- */

Test(legacy_v2, EX2_an_entry_closes_the_other_side_first)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_ENTRY);
    add_position(SIDE_SELL);
    add_position(SIDE_BUY);
    expect_execute();
    cr_assert_eq(d.close_count, 1);
    cr_assert_eq(d.closes[0], 1);
    cr_assert_eq(d.close_reason, REASON_OPPOSITE_SIGNAL_BUY);
}

static void expect_close(uint64_t cid, enum reason why)
{
    decide();
    cr_assert_eq(d.action, DECISION_CLOSE);
    cr_assert_eq(d.close_count, 1);
    cr_assert_eq(d.closes[0], cid);
    cr_assert_eq(d.close_reason, why);
}

Test(legacy_v2, EX1_EX4_bull_closes_shorts)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_REVERSAL);
    add_position(SIDE_SELL);
    add_position(SIDE_BUY);
    expect_close(1, REASON_REVERSAL_BULLISH);
    signal.side = SIDE_SELL; /* G89 */
    expect_close(2, REASON_REVERSAL_BEARISH);
    signal.kind = SIGNAL_LEGACY_EXIT;
    expect_close(2, REASON_EXIT_APPEARED_BEARISH);
    signal.side = SIDE_BUY;
    expect_close(1, REASON_EXIT_APPEARED_BULLISH);
}

Test(legacy_v2, only_its_own_positions_of_the_symbol_are_closed)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_EXIT);
    add_position(SIDE_SELL);
    (void)str_copy(positions[0].plugin, sizeof(positions[0].plugin), "combined_v3");
    add_position(SIDE_SELL);
    (void)str_copy(positions[1].symbol, sizeof(positions[1].symbol), "GBPUSD");
    expect_skip(REASON_NOTHING_TO_CLOSE);
}

Test(legacy_v2, P11_a_trend_that_is_stored_already_is_a_repeat)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_TREND);
    signal.tf = TF_1H;
    decide();
    cr_assert_eq(d.action, DECISION_NOTIFY);
    set_trend(TF_1H, SIDE_SELL);
    decide();
    cr_assert_eq(d.action, DECISION_NOTIFY);
    set_trend(TF_1H, SIDE_BUY);
    expect_skip(REASON_DUPLICATE_ALERT);
    signal.kind = SIGNAL_LEGACY_BIAS;
    expect_skip(REASON_DUPLICATE_ALERT);
}

Test(legacy_v2, EX5_a_flip_closes_after_five_minutes)
{
    struct legacy_v2_trends t = {.h1 = SIDE_BUY, .m15 = SIDE_BUY};
    cr_assert_not(legacy_v2_flip_closes(1, &t, SIDE_SELL, 299999));
    cr_assert(legacy_v2_flip_closes(1, &t, SIDE_SELL, 300000));
    cr_assert_not(legacy_v2_flip_closes(1, &t, SIDE_BUY, 300000));
    cr_assert_not(legacy_v2_flip_closes(3, &t, SIDE_SELL, 300000)); /* 1d is neutral */
}

/* ---- V3 alerts ---- */

Test(legacy_v2, G41_v3_entries_by_the_alerts_multiplier)
{
    init_v3(7);
    expect_execute();
    cr_assert_str_eq(d.route, "LOGIC1");
    expect_order(0, "0.02", "1.09", "1.12");
    expect_order(1, "0.02", "1.095", "1.11"); /* ten dollars, TP1 */
    cr_assert_str_eq(d.orders[0].lots_rule, "RK-3");
    conf.quirks.raw_lots = true;
    expect_execute();
    cr_assert_eq(d.orders[1].lots_e8, dec("0.025"));
}

Test(legacy_v2, G42_halves_too_small_leave_order_a)
{
    init_v3(6);
    signal.position_multiplier_e8 = dec("0.6");
    signal.tf = TF_1H;
    expect_execute();
    cr_assert_eq(d.order_count, 1);
    cr_assert_eq(d.orders[0].lots_e8, dec("0.01"));
    signal.position_multiplier_e8 = dec("0.1");
    expect_skip(REASON_LOT_BELOW_MIN);
}

Test(legacy_v2, an_alert_without_targets_or_multiplier)
{
    init_v3(7);
    signal.position_multiplier_e8 = DEC_NONE; /* P-6: 0.8 */
    signal.tp1_e8 = DEC_NONE;
    signal.tp2_e8 = DEC_NONE;
    expect_execute();
    expect_order(0, "0.02", "1.09", "1.115");
    expect_order(1, "0.02", "1.095", "1.105");
    signal.sl_e8 = DEC_NONE;
    expect_skip(REASON_FIELD_MISSING);
    cr_assert_str_eq(d.field, "sl_price");
}

Test(legacy_v2, quirk_of_the_raw_score)
{
    init_v3(2);
    signal.side = SIDE_SELL;
    signal.sl_e8 = dec("1.11");
    expect_skip(REASON_SCORE_TOO_LOW);
    conf.quirks.raw_score = false;
    expect_execute();
    signal.score = 5;
    expect_skip(REASON_SCORE_TOO_LOW);
    signal.score = -1;
    expect_skip(REASON_FIELD_MISSING);
}

Test(legacy_v2, quirk_of_the_trends_bypassed)
{
    init_v3(7);
    expect_execute();
    conf.quirks.bypass_trend = false;
    expect_skip(REASON_TREND_NOT_ALIGNED);
    set_trend(TF_1H, SIDE_BUY);
    set_trend(TF_15M, SIDE_BUY);
    expect_execute();
}

Test(legacy_v2, G88_quirk_of_the_inverted_exit)
{
    init("EURUSD", "1.1", SIGNAL_V3_BULLISH_EXIT);
    add_position(SIDE_SELL);
    add_position(SIDE_BUY);
    expect_close(1, REASON_V3_EXIT);
    conf.quirks.exit_inverted = false;
    expect_close(2, REASON_V3_EXIT);
    signal.kind = SIGNAL_V3_BEARISH_EXIT;
    expect_close(1, REASON_V3_EXIT);
}

Test(legacy_v2, only_aggressive_v3_entries_reverse_first)
{
    init_v3(6);
    add_position(SIDE_SELL);
    expect_execute();
    cr_assert_eq(d.close_count, 0);
    signal.score = 7;
    expect_execute();
    cr_assert_eq(d.close_count, 1);
    cr_assert_eq(d.close_reason, REASON_OPPOSITE_SIGNAL_BUY);
}

Test(legacy_v2, squeeze_and_pulse_inform)
{
    init("EURUSD", "1.1", SIGNAL_V3_VOLATILITY_SQUEEZE);
    decide();
    cr_assert_eq(d.action, DECISION_NOTIFY);
}

Test(legacy_v2, quirk_of_refused_types_and_what_it_accepts)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_ENTRY);
    conf.quirks.refuse_legacy_types = true;
    expect_skip(REASON_SIGNAL_UNKNOWN);
    init_v3(7);
    conf.quirks.refuse_legacy_types = true;
    expect_execute();
    conf.v3_alerts = false;
    cr_assert_not(legacy_v2_plugin.accepts(&conf, &signal));
    signal.format = SIGNAL_FORMAT_V6;
    cr_assert_not(legacy_v2_plugin.accepts(&conf, &signal));
    cr_assert_not(legacy_v2_plugin.is_enabled(&conf));
}

Test(legacy_v2, what_is_missing_is_named)
{
    init("EURUSD", "1.1", SIGNAL_LEGACY_ENTRY);
    signal.price_e8 = DEC_NONE;
    expect_skip(REASON_PRICE_MISSING);
    signal.side = SIDE_UNSET;
    expect_skip(REASON_DIRECTION_MISSING);
    (void)str_copy(signal.symbol, sizeof(signal.symbol), "EURABC");
    expect_skip(REASON_SYMBOL_UNKNOWN);
    init("EURUSD", "1.1", SIGNAL_LEGACY_EXIT);
    signal.side = SIDE_UNSET;
    expect_skip(REASON_DIRECTION_MISSING);
}

/* P-9 */
Test(legacy_v2, a_symbol_beyond_the_ten_is_refused)
{
    init("EURGBP", "0.85", SIGNAL_LEGACY_ENTRY);
    expect_skip(REASON_SYMBOL_NOT_ALLOWED);
}
