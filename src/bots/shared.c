/* bots/shared.c: see shared.h. What a chat chose is kept by notify.db; here is its copy. */
#include "bots/shared.h"

#include <string.h>

#include "notify/unsent.h"

void shared_init(struct shared *s, const struct bots_options *opt)
{
    TR_ASSERT(s && opt && opt->conf);
    *s = (struct shared){.opt = opt};
    mutex_init(&s->mutex);
    roles_plan(opt->conf, &s->plan);
}

void shared_deinit(struct shared *s)
{
    mutex_deinit(&s->mutex);
}

void shared_set_status(struct shared *s, enum bot_id bot, const struct bot_status *status)
{
    TR_ASSERT(bot > BOT_UNSET && bot < BOT_COUNT);
    mutex_lock(&s->mutex);
    s->status[bot] = *status;
    mutex_unlock(&s->mutex);
}

void shared_get_status(struct shared *s, struct bot_status ret[BOT_COUNT])
{
    mutex_lock(&s->mutex);
    for (int i = 0; i < BOT_COUNT; i++) {
        enum bot_id carrier = s->plan.carrier[i];
        ret[i] = s->status[carrier];
        ret[i].present = carrier != BOT_UNSET;
    }
    mutex_unlock(&s->mutex);
}

enum lang shared_lang(const struct shared *s, const struct user *u)
{
    struct engine *keeper = s->opt->traders[0].engine; /* keeps what is personal */
    struct users_person joined;
    if (s->opt->users && users_board_person(s->opt->users, u->user_id, &joined))
        return joined.lang;
    enum lang chosen = keeper ? engine_user_lang(keeper, u->user_id) : LANG_UNSET;
    return chosen != LANG_UNSET ? chosen : u->lang;
}

/* What the chat chose before this process began, as notify.db has it. */
static size_t remembered_trader(const struct shared *s, int64_t chat_id)
{
    struct rules r;
    if (s->opt->notify == NULL ||
        unsent_read_rules(notify_db_path(s->opt->notify), chat_id, &r) < 0)
        return 0;
    for (size_t i = 0; i < s->opt->trader_count; i++)
        if (strcmp(s->opt->traders[i].id, r.trader) == 0)
            return i;
    return 0; /* none was chosen, or it is gone from the configuration */
}

size_t shared_trader(struct shared *s, int64_t chat_id)
{
    size_t trader = 0;
    bool is_known = s->opt->trader_count == 1;
    mutex_lock(&s->mutex);
    size_t n = s->chat_count < SHARED_CHATS_MAX ? s->chat_count : SHARED_CHATS_MAX;
    for (size_t i = 0; i < n && !is_known; i++)
        if (s->chats[i].chat_id == chat_id) {
            is_known = true;
            trader = s->chats[i].trader;
        }
    mutex_unlock(&s->mutex);
    if (!is_known) {
        trader = remembered_trader(s, chat_id);
        shared_select_trader(s, chat_id, trader);
    }
    TR_ASSERT(trader < s->opt->trader_count);
    return trader;
}

void shared_select_trader(struct shared *s, int64_t chat_id, size_t trader)
{
    TR_ASSERT(trader < s->opt->trader_count);
    mutex_lock(&s->mutex);
    size_t n = s->chat_count < SHARED_CHATS_MAX ? s->chat_count : SHARED_CHATS_MAX;
    size_t i = 0;
    while (i < n && s->chats[i].chat_id != chat_id)
        i++;
    if (i == n)
        i = s->chat_count++ % SHARED_CHATS_MAX;
    s->chats[i].chat_id = chat_id;
    s->chats[i].trader = trader;
    mutex_unlock(&s->mutex);
}

void shared_migrated(struct shared *s, int64_t from, int64_t to)
{
    mutex_lock(&s->mutex);
    size_t n = s->migration_count < SHARED_CHATS_MAX ? s->migration_count : SHARED_CHATS_MAX;
    size_t i = 0;
    while (i < n && s->migrations[i].to != to)
        i++;
    if (i == n)
        i = s->migration_count++ % SHARED_CHATS_MAX;
    s->migrations[i].from = from;
    s->migrations[i].to = to;
    mutex_unlock(&s->mutex);
}

int64_t shared_configured_chat(struct shared *s, int64_t chat_id)
{
    mutex_lock(&s->mutex);
    size_t n = s->migration_count < SHARED_CHATS_MAX ? s->migration_count : SHARED_CHATS_MAX;
    for (size_t i = 0; i < n; i++)
        if (s->migrations[i].to == chat_id) {
            chat_id = s->migrations[i].from;
            break;
        }
    mutex_unlock(&s->mutex);
    return chat_id;
}

void shared_wait_for_code(struct shared *s, const struct shared_wait *w)
{
    TR_ASSERT(w->user_id > 0 && w->chat_id != 0);
    mutex_lock(&s->mutex);
    size_t n = s->wait_count < SHARED_WAITS_MAX ? s->wait_count : SHARED_WAITS_MAX;
    size_t i = 0;
    while (i < n && (s->waits[i].user_id != w->user_id || s->waits[i].chat_id != w->chat_id))
        i++;
    if (i == n)
        i = s->wait_count++ % SHARED_WAITS_MAX;
    s->waits[i] = *w;
    mutex_unlock(&s->mutex);
}

bool shared_waits_for_code(struct shared *s, int64_t user_id, int64_t chat_id, int64_t now_ms,
                           struct shared_wait *ret)
{
    bool found = false;
    mutex_lock(&s->mutex);
    size_t n = s->wait_count < SHARED_WAITS_MAX ? s->wait_count : SHARED_WAITS_MAX;
    for (size_t i = 0; i < n && !found; i++) {
        found = s->waits[i].user_id == user_id && s->waits[i].chat_id == chat_id &&
                s->waits[i].until_ms >= now_ms;
        if (found)
            *ret = s->waits[i];
    }
    mutex_unlock(&s->mutex);
    return found;
}
