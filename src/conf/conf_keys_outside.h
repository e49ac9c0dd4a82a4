/* conf/conf_keys_outside.h: the keys of plugins.outside_1..3 as rows for conf_table.c, which alone
 * includes it and has the macros they are written with. */
#ifndef TRIDENT_CONF_CONF_KEYS_OUTSIDE_H
#define TRIDENT_CONF_CONF_KEYS_OUTSIDE_H

static const struct conf_choice outside_alerts[] = {{"v3", OUTSIDE_ALERTS_V3},
                                                    {"v6", OUTSIDE_ALERTS_V6},
                                                    {"legacy", OUTSIDE_ALERTS_LEGACY},
                                                    {"all", OUTSIDE_ALERTS_ALL},
                                                    {NULL, 0}};

#define OUTSIDE_KEYS(p, i)                                                                         \
    BOOL(p "enabled", conf_trader, outside[i].enabled, "false",                                    \
         "Let this program decide its alerts; the built-in strategy is not asked about them."),    \
        BOOL(p "shadow_mode", conf_trader, outside[i].shadow_mode, "true",                         \
             "Decide and record, with virtual trades; false: trade."),                             \
        TEXT(p "path", conf_trader, outside[i].path, CONF_FORM_PATH, "",                           \
             "The program, see docs/PLUGINS.md; empty: none."),                                    \
        LIST(p "args", conf_trader, outside[i].args, outside[i].arg_count, OUTSIDE_ARGS_MAX,       \
             CONF_FORM_UNSET, "Its arguments."),                                                   \
        ENUM(p "alerts", conf_trader, outside[i].alerts, outside_alerts, "v3",                     \
             "Which alerts are its own."),                                                         \
        LIST(p "symbols", conf_trader, outside[i].symbols, outside[i].symbol_count,                \
             OUTSIDE_SYMBOLS_MAX, CONF_FORM_SYMBOL,                                                \
             "Of these only the ones in these symbols; empty: in all."),                           \
        DECIMAL(p "max_lot", conf_trader, outside[i].max_lot_e8, DEC_ONE / 100, E8(100), "1",      \
                "An order for more lots is refused."),                                             \
        INT(p "deadline_ms", conf_trader, outside[i].deadline_ms, 50, OUTSIDE_DEADLINE_MAX_MS,     \
            "5000", "An alert it has not answered by then is refused."),                           \
        INT(p "memory_bytes", conf_trader, outside[i].memory_bytes, INT64_C(16777216),             \
            INT64_C(4294967296), "268435456", "Address space it may have."),                       \
        INT(p "cpu_s", conf_trader, outside[i].cpu_s, 2, 86400, "60",                              \
            "Processor seconds of one process; at half of them a fresh one takes over.")

#endif
