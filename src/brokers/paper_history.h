/* brokers/paper_history.h: the deals of the paper venue, oldest first: what a real one answers when
 * it is asked for its history since a deal or since a time. Bounded: it grows with the deals up to
 * PAPER_HISTORY_MAX, then the oldest goes; `after` says from where on it is whole. Part of the
 * book, its owner thread only. */
#ifndef TRIDENT_BROKERS_PAPER_HISTORY_H
#define TRIDENT_BROKERS_PAPER_HISTORY_H

#include "brokers/broker.h"

#define PAPER_HISTORY_MAX BROKER_DEALS_MAX

struct paper_fill {
    uint64_t exec_id;
    uint64_t cid; /* 0: stop, target or stop-out */
    uint64_t position_cid;
    int64_t lots_e8, price_e8;
    int64_t profit_e8, commission_e8, swap_e8;
    int64_t time_ms;
    uint8_t symbol;
    enum order_purpose purpose : 8;
    enum side side : 8;
    enum reason reason : 16;
};

struct paper_history { /* zero = empty and whole */
    struct paper_fill *ring;
    size_t capacity, first, count;
    uint64_t after; /* no deal with a higher id is missing */
};

void paper_history_deinit(struct paper_history *h);
void paper_history_add(struct paper_history *h, const struct paper_fill *f);        /* ids grow */
const struct paper_fill *paper_history_at(const struct paper_history *h, size_t i); /* 0 oldest */
/* What there was up to this id is not known: never lowers `after`. */
void paper_history_cut(struct paper_history *h, uint64_t exec_id);

#endif
