/* The bots from outside, as people at the sandbox's door; tests/bench/run.py starts sandbox and
 * daemon (telegram.limits_off) and calls this.
 *
 * - flood PORT USERS COUNT TEXT: puts COUNT commands of USERS people into the controller's queue
 *   and waits for as many answers
 * - ask PORT COUNT: one command at a time: from the moment the server has it until it has the
 *   answer; before each, one commit of the yardstick in the current folder
 * - echo PORT TOKEN: the yardstick for ask: a bot that stores nothing, one libcurl loop of
 *   getUpdates and sendMessage; runs until it is killed
 *
 * People are FIRST_USER and the following ones, each in the private chat. */
#include "bench/client.h"

#include <time.h>

#include "bench/disk.h"
#include "core/buf.h"
#include "telegram/client.h"

#define FIRST_USER 1001
#define AT_ONCE    200

static int64_t sent_by_bot(struct client *c)
{
    client_ask(c, "/sandbox/stats", NULL);
    const char *at = strstr(c->answer, "\"bot\":\"controller\"");
    TR_ASSERT(at != NULL);
    at = strstr(at, "\"sent\":");
    TR_ASSERT(at != NULL);
    return strtoll(at + 7, NULL, 10);
}

static void put_updates(struct client *c, int64_t first, int64_t n, int64_t users, const char *text)
{
    struct buf b TR_CLEANUP(buf_deinit);
    buf_init(&b, 1024 * 1024);
    buf_puts(&b, "{\"bot\":\"controller\",\"updates\":[");
    for (int64_t i = first; i < first + n; i++) {
        long long user = FIRST_USER + i % users;
        buf_printf(&b,
                   "%s{\"message\":{\"message_id\":%lld,\"date\":%lld,\"text\":\"%s\",\"chat\":"
                   "{\"id\":%lld,\"type\":\"private\",\"first_name\":\"U\"},\"from\":{\"id\":%lld,"
                   "\"is_bot\":false,\"first_name\":\"U\"}}}",
                   i > first ? "," : "", (long long)i + 1000000, (long long)time(NULL), text, user,
                   user);
    }
    buf_puts(&b, "]}");
    TR_ASSERT(!buf_failed(&b));
    client_ask(c, "/sandbox/updates", b.data);
    TR_ASSERT(strncmp(c->answer, "HTTP/1.1 200", 12) == 0 || !fprintf(stderr, "%s\n", c->answer));
}

static int command_flood(const char *port, int64_t users, int64_t count, const char *text)
{
    static struct client c;
    struct timespec pause = {.tv_nsec = 5000000};
    client_connect(&c, port);
    int64_t goal = sent_by_bot(&c) + count;
    double begin_s = bench_now_s();
    for (int64_t i = 0; i < count; i += AT_ONCE)
        put_updates(&c, i, count - i < AT_ONCE ? count - i : AT_ONCE, users, text);
    while (sent_by_bot(&c) < goal)
        (void)nanosleep(&pause, NULL);
    double seconds = bench_now_s() - begin_s;
    (void)printf("flood per_s=%.0f seconds=%.2f\n", (double)count / seconds, seconds);
    return 0;
}

static int command_ask(const char *port, int64_t count)
{
    static struct client c;
    double *times_ms = xcalloc((size_t)count, sizeof(*times_ms));
    double *commit_ms = xcalloc((size_t)count, sizeof(*commit_ms));
    struct timespec pause = {.tv_nsec = 10000000};
    struct disk disk;
    disk_open(&disk, ".");
    client_connect(&c, port);
    for (int64_t i = 0; i < count; i++) {
        char path[128];
        commit_ms[i] = disk_commit_ms(&disk);
        (void)nanosleep(&pause, NULL);
        client_ask(&c, "/sandbox/send", "{\"bot\":\"controller\",\"text\":\"/version\"}");
        double begin_s = c.sent_s;
        (void)snprintf(path, sizeof(path),
                       "/sandbox/wait?bot=controller&timeout_ms=5000&after=%lld",
                       (long long)client_number(&c, "\"seq\":"));
        client_ask(&c, path, NULL);
        TR_ASSERT(strstr(c.answer, "\"ok\":true") != NULL);
        times_ms[i] = (bench_now_s() - begin_s) * 1000;
        (void)nanosleep(&pause, NULL);
    }
    (void)printf("ask commit_p50_ms=%.3f p50_ms=%.3f p99_ms=%.3f\n",
                 bench_quantile(commit_ms, (size_t)count, 0.5),
                 bench_quantile(times_ms, (size_t)count, 0.5),
                 bench_quantile(times_ms, (size_t)count, 0.99));
    (void)mem_free(commit_ms);
    disk_close(&disk);
    (void)mem_free(times_ms);
    return 0;
}

static void bot_call(struct http_caller *caller, const char *base, const char *token,
                     const char *method, const struct buf *body, struct http_response *ret)
{
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    char url[TELEGRAM_URL_CAP];
    TR_ASSERT(telegram_url(url, base, token, method));
    struct http_request req = {.method = "POST",
                               .url = url,
                               .headers = headers,
                               .body = body->data,
                               .body_len = body->len,
                               .timeout_ms = 60000,
                               .max_body_bytes = 8 << 20,
                               .is_poll = true};
    http_call(caller, &req, ret);
    TR_ASSERT(ret->result == HTTP_OK && ret->status == 200);
}

static int command_echo(const char *port, const char *token)
{
    char base[64];
    int64_t offset = 0;
    struct buf body;
    struct http_response answer;
    (void)snprintf(base, sizeof(base), "http://127.0.0.1:%s", port);
    TR_ASSERT(http_client_global_init(false) == 0);
    struct http_caller *poll = http_caller_new(), *send = http_caller_new();
    buf_init(&body, 65536);
    http_response_init(&answer, 8 << 20);
    for (;;) {
        struct update_batch batch;
        struct telegram_reply status;
        buf_reset(&body);
        telegram_body_get_updates(&body, offset, 100, 50);
        bot_call(poll, base, token, "getUpdates", &body, &answer);
        telegram_read_updates(&answer, offset, &batch, &status);
        for (size_t i = 0; i < batch.count; i++) {
            struct telegram_send reply = {.chat_id = batch.items[i].chat_id, .text = "pong"};
            buf_reset(&body);
            telegram_body_send(&body, &reply);
            bot_call(send, base, token, "sendMessage", &body, &answer);
        }
        if (batch.max_update_id >= 0)
            offset = batch.max_update_id + 1;
        update_batch_deinit(&batch);
    }
}

int main(int argc, char **argv)
{
    int64_t users = 0, count = 0;
    const char *command = argc > 1 ? argv[1] : "";
    if (strcmp(command, "flood") == 0 && argc == 6 && str_to_i64(argv[3], &users) &&
        str_to_i64(argv[4], &count))
        return command_flood(argv[2], users, count, argv[5]);
    if (strcmp(command, "ask") == 0 && argc == 4 && str_to_i64(argv[3], &count))
        return command_ask(argv[2], count);
    if (strcmp(command, "echo") == 0 && argc == 4)
        return command_echo(argv[2], argv[3]);
    (void)fprintf(stderr, "usage: see the head of bench_bots.c\n");
    return 2;
}
