/* notify/unsent.h: what was not sent to whom and why, for /why_silent: the newest UNSENT_MAX of all
 * chats, in notify.db. Written by the sender thread in its transaction; read by any thread through
 * a connection of its own, which may block for the disk. */
#ifndef TRIDENT_NOTIFY_UNSENT_H
#define TRIDENT_NOTIFY_UNSENT_H

#include "notify/outbox.h"
#include "notify/rules.h"

#define UNSENT_MAX 20000

struct unsent {
    int64_t chat_id; /* 0: of everybody (counted repeats) */
    int64_t time_ms;
    uint64_t seq, cause_seq;
    enum event_type type;
    enum verdict verdict;
    char symbol[SYMBOL_CAP];
    char rule[RULES_PATTERN_CAP]; /* the pattern that decided, "" = none */
};

TR_MUST_USE int unsent_add(struct outbox *o, const struct unsent *u);

typedef void (*unsent_fn)(void *ctx, const struct unsent *u);
/* The newest `limit` that concern the chat, newest first; number > 0: only those of this number. */
TR_MUST_USE int unsent_read(const char *db_path, int64_t chat_id, uint64_t number, int limit,
                            unsent_fn visit, void *ctx);
/* What the chat chose, as far as the journal is routed. */
TR_MUST_USE int unsent_read_rules(const char *db_path, int64_t chat_id, struct rules *ret);

#endif
