/* engine/candles.c: see candles.h. Symbols are numbered as in the model's table while candles are
 * made, and named in inputs and state, so that a longer table changes nothing that was recorded. */
#include "engine/candles.h"

#include <string.h>

#include "core/alloc.h"
#include "engine/state.h"

#define FRESH_MS (2 * CANDLES_PERIOD_MS)

bool candles_wanted(const struct engine_rules *r)
{
    for (int i = 0; i < CHAIN_PLUGINS; i++)
        if (r->chains[i].plugin[0] != '\0' && r->chains[i].trend_source == CHAIN_TREND_CANDLES)
            return true;
    return false;
}

/* ---- making ---- */

static void note(struct candle_maker *m, size_t i, int64_t bid_e8, int64_t now_ms,
                 struct candles_closed *ended)
{
    TR_ASSERT(i < PRICES_SYMBOLS_MAX);
    TR_ASSERT(bid_e8 > 0);
    int64_t start_ms = now_ms - now_ms % CANDLES_PERIOD_MS;
    struct reentry_candle *c = &m->items[i].candle;
    if (m->items[i].start_ms == start_ms) {
        c->high_e8 = bid_e8 > c->high_e8 ? bid_e8 : c->high_e8;
        c->low_e8 = bid_e8 < c->low_e8 ? bid_e8 : c->low_e8;
        c->close_e8 = bid_e8;
        return;
    }
    if (m->items[i].is_whole) {
        TR_ASSERT(ended->count < PRICES_SYMBOLS_MAX);
        (void)str_copy(ended->items[ended->count].symbol, SYMBOL_CAP, symbol_at(i)->name);
        ended->items[ended->count].start_ms = m->items[i].start_ms;
        ended->items[ended->count++].candle = *c;
    }
    m->items[i].is_whole = m->items[i].start_ms != 0;
    m->items[i].start_ms = start_ms;
    *c = (struct reentry_candle){bid_e8, bid_e8, bid_e8};
}

static struct input *input_of(const struct candles_closed *ended)
{
    if (ended->count == 0)
        return NULL;
    struct input *in = input_new(INPUT_PRICE);
    in->candles = xalloc(sizeof(*in->candles));
    *in->candles = *ended;
    return in;
}

struct input *candles_tick(struct candle_maker *m, size_t i, int64_t bid_e8, int64_t now_ms)
{
    struct candles_closed ended = {.count = 0};
    note(m, i, bid_e8, now_ms, &ended);
    return input_of(&ended);
}

struct input *candles_poll(struct candle_maker *m, const struct engine_state *s,
                           struct broker *broker, int64_t now_ms)
{
    struct candles_closed ended = {.count = 0};
    struct quote q;
    TR_ASSERT(symbol_count() <= PRICES_SYMBOLS_MAX);
    if (!candles_wanted(&s->rules))
        return NULL;
    for (size_t i = 0; i < symbol_count(); i++)
        if (broker->ops->quote(broker, symbol_at(i)->name, &q) && q.bid_e8 > 0)
            note(m, i, q.bid_e8, now_ms, &ended);
    return input_of(&ended);
}

/* ---- state ---- */

static struct candles_row *row_of(struct candles *c, const char *symbol)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->rows[i].symbol, symbol) == 0)
            return &c->rows[i];
    if (c->count == PRICES_SYMBOLS_MAX)
        return NULL;
    struct candles_row *row = &c->rows[c->count++];
    *row = (struct candles_row){.count = 0};
    (void)str_copy(row->symbol, sizeof(row->symbol), symbol); /* the same widths */
    return row;
}

void candles_apply(struct engine_state *s, const struct candles_closed *closed)
{
    for (size_t i = 0; closed != NULL && i < closed->count; i++) {
        struct candles_row *row = row_of(&s->candles, closed->items[i].symbol);
        if (row == NULL || closed->items[i].start_ms <= row->start_ms)
            continue; /* the clock was set back: what is known stays */
        if (row->count == CANDLES_KEPT) {
            row->count--;
            memmove(&row->items[0], &row->items[1], row->count * sizeof(row->items[0]));
        }
        row->items[row->count++] = closed->items[i].candle;
        row->start_ms = closed->items[i].start_ms;
    }
}

enum side candles_side(const struct engine_state *s, const char *symbol)
{
    for (size_t i = 0; i < s->candles.count; i++) {
        const struct candles_row *row = &s->candles.rows[i];
        if (strcmp(row->symbol, symbol) != 0)
            continue;
        bool is_fresh = s->now_ms - (row->start_ms + CANDLES_PERIOD_MS) <= FRESH_MS;
        if (!is_fresh || row->count < REENTRY_CANDLES_MIN)
            return SIDE_UNSET;
        return reentry_trend_side(reentry_trend_score(row->items, row->count));
    }
    return SIDE_UNSET;
}

/* ---- packed ---- */

static void pack_candle(struct buf *out, const struct reentry_candle *c)
{
    pack_i64(out, c->high_e8);
    pack_i64(out, c->low_e8);
    pack_i64(out, c->close_e8);
}

static struct reentry_candle unpack_candle(struct unpack *u)
{
    struct reentry_candle c = {.high_e8 = unpack_i64(u)};
    c.low_e8 = unpack_i64(u);
    c.close_e8 = unpack_i64(u);
    u->failed = u->failed || c.low_e8 <= 0 || c.high_e8 < c.low_e8 || c.close_e8 < c.low_e8 ||
                c.close_e8 > c.high_e8;
    return c;
}

void candles_closed_pack(const struct candles_closed *c, struct buf *out)
{
    pack_u64(out, c == NULL ? 0 : c->count);
    for (size_t i = 0; c != NULL && i < c->count; i++) {
        pack_str(out, c->items[i].symbol);
        pack_i64(out, c->items[i].start_ms);
        pack_candle(out, &c->items[i].candle);
    }
}

struct candles_closed *candles_closed_unpack(struct unpack *u)
{
    uint64_t count = unpack_u64(u);
    u->failed = u->failed || count > PRICES_SYMBOLS_MAX;
    if (!unpack_ok(u) || count == 0)
        return NULL;
    struct candles_closed *c = xalloc(sizeof(*c));
    c->count = (size_t)count;
    for (size_t i = 0; i < c->count; i++) {
        unpack_str(u, c->items[i].symbol, sizeof(c->items[i].symbol));
        c->items[i].start_ms = unpack_i64(u);
        c->items[i].candle = unpack_candle(u);
    }
    return unpack_ok(u) ? c : mem_free(c);
}

void candles_pack(const struct candles *c, struct buf *out)
{
    pack_u64(out, c->count);
    for (size_t i = 0; i < c->count; i++) {
        const struct candles_row *row = &c->rows[i];
        pack_str(out, row->symbol);
        pack_i64(out, row->start_ms);
        pack_u64(out, row->count);
        for (size_t k = 0; k < row->count; k++)
            pack_candle(out, &row->items[k]);
    }
}

void candles_unpack(struct candles *c, struct unpack *u)
{
    uint64_t count = unpack_u64(u);
    u->failed = u->failed || count > PRICES_SYMBOLS_MAX;
    c->count = unpack_ok(u) ? (size_t)count : 0;
    for (size_t i = 0; i < c->count; i++) {
        struct candles_row *row = &c->rows[i];
        unpack_str(u, row->symbol, sizeof(row->symbol));
        row->start_ms = unpack_i64(u);
        uint64_t candles = unpack_u64(u);
        u->failed = u->failed || candles > CANDLES_KEPT;
        row->count = unpack_ok(u) ? (size_t)candles : 0;
        for (size_t k = 0; k < row->count; k++)
            row->items[k] = unpack_candle(u);
    }
}
