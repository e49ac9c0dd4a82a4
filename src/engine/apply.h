/* engine/apply.h: the deterministic heart: (state, input, decision, quotes, time) -> (state',
 * outputs). No clock, no I/O. Split by kind: apply.c (frame), signals.c (decisions carried out),
 * orders.c (order manager), fills.c (broker events), reconcile.c (its list), tx.c (commands).
 * Engine thread only. */
#ifndef TRIDENT_ENGINE_APPLY_H
#define TRIDENT_ENGINE_APPLY_H

#include "engine/input.h"
#include "engine/state.h"
#include "engine/tx.h"

/* One input being applied; what engine/tx.h calls struct engine_tx. */
struct engine_tx {
    struct engine_state *s;
    const struct engine_options *opt;
    struct outputs *out;
    const struct input_quotes *quotes;
    int64_t now_ms;
    uint64_t seq;
    unsigned legs; /* client order ids handed out for this input */
    struct receipt receipt;
};

/* Applies one input under number seq at time now_ms; outputs (reset before) are complete
 * afterwards. decision: for INPUT_SIGNAL what decide_signal() said; NULL else. */
void apply_input(struct engine_tx *tx, const struct input *in, const struct decision *decision);
/* Wall time at which the state next wants a TIMER_DUE; INT64_MAX = never. */
int64_t apply_next_due_ms(const struct engine_state *s);
/* RK-11: another trading day than that of the newest input. A signal is decided before it is
 * applied: a TIMER_DUE has to come first, so that it does not find yesterday's losses. */
bool apply_is_new_day(const struct engine_state *s, int64_t now_ms);

/* ---- between the files of apply ---- */
struct event apply_event(const struct engine_tx *tx, enum event_type type);
/* other: of the side that only compares; NULL: nobody. */
void apply_signal(struct engine_tx *tx, const struct signal *sig, const struct decision *d,
                  const struct decision *other);
/* Entries stop by themselves: by "auto", with both figures. */
void apply_auto_pause(struct engine_tx *tx, enum reason why, int64_t number_e8, int64_t limit_e8);
void apply_broker(struct engine_tx *tx, const struct broker_event *e);
void apply_timer(struct engine_tx *tx, enum timer_kind kind, const struct engine_rules *rules);
void apply_command(struct engine_tx *tx, const struct command *c);
/* False: the i-th place is empty, it is shown nowhere. */
bool apply_plugin_is_present(const struct engine_state *s, size_t i);
/* Switched on, and not disabled after failures. */
bool apply_plugin_is_active(const struct engine_state *s, const struct engine_options *opt,
                            size_t i);
const struct command_ops *apply_find_command(const struct engine_options *opt, const char *name);

void users_timers(struct engine_tx *tx); /* users_tx.c: grants that end */

/* fills.c */
struct event fills_position_event(const struct engine_tx *tx, enum event_type type,
                                  const struct position *p);
/* What the broker says does not fit, and is told to people. */
void fills_mismatch(struct engine_tx *tx, const struct broker_event *in, const char *text);

/* orders.c */
#define ORDERS_LEGS_MAX  (1 << CID_LEG_BITS) /* cids one input may hand out ... */
#define ORDERS_LEGS_KEPT 800                 /* ... of which these are for orders */
uint64_t orders_next_cid(struct engine_tx *tx);
/* Adds the order as LOGGED, writes the intent, and moves it on to SENDING when the link allows.
 * False when there is no room. */
bool orders_submit(struct engine_tx *tx, struct order *o);
/* All of it. Under a partial close it follows that one. False: no room, or it is under way. */
bool orders_close_position(struct engine_tx *tx, struct position *p, enum reason why);
/* lots_e8 of it: a whole number of steps that leaves at least the smallest volume. */
bool orders_close_part(struct engine_tx *tx, struct position *p, int64_t lots_e8, enum reason why);
/* What was to follow the close of a part, now that it is over. False: nothing. */
bool orders_close_rest(struct engine_tx *tx, struct position *p);
/* What a close order under way is still to close: of a part its rest, else whatever is open. */
int64_t orders_lots_to_close(struct engine_state *s, const struct order *o);
/* A close that was refused for now: a new one after a pause. */
bool orders_close_again(struct engine_tx *tx, struct position *p, const struct order *refused,
                        int64_t lots_e8);
void orders_flush_logged(struct engine_tx *tx); /* the link is back */
void orders_unknown(struct engine_tx *tx, struct order *o);
void orders_failed(struct engine_tx *tx, struct order *o, enum order_state to, enum reason why);
void orders_not_found(struct engine_tx *tx, struct order *o);
void orders_timers(struct engine_tx *tx);
void orders_process_restarted(struct engine_tx *tx);
int64_t orders_next_due_ms(const struct engine_state *s);

/* panic.c */
void panic_begin(struct engine_tx *tx); /* state.panicked is set */
void panic_step(struct engine_tx *tx);  /* what is left to do to be flat; timer */
void panic_on_close(struct engine_tx *tx);
void panic_on_snapshot(struct engine_tx *tx);
void panic_order_sent(struct engine_tx *tx); /* a close: until it is flat it is tried again */

#endif
