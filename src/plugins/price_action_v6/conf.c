/* plugins/price_action_v6/conf.c: the three profiles as one table, and the overrides laid over it.
 * Where a source is silent the code's value stands in all three. */
#include "plugins/price_action_v6/conf.h"

#include "core/core.h"

#define E8(n)      ((int64_t)(n)*DEC_ONE)
#define CENTS(n)   ((int64_t)(n) * (DEC_ONE / 100))
#define PERMILL(n) ((int64_t)(n) * (DEC_ONE / 1000))

/* RT-10, by timeframe: what code, json and plan agree on, or what the code says. */
static const struct v6_strategy code[V6_ROUTE_COUNT] = {
    [V6_1M] = {.order_type = V6_ORDER_B_ONLY,
               .adx_min_e8 = E8(30),
               .confidence_min = 80,
               .spread_max_pips_e8 = E8(2),
               .target = 2,
               .risk_percent_e8 = E8(1),
               .lot_multiplier_e8 = CENTS(50),
               .max_lot_e8 = CENTS(10),
               .fallback_lot_e8 = CENTS(1),
               .max_open_trades = 3,
               .max_daily_trades = 20,
               .daily_loss_cap_e8 = E8(200),
               .exit_percent = 100},
    [V6_5M] = {.order_type = V6_DUAL_ORDERS,
               .adx_min_e8 = E8(25),
               .confidence_min = 70,
               .higher_tf = true,
               .target = 2,
               .risk_percent_e8 = CENTS(150),
               .lot_multiplier_e8 = E8(1),
               .max_lot_e8 = CENTS(20),
               .fallback_lot_e8 = CENTS(2),
               .max_open_trades = 4,
               .max_daily_trades = 12,
               .daily_loss_cap_e8 = E8(300),
               .exit_percent = 100},
    [V6_15M] = {.order_type = V6_ORDER_A_ONLY,
                .adx_min_e8 = E8(20),
                .confidence_min = 65,
                .higher_tf = true,
                .market_state = true,
                .target = 2,
                .risk_percent_e8 = CENTS(150),
                .lot_multiplier_e8 = CENTS(120),
                .max_lot_e8 = CENTS(20),
                .fallback_lot_e8 = CENTS(2),
                .max_open_trades = 3,
                .max_daily_trades = 8,
                .daily_loss_cap_e8 = E8(400),
                .exit_percent = 100},
    [V6_1H] = {.order_type = V6_ORDER_A_ONLY,
               .adx_min_e8 = E8(15),
               .confidence_min = 60,
               .higher_tf = true,
               .target = 3,
               .risk_percent_e8 = E8(2),
               .lot_multiplier_e8 = CENTS(150),
               .max_lot_e8 = CENTS(15),
               .fallback_lot_e8 = CENTS(1),
               .max_open_trades = 2,
               .max_daily_trades = 5,
               .daily_loss_cap_e8 = E8(500),
               .exit_percent = 100},
};

static void as_json(enum v6_route route, struct v6_strategy *s)
{
    switch (route) {
    case V6_1M:
        s->adx_min_e8 = E8(20);
        s->own_pulse_min = 3;
        s->sl_pips_e8 = E8(15);
        s->tp_pips_e8 = E8(10);
        break;
    case V6_5M:
        s->momentum = true;
        break;
    case V6_15M:
        s->adx_min_e8 = E8(22);
        s->lot_multiplier_e8 = CENTS(125);
        s->max_lot_e8 = CENTS(25);
        break;
    case V6_1H:
        s->adx_min_e8 = 0;
        s->higher_1d = true;
        s->target = 2;
        s->max_lot_e8 = CENTS(30);
        break;
    case V6_ROUTE_UNSET:
    case V6_ROUTE_COUNT:
        TR_ASSERT(false);
    }
}

static void as_plan(enum v6_route route, struct v6_strategy *s)
{
    s->state_exit = true;
    switch (route) {
    case V6_1M:
        s->adx_min_e8 = E8(20);
        s->adx_above = true;
        break;
    case V6_5M:
        s->falling_factor_e8 = CENTS(50);
        s->exit_percent = 80;
        break;
    case V6_15M:
        s->adx_min_e8 = 0; /* a weak one halves the lot instead */
        s->weak_adx_e8 = E8(20);
        s->lot_multiplier_e8 = E8(1);
        break;
    case V6_1H:
        s->exhausted_adx_e8 = E8(50);
        s->lot_multiplier_e8 = CENTS(60);
        s->exit_percent = 50;
        break;
    case V6_ROUTE_UNSET:
    case V6_ROUTE_COUNT:
        TR_ASSERT(false);
    }
}

/* Numbers for which 0 says something: negative ones are the profile's. */
static void take_e8(int64_t *field_e8, int64_t from_file_e8)
{
    if (from_file_e8 >= 0)
        *field_e8 = from_file_e8;
}

/* Numbers for which 0 would say nothing: it is the profile's. */
static void take_some_e8(int64_t *field_e8, int64_t from_file_e8)
{
    TR_ASSERT(from_file_e8 >= 0);
    if (from_file_e8 > 0)
        *field_e8 = from_file_e8;
}

static void take_some(int *field, int from_file)
{
    TR_ASSERT(from_file >= 0);
    if (from_file > 0)
        *field = from_file;
}

static void take_switch(bool *field, int from_file)
{
    if (from_file != V6_SWITCH_UNSET)
        *field = from_file == V6_ON;
}

void v6_strategy(const struct price_action_v6_conf *c, enum v6_route route, struct v6_strategy *ret)
{
    TR_ASSERT(route > V6_ROUTE_UNSET && route < V6_ROUTE_COUNT);
    const struct v6_strategy_conf *f = &c->strategies[route];
    *ret = code[route];
    if (c->profile == V6_JSON)
        as_json(route, ret);
    if (c->profile == V6_PLAN)
        as_plan(route, ret);
    if (f->adx_min_e8 >= 0) {
        ret->adx_min_e8 = f->adx_min_e8;
        ret->adx_above = false;
    }
    if (f->order_type != V6_ORDER_TYPE_UNSET)
        ret->order_type = (enum v6_order_type)f->order_type;
    if (f->confidence_min >= 0)
        ret->confidence_min = f->confidence_min;
    take_e8(&ret->spread_max_pips_e8, f->spread_max_pips_e8);
    take_e8(&ret->daily_loss_cap_e8, f->daily_loss_cap_e8);
    take_switch(&ret->higher_tf, f->higher_tf);
    take_switch(&ret->momentum, f->momentum);
    take_switch(&ret->state_exit, c->state_exit);
    take_some(&ret->target, f->target);
    take_some(&ret->exit_percent, f->exit_percent);
    take_some(&ret->max_open_trades, f->max_open_trades);
    take_some(&ret->max_daily_trades, f->max_daily_trades);
    take_some_e8(&ret->risk_percent_e8, f->risk_percent_e8);
    take_some_e8(&ret->lot_multiplier_e8, f->lot_multiplier_e8);
    take_some_e8(&ret->max_lot_e8, f->max_lot_e8);
    take_some_e8(&ret->fallback_lot_e8, f->fallback_lot_e8);
    TR_ASSERT(ret->target >= 1 && ret->target <= 3);
    TR_ASSERT(ret->exit_percent >= 1 && ret->exit_percent <= 100);
}

void price_action_v6_conf_defaults(struct price_action_v6_conf *c)
{
    *c = (struct price_action_v6_conf){
        .shadow_mode = true,
        .profile = V6_CODE,
        .enforce_filters = true,
        .alignment = V6_ALIGN_HIGHER_TF,
        .repeat_window_ms = 60000,
        .rr_ratio_e8 = PERMILL(1500),
    };
    for (int i = V6_1M; i < V6_ROUTE_COUNT; i++)
        c->strategies[i] = (struct v6_strategy_conf){
            .enabled = true,
            .order_type = (int)code[i].order_type,
            .adx_min_e8 = V6_BY_PROFILE_E8,
            .confidence_min = V6_BY_PROFILE,
            .spread_max_pips_e8 = V6_BY_PROFILE_E8,
            .daily_loss_cap_e8 = V6_BY_PROFILE_E8,
        };
}

const char *v6_route_name(enum v6_route route)
{
    static const char *const names[V6_ROUTE_COUNT] = {"", "1m", "5m", "15m", "1h"};
    TR_ASSERT((int)route >= 0 && route < V6_ROUTE_COUNT);
    return names[route];
}
