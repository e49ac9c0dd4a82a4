/* engine/chains.h: what becomes of a trade after its first order (spec strategies 4 and 5).
 *
 * A re-entry chain follows order A (or a lone B): after a stop it hunts the price back, after a
 * target it goes on, after an exit it may enter again. A profit chain follows order B: each order
 * is booked by itself at 7 $, a level whose orders are all booked opens the next one. The rules are
 * those of model/rules; this is who remembers, waits and orders. Order cids, prices and times come
 * in through the callbacks below; a chain asks for market prices by prices_watch() and for time by
 * apply_next_due_ms(). Everything happens inside apply(): state and journal are enough to go on
 * after a crash at any row.
 *
 * Re-entry chain (chains_reentry.c, chain_set_state):
 *
 *   ACTIVE --stop--> HUNTING --price back, order--> RECOVERING --target--> CONTINUING
 *     |                 '--window over, limit--> STOPPED  '--stop--> STOPPED
 *     |--target--> CONTINUING --price beyond, order--> ACTIVE (level + 1)
 *     |                 '--window over, last level--> COMPLETED
 *     |--exit by hand or reversal--> LEAVING --price on, order--> ACTIVE (level + 1)
 *     |                                  '--60 s--> STOPPED
 *     |--any other exit, order refused--> STOPPED
 *     '--gone at the broker--> MISSING --back--> as before; --3 checks--> STALE
 *
 *   from        to          by
 *   ACTIVE      HUNTING     on_stop        RECOVERING  the same, but no second hunt
 *   ACTIVE      CONTINUING  on_target      LEAVING     on_exit
 *   HUNTING     RECOVERING  enter          CONTINUING  ACTIVE  enter      LEAVING  ACTIVE  enter
 *   any         STOPPED     finish         any         COMPLETED  finish
 *   ACTIVE      MISSING     check          MISSING     ACTIVE, RECOVERING, STALE  check
 *
 * Beside it runs the shield (RE-13): two opposite orders from a stop until the price is back; a
 * chain that has ended stays listed until its shield is closed.
 *
 * Profit chain (chains_profit.c, profit_set_state): ACTIVE <-> ADVANCING (waits for a quote and the
 * gates to open the next level), both -> COMPLETED, STOPPED, STALE. Each of its orders:
 *
 *   PENDING -> OPEN -> BOOKED | LOST | HUNTING (RE-16, once) -> PENDING | LOST;
 *   PENDING -> FAILED | LOST (a retry that was refused); PENDING, OPEN -> MISSING -> OPEN | FAILED
 *
 * A terminal chain leaves the list in the same input, with events CHAIN_STATE and the one people
 * hear. Orders of chains pass gate_entry() and the plugin's own limits like any other; what is
 * refused for now is tried again every 5 s while the window is open, and told once. */
#ifndef TRIDENT_ENGINE_CHAINS_H
#define TRIDENT_ENGINE_CHAINS_H

#include "model/chain_conf.h"

#define CHAINS_REENTRY_MAX 256
#define CHAINS_PROFIT_MAX  128

struct broker_event;
struct engine_state;
struct engine_tx;

enum chain_state {
    CHAIN_UNSET = 0,
    CHAIN_ACTIVE, /* an order is pending or a position open */
    CHAIN_HUNTING,
    CHAIN_RECOVERING, /* the recovery's order is pending or its position open */
    CHAIN_CONTINUING,
    CHAIN_LEAVING,
    CHAIN_ADVANCING, /* profit chains only */
    CHAIN_MISSING,   /* re-entry chains only: nothing of it is at the broker */
    CHAIN_COMPLETED,
    CHAIN_STOPPED,
    CHAIN_STALE,
    CHAIN_STATE_COUNT
};

enum chain_kind { /* what the newest re-entry was */
                  CHAIN_KIND_UNSET = 0,
                  CHAIN_KIND_SL_HUNT,
                  CHAIN_KIND_TP_CONTINUATION,
                  CHAIN_KIND_EXIT_CONTINUATION,
                  CHAIN_KIND_COUNT
};

/* What both kinds of chains are known by. */
struct chain_base {
    uint64_t origin_cid; /* of the position it began with: its number, owner of its price levels */
    uint64_t cause_seq;  /* the signal's row */
    char id[CHAIN_ID_CAP];
    char plugin[PLUGIN_ID_CAP];
    char route[ROUTE_CAP];
    char symbol[SYMBOL_CAP];
    enum side side;
    enum order_role role;
    enum chain_state state;
    enum chain_state before_missing;
    enum reason stop_reason;
    enum reason told;           /* refusal that people know of; UNSET = none */
    int level;                  /* re-entry: from 1; profit: from 0 */
    int missing_checks;         /* in a row */
    int64_t check_ms;           /* next one; 0 = none */
    int64_t retry_ms;           /* when to look at prices again; 0 = not waiting for it */
    int64_t until_ms;           /* end of the window; 0 = none */
    int64_t profit_e8, loss_e8; /* sums of closed trades, both positive */
    int64_t opened_ms, updated_ms;
};

struct chain_shield {
    uint64_t cids[2];          /* A and B; 0 = closed or never opened */
    bool is_wanted;            /* to be opened with the next quote */
    int64_t lots_e8;           /* of each */
    struct reentry_trade lost; /* the trade whose stop called for it */
};

struct chain {
    struct chain_base base;
    enum chain_kind kind;
    int entries;                             /* trades so far */
    uint64_t cid;                            /* of the trade now: pending or open; 0 = none */
    int64_t original_entry_e8, base_pips_e8; /* of the first trade */
    int64_t entry_e8, sl_e8, tp_e8, lots_e8; /* of the newest trade */
    int64_t watch_e8;                        /* level that is waited for */
    enum side watch_side;                    /* of the trade it would open */
    struct chain_shield shield;
};

enum profit_order_state {
    PROFIT_ORDER_UNSET = 0,
    PROFIT_ORDER_PENDING,
    PROFIT_ORDER_OPEN,
    PROFIT_ORDER_HUNTING,
    PROFIT_ORDER_MISSING,
    PROFIT_ORDER_BOOKED,
    PROFIT_ORDER_LOST,
    PROFIT_ORDER_FAILED, /* never became a position, or gone at the broker: does not count */
    PROFIT_ORDER_STATE_COUNT
};

struct profit_order {
    uint64_t cid;
    enum profit_order_state state;
    bool is_retry; /* the one attempt of RE-16 */
    int64_t entry_e8, sl_e8;
    int64_t watch_e8;           /* HUNTING: the level */
    int64_t retry_ms, until_ms; /* HUNTING */
};

struct profit_chain {
    struct chain_base base;
    char parent_id[CHAIN_ID_CAP]; /* chain of the trade its first order belongs to */
    int64_t lots_e8;              /* of each order */
    int order_count;              /* of the level */
    struct profit_order orders[PROFIT_CHAIN_ORDERS_MAX];
    int orders_total, booked_total; /* over all levels */
};

struct chain_day { /* of one plugin */
    int attempts, losses;
    int64_t blocked_until_ms; /* RE-15 */
};

struct chains {
    struct chain reentry[CHAINS_REENTRY_MAX]; /* oldest first */
    size_t reentry_count;
    struct profit_chain profit[CHAINS_PROFIT_MAX]; /* oldest first */
    size_t profit_count;
    struct chain_day days[CHAIN_PLUGINS];
};

const char *chain_state_name(enum chain_state s); /* "ACTIVE" "HUNTING" ... */
const char *chain_kind_name(enum chain_kind k);   /* "SL_HUNT" "TP_CONTINUATION" ... */
bool chain_state_may_follow(enum chain_state from, enum chain_state to); /* the table above */
bool profit_order_may_follow(enum profit_order_state from, enum profit_order_state to);

/* ---- from fills.c and orders.c; each may open, change and end chains ---- */

/* A position has opened or grown; is_late: its order had been given up: no chain begins. */
void chains_on_open(struct engine_tx *tx, const struct position *p, bool is_late);
/* A position was closed, wholly or in part; it is still in the state. */
struct chains_close {
    const struct position *p;
    enum reason why;
    int64_t exit_e8;
    int64_t net_e8; /* profit, swap, all commissions */
    bool whole;
};
void chains_on_close(struct engine_tx *tx, const struct chains_close *c);
/* An order, also a closing one, has failed for good. */
void chains_on_order_failed(struct engine_tx *tx, const struct order *o);
/* The same order goes again under another id. Before the old one fails. */
void chains_on_order_renamed(struct engine_tx *tx, uint64_t old_cid, uint64_t new_cid);
/* The broker's positions are known: whose position is gone? */
void chains_check(struct engine_tx *tx);
/* ---- from prices.c ---- */
struct price_watch;
/* One quote has reached all of these: recoveries are told in the order of spec 4.1 (highest profit,
 * longest running, newest), so that what is left of today's attempts goes to the best; others keep
 * their places. */
void chains_by_priority(const struct engine_state *s, struct price_watch *reached, size_t n);
void chains_on_price(struct engine_tx *tx, uint64_t origin_cid, uint32_t tag);
/* ---- from the frame ---- */
void chains_timers(struct engine_tx *tx);
int64_t chains_next_due_ms(const struct engine_state *s);
void chains_roll_day(struct engine_state *s);
void chains_pack(const struct chains *c, struct buf *out);
void chains_unpack(struct chains *c, struct unpack *u);

/* ---- for commands, like engine/tx.h, which brings this header along ---- */
struct tx_chain {
    bool is_profit;
    const char *id, *plugin, *route, *symbol;
    enum side side;
    enum chain_state state;
    enum chain_kind kind;
    int level, max_level;                         /* re-entry: 1.., profit: 0.. */
    int orders_open, orders_booked, orders_total; /* profit chains */
    int64_t lots_e8, profit_e8, loss_e8;
    int64_t watch_e8; /* level that is waited for; DEC_NONE = none */
    int64_t until_ms; /* end of its window; 0 = none */
    int64_t opened_ms;
};
size_t tx_chain_count(const struct engine_tx *tx); /* re-entry chains, then profit chains */
void tx_chain_at(const struct engine_tx *tx, size_t i, struct tx_chain *ret);
/* Ends one chain by its id, or all ("all"): nothing more is waited for; open orders of a profit
 * chain and shields are closed (PC-8), a re-entry chain's trade keeps its stops. CHAIN_NOT_FOUND:
 * no such chain. ret_count: how many ended. */
enum reason tx_chain_stop(struct engine_tx *tx, const char *id, bool profit_only, int *ret_count);
/* Today's recoveries of a plugin's chains (RE-15). */
struct chain_day tx_chain_day(const struct engine_tx *tx, enum chain_plugin plugin);

#endif
