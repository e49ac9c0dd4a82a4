/* model/event.h: what happened, for people and projections. Events are outputs of the engine: they
 * are journaled with the input that caused them, and notify/, the ledgers and the live stream read
 * them from there. Type names are those of spec strategies 8.5; one table carries routing defaults.
 */
#ifndef TRIDENT_MODEL_EVENT_H
#define TRIDENT_MODEL_EVENT_H

#include "model/order.h"
#include "model/user.h"

enum priority {
    PRIORITY_UNSET = 0,
    PRIORITY_INFO,
    PRIORITY_LOW,
    PRIORITY_MEDIUM,
    PRIORITY_HIGH,
    PRIORITY_CRITICAL,
    PRIORITY_COUNT
};
enum route {
    ROUTE_UNSET = 0,
    ROUTE_C,
    ROUTE_N,
    ROUTE_A,
    ROUTE_ALL,
    ROUTE_ADMIN, /* who runs the program, by the controller bot */
    ROUTE_COUNT
};

/* X(NAME, "wire name", priority, default target, voice) */
#define EVENT_TABLE(X)                                                                             \
    X(BOT_STARTED, "bot_started", INFO, C, false)                                                  \
    X(BOT_STOPPED, "bot_stopped", CRITICAL, ALL, true)                                             \
    X(BOT_DOWN, "bot_down", HIGH, C, false)                                                        \
    X(BOT_UP, "bot_up", MEDIUM, C, false)                                                          \
    X(EMERGENCY_STOP, "emergency_stop", CRITICAL, ALL, true)                                       \
    X(PAUSED, "paused", HIGH, C, false)                                                            \
    X(RESUMED, "resumed", HIGH, C, false)                                                          \
    X(SIGNAL_RECEIVED, "signal_received", HIGH, N, false)                                          \
    X(SIGNAL_REFUSED, "signal_ignored", INFO, N, false)                                            \
    X(SIGNAL_NOTICE, "alert_processed", MEDIUM, N, false) /* squeeze, pulse */                     \
    X(ENTRY, "v3_entry", HIGH, N, true)                                                            \
    X(EXIT, "v3_exit", HIGH, N, true)                                                              \
    X(TP_HIT, "v3_tp_hit", HIGH, N, true)                                                          \
    X(SL_HIT, "v3_sl_hit", HIGH, N, true)                                                          \
    X(MANUAL_EXIT, "manual_exit", HIGH, N, true)                                                   \
    X(ORDER_FAILED, "order_failed", HIGH, N, true)                                                 \
    X(ORDER_UNKNOWN, "order_unknown", HIGH, ALL, false)                                            \
    X(ORDER_LATE_FILL, "order_late_fill", CRITICAL, ALL, false)                                    \
    X(DAILY_LOSS_LIMIT, "daily_loss_limit", CRITICAL, ALL, true)                                   \
    X(LIFETIME_LOSS_LIMIT, "lifetime_loss_limit", CRITICAL, ALL, true)                             \
    X(BROKER_DOWN, "mt5_disconnect", CRITICAL, ALL, true)                                          \
    X(BROKER_UP, "mt5_reconnect", HIGH, N, false)                                                  \
    X(POSITION_MISMATCH, "position_mismatch", CRITICAL, ALL, false)                                \
    X(PLUGIN_ERROR, "plugin_error", HIGH, N, false)                                                \
    X(PLUGIN_DISABLED, "plugin_disabled", MEDIUM, C, false)                                        \
    X(STORE_FAULT, "database_error", HIGH, C, false)                                               \
    X(COMMAND_MIRROR, "command_mirror", HIGH, C, false) /* to the legacy process, not to people */ \
    X(STATE_CHANGED, "state_changed", INFO, C, false)                                              \
    X(TEST, "test", HIGH, N, false)                                                                \
    X(SUBSCRIPTION, "subscription", INFO, N, false) /* preference change, consumed by notify */    \
    X(TRADE_OPENED, "trade_opened", INFO, C, false) /* ledger only: a position exists */           \
    X(TRADE_CLOSED, "trade_closed", INFO, C, false) /* ledger only: (part of) a position closed */ \
    X(DECISION, "decision", INFO, C, false)         /* ledger only: signals log */                 \
    X(SETTING_CHANGED, "setting_changed", MEDIUM, C, false)                                        \
    X(SL_HUNT_ACTIVATED, "sl_hunt_activated", HIGH, N, true) /* stop hit: the level is watched */  \
    X(SL_HUNT_RECOVERY, "sl_hunt_recovery", HIGH, N, true)   /* the recovery order is placed */    \
    X(RECOVERY_SUCCESS, "recovery_success", HIGH, N, true)                                         \
    X(RECOVERY_FAILED, "recovery_failed", HIGH, N, true)                                           \
    X(RECOVERY_TIMEOUT, "recovery_timeout", HIGH, N, false)                                        \
    X(TP_REENTRY_STARTED, "tp_reentry_started", MEDIUM, N, false)                                  \
    X(TP_CONTINUATION, "tp_continuation", HIGH, N, true) /* the next level's order is placed */    \
    X(EXIT_CONTINUATION, "exit_continuation", HIGH, N, true)                                       \
    X(REVERSE_SHIELD, "reverse_shield_activated", HIGH, N, true)                                   \
    X(PROFIT_BOOKING, "profit_booking", MEDIUM, N, false)                                          \
    X(CHAIN_ADVANCED, "chain_advanced", MEDIUM, N, false)                                          \
    X(CHAIN_STOPPED, "chain_stopped", MEDIUM, N, false)                                            \
    X(CHAIN_COMPLETED, "chain_completed", MEDIUM, N, false)                                        \
    X(CHAIN_BLOCKED, "chain_blocked", MEDIUM, N, false) /* an order of a chain was refused */      \
    X(CHAIN_STATE, "chain_state", INFO, C, false)       /* ledger only: engine/chains.h */         \
    X(USER_JOINED, "user_joined", HIGH, C, false)                                                  \
    X(USER_CHANGED, "user_changed", HIGH, C, false)                                                \
    X(USER_REMOVED, "user_removed", HIGH, C, false)                                                \
    X(CODE_LOCKED, "code_locked", HIGH, C, false) /* too many wrong second factors */              \
    X(TREND_MANUAL_SET, "trend_manual_set", MEDIUM, C, false)                                      \
    X(VOICE_RISK_LIMIT, "voice_risk_limit", CRITICAL, ALL, true)                                   \
    X(VOICE_SL_HIT, "voice_sl_hit", CRITICAL, N, true)                                             \
    X(RISK_ALERT, "risk_alert", HIGH, N, true)                                                     \
    X(V6_ENTRY_1M, "v6_entry_1m", HIGH, N, true)                                                   \
    X(V6_ENTRY_5M, "v6_entry_5m", HIGH, N, true)                                                   \
    X(V6_ENTRY_15M, "v6_entry_15m", HIGH, N, true)                                                 \
    X(V6_ENTRY_30M, "v6_entry_30m", HIGH, N, true)                                                 \
    X(V6_ENTRY_1H, "v6_entry_1h", HIGH, N, true)                                                   \
    X(V6_ENTRY_4H, "v6_entry_4h", HIGH, N, true)                                                   \
    X(V6_EXIT, "v6_exit", HIGH, N, true)                                                           \
    X(V6_TP_HIT, "v6_tp_hit", HIGH, N, true)                                                       \
    X(V6_SL_HIT, "v6_sl_hit", HIGH, N, true)                                                       \
    X(TP_REENTRY_EXECUTED, "tp_reentry_executed", HIGH, N, true)                                   \
    X(REVERSAL_EXIT, "reversal_exit", HIGH, N, true)                                               \
    X(DAILY_LOSS_WARNING, "daily_loss_warning", HIGH, N, true)                                     \
    X(VOICE_TRADE_ENTRY, "voice_trade_entry", HIGH, N, true)                                       \
    X(VOICE_TP_HIT, "voice_tp_hit", HIGH, N, true)                                                 \
    X(ALERT_ERROR, "alert_error", HIGH, N, false)                                                  \
    X(ERROR, "error", HIGH, N, false)                                                              \
    X(V6_SIGNAL, "v6_signal", HIGH, N, false)                                                      \
    X(TREND_CHANGED, "trend_changed", HIGH, N, false)                                              \
    X(BROKER_CONNECTED, "mt5_connected", HIGH, C, false)                                           \
    X(CONFIG_ERROR, "config_error", HIGH, C, false)                                                \
    X(SL_MODIFIED, "sl_modified", MEDIUM, N, false)                                                \
    X(BREAKEVEN, "breakeven", MEDIUM, N, false)                                                    \
    X(WARNING, "warning", MEDIUM, N, false)                                                        \
    X(V6_BREAKEVEN, "v6_breakeven", MEDIUM, N, false)                                              \
    X(PROFIT_ORDER_PROTECTION, "profit_order_protection", MEDIUM, N, false)                        \
    X(TP_REENTRY_COMPLETED, "tp_reentry_completed", MEDIUM, N, false)                              \
    X(SL_HUNT_STARTED, "sl_hunt_started", MEDIUM, N, false)                                        \
    X(PARTIAL_CLOSE, "partial_close", MEDIUM, N, false)                                            \
    X(VOICE_RECOVERY, "voice_recovery", MEDIUM, N, true)                                           \
    X(PLUGIN_RELOADED, "plugin_reloaded", MEDIUM, C, false)                                        \
    X(PLUGIN_ENABLED, "plugin_enabled", MEDIUM, C, false)                                          \
    X(V6_TIMEFRAME_ENABLED, "v6_timeframe_enabled", MEDIUM, C, false)                              \
    X(V6_TIMEFRAME_DISABLED, "v6_timeframe_disabled", MEDIUM, C, false)                            \
    X(V3_LOGIC_TOGGLED, "v3_logic_toggled", MEDIUM, C, false)                                      \
    X(SESSION_TOGGLE, "session_toggle", MEDIUM, C, false)                                          \
    X(SYMBOL_TOGGLE, "symbol_toggle", MEDIUM, C, false)                                            \
    X(TIME_ADJUSTMENT, "time_adjustment", MEDIUM, C, false)                                        \
    X(FORCE_CLOSE_TOGGLE, "force_close_toggle", MEDIUM, C, false)                                  \
    X(CONFIG_RELOAD, "config_reload", LOW, A, false)                                               \
    X(PLUGIN_COMPARISON, "plugin_comparison", LOW, A, false)                                       \
    X(ALERT_IGNORED, "alert_ignored", LOW, A, false)                                               \
    X(DAILY_SUMMARY, "daily_summary", LOW, A, false)                                               \
    X(WEEKLY_SUMMARY, "weekly_summary", LOW, A, false)                                             \
    X(MONTHLY_SUMMARY, "monthly_summary", LOW, A, false)                                           \
    X(V6_DAILY_SUMMARY, "v6_daily_summary", LOW, A, false)                                         \
    X(PERFORMANCE_REPORT, "performance_report", LOW, A, false)                                     \
    X(PERFORMANCE_ALERT, "performance_alert", MEDIUM, A, false)                                    \
    X(DRAWDOWN_ALERT, "drawdown_alert", HIGH, A, false)                                            \
    X(PROFIT_MILESTONE, "profit_milestone", MEDIUM, A, false)                                      \
    X(DASHBOARD_UPDATE, "dashboard_update", LOW, C, false)                                         \
    X(AUTONOMOUS_DASHBOARD, "autonomous_dashboard", LOW, C, false)                                 \
    X(MARGIN_WARNING, "margin_warning", HIGH, N, false)                                            \
    X(TREND_PULSE_UPDATE, "trend_pulse_update", LOW, N, false)                                     \
    X(PLUGIN_LOADED, "plugin_loaded", INFO, C, false)                                              \
    X(ALERT_RECEIVED, "alert_received", INFO, C, false)                                            \
    X(INFO, "info", INFO, C, false)                                                                \
    X(SIGNAL_FILTERED, "signal_filtered", INFO, A, false)                                          \
    X(MODIFY_FAILED, "modify_failed", HIGH, N, false) /* a stop could not be moved */              \
    X(MODIFY_INTENT, "modify_intent", INFO, C, false) /* not told: a stop change is being sent */  \
    X(SESSION_NOTICE, "session_notice", MEDIUM, C, false)                                          \
    X(SESSION_CHANGED, "session_changed", INFO, C, false)                                          \
    X(PANIC_FLAT, "panic_flat", HIGH, ALL, false) /* after a panic the broker says: nothing open   \
                                                   */                                              \
    X(CUTOVER_READY, "cutover_ready", HIGH, C, false) /* all gates of a scope are open */          \
    X(MODE_CHANGED, "mode_changed", HIGH, C, false)   /* of a scope of the shadow machine */       \
    X(ROLLBACK, "rollback", CRITICAL, ALL, true)                                                   \
    X(SHADOW_MISMATCH, "shadow_mismatch", HIGH, C, false)                                          \
    X(MIRROR_LEFT_OUT, "mirror_left_out", HIGH, C, false)                                          \
    X(LEGACY_RETIRED, "legacy_retired", HIGH, ALL, false)                                          \
    X(LEGACY_RESTORED, "legacy_restored", HIGH, ALL, false)                                        \
    X(BACKUP_FAILED, "backup_failed", HIGH, C, false)                                              \
    X(BACKUP_MADE, "backup_made", LOW, C, false)                                                   \
    X(PHASE_CHANGED, "phase_changed", HIGH, C, false)                                              \
    X(PHASE_READY, "phase_ready", HIGH, C, false)                                                  \
    X(HEALTH_ALARM, "health_alarm", HIGH, C, false)                                                \
    X(HEALTH_WELL, "health_well", MEDIUM, C, false)                                                \
    X(TRADER_ERROR, "trader_error", HIGH, C, false) /* errors in a row: entries wait */            \
    X(TRADER_RECOVERED, "trader_recovered", HIGH, C, false)                                        \
    X(UPGRADED, "upgraded", MEDIUM, ADMIN, false) /* another process goes on in place */           \
    X(UPGRADE_FAILED, "upgrade_failed", HIGH, ADMIN, false)                                        \
    X(TOKEN_ENDING, "token_ending", MEDIUM, ADMIN, false) /* of the control interface, soon */     \
    X(TOKEN_ENDED, "token_ended", HIGH, ADMIN, false)

enum event_type {
    EVENT_UNSET = 0,
#define X(name, wire, prio, target, voice) EVENT_##name,
    EVENT_TABLE(X)
#undef X
        EVENT_TYPE_COUNT
};

#define EVENT_TEXT_CAP 160

struct event {
    enum event_type type;
    int64_t time_ms;
    uint64_t seq; /* journal seq; set when read back */
    enum reason reason;
    enum side side;
    enum order_role role;
    uint64_t cid; /* order or position */
    uint64_t position_cid;
    uint64_t cause_seq; /* seq of the signal or command at the origin: correlation, /why */
    enum signal_kind signal_kind;
    enum timeframe tf;
    int score;
    char symbol[SYMBOL_CAP];
    char plugin[PLUGIN_ID_CAP];
    char route[ROUTE_CAP];
    char chain_id[CHAIN_ID_CAP];
    int64_t lots_e8, entry_e8, exit_e8, sl_e8, tp_e8; /* DEC_NONE = absent */
    int64_t profit_e8;                                /* realised, account currency */
    int64_t commission_e8, swap_e8;
    int64_t balance_e8;          /* after the event; DEC_NONE = absent */
    int64_t number_e8, limit_e8; /* both numbers of a refusal: what was, what is allowed */
    int64_t chat_id;             /* SUBSCRIPTION, TEST: whom it concerns */
    enum bot_id bot;             /* BOT_*: which one */
    bool mtf_bypass;
    char text[EVENT_TEXT_CAP]; /* field at fault, mirror command, mute pattern ... */
};

#define EVENT_INIT                                                                                 \
    {                                                                                              \
        .score = -1, .lots_e8 = DEC_NONE, .entry_e8 = DEC_NONE, .exit_e8 = DEC_NONE,               \
        .sl_e8 = DEC_NONE, .tp_e8 = DEC_NONE, .balance_e8 = DEC_NONE, .number_e8 = DEC_NONE,       \
        .limit_e8 = DEC_NONE                                                                       \
    }

struct event_info {
    const char *name;
    enum priority priority;
    enum route target;
    bool voice;
};
const struct event_info *event_info(enum event_type t);
bool event_parse_name(const char *name, enum event_type *ret);
/* Told to people; the others are traffic between parts of the program. */
bool event_is_message(enum event_type t);
/* What people may call a message: its wire name, or the name the legacy bot or the second
 * vocabulary of spec strategies 8.5 had for it. */
bool event_find_message(const char *name, enum event_type *ret);
/* Those other names one by one; NULL past the last. */
const char *event_alias(size_t index, enum event_type *ret);
/* The type it is told as: trades of the V6 strategy have their own, by timeframe. */
enum event_type event_shown(const struct event *e);
const char *priority_name(enum priority p);

void event_pack(struct buf *b, const struct event *e);
void event_unpack(struct unpack *u, struct event *ret);

#endif
