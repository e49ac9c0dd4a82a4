/* plugins/price_action_v6/plugin.h: the V6 strategy: fourteen alerts and two monitors; entries of
 * four timeframes, each with its own orders, thresholds and limits. */
#ifndef TRIDENT_PLUGINS_PRICE_ACTION_V6_PLUGIN_H
#define TRIDENT_PLUGINS_PRICE_ACTION_V6_PLUGIN_H

#include "plugins/plugin.h"
#include "plugins/price_action_v6/conf.h"

extern const struct plugin_ops price_action_v6_plugin;

#endif
