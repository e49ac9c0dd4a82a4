/* bots/staleness.h: is a command too old to be executed, and the one summary for those that are.
 *
 * Age. Two clocks bound it, the smaller wins: wall clock minus the message's date (10 s of
 * tolerance), and the monotonic time since this bot last saw its queue empty, because what was not
 * there then has been sent since. So a jumping wall clock never makes a fresh command stale. A date
 * in the future is fresh.
 *
 * Limits by class (spec telegram fault 24): a change 60 s, a danger 30 s, reading 10 min; what
 * makes things safer (pause, panic) is done whatever its age, for Telegram keeps nothing longer
 * than 24 h anyway.
 *
 * Summary. After an outage the stale commands of a chat are counted by name; while the backlog goes
 * on each batch only leaves a quiet row in the journal, at its end the chat gets one message. Owned
 * by one bot thread; bounded. */
#ifndef TRIDENT_BOTS_STALENESS_H
#define TRIDENT_BOTS_STALENESS_H

#include "core/buf.h"
#include "model/command.h"

#define STALENESS_TOLERANCE_MS 10000
#define STALENESS_READ_MS      (10 * 60 * 1000)
#define STALENESS_CHANGE_MS    60000
#define STALENESS_DANGER_MS    30000
#define STALENESS_CHATS_MAX    64
#define STALENESS_NAMES_MAX    12

/* idle_bound_ms: monotonic time since the queue was last seen empty; negative = never seen. */
int64_t staleness_age_ms(int64_t wall_ms, int64_t date_ms, int64_t idle_bound_ms);
bool staleness_is_stale(int64_t age_ms, int max_age_ms); /* max_age_ms 0 = any age */

struct stale_chat {
    int64_t chat_id;     /* 0 = free */
    struct command last; /* the newest stale command: addresses the summary; no body */
    uint32_t total;
    bool in_batch;     /* grew in the batch under way */
    int64_t oldest_ms; /* greatest age */
    struct {
        char name[COMMAND_NAME_CAP];
        uint32_t times;
    } names[STALENESS_NAMES_MAX];
    uint32_t others;
};

struct stale_table {
    struct stale_chat chats[STALENESS_CHATS_MAX];
    size_t count;
};

/* c is not kept. False when the table is full: the caller says nothing for this chat. */
bool stale_table_add(struct stale_table *t, const struct command *c, int64_t age_ms);
/* "/status x40, /close, and 3 others" as plain text. */
void stale_chat_list(const struct stale_chat *c, struct buf *out);
void stale_table_remove(struct stale_table *t, size_t i);

#endif
