/* bots/bot_loop.c: see bot_loop.h.
 *
 *   CHECKING, REJECTED: getMe        POLLING, TROUBLED, CONFLICT: getUpdates        MISFIT: nothing
 * more
 *
 *   poll -> updates -> intake -> batch_post -> (all durable) -> offset moves -> poll with the new
 * offset
 *
 * Nothing is confirmed to Telegram before it is durable. The first poll of a process asks without
 * offset: it gets everything unconfirmed, which is at most the batch under way when the last
 * process ended, and the engine's keys drop what was done. The offset stored with the commands
 * (engine_bot_offset) must not be used for that: urgent commands overtake their batch, and traders
 * commit each by themselves, so it may be ahead of an elder update that is not on disk yet, and
 * asking with it would confirm that one unread.
 *
 * A failure of this bot is announced by a notice to the first trader's engine, from where notify
 * tells it by another bot. While not POLLING the poll is a short one, so that coming back is seen
 * at once.
 *
 * Every wait ends at once when stopping: waits are on a condition, requests are aborted. */
#include "bots/bot_loop.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/batch.h"
#include "bots/bot_link.h"
#include "bots/table.h"
#include "core/alloc.h"
#include "core/hash.h"
#include "core/log.h"

#define UPDATES_LIMIT       100
#define ANSWER_MAX_BYTES    (8 * 1024 * 1024)
#define POLL_SLACK_MS       12000
#define CHECK_TIMEOUT_MS    15000
#define COMMIT_DEADLINE_MS  10000
#define NOT_STORED_PAUSE_MS 1000
#define EMPTY_POLL_MIN_US   INT64_C(350000)  /* at most three empty answers a second */
#define PARKED_MIN_US       INT64_C(2000000) /* an answer that took longer was waited for */
#define NEWS_STEP_MS        5000
#define SYNC_RETRY_MS       60000
#define SYNC_RETRY_MAX_MS   3600000

struct bot_loop {
    struct shared *shared;      /* (c) */
    enum bot_id bot;            /* (c) */
    unsigned roles;             /* (c) */
    struct http_caller *caller; /* (c) */
    struct thread *thread;      /* (c) */
    /* lock: docs/LOCKING.md "bots loop", a leaf; only for waiting. */
    struct mutex mutex;
    struct cond cond;
    bool is_stopping TR_GUARDED_BY(mutex);
    /* the rest: the loop's own thread only */
    struct intake intake;
    struct bot_link link;
    struct bot_status status;
    struct http_response response;
    int64_t offset;     /* next update_id to ask for; 0 = whatever there is */
    int64_t drained_us; /* when the queue was last known empty; -1 = never */
    bool is_first_poll; /* answered at once, so that the start is not hidden behind a parked poll */
    bool was_poll_ok;
    bool is_sync_due;
    int64_t sync_at_us;
    int sync_retry_ms;
    enum bot_link_news pending_news;
};

/* ---- waiting and stopping ---- */

static const struct bots_options *options(const struct bot_loop *l)
{
    return l->shared->opt;
}

static int64_t now_us(const struct bot_loop *l)
{
    return clock_mono_us(options(l)->clock);
}

static bool is_stopping(void *ctx)
{
    struct bot_loop *l = ctx;
    mutex_lock(&l->mutex);
    bool stopping = l->is_stopping;
    mutex_unlock(&l->mutex);
    return stopping;
}

static void pause_ms(void *ctx, int wait_ms)
{
    struct bot_loop *l = ctx;
    int64_t until_us = now_us(l) + wait_ms * INT64_C(1000);
    mutex_lock(&l->mutex);
    while (!l->is_stopping && cond_wait_until_us(&l->cond, &l->mutex, until_us)) {
    }
    mutex_unlock(&l->mutex);
}

static void on_wake(void *arg)
{
    struct bot_loop *l = arg;
    mutex_lock(&l->mutex);
    l->is_stopping = true;
    cond_broadcast(&l->cond);
    mutex_unlock(&l->mutex);
    http_caller_abort(l->caller);
}

/* ---- what others see ---- */

static const char *token(const struct bot_loop *l)
{
    return options(l)->conf->telegram.bots[l->bot].token;
}

static void publish(struct bot_loop *l)
{
    l->status.present = true;
    l->status.up = l->link.state == BOT_LINK_POLLING;
    (void)str_copy(l->status.error, sizeof l->status.error, l->link.why); /* same cap */
    l->status.commands = l->intake.commands;
    l->status.skipped = l->intake.skipped;
    memcpy(l->status.outcomes, l->intake.outcomes, sizeof l->status.outcomes);
    shared_set_status(l->shared, l->bot, &l->status);
}

static void log_state(const struct bot_loop *l)
{
    if (l->link.state == BOT_LINK_POLLING)
        log_info("bots", "bot_state bot=%s state=polling name=%s", bot_name(l->bot),
                 l->status.link);
    else
        log_warn("bots", "bot_state bot=%s state=%s why=\"%s\"", bot_name(l->bot),
                 bot_link_state_name(l->link.state), l->link.why);
}

/* True when there is nothing left to tell. */
static bool post_news(struct bot_loop *l)
{
    struct input *in = input_new(INPUT_NOTICE);
    in->notice = (struct event)EVENT_INIT;
    in->notice.type = l->pending_news == BOT_LINK_WENT_DOWN ? EVENT_BOT_DOWN : EVENT_BOT_UP;
    in->notice.bot = l->bot;
    (void)str_copy(in->notice.text, sizeof in->notice.text, l->link.why); /* "" when up */
    if (engine_post(options(l)->traders[0].engine, in) == ENGINE_OK)
        return true;
    input_free(in);
    return false;
}

static void tell_news(struct bot_loop *l)
{
    enum bot_link_news news = bot_link_news(&l->link, now_us(l));
    if (news != BOT_LINK_NO_NEWS)
        l->pending_news = news;
    /* A full queue: tried again at the next turn; the newest news counts. */
    if (l->pending_news != BOT_LINK_NO_NEWS && post_news(l))
        l->pending_news = BOT_LINK_NO_NEWS;
}

static void failed(struct bot_loop *l, const struct telegram_reply *status)
{
    l->was_poll_ok = false;
    if (status->error == TELEGRAM_E_ABORTED)
        return;
    if (bot_link_on_error(&l->link, status, now_us(l)))
        log_state(l);
}

/* ---- getMe ---- */

static bool is_own_id(const char *bot_token, int64_t id)
{
    char digits[24];
    size_t n = strcspn(bot_token, ":");
    if (n >= sizeof digits)
        return false;
    memcpy(digits, bot_token, n);
    digits[n] = '\0';
    int64_t number = 0;
    return str_to_i64(digits, &number) && number == id;
}

static void check(struct bot_loop *l)
{
    struct telegram_me me = {0};
    struct telegram_reply status = {0};
    telegram_get_me(l->caller, options(l)->conf->telegram.base_url, token(l), CHECK_TIMEOUT_MS, &me,
                    &status);
    if (status.error != TELEGRAM_OK) {
        failed(l, &status);
        return;
    }
    if (!is_own_id(token(l), me.id)) {
        bot_link_on_misfit(&l->link, now_us(l));
        log_error("bots", "bot_refused bot=%s reason=getMe_gives_another_bot id=%" PRId64,
                  bot_name(l->bot), me.id);
        return;
    }
    (void)str_copy(l->intake.username, sizeof l->intake.username, me.username); /* same cap */
    (void)snprintf(l->status.link, sizeof l->status.link, "@%s", me.username);
    l->status.last_ok_ms = clock_wall_ms(options(l)->clock);
    l->is_first_poll = true;
    if (bot_link_on_ok(&l->link))
        log_state(l);
}

/* ---- the menu at BotFather's ---- */

static void sync_commands(struct bot_loop *l)
{
    if (!l->is_sync_due || now_us(l) < l->sync_at_us)
        return;
    struct buf json TR_CLEANUP(buf_deinit) = {0};
    struct telegram_reply status = {0};
    bool is_changed = false;
    buf_init(&json, 64 * 1024);
    table_botfather_json(l->roles, &json);
    TR_ASSERT(!buf_failed(&json));
    telegram_sync_commands(l->caller, options(l)->conf->telegram.base_url, token(l), json.data,
                           &is_changed, &status);
    if (status.error == TELEGRAM_OK) {
        l->is_sync_due = false;
        log_info("bots", "commands_synced bot=%s changed=%d", bot_name(l->bot), (int)is_changed);
        return;
    }
    int wait_ms = l->sync_retry_ms;
    if (status.error == TELEGRAM_E_FLOOD && status.retry_after_s > wait_ms / 1000)
        wait_ms = status.retry_after_s * 1000;
    l->sync_at_us = now_us(l) + wait_ms * INT64_C(1000);
    l->sync_retry_ms =
        l->sync_retry_ms * 2 > SYNC_RETRY_MAX_MS ? SYNC_RETRY_MAX_MS : l->sync_retry_ms * 2;
}

/* ---- getUpdates ---- */

static bool request_updates(struct bot_loop *l, int timeout_s)
{
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    char url[TELEGRAM_URL_CAP];
    struct buf body TR_CLEANUP(buf_deinit) = {0};
    if (!telegram_url(url, options(l)->conf->telegram.base_url, token(l), "getUpdates"))
        return false;
    buf_init(&body, 1024);
    telegram_body_get_updates(&body, l->offset, UPDATES_LIMIT, timeout_s);
    TR_ASSERT(!buf_failed(&body));
    struct http_request req = {
        .method = "POST",
        .url = url,
        .headers = headers,
        .body = body.data,
        .body_len = body.len,
        .timeout_ms = timeout_s * 1000 + POLL_SLACK_MS,
        .max_body_bytes = ANSWER_MAX_BYTES,
        .is_poll = true,
    };
    http_call(l->caller, &req, &l->response);
    hash_wipe(url, sizeof url);
    return true;
}

static void move_offset(struct bot_loop *l, const struct update_batch *batch)
{
    int64_t next = batch->max_update_id + 1;
    if (batch->max_update_id >= 0 && (batch->id_space_restarted || next > l->offset)) {
        if (batch->id_space_restarted)
            log_warn("bots", "update_ids_restarted bot=%s offset=%" PRId64, bot_name(l->bot), next);
        l->offset = next;
    }
}

/* True when all is durable. */
static bool post(struct bot_loop *l, struct intake_item *items, size_t n)
{
    struct batch_waiting waiting = {COMMIT_DEADLINE_MS, pause_ms, is_stopping, l};
    enum batch_result r = batch_post(options(l), items, n, &waiting);
    if (r == BATCH_E_NOT_STORED)
        log_warn("bots", "batch_not_stored bot=%s inputs=%zu", bot_name(l->bot), n);
    return r == BATCH_DONE;
}

/* Everything of this answer into the engines. True when all is durable. */
static bool take_in(struct bot_loop *l, const struct update_batch *batch, int64_t idle_bound_ms)
{
    struct intake_item items[BATCH_MAX];
    size_t n = 0;
    bool is_backlog = batch->count >= UPDATES_LIMIT;
    struct intake_moment now = {.wall_ms = clock_wall_ms(options(l)->clock),
                                .idle_bound_ms = idle_bound_ms,
                                .received_us = now_us(l)};
    intake_begin(&l->intake);
    for (size_t i = 0; i < batch->count && i < UPDATES_LIMIT; i++) {
        intake_update(&l->intake, &batch->items[i], &now, &items[n]);
        if (!items[n].input)
            continue;
        if (!items[n++].is_barrier)
            continue;
        /* Who may do what changes: the next update is judged by it. */
        if (!post(l, items, n))
            return false;
        n = 0;
    }
    n += intake_stale(&l->intake, is_backlog, batch->max_update_id, items + n, BATCH_MAX - n);
    return post(l, items, n);
}

/* Monotonic time since the queue was known empty, before the answer that began at begun_us. */
static int64_t idle_bound_ms(const struct bot_loop *l, int64_t begun_us, size_t count)
{
    int64_t drained_us = l->drained_us;
    bool is_parked =
        now_us(l) - begun_us >= PARKED_MIN_US && l->was_poll_ok && count < UPDATES_LIMIT;
    if (is_parked && begun_us > drained_us)
        drained_us = begun_us;
    return drained_us < 0 ? -1 : (now_us(l) - drained_us) / 1000;
}

static void answered(struct bot_loop *l, const struct update_batch *batch, int64_t begun_us)
{
    l->status.last_ok_ms = clock_wall_ms(options(l)->clock);
    l->status.updates += batch->count;
    if (bot_link_on_ok(&l->link))
        log_state(l);
    bool is_new = batch->count > 0 && (batch->id_space_restarted ||
                                       batch->max_update_id >= l->offset || l->offset == 0);
    if (!take_in(l, batch, idle_bound_ms(l, begun_us, batch->count))) {
        l->was_poll_ok = false;
        pause_ms(l, NOT_STORED_PAUSE_MS); /* the offset stays: the same updates come again */
        return;
    }
    move_offset(l, batch);
    if (batch->count == 0)
        l->drained_us = now_us(l);
    l->was_poll_ok = true;
    int64_t spent_us = now_us(l) - begun_us;
    if (!is_new && !l->is_first_poll && spent_us < EMPTY_POLL_MIN_US)
        pause_ms(l, (int)((EMPTY_POLL_MIN_US - spent_us) / 1000));
    l->is_first_poll = false;
    sync_commands(l);
}

static void poll_once(struct bot_loop *l)
{
    int64_t begun_us = now_us(l);
    struct telegram_reply status = {0};
    struct update_batch batch = {0};
    bool is_short = l->is_first_poll || l->link.state != BOT_LINK_POLLING;
    if (!request_updates(l, is_short ? 0 : options(l)->conf->telegram.poll_timeout_s)) {
        status.error = TELEGRAM_E_BAD_REQUEST;
        (void)str_copy(status.description, sizeof status.description, "the address is too long");
    } else
        telegram_read_updates(&l->response, l->offset, &batch, &status);
    if (status.error == TELEGRAM_OK)
        answered(l, &batch, begun_us);
    else
        failed(l, &status);
    update_batch_deinit(&batch);
}

/* ---- the thread ---- */

static void step(struct bot_loop *l)
{
    switch (l->link.state) {
    case BOT_LINK_CHECKING:
    case BOT_LINK_REJECTED:
        check(l);
        break;
    case BOT_LINK_POLLING:
    case BOT_LINK_TROUBLED:
    case BOT_LINK_CONFLICT:
        poll_once(l);
        break;
    case BOT_LINK_MISFIT:
        l->link.wait_ms = NEWS_STEP_MS;
        break;
    case BOT_LINK_UNSET:
    case BOT_LINK_STATE_COUNT:
        TR_ASSERT(false);
    }
}

/* Waits as the link says, telling news when it falls due. */
static void rest(struct bot_loop *l)
{
    int left_ms = l->link.wait_ms;
    publish(l);
    tell_news(l);
    while (left_ms > 0 && !is_stopping(l)) {
        int part_ms = left_ms < NEWS_STEP_MS ? left_ms : NEWS_STEP_MS;
        pause_ms(l, part_ms);
        left_ms -= part_ms;
        tell_news(l);
    }
}

static void run(struct thread *self, void *arg)
{
    struct bot_loop *l = arg;
    publish(l);
    while (!thread_should_stop(self) && !is_stopping(l)) {
        step(l);
        rest(l);
    }
}

struct bot_loop *bot_loop_start(struct shared *shared, enum bot_id bot, unsigned roles)
{
    TR_ASSERT(shared && roles != 0);
    TR_ASSERT(bot > BOT_UNSET && bot < BOT_COUNT);
    struct bot_loop *l = xalloc(sizeof *l);
    char name[32];
    l->shared = shared;
    l->bot = bot;
    l->roles = roles;
    l->caller = http_caller_new();
    l->drained_us = -1;
    l->is_sync_due = true;
    l->sync_retry_ms = SYNC_RETRY_MS;
    mutex_init(&l->mutex);
    cond_init(&l->cond);
    intake_init(&l->intake, shared, bot, roles);
    http_response_init(&l->response, ANSWER_MAX_BYTES);
    uint64_t seed;
    hash_random(&seed, sizeof seed);
    bot_link_init(&l->link, seed, shared->opt->recheck_ms);
    (void)snprintf(name, sizeof name, "bot-%s", bot_name(bot));
    l->thread = thread_start(name, run, on_wake, l);
    return l;
}

void bot_loop_request_stop(struct bot_loop *l)
{
    thread_request_stop(l->thread);
}

struct bot_loop *bot_loop_free(struct bot_loop *l)
{
    if (!l)
        return NULL;
    l->thread = thread_join(l->thread);
    http_caller_free(l->caller);
    http_response_deinit(&l->response);
    cond_deinit(&l->cond);
    mutex_deinit(&l->mutex);
    return mem_free(l);
}
