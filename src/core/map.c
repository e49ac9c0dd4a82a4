#include "core/map.h"

#include "core/alloc.h"
#include "core/hash.h"

#define FIRST_SLOTS 16

/* Linear probing, load at most 3/4, removal by shifting back: no tombstones, so a map that lives
 * for months does not slow down. An empty slot has value NULL. */
struct slot {
    uint64_t key;
    void *value;
};

struct map {
    struct slot *slots;
    size_t slot_count; /* power of two */
    size_t used;
    size_t max_entries;
};

static size_t home_of(const struct map *m, uint64_t key)
{
    return (size_t)hash_64(&key, sizeof(key)) & (m->slot_count - 1);
}

/* The slot of key, or the empty one where it would go. */
static size_t find(const struct map *m, uint64_t key)
{
    TR_ASSERT(m->used < m->slot_count);
    size_t i = home_of(m, key);
    while (m->slots[i].value != NULL && m->slots[i].key != key)
        i = (i + 1) & (m->slot_count - 1);
    return i;
}

struct map *map_new(size_t max_entries)
{
    TR_ASSERT(max_entries > 0);
    struct map *m = xalloc(sizeof(*m));
    m->max_entries = max_entries;
    m->slot_count = FIRST_SLOTS;
    m->slots = xcalloc(m->slot_count, sizeof(m->slots[0]));
    return m;
}

struct map *map_free(struct map *m)
{
    if (m == NULL)
        return NULL;
    (void)mem_free(m->slots);
    return mem_free(m);
}

void *map_get(const struct map *m, uint64_t key)
{
    return m->slots[find(m, key)].value;
}

static void grow(struct map *m)
{
    struct slot *old = m->slots;
    size_t old_count = m->slot_count;
    m->slot_count *= 2;
    m->slots = xcalloc(m->slot_count, sizeof(m->slots[0]));
    for (size_t i = 0; i < old_count; i++) {
        if (old[i].value != NULL)
            m->slots[find(m, old[i].key)] = old[i];
    }
    (void)mem_free(old);
}

bool map_put(struct map *m, uint64_t key, void *value)
{
    TR_ASSERT(value != NULL);
    size_t i = find(m, key);
    if (m->slots[i].value == NULL) {
        if (m->used >= m->max_entries)
            return false;
        if ((m->used + 1) * 4 > m->slot_count * 3) {
            grow(m);
            i = find(m, key);
        }
        m->used++;
    }
    m->slots[i] = (struct slot){.key = key, .value = value};
    return true;
}

void *map_remove(struct map *m, uint64_t key)
{
    size_t mask = m->slot_count - 1;
    size_t hole = find(m, key);
    void *value = m->slots[hole].value;
    if (value == NULL)
        return NULL;
    for (size_t i = (hole + 1) & mask; m->slots[i].value != NULL; i = (i + 1) & mask) {
        /* An entry may move back only if its home is not between the hole and itself. */
        if (((i - home_of(m, m->slots[i].key)) & mask) >= ((i - hole) & mask)) {
            m->slots[hole] = m->slots[i];
            hole = i;
        }
    }
    m->slots[hole] = (struct slot){.value = NULL};
    TR_ASSERT(m->used > 0);
    m->used--;
    return value;
}

size_t map_count(const struct map *m)
{
    TR_ASSERT(m->used <= m->max_entries);
    return m->used;
}

void *map_next(const struct map *m, size_t *pos, uint64_t *ret_key)
{
    while (*pos < m->slot_count) {
        const struct slot *s = &m->slots[(*pos)++];
        if (s->value != NULL) {
            *ret_key = s->key;
            return s->value;
        }
    }
    return NULL;
}
