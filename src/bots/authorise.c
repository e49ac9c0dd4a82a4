#include "bots/authorise.h"

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

enum authorise_result authorise(const struct conf *conf, const struct update *u, int64_t chat_id,
                                enum role needed, const struct user **ret_user)
{
    TR_ASSERT(conf && u && ret_user);
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
    const struct user *user = conf_user(conf, u->from_id, chat_id);
    if (!user || user->role <= ROLE_NONE || user->role >= ROLE_COUNT)
        return u->kind == UPDATE_EDITED_MESSAGE ? AUTHORISE_IGNORE : AUTHORISE_STRANGER;
    TR_ASSERT(user->user_id == u->from_id);
    *ret_user = user;
    if (u->kind == UPDATE_EDITED_MESSAGE)
        return AUTHORISE_EDITED;
    if (u->is_forward)
        return AUTHORISE_FORWARD;
    /* The message under a button is our own; only a person's message can come via another bot. */
    if (u->kind == UPDATE_MESSAGE && u->is_via_bot)
        return AUTHORISE_VIA_BOT;
    return user->role >= needed ? AUTHORISE_OK : AUTHORISE_ROLE;
}

const char *authorise_name(enum authorise_result r)
{
    static const char *const names[AUTHORISE_RESULT_COUNT] = {
        "", "ok", "ignored", "stranger", "edited", "forward", "via_bot", "role"};
    TR_ASSERT((int)r >= 0 && r < AUTHORISE_RESULT_COUNT);
    return names[r];
}
