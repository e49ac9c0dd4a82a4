/* sandbox/internal.h: what the files of the sandbox share; nobody else includes it.
 *
 * Threads: the HTTP server's thread runs every request, the timer thread completes what is due
 * (long polls, waits, delayed and dripping answers, heartbeats, snapshot), the alert thread
 * forwards alerts. One lock guards all state. A turn takes it (sandbox_turn_begin), changes state
 * and collects answers (sandbox_turn_answer), gives it back and only then delivers the answers and
 * writes events to the pages (sandbox_turn_end).
 *
 * Lock order: stream_lock before lock. stream_lock keeps the order of events to the pages and is
 * held while they are queued on the streams, which never blocks.
 *
 * Field letters: (c) constant after start, (l) lock, (s) stream_lock, (h) server thread only. */
#ifndef TRIDENT_SANDBOX_INTERNAL_H
#define TRIDENT_SANDBOX_INTERNAL_H

#include <stdio.h>

#include "core/clock.h"
#include "core/jsonw.h"
#include "core/mutex.h"
#include "core/queue.h"
#include "core/thread.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "sandbox/fault.h"
#include "sandbox/params.h"
#include "sandbox/world.h"

#define SANDBOX_BODY_MAX_BYTES ((size_t)52 * 1024 * 1024)
#define SANDBOX_OUT_MAX_BYTES  ((size_t)16 * 1024 * 1024)
#define SANDBOX_WAITS_MAX      256
#define SANDBOX_HELD_MAX       1024 /* hanging and delayed answers */
#define SANDBOX_DRIPS_MAX      64
#define SANDBOX_STREAMS_MAX    32
#define SANDBOX_STREAM_QUEUE   ((size_t)1024 * 1024)
#define SANDBOX_LOG_LINES      256
#define SANDBOX_LOG_LINE_BYTES 4096
#define SANDBOX_ALERTS_MAX     64
#define SANDBOX_POLL_MAX_S     50

enum sandbox_update_kind {
    SANDBOX_UPDATE_MESSAGE = 0,
    SANDBOX_UPDATE_EDITED_MESSAGE,
    SANDBOX_UPDATE_CALLBACK_QUERY,
    SANDBOX_UPDATE_MY_CHAT_MEMBER,
    SANDBOX_UPDATE_CHAT_MEMBER,
    SANDBOX_UPDATE_MESSAGE_REACTION,
    SANDBOX_UPDATE_MESSAGE_REACTION_COUNT,
    SANDBOX_UPDATE_KIND_COUNT
};
#define SANDBOX_ALLOWED_DEFAULT                                                                    \
    (~((1u << SANDBOX_UPDATE_CHAT_MEMBER) | (1u << SANDBOX_UPDATE_MESSAGE_REACTION) |              \
       (1u << SANDBOX_UPDATE_MESSAGE_REACTION_COUNT)))

struct sandbox_answer {
    struct http_exchange *x;
    int status;
    const char *content_type; /* static; NULL = none */
    struct buf body;
    int retry_after_s;          /* header; -1 = none */
    struct sandbox_fault fault; /* kind UNSET = undisturbed */
    const char *header;         /* static "Name: value" or NULL */
};

struct sandbox_turn {
    struct sandbox *s;
    struct sandbox_answer *answers;
    size_t count, cap;
    bool has_events;
    bool has_record; /* server thread: a line waits in log_line */
};

struct sandbox_wait { /* GET /sandbox/wait */
    struct http_exchange *x;
    struct sandbox_chat *chat; /* NULL: waits for a callback answer */
    char *contains;
    int64_t after_seq;
    uint64_t callback_serial;
    int64_t deadline_us;
};

struct sandbox_held { /* an answer kept back; due INT64_MAX = for ever */
    int64_t due_us;
    struct sandbox_answer answer;
};

struct sandbox_drip {
    struct http_stream *stream;
    struct buf body;
    size_t sent;
    int64_t due_us, every_ms;
};

struct sandbox {
    struct http_server *server;             /* (c) */
    struct thread *timer, *alert;           /* (c) */
    struct queue *alerts;                   /* (c) of struct sandbox_alert */
    struct http_caller *alert_caller;       /* (c) used by the alert thread, aborted at stop */
    char *web_dir, *alert_url, *state_path; /* (c) NULL = off */
    bool enforce_limits, strict_polls;      /* (c) */
    int64_t started_us;                     /* (c) */

    struct mutex lock;
    struct cond timer_wake;
    int64_t timer_due_us;                         /* (l) what the timer sleeps until */
    bool stopping;                                /* (l) */
    struct sandbox_world world;                   /* (l) */
    struct sandbox_faults faults;                 /* (l) */
    struct sandbox_wait waits[SANDBOX_WAITS_MAX]; /* (l) */
    size_t wait_count;
    struct sandbox_held *held; /* (l) */
    size_t held_count;
    struct sandbox_drip drips[SANDBOX_DRIPS_MAX]; /* (l) */
    size_t drip_count;
    struct buf events;                         /* (l) server-sent events not yet written */
    size_t listener_count;                     /* (l) mirrors stream_count */
    int64_t heartbeat_due_us, snapshot_due_us; /* (l) */
    int64_t snapshot_seq;                      /* (l) world.seq of the last snapshot */
    uint64_t requests, actions;                /* (l) */

    FILE *record;                       /* (h) */
    char *log_lines[SANDBOX_LOG_LINES]; /* (h) ring */
    uint64_t log_count;                 /* (h) */
    struct buf log_line;                /* (h) */

    struct mutex stream_lock;
    struct http_stream *streams[SANDBOX_STREAMS_MAX]; /* (s) */
    size_t stream_count;
};

static inline int64_t sandbox_now_us(void)
{
    return clock_mono_us(clock_real());
}

static inline int64_t sandbox_now_ms(void)
{
    return clock_wall_ms(clock_real());
}

/* ---- turn.c ---- */
/* Takes and gives back s->lock (clang's analysis cannot follow the lock through the turn). */
void sandbox_turn_begin(struct sandbox_turn *t, struct sandbox *s);
void sandbox_turn_end(struct sandbox_turn *t);
/* Consumes body (may be NULL = empty). The pointer is valid until the next answer of the turn. */
struct sandbox_answer *sandbox_turn_answer(struct sandbox_turn *t, struct http_exchange *x,
                                           int status, const char *content_type, struct buf *body);
struct sandbox_answer *sandbox_turn_json(struct sandbox_turn *t, struct http_exchange *x,
                                         int status, struct buf *body);
/* Takes over x and answers it when due (INT64_MAX: at stop, with a drop). */
void sandbox_hold(struct sandbox *s, int64_t due_us, const struct sandbox_answer *answer);
void sandbox_release_hung(struct sandbox_turn *t);
/* The timer thread looks again not later than due_us. */
void sandbox_timer_at(struct sandbox *s, int64_t due_us);
void sandbox_timer_main(struct thread *self, void *arg);
void sandbox_timer_stop(void *arg);

/* ---- events.c: server-sent events ---- */
void sandbox_events_listen(struct sandbox *s, struct http_exchange *x);
/* Queues one event for all pages. data is one line of JSON. */
void sandbox_event(struct sandbox_turn *t, const char *name, const struct buf *data);
void sandbox_event_chat(struct sandbox_turn *t, const char *name, const struct sandbox_chat *c,
                        const struct sandbox_message *m);
void sandbox_events_flush(struct sandbox *s); /* neither lock held */
void sandbox_events_stop(struct sandbox *s);

/* ---- render.c ---- */
void sandbox_render_bot(struct jsonw *w, const char *key, const struct sandbox_bot *b);
void sandbox_render_person(struct jsonw *w, const char *key, const struct sandbox_person *p);
void sandbox_render_chat(struct jsonw *w, const char *key, const struct sandbox_chat *c);
void sandbox_render_message(struct jsonw *w, const char *key, struct sandbox_world *world,
                            const struct sandbox_chat *c, const struct sandbox_message *m);
void sandbox_render_page_message(struct jsonw *w, const char *key, struct sandbox_world *world,
                                 const struct sandbox_chat *c, const struct sandbox_message *m);
void sandbox_render_page_chat(struct jsonw *w, const char *key, struct sandbox_world *world,
                              const struct sandbox_chat *c);

/* ---- poll.c ---- */
const char *sandbox_update_kind_name(enum sandbox_update_kind kind);
/* payload: JSON of the update's one field. date_s 0 = now. False: not allowed or queue full. */
bool sandbox_push_update(struct sandbox_turn *t, struct sandbox_bot *bot,
                         enum sandbox_update_kind kind, const char *payload, int64_t date_s);
/* json (heap, consumed) is the whole update; id as the queue knows it. */
bool sandbox_push_raw(struct sandbox_turn *t, struct sandbox_bot *bot, int64_t id,
                      int64_t expires_ms, char *json);
void sandbox_poll_timeouts(struct sandbox_turn *t, int64_t now_us, int64_t *due_us);
void sandbox_poll_release_all(struct sandbox_turn *t, int status, const char *description);

/* ---- bot_api.c ---- */
struct sandbox_call;
struct sandbox_method {
    const char *name;
    void (*run)(struct sandbox_call *c);
};

struct sandbox_call {
    struct sandbox *s;
    struct sandbox_turn *turn;
    struct sandbox_bot *bot;
    struct http_exchange *x;
    const struct sandbox_method *method;
    struct sandbox_params params;
    struct buf out;
    struct jsonw w; /* inside {"ok":true, ... : a method writes "result" */
    int status;
    int retry_after_s;
    bool parked;
};

/* path after "/bot" or "/file/bot". */
void sandbox_bot_request(struct sandbox_turn *t, struct http_exchange *x, const char *path);
void sandbox_bot_file(struct sandbox_turn *t, struct http_exchange *x, const char *path);
/* Replaces the result: {"ok":false,"error_code":...}. */
void sandbox_call_error(struct sandbox_call *c, int code, const char *fmt, ...) TR_PRINTF(3, 4);
void sandbox_call_flood(struct sandbox_call *c, int64_t retry_after_s);
void sandbox_call_migrated(struct sandbox_call *c, int64_t to_chat_id);
/* Ends a call: disturbs the answer when a fault says so. Consumes out. */
void sandbox_finish(struct sandbox_turn *t, struct sandbox_bot *bot, const char *method,
                    struct http_exchange *x, struct sandbox_answer *answer);
/* Writes an error envelope into out. */
void sandbox_error_json(struct buf *out, int code, const char *description, const char *parameters);

/* ---- methods, one file a group ---- */
void sandbox_method_get_updates(struct sandbox_call *c);
void sandbox_method_set_webhook(struct sandbox_call *c);
void sandbox_method_delete_webhook(struct sandbox_call *c);
void sandbox_method_get_webhook_info(struct sandbox_call *c);
void sandbox_method_send_message(struct sandbox_call *c);
void sandbox_method_send_photo(struct sandbox_call *c);
void sandbox_method_send_document(struct sandbox_call *c);
void sandbox_method_send_voice(struct sandbox_call *c);
void sandbox_method_send_chat_action(struct sandbox_call *c);
void sandbox_method_edit_text(struct sandbox_call *c);
void sandbox_method_edit_caption(struct sandbox_call *c);
void sandbox_method_edit_markup(struct sandbox_call *c);
void sandbox_method_delete_message(struct sandbox_call *c);
void sandbox_method_pin(struct sandbox_call *c);
void sandbox_method_create_topic(struct sandbox_call *c);
void sandbox_method_unpin(struct sandbox_call *c);
void sandbox_method_unpin_all(struct sandbox_call *c);
void sandbox_method_answer_callback(struct sandbox_call *c);
void sandbox_method_get_me(struct sandbox_call *c);
void sandbox_method_get_chat(struct sandbox_call *c);
void sandbox_method_get_file(struct sandbox_call *c);
void sandbox_method_set_commands(struct sandbox_call *c);
void sandbox_method_get_commands(struct sandbox_call *c);
void sandbox_method_delete_commands(struct sandbox_call *c);
void sandbox_method_set_text(struct sandbox_call *c); /* name, description, short description */
void sandbox_method_get_text(struct sandbox_call *c);
void sandbox_method_set_menu_button(struct sandbox_call *c);
void sandbox_method_get_menu_button(struct sandbox_call *c);
void sandbox_method_log_out(struct sandbox_call *c);
void sandbox_method_close(struct sandbox_call *c);

/* Resolves chat_id for a send; writes the error and returns NULL when the bot cannot write there.
 */
struct sandbox_chat *sandbox_call_chat(struct sandbox_call *c);
/* Validates reply_markup. False: error written. *ret_json: heap text or NULL. */
bool sandbox_call_markup(struct sandbox_call *c, char **ret_json);
/* Checks the limits (when enforced). False: 429 written. */
bool sandbox_call_limits(struct sandbox_call *c, struct sandbox_chat *chat);
/* Commands as a client shows them in this chat: JSON array text or NULL. */
const char *sandbox_commands_for(const struct sandbox_bot *b, const struct sandbox_chat *c,
                                 const char *lang);

/* ---- user side ---- */
void sandbox_user_request(struct sandbox_turn *t, struct http_exchange *x, const char *path);
struct sandbox_action { /* one request of the user side */
    struct sandbox *s;
    struct sandbox_turn *turn;
    struct http_exchange *x;
    struct sandbox_params params;
    struct buf out;
    struct jsonw w; /* inside {"ok":true */
    int status;
    bool parked;
};
void sandbox_action_error(struct sandbox_action *a, int status, const char *text);
struct sandbox_person *sandbox_action_person(struct sandbox_action *a); /* NULL: error written */
struct sandbox_chat *sandbox_action_chat(struct sandbox_action *a, struct sandbox_person *p);
void sandbox_action_send(struct sandbox_action *a);
void sandbox_action_forward(struct sandbox_action *a);
void sandbox_action_edit(struct sandbox_action *a);
void sandbox_action_press(struct sandbox_action *a);
void sandbox_action_block(struct sandbox_action *a);
void sandbox_action_unblock(struct sandbox_action *a);
void sandbox_action_migrate(struct sandbox_action *a);
void sandbox_action_updates(struct sandbox_action *a);
void sandbox_action_inject(struct sandbox_action *a, const struct sandbox_fault *f,
                           struct sandbox_bot *bot);
void sandbox_action_wait(struct sandbox_action *a);
/* A bot's message appeared or changed, a callback was answered. */
void sandbox_waits_check(struct sandbox_turn *t, struct sandbox_chat *c,
                         const struct sandbox_message *m);
void sandbox_waits_callback(struct sandbox_turn *t, const struct sandbox_callback *cb);
void sandbox_waits_timeouts(struct sandbox_turn *t, int64_t now_us, int64_t *due_us);
void sandbox_waits_release_all(struct sandbox_turn *t, int status);

/* ---- record.c (server thread) ---- */
TR_MUST_USE int sandbox_record_open(struct sandbox *s, const char *path);
/* Makes the line under the lock; sandbox_record_flush writes it, still before the answer leaves. */
void sandbox_record(struct sandbox_call *c, const char *fault);
void sandbox_record_flush(struct sandbox *s);
void sandbox_record_write_log(const struct sandbox *s, struct jsonw *w, int64_t limit);
void sandbox_record_close(struct sandbox *s);

/* ---- alert.c ---- */
void sandbox_alert_main(struct thread *self, void *arg);
void sandbox_alert_stop(void *arg);
void sandbox_alert_drop(void *ptr, void *ctx); /* queue callback: answers 503 */
/* Takes over x. */
void sandbox_alert_submit(struct sandbox_turn *t, struct http_exchange *x);

/* ---- state.c ---- */
void sandbox_state_write(struct sandbox *s, struct buf *out); /* lock held */
TR_MUST_USE int sandbox_state_load(struct sandbox *s, const char *path);

/* ---- pages.c ---- */
void sandbox_page(struct sandbox_turn *t, struct http_exchange *x, const char *path);

#endif
