/* bots/selection.h: which open positions are meant: "88a 88b", "XAUUSD winners", "profit>1%
 * age>6h", "all". Words of one kind are alternatives, kinds narrow each other down: "XAUUSD EURUSD
 * losers" is the losers of both.
 *
 *   88a, #88a, its number      this position          all            every one
 *   XAUUSD                     of this symbol         winners        with open profit
 *   buys, sells                of this side           losers         with open loss
 *   v3, v6, logic1, 15m        of this plugin, route  order_a, order_b
 *   profit>20 profit<-5        open profit in USD; with % of the balance: profit>1%
 *   age>6h age<30m             time since it was opened (s, m, h, d)
 *   lots>=0.1                  size
 * Pure over what tx shows. */
#ifndef TRIDENT_BOTS_SELECTION_H
#define TRIDENT_BOTS_SELECTION_H

#include "engine/picks.h"
#include "engine/tx.h"

enum selection_result {
    SELECTION_OK = 0,
    SELECTION_E_WORD = 1, /* ret.word is none of the above */
    SELECTION_E_GONE,     /* ret.word names no open position */
};

struct selection {
    size_t count;
    uint64_t cids[PICKS_CIDS_MAX]; /* oldest first */
    bool is_one;                   /* a single position was named, and nothing else */
    bool needs_quote;              /* profit was asked for and a position had no price: left out */
    char word[64];
};

enum selection_result selection_make(const struct engine_tx *tx, const char *text,
                                     struct selection *ret);

#endif
