/* A fake sink, a manual clock and a real journal for the tests of notify/. The sink completes sends
 * in run() with the result of `answer`, and moves the clock by the time it was asked to wait. */
#ifndef TRIDENT_TESTS_NOTIFY_SUPPORT_H
#define TRIDENT_TESTS_NOTIFY_SUPPORT_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "core/log.h"
#include "notify/notify_impl.h"

#define SENT_MAX 65536
#define HOUR_US  (INT64_C(3600) * 1000 * 1000)
#define WALL_MS  INT64_C(1800000000000)

struct sent {
    int64_t id, chat_id, thread_id, reply_to, edit_id, at_us;
    enum bot_id bot;
    enum notify_lane lane;
    enum sink_result result;
    int attempts;
    bool plain, maybe, has_keyboard, silent;
    char callback[16], photo[32];
    char html[200];
};

struct answer {
    enum sink_result result;
    int64_t retry_ms, migrate_to;
};

struct fake_sink {
    struct clock *clock;
    struct notify *notify;
    struct sent *log;
    size_t sent_count;
    size_t room; /* most in flight */
    size_t waiting[512];
    size_t waiting_count;
    size_t most_waiting;
    bool hold; /* run() completes nothing */
    bool keep_time;
    struct answer (*answer)(struct fake_sink *s, const struct sent *m);
};

static inline enum sink_result fake_send(void *ctx, const struct notify_message *m, bool plain)
{
    struct fake_sink *s = ctx;
    if (s->waiting_count >= s->room)
        return SINK_RETRY;
    cr_assert_lt(s->sent_count, SENT_MAX);
    for (size_t i = 0; i < s->waiting_count; i++) {
        const struct sent *other = &s->log[s->waiting[i]];
        cr_assert(other->bot != m->bot || other->chat_id != m->chat_id,
                  "two messages of one chat in flight");
    }
    struct sent *r = &s->log[s->sent_count];
    *r = (struct sent){.id = m->id,
                       .bot = m->bot,
                       .lane = m->lane,
                       .chat_id = m->chat_id,
                       .thread_id = m->thread_id,
                       .reply_to = m->reply_to,
                       .edit_id = m->edit_message_id,
                       .attempts = m->attempts,
                       .plain = plain,
                       .maybe = m->maybe_sent,
                       .silent = m->silent,
                       .has_keyboard = m->keyboard_json != NULL,
                       .at_us = clock_mono_us(s->clock)};
    snprintf(r->html, sizeof(r->html), "%s", m->html != NULL ? m->html : "");
    snprintf(r->callback, sizeof(r->callback), "%s", m->callback_id);
    snprintf(r->photo, sizeof(r->photo), "%s", m->photo_path != NULL ? m->photo_path : "");
    s->waiting[s->waiting_count++] = s->sent_count++;
    if (s->waiting_count > s->most_waiting)
        s->most_waiting = s->waiting_count;
    return SINK_UNSET;
}

static inline void fake_run(void *ctx, int wait_ms)
{
    struct fake_sink *s = ctx;
    if (s->hold || s->waiting_count == 0) {
        if (!s->keep_time)
            clock_manual_advance_us(s->clock, (int64_t)wait_ms * 1000);
        return;
    }
    size_t done[512];
    size_t count = s->waiting_count;
    memcpy(done, s->waiting, count * sizeof(done[0]));
    s->waiting_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct sent *m = &s->log[done[i]];
        struct answer a = {.result = SINK_SENT};
        if (s->answer != NULL)
            a = s->answer(s, m);
        m->result = a.result;
        notify_sent(s->notify, m->id, a.result, a.retry_ms, a.migrate_to);
    }
}

static inline void fake_wake(void *ctx)
{
    (void)ctx;
}

static inline size_t fake_in_flight(void *ctx)
{
    return ((struct fake_sink *)ctx)->waiting_count;
}

/* Pieces of 100 bytes, captions of 20: the real rules have their own tests. */
static inline char **fake_split(const char *html, bool is_caption, size_t *ret_count)
{
    size_t limit = is_caption ? 20 : 100;
    size_t len = strlen(html);
    size_t n = (len + limit - 1) / limit;
    char **pieces = xcalloc(n + 1, sizeof(*pieces));
    for (size_t i = 0; i < n; i++)
        pieces[i] = xstrndup(html + i * limit, limit);
    *ret_count = n;
    return pieces;
}

static const struct sink_ops fake_ops = {
    .send = fake_send,
    .run = fake_run,
    .wake = fake_wake,
    .in_flight = fake_in_flight,
    .split = fake_split,
};

struct bench {
    char dir[64];
    char db[96], journal_path[96];
    struct clock *clock;
    struct fake_sink sink;
    struct journal *journal;
    struct notify_target targets[8];
    struct notify_options opt;
    struct notify *n;
};

#define ADMIN_CHAT  101
#define TRADER_CHAT 102
#define VIEWER_CHAT 103
#define GUEST_CHAT  104 /* notify-only */

static inline void bench_init(struct bench *b)
{
    memset(b, 0, sizeof(*b));
    cr_assert_eq(hash_global_init(), 0);
    log_set_level(LOG_ERROR);
    snprintf(b->dir, sizeof(b->dir), "/tmp/trident-notify-XXXXXX");
    cr_assert_not_null(mkdtemp(b->dir));
    snprintf(b->db, sizeof(b->db), "%s/notify.db", b->dir);
    snprintf(b->journal_path, sizeof(b->journal_path), "%s/journal.db", b->dir);
    b->clock = clock_manual_new(1000000, WALL_MS);
    b->sink = (struct fake_sink){.clock = b->clock, .room = 512};
    b->sink.log = calloc(SENT_MAX, sizeof(struct sent));
    b->targets[0] = (struct notify_target){ADMIN_CHAT, 0, ROLE_ADMIN, LANG_EN};
    b->targets[1] = (struct notify_target){TRADER_CHAT, 0, ROLE_TRADER, LANG_EN};
    b->targets[2] = (struct notify_target){VIEWER_CHAT, 0, ROLE_VIEWER, LANG_EN};
    b->targets[3] = (struct notify_target){GUEST_CHAT, 7, ROLE_NONE, LANG_EN};
    b->opt = (struct notify_options){
        .db_path = b->db,
        .clock = b->clock,
        .sink = &fake_ops,
        .sink_ctx = &b->sink,
        .targets = b->targets,
        .target_count = 4,
        .bot_present = {[BOT_CONTROLLER] = true, [BOT_NOTIFICATION] = true, [BOT_ANALYTICS] = true},
        .per_chat_per_s = 1,
        .per_chat_burst = 3,
        .per_group_per_min = 20,
        .per_bot_per_s = 25,
        .throttle_window_ms = 60000,
        .max_in_flight = 32,
    };
    cr_assert_eq(journal_open(b->journal_path, &b->journal), 0);
}

static inline void bench_open(struct bench *b)
{
    cr_assert_eq(notify_open(&b->opt, &b->n), 0);
    cr_assert_eq(notify_add_journal(b->n, "main", b->journal_path), 0);
    b->sink.notify = b->n;
}

static inline void bench_close(struct bench *b)
{
    b->n = notify_free(b->n);
    b->sink.waiting_count = 0;
}

static inline void bench_deinit(struct bench *b)
{
    bench_close(b);
    b->journal = journal_close(b->journal);
    clock_free(b->clock);
    free(b->sink.log);
    char cmd[160];
    static const char *const names[] = {"notify.db",  "notify.db-wal",  "notify.db-shm",
                                        "journal.db", "journal.db-wal", "journal.db-shm",
                                        "places.db",  "places.db-wal",  "places.db-shm"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++) {
        snprintf(cmd, sizeof(cmd), "%s/%s", b->dir, names[i]);
        unlink(cmd);
    }
    rmdir(b->dir);
}

/* ---- journal ---- */

static inline void journal_put(struct bench *b, struct outputs *o)
{
    struct journal_row row = {
        .seq = journal_last_seq(b->journal) + 1,
        .time_ms = clock_wall_ms(b->clock),
        .kind = 1,
        .flags = o->has_messages ? JOURNAL_FLAG_MESSAGES : 0,
        .key = "",
        .input = "",
        .output = o->blob.data,
        .output_len = o->blob.len,
    };
    cr_assert_eq(journal_append(b->journal, &row), 0);
}

static inline void put_event(struct bench *b, const struct event *e)
{
    struct outputs o;
    outputs_init(&o);
    outputs_add_event(&o, e);
    cr_assert_eq(journal_begin(b->journal), 0);
    journal_put(b, &o);
    cr_assert_eq(journal_commit(b->journal), 0);
    outputs_deinit(&o);
    if (b->n != NULL)
        notify_on_commit(b->n, 0);
}

static inline struct event make_event(enum event_type type)
{
    struct event e = EVENT_INIT;
    e.type = type;
    e.time_ms = WALL_MS;
    snprintf(e.symbol, sizeof(e.symbol), "XAUUSD");
    return e;
}

static inline void put_reply_row(struct bench *b, const struct reply *r)
{
    struct outputs o;
    outputs_init(&o);
    outputs_add_reply(&o, r);
    journal_put(b, &o);
    outputs_deinit(&o);
}

static inline void put_reply(struct bench *b, int64_t chat_id, const char *html)
{
    struct reply r;
    reply_init(&r);
    r.bot = BOT_CONTROLLER;
    r.chat_id = chat_id;
    r.html = xstrdup(html);
    cr_assert_eq(journal_begin(b->journal), 0);
    put_reply_row(b, &r);
    cr_assert_eq(journal_commit(b->journal), 0);
    reply_deinit(&r);
    if (b->n != NULL)
        notify_on_commit(b->n, 0);
}

static inline void turns(struct bench *b, int count)
{
    for (int i = 0; i < count; i++)
        notify_turn(b->n, 1000);
}

/* Turns until nothing waits, at most `limit`. */
static inline void turns_until_empty(struct bench *b, int limit)
{
    struct notify_stats st;
    for (int i = 0; i < limit; i++) {
        notify_turn(b->n, 1000);
        notify_get_stats(b->n, &st);
        if (st.outbox_rows == 0 && st.in_flight == 0 && i > 2)
            return;
    }
    cr_assert_fail("outbox still has %zu rows", st.outbox_rows);
}

static inline size_t count_sent(const struct bench *b, enum bot_id bot, int64_t chat_id)
{
    size_t count = 0;
    for (size_t i = 0; i < b->sink.sent_count; i++)
        count += (bot == BOT_UNSET || b->sink.log[i].bot == bot) &&
                 (chat_id == 0 || b->sink.log[i].chat_id == chat_id);
    return count;
}

#endif
