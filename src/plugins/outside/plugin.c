/* The places for strategies that are programs of their own. What they decide rides along with the
 * alert (engine/ahead.h), so decide() is only asked where no program runs: simulations, trident
 * decide, an alert that came while its owner changed. */
#include "core/alloc.h"
#include "plugins/plugin.h"

static bool is_present(const void *conf)
{
    return ((const struct outside_conf *)conf)->path[0] != '\0';
}

static bool is_enabled(const void *conf)
{
    return is_present(conf) && ((const struct outside_conf *)conf)->enabled;
}

static bool is_shadow(const void *conf)
{
    return ((const struct outside_conf *)conf)->shadow_mode;
}

static bool takes_format(int alerts, enum signal_format f)
{
    switch (f) {
    case SIGNAL_FORMAT_V3:
        return alerts == OUTSIDE_ALERTS_V3 || alerts == OUTSIDE_ALERTS_ALL;
    case SIGNAL_FORMAT_V6:
        return alerts == OUTSIDE_ALERTS_V6 || alerts == OUTSIDE_ALERTS_ALL;
    case SIGNAL_FORMAT_LEGACY:
        return alerts == OUTSIDE_ALERTS_LEGACY || alerts == OUTSIDE_ALERTS_ALL;
    case SIGNAL_FORMAT_UNSET:
    case SIGNAL_FORMAT_COUNT:
        break;
    }
    return false;
}

static bool accepts(const void *conf, const struct signal *s)
{
    const struct outside_conf *c = conf;
    bool is_listed = c->symbol_count == 0;
    for (int i = 0; i < c->symbol_count && !is_listed; i++)
        is_listed = str_eq(c->symbols[i], s->symbol);
    return is_present(conf) && is_listed && takes_format(c->alerts, s->format);
}

static int decide(const void *conf, const struct plugin_snapshot *snap, const struct signal *s,
                  struct decision *ret)
{
    TR_ASSERT(conf != NULL && snap != NULL && s != NULL);
    decision_skip(ret, REASON_PLUGIN_NOT_ASKED, DEC_NONE, DEC_NONE);
    return 0;
}

#define PLACE(name)                                                                                \
    {                                                                                              \
        .id = name, .version = TRIDENT_VERSION, .db_name = "zepix_" name ".db",                    \
        .is_process = true, .is_present = is_present, .is_enabled = is_enabled,                    \
        .is_shadow = is_shadow, .accepts = accepts, .decide = decide,                              \
    }
const struct plugin_ops outside_plugins[OUTSIDE_PLUGINS] = {PLACE("outside_1"), PLACE("outside_2"),
                                                            PLACE("outside_3")};
