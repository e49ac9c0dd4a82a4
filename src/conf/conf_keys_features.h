/* conf/conf_keys_features.h: switches of the take-over as rows for conf_table.c, which alone
 * includes it and has the macros they are written with. */
#ifndef TRIDENT_CONF_CONF_KEYS_FEATURES_H
#define TRIDENT_CONF_CONF_KEYS_FEATURES_H

#define FEATURE_KEYS                                                                               \
    BOOL("features.plugin_system", conf_trader, features.plugin_system, "true",                    \
         "Strategies decide; off: none of them does, only the old logic (legacy_v2)."),            \
        BOOL("features.multi_telegram", conf_trader, features.multi_telegram, "true",              \
             "Each bot tells what is its own; off: all is told by one (the first trader's)."),     \
        BOOL("features.service_api", conf_trader, features.service_api, "true",                    \
             "Control through the port; off: only Telegram, the socket of this machine and the "   \
             "emergency stop (the first trader's)."),                                              \
        BOOL("features.rollback_on_error", conf_trader, features.rollback_on_error, "true",        \
             "The triggers of shadow.* act by themselves; off: none does."),                       \
        BOOL("features.fallback_to_legacy", conf_trader, features.fallback_to_legacy, "true",      \
             "They go back to the old logic; off: they pause entries instead.")

#endif
