/* plugins/legacy_v2/decide.c: what the old bot would have done. Its own alerts (1.4): bias and
 * trend are stored by the engine and only told; an entry passes the gates of RT-8 in their order;
 * exits and reversals close (EX-1, EX-4). Positions that a flipped trend closes (EX-3, EX-5) are
 * the engine's (exit rules of this plugin). V3 alerts, variant (b): what its V3 engine did before
 * there were plugins, which shadow mode compares with combined_v3. */
#include "plugins/legacy_v2/decide.h"

#include <string.h>

#include "core/alloc.h"
#include "model/rules/caps.h"
#include "plugins/combined_v3/rules.h"
#include "plugins/legacy_v2/rules.h"

static int64_t whole(int64_t n)
{
    return n * DEC_ONE;
}

static bool refuse(struct legacy_v2_entry *e, enum reason r, const char *field)
{
    decision_skip(e->d, r, DEC_NONE, DEC_NONE);
    (void)str_copy(e->d->field, sizeof(e->d->field), field);
    return false;
}

/* ---- closing ---- */

static void add_closes(struct decision *d, const struct plugin_snapshot *snap, const char *symbol,
                       enum side side)
{
    for (size_t i = 0; i < snap->position_count; i++) {
        const struct position *p = &snap->positions[i];
        bool is_ours = strcmp(p->plugin, legacy_v2_plugin.id) == 0 && p->side == side &&
                       strcmp(p->symbol, symbol) == 0;
        if (is_ours && d->close_count < DECISION_CLOSES_MAX)
            d->closes[d->close_count++] = p->cid;
    }
}

static void close_side(struct decision *d, const struct plugin_snapshot *snap,
                       const struct signal *s, enum side side, enum reason why)
{
    add_closes(d, snap, s->symbol, side);
    if (d->close_count == 0) {
        decision_skip(d, REASON_NOTHING_TO_CLOSE, DEC_NONE, DEC_NONE);
        return;
    }
    d->action = DECISION_CLOSE;
    d->close_reason = why;
    decision_reason(d, why);
    decision_number(d, "closes", whole(d->close_count));
}

static void inform(struct decision *d)
{
    d->action = DECISION_NOTIFY;
    decision_reason(d, REASON_NOTIFICATION_ONLY);
}

/* ---- gates of an entry; each returns false after it has refused ---- */

static bool symbol_passes(struct legacy_v2_entry *e)
{
    e->info = symbol_find(e->s->symbol);
    if (e->info == NULL)
        return refuse(e, REASON_SYMBOL_UNKNOWN, "symbol");
    if (!e->info->is_listed) /* P-9 */
        return refuse(e, REASON_SYMBOL_NOT_ALLOWED, "symbol");
    return e->s->side != SIDE_UNSET || refuse(e, REASON_DIRECTION_MISSING, "signal");
}

static bool logic_passes(struct legacy_v2_entry *e)
{
    if (e->logic == 0)
        return refuse(e, REASON_TIMEFRAME_DISABLED, "tf");
    (void)str_copy(e->d->route, sizeof(e->d->route), v3_route_name(e->logic));
    return e->c->logic_enabled[e->logic] || refuse(e, REASON_LOGIC_DISABLED, "tf");
}

/* RK-9, "can_trade", with the caps of the tier. */
static bool caps_pass(struct legacy_v2_entry *e)
{
    enum tiers_tier forced = e->c->lots.forced;
    e->tier = forced != TIERS_UNSET ? forced : tiers_of_balance(TIERS_FLOOR, e->snap->balance_e8);
    struct tiers_caps caps = tiers_caps(e->tier);
    struct caps_limits l = {caps.daily_e8, caps.lifetime_e8};
    struct caps_book b = {.daily_loss_e8 = e->snap->daily_loss_e8,
                          .lifetime_loss_e8 = e->snap->lifetime_loss_e8};
    int64_t number_e8, limit_e8;
    decision_number(e->d, "tier", tiers_amount_e8(e->tier));
    enum reason r = caps_check(&l, &b, &number_e8, &limit_e8);
    if (!e->c->caps || r == REASON_ACCEPTED)
        return true;
    decision_skip(e->d, r, number_e8, limit_e8);
    return false;
}

/* RT-8. */
static bool trends_pass(struct legacy_v2_entry *e)
{
    struct legacy_v2_trends t = legacy_v2_trends_of(e->snap->trends, e->s->symbol);
    enum side aligned = legacy_v2_alignment(e->logic, &t);
    decision_number(e->d, "trend_1h", whole(side_sign(t.h1)));
    decision_number(e->d, e->logic == 3 ? "trend_1d" : "trend_15m",
                    whole(side_sign(e->logic == 3 ? t.d1 : t.m15)));
    if (aligned == e->s->side)
        return true;
    decision_skip(e->d, REASON_TREND_NOT_ALIGNED, whole(side_sign(aligned)),
                  whole(side_sign(e->s->side)));
    return false;
}

/* P-10. */
static bool is_fresh(struct legacy_v2_entry *e)
{
    const struct signal *s = e->s;
    for (size_t i = 0; i < e->snap->seen_count; i++) {
        const struct plugin_seen *seen = &e->snap->seen[i];
        int64_t age_ms = e->snap->now_ms - seen->accepted_ms;
        if (seen->kind != s->kind || seen->side != s->side || seen->tf != s->tf ||
            strcmp(seen->symbol, s->symbol) != 0 || age_ms >= e->c->duplicate_window_ms)
            continue;
        decision_skip(e->d, REASON_DUPLICATE_ALERT, age_ms * (DEC_ONE / 1000),
                      e->c->duplicate_window_ms * (DEC_ONE / 1000));
        return false;
    }
    return true;
}

/* EX-2, EX-8: what stands against the entry is closed before it. */
static void reverse_first(struct legacy_v2_entry *e)
{
    bool buys = e->s->side == SIDE_BUY;
    add_closes(e->d, e->snap, e->s->symbol, side_opposite(e->s->side));
    if (e->d->close_count > 0)
        e->d->close_reason = buys ? REASON_OPPOSITE_SIGNAL_BUY : REASON_OPPOSITE_SIGNAL_SELL;
}

/* ---- alerts of 1.4 ---- */

static void decide_entry(struct legacy_v2_entry *e)
{
    e->logic = legacy_v2_logic(e->s->tf);
    if (!symbol_passes(e) || !logic_passes(e) || !caps_pass(e) || !trends_pass(e) || !is_fresh(e))
        return;
    reverse_first(e);
    legacy_v2_place(e);
}

/* P-11: a trend that says what is stored is a repeat. */
static void decide_trend(struct legacy_v2_entry *e)
{
    const struct trends_trend *t =
        e->snap->trends != NULL ? trends_trend(e->snap->trends, e->s->symbol, e->s->tf) : NULL;
    if (t != NULL && t->side == e->s->side)
        decision_skip(e->d, REASON_DUPLICATE_ALERT, DEC_NONE, DEC_NONE);
    else
        inform(e->d);
}

/* EX-1, EX-4: "bull" closes shorts. */
static void decide_exit(struct legacy_v2_entry *e, enum reason bullish, enum reason bearish)
{
    if (e->s->side == SIDE_UNSET)
        (void)refuse(e, REASON_DIRECTION_MISSING, "signal");
    else
        close_side(e->d, e->snap, e->s, side_opposite(e->s->side),
                   e->s->side == SIDE_BUY ? bullish : bearish);
}

static void decide_legacy(struct legacy_v2_entry *e)
{
    if (e->c->quirks.refuse_legacy_types)
        (void)refuse(e, REASON_SIGNAL_UNKNOWN, "type");
    else if (e->s->kind == SIGNAL_LEGACY_ENTRY)
        decide_entry(e);
    else if (e->s->kind == SIGNAL_LEGACY_EXIT)
        decide_exit(e, REASON_EXIT_APPEARED_BULLISH, REASON_EXIT_APPEARED_BEARISH);
    else if (e->s->kind == SIGNAL_LEGACY_REVERSAL)
        decide_exit(e, REASON_REVERSAL_BULLISH, REASON_REVERSAL_BEARISH);
    else
        decide_trend(e);
}

/* ---- V3 alerts as the old engine decided them ---- */

static bool score_passes(struct legacy_v2_entry *e, int *ret_strength)
{
    if (e->s->score < 0 || e->s->score > 9)
        return refuse(e, REASON_FIELD_MISSING, "consensus_score");
    *ret_strength = v3_strength(e->s, e->c->quirks.raw_score);
    decision_number(e->d, "score", whole(e->s->score));
    decision_number(e->d, "strength", whole(*ret_strength));
    if (*ret_strength >= e->c->min_score)
        return true;
    decision_skip(e->d, REASON_SCORE_TOO_LOW, whole(*ret_strength), whole(e->c->min_score));
    return false;
}

static void decide_v3_entry(struct legacy_v2_entry *e)
{
    enum reason why;
    int strength;
    if (!symbol_passes(e) || !score_passes(e, &strength))
        return;
    e->logic = v3_route(e->s->kind, e->s->tf, &why);
    if (!logic_passes(e) || !caps_pass(e))
        return;
    if ((!e->c->quirks.bypass_trend && !trends_pass(e)) || !is_fresh(e))
        return;
    if (v3_is_aggressive(e->s->kind, strength))
        reverse_first(e);
    legacy_v2_place(e);
    if (e->d->action == DECISION_EXECUTE)
        decision_reason(e->d, why);
}

static void decide_v3(struct legacy_v2_entry *e)
{
    bool bullish = e->s->kind == SIGNAL_V3_BULLISH_EXIT;
    if (signal_is_exit(e->s->kind))
        close_side(e->d, e->snap, e->s, legacy_v2_exit_side(bullish, !e->c->quirks.exit_inverted),
                   REASON_V3_EXIT);
    else if (signal_is_entry(e->s->kind))
        decide_v3_entry(e);
    else
        inform(e->d);
}

int legacy_v2_decide(const void *conf, const struct plugin_snapshot *snap, const struct signal *s,
                     struct decision *ret)
{
    struct legacy_v2_entry e = {.c = conf, .snap = snap, .s = s, .d = ret};
    TR_ASSERT(s->format == SIGNAL_FORMAT_LEGACY || s->format == SIGNAL_FORMAT_V3);
    if (s->format == SIGNAL_FORMAT_V3)
        decide_v3(&e);
    else
        decide_legacy(&e);
    TR_ASSERT(ret->action != DECISION_UNSET);
    return 0;
}
