/* engine/tx.c: commands: the frame (role, age, reply) and what a command may read and change. */
#include "engine/apply.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "model/text.h"

/* ---- the frame ---- */

const struct command_ops *apply_find_command(const struct engine_options *opt, const char *name)
{
    size_t low = 0, high = opt->command_count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        int order = strcmp(name, opt->commands[mid]->name);
        if (order == 0)
            return opt->commands[mid];
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

static enum reason command_gate(const struct engine_tx *tx, const struct command_ops *ops,
                                const struct command *c)
{
    if (ops == NULL)
        return REASON_COMMAND_UNKNOWN;
    if (c->role < ops->role)
        return REASON_ROLE_TOO_LOW;
    if (ops->max_age_ms > 0 && c->sent_ms > 0 && tx->now_ms - c->sent_ms > ops->max_age_ms)
        return REASON_COMMAND_STALE;
    return REASON_ACCEPTED;
}

static void remember_offset(struct engine_state *s, const struct command *c)
{
    if (c->origin != ORIGIN_BOT && c->origin != ORIGIN_LEGACY)
        return;
    if (c->bot > BOT_UNSET && c->bot < BOT_COUNT && c->update_id > 0)
        s->bot_next_update[c->bot] = c->update_id + 1;
}

/* A refusal in the engine itself: the bots check first, so this is rare (a message that aged in the
 * queue). */
static void refuse(struct engine_tx *tx, const struct command *c, enum reason why,
                   struct reply *ret)
{
    char key[64];
    struct buf html TR_CLEANUP(buf_deinit);
    buf_init(&html, REPLY_TEXT_MAX_BYTES);
    (void)snprintf(key, sizeof(key), "reason.%s", reason_code(why));
    text_render(&html, c->lang, key, NULL);
    buf_printf(&html, " <i>#%" PRIu64 "</i>", tx->seq);
    ret->html = buf_take(&html);
    tx_receipt(tx, why, c->name);
}

/* The sender's own choice of language counts, also when it was made earlier in the same batch and
 * the bot could not know of it yet. The copy shares the body. */
static struct command in_chosen_language(const struct engine_state *s, const struct command *c)
{
    struct command effective = *c;
    const struct users_person *joined = users_find(&s->users, c->user_id);
    enum lang chosen = state_lang(s->langs, s->lang_count, c->user_id);
    if (joined != NULL)
        chosen = joined->lang;
    if (chosen != LANG_UNSET)
        effective.lang = chosen;
    return effective;
}

void apply_command(struct engine_tx *tx, const struct command *as_posted)
{
    const struct command effective = in_chosen_language(tx->s, as_posted);
    const struct command *c = &effective;
    remember_offset(tx->s, c);
    tx->s->counters.commands++;
    struct reply reply;
    reply_init(&reply);
    reply.bot = c->bot;
    reply.chat_id = c->chat_id;
    reply.thread_id = c->thread_id;
    (void)str_copy(reply.callback_id, sizeof(reply.callback_id), c->callback_id);
    const struct command_ops *ops = apply_find_command(tx->opt, c->name);
    enum reason gate = command_gate(tx, ops, c);
    if (gate == REASON_ACCEPTED && c->user_id > 0 && c->role > ROLE_NONE)
        transition_use(&tx->s->transition, c->user_id, c->user_name,
                       c->origin == ORIGIN_LEGACY || c->bot == BOT_LEGACY, tx->now_ms);
    if (gate == REASON_ACCEPTED)
        ops->run(tx, c, &reply);
    else
        refuse(tx, c, gate, &reply);
    if (reply.chat_id != 0 && (reply.html != NULL || reply.callback_id[0] != '\0'))
        outputs_add_reply(tx->out, &reply);
    reply_deinit(&reply);
}

/* ---- reading ---- */

int64_t tx_now_ms(const struct engine_tx *tx)
{
    return tx->now_ms;
}

uint64_t tx_seq(const struct engine_tx *tx)
{
    return tx->seq;
}

const char *tx_trader_id(const struct engine_tx *tx)
{
    return tx->opt->trader_id;
}

size_t tx_position_count(const struct engine_tx *tx)
{
    return tx->s->position_count;
}

const struct position *tx_position_at(const struct engine_tx *tx, size_t i)
{
    TR_ASSERT(i < tx->s->position_count);
    return &tx->s->positions[i];
}

const struct position *tx_position_find(const struct engine_tx *tx, uint64_t cid)
{
    return state_position(tx->s, cid);
}

size_t tx_order_count(const struct engine_tx *tx)
{
    return tx->s->order_count;
}

const struct order *tx_order_at(const struct engine_tx *tx, size_t i)
{
    TR_ASSERT(i < tx->s->order_count);
    return &tx->s->orders[i];
}

bool tx_quote(const struct engine_tx *tx, const char *symbol, struct quote *ret)
{
    return input_quotes_find(tx->quotes, symbol, ret);
}

int64_t tx_position_profit_e8(const struct engine_tx *tx, const struct position *p)
{
    struct quote q;
    const struct symbol_info *info = symbol_find(p->symbol);
    if (info == NULL || !tx_quote(tx, p->symbol, &q))
        return 0;
    int64_t exit_e8 = p->side == SIDE_BUY ? q.bid_e8 : q.ask_e8;
    return symbol_profit_e8(info, side_sign(p->side), p->entry_e8, exit_e8, p->lots_e8,
                            input_usd_per_quote_e8(tx->quotes, info));
}

void tx_account(const struct engine_tx *tx, struct tx_account *ret)
{
    const struct engine_state *s = tx->s;
    struct caps_limits caps = risk_caps(s);
    *ret = (struct tx_account){
        .balance_e8 = s->account.balance_e8,
        .daily_profit_e8 = s->account.daily_profit_e8,
        .daily_loss_e8 = s->account.daily_loss_e8,
        .lifetime_loss_e8 = s->account.lifetime_loss_e8,
        .daily_cap_e8 = caps.daily_e8,
        .lifetime_cap_e8 = caps.lifetime_e8,
        .daily_tier_cap_e8 = risk_tier_caps(s).daily_e8,
        .lifetime_tier_cap_e8 = risk_tier_caps(s).lifetime_e8,
        .daily_trades = s->account.daily_trades,
        .daily_wins = s->account.daily_wins,
        .total_trades = s->account.total_trades,
        .total_wins = s->account.total_wins,
    };
    for (size_t i = 0; i < s->position_count; i++)
        ret->open_profit_e8 += tx_position_profit_e8(tx, &s->positions[i]);
    ret->equity_e8 = ret->balance_e8 + ret->open_profit_e8;
}

bool apply_plugin_is_present(const struct engine_state *s, size_t i)
{
    TR_ASSERT(i < ENGINE_PLUGINS_MAX);
    return (s->rules.plugins_off >> (32 + i) & 1) == 0;
}

bool apply_plugin_is_active(const struct engine_state *s, const struct engine_options *opt,
                            size_t i)
{
    TR_ASSERT(i < opt->plugin_count);
    const char *id = opt->plugins[i]->id;
    if ((s->rules.plugins_off >> i & 1) != 0)
        return false;
    for (size_t k = 0; k < s->plugin_count; k++)
        if (str_eq(s->plugins[k].id, id))
            return !s->plugins[k].disabled;
    return true;
}

void tx_state(const struct engine_tx *tx, struct tx_state *ret)
{
    const struct engine_state *s = tx->s;
    *ret = (struct tx_state){
        .paused = s->paused,
        .panicked = s->panicked,
        .panic_is_flat = s->panicked && s->panic_is_flat,
        .broker_up = s->broker_up,
        .entries_halted =
            s->paused || s->panicked || !s->broker_up || !s->synced || trader_is_in_error(s),
        .mode = shadow_mode_name(shadow_mode_of(s, "", "")),
        .paused_ms = s->paused_ms,
        .started_ms = s->started_ms,
        .trader = s->trader,
        .signals = s->counters.signals,
        .signals_accepted = s->counters.signals_accepted,
        .signals_refused = s->counters.signals_refused,
        .commands = s->counters.commands,
    };
    (void)str_copy(ret->paused_by, sizeof(ret->paused_by), s->paused_by);
    for (size_t i = 0; i < tx->opt->plugin_count; i++) {
        if (!apply_plugin_is_present(s, i))
            continue;
        ret->plugin_ids[ret->plugin_count] = tx->opt->plugins[i]->id;
        ret->plugin_active[ret->plugin_count++] = apply_plugin_is_active(s, tx->opt, i);
    }
}

/* ---- changing ---- */

void tx_event(struct engine_tx *tx, const struct event *e)
{
    struct event full = *e;
    full.time_ms = tx->now_ms;
    full.seq = tx->seq;
    full.cause_seq = tx->seq;
    outputs_add_event(tx->out, &full);
}

void tx_receipt(struct engine_tx *tx, enum reason r, const char *text)
{
    tx->receipt.reason = r;
    (void)str_copy(tx->receipt.text, sizeof(tx->receipt.text), text);
}

static void tell_state(struct engine_tx *tx, enum event_type type, const struct command *c)
{
    struct event e = apply_event(tx, type);
    e.chat_id = c->chat_id; /* has the reply already */
    (void)str_copy(e.text, sizeof(e.text), c->user_name);
    outputs_add_event(tx->out, &e);
}

enum reason tx_pause(struct engine_tx *tx, const struct command *c)
{
    struct engine_state *s = tx->s;
    if (s->paused)
        return REASON_ALREADY_DONE;
    s->paused = true;
    s->paused_ms = tx->now_ms;
    (void)str_copy(s->paused_by, sizeof(s->paused_by), c->user_name);
    tell_state(tx, EVENT_PAUSED, c);
    return REASON_ACCEPTED;
}

enum reason tx_resume(struct engine_tx *tx, const struct command *c)
{
    struct engine_state *s = tx->s;
    if (s->panicked)
        return REASON_PANIC;
    if (!s->paused)
        return REASON_ALREADY_DONE;
    if (risk_may_resume(s) != REASON_ACCEPTED)
        return REASON_RISK_HALTED;
    s->paused = false;
    s->paused_ms = 0;
    s->paused_by[0] = '\0';
    tell_state(tx, EVENT_RESUMED, c);
    return REASON_ACCEPTED;
}

enum reason tx_panic(struct engine_tx *tx, const struct command *c)
{
    struct engine_state *s = tx->s;
    if (s->panicked)
        return REASON_ALREADY_DONE;
    s->panicked = true;
    tell_state(tx, EVENT_EMERGENCY_STOP, c);
    panic_begin(tx);
    return REASON_ACCEPTED;
}

enum reason tx_panic_release(struct engine_tx *tx, const struct command *c)
{
    struct engine_state *s = tx->s;
    if (!s->panicked)
        return REASON_ALREADY_DONE;
    s->panicked = false;
    s->panic_retry_ms = 0;
    if (!s->paused) { /* out of panic into pause: entries start by a second, separate step */
        s->paused = true;
        s->paused_ms = tx->now_ms;
        (void)str_copy(s->paused_by, sizeof(s->paused_by), c->user_name);
    }
    tell_state(tx, EVENT_PAUSED, c);
    return REASON_ACCEPTED;
}

enum reason tx_set_language(struct engine_tx *tx, int64_t user_id, enum lang lang)
{
    if (user_id == 0)
        return REASON_NOT_AUTHORISED; /* HTTP, CLI: nobody who could have a language */
    const struct users_person *joined = users_find(&tx->s->users, user_id);
    if (joined != NULL) {
        if (joined->lang == lang)
            return REASON_ALREADY_DONE;
        struct users_person p = *joined;
        p.lang = lang;
        TR_ASSERT(users_put(&tx->s->users, &p));
        return REASON_ACCEPTED;
    }
    if (state_lang(tx->s->langs, tx->s->lang_count, user_id) == lang)
        return REASON_ALREADY_DONE;
    state_set_lang(tx->s, user_id, lang);
    return REASON_ACCEPTED;
}

enum reason tx_close(struct engine_tx *tx, uint64_t position_cid, enum reason why)
{
    struct position *p = state_position(tx->s, position_cid);
    if (p == NULL)
        return REASON_POSITION_NOT_FOUND;
    if (p->closing_cid != 0 && (!p->is_closing_part || p->close_rest != REASON_UNSET))
        return REASON_ALREADY_DONE;
    return orders_close_position(tx, p, why) ? REASON_ACCEPTED : REASON_ENTRIES_HALTED;
}

void tx_reply(struct engine_tx *tx, const struct reply *r)
{
    TR_ASSERT(r->chat_id != 0 && r->html != NULL);
    outputs_add_reply(tx->out, r);
}

/* What came from the old side is known there: no echo. A line that does not fit is told to people
 * instead: half of a command would be another one. */
void tx_mirror(struct engine_tx *tx, const struct command *c)
{
    if (c->origin == ORIGIN_LEGACY)
        return;
    struct event e = apply_event(tx, EVENT_COMMAND_MIRROR);
    int n = snprintf(e.text, sizeof(e.text), "%s %s", c->name, c->args);
    if (n < 0 || (size_t)n >= sizeof(e.text))
        e.type = EVENT_MIRROR_LEFT_OUT;
    outputs_add_event(tx->out, &e);
}
