/* engine/legacy_feed.h: the second source of the old bot's decisions: its database, looked at every
 * few seconds by a thread of its own. Each new row becomes one journaled decision (INPUT_LEGACY),
 * once: the engine's state remembers the newest row it took. What was in the table before the first
 * look is history and only passed over. */
#ifndef TRIDENT_ENGINE_LEGACY_FEED_H
#define TRIDENT_ENGINE_LEGACY_FEED_H

#include "engine/engine.h"

struct legacy_feed_options {
    const char *db_path; /* borrowed */
    struct engine *engine;
    struct shadow_board *board; /* says which rows were taken */
    struct clock *clock;
    int poll_ms;
};

struct legacy_feed;
struct legacy_feed *legacy_feed_start(const struct legacy_feed_options *o);
void legacy_feed_stop(struct legacy_feed *f); /* joins; before the engine stops. Accepts NULL */
struct legacy_feed *legacy_feed_free(struct legacy_feed *f); /* after it; NULL; returns NULL */

/* One look, on the caller's thread; legacy_feed_start() does it again and again. For tests. */
struct legacy_feed *legacy_feed_new(const struct legacy_feed_options *o);
void legacy_feed_look(struct legacy_feed *f);

#endif
