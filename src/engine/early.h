/* engine/early.h: closes that arrive before their opening. A venue whose answer to an order was
 * lost may close the position by its stop before we have asked what became of the order, and deals
 * may come in another order than they were made. Such a fill is kept, and booked as soon as the
 * whole opening is. Engine thread only, in apply(). */
#ifndef TRIDENT_ENGINE_EARLY_H
#define TRIDENT_ENGINE_EARLY_H

#include "brokers/broker.h"

#define EARLY_CLOSES_MAX 64

struct engine_state;

struct early_closes {
    struct broker_event items[EARLY_CLOSES_MAX]; /* in the order they came */
    size_t count;
};

/* Keeps a closing fill whose opening order is under way. False: it is not, or there is no room. */
bool early_keep(struct engine_state *s, const struct broker_event *e);
/* The oldest one of an open position that can be booked now: it has grown to that volume, or will
 * not grow any more. */
bool early_take(struct engine_state *s, const struct position *p, struct broker_event *ret);

void early_pack(const struct early_closes *e, struct buf *out);
void early_unpack(struct early_closes *e, struct unpack *u);

#endif
