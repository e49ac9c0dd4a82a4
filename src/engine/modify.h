/* engine/modify.h: changes of a position's stop and target at the broker (spec brokers 3.2-3.4),
 * beside the orders of orders.c. At most one change a position: what is wanted newer than what was
 * sent follows when the answer is in.
 *
 *   (none) -> LOGGED -> SENDING -> (none): the venue has what was wanted
 *                ^         |----> LOGGED: refused for now, after a pause; or something newer is
 *                |         |              wanted
 *                |         |----> REFUSED -> (none): a minute in which no rule tries again
 *                |         '----> UNKNOWN: no answer by the deadline, or a restart; the broker is
 *                |                   |     asked which stops the position has
 *                '-------------------+---> (none): those wanted, or the position is gone
 *
 * Values are absolute and requests expire, so a repeat after a proved failure cannot do harm.
 * Engine thread only, inside apply(). */
#ifndef TRIDENT_ENGINE_MODIFY_H
#define TRIDENT_ENGINE_MODIFY_H

#include "brokers/broker.h"

#define MODIFIES_MAX 512 /* one a position */

struct engine_state;
struct engine_tx;

enum modify_state {
    MODIFY_UNSET = 0,
    MODIFY_LOGGED, /* durable with its row; sent when the link is ready and deadline_ms is there */
    MODIFY_SENDING,
    MODIFY_UNKNOWN,
    MODIFY_REFUSED,
    MODIFY_STATE_COUNT
};

struct modify {
    uint64_t cid; /* of the newest request; 0 = none yet */
    uint64_t position_cid;
    uint64_t parent_seq; /* input that wanted it */
    enum modify_state state;
    enum reason reason;             /* why it is wanted */
    int64_t sl_e8, tp_e8;           /* what is wanted; DEC_NONE = none */
    int64_t sent_sl_e8, sent_tp_e8; /* what the newest request says */
    int attempt;                    /* requests so far */
    bool is_alarmed;                /* people know that the answer is missing */
    int64_t created_ms, updated_ms;
    int64_t deadline_ms; /* LOGGED: not before; SENDING: unknown then; REFUSED: forgotten then */
};

struct modifies {
    struct modify items[MODIFIES_MAX];
    size_t count;
};

bool modify_state_may_follow(enum modify_state from, enum modify_state to); /* the diagram */

/* Wants these stops (both, absolute) for an open position. ACCEPTED, ALREADY_DONE (it has them or
 * they are on their way), POSITION_NOT_FOUND, STOP_WRONG_SIDE (by the quote of this input, when it
 * has one), ENTRIES_HALTED (no room). */
enum reason modify_position(struct engine_tx *tx, uint64_t position_cid, int64_t sl_e8,
                            int64_t tp_e8, enum reason why);
/* The change under way or refused; NULL = none. */
const struct modify *modify_find(const struct engine_state *s, uint64_t position_cid);
/* What the position has, or will have once the change under way is done. */
int64_t modify_sl_e8(const struct engine_state *s, const struct position *p);
int64_t modify_tp_e8(const struct engine_state *s, const struct position *p);

/* ---- from the broker ---- */
void modify_on_stops(struct engine_tx *tx, const struct broker_event *e);    /* MODIFIED */
void modify_on_snapshot(struct engine_tx *tx, const struct broker_event *e); /* of an open one */
/* True: the answer was about a change. */
bool modify_on_reject(struct engine_tx *tx, const struct broker_event *e);
bool modify_on_query_none(struct engine_tx *tx, const struct broker_event *e);

/* ---- from the frame ---- */
void modify_flush(struct engine_tx *tx); /* the link is ready */
void modify_process_restarted(struct engine_tx *tx);
void modify_timers(struct engine_tx *tx);
int64_t modify_next_due_ms(const struct engine_state *s);
void modify_position_gone(struct engine_state *s, uint64_t position_cid);

void modifies_pack(const struct modifies *m, struct buf *out);
void modifies_unpack(struct modifies *m, struct unpack *u);

#endif
