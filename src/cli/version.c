/* trident version */
#include "cli/cli.h"

static int version_run(int argc, char **argv)
{
    struct cli_arguments a = {0};
    int r = cli_parse(&cli_version, &a, argc, argv);
    if (r != CLI_OK)
        return r;
    cli_print("trident " TRIDENT_VERSION "\n");
    return CLI_OK;
}

const struct cli_command cli_version = {
    .name = "version",
    .summary = "print the version",
    .usage = "",
    .run = version_run,
};
