/* engine/signals.h: asking the plugins about a signal. Pure over the state; engine thread only. */
#ifndef TRIDENT_ENGINE_SIGNALS_H
#define TRIDENT_ENGINE_SIGNALS_H

#include "engine/apply.h"

/* now_ms: of this signal; the state's own is that of the input before, which may be hours ago. */
struct signals_question {
    const struct engine_state *s;
    const struct engine_options *opt;
    const struct input_quotes *quotes;
    const struct signal *sig;
    int64_t now_ms;
    const struct decision *answer; /* of a plugin asked ahead (engine/ahead.h); NULL = none */
};

/* What the i-th plugin is shown. Returns memory it points into: the caller frees it after use. */
struct position *signals_snapshot(const struct signals_question *q, size_t i,
                                  struct plugin_snapshot *ret);

/* The answer of the side that trades (engine/shadow.h) with the engine's own gates on top (pause,
 * panic, link, trader-wide caps, unknown orders). Always fills ret: without a plugin it is a SKIP
 * with NO_PLUGIN or PLUGIN_DISABLED. ret_other: what was there is freed; heap, NULL when nobody
 * compares. */
void signals_decide_both(const struct signals_question *q, struct decision *ret,
                         struct decision **ret_other);
/* Only the answer that counts. */
void signals_decide(const struct engine_state *s, const struct engine_options *opt,
                    const struct input_quotes *quotes, const struct signal *sig, int64_t now_ms,
                    struct decision *ret);

#endif
