#include "model/rules/profit_chain.h"

#include <inttypes.h>
#include <stdio.h>

#define HALF (DEC_ONE / 2)

void profit_chain_id(char out[CHAIN_ID_CAP], const char *symbol, uint64_t tag)
{
    (void)snprintf(out, CHAIN_ID_CAP, "PROFIT_%.11s_%08" PRIx32, symbol, (uint32_t)tag);
}

int64_t profit_chain_target_pips_e8(const struct symbol_info *info, int64_t money_e8,
                                    int64_t lots_e8)
{
    TR_ASSERT(money_e8 > 0 && lots_e8 > 0);
    return dec_muldiv(money_e8, DEC_ONE, dec_mul(info->pip_value_e8, lots_e8, DEC_HALF_AWAY),
                      DEC_HALF_AWAY);
}

bool profit_chain_is_due(int64_t profit_e8, int64_t min_profit_e8)
{
    TR_ASSERT(min_profit_e8 > 0);
    return profit_e8 >= min_profit_e8;
}

int64_t profit_chain_multiplier_e8(enum profit_chain_multipliers preset, int level)
{
    /* in halves: the conservative preset has 1.5 */
    static const int halves[PROFIT_CHAIN_MULTIPLIERS_COUNT][PROFIT_CHAIN_LEVELS] = {
        [PROFIT_CHAIN_STANDARD] = {2, 4, 8, 16, 32},
        [PROFIT_CHAIN_CONSERVATIVE] = {2, 3, 4, 6, 8},
        [PROFIT_CHAIN_AGGRESSIVE] = {2, 6, 12, 24, 48},
        [PROFIT_CHAIN_LINEAR] = {2, 4, 6, 8, 10},
        [PROFIT_CHAIN_FIBONACCI] = {2, 2, 4, 6, 10},
    };
    TR_ASSERT(preset > PROFIT_CHAIN_MULTIPLIERS_UNSET && preset < PROFIT_CHAIN_MULTIPLIERS_COUNT);
    TR_ASSERT(level >= 0 && level < PROFIT_CHAIN_LEVELS);
    return halves[preset][level] * HALF;
}

int profit_chain_orders(enum profit_chain_multipliers preset, int level)
{
    int orders = (int)(profit_chain_multiplier_e8(preset, level) / DEC_ONE);
    TR_ASSERT(orders >= 1 && orders <= PROFIT_CHAIN_ORDERS_MAX);
    return orders;
}

int64_t profit_chain_target_e8(enum profit_chain_targets preset, int level)
{
    static const int first[PROFIT_CHAIN_TARGETS_COUNT] = {
        [PROFIT_CHAIN_TARGETS_CONSERVATIVE] = 20, [PROFIT_CHAIN_TARGETS_MODERATE] = 10,
        [PROFIT_CHAIN_TARGETS_AGGRESSIVE] = 5,    [PROFIT_CHAIN_TARGETS_CUSTOM_1] = 15,
        [PROFIT_CHAIN_TARGETS_CUSTOM_2] = 25,
    };
    TR_ASSERT(preset > PROFIT_CHAIN_TARGETS_UNSET && preset < PROFIT_CHAIN_TARGETS_COUNT);
    TR_ASSERT(level >= 0 && level < PROFIT_CHAIN_LEVELS);
    return (first[preset] * DEC_ONE) << level;
}

int64_t profit_chain_level_profit_e8(enum profit_chain_multipliers preset, int level,
                                     int64_t min_profit_e8)
{
    TR_ASSERT(min_profit_e8 > 0);
    return profit_chain_orders(preset, level) * min_profit_e8;
}

enum profit_chain_step profit_chain_after_level(int level, unsigned enabled_levels)
{
    TR_ASSERT(level >= 0 && level < PROFIT_CHAIN_LEVELS);
    if (level == PROFIT_CHAIN_LEVELS - 1)
        return PROFIT_CHAIN_COMPLETE;
    return (enabled_levels >> (level + 1) & 1U) != 0 ? PROFIT_CHAIN_ADVANCE : PROFIT_CHAIN_STOP;
}

enum profit_chain_step profit_chain_progress(const struct profit_chain_level *l)
{
    TR_ASSERT(l->total > 0 && l->booked >= 0 && l->lost >= 0);
    TR_ASSERT(l->booked + l->lost <= l->total);
    if (l->strict && l->lost > 0)
        return PROFIT_CHAIN_STOP;
    if (l->booked + l->lost < l->total)
        return PROFIT_CHAIN_WAIT;
    if (l->lost == 0)
        return PROFIT_CHAIN_ADVANCE;
    int64_t share_e8 = dec_muldiv(l->booked, DEC_ONE, l->total, DEC_DOWN);
    return share_e8 >= l->partial_threshold_e8 ? PROFIT_CHAIN_ADVANCE : PROFIT_CHAIN_STOP;
}

int64_t profit_chain_sl_money_e8(enum profit_chain_sl_mode mode, int logic)
{
    static const int by_logic[] = {0, 20, 40, 50};
    TR_ASSERT(mode > PROFIT_CHAIN_SL_UNSET && mode < PROFIT_CHAIN_SL_COUNT);
    if (mode == PROFIT_CHAIN_SL_FIXED)
        return 10 * DEC_ONE;
    return by_logic[logic >= 1 && logic <= 3 ? logic : 2] * DEC_ONE;
}

bool profit_chain_ends_with(enum reason closed_for)
{
    return closed_for != REASON_PROFIT_BOOKED && closed_for != REASON_TP_HIT &&
           closed_for != REASON_SL_HIT && closed_for != REASON_STOP_OUT;
}
