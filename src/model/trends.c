/* model/trends.c: the store of pulses and trends. Only known symbols get a place, and the symbol
 * table is smaller than the store, so that no flood of invented names fills it. */
#include "model/trends.h"

#include <string.h>

#include "core/alloc.h"
#include "model/symbol.h"

static bool is_timeframe(enum timeframe tf)
{
    return tf > TF_UNSET && tf < TF_COUNT && tf != TF_OTHER;
}

static const struct trends_symbol *find(const struct trends *t, const char *symbol)
{
    TR_ASSERT(t->count <= TRENDS_SYMBOLS_MAX);
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->symbols[i].symbol, symbol) == 0)
            return &t->symbols[i];
    return NULL;
}

/* The symbol's place, made when it has none; NULL: no place for it. */
static struct trends_symbol *place(struct trends *t, const char *symbol, enum timeframe tf)
{
    const struct trends_symbol *known = find(t, symbol);
    if (!is_timeframe(tf) || symbol_find(symbol) == NULL)
        return NULL;
    if (known != NULL)
        return &t->symbols[known - t->symbols];
    if (t->count == TRENDS_SYMBOLS_MAX)
        return NULL;
    struct trends_symbol *s = &t->symbols[t->count++];
    memset(s, 0, sizeof(*s));
    (void)str_copy(s->symbol, sizeof(s->symbol), symbol);
    for (int i = 0; i < TF_COUNT; i++)
        s->pulse[i].momentum_adx_e8 = DEC_NONE;
    return s;
}

/* ---- reading ---- */

const struct trends_pulse *trends_pulse(const struct trends *t, const char *symbol,
                                        enum timeframe tf)
{
    const struct trends_symbol *s = find(t, symbol);
    TR_ASSERT((int)tf >= 0 && tf < TF_COUNT);
    if (s == NULL)
        return NULL;
    const struct trends_pulse *p = &s->pulse[tf];
    return p->updated_ms > 0 || p->momentum_ms > 0 ? p : NULL;
}

const struct trends_trend *trends_trend(const struct trends *t, const char *symbol,
                                        enum timeframe tf)
{
    const struct trends_symbol *s = find(t, symbol);
    TR_ASSERT((int)tf >= 0 && tf < TF_COUNT);
    return s != NULL && s->trend[tf].updated_ms > 0 ? &s->trend[tf] : NULL;
}

enum side trends_side(const struct trends *t, const char *symbol, enum timeframe tf)
{
    const struct trends_trend *trend = trends_trend(t, symbol, tf);
    return trend != NULL ? trend->side : SIDE_UNSET;
}

const char *trends_market_state(const struct trends *t, const char *symbol)
{
    static const enum timeframe order[] = {TF_15M, TF_1H, TF_5M};
    for (size_t i = 0; i < TR_ARRAY_SIZE(order); i++) {
        const struct trends_pulse *p = trends_pulse(t, symbol, order[i]);
        if (p != NULL && p->state[0] != '\0')
            return p->state;
    }
    return "";
}

const char *trends_side_name(enum side s)
{
    return s == SIDE_BUY ? "BULLISH" : s == SIDE_SELL ? "BEARISH" : "NEUTRAL";
}

const char *trends_momentum_name(enum trends_momentum m)
{
    return m == TRENDS_MOMENTUM_INCREASING   ? "INCREASING"
           : m == TRENDS_MOMENTUM_DECREASING ? "DECREASING"
                                             : "";
}

enum trends_momentum trends_momentum_of(const struct signal *s)
{
    bool falls = s->adx_e8 != DEC_NONE && s->prev_adx_e8 != DEC_NONE && s->adx_e8 < s->prev_adx_e8;
    if (str_ieq(s->text, "DECREASING") || (s->text[0] == '\0' && falls))
        return TRENDS_MOMENTUM_DECREASING;
    return TRENDS_MOMENTUM_INCREASING;
}

/* ---- changing ---- */

static int64_t stamp(int64_t now_ms)
{
    TR_ASSERT(now_ms >= 0);
    return now_ms > 0 ? now_ms : 1; /* 0 means never */
}

bool trends_put_pulse(struct trends *t, const struct signal *s, int64_t now_ms)
{
    struct trends_symbol *row = place(t, s->symbol, s->tf);
    if (row == NULL)
        return false;
    struct trends_pulse *p = &row->pulse[s->tf];
    p->has_counts = s->bull_count >= 0 && s->bear_count >= 0;
    p->bull = p->has_counts ? s->bull_count : 0;
    p->bear = p->has_counts ? s->bear_count : 0;
    (void)str_copy(p->state, sizeof(p->state), s->state);    /* same cap */
    (void)str_copy(p->changes, sizeof(p->changes), s->text); /* same cap */
    p->updated_ms = stamp(now_ms);
    return true;
}

bool trends_put_state(struct trends *t, const struct signal *s, int64_t now_ms)
{
    struct trends_symbol *row = s->state[0] != '\0' ? place(t, s->symbol, s->tf) : NULL;
    if (row == NULL)
        return false;
    struct trends_pulse *p = &row->pulse[s->tf];
    (void)str_copy(p->state, sizeof(p->state), s->state); /* same cap */
    p->updated_ms = stamp(now_ms);
    return true;
}

bool trends_put_momentum(struct trends *t, const struct signal *s, int64_t now_ms)
{
    struct trends_symbol *row = place(t, s->symbol, s->tf);
    if (row == NULL)
        return false;
    struct trends_pulse *p = &row->pulse[s->tf];
    p->momentum = trends_momentum_of(s);
    p->momentum_adx_e8 = s->adx_e8;
    p->momentum_ms = stamp(now_ms);
    return true;
}

bool trends_put_auto(struct trends *t, const char *symbol, enum timeframe tf, enum side side,
                     int64_t now_ms)
{
    struct trends_symbol *row = place(t, symbol, tf);
    if (row == NULL)
        return false;
    struct trends_trend *trend = &row->trend[tf];
    if (trend->is_manual || (trend->updated_ms > 0 && trend->side == side))
        return false;
    trend->side = side;
    trend->updated_ms = stamp(now_ms);
    return true;
}

bool trends_put_manual(struct trends *t, const char *symbol, enum timeframe tf,
                       const struct trends_trend *trend)
{
    struct trends_symbol *row = place(t, symbol, tf);
    if (row == NULL || (row->trend[tf].is_manual && row->trend[tf].side == trend->side))
        return false;
    row->trend[tf] = *trend;
    row->trend[tf].is_manual = true;
    row->trend[tf].updated_ms = stamp(trend->updated_ms);
    return true;
}

bool trends_release(struct trends *t, const char *symbol, enum timeframe tf)
{
    struct trends_symbol *row = place(t, symbol, tf);
    if (row == NULL || !row->trend[tf].is_manual)
        return false;
    row->trend[tf].is_manual = false;
    row->trend[tf].by[0] = '\0';
    return true;
}

/* ---- snapshot ---- */

static void pack_row(const struct trends_symbol *s, int tf, struct buf *b)
{
    const struct trends_pulse *p = &s->pulse[tf];
    const struct trends_trend *t = &s->trend[tf];
    pack_i64(b, p->updated_ms);
    if (p->updated_ms > 0) {
        pack_bool(b, p->has_counts);
        pack_i64(b, p->bull);
        pack_i64(b, p->bear);
        pack_str(b, p->state);
        pack_str(b, p->changes);
    }
    pack_i64(b, p->momentum_ms);
    if (p->momentum_ms > 0) {
        pack_i64(b, (int64_t)p->momentum);
        pack_i64(b, p->momentum_adx_e8);
    }
    pack_i64(b, t->updated_ms);
    if (t->updated_ms > 0) {
        pack_i64(b, (int64_t)t->side);
        pack_bool(b, t->is_manual);
        pack_str(b, t->by);
    }
}

static void unpack_row(struct trends_symbol *s, int tf, struct unpack *u)
{
    struct trends_pulse *p = &s->pulse[tf];
    struct trends_trend *t = &s->trend[tf];
    p->momentum_adx_e8 = DEC_NONE;
    p->updated_ms = unpack_i64(u);
    if (p->updated_ms > 0) {
        p->has_counts = unpack_bool(u);
        p->bull = unpack_int(u, 0, INT32_MAX);
        p->bear = unpack_int(u, 0, INT32_MAX);
        unpack_str(u, p->state, sizeof(p->state));
        unpack_str(u, p->changes, sizeof(p->changes));
    }
    p->momentum_ms = unpack_i64(u);
    if (p->momentum_ms > 0) {
        p->momentum = (enum trends_momentum)unpack_int(u, 0, TRENDS_MOMENTUM_COUNT - 1);
        p->momentum_adx_e8 = unpack_i64(u);
    }
    t->updated_ms = unpack_i64(u);
    if (t->updated_ms > 0) {
        t->side = (enum side)unpack_int(u, 0, SIDE_COUNT - 1);
        t->is_manual = unpack_bool(u);
        unpack_str(u, t->by, sizeof(t->by));
    }
}

void trends_pack(const struct trends *t, struct buf *b)
{
    TR_ASSERT(t->count <= TRENDS_SYMBOLS_MAX);
    pack_u64(b, t->count);
    for (size_t i = 0; i < t->count; i++) {
        pack_str(b, t->symbols[i].symbol);
        for (int tf = TF_UNSET + 1; tf < TF_OTHER; tf++)
            pack_row(&t->symbols[i], tf, b);
    }
}

void trends_unpack(struct trends *t, struct unpack *u)
{
    uint64_t n = unpack_u64(u);
    if (n > TRENDS_SYMBOLS_MAX) {
        u->failed = true;
        n = 0;
    }
    memset(t, 0, sizeof(*t));
    t->count = (size_t)n;
    for (size_t i = 0; i < t->count; i++) {
        unpack_str(u, t->symbols[i].symbol, sizeof(t->symbols[i].symbol));
        for (int tf = TF_UNSET + 1; tf < TF_OTHER; tf++)
            unpack_row(&t->symbols[i], tf, u);
    }
}
