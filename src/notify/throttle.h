/* notify/throttle.h: repeats of one cause (event type, reason, symbol) inside a window are counted
 * instead of sent; at the window's end one message says how many there were. Counters live in
 * notify.db, written with the watermark, so the number is exact over a restart. Sender thread only.
 */
#ifndef TRIDENT_NOTIFY_THROTTLE_H
#define TRIDENT_NOTIFY_THROTTLE_H

#include "notify/outbox.h"

struct throttle;

/* A kind of failure whose repeats are counted. */
bool throttle_is_watched(enum event_type type);
struct throttle *throttle_new(int window_ms); /* 0 = everything passes */
struct throttle *throttle_free(struct throttle *t);
/* From the outbox: at start and after a rollback. */
TR_MUST_USE int throttle_load(struct throttle *t, struct outbox *o, int64_t now_us);
/* 0: send it. n: counted, the n-th of its window; each is written down up to THROTTLE_NOTED_MAX,
 * of a flood beyond that only the count. */
#define THROTTLE_NOTED_MAX 100
int64_t throttle_count(struct throttle *t, const struct event *e, int64_t now_us);
/* The next window that ended with repeats: fills the event to tell about (type, reason, symbol) and
 * the count; the window starts anew. False when there is none. Quiet windows are forgotten. */
bool throttle_take_due(struct throttle *t, int64_t now_us, struct outbox_throttle *ret);
int64_t throttle_due_us(const struct throttle *t); /* INT64_MAX = none */
/* Writes what changed since the last save; needs a transaction. */
TR_MUST_USE int throttle_save(struct throttle *t, struct outbox *o);
bool throttle_is_dirty(const struct throttle *t);

#endif
