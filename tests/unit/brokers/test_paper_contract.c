/* Covers: the adapter contract (contract.h) run for the paper broker with a state file, and what is
 * the paper broker's own: the simulated and the recorded feed on its thread, bursts, bad
 * configuration, kill -9. */
#include "contract.h"
#include "venue.h"

#include <errno.h>
#include <sys/wait.h>

#include "core/file.h"

TestSuite(paper_contract, .timeout = 30);

static struct broker *make(struct contract *c)
{
    struct broker *b = NULL;
    int r = paper_broker_new(c->ctx, clock_real(), &b);
    cr_assert_eq(r, 0);
    return b;
}

static void move(struct contract *c, const char *symbol, const char *bid, const char *ask)
{
    paper_broker_tick(c->broker, symbol, e8(bid), e8(ask), clock_wall_ms(clock_real()));
}

static void run(void (*what)(struct contract *c))
{
    struct paper_conf conf;
    paper_conf_defaults(&conf);
    conf.feed = PAPER_FEED_MANUAL;
    venue_path(conf.state_path, sizeof(conf.state_path));
    struct contract *c = xalloc(sizeof(*c));
    c->make = make;
    c->quote = move;
    c->ctx = &conf;
    what(c);
    mem_free(c);
    venue_remove_path(conf.state_path);
}

#define CONTRACT(name)                                                                             \
    Test(paper_contract, name)                                                                     \
    {                                                                                              \
        run(contract_##name);                                                                      \
    }
CONTRACT(places_and_fills)
CONTRACT(never_executes_a_cid_twice)
CONTRACT(answers_queries)
CONTRACT(closes_whole_and_in_parts)
CONTRACT(keeps_stops_and_targets)
CONTRACT(classifies_refusals)
CONTRACT(shows_all_positions_in_a_snapshot)
CONTRACT(remembers_across_sessions)
CONTRACT(tells_deals_from_a_known_one_on)
CONTRACT(refuses_after_stop)
CONTRACT(gives_quotes)

struct counter {
    _Atomic int fills;
    _Atomic int all;
};

static void count_sink(const struct broker_event *e, void *ctx)
{
    struct counter *n = ctx;
    n->fills += e->kind == BROKER_EVENT_FILL;
    n->all++;
}

static void wait_for(_Atomic int *value, int at_least)
{
    struct mutex m;
    struct cond c;
    mutex_init(&m);
    cond_init(&c);
    mutex_lock(&m);
    for (int i = 0; i < 5000 && *value < at_least; i++) {
        (void)cond_wait_until_us(&c, &m, clock_mono_us(clock_real()) + 1000); /* a pause */
    }
    mutex_unlock(&m);
    cond_deinit(&c);
    mutex_deinit(&m);
    cr_assert_geq(*value, at_least);
}

Test(paper_contract, simulated_feed_quotes_all_symbols_before_the_link_is_up)
{
    struct paper_conf conf;
    paper_conf_defaults(&conf);
    conf.tick_interval_ms = 5;
    struct broker *b = NULL;
    cr_assert_eq(paper_broker_new(&conf, clock_real(), &b), 0);
    struct counter n = {0};
    cr_assert_eq(b->ops->start(b, count_sink, &n), 0);
    wait_for(&n.all, 1);
    struct quote first, q;
    for (size_t i = 0; i < symbol_count(); i++) {
        cr_assert(b->ops->quote(b, symbol_at(i)->name, &first));
        cr_assert_gt(first.ask_e8, first.bid_e8);
    }
    bool moved = false;
    for (int i = 0; i < 3000000 && !moved; i++) {
        cr_assert(b->ops->quote(b, symbol_at(0)->name, &q));
        moved = q.bid_e8 != first.bid_e8;
    }
    b->ops->stop(b);
    b->ops->free(b);
    cr_assert(moved);
}

static const char *const bars = "2012-02-01 00:00:00,1.5,1.5,1.5,1.5\n"
                                "2012-02-01 00:01:00,1.6,1.6,1.6,1.6\n"
                                "2012-02-01 00:02:00,1.7,1.7,1.7,1.7\n";

Test(paper_contract, recorded_feed_trades_and_the_other_symbols_are_simulated)
{
    struct paper_conf conf;
    paper_conf_defaults(&conf);
    conf.feed = PAPER_FEED_CSV;
    conf.speed = 6000; /* a bar takes 10 ms */
    char dir[] = "/tmp/trident-feed-XXXXXX";
    cr_assert_not_null(mkdtemp(dir));
    snprintf(conf.csv_bid, sizeof(conf.csv_bid), "%s/bars.csv", dir);
    snprintf(conf.csv_ask, sizeof(conf.csv_ask), "%s/bars.csv", dir);
    cr_assert_eq(file_write_atomic(conf.csv_bid, bars, strlen(bars), 0600), 0);
    struct broker *b = NULL;
    cr_assert_eq(paper_broker_new(&conf, clock_real(), &b), 0);
    struct counter n = {0};
    cr_assert_eq(b->ops->start(b, count_sink, &n), 0);
    wait_for(&n.all, 2);
    struct broker_request r = venue_place(1, "GBPUSD", SIDE_BUY, "0.1");
    r.sl_e8 = e8("1.45");
    r.tp_e8 = e8("1.75");
    cr_assert_eq(b->ops->submit(b, &r), BROKER_ACCEPTED);
    wait_for(&n.fills, 1);
    struct quote q;
    cr_assert(b->ops->quote(b, "GBPUSD", &q));
    cr_assert(q.bid_e8 == e8("1.5") || q.bid_e8 == e8("1.6") || q.bid_e8 == e8("1.7"));
    cr_assert(b->ops->quote(b, "XAUUSD", &q));
    cr_assert_lt(clock_wall_ms(clock_real()) - q.time_ms, 5000, "times are those of now");
    b->ops->stop(b);
    b->ops->free(b);
    unlink(conf.csv_bid);
    rmdir(dir);
}

Test(paper_contract, burst_of_requests_is_answered_or_refused_as_busy)
{
    struct paper_conf conf;
    paper_conf_defaults(&conf);
    conf.feed = PAPER_FEED_MANUAL;
    conf.balance_e8 = e8("100000000");
    struct broker *b = NULL;
    cr_assert_eq(paper_broker_new(&conf, clock_real(), &b), 0);
    paper_broker_tick(b, "EURUSD", e8("1.1"), e8("1.1"), 1);
    struct counter n = {0};
    int accepted = 0;
    for (int i = 0; i < 5000; i++) { /* not started: nothing is taken out */
        struct broker_request r = venue_place((uint64_t)i + 1, "EURUSD", SIDE_BUY, "0.01");
        accepted += b->ops->submit(b, &r) == BROKER_ACCEPTED;
    }
    cr_assert_eq(accepted, 4096);
    cr_assert_eq(b->ops->start(b, count_sink, &n), 0);
    wait_for(&n.fills, accepted);
    b->ops->stop(b);
    b->ops->free(b);
    cr_assert_eq(n.fills, accepted);
}

Test(paper_contract, bad_configuration_is_refused)
{
    struct paper_conf conf;
    struct broker *b = NULL;
    paper_conf_defaults(&conf);
    conf.leverage = 0;
    cr_assert_eq(paper_broker_new(&conf, clock_real(), &b), -EINVAL);
    paper_conf_defaults(&conf);
    conf.feed = PAPER_FEED_CSV;
    cr_assert_eq(paper_broker_new(&conf, clock_real(), &b), -ENOENT);
    (void)str_copy(conf.csv_symbol, sizeof(conf.csv_symbol), "NOSUCH");
    cr_assert_eq(paper_broker_new(&conf, clock_real(), &b), -EINVAL);
    cr_assert_null(b);
}

/* The child trades until it is killed and says each fill on a pipe; the venue must know all of them
 * afterwards. */
static void child_sink(const struct broker_event *e, void *ctx)
{
    if (e->kind == BROKER_EVENT_FILL) {
        ssize_t n = write(*(int *)ctx, &e->cid, sizeof(e->cid));
        (void)n; /* the parent is gone: so are we */
    }
}

static void child_trade(struct paper_conf *conf, int fd)
{
    struct broker *b = NULL;
    if (paper_broker_new(conf, clock_real(), &b) != 0 || b->ops->start(b, child_sink, &fd) != 0) {
        _exit(1);
    }
    paper_broker_tick(b, "EURUSD", e8("1.1"), e8("1.1"), 1);
    for (uint64_t cid = 1;; cid++) {
        struct broker_request r = venue_place(cid, "EURUSD", SIDE_BUY, "0.01");
        while (b->ops->submit(b, &r) == BROKER_E_BUSY) {
            paper_broker_tick(b, "EURUSD", e8("1.1"), e8("1.1"), 1); /* waits */
        }
    }
}

Test(paper_contract, kill_leaves_no_told_fill_unknown)
{
    struct paper_conf conf;
    paper_conf_defaults(&conf);
    conf.feed = PAPER_FEED_MANUAL;
    conf.balance_e8 = e8("1000000000");
    venue_path(conf.state_path, sizeof(conf.state_path));
    int fds[2];
    cr_assert_eq(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        child_trade(&conf, fds[1]);
    }
    close(fds[1]);
    uint64_t cid = 0, told = 0;
    while (told < 1000 && read(fds[0], &cid, sizeof(cid)) == sizeof(cid)) {
        told = cid;
    }
    kill(pid, SIGKILL);
    while (read(fds[0], &cid, sizeof(cid)) == sizeof(cid)) {
        told = cid;
    }
    close(fds[0]);
    waitpid(pid, NULL, 0);
    cr_assert_geq(told, 1000);
    struct venue *v = venue_new();
    v->conf = conf;
    venue_open(v);
    for (cid = 1; cid <= told; cid++) {
        const struct paper_order *o = paper_book_order(venue_book(v), cid);
        cr_assert(o && o->state == PAPER_ORDER_FILLED, "cid %llu", (unsigned long long)cid);
    }
    venue_remove_path(conf.state_path);
    venue_free(v);
}
