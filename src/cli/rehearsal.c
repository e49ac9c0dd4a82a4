#include "cli/rehearsal.h"

#include <stdio.h>
#include <string.h>

#include "cli/ledger_table.h"
#include "notify/outbox.h"
#include "store/journal.h"

#define PATH_CAP (CONF_DIR_CAP + 32)

#define SHARED    2 /* databases of all traders */
#define OF_TRADER (1 + LEDGER_COUNT)

/* The path and tables of the n-th database; false: there are no more. */
static bool database(const struct conf *c, int n, char path[PATH_CAP], struct schema *ret)
{
    char dir[CONF_DIR_CAP];
    if (n < SHARED) {
        *ret = n == 0 ? outbox_tables() : places_tables();
        (void)snprintf(path, PATH_CAP, "%s/%s", c->data_dir, n == 0 ? "notify.db" : "places.db");
        return true;
    }
    int trader = (n - SHARED) / OF_TRADER, which = (n - SHARED) % OF_TRADER;
    if (trader >= c->trader_count)
        return false;
    conf_trader_dir(c, trader, dir);
    const struct ledger_entry *l = which > 0 ? &ledger_table[which - 1] : NULL;
    *ret =
        l != NULL ? (struct schema){l->ops->migrations, l->ops->migration_count} : journal_tables();
    int len = snprintf(path, PATH_CAP, "%s/%s", dir, l != NULL ? l->plugin->db_name : "journal.db");
    TR_ASSERT(len < PATH_CAP);
    return true;
}

bool rehearsal_is_due(const struct conf *c)
{
    char path[PATH_CAP];
    struct schema tables;
    for (int n = 0; database(c, n, path, &tables); n++)
        if (schema_is_due(path, &tables))
            return true;
    return false;
}

bool rehearsal_run(const struct conf *c, char why[DAEMON_WHY_CAP])
{
    char path[PATH_CAP];
    struct schema tables;
    for (int n = 0; database(c, n, path, &tables); n++) {
        int r = schema_rehearse(path, &tables);
        if (r == 0)
            continue;
        (void)snprintf(why, DAEMON_WHY_CAP,
                       "the tables of %s cannot be brought to this version (%s)", path,
                       strerrordesc_np(-r));
        return false;
    }
    return true;
}
