/* engine/exits.h: what open positions do by themselves: stops that follow the price (prices.h wakes
 * the rules, modify.h carries them out), break-even after the chain's first target, the longest
 * time open, flipped trends. The arithmetic is model/rules/exit_rules.h; which rules apply is the
 * position's plugin's configuration in engine_rules. Engine thread only, inside apply(). */
#ifndef TRIDENT_ENGINE_EXITS_H
#define TRIDENT_ENGINE_EXITS_H

#include "engine/prices.h"

/* The rules of a plugin's positions; NULL = none. */
const struct exit_rules *exits_rules(const struct engine_rules *r, const char *plugin);
/* Watches the next price at which a rule has something to do for this position; forgets the one
 * before. After whatever changes entry, stop or rules. */
void exits_arm(struct engine_state *s, const struct position *p);
void exits_arm_all(struct engine_state *s);
/* A watched price is reached. */
void exits_on_price(struct engine_tx *tx, uint64_t position_cid, const struct quote *q);
/* p has just been closed with profit at its target: the others of its chain (RE-14, TP1). */
void exits_on_target(struct engine_tx *tx, const struct position *p);
/* EX-3: a trend alert against positions of its symbol. After the trends have taken it in. */
void exits_on_signal(struct engine_tx *tx, const struct signal *sig);
/* The longest time open, and EX-5: trends that have turned against a position of some age. */
void exits_timers(struct engine_tx *tx);
int64_t exits_next_due_ms(const struct engine_state *s);

#endif
