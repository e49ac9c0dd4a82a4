#include "core/alloc.h"
#include "plugins/price_action_v6/decide.h"
#include "plugins/price_action_v6/rules.h"

static bool is_enabled(const void *conf)
{
    return ((const struct price_action_v6_conf *)conf)->enabled;
}

static bool is_shadow(const void *conf)
{
    return ((const struct price_action_v6_conf *)conf)->shadow_mode;
}

static bool accepts(const void *conf, const struct signal *s)
{
    (void)conf; /* which symbols and timeframes are traded is for decide() to explain */
    return s->format == SIGNAL_FORMAT_V6;
}

static void route(const void *conf, const struct signal *s, char ret[ROUTE_CAP])
{
    (void)conf;
    (void)str_copy(ret, ROUTE_CAP, v6_route_name(v6_route_of(s->tf))); /* fits */
}

const struct plugin_ops price_action_v6_plugin = {
    .id = "price_action_v6",
    .version = TRIDENT_VERSION,
    .db_name = "zepix_price_action_v6.db",
    .is_enabled = is_enabled,
    .is_shadow = is_shadow,
    .accepts = accepts,
    .route = route,
    .decide = price_action_v6_decide,
};
