/* model/rules/pips.h: fixed-money stops and profit by pips, in the variants the sources have: RK-7,
 * RK-8, RK-17. The variants of RK-8 are source bugs, kept so that the old bot's numbers can be
 * reproduced. Pure, any thread; money, lots, pips and prices in 1e-8. */
#ifndef TRIDENT_MODEL_RULES_PIPS_H
#define TRIDENT_MODEL_RULES_PIPS_H

#include "model/symbol.h"

enum pips_formula {
    PIPS_FORMULA_UNSET = 0,
    PIPS_EXACT,     /* RK-7: money / (pip value x lots) */
    PIPS_FORMULA_C, /* RK-8 (c): money / (lots x 10), ten points a pip, the point by price */
    PIPS_FORMULA_D, /* RK-8 (d): by the pip value of 0.01 lot, one decimal */
    PIPS_FORMULA_E, /* RK-8 (e): money / (10 x lots), five decimals */
    PIPS_FORMULA_COUNT
};

struct pips_stop {
    int64_t pips_e8;
    int64_t distance_e8; /* in price */
    int64_t loss_e8;     /* what it really loses, at the table's pip value */
};
/* RK-7, RK-8: the stop of order B for a fixed sum. price_e8: only (c) looks at it. */
struct pips_stop pips_fixed_money(enum pips_formula f, const struct symbol_info *info,
                                  int64_t money_e8, int64_t lots_e8, int64_t price_e8);

/* RK-17: (price difference / pip size) x pip value x lots. */
int64_t pips_profit_e8(const struct symbol_info *info, int side_sign, int64_t entry_e8,
                       int64_t exit_e8, int64_t lots_e8);
/* RK-17, reversal handler: price difference x lots x contract, whatever the quote currency. */
int64_t pips_reversal_profit_e8(const struct symbol_info *info, int side_sign, int64_t entry_e8,
                                int64_t exit_e8, int64_t lots_e8);
/* What so many pips are worth. */
int64_t pips_money_e8(const struct symbol_info *info, int64_t pips_e8, int64_t lots_e8);

#endif
