/* engine/confirm.c: dangerous commands ask back.
 *
 *   ASKED --requester: yes--> used (carried out)
 *     |   --requester: no --> used
 *     |   --requester: yes, two persons wanted--> WAITS --another person: yes--> used (carried out)
 *     |                                             |   --anybody asked: no ---> used
 *     '--- time over ---> expired (a no)            '--- time over ---> expired
 *
 * A question is bound to who asked, in which chat, on which trader, and to name and arguments:
 * their hash is taken when it is asked and compared when somebody else says yes, so that what is
 * approved is what was shown. Everything is in the journal: a restart changes nothing. */
#include "engine/confirm.h"

#include <string.h>

#include "core/alloc.h"
#include "engine/apply.h"

#define ACTION_MAX_BYTES (512 + PICKS_CIDS_MAX * 10)

static struct state_confirm *slot_for_new(struct engine_state *s)
{
    struct state_confirm *oldest = &s->confirms[0];
    for (size_t i = 0; i < STATE_CONFIRMS_MAX; i++) {
        if (s->confirms[i].id == 0)
            return &s->confirms[i];
        if (s->confirms[i].id < oldest->id)
            oldest = &s->confirms[i];
    }
    return oldest;
}

static struct state_confirm *find(const struct engine_tx *tx, uint64_t id)
{
    for (size_t i = 0; i < STATE_CONFIRMS_MAX; i++)
        if (id != 0 && tx->s->confirms[i].id == id)
            return &tx->s->confirms[i];
    return NULL;
}

static void action_hash(const struct engine_tx *tx, const struct state_confirm *c,
                        uint8_t out[HASH_SHA256_BYTES])
{
    struct buf b TR_CLEANUP(buf_deinit) = {0};
    const struct pick *pick = picks_find(&tx->s->picks, c->id);
    buf_init(&b, ACTION_MAX_BYTES);
    pack_str(&b, c->name);
    pack_str(&b, c->args);
    pack_u64(&b, c->id);
    pack_str(&b, tx->opt->trader_id);
    pack_i64(&b, c->user_id);
    pack_i64(&b, c->chat_id);
    for (size_t i = 0; pick != NULL && i < pick->count; i++)
        pack_u64(&b, pick->cids[i]);
    TR_ASSERT(!buf_failed(&b));
    hash_sha256(b.data, b.len, out);
}

uint64_t tx_confirm_ask(struct engine_tx *tx, const struct command *c, int64_t ttl_ms)
{
    TR_ASSERT(ttl_ms > 0);
    struct state_confirm *slot = slot_for_new(tx->s);
    *slot = (struct state_confirm){
        .id = tx->seq,
        .expires_ms = tx->now_ms + ttl_ms,
        .user_id = c->user_id,
        .chat_id = c->chat_id,
        .thread_id = c->thread_id,
        .bot = c->bot,
        .lang = c->lang,
    };
    (void)str_copy(slot->name, sizeof(slot->name), c->name); /* same caps */
    (void)str_copy(slot->args, sizeof(slot->args), c->args);
    (void)str_copy(slot->user_name, sizeof(slot->user_name), c->user_name);
    return slot->id;
}

/* What is the same for whoever presses. */
static enum reason check(const struct engine_tx *tx, const struct command *c,
                         const struct state_confirm *found)
{
    if (found == NULL)
        return REASON_CONFIRM_EXPIRED;
    if (strcmp(found->name, c->name) != 0)
        return REASON_CONFIRM_FOREIGN;
    if (found->used)
        return REASON_CONFIRM_USED;
    return tx->now_ms > found->expires_ms ? REASON_CONFIRM_EXPIRED : REASON_ACCEPTED;
}

static enum reason check_own(const struct engine_tx *tx, const struct command *c,
                             const struct state_confirm *found)
{
    if (found != NULL && (found->user_id != c->user_id || found->chat_id != c->chat_id))
        return REASON_CONFIRM_FOREIGN;
    return check(tx, c, found);
}

enum reason tx_confirm_check(const struct engine_tx *tx, const struct command *c,
                             uint64_t confirm_id)
{
    return check_own(tx, c, find(tx, confirm_id));
}

enum reason tx_confirm_take(struct engine_tx *tx, const struct command *c, uint64_t confirm_id,
                            bool yes, char ret_args[COMMAND_ARGS_CAP])
{
    struct state_confirm *found = find(tx, confirm_id);
    enum reason r = check_own(tx, c, found);
    if (r == REASON_ACCEPTED && yes && found->needs_second)
        return REASON_SECOND_NEEDED; /* one person, however often, is one person */
    if (r == REASON_ACCEPTED || (r == REASON_CONFIRM_EXPIRED && found != NULL))
        found->used = true;
    if (r == REASON_ACCEPTED && yes)
        (void)str_copy(ret_args, COMMAND_ARGS_CAP, found->args);
    return r;
}

static void fill_action(const struct state_confirm *c, struct tx_action *ret)
{
    *ret = (struct tx_action){
        .user_id = c->user_id,
        .chat_id = c->chat_id,
        .thread_id = c->thread_id,
        .bot = c->bot,
        .lang = c->lang,
    };
    (void)str_copy(ret->name, sizeof(ret->name), c->name); /* same caps */
    (void)str_copy(ret->args, sizeof(ret->args), c->args);
    (void)str_copy(ret->user_name, sizeof(ret->user_name), c->user_name);
    hash_hex(c->hash, (TX_ACTION_TAG_CAP - 1) / 2, ret->tag, sizeof(ret->tag));
}

enum reason tx_confirm_second(struct engine_tx *tx, const struct command *c, uint64_t confirm_id,
                              int64_t ttl_ms, struct tx_action *ret)
{
    TR_ASSERT(ttl_ms > 0);
    struct state_confirm *found = find(tx, confirm_id);
    enum reason r = check_own(tx, c, found);
    if (r != REASON_ACCEPTED)
        return r;
    if (found->needs_second)
        return REASON_SECOND_NEEDED;
    action_hash(tx, found, found->hash);
    fill_action(found, ret);
    found->needs_second = true;
    found->expires_ms = tx->now_ms + ttl_ms;
    return REASON_ACCEPTED;
}

enum reason tx_confirm_approve(struct engine_tx *tx, const struct command *c, uint64_t confirm_id,
                               const char *tag, struct tx_action *ret)
{
    struct state_confirm *found = find(tx, confirm_id);
    uint8_t hash[HASH_SHA256_BYTES];
    enum reason r = check(tx, c, found);
    if (r != REASON_ACCEPTED)
        return r;
    action_hash(tx, found, hash);
    fill_action(found, ret);
    if (!found->needs_second || strcmp(ret->tag, tag) != 0 ||
        memcmp(hash, found->hash, sizeof(hash)) != 0)
        return REASON_CONFIRM_FOREIGN;
    if (c->user_id == found->user_id)
        return REASON_SECOND_NEEDED;
    found->used = true;
    return REASON_ACCEPTED;
}

int confirm_disown(struct engine_tx *tx, int64_t user_id, enum role role)
{
    int count = 0;
    TR_ASSERT(user_id != 0);
    for (size_t i = 0; i < STATE_CONFIRMS_MAX; i++) {
        struct state_confirm *c = &tx->s->confirms[i];
        if (c->id == 0 || c->used || c->user_id != user_id)
            continue;
        const struct command_ops *ops = apply_find_command(tx->opt, c->name);
        c->used = ops == NULL || ops->role > role;
        count += c->used;
    }
    return count;
}

int tx_disown(struct engine_tx *tx, int64_t user_id, enum role role)
{
    return confirm_disown(tx, user_id, role);
}

void confirm_pack(struct buf *out, const struct state_confirm *c)
{
    pack_i64(out, c->expires_ms);
    pack_i64(out, c->user_id);
    pack_i64(out, c->chat_id);
    pack_i64(out, c->thread_id);
    pack_bool(out, c->used);
    pack_bool(out, c->needs_second);
    pack_i64(out, (int64_t)c->bot);
    pack_i64(out, (int64_t)c->lang);
    pack_str(out, c->user_name);
    pack_bytes(out, c->hash, sizeof(c->hash));
    pack_str(out, c->name);
    pack_str(out, c->args);
}

void confirm_unpack(struct unpack *u, struct state_confirm *ret)
{
    size_t len = 0;
    ret->expires_ms = unpack_i64(u);
    ret->user_id = unpack_i64(u);
    ret->chat_id = unpack_i64(u);
    ret->thread_id = unpack_i64(u);
    ret->used = unpack_bool(u);
    ret->needs_second = unpack_bool(u);
    ret->bot = (enum bot_id)unpack_int(u, BOT_UNSET, BOT_COUNT - 1);
    ret->lang = (enum lang)unpack_int(u, LANG_UNSET, LANG_COUNT - 1);
    unpack_str(u, ret->user_name, sizeof(ret->user_name));
    const void *hash = unpack_bytes(u, &len);
    if (hash == NULL || len != sizeof(ret->hash))
        u->failed = true;
    else
        memcpy(ret->hash, hash, len);
    unpack_str(u, ret->name, sizeof(ret->name));
    unpack_str(u, ret->args, sizeof(ret->args));
}
