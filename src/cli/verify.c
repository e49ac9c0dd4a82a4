/* trident verify: every database of a data folder or of a backup. Pages and references of each, the
 * hash chain of each journal, and of each trader the sums of the plugin databases against the fills
 * in its journal. Reads by its own read-only connections, so it may run beside the daemon. */
#include "cli/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backup/folder.h"
#include "backup/restore.h"
#include "cli/backups.h"
#include "cli/cli.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/hash.h"

#define TICK_US INT64_C(1000000)

struct verify {
    const char *folder;
    struct check_options check;
    int64_t next_tick_us;
    size_t files, bad;
};

/* A dot a second on a terminal: a big journal takes its time. */
static void on_tick(void *ctx)
{
    struct verify *v = ctx;
    int64_t now_us = clock_mono_us(clock_real());
    if (now_us < v->next_tick_us)
        return;
    v->next_tick_us = now_us + TICK_US;
    if (cli_is_terminal())
        cli_print(".");
}

int verify_journal(const char *name, const char *path, const struct check_options *o)
{
    char hex[HASH_HEX_CAP];
    struct check_finding found;
    int r = check_file(path, MANIFEST_JOURNAL, o, &found);
    if (r < 0) {
        cli_error("%s: %s: %s", name, path, strerror(-r));
        return CLI_FAILED;
    }
    if (!found.is_sound) {
        cli_print("%s: %s\n", name, found.text);
        return CLI_FAILED;
    }
    hash_hex(found.chain, sizeof(found.chain), hex, sizeof(hex));
    cli_print("%s: %" PRIu64 " rows, chain intact, last hash %s\n", name, found.seq, hex);
    return CLI_OK;
}

static int verify_database(const char *name, const char *path, const struct check_options *o)
{
    struct check_finding found;
    int r = check_file(path, MANIFEST_DATABASE, o, &found);
    if (r < 0)
        cli_error("%s: %s: %s", name, path, strerror(-r));
    else if (found.is_sound)
        cli_print("%s: sound\n", name);
    else
        cli_print("%s: DAMAGED: %s\n", name, found.text);
    return r == 0 && found.is_sound ? CLI_OK : CLI_FAILED;
}

/* Of the trader whose journal this is; without plugin databases there is nothing to compare. */
static int verify_sums(const struct verify *v, const struct manifest_file *journal)
{
    char *paths[CHECK_LEDGERS_MAX] = {NULL};
    struct check_sums_paths p = {0};
    struct check_sums_result result;
    struct backup_options o;
    char to[BACKUP_PATH_CAP];
    static const struct conf none;
    int dir_len = (int)(strlen(journal->path) - strlen("journal.db"));
    TR_CLEANUP(mem_freep) char *journal_path = folder_path(v->folder, journal->path);
    backups_options(&none, to, &o);
    p.journal = journal_path;
    for (size_t i = 0; i < o.ledger_count; i++) {
        paths[i] = xasprintf("%s/%.*s%s", v->folder, dir_len, journal->path, o.ledgers[i].name);
        if (file_exists(paths[i]))
            p.ledgers[p.ledger_count++] = paths[i];
    }
    int r = p.ledger_count > 0 && p.ledgers[0] == paths[0] ? check_sums(&p, &result) : 1;
    for (size_t i = 0; i < o.ledger_count; i++)
        mem_free(paths[i]);
    if (r > 0)
        return CLI_OK;
    if (r < 0)
        cli_error("%.*s: sums: %s", dir_len, journal->path, strerror(-r));
    else if (result.is_sound)
        cli_print("%.*s: sums of %zu closed orders are those of the fills\n", dir_len,
                  journal->path, result.trades);
    else
        cli_print("%.*s: the ledger is WRONG: %s\n", dir_len, journal->path, result.text);
    return r == 0 && result.is_sound ? CLI_OK : CLI_FAILED;
}

static void verify_one(struct verify *v, const struct manifest_file *f)
{
    TR_CLEANUP(mem_freep) char *path = folder_path(v->folder, f->path);
    int r = CLI_OK;
    if (f->kind == MANIFEST_PLAIN)
        return;
    v->files++;
    if (f->kind == MANIFEST_JOURNAL)
        r = verify_journal(f->path, path, &v->check);
    else
        r = verify_database(f->path, path, &v->check);
    if (r != CLI_OK)
        v->bad++;
    else if (f->kind == MANIFEST_JOURNAL && verify_sums(v, f) != CLI_OK)
        v->bad++;
}

int verify_folder(const char *folder, bool quick)
{
    struct manifest m TR_CLEANUP(manifest_deinit);
    struct verify v = {.folder = folder};
    v.check = (struct check_options){
        .depth = quick ? CHECK_QUICK : CHECK_FULL, .tick = on_tick, .ctx = &v};
    manifest_init(&m);
    int r = folder_list(folder, &m);
    if (r < 0) {
        cli_error("%s: %s", folder, strerror(-r));
        return CLI_FAILED;
    }
    for (size_t i = 0; i < m.count; i++)
        verify_one(&v, &m.files[i]);
    cli_print("%zu databases, %zu with faults\n", v.files, v.bad);
    return v.bad == 0 && v.files > 0 ? CLI_OK : CLI_FAILED;
}

enum { OPT_CONFIG, OPT_DIR, OPT_QUICK, OPT_COUNT };

static int verify_run(int argc, char **argv)
{
    struct cli_option options[OPT_COUNT] = {
        [OPT_CONFIG] = {.name = "--config", .takes_value = true},
        [OPT_DIR] = {.name = "--dir", .takes_value = true},
        [OPT_QUICK] = {.name = "--quick"},
    };
    struct cli_arguments a = {.options = options, .option_count = OPT_COUNT};
    if (cli_parse(&cli_verify, &a, argc, argv) != CLI_OK)
        return CLI_USAGE;
    if (options[OPT_DIR].given)
        return verify_folder(options[OPT_DIR].value, options[OPT_QUICK].given);
    struct conf *c = cli_load_conf(cli_config_path(options[OPT_CONFIG].value));
    if (c == NULL)
        return CLI_FAILED;
    int r = verify_folder(c->data_dir, options[OPT_QUICK].given);
    cli_free_conf(c);
    return r;
}

const struct cli_command cli_verify = {
    .name = "verify",
    .summary = "are all databases whole, chained and in agreement?",
    .usage =
        "[--config FILE | --dir DIR] [--quick]\n\n"
        "Every database: pages, indexes, references. Every journal: the hash chain. Every\n"
        "trader: lots, profit, commission and swap of each closed order in the plugin databases\n"
        "against the journal and the broker's fills, and that none is missing. Works beside a\n"
        "running daemon and on a backup (--dir). --quick leaves out the indexes.\n"
        "Exit codes: 0 all sound, 1 something is not, 2 wrong usage.",
    .run = verify_run,
};
