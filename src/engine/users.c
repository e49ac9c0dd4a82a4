/* engine/users.c: see users.h. The directory is one sorted array: a look-up is a binary search, a
 * change moves what is behind it. Changes are rare; look-ups happen with every command. The end of
 * the next grant is remembered, so that the engine's timer costs nothing. */
#include "engine/users.h"

#include <string.h>

#include "core/alloc.h"

void users_init(struct users *u)
{
    TR_ASSERT(u != NULL);
    TR_ASSERT(u->count == 0 && u->factor_count == 0); /* zeroed memory, too big to write again */
    u->due_ms = INT64_MAX;
}

/* The first index whose id is not below this one. */
static size_t slot_of(const struct users_person *people, size_t count, int64_t id)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (people[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct users_person *users_find_in(const struct users_person *people, size_t count,
                                         int64_t id)
{
    size_t i = slot_of(people, count, id);
    return i < count && people[i].id == id ? &people[i] : NULL;
}

const struct users_person *users_find(const struct users *u, int64_t id)
{
    TR_ASSERT(u->count <= USERS_MAX);
    return users_find_in(u->people, u->count, id);
}

enum role users_role(const struct users_person *p, int64_t now_ms)
{
    return p->granted_until_ms > now_ms && p->granted > p->role ? p->granted : p->role;
}

void users_touch(struct users *u)
{
    u->revision++;
}

static void find_due(struct users *u)
{
    u->due_ms = INT64_MAX;
    for (size_t i = 0; i < u->count; i++)
        if (u->people[i].granted_until_ms != 0 && u->people[i].granted_until_ms < u->due_ms)
            u->due_ms = u->people[i].granted_until_ms;
}

static void assert_person(const struct users_person *p)
{
    TR_ASSERT(p->id != 0);
    TR_ASSERT(p->role >= ROLE_NONE && p->role < ROLE_COUNT);
    TR_ASSERT(p->id > 0 || (p->role == ROLE_NONE && p->granted_until_ms == 0));
    TR_ASSERT((p->granted == ROLE_NONE) == (p->granted_until_ms == 0));
    TR_ASSERT(p->lang > LANG_UNSET && p->lang < LANG_COUNT);
}

bool users_put(struct users *u, const struct users_person *p)
{
    assert_person(p);
    size_t i = slot_of(u->people, u->count, p->id);
    bool is_new = i == u->count || u->people[i].id != p->id;
    if (is_new && u->count == USERS_MAX)
        return false;
    if (is_new) {
        memmove(&u->people[i + 1], &u->people[i], (u->count - i) * sizeof(u->people[0]));
        u->count++;
    }
    bool had_grant = !is_new && u->people[i].granted_until_ms != 0;
    u->people[i] = *p;
    if (had_grant || p->granted_until_ms != 0)
        find_due(u);
    users_touch(u);
    return true;
}

bool users_remove(struct users *u, int64_t id)
{
    size_t i = slot_of(u->people, u->count, id);
    if (i == u->count || u->people[i].id != id)
        return false;
    u->count--;
    memmove(&u->people[i], &u->people[i + 1], (u->count - i) * sizeof(u->people[0]));
    (void)users_drop_factor(u, id); /* most people have none */
    find_due(u);
    users_touch(u);
    return true;
}

const struct users_person *users_end_grant(struct users *u, int64_t now_ms, size_t *at)
{
    for (; *at < u->count; ++*at) {
        struct users_person *p = &u->people[*at];
        if (p->granted_until_ms == 0 || p->granted_until_ms > now_ms)
            continue;
        p->granted = ROLE_NONE;
        p->granted_until_ms = 0;
        users_touch(u);
        return p;
    }
    find_due(u);
    return NULL;
}

/* ---- invitations ---- */

bool users_hash_read(const char *hex, uint8_t out[HASH_SHA256_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    TR_ASSERT(hex != NULL);
    for (size_t i = 0; i < 2 * HASH_SHA256_BYTES; i++) {
        const char *at = hex[i] != '\0' ? strchr(digits, hex[i]) : NULL;
        if (at == NULL)
            return false;
        unsigned half = (unsigned)(at - digits);
        out[i / 2] = (uint8_t)(i % 2 == 0 ? half << 4 : out[i / 2] | half);
    }
    return hex[2 * HASH_SHA256_BYTES] == '\0';
}

bool users_invite(struct users *u, const struct users_invite *inv, int64_t now_ms)
{
    TR_ASSERT(inv->expires_ms > now_ms);
    TR_ASSERT(inv->role >= ROLE_NONE && inv->role < ROLE_COUNT);
    for (size_t i = 0; i < USERS_INVITES_MAX; i++)
        if (u->invites[i].expires_ms <= now_ms) {
            u->invites[i] = *inv;
            users_touch(u);
            return true;
        }
    return false;
}

bool users_take_invite(struct users *u, const uint8_t hash[HASH_SHA256_BYTES], int64_t now_ms,
                       struct users_invite *ret)
{
    for (size_t i = 0; i < USERS_INVITES_MAX; i++) {
        struct users_invite *inv = &u->invites[i];
        if (inv->expires_ms <= now_ms || memcmp(inv->hash, hash, HASH_SHA256_BYTES) != 0)
            continue;
        *ret = *inv;
        *inv = (struct users_invite){0};
        users_touch(u);
        return true;
    }
    return false;
}

/* ---- second factors ---- */

struct users_factor *users_factor(struct users *u, int64_t user_id)
{
    TR_ASSERT(u->factor_count <= USERS_FACTORS_MAX);
    for (size_t i = 0; i < u->factor_count; i++)
        if (u->factors[i].user_id == user_id)
            return &u->factors[i];
    return NULL;
}

bool users_new_factor(struct users *u, int64_t user_id, const uint8_t secret[USERS_SECRET_BYTES])
{
    TR_ASSERT(user_id > 0);
    struct users_factor *f = users_factor(u, user_id);
    if (f == NULL && u->factor_count == USERS_FACTORS_MAX)
        return false;
    if (f == NULL) {
        f = &u->factors[u->factor_count++];
        *f = (struct users_factor){.user_id = user_id};
    }
    f->is_active = false;
    f->last_step = 0;
    memcpy(f->secret, secret, sizeof(f->secret));
    users_touch(u);
    return true;
}

bool users_drop_factor(struct users *u, int64_t user_id)
{
    struct users_factor *f = users_factor(u, user_id);
    if (f == NULL)
        return false;
    *f = u->factors[--u->factor_count];
    hash_wipe(&u->factors[u->factor_count], sizeof(u->factors[0]));
    users_touch(u);
    return true;
}

/* ---- the snapshot ---- */

static void pack_tables(const struct users *u, struct buf *b)
{
    for (size_t i = 0; i < USERS_INVITES_MAX; i++) {
        const struct users_invite *inv = &u->invites[i];
        pack_i64(b, inv->expires_ms);
        if (inv->expires_ms == 0)
            continue;
        pack_bytes(b, inv->hash, sizeof(inv->hash));
        pack_i64(b, (int64_t)inv->role);
        pack_i64(b, (int64_t)inv->lang);
        pack_str(b, inv->by);
    }
    pack_u64(b, u->factor_count);
    for (size_t i = 0; i < u->factor_count; i++) {
        const struct users_factor *f = &u->factors[i];
        pack_i64(b, f->user_id);
        pack_bool(b, f->is_active);
        pack_i64(b, f->last_step);
        pack_i64(b, f->wrong);
        pack_i64(b, f->locked_until_ms);
        pack_bytes(b, f->secret, sizeof(f->secret));
    }
}

void users_pack(const struct users *u, struct buf *out)
{
    pack_u64(out, u->revision);
    pack_tables(u, out);
    pack_u64(out, u->count);
    for (size_t i = 0; i < u->count; i++) {
        const struct users_person *p = &u->people[i];
        pack_i64(out, p->id);
        pack_i64(out, (int64_t)p->role);
        pack_i64(out, (int64_t)p->granted);
        pack_i64(out, p->granted_until_ms);
        pack_i64(out, (int64_t)p->lang);
        pack_i64(out, p->since_ms);
        pack_str(out, p->name);
    }
}

static void unpack_fixed(struct unpack *in, uint8_t *out, size_t len)
{
    size_t n = 0;
    const void *p = unpack_bytes(in, &n);
    if (p == NULL || n != len)
        in->failed = true;
    else
        memcpy(out, p, len);
}

static size_t unpack_count(struct unpack *in, size_t max)
{
    uint64_t n = unpack_u64(in);
    if (n > max)
        in->failed = true;
    return in->failed ? 0 : (size_t)n;
}

static void unpack_tables(struct users *u, struct unpack *in)
{
    for (size_t i = 0; i < USERS_INVITES_MAX; i++) {
        struct users_invite *inv = &u->invites[i];
        *inv = (struct users_invite){.expires_ms = unpack_i64(in)};
        if (inv->expires_ms == 0)
            continue;
        unpack_fixed(in, inv->hash, sizeof(inv->hash));
        inv->role = (enum role)unpack_int(in, ROLE_NONE, ROLE_COUNT - 1);
        inv->lang = (enum lang)unpack_int(in, LANG_UNSET, LANG_COUNT - 1);
        unpack_str(in, inv->by, sizeof(inv->by));
    }
    u->factor_count = unpack_count(in, USERS_FACTORS_MAX);
    for (size_t i = 0; i < u->factor_count; i++) {
        struct users_factor *f = &u->factors[i];
        f->user_id = unpack_i64(in);
        f->is_active = unpack_bool(in);
        f->last_step = unpack_i64(in);
        f->wrong = unpack_int(in, 0, INT32_MAX);
        f->locked_until_ms = unpack_i64(in);
        unpack_fixed(in, f->secret, sizeof(f->secret));
    }
}

void users_unpack(struct users *u, struct unpack *in)
{
    u->revision = unpack_u64(in);
    unpack_tables(u, in);
    u->count = unpack_count(in, USERS_MAX);
    for (size_t i = 0; i < u->count; i++) {
        struct users_person *p = &u->people[i];
        p->id = unpack_i64(in);
        p->role = (enum role)unpack_int(in, ROLE_NONE, ROLE_COUNT - 1);
        p->granted = (enum role)unpack_int(in, ROLE_NONE, ROLE_COUNT - 1);
        p->granted_until_ms = unpack_i64(in);
        p->lang = (enum lang)unpack_int(in, LANG_UNSET + 1, LANG_COUNT - 1);
        p->since_ms = unpack_i64(in);
        unpack_str(in, p->name, sizeof(p->name));
        if (i > 0 && p->id <= u->people[i - 1].id)
            in->failed = true; /* searched by halves: order is part of the contract */
    }
    find_due(u);
}
