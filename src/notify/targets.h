/* notify/targets.h: who gets notifications and what they chose not to hear. The configured chats,
 * with subscriptions and mutes kept in notify.db on top. Sender thread only. */
#ifndef TRIDENT_NOTIFY_TARGETS_H
#define TRIDENT_NOTIFY_TARGETS_H

#include "notify/outbox.h"

#define TARGETS_MAX    256
#define MIGRATIONS_MAX 256

struct target {
    int64_t chat_id, thread_id;
    enum role role;
    enum lang lang;
    enum lang chosen_lang; /* by command, stored; LANG_UNSET: lang is the configured one */
    bool subscribed;
    uint64_t muted; /* bit per enum event_type */
};

struct targets {
    struct target items[TARGETS_MAX];
    size_t count;
    struct {
        int64_t from, to;
    } migrations[MIGRATIONS_MAX];
    size_t migration_count;
};

/* Configured targets, then everything stored. Also used to forget what a rolled back transaction
 * did. */
TR_MUST_USE int targets_load(struct targets *t, const struct notify_options *opt, struct outbox *o);
/* A SUBSCRIPTION event: "subscribe", "unsubscribe", "mute <type|all>", "unmute <type|all>",
 * "language <en|hinglish>" for e->chat_id; other texts are ignored. Choosing a language subscribes
 * nobody. Writes the outbox: needs a transaction. */
TR_MUST_USE int targets_apply(struct targets *t, struct outbox *o, const struct event *e);
/* Chat ids of a group that became a supergroup; needs a transaction. */
TR_MUST_USE int targets_migrate(struct targets *t, struct outbox *o, int64_t from, int64_t to);
int64_t targets_resolve(const struct targets *t, int64_t chat_id); /* follows migrations */
enum lang targets_lang(const struct targets *t, int64_t chat_id);  /* LANG_EN for strangers */
/* The event reaches this target's chat at all: subscribed and not muted, or critical. */
bool target_wants(const struct target *t, enum event_type type);

#endif
