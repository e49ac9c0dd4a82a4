/* outside/supervisor.c: the thread waits in talk_listen(): for an alert, for the program's death,
 * for the end of a pause. One alert at a time is asked; the others wait in a bounded queue and are
 * refused there when their time is over. The program's own settings (path, arguments, limits) are
 * the thread's: a reload replaces them together with the program. A series of faults is told once,
 * and once that it works again; it ends with an answer, or a minute of quiet running. */
#include "outside/supervisor.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/log.h"
#include "core/queue.h"
#include "core/thread.h"
#include "net/backoff.h"
#include "outside/talk.h"

#define RETRY_FIRST_MS  250
#define RETRY_MAX_MS    60000
#define STEADY_US       INT64_C(60000000)
#define REST_US         INT64_C(3600000000) /* longest wait; then it looks around again */
#define SAID_PER_MINUTE 30
#define MINUTE_US       INT64_C(60000000)

/* Lock key: (c) constant after new, (t) its thread only, (a) atomic. */
struct supervisor {
    struct supervisor_options opt; /* (c) */
    struct queue *queue;           /* (c) locks itself */
    struct thread *thread;         /* (c) */
    int wake_fd, stop_fd;          /* (c) */
    atomic_bool is_active;         /* (a) release by setters, acquire by the thread */
    uint64_t last_id;              /* engine thread */
    struct outside_conf *conf;     /* (t) what the program was started by */
    struct talk *talk;             /* (t) */
    atomic_int deadline_ms;        /* (a) of conf; relaxed: written by the thread */
    enum supervisor_state state;   /* (t) */
    struct backoff backoff;        /* (t) */
    struct bucket said;            /* (t) */
    int64_t retry_us;              /* (t) WAITING: when to start it */
    int64_t started_us;            /* (t) RUNNING: since when */
    enum talk_result last;         /* (t) the newest fault */
    bool in_series;                /* (t) of faults: told already */
    bool tells_start;              /* (t) the next start is told */
    bool was_started;              /* (t) ever */
};

struct question {
    struct input *in; /* an alert, or a command: reload */
    struct line_question about;
    struct buf line;
    int64_t asked_us, deadline_us;
};

/* ---- questions ---- */

static struct question *question_free(struct question *q)
{
    if (q == NULL)
        return NULL;
    buf_deinit(&q->line);
    TR_ASSERT(q->in == NULL);
    return mem_free(q);
}

static void skip_with(struct input *in, const char *plugin, enum reason why)
{
    TR_ASSERT(in->answer == NULL);
    in->answer = xalloc(sizeof(*in->answer));
    decision_init(in->answer, plugin);
    decision_skip(in->answer, why, DEC_NONE, DEC_NONE);
}

/* Gives the alert back; its time in the engine's queue does not count what it waited here. */
static void give_back(struct supervisor *s, struct question *q)
{
    struct input *in = TR_STEAL(q->in);
    if (in->deadline_mono_us != 0)
        in->deadline_mono_us += clock_mono_us(s->opt.clock) - q->asked_us;
    s->opt.on_answer(s->opt.ctx, in);
}

static void refuse(struct supervisor *s, struct question *q, enum reason why)
{
    skip_with(q->in, s->opt.plugin, why);
    give_back(s, q);
}

/* Left in the queue when we stop. */
static void drop(void *ptr, void *ctx)
{
    struct supervisor *s = ctx;
    struct question *q = ptr;
    s->opt.on_answer(s->opt.ctx, TR_STEAL(q->in));
    question_free(q);
}

static void wake(int fd)
{
    const uint64_t one = 1;
    ssize_t n = write(fd, &one, sizeof(one));
    TR_ASSERT(n == (ssize_t)sizeof(one) || errno == EAGAIN); /* full: it is awake */
}

bool supervisor_ask(struct supervisor *s, const struct outside_conf *now,
                    const struct plugin_snapshot *snap, struct input *in)
{
    TR_ASSERT(in->kind == INPUT_SIGNAL && in->answer == NULL);
    struct question *q = xalloc(sizeof(*q));
    q->in = in;
    q->asked_us = clock_mono_us(s->opt.clock);
    int deadline_ms = atomic_load_explicit(&s->deadline_ms, memory_order_relaxed);
    q->deadline_us = q->asked_us + deadline_ms * INT64_C(1000);
    line_question_make(&q->about, s->opt.plugin, ++s->last_id, now, snap, &in->signal);
    buf_init(&q->line, LINE_MAX_BYTES);
    line_write_signal(&q->line, &q->about, snap, &in->signal);
    TR_ASSERT(!buf_failed(&q->line)); /* 64 positions and an alert fit */
    enum queue_result r = queue_push(s->queue, QUEUE_LANE_NORMAL, q, 0);
    if (r == QUEUE_OK) {
        wake(s->wake_fd);
        return true;
    }
    q->in = NULL;
    question_free(q);
    skip_with(in, s->opt.plugin, r == QUEUE_E_FULL ? REASON_PLUGIN_BUSY : REASON_SHUTTING_DOWN);
    return false;
}

bool supervisor_reload(struct supervisor *s, struct input *in)
{
    TR_ASSERT(in->kind == INPUT_COMMAND && !in->was_ahead);
    if (s->opt.read_conf == NULL)
        return false;
    struct question *q = xalloc(sizeof(*q));
    q->in = in;
    q->asked_us = clock_mono_us(s->opt.clock);
    if (queue_push(s->queue, QUEUE_LANE_NORMAL, q, 0) == QUEUE_OK) {
        wake(s->wake_fd);
        return true;
    }
    q->in = NULL;
    question_free(q);
    return false;
}

void supervisor_set_active(struct supervisor *s, bool is_active)
{
    if (atomic_exchange_explicit(&s->is_active, is_active, memory_order_acq_rel) != is_active)
        wake(s->wake_fd);
}

/* ---- state ---- */

bool supervisor_state_may_follow(enum supervisor_state from, enum supervisor_state to)
{
    static const bool table[SUPERVISOR_STATE_COUNT][SUPERVISOR_STATE_COUNT] = {
        [SUPERVISOR_OFF] = {[SUPERVISOR_WAITING] = true},
        [SUPERVISOR_WAITING] = {[SUPERVISOR_RUNNING] = true, [SUPERVISOR_OFF] = true},
        [SUPERVISOR_RUNNING] = {[SUPERVISOR_WAITING] = true, [SUPERVISOR_OFF] = true},
    };
    TR_ASSERT(from > SUPERVISOR_UNSET && from < SUPERVISOR_STATE_COUNT);
    TR_ASSERT(to > SUPERVISOR_UNSET && to < SUPERVISOR_STATE_COUNT);
    return table[from][to];
}

static void supervisor_assert_state(const struct supervisor *s)
{
    TR_ASSERT(s->state > SUPERVISOR_UNSET && s->state < SUPERVISOR_STATE_COUNT);
    TR_ASSERT(talk_is_running(s->talk) == (s->state == SUPERVISOR_RUNNING));
}

/* The only writer of the state. */
static void supervisor_set_state(struct supervisor *s, enum supervisor_state to)
{
    TR_ASSERT(supervisor_state_may_follow(s->state, to));
    s->state = to;
    supervisor_assert_state(s);
}

/* ---- what people hear ---- */

static void tell(struct supervisor *s, enum event_type type, enum reason why, const char *text)
{
    struct event e = EVENT_INIT;
    e.type = type;
    e.reason = why;
    (void)str_copy(e.plugin, sizeof(e.plugin), s->opt.plugin); /* same cap */
    (void)str_copy(e.text, sizeof(e.text), text);              /* cut is fine */
    s->opt.on_notice(s->opt.ctx, &e);
}

static void on_said(void *ctx, const char *text)
{
    struct supervisor *s = ctx;
    if (bucket_take(&s->said, clock_mono_us(s->opt.clock)))
        log_info("outside", "said trader=%s plugin=%s text=\"%s\"", s->opt.trader, s->opt.plugin,
                 text);
}

static void end_series(struct supervisor *s)
{
    s->in_series = false;
    backoff_reset(&s->backoff);
}

/* The program is gone. for_alert: the engine tells it with the alert it was asked about. */
static void failed(struct supervisor *s, enum talk_result r, bool for_alert)
{
    int64_t now_us = clock_mono_us(s->opt.clock);
    if (s->state == SUPERVISOR_RUNNING) {
        if (now_us - s->started_us >= STEADY_US)
            end_series(s);
        supervisor_set_state(s, SUPERVISOR_WAITING);
    }
    s->last = r;
    int wait_ms = backoff_next_ms(&s->backoff);
    s->retry_us = now_us + wait_ms * INT64_C(1000);
    log_warn("outside", "failed trader=%s plugin=%s reason=%s why=\"%s\" again_ms=%d",
             s->opt.trader, s->opt.plugin, reason_code(talk_reason(r)), talk_why(s->talk), wait_ms);
    if (s->in_series)
        return;
    s->in_series = true;
    s->tells_start = true;
    if (!for_alert)
        tell(s, EVENT_PLUGIN_ERROR, talk_reason(r), talk_why(s->talk));
}

/* ---- the program ---- */

/* TALK_E_STOPPED, or whatever talk_start() says. */
static enum talk_result begin(struct supervisor *s, bool for_alert)
{
    int64_t now_us = clock_mono_us(s->opt.clock);
    enum talk_result r = talk_start(s->talk, now_us + SUPERVISOR_START_MS * INT64_C(1000));
    if (r == TALK_E_STOPPED)
        return r;
    if (r != TALK_OK) {
        failed(s, r, for_alert);
        return r;
    }
    s->started_us = clock_mono_us(s->opt.clock);
    supervisor_set_state(s, SUPERVISOR_RUNNING);
    const struct line_hello *h = talk_hello(s->talk);
    log_info("outside", "runs trader=%s plugin=%s name=\"%s\" version=\"%s\" files_hidden=%s",
             s->opt.trader, s->opt.plugin, h->name, h->version,
             talk_hides_files(s->talk) ? "yes" : "no");
    if (s->tells_start) {
        char text[sizeof(*h) + 1];
        (void)snprintf(text, sizeof(text), "%s %s", h->name, h->version);
        tell(s, s->was_started ? EVENT_PLUGIN_RELOADED : EVENT_PLUGIN_LOADED, REASON_UNSET, text);
    }
    s->was_started = true;
    s->tells_start = false;
    return r;
}

static void put_to_rest(struct supervisor *s)
{
    talk_stop(s->talk);
    supervisor_set_state(s, SUPERVISOR_OFF);
    log_info("outside", "off trader=%s plugin=%s", s->opt.trader, s->opt.plugin);
}

/* A fresh one takes over where one has used up its time. */
static void replace_worn(struct supervisor *s)
{
    talk_stop(s->talk);
    supervisor_set_state(s, SUPERVISOR_WAITING);
    s->retry_us = 0;
    log_info("outside", "worn trader=%s plugin=%s", s->opt.trader, s->opt.plugin);
}

/* ---- one alert ---- */

/* Has it running in time; else the question is answered. False with q->in kept: we stop. */
static bool make_ready(struct supervisor *s, struct question *q)
{
    while (s->state != SUPERVISOR_RUNNING) {
        if (s->retry_us >= q->deadline_us) {
            refuse(s, q, talk_reason(s->last));
            return false;
        }
        if (talk_listen(s->talk, -1, s->retry_us) == TALK_E_STOPPED)
            return false;
        if (begin(s, true) == TALK_E_STOPPED)
            return false;
    }
    if (clock_mono_us(s->opt.clock) < q->deadline_us)
        return true;
    refuse(s, q, REASON_PLUGIN_BUSY);
    return false;
}

static void take_answer(struct supervisor *s, struct question *q, const struct talk_line *line)
{
    char why[LINE_WHY_CAP] = "";
    struct decision *d = xalloc(sizeof(*d));
    enum line_result r = line_read_decision(line->p, line->len, &q->about, d, why);
    if (r == LINE_E_GARBAGE || r == LINE_E_VERSION) {
        d = mem_free(d);
        talk_reject(s->talk, why);
        failed(s, TALK_E_PROTOCOL, true);
        refuse(s, q, REASON_PLUGIN_PROTOCOL);
        return;
    }
    if (r == LINE_E_DECISION)
        log_warn("outside", "answer_refused trader=%s plugin=%s why=\"%s\"", s->opt.trader,
                 s->opt.plugin, why);
    end_series(s);
    q->in->answer = d;
    give_back(s, q);
}

static void ask(struct supervisor *s, struct question *q)
{
    struct talk_line line;
    if (!make_ready(s, q))
        return;
    enum talk_result r = talk_ask(s->talk, &q->line, q->deadline_us, &line);
    if (r == TALK_OK) {
        take_answer(s, q, &line);
    } else if (r != TALK_E_STOPPED) {
        failed(s, r, true);
        refuse(s, q, talk_reason(r));
    }
}

/* ---- reload ---- */

static struct talk *new_talk(struct supervisor *s, const struct outside_conf *conf)
{
    const struct talk_options o = {.conf = conf,
                                   .plugin = s->opt.plugin,
                                   .trader = s->opt.trader,
                                   .clock = s->opt.clock,
                                   .stop_fd = s->stop_fd,
                                   .on_said = on_said,
                                   .on_said_ctx = s};
    return talk_new(&o);
}

static void name_of(const struct talk *t, char ret[sizeof(struct line_hello) + 1])
{
    const struct line_hello *h = talk_hello(t);
    (void)snprintf(ret, sizeof(struct line_hello) + 1, "%s %s", h->name, h->version);
}

/* Words of a program: no tab and no line end may be among them. */
static const char *cleaned(const char *said, char ret[LINE_WHY_CAP])
{
    (void)str_copy(ret, LINE_WHY_CAP, said); /* cut is fine */
    for (char *p = ret; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
    return ret;
}

/* The last line of what the command knows. */
static void add_line(struct command *c, char kind, const char *first, const char *second)
{
    char a[LINE_WHY_CAP], b[LINE_WHY_CAP];
    char *body = xasprintf("%s%c\t%s\t%s\n", c->body != NULL ? c->body : "", kind,
                           cleaned(first, a), cleaned(second, b));
    mem_free(c->body);
    c->body = body;
}

/* The fresh one is asked from now on; of one that is switched off only the settings stay. */
static void take_over(struct supervisor *s, struct talk *fresh, struct outside_conf *conf)
{
    if (s->state == SUPERVISOR_RUNNING) {
        talk_stop(s->talk);
        supervisor_set_state(s, SUPERVISOR_WAITING);
    }
    s->talk = talk_free(s->talk);
    mem_free(s->conf);
    s->talk = fresh;
    s->conf = conf;
    atomic_store_explicit(&s->deadline_ms, conf->deadline_ms, memory_order_relaxed);
    if (s->state == SUPERVISOR_OFF) {
        talk_stop(s->talk);
        return;
    }
    end_series(s);
    s->started_us = clock_mono_us(s->opt.clock);
    s->was_started = true;
    supervisor_set_state(s, SUPERVISOR_RUNNING);
}

/* False: we stop. */
static bool try_fresh(struct supervisor *s, struct command *c, struct outside_conf *conf)
{
    char name[sizeof(struct line_hello) + 1], before[sizeof(struct line_hello) + 1] = "";
    struct talk *fresh = new_talk(s, conf);
    int64_t until_us = clock_mono_us(s->opt.clock) + SUPERVISOR_START_MS * INT64_C(1000);
    enum talk_result r = talk_start(fresh, until_us);
    if (r != TALK_OK) {
        if (r != TALK_E_STOPPED)
            add_line(c, 'X', reason_code(talk_reason(r)), talk_why(fresh));
        log_warn("outside", "reload_refused trader=%s plugin=%s why=\"%s\"", s->opt.trader,
                 s->opt.plugin, talk_why(fresh));
        talk_free(fresh);
        mem_free(conf);
        return r != TALK_E_STOPPED;
    }
    name_of(fresh, name);
    if (s->state == SUPERVISOR_RUNNING)
        name_of(s->talk, before);
    take_over(s, fresh, conf);
    add_line(c, 'T', name, before);
    log_info("outside", "reloaded trader=%s plugin=%s name=\"%s\" before=\"%s\"", s->opt.trader,
             s->opt.plugin, name, before);
    if (s->state == SUPERVISOR_RUNNING)
        tell(s, EVENT_PLUGIN_RELOADED, REASON_UNSET, name);
    return true;
}

static void reload(struct supervisor *s, struct question *q)
{
    struct outside_conf *conf = xalloc(sizeof(*conf));
    bool is_done = true;
    if (!s->opt.read_conf(s->opt.ctx, s->opt.plugin, conf))
        mem_free(conf); /* the command says what is wrong with the file */
    else if (conf->path[0] == '\0') {
        add_line(&q->in->command, 'X', reason_code(REASON_NO_PLUGIN), "path");
        mem_free(conf);
    } else
        is_done = try_fresh(s, &q->in->command, conf);
    if (!is_done)
        return; /* serve() gives it back */
    q->in->was_ahead = true;
    give_back(s, q);
}

static void serve(struct supervisor *s, struct question *q)
{
    if (q->in->kind == INPUT_COMMAND)
        reload(s, q);
    else if (s->state == SUPERVISOR_OFF)
        refuse(s, q, REASON_PLUGIN_DISABLED); /* switched off since */
    else if (clock_mono_us(s->opt.clock) >= q->deadline_us)
        refuse(s, q, REASON_PLUGIN_BUSY);
    else
        ask(s, q);
    if (q->in != NULL)
        s->opt.on_answer(s->opt.ctx, TR_STEAL(q->in));
    question_free(q);
}

/* ---- the thread ---- */

static void follow_switch(struct supervisor *s)
{
    bool is_active = atomic_load_explicit(&s->is_active, memory_order_acquire);
    if (is_active == (s->state != SUPERVISOR_OFF))
        return;
    if (!is_active) {
        put_to_rest(s);
        return;
    }
    end_series(s);
    s->tells_start = true;
    s->retry_us = 0;
    supervisor_set_state(s, SUPERVISOR_WAITING);
}

static void rest(struct supervisor *s)
{
    uint64_t n;
    int64_t until_us = clock_mono_us(s->opt.clock) + REST_US;
    if (s->state == SUPERVISOR_WAITING && s->retry_us < until_us)
        until_us = s->retry_us;
    enum talk_result r = talk_listen(s->talk, s->wake_fd, until_us);
    (void)!read(s->wake_fd, &n, sizeof(n)); /* empty is fine */
    if (r != TALK_OK && r != TALK_E_STOPPED)
        failed(s, r, false);
}

static void supervise(struct thread *self, void *arg)
{
    struct supervisor *s = arg;
    while (!thread_should_stop(self)) {
        struct queue_item item;
        follow_switch(s);
        supervisor_assert_state(s);
        if (s->state == SUPERVISOR_RUNNING && talk_is_worn(s->talk))
            replace_worn(s);
        if (queue_take_many(s->queue, &item, 1, 0) == 1)
            serve(s, item.ptr);
        else if (s->state == SUPERVISOR_WAITING && clock_mono_us(s->opt.clock) >= s->retry_us)
            (void)begin(s, false); /* a fault is noted, a stop is seen above */
        else
            rest(s);
    }
    talk_stop(s->talk);
}

static void stop_waiting(void *arg)
{
    wake(((struct supervisor *)arg)->stop_fd);
}

int supervisor_new(const struct supervisor_options *opt, struct supervisor **ret)
{
    TR_ASSERT(opt->conf != NULL && opt->on_answer != NULL && opt->on_notice != NULL);
    struct supervisor *s = xalloc(sizeof(*s));
    uint64_t seed;
    char name[16];
    s->opt = *opt;
    s->state = SUPERVISOR_OFF;
    s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    s->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->wake_fd < 0 || s->stop_fd < 0) {
        int r = -errno;
        supervisor_free(s);
        return err_raise(r);
    }
    hash_random(&seed, sizeof(seed));
    backoff_init(&s->backoff, RETRY_FIRST_MS, RETRY_MAX_MS, seed);
    bucket_init(&s->said, SAID_PER_MINUTE, MINUTE_US, SAID_PER_MINUTE, clock_mono_us(opt->clock));
    s->conf = xalloc(sizeof(*s->conf));
    *s->conf = *opt->conf;
    atomic_init(&s->deadline_ms, opt->conf->deadline_ms);
    s->talk = new_talk(s, s->conf);
    s->queue = queue_new(SUPERVISOR_QUEUE_MAX, drop, s);
    (void)snprintf(name, sizeof(name), "%s", opt->plugin);
    s->thread = thread_start(name, supervise, stop_waiting, s);
    *ret = s;
    return 0;
}

void supervisor_stop(struct supervisor *s)
{
    struct queue_item item;
    if (s->queue != NULL)
        queue_close(s->queue);
    s->thread = thread_join(s->thread);
    while (s->queue != NULL && queue_take_many(s->queue, &item, 1, 0) == 1)
        drop(item.ptr, s);
}

struct supervisor *supervisor_free(struct supervisor *s)
{
    if (s == NULL)
        return NULL;
    supervisor_stop(s);
    s->queue = queue_free(s->queue);
    s->talk = talk_free(s->talk);
    s->conf = mem_free(s->conf);
    if (s->wake_fd >= 0)
        s->wake_fd = file_close(s->wake_fd);
    if (s->stop_fd >= 0)
        s->stop_fd = file_close(s->stop_fd);
    return mem_free(s);
}
