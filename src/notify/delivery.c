/* From queues to the sink, and what its results mean. One message is in flight per (bot, chat),
 * found again by its id in `flights`. Failures wait in three places: the chat (this message comes
 * again), the bot (429 in two chats within a second, token refused, or failure after failure: one
 * probe at a time), or nowhere (dropped, counted). Waits are on the monotonic clock. Database
 * changes are collected with notify_add_write() and committed by the loop. */
#include "notify/notify_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/log.h"
#include "model/text.h"

#define MS_US INT64_C(1000)

#define BACKOFF_BASE_MS 500
#define BACKOFF_MAX_MS  60000
/* A message that may have arrived is repeated more and more rarely. */
#define BACKOFF_MAYBE_BASE_MS 1000
#define BACKOFF_MAYBE_MAX_MS  300000

#define FLOOD_WINDOW_US    INT64_C(1000000)
#define BOT_DOWN_MS        60000
#define PROBE_FAILURES     3
#define MIGRATING_PAUSE_US (200 * MS_US)
#define MIRROR_GIVE_UP_MS  (INT64_C(3600) * 1000)

#define MIRROR_BACKOFF_MAX_MS 1000 /* it is near, and people wait for it to know */

static bool is_mirror(const struct outbox_row *r)
{
    return r->bot == BOT_UNSET && r->chat_id == NOTIFY_CHAT_MIRROR;
}

/* "<key> <command line>" */
static const char *mirror_line(const struct outbox_row *r)
{
    const char *blank = r->html != NULL ? strchr(r->html, ' ') : NULL;
    return blank != NULL ? blank + 1 : "";
}

/* What was meant an hour ago may do harm now. */
static bool is_mirror_stale(const struct notify *n, const struct outbox_row *r)
{
    return is_mirror(r) && clock_wall_ms(n->opt.clock) - r->created_ms >= MIRROR_GIVE_UP_MS;
}

static bool start_mirror(struct notify *n, const struct outbox_row *r)
{
    char *key TR_CLEANUP(mem_freep) =
        xstrndup(r->html != NULL ? r->html : "", strcspn(r->html != NULL ? r->html : "", " "));
    return n->opt.mirror != NULL && n->opt.mirror(n->opt.mirror_ctx, r->id, key, mirror_line(r));
}

static int64_t backoff_us(struct notify *n, int attempts, int base_ms, int max_ms)
{
    int64_t ms = base_ms;
    for (int i = 1; i < attempts && ms < max_ms; i++)
        ms *= 2;
    ms = ms < max_ms ? ms : max_ms;
    return rng_between(&n->rng, ms / 2, ms) * MS_US;
}

/* Not a chat: a sink of its own. */
static bool is_outlet(const struct outbox_row *r)
{
    return r->bot == BOT_UNSET && !is_mirror(r);
}

/* ---- results ---- */

/* The last line of an alert's or a command's way. What was paced by Telegram's limits cannot flood
 * the log; what was not (benchmarks), and live cards, which come and go, are for level debug. */
static void log_sent(const struct notify *n, const struct outbox_row *r)
{
    enum log_level level = r->ref == 0 || n->opt.limits_off ? LOG_DEBUG : LOG_INFO;
    if (level < log_get_level())
        return;
    log_line(level, "notify",
             "message_sent ref=%" PRIu64 " trader=%s id=%" PRId64 " bot=%s chat=%" PRId64
             " after_ms=%" PRId64,
             r->ref, r->trader != NULL ? r->trader : "-", r->id, bot_name(r->bot), r->chat_id,
             clock_wall_ms(n->opt.clock) - r->created_ms);
}

/* The message is over, delivered or not. */
static void finish(struct notify *n, struct schedule_chat *c)
{
    const struct outbox_row *r = schedule_flying(c);
    if (r->id > 0) {
        notify_add_write(n, &(struct notify_write){.kind = WRITE_DELETE, .id = r->id});
    } else {
        TR_ASSERT(n->alarm_rows > 0);
        n->alarm_rows--;
    }
    schedule_done(n->schedule, c, notify_now_us(n));
}

static void note_try(struct notify *n, const struct outbox_row *r)
{
    if (r->id > 0)
        notify_add_write(
            n, &(struct notify_write){
                   .kind = WRITE_TRY, .id = r->id, .attempts = r->attempts, .maybe = r->maybe});
}

static void bot_works(struct notify *n, enum bot_id bot)
{
    n->bots[bot].failures = 0;
    schedule_set_probing(n->schedule, bot, false);
}

static void drop(struct notify *n, struct schedule_chat *c, const char *why)
{
    const struct outbox_row *r = schedule_flying(c);
    log_warn("notify", "message_dropped ref=%" PRIu64 " trader=%s id=%lld bot=%s chat=%lld why=%s",
             r->ref, r->trader != NULL ? r->trader : "-", (long long)r->id, bot_name(r->bot),
             (long long)r->chat_id, why);
    if (is_mirror(r)) {
        struct buf html TR_CLEANUP(buf_deinit) = {0};
        buf_init(&html, 1024);
        const struct text_arg args[] = {{"text", mirror_line(r)}, {NULL, NULL}};
        text_render(&html, LANG_EN, "event.mirror_dropped", args);
        routing_alarm(n, html.data, 1u << BOT_CONTROLLER, 0);
    }
    n->live.dropped++;
    finish(n, c);
}

/* 429: this chat waits as long as it was told; the whole bot when another chat was told so just
 * now. */
static void on_flood(struct notify *n, struct schedule_chat *c, int64_t retry_ms)
{
    const struct outbox_row *r = schedule_flying(c);
    struct notify_bot *b = &n->bots[r->bot];
    int64_t now = notify_now_us(n);
    bool is_wide =
        b->flood_us != 0 && now - b->flood_us <= FLOOD_WINDOW_US && b->flood_chat_id != r->chat_id;
    b->flood_us = now;
    b->flood_chat_id = r->chat_id;
    n->live.flood_waits++;
    log_info("notify", "flood_wait bot=%s chat=%lld ms=%lld whole_bot=%d", bot_name(r->bot),
             (long long)r->chat_id, (long long)retry_ms, is_wide);
    if (is_wide)
        schedule_pause_bot(n->schedule, r->bot, now + retry_ms * MS_US);
    schedule_retry(n->schedule, c, retry_ms * MS_US, now);
}

static void on_failure(struct notify *n, struct schedule_chat *c, bool maybe)
{
    struct outbox_row *r = schedule_flying(c);
    struct notify_bot *b = &n->bots[r->bot];
    int64_t now = notify_now_us(n);
    r->attempts++;
    r->maybe = r->maybe || maybe;
    n->live.retries++;
    if (is_mirror_stale(n, r)) {
        drop(n, c, "mirror_gave_up");
        return;
    }
    if (is_outlet(r) && clock_wall_ms(n->opt.clock) - r->created_ms >= NOTIFY_OUTLET_AGE_MS) {
        drop(n, c, "outlet_gave_up");
        return;
    }
    note_try(n, r);
    if (!is_mirror(r) && !is_outlet(r) && ++b->failures >= PROBE_FAILURES) {
        schedule_set_probing(n->schedule, r->bot, true);
        schedule_pause_bot(n->schedule, r->bot,
                           now + backoff_us(n, b->failures, BACKOFF_BASE_MS, BACKOFF_MAX_MS));
    }
    int64_t pause =
        is_mirror(r) ? backoff_us(n, r->attempts, BACKOFF_BASE_MS, MIRROR_BACKOFF_MAX_MS)
        : r->maybe   ? backoff_us(n, r->attempts, BACKOFF_MAYBE_BASE_MS, BACKOFF_MAYBE_MAX_MS)
                     : backoff_us(n, r->attempts, BACKOFF_BASE_MS, BACKOFF_MAX_MS);
    schedule_retry(n->schedule, c, pause, now);
}

void delivery_purge(struct notify *n, enum bot_id bot, int64_t chat_id)
{
    size_t alarms = schedule_purge(n->schedule, bot, chat_id, notify_now_us(n));
    TR_ASSERT(alarms <= n->alarm_rows);
    n->alarm_rows -= alarms;
}

static void on_chat_gone(struct notify *n, struct schedule_chat *c)
{
    enum bot_id bot = schedule_flying(c)->bot;
    int64_t chat_id = schedule_flying(c)->chat_id;
    struct buf html TR_CLEANUP(buf_deinit) = {0};
    char chat[24];
    (void)snprintf(chat, sizeof(chat), "%lld", (long long)chat_id);
    const struct text_arg args[] = {{"chat", chat}, {"bot", bot_name(bot)}, {NULL, NULL}};
    log_warn("notify", "chat_suspended bot=%s chat=%s", bot_name(bot), chat);
    notify_set_suspended(n, bot, chat_id, true);
    n->live.dropped++;
    finish(n, c);
    delivery_purge(n, bot, chat_id);
    notify_add_write(n, &(struct notify_write){.kind = WRITE_SUSPEND, .bot = bot, .id = chat_id});
    buf_init(&html, 1024);
    text_render(&html, LANG_EN, "event.chat_suspended", args);
    routing_alarm(n, html.data, 1u << (bot == BOT_CONTROLLER ? BOT_NOTIFICATION : BOT_CONTROLLER),
                  chat_id);
}

void delivery_note_migration(struct notify *n, int64_t from, int64_t to)
{
    if (from == to || to == 0 || n->migrating_count == NOTIFY_MIGRATING_MAX)
        return; /* full: the next refusal tells again */
    for (size_t i = 0; i < n->migrating_count; i++)
        if (n->migrating[i].from == from)
            return;
    n->migrating[n->migrating_count].from = from;
    n->migrating[n->migrating_count++].to = to;
}

static struct schedule_chat *take_flight(struct notify *n, int64_t id)
{
    for (size_t i = 0; i < n->flight_count; i++)
        if (n->flights[i].id == id) {
            struct schedule_chat *c = n->flights[i].chat;
            n->flights[i] = n->flights[--n->flight_count];
            return c;
        }
    return NULL;
}

static void on_plain(struct notify *n, struct schedule_chat *c)
{
    struct outbox_row *r = schedule_flying(c);
    if (r->plain) {
        drop(n, c, "plain_refused");
        return;
    }
    log_warn("notify", "markup_refused id=%lld bot=%s", (long long)r->id, bot_name(r->bot));
    r->plain = true;
    schedule_retry(n->schedule, c, 0, notify_now_us(n));
}

static void on_bot_down(struct notify *n, struct schedule_chat *c, int64_t retry_ms)
{
    enum bot_id bot = schedule_flying(c)->bot;
    int64_t now = notify_now_us(n);
    int64_t wait_us = (retry_ms > 0 ? retry_ms : BOT_DOWN_MS) * MS_US;
    schedule_set_probing(n->schedule, bot, true);
    schedule_pause_bot(n->schedule, bot, now + wait_us);
    schedule_retry(n->schedule, c, 0, now);
}

static const struct outbox_row *flying_row(const struct notify *n, int64_t id)
{
    for (size_t i = 0; i < n->flight_count; i++)
        if (n->flights[i].id == id)
            return schedule_flying(n->flights[i].chat);
    return NULL;
}

void notify_sent_id(struct notify *n, int64_t outbox_id, int64_t id)
{
    const struct outbox_row *r = flying_row(n, outbox_id);
    TR_ASSERT(r != NULL); /* its result is still to come */
    live_on_id(n, r, id);
}

void notify_thread_gone(struct notify *n, int64_t outbox_id)
{
    const struct outbox_row *r = flying_row(n, outbox_id);
    TR_ASSERT(r != NULL);
    live_on_thread_gone(n, r);
}

void notify_sent(struct notify *n, int64_t outbox_id, enum sink_result result, int64_t retry_ms,
                 int64_t migrate_to_chat_id)
{
    struct schedule_chat *c = take_flight(n, outbox_id);
    TR_ASSERT(c != NULL); /* one result for each send */
    enum bot_id bot = schedule_flying(c)->bot;
    live_on_result(n, schedule_flying(c), result);
    switch (result) {
    case SINK_SENT:
        n->live.sent++;
        log_sent(n, schedule_flying(c));
        bot_works(n, bot);
        finish(n, c);
        break;
    case SINK_RETRY:
    case SINK_RETRY_MAYBE:
        if (retry_ms > 0)
            on_flood(n, c, retry_ms);
        else
            on_failure(n, c, result == SINK_RETRY_MAYBE);
        break;
    case SINK_PLAIN:
        on_plain(n, c);
        break;
    case SINK_CHAT_GONE:
        bot_works(n, bot);
        on_chat_gone(n, c);
        break;
    case SINK_MIGRATED:
        delivery_note_migration(n, schedule_flying(c)->chat_id, migrate_to_chat_id);
        schedule_retry(n->schedule, c, MIGRATING_PAUSE_US, notify_now_us(n));
        break;
    case SINK_DROP:
        bot_works(n, bot);
        drop(n, c, "refused");
        break;
    case SINK_BOT_DOWN:
        on_bot_down(n, c, retry_ms);
        break;
    case SINK_UNSET:
    case SINK_RESULT_COUNT:
        TR_ASSERT(false);
    }
}

/* ---- sending ---- */

static bool is_migrating(const struct notify *n, int64_t chat_id)
{
    for (size_t i = 0; i < n->migrating_count; i++)
        if (n->migrating[i].from == chat_id || n->migrating[i].to == chat_id)
            return true;
    return false;
}

/* The text with the mark of a possible repeat; NULL when none is needed. An edit repeats nothing.
 */
static char *marked_html(const struct notify *n, const struct outbox_row *r)
{
    if (!r->maybe || r->edit_id != 0 || (r->html == NULL && r->photo == NULL))
        return NULL;
    const char *mark = text_get(targets_lang(&n->targets, r->chat_id), "event.possibly_repeated");
    return xasprintf("%s%s%s", mark != NULL ? mark : "", r->html != NULL ? "\n" : "",
                     r->html != NULL ? r->html : "");
}

static enum sink_result start_send(struct notify *n, const struct outbox_row *r)
{
    if (is_mirror_stale(n, r))
        return SINK_DROP;
    if (is_mirror(r))
        return start_mirror(n, r) ? SINK_UNSET : SINK_RETRY_MAYBE;
    if (is_outlet(r)) {
        bool started = n->opt.outlet != NULL &&
                       n->opt.outlet(n->opt.outlet_ctx, r->id, r->chat_id,
                                     r->lane == NOTIFY_LANE_ALARM, r->html != NULL ? r->html : "");
        return started ? SINK_UNSET : SINK_RETRY_MAYBE;
    }
    char *marked TR_CLEANUP(mem_freep) = marked_html(n, r);
    struct notify_message m = {
        .id = r->id,
        .bot = r->bot,
        .lane = r->lane,
        .chat_id = r->chat_id,
        .thread_id = r->thread_id,
        .reply_to = r->reply_to != 0 ? r->reply_to : live_reply_to(n, r),
        .edit_message_id = r->edit_id,
        .callback_id = r->callback_id != NULL ? r->callback_id : "",
        .callback_text = r->callback_text != NULL ? r->callback_text : "",
        .html = marked != NULL ? marked : r->html,
        .keyboard_json = r->keyboard,
        .photo_path = r->photo,
        .pin_message_id = r->pin_id,
        .topic_name = r->topic,
        .silent = r->silent,
        .created_ms = r->created_ms,
        .attempts = r->attempts,
        .maybe_sent = r->maybe,
    };
    return n->opt.sink->send(n->opt.sink_ctx, &m, r->plain);
}

static bool is_empty(const struct outbox_row *r)
{
    return r->html == NULL && r->photo == NULL && r->callback_id == NULL && r->pin_id == 0 &&
           r->topic == NULL;
}

/* False: the sink is full. */
static bool launch(struct notify *n, struct schedule_chat *c, struct outbox_row *r)
{
    int64_t now = notify_now_us(n);
    if (is_empty(r)) { /* a superseded edit */
        finish(n, c);
        return true;
    }
    if (n->migrating_count > 0 && is_migrating(n, r->chat_id)) {
        schedule_retry(n->schedule, c, MIGRATING_PAUSE_US, now);
        return true;
    }
    enum sink_result result = start_send(n, r);
    if (result == SINK_RETRY) {
        schedule_untake(n->schedule, c);
        return false;
    }
    n->flights[n->flight_count++] = (struct notify_flight){r->id, c};
    if (result != SINK_UNSET) /* it ended before it began */
        notify_sent(n, r->id, result == SINK_RETRY_MAYBE ? SINK_RETRY : result, 0, 0);
    return true;
}

void delivery_send_due(struct notify *n)
{
    size_t max = n->opt.max_in_flight;
    struct outbox_row *r = NULL;
    struct schedule_chat *c = NULL;
    while (n->flight_count < max && n->write_count < NOTIFY_WRITES_MAX / 2 &&
           (c = schedule_take(n->schedule, notify_now_us(n), &r)) != NULL)
        if (!launch(n, c, r))
            return;
}

/* ---- chat ids that changed ---- */

struct recount {
    struct notify *n;
    int64_t now_us;
};

static void on_count(void *arg, enum bot_id bot, int64_t chat_id, enum notify_lane lane,
                     int64_t count)
{
    const struct recount *ctx = arg;
    schedule_set_stored(ctx->n->schedule, bot, chat_id, lane, count, ctx->now_us);
}

static bool is_flying_anywhere(const struct notify *n, int64_t chat_id)
{
    for (int b = BOT_UNSET + 1; b < BOT_COUNT; b++)
        if (schedule_is_flying(n->schedule, (enum bot_id)b, chat_id))
            return true;
    return false;
}

static int migrate_one(struct notify *n, int64_t from, int64_t to)
{
    int r = notify_begin(n);
    if (r == 0)
        r = targets_migrate(&n->targets, n->outbox, from, to);
    if (r == 0)
        r = notify_flush(n);
    if (r < 0)
        return err_trace(r);
    live_on_migrated(n, from, to);
    log_info("notify", "chat_migrated from=%lld to=%lld", (long long)from, (long long)to);
    struct recount ctx = {n, notify_now_us(n)};
    for (int b = BOT_UNSET + 1; b < BOT_COUNT && r == 0; b++) {
        delivery_purge(n, (enum bot_id)b, from);
        delivery_purge(n, (enum bot_id)b, to);
        r = outbox_count_chat(n->outbox, (enum bot_id)b, to, on_count, &ctx);
    }
    return err_trace(r);
}

int delivery_migrate(struct notify *n)
{
    for (size_t i = 0; i < n->migrating_count;) {
        int64_t from = n->migrating[i].from;
        int64_t to = n->migrating[i].to;
        if (is_flying_anywhere(n, from) || is_flying_anywhere(n, to)) {
            i++; /* its result comes first */
            continue;
        }
        int r = notify_flush(n);
        if (r == 0)
            r = migrate_one(n, from, to);
        if (r < 0)
            return err_trace(r);
        n->migrating[i] = n->migrating[--n->migrating_count];
    }
    return 0;
}
