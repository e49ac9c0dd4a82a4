/* Covers: every row of spec telegram 1.5, retry_after in all its shapes (fault 1), HTML and empty
 * bodies (faults 2, 3), truncated JSON (4), wrong types, transport results, names. */
#include "telegram_support.h"

static struct telegram_reply read_answer(int status, const char *body)
{
    struct http_response r;
    struct telegram_reply reply;
    make_answer(&r, status, body, strlen(body));
    telegram_read_reply(&r, &reply);
    http_response_deinit(&r);
    return reply;
}

static struct telegram_reply refusal(int code, const char *description)
{
    char body[512];
    snprintf(body, sizeof(body), "{\"ok\":false,\"error_code\":%d,\"description\":\"%s\"}", code,
             description);
    return read_answer(code, body);
}

Test(reply, reads_success_with_its_message_id)
{
    struct telegram_reply r =
        read_answer(200, "{\"ok\":true,\"result\":{\"message_id\":4711,\"date\":1}}");
    cr_assert_eq(r.error, TELEGRAM_OK);
    cr_assert_eq(r.message_id, 4711);
    cr_assert_eq(read_answer(200, "{\"ok\":true,\"result\":true}").error, TELEGRAM_OK);
    cr_assert_eq(read_answer(200, "{\"ok\":true,\"result\":{\"message_id\":\"x\"}}").message_id, 0);
}

Test(reply, tells_the_documented_refusals_apart)
{
    static const struct {
        int code;
        const char *text;
        enum telegram_error want;
    } cases[] = {
        {400,
         "Bad Request: message is not modified: specified new message content and reply "
         "markup are exactly the same",
         TELEGRAM_E_NOT_MODIFIED},
        {400, "Bad Request: message to edit not found", TELEGRAM_E_MESSAGE_GONE},
        {400, "Bad Request: message can't be edited", TELEGRAM_E_MESSAGE_GONE},
        {400, "Bad Request: message to be replied not found", TELEGRAM_E_MESSAGE_GONE},
        {400, "Bad Request: there is no text in the message to edit", TELEGRAM_E_MESSAGE_GONE},
        {400, "Bad Request: query is too old and response timeout expired or query ID is invalid",
         TELEGRAM_E_CALLBACK_OLD},
        {400, "Bad Request: chat not found", TELEGRAM_E_CHAT_GONE},
        {400, "Bad Request: private chat not found", TELEGRAM_E_CHAT_GONE},
        {400, "Bad Request: message thread not found", TELEGRAM_E_THREAD_GONE},
        {400, "Bad Request: TOPIC_CLOSED", TELEGRAM_E_RIGHTS},
        {400, "Bad Request: not enough rights to send text messages to the chat",
         TELEGRAM_E_RIGHTS},
        {400, "Bad Request: CHAT_WRITE_FORBIDDEN", TELEGRAM_E_RIGHTS},
        {400, "Bad Request: can't parse entities: Unsupported start tag",
         TELEGRAM_E_PARSE_ENTITIES},
        {400, "Bad Request: message is too long", TELEGRAM_E_TOO_LONG},
        {400, "Bad Request: MESSAGE_TOO_LONG", TELEGRAM_E_TOO_LONG},
        {400, "Bad Request: message text is empty", TELEGRAM_E_EMPTY_TEXT},
        {400, "Bad Request: BUTTON_DATA_INVALID", TELEGRAM_E_KEYBOARD},
        {400, "Bad Request: BUTTON_URL_INVALID", TELEGRAM_E_KEYBOARD},
        {400, "Bad Request: reply markup is too long", TELEGRAM_E_KEYBOARD},
        {400, "Bad Request: something new", TELEGRAM_E_BAD_REQUEST},
        {401, "Unauthorized", TELEGRAM_E_UNAUTHORISED},
        {403, "Forbidden: bot was blocked by the user", TELEGRAM_E_CHAT_GONE},
        {403, "Forbidden: user is deactivated", TELEGRAM_E_CHAT_GONE},
        {403, "Forbidden: bot was kicked from the group chat", TELEGRAM_E_CHAT_GONE},
        {404, "Not Found: method not found", TELEGRAM_E_METHOD_UNKNOWN},
        {409, "Conflict: terminated by other getUpdates request; make sure that only one bot",
         TELEGRAM_E_CONFLICT_POLL},
        {409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook",
         TELEGRAM_E_CONFLICT_WEBHOOK},
        {413, "Request Entity Too Large", TELEGRAM_E_TOO_LONG},
        {500, "Internal Server Error: restart", TELEGRAM_E_SERVER},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        struct telegram_reply r = refusal(cases[i].code, cases[i].text);
        cr_assert_eq(r.error, cases[i].want, "%s: %s", cases[i].text, telegram_error_name(r.error));
        cr_assert_eq(r.code, cases[i].code);
    }
}

Test(reply, follows_a_migration_with_an_id_beyond_32_bits)
{
    struct telegram_reply r = read_answer(
        400, "{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: group chat was "
             "upgraded to a supergroup chat\",\"parameters\":{\"migrate_to_chat_id\":"
             "-1001234567890123}}");
    cr_assert_eq(r.error, TELEGRAM_E_MIGRATED);
    cr_assert_eq(r.migrate_to_chat_id, INT64_C(-1001234567890123));
}

Test(reply, takes_retry_after_however_it_comes)
{
    static const struct {
        const char *parameters;
        int header_s, want_s;
    } cases[] = {
        {"{\"retry_after\":7}", -1, 7},
        {"{\"retry_after\":0}", -1, 1},
        {"{\"retry_after\":\"12\"}", -1, 12},
        {"{\"retry_after\":86400}", -1, 86400},
        {"{\"retry_after\":99999999}", -1, 14 * 24 * 3600},
        {"{\"retry_after\":-5}", -1, 1},
        {"{}", 9, 9},
        {"{}", -1, 3},
        {"null", 4, 4},
        {"{\"retry_after\":{}}", 5, 5},
        {"{\"retry_after\":2.0}", -1, 2},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        char body[256];
        struct http_response r;
        struct telegram_reply reply;
        snprintf(body, sizeof(body),
                 "{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests\","
                 "\"parameters\":%s}",
                 cases[i].parameters);
        make_answer(&r, 429, body, strlen(body));
        r.retry_after_s = cases[i].header_s;
        telegram_read_reply(&r, &reply);
        cr_assert_eq(reply.error, TELEGRAM_E_FLOOD);
        cr_assert_eq(reply.retry_after_s, cases[i].want_s, "%s", cases[i].parameters);
        http_response_deinit(&r);
    }
    cr_assert_eq(read_answer(429, "").error, TELEGRAM_E_FLOOD);
}

Test(reply, never_takes_foreign_bytes_for_success)
{
    static const struct {
        int status;
        const char *body;
        enum telegram_error want;
    } cases[] = {
        {200, "", TELEGRAM_E_BAD_ANSWER},
        {200, "<html>sign in</html>", TELEGRAM_E_BAD_ANSWER},
        {200, "{\"ok\":true,\"result\":{\"mess", TELEGRAM_E_BAD_ANSWER},
        {200, "{\"ok\":\"true\",\"result\":{}}", TELEGRAM_E_BAD_ANSWER},
        {200, "{\"ok\":1}", TELEGRAM_E_BAD_ANSWER},
        {200, "[]", TELEGRAM_E_BAD_ANSWER},
        {200, "null", TELEGRAM_E_BAD_ANSWER},
        {200, "{\"ok\":true} trailing", TELEGRAM_E_BAD_ANSWER},
        {302, "", TELEGRAM_E_BAD_ANSWER},
        {400, "", TELEGRAM_E_BAD_REQUEST},
        {413, "", TELEGRAM_E_TOO_LONG},
        {401, "", TELEGRAM_E_UNAUTHORISED},
        {500, "", TELEGRAM_E_SERVER},
        {502, "<html><h1>502 Bad Gateway</h1></html>", TELEGRAM_E_SERVER},
        {504, "<html></html>", TELEGRAM_E_SERVER},
        {500, "{\"ok\":true,\"result\":{\"message_id\":5}}", TELEGRAM_E_SERVER},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++)
        cr_assert_eq(read_answer(cases[i].status, cases[i].body).error, cases[i].want, "%d %s",
                     cases[i].status, cases[i].body);
}

Test(reply, knows_what_certainly_did_not_happen)
{
    static const struct {
        enum http_result result;
        enum telegram_error want;
    } cases[] = {
        {HTTP_E_CONNECT, TELEGRAM_E_NETWORK},         {HTTP_E_TLS, TELEGRAM_E_NETWORK},
        {HTTP_E_TIMEOUT, TELEGRAM_E_UNKNOWN_OUTCOME}, {HTTP_E_BROKEN, TELEGRAM_E_UNKNOWN_OUTCOME},
        {HTTP_E_TOO_BIG, TELEGRAM_E_BAD_ANSWER},      {HTTP_E_ABORTED, TELEGRAM_E_ABORTED},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        struct http_response r;
        struct telegram_reply reply;
        make_answer(&r, 0, "", 0);
        r.result = cases[i].result;
        telegram_read_reply(&r, &reply);
        cr_assert_eq(reply.error, cases[i].want);
        http_response_deinit(&r);
    }
}

Test(reply, sanitises_and_cuts_the_description)
{
    char text[400];
    memset(text, 'x', sizeof(text));
    memcpy(text + 120, "\\u0007ä€🟢ää€🟢ä", strlen("\\u0007ä€🟢ää€🟢ä"));
    text[300] = 0;
    struct telegram_reply r = refusal(400, text);
    cr_assert_null(strchr(r.description, 7));
    cr_assert_lt(strlen(r.description), sizeof(r.description));
    cr_assert_eq(r.error, TELEGRAM_E_BAD_REQUEST);
}

Test(reply, names_every_error)
{
    for (int i = 0; i < TELEGRAM_ERROR_COUNT; i++)
        cr_assert(telegram_error_name((enum telegram_error)i)[0] != 0);
}
