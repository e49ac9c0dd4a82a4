/* What people do: write, forward, edit, press buttons, block and unblock bots, upgrade groups. Each
 * act changes the chat, makes the updates its bots would get (privacy mode applies in groups), and
 * tells the pages. */
#include <json-c/json.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "sandbox/internal.h"
#include "sandbox/markup.h"

#define SEND_COUNT_MAX  20000
#define UPDATES_KEPT_MS ((int64_t)24 * 3600 * 1000)

static bool addressed_to(const struct sandbox_bot *b, const char *text)
{
    size_t n = strlen(b->username);
    for (const char *at = strchr(text, '@'); at; at = strchr(at + 1, '@'))
        if (strncasecmp(at + 1, b->username, n) == 0 &&
            strspn(at + 1 + n, "abcdefghijklmnopqrstuvwxyz0123456789_") == 0)
            return true;
    return false;
}

/* Privacy mode (spec 1.8): a group's bot sees commands for it, replies to it and mentions of it. */
static bool bot_sees(const struct sandbox_bot *b, const struct sandbox_chat *c,
                     const struct sandbox_message *m)
{
    if (c->bot >= 0)
        return c->bot == b->index;
    if (c->kicked & (1u << b->index))
        return false;
    const struct sandbox_message *to = m->reply_to ? sandbox_chat_message(c, m->reply_to) : NULL;
    if (m->media == SANDBOX_MEDIA_SERVICE || (to && to->bot == b->index) ||
        addressed_to(b, m->text))
        return true;
    size_t word = strcspn(m->text, " \n");
    bool plain_command = m->text[0] == '/' && !memchr(m->text, '@', word);
    return plain_command && (c->last_bot < 0 || c->last_bot == b->index);
}

static void push_message(struct sandbox_turn *t, enum sandbox_update_kind kind,
                         const struct sandbox_chat *c, const struct sandbox_message *m)
{
    struct buf payload TR_CLEANUP(buf_deinit);
    struct jsonw w;
    buf_init(&payload, SANDBOX_OUT_MAX_BYTES);
    jsonw_init(&w, &payload);
    sandbox_render_message(&w, NULL, &t->s->world, c, m);
    for (size_t i = 0; i < t->s->world.bot_count; i++) {
        struct sandbox_bot *b = &t->s->world.bots[i];
        if (bot_sees(b, c, m))
            (void)sandbox_push_update(t, b, kind, payload.data,
                                      m->date_s); /* refusals are counted there */
    }
}

static bool can_write(struct sandbox_action *a, const struct sandbox_chat *c)
{
    if (c->migrated_to)
        sandbox_action_error(a, 409, "this group was upgraded: write to the supergroup");
    else if (c->access != SANDBOX_ACCESS_OPEN)
        sandbox_action_error(a, 409, "the bot is blocked here: unblock it first");
    return !c->migrated_to && c->access == SANDBOX_ACCESS_OPEN;
}

static bool take_text(struct sandbox_action *a, struct sandbox_text *ret)
{
    char error[SANDBOX_MARKUP_ERR_CAP];
    const struct sandbox_param *p = sandbox_param(&a->params, "text");
    if (sandbox_text_parse(p ? p->value : "", p ? p->len : 0, SANDBOX_PARSE_PLAIN, NULL, ret,
                           error) != SANDBOX_MARKUP_OK) {
        sandbox_action_error(a, 400, error);
        return false;
    }
    if (ret->len == 0 || sandbox_code_points(ret->text, ret->len) > SANDBOX_TEXT_MAX) {
        sandbox_action_error(a, 400,
                             ret->len ? "text is longer than 4096 characters" : "text is empty");
        sandbox_text_deinit(ret);
        return false;
    }
    return true;
}

static void write_messages(struct sandbox_action *a, struct sandbox_chat *c,
                           struct sandbox_person *p, int64_t forward_from)
{
    struct sandbox_text text TR_CLEANUP(sandbox_text_deinit) = {.text = NULL};
    if (!can_write(a, c) || !take_text(a, &text))
        return;
    int64_t count = sandbox_param_i64(&a->params, "count", 1);
    count = count < 1 ? 1 : count > SEND_COUNT_MAX ? SEND_COUNT_MAX : count;
    struct sandbox_message *stored = NULL;
    for (int64_t i = 0; i < count; i++) {
        struct sandbox_message m = {
            .from_id = p->id,
            .bot = -1,
            .media = SANDBOX_MEDIA_TEXT,
            .date_s = sandbox_param_i64(&a->params, "date", sandbox_now_ms() / 1000),
            .reply_to = sandbox_param_i64(&a->params, "reply_to", 0),
            .thread_id = sandbox_param_i64(&a->params, "thread_id", 0),
            .forward_from = forward_from,
            .text = xstrdup(text.text),
            .entities = sandbox_entities_json(&text),
        };
        stored = sandbox_chat_append(&a->s->world, c, &m);
        sandbox_event_chat(a->turn, "message", c, stored);
        push_message(a->turn, SANDBOX_UPDATE_MESSAGE, c, stored);
    }
    TR_ASSERT(stored);
    jsonw_i64(&a->w, "message_id", stored->id);
    jsonw_i64(&a->w, "seq", stored->seq);
}

void sandbox_action_send(struct sandbox_action *a)
{
    struct sandbox_person *p = sandbox_action_person(a);
    struct sandbox_chat *c = p ? sandbox_action_chat(a, p) : NULL;
    if (c)
        write_messages(a, c, p, 0);
}

void sandbox_action_forward(struct sandbox_action *a)
{
    struct sandbox_person *p = sandbox_action_person(a);
    struct sandbox_chat *c = p ? sandbox_action_chat(a, p) : NULL;
    if (c)
        write_messages(a, c, p, sandbox_param_i64(&a->params, "from", 1));
}

void sandbox_action_edit(struct sandbox_action *a)
{
    struct sandbox_person *p = sandbox_action_person(a);
    struct sandbox_chat *c = p ? sandbox_action_chat(a, p) : NULL;
    struct sandbox_text text TR_CLEANUP(sandbox_text_deinit) = {.text = NULL};
    if (!c || !can_write(a, c))
        return;
    struct sandbox_message *m =
        sandbox_chat_message(c, sandbox_param_i64(&a->params, "message_id", 0));
    if (!m || m->bot >= 0 || m->from_id != p->id) {
        sandbox_action_error(a, 404, "this person has no such message here");
        return;
    }
    if (!take_text(a, &text))
        return;
    (void)mem_free(m->text);
    (void)mem_free(m->entities);
    m->entities = sandbox_entities_json(&text);
    m->text = TR_STEAL(text.text);
    m->edit_date_s = sandbox_now_ms() / 1000;
    sandbox_chat_touch(&a->s->world, c, m);
    sandbox_event_chat(a->turn, "edit", c, m);
    push_message(a->turn, SANDBOX_UPDATE_EDITED_MESSAGE, c, m);
    jsonw_i64(&a->w, "seq", m->seq);
}

/* ---- buttons ---- */

static bool has_button(const struct sandbox_message *m, const char *data)
{
    bool found = false;
    struct json_object *rows = NULL, *o = m->keyboard ? json_tokener_parse(m->keyboard) : NULL;
    if (json_object_object_get_ex(o, "inline_keyboard", &rows)) {
        for (size_t r = 0; r < json_object_array_length(rows); r++) {
            struct json_object *row = json_object_array_get_idx(rows, r);
            for (size_t i = 0; i < json_object_array_length(row); i++) {
                struct json_object *v = NULL;
                if (json_object_object_get_ex(json_object_array_get_idx(row, i), "callback_data",
                                              &v))
                    found = found || str_eq(json_object_get_string(v), data);
            }
        }
    }
    (void)json_object_put(o);
    return found;
}

/* m NULL: the message is gone, the update carries an InaccessibleMessage. */
static void push_callback(struct sandbox_action *a, struct sandbox_bot *b, struct sandbox_chat *c,
                          const struct sandbox_person *p, const struct sandbox_message *m)
{
    struct sandbox_callback *cb = sandbox_callback_add(&a->s->world);
    struct buf payload TR_CLEANUP(buf_deinit);
    struct jsonw w;
    char id[24];
    cb->bot = b->index;
    cb->chat_id = c->id;
    cb->message_id = sandbox_param_i64(&a->params, "message_id", 0);
    cb->from_id = p->id;
    cb->created_ms = sandbox_now_ms();
    sandbox_callback_id(&a->s->world, cb, id);
    buf_init(&payload, SANDBOX_OUT_MAX_BYTES);
    jsonw_init(&w, &payload);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "id", id);
    sandbox_render_person(&w, "from", p);
    if (m) {
        sandbox_render_message(&w, "message", &a->s->world, c, m);
    } else {
        jsonw_object_begin(&w, "message");
        sandbox_render_chat(&w, "chat", c);
        jsonw_i64(&w, "message_id", cb->message_id);
        jsonw_i64(&w, "date", 0);
        jsonw_object_end(&w);
    }
    jsonw_str(&w, "chat_instance", "8374650193847561029");
    jsonw_str(&w, "data", sandbox_param_text(&a->params, "data"));
    jsonw_object_end(&w);
    bool sent = sandbox_push_update(a->turn, b, SANDBOX_UPDATE_CALLBACK_QUERY, payload.data, 0);
    jsonw_str(&a->w, "callback_id", id);
    jsonw_bool(&a->w, "delivered", sent);
    jsonw_i64(&a->w, "seq", a->s->world.seq);
}

void sandbox_action_press(struct sandbox_action *a)
{
    struct sandbox_person *p = sandbox_action_person(a);
    struct sandbox_chat *c = p ? sandbox_action_chat(a, p) : NULL;
    const char *data = sandbox_param_text(&a->params, "data");
    bool force = sandbox_param_bool(&a->params, "force");
    if (!c)
        return;
    const struct sandbox_message *m =
        sandbox_chat_message(c, sandbox_param_i64(&a->params, "message_id", 0));
    struct sandbox_bot *b =
        c->bot >= 0 ? &a->s->world.bots[c->bot]
        : m && m->bot >= 0
            ? &a->s->world.bots[m->bot]
            : sandbox_world_bot_by_name(&a->s->world, sandbox_param_text(&a->params, "bot"));
    if (!data || !b)
        sandbox_action_error(a, 400, data ? "whose button? name the bot" : "data is missing");
    else if (!force && !m)
        sandbox_action_error(a, 404, "message is not known");
    else if (!force && !has_button(m, data))
        sandbox_action_error(a, 404, "the message has no button with this data");
    else
        push_callback(a, b, c, p, m);
}

/* ---- blocking, leaving, upgrading ---- */

static void push_member_change(struct sandbox_action *a, struct sandbox_bot *b,
                               const struct sandbox_chat *c, const struct sandbox_person *p,
                               const char *const status[2])
{
    struct buf payload TR_CLEANUP(buf_deinit);
    struct jsonw w;
    buf_init(&payload, 16 * 1024);
    jsonw_init(&w, &payload);
    jsonw_object_begin(&w, NULL);
    sandbox_render_chat(&w, "chat", c);
    sandbox_render_person(&w, "from", p);
    jsonw_i64(&w, "date", sandbox_now_ms() / 1000);
    for (int i = 0; i < 2; i++) {
        jsonw_object_begin(&w, i == 0 ? "old_chat_member" : "new_chat_member");
        sandbox_render_bot(&w, "user", b);
        jsonw_str(&w, "status", status[i]);
        if (strcmp(status[i], "kicked") == 0)
            jsonw_i64(&w, "until_date", 0);
        jsonw_object_end(&w);
    }
    jsonw_object_end(&w);
    (void)sandbox_push_update(a->turn, b, SANDBOX_UPDATE_MY_CHAT_MEMBER, payload.data,
                              0); /* it may not want them */
}

static void set_access(struct sandbox_action *a, bool open)
{
    static const char *const out[2] = {"member", "kicked"}, *const in[2] = {"kicked", "member"};
    struct sandbox_person *p = sandbox_action_person(a);
    struct sandbox_chat *c = p ? sandbox_action_chat(a, p) : NULL;
    const char *kind = sandbox_param_text(&a->params, "kind");
    if (!c)
        return;
    struct sandbox_bot *b =
        c->bot >= 0
            ? &a->s->world.bots[c->bot]
            : sandbox_world_bot_by_name(&a->s->world, sandbox_param_text(&a->params, "bot"));
    if (!b) {
        sandbox_action_error(a, 400, "which bot? name it");
        return;
    }
    if (c->bot < 0)
        c->kicked = open ? c->kicked & ~(1u << b->index) : c->kicked | (1u << b->index);
    else
        c->access = open                          ? SANDBOX_ACCESS_OPEN
                    : str_eq(kind, "deactivated") ? SANDBOX_ACCESS_DEACTIVATED
                                                  : SANDBOX_ACCESS_BLOCKED;
    c->seq = ++a->s->world.seq;
    sandbox_event_chat(a->turn, "chat", c, NULL);
    if (c->access != SANDBOX_ACCESS_DEACTIVATED)
        push_member_change(a, b, c, p, open ? in : out);
}

void sandbox_action_block(struct sandbox_action *a)
{
    set_access(a, false);
}

void sandbox_action_unblock(struct sandbox_action *a)
{
    set_access(a, true);
}

static void service_message(struct sandbox_action *a, struct sandbox_chat *c,
                            const struct sandbox_person *p, char *member, const char *text)
{
    struct sandbox_message m = {.from_id = p->id,
                                .bot = -1,
                                .media = SANDBOX_MEDIA_SERVICE,
                                .service = member,
                                .date_s = sandbox_now_ms() / 1000,
                                .text = xstrdup(text)};
    struct sandbox_message *stored = sandbox_chat_append(&a->s->world, c, &m);
    sandbox_event_chat(a->turn, "message", c, stored);
    push_message(a->turn, SANDBOX_UPDATE_MESSAGE, c, stored);
}

void sandbox_action_migrate(struct sandbox_action *a)
{
    struct sandbox_person *p = sandbox_action_person(a);
    struct sandbox_chat *old = p ? sandbox_action_chat(a, p) : NULL;
    if (!old)
        return;
    int64_t to = sandbox_param_i64(&a->params, "to", -1000000000000 + old->id);
    if (old->kind != SANDBOX_CHAT_GROUP || old->migrated_to || to > -1000000000000 ||
        to <= -((int64_t)1 << 52)) {
        sandbox_action_error(a, 400,
                             "only a basic group can be upgraded, to an id below -1000000000000");
        return;
    }
    struct sandbox_chat *now = sandbox_world_add_group(&a->s->world, to, old->title);
    if (!now) {
        sandbox_action_error(a, 409, "too many chats");
        return;
    }
    now->kicked = old->kicked;
    service_message(a, old, p, xasprintf("migrate_to_chat_id:%lld", (long long)to),
                    "The group became a supergroup");
    service_message(a, now, p, xasprintf("migrate_from_chat_id:%lld", (long long)old->id),
                    "The group became a supergroup");
    old->migrated_to = to;
    sandbox_event_chat(a->turn, "chat", old, NULL);
    sandbox_event_chat(a->turn, "chat", now, NULL);
    jsonw_i64(&a->w, "chat_id", to);
}

/* ---- raw updates ---- */

static bool push_verbatim(struct sandbox_action *a, struct sandbox_bot *b, struct json_object *o)
{
    struct json_object *v = NULL;
    int64_t id = b->backlog.next_id;
    int64_t expires_ms = sandbox_now_ms() + UPDATES_KEPT_MS;
    if (json_object_is_type(o, json_type_object)) {
        if (!json_object_object_get_ex(o, "update_id", &v))
            (void)json_object_object_add(o, "update_id",
                                         json_object_new_int64(id)); /* no memory: sent without */
        else if (json_object_is_type(v, json_type_int) && json_object_get_int64(v) > 0)
            id = json_object_get_int64(v);
    }
    return sandbox_push_raw(a->turn, b, id, expires_ms,
                            xstrdup(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN)));
}

void sandbox_action_updates(struct sandbox_action *a)
{
    struct sandbox_bot *b =
        sandbox_world_bot_by_name(&a->s->world, sandbox_param_text(&a->params, "bot"));
    struct json_object *list = sandbox_param_json(&a->params, "updates", NULL);
    const char *raw = sandbox_param_text(&a->params, "raw");
    size_t pushed = 0;
    if (!b) {
        sandbox_action_error(a, 404, "bot is not known");
        return;
    }
    if (raw)
        pushed += sandbox_push_raw(a->turn, b, b->backlog.next_id,
                                   sandbox_now_ms() + UPDATES_KEPT_MS, xstrdup(raw));
    else if (!json_object_is_type(list, json_type_array)) {
        sandbox_action_error(a, 400, "updates must be an array");
        return;
    }
    for (size_t i = 0; list && i < json_object_array_length(list); i++)
        pushed += push_verbatim(a, b, json_object_array_get_idx(list, i));
    jsonw_u64(&a->w, "pushed", pushed);
    jsonw_i64(&a->w, "next_update_id", b->backlog.next_id);
}
