/* engine/phase.h: the phase of the take-over from the old bot (model/phase.h has the table), as a
 * person moved it, with the gates that have to be open before the next one is offered. The modes of
 * the shadow machine (engine/shadow.h) follow the phase: entering one moves them, and no command
 * moves one above what the phase allows.
 *
 *   (none) --start--> silent <--> parallel <--> transparent <--> shadow 1..4 <--> cutover
 *     ^                                              ^                             <--> new_logic
 *     '--off, from any--                             '--rollback-- cutover ..      <--> retired
 *
 * Forward one at a time, through open gates, after a question; back one at a time, at once. From
 * silent there is no way back but to stop the program, as nothing is done there. A rollback after
 * which no plugin trades goes to transparent: the old logic decides alone again.
 *
 * Part of a trader's state: changed only inside apply(), packed into the snapshot. */
#ifndef TRIDENT_ENGINE_PHASE_H
#define TRIDENT_ENGINE_PHASE_H

#include "engine/shadow.h"
#include "model/command.h"
#include "model/event.h"
#include "model/phase.h"

struct phase_seen { /* since the phase or its step began */
    uint64_t alerts, errors;
    int64_t last_error_ms; /* 0 = none: the phase's hours count from it */
    int64_t latency_sum_ms;
    uint64_t orders_filled;
    uint64_t v6_kinds; /* bits of enum signal_kind */
    unsigned bots;     /* bits of enum bot_id: gave a command */
};

struct phase_state {
    enum phase now;
    bool is_chosen; /* a person moved it: the configuration's first phase counts no more */
    int step;       /* of PHASE_SHADOW, from 0 */
    int64_t since_ms;
    uint64_t since_seq;
    bool gates_told;
    char by[USER_NAME_CAP];
    struct phase_seen seen;
    int64_t before_latency_e8; /* mean of parallel, ms; DEC_NONE: no alert came then */
};

#define PHASE_GATES_MAX 4
struct phase_gate {
    const char *name; /* "hours" "bots" "latency_ms" "compared" "mismatches" "scopes_ready"
                         "trades" "v6_alerts" "old_bot_gone" */
    int64_t have_e8, need_e8;
    bool is_most; /* at most so many, not at least */
    bool is_open;
};
/* What gates are computed of; all borrowed. */
struct phase_case {
    const struct phase_state *phase;
    const struct phase_rules *rules;
    const struct shadow_rules *shadow_rules;
    const struct shadow *shadow;
    bool is_old_gone;
};
/* Returns how many there are; *ret_open: all of them are open and there is a next phase. Pure. */
int phase_gates(const struct phase_case *c, int64_t now_ms, struct phase_gate ret[PHASE_GATES_MAX],
                bool *ret_open);
/* Where forward and back lead; false: nowhere. */
bool phase_next(const struct phase_state *p, enum phase *ret, int *ret_step);
bool phase_back(const struct phase_state *p, enum phase *ret, int *ret_step);

/* ---- inside apply(), engine thread ---- */
struct input;
void phase_on_start(struct engine_tx *tx); /* the rules are those of this process now */
void phase_on_input(struct engine_tx *tx, const struct input *in);
void phase_on_signal(struct engine_tx *tx, const struct signal *sig, bool failed);
void phase_on_order(struct engine_tx *tx, bool filled);
/* Modes were moved by something else: a rollback may have ended the cut-over. */
void phase_follow_modes(struct engine_tx *tx, enum reason why);
void phase_timers(struct engine_tx *tx);
int64_t phase_next_due_ms(const struct engine_state *s);

/* ---- for commands ---- */
const struct phase_state *phase_tx(const struct engine_tx *tx);
int phase_tx_gates(const struct engine_tx *tx, struct phase_gate ret[PHASE_GATES_MAX],
                   bool *ret_open);
/* ACCEPTED, ALREADY_DONE (there is no such phase from here), GATE_CLOSED. */
enum reason phase_tx_check_next(const struct engine_tx *tx);
enum reason phase_tx_next(struct engine_tx *tx, const struct command *c);
enum reason phase_tx_back(struct engine_tx *tx, const struct command *c);
enum reason phase_tx_off(struct engine_tx *tx, const struct command *c);

void phase_pack(const struct phase_state *p, struct buf *b);
void phase_unpack(struct phase_state *p, struct unpack *u);

#endif
