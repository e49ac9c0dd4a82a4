/* JSON of people, chats and messages: as bots see them (Bot API objects) and as the page sees them.
 */
#include <string.h>

#include "sandbox/internal.h"

void sandbox_render_bot(struct jsonw *w, const char *key, const struct sandbox_bot *b)
{
    jsonw_object_begin(w, key);
    jsonw_i64(w, "id", b->id);
    jsonw_bool(w, "is_bot", true);
    jsonw_str(w, "first_name", b->title);
    jsonw_str(w, "username", b->username);
    jsonw_object_end(w);
}

void sandbox_render_person(struct jsonw *w, const char *key, const struct sandbox_person *p)
{
    jsonw_object_begin(w, key);
    jsonw_i64(w, "id", p->id);
    jsonw_bool(w, "is_bot", false);
    jsonw_str(w, "first_name", p->name);
    if (p->username[0])
        jsonw_str(w, "username", p->username);
    jsonw_str(w, "language_code", "en");
    jsonw_object_end(w);
}

void sandbox_render_chat(struct jsonw *w, const char *key, const struct sandbox_chat *c)
{
    jsonw_object_begin(w, key);
    jsonw_i64(w, "id", c->id);
    if (c->kind == SANDBOX_CHAT_PRIVATE) {
        TR_ASSERT(c->person);
        jsonw_str(w, "first_name", c->person->name);
        if (c->person->username[0])
            jsonw_str(w, "username", c->person->username);
        jsonw_str(w, "type", "private");
    } else {
        jsonw_str(w, "title", c->title);
        jsonw_str(w, "type", c->kind == SANDBOX_CHAT_SUPERGROUP ? "supergroup" : "group");
    }
    jsonw_object_end(w);
}

static void file_fields(struct jsonw *w, const struct sandbox_file *f)
{
    char id[48];
    sandbox_file_id(f, id);
    jsonw_str(w, "file_id", id);
    jsonw_str(w, "file_unique_id", id + 7);
    jsonw_u64(w, "file_size", f->len);
}

static void render_media(struct jsonw *w, struct sandbox_world *world,
                         const struct sandbox_message *m)
{
    const struct sandbox_file *f = sandbox_file_get(world, m->file);
    if (m->media == SANDBOX_MEDIA_PHOTO) {
        jsonw_array_begin(w, "photo");
        jsonw_object_begin(w, NULL);
        if (f) {
            file_fields(w, f);
            jsonw_i64(w, "width", f->width);
            jsonw_i64(w, "height", f->height);
        }
        jsonw_object_end(w);
        jsonw_array_end(w);
    } else if (m->media == SANDBOX_MEDIA_DOCUMENT || m->media == SANDBOX_MEDIA_VOICE) {
        jsonw_object_begin(w, m->media == SANDBOX_MEDIA_VOICE ? "voice" : "document");
        if (f) {
            file_fields(w, f);
            jsonw_str(w, "mime_type", f->mime);
            if (m->media == SANDBOX_MEDIA_VOICE)
                jsonw_i64(w, "duration", 0);
            else
                jsonw_str(w, "file_name", f->name);
        }
        jsonw_object_end(w);
    }
}

static void render_from(struct jsonw *w, struct sandbox_world *world,
                        const struct sandbox_message *m)
{
    if (m->bot >= 0) {
        sandbox_render_bot(w, "from", &world->bots[m->bot]);
        return;
    }
    const struct sandbox_person *p = sandbox_world_person(world, m->from_id);
    if (p)
        sandbox_render_person(w, "from", p);
}

static void render_forward(struct jsonw *w, struct sandbox_world *world,
                           const struct sandbox_message *m)
{
    const struct sandbox_person *p = sandbox_world_person(world, m->forward_from);
    jsonw_object_begin(w, "forward_origin");
    jsonw_str(w, "type", p ? "user" : "hidden_user");
    jsonw_i64(w, "date", m->date_s);
    if (p)
        sandbox_render_person(w, "sender_user", p);
    else
        jsonw_str(w, "sender_user_name", "Somebody");
    jsonw_object_end(w);
}

static void render_fields(struct jsonw *w, struct sandbox_world *world,
                          const struct sandbox_chat *c, const struct sandbox_message *m)
{
    bool is_text = m->media == SANDBOX_MEDIA_TEXT;
    jsonw_i64(w, "message_id", m->id);
    render_from(w, world, m);
    sandbox_render_chat(w, "chat", c);
    jsonw_i64(w, "date", m->date_s);
    if (m->edit_date_s)
        jsonw_i64(w, "edit_date", m->edit_date_s);
    if (m->thread_id) {
        jsonw_i64(w, "message_thread_id", m->thread_id);
        jsonw_bool(w, "is_topic_message", true);
    }
    if (m->forward_from)
        render_forward(w, world, m);
    render_media(w, world, m);
    if (m->media != SANDBOX_MEDIA_SERVICE && (is_text || m->text[0]))
        jsonw_str(w, is_text ? "text" : "caption", m->text);
    if (m->entities)
        jsonw_raw(w, is_text ? "entities" : "caption_entities", m->entities);
    if (m->keyboard && m->bot >= 0 && strstr(m->keyboard, "\"inline_keyboard\""))
        jsonw_raw(w, "reply_markup", m->keyboard);
}

void sandbox_render_message(struct jsonw *w, const char *key, struct sandbox_world *world,
                            const struct sandbox_chat *c, const struct sandbox_message *m)
{
    jsonw_object_begin(w, key);
    render_fields(w, world, c, m);
    const struct sandbox_message *to = m->reply_to ? sandbox_chat_message(c, m->reply_to) : NULL;
    if (to) {
        jsonw_object_begin(w, m->media == SANDBOX_MEDIA_SERVICE ? "pinned_message"
                                                                : "reply_to_message");
        render_fields(w, world, c, to);
        jsonw_object_end(w);
    }
    if (m->service) { /* "member:JSON", the one member a service message has */
        const char *colon = strchr(m->service, ':');
        char name[40];
        TR_ASSERT(colon && (size_t)(colon - m->service) < sizeof(name));
        memcpy(name, m->service, (size_t)(colon - m->service));
        name[colon - m->service] = '\0';
        jsonw_raw(w, name, colon + 1);
    }
    jsonw_object_end(w);
}

static const char *media_name(enum sandbox_media media)
{
    switch (media) {
    case SANDBOX_MEDIA_PHOTO:
        return "photo";
    case SANDBOX_MEDIA_DOCUMENT:
        return "document";
    case SANDBOX_MEDIA_VOICE:
        return "voice";
    case SANDBOX_MEDIA_SERVICE:
        return "service";
    case SANDBOX_MEDIA_TEXT:
    case SANDBOX_MEDIA_UNSET:
    case SANDBOX_MEDIA_COUNT:
        break;
    }
    return "text";
}

static void page_file(struct jsonw *w, struct sandbox_world *world, const struct sandbox_message *m)
{
    if (!m->file)
        return;
    const struct sandbox_file *f = sandbox_file_get(world, m->file);
    jsonw_object_begin(w, "file");
    jsonw_bool(w, "available", f != NULL);
    if (f) {
        char url[64];
        (void)snprintf(url, sizeof(url), "/sandbox/file/%llu", (unsigned long long)f->serial);
        jsonw_str(w, "url", url);
        jsonw_str(w, "name", f->name);
        jsonw_u64(w, "size_bytes", f->len);
        jsonw_i64(w, "width", f->width);
        jsonw_i64(w, "height", f->height);
    }
    jsonw_object_end(w);
}

void sandbox_render_page_message(struct jsonw *w, const char *key, struct sandbox_world *world,
                                 const struct sandbox_chat *c, const struct sandbox_message *m)
{
    const struct sandbox_person *p = m->bot < 0 ? sandbox_world_person(world, m->from_id) : NULL;
    jsonw_object_begin(w, key);
    jsonw_i64(w, "id", m->id);
    jsonw_i64(w, "seq", m->seq);
    jsonw_i64(w, "date", m->date_s);
    jsonw_i64(w, "edit_date", m->edit_date_s);
    jsonw_bool(w, "from_bot", m->bot >= 0);
    jsonw_i64(w, "from_id", m->from_id);
    jsonw_str(w, "from", m->bot >= 0 ? world->bots[m->bot].title : p ? p->name : "Someone");
    if (m->bot >= 0)
        jsonw_str(w, "bot", world->bots[m->bot].name);
    jsonw_str(w, "media", media_name(m->media));
    jsonw_str(w, "text", m->text);
    if (m->html)
        jsonw_str(w, "html", m->html);
    if (m->entities)
        jsonw_raw(w, "entities", m->entities);
    if (m->keyboard)
        jsonw_raw(w, "markup", m->keyboard);
    if (m->reply_to && sandbox_chat_message(c, m->reply_to))
        jsonw_i64(w, "reply_to", m->reply_to);
    if (m->forward_from)
        jsonw_bool(w, "forwarded", true);
    page_file(w, world, m);
    jsonw_bool(w, "pinned", m->pinned);
    jsonw_bool(w, "deleted", m->deleted);
    jsonw_object_end(w);
}

static const struct sandbox_message *last_visible(const struct sandbox_chat *c)
{
    for (size_t i = c->count; i-- > 0;)
        if (!sandbox_chat_at(c, i)->deleted)
            return sandbox_chat_at(c, i);
    return NULL;
}

void sandbox_render_page_chat(struct jsonw *w, const char *key, struct sandbox_world *world,
                              const struct sandbox_chat *c)
{
    char name[SANDBOX_CHAT_KEY_CAP];
    sandbox_chat_key(world, c, name);
    jsonw_object_begin(w, key);
    jsonw_str(w, "key", name);
    jsonw_str(w, "title", c->title);
    jsonw_i64(w, "chat_id", c->id);
    jsonw_str(w, "kind", c->kind == SANDBOX_CHAT_PRIVATE ? "private" : "group");
    jsonw_bool(w, "blocked", c->access != SANDBOX_ACCESS_OPEN);
    jsonw_bool(w, "migrated", c->migrated_to != 0);
    jsonw_i64(w, "seq", c->seq);
    if (c->kind == SANDBOX_CHAT_PRIVATE) {
        jsonw_str(w, "bot", world->bots[c->bot].name);
        jsonw_str(w, "username", world->bots[c->bot].username);
        const char *about = sandbox_setting_get(&world->bots[c->bot], "description:");
        if (about)
            jsonw_str(w, "about", about);
    }
    const struct sandbox_message *last = last_visible(c);
    if (last)
        sandbox_render_page_message(w, "last", world, c, last);
    jsonw_object_end(w);
}
