/* net/http_stream.c: endless answers (server-sent events). Writers append to a bounded queue; the
 * server thread's content reader takes from it, and suspends the connection while it is empty. A
 * client that lets the queue run full is cut off: it resumes later by Last-Event-ID. All under the
 * server's lock, held for one memcpy of at most one block. */
#include <string.h>

#include "core/alloc.h"
#include "net/http_server_impl.h"

#define STREAM_BLOCK_BYTES 4096

static void resume_locked(struct http_stream *st) TR_NO_TSA
{
    if (st->suspended) {
        TR_ASSERT(st->mhd != NULL);
        st->suspended = false;
        http_server_resume_locked(st->server, &st->resume, st->mhd);
    }
}

static void unlink_locked(struct http_stream *st)
{
    if (st->prev != NULL)
        st->prev->next = st->next;
    else
        st->server->streams = st->next;
    if (st->next != NULL)
        st->next->prev = st->prev;
    st->prev = st->next = NULL;
}

/* Drops one of the two references and the lock. */
static void unref_unlock(struct http_stream *st) TR_NO_TSA
{
    struct http_server *s = st->server;
    mutex_assert_held(&s->lock);
    TR_ASSERT(st->refs > 0);
    if (--st->refs > 0) {
        mutex_unlock(&s->lock);
        return;
    }
    unlink_locked(st);
    http_server_unref_unlock(s);
    buf_deinit(&st->queue);
    (void)mem_free(st); /* returns NULL */
}

static ssize_t on_read(void *cls, uint64_t pos, char *out, size_t max)
{
    struct http_stream *st = cls;
    (void)pos;
    ssize_t n = 0;
    mutex_lock(&st->server->lock);
    TR_ASSERT(st->head <= st->queue.len);
    size_t waiting = st->queue.len - st->head;
    if (st->gone) {
        n = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (waiting > 0) {
        size_t take = waiting < max ? waiting : max;
        memcpy(out, st->queue.data + st->head, take);
        st->head += take;
        if (st->head == st->queue.len) {
            buf_reset(&st->queue);
            st->head = 0;
        }
        n = (ssize_t)take;
    } else if (st->ended) {
        n = st->broken ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        MHD_suspend_connection(st->mhd);
        st->suspended = true;
    }
    mutex_unlock(&st->server->lock);
    return n;
}

/* The response is destroyed: the client has gone, or the stream came to its end. */
static void on_response_free(void *cls) TR_NO_TSA
{
    struct http_stream *st = cls;
    mutex_lock(&st->server->lock);
    TR_ASSERT(!st->suspended);
    st->gone = true;
    st->mhd = NULL;
    unref_unlock(st);
}

static struct http_stream *stream_begin(struct http_exchange *x, const char *content_type,
                                        size_t max_queued_bytes, uint64_t total_bytes)
{
    TR_ASSERT(x != NULL);
    TR_ASSERT(max_queued_bytes > 0);
    struct http_server *s = x->server;
    struct http_stream *st = xalloc(sizeof(*st));
    st->server = s;
    st->mhd = x->mhd;
    st->refs = 2;
    buf_init(&st->queue, max_queued_bytes);
    mutex_lock(&s->lock);
    s->refs++;
    st->ended = s->stopping;
    st->next = s->streams;
    if (s->streams != NULL)
        s->streams->prev = st;
    s->streams = st;
    mutex_unlock(&s->lock);

    struct MHD_Response *r = MHD_create_response_from_callback(total_bytes, STREAM_BLOCK_BYTES,
                                                               on_read, st, on_response_free);
    if (r == NULL) {
        on_response_free(st);
    } else {
        /* Best effort: a missing header is no reason to fail the stream. */
        (void)MHD_add_response_header(r, "Content-Type", content_type);
        (void)MHD_add_response_header(r, "Cache-Control", "no-store");
        (void)MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
        (void)MHD_add_response_header(r, "X-Accel-Buffering", "no");
    }
    http_exchange_settle(x, 200, r);
    return st;
}

struct http_stream *http_stream_begin(struct http_exchange *x, const char *content_type,
                                      size_t max_queued_bytes)
{
    return stream_begin(x, content_type, max_queued_bytes, MHD_SIZE_UNKNOWN);
}

struct http_stream *http_stream_begin_sized(struct http_exchange *x, const char *content_type,
                                            size_t max_queued_bytes, size_t total_bytes)
{
    return stream_begin(x, content_type, max_queued_bytes, total_bytes);
}

static void compact_locked(struct http_stream *st)
{
    memmove(st->queue.data, st->queue.data + st->head, st->queue.len - st->head);
    st->queue.len -= st->head;
    st->head = 0;
}

bool http_stream_write(struct http_stream *st, const void *data, size_t len)
{
    TR_ASSERT(st != NULL);
    mutex_lock(&st->server->lock);
    bool alive = !st->gone && !st->ended;
    if (alive && len > 0) {
        if (st->queue.len - st->head + len > st->queue.max_bytes) {
            st->gone = true; /* too slow */
            alive = false;
        } else {
            bool is_full = st->queue.len + len > st->queue.max_bytes;
            if (is_full || st->head > st->queue.len / 2)
                compact_locked(st);
            buf_append(&st->queue, data, len);
            if (buf_failed(&st->queue)) {
                st->gone = true;
                alive = false;
            }
        }
        resume_locked(st);
    }
    mutex_unlock(&st->server->lock);
    return alive;
}

bool http_stream_is_gone(struct http_stream *st)
{
    TR_ASSERT(st != NULL);
    mutex_lock(&st->server->lock);
    bool gone = st->gone || st->ended;
    mutex_unlock(&st->server->lock);
    return gone;
}

size_t http_stream_queued_bytes(struct http_stream *st)
{
    TR_ASSERT(st != NULL);
    mutex_lock(&st->server->lock);
    size_t n = st->queue.len - st->head;
    mutex_unlock(&st->server->lock);
    return n;
}

static void stream_finish(struct http_stream *st, bool broken) TR_NO_TSA
{
    TR_ASSERT(st != NULL);
    mutex_lock(&st->server->lock);
    st->broken = broken;
    st->ended = true;
    resume_locked(st);
    unref_unlock(st);
}

void http_stream_end(struct http_stream *st)
{
    stream_finish(st, false);
}

void http_stream_drop(struct http_stream *st)
{
    stream_finish(st, true);
}

void http_stream_end_all_locked(struct http_server *s)
{
    for (struct http_stream *st = s->streams; st != NULL; st = st->next) {
        st->ended = true;
        resume_locked(st);
    }
}
