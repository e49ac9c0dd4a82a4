/* model/decision.h: what a plugin says about a signal: the same shape as `trident decide` prints
 * (issue: action, plugin, route, reasons, orders, closes, numbers). Plain value, fixed size. */
#ifndef TRIDENT_MODEL_DECISION_H
#define TRIDENT_MODEL_DECISION_H

#include "model/order.h"

enum decision_action {
    DECISION_UNSET = 0,
    DECISION_EXECUTE,
    DECISION_CLOSE,
    DECISION_SKIP,
    DECISION_NOTIFY,
    DECISION_ACTION_COUNT
};

#define DECISION_ORDERS_MAX  4
#define DECISION_CLOSES_MAX  256 /* beyond the highest max_open_trades, twice for A and B */
#define DECISION_REASONS_MAX 8
#define DECISION_NUMBERS_MAX 48

struct decision_order {
    enum order_role role;
    enum side side;
    char symbol[SYMBOL_CAP];
    int64_t lots_e8, entry_e8, sl_e8,
        tp_e8; /* sl, tp DEC_NONE = none; entry: market at this price */
    char lots_rule[12], sl_rule[12], tp_rule[12]; /* tags: RK-2, RK-7, P-2 ... */
};

struct decision_number {
    char name[28];
    int64_t value_e8;
};

/* In its plugin's own shadow mode (SH-7) an entry is a SKIP that keeps its orders and closes: they
 * are virtual. It is a CLOSE when it leaves positions that were opened for real before. */
struct decision {
    enum decision_action action;
    char plugin[PLUGIN_ID_CAP];
    char route[ROUTE_CAP];
    enum reason reasons[DECISION_REASONS_MAX];
    int reason_count;
    struct decision_order orders[DECISION_ORDERS_MAX];
    int order_count;
    uint64_t closes[DECISION_CLOSES_MAX]; /* position cids; closed before orders are placed */
    enum reason close_reason;
    int close_count;
    int close_percent; /* of each of them; 0 = all. What is left must be tradable: else all */
    struct decision_number numbers[DECISION_NUMBERS_MAX];
    int number_count;
    char field[24];              /* field at fault for FIELD_* and similar */
    int64_t number_e8, limit_e8; /* the two numbers of a refusal; DEC_NONE = absent */
};

void decision_init(struct decision *d, const char *plugin_id);
void decision_reason(struct decision *d, enum reason r); /* appends, ignores repeats */
void decision_number(struct decision *d, const char *name, int64_t value_e8);
/* action SKIP with one reason and its two numbers. */
void decision_skip(struct decision *d, enum reason r, int64_t number_e8, int64_t limit_e8);
bool decision_has_virtual_orders(const struct decision *d);
const char *decision_action_name(enum decision_action a); /* "execute" ... */
/* The JSON object of the issue, decimals as strings; orders and closes are those carried out. */
void decision_to_json(const struct decision *d, struct buf *out);
/* Binary form in the journal (model/decision_pack.c). */
void decision_pack(struct buf *b, const struct decision *d);
void decision_unpack(struct unpack *u, struct decision *ret);

#endif
