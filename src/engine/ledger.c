/* engine/ledger.c: see ledger.h. The thread wakes at most every PAUSE_US, so that under load its
 * transactions hold thousands of rows and cost the engine nothing; and while the processors are
 * all taken it comes after whoever takes an alert, decides or tells people: books can wait, and
 * they are caught up with from the journal. */
#include "engine/ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/mutex.h"
#include "core/thread.h"
#include "engine/input.h"
#include "store/journal.h"

#define CHUNK_ROWS 2048
#define PAUSE_US   INT64_C(50000)
#define RETRY_US   INT64_C(1000000)
#define IDLE_US    INT64_C(60000000)

/* What is old goes in small steps, so that what is new never waits long. */
#define FORGET_ROWS     500
#define FORGET_EVERY_US INT64_C(3600000000)
#define MS_PER_DAY      INT64_C(86400000)
#define NICE_LEVEL      15
#define STOP_US         INT64_C(500000)

/* Lock key: (c) constant, (t) ledger thread, (l) lock, (a) atomic. The engine, which the ledger
 * must never hold up, takes the lock only to wake a ledger that sleeps: one that works may have
 * lost the processor with the lock in its hand. Each side writes its own of the two atomics before
 * it reads the other's, so one of them sees the other. */
struct ledger {
    char trader_id[24];            /* (c) */
    struct journal_reader *reader; /* (t) */
    struct trade_ledger *db;       /* (t) */
    struct thread *thread;         /* (c) */
    int64_t keep_ms;               /* (c) 0 = for ever */
    int64_t forget_us;             /* (t) when to look for what is old */
    struct mutex lock;
    struct cond changed;
    _Atomic uint64_t committed_seq; /* (a) */
    atomic_bool is_asleep;          /* (a) */
    uint64_t applied_seq TR_GUARDED_BY(lock);
    bool stopping TR_GUARDED_BY(lock);
    int64_t
        stop_by_us TR_GUARDED_BY(lock); /* when stopping: what is left then the next start does */
};

struct apply_ctx {
    struct trade_ledger *db;
    uint64_t seq;
};

static int apply_output(const struct output_view *v, void *ctx)
{
    struct apply_ctx *a = ctx;
    if (v->kind != OUTPUT_EVENT)
        return 0;
    struct event e = v->event;
    e.seq = a->seq;
    return trade_ledger_apply(a->db, &e);
}

/* The alert of the row, before what came of it. */
static int apply_signal_row(struct apply_ctx *a, const struct journal_row *row)
{
    struct input *in = input_new(INPUT_SIGNAL);
    TR_CLEANUP(mem_freep) struct decision *decision = xalloc(sizeof(*decision));
    struct input_quotes quotes;
    int r = input_unpack(row->input, row->input_len, in, &quotes, decision);
    if (r == 0)
        r = trade_ledger_signal(a->db, &(struct trade_ledger_signal){.seq = row->seq,
                                                                     .time_ms = row->time_ms,
                                                                     .signal = &in->signal,
                                                                     .decision = decision});
    (void)input_free(in);
    return err_trace(r);
}

static int apply_row(const struct journal_row *row, void *ctx)
{
    struct apply_ctx *a = ctx;
    a->seq = row->seq;
    if (row->kind == INPUT_SIGNAL &&
        trade_ledger_wants_signal(a->db, input_signal_format(row->input, row->input_len))) {
        int r = apply_signal_row(a, row);
        if (r < 0)
            return r;
    }
    if (!trade_ledger_wants_outputs(a->db, row->output, row->output_len))
        return 0;
    return outputs_visit(row->output, row->output_len, apply_output, a);
}

/* One chunk; *ret_more tells whether there may be another. */
static int apply_chunk(struct ledger *l, uint64_t from_seq, uint64_t *ret_last_seq)
{
    struct apply_ctx a = {.db = l->db};
    uint64_t last = from_seq;
    int r = trade_ledger_begin(l->db);
    if (r < 0)
        return err_trace(r);
    r = journal_read(l->reader, from_seq, CHUNK_ROWS, JOURNAL_FLAG_LEDGER, apply_row, &a, &last);
    if (r >= 0 && last > from_seq)
        r = trade_ledger_commit(l->db, last);
    else
        trade_ledger_rollback(l->db);
    if (r < 0) {
        trade_ledger_rollback(l->db);
        return err_trace(r);
    }
    *ret_last_seq = last;
    return 0;
}

static bool is_late(struct ledger *l)
{
    mutex_lock(&l->lock);
    bool is_over = l->stopping && clock_mono_us(clock_real()) >= l->stop_by_us;
    mutex_unlock(&l->lock);
    return is_over;
}

/* Everything up to target, or as far as it comes before the process has to end; false when the
 * store refused. */
static bool catch_up(struct ledger *l, uint64_t target_seq)
{
    for (;;) {
        uint64_t at = trade_ledger_applied_seq(l->db), last = at;
        if (at >= target_seq)
            return true;
        if (apply_chunk(l, at, &last) < 0)
            return false;
        mutex_lock(&l->lock);
        l->applied_seq = last;
        mutex_unlock(&l->lock);
        if (last == at || is_late(l))
            return true;
    }
}

static void pause_us(struct ledger *l, int64_t us)
{
    int64_t until_us = clock_mono_us(clock_real()) + us;
    mutex_lock(&l->lock);
    while (!l->stopping && cond_wait_until_us(&l->changed, &l->lock, until_us))
        continue;
    mutex_unlock(&l->lock);
}

static bool forget_old(struct ledger *l)
{
    int64_t now_us = clock_mono_us(clock_real());
    int gone = 0;
    if (l->keep_ms == 0 || now_us < l->forget_us)
        return true;
    int64_t before_ms = clock_wall_ms(clock_real()) - l->keep_ms;
    if (trade_ledger_forget(l->db, before_ms, FORGET_ROWS, &gone) < 0)
        return false;
    if (gone < FORGET_ROWS)
        l->forget_us = now_us + FORGET_EVERY_US;
    if (gone > 0)
        log_info("engine", "ledger_forgot trader=%s alerts=%d", l->trader_id, gone);
    return true;
}

static void ledger_main(struct thread *self, void *arg)
{
    struct ledger *l = arg;
    bool failing = false, stopping = false;
    (void)self;
    thread_set_nice(NICE_LEVEL);
    while (!stopping) {
        int64_t until_us = clock_mono_us(clock_real()) + IDLE_US;
        mutex_lock(&l->lock);
        atomic_store(&l->is_asleep, true);
        while (!l->stopping && atomic_load(&l->committed_seq) <= l->applied_seq &&
               cond_wait_until_us(&l->changed, &l->lock, until_us))
            continue;
        atomic_store(&l->is_asleep, false);
        stopping = l->stopping;
        uint64_t target = atomic_load(&l->committed_seq);
        mutex_unlock(&l->lock);
        bool ok = catch_up(l, target) && (stopping || forget_old(l));
        if (ok == failing)
            log_line(ok ? LOG_INFO : LOG_ERROR, "engine", "ledger_%s trader=%s seq=%" PRIu64,
                     ok ? "works" : "failed", l->trader_id, trade_ledger_applied_seq(l->db));
        failing = !ok;
        if (!stopping)
            pause_us(l, ok ? PAUSE_US : RETRY_US);
    }
}

static void ledger_wake(void *arg)
{
    struct ledger *l = arg;
    mutex_lock(&l->lock);
    l->stopping = true;
    l->stop_by_us = clock_mono_us(clock_real()) + STOP_US;
    cond_broadcast(&l->changed);
    mutex_unlock(&l->lock);
}

static struct ledger *ledger_free(struct ledger *l)
{
    journal_reader_close(l->reader);
    trade_ledger_close(l->db);
    cond_deinit(&l->changed);
    mutex_deinit(&l->lock);
    return mem_free(l);
}

static int ledger_open(const struct ledger_options *o, struct ledger **ret_ledger)
{
    struct ledger *l = xalloc(sizeof(*l));
    (void)str_copy(l->trader_id, sizeof(l->trader_id), o->trader_id);
    l->keep_ms = o->signal_days * MS_PER_DAY;
    mutex_init(&l->lock);
    cond_init(&l->changed);
    int r = journal_reader_open(o->journal_path, &l->reader);
    if (r == 0)
        r = trade_ledger_open(o->ops, o->db_path, &l->db);
    if (r < 0) {
        ledger_free(l);
        return err_trace(r);
    }
    *ret_ledger = l;
    return 0;
}

int ledger_fill(const struct ledger_options *o, uint64_t *ret_seq)
{
    struct ledger *l = NULL;
    int r = ledger_open(o, &l);
    if (r < 0)
        return err_trace(r);
    r = catch_up(l, UINT64_MAX) ? 0 : err_raise(-EIO);
    *ret_seq = trade_ledger_applied_seq(l->db);
    ledger_free(l);
    return r;
}

int ledger_start(const struct ledger_options *o, struct ledger **ret_ledger)
{
    struct ledger *l = NULL;
    int r = ledger_open(o, &l);
    if (r < 0)
        return err_trace(r);
    mutex_lock(&l->lock);
    l->applied_seq = trade_ledger_applied_seq(l->db);
    atomic_store(&l->committed_seq,
                 UINT64_MAX); /* the first turn looks for what the last run left */
    mutex_unlock(&l->lock);
    char name[16];
    (void)snprintf(name, sizeof(name), "%.6s-%.8s", o->thread_prefix, o->trader_id);
    l->thread = thread_start(name, ledger_main, ledger_wake, l);
    *ret_ledger = l;
    return 0;
}

const char *ledger_set_aside(const struct ledger *l)
{
    return trade_ledger_set_aside(l->db);
}

void ledger_on_commit(void *ledger, uint64_t committed_seq)
{
    struct ledger *l = ledger;
    atomic_store(&l->committed_seq, committed_seq);
    if (!atomic_load(&l->is_asleep))
        return;
    mutex_lock(&l->lock);
    cond_signal(&l->changed);
    mutex_unlock(&l->lock);
}

struct ledger *ledger_stop(struct ledger *l, uint64_t target_seq)
{
    if (l == NULL)
        return NULL;
    mutex_lock(&l->lock);
    atomic_store(&l->committed_seq, target_seq);
    mutex_unlock(&l->lock);
    thread_join(l->thread); /* asks it to stop; NULL after a halt */
    return ledger_free(l);
}

void ledger_halt(struct ledger *l)
{
    if (l == NULL)
        return;
    mutex_lock(&l->lock);
    atomic_store(&l->committed_seq, 0); /* nothing more to catch up with */
    mutex_unlock(&l->lock);
    l->thread = thread_join(l->thread);
}

uint64_t ledger_applied_seq(struct ledger *l)
{
    mutex_lock(&l->lock);
    uint64_t seq = l->applied_seq;
    mutex_unlock(&l->lock);
    return seq;
}
