/* plugins/price_action_v6/decide.h: the plugin's decision function, see plugin.h. Private to the
 * plugin. */
#ifndef TRIDENT_PLUGINS_PRICE_ACTION_V6_DECIDE_H
#define TRIDENT_PLUGINS_PRICE_ACTION_V6_DECIDE_H

#include "plugins/plugin.h"

TR_MUST_USE int price_action_v6_decide(const void *conf, const struct plugin_snapshot *snap,
                                       const struct signal *s, struct decision *ret);

#endif
