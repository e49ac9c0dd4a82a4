/* The SQL of the ledger's tables, version by version. */
#include "store/v3_ledger_schema.h"

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
#define FLAG(name)    name " INTEGER NOT NULL DEFAULT 0 CHECK(" name " IN (0, 1)), "
#define COUNTER(name) name " INTEGER NOT NULL DEFAULT 0 CHECK(" name " >= 0), "
#define TREND(name)   name " INTEGER CHECK(" name " BETWEEN -1 AND 1), "
#define DIRECTION     "direction TEXT NOT NULL CHECK(direction IN ('BUY', 'SELL')), "

#define LEG(leg) \
    leg "_ticket INTEGER UNIQUE, " \
    DECIMAL(leg "_lot_size") \
    DECIMAL(leg "_sl_price") \
    DECIMAL(leg "_tp_price") \
    DECIMAL(leg "_entry_price") \
    TIME(leg "_entry_time") \
    DECIMAL(leg "_exit_price") \
    TIME(leg "_exit_time") \
    DECIMAL(leg "_closed_volume") \
    DECIMAL(leg "_profit_pips") \
    DECIMAL(leg "_profit_dollars") \
    DECIMAL(leg "_commission") \
    DECIMAL(leg "_swap") \
    leg "_close_reason TEXT, " \
    leg "_status TEXT CHECK(" leg "_status IN ('OPEN', 'PARTIAL', 'CLOSED')), "

#define ANEW \
    "DELETE FROM v3_profit_bookings; DELETE FROM v3_signals_log; DELETE FROM v3_reentry_chains;" \
    "DELETE FROM v3_profit_chains; DELETE FROM v3_daily_stats; DELETE FROM combined_v3_trades;" \
    "UPDATE watermark SET applied_seq = 0;"

const char *const v3_ledger_migrations[V3_LEDGER_MIGRATION_COUNT] = {
    "CREATE TABLE combined_v3_trades("
    "id INTEGER PRIMARY KEY, "
    "cause_seq INTEGER NOT NULL CHECK(cause_seq >= 0), "
    "plugin_id TEXT NOT NULL, "
    "mt5_parent_ticket INTEGER, "
    "symbol TEXT NOT NULL CHECK(length(symbol) BETWEEN 1 AND 15), "
    DIRECTION
    DECIMAL("entry_price")
    TIME("entry_time")
    TIME("exit_time")
    "status TEXT NOT NULL DEFAULT 'OPEN' CHECK(status IN ('OPEN', 'PARTIAL', 'CLOSED')), "
    "signal_type TEXT, "
    "signal_timeframe TEXT, "
    "consensus_score INTEGER CHECK(consensus_score BETWEEN 0 AND 9), "
    DECIMAL("position_multiplier")
    TREND("mtf_15m")
    TREND("mtf_1h")
    TREND("mtf_4h")
    TREND("mtf_1d")
    "mtf_raw_string TEXT, "
    "route TEXT NOT NULL, "
    "logic_route TEXT CHECK(logic_route IN ('LOGIC1', 'LOGIC2', 'LOGIC3')), "
    DECIMAL("logic_multiplier")
    "routing_reason TEXT CHECK(routing_reason IN ('signal_override', 'timeframe_routing')), "
    "order_a_role TEXT NOT NULL DEFAULT 'A' CHECK(order_a_role IN ('A', 'M')), "
    LEG("order_a")
    LEG("order_b")
    DECIMAL("total_profit_pips")
    SUM("total_profit_dollars")
    SUM("commission")
    SUM("swap")
    FLAG("trend_bypass_used")
    FLAG("is_entry_v3_signal")
    "chain_id TEXT, "
    "close_reason TEXT, "
    "notes TEXT) STRICT;"
    "CREATE INDEX combined_v3_trades_cause ON combined_v3_trades(cause_seq, symbol);"
    "CREATE INDEX combined_v3_trades_a_exit ON combined_v3_trades"
    "(order_a_exit_time_ms, order_a_ticket) WHERE order_a_status = 'CLOSED';"
    "CREATE INDEX combined_v3_trades_b_exit ON combined_v3_trades"
    "(order_b_exit_time_ms, order_b_ticket) WHERE order_b_status = 'CLOSED';"

    "CREATE TABLE v3_profit_bookings("
    "id INTEGER PRIMARY KEY, "
    "trade_id INTEGER NOT NULL REFERENCES combined_v3_trades(id), "
    "order_type TEXT NOT NULL CHECK(order_type IN ('ORDER_A', 'ORDER_B')), "
    TIME("booking_time")
    DECIMAL("closed_percentage")
    DECIMAL("closed_volume")
    DECIMAL("profit_pips")
    DECIMAL("profit_dollars")
    "reason TEXT) STRICT;"
    "CREATE INDEX v3_profit_bookings_trade ON v3_profit_bookings(trade_id);"

    "CREATE TABLE v3_signals_log("
    "id INTEGER PRIMARY KEY, "
    "seq INTEGER NOT NULL CHECK(seq > 0), "
    "plugin_id TEXT NOT NULL, "
    TIME("received_time")
    "signal_type TEXT, "
    "symbol TEXT, "
    "direction TEXT CHECK(direction IN ('BUY', 'SELL')), "
    "timeframe TEXT, "
    "consensus_score INTEGER CHECK(consensus_score BETWEEN 0 AND 100), "
    "mtf_raw_string TEXT, "
    "signal_json TEXT, "
    "action TEXT NOT NULL, "
    "reason TEXT, "
    "route TEXT, "
    FLAG("is_entry_v3_signal")
    FLAG("processed")
    FLAG("trade_placed")
    "trade_id INTEGER REFERENCES combined_v3_trades(id), "
    "skip_reason TEXT) STRICT;"
    "CREATE INDEX v3_signals_log_seq ON v3_signals_log(seq);"

    "CREATE TABLE v3_reentry_chains("
    "id INTEGER PRIMARY KEY, "
    "chain_id TEXT NOT NULL UNIQUE, "
    "plugin_id TEXT NOT NULL, "
    "symbol TEXT NOT NULL, "
    DIRECTION
    "original_trade_id INTEGER REFERENCES combined_v3_trades(id), "
    DECIMAL("original_entry_price")
    TIME("original_entry_time")
    "status TEXT NOT NULL DEFAULT 'ACTIVE'"
    " CHECK(status IN ('ACTIVE', 'RECOVERY_MODE', 'STOPPED', 'COMPLETED')), "
    COUNTER("current_level")
    "max_level INTEGER NOT NULL DEFAULT 5 CHECK(max_level >= 0), "
    "reentry_type TEXT"
    " CHECK(reentry_type IN ('SL_HUNT', 'TP_CONTINUATION', 'EXIT_CONTINUATION')), "
    DECIMAL("last_sl_price")
    DECIMAL("last_tp_price")
    "recovery_threshold_e8 INTEGER NOT NULL DEFAULT 70000000, "
    "recovery_threshold REAL GENERATED ALWAYS AS (recovery_threshold_e8 / 1e8) VIRTUAL, "
    "recovery_window_minutes INTEGER NOT NULL DEFAULT 30 CHECK(recovery_window_minutes >= 0), "
    "total_entries INTEGER NOT NULL DEFAULT 1 CHECK(total_entries >= 0), "
    SUM("total_profit_dollars")
    SUM("total_loss_dollars")
    TIME("created_at")
    TIME("updated_at")
    TIME("completed_at")
    "stop_reason TEXT, "
    "metadata_json TEXT) STRICT;"

    /* win_rate in percent of closed legs; profit_factor NULL while nothing was lost. */
    "CREATE TABLE v3_daily_stats("
    "date TEXT PRIMARY KEY CHECK(length(date) = 10), "
    COUNTER("total_dual_entries")
    COUNTER("total_order_a_closed")
    COUNTER("total_order_b_closed")
    COUNTER("logic1_trades")
    COUNTER("logic2_trades")
    COUNTER("logic3_trades")
    COUNTER("wins")
    COUNTER("losses")
    COUNTER("gross_profit_e8")
    COUNTER("gross_loss_e8")
    SUM("total_profit_dollars")
    "win_rate REAL GENERATED ALWAYS AS (100.0 * wins / nullif(wins + losses, 0)) VIRTUAL, "
    "profit_factor REAL GENERATED ALWAYS AS"
    " (1.0 * gross_profit_e8 / nullif(gross_loss_e8, 0)) VIRTUAL) STRICT;"

    "CREATE TABLE watermark("
    "id INTEGER PRIMARY KEY CHECK(id = 1), "
    "applied_seq INTEGER NOT NULL CHECK(applied_seq >= 0)) STRICT;"
    "INSERT INTO watermark(id, applied_seq) VALUES(1, 0);",

    CHAIN_LEDGER_PROFIT_TABLE("v3"),

    /* What stood here of others is in daily sums too: filled anew from the journal's row 1. */
    ANEW,
    ANEW,
};
