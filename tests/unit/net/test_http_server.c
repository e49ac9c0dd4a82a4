/* Covers: the guard's table (spec reliability 6.2) by raw sockets, body limit, slow heads,
 * suspended answers from another thread, keep-alive, dropped connections, multipart and urlencoded
 * bodies, streams (delivery, slow reader, end), takeover of a socket, quiesce, stop with unanswered
 * exchanges and late owners; reason codes of everything refused, also by the library; who makes
 * room when the server is full; the Unix socket, its mode, its peers and its own room. */
#include "net_support.h"

#include <stdio.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "core/alloc.h"
#include "core/mutex.h"
#include "core/queue.h"
#include "core/thread.h"
#include "net/http_server.h"

#define HOST "Host: x\r\n"

static struct http_server *server;
static struct queue *parked;
static struct http_stream *stream;
static int handled;

static void echo_arg(const char *k, const char *v, void *ctx)
{
    buf_printf(ctx, "%s=%s;", k, v);
}

static void answer_buf(struct http_exchange *x, struct buf *b)
{
    http_answer(x, 200, "text/plain", b->data, b->len);
    buf_deinit(b);
}

static void handle(struct http_exchange *x, void *ctx)
{
    (void)ctx;
    __atomic_add_fetch(&handled, 1, __ATOMIC_RELAXED);
    const char *path = http_path(x);
    struct buf b;
    buf_init(&b, 65536);
    if (str_eq(path, "/park")) {
        buf_deinit(&b);
        cr_assert_eq(queue_push(parked, QUEUE_LANE_NORMAL, x, 0), QUEUE_OK);
        return;
    }
    if (str_eq(path, "/drop")) {
        buf_deinit(&b);
        http_drop(x);
        return;
    }
    if (str_eq(path, "/stream")) {
        buf_deinit(&b);
        stream = http_stream_begin(x, "text/event-stream", 8192);
        return;
    }
    if (str_eq(path, "/form")) {
        const struct http_form_part *parts;
        size_t n = http_form_parts(x, &parts);
        for (size_t i = 0; i < n; i++)
            buf_printf(&b, "%s[%s]=%.*s;", parts[i].name,
                       parts[i].file_name ? parts[i].file_name : "", (int)parts[i].len,
                       parts[i].data);
        answer_buf(x, &b);
        return;
    }
    if (str_eq(path, "/args")) {
        http_each_query(x, echo_arg, &b);
        buf_printf(&b, "q=%s", http_query(x, "q") ? http_query(x, "q") : "(none)");
        answer_buf(x, &b);
        return;
    }
    size_t len;
    const char *body = http_body(x, &len);
    char peer[64];
    http_peer_address(x, peer, sizeof(peer));
    unsigned uid;
    if (http_peer_uid(x, &uid))
        (void)snprintf(peer, sizeof(peer), "unix uid=%u", uid);
    buf_printf(&b, "%s %s %s %zu %s", http_method(x), path, peer, len, body);
    answer_buf(x, &b);
}

static struct http_server_options options(void)
{
    return (struct http_server_options){.listen = "127.0.0.1",
                                        .listen_fd = -1,
                                        .max_body_bytes = 16384,
                                        .max_connections = 100,
                                        .header_deadline_ms = 700,
                                        .idle_timeout_s = 30,
                                        .handle = handle};
}

static void setup(void)
{
    parked = queue_new(64, NULL, NULL);
    struct http_server_options o = options();
    cr_assert_eq(http_server_start(&o, &server), 0);
}

static void teardown(void)
{
    server = http_server_stop(server);
    parked = queue_free(parked);
}

TestSuite(http_server, .init = setup, .fini = teardown, .timeout = 20);

static int status_of(const char *request)
{
    return raw_status(http_server_port(server), request, strlen(request));
}

Test(http_server, answers_get_post_and_keeps_the_connection)
{
    int fd = raw_connect(http_server_port(server));
    char a[2048];
    for (int i = 0; i < 50; i++) {
        const char *req = "POST /a%20b HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello";
        raw_send(fd, req, strlen(req));
        raw_read_until(fd, a, sizeof(a), "hello", 2000);
        cr_assert_not_null(strstr(a, "200 OK"));
        cr_assert_not_null(strstr(a, "POST /a b 127.0.0.1 5 hello"), "%s", a);
    }
    cr_assert_eq(http_server_connections(server), 1);
    close(fd);
}

Test(http_server, guard_refuses_every_bad_request_of_the_table)
{
    static const struct {
        const char *request;
        int status;
        const char *reason;
    } table[] = {
        {"POST / HTTP/1.1\r\n" HOST
         "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         400, "LENGTH_AMBIGUOUS"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400,
         "HEADER_TWICE"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400,
         "HEADER_TWICE"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\nhello", 400, "HEADER_MALFORMED"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 5x\r\n\r\nhello", 400, "HEADER_MALFORMED"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\nhello", 400, "HEADER_MALFORMED"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400,
         "LENGTH_AMBIGUOUS"},
        {"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400, "HEADER_MALFORMED"},
        {"GET / HTTP/1.1\r\n\r\n", 400, "HOST_MISSING"},
        {"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, "HEADER_TWICE"},
        {"G@T / HTTP/1.1\r\n" HOST "\r\n", 400, "REQUEST_MALFORMED"},
        {"PATCH / HTTP/1.1\r\n" HOST "\r\n", 405, "METHOD_UNKNOWN"},
        {"TRACE / HTTP/1.1\r\n" HOST "\r\n", 405, "METHOD_UNKNOWN"},
        {"GET /a%00b HTTP/1.1\r\n" HOST "\r\n", 400, "TARGET_MALFORMED"},
        {"GET /?a=%00 HTTP/1.1\r\n" HOST "\r\n", 400, "TARGET_MALFORMED"},
        {"GET /%0d%0aX HTTP/1.1\r\n" HOST "\r\n", 400, "TARGET_MALFORMED"},
        {"GET / HTTP/1.1\r\n" HOST "X: a\001b\r\n\r\n", 400, "HEADER_MALFORMED"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 16385\r\n\r\n", 413, "BODY_TOO_LARGE"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", 413,
         "BODY_TOO_LARGE"},
        {"GET / HTTP/9.9\r\n" HOST "\r\n", 505, "VERSION_UNKNOWN"},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
        char a[2048], reason[64];
        int fd = raw_connect(http_server_port(server));
        raw_send(fd, table[i].request, strlen(table[i].request));
        (void)raw_read_until(fd, a, sizeof(a), NULL, 2000); /* it closes */
        close(fd);
        int status = 0;
        (void)sscanf(a, "HTTP/1.1 %d", &status);
        (void)snprintf(reason, sizeof(reason), "\"reason\":\"%s\"", table[i].reason);
        cr_assert_eq(status, table[i].status, "row %zu: %s", i, a);
        cr_assert_not_null(strstr(a, "Content-Type: application/json"), "row %zu: %s", i, a);
        cr_assert_not_null(strstr(a, reason), "row %zu: %s", i, a);
    }
    cr_assert_eq(handled, 0);
    cr_assert_eq(status_of("GET / HTTP/1.0\r\n\r\n"), 200);
    cr_assert_eq(status_of("GET /?text=a%0Ab HTTP/1.1\r\n" HOST "\r\n"), 200);
}

Test(http_server, guard_limits_header_count_and_bytes)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_puts(&b, "GET / HTTP/1.1\r\n" HOST);
    for (int i = 0; i < 99; i++)
        buf_printf(&b, "X%d: y\r\n", i);
    size_t whole = b.len;
    buf_puts(&b, "\r\n");
    cr_assert_eq(raw_status(http_server_port(server), b.data, b.len), 200);
    b.len = whole;
    buf_puts(&b, "X100: y\r\n\r\n");
    cr_assert_eq(raw_status(http_server_port(server), b.data, b.len), 431);
    buf_reset(&b);
    buf_puts(&b, "GET / HTTP/1.1\r\n" HOST "X: ");
    for (int i = 0; i < 200 * 1024; i++)
        buf_putc(&b, 'a');
    buf_puts(&b, "\r\n\r\n");
    int status = raw_status(http_server_port(server), b.data, b.len);
    cr_assert(status == 431 || status == 0, "%d", status);
    /* A little beyond the memory of a head, so that nothing unread resets the answer. */
    char a[2048];
    b.len = (size_t)16 * 1024;
    int fd = raw_connect(http_server_port(server));
    raw_send(fd, b.data, b.len);
    (void)raw_read_until(fd, a, sizeof(a), "}", 2000);
    cr_assert_not_null(strstr(a, "HTTP/1.1 431"), "%s", a);
    cr_assert_not_null(strstr(a, "\"reason\":\"HEAD_TOO_LARGE\""), "%s", a);
    cr_assert_null(strstr(a, "<html"));
    close(fd);
    buf_deinit(&b);
}

static bool still_answers(int fd)
{
    char a[1024];
    const char *req = "GET /x HTTP/1.1\r\n" HOST "\r\n";
    raw_send(fd, req, strlen(req));
    return raw_read_until(fd, a, sizeof(a), "GET /x", 1000) > 0 && strstr(a, "200 OK") != NULL;
}

Test(http_server, a_full_server_lets_the_newcomer_in_and_the_idlest_go)
{
    struct http_server_options o = options();
    struct http_server *small = NULL;
    o.max_connections = 8;
    o.header_deadline_ms = 5000;
    cr_assert_eq(http_server_start(&o, &small), 0);
    int silent[6], used[2], late[40];
    for (int i = 0; i < 2; i++) {
        used[i] = raw_connect(http_server_port(small));
        cr_assert(still_answers(used[i]));
    }
    for (int i = 0; i < 6; i++)
        silent[i] = raw_connect(http_server_port(small));
    (void)poll(NULL, 0, 600); /* the moment that everybody has to begin */
    /* The room is full. Who comes now is served, who never spoke goes, the oldest first. */
    for (int i = 0; i < 6; i++) {
        int fd = raw_connect(http_server_port(small));
        cr_assert(still_answers(fd), "%d", i);
        cr_assert(raw_is_closed(silent[i], 2000), "%d", i);
        late[i] = fd;
    }
    cr_assert(still_answers(used[0]));
    cr_assert(still_answers(used[1]));
    /* Then those who are idle: a flood of served connections. */
    for (int i = 6; i < 40; i++) {
        late[i] = raw_connect(http_server_port(small));
        cr_assert(still_answers(late[i]), "%d", i);
    }
    cr_assert(raw_is_closed(late[0], 2000));
    cr_assert(raw_is_closed(used[0], 2000));
    cr_assert(still_answers(late[39]));
    for (int i = 0; i < 40; i++)
        close(late[i]);
    for (int i = 0; i < 6; i++)
        close(silent[i]);
    close(used[0]);
    close(used[1]);
    small = http_server_stop(small);
}

static int local_connect(const char *path)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    cr_assert(str_copy(a.sun_path, sizeof(a.sun_path), path));
    cr_assert_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    return fd;
}

Test(http_server, a_unix_socket_knows_its_peer_and_has_room_of_its_own)
{
    char dir[] = "/tmp/trident-net-XXXXXX", path[64], a[1024], wanted[64];
    struct http_server *s = NULL;
    struct stat st;
    cr_assert_not_null(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/s.sock", dir);
    struct http_server_options o = options();
    o.max_connections = 4;
    cr_assert_eq(http_listen_local(path, &o.local_fd), 0);
    (void)close(o.local_fd);
    cr_assert_eq(http_listen_local(path, &o.local_fd), 0, "in place of one left behind");
    cr_assert_eq(http_server_start(&o, &s), 0);
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_mode & 07777, 0600);
    int crowd[12];
    for (int i = 0; i < 12; i++) {
        crowd[i] = raw_connect(http_server_port(s));
        raw_send(crowd[i], "G", 1);
    }
    int fd = local_connect(path);
    const char *req = "GET /who HTTP/1.1\r\n" HOST "\r\n";
    raw_send(fd, req, strlen(req));
    (void)raw_read_until(fd, a, sizeof(a), "/who", 2000);
    (void)snprintf(wanted, sizeof(wanted), "GET /who unix uid=%u", (unsigned)geteuid());
    cr_assert_not_null(strstr(a, wanted), "%s", a);
    for (int i = 0; i < 12; i++)
        close(crowd[i]);
    close(fd);
    s = http_server_stop(s);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(rmdir(dir), 0);
    cr_assert_eq(http_listen_local("/nowhere/s.sock", &fd), -ENOENT);
}

Test(http_server, a_unix_socket_may_lie_deeper_than_its_name_is_long)
{
    char dir[] = "/tmp/trident-net-XXXXXX", path[512];
    cr_assert_not_null(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/%0200d", dir, 0);
    cr_assert_eq(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof(path), "%s/%0200d/s.sock", dir, 0);
    int fd = -1;
    cr_assert_eq(http_listen_local(path, &fd), 0);
    cr_assert_eq(access(path, F_OK), 0);
    close(fd);
    cr_assert_eq(unlink(path), 0);
    *strrchr(path, '/') = '\0';
    cr_assert_eq(rmdir(path), 0);
    cr_assert_eq(rmdir(dir), 0);
}

Test(http_server, a_chunked_body_is_collected_and_limited)
{
    cr_assert_eq(status_of("POST / HTTP/1.1\r\n" HOST
                           "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
                 200);
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_puts(&b, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 20; i++) {
        buf_puts(&b, "400\r\n");
        for (int k = 0; k < 1024; k++)
            buf_putc(&b, 'z');
        buf_puts(&b, "\r\n");
    }
    buf_puts(&b, "0\r\n\r\n");
    cr_assert_eq(raw_status(http_server_port(server), b.data, b.len), 413);
    buf_deinit(&b);
}

Test(http_server, a_dripped_head_is_cut_off_in_total_time)
{
    int fd = raw_connect(http_server_port(server));
    int64_t begun = now_ms();
    const char *req = "GET / HTTP/1.1\r\nHost: x\r\nX: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    bool closed = false;
    for (size_t i = 0; i < strlen(req) && !closed; i++) {
        raw_send(fd, req + i, 1);
        closed = raw_is_closed(fd, 50);
    }
    int64_t took = now_ms() - begun;
    cr_assert(closed);
    cr_assert_geq(took, 600);
    cr_assert_leq(took, 1700, "%lld", (long long)took);
    close(fd);
}

static void answer_parked(struct thread *self, void *arg)
{
    (void)self;
    struct queue_item it;
    for (int left = *(int *)arg; left > 0;) {
        if (queue_take_many(parked, &it, 1, clock_mono_us(clock_real()) + 2000000) == 0)
            return;
        const char *const headers[] = {"X-Late: yes", NULL};
        http_answer_headers(it.ptr, 201, "text/plain", "late", 4, headers);
        left--;
    }
}

Test(http_server, another_thread_answers_suspended_exchanges)
{
    int count = 4000;
    struct thread *t = thread_start("answer", answer_parked, NULL, &count);
    int fds[16];
    char a[1024];
    const char *req = "GET /park HTTP/1.1\r\n" HOST "\r\n";
    for (size_t i = 0; i < 16; i++)
        fds[i] = raw_connect(http_server_port(server));
    for (int round = 0; round < count / 16; round++) {
        for (size_t i = 0; i < 16; i++)
            raw_send(fds[i], req, strlen(req));
        for (size_t i = 0; i < 16; i++) {
            raw_read_until(fds[i], a, sizeof(a), "\r\n\r\nlate", 2000);
            cr_assert_not_null(strstr(a, "201 Created"), "%s", a);
            cr_assert_not_null(strstr(a, "X-Late: yes"));
        }
    }
    for (size_t i = 0; i < 16; i++)
        close(fds[i]);
    thread_join(t);
}

Test(http_server, drop_resets_the_connection_without_an_answer)
{
    int fd = raw_connect(http_server_port(server));
    const char *req = "GET /drop HTTP/1.1\r\n" HOST "\r\n";
    raw_send(fd, req, strlen(req));
    char a[256];
    cr_assert_leq(raw_read_until(fd, a, sizeof(a), NULL, 2000), 0);
    close(fd);
}

Test(http_server, reads_multipart_and_urlencoded_bodies)
{
    int fd = raw_connect(http_server_port(server));
    char a[2048];
    const char *body =
        "--B\r\nContent-Disposition: form-data; name=\"c\"\r\n\r\n1\r\n--B\r\nContent-Disposition: "
        "form-data; name=\"f\"; filename=\"x.txt\"\r\n\r\ndata\r\n--B--\r\n";
    char req[1024];
    snprintf(req, sizeof(req),
             "POST /form HTTP/1.1\r\n" HOST
             "Content-Type: multipart/form-data; boundary=B\r\nContent-Length: %zu\r\n\r\n%s",
             strlen(body), body);
    raw_send(fd, req, strlen(req));
    raw_read_until(fd, a, sizeof(a), "data;", 2000);
    cr_assert_not_null(strstr(a, "c[]=1;f[x.txt]=data;"), "%s", a);
    const char *form = "POST /args?q=1%202&empty HTTP/1.1\r\n" HOST
                       "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
                       "19\r\n\r\na=b+c&d=%41%zz&&e=%";
    raw_send(fd, form, strlen(form));
    raw_read_until(fd, a, sizeof(a), "q=1 2", 2000);
    raw_read_until(fd, a, sizeof(a), NULL, 100);
    close(fd);
    fd = raw_connect(http_server_port(server));
    raw_send(fd, form, strlen(form));
    raw_read_until(fd, a, sizeof(a), NULL, 200);
    cr_assert_not_null(strstr(a, "q=1 2;empty=;a=b c;d=A%zz;e=%;q=1 2"), "%s", a);
    close(fd);
}

static int open_stream(void)
{
    int fd = raw_connect(http_server_port(server));
    char a[2048];
    const char *req = "GET /stream HTTP/1.1\r\n" HOST "\r\n";
    raw_send(fd, req, strlen(req));
    cr_assert_gt(raw_read_until(fd, a, sizeof(a), "\r\n\r\n", 2000), 0);
    cr_assert_not_null(strstr(a, "text/event-stream"));
    return fd;
}

Test(http_server, a_stream_delivers_at_once_and_ends)
{
    int fd = open_stream();
    char a[2048];
    for (int i = 0; i < 20; i++) {
        char line[32];
        snprintf(line, sizeof(line), "data: %d\n\n", i);
        int64_t begun = now_ms();
        cr_assert(http_stream_write(stream, line, strlen(line)));
        cr_assert_gt(raw_read_until(fd, a, sizeof(a), line, 1000), 0);
        cr_assert_lt(now_ms() - begun, 30);
    }
    http_stream_end(stream);
    raw_read_until(fd, a, sizeof(a), "0\r\n\r\n", 1000);
    cr_assert_not_null(strstr(a, "0\r\n\r\n"), "%s", a);
    close(fd);
}

Test(http_server, a_reader_that_does_not_read_is_dropped)
{
    int fd = open_stream();
    char block[1024];
    memset(block, 'x', sizeof(block));
    bool alive = true;
    int64_t until = now_ms() + 5000;
    size_t sent = 0;
    while (alive && now_ms() < until) {
        alive = http_stream_write(stream, block, sizeof(block));
        sent += sizeof(block);
    }
    cr_assert_not(alive);
    cr_assert(http_stream_is_gone(stream));
    cr_assert_lt(sent, 64u << 20);
    http_stream_end(stream);
    close(fd);
}

Test(http_server, a_stream_notices_its_client_leaving)
{
    int fd = open_stream();
    close(fd);
    int64_t until = now_ms() + 3000;
    while (http_stream_write(stream, ":\n\n", 3) && now_ms() < until)
        poll(NULL, 0, 5);
    cr_assert(http_stream_is_gone(stream));
    http_stream_end(stream);
}

Test(http_server, stop_answers_503_and_late_owners_are_safe)
{
    int fd = raw_connect(http_server_port(server));
    int stream_fd = open_stream();
    const char *req = "GET /park HTTP/1.1\r\n" HOST "\r\n";
    raw_send(fd, req, strlen(req));
    struct queue_item it;
    cr_assert_eq(queue_take_many(parked, &it, 1, clock_mono_us(clock_real()) + 2000000), 1);
    int64_t begun = now_ms();
    server = http_server_stop(server);
    cr_assert_lt(now_ms() - begun, 900);
    char a[1024];
    raw_read_until(fd, a, sizeof(a), "\r\n\r\n", 1000);
    cr_assert_not_null(strstr(a, "503"), "%s", a);
    raw_read_until(stream_fd, a, sizeof(a), "0\r\n\r\n", 1000);
    cr_assert_not_null(strstr(a, "0\r\n\r\n"));
    cr_assert_not(http_stream_write(stream, "x", 1));
    http_stream_end(stream);
    http_answer(it.ptr, 200, "text/plain", "late", 4);
    close(fd);
    close(stream_fd);
}

Test(http_server, stops_fast_with_idle_and_half_sent_connections)
{
    int idle = raw_connect(http_server_port(server));
    int half = raw_connect(http_server_port(server));
    const char *req = "POST / HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nabc";
    raw_send(half, req, strlen(req));
    poll(NULL, 0, 30);
    int64_t begun = now_ms();
    server = http_server_stop(server);
    cr_assert_lt(now_ms() - begun, 900);
    close(idle);
    close(half);
}

Test(http_server, a_second_server_takes_the_socket_over)
{
    const char *get = "GET / HTTP/1.1\r\n" HOST "\r\n";
    int fd = dup(http_server_fd(server));
    uint16_t port = http_server_port(server);
    http_server_quiesce(server);
    struct http_server_options o = options();
    o.listen_fd = fd;
    struct http_server *next;
    cr_assert_eq(http_server_start(&o, &next), 0);
    cr_assert_eq(http_server_port(next), port);
    server = http_server_stop(server);
    cr_assert_eq(raw_status(port, get, strlen(get)), 200);
    server = next;
}

Test(http_server, refuses_a_taken_port_and_a_bad_address)
{
    struct http_server_options o = options();
    struct http_server *other = NULL;
    o.port = http_server_port(server);
    cr_assert_lt(http_server_start(&o, &other), 0);
    o.port = 0;
    o.listen = "not-an-address";
    cr_assert_lt(http_server_start(&o, &other), 0);
}
