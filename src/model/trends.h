/* model/trends.h: what alerts have said about the direction of each symbol and timeframe; part of
 * the engine's state, shown to plugins as it is. Two stores side by side (spec
 * strategies 2.2, 2.4):
 *
 *   pulse  counts, market state and changes as the V6 alerts tell them: the table market_trends
 *   trend  one direction, from bias and trend alerts and V3's multi-timeframe values (AUTO), or set
 *          by a person, who then holds it (manual lock) until it is given back
 *
 * Plain value, bounded, without pointers; every look-up is a scan of the symbols seen so far. */
#ifndef TRIDENT_MODEL_TRENDS_H
#define TRIDENT_MODEL_TRENDS_H

#include "core/pack.h"
#include "model/signal.h"
#include "model/user.h"

#define TRENDS_SYMBOLS_MAX 64 /* more than the symbol table has */

enum trends_momentum {
    TRENDS_MOMENTUM_UNSET = 0,
    TRENDS_MOMENTUM_INCREASING,
    TRENDS_MOMENTUM_DECREASING,
    TRENDS_MOMENTUM_COUNT
};

struct trends_pulse {
    bool has_counts; /* a TREND_PULSE told them; a STATE_CHANGE alone does not */
    int bull, bear;  /* of six timeframes each */
    char state[24];  /* as on the wire, "" = never told */
    char changes[SIGNAL_TEXT_CAP];
    int64_t updated_ms; /* 0 = nothing known of this timeframe */
    enum trends_momentum momentum;
    int64_t momentum_adx_e8; /* DEC_NONE = never told */
    int64_t momentum_ms;     /* 0 = never told */
};

struct trends_trend {
    enum side side;         /* UNSET: neutral */
    bool is_manual;         /* a person's word: alerts do not change it */
    int64_t updated_ms;     /* 0 = nothing known; neutral then */
    char by[USER_NAME_CAP]; /* manual: who */
};

struct trends_symbol {
    char symbol[SYMBOL_CAP];
    struct trends_pulse pulse[TF_COUNT];
    struct trends_trend trend[TF_COUNT];
};

struct trends {
    size_t count;
    struct trends_symbol symbols[TRENDS_SYMBOLS_MAX]; /* in the order they appeared */
};

/* ---- reading ---- */
/* NULL: nothing known of this timeframe. */
const struct trends_pulse *trends_pulse(const struct trends *t, const char *symbol,
                                        enum timeframe tf);
const struct trends_trend *trends_trend(const struct trends *t, const char *symbol,
                                        enum timeframe tf);
enum side trends_side(const struct trends *t, const char *symbol,
                      enum timeframe tf); /* UNSET: neutral or unknown */
/* The symbol's market state: of the first of 15m, 1h, 5m that knows one; "" when none does (2.4).
 */
const char *trends_market_state(const struct trends *t, const char *symbol);
const char *trends_side_name(enum side s);                /* "BULLISH" "BEARISH" "NEUTRAL" */
const char *trends_momentum_name(enum trends_momentum m); /* "INCREASING" "DECREASING" "" */
/* What a MOMENTUM_CHANGE says, by its word or else by its two figures. */
enum trends_momentum trends_momentum_of(const struct signal *s);

/* ---- changing: only the engine inside apply(), and whoever supposes a state ---- */
/* Each of 2.4, from the alert's symbol, timeframe and values. False: not a known symbol, no
 * timeframe, or no room: nothing is changed. */
bool trends_put_pulse(struct trends *t, const struct signal *s, int64_t now_ms); /* TREND_PULSE */
bool trends_put_state(struct trends *t, const struct signal *s, int64_t now_ms); /* state only */
bool trends_put_momentum(struct trends *t, const struct signal *s, int64_t now_ms);
/* By an alert: false too when a person holds it, or it says so already (P-11). */
bool trends_put_auto(struct trends *t, const char *symbol, enum timeframe tf, enum side side,
                     int64_t now_ms);
/* By a person: false too when he has said so already. */
bool trends_put_manual(struct trends *t, const char *symbol, enum timeframe tf,
                       const struct trends_trend *trend);
/* Gives it back to the alerts, at the value it has. False: nobody holds it. */
bool trends_release(struct trends *t, const char *symbol, enum timeframe tf);

void trends_pack(const struct trends *t, struct buf *b);
void trends_unpack(struct trends *t, struct unpack *u);

#endif
