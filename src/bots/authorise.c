#include "bots/authorise.h"

#include "core/alloc.h"

#define ANONYMOUS_ADMIN_ID INT64_C(1087968824) /* GroupAnonymousBot */

/* A sender that is a person speaking as themselves. */
static bool is_person(const struct update *u, int64_t chat_id)
{
    if (u->from_id <= 0 || u->from_is_bot || u->from_id == ANONYMOUS_ADMIN_ID)
        return false;
    if (u->sender_chat_id != 0 || chat_id == 0)
        return false;
    /* A private chat has its person's number; anything else is not what it says. */
    return !u->is_private || chat_id == u->from_id;
}

/* False: a stranger here. */
static bool find(const struct authorise_people *people, int64_t user_id, int64_t chat_id,
                 struct user *ret)
{
    struct users_person joined;
    const struct user *configured = conf_user(people->conf, user_id, chat_id);
    if (configured) {
        *ret = *configured;
        return ret->role > ROLE_NONE && ret->role < ROLE_COUNT;
    }
    if (!people->joined || chat_id != user_id ||
        !users_board_person(people->joined, user_id, &joined))
        return false;
    *ret = (struct user){.user_id = user_id,
                         .chat_id = chat_id,
                         .role = users_role(&joined, people->now_ms),
                         .lang = joined.lang};
    (void)str_copy(ret->name, sizeof ret->name, joined.name); /* same cap */
    return ret->role > ROLE_NONE; /* who only hears notifications says nothing */
}

enum authorise_result authorise(const struct authorise_people *people, const struct update *u,
                                int64_t chat_id, enum role needed, struct user *ret_user)
{
    TR_ASSERT(people && people->conf && u && ret_user);
    TR_ASSERT((int)needed >= 0 && needed < ROLE_COUNT);
    switch (u->kind) {
    case UPDATE_MESSAGE:
    case UPDATE_EDITED_MESSAGE:
    case UPDATE_CALLBACK:
        break;
    case UPDATE_UNSET:
    case UPDATE_MY_CHAT_MEMBER:
    case UPDATE_OTHER:
    case UPDATE_MALFORMED:
    case UPDATE_KIND_COUNT:
        return AUTHORISE_IGNORE;
    }
    if (!is_person(u, chat_id))
        return AUTHORISE_IGNORE;
    struct user user;
    if (!find(people, u->from_id, chat_id, &user))
        return u->kind == UPDATE_EDITED_MESSAGE ? AUTHORISE_IGNORE : AUTHORISE_STRANGER;
    TR_ASSERT(user.user_id == u->from_id);
    *ret_user = user;
    if (u->kind == UPDATE_EDITED_MESSAGE)
        return AUTHORISE_EDITED;
    if (u->is_forward)
        return AUTHORISE_FORWARD;
    /* The message under a button is our own; only a person's message can come via another bot. */
    if (u->kind == UPDATE_MESSAGE && u->is_via_bot)
        return AUTHORISE_VIA_BOT;
    return user.role >= needed ? AUTHORISE_OK : AUTHORISE_ROLE;
}

const char *authorise_name(enum authorise_result r)
{
    static const char *const names[AUTHORISE_RESULT_COUNT] = {
        "", "ok", "ignored", "stranger", "edited", "forward", "via_bot", "role"};
    TR_ASSERT((int)r >= 0 && r < AUTHORISE_RESULT_COUNT);
    return names[r];
}
