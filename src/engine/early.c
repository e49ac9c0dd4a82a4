#include "engine/early.h"

#include <string.h>

#include "core/alloc.h"
#include "engine/state.h"

bool early_keep(struct engine_state *s, const struct broker_event *e)
{
    const struct order *opening = state_order(s, e->position_cid);
    TR_ASSERT(e->kind == BROKER_EVENT_FILL && e->purpose == ORDER_CLOSE);
    if (opening == NULL || opening->purpose != ORDER_OPEN)
        return false;
    if (s->early.count == EARLY_CLOSES_MAX)
        return false;
    s->early.items[s->early.count++] = *e;
    return true;
}

bool early_take(struct engine_state *s, const struct position *p, struct broker_event *ret)
{
    bool is_whole = state_order(s, p->cid) == NULL; /* its opening order has ended */
    for (size_t i = 0; i < s->early.count; i++) {
        struct broker_event *e = &s->early.items[i];
        if (e->position_cid != p->cid || (!is_whole && e->lots_e8 > p->lots_e8))
            continue;
        *ret = *e;
        s->early.count--;
        memmove(e, e + 1, (s->early.count - i) * sizeof(*e));
        return true;
    }
    return false;
}

void early_pack(const struct early_closes *e, struct buf *out)
{
    pack_u64(out, e->count);
    for (size_t i = 0; i < e->count; i++)
        broker_event_pack(out, &e->items[i]);
}

void early_unpack(struct early_closes *e, struct unpack *u)
{
    uint64_t count = unpack_u64(u);
    u->failed = u->failed || count > EARLY_CLOSES_MAX;
    e->count = u->failed ? 0 : (size_t)count;
    for (size_t i = 0; i < e->count; i++)
        broker_event_unpack(u, &e->items[i]);
}
