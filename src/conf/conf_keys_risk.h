/* conf/conf_keys_risk.h: the keys of traders[].risk beyond the day as rows for conf_table.c, which
 * alone includes it and has the macros they are written with. */
#ifndef TRIDENT_CONF_CONF_KEYS_RISK_H
#define TRIDENT_CONF_CONF_KEYS_RISK_H

static const struct conf_choice risk_profiles[] = {
    {"v3", RISK_V3}, {"platform", RISK_PLATFORM}, {NULL, 0}};
/* A decimal that may also be this word: DEC_NONE then. */
static const struct conf_choice of_tier[] = {{"tier", 0}, {NULL, 0}};

#define RISK_P "risk.platform."
#define RISK_MONEY(key, field, def, text)                                                          \
    DECIMAL(RISK_P key, conf_trader, risk.platform.field, 0, E8(1000000000), def, text)
#define RISK_PART(key, field, most, def, text)                                                     \
    DECIMAL(RISK_P key, conf_trader, risk.platform.field, 0, most, def, text)

#define RISK_KEYS                                                                                  \
    {.path = "risk.daily_loss_cap",                                                                \
     .type = CONF_DECIMAL,                                                                         \
     FIELD(conf_trader, daily_loss_cap_e8),                                                        \
     .max = E8(1000000000),                                                                        \
     .def = "tier",                                                                                \
     .choices = of_tier,                                                                           \
     .help = "USD lost in a day after which entries stop; 0: none, tier: by risk.tier."},          \
        {.path = "risk.lifetime_loss_cap",                                                         \
         .type = CONF_DECIMAL,                                                                     \
         FIELD(conf_trader, lifetime_loss_cap_e8),                                                 \
         .max = E8(1000000000),                                                                    \
         .def = "tier",                                                                            \
         .choices = of_tier,                                                                       \
         .help = "USD lost in all after which entries stop; 0: none, tier: by risk.tier."},        \
        ENUM("risk.tier", conf_trader, risk.tier, forced_tiers, "by_balance",                      \
             "Caps 100/500, 200/1000, 500/2500, 1000/5000, 2000/10000 by tier."),                  \
        ENUM("risk.profile", conf_trader, risk.profile, risk_profiles, "v3",                       \
             "v3: caps, smart lot, margin. platform: the limits of risk.platform besides."),       \
        BOOL("risk.smart_lot", conf_trader, risk.smart_lot, "true",                                \
             "Fewer lots when the loss of both orders would break the day's cap."),                \
        DECIMAL("risk.symbol_exposure", conf_trader, risk.symbol_exposure_e8, 0, E8(100), "0.3",   \
                "Most margin in one symbol as a part of the balance; 0: no limit."),               \
        INT("risk.max_open_trades", conf_trader, risk.max_open_trades, 0, 512, "0",                \
            "Entries of all plugins that may be open at once; 0: no limit."),                      \
        INT("risk.max_daily_trades", conf_trader, risk.max_daily_trades, 0, 100000, "0",           \
            "Entries of all plugins a day; 0: no limit."),                                         \
        RISK_MONEY("min_order", min_order_e8, "5", "Least value of an entry, USD."),               \
        RISK_MONEY("max_order", max_order_e8, "10000", "Most value of an entry, USD; 0: none."),   \
        RISK_PART("risk_per_trade", risk_per_trade_e8, DEC_ONE, "0.01",                            \
                  "Part of the equity an entry may lose at its stop; 0: no limit."),               \
        RISK_PART("total_risk", total_risk_e8, DEC_ONE, "0.1",                                     \
                  "Part of the equity all stops together may lose; 0: no limit."),                 \
        RISK_MONEY("symbol_exposure", symbol_exposure_e8, "20000",                                 \
                   "Most value in one symbol, USD; 0: no limit."),                                 \
        RISK_PART("concentration", concentration_e8, E8(100), "0.2",                               \
                  "Most value in one symbol as a part of the equity; 0: no limit."),               \
        RISK_MONEY("portfolio_exposure", portfolio_exposure_e8, "50000",                           \
                   "Most value of everything open, USD; 0: no limit."),                            \
        RISK_PART("leverage", leverage_e8, E8(1000), "2",                                          \
                  "Value of everything open / equity; 0: no limit."),                              \
        INT(RISK_P "max_positions", conf_trader, risk.platform.max_positions, 0, 512, "5",         \
            "Entries that may be open at once; 0: no limit."),                                     \
        INT(RISK_P "symbol_daily_trades", conf_trader, risk.platform.symbol_daily_trades, 0,       \
            100000, "20", "Entries a day in one symbol; 0: no limit."),                            \
        RISK_PART("daily_drawdown", daily_drawdown_e8, DEC_ONE, "0.05",                            \
                  "Part of the day's first balance after which entries stop; 0: no limit."),       \
        RISK_PART("weekly_drawdown", weekly_drawdown_e8, DEC_ONE, "0.1",                           \
                  "Part of the week's first balance after which entries stop; 0: no limit."),      \
        RISK_PART("halt_drawdown", halt_drawdown_e8, DEC_ONE, "0.25",                              \
                  "Part of the highest balance at which trading pauses; 0: never."),               \
        RISK_PART("resume_drawdown", resume_drawdown_e8, DEC_ONE, "0.2",                           \
                  "Below this a person may resume; 0: at any time."),                              \
        RISK_PART("breaker_move", breaker_move_e8, DEC_ONE, "0.1",                                 \
                  "Move of the price in breaker_minutes that stops entries in a symbol."),         \
        INT(RISK_P "breaker_minutes", conf_trader, risk.platform.breaker_minutes, 1, 10080, "60",  \
            "Window of that move, and how long entries stop."),                                    \
        RISK_PART("reject_ratio", reject_ratio_e8, E8(100), "1.5",                                 \
                  "Value / recommended value above which an entry is refused; 0: never."),         \
        RISK_PART("warn_ratio", warn_ratio_e8, E8(100), "1.1",                                     \
                  "Value / recommended value above which the decision says so; 0: never.")

#endif
