/* bots/muting.h: what /mute and /unmute share. Engine thread, inside run(). */
#ifndef TRIDENT_BOTS_MUTING_H
#define TRIDENT_BOTS_MUTING_H

#include "bots/answer.h"

/* May people mute it: an event that is told to people and not critical. */
bool muting_is_allowed(enum event_type t);
/* verb: "mute" or "unmute". Without argument lists what there is. */
void muting_run(struct engine_tx *tx, const struct command *c, struct reply *ret, const char *verb);

#endif
