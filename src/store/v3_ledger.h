/* store/v3_ledger.h: zepix_combined_v3.db (schema of spec strategies 7.2): a projection of the
 * journal with a watermark, written by one ledger thread, read by analytics. */
#ifndef TRIDENT_STORE_V3_LEDGER_H
#define TRIDENT_STORE_V3_LEDGER_H

#include "model/output.h"

struct v3_ledger;
/* A damaged file is set aside and an empty one made, to be filled from row 1 of the journal. */
TR_MUST_USE int v3_ledger_open(const char *path, struct v3_ledger **ret);
const char *v3_ledger_set_aside(const struct v3_ledger *l); /* its new name; NULL = none */
struct v3_ledger *v3_ledger_close(struct v3_ledger *l);
uint64_t v3_ledger_applied_seq(const struct v3_ledger *l);
/* Applies the ledger events (TRADE_OPENED, TRADE_CLOSED, DECISION) of a batch of journal rows and
 * the new watermark in one transaction; rows at or below the watermark are ignored.
 * begin..apply..commit. */
TR_MUST_USE int v3_ledger_begin(struct v3_ledger *l);
TR_MUST_USE int v3_ledger_apply(struct v3_ledger *l, const struct event *e); /* e->seq set */
TR_MUST_USE int v3_ledger_commit(struct v3_ledger *l, uint64_t applied_seq);
void v3_ledger_rollback(struct v3_ledger *l);

/* ---- reading (own read-only connection; any thread, one at a time per reader) ---- */
struct ledger_reader;
TR_MUST_USE int ledger_reader_open(const char *path, struct ledger_reader **ret);
struct ledger_reader *ledger_reader_close(struct ledger_reader *r);
struct ledger_trade { /* one closed order leg */
    int64_t id;
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
