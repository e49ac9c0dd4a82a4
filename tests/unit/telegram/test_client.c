/* Covers: URLs and request bodies as the Bot API wants them, and the blocking calls of start-up
 * against a server: getMe and setMyCommands written only when the list differs. */
#include "telegram_support.h"

#include "core/alloc.h"
#include "net/http_server.h"

static void expect_body(struct buf *b, const char *want)
{
    cr_assert_str_eq(b->data, want);
    buf_deinit(b);
}

Test(client, builds_urls_and_refuses_long_ones)
{
    char url[TELEGRAM_URL_CAP];
    cr_assert(telegram_url(url, "http://127.0.0.1:8081", "1:abc", "getMe"));
    cr_assert_str_eq(url, "http://127.0.0.1:8081/bot1:abc/getMe");
    char token[TELEGRAM_URL_CAP];
    memset(token, 'x', sizeof(token));
    token[sizeof(token) - 1] = 0;
    cr_assert(!telegram_url(url, "http://h", token, "getMe"));
}

Test(client, writes_bodies_without_empty_parameters)
{
    struct buf b;
    struct telegram_send s = {.chat_id = -1001234567890, .text = "a <b>\"x\"</b>", .html = true};
    buf_init(&b, 4096);
    telegram_body_send(&b, &s);
    expect_body(&b, "{\"chat_id\":-1001234567890,\"text\":\"a <b>\\\"x\\\"</b>\","
                    "\"parse_mode\":\"HTML\",\"link_preview_options\":{\"is_disabled\":true}}");
    s = (struct telegram_send){.chat_id = 5,
                               .text = "t",
                               .thread_id = 9,
                               .reply_to = 8,
                               .silent = true,
                               .keyboard_json = "[[{\"text\":\"x\"}]]"};
    buf_init(&b, 4096);
    telegram_body_send(&b, &s);
    expect_body(&b, "{\"chat_id\":5,\"text\":\"t\",\"link_preview_options\":{\"is_disabled\":true},"
                    "\"reply_markup\":{\"inline_keyboard\":[[{\"text\":\"x\"}]]},"
                    "\"message_thread_id\":9,\"reply_parameters\":{\"message_id\":8,"
                    "\"allow_sending_without_reply\":true},\"disable_notification\":true}");
    s.thread_id = 1; /* the General topic is addressed by leaving it out */
    s.reply_to = 0;
    s.silent = false;
    s.keyboard_json = NULL;
    buf_init(&b, 4096);
    telegram_body_send(&b, &s);
    expect_body(&b,
                "{\"chat_id\":5,\"text\":\"t\",\"link_preview_options\":{\"is_disabled\":true}}");
    buf_init(&b, 4096);
    telegram_body_edit(&b, &s, 44);
    expect_body(&b, "{\"chat_id\":5,\"text\":\"t\",\"link_preview_options\":{\"is_disabled\":true},"
                    "\"message_id\":44}");
    buf_init(&b, 4096);
    telegram_body_answer_callback(&b, "77", "");
    expect_body(&b, "{\"callback_query_id\":\"77\"}");
    buf_init(&b, 4096);
    telegram_body_get_updates(&b, 0, 100, 50);
    expect_body(&b, "{\"limit\":100,\"timeout\":50,\"allowed_updates\":[\"message\","
                    "\"edited_message\",\"callback_query\",\"my_chat_member\"]}");
}

/* ---- against a server ---- */

static int commands_set;
static char commands[512];

static void answer_json(struct http_exchange *x, int status, const char *json)
{
    http_answer(x, status, "application/json", json, strlen(json));
}

static void on_request(struct http_exchange *x, void *ctx)
{
    (void)ctx;
    const char *path = http_path(x);
    if (strcmp(path, "/bot1:good/getMe") == 0) {
        answer_json(x, 200,
                    "{\"ok\":true,\"result\":{\"id\":7777777777,\"is_bot\":true,"
                    "\"username\":\"trident_bot\"}}");
    } else if (strcmp(path, "/bot1:good/getMyCommands") == 0) {
        char body[600];
        snprintf(body, sizeof(body), "{\"ok\":true,\"result\":%s}",
                 commands[0] != 0 ? commands : "[]");
        answer_json(x, 200, body);
    } else if (strcmp(path, "/bot1:good/setMyCommands") == 0) {
        size_t len = 0;
        const char *body = http_body(x, &len);
        cr_assert_eq(strncmp(body, "{\"commands\":", 12), 0);
        snprintf(commands, sizeof(commands), "%.*s", (int)(len - 13), body + 12);
        commands_set++;
        answer_json(x, 200, "{\"ok\":true,\"result\":true}");
    } else {
        answer_json(x, 404, "{\"ok\":false,\"error_code\":404,\"description\":\"Not Found\"}");
    }
}

Test(client, asks_who_it_is_and_writes_commands_only_when_they_differ, .timeout = 20)
{
    cr_assert_eq(http_client_global_init(false), 0);
    struct http_server_options opt = {.listen = "127.0.0.1",
                                      .listen_fd = -1,
                                      .max_body_bytes = 65536,
                                      .max_connections = 100,
                                      .header_deadline_ms = 5000,
                                      .idle_timeout_s = 10,
                                      .handle = on_request};
    struct http_server *server = NULL;
    cr_assert_eq(http_server_start(&opt, &server), 0);
    char base[64];
    snprintf(base, sizeof(base), "http://127.0.0.1:%d", http_server_port(server));
    struct http_caller *c = http_caller_new();
    struct telegram_me me;
    struct telegram_reply reply;
    telegram_get_me(c, base, "1:good", 3000, &me, &reply);
    cr_assert_eq(reply.error, TELEGRAM_OK);
    cr_assert_eq(me.id, INT64_C(7777777777));
    cr_assert_str_eq(me.username, "trident_bot");
    telegram_get_me(c, base, "1:bad", 3000, &me, &reply);
    cr_assert_eq(reply.error, TELEGRAM_E_UNAUTHORISED);
    bool changed = false;
    static const char list[] = "[{\"command\":\"pause\",\"description\":\"Stop entries\"}]";
    telegram_sync_commands(c, base, "1:good", list, &changed, &reply);
    cr_assert_eq(reply.error, TELEGRAM_OK);
    cr_assert(changed);
    telegram_sync_commands(c, base, "1:good", list, &changed, &reply);
    cr_assert(!changed && commands_set == 1, "only differences are sent");
    telegram_sync_commands(c, base, "1:bad", list, &changed, &reply);
    cr_assert(!changed);
    cr_assert_neq(reply.error, TELEGRAM_OK);
    http_caller_free(c);
    http_server_stop(server);
    telegram_get_me(c = http_caller_new(), base, "1:good", 3000, &me, &reply);
    cr_assert_eq(reply.error, TELEGRAM_E_NETWORK);
    http_caller_free(c);
}
