#include "model/rules/pips.h"

#include <string.h>

#define TEN           (10 * DEC_ONE)
#define HUNDRED       (100 * DEC_ONE)
#define TENTH         (DEC_ONE / 10)
#define FIVE_DECIMALS (DEC_ONE / 100000)
#define POINT_BIG     (DEC_ONE / 100)
#define POINT_SMALL   (DEC_ONE / 10000)

int64_t pips_money_e8(const struct symbol_info *info, int64_t pips_e8, int64_t lots_e8)
{
    TR_ASSERT(info->pip_value_e8 > 0);
    /* pip values have at most one decimal and lots a few: their product is exact */
    return dec_mul(pips_e8, dec_mul(info->pip_value_e8, lots_e8, DEC_HALF_AWAY), DEC_HALF_AWAY);
}

/* (c) and (e) leave the symbol's pip value out: ten dollars a pip and lot for everything. */
static int64_t pips_at_ten_e8(int64_t money_e8, int64_t lots_e8)
{
    return dec_div(money_e8, dec_mul(lots_e8, TEN, DEC_HALF_AWAY), DEC_HALF_AWAY);
}

/* (d): 0.10 for each 0.01 lot, USDJPY 0.09. */
static int64_t pips_of_service_e8(const struct symbol_info *info, int64_t money_e8, int64_t lots_e8)
{
    int64_t per_lot_e8 = strcmp(info->name, "USDJPY") == 0 ? 9 * DEC_ONE : TEN;
    int64_t pips_e8 = dec_div(money_e8, dec_mul(lots_e8, per_lot_e8, DEC_HALF_AWAY), DEC_HALF_AWAY);
    return dec_to_step(pips_e8, TENTH, DEC_HALF_EVEN);
}

static bool has_big_point(const struct symbol_info *info)
{
    return strcmp(info->quote, "JPY") == 0 || strcmp(info->base, "XAU") == 0;
}

struct pips_stop pips_fixed_money(enum pips_formula f, const struct symbol_info *info,
                                  int64_t money_e8, int64_t lots_e8, int64_t price_e8)
{
    TR_ASSERT(f > PIPS_FORMULA_UNSET && f < PIPS_FORMULA_COUNT);
    TR_ASSERT(money_e8 > 0 && lots_e8 > 0);
    struct pips_stop s = {0};
    int64_t point_e8 = price_e8 > HUNDRED ? POINT_BIG : POINT_SMALL;
    switch (f) {
    case PIPS_EXACT:
        s.pips_e8 =
            dec_div(money_e8, dec_mul(info->pip_value_e8, lots_e8, DEC_HALF_AWAY), DEC_HALF_AWAY);
        s.distance_e8 = symbol_risk_distance_e8(info, money_e8, lots_e8);
        break;
    case PIPS_FORMULA_C:
        s.pips_e8 = pips_at_ten_e8(money_e8, lots_e8);
        s.distance_e8 = dec_mul(s.pips_e8, 10 * point_e8, DEC_HALF_AWAY);
        break;
    case PIPS_FORMULA_D:
        s.pips_e8 = pips_of_service_e8(info, money_e8, lots_e8);
        s.distance_e8 = dec_mul(s.pips_e8, info->pip_size_e8, DEC_HALF_AWAY);
        break;
    case PIPS_FORMULA_E:
        s.pips_e8 = pips_at_ten_e8(money_e8, lots_e8);
        s.distance_e8 = dec_to_step(
            dec_mul(s.pips_e8, has_big_point(info) ? POINT_BIG : POINT_SMALL, DEC_HALF_EVEN),
            FIVE_DECIMALS, DEC_HALF_EVEN);
        break;
    case PIPS_FORMULA_UNSET:
    case PIPS_FORMULA_COUNT:
        break;
    }
    s.loss_e8 = pips_money_e8(info, symbol_pips_e8(info, 0, s.distance_e8), lots_e8);
    return s;
}

int64_t pips_profit_e8(const struct symbol_info *info, int side_sign, int64_t entry_e8,
                       int64_t exit_e8, int64_t lots_e8)
{
    TR_ASSERT(side_sign == 1 || side_sign == -1);
    return side_sign * pips_money_e8(info, symbol_pips_e8(info, entry_e8, exit_e8), lots_e8);
}

int64_t pips_reversal_profit_e8(const struct symbol_info *info, int side_sign, int64_t entry_e8,
                                int64_t exit_e8, int64_t lots_e8)
{
    TR_ASSERT(side_sign == 1 || side_sign == -1);
    int64_t units_e8 = dec_mul(lots_e8, info->contract_size_e8, DEC_HALF_AWAY);
    return side_sign * dec_mul(exit_e8 - entry_e8, units_e8, DEC_HALF_AWAY);
}
