/* store/leg.c: arithmetic and columns of one order of a trade. Numbers come from the events, only
 * averages and pips are computed here. Profits are before commission and swap, which have columns
 * of their own. */
#include "store/leg.h"

#include <inttypes.h>

#include "core/alloc.h"
#include "core/jsonw.h"
#include "core/log.h"

bool leg_is_done(const struct leg *g)
{
    TR_ASSERT(g->closed_e8 >= 0);
    return g->closed_e8 >= g->lots_e8;
}

const char *leg_status(const struct leg *g)
{
    return leg_is_done(g) ? "CLOSED" : g->closed_e8 > 0 ? "PARTIAL" : "OPEN";
}

int leg_bind_dec(sqlite3_stmt *st, int at, int64_t v_e8)
{
    return v_e8 == DEC_NONE ? sqlite3_bind_null(st, at) : sqlite3_bind_int64(st, at, v_e8);
}

int leg_bind_text(sqlite3_stmt *st, int at, const char *s)
{
    return s[0] == '\0' ? sqlite3_bind_null(st, at)
                        : sqlite3_bind_text(st, at, s, -1, SQLITE_STATIC);
}

static int64_t column_dec(sqlite3_stmt *st, int at, int64_t if_null)
{
    return sqlite3_column_type(st, at) == SQLITE_NULL ? if_null : sqlite3_column_int64(st, at);
}

void leg_load(sqlite3_stmt *st, struct leg *g)
{
    g->trade_id = sqlite3_column_int64(st, 0);
    g->is_b = sqlite3_column_int(st, 1) != 0;
    g->is_manual = str_eq((const char *)sqlite3_column_text(st, 2), "M") && !g->is_b;
    g->side = str_eq((const char *)sqlite3_column_text(st, 3), "BUY") ? SIDE_BUY : SIDE_SELL;
    (void)str_copy(g->symbol, sizeof(g->symbol), (const char *)sqlite3_column_text(st, 4));
    g->lots_e8 = column_dec(st, 5, 0);
    g->entry_e8 = column_dec(st, 6, DEC_NONE);
    g->sl_e8 = column_dec(st, 7, DEC_NONE);
    g->tp_e8 = column_dec(st, 8, DEC_NONE);
    g->closed_e8 = column_dec(st, 9, 0);
    g->exit_e8 = column_dec(st, 10, DEC_NONE);
    g->profit_e8 = column_dec(st, 11, 0);
    g->pips_e8 = column_dec(st, 12, DEC_NONE);
    g->commission_e8 = column_dec(st, 13, 0);
    g->swap_e8 = column_dec(st, 14, 0);
    g->opened_ms = column_dec(st, 15, 0);
    g->closed_ms = column_dec(st, 16, DEC_NONE);
    const char *reason = (const char *)sqlite3_column_text(st, 17);
    if (reason == NULL || !reason_parse(reason, &g->reason))
        g->reason = REASON_UNSET;
}

void leg_bind(sqlite3_stmt *st, const struct leg *g)
{
    /* Numbers and static texts always bind. */
    (void)sqlite3_bind_int64(st, 1, g->trade_id);
    (void)sqlite3_bind_int64(st, 2, (int64_t)g->ticket);
    (void)leg_bind_text(st, 3, leg_status(g));
    const int64_t values[] = {g->lots_e8,       g->entry_e8, g->sl_e8,     g->tp_e8,
                              g->closed_e8,     g->exit_e8,  g->profit_e8, g->pips_e8,
                              g->commission_e8, g->swap_e8,  g->opened_ms, g->closed_ms};
    for (size_t i = 0; i < TR_ARRAY_SIZE(values); i++)
        (void)leg_bind_dec(st, 4 + (int)i, values[i]);
    (void)leg_bind_text(st, 16, reason_code(g->reason));
}

struct leg leg_opened(const struct event *e)
{
    struct leg g = {
        .is_b = e->role == ORDER_ROLE_B,
        .ticket = e->position_cid,
        .lots_e8 = e->lots_e8,
        .entry_e8 = e->entry_e8,
        .sl_e8 = e->sl_e8,
        .tp_e8 = e->tp_e8,
        .exit_e8 = DEC_NONE,
        .pips_e8 = DEC_NONE,
        .opened_ms = e->time_ms,
        .closed_ms = DEC_NONE,
    };
    TR_ASSERT(g.ticket > 0);
    return g;
}

void leg_grow(struct leg *g, const struct event *e)
{
    g->lots_e8 = g->closed_e8 + e->lots_e8;
    g->entry_e8 = e->entry_e8;
    g->sl_e8 = e->sl_e8;
    g->tp_e8 = e->tp_e8;
    g->closed_ms = DEC_NONE;
}

int64_t leg_pips_e8(const struct leg *g, int64_t exit_e8)
{
    const struct symbol_info *s = symbol_find(g->symbol);
    if (s == NULL || g->entry_e8 == DEC_NONE || exit_e8 == DEC_NONE)
        return DEC_NONE;
    return symbol_pips_e8(s, g->entry_e8, exit_e8) * side_sign(g->side);
}

void leg_close(struct leg *g, const struct event *e)
{
    int64_t before_e8 = g->closed_e8;
    TR_ASSERT(e->lots_e8 > 0);
    g->closed_e8 += e->lots_e8;
    /* What is left is the broker's word; without it, what was opened less what is closed. */
    if (e->number_e8 != DEC_NONE && e->number_e8 >= 0)
        g->lots_e8 = g->closed_e8 + e->number_e8;
    else if (g->lots_e8 < g->closed_e8)
        g->lots_e8 = g->closed_e8;
    if (e->exit_e8 != DEC_NONE) {
        int64_t old_e8 = before_e8 > 0 && g->exit_e8 != DEC_NONE ? g->exit_e8 : e->exit_e8;
        g->exit_e8 =
            old_e8 + dec_muldiv(e->exit_e8 - old_e8, e->lots_e8, g->closed_e8, DEC_HALF_AWAY);
    }
    g->profit_e8 += e->profit_e8;
    g->commission_e8 += e->commission_e8;
    g->swap_e8 += e->swap_e8;
    g->pips_e8 = leg_pips_e8(g, g->exit_e8);
    g->reason = e->reason;
    g->closed_ms = leg_is_done(g) ? e->time_ms : DEC_NONE;
}

bool leg_event_is_sane(const struct event *e)
{
    bool ok = (e->side == SIDE_BUY || e->side == SIDE_SELL) && e->symbol[0] != '\0' &&
              e->position_cid != 0 && e->position_cid <= INT64_MAX && e->lots_e8 > 0;
    if (!ok)
        log_error("store", "ledger_event_malformed seq=%" PRIu64 " position=%" PRIu64, e->seq,
                  e->position_cid);
    return ok;
}

void leg_signal_json(const struct event *e, struct buf *out)
{
    struct jsonw w;
    char price[DEC_TEXT_CAP];
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "type", signal_kind_name(e->signal_kind));
    jsonw_str(&w, "symbol", e->symbol);
    jsonw_str(&w, "direction", side_name(e->side));
    jsonw_str(&w, "tf", timeframe_name(e->tf));
    if (e->score >= 0)
        jsonw_i64(&w, "score", e->score);
    if (e->entry_e8 != DEC_NONE)
        jsonw_str(&w, "price", dec_format(e->entry_e8, price));
    jsonw_object_end(&w);
}
