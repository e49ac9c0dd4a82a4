#include "engine/ahead.h"

#include "core/alloc.h"
#include "core/clock.h"
#include "engine/apply.h"
#include "engine/signals.h"

/* Settled by the turn itself: seen before, or too late. */
static bool is_settled(const struct engine_options *opt, struct engine_state *s,
                       const struct input *in)
{
    if (in->deadline_mono_us != 0 && clock_mono_us(opt->clock) > in->deadline_mono_us)
        return true;
    return in->key[0] != '\0' && dedupe_find(state_keys(s, in), in->key) != 0;
}

static bool ask_command(const struct engine_options *opt, struct engine_state *s, struct input *in,
                        int64_t now_ms)
{
    const struct ahead_moment now = {opt, s, now_ms > s->now_ms ? now_ms : s->now_ms};
    return opt->ask_command != NULL && !in->was_ahead && !is_settled(opt, s, in) &&
           opt->ask_command(opt->ask_command_ctx, &now, in);
}

bool ahead_ask(const struct engine_options *opt, struct engine_state *s, struct input *in,
               int64_t now_ms)
{
    struct shadow_roles roles;
    if (in->kind == INPUT_COMMAND)
        return ask_command(opt, s, in, now_ms);
    if (opt->ask == NULL || in->kind != INPUT_SIGNAL || in->answer != NULL)
        return false;
    shadow_roles(s, opt, &in->signal, &roles);
    if (roles.plugin < 0 || !opt->plugins[roles.plugin]->is_process || is_settled(opt, s, in))
        return false;
    struct input_quotes quotes;
    struct plugin_snapshot snap;
    input_gather_quotes(in, s, opt->broker, &quotes);
    int64_t at_ms = now_ms > s->now_ms ? now_ms : s->now_ms;
    const struct signals_question q = {s, opt, &quotes, &in->signal, at_ms, NULL};
    struct position *own TR_CLEANUP(mem_freep) TR_UNUSED =
        signals_snapshot(&q, (size_t)roles.plugin, &snap);
    return opt->ask(opt->ask_ctx, opt->plugins[roles.plugin]->id, opt->plugin_confs[roles.plugin],
                    &snap, in);
}

void ahead_publish(const struct engine_options *opt, const struct engine_state *s,
                   struct engine_stats *ret)
{
    ret->committed_seq = s->seq;
    ret->orders_sent = s->counters.orders_sent;
    ret->orders_filled = s->counters.orders_filled;
    ret->orders_rejected = s->counters.orders_rejected;
    ret->orders_unknown = s->counters.orders_unknown;
    ret->signals = s->counters.signals;
    ret->signals_accepted = s->counters.signals_accepted;
    ret->signals_refused = s->counters.signals_refused;
    ret->open_positions = s->position_count;
    ret->open_orders = s->order_count;
    ret->balance_e8 = s->account.balance_e8;
    ret->daily_profit_e8 = s->account.daily_profit_e8;
    ret->daily_loss_e8 = s->account.daily_loss_e8;
    ret->paused = s->paused;
    ret->panicked = s->panicked;
    ret->broker_up = s->broker_up;
    ret->is_synced = s->synced;
    ret->started_ms = s->started_ms;
    ret->trader = s->trader;
    ret->entries_halted = ret->entries_halted || trader_is_in_error(s);
    ret->plugin_count = 0;
    for (size_t i = 0; i < opt->plugin_count; i++) {
        const struct plugin_ops *p = opt->plugins[i];
        if (!apply_plugin_is_present(s, i))
            continue;
        size_t k = ret->plugin_count++;
        (void)str_copy(ret->plugins[k].id, sizeof(ret->plugins[k].id), p->id);
        ret->plugins[k].active = apply_plugin_is_active(s, opt, i);
    }
}
