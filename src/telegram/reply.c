/* Interprets answers of the Bot API: HTTP result, status, envelope and, where nothing else tells
 * the cases apart, the description become one enum telegram_error (spec telegram 1.2, 1.5). Total:
 * any bytes give an answer; only a well-formed {"ok":true} is success. */
#include "telegram/client.h"
#include "telegram/json_read.h"

#include <string.h>

#include "core/alloc.h"
#include "telegram/message_text.h"

#define RETRY_AFTER_MAX_S     (14 * 24 * 3600) /* the longest flood wait the server passes on */
#define RETRY_AFTER_DEFAULT_S 3                /* 429 without any number */

static const char *const error_names[TELEGRAM_ERROR_COUNT] = {
    [TELEGRAM_OK] = "ok",
    [TELEGRAM_E_NETWORK] = "network",
    [TELEGRAM_E_UNKNOWN_OUTCOME] = "unknown_outcome",
    [TELEGRAM_E_UNAUTHORISED] = "unauthorised",
    [TELEGRAM_E_CONFLICT_POLL] = "conflict_poll",
    [TELEGRAM_E_CONFLICT_WEBHOOK] = "conflict_webhook",
    [TELEGRAM_E_FLOOD] = "flood",
    [TELEGRAM_E_SERVER] = "server",
    [TELEGRAM_E_MIGRATED] = "migrated",
    [TELEGRAM_E_CHAT_GONE] = "chat_gone",
    [TELEGRAM_E_NOT_MODIFIED] = "not_modified",
    [TELEGRAM_E_MESSAGE_GONE] = "message_gone",
    [TELEGRAM_E_CALLBACK_OLD] = "callback_old",
    [TELEGRAM_E_PARSE_ENTITIES] = "parse_entities",
    [TELEGRAM_E_TOO_LONG] = "too_long",
    [TELEGRAM_E_EMPTY_TEXT] = "empty_text",
    [TELEGRAM_E_THREAD_GONE] = "thread_gone",
    [TELEGRAM_E_KEYBOARD] = "keyboard",
    [TELEGRAM_E_RIGHTS] = "rights",
    [TELEGRAM_E_METHOD_UNKNOWN] = "method_unknown",
    [TELEGRAM_E_BAD_ANSWER] = "bad_answer",
    [TELEGRAM_E_BAD_REQUEST] = "bad_request",
    [TELEGRAM_E_ABORTED] = "aborted",
};

const char *telegram_error_name(enum telegram_error e)
{
    TR_ASSERT((unsigned)e < TELEGRAM_ERROR_COUNT);
    return error_names[e];
}

/* The unavoidable texts of spec 1.5, for 400 and 403; first match wins. */
static const struct {
    const char *part;
    enum telegram_error error;
} texts[] = {
    {"message is not modified", TELEGRAM_E_NOT_MODIFIED},
    {"message to edit not found", TELEGRAM_E_MESSAGE_GONE},
    {"message can't be edited", TELEGRAM_E_MESSAGE_GONE},
    {"no text in the message to edit", TELEGRAM_E_MESSAGE_GONE},
    {"message to delete not found", TELEGRAM_E_MESSAGE_GONE},
    {"message can't be deleted", TELEGRAM_E_MESSAGE_GONE},
    {"message to be replied not found", TELEGRAM_E_MESSAGE_GONE},
    {"query is too old", TELEGRAM_E_CALLBACK_OLD},
    {"query id is invalid", TELEGRAM_E_CALLBACK_OLD},
    {"message thread not found", TELEGRAM_E_THREAD_GONE},
    {"chat not found", TELEGRAM_E_CHAT_GONE},
    {"can't parse entities", TELEGRAM_E_PARSE_ENTITIES},
    {"must be encoded in utf-8", TELEGRAM_E_PARSE_ENTITIES},
    {"text is empty", TELEGRAM_E_EMPTY_TEXT},
    {"message_too_long", TELEGRAM_E_TOO_LONG},
    {"message is too long", TELEGRAM_E_TOO_LONG},
    {"caption is too long", TELEGRAM_E_TOO_LONG},
    {"text is too long", TELEGRAM_E_TOO_LONG},
    {"button_", TELEGRAM_E_KEYBOARD},
    {"reply markup", TELEGRAM_E_KEYBOARD},
    {"inline keyboard", TELEGRAM_E_KEYBOARD},
    {"topic_closed", TELEGRAM_E_RIGHTS},
    {"not enough rights", TELEGRAM_E_RIGHTS},
    {"chat_write_forbidden", TELEGRAM_E_RIGHTS},
};

static enum telegram_error error_of_text(int code, const char *description)
{
    for (size_t i = 0; i < TR_ARRAY_SIZE(texts); i++)
        if (strcasestr(description, texts[i].part) != NULL)
            return texts[i].error;
    return code == 403 ? TELEGRAM_E_CHAT_GONE : TELEGRAM_E_BAD_REQUEST;
}

static enum telegram_error error_of_code(const struct telegram_reply *ret)
{
    int code = ret->code;
    if (ret->migrate_to_chat_id != 0)
        return TELEGRAM_E_MIGRATED;
    if (code == 401)
        return TELEGRAM_E_UNAUTHORISED;
    if (code == 404)
        return TELEGRAM_E_METHOD_UNKNOWN;
    if (code == 409)
        return strcasestr(ret->description, "webhook") != NULL ? TELEGRAM_E_CONFLICT_WEBHOOK
                                                               : TELEGRAM_E_CONFLICT_POLL;
    if (code == 413)
        return TELEGRAM_E_TOO_LONG;
    if (code == 429)
        return TELEGRAM_E_FLOOD;
    if (code >= 500)
        return TELEGRAM_E_SERVER;
    return code >= 400 ? error_of_text(code, ret->description) : TELEGRAM_E_BAD_ANSWER;
}

/* Results without an answer. Returns true when r is one of them. */
static bool read_transport(const struct http_response *r, struct telegram_reply *ret)
{
    switch (r->result) {
    case HTTP_OK:
        return false;
    case HTTP_E_CONNECT:
    case HTTP_E_TLS:
        ret->error = TELEGRAM_E_NETWORK;
        break;
    case HTTP_E_TIMEOUT:
    case HTTP_E_BROKEN:
        ret->error = TELEGRAM_E_UNKNOWN_OUTCOME;
        break;
    case HTTP_E_TOO_BIG:
        ret->error = TELEGRAM_E_BAD_ANSWER;
        break;
    case HTTP_E_ABORTED:
        ret->error = TELEGRAM_E_ABORTED;
        break;
    }
    return true;
}

static void read_parameters(const struct http_response *r, json_object *root,
                            struct telegram_reply *ret)
{
    json_object *parameters = json_member(root, "parameters");
    int64_t n = 0;
    if (json_i64(json_member(parameters, "migrate_to_chat_id"), &n))
        ret->migrate_to_chat_id = n;
    if (ret->code != 429)
        return;
    if (!json_i64_lenient(json_member(parameters, "retry_after"), &n))
        n = r->retry_after_s >= 0 ? r->retry_after_s : RETRY_AFTER_DEFAULT_S;
    ret->retry_after_s = n < 1 ? 1 : n > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : (int)n;
}

static void read_description(json_object *root, struct telegram_reply *ret)
{
    size_t len = 0;
    const char *text = json_text(json_member(root, "description"), &len);
    struct buf clean TR_CLEANUP(buf_deinit) = {0};
    buf_init(&clean, 8192);
    text_sanitise(&clean, text, len < 2048 ? len : 2048);
    (void)str_copy(ret->description, sizeof(ret->description), clean.data);
    size_t end = strlen(ret->description); /* a cut may have split a character */
    while (end > 0 && !text_is_valid_utf8(ret->description, end))
        ret->description[--end] = 0;
}

void telegram_read_envelope(const struct http_response *r, struct telegram_reply *ret,
                            json_object **ret_root)
{
    memset(ret, 0, sizeof(*ret));
    *ret_root = NULL;
    if (read_transport(r, ret))
        return;
    ret->code = r->status;
    json_object *root = json_parse(r->body.data, r->body.len, NULL);
    bool ok = json_is_true(json_member(root, "ok"));
    if (ok && r->status >= 200 && r->status < 300) {
        *ret_root = root;
        return;
    }
    int64_t code = 0;
    if (!ok && json_i64(json_member(root, "error_code"), &code) && code >= 100 && code <= 999)
        ret->code = (int)code;
    if (root != NULL)
        read_description(root, ret);
    read_parameters(r, root, ret);
    ret->error = error_of_code(ret);
    json_object_put(root);
}

void telegram_read_reply(const struct http_response *r, struct telegram_reply *ret)
{
    json_object *root = NULL;
    telegram_read_envelope(r, ret, &root);
    if (root == NULL) {
        TR_ASSERT(ret->error != TELEGRAM_OK);
        return;
    }
    int64_t id = 0;
    if (json_i64(json_member(json_member(root, "result"), "message_id"), &id))
        ret->message_id = id;
    if (json_i64(json_member(json_member(root, "result"), "message_thread_id"), &id))
        ret->thread_id = id;
    json_object_put(root);
}
