/* engine/picks.h: which positions a question was about. A question that waits for a yes keeps the
 * ids it has shown, so that the yes does exactly that, whatever prices and positions did meanwhile.
 * Part of the engine's state; bounded: the oldest set is forgotten, and its question has expired
 * then. Engine thread only. */
#ifndef TRIDENT_ENGINE_PICKS_H
#define TRIDENT_ENGINE_PICKS_H

#include "core/pack.h"

#define PICKS_MAX      16
#define PICKS_CIDS_MAX 512 /* STATE_POSITIONS_MAX */

struct pick {
    uint64_t id; /* of the confirmation; 0 = free */
    size_t count;
    uint64_t cids[PICKS_CIDS_MAX];
};

struct picks {
    struct pick items[PICKS_MAX];
};

void picks_keep(struct picks *p, uint64_t id, const uint64_t *cids, size_t count);
const struct pick *picks_find(const struct picks *p, uint64_t id); /* NULL: forgotten */
void picks_pack(const struct picks *p, struct buf *out);
void picks_unpack(struct picks *p, struct unpack *u);

#endif
