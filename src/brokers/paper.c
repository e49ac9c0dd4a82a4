/* brokers/paper.c: the paper broker's thread and function table.
 *
 *   engine --submit()--> queue --> broker thread --> desk --> sink (events)
 *                                      ^   '--> quote table --quote()--> anybody
 *                                    feeds
 *
 * The thread takes requests in order, carries out what is due, and plays the feeds; between these
 * it sleeps on the queue. The desk, the book and the feeds belong to it alone; shared are the queue
 * and, under one short lock, the quotes and the tick counters. With a manual clock the thread looks
 * every millisecond whether time has moved. It knows nothing of orders and money (paper_desk.c and
 * below). */
#include <errno.h>

#include "brokers/feed_csv.h"
#include "brokers/feed_sim.h"
#include "brokers/paper_desk.h"
#include "core/alloc.h"
#include "core/log.h"
#include "core/mutex.h"
#include "core/queue.h"
#include "core/thread.h"

#define QUEUE_CAPACITY   4096
#define BATCH            64
#define MANUAL_CLOCK_US  1000
#define MARKET_SAVE_US   INT64_C(30000000)
#define CSV_STEP_MIN_US  1000
#define TICK_INTERVAL_MS 1000
#define CSV_SPEED        60
#define SIM_SEED_SALT                                                                              \
    UINT64_C(0x73696d) /* the walk must not repeat the fault generator's numbers */

struct item { /* one thing for the broker thread to do */
    bool is_tick;
    size_t symbol;
    struct quote quote;
    struct broker_request request;
};

struct paper {               /* (c) constant after start, (b) broker thread, (l) lock */
    struct broker base;      /* (c) */
    struct paper_conf conf;  /* (c) */
    struct clock *clock;     /* (c) borrowed */
    struct queue *queue;     /* (c) */
    struct thread *thread;   /* (c) NULL before start */
    broker_sink_fn sink;     /* (c) */
    void *sink_ctx;          /* (c) */
    struct paper_desk *desk; /* (b) */
    struct feed_sim *sim;    /* (b) NULL: manual */
    struct feed_csv *csv;    /* (b) NULL: none */
    size_t csv_symbol;       /* (c) */
    int64_t sim_due_us;      /* (b) */
    int64_t csv_due_us;      /* (b) */
    int64_t csv_step_us;     /* (c) */
    int64_t save_due_us;     /* (b) */
    struct mutex lock;
    struct cond ticked;
    struct quote quotes[PAPER_SYMBOLS_MAX] TR_GUARDED_BY(lock);
    uint64_t ticks_asked TR_GUARDED_BY(lock);
    uint64_t ticks_done TR_GUARDED_BY(lock);
    bool is_up TR_GUARDED_BY(lock);
};

static struct paper *paper_of(struct broker *b)
{
    TR_ASSERT(b && b->ops);
    return (struct paper *)b; /* embedded first */
}

/* ---- market ---- */

static void publish(struct paper *p, size_t symbol, const struct quote *q)
{
    mutex_lock(&p->lock);
    p->quotes[symbol] = *q;
    mutex_unlock(&p->lock);
    paper_desk_tick(p->desk, symbol, q);
}

static void play_sim(struct paper *p, int64_t now_us)
{
    if (!p->sim || now_us < p->sim_due_us) {
        return;
    }
    int64_t wall_ms = clock_wall_ms(p->clock);
    for (size_t i = 0; i < symbol_count(); i++) {
        if (p->csv && i == p->csv_symbol) {
            continue;
        }
        struct quote q = feed_sim_next(p->sim, i, wall_ms);
        publish(p, i, &q);
    }
    int64_t interval_us = (int64_t)p->conf.tick_interval_ms * 1000;
    p->sim_due_us += interval_us;
    if (p->sim_due_us <= now_us) { /* the machine slept: no burst of quotes */
        p->sim_due_us = now_us + interval_us;
    }
}

static void play_csv(struct paper *p, int64_t now_us)
{
    if (!p->csv || now_us < p->csv_due_us) {
        return;
    }
    /* The extreme that hurts the open positions comes first: a stop before a target. */
    bool low_first = paper_book_net_lots_e8(paper_desk_book(p->desk), p->csv_symbol) >= 0;
    struct quote q;
    int r = feed_csv_next(p->csv, low_first, &q);
    if (r < 0) {
        log_error("brokers", "csv_feed_failed symbol=%s error=%d", p->conf.csv_symbol, -r);
        p->csv_due_us = INT64_MAX; /* the quote grows old, which the engine sees */
        return;
    }
    q.time_ms = clock_wall_ms(p->clock);
    publish(p, p->csv_symbol, &q);
    p->csv_due_us += p->csv_step_us;
    if (p->csv_due_us <= now_us) {
        p->csv_due_us = now_us + p->csv_step_us;
    }
}

static void save_market(struct paper *p)
{
    if (p->sim) {
        paper_desk_save_market(p->desk, p->csv ? feed_csv_played_ms(p->csv) : 0);
    }
}

/* ---- thread ---- */

static void handle(struct paper *p, const struct item *it)
{
    if (!it->is_tick) {
        paper_desk_request(p->desk, &it->request);
        return;
    }
    publish(p, it->symbol, &it->quote);
    mutex_lock(&p->lock);
    p->ticks_done++;
    cond_broadcast(&p->ticked);
    mutex_unlock(&p->lock);
}

static int64_t earliest(int64_t a_us, int64_t b_us)
{
    return a_us < b_us ? a_us : b_us;
}

static int64_t wait_until_us(const struct paper *p)
{
    if (p->clock != clock_real()) {
        return clock_mono_us(clock_real()) + MANUAL_CLOCK_US;
    }
    int64_t until_us = paper_desk_next_due_us(p->desk);
    if (p->sim) {
        until_us = earliest(until_us, earliest(p->sim_due_us, p->save_due_us));
    }
    if (p->csv) {
        until_us = earliest(until_us, p->csv_due_us);
    }
    return until_us < 1 ? 1 : until_us;
}

static void run_due(struct paper *p)
{
    int64_t now_us = clock_mono_us(p->clock);
    play_sim(p, now_us);
    play_csv(p, now_us);
    paper_desk_run_due(p->desk);
    if (now_us >= p->save_due_us) {
        save_market(p);
        p->save_due_us = now_us + MARKET_SAVE_US;
    }
}

static void paper_main(struct thread *self, void *arg)
{
    struct paper *p = arg;
    p->sim_due_us = p->csv_due_us = clock_mono_us(p->clock);
    p->save_due_us = p->sim_due_us + MARKET_SAVE_US;
    run_due(p); /* first quotes, before anybody is told that the link is up */
    paper_desk_start(p->desk, p->sink, p->sink_ctx);
    struct queue_item batch[BATCH];
    while (!thread_should_stop(self)) {
        run_due(p);
        size_t n = queue_take_many(p->queue, batch, BATCH, wait_until_us(p));
        for (size_t i = 0; i < n; i++) {
            TR_CLEANUP(mem_freep) struct item *it = batch[i].ptr;
            if (!thread_should_stop(self)) {
                handle(p, it);
            }
        }
    }
    save_market(p);
    mutex_lock(&p->lock);
    p->is_up = false;
    cond_broadcast(&p->ticked);
    mutex_unlock(&p->lock);
}

static void on_wake(void *arg)
{
    struct paper *p = arg;
    queue_wake(p->queue);
}

/* ---- function table ---- */

static int paper_start(struct broker *b, broker_sink_fn sink, void *ctx)
{
    struct paper *p = paper_of(b);
    TR_ASSERT(!p->thread && sink);
    p->sink = sink;
    p->sink_ctx = ctx;
    mutex_lock(&p->lock);
    p->is_up = true;
    mutex_unlock(&p->lock);
    p->thread = thread_start("broker-paper", paper_main, on_wake, p);
    return 0;
}

static void paper_stop(struct broker *b)
{
    struct paper *p = paper_of(b);
    queue_close(p->queue); /* for good: submit and tick refuse from now on */
    p->thread = thread_join(p->thread);
}

static int paper_submit(struct broker *b, const struct broker_request *r)
{
    struct paper *p = paper_of(b);
    TR_ASSERT(r->kind > BROKER_REQUEST_UNSET && r->kind < BROKER_REQUEST_COUNT);
    struct item *it = xalloc(sizeof(*it));
    it->request = *r;
    if (queue_push(p->queue, QUEUE_LANE_NORMAL, it, 0) != QUEUE_OK) {
        mem_free(it);
        return BROKER_E_BUSY;
    }
    return BROKER_ACCEPTED;
}

static bool paper_quote(struct broker *b, const char *symbol, struct quote *ret)
{
    struct paper *p = paper_of(b);
    int i = paper_symbol_index(symbol);
    if (i < 0) {
        return false;
    }
    mutex_lock(&p->lock);
    struct quote q = p->quotes[i];
    mutex_unlock(&p->lock);
    if (q.bid_e8 <= 0) {
        return false;
    }
    *ret = q;
    return true;
}

static bool paper_is_up(struct broker *b)
{
    struct paper *p = paper_of(b);
    mutex_lock(&p->lock);
    bool up = p->is_up;
    mutex_unlock(&p->lock);
    return up;
}

static struct broker *paper_free(struct broker *b)
{
    if (!b) {
        return NULL;
    }
    struct paper *p = paper_of(b);
    TR_ASSERT(!p->thread);
    queue_free(p->queue);
    feed_sim_free(p->sim);
    feed_csv_close(p->csv);
    paper_desk_free(p->desk);
    cond_deinit(&p->ticked);
    mutex_deinit(&p->lock);
    return mem_free(p);
}

static const struct broker_ops paper_ops = {
    .name = "paper",
    .start = paper_start,
    .stop = paper_stop,
    .submit = paper_submit,
    .quote = paper_quote,
    .is_up = paper_is_up,
    .free = paper_free,
};

/* ---- making one ---- */

void paper_conf_defaults(struct paper_conf *c)
{
    *c = (struct paper_conf){
        .feed = PAPER_FEED_SIM,
        .csv_symbol = "GBPUSD",
        .speed = CSV_SPEED,
        .tick_interval_ms = TICK_INTERVAL_MS,
        .seed = 1,
        .balance_e8 = 10000 * DEC_ONE,
        .leverage = 100,
        .stop_out_percent = 50,
    };
}

static int open_csv(struct paper *p)
{
    int symbol = paper_symbol_index(p->conf.csv_symbol);
    if (symbol < 0) {
        return err_raise(-EINVAL);
    }
    p->csv_symbol = (size_t)symbol;
    int r = feed_csv_open(p->conf.csv_bid, p->conf.csv_ask, &p->csv);
    int64_t played_ms = paper_desk_market(p->desk)->csv_time_ms;
    if (r == 0 && played_ms != 0) {
        r = feed_csv_seek(p->csv, played_ms);
    }
    if (r < 0) {
        return err_trace(r);
    }
    p->csv_step_us = feed_csv_bar_ms(p->csv) * 1000 / FEED_CSV_STEPS / p->conf.speed;
    if (p->csv_step_us < CSV_STEP_MIN_US) {
        p->csv_step_us = CSV_STEP_MIN_US;
    }
    return 0;
}

static void drop_item(void *ptr, void *ctx)
{
    (void)ctx;
    mem_free(ptr);
}

int paper_broker_new(const struct paper_conf *conf, struct clock *clock, struct broker **ret_broker)
{
    TR_ASSERT(conf && clock && ret_broker);
    bool sane = conf->feed > PAPER_FEED_UNSET && conf->feed < PAPER_FEED_COUNT &&
                conf->leverage > 0 && conf->tick_interval_ms > 0 && conf->speed > 0;
    if (!sane) {
        return err_raise(-EINVAL);
    }
    struct paper *p = xalloc(sizeof(*p));
    p->base.ops = &paper_ops;
    p->conf = *conf;
    p->clock = clock;
    mutex_init(&p->lock);
    cond_init(&p->ticked);
    p->queue = queue_new(QUEUE_CAPACITY, drop_item, NULL);
    int r = paper_desk_new(conf, clock, &p->desk);
    if (r == 0 && conf->feed == PAPER_FEED_CSV) {
        r = open_csv(p);
    }
    if (r < 0) {
        paper_free(&p->base);
        return err_trace(r);
    }
    if (conf->feed != PAPER_FEED_MANUAL) {
        p->sim = feed_sim_new(conf->seed ^ SIM_SEED_SALT, conf->tick_interval_ms,
                              paper_desk_market(p->desk));
    }
    *ret_broker = &p->base;
    return 0;
}

/* ---- manual feed ---- */

static bool push_tick(struct paper *p, const struct item *tick, uint64_t *ret_number)
{
    struct item *it = xalloc(sizeof(*it));
    *it = *tick;
    mutex_lock(&p->lock); /* number and place in the queue belong together */
    enum queue_result r = queue_push(p->queue, QUEUE_LANE_NORMAL, it, 0);
    while (r == QUEUE_E_FULL && p->is_up) {
        (void)cond_wait_until_us(&p->ticked, &p->lock,
                                 clock_mono_us(clock_real()) + MANUAL_CLOCK_US);
        r = queue_push(p->queue, QUEUE_LANE_NORMAL, it, 0);
    }
    if (r == QUEUE_OK) {
        *ret_number = ++p->ticks_asked;
    }
    mutex_unlock(&p->lock);
    if (r != QUEUE_OK) {
        mem_free(it);
    }
    return r == QUEUE_OK;
}

void paper_broker_tick(struct broker *b, const char *symbol, int64_t bid_e8, int64_t ask_e8,
                       int64_t time_ms)
{
    struct paper *p = paper_of(b);
    TR_ASSERT(p->conf.feed == PAPER_FEED_MANUAL);
    int i = paper_symbol_index(symbol);
    TR_ASSERT(i >= 0);
    struct item tick = {.is_tick = true,
                        .symbol = (size_t)i,
                        .quote = {.bid_e8 = bid_e8, .ask_e8 = ask_e8, .time_ms = time_ms}};
    if (!p->sink) { /* not started */
        publish(p, tick.symbol, &tick.quote);
        return;
    }
    uint64_t number = 0;
    if (!push_tick(p, &tick, &number)) {
        return; /* stopped */
    }
    mutex_lock(&p->lock);
    while (p->ticks_done < number && p->is_up) {
        cond_wait(&p->ticked, &p->lock);
    }
    mutex_unlock(&p->lock);
}
