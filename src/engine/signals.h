/* engine/signals.h: asking the plugins about a signal. Pure over the state; engine thread only. */
#ifndef TRIDENT_ENGINE_SIGNALS_H
#define TRIDENT_ENGINE_SIGNALS_H

#include "engine/apply.h"

/* The deciding plugin's answer with the engine's own gates on top (pause, panic, link, trader-wide
 * caps, unknown orders). Always fills ret: without a plugin it is a SKIP with NO_PLUGIN or
 * PLUGIN_DISABLED. */
void signals_decide(const struct engine_state *s, const struct engine_options *opt,
                    const struct input_quotes *quotes, const struct signal *sig, int64_t now_ms,
                    struct decision *ret);

#endif
