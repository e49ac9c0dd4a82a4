/* engine/input.c: life of inputs and their journal encoding: version, quotes, then the body by
 * kind. */
#include "engine/input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "engine/apply.h"
#include "engine/candles.h"
#include "engine/state.h"

#define RULES_MAX_BYTES 8192

struct input *input_new(enum input_kind kind)
{
    TR_ASSERT(kind > INPUT_UNSET && kind < INPUT_KIND_COUNT);
    struct input *in = xalloc(sizeof(*in));
    in->kind = kind;
    return in;
}

struct input *input_new_timer(const struct engine_options *opt, enum timer_kind kind)
{
    TR_ASSERT(kind > TIMER_UNSET && kind < TIMER_KIND_COUNT);
    struct input *in = input_new(INPUT_TIMER);
    in->timer.kind = kind;
    in->timer.rules = opt->rules;
    bool is_start = kind == TIMER_START || kind == TIMER_TAKE_OVER;
    if (!is_start || opt->settings.base == NULL)
        return in;
    struct buf lines;
    buf_init(&lines, SETTINGS_BASE_MAX_BYTES);
    opt->settings.base(opt->settings.ctx, &lines);
    TR_ASSERT(!buf_failed(&lines));
    in->timer.base = buf_take(&lines);
    return in;
}

struct input *input_free(struct input *in)
{
    if (in == NULL)
        return NULL;
    if (in->kind == INPUT_COMMAND)
        command_deinit(&in->command);
    if (in->kind == INPUT_TIMER)
        mem_free(in->timer.base);
    mem_free(in->other);
    mem_free(in->answer);
    mem_free(in->candles);
    return mem_free(in);
}

bool input_quotes_find(const struct input_quotes *q, const char *symbol, struct quote *ret)
{
    for (size_t i = 0; i < q->count; i++) {
        if (strcmp(q->items[i].symbol, symbol) != 0)
            continue;
        *ret = q->items[i].quote;
        return true;
    }
    return false;
}

static void add_one(struct input_quotes *q, struct broker *broker, const char *symbol)
{
    struct quote quote;
    if (q->count == INPUT_QUOTES_MAX || input_quotes_find(q, symbol, &quote))
        return;
    if (!broker->ops->quote(broker, symbol, &quote) || quote.bid_e8 <= 0 || quote.ask_e8 <= 0)
        return;
    struct input_quote *item = &q->items[q->count++];
    (void)str_copy(item->symbol, sizeof(item->symbol), symbol);
    item->quote = quote;
}

static bool is_usd(const char *currency)
{
    return strcmp(currency, "USD") == 0;
}

/* The pair that says what `currency` is worth; true: its price is units of it for one USD (USDJPY),
 * false: USD for one unit (GBPUSD). */
static bool usd_pair(const char *currency, char out[SYMBOL_CAP])
{
    (void)snprintf(out, SYMBOL_CAP, "USD%.3s", currency);
    if (symbol_find(out) != NULL)
        return true;
    (void)snprintf(out, SYMBOL_CAP, "%.3sUSD", currency);
    return false;
}

void input_quotes_add(struct input_quotes *q, struct broker *broker, const char *symbol)
{
    const struct symbol_info *info = symbol_find(symbol);
    if (info == NULL)
        return;
    add_one(q, broker, symbol);
    if (is_usd(info->quote) || is_usd(info->base))
        return;
    char pair[SYMBOL_CAP];
    (void)usd_pair(info->quote, pair);
    add_one(q, broker, pair);
}

void input_gather_quotes(const struct input *in, const struct engine_state *s,
                         struct broker *broker, struct input_quotes *ret)
{
    ret->count = 0;
    if (in->kind == INPUT_SIGNAL) {
        input_quotes_add(ret, broker, in->signal.symbol);
    } else if (in->kind == INPUT_COMMAND) {
        for (size_t i = 0; i < s->position_count; i++)
            input_quotes_add(ret, broker, s->positions[i].symbol);
    } else if (in->kind == INPUT_PRICE) {
        *ret = in->price;
    }
}

void input_gather_wanted(const struct input *in, const struct engine_options *opt,
                         struct input_quotes *ret)
{
    const struct command_ops *ops =
        in->kind == INPUT_COMMAND ? apply_find_command(opt, in->command.name) : NULL;
    if (ops == NULL || !ops->wants_quotes)
        return;
    for (size_t i = 0; i < symbol_count(); i++)
        input_quotes_add(ret, opt->broker, symbol_at(i)->name);
}

int64_t input_usd_per_quote_e8(const struct input_quotes *q, const struct symbol_info *info)
{
    if (is_usd(info->quote))
        return DEC_ONE;
    char pair[SYMBOL_CAP];
    struct quote quote;
    bool divides = usd_pair(info->quote, pair);
    if (!input_quotes_find(q, pair, &quote))
        return 0;
    int64_t mid_e8 = quote.bid_e8 / 2 + quote.ask_e8 / 2;
    if (!divides || mid_e8 <= 0)
        return mid_e8 > 0 ? mid_e8 : 0;
    return dec_div(DEC_ONE, mid_e8, DEC_HALF_AWAY);
}

void engine_rules_pack(struct buf *b, const struct engine_rules *r)
{
    pack_i64(b, r->start_balance_e8);
    pack_i64(b, r->daily_loss_cap_e8);
    pack_i64(b, r->lifetime_loss_cap_e8);
    pack_i64(b, r->daily_reset_minute);
    pack_i64(b, r->utc_offset_min);
    pack_i64(b, r->order_deadline_ms);
    pack_i64(b, r->signal_max_age_ms);
    pack_u64(b, r->plugins_off);
    sessions_pack(b, &r->sessions);
    for (size_t i = 0; i < ENGINE_PLUGINS_MAX; i++)
        exit_rules_pack(b, &r->exits[i]);
    for (int i = 0; i < CHAIN_PLUGINS; i++)
        chain_conf_pack(b, &r->chains[i]);
    pack_i64(b, r->daily_profit_cap_e8);
    shadow_rules_pack(b, &r->shadow);
    risk_rules_pack(b, &r->risk);
    phase_rules_pack(b, &r->phase);
    for (size_t i = 0; i < ENGINE_PLUGINS_MAX; i++)
        pack_bool(b, r->exits[i].manager);
    pack_bool(b, r->shadow.holds_instead);
    for (int i = 0; i < CHAIN_PLUGINS; i++)
        pack_i64(b, r->chains[i].trend_source);
    pack_i64(b, r->error_limit);
    pack_i64(b, r->error_wait_ms);
}

void engine_rules_unpack(struct unpack *u, uint64_t version, struct engine_rules *ret)
{
    TR_ASSERT(version >= 1 && version <= INPUT_VERSION);
    *ret = (struct engine_rules){0};
    ret->start_balance_e8 = unpack_i64(u);
    ret->daily_loss_cap_e8 = unpack_i64(u);
    ret->lifetime_loss_cap_e8 = unpack_i64(u);
    ret->daily_reset_minute = unpack_int(u, 0, 1439);
    ret->utc_offset_min = unpack_int(u, -1440, 1440);
    ret->order_deadline_ms = unpack_i64(u);
    ret->signal_max_age_ms = unpack_i64(u);
    if (version < 2)
        return;
    ret->plugins_off = unpack_u64(u);
    sessions_unpack(u, &ret->sessions);
    for (size_t i = 0; i < ENGINE_PLUGINS_MAX; i++)
        exit_rules_unpack(u, &ret->exits[i]);
    for (int i = 0; i < CHAIN_PLUGINS; i++)
        chain_conf_unpack(u, &ret->chains[i]);
    ret->daily_profit_cap_e8 = unpack_i64(u);
    if (version >= 3)
        shadow_rules_unpack(u, &ret->shadow);
    risk_rules_unpack(u, &ret->risk);
    if (version < 4)
        return;
    phase_rules_unpack(u, &ret->phase);
    for (size_t i = 0; i < ENGINE_PLUGINS_MAX; i++)
        ret->exits[i].manager = unpack_bool(u);
    ret->shadow.holds_instead = unpack_bool(u);
    for (int i = 0; i < CHAIN_PLUGINS; i++)
        ret->chains[i].trend_source = unpack_int(u, CHAIN_TREND_UNSET, CHAIN_TREND_COUNT - 1);
    ret->error_limit = unpack_int(u, 0, INT32_MAX);
    ret->error_wait_ms = unpack_i64(u);
}

bool engine_rules_equal(const struct engine_rules *a, const struct engine_rules *b)
{
    struct buf packed[2] = {0};
    buf_init(&packed[0], RULES_MAX_BYTES);
    buf_init(&packed[1], RULES_MAX_BYTES);
    engine_rules_pack(&packed[0], a);
    engine_rules_pack(&packed[1], b);
    TR_ASSERT(!buf_failed(&packed[0]) && !buf_failed(&packed[1]));
    bool equal = packed[0].len == packed[1].len &&
                 memcmp(packed[0].data, packed[1].data, packed[0].len) == 0;
    buf_deinit(&packed[0]);
    buf_deinit(&packed[1]);
    return equal;
}

void input_pack(struct buf *b, const struct input *in, const struct input_quotes *quotes,
                const struct decision *decision)
{
    pack_u64(b, INPUT_VERSION);
    pack_u64(b, quotes->count);
    for (size_t i = 0; i < quotes->count; i++) {
        pack_str(b, quotes->items[i].symbol);
        pack_i64(b, quotes->items[i].quote.bid_e8);
        pack_i64(b, quotes->items[i].quote.ask_e8);
        pack_i64(b, quotes->items[i].quote.time_ms);
    }
    switch (in->kind) {
    case INPUT_SIGNAL:
        TR_ASSERT(decision != NULL);
        signal_pack(b, &in->signal);
        decision_pack(b, decision);
        pack_bool(b, in->other != NULL);
        if (in->other != NULL)
            decision_pack(b, in->other);
        break;
    case INPUT_COMMAND:
        command_pack(b, &in->command);
        break;
    case INPUT_BROKER:
        broker_event_pack(b, &in->broker);
        break;
    case INPUT_TIMER:
        pack_i64(b, (int64_t)in->timer.kind);
        engine_rules_pack(b, &in->timer.rules);
        pack_str(b, in->timer.base);
        break;
    case INPUT_NOTICE:
        event_pack(b, &in->notice);
        break;
    case INPUT_PRICE: /* with the quotes above */
        candles_closed_pack(in->candles, b);
        break;
    case INPUT_LEGACY:
        shadow_legacy_pack(b, &in->legacy);
        break;
    case INPUT_UNSET:
    case INPUT_KIND_COUNT:
        TR_ASSERT(false);
    }
}

static void unpack_body(struct unpack *u, uint64_t version, struct input *in,
                        struct decision *ret_decision)
{
    switch (in->kind) {
    case INPUT_SIGNAL:
        signal_unpack(u, &in->signal);
        decision_unpack(u, ret_decision);
        if (version >= 3 && unpack_bool(u)) {
            in->other = xalloc(sizeof(*in->other));
            decision_unpack(u, in->other);
        }
        break;
    case INPUT_COMMAND:
        command_unpack(u, &in->command);
        break;
    case INPUT_BROKER:
        broker_event_unpack(u, &in->broker);
        break;
    case INPUT_TIMER:
        in->timer.kind = (enum timer_kind)unpack_int(u, TIMER_START, TIMER_KIND_COUNT - 1);
        engine_rules_unpack(u, version, &in->timer.rules);
        if (version >= 2)
            in->timer.base = unpack_str_dup(u, SETTINGS_BASE_MAX_BYTES);
        break;
    case INPUT_NOTICE:
        event_unpack(u, &in->notice);
        break;
    case INPUT_PRICE:
        in->candles = version >= 4 ? candles_closed_unpack(u) : NULL;
        break;
    case INPUT_LEGACY:
        shadow_legacy_unpack(u, version, &in->legacy);
        break;
    case INPUT_UNSET:
    case INPUT_KIND_COUNT:
        u->failed = true;
    }
}

/* 0 when malformed. */
static uint64_t unpack_head(struct unpack *u, struct input_quotes *ret_quotes)
{
    uint64_t version = unpack_u64(u);
    uint64_t count = unpack_u64(u);
    if (version < 1 || version > INPUT_VERSION || count > INPUT_QUOTES_MAX)
        return 0;
    ret_quotes->count = (size_t)count;
    for (size_t i = 0; i < ret_quotes->count; i++) {
        struct input_quote *item = &ret_quotes->items[i];
        unpack_str(u, item->symbol, sizeof(item->symbol));
        item->quote.bid_e8 = unpack_i64(u);
        item->quote.ask_e8 = unpack_i64(u);
        item->quote.time_ms = unpack_i64(u);
    }
    return version;
}

enum signal_format input_signal_format(const void *p, size_t len)
{
    struct unpack u;
    struct input_quotes quotes;
    unpack_init(&u, p, len);
    return unpack_head(&u, &quotes) > 0 ? signal_unpack_format(&u) : SIGNAL_FORMAT_UNSET;
}

int input_unpack(const void *p, size_t len, struct input *in, struct input_quotes *ret_quotes,
                 struct decision *ret_decision)
{
    struct unpack u;
    unpack_init(&u, p, len);
    uint64_t version = unpack_head(&u, ret_quotes);
    if (version == 0)
        return err_raise(-EBADMSG);
    unpack_body(&u, version, in, ret_decision);
    if (in->kind == INPUT_PRICE)
        in->price = *ret_quotes;
    return unpack_done(&u) ? 0 : err_raise(-EBADMSG);
}
