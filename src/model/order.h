/* model/order.h: an order, its life (spec brokers 3.2) and a position (hedging: one opening order
 * makes one position, its id is the cid of that order). Plain values; the engine is the only
 * writer.
 *
 *   INTENT -> LOGGED -> SENDING -> ACKED -> PARTIAL* -> FILLED
 *                |         |          |        '------> CANCELLED (keeps fills) / EXPIRED
 *                |         |          '--> REJECTED / CANCELLED / EXPIRED
 *                |         |--> REJECTED (proved refusal)
 *                |         '--> UNKNOWN --> any of the above | NOT_FOUND (proved)
 *                '--> DROPPED (expired or refused locally, nothing sent)
 *
 * An answer may skip ACKED (a market fill is often its own acknowledgement); ACKED and PARTIAL
 * become UNKNOWN when a reconciliation does not find them. A terminal state is left only by a late
 * fill with a new exec id (accepted, alarmed): FILLED. */
#ifndef TRIDENT_MODEL_ORDER_H
#define TRIDENT_MODEL_ORDER_H

#include "core/pack.h"
#include "model/reason.h"
#include "model/signal.h"

enum order_state {
    ORDER_UNSET = 0,
    ORDER_INTENT,
    ORDER_LOGGED,
    ORDER_SENDING,
    ORDER_ACKED,
    ORDER_PARTIAL,
    ORDER_FILLED,
    ORDER_CANCELLED,
    ORDER_EXPIRED,
    ORDER_REJECTED,
    ORDER_UNKNOWN,
    ORDER_NOT_FOUND,
    ORDER_DROPPED,
    ORDER_STATE_COUNT
};

enum order_purpose { ORDER_PURPOSE_UNSET = 0, ORDER_OPEN, ORDER_CLOSE, ORDER_PURPOSE_COUNT };
enum order_role {
    ORDER_ROLE_UNSET = 0,
    ORDER_ROLE_A,
    ORDER_ROLE_B,
    ORDER_ROLE_MANUAL,
    ORDER_ROLE_COUNT
};

/* A cid: 12 bits from the trader's name (never 0), then the journal number of the input that caused
 * the order, then the leg: its number among the orders of that input. */
#define CID_SEQ_BITS 41
#define CID_LEG_BITS 10

#define PLUGIN_ID_CAP 24
#define ROUTE_CAP     12
#define CHAIN_ID_CAP  28

struct order {
    uint64_t cid;        /* client order id, digits only, < 2^63, derived from (trader, seq, leg) */
    uint64_t parent_seq; /* journal seq of the input that caused it */
    uint64_t position_cid; /* ORDER_CLOSE: the position to close; ORDER_OPEN: == cid */
    enum order_purpose purpose;
    enum order_role role;
    enum order_state state;
    enum side side;     /* of the position for OPEN; of the closing deal for CLOSE (opposite) */
    enum reason reason; /* why closed / refused; UNSET else */
    char symbol[SYMBOL_CAP];
    char plugin[PLUGIN_ID_CAP];
    char route[ROUTE_CAP]; /* LOGIC1.. or 1m.. */
    char chain_id[CHAIN_ID_CAP];
    int64_t lots_e8;
    int64_t filled_e8;
    int64_t avg_price_e8;
    int64_t want_price_e8; /* price at decision, for slippage */
    int64_t sl_e8, tp_e8;  /* DEC_NONE = none */
    int attempt;           /* times written to the broker, and look-ups while UNKNOWN */
    int64_t created_ms;
    int64_t deadline_ms; /* wall: SENDING without answer becomes UNKNOWN */
    int64_t updated_ms;
};

struct position {
    uint64_t cid; /* id: cid of the opening order */
    uint64_t parent_seq;
    enum side side;
    enum order_role role;
    char symbol[SYMBOL_CAP];
    char plugin[PLUGIN_ID_CAP];
    char route[ROUTE_CAP];
    char chain_id[CHAIN_ID_CAP];
    int64_t lots_e8;  /* still open */
    int64_t entry_e8; /* volume-weighted */
    int64_t sl_e8, tp_e8;
    int64_t commission_e8, swap_e8;
    int64_t realised_e8; /* of parts already closed */
    int64_t opened_ms;
    uint64_t closing_cid;   /* a close order is under way; 0 = none */
    bool is_closing_part;   /* that order leaves a rest open ... */
    enum reason close_rest; /* ... which is closed for this after it; UNSET = stays open */
    int64_t sl_first_e8;    /* stop it was opened with: its distance is the measure of exit rules */
};

const char *order_state_name(enum order_state s);
bool order_state_is_terminal(enum order_state s);
bool order_state_may_follow(enum order_state from, enum order_state to); /* the table above */
void order_assert_state(const struct order *o);
/* The only writer of order.state. Update filled_e8 and avg_price_e8 first: the new state is
 * asserted. */
void order_set_state(struct order *o, enum order_state to, int64_t now_ms);
const char *order_role_name(enum order_role r); /* "A" "B" "M" */

void order_pack(struct buf *b, const struct order *o);
void order_unpack(struct unpack *u, struct order *ret);
void position_pack(struct buf *b, const struct position *p);
void position_unpack(struct unpack *u, struct position *ret);

#endif
