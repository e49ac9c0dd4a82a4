/* model/rules/exit_rules.h: what moves the stop of an open position and what closes it by itself:
 * break-even, profit lock (RE-12), trailing stop (RK variant (d), exit loop of spec 6), longest
 * time open, flipped trends (EX-3, EX-5). Numbers are configuration of each plugin
 * (plugins.<id>.exits); everything is off unless switched on. Pure, any thread. */
#ifndef TRIDENT_MODEL_RULES_EXIT_RULES_H
#define TRIDENT_MODEL_RULES_EXIT_RULES_H

#include "core/pack.h"
#include "model/order.h"

enum exit_trailing {
    EXIT_TRAILING_UNSET = 0, /* off */
    EXIT_TRAILING_PERCENT,   /* of the distance of the first stop: start 50, step 25 (RK (d)) */
    EXIT_TRAILING_POINTS,    /* of the symbol: 50 (exit loop default) */
    EXIT_TRAILING_COUNT
};

struct exit_rules {
    char plugin[PLUGIN_ID_CAP]; /* whose positions; "" = nobody's */
    enum exit_trailing trailing;
    int trail_start_percent, trail_step_percent; /* 50, 25 */
    int trail_points, trail_step_points;         /* 50, 10 */
    int64_t even_pips_e8;                        /* profit that brings the stop to the entry; 0 */
    int64_t even_offset_pips_e8;                 /* this far beyond it, both cases; 0 */
    bool even_after_tp1;                         /* when the other order of the chain took profit */
    bool has_lock;
    int64_t lock_pips_e8, lock_to_pips_e8; /* RE-12: at +40 pips the stop goes to +10 */
    int max_hold_min;                      /* 0 = no limit; spec 6: 240 */
    int max_hold_1m_min;    /* of route "1m"; 0 = as the others; V6 json profile: 15 */
    bool trend_flip;        /* EX-5 */
    int trend_flip_age_min; /* 5 */
    bool trend_alert;       /* EX-3 */
    bool manager;           /* RE-14, engine/manager.h; packed by engine_rules_pack() */
};

void exit_rules_defaults(struct exit_rules *r); /* all off, numbers as in the comments */

struct exit_case {
    const struct symbol_info *info;
    enum side side;
    int64_t entry_e8;
    int64_t sl_first_e8; /* DEC_NONE: percent rules have no measure and do nothing */
    int64_t sl_e8;       /* in force or under way; DEC_NONE = none */
};

/* The best stop the rules give when the position would be closed at price_e8, if it is better than
 * the one in force: never a looser one. Rounded away from the market to the symbol's digits.
 * DEC_NONE: leave it. ret_why: which rule. */
int64_t exit_rules_stop_e8(const struct exit_rules *r, const struct exit_case *c, int64_t price_e8,
                           enum reason *ret_why);
/* The nearest price at which a rule would move the stop further; DEC_NONE: none will. */
int64_t exit_rules_next_e8(const struct exit_rules *r, const struct exit_case *c);
/* Stop at the entry and the offset; DEC_NONE when the one in force is at least as good. */
int64_t exit_rules_even_e8(const struct exit_rules *r, const struct exit_case *c);
/* How long a position of this route may stay open; 0 = no limit. */
int64_t exit_rules_max_hold_ms(const struct exit_rules *r, const char *route);
/* Is `a` a better stop than `b` for this side? DEC_NONE is the worst. */
bool exit_rules_is_tighter(enum side side, int64_t a_e8, int64_t b_e8);

void exit_rules_pack(struct buf *b, const struct exit_rules *r);
void exit_rules_unpack(struct unpack *u, struct exit_rules *ret);

#endif
