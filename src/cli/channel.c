#include "cli/channel.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"

#define MAGIC       UINT32_C(0x54524348)
#define POLL_MAX_US INT64_C(60000000)

struct frame {
    uint32_t magic, protocol, word;
    char text[CHANNEL_TEXT_CAP];
};

union control {
    struct cmsghdr align;
    char space[CMSG_SPACE(sizeof(int) * CHANNEL_FDS_MAX)];
};

int channel_pair(int ret_fds[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_fds) < 0 ? err_raise(-errno)
                                                                              : 0;
}

int channel_send(int fd, const struct channel_message *m)
{
    TR_ASSERT(m->word > CHANNEL_UNSET && m->word < CHANNEL_WORD_COUNT);
    TR_ASSERT(m->fd_count <= CHANNEL_FDS_MAX);
    struct frame f = {.magic = MAGIC, .protocol = CHANNEL_PROTOCOL, .word = (uint32_t)m->word};
    (void)str_copy(f.text, sizeof(f.text), m->text); /* same cap */
    struct iovec part = {&f, sizeof(f)};
    union control control = {0};
    struct msghdr h = {.msg_iov = &part, .msg_iovlen = 1};
    if (m->fd_count > 0) {
        h.msg_control = control.space;
        h.msg_controllen = CMSG_SPACE(sizeof(int) * m->fd_count);
        struct cmsghdr *c = CMSG_FIRSTHDR(&h);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int) * m->fd_count);
        memcpy(CMSG_DATA(c), m->fds, sizeof(int) * m->fd_count);
    }
    ssize_t n;
    do
        n = sendmsg(fd, &h, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof(f) ? 0 : err_raise(n < 0 ? -errno : -EIO);
}

static int wait_readable(int fd, int64_t until_us, int stop_fd)
{
    for (;;) {
        struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}, {.fd = stop_fd, .events = POLLIN}};
        int64_t left_us = until_us - clock_mono_us(clock_real());
        int64_t part_us = left_us < POLL_MAX_US ? left_us : POLL_MAX_US;
        int n = poll(fds, TR_ARRAY_SIZE(fds), part_us > 0 ? (int)((part_us + 999) / 1000) : 0);
        if (n < 0 && errno != EINTR)
            return err_raise(-errno);
        if (n > 0 && fds[0].revents != 0)
            return CHANNEL_OK; /* what was said counts before any stop */
        if (n > 0)
            return CHANNEL_E_STOPPED;
        if (n == 0 && left_us <= POLL_MAX_US)
            return CHANNEL_E_TIMEOUT;
    }
}

static void take_fds(struct msghdr *h, struct channel_message *ret)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        ret->fd_count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        TR_ASSERT(ret->fd_count <= CHANNEL_FDS_MAX);
        memcpy(ret->fds, CMSG_DATA(c), ret->fd_count * sizeof(int));
    }
}

int channel_receive(int fd, int64_t until_us, int stop_fd, struct channel_message *ret)
{
    struct frame f;
    struct iovec part = {&f, sizeof(f)};
    union control control;
    struct msghdr h = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control.space,
                       .msg_controllen = sizeof(control.space)};
    int r = wait_readable(fd, until_us, stop_fd);
    if (r != CHANNEL_OK)
        return r;
    ssize_t n = recvmsg(fd, &h, MSG_CMSG_CLOEXEC);
    if (n == 0 || (n < 0 && errno == ECONNRESET))
        return CHANNEL_E_CLOSED;
    *ret = (struct channel_message){0};
    take_fds(&h, ret);
    if (n != (ssize_t)sizeof(f) || f.magic != MAGIC || f.protocol != CHANNEL_PROTOCOL ||
        f.word == CHANNEL_UNSET || f.word >= CHANNEL_WORD_COUNT) {
        channel_close_fds(ret);
        return err_raise(-EPROTO);
    }
    f.text[sizeof(f.text) - 1] = '\0';
    ret->word = (enum channel_word)f.word;
    (void)str_copy(ret->text, sizeof(ret->text), f.text); /* same cap */
    return CHANNEL_OK;
}

void channel_close_fds(struct channel_message *m)
{
    for (size_t i = 0; i < m->fd_count; i++)
        (void)file_close(m->fds[i]); /* always -1 */
    m->fd_count = 0;
}
