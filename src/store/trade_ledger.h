/* store/trade_ledger.h: the database of one plugin: a projection of the journal with a watermark,
 * written by one ledger thread. What its tables are is the plugin's ops (v3_ledger.c: spec
 * strategies 7.2, v6_ledger.c: 7.3, legacy_ledger.c: 7.4); opening, transactions and the watermark
 * are common. */
#ifndef TRIDENT_STORE_TRADE_LEDGER_H
#define TRIDENT_STORE_TRADE_LEDGER_H

#include "model/decision.h"
#include "model/output.h"
#include "store/db.h"

struct trade_ledger;

/* An alert as it came, and what was decided about it. */
struct trade_ledger_signal {
    uint64_t seq;
    int64_t time_ms;
    const struct signal *signal;
    const struct decision *decision;
};

struct trade_ledger_ops {
    const char *const *migrations;
    int migration_count;
    const char *plugin; /* whose events alone count; NULL: those of others as well */
    /* Alerts of this format alone. Before the events of the same row. NULL: none is asked for. */
    enum signal_format format;
    int (*signal)(struct trade_ledger *l, const struct trade_ledger_signal *s);
    int (*apply)(struct trade_ledger *l, const struct event *e);
    /* The table with a row an alert, in the order of its id, with received_time_ms. */
    const char *signals_log;
};
extern const struct trade_ledger_ops v3_ledger;     /* zepix_combined_v3.db */
extern const struct trade_ledger_ops v6_ledger;     /* zepix_price_action_v6.db */
extern const struct trade_ledger_ops legacy_ledger; /* zepix_legacy_v2.db */
#define OUTSIDE_LEDGERS 3                           /* zepix_outside_1.db ... */
extern const struct trade_ledger_ops outside_ledgers[OUTSIDE_LEDGERS];

/* A damaged file is set aside and an empty one made, to be filled from row 1 of the journal. */
TR_MUST_USE int trade_ledger_open(const struct trade_ledger_ops *ops, const char *path,
                                  struct trade_ledger **ret);
/* Up to which row the database is written, by a read-only connection of its own; any thread. */
TR_MUST_USE int trade_ledger_peek_seq(const char *path, uint64_t *ret_seq);
const char *trade_ledger_set_aside(const struct trade_ledger *l); /* its new name; NULL = none */
struct trade_ledger *trade_ledger_close(struct trade_ledger *l);
uint64_t trade_ledger_applied_seq(const struct trade_ledger *l);
bool trade_ledger_wants_signal(const struct trade_ledger *l, enum signal_format format);
/* False: the packed outputs of a row name no plugin of this ledger. Cheap: most rows are others'.
 */
bool trade_ledger_wants_outputs(const struct trade_ledger *l, const void *output, size_t len);
/* Applies alerts and events (TRADE_OPENED, TRADE_CLOSED, DECISION) of a batch of journal rows and
 * the new watermark in one transaction; rows at or below the watermark are ignored.
 * begin..signal..apply..commit. */
TR_MUST_USE int trade_ledger_begin(struct trade_ledger *l);
TR_MUST_USE int trade_ledger_signal(struct trade_ledger *l, const struct trade_ledger_signal *s);
TR_MUST_USE int trade_ledger_apply(struct trade_ledger *l, const struct event *e); /* seq set */
TR_MUST_USE int trade_ledger_commit(struct trade_ledger *l, uint64_t applied_seq);
void trade_ledger_rollback(struct trade_ledger *l);
/* Removes alerts from the signals log that came before, the oldest max_rows of it at most, in a
 * transaction of its own; trades, chains and days stay. ret_gone: how many went. */
TR_MUST_USE int trade_ledger_forget(struct trade_ledger *l, int64_t before_ms, int max_rows,
                                    int *ret_gone);

/* ---- for the ops ---- */
const char *trade_ledger_plugin(const struct trade_ledger *l); /* of its ops */
/* The kept statement of this text, without bindings; NULL on error. */
sqlite3_stmt *trade_ledger_prepare(struct trade_ledger *l, const char *sql);
struct db *trade_ledger_db(struct trade_ledger *l);

#endif
