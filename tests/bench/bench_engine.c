/* The engine alone, in process: combined_v3 decides, the journal commits, the paper broker (in
 * memory) fills; no HTTP, no parsing, no projections. Signals are posted as fast as the queue takes
 * them; the clock stops when the last one is committed. Usage: bench_engine [folder], default the
 * current one. */
#include <dirent.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/bench.h"
#include "core/alloc.h"
#include "core/hash.h"
#include "engine/engine.h"

#define SIGNALS 200000
#define AT_ONCE 64

struct engine_bench {
    const char *folder;
    struct engine *engine;
    double rows_per_commit;
    atomic_size_t done; /* relaxed; the engine's thread writes */
};

/* The folder holds files only. */
static void remove_folder(const char *folder)
{
    DIR *d = opendir(folder);
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        TR_CLEANUP(mem_freep) char *path = xasprintf("%s/%s", folder, e->d_name);
        (void)unlink(path); /* not "." and ".." */
    }
    if (d != NULL)
        (void)closedir(d);
    (void)rmdir(folder);
}

static void on_broker(const struct broker_event *e, void *ctx)
{
    struct input *in = input_new(INPUT_BROKER);
    in->broker = *e;
    while (engine_post(ctx, in) == ENGINE_E_FULL) {
    }
}

static void on_done(struct input *in, const struct outcome *o, void *ctx)
{
    struct engine_bench *b = ctx;
    TR_ASSERT(in->kind == INPUT_SIGNAL);
    TR_ASSERT(o->status == OUTCOME_COMMITTED);
    atomic_fetch_add_explicit(&b->done, 1, memory_order_relaxed);
}

static struct input *signal_number(struct engine_bench *b, size_t n)
{
    static const char *const symbols[] = {"EURUSD", "GBPUSD", "XAUUSD"};
    static const enum signal_kind kinds[] = {SIGNAL_V3_MOMENTUM_BREAKOUT,
                                             SIGNAL_V3_INSTITUTIONAL_LAUNCHPAD,
                                             SIGNAL_V3_GOLDEN_POCKET_FLIP};
    static const enum timeframe tfs[] = {TF_5M, TF_15M, TF_1H, TF_4H};
    struct input *in = input_new(INPUT_SIGNAL);
    struct signal *s = &in->signal;
    *s = (struct signal)SIGNAL_INIT;
    s->format = SIGNAL_FORMAT_V3;
    s->side = n / 3 % 2 == 0 ? SIDE_BUY : SIDE_SELL;
    s->kind = n % 16 != 15          ? kinds[n / 5 % TR_ARRAY_SIZE(kinds)]
              : s->side == SIDE_BUY ? SIGNAL_V3_BULLISH_EXIT
                                    : SIGNAL_V3_BEARISH_EXIT;
    s->tf = tfs[n / 7 % TR_ARRAY_SIZE(tfs)];
    s->score = (int)(n / 11 % 10);
    (void)str_copy(s->symbol, sizeof(s->symbol), symbols[n % TR_ARRAY_SIZE(symbols)]);
    in->done = on_done;
    in->done_ctx = b;
    return in;
}

static double feed(struct engine_bench *b)
{
    atomic_store_explicit(&b->done, 0, memory_order_relaxed);
    double begin_s = bench_now_s();
    for (size_t n = 0; n < SIGNALS;) {
        struct input *batch[AT_ONCE];
        for (size_t i = 0; i < AT_ONCE; i++)
            batch[i] = signal_number(b, n + i);
        for (size_t posted = 0; posted < AT_ONCE;)
            posted += engine_post_many(b->engine, batch + posted, AT_ONCE - posted);
        n += AT_ONCE;
    }
    while (atomic_load_explicit(&b->done, memory_order_relaxed) < SIGNALS / AT_ONCE * AT_ONCE) {
    }
    return SIGNALS / (bench_now_s() - begin_s);
}

static double run(void *ctx)
{
    struct engine_bench *b = ctx;
    struct paper_conf paper;
    struct combined_v3_conf v3;
    struct engine_stats stats;
    paper_conf_defaults(&paper);
    combined_v3_conf_defaults(&v3);
    v3.max_daily_trades = 10000;
    v3.duplicate_window_ms = 1000;
    struct broker *broker = NULL;
    TR_ASSERT(paper_broker_new(&paper, clock_real(), &broker) == 0);
    struct engine_options opt = {
        .trader_id = "bench",
        .dir = b->folder,
        .clock = clock_real(),
        .broker = broker,
        .plugins = {&combined_v3_plugin},
        .plugin_confs = {&v3},
        .plugin_count = 1,
        .rules = {.start_balance_e8 = 10000 * DEC_ONE},
    };
    remove_folder(b->folder);
    TR_ASSERT(mkdir(b->folder, 0700) == 0);
    TR_ASSERT(engine_open(&opt, &b->engine) == 0);
    TR_ASSERT(engine_start(b->engine) == 0);
    TR_ASSERT(broker->ops->start(broker, on_broker, b->engine) == 0);
    double per_s = feed(b);
    broker->ops->stop(broker);
    engine_stop(b->engine);
    engine_get_stats(b->engine, &stats);
    b->rows_per_commit = (double)stats.inputs / (double)stats.batches;
    b->engine = engine_free(b->engine);
    broker = broker->ops->free(broker);
    return per_s;
}

int main(int argc, char **argv)
{
    TR_CLEANUP(mem_freep)
    char *folder = xasprintf("%s/bench_engine.tmp", argc > 1 ? argv[1] : ".");
    struct engine_bench b = {.folder = folder};
    TR_ASSERT(hash_global_init() == 0);
    double per_s = bench_median(run, &b);
    (void)printf("engine per_s=%.0f per_commit=%.0f\n", per_s, b.rows_per_commit);
    remove_folder(folder);
    return 0;
}
