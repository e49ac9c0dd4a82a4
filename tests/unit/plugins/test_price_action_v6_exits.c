/* Covers: EX-7 in both semantics and with the plan's parts, EX-9, what only informs: all 14 tokens
 * and the reversal sentences; switches of the plugin. */
#include "v6_case.h"

static struct v6_case c;

static void start(void)
{
    case_init(&c);
    c.signal.kind = SIGNAL_V6_EXIT_BULLISH;
    c.signal.side = SIDE_UNSET;
}

TestSuite(price_action_v6_exits, .init = start);

static void expect_closes(enum reason why, int count, uint64_t first, int percent)
{
    const struct decision *d = case_decide(&c);
    cr_assert_eq(d->action, DECISION_CLOSE, "%s: %s", decision_action_name(d->action),
                 reason_code(d->reasons[0]));
    cr_expect_eq(d->close_reason, why);
    cr_expect_eq(d->close_count, count);
    cr_expect_eq(d->closes[0], first);
    cr_expect_eq(d->close_percent, percent);
    cr_expect_eq(d->order_count, 0);
}

Test(price_action_v6_exits, ex7_a_bullish_exit_closes_longs_or_as_before_shorts)
{
    case_position(&c, SIDE_BUY, "5m", "chain_1");
    case_position(&c, SIDE_BUY, "5m", "chain_1");
    case_position(&c, SIDE_SELL, "5m", "chain_2");
    expect_closes(REASON_V6_EXIT, 2, 1, 100);
    c.conf.exit_semantics_legacy = true;
    expect_closes(REASON_V6_EXIT, 1, 3, 100);
    c.signal.kind = SIGNAL_V6_EXIT_BEARISH;
    expect_closes(REASON_V6_EXIT, 2, 1, 100);
    c.conf.exit_semantics_legacy = false;
    expect_closes(REASON_V6_EXIT, 1, 3, 100);
}

Test(price_action_v6_exits, an_exit_closes_only_its_own)
{
    case_position(&c, SIDE_BUY, "15m", "chain_1");
    expect_skip(&c, REASON_NOTHING_TO_CLOSE);
    c.signal.tf = TF_15M;
    expect_closes(REASON_V6_EXIT, 1, 1, 100);
    (void)str_copy(c.positions[0].symbol, SYMBOL_CAP, "GBPUSD");
    expect_skip(&c, REASON_NOTHING_TO_CLOSE);
    (void)str_copy(c.positions[0].symbol, SYMBOL_CAP, "EURUSD");
    (void)str_copy(c.positions[0].plugin, PLUGIN_ID_CAP, "combined_v3");
    expect_skip(&c, REASON_NOTHING_TO_CLOSE);
    (void)str_copy(c.positions[0].plugin, PLUGIN_ID_CAP, "price_action_v6");
    c.positions[0].route[0] = '\0'; /* a supposed one: of any strategy */
    expect_closes(REASON_V6_EXIT, 1, 1, 100);
}

Test(price_action_v6_exits, the_plan_closes_parts)
{
    static const struct {
        enum timeframe tf;
        const char *route;
        int percent;
    } rows[] = {{TF_1M, "1m", 100}, {TF_5M, "5m", 80}, {TF_15M, "15m", 100}, {TF_1H, "1h", 50}};
    c.conf.profile = V6_PLAN;
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        c.snap.position_count = 0;
        c.signal.tf = rows[i].tf;
        case_position(&c, SIDE_BUY, rows[i].route, "chain_1");
        expect_closes(REASON_V6_EXIT, 1, 1, rows[i].percent);
    }
    c.conf.strategies[V6_1H].exit_percent = 30;
    expect_closes(REASON_V6_EXIT, 1, 1, 30);
}

Test(price_action_v6_exits, ex9_a_state_against_the_position_closes_it_in_the_plan)
{
    c.signal.kind = SIGNAL_V6_STATE_CHANGE;
    case_position(&c, SIDE_BUY, "5m", "chain_1");
    case_position(&c, SIDE_SELL, "5m", "chain_2");
    (void)str_copy(c.signal.state, sizeof(c.signal.state), "TRENDING_BEARISH");
    cr_expect_eq(case_decide(&c)->action, DECISION_NOTIFY);
    c.conf.state_exit = V6_ON;
    expect_closes(REASON_STATE_REVERSAL, 1, 1, 100);
    (void)str_copy(c.signal.state, sizeof(c.signal.state), "TRENDING_BULLISH");
    expect_closes(REASON_STATE_REVERSAL, 1, 2, 100);
    (void)str_copy(c.signal.state, sizeof(c.signal.state), "NEUTRAL");
    expect_closes(REASON_STATE_REVERSAL, 2, 1, 50);
    (void)str_copy(c.signal.state, sizeof(c.signal.state), "MIXED_BEARISH");
    cr_expect_eq(case_decide(&c)->action, DECISION_NOTIFY);
    c.conf.state_exit = V6_SWITCH_UNSET;
    c.conf.profile = V6_PLAN;
    (void)str_copy(c.signal.state, sizeof(c.signal.state), "TRENDING_BEARISH");
    expect_closes(REASON_STATE_REVERSAL, 1, 1, 100);
    c.conf.state_exit = V6_OFF;
    cr_expect_eq(case_decide(&c)->action, DECISION_NOTIFY);
}

Test(price_action_v6_exits, a_state_without_positions_informs)
{
    c.signal.kind = SIGNAL_V6_STATE_CHANGE;
    c.conf.state_exit = V6_ON;
    (void)str_copy(c.signal.state, sizeof(c.signal.state), "TRENDING_BEARISH");
    cr_expect_eq(case_decide(&c)->action, DECISION_NOTIFY);
}

/* Two tokens trade, two close, one may close, all others and the sentences inform. */
Test(price_action_v6_exits, every_kind_of_alert_has_an_answer)
{
    int informed = 0;
    for (int k = SIGNAL_V6_BULLISH_ENTRY; k <= SIGNAL_V6_REVERSAL_SENTENCE; k++) {
        case_init(&c);
        c.signal.kind = (enum signal_kind)k;
        case_position(&c, SIDE_BUY, "5m", "chain_1");
        case_position(&c, SIDE_SELL, "5m", "chain_2");
        if (k == SIGNAL_V6_BEARISH_ENTRY)
            case_sell(&c);
        const struct decision *d = case_decide(&c);
        bool is_entry = k == SIGNAL_V6_BULLISH_ENTRY || k == SIGNAL_V6_BEARISH_ENTRY;
        bool is_exit = k == SIGNAL_V6_EXIT_BULLISH || k == SIGNAL_V6_EXIT_BEARISH;
        cr_expect_eq(d->action,
                     is_entry  ? DECISION_EXECUTE
                     : is_exit ? DECISION_CLOSE
                               : DECISION_NOTIFY,
                     "%s: %s", signal_kind_name((enum signal_kind)k), reason_code(d->reasons[0]));
        informed += d->action == DECISION_NOTIFY;
    }
    cr_expect_eq(informed, 11, "14 tokens and the sentence, less two entries and two exits");
}

Test(price_action_v6_exits, the_plugin_takes_v6_alerts_alone_and_says_whether_it_is_on)
{
    const struct plugin_ops *ops = &price_action_v6_plugin;
    cr_expect(ops->accepts(&c.conf, &c.signal));
    c.signal.format = SIGNAL_FORMAT_V3;
    cr_expect_not(ops->accepts(&c.conf, &c.signal));
    cr_expect(ops->is_enabled(&c.conf));
    cr_expect(ops->is_shadow(&c.conf), "RT-17, SH-7: unless the configuration says otherwise");
    c.conf.shadow_mode = false;
    c.conf.enabled = false;
    cr_expect_not(ops->is_shadow(&c.conf));
    cr_expect_not(ops->is_enabled(&c.conf));
    cr_expect_str_eq(ops->db_name, "zepix_price_action_v6.db");
}
