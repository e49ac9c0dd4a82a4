/* http/page.c: answers as JSON. Each function takes plain values and appends to a buffer; nothing
 * here knows a connection. The figures in Prometheus form are in page_metrics.c. */
#include "http/page.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/jsonw.h"
#include "model/text.h"

const char *api_route_name(enum api_route r)
{
    static const char *const names[API_ROUTE_COUNT] = {
        "unset",          "webhook", "health", "status", "metrics",
        "emergency_stop", "command", "events", "decide", "other"};
    TR_ASSERT(r < API_ROUTE_COUNT);
    return names[r];
}

static const int status_slots[API_STATUS_COUNT] = {200, 400, 401, 403, 404, 405, 413,
                                                   422, 429, 431, 500, 503, 204, 0};

size_t api_status_slot(int status)
{
    for (size_t i = 0; i + 1 < API_STATUS_COUNT; i++)
        if (status_slots[i] == status)
            return i;
    return API_STATUS_COUNT - 1;
}

int api_status_of_slot(size_t slot)
{
    TR_ASSERT(slot < API_STATUS_COUNT);
    return status_slots[slot];
}

/* The catalogue's sentence when it is one as it stands (no markup, no placeholders), else the code.
 */
static const char *sentence(const char *code)
{
    char key[64] = "reason.";
    size_t at = strlen(key);
    if (!str_copy(key + at, sizeof(key) - at, code))
        return code;
    const char *text = text_get(LANG_EN, key);
    return text != NULL && strpbrk(text, "<{&") == NULL ? text : code;
}

static void str_unless_empty(struct jsonw *w, const char *key, const char *value)
{
    if (value != NULL && *value != '\0')
        jsonw_str(w, key, value);
}

void page_refusal(struct buf *out, bool unavailable, const struct page_refusal *r)
{
    TR_ASSERT(r->code != NULL);
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "status", unavailable ? "unavailable" : "refused");
    jsonw_str(&w, "reason", r->code);
    if (r->receipt != 0)
        jsonw_u64(&w, "receipt", r->receipt);
    str_unless_empty(&w, "trader", r->trader);
    str_unless_empty(&w, "field", r->field);
    str_unless_empty(&w, "value", r->value);
    str_unless_empty(&w, "accepted", r->accepted);
    jsonw_str(&w, "text", r->text != NULL ? r->text : sentence(r->code));
    jsonw_object_end(&w);
}

static const char *signal_status(const struct outcome *o)
{
    if (o->status == OUTCOME_DUPLICATE)
        return "duplicate";
    if (o->decision == NULL)
        return o->receipt.reason == REASON_ACCEPTED ? "accepted" : "refused";
    switch (o->decision->action) {
    case DECISION_EXECUTE:
        return "accepted";
    case DECISION_CLOSE:
        return "closed";
    case DECISION_NOTIFY:
        return "notified";
    case DECISION_SKIP:
    case DECISION_UNSET:
    case DECISION_ACTION_COUNT:
        break;
    }
    return "refused";
}

static bool is_reused_key(const struct outcome *o)
{
    return o->status == OUTCOME_DUPLICATE && o->receipt.reason == REASON_IDEMPOTENCY_KEY_REUSED;
}

/* 0 when the outcome stands; else why it does not. */
static enum reason not_taken(const struct outcome *o)
{
    switch (o->status) {
    case OUTCOME_COMMITTED:
    case OUTCOME_DUPLICATE:
        return REASON_UNSET;
    case OUTCOME_EXPIRED:
        return REASON_EXPIRED;
    case OUTCOME_NOT_STORED:
    case OUTCOME_UNSET:
    case OUTCOME_COUNT:
        break;
    }
    return REASON_NOT_STORED;
}

int page_signal(struct buf *out, const char *trader, const struct outcome *o)
{
    TR_ASSERT(out != NULL && o != NULL);
    enum reason refused = not_taken(o);
    if (refused != REASON_UNSET) {
        page_refusal(out, true,
                     &(struct page_refusal){.code = reason_code(refused), .trader = trader});
        return 503;
    }
    const char *code = reason_code(o->receipt.reason);
    if (is_reused_key(o)) {
        page_refusal(out, false,
                     &(struct page_refusal){.code = code,
                                            .receipt = o->receipt.seq,
                                            .trader = trader,
                                            .field = "Idempotency-Key",
                                            .accepted = "a key of its own for each alert"});
        return 422;
    }
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "status", signal_status(o));
    jsonw_u64(&w, "receipt", o->receipt.seq);
    jsonw_str(&w, "trader", trader);
    jsonw_str(&w, "reason", code);
    jsonw_str(&w, "text", sentence(code));
    str_unless_empty(&w, "detail", o->receipt.text);
    if (o->decision != NULL) {
        jsonw_raw(&w, "decision", ""); /* the key; its value is written in place */
        decision_to_json(o->decision, out);
    }
    jsonw_object_end(&w);
    return 200;
}

int page_command_status(const struct outcome *o)
{
    if (is_reused_key(o))
        return 422;
    if (not_taken(o) != REASON_UNSET)
        return 503;
    return o->receipt.reason == REASON_ROLE_TOO_LOW ? 403 : 200;
}

void page_command(struct jsonw *w, const char *key, const char *trader, const struct outcome *o)
{
    TR_ASSERT(w != NULL && o != NULL);
    enum reason refused = not_taken(o);
    enum reason why = refused != REASON_UNSET ? refused : o->receipt.reason;
    const char *status = "refused";
    if (refused != REASON_UNSET)
        status = "unavailable";
    else if (o->status == OUTCOME_DUPLICATE && !is_reused_key(o))
        status = "duplicate";
    else if (why == REASON_ACCEPTED)
        status = "accepted";
    jsonw_object_begin(w, key);
    jsonw_str(w, "status", status);
    jsonw_str(w, "trader", trader);
    if (refused == REASON_UNSET)
        jsonw_u64(w, "receipt", o->receipt.seq);
    jsonw_str(w, "reason", reason_code(why));
    jsonw_str(w, "text", sentence(reason_code(why)));
    if (refused == REASON_UNSET)
        str_unless_empty(w, "detail", o->receipt.text);
    jsonw_object_end(w);
}

/* -- health and status ------------------------------------------------------------------------- */

static void page_decimal(struct jsonw *w, const char *key, int64_t value_e8)
{
    char text[DEC_TEXT_CAP];
    if (value_e8 == DEC_NONE)
        jsonw_null(w, key);
    else
        jsonw_str(w, key, dec_format(value_e8, text));
}

static bool plugin_seen_before(const struct page_health *h, size_t trader, const char *id)
{
    for (size_t t = 0; t < trader; t++)
        for (size_t p = 0; p < h->engines[t].plugin_count; p++)
            if (h->engines[t].plugins[p].active && strcmp(h->engines[t].plugins[p].id, id) == 0)
                return true;
    return false;
}

static void page_plugins(struct jsonw *w, const struct page_health *h)
{
    jsonw_array_begin(w, "plugins_active");
    for (size_t t = 0; t < h->trader_count; t++) {
        const struct engine_stats *e = &h->engines[t];
        TR_ASSERT(e->plugin_count <= ENGINE_PLUGINS_MAX);
        for (size_t p = 0; p < e->plugin_count; p++)
            if (e->plugins[p].active && !plugin_seen_before(h, t, e->plugins[p].id))
                jsonw_str(w, NULL, e->plugins[p].id);
    }
    jsonw_array_end(w);
}

/* The same for what the watch sees. */
static int judge_vitals(const struct page_health *h, struct jsonw *w)
{
    int level = 0;
    for (size_t i = 0; i < h->vital_count; i++) {
        struct buf text TR_CLEANUP(buf_deinit) = {0};
        if (h->vitals[i].level <= VITAL_OK)
            continue;
        level = 1;
        buf_init(&text, EVENT_TEXT_CAP);
        vital_describe(&h->vitals[i], &text);
        if (w != NULL)
            jsonw_str(w, NULL, text.data);
    }
    return level;
}

/* Writes the reasons when w is given; returns how bad it is: 0 ok, 1 degraded, 2 down. */
static int judge(const struct page_health *h, struct jsonw *w)
{
    int level = judge_vitals(h, w);
    char text[192];
    size_t failing = 0;
    for (size_t t = 0; t < h->trader_count; t++) {
        const struct engine_stats *e = &h->engines[t];
        bool is_in_error = e->trader.recover_ms != 0;
        bool explained =
            e->store_failing || !e->broker_up || e->panicked || e->paused || is_in_error;
        const char *const words[] = {e->store_failing ? "journal_fault" : NULL,
                                     e->broker_up ? NULL : "broker_down",
                                     e->panicked ? "panic" : NULL,
                                     e->paused ? "paused" : NULL,
                                     is_in_error ? "errors_in_a_row" : NULL,
                                     e->entries_halted && !explained ? "synchronising" : NULL};
        failing += e->store_failing;
        for (size_t i = 0; i < TR_ARRAY_SIZE(words); i++) {
            if (words[i] == NULL)
                continue;
            level = level < 1 ? 1 : level;
            (void)snprintf(text, sizeof(text), "%s: %s", h->trader_ids[t], words[i]);
            if (w != NULL)
                jsonw_str(w, NULL, text);
        }
    }
    for (size_t i = 0; i < h->bot_count; i++) {
        if (h->bots[i].up)
            continue;
        level = level < 1 ? 1 : level;
        (void)snprintf(text, sizeof(text), "bot %s: %s", h->bots[i].name,
                       h->bots[i].error[0] != '\0' ? h->bots[i].error : "down");
        if (w != NULL)
            jsonw_str(w, NULL, text);
    }
    if (h->stopping || h->trader_count == 0 || failing == h->trader_count) {
        level = 2;
        if (w != NULL && h->stopping)
            jsonw_str(w, NULL, "shutting_down");
    }
    return level;
}

static const char *level_name(int level)
{
    static const char *const names[] = {"ok", "degraded", "down"};
    TR_ASSERT(level >= 0 && level < (int)TR_ARRAY_SIZE(names));
    return names[level];
}

static void page_bots(struct jsonw *w, const struct page_health *h)
{
    jsonw_array_begin(w, "bots");
    for (size_t i = 0; i < h->bot_count; i++) {
        jsonw_object_begin(w, NULL);
        jsonw_str(w, "name", h->bots[i].name);
        jsonw_bool(w, "up", h->bots[i].up);
        jsonw_i64(w, "last_ok_ms", h->bots[i].last_ok_ms);
        str_unless_empty(w, "error", h->bots[i].error);
        jsonw_object_end(w);
    }
    jsonw_array_end(w);
}

static void page_vitals(struct jsonw *w, const struct page_health *h)
{
    jsonw_array_begin(w, "vitals");
    for (size_t i = 0; i < h->vital_count; i++) {
        const struct vital_row *r = &h->vitals[i];
        const struct vital_kind *k = vital_kind(r->kind);
        jsonw_object_begin(w, NULL);
        jsonw_str(w, "name", k->name);
        str_unless_empty(w, "subject", r->subject);
        jsonw_str(w, "level", vital_level_name(r->level));
        if (k->decimals == 0)
            jsonw_i64(w, "value", r->value);
        else
            page_decimal(w, "value", r->value * (DEC_ONE / 10));
        str_unless_empty(w, "unit", k->unit);
        jsonw_i64(w, "since_ms", r->since_ms);
        jsonw_object_end(w);
    }
    jsonw_array_end(w);
}

/* Healthy as spec platform A2 counts: not in error or stopped, less than 10 errors in a row. */
static void page_trader(struct jsonw *w, const struct engine_stats *e)
{
    enum trader_state s = trader_shown(&e->trader, e->store_failing);
    bool is_healthy = s != TRADER_ERROR && s != TRADER_STOPPED && e->trader.errors < 10;
    jsonw_str(w, "state", trader_state_name(s));
    jsonw_i64(w, "state_since_ms", e->trader.since_ms);
    jsonw_bool(w, "healthy", is_healthy);
    jsonw_i64(w, "errors_in_a_row", e->trader.errors);
    jsonw_u64(w, "errors", e->trader.errors_all);
    str_unless_empty(w, "last_error", reason_code(e->trader.last_why));
}

int page_health(struct buf *out, const struct page_health *h)
{
    TR_ASSERT(h->trader_count <= CONF_TRADERS_MAX);
    int level = judge(h, NULL);
    size_t open_trades = 0;
    for (size_t t = 0; t < h->trader_count; t++)
        open_trades += h->engines[t].open_positions;
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "status", level_name(level));
    jsonw_i64(&w, "uptime", h->uptime_ms / 1000);
    jsonw_u64(&w, "open_trades", open_trades);
    page_plugins(&w, h);
    jsonw_array_begin(&w, "telegram_bots");
    for (size_t i = 0; i < h->bot_count; i++)
        if (h->bots[i].up)
            jsonw_str(&w, NULL, h->bots[i].name);
    jsonw_array_end(&w);
    jsonw_array_begin(&w, "reasons");
    (void)judge(h, &w); /* the level is known already */
    jsonw_array_end(&w);
    page_vitals(&w, h);
    jsonw_str(&w, "version", h->version);
    jsonw_array_begin(&w, "traders");
    for (size_t t = 0; t < h->trader_count; t++) {
        const struct engine_stats *e = &h->engines[t];
        jsonw_object_begin(&w, NULL);
        jsonw_str(&w, "id", h->trader_ids[t]);
        jsonw_u64(&w, "open_trades", e->open_positions);
        jsonw_u64(&w, "journal_seq", e->committed_seq);
        jsonw_bool(&w, "paused", e->paused);
        jsonw_bool(&w, "panic", e->panicked);
        jsonw_bool(&w, "broker_up", e->broker_up);
        page_trader(&w, e);
        jsonw_object_end(&w);
    }
    jsonw_array_end(&w);
    jsonw_u64(&w, "journal_seq", h->trader_count > 0 ? h->engines[0].committed_seq : 0);
    jsonw_object_end(&w);
    return level == 2 ? 503 : 200;
}

static void page_engine(struct jsonw *w, const char *id, const struct engine_stats *e)
{
    jsonw_object_begin(w, NULL);
    jsonw_str(w, "id", id);
    jsonw_u64(w, "journal_seq", e->committed_seq);
    jsonw_u64(w, "batches", e->batches);
    jsonw_u64(w, "inputs", e->inputs);
    jsonw_u64(w, "signals", e->signals);
    jsonw_u64(w, "signals_accepted", e->signals_accepted);
    jsonw_u64(w, "signals_refused", e->signals_refused);
    jsonw_u64(w, "commands", e->commands);
    jsonw_u64(w, "duplicates", e->duplicates);
    jsonw_u64(w, "expired", e->expired);
    jsonw_u64(w, "not_stored", e->not_stored);
    jsonw_u64(w, "orders_sent", e->orders_sent);
    jsonw_u64(w, "orders_filled", e->orders_filled);
    jsonw_u64(w, "orders_rejected", e->orders_rejected);
    jsonw_u64(w, "orders_unknown", e->orders_unknown);
    jsonw_u64(w, "queue_depth", e->queue_depth);
    jsonw_u64(w, "queue_peak", e->queue_peak);
    jsonw_u64(w, "open_positions", e->open_positions);
    jsonw_u64(w, "open_orders", e->open_orders);
    page_decimal(w, "balance", e->balance_e8);
    page_decimal(w, "open_profit", e->open_profit_e8);
    page_decimal(w, "daily_profit", e->daily_profit_e8);
    page_decimal(w, "daily_loss", e->daily_loss_e8);
    jsonw_bool(w, "paused", e->paused);
    jsonw_bool(w, "panic", e->panicked);
    jsonw_bool(w, "entries_halted", e->entries_halted);
    jsonw_bool(w, "broker_up", e->broker_up);
    page_trader(w, e);
    jsonw_i64(w, "last_commit_us", e->last_commit_us);
    jsonw_i64(w, "mean_latency_us", e->inputs > 0 ? e->latency_sum_us / (int64_t)e->inputs : 0);
    jsonw_i64(w, "started_ms", e->started_ms);
    jsonw_array_begin(w, "plugins");
    for (size_t p = 0; p < e->plugin_count; p++) {
        jsonw_object_begin(w, NULL);
        jsonw_str(w, "id", e->plugins[p].id);
        jsonw_bool(w, "active", e->plugins[p].active);
        jsonw_object_end(w);
    }
    jsonw_array_end(w);
    jsonw_object_end(w);
}

void page_status(struct buf *out, const struct page_health *h, const struct notify_stats *notify)
{
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "status", level_name(judge(h, NULL)));
    jsonw_str(&w, "version", h->version);
    jsonw_i64(&w, "uptime", h->uptime_ms / 1000);
    jsonw_array_begin(&w, "traders");
    for (size_t t = 0; t < h->trader_count; t++)
        page_engine(&w, h->trader_ids[t], &h->engines[t]);
    jsonw_array_end(&w);
    page_bots(&w, h);
    if (notify != NULL) {
        jsonw_object_begin(&w, "notify");
        jsonw_u64(&w, "sent", notify->sent);
        jsonw_u64(&w, "dropped", notify->dropped);
        jsonw_u64(&w, "throttled", notify->throttled);
        jsonw_u64(&w, "retries", notify->retries);
        jsonw_u64(&w, "flood_waits", notify->flood_waits);
        jsonw_u64(&w, "outbox_rows", notify->outbox_rows);
        jsonw_u64(&w, "suspended_chats", notify->suspended_chats);
        jsonw_i64(&w, "oldest_age_ms", notify->oldest_age_ms);
        jsonw_object_end(&w);
    }
    jsonw_object_end(&w);
}

/* -- events ------------------------------------------------------------------------------------ */

static void decimal_unless_none(struct jsonw *w, const char *key, int64_t value_e8)
{
    if (value_e8 != DEC_NONE)
        page_decimal(w, key, value_e8);
}

static void u64_unless_zero(struct jsonw *w, const char *key, uint64_t value)
{
    if (value != 0)
        jsonw_u64(w, key, value);
}

void page_event(struct buf *out, const char *trader, const struct event *e)
{
    const struct event_info *info = event_info(e->type);
    TR_ASSERT(info != NULL);
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "trader", trader);
    jsonw_u64(&w, "seq", e->seq);
    jsonw_str(&w, "type", info->name);
    jsonw_str(&w, "priority", priority_name(info->priority));
    jsonw_i64(&w, "time_ms", e->time_ms);
    str_unless_empty(&w, "reason", reason_code(e->reason));
    str_unless_empty(&w, "side", side_name(e->side));
    if (e->role != ORDER_ROLE_UNSET)
        jsonw_str(&w, "order", order_role_name(e->role));
    u64_unless_zero(&w, "cid", e->cid);
    u64_unless_zero(&w, "position", e->position_cid);
    u64_unless_zero(&w, "cause", e->cause_seq);
    if (e->signal_kind != SIGNAL_UNSET)
        jsonw_str(&w, "signal", signal_kind_name(e->signal_kind));
    if (e->tf != TF_UNSET)
        jsonw_str(&w, "timeframe", timeframe_name(e->tf));
    if (e->score >= 0)
        jsonw_i64(&w, "score", e->score);
    str_unless_empty(&w, "symbol", e->symbol);
    str_unless_empty(&w, "plugin", e->plugin);
    str_unless_empty(&w, "route", e->route);
    str_unless_empty(&w, "chain", e->chain_id);
    decimal_unless_none(&w, "lots", e->lots_e8);
    decimal_unless_none(&w, "entry", e->entry_e8);
    decimal_unless_none(&w, "exit", e->exit_e8);
    decimal_unless_none(&w, "sl", e->sl_e8);
    decimal_unless_none(&w, "tp", e->tp_e8);
    if (e->profit_e8 != 0)
        decimal_unless_none(&w, "profit", e->profit_e8);
    decimal_unless_none(&w, "balance", e->balance_e8);
    decimal_unless_none(&w, "number", e->number_e8);
    decimal_unless_none(&w, "limit", e->limit_e8);
    if (e->bot != BOT_UNSET)
        jsonw_str(&w, "bot", bot_name(e->bot));
    str_unless_empty(&w, "text", e->text);
    jsonw_object_end(&w);
}
