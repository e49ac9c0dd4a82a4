/* conf/conf_keys_watch.h: how the daemon watches itself, as rows for conf_table.c, which alone
 * includes it and has the macros they are written with. */
#ifndef TRIDENT_CONF_CONF_KEYS_WATCH_H
#define TRIDENT_CONF_CONF_KEYS_WATCH_H

#define WATCH_KEYS                                                                                 \
    INT("watch.interval_s", conf, watch.interval_s, 1, 3600, "30",                                 \
        "How often figures, bots and, every second time, the broker are looked at."),              \
        SECRET("watch.heartbeat_url", conf, watch.heartbeat_url, CONF_FORM_URL, "",                \
               "Asked (GET) while engines and brokers are well, so that a dead-man's switch "      \
               "elsewhere notices silence; empty: none."),                                         \
        INT("watch.heartbeat_s", conf, watch.heartbeat_s, 1, 86400, "60",                          \
            "How often it is asked.")

#endif
