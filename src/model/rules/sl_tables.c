#include "model/rules/sl_tables.h"

#include "core/alloc.h"

#define TOLERANCE_PERCENT 10 /* RK-6 */
#define REDUCTION_MIN     5
#define REDUCTION_MAX     50

struct row {
    const char *symbol;
    int pips[TIERS_COUNT];
};

static const struct row sl1[] = {
    {"EURUSD", {0, 150, 150, 50, 40, 40}}, {"GBPUSD", {0, 150, 150, 50, 40, 50}},
    {"AUDUSD", {0, 150, 150, 50, 40, 50}}, {"USDCAD", {0, 150, 150, 50, 40, 50}},
    {"NZDUSD", {0, 150, 150, 50, 40, 50}}, {"USDJPY", {0, 166, 166, 55, 44, 55}},
    {"EURJPY", {0, 111, 111, 41, 44, 44}}, {"GBPJPY", {0, 111, 111, 41, 44, 44}},
    {"AUDJPY", {0, 111, 111, 41, 44, 44}}, {"XAUUSD", {0, 1000, 1500, 500, 500, 600}},
};
static const struct row sl2[] = {
    {"EURUSD", {0, 100, 100, 35, 30, 30}}, {"GBPUSD", {0, 120, 120, 40, 35, 40}},
    {"AUDUSD", {0, 120, 120, 40, 35, 40}}, {"USDCAD", {0, 120, 120, 40, 35, 40}},
    {"NZDUSD", {0, 120, 120, 40, 35, 40}}, {"USDJPY", {0, 130, 130, 45, 38, 45}},
    {"EURJPY", {0, 80, 80, 30, 35, 35}},   {"GBPJPY", {0, 80, 80, 30, 35, 35}},
    {"AUDJPY", {0, 80, 80, 30, 35, 35}},   {"XAUUSD", {0, 500, 800, 300, 300, 200}},
};

int64_t sl_tables_pips_e8(enum sl_tables_system system, const char *symbol, enum tiers_tier tier)
{
    TR_ASSERT(system > SL_TABLES_UNSET && system < SL_TABLES_COUNT);
    TR_ASSERT(tier > TIERS_UNSET && tier < TIERS_COUNT);
    const struct row *rows = system == SL_TABLES_SL1 ? sl1 : sl2;
    for (size_t i = 0; i < TR_ARRAY_SIZE(sl1); i++)
        if (str_eq(rows[i].symbol, symbol))
            return rows[i].pips[tier] * DEC_ONE;
    return 0;
}
_Static_assert(TR_ARRAY_SIZE(sl1) == TR_ARRAY_SIZE(sl2), "the same symbols in both");

int64_t sl_tables_cap_pips_e8(int64_t risk_cap_e8, int64_t pip_value_e8, int64_t lots_e8)
{
    TR_ASSERT(risk_cap_e8 > 0 && pip_value_e8 > 0 && lots_e8 > 0);
    int64_t per_pip_e8 = dec_mul(pip_value_e8, lots_e8, DEC_HALF_AWAY);
    TR_ASSERT(per_pip_e8 > 0);
    return dec_div(risk_cap_e8, per_pip_e8, DEC_HALF_AWAY);
}

bool sl_tables_is_near_cap(int64_t loss_e8, int64_t risk_cap_e8)
{
    TR_ASSERT(risk_cap_e8 > 0);
    return dec_abs(loss_e8 - risk_cap_e8) <=
           dec_muldiv(risk_cap_e8, TOLERANCE_PERCENT, 100, DEC_DOWN);
}

bool sl_tables_reduction_is_valid(int percent)
{
    return percent == 0 || (percent >= REDUCTION_MIN && percent <= REDUCTION_MAX);
}

struct sl_tables_stop sl_tables_stop(const struct sl_tables_case *c)
{
    TR_ASSERT(c->side == SIDE_BUY || c->side == SIDE_SELL);
    TR_ASSERT(c->reduction_percent >= 0 && c->reduction_percent <= REDUCTION_MAX);
    TR_ASSERT(c->table_pips_e8 > 0 && c->tf_multiplier_e8 > 0 && c->chain_factor_e8 > 0);
    struct sl_tables_stop s;
    int sign = side_sign(c->side);
    s.pips_e8 = dec_muldiv(c->table_pips_e8, 100 - c->reduction_percent, 100, DEC_HALF_AWAY);
    s.pips_e8 = dec_mul(s.pips_e8, c->tf_multiplier_e8, DEC_HALF_AWAY);
    s.pips_e8 = dec_mul(s.pips_e8, c->chain_factor_e8, DEC_HALF_AWAY);
    s.distance_e8 = dec_mul(s.pips_e8, c->info->pip_size_e8, DEC_HALF_AWAY);
    s.sl_e8 = c->entry_e8 - sign * s.distance_e8;
    s.tp_e8 = c->entry_e8 + sign * dec_mul(s.distance_e8, c->rr_e8, DEC_HALF_AWAY);
    return s;
}
