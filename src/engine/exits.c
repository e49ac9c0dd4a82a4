/* engine/exits.c: the rules of open positions, applied.
 *
 * One watch a position is enough: the nearest price at which any of its rules would move the stop.
 * When it is reached all rules are asked at the price of that moment, the best stop is wanted from
 * modify.c, and the next watch is set beyond it. While a refused change is in its minute of quiet
 * nothing is watched; modify.c arms again after it. The longest time open and flipped trends are a
 * timer, looked at no more often than every 5 s (spec 6), so a close that is refused again and
 * again does not spin. */
#include "engine/exits.h"

#include <string.h>

#include "core/alloc.h"
#include "engine/apply.h"

#define LOOP_MS       5000
#define MS_PER_MINUTE INT64_C(60000)

const struct exit_rules *exits_rules(const struct engine_rules *r, const char *plugin)
{
    for (size_t i = 0; i < ENGINE_PLUGINS_MAX; i++)
        if (plugin[0] != '\0' && strcmp(r->exits[i].plugin, plugin) == 0)
            return &r->exits[i];
    return NULL;
}

static bool is_closing_all(const struct position *p)
{
    return p->closing_cid != 0 && !p->is_closing_part;
}

/* In force counts the better of the stop it has and the one under way: a looser one that a person
 * wants may still be refused. */
static struct exit_case case_of(const struct engine_state *s, const struct position *p)
{
    int64_t wanted_e8 = modify_sl_e8(s, p);
    bool is_better = exit_rules_is_tighter(p->side, wanted_e8, p->sl_e8);
    return (struct exit_case){
        .info = symbol_find(p->symbol),
        .side = p->side,
        .entry_e8 = p->entry_e8,
        .sl_first_e8 = p->sl_first_e8,
        .sl_e8 = is_better ? wanted_e8 : p->sl_e8,
    };
}

/* stop: what counts as in force. */
static void watch_next(struct engine_state *s, const struct position *p, const struct exit_rules *r,
                       const struct exit_case *c)
{
    int64_t level_e8 = exit_rules_next_e8(r, c), target_e8 = manager_next_e8(s, p);
    if (level_e8 == DEC_NONE ||
        (target_e8 != DEC_NONE && !reentry_is_reached(p->side, target_e8, level_e8)))
        level_e8 = target_e8;
    if (level_e8 == DEC_NONE || level_e8 <= 0)
        return;
    struct price_watch w = {
        .when = p->side == SIDE_BUY ? PRICE_BID_UP : PRICE_ASK_DOWN,
        .owner = PRICE_OWNER_POSITION,
        .owner_id = p->cid,
        .level_e8 = level_e8,
    };
    bool is_watched = prices_watch(&s->prices, p->symbol, &w);
    TR_ASSERT(is_watched); /* one a position: room is kept */
}

void exits_arm(struct engine_state *s, const struct position *p)
{
    prices_unwatch(&s->prices, PRICE_OWNER_POSITION, p->cid);
    const struct exit_rules *r = exits_rules(&s->rules, p->plugin);
    const struct modify *m = modify_find(s, p->cid);
    bool is_quiet = m != NULL && m->state == MODIFY_REFUSED;
    if (r == NULL || is_quiet || is_closing_all(p) || symbol_find(p->symbol) == NULL)
        return;
    struct exit_case c = case_of(s, p);
    watch_next(s, p, r, &c);
}

void exits_arm_all(struct engine_state *s)
{
    for (size_t i = 0; i < s->position_count; i++)
        exits_arm(s, &s->positions[i]);
}

void exits_on_price(struct engine_tx *tx, uint64_t position_cid, const struct quote *q)
{
    struct position *p = state_position(tx->s, position_cid);
    TR_ASSERT(p != NULL); /* its watch goes with it, and with the rules */
    const struct exit_rules *r = exits_rules(&tx->s->rules, p->plugin);
    TR_ASSERT(r != NULL);
    enum reason why = REASON_UNSET;
    int64_t price_e8 = p->side == SIDE_BUY ? q->bid_e8 : q->ask_e8;
    manager_on_price(tx, p, price_e8);
    struct exit_case c = case_of(tx->s, p);
    int64_t stop_e8 = exit_rules_stop_e8(r, &c, price_e8, &why);
    if (stop_e8 != DEC_NONE) {
        /* Refused here: the next rung tries again. */
        (void)modify_position(tx, p->cid, stop_e8, modify_tp_e8(tx->s, p), why);
        c.sl_e8 = stop_e8;
    }
    prices_unwatch(&tx->s->prices, PRICE_OWNER_POSITION, p->cid);
    if (!is_closing_all(p))
        watch_next(tx->s, p, r, &c);
}

void exits_on_target(struct engine_tx *tx, const struct position *p)
{
    struct engine_state *s = tx->s;
    const struct exit_rules *r = exits_rules(&s->rules, p->plugin);
    if (r == NULL || !r->even_after_tp1 || p->chain_id[0] == '\0')
        return;
    for (size_t i = 0; i < s->position_count; i++) {
        struct position *other = &s->positions[i];
        bool is_sibling = other->cid != p->cid && other->side == p->side &&
                          strcmp(other->chain_id, p->chain_id) == 0 &&
                          strcmp(other->plugin, p->plugin) == 0;
        if (!is_sibling || is_closing_all(other) || symbol_find(other->symbol) == NULL)
            continue;
        struct exit_case c = case_of(s, other);
        int64_t stop_e8 = exit_rules_even_e8(r, &c);
        if (stop_e8 == DEC_NONE)
            continue;
        /* Refused by the quote: the price is back behind the entry, the stop stays. */
        (void)modify_position(tx, other->cid, stop_e8, modify_tp_e8(s, other), REASON_BREAK_EVEN);
        exits_arm(s, other);
    }
}

/* ---- trends and time ---- */

void exits_on_signal(struct engine_tx *tx, const struct signal *sig)
{
    struct engine_state *s = tx->s;
    if (sig->kind != SIGNAL_LEGACY_TREND || side_sign(sig->side) == 0)
        return;
    enum reason why =
        sig->side == SIDE_BUY ? REASON_TREND_REVERSAL_BULLISH : REASON_TREND_REVERSAL_BEARISH;
    for (size_t i = 0; i < s->position_count; i++) {
        struct position *p = &s->positions[i];
        const struct exit_rules *r = exits_rules(&s->rules, p->plugin);
        bool is_against = p->side != sig->side && strcmp(p->symbol, sig->symbol) == 0;
        if (r != NULL && r->trend_alert && is_against)
            (void)orders_close_position(tx, p, why); /* under way, or no room: the next alert */
    }
}

/* RT-8: both trends that would gate an entry of this route stand against the position. */
static bool is_flipped(const struct engine_state *s, const struct position *p)
{
    bool is_slow = strcmp(p->route, "LOGIC3") == 0;
    enum side against = side_opposite(p->side);
    return trends_side(&s->trends, p->symbol, TF_1H) == against &&
           trends_side(&s->trends, p->symbol, is_slow ? TF_1D : TF_15M) == against;
}

/* When a rule closes the position, as things are; INT64_MAX = never, or it is being closed. */
static int64_t ends_ms(const struct engine_state *s, const struct position *p, enum reason *ret_why)
{
    const struct exit_rules *r = exits_rules(&s->rules, p->plugin);
    if (r == NULL || is_closing_all(p))
        return INT64_MAX;
    int64_t hold_ms = exit_rules_max_hold_ms(r, p->route);
    int64_t at_ms = hold_ms > 0 ? p->opened_ms + hold_ms : INT64_MAX;
    int64_t old_ms = p->opened_ms + r->trend_flip_age_min * MS_PER_MINUTE;
    *ret_why = REASON_TIME_EXIT;
    if (!r->trend_flip || old_ms >= at_ms || !is_flipped(s, p))
        return at_ms;
    *ret_why = REASON_TREND_REVERSAL;
    return old_ms;
}

void exits_timers(struct engine_tx *tx)
{
    struct engine_state *s = tx->s;
    if (tx->now_ms < s->exits_not_before_ms)
        return;
    for (size_t i = 0; i < s->position_count; i++) {
        struct position *p = &s->positions[i];
        enum reason why = REASON_UNSET;
        if (tx->now_ms < ends_ms(s, p, &why))
            continue;
        (void)orders_close_position(tx, p, why); /* no room: again in 5 s */
        s->exits_not_before_ms = tx->now_ms + LOOP_MS;
    }
}

int64_t exits_next_due_ms(const struct engine_state *s)
{
    int64_t due_ms = INT64_MAX;
    for (size_t i = 0; i < s->position_count; i++) {
        enum reason why;
        int64_t at_ms = ends_ms(s, &s->positions[i], &why);
        if (at_ms < due_ms)
            due_ms = at_ms;
    }
    return due_ms < s->exits_not_before_ms ? s->exits_not_before_ms : due_ms;
}
