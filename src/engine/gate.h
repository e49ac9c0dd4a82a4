/* engine/gate.h: the engine's own word on new trades, whoever wants them: an alert, a chain. Pure
 * over the state; engine thread only. */
#ifndef TRIDENT_ENGINE_GATE_H
#define TRIDENT_ENGINE_GATE_H

#include "engine/state.h"

/* Why no trade may be opened in this symbol now, with the two numbers of a limit (DEC_NONE else);
 * ACCEPTED when one may: panic, pause, link, errors in a row, orders of unknown outcome, sessions,
 * trader-wide caps, room. */
enum reason gate_entry(const struct engine_state *s, const char *symbol, int64_t *ret_number_e8,
                       int64_t *ret_limit_e8);
/* The same at a time the state has not reached yet: that of the input being decided. */
enum reason gate_entry_at(const struct engine_state *s, int64_t now_ms, const char *symbol,
                          int64_t *ret_number_e8, int64_t *ret_limit_e8);
/* The same with supposed losses: of the side that only watches (engine/shadow.h). */
struct gate_case {
    const struct engine_state *s;
    int64_t now_ms;
    const char *symbol;
    const struct caps_book *book;
};
enum reason gate_entry_book(const struct gate_case *c, int64_t *ret_number_e8,
                            int64_t *ret_limit_e8);
/* Of these the trader-wide caps alone: an entry that waited, or is tried again, may find them
 * reached. */
enum reason gate_caps(const struct engine_state *s);
/* What is counted towards the caps. */
void gate_book(const struct engine_state *s, struct caps_book *ret);

#endif
