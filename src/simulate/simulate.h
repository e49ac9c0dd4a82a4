/* simulate/simulate.h: the whole engine on the paper venue, on virtual time, in one thread: alerts
 * and ticks go in by their times and are carried through apply() exactly as in a running daemon;
 * nothing waits, nothing is random: the same calls give the same rows, byte for byte.
 *
 *   tick -> venue (stops, targets) -> its events -> engine -> orders -> venue ... until quiet
 *        -> levels the engine watches (engine/prices.h) -> INPUT_PRICE -> the same
 *
 * What is due at a time (orders, chains, sessions, the venue's delays) comes between the ticks at
 * that time. A tick nobody waits for costs a dozen compares. One owner thread; with a journal it
 * blocks for the file. */
#ifndef TRIDENT_SIMULATE_SIMULATE_H
#define TRIDENT_SIMULATE_SIMULATE_H

#include "engine/engine.h"
#include "simulate/outcome.h"

struct simulate;

struct simulate_options {
    struct engine_options engine; /* clock, broker, settings, wakes are the simulation's own */
    struct paper_conf paper;      /* feeds are not played */
    int64_t start_ms;             /* of virtual time: not after the first tick or alert */
    const char *journal_path;     /* NULL = no journal */
};

TR_MUST_USE int simulate_new(const struct simulate_options *o, struct simulate **ret_simulate);
struct simulate *simulate_free(struct simulate *s); /* accepts NULL, returns NULL */

/* Times must not go back. Negative: the journal failed, the simulation is over. */
TR_MUST_USE int simulate_tick(struct simulate *s, size_t symbol, const struct quote *q);
/* An alert as it came; symbol_hint: NULL = none. What cannot be read is refused like at the door.
 */
TR_MUST_USE int simulate_alert(struct simulate *s, const char *body, const char *symbol_hint,
                               int64_t time_ms);
/* A command as somebody gave it; ret_receipt: may be NULL. */
TR_MUST_USE int simulate_command(struct simulate *s, const struct command *c, int64_t time_ms,
                                 struct receipt *ret_receipt);
/* The link to the venue. While it is down requests do not arrive and what the venue tells is
 * lost; it goes on by itself. */
TR_MUST_USE int simulate_link(struct simulate *s, bool is_up, int64_t time_ms);
/* The end: commits; the outcome is complete. */
TR_MUST_USE int simulate_finish(struct simulate *s);

/* Which extreme of a bar hurts what is open of that symbol. */
bool simulate_low_hurts(const struct simulate *s, size_t symbol);

struct simulate_totals {
    uint64_t ticks, alerts, accepted, refused, unreadable;
    uint64_t rows; /* inputs of the engine */
    int64_t now_ms;
    int64_t start_balance_e8, balance_e8, equity_e8;
    int64_t broker_balance_e8; /* what the venue says: the same, or something is wrong */
    size_t open_positions, open_chains;
    uint64_t requests, questions; /* to the venue; questions among them: what became of an order */
    uint64_t repeats;             /* told twice by the venue, booked once */
    uint64_t lost;                /* requests and answers that a broken link swallowed */
};
void simulate_get_totals(struct simulate *s, struct simulate_totals *ret);
const struct sim_outcome *simulate_outcome(const struct simulate *s);
/* For drills: what the engine knows, and what the venue has. */
struct engine_state;
const struct engine_state *simulate_state(const struct simulate *s);
int64_t simulate_venue_lots_e8(const struct simulate *s, size_t symbol);

#endif
