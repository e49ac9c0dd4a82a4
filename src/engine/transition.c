/* engine/transition.c: see transition.h. People stand in one array sorted by id: every command
 * looks its sender up in it. Who only used the bots gives up the place to who chooses a side. */
#include "engine/transition.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"

const char *transition_side_name(enum transition_side s)
{
    static const char *const names[TRANSITION_SIDE_COUNT] = {"both", "old", "new"};
    TR_ASSERT((int)s >= 0 && s < TRANSITION_SIDE_COUNT);
    return names[s];
}

/* The first place whose id is not below this one. */
static size_t slot_of(const struct transition *t, int64_t id)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (t->people[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct transition_person *transition_find(const struct transition *t, int64_t id)
{
    TR_ASSERT(t->count <= TRANSITION_PEOPLE_MAX);
    size_t i = slot_of(t, id);
    return i < t->count && t->people[i].id == id ? &t->people[i] : NULL;
}

static int64_t last_use_ms(const struct transition_person *p)
{
    return p->last_old_ms > p->last_new_ms ? p->last_old_ms : p->last_new_ms;
}

/* Of those who never chose, the one who was away longest. False: everybody chose. */
static bool forget_one(struct transition *t)
{
    size_t oldest = t->count;
    for (size_t i = 0; i < t->count; i++)
        if (t->people[i].side == TRANSITION_BOTH &&
            (oldest == t->count || last_use_ms(&t->people[i]) < last_use_ms(&t->people[oldest])))
            oldest = i;
    if (oldest == t->count)
        return false;
    t->count--;
    memmove(&t->people[oldest], &t->people[oldest + 1], (t->count - oldest) * sizeof(t->people[0]));
    return true;
}

/* Added when new. NULL: no room. */
static struct transition_person *need(struct transition *t, int64_t id, const char *name)
{
    TR_ASSERT(id > 0);
    size_t i = slot_of(t, id);
    bool is_new = i == t->count || t->people[i].id != id;
    if (is_new && t->count == TRANSITION_PEOPLE_MAX) {
        if (!forget_one(t))
            return NULL;
        i = slot_of(t, id);
    }
    if (is_new) {
        memmove(&t->people[i + 1], &t->people[i], (t->count - i) * sizeof(t->people[0]));
        t->people[i] = (struct transition_person){.id = id};
        t->count++;
    }
    (void)str_copy(t->people[i].name, sizeof(t->people[i].name), name); /* same cap */
    return &t->people[i];
}

void transition_use(struct transition *t, int64_t id, const char *name, bool is_old, int64_t now_ms)
{
    struct transition_person *p = need(t, id, name);
    if (p == NULL)
        return;
    if (is_old) {
        p->old_uses++;
        p->last_old_ms = now_ms;
    } else {
        p->new_uses++;
        p->last_new_ms = now_ms;
    }
}

bool transition_choose(struct transition *t, int64_t id, const char *name,
                       enum transition_side side, int64_t now_ms)
{
    TR_ASSERT(side == TRANSITION_OLD || side == TRANSITION_NEW);
    struct transition_person *p = need(t, id, name);
    if (p == NULL)
        return false;
    p->side = side;
    p->chosen_ms = now_ms;
    return true;
}

bool transition_was_told(struct transition *t, int64_t whom, const char *what)
{
    char text[160];
    uint8_t digest[HASH_SHA256_BYTES];
    uint64_t mark = 0;
    TR_ASSERT(what != NULL);
    int n = snprintf(text, sizeof(text), "%" PRId64 " %s", whom, what); /* cut: enough to tell */
    TR_ASSERT(n > 0);
    hash_sha256(text, strlen(text), digest);
    memcpy(&mark, digest, sizeof(mark));
    for (size_t i = 0; i < t->told_count; i++)
        if (t->told[i] == mark)
            return true;
    t->told[t->told_next] = mark;
    t->told_next = (t->told_next + 1) % TRANSITION_TOLD_MAX;
    t->told_count += t->told_count < TRANSITION_TOLD_MAX;
    return false;
}

/* ---- the snapshot ---- */

void transition_pack(const struct transition *t, struct buf *out)
{
    pack_bool(out, t->is_retired);
    pack_i64(out, t->retired_ms);
    pack_str(out, t->retired_by);
    pack_u64(out, t->count);
    for (size_t i = 0; i < t->count; i++) {
        const struct transition_person *p = &t->people[i];
        pack_i64(out, p->id);
        pack_i64(out, (int64_t)p->side);
        pack_i64(out, p->chosen_ms);
        pack_u64(out, p->old_uses);
        pack_u64(out, p->new_uses);
        pack_i64(out, p->last_old_ms);
        pack_i64(out, p->last_new_ms);
        pack_str(out, p->name);
    }
    pack_u64(out, t->told_next);
    pack_u64(out, t->told_count);
    for (size_t i = 0; i < t->told_count; i++)
        pack_u64(out, t->told[i]);
}

static size_t unpack_count(struct unpack *in, size_t max)
{
    uint64_t n = unpack_u64(in);
    if (n > max)
        in->failed = true;
    return in->failed ? 0 : (size_t)n;
}

void transition_unpack(struct transition *t, struct unpack *in)
{
    t->is_retired = unpack_bool(in);
    t->retired_ms = unpack_i64(in);
    unpack_str(in, t->retired_by, sizeof(t->retired_by));
    t->count = unpack_count(in, TRANSITION_PEOPLE_MAX);
    for (size_t i = 0; i < t->count; i++) {
        struct transition_person *p = &t->people[i];
        p->id = unpack_i64(in);
        p->side = (enum transition_side)unpack_int(in, 0, TRANSITION_SIDE_COUNT - 1);
        p->chosen_ms = unpack_i64(in);
        p->old_uses = unpack_u64(in);
        p->new_uses = unpack_u64(in);
        p->last_old_ms = unpack_i64(in);
        p->last_new_ms = unpack_i64(in);
        unpack_str(in, p->name, sizeof(p->name));
        if (p->id <= 0 || (i > 0 && p->id <= t->people[i - 1].id))
            in->failed = true; /* searched by halves: order is part of the contract */
    }
    t->told_next = unpack_count(in, TRANSITION_TOLD_MAX - 1);
    t->told_count = unpack_count(in, TRANSITION_TOLD_MAX);
    for (size_t i = 0; i < t->told_count; i++)
        t->told[i] = unpack_u64(in);
}
