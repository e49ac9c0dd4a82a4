#include "core/alloc.h"
#include "plugins/combined_v3/decide.h"
#include "plugins/combined_v3/rules.h"

void combined_v3_conf_defaults(struct combined_v3_conf *c)
{
    *c = (struct combined_v3_conf){
        .enabled = true,
        .base_lot_e8 = DEC_ONE / 20,
        .order_b_risk_e8 = 10 * DEC_ONE,
        .rr_ratio_e8 = 3 * DEC_ONE / 2,
        .min_score = 5,
        .launchpad_min_score = 7,
        .mtf_gate = true,
        .aggressive_reversal = true,
        .mtf_min_aligned = 3,
        .max_open_trades = 5,
        .max_daily_trades = 10,
        .max_lot_e8 = DEC_ONE,
        .daily_loss_cap_e8 = 500 * DEC_ONE,
        .duplicate_window_ms = 300000,
        .repeat_window_ms = 60000,
        .fallback_sl_pips_e8 = 50 * DEC_ONE,
    };
    static const int64_t lot_mult_e8[4] = {0, 5 * DEC_ONE / 4, DEC_ONE, 5 * DEC_ONE / 8}; /* RT-2 */
    for (int logic = 1; logic <= 3; logic++) {
        c->logic_enabled[logic] = true;
        c->logic_lot_mult_e8[logic] = lot_mult_e8[logic];
        c->logic_routing[logic] = V3_ROUTING_DUAL;
    }
}

static bool is_enabled(const void *conf)
{
    return ((const struct combined_v3_conf *)conf)->enabled;
}

static bool is_shadow(const void *conf)
{
    return ((const struct combined_v3_conf *)conf)->shadow_mode;
}

static bool accepts(const void *conf, const struct signal *s)
{
    (void)conf; /* which symbols and logics are traded is for decide() to explain */
    return s->format == SIGNAL_FORMAT_V3;
}

static void route(const void *conf, const struct signal *s, char ret[ROUTE_CAP])
{
    enum reason why;
    (void)conf;
    if (!signal_is_entry(s->kind) && !signal_is_exit(s->kind))
        return;
    (void)str_copy(ret, ROUTE_CAP, v3_route_name(v3_route(s->kind, s->tf, &why))); /* fits */
}

const struct plugin_ops combined_v3_plugin = {
    .id = "combined_v3",
    .version = TRIDENT_VERSION,
    .db_name = "zepix_combined_v3.db",
    .is_enabled = is_enabled,
    .is_shadow = is_shadow,
    .accepts = accepts,
    .route = route,
    .decide = combined_v3_decide,
};
