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
 * Room: when as many are connected as may be, the newcomer stays and who is longest without a use
 * goes. So holding connections open keeps nobody out.
 *
 * Sweep: the library's time-out starts anew with each byte, so a client can drip a head for ever.
 * Every 500 ms connections whose head (or body) takes too long in total are shut down.
 *
 * Stop: no new connections; what is unanswered gets 503; bytes under way get half a second. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"
#include "net/http_server_impl.h"

#define CONNECTION_POOL_BYTES ((size_t)16 * 1024) /* head limit, spec reliability 5.9 */
#define BEGIN_US              INT64_C(500000)
#define SWEEP_EVERY_US        INT64_C(500000)
#define BODY_DEADLINE_US      INT64_C(30000000)
#define STOP_DEADLINE_US      INT64_C(500000)
#define DISCARD_MAX_BYTES     ((size_t)1024 * 1024)
#define LOCAL_MAX             32  /* connections through the Unix socket */
#define LOCAL_ACCEPTS         8   /* of them in one turn */
#define ENDING_MAX            128 /* connections cut, whose end the library has not seen yet */
#define SPARE_FDS             512 /* the two above, and everything that is not HTTP */

void http_server_wake(struct http_server *s)
{
    uint64_t one = 1;
    /* Only fails when the counter is full: then it is readable anyway. */
    ssize_t ignored = write(s->wake_fd, &one, sizeof(one));
    (void)ignored;
}

static bool connection_is_none(const struct http_server *s)
{
    return s->outside == 0 && s->inside == 0;
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
    TR_ASSERT(connection_is_none(s));
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
        http_server_wake(s);
}

/* -- connections ------------------------------------------------------------------------------- */

static void connection_unlink(struct http_connection *c)
{
    struct http_connection_list *list = &c->server->conns[c->phase];
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        list->first = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    else
        list->last = c->prev;
    c->prev = c->next = NULL;
}

/* now_us never goes back, so each list is in the order of since_us. */
void http_connection_set_phase(struct http_connection *c, enum connection_phase phase)
{
    TR_ASSERT(phase != CONNECTION_UNSET);
    if (c->phase != CONNECTION_UNSET)
        connection_unlink(c);
    struct http_connection_list *list = &c->server->conns[phase];
    TR_ASSERT(list->last == NULL || list->last->since_us <= c->server->now_us);
    c->phase = phase;
    c->since_us = c->server->now_us;
    c->prev = list->last;
    if (list->last != NULL)
        list->last->next = c;
    else
        list->first = c;
    list->last = c;
}

/* The library sees the end and cleans up. */
static void connection_cut(struct http_connection *c)
{
    (void)shutdown(c->fd, SHUT_RDWR); /* fails when the other side was faster */
    http_connection_set_phase(c, CONNECTION_ENDING);
}

static bool cut_oldest(struct http_server *s, enum connection_phase phase, int64_t older_us)
{
    struct http_connection *c = s->conns[phase].first;
    while (c != NULL && c->is_local)
        c = c->next;
    if (c == NULL || s->now_us - c->since_us < older_us)
        return false;
    connection_cut(c);
    return true;
}

/* Of those from outside: who should have said something by now, then who is idle longest, then who
 * is slow with a body; a connection has a moment to begin with, unless there is nobody else.
 * Whoever waits for an answer stays. */
static void make_room(struct http_server *s)
{
    (void)(cut_oldest(s, CONNECTION_HEAD, BEGIN_US) || cut_oldest(s, CONNECTION_IDLE, 0) ||
           cut_oldest(s, CONNECTION_BODY, BEGIN_US) || cut_oldest(s, CONNECTION_HEAD, 0) ||
           cut_oldest(s, CONNECTION_BODY, 0)); /* else all are waited for: the library's limit */
}

static void connection_begin(struct http_server *s, struct MHD_Connection *mhd,
                             void **socket_context)
{
    struct http_connection *c = xalloc(sizeof(*c));
    c->server = s;
    c->mhd = mhd;
    c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    c->is_local = s->local_fd >= 0 && http_socket_is_local(c->fd);
    if (c->is_local)
        s->inside++;
    else if (s->outside++ >= s->room)
        make_room(s);
    http_handover_begin(c);
    http_connection_set_phase(c, CONNECTION_HEAD);
    *socket_context = c;
    atomic_fetch_add_explicit(&s->connections, 1, memory_order_relaxed);
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http_server *s = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        connection_begin(s, mhd, socket_context);
        return;
    }
    struct http_connection *c = *socket_context;
    TR_ASSERT(c != NULL);
    connection_unlink(c);
    size_t *count = c->is_local ? &s->inside : &s->outside;
    TR_ASSERT(*count > 0);
    (*count)--;
    c->x = http_exchange_free(c->x);
    *socket_context = mem_free(c);
    atomic_fetch_sub_explicit(&s->connections, 1, memory_order_relaxed);
}

/* Through the Unix socket there is room of its own: who fills the port does not lock out the
 * people who run the machine. */
static void accept_local(struct http_server *s)
{
    for (int i = 0; i < LOCAL_ACCEPTS; i++) {
        int fd = accept4(s->local_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return; /* nobody waits, or no descriptor is left: at the next turn */
        const struct sockaddr_un from = {.sun_family = AF_UNIX};
        if (s->inside >= LOCAL_MAX ||
            MHD_add_connection(s->daemon, fd, (const struct sockaddr *)&from,
                               (socklen_t)sizeof(from.sun_family)) != MHD_YES)
            log_debug("net", "local_connection_refused inside=%zu", s->inside);
    }
}

static struct http_connection *connection_of(struct MHD_Connection *mhd)
{
    struct http_connection *c =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    TR_ASSERT(c != NULL);
    TR_ASSERT(c->mhd == mhd);
    return c;
}

static void cut_older(struct http_server *s, enum connection_phase phase, int64_t limit_us)
{
    struct http_connection *c;
    while ((c = s->conns[phase].first) != NULL && s->now_us - c->since_us > limit_us)
        connection_cut(c);
}

static void sweep(struct http_server *s)
{
    int64_t head_us = (int64_t)s->opt.header_deadline_ms * 1000;
    int64_t idle_us = (int64_t)s->opt.idle_timeout_s * 1000000;
    cut_older(s, CONNECTION_HEAD, head_us);
    /* The next head may begin at the last moment, but not drip on. */
    cut_older(s, CONNECTION_IDLE, idle_us + head_us);
    cut_older(s, CONNECTION_BODY, BODY_DEADLINE_US);
}

/* -- requests ---------------------------------------------------------------------------------- */

/* The request line has been read: from here the head must be complete in time. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
    struct http_server *s = cls;
    struct http_connection *c = connection_of(mhd);
    if (c->phase == CONNECTION_IDLE)
        http_connection_set_phase(c, CONNECTION_HEAD);
    if (c->x == NULL)
        c->x = http_exchange_new(s);
    TR_ASSERT(c->x->state == EXCHANGE_NEW);
    c->x->bad_target = !http_guard_target_is_clean(target);
    c->x->mhd = mhd;
    return c->x;
}

static enum MHD_Result begin_request(struct http_connection *c, const char *path,
                                     const char *method, const char *version)
{
    struct http_server *s = c->server;
    struct http_exchange *x = c->x;
    s->active++;
    http_connection_set_phase(c, CONNECTION_BODY);
    x->path = path;
    x->method = method;
    const struct http_refusal *why = x->bad_target ? &http_refuse_target : NULL;
    if (why == NULL)
        why = http_guard_check(c->mhd, method, version, s->opt.max_body_bytes);
    if (why == NULL && s->shutting_down)
        why = &http_refuse_stopping;
    if (why == NULL) {
        x->state = EXCHANGE_COLLECTING;
        return MHD_YES;
    }
    x->state = EXCHANGE_REFUSED;
    return http_refuse(c->mhd, why);
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
    c->is_streaming = x->response != NULL;
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
    http_connection_set_phase(c, CONNECTION_BUSY);
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
            return http_refuse(mhd, x->too_big ? &http_refuse_body : &http_refuse_stopping);
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
    c->is_streaming = false;
    http_handover_note(c, x);
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
    http_connection_set_phase(c, CONNECTION_IDLE);
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
        struct pollfd fds[3] = {
            {.fd = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
             .events = POLLIN},
            {.fd = s->wake_fd, .events = POLLIN},
            {.fd = s->shutting_down ? -1 : s->local_fd, .events = POLLIN}, /* -1: passed over */
        };
        int ready = poll(fds, TR_ARRAY_SIZE(fds), (int)((wait_us + 999) / 1000));
        s->now_us = clock_mono_us(clock_real());
        uint64_t counter;
        if (ready > 0 && (fds[1].revents & POLLIN) != 0 &&
            read(s->wake_fd, &counter, sizeof(counter)) < 0)
            log_debug("net", "wake_read_failed errno=%d", errno);
        if (ready > 0 && (fds[2].revents & POLLIN) != 0)
            accept_local(s);
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
    TR_ASSERT(connection_is_none(s));
}

static void server_main(struct thread *self, void *arg)
{
    struct http_server *s = arg;
    s->thread_self = self;
    while (!thread_should_stop(self)) {
        quiesce_if_wanted(s);
        int64_t due_us = http_handover_turn(s);
        run_once(s, due_us);
    }
    shut_down(s);
}

static void server_wake(void *arg)
{
    http_server_wake(arg);
}

/* -- start and stop ---------------------------------------------------------------------------- */

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

/* Descriptors for the connections, and some that they never get: databases and the way to Telegram
 * keep working when the port is full. */
static size_t room_for(int max_connections)
{
    struct rlimit lim;
    rlim_t want = (rlim_t)max_connections + SPARE_FDS;
    if (getrlimit(RLIMIT_NOFILE, &lim) < 0)
        return (size_t)max_connections;
    if (lim.rlim_cur < want) {
        lim.rlim_cur = lim.rlim_max == RLIM_INFINITY || lim.rlim_max > want ? want : lim.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &lim); /* failure means fewer connections, no more */
        (void)getrlimit(RLIMIT_NOFILE, &lim); /* worked before */
    }
    if (lim.rlim_cur >= want)
        return (size_t)max_connections;
    return lim.rlim_cur > 2 * SPARE_FDS ? (size_t)(lim.rlim_cur - SPARE_FDS) : SPARE_FDS / 4;
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
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)(s->room + LOCAL_MAX + ENDING_MAX), NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, o->max_connections_per_address, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, o->idle_timeout_s, NULL},
        /* 0, and the guard asks for the Host: at 1 the library sends the head of that refusal
           twice. */
        {MHD_OPTION_STRICT_FOR_CLIENT, 0, NULL},
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
    if (s->local_fd >= 0)
        s->local_fd = file_close(s->local_fd);
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
    s->park = HTTP_PARK_RUNNING;
    s->listen_fd = opt->listen_fd;
    s->local_fd = opt->local_fd > 0 ? opt->local_fd : -1;
    s->wake_fd = -1;
    s->now_us = clock_mono_us(clock_real());
    s->next_sweep_us = s->now_us + SWEEP_EVERY_US;
    s->room = room_for(opt->max_connections);

    int r = 0;
    if (s->listen_fd < 0)
        r = http_listen_port(opt->listen, opt->port, &s->listen_fd);
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

int http_server_local_fd(const struct http_server *s)
{
    TR_ASSERT(s != NULL);
    return s->local_fd;
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
    http_server_wake(s);
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
