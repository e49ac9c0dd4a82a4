/* engine/phase.c: the phase as part of the state: what it counts, how it moves, and what moving
 * does to the modes of the shadow machine. Gates: phase_gates.c. */
#include "engine/phase.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "engine/shadow_impl.h"

#define V6_ID       "price_action_v6"
#define MS_PER_HOUR INT64_C(3600000)

const struct phase_state *phase_tx(const struct engine_tx *tx)
{
    return &tx->s->phase;
}

static struct phase_case case_of(const struct engine_state *s)
{
    return (struct phase_case){.phase = &s->phase,
                               .rules = &s->rules.phase,
                               .shadow_rules = &s->rules.shadow,
                               .shadow = &s->shadow,
                               .is_old_gone = s->transition.is_retired};
}

int phase_tx_gates(const struct engine_tx *tx, struct phase_gate ret[PHASE_GATES_MAX],
                   bool *ret_open)
{
    struct phase_case c = case_of(tx->s);
    return phase_gates(&c, tx->now_ms, ret, ret_open);
}

/* ---- what is seen ---- */

static void note_error(struct phase_state *p, int64_t now_ms)
{
    p->seen.errors++;
    p->seen.last_error_ms = now_ms;
}

void phase_on_input(struct engine_tx *tx, const struct input *in)
{
    struct phase_state *p = &tx->s->phase;
    if (p->now == PHASE_UNSET)
        return;
    if (in->kind == INPUT_COMMAND && in->command.origin == ORIGIN_BOT &&
        in->command.bot != BOT_LEGACY)
        p->seen.bots |= 1u << in->command.bot;
    if (in->kind != INPUT_NOTICE)
        return;
    enum event_type t = in->notice.type;
    if (t == EVENT_BOT_DOWN || t == EVENT_STORE_FAULT || t == EVENT_ERROR)
        note_error(p, tx->now_ms);
}

void phase_on_signal(struct engine_tx *tx, const struct signal *sig, bool failed)
{
    struct phase_state *p = &tx->s->phase;
    if (p->now == PHASE_UNSET)
        return;
    p->seen.alerts++;
    if (sig->received_ms > 0 && tx->now_ms > sig->received_ms)
        p->seen.latency_sum_ms += tx->now_ms - sig->received_ms;
    _Static_assert(SIGNAL_KIND_COUNT <= 64, "a bit each");
    if (sig->format == SIGNAL_FORMAT_V6)
        p->seen.v6_kinds |= UINT64_C(1) << sig->kind;
    if (failed)
        note_error(p, tx->now_ms);
}

void phase_on_order(struct engine_tx *tx, bool filled)
{
    struct phase_state *p = &tx->s->phase;
    if (p->now == PHASE_UNSET)
        return;
    p->seen.orders_filled += filled;
    if (!filled)
        note_error(p, tx->now_ms);
}

/* ---- moving ---- */

static void set_setting(struct engine_tx *tx, const struct command *c, const char *path,
                        const char *text)
{
    const char *now = tx_setting_text(tx, path);
    if (now != NULL && strcmp(now, text) != 0) {
        enum reason r = tx_setting_set(tx, c, path, text);
        (void)r; /* no room for one more: /config shows it as it is, the mode holds it back */
    }
}

/* Entered from below: its own step up. From above: what the phase above did is undone. */
static void move_modes(struct engine_tx *tx, enum phase from, int from_step)
{
    enum phase to = tx->s->phase.now;
    int step = tx->s->phase.step;
    bool is_up = to > from;
    switch (to) {
    case PHASE_SILENT:
    case PHASE_PARALLEL:
    case PHASE_TRANSPARENT:
        shadow_set_mode(tx, "", "", SHADOW_LEGACY_ONLY, REASON_PHASE_MOVED);
        break;
    case PHASE_SHADOW:
        if (from == PHASE_SHADOW && step < from_step && phase_step_route(from_step)[0] != '\0')
            shadow_set_mode(tx, SHADOW_BESIDE_ID, phase_step_route(from_step), SHADOW_LEGACY_ONLY,
                            REASON_PHASE_MOVED);
        for (int i = 0; i <= step; i++)
            shadow_set_mode(tx, SHADOW_BESIDE_ID, phase_step_route(i), SHADOW_SHADOW,
                            REASON_PHASE_MOVED);
        break;
    case PHASE_CUTOVER:
        if (is_up)
            shadow_set_mode(tx, SHADOW_BESIDE_ID, "", SHADOW_PLUGIN_SHADOW, REASON_PHASE_MOVED);
        shadow_set_mode(tx, V6_ID, "", SHADOW_SHADOW, REASON_PHASE_MOVED);
        break;
    case PHASE_NEW_LOGIC:
        shadow_set_mode(tx, is_up ? V6_ID : SHADOW_BESIDE_ID, "",
                        is_up ? SHADOW_PLUGIN_ONLY : SHADOW_PLUGIN_SHADOW, REASON_PHASE_MOVED);
        break;
    case PHASE_RETIRED:
        shadow_set_mode(tx, SHADOW_BESIDE_ID, "", SHADOW_PLUGIN_ONLY, REASON_PHASE_MOVED);
        break;
    case PHASE_UNSET:
    case PHASE_COUNT:
        break;
    }
}

static void tell(struct engine_tx *tx, enum event_type type, enum phase from, enum reason why)
{
    const struct phase_state *p = &tx->s->phase;
    struct event e = apply_event(tx, type);
    e.reason = why;
    e.score = p->now == PHASE_SHADOW ? p->step + 1 : -1;
    (void)str_copy(e.text, sizeof(e.text), phase_name(p->now));
    (void)str_copy(e.plugin, sizeof(e.plugin), phase_name(from)); /* where it came from */
    (void)str_copy(e.route, sizeof(e.route),
                   p->now == PHASE_SHADOW ? phase_step_route(p->step) : "");
    outputs_add_event(tx->out, &e);
}

/* The only writer of the phase. */
static void set_phase(struct engine_tx *tx, enum phase to, int step, const char *by)
{
    struct phase_state *p = &tx->s->phase;
    TR_ASSERT(to >= PHASE_UNSET && to < PHASE_COUNT && step >= 0 && step < PHASE_SHADOW_STEPS);
    TR_ASSERT(step == 0 || to == PHASE_SHADOW);
    if (!p->is_chosen)
        p->before_latency_e8 = DEC_NONE;
    if (p->now == PHASE_PARALLEL && to == PHASE_TRANSPARENT)
        p->before_latency_e8 = p->seen.alerts > 0 ? dec_muldiv(p->seen.latency_sum_ms, DEC_ONE,
                                                               (int64_t)p->seen.alerts, DEC_DOWN)
                                                  : DEC_NONE;
    p->now = to;
    p->step = step;
    p->is_chosen = true;
    p->since_ms = tx->now_ms;
    p->since_seq = tx->seq;
    p->gates_told = false;
    p->seen = (struct phase_seen){0};
    (void)str_copy(p->by, sizeof(p->by), by);
}

static bool old_trades(const struct engine_state *s)
{
    return shadow_mode_legacy_trades(shadow_mode_of(s, SHADOW_BESIDE_ID, ""));
}

static void move(struct engine_tx *tx, enum phase to, int step, const char *by, enum reason why)
{
    enum phase from = tx->s->phase.now;
    int from_step = tx->s->phase.step;
    bool was_old = old_trades(tx->s);
    set_phase(tx, to, step, by);
    if (to != PHASE_UNSET)
        move_modes(tx, from, from_step);
    bool is_old = old_trades(tx->s);
    if (was_old != is_old)
        shadow_tell_old_bot(tx, is_old ? "/resume" : "/pause");
    tell(tx, EVENT_PHASE_CHANGED, from, why);
}

enum reason phase_tx_check_next(const struct engine_tx *tx)
{
    struct phase_gate gates[PHASE_GATES_MAX];
    enum phase to;
    int step;
    bool is_open;
    if (!phase_next(&tx->s->phase, &to, &step))
        return REASON_ALREADY_DONE;
    (void)phase_tx_gates(tx, gates, &is_open);
    if (!is_open)
        return REASON_GATE_CLOSED;
    bool needs_old = to >= PHASE_TRANSPARENT && to <= PHASE_CUTOVER;
    return needs_old && !shadow_has_legacy(tx->s, tx->opt) ? REASON_LEGACY_NOT_INSTALLED
                                                           : REASON_ACCEPTED;
}

enum reason phase_tx_next(struct engine_tx *tx, const struct command *c)
{
    enum phase to = PHASE_UNSET;
    int step = 0;
    enum reason r = phase_tx_check_next(tx);
    if (r != REASON_ACCEPTED || !phase_next(&tx->s->phase, &to, &step))
        return r;
    move(tx, to, step, c->user_name, REASON_MANUAL_CHANGE);
    if (to == PHASE_NEW_LOGIC) {
        set_setting(tx, c, "plugins." V6_ID ".enabled", "true");
        set_setting(tx, c, "plugins." V6_ID ".shadow_mode", "false");
    }
    return REASON_ACCEPTED;
}

enum reason phase_tx_back(struct engine_tx *tx, const struct command *c)
{
    enum phase to;
    int step;
    if (!phase_back(&tx->s->phase, &to, &step))
        return REASON_ALREADY_DONE;
    move(tx, to, step, c->user_name, REASON_MANUAL_CHANGE);
    return REASON_ACCEPTED;
}

enum reason phase_tx_off(struct engine_tx *tx, const struct command *c)
{
    if (tx->s->phase.now == PHASE_UNSET)
        return REASON_ALREADY_DONE;
    move(tx, PHASE_UNSET, 0, c->user_name, REASON_MANUAL_CHANGE);
    return REASON_ACCEPTED;
}

void phase_on_start(struct engine_tx *tx)
{
    const struct phase_state *p = &tx->s->phase;
    if (!p->is_chosen && p->now == PHASE_UNSET && tx->s->rules.phase.first != PHASE_UNSET)
        move(tx, tx->s->rules.phase.first, 0, "configuration", REASON_PHASE_MOVED);
}

static bool plugin_trades(const struct engine_state *s)
{
    bool trades = shadow_mode_plugin_trades(shadow_mode_of(s, SHADOW_BESIDE_ID, ""));
    for (size_t i = 0; i < s->shadow.scope_count && !trades; i++)
        trades = strcmp(s->shadow.scopes[i].plugin, SHADOW_BESIDE_ID) == 0 &&
                 shadow_mode_plugin_trades(s->shadow.scopes[i].mode);
    return trades;
}

void phase_follow_modes(struct engine_tx *tx, enum reason why)
{
    struct phase_state *p = &tx->s->phase;
    if (p->now < PHASE_CUTOVER || plugin_trades(tx->s))
        return;
    enum phase from = p->now;
    set_phase(tx, PHASE_TRANSPARENT, 0, "rollback");
    tell(tx, EVENT_PHASE_CHANGED, from, why);
}

/* ---- time ---- */

void phase_timers(struct engine_tx *tx)
{
    struct phase_state *p = &tx->s->phase;
    struct phase_gate gates[PHASE_GATES_MAX];
    bool is_open;
    if (p->now == PHASE_UNSET || p->gates_told)
        return;
    (void)phase_tx_gates(tx, gates, &is_open);
    if (!is_open)
        return;
    p->gates_told = true;
    tell(tx, EVENT_PHASE_READY, p->now, REASON_UNSET);
}

/* When the hours will be full, if nothing else is missing then. */
int64_t phase_next_due_ms(const struct engine_state *s)
{
    const struct phase_state *p = &s->phase;
    struct phase_case c = case_of(s);
    struct phase_gate gates[PHASE_GATES_MAX];
    bool is_open;
    if (p->now == PHASE_UNSET || p->now == PHASE_RETIRED || p->gates_told)
        return INT64_MAX;
    int n = phase_gates(&c, s->now_ms, gates, &is_open);
    int64_t due_ms = s->now_ms;
    for (int i = 0; i < n; i++) {
        bool is_hours = strcmp(gates[i].name, "hours") == 0;
        if (!is_hours)
            continue;
        int64_t from_ms = p->seen.last_error_ms > p->since_ms ? p->seen.last_error_ms : p->since_ms;
        due_ms = from_ms + gates[i].need_e8 / DEC_ONE * MS_PER_HOUR;
    }
    (void)phase_gates(&c, due_ms > s->now_ms ? due_ms : s->now_ms, gates, &is_open);
    return is_open ? due_ms : INT64_MAX;
}

/* ---- the snapshot ---- */

void phase_pack(const struct phase_state *p, struct buf *b)
{
    pack_i64(b, (int64_t)p->now);
    pack_bool(b, p->is_chosen);
    pack_i64(b, p->step);
    pack_i64(b, p->since_ms);
    pack_u64(b, p->since_seq);
    pack_bool(b, p->gates_told);
    pack_str(b, p->by);
    pack_u64(b, p->seen.alerts);
    pack_u64(b, p->seen.errors);
    pack_i64(b, p->seen.last_error_ms);
    pack_i64(b, p->seen.latency_sum_ms);
    pack_u64(b, p->seen.orders_filled);
    pack_u64(b, p->seen.v6_kinds);
    pack_u64(b, p->seen.bots);
    pack_i64(b, p->before_latency_e8);
}

void phase_unpack(struct phase_state *p, struct unpack *u)
{
    p->now = (enum phase)unpack_int(u, 0, PHASE_COUNT - 1);
    p->is_chosen = unpack_bool(u);
    p->step = unpack_int(u, 0, PHASE_SHADOW_STEPS - 1);
    p->since_ms = unpack_i64(u);
    p->since_seq = unpack_u64(u);
    p->gates_told = unpack_bool(u);
    unpack_str(u, p->by, sizeof(p->by));
    p->seen.alerts = unpack_u64(u);
    p->seen.errors = unpack_u64(u);
    p->seen.last_error_ms = unpack_i64(u);
    p->seen.latency_sum_ms = unpack_i64(u);
    p->seen.orders_filled = unpack_u64(u);
    p->seen.v6_kinds = unpack_u64(u);
    p->seen.bots = (unsigned)unpack_u64(u);
    p->before_latency_e8 = unpack_i64(u);
}
