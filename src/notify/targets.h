/* notify/targets.h: who gets notifications and what they chose to hear. The configured chats, then
 * the members of the directory (events of the engine), with subscriptions and choices kept in
 * notify.db on top. Sender thread only. */
#ifndef TRIDENT_NOTIFY_TARGETS_H
#define TRIDENT_NOTIFY_TARGETS_H

#include "core/map.h"
#include "notify/outbox.h"
#include "notify/rules.h"

#define TARGETS_MAX    20000
#define MIGRATIONS_MAX 256

struct target {
    int64_t chat_id, thread_id;
    enum role role;
    enum lang lang;
    enum lang chosen_lang; /* by command, stored; LANG_UNSET: lang is the configured one */
    bool subscribed;
    bool is_outlet;                /* NOTIFY_CHAT_WEBHOOK, NOTIFY_CHAT_EMAIL */
    bool is_configured, is_member; /* a member of the directory: stored with its role */
    struct rules *rules;           /* NULL: nothing chosen */
    /* Boxes that wait in notify.db (notify/collect.h). */
    unsigned burst_bots;     /* 1 << bot: has a burst box */
    int64_t burst_full_us;   /* pace of its cards: when all may be sent at once again */
    unsigned digest_bots;    /* 1 << bot: has a digest box */
    int64_t digest_since_ms; /* of the oldest event in one */
};

struct targets {
    struct target *items;
    size_t count, capacity;
    struct map *index; /* chat id -> place in items, from 1 */
    struct {
        int64_t from, to;
    } migrations[MIGRATIONS_MAX];
    size_t migration_count;
    size_t burst_count, digest_count; /* targets with such a box */
};

/* Configured targets, then everything stored. Also used to forget what a rolled back transaction
 * did. */
TR_MUST_USE int targets_load(struct targets *t, const struct notify_options *opt, struct outbox *o);
void targets_deinit(struct targets *t);
/* A SUBSCRIPTION event for e->chat_id: "subscribe", "unsubscribe", "language <en|hinglish>",
 * "member <role> <en|hinglish>", "removed", or a statement of notify/rules.h; other texts are
 * ignored. Choosing a language or a rule subscribes nobody. Writes the outbox: needs a transaction.
 */
TR_MUST_USE int targets_apply(struct targets *t, struct outbox *o, const struct event *e);
/* Chat ids of a group that became a supergroup; needs a transaction. */
TR_MUST_USE int targets_migrate(struct targets *t, struct outbox *o, int64_t from, int64_t to);
int64_t targets_resolve(const struct targets *t, int64_t chat_id);     /* follows migrations */
enum lang targets_lang(const struct targets *t, int64_t chat_id);      /* LANG_EN for strangers */
struct target *targets_find(const struct targets *t, int64_t chat_id); /* NULL: none */
/* A box of it was begun or got more; was emptied. */
void targets_note_box(struct targets *t, struct target *who, const struct outbox_box *box);
void targets_forget_box(struct targets *t, struct target *who, enum collect_kind kind,
                        enum bot_id bot);

#endif
