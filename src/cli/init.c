/* trident init: asks for what only a person knows (tokens, who the owner is, the port), checks each
 * token with getMe, makes up the secrets itself and writes a private configuration file. The steps
 * run in order; each prints what it wants and why. On a terminal a wrong answer is asked again;
 * from a pipe it ends the run. Nothing of a token is ever printed. The file appears whole or not at
 * all. */
#include <stdio.h>
#include <string.h>
#include "cli/cli.h"
#include "cli/terminal.h"
#include "conf/conf_table.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/jsonw.h"
#include "core/log.h"
#include "net/http_client.h"
#include "telegram/client.h"

#define GET_ME_TIMEOUT_MS 10000
#define FIND_TOTAL_US     INT64_C(60000000)
#define FIND_POLL_S       5
#define FIND_LIMIT        100
#define ANSWER_MAX_BYTES  (1024 * 1024)
#define SECRET_BYTES      24
#define SECRET_CAP        40
#define FILE_MAX_BYTES    65536

struct wizard {
    const char *path, *base_url;
    struct http_caller *caller;
    char tokens[BOT_COUNT][CONF_TOKEN_CAP];
    char bot_names[BOT_COUNT][64];
    int64_t user_id;
    char user_name[USER_NAME_CAP];
    int64_t port;
    char webhook_secret[SECRET_CAP], admin_token[SECRET_CAP];
};

/* ---- tokens ---- */

static bool is_taken(const struct wizard *w, enum bot_id bot, const char *token)
{
    for (enum bot_id b = BOT_CONTROLLER; b < bot; b++) {
        if (str_eq(w->tokens[b], token))
            return true;
    }
    return false;
}

/* Says what is wrong, or takes the token. */
static bool try_token(struct wizard *w, enum bot_id bot, const char *token)
{
    struct telegram_me me = {0};
    struct telegram_reply status = {0};
    if (!conf_is_token(token)) {
        cli_print(
            "  That is not a token. It looks like 123456789:ABC... and comes from @BotFather.\n");
        return false;
    }
    log_add_secret(token);
    if (is_taken(w, bot, token)) {
        cli_print("  This token is already used for another of the bots.\n");
        return false;
    }
    telegram_get_me(w->caller, w->base_url, token, GET_ME_TIMEOUT_MS, &me, &status);
    if (status.error == TELEGRAM_E_UNAUTHORISED) {
        cli_print("  Telegram does not know this token. Was it revoked, or not copied whole?\n");
        return false;
    }
    if (status.error != TELEGRAM_OK) {
        cli_print("  %s did not answer properly (%s). Is the network up?\n", w->base_url,
                  telegram_error_name(status.error));
        return false;
    }
    (void)str_copy(w->tokens[bot], sizeof w->tokens[bot], token); /* same size as the input */
    (void)str_copy(w->bot_names[bot], sizeof w->bot_names[bot], me.username);
    cli_print("  Found @%s.\n", me.username);
    return true;
}

static int ask_token(struct wizard *w, enum bot_id bot, const char *question, bool may_skip)
{
    char token[CONF_TOKEN_CAP];
    bool is_done = false;
    while (!is_done) {
        int r = terminal_ask(question, true, token, sizeof token);
        if (r == TERMINAL_E_END) {
            cli_error("init: ended before all questions were answered; nothing was written");
            return CLI_FAILED;
        }
        if (token[0] == '\0' && may_skip && r == TERMINAL_OK) {
            cli_print("  Skipped: another bot does its work.\n");
            return CLI_OK;
        }
        is_done = try_token(w, bot, token);
        hash_wipe(token, sizeof token);
        if (!is_done && !terminal_is_person())
            return CLI_FAILED;
    }
    return CLI_OK;
}

static int ask_tokens(struct wizard *w)
{
    cli_print(
        "Trident talks through three Telegram bots. Make each in Telegram: write to @BotFather,\n"
        "send /newbot, and copy the token it gives you. What you type here is not shown.\n\n");
    int r = ask_token(w, BOT_CONTROLLER, "Token of the controller bot (takes commands): ", false);
    if (r == CLI_OK)
        r = ask_token(w, BOT_NOTIFICATION,
                      "Token of the notification bot (tells what happened; Enter to skip): ", true);
    if (r == CLI_OK)
        r = ask_token(w, BOT_ANALYTICS,
                      "Token of the analytics bot (answers with figures; Enter to skip): ", true);
    return r;
}

/* ---- who the owner is ---- */

/* A stranger's name goes to the terminal: no control characters, neither ASCII nor C1. */
static void make_harmless(char *name)
{
    for (unsigned char *p = (unsigned char *)name; *p != '\0'; p++) {
        bool is_c1 = p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f;
        if (*p < ' ' || *p == 0x7f || is_c1)
            *p = '?';
        if (is_c1)
            p[1] = '?';
    }
}

/* Newest private message among the waiting updates. They are not confirmed: the daemon sees them
 * too. */
static bool find_sender(const struct update_batch *batch, struct wizard *w)
{
    bool found = false;
    for (size_t i = 0; i < batch->count; i++) {
        const struct update *u = &batch->items[i];
        if (u->kind != UPDATE_MESSAGE || !u->is_private || u->from_is_bot || u->from_id <= 0)
            continue;
        w->user_id = u->from_id;
        (void)str_copy(w->user_name, sizeof w->user_name, u->first_name); /* cut is fine */
        make_harmless(w->user_name);
        found = true;
    }
    return found;
}

static bool poll_once(struct wizard *w, bool *ret_failed)
{
    char url[TELEGRAM_URL_CAP];
    struct buf body TR_CLEANUP(buf_deinit);
    struct http_response answer;
    struct update_batch batch = {0};
    struct telegram_reply status = {0};
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    buf_init(&body, 1024);
    http_response_init(&answer, ANSWER_MAX_BYTES);
    telegram_body_get_updates(&body, 0, FIND_LIMIT, FIND_POLL_S);
    bool fits = telegram_url(url, w->base_url, w->tokens[BOT_CONTROLLER], "getUpdates");
    TR_ASSERT(fits); /* getMe went through the same address */
    struct http_request request = {.method = "POST",
                                   .url = url,
                                   .headers = headers,
                                   .body = body.data,
                                   .body_len = body.len,
                                   .timeout_ms = (FIND_POLL_S + 10) * 1000,
                                   .max_body_bytes = ANSWER_MAX_BYTES,
                                   .is_poll = true};
    http_call(w->caller, &request, &answer);
    telegram_read_updates(&answer, 0, &batch, &status);
    bool found = find_sender(&batch, w);
    *ret_failed = status.error != TELEGRAM_OK;
    if (*ret_failed)
        cli_print("  Waiting does not work: %s %s\n", telegram_error_name(status.error),
                  status.description);
    update_batch_deinit(&batch);
    http_response_deinit(&answer);
    hash_wipe(url, sizeof url);
    return found;
}

static bool wait_for_message(struct wizard *w)
{
    const struct clock *clock = clock_real();
    int64_t until_us = clock_mono_us(clock) + FIND_TOTAL_US;
    bool failed = false;
    cli_print("  Waiting up to 60 s for your message to @%s ...\n", w->bot_names[BOT_CONTROLLER]);
    while (clock_mono_us(clock) < until_us && !failed) {
        int64_t began_us = clock_mono_us(clock);
        if (poll_once(w, &failed))
            return true;
        if (!failed && clock_mono_us(clock) - began_us < 1000000)
            cli_wait_us(1000000); /* a server that answers at once is not asked in a circle */
    }
    if (!failed)
        cli_print("  No message came.\n");
    return false;
}

static bool is_yes(const char *text)
{
    return text[0] == '\0' || text[0] == 'y' || text[0] == 'Y';
}

/* 0 answered, CLI_FAILED ended; *ret_done tells whether an id is known now. */
static int ask_user_once(struct wizard *w, bool *ret_done)
{
    char text[64], question[160];
    if (terminal_ask("Your numeric user id (Enter: I find it): ", false, text, sizeof text) !=
        TERMINAL_OK)
        return CLI_FAILED;
    if (text[0] != '\0') {
        *ret_done = str_to_i64(text, &w->user_id) && w->user_id > 0;
        if (!*ret_done)
            cli_print("  A user id is a positive number, not a name.\n");
        return CLI_OK;
    }
    if (!wait_for_message(w))
        return CLI_OK;
    (void)snprintf(question, sizeof question,
                   "  A message came from %s (%lld). Is that you? [Y/n] ", w->user_name,
                   (long long)w->user_id);
    if (terminal_ask(question, false, text, sizeof text) != TERMINAL_OK)
        return CLI_FAILED;
    *ret_done = is_yes(text);
    return CLI_OK;
}

static int ask_user(struct wizard *w)
{
    bool is_done = false;
    cli_print("\nOnly users named in the configuration may give commands; you become the admin.\n"
              "To find your id: press Enter here, then write anything to @%s in Telegram.\n",
              w->bot_names[BOT_CONTROLLER]);
    while (!is_done) {
        w->user_name[0] = '\0';
        if (ask_user_once(w, &is_done) != CLI_OK || (!is_done && !terminal_is_person())) {
            cli_error("init: no user id; nothing was written");
            return CLI_FAILED;
        }
    }
    return CLI_OK;
}

static int ask_port(struct wizard *w)
{
    char text[32];
    bool is_done = false;
    cli_print("\nTradingView's alerts come in over HTTP, through a TLS proxy on this machine.\n");
    while (!is_done) {
        if (terminal_ask("Port to listen on [8001]: ", false, text, sizeof text) != TERMINAL_OK)
            return CLI_FAILED;
        w->port = 8001;
        is_done = text[0] == '\0' ||
                  (str_to_i64(text, &w->port) && w->port >= 1 && w->port <= UINT16_MAX);
        if (!is_done) {
            cli_print("  A port is a number from 1 to 65535.\n");
            if (!terminal_is_person())
                return CLI_FAILED;
        }
    }
    return CLI_OK;
}

/* ---- writing ---- */

static void make_secret(char out[SECRET_CAP])
{
    uint8_t bytes[SECRET_BYTES];
    hash_random(bytes, sizeof bytes);
    hash_base64url(bytes, sizeof bytes, out, SECRET_CAP);
    hash_wipe(bytes, sizeof bytes);
    TR_ASSERT(strlen(out) >= CONF_KEY_MIN_CHARS);
    log_add_secret(out);
}

static void write_json(const struct wizard *w, struct jsonw *j)
{
    jsonw_object_begin(j, NULL);
    jsonw_str(j, "data_dir", "data");
    jsonw_object_begin(j, "http");
    jsonw_i64(j, "port", w->port);
    jsonw_str(j, "webhook_secret", w->webhook_secret);
    jsonw_str(j, "admin_token", w->admin_token);
    jsonw_object_end(j);
    jsonw_object_begin(j, "telegram");
    jsonw_str(j, "base_url", w->base_url);
    for (enum bot_id b = BOT_CONTROLLER; b <= BOT_ANALYTICS; b++) {
        if (w->tokens[b][0] == '\0')
            continue;
        jsonw_object_begin(j, bot_name(b));
        jsonw_str(j, "token", w->tokens[b]);
        jsonw_object_end(j);
    }
    jsonw_object_end(j);
    jsonw_array_begin(j, "users");
    jsonw_object_begin(j, NULL);
    jsonw_i64(j, "user_id", w->user_id);
    jsonw_str(j, "role", "admin");
    jsonw_str(j, "name", w->user_name);
    jsonw_object_end(j);
    jsonw_array_end(j);
    jsonw_object_end(j);
}

static int write_file(const struct wizard *w)
{
    struct buf compact TR_CLEANUP(buf_deinit);
    struct buf text TR_CLEANUP(buf_deinit);
    struct jsonw j;
    buf_init(&compact, FILE_MAX_BYTES);
    buf_init(&text, FILE_MAX_BYTES);
    jsonw_init(&j, &compact);
    write_json(w, &j);
    conf_indent_json(compact.data, &text);
    TR_ASSERT(!buf_failed(&text));
    int r = file_write_atomic(w->path, text.data, text.len, 0600);
    hash_wipe(compact.data, compact.len);
    hash_wipe(text.data, text.len);
    if (r < 0) {
        cli_error("%s: %s", w->path, strerror(-r));
        return CLI_FAILED;
    }
    struct conf *c = cli_load_conf(w->path);
    if (c == NULL)
        return CLI_FAILED;
    cli_free_conf(c);
    return CLI_OK;
}

static void print_result(const struct wizard *w)
{
    cli_print(
        "\nWrote %s (mode 0600: it holds secrets).\n\n"
        "Webhook address for TradingView, behind your TLS proxy:\n"
        "  https://<your host>/webhook/<secret>    here: http://127.0.0.1:%lld/webhook/<secret>\n"
        "The secret stands in that file as http.webhook_secret, the token of the emergency stop\n"
        "as http.admin_token. Neither is shown here.\n\n"
        "Next:\n  trident check --config %s\n  trident run --config %s\n",
        w->path, (long long)w->port, w->path, w->path);
}

static int wizard_run(struct wizard *w)
{
    int r = ask_tokens(w);
    if (r == CLI_OK)
        r = ask_user(w);
    if (r == CLI_OK)
        r = ask_port(w);
    if (r != CLI_OK)
        return r;
    make_secret(w->webhook_secret);
    make_secret(w->admin_token);
    r = write_file(w);
    if (r == CLI_OK)
        print_result(w);
    return r;
}

enum { OPT_CONFIG, OPT_BASE, OPT_FORCE, OPT_COUNT };

static int init_run(int argc, char **argv)
{
    struct cli_option options[OPT_COUNT] = {
        [OPT_CONFIG] = {.name = "--config", .takes_value = true},
        [OPT_BASE] = {.name = "--base-url", .takes_value = true},
        [OPT_FORCE] = {.name = "--force"},
    };
    struct cli_arguments a = {.options = options, .option_count = OPT_COUNT};
    int r = cli_parse(&cli_init, &a, argc, argv);
    if (r != CLI_OK)
        return r;
    TR_CLEANUP(mem_freep) struct wizard *w = xalloc(sizeof *w);
    w->path = options[OPT_CONFIG].given ? options[OPT_CONFIG].value : "trident.json";
    w->base_url = options[OPT_BASE].given ? options[OPT_BASE].value : "https://api.telegram.org";
    if (!conf_url_is_acceptable(w->base_url))
        return cli_usage_error(&cli_init,
                               "--base-url takes an https:// address, or http:// on loopback");
    if (file_exists(w->path) && !options[OPT_FORCE].given) {
        cli_error("%s exists already; --force replaces it", w->path);
        return CLI_FAILED;
    }
    if (http_client_global_init(str_starts(w->base_url, "https")) < 0)
        return CLI_FAILED;
    w->caller = http_caller_new();
    r = wizard_run(w);
    w->caller = http_caller_free(w->caller);
    hash_wipe(w, sizeof *w);
    return r;
}

const struct cli_command cli_init = {
    .name = "init",
    .summary = "ask for tokens and write a configuration",
    .usage =
        "[--config FILE] [--base-url URL] [--force]\n\n"
        "  --config FILE    default: ./trident.json\n"
        "  --base-url URL   another Bot API server, e.g. of `trident sandbox`\n"
        "  --force          replace an existing file\n\n"
        "Asks, and checks each token with Telegram. From a pipe the answers are lines, in this\n"
        "order: controller token, notification token (may be empty), analytics token (may be\n"
        "empty), user id (empty: wait for a message, then y), port (empty: 8001).",
    .run = init_run,
};
