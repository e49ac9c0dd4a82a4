/* POST /sandbox/alert: forwards the body to the daemon's webhook, so that the page needs no
 * cross-origin request and no secret. One thread, one alert at a time; the page gets
 * {"ok","status","body","took_ms"}. */
#include <string.h>

#include "core/alloc.h"
#include "sandbox/internal.h"

#define ALERT_TIMEOUT_MS     15000
#define ALERT_ANSWER_MAX     ((size_t)256 * 1024)
#define ALERT_BODY_MAX_BYTES ((size_t)64 * 1024)

struct sandbox_alert {
    struct http_exchange *x;
    char *body;
    size_t len;
};

static void answer(struct http_exchange *x, int status, const char *error)
{
    struct buf out TR_CLEANUP(buf_deinit);
    buf_init(&out, 512);
    buf_printf(&out, "{\"ok\":false,\"error\":\"%s\"}", error);
    http_answer_json(x, status, &out);
}

void sandbox_alert_drop(void *ptr, void *ctx)
{
    struct sandbox_alert *alert = ptr;
    (void)ctx;
    answer(alert->x, 503, "the sandbox stops");
    (void)mem_free(alert->body);
    (void)mem_free(alert);
}

void sandbox_alert_submit(struct sandbox_turn *t, struct http_exchange *x)
{
    struct sandbox *s = t->s;
    size_t len = 0;
    const char *body = http_body(x, &len);
    struct buf out TR_CLEANUP(buf_deinit);
    buf_init(&out, 512);
    if (!s->alert_url || len == 0 || len > ALERT_BODY_MAX_BYTES) {
        buf_puts(&out, !s->alert_url
                           ? "{\"ok\":false,\"error\":\"no alert_url is configured\"}"
                           : "{\"ok\":false,\"error\":\"the body must have 1 to 65536 bytes\"}");
        (void)sandbox_turn_json(t, x, !s->alert_url ? 404 : 400, &out);
        return;
    }
    struct sandbox_alert *alert = xalloc(sizeof(*alert));
    *alert = (struct sandbox_alert){.x = x, .body = xstrndup(body, len), .len = len};
    if (queue_push(s->alerts, QUEUE_LANE_NORMAL, alert, 0) == QUEUE_OK)
        return;
    (void)mem_free(alert->body);
    (void)mem_free(alert);
    buf_puts(&out, "{\"ok\":false,\"error\":\"too many alerts at once\"}");
    (void)sandbox_turn_json(t, x, 503, &out);
}

static const char *result_text(enum http_result r)
{
    switch (r) {
    case HTTP_OK:
        return "answered";
    case HTTP_E_CONNECT:
        return "no connection to the daemon: is it running?";
    case HTTP_E_TIMEOUT:
        return "the daemon did not answer in time";
    case HTTP_E_TOO_BIG:
        return "the answer was too big";
    case HTTP_E_BROKEN:
    case HTTP_E_ABORTED:
    case HTTP_E_TLS:
        break;
    }
    return "the connection to the daemon broke";
}

static void forward(struct sandbox *s, struct http_caller *caller, struct sandbox_alert *alert)
{
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    struct http_request req = {.method = "POST",
                               .url = s->alert_url,
                               .headers = headers,
                               .body = alert->body,
                               .body_len = alert->len,
                               .timeout_ms = ALERT_TIMEOUT_MS,
                               .max_body_bytes = ALERT_ANSWER_MAX};
    struct http_response resp;
    struct buf out TR_CLEANUP(buf_deinit);
    struct jsonw w;
    TR_ASSERT(alert->body && alert->len > 0);
    int64_t began_us = sandbox_now_us();
    http_response_init(&resp, ALERT_ANSWER_MAX);
    http_call(caller, &req, &resp);
    buf_init(&out, 2 * ALERT_ANSWER_MAX);
    jsonw_init(&w, &out);
    jsonw_object_begin(&w, NULL);
    jsonw_bool(&w, "ok", resp.result == HTTP_OK);
    if (resp.result == HTTP_OK) {
        jsonw_i64(&w, "status", resp.status);
        jsonw_strn(&w, "body", resp.body.data, resp.body.len);
        jsonw_i64(&w, "took_us", sandbox_now_us() - began_us);
    } else {
        jsonw_str(&w, "error", result_text(resp.result));
    }
    jsonw_object_end(&w);
    if (buf_failed(&out))
        answer(alert->x, 502, "the answer was too big");
    else
        http_answer_json(alert->x, resp.result == HTTP_OK ? 200 : 502, &out);
    http_response_deinit(&resp);
    (void)mem_free(alert->body);
    (void)mem_free(alert);
}

void sandbox_alert_main(struct thread *self, void *arg)
{
    struct sandbox *s = arg;
    while (!thread_should_stop(self)) {
        struct queue_item item;
        if (queue_take_many(s->alerts, &item, 1, INT64_MAX) == 1)
            forward(s, s->alert_caller, item.ptr);
        else if (queue_is_closed(s->alerts))
            break;
    }
}

void sandbox_alert_stop(void *arg)
{
    struct sandbox *s = arg;
    queue_close(s->alerts);
    http_caller_abort(s->alert_caller);
}
