/* notify/notify_impl.h: struct notify and what its parts call of each other: notify.c (life, loop,
 * requests), transaction.c (notify.db), routing.c (journal -> rows), delivery.c (rows -> sink ->
 * results). Not for others; notify_turn() is what tests drive with a manual clock. */
#ifndef TRIDENT_NOTIFY_NOTIFY_IMPL_H
#define TRIDENT_NOTIFY_NOTIFY_IMPL_H

#include <stdatomic.h>

#include "core/map.h"
#include "core/mutex.h"
#include "core/rng.h"
#include "core/thread.h"
#include "notify/live.h"
#include "notify/notify.h"
#include "notify/schedule.h"
#include "notify/targets.h"
#include "notify/throttle.h"
#include "notify/voice.h"
#include "store/journal.h"

#define NOTIFY_FEEDS_MAX      16
#define NOTIFY_FLIGHTS_MAX    256
#define NOTIFY_WRITES_MAX     4096
#define NOTIFY_OUTLETS        2
#define NOTIFY_REQUESTS_MAX   (64 + NOTIFY_OUTLETS)
#define NOTIFY_MIGRATING_MAX  16
#define NOTIFY_SUSPENDED_MAX  65536
#define NOTIFY_STAGED_MAX     512 /* rows of one transaction; a journal row in work is finished */
#define NOTIFY_FEED_ROWS_MAX  256 /* journal rows of one turn and trader */
#define NOTIFY_ALARM_ROWS_MAX 256

/* A trader's journal. */
struct notify_feed {
    char *trader_id, *path;
    struct journal_reader *reader; /* NULL until it could be opened */
    uint64_t committed;            /* watermark in notify.db */
    uint64_t reached;              /* read so far; committed with the rows */
    bool is_dirty;                 /* rows since `committed` had messages */
    bool has_more;
    bool is_loaded;
    bool is_silent;         /* the trader is in the silent phase */
    int64_t skip_before_ms; /* no watermark yet: old news are not told */
    int64_t retry_at_us;
};

/* Database changes that results cause; written with the next transaction. */
enum notify_write_kind {
    WRITE_UNSET = 0,
    WRITE_DELETE,
    WRITE_TRY,
    WRITE_SUSPEND,
    WRITE_RESUME,
    WRITE_KIND_COUNT
};
struct notify_write {
    enum notify_write_kind kind;
    enum bot_id bot;
    int64_t id; /* row or chat */
    int attempts;
    bool maybe;
};

enum notify_request_kind {
    REQUEST_UNSET = 0,
    REQUEST_ALARM,
    REQUEST_ALIVE,
    REQUEST_OUTLET_DONE, /* chat_id: row; result */
    REQUEST_VOICE,       /* text: path of the file; new_chat_id: the thread */
    REQUEST_MIGRATED,
    REQUEST_KIND_COUNT
};
struct notify_request { /* from other threads */
    enum notify_request_kind kind;
    enum bot_id bot;
    int64_t chat_id, new_chat_id;
    enum sink_result result;
    char *text;
};

struct notify_flight {
    int64_t id;
    struct schedule_chat *chat;
};

struct notify_bot {
    int failures; /* in a row, whatever the chat */
    int64_t flood_us;
    int64_t flood_chat_id;
};

/* Lock key: (c) constant after open, (s) sender thread only, (l) lock, (a) atomic. */
struct notify {
    struct notify_options opt;                  /* (c) */
    atomic_bool is_single;                      /* (a) relaxed, written by the engine thread */
    char *db_path, *voice_dir;                  /* (c) */
    struct outbox *outbox;                      /* (s) */
    struct schedule *schedule;                  /* (s) */
    struct throttle *throttle;                  /* (s) */
    struct live *live_cards;                    /* (s) */
    const char *trader_routed;                  /* (s) whose journal is being read; NULL = none */
    struct targets targets;                     /* (s) */
    struct notify_feed feeds[NOTIFY_FEEDS_MAX]; /* (s), added before start */
    size_t feed_count;
    struct outbox_row *staged, **staged_end; /* (s) inserted, not committed */
    size_t staged_count;
    struct notify_write writes[NOTIFY_WRITES_MAX]; /* (s) */
    size_t write_count;
    int64_t first_write_us;
    struct notify_flight flights[NOTIFY_FLIGHTS_MAX]; /* (s) */
    size_t flight_count;
    struct {
        int64_t from, to;
    } migrating[NOTIFY_MIGRATING_MAX]; /* (s) */
    size_t migrating_count;
    struct notify_bot bots[BOT_COUNT]; /* (s) */
    struct rng rng;                    /* (s) jitter */
    int64_t alarm_id;                  /* (s) falls from 0 */
    size_t alarm_rows;                 /* (s) alarms in memory */
    int64_t rows;                      /* (s) in the outbox */
    int64_t forgotten;                 /* (s) deleted, not committed */
    int64_t next_poll_us, next_oldest_us, store_retry_us, rest_until_us; /* (s) */
    int64_t burst_due_us;     /* (s) the next burst box may be told */
    struct voice *voice;      /* (s) NULL = none */
    int64_t next_digest_us;   /* (s) digests are looked at again */
    bool is_store_failing;    /* (s) */
    bool is_legacy_retired;   /* (s) nothing under the old bot's name */
    unsigned mirror_nth;      /* (s) mirrored so far of this row */
    struct notify_stats live; /* (s) */

    struct thread *thread;
    struct mutex lock; /* leaf: nothing is called while it is held */
    struct notify_request requests[NOTIFY_REQUESTS_MAX]; /* (l) */
    size_t request_count;                                /* (l) */
    struct map *suspended;                               /* (l) key chat, value any */
    struct notify_stats stats;                           /* (l) */
    atomic_bool woken;               /* (a) relaxed would do; the default is simple */
    atomic_size_t suspended_count;   /* (a) written under the lock */
    atomic_int_least64_t stop_by_us; /* (a) monotonic; INT64_MAX until stop */
    atomic_bool is_parking;          /* (a) set before the stop: only what is in flight counts */
};

/* ---- transaction.c ---- */
TR_MUST_USE int notify_begin(struct notify *n); /* opens the transaction when none is open */
TR_MUST_USE int notify_flush(struct notify *n); /* commits everything pending */
void notify_add_write(struct notify *n, const struct notify_write *w);
/* Takes r; inserts it in the open transaction. */
TR_MUST_USE int notify_stage(struct notify *n, struct outbox_row *r);
void transaction_clear_staged(struct notify *n); /* frees rows that were not committed */
/* Rolls back what is open, tells the admins once, retries in a second. */
void transaction_failed(struct notify *n, int error);

/* ---- delivery.c ---- */
/* What waits in memory for the chat is forgotten, but for a message in flight. */
void delivery_purge(struct notify *n, enum bot_id bot, int64_t chat_id);

/* ---- notify.c ---- */
/* One turn of the loop: requests, journals, commit, sends, at most max_wait_ms of waiting. */
void notify_turn(struct notify *n, int max_wait_ms);
/* Voice thread: stages the file as a message of its own. */
void notify_on_spoken(void *notify, const struct voice_job *job, const char *path);
int64_t notify_now_us(const struct notify *n);
bool notify_is_suspended(struct notify *n, enum bot_id bot, int64_t chat_id);
void notify_set_suspended(struct notify *n, enum bot_id bot, int64_t chat_id, bool suspended);
/* The same for what is told unasked. */
enum bot_id notify_telling_bot(struct notify *n, enum bot_id bot);
enum bot_id notify_actual_bot(const struct notify *n, enum bot_id bot);

/* In memory only; takes r. False: too many. */
bool notify_add_memory_row(struct notify *n, struct outbox_row *r);
bool notify_is_stopping(const struct notify *n);

/* ---- routing.c ---- */
TR_MUST_USE int routing_read(struct notify *n,
                             struct notify_feed *f); /* one portion of a journal */
TR_MUST_USE int routing_throttled(struct notify *n); /* "N more like this" */
/* In memory only, to all admins by the bots of the mask (1 << bot_id), but not to except_chat_id.
 */
void routing_alarm(struct notify *n, const char *html, unsigned bots, int64_t except_chat_id);
#define ROUTING_ALL_BOTS ((1u << BOT_CONTROLLER) | (1u << BOT_NOTIFICATION) | (1u << BOT_ANALYTICS))

/* Stages a row unless its chat cannot be reached. Takes r. */
TR_MUST_USE int routing_stage(struct notify *n, struct outbox_row *r);

/* ---- fanout.c ---- */
struct fanout_card {
    void (*render)(struct buf *out, enum lang lang, const struct fanout_card *card);
    const struct event *const *events; /* told together; the first decides who hears it */
    size_t event_count;
    int64_t count_each; /* 1, or how many repeats the one event stands for */
    int64_t seconds;    /* of those repeats */
    bool is_silent;     /* only who runs the program hears it */
};
TR_MUST_USE int fanout_tell(struct notify *n, const struct fanout_card *card);
/* For /why_silent: it was counted, not sent. */
TR_MUST_USE int fanout_note_throttled(struct notify *n, const struct event *e);
TR_MUST_USE int fanout_boxes(struct notify *n); /* burst and digest cards whose time has come */
#define DIGEST_LOOK_US INT64_C(1000000)

/* ---- delivery.c ---- */
void delivery_send_due(struct notify *n);
TR_MUST_USE int delivery_migrate(struct notify *n); /* chat ids that changed */
void delivery_note_migration(struct notify *n, int64_t from, int64_t to);

#endif
