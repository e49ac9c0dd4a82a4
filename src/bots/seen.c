#include "bots/seen.h"

static size_t slot_of(int64_t a, int64_t b)
{
    uint64_t x =
        (uint64_t)a * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)b * UINT64_C(0xc2b2ae3d27d4eb4f);
    x ^= x >> 29;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 32;
    return (size_t)(x % (SEEN_MAX * 2));
}

uint32_t seen_note(struct seen *s, int64_t a, int64_t b)
{
    TR_ASSERT(s);
    TR_ASSERT(s->count <= SEEN_MAX);
    size_t i = slot_of(a, b);
    /* Half of the slots stay empty, so the probe ends. */
    while (s->slots[i].times > 0 && (s->slots[i].a != a || s->slots[i].b != b))
        i = (i + 1) % (SEEN_MAX * 2);
    if (s->slots[i].times > 0) {
        uint32_t before = s->slots[i].times;
        if (before < UINT32_MAX - 1)
            s->slots[i].times++;
        return before;
    }
    if (s->count >= SEEN_MAX)
        return UINT32_MAX;
    s->slots[i].a = a;
    s->slots[i].b = b;
    s->slots[i].times = 1;
    s->count++;
    return 0;
}
