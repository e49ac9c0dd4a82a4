/* http/api.h: what the files of this room share; nobody else includes it.
 * Field letters: (c) constant after start, (a) atomic relaxed counters, (s) server thread only. */
#ifndef TRIDENT_HTTP_API_H
#define TRIDENT_HTTP_API_H

#include <stdatomic.h>
#include <time.h>

#include "http/access.h"
#include "http/http.h"
#include "http/live.h"
#include "http/page.h"
#include "http/sources.h"
#include "http/tokens.h"
#include "net/http_server.h"

/* Who sent the request that is being handled. */
struct api_caller {
    enum token_scope scope;
    char name[USER_NAME_CAP]; /* "local", "http", "token:<name>": for the journal */
};

struct auth_tokens {
    struct tokens list;
    bool is_there; /* the file, when it was read */
    uint64_t inode;
    struct timespec changed;
};

/* A passphrase takes time to check: seldom, and not again while the same one comes. */
struct auth_passphrase {
    uint8_t key[HASH_SHA256_BYTES],
        good[HASH_SHA256_BYTES]; /* keyed digest of the one that was right */
    bool is_known;
    bool has_key;
    int64_t next_ms; /* monotonic: none is checked before */
};

struct http_api {
    struct http_api_options opt;                  /* (c) */
    struct http_server *server;                   /* (c) */
    struct live *live;                            /* (c) */
    struct access_rule allow[CONF_ALLOW_MAX];     /* (c) */
    size_t allow_count;                           /* (c) */
    struct access_rule trusted[CONF_PROXIES_MAX]; /* (c) */
    size_t trusted_count;                         /* (c) */
    int64_t started_us;                           /* (c) */
    struct sources *sources;                      /* (s) */
    struct auth_tokens tokens;                    /* (s) */
    struct auth_passphrase passphrase;            /* (s) */
    struct api_caller caller;                     /* (s) */
    atomic_bool stopping;
    atomic_bool is_service_off; /* (a) relaxed */
    atomic_bool running;        /* between start and stop: on_commit may use live */
    atomic_size_t in_flight;    /* (a) requests that owe an answer */
    atomic_uint_fast64_t requests[API_ROUTE_COUNT][API_STATUS_COUNT]; /* (a) */
};

/* The only way to answer: counts, adds the security headers. Any thread. body NULL = empty. */
void api_answer(struct http_api *api, struct http_exchange *x, enum api_route route, int status,
                const struct buf *json);
/* Other than JSON, status 200. */
void api_answer_text(struct http_api *api, struct http_exchange *x, enum api_route route,
                     const char *content_type, const struct buf *body);
/* {"status":"refused"|"unavailable","reason":code,"text":...}; 503 carries Retry-After. Any thread.
 */
void api_refuse(struct http_api *api, struct http_exchange *x, enum api_route route, int status,
                const struct page_refusal *why);
/* 404, 403 and the like with a code of this room. */
void api_refuse_code(struct http_api *api, struct http_exchange *x, enum api_route route,
                     int status, const char *code, const char *text);
/* Index of the trader or -1. */
int api_trader_find(const struct http_api *api, const char *id);

/* The address rules of the request: writes the client's address; false = not on the allow list. */
bool api_address_allowed(const struct http_api *api, const struct http_exchange *x,
                         char ret_client[ACCESS_ADDRESS_CAP]);

/* auth.c. The router asks before it calls a handler; api->caller is who it is then. */
struct auth_wish {
    enum api_route route;
    enum token_scope scope; /* at least */
    bool token_in_query;    /* a browser's EventSource cannot send headers */
};
struct auth_refusal {
    int status;
    const char *code, *text;
};
/* False: answered. */
bool auth_admit(struct http_api *api, struct http_exchange *x, const struct auth_wish *w);
/* The certificate with this common name, checked by a trusted proxy; cn "": none is wanted. */
bool auth_has_certificate(const struct http_api *api, const struct http_exchange *x,
                          const char *cn);

/* Handlers, server thread. */
void webhook_handle(struct http_api *api, struct http_exchange *x);
void control_emergency_stop(struct http_api *api, struct http_exchange *x);
void control_command(struct http_api *api, struct http_exchange *x);
void control_pause(struct http_api *api, struct http_exchange *x);
void control_resume(struct http_api *api, struct http_exchange *x);
void control_disable_plugin(struct http_api *api, struct http_exchange *x);
void control_reload_plugin(struct http_api *api, struct http_exchange *x);
void control_enable_plugin(struct http_api *api, struct http_exchange *x);
void control_enable_legacy(struct http_api *api, struct http_exchange *x);
/* "event: heartbeat" of the live stream: every 30 s and trader, with what is going on. */
void shadow_heartbeat(const struct http_api_trader *t, struct buf *frames);
void shadow_state(struct http_api *api, struct http_exchange *x);
void shadow_export_csv(struct http_api *api, struct http_exchange *x);
void shadow_export_jsonl(struct http_api *api, struct http_exchange *x);
void legacy_decision(struct http_api *api, struct http_exchange *x);
void decide_handle(struct http_api *api, struct http_exchange *x);
void status_health(struct http_api *api, struct http_exchange *x);
void status_figures(struct http_api *api, struct http_exchange *x);
void status_metrics(struct http_api *api, struct http_exchange *x);
void status_banner(struct http_api *api, struct http_exchange *x);

#endif
