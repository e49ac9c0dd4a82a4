/* model/symbol.c: the instrument table (spec strategies 3.2) and the arithmetic that needs it. All
 * products are exact in __int128 and rounded once; a result out of range saturates. */
#include "model/symbol.h"

#include <string.h>

typedef __int128 i128;

#define E8(text_value) ((int64_t)((text_value)*100000000LL))
/* Prices and pips below one are given as integers of 1e-5 so that the table holds no fractions. */
#define E5(v) (INT64_C(v) * 1000)

#define FX(sym, b, q, vol, dig, pip, pip_value, min_sl, price, spread)                             \
    {                                                                                              \
        .name = sym, .base = b, .quote = q, .volatility = vol, .digits = dig, .pip_size_e8 = pip,  \
        .pip_value_e8 = pip_value, .min_sl_dist_e8 = min_sl, .contract_size_e8 = E8(100000),       \
        .volume_min_e8 = E5(1000), .volume_step_e8 = E5(1000), .volume_max_e8 = E8(100),           \
        .sim_price_e8 = price, .typical_spread_e8 = spread, .is_listed = true                      \
    }

static const struct symbol_info table[] = {
    {.name = "XAUUSD",
     .base = "XAU",
     .quote = "USD",
     .volatility = VOLATILITY_HIGH,
     .digits = 2,
     .pip_size_e8 = E5(1000),
     .pip_value_e8 = E8(1),
     .min_sl_dist_e8 = E5(10000),
     .contract_size_e8 = E8(100),
     .volume_min_e8 = E5(1000),
     .volume_step_e8 = E5(1000),
     .volume_max_e8 = E8(100),
     .sim_price_e8 = E8(2650),
     .typical_spread_e8 = E5(25000),
     .is_listed = true},
    FX("EURUSD", "EUR", "USD", VOLATILITY_LOW, 5, E5(10), E8(10), E5(50), E5(108500), E5(8)),
    FX("GBPUSD", "GBP", "USD", VOLATILITY_MEDIUM, 5, E5(10), E8(10), E5(50), E5(126500), E5(12)),
    FX("USDJPY", "USD", "JPY", VOLATILITY_MEDIUM, 3, E5(1000), E5(910000), E5(5000), E5(14950000),
       E5(1000)),
    FX("USDCAD", "USD", "CAD", VOLATILITY_MEDIUM, 5, E5(10), E8(8), E5(50), E5(135500), E5(15)),
    FX("AUDUSD", "AUD", "USD", VOLATILITY_MEDIUM, 5, E5(10), E8(10), E5(50), E5(66000), E5(10)),
    FX("NZDUSD", "NZD", "USD", VOLATILITY_MEDIUM, 5, E5(10), E8(10), E5(50), E5(61000), E5(14)),
    FX("EURJPY", "EUR", "JPY", VOLATILITY_HIGH, 3, E5(1000), E5(950000), E5(5000), E5(16220000),
       E5(1500)),
    FX("GBPJPY", "GBP", "JPY", VOLATILITY_HIGH, 3, E5(1000), E8(9), E5(5000), E5(18910000),
       E5(2200)),
    FX("AUDJPY", "AUD", "JPY", VOLATILITY_HIGH, 3, E5(1000), E5(920000), E5(5000), E5(9870000),
       E5(1600)),
    /* SY-1 names it, P-9 does not: traded where a configuration lists it. Its pip is ten pounds. */
    {.name = "EURGBP",
     .base = "EUR",
     .quote = "GBP",
     .volatility = VOLATILITY_MEDIUM,
     .digits = 5,
     .pip_size_e8 = E5(10),
     .pip_value_e8 = E5(1265000),
     .min_sl_dist_e8 = E5(50),
     .contract_size_e8 = E8(100000),
     .volume_min_e8 = E5(1000),
     .volume_step_e8 = E5(1000),
     .volume_max_e8 = E8(100),
     .sim_price_e8 = E5(85770),
     .typical_spread_e8 = E5(12)},
};

size_t symbol_count(void)
{
    return TR_ARRAY_SIZE(table);
}

const struct symbol_info *symbol_at(size_t i)
{
    TR_ASSERT(i < TR_ARRAY_SIZE(table));
    return &table[i];
}

const struct symbol_info *symbol_find(const char *name)
{
    TR_ASSERT(name);
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

bool symbol_normalise(const char *raw, char out[SYMBOL_CAP])
{
    TR_ASSERT(out);
    out[0] = '\0';
    if (!raw) {
        return false;
    }
    const char *colon = strrchr(raw, ':');
    const char *s = colon ? colon + 1 : raw;
    char name[SYMBOL_CAP];
    size_t n = 0;
    for (; *s; s++) {
        char c = *s;
        if (c == ' ' || c == '/') {
            continue;
        }
        if ((c == '.' || c == '_') && n > 0) {
            break; /* broker suffix */
        }
        if (c >= 'a' && c <= 'z') {
            c = (char)(c - 'a' + 'A');
        }
        bool allowed = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!allowed || n + 1 >= sizeof(name)) {
            return false;
        }
        name[n++] = c;
    }
    name[n] = '\0';
    if (n == 0) {
        return false;
    }
    const char *known = strcmp(name, "GOLD") == 0 ? "XAUUSD" : name;
    memcpy(out, known, strlen(known) + 1);
    return true;
}

/* n/d rounded half away from zero, saturating. */
static int64_t ratio(i128 n, i128 d)
{
    TR_ASSERT(d > 0);
    i128 q = n / d;
    i128 r = n % d;
    if (r < 0) {
        r = -r;
    }
    if (r >= d - r) {
        q += n < 0 ? -1 : 1;
    }
    if (q > INT64_MAX) {
        return INT64_MAX;
    }
    return q < -(i128)INT64_MAX ? -INT64_MAX : (int64_t)q;
}

/* a*b, saturating far outside what ratio() can return. */
static i128 product(i128 a, i128 b)
{
    i128 p;
    if (__builtin_mul_overflow(a, b, &p)) {
        i128 huge = ((i128)1) << 126;
        return (a < 0) != (b < 0) ? -huge : huge;
    }
    return p;
}

static i128 contract_units(const struct symbol_info *s)
{
    TR_ASSERT(s->contract_size_e8 > 0 && s->contract_size_e8 % DEC_ONE == 0);
    return s->contract_size_e8 / DEC_ONE;
}

int64_t symbol_profit_e8(const struct symbol_info *s, int side_sign, int64_t entry_e8,
                         int64_t exit_e8, int64_t lots_e8, int64_t usd_per_quote_e8)
{
    TR_ASSERT(s);
    TR_ASSERT(side_sign == 1 || side_sign == -1);
    TR_ASSERT(exit_e8 > 0);
    i128 diff = ((i128)exit_e8 - entry_e8) * side_sign;
    i128 move = product(diff, lots_e8);
    i128 in_quote = product(move, contract_units(s)); /* quote currency, 1e-16 */
    if (strcmp(s->quote, "USD") == 0) {
        return ratio(in_quote, DEC_ONE);
    }
    if (strcmp(s->base, "USD") == 0) {
        return ratio(in_quote, exit_e8);
    }
    if (usd_per_quote_e8 > 0) {
        return ratio(product(in_quote, usd_per_quote_e8), (i128)DEC_ONE * DEC_ONE);
    }
    /* RK-17: pips x pip value */
    return ratio(product(move, s->pip_value_e8), (i128)s->pip_size_e8 * DEC_ONE);
}

/* USD for one unit of the base currency of a cross, from the table's own USD pair. */
static int64_t reference_usd_per_base_e8(const struct symbol_info *cross)
{
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
        if (strcmp(table[i].base, cross->base) == 0 && strcmp(table[i].quote, "USD") == 0) {
            return table[i].sim_price_e8;
        }
    }
    return DEC_ONE;
}

int64_t symbol_margin_e8(const struct symbol_info *s, int64_t price_e8, int64_t lots_e8,
                         int leverage)
{
    TR_ASSERT(s);
    TR_ASSERT(leverage > 0);
    i128 units = product(lots_e8, contract_units(s)); /* base units, 1e-8 */
    if (strcmp(s->base, "USD") == 0) {
        return ratio(units, leverage);
    }
    int64_t usd_per_base_e8 =
        strcmp(s->quote, "USD") == 0 ? price_e8 : reference_usd_per_base_e8(s);
    return ratio(product(units, usd_per_base_e8), (i128)DEC_ONE * leverage);
}

int64_t symbol_pips_e8(const struct symbol_info *s, int64_t from_e8, int64_t to_e8)
{
    TR_ASSERT(s && s->pip_size_e8 > 0);
    return ratio(((i128)to_e8 - from_e8) * DEC_ONE, s->pip_size_e8);
}

int64_t symbol_tick_e8(const struct symbol_info *s)
{
    int64_t tick_e8 = DEC_ONE;
    TR_ASSERT(s->digits >= 0 && s->digits <= 8);
    for (int i = 0; i < s->digits; i++)
        tick_e8 /= 10;
    return tick_e8;
}

int64_t symbol_risk_distance_e8(const struct symbol_info *s, int64_t money_e8, int64_t lots_e8)
{
    TR_ASSERT(s);
    TR_ASSERT(lots_e8 > 0);
    return ratio(product(product(money_e8, s->pip_size_e8), DEC_ONE),
                 product(s->pip_value_e8, lots_e8));
}
