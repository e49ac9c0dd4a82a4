/* http/sources.c: see sources.h. The place of a source is found by a keyed hash of its address, so
 * that nobody chooses whom he pushes out, among PROBES neighbours. Where all of them are locked out
 * the newcomer shares the last one's place and its lock: memory stays bounded and no lock is lost.
 */
#include "http/sources.h"

#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "http/access.h"

#define PROBES 8

struct source {
    uint8_t key[16]; /* the network part; zero: free */
    int64_t seen_ms;
    int64_t locked_until_ms;
    int64_t lock_ms;      /* length of the last lock-out */
    int64_t filled_ms;    /* when the allowance was counted */
    int64_t allowance_e3; /* thousandths of an alert */
    int failures;
};

struct sources {
    struct source items[SOURCES_MAX];
};

struct sources *sources_new(void)
{
    return xalloc(sizeof(struct sources));
}

struct sources *sources_free(struct sources *s)
{
    return mem_free(s);
}

static void renew(struct source *e, const uint8_t key[16], int64_t now_ms)
{
    *e = (struct source){.seen_ms = now_ms, .filled_ms = now_ms, .allowance_e3 = -1};
    memcpy(e->key, key, sizeof(e->key));
}

static struct source *find(struct sources *s, const char *address, int64_t now_ms)
{
    TR_ASSERT(s != NULL && address != NULL);
    uint8_t key[16];
    access_source_key(address, key);
    size_t at = (size_t)hash_64(key, sizeof(key));
    struct source *worst = NULL;
    for (size_t i = 0; i < PROBES; i++) {
        struct source *e = &s->items[(at + i) & (SOURCES_MAX - 1)];
        if (e->seen_ms != 0 && memcmp(e->key, key, sizeof(key)) == 0) {
            if (now_ms - e->seen_ms > SOURCES_FORGET_MS && e->locked_until_ms <= now_ms)
                renew(e, key, now_ms);
            e->seen_ms = now_ms;
            return e;
        }
        bool is_locked = e->locked_until_ms > now_ms;
        if (!is_locked && (worst == NULL || e->seen_ms < worst->seen_ms))
            worst = e;
    }
    if (worst == NULL)
        return &s->items[(at + PROBES - 1) & (SOURCES_MAX - 1)];
    renew(worst, key, now_ms);
    return worst;
}

int64_t sources_locked_ms(struct sources *s, const char *address, int64_t now_ms)
{
    const struct source *e = find(s, address, now_ms);
    return e->locked_until_ms > now_ms ? e->locked_until_ms - now_ms : 0;
}

int64_t sources_failed(struct sources *s, const char *address, int64_t now_ms)
{
    struct source *e = find(s, address, now_ms);
    if (++e->failures < SOURCES_FAILURES_MAX)
        return 0;
    int64_t longer = e->lock_ms == 0 ? SOURCES_LOCK_FIRST_MS : 2 * e->lock_ms;
    e->lock_ms = longer < SOURCES_LOCK_MAX_MS ? longer : SOURCES_LOCK_MAX_MS;
    e->locked_until_ms = now_ms + e->lock_ms;
    return e->lock_ms;
}

void sources_succeeded(struct sources *s, const char *address, int64_t now_ms)
{
    struct source *e = find(s, address, now_ms);
    e->failures = 0;
    e->lock_ms = 0;
}

bool sources_may_send(struct sources *s, const char *address, int per_s, int64_t now_ms)
{
    TR_ASSERT(per_s > 0);
    struct source *e = find(s, address, now_ms);
    int64_t burst_e3 = (int64_t)per_s * 2000;
    int64_t passed_ms = now_ms - e->filled_ms;
    if (e->allowance_e3 < 0 || passed_ms > 2000)
        e->allowance_e3 = burst_e3;
    else if (passed_ms > 0)
        e->allowance_e3 += passed_ms * per_s;
    if (e->allowance_e3 > burst_e3)
        e->allowance_e3 = burst_e3;
    e->filled_ms = now_ms;
    if (e->allowance_e3 < 1000)
        return false;
    e->allowance_e3 -= 1000;
    return true;
}

size_t sources_locked_count(const struct sources *s, int64_t now_ms)
{
    size_t n = 0;
    for (size_t i = 0; i < SOURCES_MAX; i++)
        n += s->items[i].locked_until_ms > now_ms;
    return n;
}
