#include "plugins/legacy_v2/decide.h"

void legacy_v2_conf_defaults(struct legacy_v2_conf *c)
{
    static const int64_t lot_mult_e8[LEGACY_V2_LOGICS] = {0, 5 * DEC_ONE / 4, DEC_ONE,
                                                          5 * DEC_ONE / 8}; /* RT-2 */
    static const int64_t sl_mult_e8[LEGACY_V2_LOGICS] = {0, DEC_ONE, 3 * DEC_ONE / 2,
                                                         5 * DEC_ONE / 2};
    *c = (struct legacy_v2_conf){
        .v3_alerts = true,
        .dual_orders = true,
        .sl_system_on = true,
        .sl_system = SL_TABLES_SL1,
        .smart_lot = true,
        .caps = true,
        .min_score = 5,
        .rr_ratio_e8 = 3 * DEC_ONE / 2,
        .order_b_risk_e8 = 10 * DEC_ONE,
        .duplicate_window_ms = 300000,
        .quirks = {.order_b_formula = PIPS_FORMULA_E,
                   .raw_score = true,
                   .exit_inverted = true,
                   .bypass_trend = true},
    };
    lots_tables_defaults(&c->lots);
    c->lots.forced = TIERS_10000;
    for (int logic = 1; logic < LEGACY_V2_LOGICS; logic++) {
        c->logic_enabled[logic] = true;
        c->logic_lot_mult_e8[logic] = lot_mult_e8[logic];
        c->logic_sl_mult_e8[logic] = sl_mult_e8[logic];
    }
}

static bool is_enabled(const void *conf)
{
    return ((const struct legacy_v2_conf *)conf)->enabled;
}

static bool is_shadow(const void *conf)
{
    return ((const struct legacy_v2_conf *)conf)->shadow_mode;
}

static bool accepts(const void *conf, const struct signal *s)
{
    const struct legacy_v2_conf *c = conf;
    return s->format == SIGNAL_FORMAT_LEGACY || (c->v3_alerts && s->format == SIGNAL_FORMAT_V3);
}

const struct plugin_ops legacy_v2_plugin = {
    .id = "legacy_v2",
    .version = TRIDENT_VERSION,
    .db_name = "zepix_legacy_v2.db",
    .is_enabled = is_enabled,
    .is_shadow = is_shadow,
    .accepts = accepts,
    .decide = legacy_v2_decide,
};
