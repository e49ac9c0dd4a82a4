/* conf/conf_keys_shadow.h: the keys of the shadow machine as rows for conf_table.c, which alone
 * includes it and has the macros they are written with. */
#ifndef TRIDENT_CONF_CONF_KEYS_SHADOW_H
#define TRIDENT_CONF_CONF_KEYS_SHADOW_H

static const struct conf_choice first_modes[] = {{"legacy_only", SHADOW_LEGACY_ONLY},
                                                 {"shadow", SHADOW_SHADOW},
                                                 {"plugin_shadow", SHADOW_PLUGIN_SHADOW},
                                                 {"plugin_only", SHADOW_PLUGIN_ONLY},
                                                 {NULL, 0}};
static const struct conf_choice legacy_sources[] = {
    {"inside", SHADOW_SOURCE_INSIDE}, {"outside", SHADOW_SOURCE_OUTSIDE}, {NULL, 0}};

static const struct conf_choice first_phases[] = {
    {"none", PHASE_UNSET},        {"silent", PHASE_SILENT},
    {"parallel", PHASE_PARALLEL}, {"transparent", PHASE_TRANSPARENT},
    {"shadow", PHASE_SHADOW},     {NULL, 0}};

#define PHASE_KEYS                                                                                 \
    ENUM("phase.first", conf_trader, phase.first, first_phases, "none",                            \
         "Phase of the take-over from the old bot before somebody says otherwise by /phase."),     \
        INT("phase.silent_hours", conf_trader, phase.silent_hours, 0, 10000, "1",                  \
            "Hours without an error before the bots are shown."),                                  \
        INT("phase.parallel_hours", conf_trader, phase.parallel_hours, 0, 10000, "24",             \
            "Hours of old and new bots side by side ..."),                                         \
        INT("phase.bots", conf_trader, phase.bots, 0, 3, "3",                                      \
            "... in which so many of the new ones were used."),                                    \
        INT("phase.transparent_hours", conf_trader, phase.transparent_hours, 0, 10000, "48",       \
            "Hours of orders of the old logic through this engine."),                              \
        INT("phase.shadow_hours", conf_trader, phase.shadow_hours, 0, 10000, "24",                 \
            "Hours of comparison of each logic before the next one joins ..."),                    \
        INT("phase.shadow_all_hours", conf_trader, phase.shadow_all_hours, 0, 10000, "48",         \
            "... and of all of them together."),                                                   \
        INT("phase.cutover_hours", conf_trader, phase.cutover_hours, 0, 10000, "48",               \
            "Hours of watch after the cut-over ..."),                                              \
        INT("phase.cutover_trades", conf_trader, phase.cutover_trades, 0, 1000000, "10",           \
            "... and trades filled in them."),                                                     \
        INT("phase.v6_alerts", conf_trader, phase.v6_alerts, 0, 14, "14",                          \
            "Kinds of V6 alerts to be seen before the old bot may go.")

#define SHADOW_KEYS                                                                                \
    ENUM("shadow.mode", conf_trader, shadow.first_mode, first_modes, "plugin_only",                \
         "Who decides and who trades until somebody says otherwise by /shadow_mode."),             \
        ENUM("shadow.legacy_source", conf_trader, shadow.source, legacy_sources, "inside",         \
             "inside: the old logic is the plugin legacy_v2. outside: it is the old bot itself, "  \
             "which posts its decisions to /legacy/decision."),                                    \
        DECIMAL("shadow.lot_tolerance", conf_trader, shadow.tolerance.lots_e8, 0, E8(100),         \
                "0.005", "Lots that may differ and still agree."),                                 \
        DECIMAL("shadow.pip_tolerance", conf_trader, shadow.tolerance.pips_e8, 0, E8(10000), "1",  \
                "Pips that stop and target may differ and still agree."),                          \
        BOOL("shadow.compare_levels", conf_trader, shadow.tolerance.levels, "false",               \
             "Stop and target are part of the comparison."),                                       \
        TEXT("shadow.legacy_db", conf_trader, legacy_db, CONF_FORM_PATH, "",                       \
             "outside: the old bot's database, only read: its new trades are its decisions; "      \
             "empty: it posts them."),                                                             \
        INT("shadow.legacy_db_poll_ms", conf_trader, legacy_db_poll_ms, 100, 600000, "2000",       \
            "How often that database is looked at."),                                              \
        INT("shadow.pair_window_ms", conf_trader, shadow.pair_window_ms, 1000, 3600000, "120000",  \
            "outside: the two decisions about an alert come at most so far apart."),               \
        BOOL("shadow.silence_is_skip", conf_trader, shadow.silence_is_skip, "false",               \
             "outside: no word within that time means that the old bot did not trade."),           \
        INT("shadow.gate_hours", conf_trader, shadow_gate_hours, 0, 10000, "72",                   \
            "A cut-over waits for so many hours in mode shadow ..."),                              \
        INT("shadow.gate_signals", conf_trader, shadow.gate_signals, 1, 1000000, "100",            \
            "... and so many alerts compared ..."),                                                \
        INT("shadow.gate_mismatches", conf_trader, shadow.gate_mismatches_max, 0, 1000000, "0",    \
            "... of which at most so many did not agree."),                                        \
        BOOL("shadow.rollback_on_mismatch", conf_trader, shadow.on_mismatch, "true",               \
             "After a cut-over a mismatch goes back to the old logic."),                           \
        BOOL("shadow.rollback_on_broker_down", conf_trader, shadow.on_broker_down, "true",         \
             "After a cut-over a lost broker link goes back to the old logic."),                   \
        INT("shadow.latency_max_ms", conf_trader, shadow.latency_max_ms, 0, 600000, "1000",        \
            "An alert that takes longer goes back to the old logic; 0: never."),                   \
        INT("shadow.error_percent_max", conf_trader, shadow.error_percent_max, 0, 100, "5",        \
            "More failures of plugins go back to the old logic, or pause; 0: never."),             \
        INT("shadow.order_success_percent_min", conf_trader, shadow.order_success_percent_min, 0,  \
            100, "95", "Fewer filled orders go back to the old logic; 0: never."),                 \
        INT("shadow.samples_min", conf_trader, shadow.samples_min, 1, SHADOW_SAMPLES_MAX, "20",    \
            "Alerts or orders before a percentage counts.")

#endif
