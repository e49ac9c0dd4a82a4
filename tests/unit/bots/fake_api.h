/* tests/unit/bots/fake_api.h: a small Bot API server in the test's own process: long polls,
 * confirmation by offset, and a mode per bot for the faults the loops must survive. */
#ifndef TRIDENT_TESTS_BOTS_FAKE_API_H
#define TRIDENT_TESTS_BOTS_FAKE_API_H

#include <stdlib.h>

#include "core/mutex.h"
#include "engine/engine.h"
#include "net/http_server.h"
#include "unit/bots/stage.h"

enum fake_mode {
    FAKE_OK,
    FAKE_UNAUTHORISED,
    FAKE_CONFLICT,
    FAKE_EMPTY_FLOOD,
    FAKE_OTHER_BOT,
    FAKE_GARBAGE
};

#define FAKE_PENDING_MAX 12000

struct fake_bot {
    enum fake_mode mode;
    int64_t ids[FAKE_PENDING_MAX];
    char *updates[FAKE_PENDING_MAX];
    size_t count;
    struct http_exchange *parked;
    int polls, mes, sets;
    int64_t last_offset;
    int64_t first_offset; /* -1 until the first poll */
    uint64_t confirmed;
    bool confirmed_early; /* more was confirmed than the engine has committed */
};

struct fake_api {
    struct mutex mutex;
    struct http_server *server;
    struct engine *engine;
    struct fake_bot bots[BOT_COUNT];
    char base[64];
};

static inline int64_t fake_number(const char *body, const char *key)
{
    const char *p = strstr(body, key);
    return p ? strtoll(p + strlen(key), NULL, 10) : 0;
}

static inline void fake_json(struct http_exchange *x, int status, const char *text)
{
    http_answer(x, status, "application/json", text, strlen(text));
}

static inline void fake_deliver(struct fake_bot *b, struct http_exchange *x)
{
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, 4 << 20);
    buf_puts(&out, "{\"ok\":true,\"result\":[");
    for (size_t i = 0; i < b->count && i < 100; i++)
        buf_printf(&out, "%s%s", i > 0 ? "," : "", b->updates[i]);
    buf_puts(&out, "]}");
    http_answer(x, 200, "application/json", out.data, out.len);
}

static inline void fake_confirm(struct fake_bot *b, int64_t offset)
{
    size_t kept = 0;
    for (size_t i = 0; i < b->count; i++) {
        if (b->ids[i] < offset) {
            mem_free(b->updates[i]);
            b->confirmed++;
            continue;
        }
        b->ids[kept] = b->ids[i];
        b->updates[kept++] = b->updates[i];
    }
    b->count = kept;
}

static inline void fake_poll(struct fake_api *f, enum bot_id bot, struct http_exchange *x,
                             const char *body)
{
    struct fake_bot *b = &f->bots[bot];
    int64_t offset = fake_number(body, "\"offset\":");
    b->polls++;
    if (b->first_offset < 0)
        b->first_offset = offset;
    /* Ids below everything asked for are a new id space: not confirmed by an old offset. */
    if (b->count > 0 && offset <= b->ids[b->count - 1] + 10)
        fake_confirm(b, offset);
    struct engine_stats stats;
    engine_get_stats(f->engine, &stats);
    b->confirmed_early |= b->confirmed > stats.commands;
    b->last_offset = offset;
    if (b->count > 0)
        fake_deliver(b, x);
    else if (b->mode == FAKE_EMPTY_FLOOD || fake_number(body, "\"timeout\":") == 0)
        fake_json(x, 200, "{\"ok\":true,\"result\":[]}");
    else {
        if (b->parked)
            fake_json(b->parked, 409,
                      "{\"ok\":false,\"error_code\":409,\"description\":\"Conflict: terminated by "
                      "other getUpdates request\"}");
        b->parked = x;
    }
}

static inline void fake_handle(struct http_exchange *x, void *ctx)
{
    struct fake_api *f = ctx;
    size_t len;
    const char *path = http_path(x);
    const char *body = http_body(x, &len);
    enum bot_id bot = (enum bot_id)(path[4] - '0');
    const char *method = strrchr(path, '/') + 1;
    char text[128];
    mutex_lock(&f->mutex);
    struct fake_bot *b = &f->bots[bot];
    if (b->mode == FAKE_UNAUTHORISED)
        fake_json(x, 401, "{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized\"}");
    else if (strcmp(method, "getMe") == 0) {
        b->mes++;
        (void)snprintf(
            text, sizeof text,
            "{\"ok\":true,\"result\":{\"id\":%d,\"is_bot\":true,\"username\":\"Bot%d\"}}",
            b->mode == FAKE_OTHER_BOT ? 77 : (int)bot, (int)bot);
        fake_json(x, 200, text);
    } else if (strcmp(method, "getUpdates") == 0 && b->mode == FAKE_CONFLICT) {
        b->polls++;
        fake_json(x, 409,
                  "{\"ok\":false,\"error_code\":409,\"description\":\"Conflict: terminated by "
                  "other getUpdates request\"}");
    } else if (strcmp(method, "getUpdates") == 0 && b->mode == FAKE_GARBAGE) {
        b->polls++;
        http_answer(x, 502, "text/html", "<html>bad gateway", 17);
    } else if (strcmp(method, "getUpdates") == 0)
        fake_poll(f, bot, x, body);
    else if (strcmp(method, "getMyCommands") == 0)
        fake_json(x, 200, "{\"ok\":true,\"result\":[]}");
    else {
        b->sets += strcmp(method, "setMyCommands") == 0;
        fake_json(x, 200, "{\"ok\":true,\"result\":true}");
    }
    mutex_unlock(&f->mutex);
}

static inline struct fake_api *fake_new(void)
{
    struct fake_api *f = xalloc(sizeof *f);
    mutex_init(&f->mutex);
    for (int i = 0; i < BOT_COUNT; i++)
        f->bots[i].first_offset = -1;
    struct http_server_options opt = {.listen = "127.0.0.1",
                                      .listen_fd = -1,
                                      .max_body_bytes = 1 << 20,
                                      .max_connections = 50,
                                      .header_deadline_ms = 5000,
                                      .idle_timeout_s = 60,
                                      .handle = fake_handle,
                                      .ctx = f};
    cr_assert_eq(http_server_start(&opt, &f->server), 0);
    (void)snprintf(f->base, sizeof f->base, "http://127.0.0.1:%u", http_server_port(f->server));
    return f;
}

/* Forgets what is queued and ends the parked poll; its client may be gone. */
static inline void fake_clear(struct fake_api *f, enum bot_id bot)
{
    mutex_lock(&f->mutex);
    struct fake_bot *b = &f->bots[bot];
    if (b->parked)
        fake_json(b->parked, 200, "{\"ok\":true,\"result\":[]}");
    b->parked = NULL;
    b->first_offset = -1;
    fake_confirm(b, INT64_MAX);
    b->confirmed = 0;
    b->last_offset = 0;
    mutex_unlock(&f->mutex);
}

static inline void fake_free(struct fake_api *f)
{
    for (int i = 0; i < BOT_COUNT; i++)
        fake_clear(f, (enum bot_id)i);
    http_server_stop(f->server);
    mutex_deinit(&f->mutex);
    mem_free(f);
}

/* A message of the trader in the private chat. */
static inline void fake_push(struct fake_api *f, enum bot_id bot, int64_t id, const char *text)
{
    mutex_lock(&f->mutex);
    struct fake_bot *b = &f->bots[bot];
    cr_assert_lt(b->count, FAKE_PENDING_MAX);
    b->ids[b->count] = id;
    b->updates[b->count++] =
        xasprintf("{\"update_id\":%" PRId64 ",\"message\":{\"message_id\":9,\"date\":%" PRId64
                  ",\"text\":\"%s\",\"from\":{\"id\":1001,\"is_bot\":false,\"first_name\":\"A\"},"
                  "\"chat\":{\"id\":1001,\"type\":\"private\"}}}",
                  id, clock_wall_ms(clock_real()) / 1000, text);
    if (b->parked)
        fake_deliver(b, b->parked);
    b->parked = NULL;
    mutex_unlock(&f->mutex);
}

static inline struct fake_bot fake_look(struct fake_api *f, enum bot_id bot)
{
    mutex_lock(&f->mutex);
    struct fake_bot copy = f->bots[bot];
    mutex_unlock(&f->mutex);
    return copy;
}

static inline void fake_mode(struct fake_api *f, enum bot_id bot, enum fake_mode mode)
{
    mutex_lock(&f->mutex);
    f->bots[bot].mode = mode;
    mutex_unlock(&f->mutex);
}

#endif
