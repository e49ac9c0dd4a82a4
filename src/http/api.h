/* http/api.h: what the files of this room share; nobody else includes it.
 * Field letters: (c) constant after start, (a) atomic relaxed counters, (s) server thread only. */
#ifndef TRIDENT_HTTP_API_H
#define TRIDENT_HTTP_API_H

#include <stdatomic.h>

#include "http/access.h"
#include "http/http.h"
#include "http/live.h"
#include "http/page.h"
#include "net/http_server.h"

struct http_api {
    struct http_api_options opt;                  /* (c) */
    struct http_server *server;                   /* (c) */
    struct live *live;                            /* (c) */
    struct access_rule allow[CONF_ALLOW_MAX];     /* (c) */
    size_t allow_count;                           /* (c) */
    struct access_rule trusted[CONF_PROXIES_MAX]; /* (c) */
    size_t trusted_count;                         /* (c) */
    int64_t started_us;                           /* (c) */
    atomic_bool stopping;
    atomic_bool running;     /* between start and stop: on_commit may use live */
    atomic_size_t in_flight; /* (a) requests that owe an answer */
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
/* Bearer admin token (or ?token= where a browser cannot send headers); without a configured token:
 * a direct loopback peer with the webhook secret. */
bool api_is_admin(const struct http_api *api, const struct http_exchange *x, bool token_in_query);

/* Handlers, server thread. */
void webhook_handle(struct http_api *api, struct http_exchange *x);
void control_emergency_stop(struct http_api *api, struct http_exchange *x);
void control_command(struct http_api *api, struct http_exchange *x);
void control_pause(struct http_api *api, struct http_exchange *x);
void control_resume(struct http_api *api, struct http_exchange *x);
void legacy_decision(struct http_api *api, struct http_exchange *x);
void decide_handle(struct http_api *api, struct http_exchange *x);
void status_health(struct http_api *api, struct http_exchange *x);
void status_figures(struct http_api *api, struct http_exchange *x);
void status_metrics(struct http_api *api, struct http_exchange *x);
void status_banner(struct http_api *api, struct http_exchange *x);

#endif
