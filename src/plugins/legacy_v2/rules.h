/* plugins/legacy_v2/rules.h: the pure rules of the old bot (spec strategies 1.4, 2.2, 6): RT-8,
 * EX-1 to EX-6. Private to the plugin and `trident eval`. Any thread. */
#ifndef TRIDENT_PLUGINS_LEGACY_V2_RULES_H
#define TRIDENT_PLUGINS_LEGACY_V2_RULES_H

#include "model/trends.h"

/* UNSET: neutral. */
struct legacy_v2_trends {
    enum side d1, h1, m15;
};
struct legacy_v2_trends legacy_v2_trends_of(const struct trends *t, const char *symbol);

/* 1.4: 5m is LOGIC1, 15m LOGIC2, 1h LOGIC3; 0: the old bot trades no other. */
int legacy_v2_logic(enum timeframe tf);
/* RT-8: LOGIC1 and LOGIC2 want 1h and 15m to agree, LOGIC3 1d and 1h; UNSET: neutral. */
enum side legacy_v2_alignment(int logic, const struct legacy_v2_trends *t);
/* EX-5: both gating trends are against the position, which is five minutes old. */
bool legacy_v2_flip_closes(int logic, const struct legacy_v2_trends *t, enum side position,
                           int64_t age_ms);
/* EX-6: Pine's bullish exit leaves longs; the old bot closed shorts. */
enum side legacy_v2_exit_side(bool bullish, bool pine);

#endif
