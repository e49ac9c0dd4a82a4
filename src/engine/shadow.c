/* engine/shadow.c: scopes and their modes: who is asked, who may trade, what
 * gates a cut-over waits for, and the way back. Comparing and triggers:
 * shadow_compare.c; virtual trades: shadow_virtual.c; snapshot: shadow_pack.c.
 */
#include "engine/shadow.h"

#include <string.h>

#include "core/alloc.h"
#include "engine/shadow_impl.h"

#define MS_PER_HOUR INT64_C(3600000)

bool shadow_is_legacy(const char *plugin)
{
    return strcmp(plugin, SHADOW_LEGACY_ID) == 0;
}

/* ---- scopes ---- */

const struct shadow_scope *shadow_scope_find(const struct shadow *sh, const char *plugin,
                                             const char *route)
{
    for (size_t i = 0; i < sh->scope_count; i++)
        if (strcmp(sh->scopes[i].plugin, plugin) == 0 && strcmp(sh->scopes[i].route, route) == 0)
            return &sh->scopes[i];
    return NULL;
}

static enum shadow_mode default_mode(const struct engine_state *s)
{
    enum shadow_mode m = s->shadow.default_mode;
    if (m == SHADOW_MODE_UNSET)
        m = s->rules.shadow.first_mode;
    return m != SHADOW_MODE_UNSET ? m : SHADOW_PLUGIN_ONLY;
}

/* Of a route nobody has moved: that of its plugin, else that of everything. */
enum shadow_mode shadow_mode_of(const struct engine_state *s, const char *plugin, const char *route)
{
    const struct shadow_scope *scope = shadow_scope_find(&s->shadow, plugin, route);
    if (scope == NULL)
        scope = shadow_scope_find(&s->shadow, plugin, "");
    return scope != NULL ? scope->mode : default_mode(s);
}

struct shadow_scope *shadow_scope_get(struct engine_tx *tx, const char *plugin, const char *route)
{
    struct shadow *sh = &tx->s->shadow;
    for (size_t i = 0; i < sh->scope_count; i++)
        if (strcmp(sh->scopes[i].plugin, plugin) == 0 && strcmp(sh->scopes[i].route, route) == 0)
            return &sh->scopes[i];
    if (sh->scope_count == SHADOW_SCOPES_MAX)
        return NULL;
    struct shadow_scope fresh = {
        .mode = shadow_mode_of(tx->s, plugin, route), .since_ms = tx->now_ms, .since_seq = tx->seq};
    const struct shadow_scope *above = shadow_scope_find(sh, plugin, "");
    fresh.is_armed = above != NULL && above->is_armed;
    (void)str_copy(fresh.plugin, sizeof(fresh.plugin), plugin);
    (void)str_copy(fresh.route, sizeof(fresh.route), route);
    sh->scopes[sh->scope_count] = fresh;
    return &sh->scopes[sh->scope_count++];
}

/* ---- who is asked ---- */

static bool is_on(const struct engine_state *s, const struct engine_options *opt, size_t i)
{
    const struct plugin_ops *p = opt->plugins[i];
    if (p->is_enabled != NULL && !p->is_enabled(opt->plugin_confs[i]))
        return false;
    for (size_t k = 0; k < s->plugin_count; k++)
        if (strcmp(s->plugins[k].id, p->id) == 0)
            return !s->plugins[k].disabled;
    return true;
}

/* A program configured for this alert goes before the built-in strategy where plugins trade: off
 * after failures it is not silently replaced by another one. It never only watches: the old logic
 * would wait for it. */
static void prefer_process(const struct engine_state *s, const struct engine_options *opt,
                           const struct signal *sig, struct shadow_roles *ret)
{
    for (size_t i = 0; i < opt->plugin_count; i++) {
        const struct plugin_ops *p = opt->plugins[i];
        if (!p->is_process || !p->is_enabled(opt->plugin_confs[i]) ||
            !p->accepts(opt->plugin_confs[i], sig))
            continue;
        enum shadow_mode mode = shadow_mode_of(s, p->id, "");
        if (!shadow_mode_plugin_trades(mode))
            continue;
        bool works = is_on(s, opt, i);
        ret->plugin = works ? (int)i : -1;
        ret->legacy = works ? ret->legacy : -1;
        ret->is_off = true;
        ret->route[0] = '\0';
        ret->mode = mode;
        return;
    }
}

void shadow_roles(const struct engine_state *s, const struct engine_options *opt,
                  const struct signal *sig, struct shadow_roles *ret)
{
    *ret = (struct shadow_roles){
        .plugin = -1,
        .legacy = -1,
        .mode = default_mode(s),
        .is_outside = s->rules.shadow.source == SHADOW_SOURCE_OUTSIDE,
    };
    for (size_t i = 0; i < opt->plugin_count; i++) {
        const struct plugin_ops *p = opt->plugins[i];
        if (p->is_process || !p->accepts(opt->plugin_confs[i], sig))
            continue;
        if (!is_on(s, opt, i)) {
            ret->is_off = true;
            continue;
        }
        if (shadow_is_legacy(p->id)) {
            ret->legacy = ret->is_outside ? -1 : (int)i;
            continue;
        }
        if (ret->plugin >= 0)
            continue;
        ret->plugin = (int)i;
        if (p->route != NULL)
            p->route(opt->plugin_confs[i], sig, ret->route);
        ret->mode = shadow_mode_of(s, p->id, ret->route);
    }
    prefer_process(s, opt, sig, ret);
}

bool shadow_has_legacy(const struct engine_state *s, const struct engine_options *opt)
{
    if (s->rules.shadow.source == SHADOW_SOURCE_OUTSIDE)
        return true;
    for (size_t i = 0; i < opt->plugin_count; i++)
        if (shadow_is_legacy(opt->plugins[i]->id))
            return apply_plugin_is_active(s, opt, i);
    return false;
}

bool shadow_may_trade(const struct engine_state *s, const char *plugin, const char *route)
{
    if (plugin[0] == '\0')
        return true; /* a person's own order */
    if (!shadow_is_legacy(plugin))
        return shadow_mode_plugin_trades(shadow_mode_of(s, plugin, route));
    /* The legacy handler's routes are those of the strategy it stands beside. */
    return shadow_mode_of(s, SHADOW_BESIDE_ID, route) != SHADOW_PLUGIN_SHADOW;
}

bool shadow_may_send(const struct engine_state *s, const struct order *o)
{
    if (!shadow_may_trade(s, o->plugin, o->route))
        return false;
    if (!shadow_is_legacy(o->plugin) ||
        shadow_mode_of(s, SHADOW_BESIDE_ID, o->route) != SHADOW_PLUGIN_ONLY)
        return true;
    const struct shadow_scope *scope = shadow_scope_find(&s->shadow, SHADOW_BESIDE_ID, o->route);
    return scope == NULL || !scope->is_armed || o->created_ms >= scope->since_ms;
}

/* ---- gates ---- */

bool shadow_gates(const struct engine_state *s, const struct shadow_scope *scope, int64_t now_ms,
                  struct shadow_gate ret[SHADOW_GATES])
{
    return shadow_gates_of(&s->rules.shadow, scope, now_ms, ret);
}

bool shadow_gates_of(const struct shadow_rules *r, const struct shadow_scope *scope, int64_t now_ms,
                     struct shadow_gate ret[SHADOW_GATES])
{
    const struct shadow_stats *st = &scope->stats;
    int64_t watched_ms = scope->mode == SHADOW_SHADOW ? now_ms - scope->since_ms : 0;
    ret[0] = (struct shadow_gate){"hours", dec_muldiv(watched_ms, DEC_ONE, MS_PER_HOUR, DEC_DOWN),
                                  dec_muldiv(r->gate_ms, DEC_ONE, MS_PER_HOUR, DEC_DOWN),
                                  scope->mode == SHADOW_SHADOW && watched_ms >= r->gate_ms};
    ret[1] = (struct shadow_gate){"signals", (int64_t)st->compared * DEC_ONE,
                                  (int64_t)r->gate_signals * DEC_ONE,
                                  st->compared >= (uint64_t)r->gate_signals};
    ret[2] = (struct shadow_gate){"mismatches", (int64_t)st->mismatches * DEC_ONE,
                                  (int64_t)r->gate_mismatches_max * DEC_ONE,
                                  st->mismatches <= (uint64_t)r->gate_mismatches_max};
    return ret[0].is_open && ret[1].is_open && ret[2].is_open;
}

static void tell_open_gates(struct engine_tx *tx)
{
    struct shadow *sh = &tx->s->shadow;
    struct shadow_gate gates[SHADOW_GATES];
    for (size_t i = 0; i < sh->scope_count; i++) {
        struct shadow_scope *scope = &sh->scopes[i];
        if (scope->mode != SHADOW_SHADOW || scope->gates_told ||
            !shadow_gates(tx->s, scope, tx->now_ms, gates))
            continue;
        scope->gates_told = true;
        struct event e = apply_event(tx, EVENT_CUTOVER_READY);
        (void)str_copy(e.plugin, sizeof(e.plugin), scope->plugin);
        (void)str_copy(e.route, sizeof(e.route), scope->route);
        e.number_e8 = gates[1].have_e8;
        e.limit_e8 = dec_to_step(gates[0].have_e8, DEC_ONE / 10, DEC_DOWN);
        outputs_add_event(tx->out, &e);
    }
}

/* ---- moving ---- */

static void move_scope(struct engine_tx *tx, struct shadow_scope *scope, enum shadow_mode mode,
                       enum reason why)
{
    enum shadow_mode from = scope->mode;
    TR_ASSERT(mode > SHADOW_MODE_UNSET && mode < SHADOW_MODE_COUNT);
    if (from == mode)
        return;
    scope->mode = mode;
    scope->since_ms = tx->now_ms;
    scope->since_seq = tx->seq;
    scope->gates_told = false;
    scope->stats = (struct shadow_stats){0};
    bool was_legacy = shadow_mode_legacy_trades(from);
    if (shadow_mode_legacy_trades(mode))
        scope->is_armed = false;
    else if (was_legacy)
        scope->is_armed = true;
    struct event e = apply_event(tx, EVENT_MODE_CHANGED);
    e.reason = why;
    (void)str_copy(e.plugin, sizeof(e.plugin), scope->plugin);
    (void)str_copy(e.route, sizeof(e.route), scope->route);
    (void)str_copy(e.text, sizeof(e.text), shadow_mode_name(mode));
    outputs_add_event(tx->out, &e);
}

void shadow_set_mode(struct engine_tx *tx, const char *plugin, const char *route,
                     enum shadow_mode mode, enum reason why)
{
    struct shadow *sh = &tx->s->shadow;
    TR_ASSERT(plugin[0] != '\0' || route[0] == '\0');
    if (plugin[0] == '\0')
        sh->default_mode = mode;
    else if (shadow_scope_get(tx, plugin, route) == NULL)
        return;
    for (size_t i = 0; i < sh->scope_count; i++) {
        struct shadow_scope *scope = &sh->scopes[i];
        bool is_meant = (plugin[0] == '\0' || strcmp(scope->plugin, plugin) == 0) &&
                        (route[0] == '\0' || strcmp(scope->route, route) == 0);
        if (is_meant)
            move_scope(tx, scope, mode, why);
    }
}

void shadow_tell_old_bot(struct engine_tx *tx, const char *line)
{
    if (tx->s->rules.shadow.source != SHADOW_SOURCE_OUTSIDE)
        return;
    struct event e = apply_event(tx, EVENT_COMMAND_MIRROR);
    (void)str_copy(e.text, sizeof(e.text), line);
    outputs_add_event(tx->out, &e);
}

static int open_positions_of(const struct engine_state *s, const char *plugin)
{
    int n = 0;
    for (size_t i = 0; i < s->position_count; i++)
        n += strcmp(s->positions[i].plugin, plugin) == 0;
    return n;
}

/* Nobody is to take over: what would be moved is held. */
static int hold(struct engine_tx *tx, const char *plugin, enum reason why, int64_t number_e8,
                int64_t limit_e8)
{
    const struct shadow *sh = &tx->s->shadow;
    int meant = 0;
    for (size_t i = 0; i < sh->scope_count; i++)
        meant += sh->scopes[i].is_armed &&
                 (plugin[0] == '\0' || strcmp(sh->scopes[i].plugin, plugin) == 0);
    if (meant > 0 && !tx->s->paused)
        apply_auto_pause(tx, why, number_e8, limit_e8);
    return meant;
}

int shadow_rollback(struct engine_tx *tx, const char *plugin, enum reason why, int64_t number_e8,
                    int64_t limit_e8)
{
    struct shadow *sh = &tx->s->shadow;
    int moved = 0;
    if (tx->s->rules.shadow.holds_instead)
        return hold(tx, plugin, why, number_e8, limit_e8);
    for (size_t i = 0; i < sh->scope_count; i++) {
        struct shadow_scope *scope = &sh->scopes[i];
        if (!scope->is_armed || (plugin[0] != '\0' && strcmp(scope->plugin, plugin) != 0))
            continue;
        struct event e = apply_event(tx, EVENT_ROLLBACK);
        e.reason = why;
        e.number_e8 = number_e8;
        e.limit_e8 = limit_e8;
        e.score = open_positions_of(tx->s, scope->plugin); /* they stay with their opener */
        (void)str_copy(e.plugin, sizeof(e.plugin), scope->plugin);
        (void)str_copy(e.route, sizeof(e.route), scope->route);
        outputs_add_event(tx->out, &e);
        move_scope(tx, scope, SHADOW_LEGACY_ONLY, why);
        moved++;
    }
    if (moved > 0)
        shadow_tell_old_bot(tx, "/resume");
    if (moved > 0 && sh->default_mode != SHADOW_MODE_UNSET &&
        shadow_mode_plugin_trades(sh->default_mode) && plugin[0] == '\0')
        sh->default_mode = SHADOW_LEGACY_ONLY;
    if (moved > 0)
        phase_follow_modes(tx, why);
    return moved;
}

/* ---- time ---- */

void shadow_on_quotes(struct engine_tx *tx)
{
    if (tx->s->shadow.open_count > 0)
        shadow_virtual_mark(tx);
}

void shadow_timers(struct engine_tx *tx)
{
    shadow_pairs_expire(tx);
    tell_open_gates(tx);
    phase_timers(tx);
}

int64_t shadow_next_due_ms(const struct engine_state *s)
{
    const struct shadow *sh = &s->shadow;
    int64_t due_ms = phase_next_due_ms(s);
    if (sh->pending_count > 0 &&
        sh->pending[0].time_ms + s->rules.shadow.pair_window_ms + 1 < due_ms)
        due_ms = sh->pending[0].time_ms + s->rules.shadow.pair_window_ms + 1;
    struct shadow_gate gates[SHADOW_GATES];
    for (size_t i = 0; i < sh->scope_count; i++) {
        const struct shadow_scope *scope = &sh->scopes[i];
        if (scope->mode != SHADOW_SHADOW || scope->gates_told)
            continue;
        int64_t at_ms = scope->since_ms + s->rules.shadow.gate_ms;
        (void)shadow_gates(s, scope, at_ms, gates);
        if (gates[1].is_open && gates[2].is_open && at_ms < due_ms)
            due_ms = at_ms;
    }
    return due_ms;
}
