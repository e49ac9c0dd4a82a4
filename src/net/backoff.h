/* net/backoff.h: jittered exponential back-off and token buckets on the monotonic clock. Owner
 * thread. */
#ifndef TRIDENT_NET_BACKOFF_H
#define TRIDENT_NET_BACKOFF_H

#include "core/rng.h"

struct backoff {
    int base_ms, max_ms;
    int attempt;
    struct rng rng;
};
void backoff_init(struct backoff *b, int base_ms, int max_ms, uint64_t seed);
int backoff_next_ms(struct backoff *b); /* base*2^n capped, times 0.5..1.0 */
void backoff_reset(struct backoff *b);

/* Token bucket: `per` tokens refill in `period_us`, at most `burst`. */
struct bucket {
    int64_t per, period_us, burst;
    int64_t level_x; /* tokens times period_us */
    int64_t at_us;
};
void bucket_init(struct bucket *b, int64_t per, int64_t period_us, int64_t burst, int64_t now_us);
bool bucket_take(struct bucket *b, int64_t now_us);
int64_t bucket_ready_at_us(const struct bucket *b,
                           int64_t now_us); /* when the next take succeeds */

#endif
