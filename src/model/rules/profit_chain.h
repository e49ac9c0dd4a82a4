/* model/rules/profit_chain.h: the rules of profit-booking chains, PC-1 to PC-8 of spec strategies
 * 5: order B opens level 0; when every order of a level is booked, the next level opens twice as
 * many. Pure functions, any thread.
 *
 * Units: money, lots, pips and factors in 1e-8; levels 0..4; enabled_levels is a set of bits. */
#ifndef TRIDENT_MODEL_RULES_PROFIT_CHAIN_H
#define TRIDENT_MODEL_RULES_PROFIT_CHAIN_H

#include "model/order.h"

#define PROFIT_CHAIN_LEVELS     5
#define PROFIT_CHAIN_ORDERS_MAX 24 /* of one level, largest preset */

/* PC-1: "PROFIT_XAUUSD_0000002a"; tag: the journal number of what opened it. */
void profit_chain_id(char out[CHAIN_ID_CAP], const char *symbol, uint64_t tag);

/* PC-2: pips of profit that make `money` with these lots, at the table's pip value. */
int64_t profit_chain_target_pips_e8(const struct symbol_info *info, int64_t money_e8,
                                    int64_t lots_e8);
/* PC-2: book now? Equal is enough. */
bool profit_chain_is_due(int64_t profit_e8, int64_t min_profit_e8);

enum profit_chain_multipliers { /* PC-7 */
                                PROFIT_CHAIN_MULTIPLIERS_UNSET = 0,
                                PROFIT_CHAIN_STANDARD,     /* 1, 2, 4, 8, 16 */
                                PROFIT_CHAIN_CONSERVATIVE, /* 1, 1.5, 2, 3, 4 */
                                PROFIT_CHAIN_AGGRESSIVE,   /* 1, 3, 6, 12, 24 */
                                PROFIT_CHAIN_LINEAR,       /* 1, 2, 3, 4, 5 */
                                PROFIT_CHAIN_FIBONACCI,    /* 1, 1, 2, 3, 5 */
                                PROFIT_CHAIN_MULTIPLIERS_COUNT
};
enum profit_chain_targets { /* PC-7 */
                            PROFIT_CHAIN_TARGETS_UNSET = 0,
                            PROFIT_CHAIN_TARGETS_CONSERVATIVE, /* 20 .. 320 */
                            PROFIT_CHAIN_TARGETS_MODERATE,     /* 10 .. 160 */
                            PROFIT_CHAIN_TARGETS_AGGRESSIVE,   /* 5 .. 80 */
                            PROFIT_CHAIN_TARGETS_CUSTOM_1,     /* 15 .. 240 */
                            PROFIT_CHAIN_TARGETS_CUSTOM_2,     /* 25 .. 400 */
                            PROFIT_CHAIN_TARGETS_COUNT
};
int64_t profit_chain_multiplier_e8(enum profit_chain_multipliers preset, int level);
/* PC-3, PC-7: how many orders a level opens; half an order is none. */
int profit_chain_orders(enum profit_chain_multipliers preset, int level);
/* PC-7: money of a level in the preset; doubles from level to level. */
int64_t profit_chain_target_e8(enum profit_chain_targets preset, int level);
/* PC-2, PC-3: least profit of a whole level: min_profit for each of its orders. */
int64_t profit_chain_level_profit_e8(enum profit_chain_multipliers preset, int level,
                                     int64_t min_profit_e8);

enum profit_chain_step {
    PROFIT_CHAIN_STEP_UNSET = 0,
    PROFIT_CHAIN_WAIT,
    PROFIT_CHAIN_ADVANCE,
    PROFIT_CHAIN_COMPLETE,
    PROFIT_CHAIN_STOP, /* level disabled (PC-4), or a loss that was not recovered (PC-5) */
    PROFIT_CHAIN_STEP_COUNT
};
/* PC-4: what follows a level whose orders are all done. */
enum profit_chain_step profit_chain_after_level(int level, unsigned enabled_levels);

struct profit_chain_level {
    int total, booked;            /* orders of the level */
    int lost;                     /* closed at their stop and not recovered */
    bool strict;                  /* allow_partial_progression is false */
    int64_t partial_threshold_e8; /* 0.75 */
};
/* PC-5: may the level be left? WAIT while orders are open that can still decide it. */
enum profit_chain_step profit_chain_progress(const struct profit_chain_level *l);

enum profit_chain_sl_mode { /* PC-6 */
                            PROFIT_CHAIN_SL_UNSET = 0,
                            PROFIT_CHAIN_SL_FIXED,    /* SL-2.1: 10 $ */
                            PROFIT_CHAIN_SL_BY_LOGIC, /* SL-1.1: 20, 40, 50 $ */
                            PROFIT_CHAIN_SL_COUNT
};
/* PC-6: money at the stop of each order by default; logic 1..3 (others as 2). */
int64_t profit_chain_sl_money_e8(enum profit_chain_sl_mode mode, int logic);
/* PC-8: does a position closed for this reason end its chain and what is left of it? */
bool profit_chain_ends_with(enum reason closed_for);

#endif
