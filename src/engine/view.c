#include "engine/view.h"

#include <string.h>

#include "core/alloc.h"
#include "core/mutex.h"
#include "engine/input.h"
#include "engine/shadow_board.h"
#include "engine/state.h"

_Static_assert(VIEW_POSITIONS_MAX >= STATE_POSITIONS_MAX, "every position is shown");
_Static_assert(VIEW_ORDERS_MAX >= STATE_ORDERS_MAX, "every order is shown");

/* lock: docs/LOCKING.md "view", a leaf. */
struct view_board {
    struct shadow_board *shadow; /* (c) locks itself */
    struct mutex lock;
    struct view view TR_GUARDED_BY(lock);
    bool is_retired TR_GUARDED_BY(lock);
    enum ending ending TR_GUARDED_BY(lock);
    uint64_t ending_seq TR_GUARDED_BY(lock);
    size_t people_count TR_GUARDED_BY(lock);
    struct transition_person people[TRANSITION_PEOPLE_MAX] TR_GUARDED_BY(lock);
};

struct view_board *view_board_new(void)
{
    struct view_board *b = xalloc(sizeof *b);
    mutex_init(&b->lock);
    b->shadow = shadow_board_new();
    return b;
}

struct view_board *view_board_free(struct view_board *b)
{
    if (!b)
        return NULL;
    b->shadow = shadow_board_free(b->shadow);
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
    b->is_retired = s->transition.is_retired;
    b->ending = s->ending;
    b->ending_seq = s->ending_seq;
    b->people_count = s->transition.count;
    memcpy(b->people, s->transition.people, s->transition.count * sizeof b->people[0]);
    mutex_unlock(&b->lock);
    shadow_board_publish(b->shadow, s);
}

struct shadow_board *view_board_shadow(struct view_board *b)
{
    TR_ASSERT(b);
    return b->shadow;
}

bool view_board_is_retired(struct view_board *b)
{
    if (!b)
        return false;
    mutex_lock(&b->lock);
    bool is_retired = b->is_retired;
    mutex_unlock(&b->lock);
    return is_retired;
}

enum ending view_board_ending(struct view_board *b, uint64_t *ret_seq)
{
    TR_ASSERT(b && ret_seq);
    mutex_lock(&b->lock);
    enum ending how = b->ending;
    *ret_seq = b->ending_seq;
    mutex_unlock(&b->lock);
    return how;
}

size_t view_board_people(struct view_board *b, struct transition_person *out, size_t cap)
{
    TR_ASSERT(b && out);
    mutex_lock(&b->lock);
    size_t n = b->people_count < cap ? b->people_count : cap;
    memcpy(out, b->people, n * sizeof out[0]);
    mutex_unlock(&b->lock);
    return n;
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
