/* Alerts at a steady rate over the real webhook, as a market sends them: each is due at its time
 * whatever became of the one before, and its latency counts from then.
 *
 * pace PORT PATH SECONDS RATE: ends after SECONDS or with SIGTERM, whichever is first; prints
 * count, p50, p99, the worst, and how many were not answered by 200. */
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <time.h>

#include "bench/client.h"

#define CONNECTIONS 64
#define SAMPLES_MAX (1000 * 1000)

static atomic_bool is_over;

static void on_term(int number)
{
    (void)number;
    atomic_store(&is_over, true);
}

struct pace {
    struct client clients[CONNECTIONS];
    struct client *idle[CONNECTIONS];
    size_t idle_count;
    double *times_s;
    size_t count, failed, sent;
    const char *path;
    int ep;
};

static void open_all(struct pace *p, const char *port)
{
    p->ep = epoll_create1(EPOLL_CLOEXEC);
    TR_ASSERT(p->ep >= 0);
    for (size_t i = 0; i < CONNECTIONS; i++) {
        struct client *c = &p->clients[i];
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
        client_connect(c, port);
        TR_ASSERT(epoll_ctl(p->ep, EPOLL_CTL_ADD, c->fd, &e) == 0);
        p->idle[p->idle_count++] = c;
    }
}

static void send_due(struct pace *p, double due_s)
{
    char body[512];
    size_t n = p->sent++;
    struct client *c = p->idle[0]; /* in turn: one that is never used would be closed */
    memmove(p->idle, p->idle + 1, --p->idle_count * sizeof(p->idle[0]));
    int len = snprintf(body, sizeof(body),
                       "{\"type\":\"entry_v3\",\"signal_type\":\"Momentum_Breakout\",\"symbol\":"
                       "\"EURUSD\",\"direction\":\"buy\",\"tf\":\"15\",\"price\":1.08%03zu,"
                       "\"consensus_score\":%zu,\"mtf_trends\":\"1,1,1,1,1\",\"market_trend\":1,"
                       "\"reason\":\"paced %zu of %.6f\"}",
                       n % 1000, n % 9, n, due_s);
    TR_ASSERT(len > 0 && (size_t)len < sizeof(body));
    client_send(c, p->path, body, (size_t)len);
    c->sent_s = due_s;
}

static void take_answers(struct pace *p, double wait_s)
{
    struct epoll_event events[64];
    struct timespec t = {.tv_nsec = wait_s > 0 ? (long)(wait_s * 1e9) : 0};
    int n = epoll_pwait2(p->ep, events, TR_ARRAY_SIZE(events), &t, NULL);
    double now_s = bench_now_s();
    for (int i = 0; i < n; i++) {
        struct client *c = events[i].data.ptr;
        if (!client_read(c))
            continue;
        p->idle[p->idle_count++] = c;
        p->failed += strncmp(c->answer, "HTTP/1.1 200", 12) != 0;
        if (p->count < SAMPLES_MAX)
            p->times_s[p->count++] = now_s - c->sent_s;
    }
}

int main(int argc, char **argv)
{
    static struct pace p;
    int64_t rate = 0;
    if (argc != 5 || !str_to_i64(argv[4], &rate) || rate < 1) {
        (void)fprintf(stderr, "usage: bench_pace PORT PATH SECONDS RATE\n");
        return 2;
    }
    (void)signal(SIGTERM, on_term);
    p.path = argv[2];
    p.times_s = xcalloc(SAMPLES_MAX, sizeof(*p.times_s));
    open_all(&p, argv[1]);
    double begin_s = bench_now_s(), end_s = begin_s + strtod(argv[3], NULL), now_s = begin_s;
    while (now_s < end_s && !atomic_load(&is_over)) {
        double due_s = begin_s + (double)p.sent / (double)rate;
        if (due_s <= now_s && p.idle_count > 0)
            send_due(&p, due_s);
        double wait_s = begin_s + (double)p.sent / (double)rate - now_s;
        take_answers(&p, p.idle_count == 0 ? 0.1 : wait_s);
        now_s = bench_now_s();
    }
    while (p.idle_count < CONNECTIONS && bench_now_s() < now_s + 10)
        take_answers(&p, 0.1);
    (void)printf("pace count=%zu per_s=%.0f p50_ms=%.3f p99_ms=%.3f max_ms=%.1f failed=%zu "
                 "unanswered=%zu\n",
                 p.count, (double)p.count / (now_s - begin_s),
                 bench_quantile(p.times_s, p.count, 0.5) * 1000,
                 bench_quantile(p.times_s, p.count, 0.99) * 1000,
                 bench_quantile(p.times_s, p.count, 1.0) * 1000, p.failed,
                 CONNECTIONS - p.idle_count);
    return p.failed == 0 && p.idle_count == CONNECTIONS ? 0 : 1;
}
