/* bots/shared.h: the little the bot threads share: what is known of each bot, which trader a chat
 * talks about, and chats that got a new id. One mutex, held only for copies. Any thread. */
#ifndef TRIDENT_BOTS_SHARED_H
#define TRIDENT_BOTS_SHARED_H

#include "bots/bots.h"
#include "bots/button.h"
#include "bots/roles.h"
#include "core/mutex.h"

#define SHARED_CHATS_MAX 256
#define SHARED_WAITS_MAX 64

/* A confirmation that goes on when this person has sent a one-time code. */
struct shared_wait {
    int64_t user_id, chat_id, until_ms;
    char name[COMMAND_NAME_CAP];
    char token[BUTTON_ARG_CAP]; /* confirm_token.h */
};

/* lock: docs/LOCKING.md "bots shared", a leaf. (c) constant after init, (l) the lock. */
struct shared {
    const struct bots_options *opt; /* (c) */
    struct roles_plan plan;         /* (c) */
    struct mutex mutex;
    struct bot_status status[BOT_COUNT] TR_GUARDED_BY(mutex); /* (l) by poller */
    struct {
        int64_t chat_id;
        size_t trader;
    } chats[SHARED_CHATS_MAX] TR_GUARDED_BY(mutex); /* (l) ring: the oldest choice is forgotten */
    size_t chat_count TR_GUARDED_BY(mutex);
    struct {
        int64_t from, to;
    } migrations[SHARED_CHATS_MAX] TR_GUARDED_BY(mutex);
    size_t migration_count TR_GUARDED_BY(mutex);
    struct shared_wait waits[SHARED_WAITS_MAX] TR_GUARDED_BY(mutex); /* (l) ring */
    size_t wait_count TR_GUARDED_BY(mutex);
};

void shared_init(struct shared *s, const struct bots_options *opt);
void shared_deinit(struct shared *s);
void shared_set_status(struct shared *s, enum bot_id bot, const struct bot_status *status);
/* By role: a role carried by another bot shows that bot's state. */
void shared_get_status(struct shared *s, struct bot_status ret[BOT_COUNT]);
/* What the person chose by /language, else what the configuration says. */
enum lang shared_lang(const struct shared *s, const struct user *u);
/* The newest wait of this person in this chat replaces the one before. */
void shared_wait_for_code(struct shared *s, const struct shared_wait *w);
bool shared_waits_for_code(struct shared *s, int64_t user_id, int64_t chat_id, int64_t now_ms,
                           struct shared_wait *ret);
/* 0 unless the chat chose another. Not known yet: looks it up in notify.db, which may block. */
size_t shared_trader(struct shared *s, int64_t chat_id);
void shared_select_trader(struct shared *s, int64_t chat_id, size_t trader);
/* A group became a supergroup: its configured id stays the old one. */
void shared_migrated(struct shared *s, int64_t from, int64_t to);
int64_t shared_configured_chat(struct shared *s, int64_t chat_id);

#endif
