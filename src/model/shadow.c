#include "model/shadow.h"

#include <string.h>

#include "core/alloc.h"

static const char *const mode_names[SHADOW_MODE_COUNT] = {
    [SHADOW_LEGACY_ONLY] = "legacy_only",
    [SHADOW_SHADOW] = "shadow",
    [SHADOW_PLUGIN_SHADOW] = "plugin_shadow",
    [SHADOW_PLUGIN_ONLY] = "plugin_only",
};

static const char *const diff_names[SHADOW_DIFF_COUNT] = {
    [SHADOW_MATCH] = "match",
    [SHADOW_ACTION_MISMATCH] = "action_mismatch",
    [SHADOW_SYMBOL_MISMATCH] = "symbol_mismatch",
    [SHADOW_DIRECTION_MISMATCH] = "direction_mismatch",
    [SHADOW_LOT_SIZE_MISMATCH] = "lot_size_mismatch",
    [SHADOW_SL_PIPS_MISMATCH] = "sl_pips_mismatch",
    [SHADOW_TP_PIPS_MISMATCH] = "tp_pips_mismatch",
};

const char *shadow_mode_name(enum shadow_mode m)
{
    TR_ASSERT(m > SHADOW_MODE_UNSET && m < SHADOW_MODE_COUNT);
    return mode_names[m];
}

enum shadow_mode shadow_mode_parse(const char *s)
{
    for (int m = SHADOW_LEGACY_ONLY; m < SHADOW_MODE_COUNT; m++)
        if (strcmp(mode_names[m], s) == 0)
            return (enum shadow_mode)m;
    return SHADOW_MODE_UNSET;
}

bool shadow_mode_legacy_decides(enum shadow_mode m)
{
    return m != SHADOW_PLUGIN_ONLY;
}

bool shadow_mode_legacy_trades(enum shadow_mode m)
{
    return m == SHADOW_LEGACY_ONLY || m == SHADOW_SHADOW;
}

bool shadow_mode_plugin_decides(enum shadow_mode m)
{
    return m != SHADOW_LEGACY_ONLY;
}

bool shadow_mode_plugin_trades(enum shadow_mode m)
{
    return m == SHADOW_PLUGIN_SHADOW || m == SHADOW_PLUGIN_ONLY;
}

const char *shadow_diff_name(enum shadow_diff d)
{
    TR_ASSERT(d > SHADOW_DIFF_UNSET && d < SHADOW_DIFF_COUNT);
    return diff_names[d];
}

static int64_t pips_between_e8(int64_t a_e8, int64_t b_e8, const struct symbol_info *info)
{
    if (a_e8 == DEC_NONE || b_e8 == DEC_NONE || info == NULL)
        return DEC_NONE;
    int64_t distance_e8 = a_e8 > b_e8 ? a_e8 - b_e8 : b_e8 - a_e8;
    return dec_div(distance_e8, info->pip_size_e8, DEC_HALF_AWAY);
}

void shadow_view_of(const struct decision *d, struct shadow_view *ret)
{
    TR_ASSERT(d->action != DECISION_UNSET);
    *ret =
        (struct shadow_view){.action = d->action, .sl_pips_e8 = DEC_NONE, .tp_pips_e8 = DEC_NONE};
    ret->reason = d->reason_count > 0 ? d->reasons[0] : REASON_UNSET;
    if (d->action == DECISION_NOTIFY)
        ret->action = DECISION_SKIP;
    if (d->action != DECISION_EXECUTE || d->order_count == 0)
        return;
    const struct decision_order *first = &d->orders[0];
    ret->has_params = true;
    ret->side = first->side;
    (void)str_copy(ret->symbol, sizeof(ret->symbol), first->symbol);
    for (int i = 0; i < d->order_count; i++)
        ret->lots_e8 += d->orders[i].lots_e8;
    const struct symbol_info *info = symbol_find(first->symbol);
    ret->sl_pips_e8 = pips_between_e8(first->entry_e8, first->sl_e8, info);
    ret->tp_pips_e8 = pips_between_e8(first->entry_e8, first->tp_e8, info);
}

static bool differs(int64_t a_e8, int64_t b_e8, int64_t tolerance_e8)
{
    if (a_e8 == DEC_NONE || b_e8 == DEC_NONE)
        return a_e8 != b_e8;
    return (a_e8 > b_e8 ? a_e8 - b_e8 : b_e8 - a_e8) > tolerance_e8;
}

enum shadow_diff shadow_compare(const struct shadow_view *legacy, const struct shadow_view *plugin,
                                const struct shadow_tolerance *t)
{
    if (legacy->action != plugin->action)
        return SHADOW_ACTION_MISMATCH;
    if (!legacy->has_params || !plugin->has_params)
        return SHADOW_MATCH;
    if (strcmp(legacy->symbol, plugin->symbol) != 0)
        return SHADOW_SYMBOL_MISMATCH;
    if (legacy->side != plugin->side)
        return SHADOW_DIRECTION_MISMATCH;
    if (differs(legacy->lots_e8, plugin->lots_e8, t->lots_e8))
        return SHADOW_LOT_SIZE_MISMATCH;
    if (!t->compare_levels)
        return SHADOW_MATCH;
    if (differs(legacy->sl_pips_e8, plugin->sl_pips_e8, t->price_pips_e8))
        return SHADOW_SL_PIPS_MISMATCH;
    if (differs(legacy->tp_pips_e8, plugin->tp_pips_e8, t->price_pips_e8))
        return SHADOW_TP_PIPS_MISMATCH;
    return SHADOW_MATCH;
}

int64_t shadow_match_rate_e8(uint64_t matches, uint64_t signals)
{
    TR_ASSERT(matches <= signals);
    if (signals == 0)
        return 0;
    return dec_muldiv((int64_t)matches * 100, DEC_ONE, (int64_t)signals, DEC_HALF_AWAY);
}
