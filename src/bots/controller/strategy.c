/* What is traded: /v3 /v6 /logic1 /logic2 /logic3 /timeframes ... Each is a line of settings
 * (bots/change.h), so they share a file. */
#include "bots/change.h"

#define V3 "plugins.combined_v3."
#define V6 "plugins.price_action_v6."

CHANGE_COMMAND(v3, CHANGE_FIELDS(CHANGE_STATE), .kind = CHANGE_SWITCH, .paths = {V3 "enabled"});
CHANGE_COMMAND(v6, CHANGE_FIELDS(CHANGE_STATE), .kind = CHANGE_SWITCH, .paths = {V6 "enabled"});
CHANGE_COMMAND(logic1, CHANGE_FIELDS(CHANGE_STATE), .kind = CHANGE_SWITCH,
               .paths = {V3 "logic1.enabled"});
CHANGE_COMMAND(logic2, CHANGE_FIELDS(CHANGE_STATE), .kind = CHANGE_SWITCH,
               .paths = {V3 "logic2.enabled"});
CHANGE_COMMAND(logic3, CHANGE_FIELDS(CHANGE_STATE), .kind = CHANGE_SWITCH,
               .paths = {V3 "logic3.enabled"});
CHANGE_COMMAND(strategy, CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_STATE), .kind = CHANGE_SWITCH,
               .paths = {"plugins.%.enabled", V3 "logic1.enabled", V3 "logic2.enabled",
                         V3 "logic3.enabled"});
CHANGE_COMMAND(timeframe, CHANGE_FIELDS(CHANGE_WHICH("1m|5m|15m|1h"), CHANGE_STATE),
               .kind = CHANGE_SWITCH, .paths = {V6 "#_strategy.enabled"});
CHANGE_COMMAND(dualorder, CHANGE_FIELDS(CHANGE_WHICH("logic1|logic2|logic3"), CHANGE_STATE),
               .kind = CHANGE_SWITCH, .paths = {V3 "#.order_routing"}, .on = "dual_orders",
               .off = "order_a_only");
CHANGE_COMMAND(orderb, CHANGE_FIELDS(CHANGE_WHICH("logic1|logic2|logic3"), CHANGE_STATE),
               .kind = CHANGE_SWITCH, .paths = {V3 "#.order_routing"}, .on = "order_b_only",
               .off = "order_a_only");
CHANGE_COMMAND(minscore, CHANGE_FIELDS(CHANGE_WHOLE("score", 0, 9)), .kind = CHANGE_VALUE,
               .paths = {V3 "min_score"});
CHANGE_COMMAND(symbol_filter,
               CHANGE_FIELDS({.name = "symbols", .type = ARG_TEXT, .is_optional = true}),
               .kind = CHANGE_VALUE, .paths = {"plugins.%.symbols"});
