/* Requests of the Bot API: URLs, bodies, and the two blocking calls made at start. Bodies are JSON;
 * parameters without a value are left out (a JSON null would be read as the text "null"). */
#include "telegram/client.h"
#include "telegram/json_read.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "core/jsonw.h"

#define GENERAL_TOPIC_ID 1 /* addressed by leaving the parameter out */
#define REPLY_MAX_BYTES  (256 * 1024)

bool telegram_url(char out[TELEGRAM_URL_CAP], const char *base, const char *token,
                  const char *method)
{
    TR_ASSERT(base != NULL && token != NULL && method != NULL);
    int n = snprintf(out, TELEGRAM_URL_CAP, "%s/bot%s/%s", base, token, method);
    return n > 0 && n < TELEGRAM_URL_CAP;
}

static void write_common(struct jsonw *w, const struct telegram_send *s)
{
    TR_ASSERT(s->text != NULL);
    jsonw_i64(w, "chat_id", s->chat_id);
    jsonw_str(w, "text", s->text);
    if (s->html)
        jsonw_str(w, "parse_mode", "HTML");
    jsonw_object_begin(w, "link_preview_options");
    jsonw_bool(w, "is_disabled", true);
    jsonw_object_end(w);
    if (s->keyboard_json != NULL && s->keyboard_json[0] != 0) {
        jsonw_object_begin(w, "reply_markup");
        jsonw_raw(w, "inline_keyboard", s->keyboard_json);
        jsonw_object_end(w);
    }
}

void telegram_body_send(struct buf *out, const struct telegram_send *s)
{
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    write_common(&w, s);
    if (s->thread_id != 0 && s->thread_id != GENERAL_TOPIC_ID)
        jsonw_i64(&w, "message_thread_id", s->thread_id);
    if (s->reply_to != 0) {
        jsonw_object_begin(&w, "reply_parameters");
        jsonw_i64(&w, "message_id", s->reply_to);
        jsonw_bool(&w, "allow_sending_without_reply", true);
        jsonw_object_end(&w);
    }
    if (s->silent)
        jsonw_bool(&w, "disable_notification", true);
    jsonw_object_end(&w);
}

void telegram_body_edit(struct buf *out, const struct telegram_send *s, int64_t message_id)
{
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    write_common(&w, s);
    jsonw_i64(&w, "message_id", message_id);
    jsonw_object_end(&w);
}

void telegram_body_pin(struct buf *out, int64_t chat_id, int64_t message_id)
{
    TR_ASSERT(message_id != 0);
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_i64(&w, "chat_id", chat_id);
    jsonw_i64(&w, "message_id", message_id);
    jsonw_bool(&w, "disable_notification", true);
    jsonw_object_end(&w);
}

void telegram_body_topic(struct buf *out, int64_t chat_id, const char *name)
{
    TR_ASSERT(name != NULL && name[0] != 0);
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_i64(&w, "chat_id", chat_id);
    jsonw_str(&w, "name", name);
    jsonw_object_end(&w);
}

void telegram_body_answer_callback(struct buf *out, const char *callback_id, const char *text)
{
    TR_ASSERT(callback_id != NULL && callback_id[0] != 0);
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "callback_query_id", callback_id);
    if (text != NULL && text[0] != 0)
        jsonw_str(&w, "text", text);
    jsonw_object_end(&w);
}

void telegram_body_get_updates(struct buf *out, int64_t offset, int limit, int timeout_s)
{
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    if (offset != 0)
        jsonw_i64(&w, "offset", offset);
    jsonw_i64(&w, "limit", limit);
    jsonw_i64(&w, "timeout", timeout_s);
    jsonw_raw(&w, "allowed_updates",
              "[\"message\",\"edited_message\",\"callback_query\",\"my_chat_member\"]");
    jsonw_object_end(&w);
}

/* One blocking POST. Returns the parsed answer of a success or NULL (reason in ret_status). */
static json_object *call(struct http_caller *c, const char *url, const struct buf *body,
                         int timeout_ms, struct telegram_reply *ret_status)
{
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    struct http_request req = {
        .method = "POST",
        .url = url,
        .headers = headers,
        .body = body->data,
        .body_len = body->len,
        .timeout_ms = timeout_ms,
        .max_body_bytes = REPLY_MAX_BYTES,
    };
    struct http_response answer;
    http_response_init(&answer, REPLY_MAX_BYTES);
    http_call(c, &req, &answer);
    json_object *root = NULL;
    telegram_read_envelope(&answer, ret_status, &root);
    http_response_deinit(&answer);
    return root;
}

/* As call(), for a method of a token; the URL is wiped after use. */
static json_object *call_method(struct http_caller *c, const char *const base_token_method[3],
                                const struct buf *body, int timeout_ms,
                                struct telegram_reply *ret_status)
{
    char url[TELEGRAM_URL_CAP];
    if (!telegram_url(url, base_token_method[0], base_token_method[1], base_token_method[2])) {
        memset(ret_status, 0, sizeof(*ret_status));
        ret_status->error = TELEGRAM_E_BAD_REQUEST;
        return NULL;
    }
    json_object *root = call(c, url, body, timeout_ms, ret_status);
    hash_wipe(url, sizeof(url));
    return root;
}

void telegram_get_me(struct http_caller *c, const char *base, const char *token, int timeout_ms,
                     struct telegram_me *ret_me, struct telegram_reply *ret_status)
{
    memset(ret_me, 0, sizeof(*ret_me));
    struct buf body TR_CLEANUP(buf_deinit) = {0};
    buf_init(&body, 16);
    buf_puts(&body, "{}");
    const char *const method[3] = {base, token, "getMe"};
    json_object *root = call_method(c, method, &body, timeout_ms, ret_status);
    if (ret_status->error == TELEGRAM_E_METHOD_UNKNOWN) /* a wrong token as often as a wrong path */
        ret_status->error = TELEGRAM_E_UNAUTHORISED;
    if (root == NULL)
        return;
    json_object *result = json_member(root, "result");
    size_t len = 0;
    if (json_i64(json_member(result, "id"), &ret_me->id))
        (void)str_copy(ret_me->username, sizeof(ret_me->username),
                       json_text(json_member(result, "username"), &len));
    else
        ret_status->error = TELEGRAM_E_BAD_ANSWER;
    json_object_put(root);
}

/* The command lists say the same: same commands and descriptions in the same order. */
static bool same_commands(json_object *have, json_object *want)
{
    if (!json_object_is_type(have, json_type_array) || !json_object_is_type(want, json_type_array))
        return false;
    size_t n = json_object_array_length(want);
    if (json_object_array_length(have) != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        json_object *h = json_object_array_get_idx(have, i);
        json_object *w = json_object_array_get_idx(want, i);
        static const char *const fields[] = {"command", "description"};
        for (size_t f = 0; f < TR_ARRAY_SIZE(fields); f++) {
            size_t len = 0;
            if (!str_eq(json_text(json_member(h, fields[f]), &len),
                        json_text(json_member(w, fields[f]), &len)))
                return false;
        }
    }
    return true;
}

#define SYNC_TIMEOUT_MS 15000

void telegram_sync_commands(struct http_caller *c, const char *base, const char *token,
                            const char *commands_json, bool *ret_changed,
                            struct telegram_reply *ret_status)
{
    *ret_changed = false;
    struct buf body TR_CLEANUP(buf_deinit) = {0};
    buf_init(&body, REPLY_MAX_BYTES);
    buf_puts(&body, "{}");
    const char *const get[3] = {base, token, "getMyCommands"};
    json_object *have = call_method(c, get, &body, SYNC_TIMEOUT_MS, ret_status);
    if (have == NULL)
        return;
    json_object *want = json_parse(commands_json, strlen(commands_json), NULL);
    TR_ASSERT(json_object_is_type(want, json_type_array)); /* generated by us */
    bool same = same_commands(json_member(have, "result"), want);
    json_object_put(have);
    json_object_put(want);
    if (same)
        return;
    buf_reset(&body);
    struct jsonw w;
    jsonw_init(&w, &body);
    jsonw_object_begin(&w, NULL);
    jsonw_raw(&w, "commands", commands_json);
    jsonw_object_end(&w);
    const char *const set[3] = {base, token, "setMyCommands"};
    json_object *done = call_method(c, set, &body, SYNC_TIMEOUT_MS, ret_status);
    *ret_changed = done != NULL;
    json_object_put(done);
}
