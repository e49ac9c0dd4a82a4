/* trident health: one GET /health, for containers and scripts. */
#include <stdio.h>
#include "cli/cli.h"
#include "core/alloc.h"
#include "net/http_client.h"

#define ANSWER_MAX_BYTES (256 * 1024)
#define TIMEOUT_MS       3000

/* Through the socket where there is a configuration and we may; else by the address. */
static int ask(const struct conf *c, const char *url)
{
    struct http_request request = {.method = "GET",
                                   .url = "http://localhost/health",
                                   .timeout_ms = TIMEOUT_MS,
                                   .max_body_bytes = ANSWER_MAX_BYTES};
    struct http_response answer;
    http_response_init(&answer, ANSWER_MAX_BYTES);
    struct http_caller *caller = http_caller_new();
    if (c == NULL || !cli_ask_daemon(c, &request, &answer)) {
        request.url = url;
        http_call(caller, &request, &answer);
    }
    bool is_healthy = answer.result == HTTP_OK && answer.status == 200;
    if (answer.result != HTTP_OK)
        cli_error("health: no answer from %s", url);
    else
        cli_print("%s\n", answer.body.data);
    http_caller_free(caller);
    http_response_deinit(&answer);
    return is_healthy ? CLI_OK : CLI_FAILED;
}

static int health_run(int argc, char **argv)
{
    struct cli_option options[] = {{.name = "--url", .takes_value = true},
                                   {.name = "--config", .takes_value = true}};
    struct cli_arguments a = {.options = options, .option_count = TR_ARRAY_SIZE(options)};
    char url[CLI_URL_CAP + 32], base[CLI_URL_CAP];
    struct conf *c = NULL;
    int r = cli_parse(&cli_health, &a, argc, argv);
    if (r != CLI_OK)
        return r;
    if (options[0].given) {
        int n = snprintf(url, sizeof url, "%s/health", options[0].value);
        if (n >= (int)sizeof url)
            return cli_usage_error(&cli_health, "the address is too long");
    } else {
        c = cli_load_conf(cli_config_path(options[1].value));
        if (c == NULL)
            return CLI_FAILED;
        cli_daemon_url(c, base);
        (void)snprintf(url, sizeof url, "%s/health", base);
    }
    r = http_client_global_init(str_starts(url, "https")) < 0 ? CLI_FAILED : ask(c, url);
    cli_free_conf(c);
    return r;
}

const struct cli_command cli_health = {
    .name = "health",
    .summary = "ask a running daemon how it is; exit 0 when it is well",
    .usage = "[--url http://127.0.0.1:8001 | --config FILE]",
    .run = health_run,
};
