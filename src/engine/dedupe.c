/* engine/dedupe.c: ring of entries in arrival order plus an open-addressing index into it. Deleting
 * the oldest entry shifts its probe run back, so there are no tombstones and look-ups stay short.
 */
#include "engine/dedupe.h"

#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"

struct dedupe_entry {
    uint64_t hash[2];
    uint64_t seq;
    uint64_t mark; /* of what was said under the key; 0 = none */
};

struct dedupe {
    struct dedupe_entry *ring;
    uint32_t *index; /* ring position + 1; 0 = free */
    size_t capacity, count, next;
    size_t index_mask;
};

static void key_hash(const char *key, uint64_t out[2])
{
    uint8_t digest[HASH_SHA256_BYTES];
    hash_sha256(key, strlen(key), digest);
    memcpy(out, digest, 16);
}

struct dedupe *dedupe_new(size_t capacity)
{
    TR_ASSERT(capacity > 0);
    TR_ASSERT(capacity < UINT32_MAX / 4);
    struct dedupe *d = xalloc(sizeof(*d));
    size_t slots = 16;
    while (slots < capacity * 2)
        slots *= 2;
    d->ring = xcalloc(capacity, sizeof(*d->ring));
    d->index = xcalloc(slots, sizeof(*d->index));
    d->capacity = capacity;
    d->index_mask = slots - 1;
    return d;
}

struct dedupe *dedupe_free(struct dedupe *d)
{
    if (d == NULL)
        return NULL;
    mem_free(d->ring);
    mem_free(d->index);
    return mem_free(d);
}

void dedupe_clear(struct dedupe *d)
{
    memset(d->index, 0, (d->index_mask + 1) * sizeof(*d->index));
    d->count = 0;
    d->next = 0;
}

static size_t slot_of(const struct dedupe *d, const uint64_t hash[2])
{
    size_t i = (size_t)hash[0] & d->index_mask;
    while (d->index[i] != 0) {
        const struct dedupe_entry *e = &d->ring[d->index[i] - 1];
        if (e->hash[0] == hash[0] && e->hash[1] == hash[1])
            break;
        i = (i + 1) & d->index_mask;
    }
    return i;
}

uint64_t dedupe_find(const struct dedupe *d, const char *key)
{
    uint64_t hash[2];
    key_hash(key, hash);
    size_t slot = slot_of(d, hash);
    return d->index[slot] == 0 ? 0 : d->ring[d->index[slot] - 1].seq;
}

uint64_t dedupe_mark(const struct dedupe *d, const char *key)
{
    uint64_t hash[2];
    key_hash(key, hash);
    size_t slot = slot_of(d, hash);
    return d->index[slot] == 0 ? 0 : d->ring[d->index[slot] - 1].mark;
}

static void index_remove(struct dedupe *d, const uint64_t hash[2])
{
    size_t hole = slot_of(d, hash);
    TR_ASSERT(d->index[hole] != 0);
    d->index[hole] = 0;
    for (size_t i = (hole + 1) & d->index_mask; d->index[i] != 0; i = (i + 1) & d->index_mask) {
        size_t home = (size_t)d->ring[d->index[i] - 1].hash[0] & d->index_mask;
        /* Move back unless its home lies cyclically in (hole, i]. */
        bool stays = hole <= i ? (hole < home && home <= i) : (hole < home || home <= i);
        if (stays)
            continue;
        d->index[hole] = d->index[i];
        d->index[i] = 0;
        hole = i;
    }
}

static void add_hashed(struct dedupe *d, const uint64_t hash[2], uint64_t mark, uint64_t seq)
{
    if (d->count == d->capacity)
        index_remove(d, d->ring[d->next].hash);
    else
        d->count++;
    struct dedupe_entry *e = &d->ring[d->next];
    e->hash[0] = hash[0];
    e->hash[1] = hash[1];
    e->seq = seq;
    e->mark = mark;
    size_t slot = slot_of(d, hash);
    TR_ASSERT(d->index[slot] == 0);
    d->index[slot] = (uint32_t)d->next + 1;
    d->next = (d->next + 1) % d->capacity;
}

void dedupe_add_mark(struct dedupe *d, const char *key, uint64_t mark, uint64_t seq)
{
    TR_ASSERT(seq > 0);
    uint64_t hash[2];
    key_hash(key, hash);
    add_hashed(d, hash, mark, seq);
}

void dedupe_add(struct dedupe *d, const char *key, uint64_t seq)
{
    dedupe_add_mark(d, key, 0, seq);
}

size_t dedupe_count(const struct dedupe *d)
{
    return d->count;
}

void dedupe_pack(const struct dedupe *d, struct buf *out)
{
    pack_u64(out, d->count);
    size_t at = (d->next + d->capacity - d->count) % d->capacity;
    for (size_t i = 0; i < d->count; i++, at = (at + 1) % d->capacity) {
        pack_bytes(out, d->ring[at].hash, sizeof(d->ring[at].hash));
        pack_u64(out, d->ring[at].seq);
        pack_u64(out, d->ring[at].mark);
    }
}

int dedupe_unpack(struct dedupe *d, struct unpack *u)
{
    dedupe_clear(d);
    uint64_t count = unpack_u64(u);
    if (!unpack_ok(u) || count > d->capacity)
        return err_raise(-EBADMSG);
    for (uint64_t i = 0; i < count; i++) {
        size_t len = 0;
        const void *bytes = unpack_bytes(u, &len);
        uint64_t seq = unpack_u64(u);
        uint64_t mark = unpack_u64(u);
        uint64_t hash[2];
        if (!unpack_ok(u) || len != sizeof(hash) || seq == 0)
            return err_raise(-EBADMSG);
        memcpy(hash, bytes, sizeof(hash));
        if (d->index[slot_of(d, hash)] != 0)
            return err_raise(-EBADMSG);
        add_hashed(d, hash, mark, seq);
    }
    return 0;
}
