#include "model/chain_conf.h"

#include <string.h>

int chain_conf_route_index(const char *route)
{
    static const struct {
        const char *name;
        int index;
    } routes[] = {{"LOGIC1", 1}, {"LOGIC2", 2}, {"LOGIC3", 3}, {"1m", 1},
                  {"5m", 2},     {"15m", 3},    {"1h", 4}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(routes); i++)
        if (strcmp(routes[i].name, route) == 0)
            return routes[i].index;
    return 0;
}

const struct chain_route_conf *chain_conf_route(const struct chain_conf *c, const char *route)
{
    int i = chain_conf_route_index(route);
    TR_ASSERT(i >= 0 && i < CHAIN_ROUTES);
    return &c->routes[i == 0 ? 2 : i];
}

unsigned chain_conf_enabled_levels(const struct chain_conf *c)
{
    unsigned bits = 0;
    for (int i = 0; i < PROFIT_CHAIN_LEVELS; i++)
        bits |= (unsigned)c->profit_level[i] << i;
    return bits;
}

int64_t chain_conf_sl_money_e8(const struct chain_conf *c, const char *route)
{
    int i = chain_conf_route_index(route);
    if (c->profit_sl_mode == PROFIT_CHAIN_SL_FIXED)
        return c->profit_sl_e8;
    return c->profit_sl_logic_e8[i >= 1 && i <= 3 ? i : 2];
}

/* The routes' keys are the same for all; a plugin may have fewer routes, then they are 0. */
#define COMMON(X) CHAIN_CONF_TABLE(X, , , "", "", "", "")
#define ROUTES(X)                                                                                  \
    CHAIN_ROUTE_TABLE(X, , , 1, "", "", "", "", "")                                                \
    CHAIN_ROUTE_TABLE(X, , , 2, "", "", "", "", "")                                                \
    CHAIN_ROUTE_TABLE(X, , , 3, "", "", "", "", "")                                                \
    CHAIN_ROUTE_TABLE(X, , , 4, "", "", "", "", "")

void chain_conf_pack(struct buf *b, const struct chain_conf *c)
{
    pack_str(b, c->plugin);
    if (c->plugin[0] == '\0')
        return;
    pack_i64(b, c->max_open);
    pack_i64(b, c->max_daily);
    pack_i64(b, c->daily_loss_cap_e8);
    for (int i = 1; i < CHAIN_ROUTES; i++) {
        pack_i64(b, c->routes[i].max_open);
        pack_i64(b, c->routes[i].max_daily);
        pack_i64(b, c->routes[i].daily_loss_cap_e8);
    }
#define X(p, i, kind, key, field, least, most, def, choices, help) pack_i64(b, (int64_t)c->field);
    COMMON(X)
    ROUTES(X)
#undef X
}

static int64_t unpack_range(struct unpack *u, int64_t least, int64_t most)
{
    int64_t v = unpack_i64(u);
    if (v >= least && v <= most)
        return v;
    u->failed = true;
    return least;
}

void chain_conf_unpack(struct unpack *u, struct chain_conf *ret)
{
    *ret = (struct chain_conf){0};
    unpack_str(u, ret->plugin, sizeof(ret->plugin));
    if (ret->plugin[0] == '\0')
        return;
    ret->max_open = unpack_int(u, 0, INT32_MAX);
    ret->max_daily = unpack_int(u, 0, INT32_MAX);
    ret->daily_loss_cap_e8 = unpack_range(u, 0, INT64_MAX);
    for (int i = 1; i < CHAIN_ROUTES; i++) {
        ret->routes[i].max_open = unpack_int(u, 0, INT32_MAX);
        ret->routes[i].max_daily = unpack_int(u, 0, INT32_MAX);
        ret->routes[i].daily_loss_cap_e8 = unpack_range(u, 0, INT64_MAX);
    }
#define X(p, i, kind, key, field, least, most, def, choices, help)                                 \
    ret->field = (__typeof__(ret->field))unpack_range(u, least, most);
    COMMON(X)
#undef X
#define X(p, i, kind, key, field, least, most, def, choices, help)                                 \
    ret->field = (__typeof__(ret->field))unpack_range(u, 0, most);
    ROUTES(X)
#undef X
}
