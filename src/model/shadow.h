/* model/shadow.h: comparing what the legacy handler and a plugin say about the same alert (spec
 * strategies 10). Pure values and rules; any thread. Who decides and who trades in which mode:
 *
 *   mode           legacy decides  legacy trades  plugin decides  plugin trades
 *   legacy_only    yes             yes            no              no
 *   shadow         yes             yes            yes             no (virtual orders)
 *   plugin_shadow  yes             no             yes             yes
 *   plugin_only    no              no             yes             yes
 *
 * In every mode exactly one of the two opens trades. */
#ifndef TRIDENT_MODEL_SHADOW_H
#define TRIDENT_MODEL_SHADOW_H

#include "model/decision.h"

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

/* SH-4: the first thing that differs. */
enum shadow_diff {
    SHADOW_DIFF_UNSET = 0,
    SHADOW_MATCH,
    SHADOW_ACTION_MISMATCH,
    SHADOW_SYMBOL_MISMATCH,
    SHADOW_DIRECTION_MISMATCH,
    SHADOW_LOT_SIZE_MISMATCH,
    SHADOW_SL_PIPS_MISMATCH,
    SHADOW_TP_PIPS_MISMATCH,
    SHADOW_DIFF_COUNT
};
const char *shadow_diff_name(enum shadow_diff d); /* "match", "action_mismatch" ... */

/* What of a decision is compared (SH-1). A squeeze or a pulse that is only told about counts as a
 * skip: nothing is traded. */
struct shadow_view {
    enum decision_action action; /* EXECUTE, CLOSE or SKIP */
    enum reason reason;
    bool has_params; /* EXECUTE with symbol, side and lots */
    char symbol[SYMBOL_CAP];
    enum side side;
    int64_t lots_e8;                /* of all orders together */
    int64_t sl_pips_e8, tp_pips_e8; /* of the first order; DEC_NONE = none */
};
void shadow_view_of(const struct decision *d, struct shadow_view *ret);

struct shadow_tolerance {
    int64_t lots_e8;       /* SH-8 [REC] 0.005; 0 = exactly equal (SH-3) */
    int64_t price_pips_e8; /* SH-8 [REC] 1 */
    bool compare_levels;   /* stops and targets too; SH-3 leaves them out */
};

/* SH-3 and SH-4. Equal to the tolerance is a match. */
enum shadow_diff shadow_compare(const struct shadow_view *legacy, const struct shadow_view *plugin,
                                const struct shadow_tolerance *t);
/* SH-5: in percent, 1e-8; 0 without signals. */
int64_t shadow_match_rate_e8(uint64_t matches, uint64_t signals);

#endif
