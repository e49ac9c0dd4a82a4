/* Covers: the blocking call and the pool against the real server and against a raw listener:
 * status, bodies, headers, Retry-After, limits, time-outs, abort latency, refused plain http,
 * nothing listening, a reused connection that dies after the request (sent once, reported as
 * broken), multipart, many in flight, pool end with requests running. */
#include "net_support.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/queue.h"
#include "core/thread.h"
#include "net/http_client.h"
#include "net/http_server.h"

static struct http_server *server;
static struct queue *unanswered;
static char base[64];

static void handle(struct http_exchange *x, void *ctx)
{
    (void)ctx;
    const char *path = http_path(x);
    size_t len;
    const char *body = http_body(x, &len);
    if (str_eq(path, "/429")) {
        const char *const headers[] = {"Retry-After: 17", NULL};
        http_answer_headers(x, 429, "application/json", "{}", 2, headers);
    } else if (str_eq(path, "/502")) {
        http_answer(x, 502, "text/html", "<html>bad gateway</html>", 24);
    } else if (str_eq(path, "/drop")) {
        http_drop(x);
    } else if (str_eq(path, "/big")) {
        char *big = xalloc(100000);
        memset(big, 'b', 100000);
        http_answer(x, 200, "text/plain", big, 100000);
        mem_free(big);
    } else if (str_eq(path, "/never")) {
        cr_assert_eq(queue_push(unanswered, QUEUE_LANE_NORMAL, x, 0), QUEUE_OK);
    } else if (str_eq(path, "/form")) {
        const struct http_form_part *parts;
        size_t n = http_form_parts(x, &parts);
        struct buf b;
        buf_init(&b, 4096);
        for (size_t i = 0; i < n; i++)
            buf_printf(&b, "%s/%s/%zu;", parts[i].name,
                       parts[i].file_name ? parts[i].file_name : "-", parts[i].len);
        http_answer(x, 200, "text/plain", b.data, b.len);
        buf_deinit(&b);
    } else {
        http_answer(x, 200, "text/plain", body, len);
    }
}

static void setup(void)
{
    unanswered = queue_new(64, NULL, NULL);
    cr_assert_eq(http_client_global_init(false), 0);
    struct http_server_options o = {.listen = "127.0.0.1",
                                    .listen_fd = -1,
                                    .max_body_bytes = 65536,
                                    .max_connections = 100,
                                    .header_deadline_ms = 5000,
                                    .idle_timeout_s = 30,
                                    .handle = handle};
    cr_assert_eq(http_server_start(&o, &server), 0);
    snprintf(base, sizeof(base), "http://127.0.0.1:%u", http_server_port(server));
}

static void teardown(void)
{
    server = http_server_stop(server);
    struct queue_item it;
    while (queue_take_many(unanswered, &it, 1, 0) > 0)
        http_answer(it.ptr, 200, NULL, NULL, 0);
    unanswered = queue_free(unanswered);
}

TestSuite(http_client, .init = setup, .fini = teardown, .timeout = 30);

static char url[256];
static struct http_request request(const char *path, const char *body)
{
    snprintf(url, sizeof(url), "%s%s", base, path);
    return (struct http_request){.method = body ? "POST" : "GET",
                                 .url = url,
                                 .body = body,
                                 .body_len = body ? strlen(body) : 0,
                                 .timeout_ms = 2000,
                                 .max_body_bytes = 65536};
}

static enum http_result call(struct http_caller *c, const struct http_request *req,
                             struct http_response *r)
{
    http_call(c, req, r);
    return r->result;
}

Test(http_client, gets_and_posts_with_headers_and_bodies)
{
    struct http_caller *c = http_caller_new();
    struct http_response r;
    http_response_init(&r, 65536);
    struct http_request req = request("/echo", "ping");
    const char *const headers[] = {"Content-Type: application/json", NULL};
    req.headers = headers;
    for (int i = 0; i < 20; i++) {
        cr_assert_eq(call(c, &req, &r), HTTP_OK);
        cr_assert_eq(r.status, 200);
        cr_assert_str_eq(r.body.data, "ping");
    }
    cr_assert_leq(http_server_connections(server), 1);
    req = request("/echo", NULL);
    cr_assert_eq(call(c, &req, &r), HTTP_OK);
    cr_assert_eq(r.body.len, 0);
    http_response_deinit(&r);
    http_caller_free(c);
}

Test(http_client, reports_statuses_retry_after_and_html)
{
    struct http_caller *c = http_caller_new();
    struct http_response r;
    http_response_init(&r, 65536);
    struct http_request req = request("/429", "x");
    cr_assert_eq(call(c, &req, &r), HTTP_OK);
    cr_assert_eq(r.status, 429);
    cr_assert_eq(r.retry_after_s, 17);
    req = request("/502", "x");
    cr_assert_eq(call(c, &req, &r), HTTP_OK);
    cr_assert_eq(r.status, 502);
    cr_assert_eq(r.retry_after_s, -1);
    cr_assert_str_eq(r.body.data, "<html>bad gateway</html>");
    http_response_deinit(&r);
    http_caller_free(c);
}

Test(http_client, limits_the_answer_and_the_time)
{
    struct http_caller *c = http_caller_new();
    struct http_response r;
    http_response_init(&r, 65536);
    struct http_request req = request("/big", NULL);
    cr_assert_eq(call(c, &req, &r), HTTP_E_TOO_BIG);
    req.max_body_bytes = 200000;
    cr_assert_eq(call(c, &req, &r), HTTP_OK);
    cr_assert_eq(r.body.len, 100000);
    req = request("/never", NULL);
    req.timeout_ms = 150;
    int64_t begun = now_ms();
    cr_assert_eq(call(c, &req, &r), HTTP_E_TIMEOUT);
    cr_assert_leq(now_ms() - begun, 600);
    http_response_deinit(&r);
    http_caller_free(c);
}

static void abort_soon(struct thread *self, void *arg)
{
    (void)self;
    poll(NULL, 0, 100);
    http_caller_abort(arg);
}

Test(http_client, an_abort_ends_a_poll_at_once_and_the_next_call_too)
{
    struct http_caller *c = http_caller_new();
    struct http_response r;
    http_response_init(&r, 65536);
    struct http_request req = request("/never", NULL);
    req.timeout_ms = 10000;
    req.is_poll = true;
    struct thread *t = thread_start("abort", abort_soon, NULL, c);
    int64_t begun = now_ms();
    cr_assert_eq(call(c, &req, &r), HTTP_E_ABORTED);
    cr_assert_leq(now_ms() - begun, 200);
    cr_assert_eq(call(c, &req, &r), HTTP_E_ABORTED);
    thread_join(t);
    http_caller_rearm(c);
    req = request("/echo", "again");
    cr_assert_eq(call(c, &req, &r), HTTP_OK);
    http_response_deinit(&r);
    http_caller_free(c);
}

Test(http_client, tells_not_sent_from_maybe_sent)
{
    struct http_caller *c = http_caller_new();
    struct http_response r;
    http_response_init(&r, 65536);
    struct http_request req = request("/drop", "x");
    cr_assert_eq(call(c, &req, &r), HTTP_E_BROKEN);
    req.url = "http://127.0.0.1:1/";
    cr_assert_eq(call(c, &req, &r), HTTP_E_CONNECT);
    static const char *const refused[] = {"http://example.com/",    "ftp://127.0.0.1/",
                                          "http://127.0.0.1@evil/", "http://127.evil.com/",
                                          "http://localhost.evil/", "file:///etc/passwd"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(refused); i++) {
        req.url = refused[i];
        cr_assert_eq(call(c, &req, &r), HTTP_E_CONNECT, "%s", refused[i]);
        struct http_pool *p = http_pool_new(1);
        cr_assert_lt(http_pool_submit(p, &req, (http_done_fn)abort, NULL), 0);
        http_pool_free(p);
    }
    http_response_deinit(&r);
    http_caller_free(c);
}

Test(http_client, fails_closed_on_a_certificate_it_cannot_verify)
{
    struct http_caller *c = http_caller_new();
    struct http_response r;
    http_response_init(&r, 65536);
    struct http_request req = request("/", "x");
    char https[64];
    snprintf(https, sizeof(https), "https://127.0.0.1:%u/", http_server_port(server));
    req.url = https; /* no TLS there at all */
    cr_assert_eq(call(c, &req, &r), HTTP_E_CONNECT);
    http_response_deinit(&r);
    http_caller_free(c);
}

/* Answers the first request of each connection and closes it after reading a second one. */
struct once_server {
    int fd;
    uint16_t port;
    int requests;
};

static bool read_request(int fd)
{
    char b[1024];
    return raw_read_until(fd, b, sizeof(b), "BODY", 1500) > 0 && strstr(b, "BODY") != NULL;
}

static void once_main(struct thread *self, void *arg)
{
    struct once_server *o = arg;
    while (!thread_should_stop(self)) {
        struct pollfd p = {.fd = o->fd, .events = POLLIN};
        if (poll(&p, 1, 50) <= 0)
            continue;
        int fd = accept(o->fd, NULL, NULL);
        if (read_request(fd)) {
            __atomic_add_fetch(&o->requests, 1, __ATOMIC_RELAXED);
            const char *ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
            raw_send(fd, ok, strlen(ok));
            if (read_request(fd))
                __atomic_add_fetch(&o->requests, 1, __ATOMIC_RELAXED);
        }
        close(fd);
    }
}

static struct thread *once_start(struct once_server *o)
{
    o->fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = {.sin_family = AF_INET};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    cr_assert_eq(bind(o->fd, (struct sockaddr *)&a, sizeof(a)), 0);
    cr_assert_eq(listen(o->fd, 8), 0);
    socklen_t len = sizeof(a);
    getsockname(o->fd, (struct sockaddr *)&a, &len);
    o->port = ntohs(a.sin_port);
    return thread_start("once", once_main, NULL, o);
}

Test(http_client, never_repeats_a_send_on_a_reused_connection_that_dies)
{
    struct once_server o = {0};
    struct thread *t = once_start(&o);
    struct http_caller *c = http_caller_new();
    struct http_response r;
    http_response_init(&r, 65536);
    struct http_request req = request("/", "BODY");
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/send", o.port);
    cr_assert_eq(call(c, &req, &r), HTTP_OK);
    cr_assert_eq(call(c, &req, &r), HTTP_E_BROKEN);
    cr_assert_eq(__atomic_load_n(&o.requests, __ATOMIC_RELAXED), 2);
    /* On a fresh connection the same send works. */
    req.fresh_connection = true;
    cr_assert_eq(call(c, &req, &r), HTTP_OK);
    cr_assert_eq(__atomic_load_n(&o.requests, __ATOMIC_RELAXED), 3);
    http_response_deinit(&r);
    http_caller_free(c);
    thread_join(t);
    close(o.fd);
}

struct tally {
    int ok, broken, aborted, other;
    struct http_pool *again;
};

static void on_done(const struct http_response *r, void *ctx)
{
    struct tally *t = ctx;
    if (r->result == HTTP_OK && r->status == 200 && str_eq(r->body.data, "BODY"))
        t->ok++;
    else if (r->result == HTTP_E_BROKEN)
        t->broken++;
    else if (r->result == HTTP_E_ABORTED)
        t->aborted++;
    else
        t->other++;
    if (t->again != NULL && t->ok < 2000) {
        struct http_request req = request("/echo", "BODY");
        cr_assert_eq(http_pool_submit(t->again, &req, on_done, t), 0);
    }
}

Test(http_client, a_pool_never_repeats_a_send_either)
{
    struct once_server o = {0};
    struct thread *th = once_start(&o);
    struct http_pool *p = http_pool_new(1);
    struct tally t = {0};
    struct http_request req = request("/", "BODY");
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/send", o.port);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(http_pool_submit(p, &req, on_done, &t), 0);
        for (int64_t until = now_ms() + 3000; http_pool_in_flight(p) > 0 && now_ms() < until;)
            http_pool_run(p, 50);
    }
    cr_assert_eq(t.broken, 1);
    cr_assert_eq(__atomic_load_n(&o.requests, __ATOMIC_RELAXED), 2);
    http_pool_free(p);
    thread_join(th);
    close(o.fd);
}

Test(http_client, a_pool_keeps_many_in_flight_on_few_connections)
{
    struct http_pool *p = http_pool_new(8);
    struct tally t = {.again = p};
    struct http_request req = request("/echo", "BODY");
    for (int i = 0; i < 32; i++)
        cr_assert_eq(http_pool_submit(p, &req, on_done, &t), 0);
    int64_t begun = now_ms();
    while (http_pool_in_flight(p) > 0 && now_ms() - begun < 10000)
        http_pool_run(p, 100);
    cr_assert_geq(t.ok, 2000);
    cr_assert_eq(t.other + t.broken + t.aborted, 0);
    cr_assert_leq(http_server_connections(server), 8);
    http_pool_free(p);
}

Test(http_client, a_pool_that_ends_reports_what_was_running_as_aborted)
{
    struct http_pool *p = http_pool_new(4);
    struct tally t = {0};
    struct http_request req = request("/never", "x");
    for (int i = 0; i < 3; i++)
        cr_assert_eq(http_pool_submit(p, &req, on_done, &t), 0);
    http_pool_run(p, 20);
    http_pool_free(p);
    cr_assert_eq(t.aborted, 3);
}

Test(http_client, uploads_files_by_multipart)
{
    char path[] = "/tmp/trident-net-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_eq(write(fd, "12345", 5), 5);
    close(fd);
    struct http_caller *c = http_caller_new();
    struct http_response r;
    http_response_init(&r, 65536);
    struct http_part parts[] = {
        {.name = "chat_id", .value = "42"},
        {.name = "photo", .file_path = path, .file_name = "p.png", .content_type = "image/png"}};
    struct http_request req = request("/form", NULL);
    req.method = "POST";
    req.parts = parts;
    req.part_count = 2;
    cr_assert_eq(call(c, &req, &r), HTTP_OK);
    cr_assert_str_eq(r.body.data, "chat_id/-/2;photo/p.png/5;");
    req = request("/echo", "x"); /* and the handle is clean afterwards */
    cr_assert_eq(call(c, &req, &r), HTTP_OK);
    cr_assert_str_eq(r.body.data, "x");
    req = request("/form", NULL);
    req.method = "POST";
    parts[1].file_path = "/nonexistent/file";
    req.parts = parts;
    req.part_count = 2;
    cr_assert_eq(call(c, &req, &r), HTTP_E_CONNECT);
    http_response_deinit(&r);
    http_caller_free(c);
    unlink(path);
}

Test(http_client, no_proxy_of_the_environment_is_asked)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++)
        cr_assert_eq(setenv(names[i], "http://127.0.0.1:9", 1), 0); /* nobody listens there */
    cr_assert_eq(unsetenv("no_proxy"), 0);
    struct http_caller *c = http_caller_new();
    struct http_response r;
    http_response_init(&r, 65536);
    struct http_request req = request("/echo", "ping");
    cr_assert_eq(call(c, &req, &r), HTTP_OK);
    cr_assert_str_eq(r.body.data, "ping");
    http_response_deinit(&r);
    http_caller_free(c);
}
