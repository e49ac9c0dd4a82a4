/* Covers: memory ends at the n-th allocation of libcurl, once or from then on, during blocking
 * calls and in the pool: a result that is no answer, or the answer; never an abort, nothing leaked,
 * every submitted request is told exactly once, and with memory everything works again. */
#include "net_support.h"

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "net/http_client.h"
#include "net/http_server.h"

static atomic_long allocations, fail_at; /* 0: none fails */
static atomic_bool is_sticky;

static bool is_out(void)
{
    long now = atomic_fetch_add(&allocations, 1) + 1, at = atomic_load(&fail_at);
    return at > 0 && (now == at || (now > at && atomic_load(&is_sticky)));
}

static void *limited_malloc(size_t n)
{
    return is_out() ? NULL : malloc(n);
}

static void *limited_realloc(void *p, size_t n)
{
    return is_out() ? NULL : realloc(p, n);
}

static char *limited_strdup(const char *s)
{
    return is_out() ? NULL : strdup(s);
}

static void *limited_calloc(size_t n, size_t size)
{
    return is_out() ? NULL : calloc(n, size);
}

static struct http_server *server;
static char url[64];

static void handle(struct http_exchange *x, void *ctx)
{
    (void)ctx;
    http_answer(x, 200, "text/plain", "pong", 4);
}

static void memory_ends_at(long n, bool sticky)
{
    atomic_store(&is_sticky, sticky);
    atomic_store(&allocations, 0);
    atomic_store(&fail_at, n);
}

static void setup(void)
{
    cr_assert_eq(curl_global_init_mem(CURL_GLOBAL_NOTHING, limited_malloc, free, limited_realloc,
                                      limited_strdup, limited_calloc),
                 CURLE_OK);
    cr_assert_eq(http_client_global_init(false), 0);
    const struct http_server_options o = {.listen = "127.0.0.1",
                                          .listen_fd = -1,
                                          .max_body_bytes = 65536,
                                          .max_connections = 100,
                                          .header_deadline_ms = 5000,
                                          .idle_timeout_s = 30,
                                          .handle = handle};
    cr_assert_eq(http_server_start(&o, &server), 0);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/ping", http_server_port(server));
}

static void teardown(void)
{
    memory_ends_at(0, false);
    server = http_server_stop(server);
}

TestSuite(net_out_of_memory, .init = setup, .fini = teardown, .timeout = 60);

static const char *const headers[] = {"Content-Type: application/json", NULL};

static struct http_request request(void)
{
    return (struct http_request){.method = "POST",
                                 .url = url,
                                 .headers = headers,
                                 .body = "ping",
                                 .body_len = 4,
                                 .timeout_ms = 3000,
                                 .max_body_bytes = 65536};
}

/* True: an answer came, and it is whole. */
static bool call(struct http_caller *c)
{
    struct http_response r;
    struct http_request req = request();
    http_response_init(&r, 65536);
    http_call(c, &req, &r);
    bool ok = r.result == HTTP_OK;
    cr_assert(!ok || (r.status == 200 && str_eq(r.body.data, "pong")), "half an answer");
    http_response_deinit(&r);
    return ok;
}

Test(net_out_of_memory, gives_no_answer_or_a_whole_one)
{
    struct http_caller *c = http_caller_new();
    memory_ends_at(0, false);
    cr_assert(call(c));
    long total = atomic_load(&allocations);
    cr_assert_gt(total, 10);
    for (long n = 1; n <= total + 5; n++) {
        for (int sticky = 0; sticky < 2; sticky++) {
            struct http_caller *fresh = http_caller_new();
            memory_ends_at(n, sticky != 0);
            (void)call(n % 2 == 0 ? c : fresh);
            memory_ends_at(0, false);
            cr_assert(call(c), "allocation %ld: does not work afterwards", n);
            (void)http_caller_free(fresh);
        }
    }
    (void)http_caller_free(c);
}

static int told;

static void on_done(const struct http_response *r, void *ctx)
{
    (void)ctx;
    told++;
    cr_assert(r->result != HTTP_OK || r->status == 200);
}

/* How many were taken; every one of them is told once. */
static int send_two(struct http_pool *p)
{
    struct http_request req = request();
    int taken = 0;
    told = 0;
    for (int i = 0; i < 2; i++)
        taken += http_pool_submit(p, &req, on_done, NULL) == 0;
    for (int i = 0; i < 500 && http_pool_in_flight(p) > 0; i++)
        http_pool_run(p, 10);
    return taken;
}

Test(net_out_of_memory, tells_every_request_of_a_pool_once)
{
    struct http_pool *p = http_pool_new(4);
    memory_ends_at(0, false);
    cr_assert_eq(send_two(p), 2);
    cr_assert_eq(told, 2);
    long total = atomic_load(&allocations);
    for (long n = 1; n <= total; n++) {
        memory_ends_at(n, n % 3 == 0);
        int taken = send_two(p);
        memory_ends_at(0, false);
        for (int i = 0; i < 500 && http_pool_in_flight(p) > 0; i++)
            http_pool_run(p, 10);
        cr_assert_eq(told, taken, "allocation %ld: %d taken, %d told", n, taken, told);
    }
    cr_assert_eq(send_two(p), 2);
    cr_assert_eq(told, 2);
    (void)http_pool_free(p);
}
