/* The SQL of the generic tables of a plugin, version by version: of legacy_v2, of programs. */
#include "store/legacy_ledger_schema.h"

#include "store/chain_ledger.h"

/* SQL made of string macros: the formatter would break the literals apart. */
/* clang-format off */

#define DECIMAL(name) \
    name "_e8 INTEGER, " \
    name " REAL GENERATED ALWAYS AS (" name "_e8 / 1e8) VIRTUAL, "
#define SUM(name) \
    name "_e8 INTEGER NOT NULL DEFAULT 0, " \
    name " REAL GENERATED ALWAYS AS (" name "_e8 / 1e8) VIRTUAL, "
#define TIME(name) \
    name "_ms INTEGER, " \
    name " TEXT GENERATED ALWAYS AS" \
    " (strftime('%Y-%m-%dT%H:%M:%fZ', " name "_ms / 1000.0, 'unixepoch')) VIRTUAL, "
#define COUNTER(name) name " INTEGER NOT NULL DEFAULT 0 CHECK(" name " >= 0), "
#define DIRECTION     "direction TEXT NOT NULL CHECK(direction IN ('BUY', 'SELL')), "

#define CHAINS \
    "CREATE TABLE legacy_reentry_chains(" \
    "id INTEGER PRIMARY KEY, " \
    "chain_id TEXT NOT NULL UNIQUE, " \
    "plugin_id TEXT NOT NULL, " \
    "symbol TEXT NOT NULL, " \
    DIRECTION \
    "original_trade_id INTEGER REFERENCES trades(id), " \
    DECIMAL("original_entry_price") \
    TIME("original_entry_time") \
    "status TEXT NOT NULL DEFAULT 'ACTIVE'" \
    " CHECK(status IN ('ACTIVE', 'RECOVERY_MODE', 'STOPPED', 'COMPLETED')), " \
    COUNTER("current_level") \
    "max_level INTEGER NOT NULL DEFAULT 5 CHECK(max_level >= 0), " \
    "reentry_type TEXT" \
    " CHECK(reentry_type IN ('SL_HUNT', 'TP_CONTINUATION', 'EXIT_CONTINUATION')), " \
    DECIMAL("last_sl_price") \
    DECIMAL("last_tp_price") \
    DECIMAL("recovery_threshold") \
    "recovery_window_minutes INTEGER NOT NULL DEFAULT 30 CHECK(recovery_window_minutes >= 0), " \
    "total_entries INTEGER NOT NULL DEFAULT 1 CHECK(total_entries >= 0), " \
    SUM("total_profit_dollars") \
    SUM("total_loss_dollars") \
    TIME("created_at") \
    TIME("updated_at") \
    TIME("completed_at") \
    "stop_reason TEXT) STRICT;" \
    CHAIN_LEDGER_PROFIT_TABLE("legacy")

/* win_rate in percent of closed orders. */
#define TABLES(id, name, type, chains) \
    "CREATE TABLE plugin_info(" \
    "plugin_id TEXT PRIMARY KEY, " \
    "name TEXT NOT NULL, " \
    "plugin_type TEXT NOT NULL) STRICT;" \
    "INSERT INTO plugin_info VALUES('" id "', '" name "', '" type "');" \
    "CREATE TABLE trades(" \
    "id INTEGER PRIMARY KEY, " \
    "mt5_ticket INTEGER NOT NULL UNIQUE, " \
    "cause_seq INTEGER NOT NULL CHECK(cause_seq >= 0), " \
    "chain_id TEXT, " \
    "symbol TEXT NOT NULL CHECK(length(symbol) BETWEEN 1 AND 15), " \
    DIRECTION \
    DECIMAL("lot_size") \
    DECIMAL("entry_price") \
    DECIMAL("sl_price") \
    DECIMAL("tp_price") \
    TIME("entry_time") \
    TIME("exit_time") \
    DECIMAL("exit_price") \
    DECIMAL("closed_volume") \
    DECIMAL("profit_pips") \
    DECIMAL("profit_dollars") \
    DECIMAL("commission") \
    DECIMAL("swap") \
    "status TEXT NOT NULL DEFAULT 'OPEN' CHECK(status IN ('OPEN', 'PARTIAL', 'CLOSED')), " \
    "close_reason TEXT, " \
    "signal_type TEXT, " \
    "signal_data TEXT, " \
    "logic_type TEXT, " \
    "order_type TEXT NOT NULL CHECK(order_type IN ('ORDER_A', 'ORDER_B')), " \
    TIME("created_at") \
    TIME("updated_at") \
    "notes TEXT) STRICT;" \
    "CREATE INDEX trades_cause ON trades(cause_seq, symbol);" \
    "CREATE INDEX trades_chain ON trades(chain_id);" \
    "CREATE INDEX trades_exit ON trades(exit_time_ms, mt5_ticket) WHERE status = 'CLOSED';" \
    "CREATE TABLE signals_log(" \
    "id INTEGER PRIMARY KEY, " \
    "seq INTEGER NOT NULL CHECK(seq > 0), " \
    TIME("received_time") \
    "signal_type TEXT, " \
    "symbol TEXT, " \
    "direction TEXT CHECK(direction IN ('BUY', 'SELL')), " \
    "timeframe TEXT, " \
    "signal_json TEXT, " \
    "action TEXT NOT NULL, " \
    "reason TEXT, " \
    "route TEXT, " \
    COUNTER("processed") \
    COUNTER("trade_placed") \
    "trade_id INTEGER REFERENCES trades(id), " \
    "skip_reason TEXT) STRICT;" \
    "CREATE INDEX signals_log_seq ON signals_log(seq);" \
    chains \
    "CREATE TABLE daily_stats(" \
    "date TEXT PRIMARY KEY CHECK(length(date) = 10), " \
    COUNTER("orders_opened") \
    COUNTER("orders_closed") \
    COUNTER("wins") \
    COUNTER("losses") \
    SUM("total_profit_dollars") \
    "win_rate REAL GENERATED ALWAYS AS (100.0 * wins / nullif(wins + losses, 0)) VIRTUAL) STRICT;" \
    "CREATE TABLE watermark(" \
    "id INTEGER PRIMARY KEY CHECK(id = 1), " \
    "applied_seq INTEGER NOT NULL CHECK(applied_seq >= 0)) STRICT;" \
    "INSERT INTO watermark(id, applied_seq) VALUES(1, 0);"

const char *const legacy_ledger_migrations[LEGACY_LEDGER_MIGRATION_COUNT] = {
    TABLES("legacy_v2", "the old bot''s rules", "LEGACY_V2", CHAINS)};

/* A program of its own has no chains. */
#define PROGRAM(id) {TABLES(id, "a program of its own", "PROGRAM", "")}
const char *const outside_ledger_migrations[OUTSIDE_LEDGERS][LEGACY_LEDGER_MIGRATION_COUNT] = {
    PROGRAM("outside_1"), PROGRAM("outside_2"), PROGRAM("outside_3")};
