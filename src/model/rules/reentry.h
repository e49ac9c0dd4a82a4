/* model/rules/reentry.h: the re-entry rules RE-1 to RE-16 of spec strategies 4, each one a pure
 * function named beside its tag; what the sources disagree on is a parameter. Any thread.
 *
 * Units: prices, lots, money, pips, factors and percents in 1e-8 (a threshold of 70 % is 0.7); a
 * level counts from 1, the original trade. Where several roundings are possible the one that risks
 * less is taken: stops farther are not made, levels are reached later. */
#ifndef TRIDENT_MODEL_RULES_REENTRY_H
#define TRIDENT_MODEL_RULES_REENTRY_H

#include "model/reason.h"
#include "model/signal.h"

/* ---- SL hunt recovery ---- */

enum reentry_hunt {
    REENTRY_HUNT_UNSET = 0,
    REENTRY_HUNT_SEVENTY_PERCENT, /* RE-2, RE-4: part of the way from the stop back to entry */
    REENTRY_HUNT_PRICE_MONITOR,   /* RE-1: stop plus 1 pip */
    REENTRY_HUNT_WINDOW_MONITOR,  /* RE-3: stop plus 2 pips */
    REENTRY_HUNT_COUNT
};

struct reentry_trade {
    enum side side;
    int64_t entry_e8, sl_e8; /* the stop on the losing side of the entry */
};

/* RE-1, RE-2, RE-3: the price that has to come back. param_e8: the threshold (0.7) of RE-2, else
 * the offset in pips. On the symbol's ticks, never short of the level. */
int64_t reentry_hunt_level_e8(enum reentry_hunt variant, const struct symbol_info *info,
                              const struct reentry_trade *t, int64_t param_e8);
/* Has a trade on this side come (back) up, or down for a sell, to the level? Equal is reached. */
bool reentry_is_reached(enum side side, int64_t price_e8, int64_t level_e8);
/* RE-2: the stop of the recovery trade in pips: what was applied times 0.5. */
int64_t reentry_tight_sl_pips_e8(int64_t applied_pips_e8, int64_t multiplier_e8);

enum reentry_windows {
    REENTRY_WINDOWS_UNSET = 0,
    REENTRY_WINDOWS_ROUTE,   /* the logic's or timeframe's own */
    REENTRY_WINDOWS_CONFIG,  /* RE-2: the configured list of symbols, else the route's */
    REENTRY_WINDOWS_MONITOR, /* RE-3 */
    REENTRY_WINDOWS_SERVICE, /* RE-4 */
    REENTRY_WINDOWS_COUNT
};
/* RE-2, RE-3, RE-4: minutes in which the price must be back. otherwise_min: of symbols that are
 * not in the table; RE-3 and RE-4 have 30 for those. */
int reentry_window_min(enum reentry_windows table, const char *symbol, int otherwise_min);
/* The last moment of the window still counts. */
bool reentry_window_is_open(int64_t hit_ms, int64_t now_ms, int window_min);

/* ---- stop of the next level ---- */

enum reentry_reduction {
    REENTRY_REDUCTION_UNSET = 0,
    REENTRY_REDUCTION_AGGRESSIVE,   /* RE-7: 40 % */
    REENTRY_REDUCTION_BALANCED,     /* 30 % */
    REENTRY_REDUCTION_CONSERVATIVE, /* 20 % */
    REENTRY_REDUCTION_ADAPTIVE,     /* by symbol */
    REENTRY_REDUCTION_LEGACY,       /* RE-5: 30 % compounded, no floor */
    REENTRY_REDUCTION_LINEAR,       /* RE-8: 10 % a level, the lots too */
    REENTRY_REDUCTION_AUTONOMOUS,   /* RE-6: whole pips of 70 % of what was applied */
    REENTRY_REDUCTION_COUNT
};

/* RE-5: original x (1 - reduction)^level, for the trade that follows `level`. */
int64_t reentry_compound_pips_e8(int64_t base_pips_e8, int level, int64_t reduction_e8);
/* RE-6: whole pips of what was applied x 0.7. */
int64_t reentry_autonomous_pips_e8(int64_t applied_pips_e8);
/* RE-7: percent of the mode (10..50 in the adaptive table; 30 for symbols it lacks). */
int reentry_reduction_percent(enum reentry_reduction mode, const char *symbol);
/* RE-7: base x (1 - p)^(next_level - 1) in hundredths of a pip; from level 6 on base x 0.2; never
 * under 10 pips. */
int64_t reentry_optimizer_pips_e8(int64_t base_pips_e8, int percent, int next_level);
/* RE-8: factors on stop distance and lots at a level: 1 - min(0.1 x level, 0.5), max(0.5, 1 - 0.1 x
 * level). */
int64_t reentry_linear_sl_factor_e8(int level);
int64_t reentry_linear_lot_factor_e8(int level);

/* ---- trend ---- */

struct reentry_candle {
    int64_t high_e8, low_e8, close_e8;
};
#define REENTRY_CANDLES_MIN 14
/* RE-9: the score of the newest candles (oldest first, 20 in the source, at least
 * REENTRY_CANDLES_MIN): one point each for SMA7 over SMA14, a higher close, a high not under the
 * four before; a point off for each mirror. */
int reentry_trend_score(const struct reentry_candle *candles, size_t count);
/* RE-9: SIDE_BUY from 2, SIDE_SELL from -2, else UNSET. */
enum side reentry_trend_side(int score);

/* ---- exit continuation ---- */

enum reentry_exit {
    REENTRY_EXIT_UNSET = 0,
    REENTRY_EXIT_AUTONOMOUS, /* RE-10: 2 pips in the same direction within 60 s */
    REENTRY_EXIT_ENGINE,     /* RE-11: 20 pips in the other direction within 30 s */
    REENTRY_EXIT_COUNT
};
struct reentry_exit_plan {
    enum side side; /* of the new trade */
    int64_t level_e8;
    int window_s;
};
/* RE-10, RE-11: what to wait for after a trade on `side` was left at exit_e8. */
struct reentry_exit_plan reentry_exit_plan(enum reentry_exit variant,
                                           const struct symbol_info *info, enum side side,
                                           int64_t exit_e8);

/* ---- profit protection ---- */

enum reentry_protection {
    REENTRY_PROTECTION_UNSET = 0,
    REENTRY_PROTECTION_OFF,
    REENTRY_PROTECTION_AUTONOMOUS, /* RE-12 (a): skip when the chain has more than 5 x the loss */
    REENTRY_PROTECTION_MANAGER,    /* (b) [REC]: only little profit or k x the loss go on */
    REENTRY_PROTECTION_SESSION,    /* (c): stop at a profit of the session */
    REENTRY_PROTECTION_COUNT
};
enum reentry_protect_mode {
    REENTRY_PROTECT_UNSET = 0,
    REENTRY_PROTECT_AGGRESSIVE,        /* k 3.5, from 15 $ */
    REENTRY_PROTECT_BALANCED,          /* 6, 20 */
    REENTRY_PROTECT_CONSERVATIVE,      /* 9, 30 */
    REENTRY_PROTECT_VERY_CONSERVATIVE, /* 15, 50 */
    REENTRY_PROTECT_COUNT
};
struct reentry_protection_case {
    enum reentry_protection semantics;
    enum reentry_protect_mode mode; /* (b) */
    int64_t profit_e8;              /* of the chain; of the session for (c) */
    int64_t loss_e8;                /* (a) and (b): what the next trade may lose */
    int64_t session_stop_e8;        /* (c): 100 $ */
};
/* RE-12: may the next trade risk what was won? ret_limit: the figure the profit was held against,
 * DEC_NONE for OFF. */
bool reentry_protection_allows(const struct reentry_protection_case *c, int64_t *ret_limit_e8);
/* RE-12 (a): its loss assumes 0.01 lot. */
int64_t reentry_assumed_loss_e8(const struct symbol_info *info, int64_t sl_pips_e8);
/* RE-12: the lock: from 40 pips of profit the stop goes to entry plus 10; DEC_NONE before. */
int64_t reentry_lock_sl_e8(const struct symbol_info *info, enum side side, int64_t entry_e8,
                           int64_t price_e8);

/* ---- reverse shield ---- */

struct reentry_shield_plan {
    enum side side;
    int64_t lots_e8; /* of each of its two orders; 0: no room for a shield */
    int64_t sl_e8;   /* both: the original entry */
    int64_t tp_a_e8; /* as far beyond the stop as the stop was from the entry */
    int64_t kill_e8; /* both are closed when the price is back here (70 %) */
};
/* RE-13. room_e8: money the day may still lose before the reserve of 50 $ (DEC_NONE: no limit);
 * the lots shrink to whole hundredths until both orders together cannot lose more. */
struct reentry_shield_plan reentry_shield_plan(const struct symbol_info *info,
                                               const struct reentry_trade *t, int64_t lots_e8,
                                               int64_t room_e8);

/* ---- the intelligent manager ---- */

enum reentry_exit_action {
    REENTRY_EXIT_ACTION_UNSET = 0,
    REENTRY_EXIT_ACTION_HOLD,
    REENTRY_EXIT_ACTION_HALF, /* close 50 %, stop to entry */
    REENTRY_EXIT_ACTION_ALL,
    REENTRY_EXIT_ACTION_COUNT
};
/* RE-14: strong means ADX >= 25, confidence >= 70 and aligned. */
bool reentry_is_strong(int64_t adx_e8, int confidence, bool aligned);
/* RE-14: an exit signal: over 50 pips and strong hold, under 10 close all, else half. */
enum reentry_exit_action reentry_exit_signal_action(int64_t profit_pips_e8, bool strong);
/* RE-14: percent to close when target 1, 2 or 3 is reached. */
int reentry_target_close_percent(int target, bool strong);

/* ---- who recovers first ---- */

struct reentry_claim {
    int64_t profit_e8; /* of the chain so far */
    int64_t opened_ms;
    uint64_t id; /* grows with time */
};
/* Spec 4.1, recovery_priority: 1 the chain with the highest profit, 2 the one that runs longest, 3
 * the newest. */
bool reentry_goes_first(const struct reentry_claim *a, const struct reentry_claim *b);

/* ---- safety limits ---- */

struct reentry_limits {
    int max_attempts, max_losses, max_concurrent; /* 10, 5, 3 */
};
struct reentry_counts {
    int attempts, losses, concurrent; /* today, today, now */
    int64_t blocked_until_ms;         /* 0 = not blocked */
};
/* RE-15: ACCEPTED, or the limit that is reached with both numbers. */
enum reason reentry_limits_check(const struct reentry_limits *l, const struct reentry_counts *c,
                                 int64_t now_ms, int64_t *ret_number_e8, int64_t *ret_limit_e8);

/* RE-16: stop of an order B's recovery in pips: sl-1 XAUUSD 25, others 15; sl-2 15, 10. */
int64_t reentry_profit_hunt_pips_e8(const char *symbol, bool is_sl2);

#endif
