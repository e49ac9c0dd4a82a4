/* engine/ledger.h: the projection of one trader's journal into its plugin database: one thread that
 * reads what was committed after the watermark and writes it in large transactions. It may lag
 * under load and catches up; after a crash it continues from the watermark. */
#ifndef TRIDENT_ENGINE_LEDGER_H
#define TRIDENT_ENGINE_LEDGER_H

#include "store/trade_ledger.h"

struct ledger_options { /* borrowed during ledger_start() */
    const char *trader_id;
    const char *thread_prefix; /* at most 6 characters */
    const char *journal_path, *db_path;
    const struct trade_ledger_ops *ops;
    int signal_days; /* alerts older than this leave the signals log; 0 = none does */
};

/* Writes a database that nobody else has open up to the end of its journal, without a thread: for
 * copies. Any thread; blocks. ret_seq: the row it is written up to. */
TR_MUST_USE int ledger_fill(const struct ledger_options *o, uint64_t *ret_seq);

struct ledger;
TR_MUST_USE int ledger_start(const struct ledger_options *o, struct ledger **ret_ledger);
/* Name of a damaged file that was set aside at start, while this one is built anew; NULL = none. */
const char *ledger_set_aside(const struct ledger *l);
void ledger_on_commit(void *ledger, uint64_t committed_seq); /* engine wake hook; never blocks */
/* Applies up to target_seq (the engine has stopped) for half a second at most, then joins: what is
 * left the next start applies. Accepts NULL; returns NULL. */
struct ledger *ledger_stop(struct ledger *l, uint64_t target_seq);
/* For a successor: joins where it stands and leaves the database as it is; ledger_stop() then only
 * frees. Accepts NULL. */
void ledger_halt(struct ledger *l);
uint64_t ledger_applied_seq(struct ledger *l); /* any thread */

#endif
