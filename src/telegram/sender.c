/* One outbox message is one job: a copy of the message that lives while its request is in flight.
 * The callback query of a reply is answered first by a request of its own whose outcome nobody
 * waits for. A refusal that tells how to do better (edit target gone, topic deleted, keyboard
 * refused) takes that part out of the job and sends it again; each part goes once, so this ends.
 * What remains is mapped to a sink_result in one table; waiting, limits and order are notify's. No
 * URL or token is ever logged. */
#include "telegram/sender.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "core/jsonw.h"
#include "core/log.h"
#include "core/seal.h"
#include "telegram/client.h"
#include "telegram/message_text.h"

#define SEND_TIMEOUT_MS   15000
#define UPLOAD_TIMEOUT_MS 60000
#define ANSWER_MAX_BYTES  (256 * 1024)
#define BODY_MAX_BYTES    (512 * 1024)
#define BOT_DOWN_RETRY_MS 60000
#define CONFLICT_RETRY_MS 3000
/* notify prefixes a repeated message with one short line. */
#define REPEAT_MARK_UTF16 64
#define URL_MAX_BYTES     1024

enum method {
    METHOD_UNSET = 0,
    METHOD_SEND,
    METHOD_EDIT,
    METHOD_PHOTO,
    METHOD_DOCUMENT,
    METHOD_VOICE,
    METHOD_PIN,
    METHOD_TOPIC,
    METHOD_ANSWER,
    METHOD_COUNT
};

static const char *const method_names[METHOD_COUNT] = {
    [METHOD_SEND] = "sendMessage",       [METHOD_EDIT] = "editMessageText",
    [METHOD_PHOTO] = "sendPhoto",        [METHOD_DOCUMENT] = "sendDocument",
    [METHOD_VOICE] = "sendVoice",        [METHOD_PIN] = "pinChatMessage",
    [METHOD_TOPIC] = "createForumTopic", [METHOD_ANSWER] = "answerCallbackQuery",
};

struct telegram_sender {
    struct notify *notify;
    struct http_pool *pool;
    size_t max_in_flight, jobs;
    char *urls[BOT_COUNT][METHOD_COUNT]; /* secret; NULL = bot not configured */
    char *data_dir, *mirror_url, *mirror_auth;
    struct buf body; /* scratch of one submit */
    bool is_closing;
};

struct job {
    struct telegram_sender *sender;
    int64_t id;
    enum bot_id bot;
    int64_t chat_id, thread_id, reply_to, edit_id, pin_id;
    char *text, *keyboard, *photo, *topic;
    bool html, silent;
};

static struct job *job_free(struct job *j)
{
    mem_free(j->text);
    mem_free(j->keyboard);
    mem_free(j->photo);
    mem_free(j->topic);
    return mem_free(j);
}

static void finish(struct job *j, enum sink_result r, int64_t retry_ms, int64_t migrate_to)
{
    struct telegram_sender *s = j->sender;
    int64_t id = j->id;
    TR_ASSERT(s->jobs > 0);
    s->jobs--;
    job_free(j);
    if (!s->is_closing)
        notify_sent(s->notify, id, r, retry_ms, migrate_to);
}

/* ---- requests ---- */

/* extra_headers: "Name: value" of the two that may be wanted besides; NULL = none. */
static int post_json_with(struct telegram_sender *s, const char *url,
                          const char *const extra_headers[2], http_done_fn done, void *ctx)
{
    if (buf_failed(&s->body))
        return err_raise(-E2BIG);
    const char *const headers[] = {"Content-Type: application/json", extra_headers[0],
                                   extra_headers[0] != NULL ? extra_headers[1] : NULL, NULL};
    struct http_request req = {
        .method = "POST",
        .url = url,
        .headers = headers,
        .body = s->body.data,
        .body_len = s->body.len,
        .timeout_ms = SEND_TIMEOUT_MS,
        .max_body_bytes = ANSWER_MAX_BYTES,
    };
    return err_trace(http_pool_submit(s->pool, &req, done, ctx));
}

static int post_json(struct telegram_sender *s, const char *url, http_done_fn done, void *ctx)
{
    static const char *const none[2] = {NULL, NULL};
    return err_trace(post_json_with(s, url, none, done, ctx));
}

static bool ends_in(const char *path, const char *ending)
{
    size_t len = strlen(path);
    return len >= strlen(ending) && strcmp(path + len - strlen(ending), ending) == 0;
}

static enum method job_method(const struct job *j)
{
    if (j->pin_id != 0)
        return METHOD_PIN;
    if (j->topic != NULL)
        return METHOD_TOPIC;
    if (j->edit_id != 0)
        return METHOD_EDIT;
    if (j->photo == NULL)
        return METHOD_SEND;
    if (ends_in(j->photo, ".ogg"))
        return METHOD_VOICE;
    return ends_in(j->photo, ".csv") ? METHOD_DOCUMENT : METHOD_PHOTO;
}

static void on_done(const struct http_response *r, void *ctx);

#define PHOTO_PARTS_MAX 8

static struct http_part file_part(enum method method, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct http_part part = {.name = "document",
                             .file_path = path,
                             .file_name = slash != NULL ? slash + 1 : path,
                             .content_type = "text/csv"};
    if (method == METHOD_PHOTO) {
        part.name = "photo";
        part.file_name = "chart.png";
        part.content_type = "image/png";
    } else if (method == METHOD_VOICE) {
        part.name = "voice";
        part.file_name = "voice.ogg";
        part.content_type = "audio/ogg";
    }
    return part;
}

static int post_file(struct job *j, enum method method)
{
    struct telegram_sender *s = j->sender;
    char chat[24];
    char thread[24];
    char *markup TR_CLEANUP(mem_freep) = NULL;
    char *path TR_CLEANUP(mem_freep) = s->data_dir != NULL && j->photo[0] != '/'
                                           ? xasprintf("%s/%s", s->data_dir, j->photo)
                                           : xstrdup(j->photo);
    struct http_part parts[PHOTO_PARTS_MAX];
    size_t n = 0;
    (void)snprintf(chat, sizeof(chat), "%lld", (long long)j->chat_id);
    parts[n++] = (struct http_part){.name = "chat_id", .value = chat};
    if (j->thread_id > 1) {
        (void)snprintf(thread, sizeof(thread), "%lld", (long long)j->thread_id);
        parts[n++] = (struct http_part){.name = "message_thread_id", .value = thread};
    }
    if (j->text != NULL && j->text[0] != 0) {
        parts[n++] = (struct http_part){.name = "caption", .value = j->text};
        if (j->html)
            parts[n++] = (struct http_part){.name = "parse_mode", .value = "HTML"};
    }
    if (j->keyboard != NULL) {
        markup = xasprintf("{\"inline_keyboard\":%s}", j->keyboard);
        parts[n++] = (struct http_part){.name = "reply_markup", .value = markup};
    }
    if (j->silent)
        parts[n++] = (struct http_part){.name = "disable_notification", .value = "true"};
    parts[n++] = file_part(method, path);
    TR_ASSERT(n <= PHOTO_PARTS_MAX);
    struct http_request req = {
        .method = "POST",
        .url = s->urls[j->bot][method],
        .parts = parts,
        .part_count = n,
        .timeout_ms = UPLOAD_TIMEOUT_MS,
        .max_body_bytes = ANSWER_MAX_BYTES,
    };
    return err_trace(http_pool_submit(s->pool, &req, on_done, j));
}

static int post_job(struct job *j)
{
    struct telegram_sender *s = j->sender;
    enum method method = job_method(j);
    TR_ASSERT(s->urls[j->bot][method] != NULL);
    if (method == METHOD_PHOTO || method == METHOD_DOCUMENT || method == METHOD_VOICE) {
        if (post_file(j, method) == 0)
            return 0;
        /* The file is gone (a report of days ago): its text still has a use. */
        log_warn("telegram", "photo_unreadable outbox_id=%lld", (long long)j->id);
        j->photo = mem_free(j->photo);
        if (j->text == NULL)
            return err_raise(-ENOENT);
        method = METHOD_SEND;
    }
    struct telegram_send message = {
        .chat_id = j->chat_id,
        .thread_id = j->thread_id,
        .reply_to = j->reply_to,
        .text = j->text,
        .html = j->html,
        .keyboard_json = j->keyboard,
        .silent = j->silent,
    };
    buf_reset(&s->body);
    if (method == METHOD_PIN)
        telegram_body_pin(&s->body, j->chat_id, j->pin_id);
    else if (method == METHOD_TOPIC)
        telegram_body_topic(&s->body, j->chat_id, j->topic);
    else if (method == METHOD_EDIT)
        telegram_body_edit(&s->body, &message, j->edit_id);
    else
        telegram_body_send(&s->body, &message);
    return post_json(s, s->urls[j->bot][method], on_done, j);
}

/* ---- answers ---- */

/* Takes "style" members out of the keyboard: servers before Bot API 9.4 may refuse them. False:
 * there are none. */
static bool strip_styles(char *keyboard)
{
    static const char style[] = ",\"style\":\"danger\"";
    bool found = false;
    for (char *p = strstr(keyboard, style); p != NULL; p = strstr(p, style)) {
        memmove(p, p + strlen(style), strlen(p + strlen(style)) + 1);
        found = true;
    }
    return found;
}

/* Takes the refused part out of the job. False when there is nothing to repair. */
static bool repair(struct job *j, enum telegram_error e)
{
    if (j->pin_id != 0 || j->topic != NULL) {
        return false;
    } else if (e == TELEGRAM_E_MESSAGE_GONE && j->edit_id != 0) {
        j->edit_id = 0;
    } else if (e == TELEGRAM_E_MESSAGE_GONE && j->reply_to != 0) {
        j->reply_to = 0;
    } else if (e == TELEGRAM_E_THREAD_GONE && j->thread_id != 0) {
        notify_thread_gone(j->sender->notify, j->id);
        j->thread_id = 0;
    } else if (e == TELEGRAM_E_KEYBOARD && j->keyboard != NULL && strip_styles(j->keyboard)) {
        log_info("telegram", "button_styles_refused outbox_id=%lld", (long long)j->id);
    } else if (e == TELEGRAM_E_KEYBOARD && j->keyboard != NULL) {
        j->keyboard = mem_free(j->keyboard);
    } else {
        return false;
    }
    return true;
}

static enum sink_result result_of(const struct job *j, const struct telegram_reply *reply,
                                  int64_t *ret_retry_ms)
{
    *ret_retry_ms = 0;
    /* A pin or a topic that is refused is a missing comfort; the messages go on. */
    bool is_comfort = (j->pin_id != 0 || j->topic != NULL) && reply->code >= 400 &&
                      reply->code < 500 && reply->code != 429 && reply->code != 401;
    if (is_comfort)
        return SINK_DROP;
    switch (reply->error) {
    case TELEGRAM_OK:
    case TELEGRAM_E_NOT_MODIFIED:
    case TELEGRAM_E_CALLBACK_OLD:
        return SINK_SENT;
    case TELEGRAM_E_NETWORK:
        return SINK_RETRY;
    case TELEGRAM_E_UNKNOWN_OUTCOME:
    case TELEGRAM_E_SERVER:
    case TELEGRAM_E_BAD_ANSWER:
    case TELEGRAM_E_ABORTED: /* an edit may be repeated freely */
        return j->edit_id != 0 ? SINK_RETRY : SINK_RETRY_MAYBE;
    case TELEGRAM_E_FLOOD:
        *ret_retry_ms = (int64_t)reply->retry_after_s * 1000;
        return SINK_RETRY;
    case TELEGRAM_E_CONFLICT_POLL:
    case TELEGRAM_E_CONFLICT_WEBHOOK:
        *ret_retry_ms = CONFLICT_RETRY_MS;
        return SINK_RETRY;
    case TELEGRAM_E_UNAUTHORISED:
    case TELEGRAM_E_METHOD_UNKNOWN: /* these methods exist: the token does not */
        *ret_retry_ms = BOT_DOWN_RETRY_MS;
        return SINK_BOT_DOWN;
    case TELEGRAM_E_MIGRATED:
        return SINK_MIGRATED;
    case TELEGRAM_E_CHAT_GONE:
    case TELEGRAM_E_RIGHTS:
        return SINK_CHAT_GONE;
    case TELEGRAM_E_PARSE_ENTITIES:
        return j->html ? SINK_PLAIN : SINK_DROP;
    case TELEGRAM_E_MESSAGE_GONE:
    case TELEGRAM_E_THREAD_GONE:
    case TELEGRAM_E_KEYBOARD:
    case TELEGRAM_E_TOO_LONG:
    case TELEGRAM_E_EMPTY_TEXT:
    case TELEGRAM_E_BAD_REQUEST:
        return SINK_DROP;
    case TELEGRAM_ERROR_COUNT:
        break;
    }
    TR_ASSERT(false);
    return SINK_DROP;
}

static void on_done(const struct http_response *r, void *ctx)
{
    struct job *j = ctx;
    struct telegram_reply reply;
    telegram_read_reply(r, &reply);
    if (!j->sender->is_closing && repair(j, reply.error) && post_job(j) == 0)
        return;
    int64_t retry_ms = 0;
    enum sink_result result = result_of(j, &reply, &retry_ms);
    int64_t id = j->topic != NULL ? reply.thread_id : reply.message_id;
    if (reply.error == TELEGRAM_OK && id != 0 && !j->sender->is_closing)
        notify_sent_id(j->sender->notify, j->id, id);
    if (result == SINK_DROP)
        log_warn("telegram", "message_dropped outbox_id=%lld error=%s code=%d description=\"%s\"",
                 (long long)j->id, telegram_error_name(reply.error), reply.code, reply.description);
    finish(j, result, retry_ms, reply.migrate_to_chat_id);
}

/* The sole purpose was the callback: late, repeated or failed answers change nothing for anybody.
 */
static void on_answered(const struct http_response *r, void *ctx)
{
    (void)r;
    finish(ctx, SINK_SENT, 0, 0);
}

static void on_ignored(const struct http_response *r, void *ctx)
{
    (void)r;
    (void)ctx;
}

/* ---- sink_ops ---- */

static int answer_callback(struct telegram_sender *s, const struct notify_message *m,
                           http_done_fn done, void *ctx)
{
    buf_reset(&s->body);
    telegram_body_answer_callback(&s->body, m->callback_id, m->callback_text);
    return post_json(s, s->urls[m->bot][METHOD_ANSWER], done, ctx);
}

static char *plain_text(const char *html)
{
    struct buf plain TR_CLEANUP(buf_deinit) = {0};
    buf_init(&plain, strlen(html) * 3 + 1);
    text_html_to_plain(&plain, html);
    return buf_take(&plain);
}

/* What goes on the wire: secrets that stood sealed in journal and outbox are opened here. */
static char *wire_text(const char *html, bool plain)
{
    if (html == NULL)
        return NULL;
    char *open TR_CLEANUP(mem_freep) = seal_is_in(html) ? seal_reveal(html) : NULL;
    const char *text = open != NULL ? open : html;
    return plain ? plain_text(text) : xstrdup(text);
}

static enum sink_result sink_send(void *sink, const struct notify_message *m, bool plain)
{
    struct telegram_sender *s = sink;
    TR_ASSERT(m->bot > BOT_UNSET && m->bot < BOT_COUNT && s->notify != NULL);
    if (s->urls[m->bot][METHOD_SEND] == NULL)
        return SINK_DROP;
    if (s->jobs >= s->max_in_flight)
        return SINK_RETRY;
    struct job *j = xalloc(sizeof(*j));
    *j = (struct job){
        .sender = s,
        .id = m->id,
        .bot = m->bot,
        .chat_id = m->chat_id,
        .thread_id = m->thread_id,
        .reply_to = m->reply_to,
        .edit_id = m->edit_message_id,
        .html = !plain,
        .silent = m->silent,
        .text = wire_text(m->html, plain),
        .keyboard = xstrdup(m->keyboard_json),
        .photo = xstrdup(m->photo_path),
        .pin_id = m->pin_message_id,
        .topic = xstrdup(m->topic_name),
    };
    s->jobs++;
    int r = 0;
    bool has_callback = m->callback_id != NULL && m->callback_id[0] != 0 && m->attempts == 0;
    if (j->text == NULL && j->photo == NULL && j->pin_id == 0 && j->topic == NULL) {
        if (has_callback && answer_callback(s, m, on_answered, j) == 0)
            return SINK_UNSET;
        r = -ENOMSG; /* nothing to say */
    } else {
        if (has_callback)
            (void)answer_callback(s, m, on_ignored, NULL); /* errors are ignored: spec 1.5 */
        r = post_job(j);
    }
    if (r == 0)
        return SINK_UNSET;
    log_warn("telegram", "message_unsendable outbox_id=%lld error=%d", (long long)m->id, r);
    s->jobs--;
    job_free(j);
    return SINK_DROP;
}

static void sink_run(void *sink, int wait_ms)
{
    struct telegram_sender *s = sink;
    http_pool_run(s->pool, wait_ms);
}

static void sink_wake(void *sink)
{
    struct telegram_sender *s = sink;
    http_pool_wake(s->pool);
}

static size_t sink_in_flight(void *sink)
{
    const struct telegram_sender *s = sink;
    return s->jobs;
}

static char **sink_split(const char *html, bool is_caption, size_t *ret_count)
{
    size_t limit = is_caption ? CAPTION_MAX_UTF16 : MESSAGE_MAX_UTF16;
    return text_split_html(html, limit - REPEAT_MARK_UTF16, ret_count);
}

const struct sink_ops telegram_sink_ops = {
    .send = sink_send,
    .run = sink_run,
    .wake = sink_wake,
    .in_flight = sink_in_flight,
    .split = sink_split,
};

/* ---- legacy mirror ---- */

static void on_mirrored(const struct http_response *r, void *ctx)
{
    bool ok = r->result == HTTP_OK && r->status >= 200 && r->status < 300;
    finish(ctx, ok ? SINK_SENT : SINK_RETRY, 0, 0);
}

bool telegram_sender_mirror(void *sender, int64_t outbox_id, const char *key,
                            const char *command_line)
{
    struct telegram_sender *s = sender;
    if (s->jobs >= s->max_in_flight || s->mirror_url == NULL)
        return false;
    command_line += *command_line == '/';
    size_t name_len = strcspn(command_line, " ");
    const char *args = command_line + name_len + strspn(command_line + name_len, " ");
    char *name TR_CLEANUP(mem_freep) = xstrndup(command_line, name_len);
    if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != name_len || name_len == 0)
        return false; /* it becomes part of a URL */
    static const char mark[] = "{command}";
    const char *at = strstr(s->mirror_url, mark);
    char *url TR_CLEANUP(mem_freep) = at == NULL
                                          ? xstrdup(s->mirror_url)
                                          : xasprintf("%.*s%s%s", (int)(at - s->mirror_url),
                                                      s->mirror_url, name, at + strlen(mark));
    struct jsonw w;
    buf_reset(&s->body);
    jsonw_init(&w, &s->body);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "command", name);
    jsonw_str(&w, "args", args);
    jsonw_object_end(&w);
    struct job *j = xalloc(sizeof(*j));
    j->sender = s;
    j->id = outbox_id;
    s->jobs++;
    char *id TR_CLEANUP(mem_freep) = xasprintf("Idempotency-Key: %s", key);
    const char *const headers[2] = {id, s->mirror_auth};
    if (post_json_with(s, url, headers, on_mirrored, j) == 0)
        return true;
    s->jobs--;
    job_free(j);
    return false;
}

/* ---- life ---- */

struct telegram_sender *telegram_sender_new(const struct telegram_sender_options *opt)
{
    TR_ASSERT(opt->base_url != NULL && opt->max_in_flight > 0);
    struct telegram_sender *s = xalloc(sizeof(*s));
    s->max_in_flight = opt->max_in_flight;
    s->pool = http_pool_new(opt->max_in_flight);
    s->data_dir = xstrdup(opt->data_dir);
    if (opt->mirror_url != NULL && opt->mirror_url[0] != 0)
        s->mirror_url = xstrndup(opt->mirror_url, URL_MAX_BYTES);
    if (opt->mirror_token != NULL && opt->mirror_token[0] != 0)
        s->mirror_auth = xasprintf("Authorization: Bearer %s", opt->mirror_token);
    buf_init(&s->body, BODY_MAX_BYTES);
    for (int bot = BOT_UNSET + 1; bot < BOT_COUNT; bot++) {
        const char *token = opt->tokens[bot];
        if (token == NULL || token[0] == 0)
            continue;
        for (int m = METHOD_UNSET + 1; m < METHOD_COUNT; m++) {
            char url[TELEGRAM_URL_CAP];
            bool fits = telegram_url(url, opt->base_url, token, method_names[m]);
            TR_ASSERT(fits); /* both were checked with the configuration */
            s->urls[bot][m] = xstrdup(url);
            hash_wipe(url, sizeof(url));
        }
    }
    return s;
}

void telegram_sender_bind(struct telegram_sender *s, struct notify *n)
{
    TR_ASSERT(s->notify == NULL && n != NULL);
    s->notify = n;
}

struct telegram_sender *telegram_sender_free(struct telegram_sender *s)
{
    if (s == NULL)
        return NULL;
    s->is_closing = true;
    http_pool_free(s->pool);
    TR_ASSERT(s->jobs == 0);
    for (int bot = 0; bot < BOT_COUNT; bot++)
        for (int m = 0; m < METHOD_COUNT; m++) {
            if (s->urls[bot][m] != NULL)
                hash_wipe(s->urls[bot][m], strlen(s->urls[bot][m]));
            mem_free(s->urls[bot][m]);
        }
    if (s->mirror_auth != NULL)
        hash_wipe(s->mirror_auth, strlen(s->mirror_auth));
    mem_free(s->mirror_auth);
    mem_free(s->mirror_url);
    mem_free(s->data_dir);
    buf_deinit(&s->body);
    return mem_free(s);
}
