#include "analytics/days.h"

#include <string.h>

#include "core/alloc.h"

#define DAY_MS INT64_C(86400000)
/* Profits are compared in cents: sums of squares of 400 days stay far inside 128 bits. */
#define CENT_E8    (DEC_ONE / 100)
#define DAYS_LEAST 3

struct reading {
    struct days *days;
    int64_t shift_ms;
    const char *symbol;
};

static int on_trade(const struct ledger_trade *t, void *ctx)
{
    struct reading *r = ctx;
    struct days *d = r->days;
    if (r->symbol != NULL && strcmp(r->symbol, t->symbol) != 0)
        return 0;
    int64_t at_ms = t->closed_ms + r->shift_ms;
    int64_t number = at_ms >= 0 ? at_ms / DAY_MS : (at_ms - DAY_MS + 1) / DAY_MS;
    /* They come in order, so it is the newest day or a new one. */
    if (d->count == 0 || d->items[d->count - 1].number != number) {
        if (d->count == DAYS_MAX) {
            d->count--;
            memmove(&d->items[0], &d->items[1], (size_t)d->count * sizeof(d->items[0]));
        }
        d->items[d->count++] = (struct day){.number = number};
    }
    struct day *day = &d->items[d->count - 1];
    day->profit_e8 += t->profit_e8 + t->swap_e8 - t->commission_e8;
    day->trades++;
    return 0;
}

int days_read(struct ledger_reader *r, int64_t from_ms, int64_t to_ms, int64_t shift_ms,
              const char *symbol, struct days *ret)
{
    TR_ASSERT(r != NULL && from_ms <= to_ms);
    struct reading reading = {.days = ret, .shift_ms = shift_ms, .symbol = symbol};
    ret->count = 0;
    int result = ledger_read_closed(r, from_ms, to_ms, on_trade, &reading);
    return result < 0 ? err_trace(result) : 0;
}

const struct day *days_best(const struct days *d)
{
    const struct day *best = NULL;
    for (int i = 0; i < d->count; i++)
        if (best == NULL || d->items[i].profit_e8 > best->profit_e8)
            best = &d->items[i];
    return best;
}

const struct day *days_worst(const struct days *d)
{
    const struct day *worst = NULL;
    for (int i = 0; i < d->count; i++)
        if (worst == NULL || d->items[i].profit_e8 < worst->profit_e8)
            worst = &d->items[i];
    return worst;
}

static unsigned __int128 root(unsigned __int128 v)
{
    unsigned __int128 low = 0, high = (unsigned __int128)1 << 63;
    while (low < high) {
        unsigned __int128 middle = low + (high - low + 1) / 2;
        if (middle * middle <= v)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

struct sums {
    int n;
    __int128 x, y, xx, yy, xy;
};

static void add(struct sums *s, int64_t x_e8, int64_t y_e8)
{
    __int128 x = x_e8 / CENT_E8, y = y_e8 / CENT_E8;
    s->n++;
    s->x += x;
    s->y += y;
    s->xx += x * x;
    s->yy += y * y;
    s->xy += x * y;
}

int64_t days_correlation_e8(const struct days *a, const struct days *b)
{
    struct sums s = {0};
    for (int i = 0, k = 0; i < a->count && k < b->count;) {
        int64_t left = a->items[i].number, right = b->items[k].number;
        if (left == right)
            add(&s, a->items[i].profit_e8, b->items[k].profit_e8);
        i += left <= right;
        k += right <= left;
    }
    __int128 vx = s.n * s.xx - s.x * s.x, vy = s.n * s.yy - s.y * s.y;
    if (s.n < DAYS_LEAST || vx <= 0 || vy <= 0)
        return DEC_NONE;
    __int128 spread = (__int128)root((unsigned __int128)vx) * (__int128)root((unsigned __int128)vy);
    __int128 r_e8 = (s.n * s.xy - s.x * s.y) * DEC_ONE / (spread > 0 ? spread : 1);
    if (r_e8 > DEC_ONE)
        r_e8 = DEC_ONE; /* the roots are cut */
    if (r_e8 < -DEC_ONE)
        r_e8 = -DEC_ONE;
    return (int64_t)r_e8;
}
