/* engine/exits.c: the rules of open positions, applied.
 *
 * One watch a position is enough: the nearest price at which any of its rules would move the stop.
 * When it is reached all rules are asked at the price of that moment, the best stop is wanted from
 * modify.c, and the next watch is set beyond it. While a refused change is in its minute of quiet
 * nothing is watched; modify.c arms again after it. The longest time open is a timer, looked at no
 * more often than every 5 s (spec 6), so a close that is refused again and again does not spin. */
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

static struct exit_case case_of(const struct engine_state *s, const struct position *p)
{
    return (struct exit_case){
        .info = symbol_find(p->symbol),
        .side = p->side,
        .entry_e8 = p->entry_e8,
        .sl_first_e8 = p->sl_first_e8,
        .sl_e8 = modify_sl_e8(s, p),
    };
}

/* stop: what counts as in force. */
static void watch_next(struct engine_state *s, const struct position *p, const struct exit_rules *r,
                       const struct exit_case *c)
{
    int64_t level_e8 = exit_rules_next_e8(r, c);
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
    TR_ASSERT(p != NULL); /* its watch goes with it */
    const struct exit_rules *r = exits_rules(&tx->s->rules, p->plugin);
    TR_ASSERT(r != NULL);
    struct exit_case c = case_of(tx->s, p);
    enum reason why = REASON_UNSET;
    int64_t price_e8 = p->side == SIDE_BUY ? q->bid_e8 : q->ask_e8;
    int64_t stop_e8 = exit_rules_stop_e8(r, &c, price_e8, &why);
    if (stop_e8 != DEC_NONE) {
        /* Refused here: the next rung tries again. */
        (void)modify_position(tx, p->cid, stop_e8, modify_tp_e8(tx->s, p), why);
        c.sl_e8 = stop_e8;
    }
    prices_unwatch(&tx->s->prices, PRICE_OWNER_POSITION, p->cid);
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

/* ---- trends ---- */

static int close_against(struct engine_tx *tx, const char *symbol, enum side side, bool is_alert)
{
    struct engine_state *s = tx->s;
    enum reason alert =
        side == SIDE_BUY ? REASON_TREND_REVERSAL_BEARISH : REASON_TREND_REVERSAL_BULLISH;
    int closed = 0;
    TR_ASSERT(side_sign(side) != 0);
    for (size_t i = 0; i < s->position_count; i++) {
        struct position *p = &s->positions[i];
        const struct exit_rules *r = exits_rules(&s->rules, p->plugin);
        if (r == NULL || p->side != side || strcmp(p->symbol, symbol) != 0)
            continue;
        bool is_old = tx->now_ms - p->opened_ms >= r->trend_flip_age_min * MS_PER_MINUTE;
        bool is_wanted = is_alert ? r->trend_alert : r->trend_flip && is_old;
        if (is_wanted && orders_close_position(tx, p, is_alert ? alert : REASON_TREND_REVERSAL))
            closed++;
    }
    return closed;
}

int exits_on_trend_flip(struct engine_tx *tx, const char *symbol, enum side side)
{
    return close_against(tx, symbol, side, false);
}

int exits_on_trend_alert(struct engine_tx *tx, const char *symbol, enum side side)
{
    return close_against(tx, symbol, side, true);
}

/* ---- time ---- */

/* When the position has been open long enough; INT64_MAX = never, or it is being closed. */
static int64_t hold_ends_ms(const struct engine_state *s, const struct position *p)
{
    const struct exit_rules *r = exits_rules(&s->rules, p->plugin);
    int64_t hold_ms = r != NULL ? exit_rules_max_hold_ms(r, p->route) : 0;
    return hold_ms == 0 || is_closing_all(p) ? INT64_MAX : p->opened_ms + hold_ms;
}

void exits_timers(struct engine_tx *tx)
{
    struct engine_state *s = tx->s;
    if (tx->now_ms < s->exits_not_before_ms)
        return;
    for (size_t i = 0; i < s->position_count; i++) {
        struct position *p = &s->positions[i];
        if (tx->now_ms < hold_ends_ms(s, p))
            continue;
        (void)orders_close_position(tx, p, REASON_TIME_EXIT); /* no room: again in 5 s */
        s->exits_not_before_ms = tx->now_ms + LOOP_MS;
    }
}

int64_t exits_next_due_ms(const struct engine_state *s)
{
    int64_t due_ms = INT64_MAX;
    for (size_t i = 0; i < s->position_count; i++) {
        int64_t at_ms = hold_ends_ms(s, &s->positions[i]);
        if (at_ms < due_ms)
            due_ms = at_ms;
    }
    return due_ms < s->exits_not_before_ms ? s->exits_not_before_ms : due_ms;
}
