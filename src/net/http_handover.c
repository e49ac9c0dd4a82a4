/* net/http_handover.c: the connections of a server change the process without one being lost.
 *
 *   RUNNING --park--> SETTLING --all between two requests--> PARKED --give--> GIVEN --leave--> LEFT
 *      ^                 |  time is up                          |                |
 *      '-----------------'<------------- unpark ----------------'  (while nothing was given)
 *
 * SETTLING: the loop goes on, but a connection that stands between two requests is suspended: what
 * its client sends next stays in the kernel, unread. Requests that have begun are read to their end
 * and answered. When no request is left the server thread stands still: PARKED. Nobody is accepted
 * then either; the kernel's queue of connections holds newcomers.
 *
 * Between two requests means that the library has not read one byte of the next one. It does not
 * say so, but the kernel says how many bytes have arrived on the socket and how many of them are
 * unread, and what the finished requests took is counted here (http_handover_note). A request in
 * chunks cannot be counted; its connection stays with this process, like those through the Unix
 * socket.
 *
 * give takes a socket out of the library's hands: the caller gets a duplicate, and under the old
 * number a dead socket is put, which the library closes in its own time. A socket is shut down only
 * by who owns it, so the client sees nothing. LEFT: the loop goes on for what could not be given
 * (slow requests, streams that end), without accepting. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"
#include "net/http_server_impl.h"

#define LOOK_EVERY_US INT64_C(100000) /* whether the server is to stop, while parked */

/* ---- where a connection stands ---- */

static bool bytes_read(int fd, uint64_t *ret)
{
    struct tcp_info info;
    socklen_t len = sizeof(info);
    int unread = 0;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
        len < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof(info.tcpi_bytes_received) ||
        ioctl(fd, SIOCINQ, &unread) < 0 || unread < 0)
        return false;
    *ret = (uint64_t)info.tcpi_bytes_received - (uint64_t)unread;
    return (uint64_t)info.tcpi_bytes_received >= (uint64_t)unread;
}

void http_handover_begin(struct http_connection *c)
{
    c->is_uncounted = c->is_local || !bytes_read(c->fd, &c->taken_bytes);
}

void http_handover_note(struct http_connection *c, const struct http_exchange *x)
{
    const union MHD_ConnectionInfo *head =
        MHD_get_connection_info(c->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    bool in_chunks = MHD_lookup_connection_value(c->mhd, MHD_HEADER_KIND, "Transfer-Encoding");
    if (head == NULL || in_chunks || x->too_big)
        c->is_uncounted = true;
    else
        c->taken_bytes += head->header_size + x->body.len;
}

static bool is_between_requests(const struct http_connection *c)
{
    uint64_t taken = 0;
    return !c->is_uncounted && bytes_read(c->fd, &taken) && taken == c->taken_bytes;
}

/* ---- server thread ---- */

static void park_one(struct http_connection *c)
{
    TR_ASSERT(c->phase == CONNECTION_HEAD || c->phase == CONNECTION_IDLE);
    MHD_suspend_connection(c->mhd);
    http_connection_set_phase(c, CONNECTION_PARKED);
}

static void park_idle(struct http_server *s)
{
    static const enum connection_phase idle[] = {CONNECTION_HEAD, CONNECTION_IDLE};
    for (size_t i = 0; i < TR_ARRAY_SIZE(idle); i++)
        for (struct http_connection *c = s->conns[idle[i]].first, *next; c != NULL; c = next) {
            next = c->next;
            if (is_between_requests(c))
                park_one(c);
        }
}

/* No request is under way, but for streams and what stays here anyway. */
static bool is_at_rest(const struct http_server *s)
{
    static const enum connection_phase busy[] = {CONNECTION_HEAD, CONNECTION_IDLE, CONNECTION_BODY,
                                                 CONNECTION_BUSY};
    for (size_t i = 0; i < TR_ARRAY_SIZE(busy); i++)
        for (const struct http_connection *c = s->conns[busy[i]].first; c != NULL; c = c->next) {
            bool is_idle = busy[i] == CONNECTION_HEAD || busy[i] == CONNECTION_IDLE;
            if (!c->is_streaming && !(is_idle && c->is_uncounted))
                return false;
        }
    return true;
}

static void resume_parked(struct http_server *s)
{
    struct http_connection *c;
    while ((c = s->conns[CONNECTION_PARKED].first) != NULL) {
        http_connection_set_phase(c, CONNECTION_IDLE);
        MHD_resume_connection(c->mhd);
    }
}

static void adopt(struct http_server *s, int fd)
{
    struct sockaddr_storage from;
    socklen_t len = sizeof(from);
    if (getpeername(fd, (struct sockaddr *)&from, &len) < 0) {
        (void)file_close(fd); /* its client has gone meanwhile */
        return;
    }
    if (MHD_add_connection(s->daemon, fd, (const struct sockaddr *)&from, len) != MHD_YES)
        log_warn("net", "connection_not_adopted errno=%d", errno); /* the library closed it */
}

static void adopt_all(struct http_server *s)
{
    int fds[HTTP_HANDOVER_MAX];
    mutex_lock(&s->lock);
    size_t n = s->adopt_count;
    for (size_t i = 0; i < n; i++)
        fds[i] = s->adopted[i];
    s->adopt_count = 0;
    cond_broadcast(&s->changed);
    mutex_unlock(&s->lock);
    for (size_t i = 0; i < n; i++)
        adopt(s, fds[i]);
}

static void set_park_locked(struct http_server *s, enum http_park to)
{
    static const unsigned allowed[HTTP_PARK_COUNT] = {
        [HTTP_PARK_RUNNING] = 1u << HTTP_PARK_SETTLING,
        [HTTP_PARK_SETTLING] = 1u << HTTP_PARK_PARKED | 1u << HTTP_PARK_RUNNING,
        [HTTP_PARK_PARKED] = 1u << HTTP_PARK_RUNNING | 1u << HTTP_PARK_GIVEN | 1u << HTTP_PARK_LEFT,
        [HTTP_PARK_GIVEN] = 1u << HTTP_PARK_LEFT,
    };
    mutex_assert_held(&s->lock);
    TR_ASSERT(to > HTTP_PARK_UNSET && to < HTTP_PARK_COUNT);
    TR_ASSERT((allowed[s->park] & 1u << to) != 0);
    s->park = to;
    cond_broadcast(&s->changed);
}

static void settle(struct http_server *s)
{
    park_idle(s);
    bool is_over = clock_mono_us(clock_real()) >= s->park_until_us;
    bool is_parked = is_at_rest(s) || (is_over && s->park_forced);
    if (!is_parked && !is_over)
        return;
    mutex_lock(&s->lock);
    set_park_locked(s, is_parked ? HTTP_PARK_PARKED : HTTP_PARK_RUNNING);
    while ((s->park == HTTP_PARK_PARKED || s->park == HTTP_PARK_GIVEN) &&
           !thread_should_stop(s->thread_self))
        (void)cond_wait_until_us(&s->changed, &s->lock,
                                 clock_mono_us(clock_real()) + LOOK_EVERY_US);
    bool has_left = s->park == HTTP_PARK_LEFT;
    mutex_unlock(&s->lock);
    if (has_left && !s->has_left) {
        s->has_left = true;
        (void)MHD_quiesce_daemon(s->daemon); /* fails only when already done */
        mutex_lock(&s->lock);
        s->quiesced = true;
        cond_broadcast(&s->changed);
        mutex_unlock(&s->lock);
    }
    resume_parked(s);
}

int64_t http_handover_turn(struct http_server *s)
{
    mutex_lock(&s->lock);
    bool has_adopted = s->adopt_count > 0;
    bool is_settling = s->park == HTTP_PARK_SETTLING;
    /* read here: as soon as settle() has spoken, the owner may park anew */
    int64_t due_us = is_settling ? s->park_until_us : s->next_sweep_us;
    mutex_unlock(&s->lock);
    if (has_adopted)
        adopt_all(s);
    if (is_settling)
        settle(s);
    return due_us;
}

/* ---- the owner's thread ---- */

bool http_server_park(struct http_server *s, int timeout_ms, bool force)
{
    TR_ASSERT(s != NULL && timeout_ms >= 0);
    mutex_lock(&s->lock);
    s->park_until_us = clock_mono_us(clock_real()) + timeout_ms * INT64_C(1000);
    s->park_forced = force;
    set_park_locked(s, HTTP_PARK_SETTLING);
    http_server_wake(s);
    while (s->park == HTTP_PARK_SETTLING)
        cond_wait(&s->changed, &s->lock);
    bool is_parked = s->park == HTTP_PARK_PARKED;
    mutex_unlock(&s->lock);
    TR_ASSERT(is_parked || !force);
    return is_parked;
}

void http_server_unpark(struct http_server *s)
{
    mutex_lock(&s->lock);
    set_park_locked(s, HTTP_PARK_RUNNING);
    mutex_unlock(&s->lock);
}

/* A socket nobody is at the other end of. */
static int dead_socket(int *ret_fd)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
        return err_raise(-errno);
    (void)file_close(pair[1]);
    *ret_fd = pair[0];
    return 0;
}

size_t http_server_give(struct http_server *s, int ret_fds[HTTP_HANDOVER_MAX])
{
    int dead = -1;
    if (dead_socket(&dead) < 0)
        return 0;
    size_t n = 0;
    mutex_lock(&s->lock); /* the server thread stands still: its lists are ours */
    if (s->park == HTTP_PARK_PARKED)
        set_park_locked(s, HTTP_PARK_GIVEN);
    TR_ASSERT(s->park == HTTP_PARK_GIVEN);
    struct http_connection *c = s->conns[CONNECTION_PARKED].first;
    for (; c != NULL && n < HTTP_HANDOVER_MAX; c = c->next) {
        if (c->is_given)
            continue;
        int fd = fcntl(c->fd, F_DUPFD_CLOEXEC, 0);
        if (fd < 0)
            break;
        if (dup3(dead, c->fd, O_CLOEXEC) < 0) {
            (void)file_close(fd);
            break;
        }
        c->is_given = true;
        ret_fds[n++] = fd;
    }
    mutex_unlock(&s->lock);
    (void)file_close(dead);
    return n;
}

void http_server_leave(struct http_server *s)
{
    mutex_lock(&s->lock);
    set_park_locked(s, HTTP_PARK_LEFT);
    while (!s->quiesced)
        cond_wait(&s->changed, &s->lock);
    mutex_unlock(&s->lock);
}

void http_server_adopt(struct http_server *s, const int *fds, size_t n)
{
    TR_ASSERT(n <= HTTP_HANDOVER_MAX);
    mutex_lock(&s->lock);
    while (s->adopt_count > 0)
        cond_wait(&s->changed, &s->lock);
    for (size_t i = 0; i < n; i++)
        s->adopted[i] = fds[i];
    s->adopt_count = n;
    http_server_wake(s);
    mutex_unlock(&s->lock);
}
