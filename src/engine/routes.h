/* engine/routes.h: what each route of each plugin (LOGIC1.., 1m..) did since the day began, for
 * limits a strategy sets on itself. Part of the engine's state; pure, engine thread only. */
#ifndef TRIDENT_ENGINE_ROUTES_H
#define TRIDENT_ENGINE_ROUTES_H

#include "plugins/plugin.h"

#define ROUTES_MAX 32 /* ENGINE_PLUGINS_MAX plugins with four routes each */

struct routes {
    size_t count;
    struct plugin_route items[ROUTES_MAX]; /* in the order they first traded */
};

/* A decision of this route was carried out. Beyond ROUTES_MAX routes nothing is counted. */
void routes_entered(struct routes *r, const char *plugin, const char *route);
/* A position of this route, or a part of it, was closed. */
void routes_closed(struct routes *r, const struct position *p, int64_t net_e8);
void routes_new_day(struct routes *r);
/* What all routes of a plugin lost since the day began. */
int64_t routes_daily_loss_e8(const struct routes *r, const char *plugin);
/* As if it had lost so much on a route without a name: for supposed states. */
void routes_suppose_loss(struct routes *r, const char *plugin, int64_t loss_e8);

void routes_pack(const struct routes *r, struct buf *b);
void routes_unpack(struct routes *r, struct unpack *u);

#endif
