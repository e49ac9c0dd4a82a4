/* bots/seen.h: a bounded table of "how often did I see this key" for one process run: strangers who
 * have had their one answer, chats that were told once. When it is full every new key counts as
 * seen before: silence is the safe answer. Owned by one thread. */
#ifndef TRIDENT_BOTS_SEEN_H
#define TRIDENT_BOTS_SEEN_H

#include "core/core.h"

#define SEEN_MAX 1024

struct seen {
    struct {
        int64_t a, b;
        uint32_t times;
    } slots[SEEN_MAX * 2];
    size_t count;
};

/* How often (a, b) was seen before this call (0 = first); UINT32_MAX when the table is full. */
uint32_t seen_note(struct seen *s, int64_t a, int64_t b);

#endif
