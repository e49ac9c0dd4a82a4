/* engine/shadow_compare.c (SH-2 to SH-5, SH-8): what both sides said about one alert, and what
 * follows from it. Inside, both decisions come with the alert's own input.
 * Outside, one waits for the other: the plugin's for the old bot's word, or the
 * old bot's for the alert, paired by the alert's text or by symbol and time. A
 * trigger after a cut-over goes back to the legacy handler in the same input.
 */
#include <string.h>

#include "core/alloc.h"
#include "engine/shadow_impl.h"

/* Both have spoken about one alert. */
struct pair {
    uint64_t seq;
    enum signal_kind kind;
    const char *symbol, *plugin, *route;
    const struct shadow_view *legacy, *plugins;
};

/* ---- statistics and triggers ---- */

static void window_add(struct shadow_window *w, bool failed)
{
    w->failed[w->next] = failed;
    w->next = (w->next + 1) % SHADOW_SAMPLES_MAX;
    if (w->count < SHADOW_SAMPLES_MAX)
        w->count++;
}

static int64_t window_failed_percent_e8(const struct shadow_window *w)
{
    int64_t failed = 0;
    TR_ASSERT(w->count > 0);
    for (size_t i = 0; i < w->count; i++)
        failed += w->failed[i];
    return dec_muldiv(failed * 100, DEC_ONE, (int64_t)w->count, DEC_HALF_AWAY);
}

static void note_error(struct engine_tx *tx, bool failed)
{
    struct shadow_window *w = &tx->s->shadow.alerts;
    const struct shadow_rules *r = &tx->s->rules.shadow;
    window_add(w, failed);
    if (!failed || r->error_percent_max == 0 || w->count < (size_t)r->samples_min)
        return;
    int64_t percent_e8 = window_failed_percent_e8(w);
    int64_t max_e8 = (int64_t)r->error_percent_max * DEC_ONE;
    if (percent_e8 <= max_e8)
        return;
    if (shadow_rollback(tx, "", REASON_ERROR_RATE, percent_e8, max_e8) > 0)
        *w = (struct shadow_window){0};
    else if (!tx->s->paused)
        apply_auto_pause(tx, REASON_ERROR_RATE, percent_e8, max_e8);
}

void shadow_on_order(struct engine_tx *tx, const char *plugin, const char *route, bool filled)
{
    struct shadow_window *w = &tx->s->shadow.orders;
    const struct shadow_rules *r = &tx->s->rules.shadow;
    if (plugin[0] != '\0')
        phase_on_order(tx, filled);
    if (plugin[0] == '\0' || shadow_is_legacy(plugin))
        return;
    struct shadow_scope *scope = shadow_scope_get(tx, plugin, route);
    if (scope == NULL)
        return;
    scope->stats.orders_filled += filled;
    scope->stats.orders_failed += !filled;
    if (!scope->is_armed)
        return;
    window_add(w, !filled);
    if (filled || r->order_success_percent_min == 0 || w->count < (size_t)r->samples_min)
        return;
    int64_t percent_e8 = 100 * DEC_ONE - window_failed_percent_e8(w);
    int64_t min_e8 = (int64_t)r->order_success_percent_min * DEC_ONE;
    if (percent_e8 < min_e8 &&
        shadow_rollback(tx, plugin, REASON_ORDER_SUCCESS, percent_e8, min_e8) > 0)
        *w = (struct shadow_window){0};
}

void shadow_on_broker_down(struct engine_tx *tx)
{
    if (tx->s->rules.shadow.on_broker_down)
        (void)shadow_rollback(tx, "", REASON_BROKER_DOWN, 0, DEC_ONE); /* links: up, needed */
}

static void note_latency(struct engine_tx *tx, const struct signal *sig, const char *plugin)
{
    int64_t max_ms = tx->s->rules.shadow.latency_max_ms;
    int64_t took_ms = sig->received_ms > 0 ? tx->now_ms - sig->received_ms : 0;
    if (max_ms > 0 && took_ms > max_ms && plugin[0] != '\0')
        (void)shadow_rollback(tx, plugin, REASON_LATENCY, took_ms * DEC_ONE, max_ms * DEC_ONE);
}

/* ---- comparing ---- */

static void keep_record(struct engine_tx *tx, const struct pair *p, enum shadow_verdict diff)
{
    struct shadow *sh = &tx->s->shadow;
    struct shadow_record *r = &sh->records[sh->record_next];
    *r = (struct shadow_record){.seq = p->seq,
                                .time_ms = tx->now_ms,
                                .diff = diff,
                                .kind = p->kind,
                                .legacy = *p->legacy,
                                .plugins = *p->plugins};
    (void)str_copy(r->symbol, sizeof(r->symbol), p->symbol);
    (void)str_copy(r->plugin, sizeof(r->plugin), p->plugin);
    (void)str_copy(r->route, sizeof(r->route), p->route);
    sh->record_next = (sh->record_next + 1) % SHADOW_RECORDS_MAX;
    if (sh->record_count < SHADOW_RECORDS_MAX)
        sh->record_count++;
}

static void tell_mismatch(struct engine_tx *tx, const struct pair *p, enum shadow_verdict diff)
{
    struct event e = apply_event(tx, EVENT_SHADOW_MISMATCH);
    e.cause_seq = p->seq;
    e.signal_kind = p->kind;
    e.side = p->plugins->what.side;
    e.reason = p->legacy->reason;
    e.number_e8 = p->legacy->what.has_params ? p->legacy->what.lots_e8 : DEC_NONE;
    e.limit_e8 = p->plugins->what.has_params ? p->plugins->what.lots_e8 : DEC_NONE;
    (void)str_copy(e.symbol, sizeof(e.symbol), p->symbol);
    (void)str_copy(e.plugin, sizeof(e.plugin), p->plugin);
    (void)str_copy(e.route, sizeof(e.route), p->route);
    struct buf text TR_CLEANUP(buf_deinit) = {0};
    buf_init(&text, EVENT_TEXT_CAP);
    buf_printf(&text, "%s: legacy %s, plugin %s", shadow_verdict_name(diff),
               shadow_action_name(p->legacy->what.action),
               shadow_action_name(p->plugins->what.action));
    (void)str_copy(e.text, sizeof(e.text), text.data);
    outputs_add_event(tx->out, &e);
}

static void compare(struct engine_tx *tx, const struct pair *p)
{
    struct shadow_scope *scope = shadow_scope_get(tx, p->plugin, p->route);
    enum shadow_verdict diff =
        shadow_compare(&p->legacy->what, &p->plugins->what, &tx->s->rules.shadow.tolerance);
    if (scope == NULL)
        return;
    struct shadow_stats *st = &scope->stats;
    st->compared++;
    st->by_diff[diff]++;
    st->legacy_executes += p->legacy->what.action == SHADOW_EXECUTE;
    st->plugin_executes += p->plugins->what.action == SHADOW_EXECUTE;
    if (diff == SHADOW_MATCH) {
        st->matches++;
        return;
    }
    st->mismatches++;
    keep_record(tx, p, diff);
    tell_mismatch(tx, p, diff);
    if (scope->is_armed && tx->s->rules.shadow.on_mismatch)
        (void)shadow_rollback(tx, p->plugin, REASON_SHADOW_MISMATCH,
                              (int64_t)st->mismatches * DEC_ONE, 0);
}

/* ---- outside: one waits for the other ---- */

static void wait_for_other(struct shadow *sh, const struct shadow_pending *p)
{
    if (sh->pending_count == SHADOW_PENDING_MAX) {
        memmove(&sh->pending[0], &sh->pending[1],
                (SHADOW_PENDING_MAX - 1) * sizeof(sh->pending[0]));
        sh->pending_count--;
    }
    sh->pending[sh->pending_count++] = *p;
}

static void forget(struct shadow *sh, size_t i)
{
    memmove(&sh->pending[i], &sh->pending[i + 1],
            (sh->pending_count - i - 1) * sizeof(sh->pending[0]));
    sh->pending_count--;
}

static bool is_pair(const struct shadow_pending *a, uint64_t body_hash, const char *symbol)
{
    if (a->body_hash != 0 && body_hash != 0)
        return a->body_hash == body_hash;
    return strcmp(a->symbol, symbol) == 0;
}

/* The oldest that waits on the other side. */
static size_t find_partner(const struct shadow *sh, bool of_plugin, uint64_t body_hash,
                           const char *symbol)
{
    size_t i = 0;
    while (i < sh->pending_count &&
           ((sh->pending[i].seq != 0) != of_plugin || !is_pair(&sh->pending[i], body_hash, symbol)))
        i++;
    return i;
}

static void compare_pending(struct engine_tx *tx, const struct shadow_pending *plugins,
                            const struct shadow_view *legacy)
{
    struct pair p = {.seq = plugins->seq,
                     .kind = plugins->kind,
                     .symbol = plugins->symbol,
                     .plugin = plugins->plugin,
                     .route = plugins->route,
                     .legacy = legacy,
                     .plugins = &plugins->view};
    compare(tx, &p);
}

/* Of a row of the old bot's database. False: there is nothing to be compared: it was taken before,
 * or it only says where reading begins. */
static bool take_row(struct engine_tx *tx, const struct shadow_legacy *l)
{
    int64_t *newest = &tx->s->shadow.legacy_rows[l->table];
    bool is_start = l->view.what.action == SHADOW_ACTION_UNSET;
    if (l->row == 0)
        return true;
    if (!is_start && l->row <= *newest) {
        tx_receipt(tx, REASON_ALREADY_DONE, "");
        return false;
    }
    *newest = l->row;
    return !is_start;
}

void shadow_on_legacy(struct engine_tx *tx, const struct shadow_legacy *l)
{
    struct shadow *sh = &tx->s->shadow;
    shadow_pairs_expire(tx);
    if (!take_row(tx, l))
        return;
    size_t i = find_partner(sh, true, l->body_hash, l->view.what.symbol);
    if (i < sh->pending_count) {
        struct shadow_pending plugins = sh->pending[i];
        forget(sh, i);
        compare_pending(tx, &plugins, &l->view);
        return;
    }
    struct shadow_pending p = {.time_ms = tx->now_ms, .body_hash = l->body_hash, .view = l->view};
    (void)str_copy(p.symbol, sizeof(p.symbol), l->view.what.symbol);
    wait_for_other(sh, &p);
}

void shadow_pairs_expire(struct engine_tx *tx)
{
    static const struct shadow_view silent = {
        .what = {.action = SHADOW_SKIP, .sl_pips_e8 = DEC_NONE, .tp_pips_e8 = DEC_NONE}};
    struct shadow *sh = &tx->s->shadow;
    const struct shadow_rules *r = &tx->s->rules.shadow;
    while (sh->pending_count > 0 && tx->now_ms - sh->pending[0].time_ms > r->pair_window_ms) {
        struct shadow_pending old = sh->pending[0];
        forget(sh, 0);
        if (old.seq != 0 && r->silence_is_skip)
            compare_pending(tx, &old, &silent);
    }
}

/* ---- one alert ---- */

/* What it said by itself, without the closes of the other side that it carries out. */
static void own_view(const struct decision *d, struct shadow_view *ret)
{
    shadow_view_of(d, ret);
    for (int i = 0; i < d->number_count; i++)
        if (d->action == DECISION_CLOSE && strcmp(d->numbers[i].name, SHADOW_DRAINED) == 0 &&
            d->numbers[i].value_e8 == d->close_count * DEC_ONE)
            ret->what.action = SHADOW_SKIP;
}

static void meet_outside(struct engine_tx *tx, const struct signal *sig, const struct decision *d,
                         const char *route)
{
    struct shadow *sh = &tx->s->shadow;
    shadow_pairs_expire(tx);
    struct shadow_pending mine = {.seq = tx->seq,
                                  .time_ms = tx->now_ms,
                                  .kind = sig->kind,
                                  .side = sig->side,
                                  .body_hash = sig->body_hash};
    (void)str_copy(mine.symbol, sizeof(mine.symbol), sig->symbol);
    (void)str_copy(mine.plugin, sizeof(mine.plugin), d->plugin);
    (void)str_copy(mine.route, sizeof(mine.route), route);
    own_view(d, &mine.view);
    size_t i = find_partner(sh, false, sig->body_hash, sig->symbol);
    if (i == sh->pending_count) {
        wait_for_other(sh, &mine);
        return;
    }
    struct shadow_view legacy = sh->pending[i].view;
    forget(sh, i);
    compare_pending(tx, &mine, &legacy);
}

void shadow_on_signal(struct engine_tx *tx, const struct signal *sig, const struct decision *d,
                      const struct decision *other)
{
    const struct decision *both[2] = {d, other};
    const struct decision *plugin = NULL, *legacy = NULL;
    bool failed = false;
    for (int i = 0; i < 2; i++) {
        if (both[i] == NULL || both[i]->action == DECISION_UNSET || both[i]->plugin[0] == '\0')
            continue;
        if (shadow_is_legacy(both[i]->plugin))
            legacy = both[i];
        else
            plugin = both[i];
        failed =
            failed || (both[i]->reason_count > 0 && reason_is_plugin_failure(both[i]->reasons[0]));
    }
    phase_on_signal(tx, sig, failed);
    if (plugin != NULL || legacy != NULL)
        note_error(tx, failed);
    shadow_virtual_close(tx, sig, d);
    if (other != NULL)
        shadow_virtual_close(tx, sig, other);
    if (decision_has_virtual_orders(d))
        shadow_virtual_open(tx, d);
    if (other != NULL && other->action == DECISION_EXECUTE)
        shadow_virtual_open(tx, other);
    if (plugin == NULL)
        return;
    struct shadow_scope *scope = shadow_scope_get(tx, plugin->plugin, plugin->route);
    if (scope == NULL)
        return;
    scope->stats.signals++;
    note_latency(tx, sig, plugin->plugin);
    if (legacy != NULL) {
        struct shadow_view a, b;
        own_view(legacy, &a);
        own_view(plugin, &b);
        struct pair p = {.seq = tx->seq,
                         .kind = sig->kind,
                         .symbol = sig->symbol,
                         .plugin = plugin->plugin,
                         .route = plugin->route,
                         .legacy = &a,
                         .plugins = &b};
        compare(tx, &p);
    } else if (tx->s->rules.shadow.source == SHADOW_SOURCE_OUTSIDE &&
               shadow_mode_legacy_decides(scope->mode)) {
        meet_outside(tx, sig, plugin, plugin->route);
    }
}
