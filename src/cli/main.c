/* `trident`: picks the subcommand. */
#include <signal.h>
#include <string.h>
#include "cli/cli.h"
#include "core/alloc.h"
#include "core/hash.h"

static const struct cli_command *const commands[] = {
    &cli_run,           &cli_demo,     &cli_init,    &cli_check,        &cli_config, &cli_audit,
    &cli_backup,        &cli_restore,  &cli_verify,  &cli_decide,       &cli_eval,   &cli_simulate,
    &cli_replay_alerts, &cli_sandbox,  &cli_health,  &cli_shadow,       &cli_token,  &cli_version,
    &cli_upgrade,       &cli_commands, &cli_command, &cli_plugin_check, &cli_logs,   &cli_import,
};

static void print_overview(void)
{
    cli_print("trident " TRIDENT_VERSION ": a trading platform steered from Telegram\n\n"
              "usage: trident <subcommand> [options]\n\n");
    for (size_t i = 0; i < TR_ARRAY_SIZE(commands); i++)
        cli_print("  %-14s %s\n", commands[i]->name, commands[i]->summary);
    cli_print(
        "\n`trident <subcommand> --help` tells more. Exit codes: 0 ok, 1 failed, 2 wrong usage.\n");
}

static void print_usage(const struct cli_command *c)
{
    cli_print("%s\n\nusage: trident %s %s\n", c->summary, c->name, c->usage);
}

static const struct cli_command *find_command(const char *name)
{
    for (size_t i = 0; i < TR_ARRAY_SIZE(commands); i++) {
        if (str_eq(commands[i]->name, name))
            return commands[i];
    }
    return NULL;
}

/* Letters both begin or end with: enough to tell what a slip of the finger meant. */
static size_t likeness(const char *a, const char *b)
{
    size_t len_a = strlen(a), len_b = strlen(b), front = 0, back = 0;
    while (front < len_a && front < len_b && a[front] == b[front])
        front++;
    while (back < len_a - front && back < len_b - front &&
           a[len_a - 1 - back] == b[len_b - 1 - back])
        back++;
    return front + back;
}

static int unknown_command(const char *name)
{
    const struct cli_command *best = NULL;
    size_t most = 0;
    for (size_t i = 0; i < TR_ARRAY_SIZE(commands); i++) {
        size_t like = likeness(name, commands[i]->name);
        if (like > most && 2 * like >= strlen(commands[i]->name)) {
            most = like;
            best = commands[i];
        }
    }
    cli_error("there is no subcommand \"%.40s\"", name);
    if (best != NULL)
        cli_error("did you mean \"%s\"?", best->name);
    cli_error("`trident help` lists them");
    return CLI_USAGE;
}

static bool is_help(const char *word)
{
    return str_eq(word, "help") || str_eq(word, "--help") || str_eq(word, "-h");
}

static int help(int argc, char **argv)
{
    if (argc < 3 || is_help(argv[2])) {
        print_overview();
        return CLI_OK;
    }
    const struct cli_command *c = find_command(argv[2]);
    if (c == NULL)
        return unknown_command(argv[2]);
    print_usage(c);
    return CLI_OK;
}

int main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN); /* a peer that leaves is an error code, not the end */
    cli_program = argc > 0 ? argv[0] : "";
    if (argc < 2) {
        print_overview();
        return CLI_USAGE;
    }
    if (is_help(argv[1]))
        return help(argc, argv);
    const struct cli_command *c = find_command(str_eq(argv[1], "--version") ? "version" : argv[1]);
    if (c == NULL)
        return unknown_command(argv[1]);
    for (int i = 2; i < argc; i++) {
        if (str_eq(argv[i], "--help") || str_eq(argv[i], "-h")) {
            print_usage(c);
            return CLI_OK;
        }
    }
    if (hash_global_init() < 0) {
        cli_error("the cryptographic library does not start");
        return CLI_FAILED;
    }
    return c->run(argc - 1, argv + 1);
}
