/* brokers/paper_range.h: the quotes at which nothing happens at the paper venue. Pure. */
#ifndef TRIDENT_BROKERS_PAPER_RANGE_H
#define TRIDENT_BROKERS_PAPER_RANGE_H

#include "brokers/paper_book.h"

/* Open interval: bid and ask strictly inside reach nothing. Empty: min >= max. */
struct paper_range {
    int64_t bid_min_e8, bid_max_e8, ask_min_e8, ask_max_e8;
};

static inline bool paper_range_holds(const struct paper_range *r, const struct quote *q)
{
    return q->bid_e8 > r->bid_min_e8 && q->bid_e8 < r->bid_max_e8 && q->ask_e8 > r->ask_min_e8 &&
           q->ask_e8 < r->ask_max_e8;
}

/* For every symbol of the model's table, at the present quotes and positions. */
void paper_range_find(const struct paper_book *b, struct paper_range ret[PAPER_SYMBOLS_MAX]);

#endif
