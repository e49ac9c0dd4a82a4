/* net/http_server_impl.h: what the files of the server share; nobody else includes it.
 *
 * Field letters: (c) constant after start, (l) http_server.lock, (t) server thread only, (a)
 * atomic. */
#ifndef TRIDENT_NET_HTTP_SERVER_IMPL_H
#define TRIDENT_NET_HTTP_SERVER_IMPL_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "core/mutex.h"
#include "core/thread.h"
#include "net/http_server.h"

/* A suspended connection that may go on. Only the server thread calls MHD_resume_connection: a call
 * from outside can fall between the library's look at its resume list and its clearing of the
 * wake-up, and is then seen only at the next event (0.9.75, external epoll). It also saves one
 * system call an answer on the answering thread: a batch is one write to wake_fd. */
struct http_resume {
    struct MHD_Connection *mhd; /* (l) */
    struct http_resume *next;   /* (l) */
};

/* An exchange, seen by the server:
 *
 *   NEW -> COLLECTING -> OWNED -> SUSPENDED -> ANSWERED -> (response queued) -> NEW, next request
 *    |                     |  '--------------------^  ^
 *    |                     '-------> ABANDONED <------' (only from OWNED, SUSPENDED: the server
 * stops)
 *    '-> REFUSED (guard or shutdown answered at once)
 *
 * NEW, COLLECTING, REFUSED belong to the server thread. OWNED and SUSPENDED: the handler or whoever
 * it passed the exchange on to owes the answer. An ABANDONED exchange has got its 503; its late
 * owner only gives it back, and whoever is second (owner or connection) frees it. */
enum exchange_state {
    EXCHANGE_UNSET = 0,
    EXCHANGE_NEW,
    EXCHANGE_COLLECTING,
    EXCHANGE_REFUSED,
    EXCHANGE_OWNED,
    EXCHANGE_SUSPENDED,
    EXCHANGE_ANSWERED,
    EXCHANGE_ABANDONED,
    EXCHANGE_STATE_COUNT
};

struct http_exchange {
    struct http_server *server;    /* (c) */
    struct MHD_Connection *mhd;    /* (c) while owned */
    enum exchange_state state;     /* (l) while owned, else (t) */
    struct MHD_Response *response; /* (l) a stream, or the server's own; NULL: the bytes below */
    int status;                    /* (l) 0 = drop the connection */
    struct buf headers, text;      /* the owner's, then (t): name NUL value NUL ...; the body */
    bool owner_done, detached;     /* (l) ABANDONED only */
    struct http_resume resume;     /* (l) */
    struct http_exchange *prev, *next; /* (l) list of owned exchanges */
    const char *method, *path;         /* (c) while owned; memory of the connection */
    bool bad_target;                   /* (t) control bytes or %00 in the request target */
    bool too_big;                      /* (t) */
    size_t discarded_bytes;            /* (t) */
    struct buf body;                   /* (t), then the owner's */
    struct http_form_part *parts;      /* owner; on demand */
    size_t part_count;
    bool parts_known;
};

enum connection_phase {
    CONNECTION_UNSET = 0,
    CONNECTION_HEAD, /* the head must be complete within header_deadline_ms */
    CONNECTION_BODY,
    CONNECTION_BUSY,   /* handler and answer: no deadline here */
    CONNECTION_IDLE,   /* keep-alive */
    CONNECTION_ENDING, /* shut down, the library will say good-bye */
    CONNECTION_PARKED, /* suspended between two requests (http_handover.c) */
    CONNECTION_PHASE_COUNT
};

struct http_connection { /* (t) */
    struct http_server *server;
    struct MHD_Connection *mhd;
    int fd;
    bool is_local;        /* through the Unix socket */
    bool is_streaming;    /* an endless answer is under way */
    bool is_uncounted;    /* taken_bytes is not known */
    bool is_given;        /* PARKED: the socket has left the process; (l) while parked */
    uint64_t taken_bytes; /* of the requests that are done */
    enum connection_phase phase;
    int64_t since_us;
    struct http_exchange *x;             /* reused by keep-alive requests */
    struct http_connection *prev, *next; /* list of its phase */
};

/* Connections of one phase, the one longest in it first. */
struct http_connection_list {
    struct http_connection *first, *last;
};

struct http_stream {
    struct http_server *server;      /* (c) */
    struct MHD_Connection *mhd;      /* (l) NULL once gone */
    struct buf queue;                /* (l) */
    size_t head;                     /* (l) bytes of queue already taken */
    bool suspended, ended, gone;     /* (l) */
    bool broken;                     /* (l) ends without a proper end (http_stream_drop) */
    int refs;                        /* (l) writer and response */
    struct http_resume resume;       /* (l) */
    struct http_stream *prev, *next; /* (l) */
};

/* See http_handover.c. */
enum http_park {
    HTTP_PARK_UNSET = 0,
    HTTP_PARK_RUNNING,
    HTTP_PARK_SETTLING,
    HTTP_PARK_PARKED,
    HTTP_PARK_GIVEN,
    HTTP_PARK_LEFT,
    HTTP_PARK_COUNT
};

/* Lock order: this lock is a leaf of ours; libmicrohttpd's own locks are taken inside it
 * (MHD_suspend_connection, MHD_resume_connection) and it is taken inside a response's lock
 * (stream). */
struct http_server {
    struct http_server_options opt; /* (c) */
    struct MHD_Daemon *daemon;      /* (c) */
    int listen_fd;                  /* (c) */
    int local_fd;                   /* (c) -1: none */
    size_t room;                    /* (c) connections from outside at once */
    int wake_fd;                    /* (c) eventfd */
    uint16_t port;                  /* (c) */
    struct thread *thread;          /* (c) */
    atomic_size_t connections;      /* (a) relaxed, written by the server thread */

    struct mutex lock;
    struct cond changed;
    size_t refs TR_GUARDED_BY(lock); /* the starter, each owned exchange, each stream */
    bool stopping TR_GUARDED_BY(lock);
    bool want_quiesce TR_GUARDED_BY(lock);
    bool quiesced TR_GUARDED_BY(lock);
    struct http_exchange *owned TR_GUARDED_BY(lock);
    struct http_stream *streams TR_GUARDED_BY(lock);
    struct http_resume *resumable TR_GUARDED_BY(lock);
    enum http_park park TR_GUARDED_BY(lock);
    int adopted[HTTP_HANDOVER_MAX] TR_GUARDED_BY(lock);
    size_t adopt_count TR_GUARDED_BY(lock);
    int64_t park_until_us;      /* set before SETTLING, (t) during it */
    bool park_forced;           /* likewise */
    bool has_left;              /* (t) */
    struct thread *thread_self; /* (t) */

    struct http_connection_list conns[CONNECTION_PHASE_COUNT]; /* (t) */
    size_t outside, inside; /* (t) connections through the port, the Unix socket */
    size_t active;          /* (t) requests between head and completion */
    int64_t now_us;         /* (t) refreshed once a loop */
    int64_t next_sweep_us;  /* (t) */
    bool shutting_down;     /* (t) */
};

/* Drops one reference and the lock; the last one frees the server. */
void http_server_unref_unlock(struct http_server *s) TR_RELEASE(s->lock);
/* A suspended connection goes on at the server thread's next turn. */
void http_server_resume_locked(struct http_server *s, struct http_resume *r,
                               struct MHD_Connection *mhd) TR_REQUIRES(s->lock);

void http_server_wake(struct http_server *s); /* ends the server thread's wait */
void http_connection_set_phase(struct http_connection *c, enum connection_phase phase);

/* http_handover.c, server thread. begin: a new connection; note: one of its requests is done. */
void http_handover_begin(struct http_connection *c);
void http_handover_note(struct http_connection *c, const struct http_exchange *x);
/* When the next turn is due at the latest (monotonic): the sweep, or, while requests come to their
 * end and somebody waits for that, the end of the wait. */
int64_t http_handover_turn(struct http_server *s);

/* http_refusal.c: what the server refuses by itself. */
struct http_refusal {
    unsigned status;
    const char *reason, *text; /* no character that JSON escapes */
};
extern const struct http_refusal http_refuse_malformed, http_refuse_target, http_refuse_header,
    http_refuse_twice, http_refuse_length, http_refuse_host, http_refuse_method, http_refuse_body,
    http_refuse_head, http_refuse_stopping;
/* Queues it as the answer; the connection ends after it. Server thread. */
enum MHD_Result http_refuse(struct MHD_Connection *mhd, const struct http_refusal *r);

/* http_guard.c: NULL when the head may pass, else how it is refused. Server thread. */
const struct http_refusal *http_guard_check(struct MHD_Connection *mhd, const char *method,
                                            const char *version, size_t max_body_bytes);
bool http_guard_target_is_clean(const char *target);

/* http_listen.c */
TR_MUST_USE int http_listen_port(const char *address, uint16_t port, int *ret_fd);
bool http_socket_is_local(int fd);
/* The user at the other end of a Unix socket; false: it is none. */
bool http_socket_peer_uid(int fd, unsigned *ret_uid);

/* http_exchange.c */
/* The library's form of the answer, which borrows x->text; NULL = drop. Server thread. */
struct MHD_Response *http_exchange_response(struct http_exchange *x);
struct http_exchange *http_exchange_new(struct http_server *s);
void http_exchange_reset(struct http_exchange *x);
struct http_exchange *http_exchange_free(struct http_exchange *x);
struct MHD_Response *http_response_make(const char *content_type, const void *body, size_t len,
                                        const char *const *headers);
/* Hands the answer over; consumes response. x is no longer the caller's. Any thread. */
void http_exchange_settle(struct http_exchange *x, int status, struct MHD_Response *response)
    TR_EXCLUDES(x->server->lock);
/* Server stop: every owned exchange gets a 503. */
void http_exchange_abandon_all_locked(struct http_server *s) TR_REQUIRES(s->lock);

/* http_stream.c: server stop: streams end after what is queued. */
void http_stream_end_all_locked(struct http_server *s) TR_REQUIRES(s->lock);

#endif
