/* engine/signals.c: signals_decide() asks the plugin and applies the trader-wide gates;
 * apply_signal() carries a decision out: closes first, then orders, then what people hear. The two
 * are apart because the decision is journaled as part of the input and never asked for again. */
#include "engine/signals.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "engine/exits.h"
#include "engine/gate.h"
#include "engine/trends.h"

#define PLUGIN_FAILURES_MAX 5   /* RT-16 */
#define SIGNALS_NOBODY      "?" /* no strategy: nobody's losses are left out */

static const struct state_plugin *plugin_state(const struct engine_state *s, const char *id)
{
    for (size_t i = 0; i < s->plugin_count; i++)
        if (strcmp(s->plugins[i].id, id) == 0)
            return &s->plugins[i];
    return NULL;
}

/* What an opening order under way may become; it counts as open, or a burst of alerts would pass
 * every limit before the first fill is back. */
static struct position as_position(const struct order *o)
{
    struct position p = {
        .cid = o->cid,
        .parent_seq = o->parent_seq,
        .side = o->side,
        .role = o->role,
        .lots_e8 = o->lots_e8,
        .entry_e8 = o->want_price_e8,
        .sl_e8 = o->sl_e8,
        .tp_e8 = o->tp_e8,
        .opened_ms = o->created_ms,
    };
    (void)str_copy(p.symbol, sizeof(p.symbol), o->symbol);
    (void)str_copy(p.plugin, sizeof(p.plugin), o->plugin);
    (void)str_copy(p.route, sizeof(p.route), o->route);
    (void)str_copy(p.chain_id, sizeof(p.chain_id), o->chain_id);
    return p;
}

/* Positions, opening orders and the plugin's virtual positions together; NULL when there are only
 * the first: then the state's own list is the answer. The caller frees. */
static struct position *with_pending(const struct engine_state *s, const char *plugin,
                                     size_t *ret_count)
{
    size_t cap = s->position_count + s->order_count + s->shadow.open_count;
    struct position *all = NULL;
    size_t n = s->position_count;
    *ret_count = n;
    if (cap == n)
        return NULL;
    all = xcalloc(cap, sizeof(*all));
    memcpy(all, s->positions, s->position_count * sizeof(*all));
    for (size_t i = 0; i < s->order_count; i++) {
        const struct order *o = &s->orders[i];
        bool partly_open = false;
        for (size_t k = 0; k < s->position_count; k++)
            partly_open = partly_open || s->positions[k].cid == o->cid;
        if (o->purpose == ORDER_OPEN && !partly_open)
            all[n++] = as_position(o);
    }
    *ret_count = shadow_positions(s, plugin, all, n, cap);
    return all;
}

struct position *signals_snapshot(const struct signals_question *q, size_t i,
                                  struct plugin_snapshot *ret)
{
    const struct plugin_ops *plugin = q->opt->plugins[i];
    const struct engine_state *s = q->s;
    const struct signal *sig = q->sig;
    *ret = (struct plugin_snapshot){
        .now_ms = q->now_ms,
        .balance_e8 = s->account.balance_e8,
        .daily_loss_e8 = s->account.daily_loss_e8,
        .lifetime_loss_e8 = s->account.lifetime_loss_e8,
        .plugin_daily_loss_e8 = routes_daily_loss_e8(&s->routes, plugin->id),
        .seen = s->seen,
        .seen_count = s->seen_count,
        .routes = s->routes.items,
        .route_count = s->routes.count,
        .trends = &s->trends,
    };
    struct position *pending = with_pending(s, plugin->id, &ret->position_count);
    ret->positions = pending != NULL ? pending : s->positions;
    const struct state_plugin *p = plugin_state(s, plugin->id);
    if (p != NULL)
        ret->daily_trades = p->daily_entries;
    (void)input_quotes_find(q->quotes, sig->symbol, &ret->quote);
    const struct symbol_info *info = symbol_find(sig->symbol);
    if (info != NULL)
        ret->usd_per_quote_e8 = input_usd_per_quote_e8(q->quotes, info);
    return pending;
}

/* The limits of who only watches are those of the day it would have had. */
static void suppose_day(const struct engine_state *s, const char *trading, const char *watching,
                        struct plugin_route routes[ROUTES_MAX], struct plugin_snapshot *snap)
{
    struct caps_book book;
    shadow_day_book(s, trading, watching, &book);
    snap->daily_loss_e8 = book.daily_loss_e8;
    snap->lifetime_loss_e8 = book.lifetime_loss_e8;
    snap->plugin_daily_loss_e8 += routes_daily_loss_e8(&s->shadow.day, watching);
    snap->daily_trades += shadow_day_entries(s, watching);
    snap->route_count = shadow_day_routes(s, watching, routes);
    snap->routes = routes;
}

/* trading: who opens trades while this one only watches; NULL: this one does. */
static void ask_plugin(const struct signals_question *q, size_t i, const char *trading,
                       struct decision *ret)
{
    const struct plugin_ops *plugin = q->opt->plugins[i];
    const struct signal *sig = q->sig;
    struct plugin_route routes[ROUTES_MAX];
    if (q->answer != NULL && strcmp(q->answer->plugin, plugin->id) == 0) {
        *ret = *q->answer;
        return;
    }
    struct plugin_snapshot snap;
    struct position *pending TR_CLEANUP(mem_freep) TR_UNUSED = signals_snapshot(q, i, &snap);
    if (trading != NULL)
        suppose_day(q->s, trading, plugin->id, routes, &snap);
    decision_init(ret, plugin->id);
    if (plugin->decide(q->opt->plugin_confs[i], &snap, sig, ret) < 0) {
        decision_init(ret, plugin->id);
        decision_skip(ret, REASON_PLUGIN_FAILED, DEC_NONE, DEC_NONE);
    }
}

/* An entry that may not happen: nothing of the decision is carried out, its figures stay visible.
 */
static void refuse_entry(struct decision *d, enum reason why, int64_t number_e8, int64_t limit_e8)
{
    d->order_count = 0;
    d->close_count = 0;
    d->reason_count = 0;
    decision_skip(d, why, number_e8, limit_e8);
}

static void pass_gates(const struct signals_question *q, const char *trading, struct decision *d)
{
    int64_t number_e8, limit_e8;
    struct caps_book book;
    const struct gate_case c = {q->s, q->now_ms, q->sig->symbol, &book};
    if (d->action != DECISION_EXECUTE)
        return;
    if (trading != NULL)
        shadow_day_book(q->s, trading, d->plugin, &book);
    else
        gate_book(q->s, &book);
    enum reason gate = gate_entry_book(&c, &number_e8, &limit_e8);
    if (gate != REASON_ACCEPTED)
        refuse_entry(d, gate, number_e8, limit_e8);
    else
        risk_on_decision(&c, q->quotes, d);
}

static bool is_own(const struct engine_state *s, const char *plugin, uint64_t cid)
{
    for (size_t i = 0; i < s->position_count; i++)
        if (s->positions[i].cid == cid)
            return strcmp(s->positions[i].plugin, plugin) == 0;
    return false;
}

/* SH-7: its own shadow mode. What it would trade is kept, for virtual trades; what it opened for
 * real before, it still closes. */
static void only_record(const struct engine_state *s, struct decision *d)
{
    bool is_leaving = false;
    if (d->action != DECISION_EXECUTE && d->action != DECISION_CLOSE)
        return;
    for (int i = 0; i < d->close_count; i++)
        is_leaving = is_leaving || is_own(s, d->plugin, d->closes[i]);
    if (d->action == DECISION_CLOSE && is_leaving)
        return;
    d->action = is_leaving ? DECISION_CLOSE : DECISION_SKIP;
    d->reason_count = 0;
    decision_reason(d, REASON_SHADOW_ONLY);
    d->number_e8 = d->limit_e8 = DEC_NONE;
}

/* The side that trades. In its own shadow mode its limits are those of the day it would have had,
 * beside what is traded. */
static void ask_trading(const struct signals_question *q, int i, struct decision *ret)
{
    const struct plugin_ops *plugin = q->opt->plugins[i];
    bool is_shadow = plugin->is_shadow != NULL && plugin->is_shadow(q->opt->plugin_confs[i]);
    const char *trading = is_shadow ? SIGNALS_NOBODY : NULL;
    ask_plugin(q, (size_t)i, trading, ret);
    pass_gates(q, trading, ret);
    if (is_shadow)
        only_record(q->s, ret);
}

static void decide_nobody(const struct signals_question *q, enum reason why, struct decision *ret)
{
    decision_init(ret, "");
    decision_skip(ret, why, DEC_NONE, DEC_NONE);
    (void)str_copy(ret->field, sizeof(ret->field), signal_format_name(q->sig->format));
}

/* An alert that no plugin but the legacy handler knows: it is a plugin like any other; after a
 * cut-over it opens nothing. */
static void decide_legacy_alone(const struct signals_question *q, const struct shadow_roles *roles,
                                struct decision *ret)
{
    ask_trading(q, roles->legacy, ret);
    if (roles->mode == SHADOW_PLUGIN_SHADOW && ret->action == DECISION_EXECUTE)
        refuse_entry(ret, REASON_NOT_OWNER, DEC_NONE, DEC_NONE);
}

/* ---- draining: who trades no more still closes what it opened ---- */

static bool has_open(const struct engine_state *s, const char *plugin, const char *symbol)
{
    for (size_t i = 0; i < s->position_count; i++)
        if (strcmp(s->positions[i].plugin, plugin) == 0 &&
            strcmp(s->positions[i].symbol, symbol) == 0)
            return true;
    return false;
}

static bool has_close(const struct decision *d, uint64_t cid)
{
    for (int i = 0; i < d->close_count; i++)
        if (d->closes[i] == cid)
            return true;
    return false;
}

/* Adds what `from` closes of its own positions; a SKIP becomes a CLOSE by it. */
static void drain(const struct engine_state *s, const struct decision *from, struct decision *ret)
{
    int added = 0;
    if (ret->close_count > 0 && ret->close_percent != from->close_percent)
        return; /* a part and the whole cannot go together: the next exit takes it */
    for (int i = 0; i < from->close_count && ret->close_count < DECISION_CLOSES_MAX; i++) {
        if (!is_own(s, from->plugin, from->closes[i]) || has_close(ret, from->closes[i]))
            continue;
        ret->closes[ret->close_count++] = from->closes[i];
        added++;
    }
    if (added == 0)
        return;
    decision_number(ret, SHADOW_DRAINED, added * DEC_ONE);
    if (ret->close_count == added) {
        ret->close_reason = from->close_reason;
        ret->close_percent = from->close_percent;
    }
    if (ret->action == DECISION_SKIP || ret->action == DECISION_NOTIFY)
        ret->action = DECISION_CLOSE;
}

/* What was refused before the plugin came to its route counts for the scope too. */
static void name_route(const struct shadow_roles *roles, struct decision *d)
{
    if (roles->mode != SHADOW_PLUGIN_ONLY && d->route[0] == '\0')
        (void)str_copy(d->route, sizeof(d->route), roles->route);
}

void signals_decide_both(const struct signals_question *q, struct decision *ret,
                         struct decision **ret_other)
{
    const struct engine_state *s = q->s;
    struct shadow_roles roles;
    TR_ASSERT(q->now_ms >= s->now_ms);
    *ret_other = mem_free(*ret_other);
    shadow_roles(s, q->opt, q->sig, &roles);
    if (roles.plugin < 0 && roles.legacy >= 0) {
        decide_legacy_alone(q, &roles, ret);
        return;
    }
    if (roles.plugin < 0) {
        decide_nobody(q, roles.is_off ? REASON_PLUGIN_DISABLED : REASON_NO_PLUGIN, ret);
        return;
    }
    bool is_legacys = shadow_mode_legacy_trades(roles.mode);
    int trading = is_legacys ? roles.legacy : roles.plugin;
    int watching = is_legacys ? roles.plugin : roles.legacy;
    if (trading >= 0)
        ask_trading(q, trading, ret);
    else
        decide_nobody(q, roles.is_outside ? REASON_LEGACY_OWNS : REASON_PLUGIN_DISABLED, ret);
    if (trading == roles.plugin)
        name_route(&roles, ret);
    bool compares = roles.mode == SHADOW_SHADOW || roles.mode == SHADOW_PLUGIN_SHADOW;
    bool drains = watching >= 0 && has_open(s, q->opt->plugins[watching]->id, q->sig->symbol);
    if (watching < 0 || (!compares && !drains))
        return;
    struct decision *other = xalloc(sizeof(*other));
    const char *trader = trading >= 0 ? q->opt->plugins[trading]->id : "";
    ask_plugin(q, (size_t)watching, trader, other);
    if (drains)
        drain(s, other, ret);
    pass_gates(q, trader, other);
    if (watching == roles.plugin)
        name_route(&roles, other);
    *ret_other = compares ? other : mem_free(other);
}

void signals_decide(const struct engine_state *s, const struct engine_options *opt,
                    const struct input_quotes *quotes, const struct signal *sig, int64_t now_ms,
                    struct decision *ret)
{
    const struct signals_question q = {s, opt, quotes, sig, now_ms, NULL};
    struct decision *other = NULL;
    signals_decide_both(&q, ret, &other);
    mem_free(other);
}

/* ---- carrying out ---- */

static enum reason first_reason(const struct decision *d)
{
    return d->reason_count > 0 ? d->reasons[0] : REASON_ACCEPTED;
}

static struct event signal_event(const struct engine_tx *tx, enum event_type type,
                                 const struct signal *sig, const struct decision *d)
{
    struct event e = apply_event(tx, type);
    e.reason = first_reason(d);
    e.side = sig->side;
    e.signal_kind = sig->kind;
    e.tf = sig->tf;
    e.score = sig->score;
    e.number_e8 = d->number_e8;
    e.limit_e8 = d->limit_e8;
    e.entry_e8 = sig->price_e8;
    (void)str_copy(e.symbol, sizeof(e.symbol), sig->symbol);
    (void)str_copy(e.plugin, sizeof(e.plugin), d->plugin);
    (void)str_copy(e.route, sizeof(e.route), d->route);
    return e;
}

static void remember_seen(struct engine_state *s, const struct signal *sig, int64_t now_ms)
{
    size_t keep = s->seen_count < STATE_SEEN_MAX ? s->seen_count : STATE_SEEN_MAX - 1;
    memmove(&s->seen[1], &s->seen[0], keep * sizeof(s->seen[0]));
    s->seen_count = keep + 1;
    s->seen[0] = (struct plugin_seen){.kind = sig->kind,
                                      .side = sig->side,
                                      .tf = sig->tf,
                                      .price_e8 = sig->price_e8,
                                      .accepted_ms = now_ms};
    (void)str_copy(s->seen[0].symbol, sizeof(s->seen[0].symbol), sig->symbol);
}

static void place_orders(struct engine_tx *tx, const struct decision *d)
{
    char chain_id[CHAIN_ID_CAP];
    (void)snprintf(chain_id, sizeof(chain_id), "%.15s_%08" PRIx32, d->orders[0].symbol,
                   (uint32_t)tx->seq); /* SYMBOL_8hex, spec 4.2 */
    for (int i = 0; i < d->order_count; i++) {
        const struct decision_order *want = &d->orders[i];
        struct order o = {
            .cid = orders_next_cid(tx),
            .purpose = ORDER_OPEN,
            .role = want->role,
            .side = want->side,
            .lots_e8 = want->lots_e8,
            .want_price_e8 = want->entry_e8,
            .sl_e8 = want->sl_e8,
            .tp_e8 = want->tp_e8,
        };
        o.position_cid = o.cid;
        (void)str_copy(o.symbol, sizeof(o.symbol), want->symbol);
        (void)str_copy(o.plugin, sizeof(o.plugin), d->plugin);
        (void)str_copy(o.route, sizeof(o.route), d->route);
        (void)str_copy(o.chain_id, sizeof(o.chain_id), chain_id);
        bool placed = orders_submit(tx, &o);
        TR_ASSERT(placed); /* gate_entry left room */
    }
}

/* The whole position, or the decision's part of it when part and rest can be traded. */
static bool close_one(struct engine_tx *tx, struct position *p, const struct decision *d)
{
    if (d->action == DECISION_CLOSE && manager_takes_exit(tx, p, d->close_reason))
        return p->closing_cid != 0;
    const struct symbol_info *info = symbol_find(p->symbol);
    int64_t part_e8 = 0;
    if (d->close_percent > 0 && info != NULL)
        part_e8 = dec_to_step(dec_muldiv(p->lots_e8, d->close_percent, 100, DEC_DOWN),
                              info->volume_step_e8, DEC_DOWN);
    if (part_e8 > 0 && part_e8 >= info->volume_min_e8 &&
        p->lots_e8 - part_e8 >= info->volume_min_e8)
        return orders_close_part(tx, p, part_e8, d->close_reason);
    return orders_close_position(tx, p, d->close_reason);
}

static int close_positions(struct engine_tx *tx, const struct decision *d)
{
    int closing = 0;
    for (int i = 0; i < d->close_count; i++) {
        struct position *p = state_position(tx->s, d->closes[i]);
        struct order *o = state_order(tx->s, d->closes[i]);
        if (p != NULL && close_one(tx, p, d))
            closing++;
        if (o != NULL && o->purpose == ORDER_OPEN)
            o->reason = d->close_reason; /* what still fills is closed at once */
    }
    return closing;
}

static void count_failure(struct engine_tx *tx, const struct decision *d)
{
    struct state_plugin *p = state_plugin(tx->s, d->plugin);
    if (p == NULL)
        return;
    enum reason why = first_reason(d);
    if (why == REASON_PLUGIN_BUSY)
        return; /* it was not asked */
    if (!reason_is_plugin_failure(why)) {
        p->failures = 0;
        return;
    }
    p->failures++;
    struct event e = apply_event(tx, EVENT_PLUGIN_ERROR);
    e.reason = why;
    (void)str_copy(e.plugin, sizeof(e.plugin), d->plugin);
    outputs_add_event(tx->out, &e);
    if (p->failures < PLUGIN_FAILURES_MAX || p->disabled)
        return;
    p->disabled = true;
    e.type = EVENT_PLUGIN_DISABLED;
    e.number_e8 = (int64_t)p->failures * DEC_ONE;
    e.limit_e8 = (int64_t)PLUGIN_FAILURES_MAX * DEC_ONE;
    outputs_add_event(tx->out, &e);
}

static void tell_skip(struct engine_tx *tx, const struct signal *sig, const struct decision *d)
{
    tx->s->counters.signals_refused++;
    struct event e = signal_event(tx, EVENT_SIGNAL_REFUSED, sig, d);
    (void)str_copy(e.text, sizeof(e.text), d->field);
    outputs_add_event(tx->out, &e);
    tx_receipt(tx, e.reason, d->field);
}

static void carry_out(struct engine_tx *tx, const struct signal *sig, const struct decision *d)
{
    struct engine_state *s = tx->s;
    struct state_plugin *plugin;
    struct event e;
    switch (d->action) {
    case DECISION_EXECUTE:
        s->counters.signals_accepted++;
        (void)close_positions(tx, d);
        place_orders(tx, d);
        remember_seen(s, sig, tx->now_ms);
        if ((plugin = state_plugin(s, d->plugin)) != NULL)
            plugin->daily_entries++;
        routes_entered(&s->routes, d->plugin, d->route);
        risk_on_entry(s, sig->symbol);
        tx_receipt(tx, REASON_ACCEPTED, d->route);
        break;
    case DECISION_CLOSE:
        s->counters.signals_accepted++;
        (void)close_positions(tx, d);
        remember_seen(s, sig, tx->now_ms);
        tx_receipt(tx, d->close_reason, "");
        break;
    case DECISION_NOTIFY:
        s->counters.signals_accepted++;
        e = signal_event(tx, EVENT_SIGNAL_NOTICE, sig, d);
        (void)str_copy(e.text, sizeof(e.text), sig->text);
        outputs_add_event(tx->out, &e);
        tx_receipt(tx, first_reason(d), "");
        break;
    case DECISION_SKIP:
        tell_skip(tx, sig, d);
        break;
    case DECISION_UNSET:
    case DECISION_ACTION_COUNT:
        TR_ASSERT(false);
    }
}

void apply_signal(struct engine_tx *tx, const struct signal *sig, const struct decision *d,
                  const struct decision *other)
{
    TR_ASSERT(d != NULL);
    tx->s->counters.signals++;
    if (d->plugin[0] != '\0')
        count_failure(tx, d);
    if (other != NULL)
        count_failure(tx, other);
    struct event log = signal_event(tx, EVENT_DECISION, sig, d);
    (void)str_copy(log.text, sizeof(log.text), decision_action_name(d->action));
    outputs_add_event(tx->out, &log);
    trends_on_signal(&tx->s->trends, sig, tx->now_ms);
    manager_on_signal(tx->s, sig);
    exits_on_signal(tx, sig);
    risk_on_quote(tx, sig->symbol);
    carry_out(tx, sig, d);
    bool other_took =
        other != NULL && (other->action == DECISION_EXECUTE || other->action == DECISION_CLOSE);
    bool is_outside =
        d->plugin[0] == '\0' && other_took; /* the old bot took it, as far as we know */
    bool is_virtual = d->order_count > 0 || d->close_count > 0;
    if (d->action == DECISION_SKIP && (is_outside || is_virtual))
        remember_seen(tx->s, sig, tx->now_ms);
    shadow_on_signal(tx, sig, d, other);
}
