/* trident sandbox: the local Bot API server alone, until it is interrupted. */
#include <signal.h>
#include <string.h>
#include "cli/cli.h"
#include "core/alloc.h"
#include "net/http_client.h"
#include "sandbox/sandbox.h"

static int sandbox_run(int argc, char **argv)
{
    struct sandbox *s = NULL;
    char error[256] = "";
    sigset_t wanted;
    int signal_number = 0;
    TR_CLEANUP(mem_freep) struct sandbox_options *opt = xalloc(sizeof *opt);
    sandbox_options_init(opt);
    if (sandbox_options_from_args(opt, argc - 1, argv + 1, error, sizeof error) < 0)
        return cli_usage_error(&cli_sandbox, "%s", error);
    /* Blocked before the threads start, so that they inherit it and sigwait gets them. */
    (void)sigemptyset(&wanted);
    (void)sigaddset(&wanted, SIGINT);
    (void)sigaddset(&wanted, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &wanted, NULL) != 0 || http_client_global_init(false) < 0)
        return CLI_FAILED;
    int r = sandbox_start(opt, &s);
    if (r < 0) {
        cli_error("sandbox: cannot listen on %s port %d: %s",
                  opt->listen != NULL ? opt->listen : "127.0.0.1", opt->port, strerror(-r));
        return CLI_FAILED;
    }
    cli_print("sandbox ready on http://127.0.0.1:%d/\n", sandbox_port(s));
    for (size_t i = 0; i < opt->bot_count; i++)
        cli_print("  %-14s @%-24s token %s\n", opt->bots[i].name, opt->bots[i].username,
                  opt->bots[i].token);
    while (sigwait(&wanted, &signal_number) != 0)
        continue;
    sandbox_stop(s);
    return CLI_OK;
}

const struct cli_command cli_sandbox = {
    .name = "sandbox",
    .summary = "run the local Bot API server alone, to test other programs",
    .usage = "[options]\n\n"
             "  --listen ADDRESS     default 127.0.0.1\n"
             "  --port N             default: any free port\n"
             "  --bots name=token[@username],...\n"
             "  --users id=name,...\n"
             "  --groups id=title,...\n"
             "  --record FILE        every request of a bot as a line of JSON\n"
             "  --state FILE         keep chats over a restart\n"
             "  --web DIR            folder of the chat page\n"
             "  --alert-url URL      where the page's test alerts are posted\n"
             "  --first-update-id N\n"
             "  --limits             enforce Telegram's rate limits\n"
             "  --strict-polls       punish polls that repeat their offset at once\n\n"
             "Bots use http://127.0.0.1:PORT/bot<token>/<method>, people the chat page on /.",
    .run = sandbox_run,
};
