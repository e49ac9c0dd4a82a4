/* cli/demo_script.c: the scripted session of `trident demo --once`: a table of steps, played in
 * order. Each step types, presses or posts, and names what must then be read, in which chat. */
#include "cli/demo_script.h"

#include <json-c/json.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "core/alloc.h"
#include "core/jsonw.h"
#include "net/http_client.h"

#define ANSWER_MAX_BYTES (1024 * 1024)
#define WAIT_MS          8000
#define CALL_TIMEOUT_MS  12000

enum step_kind { STEP_UNSET = 0, STEP_TYPE, STEP_PRESS, STEP_ALERT, STEP_READ };

struct step {
    enum step_kind kind;
    const char *bot;    /* TYPE, PRESS: where; READ: whose chat */
    const char *text;   /* TYPE: the line; PRESS: part of the button's label; ALERT: body */
    const char *expect; /* part of the message that must arrive; NULL = nothing */
};

static const struct step session[] = {
    {STEP_TYPE, "controller", "/start", "Hello Asha"},
    {STEP_TYPE, "controller", "/help", "/positions"},
    {STEP_TYPE, "controller", "/status", "Active"},
    {STEP_ALERT, "notification",
     "{\"type\":\"entry_v3\",\"signal_type\":\"Momentum_Breakout\",\"symbol\":\"XAUUSD\","
     "\"direction\":\"buy\",\"tf\":\"5\",\"price\":{{close}},\"consensus_score\":8,"
     "\"sl_price\":2630.0,\"tp1_price\":2680.0,\"tp2_price\":2710.0,"
     "\"mtf_trends\":\"1,1,1,1,1\",\"market_trend\":1,\"volume_delta_ratio\":2.4,"
     "\"price_in_ob\":false,\"position_multiplier\":0.8}",
     "XAUUSD"},
    {STEP_TYPE, "controller", "/positions", "XAUUSD"},
    {STEP_ALERT, "notification",
     "BULLISH_ENTRY|GBPUSD|5|{{close}}|BUY|HIGH|85|27.4|STRONG|1.25500|1.27500|1.28500|1.29500|5/1|"
     "TL_OK|",
     "GBPUSD"},
    {STEP_TYPE, "controller", "/pause", "Paused."},
    {STEP_ALERT, "notification",
     "{\"type\":\"entry_v3\",\"signal_type\":\"Golden_Pocket_Flip\",\"symbol\":\"EURUSD\","
     "\"direction\":\"sell\",\"tf\":\"15\",\"price\":1.0850,\"consensus_score\":2,"
     "\"sl_price\":1.0900,\"tp1_price\":1.0800,\"tp2_price\":1.0750,"
     "\"mtf_trends\":\"-1,-1,-1,-1,-1\",\"market_trend\":-1,\"volume_delta_ratio\":-2.0,"
     "\"price_in_ob\":true,\"fib_level\":0.3,\"position_multiplier\":0.4}",
     "EURUSD"},
    {STEP_TYPE, "controller", "/resume", "Resumed."},
    {STEP_TYPE, "controller", "/closeall", "Close 4 open positions?"},
    {STEP_PRESS, "controller", "Yes, close all", "on their way"},
    {STEP_READ, "notification", NULL, "CLOSED"},
    {STEP_TYPE, "notification", "/test", "test"},
    {STEP_TYPE, "analytics", "/daily", "Day"},
    {STEP_TYPE, "analytics", "/performance", "Last"},
    {STEP_TYPE, "controller", "/why 9", "Momentum_Breakout"},
    {STEP_TYPE, "controller", "/positins", "/positions"},
};

struct session_state {
    const struct demo_place *place;
    struct http_caller *caller;
    struct http_response answer;
    int64_t seen[3];         /* newest change read per chat, in the order of bot_names */
    json_object *message[3]; /* the message read last in each chat */
};

static const char *const bot_names[] = {"controller", "notification", "analytics"};

static size_t bot_index(const char *bot)
{
    for (size_t i = 0; i < TR_ARRAY_SIZE(bot_names); i++)
        if (str_eq(bot_names[i], bot))
            return i;
    TR_ASSERT(false);
    return 0;
}

/* One exchange; the parsed JSON answer (caller puts it) or NULL. */
static json_object *call(struct session_state *st, const char *method, const char *url,
                         const char *body)
{
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    struct http_request req = {
        .method = method,
        .url = url,
        .headers = headers,
        .body = body,
        .body_len = body != NULL ? strlen(body) : 0,
        .timeout_ms = CALL_TIMEOUT_MS,
        .max_body_bytes = ANSWER_MAX_BYTES,
        .is_poll = true,
    };
    http_call(st->caller, &req, &st->answer);
    return st->answer.result == HTTP_OK ? json_tokener_parse(st->answer.body.data) : NULL;
}

static const char *text_of(json_object *o, const char *key)
{
    json_object *v = NULL;
    return json_object_object_get_ex(o, key, &v) && v != NULL ? json_object_get_string(v) : "";
}

static void print_lines(const char *who, const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        cli_print("  %-14s %.*s\n", who, (int)n, text);
        who = "";
        text += n + (text[n] == '\n');
    }
}

static bool sent_ok(json_object *answer, const char *what)
{
    bool ok = answer != NULL && str_eq(text_of(answer, "ok"), "true");
    if (!ok)
        cli_error("%s: the sandbox said: %s", what,
                  answer != NULL ? text_of(answer, "error") : "nothing");
    json_object_put(answer);
    return ok;
}

static bool type_text(struct session_state *st, const struct step *step)
{
    char url[128];
    struct buf body TR_CLEANUP(buf_deinit);
    struct jsonw w;
    buf_init(&body, 2048);
    jsonw_init(&w, &body);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "bot", step->bot);
    jsonw_i64(&w, "user", st->place->user_id);
    jsonw_str(&w, "text", step->text);
    jsonw_object_end(&w);
    (void)snprintf(url, sizeof(url), "%s/sandbox/send", st->place->sandbox_url);
    cli_print("\n> %s: %s\n", step->bot, step->text);
    return sent_ok(call(st, "POST", url, body.data), "send");
}

/* Callback data of the button whose label has the text; NULL when there is none. */
static const char *find_button(json_object *message, const char *label)
{
    json_object *markup = NULL, *rows = NULL;
    if (!json_object_object_get_ex(message, "markup", &markup) ||
        !json_object_object_get_ex(markup, "inline_keyboard", &rows))
        return NULL;
    for (size_t r = 0; r < json_object_array_length(rows); r++) {
        json_object *row = json_object_array_get_idx(rows, r);
        for (size_t i = 0; i < json_object_array_length(row); i++) {
            json_object *button = json_object_array_get_idx(row, i);
            if (strstr(text_of(button, "text"), label) != NULL)
                return text_of(button, "callback_data");
        }
    }
    return NULL;
}

static bool press(struct session_state *st, const struct step *step)
{
    char url[128];
    json_object *message = st->message[bot_index(step->bot)];
    const char *data = message != NULL ? find_button(message, step->text) : NULL;
    if (data == NULL) {
        cli_error("the last message of %s has no button \"%s\"", step->bot, step->text);
        return false;
    }
    struct buf body TR_CLEANUP(buf_deinit);
    struct jsonw w;
    buf_init(&body, 2048);
    jsonw_init(&w, &body);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "bot", step->bot);
    jsonw_i64(&w, "user", st->place->user_id);
    jsonw_raw(&w, "message_id", text_of(message, "id"));
    jsonw_str(&w, "data", data);
    jsonw_object_end(&w);
    (void)snprintf(url, sizeof(url), "%s/sandbox/press", st->place->sandbox_url);
    cli_print("\n> %s: [%s]\n", step->bot, step->text);
    return sent_ok(call(st, "POST", url, body.data), "press");
}

static bool post_alert(struct session_state *st, const struct step *step)
{
    char url[256];
    (void)snprintf(url, sizeof(url), "%s/webhook/%s", st->place->daemon_url,
                   st->place->webhook_secret);
    cli_print("\n> webhook: %s\n", step->text);
    json_object *answer = call(st, "POST", url, step->text);
    bool ok = answer != NULL && st->answer.status == 200;
    cli_print("  %-14s %d %s\n", "HTTP", st->answer.status,
              answer != NULL ? text_of(answer, "status") : "");
    json_object_put(answer);
    return ok;
}

static void url_encode(char *out, size_t cap, const char *s)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t n = 0;
    for (; *s != '\0' && n + 4 < cap; s++) {
        unsigned char c = (unsigned char)*s;
        out[n++] = '%';
        out[n++] = hex[c >> 4];
        out[n++] = hex[c & 15];
    }
    out[n] = '\0';
}

/* Waits for the next message of the chat that holds the text, and shows it. */
static bool read_message(struct session_state *st, const struct step *step)
{
    char url[512], contains[200];
    size_t i = bot_index(step->bot);
    json_object *seq = NULL, *message = NULL;
    url_encode(contains, sizeof(contains), step->expect);
    (void)snprintf(
        url, sizeof(url),
        "%s/sandbox/wait?bot=%s&user=%" PRId64 "&after=%" PRId64 "&contains=%s&timeout_ms=%d",
        st->place->sandbox_url, step->bot, st->place->user_id, st->seen[i], contains, WAIT_MS);
    json_object *answer = call(st, "GET", url, NULL);
    if (answer == NULL || !json_object_object_get_ex(answer, "seq", &seq) ||
        !json_object_object_get_ex(answer, "message", &message)) {
        cli_error("%s did not say \"%s\" within %d s", step->bot, step->expect, WAIT_MS / 1000);
        json_object_put(answer);
        return false;
    }
    st->seen[i] = json_object_get_int64(seq);
    print_lines(step->bot, text_of(message, "text"));
    if (str_eq(text_of(message, "media"), "photo"))
        cli_print("  %-14s [photo]\n", "");
    json_object_put(st->message[i]);
    st->message[i] = json_object_get(message);
    json_object_put(answer);
    return true;
}

static bool play_step(struct session_state *st, const struct step *step)
{
    bool ok = true;
    switch (step->kind) {
    case STEP_TYPE:
        ok = type_text(st, step);
        break;
    case STEP_PRESS:
        ok = press(st, step);
        break;
    case STEP_ALERT:
        ok = post_alert(st, step);
        break;
    case STEP_READ:
    case STEP_UNSET:
        break;
    }
    return ok && (step->expect == NULL || read_message(st, step));
}

int demo_script_play(const struct demo_place *place)
{
    struct session_state st = {.place = place, .caller = http_caller_new()};
    int missing = 0;
    http_response_init(&st.answer, ANSWER_MAX_BYTES);
    for (size_t i = 0; i < TR_ARRAY_SIZE(session) && missing == 0; i++)
        missing += demo_script_is_stopped(place) || !play_step(&st, &session[i]);
    for (size_t i = 0; i < TR_ARRAY_SIZE(st.message); i++)
        json_object_put(st.message[i]);
    http_response_deinit(&st.answer);
    http_caller_free(st.caller);
    return missing;
}

bool demo_script_is_ready(const struct demo_place *place)
{
    char url[128];
    struct session_state st = {.place = place, .caller = http_caller_new()};
    http_response_init(&st.answer, ANSWER_MAX_BYTES);
    (void)snprintf(url, sizeof(url), "%s/health", place->daemon_url);
    json_object *answer = call(&st, "GET", url, NULL);
    bool ready =
        answer != NULL && st.answer.status == 200 && str_eq(text_of(answer, "status"), "ok");
    json_object_put(answer);
    http_response_deinit(&st.answer);
    http_caller_free(st.caller);
    return ready;
}

bool demo_script_is_stopped(const struct demo_place *place)
{
    sigset_t pending;
    (void)sigpending(&pending);
    (void)sigandset(&pending, &pending, place->stop_signals);
    return sigisemptyset(&pending) == 0;
}
