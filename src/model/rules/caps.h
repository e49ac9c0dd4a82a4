/* model/rules/caps.h: what an account may lose (spec strategies 3.5): RK-9 to RK-12. Pure, any
 * thread. Money, pips and lots in 1e-8; losses are positive; a cap of 0 is none. */
#ifndef TRIDENT_MODEL_RULES_CAPS_H
#define TRIDENT_MODEL_RULES_CAPS_H

#include "model/reason.h"
#include "model/symbol.h"

struct caps_limits {
    int64_t daily_e8, lifetime_e8;
};
struct caps_book {
    int64_t daily_profit_e8, daily_loss_e8, lifetime_loss_e8;
    int daily_trades, daily_wins, total_trades, total_wins;
};

/* RK-9: ACCEPTED, or the cap that is reached with both numbers (DEC_NONE with ACCEPTED). */
enum reason caps_check(const struct caps_limits *l, const struct caps_book *b,
                       int64_t *ret_number_e8, int64_t *ret_limit_e8);
/* RK-10: a trade has closed: profit is not set against losses. */
void caps_book_close(struct caps_book *b, int64_t pnl_e8);
/* RK-11 [REC]: a new trading day begins; the lifetime stays. */
void caps_book_new_day(struct caps_book *b);

struct caps_dual_case {
    struct caps_limits limits;
    int64_t daily_loss_e8, lifetime_loss_e8;
    int64_t sl_pips_e8; /* of order A, without the timeframe's factor */
    int64_t pip_value_e8;
    int64_t lots_e8;         /* of each order */
    int orders;              /* 2 for a dual entry */
    int64_t step_e8, min_e8; /* of the broker; 0.01 both */
};
struct caps_dual {
    int64_t expected_e8;  /* sl_pips x pip value x lots of all orders */
    int64_t available_e8; /* of the day; DEC_NONE without a cap */
    int64_t lots_e8;      /* of each order; 0 when refused */
    bool reduced;
    int64_t number_e8, limit_e8; /* of the refusal; DEC_NONE else */
};
/* RK-12: ACCEPTED with as many lots as the day's cap leaves; DAILY_LOSS_CAP when that is less than
 * a dollar or the smallest lot; LIFETIME_LOSS_CAP. */
enum reason caps_dual(const struct caps_dual_case *c, struct caps_dual *ret);

#endif
