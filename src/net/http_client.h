/* net/http_client.h: HTTP over libcurl (1.1 only). Two shapes:
 *  - http_call(): one blocking exchange on the calling thread, abortable from another thread
 * (polls);
 *  - struct http_pool: many requests in flight on one multi handle, owned by one thread (sender).
 * TLS is verified; plain http only when the URL says so and host is loopback or allow_plain is set;
 * no redirects, no environment proxy; a send on a dead reused connection is never repeated silently
 * (MAXAGE_CONN 20 s, spec telegram 1.10). URLs hold tokens: nothing here logs a URL. */
#ifndef TRIDENT_NET_HTTP_CLIENT_H
#define TRIDENT_NET_HTTP_CLIENT_H

#include "core/buf.h"
#include "core/thread.h"

enum http_result {
    HTTP_OK = 0,        /* an answer came; look at status */
    HTTP_E_CONNECT = 1, /* no connection: certainly not executed */
    HTTP_E_TIMEOUT,     /* outcome unknown */
    HTTP_E_BROKEN,      /* connection lost after sending: outcome unknown */
    HTTP_E_TOO_BIG,     /* answer over max_body_bytes */
    HTTP_E_ABORTED,     /* by http_caller_abort or stop */
    HTTP_E_TLS,         /* certificate refused: fail closed */
};

struct http_part { /* multipart/form-data */
    const char *name;
    const char *value;     /* text field, or NULL and then: */
    const char *file_path; /* a file */
    const char *file_name;
    const char *content_type;
};

struct http_request {
    const char *method; /* "GET", "POST" */
    const char *url;
    const char *unix_path;      /* NULL, or the Unix socket to go through: see http_local_name */
    const char *const *headers; /* "Name: value", NULL-terminated; may be NULL */
    const char *body;           /* may be NULL */
    size_t body_len;
    const struct http_part *parts; /* instead of body */
    size_t part_count;
    int timeout_ms;
    int connect_timeout_ms; /* 0 = 10 000 */
    size_t max_body_bytes;  /* of the answer */
    bool is_poll;           /* no low-speed limit */
    bool fresh_connection;  /* for sends that must not repeat */
    bool allow_plain;       /* http:// to a host that is not loopback */
};

struct http_response {
    enum http_result result;
    int status;        /* 0 without an answer */
    int retry_after_s; /* header Retry-After, -1 = absent */
    struct buf body;
};
void http_response_init(struct http_response *r, size_t max_body_bytes);
void http_response_deinit(struct http_response *r);

TR_MUST_USE int http_client_global_init(bool with_tls); /* once from main */

struct http_caller; /* one reusable connection, one thread uses it */
struct http_caller *http_caller_new(void);
struct http_caller *http_caller_free(struct http_caller *c);
/* Blocks until answered, timed out or aborted. ret initialised by the caller; body replaced. */
void http_call(struct http_caller *c, const struct http_request *req, struct http_response *ret);
void http_caller_abort(
    struct http_caller *c); /* any thread: a running and the next call end at once */
void http_caller_rearm(struct http_caller *c); /* owner thread: forget an abort */

struct http_pool; /* owner thread only, but http_pool_wake */
typedef void (*http_done_fn)(const struct http_response *r, void *ctx);
struct http_pool *http_pool_new(size_t max_connections);
struct http_pool *
http_pool_free(struct http_pool *p); /* running requests: done with HTTP_E_ABORTED */
/* Request fields are copied as needed. done is called from http_pool_run on the owner thread. */
TR_MUST_USE int http_pool_submit(struct http_pool *p, const struct http_request *req,
                                 http_done_fn done, void *ctx);
size_t http_pool_in_flight(const struct http_pool *p);
void http_pool_run(struct http_pool *p,
                   int wait_ms);          /* performs, waits at most wait_ms, performs */
void http_pool_wake(struct http_pool *p); /* any thread */

#endif
