/* plugins/legacy_v2/decide.h: the plugin's decision function, see plugin.h. Private to the
 * plugin. */
#ifndef TRIDENT_PLUGINS_LEGACY_V2_DECIDE_H
#define TRIDENT_PLUGINS_LEGACY_V2_DECIDE_H

#include "plugins/legacy_v2/conf.h"
#include "plugins/plugin.h"

TR_MUST_USE int legacy_v2_decide(const void *conf, const struct plugin_snapshot *snap,
                                 const struct signal *s, struct decision *ret);

/* One entry being thought about; shared by decide.c and place.c. */
struct legacy_v2_entry {
    const struct legacy_v2_conf *c;
    const struct plugin_snapshot *snap;
    const struct signal *s;
    const struct symbol_info *info;
    struct decision *d;
    enum tiers_tier tier;
    int logic;
};
/* Lots, stops and targets of variant (a), or (b) for a V3 alert; the decision is EXECUTE or SKIP
 * afterwards. */
void legacy_v2_place(struct legacy_v2_entry *e);

#endif
