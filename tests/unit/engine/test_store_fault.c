/* Covers: engine/engine while the journal cannot be written: nothing is acknowledged, duplicates of
 * what was not stored either, the broker's facts are kept in order however many, the end comes
 * anyway; and time after the wall clock was set back. The journal is made unwritable by a second
 * writer that holds its lock, or by a limit on the size of files. */
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "core/hash.h"
#include "core/mutex.h"
#include "store/db.h"
#include "store/journal.h"
#include "unit/engine/harness.h"

#define FACTS 600

static _Atomic int queries;

static int fb_submit(struct broker *b, const struct broker_request *r)
{
    (void)b;
    queries += r->kind == BROKER_QUERY;
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

static char dir[64], journal_path[96];
static struct broker broker = {.ops = &fake_broker_ops};
static struct engine_options opt;
static struct engine *engine;
static struct db *blocker;

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
    (void)snprintf(journal_path, sizeof(journal_path), "%s/journal.db", dir);
    opt = (struct engine_options){.trader_id = "main",
                                  .dir = dir,
                                  .clock = clock_real(),
                                  .broker = &broker,
                                  .plugins = {&fake_plugin},
                                  .plugin_count = 1,
                                  .commands = harness_commands,
                                  .command_count = TR_ARRAY_SIZE(harness_commands),
                                  .rules = {.start_balance_e8 = 10000 * DEC_ONE}};
}

static void teardown(void)
{
    (void)nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(store_fault, .init = setup, .fini = teardown, .timeout = 60);

static void start(void)
{
    cr_assert_eq(engine_open(&opt, &engine), 0);
    cr_assert_eq(engine_start(engine), 0);
}

static void end(void)
{
    engine_stop(engine);
    engine = engine_free(engine);
}

static void block(void)
{
    static const char *const migrations[] = {"SELECT 1", "SELECT 1"};
    cr_assert_eq(db_open(journal_path, DB_FULL, migrations, 2, &blocker), 0);
    cr_assert_eq(db_begin(blocker), 0);
}

static void unblock(void)
{
    db_rollback(blocker);
    blocker = db_close(blocker);
}

struct answers {
    struct mutex lock;
    struct cond changed;
    int count;
    enum outcome_status status[4];
};

static void on_done(struct input *in, const struct outcome *o, void *ctx)
{
    struct answers *a = ctx;
    (void)in;
    mutex_lock(&a->lock);
    if (a->count < 4)
        a->status[a->count] = o->status;
    a->count++;
    cond_signal(&a->changed);
    mutex_unlock(&a->lock);
}

static void wait_for(struct answers *a, int count)
{
    mutex_lock(&a->lock);
    while (a->count < count)
        cr_assert(
            cond_wait_until_us(&a->changed, &a->lock, clock_mono_us(clock_real()) + 10000000));
    mutex_unlock(&a->lock);
}

static void answers_init(struct answers *a)
{
    memset(a, 0, sizeof(*a));
    mutex_init(&a->lock);
    cond_init(&a->changed);
}

static void answers_deinit(struct answers *a)
{
    cond_deinit(&a->changed);
    mutex_deinit(&a->lock);
}

static struct input *command(const char *name, int64_t update_id, struct answers *a)
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
    in->done_ctx = a;
    return in;
}

static void fact(uint64_t exec_id)
{
    struct input *in = input_new(INPUT_BROKER);
    in->broker.kind = BROKER_EVENT_FILL;
    in->broker.purpose = ORDER_OPEN;
    in->broker.cid = exec_id;
    in->broker.exec_id = exec_id;
    in->broker.lots_e8 = LOT(1);
    in->broker.price_e8 = PRICE(265000);
    (void)snprintf(in->key, sizeof(in->key), "ex:%" PRIu64, exec_id);
    cr_assert_eq(engine_post(engine, in), ENGINE_OK);
}

static int check_order(const struct journal_row *row, void *ctx)
{
    uint64_t *next = ctx;
    char key[INPUT_KEY_CAP];
    (void)snprintf(key, sizeof(key), "ex:%" PRIu64, *next);
    if (row->kind == INPUT_BROKER) {
        cr_assert_str_eq(row->key, key);
        (*next)++;
    }
    return 0;
}

static uint64_t facts_in_order(void)
{
    struct journal_reader *reader = NULL;
    uint64_t next = 1, at = 0, last = 0;
    cr_assert_eq(journal_reader_open(journal_path, &reader), 0);
    for (;;) {
        cr_assert_eq(journal_read(reader, at, 4096, 0, check_order, &next, &last), 0);
        if (last == at)
            break;
        at = last;
    }
    journal_reader_close(reader);
    return next - 1;
}

/* From here on files cannot grow: transactions begin, and their commit fails. */
static void limit_files(rlim_t bytes)
{
    struct rlimit lim;
    (void)signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &lim), 0);
    lim.rlim_cur = bytes;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &lim), 0);
}

Test(store_fault, a_duplicate_of_what_was_not_stored_is_not_stored)
{
    struct answers a;
    answers_init(&a);
    start();
    limit_files(1);
    struct input *both[] = {command("pause", 5, &a), command("pause", 5, &a)};
    cr_assert_eq(engine_post_many(engine, both, 2), 2);
    wait_for(&a, 2);
    cr_assert_eq(a.status[0], OUTCOME_NOT_STORED);
    cr_assert_eq(a.status[1], OUTCOME_NOT_STORED, "200 for something that is nowhere");
    limit_files(RLIM_INFINITY);
    cr_assert_eq(engine_post(engine, command("pause", 5, &a)), ENGINE_OK);
    wait_for(&a, 3);
    cr_assert_eq(a.status[2], OUTCOME_COMMITTED);
    end();
    answers_deinit(&a);
}

Test(store_fault, every_fact_of_the_broker_is_kept_in_order)
{
    struct answers a;
    answers_init(&a);
    start();
    block();
    for (uint64_t i = 1; i <= FACTS; i++)
        fact(i);
    cr_assert_eq(engine_post(engine, command("pause", 5, &a)), ENGINE_OK);
    struct mutex lock;
    struct cond never;
    mutex_init(&lock);
    cond_init(&never);
    mutex_lock(&lock);
    int64_t until_us = clock_mono_us(clock_real()) + 1500000;
    while (cond_wait_until_us(&never, &lock, until_us)) {
    }
    mutex_unlock(&lock);
    cond_deinit(&never);
    mutex_deinit(&lock);
    unblock();
    wait_for(&a, 1);
    end();
    cr_assert_eq(facts_in_order(), FACTS);
    answers_deinit(&a);
}

Test(store_fault, the_end_comes_although_facts_cannot_be_stored)
{
    start();
    block();
    fact(1);
    int64_t began_us = clock_mono_us(clock_real());
    end();
    cr_assert_lt(clock_mono_us(clock_real()) - began_us, INT64_C(5000000));
    unblock();
}

Test(store_fault, time_goes_on_after_the_wall_clock_was_set_back)
{
    struct answers a;
    answers_init(&a);
    opt.clock = clock_manual_new(clock_mono_us(clock_real()), T0_MS);
    opt.rules.order_deadline_ms = 5000;
    start();
    struct input *in = input_new(INPUT_BROKER);
    in->broker.kind = BROKER_EVENT_LINK_UP;
    cr_assert_eq(engine_post(engine, in), ENGINE_OK);
    in = input_new(INPUT_BROKER);
    in->broker.kind = BROKER_EVENT_SNAPSHOT_END;
    cr_assert_eq(engine_post(engine, in), ENGINE_OK);
    in = input_new(INPUT_SIGNAL);
    in->signal = (struct signal)SIGNAL_INIT;
    in->signal.format = SIGNAL_FORMAT_V3;
    in->signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    in->signal.side = SIDE_BUY;
    (void)str_copy(in->signal.symbol, sizeof(in->signal.symbol), "XAUUSD");
    in->done = on_done;
    in->done_ctx = &a;
    cr_assert_eq(engine_post(engine, in), ENGINE_OK);
    wait_for(&a, 1);
    clock_manual_set_wall_ms(opt.clock, T0_MS - 3600000);
    clock_manual_advance_us(opt.clock, 6000000);
    in = command("closeall", 6, &a);
    in->command.sent_ms = clock_wall_ms(opt.clock);
    cr_assert_eq(engine_post(engine, in), ENGINE_OK);
    wait_for(&a, 2);
    for (int i = 0; i < 500 && queries == 0; i++) {
        in = command("resume", 100 + i, &a);
        in->command.sent_ms = clock_wall_ms(opt.clock);
        cr_assert_eq(engine_post(engine, in), ENGINE_OK);
        wait_for(&a, 3 + i);
    }
    cr_assert_eq(queries, 2, "both orders passed their deadline");
    struct engine_stats stats;
    engine_get_stats(engine, &stats);
    cr_assert_eq(stats.orders_unknown, 2);
    end();
    opt.clock = clock_free(opt.clock);
    answers_deinit(&a);
}
