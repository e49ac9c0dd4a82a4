/* bots/roles.h: which thread polls which token and which roles it carries (rules TG-1, TG-2). A
 * token used for several roles is polled once. A role without a token is carried by the
 * controller's bot; without a controller token by the first bot there is. In legacy mode external
 * nobody polls the legacy token: the old process does. Pure, any thread. */
#ifndef TRIDENT_BOTS_ROLES_H
#define TRIDENT_BOTS_ROLES_H

#include "conf/conf.h"

#define ROLES_BIT(bot) (1u << (unsigned)(bot))
#define ROLES_THREE                                                                                \
    (ROLES_BIT(BOT_CONTROLLER) | ROLES_BIT(BOT_NOTIFICATION) | ROLES_BIT(BOT_ANALYTICS))

struct roles_plan {
    int count;
    struct {
        enum bot_id bot; /* names the thread, the offset and the token */
        unsigned roles;  /* ROLES_BIT of each role carried */
    } pollers[BOT_COUNT];
    enum bot_id carrier[BOT_COUNT]; /* whose token speaks for a role; BOT_UNSET = nobody */
    bool is_single;                 /* one token in all three roles */
    bool is_legacy_clash; /* mode external: a role's token is the old process's: not polled */
};

void roles_plan(const struct conf *conf, struct roles_plan *ret);

#endif
