/* bots/closing.h: what /close and /closeall share. Several positions are named one by one before
 * they are closed, and the yes closes those that were named: none that came later, whatever prices
 * did meanwhile. Engine thread, inside run(). */
#ifndef TRIDENT_BOTS_CLOSING_H
#define TRIDENT_BOTS_CLOSING_H

#include "bots/answer.h"
#include "bots/cards.h"
#include "bots/selection.h"

/* Price to close at and profit, from the quotes journaled with the command. */
void closing_view(const struct engine_tx *tx, const struct position *p, struct card_position *ret);
/* Shows what would be closed and asks; says so when it is nothing. */
void closing_ask(struct answer *a, const char *selected);
/* The yes to it: closes what was shown. selected: what the question was about, to be mirrored. */
void closing_do(struct answer *a, const char *selected);

#endif
