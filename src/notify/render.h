/* notify/render.h: an event as a message in Telegram HTML: short cards of at most 34 columns that
 * end with the number to ask /why for. Texts come from the catalogue ("event.<name>"). Pure, any
 * thread. */
#ifndef TRIDENT_NOTIFY_RENDER_H
#define TRIDENT_NOTIFY_RENDER_H

#include "model/event.h"
#include "model/text.h"

#define RENDER_LEGS_MAX  4
#define RENDER_MAX_BYTES 4096

/* legs: 1..RENDER_LEGS_MAX events of one decision (render_is_same_card), told on one card. */
void render_event(struct buf *out, enum lang lang, const struct event *const *legs, size_t count);
/* Both are legs of one decision: same kind of entry or exit of the same cause. */
bool render_is_same_card(const struct event *a, const struct event *b);
/* "N more like this (reason, symbol) in the last M s" */
void render_more(struct buf *out, enum lang lang, const struct event *e, int64_t count,
                 int64_t seconds);

/* The event as a JSON object for programs: numbers as decimal texts, absent ones left out. */
void render_json(struct buf *out, const char *trader, const struct event *e, int64_t count);

#endif
