/* notify/leaving.c: who is removed gets nothing of what was queued; who is demoted nothing of what
 * goes by bots whose news are for a higher role. A message that is on its way already arrives. Rows
 * go in the transaction that routes the event, so a crash between the two is no way around. */
#include "notify/leaving.h"

#include <string.h>

#include "core/alloc.h"

/* The bots whose queues may hold what this role does not get to see (fanout.c, routes). */
static unsigned bots_above(const struct notify *n, enum role role)
{
    unsigned bots = 0;
    if (role < ROLE_TRADER)
        bots |= 1u << notify_actual_bot(n, BOT_CONTROLLER) | 1u << BOT_LEGACY;
    if (role < ROLE_VIEWER)
        bots |= 1u << notify_actual_bot(n, BOT_ANALYTICS);
    return bots;
}

/* Rows of this transaction that are for the chat; returns how many. */
static size_t unstage(struct notify *n, enum bot_id bot, int64_t chat_id)
{
    size_t count = 0;
    struct outbox_row **at = &n->staged;
    while (*at != NULL) {
        struct outbox_row *r = *at;
        if (r->bot != bot || r->chat_id != chat_id) {
            at = &r->next;
            continue;
        }
        *at = r->next;
        outbox_row_free(r);
        count++;
    }
    n->staged_end = at;
    TR_ASSERT(count <= n->staged_count);
    n->staged_count -= count;
    return count;
}

static int forget(struct notify *n, unsigned bots, int64_t chat_id)
{
    for (int b = BOT_UNSET + 1; b < BOT_COUNT; b++) {
        int64_t deleted = 0;
        if ((bots & (1u << b)) == 0)
            continue;
        int r = outbox_delete_chat(n->outbox, (enum bot_id)b, chat_id, &deleted);
        if (r < 0)
            return err_trace(r);
        size_t unstaged = unstage(n, (enum bot_id)b, chat_id);
        TR_ASSERT((int64_t)unstaged <= deleted);
        n->forgotten += deleted - (int64_t)unstaged;
        n->live.dropped += (uint64_t)deleted;
        delivery_purge(n, (enum bot_id)b, chat_id);
    }
    return 0;
}

static bool is_about_member(const struct event *e)
{
    return str_starts(e->text, "member ") || str_eq(e->text, "removed");
}

int leaving_apply(struct notify *n, const struct event *e)
{
    int64_t chat_id = targets_resolve(&n->targets, e->chat_id);
    const struct target *known = targets_find(&n->targets, chat_id);
    bool was_known = known != NULL;
    enum role before = was_known ? known->role : ROLE_NONE;
    int r = targets_apply(&n->targets, n->outbox, e);
    if (r < 0 || !is_about_member(e))
        return err_trace(r);
    known = targets_find(&n->targets, chat_id);
    if (known != NULL && known->is_configured)
        return 0; /* the configuration comes before the directory */
    enum role now = known != NULL ? known->role : ROLE_NONE;
    if (n->opt.on_member != NULL)
        n->opt.on_member(n->opt.on_member_ctx, chat_id, now, e->seq);
    if (known == NULL || now == ROLE_NONE)
        live_forget(n, chat_id);
    if (was_known && known == NULL)
        return err_trace(forget(n, ROUTING_ALL_BOTS | 1u << BOT_LEGACY, chat_id));
    return was_known && now < before ? err_trace(forget(n, bots_above(n, now), chat_id)) : 0;
}
