/* Covers: the event table (unique wire names of spec strategies 8.5, both ways), packing, hostile
 * bytes. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/alloc.h"
#include "model/event.h"

Test(event, names_are_unique_and_read_back)
{
    for (int t = 1; t < EVENT_TYPE_COUNT; t++) {
        const struct event_info *info = event_info((enum event_type)t);
        enum event_type back = EVENT_UNSET;
        cr_assert(event_parse_name(info->name, &back), "%s", info->name);
        cr_expect_eq(back, t, "%s is given twice", info->name);
        cr_expect(info->priority > PRIORITY_UNSET && info->priority < PRIORITY_COUNT);
        cr_expect(info->target > ROUTE_UNSET && info->target < ROUTE_COUNT);
    }
    enum event_type t = EVENT_UNSET;
    cr_expect_not(event_parse_name("", &t));
    cr_expect_not(event_parse_name("Bot_Started", &t));
}

Test(event, critical_ones_go_everywhere)
{
    cr_expect_eq(event_info(EVENT_EMERGENCY_STOP)->priority, PRIORITY_CRITICAL);
    cr_expect_eq(event_info(EVENT_EMERGENCY_STOP)->target, ROUTE_ALL);
    cr_expect_eq(event_info(EVENT_SL_HIT)->target, ROUTE_N);
    cr_expect(event_info(EVENT_ENTRY)->voice);
    cr_expect_str_eq(event_info(EVENT_BROKER_DOWN)->name, "mt5_disconnect");
    cr_expect_str_eq(priority_name(PRIORITY_CRITICAL), "critical");
}

static struct event sample(void)
{
    struct event e = EVENT_INIT;
    e.type = EVENT_SL_HIT;
    e.time_ms = 1767600000000;
    e.seq = 12;
    e.reason = REASON_SL_HIT;
    e.side = SIDE_SELL;
    e.role = ORDER_ROLE_B;
    e.cid = UINT64_MAX >> 1;
    e.score = 7;
    e.exit_e8 = 264512000000;
    e.profit_e8 = -1000000000;
    e.chat_id = INT64_C(-1001234567890);
    e.bot = BOT_NOTIFICATION;
    e.mtf_bypass = true;
    (void)str_copy(e.symbol, sizeof(e.symbol), "XAUUSD");
    (void)str_copy(e.text, sizeof(e.text), "consensus_score");
    return e;
}

Test(event, survives_packing)
{
    struct event e = sample(), back;
    TR_CLEANUP(buf_deinit) struct buf b, again;
    struct unpack u;
    buf_init(&b, 4096);
    buf_init(&again, 4096);
    event_pack(&b, &e);
    unpack_init(&u, b.data, b.len);
    event_unpack(&u, &back);
    cr_assert(unpack_done(&u));
    cr_expect_eq(back.type, EVENT_SL_HIT);
    cr_expect_eq(back.profit_e8, -1000000000);
    cr_expect_eq(back.entry_e8, DEC_NONE);
    cr_expect_eq(back.cid, e.cid);
    cr_expect_str_eq(back.text, "consensus_score");
    event_pack(&again, &back);
    cr_assert_eq(again.len, b.len);
    cr_expect_arr_eq(again.data, b.data, b.len);
}

Test(event, hostile_bytes_give_no_type_out_of_range)
{
    struct event e = sample(), back;
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 4096);
    event_pack(&b, &e);
    for (size_t i = 0; i < b.len; i++)
        for (int v = 0; v < 256; v += 3) {
            char was = b.data[i];
            struct unpack u;
            b.data[i] = (char)v;
            unpack_init(&u, b.data, b.len);
            event_unpack(&u, &back);
            b.data[i] = was;
            cr_assert(back.type > EVENT_UNSET && back.type < EVENT_TYPE_COUNT);
            cr_assert(back.reason >= 0 && back.reason < REASON_COUNT);
        }
    for (size_t n = 0; n < b.len; n++) {
        struct unpack u;
        unpack_init(&u, b.data, n);
        event_unpack(&u, &back);
        cr_expect_not(unpack_ok(&u));
    }
}

/* Spec strategies 8.5, both vocabularies: name, priority (5 critical .. 1 info), bot, voice. */
static const struct {
    const char *names;
    enum priority priority;
    enum route route;
    bool voice;
} spec[] = {
    {"bot_stopped emergency_stop mt5_disconnect daily_loss_limit lifetime_loss_limit "
     "voice_risk_limit",
     PRIORITY_CRITICAL, ROUTE_ALL, true},
    {"voice_sl_hit", PRIORITY_CRITICAL, ROUTE_N, true},
    {"entry exit tp_hit sl_hit risk_alert v6_entry_15m v6_entry_30m v6_entry_1h v6_entry_4h "
     "v6_exit v6_tp_hit v6_sl_hit v3_entry v3_exit v3_tp_hit v3_sl_hit tp_continuation "
     "sl_hunt_activated recovery_success recovery_failed tp_reentry_executed sl_hunt_recovery "
     "exit_continuation manual_exit reversal_exit daily_loss_warning order_failed "
     "voice_trade_entry voice_tp_hit",
     PRIORITY_HIGH, ROUTE_N, true},
    {"mt5_reconnect plugin_error alert_error error v6_signal signal_received trend_changed",
     PRIORITY_HIGH, ROUTE_N, false},
    {"mt5_connected config_error database_error", PRIORITY_HIGH, ROUTE_C, false},
    {"profit_booking sl_modified breakeven alert_processed warning v6_breakeven "
     "profit_order_protection tp_reentry_started tp_reentry_completed sl_hunt_started "
     "partial_close",
     PRIORITY_MEDIUM, ROUTE_N, false},
    {"voice_recovery", PRIORITY_MEDIUM, ROUTE_N, true},
    {"plugin_disabled plugin_reloaded v6_timeframe_enabled v6_timeframe_disabled "
     "v3_logic_toggled trend_manual_set session_toggle symbol_toggle time_adjustment "
     "force_close_toggle",
     PRIORITY_MEDIUM, ROUTE_C, false},
    {"config_reload plugin_comparison alert_ignored daily_summary weekly_summary "
     "performance_report v6_daily_summary",
     PRIORITY_LOW, ROUTE_A, false},
    {"dashboard_update autonomous_dashboard", PRIORITY_LOW, ROUTE_C, false},
    {"bot_started plugin_loaded alert_received info", PRIORITY_INFO, ROUTE_C, false},
    {"signal_filtered", PRIORITY_INFO, ROUTE_A, false},
    /* a refused signal is told to everybody: failure is loud */
    {"signal_ignored", PRIORITY_INFO, ROUTE_N, false},
    /* second vocabulary */
    {"trade_opened order_a_opened", PRIORITY_HIGH, ROUTE_N, true},
    {"recovery_timeout margin_warning", PRIORITY_HIGH, ROUTE_N, false},
    {"chain_advanced pyramid_level_up", PRIORITY_MEDIUM, ROUTE_N, false},
    {"trend_pulse_update", PRIORITY_LOW, ROUTE_N, false},
    {"reverse_shield_activated", PRIORITY_HIGH, ROUTE_N, true},
    {"system_started", PRIORITY_INFO, ROUTE_C, false},
    {"system_stopped mt5_disconnected", PRIORITY_CRITICAL, ROUTE_ALL, true},
    {"config_reloaded monthly_summary", PRIORITY_LOW, ROUTE_A, false},
    {"error_alert", PRIORITY_HIGH, ROUTE_N, false},
    {"plugin_enabled", PRIORITY_MEDIUM, ROUTE_C, false},
    {"performance_alert profit_milestone", PRIORITY_MEDIUM, ROUTE_A, false},
    {"drawdown_alert", PRIORITY_HIGH, ROUTE_A, false},
};

Test(event, every_type_of_the_specification_is_there_with_priority_bot_and_voice)
{
    size_t count = 0;
    for (size_t i = 0; i < TR_ARRAY_SIZE(spec); i++)
        for (const char *s = spec[i].names; *s != '\0';) {
            char name[40];
            size_t len = strcspn(s, " ");
            enum event_type t = EVENT_UNSET;
            cr_assert_lt(len, sizeof(name));
            memcpy(name, s, len);
            name[len] = '\0';
            s += len + (s[len] == ' ');
            cr_assert(event_find_message(name, &t), "%s", name);
            cr_expect_eq(event_info(t)->priority, spec[i].priority, "%s", name);
            cr_expect_eq(event_info(t)->target, spec[i].route, "%s", name);
            cr_expect_eq(event_info(t)->voice, spec[i].voice, "%s", name);
            count++;
        }
    cr_expect_geq(count, 98);
}

Test(event, other_names_mean_messages_and_are_nobody_elses)
{
    enum event_type t = EVENT_UNSET, same = EVENT_UNSET;
    for (size_t i = 0; event_alias(i, &t) != NULL; i++) {
        cr_expect(event_is_message(t), "%s", event_alias(i, &t));
        cr_expect(!event_parse_name(event_alias(i, &t), &same) || !event_is_message(same));
    }
    cr_expect(event_find_message("trade_opened", &t) && t == EVENT_ENTRY);
    cr_expect_not(event_find_message("decision", &t), "between parts of the program");
    cr_expect_not(event_find_message("subscription", &t));
}

Test(event, trades_of_v6_have_their_own_types)
{
    struct event e = EVENT_INIT;
    e.type = EVENT_ENTRY;
    e.tf = TF_15M;
    cr_expect_eq(event_shown(&e), EVENT_ENTRY);
    cr_assert(str_copy(e.plugin, sizeof(e.plugin), "price_action_v6"));
    cr_expect_eq(event_shown(&e), EVENT_V6_ENTRY_15M);
    e.tf = TF_4H;
    cr_expect_eq(event_shown(&e), EVENT_V6_ENTRY_4H);
    e.tf = TF_1D;
    cr_expect_eq(event_shown(&e), EVENT_ENTRY, "no type of its own");
    e.type = EVENT_SL_HIT;
    cr_expect_eq(event_shown(&e), EVENT_V6_SL_HIT);
    e.type = EVENT_PAUSED;
    cr_expect_eq(event_shown(&e), EVENT_PAUSED);
}
