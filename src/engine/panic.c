/* engine/panic.c: the emergency stop as a state of the trader, kept over restarts.
 *
 *   off --/panic--> closing --nothing open, no entry on its way--> asking the broker
 *    ^                 ^                                                |
 *    |                 '--- a late fill, a position found there --------+
 *    '--/panic release (asked back): off, but paused <-- flat, told <--'  it confirms: nothing open
 *
 * At once: entries that wait for the link are cancelled and every position is closed; what fills
 * meanwhile is closed by its fill. Flat is what the broker's own list says, not what we remember:
 * it is asked for one until it shows no position. panic_retry_ms is the next try of either. */
#include <string.h>

#include "core/alloc.h"
#include "engine/apply.h"

#define RETRY_MS  2000
#define VERIFY_MS 5000

static void cancel_waiting_entries(struct engine_tx *tx)
{
    struct engine_state *s = tx->s;
    size_t i = 0;
    while (i < s->order_count) {
        struct order *o = &s->orders[i];
        if (o->state == ORDER_LOGGED && o->purpose == ORDER_OPEN)
            orders_failed(tx, o, ORDER_DROPPED, REASON_PANIC); /* the next one moves up */
        else
            i++;
    }
}

static bool has_entry_under_way(const struct engine_state *s)
{
    for (size_t i = 0; i < s->order_count; i++)
        if (s->orders[i].purpose == ORDER_OPEN)
            return true;
    return false;
}

void panic_begin(struct engine_tx *tx)
{
    TR_ASSERT(tx->s->panicked);
    tx->s->panic_is_flat = false;
    cancel_waiting_entries(tx);
    panic_step(tx);
}

void panic_step(struct engine_tx *tx)
{
    struct engine_state *s = tx->s;
    TR_ASSERT(s->panicked);
    s->panic_retry_ms = 0;
    for (size_t i = 0; i < s->position_count; i++) {
        (void)orders_close_position(tx, &s->positions[i], REASON_PANIC_CLOSE);
        s->panic_retry_ms = tx->now_ms + RETRY_MS; /* also for those under way */
    }
    if (s->position_count > 0)
        return;
    if (has_entry_under_way(s)) {
        s->panic_retry_ms = tx->now_ms + RETRY_MS; /* its outcome is asked for */
        return;
    }
    if (s->panic_is_flat || !s->broker_up)
        return;       /* a new link begins with the broker's list */
    reconcile_ask(s); /* no room: next try */
    s->panic_retry_ms = tx->now_ms + VERIFY_MS;
}

void panic_on_close(struct engine_tx *tx)
{
    if (tx->s->panicked && tx->s->position_count == 0)
        panic_step(tx);
}

void panic_on_snapshot(struct engine_tx *tx)
{
    struct engine_state *s = tx->s;
    if (!s->panicked)
        return;
    if (s->position_count > 0 || has_entry_under_way(s)) {
        s->panic_is_flat = false;
        panic_step(tx);
        return;
    }
    s->panic_retry_ms = 0;
    if (s->panic_is_flat)
        return;
    s->panic_is_flat = true;
    struct event e = apply_event(tx, EVENT_PANIC_FLAT);
    e.reason = REASON_PANIC_CLOSE;
    outputs_add_event(tx->out, &e);
}

void panic_order_sent(struct engine_tx *tx)
{
    if (!tx->s->panicked)
        return;
    tx->s->panic_is_flat = false;
    tx->s->panic_retry_ms = tx->now_ms + RETRY_MS;
}
