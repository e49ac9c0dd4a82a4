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

struct webhook_alert {
    const char *body;
    size_t len;
    int64_t now_ms;
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

/* Programs on this machine, and what comes through a proxy that is not named as trusted, share one
 * address: they are not limited. */
static bool is_slow_enough(struct http_api *api, const char *client)
{
    int per_s = api->opt.conf->http.webhook_per_source_per_s;
    return per_s == 0 || access_is_loopback(client) ||
           sources_may_send(api->sources, client, per_s, clock_mono_us(api->opt.clock) / 1000);
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
    if (!auth_has_certificate(api, x, c->http.webhook_client_cn)) {
        log_warn("http", "webhook_refused reason=CERTIFICATE client=%s", client);
        api_refuse_code(api, x, API_ROUTE_WEBHOOK, 403, "CLIENT_CERT_WANTED",
                        "The client certificate of the sender of alerts is wanted.");
        return false;
    }
    if (!is_slow_enough(api, client)) {
        log_debug("http", "webhook_refused reason=RATE client=%s", client);
        api_refuse_code(api, x, API_ROUTE_WEBHOOK, 429, "RATE_LIMITED",
                        "Too many alerts a second come from this address.");
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

/* An alert that was not taken although its sender may think so: people hear of it. Nothing waits
 * for this row, and a queue that is full says so by itself. */
static void tell_reused_key(const struct webhook_request *r, const struct signal *s,
                            uint64_t first_seq)
{
    int trader = api_trader_find(r->api, r->trader);
    TR_ASSERT(trader >= 0);
    struct input *in = input_new(INPUT_NOTICE);
    struct event *e = &in->notice;
    *e = (struct event)EVENT_INIT;
    e->type = EVENT_SIGNAL_REFUSED;
    e->time_ms = s->received_ms;
    e->reason = REASON_IDEMPOTENCY_KEY_REUSED;
    (void)str_copy(e->symbol, sizeof(e->symbol), s->symbol); /* same cap */
    (void)snprintf(e->text, sizeof(e->text), "Idempotency-Key: #%llu",
                   (unsigned long long)first_seq);
    if (engine_post(r->api->opt.traders[trader].engine, in) != ENGINE_OK)
        in = input_free(in);
}

static void on_signal_done(struct input *in, const struct outcome *o, void *ctx)
{
    struct webhook_request *r = ctx;
    TR_ASSERT(in->kind == INPUT_SIGNAL);
    struct buf b TR_CLEANUP(buf_deinit);
    buf_init(&b, PAGE_MAX_BYTES);
    buf_reserve(&b, ANSWER_USUAL_BYTES);
    int status = page_signal(&b, r->trader, o);
    if (status == 422)
        tell_reused_key(r, &in->signal, o->receipt.seq);
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

/* Who put the secret into a wrong field reads it neither in the answer nor in a chat, and the
 * journal does not keep it. */
static void hide_secrets(char *text, size_t cap)
{
    char clean[SIGNAL_TEXT_CAP];
    TR_ASSERT(cap <= sizeof(clean));
    log_redact(text, clean, cap);
    (void)str_copy(text, cap, clean); /* cut by log_redact: fits */
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

/* An alert that says when it was sent is taken for so long around that time only. False: it is too
 * far from now, and *f says so. *ret_timed: it says when, so that the same bytes again are the same
 * alert. */
static bool is_timely(const struct http_api *api, const struct webhook_alert *a,
                      struct signal_fault *f, bool *ret_timed)
{
    static const char *const names[] = {"timenow", "timestamp"};
    int64_t window_ms = (int64_t)api->opt.conf->http.replay_window_s * 1000;
    char text[sizeof(f->value)];
    int64_t sent_ms = 0;
    *ret_timed = false;
    for (size_t i = 0; i < TR_ARRAY_SIZE(names) && window_ms > 0; i++) {
        if (!access_body_member(a->body, a->len, names[i], text, sizeof(text)) ||
            str_starts(text, "{{"))
            continue;
        bool is_time = access_time_parse(text, &sent_ms);
        int64_t away_ms = is_time ? a->now_ms - sent_ms : 0;
        *ret_timed = is_time;
        if (is_time && away_ms <= window_ms && -away_ms <= window_ms)
            return true;
        *f = (struct signal_fault){.reason = is_time ? REASON_STALE : REASON_FIELD_INVALID};
        (void)str_copy(f->field, sizeof(f->field), names[i]); /* fits */
        (void)str_copy(f->value, sizeof(f->value), text);     /* the same cap */
        int n = snprintf(f->accepted, sizeof(f->accepted),
                         "a time within %d s of now, as RFC 3339 or seconds since 1970",
                         api->opt.conf->http.replay_window_s);
        TR_ASSERT(n > 0 && (size_t)n < sizeof(f->accepted));
        return false;
    }
    return true;
}

static void key_of_bytes(const struct webhook_alert *a, struct input *in)
{
    uint8_t digest[HASH_SHA256_BYTES];
    char hex[HASH_HEX_CAP];
    hash_sha256(a->body, a->len, digest);
    hash_hex(digest, 16, hex, sizeof(hex));
    int n = snprintf(in->key, sizeof(in->key), "wt:%s", hex);
    TR_ASSERT(n > 0 && (size_t)n < sizeof(in->key));
}

void webhook_handle(struct http_api *api, struct http_exchange *x)
{
    struct webhook_target t = {0};
    int64_t received_us = clock_mono_us(api->opt.clock);
    if (!admit(api, x, &t))
        return;
    struct engine *e = api->opt.traders[t.trader].engine;
    struct webhook_request *r = xalloc(sizeof(*r));
    r->api = api;
    r->x = x;
    r->trader = engine_trader_id(e);
    const char *hint = symbol_hint(api, x, r->trader);
    struct webhook_alert a = {.now_ms = clock_wall_ms(api->opt.clock)};
    a.body = http_body(x, &a.len);
    bool is_timed;
    struct input *in = input_new(INPUT_SIGNAL);
    in->received_mono_us = received_us;
    if (is_timely(api, &a, &r->fault, &is_timed) &&
        signal_parse(a.body, a.len, hint, a.now_ms, &in->signal, &r->fault) == SIGNAL_PARSED) {
        in->done = on_signal_done;
        if (is_timed)
            key_of_bytes(&a, in);
        hide_secrets(in->signal.text, sizeof(in->signal.text));
        post(r, e, in);
        return;
    }
    in = input_free(in);
    in = input_new(INPUT_NOTICE);
    hide_secrets(r->fault.value, sizeof(r->fault.value));
    fill_notice(&in->notice, &r->fault, hint, a.now_ms);
    in->done = on_notice_done;
    post(r, e, in);
}
