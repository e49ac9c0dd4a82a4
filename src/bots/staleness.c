#include "bots/staleness.h"

#include <string.h>

#include "core/alloc.h"

int64_t staleness_age_ms(int64_t wall_ms, int64_t date_ms, int64_t idle_bound_ms)
{
    int64_t age_ms = wall_ms - date_ms - STALENESS_TOLERANCE_MS;
    if (idle_bound_ms >= 0 && idle_bound_ms < age_ms)
        age_ms = idle_bound_ms;
    return age_ms > 0 ? age_ms : 0;
}

bool staleness_is_stale(int64_t age_ms, int max_age_ms)
{
    TR_ASSERT(age_ms >= 0 && max_age_ms >= 0);
    return max_age_ms > 0 && age_ms > max_age_ms;
}

static struct stale_chat *chat_of(struct stale_table *t, int64_t chat_id)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->chats[i].chat_id == chat_id)
            return &t->chats[i];
    if (t->count == STALENESS_CHATS_MAX)
        return NULL;
    struct stale_chat *chat = &t->chats[t->count++];
    *chat = (struct stale_chat){.chat_id = chat_id};
    return chat;
}

static void count_name(struct stale_chat *chat, const char *name)
{
    for (size_t i = 0; i < STALENESS_NAMES_MAX; i++) {
        if (chat->names[i].times == 0)
            (void)str_copy(chat->names[i].name, sizeof chat->names[i].name, name); /* same cap */
        if (strcmp(chat->names[i].name, name) == 0) {
            chat->names[i].times++;
            return;
        }
    }
    chat->others++;
}

bool stale_table_add(struct stale_table *t, const struct command *c, int64_t age_ms)
{
    TR_ASSERT(t && c);
    TR_ASSERT(t->count <= STALENESS_CHATS_MAX);
    TR_ASSERT(c->chat_id != 0);
    struct stale_chat *chat = chat_of(t, c->chat_id);
    if (!chat)
        return false;
    chat->last = *c;
    chat->last.body = NULL;
    chat->total++;
    chat->in_batch = true;
    if (age_ms > chat->oldest_ms)
        chat->oldest_ms = age_ms;
    count_name(chat, c->name);
    return true;
}

void stale_chat_list(const struct stale_chat *c, struct buf *out)
{
    TR_ASSERT(c && out);
    for (size_t i = 0; i < STALENESS_NAMES_MAX && c->names[i].times > 0; i++) {
        buf_printf(out, "%s/%s", i > 0 ? ", " : "", c->names[i].name);
        if (c->names[i].times > 1)
            buf_printf(out, " ×%u", c->names[i].times);
    }
    if (c->others > 0)
        buf_printf(out, ", … %u", c->others);
}

void stale_table_remove(struct stale_table *t, size_t i)
{
    TR_ASSERT(t && i < t->count);
    t->chats[i] = t->chats[t->count - 1];
    t->chats[t->count - 1] = (struct stale_chat){0};
    t->count--;
}
