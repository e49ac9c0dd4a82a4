/* brokers/paper_book.h: what the paper venue knows: orders, positions, account, quotes. Pure: no
 * thread, no clock, no I/O. Everything durable is changed by paper_book_apply() of a struct
 * paper_change only, so the venue writes the change to its log first and applies it afterwards, and
 * a restart applies the log again. Changes are computed by paper_deal.h. Hedging account: one
 * opening order makes one position, named by the order's cid. Owner thread only. */
#ifndef TRIDENT_BROKERS_PAPER_BOOK_H
#define TRIDENT_BROKERS_PAPER_BOOK_H

#include "brokers/paper_history.h"

#define PAPER_SYMBOLS_MAX     32
#define PAPER_POSITIONS_MAX   10000
#define PAPER_ORDERS_KEEP_MAX 2000 /* finished orders remembered: more than can be in question */
#define PAPER_ORDERS_KEEP_MS                                                                       \
    (INT64_C(3) * 24 * 3600 * 1000) /* and for how long, spec brokers 1.4 */

/* Return codes of the venue: those of MetaTrader 5 (spec brokers 1.3). */
enum paper_code {
    PAPER_CODE_NONE = 0,
    PAPER_CODE_REJECT = 10006,
    PAPER_CODE_DONE = 10009,
    PAPER_CODE_ERROR = 10011,
    PAPER_CODE_INVALID = 10013,
    PAPER_CODE_INVALID_VOLUME = 10014,
    PAPER_CODE_INVALID_STOPS = 10016,
    PAPER_CODE_NO_MONEY = 10019,
    PAPER_CODE_PRICE_OFF = 10021,
    PAPER_CODE_INVALID_EXPIRATION = 10022,
    PAPER_CODE_TOO_MANY_REQUESTS = 10024,
    PAPER_CODE_POSITION_CLOSED = 10036,
    PAPER_CODE_INVALID_CLOSE_VOLUME = 10038,
    PAPER_CODE_LIMIT_POSITIONS = 10040,
};

enum paper_order_state {
    PAPER_ORDER_UNSET = 0,
    PAPER_ORDER_WORKING,
    PAPER_ORDER_FILLED,
    PAPER_ORDER_CANCELLED, /* the rest of it; fills stay */
    PAPER_ORDER_REJECTED,
    PAPER_ORDER_STATE_COUNT
};

struct paper_order { /* 100,000 of them may be remembered: kept small */
    uint64_t cid;
    uint64_t position_cid;
    uint64_t exec_id; /* of the newest fill */
    int64_t lots_e8, filled_e8, avg_price_e8;
    int64_t sl_e8, tp_e8;
    int64_t profit_e8, commission_e8, swap_e8; /* of all its fills */
    int64_t expires_ms, updated_ms;
    int code;
    uint8_t symbol; /* index into the model's table */
    enum paper_order_state state : 8;
    enum order_purpose purpose : 8;
    enum side side : 8; /* of the deal */
    enum broker_class klass : 8;
    enum reason reason : 16;
    struct paper_order *newer; /* book's own: next in its list */
    struct paper_order *older;
};

struct paper_position {
    uint64_t cid;
    int64_t lots_e8; /* 0 in a change: closed */
    int64_t entry_e8;
    int64_t sl_e8, tp_e8;
    int64_t margin_e8; /* kept at the opening price */
    int64_t swap_e8;   /* gathered, paid when it closes */
    int64_t opened_ms;
    int64_t floating_e8; /* book's own: open profit at the last quote */
    int swap_day;        /* server day up to which swap is charged */
    uint8_t symbol;
    enum side side : 8;
    struct paper_position *prev, *next; /* book's own: by age within the symbol */
};

struct paper_account {
    int64_t balance_e8;
    uint64_t next_exec_id;
};

/* One step of the venue's history: the state after it. */
struct paper_change {
    bool has_order, has_position, has_fill;
    struct paper_account account;
    struct paper_order order;
    struct paper_position position;
    struct paper_fill fill;
};

struct paper_trigger {
    const struct paper_position *position;
    int64_t price_e8;
    enum reason reason; /* SL_HIT, TP_HIT, STOP_OUT */
};

struct paper_book;
/* first_exec_id: for an account without history. conf is copied. */
struct paper_book *paper_book_new(const struct paper_conf *conf, uint64_t first_exec_id);
struct paper_book *paper_book_free(struct paper_book *b);
const struct paper_conf *paper_book_conf(const struct paper_book *b);
/* Index of a symbol, or -1. */
int paper_symbol_index(const char *name);

/* ---- state ---- */
void paper_book_apply(struct paper_book *b, const struct paper_change *c);
struct paper_account paper_book_account(const struct paper_book *b);
void paper_book_set_exec_floor(struct paper_book *b,
                               uint64_t exec_id); /* ids below are never given */
int64_t paper_book_equity_e8(const struct paper_book *b);
int64_t paper_book_margin_e8(const struct paper_book *b);
const struct paper_order *paper_book_order(const struct paper_book *b, uint64_t cid);
const struct paper_position *paper_book_position(const struct paper_book *b, uint64_t cid);
/* Iteration: NULL begins and ends. Symbol by symbol, oldest first. */
const struct paper_position *paper_book_next_position(const struct paper_book *b,
                                                      const struct paper_position *after);
const struct paper_order *paper_book_next_finished(const struct paper_book *b,
                                                   const struct paper_order *after);
const struct paper_order *paper_book_next_working(const struct paper_book *b,
                                                  const struct paper_order *after);
size_t paper_book_position_count(const struct paper_book *b);
size_t paper_book_finished_count(const struct paper_book *b);
const struct paper_history *paper_book_history(const struct paper_book *b);
/* Deals up to this id are not in the history, or not all of them. */
void paper_book_cut_history(struct paper_book *b, uint64_t exec_id);
int64_t paper_book_net_lots_e8(const struct paper_book *b, size_t symbol);

/* ---- market ---- */
void paper_book_set_quote(struct paper_book *b, size_t symbol, const struct quote *q);
struct quote paper_book_quote(const struct paper_book *b, size_t symbol);
/* A stop or target reached at the current quote, oldest position first, stop before target. */
bool paper_book_next_trigger(const struct paper_book *b, size_t symbol, struct paper_trigger *ret);
/* Equity at or below the stop-out level: the position with the largest loss. */
bool paper_book_stop_out(const struct paper_book *b, struct paper_trigger *ret);
/* USD for one unit of the symbol's quote currency at the current quotes; 0 = unknown. */
int64_t paper_book_usd_per_quote_e8(const struct paper_book *b, size_t symbol);

#endif
