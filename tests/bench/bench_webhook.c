/* The webhook path from outside; tests/bench/run.py starts the real daemon and calls this.
 *
 * - load PORT PATH SECONDS [CONNECTIONS]: keep-alive connections, each with one alert under way;
 *   every alert is another one
 * - order PORT PATH JOURNAL COUNT: one alert at a time: until 200, and until the broker's answer is
 *   in the journal; before each, one commit of the yardstick in the current folder
 * - serve: the yardstick: the same HTTP server, parser and JSON writer without engine and journal;
 *   prints its port, ends with its input
 *
 * The client is one epoll loop without allocations, so that it takes little of the machine. */
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "bench/client.h"
#include "bench/disk.h"
#include "core/hash.h"
#include "engine/input.h"
#include "http/page.h"
#include "net/http_server.h"
#include "signals/parse.h"

#define CONNECTIONS_MAX 1024
#define BODY_CAP        1024
#define SAMPLES_MAX     (8 * 1000 * 1000)
#define PAUSE_US        5000

/* ---- alerts ---- */

static uint64_t alert_count;

static const char *pick(const char *const *items, size_t n, uint64_t i)
{
    return items[i % n];
}

/* Entries of several kinds, symbols, timeframes and scores with an exit now and then: some are
 * accepted, most are refused for score, repeats or limits, as in a day of alerts. */
static int write_alert(char *out, size_t cap)
{
    static const char *const symbols[] = {"EURUSD", "GBPUSD", "XAUUSD"};
    static const int64_t prices[] = {108000, 127000, 265000};
    static const char *const tfs[] = {"5", "15", "60", "240"};
    static const char *const kinds[] = {"Momentum_Breakout", "Institutional_Launchpad",
                                        "Liquidity_Trap_Reversal", "Golden_Pocket_Flip"};
    uint64_t n = alert_count++;
    size_t s = n % TR_ARRAY_SIZE(symbols);
    bool exit = n % 16 == 15, buy = n / 3 % 2 == 0;
    int64_t price = prices[s] + (int64_t)(n % 97), step = prices[s] / 200;
    int64_t unit = s == 2 ? 100 : 100000, sign = buy ? 1 : -1;
    int digits = s == 2 ? 2 : 5;
    const int64_t levels[] = {price, price - sign * step, price + sign * step,
                              price + 2 * sign * step};
    char text[4][24];
    for (size_t i = 0; i < TR_ARRAY_SIZE(levels); i++)
        (void)snprintf(text[i], sizeof(text[i]), "%lld.%0*lld", (long long)(levels[i] / unit),
                       digits, (long long)(levels[i] % unit));
    return snprintf(
        out, cap,
        "{\"type\":\"%s\",\"signal_type\":\"%s\",\"symbol\":\"%s\",\"direction\":\"%s\","
        "\"tf\":\"%s\",\"price\":%s,\"consensus_score\":%d,\"sl_price\":%s,\"tp1_price\":%s,"
        "\"tp2_price\":%s,\"mtf_trends\":\"%s\",\"market_trend\":%d,"
        "\"volume_delta_ratio\":2.4,\"price_in_ob\":false,\"position_multiplier\":0.8,"
        "\"reason\":\"alert %llu\"}",
        exit ? "exit_v3" : "entry_v3",
        exit ? (buy ? "Bullish_Exit" : "Bearish_Exit") : pick(kinds, TR_ARRAY_SIZE(kinds), n / 5),
        symbols[s], buy ? "buy" : "sell", pick(tfs, TR_ARRAY_SIZE(tfs), n / 7), text[0],
        (int)(n / 11 % 10), text[1], text[2], text[3], buy ? "1,1,1,1,-1" : "-1,-1,-1,-1,1",
        (int)sign, (unsigned long long)n);
}

/* ---- client ---- */

struct load {
    const char *path;
    const char *port;
    struct client *clients;
    double *times_s;
    size_t count, accepted, refused, failed;
};

static void send_alert(struct load *l, struct client *c)
{
    char body[BODY_CAP];
    int len = write_alert(body, sizeof(body));
    TR_ASSERT(len > 0 && (size_t)len < sizeof(body));
    client_send(c, l->path, body, (size_t)len);
}

static void note_answer(struct load *l, const struct client *c)
{
    if (l->count < SAMPLES_MAX)
        l->times_s[l->count++] = bench_now_s() - c->sent_s;
    if (strncmp(c->answer, "HTTP/1.1 200", 12) != 0)
        l->failed++;
    else if (strstr(c->answer, "\"status\":\"refused\"") != NULL)
        l->refused++;
    else
        l->accepted++;
}

static int command_load(struct load *l, double seconds, size_t connections)
{
    int ep = epoll_create1(EPOLL_CLOEXEC);
    TR_ASSERT(ep >= 0 && connections > 0 && connections <= CONNECTIONS_MAX);
    l->clients = xcalloc(connections, sizeof(*l->clients));
    double begin_s = bench_now_s(), now_s = begin_s;
    for (size_t i = 0; i < connections; i++) {
        struct client *c = &l->clients[i];
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
        client_connect(c, l->port);
        TR_ASSERT(epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e) == 0);
        send_alert(l, c);
    }
    size_t open = connections;
    while (open > 0) {
        struct epoll_event events[64];
        int n = epoll_wait(ep, events, TR_ARRAY_SIZE(events), 10000);
        TR_ASSERT(n > 0);
        now_s = bench_now_s();
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;
            if (!client_read(c))
                continue;
            note_answer(l, c);
            if (now_s - begin_s < seconds)
                send_alert(l, c);
            else
                open -= close(c->fd) == 0;
        }
    }
    double total_s = now_s - begin_s;
    (void)close(ep);
    double p50 = bench_quantile(l->times_s, l->count, 0.5) * 1000;
    double p99 = bench_quantile(l->times_s, l->count, 0.99) * 1000;
    (void)printf("load per_s=%.0f p50_ms=%.3f p99_ms=%.3f count=%zu accepted=%zu refused=%zu "
                 "failed=%zu\n",
                 (double)l->count / total_s, p50, p99, l->count, l->accepted, l->refused,
                 l->failed);
    return l->failed == 0 ? 0 : 1;
}

/* ---- one order at a time ---- */

struct watch {
    struct journal_reader *reader;
    uint64_t seq;
    bool accepted;
};

static int on_row(const struct journal_row *row, void *ctx)
{
    struct watch *w = ctx;
    w->accepted = w->accepted || row->kind == INPUT_BROKER;
    return 0;
}

static void read_new(struct watch *w)
{
    TR_ASSERT(journal_read(w->reader, w->seq, SIZE_MAX, 0, on_row, w, &w->seq) == JOURNAL_OK);
}

static const char entry[] =
    "{\"type\":\"entry_v3\",\"signal_type\":\"Momentum_Breakout\",\"symbol\":\"EURUSD\","
    "\"direction\":\"buy\",\"tf\":\"15\",\"price\":1.08,\"consensus_score\":8,"
    "\"mtf_trends\":\"1,1,1,1,1\",\"market_trend\":1}";
static const char leave[] =
    "{\"type\":\"exit_v3\",\"signal_type\":\"Bullish_Exit\",\"symbol\":\"EURUSD\","
    "\"direction\":\"sell\",\"tf\":\"15\",\"price\":1.08,\"consensus_score\":2}";

static void rest(long us)
{
    struct timespec t = {.tv_nsec = us * 1000};
    (void)nanosleep(&t, NULL); /* cut short at worst */
}

/* An entry, timed, then the exit that makes room for the next one. */
static double enter_and_leave(struct load *l, struct client *c, struct watch *w)
{
    read_new(w);
    w->accepted = false;
    client_ask(c, l->path, entry);
    note_answer(l, c);
    TR_ASSERT(l->accepted == l->count || !fprintf(stderr, "refused: %s\n", c->answer));
    for (read_new(w); !w->accepted; read_new(w))
        rest(20); /* leaves the processor to the product */
    double ms = (bench_now_s() - c->sent_s) * 1000;
    do
        client_ask(c, l->path, leave); /* refused until a leg is filled */
    while (strstr(c->answer, "\"status\":\"closed\"") == NULL);
    return ms;
}

static int command_order(struct load *l, const char *journal, size_t count)
{
    static struct client c;
    struct disk disk;
    struct watch w = {0};
    double *accepted_ms = xcalloc(count, sizeof(double));
    double *raw_ms = xcalloc(count, sizeof(double)), *commit_ms = xcalloc(count, sizeof(double));
    disk_open(&disk, ".");
    client_connect(&c, l->port);
    TR_ASSERT(journal_reader_open(journal, &w.reader) == 0);
    for (size_t i = 0; i < count; i++) {
        raw_ms[i] = disk_raw_ms(&disk);
        rest(PAUSE_US);
        commit_ms[i] = disk_commit_ms(&disk);
        rest(PAUSE_US);
        accepted_ms[i] = enter_and_leave(l, &c, &w);
        rest(PAUSE_US);
    }
    (void)printf("order raw_p50_ms=%.3f commit_p50_ms=%.3f answered_p50_ms=%.3f "
                 "accepted_p50_ms=%.3f\n",
                 bench_quantile(raw_ms, count, 0.5), bench_quantile(commit_ms, count, 0.5),
                 bench_quantile(l->times_s, count, 0.5) * 1000,
                 bench_quantile(accepted_ms, count, 0.5));
    (void)mem_free(accepted_ms);
    (void)mem_free(raw_ms);
    (void)mem_free(commit_ms);
    (void)close(c.fd);
    w.reader = journal_reader_close(w.reader);
    disk_close(&disk);
    return 0;
}

/* ---- yardsticks ---- */

static void on_request(struct http_exchange *x, void *ctx)
{
    const struct clock *clock = ctx;
    size_t len;
    const char *body = http_body(x, &len);
    struct signal signal;
    struct signal_fault fault;
    struct decision d;
    decision_init(&d, "combined_v3");
    bool ok = signal_parse(body, len, NULL, clock_wall_ms(clock), &signal, &fault) == SIGNAL_PARSED;
    decision_skip(&d, ok ? REASON_SCORE_TOO_LOW : fault.reason, 5 * DEC_ONE, 6 * DEC_ONE);
    static const char *const numbers[] = {"score", "strength", "min_score", "open_trades"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(numbers); i++)
        decision_number(&d, numbers[i], (int64_t)i * DEC_ONE);
    struct outcome o = {.status = OUTCOME_COMMITTED, .decision = &d};
    o.receipt = (struct receipt){.seq = 123456, .reason = d.reasons[0]};
    struct buf b TR_CLEANUP(buf_deinit);
    buf_init(&b, PAGE_MAX_BYTES);
    buf_reserve(&b, 1023);
    http_answer_json(x, page_signal(&b, "main", &o), &b);
}

static int command_serve(void)
{
    struct http_server *s = NULL;
    const struct http_server_options o = {.listen = "127.0.0.1",
                                          .listen_fd = -1,
                                          .max_body_bytes = 16384,
                                          .max_connections = 2000,
                                          .header_deadline_ms = 5000,
                                          .idle_timeout_s = 75,
                                          .handle = on_request,
                                          .ctx = (void *)(uintptr_t)clock_real()};
    char byte;
    TR_ASSERT(http_server_start(&o, &s) == 0);
    (void)printf("port=%u\n", http_server_port(s));
    (void)fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    s = http_server_stop(s);
    return 0;
}

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";
    int64_t n = 0;
    TR_ASSERT(hash_global_init() == 0);
    if (strcmp(command, "serve") == 0)
        return command_serve();
    if (argc < 5) {
        (void)fprintf(stderr, "usage: see the head of bench_webhook.c\n");
        return 2;
    }
    struct load l = {.path = argv[3], .port = argv[2]};
    l.times_s = xcalloc(SAMPLES_MAX, sizeof(*l.times_s));
    if (strcmp(command, "order") == 0 && argc == 6 && str_to_i64(argv[5], &n))
        return command_order(&l, argv[4], (size_t)n);
    n = 64;
    if (argc > 5 && !str_to_i64(argv[5], &n))
        return 2;
    return command_load(&l, strtod(argv[4], NULL), (size_t)n);
}
