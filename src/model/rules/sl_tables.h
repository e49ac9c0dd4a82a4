/* model/rules/sl_tables.h: the stop tables of the old bot by symbol and balance tier (spec
 * strategies 3.3) and the stops made from them: RK-5, RK-6. Pure, any thread. Pips, prices and
 * factors in 1e-8. */
#ifndef TRIDENT_MODEL_RULES_SL_TABLES_H
#define TRIDENT_MODEL_RULES_SL_TABLES_H

#include "model/rules/tiers.h"
#include "model/signal.h"

enum sl_tables_system {
    SL_TABLES_UNSET = 0,
    SL_TABLES_SL1, /* original, wide; the active one */
    SL_TABLES_SL2, /* recommended, tight */
    SL_TABLES_COUNT
};

/* 3.3: 0 = the table has no row for the symbol. */
int64_t sl_tables_pips_e8(enum sl_tables_system system, const char *symbol, enum tiers_tier tier);
/* RK-6: the stop of a symbol without a row: risk cap / (pip value x lots). */
int64_t sl_tables_cap_pips_e8(int64_t risk_cap_e8, int64_t pip_value_e8, int64_t lots_e8);
/* RK-6: what a stop of so many pips loses is within a tenth of the cap. */
bool sl_tables_is_near_cap(int64_t loss_e8, int64_t risk_cap_e8);

/* A percent outside 5..50 is no reduction of symbol_sl_reductions; 0 = none. */
bool sl_tables_reduction_is_valid(int percent);

struct sl_tables_stop {
    int64_t pips_e8;     /* after reduction and factors */
    int64_t distance_e8; /* in price */
    int64_t sl_e8, tp_e8;
};
struct sl_tables_case {
    const struct symbol_info *info;
    enum side side;
    int64_t entry_e8;
    int64_t table_pips_e8;
    int reduction_percent;    /* symbol_sl_reductions; 0 = none */
    int64_t tf_multiplier_e8; /* RT-2: 1, 1.5, 2.5 */
    int64_t chain_factor_e8;  /* DEC_ONE for the first trade of a chain */
    int64_t rr_e8;            /* 1.5 */
};
/* RK-5: stop and target of order A. */
struct sl_tables_stop sl_tables_stop(const struct sl_tables_case *c);

#endif
