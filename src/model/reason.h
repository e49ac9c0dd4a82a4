/* model/reason.h: every reason a signal, order or command can be refused, skipped or closed for;
 * one table names them. The code (upper-case word) is what logs, journal, API and /why show; the
 * sentence for people lives in the text catalogue under "reason.<CODE>". */
#ifndef TRIDENT_MODEL_REASON_H
#define TRIDENT_MODEL_REASON_H

#include "core/core.h"

/* A new reason goes to the end: the journal keeps their numbers. */
/* clang-format off */
#define REASON_TABLE(X)                                                                           \
    X(ACCEPTED) X(DUPLICATE) X(DUPLICATE_ALERT) X(PAUSED) X(PANIC) X(ENTRIES_HALTED) X(EXPIRED)   \
    X(STALE) X(SYMBOL_MISSING) X(SYMBOL_UNKNOWN) X(SYMBOL_NOT_ALLOWED) X(DIRECTION_MISSING)       \
    X(SIGNAL_UNKNOWN) X(FIELD_MISSING) X(FIELD_INVALID) X(PRICE_MISSING) X(NO_QUOTE)              \
    X(SCORE_TOO_LOW) X(MTF_NOT_ALIGNED) X(NO_PLUGIN) X(PLUGIN_DISABLED) X(PLUGIN_FAILED)          \
    X(LOGIC_DISABLED) X(MAX_OPEN_TRADES) X(MAX_DAILY_TRADES) X(DAILY_LOSS_CAP)                    \
    X(LIFETIME_LOSS_CAP) X(LOT_BELOW_MIN) X(STOP_TOO_CLOSE) X(STOP_WRONG_SIDE)                    \
    X(SYMBOL_EXPOSURE) X(SYMBOL_UNKNOWN_ORDER) X(NOTIFICATION_ONLY) X(NOTHING_TO_CLOSE)           \
    X(EXIT_SIGNAL) X(OPPOSITE_SIGNAL) X(SL_HIT) X(TP_HIT) X(MANUAL_CLOSE) X(PANIC_CLOSE)          \
    X(STOP_OUT) X(BROKER_DOWN) X(BROKER_REJECTED) X(NO_MONEY) X(MARKET_CLOSED) X(ORDER_UNKNOWN)   \
    X(ORDER_NOT_FOUND) X(ORDER_EXPIRED) X(QUEUE_FULL) X(NOT_STORED) X(SHUTTING_DOWN)              \
    X(NOT_AUTHORISED) X(ROLE_TOO_LOW) X(COMMAND_UNKNOWN) X(COMMAND_STALE) X(ARGUMENT_INVALID)     \
    X(CONFIRM_EXPIRED) X(CONFIRM_USED) X(CONFIRM_FOREIGN) X(ALREADY_DONE) X(POSITION_NOT_FOUND)   \
    X(LEGACY_NOT_INSTALLED) X(SIGNAL_OVERRIDE) X(TIMEFRAME_ROUTING) X(NOT_IN_THIS_RELEASE)        \
    X(SHADOW_ONLY) X(INTERNAL) X(STOP_TOO_FAR) X(SETTINGS_FULL)                                   \
    X(PROFIT_BOOKED) X(RECOVERY_ATTEMPTS) X(RECOVERY_LOSSES) X(RECOVERY_CONCURRENT)               \
    X(RECOVERY_WAIT) X(RECOVERY_TIMEOUT) X(RECOVERY_LOST) X(PROFIT_PROTECTION)                    \
    X(TREND_NOT_ALIGNED) X(CHAIN_MAX_LEVEL) X(LEVEL_DISABLED) X(CHAIN_LOSS) X(CHAIN_STALE)        \
    X(CHAIN_NOT_FOUND) X(CHAINS_FULL) X(SHIELD_KILL) X(RE_ENTRY_OFF)                              \
    X(USER_UNKNOWN) X(USER_CONFIGURED) X(USERS_FULL) X(NOT_A_PERSON) X(INVITE_INVALID)            \
    X(CODE_WRONG) X(CODE_USED) X(CODE_LOCKED) X(CODE_NOT_ENROLLED) X(CODE_NOT_ASKED)              \
    X(SECOND_NEEDED) X(SECOND_MISSING) X(PRIVATE_ONLY)                                            \
    X(ADX_MISSING) X(ADX_TOO_LOW) X(CONFIDENCE_TOO_LOW) X(SPREAD_TOO_WIDE) X(PULSE_NOT_ALIGNED)   \
    X(MARKET_STATE) X(MOMENTUM_FALLING) X(TIMEFRAME_DISABLED) X(STATE_REVERSAL)                   \
    X(BREAK_EVEN) X(TRAILING_STOP) X(PROFIT_LOCK) X(TIME_EXIT) X(TREND_REVERSAL)                  \
    X(TREND_REVERSAL_BULLISH) X(TREND_REVERSAL_BEARISH) X(SESSION) X(SESSION_CLOSED)              \
    X(CHANGED_AT_BROKER) X(STOP_LOST) X(MANUAL_CHANGE) X(DAILY_PROFIT_CAP)
/* clang-format on */

enum reason {
    REASON_UNSET = 0,
#define X(name) REASON_##name,
    REASON_TABLE(X)
#undef X
        REASON_COUNT
};

const char *reason_code(enum reason r); /* "SCORE_TOO_LOW"; "" for UNSET */
bool reason_parse(const char *code, enum reason *ret);

#endif
