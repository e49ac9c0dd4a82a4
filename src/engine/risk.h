/* engine/risk.h: the trader's own limits on entries, after the plugin and after the gate of
 * engine/gate.h: caps by tier, the dual check with its smart lot (RK-12), margin in one symbol, and
 * the optional platform profile (model/rules/risk_rules.h). What the profile remembers (peak, day
 * and week, prices of the breaker) is part of the engine's state. Engine thread only. */
#ifndef TRIDENT_ENGINE_RISK_H
#define TRIDENT_ENGINE_RISK_H

#include "core/pack.h"
#include "engine/engine.h"
#include "model/rules/caps.h"

#define RISK_SYMBOLS_MAX 64

struct engine_state;
struct engine_tx;

struct risk_symbol {
    char symbol[SYMBOL_CAP];
    int daily_entries;
    int64_t reference_e8, reference_ms; /* price at the begin of the breaker's window */
    int64_t blocked_until_ms;           /* 0 = not tripped */
};
struct risk_state {
    int64_t peak_e8; /* highest balance; 0 = none yet */
    int64_t day_start_e8, week_start_e8;
    int week; /* number of the week of week_start_e8 */
    size_t symbol_count;
    struct risk_symbol symbols[RISK_SYMBOLS_MAX]; /* in the order they appeared */
};

/* RK-9: the caps in force: as configured, else those of the tier. The tier of the balance is that
 * of the starting balance at least: losses do not lower it, the caps count them already. */
struct caps_limits risk_caps(const struct engine_state *s);
struct caps_limits risk_tier_caps(const struct engine_state *s); /* the tier's, whatever is set */

/* An entry somebody wants, all its orders together. */
struct risk_want {
    const char *symbol;
    enum side side;
    int64_t lots_e8; /* of all orders */
    int64_t entry_e8;
    int64_t sl_e8;           /* the farthest stop; DEC_NONE: none */
    const uint64_t *leaving; /* positions that are closed before it */
    int leaving_count;
    bool is_same_trade; /* another order of a trade that is open: counted already */
};
struct risk_figure {
    const char *name;
    int64_t value_e8;
};
#define RISK_FIGURES_MAX 10
struct risk_answer {
    enum reason reason;          /* ACCEPTED, or the limit that stands against it ... */
    int64_t number_e8, limit_e8; /* ... with both numbers */
    bool is_warned;              /* accepted, but larger than recommended: these two numbers */
    struct risk_figure figures[RISK_FIGURES_MAX];
    int figure_count;
};
/* Both profiles; quotes: as journaled with the input. */
void risk_check(const struct engine_state *s, const struct input_quotes *quotes, int64_t now_ms,
                const struct risk_want *w, struct risk_answer *ret);

/* An EXECUTE decision: RK-12, which may leave a dual entry fewer lots (reason LOTS_REDUCED, rule
 * tag RK-12, both figures among the numbers), then risk_check(). Refused: SKIP with reason and two
 * numbers. */
struct gate_case;
void risk_on_decision(const struct gate_case *c, const struct input_quotes *quotes,
                      struct decision *d);

/* ---- what the state remembers; inside apply() ---- */
void risk_on_quote(struct engine_tx *tx, const char *symbol); /* of the input, if it has one */
void risk_on_entry(struct engine_state *s, const char *symbol);
/* The balance has changed: may halt entries, which a person then resumes. */
void risk_on_balance(struct engine_tx *tx);
void risk_new_day(struct engine_state *s, int day);
/* May a person resume? ACCEPTED, or RISK_HALTED while the drawdown is not below resume_drawdown. */
enum reason risk_may_resume(const struct engine_state *s);

void risk_pack(const struct risk_state *r, struct buf *b);
void risk_unpack(struct risk_state *r, struct unpack *u);

/* ---- between risk.c and risk_platform.c ---- */
void risk_refuse(struct risk_answer *a, enum reason r, int64_t number_e8, int64_t limit_e8);
void risk_figure(struct risk_answer *a, const char *name, int64_t value_e8);
bool risk_is_leaving(const struct risk_want *w, uint64_t cid);
const struct risk_symbol *risk_symbol_find(const struct risk_state *r, const char *symbol);
struct risk_symbol *risk_symbol_make(struct risk_state *r, const char *symbol); /* NULL: full */
void risk_check_platform(const struct engine_state *s, const struct input_quotes *quotes,
                         int64_t now_ms, const struct risk_want *w, struct risk_answer *a);

#endif
