/* http/shadow.c: the shadow machine over HTTP: GET /api/v1/shadow (modes, gates, agreement and the
 * phase) and its newest mismatches and virtual trades as files. Answered from the copy the engine
 * publishes (engine/shadow_board.h); the whole history is in the journal: `trident shadow export`.
 */
#include "engine/shadow_board.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "http/api.h"
#include "model/rules/shadow.h"

#define RATE_STEP (DEC_ONE / 100)

/* ---- values ---- */

static void put_decimal(struct jsonw *w, const char *key, int64_t value_e8)
{
    char text[DEC_TEXT_CAP];
    if (value_e8 == DEC_NONE)
        jsonw_null(w, key);
    else
        jsonw_str(w, key, dec_format(value_e8, text));
}

static void put_time(struct jsonw *w, const char *key, int64_t ms)
{
    char text[CLOCK_TEXT_CAP];
    if (ms == 0) {
        jsonw_null(w, key);
        return;
    }
    clock_format_rfc3339(ms, text);
    jsonw_str(w, key, text);
}

static void put_text(struct jsonw *w, const char *key, const char *text)
{
    jsonw_str(w, key, text[0] != '\0' ? text : NULL);
}

/* ---- GET /api/v1/shadow ---- */

static void put_gate(struct jsonw *w, const char *name, const int64_t have_need_e8[2], bool is_most,
                     bool is_open)
{
    jsonw_object_begin(w, NULL);
    jsonw_str(w, "name", name);
    put_decimal(w, "measured", dec_to_step(have_need_e8[0], RATE_STEP, DEC_DOWN));
    put_decimal(w, "required", have_need_e8[1]);
    jsonw_str(w, "bound", is_most ? "at_most" : "at_least");
    jsonw_bool(w, "open", is_open);
    jsonw_object_end(w);
}

static void put_discrepancies(struct jsonw *w, const struct shadow_stats *st)
{
    jsonw_object_begin(w, "discrepancies");
    for (int v = SHADOW_ACTION_MISMATCH; v < SHADOW_VERDICT_COUNT; v++)
        jsonw_u64(w, shadow_verdict_name((enum shadow_verdict)v), st->by_diff[v]);
    jsonw_object_end(w);
}

static void put_stats(struct jsonw *w, const struct shadow_stats *st)
{
    jsonw_u64(w, "signals", st->signals);
    jsonw_u64(w, "compared", st->compared);
    jsonw_u64(w, "matches", st->matches);
    jsonw_u64(w, "mismatches", st->mismatches);
    int64_t rate_e8 = shadow_match_rate_e8((int64_t)st->matches, (int64_t)st->compared);
    put_decimal(w, "match_rate",
                st->compared > 0 ? dec_to_step(rate_e8, RATE_STEP, DEC_DOWN) : DEC_NONE);
    jsonw_u64(w, "legacy_executes", st->legacy_executes);
    jsonw_u64(w, "plugin_executes", st->plugin_executes);
    put_discrepancies(w, st);
    jsonw_u64(w, "virtual_trades", st->virtual_trades);
    put_decimal(w, "virtual_profit", st->virtual_profit_e8);
    jsonw_u64(w, "orders_filled", st->orders_filled);
    jsonw_u64(w, "orders_failed", st->orders_failed);
}

static void put_scope(struct jsonw *w, const struct shadow_report *r, const struct shadow_scope *s,
                      int64_t now_ms)
{
    struct shadow_gate gates[SHADOW_GATES];
    bool is_ready = shadow_gates_of(&r->rules, s, now_ms, gates);
    jsonw_object_begin(w, NULL);
    jsonw_str(w, "plugin", s->plugin);
    put_text(w, "route", s->route);
    jsonw_str(w, "mode", shadow_mode_name(s->mode));
    jsonw_str(w, "owner", shadow_mode_plugin_trades(s->mode) ? "plugin" : "legacy");
    jsonw_bool(w, "armed", s->is_armed);
    put_time(w, "since", s->since_ms);
    put_stats(w, &s->stats);
    jsonw_array_begin(w, "gates");
    for (int i = 0; i < SHADOW_GATES; i++)
        put_gate(w, gates[i].name, (const int64_t[]){gates[i].have_e8, gates[i].need_e8},
                 str_eq(gates[i].name, "mismatches"), gates[i].is_open);
    jsonw_array_end(w);
    jsonw_bool(w, "ready", is_ready);
    jsonw_object_end(w);
}

static void put_totals(struct jsonw *w, const struct shadow *sh)
{
    struct shadow_stats sum = {0};
    for (size_t i = 0; i < sh->scope_count; i++) {
        const struct shadow_stats *st = &sh->scopes[i].stats;
        sum.signals += st->signals;
        sum.compared += st->compared;
        sum.matches += st->matches;
        sum.mismatches += st->mismatches;
        sum.legacy_executes += st->legacy_executes;
        sum.plugin_executes += st->plugin_executes;
        for (int v = 0; v < SHADOW_VERDICT_COUNT; v++)
            sum.by_diff[v] += st->by_diff[v];
        sum.virtual_trades += st->virtual_trades;
        sum.virtual_profit_e8 += st->virtual_profit_e8;
        sum.orders_filled += st->orders_filled;
        sum.orders_failed += st->orders_failed;
    }
    jsonw_object_begin(w, "totals");
    put_stats(w, &sum);
    jsonw_object_end(w);
}

static void put_phase(struct jsonw *w, const struct shadow_report *r, int64_t now_ms)
{
    struct phase_gate gates[PHASE_GATES_MAX];
    const struct phase_case c = {&r->phase, &r->phase_rules, &r->rules, &r->shadow, r->is_old_gone};
    bool is_open;
    int n = phase_gates(&c, now_ms, gates, &is_open);
    jsonw_object_begin(w, "phase");
    jsonw_str(w, "name", phase_name(r->phase.now));
    if (r->phase.now == PHASE_SHADOW)
        put_text(w, "route", phase_step_route(r->phase.step));
    put_time(w, "since", r->phase.since_ms);
    put_text(w, "by", r->phase.by);
    jsonw_array_begin(w, "gates");
    for (int i = 0; i < n; i++)
        put_gate(w, gates[i].name, (const int64_t[]){gates[i].have_e8, gates[i].need_e8},
                 gates[i].is_most, gates[i].is_open);
    jsonw_array_end(w);
    jsonw_bool(w, "ready", is_open);
    jsonw_object_end(w);
}

static void put_report(struct jsonw *w, const char *trader, const struct shadow_report *r,
                       int64_t now_ms)
{
    jsonw_object_begin(w, NULL);
    jsonw_str(w, "trader", trader);
    jsonw_u64(w, "seq", r->seq);
    put_time(w, "time", now_ms);
    jsonw_str(w, "mode", shadow_mode_name(r->default_mode));
    jsonw_str(w, "legacy_source", r->rules.source == SHADOW_SOURCE_OUTSIDE ? "outside" : "inside");
    put_phase(w, r, now_ms);
    put_totals(w, &r->shadow);
    jsonw_array_begin(w, "scopes");
    for (size_t i = 0; i < r->shadow.scope_count; i++)
        put_scope(w, r, &r->shadow.scopes[i], now_ms);
    jsonw_array_end(w);
    jsonw_object_end(w);
}

/* False: answered. */
static bool read_board(struct http_api *api, struct http_exchange *x, const char **ret_trader,
                       struct shadow_report *ret)
{
    const char *id = http_query(x, "trader");
    int trader = id != NULL ? api_trader_find(api, id) : 0;
    if (trader < 0 || api->opt.traders[trader].view == NULL) {
        api_refuse_code(api, x, API_ROUTE_STATUS, 404, "TRADER_UNKNOWN",
                        "There is no trader of that name.");
        return false;
    }
    shadow_board_read(view_board_shadow(api->opt.traders[trader].view), ret);
    *ret_trader = engine_trader_id(api->opt.traders[trader].engine);
    return true;
}

void shadow_state(struct http_api *api, struct http_exchange *x)
{
    struct shadow_report *r TR_CLEANUP(mem_freep) = xalloc(sizeof(*r));
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    struct jsonw w;
    const char *trader;
    if (!read_board(api, x, &trader, r))
        return;
    buf_init(&out, PAGE_MAX_BYTES);
    jsonw_init(&w, &out);
    put_report(&w, trader, r, clock_wall_ms(api->opt.clock));
    api_answer(api, x, API_ROUTE_STATUS, 200, &out);
}

void shadow_heartbeat(const struct http_api_trader *t, struct buf *frames)
{
    struct shadow_report *r TR_CLEANUP(mem_freep) = xalloc(sizeof(*r));
    struct engine_stats now;
    struct jsonw w;
    if (t->view == NULL)
        return;
    struct shadow_board *board = view_board_shadow(t->view);
    shadow_board_read(board, r);
    engine_get_stats(t->engine, &now);
    int64_t age_us = clock_mono_us(clock_real()) - shadow_board_beat_us(board);
    buf_puts(frames, "event: heartbeat\ndata: ");
    jsonw_init(&w, frames);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "trader", engine_trader_id(t->engine));
    put_time(&w, "time", clock_wall_ms(clock_real()));
    jsonw_u64(&w, "seq", r->seq);
    jsonw_i64(&w, "engine_age_ms", age_us > 0 ? age_us / 1000 : 0);
    jsonw_bool(&w, "entries_halted", now.entries_halted);
    jsonw_bool(&w, "broker_up", now.broker_up);
    jsonw_u64(&w, "open_trades", now.open_positions);
    jsonw_str(&w, "mode", shadow_mode_name(r->default_mode));
    jsonw_str(&w, "phase", phase_name(r->phase.now));
    put_totals(&w, &r->shadow);
    jsonw_object_end(&w);
    buf_puts(frames, "\n\n");
}

/* ---- files ---- */

static const struct shadow_record *record_at(const struct shadow *sh, size_t i)
{
    size_t first = sh->record_next + SHADOW_RECORDS_MAX - sh->record_count;
    return &sh->records[(first + i) % SHADOW_RECORDS_MAX];
}

static const struct shadow_virtual *closed_at(const struct shadow *sh, size_t i)
{
    size_t first = sh->closed_next + SHADOW_CLOSED_MAX - sh->closed_count;
    return &sh->closed[(first + i) % SHADOW_CLOSED_MAX];
}

static void csv_decimal(struct buf *b, int64_t value_e8)
{
    char text[DEC_TEXT_CAP];
    buf_putc(b, ',');
    if (value_e8 != DEC_NONE)
        buf_puts(b, dec_format(value_e8, text));
}

static void csv_side(struct buf *b, const struct shadow_view *v)
{
    buf_printf(b, ",%s,%s,%s", shadow_action_name(v->what.action), reason_code(v->reason),
               side_name(v->what.side));
    csv_decimal(b, v->what.has_params ? v->what.lots_e8 : DEC_NONE);
    csv_decimal(b, v->what.sl_pips_e8);
    csv_decimal(b, v->what.tp_pips_e8);
}

static void csv_records(struct buf *b, const struct shadow *sh)
{
    char time[CLOCK_TEXT_CAP];
    buf_puts(b, "seq,time,type,symbol,signal,plugin,route,legacy_action,legacy_reason,"
                "legacy_direction,legacy_lots,legacy_sl_pips,legacy_tp_pips,plugin_action,"
                "plugin_reason,plugin_direction,plugin_lots,plugin_sl_pips,plugin_tp_pips\r\n");
    for (size_t i = 0; i < sh->record_count; i++) {
        const struct shadow_record *r = record_at(sh, i);
        clock_format_rfc3339(r->time_ms, time);
        buf_printf(b, "%llu,%s,%s,%s,%s,%s,%s", (unsigned long long)r->seq, time,
                   shadow_verdict_name(r->diff), r->symbol, signal_kind_name(r->kind), r->plugin,
                   r->route);
        csv_side(b, &r->legacy);
        csv_side(b, &r->plugins);
        buf_puts(b, "\r\n");
    }
}

static void csv_virtual(struct buf *b, const struct shadow_virtual *v)
{
    char opened[CLOCK_TEXT_CAP], closed[CLOCK_TEXT_CAP] = "";
    clock_format_rfc3339(v->p.opened_ms, opened);
    if (v->closed_ms != 0)
        clock_format_rfc3339(v->closed_ms, closed);
    buf_printf(b, "%llu,%s,%s,%s,%s,%s,%s", (unsigned long long)v->p.parent_seq, v->p.plugin,
               v->p.route, v->p.symbol, side_name(v->p.side), opened, closed);
    csv_decimal(b, v->p.lots_e8);
    csv_decimal(b, v->p.entry_e8);
    csv_decimal(b, v->p.sl_e8);
    csv_decimal(b, v->p.tp_e8);
    csv_decimal(b, v->closed_ms != 0 ? v->exit_e8 : DEC_NONE);
    csv_decimal(b, v->closed_ms != 0 ? v->profit_e8 : DEC_NONE);
    buf_printf(b, ",%s,%s\r\n", reason_code(v->reason), v->closed_ms != 0 ? "closed" : "virtual");
}

static void csv_virtuals(struct buf *b, const struct shadow *sh)
{
    buf_puts(b, "signal_seq,plugin,route,symbol,direction,opened,closed,lots,entry,sl,tp,exit,"
                "profit,reason,status\r\n");
    for (size_t i = 0; i < sh->closed_count; i++)
        csv_virtual(b, closed_at(sh, i));
    for (size_t i = 0; i < sh->open_count; i++)
        csv_virtual(b, &sh->open[i]);
}

/* ?what=discrepancies (when absent) or virtual. */
void shadow_export_csv(struct http_api *api, struct http_exchange *x)
{
    struct shadow_report *r TR_CLEANUP(mem_freep) = xalloc(sizeof(*r));
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    const char *trader;
    const char *what = http_query(x, "what");
    bool is_virtual = what != NULL && str_eq(what, "virtual");
    if (what != NULL && !is_virtual && !str_eq(what, "discrepancies")) {
        api_refuse(api, x, API_ROUTE_STATUS, 400,
                   &(struct page_refusal){.code = reason_code(REASON_ARGUMENT_INVALID),
                                          .field = "what",
                                          .value = what,
                                          .accepted = "discrepancies or virtual"});
        return;
    }
    if (!read_board(api, x, &trader, r))
        return;
    buf_init(&out, PAGE_MAX_BYTES);
    if (is_virtual)
        csv_virtuals(&out, &r->shadow);
    else
        csv_records(&out, &r->shadow);
    api_answer_text(api, x, API_ROUTE_STATUS, "text/csv; charset=utf-8", &out);
}

static void put_view(struct jsonw *w, const char *key, const struct shadow_view *v)
{
    jsonw_object_begin(w, key);
    jsonw_str(w, "action", shadow_action_name(v->what.action));
    put_text(w, "reason", reason_code(v->reason));
    if (v->what.has_params) {
        jsonw_object_begin(w, "order_params");
        jsonw_str(w, "symbol", v->what.symbol);
        jsonw_str(w, "direction", side_name(v->what.side));
        put_decimal(w, "lot_size", v->what.lots_e8);
        put_decimal(w, "sl_pips", v->what.sl_pips_e8);
        put_decimal(w, "tp_pips", v->what.tp_pips_e8);
        jsonw_object_end(w);
    }
    jsonw_object_end(w);
}

static void json_record(struct buf *b, const struct shadow_record *r)
{
    struct jsonw w;
    jsonw_init(&w, b);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "record", "discrepancy");
    jsonw_u64(&w, "signal_id", r->seq);
    put_time(&w, "timestamp", r->time_ms);
    jsonw_str(&w, "type", shadow_verdict_name(r->diff));
    jsonw_str(&w, "symbol", r->symbol);
    jsonw_str(&w, "signal", signal_kind_name(r->kind));
    jsonw_str(&w, "plugin_id", r->plugin);
    put_text(&w, "route", r->route);
    put_view(&w, "legacy", &r->legacy);
    put_view(&w, "plugin", &r->plugins);
    jsonw_object_end(&w);
    buf_putc(b, '\n');
}

/* SH-6 */
static void json_virtual(struct buf *b, const struct shadow_virtual *v)
{
    struct jsonw w;
    bool is_closed = v->closed_ms != 0;
    jsonw_init(&w, b);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "record", "virtual_order");
    jsonw_str(&w, "plugin_id", v->p.plugin);
    put_text(&w, "route", v->p.route);
    jsonw_u64(&w, "signal_id", v->p.parent_seq);
    put_time(&w, "timestamp", v->p.opened_ms);
    jsonw_object_begin(&w, "order_params");
    jsonw_str(&w, "symbol", v->p.symbol);
    jsonw_str(&w, "direction", side_name(v->p.side));
    put_decimal(&w, "lot_size", v->p.lots_e8);
    put_decimal(&w, "entry", v->p.entry_e8);
    put_decimal(&w, "sl", v->p.sl_e8);
    put_decimal(&w, "tp", v->p.tp_e8);
    jsonw_object_end(&w);
    jsonw_str(&w, "status", is_closed ? "closed" : "virtual");
    put_time(&w, "closed", v->closed_ms);
    put_decimal(&w, "exit", is_closed ? v->exit_e8 : DEC_NONE);
    put_decimal(&w, "profit", is_closed ? v->profit_e8 : DEC_NONE);
    put_text(&w, "reason", reason_code(v->reason));
    jsonw_object_end(&w);
    buf_putc(b, '\n');
}

void shadow_export_jsonl(struct http_api *api, struct http_exchange *x)
{
    struct shadow_report *r TR_CLEANUP(mem_freep) = xalloc(sizeof(*r));
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    const char *trader;
    if (!read_board(api, x, &trader, r))
        return;
    buf_init(&out, PAGE_MAX_BYTES);
    for (size_t i = 0; i < r->shadow.record_count; i++)
        json_record(&out, record_at(&r->shadow, i));
    for (size_t i = 0; i < r->shadow.closed_count; i++)
        json_virtual(&out, closed_at(&r->shadow, i));
    for (size_t i = 0; i < r->shadow.open_count; i++)
        json_virtual(&out, &r->shadow.open[i]);
    api_answer_text(api, x, API_ROUTE_STATUS, "application/x-ndjson", &out);
}
