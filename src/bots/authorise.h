/* bots/authorise.h: the one place that says who may do what (spec reliability 5.1). Runs after the
 * command's name is known and before its arguments are looked at. Deny by default: only a plain
 * message or a button press, from a person, in a configured (user, chat) pair or, for who joined at
 * run time, in their private chat, with the role the command asks for. */
#ifndef TRIDENT_BOTS_AUTHORISE_H
#define TRIDENT_BOTS_AUTHORISE_H

#include "conf/conf.h"
#include "engine/users_board.h"
#include "telegram/client.h"

enum authorise_result {
    AUTHORISE_UNSET = 0,
    AUTHORISE_OK,
    AUTHORISE_IGNORE,   /* bots, channels, anonymous admins, unknown kinds: never answered */
    AUTHORISE_STRANGER, /* nobody we know here: one polite refusal */
    AUTHORISE_EDITED,   /* by a known user, but edited: refused with the reason */
    AUTHORISE_FORWARD,
    AUTHORISE_VIA_BOT,
    AUTHORISE_ROLE, /* known, but the role does not reach */
    AUTHORISE_RESULT_COUNT
};

/* Where people are known from: the configuration, which comes first, and who joined. */
struct authorise_people {
    const struct conf *conf;
    struct users_board *joined; /* NULL: nobody */
    int64_t now_ms;             /* grants end */
};

/* needed: role of the command; ROLE_NONE for anything without one (hints, unknown names): any known
 * user. chat_id: as in the update, or the configured id of a chat that has migrated. *ret_user is
 * written for every result but IGNORE and STRANGER. */
enum authorise_result authorise(const struct authorise_people *people, const struct update *u,
                                int64_t chat_id, enum role needed, struct user *ret_user);
const char *authorise_name(enum authorise_result r); /* "ok" "stranger" ... for logs and texts */

#endif
