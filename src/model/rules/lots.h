/* model/rules/lots.h: how many lots, in the variants the sources have (spec strategies 3.1, 3.4):
 * RK-1 to RK-4, RK-13, RK-14, RK-16 and the lot tables. A variant is named by who sized so: the
 * V3 plugin, the V3 engine, the old bot. Only the old bot's numbers are rounded half to even.
 * Pure, any thread; lots, money, pips and factors in 1e-8. */
#ifndef TRIDENT_MODEL_RULES_LOTS_H
#define TRIDENT_MODEL_RULES_LOTS_H

#include "model/rules/tiers.h"

enum lots_variant {
    LOTS_VARIANT_UNSET = 0,
    LOTS_PLUGIN_V3, /* RK-2: base x consensus map x logic, halved */
    LOTS_ENGINE_V3, /* RK-3: base x position_multiplier x logic, halved */
    LOTS_LEGACY,    /* RK-4: base x logic to three decimals, A and B full */
    LOTS_VARIANT_COUNT
};

/* RK-1: the consensus map: 0.2 .3 .4 .5 .6 .7 .8 .85 .9 1.0; outside 0..9 its ends. */
int64_t lots_consensus_factor_e8(int score);

struct lots_case {
    enum lots_variant variant;
    int64_t base_e8;
    int64_t factor_e8;     /* RK-2: the consensus map's, RK-3: position_multiplier; RK-4: ignored */
    int64_t logic_mult_e8; /* RT-2: 1.25, 1, 0.625 */
    int64_t step_e8, min_e8; /* of the broker; 0.01 both */
};
struct lots_pair {
    int64_t total_e8;   /* L; RK-4: of one order */
    int64_t exact_e8;   /* of each order, before the broker's step */
    int64_t a_e8, b_e8; /* as sent: on the step; 0 = not placed; RK-4: as computed */
};
/* RK-2, RK-3 with [REC] rounding (floor to the step, A kept first, G42); RK-4 as the source. */
struct lots_pair lots_pair(const struct lots_case *c);

/* 3.4: tables by tier; 0 = no entry. */
struct lots_tables {
    int64_t fixed_e8[TIERS_COUNT];
    int64_t manual_e8[TIERS_COUNT];
    enum tiers_tier forced; /* default_risk_tier; UNSET = by balance */
};
void lots_tables_defaults(struct lots_tables *t); /* [CFG], no tier forced */
/* 3.4: manual override of the tier, the tier's lot, else 0.05. */
int64_t lots_of_balance_e8(const struct lots_tables *t, int64_t balance_e8);
/* 3.4: balance x risk / (pips x pip value), at least 0.01, two decimals. risk_e8: 0.01 = 1 %. */
int64_t lots_by_risk_e8(int64_t balance_e8, int64_t risk_e8, int64_t sl_pips_e8,
                        int64_t pip_value_e8);

enum lots_estimate {
    LOTS_ESTIMATE_UNSET = 0,
    LOTS_ESTIMATE_DUAL,   /* RK-13, RK-16: 30, 50, 70 */
    LOTS_ESTIMATE_PROFIT, /* RK-16, profit booking: 50, 75, 100 */
    LOTS_ESTIMATE_COUNT
};
/* RK-16: pips a trade is supposed to risk. */
int lots_estimate_pips(enum lots_estimate e, enum volatility v);
/* RK-13: 0.95 x what is left of the cap, over two orders of so many pips; two decimals. */
int64_t lots_smart_by_budget_e8(int64_t remaining_e8, int64_t pips_e8, int64_t pip_value_e8);
/* RK-14: 1, 0.75 or 0.5 by the part of the cap that is left. */
int64_t lots_smart_factor_e8(int64_t cap_e8, int64_t pnl_e8);

#endif
