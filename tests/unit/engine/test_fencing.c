/* Covers: the fencing claim of a trader between two processes (spec reliability 3.4): the process
 * that opened the journal first, frozen meanwhile, commits nothing and sends no order once another
 * has opened it, neither for a new signal nor for what it had committed before it was frozen; it
 * ends with code 71. The one that opened it last goes on. */
#include <ftw.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/hash.h"
#include "core/mutex.h"
#include "unit/engine/harness.h"

#define EXIT_FENCED 71
#define WAIT_US     INT64_C(20000000)

/* Seen by both processes. */
struct shared {
    _Atomic int ready, orders, answers, last_status;
    _Atomic bool busy;
};

static struct shared *shared;
static char dir[64];

static int fb_submit(struct broker *b, const struct broker_request *r)
{
    (void)b;
    if (shared->busy)
        return BROKER_E_BUSY;
    shared->orders += r->kind == BROKER_PLACE;
    return BROKER_ACCEPTED;
}

static bool fb_quote(struct broker *b, const char *symbol, struct quote *ret)
{
    (void)b;
    *ret = (struct quote){PRICE(265000), PRICE(265020), clock_wall_ms(clock_real())};
    return strcmp(symbol, "XAUUSD") == 0;
}

static const struct broker_ops fake_broker_ops = {
    .name = "fake", .submit = fb_submit, .quote = fb_quote};
static struct broker broker = {.ops = &fake_broker_ops};

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static void setup(void)
{
    cr_assert_eq(hash_global_init(), 0);
    (void)strcpy(dir, "/tmp/trident-fencing-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(shared, MAP_FAILED);
}

static void teardown(void)
{
    (void)nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(fencing, .init = setup, .fini = teardown, .timeout = 60);

static void rest(void)
{
    struct mutex m;
    struct cond never;
    mutex_init(&m);
    cond_init(&never);
    mutex_lock(&m);
    (void)cond_wait_until_us(&never, &m, clock_mono_us(clock_real()) + 2000);
    mutex_unlock(&m);
    cond_deinit(&never);
    mutex_deinit(&m);
}

static void wait_for(const _Atomic int *value, int at_least)
{
    int64_t until_us = clock_mono_us(clock_real()) + WAIT_US;
    while (*value < at_least && clock_mono_us(clock_real()) < until_us)
        rest();
    cr_assert_geq(*value, at_least);
}

static void on_done(struct input *in, const struct outcome *o, void *ctx)
{
    (void)in, (void)ctx;
    shared->last_status = (int)o->status;
    shared->answers++;
}

static void post(struct engine *e, enum input_kind kind, enum broker_event_kind event)
{
    struct input *in = input_new(kind);
    if (kind == INPUT_BROKER) {
        in->broker.kind = event;
    } else {
        in->signal = (struct signal)SIGNAL_INIT;
        in->signal.format = SIGNAL_FORMAT_V3;
        in->signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
        in->signal.side = SIDE_BUY;
        (void)str_copy(in->signal.symbol, sizeof(in->signal.symbol), "XAUUSD");
        in->done = on_done;
    }
    cr_assert_eq(engine_post(e, in), ENGINE_OK);
}

static struct engine *start(void)
{
    const struct engine_options opt = {.trader_id = "main",
                                       .dir = dir,
                                       .clock = clock_real(),
                                       .broker = &broker,
                                       .plugins = {&fake_plugin},
                                       .plugin_count = 1,
                                       .commands = harness_commands,
                                       .command_count = TR_ARRAY_SIZE(harness_commands),
                                       .rules = {.start_balance_e8 = 10000 * DEC_ONE}};
    struct engine *e = NULL;
    cr_assert_eq(engine_open(&opt, &e), 0);
    cr_assert_eq(engine_start(e), 0);
    post(e, INPUT_BROKER, BROKER_EVENT_LINK_UP);
    post(e, INPUT_BROKER, BROKER_EVENT_SNAPSHOT_BEGIN);
    post(e, INPUT_BROKER, BROKER_EVENT_SNAPSHOT_END);
    return e;
}

/* The process that will lose: a signal for each byte it is sent. */
static pid_t start_loser(int *ret_ask)
{
    int ask[2];
    cr_assert_eq(pipe(ask), 0);
    pid_t pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        char byte;
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* frozen or not it must not stay behind */
        struct engine *e = start();
        shared->ready = 1;
        while (read(ask[0], &byte, 1) == 1)
            post(e, INPUT_SIGNAL, BROKER_EVENT_UNSET);
        _exit(1);
    }
    cr_assert_eq(close(ask[0]), 0);
    *ret_ask = ask[1];
    wait_for(&shared->ready, 1);
    return pid;
}

static void freeze(pid_t pid)
{
    int status = 0;
    cr_assert_eq(kill(pid, SIGSTOP), 0);
    cr_assert_eq(waitpid(pid, &status, WUNTRACED), pid);
    cr_assert(WIFSTOPPED(status));
}

static void thaw_and_expect_the_end(pid_t pid)
{
    int status = 0;
    cr_assert_eq(kill(pid, SIGCONT), 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status));
    cr_assert_eq(WEXITSTATUS(status), EXIT_FENCED);
}

static void end(struct engine *e)
{
    engine_stop(e);
    cr_assert_null(engine_free(e));
}

Test(fencing, a_frozen_and_resumed_loser_commits_nothing_and_sends_nothing)
{
    int ask = -1;
    pid_t loser = start_loser(&ask);
    cr_assert_eq(write(ask, "1", 1), 1);
    wait_for(&shared->answers, 1);
    wait_for(&shared->orders, 2);
    freeze(loser);
    cr_assert_eq(write(ask, "2", 1), 1);

    struct engine *winner = start();
    post(winner, INPUT_SIGNAL, BROKER_EVENT_UNSET);
    wait_for(&shared->answers, 2);
    cr_assert_eq(shared->last_status, OUTCOME_COMMITTED);
    int orders = shared->orders; /* the winner first waits for what became of the loser's */
    struct engine_stats before, after;
    engine_get_stats(winner, &before);

    thaw_and_expect_the_end(loser);
    cr_assert_eq(shared->answers, 2); /* the second signal was never answered by the loser */
    cr_assert_eq(shared->orders, orders);
    post(winner, INPUT_SIGNAL, BROKER_EVENT_UNSET);
    wait_for(&shared->answers, 3);
    cr_assert_eq(shared->last_status, OUTCOME_COMMITTED);
    engine_get_stats(winner, &after);
    cr_assert_gt(after.committed_seq, before.committed_seq);
    end(winner);
    cr_assert_eq(close(ask), 0);
}

Test(fencing, what_a_loser_had_committed_before_it_was_frozen_is_not_sent_afterwards)
{
    int ask = -1;
    shared->busy = true; /* the venue takes nothing now: the orders wait, committed */
    pid_t loser = start_loser(&ask);
    cr_assert_eq(write(ask, "1", 1), 1);
    wait_for(&shared->answers, 1);
    cr_assert_eq(shared->last_status, OUTCOME_COMMITTED);
    freeze(loser);
    struct engine *winner = start();
    shared->busy = false;
    int orders = shared->orders; /* the winner asks about them, it does not place them again */
    thaw_and_expect_the_end(loser);
    cr_assert_eq(shared->orders, orders);
    cr_assert_eq(orders, 0);
    end(winner);
    cr_assert_eq(close(ask), 0);
}
