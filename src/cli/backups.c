/* cli/backups.c: see backups.h. */
#include "cli/backups.h"

#include <inttypes.h>
#include <stdio.h>

#include "backup/folder.h"
#include "cli/ledger_table.h"
#include "core/alloc.h"
#include "core/log.h"
#include "store/history.h"
#include "store/journal.h"

const struct ledger_entry ledger_table[LEDGER_COUNT] = {
    {&combined_v3_plugin, "ledger", &v3_ledger},
    {&price_action_v6_plugin, "ledg6", &v6_ledger},
    {&legacy_v2_plugin, "ledg2", &legacy_ledger},
    {&outside_plugins[0], "ledgo1", &outside_ledgers[0]},
    {&outside_plugins[1], "ledgo2", &outside_ledgers[1]},
    {&outside_plugins[2], "ledgo3", &outside_ledgers[2]}};
_Static_assert((int)OUTSIDE_LEDGERS == OUTSIDE_PLUGINS, "a database for each place");
_Static_assert(LEDGER_COUNT == 6, "a line each");

void backups_options(const struct conf *c, char to[BACKUP_PATH_CAP], struct backup_options *ret)
{
    if (c->backup.dir[0] != '\0')
        (void)snprintf(to, BACKUP_PATH_CAP, "%s", c->backup.dir);
    else
        (void)snprintf(to, BACKUP_PATH_CAP, "%s/" FOLDER_BACKUPS, c->data_dir);
    *ret = (struct backup_options){
        .data_dir = c->data_dir,
        .to = to,
        .config_path = c->file[0] != '\0' ? c->file : NULL,
        .retention = {.keep = c->backup.keep, .keep_days = c->backup.keep_days},
    };
    for (size_t i = 0; i < LEDGER_COUNT; i++)
        ret->ledgers[ret->ledger_count++] =
            (struct backup_ledger){ledger_table[i].plugin->db_name, ledger_table[i].ops};
}

int backups_newest_schema(const char *name)
{
    for (size_t i = 0; i < LEDGER_COUNT; i++)
        if (str_eq(ledger_table[i].plugin->db_name, name))
            return ledger_table[i].ops->migration_count;
    if (str_eq(name, HISTORY_DB))
        return history_schema.count;
    return str_eq(name, "journal.db") ? journal_schema() : 0;
}

/* The backup's thread. A full queue: it stands in the log. */
static void on_backup(void *ctx, const struct backup_result *b, bool failed)
{
    struct engine *teller = ctx;
    struct input *in = input_new(INPUT_NOTICE);
    in->notice = (struct event)EVENT_INIT;
    in->notice.type = failed ? EVENT_BACKUP_FAILED : EVENT_BACKUP_MADE;
    if (failed)
        (void)str_copy(in->notice.text, sizeof(in->notice.text), b->text); /* cut is fine */
    else
        (void)snprintf(in->notice.text, sizeof(in->notice.text),
                       "%zu files, %" PRId64 " KiB, row %" PRIu64, b->files, b->bytes >> 10,
                       b->seq);
    if (engine_post(teller, in) != ENGINE_OK) {
        log_warn("backup", "not_told failed=%d", failed);
        input_free(in);
    }
}

struct schedule *backups_start(const struct conf *c, struct engine *teller,
                               char dir[BACKUP_PATH_CAP])
{
    struct schedule_options o = {
        .interval_ms = c->backup.interval_min * INT64_C(60000), .tell = on_backup, .ctx = teller};
    if (o.interval_ms == 0)
        return NULL;
    backups_options(c, dir, &o.backup);
    return schedule_start(&o);
}
