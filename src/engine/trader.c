/* engine/trader.c: see trader.h. The facts (link, pause, errors) are other parts' of the state;
 * this one walks after them over the arrows of the table, after each input. */
#include "engine/trader.h"

#include "core/alloc.h"
#include "engine/apply.h"

#define BIT(s) (1U << TRADER_##s)

static const char *const names[TRADER_STATE_COUNT] = {
    [TRADER_UNSET] = "",
    [TRADER_CREATED] = "created",
    [TRADER_INITIALIZING] = "initializing",
    [TRADER_READY] = "ready",
    [TRADER_RUNNING] = "running",
    [TRADER_PAUSED] = "paused",
    [TRADER_ERROR] = "error",
    [TRADER_STOPPING] = "stopping",
    [TRADER_STOPPED] = "stopped",
};

const char *trader_state_name(enum trader_state s)
{
    TR_ASSERT((int)s >= 0 && s < TRADER_STATE_COUNT);
    return names[s];
}

/*   from           to                        by
 *   (any)          created                   trader_on_start
 *   created        initializing              trader_on_start
 *   initializing   ready, error              trader_settle
 *   ready          running, error            trader_settle
 *   running        paused, error             trader_settle
 *   paused         running, error            trader_settle
 *   error          initializing              trader_settle
 *   created..error stopping                  trader_on_stop
 *   stopping       stopped                   trader_on_stop */
bool trader_may_follow(enum trader_state from, enum trader_state to)
{
    static const unsigned follows[TRADER_STATE_COUNT] = {
        [TRADER_CREATED] = BIT(INITIALIZING) | BIT(STOPPING),
        [TRADER_INITIALIZING] = BIT(READY) | BIT(ERROR) | BIT(STOPPING),
        [TRADER_READY] = BIT(RUNNING) | BIT(ERROR) | BIT(STOPPING),
        [TRADER_RUNNING] = BIT(PAUSED) | BIT(ERROR) | BIT(STOPPING),
        [TRADER_PAUSED] = BIT(RUNNING) | BIT(ERROR) | BIT(STOPPING),
        [TRADER_ERROR] = BIT(INITIALIZING) | BIT(STOPPING),
        [TRADER_STOPPING] = BIT(STOPPED),
    };
    TR_ASSERT((int)from >= 0 && from < TRADER_STATE_COUNT);
    TR_ASSERT(to > TRADER_UNSET && to < TRADER_STATE_COUNT);
    return to == TRADER_CREATED || (follows[from] >> to & 1U) != 0;
}

static void move(struct engine_tx *tx, enum trader_state to)
{
    struct trader *t = &tx->s->trader;
    TR_ASSERT(trader_may_follow(t->state, to));
    t->state = to;
    t->since_ms = tx->now_ms;
}

void trader_on_start(struct engine_tx *tx)
{
    struct trader *t = &tx->s->trader;
    t->errors = 0;
    t->recover_ms = 0;
    move(tx, TRADER_CREATED);
    move(tx, TRADER_INITIALIZING);
}

void trader_on_stop(struct engine_tx *tx)
{
    enum trader_state now = tx->s->trader.state;
    if (now == TRADER_UNSET || now == TRADER_STOPPED)
        return; /* a journal that begins here */
    move(tx, TRADER_STOPPING);
    move(tx, TRADER_STOPPED);
}

enum trader_state trader_shown(const struct trader *t, bool is_store_failing)
{
    return is_store_failing ? TRADER_ERROR : t->state;
}

bool trader_is_in_error(const struct engine_state *s)
{
    return s->trader.recover_ms != 0;
}

/* The broker fails, rather than refuses this order for what it is. */
static bool is_fault(enum reason why)
{
    return why == REASON_BROKER_REJECTED || why == REASON_BROKER_DOWN ||
           why == REASON_ORDER_UNKNOWN || why == REASON_ORDER_EXPIRED || why == REASON_QUEUE_FULL ||
           why == REASON_NOT_STORED;
}

void trader_on_error(struct engine_tx *tx, enum reason why)
{
    struct engine_state *s = tx->s;
    struct trader *t = &s->trader;
    TR_ASSERT(t->errors >= 0);
    if (!is_fault(why))
        return;
    t->errors_all++;
    t->last_why = why;
    if (trader_is_in_error(s))
        return; /* exits that fail meanwhile: it is tried again in its time */
    t->errors++;
    if (s->rules.error_limit == 0 || t->errors < s->rules.error_limit)
        return;
    TR_ASSERT(s->rules.error_wait_ms > 0);
    t->recover_ms = tx->now_ms + s->rules.error_wait_ms;
    struct event e = apply_event(tx, EVENT_TRADER_ERROR);
    e.reason = why;
    e.number_e8 = t->errors * DEC_ONE;
    e.limit_e8 = s->rules.error_limit * DEC_ONE;
    (void)str_copy(e.text, sizeof(e.text), tx->opt->trader_id);
    outputs_add_event(tx->out, &e);
}

void trader_on_fill(struct engine_tx *tx)
{
    tx->s->trader.errors = 0;
}

void trader_timers(struct engine_tx *tx)
{
    struct engine_state *s = tx->s;
    struct trader *t = &s->trader;
    if (t->recover_ms == 0 || tx->now_ms < t->recover_ms)
        return;
    TR_ASSERT(t->errors >= 0);
    t->recover_ms = 0;
    t->errors = 0;
    if (s->broker_up) { /* entries wait for its list, as after a lost link */
        s->synced = false;
        reconcile_ask(s);
    }
    struct event e = apply_event(tx, EVENT_TRADER_RECOVERED);
    e.number_e8 = (int64_t)t->errors_all * DEC_ONE;
    (void)str_copy(e.text, sizeof(e.text), tx->opt->trader_id);
    outputs_add_event(tx->out, &e);
}

int64_t trader_next_due_ms(const struct engine_state *s)
{
    return s->trader.recover_ms != 0 ? s->trader.recover_ms : INT64_MAX;
}

/* One step towards what the facts say; the same state: it is there. */
static enum trader_state next_of(const struct engine_state *s)
{
    enum trader_state now = s->trader.state;
    bool is_linked = s->broker_up && s->synced && !trader_is_in_error(s);
    bool may_enter = !s->paused && !s->panicked;
    switch (now) {
    case TRADER_INITIALIZING:
        return is_linked ? TRADER_READY : trader_is_in_error(s) ? TRADER_ERROR : now;
    case TRADER_READY:
        return is_linked ? TRADER_RUNNING : TRADER_ERROR;
    case TRADER_RUNNING:
        return !is_linked ? TRADER_ERROR : may_enter ? now : TRADER_PAUSED;
    case TRADER_PAUSED:
        return !is_linked ? TRADER_ERROR : may_enter ? TRADER_RUNNING : now;
    case TRADER_ERROR:
        return s->broker_up && !trader_is_in_error(s) ? TRADER_INITIALIZING : now;
    case TRADER_UNSET:
    case TRADER_CREATED:
    case TRADER_STOPPING:
    case TRADER_STOPPED:
    case TRADER_STATE_COUNT:
        break;
    }
    return now;
}

void trader_settle(struct engine_tx *tx)
{
    enum trader_state next;
    while ((next = next_of(tx->s)) != tx->s->trader.state)
        move(tx, next);
}

void trader_pack(const struct trader *t, struct buf *b)
{
    pack_i64(b, (int64_t)t->state);
    pack_i64(b, t->since_ms);
    pack_i64(b, t->errors);
    pack_u64(b, t->errors_all);
    pack_i64(b, t->recover_ms);
    pack_i64(b, (int64_t)t->last_why);
}

void trader_unpack(struct trader *t, struct unpack *u)
{
    int state = unpack_int(u, 0, TRADER_STATE_COUNT - 1);
    *t = (struct trader){.state = (enum trader_state)state}; /* no move: what the snapshot says */
    t->since_ms = unpack_i64(u);
    t->errors = unpack_int(u, 0, INT32_MAX);
    t->errors_all = unpack_u64(u);
    t->recover_ms = unpack_i64(u);
    t->last_why = (enum reason)unpack_int(u, 0, REASON_COUNT - 1);
}
