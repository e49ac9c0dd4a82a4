/* store/ledger_reader.h: the closed trades of a trader, out of the databases of its plugins and of
 * the old bot's history: for reports, never for limits. Own read-only connections; any thread, one
 * at a time per reader. */
#ifndef TRIDENT_STORE_LEDGER_READER_H
#define TRIDENT_STORE_LEDGER_READER_H

#include "model/order.h"

struct ledger_reader;
/* path: the database of combined_v3; those of price_action_v6 and legacy_v2 and what was imported
 * (store/history.h) are taken from beside it when they are there. */
TR_MUST_USE int ledger_reader_open(const char *path, struct ledger_reader **ret);
/* Without what was imported: the trades that are in the journal. */
TR_MUST_USE int ledger_reader_open_own(const char *path, struct ledger_reader **ret);
struct ledger_reader *ledger_reader_close(struct ledger_reader *r);
struct ledger_trade { /* one closed order leg */
    int64_t id;       /* of the row in its table */
    uint64_t cid;
    char symbol[SYMBOL_CAP];
    char route[ROUTE_CAP];
    enum side side;
    enum order_role role;
    int64_t lots_e8, entry_e8, exit_e8, profit_e8, commission_e8, swap_e8;
    int64_t opened_ms, closed_ms;
    enum reason close_reason;
};
typedef int (*ledger_visit_fn)(const struct ledger_trade *t, void *ctx);
/* Closed legs with closed_ms in [from, to), oldest first. */
TR_MUST_USE int ledger_read_closed(struct ledger_reader *r, int64_t from_ms, int64_t to_ms,
                                   ledger_visit_fn visit, void *ctx);

#endif
