/* trident backup: a copy of everything in the data folder, also while the daemon works on it. */
#include <stdio.h>
#include <string.h>

#include "backup/backup.h"
#include "cli/backups.h"
#include "cli/cli.h"
#include "core/alloc.h"
#include "core/thread.h"

#define NICE_LEVEL  15
#define REST_MAX_US INT64_C(1000000)

/* As long as it worked: the disk is mostly the daemon's. */
static int on_pause(void *ctx, int64_t took_us)
{
    (void)ctx;
    cli_wait_us(took_us < REST_MAX_US ? took_us : REST_MAX_US);
    return 0;
}

static void on_file(void *ctx, const char *path)
{
    (void)ctx;
    if (cli_is_terminal())
        cli_print("copying %s\n", path);
}

static int make(const struct conf *c, const char *to)
{
    char dir[BACKUP_PATH_CAP];
    struct backup_options o;
    struct backup_result result;
    backups_options(c, dir, &o);
    if (to != NULL)
        o.to = to;
    o.pause = on_pause;
    o.on_file = on_file;
    thread_set_nice(NICE_LEVEL);
    if (backup_make(&o, &result) != 0) {
        cli_error("no backup was made: %s", result.text);
        return CLI_FAILED;
    }
    cli_print("%s: %zu files, %lld bytes, row %llu, %lld ms", result.path, result.files,
              (long long)result.bytes, (unsigned long long)result.seq, (long long)result.took_ms);
    if (result.removed > 0)
        cli_print("; %zu older removed", result.removed);
    cli_print("\n");
    return CLI_OK;
}

enum { OPT_CONFIG, OPT_TO, OPT_COUNT };

static int backup_run(int argc, char **argv)
{
    struct cli_option options[OPT_COUNT] = {
        [OPT_CONFIG] = {.name = "--config", .takes_value = true},
        [OPT_TO] = {.name = "--to", .takes_value = true},
    };
    struct cli_arguments a = {.options = options, .option_count = OPT_COUNT};
    if (cli_parse(&cli_backup, &a, argc, argv) != CLI_OK)
        return CLI_USAGE;
    struct conf *c = cli_load_conf(cli_config_path(options[OPT_CONFIG].value));
    if (c == NULL)
        return CLI_FAILED;
    int r = make(c, options[OPT_TO].value);
    cli_free_conf(c);
    return r;
}

const struct cli_command cli_backup = {
    .name = "backup",
    .summary = "copy everything in the data folder, also while the daemon runs",
    .usage =
        "[--to DIR] [--config FILE]\n\n"
        "  --to DIR   folder that holds the backups; default backup.dir of the configuration\n\n"
        "Makes DIR/<time>/ with all databases cut at one row of the journal, the keys, the\n"
        "configuration and MANIFEST.json (sizes, SHA-256, rows, chain hashes, schema versions),\n"
        "checked before it gets its name. Older ones go by backup.keep and backup.keep_days.\n"
        "The daemon does the same by itself every backup.interval_min. A backup holds secrets:\n"
        "only its owner can read it. `trident restore` puts one back.",
    .run = backup_run,
};
