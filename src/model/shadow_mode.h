/* model/shadow_mode.h: who decides and who trades in which mode of the shadow machine, and what of
 * a plugin's decision is compared with the legacy handler's (spec strategies 10; the comparison is
 * model/rules/shadow.h). Pure, any thread.
 *
 *   mode           legacy decides  legacy trades  plugin decides  plugin trades
 *   legacy_only    yes             yes            no              no
 *   shadow         yes             yes            yes             no (virtual orders)
 *   plugin_shadow  yes             no             yes             yes
 *   plugin_only    no              no             yes             yes
 *
 * In every mode exactly one of the two opens trades. */
#ifndef TRIDENT_MODEL_SHADOW_MODE_H
#define TRIDENT_MODEL_SHADOW_MODE_H

#include "model/decision.h"
#include "model/rules/shadow.h"

enum shadow_mode {
    SHADOW_MODE_UNSET = 0,
    SHADOW_LEGACY_ONLY,
    SHADOW_SHADOW,
    SHADOW_PLUGIN_SHADOW,
    SHADOW_PLUGIN_ONLY,
    SHADOW_MODE_COUNT
};

const char *shadow_mode_name(enum shadow_mode m);  /* "legacy_only" ... */
enum shadow_mode shadow_mode_parse(const char *s); /* UNSET: no such mode */
bool shadow_mode_legacy_decides(enum shadow_mode m);
bool shadow_mode_legacy_trades(enum shadow_mode m);
bool shadow_mode_plugin_decides(enum shadow_mode m);
bool shadow_mode_plugin_trades(enum shadow_mode m);

/* What is compared of a decision (SH-1), and why it was so. Closing is "execute" without an order;
 * what is only told about (squeeze, pulse) is a skip: nothing is traded. */
struct shadow_view {
    struct shadow_decision what;
    enum reason reason;
};
/* Lots of all orders together; stop and target of the first one. */
void shadow_view_of(const struct decision *d, struct shadow_view *ret);

#define SHADOW_SAMPLES_MAX 100 /* newest alerts or orders that percentages are of */

enum shadow_source {
    SHADOW_SOURCE_UNSET = 0,
    SHADOW_SOURCE_INSIDE,  /* plugin legacy_v2 */
    SHADOW_SOURCE_OUTSIDE, /* the old bot's process: its decisions are posted */
    SHADOW_SOURCE_COUNT
};

/* Settings of the shadow machine (engine/shadow.h); part of the engine's rules. */
struct shadow_rules {
    enum shadow_mode first_mode; /* of a scope nobody has moved yet */
    enum shadow_source source;
    struct shadow_tolerance tolerance;
    int64_t pair_window_ms; /* outside: how far the two decisions of one alert may
                               be apart */
    bool silence_is_skip;   /* outside: no word within the window means it did not
                             * trade; without it there is no comparison (G102) */
    /* gates before a cut-over (SH-9) */
    int64_t gate_ms; /* time in SHADOW */
    int gate_signals, gate_mismatches_max;
    /* triggers after it; 0 = off */
    bool on_mismatch, on_broker_down;
    int64_t latency_max_ms;        /* receipt to decision of one alert */
    int error_percent_max;         /* of the newest alerts */
    int order_success_percent_min; /* of the newest orders */
    int samples_min;               /* before a percentage counts */
    bool holds_instead;            /* a trigger pauses entries and moves nothing */
};
void shadow_rules_defaults(struct shadow_rules *r);

#endif
