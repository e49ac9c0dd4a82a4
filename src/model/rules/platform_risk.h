/* model/rules/platform_risk.h: the numbers of the second, optional risk profile (spec platform A8a,
 * A8b, B5): how big a position should be, and what makes it smaller. Pure, any thread. Money,
 * fractions (0.01 = 1 %), prices and probabilities in 1e-8. */
#ifndef TRIDENT_MODEL_RULES_PLATFORM_RISK_H
#define TRIDENT_MODEL_RULES_PLATFORM_RISK_H

#include "model/signal.h"

/* B5: 1 - 0.75 sqrt(vol / 0.5 - 1) over the baseline, not below 0.25. */
int64_t platform_risk_volatility_factor_e8(int64_t volatility_e8);
/* B5 Build: 1 below 5 %, linear to 0.25 at 15 %, 0.25 to 25 %, then 0: monotone. */
int64_t platform_risk_drawdown_factor_e8(int64_t drawdown_e8);
/* B5 as the source: 1 - severity from 5 % to 15 %, 0.25 to 25 %, then 0.10. */
int64_t platform_risk_drawdown_source_e8(int64_t drawdown_e8);
/* B5: over 0.5 by what it is over. */
int64_t platform_risk_correlation_factor_e8(int64_t correlation_e8);

struct platform_risk_size {
    int64_t equity_e8;
    int64_t risk_e8; /* of the equity: 0.01 */
    int64_t stop_e8; /* distance of the stop, of the price */
    int64_t volatility_factor_e8, drawdown_factor_e8, correlation_factor_e8;
    int64_t max_order_e8; /* 10,000; 0 = none */
};
/* B5: equity x risk / stop x factors, at most max_order: value of the position. */
int64_t platform_risk_value_e8(const struct platform_risk_size *s);

enum platform_risk_profile {
    PLATFORM_RISK_UNSET = 0,
    PLATFORM_RISK_STANDARD,          /* x 1.0, confidence 0.6, up to 50 */
    PLATFORM_RISK_CONSERVATIVE,      /* x 0.7, 0.7, 35 */
    PLATFORM_RISK_VERY_CONSERVATIVE, /* x 0.5, 0.8, 25 */
    PLATFORM_RISK_PROFILE_COUNT
};
struct platform_risk_small {
    int64_t balance_e8; /* the fixed 500 of the source, or the equity */
    int64_t risk_e8;    /* 0.02 */
    enum platform_risk_profile profile;
    bool is_meme;
    enum side side;
    int64_t profit_probability_e8, loss_probability_e8; /* DEC_NONE: none */
};
/* A8a: min(balance x risk x profile x category x ML, the profile's largest). */
int64_t platform_risk_small_size_e8(const struct platform_risk_small *s);
/* A8a: are both probabilities inside the profile's window for this side? */
bool platform_risk_window_allows(enum platform_risk_profile profile, enum side side,
                                 int64_t profit_probability_e8, int64_t loss_probability_e8);
struct platform_risk_enhanced {
    int64_t balance_e8, risk_e8, entry_e8;
    enum platform_risk_profile profile;
    bool is_meme;
    int64_t confidence_e8, strength_e8, success_e8; /* of the signal, parts of 1 */
};
struct platform_risk_plan {
    int64_t factor_e8; /* profile x category x signal */
    int64_t quantity_e8, risk_money_e8, sl_part_e8, tp_part_e8;
    int leverage;
};
/* A8b, enhanced: the signal's factor is confidence x strength x success, 0.3 to 2; the quantity
 * that loses the risk at a stop of 2 %, 5 / entry at least; stop 2 %, target 4 %, of a meme 2.4 and
 * 4.4; leverage 5 x 1.2 over a confidence of 0.8, x 1 over 0.6, else x 0.8, of a meme x 0.8, 20 at
 * most. */
struct platform_risk_plan platform_risk_enhanced(const struct platform_risk_enhanced *s);
/* A8b, adaptive: parts of the price. Over a confidence of 0.8 a nearer stop and a farther target,
 * under 0.6 the reverse; both times volatility / 0.02, 0.5 to 2. Only the two parts of the plan. */
struct platform_risk_plan platform_risk_adaptive(int64_t confidence_e8, int64_t volatility_e8,
                                                 bool is_meme);
/* A8b: balance x risk / distance; 5 / entry at least. Quantity. */
int64_t platform_risk_quantity_e8(int64_t balance_e8, int64_t risk_e8, int64_t entry_e8,
                                  int64_t sl_e8);

#endif
