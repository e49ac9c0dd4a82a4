/* store/leg.h: inside of the ledgers of the plugins: one order of a trade as it stands in its row.
 * A leg is loaded, changed in memory and written back whole; where the row is, each ledger knows.
 * Pure over the struct and the statement; the ledger's thread. */
#ifndef TRIDENT_STORE_LEG_H
#define TRIDENT_STORE_LEG_H

#include <sqlite3.h>

#include "model/event.h"

struct leg {
    int64_t trade_id;
    bool is_b;
    bool is_manual;
    enum side side;
    char symbol[SYMBOL_CAP];
    uint64_t ticket;
    int64_t lots_e8, entry_e8, sl_e8, tp_e8;
    int64_t closed_e8, exit_e8; /* exit: volume-weighted; DEC_NONE while nothing is closed */
    int64_t profit_e8, pips_e8, commission_e8, swap_e8;
    int64_t opened_ms, closed_ms; /* closed_ms DEC_NONE unless all is closed */
    enum reason reason;
};

/* The columns of a leg ("order_a") in the order of leg_load() and leg_bind(). */
#define LEG_COLUMNS(leg)                                                                           \
    leg "_lot_size_e8, " leg "_entry_price_e8, " leg "_sl_price_e8, " leg "_tp_price_e8, " leg     \
        "_closed_volume_e8, " leg "_exit_price_e8, " leg "_profit_dollars_e8, " leg                \
        "_profit_pips_e8, " leg "_commission_e8, " leg "_swap_e8, " leg "_entry_time_ms, " leg     \
        "_exit_time_ms, " leg "_close_reason"

/* A row of: trade id, is_b, role of order A, direction, symbol, LEG_COLUMNS. */
void leg_load(sqlite3_stmt *st, struct leg *g);
/* ?1 trade id, ?2 ticket, ?3 status, then LEG_COLUMNS as ?4.. ?16. Texts are static. */
void leg_bind(sqlite3_stmt *st, const struct leg *g);
int leg_bind_dec(sqlite3_stmt *st, int at, int64_t v_e8); /* DEC_NONE becomes NULL */
/* "" becomes NULL. The text must live until the statement is done. */
int leg_bind_text(sqlite3_stmt *st, int at, const char *s);

/* Of a TRADE_OPENED; trade_id is for the caller to fill. */
struct leg leg_opened(const struct event *e);
/* The event has the position as it is now: further fills, and whatever was closed meanwhile is
 * gone. */
void leg_grow(struct leg *g, const struct event *e);
void leg_close(struct leg *g, const struct event *e); /* books the part a TRADE_CLOSED closed */
bool leg_is_done(const struct leg *g);
const char *leg_status(const struct leg *g); /* "OPEN" "PARTIAL" "CLOSED" */
int64_t leg_pips_e8(const struct leg *g, int64_t exit_e8);

/* A trade event that cannot be a trade is a fault of whoever wrote it (logged); the ledger must go
 * on without it. */
bool leg_event_is_sane(const struct event *e);
/* What a DECISION says about its alert, for the signals logs. */
void leg_signal_json(const struct event *e, struct buf *out);

#endif
