/* cli/features.c: see features.h. */
#include "cli/features.h"

void features_lay(struct conf_trader *t)
{
    if (!t->features.plugin_system) {
        t->combined_v3.enabled = false;
        t->price_action_v6.enabled = false;
        for (int i = 0; i < OUTSIDE_PLUGINS; i++)
            t->outside[i].enabled = false;
    }
    if (!t->features.rollback_on_error) {
        t->shadow.on_mismatch = false;
        t->shadow.on_broker_down = false;
        t->shadow.latency_max_ms = 0;
        t->shadow.error_percent_max = 0;
        t->shadow.order_success_percent_min = 0;
    }
    t->shadow.holds_instead = !t->features.fallback_to_legacy;
}
