/* engine/state.c: life, look-ups and the snapshot encoding of the engine's state. The snapshot
 * holds every field but `sends` (empty between batches). It starts with a version; an unknown
 * version is refused, and the journal is replayed from its first row instead. */
#include "engine/state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "engine/confirm.h"
#include "engine/input.h"

#define STATE_VERSION   6
#define SIGNAL_KEYS_MAX 32768
#define NOTICE_KEYS_MAX 1024
#define FILL_KEYS_MAX   (2 * BROKER_DEALS_MAX) /* a deal told again is among the newest */
/* The updates of one unconfirmed answer (100) and the stale summaries made while it comes again. */
#define BOT_KEYS_MAX 2048

struct engine_state *state_new(void)
{
    struct engine_state *s = xalloc(sizeof(*s));
    users_init(&s->users);
    prices_init(&s->prices);
    s->signal_keys = dedupe_new(SIGNAL_KEYS_MAX);
    s->notice_keys = dedupe_new(NOTICE_KEYS_MAX);
    s->fill_keys = dedupe_new(FILL_KEYS_MAX);
    for (int i = 0; i < BOT_COUNT; i++)
        s->bot_keys[i] = dedupe_new(BOT_KEYS_MAX);
    return s;
}

struct engine_state *state_free(struct engine_state *s)
{
    if (s == NULL)
        return NULL;
    dedupe_free(s->signal_keys);
    dedupe_free(s->notice_keys);
    dedupe_free(s->fill_keys);
    for (int i = 0; i < BOT_COUNT; i++)
        dedupe_free(s->bot_keys[i]);
    return mem_free(s);
}

struct dedupe *state_keys(struct engine_state *s, const struct input *in)
{
    switch (in->kind) {
    case INPUT_SIGNAL:
        return s->signal_keys;
    case INPUT_BROKER:
        return s->fill_keys;
    case INPUT_COMMAND:
        TR_ASSERT((int)in->command.bot >= 0 && in->command.bot < BOT_COUNT);
        return s->bot_keys[in->command.bot];
    case INPUT_NOTICE:
    case INPUT_PRICE:
    case INPUT_LEGACY:
    case INPUT_TIMER:
    case INPUT_UNSET:
    case INPUT_KIND_COUNT:
        break;
    }
    return s->notice_keys;
}

/* What was said under the key; 0: not looked at (updates of a bot come again as they were). */
static uint64_t content_mark(const struct input *in)
{
    if (in->kind == INPUT_SIGNAL)
        return in->signal.body_hash;
    if (in->kind != INPUT_COMMAND || in->command.origin == ORIGIN_BOT)
        return 0;
    char text[COMMAND_NAME_CAP + COMMAND_ARGS_CAP + 8];
    uint8_t digest[HASH_SHA256_BYTES];
    uint64_t mark = 0;
    const struct command *c = &in->command;
    int n = snprintf(text, sizeof(text), "%d %s %s", c->confirmed, c->name, c->args);
    TR_ASSERT(n > 0 && (size_t)n < sizeof(text));
    hash_sha256(text, (size_t)n, digest);
    memcpy(&mark, digest, sizeof(mark));
    return mark;
}

void state_note_key(struct engine_state *s, const struct input *in)
{
    TR_ASSERT(in->key[0] != '\0');
    dedupe_add_mark(state_keys(s, in), in->key, content_mark(in), s->seq);
}

enum reason state_repeat(struct engine_state *s, const struct input *in)
{
    uint64_t first = dedupe_mark(state_keys(s, in), in->key);
    uint64_t now = content_mark(in);
    return first != 0 && now != 0 && first != now ? REASON_IDEMPOTENCY_KEY_REUSED
                                                  : REASON_DUPLICATE;
}

struct position *state_position(struct engine_state *s, uint64_t cid)
{
    for (size_t i = 0; i < s->position_count; i++)
        if (s->positions[i].cid == cid)
            return &s->positions[i];
    return NULL;
}

struct order *state_order(struct engine_state *s, uint64_t cid)
{
    for (size_t i = 0; i < s->order_count; i++)
        if (s->orders[i].cid == cid)
            return &s->orders[i];
    return NULL;
}

struct order *state_done_order(struct engine_state *s, uint64_t cid)
{
    for (size_t i = 0; i < s->done_count; i++)
        if (s->done[i].cid == cid)
            return &s->done[i];
    return NULL;
}

struct position *state_position_add(struct engine_state *s, const struct position *p)
{
    if (s->position_count == STATE_POSITIONS_MAX)
        return NULL;
    TR_ASSERT(p->lots_e8 > 0);
    TR_ASSERT(p->entry_e8 > 0);
    s->reconcile.looks[s->position_count] = (struct reconcile_look){.is_there = true};
    s->positions[s->position_count] = *p;
    return &s->positions[s->position_count++];
}

void state_position_remove(struct engine_state *s, uint64_t cid)
{
    struct position *p = state_position(s, cid);
    TR_ASSERT(p != NULL);
    modify_position_gone(s, cid);
    manager_position_gone(s, cid);
    prices_unwatch(&s->prices, PRICE_OWNER_POSITION, cid);
    size_t i = (size_t)(p - s->positions);
    size_t behind = s->position_count - i - 1;
    memmove(p, p + 1, behind * sizeof(*p));
    struct reconcile_look *looks = s->reconcile.looks;
    memmove(&looks[i], &looks[i + 1], behind * sizeof(looks[0]));
    s->position_count--;
}

struct order *state_order_add(struct engine_state *s, const struct order *o)
{
    if (s->order_count == STATE_ORDERS_MAX)
        return NULL;
    order_assert_state(o);
    TR_ASSERT(state_order(s, o->cid) == NULL);
    s->orders[s->order_count] = *o;
    return &s->orders[s->order_count++];
}

void state_order_finish(struct engine_state *s, uint64_t cid)
{
    struct order *o = state_order(s, cid);
    TR_ASSERT(o != NULL);
    TR_ASSERT(order_state_is_terminal(o->state));
    s->done[s->done_next] = *o;
    s->done_next = (s->done_next + 1) % STATE_DONE_MAX;
    if (s->done_count < STATE_DONE_MAX)
        s->done_count++;
    size_t behind = s->order_count - (size_t)(o - s->orders) - 1;
    memmove(o, o + 1, behind * sizeof(*o));
    s->order_count--;
}

bool state_send(struct engine_state *s, const struct broker_request *r)
{
    TR_ASSERT(r->kind > BROKER_REQUEST_UNSET && r->kind < BROKER_REQUEST_COUNT);
    if (s->send_count == STATE_SENDS_MAX)
        return false;
    s->sends[s->send_count++] = *r;
    return true;
}

enum lang state_lang(const struct state_lang *langs, size_t count, int64_t user_id)
{
    TR_ASSERT(count <= STATE_LANGS_MAX);
    for (size_t i = 0; i < count; i++)
        if (langs[i].user_id == user_id)
            return langs[i].lang;
    return LANG_UNSET;
}

void state_set_lang(struct engine_state *s, int64_t user_id, enum lang lang)
{
    TR_ASSERT(user_id != 0);
    TR_ASSERT(lang > LANG_UNSET && lang < LANG_COUNT);
    for (size_t i = 0; i < s->lang_count; i++)
        if (s->langs[i].user_id == user_id) {
            s->langs[i].lang = lang;
            return;
        }
    if (s->lang_count == STATE_LANGS_MAX) {
        s->lang_count--;
        memmove(&s->langs[0], &s->langs[1], s->lang_count * sizeof(s->langs[0]));
    }
    s->langs[s->lang_count++] = (struct state_lang){.user_id = user_id, .lang = lang};
}

struct state_plugin *state_plugin(struct engine_state *s, const char *id)
{
    for (size_t i = 0; i < s->plugin_count; i++)
        if (str_eq(s->plugins[i].id, id))
            return &s->plugins[i];
    if (s->plugin_count == ENGINE_PLUGINS_MAX)
        return NULL;
    struct state_plugin *p = &s->plugins[s->plugin_count++];
    (void)str_copy(p->id, sizeof(p->id), id);
    return p;
}

static void pack_scalars(const struct engine_state *s, struct buf *b)
{
    pack_u64(b, s->seq);
    pack_i64(b, s->now_ms);
    pack_i64(b, s->started_ms);
    pack_bool(b, s->paused);
    pack_bool(b, s->panicked);
    pack_bool(b, s->broker_up);
    pack_bool(b, s->synced);
    pack_bool(b, s->link_loss_told);
    pack_bool(b, s->daily_cap_told);
    pack_bool(b, s->lifetime_cap_told);
    pack_i64(b, s->paused_ms);
    pack_str(b, s->paused_by);
    pack_i64(b, s->panic_retry_ms);
    pack_bool(b, s->panic_is_flat);
    engine_rules_pack(b, &s->rules);
    const struct state_account *a = &s->account;
    pack_i64(b, a->balance_e8);
    pack_i64(b, a->daily_profit_e8);
    pack_i64(b, a->daily_loss_e8);
    pack_i64(b, a->lifetime_loss_e8);
    pack_i64(b, a->day);
    pack_i64(b, a->daily_trades);
    pack_i64(b, a->daily_wins);
    pack_i64(b, a->total_trades);
    pack_i64(b, a->total_wins);
    const struct state_counters *c = &s->counters;
    pack_u64(b, c->signals);
    pack_u64(b, c->signals_accepted);
    pack_u64(b, c->signals_refused);
    pack_u64(b, c->commands);
    pack_u64(b, c->orders_sent);
    pack_u64(b, c->orders_filled);
    pack_u64(b, c->orders_rejected);
    pack_u64(b, c->orders_unknown);
    for (int i = 0; i < BOT_COUNT; i++)
        pack_i64(b, s->bot_next_update[i]);
}

static void unpack_scalars(struct engine_state *s, struct unpack *u)
{
    s->seq = unpack_u64(u);
    s->now_ms = unpack_i64(u);
    s->started_ms = unpack_i64(u);
    s->paused = unpack_bool(u);
    s->panicked = unpack_bool(u);
    s->broker_up = unpack_bool(u);
    s->synced = unpack_bool(u);
    s->link_loss_told = unpack_bool(u);
    s->daily_cap_told = unpack_bool(u);
    s->lifetime_cap_told = unpack_bool(u);
    s->paused_ms = unpack_i64(u);
    unpack_str(u, s->paused_by, sizeof(s->paused_by));
    s->panic_retry_ms = unpack_i64(u);
    s->panic_is_flat = unpack_bool(u);
    engine_rules_unpack(u, INPUT_VERSION, &s->rules);
    struct state_account *a = &s->account;
    a->balance_e8 = unpack_i64(u);
    a->daily_profit_e8 = unpack_i64(u);
    a->daily_loss_e8 = unpack_i64(u);
    a->lifetime_loss_e8 = unpack_i64(u);
    a->day = unpack_int(u, 0, INT32_MAX);
    a->daily_trades = unpack_int(u, 0, INT32_MAX);
    a->daily_wins = unpack_int(u, 0, INT32_MAX);
    a->total_trades = unpack_int(u, 0, INT32_MAX);
    a->total_wins = unpack_int(u, 0, INT32_MAX);
    struct state_counters *c = &s->counters;
    c->signals = unpack_u64(u);
    c->signals_accepted = unpack_u64(u);
    c->signals_refused = unpack_u64(u);
    c->commands = unpack_u64(u);
    c->orders_sent = unpack_u64(u);
    c->orders_filled = unpack_u64(u);
    c->orders_rejected = unpack_u64(u);
    c->orders_unknown = unpack_u64(u);
    for (int i = 0; i < BOT_COUNT; i++)
        s->bot_next_update[i] = unpack_i64(u);
}

static void pack_lists(const struct engine_state *s, struct buf *b)
{
    pack_u64(b, s->plugin_count);
    for (size_t i = 0; i < s->plugin_count; i++) {
        pack_str(b, s->plugins[i].id);
        pack_i64(b, s->plugins[i].failures);
        pack_bool(b, s->plugins[i].disabled);
        pack_i64(b, s->plugins[i].daily_entries);
    }
    pack_u64(b, s->position_count);
    for (size_t i = 0; i < s->position_count; i++)
        position_pack(b, &s->positions[i]);
    pack_u64(b, s->order_count);
    for (size_t i = 0; i < s->order_count; i++)
        order_pack(b, &s->orders[i]);
    pack_u64(b, s->done_count);
    size_t at = (s->done_next + STATE_DONE_MAX - s->done_count) % STATE_DONE_MAX;
    for (size_t i = 0; i < s->done_count; i++, at = (at + 1) % STATE_DONE_MAX)
        order_pack(b, &s->done[at]);
    pack_u64(b, s->seen_count);
    for (size_t i = 0; i < s->seen_count; i++) {
        pack_i64(b, (int64_t)s->seen[i].kind);
        pack_i64(b, (int64_t)s->seen[i].side);
        pack_i64(b, (int64_t)s->seen[i].tf);
        pack_str(b, s->seen[i].symbol);
        pack_i64(b, s->seen[i].price_e8);
        pack_i64(b, s->seen[i].accepted_ms);
    }
    for (size_t i = 0; i < STATE_CONFIRMS_MAX; i++) {
        const struct state_confirm *c = &s->confirms[i];
        pack_u64(b, c->id);
        if (c->id == 0)
            continue;
        confirm_pack(b, c);
    }
    pack_u64(b, s->lang_count);
    for (size_t i = 0; i < s->lang_count; i++) {
        pack_i64(b, s->langs[i].user_id);
        pack_i64(b, s->langs[i].lang);
    }
}

/* A count from the snapshot; too big marks the input as malformed. */
static size_t unpack_count(struct unpack *u, size_t max)
{
    uint64_t n = unpack_u64(u);
    if (n > max) {
        u->failed = true;
        return 0;
    }
    return (size_t)n;
}

static void unpack_trades(struct engine_state *s, struct unpack *u)
{
    s->position_count = unpack_count(u, STATE_POSITIONS_MAX);
    for (size_t i = 0; i < s->position_count; i++)
        position_unpack(u, &s->positions[i]);
    s->order_count = unpack_count(u, STATE_ORDERS_MAX);
    for (size_t i = 0; i < s->order_count; i++)
        order_unpack(u, &s->orders[i]);
    s->done_count = unpack_count(u, STATE_DONE_MAX);
    for (size_t i = 0; i < s->done_count; i++)
        order_unpack(u, &s->done[i]);
    s->done_next = s->done_count % STATE_DONE_MAX;
}

static void unpack_lists(struct engine_state *s, struct unpack *u)
{
    s->plugin_count = unpack_count(u, ENGINE_PLUGINS_MAX);
    for (size_t i = 0; i < s->plugin_count; i++) {
        unpack_str(u, s->plugins[i].id, sizeof(s->plugins[i].id));
        s->plugins[i].failures = unpack_int(u, 0, INT32_MAX);
        s->plugins[i].disabled = unpack_bool(u);
        s->plugins[i].daily_entries = unpack_int(u, 0, INT32_MAX);
    }
    unpack_trades(s, u);
    s->seen_count = unpack_count(u, STATE_SEEN_MAX);
    for (size_t i = 0; i < s->seen_count; i++) {
        s->seen[i].kind = (enum signal_kind)unpack_int(u, 0, SIGNAL_KIND_COUNT - 1);
        s->seen[i].side = (enum side)unpack_int(u, 0, SIDE_COUNT - 1);
        s->seen[i].tf = (enum timeframe)unpack_int(u, 0, TF_COUNT - 1);
        unpack_str(u, s->seen[i].symbol, sizeof(s->seen[i].symbol));
        s->seen[i].price_e8 = unpack_i64(u);
        s->seen[i].accepted_ms = unpack_i64(u);
    }
    for (size_t i = 0; i < STATE_CONFIRMS_MAX; i++) {
        struct state_confirm *c = &s->confirms[i];
        c->id = unpack_u64(u);
        if (c->id == 0)
            continue;
        confirm_unpack(u, c);
    }
    s->lang_count = unpack_count(u, STATE_LANGS_MAX);
    for (size_t i = 0; i < s->lang_count; i++) {
        s->langs[i].user_id = unpack_i64(u);
        s->langs[i].lang = (enum lang)unpack_int(u, LANG_UNSET + 1, LANG_COUNT - 1);
    }
}

void state_pack(const struct engine_state *s, struct buf *out)
{
    TR_ASSERT(s->send_count == 0);
    pack_u64(out, STATE_VERSION);
    pack_scalars(s, out);
    pack_lists(s, out);
    early_pack(&s->early, out);
    reconcile_pack(s, out);
    modifies_pack(&s->modifies, out);
    prices_pack(&s->prices, out);
    chains_pack(&s->chains, out);
    pack_i64(out, s->exits_not_before_ms);
    session_clock_pack(&s->session_clock, out);
    settings_pack(&s->settings, out);
    picks_pack(&s->picks, out);
    trends_pack(&s->trends, out);
    routes_pack(&s->routes, out);
    risk_pack(&s->risk, out);
    users_pack(&s->users, out);
    shadow_pack(&s->shadow, out);
    transition_pack(&s->transition, out);
    phase_pack(&s->phase, out);
    manager_pack(&s->manager, out);
    candles_pack(&s->candles, out);
    trader_pack(&s->trader, out);
    dedupe_pack(s->signal_keys, out);
    dedupe_pack(s->notice_keys, out);
    dedupe_pack(s->fill_keys, out);
    for (int i = 0; i < BOT_COUNT; i++)
        dedupe_pack(s->bot_keys[i], out);
}

int state_unpack(struct engine_state *s, const void *p, size_t len)
{
    struct unpack u;
    unpack_init(&u, p, len);
    if (unpack_u64(&u) != STATE_VERSION)
        return err_raise(-EBADMSG);
    unpack_scalars(s, &u);
    unpack_lists(s, &u);
    early_unpack(&s->early, &u);
    reconcile_unpack(s, &u);
    modifies_unpack(&s->modifies, &u);
    prices_unpack(&s->prices, &u);
    chains_unpack(&s->chains, &u);
    s->exits_not_before_ms = unpack_i64(&u);
    session_clock_unpack(&s->session_clock, &u);
    settings_unpack(&s->settings, &u);
    picks_unpack(&s->picks, &u);
    trends_unpack(&s->trends, &u);
    routes_unpack(&s->routes, &u);
    risk_unpack(&s->risk, &u);
    users_unpack(&s->users, &u);
    shadow_unpack(&s->shadow, &u);
    transition_unpack(&s->transition, &u);
    phase_unpack(&s->phase, &u);
    manager_unpack(&s->manager, &u);
    candles_unpack(&s->candles, &u);
    trader_unpack(&s->trader, &u);
    int r = dedupe_unpack(s->signal_keys, &u);
    if (r == 0)
        r = dedupe_unpack(s->notice_keys, &u);
    if (r == 0)
        r = dedupe_unpack(s->fill_keys, &u);
    for (int i = 0; r == 0 && i < BOT_COUNT; i++)
        r = dedupe_unpack(s->bot_keys[i], &u);
    if (r < 0)
        return err_trace(r);
    s->send_count = 0;
    return unpack_done(&u) ? 0 : err_raise(-EBADMSG);
}
