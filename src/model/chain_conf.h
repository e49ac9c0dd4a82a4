/* model/chain_conf.h: the configuration of a plugin's chains, "plugins.<id>.reentry.*" and
 * "plugins.<id>.profit_chain.*", as one table: conf/ makes its keys from it, the engine packs it
 * into the journal with its rules. Defaults of spec strategies 4.1, 4.2, 2.3 and section 5. */
#ifndef TRIDENT_MODEL_CHAIN_CONF_H
#define TRIDENT_MODEL_CHAIN_CONF_H

#include "core/pack.h"
#include "model/rules/profit_chain.h"
#include "model/rules/reentry.h"

/* Which plugins have chains. */
enum chain_plugin { CHAIN_COMBINED_V3 = 0, CHAIN_PRICE_ACTION_V6, CHAIN_LEGACY_V2, CHAIN_PLUGINS };

/* Whose trend a chain asks before it enters again. */
enum chain_trend {
    CHAIN_TREND_UNSET = 0, /* as CHAIN_TREND_STORED */
    CHAIN_TREND_STORED,    /* what alerts have said (RT-8, RT-12) */
    CHAIN_TREND_CANDLES,   /* RE-9: 15-minute candles of the broker's quotes */
    CHAIN_TREND_COUNT
};

#define CHAIN_ROUTES 5 /* 1..4: LOGIC1 to 3, or 1m, 5m, 15m, 1h; 0: any other */

struct chain_route_conf {
    int cooldown_s; /* after a target, before the trade goes on */
    int max_levels; /* trades of a chain, the first one included */
    int window_min;
    bool exit_continuation;
    /* The plugin's own limits of the route; 0 = none. Set by the daemon. */
    int max_open, max_daily;
    int64_t daily_loss_cap_e8;
};

struct chain_conf {
    char plugin[PLUGIN_ID_CAP]; /* "" = the plugin is not installed: no chains */
    int max_open, max_daily;    /* over all routes; 0 = none. Set by the daemon */
    int64_t daily_loss_cap_e8;  /* the plugin's; 0 = none. Set by the daemon */
    /* reentry */
    bool enabled, autonomous, sl_hunt, tp_continuation, shield;
    int hunt;      /* enum reentry_hunt */
    int windows;   /* enum reentry_windows */
    int reduction; /* enum reentry_reduction */
    int sl_reduction_percent;
    int protection;   /* enum reentry_protection */
    int protect_mode; /* enum reentry_protect_mode */
    int exit_variant; /* enum reentry_exit */
    int max_attempts, max_losses, max_concurrent, limit_wait_min;
    int64_t threshold_e8, offset_pips_e8, min_recovery_pips_e8, tight_sl_e8, tp_gap_pips_e8;
    int64_t rr_e8, session_stop_e8, shield_reserve_e8;
    int shield_max;
    int trend_source; /* enum chain_trend; packed by engine_rules_pack() */
    /* profit_chain */
    bool profit_enabled, profit_lone_b, profit_level[PROFIT_CHAIN_LEVELS], profit_strict,
        profit_hunt;
    int profit_multipliers; /* enum profit_chain_multipliers */
    int profit_sl_mode;     /* enum profit_chain_sl_mode */
    int profit_hunt_sl2;    /* 0: sl-1, 1: sl-2 */
    int profit_hunt_window_min;
    int64_t min_profit_e8, profit_partial_e8, profit_rr_e8;
    int64_t profit_sl_e8, profit_sl_logic_e8[4]; /* SL-2.1; SL-1.1 of logic 1..3 */
    struct chain_route_conf routes[CHAIN_ROUTES];
};

/* X(P, I, kind, key, field, least, most, default, choices, help) for every key that has the same
 * meaning in all plugins; P and I are handed through. W, H, R, L: defaults of
 * window_table, sl_hunt_variant, reduction_mode and lone_order_b. Units of the fields: decimals in
 * 1e-8. */
/* clang-format off */
#define CHAIN_CONF_TABLE(X, P, I, W, H, R, L)                                                      \
    X(P, I, BOOL, "reentry.enabled", enabled, 0, 1, "true", none,                                  \
      "Trades are followed by chains: recovery, continuation, shield.")                            \
    X(P, I, BOOL, "reentry.autonomous", autonomous, 0, 1, "true", none,                            \
      "Chains place orders by themselves; off: they only keep account.")                           \
    X(P, I, BOOL, "reentry.sl_hunt", sl_hunt, 0, 1, "true", none,                                  \
      "After a stop: enter again when the price comes back.")                                      \
    X(P, I, BOOL, "reentry.tp_continuation", tp_continuation, 0, 1, "true", none,                  \
      "After a target: go on when the price goes on.")                                             \
    X(P, I, BOOL, "reentry.reverse_shield", shield, 0, 1, "true", none,                            \
      "After a stop: two opposite orders until the price comes back.")                             \
    X(P, I, ENUM, "reentry.sl_hunt_variant", hunt, 1, REENTRY_HUNT_COUNT - 1, H, hunts,            \
      "Where a recovery begins: 70 % of the way back, or just beyond the stop.")                   \
    X(P, I, DECIMAL, "reentry.recovery_threshold", threshold_e8, DEC_ONE / 100, DEC_ONE, "0.7",    \
      none, "Part of the way from stop to entry (seventy_percent).")                               \
    X(P, I, DECIMAL, "reentry.sl_hunt_offset_pips", offset_pips_e8, 0, 100 * DEC_ONE, "1", none,   \
      "Pips beyond the stop (price_monitor).")                                                     \
    X(P, I, DECIMAL, "reentry.min_recovery_pips", min_recovery_pips_e8, 0, 100 * DEC_ONE, "2",     \
      none, "Pips beyond the stop (window_monitor, and recoveries of order B).")                   \
    X(P, I, ENUM, "reentry.window_table", windows, 1, REENTRY_WINDOWS_COUNT - 1, W, windows,       \
      "Minutes a recovery may take: of the symbol, or of the route.")                              \
    X(P, I, DECIMAL, "reentry.tight_sl_multiplier", tight_sl_e8, DEC_ONE / 10, DEC_ONE, "0.5",     \
      none, "Stop of a recovery in stops of the lost trade.")                                      \
    X(P, I, DECIMAL, "reentry.tp_gap_pips", tp_gap_pips_e8, 0, 100 * DEC_ONE, "2", none,           \
      "Pips beyond the target at which a trade goes on.")                                          \
    X(P, I, ENUM, "reentry.reduction_mode", reduction, 1, REENTRY_REDUCTION_COUNT - 1, R,          \
      reductions, "How much smaller the stop of each level is.")                                   \
    X(P, I, INT, "reentry.sl_reduction_percent", sl_reduction_percent, 0, 50, "0", none,           \
      "Percent a level instead of the mode's, 10 to 50; 0: as the mode says.")                     \
    X(P, I, DECIMAL, "reentry.rr_ratio", rr_e8, DEC_ONE / 10, 20 * DEC_ONE, "1.5", none,           \
      "Target of chain orders in stop distances.")                                                 \
    X(P, I, ENUM, "reentry.exit_variant", exit_variant, 1, REENTRY_EXIT_COUNT - 1, "autonomous",   \
      exits, "After an exit: same direction 2 pips on, or the other one 20 pips on.")              \
    X(P, I, ENUM, "reentry.profit_protection_semantics", protection, 1,                            \
      REENTRY_PROTECTION_COUNT - 1, "manager", protections,                                        \
      "When a won profit is not risked again.")                                                    \
    X(P, I, ENUM, "reentry.profit_protection_mode", protect_mode, 1, REENTRY_PROTECT_COUNT - 1,    \
      "balanced", protect_modes, "manager: how much profit is kept.")                              \
    X(P, I, DECIMAL, "reentry.session_profit_stop", session_stop_e8, DEC_ONE, 1000000 * DEC_ONE,   \
      "100", none, "session: USD won in a day after which chains stop.")                           \
    X(P, I, INT, "reentry.max_attempts_per_day", max_attempts, 1, 1000, "10", none,                \
      "Recoveries a day.")                                                                         \
    X(P, I, INT, "reentry.max_losses_per_day", max_losses, 1, 1000, "5", none,                     \
      "Lost recoveries a day.")                                                                    \
    X(P, I, INT, "reentry.max_concurrent", max_concurrent, 1, 100, "3", none,                      \
      "Recoveries at once.")                                                                       \
    X(P, I, INT, "reentry.limit_wait_min", limit_wait_min, 0, 10080, "360", none,                  \
      "Minutes without recoveries after one of these limits.")                                     \
    X(P, I, INT, "reentry.shield_max", shield_max, 1, 10, "3", none, "Shields at once.")           \
    X(P, I, DECIMAL, "reentry.shield_reserve", shield_reserve_e8, 0, 1000000 * DEC_ONE, "50",      \
      none, "USD of the daily limit a shield may not touch.")                                      \
    X(P, I, BOOL, "profit_chain.enabled", profit_enabled, 0, 1, "true", none,                      \
      "Order B becomes a chain: 1, 2, 4, 8, 16 orders, each booked by itself.")                    \
    X(P, I, BOOL, "profit_chain.lone_order_b", profit_lone_b, 0, 1, L, none,                       \
      "An order B without an A becomes such a chain too, not a re-entry chain.")                   \
    X(P, I, DECIMAL, "profit_chain.min_profit", min_profit_e8, DEC_ONE, 100000 * DEC_ONE, "7",     \
      none, "USD at which an order is booked.")                                                    \
    X(P, I, BOOL, "profit_chain.level0", profit_level[0], 0, 1, "true", none,                      \
      "Level 0 is traded: one order as standard.")                                                 \
    X(P, I, BOOL, "profit_chain.level1", profit_level[1], 0, 1, "true", none,                      \
      "Level 1 is traded: two orders as standard.")                                                \
    X(P, I, BOOL, "profit_chain.level2", profit_level[2], 0, 1, "true", none,                      \
      "Level 2 is traded: four orders as standard.")                                               \
    X(P, I, BOOL, "profit_chain.level3", profit_level[3], 0, 1, "false", none,                     \
      "Level 3 is traded: eight orders as standard.")                                              \
    X(P, I, BOOL, "profit_chain.level4", profit_level[4], 0, 1, "false", none,                     \
      "Level 4 is traded: sixteen orders as standard.")                                            \
    X(P, I, ENUM, "profit_chain.multipliers", profit_multipliers, 1,                               \
      PROFIT_CHAIN_MULTIPLIERS_COUNT - 1, "standard", multipliers, "Orders of the levels.")        \
    X(P, I, BOOL, "profit_chain.strict", profit_strict, 0, 1, "true", none,                        \
      "A lost order that is not won back stops the chain.")                                        \
    X(P, I, DECIMAL, "profit_chain.partial_threshold", profit_partial_e8, 0, DEC_ONE, "0.75",      \
      none, "Not strict: part of a level that has to be booked.")                                  \
    X(P, I, ENUM, "profit_chain.sl_mode", profit_sl_mode, 1, PROFIT_CHAIN_SL_COUNT - 1, "fixed",   \
      sl_modes, "Stop of the orders: the same money for all, or by logic.")                        \
    X(P, I, DECIMAL, "profit_chain.sl_money", profit_sl_e8, DEC_ONE, 100000 * DEC_ONE, "10", none, \
      "fixed: USD at risk of each order.")                                                         \
    X(P, I, DECIMAL, "profit_chain.sl_money_logic1", profit_sl_logic_e8[1], DEC_ONE,               \
      100000 * DEC_ONE, "20", none, "by_logic: USD at risk of LOGIC1.")                            \
    X(P, I, DECIMAL, "profit_chain.sl_money_logic2", profit_sl_logic_e8[2], DEC_ONE,               \
      100000 * DEC_ONE, "40", none, "by_logic: USD at risk of LOGIC2.")                            \
    X(P, I, DECIMAL, "profit_chain.sl_money_logic3", profit_sl_logic_e8[3], DEC_ONE,               \
      100000 * DEC_ONE, "50", none, "by_logic: USD at risk of LOGIC3.")                            \
    X(P, I, DECIMAL, "profit_chain.rr_ratio", profit_rr_e8, DEC_ONE / 10, 20 * DEC_ONE, "1.5",     \
      none, "Target of the orders in stop distances.")                                             \
    X(P, I, BOOL, "profit_chain.sl_hunt", profit_hunt, 0, 1, "true", none,                         \
      "A lost order is tried once more when the price comes back.")                                \
    X(P, I, ENUM, "profit_chain.sl_hunt_system", profit_hunt_sl2, 0, 1, "sl-1", sl_systems,        \
      "Stop of that try: 15 pips, gold 25; or 10 and 15.")                                         \
    X(P, I, INT, "profit_chain.sl_hunt_window_min", profit_hunt_window_min, 1, 1440, "30", none,   \
      "Minutes the price has for that.")

/* X(P, I, kind, key, field, least, most, default, choices, help) of route n, named N: "logic1." */
#define CHAIN_ROUTE_TABLE(X, P, I, n, N, cooldown, levels, window, exit_)                          \
    X(P, I, INT, "reentry." N "cooldown_s", routes[n].cooldown_s, 0, 3600, cooldown, none,         \
      "Seconds after a target before the trade may go on.")                                        \
    X(P, I, INT, "reentry." N "max_levels", routes[n].max_levels, 1, 10, levels, none,             \
      "Trades of a chain, the first one included.")                                                \
    X(P, I, INT, "reentry." N "window_min", routes[n].window_min, 1, 1440, window, none,           \
      "Minutes a recovery or continuation may take.")                                              \
    X(P, I, BOOL, "reentry." N "exit_continuation", routes[n].exit_continuation, 0, 1, exit_,      \
      none, "Enter again after an exit by hand or by a reversal.")

#define CHAIN_CONF_V3(X, P)                                                                        \
    CHAIN_CONF_TABLE(X, P, CHAIN_COMBINED_V3, "config", "seventy_percent", "adaptive", "true")     \
    CHAIN_ROUTE_TABLE(X, P, CHAIN_COMBINED_V3, 1, "logic1.", "5", "5", "30", "false")              \
    CHAIN_ROUTE_TABLE(X, P, CHAIN_COMBINED_V3, 2, "logic2.", "5", "5", "30", "false")              \
    CHAIN_ROUTE_TABLE(X, P, CHAIN_COMBINED_V3, 3, "logic3.", "5", "5", "30", "true")
#define CHAIN_CONF_V6(X, P)                                                                        \
    CHAIN_CONF_TABLE(X, P, CHAIN_PRICE_ACTION_V6, "route", "seventy_percent", "adaptive", "false") \
    CHAIN_ROUTE_TABLE(X, P, CHAIN_PRICE_ACTION_V6, 1, "1m.", "3", "3", "15", "false")              \
    CHAIN_ROUTE_TABLE(X, P, CHAIN_PRICE_ACTION_V6, 2, "5m.", "5", "4", "20", "false")              \
    CHAIN_ROUTE_TABLE(X, P, CHAIN_PRICE_ACTION_V6, 3, "15m.", "10", "5", "30", "false")            \
    CHAIN_ROUTE_TABLE(X, P, CHAIN_PRICE_ACTION_V6, 4, "1h.", "15", "5", "60", "false")
#define CHAIN_CONF_V2(X, P)                                                                        \
    CHAIN_CONF_TABLE(X, P, CHAIN_LEGACY_V2, "route", "price_monitor", "legacy", "true")            \
    CHAIN_ROUTE_TABLE(X, P, CHAIN_LEGACY_V2, 1, "logic1.", "0", "5", "30", "true")                 \
    CHAIN_ROUTE_TABLE(X, P, CHAIN_LEGACY_V2, 2, "logic2.", "0", "5", "45", "true")                 \
    CHAIN_ROUTE_TABLE(X, P, CHAIN_LEGACY_V2, 3, "logic3.", "0", "5", "120", "true")
/* clang-format on */

/* 1..3 for LOGIC1..3, 1..4 for 1m, 5m, 15m, 1h; 0 for any other name. */
int chain_conf_route_index(const char *route);
/* Of a route that has none of its own: the second one's (LOGIC2, 5m). */
const struct chain_route_conf *chain_conf_route(const struct chain_conf *c, const char *route);
unsigned chain_conf_enabled_levels(const struct chain_conf *c); /* PC-4: as bits */
/* What a level's stop costs at most, PC-6. */
int64_t chain_conf_sl_money_e8(const struct chain_conf *c, const char *route);

void chain_conf_pack(struct buf *b, const struct chain_conf *c);
/* Values outside their range mark the input as malformed. */
void chain_conf_unpack(struct unpack *u, struct chain_conf *ret);

#endif
