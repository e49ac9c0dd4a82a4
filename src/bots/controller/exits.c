/* What open positions do by themselves: /trailsl /breakeven /breakeven_pips. Each is a line of
 * settings (bots/change.h), so they share a file. */
#include "bots/change.h"

CHANGE_COMMAND(trailsl, CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_STATE), .kind = CHANGE_SWITCH,
               .paths = {"plugins.%.exits.trailing"}, .on = "percent", .off = "off");
CHANGE_COMMAND(breakeven, CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_STATE), .kind = CHANGE_SWITCH,
               .paths = {"plugins.%.exits.breakeven_after_tp1"});
CHANGE_COMMAND(breakeven_pips,
               CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_NUMBER("pips", 0, INT64_C(100000) * DEC_ONE)),
               .kind = CHANGE_VALUE, .paths = {"plugins.%.exits.breakeven_pips"});
