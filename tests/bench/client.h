/* bench/client.h: a blocking HTTP client on one keep-alive connection of loopback. It knows
 * Content-Length answers only, and every trouble is an assertion. */
#ifndef TRIDENT_TESTS_BENCH_CLIENT_H
#define TRIDENT_TESTS_BENCH_CLIENT_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/bench.h"
#include "core/alloc.h"

#define CLIENT_ANSWER_CAP 16384

struct client {
    int fd;
    double sent_s;
    size_t answer_len;
    char answer[CLIENT_ANSWER_CAP];
};

static inline void client_connect(struct client *c, const char *port)
{
    int64_t n = 0;
    int one = 1;
    TR_ASSERT(str_to_i64(port, &n) && n > 0 && n < 65536);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)n)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    TR_ASSERT(c->fd >= 0);
    TR_ASSERT(connect(c->fd, (const struct sockaddr *)(const void *)&a, sizeof(a)) == 0);
    TR_ASSERT(setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == 0);
}

/* Head and body in one send; body_len 0 makes it a GET. */
static inline void client_send(struct client *c, const char *path, const char *body,
                               size_t body_len)
{
    char head[512];
    int n = snprintf(head, sizeof(head),
                     "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                     "Content-Length: %zu\r\n\r\n",
                     body_len > 0 ? "POST" : "GET", path, body_len);
    TR_ASSERT(n > 0 && (size_t)n < sizeof(head));
    struct iovec parts[] = {{head, (size_t)n}, {(void *)(uintptr_t)body, body_len}};
    struct msghdr m = {.msg_iov = parts, .msg_iovlen = 2};
    c->answer_len = 0;
    c->sent_s = bench_now_s();
    TR_ASSERT(sendmsg(c->fd, &m, MSG_NOSIGNAL) == (ssize_t)((size_t)n + body_len));
}

/* Reads once. True: the answer is complete. */
static inline bool client_read(struct client *c)
{
    ssize_t n = recv(c->fd, c->answer + c->answer_len, CLIENT_ANSWER_CAP - 1 - c->answer_len, 0);
    TR_ASSERT(n > 0);
    c->answer_len += (size_t)n;
    c->answer[c->answer_len] = '\0';
    const char *end = strstr(c->answer, "\r\n\r\n");
    const char *length = end != NULL ? strcasestr(c->answer, "Content-Length: ") : NULL;
    TR_ASSERT(end == NULL || length != NULL);
    return end != NULL &&
           c->answer_len >= (size_t)(end + 4 - c->answer) + strtoul(length + 16, NULL, 10);
}

/* Sends and waits; the whole answer is in c->answer. */
static inline void client_ask(struct client *c, const char *path, const char *body)
{
    client_send(c, path, body, body != NULL ? strlen(body) : 0);
    while (!client_read(c)) {
    }
}

/* The number after "key": in the answer. */
static inline int64_t client_number(const struct client *c, const char *key)
{
    const char *at = strstr(c->answer, key);
    TR_ASSERT(at != NULL);
    return strtoll(at + strlen(key), NULL, 10);
}

#endif
