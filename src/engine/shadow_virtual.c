/* engine/shadow_virtual.c: the trades of who may not trade, the side that only watches (SH-6) or a
 * strategy in its own shadow mode (SH-7): opened at the market of the alert, closed by stop, target
 * or an exit decision, with the profit they would have had. Levels are watched like those of real
 * positions, so that the price that ends one is seen. */
#include <string.h>

#include "core/alloc.h"
#include "engine/prices.h"
#include "engine/shadow_impl.h"

#define LEG_BITS CID_LEG_BITS

/* Real ids carry the trader's tag above these bits: the two never meet. */
static uint64_t virtual_cid(const struct engine_tx *tx, int leg)
{
    return (tx->seq << LEG_BITS) | (uint64_t)leg;
}

static int64_t market_e8(const struct engine_tx *tx, const char *symbol, bool is_buying)
{
    struct quote q;
    if (!input_quotes_find(tx->quotes, symbol, &q))
        return DEC_NONE;
    return is_buying ? q.ask_e8 : q.bid_e8;
}

static void watch_level(struct engine_tx *tx, const struct position *p, int64_t level_e8,
                        bool is_target)
{
    if (level_e8 == DEC_NONE)
        return;
    bool up = (p->side == SIDE_BUY) == is_target;
    enum price_when when = p->side == SIDE_BUY ? (up ? PRICE_BID_UP : PRICE_BID_DOWN)
                                               : (up ? PRICE_ASK_UP : PRICE_ASK_DOWN);
    struct price_watch w = {
        .when = when, .owner = PRICE_OWNER_SHADOW, .owner_id = p->cid, .level_e8 = level_e8};
    bool has_room = prices_watch(&tx->s->prices, p->symbol, &w);
    (void)has_room; /* without: seen with the next input that brings a quote */
}

/* Both of an alert may be virtual: the legs of the one in its own shadow mode follow. */
static int first_leg(const struct decision *d)
{
    return d->action == DECISION_EXECUTE ? 0 : DECISION_ORDERS_MAX;
}

static void open_virtual(struct engine_tx *tx, const struct decision *d, int leg)
{
    struct shadow *sh = &tx->s->shadow;
    const struct decision_order *o = &d->orders[leg];
    const struct symbol_info *info = symbol_find(o->symbol);
    struct shadow_scope *scope = shadow_scope_get(tx, d->plugin, d->route);
    if (sh->open_count == SHADOW_VIRTUAL_MAX || info == NULL)
        return;
    struct shadow_virtual *v = &sh->open[sh->open_count++];
    int64_t at_e8 = market_e8(tx, o->symbol, o->side == SIDE_BUY);
    *v = (struct shadow_virtual){.p = {.cid = virtual_cid(tx, first_leg(d) + leg),
                                       .parent_seq = tx->seq,
                                       .side = o->side,
                                       .role = o->role,
                                       .lots_e8 = o->lots_e8,
                                       .entry_e8 = at_e8 != DEC_NONE ? at_e8 : o->entry_e8,
                                       .sl_e8 = o->sl_e8,
                                       .tp_e8 = o->tp_e8,
                                       .opened_ms = tx->now_ms},
                                 .usd_per_quote_e8 = input_usd_per_quote_e8(tx->quotes, info)};
    (void)str_copy(v->p.symbol, sizeof(v->p.symbol), o->symbol);
    (void)str_copy(v->p.plugin, sizeof(v->p.plugin), d->plugin);
    (void)str_copy(v->p.route, sizeof(v->p.route), d->route);
    (void)str_copy(v->p.chain_id, sizeof(v->p.chain_id), "virtual");
    if (scope != NULL)
        scope->stats.virtual_trades++;
    watch_level(tx, &v->p, o->sl_e8, false);
    watch_level(tx, &v->p, o->tp_e8, true);
}

static void close_virtual(struct engine_tx *tx, size_t i, int64_t exit_e8, enum reason why)
{
    struct shadow *sh = &tx->s->shadow;
    struct shadow_virtual v = sh->open[i];
    const struct symbol_info *info = symbol_find(v.p.symbol);
    memmove(&sh->open[i], &sh->open[i + 1], (sh->open_count - i - 1) * sizeof(sh->open[0]));
    sh->open_count--;
    prices_unwatch(&tx->s->prices, PRICE_OWNER_SHADOW, v.p.cid);
    v.closed_ms = tx->now_ms;
    v.exit_e8 = exit_e8;
    v.reason = why;
    v.profit_e8 = symbol_profit_e8(info, side_sign(v.p.side), v.p.entry_e8, exit_e8, v.p.lots_e8,
                                   v.usd_per_quote_e8);
    sh->closed[sh->closed_next] = v;
    sh->closed_next = (sh->closed_next + 1) % SHADOW_CLOSED_MAX;
    if (sh->closed_count < SHADOW_CLOSED_MAX)
        sh->closed_count++;
    struct shadow_scope *scope = shadow_scope_get(tx, v.p.plugin, v.p.route);
    if (scope != NULL)
        scope->stats.virtual_profit_e8 += v.profit_e8;
    routes_closed(&sh->day, &v.p, v.profit_e8);
}

void shadow_virtual_close(struct engine_tx *tx, const struct signal *sig, const struct decision *d)
{
    struct shadow *sh = &tx->s->shadow;
    for (int i = 0; i < d->close_count; i++) {
        for (size_t k = sh->open_count; k-- > 0;) {
            struct position *p = &sh->open[k].p;
            if (p->cid != d->closes[i])
                continue;
            int64_t exit_e8 = market_e8(tx, p->symbol, p->side == SIDE_SELL);
            if (exit_e8 == DEC_NONE)
                exit_e8 = sig->price_e8 != DEC_NONE ? sig->price_e8 : p->entry_e8;
            close_virtual(tx, k, exit_e8, d->close_reason);
        }
    }
}

void shadow_virtual_open(struct engine_tx *tx, const struct decision *d)
{
    TR_ASSERT(d->action == DECISION_EXECUTE || decision_has_virtual_orders(d));
    routes_entered(&tx->s->shadow.day, d->plugin, d->route);
    for (int i = 0; i < d->order_count; i++)
        open_virtual(tx, d, i);
}

void shadow_virtual_mark(struct engine_tx *tx)
{
    struct shadow *sh = &tx->s->shadow;
    for (size_t i = sh->open_count; i-- > 0;) {
        const struct position *p = &sh->open[i].p;
        bool is_buy = p->side == SIDE_BUY;
        int64_t now_e8 = market_e8(tx, p->symbol, !is_buy);
        if (now_e8 == DEC_NONE)
            continue;
        if (p->sl_e8 != DEC_NONE && (is_buy ? now_e8 <= p->sl_e8 : now_e8 >= p->sl_e8))
            close_virtual(tx, i, now_e8, REASON_SL_HIT); /* a gap pays its price */
        else if (p->tp_e8 != DEC_NONE && (is_buy ? now_e8 >= p->tp_e8 : now_e8 <= p->tp_e8))
            close_virtual(tx, i, p->tp_e8, REASON_TP_HIT);
    }
}

size_t shadow_positions(const struct engine_state *s, const char *plugin, struct position *list,
                        size_t count, size_t cap)
{
    const struct shadow *sh = &s->shadow;
    for (size_t i = 0; i < sh->open_count && count < cap; i++)
        if (strcmp(sh->open[i].p.plugin, plugin) == 0)
            list[count++] = sh->open[i].p;
    return count;
}

/* ---- the day it would have been ---- */

size_t shadow_day_routes(const struct engine_state *s, const char *plugin, struct plugin_route *ret)
{
    const struct routes *lists[2] = {&s->routes, &s->shadow.day};
    size_t n = 0;
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < lists[k]->count; i++) {
            const struct plugin_route *r = &lists[k]->items[i];
            size_t at = 0;
            if (strcmp(r->plugin, plugin) != 0)
                continue;
            while (at < n && strcmp(ret[at].route, r->route) != 0)
                at++;
            if (at == n && n == ROUTES_MAX)
                continue;
            if (at == n) {
                ret[n++] = *r;
                continue;
            }
            ret[at].daily_entries += r->daily_entries;
            ret[at].daily_profit_e8 += r->daily_profit_e8;
            ret[at].daily_loss_e8 += r->daily_loss_e8;
        }
    }
    return n;
}

int shadow_day_entries(const struct engine_state *s, const char *plugin)
{
    int n = 0;
    for (size_t i = 0; i < s->shadow.day.count; i++)
        if (strcmp(s->shadow.day.items[i].plugin, plugin) == 0)
            n += s->shadow.day.items[i].daily_entries;
    return n;
}

static int64_t profit_of_day_e8(const struct routes *r, const char *plugin)
{
    int64_t sum_e8 = 0;
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->items[i].plugin, plugin) == 0)
            sum_e8 += r->items[i].daily_profit_e8;
    return sum_e8;
}

/* Counts cleared by hand may be below what the routes remember. */
static int64_t instead_e8(int64_t counted_e8, int64_t without_e8, int64_t with_e8)
{
    int64_t rest_e8 = counted_e8 > without_e8 ? counted_e8 - without_e8 : 0;
    return rest_e8 + with_e8;
}

void shadow_day_book(const struct engine_state *s, const char *trading, const char *watching,
                     struct caps_book *ret)
{
    const struct state_account *a = &s->account;
    int64_t lost_e8 = routes_daily_loss_e8(&s->routes, trading);
    int64_t would_e8 = routes_daily_loss_e8(&s->shadow.day, watching);
    *ret = (struct caps_book){
        .daily_profit_e8 = instead_e8(a->daily_profit_e8, profit_of_day_e8(&s->routes, trading),
                                      profit_of_day_e8(&s->shadow.day, watching)),
        .daily_loss_e8 = instead_e8(a->daily_loss_e8, lost_e8, would_e8),
        .lifetime_loss_e8 = instead_e8(a->lifetime_loss_e8, lost_e8, would_e8),
    };
}

void shadow_new_day(struct shadow *sh)
{
    routes_new_day(&sh->day);
}
