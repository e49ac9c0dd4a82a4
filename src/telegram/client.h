/* telegram/client.h: the Bot API (spec telegram 1). Builds requests, reads answers, turns errors
 * into enum values at the edge. No state about messages; waiting, retrying and limits are the
 * callers'. */
#ifndef TRIDENT_TELEGRAM_CLIENT_H
#define TRIDENT_TELEGRAM_CLIENT_H

#include "net/http_client.h"

enum telegram_error {
    TELEGRAM_OK = 0,
    TELEGRAM_E_NETWORK = 1,      /* certainly not executed */
    TELEGRAM_E_UNKNOWN_OUTCOME,  /* may have been executed */
    TELEGRAM_E_UNAUTHORISED,     /* 401; 404 from getMe */
    TELEGRAM_E_CONFLICT_POLL,    /* 409 other getUpdates */
    TELEGRAM_E_CONFLICT_WEBHOOK, /* 409 webhook active */
    TELEGRAM_E_FLOOD,            /* 429: retry_after_s */
    TELEGRAM_E_SERVER,           /* 5xx */
    TELEGRAM_E_MIGRATED,         /* migrate_to_chat_id */
    TELEGRAM_E_CHAT_GONE,        /* 403; chat not found */
    TELEGRAM_E_NOT_MODIFIED,     /* an edit that changes nothing: success */
    TELEGRAM_E_MESSAGE_GONE,     /* edit/delete/reply target missing */
    TELEGRAM_E_CALLBACK_OLD,
    TELEGRAM_E_PARSE_ENTITIES,
    TELEGRAM_E_TOO_LONG,
    TELEGRAM_E_EMPTY_TEXT,
    TELEGRAM_E_THREAD_GONE,
    TELEGRAM_E_KEYBOARD,
    TELEGRAM_E_RIGHTS,
    TELEGRAM_E_METHOD_UNKNOWN,
    TELEGRAM_E_BAD_ANSWER,  /* HTML, truncated JSON, empty body */
    TELEGRAM_E_BAD_REQUEST, /* any other 400 */
    TELEGRAM_E_ABORTED,
    TELEGRAM_ERROR_COUNT
};
const char *telegram_error_name(enum telegram_error e);

struct telegram_reply {
    enum telegram_error error;
    int code;          /* error_code / HTTP status */
    int retry_after_s; /* FLOOD; at least 1 */
    int64_t migrate_to_chat_id;
    int64_t message_id;    /* sendX: result.message_id */
    int64_t thread_id;     /* createForumTopic: result.message_thread_id */
    char description[128]; /* for logs and operators; sanitised */
};

/* "https://api.telegram.org" or "http://127.0.0.1:8081"; base must outlive. Writes the URL
 * base/bot<token>/<method>; the buffer is secret. */
#define TELEGRAM_URL_CAP 256
bool telegram_url(char out[TELEGRAM_URL_CAP], const char *base, const char *token,
                  const char *method);
/* Interprets an answer of any method but getUpdates. */
void telegram_read_reply(const struct http_response *r, struct telegram_reply *ret);

/* ---- updates ---- */
enum update_kind {
    UPDATE_UNSET = 0,
    UPDATE_MESSAGE,
    UPDATE_EDITED_MESSAGE,
    UPDATE_CALLBACK,
    UPDATE_MY_CHAT_MEMBER,
    UPDATE_OTHER,
    UPDATE_MALFORMED,
    UPDATE_KIND_COUNT
};

struct update { /* strings point into the batch */
    enum update_kind kind;
    int64_t update_id;
    int64_t from_id, chat_id, thread_id, message_id, date_s;
    int64_t sender_chat_id; /* channel or anonymous posts */
    int64_t migrate_to_chat_id, migrate_from_chat_id;
    bool from_is_bot, is_forward, is_via_bot, is_private, is_topic;
    bool message_accessible;   /* callback: message present with date != 0 */
    const char *text;          /* message text or caption, "" */
    const char *first_name;    /* sender, "" */
    const char *callback_id;   /* "" */
    const char *callback_data; /* "" */
    const char *chat_type;     /* private group supergroup channel "" */
    const char *member_status; /* my_chat_member: new status, "" */
};

struct update_batch {
    struct update *items; /* ordered by update_id, repeats removed */
    size_t count;
    int64_t max_update_id;   /* over everything readable; -1 = none */
    bool id_space_restarted; /* whole batch below offset - 1: adopt (spec 1.3) */
    void *owned;
};
void update_batch_deinit(struct update_batch *b);
/* Total: a malformed element becomes UPDATE_MALFORMED with its id if readable. Truncated or foreign
 * answers give TELEGRAM_E_BAD_ANSWER and an empty batch. offset: the one asked with (0 = none). */
void telegram_read_updates(const struct http_response *r, int64_t offset, struct update_batch *ret,
                           struct telegram_reply *ret_status);

/* ---- request bodies (JSON), appended to out ---- */
struct telegram_send {
    int64_t chat_id, thread_id, reply_to;
    const char *text;
    bool html;                 /* parse_mode HTML; false: plain */
    const char *keyboard_json; /* inline_keyboard array or NULL */
    bool silent;
};
void telegram_body_send(struct buf *out, const struct telegram_send *s);
void telegram_body_edit(struct buf *out, const struct telegram_send *s, int64_t message_id);
void telegram_body_pin(struct buf *out, int64_t chat_id, int64_t message_id);
void telegram_body_topic(struct buf *out, int64_t chat_id, const char *name);
void telegram_body_answer_callback(struct buf *out, const char *callback_id, const char *text);
void telegram_body_get_updates(struct buf *out, int64_t offset, int limit, int timeout_s);

/* getMe, blocking: id and username of the token's bot. */
struct telegram_me {
    int64_t id;
    char username[64];
};
void telegram_get_me(struct http_caller *c, const char *base, const char *token, int timeout_ms,
                     struct telegram_me *ret_me, struct telegram_reply *ret_status);
/* setMyCommands for the default scope, only when getMyCommands differs. commands_json: array text.
 * *ret_changed tells whether anything was written. */
void telegram_sync_commands(struct http_caller *c, const char *base, const char *token,
                            const char *commands_json, bool *ret_changed,
                            struct telegram_reply *ret_status);

#endif
