/* bots/phasing.h: the phase of the take-over as lines of an answer. Engine thread. */
#ifndef TRIDENT_BOTS_PHASING_H
#define TRIDENT_BOTS_PHASING_H

#include "bots/answer.h"
#include "engine/phase.h"

#define PHASING_NAME_CAP 32
/* "shadow 2/4 LOGIC2", "parallel". */
const char *phasing_name(enum phase p, int step, char out[PHASING_NAME_CAP]);
/* The phase, since when, what it means, and its gates. */
void phasing_card(struct answer *a);
/* The phase alone, in one line; nothing when there is no transition. */
void phasing_line(struct answer *a);

#endif
