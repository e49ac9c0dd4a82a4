/* net/http_server.h: the one HTTP server (libmicrohttpd, one epoll thread), used by http/ and
 * sandbox/, with the guard of spec reliability 6.2: header count, duplicate Host / Content-Length,
 * CL with TE, token characters, method list, total header deadline; limits of 5.9. Requests are
 * collected whole (body capped), handed to the handler on the server thread, and answered now or
 * later from any thread: the connection is suspended meanwhile, no thread is parked. */
#ifndef TRIDENT_NET_HTTP_SERVER_H
#define TRIDENT_NET_HTTP_SERVER_H

#include "core/buf.h"

struct http_server;
struct http_exchange; /* one request and its answer */

struct http_server_options {
    const char *listen;              /* "127.0.0.1", "::1", "0.0.0.0" */
    uint16_t port;                   /* 0 = any; http_server_port() tells */
    int listen_fd;                   /* >= 0: take over this socket instead; -1 else */
    int local_fd;                    /* > 0: take over this Unix socket as well; 0: none */
    size_t max_body_bytes;           /* 413 beyond */
    int max_connections;             /* through the port; who is longest idle makes room */
    int max_connections_per_address; /* 0 = no limit; 32 is the house default for open ports */
    int header_deadline_ms;          /* 5,000 total */
    int idle_timeout_s;              /* keep-alive */
    /* Server thread; must not block. Must lead to exactly one http_answer* or http_stream_begin for
     * x, now or later, from any thread. */
    void (*handle)(struct http_exchange *x, void *ctx);
    void *ctx;
};

/* A Unix socket at path, mode 0600, in place of one left there. The path may be of any length. */
TR_MUST_USE int http_listen_local(const char *path, int *ret_fd);
/* A name of the socket at path that fits into an address, valid while *ret_dir_fd is open. */
#define HTTP_LOCAL_NAME_CAP 108
TR_MUST_USE int http_local_name(const char *path, char out[HTTP_LOCAL_NAME_CAP], int *ret_dir_fd);

TR_MUST_USE int http_server_start(const struct http_server_options *opt, struct http_server **ret);
uint16_t http_server_port(const struct http_server *s);
int http_server_fd(const struct http_server *s);
int http_server_local_fd(const struct http_server *s); /* -1: none */
void http_server_quiesce(struct http_server *s);       /* stop accepting; the socket stays open */

/* Handing over to a server in another process (net/http_handover.c): park, give until it gives 0,
 * leave; the other one starts on the same listening socket and adopts. Owner's thread; they block
 * for as long as said. */
#define HTTP_HANDOVER_MAX 128
/* Every request that has begun is answered, none is begun, nobody is accepted: what clients send
 * meanwhile waits in the kernel. False: some request did not come to its end within timeout_ms, and
 * all goes on as before; with force it is true nevertheless. */
TR_MUST_USE bool http_server_park(struct http_server *s, int timeout_ms, bool force);
void http_server_unpark(struct http_server *s); /* goes on as if nothing had been */
/* Parked: sockets of connections, caller owns them; 0 when there are no more. */
size_t http_server_give(struct http_server *s, int ret_fds[HTTP_HANDOVER_MAX]);
/* Serves what could not be given; accepts nobody any more. */
void http_server_leave(struct http_server *s);
/* Takes over connections; they are read at the next turn. */
void http_server_adopt(struct http_server *s, const int *fds, size_t n);

/* Unanswered exchanges get 503; joins. Accepts NULL, returns NULL. */
struct http_server *http_server_stop(struct http_server *s);
size_t http_server_connections(const struct http_server *s);

/* Valid until answered. */
const char *http_method(const struct http_exchange *x); /* "GET" ... */
const char *http_path(const struct http_exchange *x);   /* percent-decoded, without query */
const char *http_query(const struct http_exchange *x, const char *name);  /* NULL when absent */
const char *http_header(const struct http_exchange *x, const char *name); /* NULL when absent */
/* Every header of that name joined by ", " into out. False when there is none or they do not fit.
 */
bool http_header_all(const struct http_exchange *x, const char *name, char *out, size_t cap);
const char *http_body(const struct http_exchange *x, size_t *ret_len);        /* NUL-terminated */
void http_peer_address(const struct http_exchange *x, char *out, size_t cap); /* numeric */
/* True: it came through the Unix socket, from a process of this user. */
bool http_peer_uid(const struct http_exchange *x, unsigned *ret_uid);
/* Calls visit for each query argument, and for a urlencoded body each field. */
void http_each_query(const struct http_exchange *x,
                     void (*visit)(const char *k, const char *v, void *ctx), void *ctx);
/* multipart/form-data: the request parts, parsed on demand; file parts keep their bytes. */
struct http_form_part {
    const char *name, *file_name, *content_type; /* file_name NULL for plain fields */
    const char *data;
    size_t len;
};
size_t http_form_parts(struct http_exchange *x, const struct http_form_part **ret_parts);

/* Any thread, exactly once. headers: NULL or "Name: value" list, NULL-terminated. body is copied.
 */
void http_answer(struct http_exchange *x, int status, const char *content_type, const void *body,
                 size_t len);
void http_answer_headers(struct http_exchange *x, int status, const char *content_type,
                         const void *body, size_t len, const char *const *headers);
void http_answer_json(struct http_exchange *x, int status, const struct buf *json);
/* Drops the connection without an answer (fault injection). */
void http_drop(struct http_exchange *x);

/* Server-sent events and other endless answers. After begin, write from any thread; a client that
 * lets more than max_queued_bytes wait is dropped: http_stream_write returns false once it is gone.
 */
struct http_stream;
struct http_stream *http_stream_begin(struct http_exchange *x, const char *content_type,
                                      size_t max_queued_bytes);
/* The same with a Content-Length instead of chunks; ending before total_bytes breaks the
 * connection. */
struct http_stream *http_stream_begin_sized(struct http_exchange *x, const char *content_type,
                                            size_t max_queued_bytes, size_t total_bytes);
bool http_stream_write(struct http_stream *st, const void *data, size_t len);
void http_stream_end(struct http_stream *st); /* consumes st */
/* Consumes st: what is queued goes out, then the connection breaks (fault injection). */
void http_stream_drop(struct http_stream *st);
bool http_stream_is_gone(struct http_stream *st);
size_t http_stream_queued_bytes(struct http_stream *st);

#endif
