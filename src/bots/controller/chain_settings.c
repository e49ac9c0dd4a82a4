/* What becomes of a trade after its first order: recoveries, continuations, profit chains. Each is
 * a line of settings (bots/change.h), so they share a file. */
#include "bots/change.h"

#define E8(n)    ((int64_t)(n)*DEC_ONE)
#define R        "plugins.%.reentry."
#define P        "plugins.%.profit_chain."
#define SWITCHED CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_STATE)
#define ROUTES   "logic1|logic2|logic3|1m|5m|15m|1h"
/* A key of each route. */
#define OF_ROUTES(key)                                                                             \
    {                                                                                              \
        R "#." key                                                                                 \
    }

CHANGE_COMMAND(reentry, SWITCHED, .kind = CHANGE_SWITCH, .paths = {R "enabled"});
CHANGE_COMMAND(slhunt, SWITCHED, .kind = CHANGE_SWITCH, .paths = {R "sl_hunt"});
CHANGE_COMMAND(tpcontinue, SWITCHED, .kind = CHANGE_SWITCH, .paths = {R "tp_continuation"});
CHANGE_COMMAND(autonomous, SWITCHED, .kind = CHANGE_SWITCH, .paths = {R "autonomous"});
CHANGE_COMMAND(shield, SWITCHED, .kind = CHANGE_SWITCH, .paths = {R "reverse_shield"});
CHANGE_COMMAND(exit_continuation, CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_WHICH(ROUTES), CHANGE_STATE),
               .kind = CHANGE_SWITCH, .paths = OF_ROUTES("exit_continuation"));
CHANGE_COMMAND(cooldown,
               CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_WHICH(ROUTES), CHANGE_WHOLE("seconds", 0, 3600)),
               .kind = CHANGE_VALUE, .paths = OF_ROUTES("cooldown_s"));
CHANGE_COMMAND(chainlimit,
               CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_WHICH(ROUTES), CHANGE_WHOLE("levels", 1, 10)),
               .kind = CHANGE_VALUE, .paths = OF_ROUTES("max_levels"));
CHANGE_COMMAND(recovery_windows,
               CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_WHICH(ROUTES), CHANGE_WHOLE("minutes", 1, 1440)),
               .kind = CHANGE_VALUE, .paths = OF_ROUTES("window_min"));
CHANGE_COMMAND(maxrecovery, CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_WHOLE("recoveries", 1, 1000)),
               .kind = CHANGE_VALUE, .paths = {R "max_attempts_per_day"});
CHANGE_COMMAND(protection,
               CHANGE_FIELDS(CHANGE_PLUGIN,
                             CHANGE_CHOICE("mode",
                                           "aggressive|balanced|conservative|very_conservative")),
               .kind = CHANGE_VALUE, .paths = {R "profit_protection_mode"});
CHANGE_COMMAND(sl_reduction, CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_WHOLE("percent", 0, 50)),
               .kind = CHANGE_VALUE, .paths = {R "sl_reduction_percent"});
CHANGE_COMMAND(sl_offset, CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_NUMBER("pips", 0, E8(100))),
               .kind = CHANGE_VALUE, .paths = {R "sl_hunt_offset_pips"});
CHANGE_COMMAND(booking, SWITCHED, .kind = CHANGE_SWITCH, .paths = {P "enabled"});
CHANGE_COMMAND(profit_strict, SWITCHED, .kind = CHANGE_SWITCH, .paths = {P "strict"});
CHANGE_COMMAND(profit_sl_hunt, SWITCHED, .kind = CHANGE_SWITCH, .paths = {P "sl_hunt"});
CHANGE_COMMAND(levels,
               CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_WHICH("level0|level1|level2|level3|level4"),
                             CHANGE_STATE),
               .kind = CHANGE_SWITCH, .paths = {P "#"});
CHANGE_COMMAND(profit_target, CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_NUMBER("usd", E8(1), E8(100000))),
               .kind = CHANGE_VALUE, .paths = {P "min_profit"});
CHANGE_COMMAND(profit_sl, CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_NUMBER("usd", E8(1), E8(100000))),
               .kind = CHANGE_VALUE, .paths = {P "sl_money"});
CHANGE_COMMAND(profit_sl_logic,
               CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_WHICH("logic1|logic2|logic3"),
                             CHANGE_NUMBER("usd", E8(1), E8(100000))),
               .kind = CHANGE_VALUE, .paths = {P "sl_money_#"});
CHANGE_COMMAND(profit_sl_mode,
               CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_CHOICE("mode", "fixed|by_logic")),
               .kind = CHANGE_VALUE, .paths = {P "sl_mode"});
