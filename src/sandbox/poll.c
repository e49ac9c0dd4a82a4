/* Updates on their way to the bots: creation, getUpdates with its long poll, conflicts, webhooks.
 * A poll that finds nothing parks in its bot; the update that arrives or the timer answers it. With
 * a webhook set updates only gather (this server never calls out to a webhook). */
#include <json-c/json.h>
#include <string.h>

#include "core/alloc.h"
#include "sandbox/internal.h"

#define RETENTION_MS     ((int64_t)24 * 3600 * 1000)
#define CALLBACK_KEPT_MS 150000
#define STRICT_SAME_US   3000000
#define STRICT_TIGHT_US  500000
#define BATCH_MAX        100

static const char *const kind_names[SANDBOX_UPDATE_KIND_COUNT] = {
    [SANDBOX_UPDATE_MESSAGE] = "message",
    [SANDBOX_UPDATE_EDITED_MESSAGE] = "edited_message",
    [SANDBOX_UPDATE_CALLBACK_QUERY] = "callback_query",
    [SANDBOX_UPDATE_MY_CHAT_MEMBER] = "my_chat_member",
    [SANDBOX_UPDATE_CHAT_MEMBER] = "chat_member",
    [SANDBOX_UPDATE_MESSAGE_REACTION] = "message_reaction",
    [SANDBOX_UPDATE_MESSAGE_REACTION_COUNT] = "message_reaction_count",
};

/* Kinds this server never makes, but which are names a client may ask for. */
static const char *const other_kinds[] = {"channel_post",
                                          "edited_channel_post",
                                          "business_connection",
                                          "business_message",
                                          "edited_business_message",
                                          "deleted_business_messages",
                                          "guest_message",
                                          "inline_query",
                                          "chosen_inline_result",
                                          "shipping_query",
                                          "pre_checkout_query",
                                          "purchased_paid_media",
                                          "poll",
                                          "poll_answer",
                                          "chat_join_request",
                                          "chat_boost",
                                          "removed_chat_boost",
                                          "managed_bot",
                                          "subscription",
                                          "stopped_message_generation"};

const char *sandbox_update_kind_name(enum sandbox_update_kind kind)
{
    TR_ASSERT(kind < SANDBOX_UPDATE_KIND_COUNT);
    return kind_names[kind];
}

static void batch_write(const struct sandbox_update **u, size_t n, bool doubled, bool reversed,
                        struct buf *out)
{
    buf_puts(out, "{\"ok\":true,\"result\":[");
    for (size_t i = 0; i < n; i++) {
        const struct sandbox_update *one = u[reversed ? n - 1 - i : i];
        for (int k = 0; k <= (doubled ? 1 : 0); k++) {
            if (i > 0 || k > 0)
                buf_putc(out, ',');
            buf_append(out, one->json, one->len);
        }
    }
    buf_puts(out, "]}");
}

/* Writes the answer when there is something to say. False: nothing there. */
static bool collect(struct sandbox *s, struct sandbox_bot *b, int64_t offset, int limit,
                    struct buf *out)
{
    const struct sandbox_update *u[BATCH_MAX];
    TR_ASSERT(limit >= 1 && limit <= BATCH_MAX);
    size_t n =
        sandbox_backlog_get(&b->backlog, offset, (size_t)limit, sandbox_now_ms(), u, BATCH_MAX);
    if (n == 0)
        return false;
    struct sandbox_fault f = {.kind = SANDBOX_FAULT_UNSET};
    (void)sandbox_faults_take(&s->faults, SANDBOX_STAGE_BATCH, b->index, "getUpdates", 0, &f);
    batch_write(u, n, f.kind == SANDBOX_FAULT_DUPLICATE_UPDATES,
                f.kind == SANDBOX_FAULT_OUT_OF_ORDER, out);
    return true;
}

static void poll_answer(struct sandbox_turn *t, struct sandbox_bot *b, int status, struct buf *out)
{
    struct http_exchange *x = TR_STEAL(b->poll);
    TR_ASSERT(x);
    sandbox_finish(t, b, "getUpdates", x, sandbox_turn_json(t, x, status, out));
}

static void poll_refuse(struct sandbox_turn *t, struct sandbox_bot *b, int status,
                        const char *description)
{
    struct buf out TR_CLEANUP(buf_deinit);
    buf_init(&out, SANDBOX_OUT_MAX_BYTES);
    sandbox_error_json(&out, status, description, NULL);
    poll_answer(t, b, status, &out);
}

static void poll_wake(struct sandbox_turn *t, struct sandbox_bot *b)
{
    struct buf out TR_CLEANUP(buf_deinit);
    buf_init(&out, SANDBOX_OUT_MAX_BYTES);
    if (b->poll && collect(t->s, b, b->poll_offset, b->poll_limit, &out))
        poll_answer(t, b, 200, &out);
}

bool sandbox_push_raw(struct sandbox_turn *t, struct sandbox_bot *bot, int64_t id,
                      int64_t expires_ms, char *json)
{
    mutex_assert_held(&t->s->lock);
    if (!sandbox_backlog_push(&bot->backlog, id, expires_ms, json))
        return false;
    poll_wake(t, bot);
    return true;
}

bool sandbox_push_update(struct sandbox_turn *t, struct sandbox_bot *bot,
                         enum sandbox_update_kind kind, const char *payload, int64_t date_s)
{
    TR_ASSERT(kind < SANDBOX_UPDATE_KIND_COUNT);
    if ((bot->allowed & (1u << kind)) == 0)
        return false;
    int64_t now_ms = sandbox_now_ms();
    int64_t expires_ms = (date_s ? date_s * 1000 : now_ms) + RETENTION_MS;
    if (kind == SANDBOX_UPDATE_CALLBACK_QUERY)
        expires_ms = now_ms + CALLBACK_KEPT_MS;
    int64_t id = bot->backlog.next_id;
    char *json =
        xasprintf("{\"update_id\":%lld,\"%s\":%s}", (long long)id, kind_names[kind], payload);
    return sandbox_push_raw(t, bot, id, expires_ms, json);
}

static uint32_t allowed_of(struct json_object *list)
{
    uint32_t mask = 0;
    bool any = false;
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        const char *name = json_object_get_string(json_object_array_get_idx(list, i));
        for (size_t k = 0; name && k < TR_ARRAY_SIZE(kind_names); k++)
            if (strcmp(name, kind_names[k]) == 0) {
                mask |= 1u << k;
                any = true;
            }
        for (size_t k = 0; name && k < TR_ARRAY_SIZE(other_kinds); k++)
            any = any || strcmp(name, other_kinds[k]) == 0;
    }
    return any ? mask : SANDBOX_ALLOWED_DEFAULT;
}

static void remember_allowed(struct sandbox_call *c)
{
    struct json_object *list = sandbox_param_json(&c->params, "allowed_updates", NULL);
    if (json_object_is_type(list, json_type_array))
        c->bot->allowed = allowed_of(list);
}

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

static void park(struct sandbox_call *c, int64_t offset, int limit, int64_t timeout_s)
{
    struct sandbox_bot *b = c->bot;
    TR_ASSERT(!b->poll);
    b->poll = c->x;
    b->poll_offset = offset;
    b->poll_limit = limit;
    b->poll_deadline_us = sandbox_now_us() + timeout_s * 1000000;
    c->parked = true;
    sandbox_timer_at(c->s, b->poll_deadline_us);
}

void sandbox_method_get_updates(struct sandbox_call *c)
{
    struct sandbox_bot *b = c->bot;
    b->polls++;
    remember_allowed(c);
    if (b->webhook_url[0]) {
        sandbox_call_error(c, 409,
                           "Conflict: can't use getUpdates method while webhook is active; use "
                           "deleteWebhook to delete the webhook first");
        return;
    }
    if (b->poll) {
        b->conflicts++;
        poll_refuse(c->turn, b, 409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot "
                    "instance is running");
    }
    int64_t offset = clamp(sandbox_param_i64(&c->params, "offset", 0), INT32_MIN, INT32_MAX);
    int limit = (int)clamp(sandbox_param_i64(&c->params, "limit", BATCH_MAX), 1, BATCH_MAX);
    int64_t timeout_s = clamp(sandbox_param_i64(&c->params, "timeout", 0), 0, SANDBOX_POLL_MAX_S);
    int64_t now_us = sandbox_now_us();
    if (c->s->strict_polls && offset == b->last_offset) {
        if (timeout_s < 3 && now_us - b->last_poll_us < STRICT_SAME_US)
            timeout_s = 3;
        if (now_us - b->last_poll_us < STRICT_TIGHT_US)
            limit = 1;
    }
    b->last_offset = offset;
    b->last_poll_us = now_us;

    struct buf out TR_CLEANUP(buf_deinit);
    buf_init(&out, SANDBOX_OUT_MAX_BYTES);
    bool some = collect(c->s, b, offset, limit, &out);
    if (!some && timeout_s > 0) {
        park(c, offset, limit, timeout_s);
        return;
    }
    if (!some)
        buf_puts(&out, "{\"ok\":true,\"result\":[]}");
    buf_deinit(&c->out);
    c->out = out;
    buf_init(&out, 1);
    c->status = 0; /* out is the whole answer */
}

void sandbox_poll_timeouts(struct sandbox_turn *t, int64_t now_us, int64_t *due_us)
{
    for (size_t i = 0; i < t->s->world.bot_count; i++) {
        struct sandbox_bot *b = &t->s->world.bots[i];
        if (!b->poll)
            continue;
        if (b->poll_deadline_us > now_us && !t->s->stopping) {
            *due_us = b->poll_deadline_us < *due_us ? b->poll_deadline_us : *due_us;
            continue;
        }
        struct buf out TR_CLEANUP(buf_deinit);
        buf_init(&out, SANDBOX_OUT_MAX_BYTES);
        buf_puts(&out, "{\"ok\":true,\"result\":[]}");
        poll_answer(t, b, 200, &out);
    }
}

void sandbox_poll_release_all(struct sandbox_turn *t, int status, const char *description)
{
    for (size_t i = 0; i < t->s->world.bot_count; i++)
        if (t->s->world.bots[i].poll)
            poll_refuse(t, &t->s->world.bots[i], status, description);
}

/* ---- webhooks ---- */

static void drop_pending(struct sandbox_call *c)
{
    if (sandbox_param_bool(&c->params, "drop_pending_updates"))
        sandbox_backlog_clear(&c->bot->backlog);
}

void sandbox_method_delete_webhook(struct sandbox_call *c)
{
    bool was_set = c->bot->webhook_url[0] != '\0';
    c->bot->webhook_url[0] = '\0';
    drop_pending(c);
    jsonw_bool(&c->w, "result", true);
    jsonw_str(&c->w, "description", was_set ? "Webhook was deleted" : "Webhook is already deleted");
}

void sandbox_method_set_webhook(struct sandbox_call *c)
{
    const char *url = sandbox_param_text(&c->params, "url");
    remember_allowed(c);
    if (!url || !url[0]) {
        sandbox_method_delete_webhook(c);
        return;
    }
    if (!str_starts(url, "https://")) {
        sandbox_call_error(c, 400,
                           "Bad Request: bad webhook: An HTTPS URL must be provided for webhook");
        return;
    }
    if (!str_copy(c->bot->webhook_url, sizeof(c->bot->webhook_url), url)) {
        c->bot->webhook_url[0] = '\0';
        sandbox_call_error(c, 400, "Bad Request: bad webhook: URL is too long");
        return;
    }
    if (c->bot->poll)
        poll_refuse(c->turn, c->bot, 409, "Conflict: terminated by setWebhook request");
    drop_pending(c);
    jsonw_bool(&c->w, "result", true);
    jsonw_str(&c->w, "description", "Webhook was set");
}

void sandbox_method_get_webhook_info(struct sandbox_call *c)
{
    jsonw_object_begin(&c->w, "result");
    jsonw_str(&c->w, "url", c->bot->webhook_url);
    jsonw_bool(&c->w, "has_custom_certificate", false);
    jsonw_u64(&c->w, "pending_update_count", c->bot->backlog.count);
    if (c->bot->allowed != SANDBOX_ALLOWED_DEFAULT) {
        jsonw_array_begin(&c->w, "allowed_updates");
        for (size_t k = 0; k < TR_ARRAY_SIZE(kind_names); k++)
            if (c->bot->allowed & (1u << k))
                jsonw_str(&c->w, NULL, kind_names[k]);
        jsonw_array_end(&c->w);
    }
    jsonw_object_end(&c->w);
}
