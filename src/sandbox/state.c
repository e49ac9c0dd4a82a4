/* The snapshot: one JSON file with people, groups, chats, messages, pending updates and settings,
 * so that a demo can be stopped and started again. Uploaded files and callback queries are not part
 * of it. Reading is tolerant: what does not fit is left out, a foreign file is an error. */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "sandbox/internal.h"

#define STATE_VERSION   1
#define STATE_MAX_BYTES ((size_t)512 * 1024 * 1024)
#define STATE_DEPTH     32

/* ---- writing ---- */

static void write_bot(struct jsonw *w, const struct sandbox_bot *b)
{
    jsonw_object_begin(w, NULL);
    jsonw_str(w, "name", b->name);
    jsonw_i64(w, "next_update_id", b->backlog.next_id);
    jsonw_i64(w, "next_message_id", b->next_message_id);
    jsonw_i64(w, "allowed", b->allowed);
    jsonw_str(w, "webhook_url", b->webhook_url);
    jsonw_array_begin(w, "settings");
    for (size_t i = 0; i < b->setting_count; i++) {
        jsonw_object_begin(w, NULL);
        jsonw_str(w, "key", b->settings[i].key);
        jsonw_str(w, "value", b->settings[i].value);
        jsonw_object_end(w);
    }
    jsonw_array_end(w);
    jsonw_array_begin(w, "updates");
    for (size_t i = 0; i < b->backlog.count; i++) {
        const struct sandbox_update *u = &b->backlog.items[(b->backlog.head + i) % b->backlog.cap];
        jsonw_object_begin(w, NULL);
        jsonw_i64(w, "id", u->id);
        jsonw_i64(w, "expires_ms", u->expires_ms);
        jsonw_str(w, "json", u->json);
        jsonw_object_end(w);
    }
    jsonw_array_end(w);
    jsonw_object_end(w);
}

static void write_message(struct jsonw *w, const struct sandbox_message *m, int64_t sender)
{
    jsonw_object_begin(w, NULL);
    jsonw_i64(w, "id", m->id);
    jsonw_i64(w, "date", m->date_s);
    jsonw_i64(w, "edit_date", m->edit_date_s);
    jsonw_i64(w, "from", m->from_id);
    jsonw_i64(w, "bot", sender);
    jsonw_i64(w, "thread", m->thread_id);
    jsonw_i64(w, "reply_to", m->reply_to);
    jsonw_i64(w, "forward", m->forward_from);
    jsonw_i64(w, "media", m->media);
    jsonw_u64(w, "file", m->file);
    jsonw_bool(w, "pinned", m->pinned);
    jsonw_bool(w, "deleted", m->deleted);
    jsonw_str(w, "text", m->text);
    jsonw_str(w, "entities", m->entities);
    jsonw_str(w, "html", m->html);
    jsonw_str(w, "keyboard", m->keyboard);
    jsonw_str(w, "service", m->service);
    jsonw_object_end(w);
}

static void write_chat(struct jsonw *w, const struct sandbox_world *world,
                       const struct sandbox_chat *c)
{
    char key[SANDBOX_CHAT_KEY_CAP];
    sandbox_chat_key(world, c, key);
    jsonw_object_begin(w, NULL);
    jsonw_str(w, "key", key);
    jsonw_str(w, "title", c->title);
    jsonw_i64(w, "access", c->access);
    jsonw_i64(w, "kicked", c->kicked);
    jsonw_i64(w, "migrated_to", c->migrated_to);
    jsonw_i64(w, "next_message_id", c->next_message_id);
    jsonw_array_begin(w, "messages");
    for (size_t i = 0; i < c->count; i++)
        write_message(w, sandbox_chat_at(c, i), sandbox_chat_at(c, i)->bot);
    jsonw_array_end(w);
    jsonw_object_end(w);
}

void sandbox_state_write(struct sandbox *s, struct buf *out)
{
    struct jsonw w;
    const struct sandbox_world *world = &s->world;
    mutex_assert_held(&s->lock);
    TR_ASSERT(out->len == 0);
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_i64(&w, "trident_sandbox", STATE_VERSION);
    jsonw_i64(&w, "seq", world->seq);
    jsonw_u64(&w, "last_file", world->last_file);
    jsonw_array_begin(&w, "people");
    for (size_t i = 0; i < world->person_count; i++) {
        jsonw_object_begin(&w, NULL);
        jsonw_i64(&w, "id", world->people[i]->id);
        jsonw_str(&w, "name", world->people[i]->name);
        jsonw_str(&w, "username", world->people[i]->username);
        jsonw_object_end(&w);
    }
    jsonw_array_end(&w);
    jsonw_array_begin(&w, "bots");
    for (size_t i = 0; i < world->bot_count; i++)
        write_bot(&w, &world->bots[i]);
    jsonw_array_end(&w);
    jsonw_array_begin(&w, "chats");
    for (size_t i = 0; i < world->chat_count; i++)
        write_chat(&w, world, world->chats[i]);
    jsonw_array_end(&w);
    jsonw_object_end(&w);
}

/* ---- reading ---- */

static struct json_object *member(struct json_object *o, const char *name)
{
    struct json_object *v = NULL;
    return json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, name, &v)
               ? v
               : NULL;
}

static int64_t number(struct json_object *o, const char *name)
{
    return json_object_get_int64(member(o, name));
}

static const char *text(struct json_object *o, const char *name)
{
    struct json_object *v = member(o, name);
    return json_object_is_type(v, json_type_string) ? json_object_get_string(v) : NULL;
}

static size_t list(struct json_object *o, const char *name, struct json_object **ret)
{
    *ret = member(o, name);
    return json_object_is_type(*ret, json_type_array) ? json_object_array_length(*ret) : 0;
}

static void read_bot(struct sandbox_world *world, struct json_object *o)
{
    struct sandbox_bot *b = sandbox_world_bot_by_name(world, text(o, "name"));
    struct json_object *items = NULL;
    if (!b)
        return;
    size_t n = list(o, "settings", &items);
    for (size_t i = 0; i < n; i++) {
        struct json_object *one = json_object_array_get_idx(items, i);
        if (text(one, "key") && text(one, "value"))
            (void)sandbox_setting_set(b, text(one, "key"),
                                      text(one, "value")); /* too many: left out */
    }
    n = list(o, "updates", &items);
    for (size_t i = 0; i < n; i++) {
        struct json_object *one = json_object_array_get_idx(items, i);
        if (text(one, "json"))
            (void)sandbox_backlog_push(&b->backlog, number(one, "id"), number(one, "expires_ms"),
                                       xstrdup(text(one, "json")));
    }
    if (number(o, "next_update_id") > 0)
        b->backlog.next_id = number(o, "next_update_id");
    if (number(o, "next_message_id") > 0)
        b->next_message_id = number(o, "next_message_id");
    b->allowed = (uint32_t)number(o, "allowed");
    (void)str_copy(b->webhook_url, sizeof(b->webhook_url),
                   text(o, "webhook_url") ? text(o, "webhook_url") : "");
}

static void read_message(struct sandbox_world *world, struct sandbox_chat *c, struct json_object *o)
{
    int64_t media = number(o, "media"), bot = number(o, "bot");
    if (!text(o, "text") || media <= SANDBOX_MEDIA_UNSET || media >= SANDBOX_MEDIA_COUNT ||
        number(o, "id") <= 0 || bot >= (int64_t)world->bot_count)
        return;
    struct sandbox_message m = {
        .id = number(o, "id"),
        .date_s = number(o, "date"),
        .edit_date_s = number(o, "edit_date"),
        .from_id = number(o, "from"),
        .bot = bot < 0 ? -1 : (int)bot,
        .thread_id = number(o, "thread"),
        .reply_to = number(o, "reply_to"),
        .forward_from = number(o, "forward"),
        .media = (enum sandbox_media)media,
        .file = (uint64_t)number(o, "file"),
        .pinned = json_object_get_boolean(member(o, "pinned")),
        .deleted = json_object_get_boolean(member(o, "deleted")),
        .text = xstrdup(text(o, "text")),
        .entities = xstrdup(text(o, "entities")),
        .html = xstrdup(text(o, "html")),
        .keyboard = xstrdup(text(o, "keyboard")),
        .service = xstrdup(text(o, "service")),
    };
    (void)sandbox_chat_append(world, c, &m);
}

static void read_chat(struct sandbox_world *world, struct json_object *o)
{
    int64_t id = 0;
    const char *key = text(o, "key");
    struct json_object *items = NULL;
    if (key && str_to_i64(key, &id) && id < 0)
        (void)sandbox_world_add_group(world, id, text(o, "title")); /* looked up below */
    struct sandbox_chat *c = sandbox_world_chat_by_name(world, key);
    if (!c)
        return;
    size_t n = list(o, "messages", &items);
    for (size_t i = 0; i < n; i++)
        read_message(world, c, json_object_array_get_idx(items, i));
    int64_t access = number(o, "access");
    c->access = access > 0 && access < SANDBOX_ACCESS_COUNT ? (enum sandbox_access)access
                                                            : SANDBOX_ACCESS_OPEN;
    c->kicked = (uint32_t)number(o, "kicked");
    c->migrated_to = number(o, "migrated_to");
    if (number(o, "next_message_id") > c->next_message_id)
        c->next_message_id = number(o, "next_message_id");
}

static void read_world(struct sandbox_world *world, struct json_object *root)
{
    struct json_object *items = NULL;
    size_t n = list(root, "people", &items);
    for (size_t i = 0; i < n; i++) {
        struct json_object *o = json_object_array_get_idx(items, i);
        if (number(o, "id") > 0 && !sandbox_world_person(world, number(o, "id")))
            (void)sandbox_world_add_person(world, number(o, "id"), text(o, "name"),
                                           text(o, "username")); /* full: left out */
    }
    n = list(root, "chats", &items);
    for (size_t i = 0; i < n; i++)
        read_chat(world, json_object_array_get_idx(items, i));
    n = list(root, "bots", &items);
    for (size_t i = 0; i < n; i++)
        read_bot(world, json_object_array_get_idx(items, i));
    world->last_file = (uint64_t)number(root, "last_file");
    if (number(root, "seq") > world->seq)
        world->seq = number(root, "seq");
}

int sandbox_state_load(struct sandbox *s, const char *path)
{
    struct buf file TR_CLEANUP(buf_deinit);
    TR_ASSERT(path && path[0]);
    buf_init(&file, STATE_MAX_BYTES);
    if (!file_exists(path))
        return 0;
    int r = file_read(path, &file);
    if (r < 0)
        return err_trace(r);
    struct json_tokener *tok = json_tokener_new_ex(STATE_DEPTH);
    struct json_object *root = tok ? json_tokener_parse_ex(tok, file.data, (int)file.len) : NULL;
    bool ours = number(root, "trident_sandbox") == STATE_VERSION;
    if (ours)
        read_world(&s->world, root);
    (void)json_object_put(root);
    if (tok)
        json_tokener_free(tok);
    return ours ? 0 : err_raise(-EINVAL);
}
