/* engine/trader.h: in which state a trader is (spec platform A2), and what follows errors in a row.
 *
 *   (process starts)                        .--------------/resume, /panic release-------------.
 *         |                                 v                                                  |
 *      created -> initializing -> ready -> running --/pause, /panic, automatic pause------> paused
 *                  ^                |        |                                                |
 *                  |                '--------+--link lost, N errors in a row -> error <-------'
 *                  '--link is back, T seconds later------------------------------'
 *   created .. error -> stopping -> stopped           (orderly end; a start begins at created
 * again)
 *
 *   initializing: the link comes up, the broker's list is compared; ready: it agrees with ours.
 *   running: entries and exits. Everywhere else entries wait; exits go on wherever there is a link.
 *
 * An error is an order that ended at the broker without a fill, or got no answer in time. After
 * rules.error_limit of them in a row (5; 0: never) the trader is in error; rules.error_wait_ms
 * later (5 s) the count is zero again and the broker's list is compared anew, as after a lost link.
 * A refusal that says something about the order, the market or the account (its stop is too near,
 * closed, no money) is no error.
 *
 * The state is part of the engine's and changed inside apply() only, so a fault of one trader is
 * a row of its own journal and of nobody else's. Engine thread. */
#ifndef TRIDENT_ENGINE_TRADER_H
#define TRIDENT_ENGINE_TRADER_H

#include "core/pack.h"
#include "model/order.h"
#include "model/reason.h"

struct engine_state;
struct engine_tx;

enum trader_state {
    TRADER_UNSET = 0,
    TRADER_CREATED,
    TRADER_INITIALIZING,
    TRADER_READY,
    TRADER_RUNNING,
    TRADER_PAUSED,
    TRADER_ERROR,
    TRADER_STOPPING,
    TRADER_STOPPED,
    TRADER_STATE_COUNT
};

struct trader {
    enum trader_state state;
    int64_t since_ms;
    int errors;           /* in a row */
    uint64_t errors_all;  /* ever */
    int64_t recover_ms;   /* error by count: when it is tried again; 0 = it is not */
    enum reason last_why; /* of the newest error */
};

const char *trader_state_name(enum trader_state s); /* "running" ... */
bool trader_may_follow(enum trader_state from, enum trader_state to);

void trader_on_start(struct engine_tx *tx); /* TIMER_START */
void trader_on_stop(struct engine_tx *tx);  /* TIMER_STOP */
/* An order ended without a fill, or its answer is overdue. */
void trader_on_error(struct engine_tx *tx, enum reason why);
void trader_on_fill(struct engine_tx *tx);
/* After each input: follows link, pause and errors. */
void trader_settle(struct engine_tx *tx);
void trader_timers(struct engine_tx *tx);
int64_t trader_next_due_ms(const struct engine_state *s);
/* What people are shown: a journal that cannot be written is nothing its own rows could say. */
enum trader_state trader_shown(const struct trader *t, bool is_store_failing);
/* In error by count: entries wait. */
bool trader_is_in_error(const struct engine_state *s);

void trader_pack(const struct trader *t, struct buf *b);
void trader_unpack(struct trader *t, struct unpack *u);

#endif
