/* Trades, chains and the ledger of a simulation, as tables or as one JSON object. */
#include "cli/simulate_report.h"

#include <inttypes.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/jsonw.h"

static int64_t net_e8(const struct sim_trade *t)
{
    return t->profit_e8 + t->swap_e8 - t->commission_e8;
}

static const char *price_text(int64_t v_e8, char out[DEC_TEXT_CAP])
{
    return v_e8 == DEC_NONE ? "-" : dec_format(v_e8, out);
}

static const char *why_text(const struct sim_trade *t)
{
    return t->closed_e8 == 0 ? "open" : reason_code(t->reason);
}

/* ---- text ---- */

static void trades_text(const struct sim_outcome *o, struct buf *out)
{
    char when[CLOCK_TEXT_CAP], lots[DEC_TEXT_CAP], entry[DEC_TEXT_CAP], exit[DEC_TEXT_CAP],
        net[DEC_TEXT_CAP];
    buf_printf(out, "Trades (%zu)\n", o->trade_count);
    for (size_t i = 0; i < o->trade_count; i++) {
        const struct sim_trade *t = &o->trades[i];
        clock_format_rfc3339(t->opened_ms, when);
        buf_printf(out, "  %s %-16s %-8s %s %-4s %-8s %5s lots  %10s -> %-10s %10s  %s\n", when,
                   t->plugin, t->route, order_role_name(t->role), side_name(t->side), t->symbol,
                   dec_format(t->lots_e8, lots), price_text(t->entry_e8, entry),
                   price_text(t->exit_e8, exit), dec_format_fixed(net_e8(t), 2, net), why_text(t));
    }
}

static void chains_text(const struct sim_outcome *o, struct buf *out)
{
    char profit[DEC_TEXT_CAP], loss[DEC_TEXT_CAP];
    buf_printf(out, "\nChains (%zu)\n", o->chain_count);
    for (size_t i = 0; i < o->chain_count; i++) {
        const struct sim_chain *c = &o->chains[i];
        buf_printf(out, "  %-24s %-16s %-8s %-18s %-10s level %d  +%s -%s%s%s\n", c->id, c->plugin,
                   c->route, c->kind, c->state, c->level, dec_format_fixed(c->profit_e8, 2, profit),
                   dec_format_fixed(c->loss_e8, 2, loss),
                   c->stop_reason != REASON_UNSET ? "  " : "",
                   c->stop_reason != REASON_UNSET ? reason_code(c->stop_reason) : "");
    }
}

static void figures_text(const char *name, const char *route, const struct sim_figures *f,
                         struct buf *out)
{
    char net[DEC_TEXT_CAP], rate[DEC_TEXT_CAP], down[DEC_TEXT_CAP];
    buf_printf(out,
               "  %-16s %-8s %6d trades  %6d won  %6d lost  win rate %6s %%  net %12s  "
               "drawdown %10s\n",
               name, route, f->trades, f->wins, f->losses,
               dec_format_fixed(100 * f->win_rate_e8, 1, rate), dec_format_fixed(f->net_e8, 2, net),
               dec_format_fixed(f->max_drawdown_e8, 2, down));
}

void simulate_report_text(const struct simulate_totals *t, const struct sim_outcome *o,
                          struct buf *out)
{
    char a[DEC_TEXT_CAP], b[DEC_TEXT_CAP], c[DEC_TEXT_CAP];
    trades_text(o, out);
    chains_text(o, out);
    buf_printf(out, "\nLedger\n");
    for (size_t i = 0; i < o->group_count; i++)
        figures_text(o->groups[i].plugin, o->groups[i].route, &o->groups[i].f, out);
    figures_text("all", "", &o->all, out);
    buf_printf(out,
               "\n%" PRIu64 " alerts: %" PRIu64 " accepted, %" PRIu64 " refused, of these %" PRIu64
               " unreadable; %" PRIu64 " ticks; %" PRIu64 " rows\n",
               t->alerts, t->accepted, t->refused, t->unreadable, t->ticks, t->rows);
    buf_printf(out, "balance %s -> %s, equity %s; %zu positions and %zu chains open\n",
               dec_format_fixed(t->start_balance_e8, 2, a), dec_format_fixed(t->balance_e8, 2, b),
               dec_format_fixed(t->equity_e8, 2, c), t->open_positions, t->open_chains);
}

/* ---- JSON ---- */

static void dec_member(struct jsonw *w, const char *key, int64_t v_e8)
{
    char text[DEC_TEXT_CAP];
    if (v_e8 == DEC_NONE)
        jsonw_null(w, key);
    else
        jsonw_str(w, key, dec_format(v_e8, text));
}

static void time_member(struct jsonw *w, const char *key, int64_t ms)
{
    char text[CLOCK_TEXT_CAP];
    clock_format_rfc3339(ms, text);
    jsonw_str(w, key, ms > 0 ? text : NULL);
}

static void trade_json(struct jsonw *w, const struct sim_trade *t)
{
    jsonw_object_begin(w, NULL);
    jsonw_u64(w, "position", t->position_cid);
    jsonw_str(w, "plugin", t->plugin);
    jsonw_str(w, "route", t->route);
    jsonw_str(w, "role", order_role_name(t->role));
    jsonw_str(w, "chain", t->chain_id);
    jsonw_str(w, "symbol", t->symbol);
    jsonw_str(w, "side", side_name(t->side));
    dec_member(w, "lots", t->lots_e8);
    dec_member(w, "closed_lots", t->closed_e8);
    dec_member(w, "entry", t->entry_e8);
    dec_member(w, "exit", t->exit_e8);
    dec_member(w, "profit", t->profit_e8);
    dec_member(w, "commission", t->commission_e8);
    dec_member(w, "swap", t->swap_e8);
    dec_member(w, "net", net_e8(t));
    jsonw_str(w, "reason", why_text(t));
    time_member(w, "opened_at", t->opened_ms);
    time_member(w, "closed_at", t->closed_ms);
    jsonw_i64(w, "fills", t->fills);
    jsonw_object_end(w);
}

static void chain_json(struct jsonw *w, const struct sim_chain *c)
{
    jsonw_object_begin(w, NULL);
    jsonw_str(w, "id", c->id);
    jsonw_str(w, "plugin", c->plugin);
    jsonw_str(w, "route", c->route);
    jsonw_str(w, "symbol", c->symbol);
    jsonw_str(w, "side", side_name(c->side));
    jsonw_str(w, "kind", c->kind);
    jsonw_str(w, "state", c->state);
    jsonw_i64(w, "level", c->level);
    jsonw_i64(w, "entries", c->entries);
    dec_member(w, "profit", c->profit_e8);
    dec_member(w, "loss", c->loss_e8);
    jsonw_str(w, "stop_reason",
              c->stop_reason != REASON_UNSET ? reason_code(c->stop_reason) : NULL);
    time_member(w, "opened_at", c->opened_ms);
    time_member(w, "updated_at", c->updated_ms);
    jsonw_object_end(w);
}

static void figures_json(struct jsonw *w, const struct sim_figures *f)
{
    jsonw_i64(w, "trades", f->trades);
    jsonw_i64(w, "wins", f->wins);
    jsonw_i64(w, "losses", f->losses);
    dec_member(w, "win_rate", f->win_rate_e8);
    dec_member(w, "profit", f->net_e8);
    dec_member(w, "max_drawdown", f->max_drawdown_e8);
}

static void ledger_json(struct jsonw *w, const struct simulate_totals *t,
                        const struct sim_outcome *o)
{
    jsonw_object_begin(w, "ledger");
    dec_member(w, "start_balance", t->start_balance_e8);
    dec_member(w, "balance", t->balance_e8);
    dec_member(w, "equity", t->equity_e8);
    dec_member(w, "broker_balance", t->broker_balance_e8);
    jsonw_i64(w, "open_positions", (int64_t)t->open_positions);
    jsonw_i64(w, "open_chains", (int64_t)t->open_chains);
    jsonw_u64(w, "fills", o->fills);
    jsonw_u64(w, "failed_orders", o->failed_orders);
    jsonw_u64(w, "unknown_orders", o->unknown_orders);
    figures_json(w, &o->all);
    jsonw_array_begin(w, "groups");
    for (size_t i = 0; i < o->group_count; i++) {
        jsonw_object_begin(w, NULL);
        jsonw_str(w, "plugin", o->groups[i].plugin);
        jsonw_str(w, "route", o->groups[i].route);
        figures_json(w, &o->groups[i].f);
        jsonw_object_end(w);
    }
    jsonw_array_end(w);
    jsonw_object_end(w);
}

void simulate_report_json(const struct simulate_totals *t, const struct sim_outcome *o,
                          struct buf *out)
{
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_u64(&w, "alerts", t->alerts);
    jsonw_u64(&w, "accepted", t->accepted);
    jsonw_u64(&w, "refused", t->refused);
    jsonw_u64(&w, "unreadable", t->unreadable);
    jsonw_u64(&w, "ticks", t->ticks);
    jsonw_u64(&w, "rows", t->rows);
    time_member(&w, "ended_at", t->now_ms);
    jsonw_array_begin(&w, "trades");
    for (size_t i = 0; i < o->trade_count; i++)
        trade_json(&w, &o->trades[i]);
    jsonw_array_end(&w);
    jsonw_array_begin(&w, "chains");
    for (size_t i = 0; i < o->chain_count; i++)
        chain_json(&w, &o->chains[i]);
    jsonw_array_end(&w);
    ledger_json(&w, t, o);
    jsonw_object_end(&w);
    buf_putc(out, '\n');
}
