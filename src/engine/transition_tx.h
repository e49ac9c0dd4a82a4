/* engine/transition_tx.h: what commands may do with the transition (engine/transition.h).
 * Engine thread only, inside apply(). Each change returns REASON_ACCEPTED,
 * REASON_ALREADY_DONE or why not. */
#ifndef TRIDENT_ENGINE_TRANSITION_TX_H
#define TRIDENT_ENGINE_TRANSITION_TX_H

#include "engine/transition.h"
#include "engine/tx.h"

const struct transition *transition_tx(const struct engine_tx *tx);
/* c's sender chooses a side; the chat where it was said hears there. LEGACY_RETIRED, USERS_FULL,
 * NOT_AUTHORISED (nobody who could choose: HTTP). */
enum reason transition_tx_choose(struct engine_tx *tx, const struct command *c,
                                 enum transition_side side);
/* Said once: true when it was said to them before. */
bool transition_tx_was_told(struct engine_tx *tx, int64_t whom, const char *what);
/* Does an old bot outside still open trades here? Then it cannot go. */
bool transition_tx_old_trades(const struct engine_tx *tx);
/* The old bot is no more, or is back. That everybody moved is the caller's to see. LEGACY_OWNS. */
enum reason transition_tx_retire(struct engine_tx *tx, const struct command *c);
enum reason transition_tx_restore(struct engine_tx *tx, const struct command *c);

#endif
