#include "model/rules/tiers.h"

#include "core/alloc.h"

#define E8(n) ((int64_t)(n)*DEC_ONE)

static const int amounts[TIERS_COUNT] = {0, 5000, 10000, 25000, 50000, 100000};

enum tiers_tier tiers_reached(int64_t balance_e8)
{
    enum tiers_tier tier = TIERS_UNSET;
    for (int t = TIERS_5000; t < TIERS_COUNT; t++)
        if (balance_e8 >= E8(amounts[t]))
            tier = (enum tiers_tier)t;
    return tier;
}

static enum tiers_tier halfway(int64_t balance_e8)
{
    static const int below[TIERS_COUNT] = {0, 7500, 17500, 37500, 75000, 0};
    for (int t = TIERS_5000; t < TIERS_100000; t++)
        if (balance_e8 < E8(below[t]))
            return (enum tiers_tier)t;
    return TIERS_100000;
}

enum tiers_tier tiers_of_balance(enum tiers_variant variant, int64_t balance_e8)
{
    TR_ASSERT(variant == TIERS_FLOOR || variant == TIERS_HALFWAY);
    if (variant == TIERS_HALFWAY)
        return halfway(balance_e8);
    enum tiers_tier tier = tiers_reached(balance_e8);
    return tier == TIERS_UNSET ? TIERS_5000 : tier;
}

int64_t tiers_amount_e8(enum tiers_tier tier)
{
    TR_ASSERT(tier > TIERS_UNSET && tier < TIERS_COUNT);
    return E8(amounts[tier]);
}

static const char *const names[TIERS_COUNT] = {"", "5000", "10000", "25000", "50000", "100000"};

const char *tiers_name(enum tiers_tier tier)
{
    TR_ASSERT((int)tier >= 0 && tier < TIERS_COUNT);
    return names[tier];
}

enum tiers_tier tiers_parse(const char *name)
{
    for (int t = TIERS_5000; t < TIERS_COUNT; t++)
        if (str_eq(names[t], name))
            return (enum tiers_tier)t;
    return TIERS_UNSET;
}

struct tiers_caps tiers_caps(enum tiers_tier tier)
{
    static const int daily[TIERS_COUNT] = {0, 100, 200, 500, 1000, 2000};
    TR_ASSERT(tier > TIERS_UNSET && tier < TIERS_COUNT);
    return (struct tiers_caps){.daily_e8 = E8(daily[tier]), .lifetime_e8 = E8(5 * daily[tier])};
}

struct tiers_caps tiers_code_caps(enum tiers_tier tier)
{
    struct tiers_caps caps = tiers_caps(tier);
    caps.daily_e8 *= 2;
    return caps;
}

int64_t tiers_trade_risk_e8(enum tiers_tier tier, enum volatility volatility)
{
    static const int money[TIERS_COUNT][VOLATILITY_COUNT] = {
        [TIERS_5000] = {0, 75, 75, 50},         [TIERS_10000] = {0, 150, 150, 100},
        [TIERS_25000] = {0, 500, 500, 375},     [TIERS_50000] = {0, 1000, 1000, 1000},
        [TIERS_100000] = {0, 2000, 2500, 3000},
    };
    TR_ASSERT(tier > TIERS_UNSET && tier < TIERS_COUNT);
    TR_ASSERT(volatility > VOLATILITY_UNSET && volatility < VOLATILITY_COUNT);
    return E8(money[tier][volatility]);
}
