/* http/live.c: the live stream. Each client has one position (journal seq) per trader. The thread
 * wakes on commits, but at most every 50 ms, reads what is new for each client from the journals by
 * its own read-only connections, and writes frames event: v3_entry data: {...} followed, once the
 * whole journal row is out, by a block with only `id: main:1234`: it moves the browser's
 * Last-Event-ID without an event, so a row is never half lost. A client that reads slowly is left
 * where it is until its queue has drained; the journal is the buffer. */
#include "http/live.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/mutex.h"
#include "core/thread.h"
#include "http/api.h"
#include "http/live_position.h"
#include "store/journal.h"

#define KEEP_OPEN_US     INT64_C(15000000) /* proxies close what is silent */
#define HEARTBEAT_EVERY  2                 /* of those beats: an event every 30 s */
#define PACE_US          INT64_C(50000)
#define QUEUE_MAX_BYTES  ((size_t)256 * 1024) /* spec reliability 5.9 */
#define QUEUE_BUSY_BYTES ((size_t)64 * 1024)
#define BATCH_MAX_BYTES  ((size_t)128 * 1024)
#define BATCH_ROWS       128
#define RETRY_HINT       "retry: 2000\n\n"
#define RETURN_HINT      "retry: 100\n\n" /* the next stream tells the usual pause again */

struct live_client {
    struct http_stream *stream;
    uint64_t positions[CONF_TRADERS_MAX];
    struct live_client *next;
};

struct live {
    struct http_api_trader traders[CONF_TRADERS_MAX]; /* (c) */
    const char *ids[CONF_TRADERS_MAX];                /* (c) */
    size_t trader_count;                              /* (c) */
    struct mutex lock;                                /* leaf: nothing is called under it */
    struct cond wake;
    struct thread *thread;       /* (l) made with the first client */
    struct live_client *joining; /* (l) */
    bool dirty, stopped, paused; /* (l) */
    atomic_size_t client_count;  /* relaxed */
    /* live thread only: */
    struct live_client *clients;
    struct journal_reader *readers[CONF_TRADERS_MAX];
};

/* -- one pass of the live thread --------------------------------------------------------------- */

struct live_batch {
    struct live *live;
    struct live_client *client;
    size_t trader;
    uint64_t seq; /* of the row being visited */
    int row_events;
    bool is_full; /* the visit ended early */
    struct buf frames;
};

static int on_output(const struct output_view *v, void *ctx)
{
    struct live_batch *b = ctx;
    if (v->kind != OUTPUT_EVENT)
        return 0;
    struct event e = v->event;
    e.seq = b->seq;
    const struct event_info *info = event_info(e.type);
    if (info == NULL)
        return 0;
    buf_printf(&b->frames, "event: %s\ndata: ", info->name);
    page_event(&b->frames, b->live->ids[b->trader], &e);
    buf_puts(&b->frames, "\n\n");
    b->row_events++;
    return 0;
}

static int on_row(const struct journal_row *row, void *ctx)
{
    struct live_batch *b = ctx;
    size_t before = b->frames.len;
    b->seq = row->seq;
    b->row_events = 0;
    if (outputs_visit(row->output, row->output_len, on_output, b) < 0)
        log_error("http", "live_row_unreadable trader=%s seq=%" PRIu64, b->live->ids[b->trader],
                  row->seq);
    if (buf_failed(&b->frames)) { /* the batch is full: this row comes with the next one */
        b->frames.failed = false;
        b->frames.len = before;
        b->frames.data[before] = '\0';
        b->is_full = before > 0;
        if (b->is_full)
            return 1;
        log_error("http", "live_row_too_big seq=%" PRIu64, row->seq);
    }
    b->client->positions[b->trader] = row->seq;
    if (b->row_events > 0) {
        char id[LIVE_POSITION_CAP];
        live_position_format(b->live->ids, b->live->trader_count, b->client->positions, id);
        buf_printf(&b->frames, "id: %s\n\n", id);
    }
    b->is_full = b->frames.len > BATCH_MAX_BYTES / 2;
    return b->is_full ? 1 : 0;
}

/* True: there may be more. */
static bool feed_trader(struct live *l, struct live_client *c, size_t trader, struct buf *frames)
{
    if (l->readers[trader] == NULL &&
        journal_reader_open(l->traders[trader].journal_path, &l->readers[trader]) != 0) {
        l->readers[trader] = NULL;
        return false; /* tried again at the next pass */
    }
    struct live_batch b = {.live = l, .client = c, .trader = trader, .frames = *frames};
    uint64_t after = c->positions[trader];
    uint64_t last = after;
    int r = journal_read(l->readers[trader], after, BATCH_ROWS,
                         JOURNAL_FLAG_MESSAGES | JOURNAL_FLAG_LEDGER, on_row, &b, &last);
    *frames = b.frames;
    if (r < 0) {
        log_warn("http", "live_read_failed trader=%s", l->ids[trader]);
        l->readers[trader] = journal_reader_close(l->readers[trader]);
        return false;
    }
    if (!b.is_full && last > c->positions[trader])
        c->positions[trader] = last; /* rows without events are passed over */
    return c->positions[trader] > after;
}

/* False: the client has gone. *ret_more: it is not up to date yet. */
static bool feed_client(struct live *l, struct live_client *c, bool *ret_more)
{
    if (http_stream_queued_bytes(c->stream) > QUEUE_BUSY_BYTES) {
        *ret_more = true;
        return !http_stream_is_gone(c->stream);
    }
    struct buf frames TR_CLEANUP(buf_deinit);
    buf_init(&frames, BATCH_MAX_BYTES);
    for (size_t t = 0; t < l->trader_count; t++)
        if (frames.len < BATCH_MAX_BYTES / 2 && feed_trader(l, c, t, &frames))
            *ret_more = true;
    return frames.len == 0 || http_stream_write(c->stream, frames.data, frames.len);
}

static void client_free(struct live *l, struct live_client *c)
{
    http_stream_end(c->stream);
    (void)mem_free(c); /* returns NULL */
    atomic_fetch_sub_explicit(&l->client_count, 1, memory_order_relaxed);
}

static void send_back(struct live *l)
{
    while (l->clients != NULL) {
        struct live_client *c = l->clients;
        l->clients = c->next;
        (void)http_stream_write(c->stream, RETURN_HINT, strlen(RETURN_HINT)); /* gone: as well */
        client_free(l, c);
    }
}

static bool beat(struct live *l, struct live_client *c, bool is_event)
{
    struct buf frames TR_CLEANUP(buf_deinit);
    buf_init(&frames, BATCH_MAX_BYTES);
    buf_puts(&frames, ": \n\n");
    for (size_t t = 0; is_event && t < l->trader_count; t++)
        shadow_heartbeat(&l->traders[t], &frames);
    return http_stream_write(c->stream, frames.data, frames.len);
}

/* beats: 0 = none is due now, else its number. */
static bool feed_all(struct live *l, unsigned beats)
{
    bool more = false;
    for (struct live_client **at = &l->clients; *at != NULL;) {
        struct live_client *c = *at;
        bool alive = feed_client(l, c, &more);
        if (alive && beats != 0)
            alive = beat(l, c, beats % HEARTBEAT_EVERY == 0);
        if (alive) {
            at = &c->next;
        } else {
            *at = c->next;
            client_free(l, c);
        }
    }
    return more;
}

static void live_main(struct thread *self, void *arg)
{
    struct live *l = arg;
    int64_t beat_us = clock_mono_us(clock_real()) + KEEP_OPEN_US;
    unsigned beats = 0;
    bool more = false;
    while (!thread_should_stop(self)) {
        mutex_lock(&l->lock);
        while (!l->dirty && l->joining == NULL && !more && !thread_should_stop(self) &&
               cond_wait_until_us(&l->wake, &l->lock, beat_us))
            ;
        l->dirty = false;
        bool paused = l->paused;
        while (l->joining != NULL) {
            struct live_client *c = l->joining;
            l->joining = c->next;
            c->next = l->clients;
            l->clients = c;
        }
        mutex_unlock(&l->lock);
        if (paused)
            send_back(l);
        int64_t now_us = clock_mono_us(clock_real());
        bool is_due = now_us >= beat_us;
        if (is_due) {
            beat_us = now_us + KEEP_OPEN_US;
            beats++;
        }
        more = feed_all(l, is_due ? beats : 0);
        /* Commits come by the thousand: let some gather. Only a stop ends this early. */
        mutex_lock(&l->lock);
        while (!thread_should_stop(self) && !(l->paused && l->dirty) &&
               cond_wait_until_us(&l->wake, &l->lock, now_us + PACE_US))
            ;
        mutex_unlock(&l->lock);
    }
    while (l->clients != NULL) {
        struct live_client *c = l->clients;
        l->clients = c->next;
        client_free(l, c);
    }
    for (size_t t = 0; t < l->trader_count; t++)
        l->readers[t] = journal_reader_close(l->readers[t]);
}

/* Asked to stop: wakes without new work. */
static void live_thread_wake(void *arg)
{
    struct live *l = arg;
    mutex_lock(&l->lock);
    cond_signal(&l->wake);
    mutex_unlock(&l->lock);
}

/* -- the other threads ------------------------------------------------------------------------- */

struct live *live_new(void)
{
    struct live *l = xalloc(sizeof(*l));
    mutex_init(&l->lock);
    cond_init(&l->wake);
    atomic_init(&l->client_count, 0);
    return l;
}

void live_set_traders(struct live *l, const struct http_api_trader *traders, size_t count)
{
    TR_ASSERT(count <= CONF_TRADERS_MAX);
    TR_ASSERT(l->thread == NULL);
    for (size_t i = 0; i < count; i++) {
        l->traders[i] = traders[i];
        l->ids[i] = engine_trader_id(traders[i].engine);
    }
    l->trader_count = count;
}

bool live_join(struct live *l, struct http_exchange *x, const char *last_event_id)
{
    if (atomic_load_explicit(&l->client_count, memory_order_relaxed) >= LIVE_CLIENTS_MAX)
        return false;
    struct live_client *c = xalloc(sizeof(*c));
    for (size_t t = 0; t < l->trader_count; t++) {
        struct engine_stats stats;
        engine_get_stats(l->traders[t].engine, &stats);
        c->positions[t] = stats.committed_seq;
    }
    if (last_event_id != NULL)
        live_position_parse(last_event_id, l->ids, l->trader_count, c->positions);
    c->stream = http_stream_begin(x, "text/event-stream", QUEUE_MAX_BYTES);
    /* Writing at once also sends the head: the browser sees an open stream. */
    (void)http_stream_write(c->stream, RETRY_HINT, strlen(RETRY_HINT));
    atomic_fetch_add_explicit(&l->client_count, 1, memory_order_relaxed);
    mutex_lock(&l->lock);
    bool taken = !l->stopped;
    if (taken) {
        c->next = l->joining;
        l->joining = c;
        if (l->thread == NULL)
            l->thread = thread_start("live", live_main, live_thread_wake, l);
        cond_signal(&l->wake);
    }
    mutex_unlock(&l->lock);
    if (!taken)
        client_free(l, c);
    return true;
}

void live_wake(struct live *l)
{
    if (atomic_load_explicit(&l->client_count, memory_order_relaxed) == 0)
        return;
    mutex_lock(&l->lock);
    l->dirty = true;
    cond_signal(&l->wake);
    mutex_unlock(&l->lock);
}

void live_pause(struct live *l, bool paused)
{
    mutex_lock(&l->lock);
    l->paused = paused;
    l->dirty = true;
    cond_signal(&l->wake);
    mutex_unlock(&l->lock);
}

size_t live_client_count(struct live *l)
{
    return atomic_load_explicit(&l->client_count, memory_order_relaxed);
}

void live_stop(struct live *l)
{
    mutex_lock(&l->lock);
    l->stopped = true;
    struct thread *t = TR_STEAL(l->thread);
    mutex_unlock(&l->lock);
    (void)thread_join(t); /* returns NULL */
    while (l->joining != NULL) {
        struct live_client *c = l->joining;
        l->joining = c->next;
        client_free(l, c);
    }
}

struct live *live_free(struct live *l)
{
    if (l == NULL)
        return NULL;
    TR_ASSERT(l->thread == NULL && l->clients == NULL);
    cond_deinit(&l->wake);
    mutex_deinit(&l->lock);
    return mem_free(l);
}
