#include "engine/ending.h"

#include "core/alloc.h"
#include "engine/apply.h"

enum reason ending_tx_want(struct engine_tx *tx, enum ending how)
{
    struct engine_state *s = tx->s;
    TR_ASSERT(how == ENDING_STOP || how == ENDING_RESTART);
    if (s->ending != ENDING_NONE)
        return REASON_ALREADY_DONE;
    s->ending = how;
    s->ending_seq = tx->seq;
    return REASON_ACCEPTED;
}
