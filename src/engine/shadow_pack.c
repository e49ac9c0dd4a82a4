/* engine/shadow_pack.c: the shadow machine in the engine's snapshot, its rules
 * and the old bot's decisions in journaled inputs. */
#include <string.h>

#include "core/alloc.h"
#include "engine/shadow_impl.h"

static void pack_view(struct buf *b, const struct shadow_view *v)
{
    pack_i64(b, (int64_t)v->what.action);
    pack_i64(b, (int64_t)v->reason);
    pack_bool(b, v->what.has_params);
    pack_str(b, v->what.symbol);
    pack_i64(b, (int64_t)v->what.side);
    pack_i64(b, v->what.lots_e8);
    pack_i64(b, v->what.sl_pips_e8);
    pack_i64(b, v->what.tp_pips_e8);
}

static void unpack_view(struct unpack *u, struct shadow_view *ret)
{
    ret->what.action = (enum shadow_action)unpack_int(u, 0, SHADOW_ACTION_COUNT - 1);
    ret->reason = (enum reason)unpack_int(u, 0, REASON_COUNT - 1);
    ret->what.has_params = unpack_bool(u);
    unpack_str(u, ret->what.symbol, sizeof(ret->what.symbol));
    ret->what.side = (enum side)unpack_int(u, 0, SIDE_COUNT - 1);
    ret->what.lots_e8 = unpack_i64(u);
    ret->what.sl_pips_e8 = unpack_i64(u);
    ret->what.tp_pips_e8 = unpack_i64(u);
}

void shadow_legacy_pack(struct buf *b, const struct shadow_legacy *l)
{
    pack_u64(b, l->body_hash);
    pack_i64(b, l->decided_ms);
    pack_view(b, &l->view);
    pack_i64(b, l->table);
    pack_i64(b, l->row);
}

void shadow_legacy_unpack(struct unpack *u, uint64_t version, struct shadow_legacy *ret)
{
    ret->body_hash = unpack_u64(u);
    ret->decided_ms = unpack_i64(u);
    unpack_view(u, &ret->view);
    if (version < 4)
        return;
    ret->table = unpack_int(u, 0, SHADOW_LEGACY_TABLES - 1);
    ret->row = unpack_i64(u);
}

void shadow_rules_pack(struct buf *b, const struct shadow_rules *r)
{
    pack_i64(b, (int64_t)r->first_mode);
    pack_i64(b, (int64_t)r->source);
    pack_i64(b, r->tolerance.lots_e8);
    pack_i64(b, r->tolerance.pips_e8);
    pack_bool(b, r->tolerance.levels);
    pack_i64(b, r->pair_window_ms);
    pack_bool(b, r->silence_is_skip);
    pack_i64(b, r->gate_ms);
    pack_i64(b, r->gate_signals);
    pack_i64(b, r->gate_mismatches_max);
    pack_bool(b, r->on_mismatch);
    pack_bool(b, r->on_broker_down);
    pack_i64(b, r->latency_max_ms);
    pack_i64(b, r->error_percent_max);
    pack_i64(b, r->order_success_percent_min);
    pack_i64(b, r->samples_min);
}

void shadow_rules_unpack(struct unpack *u, struct shadow_rules *ret)
{
    ret->first_mode = (enum shadow_mode)unpack_int(u, 0, SHADOW_MODE_COUNT - 1);
    ret->source = (enum shadow_source)unpack_int(u, 0, SHADOW_SOURCE_COUNT - 1);
    ret->tolerance.lots_e8 = unpack_i64(u);
    ret->tolerance.pips_e8 = unpack_i64(u);
    ret->tolerance.levels = unpack_bool(u);
    ret->pair_window_ms = unpack_i64(u);
    ret->silence_is_skip = unpack_bool(u);
    ret->gate_ms = unpack_i64(u);
    ret->gate_signals = unpack_int(u, 0, INT32_MAX);
    ret->gate_mismatches_max = unpack_int(u, 0, INT32_MAX);
    ret->on_mismatch = unpack_bool(u);
    ret->on_broker_down = unpack_bool(u);
    ret->latency_max_ms = unpack_i64(u);
    ret->error_percent_max = unpack_int(u, 0, 100);
    ret->order_success_percent_min = unpack_int(u, 0, 100);
    ret->samples_min = unpack_int(u, 0, SHADOW_SAMPLES_MAX);
}

/* ---- the snapshot ---- */

static size_t unpack_size(struct unpack *u, size_t max)
{
    uint64_t n = unpack_u64(u);
    if (n <= max)
        return (size_t)n;
    u->failed = true;
    return 0;
}

static void pack_scope(struct buf *b, const struct shadow_scope *scope)
{
    const struct shadow_stats *st = &scope->stats;
    pack_str(b, scope->plugin);
    pack_str(b, scope->route);
    pack_i64(b, (int64_t)scope->mode);
    pack_bool(b, scope->is_armed);
    pack_bool(b, scope->gates_told);
    pack_i64(b, scope->since_ms);
    pack_u64(b, scope->since_seq);
    pack_u64(b, st->signals);
    pack_u64(b, st->compared);
    pack_u64(b, st->matches);
    pack_u64(b, st->mismatches);
    pack_u64(b, st->legacy_executes);
    pack_u64(b, st->plugin_executes);
    for (int i = 0; i < SHADOW_VERDICT_COUNT; i++)
        pack_u64(b, st->by_diff[i]);
    pack_u64(b, st->virtual_trades);
    pack_i64(b, st->virtual_profit_e8);
    pack_u64(b, st->orders_filled);
    pack_u64(b, st->orders_failed);
}

static void unpack_scope(struct unpack *u, struct shadow_scope *ret)
{
    struct shadow_stats *st = &ret->stats;
    unpack_str(u, ret->plugin, sizeof(ret->plugin));
    unpack_str(u, ret->route, sizeof(ret->route));
    ret->mode = (enum shadow_mode)unpack_int(u, SHADOW_LEGACY_ONLY, SHADOW_MODE_COUNT - 1);
    ret->is_armed = unpack_bool(u);
    ret->gates_told = unpack_bool(u);
    ret->since_ms = unpack_i64(u);
    ret->since_seq = unpack_u64(u);
    st->signals = unpack_u64(u);
    st->compared = unpack_u64(u);
    st->matches = unpack_u64(u);
    st->mismatches = unpack_u64(u);
    st->legacy_executes = unpack_u64(u);
    st->plugin_executes = unpack_u64(u);
    for (int i = 0; i < SHADOW_VERDICT_COUNT; i++)
        st->by_diff[i] = unpack_u64(u);
    st->virtual_trades = unpack_u64(u);
    st->virtual_profit_e8 = unpack_i64(u);
    st->orders_filled = unpack_u64(u);
    st->orders_failed = unpack_u64(u);
}

static void pack_record(struct buf *b, const struct shadow_record *r)
{
    pack_u64(b, r->seq);
    pack_i64(b, r->time_ms);
    pack_i64(b, (int64_t)r->diff);
    pack_i64(b, (int64_t)r->kind);
    pack_str(b, r->symbol);
    pack_str(b, r->plugin);
    pack_str(b, r->route);
    pack_view(b, &r->legacy);
    pack_view(b, &r->plugins);
}

static void unpack_record(struct unpack *u, struct shadow_record *ret)
{
    ret->seq = unpack_u64(u);
    ret->time_ms = unpack_i64(u);
    ret->diff = (enum shadow_verdict)unpack_int(u, 0, SHADOW_VERDICT_COUNT - 1);
    ret->kind = (enum signal_kind)unpack_int(u, 0, SIGNAL_KIND_COUNT - 1);
    unpack_str(u, ret->symbol, sizeof(ret->symbol));
    unpack_str(u, ret->plugin, sizeof(ret->plugin));
    unpack_str(u, ret->route, sizeof(ret->route));
    unpack_view(u, &ret->legacy);
    unpack_view(u, &ret->plugins);
}

static void pack_virtual(struct buf *b, const struct shadow_virtual *v)
{
    position_pack(b, &v->p);
    pack_i64(b, v->usd_per_quote_e8);
    pack_i64(b, v->closed_ms);
    pack_i64(b, v->exit_e8);
    pack_i64(b, v->profit_e8);
    pack_i64(b, (int64_t)v->reason);
}

static void unpack_virtual(struct unpack *u, struct shadow_virtual *ret)
{
    position_unpack(u, &ret->p);
    ret->usd_per_quote_e8 = unpack_i64(u);
    ret->closed_ms = unpack_i64(u);
    ret->exit_e8 = unpack_i64(u);
    ret->profit_e8 = unpack_i64(u);
    ret->reason = (enum reason)unpack_int(u, 0, REASON_COUNT - 1);
}

static void pack_pending(struct buf *b, const struct shadow_pending *p)
{
    pack_u64(b, p->seq);
    pack_i64(b, p->time_ms);
    pack_str(b, p->symbol);
    pack_str(b, p->plugin);
    pack_str(b, p->route);
    pack_i64(b, (int64_t)p->kind);
    pack_u64(b, p->body_hash);
    pack_view(b, &p->view);
}

static void unpack_pending(struct unpack *u, struct shadow_pending *ret)
{
    ret->seq = unpack_u64(u);
    ret->time_ms = unpack_i64(u);
    unpack_str(u, ret->symbol, sizeof(ret->symbol));
    unpack_str(u, ret->plugin, sizeof(ret->plugin));
    unpack_str(u, ret->route, sizeof(ret->route));
    ret->kind = (enum signal_kind)unpack_int(u, 0, SIGNAL_KIND_COUNT - 1);
    ret->body_hash = unpack_u64(u);
    unpack_view(u, &ret->view);
}

static void pack_window(struct buf *b, const struct shadow_window *w)
{
    pack_u64(b, w->count);
    pack_u64(b, w->next);
    pack_bytes(b, w->failed, sizeof(w->failed));
}

static void unpack_window(struct unpack *u, struct shadow_window *ret)
{
    size_t len = 0;
    ret->count = unpack_size(u, SHADOW_SAMPLES_MAX);
    ret->next = unpack_size(u, SHADOW_SAMPLES_MAX - 1);
    const void *p = unpack_bytes(u, &len);
    if (unpack_ok(u) && len == sizeof(ret->failed))
        memcpy(ret->failed, p, len);
    else
        u->failed = true;
}

void shadow_pack(const struct shadow *sh, struct buf *b)
{
    pack_i64(b, (int64_t)sh->default_mode);
    pack_u64(b, sh->scope_count);
    for (size_t i = 0; i < sh->scope_count; i++)
        pack_scope(b, &sh->scopes[i]);
    pack_u64(b, sh->record_count);
    pack_u64(b, sh->record_next);
    for (size_t i = 0; i < sh->record_count; i++)
        pack_record(b, &sh->records[i]);
    pack_u64(b, sh->open_count);
    for (size_t i = 0; i < sh->open_count; i++)
        pack_virtual(b, &sh->open[i]);
    pack_u64(b, sh->closed_count);
    pack_u64(b, sh->closed_next);
    for (size_t i = 0; i < sh->closed_count; i++)
        pack_virtual(b, &sh->closed[i]);
    pack_u64(b, sh->pending_count);
    for (size_t i = 0; i < sh->pending_count; i++)
        pack_pending(b, &sh->pending[i]);
    pack_window(b, &sh->alerts);
    pack_window(b, &sh->orders);
    routes_pack(&sh->day, b);
    for (int i = 0; i < SHADOW_LEGACY_TABLES; i++)
        pack_i64(b, sh->legacy_rows[i]);
}

void shadow_unpack(struct shadow *sh, struct unpack *u)
{
    *sh = (struct shadow){0};
    sh->default_mode = (enum shadow_mode)unpack_int(u, 0, SHADOW_MODE_COUNT - 1);
    sh->scope_count = unpack_size(u, SHADOW_SCOPES_MAX);
    for (size_t i = 0; i < sh->scope_count; i++)
        unpack_scope(u, &sh->scopes[i]);
    sh->record_count = unpack_size(u, SHADOW_RECORDS_MAX);
    sh->record_next = unpack_size(u, SHADOW_RECORDS_MAX - 1);
    for (size_t i = 0; i < sh->record_count; i++)
        unpack_record(u, &sh->records[i]);
    sh->open_count = unpack_size(u, SHADOW_VIRTUAL_MAX);
    for (size_t i = 0; i < sh->open_count; i++)
        unpack_virtual(u, &sh->open[i]);
    sh->closed_count = unpack_size(u, SHADOW_CLOSED_MAX);
    sh->closed_next = unpack_size(u, SHADOW_CLOSED_MAX - 1);
    for (size_t i = 0; i < sh->closed_count; i++)
        unpack_virtual(u, &sh->closed[i]);
    sh->pending_count = unpack_size(u, SHADOW_PENDING_MAX);
    for (size_t i = 0; i < sh->pending_count; i++)
        unpack_pending(u, &sh->pending[i]);
    unpack_window(u, &sh->alerts);
    unpack_window(u, &sh->orders);
    routes_unpack(&sh->day, u);
    for (int i = 0; i < SHADOW_LEGACY_TABLES; i++)
        sh->legacy_rows[i] = unpack_i64(u);
}
