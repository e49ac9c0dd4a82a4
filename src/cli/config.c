/* trident config schema | sample | show */
#include "cli/cli.h"
#include "core/alloc.h"

#define TEXT_MAX_BYTES (1024 * 1024)

/* The daemon checks the file itself; faults are shown here first, with nothing asked of it. */
static int reload(const char *config)
{
    const char *path = cli_config_path(config);
    struct conf *c = cli_load_conf(path);
    if (c == NULL)
        return CLI_FAILED;
    cli_free_conf(c);
    char name[] = "command", word[] = "config", what[] = "reload", option[] = "--config";
    char *copy TR_CLEANUP(mem_freep) = xstrdup(path);
    char *argv[] = {name, word, what, option, copy, NULL};
    return cli_command.run(5, argv);
}

static int config_run(int argc, char **argv)
{
    struct cli_option options[] = {{.name = "--config", .takes_value = true}};
    struct cli_arguments a = {
        .options = options, .option_count = TR_ARRAY_SIZE(options), .word_max = 1};
    int r = cli_parse(&cli_config, &a, argc, argv);
    if (r != CLI_OK)
        return r;
    const char *what = a.word_count == 1 ? a.words[0] : "";
    struct buf text TR_CLEANUP(buf_deinit);
    buf_init(&text, TEXT_MAX_BYTES);
    if (str_eq(what, "schema")) {
        conf_schema_json(&text);
    } else if (str_eq(what, "sample")) {
        conf_sample_json(&text);
    } else if (str_eq(what, "show")) {
        struct conf *c = cli_load_conf(cli_config_path(options[0].value));
        if (c == NULL)
            return CLI_FAILED;
        conf_show_json(c, &text);
        cli_free_conf(c);
    } else if (str_eq(what, "reload")) {
        return reload(options[0].value);
    } else {
        return cli_usage_error(&cli_config, "say schema, sample, show or reload");
    }
    TR_ASSERT(!buf_failed(&text));
    cli_print("%s", text.data);
    return CLI_OK;
}

const struct cli_command cli_config = {
    .name = "config",
    .summary = "print the configuration's schema, a sample, what is in force; reload it",
    .usage =
        "schema | sample | show | reload [--config FILE]\n\n"
        "  schema   JSON Schema 2020-12 of the configuration file\n"
        "  sample   a file with every key and its default\n"
        "  show     the file as it is understood, defaults filled in, secrets hidden\n"
        "  reload   a running daemon reads it again: what may change at run time changes at once,\n"
        "           the rest is named; a file with a fault changes nothing",
    .run = config_run,
};
