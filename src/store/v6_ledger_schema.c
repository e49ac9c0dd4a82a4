/* The SQL of the V6 ledger's tables, version by version. */
#include "store/v6_ledger_schema.h"

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
#define FLAG(name)    name " INTEGER CHECK(" name " IN (0, 1)), "
#define COUNTER(name) name " INTEGER NOT NULL DEFAULT 0 CHECK(" name " >= 0), "
#define COUNT(name)   name " INTEGER CHECK(" name " >= 0), "
#define DIRECTION     "direction TEXT NOT NULL CHECK(direction IN ('BUY', 'SELL')), "
/* Of a trade with one order: that order's; of one with both: order A's. */
#define ONE(name) \
    name " REAL GENERATED ALWAYS AS (coalesce(order_a_" name "_e8, order_b_" name "_e8) / 1e8)" \
    " VIRTUAL, "

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

#define TRADES(table) \
    "CREATE TABLE " table "(" \
    "id INTEGER PRIMARY KEY, " \
    "cause_seq INTEGER NOT NULL CHECK(cause_seq >= 0), " \
    "chain_id TEXT, " \
    "symbol TEXT NOT NULL CHECK(length(symbol) BETWEEN 1 AND 15), " \
    DIRECTION \
    "route TEXT NOT NULL, " \
    "status TEXT NOT NULL DEFAULT 'OPEN' CHECK(status IN ('OPEN', 'PARTIAL', 'CLOSED')), " \
    DECIMAL("entry_price") \
    TIME("entry_time") \
    TIME("exit_time") \
    ONE("lot_size") \
    ONE("sl_price") \
    ONE("tp_price") \
    ONE("exit_price") \
    DECIMAL("adx") \
    "adx_strength TEXT, " \
    "confidence_score INTEGER CHECK(confidence_score BETWEEN 0 AND 100), " \
    "confidence_level TEXT, " \
    DECIMAL("spread_pips") \
    "market_state TEXT, " \
    COUNT("pulse_bull_count") \
    COUNT("pulse_bear_count") \
    FLAG("pulse_alignment_ok") \
    FLAG("trend_15m_aligned") \
    FLAG("momentum_increasing") \
    "trend_4h TEXT, " \
    "trend_1d TEXT, " \
    FLAG("higher_tf_aligned") \
    FLAG("breakeven_moved") \
    COUNT("execution_speed_ms") \
    DECIMAL("slippage_pips") \
    LEG("order_a") \
    LEG("order_b") \
    DECIMAL("profit_pips") \
    SUM("profit_dollars") \
    "total_profit_dollars REAL GENERATED ALWAYS AS (profit_dollars_e8 / 1e8) VIRTUAL, " \
    SUM("commission") \
    SUM("swap") \
    "close_reason TEXT, " \
    "notes TEXT) STRICT;" \
    "CREATE INDEX " table "_cause ON " table "(cause_seq, symbol);" \
    "CREATE INDEX " table "_a_exit ON " table \
    "(order_a_exit_time_ms, order_a_ticket) WHERE order_a_status = 'CLOSED';" \
    "CREATE INDEX " table "_b_exit ON " table \
    "(order_b_exit_time_ms, order_b_ticket) WHERE order_b_status = 'CLOSED';"

const char *const v6_ledger_migrations[V6_LEDGER_MIGRATION_COUNT] = {
    TRADES("price_action_1m_trades")
    TRADES("price_action_5m_trades")
    TRADES("price_action_15m_trades")
    TRADES("price_action_1h_trades")

    "CREATE TABLE market_trends("
    "symbol TEXT NOT NULL, "
    "timeframe TEXT NOT NULL, "
    COUNT("bull_count")
    COUNT("bear_count")
    "market_state TEXT, "
    "changes TEXT, "
    TIME("last_updated")
    "momentum TEXT CHECK(momentum IN ('INCREASING', 'DECREASING')), "
    DECIMAL("momentum_adx")
    "PRIMARY KEY(symbol, timeframe)) STRICT;"

    "CREATE TABLE v6_signals_log("
    "id INTEGER PRIMARY KEY, "
    "seq INTEGER NOT NULL UNIQUE CHECK(seq > 0), "
    TIME("received_time")
    "signal_type TEXT, "
    "plugin_target TEXT, "
    "symbol TEXT, "
    "direction TEXT, "
    "timeframe TEXT, "
    DECIMAL("adx")
    "confidence_score INTEGER, "
    "confidence_level TEXT, "
    DECIMAL("spread_pips")
    DECIMAL("wanted_price")
    "signal_json TEXT, "
    "action TEXT NOT NULL, "
    "reason TEXT, "
    /* what the trend store said before the alert */
    "market_state TEXT, "
    "trend_4h TEXT, "
    "trend_1d TEXT, "
    COUNT("higher_bull_count")
    COUNT("higher_bear_count")
    FLAG("momentum_increasing")
    COUNTER("processed")
    COUNTER("trade_placed")
    "trade_id INTEGER, " /* in the table of plugin_target */
    "skip_reason TEXT) STRICT;"

    "CREATE TABLE v6_profit_bookings("
    "id INTEGER PRIMARY KEY, "
    "plugin_id TEXT NOT NULL, "
    "trade_id INTEGER NOT NULL, " /* in the table of plugin_id's timeframe */
    "chain_id TEXT, "
    "order_type TEXT NOT NULL CHECK(order_type IN ('ORDER_A', 'ORDER_B')), "
    TIME("booking_time")
    DECIMAL("closed_percentage")
    DECIMAL("closed_volume")
    DECIMAL("profit_pips")
    DECIMAL("profit_dollars")
    COUNT("higher_tf_bull_count")
    COUNT("higher_tf_bear_count")
    FLAG("trend_aligned")
    "reason TEXT) STRICT;"

    "CREATE TABLE v6_reentry_chains("
    "id INTEGER PRIMARY KEY, "
    "chain_id TEXT NOT NULL UNIQUE, "
    "plugin_id TEXT NOT NULL, "
    "symbol TEXT NOT NULL, "
    DIRECTION
    "timeframe TEXT, "
    "higher_tf TEXT, "
    COUNT("higher_tf_bull_count")
    COUNT("higher_tf_bear_count")
    FLAG("higher_tf_aligned")
    "original_trade_id INTEGER, "
    DECIMAL("original_entry_price")
    TIME("original_entry_time")
    "status TEXT NOT NULL DEFAULT 'ACTIVE'"
    " CHECK(status IN ('ACTIVE', 'RECOVERY_MODE', 'STOPPED', 'COMPLETED')), "
    COUNTER("current_level")
    "max_level INTEGER NOT NULL DEFAULT 3 CHECK(max_level >= 0), "
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

    /* win_rate in percent of closed orders. */
    "CREATE TABLE v6_daily_stats("
    "date TEXT PRIMARY KEY CHECK(length(date) = 10), "
    COUNTER("plugin_1m_trades")
    COUNTER("plugin_5m_trades")
    COUNTER("plugin_15m_trades")
    COUNTER("plugin_1h_trades")
    COUNTER("trend_pulse_updates")
    COUNTER("wins")
    COUNTER("losses")
    SUM("total_profit_dollars")
    "win_rate REAL GENERATED ALWAYS AS (100.0 * wins / nullif(wins + losses, 0)) VIRTUAL) STRICT;"

    CHAIN_LEDGER_PROFIT_TABLE("v6")

    "CREATE TABLE watermark("
    "id INTEGER PRIMARY KEY CHECK(id = 1), "
    "applied_seq INTEGER NOT NULL CHECK(applied_seq >= 0)) STRICT;"
    "INSERT INTO watermark(id, applied_seq) VALUES(1, 0);",
};
