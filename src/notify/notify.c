/* The sender thread. A turn of its loop:
 *
 *   requests of other threads -> changed chat ids -> journals read, rows inserted (transaction)
 *   -> commit: rows, watermarks, results of the last sends -> queues -> sink: send, wait, results
 *
 * Rows enter the queues only after their commit, and the watermark moves in the same transaction,
 * so a kill at any point loses nothing and repeats at most what was in flight. Results (deletes)
 * wait for the next transaction, but not longer than WRITE_DELAY_US and not at all when the thread
 * is idle.
 *
 * When notify.db cannot be written, nothing new is routed (the journal keeps it), what is in memory
 * is still sent, admins are told once, and the transaction is tried again every second. */
#include "notify/notify_impl.h"

#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "core/log.h"
#include "model/text.h"

#define WRITE_DELAY_US   INT64_C(2000) /* what a kill may repeat: a few messages */
#define WRITE_BATCH      256
#define POLL_US          INT64_C(1000000) /* journals are looked at without a wake, too */
#define REST_ROWS        16
#define REST_US          INT64_C(5000)
#define TURN_MAX_WAIT_MS 1000
#define ALARM_MAX_BYTES  4000
#define VOICE_FOLDER     "/voice"

int64_t notify_now_us(const struct notify *n)
{
    return clock_mono_us(n->opt.clock);
}

void notify_set_single(struct notify *n, bool is_single)
{
    atomic_store_explicit(&n->is_single, is_single, memory_order_relaxed);
}

enum bot_id notify_telling_bot(struct notify *n, enum bot_id bot)
{
    bool is_single = atomic_load_explicit(&n->is_single, memory_order_relaxed);
    return is_single && bot != BOT_LEGACY && n->opt.bot_present[n->opt.bot_fallback]
               ? n->opt.bot_fallback
               : notify_actual_bot(n, bot);
}

enum bot_id notify_actual_bot(const struct notify *n, enum bot_id bot)
{
    return n->opt.bot_present[bot] ? bot : n->opt.bot_fallback;
}

/* ---- suspended chats ---- */

static uint64_t suspended_key(enum bot_id bot, int64_t chat_id)
{
    return ((uint64_t)chat_id << 3) | (uint64_t)bot;
}

bool notify_is_suspended(struct notify *n, enum bot_id bot, int64_t chat_id)
{
    if (atomic_load(&n->suspended_count) == 0)
        return false;
    mutex_lock(&n->lock);
    bool is = map_get(n->suspended, suspended_key(bot, chat_id)) != NULL;
    mutex_unlock(&n->lock);
    return is;
}

void notify_set_suspended(struct notify *n, enum bot_id bot, int64_t chat_id, bool suspended)
{
    uint64_t key = suspended_key(bot, chat_id);
    mutex_lock(&n->lock);
    if (!suspended)
        (void)map_remove(n->suspended, key); /* the value means nothing */
    else if (!map_put(n->suspended, key, n))
        log_warn("notify", "suspended_full max=%d", NOTIFY_SUSPENDED_MAX); /* refused again later */
    atomic_store(&n->suspended_count, map_count(n->suspended));
    mutex_unlock(&n->lock);
}

static bool writes_are_due(const struct notify *n)
{
    if (n->write_count == 0)
        return false;
    return n->write_count >= WRITE_BATCH || n->flight_count == 0 ||
           notify_now_us(n) - n->first_write_us >= WRITE_DELAY_US;
}

/* ---- requests of other threads ---- */

/* Takes text. Dropped when full: every request is repeated by what causes it, alarms are best
 * effort. */
static bool request(struct notify *n, const struct notify_request *r)
{
    mutex_lock(&n->lock);
    size_t room =
        r->kind == REQUEST_OUTLET_DONE ? NOTIFY_REQUESTS_MAX : NOTIFY_REQUESTS_MAX - NOTIFY_OUTLETS;
    bool fits = n->request_count < room;
    if (fits)
        n->requests[n->request_count++] = *r;
    mutex_unlock(&n->lock);
    if (!fits)
        mem_free(r->text);
    else if (!atomic_exchange(&n->woken, true))
        n->opt.sink->wake(n->opt.sink_ctx);
    return fits;
}

/* After its text, in the same lane as notifications. A file that was spoken too late for the
 * database is not missed: people have the text. */
static void serve_voice(struct notify *n, const struct notify_request *r)
{
    struct outbox_row *row = xalloc(sizeof(*row));
    *row = (struct outbox_row){
        .bot = r->bot,
        .lane = NOTIFY_LANE_LOW,
        .chat_id = r->chat_id,
        .thread_id = r->new_chat_id,
        .photo = xstrdup(r->text),
        .created_ms = clock_wall_ms(n->opt.clock),
    };
    if (targets_find(&n->targets, targets_resolve(&n->targets, r->chat_id)) == NULL) {
        outbox_row_free(row); /* removed while it was being spoken */
        return;
    }
    int e = routing_stage(n, row);
    if (e < 0)
        transaction_failed(n, e);
}

void notify_on_spoken(void *notify, const struct voice_job *job, const char *path)
{
    const char *name = strrchr(path, '/');
    TR_ASSERT(name != NULL);
    (void)request(notify, &(struct notify_request){.kind = REQUEST_VOICE,
                                                   .bot = job->bot,
                                                   .chat_id = job->chat_id,
                                                   .new_chat_id = job->thread_id,
                                                   .text = xasprintf("voice%s", name)});
}

static void serve(struct notify *n, const struct notify_request *r)
{
    switch (r->kind) {
    case REQUEST_ALARM:
        routing_alarm(n, r->text, ROUTING_ALL_BOTS, 0);
        break;
    case REQUEST_ALIVE:
        /* The suspension is written first: it deletes what waits, not what comes from now on. */
        if (notify_is_suspended(n, r->bot, r->chat_id) && notify_flush(n) == 0) {
            log_info("notify", "chat_alive bot=%s chat=%lld", bot_name(r->bot),
                     (long long)r->chat_id);
            notify_set_suspended(n, r->bot, r->chat_id, false);
            notify_add_write(
                n, &(struct notify_write){.kind = WRITE_RESUME, .bot = r->bot, .id = r->chat_id});
        }
        break;
    case REQUEST_MIGRATED:
        delivery_note_migration(n, r->chat_id, r->new_chat_id);
        break;
    case REQUEST_OUTLET_DONE:
        notify_sent(n, r->chat_id, r->result, 0, 0);
        break;
    case REQUEST_VOICE:
        serve_voice(n, r);
        break;
    case REQUEST_UNSET:
    case REQUEST_KIND_COUNT:
        TR_ASSERT(false);
    }
    mem_free(r->text);
}

static void serve_requests(struct notify *n)
{
    struct notify_request taken[NOTIFY_REQUESTS_MAX];
    mutex_lock(&n->lock);
    size_t count = n->request_count;
    memcpy(taken, n->requests, count * sizeof(taken[0]));
    n->request_count = 0;
    mutex_unlock(&n->lock);
    for (size_t i = 0; i < count; i++)
        serve(n, &taken[i]);
}

void notify_on_commit(void *notify, uint64_t committed_seq)
{
    (void)committed_seq;
    struct notify *n = notify;
    if (!atomic_exchange(&n->woken, true))
        n->opt.sink->wake(n->opt.sink_ctx);
}

void notify_alarm(struct notify *n, const char *text)
{
    struct buf html TR_CLEANUP(buf_deinit) = {0};
    char *cut TR_CLEANUP(mem_freep) = xstrndup(text, ALARM_MAX_BYTES / 8);
    buf_init(&html, ALARM_MAX_BYTES);
    buf_puts(&html, "🚨 ");
    text_escape_html(&html, cut);
    (void)request(n, &(struct notify_request){.kind = REQUEST_ALARM, .text = buf_take(&html)});
}

void notify_chat_alive(struct notify *n, enum bot_id bot, int64_t chat_id)
{
    if (notify_is_suspended(n, bot, chat_id))
        (void)request(
            n, &(struct notify_request){.kind = REQUEST_ALIVE, .bot = bot, .chat_id = chat_id});
}

void notify_chat_migrated(struct notify *n, int64_t old_chat_id, int64_t new_chat_id)
{
    (void)request(n, &(struct notify_request){.kind = REQUEST_MIGRATED,
                                              .chat_id = old_chat_id,
                                              .new_chat_id = new_chat_id});
}

void notify_get_stats(struct notify *n, struct notify_stats *ret)
{
    mutex_lock(&n->lock);
    *ret = n->stats;
    mutex_unlock(&n->lock);
}

/* ---- the loop ---- */

/* New rows and counted repeats, into one transaction. After many rows that left nothing to send (a
 * flood of counted repeats) the journal rests a little: the next look then takes more at once. */
static int route(struct notify *n, bool woken)
{
    int64_t now = notify_now_us(n);
    bool poll = now >= n->next_poll_us;
    size_t staged_before = n->staged_count;
    uint64_t rows = 0;
    if (poll)
        n->next_poll_us = now + POLL_US;
    for (size_t i = 0; i < n->feed_count; i++) {
        struct notify_feed *f = &n->feeds[i];
        f->has_more = f->has_more || woken || poll;
        if (!f->has_more || n->staged_count >= NOTIFY_STAGED_MAX || now < n->rest_until_us)
            continue;
        uint64_t reached = f->reached;
        int r = routing_read(n, f);
        if (r < 0)
            return err_trace(r);
        rows += f->reached - reached;
    }
    if (rows >= REST_ROWS && n->staged_count == staged_before)
        n->rest_until_us = now + REST_US;
    int r = routing_throttled(n);
    return r < 0 ? err_trace(r) : err_trace(fanout_boxes(n));
}

static void do_database_work(struct notify *n, bool woken)
{
    if (notify_now_us(n) < n->store_retry_us) {
        for (size_t i = 0; i < n->feed_count; i++)
            n->feeds[i].has_more = n->feeds[i].has_more || woken;
        return;
    }
    int r = delivery_migrate(n);
    if (r == 0)
        r = route(n, woken);
    if (r < 0)
        transaction_failed(n, r);
    else if (outbox_is_writing(n->outbox) || writes_are_due(n))
        r = notify_flush(n);
    if (r < 0)
        log_debug("notify", "database_work_postponed error=%d", -r);
}

struct recount {
    struct notify *n;
    enum bot_id bot;
    int64_t chat_id;
    bool is_taken;
};

/* Lanes of one queue come one after the other. */
static void on_recount(void *arg, enum bot_id bot, int64_t chat_id, enum notify_lane lane,
                       int64_t count)
{
    struct recount *ctx = arg;
    if (ctx->bot != bot || ctx->chat_id != chat_id) {
        ctx->bot = bot;
        ctx->chat_id = chat_id;
        ctx->is_taken = !schedule_has_chat(ctx->n->schedule, bot, chat_id);
    }
    if (ctx->is_taken)
        schedule_set_stored(ctx->n->schedule, bot, chat_id, lane, count, notify_now_us(ctx->n));
}

static void recount(struct notify *n)
{
    struct recount ctx = {.n = n};
    int r = notify_flush(n); /* what was sent must not be counted */
    if (r == 0)
        r = outbox_count_all(n->outbox, on_recount, &ctx);
    if (r < 0)
        log_error("notify", "outbox_unreadable error=%d", -r);
}

static void publish_stats(struct notify *n)
{
    int64_t now = notify_now_us(n);
    n->live.outbox_rows = (size_t)n->rows;
    n->live.in_flight = n->flight_count;
    n->live.suspended_chats = atomic_load(&n->suspended_count);
    n->live.watermark = n->feed_count > 0 ? n->feeds[0].reached : 0;
    if (n->rows == 0) {
        n->live.oldest_age_ms = 0;
    } else if (now >= n->next_oldest_us) {
        int64_t age = clock_wall_ms(n->opt.clock) - outbox_oldest_ms(n->outbox);
        n->live.oldest_age_ms = age > 0 ? age : 0;
        n->next_oldest_us = now + POLL_US;
    }
    mutex_lock(&n->lock);
    n->stats = n->live;
    mutex_unlock(&n->lock);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static bool has_unread(const struct notify *n)
{
    for (size_t i = 0; i < n->feed_count; i++)
        if (n->feeds[i].has_more)
            return true;
    return false;
}

static int wait_ms(const struct notify *n, int max_wait_ms)
{
    int64_t now = notify_now_us(n);
    int64_t due = earlier(n->next_poll_us, throttle_due_us(n->throttle));
    due = earlier(due, live_due_us(n));
    if (n->targets.burst_count > 0)
        due = earlier(due, n->burst_due_us);
    if (n->write_count > 0)
        due = n->flight_count == 0 ? now : earlier(due, n->first_write_us + WRITE_DELAY_US);
    if (has_unread(n))
        due = earlier(due, now < n->rest_until_us ? n->rest_until_us : now);
    if (due < n->store_retry_us)
        due = n->store_retry_us;
    if (n->flight_count < n->opt.max_in_flight)
        due = earlier(due, schedule_due_us(n->schedule, now));
    if (due <= now)
        return 0;
    int64_t ms = (due - now + 999) / 1000;
    return ms < max_wait_ms ? (int)ms : max_wait_ms;
}

void notify_turn(struct notify *n, int max_wait_ms)
{
    bool woken = atomic_exchange(&n->woken, false);
    serve_requests(n);
    do_database_work(n, woken);
    if (schedule_wants_recount(n->schedule))
        recount(n);
    live_turn(n);
    delivery_send_due(n);
    publish_stats(n);
    n->opt.sink->run(n->opt.sink_ctx, wait_ms(n, max_wait_ms));
}

static bool is_drained(const struct notify *n)
{
    return !has_unread(n) && n->flight_count == 0 && n->rows == 0 && n->alarm_rows == 0;
}

/* Nothing can leave before the deadline: a flood wait, a dead network. */
static bool is_hopeless(const struct notify *n, int64_t stop_by_us)
{
    return !has_unread(n) && n->flight_count == 0 && n->write_count == 0 &&
           schedule_due_us(n->schedule, notify_now_us(n)) >= stop_by_us;
}

/* What is in flight now may arrive although we will never hear of it. */
static void say_goodbye(struct notify *n)
{
    for (size_t i = 0; i < n->flight_count; i++) {
        const struct outbox_row *r = schedule_flying(n->flights[i].chat);
        if (r->id > 0 && n->write_count < NOTIFY_WRITES_MAX)
            notify_add_write(
                n, &(struct notify_write){
                       .kind = WRITE_TRY, .id = r->id, .attempts = r->attempts + 1, .maybe = true});
    }
    int r = notify_begin(n);
    if (r == 0)
        r = outbox_set_clean(n->outbox, true);
    if (r == 0)
        r = notify_flush(n);
    if (r < 0)
        log_warn("notify", "last_commit_failed error=%d", -r);
    publish_stats(n);
}

static void finish_flights(struct notify *n, int64_t stop_by_us)
{
    int64_t left_us;
    while (n->flight_count > 0 && (left_us = stop_by_us - notify_now_us(n)) > 0) {
        n->opt.sink->run(n->opt.sink_ctx, (int)(left_us / 1000) + 1);
        serve_requests(n); /* results of outlets */
    }
}

static void sender_main(struct thread *self, void *arg)
{
    struct notify *n = arg;
    while (!thread_should_stop(self))
        notify_turn(n, TURN_MAX_WAIT_MS);
    int64_t stop_by_us = atomic_load(&n->stop_by_us);
    if (atomic_load(&n->is_parking)) {
        finish_flights(n, stop_by_us);
        say_goodbye(n);
        return;
    }
    atomic_store(&n->woken, true); /* one more look at the journals */
    do {
        int64_t left_ms = (stop_by_us - notify_now_us(n)) / 1000;
        notify_turn(n, left_ms < 0                  ? 0
                       : left_ms > TURN_MAX_WAIT_MS ? TURN_MAX_WAIT_MS
                                                    : (int)left_ms);
    } while (!is_drained(n) && !is_hopeless(n, stop_by_us) && notify_now_us(n) < stop_by_us);
    say_goodbye(n);
}

static void wake_sender(void *arg)
{
    struct notify *n = arg;
    n->opt.sink->wake(n->opt.sink_ctx);
}

bool notify_is_stopping(const struct notify *n)
{
    return atomic_load(&n->stop_by_us) != INT64_MAX;
}

bool notify_add_memory_row(struct notify *n, struct outbox_row *r)
{
    if (n->alarm_rows >= NOTIFY_ALARM_ROWS_MAX) {
        outbox_row_free(r);
        return false;
    }
    r->id = --n->alarm_id;
    n->alarm_rows++;
    schedule_add(n->schedule, r, notify_now_us(n));
    return true;
}

/* ---- callbacks of the queues ---- */

static int on_load(void *arg, const struct outbox_row *after, int limit, struct outbox_row **ret)
{
    struct notify *n = arg;
    /* Queues that start over must not find what was just sent. */
    if (after->id == 0 && n->write_count > 0) {
        int r = notify_flush(n);
        if (r < 0)
            return err_trace(r);
    }
    return err_trace(outbox_load(n->outbox, after, limit, ret));
}

static void on_stored(void *arg, enum bot_id bot, int64_t chat_id, enum notify_lane lane,
                      int64_t count)
{
    struct notify *n = arg;
    schedule_set_stored(n->schedule, bot, chat_id, lane, count, notify_now_us(n));
}

static void on_count_wanted(void *arg, enum bot_id bot, int64_t chat_id)
{
    struct notify *n = arg;
    int r = outbox_count_chat(n->outbox, bot, chat_id, on_stored, n);
    if (r < 0)
        log_error("notify", "outbox_unreadable error=%d", -r);
}

/* ---- life ---- */

void notify_outlet_done(struct notify *n, int64_t outbox_id, enum sink_result r)
{
    TR_ASSERT(r == SINK_SENT || r == SINK_RETRY || r == SINK_DROP);
    bool fits = request(n, &(struct notify_request){
                               .kind = REQUEST_OUTLET_DONE, .chat_id = outbox_id, .result = r});
    TR_ASSERT(fits); /* room is kept for one of each outlet */
}

const char *notify_db_path(const struct notify *n)
{
    return n->db_path;
}

static void on_suspended(void *ctx, enum bot_id bot, int64_t chat_id)
{
    notify_set_suspended(ctx, bot, chat_id, true);
}

static int load_state(struct notify *n)
{
    const struct outbox_visitor visitor = {.ctx = n, .suspended = on_suspended};
    bool was_clean = outbox_was_clean(n->outbox);
    int r = targets_load(&n->targets, &n->opt, n->outbox);
    if (r == 0)
        r = throttle_load(n->throttle, n->outbox, notify_now_us(n));
    if (r == 0)
        r = outbox_visit_state(n->outbox, &visitor);
    if (r == 0)
        r = outbox_begin(n->outbox);
    if (r == 0 && !was_clean)
        r = outbox_mark_heads(n->outbox);
    if (r == 0)
        r = outbox_set_clean(n->outbox, false);
    if (r == 0)
        r = outbox_commit(n->outbox);
    if (r < 0)
        return err_trace(r);
    n->rows = outbox_total(n->outbox);
    struct recount ctx = {.n = n};
    return err_trace(outbox_count_all(n->outbox, on_recount, &ctx));
}

static void copy_options(struct notify *n, const struct notify_options *opt)
{
    n->opt = *opt;
    n->opt.db_path = n->db_path = xstrdup(opt->db_path);
    if (opt->data_dir != NULL)
        n->voice_dir = xasprintf("%s" VOICE_FOLDER, opt->data_dir);
    n->opt.targets = xcalloc(opt->target_count + 1, sizeof(*opt->targets));
    if (opt->target_count > 0)
        memcpy(n->opt.targets, opt->targets, opt->target_count * sizeof(*opt->targets));
    if (n->opt.max_in_flight == 0 || n->opt.max_in_flight > NOTIFY_FLIGHTS_MAX)
        n->opt.max_in_flight = n->opt.max_in_flight == 0 ? 32 : NOTIFY_FLIGHTS_MAX;
    if (n->opt.bot_fallback == BOT_UNSET)
        n->opt.bot_fallback = BOT_CONTROLLER;
}

static void tell_set_aside(struct notify *n)
{
    const char *name = outbox_set_aside(n->outbox);
    if (name == NULL)
        return;
    TR_CLEANUP(mem_freep)
    char *text = xasprintf(
        "The message store was damaged: it is kept as %s and made anew from the journals. "
        "Messages of the last hour may come again.",
        name);
    notify_alarm(n, text);
}

int notify_open(const struct notify_options *opt, struct notify **ret)
{
    TR_ASSERT(opt->db_path != NULL && opt->clock != NULL && opt->sink != NULL);
    struct notify *n = xalloc(sizeof(*n));
    copy_options(n, opt);
    mutex_init(&n->lock);
    n->suspended = map_new(NOTIFY_SUSPENDED_MAX);
    n->throttle = throttle_new(opt->throttle_window_ms);
    atomic_store(&n->stop_by_us, INT64_MAX);
    rng_seed(&n->rng, (uint64_t)clock_wall_ms(opt->clock) ^ (uint64_t)notify_now_us(n));
    transaction_clear_staged(n);
    const struct schedule_options limits = {
        .per_chat_per_s = opt->per_chat_per_s > 0 ? opt->per_chat_per_s : 1,
        .per_chat_burst = opt->per_chat_burst > 0 ? opt->per_chat_burst : 3,
        .per_group_per_min = opt->per_group_per_min > 0 ? opt->per_group_per_min : 20,
        .per_bot_per_s = opt->per_bot_per_s > 0 ? opt->per_bot_per_s : 30,
        .limits_off = opt->limits_off,
        .load = on_load,
        .count = on_count_wanted,
        .ctx = n,
    };
    n->schedule = schedule_new(&limits);
    int r = outbox_open(n->db_path, &n->outbox);
    if (r == 0)
        r = load_state(n);
    if (r == 0)
        r = live_open(n->db_path, &n->live_cards);
    if (r < 0) {
        notify_free(n);
        return err_trace(r);
    }
    tell_set_aside(n);
    *ret = n;
    return 0;
}

int notify_add_journal(struct notify *n, const char *trader_id, const char *journal_path)
{
    TR_ASSERT(n->thread == NULL);
    if (n->feed_count == NOTIFY_FEEDS_MAX)
        return err_raise(-E2BIG);
    n->feeds[n->feed_count++] = (struct notify_feed){
        .trader_id = xstrdup(trader_id), .path = xstrdup(journal_path), .has_more = true};
    return 0;
}

void notify_set_silent(struct notify *n, const char *trader_id, bool is_silent)
{
    TR_ASSERT(n->thread == NULL);
    for (size_t i = 0; i < n->feed_count; i++)
        if (strcmp(n->feeds[i].trader_id, trader_id) == 0)
            n->feeds[i].is_silent = is_silent;
}

void notify_set_legacy_retired(struct notify *n, bool is_retired)
{
    TR_ASSERT(n->thread == NULL);
    n->is_legacy_retired = is_retired;
}

int notify_start(struct notify *n)
{
    TR_ASSERT(n->thread == NULL);
    if (n->voice_dir != NULL) {
        const struct voice_options voice = {
            .dir = n->voice_dir, .clock = n->opt.clock, .done = notify_on_spoken, .ctx = n};
        n->voice = voice_start(&voice);
    }
    n->thread = thread_start("sender", sender_main, wake_sender, n);
    return n->thread != NULL ? 0 : err_raise(-EAGAIN);
}

void notify_stop(struct notify *n, int flush_deadline_ms)
{
    if (n->thread == NULL)
        return;
    atomic_store(&n->stop_by_us, notify_now_us(n) + (int64_t)flush_deadline_ms * 1000);
    n->thread = thread_join(n->thread);
    n->voice = voice_stop(n->voice);
}

void notify_park(struct notify *n, int deadline_ms)
{
    atomic_store(&n->is_parking, true);
    notify_stop(n, deadline_ms);
}

struct notify *notify_free(struct notify *n)
{
    if (n == NULL)
        return NULL;
    TR_ASSERT(n->thread == NULL);
    transaction_clear_staged(n);
    schedule_free(n->schedule);
    throttle_free(n->throttle);
    live_close(n->live_cards);
    outbox_close(n->outbox);
    for (size_t i = 0; i < n->feed_count; i++) {
        mem_free(n->feeds[i].trader_id);
        mem_free(n->feeds[i].path);
        journal_reader_close(n->feeds[i].reader);
    }
    for (size_t i = 0; i < n->request_count; i++)
        mem_free(n->requests[i].text);
    targets_deinit(&n->targets);
    map_free(n->suspended);
    mutex_deinit(&n->lock);
    mem_free(n->opt.targets);
    mem_free(n->db_path);
    mem_free(n->voice_dir);
    return mem_free(n);
}
