/* engine/users_tx.c: see users_tx.h. A change is three things in one journal row: the directory,
 * an event SUBSCRIPTION "member <role> <language>" or "removed" for notify, which keeps its own
 * list of chats from them, and an event for the people who run the place. */
#include "engine/users_tx.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "engine/apply.h"
#include "engine/confirm.h"

#define MS_PER_HOUR INT64_C(3600000)

size_t users_tx_count(const struct engine_tx *tx)
{
    return tx->s->users.count;
}

const struct users_person *users_tx_at(const struct engine_tx *tx, size_t i)
{
    TR_ASSERT(i < tx->s->users.count);
    return &tx->s->users.people[i];
}

const struct users_person *users_tx_find(const struct engine_tx *tx, int64_t id)
{
    return users_find(&tx->s->users, id);
}

const struct users_person *users_tx_find_name(const struct engine_tx *tx, const char *name)
{
    const struct users *u = &tx->s->users;
    const struct users_person *found = NULL;
    for (size_t i = 0; i < u->count; i++) {
        if (!str_ieq(u->people[i].name, name))
            continue;
        if (found != NULL)
            return NULL;
        found = &u->people[i];
    }
    return found;
}

/* ---- telling ---- */

static void tell_notify(struct engine_tx *tx, const struct users_person *p)
{
    struct event e = apply_event(tx, EVENT_SUBSCRIPTION);
    e.chat_id = p->id;
    (void)snprintf(e.text, sizeof(e.text), "member %s %s", role_name(users_role(p, tx->now_ms)),
                   lang_name(p->lang));
    outputs_add_event(tx->out, &e);
}

/* c NULL: nobody did it, its time had come. */
static void tell_people(struct engine_tx *tx, enum event_type type, const struct users_person *p,
                        const struct command *c)
{
    struct event e = apply_event(tx, type);
    enum role role = users_role(p, tx->now_ms);
    bool by_other = c != NULL && c->user_id != p->id;
    e.chat_id = c != NULL ? c->chat_id : 0;
    (void)snprintf(e.text, sizeof(e.text), "%s (%" PRId64 ")%s%s%s%s", p->name, p->id,
                   type == EVENT_USER_REMOVED ? "" : ": ",
                   type == EVENT_USER_REMOVED ? ""
                   : role == ROLE_NONE        ? "notifications"
                                              : role_name(role),
                   by_other ? " · " : "", by_other ? c->user_name : "");
    outputs_add_event(tx->out, &e);
}

static void changed(struct engine_tx *tx, enum event_type type, const struct users_person *p,
                    const struct command *c)
{
    (void)confirm_disown(tx, p->id, users_role(p, tx->now_ms)); /* most have none */
    tell_notify(tx, p);
    tell_people(tx, type, p, c);
}

/* ---- joining ---- */

enum reason users_tx_invite(struct engine_tx *tx, const struct users_invite *inv)
{
    return users_invite(&tx->s->users, inv, tx->now_ms) ? REASON_ACCEPTED : REASON_USERS_FULL;
}

enum reason users_tx_join(struct engine_tx *tx, const struct command *c,
                          const uint8_t hash[HASH_SHA256_BYTES], struct users_invite *ret)
{
    struct users *u = &tx->s->users;
    const struct users_person *old = users_find(u, c->chat_id);
    bool is_group = c->chat_id < 0;
    if (c->chat_id == 0 || (!is_group && c->chat_id != c->user_id))
        return REASON_INVITE_INVALID;
    if (old == NULL && u->count == USERS_MAX)
        return REASON_USERS_FULL; /* the invitation is kept */
    if (!users_take_invite(u, hash, tx->now_ms, ret))
        return REASON_INVITE_INVALID;
    if (is_group && ret->role != ROLE_NONE)
        return REASON_INVITE_INVALID; /* used up: everybody in the group has seen the code */
    if (old != NULL && ret->role <= old->role)
        return REASON_ALREADY_DONE;
    struct users_person p =
        old != NULL
            ? *old
            : (struct users_person){.id = c->chat_id, .lang = ret->lang, .since_ms = tx->now_ms};
    p.role = ret->role;
    (void)str_copy(p.name, sizeof(p.name), c->user_name); /* same cap */
    TR_ASSERT(users_put(u, &p));
    changed(tx, EVENT_USER_JOINED, &p, c);
    return REASON_ACCEPTED;
}

/* ---- changing ---- */

static enum reason person_of(const struct engine_tx *tx, int64_t id, struct users_person *ret)
{
    const struct users_person *p = users_find(&tx->s->users, id);
    if (p == NULL)
        return REASON_USER_UNKNOWN;
    if (p->id < 0)
        return REASON_NOT_A_PERSON;
    *ret = *p;
    return REASON_ACCEPTED;
}

enum reason users_tx_set_role(struct engine_tx *tx, const struct command *c, int64_t id,
                              enum role role)
{
    struct users_person p;
    enum reason r = person_of(tx, id, &p);
    if (r != REASON_ACCEPTED)
        return r;
    if (p.role == role && p.granted_until_ms == 0)
        return REASON_ALREADY_DONE;
    p.role = role;
    p.granted = ROLE_NONE; /* a role given for good ends what was for a time */
    p.granted_until_ms = 0;
    TR_ASSERT(users_put(&tx->s->users, &p));
    changed(tx, EVENT_USER_CHANGED, &p, c);
    return REASON_ACCEPTED;
}

enum reason users_tx_grant(struct engine_tx *tx, const struct command *c, int64_t id,
                           enum role role, int hours)
{
    TR_ASSERT(hours > 0);
    struct users_person p;
    enum reason r = person_of(tx, id, &p);
    if (r != REASON_ACCEPTED)
        return r;
    if (role <= p.role)
        return REASON_ALREADY_DONE;
    p.granted = role;
    p.granted_until_ms = tx->now_ms + hours * MS_PER_HOUR;
    TR_ASSERT(users_put(&tx->s->users, &p));
    changed(tx, EVENT_USER_CHANGED, &p, c);
    return REASON_ACCEPTED;
}

enum reason users_tx_revoke(struct engine_tx *tx, const struct command *c, int64_t id)
{
    const struct users_person *found = users_find(&tx->s->users, id);
    if (found == NULL)
        return REASON_USER_UNKNOWN;
    struct users_person p = *found;
    TR_ASSERT(users_remove(&tx->s->users, id));
    (void)confirm_disown(tx, id, ROLE_NONE); /* nobody approves their wishes any more */
    struct event e = apply_event(tx, EVENT_SUBSCRIPTION);
    e.chat_id = id;
    (void)str_copy(e.text, sizeof(e.text), "removed");
    outputs_add_event(tx->out, &e);
    tell_people(tx, EVENT_USER_REMOVED, &p, c);
    return REASON_ACCEPTED;
}

void users_timers(struct engine_tx *tx)
{
    struct users *u = &tx->s->users;
    const struct users_person *p;
    if (tx->now_ms < u->due_ms)
        return;
    for (size_t at = 0; (p = users_end_grant(u, tx->now_ms, &at)) != NULL;)
        changed(tx, EVENT_USER_CHANGED, p, NULL);
    TR_ASSERT(u->due_ms > tx->now_ms);
}

/* ---- second factors ---- */

enum reason users_tx_new_factor(struct engine_tx *tx, const struct command *c,
                                const uint8_t secret[USERS_SECRET_BYTES])
{
    const struct users_factor *f = users_factor(&tx->s->users, c->user_id);
    if (f != NULL && f->is_active)
        return REASON_ALREADY_DONE;
    return users_new_factor(&tx->s->users, c->user_id, secret) ? REASON_ACCEPTED
                                                               : REASON_USERS_FULL;
}

static enum reason wrong_code(struct engine_tx *tx, const struct command *c, struct users_factor *f,
                              int64_t lock_ms)
{
    if (++f->wrong < USERS_CODES_WRONG)
        return REASON_CODE_WRONG;
    f->wrong = 0;
    f->locked_until_ms = tx->now_ms + lock_ms;
    struct event e = apply_event(tx, EVENT_CODE_LOCKED);
    e.chat_id = c->chat_id;
    (void)snprintf(e.text, sizeof(e.text), "%s (%" PRId64 ")", c->user_name, c->user_id);
    outputs_add_event(tx->out, &e);
    return REASON_CODE_LOCKED;
}

enum reason users_tx_code(struct engine_tx *tx, const struct command *c, int64_t step,
                          int64_t lock_ms)
{
    TR_ASSERT(lock_ms > 0);
    struct users_factor *f = users_factor(&tx->s->users, c->user_id);
    if (f == NULL)
        return REASON_CODE_NOT_ENROLLED;
    if (tx->now_ms < f->locked_until_ms)
        return REASON_CODE_LOCKED; /* right or wrong: nothing is learned while locked */
    users_touch(&tx->s->users);
    if (step < 0)
        return wrong_code(tx, c, f, lock_ms);
    if (step <= f->last_step)
        return REASON_CODE_USED;
    f->last_step = step;
    f->wrong = 0;
    f->is_active = true;
    return REASON_ACCEPTED;
}

enum reason users_tx_drop_factor(struct engine_tx *tx, const struct command *c, int64_t id)
{
    TR_ASSERT(c->user_id == id || c->role == ROLE_ADMIN);
    return users_drop_factor(&tx->s->users, id) ? REASON_ACCEPTED : REASON_ALREADY_DONE;
}
