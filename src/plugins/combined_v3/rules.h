/* plugins/combined_v3/rules.h: the pure rules of combined_v3 (spec strategies 2.1, 3.1-3.3).
 * Private to the plugin. Any thread. */
#ifndef TRIDENT_PLUGINS_COMBINED_V3_RULES_H
#define TRIDENT_PLUGINS_COMBINED_V3_RULES_H

#include "plugins/plugin.h"

/* RT-1: 1..3, and whether an override or the timeframe decided. */
int v3_route(enum signal_kind kind, enum timeframe tf, enum reason *ret_why);
const char *v3_route_name(int logic); /* RT-2: "LOGIC1".. */
/* Strength [REC] of 0.1 #3: the score for buys, 9 - score for sells; raw: the score as it is. */
int v3_strength(const struct signal *s, bool raw);
/* P-4, RT-4: how many of the pillars 15m, 1h, 4h, 1d equal the trade's direction; -1 without
 * values. */
int v3_mtf_aligned(const struct signal *s);
/* RT-6. */
bool v3_is_aggressive(enum signal_kind kind, int strength);
/* RK-1. */
int64_t v3_consensus_factor_e8(int strength);

struct v3_lots {
    int64_t total_e8;   /* RK-2 before rounding */
    int64_t a_e8, b_e8; /* on the volume step; 0 = not placed */
    int logic;          /* whose they are: 1..3 */
};
/* RK-2 with [REC] rounding; G42: when both halves fall below the minimum but the total does not, A
 * alone at the minimum. want_b false gives A the whole total, want_a false B. */
struct v3_lots v3_lots(const struct combined_v3_conf *c, const struct symbol_info *info,
                       int strength, int logic, bool want_a, bool want_b);

struct v3_levels {
    int64_t entry_e8;
    int64_t a_sl_e8, a_tp_e8, b_sl_e8, b_tp_e8;
    int64_t a_distance_e8, b_distance_e8;
    int64_t fallback_distance_e8; /* of an alert without a stop */
    bool rebased;                 /* the alert's distances were carried over to the market price */
    bool fallback_sl;
    bool tp1_given, tp2_given;
};
/* The stop of an alert without one: fallback_sl_pips, or by symbol and logic (spec 2.1, "alt base
 * SL"): EURUSD and USDJPY 15, GBPUSD 18, XAUUSD 30 pips, times 1, 1.5, 2. */
int64_t v3_fallback_pips_e8(const struct combined_v3_conf *c, const struct symbol_info *info,
                            int logic);
/* Entry at market (ask for buys, bid for sells), else the alert's price; stops and targets of A
 * (alert SL, TP2 else rr x R) and B (fixed money RK-7, TP1 else 1:1). ACCEPTED, or why not; ret is
 * filled as far as it was worked out either way. */
enum reason v3_levels(const struct combined_v3_conf *c, const struct symbol_info *info,
                      const struct signal *s, const struct quote *q, const struct v3_lots *lots,
                      struct v3_levels *ret);

#endif
