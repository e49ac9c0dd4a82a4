/* store/history.h: what the old bot traded (spec strategies 7.5), in a database of its own beside
 * those of the plugins: they are projections of the journal and would lose what is not in it when
 * they are filled anew. Tables: trades (7.4), v3_reentry_chains (7.2), v3_profit_chains, by the
 * rules of v3_ledger_schema.h, each row tagged migrated_from v4; migration_log with one row. Made
 * whole by `trident import` and not written again; one file without a WAL, so that it can be put in
 * place under its readers. */
#ifndef TRIDENT_STORE_HISTORY_H
#define TRIDENT_STORE_HISTORY_H

#include "core/map.h"
#include "model/rules/migration.h"
#include "store/schema.h"

#define HISTORY_DB "zepix_history.db"
extern const struct schema history_schema;

/* ---- writing: one transaction from create to finish ---- */
struct history;
/* Replaces what stands at path. */
TR_MUST_USE int history_create(const char *path, struct history **ret);
/* -EEXIST: the ticket is there already. */
TR_MUST_USE int history_add_trade(struct history *h, const struct migration_trade *t,
                                  const char *signal_data);
TR_MUST_USE int history_add_reentry_chain(struct history *h, const struct migration_chain *c);
TR_MUST_USE int history_add_profit_chain(struct history *h, const struct migration_chain *c);
/* Durable, one file, closed (also on error). source: what was imported. */
TR_MUST_USE int history_finish(struct history *h, const char *source, int64_t now_ms);
struct history *history_abandon(struct history *h); /* closes; accepts NULL, returns NULL */

/* ---- looking ---- */
struct history_figures {
    int64_t trades, reentry_chains, profit_chains;
    int64_t profit_e8;  /* sum of the trades */
    int64_t duplicates; /* tickets that are there more than once */
    int64_t incomplete; /* trades without symbol, direction or lots */
};
/* Pages, indexes and figures of the file. */
TR_MUST_USE int history_look(const char *path, struct history_figures *ret);
/* How many trades of the file have a ticket that is no key of the map. */
TR_MUST_USE int history_count_others(const char *path, const struct map *tickets,
                                     int64_t *ret_count);
TR_MUST_USE int history_copy(const char *path, const char *to);

#endif
