/* notify/notify.h: from journaled outputs to messages that arrive. One thread ("sender"):
 *   wake -> read journal rows after the watermark of each trader -> route events to subscribers and
 * take replies as they are -> rows in the durable outbox (notify.db) with the new watermark, one
 * transaction
 *   -> sinks send under the limits -> row deleted.
 * The journal is the truth: notify.db is a projection (synchronous NORMAL), so nothing is lost by a
 * kill, and after a power cut the worst is a repeated message, recognisable by its number. Order is
 * kept per (bot, chat); replies overtake notifications, critical overtakes all. */
#ifndef TRIDENT_NOTIFY_NOTIFY_H
#define TRIDENT_NOTIFY_NOTIFY_H

#include "core/clock.h"
#include "model/output.h"

struct notify;

enum notify_lane {
    NOTIFY_LANE_UNSET = 0,
    NOTIFY_LANE_ALARM,
    NOTIFY_LANE_REPLY,
    NOTIFY_LANE_HIGH,
    NOTIFY_LANE_LOW,
    NOTIFY_LANE_COUNT
};

/* A message in the outbox, ready for a sink. Strings are valid during the call. */
struct notify_message {
    int64_t id;      /* outbox row: ordered */
    enum bot_id bot; /* which token sends it */
    enum notify_lane lane;
    int64_t chat_id, thread_id, reply_to, edit_message_id;
    const char *callback_id, *callback_text;       /* "" = none */
    const char *html, *keyboard_json, *photo_path; /* NULL = none; without html and photo only the
                                                    * callback is answered. A path that ends in .csv
                                                    * is a document */
    int64_t pin_message_id;                        /* != 0: pins that message, nothing else */
    const char *topic_name;                        /* not NULL: makes a forum topic, nothing else */
    int64_t created_ms;
    int attempts;
    bool maybe_sent; /* an earlier try may have arrived: mark the text */
    bool silent;     /* no sound when it arrives */
};

/* Messages that are edited while they show something that changes (notify/live.h). */
enum live_kind {
    LIVE_UNSET = 0,
    LIVE_STATUS,
    LIVE_POSITIONS,
    LIVE_HEADER, /* pinned */
    LIVE_KIND_COUNT
};
const char *live_kind_name(enum live_kind k); /* "status" "positions" "header" */
bool live_kind_parse(const char *name, enum live_kind *ret);
struct live_want {
    enum live_kind kind;
    const char *trader;
    enum lang lang;
    int64_t chat_id;
    int utc_offset_min; /* the chat's; RULES_ZONE_UNSET: the trader's */
};

enum sink_result {
    SINK_UNSET = 0,
    SINK_SENT,
    SINK_RETRY,       /* certainly not delivered. retry_ms > 0: the server's own wait (429), obeyed
                       * exactly; 0: notify backs off */
    SINK_RETRY_MAYBE, /* as above; may have been delivered */
    SINK_PLAIN,       /* markup refused: resend once as plain text */
    SINK_CHAT_GONE,   /* suspend the chat */
    SINK_MIGRATED,    /* chat id changed */
    SINK_DROP,        /* never deliverable */
    SINK_BOT_DOWN,    /* this token cannot send now: keep the queue, retry after retry_ms */
    SINK_RESULT_COUNT
};

/* The transport under the sender thread: telegram/sender.c implements it; tests use a fake. */
struct sink_ops {
    /* SINK_UNSET: started, the result comes through notify_sent() from run(). SINK_RETRY: no room
     * now, ask again after run(). SINK_DROP: can never be sent. plain: strip the markup first. */
    enum sink_result (*send)(void *sink, const struct notify_message *m, bool plain);
    void (*run)(void *sink, int wait_ms); /* does I/O, waits at most wait_ms */
    void (*wake)(void *sink);             /* any thread */
    size_t (*in_flight)(void *sink);
    /* Cuts HTML into pieces that fit one message (or one caption) with room for the repeat mark.
     * Heap strings in a heap array; none when there is no text. */
    char **(*split)(const char *html, bool is_caption, size_t *ret_count);
};

#define NOTIFY_CHAT_WEBHOOK ((INT64_C(1) << 52) - 2)
#define NOTIFY_CHAT_EMAIL   ((INT64_C(1) << 52) - 3)
#define NOTIFY_CHAT_MIRROR  ((INT64_C(1) << 52) - 4) /* the legacy process, under BOT_UNSET */
#define NOTIFY_OUTLET_AGE_MS                                                                       \
    (INT64_C(24) * 3600 * 1000)       /* what an outlet could not take is dropped then */
#define NOTIFY_OUTLET_ROWS_MAX 200000 /* rows in the outbox beyond which outlets get no more */

struct notify_target { /* who gets notifications: from configuration, later changed by commands */
    int64_t chat_id;
    int64_t thread_id;
    enum role role; /* ROLE_NONE: notify-only chat */
    enum lang lang;
};

struct notify_options {
    const char *db_path;
    struct clock *clock;
    const struct sink_ops *sink;
    void *sink_ctx;
    struct notify_target *targets; /* copied */
    size_t target_count;
    bool bot_present[BOT_COUNT]; /* tokens configured; a missing bot's messages use bot_fallback */
    enum bot_id bot_fallback;    /* single-token mode; BOT_CONTROLLER by default */
    bool copy_to_legacy;         /* notifications also under the legacy token: see rules.h, side */
    int per_chat_per_s, per_chat_burst; /* 1, 3 */
    int per_group_per_min;              /* 20 */
    int per_bot_per_s;                  /* 30 */
    bool limits_off;                    /* benchmarks */
    int throttle_window_ms;             /* repeats of one cause are counted, not sent: 60 000 */
    size_t max_in_flight;               /* 32 */
    int burst_per_min;  /* cards a chat gets in any minute before they are told in short; 0 = any */
    int utc_offset_min; /* of people who chose no time zone */
    /* Sinks beside Telegram: NULL or unset = none. What they are to tell lies in the outbox like
     * any message, for these two chat ids under BOT_UNSET. Starts it and reports by
     * notify_outlet_done(); false = busy, tried again. A webhook gets every event as JSON, e-mail
     * what is critical and the digest as HTML. */
    bool (*outlet)(void *ctx, int64_t outbox_id, int64_t chat_id, bool is_alarm,
                   const char *payload);
    void *outlet_ctx;
    bool has_webhook, has_email;
    const char *data_dir; /* spoken alerts are made in its folder voice; NULL = none are */
    /* Legacy mirror: called for COMMAND_MIRROR events through the outbox, one after the other;
     * NULL = none. key names the event for ever: a repeat has the same one. Starts the call and
     * reports by notify_sent() from the sink's run(); false = cannot start now, tried again later.
     */
    bool (*mirror)(void *ctx, int64_t outbox_id, const char *key, const char *command_line);
    void *mirror_ctx;
    /* Draws a live card as it is now: HTML and the rows of its keyboard (may stay empty). False: no
     * such trader. Sender thread; must not block. NULL = no cards. */
    bool (*draw)(void *ctx, const struct live_want *want, struct buf *html, struct buf *keyboard);
    void *draw_ctx;
    /* A member of the directory has this role from row seq of the first trader on; ROLE_NONE also
     * when they are gone. Sender thread; told again after a crash. NULL = nobody asks. */
    void (*on_member)(void *ctx, int64_t id, enum role role, uint64_t seq);
    void *on_member_ctx;
};

TR_MUST_USE int notify_open(const struct notify_options *opt, struct notify **ret);
/* Before start: a trader's journal to read. Path of journal.db. */
TR_MUST_USE int notify_add_journal(struct notify *n, const char *trader_id,
                                   const char *journal_path);
/* Before start: is this trader in the silent phase (model/phase.h)? Events tell of changes. */
void notify_set_silent(struct notify *n, const char *trader_id, bool is_silent);
/* Notifications of all bots by one from now on; answers stay with the bot that was asked. Any
 * thread.
 */
void notify_set_single(struct notify *n, bool is_single);
/* Before start: as the engine knows it; events tell of changes. */
void notify_set_legacy_retired(struct notify *n, bool is_retired);
TR_MUST_USE int notify_start(struct notify *n);
void notify_stop(struct notify *n,
                 int flush_deadline_ms); /* tries to empty the outbox, then joins */
/* For a successor: starts no message any more, waits for those in flight, at most that long, and
 * joins. The outbox is not touched by this process afterwards; notify_stop does nothing then. */
void notify_park(struct notify *n, int deadline_ms);
struct notify *notify_free(struct notify *n);

/* Wake hook for engines (engine_wake.fn): any thread, never blocks. */
void notify_on_commit(void *notify, uint64_t committed_seq);
/* Sink callback, sender thread only. */
void notify_sent(struct notify *n, int64_t outbox_id, enum sink_result r, int64_t retry_ms,
                 int64_t migrate_to_chat_id);
/* The sink knows the id of what it sent (a message, or the thread of a topic); before the result.
 */
void notify_sent_id(struct notify *n, int64_t outbox_id, int64_t id);
/* The row's topic does not exist any more; the sink sends without it. */
void notify_thread_gone(struct notify *n, int64_t outbox_id);
/* Alarms that cannot go through a journal (the journal itself failed): memory only, best effort, to
 * all admins on every bot. Any thread. */
void notify_alarm(struct notify *n, const char *text);
/* A chat spoke or unblocked the bot: lifts a suspension. Any thread. */
void notify_chat_alive(struct notify *n, enum bot_id bot, int64_t chat_id);
void notify_chat_migrated(struct notify *n, int64_t old_chat_id, int64_t new_chat_id);

/* An outlet is done with a message it took. Any thread. */
void notify_outlet_done(struct notify *n, int64_t outbox_id, enum sink_result r);
/* The database, for readers of their own (notify/unsent.h). Any thread. */
const char *notify_db_path(const struct notify *n);

struct notify_stats {
    uint64_t routed, sent, dropped, throttled, retries, flood_waits;
    size_t outbox_rows, in_flight, suspended_chats;
    int64_t oldest_age_ms;
    uint64_t watermark; /* of the first trader */
};
void notify_get_stats(struct notify *n, struct notify_stats *ret);

#endif
