/* model/rules/risk_rules.h: the trader-wide limits on entries as one value: part of the engine's
 * journaled rules, filled by conf/. Two profiles: "v3", the caps by tier of spec strategies 3.5 and
 * RK-12, and "platform", the numbered limits of spec platform B5 and A8a. Money in 1e-8 USD,
 * fractions in 1e-8 (0.01 = 1 %); 0 switches a limit off. Pure, any thread. */
#ifndef TRIDENT_MODEL_RULES_RISK_RULES_H
#define TRIDENT_MODEL_RULES_RISK_RULES_H

#include "core/pack.h"
#include "model/rules/tiers.h"

enum risk_profile { RISK_PROFILE_UNSET = 0, RISK_V3, RISK_PLATFORM, RISK_PROFILE_COUNT };

struct risk_platform {
    int64_t min_order_e8, max_order_e8;            /* value of an entry: 5, 10,000 */
    int64_t risk_per_trade_e8;                     /* of the equity at the stop: 1 % */
    int64_t total_risk_e8;                         /* of all stops: 10 % */
    int64_t symbol_exposure_e8;                    /* value in one symbol: 20,000 */
    int64_t concentration_e8;                      /* of the equity in one symbol: 20 % */
    int64_t portfolio_exposure_e8;                 /* value of everything: 50,000 */
    int64_t leverage_e8;                           /* value of everything / equity: 2 */
    int max_positions;                             /* 5 */
    int symbol_daily_trades;                       /* 20 */
    int64_t daily_drawdown_e8, weekly_drawdown_e8; /* 5 %, 10 % */
    int64_t halt_drawdown_e8, resume_drawdown_e8;  /* from the peak: 25 %, 20 % */
    int64_t breaker_move_e8;                       /* 10 % */
    int breaker_minutes;                           /* 60 */
    int64_t reject_ratio_e8, warn_ratio_e8;        /* value / recommended: 1.5, 1.1 */
};

struct risk_rules {
    int profile;                           /* enum risk_profile; UNSET: caps alone */
    int tier;                              /* enum tiers_tier; UNSET: by the balance */
    bool smart_lot;                        /* RK-12 */
    int64_t symbol_exposure_e8;            /* margin in one symbol / balance: 0.30 */
    int leverage;                          /* of the account, for that margin */
    int max_open_trades, max_daily_trades; /* of all plugins together */
    struct risk_platform platform;
};

void risk_rules_pack(struct buf *b, const struct risk_rules *r);
void risk_rules_unpack(struct unpack *u, struct risk_rules *ret);

#endif
