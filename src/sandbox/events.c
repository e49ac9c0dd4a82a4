/* Server-sent events to the chat pages. Events gather in s->events while a turn holds the lock and
 * are written to every stream after it; stream_lock keeps their order over the two threads that
 * make turns. A page that reconnects loads everything anew, so nothing is kept for it. */
#include <string.h>

#include "sandbox/internal.h"

void sandbox_events_listen(struct sandbox *s, struct http_exchange *x)
{
    struct http_stream *st = http_stream_begin(x, "text/event-stream", SANDBOX_STREAM_QUEUE);
    static const char hello[] = "retry: 1000\nevent: hello\ndata: {}\n\n";
    (void)http_stream_write(st, hello, sizeof(hello) - 1); /* seen as gone at the next event */
    struct http_stream *oldest = NULL;
    mutex_lock(&s->stream_lock);
    if (s->stream_count == SANDBOX_STREAMS_MAX) {
        oldest = s->streams[0];
        memmove(s->streams, s->streams + 1,
                (SANDBOX_STREAMS_MAX - 1) * sizeof(struct http_stream *));
        s->stream_count--;
    }
    s->streams[s->stream_count++] = st;
    mutex_lock(&s->lock);
    s->listener_count = s->stream_count;
    sandbox_timer_at(s, s->heartbeat_due_us);
    mutex_unlock(&s->lock);
    mutex_unlock(&s->stream_lock);
    if (oldest)
        http_stream_end(oldest);
}

void sandbox_event(struct sandbox_turn *t, const char *name, const struct buf *data)
{
    struct sandbox *s = t->s;
    mutex_assert_held(&s->lock);
    if (s->listener_count == 0 || buf_failed(data))
        return;
    buf_printf(&s->events, "event: %s\ndata: ", name);
    buf_append(&s->events, data->data, data->len);
    buf_puts(&s->events, "\n\n");
    t->has_events = true;
}

void sandbox_event_chat(struct sandbox_turn *t, const char *name, const struct sandbox_chat *c,
                        const struct sandbox_message *m)
{
    struct sandbox *s = t->s;
    if (s->listener_count == 0)
        return;
    struct buf data TR_CLEANUP(buf_deinit);
    struct jsonw w;
    char key[SANDBOX_CHAT_KEY_CAP];
    buf_init(&data, SANDBOX_OUT_MAX_BYTES);
    jsonw_init(&w, &data);
    sandbox_chat_key(&s->world, c, key);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "chat", key);
    if (m)
        sandbox_render_page_message(&w, "message", &s->world, c, m);
    else
        sandbox_render_page_chat(&w, "info", &s->world, c);
    jsonw_object_end(&w);
    sandbox_event(t, name, &data);
}

void sandbox_events_flush(struct sandbox *s)
{
    mutex_lock(&s->stream_lock);
    mutex_lock(&s->lock);
    struct buf out = s->events;
    buf_init(&s->events, SANDBOX_OUT_MAX_BYTES);
    mutex_unlock(&s->lock);
    TR_ASSERT(s->stream_count <= SANDBOX_STREAMS_MAX);
    for (size_t i = s->stream_count; out.len > 0 && i-- > 0;) {
        if (http_stream_write(s->streams[i], out.data, out.len))
            continue;
        http_stream_end(s->streams[i]);
        s->streams[i] = s->streams[--s->stream_count];
    }
    mutex_lock(&s->lock);
    s->listener_count = s->stream_count;
    mutex_unlock(&s->lock);
    mutex_unlock(&s->stream_lock);
    buf_deinit(&out);
}

void sandbox_events_stop(struct sandbox *s)
{
    mutex_lock(&s->stream_lock);
    while (s->stream_count > 0)
        http_stream_end(s->streams[--s->stream_count]);
    mutex_unlock(&s->stream_lock);
}
