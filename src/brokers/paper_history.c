#include "brokers/paper_history.h"

#include "core/alloc.h"

#define FIRST_CAPACITY 64

void paper_history_deinit(struct paper_history *h)
{
    mem_free(h->ring);
    *h = (struct paper_history){0};
}

const struct paper_fill *paper_history_at(const struct paper_history *h, size_t i)
{
    TR_ASSERT(i < h->count);
    return &h->ring[(h->first + i) % h->capacity];
}

static void grow(struct paper_history *h)
{
    size_t capacity = h->capacity == 0 ? FIRST_CAPACITY : 2 * h->capacity;
    if (capacity > PAPER_HISTORY_MAX) {
        capacity = PAPER_HISTORY_MAX;
    }
    struct paper_fill *ring = xcalloc(capacity, sizeof(*ring));
    for (size_t i = 0; i < h->count; i++) {
        ring[i] = *paper_history_at(h, i);
    }
    mem_free(h->ring);
    h->ring = ring;
    h->capacity = capacity;
    h->first = 0;
}

void paper_history_cut(struct paper_history *h, uint64_t exec_id)
{
    if (h->after < exec_id) {
        h->after = exec_id;
    }
}

void paper_history_add(struct paper_history *h, const struct paper_fill *f)
{
    TR_ASSERT(f->exec_id != 0);
    TR_ASSERT(h->count == 0 || paper_history_at(h, h->count - 1)->exec_id < f->exec_id);
    if (h->count == h->capacity && h->capacity < PAPER_HISTORY_MAX) {
        grow(h);
    }
    if (h->count == PAPER_HISTORY_MAX) {
        paper_history_cut(h, h->ring[h->first].exec_id);
        h->first = (h->first + 1) % h->capacity;
        h->count--;
    }
    h->ring[(h->first + h->count) % h->capacity] = *f;
    h->count++;
}
