/* Covers: engine/engine, recover, ledger: post and commit, duplicates, expiry, full and closed
 * queue, restart, kill -9 while committing, replay byte by byte, a journal that cannot be written.
 */
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "core/hash.h"
#include "core/mutex.h"
#include "store/journal.h"
#include "unit/engine/harness.h"

/* ---- a broker that counts ---- */

struct fake_broker {
    struct broker base;
    _Atomic int placed, closed, queries;
};

static int fb_submit(struct broker *b, const struct broker_request *r)
{
    struct fake_broker *f = (struct fake_broker *)b;
    f->placed += r->kind == BROKER_PLACE;
    f->closed += r->kind == BROKER_CLOSE;
    f->queries += r->kind == BROKER_QUERY;
    return BROKER_ACCEPTED;
}

static bool fb_quote(struct broker *b, const char *symbol, struct quote *ret)
{
    (void)b;
    *ret = (struct quote){PRICE(265000), PRICE(265020), T0_MS};
    return strcmp(symbol, "XAUUSD") == 0;
}

static const struct broker_ops fake_broker_ops = {
    .name = "fake", .submit = fb_submit, .quote = fb_quote};

/* ---- fixture ---- */

static char dir[64];
static struct fake_broker broker;
static struct engine_options opt;

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static void setup(void)
{
    cr_assert_eq(hash_global_init(), 0);
    (void)strcpy(dir, "/tmp/trident-engine-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    broker = (struct fake_broker){.base.ops = &fake_broker_ops};
    opt = (struct engine_options){
        .trader_id = "main",
        .dir = dir,
        .clock = clock_real(),
        .broker = &broker.base,
        .plugins = {&fake_plugin},
        .plugin_count = 1,
        .commands = harness_commands,
        .command_count = TR_ARRAY_SIZE(harness_commands),
        .rules = {.start_balance_e8 = 10000 * DEC_ONE, .utc_offset_min = 330},
        .snapshot_every = 50};
}

static void teardown(void)
{
    (void)nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(engine, .init = setup, .fini = teardown, .timeout = 60);

struct waiter {
    struct mutex lock;
    struct cond cond;
    int done;
    struct outcome last;
};

static void waiter_init(struct waiter *w)
{
    memset(w, 0, sizeof(*w));
    mutex_init(&w->lock);
    cond_init(&w->cond);
}

static void on_done(struct input *in, const struct outcome *o, void *ctx)
{
    struct waiter *w = ctx;
    (void)in;
    mutex_lock(&w->lock);
    w->last = *o;
    w->last.decision = NULL;
    w->done++;
    cond_signal(&w->cond);
    mutex_unlock(&w->lock);
}

static void wait_for(struct waiter *w, int count)
{
    mutex_lock(&w->lock);
    while (w->done < count)
        cr_assert(cond_wait_until_us(&w->cond, &w->lock, clock_mono_us(clock_real()) + 10000000));
    mutex_unlock(&w->lock);
}

static struct input *pause_input(const char *name, int64_t update_id, struct waiter *w)
{
    struct input *in = input_new(INPUT_COMMAND);
    (void)str_copy(in->command.name, sizeof(in->command.name), name);
    in->command.origin = ORIGIN_BOT;
    in->command.bot = BOT_CONTROLLER;
    in->command.update_id = update_id;
    in->command.role = ROLE_TRADER;
    in->command.lang = LANG_EN;
    in->command.chat_id = 7;
    (void)snprintf(in->key, sizeof(in->key), "tg:1:%" PRId64, update_id);
    in->done = on_done;
    in->done_ctx = w;
    return in;
}

static struct input *signal_input(struct waiter *w)
{
    struct input *in = input_new(INPUT_SIGNAL);
    in->signal = (struct signal)SIGNAL_INIT;
    in->signal.format = SIGNAL_FORMAT_V3;
    in->signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    in->signal.side = SIDE_BUY;
    (void)str_copy(in->signal.symbol, sizeof(in->signal.symbol), "XAUUSD");
    in->done = on_done;
    in->done_ctx = w;
    return in;
}

static void post_broker(struct engine *e, enum broker_event_kind kind)
{
    struct input *in = input_new(INPUT_BROKER);
    in->broker.kind = kind;
    cr_assert_eq(engine_post(e, in), ENGINE_OK);
}

static void link_up(struct engine *e)
{
    post_broker(e, BROKER_EVENT_LINK_UP);
    post_broker(e, BROKER_EVENT_SNAPSHOT_BEGIN);
    post_broker(e, BROKER_EVENT_SNAPSHOT_END);
}

/* ---- tests ---- */

Test(engine, commits_then_answers_and_only_then_sends)
{
    struct engine *e = NULL;
    struct waiter w;
    waiter_init(&w);
    cr_assert_eq(engine_open(&opt, &e), 0);
    cr_assert_eq(engine_start(e), 0);
    link_up(e);
    cr_assert_eq(engine_post(e, signal_input(&w)), ENGINE_OK);
    wait_for(&w, 1);
    cr_assert_eq(w.last.status, OUTCOME_COMMITTED);
    cr_assert_eq(w.last.receipt.reason, REASON_ACCEPTED);
    cr_assert_eq(broker.placed, 2);
    engine_stop(e);
    engine_free(e);
}

Test(engine, same_key_has_one_effect_and_the_first_number)
{
    struct engine *e = NULL;
    struct waiter w;
    waiter_init(&w);
    cr_assert_eq(engine_open(&opt, &e), 0);
    cr_assert_eq(engine_start(e), 0);
    cr_assert_eq(engine_post(e, pause_input("pause", 41, &w)), ENGINE_OK);
    wait_for(&w, 1);
    uint64_t first = w.last.receipt.seq;
    cr_assert_eq(engine_post(e, pause_input("pause", 41, &w)), ENGINE_OK);
    wait_for(&w, 2);
    cr_assert_eq(w.last.status, OUTCOME_DUPLICATE);
    cr_assert_eq(w.last.receipt.seq, first);
    engine_stop(e);
    engine_free(e);
    cr_assert_eq(engine_open(&opt, &e), 0, "after a restart too");
    cr_assert_eq(engine_start(e), 0);
    cr_assert_eq(engine_bot_offset(e, BOT_CONTROLLER), 42);
    cr_assert_eq(engine_post(e, pause_input("pause", 41, &w)), ENGINE_OK);
    wait_for(&w, 3);
    cr_assert_eq(w.last.status, OUTCOME_DUPLICATE);
    engine_stop(e);
    engine_free(e);
}

Test(engine, a_chosen_language_is_known_outside_and_after_a_restart)
{
    struct engine *e = NULL;
    struct waiter w;
    waiter_init(&w);
    cr_assert_eq(engine_open(&opt, &e), 0);
    cr_assert_eq(engine_start(e), 0);
    struct input *in = pause_input("language", 41, &w);
    in->command.user_id = 7;
    (void)str_copy(in->command.args, sizeof(in->command.args), "hinglish");
    cr_assert_eq(engine_user_lang(e, 7), LANG_UNSET);
    cr_assert_eq(engine_post(e, in), ENGINE_OK);
    wait_for(&w, 1);
    cr_assert_eq(w.last.receipt.reason, REASON_ACCEPTED);
    engine_stop(e);
    engine_free(e);
    cr_assert_eq(engine_open(&opt, &e), 0);
    cr_assert_eq(engine_start(e), 0);
    cr_assert_eq(engine_user_lang(e, 7), LANG_HINGLISH);
    cr_assert_eq(engine_user_lang(e, 8), LANG_UNSET);
    engine_stop(e);
    engine_free(e);
    uint64_t rows = 0, bad = 0;
    cr_assert_eq(engine_replay_verify(&opt, &rows, &bad), 0);
}

Test(engine, expired_input_changes_nothing)
{
    struct engine *e = NULL;
    struct waiter w;
    waiter_init(&w);
    cr_assert_eq(engine_open(&opt, &e), 0);
    cr_assert_eq(engine_start(e), 0);
    struct input *in = pause_input("pause", 1, &w);
    in->deadline_mono_us = clock_mono_us(clock_real()) - 1;
    cr_assert_eq(engine_post(e, in), ENGINE_OK);
    wait_for(&w, 1);
    cr_assert_eq(w.last.status, OUTCOME_EXPIRED);
    struct engine_stats stats;
    engine_get_stats(e, &stats);
    cr_assert_not(stats.paused);
    engine_stop(e);
    engine_free(e);
}

Test(engine, closed_queue_is_an_answer)
{
    struct engine *e = NULL;
    struct waiter w;
    waiter_init(&w);
    cr_assert_eq(engine_open(&opt, &e), 0);
    cr_assert_eq(engine_start(e), 0);
    engine_stop(e);
    struct input *in = pause_input("pause", 1, &w);
    cr_assert_eq(engine_post(e, in), ENGINE_E_CLOSED);
    input_free(in);
    engine_free(e);
}

Test(engine, full_queue_is_an_answer_and_panic_still_gets_in)
{
    struct engine *e = NULL;
    struct waiter w;
    waiter_init(&w);
    opt.queue_capacity = 16;
    cr_assert_eq(engine_open(&opt, &e), 0); /* no thread: nothing drains */
    int posted = 0;
    for (;; posted++) {
        struct input *in = signal_input(&w);
        if (engine_post(e, in) == ENGINE_OK)
            continue;
        input_free(in);
        break;
    }
    cr_assert_eq(posted, 16);
    cr_assert_eq(engine_post(e, pause_input("panic", 9, &w)), ENGINE_OK);
    cr_assert_eq(engine_start(e), 0);
    wait_for(&w, 17);
    engine_stop(e);
    struct engine_stats stats;
    engine_get_stats(e, &stats);
    cr_assert(stats.panicked);
    cr_assert_eq(broker.placed, 0, "panic overtook the sixteen signals");
    engine_free(e);
}

Test(engine, restart_restores_everything_with_and_without_snapshot)
{
    for (int round = 0; round < 3; round++) {
        struct engine *e = NULL;
        struct waiter w;
        waiter_init(&w);
        cr_assert_eq(engine_open(&opt, &e), 0);
        cr_assert_eq(engine_start(e), 0);
        link_up(e);
        for (int i = 0; i < 120; i++)
            cr_assert_eq(engine_post(e, pause_input(i % 2 == 0 ? "pause" : "resume",
                                                    1000 * round + i + 1, &w)),
                         ENGINE_OK);
        wait_for(&w, 120);
        engine_stop(e);
        engine_free(e);
    }
    uint64_t rows = 0, bad = 0;
    cr_assert_eq(engine_replay_verify(&opt, &rows, &bad), 0);
    cr_assert_geq(rows, 360);
}

Test(engine, replay_names_the_row_whose_outputs_differ)
{
    struct engine *e = NULL;
    struct waiter w;
    waiter_init(&w);
    cr_assert_eq(engine_open(&opt, &e), 0);
    cr_assert_eq(engine_start(e), 0);
    cr_assert_eq(engine_post(e, pause_input("pause", 1, &w)), ENGINE_OK);
    wait_for(&w, 1);
    uint64_t seq = w.last.receipt.seq;
    engine_stop(e);
    engine_free(e);
    static const struct command_ops silent_pause = {"pause", ROLE_TRADER, true, 60000, run_resume};
    const struct command_ops *const other[] = {&ops_closeall, &ops_panic, &silent_pause,
                                               &ops_resume};
    opt.commands = other;
    uint64_t rows = 0, bad = 0;
    cr_assert_eq(engine_replay_verify(&opt, &rows, &bad), JOURNAL_E_MISMATCH);
    cr_assert_eq(bad, seq);
}

/* The child posts commands and writes the id of each acknowledged one to shared memory; it is
 * killed at a random moment; the next incarnation must know every acknowledged one and go on. */
static void child_main(int64_t *acked, int64_t first)
{
    struct engine *e = NULL;
    struct waiter w;
    waiter_init(&w);
    if (engine_open(&opt, &e) != 0 || engine_start(e) != 0)
        _exit(3);
    for (int64_t id = first;; id++) {
        if (engine_post(e, pause_input(id % 2 == 0 ? "pause" : "resume", id, &w)) != ENGINE_OK)
            _exit(4);
        wait_for(&w, (int)(id - first + 1));
        if (w.last.status != OUTCOME_COMMITTED)
            _exit(5);
        *(volatile int64_t *)acked = id;
    }
}

Test(engine, kill_minus_nine_loses_nothing_acknowledged)
{
    int64_t *acked = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct rng {
        uint64_t s;
    } seed = {12345};
    int64_t next = 1;
    for (int round = 0; round < 12; round++) {
        pid_t child = fork();
        if (child == 0)
            child_main(acked, next);
        seed.s = seed.s * 6364136223846793005u + 1442695040888963407u;
        (void)usleep(20000 + (useconds_t)(seed.s >> 33) % 40000);
        cr_assert_eq(kill(child, SIGKILL), 0);
        int status = 0;
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert(WIFSIGNALED(status), "the child ended by itself: %d", status);
        struct engine *e = NULL;
        cr_assert_eq(engine_open(&opt, &e), 0);
        cr_assert_eq(engine_start(e), 0);
        if (*acked > 0)
            cr_assert_geq(engine_bot_offset(e, BOT_CONTROLLER), *acked + 1);
        if (engine_bot_offset(e, BOT_CONTROLLER) >
            0) /* the one in flight may be in the journal too */
            next = engine_bot_offset(e, BOT_CONTROLLER);
        engine_stop(e);
        engine_free(e);
    }
    cr_assert_gt(*acked, 0);
    uint64_t rows = 0, bad = 0;
    cr_assert_eq(engine_replay_verify(&opt, &rows, &bad), 0);
}
