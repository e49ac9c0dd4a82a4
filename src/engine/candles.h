/* engine/candles.h: 15-minute candles of the symbols, for chains whose trend is that of RE-9
 * (plugins.<id>.reentry.trend_source = candles). The engine looks at the broker's quotes about once
 * a second; a candle that has ended becomes a journaled input (INPUT_PRICE with `candles`), and
 * only those are state. Candles are of the bid. One that began before the process did is left out.
 * While no plugin wants them nothing is looked at and no row is made. */
#ifndef TRIDENT_ENGINE_CANDLES_H
#define TRIDENT_ENGINE_CANDLES_H

#include "engine/prices.h"

#define CANDLES_KEPT      20 /* RE-9 */
#define CANDLES_PERIOD_MS (INT64_C(15) * 60000)

struct candles_row {
    char symbol[SYMBOL_CAP];
    int64_t start_ms; /* of the newest */
    size_t count;
    struct reentry_candle items[CANDLES_KEPT]; /* oldest first */
};

struct candles { /* state */
    struct candles_row rows[PRICES_SYMBOLS_MAX];
    size_t count;
};

struct candles_closed { /* of an input */
    size_t count;
    struct {
        char symbol[SYMBOL_CAP];
        int64_t start_ms;
        struct reentry_candle candle;
    } items[PRICES_SYMBOLS_MAX];
};

struct candle_maker { /* beside the state: what is not over yet; zeroes at first */
    struct {
        int64_t start_ms; /* 0: no quote yet */
        bool is_whole;    /* from its first second */
        struct reentry_candle candle;
    } items[PRICES_SYMBOLS_MAX];
};

/* ---- making: the engine's thread or a simulation; never inside apply() ---- */

bool candles_wanted(const struct engine_rules *r);
/* A quote of symbol number i. An input when a candle has ended by it; NULL otherwise. */
struct input *candles_tick(struct candle_maker *m, size_t i, int64_t bid_e8, int64_t now_ms);
/* All symbols' quotes, as live; NULL when no candle has ended or none is wanted. */
struct input *candles_poll(struct candle_maker *m, const struct engine_state *s,
                           struct broker *broker, int64_t now_ms);

/* ---- state: inside apply() ---- */

void candles_apply(struct engine_state *s, const struct candles_closed *closed); /* NULL: none */
/* RE-9. UNSET: no clear trend, too few candles, or the newest is older than half an hour. */
enum side candles_side(const struct engine_state *s, const char *symbol);

void candles_closed_pack(const struct candles_closed *c, struct buf *out); /* NULL: none */
struct candles_closed *candles_closed_unpack(struct unpack *u); /* heap; NULL: none or malformed */
void candles_pack(const struct candles *c, struct buf *out);
void candles_unpack(struct candles *c, struct unpack *u);

#endif
