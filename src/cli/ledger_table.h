/* cli/ledger_table.h: the databases of the plugins, written by a ledger thread each. A new one is
 * one line. */
#ifndef TRIDENT_CLI_LEDGER_TABLE_H
#define TRIDENT_CLI_LEDGER_TABLE_H

#include "plugins/plugin.h"
#include "store/trade_ledger.h"

struct ledger_entry {
    const struct plugin_ops *plugin;
    const char *thread_prefix; /* at most 6 characters */
    const struct trade_ledger_ops *ops;
};

/* [0] is the one reports are asked of, the others lie beside it. Those of programs come last and
 * are only kept where there is a program or was one. */
#define LEDGER_OUTSIDE 3
#define LEDGER_COUNT   (LEDGER_OUTSIDE + OUTSIDE_PLUGINS)
extern const struct ledger_entry ledger_table[LEDGER_COUNT];

#endif
