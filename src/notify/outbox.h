/* notify/outbox.h: notify.db: messages not yet delivered, watermarks, and what people chose. SQLite
 * with synchronous NORMAL: the journal is the truth, a power cut costs at most a repeat. Sender
 * thread only. Functions that write need outbox_begin(). Failures are negative and leave the
 * transaction to the caller. */
#ifndef TRIDENT_NOTIFY_OUTBOX_H
#define TRIDENT_NOTIFY_OUTBOX_H

#include "notify/notify.h"
#include "notify/places.h"
#include "store/schema.h"

struct outbox;

/* A message in memory. Strings are owned by it. */
struct outbox_row {
    int64_t id; /* > 0 in the database; < 0: an alarm that lives in memory only */
    enum bot_id bot;
    enum notify_lane lane;
    int64_t chat_id, thread_id, reply_to, edit_id;
    char *callback_id, *callback_text, *html, *keyboard, *photo; /* NULL = none */
    int64_t pin_id; /* in memory only: pins this message */
    char *topic;    /* in memory only: makes this topic */
    bool silent;    /* no sound when it arrives */
    int64_t created_ms;
    uint64_t ref; /* row of the journal at its origin (receipt), for the log; 0 = of none */
    char *trader; /* whose journal; NULL = of none */
    int attempts;
    bool maybe; /* an earlier try may have arrived */
    bool plain; /* send as plain text */
    struct outbox_row *next;
};
struct outbox_row *outbox_row_free(struct outbox_row *r); /* NULL; returns NULL */

struct schema outbox_tables(void);
/* A damaged file is set aside and an empty one made. */
TR_MUST_USE int outbox_open(const char *path, struct outbox **ret);
const char *
outbox_set_aside(const struct outbox *o);      /* new name of the damaged file; NULL = none */
struct outbox *outbox_close(struct outbox *o); /* NULL; returns NULL */

TR_MUST_USE int outbox_begin(struct outbox *o);
TR_MUST_USE int outbox_commit(struct outbox *o);
void outbox_rollback(struct outbox *o);
bool outbox_is_writing(const struct outbox *o); /* between begin and commit */
void outbox_checkpoint(struct outbox *o,
                       bool idle); /* moves a long WAL into the file; outside of writing */

/* ---- messages ---- */
TR_MUST_USE int outbox_insert(struct outbox *o, struct outbox_row *r); /* sets r->id, growing */
TR_MUST_USE int outbox_delete(struct outbox *o, int64_t id, int64_t *ret_count);
TR_MUST_USE int outbox_delete_chat(struct outbox *o, enum bot_id bot, int64_t chat_id,
                                   int64_t *ret_count);
TR_MUST_USE int outbox_note_try(struct outbox *o, int64_t id, int attempts, bool maybe);
/* After a process that did not stop cleanly: the first message of every queue may have been sent.
 */
TR_MUST_USE int outbox_mark_heads(struct outbox *o);
/* The next messages of one queue in order, a linked list in *ret (NULL when none). Edits that a
 * newer edit of the same message supersedes come without html and keyboard. */
TR_MUST_USE int outbox_load(struct outbox *o, const struct outbox_row *after, int limit,
                            struct outbox_row **ret); /* after: bot, chat_id, lane, id */
typedef void (*outbox_count_fn)(void *ctx, enum bot_id bot, int64_t chat_id, enum notify_lane lane,
                                int64_t count);
TR_MUST_USE int outbox_count_all(struct outbox *o, outbox_count_fn visit, void *ctx);
TR_MUST_USE int outbox_count_chat(struct outbox *o, enum bot_id bot, int64_t chat_id,
                                  outbox_count_fn visit, void *ctx);
int64_t outbox_total(struct outbox *o);
int64_t outbox_oldest_ms(struct outbox *o); /* 0 = empty */

/* ---- state ---- */
TR_MUST_USE int outbox_get_watermark(struct outbox *o, const char *trader, uint64_t *ret_seq,
                                     bool *ret_found);
TR_MUST_USE int outbox_set_watermark(struct outbox *o, const char *trader, uint64_t seq);
bool outbox_was_clean(struct outbox *o); /* the last process said goodbye */
TR_MUST_USE int outbox_set_clean(struct outbox *o, bool clean);
TR_MUST_USE int outbox_set_suspended(struct outbox *o, enum bot_id bot, int64_t chat_id,
                                     bool suspended);
/* chat ids everywhere; message ids of the old chat mean nothing in the new one. */
TR_MUST_USE int outbox_migrate(struct outbox *o, int64_t old_chat_id, int64_t new_chat_id);
struct outbox_target {
    int64_t chat_id;
    bool subscribed;
    enum lang lang; /* chosen by command; LANG_UNSET = not chosen */
    bool is_member; /* of the directory of users: then its role and language there */
    enum role role;
    enum lang member_lang;
};
TR_MUST_USE int outbox_set_target(struct outbox *o, const struct outbox_target *t);
TR_MUST_USE int outbox_forget_target(struct outbox *o, int64_t chat_id); /* with its choices */
/* lines: statements of notify/rules.h, one a line; they replace those before. */
TR_MUST_USE int outbox_set_choices(struct outbox *o, int64_t chat_id, const char *lines);
struct outbox_throttle {
    int type, reason;
    char symbol[SYMBOL_CAP];
    int64_t count;
    int64_t since_ms;
};
TR_MUST_USE int outbox_save_throttle(struct outbox *o, const struct outbox_throttle *t);
TR_MUST_USE int outbox_drop_throttle(struct outbox *o, const struct outbox_throttle *t);

/* Messages held together instead of sent one by one (notify/collect.h). */
enum collect_kind { COLLECT_UNSET = 0, COLLECT_BURST, COLLECT_DIGEST, COLLECT_KIND_COUNT };
struct outbox_box {
    enum collect_kind kind;
    enum bot_id bot;
    int64_t chat_id;
    int64_t since_ms;           /* of its oldest event */
    char topic[PLACES_KEY_CAP]; /* in a forum: which topic it is told in (notify/live.h); "" none */
};

/* Everything stored, for start and after a rollback; members may be NULL. */
struct outbox_visitor {
    void *ctx;
    void (*suspended)(void *ctx, enum bot_id bot, int64_t chat_id);
    void (*migrated)(void *ctx, int64_t old_chat_id, int64_t new_chat_id);
    void (*target)(void *ctx, const struct outbox_target *t);
    void (*choice)(void *ctx, int64_t chat_id, const char *statement);
    void (*box)(void *ctx, const struct outbox_box *box);
    void (*throttle)(void *ctx, const struct outbox_throttle *t);
};
TR_MUST_USE int outbox_visit_state(struct outbox *o, const struct outbox_visitor *v);

#endif
