/* What goes by balance tier and by the stop tables of the old bot: /risktier /slsystem /sltable
 * /tierlot /symbol_sl. Each is a line of settings (bots/change.h), so they share a file. */
#include "bots/change.h"
#include "core/alloc.h"

#define V2      "plugins.legacy_v2."
#define TIERS   "5000|10000|25000|50000|100000"
#define SYMBOLS "xauusd|eurusd|gbpusd|usdjpy|usdcad|audusd|nzdusd|eurjpy|gbpjpy|audjpy"

/* "/risktier 2", as the old bot counted them. */
static const char *tier_by_number(const char *typed)
{
    static const char *const names[] = {"5000", "10000", "25000", "50000", "100000"};
    int64_t n = 0;
    if (!str_to_i64(typed, &n) || n < 1 || n > (int64_t)TR_ARRAY_SIZE(names))
        return NULL;
    return names[n - 1];
}

static void run_tier(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct command meant = *c; /* its body stays c's */
    const char *name = c->confirmed ? NULL : tier_by_number(c->args);
    if (name != NULL)
        (void)str_copy(meant.args, sizeof meant.args, name); /* shorter than the cap */
    change_run(tx, &meant, ret);
}

const struct bot_command risktier_command = {
    .ops = {.name = "risktier", .role = ROLE_TRADER, .max_age_ms = 60 * 1000, .run = run_tier},
    .aliases = {"tier"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_CHANGE,
    .args = CHANGE_FIELDS(CHANGE_CHOICE("tier", TIERS "|by_balance")),
    .change =
        &(const struct change_spec){.kind = CHANGE_VALUE, .paths = {"risk.tier", V2 "risk_tier"}},
    .help_key = "help.risktier",
    .mirrored = true,
};

CHANGE_COMMAND(slsystem, CHANGE_FIELDS(CHANGE_CHOICE("system", "sl-1|sl-2")), .kind = CHANGE_VALUE,
               .paths = {V2 "sl_system"});
CHANGE_COMMAND(sltable, CHANGE_FIELDS(CHANGE_STATE), .kind = CHANGE_SWITCH,
               .paths = {V2 "sl_system_enabled"});
CHANGE_COMMAND(tierlot,
               CHANGE_FIELDS(CHANGE_WHICH(TIERS),
                             CHANGE_NUMBER("lots", DEC_ONE / 100, INT64_C(10) * DEC_ONE)),
               .kind = CHANGE_VALUE, .paths = {V2 "manual_lot.#"});
CHANGE_COMMAND(symbol_sl, CHANGE_FIELDS(CHANGE_WHICH(SYMBOLS), CHANGE_WHOLE("percent", 0, 50)),
               .kind = CHANGE_VALUE, .paths = {V2 "sl_reduction.#"});
