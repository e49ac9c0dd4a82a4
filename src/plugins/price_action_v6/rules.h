/* plugins/price_action_v6/rules.h: the pure rules of price_action_v6 (spec strategies 2.3): RT-10
 * to RT-15. Private to the plugin. Any thread. */
#ifndef TRIDENT_PLUGINS_PRICE_ACTION_V6_RULES_H
#define TRIDENT_PLUGINS_PRICE_ACTION_V6_RULES_H

#include "plugins/levels.h"
#include "plugins/price_action_v6/conf.h"

/* RT-11: which strategy takes a timeframe; 4h is the 1h strategy's, an unknown one the 15m's. */
enum v6_route v6_route_of(enum timeframe tf);
/* RT-12: 1 -> 5, 5 -> 15, 15 -> 60, 60 -> 240. */
enum timeframe v6_higher_tf(enum v6_route route);
enum timeframe v6_own_tf(enum v6_route route);

struct v6_question {
    const struct price_action_v6_conf *c;
    const struct v6_strategy *strategy;
    const struct plugin_snapshot *snap;
    const struct signal *s;
    const struct symbol_info *info;
    enum v6_route route;
};
/* What a filter says; both numbers as in a refusal. */
struct v6_answer {
    enum reason reason; /* ACCEPTED when it passes */
    const char *field;  /* at fault; NULL = none */
    int64_t number_e8, limit_e8;
};
/* RT-11: ADX, confidence, spread; equal passes, a missing ADX does not. An unknown spread is not
 * checked: the market is closed then, and the broker says so. */
struct v6_answer v6_filter_signal(const struct v6_question *q);
/* RT-12 to RT-14, market state and momentum; what nobody has told yet passes. */
struct v6_answer v6_filter_trend(const struct v6_question *q);
/* DEC_NONE: no quote. */
int64_t v6_spread_pips_e8(const struct v6_question *q);
/* Of the alert's own timeframe; UNSET when never told. */
enum trends_momentum v6_momentum(const struct v6_question *q);
/* SIDEWAYS, CHOPPY: the 15m strategy stays out. */
bool v6_is_sideways(const char *state);
/* EX-9: the side that a trending state favours; UNSET when it is none. */
enum side v6_state_side(const char *state);

struct v6_lots {
    int64_t risk_e8;    /* money: balance x risk% */
    int64_t raw_e8;     /* by risk, two decimals, 0.01 to 10 */
    int64_t factor_e8;  /* lot multiplier x what the plan takes off */
    int64_t total_e8;   /* raw x factor, at most max_lot */
    int64_t a_e8, b_e8; /* on the volume step; 0 = not placed */
    bool is_fallback;   /* no balance to take a percentage of */
};
/* RT-15, [REC] floored to the volume step; dual orders take a half each, A alone when a half is
 * below the minimum. */
struct v6_lots v6_lots(const struct v6_question *q, int64_t sl_pips_e8);

struct v6_levels {
    int64_t entry_e8, sl_e8, a_tp_e8, b_tp_e8;
    int64_t distance_e8;  /* entry to stop */
    int64_t risk_pips_e8; /* the larger of that and the alert's own: what lots are counted by */
    int a_target;         /* 1..3: which TP of the alert; 0: rr x distance */
    bool b_target;        /* TP1 of the alert */
    bool rebased, fixed_sl;
};
/* Entry at market, the alert's stop for both orders (RT-10); A takes the strategy's target or the
 * next lower one the alert has, B the first. ACCEPTED, or why not: FIELD_MISSING without a stop
 * (P-31). */
enum reason v6_levels(const struct v6_question *q, struct v6_levels *ret);

#endif
