/* sinks/outlets.c: see outlets.h. A lane is one sink: a queue of what it was given, a thread that
 * sends it by a blocking call, and the result told to notify, which decides what becomes of it. */
#include "sinks/outlets.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "core/log.h"
#include "core/queue.h"
#include "net/http_client.h"
#include "net/smtp.h"

#define TIMEOUT_MS       15000
#define ANSWER_MAX_BYTES 65536
#define ROOM             2 /* notify sends one at a time to each */

enum { WEBHOOK, EMAIL, KINDS };

struct job {
    int64_t id;
    bool is_alarm;
    char *payload;
};

struct lane {
    struct outlets *outlets;
    struct queue *queue;
    struct thread *thread;
    struct http_caller *caller; /* WEBHOOK; lane thread, aborted by the stopping one */
    enum sink_result (*send)(struct lane *l, const struct job *job);
};

struct outlets {
    char *webhook_url, *webhook_secret, *email_url, *email_user, *email_password, *email_from,
        *email_to; /* (c) */
    struct clock *clock;
    struct notify *notify;
    struct lane lanes[KINDS];
};

static void drop_job(void *ptr, void *ctx)
{
    struct job *job = ptr;
    (void)ctx;
    mem_free(job->payload);
    mem_free(job);
}

/* ---- webhook ---- */

static void sign(const struct outlets *o, const char *timestamp, const char *body,
                 char out[2 * HASH_SHA256_BYTES + 1])
{
    uint8_t mac[HASH_SHA256_BYTES];
    char *text TR_CLEANUP(mem_freep) = xasprintf("%s.%s", timestamp, body);
    hash_hmac_sha256(o->webhook_secret, strlen(o->webhook_secret), text, strlen(text), mac);
    for (size_t i = 0; i < sizeof(mac); i++)
        (void)snprintf(out + 2 * i, 3, "%02x", mac[i]);
}

static enum sink_result result_of(const struct http_response *r)
{
    if (r->result != HTTP_OK)
        return SINK_RETRY;
    if (r->status >= 200 && r->status < 300)
        return SINK_SENT;
    return r->status == 400 || r->status == 413 || r->status == 422 ? SINK_DROP : SINK_RETRY;
}

static enum sink_result send_webhook(struct lane *l, const struct job *job)
{
    const struct outlets *o = l->outlets;
    char time[80], delivery[80], signature[160], stamp[24], hex[2 * HASH_SHA256_BYTES + 1];
    (void)snprintf(stamp, sizeof(stamp), "%" PRId64, clock_wall_ms(o->clock) / 1000);
    sign(o, stamp, job->payload, hex);
    (void)snprintf(time, sizeof(time), "X-Trident-Timestamp: %s", stamp);
    (void)snprintf(delivery, sizeof(delivery), "X-Trident-Delivery: %" PRId64, job->id);
    (void)snprintf(signature, sizeof(signature), "X-Trident-Signature: sha256=%s", hex);
    const char *const headers[] = {"Content-Type: application/json", time, delivery,
                                   o->webhook_secret[0] != '\0' ? signature : NULL, NULL};
    const struct http_request req = {
        .method = "POST",
        .url = o->webhook_url,
        .headers = headers,
        .body = job->payload,
        .body_len = strlen(job->payload),
        .timeout_ms = TIMEOUT_MS,
        .max_body_bytes = ANSWER_MAX_BYTES,
    };
    struct http_response answer;
    http_response_init(&answer, ANSWER_MAX_BYTES);
    http_call(l->caller, &req, &answer);
    enum sink_result r = result_of(&answer);
    if (r != SINK_SENT)
        log_warn("sinks", "webhook_refused id=%" PRId64 " result=%d status=%d", job->id,
                 (int)answer.result, answer.status);
    http_response_deinit(&answer);
    return r;
}

/* ---- e-mail ---- */

static enum sink_result send_email(struct lane *l, const struct job *job)
{
    const struct outlets *o = l->outlets;
    int status = 0;
    const struct smtp_mail mail = {
        .url = o->email_url,
        .user = o->email_user,
        .password = o->email_password,
        .from = o->email_from,
        .to = o->email_to,
        .subject = job->is_alarm ? "Trident: ALARM" : "Trident: digest",
        .html = job->payload,
        .wall_ms = clock_wall_ms(o->clock),
        .id = job->id,
        .timeout_ms = TIMEOUT_MS,
    };
    enum http_result r = smtp_send(&mail, &status);
    if (r == HTTP_OK)
        return SINK_SENT;
    log_warn("sinks", "email_refused id=%" PRId64 " result=%d status=%d", job->id, (int)r, status);
    return SINK_RETRY;
}

/* ---- threads ---- */

static void lane_main(struct thread *self, void *arg)
{
    struct lane *l = arg;
    while (!thread_should_stop(self)) {
        struct queue_item item;
        if (queue_take_many(l->queue, &item, 1, INT64_MAX) == 0)
            continue;
        const struct job *job = item.ptr;
        enum sink_result r = l->send(l, job);
        if (!thread_should_stop(self))
            notify_outlet_done(l->outlets->notify, job->id, r);
        drop_job(item.ptr, NULL);
    }
}

static void wake(void *arg)
{
    struct lane *l = arg;
    if (l->caller != NULL)
        http_caller_abort(l->caller);
    queue_wake(l->queue);
}

static void start_lane(struct outlets *o, int kind, const char *name,
                       enum sink_result (*send)(struct lane *, const struct job *))
{
    struct lane *l = &o->lanes[kind];
    l->outlets = o;
    l->send = send;
    l->queue = queue_new(ROOM, drop_job, NULL);
    l->caller = kind == WEBHOOK ? http_caller_new() : NULL;
    l->thread = thread_start(name, lane_main, wake, l);
}

bool outlets_send(void *outlets, int64_t outbox_id, int64_t chat_id, bool is_alarm,
                  const char *payload)
{
    struct outlets *o = outlets;
    TR_ASSERT(chat_id == NOTIFY_CHAT_WEBHOOK || chat_id == NOTIFY_CHAT_EMAIL);
    struct lane *l = &o->lanes[chat_id == NOTIFY_CHAT_WEBHOOK ? WEBHOOK : EMAIL];
    if (l->queue == NULL)
        return false; /* configured no more: what waits is given up after a day */
    struct job *job = xalloc(sizeof(*job));
    *job = (struct job){outbox_id, is_alarm, xstrdup(payload)};
    if (queue_push(l->queue, QUEUE_LANE_NORMAL, job, 0) == QUEUE_OK)
        return true;
    drop_job(job, NULL);
    return false;
}

/* ---- life ---- */

static char *copy(const char *s)
{
    return xstrdup(s != NULL ? s : "");
}

struct outlets *outlets_new(const struct outlets_options *opt)
{
    TR_ASSERT(opt->clock != NULL);
    struct outlets *o = xalloc(sizeof(*o));
    o->clock = opt->clock;
    o->webhook_url = copy(opt->webhook_url);
    o->webhook_secret = copy(opt->webhook_secret);
    o->email_url = copy(opt->email_url);
    o->email_user = copy(opt->email_user);
    o->email_password = copy(opt->email_password);
    o->email_from = copy(opt->email_from);
    o->email_to = copy(opt->email_to);
    return o;
}

bool outlets_has_webhook(const struct outlets *o)
{
    return o->webhook_url[0] != '\0';
}

bool outlets_has_email(const struct outlets *o)
{
    return o->email_url[0] != '\0' && o->email_from[0] != '\0' && o->email_to[0] != '\0';
}

void outlets_start(struct outlets *o, struct notify *n)
{
    TR_ASSERT(o->notify == NULL && n != NULL);
    o->notify = n;
    if (outlets_has_webhook(o))
        start_lane(o, WEBHOOK, "webhook", send_webhook);
    if (outlets_has_email(o))
        start_lane(o, EMAIL, "email", send_email);
}

void outlets_stop(struct outlets *o)
{
    for (int i = 0; i < KINDS; i++)
        if (o->lanes[i].thread != NULL)
            o->lanes[i].thread = thread_join(o->lanes[i].thread);
}

struct outlets *outlets_free(struct outlets *o)
{
    if (o == NULL)
        return NULL;
    outlets_stop(o);
    for (int i = 0; i < KINDS; i++) {
        queue_free(o->lanes[i].queue);
        http_caller_free(o->lanes[i].caller);
    }
    hash_wipe(o->webhook_secret, strlen(o->webhook_secret));
    hash_wipe(o->email_password, strlen(o->email_password));
    mem_free(o->webhook_url);
    mem_free(o->webhook_secret);
    mem_free(o->email_url);
    mem_free(o->email_user);
    mem_free(o->email_password);
    mem_free(o->email_from);
    mem_free(o->email_to);
    return mem_free(o);
}
