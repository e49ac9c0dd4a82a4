/* notify/places.h: where things are in chats, by their Telegram ids: the message of a live card,
 * the message that told an entry, the topic of a trader or strategy. Kept in places.db beside
 * notify.db. Nothing of it is needed to trade: when the file is lost, cards and topics are made
 * anew and exits no longer answer their entries. Sender thread only; a failing file is logged once
 * and forgotten. */
#ifndef TRIDENT_NOTIFY_PLACES_H
#define TRIDENT_NOTIFY_PLACES_H

#include "model/user.h"
#include "store/schema.h"

#define PLACES_KEY_CAP     96
#define PLACES_EXTRA_CAP   96
#define PLACES_ENTRIES_MAX 20000 /* the oldest entries are forgotten */

enum place_kind {
    PLACE_NONE = 0,
    PLACE_CARD,   /* key: kind of card; id: message; extra: "<thread> <trader>" */
    PLACE_ENTRY,  /* key: "<trader>:p<position>", "<trader>:<receipt>"; id: message */
    PLACE_TOPIC,  /* key: what it is about; id: thread */
    PLACE_TOPICS, /* key "": the chat has topics; extra: "trader" or "strategy" */
    PLACE_KIND_COUNT
};

struct place_at {
    enum place_kind kind;
    enum bot_id bot; /* BOT_UNSET: the chat's, whichever bot */
    int64_t chat_id;
    const char *key;
};

struct places;

struct schema places_tables(void);
TR_MUST_USE int places_open(const char *path, struct places **ret);
struct places *places_close(struct places *p); /* NULL; returns NULL */
/* 0 when there is none. ret_extra may be NULL. */
int64_t places_get(struct places *p, const struct place_at *at, char ret_extra[PLACES_EXTRA_CAP]);
bool places_has(struct places *p, const struct place_at *at, char ret_extra[PLACES_EXTRA_CAP]);
void places_set(struct places *p, const struct place_at *at, int64_t id, const char *extra);
void places_remove(struct places *p, const struct place_at *at);
/* The topic with this thread id was deleted. */
void places_remove_topic(struct places *p, int64_t chat_id, int64_t thread_id);
/* A group became a supergroup: message ids begin anew there. */
void places_migrate(struct places *p, int64_t from, int64_t to);
typedef void (*places_visit_fn)(void *ctx, const struct place_at *at, int64_t id,
                                const char *extra);
void places_visit(struct places *p, enum place_kind kind, places_visit_fn visit, void *ctx);

#endif
