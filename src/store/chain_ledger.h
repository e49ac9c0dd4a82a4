/* store/chain_ledger.h: chains in the database of their plugin: v3_reentry_chains and
 * v3_profit_chains, or the same with v6_ or legacy_. For the ops of the ledgers; ledger thread.
 *
 * A chain tells its whole state with each change, as an event CHAIN_STATE (engine/chains.h):
 *
 *   chain_id, plugin, route, symbol, side, cause_seq; position_cid: the trade it began with
 *   entry_e8: of that trade; sl_e8, tp_e8: of the newest one; exit_e8: recovery threshold
 *   profit_e8, commission_e8: sum of the profits, sum of the losses; swap_e8: begun at (ms)
 *   number_e8, limit_e8: level from 0, highest level; score: trades or orders so far
 *   text: "STATUS TYPE STATE WINDOW_MIN" of a re-entry chain,
 *         "STATUS PROFIT booked/orders parent_id" of a profit chain */
#ifndef TRIDENT_STORE_CHAIN_LEDGER_H
#define TRIDENT_STORE_CHAIN_LEDGER_H

#include "store/trade_ledger.h"

enum chain_ledger { CHAIN_LEDGER_V3 = 0, CHAIN_LEDGER_V6, CHAIN_LEDGER_LEGACY, CHAIN_LEDGER_COUNT };

/* Writes the event's chain over what stood there. Events of other types are not for it. */
TR_MUST_USE int chain_ledger_apply(struct trade_ledger *l, enum chain_ledger which,
                                   const struct event *e);

/* The table of profit chains, for a migration: <prefix>_profit_chains. The columns follow the
 * legacy profit_booking_chains; units as in v3_ledger_schema.h. */
#define CHAIN_LEDGER_PROFIT_TABLE(prefix)                                                          \
    "CREATE TABLE " prefix "_profit_chains("                                                       \
    "chain_id TEXT PRIMARY KEY, parent_chain_id TEXT NOT NULL, plugin_id TEXT NOT NULL,"           \
    " symbol TEXT NOT NULL,"                                                                       \
    " direction TEXT NOT NULL CHECK(direction IN ('BUY', 'SELL')),"                                \
    " base_lot_e8 INTEGER NOT NULL,"                                                               \
    " base_lot REAL GENERATED ALWAYS AS (base_lot_e8 / 1e8) VIRTUAL,"                              \
    " current_level INTEGER NOT NULL CHECK(current_level BETWEEN 0 AND 4),"                        \
    " orders_total INTEGER NOT NULL, orders_booked INTEGER NOT NULL,"                              \
    " total_profit_e8 INTEGER NOT NULL,"                                                           \
    " total_profit REAL GENERATED ALWAYS AS (total_profit_e8 / 1e8) VIRTUAL,"                      \
    " total_loss_e8 INTEGER NOT NULL,"                                                             \
    " total_loss REAL GENERATED ALWAYS AS (total_loss_e8 / 1e8) VIRTUAL,"                          \
    " status TEXT NOT NULL"                                                                        \
    " CHECK(status IN ('ACTIVE', 'ADVANCING', 'COMPLETED', 'STOPPED', 'STALE')),"                  \
    " stop_reason TEXT,"                                                                           \
    " created_at_ms INTEGER NOT NULL,"                                                             \
    " created_at TEXT GENERATED ALWAYS AS"                                                         \
    " (strftime('%Y-%m-%dT%H:%M:%fZ', created_at_ms / 1000.0, 'unixepoch')) VIRTUAL,"              \
    " updated_at_ms INTEGER NOT NULL,"                                                             \
    " updated_at TEXT GENERATED ALWAYS AS"                                                         \
    " (strftime('%Y-%m-%dT%H:%M:%fZ', updated_at_ms / 1000.0, 'unixepoch')) VIRTUAL"               \
    ") STRICT;"

#endif
