/* engine/chains.c: see chains.h. This file finds the chain an input is about, calls its machine,
 * removes chains that have ended, and encodes the state. A chain that ends inside a callback keeps
 * its slot until the callback is over, so that nothing moves under its machine. */
#include "engine/chains_impl.h"

#include <string.h>

#include "core/alloc.h"

const char *chain_state_name(enum chain_state s)
{
    static const char *const names[CHAIN_STATE_COUNT] = {
        "",          "ACTIVE",  "HUNTING",   "RECOVERING", "CONTINUING", "LEAVING",
        "ADVANCING", "MISSING", "COMPLETED", "STOPPED",    "STALE"};
    TR_ASSERT((int)s >= 0 && s < CHAIN_STATE_COUNT);
    return names[s];
}

const char *chain_kind_name(enum chain_kind k)
{
    static const char *const names[CHAIN_KIND_COUNT] = {"", "SL_HUNT", "TP_CONTINUATION",
                                                        "EXIT_CONTINUATION"};
    TR_ASSERT((int)k >= 0 && k < CHAIN_KIND_COUNT);
    return names[k];
}

bool chain_state_is_terminal(enum chain_state s)
{
    return s == CHAIN_COMPLETED || s == CHAIN_STOPPED || s == CHAIN_STALE;
}

bool chain_state_may_follow(enum chain_state from, enum chain_state to)
{
    switch (from) {
    case CHAIN_UNSET:
        return to == CHAIN_ACTIVE;
    case CHAIN_ACTIVE:
        return to != CHAIN_UNSET && to != CHAIN_ACTIVE && to != CHAIN_RECOVERING;
    case CHAIN_RECOVERING:
        return to == CHAIN_CONTINUING || to == CHAIN_LEAVING || to == CHAIN_MISSING ||
               chain_state_is_terminal(to);
    case CHAIN_HUNTING:
        return to == CHAIN_RECOVERING || to == CHAIN_STOPPED;
    case CHAIN_CONTINUING:
        return to == CHAIN_ACTIVE || to == CHAIN_COMPLETED || to == CHAIN_STOPPED;
    case CHAIN_LEAVING:
        return to == CHAIN_ACTIVE || to == CHAIN_STOPPED;
    case CHAIN_ADVANCING:
        return to == CHAIN_ACTIVE || to == CHAIN_STOPPED;
    case CHAIN_MISSING:
        return to == CHAIN_ACTIVE || to == CHAIN_RECOVERING || to == CHAIN_STOPPED ||
               to == CHAIN_STALE;
    case CHAIN_COMPLETED:
    case CHAIN_STOPPED:
    case CHAIN_STALE:
    case CHAIN_STATE_COUNT:
        break;
    }
    return false;
}

void chain_set_state(struct engine_tx *tx, struct chain_base *b, enum chain_state to)
{
    TR_ASSERT(chain_state_may_follow(b->state, to));
    b->state = to;
    b->updated_ms = tx->now_ms;
    b->told = REASON_UNSET;
    b->retry_ms = 0;
    bool waits = to == CHAIN_HUNTING || to == CHAIN_CONTINUING || to == CHAIN_LEAVING ||
                 to == CHAIN_ADVANCING;
    if (!waits)
        b->until_ms = 0;
    if (to != CHAIN_MISSING) {
        b->missing_checks = 0;
        b->check_ms = 0;
    }
}

struct event chains_event(const struct engine_tx *tx, const struct chain_base *b,
                          enum event_type type)
{
    struct event e = apply_event(tx, type);
    e.cause_seq = b->cause_seq;
    e.position_cid = b->origin_cid;
    e.side = b->side;
    e.role = b->role;
    (void)str_copy(e.symbol, sizeof(e.symbol), b->symbol);
    (void)str_copy(e.plugin, sizeof(e.plugin), b->plugin);
    (void)str_copy(e.route, sizeof(e.route), b->route);
    (void)str_copy(e.chain_id, sizeof(e.chain_id), b->id);
    return e;
}

void chains_tell_blocked(struct engine_tx *tx, struct chain_base *b, const struct chains_answer *a)
{
    TR_ASSERT(a->reason != REASON_ACCEPTED);
    if (b->told == a->reason)
        return;
    b->told = a->reason;
    struct event e = chains_event(tx, b, EVENT_CHAIN_BLOCKED);
    e.reason = a->reason;
    e.number_e8 = a->number_e8;
    e.limit_e8 = a->limit_e8;
    outputs_add_event(tx->out, &e);
}

/* ---- finding ---- */

static bool is_chains_cid(const struct chain *c, uint64_t cid)
{
    return c->cid == cid || c->shield.cids[0] == cid || c->shield.cids[1] == cid;
}

static struct chain *find_chain(struct engine_state *s, uint64_t cid)
{
    TR_ASSERT(cid != 0);
    for (size_t i = 0; i < s->chains.reentry_count; i++)
        if (is_chains_cid(&s->chains.reentry[i], cid))
            return &s->chains.reentry[i];
    return NULL;
}

static struct profit_chain *find_order(struct engine_state *s, uint64_t cid,
                                       struct profit_order **ret_order)
{
    TR_ASSERT(cid != 0);
    for (size_t i = 0; i < s->chains.profit_count; i++) {
        struct profit_chain *c = &s->chains.profit[i];
        for (int k = 0; k < c->order_count; k++) {
            if (c->orders[k].cid != cid)
                continue;
            *ret_order = &c->orders[k];
            return c;
        }
    }
    return NULL;
}

static void forget_watches(struct engine_state *s, const struct chain_base *b)
{
    prices_unwatch(&s->prices, PRICE_OWNER_CHAIN, b->origin_cid);
}

static bool has_shield(const struct chain *c)
{
    return c->shield.cids[0] != 0 || c->shield.cids[1] != 0 || c->shield.is_wanted;
}

/* Chains that have ended in this input leave the lists. */
static void sweep(struct engine_state *s)
{
    struct chains *all = &s->chains;
    size_t kept = 0;
    for (size_t i = 0; i < all->reentry_count; i++) {
        struct chain *c = &all->reentry[i];
        if (chain_state_is_terminal(c->base.state) && !has_shield(c)) {
            forget_watches(s, &c->base);
            continue;
        }
        if (kept != i)
            all->reentry[kept] = *c;
        kept++;
    }
    all->reentry_count = kept;
    kept = 0;
    for (size_t i = 0; i < all->profit_count; i++) {
        struct profit_chain *c = &all->profit[i];
        if (chain_state_is_terminal(c->base.state)) {
            forget_watches(s, &c->base);
            continue;
        }
        if (kept != i)
            all->profit[kept] = *c;
        kept++;
    }
    all->profit_count = kept;
}

/* ---- callbacks ---- */

/* Order A stands beside this one: open, on its way, or just ended. */
static bool has_order_a(const struct engine_state *s, const struct position *p)
{
    for (size_t i = 0; i < s->position_count; i++)
        if (s->positions[i].role == ORDER_ROLE_A &&
            strcmp(s->positions[i].chain_id, p->chain_id) == 0)
            return true;
    for (size_t i = 0; i < s->order_count; i++)
        if (s->orders[i].role == ORDER_ROLE_A && s->orders[i].purpose == ORDER_OPEN &&
            strcmp(s->orders[i].chain_id, p->chain_id) == 0)
            return true;
    for (size_t i = 0; i < s->chains.reentry_count; i++)
        if (strcmp(s->chains.reentry[i].base.id, p->chain_id) == 0)
            return true;
    return false;
}

static void begin(struct engine_tx *tx, const struct position *p)
{
    const struct chain_conf *conf = chains_conf(tx->s, p->plugin);
    if (conf == NULL || p->chain_id[0] == '\0' || symbol_find(p->symbol) == NULL)
        return;
    bool is_b = p->role == ORDER_ROLE_B;
    if (!is_b && p->role != ORDER_ROLE_A)
        return;
    bool is_beside_a = is_b && has_order_a(tx->s, p);
    if (is_b && conf->profit_enabled && (is_beside_a || conf->profit_lone_b))
        chains_profit_begin(tx, p);
    else if (!is_beside_a && conf->enabled)
        chains_reentry_begin(tx, p);
}

void chains_on_open(struct engine_tx *tx, const struct position *p, bool is_late)
{
    struct profit_order *order;
    struct chain *c = find_chain(tx->s, p->cid);
    if (c != NULL) {
        if (c->cid == p->cid)
            chains_reentry_on_open(tx, c, p);
        return; /* a shield's order: its levels are at the broker */
    }
    struct profit_chain *f = find_order(tx->s, p->cid, &order);
    if (f != NULL)
        chains_profit_on_open(tx, f, order, p);
    else if (!is_late)
        begin(tx, p);
}

void chains_on_close(struct engine_tx *tx, const struct chains_close *x)
{
    struct profit_order *order;
    struct chain *c = find_chain(tx->s, x->p->cid);
    if (c != NULL) {
        chains_reentry_on_close(tx, c, x);
    } else {
        struct profit_chain *f = find_order(tx->s, x->p->cid, &order);
        if (f != NULL)
            chains_profit_on_close(tx, f, order, x);
    }
    sweep(tx->s);
}

void chains_on_order_failed(struct engine_tx *tx, const struct order *o)
{
    struct profit_order *order;
    uint64_t cid = o->purpose == ORDER_CLOSE ? o->position_cid : o->cid;
    struct chain *c = find_chain(tx->s, cid);
    struct profit_chain *f = c == NULL ? find_order(tx->s, cid, &order) : NULL;
    if (c != NULL && o->purpose == ORDER_OPEN)
        chains_reentry_on_failed(tx, c, o);
    else if (f != NULL)
        chains_profit_on_failed(tx, f, order, o);
    sweep(tx->s);
}

void chains_on_order_renamed(struct engine_tx *tx, uint64_t old_cid, uint64_t new_cid)
{
    struct profit_order *order;
    struct chain *c = find_chain(tx->s, old_cid);
    TR_ASSERT(new_cid != old_cid);
    if (c != NULL) {
        uint64_t *const names[] = {&c->cid, &c->shield.cids[0], &c->shield.cids[1]};
        for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++)
            if (*names[i] == old_cid)
                *names[i] = new_cid;
    } else if (find_order(tx->s, old_cid, &order) != NULL) {
        order->cid = new_cid;
    }
}

static const struct chain *recovery_of(const struct engine_state *s, const struct price_watch *w)
{
    if (w->owner != PRICE_OWNER_CHAIN || w->tag != CHAIN_TAG_ENTER)
        return NULL;
    for (size_t i = 0; i < s->chains.reentry_count; i++) {
        const struct chain *c = &s->chains.reentry[i];
        if (c->base.origin_cid == w->owner_id)
            return c->base.state == CHAIN_HUNTING ? c : NULL;
    }
    return NULL;
}

static struct reentry_claim claim_of(const struct chain *c)
{
    return (struct reentry_claim){c->base.profit_e8 - c->base.loss_e8, c->base.opened_ms,
                                  c->base.origin_cid};
}

static bool goes_first(const struct chain *a, const struct chain *b)
{
    const struct reentry_claim first = claim_of(a), second = claim_of(b);
    return reentry_goes_first(&first, &second);
}

void chains_by_priority(const struct engine_state *s, struct price_watch *reached, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct chain *best = recovery_of(s, &reached[i]);
        size_t at = i;
        for (size_t k = i + 1; best != NULL && k < n; k++) {
            const struct chain *other = recovery_of(s, &reached[k]);
            if (other == NULL || !goes_first(other, best))
                continue;
            best = other;
            at = k;
        }
        struct price_watch w = reached[i];
        reached[i] = reached[at];
        reached[at] = w;
    }
}

void chains_on_price(struct engine_tx *tx, uint64_t origin_cid, uint32_t tag)
{
    struct chains *all = &tx->s->chains;
    for (size_t i = 0; i < all->reentry_count; i++)
        if (all->reentry[i].base.origin_cid == origin_cid)
            chains_reentry_on_price(tx, &all->reentry[i], tag);
    for (size_t i = 0; i < all->profit_count; i++)
        if (all->profit[i].base.origin_cid == origin_cid)
            chains_profit_on_price(tx, &all->profit[i], tag);
    sweep(tx->s);
}

void chains_check(struct engine_tx *tx)
{
    struct chains *all = &tx->s->chains;
    for (size_t i = 0; i < all->reentry_count; i++)
        chains_reentry_check(tx, &all->reentry[i]);
    for (size_t i = 0; i < all->profit_count; i++)
        chains_profit_check(tx, &all->profit[i]);
    sweep(tx->s);
}

void chains_timers(struct engine_tx *tx)
{
    struct chains *all = &tx->s->chains;
    for (size_t i = 0; i < all->reentry_count; i++)
        chains_reentry_timer(tx, &all->reentry[i]);
    for (size_t i = 0; i < all->profit_count; i++)
        chains_profit_timer(tx, &all->profit[i]);
    sweep(tx->s);
}

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
    return b_ms != 0 && b_ms < a_ms ? b_ms : a_ms;
}

static int64_t base_due_ms(const struct chain_base *b)
{
    int64_t due_ms = earlier(INT64_MAX, b->retry_ms);
    due_ms = earlier(due_ms, b->check_ms);
    return earlier(due_ms, b->until_ms == 0 ? 0 : b->until_ms + 1);
}

int64_t chains_next_due_ms(const struct engine_state *s)
{
    int64_t due_ms = INT64_MAX;
    for (size_t i = 0; i < s->chains.reentry_count; i++)
        due_ms = earlier(due_ms, base_due_ms(&s->chains.reentry[i].base));
    for (size_t i = 0; i < s->chains.profit_count; i++) {
        due_ms = earlier(due_ms, base_due_ms(&s->chains.profit[i].base));
        due_ms = earlier(due_ms, chains_profit_due_ms(&s->chains.profit[i]));
    }
    return due_ms;
}

void chains_roll_day(struct engine_state *s)
{
    for (int i = 0; i < CHAIN_PLUGINS; i++) {
        s->chains.days[i].attempts = 0;
        s->chains.days[i].losses = 0;
    }
}

/* ---- commands ---- */

size_t tx_chain_count(const struct engine_tx *tx)
{
    return tx->s->chains.reentry_count + tx->s->chains.profit_count;
}

static void show_base(const struct chain_base *b, struct tx_chain *ret)
{
    *ret = (struct tx_chain){
        .id = b->id,
        .plugin = b->plugin,
        .route = b->route,
        .symbol = b->symbol,
        .side = b->side,
        .state = b->state,
        .level = b->level,
        .profit_e8 = b->profit_e8,
        .loss_e8 = b->loss_e8,
        .watch_e8 = DEC_NONE,
        .until_ms = b->until_ms,
        .opened_ms = b->opened_ms,
    };
}

void tx_chain_at(const struct engine_tx *tx, size_t i, struct tx_chain *ret)
{
    const struct chains *all = &tx->s->chains;
    TR_ASSERT(i < tx_chain_count(tx));
    if (i < all->reentry_count) {
        const struct chain *c = &all->reentry[i];
        const struct chain_conf *conf = chains_conf(tx->s, c->base.plugin);
        show_base(&c->base, ret);
        ret->kind = c->kind;
        ret->max_level =
            conf == NULL ? c->base.level : chain_conf_route(conf, c->base.route)->max_levels;
        ret->lots_e8 = c->lots_e8;
        ret->orders_total = c->entries;
        if (c->base.until_ms != 0)
            ret->watch_e8 = c->watch_e8;
        return;
    }
    const struct profit_chain *f = &all->profit[i - all->reentry_count];
    show_base(&f->base, ret);
    ret->is_profit = true;
    ret->max_level = PROFIT_CHAIN_LEVELS - 1;
    ret->lots_e8 = f->lots_e8;
    ret->orders_total = f->orders_total;
    ret->orders_booked = f->booked_total;
    for (int k = 0; k < f->order_count; k++)
        ret->orders_open += f->orders[k].state == PROFIT_ORDER_OPEN;
}

enum reason tx_chain_stop(struct engine_tx *tx, const char *id, bool profit_only, int *ret_count)
{
    struct chains *all = &tx->s->chains;
    bool is_all = strcmp(id, "all") == 0;
    *ret_count = 0;
    for (size_t i = 0; i < all->reentry_count && !profit_only; i++) {
        struct chain *c = &all->reentry[i];
        if (chain_state_is_terminal(c->base.state) || !(is_all || strcmp(c->base.id, id) == 0))
            continue;
        chains_reentry_stop(tx, c, REASON_MANUAL_CLOSE);
        (*ret_count)++;
    }
    for (size_t i = 0; i < all->profit_count; i++) {
        struct profit_chain *c = &all->profit[i];
        if (!is_all && strcmp(c->base.id, id) != 0)
            continue;
        chains_profit_stop(tx, c, REASON_MANUAL_CLOSE);
        (*ret_count)++;
    }
    sweep(tx->s);
    return *ret_count > 0 ? REASON_ACCEPTED : REASON_CHAIN_NOT_FOUND;
}

struct chain_day tx_chain_day(const struct engine_tx *tx, enum chain_plugin plugin)
{
    TR_ASSERT((int)plugin >= 0 && plugin < CHAIN_PLUGINS);
    return tx->s->chains.days[plugin];
}
