/* trident command NAME [ARGUMENTS]: a command for a running daemon from this machine's shell, as a
 * bot would pass it on: POST /api/v1/command through its control socket, else by its address with
 * the configuration's admin token. A command that asks back answers with a receipt number;
 * --confirm with that number carries it out. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "core/alloc.h"
#include "core/jsonw.h"
#include "net/http_client.h"

#define ANSWER_MAX_BYTES (256 * 1024)
#define BODY_MAX_BYTES   2048
#define TIMEOUT_MS       10000
#define STOP_WORD        "emergency_stop" /* of every trader, not of one */

static bool is_well(const struct http_response *answer)
{
    const char *text = answer->body.data;
    return answer->result == HTTP_OK && answer->status == 200 && text != NULL &&
           (strstr(text, "\"reason\":\"ACCEPTED\"") != NULL ||
            strstr(text, "\"reason\":\"ALREADY_DONE\"") != NULL);
}

/* By the address, as from anywhere. */
static void ask_by_address(const struct conf *c, const char *path, struct http_request *request,
                           struct http_response *ret)
{
    char base[CLI_URL_CAP], url[CLI_URL_CAP + 32];
    char *secret TR_CLEANUP(mem_freep) =
        c->http.admin_token[0] != '\0' ? xasprintf("Authorization: Bearer %s", c->http.admin_token)
                                       : xasprintf("X-Webhook-Secret: %s", c->http.webhook_secret);
    const char *const headers[] = {"Content-Type: application/json", secret, NULL};
    cli_daemon_url(c, base);
    (void)snprintf(url, sizeof(url), "%s%s", base, path);
    request->url = url;
    request->headers = headers;
    struct http_caller *caller = http_caller_new();
    http_call(caller, request, ret);
    http_caller_free(caller);
    request->url = NULL; /* both are gone now */
    request->headers = NULL;
}

static int post(const struct conf *c, const char *path, const struct buf *body)
{
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    char url[64];
    (void)snprintf(url, sizeof(url), "http://localhost%s", path);
    struct http_request request = {.method = "POST",
                                   .url = url,
                                   .headers = headers,
                                   .body = body->data,
                                   .body_len = body->len,
                                   .timeout_ms = TIMEOUT_MS,
                                   .max_body_bytes = ANSWER_MAX_BYTES};
    struct http_response answer;
    http_response_init(&answer, ANSWER_MAX_BYTES);
    if (!cli_ask_daemon(c, &request, &answer))
        ask_by_address(c, path, &request, &answer);
    int result = is_well(&answer) ? CLI_OK : CLI_FAILED;
    if (answer.result != HTTP_OK)
        cli_error("command: no daemon answers, neither on the socket in %s nor by address",
                  c->data_dir);
    else
        cli_print("%s\n", answer.body.data);
    http_response_deinit(&answer);
    return result;
}

static void write_body(struct buf *out, const struct cli_arguments *a, const char *trader,
                       const char *confirm)
{
    struct buf args TR_CLEANUP(buf_deinit) = {0};
    struct jsonw w;
    buf_init(&args, BODY_MAX_BYTES / 2);
    for (size_t i = 1; i < a->word_count; i++)
        buf_printf(&args, "%s%s", i > 1 ? " " : "", a->words[i]);
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "command", a->words[0]);
    jsonw_str(&w, "args", args.len > 0 ? args.data : "");
    jsonw_str(&w, "origin", "cli");
    if (trader != NULL)
        jsonw_str(&w, "trader", trader);
    if (confirm != NULL)
        jsonw_raw(&w, "confirm", confirm); /* digits */
    jsonw_object_end(&w);
}

static int run(int argc, char **argv)
{
    enum { CONFIG, TRADER, CONFIRM };
    struct cli_option options[] = {[CONFIG] = {.name = "--config", .takes_value = true},
                                   [TRADER] = {.name = "--trader", .takes_value = true},
                                   [CONFIRM] = {.name = "--confirm", .takes_value = true}};
    struct cli_arguments a = {
        .options = options, .option_count = TR_ARRAY_SIZE(options), .word_max = 8};
    struct buf body TR_CLEANUP(buf_deinit) = {0};
    const char *confirm = NULL;
    int64_t number = 0;
    if (cli_parse(&cli_command, &a, argc, argv) != CLI_OK)
        return CLI_USAGE;
    if (a.word_count == 0)
        return cli_usage_error(&cli_command, "which command?");
    confirm = options[CONFIRM].value;
    if (options[CONFIRM].given && (!str_to_i64(confirm, &number) || number <= 0))
        return cli_usage_error(&cli_command, "--confirm takes the question's receipt number");
    buf_init(&body, BODY_MAX_BYTES);
    bool is_stop = str_eq(a.words[0], STOP_WORD);
    if (!is_stop)
        write_body(&body, &a, options[TRADER].value, confirm);
    if (buf_failed(&body))
        return cli_usage_error(&cli_command, "the command is too long");
    struct conf *c = cli_load_conf(cli_config_path(options[CONFIG].value));
    if (c == NULL)
        return CLI_FAILED;
    int result = CLI_FAILED;
    if (http_client_global_init(false) == 0)
        result = post(c, is_stop ? "/" STOP_WORD : "/api/v1/command", &body);
    cli_free_conf(c);
    return result;
}

const struct cli_command cli_command = {
    .name = "command",
    .summary = "give a running daemon a command: pause, resume, panic, status ...",
    .usage = "NAME [ARGUMENTS] [--trader ID] [--confirm RECEIPT] [--config FILE]\n\n"
             "  NAME        as in Telegram, with or without slash; docs/COMMANDS.md lists them\n"
             "  --trader    which trader; default: the first. emergency_stop means all of them\n"
             "  --confirm   carries out the question with that receipt number\n\n"
             "Needs no token for the user the daemon runs as. Exit code 0: done, or so already.",
    .run = run,
};
