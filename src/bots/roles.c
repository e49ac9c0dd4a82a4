#include "bots/roles.h"

#include "core/alloc.h"

static const enum bot_id three[] = {BOT_CONTROLLER, BOT_NOTIFICATION, BOT_ANALYTICS};

static const char *token_of(const struct conf *conf, enum bot_id bot)
{
    return conf->telegram.bots[bot].token;
}

static int poller_with_token(const struct conf *conf, const struct roles_plan *plan,
                             const char *token)
{
    for (int i = 0; i < plan->count; i++)
        if (str_eq(token_of(conf, plan->pollers[i].bot), token))
            return i;
    return -1;
}

static void give(const struct conf *conf, struct roles_plan *plan, enum bot_id role)
{
    const char *token = token_of(conf, role);
    if (!token[0])
        return;
    int i = poller_with_token(conf, plan, token);
    if (i < 0) {
        i = plan->count++;
        TR_ASSERT(i < BOT_COUNT);
        plan->pollers[i].bot = role;
    }
    plan->pollers[i].roles |= ROLES_BIT(role);
    plan->carrier[role] = plan->pollers[i].bot;
}

void roles_plan(const struct conf *conf, struct roles_plan *ret)
{
    TR_ASSERT(conf && ret);
    *ret = (struct roles_plan){0};
    const char *legacy = token_of(conf, BOT_LEGACY);
    for (size_t i = 0; i < TR_ARRAY_SIZE(three); i++) {
        const char *token = token_of(conf, three[i]);
        if (conf->legacy.mode == LEGACY_EXTERNAL && token[0] && str_eq(token, legacy)) {
            ret->is_legacy_clash = true;
            continue;
        }
        give(conf, ret, three[i]);
    }
    int distinct = ret->count;
    if (conf->legacy.mode == LEGACY_ADOPTED)
        give(conf, ret, BOT_LEGACY);
    if (ret->count == 0)
        return;
    /* What nobody carries goes to the controller's bot, or to the first there is. */
    int main_poller = ret->carrier[BOT_CONTROLLER]
                          ? poller_with_token(conf, ret, token_of(conf, BOT_CONTROLLER))
                          : 0;
    TR_ASSERT(main_poller >= 0);
    for (size_t i = 0; i < TR_ARRAY_SIZE(three); i++) {
        if (ret->carrier[three[i]] != BOT_UNSET)
            continue;
        ret->carrier[three[i]] = ret->pollers[main_poller].bot;
        ret->pollers[main_poller].roles |= ROLES_BIT(three[i]);
    }
    ret->is_single = distinct <= 1;
}
