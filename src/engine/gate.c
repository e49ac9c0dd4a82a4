#include "engine/gate.h"

#include <string.h>

static bool has_unknown_order(const struct engine_state *s, const char *symbol)
{
    for (size_t i = 0; i < s->order_count; i++)
        if (s->orders[i].state == ORDER_UNKNOWN && strcmp(s->orders[i].symbol, symbol) == 0)
            return true;
    return false;
}

/* RK-9. */
static enum reason cap_gate(const struct engine_state *s, const struct caps_book *book,
                            int64_t *ret_number_e8, int64_t *ret_limit_e8)
{
    const struct engine_rules *rules = &s->rules;
    struct caps_limits caps = risk_caps(s);
    enum reason r = caps_check(&caps, book, ret_number_e8, ret_limit_e8);
    if (r != REASON_ACCEPTED)
        return r;
    int64_t today_e8 = book->daily_profit_e8 - book->daily_loss_e8;
    if (rules->daily_profit_cap_e8 > 0 && today_e8 >= rules->daily_profit_cap_e8) {
        *ret_number_e8 = today_e8;
        *ret_limit_e8 = rules->daily_profit_cap_e8;
        return REASON_DAILY_PROFIT_CAP;
    }
    return REASON_ACCEPTED;
}

enum reason gate_entry(const struct engine_state *s, const char *symbol, int64_t *ret_number_e8,
                       int64_t *ret_limit_e8)
{
    return gate_entry_at(s, s->now_ms, symbol, ret_number_e8, ret_limit_e8);
}

void gate_book(const struct engine_state *s, struct caps_book *ret)
{
    const struct state_account *a = &s->account;
    *ret = (struct caps_book){.daily_profit_e8 = a->daily_profit_e8,
                              .daily_loss_e8 = a->daily_loss_e8,
                              .lifetime_loss_e8 = a->lifetime_loss_e8};
}

enum reason gate_caps(const struct engine_state *s)
{
    struct caps_book book;
    int64_t number_e8, limit_e8;
    gate_book(s, &book);
    return cap_gate(s, &book, &number_e8, &limit_e8);
}

enum reason gate_entry_at(const struct engine_state *s, int64_t now_ms, const char *symbol,
                          int64_t *ret_number_e8, int64_t *ret_limit_e8)
{
    struct caps_book book;
    gate_book(s, &book);
    return gate_entry_book(&(struct gate_case){s, now_ms, symbol, &book}, ret_number_e8,
                           ret_limit_e8);
}

enum reason gate_entry_book(const struct gate_case *c, int64_t *ret_number_e8,
                            int64_t *ret_limit_e8)
{
    const struct engine_state *s = c->s;
    const char *symbol = c->symbol;
    TR_ASSERT(symbol != NULL);
    *ret_number_e8 = DEC_NONE;
    *ret_limit_e8 = DEC_NONE;
    if (s->panicked)
        return REASON_PANIC;
    if (s->paused)
        return REASON_PAUSED;
    if (!phase_lets_enter(s->phase.now))
        return REASON_PHASE_NO_ENTRIES;
    if (!s->broker_up || !s->synced)
        return REASON_BROKER_DOWN;
    if (trader_is_in_error(s)) {
        *ret_number_e8 = s->trader.errors * DEC_ONE;
        *ret_limit_e8 = s->rules.error_limit * DEC_ONE;
        return REASON_TRADER_ERROR;
    }
    if (has_unknown_order(s, symbol) || reconcile_holds(s, symbol))
        return REASON_SYMBOL_UNKNOWN_ORDER;
    if (session_clock_gate(&s->rules, c->now_ms, symbol, ret_number_e8, ret_limit_e8) !=
        REASON_ACCEPTED)
        return REASON_SESSION_CLOSED;
    enum reason cap = cap_gate(s, c->book, ret_number_e8, ret_limit_e8);
    if (cap != REASON_ACCEPTED)
        return cap;
    size_t room = STATE_ORDERS_MAX - s->order_count;
    if (room < DECISION_ORDERS_MAX + DECISION_CLOSES_MAX ||
        STATE_POSITIONS_MAX - s->position_count < DECISION_ORDERS_MAX + s->order_count)
        return REASON_ENTRIES_HALTED;
    return REASON_ACCEPTED;
}
