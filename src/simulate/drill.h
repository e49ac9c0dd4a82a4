/* simulate/drill.h: one fault, on purpose, on a scratch trader: the real engine and the paper venue
 * on virtual time, an account of its own, one small order opened for it. Nothing of a running
 * trader is touched; it takes milliseconds. The fault strikes, the engine has to find out what
 * became of the order, everything is closed again, and engine and venue must agree to the cent. */
#ifndef TRIDENT_SIMULATE_DRILL_H
#define TRIDENT_SIMULATE_DRILL_H

#include "simulate/simulate.h"

#define DRILL_SYMBOL   "EURUSD"
#define DRILL_LOTS_E8  (DEC_ONE / 50) /* 0.02: two parts of it can be traded */
#define DRILL_STOP_PIP 20

/* Name, as people type it. */
#define DRILL_TABLE(X)                                                                             \
    X(TIMEOUT, "timeout")       /* executed, the answer never comes */                             \
    X(LOST, "lost")             /* never executed, no answer */                                    \
    X(REJECT, "reject")         /* refused by the dealer */                                        \
    X(PARTIAL, "partial")       /* filled in two parts */                                          \
    X(LATE, "late")             /* filled seconds after the acknowledgement */                     \
    X(DUPLICATE, "duplicate")   /* each fill told twice */                                         \
    X(DISCONNECT, "disconnect") /* the link breaks while an order is under way */                  \
    X(GAP, "gap")               /* the price jumps over the stop */                                \
    X(PANIC, "panic")           /* flatten, stay flat, release */

enum drill_fault {
    DRILL_UNSET = 0,
#define X(name, typed) DRILL_##name,
    DRILL_TABLE(X)
#undef X
        DRILL_COUNT
};
const char *drill_name(enum drill_fault f);
enum drill_fault drill_parse(const char *name); /* UNSET: none */

struct drill_options {
    const char *trader_id;
    struct paper_conf
        paper; /* leverage, commission ...: as the trader's; its faults do not count */
    int64_t order_deadline_ms;
    int64_t start_ms;
    struct quote quote; /* of DRILL_SYMBOL */
};

/* What went wrong; NONE: it passed. */
enum drill_verdict {
    DRILL_VERDICT_UNSET = 0,
    DRILL_PASSED,
    DRILL_NO_FAULT,     /* the fault never happened: the drill proves nothing */
    DRILL_UNSETTLED,    /* after two minutes it is still not known what became of an order */
    DRILL_WRONG_TRADES, /* more or fewer positions than were ordered */
    DRILL_NOT_FLAT,     /* something is open at the engine or at the venue */
    DRILL_WRONG_MONEY,  /* the balances differ */
    DRILL_NOT_HELD,     /* an entry was taken during the panic */
    DRILL_VERDICT_COUNT
};

struct drill_result {
    enum drill_fault fault;
    enum drill_verdict verdict;
    int64_t settled_ms; /* from the order until its outcome was known */
    int64_t flat_ms;    /* from wanting to be flat until the venue said so */
    uint64_t requests, questions, fills, repeats, lost;
    size_t opened;
    int64_t profit_e8;
    int64_t planned_loss_e8; /* GAP: at the stop as set; 0 else */
    int64_t balance_e8, venue_balance_e8;
};

/* Deterministic: the same options give the same figures. */
void drill_run(const struct drill_options *o, enum drill_fault fault, struct drill_result *ret);
/* HTML for a chat, lines of at most 34 columns. what: a name of the table, or "all". */
void drill_report(const struct drill_options *o, const char *what, enum lang lang,
                  struct buf *html);

#endif
