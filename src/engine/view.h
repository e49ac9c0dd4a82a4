/* engine/view.h: a trader's open positions and orders as of its newest batch, for readers outside
 * the engine: live cards, attachments. The engine publishes, anybody reads a whole, consistent
 * copy; no row of the journal is made. One mutex, held for the copy only: a leaf (docs/LOCKING.md
 * "view"). */
#ifndef TRIDENT_ENGINE_VIEW_H
#define TRIDENT_ENGINE_VIEW_H

#include "brokers/broker.h"
#include "engine/ending.h"
#include "engine/transition.h"

#define VIEW_POSITIONS_MAX 512
#define VIEW_ORDERS_MAX    1024

struct view {
    uint64_t seq; /* of the newest row; 0 = nothing was published yet */
    size_t position_count, order_count;
    struct position positions[VIEW_POSITIONS_MAX]; /* oldest first */
    struct order orders[VIEW_ORDERS_MAX];          /* not terminal */
};

struct engine_state;
struct view_board;
struct shadow_board; /* engine/shadow_board.h */

struct view_board *view_board_new(void);
struct view_board *view_board_free(struct view_board *b); /* NULL; returns NULL */
/* Engine thread, after a batch. b may be NULL. */
void view_board_publish(struct view_board *b, const struct engine_state *s);
/* Any thread. ret is big: heap. */
void view_board_read(struct view_board *b, struct view *ret);
/* The shadow machine beside it. Lives as long as b. Any thread. */
struct shadow_board *view_board_shadow(struct view_board *b);
/* Is the old bot retired? False without a board. Any thread. */
bool view_board_is_retired(struct view_board *b);
/* How a command wants the process to end, and in which row. Any thread. */
enum ending view_board_ending(struct view_board *b, uint64_t *ret_seq);
/* Who used which side, by id; returns how many. Any thread. */
size_t view_board_people(struct view_board *b, struct transition_person *out, size_t cap);
/* Profit of a position at these prices; 0 without a quote. price_e8: to close at; 0 = none. */
int64_t view_profit_e8(const struct position *p, struct broker *broker, int64_t *ret_price_e8);

#endif
