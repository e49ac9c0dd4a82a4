#include "engine/view.h"

#include <string.h>

#include "core/alloc.h"
#include "core/mutex.h"
#include "engine/input.h"
#include "engine/state.h"

_Static_assert(VIEW_POSITIONS_MAX >= STATE_POSITIONS_MAX, "every position is shown");
_Static_assert(VIEW_ORDERS_MAX >= STATE_ORDERS_MAX, "every order is shown");

/* lock: docs/LOCKING.md "view", a leaf. */
struct view_board {
    struct mutex lock;
    struct view view TR_GUARDED_BY(lock);
};

struct view_board *view_board_new(void)
{
    struct view_board *b = xalloc(sizeof *b);
    mutex_init(&b->lock);
    return b;
}

struct view_board *view_board_free(struct view_board *b)
{
    if (!b)
        return NULL;
    mutex_deinit(&b->lock);
    return mem_free(b);
}

void view_board_publish(struct view_board *b, const struct engine_state *s)
{
    if (!b)
        return;
    TR_ASSERT(s && s->position_count <= VIEW_POSITIONS_MAX && s->order_count <= VIEW_ORDERS_MAX);
    mutex_lock(&b->lock);
    b->view.seq = s->seq;
    b->view.position_count = s->position_count;
    b->view.order_count = s->order_count;
    memcpy(b->view.positions, s->positions, s->position_count * sizeof s->positions[0]);
    memcpy(b->view.orders, s->orders, s->order_count * sizeof s->orders[0]);
    mutex_unlock(&b->lock);
}

void view_board_read(struct view_board *b, struct view *ret)
{
    TR_ASSERT(b && ret);
    mutex_lock(&b->lock);
    ret->seq = b->view.seq;
    ret->position_count = b->view.position_count;
    ret->order_count = b->view.order_count;
    memcpy(ret->positions, b->view.positions, ret->position_count * sizeof ret->positions[0]);
    memcpy(ret->orders, b->view.orders, ret->order_count * sizeof ret->orders[0]);
    mutex_unlock(&b->lock);
}

int64_t view_profit_e8(const struct position *p, struct broker *broker, int64_t *ret_price_e8)
{
    TR_ASSERT(p && broker && ret_price_e8);
    struct input_quotes quotes = {.count = 0};
    const struct symbol_info *info = symbol_find(p->symbol);
    struct quote q;
    *ret_price_e8 = 0;
    input_quotes_add(&quotes, broker, p->symbol);
    if (!info || !input_quotes_find(&quotes, p->symbol, &q))
        return 0;
    *ret_price_e8 = p->side == SIDE_BUY ? q.bid_e8 : q.ask_e8;
    return symbol_profit_e8(info, side_sign(p->side), p->entry_e8, *ret_price_e8, p->lots_e8,
                            input_usd_per_quote_e8(&quotes, info));
}
