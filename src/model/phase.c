#include "model/phase.h"

#include <string.h>

#include "core/alloc.h"

#define V6_ID "price_action_v6"

static const char *const names[PHASE_COUNT] = {
    [PHASE_UNSET] = "none",          [PHASE_SILENT] = PHASE_NAME_SILENT,
    [PHASE_PARALLEL] = "parallel",   [PHASE_TRANSPARENT] = "transparent",
    [PHASE_SHADOW] = "shadow",       [PHASE_CUTOVER] = "cutover",
    [PHASE_NEW_LOGIC] = "new_logic", [PHASE_RETIRED] = "retired",
};

const char *phase_name(enum phase p)
{
    TR_ASSERT((int)p >= 0 && p < PHASE_COUNT);
    return names[p];
}

bool phase_parse(const char *s, enum phase *ret)
{
    for (int i = 0; i < PHASE_COUNT; i++)
        if (str_eq(names[i], s)) {
            *ret = (enum phase)i;
            return true;
        }
    return false;
}

bool phase_lets_enter(enum phase p)
{
    return p != PHASE_SILENT && p != PHASE_PARALLEL;
}

bool phase_is_told(enum phase p)
{
    return p != PHASE_SILENT;
}

enum shadow_mode phase_mode_max(enum phase p, const char *plugin)
{
    switch (p) {
    case PHASE_SILENT:
    case PHASE_PARALLEL:
    case PHASE_TRANSPARENT:
        return SHADOW_LEGACY_ONLY;
    case PHASE_SHADOW:
        return SHADOW_SHADOW;
    case PHASE_CUTOVER:
        return str_eq(plugin, V6_ID) ? SHADOW_SHADOW : SHADOW_PLUGIN_ONLY;
    case PHASE_UNSET:
    case PHASE_NEW_LOGIC:
    case PHASE_RETIRED:
    case PHASE_COUNT:
        break;
    }
    return SHADOW_PLUGIN_ONLY;
}

const char *phase_step_route(int step)
{
    static const char *const routes[PHASE_SHADOW_STEPS] = {"LOGIC3", "LOGIC2", "LOGIC1", ""};
    TR_ASSERT(step >= 0 && step < PHASE_SHADOW_STEPS);
    return routes[step];
}

void phase_rules_defaults(struct phase_rules *r)
{
    *r = (struct phase_rules){.silent_hours = 1,
                              .parallel_hours = 24,
                              .transparent_hours = 48,
                              .shadow_hours = 24,
                              .shadow_all_hours = 48,
                              .cutover_hours = 48,
                              .cutover_trades = 10,
                              .bots = 3,
                              .v6_alerts = 14};
}

void phase_rules_pack(struct buf *b, const struct phase_rules *r)
{
    pack_i64(b, (int64_t)r->first);
    pack_i64(b, r->silent_hours);
    pack_i64(b, r->parallel_hours);
    pack_i64(b, r->transparent_hours);
    pack_i64(b, r->shadow_hours);
    pack_i64(b, r->shadow_all_hours);
    pack_i64(b, r->cutover_hours);
    pack_i64(b, r->cutover_trades);
    pack_i64(b, r->bots);
    pack_i64(b, r->v6_alerts);
}

void phase_rules_unpack(struct unpack *u, struct phase_rules *ret)
{
    ret->first = (enum phase)unpack_int(u, 0, PHASE_COUNT - 1);
    ret->silent_hours = unpack_int(u, 0, INT32_MAX);
    ret->parallel_hours = unpack_int(u, 0, INT32_MAX);
    ret->transparent_hours = unpack_int(u, 0, INT32_MAX);
    ret->shadow_hours = unpack_int(u, 0, INT32_MAX);
    ret->shadow_all_hours = unpack_int(u, 0, INT32_MAX);
    ret->cutover_hours = unpack_int(u, 0, INT32_MAX);
    ret->cutover_trades = unpack_int(u, 0, INT32_MAX);
    ret->bots = unpack_int(u, 0, INT32_MAX);
    ret->v6_alerts = unpack_int(u, 0, INT32_MAX);
}
