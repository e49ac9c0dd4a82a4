/* brokers/paper_range.c: how far each quote may move before the venue has to look.
 *
 * Stops and targets bound a symbol's bid (buys) and ask (sells) directly. A stop-out depends on the
 * equity, and that on all quotes together: what equity is left above the stop-out level is divided
 * among the symbols with positions, and each may move as far as its share lasts, but never more
 * than one per cent. Conversion is bounded the same way: a pair that only converts may move one per
 * cent, and what that can take from the profit of its crosses is put aside first. The ranges are
 * narrower than need be, never wider: a quote outside is looked at exactly. */
#include "brokers/paper_range.h"

#define MOVE_MAX_DIVISOR 100 /* one per cent */
#define SAFETY           4   /* profit of USDxxx pairs is not linear, converters move too */

static struct paper_range around(const struct quote *q, int64_t move_e8)
{
    return (struct paper_range){q->bid_e8 - move_e8, q->bid_e8 + move_e8, q->ask_e8 - move_e8,
                                q->ask_e8 + move_e8};
}

static void lower(int64_t *bound, int64_t to)
{
    *bound = to < *bound ? to : *bound;
}

static void raise(int64_t *bound, int64_t to)
{
    *bound = to > *bound ? to : *bound;
}

static void keep_from_stops(const struct paper_position *p, struct paper_range *r)
{
    bool is_buy = p->side == SIDE_BUY;
    int64_t *min = is_buy ? &r->bid_min_e8 : &r->ask_min_e8;
    int64_t *max = is_buy ? &r->bid_max_e8 : &r->ask_max_e8;
    if (p->sl_e8 != DEC_NONE && is_buy)
        raise(min, p->sl_e8);
    else if (p->sl_e8 != DEC_NONE)
        lower(max, p->sl_e8);
    if (p->tp_e8 != DEC_NONE && is_buy)
        lower(max, p->tp_e8);
    else if (p->tp_e8 != DEC_NONE)
        raise(min, p->tp_e8);
}

struct exposure {
    int64_t lots_e8[PAPER_SYMBOLS_MAX]; /* both sides together */
    int64_t profits_e8;                 /* of all positions, without sign */
    int held;                           /* symbols with positions */
};

static void measure(const struct paper_book *b, struct exposure *ret)
{
    const struct paper_position *p = NULL;
    *ret = (struct exposure){.held = 0};
    while ((p = paper_book_next_position(b, p))) {
        ret->held += ret->lots_e8[p->symbol] == 0;
        ret->lots_e8[p->symbol] += p->lots_e8;
        ret->profits_e8 += dec_abs(p->floating_e8);
    }
}

/* How far the price may go until lots lose this much; at most one per cent of it. */
static int64_t move_for_e8(const struct paper_book *b, size_t i, int64_t lots_e8, int64_t share_e8)
{
    const struct quote q = paper_book_quote(b, i);
    int64_t most_e8 = q.bid_e8 / MOVE_MAX_DIVISOR;
    int64_t loss_e8 = symbol_profit_e8(symbol_at(i), 1, q.bid_e8 - most_e8, q.bid_e8, lots_e8,
                                       paper_book_usd_per_quote_e8(b, i));
    if (loss_e8 <= share_e8)
        return most_e8;
    return dec_muldiv(most_e8, share_e8, loss_e8, DEC_DOWN);
}

/* Equity above the level at which positions are closed by force, after what converters can take. */
static int64_t slack_e8(const struct paper_book *b, const struct exposure *e)
{
    int64_t level_e8 =
        dec_muldiv(paper_book_margin_e8(b), paper_book_conf(b)->stop_out_percent, 100, DEC_UP);
    int64_t left_e8 = paper_book_equity_e8(b) - level_e8 - 2 * e->profits_e8 / MOVE_MAX_DIVISOR;
    return left_e8 > 0 ? left_e8 : 0;
}

void paper_range_find(const struct paper_book *b, struct paper_range ret[PAPER_SYMBOLS_MAX])
{
    struct exposure e;
    measure(b, &e);
    int64_t share_e8 = e.held > 0 ? slack_e8(b, &e) / (SAFETY * e.held) : 0;
    for (size_t i = 0; i < symbol_count(); i++) {
        const struct quote q = paper_book_quote(b, i);
        int64_t move_e8 = q.bid_e8 / MOVE_MAX_DIVISOR;
        if (e.held > 0 && e.lots_e8[i] > 0)
            move_e8 = move_for_e8(b, i, e.lots_e8[i], share_e8);
        ret[i] = e.held == 0 && q.bid_e8 > 0 ? (struct paper_range){0, INT64_MAX, 0, INT64_MAX}
                                             : around(&q, move_e8);
    }
    const struct paper_position *p = NULL;
    while ((p = paper_book_next_position(b, p)))
        keep_from_stops(p, &ret[p->symbol]);
}
