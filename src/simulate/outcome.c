/* simulate/outcome.c: events -> trades, chains, figures. */
#include "simulate/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

#define GROW_FIRST 256

/* Room for one more; the list moves. */
static void *grow(void *items, size_t count, size_t *cap, size_t item_bytes)
{
    if (count < *cap)
        return items;
    size_t wanted = *cap == 0 ? GROW_FIRST : 2 * *cap;
    char *bigger = xcalloc(wanted, item_bytes);
    if (count > 0)
        memcpy(bigger, items, count * item_bytes);
    mem_free(items);
    *cap = wanted;
    return bigger;
}

void sim_outcome_deinit(struct sim_outcome *o)
{
    o->trades = mem_free(o->trades);
    o->chains = mem_free(o->chains);
    o->trade_count = o->chain_count = 0;
}

/* ---- trades ---- */

/* Newest first: what is open was opened lately. */
static struct sim_trade *find_trade(struct sim_outcome *o, uint64_t position_cid)
{
    for (size_t i = o->trade_count; i-- > 0;)
        if (o->trades[i].position_cid == position_cid)
            return &o->trades[i];
    return NULL;
}

static void opened(struct sim_outcome *o, const struct event *e)
{
    struct sim_trade *t = find_trade(o, e->position_cid);
    if (t == NULL) {
        o->trades = grow(o->trades, o->trade_count, &o->trade_cap, sizeof(*o->trades));
        t = &o->trades[o->trade_count++];
        *t = (struct sim_trade){.position_cid = e->position_cid,
                                .side = e->side,
                                .role = e->role,
                                .exit_e8 = DEC_NONE,
                                .opened_ms = e->time_ms};
        (void)str_copy(t->plugin, sizeof(t->plugin), e->plugin);
        (void)str_copy(t->route, sizeof(t->route), e->route);
        (void)str_copy(t->symbol, sizeof(t->symbol), e->symbol);
        (void)str_copy(t->chain_id, sizeof(t->chain_id), e->chain_id);
    }
    t->lots_e8 = t->closed_e8 + e->lots_e8; /* the event has the position as it is now */
    t->entry_e8 = e->entry_e8;
    t->fills++;
    o->fills++;
}

static struct sim_group *group_of(struct sim_outcome *o, const struct sim_trade *t)
{
    for (size_t i = 0; i < o->group_count; i++)
        if (str_eq(o->groups[i].plugin, t->plugin) && str_eq(o->groups[i].route, t->route))
            return &o->groups[i];
    if (o->group_count == SIM_GROUPS_MAX)
        return NULL; /* more routes than there are: counted in the whole only */
    struct sim_group *g = &o->groups[o->group_count++];
    (void)str_copy(g->plugin, sizeof(g->plugin), t->plugin);
    (void)str_copy(g->route, sizeof(g->route), t->route);
    return g;
}

static void count(struct sim_figures *f, int64_t deal_net_e8, const struct sim_trade *done)
{
    f->net_e8 += deal_net_e8;
    if (f->net_e8 > f->peak_e8)
        f->peak_e8 = f->net_e8;
    if (f->peak_e8 - f->net_e8 > f->max_drawdown_e8)
        f->max_drawdown_e8 = f->peak_e8 - f->net_e8;
    if (done == NULL)
        return;
    int64_t net_e8 = done->profit_e8 + done->swap_e8 - done->commission_e8;
    f->trades++;
    f->wins += net_e8 > 0;
    f->losses += net_e8 < 0;
}

static void closed(struct sim_outcome *o, const struct event *e)
{
    struct sim_trade *t = find_trade(o, e->position_cid);
    if (t == NULL)
        return; /* opened before the simulation: there is no before */
    t->closed_e8 += e->lots_e8;
    t->exit_e8 = e->exit_e8;
    t->reason = e->reason;
    t->profit_e8 += e->profit_e8;
    t->commission_e8 += e->commission_e8;
    t->swap_e8 += e->swap_e8;
    t->fills++;
    o->fills++;
    bool is_done = e->number_e8 == DEC_NONE || e->number_e8 <= 0;
    if (is_done)
        t->closed_ms = e->time_ms;
    int64_t net_e8 = e->profit_e8 + e->swap_e8 - e->commission_e8;
    struct sim_group *g = group_of(o, t);
    count(&o->all, net_e8, is_done ? t : NULL);
    if (g != NULL)
        count(&g->f, net_e8, is_done ? t : NULL);
}

/* ---- chains ---- */

/* "STATUS KIND STATE WINDOW" of re-entry chains, "STATE PROFIT BOOKED/ALL PARENT" of profit
 * chains. */
static void take_words(struct sim_chain *c, const char *text)
{
    char words[4][24] = {"", "", "", ""};
    for (size_t i = 0; i < TR_ARRAY_SIZE(words) && *text != '\0'; i++) {
        size_t len = strcspn(text, " ");
        if (len < sizeof(words[i]))
            memcpy(words[i], text, len);
        text += len;
        text += *text == ' ' ? 1 : 0;
    }
    bool is_profit = str_eq(words[1], "PROFIT");
    (void)str_copy(c->kind, sizeof(c->kind), words[1]);
    (void)str_copy(c->state, sizeof(c->state), is_profit ? words[0] : words[2]);
}

static void chain_state(struct sim_outcome *o, const struct event *e)
{
    struct sim_chain *c = NULL;
    struct sim_chain now = {.side = e->side,
                            .stop_reason = e->reason,
                            .level = (int)(e->number_e8 / DEC_ONE),
                            .entries = e->score,
                            .profit_e8 = e->profit_e8,
                            .loss_e8 = e->commission_e8,
                            .opened_ms = e->swap_e8,
                            .updated_ms = e->time_ms};
    (void)str_copy(now.id, sizeof(now.id), e->chain_id);
    (void)str_copy(now.plugin, sizeof(now.plugin), e->plugin);
    (void)str_copy(now.route, sizeof(now.route), e->route);
    (void)str_copy(now.symbol, sizeof(now.symbol), e->symbol);
    take_words(&now, e->text);
    for (size_t i = o->chain_count; c == NULL && i-- > 0;)
        if (str_eq(o->chains[i].id, now.id))
            c = &o->chains[i];
    if (c == NULL) {
        o->chains = grow(o->chains, o->chain_count, &o->chain_cap, sizeof(*o->chains));
        c = &o->chains[o->chain_count++];
    }
    *c = now;
}

/* ---- events in ---- */

static int visit(const struct output_view *v, void *ctx)
{
    struct sim_outcome *o = ctx;
    if (v->kind != OUTPUT_EVENT)
        return 0;
    const struct event *e = &v->event;
    if (e->type == EVENT_TRADE_OPENED)
        opened(o, e);
    else if (e->type == EVENT_TRADE_CLOSED)
        closed(o, e);
    else if (e->type == EVENT_CHAIN_STATE)
        chain_state(o, e);
    o->unknown_orders += e->type == EVENT_ORDER_UNKNOWN;
    o->failed_orders += e->type == EVENT_ORDER_FAILED;
    return 0;
}

void sim_outcome_take(struct sim_outcome *o, const struct outputs *out)
{
    int r = outputs_visit(out->blob.data, out->blob.len, visit, o);
    TR_ASSERT(r == 0); /* packed a moment ago */
}

static int by_name(const void *a, const void *b)
{
    const struct sim_group *x = a, *y = b;
    int order = strcmp(x->plugin, y->plugin);
    return order != 0 ? order : strcmp(x->route, y->route);
}

static void rate(struct sim_figures *f)
{
    if (f->trades > 0)
        f->win_rate_e8 = dec_muldiv(f->wins, DEC_ONE, f->trades, DEC_HALF_AWAY);
}

void sim_outcome_finish(struct sim_outcome *o)
{
    rate(&o->all);
    for (size_t i = 0; i < o->group_count; i++)
        rate(&o->groups[i].f);
    qsort(o->groups, o->group_count, sizeof(o->groups[0]), by_name);
}
