#include "model/rules/risk_rules.h"

/* The decimals of the platform profile in the order they are packed. */
static int64_t *decimal_at(struct risk_platform *p, size_t i)
{
    int64_t *const fields[] = {
        &p->min_order_e8,          &p->max_order_e8,       &p->risk_per_trade_e8,
        &p->total_risk_e8,         &p->symbol_exposure_e8, &p->concentration_e8,
        &p->portfolio_exposure_e8, &p->leverage_e8,        &p->daily_drawdown_e8,
        &p->weekly_drawdown_e8,    &p->halt_drawdown_e8,   &p->resume_drawdown_e8,
        &p->breaker_move_e8,       &p->reject_ratio_e8,    &p->warn_ratio_e8,
    };
    return i < TR_ARRAY_SIZE(fields) ? fields[i] : NULL;
}

void risk_rules_pack(struct buf *b, const struct risk_rules *r)
{
    struct risk_platform p = r->platform;
    const int64_t *v_e8;
    TR_ASSERT(r->profile >= 0 && r->profile < RISK_PROFILE_COUNT);
    TR_ASSERT(r->tier >= 0 && r->tier < TIERS_COUNT);
    pack_i64(b, r->profile);
    pack_i64(b, r->tier);
    pack_bool(b, r->smart_lot);
    pack_i64(b, r->symbol_exposure_e8);
    pack_i64(b, r->leverage);
    pack_i64(b, r->max_open_trades);
    pack_i64(b, r->max_daily_trades);
    for (size_t i = 0; (v_e8 = decimal_at(&p, i)) != NULL; i++)
        pack_i64(b, *v_e8);
    pack_i64(b, p.max_positions);
    pack_i64(b, p.symbol_daily_trades);
    pack_i64(b, p.breaker_minutes);
}

void risk_rules_unpack(struct unpack *u, struct risk_rules *ret)
{
    int64_t *v_e8;
    ret->profile = unpack_int(u, 0, RISK_PROFILE_COUNT - 1);
    ret->tier = unpack_int(u, 0, TIERS_COUNT - 1);
    ret->smart_lot = unpack_bool(u);
    ret->symbol_exposure_e8 = unpack_i64(u);
    ret->leverage = unpack_int(u, 0, INT32_MAX);
    ret->max_open_trades = unpack_int(u, 0, INT32_MAX);
    ret->max_daily_trades = unpack_int(u, 0, INT32_MAX);
    for (size_t i = 0; (v_e8 = decimal_at(&ret->platform, i)) != NULL; i++)
        *v_e8 = unpack_i64(u);
    ret->platform.max_positions = unpack_int(u, 0, INT32_MAX);
    ret->platform.symbol_daily_trades = unpack_int(u, 0, INT32_MAX);
    ret->platform.breaker_minutes = unpack_int(u, 0, INT32_MAX);
}
