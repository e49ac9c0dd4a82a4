/* bots/names.c: the list of names.h and its look-ups, which are scans: it is asked only for names
 * that are no command. */
#include "bots/names.h"

#include <stdio.h>
#include <string.h>

#include "bots/table.h"
#include "core/alloc.h"

#define TO(name, successor, preset)                                                                \
    {                                                                                              \
        name, successor, preset, NULL                                                              \
    }
#define NO(name, use, why)                                                                         \
    {                                                                                              \
        name, use, "", why                                                                         \
    }

/* clang-format off */
static const struct name names[] = {
    /* Carried out as another command. */
    TO("home", "start", ""),
    TO("exit", "start", ""),
    TO("back", "menu", ""),
    TO("trade", "menu", "trading"),
    TO("analytics", "menu", "analytics"),
    TO("dashboard", "menu", "analytics"),
    TO("stop", "pause", ""),
    TO("health_status", "health", ""),
    TO("system_resources", "health", ""),
    TO("mt5_status", "health", ""),
    TO("filters", "config", "v3"),
    TO("force_close", "closeall", ""),
    TO("pyramid", "booking", ""),
    TO("toggle", "strategy", ""),
    TO("report", "stats", ""),
    TO("performance_report", "performance", ""),
    TO("session_report", "session", ""),
    TO("london", "session", ""),
    TO("newyork", "session", ""),
    TO("tokyo", "session", ""),
    TO("sydney", "session", ""),
    TO("overlap", "session", ""),
    TO("order_b", "orderb", ""),
    TO("session_on", "session_gate", "on"),
    TO("session_off", "session_gate", "off"),
    TO("chain_limit", "chainlimit", ""),
    TO("view_risk_caps", "risk", ""),
    TO("view_risk_status", "risk", ""),
    TO("risk_stats", "risk", ""),
    TO("set_daily_cap", "dailylimit", ""),
    TO("set_daily_limit", "dailylimit", ""),
    TO("daily_limit", "dailylimit", ""),
    TO("set_lifetime_cap", "lifetime_limit", ""),
    TO("reset_daily", "clear_loss", "daily"),
    TO("clear_daily_loss", "clear_loss", "daily"),
    TO("clear_loss_data", "clear_loss", "all"),
    TO("reset_risk_settings", "config", "reset risk"),
    TO("lot_size_status", "setlot", ""),
    TO("set_lot", "setlot", ""),
    TO("set_sl_pips", "setsl", ""),
    TO("sl_pips", "setsl", ""),
    TO("logic1_on", "logic1", "on"),
    TO("logic1_off", "logic1", "off"),
    TO("logic2_on", "logic2", "on"),
    TO("logic2_off", "logic2", "off"),
    TO("logic3_on", "logic3", "on"),
    TO("logic3_off", "logic3", "off"),
    TO("logic_status", "strategy", ""),
    TO("logic_control", "strategy", ""),
    TO("view_logic_settings", "strategy", ""),
    TO("logic1_config", "config", "v3.logic1"),
    TO("logic2_config", "config", "v3.logic2"),
    TO("logic3_config", "config", "v3.logic3"),
    TO("logic_alignment", "config", "v3.mtf_min_aligned"),
    TO("v3_toggle", "v3", "toggle"),
    TO("v3_config", "config", "v3"),
    TO("v6_toggle", "v6", "toggle"),
    TO("v6_status", "v6", ""),
    TO("v6_control", "v6", ""),
    TO("v6_config", "config", "v6"),
    TO("v6_1m_config", "config", "v6.1m_strategy"),
    TO("v6_5m_config", "config", "v6.5m_strategy"),
    TO("v6_15m_config", "config", "v6.15m_strategy"),
    TO("v6_1h_config", "config", "v6.1h_strategy"),
    TO("tf1m_on", "timeframe", "1m on"),
    TO("tf1m_off", "timeframe", "1m off"),
    TO("tf5m_on", "timeframe", "5m on"),
    TO("tf5m_off", "timeframe", "5m off"),
    TO("tf15m_on", "timeframe", "15m on"),
    TO("tf15m_off", "timeframe", "15m off"),
    TO("tf1h_on", "timeframe", "1h on"),
    TO("tf1h_off", "timeframe", "1h off"),
    TO("tf1m", "timeframe", "1m"),
    TO("tf5m", "timeframe", "5m"),
    TO("tf15m", "timeframe", "15m"),
    TO("tf1h", "timeframe", "1h"),
    TO("menu_timeframe", "timeframe", ""),
    TO("toggle_timeframe", "timeframe", ""),
    TO("reset_timeframe_default", "timeframe", "reset"),
    TO("tf_multipliers", "multiplier", ""),
    TO("set_tf_multiplier", "multiplier", ""),
    TO("reentry_v3", "reentry", "v3"),
    TO("reentry_v6", "reentry", "v6"),
    TO("reentry_on", "reentry", "on"),
    TO("reentry_off", "reentry", "off"),
    TO("reentry_enable", "reentry", "on"),
    TO("reentry_disable", "reentry", "off"),
    TO("reentry_status", "reentry", ""),
    TO("reentry_config", "config", "v3.reentry"),
    TO("reset_reentry_config", "config", "reset v3.reentry"),
    TO("reentry_history", "chains", ""),
    TO("tp_system", "tpcontinue", ""),
    TO("tp_cont_on", "tpcontinue", "on"),
    TO("tp_cont_off", "tpcontinue", "off"),
    TO("sl_hunt", "slhunt", ""),
    TO("sl_hunt_on", "slhunt", "on"),
    TO("sl_hunt_off", "slhunt", "off"),
    TO("exit_cont_on", "exit_continuation", "on"),
    TO("exit_cont_off", "exit_continuation", "off"),
    TO("set_sl_offset", "sl_offset", ""),
    TO("set_cooldown", "cooldown", ""),
    TO("set_recovery_time", "recovery_windows", ""),
    TO("set_recovery_window", "recovery_windows", ""),
    TO("set_max_levels", "chainlimit", ""),
    TO("set_sl_reduction", "sl_reduction", ""),
    TO("set_sl_reductions", "sl_reduction", ""),
    TO("set_concurrent_limit", "config", "v3.reentry.max_concurrent"),
    TO("recovery", "slhunt", ""),
    TO("recovery_status", "chains", ""),
    TO("autonomous_dashboard", "autonomous", ""),
    TO("autonomous_status", "autonomous", ""),
    TO("autonomous_mode", "autonomous", ""),
    TO("fine_tune", "config", "v3.reentry"),
    TO("finetune", "config", "v3.reentry"),
    TO("profit_protection", "protection", ""),
    TO("set_profit_protection", "protection", ""),
    TO("profit", "booking", ""),
    TO("profit_on", "booking", "on"),
    TO("profit_off", "booking", "off"),
    TO("toggle_profit_booking", "booking", "toggle"),
    TO("pb_enable", "booking", "on"),
    TO("pb_disable", "booking", "off"),
    TO("pb_config", "config", "v3.profit_chain"),
    TO("profit_config", "config", "v3.profit_chain"),
    TO("pb_chains", "chains", "profit"),
    TO("profit_chains", "chains", "profit"),
    TO("profit_status", "chains", "profit"),
    TO("profit_chain_info", "chains", "profit"),
    TO("chain_info", "chains", ""),
    TO("pb_history", "history", ""),
    TO("profit_history", "history", ""),
    TO("pb_stats", "stats", ""),
    TO("profit_stats", "stats", ""),
    TO("pb_multiplier", "config", "v3.profit_chain.multipliers"),
    TO("profit_multipliers", "config", "v3.profit_chain.multipliers"),
    TO("set_chain_multipliers", "config", "v3.profit_chain.multipliers"),
    TO("pb_tier1", "levels", "level0"),
    TO("pb_tier2", "levels", "level1"),
    TO("pb_tier3", "levels", "level2"),
    TO("profit_levels", "levels", ""),
    TO("set_profit_target", "profit_target", ""),
    TO("set_profit_targets", "profit_target", ""),
    TO("book_profit", "partial", ""),
    TO("profit_sl_status", "profit_sl", ""),
    TO("reset_profit_sl", "profit_sl", "reset"),
    TO("set_profit_sl", "profit_sl_logic", ""),
    TO("profit_strict_on", "profit_strict", "on"),
    TO("profit_strict_off", "profit_strict", "off"),
    TO("profit_sl_hunt_on", "profit_sl_hunt", "on"),
    TO("profit_sl_hunt_off", "profit_sl_hunt", "off"),
    TO("dual_order_status", "dualorder", ""),
    TO("toggle_dual_orders", "dualorder", "toggle"),
    TO("dual_on", "dualorder", "on"),
    TO("dual_off", "dualorder", "off"),
    TO("close_profit_chain", "stop_profit_chain", ""),
    TO("stop_all_profit_chains", "stop_profit_chain", "all"),
    TO("show_trends", "trends", ""),
    TO("trend_matrix", "trends", ""),
    TO("trend_mode", "trends", ""),
    TO("trend_check", "trends", ""),
    TO("trend_history", "trends", ""),
    TO("set_auto", "auto_trend", ""),
    TO("plugin", "plugins", ""),
    TO("error_stats", "logs", ""),
    TO("log_file_size", "logs", ""),
    TO("export_logs", "logs", ""),
    TO("export_current_session", "logs", ""),
    TO("export_by_date", "logs", ""),
    TO("export_date_range", "logs", ""),
    TO("v6_performance", "strategy_report", ""),
    TO("switch_tier", "risktier", ""),
    TO("set_lot_size", "tierlot", ""),
    TO("sl_system", "slsystem", ""),
    TO("sl_system_change", "slsystem", ""),
    TO("sl_system_on", "slsystem", ""),
    TO("sl_status", "slsystem", ""),
    TO("view_sl_config", "slsystem", ""),
    TO("sl1_on", "slsystem", "sl-1"),
    TO("sl2_on", "slsystem", "sl-2"),
    TO("complete_sl_system_off", "sltable", "off"),
    TO("set_symbol_sl", "symbol_sl", ""),
    TO("reset_symbol_sl", "symbol_sl", "reset"),
    TO("reset_all_sl", "config", "reset v2.sl_reduction"),
    TO("reload_config", "config", "reload"),
    TO("time_adjust", "session_time", ""),

    /* Not in this release. */
    NO("simulation_mode", "mode", "simulation"),
    NO("set_risk_tier", "risktier", "tiers"),
    NO("sl1_off", "slsystem", "slpair"),
    NO("sl2_off", "slsystem", "slpair"),
    NO("upgrade", "version", "process"),
    NO("reset_health", "health", "counters"),
    NO("reset_errors", "logs", "counters"),
    NO("mt5_reconnect", "health", "reconnect"),
    NO("debug", "logs", "loglevel"),
    NO("trading_debug_mode", "logs", "loglevel"),
    NO("get_log_level", "logs", "loglevel"),
    NO("set_log_level", "logs", "loglevel"),
    NO("reset_log_level", "logs", "loglevel"),
    NO("clear_old_logs", "logs", "rotated"),
    NO("set_monitor_interval", "chains", "ticks"),
    NO("enable_profit_sl", "profit_sl", "stops"),
    NO("disable_profit_sl", "profit_sl", "stops"),
    NO("overlap_on", "session", "sessions"),
    NO("overlap_off", "session", "sessions"),
    NO("tf30m_on", "timeframe", "tf"),
    NO("tf30m_off", "timeframe", "tf"),
    NO("tf4h_on", "timeframe", "tf"),
    NO("tf4h_off", "timeframe", "tf"),
    NO("tf30m", "timeframe", "tf"),
    NO("tf4h", "timeframe", "tf"),
    NO("tf1d", "timeframe", "tf"),
    TO("voicetest", "voice", "test"),
    TO("shadow_enable", "shadow_mode", "shadow"),
    TO("shadow_disable", "shadow_mode", "legacy_only"),
    TO("shadow_export", "shadow_discrepancies", "20"),
    TO("shadow_plugin_on", "shadow_mode", "shadow"),
    TO("shadow_plugin_off", "shadow_mode", "legacy_only"),
};
/* clang-format on */

const struct name *names_find(const char *typed)
{
    TR_ASSERT(typed != NULL);
    for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++)
        if (strcmp(names[i].name, typed) == 0)
            return &names[i];
    return NULL;
}

void names_translate(struct command *c)
{
    const struct bot_command *cmd = table_find(c->name);
    const struct name *n = cmd != NULL ? NULL : names_find(c->name);
    char args[COMMAND_ARGS_CAP];
    if (cmd != NULL)
        TR_ASSERT(str_copy(c->name, sizeof c->name, cmd->ops.name));
    if (n == NULL || n->why != NULL)
        return;
    int len = snprintf(args, sizeof args, "%s%s%s", n->preset,
                       n->preset[0] != '\0' && c->args[0] != '\0' ? " " : "", c->args);
    if (len < 0 || (size_t)len >= sizeof args)
        return;
    TR_ASSERT(str_copy(c->name, sizeof c->name, n->successor));
    TR_ASSERT(str_copy(c->args, sizeof c->args, args));
}

const struct name *names_at(size_t i)
{
    return i < TR_ARRAY_SIZE(names) ? &names[i] : NULL;
}

const struct name *names_of(const char *command, const char *args)
{
    TR_ASSERT(command != NULL && args != NULL);
    for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++)
        if (names[i].why == NULL && args[0] != '\0' && strcmp(names[i].successor, command) == 0 &&
            strcmp(names[i].preset, args) == 0)
            return &names[i];
    return NULL;
}
