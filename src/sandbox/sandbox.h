/* sandbox/sandbox.h: a local Telegram Bot API server (spec telegram 1) with a scriptable user side,
 * a chat page, request recording and fault injection (spec telegram 2). Everything lives in memory;
 * with state_path a snapshot survives a restart (uploaded files do not).
 *
 * Bots talk to http://host:port/bot<token>/<method>; people use http://host:port/ (the chat page);
 * scripts use JSON over http://host:port/sandbox/... (see user_api.c for the list).
 * sandbox_start and sandbox_stop: one thread, both block briefly; the rest of the work happens on
 * the server's own threads. hash_global_init() and http_client_global_init() must have been called.
 */
#ifndef TRIDENT_SANDBOX_SANDBOX_H
#define TRIDENT_SANDBOX_SANDBOX_H

#include "core/core.h"

#define SANDBOX_BOTS_MAX   16
#define SANDBOX_USERS_MAX  64 /* in the options; more can be added while it runs */
#define SANDBOX_GROUPS_MAX 16

struct sandbox_bot_conf {
    const char *token;    /* "7000000001:anything": the digits before ':' are the bot's user id */
    const char *name;     /* short name in records and scripts: "controller" */
    const char *username; /* without '@' */
    const char *title;    /* what people see; NULL = name */
};

struct sandbox_user_conf {
    int64_t id;
    const char *name;
    const char *username; /* NULL = none */
};

struct sandbox_group_conf {
    int64_t id; /* negative; below -1000000000000 it is a supergroup */
    const char *title;
};

struct sandbox_options {
    const char *listen; /* NULL = 127.0.0.1 */
    uint16_t port;      /* 0 = any */
    int listen_fd;      /* >= 0: take over this socket; -1 else */
    struct sandbox_bot_conf bots[SANDBOX_BOTS_MAX];
    size_t bot_count;
    struct sandbox_user_conf users[SANDBOX_USERS_MAX]; /* each has a started chat with each bot */
    size_t user_count;
    struct sandbox_group_conf groups[SANDBOX_GROUPS_MAX]; /* all bots are members */
    size_t group_count;
    const char *record_path; /* JSONL, one line a request of a bot; NULL or "" = off */
    const char *state_path;  /* snapshot; NULL or "" = memory only */
    const char *web_dir;     /* folder that holds chat/index.html; NULL = no page */
    const char *alert_url;   /* POST /sandbox/alert goes there; NULL or "" = 404 */
    int64_t first_update_id; /* 0 = random like Telegram's */
    bool enforce_limits;     /* 30/s a bot, 1/s a chat (burst 3), 20/min a group: real 429s */
    bool strict_polls; /* punish the same offset asked again at once, as the real server does */
};

/* Defaults: three bots (controller, notification, analytics) with fixed tokens, one user, port any.
 */
void sandbox_options_init(struct sandbox_options *opt);
/* --listen A --port N --record FILE --state FILE --web DIR --alert-url URL --first-update-id N
 * --bots name=token[@username],... --users id=name,... --groups id=title,... --limits
 * --strict-polls. argv holds arguments only (no program name) and must outlive opt; lists are cut
 * in place. Returns 0, or -EINVAL with a sentence in error. */
TR_MUST_USE int sandbox_options_from_args(struct sandbox_options *opt, int argc, char **argv,
                                          char *error, size_t error_cap);

struct sandbox;
TR_MUST_USE int sandbox_start(const struct sandbox_options *opt, struct sandbox **ret);
uint16_t sandbox_port(const struct sandbox *s);
/* Writes the snapshot, answers what is parked, joins. Accepts NULL, returns NULL. */
struct sandbox *sandbox_stop(struct sandbox *s);

#endif
