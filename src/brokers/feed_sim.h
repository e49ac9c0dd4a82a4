/* brokers/feed_sim.h: simulated quotes: a seeded random walk a symbol. Same seed, same quotes. One
 * owner thread. */
#ifndef TRIDENT_BROKERS_FEED_SIM_H
#define TRIDENT_BROKERS_FEED_SIM_H

#include "brokers/paper_log.h"

struct feed_sim;
/* start: quotes to go on from, where known; interval: between two quotes of a symbol. */
struct feed_sim *feed_sim_new(uint64_t seed, int interval_ms, const struct paper_market *start);
struct feed_sim *feed_sim_free(struct feed_sim *f);
/* The next quote of one symbol; its time is the caller's. */
struct quote feed_sim_next(struct feed_sim *f, size_t symbol, int64_t time_ms);

#endif
