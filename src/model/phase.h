/* model/phase.h: the phases in which a new system takes over from the running old bot (spec
 * transition), and the settings of their gates. Pure, any thread.
 *
 *   phase        who opens trades                    who is told
 *   (none)       as the modes say: no old bot        everybody
 *   silent       the old bot alone                   nobody; people who run it: alarms, the phase
 *   parallel     the old bot alone                   everybody, by old and new bots
 *   transparent  the old logic, through this engine  everybody
 *   shadow       the same; the plugin decides too    everybody
 *   cutover      the plugin; V6 only watches         everybody
 *   new_logic    the plugin, and V6                  everybody
 *   retired      the same, for good                  everybody, by the new bots
 *
 * Shadow has four steps: LOGIC3 alone, then LOGIC2, then LOGIC1 as well, then all three together.
 */
#ifndef TRIDENT_MODEL_PHASE_H
#define TRIDENT_MODEL_PHASE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/pack.h"
#include "model/shadow_mode.h"

enum phase {
    PHASE_UNSET = 0, /* no transition */
    PHASE_SILENT,
    PHASE_PARALLEL,
    PHASE_TRANSPARENT,
    PHASE_SHADOW,
    PHASE_CUTOVER,
    PHASE_NEW_LOGIC,
    PHASE_RETIRED,
    PHASE_COUNT
};

#define PHASE_SHADOW_STEPS 4

#define PHASE_NAME_SILENT "silent"
const char *phase_name(enum phase p); /* "silent" ...; "none" */
bool phase_parse(const char *s, enum phase *ret);
bool phase_lets_enter(enum phase p); /* may this engine open trades at all? */
bool phase_is_told(enum phase p);    /* do people hear of events? */
/* The highest mode the phase allows this strategy. */
enum shadow_mode phase_mode_max(enum phase p, const char *plugin);
/* Which route a step of the shadow phase begins to compare: "LOGIC3" ...; "" = all of them. */
const char *phase_step_route(int step);

/* Part of the engine's rules. Hours are how long a phase lasts at least. */
struct phase_rules {
    enum phase first; /* of a trader nobody has moved yet */
    int silent_hours, parallel_hours, transparent_hours;
    int shadow_hours; /* of one logic; all three together: shadow_all_hours */
    int shadow_all_hours;
    int cutover_hours, cutover_trades;
    int bots;      /* that have to answer in parallel */
    int v6_alerts; /* kinds of V6 alerts to be seen before the old bot goes */
};
void phase_rules_defaults(struct phase_rules *r);
void phase_rules_pack(struct buf *b, const struct phase_rules *r);
void phase_rules_unpack(struct unpack *u, struct phase_rules *ret);

#endif
