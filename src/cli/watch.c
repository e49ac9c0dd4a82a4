/* cli/watch.c: see watch.h. One turn reads every figure and notes it; shares and quantiles are of
 * what came since the turn in which there was enough for the last one. Pings and the outgoing
 * heartbeat are blocking calls of this thread: a slow answer makes the next look late, never the
 * trading. */
#include "cli/watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backup/retention.h"
#include "cli/backups.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"
#include "core/mutex.h"
#include "core/process.h"
#include "core/thread.h"
#include "engine/shadow_board.h"
#include "engine/stages.h"
#include "http/tokens.h"
#include "net/http_client.h"
#include "telegram/client.h"

#define PING_TIMEOUT_MS  10000
#define BEAT_TIMEOUT_MS  10000
#define BEAT_ANSWER_MAX  65536
#define QUANTILE         950
#define ENGINE_SILENT_US INT64_C(30000000)
#define BROKER_EVERY     (VITALS_BROKER_MS / VITALS_SAMPLE_MS) /* looks */
#define BYTES_PER_MB     (1 << 20)

/* Counters at the newest reading of their kind. */
struct watch_trader {
    struct stage_figures alerts, orders;
    uint64_t filled, rejected;
    uint64_t tried, failed;
    int broker_misses;
};

/* A token and what was told of it. */
struct watch_token {
    char id[TOKEN_ID_CAP];
    enum token_stage stage;
    int64_t expires_ms;
};

/* Lock key: (c) constant, (t) its thread, (l) lock. */
struct watch {
    struct watch_options o;                        /* (c) */
    struct thread *thread;                         /* (c) */
    struct http_caller *caller;                    /* (c) */
    struct watch_trader traders[CONF_TRADERS_MAX]; /* (t) */
    int bot_misses[BOT_COUNT];                     /* (t) */
    int64_t cpu_us, cpu_at_us;                     /* (t) */
    uint64_t looks;                                /* (t) */
    int64_t began_ms;                              /* (c) wall */
    struct watch_token tokens[TOKENS_MAX];         /* (t) at the newest look */
    size_t token_count;                            /* (t) */
    struct mutex lock;
    struct cond changed;
    bool stopping TR_GUARDED_BY(lock);
};

/* ---- telling ---- */

static const char *trader_id(const struct watch *w, size_t i)
{
    return engine_trader_id(w->o.traders[i].engine);
}

/* The first trader's journal, or the one it is about. */
static struct engine *teller(const struct watch *w, const char *subject)
{
    for (size_t i = 0; i < w->o.trader_count; i++)
        if (str_eq(trader_id(w, i), subject))
            return w->o.traders[i].engine;
    return w->o.traders[0].engine;
}

static void tell(struct watch *w, const struct vital_row *r)
{
    bool is_bad = r->is_announced;
    struct buf text TR_CLEANUP(buf_deinit) = {0};
    buf_init(&text, EVENT_TEXT_CAP);
    vital_describe(r, &text);
    TR_ASSERT(!buf_failed(&text));
    log_line(is_bad ? LOG_WARN : LOG_INFO, "watch", "%s what=%s subject=%s value=%" PRId64,
             is_bad ? "health_alarm" : "health_well", vital_kind(r->kind)->name,
             r->subject[0] != '\0' ? r->subject : "process", r->value);
    if (r->kind == VITAL_ENGINE_SILENT && is_bad) {
        char alarm[EVENT_TEXT_CAP + 64];
        (void)snprintf(alarm, sizeof alarm, "The engine gives no sign of life. %s", text.data);
        notify_alarm(w->o.notify, alarm);
        return;
    }
    struct input *in = input_new(INPUT_NOTICE);
    in->notice = (struct event)EVENT_INIT;
    in->notice.type = is_bad ? EVENT_HEALTH_ALARM : EVENT_HEALTH_WELL;
    in->notice.time_ms = clock_wall_ms(clock_real());
    (void)str_copy(in->notice.text, sizeof in->notice.text, text.data); /* cap of buf: fits */
    if (engine_post(teller(w, r->subject), in) != ENGINE_OK)
        input_free(in); /* it stands in the log */
}

static void note(struct watch *w, enum vital kind, const char *subject, bool is_known,
                 int64_t value)
{
    struct vital_row row;
    const struct vital_reading r = {kind, subject, is_known, value};
    if (vitals_note(w->o.vitals, &r, clock_wall_ms(clock_real()), &row))
        tell(w, &row);
}

/* ---- traders ---- */

static void look_at_quantile(struct watch *w, size_t i, enum stage stage,
                             struct stage_figures *before)
{
    struct stage_figures now, since;
    stages_read(engine_stages(w->o.traders[i].engine), stage, &now);
    stages_since(&now, before, &since);
    note(w, stage == STAGE_ALERT ? VITAL_ALERT_MS : VITAL_ORDER_MS, trader_id(w, i),
         since.count > 0, stages_quantile_us(&since, QUANTILE) / 1000);
    *before = now;
}

/* In tenths of a percent, of what came since; false: too little of it yet. */
static bool share(uint64_t part, uint64_t whole, int64_t *ret)
{
    if (whole < VITALS_RATE_COUNT || part > whole)
        return false;
    *ret = (int64_t)(part * 1000 / whole);
    return true;
}

static void look_at_orders(struct watch *w, size_t i, const struct engine_stats *st)
{
    struct watch_trader *t = &w->traders[i];
    uint64_t filled = st->orders_filled - t->filled;
    uint64_t rejected = st->orders_rejected - t->rejected;
    int64_t value = 0;
    bool is_known = share(filled, filled + rejected, &value);
    note(w, VITAL_ORDER_SUCCESS, trader_id(w, i), is_known, value);
    if (is_known) {
        t->filled = st->orders_filled;
        t->rejected = st->orders_rejected;
    }
}

static void look_at_errors(struct watch *w, size_t i, const struct engine_stats *st)
{
    struct watch_trader *t = &w->traders[i];
    uint64_t failed = st->expired + st->not_stored + st->orders_rejected + st->orders_unknown;
    uint64_t tried = st->inputs + st->orders_sent;
    int64_t value = 0;
    bool is_known = share(failed - t->failed, tried - t->tried, &value);
    note(w, VITAL_ERRORS, trader_id(w, i), is_known, value);
    if (is_known) {
        t->failed = failed;
        t->tried = tried;
    }
}

static int64_t silent_us(const struct watch *w, size_t i)
{
    struct shadow_board *b = view_board_shadow(w->o.traders[i].view);
    return clock_mono_us(clock_real()) - shadow_board_beat_us(b);
}

static void look_at_trader(struct watch *w, size_t i)
{
    struct watch_trader *t = &w->traders[i];
    struct engine_stats st;
    engine_get_stats(w->o.traders[i].engine, &st);
    look_at_quantile(w, i, STAGE_ALERT, &t->alerts);
    look_at_quantile(w, i, STAGE_ACKNOWLEDGE, &t->orders);
    look_at_orders(w, i, &st);
    look_at_errors(w, i, &st);
    note(w, VITAL_ENGINE_SILENT, trader_id(w, i), true, silent_us(w, i) / 1000000);
    if (w->looks % BROKER_EVERY != 0)
        return;
    t->broker_misses = st.broker_up ? 0 : t->broker_misses + 1;
    note(w, VITAL_BROKER_MISSES, trader_id(w, i), true, t->broker_misses);
}

/* ---- the process ---- */

static void look_at_process(struct watch *w)
{
    int64_t cpu_us = process_cpu_us(), now_us = clock_mono_us(clock_real());
    int64_t rss = process_rss_bytes();
    note(w, VITAL_MEMORY, "", rss > 0, rss / BYTES_PER_MB);
    int64_t passed_us = now_us - w->cpu_at_us;
    note(w, VITAL_CPU, "", passed_us > 0,
         passed_us > 0 ? (cpu_us - w->cpu_us) * 1000 / passed_us : 0);
    w->cpu_us = cpu_us;
    w->cpu_at_us = now_us;
}

/* By schedule, by hand, by another program: what counts is what lies there. A backup has its name
 * only once all of it was checked. */
static void look_at_backups(struct watch *w)
{
    char to[BACKUP_PATH_CAP];
    struct backup_options o;
    backups_options(w->o.conf, to, &o);
    int64_t every_ms = w->o.conf->backup.interval_min * INT64_C(60000);
    int64_t newest_ms = retention_newest_ms(to);
    vitals_note_backup(w->o.vitals, newest_ms, every_ms);
    if (every_ms == 0)
        return;
    int64_t now_ms = clock_wall_ms(clock_real());
    int64_t age_ms = now_ms - (newest_ms > 0 ? newest_ms : w->began_ms);
    note(w, VITAL_BACKUP_AGE, "", true, age_ms > 0 ? age_ms * 10 / every_ms : 0);
}

/* ---- tokens ---- */

/* "desk 1a2b3c4d (trade) 2026-12-01T10:00:00Z". The key lets the journal say it once over restarts
 * too. */
static void tell_token(struct watch *w, const struct token *t, enum token_stage stage)
{
    char when[CLOCK_TEXT_CAP];
    struct input *in = input_new(INPUT_NOTICE);
    clock_format_rfc3339(t->expires_ms, when);
    in->notice = (struct event)EVENT_INIT;
    in->notice.type = stage == TOKEN_STAGE_ENDED ? EVENT_TOKEN_ENDED : EVENT_TOKEN_ENDING;
    in->notice.time_ms = clock_wall_ms(clock_real());
    (void)snprintf(in->notice.text, sizeof in->notice.text, "%s %s (%s) %.16s UTC", t->name, t->id,
                   token_scope_name(t->scope), when);
    (void)snprintf(in->key, sizeof in->key, "token:%s:%" PRId64 ":%d", t->id, t->expires_ms,
                   (int)stage);
    if (engine_post(w->o.traders[0].engine, in) != ENGINE_OK)
        input_free(in); /* full: a person sees it in `trident token list` */
}

static void look_at_tokens(struct watch *w)
{
    struct tokens *list TR_CLEANUP(mem_freep) = xalloc(sizeof *list);
    int64_t now_ms = clock_wall_ms(clock_real());
    if (w->o.tokens_path == NULL || tokens_read(w->o.tokens_path, list) < 0)
        return; /* whoever shows one is refused, and the log says why */
    struct watch_token now[TOKENS_MAX];
    for (size_t i = 0; i < list->count; i++) {
        const struct token *t = &list->items[i];
        enum token_stage stage = token_stage_at(t, now_ms);
        bool is_told = stage == TOKEN_STAGE_NONE;
        for (size_t k = 0; k < w->token_count && !is_told; k++)
            is_told = str_eq(w->tokens[k].id, t->id) && w->tokens[k].stage == stage &&
                      w->tokens[k].expires_ms == t->expires_ms;
        if (!is_told)
            tell_token(w, t, stage);
        now[i] = (struct watch_token){.stage = stage, .expires_ms = t->expires_ms};
        (void)str_copy(now[i].id, sizeof now[i].id, t->id); /* same cap */
    }
    w->token_count = list->count;
    memcpy(w->tokens, now, list->count * sizeof now[0]);
}

/* ---- bots ---- */

static bool is_stopping(struct watch *w)
{
    mutex_lock(&w->lock);
    bool stopping = w->stopping;
    mutex_unlock(&w->lock);
    return stopping;
}

/* An answer of any kind but a refusal of the token is one: "too many requests" is alive. */
static bool ping(struct watch *w, enum bot_id bot)
{
    struct telegram_me me;
    struct telegram_reply status = {0};
    int64_t began_us = clock_mono_us(clock_real());
    telegram_get_me(w->caller, w->o.conf->telegram.base_url, w->o.conf->telegram.bots[bot].token,
                    PING_TIMEOUT_MS, &me, &status);
    bool is_answer = status.error == TELEGRAM_OK || status.error == TELEGRAM_E_FLOOD;
    if (is_answer)
        vitals_note_ping(w->o.vitals, bot, clock_mono_us(clock_real()) - began_us);
    return is_answer;
}

static bool is_first_with_token(const struct conf *c, int bot)
{
    for (int i = BOT_UNSET + 1; i < bot; i++)
        if (str_eq(c->telegram.bots[i].token, c->telegram.bots[bot].token))
            return false;
    return c->telegram.bots[bot].token[0] != '\0';
}

static void look_at_bots(struct watch *w)
{
    struct http_bot_status bots[BOT_COUNT];
    size_t n = w->o.bots(w->o.bots_ctx, bots);
    for (int i = BOT_UNSET + 1; i < BOT_COUNT && !is_stopping(w); i++) {
        const struct http_bot_status *s = NULL;
        for (size_t k = 0; k < n && s == NULL; k++)
            s = str_eq(bots[k].name, bot_name((enum bot_id)i)) ? &bots[k] : NULL;
        if (s == NULL || !is_first_with_token(w->o.conf, i))
            continue; /* not polled, or carried by another */
        bool is_well = ping(w, (enum bot_id)i) && s->up;
        if (is_stopping(w))
            return;
        w->bot_misses[i] = is_well ? 0 : w->bot_misses[i] + 1;
        note(w, VITAL_BOT_MISSES, s->name, true, w->bot_misses[i]);
    }
}

/* ---- the outgoing heartbeat ---- */

static bool is_well(const struct watch *w)
{
    for (size_t i = 0; i < w->o.trader_count; i++) {
        struct engine_stats st;
        engine_get_stats(w->o.traders[i].engine, &st);
        if (!st.broker_up || st.store_failing || silent_us(w, i) > ENGINE_SILENT_US)
            return false;
    }
    return true;
}

static void beat(struct watch *w)
{
    if (!is_well(w))
        return; /* silence is the message */
    struct http_request request = {.method = "GET",
                                   .url = w->o.conf->watch.heartbeat_url,
                                   .timeout_ms = BEAT_TIMEOUT_MS,
                                   .max_body_bytes = BEAT_ANSWER_MAX};
    struct http_response answer;
    http_response_init(&answer, BEAT_ANSWER_MAX);
    http_call(w->caller, &request, &answer);
    bool is_taken = answer.result == HTTP_OK && answer.status >= 200 && answer.status < 300;
    if (answer.result != HTTP_E_ABORTED) {
        vitals_note_beat(w->o.vitals, is_taken);
        if (!is_taken)
            log_warn("watch", "heartbeat_not_taken result=%d status=%d", (int)answer.result,
                     answer.status);
    }
    http_response_deinit(&answer);
}

/* ---- the thread ---- */

/* False: stop. */
static bool wait_until(struct watch *w, int64_t until_us)
{
    mutex_lock(&w->lock);
    while (!w->stopping && cond_wait_until_us(&w->changed, &w->lock, until_us))
        continue;
    bool goes_on = !w->stopping;
    mutex_unlock(&w->lock);
    return goes_on;
}

static void watch_main(struct thread *self, void *arg)
{
    struct watch *w = arg;
    (void)self;
    int64_t look_us = w->o.conf->watch.interval_s * INT64_C(1000000);
    bool has_url = w->o.conf->watch.heartbeat_url[0] != '\0';
    int64_t beat_us = w->o.conf->watch.heartbeat_s * INT64_C(1000000);
    int64_t next_look_us = clock_mono_us(clock_real()) + look_us;
    int64_t next_beat_us = has_url ? next_look_us - look_us + beat_us : INT64_MAX;
    look_at_backups(w); /* /metrics has its age from the start */
    while (wait_until(w, next_beat_us < next_look_us ? next_beat_us : next_look_us)) {
        int64_t now_us = clock_mono_us(clock_real());
        if (now_us >= next_beat_us) {
            next_beat_us = now_us + beat_us;
            beat(w);
        }
        if (now_us < next_look_us)
            continue;
        next_look_us = now_us + look_us;
        w->looks++;
        for (size_t i = 0; i < w->o.trader_count; i++)
            look_at_trader(w, i);
        look_at_process(w);
        look_at_backups(w);
        look_at_tokens(w);
        look_at_bots(w);
    }
}

static void watch_wake(void *arg)
{
    struct watch *w = arg;
    mutex_lock(&w->lock);
    w->stopping = true;
    cond_broadcast(&w->changed);
    mutex_unlock(&w->lock);
    http_caller_abort(w->caller);
}

struct watch *watch_start(const struct watch_options *o)
{
    TR_ASSERT(o->trader_count > 0 && o->vitals != NULL && o->bots != NULL);
    struct watch *w = xalloc(sizeof(*w));
    w->o = *o;
    w->caller = http_caller_new();
    w->cpu_us = process_cpu_us();
    w->cpu_at_us = clock_mono_us(clock_real());
    w->began_ms = clock_wall_ms(clock_real());
    mutex_init(&w->lock);
    cond_init(&w->changed);
    w->thread = thread_start("watch", watch_main, watch_wake, w);
    return w;
}

struct watch *watch_stop(struct watch *w)
{
    if (w == NULL)
        return NULL;
    thread_request_stop(w->thread);
    thread_join(w->thread);
    w->caller = http_caller_free(w->caller);
    cond_deinit(&w->changed);
    mutex_deinit(&w->lock);
    return mem_free(w);
}
