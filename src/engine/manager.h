/* engine/manager.h: the intelligent manager of RE-14, switched on by plugins.<id>.exits.manager. It
 * looks after order A of a trade while the market is strong: ADX and confidence of the newest
 * alerts of its symbol, trends on its side (model/rules/reentry.h has the figures).
 *
 *   target 1 (1 R): strong holds, else half is closed      target 3 (3 R): all is closed
 *   target 2 (2 R): 40 % is closed, the stop goes to target 1
 *   exit alert: over 50 pips and strong holds, under 10 pips all is closed, else half, stop to
 * entry after its stop: the chain's recovery waits until the market is strong
 *
 * R is the distance of the first stop (P-24). What cannot be divided is closed whole. exits.c
 * watches the targets' prices. Engine thread only, inside apply(). */
#ifndef TRIDENT_ENGINE_MANAGER_H
#define TRIDENT_ENGINE_MANAGER_H

#include "model/decision.h"
#include "model/order.h"

#define MANAGER_POSITIONS_MAX 512 /* one a position */
#define MANAGER_SYMBOLS_MAX   32

struct engine_state;
struct engine_tx;

struct manager_known { /* by the newest alerts; DEC_NONE and -1: never told */
    char symbol[SYMBOL_CAP];
    int64_t adx_e8;
    int confidence; /* 0 to 100 */
};

struct manager_target {
    uint64_t cid; /* of a position that has passed a target */
    int reached;  /* 1 to 3 */
};

struct manager {
    struct manager_known known[MANAGER_SYMBOLS_MAX];
    size_t known_count;
    struct manager_target targets[MANAGER_POSITIONS_MAX];
    size_t target_count;
};

/* Is order A of this plugin looked after? */
bool manager_is_on(const struct engine_state *s, const char *plugin);
/* Takes in what an alert says of the strength of its market. */
void manager_on_signal(struct engine_state *s, const struct signal *sig);
/* Would RE-14 hold, or enter again, on this side now? */
bool manager_is_strong(const struct engine_state *s, const struct position *p);
/* An exit alert wants p closed: true when the manager has done what it wants instead. */
bool manager_takes_exit(struct engine_tx *tx, struct position *p, enum reason why);
/* Price of p's next target; DEC_NONE: none is left. */
int64_t manager_next_e8(const struct engine_state *s, const struct position *p);
/* p would be closed at this price now. */
void manager_on_price(struct engine_tx *tx, struct position *p, int64_t price_e8);
void manager_position_gone(struct engine_state *s, uint64_t cid);

void manager_pack(const struct manager *m, struct buf *out);
void manager_unpack(struct manager *m, struct unpack *u);

#endif
