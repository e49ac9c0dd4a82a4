/* A running sandbox and a client for it, for the tests of this room. One bot "main" (token below)
 * and a second "other", people 1001 Asha and 1002 Ravi, group -500 unless a test changes the
 * options. */
#ifndef TRIDENT_TEST_SANDBOX_CLIENT_H
#define TRIDENT_TEST_SANDBOX_CLIENT_H

#include <criterion/criterion.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/hash.h"
#include "core/log.h"
#include "net/http_client.h"
#include "sandbox/sandbox.h"

#define TOKEN       "70001:main-token"
#define OTHER_TOKEN "70002:other-token"

static struct sandbox_options options;
static struct sandbox *box;
static struct http_caller *caller;
static char base[64];

/* The newest answer. */
static int status;
static int retry_after_s;
static enum http_result result;
static struct json_object *answer; /* NULL: not JSON */
static char *raw;
static size_t raw_len;

static TR_UNUSED void options_default(void)
{
    options = (struct sandbox_options){
        .listen_fd = -1,
        .bots = {{TOKEN, "main", "main_bot", "Main Bot"},
                 {OTHER_TOKEN, "other", "other_bot", "Other Bot"}},
        .bot_count = 2,
        .users = {{1001, "Asha", "asha"}, {1002, "Ravi", NULL}},
        .user_count = 2,
        .groups = {{-500, "Desk"}},
        .group_count = 1,
        .first_update_id = 1000,
    };
}

static TR_UNUSED void box_open(void)
{
    cr_assert_eq(sandbox_start(&options, &box), 0);
    snprintf(base, sizeof(base), "http://127.0.0.1:%u", (unsigned)sandbox_port(box));
}

static TR_UNUSED void setup(void)
{
    cr_assert_eq(log_open(LOG_ERROR, NULL), 0);
    cr_assert_eq(hash_global_init(), 0);
    cr_assert_eq(http_client_global_init(false), 0);
    options_default();
    caller = http_caller_new();
    box_open();
}

static void forget_answer(void)
{
    json_object_put(answer);
    answer = NULL;
    raw = mem_free(raw);
}

static TR_UNUSED void teardown(void)
{
    forget_answer();
    caller = http_caller_free(caller);
    box = sandbox_stop(box);
}

static TR_UNUSED void keep(struct http_response *r)
{
    forget_answer();
    result = r->result;
    status = r->status;
    retry_after_s = r->retry_after_s;
    raw_len = r->body.len;
    raw = xstrndup(r->body.data, r->body.len);
    answer = json_tokener_parse(raw);
    http_response_deinit(r);
}

static TR_UNUSED void call_with(struct http_caller *c, const char *method, const char *path,
                                const char *body, struct http_response *ret)
{
    char url[1024];
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    snprintf(url, sizeof(url), "%s%s", base, path);
    struct http_request req = {.method = method,
                               .url = url,
                               .headers = headers,
                               .body = body,
                               .body_len = body ? strlen(body) : 0,
                               .timeout_ms = 5000,
                               .max_body_bytes = 16 * 1024 * 1024,
                               .is_poll = true};
    http_response_init(ret, req.max_body_bytes);
    http_call(c, &req, ret);
}

static TR_UNUSED void request(const char *method, const char *path, const char *body)
{
    struct http_response r;
    call_with(caller, method, path, body, &r);
    keep(&r);
}

/* The main bot calls a method; body: JSON. */
static TR_UNUSED void bot(const char *method, const char *body)
{
    char path[512];
    snprintf(path, sizeof(path), "/bot" TOKEN "/%s", method);
    request("POST", path, body);
}

static TR_UNUSED void user(const char *path, const char *body)
{
    char full[512];
    snprintf(full, sizeof(full), "/sandbox/%s", path);
    request(body ? "POST" : "GET", full, body);
}

/* "result.0.message.text" in the newest answer; NULL when absent. */
static TR_UNUSED struct json_object *at(const char *path)
{
    char copy[256], *save = copy;
    struct json_object *o = answer;
    snprintf(copy, sizeof(copy), "%s", path);
    for (char *part = strsep(&save, "."); part && o; part = strsep(&save, ".")) {
        if (json_object_is_type(o, json_type_array))
            o = json_object_array_get_idx(o, (size_t)strtoul(part, NULL, 10));
        else if (!json_object_object_get_ex(o, part, &o))
            o = NULL;
    }
    return o;
}

static TR_UNUSED const char *text_at(const char *path)
{
    const char *s = json_object_get_string(at(path));
    return s ? s : "";
}

static TR_UNUSED int64_t number_at(const char *path)
{
    return json_object_get_int64(at(path));
}

static TR_UNUSED size_t count_at(const char *path)
{
    struct json_object *o = at(path);
    return json_object_is_type(o, json_type_array) ? json_object_array_length(o) : 0;
}

#define expect_refused(code, text)                                                                 \
    do {                                                                                           \
        cr_assert_eq(status, code, "status %d: %s", status, raw);                                  \
        cr_assert_eq(number_at("error_code"), code);                                               \
        cr_assert_str_eq(text_at("description"), text);                                            \
    } while (0)

#define expect_ok()                                                                                \
    cr_assert(status == 200 && json_object_get_boolean(at("ok")), "status %d: %s", status, raw)

/* A call on a thread and connection of its own, for long polls. */
struct background {
    pthread_t thread;
    char path[256], body[256];
    struct http_response response;
};

static TR_UNUSED void *background_main(void *arg)
{
    struct background *b = arg;
    struct http_caller *c = http_caller_new();
    call_with(c, b->body[0] ? "POST" : "GET", b->path, b->body[0] ? b->body : NULL, &b->response);
    http_caller_free(c);
    return NULL;
}

static TR_UNUSED void background_start(struct background *b, const char *path, const char *body)
{
    snprintf(b->path, sizeof(b->path), "%s", path);
    snprintf(b->body, sizeof(b->body), "%s", body);
    cr_assert_eq(pthread_create(&b->thread, NULL, background_main, b), 0);
}

static TR_UNUSED void background_join(struct background *b)
{
    pthread_join(b->thread, NULL);
    keep(&b->response);
}

/* Until the main bot's poll is parked. */
static TR_UNUSED void until_parked(bool parked)
{
    for (int i = 0; i < 2000; i++) {
        user("stats", NULL);
        if (json_object_get_boolean(at("bots.0.polling")) == parked)
            return;
    }
    cr_assert_fail("the poll never came");
}

#endif
