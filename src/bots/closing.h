/* bots/closing.h: what /close and /closeall share. Engine thread, inside run(). */
#ifndef TRIDENT_BOTS_CLOSING_H
#define TRIDENT_BOTS_CLOSING_H

#include "bots/answer.h"
#include "bots/cards.h"

/* Price to close at and profit, from the quotes journaled with the command. */
void closing_view(const struct engine_tx *tx, const struct position *p, struct card_position *ret);
/* Shows what would be closed and asks. */
void closing_ask_all(struct answer *a);
/* Closes all, or those of one symbol (symbol not NULL), and says how many orders went out. */
void closing_do(struct answer *a, const char *symbol);

#endif
