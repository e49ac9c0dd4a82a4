/* conf/conf_keys_legacy.h: the keys of plugins.legacy_v2 as rows for conf_table.c, which alone
 * includes it and has the macros they are written with. */
#ifndef TRIDENT_CONF_CONF_KEYS_LEGACY_H
#define TRIDENT_CONF_CONF_KEYS_LEGACY_H

static const struct conf_choice b_formulas[] = {{"exact", PIPS_EXACT},
                                                {"c", PIPS_FORMULA_C},
                                                {"d", PIPS_FORMULA_D},
                                                {"e", PIPS_FORMULA_E},
                                                {NULL, 0}};
static const struct conf_choice stop_tables[] = {
    {"sl-1", SL_TABLES_SL1}, {"sl-2", SL_TABLES_SL2}, {NULL, 0}};
static const struct conf_choice forced_tiers[] = {{"by_balance", TIERS_UNSET},
                                                  {"5000", TIERS_5000},
                                                  {"10000", TIERS_10000},
                                                  {"25000", TIERS_25000},
                                                  {"50000", TIERS_50000},
                                                  {"100000", TIERS_100000},
                                                  {NULL, 0}};

#define LEGACY_LOGIC(n, lots, sl)                                                                  \
    BOOL(V2 "logic" #n ".enabled", conf_trader, legacy_v2.logic_enabled[n], "true",                \
         "Trade alerts of this logic."),                                                           \
        DECIMAL(V2 "logic" #n ".lot_multiplier", conf_trader, legacy_v2.logic_lot_mult_e8[n],      \
                DEC_ONE / 100, E8(10), lots, "Factor on the tier's lot."),                         \
        DECIMAL(V2 "logic" #n ".sl_multiplier", conf_trader, legacy_v2.logic_sl_mult_e8[n],        \
                DEC_ONE / 100, E8(10), sl, "Factor on the table's stop.")
#define LEGACY_TIER(name, i, lot, manual)                                                          \
    DECIMAL(V2 "fixed_lot." name, conf_trader, legacy_v2.lots.fixed_e8[i], 0, E8(100), lot,        \
            "Lots of each order in this balance tier."),                                           \
        DECIMAL(V2 "manual_lot." name, conf_trader, legacy_v2.lots.manual_e8[i], 0, E8(100),       \
                manual, "Lots that take the place of fixed_lot; 0: none.")
#define LEGACY_REDUCTION(name, i)                                                                  \
    INT(V2 "sl_reduction." name, conf_trader, legacy_v2.sl_reduction_percent[i], 0, 50, "0",       \
        "Percent off the table's stop of this symbol; 0: none.")

#define LEGACY_KEYS                                                                                \
    BOOL(V2 "enabled", conf_trader, legacy_v2.enabled, "false",                                    \
         "Trade as the old bot did; needs its alerts, or V3 alerts that combined_v3 leaves."),     \
        BOOL(V2 "shadow_mode", conf_trader, legacy_v2.shadow_mode, "false",                        \
             "Decide and record, with virtual trades; nothing is traded."),                        \
        BOOL(V2 "v3_alerts", conf_trader, legacy_v2.v3_alerts, "true",                             \
             "Decide V3 alerts as the old bot's V3 engine did."),                                  \
        LEGACY_LOGIC(1, "1.25", "1"), LEGACY_LOGIC(2, "1", "1.5"),                                 \
        LEGACY_LOGIC(3, "0.625", "2.5"), LEGACY_TIER("5000", TIERS_5000, "0.01", "0.04"),          \
        LEGACY_TIER("10000", TIERS_10000, "0.05", "0"),                                            \
        LEGACY_TIER("25000", TIERS_25000, "0.1", "0"),                                             \
        LEGACY_TIER("50000", TIERS_50000, "0.2", "0"),                                             \
        LEGACY_TIER("100000", TIERS_100000, "0.5", "0"),                                           \
        ENUM(V2 "risk_tier", conf_trader, legacy_v2.lots.forced, forced_tiers, "10000",            \
             "Tier whose lots, stops and caps are taken; by_balance: that of the balance."),       \
        BOOL(V2 "dual_orders", conf_trader, legacy_v2.dual_orders, "true",                         \
             "Place A and B; false: A alone."),                                                    \
        BOOL(V2 "sl_system_enabled", conf_trader, legacy_v2.sl_system_on, "true",                  \
             "Stops from the table; false: by the risk of one trade."),                            \
        ENUM(V2 "sl_system", conf_trader, legacy_v2.sl_system, stop_tables, "sl-1",                \
             "Stop table: sl-1 wide, sl-2 tight."),                                                \
        BOOL(V2 "smart_lot", conf_trader, legacy_v2.smart_lot, "true",                             \
             "Fewer lots when both orders' loss would break the tier's daily cap."),               \
        BOOL(V2 "caps", conf_trader, legacy_v2.caps, "true",                                       \
             "No entries at the tier's daily or lifetime loss cap."),                              \
        INT(V2 "min_score", conf_trader, legacy_v2.min_score, 0, 9, "5",                           \
            "Least consensus score of a V3 entry."),                                               \
        DECIMAL(V2 "rr_ratio", conf_trader, legacy_v2.rr_ratio_e8, DEC_ONE / 10, E8(20), "1.5",    \
                "Target distance in stop distances."),                                             \
        DECIMAL(V2 "order_b_risk", conf_trader, legacy_v2.order_b_risk_e8, E8(1), E8(100000),      \
                "10", "USD at risk of order B: its stop follows."),                                \
        INT(V2 "duplicate_window_ms", conf_trader, legacy_v2.duplicate_window_ms, 0, 86400000,     \
            "300000", "The same alert within this time is refused."),                              \
        LEGACY_REDUCTION("xauusd", 0), LEGACY_REDUCTION("eurusd", 1),                              \
        LEGACY_REDUCTION("gbpusd", 2), LEGACY_REDUCTION("usdjpy", 3),                              \
        LEGACY_REDUCTION("usdcad", 4), LEGACY_REDUCTION("audusd", 5),                              \
        LEGACY_REDUCTION("nzdusd", 6), LEGACY_REDUCTION("eurjpy", 7),                              \
        LEGACY_REDUCTION("gbpjpy", 8), LEGACY_REDUCTION("audjpy", 9),                              \
        ENUM(V2 "quirks.order_b_formula", conf_trader, legacy_v2.quirks.order_b_formula,           \
             b_formulas, "e", "Stop of order B: e as it ran; exact by the real pip value."),       \
        BOOL(V2 "quirks.raw_lots", conf_trader, legacy_v2.quirks.raw_lots, "false",                \
             "Lots as computed (0.062), which a broker refuses; false: down to its step."),        \
        BOOL(V2 "quirks.raw_score", conf_trader, legacy_v2.quirks.raw_score, "true",               \
             "Filter sells by the score as it comes; false: by 9 - score."),                       \
        BOOL(V2 "quirks.exit_inverted", conf_trader, legacy_v2.quirks.exit_inverted, "true",       \
             "Bullish_Exit closes shorts; false: longs, as the indicator means it."),              \
        BOOL(V2 "quirks.bypass_trend", conf_trader, legacy_v2.quirks.bypass_trend, "true",         \
             "V3 entries need no aligned trends."),                                                \
        BOOL(V2 "quirks.refuse_legacy_types", conf_trader, legacy_v2.quirks.refuse_legacy_types,   \
             "false", "Refuse the old alerts, as the last version of the old bot did.")

#endif
