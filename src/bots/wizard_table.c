/* bots/wizard_table.c: which command asks for what, with its presets (spec strategies 8.2, 8.3). */
#include "bots/wizard.h"

#include <string.h>

#define SYMBOLS "EURUSD GBPUSD USDJPY XAUUSD"
#define LOTS    "0.01 0.05 0.10 0.20 0.50 1 2 5"
#define AMOUNTS "10 20 50 100 200 500 1000 2000 5000"
#define SECONDS "30 60 120 300 600"

/* clang-format off */
#define ON_OFF {WIZARD_CHOICE, "on_off", "on off"}

static const struct wizard_plan plans[] = {
    {"autonomous", {ON_OFF}},
    {"breakeven", {ON_OFF}},
    {"buy", {{WIZARD_SYMBOL, "symbol", SYMBOLS}, {WIZARD_NUMBER, "lots", "0.01 0.05 0.10 0.50"}}},
    {"chainlimit", {{WIZARD_CHOICE, "levels", "1 2 3 4 5"}}},
    {"cooldown", {{WIZARD_NUMBER, "seconds", SECONDS}}},
    {"dailylimit", {{WIZARD_NUMBER, "amount", AMOUNTS}}},
    {"disable", {{WIZARD_PLUGIN, "plugin", NULL}}},
    {"enable", {{WIZARD_PLUGIN, "plugin", NULL}}},
    {"logic1", {ON_OFF}},
    {"logic2", {ON_OFF}},
    {"logic3", {ON_OFF}},
    {"maxloss", {{WIZARD_NUMBER, "amount", AMOUNTS}}},
    {"maxprofit", {{WIZARD_NUMBER, "amount", AMOUNTS}}},
    {"partial", {{WIZARD_POSITION, "position", NULL}, {WIZARD_NUMBER, "percent", "25 50 75"}}},
    {"price", {{WIZARD_SYMBOL, "symbol", SYMBOLS}}},
    {"recovery", {ON_OFF}},
    {"risktier", {{WIZARD_CHOICE, "tier", "1 2 3 4 5"}}},
    {"sell", {{WIZARD_SYMBOL, "symbol", SYMBOLS}, {WIZARD_NUMBER, "lots", "0.01 0.05 0.10 0.50"}}},
    {"setlot", {{WIZARD_PLUGIN, "plugin", NULL}, {WIZARD_NUMBER, "lots", LOTS}}},
    {"setsl", {{WIZARD_NUMBER, "pips", "20 30 50"}}},
    {"settp", {{WIZARD_NUMBER, "pips", "40 60 100"}}},
    {"slhunt", {ON_OFF}},
    {"slsystem", {{WIZARD_CHOICE, "sl_table", "sl-1 sl-2"}}},
    {"spread", {{WIZARD_SYMBOL, "symbol", SYMBOLS}}},
    {"symbol", {{WIZARD_SYMBOL, "symbol", SYMBOLS}}},
    {"tpcontinue", {ON_OFF}},
    {"trailsl", {ON_OFF}},
    {"why", {{WIZARD_NUMBER, "receipt", NULL}}},
};
/* clang-format on */

const struct wizard_plan *wizard_plans(size_t *ret_count)
{
    TR_ASSERT(ret_count);
    *ret_count = TR_ARRAY_SIZE(plans);
    return plans;
}

const struct wizard_plan *wizard_plan(const char *command)
{
    TR_ASSERT(command);
    for (size_t i = 0; i < TR_ARRAY_SIZE(plans); i++)
        if (strcmp(plans[i].command, command) == 0)
            return &plans[i];
    return NULL;
}

size_t wizard_step_count(const struct wizard_plan *p)
{
    TR_ASSERT(p);
    size_t n = 0;
    while (n < WIZARD_STEPS_MAX && p->steps[n].kind != WIZARD_UNSET)
        n++;
    return n;
}

bool wizard_is_needed(const struct bot_command *cmd)
{
    TR_ASSERT(cmd);
    return wizard_plan(cmd->ops.name) != NULL;
}

const char *wizard_implied_plugin(const char *command)
{
    TR_ASSERT(command);
    static const struct {
        const char *prefix, *plugin;
    } sets[] = {{"logic", "combined_v3"},      {"v3", "combined_v3"},
                {"reentry_v3", "combined_v3"}, {"v6", "price_action_v6"},
                {"tf", "price_action_v6"},     {"reentry_v6", "price_action_v6"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(sets); i++)
        if (strncmp(command, sets[i].prefix, strlen(sets[i].prefix)) == 0)
            return sets[i].plugin;
    return NULL;
}
