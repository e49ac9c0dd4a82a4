/* brokers/paper_book.c: state of the paper venue.
 *
 * Orders live in a map by cid and in one of two lists: working, and finished by the time they
 * finished, so that the oldest can be forgotten first. Positions live in a map by cid and in one
 * list a symbol, by age: every walk is in an order that depends on history only, never on hashing,
 * which keeps the venue deterministic. Open profit is kept as a running sum: a quote revalues the
 * positions of its symbol (and of the crosses it converts), so equity costs nothing to ask for. It
 * decides nothing: rules and the arithmetic of fills are in paper_deal.c, time and delays in
 * paper_desk.c. */
#include "brokers/paper_book.h"

#include <string.h>

#include "core/alloc.h"
#include "core/map.h"

struct order_list {
    struct paper_order *oldest, *newest;
    size_t count;
};

struct symbol_state {
    struct quote quote;
    struct paper_position *oldest, *newest;
    int converter; /* index of the pair that turns the quote currency into USD; -1 none needed */
    bool converter_divides; /* USDxxx: USD per unit is 1 / price */
};

struct paper_book {
    struct paper_conf conf;
    struct paper_account account;
    struct map *orders;
    struct map *positions;
    struct order_list working;
    struct order_list finished;
    struct symbol_state symbols[PAPER_SYMBOLS_MAX];
    size_t symbol_count;
    int64_t floating_e8; /* sum over positions */
    int64_t margin_e8;
    struct paper_history history;
};

int paper_symbol_index(const char *name)
{
    TR_ASSERT(name);
    for (size_t i = 0; i < symbol_count(); i++) {
        if (strcmp(symbol_at(i)->name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static void find_converter(struct symbol_state *s, const struct symbol_info *info)
{
    s->converter = -1;
    if (strcmp(info->quote, "USD") == 0 || strcmp(info->base, "USD") == 0) {
        return;
    }
    for (size_t i = 0; i < symbol_count(); i++) {
        const struct symbol_info *other = symbol_at(i);
        bool direct = strcmp(other->base, info->quote) == 0 && strcmp(other->quote, "USD") == 0;
        bool inverse = strcmp(other->base, "USD") == 0 && strcmp(other->quote, info->quote) == 0;
        if (direct || inverse) {
            s->converter = (int)i;
            s->converter_divides = inverse;
            return;
        }
    }
}

struct paper_book *paper_book_new(const struct paper_conf *conf, uint64_t first_exec_id)
{
    TR_ASSERT(conf && conf->leverage > 0);
    TR_ASSERT(symbol_count() <= PAPER_SYMBOLS_MAX);
    struct paper_book *b = xalloc(sizeof(*b));
    b->conf = *conf;
    b->account.balance_e8 = conf->balance_e8;
    b->account.next_exec_id = first_exec_id;
    /* Finished orders are dropped before the limit counts; working ones are bounded by the desk. */
    b->orders = map_new(PAPER_ORDERS_KEEP_MAX + PAPER_POSITIONS_MAX);
    /* Orders accepted below the limit may still be filled above it. */
    b->positions = map_new(PAPER_POSITIONS_MAX * 3);
    b->symbol_count = symbol_count();
    for (size_t i = 0; i < b->symbol_count; i++) {
        find_converter(&b->symbols[i], symbol_at(i));
    }
    return b;
}

static void free_orders(struct order_list *l)
{
    while (l->oldest) {
        struct paper_order *o = l->oldest;
        l->oldest = o->newer;
        mem_free(o);
    }
}

struct paper_book *paper_book_free(struct paper_book *b)
{
    if (!b) {
        return NULL;
    }
    free_orders(&b->working);
    free_orders(&b->finished);
    for (size_t i = 0; i < b->symbol_count; i++) {
        while (b->symbols[i].oldest) {
            struct paper_position *p = b->symbols[i].oldest;
            b->symbols[i].oldest = p->next;
            mem_free(p);
        }
    }
    paper_history_deinit(&b->history);
    map_free(b->orders);
    map_free(b->positions);
    return mem_free(b);
}

const struct paper_conf *paper_book_conf(const struct paper_book *b)
{
    return &b->conf;
}

/* ---- money ---- */

static int64_t mid_e8(const struct quote *q)
{
    return q->bid_e8 + (q->ask_e8 - q->bid_e8) / 2;
}

int64_t paper_book_usd_per_quote_e8(const struct paper_book *b, size_t symbol)
{
    TR_ASSERT(symbol < b->symbol_count);
    const struct symbol_state *s = &b->symbols[symbol];
    if (s->converter < 0) {
        return 0;
    }
    const struct quote *q = &b->symbols[s->converter].quote;
    if (q->bid_e8 <= 0) {
        return 0;
    }
    return s->converter_divides ? dec_div(DEC_ONE, mid_e8(q), DEC_HALF_AWAY) : mid_e8(q);
}

static void revalue(struct paper_book *b, struct paper_position *p, int64_t usd_per_quote_e8)
{
    const struct quote *q = &b->symbols[p->symbol].quote;
    if (q->bid_e8 <= 0) {
        return; /* counts as flat until the first quote */
    }
    int64_t exit_e8 = p->side == SIDE_BUY ? q->bid_e8 : q->ask_e8;
    int64_t profit_e8 = symbol_profit_e8(symbol_at(p->symbol), side_sign(p->side), p->entry_e8,
                                         exit_e8, p->lots_e8, usd_per_quote_e8);
    b->floating_e8 += profit_e8 - p->floating_e8;
    p->floating_e8 = profit_e8;
}

static void revalue_symbol(struct paper_book *b, size_t symbol)
{
    if (!b->symbols[symbol].oldest) {
        return;
    }
    int64_t usd_per_quote_e8 = paper_book_usd_per_quote_e8(b, symbol);
    for (struct paper_position *p = b->symbols[symbol].oldest; p; p = p->next) {
        revalue(b, p, usd_per_quote_e8);
    }
}

/* ---- applying ---- */

static void list_append(struct order_list *l, struct paper_order *o)
{
    o->older = l->newest;
    o->newer = NULL;
    if (l->newest) {
        l->newest->newer = o;
    } else {
        l->oldest = o;
    }
    l->newest = o;
    l->count++;
}

static void list_remove(struct order_list *l, struct paper_order *o)
{
    TR_ASSERT(l->count > 0);
    if (o->older) {
        o->older->newer = o->newer;
    } else {
        l->oldest = o->newer;
    }
    if (o->newer) {
        o->newer->older = o->older;
    } else {
        l->newest = o->older;
    }
    o->newer = o->older = NULL;
    l->count--;
}

static struct order_list *list_of(struct paper_book *b, const struct paper_order *o)
{
    return o->state == PAPER_ORDER_WORKING ? &b->working : &b->finished;
}

static void forget_old(struct paper_book *b, int64_t now_ms)
{
    while (b->finished.count > PAPER_ORDERS_KEEP_MAX ||
           (b->finished.oldest && b->finished.oldest->updated_ms < now_ms - PAPER_ORDERS_KEEP_MS)) {
        struct paper_order *o = b->finished.oldest;
        list_remove(&b->finished, o);
        struct paper_order *removed = map_remove(b->orders, o->cid);
        TR_ASSERT(removed == o);
        mem_free(o);
    }
}

static void apply_order(struct paper_book *b, const struct paper_order *change)
{
    TR_ASSERT(change->cid != 0 && change->state != PAPER_ORDER_UNSET);
    TR_ASSERT(change->filled_e8 <= change->lots_e8);
    struct paper_order *o = map_get(b->orders, change->cid);
    if (o) {
        TR_ASSERT(o->state == PAPER_ORDER_WORKING);
        TR_ASSERT(change->filled_e8 >= o->filled_e8);
        list_remove(list_of(b, o), o);
    } else {
        o = xalloc(sizeof(*o));
        bool stored = map_put(b->orders, change->cid, o);
        TR_ASSERT(stored);
    }
    *o = *change;
    list_append(list_of(b, o), o);
    if (o->state != PAPER_ORDER_WORKING) {
        forget_old(b, change->updated_ms);
    }
}

static void link_position(struct paper_book *b, struct paper_position *p)
{
    struct symbol_state *s = &b->symbols[p->symbol];
    p->prev = s->newest;
    p->next = NULL;
    if (s->newest) {
        s->newest->next = p;
    } else {
        s->oldest = p;
    }
    s->newest = p;
}

static void unlink_position(struct paper_book *b, struct paper_position *p)
{
    struct symbol_state *s = &b->symbols[p->symbol];
    if (p->prev) {
        p->prev->next = p->next;
    } else {
        s->oldest = p->next;
    }
    if (p->next) {
        p->next->prev = p->prev;
    } else {
        s->newest = p->prev;
    }
}

static void apply_position(struct paper_book *b, const struct paper_position *change)
{
    TR_ASSERT(change->cid != 0 && change->symbol < b->symbol_count);
    TR_ASSERT(change->lots_e8 >= 0);
    struct paper_position *p = map_get(b->positions, change->cid);
    if (p) {
        b->floating_e8 -= p->floating_e8;
        b->margin_e8 -= p->margin_e8;
    }
    if (change->lots_e8 == 0) {
        if (p) {
            unlink_position(b, p);
            (void)map_remove(b->positions, p->cid); /* p itself */
            mem_free(p);
        }
        return;
    }
    if (p) {
        struct paper_position *prev = p->prev;
        struct paper_position *next = p->next;
        *p = *change;
        p->prev = prev;
        p->next = next;
    } else {
        p = xalloc(sizeof(*p));
        *p = *change;
        bool stored = map_put(b->positions, p->cid, p);
        TR_ASSERT(stored);
        link_position(b, p);
    }
    p->floating_e8 = 0;
    b->margin_e8 += p->margin_e8;
    revalue(b, p, paper_book_usd_per_quote_e8(b, p->symbol));
}

void paper_book_apply(struct paper_book *b, const struct paper_change *c)
{
    TR_ASSERT(c->account.next_exec_id >= b->account.next_exec_id);
    b->account = c->account;
    if (c->has_position) {
        apply_position(b, &c->position);
    }
    if (c->has_order) {
        apply_order(b, &c->order);
    }
    if (c->has_fill) {
        TR_ASSERT(c->fill.exec_id < b->account.next_exec_id);
        paper_history_add(&b->history, &c->fill);
    }
    TR_ASSERT(b->margin_e8 >= 0);
}

/* ---- reading ---- */

struct paper_account paper_book_account(const struct paper_book *b)
{
    return b->account;
}

void paper_book_set_exec_floor(struct paper_book *b, uint64_t exec_id)
{
    if (b->account.next_exec_id < exec_id) {
        b->account.next_exec_id = exec_id;
    }
}

int64_t paper_book_equity_e8(const struct paper_book *b)
{
    return b->account.balance_e8 + b->floating_e8;
}

int64_t paper_book_margin_e8(const struct paper_book *b)
{
    return b->margin_e8;
}

const struct paper_order *paper_book_order(const struct paper_book *b, uint64_t cid)
{
    return map_get(b->orders, cid);
}

const struct paper_position *paper_book_position(const struct paper_book *b, uint64_t cid)
{
    return map_get(b->positions, cid);
}

const struct paper_position *paper_book_next_position(const struct paper_book *b,
                                                      const struct paper_position *after)
{
    if (after && after->next) {
        return after->next;
    }
    for (size_t i = after ? after->symbol + 1U : 0; i < b->symbol_count; i++) {
        if (b->symbols[i].oldest) {
            return b->symbols[i].oldest;
        }
    }
    return NULL;
}

const struct paper_order *paper_book_next_finished(const struct paper_book *b,
                                                   const struct paper_order *after)
{
    return after ? after->newer : b->finished.oldest;
}

const struct paper_order *paper_book_next_working(const struct paper_book *b,
                                                  const struct paper_order *after)
{
    return after ? after->newer : b->working.oldest;
}

size_t paper_book_position_count(const struct paper_book *b)
{
    return map_count(b->positions);
}

size_t paper_book_finished_count(const struct paper_book *b)
{
    return b->finished.count;
}

const struct paper_history *paper_book_history(const struct paper_book *b)
{
    return &b->history;
}

void paper_book_cut_history(struct paper_book *b, uint64_t exec_id)
{
    paper_history_cut(&b->history, exec_id);
}

int64_t paper_book_net_lots_e8(const struct paper_book *b, size_t symbol)
{
    TR_ASSERT(symbol < b->symbol_count);
    int64_t net_e8 = 0;
    for (const struct paper_position *p = b->symbols[symbol].oldest; p; p = p->next) {
        net_e8 += side_sign(p->side) * p->lots_e8;
    }
    return net_e8;
}

/* ---- market ---- */

void paper_book_set_quote(struct paper_book *b, size_t symbol, const struct quote *q)
{
    TR_ASSERT(symbol < b->symbol_count);
    TR_ASSERT(q->bid_e8 > 0 && q->ask_e8 >= q->bid_e8);
    b->symbols[symbol].quote = *q;
    revalue_symbol(b, symbol);
    for (size_t i = 0; i < b->symbol_count; i++) {
        if (b->symbols[i].converter == (int)symbol) {
            revalue_symbol(b, i);
        }
    }
}

struct quote paper_book_quote(const struct paper_book *b, size_t symbol)
{
    TR_ASSERT(symbol < b->symbol_count);
    return b->symbols[symbol].quote;
}

static bool is_triggered(const struct paper_position *p, const struct quote *q,
                         struct paper_trigger *ret)
{
    int sign = side_sign(p->side);
    int64_t price_e8 = p->side == SIDE_BUY ? q->bid_e8 : q->ask_e8;
    if (p->sl_e8 != DEC_NONE && (price_e8 - p->sl_e8) * sign <= 0) {
        *ret = (struct paper_trigger){p, price_e8, REASON_SL_HIT};
        return true;
    }
    if (p->tp_e8 != DEC_NONE && (price_e8 - p->tp_e8) * sign >= 0) {
        *ret = (struct paper_trigger){p, p->tp_e8, REASON_TP_HIT};
        return true;
    }
    return false;
}

bool paper_book_next_trigger(const struct paper_book *b, size_t symbol, struct paper_trigger *ret)
{
    TR_ASSERT(symbol < b->symbol_count);
    const struct symbol_state *s = &b->symbols[symbol];
    if (s->quote.bid_e8 <= 0) {
        return false;
    }
    for (const struct paper_position *p = s->oldest; p; p = p->next) {
        if (is_triggered(p, &s->quote, ret)) {
            return true;
        }
    }
    return false;
}

bool paper_book_stop_out(const struct paper_book *b, struct paper_trigger *ret)
{
    __int128 level = (__int128)paper_book_equity_e8(b) * 100;
    if (b->margin_e8 == 0 || level > (__int128)b->margin_e8 * b->conf.stop_out_percent) {
        return false;
    }
    const struct paper_position *worst = NULL;
    const struct paper_position *p = NULL;
    while ((p = paper_book_next_position(b, p))) {
        bool has_quote = b->symbols[p->symbol].quote.bid_e8 > 0;
        if (has_quote && (!worst || p->floating_e8 < worst->floating_e8)) {
            worst = p;
        }
    }
    if (!worst) {
        return false;
    }
    const struct quote *q = &b->symbols[worst->symbol].quote;
    int64_t price_e8 = worst->side == SIDE_BUY ? q->bid_e8 : q->ask_e8;
    *ret = (struct paper_trigger){worst, price_e8, REASON_STOP_OUT};
    return true;
}
