/* trident restore: puts a backup in the place of the data folder. */
#include "backup/restore.h"

#include "backup/backup.h"
#include "cli/backups.h"
#include "cli/cli.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/hash.h"

static void on_step(void *ctx, const char *what, const char *path)
{
    (void)ctx;
    if (cli_is_terminal())
        cli_print("%s %s\n", what, path);
}

static int check_only(const struct restore_options *o)
{
    char when[CLOCK_TEXT_CAP], hex[HASH_HEX_CAP];
    struct restore_result result = {0};
    struct manifest m TR_CLEANUP(manifest_deinit);
    manifest_init(&m);
    if (restore_verify(o->from, o, &m, &result) < 0) {
        cli_error("%s", result.text);
        return CLI_FAILED;
    }
    clock_format_rfc3339(m.made_ms, when);
    cli_print("%s: sound, made %s, %zu files, %lld bytes\n", o->from, when, result.files,
              (long long)result.bytes);
    for (size_t i = 0; i < m.count; i++) {
        if (m.files[i].kind != MANIFEST_JOURNAL)
            continue;
        hash_hex(m.files[i].chain, sizeof(m.files[i].chain), hex, sizeof(hex));
        cli_print("%s: row %llu, hash %s\n", m.files[i].path, (unsigned long long)m.files[i].seq,
                  hex);
    }
    return CLI_OK;
}

static int restore(const struct restore_options *o)
{
    struct restore_result result;
    if (restore_run(o, &result) < 0) {
        cli_error("%s", result.text);
        return CLI_FAILED;
    }
    cli_print("%s: %zu files, %lld bytes put in place; %zu of before renamed to *_REPLACED_*\n",
              o->data_dir, result.files, (long long)result.bytes, result.replaced);
    cli_print("the configuration of the backup is %s/" BACKUP_CONFIG_NAME "; it replaced nothing\n",
              o->from);
    return CLI_OK;
}

enum { OPT_CONFIG, OPT_CHECK, OPT_COUNT };

static int restore_command(int argc, char **argv)
{
    struct cli_option options[OPT_COUNT] = {
        [OPT_CONFIG] = {.name = "--config", .takes_value = true},
        [OPT_CHECK] = {.name = "--check"},
    };
    struct cli_arguments a = {.options = options, .option_count = OPT_COUNT, .word_max = 1};
    if (cli_parse(&cli_restore, &a, argc, argv) != CLI_OK)
        return CLI_USAGE;
    if (a.word_count != 1)
        return cli_usage_error(&cli_restore, "say which backup: the folder with its MANIFEST.json");
    struct restore_options o = {
        .from = a.words[0], .newest_schema = backups_newest_schema, .on_step = on_step};
    if (options[OPT_CHECK].given)
        return check_only(&o);
    struct conf *c = cli_load_conf(cli_config_path(options[OPT_CONFIG].value));
    if (c == NULL)
        return CLI_FAILED;
    o.data_dir = c->data_dir;
    int r = restore(&o);
    cli_free_conf(c);
    return r;
}

const struct cli_command cli_restore = {
    .name = "restore",
    .summary = "put a backup in the place of the data folder",
    .usage =
        "DIR [--config FILE]\n"
        "       trident restore DIR --check\n\n"
        "Verifies all of the backup (manifest, SHA-256, pages, references, hash chains) before\n"
        "anything is replaced; what was there is renamed to *_REPLACED_<time>, never deleted.\n"
        "Refuses while a daemon runs on the data folder. When it is interrupted, no daemon\n"
        "starts until the same restore was done again. --check only verifies.\n"
        "Exit codes: 0 done, 1 refused or failed, 2 wrong usage.",
    .run = restore_command,
};
