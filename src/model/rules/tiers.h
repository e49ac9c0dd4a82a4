/* model/rules/tiers.h: risk tiers by balance (spec strategies 3.5, RK-15), their loss caps and the
 * money one trade may risk. Pure, any thread. Money in 1e-8 USD. */
#ifndef TRIDENT_MODEL_RULES_TIERS_H
#define TRIDENT_MODEL_RULES_TIERS_H

#include "model/symbol.h"

enum tiers_tier {
    TIERS_UNSET = 0,
    TIERS_5000,
    TIERS_10000,
    TIERS_25000,
    TIERS_50000,
    TIERS_100000,
    TIERS_COUNT
};

enum tiers_variant {
    TIERS_VARIANT_UNSET = 0,
    TIERS_FLOOR,   /* RK-15 [REC]: greatest tier not above the balance, the smallest below 5,000 */
    TIERS_HALFWAY, /* RK-15, re-entry manager: 7,500, 17,500, 37,500, 75,000 */
    TIERS_VARIANT_COUNT
};

/* RK-15. */
enum tiers_tier tiers_of_balance(enum tiers_variant variant, int64_t balance_e8);
/* 3.4: the greatest tier not above the balance; UNSET below the smallest. */
enum tiers_tier tiers_reached(int64_t balance_e8);
int64_t tiers_amount_e8(enum tiers_tier tier); /* 5000 .. 100000 */
const char *tiers_name(enum tiers_tier tier);  /* "5000"; "" for UNSET */
enum tiers_tier tiers_parse(const char *name); /* UNSET: no such tier */

struct tiers_caps {
    int64_t daily_e8, lifetime_e8;
};
/* 3.5 [CFG]: 100/500, 200/1000, 500/2500, 1000/5000, 2000/10000. */
struct tiers_caps tiers_caps(enum tiers_tier tier);
/* 3.5: what the old code fell back to without configuration: the daily cap doubled. */
struct tiers_caps tiers_code_caps(enum tiers_tier tier);
/* 3.5: money one trade may risk. */
int64_t tiers_trade_risk_e8(enum tiers_tier tier, enum volatility volatility);

#endif
