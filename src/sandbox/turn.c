/* Turns and time. A turn collects the answers of one change of state and delivers them after the
 * lock is gone. The timer thread makes turns of its own for everything that becomes due: long
 * polls, waits, delayed answers, dripping bodies, heartbeats of the pages' event streams, the
 * snapshot. It sleeps until the nearest of them; whoever adds something nearer wakes it. */
#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/log.h"
#include "sandbox/internal.h"

#define HEARTBEAT_US 15000000
#define IDLE_US      3600000000
#define SNAPSHOT_US  5000000
#define GZIP_BLOCK   65535
#define STATE_MAX    ((size_t)512 * 1024 * 1024)

void sandbox_turn_begin(struct sandbox_turn *t, struct sandbox *s) TR_NO_TSA
{
    TR_ASSERT(s);
    memset(t, 0, sizeof(*t));
    t->s = s;
    mutex_lock(&s->lock);
}

struct sandbox_answer *sandbox_turn_answer(struct sandbox_turn *t, struct http_exchange *x,
                                           int status, const char *content_type, struct buf *body)
{
    TR_ASSERT(x);
    if (t->count == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 4;
        struct sandbox_answer *answers = xcalloc(cap, sizeof(*answers));
        if (t->count > 0)
            memcpy(answers, t->answers, t->count * sizeof(*answers));
        (void)mem_free(t->answers);
        t->answers = answers;
        t->cap = cap;
    }
    struct sandbox_answer *a = &t->answers[t->count++];
    *a = (struct sandbox_answer){
        .x = x, .status = status, .content_type = content_type, .retry_after_s = -1};
    if (body) {
        a->body = *body;
        buf_init(body, SANDBOX_OUT_MAX_BYTES);
    }
    return a;
}

struct sandbox_answer *sandbox_turn_json(struct sandbox_turn *t, struct http_exchange *x,
                                         int status, struct buf *body)
{
    TR_ASSERT(!body || !buf_failed(body));
    return sandbox_turn_answer(t, x, status, "application/json", body);
}

/* ---- delivery, without the lock ---- */

/* A gzip file of stored blocks: what a client must inflate, without a compressor. */
static void gzip_stored(struct buf *out, const struct buf *in)
{
    static const char head[10] = "\x1f\x8b\x08\0\0\0\0\0\0\xff";
    buf_append(out, head, sizeof(head));
    size_t pos = 0;
    do {
        size_t n = in->len - pos > GZIP_BLOCK ? GZIP_BLOCK : in->len - pos;
        unsigned char block[5] = {pos + n == in->len, (unsigned char)(n & 0xff),
                                  (unsigned char)(n >> 8), (unsigned char)(~n & 0xff),
                                  (unsigned char)((~n >> 8) & 0xff)};
        buf_append(out, block, sizeof(block));
        buf_append(out, in->data + pos, n);
        pos += n;
    } while (pos < in->len);
    uint32_t tail[2] = {hash_crc32(in->data, in->len), (uint32_t)in->len};
    for (size_t i = 0; i < 2; i++)
        for (int k = 0; k < 4; k++)
            buf_putc(out, (char)((tail[i] >> (8 * k)) & 0xff));
}

static void deliver_plain(struct sandbox_answer *a, const char *extra)
{
    const char *headers[4] = {NULL};
    char retry[40];
    size_t n = 0;
    if (a->retry_after_s >= 0) {
        (void)snprintf(retry, sizeof(retry), "Retry-After: %d", a->retry_after_s);
        headers[n++] = retry;
    }
    if (a->header)
        headers[n++] = a->header;
    if (extra)
        headers[n++] = extra;
    TR_ASSERT(n < TR_ARRAY_SIZE(headers));
    http_answer_headers(a->x, a->status, a->content_type, a->body.len ? a->body.data : "",
                        a->body.len, headers);
}

static void deliver_slow(struct sandbox *s, struct sandbox_answer *a)
{
    struct sandbox_drip drip = {.every_ms = a->fault.delay_ms > 0 ? a->fault.delay_ms : 1};
    drip.stream = http_stream_begin(a->x, a->content_type, SANDBOX_STREAM_QUEUE);
    drip.body = a->body;
    buf_init(&a->body, 1);
    drip.due_us = sandbox_now_us();
    mutex_lock(&s->lock);
    bool taken = s->drip_count < SANDBOX_DRIPS_MAX && !s->stopping;
    if (taken) {
        s->drips[s->drip_count++] = drip;
        sandbox_timer_at(s, drip.due_us);
    }
    mutex_unlock(&s->lock);
    if (!taken) {
        buf_deinit(&drip.body);
        http_stream_end(drip.stream);
    }
}

static void deliver_truncated(struct sandbox_answer *a)
{
    size_t cut = (size_t)a->fault.bytes;
    cut = cut > a->body.len ? a->body.len : cut;
    if (strcmp(a->fault.variant, "length") != 0) {
        http_answer(a->x, a->status, a->content_type, a->body.data, cut);
        return;
    }
    struct http_stream *st =
        http_stream_begin_sized(a->x, a->content_type, a->body.len + 1, a->body.len + 1);
    (void)http_stream_write(st, a->body.data, cut); /* a client that has gone needs nothing */
    http_stream_drop(st);
}

static void deliver_disturbed(struct sandbox *s, struct sandbox_answer *a)
{
    struct buf packed TR_CLEANUP(buf_deinit);
    buf_init(&packed, 2 * SANDBOX_OUT_MAX_BYTES);
    switch (a->fault.kind) {
    case SANDBOX_FAULT_TRUNCATE:
        deliver_truncated(a);
        return;
    case SANDBOX_FAULT_EXECUTE_THEN_DROP:
    case SANDBOX_FAULT_DROP_BEFORE:
        http_drop(a->x);
        return;
    case SANDBOX_FAULT_SLOW_BODY:
        deliver_slow(s, a);
        return;
    case SANDBOX_FAULT_CHUNKED: {
        struct http_stream *st = http_stream_begin(a->x, a->content_type, a->body.len + 1);
        (void)http_stream_write(st, a->body.data,
                                a->body.len); /* a client that has gone needs nothing */
        http_stream_end(st);
        return;
    }
    case SANDBOX_FAULT_GZIP:
        gzip_stored(&packed, &a->body);
        buf_deinit(&a->body);
        a->body = packed;
        buf_init(&packed, 1);
        deliver_plain(a, "Content-Encoding: gzip");
        return;
    case SANDBOX_FAULT_CLOSE_EVERY:
        deliver_plain(a, "Connection: close");
        return;
    case SANDBOX_FAULT_UNSET:
    case SANDBOX_FAULT_DELAY:
    case SANDBOX_FAULT_FLOOD:
    case SANDBOX_FAULT_STATUS:
    case SANDBOX_FAULT_HANG:
    case SANDBOX_FAULT_CONFLICT_POLL:
    case SANDBOX_FAULT_CONFLICT_WEBHOOK:
    case SANDBOX_FAULT_UNAUTHORISED:
    case SANDBOX_FAULT_NOT_FOUND_EDIT:
    case SANDBOX_FAULT_MIGRATE:
    case SANDBOX_FAULT_BLOCKED:
    case SANDBOX_FAULT_EMPTY_POLL:
    case SANDBOX_FAULT_WRONG_ME:
    case SANDBOX_FAULT_DUPLICATE_UPDATES:
    case SANDBOX_FAULT_OUT_OF_ORDER:
    case SANDBOX_FAULT_ID_RESTART:
    case SANDBOX_FAULT_GIANT_UPDATE:
    case SANDBOX_FAULT_BAD_UTF8:
    case SANDBOX_FAULT_UNKNOWN_UPDATE:
    case SANDBOX_FAULT_WRONG_TYPES:
    case SANDBOX_FAULT_COUNT:
        break;
    }
    deliver_plain(a, NULL);
}

static void deliver(struct sandbox *s, struct sandbox_answer *a)
{
    if (a->fault.kind == SANDBOX_FAULT_UNSET)
        deliver_plain(a, NULL);
    else
        deliver_disturbed(s, a);
    buf_deinit(&a->body);
}

void sandbox_turn_end(struct sandbox_turn *t) TR_NO_TSA
{
    struct sandbox *s = t->s;
    mutex_assert_held(&s->lock);
    mutex_unlock(&s->lock);
    if (t->has_record)
        sandbox_record_flush(s);
    for (size_t i = 0; i < t->count; i++)
        deliver(s, &t->answers[i]);
    t->answers = mem_free(t->answers);
    t->count = 0;
    if (t->has_events)
        sandbox_events_flush(s);
}

/* ---- answers kept back ---- */

void sandbox_hold(struct sandbox *s, int64_t due_us, const struct sandbox_answer *answer)
{
    mutex_assert_held(&s->lock);
    if (!s->held)
        s->held = xcalloc(SANDBOX_HELD_MAX, sizeof(*s->held));
    TR_ASSERT(s->held_count < SANDBOX_HELD_MAX);
    s->held[s->held_count++] = (struct sandbox_held){.due_us = due_us, .answer = *answer};
    sandbox_timer_at(s, due_us);
}

static void release_held(struct sandbox_turn *t, size_t i)
{
    struct sandbox *s = t->s;
    struct sandbox_answer held = s->held[i].answer;
    s->held[i] = s->held[--s->held_count];
    struct sandbox_answer *a = sandbox_turn_answer(t, held.x, held.status, held.content_type, NULL);
    *a = held;
}

void sandbox_release_hung(struct sandbox_turn *t)
{
    for (size_t i = t->s->held_count; i-- > 0;)
        if (t->s->held[i].due_us == INT64_MAX)
            release_held(t, i);
}

static void held_due(struct sandbox_turn *t, int64_t now_us, int64_t *due_us)
{
    for (size_t i = t->s->held_count; i-- > 0;) {
        int64_t due = t->s->held[i].due_us;
        if (due <= now_us || t->s->stopping)
            release_held(t, i);
        else if (due < *due_us)
            *due_us = due;
    }
}

/* ---- the timer thread ---- */

void sandbox_timer_at(struct sandbox *s, int64_t due_us)
{
    mutex_assert_held(&s->lock);
    if (due_us >= s->timer_due_us)
        return;
    s->timer_due_us = due_us;
    cond_signal(&s->timer_wake);
}

static void drips_due(struct sandbox *s, int64_t now_us, int64_t *due_us)
{
    for (size_t i = s->drip_count; i-- > 0;) {
        struct sandbox_drip *d = &s->drips[i];
        bool open = true;
        if (d->due_us <= now_us && d->sent < d->body.len) {
            open = http_stream_write(d->stream, d->body.data + d->sent++, 1);
            d->due_us = now_us + d->every_ms * 1000;
        }
        if (!open || d->sent == d->body.len || s->stopping) {
            http_stream_end(d->stream);
            buf_deinit(&d->body);
            *d = s->drips[--s->drip_count];
        } else if (d->due_us < *due_us) {
            *due_us = d->due_us;
        }
    }
}

static void heartbeat_due(struct sandbox_turn *t, int64_t now_us, int64_t *due_us)
{
    struct sandbox *s = t->s;
    if (s->listener_count == 0)
        return;
    if (s->heartbeat_due_us <= now_us) {
        s->heartbeat_due_us = now_us + HEARTBEAT_US;
        buf_puts(&s->events, ": still here\n\n");
        t->has_events = true;
    }
    if (s->heartbeat_due_us < *due_us)
        *due_us = s->heartbeat_due_us;
}

/* Fills out when a snapshot is to be written after the turn. */
static void snapshot_due(struct sandbox *s, int64_t now_us, int64_t *due_us, struct buf *out)
{
    if (!s->state_path)
        return;
    if (s->snapshot_due_us <= now_us || s->stopping) {
        s->snapshot_due_us = now_us + SNAPSHOT_US;
        if (s->snapshot_seq != s->world.seq || s->stopping)
            sandbox_state_write(s, out);
        s->snapshot_seq = s->world.seq;
    }
    if (s->snapshot_due_us < *due_us)
        *due_us = s->snapshot_due_us;
}

static void write_snapshot(struct sandbox *s, struct buf *out)
{
    if (out->len == 0)
        return;
    int r = buf_failed(out) ? -EFBIG : file_write_atomic(s->state_path, out->data, out->len, 0600);
    if (r < 0)
        log_warn("sandbox", "snapshot_failed error=%d", r);
}

static bool timer_step(struct sandbox *s)
{
    struct sandbox_turn t;
    struct buf snapshot TR_CLEANUP(buf_deinit);
    buf_init(&snapshot, STATE_MAX);
    sandbox_turn_begin(&t, s);
    int64_t now_us = sandbox_now_us(), due_us = now_us + IDLE_US;
    sandbox_poll_timeouts(&t, now_us, &due_us);
    sandbox_waits_timeouts(&t, now_us, &due_us);
    held_due(&t, now_us, &due_us);
    drips_due(s, now_us, &due_us);
    heartbeat_due(&t, now_us, &due_us);
    snapshot_due(s, now_us, &due_us, &snapshot);
    s->timer_due_us = due_us;
    bool stopping = s->stopping;
    sandbox_turn_end(&t);
    write_snapshot(s, &snapshot);
    return !stopping;
}

void sandbox_timer_main(struct thread *self, void *arg)
{
    struct sandbox *s = arg;
    while (timer_step(s)) {
        mutex_lock(&s->lock);
        int64_t until_us = s->timer_due_us;
        while (!s->stopping && s->timer_due_us > sandbox_now_us()) {
            until_us = s->timer_due_us;
            (void)cond_wait_until_us(&s->timer_wake, &s->lock,
                                     until_us); /* looked at again anyway */
        }
        mutex_unlock(&s->lock);
    }
    TR_ASSERT(thread_should_stop(self));
}

void sandbox_timer_stop(void *arg)
{
    struct sandbox *s = arg;
    mutex_lock(&s->lock);
    s->stopping = true;
    cond_signal(&s->timer_wake);
    mutex_unlock(&s->lock);
}
