/* The ring keeps updates in creation order, which is the order of delivery. Ids normally grow by
 * one; raw injection and id restarts may leave gaps or go back, so confirmation compares ids at the
 * head only, as the real queue does. */
#include "sandbox/backlog.h"

#include <string.h>

#include "core/alloc.h"

void sandbox_backlog_init(struct sandbox_backlog *q, int64_t next_id)
{
    TR_ASSERT(q);
    TR_ASSERT(next_id > 0);
    memset(q, 0, sizeof(*q));
    q->next_id = next_id;
}

static struct sandbox_update *at(const struct sandbox_backlog *q, size_t i)
{
    TR_ASSERT(i < q->count);
    return &q->items[(q->head + i) % q->cap];
}

static void pop_head(struct sandbox_backlog *q)
{
    struct sandbox_update *u = at(q, 0);
    TR_ASSERT(q->bytes >= u->len);
    q->bytes -= u->len;
    u->json = mem_free(u->json);
    q->head = (q->head + 1) % q->cap;
    q->count--;
}

void sandbox_backlog_clear(struct sandbox_backlog *q)
{
    while (q->count > 0)
        pop_head(q);
    TR_ASSERT(q->bytes == 0);
}

void sandbox_backlog_deinit(struct sandbox_backlog *q)
{
    if (q->items)
        sandbox_backlog_clear(q);
    q->items = mem_free(q->items);
    q->cap = 0;
}

static void grow(struct sandbox_backlog *q)
{
    size_t cap = q->cap ? q->cap * 2 : 64;
    struct sandbox_update *items = xcalloc(cap, sizeof(*items));
    for (size_t i = 0; i < q->count; i++)
        items[i] = *at(q, i);
    (void)mem_free(q->items);
    q->items = items;
    q->cap = cap;
    q->head = 0;
}

bool sandbox_backlog_push(struct sandbox_backlog *q, int64_t id, int64_t expires_ms, char *json)
{
    TR_ASSERT(json);
    size_t len = strlen(json);
    if (q->count >= SANDBOX_BACKLOG_MAX_COUNT || q->bytes + len > SANDBOX_BACKLOG_MAX_BYTES) {
        q->dropped++;
        (void)mem_free(json);
        return false;
    }
    if (q->count == q->cap)
        grow(q);
    q->items[(q->head + q->count) % q->cap] =
        (struct sandbox_update){.id = id, .expires_ms = expires_ms, .json = json, .len = len};
    q->count++;
    q->bytes += len;
    if (id >= q->next_id)
        q->next_id = id < SANDBOX_UPDATE_ID_MAX ? id + 1 : 1;
    return true;
}

static int64_t tail_id(const struct sandbox_backlog *q)
{
    return q->next_id; /* the id the next update will get */
}

static void forget_confirmed(struct sandbox_backlog *q, int64_t offset)
{
    while (q->count > 0 && at(q, 0)->id < offset) {
        pop_head(q);
        q->confirmed++;
    }
}

static void keep_newest(struct sandbox_backlog *q, int64_t offset)
{
    uint64_t keep = (uint64_t)(-(offset + 1)) + 1;
    while (q->count > 0 && q->count > keep) {
        pop_head(q);
        q->confirmed++;
    }
}

size_t sandbox_backlog_get(struct sandbox_backlog *q, int64_t offset, size_t limit, int64_t now_ms,
                           const struct sandbox_update **ret, size_t ret_cap)
{
    TR_ASSERT(limit >= 1 && limit <= ret_cap);
    if (offset < 0)
        keep_newest(q, offset);
    else if (offset > 0 && offset <= tail_id(q) + SANDBOX_BACKLOG_TAIL_SLACK)
        forget_confirmed(q, offset);
    else
        offset = 0; /* nonsense far beyond the tail: from the head again */

    while (q->count > 0 && at(q, 0)->expires_ms <= now_ms) {
        pop_head(q);
        q->expired++;
    }
    size_t n = 0, bytes = 0;
    for (size_t i = 0; i < q->count && n < limit && bytes < SANDBOX_BACKLOG_ANSWER_SOFT; i++) {
        const struct sandbox_update *u = at(q, i);
        if (u->expires_ms <= now_ms)
            continue;
        ret[n++] = u;
        bytes += u->len;
    }
    q->delivered += n;
    return n;
}
