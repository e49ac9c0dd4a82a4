/* bots/menu_table.c: which menu holds which command: the one table of menu.h. A new command gets
 * its place here and its label in the catalogues (text_en_menus.c and its twin); tests/unit/bots/
 * test_menu.c names a command that cannot be reached with MENU_TAPS_MAX taps. */
#include "bots/menu.h"

#include <string.h>

#define GO(id)                                                                                     \
    {                                                                                              \
        .submenu = (id)                                                                            \
    }
#define DO(name)                                                                                   \
    {                                                                                              \
        .command = (name), .args = ""                                                              \
    }
#define NEXT_ROW                                                                                   \
    {                                                                                              \
        .is_break = true                                                                           \
    }
#define DO_ARGS(name, args)                                                                        \
    {                                                                                              \
        .command = (name), .args = (args)                                                          \
    }

/* clang-format off */
static const struct menu menus[] = {
    {.id = "main",
     .items = {DO("status"), DO("positions"), DO("pnl"), DO("pause"), DO("resume"),
               DO("closeall"), NEXT_ROW, GO("trading"), GO("risk"), GO("analytics"), GO("v3"),
               GO("v6"), GO("trends"), GO("reentry"), GO("profit"), GO("session"),
               GO("plugin"), GO("shadow"), GO("voice"), GO("system"), GO("settings"),
               GO("users"), NEXT_ROW, DO("live"), DO("language"), DO("help")}},
    {.id = "trading",
     .parent = "main",
     .items = {DO("positions"), DO("orders"), DO("history"), DO("buy"), DO("sell"),
               DO("close"), DO("partial"), DO("closeall"), DO("panic"), DO("pnl"),
               DO("balance"), DO("equity"), DO("margin"), DO("price"), DO("spread"),
               DO("symbols"), DO("symbol"), DO("signals"), DO("signal_status"), DO("filters"),
               DO("why"), DO("receipt"), DO("trader")}},
    {.id = "risk",
     .parent = "main",
     .items = {DO("risk"), DO("setlot"), DO("setsl"), DO("settp"), DO("dailylimit"),
               DO("maxloss"), DO("maxprofit"), DO("risktier"), DO("slsystem"), DO("trailsl"),
               DO("breakeven"), DO("protection"), DO("multiplier"), GO("lots"), GO("stops")}},
    {.id = "lots",
     .parent = "risk",
     .items = {DO("view_risk_caps"), DO("view_risk_status"), DO("lot_size_status"),
               DO("set_daily_cap"), DO("set_lifetime_cap"), DO("set_risk_tier"),
               DO("switch_tier"), DO("set_lot_size"), DO("clear_daily_loss"),
               DO("clear_loss_data"), DO("reset_risk_settings")}},
    {.id = "stops",
     .parent = "risk",
     .items = {DO("sl_status"), DO("view_sl_config"), DO("sl_system_change"),
               DO("sl_system_on"), DO("complete_sl_system_off"), DO("set_symbol_sl"),
               DO("reset_symbol_sl"), DO("reset_all_sl")}},
    {.id = "analytics",
     .parent = "main",
     .items = {DO("daily"), DO("weekly"), DO("monthly"), DO("performance"), DO("stats"),
               DO("winrate"), DO("compare"), DO("drawdown"), DO("pair_report"),
               DO("strategy_report"), DO("tp_report"), DO("v6_performance"), DO("avgprofit"),
               DO("avgloss"), DO("bestday"), DO("worstday"), DO("correlation"), DO("export"),
               DO("dashboard"), DO("latency")}},
    {.id = "v3",
     .parent = "main",
     .items = {DO("v3"), DO("v3_toggle"), DO("v3_config"), DO("logic1"), DO("logic2"),
               DO("logic3"), DO("logic1_config"), DO("logic2_config"), DO("logic3_config"),
               DO("strategy"), DO("mode")}},
    {.id = "v6",
     .parent = "main",
     .items = {DO("v6"), DO("v6_status"), DO("v6_toggle"), DO("v6_control"), DO("v6_config"),
               DO("timeframe"), DO("tf1m"), DO("tf5m"), DO("tf15m"), DO("tf30m"), DO("tf1h"),
               DO("tf4h"), DO("tf1d")}},
    {.id = "trends",
     .parent = "main",
     .items = {DO("trends"), DO("trend_matrix"), DO("trend_mode"), DO("set_trend"),
               DO("set_auto")}},
    {.id = "reentry",
     .parent = "main",
     .items = {DO("reentry"), DO("reentry_v3"), DO("reentry_v6"), DO("slhunt"),
               DO("tpcontinue"), DO("autonomous"), DO("recovery"), DO("cooldown"),
               DO("chainlimit"), DO("chains")}},
    {.id = "profit",
     .parent = "main",
     .items = {DO("profit"), DO("booking"), DO("levels"), DO("orderb"), DO("dualorder")}},
    {.id = "session",
     .parent = "main",
     .items = {DO("session"), DO("london"), DO("newyork"), DO("tokyo"), DO("sydney"),
               DO("overlap")}},
    {.id = "plugin",
     .parent = "main",
     .items = {DO("plugins"), DO("plugin"), DO("enable"), DO("disable"), DO("upgrade"),
               DO("rollback"), DO("shadow")}},
    {.id = "shadow",
     .parent = "main",
     .items = {DO("shadow_status"), DO("shadow_mode"), DO("shadow_enable"),
               DO("shadow_disable"), DO("shadow_report"), DO("shadow_export"),
               DO("shadow_reset"), DO("shadow_discrepancies"), DO("shadow_virtual_orders"),
               DO("shadow_plugin_on"), DO("shadow_plugin_off")}},
    {.id = "voice",
     .parent = "main",
     .items = {DO("subscribe"), DO("unsubscribe"), DO("mute"), DO("unmute"), DO("test"),
               DO("notifications"), DO("voice"), DO("voicetest"), DO("why_silent"),
               DO("topics")}},
    {.id = "system",
     .parent = "main",
     .items = {DO("status"), DO("health"), DO("version"), DO("pause"), DO("resume"),
               DO("panic"), DO("restart"), DO("shutdown"), DO("logs"), DO("audit"),
               DO("drill"), DO("config"), DO("help")}},
    {.id = "settings",
     .parent = "main",
     .items = {DO("language"), DO("timezone"), DO("live"), DO("trader"), DO("config"),
               DO("start")}},
    {.id = "users",
     .parent = "main",
     .items = {DO("users")}},
};
/* clang-format on */

const struct menu *menu_all(size_t *ret_count)
{
    TR_ASSERT(ret_count);
    *ret_count = TR_ARRAY_SIZE(menus);
    return menus;
}

const struct menu *menu_find(const char *id)
{
    TR_ASSERT(id);
    for (size_t i = 0; i < TR_ARRAY_SIZE(menus); i++)
        if (strcmp(menus[i].id, id) == 0)
            return &menus[i];
    return NULL;
}

static bool holds(const struct menu *m, const char *command)
{
    for (size_t i = 0; i < MENU_ITEMS_MAX; i++)
        if (m->items[i].command && strcmp(m->items[i].command, command) == 0)
            return true;
    return false;
}

const char *menu_home(const char *command)
{
    TR_ASSERT(command);
    for (size_t i = 0; i < TR_ARRAY_SIZE(menus); i++)
        if (menus[i].parent && holds(&menus[i], command))
            return menus[i].id;
    return MENU_MAIN;
}
