/* core/rng.h: seeded deterministic random numbers (splitmix64) for simulation, jitter and tests;
 * not for secrets (hash_random is). One owner thread. */
#ifndef TRIDENT_CORE_RNG_H
#define TRIDENT_CORE_RNG_H

#include "core/core.h"

struct rng {
    uint64_t state;
};
void rng_seed(struct rng *r, uint64_t seed);
uint64_t rng_u64(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t bound);             /* 0..bound-1, bound > 0 */
int64_t rng_between(struct rng *r, int64_t low, int64_t high); /* inclusive */

#endif
