/* engine/confirm.h: questions that wait for a yes (tx_confirm_* of engine/tx.h) in the snapshot.
 * Engine thread only. */
#ifndef TRIDENT_ENGINE_CONFIRM_H
#define TRIDENT_ENGINE_CONFIRM_H

#include "engine/state.h"

/* The person may do no more than this from now on: questions of theirs that lead to more are used
 * up, whoever would say yes. Returns how many. */
int confirm_disown(struct engine_tx *tx, int64_t user_id, enum role role);

/* All but the id. */
void confirm_pack(struct buf *out, const struct state_confirm *c);
void confirm_unpack(struct unpack *u, struct state_confirm *ret);

#endif
