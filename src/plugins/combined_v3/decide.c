/* plugins/combined_v3/decide.c: the order of questions for one alert: information, exit, then for
 * an entry symbol, score, timeframes, route, repeats, limits, lots, levels, and last what must be
 * closed first. */
#include "plugins/combined_v3/decide.h"

#include <string.h>

#include "core/alloc.h"
#include "plugins/combined_v3/rules.h"

struct entry {
    const struct combined_v3_conf *c;
    const struct plugin_snapshot *snap;
    const struct signal *s;
    const struct symbol_info *info;
    struct decision *d;
    int strength, logic;
    enum reason route_why;
};

static bool is_ours(const struct position *p, const struct signal *s)
{
    return strcmp(p->plugin, combined_v3_plugin.id) == 0 && strcmp(p->symbol, s->symbol) == 0;
}

static int64_t whole(int64_t n)
{
    return n * DEC_ONE;
}

static bool symbol_allowed(const struct combined_v3_conf *c, const char *symbol)
{
    for (int i = 0; i < c->symbol_count; i++)
        if (strcmp(c->symbols[i], symbol) == 0)
            return true;
    const struct symbol_info *info = symbol_find(symbol);
    return c->symbol_count == 0 && info != NULL && info->is_listed; /* empty list: all of P-9 */
}

/* ---- exits: EX-6 ---- */

static void add_closes(struct decision *d, const struct plugin_snapshot *snap,
                       const struct signal *s, enum side side)
{
    for (size_t i = 0; i < snap->position_count; i++) {
        const struct position *p = &snap->positions[i];
        if (is_ours(p, s) && p->side == side && d->close_count < DECISION_CLOSES_MAX)
            d->closes[d->close_count++] = p->cid;
    }
}

static void decide_exit(const struct combined_v3_conf *c, const struct plugin_snapshot *snap,
                        const struct signal *s, struct decision *d)
{
    bool bullish = s->kind == SIGNAL_V3_BULLISH_EXIT;
    /* [REC] as the indicator means it: a bullish exit leaves longs. The old bot closed shorts. */
    enum side side = bullish != c->exit_semantics_legacy ? SIDE_BUY : SIDE_SELL;
    add_closes(d, snap, s, side);
    if (d->close_count == 0) {
        decision_skip(d, REASON_NOTHING_TO_CLOSE, DEC_NONE, DEC_NONE);
        return;
    }
    d->action = DECISION_CLOSE;
    d->close_reason = REASON_V3_EXIT;
    decision_reason(d, REASON_V3_EXIT);
    decision_number(d, "closes", whole(d->close_count));
}

/* ---- entries: one question after the other; each returns false after it has refused ---- */

static bool refuse(struct entry *e, enum reason r, int64_t number_e8, int64_t limit_e8)
{
    decision_skip(e->d, r, number_e8, limit_e8);
    return false;
}

static bool score_passes(struct entry *e)
{
    const struct combined_v3_conf *c = e->c;
    int limit = c->min_score; /* RT-5, P-12 */
    if (e->s->kind == SIGNAL_V3_INSTITUTIONAL_LAUNCHPAD && e->s->side == SIDE_BUY)
        limit = c->launchpad_min_score;
    e->strength = v3_strength(e->s, c->score_filter_raw);
    decision_number(e->d, "score", whole(e->s->score));
    decision_number(e->d, "strength", whole(e->strength));
    decision_number(e->d, "min_score", whole(limit));
    return e->strength >= limit ||
           refuse(e, REASON_SCORE_TOO_LOW, whole(e->strength), whole(limit));
}

static bool mtf_passes(struct entry *e)
{
    int aligned = v3_mtf_aligned(e->s);
    if (aligned < 0 || !e->c->mtf_gate)
        return true;
    decision_number(e->d, "mtf_aligned", whole(aligned));
    return aligned >= e->c->mtf_min_aligned ||
           refuse(e, REASON_MTF_NOT_ALIGNED, whole(aligned), whole(e->c->mtf_min_aligned));
}

static bool route_passes(struct entry *e)
{
    e->logic = v3_route(e->s->kind, e->s->tf, &e->route_why);
    (void)str_copy(e->d->route, sizeof(e->d->route), v3_route_name(e->logic));
    return e->c->logic_enabled[e->logic] || refuse(e, REASON_LOGIC_DISABLED, DEC_NONE, DEC_NONE);
}

static bool is_v3_entry(enum signal_kind k)
{
    return signal_is_entry(k) && k >= SIGNAL_V3_INSTITUTIONAL_LAUNCHPAD &&
           k <= SIGNAL_V3_SIDEWAYS_BREAKOUT;
}

/* P-10: the same kind within the window; TE-003: the same price, whatever the signal was called. A
 * timeframe is a strategy of its own: 5m and 15m bars that close together are two entries. Returns
 * the window it falls into, 0 for none. */
static int64_t repeat_window_ms(const struct entry *e, const struct plugin_seen *seen)
{
    const struct signal *s = e->s;
    int64_t age_ms = e->snap->now_ms - seen->accepted_ms;
    if (seen->side != s->side || seen->tf != s->tf || strcmp(seen->symbol, s->symbol) != 0)
        return 0;
    if (seen->kind == s->kind && age_ms < e->c->duplicate_window_ms)
        return e->c->duplicate_window_ms;
    bool same_price = s->price_e8 != DEC_NONE && seen->price_e8 == s->price_e8;
    return same_price && is_v3_entry(seen->kind) && age_ms < e->c->repeat_window_ms
               ? e->c->repeat_window_ms
               : 0;
}

static bool is_fresh(struct entry *e)
{
    for (size_t i = 0; i < e->snap->seen_count; i++) {
        const struct plugin_seen *seen = &e->snap->seen[i];
        int64_t window_ms = repeat_window_ms(e, seen);
        if (window_ms > 0)
            return refuse(e, REASON_DUPLICATE_ALERT,
                          (e->snap->now_ms - seen->accepted_ms) * (DEC_ONE / 1000),
                          window_ms * (DEC_ONE / 1000));
    }
    return true;
}

/* Chains of this plugin that stay open: a dual entry counts once; what this alert closes does not.
 */
static int open_chains(const struct entry *e)
{
    const struct plugin_snapshot *snap = e->snap;
    int n = 0;
    for (size_t i = 0; i < snap->position_count; i++) {
        const struct position *p = &snap->positions[i];
        bool counted = strcmp(p->plugin, combined_v3_plugin.id) != 0;
        for (int k = 0; k < e->d->close_count && !counted; k++)
            counted = e->d->closes[k] == p->cid;
        for (size_t k = 0; k < i && !counted; k++)
            counted = strcmp(snap->positions[k].chain_id, p->chain_id) == 0;
        n += !counted;
    }
    return n;
}

static bool limits_pass(struct entry *e)
{
    const struct combined_v3_conf *c = e->c;
    int open = open_chains(e);
    decision_number(e->d, "open_trades", whole(open));
    if (open >= c->max_open_trades)
        return refuse(e, REASON_MAX_OPEN_TRADES, whole(open), whole(c->max_open_trades));
    if (e->snap->daily_trades >= c->max_daily_trades)
        return refuse(e, REASON_MAX_DAILY_TRADES, whole(e->snap->daily_trades),
                      whole(c->max_daily_trades));
    if (c->daily_loss_cap_e8 > 0 && e->snap->plugin_daily_loss_e8 >= c->daily_loss_cap_e8)
        return refuse(e, REASON_DAILY_LOSS_CAP, e->snap->plugin_daily_loss_e8,
                      c->daily_loss_cap_e8);
    return true;
}

/* RT-6, EX-8: reverse first. */
static void plan_reversal(struct entry *e)
{
    if (!e->c->aggressive_reversal || !v3_is_aggressive(e->s->kind, e->strength))
        return;
    decision_number(e->d, "aggressive", DEC_ONE);
    add_closes(e->d, e->snap, e->s, side_opposite(e->s->side));
    e->d->close_reason = e->d->close_count > 0 ? REASON_OPPOSITE_SIGNAL : REASON_UNSET;
}

static struct v3_lots lots_of(struct entry *e)
{
    int routing = e->c->logic_routing[e->logic];
    struct v3_lots l = v3_lots(e->c, e->info, e->strength, e->logic, routing != V3_ROUTING_B_ONLY,
                               routing != V3_ROUTING_A_ONLY);
    decision_number(e->d, "base_lot", e->c->base_lot_e8);
    decision_number(e->d, "consensus_factor", v3_consensus_factor_e8(e->strength));
    decision_number(e->d, "logic_mult", e->c->logic_lot_mult_e8[e->logic]);
    decision_number(e->d, "lot_total", l.total_e8);
    decision_number(e->d, "lot_a", l.a_e8);
    decision_number(e->d, "lot_b", l.b_e8);
    return l;
}

static void add_order(struct entry *e, enum order_role role, const struct v3_lots *lots,
                      const struct v3_levels *v)
{
    bool is_a = role == ORDER_ROLE_A;
    struct decision_order *o = &e->d->orders[e->d->order_count++];
    o->role = role;
    o->side = e->s->side;
    (void)str_copy(o->symbol, sizeof(o->symbol), e->s->symbol);
    o->lots_e8 = is_a ? lots->a_e8 : lots->b_e8;
    o->entry_e8 = v->entry_e8;
    o->sl_e8 = is_a ? v->a_sl_e8 : v->b_sl_e8;
    o->tp_e8 = is_a ? v->a_tp_e8 : v->b_tp_e8;
    (void)str_copy(o->lots_rule, sizeof(o->lots_rule), "RK-2");
    (void)str_copy(o->sl_rule, sizeof(o->sl_rule),
                   !is_a            ? "RK-7"
                   : v->fallback_sl ? "fallback"
                                    : "P-7");
    (void)str_copy(o->tp_rule, sizeof(o->tp_rule),
                   is_a ? (v->tp2_given ? "P-7" : "rr") : (v->tp1_given ? "P-7" : "1:1"));
}

/* The two numbers of a refusal by v3_levels(), and the field it is about. */
static void refuse_levels(struct entry *e, enum reason r, const struct v3_levels *v)
{
    bool from_alert = e->s->sl_e8 != DEC_NONE;
    if (r == REASON_PRICE_MISSING)
        (void)refuse(e, r, DEC_NONE, DEC_NONE);
    else if (r == REASON_STOP_TOO_CLOSE)
        (void)refuse(e, r, v->a_distance_e8, e->info->min_sl_dist_e8);
    else
        (void)refuse(e, r, from_alert ? e->s->sl_e8 : v->a_sl_e8, v->entry_e8);
    (void)str_copy(e->d->field, sizeof(e->d->field),
                   r == REASON_PRICE_MISSING ? "price" : "sl_price");
}

static void place(struct entry *e)
{
    struct v3_levels v;
    struct v3_lots lots = lots_of(e);
    if (lots.a_e8 == 0 && lots.b_e8 == 0) {
        (void)refuse(e, REASON_LOT_BELOW_MIN, lots.total_e8, e->info->volume_min_e8);
        return;
    }
    enum reason r = v3_levels(e->c, e->info, e->s, &e->snap->quote, &lots, &v);
    if (r != REASON_ACCEPTED) {
        refuse_levels(e, r, &v);
        return;
    }
    decision_number(e->d, "entry", v.entry_e8);
    decision_number(e->d, "sl_distance_a", v.a_distance_e8);
    decision_number(e->d, "sl_distance_b", v.b_distance_e8);
    if (v.rebased)
        decision_number(e->d, "rebased", DEC_ONE);
    if (lots.a_e8 > 0)
        add_order(e, ORDER_ROLE_A, &lots, &v);
    if (lots.b_e8 > 0)
        add_order(e, ORDER_ROLE_B, &lots, &v);
    e->d->action = DECISION_EXECUTE;
    decision_reason(e->d, REASON_ACCEPTED);
    decision_reason(e->d, e->route_why);
}

static void decide_entry(const struct combined_v3_conf *c, const struct plugin_snapshot *snap,
                         const struct signal *s, struct decision *d)
{
    struct entry e = {.c = c, .snap = snap, .s = s, .d = d, .info = symbol_find(s->symbol)};
    if (e.info == NULL) {
        (void)refuse(&e, REASON_SYMBOL_UNKNOWN, DEC_NONE, DEC_NONE);
        return;
    }
    if (!symbol_allowed(c, s->symbol)) { /* P-9 */
        (void)refuse(&e, REASON_SYMBOL_NOT_ALLOWED, DEC_NONE, DEC_NONE);
        return;
    }
    if (s->side == SIDE_UNSET || s->score < 0 || s->score > 9) {
        (void)refuse(&e, s->side == SIDE_UNSET ? REASON_DIRECTION_MISSING : REASON_FIELD_MISSING,
                     DEC_NONE, DEC_NONE);
        (void)str_copy(d->field, sizeof(d->field),
                       s->side == SIDE_UNSET ? "direction" : "consensus_score");
        return;
    }
    if (!score_passes(&e) || !mtf_passes(&e) || !route_passes(&e) || !is_fresh(&e))
        return;
    plan_reversal(&e);
    if (limits_pass(&e))
        place(&e);
}

int combined_v3_decide(const void *conf, const struct plugin_snapshot *snap, const struct signal *s,
                       struct decision *ret)
{
    const struct combined_v3_conf *c = conf;
    TR_ASSERT(s->format == SIGNAL_FORMAT_V3);
    if (signal_is_exit(s->kind)) {
        decide_exit(c, snap, s, ret);
    } else if (signal_is_entry(s->kind)) {
        decide_entry(c, snap, s, ret);
    } else { /* P-14: squeeze and pulse inform */
        ret->action = DECISION_NOTIFY;
        decision_reason(ret, REASON_NOTIFICATION_ONLY);
    }
    TR_ASSERT(ret->action != DECISION_UNSET);
    return 0;
}
