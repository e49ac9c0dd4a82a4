/* model/symbol.h: what is known of an instrument (spec strategies 3.2) and money arithmetic on it.
 * The built-in table has the ten symbols of rule P-9, and EURGBP, which the table of sessions
 * (SY-1) names besides. Pure, any thread. */
#ifndef TRIDENT_MODEL_SYMBOL_H
#define TRIDENT_MODEL_SYMBOL_H

#include "model/decimal.h"

#define SYMBOL_CAP 16

enum volatility {
    VOLATILITY_UNSET = 0,
    VOLATILITY_LOW,
    VOLATILITY_MEDIUM,
    VOLATILITY_HIGH,
    VOLATILITY_COUNT
};

struct symbol_info {
    char name[SYMBOL_CAP]; /* "XAUUSD" */
    char base[4];
    char quote[4];
    enum volatility volatility;
    int digits; /* price decimals */
    int64_t pip_size_e8;
    int64_t pip_value_e8; /* account currency (USD) per pip and standard lot */
    int64_t min_sl_dist_e8;
    int64_t contract_size_e8;
    int64_t volume_min_e8, volume_step_e8, volume_max_e8; /* lots: 0.01, 0.01, 100 */
    int64_t sim_price_e8;                                 /* start of the simulated feed */
    int64_t typical_spread_e8;
    bool is_listed; /* of P-9: strategies trade it without being told to */
};

size_t symbol_count(void);
const struct symbol_info *symbol_at(size_t i);
const struct symbol_info *symbol_find(const char *name); /* exact, upper case; NULL when unknown */
/* Cleans a name from outside into out: drops an exchange prefix ("OANDA:"), spaces and "/" and
 * broker suffixes (".m", ".pro", "_i"), upper-cases, maps GOLD to XAUUSD. False: empty, a literal
 * "{{...}}", or characters outside A-Z 0-9 remain. Does not check that the symbol is known. */
bool symbol_normalise(const char *raw, char out[SYMBOL_CAP]);

struct quote {
    int64_t bid_e8; /* 0 = no quote */
    int64_t ask_e8;
    int64_t time_ms;
};

/* Profit in account currency USD: (exit - entry) x contract x lots in the quote currency,
 * converted: quote USD: as is; base USD: divided by exit price; crosses: by usd_per_quote_e8 (USD
 * for one unit of the quote currency; ignored for the first two kinds, must be > 0 for crosses,
 * else pip_value is used, RK-17). side_sign +1 buy, -1 sell. Rounded half away from zero to 1e-8.
 */
int64_t symbol_profit_e8(const struct symbol_info *s, int side_sign, int64_t entry_e8,
                         int64_t exit_e8, int64_t lots_e8, int64_t usd_per_quote_e8);
/* Margin at opening in USD, leverage e.g. 100 (spec brokers 4: FX lots x contract / leverage x
 * conversion of the base currency; gold x price). */
int64_t symbol_margin_e8(const struct symbol_info *s, int64_t price_e8, int64_t lots_e8,
                         int leverage);
/* Signed price difference in pips, 1e-8 units. */
int64_t symbol_pips_e8(const struct symbol_info *s, int64_t from_e8, int64_t to_e8);
/* The smallest step of a price. */
int64_t symbol_tick_e8(const struct symbol_info *s);
/* Fixed-money stop distance (RK-7): pips = money / (pip_value x lots); distance = pips x pip_size.
 */
int64_t symbol_risk_distance_e8(const struct symbol_info *s, int64_t money_e8, int64_t lots_e8);

#endif
