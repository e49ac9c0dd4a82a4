/* trident config schema | sample | show */
#include "cli/cli.h"
#include "core/alloc.h"

#define TEXT_MAX_BYTES (1024 * 1024)

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
    } else {
        return cli_usage_error(&cli_config, "say schema, sample or show");
    }
    TR_ASSERT(!buf_failed(&text));
    cli_print("%s", text.data);
    return CLI_OK;
}

const struct cli_command cli_config = {
    .name = "config",
    .summary = "print the configuration's schema, a sample, or what is in force",
    .usage = "schema | sample | show [--config FILE]\n\n"
             "  schema   JSON Schema 2020-12 of the configuration file\n"
             "  sample   a file with every key and its default\n"
             "  show     the file as it is understood, defaults filled in, secrets hidden",
    .run = config_run,
};
