/* http/api.c: life of the HTTP front and its router. The server thread calls on_request(); a
 * handler answers at once or leaves the exchange with an engine's `done` callback, which answers
 * from the engine thread after the commit (the connection is suspended meanwhile). The struct
 * outlives the engines, so a late `done` finds it. */
#include "http/api.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/log.h"
#include "core/mutex.h"

#define PER_ADDRESS_MAX    32
#define HEADER_DEADLINE_MS 5000
#define IDLE_TIMEOUT_S     75
#define STOP_WAIT_US       INT64_C(1000000)
#define FORWARDED_CAP      1024

struct endpoint {
    const char *path;
    const char *allow; /* methods, comma-separated; also the Allow header of a 405 */
    enum api_route id;
    void (*handle)(struct http_api *api, struct http_exchange *x);
    enum { GUARDED = 0, OPEN } door; /* OPEN: anybody, or the handler looks itself */
    enum token_scope scope;          /* GUARDED: what a token must allow at least */
    bool token_in_query;
};

static void handle_events(struct http_api *api, struct http_exchange *x);

static const struct endpoint endpoints[] = {
    {"/", "GET, HEAD", API_ROUTE_OTHER, status_banner, .door = OPEN},
    {"/health", "GET, HEAD", API_ROUTE_HEALTH, status_health, .door = OPEN},
    {"/status", "GET, HEAD", API_ROUTE_STATUS, status_figures, .door = OPEN},
    {"/metrics", "GET, HEAD", API_ROUTE_METRICS, status_metrics, .door = OPEN},
    {"/events", "GET", API_ROUTE_EVENTS, handle_events, .scope = TOKEN_READ,
     .token_in_query = true},
    {"/emergency_stop", "POST", API_ROUTE_EMERGENCY_STOP, control_emergency_stop,
     .scope = TOKEN_TRADE},
    /* The engine compares the command's role with the token's. */
    {"/api/v1/command", "POST", API_ROUTE_COMMAND, control_command, .scope = TOKEN_READ},
    {"/api/v1/decide", "POST", API_ROUTE_DECIDE, decide_handle, .scope = TOKEN_READ},
    {"/legacy/decision", "POST", API_ROUTE_COMMAND, legacy_decision, .scope = TOKEN_TRADE},
    {"/pause", "POST", API_ROUTE_COMMAND, control_pause, .scope = TOKEN_TRADE},
    {"/resume", "POST", API_ROUTE_COMMAND, control_resume, .scope = TOKEN_TRADE},
    /* A path that ends in / has one word more. */
    {"/admin/disable_plugin/", "POST", API_ROUTE_COMMAND, control_disable_plugin,
     .scope = TOKEN_TRADE},
    {"/admin/enable_plugin/", "POST", API_ROUTE_COMMAND, control_enable_plugin,
     .scope = TOKEN_TRADE},
    {"/admin/reload_plugin/", "POST", API_ROUTE_COMMAND, control_reload_plugin,
     .scope = TOKEN_ADMIN},
    {"/admin/enable_legacy_v3", "POST", API_ROUTE_COMMAND, control_enable_legacy,
     .scope = TOKEN_ADMIN},
    {"/api/v1/shadow", "GET", API_ROUTE_STATUS, shadow_state, .scope = TOKEN_READ},
    {"/api/v1/shadow/export.csv", "GET", API_ROUTE_STATUS, shadow_export_csv, .scope = TOKEN_READ},
    {"/api/v1/shadow/export.jsonl", "GET", API_ROUTE_STATUS, shadow_export_jsonl,
     .scope = TOKEN_READ},
};

static const char webhook_prefix[] = "/webhook";

/* -- answering --------------------------------------------------------------------------------- */

static void count_answer(struct http_api *api, enum api_route route, int status)
{
    TR_ASSERT(route > API_ROUTE_UNSET && route < API_ROUTE_COUNT);
    atomic_fetch_add_explicit(&api->requests[route][api_status_slot(status)], 1,
                              memory_order_relaxed);
}

static void end_flight(struct http_api *api)
{
    size_t before = atomic_fetch_sub_explicit(&api->in_flight, 1, memory_order_release);
    TR_ASSERT(before > 0);
}

/* What an answer needs beyond its body. */
struct answer_form {
    enum api_route route;
    int status;
    const char *content_type;
    const char *header; /* one more, or NULL */
};

static void answer_with(struct http_api *api, struct http_exchange *x, const struct answer_form *f,
                        const struct buf *body)
{
    const char *const headers[] = {"X-Content-Type-Options: nosniff", "Cache-Control: no-store",
                                   f->header, NULL};
    enum api_route route = f->route;
    int status = f->status;
    if (body != NULL && buf_failed(body)) {
        log_error("http", "answer_too_big route=%s", api_route_name(route));
        status = 500;
        body = NULL;
    }
    count_answer(api, route, status); /* first: who has the answer finds it counted */
    http_answer_headers(x, status, f->content_type, body != NULL ? body->data : NULL,
                        body != NULL ? body->len : 0, headers);
    end_flight(api); /* api outlives the exchange */
}

void api_answer(struct http_api *api, struct http_exchange *x, enum api_route route, int status,
                const struct buf *json)
{
    const char *header = NULL;
    if (status == 503)
        header = "Retry-After: 2";
    else if (status == 429)
        header = "Retry-After: 1";
    answer_with(api, x, &(struct answer_form){route, status, "application/json", header}, json);
}

void api_answer_text(struct http_api *api, struct http_exchange *x, enum api_route route,
                     const char *content_type, const struct buf *body)
{
    answer_with(api, x, &(struct answer_form){route, 200, content_type, NULL}, body);
}

void api_refuse(struct http_api *api, struct http_exchange *x, enum api_route route, int status,
                const struct page_refusal *why)
{
    struct buf b TR_CLEANUP(buf_deinit);
    buf_init(&b, PAGE_MAX_BYTES);
    page_refusal(&b, status == 503, why);
    api_answer(api, x, route, status, &b);
}

void api_refuse_code(struct http_api *api, struct http_exchange *x, enum api_route route,
                     int status, const char *code, const char *text)
{
    api_refuse(api, x, route, status, &(struct page_refusal){.code = code, .text = text});
}

static void refuse_method(struct http_api *api, struct http_exchange *x, const struct endpoint *r)
{
    char allow[64];
    (void)snprintf(allow, sizeof(allow), "Allow: %s", r->allow); /* table entries fit */
    struct buf b TR_CLEANUP(buf_deinit);
    buf_init(&b, PAGE_MAX_BYTES);
    page_refusal(&b, false,
                 &(struct page_refusal){.code = "METHOD_NOT_ALLOWED",
                                        .field = "method",
                                        .value = http_method(x),
                                        .accepted = r->allow,
                                        .text = "This address does not take that method."});
    answer_with(api, x, &(struct answer_form){r->id, 405, "application/json", allow}, &b);
}

/* -- who may ----------------------------------------------------------------------------------- */

int api_trader_find(const struct http_api *api, const char *id)
{
    for (size_t i = 0; i < api->opt.trader_count; i++)
        if (str_eq(engine_trader_id(api->opt.traders[i].engine), id))
            return (int)i;
    return -1;
}

bool api_address_allowed(const struct http_api *api, const struct http_exchange *x,
                         char ret_client[ACCESS_ADDRESS_CAP])
{
    char peer[ACCESS_ADDRESS_CAP];
    char forwarded[FORWARDED_CAP];
    http_peer_address(x, peer, sizeof(peer));
    bool named = http_header(x, "X-Forwarded-For") != NULL;
    bool readable = named && http_header_all(x, "X-Forwarded-For", forwarded, sizeof(forwarded));
    access_client_address(peer, readable ? forwarded : NULL, api->trusted, api->trusted_count,
                          ret_client);
    if (api->allow_count == 0)
        return true;
    return readable == named && access_rule_matches(api->allow, api->allow_count, ret_client);
}

/* -- router ------------------------------------------------------------------------------------ */

static void handle_events(struct http_api *api, struct http_exchange *x)
{
    const char *last = http_header(x, "Last-Event-ID");
    if (last == NULL)
        last = http_query(x, "last_event_id");
    if (live_join(api->live, x, last))
        count_answer(api, API_ROUTE_EVENTS, 200);
    else
        api_refuse_code(api, x, API_ROUTE_EVENTS, 503, "TOO_MANY_STREAMS",
                        "Too many live streams are open.");
}

static bool method_allowed(const char *allow, const char *method)
{
    size_t len = strlen(method);
    for (const char *p = allow; (p = strstr(p, method)) != NULL; p += len)
        if ((p == allow || p[-1] == ' ') && (p[len] == '\0' || p[len] == ','))
            return true;
    return false;
}

static const struct endpoint *find_endpoint(const char *path)
{
    static const struct endpoint webhook = {webhook_prefix, "POST", API_ROUTE_WEBHOOK,
                                            webhook_handle, .door = OPEN};
    size_t n = sizeof(webhook_prefix) - 1;
    if (strncmp(path, webhook_prefix, n) == 0 && (path[n] == '\0' || path[n] == '/'))
        return &webhook;
    for (size_t i = 0; i < TR_ARRAY_SIZE(endpoints); i++) {
        size_t len = strlen(endpoints[i].path);
        bool has_word = len > 1 && endpoints[i].path[len - 1] == '/' &&
                        strncmp(endpoints[i].path, path, len) == 0 && path[len] != '\0' &&
                        strchr(path + len, '/') == NULL;
        if (has_word || strcmp(endpoints[i].path, path) == 0)
            return &endpoints[i];
    }
    return NULL;
}

/* An address that names no scope is for admins. False: answered. */
static bool is_admitted(struct http_api *api, struct http_exchange *x, const struct endpoint *r)
{
    if (r->door == OPEN)
        return true;
    unsigned uid;
    bool is_off = atomic_load_explicit(&api->is_service_off, memory_order_relaxed);
    if (is_off && r->id != API_ROUTE_EMERGENCY_STOP && !http_peer_uid(x, &uid)) {
        api_refuse_code(api, x, r->id, 403, "SERVICE_API_OFF",
                        "Control through the port is switched off (features.service_api).");
        return false;
    }
    enum token_scope scope = r->scope != TOKEN_SCOPE_UNSET ? r->scope : TOKEN_ADMIN;
    return auth_admit(api, x, &(struct auth_wish){r->id, scope, r->token_in_query});
}

static void on_request(struct http_exchange *x, void *ctx)
{
    struct http_api *api = ctx;
    atomic_fetch_add_explicit(&api->in_flight, 1, memory_order_relaxed);
    const struct endpoint *r = find_endpoint(http_path(x));
    if (r == NULL)
        api_refuse_code(api, x, API_ROUTE_OTHER, 404, "NOT_FOUND",
                        "There is nothing at this address.");
    else if (!method_allowed(r->allow, http_method(x)))
        refuse_method(api, x, r);
    else if (atomic_load_explicit(&api->stopping, memory_order_acquire) &&
             r->id != API_ROUTE_HEALTH)
        api_refuse_code(api, x, r->id, 503, reason_code(REASON_SHUTTING_DOWN), NULL);
    else if (is_admitted(api, x, r))
        r->handle(api, x);
}

/* -- life -------------------------------------------------------------------------------------- */

struct http_api *http_api_new(void)
{
    struct http_api *api = xalloc(sizeof(*api));
    api->live = live_new();
    api->sources = sources_new();
    atomic_init(&api->stopping, false);
    atomic_init(&api->running, false);
    return api;
}

/* conf has checked the texts; what it let through and we cannot read must not open the door. */
static int read_rules(struct http_api *api)
{
    const struct conf *c = api->opt.conf;
    TR_ASSERT(c->http.allow_count <= CONF_ALLOW_MAX);
    TR_ASSERT(c->http.trusted_proxy_count <= CONF_PROXIES_MAX);
    for (int i = 0; i < c->http.allow_count; i++)
        if (!access_rule_parse(c->http.allow[i], &api->allow[api->allow_count++]))
            return err_raise(-EINVAL);
    for (int i = 0; i < c->http.trusted_proxy_count; i++)
        if (!access_rule_parse(c->http.trusted_proxies[i], &api->trusted[api->trusted_count++]))
            return err_raise(-EINVAL);
    return 0;
}

int http_api_start(struct http_api *api, const struct http_api_options *opt)
{
    TR_ASSERT(api != NULL && api->server == NULL);
    TR_ASSERT(opt->conf != NULL && opt->clock != NULL && opt->version != NULL);
    TR_ASSERT(opt->trader_count > 0 && opt->trader_count <= CONF_TRADERS_MAX);
    api->opt = *opt;
    api->started_us = clock_mono_us(opt->clock);
    int r = read_rules(api);
    if (r < 0)
        return r;
    live_set_traders(api->live, api->opt.traders, api->opt.trader_count);
    /* Behind a proxy, and on loopback, all clients share an address. */
    bool one_address = access_is_loopback(opt->conf->http.listen) || api->trusted_count > 0;
    struct http_server_options server = {
        .listen = opt->conf->http.listen,
        .port = (uint16_t)opt->conf->http.port,
        .listen_fd = opt->listen_fd,
        .max_body_bytes = (size_t)opt->conf->http.max_body_bytes,
        .local_fd = opt->local_fd,
        .max_connections = opt->conf->http.max_connections,
        .max_connections_per_address = one_address ? 0 : PER_ADDRESS_MAX,
        .header_deadline_ms = HEADER_DEADLINE_MS,
        .idle_timeout_s = IDLE_TIMEOUT_S,
        .handle = on_request,
        .ctx = api,
    };
    r = http_server_start(&server, &api->server);
    if (r < 0)
        return err_trace(r);
    atomic_store_explicit(&api->running, true, memory_order_release);
    return 0;
}

void http_api_set_service(struct http_api *api, bool is_on)
{
    atomic_store_explicit(&api->is_service_off, !is_on, memory_order_relaxed);
}

uint16_t http_api_port(const struct http_api *api)
{
    TR_ASSERT(api->server != NULL);
    return http_server_port(api->server);
}

int http_api_fd(const struct http_api *api)
{
    TR_ASSERT(api->server != NULL);
    return http_server_fd(api->server);
}

int http_api_local_fd(const struct http_api *api)
{
    TR_ASSERT(api->server != NULL);
    return http_server_local_fd(api->server);
}

bool http_api_park(struct http_api *api, int timeout_ms, bool force)
{
    TR_ASSERT(api->server != NULL);
    live_pause(api->live, true);
    bool is_parked = http_server_park(api->server, timeout_ms, force);
    if (!is_parked)
        live_pause(api->live, false);
    return is_parked;
}

void http_api_unpark(struct http_api *api)
{
    live_pause(api->live, false);
    http_server_unpark(api->server);
}

struct http_server *http_api_server(struct http_api *api)
{
    TR_ASSERT(api->server != NULL);
    return api->server;
}

void http_api_quiesce(struct http_api *api)
{
    TR_ASSERT(api->server != NULL);
    http_server_quiesce(api->server);
}

void http_api_stop(struct http_api *api)
{
    if (api == NULL || api->server == NULL)
        return;
    atomic_store_explicit(&api->stopping, true, memory_order_release);
    http_server_quiesce(api->server);
    struct mutex lock;
    struct cond tick;
    mutex_init(&lock);
    cond_init(&tick);
    int64_t now_us = clock_mono_us(clock_real());
    mutex_lock(&lock);
    for (int64_t until_us = now_us + STOP_WAIT_US;
         now_us < until_us && atomic_load_explicit(&api->in_flight, memory_order_acquire) > 0;
         now_us = clock_mono_us(clock_real()))
        (void)cond_wait_until_us(&tick, &lock, now_us + 2000); /* nobody signals: a paced look */
    mutex_unlock(&lock);
    cond_deinit(&tick);
    mutex_deinit(&lock);
    atomic_store_explicit(&api->running, false, memory_order_release);
    live_stop(api->live);
    api->server = http_server_stop(api->server);
}

struct http_api *http_api_free(struct http_api *api)
{
    if (api == NULL)
        return NULL;
    TR_ASSERT(api->server == NULL);
    api->live = live_free(api->live);
    api->sources = sources_free(api->sources);
    return mem_free(api);
}

void http_api_on_commit(void *ctx, uint64_t committed_seq)
{
    struct http_api *api = ctx;
    (void)committed_seq;
    if (atomic_load_explicit(&api->running, memory_order_acquire))
        live_wake(api->live);
}
