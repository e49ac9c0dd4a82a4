/* Every kind of fault as a client meets it (spec telegram 2). */
#include "unit/sandbox/client.h"

TestSuite(fault, .init = setup, .fini = teardown);

static void arm(const char *json)
{
    user("fault", json);
    cr_assert_eq(status, 200, "%s", raw);
}

static void hello(void)
{
    bot("sendMessage", "{\"chat_id\":1001,\"text\":\"hello\"}");
}

static size_t stored_messages(void)
{
    user("chat?bot=main", NULL);
    return count_at("messages");
}

Test(fault, flood_in_all_its_shapes)
{
    arm("{\"kind\":\"flood\",\"bot\":\"main\",\"method\":\"sendMessage\",\"retry_after\":7}");
    hello();
    expect_refused(429, "Too Many Requests: retry after 7");
    cr_assert_eq(number_at("parameters.retry_after"), 7);
    cr_assert_eq(retry_after_s, 7);
    hello();
    expect_ok();
    arm("{\"kind\":\"flood\",\"retry_after\":86400,\"variant\":\"missing\"}");
    hello();
    cr_assert(status == 429 && !at("parameters") && retry_after_s == -1);
    arm("{\"kind\":\"flood\",\"retry_after\":3,\"variant\":\"string\"}");
    hello();
    cr_assert(json_object_is_type(at("parameters.retry_after"), json_type_string));
    arm("{\"kind\":\"flood\",\"retry_after\":3,\"variant\":\"header\"}");
    hello();
    cr_assert(!at("parameters") && retry_after_s == 3);
    cr_assert_eq(stored_messages(), 1);
}

Test(fault, count_skip_bot_and_chat_select_the_calls)
{
    arm("{\"kind\":\"unauthorised\",\"bot\":\"main\",\"method\":\"sendMessage\",\"count\":2,"
        "\"skip\":1,\"chat_id\":1001}");
    hello();
    expect_ok();
    bot("sendMessage", "{\"chat_id\":1002,\"text\":\"x\"}");
    expect_ok();
    request("GET", "/bot" OTHER_TOKEN "/sendMessage?chat_id=1001&text=x", NULL);
    expect_ok();
    hello();
    expect_refused(401, "Unauthorized");
    hello();
    cr_assert_eq(status, 401);
    hello();
    expect_ok();
}

Test(fault, status_with_html_empty_and_json_bodies)
{
    arm("{\"kind\":\"status\",\"status\":502}");
    hello();
    cr_assert(status == 502 && str_starts(raw, "<html>"));
    arm("{\"kind\":\"status\",\"status\":200}");
    hello();
    cr_assert(status == 200 && str_starts(raw, "<html>"), "a captive portal");
    arm("{\"kind\":\"status\",\"status\":500,\"body\":\"empty\"}");
    hello();
    cr_assert(status == 500 && raw_len == 0);
    arm("{\"kind\":\"status\",\"status\":500,\"body\":\"json\"}");
    hello();
    expect_refused(500, "Internal Server Error: restart");
}

Test(fault, truncated_answers_in_both_ways)
{
    arm("{\"kind\":\"truncate\",\"bytes\":30}");
    hello();
    cr_assert(status == 200 && raw_len == 30 && !answer);
    arm("{\"kind\":\"truncate\",\"bytes\":30,\"variant\":\"length\"}");
    hello();
    cr_assert_eq(result, HTTP_E_BROKEN);
    cr_assert_eq(stored_messages(), 2, "both were executed");
}

Test(fault, dropped_before_and_after_execution)
{
    arm("{\"kind\":\"drop_before\",\"method\":\"sendMessage\"}");
    hello();
    cr_assert_eq(result, HTTP_E_BROKEN);
    cr_assert_eq(stored_messages(), 0);
    arm("{\"kind\":\"execute_then_drop\",\"method\":\"sendMessage\",\"delay_ms\":100}");
    int64_t before = clock_mono_us(clock_real());
    hello();
    cr_assert_eq(result, HTTP_E_BROKEN);
    cr_assert_geq(clock_mono_us(clock_real()) - before, 90000);
    cr_assert_eq(stored_messages(), 1);
}

Test(fault, a_hanging_call_ends_when_the_fault_is_cleared)
{
    struct background call;
    arm("{\"kind\":\"hang\",\"method\":\"sendMessage\"}");
    background_start(&call, "/bot" TOKEN "/sendMessage", "{\"chat_id\":1001,\"text\":\"x\"}");
    do
        user("stats", NULL);
    while (number_at("held") == 0);
    user("clear", "{}");
    background_join(&call);
    cr_assert_eq(result, HTTP_E_BROKEN);
    cr_assert_eq(stored_messages(), 0);
}

Test(fault, slow_body_drips)
{
    arm("{\"kind\":\"slow_body\",\"method\":\"getUpdates\",\"delay_ms\":10}");
    int64_t before = clock_mono_us(clock_real());
    bot("getUpdates", "{}");
    expect_ok();
    cr_assert_geq(clock_mono_us(clock_real()) - before, 150000);
}

Test(fault, delay_chunks_gzip_and_closing_keep_the_content)
{
    arm("{\"kind\":\"delay\",\"delay_ms\":60}");
    hello();
    expect_ok();
    arm("{\"kind\":\"chunked\"}");
    hello();
    expect_ok();
    arm("{\"kind\":\"close_every\"}");
    hello();
    expect_ok();
    arm("{\"kind\":\"gzip\"}");
    hello();
    cr_assert(status == 200 && raw_len > 2 && (unsigned char)raw[0] == 0x1f &&
              (unsigned char)raw[1] == 0x8b);
}

Test(fault, polls_conflict_or_stay_empty)
{
    user("send", "{\"bot\":\"main\",\"text\":\"x\"}");
    arm("{\"kind\":\"conflict_poll\"}");
    bot("getUpdates", "{}");
    cr_assert(status == 409 && strstr(raw, "terminated by other getUpdates"));
    arm("{\"kind\":\"conflict_webhook\"}");
    bot("getUpdates", "{}");
    cr_assert(status == 409 && strstr(raw, "webhook is active"));
    arm("{\"kind\":\"empty_poll\"}");
    int64_t before = clock_mono_us(clock_real());
    bot("getUpdates", "{\"timeout\":30}");
    expect_ok();
    cr_assert_eq(count_at("result"), 0);
    cr_assert_lt(clock_mono_us(clock_real()) - before, 1000000);
}

Test(fault, refusals_of_edits_sends_and_getme)
{
    arm("{\"kind\":\"not_found_edit\"}");
    bot("editMessageText", "{\"chat_id\":1001,\"message_id\":1,\"text\":\"x\"}");
    expect_refused(400, "Bad Request: message to edit not found");
    arm("{\"kind\":\"not_found_edit\",\"variant\":\"cannot\"}");
    bot("editMessageText", "{\"chat_id\":1001,\"message_id\":1,\"text\":\"x\"}");
    expect_refused(400, "Bad Request: message can't be edited");
    arm("{\"kind\":\"migrate\",\"to_chat_id\":-1002233445566778}");
    hello();
    cr_assert_eq(number_at("parameters.migrate_to_chat_id"), -1002233445566778);
    arm("{\"kind\":\"blocked\"}");
    hello();
    expect_refused(403, "Forbidden: bot was blocked by the user");
    arm("{\"kind\":\"blocked\",\"variant\":\"deactivated\"}");
    hello();
    expect_refused(403, "Forbidden: user is deactivated");
    arm("{\"kind\":\"wrong_me\"}");
    bot("getMe", "{}");
    expect_ok();
    cr_assert_eq(number_at("result.id"), 70002);
}

Test(fault, batches_are_doubled_or_reversed)
{
    user("send", "{\"bot\":\"main\",\"text\":\"x\",\"count\":3}");
    arm("{\"kind\":\"duplicate_updates\"}");
    bot("getUpdates", "{}");
    cr_assert_eq(count_at("result"), 6);
    cr_assert_eq(number_at("result.1.update_id"), 1000);
    arm("{\"kind\":\"out_of_order\"}");
    bot("getUpdates", "{}");
    cr_assert_eq(number_at("result.0.update_id"), 1002);
    cr_assert_eq(number_at("result.2.update_id"), 1000);
}

Test(fault, id_restart_continues_at_a_lower_number)
{
    user("send", "{\"bot\":\"main\",\"text\":\"x\"}");
    arm("{\"kind\":\"id_restart\",\"bot\":\"main\",\"start\":12}");
    user("send", "{\"bot\":\"main\",\"text\":\"after\"}");
    bot("getUpdates", "{\"offset\":1001}");
    cr_assert_eq(number_at("result.0.update_id"), 12);
}

Test(fault, strange_updates_can_be_confirmed)
{
    static const char *const kinds[] = {"unknown_update", "wrong_types", "bad_utf8"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(kinds); i++) {
        char body[128];
        snprintf(body, sizeof(body), "{\"kind\":\"%s\",\"bot\":\"main\",\"count\":12}", kinds[i]);
        arm(body);
        bot("getUpdates", "{}");
        cr_assert_eq(status, 200);
        user("stats", NULL);
        cr_assert_eq(number_at("bots.0.pending"), 12);
        snprintf(body, sizeof(body), "{\"offset\":%lld}",
                 (long long)number_at("bots.0.next_update_id"));
        bot("getUpdates", body);
        cr_assert_eq(count_at("result"), 0);
    }
}

Test(fault, a_giant_update_is_as_big_as_asked)
{
    arm("{\"kind\":\"giant_update\",\"bot\":\"main\",\"bytes\":524288}");
    bot("getUpdates", "{}");
    cr_assert_eq(strlen(text_at("result.0.message.text")), 524288);
    arm("{\"kind\":\"giant_update\",\"bot\":\"main\",\"variant\":\"deep\"}");
    bot("getUpdates", "{\"offset\":1001}");
    cr_assert_not_null(strstr(raw, "[[[[[[[["));
}

Test(fault, wrong_orders_are_refused)
{
    user("fault", "{\"kind\":\"earthquake\"}");
    cr_assert(status == 400 && strstr(raw, "kind is not known"));
    user("fault", "{\"kind\":\"flood\",\"bot\":\"nobody\"}");
    cr_assert_eq(status, 400);
    user("fault", "{\"kind\":\"flood\",\"count\":0}");
    cr_assert_eq(status, 400);
    for (int i = 0; i < 64; i++)
        arm("{\"kind\":\"flood\"}");
    user("fault", "{\"kind\":\"flood\"}");
    cr_assert_eq(status, 409);
    user("clear", "{}");
    hello();
    expect_ok();
}
