/* model/rules/migration.h: rows of the old bot's database (spec strategies 7.1) as rows of ours:
 * the table of 7.5 with its recommendation: strategy and logic_type name the logic, and what has no
 * column of its own stays readable in signal_data. A row that does not fit is refused with the
 * field that is wrong, never bent. Pure, any thread; money in 1e-8. */
#ifndef TRIDENT_MODEL_RULES_MIGRATION_H
#define TRIDENT_MODEL_RULES_MIGRATION_H

#include "core/buf.h"
#include "model/order.h"

#define MIGRATION_ID_CAP 64
#define MIGRATION_TICKET_MAX                                                                       \
    ((INT64_C(1) << (CID_SEQ_BITS + CID_LEG_BITS)) - 1) /* no cid of ours */

struct migration_row {
    /* Text of a column; NULL: it is NULL or not there. Valid until the next row. */
    const char *(*cell)(const void *ctx, const char *column);
    const void *ctx;
    int utc_offset_min; /* of times that do not name their zone */
};

struct migration_fault {
    const char *field;  /* column of the old database */
    const char *wanted; /* what would be accepted, for people */
    char value[48];     /* what was read: printable; "" = nothing */
};

struct migration_trade {
    int64_t ticket;
    char symbol[SYMBOL_CAP];
    enum side side;
    enum order_role role; /* ORDER_A, ORDER_B; UNSET: of before there were two */
    const char *status;   /* "OPEN" "PARTIAL" "CLOSED" */
    const char *logic;    /* "LOGIC1" to "LOGIC3" */
    char chain_id[MIGRATION_ID_CAP];
    int64_t lots_e8;
    int64_t entry_e8, exit_e8, sl_e8, tp_e8, profit_e8, swap_e8; /* DEC_NONE: not given */
    int64_t commission_e8;     /* what it cost; the old bot's sign is MetaTrader's. DEC_NONE */
    int64_t entry_ms, exit_ms; /* DEC_NONE: not given */
};
/* False: ret_fault tells why; a field "strategy" is a row of another plugin. */
TR_MUST_USE bool migration_trade(const struct migration_row *row, struct migration_trade *ret,
                                 struct migration_fault *ret_fault);
/* One JSON object: the columns of a trade that have none in the target. */
void migration_signal_data(const struct migration_row *row, struct buf *out);

struct migration_chain { /* re-entry chain or profit-booking chain */
    char id[MIGRATION_ID_CAP];
    char symbol[SYMBOL_CAP];
    enum side side;
    const char *status;
    int64_t level;
    int64_t size_e8;     /* re-entry: original entry price; profit: lots. DEC_NONE: not given */
    int64_t distance_e8; /* re-entry: original distance of the stop. DEC_NONE */
    int64_t profit_e8;
    int64_t created_ms,
        ended_ms; /* ended: completed_at, or updated_at of a profit chain. DEC_NONE */
};
TR_MUST_USE bool migration_reentry_chain(const struct migration_row *row,
                                         struct migration_chain *ret,
                                         struct migration_fault *ret_fault);
TR_MUST_USE bool migration_profit_chain(const struct migration_row *row,
                                        struct migration_chain *ret,
                                        struct migration_fault *ret_fault);

#endif
