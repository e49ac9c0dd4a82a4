/* engine/tx_shadow.c: the shadow machine as commands see and move it. */
#include <string.h>

#include "core/alloc.h"
#include "engine/shadow_impl.h"

const struct shadow *tx_shadow(const struct engine_tx *tx)
{
    return &tx->s->shadow;
}

enum shadow_mode tx_shadow_mode(const struct engine_tx *tx, const char *plugin, const char *route)
{
    return shadow_mode_of(tx->s, plugin, route);
}

bool tx_shadow_gates(const struct engine_tx *tx, const struct shadow_scope *scope,
                     struct shadow_gate ret[SHADOW_GATES])
{
    return shadow_gates(tx->s, scope, tx->now_ms, ret);
}

static bool is_known(const struct engine_tx *tx, const char *plugin)
{
    for (size_t i = 0; i < tx->opt->plugin_count; i++)
        if (strcmp(tx->opt->plugins[i]->id, plugin) == 0)
            return !shadow_is_legacy(plugin);
    return false;
}

static bool is_meant(const struct shadow_scope *scope, const char *plugin, const char *route)
{
    return (plugin[0] == '\0' || strcmp(scope->plugin, plugin) == 0) &&
           (route[0] == '\0' || strcmp(scope->route, route) == 0);
}

/* The first scope that keeps a cut-over of these closed; NULL: all may go. A strategy nobody has
 * compared has a closed gate of its own: ret_unseen. */
static const struct shadow_scope *closed_scope(const struct engine_tx *tx, const char *plugin,
                                               const char *route, bool *ret_unseen)
{
    const struct shadow *sh = &tx->s->shadow;
    struct shadow_gate gates[SHADOW_GATES];
    bool seen = false;
    for (size_t i = 0; i < sh->scope_count; i++) {
        const struct shadow_scope *scope = &sh->scopes[i];
        if (!is_meant(scope, plugin, route))
            continue;
        bool is_compared = scope->stats.signals > 0 || scope->route[0] != '\0';
        if (!is_compared || shadow_mode_plugin_trades(scope->mode))
            continue; /* the line above its routes; or over already */
        seen = true;
        if (!shadow_gates(tx->s, scope, tx->now_ms, gates))
            return scope;
    }
    *ret_unseen = !seen;
    return NULL;
}

static bool is_there_already(const struct engine_tx *tx, const char *plugin, const char *route,
                             enum shadow_mode mode)
{
    const struct shadow *sh = &tx->s->shadow;
    for (size_t i = 0; i < sh->scope_count; i++)
        if (is_meant(&sh->scopes[i], plugin, route) && sh->scopes[i].mode != mode)
            return false;
    return shadow_mode_of(tx->s, plugin, route) == mode;
}

/* Does the phase allow the mode? plugin "" = everything. */
static bool is_in_phase(const struct engine_tx *tx, const char *plugin, enum shadow_mode mode)
{
    enum phase now = tx->s->phase.now;
    if (plugin[0] != '\0')
        return mode <= phase_mode_max(now, plugin);
    for (size_t i = 0; i < tx->opt->plugin_count; i++)
        if (!shadow_is_legacy(tx->opt->plugins[i]->id) &&
            mode > phase_mode_max(now, tx->opt->plugins[i]->id))
            return false;
    return true;
}

enum reason tx_shadow_check(const struct engine_tx *tx, const char *plugin, const char *route,
                            enum shadow_mode mode, const struct shadow_scope **ret_closed)
{
    bool is_unseen = false;
    *ret_closed = NULL;
    if (plugin[0] != '\0' && !is_known(tx, plugin))
        return REASON_NO_PLUGIN;
    if (is_there_already(tx, plugin, route, mode))
        return REASON_ALREADY_DONE;
    if (!is_in_phase(tx, plugin, mode))
        return REASON_PHASE_CLOSED;
    if (shadow_mode_legacy_decides(mode) && !shadow_has_legacy(tx->s, tx->opt))
        return REASON_LEGACY_NOT_INSTALLED;
    if (!shadow_mode_plugin_trades(mode))
        return REASON_ACCEPTED; /* towards the legacy handler: always */
    if (shadow_mode_plugin_trades(shadow_mode_of(tx->s, plugin, route)))
        return REASON_ACCEPTED; /* it trades already */
    *ret_closed = closed_scope(tx, plugin, route, &is_unseen);
    return *ret_closed != NULL || is_unseen ? REASON_GATE_CLOSED : REASON_ACCEPTED;
}

enum reason tx_shadow_move(struct engine_tx *tx, const char *plugin, const char *route,
                           enum shadow_mode mode)
{
    const struct shadow_scope *closed;
    enum reason r = tx_shadow_check(tx, plugin, route, mode, &closed);
    if (r != REASON_ACCEPTED)
        return r;
    bool was_legacy = shadow_mode_legacy_trades(shadow_mode_of(tx->s, plugin, route));
    shadow_set_mode(tx, plugin, route, mode, REASON_MANUAL_CHANGE);
    if (was_legacy && shadow_mode_plugin_trades(mode))
        shadow_tell_old_bot(tx, "/pause");
    else if (!was_legacy && shadow_mode_legacy_trades(mode))
        shadow_tell_old_bot(tx, "/resume");
    phase_follow_modes(tx, REASON_MANUAL_CHANGE);
    return REASON_ACCEPTED;
}

/* Switches the old logic inside on. *ret_changed: it was not. False: there is none. */
static bool switch_legacy_on(struct engine_tx *tx, const struct command *c, bool *ret_changed)
{
    static const char *const keys[] = {"plugins." SHADOW_LEGACY_ID ".enabled",
                                       "plugins." SHADOW_LEGACY_ID ".v3_alerts"};
    bool is_there = false;
    for (size_t i = 0; i < tx->opt->plugin_count; i++)
        is_there = is_there || shadow_is_legacy(tx->opt->plugins[i]->id);
    for (size_t i = 0; is_there && i < TR_ARRAY_SIZE(keys); i++) {
        const char *now = tx_setting_text(tx, keys[i]);
        if (now == NULL || strcmp(now, "true") == 0)
            continue;
        if (tx_setting_set(tx, c, keys[i], "true") != REASON_ACCEPTED)
            return false;
        *ret_changed = true;
    }
    if (is_there && tx_plugin_forgive(tx, SHADOW_LEGACY_ID) == REASON_ACCEPTED)
        *ret_changed = true;
    return is_there;
}

enum reason tx_legacy_enable(struct engine_tx *tx, const struct command *c)
{
    struct shadow *sh = &tx->s->shadow;
    bool is_outside = tx->s->rules.shadow.source == SHADOW_SOURCE_OUTSIDE;
    bool changed = false, moved = false;
    if (!is_outside && !switch_legacy_on(tx, c, &changed))
        return REASON_LEGACY_NOT_INSTALLED;
    /* Additive strategies stay as they are: the old logic knows nothing of their alerts. */
    if (shadow_scope_get(tx, SHADOW_ADDITIVE_ID, "") == NULL)
        return REASON_ENTRIES_HALTED; /* every place for a scope is in use */
    if (sh->default_mode != SHADOW_LEGACY_ONLY) {
        moved = shadow_mode_of(tx->s, "", "") != SHADOW_LEGACY_ONLY;
        sh->default_mode = SHADOW_LEGACY_ONLY;
    }
    (void)shadow_scope_get(tx, SHADOW_BESIDE_ID, "");
    for (size_t i = 0; i < sh->scope_count; i++) {
        struct shadow_scope *scope = &sh->scopes[i];
        if (strcmp(scope->plugin, SHADOW_ADDITIVE_ID) == 0 || scope->mode == SHADOW_LEGACY_ONLY)
            continue;
        moved = true;
        shadow_set_mode(tx, scope->plugin, scope->route, SHADOW_LEGACY_ONLY, REASON_MANUAL_CHANGE);
    }
    if (!moved)
        return changed ? REASON_ACCEPTED : REASON_ALREADY_DONE;
    struct event e = apply_event(tx, EVENT_ROLLBACK);
    e.reason = REASON_MANUAL_CHANGE;
    e.score = (int)tx->s->position_count;
    (void)str_copy(e.plugin, sizeof(e.plugin), SHADOW_BESIDE_ID);
    outputs_add_event(tx->out, &e);
    shadow_tell_old_bot(tx, "/resume");
    phase_follow_modes(tx, REASON_MANUAL_CHANGE);
    return REASON_ACCEPTED;
}

void tx_shadow_reset(struct engine_tx *tx)
{
    struct shadow *sh = &tx->s->shadow;
    for (size_t i = 0; i < sh->scope_count; i++) {
        sh->scopes[i].stats = (struct shadow_stats){0};
        sh->scopes[i].since_ms = tx->now_ms; /* the gates' hours begin anew */
        sh->scopes[i].gates_told = false;
    }
    sh->record_count = sh->record_next = 0;
    shadow_new_day(sh);
    sh->closed_count = sh->closed_next = 0;
}
