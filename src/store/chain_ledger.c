/* store/chain_ledger.c: see chain_ledger.h. An event says everything about its chain, so each one
 * is written over what stood there: repeating events, or beginning in the middle, does no harm. The
 * statements of all ledgers are one text with the prefix put in. */
#include "store/chain_ledger.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "store/leg.h"

#define WORDS_MAX 4
#define WORD_CAP  32

/* The words of an event's text; what is missing is "". */
struct words {
    char at[WORDS_MAX][WORD_CAP];
};

static struct words split(const char *text)
{
    struct words w = {0};
    for (int i = 0; i < WORDS_MAX && *text != '\0'; i++) {
        size_t n = strcspn(text, " ");
        (void)snprintf(w.at[i], WORD_CAP, "%.*s", (int)n, text);
        text += n;
        text += strspn(text, " ");
    }
    return w;
}

static int64_t whole(const char *text)
{
    int64_t v = 0;
    return str_to_i64(text, &v) ? v : 0;
}

/* ---- re-entry ---- */

/* A trade's row by its ticket, where there is one table of trades. */
#define V3_TRADE_ID                                                                                \
    "(SELECT id FROM combined_v3_trades WHERE order_a_ticket = ?16 OR order_b_ticket = ?16)"
#define LEGACY_TRADE_ID "(SELECT id FROM trades WHERE mt5_ticket = ?16)"

#define REENTRY(prefix, more, more_values, trade_id)                                               \
    "INSERT INTO " prefix "_reentry_chains(chain_id, plugin_id, symbol, direction,"                \
    " original_trade_id, original_entry_price_e8, original_entry_time_ms, status,"                 \
    " current_level, max_level, reentry_type, last_sl_price_e8, last_tp_price_e8,"                 \
    " recovery_threshold_e8, recovery_window_minutes, total_entries, total_profit_dollars_e8,"     \
    " total_loss_dollars_e8, created_at_ms, updated_at_ms, completed_at_ms, stop_reason" more ")"  \
    " VALUES(?1, ?2, ?3, ?4, " trade_id ", ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"                     \
    " coalesce(?13, 70000000), ?14, ?15, ?17, ?18, ?6, ?19,"                                       \
    " CASE WHEN ?7 IN ('STOPPED', 'COMPLETED') THEN ?19 END, ?20" more_values ")"                  \
    " ON CONFLICT(chain_id) DO UPDATE SET direction = excluded.direction,"                         \
    " original_trade_id = coalesce(excluded.original_trade_id, original_trade_id),"                \
    " original_entry_price_e8 = excluded.original_entry_price_e8, status = excluded.status,"       \
    " current_level = excluded.current_level, max_level = excluded.max_level,"                     \
    " reentry_type = excluded.reentry_type, last_sl_price_e8 = excluded.last_sl_price_e8,"         \
    " last_tp_price_e8 = excluded.last_tp_price_e8,"                                               \
    " recovery_threshold_e8 = excluded.recovery_threshold_e8,"                                     \
    " recovery_window_minutes = excluded.recovery_window_minutes,"                                 \
    " total_entries = excluded.total_entries,"                                                     \
    " total_profit_dollars_e8 = excluded.total_profit_dollars_e8,"                                 \
    " total_loss_dollars_e8 = excluded.total_loss_dollars_e8,"                                     \
    " updated_at_ms = excluded.updated_at_ms,"                                                     \
    " completed_at_ms = coalesce(completed_at_ms, excluded.completed_at_ms),"                      \
    " stop_reason = excluded.stop_reason"

static int apply_reentry(struct trade_ledger *l, enum chain_ledger which, const struct event *e,
                         const struct words *w)
{
    static const char *const sql[CHAIN_LEDGER_COUNT] = {
        REENTRY("v3", "", "", V3_TRADE_ID), REENTRY("v6", ", timeframe", ", ?21", "NULL"),
        REENTRY("legacy", "", "", LEGACY_TRADE_ID)};
    sqlite3_stmt *st = trade_ledger_prepare(l, sql[which]);
    if (st == NULL)
        return err_raise(-EIO);
    /* Numbers and texts always bind. */
    (void)leg_bind_text(st, 1, e->chain_id);
    (void)leg_bind_text(st, 2, e->plugin);
    (void)leg_bind_text(st, 3, e->symbol);
    (void)leg_bind_text(st, 4, side_name(e->side));
    (void)leg_bind_dec(st, 5, e->entry_e8);
    (void)sqlite3_bind_int64(st, 6, e->swap_e8);
    (void)leg_bind_text(st, 7, w->at[0]);
    (void)sqlite3_bind_int64(st, 8, e->number_e8 / DEC_ONE);
    (void)sqlite3_bind_int64(st, 9, e->limit_e8 / DEC_ONE);
    (void)leg_bind_text(st, 10, str_eq(w->at[1], "-") ? "" : w->at[1]);
    (void)leg_bind_dec(st, 11, e->sl_e8);
    (void)leg_bind_dec(st, 12, e->tp_e8);
    (void)leg_bind_dec(st, 13, e->exit_e8);
    (void)sqlite3_bind_int64(st, 14, whole(w->at[3]));
    (void)sqlite3_bind_int64(st, 15, e->score);
    if (which == CHAIN_LEDGER_V6)
        (void)leg_bind_text(st, 21, e->route);
    else
        (void)sqlite3_bind_int64(st, 16, (int64_t)e->position_cid);
    (void)sqlite3_bind_int64(st, 17, e->profit_e8);
    (void)sqlite3_bind_int64(st, 18, e->commission_e8);
    (void)sqlite3_bind_int64(st, 19, e->time_ms);
    (void)leg_bind_text(st, 20, reason_code(e->reason));
    return err_trace(db_step_done(trade_ledger_db(l), st));
}

/* ---- profit ---- */

#define PROFIT(prefix)                                                                             \
    "INSERT INTO " prefix "_profit_chains(chain_id, parent_chain_id, plugin_id, symbol,"           \
    " direction, base_lot_e8, current_level, orders_total, orders_booked, total_profit_e8,"        \
    " total_loss_e8, status, stop_reason, created_at_ms, updated_at_ms)"                           \
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"                    \
    " ON CONFLICT(chain_id) DO UPDATE SET base_lot_e8 = excluded.base_lot_e8,"                     \
    " current_level = excluded.current_level, orders_total = excluded.orders_total,"               \
    " orders_booked = excluded.orders_booked, total_profit_e8 = excluded.total_profit_e8,"         \
    " total_loss_e8 = excluded.total_loss_e8, status = excluded.status,"                           \
    " stop_reason = excluded.stop_reason, updated_at_ms = excluded.updated_at_ms"

static int apply_profit(struct trade_ledger *l, enum chain_ledger which, const struct event *e,
                        const struct words *w)
{
    static const char *const sql[CHAIN_LEDGER_COUNT] = {PROFIT("v3"), PROFIT("v6"),
                                                        PROFIT("legacy")};
    char booked[WORD_CAP];
    const char *slash = strchr(w->at[2], '/');
    sqlite3_stmt *st = trade_ledger_prepare(l, sql[which]);
    if (st == NULL)
        return err_raise(-EIO);
    (void)snprintf(booked, sizeof(booked), "%.*s", (int)strcspn(w->at[2], "/"), w->at[2]);
    /* Numbers and texts always bind. */
    (void)leg_bind_text(st, 1, e->chain_id);
    (void)sqlite3_bind_text(st, 2, w->at[3], -1, SQLITE_STATIC);
    (void)leg_bind_text(st, 3, e->plugin);
    (void)leg_bind_text(st, 4, e->symbol);
    (void)leg_bind_text(st, 5, side_name(e->side));
    (void)sqlite3_bind_int64(st, 6, e->lots_e8);
    (void)sqlite3_bind_int64(st, 7, e->number_e8 / DEC_ONE);
    (void)sqlite3_bind_int64(st, 8, slash == NULL ? 0 : whole(slash + 1));
    (void)sqlite3_bind_int64(st, 9, whole(booked));
    (void)sqlite3_bind_int64(st, 10, e->profit_e8);
    (void)sqlite3_bind_int64(st, 11, e->commission_e8);
    (void)leg_bind_text(st, 12, w->at[0]);
    (void)leg_bind_text(st, 13, reason_code(e->reason));
    (void)sqlite3_bind_int64(st, 14, e->swap_e8);
    (void)sqlite3_bind_int64(st, 15, e->time_ms);
    return err_trace(db_step_done(trade_ledger_db(l), st));
}

int chain_ledger_apply(struct trade_ledger *l, enum chain_ledger which, const struct event *e)
{
    TR_ASSERT((int)which >= 0 && which < CHAIN_LEDGER_COUNT);
    TR_ASSERT(e->type == EVENT_CHAIN_STATE);
    const struct words w = split(e->text);
    if (str_eq(w.at[1], "PROFIT"))
        return apply_profit(l, which, e, &w);
    return apply_reentry(l, which, e, &w);
}
