#include "model/shadow_mode.h"

#include <string.h>

#include "core/alloc.h"

#define MS_PER_HOUR INT64_C(3600000)

static const char *const mode_names[SHADOW_MODE_COUNT] = {
    [SHADOW_LEGACY_ONLY] = "legacy_only",
    [SHADOW_SHADOW] = "shadow",
    [SHADOW_PLUGIN_SHADOW] = "plugin_shadow",
    [SHADOW_PLUGIN_ONLY] = "plugin_only",
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
    bool trades = d->action == DECISION_EXECUTE || d->action == DECISION_CLOSE ||
                  d->order_count > 0 || d->close_count > 0; /* virtual ones */
    *ret = (struct shadow_view){.what = {.action = trades ? SHADOW_EXECUTE : SHADOW_SKIP,
                                         .sl_pips_e8 = DEC_NONE,
                                         .tp_pips_e8 = DEC_NONE}};
    ret->reason = d->reason_count > 0 ? d->reasons[0] : REASON_UNSET;
    if (d->order_count == 0)
        return;
    const struct decision_order *first = &d->orders[0];
    struct shadow_decision *w = &ret->what;
    w->has_params = true;
    w->side = first->side;
    (void)str_copy(w->symbol, sizeof(w->symbol), first->symbol);
    for (int i = 0; i < d->order_count; i++)
        w->lots_e8 += d->orders[i].lots_e8;
    const struct symbol_info *info = symbol_find(first->symbol);
    w->sl_pips_e8 = pips_between_e8(first->entry_e8, first->sl_e8, info);
    w->tp_pips_e8 = pips_between_e8(first->entry_e8, first->tp_e8, info);
}

void shadow_rules_defaults(struct shadow_rules *r)
{
    *r = (struct shadow_rules){
        .first_mode = SHADOW_PLUGIN_ONLY,
        .source = SHADOW_SOURCE_INSIDE,
        .tolerance = {.lots_e8 = DEC_ONE / 200, .pips_e8 = DEC_ONE},
        .pair_window_ms = 120000,
        .gate_ms = 72 * MS_PER_HOUR, /* SH-9 */
        .gate_signals = 100,
        .on_mismatch = true,
        .on_broker_down = true,
        .latency_max_ms = 1000,
        .error_percent_max = 5,
        .order_success_percent_min = 95,
        .samples_min = 20,
    };
}
