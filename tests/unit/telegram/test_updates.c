/* Covers: reading getUpdates answers: all kinds of updates, and faults 4, 7-11, 16, 17, 19 of spec
 * telegram 2: truncation, repeats, disorder and gaps, restarted ids, giant and deeply nested
 * batches, broken text, unknown kinds, wrong types; and that parsing is fast enough not to be
 * quadratic. */
#include "telegram_support.h"

#include "core/clock.h"
#include "telegram/message_text.h"

static struct update_batch batch;
static struct telegram_reply status;

static void read_text(int64_t offset, const char *body, size_t len)
{
    struct http_response r;
    make_answer(&r, 200, body, len);
    telegram_read_updates(&r, offset, &batch, &status);
    http_response_deinit(&r); /* the batch owns its strings */
}

static void read_list(int64_t offset, const char *elements)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_printf(&b, "{\"ok\":true,\"result\":[%s]}", elements);
    read_text(offset, b.data, b.len);
    buf_deinit(&b);
}

#define MESSAGE(id, text)                                                                          \
    "{\"update_id\":" id ",\"message\":{\"message_id\":5,\"date\":1700000000,"                     \
    "\"from\":{\"id\":7777777777,\"is_bot\":false,\"first_name\":\"Ann\"},"                        \
    "\"chat\":{\"id\":7777777777,\"type\":\"private\"},\"text\":\"" text "\"}}"

Test(updates, reads_a_private_message)
{
    read_list(0, MESSAGE("10", "/status now"));
    cr_assert_eq(status.error, TELEGRAM_OK);
    cr_assert_eq(batch.count, 1);
    const struct update *u = &batch.items[0];
    cr_assert_eq(u->kind, UPDATE_MESSAGE);
    cr_assert_eq(u->update_id, 10);
    cr_assert_eq(u->from_id, INT64_C(7777777777));
    cr_assert_eq(u->chat_id, INT64_C(7777777777));
    cr_assert_eq(u->message_id, 5);
    cr_assert_eq(u->date_s, 1700000000);
    cr_assert(u->is_private && !u->from_is_bot && !u->is_forward && !u->is_via_bot);
    cr_assert_str_eq(u->text, "/status now");
    cr_assert_str_eq(u->first_name, "Ann");
    cr_assert_str_eq(u->chat_type, "private");
    cr_assert_eq(batch.max_update_id, 10);
    update_batch_deinit(&batch);
}

Test(updates, reads_groups_topics_forwards_and_anonymous_senders)
{
    read_list(
        0, "{\"update_id\":1,\"message\":{\"message_id\":5,\"date\":1,\"message_thread_id\":9,"
           "\"is_topic_message\":true,\"chat\":{\"id\":-1001234567890,\"type\":\"supergroup\"},"
           "\"from\":{\"id\":1087968824,\"is_bot\":true},\"sender_chat\":{\"id\":-1001234567890},"
           "\"forward_origin\":{},\"via_bot\":{\"id\":3},\"caption\":\"/buy\"}},"
           "{\"update_id\":2,\"message\":{\"message_id\":6,\"date\":1,\"message_thread_id\":9,"
           "\"chat\":{\"id\":-5,\"type\":\"group\"},\"migrate_to_chat_id\":-1009876543210}},"
           "{\"update_id\":3,\"edited_message\":{\"message_id\":6,\"date\":1,"
           "\"chat\":{\"id\":5,\"type\":\"private\"},\"text\":\"/buy\"}}");
    cr_assert_eq(batch.count, 3);
    const struct update *u = &batch.items[0];
    cr_assert_eq(u->thread_id, 9);
    cr_assert_eq(u->sender_chat_id, INT64_C(-1001234567890));
    cr_assert(u->is_topic && u->is_forward && u->is_via_bot && u->from_is_bot && !u->is_private);
    cr_assert_str_eq(u->text, "/buy");
    cr_assert_eq(batch.items[1].migrate_to_chat_id, INT64_C(-1009876543210));
    cr_assert_eq(batch.items[1].thread_id, 0, "a reply thread is not a topic");
    cr_assert_eq(batch.items[1].from_id, 0);
    cr_assert_eq(batch.items[2].kind, UPDATE_EDITED_MESSAGE);
    update_batch_deinit(&batch);
}

Test(updates, reads_callbacks_with_and_without_a_message)
{
    read_list(0, "{\"update_id\":1,\"callback_query\":{\"id\":\"55\",\"from\":{\"id\":7},"
                 "\"data\":\"x:1\",\"message\":{\"message_id\":5,\"date\":99,\"chat\":{\"id\":7,"
                 "\"type\":\"private\"}}}},"
                 "{\"update_id\":2,\"callback_query\":{\"id\":\"56\",\"from\":{\"id\":7},"
                 "\"message\":{\"message_id\":5,\"date\":0,\"chat\":{\"id\":7}}}},"
                 "{\"update_id\":3,\"callback_query\":{\"id\":\"57\",\"from\":{\"id\":7},"
                 "\"inline_message_id\":\"q\"}},"
                 "{\"update_id\":4,\"callback_query\":{\"from\":{\"id\":7}}}");
    cr_assert_eq(batch.items[0].kind, UPDATE_CALLBACK);
    cr_assert_str_eq(batch.items[0].callback_id, "55");
    cr_assert_str_eq(batch.items[0].callback_data, "x:1");
    cr_assert(batch.items[0].message_accessible);
    cr_assert_eq(batch.items[1].kind, UPDATE_CALLBACK);
    cr_assert(!batch.items[1].message_accessible);
    cr_assert_str_eq(batch.items[1].callback_data, "");
    cr_assert_eq(batch.items[2].kind, UPDATE_CALLBACK);
    cr_assert_eq(batch.items[2].chat_id, 0);
    cr_assert_eq(batch.items[3].kind, UPDATE_MALFORMED);
    update_batch_deinit(&batch);
}

Test(updates, reads_a_blocked_bot)
{
    read_list(0, "{\"update_id\":1,\"my_chat_member\":{\"chat\":{\"id\":7,\"type\":\"private\"},"
                 "\"from\":{\"id\":7},\"date\":5,\"new_chat_member\":{\"status\":\"kicked\"}}}");
    cr_assert_eq(batch.items[0].kind, UPDATE_MY_CHAT_MEMBER);
    cr_assert_str_eq(batch.items[0].member_status, "kicked");
    update_batch_deinit(&batch);
}

Test(updates, orders_by_id_and_removes_repeats)
{
    read_list(100, MESSAGE("105", "c") "," MESSAGE("103", "a") "," MESSAGE("110", "d") "," MESSAGE(
                       "103", "again") ",{\"update_id\":104,\"message\":5}," MESSAGE("104", "b"));
    cr_assert_eq(batch.count, 4);
    static const int64_t want[] = {103, 104, 105, 110};
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(batch.items[i].update_id, want[i]);
    cr_assert_eq(batch.items[1].kind, UPDATE_MESSAGE, "the readable one of repeats is kept");
    cr_assert_eq(batch.max_update_id, 110);
    cr_assert(!batch.id_space_restarted);
    update_batch_deinit(&batch);
}

Test(updates, notices_restarted_ids_but_not_a_redelivery)
{
    read_list(900000000, MESSAGE("12000000", "a"));
    cr_assert(batch.id_space_restarted);
    update_batch_deinit(&batch);
    read_list(900000000, MESSAGE("899999998", "a") "," MESSAGE("899999999", "b"));
    cr_assert(!batch.id_space_restarted);
    update_batch_deinit(&batch);
    read_list(900000000, MESSAGE("5", "a") "," MESSAGE("900000000", "b"));
    cr_assert(!batch.id_space_restarted);
    update_batch_deinit(&batch);
    read_list(0, MESSAGE("5", "a"));
    cr_assert(!batch.id_space_restarted);
    update_batch_deinit(&batch);
    read_list(10, "");
    cr_assert_eq(status.error, TELEGRAM_OK);
    cr_assert(!batch.id_space_restarted && batch.count == 0 && batch.max_update_id == -1);
    update_batch_deinit(&batch);
}

Test(updates, confirms_unknown_kinds)
{
    read_list(0, "{\"update_id\":8,\"quantum_message\":{\"x\":[1,{}]}},{\"update_id\":9},"
                 "{\"update_id\":10,\"channel_post\":{\"chat\":{\"id\":-1}}}");
    cr_assert_eq(batch.count, 3);
    for (size_t i = 0; i < 3; i++)
        cr_assert_eq(batch.items[i].kind, UPDATE_OTHER);
    cr_assert_eq(batch.max_update_id, 10);
    update_batch_deinit(&batch);
}

Test(updates, isolates_elements_of_wrong_types_and_still_moves_on)
{
    static const struct {
        const char *element;
        int64_t id;
    } cases[] = {
        {"5", -1},
        {"null", -1},
        {"[]", -1},
        {"{}", -1},
        {"{\"update_id\":\"77\",\"message\":{}}", 77},
        {"{\"update_id\":77.0}", 77},
        {"{\"update_id\":77.5}", -1},
        {"{\"update_id\":-3}", -1},
        {"{\"update_id\":9223372036854775808}", -1},
        {"{\"update_id\":99999999999999999999999}", -1},
        {"{\"update_id\":true}", -1},
        {"{\"update_id\":77,\"message\":null}", 77},
        {"{\"update_id\":77,\"message\":{}}", 77},
        {"{\"update_id\":77,\"message\":{\"chat\":{\"id\":\"7\"}}}", 77},
        {"{\"update_id\":77,\"message\":{\"chat\":{\"id\":7.5}}}", 77},
        {"{\"update_id\":77,\"message\":{\"chat\":{\"id\":7},\"date\":1700000000000}}", 77},
        {"{\"update_id\":77,\"message\":{\"chat\":{\"id\":7},\"from\":{\"id\":\"7\"}}}", 77},
        {"{\"update_id\":77,\"message\":{\"chat\":{\"id\":7},\"text\":{}}}", 77},
        {"{\"update_id\":77,\"callback_query\":{\"id\":5}}", 77},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        char list[600];
        snprintf(list, sizeof(list), "%s,%s", cases[i].element, MESSAGE("70", "fine"));
        read_list(0, list);
        cr_assert_eq(status.error, TELEGRAM_OK);
        cr_assert_eq(batch.count, 2, "%s", cases[i].element);
        const struct update *bad = &batch.items[cases[i].id > 70 ? 1 : 0];
        const struct update *good = &batch.items[cases[i].id > 70 ? 0 : 1];
        cr_assert_eq(bad->kind, UPDATE_MALFORMED, "%s", cases[i].element);
        cr_assert_eq(bad->update_id, cases[i].id, "%s", cases[i].element);
        cr_assert_str_eq(good->text, "fine");
        cr_assert_eq(batch.max_update_id, cases[i].id > 70 ? cases[i].id : 70);
        update_batch_deinit(&batch);
    }
}

Test(updates, refuses_answers_that_are_no_whole_batch)
{
    static const char *const bodies[] = {
        "{\"ok\":true,\"result\":[" MESSAGE("1", "a") ",{\"update_id\":2,\"mess",
        "{\"ok\":true,\"result\":{}}",
        "{\"ok\":true,\"result\":null}",
        "{\"ok\":true}",
        "{\"ok\":\"true\",\"result\":[]}",
        "<html></html>",
        "",
        "[]",
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(bodies); i++) {
        read_text(5, bodies[i], strlen(bodies[i]));
        cr_assert_eq(status.error, TELEGRAM_E_BAD_ANSWER, "%s", bodies[i]);
        cr_assert_eq(batch.count, 0);
        cr_assert_eq(batch.max_update_id, -1);
        update_batch_deinit(&batch);
    }
}

Test(updates, cuts_out_an_element_that_is_nested_too_deeply)
{
    struct buf b;
    for (int depth = 20; depth <= 200000; depth *= 10) {
        buf_init(&b, 1 << 20);
        buf_puts(&b,
                 "{\"ok\":true,\"result\":[" MESSAGE("1", "a \\\"]}") ", {\"update_id\": 2,\"x\":");
        for (int i = 0; i < depth; i++)
            buf_putc(&b, '[');
        for (int i = 0; i < depth; i++)
            buf_putc(&b, ']');
        buf_puts(&b, "},\n" MESSAGE("3", "c") "]}");
        read_text(0, b.data, b.len);
        cr_assert_eq(status.error, TELEGRAM_OK, "depth %d", depth);
        cr_assert_eq(batch.count, 3);
        cr_assert_eq(batch.items[1].kind, depth < 32 ? UPDATE_OTHER : UPDATE_MALFORMED);
        cr_assert_eq(batch.items[1].update_id, 2);
        cr_assert_str_eq(batch.items[2].text, "c");
        update_batch_deinit(&batch);
        read_text(0, b.data, b.len - 3); /* the same, cut */
        cr_assert_eq(status.error, TELEGRAM_E_BAD_ANSWER);
        update_batch_deinit(&batch);
        buf_deinit(&b);
    }
    static const char crossed[] = "{\"ok\":true,\"result\":["
                                  "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[}}}}}";
    read_text(0, crossed, strlen(crossed));
    cr_assert_eq(status.error, TELEGRAM_E_BAD_ANSWER);
}

Test(updates, hands_out_only_valid_text)
{
    read_list(0, MESSAGE("1", "a\\u0000b\\ud83d\\ude00\\ud83d\\u202e\xff") "," MESSAGE(
                     "2", "\\u0007\\u001b[31m"));
    cr_assert_eq(batch.count, 2);
    for (size_t i = 0; i < 2; i++)
        cr_assert(text_is_valid_utf8(batch.items[i].text, strlen(batch.items[i].text)));
    cr_assert_eq(strncmp(batch.items[0].text, "ab😀", strlen("ab😀")), 0);
    cr_assert_null(strstr(batch.items[0].text, "\xe2\x80\xae"));
    cr_assert_str_eq(batch.items[1].text, "[31m");
    update_batch_deinit(&batch);
}

Test(updates, takes_the_error_envelope_and_a_404_as_a_wrong_token)
{
    static const struct {
        int code;
        const char *text;
        enum telegram_error want;
    } cases[] = {{404, "Not Found", TELEGRAM_E_UNAUTHORISED},
                 {401, "Unauthorized", TELEGRAM_E_UNAUTHORISED},
                 {409, "Conflict", TELEGRAM_E_CONFLICT_POLL}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        struct http_response r;
        char body[128];
        snprintf(body, sizeof(body), "{\"ok\":false,\"error_code\":%d,\"description\":\"%s\"}",
                 cases[i].code, cases[i].text);
        make_answer(&r, cases[i].code, body, strlen(body));
        telegram_read_updates(&r, 0, &batch, &status);
        cr_assert_eq(status.error, cases[i].want);
        http_response_deinit(&r);
    }
}

Test(updates, parses_giant_batches_without_quadratic_time, .timeout = 20)
{
    struct buf b;
    buf_init(&b, 8 << 20);
    buf_puts(&b, "{\"ok\":true,\"result\":[");
    for (int i = 0; i < 100; i++) {
        buf_printf(&b,
                   "%s{\"update_id\":%d,\"message\":{\"message_id\":5,\"date\":1,\"chat\":{"
                   "\"id\":7,\"type\":\"private\"},\"text\":\"",
                   i > 0 ? "," : "", 100 + i);
        for (int k = 0; k < 8000; k++)
            buf_puts(&b, "\\u20ac");
        buf_puts(&b, "\"}}");
    }
    buf_puts(&b, "]}");
    int64_t start = clock_mono_us(clock_real());
    read_text(0, b.data, b.len);
    cr_assert_eq(batch.count, 100);
    cr_assert_eq(strlen(batch.items[99].text), 24000);
    cr_assert_lt(clock_mono_us(clock_real()) - start, 5000000);
    update_batch_deinit(&batch);
    buf_deinit(&b);
}
