/* net/http_server.c: the loop around libmicrohttpd.
 *
 * One thread of ours runs the library in external-epoll mode, so that thread naming, signal masks,
 * the sweep of slow clients and the orderly stop are ours and no second thread is needed. A request
 * goes on_target (request line read) -> on_request with the head (guard) -> on_request with body
 * bytes (collected) -> on_request complete: handle() -> answered inside the call, or suspended
 * until http_answer() -> on_request again, response queued -> on_completed. Per connection one
 * struct http_connection with one exchange lives as long as the connection; a keep-alive request
 * allocates only the library's response, made and freed by this thread.
 *
 * Sweep: the library's time-out starts anew with each byte, so a client can drip a head for ever.
 * Every 500 ms connections whose head (or body) takes too long in total are shut down.
 *
 * Stop: no new connections; what is unanswered gets 503; bytes under way get half a second. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"
#include "net/http_server_impl.h"

#define BACKLOG               1024
#define CONNECTION_POOL_BYTES ((size_t)16 * 1024) /* head limit, spec reliability 5.9 */
#define SWEEP_EVERY_US        INT64_C(500000)
#define BODY_DEADLINE_US      INT64_C(30000000)
#define STOP_DEADLINE_US      INT64_C(500000)
#define DISCARD_MAX_BYTES     ((size_t)1024 * 1024)
#define SPARE_FDS             256

static void wake(struct http_server *s)
{
    uint64_t one = 1;
    /* Only fails when the counter is full: then it is readable anyway. */
    ssize_t ignored = write(s->wake_fd, &one, sizeof(one));
    (void)ignored;
}

void http_server_unref_unlock(struct http_server *s) TR_NO_TSA
{
    mutex_assert_held(&s->lock);
    TR_ASSERT(s->refs > 0);
    bool last = --s->refs == 0;
    mutex_unlock(&s->lock);
    if (!last)
        return;
    TR_ASSERT(s->owned == NULL);
    TR_ASSERT(s->conns == NULL);
    cond_deinit(&s->changed);
    mutex_deinit(&s->lock);
    (void)mem_free(s); /* returns NULL */
}

void http_server_resume_locked(struct http_server *s, struct http_resume *r,
                               struct MHD_Connection *mhd)
{
    TR_ASSERT(mhd != NULL);
    bool first = s->resumable == NULL;
    r->mhd = mhd;
    r->next = s->resumable;
    s->resumable = r;
    if (first)
        wake(s);
}

/* -- connections ------------------------------------------------------------------------------- */

static void connection_set_phase(struct http_connection *c, enum connection_phase phase)
{
    TR_ASSERT(phase != CONNECTION_UNSET);
    c->phase = phase;
    c->since_us = c->server->now_us;
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http_server *s = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        struct http_connection *c = xalloc(sizeof(*c));
        c->server = s;
        c->mhd = mhd;
        c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        connection_set_phase(c, CONNECTION_HEAD);
        c->next = s->conns;
        if (s->conns != NULL)
            s->conns->prev = c;
        s->conns = c;
        *socket_context = c;
        atomic_fetch_add_explicit(&s->connections, 1, memory_order_relaxed);
        return;
    }
    struct http_connection *c = *socket_context;
    TR_ASSERT(c != NULL);
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        s->conns = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    c->x = http_exchange_free(c->x);
    *socket_context = mem_free(c);
    atomic_fetch_sub_explicit(&s->connections, 1, memory_order_relaxed);
}

static struct http_connection *connection_of(struct MHD_Connection *mhd)
{
    struct http_connection *c =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    TR_ASSERT(c != NULL);
    TR_ASSERT(c->mhd == mhd);
    return c;
}

static void sweep(struct http_server *s)
{
    int64_t head_us = (int64_t)s->opt.header_deadline_ms * 1000;
    int64_t idle_us = (int64_t)s->opt.idle_timeout_s * 1000000;
    for (struct http_connection *c = s->conns; c != NULL; c = c->next) {
        int64_t limit_us = INT64_MAX;
        switch (c->phase) {
        case CONNECTION_HEAD:
            limit_us = head_us;
            break;
        case CONNECTION_IDLE: /* the next head may begin at the last moment, but not drip on */
            limit_us = idle_us + head_us;
            break;
        case CONNECTION_BODY:
            limit_us = BODY_DEADLINE_US;
            break;
        case CONNECTION_BUSY:
        case CONNECTION_UNSET:
        case CONNECTION_PHASE_COUNT:
            break;
        }
        if (s->now_us - c->since_us > limit_us) {
            (void)shutdown(c->fd, SHUT_RDWR); /* the library sees the end and cleans up */
            connection_set_phase(c, CONNECTION_BUSY);
        }
    }
}

/* -- requests ---------------------------------------------------------------------------------- */

/* The request line has been read: from here the head must be complete in time. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
    struct http_server *s = cls;
    struct http_connection *c = connection_of(mhd);
    if (c->phase == CONNECTION_IDLE)
        connection_set_phase(c, CONNECTION_HEAD);
    if (c->x == NULL)
        c->x = http_exchange_new(s);
    TR_ASSERT(c->x->state == EXCHANGE_NEW);
    c->x->bad_target = !http_guard_target_is_clean(target);
    c->x->mhd = mhd;
    return c->x;
}

static const char *refusal_text(unsigned status)
{
    switch (status) {
    case 400:
        return "The request is malformed.";
    case 405:
        return "This method is not known here.";
    case 413:
        return "The body is too large.";
    case 431:
        return "The head is too large.";
    default:
        return "Not now. Try again.";
    }
}

static enum MHD_Result refuse(struct MHD_Connection *mhd, unsigned status)
{
    static const char *const close_headers[] = {
        "Connection: close", "Allow: GET, POST, PUT, DELETE, HEAD, OPTIONS", NULL};
    static const char *const retry_headers[] = {"Connection: close", "Retry-After: 2", NULL};
    char body[128];
    int len = snprintf(body, sizeof(body), "{\"status\":\"refused\",\"http\":%u,\"text\":\"%s\"}",
                       status, refusal_text(status));
    TR_ASSERT(len > 0 && (size_t)len < sizeof(body));
    struct MHD_Response *r = http_response_make("application/json", body, (size_t)len,
                                                status == 503 ? retry_headers : close_headers);
    if (r == NULL)
        return MHD_NO;
    enum MHD_Result result = MHD_queue_response(mhd, status, r);
    MHD_destroy_response(r);
    return result;
}

static enum MHD_Result begin_request(struct http_connection *c, const char *path,
                                     const char *method, const char *version)
{
    struct http_server *s = c->server;
    struct http_exchange *x = c->x;
    s->active++;
    connection_set_phase(c, CONNECTION_BODY);
    x->path = path;
    x->method = method;
    unsigned status = x->bad_target ? 400 : 0;
    if (status == 0)
        status = http_guard_check(c->mhd, method, version, s->opt.max_body_bytes);
    if (status == 0 && s->shutting_down)
        status = 503;
    if (status == 0) {
        x->state = EXCHANGE_COLLECTING;
        return MHD_YES;
    }
    x->state = EXCHANGE_REFUSED;
    return refuse(c->mhd, status);
}

static enum MHD_Result collect_body(struct http_exchange *x, const char *data, size_t *size)
{
    if (!x->too_big) {
        buf_append(&x->body, data, *size);
        x->too_big = buf_failed(&x->body);
    } else {
        x->discarded_bytes += *size;
        if (x->discarded_bytes > DISCARD_MAX_BYTES)
            return MHD_NO;
    }
    *size = 0;
    return MHD_YES;
}

static enum MHD_Result send_answer(struct http_connection *c, struct http_exchange *x)
{
    struct MHD_Response *r = http_exchange_response(x);
    if (r == NULL) { /* http_drop: reset, not an orderly end */
        struct linger now = {.l_onoff = 1, .l_linger = 0};
        (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)); /* else a plain close */
        return MHD_NO;
    }
    enum MHD_Result result = MHD_queue_response(c->mhd, (unsigned)x->status, r);
    MHD_destroy_response(r);
    return result;
}

/* The whole request is here. Returns with the answer queued or the connection suspended. */
static enum MHD_Result dispatch(struct http_connection *c, struct http_exchange *x)
{
    struct http_server *s = c->server;
    connection_set_phase(c, CONNECTION_BUSY);
    mutex_lock(&s->lock);
    x->state = EXCHANGE_OWNED;
    x->next = s->owned;
    if (s->owned != NULL)
        s->owned->prev = x;
    s->owned = x;
    s->refs++;
    mutex_unlock(&s->lock);

    s->opt.handle(x, s->opt.ctx);

    mutex_lock(&s->lock);
    bool answered = x->state == EXCHANGE_ANSWERED;
    if (!answered) {
        TR_ASSERT(x->state == EXCHANGE_OWNED);
        MHD_suspend_connection(c->mhd);
        x->state = EXCHANGE_SUSPENDED;
    }
    mutex_unlock(&s->lock);
    return answered ? send_answer(c, x) : MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *mhd, const char *path,
                                  const char *method, const char *version, const char *upload_data,
                                  size_t *upload_data_size, void **con_cls)
{
    struct http_exchange *x = *con_cls;
    struct http_connection *c = connection_of(mhd);
    TR_ASSERT(x != NULL);
    TR_ASSERT(c->x == x);
    TR_ASSERT(c->server == cls);
    switch (x->state) {
    case EXCHANGE_NEW:
        return begin_request(c, path, method, version);
    case EXCHANGE_COLLECTING:
        if (*upload_data_size > 0)
            return collect_body(x, upload_data, upload_data_size);
        if (x->too_big || c->server->shutting_down) {
            x->state = EXCHANGE_REFUSED;
            return refuse(mhd, x->too_big ? 413 : 503);
        }
        return dispatch(c, x);
    case EXCHANGE_ANSWERED:
    case EXCHANGE_ABANDONED:
        return send_answer(c, x);
    case EXCHANGE_REFUSED:
        *upload_data_size = 0;
        return MHD_YES;
    case EXCHANGE_OWNED:
    case EXCHANGE_SUSPENDED:
    case EXCHANGE_UNSET:
    case EXCHANGE_STATE_COUNT:
        break;
    }
    TR_ASSERT(x->state == EXCHANGE_NEW); /* a suspended connection is not called */
    return MHD_NO;
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **con_cls,
                         enum MHD_RequestTerminationCode code)
{
    struct http_server *s = cls;
    struct http_exchange *x = *con_cls;
    (void)code;
    if (x == NULL)
        return; /* ended before its request line */
    struct http_connection *c = connection_of(mhd);
    TR_ASSERT(c->x == x);
    if (x->state != EXCHANGE_NEW) {
        TR_ASSERT(s->active > 0);
        s->active--;
    }
    bool keep = true;
    mutex_lock(&s->lock);
    TR_ASSERT(x->state != EXCHANGE_OWNED && x->state != EXCHANGE_SUSPENDED);
    if (x->state == EXCHANGE_ABANDONED && !x->owner_done) {
        x->detached = true; /* its owner frees it */
        keep = false;
    }
    mutex_unlock(&s->lock);
    if (keep)
        http_exchange_reset(x);
    else
        c->x = NULL;
    connection_set_phase(c, CONNECTION_IDLE);
    *con_cls = NULL;
}

/* -- the loop ---------------------------------------------------------------------------------- */

static void quiesce_if_wanted(struct http_server *s)
{
    mutex_lock(&s->lock);
    bool now = s->want_quiesce && !s->quiesced;
    mutex_unlock(&s->lock);
    if (!now)
        return;
    /* From now on the socket is ours to close. */
    (void)MHD_quiesce_daemon(s->daemon); /* fails only when already done */
    mutex_lock(&s->lock);
    s->quiesced = true;
    cond_broadcast(&s->changed);
    mutex_unlock(&s->lock);
}

/* The nodes stay valid: their connections are suspended until the library runs again. */
static bool resume_answered(struct http_server *s)
{
    mutex_lock(&s->lock);
    struct http_resume *list = TR_STEAL(s->resumable);
    mutex_unlock(&s->lock);
    bool any = list != NULL;
    while (list != NULL) {
        struct http_resume *next = list->next;
        MHD_resume_connection(list->mhd);
        list = next;
    }
    return any;
}

static void run_once(struct http_server *s, int64_t until_us)
{
    s->now_us = clock_mono_us(clock_real());
    int64_t wait_us = resume_answered(s) ? 0 : until_us - s->now_us;
    MHD_UNSIGNED_LONG_LONG library_ms = 0;
    if (MHD_get_timeout(s->daemon, &library_ms) == MHD_YES &&
        library_ms < (MHD_UNSIGNED_LONG_LONG)INT32_MAX && (int64_t)library_ms * 1000 < wait_us)
        wait_us = (int64_t)library_ms * 1000;
    if (wait_us > 0) {
        struct pollfd fds[2] = {
            {.fd = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
             .events = POLLIN},
            {.fd = s->wake_fd, .events = POLLIN},
        };
        int ready = poll(fds, TR_ARRAY_SIZE(fds), (int)((wait_us + 999) / 1000));
        s->now_us = clock_mono_us(clock_real());
        uint64_t counter;
        if (ready > 0 && (fds[1].revents & POLLIN) != 0 &&
            read(s->wake_fd, &counter, sizeof(counter)) < 0)
            log_debug("net", "wake_read_failed errno=%d", errno);
        (void)resume_answered(s); /* they take part in this turn */
    }
    (void)MHD_run(s->daemon); /* fails only without a daemon */
    if (s->now_us >= s->next_sweep_us) {
        sweep(s);
        s->next_sweep_us = s->now_us + SWEEP_EVERY_US;
    }
}

static void shut_down(struct http_server *s)
{
    mutex_lock(&s->lock);
    s->want_quiesce = true;
    s->stopping = true;
    mutex_unlock(&s->lock);
    quiesce_if_wanted(s);
    s->shutting_down = true;
    mutex_lock(&s->lock);
    http_exchange_abandon_all_locked(s);
    http_stream_end_all_locked(s);
    mutex_unlock(&s->lock);
    int64_t deadline_us = clock_mono_us(clock_real()) + STOP_DEADLINE_US;
    do
        run_once(s, s->now_us + 20000);
    while (s->active > 0 && s->now_us < deadline_us);
    (void)resume_answered(s); /* a suspended connection must not meet the library's stop */
    MHD_stop_daemon(s->daemon);
    TR_ASSERT(s->conns == NULL);
}

static void server_main(struct thread *self, void *arg)
{
    struct http_server *s = arg;
    while (!thread_should_stop(self)) {
        quiesce_if_wanted(s);
        run_once(s, s->next_sweep_us);
    }
    shut_down(s);
}

static void server_wake(void *arg)
{
    wake(arg);
}

/* -- start and stop ---------------------------------------------------------------------------- */

static int listen_on(const char *address, uint16_t port, int *ret_fd)
{
    union {
        struct sockaddr sa;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } a;
    memset(&a, 0, sizeof(a));
    socklen_t len;
    if (inet_pton(AF_INET, address, &a.in.sin_addr) == 1) {
        a.in.sin_family = AF_INET;
        a.in.sin_port = htons(port);
        len = sizeof(a.in);
    } else if (inet_pton(AF_INET6, address, &a.in6.sin6_addr) == 1) {
        a.in6.sin6_family = AF_INET6;
        a.in6.sin6_port = htons(port);
        len = sizeof(a.in6);
    } else {
        return err_raise(-EINVAL);
    }
    int fd = socket(a.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_raise(-errno);
    int one = 1;
    int r = 0;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
        bind(fd, &a.sa, len) < 0 || listen(fd, BACKLOG) < 0)
        r = -errno;
    if (r < 0) {
        (void)file_close(fd); /* always -1 */
        return err_raise(r);
    }
    *ret_fd = fd;
    return 0;
}

static int port_of(int fd, uint16_t *ret_port)
{
    struct sockaddr_storage a;
    socklen_t len = sizeof(a);
    if (getsockname(fd, (struct sockaddr *)&a, &len) < 0)
        return err_raise(-errno);
    *ret_port = 0;
    if (a.ss_family == AF_INET)
        *ret_port = ntohs(((const struct sockaddr_in *)&a)->sin_port);
    else if (a.ss_family == AF_INET6)
        *ret_port = ntohs(((const struct sockaddr_in6 *)&a)->sin6_port);
    return 0;
}

/* The usual soft limit of 1,024 descriptors is below max_connections. */
static void raise_fd_limit(int max_connections)
{
    struct rlimit lim;
    rlim_t want = (rlim_t)max_connections + SPARE_FDS;
    if (getrlimit(RLIMIT_NOFILE, &lim) < 0 || lim.rlim_cur >= want)
        return;
    lim.rlim_cur = lim.rlim_max == RLIM_INFINITY || lim.rlim_max > want ? want : lim.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &lim); /* failure means fewer connections, no more */
}

static void on_library_log(void *cls, const char *fmt, va_list ap) TR_PRINTF(2, 0);
static void on_library_log(void *cls, const char *fmt, va_list ap)
{
    (void)cls;
    char line[256];
    int len = vsnprintf(line, sizeof(line), fmt, ap);
    if (len > 0)
        log_debug("net", "http_library %s", line);
}

static struct MHD_Daemon *start_daemon(struct http_server *s)
{
    const struct http_server_options *o = &s->opt;
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)CONNECTION_POOL_BYTES, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, o->max_connections, NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, o->max_connections_per_address, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, o->idle_timeout_s, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_LISTEN_SOCKET, s->listen_fd, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG, 0, NULL, NULL,
        on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL, MHD_OPTION_ARRAY, options,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        s, MHD_OPTION_URI_LOG_CALLBACK, on_target, s, MHD_OPTION_END);
}

static void server_drop(struct http_server *s)
{
    if (s->listen_fd >= 0)
        s->listen_fd = file_close(s->listen_fd);
    if (s->wake_fd >= 0)
        s->wake_fd = file_close(s->wake_fd);
    mutex_lock(&s->lock);
    http_server_unref_unlock(s);
}

int http_server_start(const struct http_server_options *opt, struct http_server **ret)
{
    TR_ASSERT(opt != NULL && ret != NULL);
    TR_ASSERT(opt->handle != NULL);
    TR_ASSERT(opt->max_body_bytes > 0 && opt->max_connections > 0);
    TR_ASSERT(opt->header_deadline_ms > 0 && opt->idle_timeout_s > 0);
    struct http_server *s = xalloc(sizeof(*s));
    s->opt = *opt;
    s->opt.listen = NULL; /* borrowed during the start only */
    mutex_init(&s->lock);
    cond_init(&s->changed);
    s->refs = 1;
    s->listen_fd = opt->listen_fd;
    s->wake_fd = -1;
    s->now_us = clock_mono_us(clock_real());
    s->next_sweep_us = s->now_us + SWEEP_EVERY_US;
    raise_fd_limit(opt->max_connections);

    int r = 0;
    if (s->listen_fd < 0)
        r = listen_on(opt->listen, opt->port, &s->listen_fd);
    if (r == 0)
        r = port_of(s->listen_fd, &s->port);
    if (r == 0 && (s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
        r = err_raise(-errno);
    if (r == 0 && (s->daemon = start_daemon(s)) == NULL)
        r = err_raise(-EIO);
    if (r < 0) {
        server_drop(s);
        return err_trace(r);
    }
    s->thread = thread_start("http", server_main, server_wake, s);
    *ret = s;
    return 0;
}

uint16_t http_server_port(const struct http_server *s)
{
    TR_ASSERT(s != NULL);
    return s->port;
}

int http_server_fd(const struct http_server *s)
{
    TR_ASSERT(s != NULL);
    return s->listen_fd;
}

size_t http_server_connections(const struct http_server *s)
{
    TR_ASSERT(s != NULL);
    return atomic_load_explicit(&s->connections, memory_order_relaxed);
}

void http_server_quiesce(struct http_server *s)
{
    TR_ASSERT(s != NULL);
    mutex_lock(&s->lock);
    s->want_quiesce = true;
    wake(s);
    while (!s->quiesced)
        cond_wait(&s->changed, &s->lock);
    mutex_unlock(&s->lock);
}

struct http_server *http_server_stop(struct http_server *s)
{
    if (s == NULL)
        return NULL;
    s->thread = thread_join(s->thread);
    server_drop(s);
    return NULL;
}
