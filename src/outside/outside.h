/* outside/outside.h: the strategies of one trader that are programs of their own: a supervisor for
 * each configured place, between the engine that asks (engine_options.ask) and its queue, into
 * which the answers go. Order of life: new -> engine_open -> start -> engine_start ... stop ->
 * engine_stop -> engine_free -> free. */
#ifndef TRIDENT_OUTSIDE_OUTSIDE_H
#define TRIDENT_OUTSIDE_OUTSIDE_H

#include "engine/engine.h"

struct outside;
/* confs: OUTSIDE_PLUGINS of them; they and trader outlive it. NULL: no place is filled. */
struct outside *outside_new(const struct outside_conf *confs, const char *trader,
                            struct clock *clock);
/* For a reload: reads what the file says now, on a supervisor's thread; see supervisor.h. Before
 * start. */
void outside_set_reader(struct outside *o,
                        bool (*read_conf)(void *ctx, const char *plugin, struct outside_conf *ret),
                        void *ctx);
/* All of these accept NULL. -errno. */
TR_MUST_USE int outside_start(struct outside *o, struct engine *e);
void outside_stop(struct outside *o);
struct outside *outside_free(struct outside *o);

/* engine_options.ask; ctx: the struct outside. Engine thread. */
bool outside_ask(void *ctx, const char *plugin, const void *conf,
                 const struct plugin_snapshot *snap, struct input *in);
/* For engine_options.ask_command: takes over an admin's `reload <its id>`. Engine thread. */
bool outside_ask_command(struct outside *o, struct input *in);
/* After a commit: starts and ends programs as their strategies are switched. Engine thread. */
void outside_on_commit(struct outside *o);

#endif
