/* engine/chains_reentry.c: the re-entry chain's machine (diagram in chains.h): each callback looks
 * at the state, asks a rule of model/rules/reentry.h, and changes the state through
 * chain_set_state(). Orders go out only while a quote is at hand, that is from a price level; what
 * a closing position starts therefore waits for a level or for the next quote. */
#include "engine/chains_impl.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"

#define MS_PER_MINUTE INT64_C(60000)

static const struct symbol_info *info_of(const struct chain *c)
{
    const struct symbol_info *info = symbol_find(c->base.symbol);
    TR_ASSERT(info != NULL); /* chains_on_open() saw it */
    return info;
}

static int64_t pips_between(const struct chain *c, int64_t a_e8, int64_t b_e8)
{
    return dec_abs(symbol_pips_e8(info_of(c), a_e8, b_e8));
}

static int64_t applied_pips_e8(const struct chain *c)
{
    return pips_between(c, c->entry_e8, c->sl_e8);
}

static const struct chain_route_conf *route_conf(const struct chain_conf *conf,
                                                 const struct chain *c)
{
    return chain_conf_route(conf, c->base.route);
}

static int window_min(const struct chain_conf *conf, const struct chain *c)
{
    return reentry_window_min((enum reentry_windows)conf->windows, c->base.symbol,
                              route_conf(conf, c)->window_min);
}

/* ---- telling ---- */

/* For the ledger (store/chain_ledger.h says what stands where): v3_reentry_chains. Its levels count
 * from 0. */
void chains_reentry_state_event(struct engine_tx *tx, const struct chain *c)
{
    const struct chain_conf *conf = chains_conf(tx->s, c->base.plugin);
    struct event e = chains_event(tx, &c->base, EVENT_CHAIN_STATE);
    bool is_recovery = c->base.state == CHAIN_HUNTING || c->base.state == CHAIN_RECOVERING;
    const char *status = c->base.state == CHAIN_COMPLETED         ? "COMPLETED"
                         : chain_state_is_terminal(c->base.state) ? "STOPPED"
                         : is_recovery                            ? "RECOVERY_MODE"
                                                                  : "ACTIVE";
    e.cid = c->cid;
    e.reason = c->base.stop_reason;
    e.lots_e8 = c->lots_e8;
    e.entry_e8 = c->original_entry_e8;
    e.sl_e8 = c->sl_e8;
    e.tp_e8 = c->tp_e8;
    e.profit_e8 = c->base.profit_e8;
    e.commission_e8 = c->base.loss_e8;
    e.swap_e8 = c->base.opened_ms;
    e.number_e8 = (c->base.level - 1) * DEC_ONE;
    e.limit_e8 = (conf == NULL ? c->base.level : route_conf(conf, c)->max_levels) * DEC_ONE;
    e.score = c->entries < 100 ? c->entries : 100;
    e.exit_e8 = conf == NULL ? DEC_NONE : conf->threshold_e8;
    (void)snprintf(e.text, sizeof(e.text), "%s %s %s %d", status,
                   c->kind == CHAIN_KIND_UNSET ? "-" : chain_kind_name(c->kind),
                   chain_state_name(c->base.state), conf == NULL ? 0 : window_min(conf, c));
    outputs_add_event(tx->out, &e);
}

static struct event trade_event(struct engine_tx *tx, const struct chain *c, enum event_type type)
{
    struct event e = chains_event(tx, &c->base, type);
    e.cid = c->cid;
    e.lots_e8 = c->lots_e8;
    e.entry_e8 = c->entry_e8;
    e.sl_e8 = c->sl_e8;
    e.tp_e8 = c->tp_e8;
    e.profit_e8 = c->base.profit_e8 - c->base.loss_e8;
    e.number_e8 = c->base.level * DEC_ONE;
    return e;
}

/* A level is waited for: people see where and what. */
static void tell_watch(struct engine_tx *tx, const struct chain *c, enum event_type type,
                       int number)
{
    struct event e = trade_event(tx, c, type);
    e.side = c->watch_side;
    e.entry_e8 = c->watch_e8;
    e.number_e8 = number * DEC_ONE;
    outputs_add_event(tx->out, &e);
}

/* ---- ending ---- */

static void finish(struct engine_tx *tx, struct chain *c, enum chain_state to, enum reason why)
{
    TR_ASSERT(chain_state_is_terminal(to));
    chain_set_state(tx, &c->base, to);
    c->base.stop_reason = why;
    c->cid = 0;
    if (c->shield.is_wanted)
        c->base.check_ms = tx->now_ms + CHAINS_CHECK_MS;
    chains_reentry_state_event(tx, c);
}

/* As finish(), and people hear why it does not go on. */
static void finish_aloud(struct engine_tx *tx, struct chain *c, const struct chains_answer *a)
{
    struct event e = trade_event(tx, c, EVENT_CHAIN_STOPPED);
    e.reason = a->reason;
    e.number_e8 = a->number_e8;
    e.limit_e8 = a->limit_e8;
    outputs_add_event(tx->out, &e);
    finish(tx, c, CHAIN_STOPPED, a->reason);
}

static void recovery_lost(struct engine_tx *tx, struct chain *c, enum reason why)
{
    struct event e = trade_event(tx, c, EVENT_RECOVERY_FAILED);
    e.reason = why;
    outputs_add_event(tx->out, &e);
    finish(tx, c, CHAIN_STOPPED, why);
}

/* ---- life of a trade ---- */

static void set_trade(struct chain *c, const struct position *p)
{
    c->cid = p->cid;
    c->entry_e8 = p->entry_e8;
    c->sl_e8 = p->sl_e8;
    c->tp_e8 = p->tp_e8;
    c->lots_e8 = p->lots_e8;
    if (c->entries > 1)
        return;
    c->original_entry_e8 = p->entry_e8;
    c->base_pips_e8 = applied_pips_e8(c);
}

void chains_reentry_begin(struct engine_tx *tx, const struct position *p)
{
    struct chains *all = &tx->s->chains;
    struct chain fresh = {.base = {.origin_cid = p->cid,
                                   .cause_seq = p->parent_seq,
                                   .side = p->side,
                                   .role = p->role,
                                   .level = 1,
                                   .opened_ms = tx->now_ms},
                          .entries = 1};
    (void)str_copy(fresh.base.id, sizeof(fresh.base.id), p->chain_id);
    (void)str_copy(fresh.base.plugin, sizeof(fresh.base.plugin), p->plugin);
    (void)str_copy(fresh.base.route, sizeof(fresh.base.route), p->route);
    (void)str_copy(fresh.base.symbol, sizeof(fresh.base.symbol), p->symbol);
    if (p->sl_e8 == DEC_NONE || p->sl_e8 == p->entry_e8)
        return; /* every rule measures in stop distances */
    if (all->reentry_count == CHAINS_REENTRY_MAX) {
        chains_tell_blocked(tx, &fresh.base,
                            &(struct chains_answer){.reason = REASON_CHAINS_FULL,
                                                    .number_e8 = DEC_NONE,
                                                    .limit_e8 = DEC_NONE});
        return;
    }
    struct chain *c = &all->reentry[all->reentry_count++];
    *c = fresh;
    set_trade(c, p);
    chain_set_state(tx, &c->base, CHAIN_ACTIVE);
    chains_reentry_state_event(tx, c);
}

void chains_reentry_on_open(struct engine_tx *tx, struct chain *c, const struct position *p)
{
    set_trade(c, p);
    c->base.updated_ms = tx->now_ms;
    chains_reentry_state_event(tx, c);
}

/* ---- waiting ---- */

static void wait_for(struct engine_tx *tx, struct chain *c, enum chain_state to, int cooldown_s,
                     int64_t window_ms)
{
    TR_ASSERT(c->watch_e8 > 0 && side_sign(c->watch_side) != 0);
    chain_set_state(tx, &c->base, to);
    c->base.until_ms = tx->now_ms + window_ms;
    if (cooldown_s > 0)
        c->base.retry_ms = tx->now_ms + cooldown_s * 1000;
    else
        chains_watch(tx, &c->base, c->watch_side, c->watch_e8, CHAIN_TAG_ENTER);
    chains_reentry_state_event(tx, c);
}

static int64_t hunt_level_e8(const struct chain_conf *conf, const struct chain *c)
{
    const struct reentry_trade t = {c->base.side, c->entry_e8, c->sl_e8};
    enum reentry_hunt variant = (enum reentry_hunt)conf->hunt;
    int64_t param_e8 = conf->threshold_e8;
    if (variant == REENTRY_HUNT_WINDOW_MONITOR && conf->shield)
        variant = REENTRY_HUNT_SEVENTY_PERCENT; /* RE-3 */
    if (variant == REENTRY_HUNT_PRICE_MONITOR)
        param_e8 = conf->offset_pips_e8;
    else if (variant == REENTRY_HUNT_WINDOW_MONITOR)
        param_e8 = conf->min_recovery_pips_e8;
    return reentry_hunt_level_e8(variant, info_of(c), &t, param_e8);
}

/* RE-12 (a), (b): may this chain's profit be risked again? (c) is a gate of every order. */
static struct chains_answer protection(const struct chain_conf *conf, const struct chain *c)
{
    const struct symbol_info *info = info_of(c);
    int64_t pips_e8 = reentry_tight_sl_pips_e8(applied_pips_e8(c), conf->tight_sl_e8);
    bool assumed = conf->protection == REENTRY_PROTECTION_AUTONOMOUS;
    struct reentry_protection_case k = {
        .semantics = (enum reentry_protection)conf->protection,
        .mode = (enum reentry_protect_mode)conf->protect_mode,
        .profit_e8 = c->base.profit_e8 - c->base.loss_e8,
        .loss_e8 = assumed ? reentry_assumed_loss_e8(info, applied_pips_e8(c))
                           : dec_mul(dec_mul(pips_e8, info->pip_value_e8, DEC_HALF_AWAY),
                                     c->lots_e8, DEC_HALF_AWAY),
    };
    struct chains_answer a = {.reason = REASON_ACCEPTED};
    if (k.semantics == REENTRY_PROTECTION_SESSION)
        k.semantics = REENTRY_PROTECTION_OFF;
    if (!reentry_protection_allows(&k, &a.limit_e8))
        a.reason = REASON_PROFIT_PROTECTION;
    a.number_e8 = k.profit_e8;
    return a;
}

static void want_shield(struct engine_tx *tx, const struct chain_conf *conf, struct chain *c)
{
    if (!conf->shield)
        return;
    c->shield.is_wanted = true;
    c->shield.lost = (struct reentry_trade){c->base.side, c->entry_e8, c->sl_e8};
    chains_watch_next(tx, &c->base, CHAIN_TAG_SHIELD_OPEN);
}

static void on_stop(struct engine_tx *tx, const struct chain_conf *conf, struct chain *c)
{
    struct chains_answer a = {.reason = REASON_SL_HIT, .number_e8 = DEC_NONE, .limit_e8 = DEC_NONE};
    if (c->base.state == CHAIN_RECOVERING) {
        chains_day(tx->s, c->base.plugin)->losses++;
        recovery_lost(tx, c, REASON_RECOVERY_LOST);
        return;
    }
    if (!conf->enabled || !conf->autonomous) {
        finish(tx, c, CHAIN_STOPPED, REASON_SL_HIT);
        return;
    }
    want_shield(tx, conf, c);
    if (!conf->sl_hunt) {
        finish(tx, c, CHAIN_STOPPED, REASON_SL_HIT);
        return;
    }
    a = chains_limits(tx, c->base.plugin, chains_concurrent(tx->s, c->base.plugin));
    if (a.reason == REASON_ACCEPTED)
        a = protection(conf, c);
    if (a.reason != REASON_ACCEPTED) {
        finish_aloud(tx, c, &a);
        return;
    }
    int minutes = window_min(conf, c);
    c->kind = CHAIN_KIND_SL_HUNT;
    c->watch_side = c->base.side;
    c->watch_e8 = hunt_level_e8(conf, c);
    wait_for(tx, c, CHAIN_HUNTING, 0, minutes * MS_PER_MINUTE);
    if (c->shield.is_wanted)
        c->base.check_ms = tx->now_ms + CHAINS_CHECK_MS;
    tell_watch(tx, c, EVENT_SL_HUNT_ACTIVATED, minutes);
}

static void on_target(struct engine_tx *tx, const struct chain_conf *conf, struct chain *c)
{
    const struct chain_route_conf *route = route_conf(conf, c);
    bool goes_on = conf->enabled && conf->autonomous && conf->tp_continuation;
    if (c->base.state == CHAIN_RECOVERING) {
        c->base.level += c->base.level < route->max_levels;
        struct event e = trade_event(tx, c, EVENT_RECOVERY_SUCCESS);
        outputs_add_event(tx->out, &e);
    }
    if (!goes_on || c->tp_e8 == DEC_NONE) {
        finish(tx, c, CHAIN_COMPLETED, REASON_TP_HIT);
        return;
    }
    if (c->base.level >= route->max_levels) {
        finish(tx, c, CHAIN_COMPLETED, REASON_CHAIN_MAX_LEVEL);
        return;
    }
    int64_t gap_e8 = dec_mul(conf->tp_gap_pips_e8, info_of(c)->pip_size_e8, DEC_UP);
    c->kind = CHAIN_KIND_TP_CONTINUATION;
    c->watch_side = c->base.side;
    c->watch_e8 = c->tp_e8 + side_sign(c->base.side) * gap_e8;
    wait_for(tx, c, CHAIN_CONTINUING, route->cooldown_s, route->window_min * MS_PER_MINUTE);
    tell_watch(tx, c, EVENT_TP_REENTRY_STARTED, c->base.level + 1);
}

/* By hand or by a reversal: RE-10. */
static void on_exit(struct engine_tx *tx, const struct chain_conf *conf, struct chain *c,
                    const struct chains_close *x)
{
    const struct chain_route_conf *route = route_conf(conf, c);
    bool goes_on = conf->enabled && conf->autonomous && route->exit_continuation &&
                   c->base.level < route->max_levels && c->tp_e8 != DEC_NONE;
    if (!goes_on) {
        finish(tx, c, CHAIN_STOPPED, x->why);
        return;
    }
    struct reentry_exit_plan plan = reentry_exit_plan((enum reentry_exit)conf->exit_variant,
                                                      info_of(c), c->base.side, x->exit_e8);
    c->kind = CHAIN_KIND_EXIT_CONTINUATION;
    c->watch_side = plan.side;
    c->watch_e8 = plan.level_e8;
    wait_for(tx, c, CHAIN_LEAVING, 0, plan.window_s * INT64_C(1000));
}

static bool is_stop_behind(const struct chain *c)
{
    return c->sl_e8 != DEC_NONE && (c->entry_e8 - c->sl_e8) * side_sign(c->base.side) > 0;
}

static bool is_reversal(enum reason why)
{
    return why == REASON_OPPOSITE_SIGNAL || why == REASON_TREND_REVERSAL ||
           why == REASON_TREND_REVERSAL_BULLISH || why == REASON_TREND_REVERSAL_BEARISH ||
           why == REASON_STATE_REVERSAL || why == REASON_REVERSAL_BULLISH ||
           why == REASON_REVERSAL_BEARISH || why == REASON_OPPOSITE_SIGNAL_BUY ||
           why == REASON_OPPOSITE_SIGNAL_SELL;
}

static void trade_closed(struct engine_tx *tx, struct chain *c, const struct chains_close *x)
{
    const struct chain_conf *conf = chains_conf(tx->s, c->base.plugin);
    bool is_stop = x->why == REASON_SL_HIT;
    c->cid = 0;
    c->sl_e8 = x->p->sl_e8;
    c->tp_e8 = x->p->tp_e8;
    if (c->base.state == CHAIN_MISSING) { /* it was there after all */
        c->base.missing_checks = 0;
        chain_set_state(tx, &c->base, c->base.before_missing);
    }
    if (conf == NULL)
        finish(tx, c, CHAIN_STOPPED, x->why);
    else if (x->why == REASON_TP_HIT)
        on_target(tx, conf, c);
    else if (is_stop && is_stop_behind(c))
        on_stop(tx, conf, c);
    else if (is_stop) /* a stop that was drawn into the profit */
        finish(tx, c, CHAIN_COMPLETED, x->why);
    else if (x->why == REASON_MANUAL_CLOSE || is_reversal(x->why))
        on_exit(tx, conf, c, x);
    else
        finish(tx, c, CHAIN_STOPPED, x->why);
}

static void shield_gone(struct chain *c, uint64_t cid)
{
    for (int i = 0; i < 2; i++)
        if (c->shield.cids[i] == cid)
            c->shield.cids[i] = 0;
}

void chains_reentry_on_close(struct engine_tx *tx, struct chain *c, const struct chains_close *x)
{
    bool is_trade = x->p->cid == c->cid;
    if (x->net_e8 > 0)
        c->base.profit_e8 += x->net_e8;
    else
        c->base.loss_e8 -= x->net_e8;
    c->base.updated_ms = tx->now_ms;
    if (x->whole && is_trade) {
        trade_closed(tx, c, x);
        return;
    }
    if (x->whole)
        shield_gone(c, x->p->cid);
    chains_reentry_state_event(tx, c);
}

void chains_reentry_on_failed(struct engine_tx *tx, struct chain *c, const struct order *o)
{
    if (state_position(tx->s, o->cid) != NULL)
        return; /* a part was filled: that is the trade */
    if (o->cid != c->cid) {
        shield_gone(c, o->cid);
        return;
    }
    if (c->base.state == CHAIN_RECOVERING)
        recovery_lost(tx, c, o->reason);
    else
        finish(tx, c, CHAIN_STOPPED, o->reason);
}

/* ---- entering again ---- */

static int64_t next_pips_e8(const struct chain_conf *conf, const struct chain *c)
{
    int percent = conf->sl_reduction_percent;
    int64_t base_e8 = c->base_pips_e8;
    int level = c->base.level;
    enum reentry_reduction mode = (enum reentry_reduction)conf->reduction;
    if (percent == 0)
        percent = reentry_reduction_percent(mode, c->base.symbol);
    switch (mode) {
    case REENTRY_REDUCTION_LEGACY:
        return reentry_compound_pips_e8(base_e8, level, percent * (DEC_ONE / 100));
    case REENTRY_REDUCTION_LINEAR:
        return dec_mul(base_e8, reentry_linear_sl_factor_e8(level), DEC_HALF_AWAY);
    case REENTRY_REDUCTION_AUTONOMOUS:
        return reentry_autonomous_pips_e8(applied_pips_e8(c));
    case REENTRY_REDUCTION_AGGRESSIVE:
    case REENTRY_REDUCTION_BALANCED:
    case REENTRY_REDUCTION_CONSERVATIVE:
    case REENTRY_REDUCTION_ADAPTIVE:
        return reentry_optimizer_pips_e8(base_e8, percent, level + 1);
    case REENTRY_REDUCTION_UNSET:
    case REENTRY_REDUCTION_COUNT:
        break;
    }
    TR_ASSERT(false && "a known mode");
    return base_e8;
}

static struct chains_want want_of(const struct chain_conf *conf, const struct chain *c)
{
    struct chains_want w = {
        .base = &c->base,
        .role = c->base.role,
        .side = c->watch_side,
        .lots_e8 = c->lots_e8,
        .rr_e8 = conf->rr_e8,
        .sl_e8 = DEC_NONE,
        .tp_e8 = DEC_NONE,
    };
    if (c->base.state == CHAIN_HUNTING) {
        w.sl_pips_e8 = reentry_tight_sl_pips_e8(applied_pips_e8(c), conf->tight_sl_e8);
    } else if (c->base.state == CHAIN_CONTINUING) {
        w.sl_pips_e8 = next_pips_e8(conf, c);
        if (conf->reduction == REENTRY_REDUCTION_LINEAR)
            w.lots_e8 = dec_mul(w.lots_e8, reentry_linear_lot_factor_e8(c->base.level), DEC_DOWN);
    } else { /* RE-10: the same distances */
        w.sl_pips_e8 = applied_pips_e8(c);
        w.rr_e8 = dec_div(pips_between(c, c->entry_e8, c->tp_e8), w.sl_pips_e8, DEC_HALF_AWAY);
    }
    return w;
}

static void entered(struct engine_tx *tx, struct chain *c, const struct chains_answer *a)
{
    bool is_hunt = c->base.state == CHAIN_HUNTING;
    enum event_type type = is_hunt                             ? EVENT_SL_HUNT_RECOVERY
                           : c->base.state == CHAIN_CONTINUING ? EVENT_TP_CONTINUATION
                                                               : EVENT_EXIT_CONTINUATION;
    c->cid = a->cid;
    c->entry_e8 = a->entry_e8;
    c->sl_e8 = a->sl_e8;
    c->tp_e8 = a->tp_e8;
    c->lots_e8 = a->lots_e8;
    c->base.side = c->watch_side;
    c->entries++;
    if (is_hunt)
        chains_day(tx->s, c->base.plugin)->attempts++;
    else
        c->base.level++;
    chain_set_state(tx, &c->base, is_hunt ? CHAIN_RECOVERING : CHAIN_ACTIVE);
    struct event e = trade_event(tx, c, type);
    outputs_add_event(tx->out, &e);
    chains_reentry_state_event(tx, c);
}

/* RE-14: order A enters again after its stop only while the market is strong. */
static bool waits_for_strength(const struct engine_state *s, const struct chain *c)
{
    if (c->base.state != CHAIN_HUNTING || c->base.role != ORDER_ROLE_A ||
        !manager_is_on(s, c->base.plugin))
        return false;
    struct position p = {.side = c->watch_side};
    (void)str_copy(p.plugin, sizeof(p.plugin), c->base.plugin); /* the same widths */
    (void)str_copy(p.route, sizeof(p.route), c->base.route);
    (void)str_copy(p.symbol, sizeof(p.symbol), c->base.symbol);
    return !manager_is_strong(s, &p);
}

static void enter(struct engine_tx *tx, struct chain *c)
{
    const struct chain_conf *conf = chains_conf(tx->s, c->base.plugin);
    struct chains_answer a = {
        .reason = REASON_ACCEPTED, .number_e8 = DEC_NONE, .limit_e8 = DEC_NONE};
    if (conf == NULL)
        a.reason = REASON_RE_ENTRY_OFF;
    else if (!chains_trend_agrees(tx->s, &c->base, c->watch_side) || waits_for_strength(tx->s, c))
        a.reason = REASON_TREND_NOT_ALIGNED;
    else if (c->base.state == CHAIN_HUNTING)
        a = chains_limits(tx, c->base.plugin, chains_concurrent(tx->s, c->base.plugin) - 1);
    if (a.reason == REASON_ACCEPTED) {
        struct chains_want w = want_of(conf, c);
        a = chains_place(tx, &w);
    }
    if (a.reason == REASON_ACCEPTED) {
        entered(tx, c, &a);
    } else if (chains_is_for_now(a.reason)) {
        chains_tell_blocked(tx, &c->base, &a);
        c->base.retry_ms = tx->now_ms + CHAINS_RETRY_MS;
    } else {
        finish_aloud(tx, c, &a);
    }
}

static void window_over(struct engine_tx *tx, struct chain *c)
{
    bool is_hunt = c->base.state == CHAIN_HUNTING;
    if (is_hunt)
        tell_watch(tx, c, EVENT_RECOVERY_TIMEOUT, 0);
    finish(tx, c, c->base.state == CHAIN_CONTINUING ? CHAIN_COMPLETED : CHAIN_STOPPED,
           REASON_RECOVERY_TIMEOUT);
}

static bool is_waiting(const struct chain *c)
{
    return c->base.state == CHAIN_HUNTING || c->base.state == CHAIN_CONTINUING ||
           c->base.state == CHAIN_LEAVING;
}

/* ---- the shield, RE-13 ---- */

static bool is_shielded(const struct chain *c)
{
    return c->shield.cids[0] != 0 || c->shield.cids[1] != 0;
}

static int shields(const struct engine_state *s)
{
    int n = 0;
    for (size_t i = 0; i < s->chains.reentry_count; i++)
        n += is_shielded(&s->chains.reentry[i]);
    return n;
}

static int64_t shield_room_e8(const struct engine_state *s, const struct chain_conf *conf)
{
    int64_t cap_e8 = risk_caps(s).daily_e8;
    if (cap_e8 == 0)
        return DEC_NONE;
    return cap_e8 - s->account.daily_loss_e8 - conf->shield_reserve_e8;
}

static struct chains_answer place_shield(struct engine_tx *tx, const struct chain_conf *conf,
                                         struct chain *c, const struct reentry_shield_plan *plan)
{
    int64_t gap_e8 = dec_abs(c->shield.lost.entry_e8 - c->shield.lost.sl_e8);
    int64_t reach_e8 = dec_mul(gap_e8, conf->rr_e8, DEC_HALF_AWAY);
    struct chains_want w = {.base = &c->base,
                            .role = ORDER_ROLE_A,
                            .side = plan->side,
                            .lots_e8 = plan->lots_e8,
                            .sl_e8 = plan->sl_e8,
                            .tp_e8 = plan->tp_a_e8,
                            .is_same_trade = true};
    struct chains_answer a = chains_place(tx, &w);
    if (a.reason != REASON_ACCEPTED)
        return a;
    c->shield.cids[0] = a.cid;
    c->shield.lots_e8 = a.lots_e8;
    w.role = ORDER_ROLE_B;
    w.tp_e8 = dec_to_step(c->shield.lost.sl_e8 + side_sign(plan->side) * reach_e8,
                          symbol_tick_e8(info_of(c)), DEC_HALF_AWAY);
    struct chains_answer b = chains_place(tx, &w);
    if (b.reason == REASON_ACCEPTED)
        c->shield.cids[1] = b.cid;
    return a;
}

static void shield_open(struct engine_tx *tx, struct chain *c)
{
    const struct chain_conf *conf = chains_conf(tx->s, c->base.plugin);
    int64_t price_e8;
    if (!c->shield.is_wanted || conf == NULL || is_shielded(c))
        return;
    c->shield.is_wanted = false;
    struct reentry_shield_plan plan =
        reentry_shield_plan(info_of(c), &c->shield.lost, c->lots_e8, shield_room_e8(tx->s, conf));
    if (chains_price(tx, c->base.symbol, c->shield.lost.side, &price_e8) &&
        reentry_is_reached(c->shield.lost.side, price_e8, plan.kill_e8))
        return; /* back already */
    struct chains_answer a = {.reason = REASON_DAILY_LOSS_CAP,
                              .number_e8 = tx->s->account.daily_loss_e8,
                              .limit_e8 = risk_caps(tx->s).daily_e8};
    if (shields(tx->s) >= conf->shield_max)
        a = (struct chains_answer){.reason = REASON_RECOVERY_CONCURRENT,
                                   .number_e8 = shields(tx->s) * DEC_ONE,
                                   .limit_e8 = conf->shield_max * DEC_ONE};
    else if (plan.lots_e8 > 0)
        a = place_shield(tx, conf, c, &plan);
    if (a.reason != REASON_ACCEPTED) {
        chains_tell_blocked(tx, &c->base, &a);
        return;
    }
    chains_watch(tx, &c->base, c->shield.lost.side, plan.kill_e8, CHAIN_TAG_SHIELD_KILL);
    struct event e = chains_event(tx, &c->base, EVENT_REVERSE_SHIELD);
    e.side = plan.side;
    e.lots_e8 = a.lots_e8;
    e.entry_e8 = a.entry_e8;
    e.sl_e8 = a.sl_e8;
    e.tp_e8 = a.tp_e8;
    outputs_add_event(tx->out, &e);
}

static void shield_close(struct engine_tx *tx, struct chain *c, enum reason why)
{
    for (int i = 0; i < 2; i++) {
        uint64_t cid = c->shield.cids[i];
        struct position *p = cid == 0 ? NULL : state_position(tx->s, cid);
        struct order *o = cid == 0 ? NULL : state_order(tx->s, cid);
        if (o != NULL && o->purpose == ORDER_OPEN)
            o->reason = why; /* what still fills is closed at once */
        if (p != NULL)
            (void)orders_close_position(tx, p, why);
    }
}

static void shield_kill(struct engine_tx *tx, struct chain *c)
{
    int64_t price_e8, kill_e8;
    if (!is_shielded(c) || !chains_price(tx, c->base.symbol, c->shield.lost.side, &price_e8))
        return;
    kill_e8 = reentry_shield_plan(info_of(c), &c->shield.lost, c->shield.lots_e8, DEC_NONE).kill_e8;
    if (reentry_is_reached(c->shield.lost.side, price_e8, kill_e8))
        shield_close(tx, c, REASON_SHIELD_KILL);
}

/* ---- callbacks of price and time ---- */

void chains_reentry_on_price(struct engine_tx *tx, struct chain *c, uint32_t tag)
{
    int64_t price_e8;
    if (tag == CHAIN_TAG_SHIELD_OPEN) {
        shield_open(tx, c);
        return;
    }
    if (tag == CHAIN_TAG_SHIELD_KILL) {
        shield_kill(tx, c);
        return;
    }
    TR_ASSERT(tag == CHAIN_TAG_ENTER);
    /* A level of an earlier wait may still be told. */
    if (!is_waiting(c) || c->base.retry_ms != 0 ||
        !chains_price(tx, c->base.symbol, c->watch_side, &price_e8) ||
        !reentry_is_reached(c->watch_side, price_e8, c->watch_e8))
        return;
    if (tx->now_ms > c->base.until_ms)
        window_over(tx, c);
    else
        enter(tx, c);
}

void chains_reentry_timer(struct engine_tx *tx, struct chain *c)
{
    if (c->base.until_ms != 0 && tx->now_ms > c->base.until_ms) {
        window_over(tx, c);
    } else if (c->base.retry_ms != 0 && tx->now_ms >= c->base.retry_ms) {
        c->base.retry_ms = 0;
        chains_watch(tx, &c->base, c->watch_side, c->watch_e8, CHAIN_TAG_ENTER);
    }
    if (c->base.check_ms == 0 || tx->now_ms < c->base.check_ms)
        return;
    c->base.check_ms = 0;
    c->shield.is_wanted = false; /* no quote came */
    if (c->base.state == CHAIN_MISSING)
        chains_reentry_check(tx, c);
}

static bool exists(struct engine_state *s, uint64_t cid)
{
    return state_position(s, cid) != NULL || state_order(s, cid) != NULL;
}

/* At the broker's word on its positions, and again until it is clear (spec 5: three times). */
void chains_reentry_check(struct engine_tx *tx, struct chain *c)
{
    struct chain_base *b = &c->base;
    for (int i = 0; i < 2; i++)
        if (c->shield.cids[i] != 0 && !exists(tx->s, c->shield.cids[i]))
            c->shield.cids[i] = 0;
    if (b->state != CHAIN_ACTIVE && b->state != CHAIN_RECOVERING && b->state != CHAIN_MISSING)
        return;
    TR_ASSERT(c->cid != 0);
    bool is_here = exists(tx->s, c->cid);
    if (is_here && b->state == CHAIN_MISSING) {
        chain_set_state(tx, b, b->before_missing);
        chains_reentry_state_event(tx, c);
    }
    if (is_here)
        return;
    if (b->state != CHAIN_MISSING) {
        b->before_missing = b->state;
        chain_set_state(tx, b, CHAIN_MISSING);
    }
    b->missing_checks++;
    b->check_ms = tx->now_ms + CHAINS_CHECK_MS;
    if (b->missing_checks >= CHAINS_CHECKS)
        finish(tx, c, CHAIN_STALE, REASON_CHAIN_STALE);
}

void chains_reentry_stop(struct engine_tx *tx, struct chain *c, enum reason why)
{
    TR_ASSERT(!chain_state_is_terminal(c->base.state));
    c->shield.is_wanted = false;
    shield_close(tx, c, why);
    finish(tx, c, CHAIN_STOPPED, why);
}
