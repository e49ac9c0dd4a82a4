/* Bots, people, chats and messages. Chats live for ever (until reset), so pointers to them are
 * stable; a message lives until the ring of its chat pushes it out. Private chats are made on first
 * use, one a (bot, person); groups are shared by all bots. Message ids rise inside a chat, so the
 * ring is sorted. */
#include "sandbox/world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"

static int add_bot(struct sandbox_world *w, const struct sandbox_bot_conf *conf,
                   int64_t first_update_id)
{
    if (!conf->token || !conf->name || !conf->name[0])
        return err_raise(-EINVAL);
    int64_t id = strtoll(conf->token, NULL, 10);
    if (id <= 0 || !strchr(conf->token, ':') || sandbox_world_bot_by_name(w, conf->name))
        return err_raise(-EINVAL);
    struct sandbox_bot *b = &w->bots[w->bot_count];
    b->index = (int)w->bot_count;
    b->id = id;
    bool fits =
        str_copy(b->token, sizeof(b->token), conf->token) &&
        str_copy(b->name, sizeof(b->name), conf->name) &&
        str_copy(b->username, sizeof(b->username), conf->username ? conf->username : conf->name) &&
        str_copy(b->title, sizeof(b->title), conf->title ? conf->title : conf->name);
    if (!fits)
        return err_raise(-EINVAL);
    if (first_update_id <= 0) {
        uint32_t r = 0;
        hash_random(&r, sizeof(r));
        first_update_id = 100000000 + r % 800000000;
    }
    sandbox_backlog_init(&b->backlog, first_update_id);
    b->next_message_id = 1;
    b->last_offset = -1;
    w->bot_count++;
    return 0;
}

int sandbox_world_init(struct sandbox_world *w, const struct sandbox_options *opt)
{
    TR_ASSERT(opt->bot_count <= SANDBOX_BOTS_MAX);
    TR_ASSERT(opt->user_count <= SANDBOX_USERS_MAX && opt->group_count <= SANDBOX_GROUPS_MAX);
    memset(w, 0, sizeof(*w));
    w->people_by_id = map_new(SANDBOX_PEOPLE_MAX);
    w->chat_by_key = map_new(SANDBOX_CHATS_MAX);
    w->callbacks = xcalloc(SANDBOX_CALLBACKS_MAX, sizeof(*w->callbacks));
    hash_random(&w->callback_base, sizeof(w->callback_base));
    w->callback_base = 1000000000000000000u + w->callback_base % 8000000000000000000u;
    for (size_t i = 0; i < opt->bot_count; i++) {
        int r = add_bot(w, &opt->bots[i], opt->first_update_id);
        if (r < 0)
            return err_trace(r);
    }
    for (size_t i = 0; i < opt->user_count; i++) {
        const struct sandbox_user_conf *u = &opt->users[i];
        if (u->id <= 0 || !sandbox_world_add_person(w, u->id, u->name, u->username))
            return err_raise(-EINVAL);
    }
    for (size_t i = 0; i < opt->group_count; i++)
        if (opt->groups[i].id >= 0 ||
            !sandbox_world_add_group(w, opt->groups[i].id, opt->groups[i].title))
            return err_raise(-EINVAL);
    return 0;
}

static void message_free(struct sandbox_message *m)
{
    (void)mem_free(m->text);
    (void)mem_free(m->entities);
    (void)mem_free(m->html);
    (void)mem_free(m->keyboard);
    (void)mem_free(m->service);
    (void)mem_free(m);
}

static void chat_clear(struct sandbox_chat *c)
{
    for (size_t i = 0; i < c->count; i++)
        message_free(sandbox_chat_at(c, i));
    c->head = c->count = 0;
}

static void bot_forget(struct sandbox_bot *b)
{
    sandbox_backlog_clear(&b->backlog);
    for (size_t i = 0; i < b->setting_count; i++)
        (void)mem_free(b->settings[i].value);
    b->setting_count = 0;
    b->webhook_url[0] = '\0';
    b->logged_out = false;
}

static void files_clear(struct sandbox_world *w)
{
    for (size_t i = 0; i < SANDBOX_FILES_MAX; i++) {
        (void)mem_free(w->files[i].data);
        w->files[i] = (struct sandbox_file){0};
    }
    w->file_bytes = 0;
}

static void callbacks_clear(struct sandbox_world *w)
{
    for (size_t i = 0; w->callbacks && i < SANDBOX_CALLBACKS_MAX; i++) {
        (void)mem_free(w->callbacks[i].text);
        w->callbacks[i] = (struct sandbox_callback){0};
    }
}

void sandbox_world_reset(struct sandbox_world *w)
{
    for (size_t i = 0; i < w->bot_count; i++) {
        TR_ASSERT(!w->bots[i].poll);
        bot_forget(&w->bots[i]);
    }
    for (size_t i = 0; i < w->chat_count; i++) {
        chat_clear(w->chats[i]);
        w->chats[i]->access = SANDBOX_ACCESS_OPEN;
        w->chats[i]->kicked = 0;
    }
    files_clear(w);
    callbacks_clear(w);
    w->seq++;
}

void sandbox_world_deinit(struct sandbox_world *w)
{
    for (size_t i = 0; i < w->bot_count; i++) {
        bot_forget(&w->bots[i]);
        sandbox_backlog_deinit(&w->bots[i].backlog);
    }
    for (size_t i = 0; i < w->chat_count; i++) {
        chat_clear(w->chats[i]);
        (void)mem_free(w->chats[i]->ring);
        (void)mem_free(w->chats[i]);
    }
    (void)mem_free(w->chats);
    for (size_t i = 0; i < w->person_count; i++)
        (void)mem_free(w->people[i]);
    files_clear(w);
    callbacks_clear(w);
    (void)mem_free(w->callbacks);
    (void)map_free(w->people_by_id);
    (void)map_free(w->chat_by_key);
    memset(w, 0, sizeof(*w));
}

struct sandbox_bot *sandbox_world_bot_by_token(struct sandbox_world *w, const char *token,
                                               size_t len)
{
    for (size_t i = 0; i < w->bot_count; i++)
        if (strlen(w->bots[i].token) == len && memcmp(w->bots[i].token, token, len) == 0)
            return &w->bots[i];
    return NULL;
}

struct sandbox_bot *sandbox_world_bot_by_name(struct sandbox_world *w, const char *name)
{
    if (!name)
        return NULL;
    if (name[0] == '@')
        name++;
    for (size_t i = 0; i < w->bot_count; i++)
        if (str_ieq(w->bots[i].name, name) || str_ieq(w->bots[i].username, name))
            return &w->bots[i];
    return NULL;
}

struct sandbox_person *sandbox_world_person(const struct sandbox_world *w, int64_t id)
{
    return id > 0 ? map_get(w->people_by_id, (uint64_t)id) : NULL;
}

struct sandbox_person *sandbox_world_person_by_name(const struct sandbox_world *w, const char *name)
{
    for (size_t i = 0; name && name[0] && i < w->person_count; i++)
        if (str_ieq(w->people[i]->name, name) || str_ieq(w->people[i]->username, name))
            return w->people[i];
    return NULL;
}

struct sandbox_person *sandbox_world_add_person(struct sandbox_world *w, int64_t id,
                                                const char *name, const char *username)
{
    TR_ASSERT(id > 0);
    struct sandbox_person *p = sandbox_world_person(w, id);
    if (!p) {
        if (w->person_count == SANDBOX_PEOPLE_MAX)
            return NULL;
        p = xalloc(sizeof(*p));
        p->id = id;
        if (!map_put(w->people_by_id, (uint64_t)id, p))
            return mem_free(p);
        w->people[w->person_count++] = p;
    }
    (void)str_copy(p->name, sizeof(p->name), name && name[0] ? name : "Someone");
    (void)str_copy(p->username, sizeof(p->username), username ? username : "");
    return p;
}

/* Ids fit 52 bits; bot indexes 0..15 and 255 (groups) the rest. */
static uint64_t chat_map_key(int bot, int64_t id)
{
    return bot < 0 ? ((uint64_t)-id << 8) | 0xff : ((uint64_t)id << 8) | (uint64_t)bot;
}

static struct sandbox_chat *add_chat(struct sandbox_world *w, int bot, int64_t id)
{
    if (w->chat_count == SANDBOX_CHATS_MAX)
        return NULL;
    struct sandbox_chat *c = xalloc(sizeof(*c));
    c->id = id;
    c->bot = bot;
    c->last_bot = -1;
    c->next_message_id = 1;
    if (!map_put(w->chat_by_key, chat_map_key(bot, id), c))
        return mem_free(c);
    if (w->chat_count == w->chat_cap) {
        size_t cap = w->chat_cap ? w->chat_cap * 2 : 64;
        struct sandbox_chat **chats = xcalloc(cap, sizeof(struct sandbox_chat *));
        if (w->chat_count > 0)
            memcpy(chats, w->chats, w->chat_count * sizeof(struct sandbox_chat *));
        (void)mem_free(w->chats);
        w->chats = chats;
        w->chat_cap = cap;
    }
    w->chats[w->chat_count++] = c;
    return c;
}

struct sandbox_chat *sandbox_world_private(struct sandbox_world *w, const struct sandbox_bot *bot,
                                           int64_t person_id)
{
    struct sandbox_person *p = sandbox_world_person(w, person_id);
    if (!p)
        return NULL;
    struct sandbox_chat *c = map_get(w->chat_by_key, chat_map_key(bot->index, person_id));
    if (!c) {
        c = add_chat(w, bot->index, person_id);
        if (!c)
            return NULL;
        c->kind = SANDBOX_CHAT_PRIVATE;
        c->person = p;
        (void)str_copy(c->title, sizeof(c->title), bot->title);
    }
    return c;
}

struct sandbox_chat *sandbox_world_group(const struct sandbox_world *w, int64_t id)
{
    return id < 0 ? map_get(w->chat_by_key, chat_map_key(-1, id)) : NULL;
}

struct sandbox_chat *sandbox_world_add_group(struct sandbox_world *w, int64_t id, const char *title)
{
    TR_ASSERT(id < 0);
    struct sandbox_chat *c = sandbox_world_group(w, id);
    if (!c)
        c = add_chat(w, -1, id);
    if (!c)
        return NULL;
    c->kind = id <= -1000000000000 ? SANDBOX_CHAT_SUPERGROUP : SANDBOX_CHAT_GROUP;
    (void)str_copy(c->title, sizeof(c->title), title && title[0] ? title : "Group");
    return c;
}

struct sandbox_chat *sandbox_world_chat_of(struct sandbox_world *w, const struct sandbox_bot *bot,
                                           int64_t chat_id)
{
    return chat_id < 0 ? sandbox_world_group(w, chat_id) : sandbox_world_private(w, bot, chat_id);
}

void sandbox_chat_key(const struct sandbox_world *w, const struct sandbox_chat *c,
                      char out[SANDBOX_CHAT_KEY_CAP])
{
    if (c->kind == SANDBOX_CHAT_PRIVATE)
        (void)snprintf(out, SANDBOX_CHAT_KEY_CAP, "%s:%lld", w->bots[c->bot].name,
                       (long long)c->id);
    else
        (void)snprintf(out, SANDBOX_CHAT_KEY_CAP, "%lld", (long long)c->id);
}

struct sandbox_chat *sandbox_world_chat_by_name(struct sandbox_world *w, const char *key)
{
    int64_t id = 0;
    if (!key)
        return NULL;
    if (str_to_i64(key, &id))
        return sandbox_world_group(w, id);
    const char *colon = strrchr(key, ':');
    char name[64];
    if (!colon || (size_t)(colon - key) >= sizeof(name) || !str_to_i64(colon + 1, &id))
        return NULL;
    (void)str_copy(name, (size_t)(colon - key) + 1, key);
    struct sandbox_bot *bot = sandbox_world_bot_by_name(w, name);
    return bot ? sandbox_world_private(w, bot, id) : NULL;
}

struct sandbox_message *sandbox_chat_at(const struct sandbox_chat *c, size_t i)
{
    TR_ASSERT(i < c->count);
    return c->ring[(c->head + i) % c->cap];
}

static void make_room(struct sandbox_chat *c)
{
    if (c->count == SANDBOX_CHAT_MESSAGES_MAX) {
        message_free(sandbox_chat_at(c, 0));
        c->head = (c->head + 1) % c->cap;
        c->count--;
        return;
    }
    if (c->count < c->cap)
        return;
    size_t cap = c->cap ? c->cap * 4 : 16;
    cap = cap > SANDBOX_CHAT_MESSAGES_MAX ? SANDBOX_CHAT_MESSAGES_MAX : cap;
    struct sandbox_message **ring = xcalloc(cap, sizeof(struct sandbox_message *));
    for (size_t i = 0; i < c->count; i++)
        ring[i] = sandbox_chat_at(c, i);
    (void)mem_free(c->ring);
    c->ring = ring;
    c->cap = cap;
    c->head = 0;
}

struct sandbox_message *sandbox_chat_append(struct sandbox_world *w, struct sandbox_chat *c,
                                            const struct sandbox_message *from)
{
    TR_ASSERT(from->text);
    TR_ASSERT(from->media != SANDBOX_MEDIA_UNSET);
    struct sandbox_message *m = xalloc(sizeof(*m));
    *m = *from;
    int64_t *next = c->bot >= 0 ? &w->bots[c->bot].next_message_id : &c->next_message_id;
    if (m->id <= 0)
        m->id = *next;
    *next = m->id >= *next ? m->id + 1 : *next;
    make_room(c);
    TR_ASSERT(c->count < c->cap);
    c->ring[(c->head + c->count) % c->cap] = m;
    c->count++;
    if (m->bot >= 0)
        c->last_bot = m->bot;
    sandbox_chat_touch(w, c, m);
    return m;
}

void sandbox_chat_touch(struct sandbox_world *w, struct sandbox_chat *c, struct sandbox_message *m)
{
    m->seq = c->seq = ++w->seq;
}

struct sandbox_message *sandbox_chat_message(const struct sandbox_chat *c, int64_t id)
{
    size_t low = 0, high = c->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        struct sandbox_message *m = sandbox_chat_at(c, mid);
        if (m->id == id)
            return m->deleted ? NULL : m;
        if (m->id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

static struct sandbox_setting *find_setting(const struct sandbox_bot *b, const char *key)
{
    for (size_t i = 0; i < b->setting_count; i++)
        if (strcmp(b->settings[i].key, key) == 0)
            return (struct sandbox_setting *)(uintptr_t)&b->settings[i];
    return NULL;
}

const char *sandbox_setting_get(const struct sandbox_bot *b, const char *key)
{
    const struct sandbox_setting *s = find_setting(b, key);
    return s ? s->value : NULL;
}

bool sandbox_setting_set(struct sandbox_bot *b, const char *key, const char *value)
{
    struct sandbox_setting *s = find_setting(b, key);
    if (s) {
        s->value = mem_free(s->value);
        if (value)
            s->value = xstrdup(value);
        else
            *s = b->settings[--b->setting_count];
        return true;
    }
    if (!value)
        return true;
    if (b->setting_count == SANDBOX_SETTINGS_MAX)
        return false;
    s = &b->settings[b->setting_count++];
    (void)str_copy(s->key, sizeof(s->key), key);
    s->value = xstrdup(value);
    return true;
}

struct sandbox_callback *sandbox_callback_add(struct sandbox_world *w)
{
    uint64_t serial = ++w->last_callback;
    struct sandbox_callback *cb = &w->callbacks[serial % SANDBOX_CALLBACKS_MAX];
    (void)mem_free(cb->text);
    *cb = (struct sandbox_callback){.serial = serial};
    return cb;
}

struct sandbox_callback *sandbox_callback_get(struct sandbox_world *w, const char *id)
{
    int64_t n = 0;
    if (!id || !str_to_i64(id, &n) || (uint64_t)n <= w->callback_base)
        return NULL;
    uint64_t serial = (uint64_t)n - w->callback_base;
    struct sandbox_callback *cb = &w->callbacks[serial % SANDBOX_CALLBACKS_MAX];
    return cb->serial == serial ? cb : NULL;
}

void sandbox_callback_id(const struct sandbox_world *w, const struct sandbox_callback *cb,
                         char out[24])
{
    (void)snprintf(out, 24, "%llu", (unsigned long long)(w->callback_base + cb->serial));
}
