/* notify/schedule.h: which message goes next. One queue per (bot, chat) with four lanes, at most
 * one message of it in flight; pacing per chat and per bot; pauses. Only the first messages of a
 * queue are in memory (SCHEDULE_ROWS_MAX over all), the rest is counted and loaded from the outbox
 * when its turn comes. Time comes in as monotonic microseconds. Sender thread only. */
#ifndef TRIDENT_NOTIFY_SCHEDULE_H
#define TRIDENT_NOTIFY_SCHEDULE_H

#include "notify/outbox.h"

#define SCHEDULE_ROWS_MAX  512   /* loaded rows, beyond them one per queue whose turn it is */
#define SCHEDULE_CHATS_MAX 16384 /* queues in memory; more wait in the outbox */

struct schedule;
struct schedule_chat;

struct schedule_options {
    int per_chat_per_s, per_chat_burst, per_group_per_min, per_bot_per_s;
    bool limits_off;
    /* The rows after `after` (bot, chat_id, lane, id) in order as a linked list (outbox_load). */
    int (*load)(void *ctx, const struct outbox_row *after, int limit, struct outbox_row **ret);
    /* Reports the outbox's count of each lane of (bot, chat) through schedule_set_stored(). */
    void (*count)(void *ctx, enum bot_id bot, int64_t chat_id);
    void *ctx;
};

struct schedule *schedule_new(const struct schedule_options *opt);
struct schedule *schedule_free(struct schedule *s); /* NULL; returns NULL */

/* Takes r, which must already be in the outbox (or have a negative id: memory only). */
void schedule_add(struct schedule *s, struct outbox_row *r, int64_t now_us);
/* At start and after a purge: this lane has `count` rows in the outbox, none in memory. */
void schedule_set_stored(struct schedule *s, enum bot_id bot, int64_t chat_id,
                         enum notify_lane lane, int64_t count, int64_t now_us);
/* True when queues were left out for lack of room and there is room now: call set_stored for all.
 */
bool schedule_wants_recount(struct schedule *s);
bool schedule_has_chat(const struct schedule *s, enum bot_id bot, int64_t chat_id);
/* Forgets everything waiting for (bot, chat) but a message in flight. Returns how many of the rows
 * were in memory only. */
size_t schedule_purge(struct schedule *s, enum bot_id bot, int64_t chat_id, int64_t now_us);

/* The next message whose time has come, or NULL. The chat is then in flight until one of done,
 * retry or untake. */
struct schedule_chat *schedule_take(struct schedule *s, int64_t now_us,
                                    struct outbox_row **ret_row);
void schedule_untake(struct schedule *s, struct schedule_chat *c); /* the sink had no room */
void schedule_done(struct schedule *s, struct schedule_chat *c, int64_t now_us); /* row freed */
/* The row goes back to the head of its queue, which pauses. */
void schedule_retry(struct schedule *s, struct schedule_chat *c, int64_t pause_us, int64_t now_us);
struct outbox_row *schedule_flying(const struct schedule_chat *c);
bool schedule_is_flying(const struct schedule *s, enum bot_id bot, int64_t chat_id);

void schedule_pause_bot(struct schedule *s, enum bot_id bot, int64_t until_us);
/* Failing: only one probe in flight at a time, until it is lifted. */
void schedule_set_probing(struct schedule *s, enum bot_id bot, bool probing);
/* When schedule_take() can next give something; INT64_MAX when only new rows or results can. */
int64_t schedule_due_us(const struct schedule *s, int64_t now_us);
size_t schedule_loaded(const struct schedule *s); /* rows in memory */

#endif
