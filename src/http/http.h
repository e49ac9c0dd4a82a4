/* http/http.h: everything Trident says over HTTP: webhook, health, control, metrics, live events.
 *
 * Order in main: http_api_new() -> engines opened with wake {http_api_on_commit, api} ->
 * http_api_start()
 * -> ... -> http_api_stop() (intake first; waits for the engines' answers) -> engines stopped and
 * freed
 * -> http_api_free(). */
#ifndef TRIDENT_HTTP_HTTP_H
#define TRIDENT_HTTP_HTTP_H

#include "conf/conf.h"
#include "engine/engine.h"
#include "engine/vitals.h"
#include "notify/notify.h"

struct http_api;

/* In the data directory: the Unix socket for control, and the tokens of `trident token`. */
#define HTTP_SOCKET_FILE "trident.sock"
#define HTTP_TOKENS_FILE "tokens"

#define HTTP_BOT_OUTCOMES_MAX 8
struct http_bot_status {
    char name[16]; /* "controller" */
    bool up;
    int64_t last_ok_ms; /* wall; 0 = never */
    char error[120];    /* "" = fine */
    struct {
        const char *name; /* immortal; NULL ends the list */
        uint64_t count;
    } outcomes[HTTP_BOT_OUTCOMES_MAX]; /* updates by what became of their sender */
};

struct http_api_trader {
    struct engine *engine;    /* borrowed */
    const char *journal_path; /* for the live stream; borrowed */
    struct view_board *view;  /* for the shadow machine; borrowed; NULL in tests */
};

struct http_api_options {
    const struct conf *conf; /* borrowed */
    struct clock *clock;
    struct http_api_trader traders[CONF_TRADERS_MAX]; /* the first takes webhooks without a name */
    size_t trader_count;
    struct notify *notify; /* may be NULL */
    /* Any thread, must not block; NULL = no bots. Returns how many it filled. */
    size_t (*bots)(void *ctx, struct http_bot_status out[BOT_COUNT]);
    void *bots_ctx;
    /* A name people know for a command, the old bot's too, becomes the command's own, with its
     * arguments; others stay as they are. NULL = none is translated. */
    void (*translate)(struct command *c);
    /* May fill c->body of a command of an admin before it is posted. Server thread, blocks for
     * milliseconds. NULL = none is. */
    void (*prepare)(void *ctx, struct command *c, size_t trader);
    void *prepare_ctx;
    const char *version;
    int listen_fd;           /* >= 0: take over this socket; -1: bind conf->http.listen:port */
    int local_fd;            /* > 0: the listening Unix socket for control, taken over; 0: none */
    const char *tokens_path; /* of `trident token`; borrowed, NULL = none */
    struct vitals *vitals;   /* borrowed; NULL = nobody watches */
};

struct http_api *http_api_new(void);
/* Copies opt. Negative: nothing was started (-EADDRINUSE ...). */
TR_MUST_USE int http_api_start(struct http_api *api, const struct http_api_options *opt);
/* Off: the port takes no control but the emergency stop; the local socket does. Any thread. */
void http_api_set_service(struct http_api *api, bool is_on);
uint16_t http_api_port(const struct http_api *api);
int http_api_fd(const struct http_api *api);       /* for a handover */
int http_api_local_fd(const struct http_api *api); /* the same; -1: none */
/* Handing over (net/http_server.h); live streams end with the hint to come back at once. */
TR_MUST_USE bool http_api_park(struct http_api *api, int timeout_ms, bool force);
void http_api_unpark(struct http_api *api);
struct http_server *http_api_server(struct http_api *api); /* to give, leave and adopt */
void http_api_quiesce(struct http_api *api); /* stop accepting; the socket stays open */
/* New requests get 503, those under way get their answers (at most 1 s), streams end, threads join.
 */
void http_api_stop(struct http_api *api);
struct http_api *http_api_free(struct http_api *api); /* after the engines; accepts NULL */
/* engine_wake.fn; before the start and after the stop it does nothing. Never blocks. */
void http_api_on_commit(void *api, uint64_t committed_seq);

#endif
