/* brokers/feed_sim.c: the walk: normal steps sized by the symbol's volatility and the square root
 * of the interval, and a weak pull back to where the symbol started, so that a demo of many days
 * stays in a sane range. */
#include "brokers/feed_sim.h"

#include "core/alloc.h"
#include "core/rng.h"

#define PARTS           4    /* uniform parts of one step: close enough to normal */
#define PART_MAX        1000 /* each -1000..1000 */
#define STEP_DEVIATION  1155 /* of their sum: 1000 * sqrt(4/3) */
#define PULL_SECONDS    20000
#define SPREAD_JITTER   30 /* percent */
#define PER_MILLION     1000000
#define MILLI_ROOT_UNIT 1000 /* root of interval_ms * 1000: one second gives 1000 */

struct feed_sim {
    struct rng rng;
    int interval_ms;
    int64_t interval_root;
    int64_t mid_e8[PAPER_SYMBOLS_MAX];
};

static int64_t root(int64_t v)
{
    TR_ASSERT(v >= 0);
    int64_t r = 0;
    while ((r + 1) * (r + 1) <= v) {
        r++;
    }
    return r;
}

struct feed_sim *feed_sim_new(uint64_t seed, int interval_ms, const struct paper_market *start)
{
    TR_ASSERT(interval_ms > 0);
    TR_ASSERT(symbol_count() <= PAPER_SYMBOLS_MAX);
    struct feed_sim *f = xalloc(sizeof(*f));
    rng_seed(&f->rng, seed);
    f->interval_ms = interval_ms;
    f->interval_root = root((int64_t)interval_ms * MILLI_ROOT_UNIT);
    for (size_t i = 0; i < symbol_count(); i++) {
        const struct quote *q = start ? &start->quotes[i] : NULL;
        f->mid_e8[i] = q && q->bid_e8 > 0 ? q->bid_e8 + (q->ask_e8 - q->bid_e8) / 2
                                          : symbol_at(i)->sim_price_e8;
    }
    return f;
}

struct feed_sim *feed_sim_free(struct feed_sim *f)
{
    return mem_free(f);
}

/* Standard deviation of one second in millionths of the price. */
static int64_t deviation_ppm(enum volatility v)
{
    switch (v) {
    case VOLATILITY_LOW:
        return 15;
    case VOLATILITY_MEDIUM:
        return 20;
    case VOLATILITY_HIGH:
        return 30;
    case VOLATILITY_UNSET:
    case VOLATILITY_COUNT:
        break;
    }
    return 20;
}

struct quote feed_sim_next(struct feed_sim *f, size_t symbol, int64_t time_ms)
{
    const struct symbol_info *info = symbol_at(symbol);
    int64_t noise = 0;
    for (int i = 0; i < PARTS; i++) {
        noise += rng_between(&f->rng, -PART_MAX, PART_MAX);
    }
    int64_t sigma_e8 = f->mid_e8[symbol] / PER_MILLION * deviation_ppm(info->volatility) *
                       f->interval_root / MILLI_ROOT_UNIT;
    int64_t pull_e8 =
        (info->sim_price_e8 - f->mid_e8[symbol]) * f->interval_ms / (PULL_SECONDS * 1000);
    f->mid_e8[symbol] += sigma_e8 * noise / STEP_DEVIATION + pull_e8;
    TR_ASSERT(f->mid_e8[symbol] > 0);

    int64_t point_e8 = DEC_ONE;
    for (int i = 0; i < info->digits; i++) {
        point_e8 /= 10;
    }
    int64_t spread_e8 =
        info->typical_spread_e8 * (100 + rng_between(&f->rng, 0, SPREAD_JITTER)) / 100;
    spread_e8 = dec_to_step(spread_e8, point_e8, DEC_UP);
    struct quote q = {.time_ms = time_ms};
    q.bid_e8 = dec_to_step(f->mid_e8[symbol] - spread_e8 / 2, point_e8, DEC_HALF_AWAY);
    q.ask_e8 = q.bid_e8 + spread_e8;
    return q;
}
