#include "cli/chain_rules.h"

#include <string.h>

#include "core/alloc.h"

static void v3_limits(const struct combined_v3_conf *v3, struct chain_conf *c)
{
    (void)str_copy(c->plugin, sizeof(c->plugin), combined_v3_plugin.id);
    c->max_open = v3->max_open_trades;
    c->max_daily = v3->max_daily_trades;
    c->daily_loss_cap_e8 = v3->daily_loss_cap_e8;
}

static void v6_limits(const struct price_action_v6_conf *v6, struct chain_conf *c)
{
    struct v6_strategy s;
    _Static_assert(V6_ROUTE_COUNT == CHAIN_ROUTES, "the routes of V6 by number");
    (void)str_copy(c->plugin, sizeof(c->plugin), price_action_v6_plugin.id);
    for (int i = V6_1M; i < V6_ROUTE_COUNT; i++) {
        v6_strategy(v6, (enum v6_route)i, &s);
        c->routes[i].max_open = s.max_open_trades;
        c->routes[i].max_daily = s.max_daily_trades;
        c->routes[i].daily_loss_cap_e8 = s.daily_loss_cap_e8;
    }
}

void chain_rules(const struct conf_trader *t, struct chain_conf ret[CHAIN_PLUGINS])
{
    memcpy(ret, t->chains, sizeof(t->chains));
    v3_limits(&t->combined_v3, &ret[CHAIN_COMBINED_V3]);
    v6_limits(&t->price_action_v6, &ret[CHAIN_PRICE_ACTION_V6]);
    (void)str_copy(ret[CHAIN_LEGACY_V2].plugin, sizeof(ret[0].plugin), "legacy_v2");
    const bool is_shadow[CHAIN_PLUGINS] = {
        [CHAIN_COMBINED_V3] = t->combined_v3.shadow_mode,
        [CHAIN_PRICE_ACTION_V6] = t->price_action_v6.shadow_mode,
        [CHAIN_LEGACY_V2] = t->legacy_v2.shadow_mode,
    };
    for (int i = 0; i < CHAIN_PLUGINS; i++)
        ret[i].autonomous = ret[i].autonomous && !is_shadow[i];
}
