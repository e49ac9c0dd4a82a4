/* engine/shadow_impl.h: what the shadow*.c files share; nobody else includes
 * it. */
#ifndef TRIDENT_ENGINE_SHADOW_IMPL_H
#define TRIDENT_ENGINE_SHADOW_IMPL_H

#include "engine/apply.h"
#include "engine/phase.h"
#include "engine/shadow.h"

#define SHADOW_LEGACY_ID   "legacy_v2"
#define SHADOW_BESIDE_ID   "combined_v3"     /* the strategy it is compared with */
#define SHADOW_ADDITIVE_ID "price_action_v6" /* nothing of the old bot stands beside it */

/* shadow.c */
/* The scope of this plugin and route; made in the mode that holds for it. NULL:
 * no room. */
struct shadow_scope *shadow_scope_get(struct engine_tx *tx, const char *plugin, const char *route);
const struct shadow_scope *shadow_scope_find(const struct shadow *sh, const char *plugin,
                                             const char *route);
bool shadow_is_legacy(const char *plugin);
/* An old bot outside opens trades by itself: it is told to stop before, to go on after. */
void shadow_tell_old_bot(struct engine_tx *tx, const char *line);

/* shadow_compare.c: gives up waiting for the other side's word. */
void shadow_pairs_expire(struct engine_tx *tx);

/* shadow_virtual.c: carries out what a decision would do, and marks what is open at the quotes. */
void shadow_virtual_close(struct engine_tx *tx, const struct signal *sig, const struct decision *d);
void shadow_virtual_open(struct engine_tx *tx, const struct decision *d);
void shadow_virtual_mark(struct engine_tx *tx);

#endif
