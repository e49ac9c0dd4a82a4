/* engine/ending.h: a command ends the process. The wish is state of this run alone: not part of the
 * snapshot, gone with the next start, so that a replay ends nothing. Whoever owns the process sees
 * it in the published view (engine/view.h) after the commit. */
#ifndef TRIDENT_ENGINE_ENDING_H
#define TRIDENT_ENGINE_ENDING_H

#include "model/reason.h"

enum ending { ENDING_NONE = 0, ENDING_STOP, ENDING_RESTART, ENDING_COUNT };

struct engine_tx;
/* ALREADY_DONE: it is ending. Engine thread, inside apply(). */
enum reason ending_tx_want(struct engine_tx *tx, enum ending how);

#endif
