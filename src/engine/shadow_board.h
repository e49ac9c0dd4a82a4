/* engine/shadow_board.h: the shadow machine and the phase as of a trader's newest batch, for
 * readers outside the engine: API, exports, the reader of the old bot's database. The engine
 * publishes, anybody reads a whole, consistent copy; no row of the journal is made. One mutex, held
 * for the copy only: a leaf (docs/LOCKING.md). */
#ifndef TRIDENT_ENGINE_SHADOW_BOARD_H
#define TRIDENT_ENGINE_SHADOW_BOARD_H

#include "engine/phase.h"

struct shadow_report {
    uint64_t seq; /* of the newest row; 0 = nothing was published yet */
    struct shadow_rules rules;
    struct phase_rules phase_rules;
    struct phase_state phase;
    enum shadow_mode default_mode;
    bool is_old_gone;
    struct shadow shadow; /* without what waits for the other side */
};

struct shadow_board;
struct shadow_board *shadow_board_new(void);
struct shadow_board *shadow_board_free(struct shadow_board *b); /* NULL; returns NULL */
/* Engine thread, after a batch. b may be NULL. */
void shadow_board_publish(struct shadow_board *b, const struct engine_state *s);
/* Any thread. ret is big: heap. */
void shadow_board_read(struct shadow_board *b, struct shadow_report *ret);
/* The newest row of that table of the old bot's database that was taken; *ret_seq as in the report.
 * Any thread. */
int64_t shadow_board_legacy_row(struct shadow_board *b, int table, uint64_t *ret_seq);
/* Monotonic, of the engine thread's newest sign of life: a batch, or a second without one. */
int64_t shadow_board_beat_us(struct shadow_board *b);
enum phase shadow_board_phase(struct shadow_board *b); /* UNSET for NULL. Any thread. */

#endif
