#include "core/rng.h"

void rng_seed(struct rng *r, uint64_t seed)
{
    TR_ASSERT(r != NULL);
    r->state = seed;
}

/* splitmix64, public domain by Sebastiano Vigna. */
uint64_t rng_u64(struct rng *r)
{
    r->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = r->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t rng_below(struct rng *r, uint64_t bound)
{
    TR_ASSERT(bound > 0);
    /* Values under 2^64 mod bound are thrown away: no bias. */
    uint64_t threshold = (UINT64_C(0) - bound) % bound;
    uint64_t v;
    do {
        v = rng_u64(r);
    } while (v < threshold);
    return v % bound;
}

int64_t rng_between(struct rng *r, int64_t low, int64_t high)
{
    TR_ASSERT(low <= high);
    uint64_t span = (uint64_t)high - (uint64_t)low + 1;
    uint64_t step = span == 0 ? rng_u64(r) : rng_below(r, span);
    return (int64_t)((uint64_t)low + step);
}
