/* engine/apply.c: the frame around each input: time, daily rollover, dispatch by kind, receipt. */
#include "engine/apply.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "engine/exits.h"

#define MS_PER_MINUTE INT64_C(60000)

struct event apply_event(const struct engine_tx *tx, enum event_type type)
{
    struct event e = EVENT_INIT;
    e.type = type;
    e.time_ms = tx->now_ms;
    e.seq = tx->seq;
    e.cause_seq = tx->seq;
    return e;
}

static int trading_day(const struct engine_state *s, int64_t now_ms)
{
    return clock_civil_date(now_ms - s->rules.daily_reset_minute * MS_PER_MINUTE,
                            s->rules.utc_offset_min);
}

bool apply_is_new_day(const struct engine_state *s, int64_t now_ms)
{
    return s->account.day != trading_day(s, now_ms);
}

/* RK-11 [REC]: a real rollover at the configured local minute, whatever the process does. */
static void roll_day(struct engine_tx *tx)
{
    struct engine_state *s = tx->s;
    if (!apply_is_new_day(s, tx->now_ms))
        return;
    s->account.day = trading_day(s, tx->now_ms);
    s->account.daily_profit_e8 = 0;
    s->account.daily_loss_e8 = 0;
    s->account.daily_trades = 0;
    s->account.daily_wins = 0;
    s->daily_cap_told = false;
    for (size_t i = 0; i < s->plugin_count; i++)
        s->plugins[i].daily_entries = 0;
    routes_new_day(&s->routes);
    risk_new_day(s, s->account.day);
    shadow_new_day(&s->shadow);
    chains_roll_day(s);
}

static void apply_notice(struct engine_tx *tx, const struct event *notice)
{
    struct event e = *notice;
    e.time_ms = tx->now_ms;
    e.seq = tx->seq;
    e.cause_seq = tx->seq;
    outputs_add_event(tx->out, &e);
    if (e.type == EVENT_SIGNAL_REFUSED) {
        tx->s->counters.signals++;
        tx->s->counters.signals_refused++;
        tx_receipt(tx, e.reason != REASON_UNSET ? e.reason : REASON_FIELD_INVALID, e.text);
    }
}

void apply_input(struct engine_tx *tx, const struct input *in, const struct decision *decision)
{
    struct engine_state *s = tx->s;
    TR_ASSERT(tx->seq == s->seq + 1);
    TR_ASSERT(tx->now_ms >= s->now_ms);
    TR_ASSERT(tx->out->count == 0);
    s->seq = tx->seq;
    s->now_ms = tx->now_ms;
    tx->receipt = (struct receipt){.seq = tx->seq, .reason = REASON_ACCEPTED};
    roll_day(tx);
    if (in->key[0] != '\0')
        state_note_key(s, in);
    phase_on_input(tx, in);
    switch (in->kind) {
    case INPUT_SIGNAL:
        apply_signal(tx, &in->signal, decision, in->other);
        break;
    case INPUT_COMMAND:
        apply_command(tx, &in->command);
        break;
    case INPUT_BROKER:
        apply_broker(tx, &in->broker);
        break;
    case INPUT_TIMER:
        /* Of a start; played again, that of the others is "" instead of NULL. */
        if (in->timer.base != NULL && in->timer.base[0] != '\0')
            settings_set_base(&s->settings, in->timer.base);
        apply_timer(tx, in->timer.kind, &in->timer.rules);
        break;
    case INPUT_NOTICE:
        apply_notice(tx, &in->notice);
        break;
    case INPUT_PRICE:
        candles_apply(s, in->candles);
        prices_apply(tx, &in->price);
        break;
    case INPUT_LEGACY:
        shadow_on_legacy(tx, &in->legacy);
        break;
    case INPUT_UNSET:
    case INPUT_KIND_COUNT:
        TR_ASSERT(false);
    }
    shadow_on_quotes(tx);
    trader_settle(tx);
    outputs_add_receipt(tx->out, &tx->receipt);
}

static void rules_changed(struct engine_tx *tx)
{
    exits_arm_all(tx->s);
    session_clock_reset(tx);
}

void apply_auto_pause(struct engine_tx *tx, enum reason why, int64_t number_e8, int64_t limit_e8)
{
    struct engine_state *s = tx->s;
    TR_ASSERT(!s->paused);
    s->paused = true;
    s->paused_ms = tx->now_ms;
    (void)str_copy(s->paused_by, sizeof(s->paused_by), "auto");
    struct event e = apply_event(tx, EVENT_PAUSED);
    e.reason = why;
    e.number_e8 = number_e8;
    e.limit_e8 = limit_e8;
    (void)str_copy(e.text, sizeof(e.text), s->paused_by);
    outputs_add_event(tx->out, &e);
}

static void tell_process(struct engine_tx *tx, enum event_type type)
{
    struct event e = apply_event(tx, type);
    e.number_e8 = (int64_t)tx->s->position_count * DEC_ONE;
    (void)str_copy(e.text, sizeof(e.text), tx->opt->trader_id);
    outputs_add_event(tx->out, &e);
}

void apply_timer(struct engine_tx *tx, enum timer_kind kind, const struct engine_rules *rules)
{
    struct engine_state *s = tx->s;
    switch (kind) {
    case TIMER_START:
    case TIMER_TAKE_OVER:
        if (s->started_ms == 0)
            s->account.balance_e8 = rules->start_balance_e8;
        if (s->risk.day_start_e8 == 0)
            risk_new_day(s, s->account.day);
        s->rules = *rules;
        s->started_ms = tx->now_ms;
        s->ending = ENDING_NONE;
        s->broker_up = false;
        s->synced = false;
        trader_on_start(tx);
        orders_process_restarted(tx);
        modify_process_restarted(tx);
        rules_changed(tx);
        phase_on_start(tx);
        if (kind == TIMER_START)
            tell_process(tx, EVENT_BOT_STARTED);
        break;
    case TIMER_DUE:
        orders_timers(tx);
        modify_timers(tx);
        exits_timers(tx);
        chains_timers(tx);
        session_clock_timers(tx);
        users_timers(tx);
        shadow_timers(tx);
        trader_timers(tx);
        break;
    case TIMER_STOP:
    case TIMER_LEAVE:
        trader_on_stop(tx);
        if (kind == TIMER_STOP)
            tell_process(tx, EVENT_BOT_STOPPED);
        break;
    case TIMER_RULES:
        s->rules = *rules;
        rules_changed(tx);
        break;
    case TIMER_UNSET:
    case TIMER_KIND_COUNT:
        TR_ASSERT(false);
    }
}

int64_t apply_next_due_ms(const struct engine_state *s)
{
    int64_t due_ms = orders_next_due_ms(s);
    const int64_t others_ms[] = {modify_next_due_ms(s),        exits_next_due_ms(s),
                                 session_clock_next_due_ms(s), chains_next_due_ms(s),
                                 shadow_next_due_ms(s),        trader_next_due_ms(s)};
    for (size_t i = 0; i < TR_ARRAY_SIZE(others_ms); i++)
        if (others_ms[i] < due_ms)
            due_ms = others_ms[i];
    return s->users.due_ms < due_ms ? s->users.due_ms : due_ms;
}
