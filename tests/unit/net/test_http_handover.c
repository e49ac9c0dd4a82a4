/* Covers: a server hands its connections to another one on the same listening socket: idle ones
 * with a request already waiting in the kernel, new ones that said nothing yet, newcomers in the
 * queue, the same connection several times; requests half said are waited for, or stay where they
 * are when it is forced; going back as if nothing had been; what cannot be counted (chunks,
 * pipelines) stays; many connections at once. */
#include "net_support.h"

#include <fcntl.h>

#include "core/alloc.h"
#include "core/queue.h"
#include "net/http_server.h"

#define GET       "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
#define POST_HEAD "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
#define MANY      300

static struct queue *unanswered;

static void handle(struct http_exchange *x, void *ctx)
{
    if (str_eq(http_path(x), "/later")) {
        cr_assert_eq(queue_push(unanswered, QUEUE_LANE_NORMAL, x, 0), QUEUE_OK);
        return;
    }
    if (str_eq(http_path(x), "/stream")) {
        struct http_stream *st = http_stream_begin(x, "text/event-stream", 8192);
        (void)http_stream_write(st, "begin\n", 6);
        cr_assert_eq(queue_push(unanswered, QUEUE_LANE_NORMAL, st, 0), QUEUE_OK);
        return;
    }
    http_answer(x, 200, "text/plain", ctx, strlen(ctx));
}

static struct http_server *start(int listen_fd, const char *name)
{
    struct http_server *s = NULL;
    const struct http_server_options o = {.listen = "127.0.0.1",
                                          .listen_fd = listen_fd,
                                          .max_body_bytes = 16384,
                                          .max_connections = 2 * MANY,
                                          .header_deadline_ms = 5000,
                                          .idle_timeout_s = 30,
                                          .handle = handle,
                                          .ctx = (void *)(uintptr_t)name};
    cr_assert_eq(http_server_start(&o, &s), 0);
    return s;
}

static struct http_server *old;

static void setup(void)
{
    unanswered = queue_new(64, NULL, NULL);
    old = start(-1, "<old>");
}

static void teardown(void)
{
    old = http_server_stop(old);
    unanswered = queue_free(unanswered);
}

TestSuite(http_handover, .init = setup, .fini = teardown, .timeout = 30);

static void expect(int fd, const char *text)
{
    char a[4096];
    (void)raw_read_until(fd, a, sizeof(a), text, 5000);
    cr_assert_not_null(strstr(a, text), "%s is not in: %s", text, a);
}

static void ask(int fd, const char *from)
{
    raw_send(fd, GET, strlen(GET));
    expect(fd, from);
}

/* Everything of the parked server goes to a new one. */
static struct http_server *successor(struct http_server *from, const char *name, size_t *ret_given)
{
    int fds[HTTP_HANDOVER_MAX];
    size_t n;
    *ret_given = 0;
    struct http_server *to = start(fcntl(http_server_fd(from), F_DUPFD_CLOEXEC, 0), name);
    while ((n = http_server_give(from, fds)) > 0) {
        http_server_adopt(to, fds, n);
        *ret_given += n;
    }
    http_server_leave(from);
    return to;
}

Test(http_handover, an_idle_connection_goes_on_at_the_successor_with_what_its_client_has_said)
{
    size_t given;
    int fd = raw_connect(http_server_port(old)), quiet = raw_connect(http_server_port(old));
    ask(fd, "<old>");
    while (http_server_connections(old) < 2)
        ask(fd, "<old>");
    cr_assert(http_server_park(old, 1000, false));
    raw_send(fd, GET, strlen(GET)); /* nobody reads it now */
    int late = raw_connect(http_server_port(old));
    raw_send(late, GET, strlen(GET));
    struct http_server *new = successor(old, "<new>", &given);
    cr_assert_eq(given, 2);
    expect(fd, "<new>");
    expect(late, "<new>");
    ask(fd, "<new>");
    ask(quiet, "<new>");
    cr_assert_eq(http_server_connections(new), 3);
    /* And on to a third, by the same way. */
    cr_assert(http_server_park(new, 1000, false));
    raw_send(quiet, GET, strlen(GET));
    struct http_server *third = successor(new, "<third>", &given);
    cr_assert_eq(given, 3);
    new = http_server_stop(new);
    old = http_server_stop(old);
    expect(quiet, "<third>");
    ask(fd, "<third>");
    close(fd), close(quiet), close(late);
    http_server_stop(third);
    old = start(-1, "<old>");
}

Test(http_handover, goes_back_as_if_nothing_had_been)
{
    int fd = raw_connect(http_server_port(old));
    ask(fd, "<old>");
    for (int i = 0; i < 20; i++) {
        cr_assert(http_server_park(old, 1000, false));
        raw_send(fd, GET, strlen(GET));
        int late = raw_connect(http_server_port(old));
        raw_send(late, GET, strlen(GET));
        http_server_unpark(old);
        expect(fd, "<old>");
        expect(late, "<old>");
        close(late);
    }
    close(fd);
}

Test(http_handover, a_request_half_said_is_waited_for)
{
    size_t given;
    int fd = raw_connect(http_server_port(old)), other = raw_connect(http_server_port(old));
    ask(other, "<old>");
    raw_send(fd, POST_HEAD, strlen(POST_HEAD));
    raw_send(fd, "he", 2);
    ask(other, "<old>"); /* both are read by one thread: the head is in */
    cr_assert_not(http_server_park(old, 50, false));
    ask(other, "<old>");
    raw_send(fd, "llo", 3);
    expect(fd, "<old>");
    cr_assert(http_server_park(old, 1000, false));
    struct http_server *new = successor(old, "<new>", &given);
    cr_assert_eq(given, 2);
    ask(fd, "<new>");
    http_server_stop(new);
    close(fd), close(other);
}

Test(http_handover, half_a_head_in_the_library_is_not_given_away)
{
    size_t given;
    int fd = raw_connect(http_server_port(old)), other = raw_connect(http_server_port(old));
    ask(other, "<old>");
    ask(fd, "<old>");
    raw_send(fd, "GET / HT", 8);
    ask(other, "<old>");
    ask(other, "<old>");
    cr_assert_not(http_server_park(old, 50, false));
    cr_assert(http_server_park(old, 50, true)); /* it stays here and gets its answer here */
    struct http_server *new = successor(old, "<new>", &given);
    cr_assert_eq(given, 1);
    raw_send(fd, "TP/1.1\r\nHost: x\r\n\r\n", 19);
    expect(fd, "<old>");
    ask(other, "<new>");
    http_server_stop(new);
    close(fd), close(other);
}

Test(http_handover, an_answer_that_is_owed_is_waited_for)
{
    size_t given;
    int fd = raw_connect(http_server_port(old));
    raw_send(fd, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n", 32);
    struct queue_item item;
    cr_assert_eq(queue_take_many(unanswered, &item, 1, clock_mono_us(clock_real()) + 5000000), 1);
    cr_assert_not(http_server_park(old, 30, false));
    http_answer(item.ptr, 200, "text/plain", "<late>", 6);
    cr_assert(http_server_park(old, 1000, false));
    expect(fd, "<late>");
    struct http_server *new = successor(old, "<new>", &given);
    cr_assert_eq(given, 1);
    ask(fd, "<new>");
    http_server_stop(new);
    close(fd);
}

Test(http_handover, chunks_and_streams_stay_and_hold_up_nobody)
{
    size_t given;
    int chunked = raw_connect(http_server_port(old)), st = raw_connect(http_server_port(old));
    int fd = raw_connect(http_server_port(old));
    const char *request = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "5\r\nhello\r\n0\r\n\r\n";
    raw_send(chunked, request, strlen(request));
    expect(chunked, "<old>");
    raw_send(st, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n", 33);
    expect(st, "begin");
    struct queue_item item;
    cr_assert_eq(queue_take_many(unanswered, &item, 1, clock_mono_us(clock_real()) + 5000000), 1);
    ask(fd, "<old>");
    cr_assert(http_server_park(old, 1000, false));
    struct http_server *new = successor(old, "<new>", &given);
    cr_assert_eq(given, 1);
    ask(fd, "<new>");
    ask(chunked, "<old>");
    cr_assert(http_stream_write(item.ptr, "end\n", 4));
    expect(st, "end");
    http_stream_end(item.ptr);
    http_server_stop(new);
    close(chunked), close(st), close(fd);
}

Test(http_handover, pipelined_requests_are_all_answered)
{
    size_t given;
    int fd = raw_connect(http_server_port(old));
    raw_send(fd, GET GET GET, 3 * strlen(GET));
    expect(fd, "<old>");
    cr_assert(http_server_park(old, 1000, false));
    struct http_server *new = successor(old, "<new>", &given);
    cr_assert_eq(given, 1);
    ask(fd, "<new>");
    http_server_stop(new);
    close(fd);
}

Test(http_handover, many_connections_change_at_once)
{
    static int fds[MANY];
    size_t given;
    for (int i = 0; i < MANY; i++) {
        fds[i] = raw_connect(http_server_port(old));
        ask(fds[i], "<old>");
    }
    cr_assert(http_server_park(old, 1000, false));
    for (int i = 0; i < MANY; i += 2)
        raw_send(fds[i], GET, strlen(GET));
    struct http_server *new = successor(old, "<new>", &given);
    cr_assert_eq(given, MANY);
    for (int i = 0; i < MANY; i++) {
        if (i % 2 == 0)
            expect(fds[i], "<new>");
        ask(fds[i], "<new>");
        close(fds[i]);
    }
    http_server_stop(new);
}
