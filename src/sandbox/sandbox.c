/* Composition: options in, server and threads up; requests to the three doors (bots, people,
 * pages); and down again. Stop order: no new connections, parked requests answered, timer (writes
 * the snapshot) and alert threads joined, server joined, memory freed. */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "core/log.h"
#include "sandbox/internal.h"

#define MAX_CONNECTIONS    4000
#define HEADER_DEADLINE_MS 5000
#define IDLE_TIMEOUT_S     500 /* the real local server's */

static void on_request(struct http_exchange *x, void *ctx)
{
    struct sandbox *s = ctx;
    struct sandbox_turn t;
    const char *path = http_path(x);
    if (str_eq(path, "/sandbox/events")) {
        sandbox_events_listen(s, x);
        return;
    }
    sandbox_turn_begin(&t, s);
    if (s->stopping)
        (void)sandbox_turn_answer(&t, x, 503, NULL, NULL);
    else if (str_starts(path, "/bot"))
        sandbox_bot_request(&t, x, path + strlen("/bot"));
    else if (str_starts(path, "/file/bot"))
        sandbox_bot_file(&t, x, path + strlen("/file/bot"));
    else if (str_starts(path, "/sandbox/"))
        sandbox_user_request(&t, x, path + strlen("/sandbox/"));
    else
        sandbox_page(&t, x, path);
    sandbox_turn_end(&t);
}

static char *copy_unless_empty(const char *s)
{
    return s && s[0] ? xstrdup(s) : NULL;
}

static void configure(struct sandbox *s, const struct sandbox_options *opt)
{
    s->web_dir = copy_unless_empty(opt->web_dir);
    s->alert_url = copy_unless_empty(opt->alert_url);
    s->state_path = copy_unless_empty(opt->state_path);
    s->enforce_limits = opt->enforce_limits;
    s->strict_polls = opt->strict_polls;
    s->started_us = sandbox_now_us();
    s->timer_due_us = INT64_MAX;
    mutex_init(&s->lock);
    mutex_init(&s->stream_lock);
    cond_init(&s->timer_wake);
    buf_init(&s->events, SANDBOX_OUT_MAX_BYTES);
    s->alerts = queue_new(SANDBOX_ALERTS_MAX, sandbox_alert_drop, NULL);
    s->alert_caller = http_caller_new();
}

static struct sandbox *destroy(struct sandbox *s)
{
    TR_ASSERT(!s->server && !s->timer && !s->alert);
    (void)queue_free(s->alerts);
    (void)http_caller_free(s->alert_caller);
    sandbox_record_close(s);
    sandbox_world_deinit(&s->world);
    buf_deinit(&s->events);
    (void)mem_free(s->held);
    (void)mem_free(s->web_dir);
    (void)mem_free(s->alert_url);
    (void)mem_free(s->state_path);
    cond_deinit(&s->timer_wake);
    mutex_deinit(&s->stream_lock);
    mutex_deinit(&s->lock);
    return mem_free(s);
}

static int open_world(struct sandbox *s, const struct sandbox_options *opt)
{
    int r = sandbox_world_init(&s->world, opt);
    for (size_t i = 0; i < s->world.bot_count; i++)
        s->world.bots[i].allowed = SANDBOX_ALLOWED_DEFAULT;
    if (r == 0 && s->state_path)
        r = sandbox_state_load(s, s->state_path);
    if (r == 0)
        r = sandbox_record_open(s, opt->record_path);
    return r;
}

int sandbox_start(const struct sandbox_options *opt, struct sandbox **ret)
{
    TR_ASSERT(opt && ret);
    struct sandbox *s = xalloc(sizeof(*s));
    configure(s, opt);
    struct http_server_options http = {.listen = opt->listen ? opt->listen : "127.0.0.1",
                                       .port = opt->port,
                                       .listen_fd = opt->listen_fd,
                                       .max_body_bytes = SANDBOX_BODY_MAX_BYTES,
                                       .max_connections = MAX_CONNECTIONS,
                                       .header_deadline_ms = HEADER_DEADLINE_MS,
                                       .idle_timeout_s = IDLE_TIMEOUT_S,
                                       .handle = on_request,
                                       .ctx = s};
    int r = open_world(s, opt);
    if (r == 0)
        r = http_server_start(&http, &s->server);
    if (r != 0) {
        (void)destroy(s);
        return err_trace(r);
    }
    s->timer = thread_start("sandbox-timer", sandbox_timer_main, sandbox_timer_stop, s);
    s->alert = thread_start("sandbox-alert", sandbox_alert_main, sandbox_alert_stop, s);
    log_info("sandbox", "started port=%u bots=%zu", (unsigned)sandbox_port(s), s->world.bot_count);
    *ret = s;
    return 0;
}

uint16_t sandbox_port(const struct sandbox *s)
{
    TR_ASSERT(s);
    return http_server_port(s->server);
}

struct sandbox *sandbox_stop(struct sandbox *s)
{
    if (!s)
        return NULL;
    http_server_quiesce(s->server);
    s->timer = thread_join(s->timer); /* its last step answers what is parked */
    s->alert = thread_join(s->alert);
    sandbox_events_stop(s);
    s->server = http_server_stop(s->server);
    /* A page that came while the server stopped. */
    sandbox_events_stop(s);
    log_info("sandbox", "stopped requests=%llu", (unsigned long long)s->requests);
    return destroy(s);
}
