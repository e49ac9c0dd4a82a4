/* plugins/combined_v3/decide.h: the plugin's decision function, see plugin.h. Private to the
 * plugin. */
#ifndef TRIDENT_PLUGINS_COMBINED_V3_DECIDE_H
#define TRIDENT_PLUGINS_COMBINED_V3_DECIDE_H

#include "plugins/plugin.h"

TR_MUST_USE int combined_v3_decide(const void *conf, const struct plugin_snapshot *snap,
                                   const struct signal *s, struct decision *ret);

#endif
