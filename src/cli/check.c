/* trident check: every problem of a configuration at once. */
#include "cli/cli.h"
#include "core/alloc.h"

static int count_bots(const struct conf *c)
{
    int n = 0;
    for (enum bot_id b = BOT_CONTROLLER; b < BOT_COUNT; b++)
        n += c->telegram.bots[b].token[0] != '\0';
    return n;
}

static bool has_admin(const struct conf *c)
{
    for (int i = 0; i < c->user_count; i++) {
        if (c->users[i].role == ROLE_ADMIN)
            return true;
    }
    return false;
}

static int check_run(int argc, char **argv)
{
    struct cli_option options[] = {{.name = "--config", .takes_value = true}};
    struct cli_arguments a = {.options = options, .option_count = TR_ARRAY_SIZE(options)};
    int r = cli_parse(&cli_check, &a, argc, argv);
    if (r != CLI_OK)
        return r;
    const char *path = cli_config_path(options[0].value);
    struct conf *c = cli_load_conf(path);
    if (c == NULL)
        return CLI_FAILED;
    cli_print("%s is valid: tokens %d, users %d, traders %d\n", path, count_bots(c), c->user_count,
              c->trader_count);
    if (!has_admin(c))
        cli_print("Note: no user is an admin, so nobody can change settings from Telegram.\n");
    cli_free_conf(c);
    return CLI_OK;
}

const struct cli_command cli_check = {
    .name = "check",
    .summary = "check a configuration, say every problem at once",
    .usage = "[--config FILE]\n\n"
             "  --config FILE   default: ./trident.json, else /etc/trident/trident.json\n\n"
             "Prints each problem with its path, what was found and what would be accepted.",
    .run = check_run,
};
