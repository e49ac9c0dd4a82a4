/* model/rules/shadow.h: do two decisions about one alert agree: SH-3, SH-4, SH-5, SH-8 (spec
 * strategies 10). Pure, any thread. */
#ifndef TRIDENT_MODEL_RULES_SHADOW_H
#define TRIDENT_MODEL_RULES_SHADOW_H

#include "model/signal.h"

enum shadow_action {
    SHADOW_ACTION_UNSET = 0,
    SHADOW_EXECUTE,
    SHADOW_REJECT,
    SHADOW_SKIP,
    SHADOW_ACTION_COUNT
};

/* SH-1, what is compared of a decision. */
struct shadow_decision {
    enum shadow_action action;
    bool has_params; /* of an order */
    char symbol[SYMBOL_CAP];
    enum side side;
    int64_t lots_e8;
    int64_t sl_pips_e8, tp_pips_e8; /* DEC_NONE: none */
};

enum shadow_verdict {
    SHADOW_VERDICT_UNSET = 0,
    SHADOW_MATCH,
    SHADOW_ACTION_MISMATCH,
    SHADOW_SYMBOL_MISMATCH,
    SHADOW_DIRECTION_MISMATCH,
    SHADOW_LOT_MISMATCH,
    SHADOW_SL_MISMATCH,
    SHADOW_TP_MISMATCH,
    SHADOW_UNKNOWN,
    SHADOW_VERDICT_COUNT
};
const char *shadow_verdict_name(enum shadow_verdict v); /* "lot_size_mismatch" */
const char *shadow_action_name(enum shadow_action a);   /* "execute" */
enum shadow_action shadow_action_parse(const char *name);

/* How far apart is still equal. SH-3: all zero, levels not compared. SH-8 [REC]: lots 0.005, one
 * pip. */
struct shadow_tolerance {
    int64_t lots_e8;
    int64_t pips_e8;
    bool levels; /* compare stop and target too */
};
/* SH-3, SH-8: MATCH, else what SH-4 calls the difference. */
enum shadow_verdict shadow_compare(const struct shadow_decision *legacy,
                                   const struct shadow_decision *plugin,
                                   const struct shadow_tolerance *t);
/* SH-4: the name of the difference between two that do not match, whatever the tolerance. */
enum shadow_verdict shadow_difference(const struct shadow_decision *legacy,
                                      const struct shadow_decision *plugin);
/* SH-5: percent; 0 before the first signal. */
int64_t shadow_match_rate_e8(int64_t matches, int64_t processed);

#endif
