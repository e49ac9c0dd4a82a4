#include "model/rules/shadow.h"

#include "core/alloc.h"

static const char *const verdict_names[SHADOW_VERDICT_COUNT] = {
    "",
    "match",
    "action_mismatch",
    "symbol_mismatch",
    "direction_mismatch",
    "lot_size_mismatch",
    "sl_pips_mismatch",
    "tp_pips_mismatch",
    "unknown",
};
static const char *const action_names[SHADOW_ACTION_COUNT] = {"", "execute", "reject", "skip"};

const char *shadow_verdict_name(enum shadow_verdict v)
{
    TR_ASSERT((int)v >= 0 && v < SHADOW_VERDICT_COUNT);
    return verdict_names[v];
}

const char *shadow_action_name(enum shadow_action a)
{
    TR_ASSERT((int)a >= 0 && a < SHADOW_ACTION_COUNT);
    return action_names[a];
}

enum shadow_action shadow_action_parse(const char *name)
{
    for (int a = SHADOW_EXECUTE; a < SHADOW_ACTION_COUNT; a++)
        if (str_eq(action_names[a], name))
            return (enum shadow_action)a;
    return SHADOW_ACTION_UNSET;
}

/* Absent on both sides is equal, on one side not. */
static bool is_near(int64_t a_e8, int64_t b_e8, int64_t tolerance_e8)
{
    if (a_e8 == DEC_NONE || b_e8 == DEC_NONE)
        return a_e8 == b_e8;
    return dec_abs(a_e8 - b_e8) <= tolerance_e8;
}

static enum shadow_verdict difference(const struct shadow_decision *a,
                                      const struct shadow_decision *b,
                                      const struct shadow_tolerance *t)
{
    if (a->action != b->action)
        return SHADOW_ACTION_MISMATCH;
    if (a->action != SHADOW_EXECUTE || !a->has_params || !b->has_params)
        return SHADOW_MATCH;
    if (!str_eq(a->symbol, b->symbol))
        return SHADOW_SYMBOL_MISMATCH;
    if (a->side != b->side)
        return SHADOW_DIRECTION_MISMATCH;
    if (!is_near(a->lots_e8, b->lots_e8, t->lots_e8))
        return SHADOW_LOT_MISMATCH;
    if (t->levels && !is_near(a->sl_pips_e8, b->sl_pips_e8, t->pips_e8))
        return SHADOW_SL_MISMATCH;
    if (t->levels && !is_near(a->tp_pips_e8, b->tp_pips_e8, t->pips_e8))
        return SHADOW_TP_MISMATCH;
    return SHADOW_MATCH;
}

enum shadow_verdict shadow_compare(const struct shadow_decision *legacy,
                                   const struct shadow_decision *plugin,
                                   const struct shadow_tolerance *t)
{
    TR_ASSERT(legacy->action != SHADOW_ACTION_UNSET && plugin->action != SHADOW_ACTION_UNSET);
    TR_ASSERT(t->lots_e8 >= 0 && t->pips_e8 >= 0);
    return difference(legacy, plugin, t);
}

enum shadow_verdict shadow_difference(const struct shadow_decision *legacy,
                                      const struct shadow_decision *plugin)
{
    static const struct shadow_tolerance exact = {.levels = true};
    enum shadow_verdict v = shadow_compare(legacy, plugin, &exact);
    return v == SHADOW_MATCH ? SHADOW_UNKNOWN : v;
}

int64_t shadow_match_rate_e8(int64_t matches, int64_t processed)
{
    TR_ASSERT(matches >= 0 && matches <= processed);
    return processed == 0 ? 0 : dec_muldiv(matches, 100 * DEC_ONE, processed, DEC_HALF_AWAY);
}
