/* engine/ahead.h: strategies that are programs of their own (plugin_ops.is_process) may take
 * seconds, and the engine thread waits for nobody. So their alerts take a detour: before the turn
 * the engine hands alert and snapshot to a thread that may wait (engine_options.ask); the alert
 * comes back into the queue with the answer attached (input.answer), goes through duplicate check,
 * plugin and gates like any other, and the decision is journaled in it. A replay asks nobody. Until
 * then nothing is journaled and nothing acknowledged. A command that asks a program something (a
 * reload) takes the same detour by engine_options.ask_command, and comes back with what it learned
 * in its body; one that asks about this moment (a what-if) is answered there at once, by the very
 * state its turn will find. Engine thread only. */
#ifndef TRIDENT_ENGINE_AHEAD_H
#define TRIDENT_ENGINE_AHEAD_H

#include "engine/state.h"

/* True: the alert or command has left for its program; in is not the caller's any more. */
bool ahead_ask(const struct engine_options *opt, struct engine_state *s, struct input *in,
               int64_t now_ms);
/* The figures that are the state's own; the strategies that exist and whether each decides. */
void ahead_publish(const struct engine_options *opt, const struct engine_state *s,
                   struct engine_stats *ret);

#endif
