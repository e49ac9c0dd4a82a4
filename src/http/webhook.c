/* http/webhook.c: an alert comes in.
 *
 * address rules -> secret (path, header, query or body) -> trader -> signal_parse -> engine_post
 * with the exchange as context -> on_signal_done on the engine thread after the commit -> 200 with
 * the decision. A body that cannot be read is refused with 400 and also posted as a notice, so that
 * people hear of it; that answer waits for its commit too. 503 says "come again": queue full,
 * journal fault, shutdown. */
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "core/log.h"
#include "http/api.h"

/* Fits the longest request TradingView waits for (3 s) with room for the way back. */
#define QUEUE_DEADLINE_US INT64_C(2500000)

#define ANSWER_USUAL_BYTES 1023

struct webhook_request {
    struct http_api *api;
    struct http_exchange *x;
    const char *trader;        /* id, owned by the engine */
    struct signal_fault fault; /* of an unreadable body */
};

struct webhook_target {
    int trader; /* index */
    bool is_secret_given, is_secret_right, is_unknown;
};

static bool is_version(const char *segment)
{
    return strcmp(segment, "v3") == 0 || strcmp(segment, "v6") == 0;
}

/* /webhook[/v3|/v6|/<secret>][/<trader>]: segments in any order. */
static void read_path(const struct http_api *api, const char *path, struct webhook_target *t)
{
    const char *secret = api->opt.conf->http.webhook_secret;
    char copy[256];
    if (!str_copy(copy, sizeof(copy), path)) {
        t->is_unknown = true;
        return;
    }
    char *rest = copy;
    (void)strsep(&rest, "/"); /* before the first slash: empty */
    (void)strsep(&rest, "/"); /* "webhook" */
    for (char *s = strsep(&rest, "/"); s != NULL; s = strsep(&rest, "/")) {
        int trader = api_trader_find(api, s);
        if (*s == '\0' || is_version(s))
            continue;
        if (trader >= 0) {
            t->trader = trader;
        } else if (*secret != '\0' && !t->is_secret_given) {
            t->is_secret_given = true;
            t->is_secret_right = hash_secret_equal(s, secret);
        } else {
            t->is_unknown = true;
        }
    }
}

/* Elsewhere than in the path: header, query, body. */
static bool secret_elsewhere(const struct http_api *api, const struct http_exchange *x)
{
    const char *secret = api->opt.conf->http.webhook_secret;
    char from_body[ACCESS_SECRET_CAP];
    const char *given = http_header(x, "X-Webhook-Secret");
    if (given == NULL)
        given = http_query(x, "secret");
    if (given == NULL) {
        size_t len;
        const char *body = http_body(x, &len);
        if (access_body_secret(body, len, from_body))
            given = from_body;
    }
    bool right = given != NULL && hash_secret_equal(given, secret);
    hash_wipe(from_body, sizeof(from_body));
    return right;
}

/* False: answered. */
static bool admit(struct http_api *api, struct http_exchange *x, struct webhook_target *t)
{
    const struct conf *c = api->opt.conf;
    char client[ACCESS_ADDRESS_CAP];
    if (!api_address_allowed(api, x, client)) {
        log_warn("http", "webhook_refused reason=ADDRESS client=%s", client);
        api_refuse_code(api, x, API_ROUTE_WEBHOOK, 403, "ADDRESS_NOT_ALLOWED",
                        "This address is not on the allow list.");
        return false;
    }
    read_path(api, http_path(x), t);
    bool allowed = c->http.webhook_secret[0] == '\0'
                       ? c->http.allow_open
                       : t->is_secret_right || secret_elsewhere(api, x);
    /* With the secret elsewhere an unknown word in the path is a trader that does not exist. */
    if (!allowed) {
        log_warn("http", "webhook_refused reason=SECRET client=%s", client);
        api_refuse_code(api, x, API_ROUTE_WEBHOOK, 401, "NOT_AUTHORISED",
                        c->http.webhook_secret[0] == '\0'
                            ? "No webhook secret is configured."
                            : "The webhook secret is missing or wrong.");
        return false;
    }
    if (t->is_unknown || (t->is_secret_given && !t->is_secret_right)) {
        api_refuse_code(api, x, API_ROUTE_WEBHOOK, 404, "TRADER_UNKNOWN",
                        "There is no trader of that name.");
        return false;
    }
    return true;
}

static void on_signal_done(struct input *in, const struct outcome *o, void *ctx)
{
    struct webhook_request *r = ctx;
    TR_ASSERT(in->kind == INPUT_SIGNAL);
    struct buf b TR_CLEANUP(buf_deinit);
    buf_init(&b, PAGE_MAX_BYTES);
    buf_reserve(&b, ANSWER_USUAL_BYTES);
    int status = page_signal(&b, r->trader, o);
    api_answer(r->api, r->x, API_ROUTE_WEBHOOK, status, &b);
    (void)mem_free(r); /* returns NULL */
}

/* The refusal of an unreadable body is journaled: tell the sender. */
static void on_notice_done(struct input *in, const struct outcome *o, void *ctx)
{
    struct webhook_request *r = ctx;
    TR_ASSERT(in->kind == INPUT_NOTICE);
    bool stored = o->status == OUTCOME_COMMITTED || o->status == OUTCOME_DUPLICATE;
    struct page_refusal why = {.code = reason_code(stored ? r->fault.reason : REASON_NOT_STORED),
                               .trader = r->trader};
    if (stored) {
        why.receipt = o->receipt.seq;
        why.field = r->fault.field;
        why.value = r->fault.value;
        why.accepted = r->fault.accepted;
    }
    api_refuse(r->api, r->x, API_ROUTE_WEBHOOK, stored ? 400 : 503, &why);
    (void)mem_free(r); /* returns NULL */
}

/* Takes over in and r; answers itself when the engine does not take the input. */
static void post(struct webhook_request *r, struct engine *e, struct input *in)
{
    in->done_ctx = r;
    in->deadline_mono_us = clock_mono_us(r->api->opt.clock) + QUEUE_DEADLINE_US;
    const char *key = http_header(r->x, "Idempotency-Key");
    if (key != NULL && *key != '\0')
        access_idempotency_key(key, in->key, sizeof(in->key));
    enum engine_result result = engine_post(e, in);
    if (result == ENGINE_OK)
        return;
    in = input_free(in);
    enum reason why = result == ENGINE_E_FULL ? REASON_QUEUE_FULL : REASON_SHUTTING_DOWN;
    api_refuse(r->api, r->x, API_ROUTE_WEBHOOK, 503,
               &(struct page_refusal){.code = reason_code(why), .trader = r->trader});
    (void)mem_free(r); /* returns NULL */
}

static const char *symbol_hint(const struct http_api *api, const struct http_exchange *x,
                               const char *trader)
{
    const char *hint = http_query(x, "symbol");
    if (hint == NULL || *hint == '\0')
        hint = http_query(x, "ticker");
    if (hint != NULL && *hint != '\0')
        return hint;
    const struct conf *c = api->opt.conf;
    for (int i = 0; i < c->trader_count; i++)
        if (str_eq(c->traders[i].id, trader) && c->traders[i].symbol_default[0] != '\0')
            return c->traders[i].symbol_default;
    return NULL;
}

/* Who put the secret into a wrong field reads it neither in the answer nor in a chat. */
static void hide_secrets(struct signal_fault *f)
{
    char clean[sizeof(f->value)];
    log_redact(f->value, clean, sizeof(clean));
    (void)str_copy(f->value, sizeof(f->value), clean);
}

static void fill_notice(struct event *e, const struct signal_fault *f, const char *hint,
                        int64_t now_ms)
{
    *e = (struct event)EVENT_INIT;
    e->type = EVENT_SIGNAL_REFUSED;
    e->time_ms = now_ms;
    e->reason = f->reason;
    if (hint != NULL && !symbol_normalise(hint, e->symbol))
        e->symbol[0] = '\0';
    int n = snprintf(e->text, sizeof(e->text), f->value[0] != '\0' ? "%s: %s" : "%s%s", f->field,
                     f->value);
    TR_ASSERT(n >= 0); /* cut to fit is fine */
}

void webhook_handle(struct http_api *api, struct http_exchange *x)
{
    struct webhook_target t = {0};
    if (!admit(api, x, &t))
        return;
    struct engine *e = api->opt.traders[t.trader].engine;
    struct webhook_request *r = xalloc(sizeof(*r));
    r->api = api;
    r->x = x;
    r->trader = engine_trader_id(e);
    const char *hint = symbol_hint(api, x, r->trader);
    int64_t now_ms = clock_wall_ms(api->opt.clock);
    size_t len;
    const char *body = http_body(x, &len);
    struct input *in = input_new(INPUT_SIGNAL);
    if (signal_parse(body, len, hint, now_ms, &in->signal, &r->fault) == SIGNAL_PARSED) {
        in->done = on_signal_done;
        post(r, e, in);
        return;
    }
    in = input_free(in);
    in = input_new(INPUT_NOTICE);
    hide_secrets(&r->fault);
    fill_notice(&in->notice, &r->fault, hint, now_ms);
    in->done = on_notice_done;
    post(r, e, in);
}
