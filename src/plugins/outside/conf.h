/* plugins/outside/conf.h: the configuration of a strategy that is a program of its own
 * (docs/PLUGINS.md), one struct a place: outside_1, outside_2, outside_3. Here is what the engine
 * needs to know of it; starting, asking and confining it is the room src/outside. Pure, any thread.
 */
#ifndef TRIDENT_PLUGINS_OUTSIDE_CONF_H
#define TRIDENT_PLUGINS_OUTSIDE_CONF_H

#include "model/signal.h"

#define OUTSIDE_PLUGINS         3
#define OUTSIDE_ARGS_MAX        8
#define OUTSIDE_ARG_CAP         128
#define OUTSIDE_SYMBOLS_MAX     16
#define OUTSIDE_PATH_CAP        256
#define OUTSIDE_DEADLINE_MAX_MS 5000

enum outside_alerts {
    OUTSIDE_ALERTS_UNSET = 0,
    OUTSIDE_ALERTS_V3,
    OUTSIDE_ALERTS_V6,
    OUTSIDE_ALERTS_LEGACY,
    OUTSIDE_ALERTS_ALL,
    OUTSIDE_ALERTS_COUNT
};

struct outside_conf {
    bool enabled;
    bool shadow_mode;            /* decides, trades nothing (RT-17) */
    char path[OUTSIDE_PATH_CAP]; /* "" = the place is empty */
    char args[OUTSIDE_ARGS_MAX][OUTSIDE_ARG_CAP];
    int arg_count;
    int alerts; /* enum outside_alerts: whose alerts are its own */
    char symbols[OUTSIDE_SYMBOLS_MAX][SYMBOL_CAP]; /* empty list = all */
    int symbol_count;
    int64_t max_lot_e8;
    int deadline_ms; /* 5000 at most */
    int64_t memory_bytes;
    int cpu_s;
};

#endif
