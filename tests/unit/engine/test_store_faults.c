/* Covers: engine/engine over a disk whose n-th write, sync or truncate fails (once, or from there
 * on; EIO or full): what was acknowledged is there after reopening, once, and replays to the same
 * bytes; the process ends in no other way than exit code 70. Then the room kept for exits: on a
 * full disk entries are refused, exits and commands go on, and it recovers by itself without input.
 * TRIDENT_LONG=1 fails every operation instead of every few. */
#include <ftw.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "core/hash.h"
#include "core/mutex.h"
#include "engine/reserve.h"
#include "store/journal.h"
#include "support/fault_vfs.h"
#include "unit/engine/harness.h"

#define INPUTS          10
#define OPERATIONS_MAX  2000
#define EXIT_DONE       0
#define EXIT_NOT_OPEN   3
#define EXIT_DOCUMENTED 70

static int submit(struct broker *b, const struct broker_request *r)
{
    (void)b, (void)r;
    return BROKER_ACCEPTED;
}

static bool quote(struct broker *b, const char *symbol, struct quote *ret)
{
    (void)b;
    *ret = (struct quote){PRICE(265000), PRICE(265020), T0_MS};
    return strcmp(symbol, "XAUUSD") == 0;
}

static const struct broker_ops broker_ops = {.name = "fake", .submit = submit, .quote = quote};
static struct broker broker = {.ops = &broker_ops};
static char dir[64];
static struct engine_options opt;

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static void setup(void)
{
    cr_assert_eq(hash_global_init(), 0);
    (void)str_copy(dir, sizeof(dir), "/tmp/trident-faults-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    opt = (struct engine_options){.trader_id = "main",
                                  .dir = dir,
                                  .clock = clock_real(),
                                  .broker = &broker,
                                  .plugins = {&fake_plugin},
                                  .plugin_count = 1,
                                  .commands = harness_commands,
                                  .command_count = TR_ARRAY_SIZE(harness_commands),
                                  .rules = {.start_balance_e8 = 10000 * DEC_ONE},
                                  .snapshot_every = 4};
}

static void empty_dir(void)
{
    (void)nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    cr_assert_eq(file_mkdirs(dir, 0700), 0);
}

static void teardown(void)
{
    (void)nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(store_faults, .init = setup, .fini = teardown, .timeout = 300);

/* ---- one input and its answer ---- */

struct answer {
    struct mutex lock;
    struct cond cond;
    bool is_there;
    enum outcome_status status;
};

static void on_done(struct input *in, const struct outcome *o, void *ctx)
{
    struct answer *a = ctx;
    (void)in;
    mutex_lock(&a->lock);
    a->is_there = true;
    a->status = o->status;
    cond_signal(&a->cond);
    mutex_unlock(&a->lock);
}

static enum outcome_status post(struct engine *e, struct input *in)
{
    struct answer a = {.is_there = false};
    mutex_init(&a.lock);
    cond_init(&a.cond);
    in->done = on_done;
    in->done_ctx = &a;
    cr_assert_eq(engine_post(e, in), ENGINE_OK);
    mutex_lock(&a.lock);
    while (!a.is_there)
        cr_assert(cond_wait_until_us(&a.cond, &a.lock, clock_mono_us(clock_real()) + 10000000));
    mutex_unlock(&a.lock);
    cond_deinit(&a.cond);
    mutex_deinit(&a.lock);
    return a.status;
}

static struct input *command(const char *name, int id)
{
    struct input *in = input_new(INPUT_COMMAND);
    (void)str_copy(in->command.name, sizeof(in->command.name), name);
    in->command.origin = ORIGIN_BOT;
    in->command.bot = BOT_CONTROLLER;
    in->command.update_id = id;
    in->command.role = ROLE_ADMIN;
    in->command.lang = LANG_EN;
    (void)snprintf(in->key, sizeof(in->key), "tg:1:%d", id);
    return in;
}

static struct input *alert(enum signal_kind kind, int id)
{
    struct input *in = input_new(INPUT_SIGNAL);
    in->signal = (struct signal)SIGNAL_INIT;
    in->signal.format = SIGNAL_FORMAT_V3;
    in->signal.kind = kind;
    in->signal.side = SIDE_BUY;
    (void)str_copy(in->signal.symbol, sizeof(in->signal.symbol), "XAUUSD");
    (void)snprintf(in->key, sizeof(in->key), "wh:%d", id);
    return in;
}

/* ---- every operation fails once ---- */

/* In shared memory, so that it outlives the child. */
struct record {
    volatile bool is_acked[INPUTS + 1];
    volatile int operations;
};

/* Open, start, ten inputs (each tried twice), orderly stop. */
static void child_main(struct record *rec, int fail_at, int code, bool is_sticky)
{
    struct engine *e = NULL;
    fault_vfs_install();
    fault_plan_set(fail_at, code, is_sticky);
    if (engine_open(&opt, &e) != 0)
        _exit(EXIT_NOT_OPEN);
    if (engine_start(e) != 0) {
        engine_free(e);
        _exit(EXIT_NOT_OPEN);
    }
    for (int i = 1; i <= INPUTS; i++)
        for (int tries = 0; tries < 2 && !rec->is_acked[i]; tries++) {
            enum outcome_status s = post(e, i % 2 == 0 ? command(i % 4 == 0 ? "pause" : "resume", i)
                                                       : alert(SIGNAL_V3_MOMENTUM_BREAKOUT, i));
            rec->is_acked[i] = s == OUTCOME_COMMITTED;
        }
    engine_stop(e);
    engine_free(e);
    rec->operations = atomic_load(&fault_plan.operations);
    _exit(EXIT_DONE);
}

struct counted {
    int times[INPUTS + 1];
};

static int count_row(const struct journal_row *row, void *ctx)
{
    struct counted *c = ctx;
    int64_t id = 0;
    const char *colon = strrchr(row->key, ':');
    if (colon != NULL && str_to_i64(colon + 1, &id) && id >= 1 && id <= INPUTS)
        c->times[id]++;
    return 0;
}

/* What the next start finds on a sound disk. */
static void check_kept(const struct record *rec, int fail_at)
{
    struct engine *e = NULL;
    cr_assert_eq(engine_open(&opt, &e), 0, "cannot be opened after operation %d failed", fail_at);
    cr_assert_eq(engine_start(e), 0);
    engine_stop(e);
    engine_free(e);
    struct counted c = {{0}};
    struct journal_reader *reader = NULL;
    TR_CLEANUP(mem_freep) char *path = xasprintf("%s/journal.db", dir);
    uint64_t last = 0, rows = 0, bad = 0;
    uint8_t hash[HASH_SHA256_BYTES];
    cr_assert_eq(journal_reader_open(path, &reader), 0);
    cr_assert_eq(journal_read(reader, 0, 10000, 0, count_row, &c, &last), 0);
    cr_assert_eq(journal_verify(reader, &rows, &bad, hash), JOURNAL_OK);
    journal_reader_close(reader);
    for (int i = 1; i <= INPUTS; i++) {
        cr_assert_leq(c.times[i], 1, "operation %d: input %d applied twice", fail_at, i);
        if (rec->is_acked[i])
            cr_assert_eq(c.times[i], 1, "operation %d: input %d acknowledged and lost", fail_at, i);
    }
    cr_assert_eq(engine_replay_verify(&opt, &rows, &bad), 0, "operation %d: row %" PRIu64, fail_at,
                 bad);
}

static int run_with_fault(struct record *rec, int fail_at, int code, bool is_sticky)
{
    empty_dir();
    memset((void *)rec, 0, sizeof(*rec));
    pid_t child = fork();
    if (child == 0)
        child_main(rec, fail_at, code, is_sticky);
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status), "operation %d: signal %d", fail_at, WTERMSIG(status));
    int code_seen = WEXITSTATUS(status);
    cr_assert(code_seen == EXIT_DONE || code_seen == EXIT_NOT_OPEN || code_seen == EXIT_DOCUMENTED,
              "operation %d: exit code %d", fail_at, code_seen);
    check_kept(rec, fail_at);
    return code_seen;
}

static void fail_each(int code, bool is_sticky, int first)
{
    struct record *rec =
        mmap(NULL, sizeof(*rec), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(rec, MAP_FAILED);
    int step = getenv("TRIDENT_LONG") != NULL ? 1 : 7;
    cr_assert_eq(run_with_fault(rec, 0, code, false), EXIT_DONE);
    int all = rec->operations;
    cr_assert(all > 50 && all < OPERATIONS_MAX, "the scenario has %d operations", all);
    for (int i = 1; i <= INPUTS; i++)
        cr_assert(rec->is_acked[i], "without a fault everything is acknowledged");
    for (int at = step == 1 ? 1 : first; at <= all; at += step)
        (void)run_with_fault(rec, at, code, is_sticky); /* any of the documented ends */
    cr_assert_eq(munmap(rec, sizeof(*rec)), 0);
}

Test(store_faults, one_failed_write_or_sync_loses_nothing_acknowledged)
{
    fail_each(SQLITE_IOERR_WRITE, false, 1);
}

Test(store_faults, a_disk_that_stays_broken_loses_nothing_acknowledged)
{
    fail_each(SQLITE_IOERR_FSYNC, true, 3);
}

Test(store_faults, a_disk_that_is_full_for_a_moment_loses_nothing_acknowledged)
{
    fail_each(SQLITE_FULL, false, 5);
}

Test(store_faults, a_disk_that_stays_full_loses_nothing_acknowledged)
{
    fail_each(SQLITE_FULL, true, 2);
}

/* ---- the room kept for exits ---- */

static atomic_int told_failing, told_working;

static void on_fault(void *ctx, const char *what, bool failing)
{
    (void)ctx, (void)what;
    atomic_fetch_add(failing ? &told_failing : &told_working, 1);
}

Test(store_faults, on_a_full_disk_exits_go_on_and_entries_wait)
{
    struct engine *e = NULL;
    struct engine_stats stats;
    TR_CLEANUP(mem_freep) char *reserve = xasprintf("%s/reserve", dir);
    opt.on_store_fault = on_fault;
    fault_vfs_install();
    fault_plan_set(0, SQLITE_FULL, false);
    cr_assert_eq(engine_open(&opt, &e), 0);
    cr_assert_eq(engine_start(e), 0);
    cr_assert(file_exists(reserve));
    fault_plan_set(1, SQLITE_FULL, false); /* full; with the reserve given up there is room again */
    cr_assert_eq(post(e, alert(SIGNAL_V3_MOMENTUM_BREAKOUT, 1)), OUTCOME_NOT_STORED);
    cr_assert_not(file_exists(reserve), "the room is given up");
    cr_assert_eq(told_failing, 1);
    cr_assert_eq(post(e, alert(SIGNAL_V3_MOMENTUM_BREAKOUT, 2)), OUTCOME_NOT_STORED);
    cr_assert_eq(post(e, alert(SIGNAL_V3_BULLISH_EXIT, 3)), OUTCOME_COMMITTED);
    cr_assert_eq(post(e, command("panic", 4)), OUTCOME_COMMITTED);
    engine_get_stats(e, &stats);
    cr_assert(stats.store_failing && stats.entries_halted);
    cr_assert_eq(told_working, 0, "living on the reserve is not working");
    for (int i = 0; i < 500 && told_working == 0; i++) /* no input comes; it finds out by itself */
        (void)usleep(10000);
    cr_assert_eq(told_working, 1);
    cr_assert_eq(told_failing, 1);
    cr_assert(file_exists(reserve), "the room is kept again");
    cr_assert_eq(post(e, alert(SIGNAL_V3_MOMENTUM_BREAKOUT, 5)), OUTCOME_COMMITTED);
    engine_stop(e);
    engine_free(e);
}
