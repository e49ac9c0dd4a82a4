#include "engine/picks.h"

#include <string.h>

#include "core/core.h"

void picks_keep(struct picks *p, uint64_t id, const uint64_t *cids, size_t count)
{
    TR_ASSERT(id != 0);
    TR_ASSERT(count <= PICKS_CIDS_MAX);
    struct pick *slot = &p->items[0];
    for (size_t i = 1; i < PICKS_MAX; i++)
        if (p->items[i].id < slot->id)
            slot = &p->items[i]; /* free ones first, then the oldest */
    slot->id = id;
    slot->count = count;
    memcpy(slot->cids, cids, count * sizeof cids[0]);
}

const struct pick *picks_find(const struct picks *p, uint64_t id)
{
    for (size_t i = 0; i < PICKS_MAX; i++)
        if (id != 0 && p->items[i].id == id)
            return &p->items[i];
    return NULL;
}

void picks_pack(const struct picks *p, struct buf *out)
{
    for (size_t i = 0; i < PICKS_MAX; i++) {
        const struct pick *k = &p->items[i];
        pack_u64(out, k->id);
        if (k->id == 0)
            continue;
        pack_i64(out, (int64_t)k->count);
        for (size_t n = 0; n < k->count; n++)
            pack_u64(out, k->cids[n]);
    }
}

void picks_unpack(struct picks *p, struct unpack *u)
{
    for (size_t i = 0; i < PICKS_MAX; i++) {
        struct pick *k = &p->items[i];
        k->id = unpack_u64(u);
        if (k->id == 0)
            continue;
        k->count = (size_t)unpack_int(u, 0, PICKS_CIDS_MAX);
        for (size_t n = 0; n < k->count; n++)
            k->cids[n] = unpack_u64(u);
    }
}
