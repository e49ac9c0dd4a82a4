/* bots/live_card.h: draws the live cards of notify/live.h and what is attached as CSV, from the
 * published view of a trader and the broker's quotes. Any thread, short locks, no I/O but
 * live_card_csv(). */
#ifndef TRIDENT_BOTS_LIVE_CARD_H
#define TRIDENT_BOTS_LIVE_CARD_H

#include "bots/answer.h"
#include "bots/bot_command.h"

#define LIVE_CARD_POSITIONS 8
#define LIVE_CARD_PATH_CAP  64

/* The market sessions at this time (GMT, spec strategies 8.7): "LONDON+NEW YORK"; "" after hours.
 * Returns how many are open. */
int live_card_sessions(int64_t wall_ms, struct buf *out);

/* For prepare() of /positions csv and /orders csv: writes the table and puts the path, relative to
 * the data directory, into the command's body. */
enum reason live_card_csv(const struct bot_prepare *p, struct command *c);
bool live_card_wants_csv(const struct command *c);
/* For run(): the answer is the document. */
void live_card_attach(struct answer *a, struct reply *ret);

#endif
