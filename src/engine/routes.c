#include "engine/routes.h"

#include <string.h>

#include "core/alloc.h"

static struct plugin_route *find(struct routes *r, const char *plugin, const char *route)
{
    TR_ASSERT(r->count <= ROUTES_MAX);
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->items[i].plugin, plugin) == 0 && strcmp(r->items[i].route, route) == 0)
            return &r->items[i];
    if (r->count == ROUTES_MAX || plugin[0] == '\0')
        return NULL;
    struct plugin_route *fresh = &r->items[r->count++];
    memset(fresh, 0, sizeof(*fresh));
    (void)str_copy(fresh->plugin, sizeof(fresh->plugin), plugin); /* same caps */
    (void)str_copy(fresh->route, sizeof(fresh->route), route);
    return fresh;
}

void routes_entered(struct routes *r, const char *plugin, const char *route)
{
    struct plugin_route *item = find(r, plugin, route);
    if (item != NULL)
        item->daily_entries++;
}

void routes_closed(struct routes *r, const struct position *p, int64_t net_e8)
{
    struct plugin_route *item = find(r, p->plugin, p->route);
    if (item == NULL)
        return;
    if (net_e8 > 0)
        item->daily_profit_e8 += net_e8;
    else
        item->daily_loss_e8 -= net_e8;
    TR_ASSERT(item->daily_loss_e8 >= 0);
}

void routes_new_day(struct routes *r)
{
    r->count = 0;
}

int64_t routes_daily_loss_e8(const struct routes *r, const char *plugin)
{
    int64_t sum_e8 = 0;
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->items[i].plugin, plugin) == 0)
            sum_e8 += r->items[i].daily_loss_e8;
    TR_ASSERT(sum_e8 >= 0);
    return sum_e8;
}

void routes_suppose_loss(struct routes *r, const char *plugin, int64_t loss_e8)
{
    struct plugin_route *item = find(r, plugin, "");
    TR_ASSERT(item != NULL && loss_e8 >= 0); /* nobody has traded yet */
    item->daily_loss_e8 = loss_e8;
}

void routes_pack(const struct routes *r, struct buf *b)
{
    TR_ASSERT(r->count <= ROUTES_MAX);
    pack_u64(b, r->count);
    for (size_t i = 0; i < r->count; i++) {
        pack_str(b, r->items[i].plugin);
        pack_str(b, r->items[i].route);
        pack_i64(b, r->items[i].daily_entries);
        pack_i64(b, r->items[i].daily_profit_e8);
        pack_i64(b, r->items[i].daily_loss_e8);
    }
}

void routes_unpack(struct routes *r, struct unpack *u)
{
    uint64_t n = unpack_u64(u);
    if (n > ROUTES_MAX) {
        u->failed = true;
        n = 0;
    }
    r->count = (size_t)n;
    for (size_t i = 0; i < r->count; i++) {
        unpack_str(u, r->items[i].plugin, sizeof(r->items[i].plugin));
        unpack_str(u, r->items[i].route, sizeof(r->items[i].route));
        r->items[i].daily_entries = unpack_int(u, 0, INT32_MAX);
        r->items[i].daily_profit_e8 = unpack_i64(u);
        r->items[i].daily_loss_e8 = unpack_i64(u);
    }
}
