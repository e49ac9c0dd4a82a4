/* plugins/price_action_v6/decide.c: the order of questions for one alert. Entries: symbol, route,
 * the fields every entry has (P-31), the alert's figures, trends, repeats, limits, prices, lots.
 * Exits close (EX-7), a state that turned closes where that is switched on (EX-9), everything else
 * informs: what it says about trends is in the store before the next alert is decided. */
#include "plugins/price_action_v6/decide.h"

#include <string.h>

#include "core/alloc.h"
#include "plugins/price_action_v6/rules.h"

#define STATE_NEUTRAL_PERCENT 50 /* plan: to NEUTRAL takes off a half */

static int64_t whole(int64_t n)
{
    return n * DEC_ONE;
}

static void refuse(struct decision *d, enum reason r, const char *field)
{
    decision_skip(d, r, DEC_NONE, DEC_NONE);
    (void)str_copy(d->field, sizeof(d->field), field);
}

/* Of this plugin, in the alert's symbol and strategy; a supposed position without a route is. */
static bool is_ours(const struct position *p, const struct v6_question *q)
{
    return strcmp(p->plugin, price_action_v6_plugin.id) == 0 &&
           (p->route[0] == '\0' || strcmp(p->route, v6_route_name(q->route)) == 0);
}

static const struct plugin_route *route_today(const struct v6_question *q)
{
    for (size_t i = 0; i < q->snap->route_count; i++) {
        const struct plugin_route *r = &q->snap->routes[i];
        if (strcmp(r->plugin, price_action_v6_plugin.id) == 0 &&
            strcmp(r->route, v6_route_name(q->route)) == 0)
            return r;
    }
    return NULL;
}

/* ---- exits ---- */

static void close_side(const struct v6_question *q, struct decision *d, enum side side,
                       enum reason why)
{
    for (size_t i = 0; i < q->snap->position_count; i++) {
        const struct position *p = &q->snap->positions[i];
        if (is_ours(p, q) && strcmp(p->symbol, q->s->symbol) == 0 && p->side == side &&
            d->close_count < DECISION_CLOSES_MAX)
            d->closes[d->close_count++] = p->cid;
    }
    d->close_reason = d->close_count > 0 ? why : REASON_UNSET;
}

/* The decision that its closes make; percent of each. */
static void close_or_skip(struct decision *d, int percent)
{
    if (d->close_count == 0) {
        decision_skip(d, REASON_NOTHING_TO_CLOSE, DEC_NONE, DEC_NONE);
        return;
    }
    d->action = DECISION_CLOSE;
    d->close_percent = percent;
    decision_reason(d, d->close_reason);
    decision_number(d, "closes", whole(d->close_count));
    decision_number(d, "close_percent", whole(percent));
}

/* EX-7 [REC]: as the indicator means it, a bullish exit leaves longs. The old bot closed shorts. */
static void decide_exit(const struct v6_question *q, struct decision *d)
{
    bool bullish = q->s->kind == SIGNAL_V6_EXIT_BULLISH;
    enum side side = bullish != q->c->exit_semantics_legacy ? SIDE_BUY : SIDE_SELL;
    close_side(q, d, side, REASON_V6_EXIT);
    close_or_skip(d, q->strategy->exit_percent);
}

static void inform(struct decision *d)
{
    d->action = DECISION_NOTIFY;
    decision_reason(d, REASON_NOTIFICATION_ONLY);
}

/* EX-9: to the opposite trend closes, to neutral takes off a half. */
static void decide_state(const struct v6_question *q, struct decision *d)
{
    enum side now = v6_state_side(q->s->state);
    if (q->strategy->state_exit && now != SIDE_UNSET)
        close_side(q, d, side_opposite(now), REASON_STATE_REVERSAL);
    if (q->strategy->state_exit && str_ieq(q->s->state, "NEUTRAL")) {
        close_side(q, d, SIDE_BUY, REASON_STATE_REVERSAL);
        close_side(q, d, SIDE_SELL, REASON_STATE_REVERSAL);
    }
    if (d->close_count > 0)
        close_or_skip(d, now != SIDE_UNSET ? 100 : STATE_NEUTRAL_PERCENT);
    else
        inform(d);
}

/* ---- entries: one question after the other; each returns false after it has refused ---- */

static bool symbol_passes(const struct v6_question *q, struct decision *d)
{
    /* empty list: all of P-9 */
    bool listed = q->c->symbol_count == 0 && q->info != NULL && q->info->is_listed;
    for (int i = 0; i < q->c->symbol_count; i++)
        listed = listed || strcmp(q->c->symbols[i], q->s->symbol) == 0;
    if (q->info == NULL)
        decision_skip(d, REASON_SYMBOL_UNKNOWN, DEC_NONE, DEC_NONE);
    else if (!listed)
        decision_skip(d, REASON_SYMBOL_NOT_ALLOWED, DEC_NONE, DEC_NONE);
    else if (!q->c->strategies[q->route].enabled)
        decision_skip(d, REASON_TIMEFRAME_DISABLED, DEC_NONE, DEC_NONE);
    return d->action == DECISION_UNSET;
}

static bool fields_pass(const struct v6_question *q, struct decision *d)
{
    const struct signal *s = q->s;
    if (s->side == SIDE_UNSET)
        refuse(d, REASON_DIRECTION_MISSING, "direction");
    else if (s->score < 0)
        refuse(d, REASON_FIELD_MISSING, "confidence_score");
    else if (s->sl_e8 == DEC_NONE && q->strategy->sl_pips_e8 == 0)
        refuse(d, REASON_FIELD_MISSING, "sl"); /* P-31 */
    return d->action == DECISION_UNSET;
}

static void filter_numbers(const struct v6_question *q, struct decision *d)
{
    const struct v6_strategy *t = q->strategy;
    int64_t spread_e8 = v6_spread_pips_e8(q);
    if (q->s->adx_e8 != DEC_NONE)
        decision_number(d, "adx", q->s->adx_e8);
    decision_number(d, "adx_min", t->adx_min_e8);
    decision_number(d, "confidence", whole(q->s->score));
    decision_number(d, "confidence_min", whole(t->confidence_min));
    if (spread_e8 != DEC_NONE)
        decision_number(d, "spread_pips", spread_e8);
    if (t->spread_max_pips_e8 > 0)
        decision_number(d, "spread_max", t->spread_max_pips_e8);
    const struct trends_pulse *p =
        q->snap->trends != NULL
            ? trends_pulse(q->snap->trends, q->s->symbol, v6_higher_tf(q->route))
            : NULL;
    if (p != NULL && p->has_counts) {
        decision_number(d, "higher_bull", whole(p->bull));
        decision_number(d, "higher_bear", whole(p->bear));
    }
    if (t->exhausted_adx_e8 > 0 && q->s->adx_e8 != DEC_NONE && q->s->adx_e8 > t->exhausted_adx_e8)
        decision_number(d, "adx_exhausted", DEC_ONE);
}

static bool filters_pass(const struct v6_question *q, struct decision *d)
{
    filter_numbers(q, d);
    if (!q->c->enforce_filters)
        return true;
    struct v6_answer a = v6_filter_signal(q);
    if (a.reason == REASON_ACCEPTED)
        a = v6_filter_trend(q);
    if (a.reason == REASON_ACCEPTED)
        return true;
    decision_skip(d, a.reason, a.number_e8, a.limit_e8);
    if (a.field != NULL)
        (void)str_copy(d->field, sizeof(d->field), a.field);
    return false;
}

/* TE-003: the same symbol, direction and entry price within a minute. */
static bool is_fresh(const struct v6_question *q, struct decision *d)
{
    const struct signal *s = q->s;
    for (size_t i = 0; i < q->snap->seen_count; i++) {
        const struct plugin_seen *seen = &q->snap->seen[i];
        int64_t age_ms = q->snap->now_ms - seen->accepted_ms;
        if (seen->kind != s->kind || seen->side != s->side || seen->price_e8 != s->price_e8 ||
            seen->tf != s->tf || s->price_e8 == DEC_NONE || strcmp(seen->symbol, s->symbol) != 0 ||
            age_ms >= q->c->repeat_window_ms)
            continue;
        decision_skip(d, REASON_DUPLICATE_ALERT, age_ms * (DEC_ONE / 1000),
                      q->c->repeat_window_ms * (DEC_ONE / 1000));
        return false;
    }
    return true;
}

/* Entries of this strategy that are open, in any symbol: dual orders count once. */
static int open_entries(const struct v6_question *q)
{
    int n = 0;
    for (size_t i = 0; i < q->snap->position_count; i++) {
        const struct position *p = &q->snap->positions[i];
        bool counted = !is_ours(p, q);
        for (size_t k = 0; k < i && !counted; k++)
            counted = is_ours(&q->snap->positions[k], q) &&
                      strcmp(q->snap->positions[k].chain_id, p->chain_id) == 0;
        n += !counted;
    }
    return n;
}

static bool limits_pass(const struct v6_question *q, struct decision *d)
{
    const struct v6_strategy *t = q->strategy;
    const struct plugin_route *today = route_today(q);
    int entries = today != NULL ? today->daily_entries : 0;
    int64_t loss_e8 = today != NULL ? today->daily_loss_e8 : 0;
    int open = open_entries(q);
    decision_number(d, "open_trades", whole(open));
    decision_number(d, "daily_trades", whole(entries));
    decision_number(d, "daily_loss", loss_e8);
    if (open >= t->max_open_trades)
        decision_skip(d, REASON_MAX_OPEN_TRADES, whole(open), whole(t->max_open_trades));
    else if (entries >= t->max_daily_trades)
        decision_skip(d, REASON_MAX_DAILY_TRADES, whole(entries), whole(t->max_daily_trades));
    else if (t->daily_loss_cap_e8 > 0 && loss_e8 >= t->daily_loss_cap_e8)
        decision_skip(d, REASON_DAILY_LOSS_CAP, loss_e8, t->daily_loss_cap_e8);
    return d->action == DECISION_UNSET;
}

static bool levels_pass(const struct v6_question *q, struct decision *d, struct v6_levels *v)
{
    enum reason r = v6_levels(q, v);
    if (r == REASON_ACCEPTED)
        return true;
    int64_t number_e8 = v->sl_e8 != 0 ? v->sl_e8 : q->s->sl_e8;
    if (r == REASON_PRICE_MISSING)
        decision_skip(d, r, DEC_NONE, DEC_NONE);
    else if (r == REASON_STOP_TOO_CLOSE)
        decision_skip(d, r, v->distance_e8, q->info->min_sl_dist_e8);
    else
        decision_skip(d, r, number_e8, v->entry_e8);
    (void)str_copy(d->field, sizeof(d->field), r == REASON_PRICE_MISSING ? "price" : "sl");
    return false;
}

static void size_numbers(const struct v6_question *q, struct decision *d, const struct v6_levels *v,
                         const struct v6_lots *l)
{
    decision_number(d, "entry", v->entry_e8);
    decision_number(d, "sl_distance", v->distance_e8);
    decision_number(d, "sl_pips", v->risk_pips_e8);
    if (v->rebased)
        decision_number(d, "rebased", DEC_ONE);
    decision_number(d, "balance", q->snap->balance_e8);
    decision_number(d, "risk_percent", q->strategy->risk_percent_e8);
    decision_number(d, "risk_money", l->risk_e8);
    decision_number(d, "pip_value", q->info->pip_value_e8);
    decision_number(d, "lot_raw", l->raw_e8);
    decision_number(d, "lot_multiplier", l->factor_e8);
    decision_number(d, "max_lot", q->strategy->max_lot_e8);
    decision_number(d, "lot_total", l->total_e8);
    decision_number(d, "lot_a", l->a_e8);
    decision_number(d, "lot_b", l->b_e8);
}

static void add_order(const struct v6_question *q, struct decision *d, enum order_role role,
                      const struct v6_levels *v, const struct v6_lots *l)
{
    bool is_a = role == ORDER_ROLE_A;
    bool from_alert = is_a ? v->a_target > 0 : v->b_target;
    struct decision_order *o = &d->orders[d->order_count++];
    TR_ASSERT(d->order_count <= DECISION_ORDERS_MAX);
    o->role = role;
    o->side = q->s->side;
    (void)str_copy(o->symbol, sizeof(o->symbol), q->s->symbol);
    o->lots_e8 = is_a ? l->a_e8 : l->b_e8;
    o->entry_e8 = v->entry_e8;
    o->sl_e8 = v->sl_e8;
    o->tp_e8 = is_a ? v->a_tp_e8 : v->b_tp_e8;
    (void)str_copy(o->lots_rule, sizeof(o->lots_rule), l->is_fallback ? "fallback" : "RT-15");
    (void)str_copy(o->sl_rule, sizeof(o->sl_rule), v->fixed_sl ? "pips" : "RT-10");
    (void)str_copy(o->tp_rule, sizeof(o->tp_rule),
                   from_alert    ? "RT-10"
                   : v->fixed_sl ? "pips"
                                 : "rr");
}

static void decide_entry(const struct v6_question *q, struct decision *d)
{
    struct v6_levels v;
    if (!symbol_passes(q, d) || !fields_pass(q, d) || !filters_pass(q, d) || !is_fresh(q, d) ||
        !limits_pass(q, d) || !levels_pass(q, d, &v))
        return;
    struct v6_lots l = v6_lots(q, v.risk_pips_e8);
    size_numbers(q, d, &v, &l);
    if (l.a_e8 == 0 && l.b_e8 == 0) {
        decision_skip(d, REASON_LOT_BELOW_MIN, l.total_e8, q->info->volume_min_e8);
        return;
    }
    if (l.a_e8 > 0)
        add_order(q, d, ORDER_ROLE_A, &v, &l);
    if (l.b_e8 > 0)
        add_order(q, d, ORDER_ROLE_B, &v, &l);
    d->action = DECISION_EXECUTE;
    decision_reason(d, REASON_ACCEPTED);
}

int price_action_v6_decide(const void *conf, const struct plugin_snapshot *snap,
                           const struct signal *s, struct decision *ret)
{
    struct v6_strategy strategy;
    struct v6_question q = {.c = conf,
                            .strategy = &strategy,
                            .snap = snap,
                            .s = s,
                            .info = symbol_find(s->symbol),
                            .route = v6_route_of(s->tf)};
    TR_ASSERT(s->format == SIGNAL_FORMAT_V6);
    v6_strategy(q.c, q.route, &strategy);
    if (signal_is_entry(s->kind) || signal_is_exit(s->kind) || s->kind == SIGNAL_V6_STATE_CHANGE)
        (void)str_copy(ret->route, sizeof(ret->route), v6_route_name(q.route));
    if (signal_is_entry(s->kind))
        decide_entry(&q, ret);
    else if (signal_is_exit(s->kind))
        decide_exit(&q, ret);
    else if (s->kind == SIGNAL_V6_STATE_CHANGE)
        decide_state(&q, ret);
    else
        inform(ret);
    TR_ASSERT(ret->action != DECISION_UNSET);
    return 0;
}
