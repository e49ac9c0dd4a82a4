/* model/user.h: who may do what. Roles are ordered: a role includes the ones before it. */
#ifndef TRIDENT_MODEL_USER_H
#define TRIDENT_MODEL_USER_H

#include "core/core.h"

enum role { ROLE_NONE = 0, ROLE_VIEWER, ROLE_TRADER, ROLE_ADMIN, ROLE_COUNT };
enum bot_id {
    BOT_UNSET = 0,
    BOT_CONTROLLER,
    BOT_NOTIFICATION,
    BOT_ANALYTICS,
    BOT_LEGACY,
    BOT_COUNT
};
enum lang { LANG_UNSET = 0, LANG_EN, LANG_HINGLISH, LANG_COUNT };

#define USER_NAME_CAP 32

struct user {
    int64_t user_id; /* Telegram numeric id */
    int64_t chat_id; /* chat it may act in; private chat: == user_id */
    enum role role;
    enum lang lang;
    char name[USER_NAME_CAP]; /* for receipts and the audit log */
};

const char *role_name(enum role r); /* "viewer" ... "none" */
bool role_parse(const char *s, enum role *ret);
const char *bot_name(enum bot_id b); /* "controller" "notification" "analytics" "legacy" */
bool bot_parse(const char *s, enum bot_id *ret);
const char *lang_name(enum lang l); /* "en" "hinglish", as in the configuration; "" when unset */
bool lang_parse(const char *s, enum lang *ret);

#endif
