#include "model/user.h"

#include <string.h>

static const char *const role_names[ROLE_COUNT] = {"none", "viewer", "trader", "admin"};
static const char *const bot_names[BOT_COUNT] = {"", "controller", "notification", "analytics",
                                                 "legacy"};
static const char *const lang_names[LANG_COUNT] = {"", "en", "hinglish"};

const char *role_name(enum role r)
{
    TR_ASSERT((int)r >= 0 && r < ROLE_COUNT);
    return role_names[r];
}

bool role_parse(const char *s, enum role *ret)
{
    TR_ASSERT(s && ret);
    for (int i = 0; i < ROLE_COUNT; i++) {
        if (strcmp(role_names[i], s) == 0) {
            *ret = (enum role)i;
            return true;
        }
    }
    return false;
}

const char *bot_name(enum bot_id b)
{
    TR_ASSERT((int)b >= 0 && b < BOT_COUNT);
    return bot_names[b];
}

bool bot_parse(const char *s, enum bot_id *ret)
{
    TR_ASSERT(s && ret);
    for (int i = 1; i < BOT_COUNT; i++) {
        if (strcmp(bot_names[i], s) == 0) {
            *ret = (enum bot_id)i;
            return true;
        }
    }
    return false;
}

const char *lang_name(enum lang l)
{
    TR_ASSERT((int)l >= 0 && l < LANG_COUNT);
    return lang_names[l];
}

bool lang_parse(const char *s, enum lang *ret)
{
    TR_ASSERT(s && ret);
    for (int i = LANG_UNSET + 1; i < LANG_COUNT; i++) {
        if (strcmp(lang_names[i], s) == 0) {
            *ret = (enum lang)i;
            return true;
        }
    }
    return false;
}
