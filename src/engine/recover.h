/* engine/recover.h: rebuilding the state from the journal. No thread runs meanwhile. */
#ifndef TRIDENT_ENGINE_RECOVER_H
#define TRIDENT_ENGINE_RECOVER_H

#include "engine/state.h"
#include "store/journal.h"

/* Newest snapshot, then every later row applied again (outputs thrown away: they left long ago or
 * will be read from the journal). Replaces the content of *state. */
TR_MUST_USE int recover_state(const struct engine_options *opt, struct journal *j,
                              const char *journal_path, struct engine_state **state);

/* One row applied again; out is reset and then holds its outputs. -EBADMSG: not understood. */
struct outputs;
TR_MUST_USE int recover_row(const struct engine_options *opt, struct engine_state *s,
                            const struct journal_row *row, struct outputs *out);

#endif
