/* Messages of bots: sendMessage, sendPhoto, sendDocument, sendVoice, edits, deletions, pins. Checks
 * come in the order of the real server: chat, reply, text, markup; then the limits; only then
 * something changes. */
#include <json-c/json.h>
#include <string.h>

#include "core/alloc.h"
#include "sandbox/internal.h"
#include "sandbox/markup.h"

#define DELETE_WINDOW_S  ((int64_t)48 * 3600)
#define PHOTO_MAX_BYTES  ((size_t)10 * 1024 * 1024)
#define FILE_MAX_BYTES   ((size_t)50 * 1024 * 1024)
#define TOKEN            INT64_C(1000000)
#define CHAT_BURST       3
#define BOT_PER_SECOND   30
#define GROUP_PER_MINUTE 20

/* ---- what the calls share ---- */

struct sandbox_chat *sandbox_call_chat(struct sandbox_call *c)
{
    const char *text = sandbox_param_text(&c->params, "chat_id");
    if (!text || !text[0]) {
        sandbox_call_error(c, 400, "Bad Request: chat_id is empty");
        return NULL;
    }
    struct sandbox_chat *chat =
        sandbox_world_chat_of(&c->s->world, c->bot, sandbox_param_i64(&c->params, "chat_id", 0));
    if (!chat) {
        sandbox_call_error(c, 400, "Bad Request: chat not found");
    } else if (chat->migrated_to) {
        sandbox_call_migrated(c, chat->migrated_to);
    } else if (chat->access == SANDBOX_ACCESS_BLOCKED) {
        sandbox_call_error(c, 403, "Forbidden: bot was blocked by the user");
    } else if (chat->access == SANDBOX_ACCESS_DEACTIVATED) {
        sandbox_call_error(c, 403, "Forbidden: user is deactivated");
    } else if (chat->kicked & (1u << c->bot->index)) {
        sandbox_call_error(c, 403, "Forbidden: bot was kicked from the %s chat",
                           chat->kind == SANDBOX_CHAT_SUPERGROUP ? "supergroup" : "group");
    } else {
        return chat;
    }
    return NULL;
}

/* 0, or after how many seconds one token will be there. A token that is nearly there counts: two
 * messages sent a second apart do not arrive a second apart to the microsecond. */
static int64_t bucket_take(struct sandbox_bucket *b, int64_t now_us, int64_t capacity,
                           int64_t per_minute)
{
    TR_ASSERT(capacity > 0 && per_minute > 0);
    int64_t full = capacity * TOKEN;
    int64_t gained = b->refilled_us ? (now_us - b->refilled_us) * per_minute / 60 : full;
    b->micro = gained > full - b->micro ? full : b->micro + gained;
    b->refilled_us = now_us;
    if (b->micro < TOKEN - TOKEN / 20)
        return ((TOKEN - b->micro) * 60 / per_minute + TOKEN - 1) / TOKEN;
    b->micro -= TOKEN;
    return 0;
}

bool sandbox_call_limits(struct sandbox_call *c, struct sandbox_chat *chat)
{
    if (!c->s->enforce_limits)
        return true;
    int64_t now_us = sandbox_now_us();
    int64_t wait_s = chat->kind == SANDBOX_CHAT_PRIVATE
                         ? bucket_take(&chat->bucket, now_us, CHAT_BURST, 60)
                         : bucket_take(&chat->bucket, now_us, GROUP_PER_MINUTE, GROUP_PER_MINUTE);
    if (wait_s == 0)
        wait_s = bucket_take(&c->bot->bucket, now_us, BOT_PER_SECOND, BOT_PER_SECOND * 60);
    if (wait_s > 0)
        sandbox_call_flood(c, wait_s);
    return wait_s == 0;
}

static bool take_text(struct sandbox_call *c, const char *name, size_t max,
                      struct sandbox_text *ret)
{
    char error[SANDBOX_MARKUP_ERR_CAP];
    const struct sandbox_param *p = sandbox_param(&c->params, name);
    const char *mode_name = sandbox_param_text(&c->params, "parse_mode");
    enum sandbox_parse_mode mode = SANDBOX_PARSE_PLAIN;
    bool caption = strcmp(name, "caption") == 0;
    if (mode_name && mode_name[0]) {
        if (!str_ieq(mode_name, "HTML")) {
            sandbox_call_error(c, 400, "Bad Request: unsupported parse_mode");
            return false;
        }
        mode = SANDBOX_PARSE_HTML;
    }
    struct json_object *entities =
        mode == SANDBOX_PARSE_PLAIN
            ? sandbox_param_json(&c->params, caption ? "caption_entities" : "entities", NULL)
            : NULL;
    if (sandbox_text_parse(p ? p->value : "", p ? p->len : 0, mode, entities, ret, error) !=
        SANDBOX_MARKUP_OK) {
        sandbox_call_error(c, 400, "Bad Request: %s", error);
        return false;
    }
    if (!caption && ret->len == 0)
        sandbox_call_error(c, 400, "Bad Request: message text is empty");
    else if (sandbox_code_points(ret->text, ret->len) > max)
        sandbox_call_error(c, 400,
                           caption ? "Bad Request: message caption is too long"
                                   : "Bad Request: message is too long");
    else
        return true;
    sandbox_text_deinit(ret);
    return false;
}

static bool take_reply(struct sandbox_call *c, const struct sandbox_chat *chat,
                       int64_t *ret_reply_to)
{
    int64_t id = sandbox_param_i64(&c->params, "reply_to_message_id", 0);
    bool lenient = sandbox_param_bool(&c->params, "allow_sending_without_reply");
    struct json_object *o = sandbox_param_json(&c->params, "reply_parameters", NULL), *v = NULL;
    if (json_object_is_type(o, json_type_object)) {
        id = json_object_object_get_ex(o, "message_id", &v) ? json_object_get_int64(v) : 0;
        lenient = json_object_object_get_ex(o, "allow_sending_without_reply", &v) &&
                  json_object_get_boolean(v);
    }
    *ret_reply_to = 0;
    if (id == 0)
        return true;
    if (sandbox_chat_message(chat, id))
        *ret_reply_to = id;
    else if (!lenient)
        sandbox_call_error(c, 400, "Bad Request: message to be replied not found");
    return *ret_reply_to != 0 || lenient;
}

static bool take_thread(struct sandbox_call *c, const struct sandbox_chat *chat,
                        int64_t *ret_thread_id)
{
    *ret_thread_id = sandbox_param_i64(&c->params, "message_thread_id", 0);
    if (*ret_thread_id == 0 || (chat->kind == SANDBOX_CHAT_SUPERGROUP && *ret_thread_id > 1))
        return true;
    sandbox_call_error(
        c, 400,
        "Bad Request: message thread not found"); /* 1 too: General is addressed by omission */
    return false;
}

static char *html_source(const struct sandbox_call *c, const char *name)
{
    return str_ieq(sandbox_param_text(&c->params, "parse_mode"), "HTML")
               ? xstrdup(sandbox_param_text(&c->params, name))
               : NULL;
}

static void announce(struct sandbox_call *c, const char *event, struct sandbox_chat *chat,
                     struct sandbox_message *m)
{
    sandbox_event_chat(c->turn, event, chat, m);
    sandbox_waits_check(c->turn, chat, m);
}

/* ---- sending ---- */

static void send_any(struct sandbox_call *c, struct sandbox_chat *chat, enum sandbox_media media,
                     uint64_t file)
{
    bool is_text = media == SANDBOX_MEDIA_TEXT;
    const char *field = is_text ? "text" : "caption";
    struct sandbox_text text TR_CLEANUP(sandbox_text_deinit) = {.text = NULL};
    struct sandbox_message m = {
        .from_id = c->bot->id, .bot = c->bot->index, .media = media, .file = file};
    if (!take_thread(c, chat, &m.thread_id) || !take_reply(c, chat, &m.reply_to) ||
        !take_text(c, field, is_text ? SANDBOX_TEXT_MAX : SANDBOX_CAPTION_MAX, &text) ||
        !sandbox_call_markup(c, &m.keyboard))
        return;
    if (!sandbox_call_limits(c, chat)) {
        (void)mem_free(m.keyboard);
        return;
    }
    m.date_s = sandbox_now_ms() / 1000;
    m.entities = sandbox_entities_json(&text);
    m.html = html_source(c, field);
    m.text = TR_STEAL(text.text);
    struct sandbox_message *stored = sandbox_chat_append(&c->s->world, chat, &m);
    c->bot->sent++;
    announce(c, "message", chat, stored);
    sandbox_render_message(&c->w, "result", &c->s->world, chat, stored);
}

void sandbox_method_send_message(struct sandbox_call *c)
{
    struct sandbox_chat *chat = sandbox_call_chat(c);
    if (chat)
        send_any(c, chat, SANDBOX_MEDIA_TEXT, 0);
}

static bool photo_acceptable(struct sandbox_call *c, const struct sandbox_param *p)
{
    int width = 0, height = 0;
    if (!sandbox_image_size((const unsigned char *)p->value, p->len, &width, &height)) {
        sandbox_call_error(c, 400, "Bad Request: IMAGE_PROCESS_FAILED");
        return false;
    }
    int low = width < height ? width : height, high = width < height ? height : width;
    if (low <= 0 || width + height > 10000 || high > low * 20) {
        sandbox_call_error(c, 400, "Bad Request: PHOTO_INVALID_DIMENSIONS");
        return false;
    }
    return true;
}

/* The uploaded part: the parameter itself or the one attach:// names. NULL: not an upload. */
static const struct sandbox_param *find_upload(const struct sandbox_call *c, const char *name)
{
    const struct sandbox_param *p = sandbox_param(&c->params, name);
    if (p && !p->file && str_starts(p->value, "attach://"))
        p = sandbox_param(&c->params, p->value + strlen("attach://"));
    return p && p->file ? p : NULL;
}

/* 0: the error is written. */
static uint64_t take_file(struct sandbox_call *c, const char *name, enum sandbox_media media)
{
    const struct sandbox_param *p = find_upload(c, name);
    if (!p) {
        uint64_t serial = sandbox_file_serial(sandbox_param_text(&c->params, name));
        const struct sandbox_file *f = sandbox_file_get(&c->s->world, serial);
        if (f && f->kind == media)
            return serial;
        if (!sandbox_param(&c->params, name))
            sandbox_call_error(c, 400, "Bad Request: there is no %s in the request", name);
        else
            sandbox_call_error(c, 400,
                               "Bad Request: wrong file_id or the file is temporarily unavailable");
        return 0;
    }
    if (p->len == 0 || p->len > (media == SANDBOX_MEDIA_PHOTO ? PHOTO_MAX_BYTES : FILE_MAX_BYTES)) {
        sandbox_call_error(c, 400,
                           p->len ? "Bad Request: file is too big"
                                  : "Bad Request: file must be non-empty");
        return 0;
    }
    if (media == SANDBOX_MEDIA_PHOTO && !photo_acceptable(c, p))
        return 0;
    struct sandbox_upload up = {.kind = media,
                                .name = p->file->file_name,
                                .mime = p->file->content_type,
                                .data = p->value,
                                .len = p->len};
    uint64_t serial = sandbox_file_add(&c->s->world, &up);
    if (serial == 0)
        sandbox_call_error(c, 400, "Bad Request: file is too big");
    return serial;
}

static void send_file(struct sandbox_call *c, const char *name, enum sandbox_media media)
{
    struct sandbox_chat *chat = sandbox_call_chat(c);
    uint64_t file = chat ? take_file(c, name, media) : 0;
    if (file)
        send_any(c, chat, media, file);
}

void sandbox_method_send_photo(struct sandbox_call *c)
{
    send_file(c, "photo", SANDBOX_MEDIA_PHOTO);
}

void sandbox_method_send_document(struct sandbox_call *c)
{
    send_file(c, "document", SANDBOX_MEDIA_DOCUMENT);
}

void sandbox_method_send_voice(struct sandbox_call *c)
{
    send_file(c, "voice", SANDBOX_MEDIA_VOICE);
}

void sandbox_method_send_chat_action(struct sandbox_call *c)
{
    struct sandbox_chat *chat = sandbox_call_chat(c);
    if (!chat)
        return;
    const char *action = sandbox_param_text(&c->params, "action");
    if (!action || !action[0]) {
        sandbox_call_error(c, 400, "Bad Request: wrong parameter action in request");
        return;
    }
    struct buf data TR_CLEANUP(buf_deinit);
    struct jsonw w;
    char key[SANDBOX_CHAT_KEY_CAP];
    buf_init(&data, 4096);
    jsonw_init(&w, &data);
    sandbox_chat_key(&c->s->world, chat, key);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "chat", key);
    jsonw_strn(&w, "action", action, strnlen(action, 40));
    jsonw_object_end(&w);
    sandbox_event(c->turn, "action", &data);
    jsonw_bool(&c->w, "result", true);
}

/* ---- editing ---- */

/* The bot's own message; NULL: the error is written. */
static struct sandbox_message *edited_message(struct sandbox_call *c,
                                              const struct sandbox_chat *chat)
{
    int64_t id = sandbox_param_i64(&c->params, "message_id", 0);
    struct sandbox_message *m = sandbox_chat_message(chat, id);
    if (id == 0)
        sandbox_call_error(c, 400, "Bad Request: message identifier is not specified");
    else if (!m)
        sandbox_call_error(c, 400, "Bad Request: message to edit not found");
    else if (m->bot != c->bot->index || m->media == SANDBOX_MEDIA_SERVICE)
        sandbox_call_error(c, 400, "Bad Request: message can't be edited");
    else
        return m;
    return NULL;
}

static void edit_commit(struct sandbox_call *c, struct sandbox_chat *chat,
                        struct sandbox_message *m)
{
    m->edit_date_s = sandbox_now_ms() / 1000;
    sandbox_chat_touch(&c->s->world, chat, m);
    c->bot->edited++;
    announce(c, "edit", chat, m);
    sandbox_render_message(&c->w, "result", &c->s->world, chat, m);
}

static void not_modified(struct sandbox_call *c)
{
    sandbox_call_error(
        c, 400,
        "Bad Request: message is not modified: specified new message content and reply markup are "
        "exactly the same as a current content and reply markup of the message");
}

static void replace(char **field, char *value)
{
    (void)mem_free(*field);
    *field = value;
}

static void edit_content(struct sandbox_call *c, const char *field)
{
    struct sandbox_chat *chat = sandbox_call_chat(c);
    struct sandbox_message *m = chat ? edited_message(c, chat) : NULL;
    struct sandbox_text text TR_CLEANUP(sandbox_text_deinit) = {.text = NULL};
    bool is_text = strcmp(field, "text") == 0;
    char *keyboard TR_CLEANUP(mem_freep) = NULL;
    if (!m)
        return;
    if (is_text != (m->media == SANDBOX_MEDIA_TEXT)) {
        sandbox_call_error(c, 400, "Bad Request: there is no %s in the message to edit", field);
        return;
    }
    if (!take_text(c, field, is_text ? SANDBOX_TEXT_MAX : SANDBOX_CAPTION_MAX, &text) ||
        !sandbox_call_markup(c, &keyboard))
        return;
    char *entities TR_CLEANUP(mem_freep) = sandbox_entities_json(&text);
    if (str_eq(m->text, text.text) &&
        str_eq(m->entities ? m->entities : "", entities ? entities : "") &&
        str_eq(m->keyboard ? m->keyboard : "", keyboard ? keyboard : "")) {
        not_modified(c);
        return;
    }
    if (!sandbox_call_limits(c, chat))
        return;
    replace(&m->text, TR_STEAL(text.text));
    replace(&m->entities, TR_STEAL(entities));
    replace(&m->keyboard, TR_STEAL(keyboard));
    replace(&m->html, html_source(c, field));
    edit_commit(c, chat, m);
}

void sandbox_method_edit_text(struct sandbox_call *c)
{
    edit_content(c, "text");
}

void sandbox_method_edit_caption(struct sandbox_call *c)
{
    edit_content(c, "caption");
}

void sandbox_method_edit_markup(struct sandbox_call *c)
{
    struct sandbox_chat *chat = sandbox_call_chat(c);
    struct sandbox_message *m = chat ? edited_message(c, chat) : NULL;
    char *keyboard TR_CLEANUP(mem_freep) = NULL;
    if (!m || !sandbox_call_markup(c, &keyboard))
        return;
    if (str_eq(m->keyboard ? m->keyboard : "", keyboard ? keyboard : "")) {
        not_modified(c);
        return;
    }
    if (!sandbox_call_limits(c, chat))
        return;
    replace(&m->keyboard, TR_STEAL(keyboard));
    edit_commit(c, chat, m);
}

void sandbox_method_delete_message(struct sandbox_call *c)
{
    struct sandbox_chat *chat = sandbox_call_chat(c);
    if (!chat)
        return;
    struct sandbox_message *m =
        sandbox_chat_message(chat, sandbox_param_i64(&c->params, "message_id", 0));
    if (!m) {
        sandbox_call_error(c, 400, "Bad Request: message to delete not found");
        return;
    }
    bool own = m->bot == c->bot->index || chat->kind == SANDBOX_CHAT_PRIVATE;
    if (!own || sandbox_now_ms() / 1000 - m->date_s > DELETE_WINDOW_S) {
        sandbox_call_error(c, 400, "Bad Request: message can't be deleted");
        return;
    }
    m->deleted = true;
    sandbox_chat_touch(&c->s->world, chat, m);
    sandbox_event_chat(c->turn, "delete", chat, m);
    jsonw_bool(&c->w, "result", true);
}

/* ---- pins ---- */

static void pinned_service_message(struct sandbox_call *c, struct sandbox_chat *chat,
                                   int64_t pinned_id)
{
    struct sandbox_message m = {.from_id = c->bot->id,
                                .bot = c->bot->index,
                                .media = SANDBOX_MEDIA_SERVICE,
                                .date_s = sandbox_now_ms() / 1000,
                                .reply_to = pinned_id,
                                .text = xasprintf("%s pinned a message", c->bot->title)};
    struct sandbox_message *stored = sandbox_chat_append(&c->s->world, chat, &m);
    sandbox_event_chat(c->turn, "message", chat, stored);
    struct buf payload TR_CLEANUP(buf_deinit);
    struct jsonw w;
    buf_init(&payload, SANDBOX_OUT_MAX_BYTES);
    jsonw_init(&w, &payload);
    sandbox_render_message(&w, NULL, &c->s->world, chat, stored);
    (void)sandbox_push_update(c->turn, c->bot, SANDBOX_UPDATE_MESSAGE, payload.data,
                              0); /* it may not want them */
}

void sandbox_method_pin(struct sandbox_call *c)
{
    struct sandbox_chat *chat = sandbox_call_chat(c);
    if (!chat)
        return;
    struct sandbox_message *m =
        sandbox_chat_message(chat, sandbox_param_i64(&c->params, "message_id", 0));
    if (!m) {
        sandbox_call_error(c, 400, "Bad Request: message to pin not found");
        return;
    }
    if (!m->pinned) {
        m->pinned = true;
        sandbox_chat_touch(&c->s->world, chat, m);
        sandbox_event_chat(c->turn, "edit", chat, m);
        pinned_service_message(c, chat, m->id);
    }
    jsonw_bool(&c->w, "result", true);
}

static void unpin(struct sandbox_call *c, struct sandbox_chat *chat, struct sandbox_message *m)
{
    m->pinned = false;
    sandbox_chat_touch(&c->s->world, chat, m);
    sandbox_event_chat(c->turn, "edit", chat, m);
}

void sandbox_method_unpin(struct sandbox_call *c)
{
    struct sandbox_chat *chat = sandbox_call_chat(c);
    if (!chat)
        return;
    int64_t id = sandbox_param_i64(&c->params, "message_id", 0);
    struct sandbox_message *found = NULL;
    for (size_t i = chat->count; i-- > 0 && !found;) { /* without an id: the newest pinned one */
        struct sandbox_message *m = sandbox_chat_at(chat, i);
        if (!m->deleted && m->pinned && (id == 0 || m->id == id))
            found = m;
    }
    if (!found) {
        sandbox_call_error(c, 400, "Bad Request: message to unpin not found");
        return;
    }
    unpin(c, chat, found);
    jsonw_bool(&c->w, "result", true);
}

void sandbox_method_unpin_all(struct sandbox_call *c)
{
    struct sandbox_chat *chat = sandbox_call_chat(c);
    if (!chat)
        return;
    for (size_t i = 0; i < chat->count; i++)
        if (sandbox_chat_at(chat, i)->pinned)
            unpin(c, chat, sandbox_chat_at(chat, i));
    jsonw_bool(&c->w, "result", true);
}
