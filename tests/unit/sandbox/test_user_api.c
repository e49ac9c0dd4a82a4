/* The people's door: sending, groups and privacy, pressing, waiting, blocking, migrating, raw
 * updates, history, the record file, the snapshot, reset, pages, foreign origins, options from
 * arguments. */
#include <stdlib.h>
#include <unistd.h>

#include "core/file.h"
#include "unit/sandbox/client.h"

TestSuite(user_api, .init = setup, .fini = teardown);

static void expect_updates(const char *token, size_t n)
{
    char path[128];
    snprintf(path, sizeof(path), "/bot%s/getUpdates", token);
    request("GET", path, NULL);
    cr_assert_eq(count_at("result"), n, "%s", raw);
}

Test(user_api, private_messages_reach_their_bot_only)
{
    user("send", "{\"bot\":\"main\",\"user\":\"ravi\",\"text\":\"/start x\",\"date\":1700000000}");
    expect_ok();
    expect_updates(OTHER_TOKEN, 0);
    user("stats", NULL);
    expect_updates(TOKEN, 0); /* dated 2023: 24 hours are long over */
    user("send", "{\"bot\":\"main\",\"user\":1002,\"text\":\"/start x\"}");
    expect_updates(TOKEN, 1);
    cr_assert_eq(number_at("result.0.message.from.id"), 1002);
    cr_assert_str_eq(text_at("result.0.message.chat.type"), "private");
    user("send", "{\"bot\":\"main\",\"user\":\"nobody\",\"text\":\"x\"}");
    cr_assert_eq(status, 404);
}

Test(user_api, privacy_mode_hides_group_talk)
{
    user("send", "{\"chat\":\"-500\",\"text\":\"just talk\"}");
    expect_updates(TOKEN, 0);
    user("send", "{\"chat\":\"-500\",\"text\":\"/status@MAIN_BOT\"}");
    expect_updates(TOKEN, 1);
    expect_updates(OTHER_TOKEN, 0);
    bot("sendMessage", "{\"chat_id\":-500,\"text\":\"fine\"}");
    int64_t id = number_at("result.message_id");
    user("send", "{\"chat\":\"-500\",\"text\":\"/plain\"}");
    expect_updates(TOKEN, 2); /* it spoke last */
    expect_updates(OTHER_TOKEN, 0);
    char body[128];
    snprintf(body, sizeof(body), "{\"chat\":\"-500\",\"text\":\"thanks\",\"reply_to\":%d}",
             (int)id);
    user("send", body);
    expect_updates(TOKEN, 3);
    cr_assert_str_eq(text_at("result.2.message.reply_to_message.text"), "fine");
}

Test(user_api, edits_and_forwards_are_marked)
{
    user("send", "{\"bot\":\"main\",\"text\":\"/buy\"}");
    user("edit", "{\"bot\":\"main\",\"message_id\":1,\"text\":\"/sell\"}");
    user("forward", "{\"bot\":\"main\",\"text\":\"/close\",\"from\":1002}");
    expect_updates(TOKEN, 3);
    cr_assert_str_eq(text_at("result.1.edited_message.text"), "/sell");
    cr_assert_eq(number_at("result.2.message.forward_origin.sender_user.id"), 1002);
}

Test(user_api, wait_finds_past_and_future_messages)
{
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\"one\"}");
    user("wait?bot=main&contains=on&timeout_ms=0", NULL);
    expect_ok();
    int64_t seq = number_at("seq");
    char path[128];
    snprintf(path, sizeof(path), "wait?bot=main&after=%d&timeout_ms=50", (int)seq);
    user(path, NULL);
    cr_assert_eq(status, 408);
    struct background wait;
    snprintf(path, sizeof(path), "/sandbox/wait?bot=main&contains=two&after=%d&timeout_ms=4000",
             (int)seq);
    background_start(&wait, path, "");
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\"other\"}");
    bot("editMessageText", "{\"chat_id\":1001,\"message_id\":1,\"text\":\"now two\"}");
    background_join(&wait);
    expect_ok();
    cr_assert_str_eq(text_at("message.text"), "now two");
    cr_assert_eq(number_at("message.id"), 1);
}

Test(user_api, wait_for_a_callback_gives_its_answer)
{
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\"x\",\"reply_markup\":{\"inline_keyboard\":[[{"
                       "\"text\":\"a\",\"callback_data\":\"b\"}]]}}");
    user("press", "{\"bot\":\"main\",\"message_id\":1,\"data\":\"b\"}");
    char id[64], body[128], path[128];
    snprintf(id, sizeof(id), "%s", text_at("callback_id"));
    snprintf(body, sizeof(body),
             "{\"callback_query_id\":\"%s\",\"text\":\"done\",\"show_alert\":true}", id);
    bot("answerCallbackQuery", body);
    snprintf(path, sizeof(path), "wait?callback=%s", id);
    user(path, NULL);
    cr_assert_str_eq(text_at("text"), "done");
    cr_assert(json_object_get_boolean(at("alert")));
}

Test(user_api, a_blocked_bot_gets_403_and_a_member_update)
{
    user("block", "{\"bot\":\"main\"}");
    expect_ok();
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\"x\"}");
    expect_refused(403, "Forbidden: bot was blocked by the user");
    user("send", "{\"bot\":\"main\",\"text\":\"x\"}");
    cr_assert_eq(status, 409);
    user("unblock", "{\"bot\":\"main\"}");
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\"x\"}");
    expect_ok();
    expect_updates(TOKEN, 2);
    cr_assert_str_eq(text_at("result.0.my_chat_member.new_chat_member.status"), "kicked");
    cr_assert_str_eq(text_at("result.1.my_chat_member.new_chat_member.status"), "member");
    user("block", "{\"chat\":\"-500\",\"bot\":\"main\"}");
    bot("sendMessage", "{\"chat_id\":-500,\"text\":\"x\"}");
    expect_refused(403, "Forbidden: bot was kicked from the group chat");
}

Test(user_api, a_migrated_group_answers_with_its_new_id)
{
    user("migrate", "{\"chat\":\"-500\",\"to\":-1009876543210987}");
    expect_ok();
    bot("sendMessage", "{\"chat_id\":-500,\"text\":\"x\"}");
    expect_refused(400, "Bad Request: group chat was upgraded to a supergroup chat");
    cr_assert_eq(number_at("parameters.migrate_to_chat_id"), -1009876543210987);
    bot("sendMessage", "{\"chat_id\":-1009876543210987,\"text\":\"x\",\"message_thread_id\":7}");
    expect_ok();
    cr_assert_eq(number_at("result.message_thread_id"), 7);
    expect_updates(TOKEN, 2);
    cr_assert_eq(number_at("result.0.message.migrate_to_chat_id"), -1009876543210987);
    cr_assert_eq(number_at("result.1.message.migrate_from_chat_id"), -500);
}

Test(user_api, raw_updates_are_delivered_verbatim)
{
    user("updates",
         "{\"bot\":\"main\",\"updates\":[{\"update_id\":2000,\"x\":1},{\"y\":2.50},\"seven\"]}");
    cr_assert_eq(number_at("pushed"), 3);
    expect_updates(TOKEN, 3);
    cr_assert_eq(number_at("result.0.update_id"), 2000);
    cr_assert_eq(number_at("result.1.update_id"), 2001);
    cr_assert_not_null(strstr(raw, "\"y\":2.50"));
    user("updates", "{\"bot\":\"main\",\"raw\":\"{\\\"update_id\\\":9223372036854775808}\"}");
    expect_updates(TOKEN, 4);
    cr_assert_not_null(strstr(raw, "9223372036854775808"));
}

Test(user_api, the_record_names_the_bot_and_never_the_token)
{
    char path[] = "/tmp/sandbox-record-XXXXXX";
    close(mkstemp(path));
    box = sandbox_stop(box);
    options.record_path = path;
    box_open();
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\"hi\",\"odd\":{\"a\":[1]}}");
    user("fault", "{\"kind\":\"flood\"}");
    bot("getMe", "{}");
    struct buf file;
    buf_init(&file, 65536);
    cr_assert_eq(file_read(path, &file), 0);
    cr_assert_not_null(strstr(file.data,
                              "\"bot\":\"main\",\"method\":\"sendMessage\",\"params\":{\"chat_id\":"
                              "1001,\"text\":\"hi\",\"odd\":{\"a\":[1]}},\"status\":200}\n"));
    cr_assert_not_null(strstr(file.data, "\"status\":429,\"fault\":\"flood\"}\n"));
    cr_assert_null(strstr(file.data, "main-token"));
    user("log?limit=1", NULL);
    cr_assert_str_eq(text_at("requests.0.method"), "getMe");
    buf_deinit(&file);
    unlink(path);
}

Test(user_api, the_snapshot_brings_everything_back)
{
    char path[] = "/tmp/sandbox-state-XXXXXX";
    close(mkstemp(path));
    unlink(path);
    box = sandbox_stop(box);
    options.state_path = path;
    box_open();
    user("send", "{\"bot\":\"main\",\"text\":\"pending\"}");
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\"<b>kept</"
                       "b>\",\"parse_mode\":\"HTML\",\"reply_markup\":{\"inline_keyboard\":[[{"
                       "\"text\":\"a\",\"callback_data\":\"b\"}]]}}");
    bot("setMyCommands", "{\"commands\":[{\"command\":\"status\",\"description\":\"State\"}]}");
    user("group", "{\"id\":-777,\"title\":\"New group\"}");
    box = sandbox_stop(box);
    options.first_update_id = 5;
    box_open();
    expect_updates(TOKEN, 1);
    cr_assert_eq(number_at("result.0.update_id"), 1000);
    user("chat?bot=main", NULL);
    cr_assert_str_eq(text_at("messages.1.entities.0.type"), "bold");
    user("press", "{\"bot\":\"main\",\"message_id\":2,\"data\":\"b\"}");
    expect_ok();
    bot("getMyCommands", "{}");
    cr_assert_eq(count_at("result"), 1);
    bot("sendMessage", "{\"chat_id\":-777,\"text\":\"x\"}");
    expect_ok();
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\"x\"}");
    cr_assert_eq(number_at("result.message_id"), 3, "message ids go on");
    box = sandbox_stop(box); /* writes the file once more */
    unlink(path);
}

Test(user_api, a_foreign_snapshot_stops_the_start)
{
    char path[] = "/tmp/sandbox-state-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_eq(write(fd, "{\"a\":1}", 7), 7);
    close(fd);
    struct sandbox *other = NULL;
    options.state_path = path;
    cr_assert_lt(sandbox_start(&options, &other), 0);
    unlink(path);
}

Test(user_api, reset_forgets_but_keeps_people_and_polls_restart)
{
    struct background poll;
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\"x\"}");
    background_start(&poll, "/bot" TOKEN "/getUpdates", "{\"timeout\":30}");
    until_parked(true);
    user("reset", "{}");
    expect_ok();
    background_join(&poll);
    cr_assert_eq(status, 500);
    user("chats", NULL);
    cr_assert_eq(count_at("chats"), 3);
    cr_assert_null(at("chats.0.last"));
}

Test(user_api, stopping_answers_a_parked_poll)
{
    struct background poll;
    background_start(&poll, "/bot" TOKEN "/getUpdates", "{\"timeout\":30}");
    until_parked(true);
    int64_t before = clock_mono_us(clock_real());
    box = sandbox_stop(box);
    cr_assert_lt(clock_mono_us(clock_real()) - before, 1500000);
    background_join(&poll);
    expect_ok();
    cr_assert_eq(count_at("result"), 0);
}

Test(user_api, foreign_origins_and_paths_are_refused)
{
    char url[128];
    snprintf(url, sizeof(url), "%s/sandbox/reset", base);
    static const char *const headers[] = {"Origin: https://evil.example",
                                          "Content-Type: application/json", NULL};
    struct http_request req = {.method = "POST",
                               .url = url,
                               .headers = headers,
                               .body = "{}",
                               .body_len = 2,
                               .timeout_ms = 3000,
                               .max_body_bytes = 4096};
    struct http_response r;
    http_response_init(&r, 4096);
    http_call(caller, &req, &r);
    cr_assert_eq(r.status, 403);
    http_response_deinit(&r);
    user("nothing", NULL);
    cr_assert_eq(status, 404);
    user("alert", "{}");
    cr_assert_eq(status, 404, "no alert_url is configured");
}

Test(user_api, pages_come_from_the_folder_and_nowhere_else)
{
    request("GET", "/chat/", NULL);
    cr_assert_eq(status, 404, "no folder configured");
    box = sandbox_stop(box);
    options.web_dir = TRIDENT_SOURCE_DIR "/web";
    box_open();
    request("GET", "/chat/", NULL);
    cr_assert(status == 200 && strstr(raw, "<!doctype html>"));
    request("GET", "/chat/chat.js", NULL);
    cr_assert_eq(status, 200);
    static const char *const bad[] = {"/chat/../CMakeLists.txt",
                                      "/chat/%2e%2e/x.js",
                                      "/chat/..js",
                                      "/chat/no.js",
                                      "/chat/.x.js",
                                      "/etc/passwd"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++) {
        request("GET", bad[i], NULL);
        cr_assert_eq(status, 404, "%s", bad[i]);
    }
}

Test(user_api, options_are_read_from_arguments)
{
    char a[][64] = {"--port",  "8081",   "--bots",   "one=1:aa@one_bot,two=2:bb",
                    "--users", "7=Asha", "--groups", "-9=Desk",
                    "--limits"};
    char *argv[9], error[160] = "";
    for (int i = 0; i < 9; i++)
        argv[i] = a[i];
    struct sandbox_options o;
    sandbox_options_init(&o);
    cr_assert_eq(o.bot_count, 3);
    cr_assert_eq(sandbox_options_from_args(&o, 9, argv, error, sizeof(error)), 0, "%s", error);
    cr_assert(o.port == 8081 && o.bot_count == 2 && o.user_count == 1 && o.group_count == 1 &&
              o.enforce_limits);
    cr_assert_str_eq(o.bots[0].username, "one_bot");
    cr_assert_str_eq(o.bots[1].token, "2:bb");
    char b[][16] = {"--port", "70000"};
    char *bad[] = {b[0], b[1]};
    cr_assert_lt(sandbox_options_from_args(&o, 2, bad, error, sizeof(error)), 0);
    cr_assert_str_eq(error, "--port wants 0 to 65535 (got \"70000\")");
}
