/* The bots' door: /bot<token>/<method>. A call is read (params.c), recorded, struck by an armed
 * fault or run, and finished: its answer may be disturbed by a fault of the answer stage. Methods
 * write "result" into an open {"ok":true ... envelope; sandbox_call_error replaces it. */
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "sandbox/internal.h"

static const struct sandbox_method methods[] = {
    {"getUpdates", sandbox_method_get_updates},
    {"sendMessage", sandbox_method_send_message},
    {"answerCallbackQuery", sandbox_method_answer_callback},
    {"editMessageText", sandbox_method_edit_text},
    {"editMessageCaption", sandbox_method_edit_caption},
    {"editMessageReplyMarkup", sandbox_method_edit_markup},
    {"deleteMessage", sandbox_method_delete_message},
    {"sendPhoto", sandbox_method_send_photo},
    {"sendDocument", sandbox_method_send_document},
    {"sendVoice", sandbox_method_send_voice},
    {"sendChatAction", sandbox_method_send_chat_action},
    {"getFile", sandbox_method_get_file},
    {"getMe", sandbox_method_get_me},
    {"getChat", sandbox_method_get_chat},
    {"setMyCommands", sandbox_method_set_commands},
    {"getMyCommands", sandbox_method_get_commands},
    {"deleteMyCommands", sandbox_method_delete_commands},
    {"setMyName", sandbox_method_set_text},
    {"getMyName", sandbox_method_get_text},
    {"setMyDescription", sandbox_method_set_text},
    {"getMyDescription", sandbox_method_get_text},
    {"setMyShortDescription", sandbox_method_set_text},
    {"getMyShortDescription", sandbox_method_get_text},
    {"setChatMenuButton", sandbox_method_set_menu_button},
    {"getChatMenuButton", sandbox_method_get_menu_button},
    {"pinChatMessage", sandbox_method_pin},
    {"unpinChatMessage", sandbox_method_unpin},
    {"unpinAllChatMessages", sandbox_method_unpin_all},
    {"createForumTopic", sandbox_method_create_topic},
    {"setWebhook", sandbox_method_set_webhook},
    {"deleteWebhook", sandbox_method_delete_webhook},
    {"getWebhookInfo", sandbox_method_get_webhook_info},
    {"logOut", sandbox_method_log_out},
    {"close", sandbox_method_close},
};

/* ---- envelopes ---- */

void sandbox_error_json(struct buf *out, int code, const char *description, const char *parameters)
{
    struct jsonw w;
    TR_ASSERT(code >= 400 && code < 600);
    buf_reset(out);
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_bool(&w, "ok", false);
    jsonw_i64(&w, "error_code", code);
    jsonw_str(&w, "description", description);
    if (parameters)
        jsonw_raw(&w, "parameters", parameters);
    jsonw_object_end(&w);
}

static void call_fail(struct sandbox_call *c, int code, const char *description,
                      const char *parameters)
{
    TR_ASSERT(!c->parked);
    sandbox_error_json(&c->out, code, description, parameters);
    c->status = code;
    c->bot->failed++;
}

void sandbox_call_error(struct sandbox_call *c, int code, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    call_fail(c, code, text, NULL);
}

void sandbox_call_flood(struct sandbox_call *c, int64_t retry_after_s)
{
    char text[64], parameters[64];
    (void)snprintf(text, sizeof(text), "Too Many Requests: retry after %lld",
                   (long long)retry_after_s);
    (void)snprintf(parameters, sizeof(parameters), "{\"retry_after\":%lld}",
                   (long long)retry_after_s);
    call_fail(c, 429, text, parameters);
    c->retry_after_s = (int)retry_after_s;
}

void sandbox_call_migrated(struct sandbox_call *c, int64_t to_chat_id)
{
    char parameters[64];
    (void)snprintf(parameters, sizeof(parameters), "{\"migrate_to_chat_id\":%lld}",
                   (long long)to_chat_id);
    call_fail(c, 400, "Bad Request: group chat was upgraded to a supergroup chat", parameters);
}

static void answer_error(struct sandbox_turn *t, struct http_exchange *x, int code,
                         const char *description)
{
    struct buf out TR_CLEANUP(buf_deinit);
    buf_init(&out, SANDBOX_OUT_MAX_BYTES);
    sandbox_error_json(&out, code, description, NULL);
    (void)sandbox_turn_json(t, x, code, &out);
}

/* ---- faults ---- */

static void flood(struct sandbox_call *c, const struct sandbox_fault *f)
{
    char text[64], parameters[64];
    (void)snprintf(text, sizeof(text), "Too Many Requests: retry after %lld",
                   (long long)f->retry_after_s);
    if (strcmp(f->variant, "string") == 0)
        (void)snprintf(parameters, sizeof(parameters), "{\"retry_after\":\"%lld\"}",
                       (long long)f->retry_after_s);
    else
        (void)snprintf(parameters, sizeof(parameters), "{\"retry_after\":%lld}",
                       (long long)f->retry_after_s);
    bool bare = strcmp(f->variant, "missing") == 0 || strcmp(f->variant, "header") == 0;
    call_fail(c, 429, bare ? "Too Many Requests" : text, bare ? NULL : parameters);
    c->retry_after_s = strcmp(f->variant, "missing") == 0 ? -1 : (int)f->retry_after_s;
}

static void strange_status(struct sandbox_call *c, const struct sandbox_fault *f)
{
    buf_reset(&c->out);
    if (strcmp(f->body, "html") == 0)
        buf_printf(&c->out,
                   "<html>\r\n<head><title>%lld</title></head>\r\n<body>\r\n<center><h1>%lld</h1></"
                   "center>\r\n"
                   "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
                   (long long)f->status, (long long)f->status);
    else if (strcmp(f->body, "json") == 0 && f->status >= 400)
        sandbox_error_json(&c->out, (int)f->status, "Internal Server Error: restart", NULL);
    else if (strcmp(f->body, "markup") == 0 && f->status >= 400)
        sandbox_error_json(&c->out, (int)f->status,
                           "Bad Request: can't parse entities: Unsupported start tag", NULL);
    c->status = (int)f->status;
    c->bot->failed++;
}

static void refuse_edit(struct sandbox_call *c, const struct sandbox_fault *f)
{
    if (strcmp(f->variant, "unmodified") == 0)
        sandbox_call_error(
            c, 400,
            "Bad Request: message is not modified: specified new message content and reply "
            "markup are exactly the same as a current content and reply markup of the message");
    else if (strcmp(f->variant, "cannot") == 0)
        sandbox_call_error(c, 400, "Bad Request: message can't be edited");
    else
        sandbox_call_error(c, 400, "Bad Request: message to edit not found");
}

static void refuse_blocked(struct sandbox_call *c, const struct sandbox_fault *f)
{
    const char *text = "bot was blocked by the user";
    if (strcmp(f->variant, "deactivated") == 0)
        text = "user is deactivated";
    else if (strcmp(f->variant, "kicked") == 0)
        text = "bot was kicked from the group chat";
    else if (strcmp(f->variant, "deleted") == 0)
        text = "the group chat was deleted";
    sandbox_call_error(c, 403, "Forbidden: %s", text);
}

static void wrong_me(struct sandbox_call *c)
{
    struct sandbox_bot other = {
        .id = c->bot->id + 1, .title = "Somebody Else", .username = "somebody_else_bot"};
    sandbox_render_bot(&c->w, "result", &other);
    jsonw_object_end(&c->w);
}

/* Takes the exchange out of the call: it hangs or its connection ends. */
static bool take_away(struct sandbox_call *c, const struct sandbox_fault *f)
{
    if (f->kind != SANDBOX_FAULT_HANG && f->kind != SANDBOX_FAULT_DROP_BEFORE)
        return false;
    struct sandbox_answer a = {.x = c->x, .status = 503, .retry_after_s = -1, .fault = *f};
    a.fault.kind = SANDBOX_FAULT_DROP_BEFORE;
    buf_init(&a.body, 1);
    if (f->kind == SANDBOX_FAULT_HANG && c->s->held_count < SANDBOX_HELD_MAX)
        sandbox_hold(c->s, INT64_MAX, &a);
    else
        *sandbox_turn_answer(c->turn, c->x, 503, NULL, NULL) = a;
    c->parked = true;
    return true;
}

static void strike(struct sandbox_call *c, const struct sandbox_fault *f)
{
    switch (f->kind) {
    case SANDBOX_FAULT_FLOOD:
        flood(c, f);
        return;
    case SANDBOX_FAULT_STATUS:
        strange_status(c, f);
        return;
    case SANDBOX_FAULT_CONFLICT_POLL:
        sandbox_call_error(
            c, 409,
            "Conflict: terminated by other getUpdates request; make sure that only one bot "
            "instance is running");
        return;
    case SANDBOX_FAULT_CONFLICT_WEBHOOK:
        sandbox_call_error(
            c, 409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook "
            "to delete the webhook first");
        return;
    case SANDBOX_FAULT_UNAUTHORISED:
        sandbox_call_error(c, 401, "Unauthorized");
        return;
    case SANDBOX_FAULT_NOT_FOUND_EDIT:
        refuse_edit(c, f);
        return;
    case SANDBOX_FAULT_MIGRATE:
        sandbox_call_migrated(c, f->to_chat_id);
        return;
    case SANDBOX_FAULT_BLOCKED:
        refuse_blocked(c, f);
        return;
    case SANDBOX_FAULT_EMPTY_POLL:
        buf_reset(&c->out);
        buf_puts(&c->out, "{\"ok\":true,\"result\":[]}");
        c->status = 0;
        return;
    case SANDBOX_FAULT_WRONG_ME:
        wrong_me(c);
        c->status = 0;
        return;
    case SANDBOX_FAULT_HANG:
    case SANDBOX_FAULT_DROP_BEFORE: /* take_away */
    case SANDBOX_FAULT_UNSET:
    case SANDBOX_FAULT_TRUNCATE:
    case SANDBOX_FAULT_EXECUTE_THEN_DROP:
    case SANDBOX_FAULT_DELAY:
    case SANDBOX_FAULT_SLOW_BODY:
    case SANDBOX_FAULT_CLOSE_EVERY:
    case SANDBOX_FAULT_CHUNKED:
    case SANDBOX_FAULT_GZIP:
    case SANDBOX_FAULT_DUPLICATE_UPDATES:
    case SANDBOX_FAULT_OUT_OF_ORDER:
    case SANDBOX_FAULT_ID_RESTART:
    case SANDBOX_FAULT_GIANT_UPDATE:
    case SANDBOX_FAULT_BAD_UTF8:
    case SANDBOX_FAULT_UNKNOWN_UPDATE:
    case SANDBOX_FAULT_WRONG_TYPES:
    case SANDBOX_FAULT_COUNT:
        break;
    }
    TR_ASSERT(f->kind == SANDBOX_FAULT_HANG || f->kind == SANDBOX_FAULT_DROP_BEFORE);
}

void sandbox_finish(struct sandbox_turn *t, struct sandbox_bot *bot, const char *method,
                    struct http_exchange *x, struct sandbox_answer *answer)
{
    struct sandbox *s = t->s;
    TR_ASSERT(answer->x == x);
    if (s->faults.count == 0 || !sandbox_faults_take(&s->faults, SANDBOX_STAGE_ANSWER, bot->index,
                                                     method, 0, &answer->fault))
        return;
    enum sandbox_fault_kind kind = answer->fault.kind;
    bool later = kind == SANDBOX_FAULT_DELAY ||
                 (kind == SANDBOX_FAULT_EXECUTE_THEN_DROP && answer->fault.delay_ms > 0);
    if (later && s->held_count < SANDBOX_HELD_MAX) {
        sandbox_hold(s, sandbox_now_us() + answer->fault.delay_ms * 1000, answer);
        t->count--; /* it was the newest */
    }
}

/* ---- a call ---- */

static const struct sandbox_method *find_method(const char *name)
{
    for (size_t i = 0; i < TR_ARRAY_SIZE(methods); i++)
        if (strcasecmp(methods[i].name, name) == 0)
            return &methods[i];
    return NULL;
}

static void call_complete(struct sandbox_call *c, const char *fault)
{
    if (c->status == 200)
        jsonw_object_end(&c->w);
    if (c->status == 0)
        c->status = 200;
    sandbox_record(c, fault);
    if (c->parked)
        return;
    if (buf_failed(&c->out))
        sandbox_error_json(&c->out, c->status = 500, "Internal Server Error: answer too big", NULL);
    bool html = c->out.len > 0 && c->out.data[0] == '<';
    const char *type = c->out.len == 0 ? NULL : html ? "text/html" : "application/json";
    struct sandbox_answer *a = sandbox_turn_answer(c->turn, c->x, c->status, type, &c->out);
    a->retry_after_s = c->retry_after_s;
    sandbox_finish(c->turn, c->bot, c->method->name, c->x, a);
}

static void run_call(struct sandbox_call *c)
{
    struct sandbox_fault f;
    const char *fault = NULL;
    c->bot->calls++;
    buf_init(&c->out, SANDBOX_OUT_MAX_BYTES);
    jsonw_init(&c->w, &c->out);
    jsonw_object_begin(&c->w, NULL);
    jsonw_bool(&c->w, "ok", true);
    c->status = 200;
    c->retry_after_s = -1;
    int64_t chat_id = c->s->faults.count ? sandbox_param_i64(&c->params, "chat_id", 0) : 0;
    bool struck =
        c->s->faults.count && sandbox_faults_take(&c->s->faults, SANDBOX_STAGE_BEFORE,
                                                  c->bot->index, c->method->name, chat_id, &f);
    if (struck) {
        fault = sandbox_fault_name(f.kind);
        if (!take_away(c, &f))
            strike(c, &f);
    } else {
        c->method->run(c);
    }
    call_complete(c, fault);
    buf_deinit(&c->out);
}

static bool token_malformed(const char *token, size_t len)
{
    return len == 0 || len > 80 || token[0] == '0' || !memchr(token, ':', len);
}

/* NULL: an error was answered. *ret_rest: what follows "/". */
static struct sandbox_bot *authorise(struct sandbox_turn *t, struct http_exchange *x,
                                     const char *path, const char **ret_rest)
{
    const char *slash = strchr(path, '/');
    if (!slash || slash == path) {
        answer_error(t, x, 404, "Not Found");
        return NULL;
    }
    size_t len = (size_t)(slash - path);
    struct sandbox_bot *bot = sandbox_world_bot_by_token(&t->s->world, path, len);
    if (token_malformed(path, len) || !bot || bot->logged_out) {
        answer_error(t, x, 401, "Unauthorized");
        return NULL;
    }
    *ret_rest = slash + 1;
    return bot;
}

void sandbox_bot_request(struct sandbox_turn *t, struct http_exchange *x, const char *path)
{
    const char *name = NULL;
    struct sandbox_bot *bot = authorise(t, x, path, &name);
    if (!bot)
        return;
    if (strncasecmp(name, "test/", 5) == 0)
        name += 5;
    const char *verb = http_method(x);
    const struct sandbox_method *method = find_method(name);
    bool readable = str_eq(verb, "GET") || str_eq(verb, "POST");
    if (!method || !readable) {
        answer_error(t, x, 404,
                     strchr(name, '/') || !readable ? "Not Found" : "Not Found: method not found");
        return;
    }
    struct sandbox_call c = {.s = t->s, .turn = t, .bot = bot, .x = x, .method = method};
    int refused = sandbox_params_read(&c.params, x);
    if (refused)
        (void)sandbox_turn_answer(t, x, refused, NULL,
                                  NULL); /* a status line, no JSON (spec 1.1) */
    else
        run_call(&c);
    sandbox_params_deinit(&c.params);
}

void sandbox_bot_file(struct sandbox_turn *t, struct http_exchange *x, const char *path)
{
    const char *name = NULL;
    struct sandbox_bot *bot = authorise(t, x, path, &name);
    if (!bot)
        return;
    struct sandbox_file *f = str_starts(name, "files/")
                                 ? sandbox_file_get(&t->s->world, sandbox_file_serial(name + 6))
                                 : NULL;
    if (!f) {
        answer_error(t, x, 404, "Not Found");
        return;
    }
    struct buf body TR_CLEANUP(buf_deinit);
    buf_init(&body, SANDBOX_FILES_MAX_BYTES);
    buf_append(&body, f->data, f->len);
    (void)sandbox_turn_answer(t, x, 200, "application/octet-stream", &body);
}
