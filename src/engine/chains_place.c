/* engine/chains_place.c: how a chain's order comes about: the same gates as an alert's, the
 * plugin's own limits, prices from the quotes journaled with the input, then the order manager. It
 * decides no strategy; chains_reentry.c and chains_profit.c say what they want. */
#include "engine/chains_impl.h"

#include <string.h>

#include "core/alloc.h"
#include "engine/gate.h"

#define ANY_LEVEL_E8  1 /* every quote is beyond it */
#define MS_PER_MINUTE INT64_C(60000)

static int conf_index(const struct engine_state *s, const char *plugin)
{
    for (int i = 0; i < CHAIN_PLUGINS; i++)
        if (plugin[0] != '\0' && strcmp(s->rules.chains[i].plugin, plugin) == 0)
            return i;
    return -1;
}

const struct chain_conf *chains_conf(const struct engine_state *s, const char *plugin)
{
    int i = conf_index(s, plugin);
    return i < 0 ? NULL : &s->rules.chains[i];
}

struct chain_day *chains_day(struct engine_state *s, const char *plugin)
{
    int i = conf_index(s, plugin);
    return i < 0 ? NULL : &s->chains.days[i];
}

/* ---- trend ---- */

static bool trend_agrees(const struct engine_state *s, const char *symbol, enum timeframe tf,
                         enum side side)
{
    const struct trends_trend *t = trends_trend(&s->trends, symbol, tf);
    return t == NULL || t->updated_ms == 0 || t->side == side;
}

/* RT-12: the next higher timeframe's counts; equal is against it. */
static bool pulse_agrees(const struct engine_state *s, const char *symbol, int route,
                         enum side side)
{
    static const enum timeframe higher[CHAIN_ROUTES] = {TF_15M, TF_5M, TF_15M, TF_1H, TF_4H};
    TR_ASSERT(route >= 0 && route < CHAIN_ROUTES);
    const struct trends_pulse *p = trends_pulse(&s->trends, symbol, higher[route]);
    if (p == NULL || !p->has_counts)
        return true;
    return side == SIDE_BUY ? p->bull > p->bear : p->bear > p->bull;
}

bool chains_trend_agrees(const struct engine_state *s, const struct chain_base *b, enum side side)
{
    int route = chain_conf_route_index(b->route);
    const struct chain_conf *conf = chains_conf(s, b->plugin);
    TR_ASSERT(side_sign(side) != 0);
    if (conf != NULL && conf->trend_source == CHAIN_TREND_CANDLES)
        return candles_side(s, b->symbol) == side; /* RE-6, RE-9 */
    if (conf_index(s, b->plugin) == CHAIN_PRICE_ACTION_V6)
        return pulse_agrees(s, b->symbol, route, side);
    if (!trend_agrees(s, b->symbol, TF_1H, side))
        return false;
    return trend_agrees(s, b->symbol, route == 3 ? TF_1D : TF_15M, side);
}

/* ---- prices ---- */

bool chains_price(const struct engine_tx *tx, const char *symbol, enum side side,
                  int64_t *ret_price_e8)
{
    struct quote q;
    if (!input_quotes_find(tx->quotes, symbol, &q))
        return false;
    *ret_price_e8 = side == SIDE_BUY ? q.bid_e8 : q.ask_e8;
    return true;
}

static void watch(struct engine_tx *tx, const struct chain_base *b, const struct price_watch *w)
{
    /* Without room nothing is told: the window ends, the stops stay at the broker. */
    TR_UNUSED bool has_room = prices_watch(&tx->s->prices, b->symbol, w);
}

void chains_watch(struct engine_tx *tx, const struct chain_base *b, enum side side,
                  int64_t level_e8, uint32_t tag)
{
    TR_ASSERT(side_sign(side) != 0);
    TR_ASSERT(level_e8 > 0);
    watch(tx, b,
          &(struct price_watch){.when = side == SIDE_BUY ? PRICE_BID_UP : PRICE_ASK_DOWN,
                                .owner = PRICE_OWNER_CHAIN,
                                .owner_id = b->origin_cid,
                                .tag = tag,
                                .level_e8 = level_e8});
}

void chains_watch_next(struct engine_tx *tx, const struct chain_base *b, uint32_t tag)
{
    watch(tx, b,
          &(struct price_watch){.when = PRICE_BID_UP,
                                .owner = PRICE_OWNER_CHAIN,
                                .owner_id = b->origin_cid,
                                .tag = tag,
                                .level_e8 = ANY_LEVEL_E8});
}

/* ---- gates ---- */

/* What of a plugin's trades is open or on its way, in chains; those of w itself do not count. */
struct open_ids {
    const char *ids[STATE_POSITIONS_MAX + STATE_ORDERS_MAX];
    int count, of_route;
};

static void note_open(struct open_ids *o, const struct chains_want *w, const char *plugin,
                      const char *route, const char *id)
{
    bool is_own = strcmp(id, w->base->id) == 0 || (w->also_id != NULL && str_eq(id, w->also_id));
    if (is_own || strcmp(plugin, w->base->plugin) != 0)
        return;
    for (int i = 0; i < o->count; i++)
        if (strcmp(o->ids[i], id) == 0)
            return;
    o->ids[o->count++] = id;
    o->of_route += strcmp(route, w->base->route) == 0;
}

static enum reason over_limit(int number, int limit, enum reason why, struct chains_answer *a)
{
    if (limit == 0 || number < limit)
        return REASON_ACCEPTED;
    a->number_e8 = number * DEC_ONE;
    a->limit_e8 = limit * DEC_ONE;
    return why;
}

static enum reason open_gate(const struct engine_state *s, const struct chains_want *w,
                             const struct chain_conf *conf, struct chains_answer *a)
{
    struct open_ids *open TR_CLEANUP(mem_freep) = xalloc(sizeof(*open));
    for (size_t i = 0; i < s->position_count; i++)
        note_open(open, w, s->positions[i].plugin, s->positions[i].route, s->positions[i].chain_id);
    for (size_t i = 0; i < s->order_count; i++)
        if (s->orders[i].purpose == ORDER_OPEN)
            note_open(open, w, s->orders[i].plugin, s->orders[i].route, s->orders[i].chain_id);
    enum reason r = over_limit(open->count, conf->max_open, REASON_MAX_OPEN_TRADES, a);
    int of_route = chain_conf_route(conf, w->base->route)->max_open;
    return r != REASON_ACCEPTED ? r
                                : over_limit(open->of_route, of_route, REASON_MAX_OPEN_TRADES, a);
}

static enum reason loss_gate(int64_t loss_e8, int64_t cap_e8, struct chains_answer *a)
{
    if (cap_e8 == 0 || loss_e8 < cap_e8)
        return REASON_ACCEPTED;
    a->number_e8 = loss_e8;
    a->limit_e8 = cap_e8;
    return REASON_DAILY_LOSS_CAP;
}

/* What the plugin allows each of its routes in a day. */
static enum reason route_gate(const struct engine_state *s, const struct chains_want *w,
                              const struct chain_conf *conf, struct chains_answer *a)
{
    const struct chain_route_conf *route = chain_conf_route(conf, w->base->route);
    for (size_t i = 0; i < s->routes.count; i++) {
        const struct plugin_route *r = &s->routes.items[i];
        if (!str_eq(r->plugin, w->base->plugin) || !str_eq(r->route, w->base->route))
            continue;
        enum reason why = loss_gate(r->daily_loss_e8, route->daily_loss_cap_e8, a);
        if (why != REASON_ACCEPTED || w->is_same_trade)
            return why;
        return over_limit(r->daily_entries, route->max_daily, REASON_MAX_DAILY_TRADES, a);
    }
    return REASON_ACCEPTED;
}

static bool is_plugin_active(const struct engine_tx *tx, const char *plugin)
{
    for (size_t i = 0; i < tx->opt->plugin_count; i++)
        if (strcmp(tx->opt->plugins[i]->id, plugin) == 0)
            return apply_plugin_is_active(tx->s, tx->opt, i);
    return false;
}

static enum reason plugin_gate(struct engine_tx *tx, const struct chains_want *w,
                               const struct chain_conf *conf, struct chains_answer *a)
{
    struct engine_state *s = tx->s;
    const struct state_plugin *p = state_plugin(s, w->base->plugin);
    if (!conf->enabled || !conf->autonomous)
        return REASON_RE_ENTRY_OFF;
    if (!is_plugin_active(tx, w->base->plugin))
        return REASON_PLUGIN_DISABLED;
    if (conf->protection == REENTRY_PROTECTION_SESSION) {
        struct reentry_protection_case c = {.semantics = REENTRY_PROTECTION_SESSION,
                                            .profit_e8 = s->account.daily_profit_e8 -
                                                         s->account.daily_loss_e8,
                                            .session_stop_e8 = conf->session_stop_e8};
        if (!reentry_protection_allows(&c, &a->limit_e8)) {
            a->number_e8 = c.profit_e8;
            return REASON_PROFIT_PROTECTION;
        }
    }
    enum reason r = loss_gate(s->account.daily_loss_e8, conf->daily_loss_cap_e8, a);
    if (r == REASON_ACCEPTED && !w->is_same_trade && p != NULL)
        r = over_limit(p->daily_entries, conf->max_daily, REASON_MAX_DAILY_TRADES, a);
    if (r == REASON_ACCEPTED)
        r = route_gate(s, w, conf, a);
    return r != REASON_ACCEPTED ? r : open_gate(s, w, conf, a);
}

bool chains_is_for_now(enum reason r)
{
    return r == REASON_PAUSED || r == REASON_BROKER_DOWN || r == REASON_SYMBOL_UNKNOWN_ORDER ||
           r == REASON_ENTRIES_HALTED || r == REASON_MAX_OPEN_TRADES || r == REASON_NO_QUOTE ||
           r == REASON_TREND_NOT_ALIGNED || r == REASON_PLUGIN_DISABLED;
}

/* ---- levels ---- */

/* Stop and target on the symbol's ticks; a stop goes away from the market (spec brokers 3.6). */
static enum reason levels(const struct symbol_info *info, const struct chains_want *w,
                          const struct quote *q, struct chains_answer *a)
{
    int sign = side_sign(w->side);
    int64_t tick_e8 = symbol_tick_e8(info);
    a->entry_e8 = sign > 0 ? q->ask_e8 : q->bid_e8;
    a->sl_e8 = w->sl_e8;
    a->tp_e8 = w->tp_e8;
    if (w->sl_e8 == DEC_NONE) {
        int64_t distance_e8 = dec_mul(w->sl_pips_e8, info->pip_size_e8, DEC_HALF_AWAY);
        if (distance_e8 < info->min_sl_dist_e8)
            distance_e8 = info->min_sl_dist_e8;
        a->sl_e8 =
            dec_to_step(a->entry_e8 - sign * distance_e8, tick_e8, sign > 0 ? DEC_DOWN : DEC_UP);
        distance_e8 = dec_abs(a->entry_e8 - a->sl_e8);
        a->tp_e8 = dec_to_step(a->entry_e8 + sign * dec_mul(distance_e8, w->rr_e8, DEC_HALF_AWAY),
                               tick_e8, DEC_HALF_AWAY);
    }
    if (a->sl_e8 <= 0 || (a->tp_e8 != DEC_NONE && (a->tp_e8 - a->entry_e8) * sign <= 0))
        return REASON_STOP_WRONG_SIDE;
    return (a->entry_e8 - a->sl_e8) * sign < info->min_sl_dist_e8 ? REASON_STOP_TOO_CLOSE
                                                                  : REASON_ACCEPTED;
}

static enum reason risk_gate(struct engine_tx *tx, const struct chains_want *w,
                             struct chains_answer *a)
{
    struct risk_want want = {.symbol = w->base->symbol,
                             .side = w->side,
                             .lots_e8 = a->lots_e8,
                             .entry_e8 = a->entry_e8,
                             .sl_e8 = a->sl_e8,
                             .is_same_trade = w->is_same_trade};
    struct risk_answer answer;
    risk_check(tx->s, tx->quotes, tx->now_ms, &want, &answer);
    a->number_e8 = answer.number_e8;
    a->limit_e8 = answer.limit_e8;
    return answer.reason;
}

static enum reason prepare(struct engine_tx *tx, const struct chains_want *w,
                           struct chains_answer *a)
{
    const struct symbol_info *info = symbol_find(w->base->symbol);
    const struct chain_conf *conf = chains_conf(tx->s, w->base->plugin);
    struct quote q;
    if (conf == NULL || info == NULL)
        return REASON_RE_ENTRY_OFF;
    if (!shadow_may_trade(tx->s, w->base->plugin, w->base->route))
        return REASON_NOT_OWNER;
    enum reason r = gate_entry(tx->s, w->base->symbol, &a->number_e8, &a->limit_e8);
    if (r == REASON_ACCEPTED)
        r = plugin_gate(tx, w, conf, a);
    if (r != REASON_ACCEPTED)
        return r;
    if (tx->legs + PROFIT_CHAIN_ORDERS_MAX >= ORDERS_LEGS_KEPT - STATE_POSITIONS_MAX)
        return REASON_ENTRIES_HALTED; /* the closes of this input come first */
    if (!input_quotes_find(tx->quotes, w->base->symbol, &q))
        return REASON_NO_QUOTE;
    a->lots_e8 = dec_to_step(w->lots_e8, info->volume_step_e8, DEC_DOWN);
    if (a->lots_e8 < info->volume_min_e8) {
        a->number_e8 = w->lots_e8;
        a->limit_e8 = info->volume_min_e8;
        return REASON_LOT_BELOW_MIN;
    }
    r = levels(info, w, &q, a);
    return r == REASON_ACCEPTED ? risk_gate(tx, w, a) : r;
}

struct chains_answer chains_place(struct engine_tx *tx, const struct chains_want *w)
{
    struct chains_answer a = {.number_e8 = DEC_NONE, .limit_e8 = DEC_NONE};
    TR_ASSERT(side_sign(w->side) != 0);
    TR_ASSERT(w->lots_e8 > 0);
    a.reason = prepare(tx, w, &a);
    if (a.reason != REASON_ACCEPTED)
        return a;
    struct order o = {
        .cid = orders_next_cid(tx),
        .purpose = ORDER_OPEN,
        .role = w->role,
        .side = w->side,
        .lots_e8 = a.lots_e8,
        .want_price_e8 = a.entry_e8,
        .sl_e8 = a.sl_e8,
        .tp_e8 = a.tp_e8,
    };
    o.position_cid = o.cid;
    (void)str_copy(o.symbol, sizeof(o.symbol), w->base->symbol);
    (void)str_copy(o.plugin, sizeof(o.plugin), w->base->plugin);
    (void)str_copy(o.route, sizeof(o.route), w->base->route);
    (void)str_copy(o.chain_id, sizeof(o.chain_id), w->base->id);
    bool placed = orders_submit(tx, &o);
    TR_ASSERT(placed); /* gate_entry left room */
    a.cid = o.cid;
    struct state_plugin *p = state_plugin(tx->s, w->base->plugin);
    if (w->is_same_trade)
        return a;
    routes_entered(&tx->s->routes, w->base->plugin, w->base->route);
    if (p != NULL)
        p->daily_entries++;
    return a;
}

/* ---- RE-15 ---- */

static bool is_recovering(const struct chain_base *b)
{
    return b->state == CHAIN_HUNTING || b->state == CHAIN_RECOVERING;
}

static int recoveries_of(const struct profit_chain *c)
{
    int n = 0;
    for (int i = 0; i < c->order_count; i++)
        n += c->orders[i].state == PROFIT_ORDER_HUNTING ||
             (c->orders[i].is_retry && c->orders[i].state <= PROFIT_ORDER_OPEN);
    return n;
}

int chains_concurrent(const struct engine_state *s, const char *plugin)
{
    int n = 0;
    for (size_t i = 0; i < s->chains.reentry_count; i++) {
        const struct chain_base *b = &s->chains.reentry[i].base;
        n += is_recovering(b) && strcmp(b->plugin, plugin) == 0;
    }
    for (size_t i = 0; i < s->chains.profit_count; i++)
        if (strcmp(s->chains.profit[i].base.plugin, plugin) == 0)
            n += recoveries_of(&s->chains.profit[i]);
    return n;
}

struct chains_answer chains_limits(struct engine_tx *tx, const char *plugin, int concurrent)
{
    const struct chain_conf *conf = chains_conf(tx->s, plugin);
    struct chain_day *day = chains_day(tx->s, plugin);
    struct chains_answer a = {.reason = REASON_RE_ENTRY_OFF};
    if (conf == NULL)
        return a;
    TR_ASSERT(day != NULL);
    const struct reentry_limits limits = {conf->max_attempts, conf->max_losses,
                                          conf->max_concurrent};
    const struct reentry_counts counts = {day->attempts, day->losses, concurrent,
                                          day->blocked_until_ms};
    a.reason = reentry_limits_check(&limits, &counts, tx->now_ms, &a.number_e8, &a.limit_e8);
    if (a.reason != REASON_ACCEPTED && tx->now_ms >= day->blocked_until_ms)
        day->blocked_until_ms = tx->now_ms + conf->limit_wait_min * MS_PER_MINUTE;
    return a;
}
