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
               GO("plugin"), GO("voice"), GO("system"), GO("settings"), GO("users"), NEXT_ROW,
               DO("live"), DO("language"), DO("help")}},
    {.id = "trading",
     .parent = "main",
     .items = {DO("positions"), DO("orders"), DO("history"), DO("buy"), DO("sell"),
               DO("close"), DO("partial"), DO("closeall"), DO("panic"), DO("pnl"),
               DO("balance"), DO("equity"), DO("margin"), DO("price"), DO("spread"),
               DO("symbols"), DO("symbol"), DO("signals"), DO("signal_status"), DO("why"),
               DO("receipt"), DO("whatif"), DO("trader")}},
    {.id = "risk",
     .parent = "main",
     .items = {DO("risk"), DO("setlot"), DO("setsl"), DO("settp"), DO("dailylimit"),
               DO("maxloss"), DO("maxprofit"), DO("multiplier"), GO("stops"),
               DO("lifetime_limit"), DO("maxtrades"), DO("dailytrades"), DO("minscore"),
               DO("symbol_filter"), DO("clear_loss"), GO("tiers")}},
    {.id = "tiers",
     .parent = "risk",
     .items = {DO("risktier"), DO("tierlot"), DO("slsystem"), DO("sltable"), DO("symbol_sl")}},
    {.id = "stops",
     .parent = "risk",
     .items = {DO("stops"), DO("trailsl"), DO("breakeven"), DO("breakeven_pips"),
               DO("protection"), DO("sl_reduction")}},
    {.id = "analytics",
     .parent = "main",
     .items = {DO("daily"), DO("weekly"), DO("monthly"), DO("performance"), DO("stats"),
               DO("winrate"), DO("compare"), DO("drawdown"), DO("pair_report"),
               DO("strategy_report"), DO("tp_report"), DO("avgprofit"), DO("avgloss"),
               DO("bestday"), DO("worstday"), DO("correlation"), DO("export"), DO("latency")}},
    {.id = "v3",
     .parent = "main",
     .items = {DO("v3"), DO("logic1"), DO("logic2"), DO("logic3"), DO("strategy"), DO("mode"),
               DO("shadow"), DO("shadow_mode"), DO("cutover"), DO("rollback"), DO("phase"),
               DO("enable_legacy"), DO("shadow_discrepancies"), DO("shadow_virtual_orders"),
               DO("shadow_reset")}},
    {.id = "v6",
     .parent = "main",
     .items = {DO("v6"), DO("timeframe")}},
    {.id = "trends",
     .parent = "main",
     .items = {DO("trends"), DO("set_trend"), DO("auto_trend")}},
    {.id = "reentry",
     .parent = "main",
     .items = {DO("reentry"), DO("slhunt"), DO("tpcontinue"), DO("autonomous"),
               DO("cooldown"), DO("chainlimit"), DO("chains"), DO("exit_continuation"),
               DO("shield"), DO("maxrecovery"), DO("recovery_windows"), DO("sl_offset")}},
    {.id = "profit",
     .parent = "main",
     .items = {DO("booking"), DO("levels"), DO("orderb"), DO("dualorder"),
               DO("profit_target"), DO("profit_sl"), DO("profit_sl_mode"),
               DO("profit_sl_logic"), DO("profit_sl_hunt"), DO("profit_strict"),
               DO("stop_profit_chain")}},
    {.id = "session",
     .parent = "main",
     .items = {DO("session"), DO("session_gate"), DO("session_time")}},
    {.id = "plugin",
     .parent = "main",
     .items = {DO("plugins"), DO("enable"), DO("disable"), DO("reload")}},
    {.id = "voice",
     .parent = "main",
     .items = {DO("subscribe"), DO("unsubscribe"), DO("mute"), DO("unmute"), DO("test"),
               DO("topics"), DO("notifications"), DO("quiet"), DO("digest"), DO("voice"),
               DO("why_silent")}},
    {.id = "system",
     .parent = "main",
     .items = {DO("status"), DO("health"), DO("version"), DO("pause"), DO("resume"),
               DO("panic"), DO("logs"), DO("audit"), DO("config"), DO("help"), DO("restart"),
               DO("shutdown"), DO("transition"), DO("drill")}},
    {.id = "settings",
     .parent = "main",
     .items = {DO("language"), DO("timezone"), DO("live"), DO("trader"), DO("config"), DO("start"),
               DO("start_old"), DO("start_new")}},
    {.id = "users",
     .parent = "main",
     .items = {DO("users"), DO("invite"), DO("role"), DO("grant"), DO("revoke"), DO("totp"),
               DO("code")}},
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
