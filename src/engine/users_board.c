#include "engine/users_board.h"

#include <string.h>

#include "core/alloc.h"
#include "core/mutex.h"

struct copy {
    uint64_t revision;
    size_t count, factor_count;
    struct users_invite invites[USERS_INVITES_MAX];
    struct users_factor factors[USERS_FACTORS_MAX];
    struct users_person people[]; /* count of them */
};

/* lock: docs/LOCKING.md "users board", a leaf. (l) the lock. */
struct users_board {
    struct mutex lock;
    struct copy *shown TR_GUARDED_BY(lock); /* (l) NULL: nobody joined yet */
};

struct users_board *users_board_new(void)
{
    struct users_board *b = xalloc(sizeof(*b));
    mutex_init(&b->lock);
    return b;
}

struct users_board *users_board_free(struct users_board *b)
{
    if (b == NULL)
        return NULL;
    mutex_lock(&b->lock);
    b->shown = mem_free(b->shown);
    mutex_unlock(&b->lock);
    mutex_deinit(&b->lock);
    return mem_free(b);
}

static uint64_t shown_revision(struct users_board *b)
{
    mutex_lock(&b->lock);
    uint64_t revision = b->shown != NULL ? b->shown->revision : 0;
    mutex_unlock(&b->lock);
    return revision;
}

void users_board_show(struct users_board *b, const struct users *u)
{
    TR_ASSERT(b != NULL && u != NULL);
    TR_ASSERT(u->count <= USERS_MAX);
    if (shown_revision(b) == u->revision)
        return;
    struct copy *fresh = xalloc(sizeof(*fresh) + u->count * sizeof(u->people[0]));
    fresh->revision = u->revision;
    fresh->count = u->count;
    fresh->factor_count = u->factor_count;
    memcpy(fresh->invites, u->invites, sizeof(fresh->invites));
    memcpy(fresh->factors, u->factors, u->factor_count * sizeof(u->factors[0]));
    memcpy(fresh->people, u->people, u->count * sizeof(u->people[0]));
    mutex_lock(&b->lock);
    struct copy *old = b->shown;
    b->shown = fresh;
    mutex_unlock(&b->lock);
    mem_free(old);
}

bool users_board_person(struct users_board *b, int64_t id, struct users_person *ret)
{
    mutex_lock(&b->lock);
    const struct copy *c = b->shown;
    const struct users_person *p = c != NULL ? users_find_in(c->people, c->count, id) : NULL;
    if (p != NULL)
        *ret = *p;
    mutex_unlock(&b->lock);
    return p != NULL;
}

bool users_board_invite(struct users_board *b, const uint8_t hash[HASH_SHA256_BYTES],
                        int64_t now_ms, struct users_invite *ret)
{
    bool found = false;
    mutex_lock(&b->lock);
    const struct copy *c = b->shown;
    for (size_t i = 0; c != NULL && i < USERS_INVITES_MAX && !found; i++) {
        found = c->invites[i].expires_ms > now_ms &&
                memcmp(c->invites[i].hash, hash, HASH_SHA256_BYTES) == 0;
        if (found)
            *ret = c->invites[i];
    }
    mutex_unlock(&b->lock);
    return found;
}

bool users_board_factor(struct users_board *b, int64_t user_id, struct users_factor *ret)
{
    bool found = false;
    mutex_lock(&b->lock);
    const struct copy *c = b->shown;
    for (size_t i = 0; c != NULL && i < c->factor_count && !found; i++) {
        found = c->factors[i].user_id == user_id;
        if (found)
            *ret = c->factors[i];
    }
    mutex_unlock(&b->lock);
    return found;
}

size_t users_board_list(struct users_board *b, enum role least, int64_t now_ms, int64_t after,
                        struct users_person *out, size_t cap)
{
    TR_ASSERT(out != NULL || cap == 0);
    size_t n = 0;
    mutex_lock(&b->lock);
    const struct copy *c = b->shown;
    for (size_t i = 0; c != NULL && i < c->count && n < cap; i++)
        if (c->people[i].id > after && users_role(&c->people[i], now_ms) >= least)
            out[n++] = c->people[i];
    mutex_unlock(&b->lock);
    return n;
}

size_t users_board_count(struct users_board *b)
{
    mutex_lock(&b->lock);
    size_t n = b->shown != NULL ? b->shown->count : 0;
    mutex_unlock(&b->lock);
    return n;
}
