/* engine/session_clock.h: the trading sessions (model/rules/sessions.h) as time goes by: who may
 * enter now (SY-1), notice before a session begins (SY-3), and what is open is closed in the dead
 * zone (EX-10). Local time is the trader's utc_offset_min. Engine thread only, inside apply(). */
#ifndef TRIDENT_ENGINE_SESSION_CLOCK_H
#define TRIDENT_ENGINE_SESSION_CLOCK_H

#include "engine/engine.h"

struct engine_state;
struct engine_tx;

struct session_clock {
    int current;       /* session it was when last looked at, from 1; 0 = none */
    int64_t told_ms;   /* beginning that was announced last */
    int64_t next_ms;   /* when to look again; 0 = off */
    int64_t closed_ms; /* when it was last tried to close everything; 0 = nothing to close */
};

/* ACCEPTED, or SESSION_CLOSED with what time it is and when the symbol may be entered next, as
 * hour * 100 + minute (DEC_NONE: never). */
enum reason session_clock_gate(const struct engine_rules *r, int64_t now_ms, const char *symbol,
                               int64_t *ret_now_e8, int64_t *ret_next_e8);
/* Is it a session in which everything is closed? */
bool session_clock_is_closing(const struct engine_rules *r, int64_t now_ms);
/* The table may have changed: looks without telling. */
void session_clock_reset(struct engine_tx *tx);
void session_clock_timers(struct engine_tx *tx);
int64_t session_clock_next_due_ms(const struct engine_state *s);

void session_clock_pack(const struct session_clock *c, struct buf *out);
void session_clock_unpack(struct session_clock *c, struct unpack *u);

#endif
