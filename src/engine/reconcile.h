/* engine/reconcile.h: our books against the broker's (spec brokers 3.4, EX-11). A list of what is
 * open there is asked for with each link and in doubt, and with it every deal since the last list:
 * a position that was closed meanwhile is booked by its deals, at their money.
 *
 *   agrees --a list without it, or with other lots--> asked again, for the same deals and the list
 *     ^                                                 |
 *     |<-- it agrees -----------------------------------|
 *     |<-- other lots still: the broker's are taken ----|   announced
 *     |                                                 |-- gone still, and the history goes back
 * to |                                                 |   the last list: written off, announced
 *     '<-- it is there again -- in doubt <--------------'-- gone still, and older deals are not
 *                                  |                        known: announced; stays in our books
 *                                  '-- a person closes it: written off, announced
 *
 * While a position is looked at or in doubt there are no entries in its symbol. Engine thread only,
 * in apply(). */
#ifndef TRIDENT_ENGINE_RECONCILE_H
#define TRIDENT_ENGINE_RECONCILE_H

#include "brokers/broker.h"

#define RECONCILE_POSITIONS_MAX 512 /* of state.h */

struct engine_state;
struct engine_tx;
struct order;
struct position;

struct reconcile_look { /* of the position at the same place in state.h */
    bool is_there;      /* in the list under way */
    bool is_in_doubt;
    bool is_asked_again;
};

struct reconcile {
    uint64_t known_exec_id; /* no deal up to this one is missing here; 0 = there was no list yet */
    int64_t known_ms;       /* when that was, by the broker's clock */
    uint64_t seen_exec_id;  /* the newest deal heard of */
    uint64_t heard;         /* deals since the newest list */
    bool is_whole;          /* list under way: all deals since known_exec_id were told before it */
    bool has_doubt;         /* ... and something is to be asked again */
    int64_t asked_ms;       /* when a list was last asked for out of doubt */
    int64_t ahead_ms;       /* the clock of the broker, of ours */
    struct reconcile_look looks[RECONCILE_POSITIONS_MAX];
};

void reconcile_pack(const struct engine_state *s, struct buf *out);
void reconcile_unpack(struct engine_state *s, struct unpack *u); /* after the positions */

/* Asks for the list and the deals since the last one. No room in this batch: the next one does. */
void reconcile_ask(struct engine_state *s);
/* The broker does not know a position of ours, or a list is due: not too often. */
void reconcile_ask_again(struct engine_tx *tx);
/* What the broker says now shows its clock (spec brokers 3.5). */
void reconcile_on_clock(struct engine_tx *tx, const struct broker_event *e);
/* A time of ours, by the broker's clock. */
int64_t reconcile_there_ms(const struct engine_state *s, int64_t here_ms);
void reconcile_on_deal(struct engine_tx *tx, const struct broker_event *e);
void reconcile_begin(struct engine_state *s, const struct broker_event *e);
void reconcile_on_position(struct engine_tx *tx, const struct broker_event *e);
void reconcile_end(struct engine_tx *tx, const struct broker_event *e);
/* The broker refused to close it, because it has no such position. True: it was in doubt and a
 * person wanted it closed, so it is written off. */
bool reconcile_on_refused(struct engine_tx *tx, const struct order *closing);
bool reconcile_is_in_doubt(const struct engine_state *s, const struct position *p);
bool reconcile_holds(const struct engine_state *s, const char *symbol); /* no entries in it */

#endif
