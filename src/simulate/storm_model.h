/* simulate/storm_model.h: what must hold, kept in a book of its own: made from the outputs of
 * committed rows, from what was handed to the venue and from what the venue has, never from the
 * engine's state, which it judges.
 *
 *   each row      an input key is applied once; an order is intended once
 *   each request  it belongs to a durable intent and is handed over once; what is opened belongs
 *                 to who owns the route
 *   each deal     of the venue: never more lots than the alert or command that caused it wanted
 *   each batch    the engine's positions and balance are the sum of the fills; orders do not stay
 *                 unsettled, nor positions open under a panic, while the broker can be asked;
 *                 entries stay within the limits
 *   at rest       positions, stops and balance are the venue's
 *
 * One owner thread. */
#ifndef TRIDENT_SIMULATE_STORM_MODEL_H
#define TRIDENT_SIMULATE_STORM_MODEL_H

#include "brokers/paper_book.h"
#include "engine/state.h"
#include "store/journal.h"

#define STORM_PATIENCE_MS 120000 /* for the outcome of an order while all is well */
#define STORM_PANIC_MS    300000 /* of link for a panic to close everything */

struct storm_model;
struct storm_model *storm_model_new(int64_t balance_e8);
struct storm_model *storm_model_free(struct storm_model *m); /* accepts NULL, returns NULL */
/* The first thing that did not hold; NULL = everything holds. */
const char *storm_model_fault(const struct storm_model *m);
void storm_model_fail(struct storm_model *m, const char *fmt, ...) TR_PRINTF(2, 3);

void storm_model_row(struct storm_model *m, const struct journal_row *row);
/* After row `seq` was applied, before its commit: a new entry against the limits in force. */
void storm_model_entry(struct storm_model *m, const struct engine_state *s,
                       const struct broker_request *r);
void storm_model_request(struct storm_model *m, const struct broker_request *r,
                         uint64_t durable_seq);
void storm_model_deal(struct storm_model *m, const struct broker_event *fill);
/* is_linked: they hear each other and rows are stored; well_ms: since when nothing at all stands
 * between engine and venue; INT64_MAX = something does. */
void storm_model_batch(struct storm_model *m, const struct engine_state *s, bool is_linked,
                       int64_t well_ms);
void storm_model_rest(struct storm_model *m, const struct engine_state *s,
                      const struct paper_book *venue);

uint64_t storm_model_orders(const struct storm_model *m);
uint64_t storm_model_fills(const struct storm_model *m);

#endif
