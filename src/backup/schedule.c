/* backup/schedule.c: see schedule.h. */
#include "backup/schedule.h"

#include <errno.h>
#include <inttypes.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/mutex.h"
#include "core/thread.h"

#define SETTLE_PART 20              /* of the interval: after the start, before the first one */
#define SETTLE_MS   INT64_C(600000) /* at most */
#define RETRY_MS    INT64_C(600000) /* after a failure */
#define NICE_LEVEL  15
#define REST_MAX_US INT64_C(1000000)

/* Lock key: (c) constant, (t) its thread, (l) lock. */
struct schedule {
    struct schedule_options o; /* (c) */
    struct thread *thread;     /* (c) */
    bool is_failing;           /* (t) */
    struct mutex lock;
    struct cond changed;
    bool stopping TR_GUARDED_BY(lock);
};

/* True: stop. */
static bool wait_us(struct schedule *s, int64_t us)
{
    int64_t until_us = clock_mono_us(clock_real()) + us;
    mutex_lock(&s->lock);
    while (!s->stopping && cond_wait_until_us(&s->changed, &s->lock, until_us))
        continue;
    bool stopping = s->stopping;
    mutex_unlock(&s->lock);
    return stopping;
}

static int on_pause(void *ctx, int64_t took_us)
{
    return wait_us(ctx, took_us < REST_MAX_US ? took_us : REST_MAX_US) ? -ECANCELED : 0;
}

static int64_t first_wait_ms(const struct schedule *s)
{
    int64_t settle_ms = s->o.interval_ms / SETTLE_PART;
    int64_t newest_ms = retention_newest_ms(s->o.backup.to);
    int64_t due_ms = newest_ms + s->o.interval_ms - clock_wall_ms(clock_real());
    if (settle_ms > SETTLE_MS)
        settle_ms = SETTLE_MS;
    if (due_ms < settle_ms)
        return settle_ms;
    return due_ms < s->o.interval_ms ? due_ms : s->o.interval_ms; /* the clock was set back */
}

/* How long until the next one. */
static int64_t make(struct schedule *s)
{
    struct backup_result result;
    int r = backup_make(&s->o.backup, &result);
    if (r == -ECANCELED)
        return 0;
    if (r == 0) {
        log_info("backup",
                 "made path=%s files=%zu bytes=%" PRId64 " seq=%" PRIu64 " took_ms=%" PRId64,
                 result.path, result.files, result.bytes, result.seq, result.took_ms);
        s->is_failing = false;
        s->o.tell(s->o.ctx, &result, false);
        return s->o.interval_ms;
    }
    log_error("backup", "failed why=\"%s\"", result.text);
    if (!s->is_failing)
        s->o.tell(s->o.ctx, &result, true);
    s->is_failing = true;
    return RETRY_MS < s->o.interval_ms ? RETRY_MS : s->o.interval_ms;
}

static void schedule_main(struct thread *self, void *arg)
{
    struct schedule *s = arg;
    (void)self;
    thread_set_nice(NICE_LEVEL);
    int64_t next_ms = first_wait_ms(s);
    while (!wait_us(s, next_ms * 1000))
        next_ms = make(s);
}

static void schedule_wake(void *arg)
{
    struct schedule *s = arg;
    mutex_lock(&s->lock);
    s->stopping = true;
    cond_broadcast(&s->changed);
    mutex_unlock(&s->lock);
}

struct schedule *schedule_start(const struct schedule_options *o)
{
    struct schedule *s = xalloc(sizeof(*s));
    TR_ASSERT(o->interval_ms > 0);
    TR_ASSERT(o->tell != NULL);
    s->o = *o;
    s->o.backup.pause = on_pause;
    s->o.backup.ctx = s;
    mutex_init(&s->lock);
    cond_init(&s->changed);
    s->thread = thread_start("backup", schedule_main, schedule_wake, s);
    return s;
}

struct schedule *schedule_stop(struct schedule *s)
{
    if (s == NULL)
        return NULL;
    thread_request_stop(s->thread);
    thread_join(s->thread);
    cond_deinit(&s->changed);
    mutex_deinit(&s->lock);
    return mem_free(s);
}
