/* Raw sockets and little waits for the tests of this room. */
#ifndef TESTS_NET_SUPPORT_H
#define TESTS_NET_SUPPORT_H

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"

static inline int64_t now_ms(void)
{
    return clock_mono_us(clock_real()) / 1000;
}

static inline int raw_connect(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    cr_assert_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    return fd;
}

static inline void raw_send(int fd, const void *data, size_t len)
{
    (void)!send(fd, data, len, MSG_NOSIGNAL);
}

/* Reads until `wanted` appears, the end, or the time is up; returns bytes read, -1 on reset. */
static inline ssize_t raw_read_until(int fd, char *out, size_t cap, const char *wanted, int wait_ms)
{
    size_t len = 0;
    int64_t until = now_ms() + wait_ms;
    out[0] = '\0';
    while (len + 1 < cap && now_ms() < until) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, (int)(until - now_ms() > 0 ? until - now_ms() : 0)) <= 0)
            break;
        ssize_t n = recv(fd, out + len, cap - 1 - len, 0);
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        len += (size_t)n;
        out[len] = '\0';
        if (wanted != NULL && memmem(out, len, wanted, strlen(wanted)) != NULL)
            break;
    }
    return (ssize_t)len;
}

static inline bool raw_is_closed(int fd, int wait_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char c;
    return poll(&p, 1, wait_ms) > 0 && recv(fd, &c, 1, 0) <= 0;
}

/* One exchange on a fresh connection; the status of the answer, 0 when closed without one. */
static inline int raw_status(uint16_t port, const void *request, size_t len)
{
    int fd = raw_connect(port);
    char answer[4096];
    raw_send(fd, request, len);
    (void)raw_read_until(fd, answer, sizeof(answer), "\r\n\r\n", 2000);
    close(fd);
    int status = 0;
    (void)sscanf(answer, "HTTP/1.1 %d", &status);
    return status;
}

#endif
