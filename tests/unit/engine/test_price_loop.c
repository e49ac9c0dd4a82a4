/* Covers: the live engine with the paper venue on threads: quotes that reach nothing make no
 * journal row, one that reaches a level makes one; stops move at the venue and the journal says so;
 * after a restart the levels are watched again; a venue that lost the answer is asked; the journal
 * replays to the same bytes. */
#include <ftw.h>
#include <stdlib.h>

#include "core/hash.h"
#include "core/mutex.h"
#include "harness.h"
#include "store/journal.h"

#define WAIT_US INT64_C(20000000)

static char dir[64];
static struct engine_options opt;
static struct engine *engine;

struct wakes {
    struct mutex lock;
    struct cond cond;
    uint64_t seq;
};
static struct wakes wakes;

struct counts {
    int price_rows, moved, opened, asked;
    struct broker_event last_answer;
};

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static void on_commit(void *ctx, uint64_t seq)
{
    (void)ctx;
    mutex_lock(&wakes.lock);
    wakes.seq = seq;
    cond_signal(&wakes.cond);
    mutex_unlock(&wakes.lock);
}

static void on_broker(const struct broker_event *e, void *ctx)
{
    (void)ctx;
    struct input *in = input_new(INPUT_BROKER);
    in->broker = *e;
    if (e->kind == BROKER_EVENT_FILL)
        (void)snprintf(in->key, sizeof(in->key), "ex:%" PRIu64, e->exec_id);
    if (engine_post(engine, in) != ENGINE_OK)
        input_free(in); /* the engine has ended */
}

static int count_output(const struct output_view *v, void *ctx)
{
    struct counts *c = ctx;
    if (v->kind != OUTPUT_EVENT)
        return 0;
    c->moved += v->event.type == EVENT_SL_MODIFIED;
    c->opened += v->event.type == EVENT_ENTRY;
    return 0;
}

static int count_row(const struct journal_row *row, void *ctx)
{
    struct counts *c = ctx;
    c->price_rows += row->kind == INPUT_PRICE;
    return outputs_visit(row->output, row->output_len, count_output, c);
}

static struct counts counts(void)
{
    struct counts c = {0};
    struct journal_reader *r = NULL;
    char path[128];
    uint64_t last = 0;
    (void)snprintf(path, sizeof(path), "%s/journal.db", dir);
    cr_assert_eq(journal_reader_open(path, &r), 0);
    cr_assert_eq(journal_read(r, 0, 100000, 0, count_row, &c, &last), 0);
    journal_reader_close(r);
    return c;
}

/* Until so many entries have filled and stops have moved. */
static void wait_for(int opened, int moved)
{
    int64_t until_us = clock_mono_us(clock_real()) + WAIT_US;
    uint64_t seen = UINT64_MAX;
    for (;;) {
        struct counts c = counts();
        if (c.opened >= opened && c.moved >= moved)
            return;
        mutex_lock(&wakes.lock);
        while (wakes.seq == seen)
            cr_assert(cond_wait_until_us(&wakes.cond, &wakes.lock, until_us), "%d opened, %d moved",
                      c.opened, c.moved);
        seen = wakes.seq;
        mutex_unlock(&wakes.lock);
    }
}

static void setup(void)
{
    cr_assert_eq(hash_global_init(), 0);
    (void)strcpy(dir, "/tmp/trident-prices-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    mutex_init(&wakes.lock);
    cond_init(&wakes.cond);
    opt = (struct engine_options){.trader_id = "main",
                                  .dir = dir,
                                  .clock = clock_real(),
                                  .plugins = {&fake_plugin},
                                  .plugin_count = 1,
                                  .commands = harness_commands,
                                  .command_count = TR_ARRAY_SIZE(harness_commands),
                                  .price_interval_ms = 5,
                                  .wakes = {{on_commit, NULL}},
                                  .wake_count = 1,
                                  .rules = {.start_balance_e8 = 10000 * DEC_ONE,
                                            .utc_offset_min = 330,
                                            .order_deadline_ms = 200}};
    struct exit_rules *r = &opt.rules.exits[0];
    exit_rules_defaults(r);
    (void)str_copy(r->plugin, sizeof(r->plugin), "fake");
    r->has_lock = true;
    r->trailing = EXIT_TRAILING_PERCENT;
}

static void teardown(void)
{
    (void)nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(price_loop, .init = setup, .fini = teardown, .timeout = 60);

static void quote(int64_t bid_e8)
{
    paper_broker_tick(opt.broker, "XAUUSD", bid_e8, bid_e8 + PRICE(10),
                      clock_wall_ms(clock_real()));
}

static void start(const struct paper_conf *conf)
{
    cr_assert_eq(paper_broker_new(conf, clock_real(), &opt.broker), 0);
    quote(PRICE(264990));
    cr_assert_eq(engine_open(&opt, &engine), 0);
    cr_assert_eq(engine_start(engine), 0);
    cr_assert_eq(opt.broker->ops->start(opt.broker, on_broker, NULL), 0);
}

static void stop(void)
{
    engine_stop(engine);
    opt.broker->ops->stop(opt.broker);
    engine = engine_free(engine);
    opt.broker = opt.broker->ops->free(opt.broker);
}

static void enter(void)
{
    struct engine_stats st;
    do { /* the first snapshot opens the gate */
        mutex_lock(&wakes.lock);
        uint64_t seen = wakes.seq;
        mutex_unlock(&wakes.lock);
        engine_get_stats(engine, &st);
        mutex_lock(&wakes.lock);
        while (st.entries_halted && wakes.seq == seen)
            cr_assert(cond_wait_until_us(&wakes.cond, &wakes.lock,
                                         clock_mono_us(clock_real()) + WAIT_US));
        mutex_unlock(&wakes.lock);
    } while (st.entries_halted);
    struct input *in = input_new(INPUT_SIGNAL);
    in->signal = (struct signal)SIGNAL_INIT;
    in->signal.format = SIGNAL_FORMAT_V3;
    in->signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    in->signal.side = SIDE_BUY;
    (void)str_copy(in->signal.symbol, sizeof(in->signal.symbol), "XAUUSD");
    cr_assert_eq(engine_post(engine, in), ENGINE_OK);
}

static void assert_replays(void)
{
    uint64_t rows = 0, bad = 0;
    struct broker nobody = {NULL};
    opt.broker = &nobody;
    cr_assert_eq(engine_replay_verify(&opt, &rows, &bad), 0, "row %" PRIu64, bad);
    cr_assert_gt(rows, 5);
}

static struct paper_conf venue(void)
{
    struct paper_conf conf;
    paper_conf_defaults(&conf);
    conf.feed = PAPER_FEED_MANUAL;
    (void)snprintf(conf.state_path, sizeof(conf.state_path), "%s/venue.log", dir);
    return conf;
}

Test(price_loop, prices_move_stops_and_only_reached_levels_are_journaled)
{
    struct paper_conf conf = venue();
    start(&conf);
    enter();
    wait_for(2, 0); /* bought at 2650.00, stop 2640.00 */
    for (int i = 0; i < 39; i++)
        quote(PRICE(265000 + i));
    cr_assert_eq(counts().price_rows, 0, "a cent below the lock");
    quote(PRICE(265040));
    wait_for(2, 2);
    cr_assert_eq(counts().price_rows, 1);
    quote(PRICE(265015));
    quote(PRICE(265300));
    stop();
    start(&conf);
    quote(PRICE(265500)); /* half of the first stop: trailing begins, but the lock is better */
    quote(PRICE(265750));
    wait_for(2, 4);
    stop();
    assert_replays();
}

Test(price_loop, lost_answers_are_asked_for_and_nothing_moves_twice)
{
    struct paper_conf conf = venue();
    conf.fault_lost_answer = 10000;
    start(&conf);
    enter();
    wait_for(2, 0);
    quote(PRICE(265040));
    wait_for(2, 2);
    cr_assert_eq(counts().moved, 2);
    stop();
    assert_replays();
}
