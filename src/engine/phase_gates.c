/* engine/phase_gates.c: what each phase waits for, as figures, and which phase follows which. Pure:
 * the engine asks about its state, the HTTP room about a published copy. */
#include <string.h>

#include "core/alloc.h"
#include "engine/phase.h"
#include "engine/shadow_impl.h"

#define MS_PER_HOUR   INT64_C(3600000)
#define LATENCY_FLOOR (10 * DEC_ONE) /* ms: below it a tenth more is no news */

struct gates {
    struct phase_gate *items;
    int count;
};

static void add(struct gates *g, const char *name, int64_t have_e8, int64_t need_e8)
{
    TR_ASSERT(g->count < PHASE_GATES_MAX);
    g->items[g->count++] = (struct phase_gate){
        .name = name, .have_e8 = have_e8, .need_e8 = need_e8, .is_open = have_e8 >= need_e8};
}

static void add_most(struct gates *g, const char *name, int64_t have_e8, int64_t most_e8)
{
    add(g, name, have_e8, most_e8);
    g->items[g->count - 1].is_most = true;
    g->items[g->count - 1].is_open = have_e8 <= most_e8;
}

/* Without an error: one begins the hours anew. */
static void add_hours(struct gates *g, const struct phase_case *c, int64_t now_ms, int hours)
{
    int64_t from_ms = c->phase->since_ms;
    if (c->phase->seen.last_error_ms > from_ms)
        from_ms = c->phase->seen.last_error_ms;
    int64_t have_ms = now_ms > from_ms ? now_ms - from_ms : 0;
    add(g, "hours", dec_muldiv(have_ms, DEC_ONE, MS_PER_HOUR, DEC_DOWN), hours * DEC_ONE);
}

static int bits(uint64_t mask)
{
    return __builtin_popcountll(mask);
}

static void add_latency(struct gates *g, const struct phase_case *c)
{
    const struct phase_seen *seen = &c->phase->seen;
    int64_t most_e8 = c->shadow_rules->latency_max_ms * DEC_ONE;
    if (seen->alerts == 0)
        return;
    if (c->phase->before_latency_e8 != DEC_NONE)
        most_e8 = dec_muldiv(c->phase->before_latency_e8, 110, 100, DEC_DOWN);
    if (most_e8 < LATENCY_FLOOR)
        most_e8 = LATENCY_FLOOR;
    add_most(g, "latency_ms",
             dec_muldiv(seen->latency_sum_ms, DEC_ONE, (int64_t)seen->alerts, DEC_DOWN), most_e8);
}

static bool is_compared(const struct shadow_scope *s, const char *route)
{
    return strcmp(s->plugin, SHADOW_BESIDE_ID) == 0 &&
           (route[0] != '\0' ? strcmp(s->route, route) == 0
                             : s->stats.signals > 0 || s->route[0] != '\0');
}

static void add_comparison(struct gates *g, const struct phase_case *c, int64_t now_ms)
{
    const char *route = phase_step_route(c->phase->step);
    uint64_t compared = 0, mismatches = 0;
    int scopes = 0, ready = 0;
    struct shadow_gate own[SHADOW_GATES];
    for (size_t i = 0; i < c->shadow->scope_count; i++) {
        const struct shadow_scope *s = &c->shadow->scopes[i];
        if (!is_compared(s, route))
            continue;
        compared += s->stats.compared;
        mismatches += s->stats.mismatches;
        scopes++;
        ready += shadow_gates_of(c->shadow_rules, s, now_ms, own);
    }
    add(g, "compared", (int64_t)compared * DEC_ONE, c->shadow_rules->gate_signals * DEC_ONE);
    add_most(g, "mismatches", (int64_t)mismatches * DEC_ONE,
             c->shadow_rules->gate_mismatches_max * DEC_ONE);
    if (c->phase->step == PHASE_SHADOW_STEPS - 1)
        add(g, "scopes_ready", ready * DEC_ONE, (scopes > 0 ? scopes : 1) * DEC_ONE);
}

int phase_gates(const struct phase_case *c, int64_t now_ms, struct phase_gate ret[PHASE_GATES_MAX],
                bool *ret_open)
{
    const struct phase_rules *r = c->rules;
    const struct phase_seen *seen = &c->phase->seen;
    struct gates g = {.items = ret};
    bool has_next = true;
    switch (c->phase->now) {
    case PHASE_SILENT:
        add_hours(&g, c, now_ms, r->silent_hours);
        break;
    case PHASE_PARALLEL:
        add_hours(&g, c, now_ms, r->parallel_hours);
        add(&g, "bots", bits(seen->bots) * DEC_ONE, r->bots * DEC_ONE);
        break;
    case PHASE_TRANSPARENT:
        add_hours(&g, c, now_ms, r->transparent_hours);
        add_latency(&g, c);
        break;
    case PHASE_SHADOW:
        add_hours(&g, c, now_ms,
                  c->phase->step == PHASE_SHADOW_STEPS - 1 ? r->shadow_all_hours : r->shadow_hours);
        add_comparison(&g, c, now_ms);
        break;
    case PHASE_CUTOVER:
        add_hours(&g, c, now_ms, r->cutover_hours);
        add(&g, "trades", (int64_t)seen->orders_filled * DEC_ONE, r->cutover_trades * DEC_ONE);
        break;
    case PHASE_NEW_LOGIC:
        add(&g, "v6_alerts", bits(seen->v6_kinds) * DEC_ONE, r->v6_alerts * DEC_ONE);
        add(&g, "old_bot_gone", c->is_old_gone * DEC_ONE, DEC_ONE);
        break;
    case PHASE_UNSET:
        break; /* a beginning waits for nothing */
    case PHASE_RETIRED:
    case PHASE_COUNT:
        has_next = false;
    }
    *ret_open = has_next;
    for (int i = 0; i < g.count; i++)
        *ret_open = *ret_open && ret[i].is_open;
    return g.count;
}

bool phase_next(const struct phase_state *p, enum phase *ret, int *ret_step)
{
    if (p->now == PHASE_RETIRED)
        return false;
    bool is_step = p->now == PHASE_SHADOW && p->step < PHASE_SHADOW_STEPS - 1;
    *ret = is_step ? PHASE_SHADOW : (enum phase)(p->now + 1);
    *ret_step = is_step ? p->step + 1 : 0;
    return true;
}

bool phase_back(const struct phase_state *p, enum phase *ret, int *ret_step)
{
    if (p->now == PHASE_UNSET || p->now == PHASE_SILENT)
        return false;
    bool is_step = p->now == PHASE_SHADOW && p->step > 0;
    *ret = is_step ? PHASE_SHADOW : (enum phase)(p->now - 1);
    *ret_step = is_step ? p->step - 1 : *ret == PHASE_SHADOW ? PHASE_SHADOW_STEPS - 1 : 0;
    return true;
}
