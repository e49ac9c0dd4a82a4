#include "net/backoff.h"

void backoff_init(struct backoff *b, int base_ms, int max_ms, uint64_t seed)
{
    TR_ASSERT(b != NULL);
    TR_ASSERT(base_ms > 0);
    TR_ASSERT(max_ms >= base_ms);
    b->base_ms = base_ms;
    b->max_ms = max_ms;
    b->attempt = 0;
    rng_seed(&b->rng, seed);
}

int backoff_next_ms(struct backoff *b)
{
    TR_ASSERT(b != NULL);
    TR_ASSERT(b->base_ms > 0);
    int64_t full_ms = b->base_ms;
    for (int i = 0; i < b->attempt && full_ms < b->max_ms; i++)
        full_ms *= 2;
    if (full_ms >= b->max_ms)
        full_ms = b->max_ms;
    else
        b->attempt++; /* stops counting at the cap: no overflow however long the outage lasts */
    int64_t wait_ms = rng_between(&b->rng, (full_ms + 1) / 2, full_ms);
    TR_ASSERT(wait_ms > 0);
    return (int)wait_ms;
}

void backoff_reset(struct backoff *b)
{
    TR_ASSERT(b != NULL);
    b->attempt = 0;
}

void bucket_init(struct bucket *b, int64_t per, int64_t period_us, int64_t burst, int64_t now_us)
{
    TR_ASSERT(b != NULL);
    TR_ASSERT(per > 0);
    TR_ASSERT(period_us > 0);
    TR_ASSERT(burst > 0);
    TR_ASSERT(burst <= INT64_MAX / 4 / period_us);
    *b = (struct bucket){.per = per,
                         .period_us = period_us,
                         .burst = burst,
                         .level_x = burst * period_us,
                         .at_us = now_us};
}

/* The level at now_us without changing the bucket; a clock that stands still or steps back adds
 * nothing. */
static int64_t level_at(const struct bucket *b, int64_t now_us)
{
    TR_ASSERT(b->per > 0);
    int64_t cap_x = b->burst * b->period_us;
    if (now_us <= b->at_us)
        return b->level_x;
    int64_t elapsed_us = now_us - b->at_us;
    if (elapsed_us > (cap_x - b->level_x) / b->per)
        return cap_x;
    return b->level_x + elapsed_us * b->per;
}

bool bucket_take(struct bucket *b, int64_t now_us)
{
    TR_ASSERT(b != NULL);
    b->level_x = level_at(b, now_us);
    if (now_us > b->at_us)
        b->at_us = now_us;
    if (b->level_x < b->period_us)
        return false;
    b->level_x -= b->period_us;
    TR_ASSERT(b->level_x >= 0);
    return true;
}

int64_t bucket_ready_at_us(const struct bucket *b, int64_t now_us)
{
    TR_ASSERT(b != NULL);
    int64_t missing_x = b->period_us - level_at(b, now_us);
    if (missing_x <= 0)
        return now_us;
    int64_t from_us = now_us > b->at_us ? now_us : b->at_us;
    return from_us + (missing_x + b->per - 1) / b->per;
}
