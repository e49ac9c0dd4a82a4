/* trident commands: every command of the bots, as docs/COMMANDS.md has them. */
#include "bots/manual.h"
#include "cli/cli.h"

static int commands_run(int argc, char **argv)
{
    struct cli_option options[] = {{.name = "--markdown"}};
    struct cli_arguments a = {.options = options, .option_count = TR_ARRAY_SIZE(options)};
    int r = cli_parse(&cli_commands, &a, argc, argv);
    if (r != CLI_OK)
        return r;
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, MANUAL_MAX_BYTES);
    manual_markdown(&out);
    TR_ASSERT(!buf_failed(&out));
    cli_print("%s", out.data);
    return CLI_OK;
}

const struct cli_command cli_commands = {
    .name = "commands",
    .summary = "print all commands of the bots, and what legacy names became",
    .usage = "[--markdown]",
    .run = commands_run,
};
