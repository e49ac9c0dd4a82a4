/* The bots' door over real sockets: envelope, parameters of every encoding, long polls and
 * conflicts, allowed_updates, webhooks, messages, keyboards, edits, deletions, pins, callbacks,
 * files, commands, limits. */
#include "unit/sandbox/client.h"

TestSuite(bot_api, .init = setup, .fini = teardown);

Test(bot_api, unknown_paths_tokens_and_methods_have_their_own_errors)
{
    request("GET", "/bot" TOKEN "/getMe", NULL);
    expect_ok();
    cr_assert_eq(number_at("result.id"), 70001);
    request("GET", "/bot" TOKEN "/test/GETME", NULL);
    expect_ok();
    request("GET", "/bot70001:wrong/getMe", NULL);
    expect_refused(401, "Unauthorized");
    request("GET", "/botnonsense/getMe", NULL);
    expect_refused(401, "Unauthorized");
    request("GET", "/bot" TOKEN "/noSuchMethod", NULL);
    expect_refused(404, "Not Found: method not found");
    request("GET", "/bot", NULL);
    expect_refused(404, "Not Found");
}

Test(bot_api, parameters_are_read_leniently)
{
    request("GET", "/bot" TOKEN "/sendMessage?chat_id=1001abc&text=query%20text", NULL);
    expect_ok();
    cr_assert_str_eq(text_at("result.text"), "query text");
    bot("sendMessage", "{\"chat_id\":\"1001\",\"text\":7,\"unknown\":[1]}");
    expect_ok();
    cr_assert_str_eq(text_at("result.text"), "7");
    bot("sendMessage",
        "{\"chat_id\":1001,\"text\":\"x\",\"reply_markup\":\"{\\\"inline_keyboard\\\":[[{"
        "\\\"text\\\":\\\"a\\\",\\\"callback_data\\\":\\\"b\\\"}]]}\"}");
    expect_ok();
    cr_assert_str_eq(text_at("result.reply_markup.inline_keyboard.0.0.callback_data"), "b");
}

Test(bot_api, broken_json_is_answered_without_a_body)
{
    bot("sendMessage", "{\"chat_id\":1001,");
    cr_assert_eq(status, 400);
    cr_assert_eq(raw_len, 0);
    bot("sendMessage", "[1]");
    cr_assert_eq(status, 400);
    char *big = xalloc(1100001);
    memset(big, ' ', 1100000);
    bot("sendMessage", big);
    cr_assert_eq(status, 413);
    mem_free(big);
}

Test(bot_api, send_errors_use_the_servers_words)
{
    bot("sendMessage", "{\"text\":\"x\"}");
    expect_refused(400, "Bad Request: chat_id is empty");
    bot("sendMessage", "{\"chat_id\":77,\"text\":\"x\"}");
    expect_refused(400, "Bad Request: chat not found");
    bot("sendMessage", "{\"chat_id\":\"@nobody\",\"text\":\"x\"}");
    expect_refused(400, "Bad Request: chat not found");
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\" \\n\"}");
    expect_refused(400, "Bad Request: message text is empty");
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\"<b>x\",\"parse_mode\":\"html\"}");
    expect_refused(
        400,
        "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"");
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\"x\",\"message_thread_id\":1}");
    expect_refused(400, "Bad Request: message thread not found");
    bot("sendMessage",
        "{\"chat_id\":1001,\"text\":\"x\",\"reply_parameters\":{\"message_id\":99}}");
    expect_refused(400, "Bad Request: message to be replied not found");
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\"x\",\"reply_parameters\":{\"message_id\":99,"
                       "\"allow_sending_without_reply\":true}}");
    expect_ok();
}

Test(bot_api, text_limit_is_4096_characters)
{
    char body[5000];
    for (int n = 4096; n <= 4097; n++) {
        int head = snprintf(body, sizeof(body), "{\"chat_id\":1001,\"text\":\"");
        memset(body + head, 'x', (size_t)n);
        snprintf(body + head + n, 8, "\"}");
        bot("sendMessage", body);
        if (n == 4096)
            expect_ok();
        else
            expect_refused(400, "Bad Request: message is too long");
    }
}

Test(bot_api, keyboards_are_checked)
{
    static const struct {
        const char *markup, *error;
    } cases[] = {
        {"7", "object expected as reply markup"},
        {"\"{\"", "can't parse reply keyboard markup JSON object"},
        {"{\"inline_keyboard\":[{}]}",
         "field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays"},
        {"{\"inline_keyboard\":[[{\"text\":\"a\"}]]}",
         "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"},
        {"{\"inline_keyboard\":[[{\"text\":\"a\",\"callback_data\":\"\"}]]}",
         "BUTTON_DATA_INVALID"},
        {"{\"inline_keyboard\":[[{\"text\":\"a\",\"callback_data\":"
         "\"01234567890123456789012345678901234567890123456789012345678901234\"}]]}",
         "BUTTON_DATA_INVALID"},
        {"{\"inline_keyboard\":[[{\"text\":\"a\",\"url\":\"javascript:alert(1)\"}]]}",
         "BUTTON_URL_INVALID"},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        char body[512], want[256];
        snprintf(body, sizeof(body), "{\"chat_id\":1001,\"text\":\"x\",\"reply_markup\":%s}",
                 cases[i].markup);
        snprintf(want, sizeof(want), "Bad Request: %s", cases[i].error);
        bot("sendMessage", body);
        expect_refused(400, want);
    }
    struct buf body;
    buf_init(&body, 65536);
    buf_puts(&body, "{\"chat_id\":1001,\"text\":\"x\",\"reply_markup\":{\"inline_keyboard\":[[");
    for (int i = 0; i < 101; i++)
        buf_printf(&body, "%s{\"text\":\"b\",\"callback_data\":\"%d\"}", i ? "," : "", i);
    buf_puts(&body, "]]}}");
    bot("sendMessage", body.data);
    expect_refused(400, "Bad Request: reply markup is too long");
    buf_deinit(&body);
}

Test(bot_api, getupdates_confirms_by_offset)
{
    user("send", "{\"bot\":\"main\",\"text\":\"/start\",\"count\":150}");
    bot("getUpdates", "{}");
    cr_assert_eq(count_at("result"), 100);
    cr_assert_eq(number_at("result.0.update_id"), 1000);
    cr_assert_str_eq(text_at("result.0.message.entities.0.type"), "bot_command");
    bot("getUpdates", "{\"offset\":1100,\"limit\":0}");
    cr_assert_eq(count_at("result"), 1, "limit is clamped to 1");
    bot("getUpdates", "{\"offset\":\"1150\"}");
    cr_assert_eq(count_at("result"), 0);
    user("stats", NULL);
    cr_assert_eq(number_at("bots.0.confirmed"), 150);
}

Test(bot_api, a_parked_poll_is_answered_by_the_next_update)
{
    struct background poll;
    background_start(&poll, "/bot" TOKEN "/getUpdates", "{\"timeout\":30}");
    until_parked(true);
    int64_t before = clock_mono_us(clock_real());
    user("send", "{\"bot\":\"main\",\"text\":\"hello\"}");
    background_join(&poll);
    cr_assert_lt(clock_mono_us(clock_real()) - before, 500000);
    cr_assert_eq(count_at("result"), 1);
    cr_assert_str_eq(text_at("result.0.message.text"), "hello");
}

Test(bot_api, a_parked_poll_ends_empty_after_its_timeout)
{
    int64_t before = clock_mono_us(clock_real());
    bot("getUpdates", "{\"timeout\":1}");
    int64_t took_ms = (clock_mono_us(clock_real()) - before) / 1000;
    expect_ok();
    cr_assert_eq(count_at("result"), 0);
    cr_assert(took_ms >= 950 && took_ms < 1900, "%d ms", (int)took_ms);
}

Test(bot_api, the_older_of_two_polls_gets_the_conflict)
{
    struct background older;
    background_start(&older, "/bot" TOKEN "/getUpdates", "{\"timeout\":30}");
    until_parked(true);
    bot("getUpdates", "{}");
    expect_ok();
    background_join(&older);
    expect_refused(409, "Conflict: terminated by other getUpdates request; make sure that only one "
                        "bot instance is running");
}

Test(bot_api, allowed_updates_are_remembered_and_apply_to_new_updates)
{
    bot("getUpdates", "{\"allowed_updates\":[\"callback_query\"]}");
    user("send", "{\"bot\":\"main\",\"text\":\"unseen\"}");
    bot("getUpdates", "{}");
    cr_assert_eq(count_at("result"), 0);
    bot("getUpdates", "{\"allowed_updates\":\"not json\"}");
    user("send", "{\"bot\":\"main\",\"text\":\"still unseen\"}");
    bot("getUpdates", "{\"allowed_updates\":[]}");
    cr_assert_eq(count_at("result"), 0);
    user("send", "{\"bot\":\"main\",\"text\":\"seen\"}");
    bot("getUpdates", "{}");
    cr_assert_eq(count_at("result"), 1);
}

Test(bot_api, webhook_and_polling_exclude_each_other)
{
    struct background poll;
    background_start(&poll, "/bot" TOKEN "/getUpdates", "{\"timeout\":30}");
    until_parked(true);
    bot("setWebhook", "{\"url\":\"https://example.org/hook\"}");
    expect_ok();
    background_join(&poll);
    expect_refused(409, "Conflict: terminated by setWebhook request");
    bot("getUpdates", "{}");
    expect_refused(409, "Conflict: can't use getUpdates method while webhook is active; use "
                        "deleteWebhook to delete the webhook first");
    user("send", "{\"bot\":\"main\",\"text\":\"x\"}");
    bot("getWebhookInfo", "{}");
    cr_assert_eq(number_at("result.pending_update_count"), 1);
    bot("deleteWebhook", "{\"drop_pending_updates\":\"TRUE\"}");
    expect_ok();
    bot("getUpdates", "{}");
    cr_assert_eq(count_at("result"), 0);
}

Test(bot_api, edits_change_a_message_or_say_why_not)
{
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\"<b>one</b>\",\"parse_mode\":\"HTML\"}");
    bot("editMessageText",
        "{\"chat_id\":1001,\"message_id\":1,\"text\":\"<b>one</b>\",\"parse_mode\":\"HTML\"}");
    expect_refused(400, "Bad Request: message is not modified: specified new message content and "
                        "reply markup are exactly the "
                        "same as a current content and reply markup of the message");
    bot("editMessageText", "{\"chat_id\":1001,\"message_id\":1,\"text\":\"one\"}");
    expect_ok();
    cr_assert_gt(number_at("result.edit_date"), 0);
    bot("editMessageText", "{\"chat_id\":1001,\"message_id\":9,\"text\":\"x\"}");
    expect_refused(400, "Bad Request: message to edit not found");
    user("send", "{\"bot\":\"main\",\"text\":\"mine\"}");
    bot("editMessageText", "{\"chat_id\":1001,\"message_id\":2,\"text\":\"x\"}");
    expect_refused(400, "Bad Request: message can't be edited");
    bot("editMessageReplyMarkup", "{\"chat_id\":1001,\"message_id\":1,\"reply_markup\":{\"inline_"
                                  "keyboard\":[[{\"text\":\"a\",\"callback_data\":\"b\"}]]}}");
    expect_ok();
    bot("editMessageCaption", "{\"chat_id\":1001,\"message_id\":1,\"caption\":\"x\"}");
    expect_refused(400, "Bad Request: there is no caption in the message to edit");
    bot("deleteMessage", "{\"chat_id\":1001,\"message_id\":1}");
    expect_ok();
    bot("deleteMessage", "{\"chat_id\":1001,\"message_id\":1}");
    expect_refused(400, "Bad Request: message to delete not found");
}

Test(bot_api, a_callback_is_answered_once)
{
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\"x\",\"reply_markup\":{\"inline_keyboard\":[[{"
                       "\"text\":\"a\",\"callback_data\":\"yes\"}]]}}");
    user("press", "{\"bot\":\"main\",\"message_id\":1,\"data\":\"yes\"}");
    expect_ok();
    char id[64], body[128];
    snprintf(id, sizeof(id), "%s", text_at("callback_id"));
    bot("getUpdates", "{}");
    cr_assert_str_eq(text_at("result.0.callback_query.id"), id);
    cr_assert_str_eq(text_at("result.0.callback_query.data"), "yes");
    cr_assert_eq(number_at("result.0.callback_query.message.message_id"), 1);
    snprintf(body, sizeof(body), "{\"callback_query_id\":\"%s\",\"text\":\"ok\"}", id);
    bot("answerCallbackQuery", body);
    expect_ok();
    bot("answerCallbackQuery", body);
    expect_refused(
        400, "Bad Request: query is too old and response timeout expired or query ID is invalid");
    bot("answerCallbackQuery", "{\"callback_query_id\":\"5\"}");
    expect_refused(
        400, "Bad Request: query is too old and response timeout expired or query ID is invalid");
    user("press", "{\"bot\":\"main\",\"message_id\":1,\"data\":\"forged\"}");
    cr_assert_eq(status, 404);
    user("press", "{\"bot\":\"main\",\"message_id\":77,\"data\":\"forged\",\"force\":true}");
    bot("getUpdates", "{\"offset\":-1}");
    cr_assert_eq(number_at("result.0.callback_query.message.date"), 0, "an inaccessible message");
}

static void upload(const char *method, const char *field, const char *data, size_t len)
{
    char head[512], path[64];
    int head_len =
        snprintf(head, sizeof(head),
                 "--B\r\nContent-Disposition: form-data; "
                 "name=\"chat_id\"\r\n\r\n1001\r\n--B\r\nContent-Disposition: "
                 "form-data; name=\"%s\"; filename=\"a.bin\"\r\nContent-Type: image/png\r\n\r\n",
                 field);
    char url[256], *body = xalloc((size_t)head_len + len + 16);
    memcpy(body, head, (size_t)head_len);
    memcpy(body + head_len, data, len);
    memcpy(body + head_len + len, "\r\n--B--\r\n", 9);
    snprintf(path, sizeof(path), "%s", method);
    snprintf(url, sizeof(url), "%s/bot" TOKEN "/%s", base, path);
    static const char *const headers[] = {"Content-Type: multipart/form-data; boundary=B", NULL};
    struct http_request req = {.method = "POST",
                               .url = url,
                               .headers = headers,
                               .body = body,
                               .body_len = (size_t)head_len + len + 9,
                               .timeout_ms = 5000,
                               .max_body_bytes = 1 << 20};
    struct http_response r;
    http_response_init(&r, 1 << 20);
    http_call(caller, &req, &r);
    keep(&r);
    mem_free(body);
}

Test(bot_api, files_come_up_and_go_down_again)
{
    static const char png[24] = {(char)0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13,
                                 'I',        'H', 'D', 'R', 0,    0,    2,    88,   0, 0, 1, 64};
    upload("sendPhoto", "photo", "not a picture", 13);
    expect_refused(400, "Bad Request: IMAGE_PROCESS_FAILED");
    upload("sendPhoto", "photo", png, sizeof(png));
    expect_ok();
    cr_assert_eq(number_at("result.photo.0.width"), 600);
    char body[256], path[256];
    snprintf(body, sizeof(body), "{\"chat_id\":1002,\"photo\":\"%s\",\"caption\":\"again\"}",
             text_at("result.photo.0.file_id"));
    bot("sendPhoto", body);
    expect_ok();
    bot("sendPhoto", "{\"chat_id\":1002,\"photo\":\"AgAC\"}");
    expect_refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable");
    upload("sendDocument", "document", "a,b\n1,2\n", 8);
    expect_ok();
    snprintf(body, sizeof(body), "{\"file_id\":\"%s\"}", text_at("result.document.file_id"));
    bot("getFile", body);
    expect_ok();
    snprintf(path, sizeof(path), "/file/bot" TOKEN "/%s", text_at("result.file_path"));
    request("GET", path, NULL);
    cr_assert_eq(status, 200);
    cr_assert_str_eq(raw, "a,b\n1,2\n");
}

Test(bot_api, commands_are_kept_by_scope_and_language)
{
    bot("setMyCommands", "{\"commands\":[{\"command\":\"/status\",\"description\":\"State\"}]}");
    expect_ok();
    bot("setMyCommands", "{\"commands\":[{\"command\":\"only\",\"description\":\"x\"}],\"scope\":{"
                         "\"type\":\"chat\",\"chat_id\":1002}}");
    expect_ok();
    bot("getMyCommands", "{}");
    cr_assert_str_eq(text_at("result.0.command"), "status");
    bot("getMyCommands", "{\"language_code\":\"de\"}");
    cr_assert_eq(count_at("result"), 0);
    user("commands?bot=main&user=1002", NULL);
    cr_assert_str_eq(text_at("bots.0.commands.0.command"), "only");
    user("commands?bot=main&user=1001", NULL);
    cr_assert_str_eq(text_at("bots.0.commands.0.command"), "status");
    bot("setMyCommands", "{\"commands\":[{\"command\":\"No\",\"description\":\"x\"}]}");
    expect_refused(400, "Bad Request: BOT_COMMAND_INVALID");
    bot("deleteMyCommands", "{}");
    bot("getMyCommands", "{}");
    cr_assert_eq(count_at("result"), 0);
}

Test(bot_api, profile_texts_and_menu_button_round_trip)
{
    bot("setMyDescription", "{\"description\":\"I trade.\",\"language_code\":\"en\"}");
    expect_ok();
    bot("getMyDescription", "{\"language_code\":\"en\"}");
    cr_assert_str_eq(text_at("result.description"), "I trade.");
    bot("getMyDescription", "{}");
    cr_assert_str_eq(text_at("result.description"), "");
    bot("getMyName", "{}");
    cr_assert_str_eq(text_at("result.name"), "Main Bot");
    bot("setChatMenuButton", "{\"chat_id\":1001,\"menu_button\":{\"type\":\"commands\"}}");
    expect_ok();
    bot("getChatMenuButton", "{\"chat_id\":1001}");
    cr_assert_str_eq(text_at("result.type"), "commands");
}

Test(bot_api, a_pin_makes_a_service_message_the_bot_receives)
{
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\"dashboard\"}");
    bot("pinChatMessage", "{\"chat_id\":1001,\"message_id\":1}");
    expect_ok();
    bot("getUpdates", "{}");
    cr_assert_str_eq(text_at("result.0.message.pinned_message.text"), "dashboard");
    bot("unpinChatMessage", "{\"chat_id\":1001}");
    expect_ok();
    bot("unpinChatMessage", "{\"chat_id\":1001}");
    expect_refused(400, "Bad Request: message to unpin not found");
}

Test(bot_api, a_topic_is_made_in_a_supergroup_only)
{
    bot("createForumTopic", "{\"chat_id\":1001,\"name\":\"main\"}");
    expect_refused(400, "Bad Request: the chat is not a forum");
}

Test(bot_api, logout_ends_the_token)
{
    bot("logOut", "{}");
    expect_ok();
    bot("getMe", "{}");
    expect_refused(401, "Unauthorized");
    bot("close", "{}");
    cr_assert_eq(status, 401);
}

Test(bot_api, limits_refuse_with_the_wait_when_enforced)
{
    box = sandbox_stop(box);
    options.enforce_limits = true;
    box_open();
    int floods = 0;
    for (int i = 0; i < 5; i++) {
        bot("sendMessage", "{\"chat_id\":1001,\"text\":\"x\"}");
        floods += status == 429;
    }
    cr_assert_eq(floods, 2, "a burst of three passes");
    expect_refused(429, "Too Many Requests: retry after 1");
    cr_assert_eq(number_at("parameters.retry_after"), 1);
    cr_assert_eq(retry_after_s, 1);
    bot("sendMessage", "{\"chat_id\":1002,\"text\":\"x\"}");
    expect_ok();
}

Test(bot_api, strict_polls_punish_a_tight_loop)
{
    box = sandbox_stop(box);
    options.strict_polls = true;
    box_open();
    user("send", "{\"bot\":\"main\",\"text\":\"x\",\"count\":5}");
    bot("getUpdates", "{}");
    cr_assert_eq(count_at("result"), 5);
    bot("getUpdates", "{}");
    cr_assert_eq(count_at("result"), 1);
}
