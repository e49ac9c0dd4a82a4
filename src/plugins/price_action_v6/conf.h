/* plugins/price_action_v6/conf.h: the configuration of price_action_v6 and the table its numbers
 * come from (spec strategies 2.3, RT-10). A profile is one of the three sources that disagree:
 * code (what ran), json (its shipped plugin files), plan (the documents). The file may override
 * single numbers. Pure, any thread. */
#ifndef TRIDENT_PLUGINS_PRICE_ACTION_V6_CONF_H
#define TRIDENT_PLUGINS_PRICE_ACTION_V6_CONF_H

#include "model/decimal.h"
#include "model/signal.h"

enum v6_route { V6_ROUTE_UNSET = 0, V6_1M, V6_5M, V6_15M, V6_1H, V6_ROUTE_COUNT };
enum v6_profile { V6_PROFILE_UNSET = 0, V6_CODE, V6_JSON, V6_PLAN, V6_PROFILE_COUNT };
enum v6_order_type {
    V6_ORDER_TYPE_UNSET = 0,
    V6_DUAL_ORDERS,
    V6_ORDER_A_ONLY,
    V6_ORDER_B_ONLY,
    V6_ORDER_TYPE_COUNT
};
enum v6_switch { V6_SWITCH_UNSET = 0 /* the profile's */, V6_ON, V6_OFF, V6_SWITCH_COUNT };
enum v6_alignment {
    V6_ALIGNMENT_UNSET = 0,
    V6_ALIGN_HIGHER_TF, /* RT-12: the stored pulse of the next higher timeframe */
    V6_ALIGN_PULSE_SUM, /* RT-13: 5m, 15m and 1h together */
    V6_ALIGN_PAYLOAD,   /* RT-14: the n/m the alert carries itself */
    V6_ALIGNMENT_COUNT
};

#define V6_BY_PROFILE    (-1)
#define V6_BY_PROFILE_E8 (-DEC_ONE)

struct v6_strategy_conf {
    bool enabled;
    int order_type; /* enum v6_order_type; UNSET: the profile's */
    int higher_tf;  /* enum v6_switch: RT-12 .. RT-14 */
    int momentum;   /* enum v6_switch: a falling one refuses */
    /* V6_BY_PROFILE: the profile's. */
    int64_t adx_min_e8;         /* 0 = any, but there must be one */
    int confidence_min;         /* 0..100 */
    int64_t spread_max_pips_e8; /* 0 = not checked */
    int64_t daily_loss_cap_e8;  /* 0 = none */
    /* 0: the profile's. */
    int target;       /* of order A: 1..3 */
    int exit_percent; /* of a position that an exit alert closes */
    int max_open_trades, max_daily_trades;
    int64_t risk_percent_e8, lot_multiplier_e8, max_lot_e8, fallback_lot_e8;
};

#define V6_SYMBOLS_MAX 16
struct price_action_v6_conf {
    bool enabled;
    /* RT-17: the machine of shadow mode reads it: decisions are made and recorded, nothing is
     * traded. True unless the file says otherwise. */
    bool shadow_mode;
    int profile;                /* enum v6_profile */
    bool enforce_filters;       /* false: trust the indicator, check neither ADX nor trends */
    bool exit_semantics_legacy; /* exit_semantics = legacy */
    int alignment;              /* enum v6_alignment */
    int state_exit;             /* enum v6_switch, EX-9 */
    int64_t repeat_window_ms;   /* TE-003: symbol, direction and entry price again */
    int64_t rr_ratio_e8;        /* target in stop distances when the alert has none */
    char symbols[V6_SYMBOLS_MAX][SYMBOL_CAP]; /* empty list = all ten of P-9 */
    int symbol_count;
    struct v6_strategy_conf strategies[V6_ROUTE_COUNT];
};

/* The numbers in force for one timeframe, and what only the profiles say. */
struct v6_strategy {
    enum v6_order_type order_type;
    int64_t adx_min_e8;
    bool adx_above; /* the minimum itself does not pass (plan: "ADX > 20") */
    int confidence_min;
    int64_t spread_max_pips_e8;
    bool higher_tf;
    bool higher_1d;    /* and the day's pulse too (json, 1h) */
    int own_pulse_min; /* counts of the trade's side on the own timeframe (json, 1m); 0 = any */
    bool market_state; /* not while the market moves sideways (15m) */
    bool momentum;     /* refused while it falls (json, 5m) */
    int target;
    int64_t risk_percent_e8, lot_multiplier_e8, max_lot_e8, fallback_lot_e8;
    int64_t weak_adx_e8;            /* below it weak_factor applies (plan, 15m); 0 = none */
    int64_t falling_factor_e8;      /* on lots while momentum falls (plan, 5m); 0 = none */
    int64_t exhausted_adx_e8;       /* above it the figures carry a warning (plan, 1h); 0 = none */
    int64_t sl_pips_e8, tp_pips_e8; /* for an alert without a risk block (json, 1m); 0 = refused */
    int max_open_trades, max_daily_trades;
    int64_t daily_loss_cap_e8;
    int exit_percent;
    bool state_exit;
};
void v6_strategy(const struct price_action_v6_conf *c, enum v6_route route,
                 struct v6_strategy *ret);

void price_action_v6_conf_defaults(struct price_action_v6_conf *c);
const char *v6_route_name(enum v6_route route); /* "1m" "5m" "15m" "1h" */

#endif
