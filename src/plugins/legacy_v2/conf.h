/* plugins/legacy_v2/conf.h: the configuration of legacy_v2, the old bot's decisions (spec
 * strategies 1.4, 2.2, 3.1 (a) and (b)). What is a bug of its source is a switch under quirks: on,
 * the old numbers come out; off, the right ones. Pure, any thread. */
#ifndef TRIDENT_PLUGINS_LEGACY_V2_CONF_H
#define TRIDENT_PLUGINS_LEGACY_V2_CONF_H

#include "model/rules/lots.h"
#include "model/rules/pips.h"
#include "model/rules/sl_tables.h"

#define LEGACY_V2_LOGICS  4  /* 1..3 */
#define LEGACY_V2_SYMBOLS 10 /* in the order of the symbol table */

struct legacy_v2_quirks {
    int order_b_formula;      /* enum pips_formula; E is what ran, EXACT is right */
    bool raw_lots;            /* 0.062 as computed; false: down to the broker's step */
    bool raw_score;           /* the score as it comes, also for sells */
    bool exit_inverted;       /* EX-6: a V3 Bullish_Exit closes shorts */
    bool bypass_trend;        /* RT-3: V3 entries skip the alignment of trends */
    bool refuse_legacy_types; /* P-13: the V5 processor took none of the alerts of 1.4 */
};

struct legacy_v2_conf {
    bool enabled;
    bool shadow_mode; /* decides, trades nothing (SH-7) */
    bool v3_alerts;   /* decide V3 alerts too, as the old engine did */
    bool logic_enabled[LEGACY_V2_LOGICS];
    int64_t logic_lot_mult_e8[LEGACY_V2_LOGICS]; /* 1.25 1 0.625 */
    int64_t logic_sl_mult_e8[LEGACY_V2_LOGICS];  /* 1 1.5 2.5 */
    bool dual_orders;                            /* false: order A alone */
    bool sl_system_on;                           /* false: by the risk of one trade, RK-6 */
    int sl_system;                               /* enum sl_tables_system */
    bool smart_lot;                              /* RK-12 */
    bool caps;                                   /* RK-9 by the tier */
    int min_score;                               /* 5, V3 alerts */
    int64_t rr_ratio_e8;                         /* 1.5 */
    int64_t order_b_risk_e8;                     /* 10 USD */
    int64_t duplicate_window_ms;                 /* P-10 */
    struct lots_tables lots;                     /* forced: default_risk_tier */
    int sl_reduction_percent[LEGACY_V2_SYMBOLS]; /* symbol_sl_reductions */
    struct legacy_v2_quirks quirks;
};

void legacy_v2_conf_defaults(struct legacy_v2_conf *c);

#endif
