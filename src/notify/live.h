/* notify/live.h: what stays in a chat. Live cards (status, positions, the pinned header) are
 * messages that are edited while what they show changes: at most every LIVE_INTERVAL (a group four
 * times as rarely), never when the text is the same, one edit of a card under way at a time,
 * through the same queues and limits as every other message. A card that was deleted is made anew
 * by the sender. Topics: in a forum each trader or strategy gets its own, made when its first
 * message comes. Exits answer the message of their entry. Started, moved and ended by journaled
 * events; ids are kept in places.db. Sender thread only. */
#ifndef TRIDENT_NOTIFY_LIVE_H
#define TRIDENT_NOTIFY_LIVE_H

#include "notify/outbox.h"
#include "notify/places.h"

#define LIVE_CARDS_MAX       64
#define LIVE_INTERVAL_US     INT64_C(3000000)
#define LIVE_HEADER_US       INT64_C(30000000)
#define LIVE_GROUP_FACTOR    4
#define LIVE_FAILED_PAUSE_US INT64_C(60000000)
#define LIVE_LOST_US         INT64_C(120000000) /* an edit nobody heard of again */
#define LIVE_LINKS_MAX       1024               /* entries and exits on their way */
#define LIVE_TOPICS_MAX      32                 /* topics being made */
#define LIVE_TOPIC_NAME_CAP  65

struct notify;
struct live;

TR_MUST_USE int live_open(const char *db_path, struct live **ret); /* path of notify.db */
struct live *live_close(struct live *l);                           /* NULL; returns NULL */

/* A SUBSCRIPTION event of ours: "card <kind> <bot> <thread> <trader>", "card <kind> off", "topics
 * trader|strategy|off". False: not ours. */
bool live_apply(struct notify *n, const struct event *e);
void live_turn(struct notify *n); /* puts edits that are due into the queues */
int64_t live_due_us(const struct notify *n);
/* A message was delivered with this id (a topic: its thread). Before its result. */
void live_on_id(struct notify *n, const struct outbox_row *row, int64_t id);
void live_on_result(struct notify *n, const struct outbox_row *row, enum sink_result r);
void live_on_thread_gone(struct notify *n, const struct outbox_row *row);
void live_forget(struct notify *n, int64_t chat_id); /* its cards end */
void live_on_migrated(struct notify *n, int64_t from, int64_t to);

/* Which topic of the chat is about e of this trader: "" = the general one. */
void live_topic(struct notify *n, int64_t chat_id, const char *trader, const struct event *e,
                char ret[PLACES_KEY_CAP]);
/* The thread of that topic; asks for it when there is none yet: 0 until then. */
int64_t live_thread(struct notify *n, const struct outbox_row *row, const char *topic);
/* A staged row tells this event: an entry is remembered, an exit will answer it. */
void live_note_row(struct notify *n, const struct outbox_row *row, const char *trader,
                   const struct event *e);
/* The message the row answers; 0 = none. */
int64_t live_reply_to(struct notify *n, const struct outbox_row *row);

#endif
